// Log-likelihood with gradient and Hessian of any model of this module, summed over its rows.
//
// A model is written once, as a kernel for a block of rows in the logarithms of its own
// parameters; weights, covariates, equality constraints, penalties, threads and shards are added
// here, the same way for all.
#ifndef PATRON_CLV_EVALUATION_HPP_
#define PATRON_CLV_EVALUATION_HPP_

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/clv/layout.hpp"

namespace patron::clv {

// A log-likelihood, or a part of one over some of the rows, at one point. Parts over different
// rows at the same point add up to the whole, on one machine or many.
struct Evaluation {
  double value = 0;
  Eigen::VectorXd gradient;  // Empty if not asked for, as is the Hessian.
  Eigen::MatrixXd hessian;   // Symmetric, all of it filled.
  double weight = 0;         // Sum of the weights of the rows.

  Evaluation() = default;
  explicit Evaluation(Eigen::Index size)
      : gradient(Eigen::VectorXd::Zero(size)), hessian(Eigen::MatrixXd::Zero(size, size)) {}

  // Adds a part over other rows, evaluated at the same point with the same layout.
  void Add(const Evaluation &part);

  // Whether value, gradient and Hessian hold neither NaN nor infinity.
  bool IsFinite() const;
};

// Rows that a kernel is given at once. Its buffers stay in the first cache.
inline constexpr size_t kBlockRows = 128;

// Place of the second derivative by parameters i and j <= i in a packed lower triangle.
constexpr size_t Packed(size_t i, size_t j) { return i * (i + 1) / 2 + j; }

// Log parameters of the rows of a block: eta[k][i] for parameter k and the i-th row of the block.
// Always filled for the rows of the block, not beyond.
template <size_t kParameters>
struct BlockParameters {
  alignas(64) double eta[kParameters][kBlockRows];
  // False: eta[k] is the same for all rows, that of Prepare. True: covariates move it row by row.
  std::array<bool, kParameters> varies{};

