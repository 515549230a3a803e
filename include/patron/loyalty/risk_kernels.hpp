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

// The sums of weights[i] x_k[i] x_l[i] for kRows columns k and kColumns columns l; with kSame these are
// the same columns, only l up to k counts, and the sums of weights[i] x_k[i] join. As many sums at a
// time as registers hold, so that none waits for the one before.
template <typename V, size_t kRows, size_t kColumns, bool kSame>
void AddTile(const RiskColumns &x, size_t k, size_t l, size_t rows, const double *weights,
             double *sums, double *products) {
  Lanes<V> sum[kRows], product[kRows][kColumns];
  for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
    V own[kRows] = {}, tile[kRows][kColumns] = {};
    for (size_t i = j * Lanes<V>::kWidth; i < rows; i += clv::kLaneGroup) {
      const V weight = clv::Load<V>(weights + i);
      V right[kColumns];
      for (size_t c = 0; c < kColumns; ++c) right[c] = clv::Load<V>(x.column(l + c) + i);
      for (size_t r = 0; r < kRows; ++r) {
        const V left = weight * clv::Load<V>(x.column(k + r) + i);
        if constexpr (kSame) own[r] += left;
        for (size_t c = 0; c < (kSame ? r + 1 : kColumns); ++c) tile[r][c] += left * right[c];
      }
    }
    for (size_t r = 0; r < kRows; ++r) {
      sum[r].pack[j] = own[r];
      for (size_t c = 0; c < kColumns; ++c) product[r][c].pack[j] = tile[r][c];
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    if constexpr (kSame) sums[k + r] += sum[r].Sum();
    double *to = products + (k + r) * (k + r + 1) / 2 + l;
    for (size_t c = 0; c < (kSame ? r + 1 : kColumns); ++c) to[c] += product[r][c].Sum();
  }
}

inline constexpr size_t kTile = 3;

// All pairs of columns k, kRows from `k` on, and l, up to k.
template <typename V, size_t kRows>
void AddTiles(const RiskColumns &x, size_t k, size_t rows, const double *weights, double *sums,
              double *products) {
  for (size_t l = 0; l < k; l += kTile) {
    AddTile<V, kRows, kTile, false>(x, k, l, rows, weights, sums, products);
  }
  AddTile<V, kRows, kRows, true>(x, k, k, rows, weights, sums, products);
}

// Whole groups of lanes up to kRiskBlock.
template <typename V>
void AddBlockProducts(const RiskColumns &x, const double *weights, size_t rows, double *sums,
                      double *products) {
  Lanes<V> total;
  for (size_t i = 0; i < rows; i += clv::kLaneGroup) {
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      total.pack[j] += clv::Load<V>(weights + i + j * Lanes<V>::kWidth);
    }
  }
  sums[0] += total.Sum();
  size_t k = 0;
  for (; k + kTile <= x.count; k += kTile) {
    AddTiles<V, kTile>(x, k, rows, weights, sums + 1, products);
  }
  static_assert(kTile == 3);
  switch (x.count - k) {
    case 2: AddTiles<V, 2>(x, k, rows, weights, sums + 1, products); break;
    case 1: AddTiles<V, 1>(x, k, rows, weights, sums + 1, products); break;
    default: break;
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
  // The logarithm is that of products of so many, each from 1 / events, above 2^-32, to 1.
  constexpr size_t kTogether = 16 * clv::kLaneGroup;
  const double each = 1 / static_cast<double>(events), share = d0 / s0;
  Lanes<V> logarithm, stay, leave, square, cross, own;
  alignas(64) std::array<double, clv::kLaneGroup> place;
  for (size_t i = 0; i < clv::kLaneGroup; ++i) place[i] = static_cast<double>(i);
  for (size_t first = 0; first < events; first += kTogether) {
    const size_t last = std::min(events, first + kTogether);
    for (size_t j = 0; j < Lanes<V>::kPacks; ++j) {
      V product = clv::Splat<V>(1);
      for (size_t group = first; group < last; group += clv::kLaneGroup) {
        const V left = clv::Load<V>(&place[j * Lanes<V>::kWidth]) + static_cast<double>(group);
        // Lanes past the last event add nothing.
        const auto some = left < static_cast<double>(events);
        const V gone = left * each;
        const V rest = clv::Choose<V>(some, 1.0 - gone * share, clv::Splat<V>(1));
        const V inverse = clv::Choose<V>(some, 1.0 / (s0 * rest), V{});
        product *= rest;
        stay.pack[j] += inverse;
        leave.pack[j] += inverse * (1.0 - gone);
        const V squared = inverse * inverse;
        square.pack[j] += squared;
        cross.pack[j] += gone * squared;
        own.pack[j] += gone * gone * squared;
      }
      logarithm.pack[j] -= clv::Log<V>(product);
    }
  }
  return {logarithm.Sum() - static_cast<double>(events) * clv::Log<double>(s0),
          stay.Sum(),
          leave.Sum(),
          square.Sum(),
          cross.Sum(),
          own.Sum()};
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
