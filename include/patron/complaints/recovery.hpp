// What a complaint costs, what to offer for it, and whether the customer comes back.
#ifndef PATRON_COMPLAINTS_RECOVERY_HPP_
#define PATRON_COMPLAINTS_RECOVERY_HPP_

#include <algorithm>
#include <array>
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
#include "patron/base/beta.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/priority.hpp"

namespace patron::complaints {

// ---- Cost of a case ----

// One row a case; all but minutes may be empty, which counts as 0 (and as certain return).
struct CaseCostColumns {
  std::span<const double> minutes;  // Of handling.
  std::span<const double> remedy = {}, freight = {}, write_off = {}, fines = {};
  std::span<const double> return_probability = {};  // 0 to 1.
  std::span<const double> value = {};               // Residual value of the customer.
};

struct CaseCosts {
  std::vector<double> handling;  // minutes * rate.
  std::vector<double> lost;      // (1 - return probability) * value.
  std::vector<double> cost;      // Both, and remedy, freight, write-off and fines.
};

// What cases cost, in the unit of the columns; `rate` is the cost of a minute. Errors:
// InvalidArgument for columns of unequal length and values that are negative or not finite. Cost:
// O(n).
absl::StatusOr<CaseCosts> CostCases(const CaseCostColumns &columns, double rate);

// ---- Compensation ----

// What to offer: loss * loss_share[severity - 1] + goodwill[severity - 1][tier]. There is no
// literature to take the tables from but that returns diminish with size, so they are the caller's;
// by default a loss is made good and nothing added.
struct CompensationTerms {
  std::array<double, 4> loss_share = {1, 1, 1, 1};
  // Rows of `tiers` amounts, one a severity; empty for none.
  std::vector<double> goodwill;
  size_t tiers = 0;
};

struct CompensationColumns {
  std::span<const double> loss;        // 0 or more.
  std::span<const int64_t> severity;   // 1 to 4.
  std::span<const int64_t> tier = {};  // 0 to tiers - 1; may be empty without goodwill.
  std::span<const double> limit =
      {};  // Authority left of who proposes, 0 or more; empty = no limit.
};

struct Compensation {
  std::vector<double> wanted;    // By the tables.
  std::vector<double> proposed;  // The same, capped by the authority.
  std::vector<uint8_t> capped;
};

// Errors: InvalidArgument for terms or values out of range and columns of unequal length. Cost: O(n).
absl::StatusOr<Compensation> ProposeCompensation(const CompensationColumns &columns,
                                                 const CompensationTerms &terms);

// ---- Return ----

// What became of a failure, as far as return goes.
enum class Handling { kSilent, kUnresolved, kResolved, kResolvedQuickly };
inline constexpr size_t kHandlings = 4;
inline constexpr std::array<std::string_view, kHandlings> kHandlingNames = {
    "silent", "unresolved", "resolved", "resolved_quickly"};

// Share of customers who buy again after a major and a minor loss (TARP). Those of silent customers
// are quoted beside the others everywhere, but were not found in a source that could be read.
struct ReturnRates {
  std::array<std::array<double, 2>, kHandlings> rate = {
      {{0.09, 0.37}, {0.19, 0.46}, {0.54, 0.70}, {0.82, 0.95}}};  // [handling][minor].
};

struct ReturnTable {
  // One row a handling and loss: silent major, silent minor, unresolved major, ...
  std::vector<double> prior;
  std::vector<int64_t> returned, cases;
  std::vector<double> rate, lower, upper;  // Of the Beta distribution that own cases leave.
};

// Rates of return from own cases, with `prior` worth `weight` (above 0) of them: the mean of the
// Beta distribution, and the interval with probability `level`. `handling` is 0 to 3, `minor` and
// `returned` 0 or 1, one row a case. Errors: InvalidArgument for values out of range and columns of
// unequal length. Cost: O(n).
absl::StatusOr<ReturnTable> EstimateReturns(std::span<const int64_t> handling,
                                            std::span<const uint8_t> minor,
                                            std::span<const uint8_t> returned,
                                            const ReturnRates &prior = {}, double weight = 20,
                                            double level = 0.95);

// What handling a case is worth: (p_handled - p_unhandled) * value - cost. All finite, the
// probabilities 0 to 1.
absl::StatusOr<double> RecoveryValue(double p_handled, double p_unhandled, double value,
                                     double cost);

namespace detail {

inline absl::Status CheckAmounts(std::string_view name, std::span<const double> values, size_t rows,
                                 double most) {
  if (values.empty() && rows > 0) return absl::OkStatus();
  if (values.size() != rows) {
    return InvalidOption(name, absl::StrCat(values.size(), " rows"),
                         absl::StrCat(rows, " as in the other columns"));
  }
  return CheckRange(name, values, rows, most);
}

inline double AtOr(std::span<const double> values, size_t i, double otherwise) {
  return values.empty() ? otherwise : values[i];
}

inline absl::Status CheckShare(std::string_view name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "0 to 1");
}

}  // namespace detail

