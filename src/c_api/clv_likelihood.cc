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
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/equal_rows.hpp"
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
  // With `coarse`, the same over coarse data, starts are searched there. `sample` may be null.
  Bound(T likelihood, clv::CovariateRows covariates, std::optional<T> coarse = std::nullopt,
        std::unique_ptr<ClvLikelihood> sample = nullptr)
      : likelihood_(std::move(likelihood)),
        covariates_(covariates),
        coarse_(std::move(coarse)),
        sample_(std::move(sample)) {}

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
  const ClvLikelihood *Sample() const override { return sample_.get(); }
  absl::StatusOr<clv::Evaluation> Evaluate(const clv::Layout &layout, const Eigen::VectorXd &point,
                                           bool derivatives,
                                           const Execution &execution) const override {
    return clv::Evaluate(likelihood_, layout, covariates_, point, derivatives, execution);
  }
  absl::StatusOr<std::vector<double>> EvaluateRows(const clv::Layout &layout,
                                                   const Eigen::VectorXd &point,
                                                   const Execution &execution) const override {
    return clv::EvaluateRows(likelihood_, layout, covariates_, point, execution);
  }

 private:
  T likelihood_;
  clv::CovariateRows covariates_;
  std::optional<T> coarse_;
  std::unique_ptr<ClvLikelihood> sample_;
};

using Result = absl::StatusOr<std::unique_ptr<ClvLikelihood>>;

template <typename T>
Result BoundTo(absl::StatusOr<T> likelihood, clv::CovariateRows covariates = {}) {
  if (!likelihood.ok()) return likelihood.status();
  return std::make_unique<Bound<T>>(*std::move(likelihood), covariates);
}

// `make(history)` makes the likelihood; `coarse` and `sample` may be null.
template <typename Make>
Result BoundWide(const clv::GroupedHistory &history, const clv::GroupedHistory *coarse,
                 const clv::GroupedHistory *sample, const Make &make) {
  auto likelihood = make(history);
  if (!likelihood.ok()) return likelihood.status();
  using Wide = WideLikelihood<typename decltype(likelihood)::value_type>;
  std::optional<Wide> searched;
  if (coarse != nullptr) {
    auto small = make(*coarse);
    if (!small.ok()) return small.status();
    searched.emplace(*std::move(small));
  }
  std::unique_ptr<ClvLikelihood> part;
  if (sample != nullptr) {
    auto sampled = make(*sample);
    if (!sampled.ok()) return sampled.status();
    part = std::make_unique<Bound<Wide>>(Wide(*std::move(sampled)),
                                         history.patterns.At(sample->pattern));
  }
  return std::make_unique<Bound<Wide>>(Wide(*std::move(likelihood)), history.covariates(),
                                       std::move(searched), std::move(part));
}

// Every kSampleStep-th of many rows, of which those of like covariates stand together. Its patterns
// are those of the history.
constexpr size_t kSampleFrom = 200'000, kSampleStep = 16;
clv::GroupedHistory SampleOf(const clv::GroupedHistory &history) {
  clv::GroupedHistory sample;
  sample.counts = history.counts;
  sample.mean_frequency = history.mean_frequency;
  sample.mean_T = history.mean_T;
  for (size_t i = 0; i < history.size(); i += kSampleStep) {
    sample.recency.push_back(history.recency[i]);
    sample.T.push_back(history.T[i]);
    sample.weight.push_back(history.weight[i]);
    sample.count_of.push_back(history.count_of[i]);
    sample.pattern.push_back(history.pattern[i]);
    sample.customers += history.weight[i];
  }
  // The share of the sum that falls to the sample.
  sample.has_log_intervals = history.has_log_intervals;
  sample.log_intervals = history.log_intervals * (sample.customers / history.customers);
  return sample;
}

