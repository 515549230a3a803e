// The loops over rows of the partial likelihood, for packs of any width.
#ifndef PATRON_LOYALTY_RISK_KERNELS_HPP_
#define PATRON_LOYALTY_RISK_KERNELS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>

#include "patron/clv/elementary.hpp"
#include "patron/clv/lanes.hpp"

namespace patron::loyalty {

// Covariates by column: the value of row i is column(k)[i]. Columns are as long as whole groups of
// lanes and finite to their ends.
struct RiskColumns {
  const double *values = nullptr;
  size_t stride = 0;
  size_t count = 0;

  const double *column(size_t k) const { return values + k * stride; }
  RiskColumns From(size_t row) const { return {values + row, stride, count}; }
};

// What a moment with several events adds by Efron's rule: sums over j = 0, 1, ... events - 1, with
// g = j / events and h = 1 / (s0 - g d0).
struct EfronSums {
  double logarithm = 0;  // Of ln h.
  double stay = 0;       // Of h.
  double leave = 0;      // Of (1 - g) h.
  double square = 0;     // Of h^2.
  double cross = 0;      // Of g h^2.
  double own = 0;        // Of g^2 h^2.
};

// The width of a pack changes how long they take and no bit of the results: all add in eight lanes.
// Where they read x for rows up to a whole group of lanes, the columns must go on so far.
struct RiskKernels {
  // risks[i] = weight[i] exp(offset[i] + sum of beta[k] x_k[i]) for i below `rows`, whole groups of
  // lanes. `offset` and `weight` may be null: 0 and 1.
  void (*risks)(const RiskColumns &x, const double *beta, const double *offset,
                const double *weight, size_t rows, double *risks);

  // sums[0] += sum of risks[i], sums[1 + k] += sum of risks[i] x_k[i], for i in [begin, end).
  void (*sums)(const RiskColumns &x, const double *risks, size_t begin, size_t end, double *sums);

  // sums[0] += sum of weights[i], sums[1 + k] += sum of weights[i] x_k[i] and
  // products[k (k + 1) / 2 + l] += sum of weights[i] x_k[i] x_l[i], l at most k, for i below `rows`.
  void (*products)(const RiskColumns &x, const double *weights, size_t rows, double *sums,
                   double *products);

  // The same with the risks as weights. `beta` may be null: 0.
  void (*segment)(const RiskColumns &x, const double *beta, const double *offset,
                  const double *weight, size_t rows, double *sums, double *products);

  // The sum of weights[i] ln values[i] for i below `rows`, whole groups of lanes; ordinary numbers.
  double (*logarithms)(const double *values, const double *weights, size_t rows);

  EfronSums (*efron)(double s0, double d0, size_t events);
};

inline constexpr size_t kRiskBlock = 256;

// For packs of type V.
template <typename V>
RiskKernels RiskKernelsOf();

namespace detail::cox {

// Eight lanes, in packs of type V.
template <typename V>
struct Lanes {
  static constexpr size_t kWidth = clv::kLanesOf<V>;
  static constexpr size_t kPacks = clv::kLaneGroup / kWidth;
  V pack[kPacks] = {};

  double Sum() const {
    alignas(64) std::array<double, clv::kLaneGroup> lane;
    for (size_t j = 0; j < kPacks; ++j) clv::Store<V>(&lane[j * kWidth], pack[j]);
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
  }
};

template <typename V>
void ComputeRisks(const RiskColumns &x, const double *beta, const double *offset,
                  const double *weight, size_t rows, double *risks) {
  for (size_t i = 0; i < rows; i += clv::kLanesOf<V>) {
    V eta = offset == nullptr ? V{} : clv::Load<V>(offset + i);
    for (size_t k = 0; k < x.count; ++k) eta += clv::Load<V>(x.column(k) + i) * beta[k];
    const V risk = clv::Exp<V>(eta);
    clv::Store<V>(risks + i, weight == nullptr ? risk : risk * clv::Load<V>(weight + i));
  }
}

// Sums of a[i] b_m[i] over [begin, end) for `kTogether` columns b at a time, and of a[i] itself.
template <typename V, size_t kTogether>
void SumColumns(const RiskColumns &x, size_t k, const double *risks, size_t begin, size_t end,
                double *sums) {
  Lanes<V> total[kTogether];
  size_t i = begin;
  for (; i + clv::kLaneGroup <= end; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      const size_t at = i + j * Lanes<V>::kWidth;
      const V risk = clv::Load<V>(risks + at);
      for (size_t m = 0; m < kTogether; ++m) {
        total[m].pack[j] += risk * clv::Load<V>(x.column(k + m) + at);
      }
    }
  }
  for (size_t m = 0; m < kTogether; ++m) {
    double sum = total[m].Sum();
    for (size_t rest = i; rest < end; ++rest) sum += risks[rest] * x.column(k + m)[rest];
    sums[m] += sum;
  }
}

template <typename V>
void SumRisks(const RiskColumns &x, const double *risks, size_t begin, size_t end, double *sums) {
  Lanes<V> total;
  size_t i = begin;
  for (; i + clv::kLaneGroup <= end; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      total.pack[j] += clv::Load<V>(risks + i + j * Lanes<V>::kWidth);
    }
  }
  double sum = total.Sum();
  for (; i < end; ++i) sum += risks[i];
  sums[0] += sum;
  size_t k = 0;
  for (; k + 3 <= x.count; k += 3) SumColumns<V, 3>(x, k, risks, begin, end, sums + 1 + k);
  for (; k < x.count; ++k) SumColumns<V, 1>(x, k, risks, begin, end, sums + 1 + k);
}