inline absl::StatusOr<CaseCosts> CostCases(const CaseCostColumns &columns, double rate) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  const size_t n = columns.minutes.size();
  if (!(rate >= 0) || std::isinf(rate)) {
    return InvalidOption("rate", FormatNumber(rate), "0 or more");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("minutes", columns.minutes, n, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("remedy", columns.remedy, n, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("freight", columns.freight, n, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("write_off", columns.write_off, n, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("fines", columns.fines, n, kAny));
  PATRON_RETURN_IF_ERROR(
      detail::CheckAmounts("return_probability", columns.return_probability, n, 1));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("value", columns.value, n, kAny));
  CaseCosts costs;
  costs.handling.resize(n);
  costs.lost.resize(n);
  costs.cost.resize(n);
  for (size_t i = 0; i < n; ++i) {
    costs.handling[i] = columns.minutes[i] * rate;
    costs.lost[i] =
        (1 - detail::AtOr(columns.return_probability, i, 1)) * detail::AtOr(columns.value, i, 0);
    costs.cost[i] = costs.handling[i] + detail::AtOr(columns.remedy, i, 0) +
                    detail::AtOr(columns.freight, i, 0) + detail::AtOr(columns.write_off, i, 0) +
                    detail::AtOr(columns.fines, i, 0) + costs.lost[i];
  }
  return costs;
}

inline absl::StatusOr<Compensation> ProposeCompensation(const CompensationColumns &columns,
                                                        const CompensationTerms &terms) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  PATRON_RETURN_IF_ERROR(detail::CheckRange("loss_share", terms.loss_share, 4, kAny));
  PATRON_RETURN_IF_ERROR(
      detail::CheckRange("goodwill", terms.goodwill, terms.goodwill.size(), kAny));
  if (terms.goodwill.size() != 4 * terms.tiers) {
    return InvalidOption("goodwill", absl::StrCat(terms.goodwill.size(), " amounts"),
                         absl::StrCat("one for each of 4 severities and ", terms.tiers, " tiers"));
  }
  const size_t n = columns.loss.size();
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("loss", columns.loss, n, kAny));
  PATRON_RETURN_IF_ERROR(detail::CheckAmounts("limit", columns.limit, n, kAny));
  if (columns.severity.size() != n) {
    return InvalidOption("severity", absl::StrCat(columns.severity.size(), " rows"),
                         absl::StrCat(n, " as in loss"));
  }
  if (columns.tier.size() != (terms.tiers == 0 ? 0 : n)) {
    return InvalidOption("tier", absl::StrCat(columns.tier.size(), " rows"),
                         absl::StrCat(terms.tiers == 0 ? 0 : n, ", for goodwill is given by ",
                                      terms.tiers, " tiers"));
  }
  Compensation offers;
  offers.wanted.resize(n);
  offers.proposed.resize(n);
  offers.capped.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const int64_t severity = columns.severity[i];
    if (severity < kLeastSeverity || severity > kMostSeverity) {
      return InvalidRow("severity", i, absl::StrCat(severity), "1 to 4");
    }
    const auto row = static_cast<size_t>(severity - kLeastSeverity);
    double wanted = columns.loss[i] * terms.loss_share[row];
    if (terms.tiers > 0) {
      const int64_t tier = columns.tier[i];
      if (tier < 0 || static_cast<uint64_t>(tier) >= terms.tiers) {
        return InvalidRow("tier", i, absl::StrCat(tier), absl::StrCat("0 to ", terms.tiers - 1));
      }
      wanted += terms.goodwill[row * terms.tiers + static_cast<size_t>(tier)];
    }
    const double limit = detail::AtOr(columns.limit, i, kAny);
    offers.wanted[i] = wanted;
    offers.proposed[i] = std::min(wanted, limit);
    offers.capped[i] = wanted > limit ? 1 : 0;
  }
  return offers;
}

inline absl::StatusOr<ReturnTable> EstimateReturns(std::span<const int64_t> handling,
                                                   std::span<const uint8_t> minor,
                                                   std::span<const uint8_t> returned,
                                                   const ReturnRates &prior, double weight,
                                                   double level) {
  if (!(weight > 0) || std::isinf(weight)) {
    return InvalidOption("weight", FormatNumber(weight), "more than 0");
  }
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  if (minor.size() != handling.size() || returned.size() != handling.size()) {
    return InvalidOption("returned", absl::StrCat(minor.size(), " and ", returned.size(), " rows"),
                         absl::StrCat(handling.size(), " as in handling"));
  }
  constexpr size_t kCells = 2 * kHandlings;
  ReturnTable table;
  table.returned.assign(kCells, 0);
  table.cases.assign(kCells, 0);
  for (size_t i = 0; i < handling.size(); ++i) {
    if (handling[i] < 0 || handling[i] >= int64_t{kHandlings}) {
      return InvalidRow("handling", i, absl::StrCat(handling[i]), "0 to 3");
    }
    const size_t cell = 2 * static_cast<size_t>(handling[i]) + (minor[i] != 0 ? 1 : 0);
    ++table.cases[cell];
    table.returned[cell] += returned[i] != 0 ? 1 : 0;
  }
  const double tail = 0.5 * (1 - level);
  for (size_t cell = 0; cell < kCells; ++cell) {
    const double share = prior.rate[cell / 2][cell % 2];
    PATRON_RETURN_IF_ERROR(detail::CheckShare("prior", share));
    const double a = weight * share + static_cast<double>(table.returned[cell]);
    const double b =
        weight * (1 - share) + static_cast<double>(table.cases[cell] - table.returned[cell]);
    table.prior.push_back(share);
    table.rate.push_back(a / (weight + static_cast<double>(table.cases[cell])));
    table.lower.push_back(BetaQuantile(tail, a, b));
    table.upper.push_back(BetaQuantile(1 - tail, a, b));
  }
  return table;
}

inline absl::StatusOr<double> RecoveryValue(double p_handled, double p_unhandled, double value,
                                            double cost) {
  PATRON_RETURN_IF_ERROR(detail::CheckShare("p_handled", p_handled));
  PATRON_RETURN_IF_ERROR(detail::CheckShare("p_unhandled", p_unhandled));
  if (!std::isfinite(value)) return InvalidOption("value", FormatNumber(value), "a finite number");
  if (!std::isfinite(cost)) return InvalidOption("cost", FormatNumber(cost), "a finite number");
  return (p_handled - p_unhandled) * value - cost;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_RECOVERY_HPP_
