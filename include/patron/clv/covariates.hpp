// Covariates: customers of equal ones brought together, and whether data can tell their effects.
#ifndef PATRON_CLV_COVARIATES_HPP_
#define PATRON_CLV_COVARIATES_HPP_

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/block_sums.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/equal_rows.hpp"
#include "patron/clv/layout.hpp"

namespace patron::clv {

// A covariate: a finite number a customer.
struct Covariate {
  std::string name;
  std::span<const double> values;
};

// Errors: InvalidArgument naming the first covariate, as <process>.<name>, that is not of so many
// rows or not finite.
absl::Status CheckCovariates(std::string_view process, std::span<const Covariate> covariates,
                             size_t rows);

// A value a pattern, kept here and shared with copies of this, or borrowed.
class PatternValues {
 public:
  PatternValues() = default;
  explicit PatternValues(std::vector<double> kept)
      : kept_(std::make_shared<const std::vector<double>>(std::move(kept))), values_(*kept_) {}
  explicit PatternValues(std::span<const double> borrowed) : values_(borrowed) {}

  std::span<const double> values() const { return values_; }
  double operator[](size_t pattern) const { return values_[pattern]; }

 private:
  std::shared_ptr<const std::vector<double>> kept_;
  std::span<const double> values_;
};

// The different rows of covariates, numbered in the order of their values. Where more than half of
// many rows differ, each is one of its own, in the order of the rows.
struct CovariatePatterns {
  CovariatePatterns() = default;

  // Of covariates that CheckCovariates finds right; they are borrowed. Cost: O(rows) expected; 4 bytes
  // a row.
  CovariatePatterns(std::span<const Covariate> transaction, std::span<const Covariate> dropout,
                    size_t rows);

  // One pattern a row, whether equal to others or not: what is grouped by them stays row by row.
  static CovariatePatterns EachRow(std::span<const Covariate> transaction,
                                   std::span<const Covariate> dropout, size_t rows);

  std::vector<uint32_t> of_row;  // The pattern of each row; empty without covariates.
  bool each_row = false;         // Pattern i is row i.
  std::vector<PatternValues> transaction, dropout;

