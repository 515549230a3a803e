// Top boxes: how many customers are very satisfied, and how much more loyal they are than the rest.
#ifndef PATRON_LOYALTY_TOP_BOX_HPP_
#define PATRON_LOYALTY_TOP_BOX_HPP_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/interval.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/satisfaction_curve.hpp"

namespace patron::loyalty {

// Customers of some levels of satisfaction. Shares and means are by weight.
struct SatisfactionBox {
  double least = 0;  // Satisfaction.
  int64_t rows = 0;
  double share = 0;          // Of all customers.
  Interval share_in = {};    // Wilson's (1927).
  double loyalty = 0;        // Mean.
  Interval loyalty_in = {};  // Wilson's where loyalty is 0 or 1 throughout, else that of a mean.
};

struct TopBoxes {
  SatisfactionBox top, rest;
  double difference = 0;        // Of the loyalty of the top box and of the rest.
  Interval difference_in = {};  // From the limits of both (Newcombe 1998, method 10).
};

// Parts customers at satisfaction `top`: those of so much and more are the top box. By default these are
// the boxes that surveys count: the highest of up to 3 levels, 2 of up to 7, 3 of up to 11; of more levels
// the highest that hold a quarter of the customers. With weights, intervals are those of as many customers
// as weigh the same (Kish 1965). `weights` are above 0; empty means 1.
//
// Errors: those of FitSatisfactionCurve for columns and level; InvalidArgument for a `top` that is not
// finite or leaves a box empty; FailedPrecondition for satisfaction that is the same for all, fewer than 5
// rows. Cost: O(n), and a sort.
absl::StatusOr<TopBoxes> CountTopBoxes(std::span<const double> satisfaction,
                                       std::span<const double> loyalty,
                                       std::span<const double> weights = {},
                                       std::optional<double> top = std::nullopt,
                                       double level = 0.95);

namespace detail::curve {

struct BoxSums {
  double weight = 0, squares = 0, loyalty = 0;
  int64_t rows = 0;

  void Add(double w, double y) {
    weight += w;
    squares += w * w;
    loyalty += w * y;
    ++rows;
  }
};

// Where the top box begins. `rows` are those of ascending satisfaction.
inline double DefaultTop(std::span<const double> satisfaction, std::span<const double> weights,
                         std::span<const uint32_t> rows) {
  std::vector<double> levels, shares;
  double total = 0;
  for (const uint32_t row : rows) {
    if (levels.empty() || satisfaction[row] != levels.back()) {
      levels.push_back(satisfaction[row]);
      shares.push_back(0);
    }
    const double weight = weights.empty() ? 1 : weights[row];
    shares.back() += weight;
    total += weight;
  }
  size_t count = levels.size() <= 3 ? 1 : levels.size() <= 7 ? 2 : 3;
  if (levels.size() > 11) {
    count = 1;
    for (double share = shares.back(); share < total / 4 && count + 1 < levels.size(); ++count) {
      share += shares[shares.size() - 1 - count];
    }
  }
  return levels[levels.size() - count];
}

}  // namespace detail::curve

inline absl::StatusOr<TopBoxes> CountTopBoxes(std::span<const double> satisfaction,
                                              std::span<const double> loyalty,
                                              std::span<const double> weights,
                                              std::optional<double> top, double level) {
  namespace curve = detail::curve;
  PATRON_RETURN_IF_ERROR(curve::Check(satisfaction, loyalty, weights, level));
  const std::vector<uint32_t> rows = SortedRows(satisfaction);
  const double least = satisfaction[rows.front()], most = satisfaction[rows.back()];
  if (least == most) {
    return absl::FailedPreconditionError(absl::StrCat("satisfaction: ", FormatNumber(least),
                                                      " in all rows; expected at least 2 values"));
  }
  const double from = top ? *top : curve::DefaultTop(satisfaction, weights, rows);
  if (!(from > least && from <= most)) {
    return InvalidOption("top", FormatNumber(from),
                         absl::StrCat("a number above ", FormatNumber(least), ", up to ",
                                      FormatNumber(most), ": a box on either side"));
  }
  // From the lowest up, so that rows in another order change nothing.
  curve::BoxSums sums[2];
  bool binary = true;
  for (const uint32_t row : rows) {
    const double y = loyalty[row];
    sums[satisfaction[row] >= from ? 1 : 0].Add(weights.empty() ? 1 : weights[row], y);
    binary = binary && (y == 0 || y == 1);
  }
  const double total = sums[0].weight + sums[1].weight;
  const double all = total * total / (sums[0].squares + sums[1].squares);
  const double z = NormalQuantile(0.5 + 0.5 * level);
  double within[2] = {};
  for (const uint32_t row : rows) {
    const size_t box = satisfaction[row] >= from ? 1 : 0;
    const double miss = loyalty[row] - sums[box].loyalty / sums[box].weight;
    within[box] += (weights.empty() ? 1 : weights[row]) * miss * miss;
  }
  const auto box_of = [&](size_t index) {
    const curve::BoxSums &box = sums[index];
    const double count = box.weight * box.weight / box.squares;
    SatisfactionBox result;
    result.least = index == 1 ? from : least;
    result.rows = box.rows;
    result.share = box.weight / total;
    result.share_in = WilsonInterval(result.share * all, all, z);
    result.loyalty = box.loyalty / box.weight;
    if (binary) {
      result.loyalty_in = WilsonInterval(result.loyalty * count, count, z);
    } else {
      const double error = box.rows > 1 ? std::sqrt(within[index] / box.weight / (count - 1))
                                        : std::numeric_limits<double>::quiet_NaN();
      result.loyalty_in = {result.loyalty - z * error, result.loyalty + z * error};
    }
    return result;
  };
  TopBoxes boxes;
  boxes.top = box_of(1);
  boxes.rest = box_of(0);
  boxes.difference = boxes.top.loyalty - boxes.rest.loyalty;
  const auto below = [](const SatisfactionBox &box) { return box.loyalty - box.loyalty_in.lower; };
  const auto above = [](const SatisfactionBox &box) { return box.loyalty_in.upper - box.loyalty; };
  boxes.difference_in = {boxes.difference - std::hypot(below(boxes.top), above(boxes.rest)),
                         boxes.difference + std::hypot(above(boxes.top), below(boxes.rest))};
  return boxes;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_TOP_BOX_HPP_