// Adds the sums of a[i] x_l[i] for `kTogether` columns from l on.
template <typename V, size_t kTogether>
void AddProducts(const RiskColumns &x, size_t l, size_t rows, const double *a, double *to) {
  Lanes<V> total[kTogether];
  for (size_t i = 0; i < rows; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      const size_t at = i + j * Lanes<V>::kWidth;
      const V factor = clv::Load<V>(a + at);
      for (size_t m = 0; m < kTogether; ++m) {
        total[m].pack[j] += factor * clv::Load<V>(x.column(l + m) + at);
      }
    }
  }
  for (size_t m = 0; m < kTogether; ++m) to[m] += total[m].Sum();
}

template <typename V>
void AddAllProducts(const RiskColumns &x, size_t count, size_t rows, const double *a, double *to) {
  size_t l = 0;
  for (; l + 4 <= count; l += 4) AddProducts<V, 4>(x, l, rows, a, to + l);
  switch (count - l) {
    case 3: AddProducts<V, 3>(x, l, rows, a, to + l); break;
    case 2: AddProducts<V, 2>(x, l, rows, a, to + l); break;
    case 1: AddProducts<V, 1>(x, l, rows, a, to + l); break;
    default: break;
  }
}

// Whole groups of lanes up to kRiskBlock.
template <typename V>
void AddBlockProducts(const RiskColumns &x, const double *weights, size_t rows, double *sums,
                      double *products) {
  alignas(64) double weighted[kRiskBlock];
  Lanes<V> total;
  for (size_t i = 0; i < rows; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      total.pack[j] += clv::Load<V>(weights + i + j * Lanes<V>::kWidth);
    }
  }
  sums[0] += total.Sum();
  AddAllProducts<V>(x, x.count, rows, weights, sums + 1);
  for (size_t k = 0; k < x.count; ++k) {
    for (size_t i = 0; i < rows; i += clv::kLanesOf<V>) {
      clv::Store<V>(weighted + i, clv::Load<V>(weights + i) * clv::Load<V>(x.column(k) + i));
    }
    AddAllProducts<V>(x, k + 1, rows, weighted, products + k * (k + 1) / 2);
  }
}

template <typename V>
void AddRowProducts(const RiskColumns &x, const double *weights, size_t rows, double *sums,
                    double *products) {
  const size_t whole = rows / clv::kLaneGroup * clv::kLaneGroup;
  for (size_t begin = 0; begin < whole; begin += kRiskBlock) {
    AddBlockProducts<V>(x.From(begin), weights + begin, std::min(kRiskBlock, whole - begin), sums,
                        products);
  }
  if (whole == rows) return;
  alignas(64) std::array<double, clv::kLaneGroup> rest = {};
  for (size_t i = whole; i < rows; ++i) rest[i - whole] = weights[i];
  AddBlockProducts<V>(x.From(whole), rest.data(), rest.size(), sums, products);
}

template <typename V>
void AddSegment(const RiskColumns &x, const double *beta, const double *offset,
                const double *weight, size_t rows, double *sums, double *products) {
  alignas(64) double risks[kRiskBlock];
  for (size_t begin = 0; begin < rows; begin += kRiskBlock) {
    const size_t size = std::min(kRiskBlock, rows - begin), groups = clv::RoundToGroup(size);
    const RiskColumns own = x.From(begin);
    if (beta != nullptr) {
      ComputeRisks<V>(own, beta, offset == nullptr ? nullptr : offset + begin,
                      weight == nullptr ? nullptr : weight + begin, groups, risks);
    } else {
      for (size_t i = 0; i < size; ++i) risks[i] = weight == nullptr ? 1 : weight[begin + i];
    }
    std::fill(risks + size, risks + groups, 0.0);
    AddBlockProducts<V>(own, risks, groups, sums, products);
  }
}

template <typename V>
double SumLogarithms(const double *values, const double *weights, size_t rows) {
  Lanes<V> total;
  for (size_t i = 0; i < rows; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      const size_t at = i + j * Lanes<V>::kWidth;
      total.pack[j] += clv::Load<V>(weights + at) * clv::Log<V>(clv::Load<V>(values + at));
    }
  }
  return total.Sum();
}

template <typename V>
EfronSums SumEfron(double s0, double d0, size_t events) {
  const auto count = static_cast<double>(events);
  Lanes<V> logarithm, stay, leave, square, cross, own;
  alignas(64) std::array<double, clv::kLaneGroup> place;
  for (size_t i = 0; i < clv::kLaneGroup; ++i) place[i] = static_cast<double>(i);
  for (size_t first = 0; first < events; first += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      const V left = clv::Load<V>(&place[j * Lanes<V>::kWidth]) + static_cast<double>(first);
      // Lanes past the last event add nothing.
      const auto some = left < count;
      const V gone = left / count;
      const V rest = clv::Choose<V>(some, s0 - gone * d0, clv::Splat<V>(1));
      const V inverse = clv::Choose<V>(some, 1.0 / rest, V{});
      logarithm.pack[j] -= clv::Log<V>(rest);
      stay.pack[j] += inverse;
      leave.pack[j] += inverse * (1.0 - gone);
      const V squared = inverse * inverse;
      square.pack[j] += squared;
      cross.pack[j] += gone * squared;
      own.pack[j] += gone * gone * squared;
    }
  }
  return {logarithm.Sum(), stay.Sum(), leave.Sum(), square.Sum(), cross.Sum(), own.Sum()};
}

}  // namespace detail::cox

template <typename V>
inline RiskKernels RiskKernelsOf() {
  return {detail::cox::ComputeRisks<V>,   detail::cox::SumRisks<V>,
          detail::cox::AddRowProducts<V>, detail::cox::AddSegment<V>,
          detail::cox::SumLogarithms<V>,  detail::cox::SumEfron<V>};
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_RISK_KERNELS_HPP_