  // For a likelihood whose grouped rows have these patterns; borrows from this.
  CovariateRows At(std::span<const uint32_t> grouped) const;
};

// Whether the coefficients of `layout` can be told from each other and from the parameters of the
// model. A covariate that does not vary cannot be told from the latter, nor one of several that
// follow from each other, by sums of multiples and a constant, from the others. Those under a
// penalty, which decides between them, are let through.
//
// Errors: InvalidArgument naming such a covariate, and those that it follows from. Cost: O(c^2) a
// pattern.
absl::Status CheckDetermined(const Layout &layout, const CovariateRows &covariates);

// NewtonOptions::unit: typical steps of the free parameters. 1 for the model's own; for a
// coefficient one over the standard deviation of its covariate over the patterns, so that a fit does
// not depend on the units that covariates are measured in.
Eigen::VectorXd TypicalSteps(const Layout &layout, const CovariateRows &covariates);

namespace detail {

// The mean and standard deviation of a column; the latter is 0 if it is that of rounding.
struct Moments {
  double mean = 0;
  double spread = 0;
};

// The mean of `value(v)` over a column. Sums of blocks, so that several are formed at once.
template <typename Value>
double MeanOf(std::span<const double> column, const Value &value) {
  constexpr size_t kLanes = 8;
  const double share = 1 / static_cast<double>(std::max<size_t>(column.size(), 1));
  std::array<double, kLanes> lanes = {};
  size_t i = 0;
  for (; i + kLanes <= column.size(); i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lanes[k] += share * value(column[i + k]);
  }
  for (; i < column.size(); ++i) lanes[0] += share * value(column[i]);
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

inline Moments MomentsOf(std::span<const double> column) {
  const double near = MeanOf(column, [](double v) { return v; });
  const double mean = near + MeanOf(column, [near](double v) { return v - near; });
  const double square = MeanOf(column, [mean](double v) { return (v - mean) * (v - mean); });
  double size = 0;
  for (const double v : column) size = std::max(size, std::abs(v));
  const double spread = std::sqrt(square);
  return {mean, spread > 1e-12 * size ? spread : 0};
}

inline const std::vector<std::span<const double>> &ColumnsOf(const CovariateRows &covariates,
                                                             Process process) {
  return process == Process::kTransaction ? covariates.transaction : covariates.dropout;
}

// Inner products of the covariates by free coefficient: each less its mean and scaled to a square
// of 1, or of 0 if it does not vary.
inline Eigen::MatrixXd ProductsOf(const Layout &layout, const CovariateRows &covariates) {
  const auto own = static_cast<Eigen::Index>(layout.parameter_count());
  const Eigen::Index size = layout.free_size() - own;
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size, size);
  size_t q = layout.parameter_count();
  for (const Process process : {Process::kTransaction, Process::kDropout}) {
    const auto &columns = ColumnsOf(covariates, process);
    std::vector<Moments> moments;
    for (size_t j = 0; j < columns.size(); ++j) {
      moments.push_back(MomentsOf(columns[j]));
      const Eigen::Index free_j = layout.free_of(q + j) - own;
      for (size_t k = 0; k <= j; ++k) {
        if (moments[j].spread == 0 || moments[k].spread == 0) continue;
        double sum = 0;
        for (size_t i = 0; i < columns[j].size(); ++i) {
          sum += (columns[j][i] - moments[j].mean) * (columns[k][i] - moments[k].mean);
        }
        const Eigen::Index free_k = layout.free_of(q + k) - own;
        sums(free_j, free_k) += sum;
        if (j != k) sums(free_k, free_j) += sum;
      }
    }
    q += columns.size();
  }
  const Eigen::VectorXd scale =
      sums.diagonal().cwiseSqrt().unaryExpr([](double v) { return v > 0 ? 1 / v : 0.0; });
  return scale.asDiagonal() * sums * scale.asDiagonal();
}

// The name of the covariate of a free coefficient.
inline std::string_view CovariateName(const Layout &layout, Eigen::Index free) {
  const std::string_view name = layout.names()[static_cast<size_t>(free)];
  return name.substr(name.find('.') + 1);
}

}  // namespace detail

inline absl::Status CheckCovariates(std::string_view process, std::span<const Covariate> covariates,
                                    size_t rows) {
  for (const Covariate &covariate : covariates) {
    const std::string name = absl::StrCat(Text(process), ".", covariate.name);
    PATRON_RETURN_IF_ERROR(CheckLength(name, covariate.values.size(), rows));
    PATRON_RETURN_IF_ERROR(CheckFinite(name, covariate.values));
  }
  return absl::OkStatus();
}

inline CovariatePatterns::CovariatePatterns(std::span<const Covariate> of_transaction,
                                            std::span<const Covariate> of_dropout, size_t rows) {
  std::vector<std::span<const double>> columns;
  for (const Covariate &c : of_transaction) columns.push_back(c.values);
  for (const Covariate &c : of_dropout) columns.push_back(c.values);
  if (columns.empty()) return;
  const auto hash_row = [&](size_t row) {
    uint64_t hash = 0;
    for (const auto &column : columns) hash = detail::MixDouble(hash, column[row]);
    return hash;
  };
  std::vector<uint32_t> example;
  of_row.resize(rows);
  const bool alike = detail::EqualNumbering().NumberUnlessApart(
      rows, 2, hash_row, [&](uint32_t number) { return hash_row(example[number]); },
      [&](size_t row, uint32_t number) {
        return std::ranges::all_of(columns,
                                   [&](const auto &c) { return c[row] == c[example[number]]; });
      },
      [](uint32_t) {},
      [&](size_t row, uint32_t number) {
        of_row[row] = number;
        if (number == example.size()) example.push_back(static_cast<uint32_t>(row));
      });
  if (!alike) {
    *this = EachRow(of_transaction, of_dropout, rows);
    return;
  }
  std::vector<uint32_t> order(example.size()), next(example.size());
  std::iota(order.begin(), order.end(), uint32_t{0});
  {
    // Last column first: a stable sort keeps what the ones before it did.
    std::vector<double> keys(order.size()), sorted(order.size());
    for (size_t c = columns.size(); c-- > 0;) {
      for (size_t i = 0; i < order.size(); ++i) keys[i] = columns[c][example[order[i]]] + 0.0;
      SortPairs<double>(keys, order, sorted, next);
      order.swap(next);
    }
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    std::vector<double> values;
    values.reserve(order.size());
    for (const uint32_t number : order) values.push_back(columns[c][example[number]]);
    (c < of_transaction.size() ? transaction : dropout).emplace_back(std::move(values));
  }
  std::vector<uint32_t> &rank = next;
  for (uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (uint32_t &pattern : of_row) pattern = rank[pattern];
}

inline CovariatePatterns CovariatePatterns::EachRow(std::span<const Covariate> of_transaction,
                                                    std::span<const Covariate> of_dropout,
                                                    size_t rows) {
  CovariatePatterns patterns;
  patterns.each_row = true;
  patterns.of_row.resize(rows);
  std::iota(patterns.of_row.begin(), patterns.of_row.end(), uint32_t{0});
  for (const Covariate &c : of_transaction) patterns.transaction.emplace_back(c.values);
  for (const Covariate &c : of_dropout) patterns.dropout.emplace_back(c.values);
  return patterns;
}

inline CovariateRows CovariatePatterns::At(std::span<const uint32_t> grouped) const {
  CovariateRows rows{{}, {}, grouped};
  for (const PatternValues &column : transaction) rows.transaction.push_back(column.values());
  for (const PatternValues &column : dropout) rows.dropout.push_back(column.values());
  return rows;
}

inline Eigen::VectorXd TypicalSteps(const Layout &layout, const CovariateRows &covariates) {
  Eigen::VectorXd steps = Eigen::VectorXd::Ones(layout.free_size());
  size_t q = layout.full_size();
  // A tied coefficient takes the step of the covariate of purchases.
  for (const Process process : {Process::kDropout, Process::kTransaction}) {
    const auto &columns = detail::ColumnsOf(covariates, process);
    for (size_t j = columns.size(); j-- > 0;) {
      const detail::Moments moments = detail::MomentsOf(columns[j]);
      const double size = moments.spread > 0 ? moments.spread : std::abs(moments.mean);
      if (size > 0 && std::isfinite(1 / size)) steps[layout.free_of(q - 1)] = 1 / size;
      --q;
    }
  }
  return steps;
}

inline absl::Status CheckDetermined(const Layout &layout, const CovariateRows &covariates) {
  // Share of its variance that a covariate must have for itself: below, the error of its
  // coefficient is a million times what it would be alone.
  constexpr double kOwnVariance = 1e-12;
  const auto own = static_cast<Eigen::Index>(layout.parameter_count());
  const Eigen::MatrixXd products = detail::ProductsOf(layout, covariates);
  std::vector<Eigen::Index> kept;  // Coefficients told from those before them.
  for (Eigen::Index i = 0; i < products.rows(); ++i) {
    if (layout.Penalised(own + i)) continue;
    const bool of_dropout = layout.names()[static_cast<size_t>(own + i)].starts_with("dropout.");
    const std::string name = absl::StrCat(of_dropout ? "dropout." : "transaction.",
                                          Text(detail::CovariateName(layout, own + i)));
    if (products(i, i) == 0) {
      return InvalidOption(name, "the same in all rows", "a covariate that varies");
    }
    const Eigen::VectorXd with = products(kept, i);
    Eigen::VectorXd shares(with.size());
    if (!kept.empty()) shares = products(kept, kept).ldlt().solve(with);
    if (1 - with.dot(shares) > kOwnVariance) {
      kept.push_back(i);
      continue;
    }
    std::string others;
    for (size_t k = 0; k < kept.size(); ++k) {
      if (std::abs(shares[static_cast<Eigen::Index>(k)]) < 1e-6) continue;
      absl::StrAppend(&others, others.empty() ? "" : ", ",
                      Text(detail::CovariateName(layout, own + kept[k])));
    }
    return InvalidOption(name, absl::StrCat("follows from ", others),
                         "covariates that do not follow from each other");
  }
  return absl::OkStatus();
}

}  // namespace patron::clv

#endif  // PATRON_CLV_COVARIATES_HPP_