// Purchases until an unseen end, in continuous time.
class HistoryData final : public ClvFitData {
 public:
  static absl::StatusOr<std::unique_ptr<ClvFitData>> Make(ClvColumns columns, const ClvTerms &terms,
                                                          clv::Rows rows) {
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
                                        .dropout = dropout},
                                       rows));
    auto data = std::make_unique<HistoryData>();
    data->kind_ = terms.kind;
    data->history_ = std::move(history);
    for (auto *process : {&columns.transaction, &columns.dropout}) {
      data->covariates_.push_back(std::move(*process));
    }
    if (data->history_.size() >= clv::kCoarseFrom) {
      data->coarse_ = clv::Coarsen(data->history_, terms.kind == PATRON_CLV_GGOMPERTZ_NBD
                                                       ? clv::Coarseness{8, 8}
                                                       : clv::Coarseness{});
    }
    if (data->history_.size() >= kSampleFrom && !data->history_.pattern.empty()) {
      data->sample_ = SampleOf(data->history_);
    }
    return data;
  }

  Result Bind(int regularity) const override {
    const clv::GroupedHistory *coarse = coarse_.has_value() ? &*coarse_ : nullptr;
    const clv::GroupedHistory *sample = sample_.has_value() ? &*sample_ : nullptr;
    if (kind_ == PATRON_CLV_PARETO_NBD) {
      return BoundWide(history_, coarse, sample, clv::ParetoNbdLikelihood::Make);
    }
    if (kind_ == PATRON_CLV_GGOMPERTZ_NBD) {
      return BoundWide(history_, coarse, sample, clv::GGompertzNbdLikelihood::Make);
    }
    const bool at_zero = kind_ == PATRON_CLV_MBG_NBD || kind_ == PATRON_CLV_MBG_CNBD;
    const clv::BetaGeometricModel model{.dropout_at_zero = at_zero, .regularity = regularity};
    return BoundWide(history_, coarse, sample, [&](const clv::GroupedHistory &history) {
      return clv::BetaGeometricLikelihood::Make(history, model);
    });
  }

  clv::CovariateRows Covariates() const override { return history_.covariates(); }

  absl::StatusOr<double> NullLogLikelihood(const Execution &execution) const override {
    // Rows that differ in their recency and covariates alone are one. So are those whose T differ by
    // less than a 4096th of its range: at their mean that changes the log-likelihood by less than 1e-8
    // of the weight, far below what a fit is compared by.
    constexpr double kCells = 4096;
    const auto ends = std::ranges::minmax(history_.T);
    const double range = ends.max - ends.min;
    const double cells = range > 0 ? kCells / range : 0;
    const auto cell_of = [&](size_t i) {
      const double cell = std::min(std::floor((history_.T[i] - ends.min) * cells), kCells - 1);
      return (uint64_t{history_.count_of[i]} << 12) | static_cast<uint64_t>(cell);
    };
    std::vector<uint64_t> known;
    std::vector<double> counts, ages, weights;
    clv::detail::EqualNumbering().NumberAll(
        history_.size(), cell_of, [&](uint32_t number) { return known[number]; },
        [&](size_t i, uint32_t number) { return known[number] == cell_of(i); }, [](uint32_t) {},
        [&](size_t i, uint32_t number) {
          if (number == known.size()) {
            known.push_back(cell_of(i));
            counts.push_back(history_.frequency(i));
            ages.push_back(history_.T[i]);
            weights.push_back(0);
          }
          const double weight = history_.weight[i];
          weights[number] += weight;
          ages[number] += (history_.T[i] - ages[number]) * (weight / weights[number]);
        });
    PATRON_ASSIGN_OR_RETURN(const auto null, clv::NbdLikelihood::Make(counts, ages, weights));
    PATRON_ASSIGN_OR_RETURN(const clv::Layout layout,
                            clv::Layout::Make(clv::NbdLikelihood::kNames));
    PATRON_ASSIGN_OR_RETURN(const clv::Fit fit, clv::FitModel(null, layout, {}, {}, execution));
    return fit.log_likelihood;
  }

 private:
  int32_t kind_ = 0;
  std::vector<std::vector<Doubles>> covariates_;  // What the history may borrow.
  clv::GroupedHistory history_;
  std::optional<clv::GroupedHistory> coarse_, sample_;  // Where they are worth a search for starts.
};

// Kinds whose likelihood groups the rows itself.
class OwnRowsData final : public ClvFitData {
 public:
  OwnRowsData(ClvColumns columns, const ClvTerms &terms, clv::Rows rows)
      : columns_(std::move(columns)), kind_(terms.kind) {
    const auto transaction = columns_.CovariatesOf(terms.transaction, columns_.transaction);
    const auto dropout = columns_.CovariatesOf(terms.dropout, columns_.dropout);
    patterns_ = rows == clv::Rows::kApart
                    ? clv::CovariatePatterns::EachRow(transaction, dropout, columns_.rows)
                    : clv::CovariatePatterns(transaction, dropout, columns_.rows);
  }

  Result Bind(int /*regularity*/) const override {
    const ClvColumns &c = columns_;
    const auto weights = c.weight.values();
    switch (kind_) {
      case PATRON_CLV_NBD:
        return WithPatterns(clv::NbdLikelihood::Make(c.frequency.values(), c.age.values(), weights,
                                                     patterns_.of_row));
      case PATRON_CLV_BG_BB:
        return WithPatterns(clv::BgbbLikelihood::Make(c.frequency.values(), c.recency.values(),
                                                      c.age.values(), weights, patterns_.of_row));
      case PATRON_CLV_SBG: return WithPatterns(clv::SbgLikelihood::Make(Contracts()));
      case PATRON_CLV_BETA_DISCRETE_WEIBULL:
        return WithPatterns(clv::BetaDiscreteWeibullLikelihood::Make(Contracts()));
      default: return BindSpend();
    }
  }

