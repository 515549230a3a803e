// Concentration: how unevenly a value is spread over customers.
#ifndef PATRON_VALUE_CONCENTRATION_HPP_
#define PATRON_VALUE_CONCENTRATION_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sum.hpp"
#include "patron/value/ranked_values.hpp"

namespace patron::value {

// How unevenly a value is spread over customers. Not-a-number stands where a measure has no
// meaning: see each.
struct Concentration {
  uint64_t customers = 0;
  uint64_t gain_customers = 0;  // With a value above zero.
  uint64_t loss_customers = 0;  // With a value below zero; the rest have none.
  double total = 0;             // Sum of the values, in their own unit.
  double gains = 0;             // Sum of those above zero.
  double losses = 0;            // Sum of those below zero: at most 0.

  // Gini coefficient 2 sum(i x_i) / (n sum x) - (n + 1) / n of the ascending values, and the
  // same times n / (n - 1), which lets one customer with everything reach 1. Needs a positive
  // total, the unbiased form two customers. With losses these raw forms may exceed 1.
  double gini_biased = 0;
  double gini_unbiased = 0;

  // Normalised Gini coefficient of Raffinetti, Siletti and Vernizzi (2015): in [0, 1] whatever
  // the losses, and the unbiased form when there are none. The number to report. Needs two
  // customers and a value other than zero.
  double gini_normalised = 0;

  // Herfindahl-Hirschman index, the sum of squared shares, in [1/n, 1]; the same from 0 to 1;
  // and its reciprocal, the number of equal customers that would be as concentrated. Need a
  // positive total and no loss, the normalised form two customers.
  double herfindahl = 0;
  double herfindahl_normalised = 0;
  double effective_number = 0;
};

// Measures the concentration of `values`: one finite number for each customer, in any order.
// Errors: those of RankedValues::Make, with the column called "values".
// Cost: a radix sort and one pass; copies the values once.
template <Number T>
absl::StatusOr<Concentration> MeasureConcentration(std::span<const T> values,
                                                   const Execution &execution = {});

// The same from values already ranked. Cost: one pass.
template <Number T>
Concentration MeasureConcentration(const RankedValues<T> &ranked, const Execution &execution = {});

namespace detail {

// Sums over the ascending values x_1 .. x_n that the measures are made of.
struct Moments {
  double pairwise;  // sum (2i - n - 1) x_i, which is the sum of |x_i - x_j| over pairs i < j.
  double squares;   // sum x_i^2
  double scale;     // Both are of x_i * scale: a power of two that keeps them in range.
};

template <Number T>
Moments MeasureMoments(std::span<const T> ascending, const Execution &execution) {
  constexpr size_t kLanes = 4;
  constexpr size_t kRun = 1024;  // Short enough for plain sums of doubles to keep 13 digits.
  const size_t n = ascending.size();
  double scale = 1;
  if constexpr (std::same_as<T, double>) {
    const double largest = std::max(std::abs(ascending.front()), std::abs(ascending.back()));
    int exponent = 0;
    std::frexp(largest, &exponent);
    // 2^1023 is the largest power there is; values that need more stay above 2^-51.
    scale = std::ldexp(1.0, std::min(-exponent, std::numeric_limits<double>::max_exponent - 1));
  }
  struct Sums {
    Total<T> pairwise;
    Total<double> squares;

    // `ascending` begins at rank `begin`.
    void AddRun(std::span<const T> ascending, size_t begin, size_t n, double scale) {
      const int64_t first = 2 * static_cast<int64_t>(begin) + 1 - static_cast<int64_t>(n);
      std::array<typename Total<T>::Carrier, kLanes> pairwise{};
      std::array<double, kLanes> plain{}, squared{};
      const auto add = [&](size_t lane, size_t i, double place) {
        const double scaled = static_cast<double>(ascending[i]) * scale;
        squared[lane] += scaled * scaled;
        if constexpr (std::same_as<T, double>) {
          plain[lane] += scaled;
          pairwise[lane] += place * scaled;
        } else {
          pairwise[lane] += Int128{first + 2 * static_cast<int64_t>(i)} * ascending[i];
        }
      };
      size_t i = 0;
      std::array<double, kLanes> place{0, 1, 2, 3};
      for (; i + kLanes <= ascending.size(); i += kLanes) {
        for (size_t lane = 0; lane < kLanes; ++lane) {
          add(lane, i + lane, place[lane]);
          place[lane] += kLanes;
        }
      }
      for (; i < ascending.size(); ++i) add(0, i, static_cast<double>(i));
      for (size_t lane = 0; lane < kLanes; ++lane) {
        squares.Add(squared[lane]);
        if constexpr (std::same_as<T, double>) {
          this->pairwise.Add(static_cast<double>(first) * plain[lane] + 2 * pairwise[lane]);
        } else {
          this->pairwise.Add(pairwise[lane]);
        }
      }
    }
  };
  std::vector<Sums> parts(TasksFor(n));
  ParallelFor(execution, parts.size(), [&](size_t task) {
    const Range rows = TaskRows(n, task);
    for (size_t begin = rows.begin; begin < rows.end; begin += kRun) {
      const size_t end = std::min(begin + kRun, rows.end);
      parts[task].AddRun(ascending.subspan(begin, end - begin), begin, n, scale);
    }
  });
  Sums all;
  for (const Sums &part : parts) {
    all.pairwise.Add(part.pairwise);
    all.squares.Add(part.squares);
  }
  return {std::max(0.0, all.pairwise.ToDouble()), all.squares.ToDouble(), scale};
}

}  // namespace detail

template <Number T>
inline absl::StatusOr<Concentration> MeasureConcentration(std::span<const T> values,
                                                          const Execution &execution) {
  const absl::StatusOr<RankedValues<T>> ranked = RankedValues<T>::Make("values", values, execution);
  if (!ranked.ok()) return ranked.status();
  return MeasureConcentration(*ranked, execution);
}

template <Number T>
inline Concentration MeasureConcentration(const RankedValues<T> &ranked,
                                          const Execution &execution) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  const detail::Moments moments = detail::MeasureMoments(ranked.ascending(), execution);
  const auto n = static_cast<double>(ranked.size());
  const double total = ranked.total().ToDouble();
  const double gains = ranked.gains().ToDouble();
  const double losses = ranked.losses().ToDouble();
  const double magnitude = (gains - losses) * moments.scale;
  const bool positive = ranked.total().Sign() > 0;
  const bool several = ranked.size() > 1;

  Concentration c;
  c.customers = ranked.size();
  c.gain_customers = ranked.gain_customers();
  c.loss_customers = ranked.loss_customers();
  c.total = total;
  c.gains = gains;
  c.losses = losses;
  const double raw = positive ? moments.pairwise / (total * moments.scale) : kUndefined;
  c.gini_biased = raw / n;
  c.gini_unbiased = several ? raw / (n - 1) : kUndefined;
  c.gini_normalised = several && magnitude > 0
                          ? std::min(1.0, moments.pairwise / ((n - 1) * magnitude))
                          : kUndefined;
  const double scaled_total = total * moments.scale;
  c.herfindahl = positive && ranked.loss_customers() == 0
                     ? moments.squares / (scaled_total * scaled_total)
                     : kUndefined;
  c.herfindahl_normalised = several ? (c.herfindahl - 1 / n) / (1 - 1 / n) : kUndefined;
  c.effective_number = 1 / c.herfindahl;
  return c;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_CONCENTRATION_HPP_
