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
#include "patron/clv/block_sums.hpp"
#include "patron/clv/layout.hpp"

namespace patron::clv {

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
// equal covariate pattern should stand together: the chain rule then runs once for each long run.
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

// The log-likelihood of all rows at `point`, in the free parameters of `layout`, with the penalty
// taken off. Derivatives are left empty unless asked for.
//
// The result is the same bits for any executor. Shards of a data set, evaluated with the same
// layout, add up to the whole: the penalty is per unit of weight. Errors: Cancelled. Cost: the
// kernel's, plus O(P^2) a row and O(covariates^2) a run of rows of equal pattern; scratch of 64
// evaluations, and of a block of rows a thread.
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

}  // namespace detail

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
  const auto prepared = likelihood.Prepare(std::span<const double, P>(full.data(), P));

  const size_t tasks = detail::EvaluationTasks(rows);
  const Eigen::Index size = derivatives ? point.size() : 0;
  std::vector<Evaluation> parts(tasks, Evaluation(size));
  ParallelFor(execution, tasks, [&](size_t task) {
    Evaluation &part = parts[task];
    BlockResult<P> result{};
    detail::BlockSums<P> sums(layout, links);
    detail::ForEachBlock<P>(
        layout, links, covariates, full, PartOf(rows, tasks, task),
        [&](Range block, const BlockParameters<P> &parameters, const detail::CovariateBlock *own) {
          const double *w = weights.empty() ? nullptr : weights.data() + block.begin;
          prepared.Evaluate(block, parameters, derivatives, result);
          part.weight += w == nullptr ? static_cast<double>(block.size())
                                      : detail::WeightedSum(nullptr, w, block.size());
          sums.Add(result, block.size(), w, derivatives, own, part);
        });
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
  const auto prepared = likelihood.Prepare(std::span<const double, P>(full.data(), P));
  std::vector<double> values(rows);
  const size_t tasks = detail::EvaluationTasks(rows);
  ParallelFor(execution, tasks, [&](size_t task) {
    BlockResult<P> result{};
    detail::ForEachBlock<P>(
        layout, links, covariates, full, PartOf(rows, tasks, task),
        [&](Range block, const BlockParameters<P> &parameters, const detail::CovariateBlock *) {
          prepared.Evaluate(block, parameters, false, result);
          std::copy_n(result.value, block.size(),
                      values.begin() + static_cast<ptrdiff_t>(block.begin));
        });
  });
  PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows, rows));
  return values;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_EVALUATION_HPP_