  absl::StatusOr<double> NullLogLikelihood(const Execution & /*execution*/) const override {
    return kNaN;
  }

  clv::CovariateRows Covariates() const override { return patterns_.At({}); }

 private:
  template <typename T>
  Result WithPatterns(absl::StatusOr<T> likelihood) const {
    if (!likelihood.ok()) return likelihood.status();
    const clv::CovariateRows covariates = patterns_.At(likelihood->patterns());
    return std::make_unique<Bound<T>>(*std::move(likelihood), covariates);
  }

  clv::ContractHistory Contracts() const {
    return {columns_.age.values(), columns_.churned, columns_.weight.values(),
            columns_.survived_before.values(), patterns_.of_row};
  }

  Result BindSpend() const {
    std::vector<double> counts, spends, weights;
    std::vector<uint32_t> patterns;
    for (size_t row = 0; row < columns_.rows; ++row) {
      if (columns_.frequency[row] == 0) continue;
      counts.push_back(columns_.frequency[row]);
      spends.push_back(columns_.monetary_value[row]);
      if (!columns_.weight.empty()) weights.push_back(columns_.weight[row]);
      if (!patterns_.of_row.empty()) patterns.push_back(patterns_.of_row[row]);
    }
    if (counts.empty()) {
      return absl::InvalidArgumentError("frequency: 0 in all rows; expected repeat purchases");
    }
    return BoundTo(clv::GammaGammaLikelihood::Make(counts, spends, weights, patterns));
  }

  ClvColumns columns_;
  int32_t kind_;
  clv::CovariatePatterns patterns_;
};

bool GroupsItself(int32_t kind) {
  return kind == PATRON_CLV_NBD || IsDiscrete(kind) || KindOf(kind).is_spend();
}

// Columns of rows that a model can be fitted to.
absl::StatusOr<ClvColumns> ReadFitColumns(const arrow::Table &table, const ClvNames &names,
                                          const ClvTerms &terms, const Execution &execution) {
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
  return columns;
}

absl::StatusOr<std::unique_ptr<ClvFitData>> DataOf(ClvColumns columns, const ClvTerms &terms,
                                                   clv::Rows rows) {
  if (GroupsItself(terms.kind)) {
    return std::make_unique<OwnRowsData>(std::move(columns), terms, rows);
  }
  return HistoryData::Make(std::move(columns), terms, rows);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClvFitData>> ReadFitData(const arrow::Table &table,
                                                        const ClvNames &names,
                                                        const ClvTerms &terms,
                                                        const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(ClvColumns columns, ReadFitColumns(table, names, terms, execution));
  auto data = DataOf(std::move(columns), terms, clv::Rows::kMerged);
  if (!data.ok()) return InClvWords(names, terms, data.status());
  return data;
}

absl::StatusOr<std::vector<double>> LogLikelihoodOfRows(const ClvModel &model,
                                                        const arrow::Table &table,
                                                        const ClvNames &names,
                                                        const Execution &execution) {
  const ClvTerms &terms = model.terms;
  PATRON_ASSIGN_OR_RETURN(ClvColumns columns, ReadFitColumns(table, names, terms, execution));
  columns.weight = {};
  const size_t rows = columns.rows;
  std::vector<double> log_intervals, values;
  std::vector<uint8_t> bought(rows, 1);
  if (terms.regularity > 1) {
    log_intervals.assign(columns.log_intervals.values().begin(),
                         columns.log_intervals.values().end());
  }
  if (KindOf(terms.kind).is_spend()) {
    for (size_t row = 0; row < rows; ++row) bought[row] = columns.frequency[row] > 0 ? 1 : 0;
    if (std::ranges::count(bought, 1) == 0) return std::vector<double>(rows);
  }
  auto data = DataOf(std::move(columns), terms, clv::Rows::kApart);
  if (!data.ok()) return InClvWords(names, terms, data.status());
  PATRON_ASSIGN_OR_RETURN(const auto likelihood, (*data)->Bind(terms.regularity));
  PATRON_ASSIGN_OR_RETURN(
      const std::vector<double> found,
      likelihood->EvaluateRows(model.layout, model.fit.optimum.point, execution));
  // Rows without a purchase say nothing of spend.
  size_t next = 0;
  for (size_t row = 0; row < rows; ++row) values.push_back(bought[row] != 0 ? found[next++] : 0);
  // Regular timing is in the likelihood as the mean over rows: it holds no parameter.
  double mean = 0;
  for (const double l : log_intervals) mean += l / static_cast<double>(rows);
  for (size_t row = 0; row < log_intervals.size(); ++row) {
    values[row] += (terms.regularity - 1) * (log_intervals[row] - mean);
  }
  return values;
}

}  // namespace patron::c_api