  bool uniform() const {
    return std::ranges::none_of(varies, [](bool v) { return v; });
  }
};

// What a kernel writes: natural log-likelihood of each row of the block, without its weight, and
// its derivatives by eta[0], eta[1], ... of that row.
template <size_t kParameters>
struct BlockResult {
  alignas(64) double value[kBlockRows];
  alignas(64) double gradient[kParameters][kBlockRows];
  alignas(64) double hessian[Packed(kParameters, 0)][kBlockRows];  // By Packed(i, j).
};

// Data and model together, ready to be evaluated. What a model must provide:
//
//   static constexpr size_t kParameters;                 // At most 5.
//   static constexpr std::array<std::string_view, kParameters> kNames;  // As in the literature.
//   static constexpr std::array<CovariateLink, kParameters> kLinks;     // Which covariates move
//                                                        // each log parameter, and its sign.
//   size_t rows() const;                                 // Of grouped data.
//   std::span<const double> weights() const;             // A row each, positive; empty means 1.
//   std::array<double, kParameters> LogScale() const;    // Natural size of each log parameter in
//                                                        // the units of the data: 0 for a pure
//                                                        // number, ln(typical T) for a time.
//   <any> Prepare(std::span<const double, kParameters> eta) const;
//
// Prepare is called once for each point, on the calling thread, with the log parameters before
// covariates: the place to fill tables by distinct count. What it returns (it may borrow from
// the likelihood) is then read by many threads at once through
//
//   void Evaluate(Range rows, const BlockParameters<kParameters> &parameters, bool derivatives,
//                 BlockResult<kParameters> &result) const;
//
// with at most kBlockRows rows, in which row i of the block is row rows.begin + i of the data.
// With `derivatives` false only result.value is read. It neither throws nor allocates. Rows of
// equal covariate pattern should stand together: the chain rule then runs once for each run.
//
// Values must be finite for every eta within 15 of LogScale; outside, where covariates can lead,
// they may be NaN or -inf, which makes the optimiser step back.
template <typename T>
concept Likelihood = requires(const T &likelihood, std::span<const double, T::kParameters> eta,
                              const BlockParameters<T::kParameters> &parameters,
                              BlockResult<T::kParameters> &result) {
  requires T::kParameters <= 5;
  { T::kNames[0] } -> std::convertible_to<std::string_view>;
  { T::kLinks[0] } -> std::convertible_to<CovariateLink>;
  { likelihood.rows() } -> std::convertible_to<size_t>;
  { likelihood.weights() } -> std::convertible_to<std::span<const double>>;
  { likelihood.LogScale() } -> std::convertible_to<std::array<double, T::kParameters>>;
  likelihood.Prepare(eta).Evaluate(Range{}, parameters, true, result);
};

// Covariates by row of grouped data. Rows point to a pattern; a pattern holds one value of each
// covariate of each process, pattern by pattern: value j of pattern i stands at i * count + j.
// Without covariates all is empty. What it points to is borrowed.
struct CovariateRows {
  std::span<const double> transaction;
  std::span<const double> dropout;
  std::span<const uint32_t> pattern;  // Of each row.
};

// The log-likelihood of all rows at `point`, in the free parameters of `layout`, with the penalty
// taken off. Derivatives are left empty unless asked for.
//
// The result is the same bits for any executor. Shards of a data set, evaluated with the same
// layout, add up to the whole: the penalty is per unit of weight. Errors: Cancelled. Cost: the
// kernel's, plus O(P^2) a row and O(covariates^2) a run of rows of equal pattern; scratch of 64
// evaluations at most.
template <Likelihood T>
absl::StatusOr<Evaluation> Evaluate(const T &likelihood, const Layout &layout,
                                    const CovariateRows &covariates, const Eigen::VectorXd &point,
                                    bool derivatives = true, const Execution &execution = {});

// The log-likelihood of each row at `point`, without its weight and without penalty. Errors:
// Cancelled. Cost: the kernel's.
template <Likelihood T>
absl::StatusOr<std::vector<double>> EvaluateRows(const T &likelihood, const Layout &layout,
                                                 const CovariateRows &covariates,
                                                 const Eigen::VectorXd &point,
                                                 const Execution &execution = {});

namespace detail {

// Tasks depend on the number of rows alone, so that sums are formed in one order only.
inline size_t EvaluationTasks(size_t rows) {
  return std::clamp<size_t>(rows / (8 * kBlockRows), 1, 64);
}

// Sums of w * v over a block, in four lanes.
inline double WeightedSum(const double *weights, const double *values, size_t count) {
  double lanes[4] = {};
  size_t i = 0;
  if (weights == nullptr) {
    for (; i + 4 <= count; i += 4) {
      for (size_t k = 0; k < 4; ++k) lanes[k] += values[i + k];
    }
    for (; i < count; ++i) lanes[0] += values[i];
  } else {
    for (; i + 4 <= count; i += 4) {
      for (size_t k = 0; k < 4; ++k) lanes[k] += weights[i + k] * values[i + k];
    }
    for (; i < count; ++i) lanes[0] += weights[i] * values[i];
  }
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

// Weighted sums of a run of rows that share their covariates, then the chain rule for the run.
template <size_t P>
class RunSums {
 public:
  RunSums(const Layout &layout, std::span<const CovariateLink, P> links)
      : layout_(layout), links_(links) {}

  // Adds rows [begin, end) of a block to `part`; `weights` is that of the block or null.
  void Add(const BlockResult<P> &block, const double *weights, size_t begin, size_t end,
           bool derivatives, const double *transaction, const double *dropout, Evaluation &part) {
    const double *w = weights == nullptr ? nullptr : weights + begin;
    const size_t count = end - begin;
    part.value += WeightedSum(w, block.value + begin, count);
    if (!derivatives) return;
    // Log parameters first, then the two processes: a process moves those it is linked to.
    constexpr size_t N = P + 2;
    double g[N] = {}, h[N][N] = {};
    for (size_t i = 0; i < P; ++i) {
      g[i] = WeightedSum(w, block.gradient[i] + begin, count);
      for (size_t j = 0; j <= i; ++j) {
        h[i][j] = h[j][i] = WeightedSum(w, block.hessian[Packed(i, j)] + begin, count);
      }
    }
    if (!layout_.has_covariates()) {
      for (size_t i = 0; i < P; ++i) {
        part.gradient[Index(i)] += g[i];
        for (size_t j = 0; j < P; ++j) part.hessian(Index(i), Index(j)) += h[i][j];
      }
      return;
    }
    for (size_t k = 0; k < P; ++k) {
      if (links_[k].process == Process::kNone) continue;
      const size_t row = ProcessRow(links_[k].process);
      g[row] += links_[k].sign * g[k];
      for (size_t j = 0; j < P; ++j) h[row][j] += links_[k].sign * h[k][j];
    }
    for (size_t row = P; row < N; ++row) {
      for (size_t k = 0; k < P; ++k) {
        if (links_[k].process == Process::kNone) continue;
        h[row][ProcessRow(links_[k].process)] += links_[k].sign * h[row][k];
      }
    }
    // Full parameter q moves row source[q] of g and h by factor[q].
    const size_t full = layout_.full_size();
    const auto source = [&](size_t q) {
      return q < P ? q : q < P + layout_.transaction_count() ? P : P + 1;
    };
    const auto factor = [&](size_t q) {
      if (q < P) return 1.0;
      const size_t t = layout_.transaction_count();
      return q < P + t ? transaction[q - P] : dropout[q - P - t];
    };
    for (size_t q = 0; q < full; ++q) {
      const double fq = factor(q);
      const size_t sq = source(q);
      const Eigen::Index free_q = layout_.free_of(q);
      part.gradient[free_q] += fq * g[sq];
      for (size_t s = 0; s < full; ++s) {
        const size_t ss = source(s);
        const double entry = sq < ss ? h[ss][sq] : h[sq][ss];
        part.hessian(free_q, layout_.free_of(s)) += fq * factor(s) * entry;
      }
    }
  }

 private:
  static Eigen::Index Index(size_t i) { return static_cast<Eigen::Index>(i); }
  static size_t ProcessRow(Process process) { return process == Process::kTransaction ? P : P + 1; }

  const Layout &layout_;
  std::span<const CovariateLink, P> links_;
};

// Fills the log parameters of a block: base values, and what covariates add.
template <size_t P>
void FillParameters(const Layout &layout, std::span<const CovariateLink, P> links,
                    const CovariateRows &covariates, std::span<const double> coefficients,
                    std::span<const double, P> eta, Range rows, BlockParameters<P> &block) {
  const size_t t = layout.transaction_count();
  const size_t d = layout.dropout_count();
  double shift[2] = {0, 0};
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.begin + i;
    const uint32_t pattern = covariates.pattern[row];
    if (i == 0 || pattern != covariates.pattern[row - 1]) {
      shift[0] = shift[1] = 0;
      for (size_t j = 0; j < t; ++j) {
        shift[0] += coefficients[j] * covariates.transaction[pattern * t + j];
      }
      for (size_t j = 0; j < d; ++j) {
        shift[1] += coefficients[t + j] * covariates.dropout[pattern * d + j];
      }
    }
    for (size_t k = 0; k < P; ++k) {
      if (links[k].process == Process::kNone) continue;
      const double s = shift[links[k].process == Process::kTransaction ? 0 : 1];
      block.eta[k][i] = eta[k] + links[k].sign * s;
    }
  }
}

}  // namespace detail

inline void Evaluation::Add(const Evaluation &part) {
  value += part.value;
  weight += part.weight;
  if (part.gradient.size() == 0) return;
  if (gradient.size() == 0) {
    gradient = part.gradient;
    hessian = part.hessian;
  } else {
    gradient += part.gradient;
    hessian += part.hessian;
  }
}

inline bool Evaluation::IsFinite() const {
  return std::isfinite(value) && gradient.allFinite() && hessian.allFinite();
}

template <Likelihood T>
inline absl::StatusOr<Evaluation> Evaluate(const T &likelihood, const Layout &layout,
                                           const CovariateRows &covariates,
                                           const Eigen::VectorXd &point, bool derivatives,
                                           const Execution &execution) {
  constexpr size_t P = T::kParameters;
  const size_t rows = likelihood.rows();
  const std::span<const double> weights = likelihood.weights();
  const std::span<const CovariateLink, P> links(T::kLinks);
  const std::vector<double> full = layout.Expand(point);
  const std::span<const double, P> eta(full.data(), P);
  const std::span<const double> coefficients = std::span(full).subspan(P);
  const auto prepared = likelihood.Prepare(eta);

  const size_t tasks = detail::EvaluationTasks(rows);
  const Eigen::Index size = derivatives ? point.size() : 0;
  std::vector<Evaluation> parts(tasks, Evaluation(size));
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range range = PartOf(rows, tasks, task);
    Evaluation &part = parts[task];
    BlockParameters<P> parameters;
    BlockResult<P> result{};
    for (size_t k = 0; k < P; ++k) {
      std::fill_n(parameters.eta[k], kBlockRows, eta[k]);
      parameters.varies[k] = layout.Moves(links[k]);
    }
    detail::RunSums<P> sums(layout, links);
    for (size_t begin = range.begin; begin < range.end; begin += kBlockRows) {
      const Range block{begin, std::min(begin + kBlockRows, range.end)};
      const double *w = weights.empty() ? nullptr : weights.data() + begin;
      if (layout.has_covariates()) {
        detail::FillParameters<P>(layout, links, covariates, coefficients, eta, block, parameters);
      }
      prepared.Evaluate(block, parameters, derivatives, result);
      part.weight += w == nullptr ? static_cast<double>(block.size())
                                  : detail::WeightedSum(nullptr, w, block.size());
      for (size_t i = 0; i < block.size();) {
        size_t end = block.size();
        const double *transaction = nullptr, *dropout = nullptr;
        if (layout.has_covariates()) {
          const uint32_t *pattern = covariates.pattern.data() + begin;
          end = i + 1;
          while (end < block.size() && pattern[end] == pattern[i]) ++end;
          transaction = covariates.transaction.data() + pattern[i] * layout.transaction_count();
          dropout = covariates.dropout.data() + pattern[i] * layout.dropout_count();
        }
        sums.Add(result, w, i, end, derivatives, transaction, dropout, part);
        i = end;
      }
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows, rows));
  Evaluation total = std::move(parts[0]);
  for (size_t task = 1; task < tasks; ++task) total.Add(parts[task]);
  layout.Penalise(full, derivatives, total.weight, total.value, total.gradient, total.hessian);
  return total;
}

