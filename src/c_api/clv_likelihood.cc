#include "c_api/clv_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c_api/clv_kernels.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/pareto_nbd.hpp"
#include "patron/clv/retention.hpp"

namespace patron::c_api {
namespace {

template <clv::FittableLikelihood T>
class Bound final : public ClvLikelihood {
 public:
  // With `coarse`, the same over coarse data, starts are searched there.
  Bound(T likelihood, clv::CovariateRows covariates, std::optional<T> coarse = std::nullopt)
      : likelihood_(std::move(likelihood)), covariates_(covariates), coarse_(std::move(coarse)) {}

  size_t rows() const override { return likelihood_.rows(); }
  clv::ModelShape Shape() const override { return clv::ShapeOf(likelihood_); }
  clv::FoundStarts Starts() const override {
    std::vector<Eigen::VectorXd> starts;
    for (const auto &start : likelihood_.Starts()) {
      starts.emplace_back(Eigen::Map<const Eigen::VectorXd>(start.data(), start.size()));
    }
    const absl::StatusOr<clv::Layout> plain = clv::Layout::Make(T::kNames);
    if (!coarse_.has_value() || !plain.ok()) return {std::move(starts)};
    const auto objective = [&](const Eigen::VectorXd &point) {
      return clv::Evaluate(*coarse_, *plain, {}, point);
    };
    return clv::SearchStarts(objective, *plain, Shape(), std::move(starts));
  }
  absl::StatusOr<clv::Evaluation> Evaluate(const clv::Layout &layout, const Eigen::VectorXd &point,
                                           bool derivatives,
                                           const Execution &execution) const override {
    return clv::Evaluate(likelihood_, layout, covariates_, point, derivatives, execution);
  }

 private:
  T likelihood_;
  clv::CovariateRows covariates_;
  std::optional<T> coarse_;
};

using Result = absl::StatusOr<std::unique_ptr<ClvLikelihood>>;

template <typename T>
Result BoundTo(absl::StatusOr<T> likelihood, clv::CovariateRows covariates = {}) {
  if (!likelihood.ok()) return likelihood.status();
  return std::make_unique<Bound<T>>(*std::move(likelihood), covariates);
}

// `make(history)` makes the likelihood; `coarse` may be null.
template <typename Make>
Result BoundWide(const clv::GroupedHistory &history, const clv::GroupedHistory *coarse,
                 const Make &make) {
  auto likelihood = make(history);
  if (!likelihood.ok()) return likelihood.status();
  using Wide = WideLikelihood<typename decltype(likelihood)::value_type>;
  std::optional<Wide> searched;
  if (coarse != nullptr) {
    auto small = make(*coarse);
    if (!small.ok()) return small.status();
    searched.emplace(*std::move(small));
  }
  return std::make_unique<Bound<Wide>>(Wide(*std::move(likelihood)), history.covariates(),
                                       std::move(searched));
}

// One over the spread of a covariate, or over its size if it does not vary.
double UnitOf(std::span<const double> values) {
  double mean = 0, square = 0, count = 0;
  for (const double v : values) {
    count += 1;
    const double off = v - mean;
    mean += off / count;
    square += off * (v - mean);
  }
  const double spread = std::sqrt(square / count);
  const double size = spread > 1e-9 * std::abs(mean) ? spread : std::abs(mean);
  return size > 0 && std::isfinite(size) ? 1 / size : 1;
}

Eigen::VectorXd UnitsOf(const clv::Layout &layout, const ClvColumns &columns) {
  Eigen::VectorXd unit = Eigen::VectorXd::Ones(layout.free_size());
  size_t q = layout.full_size();
  // A tied coefficient takes the unit of the covariate of purchases.
  for (const auto *process : {&columns.dropout, &columns.transaction}) {
    for (size_t i = process->size(); i-- > 0;) {
      unit[layout.free_of(--q)] = UnitOf((*process)[i].values());
    }
  }
  return unit;
}

// Purchases until an unseen end, in continuous time.
class HistoryData final : public ClvFitData {
 public:
  static absl::StatusOr<std::unique_ptr<ClvFitData>> Make(const ClvColumns &columns,
                                                          const ClvTerms &terms,
                                                          const clv::Layout &layout) {
    const std::vector<clv::Covariate> transaction =
        columns.CovariatesOf(terms.transaction, columns.transaction);
    const std::vector<clv::Covariate> dropout =
        columns.CovariatesOf(terms.dropout, columns.dropout);
    PATRON_ASSIGN_OR_RETURN(clv::GroupedHistory history,
                            clv::Group({.frequency = columns.frequency.values(),
                                        .recency = columns.recency.values(),
                                        .T = columns.age.values(),
                                        .weights = columns.weight.values(),
                                        .log_intervals = columns.log_intervals.values(),
                                        .transaction = transaction,
                                        .dropout = dropout}));
    auto data = std::make_unique<HistoryData>();
    data->kind_ = terms.kind;
    data->history_ = std::move(history);
    if (data->history_.size() >= clv::kCoarseFrom) {
      data->coarse_ = clv::Coarsen(data->history_, terms.kind == PATRON_CLV_GGOMPERTZ_NBD
                                                       ? clv::Coarseness{8, 8}
                                                       : clv::Coarseness{});
    }
    data->unit_ = UnitsOf(layout, columns);
    return data;
  }

