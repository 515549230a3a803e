// A search for where a fit should start, over data made coarse: a hundredth of the rows, near the
// same optimum.
#ifndef PATRON_CLV_COARSE_HPP_
#define PATRON_CLV_COARSE_HPP_

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"

namespace patron::clv {

// How many cells the times are put into: those of T over their range, recencies as shares of T.
// Customers with many purchases are few and get a quarter of each.
struct Coarseness {
  size_t ages = 12;
  size_t recencies = 16;
};

// Rows of the same frequency and of near times merged into one at their mean times; covariates
// are left out. What a model sees differs in second order of the size of a cell. Cost: one pass.
GroupedHistory Coarsen(const GroupedHistory &history, const Coarseness &coarseness = {});

// Rows from which a coarse search pays.
inline constexpr size_t kCoarseFrom = 4000;

// Where to start, and whether a fit that converges from the first point needs no other.
struct FoundStarts {
  std::vector<Eigen::VectorXd> points;
  bool first_suffices = false;
};

// The optimum of `coarse`, an objective over coarse data, before `starts`. It suffices if it is an
// interior one, or if Gompertz collapsed: the others were tried on the coarse data. Both are in
// the log parameters alone.
FoundStarts SearchStarts(Objective coarse, const Layout &layout, const ModelShape &shape,
                         std::vector<Eigen::VectorXd> starts);

inline GroupedHistory Coarsen(const GroupedHistory &history, const Coarseness &coarseness) {
  constexpr size_t kFine = 8;  // Counts with cells of full number.
  constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  const size_t fine_cells = coarseness.ages * coarseness.recencies;
  const size_t ages = std::max<size_t>(1, coarseness.ages / 4);
  const size_t recencies = std::max<size_t>(1, coarseness.recencies / 4);
  const auto [shortest, longest] = std::ranges::minmax(history.T);
  const double range = longest > shortest ? longest - shortest : 1;
  const size_t counts = history.counts.size();
  std::vector<uint32_t> place(std::min(counts, kFine) * fine_cells +
                                  (counts > kFine ? (counts - kFine) * ages * recencies : 0),
                              kNone);

  GroupedHistory coarse;
  coarse.counts = history.counts;
  coarse.log_intervals = history.log_intervals;
  coarse.has_log_intervals = history.has_log_intervals;
  coarse.customers = history.customers;
  coarse.mean_frequency = history.mean_frequency;
  coarse.mean_T = history.mean_T;
  const auto cell_of = [](double share, size_t cells) {
    return std::min(static_cast<size_t>(share * static_cast<double>(cells)), cells - 1);
  };
  for (size_t i = 0; i < history.size(); ++i) {
    const size_t code = history.count_of[i];
    const bool fine = code < kFine;
    const double T = history.T[i], recency = history.recency[i], weight = history.weight[i];
    const size_t age = cell_of((T - shortest) / range, fine ? coarseness.ages : ages);
    const size_t since = cell_of(T > 0 ? recency / T : 0, fine ? coarseness.recencies : recencies);
    const size_t cell =
        fine ? code * fine_cells + age * coarseness.recencies + since
             : kFine * fine_cells + ((code - kFine) * ages + age) * recencies + since;
    uint32_t &row = place[cell];
    if (row == kNone) {
      row = static_cast<uint32_t>(coarse.size());
      coarse.count_of.push_back(history.count_of[i]);
      coarse.recency.push_back(0);
      coarse.T.push_back(0);
      coarse.weight.push_back(0);
    }
    coarse.recency[row] += weight * recency;
    coarse.T[row] += weight * T;
    coarse.weight[row] += weight;
  }
  for (size_t i = 0; i < coarse.size(); ++i) {
    coarse.T[i] /= coarse.weight[i];
    coarse.recency[i] = std::min(coarse.recency[i] / coarse.weight[i], coarse.T[i]);
  }
  return coarse;
}

inline FoundStarts SearchStarts(Objective coarse, const Layout &layout, const ModelShape &shape,
                                std::vector<Eigen::VectorXd> starts) {
  FitOptions options;
  options.newton.decrement = 1e-6;  // One step more is taken below it.
  const absl::StatusOr<Fit> fit = FitObjective(coarse, layout, shape, starts, options);
  if (!fit.ok()) return {std::move(starts), false};
  FoundStarts found{std::move(starts), false};
  found.first_suffices =
      std::ranges::all_of(fit->limits, [](Limit l) { return l == Limit::kCollapsedGompertz; });
  if (fit->interior() || found.first_suffices) {
    found.points.insert(found.points.begin(), fit->optimum.point);
  }
  return found;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_COARSE_HPP_