template <Likelihood T>
inline absl::StatusOr<std::vector<double>> EvaluateRows(const T &likelihood, const Layout &layout,
                                                        const CovariateRows &covariates,
                                                        const Eigen::VectorXd &point,
                                                        const Execution &execution) {
  constexpr size_t P = T::kParameters;
  const size_t rows = likelihood.rows();
  const std::span<const CovariateLink, P> links(T::kLinks);
  const std::vector<double> full = layout.Expand(point);
  const std::span<const double, P> eta(full.data(), P);
  const std::span<const double> coefficients = std::span(full).subspan(P);
  const auto prepared = likelihood.Prepare(eta);
  std::vector<double> values(rows);
  const size_t tasks = detail::EvaluationTasks(rows);
  ParallelFor(execution, tasks, [&](size_t task) {
    const Range range = PartOf(rows, tasks, task);
    BlockParameters<P> parameters;
    BlockResult<P> result{};
    for (size_t k = 0; k < P; ++k) {
      std::fill_n(parameters.eta[k], kBlockRows, eta[k]);
      parameters.varies[k] = layout.Moves(links[k]);
    }
    for (size_t begin = range.begin; begin < range.end; begin += kBlockRows) {
      const Range block{begin, std::min(begin + kBlockRows, range.end)};
      if (layout.has_covariates()) {
        detail::FillParameters<P>(layout, links, covariates, coefficients, eta, block, parameters);
      }
      prepared.Evaluate(block, parameters, false, result);
      std::copy_n(result.value, block.size(), values.begin() + static_cast<ptrdiff_t>(begin));
    }
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows, rows));
  return values;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_EVALUATION_HPP_
