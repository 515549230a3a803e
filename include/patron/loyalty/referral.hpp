// Referral: what a customer's recommendations are worth, and who stands under whom.
#ifndef PATRON_LOYALTY_REFERRAL_HPP_
#define PATRON_LOYALTY_REFERRAL_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

inline constexpr uint32_t kNoParent = std::numeric_limits<uint32_t>::max();

// One customer who came by a recommendation, as Kumar, Petersen and Leone have it (How valuable is word
// of mouth?, Harvard Business Review 85(10), 2007).
struct Referral {
  double margin = 0;              // Of the period.
  double referral_cost = 0;       // Reward.
  double marketing_cost = 0;      // Spent on the customer.
  double acquisition_saving = 0;  // What it would have cost to win it otherwise.
  double period = 0;              // Periods from now.
  bool would_have_come = false;   // Type two: without the recommendation as well.
};

// (margin - referral cost - marketing cost + saving) / (1 + d)^t; for those who would have come anyway
// the saving alone. Errors: InvalidArgument naming what is not finite, a negative period, or a discount
// that is not above -1.
absl::StatusOr<double> ReferralValue(const Referral &referral, double discount);

// What experiences bring by word of mouth.
struct WordOfMouth {
  double good = 0, bad = 0;            // Experiences.
  double value = 0;                    // Lifetime value of a customer.
  double tell_good = 0, tell_bad = 0;  // People told of one.
  double circle = 0;                   // People that can be reached at all.
  double conversion_good = 0;          // Share of those told who become customers,
  double loss_bad = 0;                 // and who are lost.
};

// good x told x conversion x value - bad x told x loss x value, where nobody tells more than the circle.
// Errors: InvalidArgument naming what is not finite, negative, or no share.
absl::StatusOr<double> WordOfMouthBalance(const WordOfMouth &words);

// The rows in an order in which each comes after its parent: parents[i] is a row, or kNoParent.
// Errors: InvalidArgument naming the first row of a circle, or one that is its own parent.
absl::StatusOr<std::vector<uint32_t>> ParentsFirst(std::span<const uint32_t> parents,
                                                   std::string_view column);

// What customers are credited for those under them: the sum of weights[k - 1] x value over all at depth
// k. Errors: as above; InvalidArgument for values or weights that are not finite. Cost: O(n x weights).
absl::StatusOr<std::vector<double>> CreditReferrals(std::span<const uint32_t> parents,
                                                    std::span<const double> values,
                                                    std::span<const double> weights,
                                                    std::string_view column);

// Each row's value and those of all under it. Errors: as above. Cost: O(n).
absl::StatusOr<std::vector<double>> RollUp(std::span<const uint32_t> parents,
                                           std::span<const double> values, std::string_view column);

inline absl::StatusOr<double> ReferralValue(const Referral &r, double discount) {
  if (!(discount > -1 && std::isfinite(discount))) {
    return InvalidOption("discount", FormatNumber(discount), "a finite number above -1");
  }
  if (!(r.period >= 0 && std::isfinite(r.period))) {
    return InvalidOption("period", FormatNumber(r.period), "a finite number, 0 or more");
  }
  const double gain = r.would_have_come
                          ? r.acquisition_saving
                          : r.margin - r.referral_cost - r.marketing_cost + r.acquisition_saving;
  if (!std::isfinite(gain)) {
    return InvalidOption("margin", FormatNumber(gain), "finite margins, costs and savings");
  }
  return gain / std::pow(1 + discount, r.period);
}

inline absl::StatusOr<double> WordOfMouthBalance(const WordOfMouth &w) {
  const struct {
    std::string_view name;
    double value, most;
  } numbers[] = {{"good", w.good, 1e300},           {"bad", w.bad, 1e300},
                 {"tell_good", w.tell_good, 1e300}, {"tell_bad", w.tell_bad, 1e300},
                 {"circle", w.circle, 1e300},       {"conversion_good", w.conversion_good, 1},
                 {"loss_bad", w.loss_bad, 1}};
  for (const auto &[name, value, most] : numbers) {
    if (value >= 0 && value <= most) continue;
    return InvalidOption(name, FormatNumber(value),
                         most == 1 ? "0 to 1" : "a finite number, 0 or more");
  }
  if (!std::isfinite(w.value)) {
    return InvalidOption("value", FormatNumber(w.value), "a finite number");
  }
  const double won = w.good * std::min(w.tell_good, w.circle) * w.conversion_good;
  const double lost = w.bad * std::min(w.tell_bad, w.circle) * w.loss_bad;
  return (won - lost) * w.value;
}

inline absl::StatusOr<std::vector<uint32_t>> ParentsFirst(std::span<const uint32_t> parents,
                                                          std::string_view column) {
  enum : uint8_t { kNew, kOpen, kDone };
  std::vector<uint8_t> state(parents.size(), kNew);
  std::vector<uint32_t> order, path;
  order.reserve(parents.size());
  for (uint32_t row = 0; row < parents.size(); ++row) {
    path.clear();
    uint32_t at = row;
    while (at != kNoParent && state[at] == kNew) {
      state[at] = kOpen;
      path.push_back(at);
      if (parents[at] == at) {
        return InvalidRow(column, at, "the customer itself", "another customer");
      }
      at = parents[at];
    }
    if (at != kNoParent && state[at] == kOpen) {
      return InvalidRow(column, at, "in a circle", "nobody under oneself");
    }
    for (size_t i = path.size(); i-- > 0;) {
      state[path[i]] = kDone;
      order.push_back(path[i]);
    }
  }
  return order;
}

inline absl::StatusOr<std::vector<double>> CreditReferrals(std::span<const uint32_t> parents,
                                                           std::span<const double> values,
                                                           std::span<const double> weights,
                                                           std::string_view column) {
  PATRON_RETURN_IF_ERROR(CheckFinite("value", values));
  PATRON_RETURN_IF_ERROR(CheckFinite("weights", weights));
  PATRON_RETURN_IF_ERROR(ParentsFirst(parents, column).status());
  std::vector<double> credit(parents.size());
  for (uint32_t row = 0; row < parents.size(); ++row) {
    uint32_t at = parents[row];
    for (size_t depth = 0; depth < weights.size() && at != kNoParent; ++depth, at = parents[at]) {
      credit[at] += weights[depth] * values[row];
    }
  }
  return credit;
}

inline absl::StatusOr<std::vector<double>> RollUp(std::span<const uint32_t> parents,
                                                  std::span<const double> values,
                                                  std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const std::vector<uint32_t> order, ParentsFirst(parents, column));
  std::vector<double> sums(values.begin(), values.end());
  for (size_t i = order.size(); i-- > 0;) {
    if (parents[order[i]] != kNoParent) sums[parents[order[i]]] += sums[order[i]];
  }
  return sums;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_REFERRAL_HPP_
