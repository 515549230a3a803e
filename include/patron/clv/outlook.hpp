// What is asked of a customer after a history: alive or not, purchases to come, their worth today.
#ifndef PATRON_CLV_OUTLOOK_HPP_
#define PATRON_CLV_OUTLOOK_HPP_

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>

#include "absl/status/status.h"
#include "patron/base/status.hpp"
#include "patron/clv/gauss_legendre.hpp"
#include "patron/clv/lanes.hpp"

namespace patron::clv {

// The history of one customer, as in PurchaseHistory. A customer whose first purchase was just
// now, and of whom nothing else is known, has all three zero; purchases to come are then repeat
// purchases, and those within t are the model's unconditional ones.
struct CustomerHistory {
  double frequency = 0;
  double recency = 0;
  double T = 0;
};

// Errors: InvalidArgument as CheckHistory for one row.
absl::Status CheckCustomer(const CustomerHistory &history);

inline constexpr double kEver = std::numeric_limits<double>::infinity();

// What a model knows of a customer at the end of the history. All times count from there, in the
// unit of the history.
//
//   double ProbabilityAlive(double ahead = 0) const;
//     That the customer is alive `ahead` later.
//   double ExpectedPurchases(double from, double to) const;
//     In (from, to]; `to` may be kEver, and the number infinite.
//   double DiscountedPurchases(double rate, double horizon = kEver) const;
//     Sum over purchases within `horizon` of exp(-rate * time): the discounted expected residual
//     transactions (DERT, Fader, Hardie and Lee 2005). `rate` is continuous and per unit of the
//     history's time: ln(1.1) / 52 for ten percent a year if that is in weeks.
//   double ProbabilityOfPurchases(double count, double within) const;
//     Of exactly `count` purchases in (0, within].
//   double ProbabilityOfNoPurchase(double from, double to) const;
//     Of none in (from, to].
//
// Customers who are dead count in all of them.
template <typename T>
concept Outlook = requires(const T &outlook, double time) {
  { outlook.ProbabilityAlive(time) } -> std::same_as<double>;
  { outlook.ExpectedPurchases(time, time) } -> std::same_as<double>;
  { outlook.DiscountedPurchases(time, time) } -> std::same_as<double>;
  { outlook.ProbabilityOfPurchases(time, time) } -> std::same_as<double>;
  { outlook.ProbabilityOfNoPurchase(time, time) } -> std::same_as<double>;
};

namespace detail {

// The integral of `f` over [0, length] in `panels` equal parts with 20 nodes each.
template <typename Function>
double IntegratePanels(double length, size_t panels, const Function &f) {
  const double width = length / static_cast<double>(panels);
  double sum = 0;
  for (size_t panel = 0; panel < panels; ++panel) {
    const double start = width * static_cast<double>(panel);
    double part = 0;
    for (const QuadratureNode &node : kRule20) part += node.weight * f(start + width * node.place);
    sum += part;
  }
  return sum * width;
}

// The same for `f` on packs, whose width does not change the result, with the nodes of a rule.
template <typename V = NativePack, typename Function>
double IntegrateOnPacks(double length, size_t panels, std::span<const QuadratureNode> nodes,
                        const Function &f) {
  const size_t lanes = RoundToGroup(nodes.size());
  const double width = length / static_cast<double>(panels);
  alignas(64) double term[kMostNodes];
  double sum = 0;
  for (size_t panel = 0; panel < panels; ++panel) {
    const double start = width * static_cast<double>(panel);
    // Lanes beyond the nodes repeat the first.
    for (size_t j = 0; j < lanes; ++j) {
      term[j] = start + width * nodes[j < nodes.size() ? j : 0].place;
    }
    for (size_t j = 0; j < lanes; j += kLanesOf<V>) Store<V>(term + j, f(Load<V>(term + j)));
    double part = 0;
    for (size_t j = 0; j < nodes.size(); ++j) part += nodes[j].weight * term[j];
    sum += part;
  }
  return sum * width;
}

// Panels of at most `width`; at least one.
inline size_t PanelsOf(double length, double width) {
  return static_cast<size_t>(std::clamp(std::ceil(length / width), 1.0, 4096.0));
}

// ln of the probability that a Poisson process at a rate that is Gamma(n, ...) has no event while
// its mean grows by the factor 1 + tau.
inline double LogNoEvent(double n, double tau) { return -n * std::log1p(tau); }

}  // namespace detail

inline absl::Status CheckCustomer(const CustomerHistory &history) {
  const auto time = [](double t) { return t >= 0 && t < 0x1p1000; };
  if (!(history.frequency >= 0 && history.frequency <= 0x1p31 &&
        std::trunc(history.frequency) == history.frequency)) {
    return InvalidOption("frequency", FormatNumber(history.frequency),
                         "a whole number from 0 to 2^31");
  }
  if (!time(history.recency)) {
    return InvalidOption("recency", FormatNumber(history.recency), "a finite number, 0 or above");
  }
  if (!time(history.T)) {
    return InvalidOption("T", FormatNumber(history.T), "a finite number, 0 or above");
  }
  if (history.recency > history.T) {
    return InvalidOption("recency", FormatNumber(history.recency), "at most T");
  }
  if (history.frequency == 0 && history.recency > 0) {
    return InvalidOption("recency", FormatNumber(history.recency), "0, because frequency is 0");
  }
  return absl::OkStatus();
}

}  // namespace patron::clv

#endif  // PATRON_CLV_OUTLOOK_HPP_