  Result Bind(int regularity) const override {
    const clv::GroupedHistory *coarse = coarse_.has_value() ? &*coarse_ : nullptr;
    if (kind_ == PATRON_CLV_PARETO_NBD) {
      return BoundWide(history_, coarse, clv::ParetoNbdLikelihood::Make);
    }
    if (kind_ == PATRON_CLV_GGOMPERTZ_NBD) {
      return BoundWide(history_, coarse, clv::GGompertzNbdLikelihood::Make);
    }
    const bool at_zero = kind_ == PATRON_CLV_MBG_NBD || kind_ == PATRON_CLV_MBG_CNBD;
    const clv::BetaGeometricModel model{.dropout_at_zero = at_zero, .regularity = regularity};
    return BoundWide(history_, coarse, [&](const clv::GroupedHistory &history) {
      return clv::BetaGeometricLikelihood::Make(history, model);
    });
  }

  absl::StatusOr<double> NullLogLikelihood(const Execution &execution) const override {
    // Rows that differ in their recency alone stand together. So do those whose T differ by less
    // than a 4096th of its range: at their mean that changes the log-likelihood by less than 1e-8 of
    // the weight, far below what a fit is compared by.
    const auto [shortest, longest] = std::ranges::minmax(history_.T);
    const double cells = longest > shortest ? 4096 / (longest - shortest) : 0;
    std::vector<double> counts, ages, weights;
    double first = 0;
    for (size_t i = 0; i < history_.size(); ++i) {
      const double T = history_.T[i], weight = history_.weight[i];
      const auto cell = [&](double t) { return std::floor((t - shortest) * cells); };
      if (i == 0 || history_.frequency[i] != counts.back() || cell(T) != cell(first)) {
        counts.push_back(history_.frequency[i]);
        ages.push_back(first = T);
        weights.push_back(0);
      }
      weights.back() += weight;
      ages.back() += (T - ages.back()) * (weight / weights.back());
    }
    PATRON_ASSIGN_OR_RETURN(const auto null, clv::NbdLikelihood::Make(counts, ages, weights));
    PATRON_ASSIGN_OR_RETURN(const clv::Layout layout,
                            clv::Layout::Make(clv::NbdLikelihood::kNames));
    PATRON_ASSIGN_OR_RETURN(const clv::Fit fit, clv::FitModel(null, layout, {}, {}, execution));
    return fit.log_likelihood;
  }

 private:
  int32_t kind_ = 0;
  clv::GroupedHistory history_;
  std::optional<clv::GroupedHistory> coarse_;  // Where it is worth a search for starts.
};

// Kinds whose likelihood groups the rows itself.
class OwnRowsData final : public ClvFitData {
 public:
  OwnRowsData(ClvColumns columns, int32_t kind, const clv::Layout &layout)
      : columns_(std::move(columns)), kind_(kind) {
    unit_ = Eigen::VectorXd::Ones(layout.free_size());
  }

  Result Bind(int /*regularity*/) const override {
    const ClvColumns &c = columns_;
    const auto weights = c.weight.values();
    switch (kind_) {
      case PATRON_CLV_NBD:
        return BoundTo(clv::NbdLikelihood::Make(c.frequency.values(), c.age.values(), weights));
      case PATRON_CLV_BG_BB:
        return BoundTo(clv::BgbbLikelihood::Make(c.frequency.values(), c.recency.values(),
                                                 c.age.values(), weights));
      case PATRON_CLV_SBG: return BoundTo(clv::SbgLikelihood::Make(Contracts()));
      case PATRON_CLV_BETA_DISCRETE_WEIBULL:
        return BoundTo(clv::BetaDiscreteWeibullLikelihood::Make(Contracts()));
      default: return BindSpend();
    }
  }

  absl::StatusOr<double> NullLogLikelihood(const Execution & /*execution*/) const override {
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  clv::ContractHistory Contracts() const {
    return {columns_.age.values(), columns_.churned, columns_.weight.values(),
            columns_.survived_before.values()};
  }

  Result BindSpend() const {
    std::vector<double> counts, spends, weights;
    for (size_t row = 0; row < columns_.rows; ++row) {
      if (columns_.frequency[row] == 0) continue;
      counts.push_back(columns_.frequency[row]);
      spends.push_back(columns_.monetary_value[row]);
      if (!columns_.weight.empty()) weights.push_back(columns_.weight[row]);
    }
    if (counts.empty()) {
      return absl::InvalidArgumentError("frequency: 0 in all rows; expected repeat purchases");
    }
    return BoundTo(clv::GammaGammaLikelihood::Make(counts, spends, weights));
  }

  ClvColumns columns_;
  int32_t kind_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ClvFitData>> ReadFitData(const arrow::Table &table,
                                                        const ClvNames &names,
                                                        const ClvTerms &terms,
                                                        const clv::Layout &layout,
                                                        const Execution &execution) {
  const ClvKind &kind = KindOf(terms.kind);
  PATRON_ASSIGN_OR_RETURN(
      ClvColumns columns,
      ReadClvColumns(table, names, terms,
                     {.weights = true,
                      .log_intervals = kind.takes_regularity && terms.regularity != 1,
                      .survived_before = true},
                     execution));
  if (kind.takes_regularity && terms.regularity != 1 && names.log_intervals.empty()) {
    return InvalidOption("log_intervals", "NULL",
                         "a column, because the regularity is not known to be 1");
  }
  if (columns.rows == 0) return InvalidOption("table", "0 rows", "at least 1");
  PATRON_RETURN_IF_ERROR(CheckClvRows(columns, names, terms));
  PATRON_RETURN_IF_ERROR(clv::CheckPositive(names.weight, columns.weight.values()));
  // Rows that are left out count in the messages, so this comes before.
  if (kind.is_spend()) PATRON_RETURN_IF_ERROR(CheckSpend(columns, names));
  if (kind.takes_covariates) {
    auto data = HistoryData::Make(columns, terms, layout);
    if (!data.ok()) return InClvWords(names, terms, data.status());
    return data;
  }
  return std::make_unique<OwnRowsData>(std::move(columns), terms.kind, layout);
}

}  // namespace patron::c_api
