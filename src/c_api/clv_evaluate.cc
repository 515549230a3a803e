// How well models of lifetime value predict.
#include "patron/c/clv_evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/clv_data.hpp"
#include "c_api/clv_model.hpp"
#include "c_api/clv_outlook.hpp"
#include "c_api/clv_predictor.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/cells.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/holdout.hpp"
#include "patron/clv/tracking.hpp"

namespace patron::c_api {
namespace {

absl::Status RequireBuying(std::string_view argument, const ClvModel &model) {
  if (!KindOf(model.terms.kind).is_spend() && !IsContractual(model.terms.kind)) {
    return absl::OkStatus();
  }
  return WrongKind(argument, model.terms.kind, "a model of purchases");
}

// Rows that a model takes for equal: first by what covariates make of its parameters.
struct LikeRows {
  clv::Cells<kMostParameters + 2> cells;  // Parameters, T, one further number.

  static LikeRows Of(const ClvModel &model, const ClvColumns &columns,
                     std::span<const double> further, const Execution &execution) {
    std::array<std::vector<double>, kMostParameters> theta;
    std::array<std::span<const double>, kMostParameters + 2> all;
    ThetaOfRow theta_of(model, columns);
    for (auto &column : theta) column.resize(columns.rows);
    for (size_t row = 0; row < columns.rows; ++row) {
      const ClvTheta &at = theta_of.At(row);
      for (size_t k = 0; k < kMostParameters; ++k) theta[k][row] = at[k];
    }
    for (size_t k = 0; k < kMostParameters; ++k) all[k] = theta[k];
    all[kMostParameters] = columns.age.values();
    all[kMostParameters + 1] = further;
    return {clv::GroupRows(all, columns.weight.values(), {}, execution)};
  }

  // Calls `body(theta, begin, end)` for each run of cells with equal parameters, until it fails.
  template <typename Body>
  absl::Status ForRuns(const Body &body) const {
    for (size_t begin = 0; begin < cells.size();) {
      const auto same = [&](size_t cell) {
        for (size_t k = 0; k < kMostParameters; ++k) {
          if (cells.column[k][cell] != cells.column[k][begin]) return false;
        }
        return true;
      };
      size_t end = begin + 1;
      while (end < cells.size() && same(end)) ++end;
      ClvTheta theta;
      for (size_t k = 0; k < kMostParameters; ++k) theta[k] = cells.column[k][begin];
      PATRON_RETURN_IF_ERROR(body(theta, begin, end));
      begin = end;
    }
    return absl::OkStatus();
  }

  std::span<const double> Part(const std::vector<double> &column, size_t begin, size_t end) const {
    return std::span(column).subspan(begin, end - begin);
  }
};

void AddTo(std::vector<double> &sum, std::span<const double> part) {
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
}

absl::StatusOr<ClvColumns> ReadAges(const ClvModel &model, const arrow::Table &table,
                                    const ClvNames &names, bool frequency,
                                    const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(
      ClvColumns columns,
      ReadClvColumns(table, names, model.terms, {.history = false, .weights = true, .age = true},
                     execution));
  if (frequency) {
    PATRON_ASSIGN_OR_RETURN(columns.frequency, Doubles::Read(table, names.frequency, execution));
    PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.frequency, columns.frequency.values()));
  }
  if (columns.rows == 0) return InvalidOption("table", "0 rows", "at least 1");
  PATRON_RETURN_IF_ERROR(CheckTimes(model, names.age, columns.age.values()));
  PATRON_RETURN_IF_ERROR(clv::CheckPositive(names.weight, columns.weight.values()));
  return columns;
}

absl::StatusOr<std::vector<double>> PeriodEnds(const ClvModel &model,
                                               const patron_clv_tracking_options &full,
                                               std::span<const double> times) {
  PATRON_RETURN_IF_ERROR(CheckTime(model, "period", full.period));
  if (!(full.period > 0)) {
    return InvalidOption("period", FormatNumber(full.period), "a number above 0");
  }
  constexpr int64_t kMost = 1'000'000;
  double periods = static_cast<double>(full.periods);
  if (full.periods == 0) {
    const double last = times.empty() ? 0 : *std::ranges::max_element(times);
    periods = std::max(1.0, std::ceil(last / full.period));
  }
  if (!(periods >= 1 && periods <= static_cast<double>(kMost))) {
    return InvalidOption("periods", FormatNumber(periods), absl::StrCat("1 to ", kMost));
  }
  std::vector<double> ends(static_cast<size_t>(periods));
  for (size_t i = 0; i < ends.size(); ++i) ends[i] = full.period * static_cast<double>(i + 1);
  return ends;
}

absl::StatusOr<arrow::Table> TrackingTable(const ClvModel &model, const arrow::Table &customers,
                                           const ClvNames &names, const patron_table *purchases,
                                           const patron_clv_tracking_options &full) {
  PATRON_RETURN_IF_ERROR(RequireBuying("model", model));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  if (full.periods < 0) {
    return InvalidOption("periods", absl::StrCat(full.periods), "0 or above");
  }
  const Execution execution = ToExecution(full.context);
  PATRON_ASSIGN_OR_RETURN(const ClvColumns columns,
                          ReadAges(model, customers, names, false, execution));
  Doubles times;
  if (purchases != nullptr) {
    PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName("purchase_time", full.purchase_time));
    PATRON_ASSIGN_OR_RETURN(times, Doubles::Read(purchases->table, name, execution));
    PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(name, times.values()));
  } else if (full.periods == 0) {
    return InvalidOption("periods", "0", "a number of periods where no purchases are given");
  }
  PATRON_ASSIGN_OR_RETURN(const std::vector<double> ends, PeriodEnds(model, full, times.values()));

  const LikeRows rows = LikeRows::Of(model, columns, columns.age.values(), execution);
  const double oldest = *std::ranges::max_element(columns.age.values());
  std::vector<double> expected(ends.size()), cumulative(ends.size()), came(ends.size());
  PATRON_RETURN_IF_ERROR(rows.ForRuns([&](const ClvTheta &theta, size_t begin, size_t end) {
    std::vector<double> births;
    for (const double age : rows.Part(rows.cells.column[kMostParameters], begin, end)) {
      births.push_back(oldest - age);
    }
    const auto weights = rows.Part(rows.cells.weight, begin, end);
    for (size_t i = 0; i < births.size(); ++i) {
      const auto from = std::ranges::lower_bound(ends, births[i]) - ends.begin();
      for (auto p = static_cast<size_t>(from); p < ends.size(); ++p) came[p] += weights[i];
    }
    const auto purchases_within = [&](double t) {
      return WithOutlook(model.terms, theta, {},
                         [&](const auto &outlook) { return outlook.ExpectedPurchases(0, t); });
    };
    absl::StatusOr<clv::TrackingTable> part =
        clv::Track({births, weights}, {}, {}, ends, purchases_within);
    if (!part.ok()) return part.status();
    AddTo(expected, part->expected);
    AddTo(cumulative, part->expected_cumulative);
    return ReportProgress(execution, end, rows.cells.size());
  }));
  arrow::TableBuilder builder;
  std::vector<int64_t> period(ends.size());
  std::iota(period.begin(), period.end(), int64_t{1});
  builder.AddInt64("period", std::move(period));
  builder.AddFloat64("end", ends);
  builder.AddFloat64("customers", std::move(came));
  builder.AddFloat64("expected", std::move(expected));
  builder.AddFloat64("expected_cumulative", std::move(cumulative));
  if (purchases != nullptr) {
    PATRON_ASSIGN_OR_RETURN(clv::TrackingTable actual,
                            clv::Track({}, times.values(), {}, ends, [](double) { return 0.0; }));
    builder.AddFloat64("actual", std::move(actual.actual));
    builder.AddFloat64("actual_cumulative", std::move(actual.actual_cumulative));
  }
  return builder.Finish();
}

absl::StatusOr<arrow::Table> FrequencyTable(const ClvModel &model, const arrow::Table &table,
                                            const ClvNames &names, int32_t most,
                                            const Execution &execution) {
  constexpr int32_t kMostCounts = 10'000;
  PATRON_RETURN_IF_ERROR(RequireBuying("model", model));
  if (most < 1 || most > kMostCounts) {
    return InvalidOption("most", absl::StrCat(most), absl::StrCat("1 to ", kMostCounts));
  }
  PATRON_ASSIGN_OR_RETURN(const ClvColumns columns, ReadAges(model, table, names, true, execution));
  const LikeRows rows = LikeRows::Of(model, columns, columns.frequency.values(), execution);
  const size_t highest = static_cast<size_t>(most);
  std::vector<double> actual(highest + 1), expected(highest + 1);
  PATRON_RETURN_IF_ERROR(rows.ForRuns([&](const ClvTheta &theta, size_t begin, size_t end) {
    const auto probability = [&](double n, double within) {
      return WithOutlook(model.terms, theta, {}, [&](const auto &outlook) {
        return outlook.ProbabilityOfPurchases(n, within);
      });
    };
    absl::StatusOr<clv::FrequencyTable> part =
        clv::TabulateFrequency(rows.Part(rows.cells.column[kMostParameters + 1], begin, end),
                               rows.Part(rows.cells.column[kMostParameters], begin, end),
                               rows.Part(rows.cells.weight, begin, end), highest, probability);
    if (!part.ok()) return part.status();
    AddTo(actual, part->actual);
    AddTo(expected, part->expected);
    return ReportProgress(execution, end, rows.cells.size());
  }));
  std::vector<int64_t> frequency(highest + 1);
  std::iota(frequency.begin(), frequency.end(), int64_t{0});
  arrow::TableBuilder builder;
  builder.AddInt64("frequency", std::move(frequency));
  builder.AddFloat64("actual", std::move(actual));
  builder.AddFloat64("expected", std::move(expected));
  return builder.Finish();
}

// What came of each customer, as the options name it.
struct Holdout {
  Doubles actual, duration;
  std::vector<double> revenue;
};

absl::StatusOr<Holdout> ReadHoldout(const ClvModel &model, const arrow::Table &table,
                                    const patron_clv_holdout_options &full,
                                    const Execution &execution) {
  Holdout holdout;
  PATRON_ASSIGN_OR_RETURN(const std::string actual, ReadName("actual", full.actual));
  PATRON_ASSIGN_OR_RETURN(const std::string duration, ReadName("duration", full.duration));
  PATRON_ASSIGN_OR_RETURN(holdout.actual, Doubles::Read(table, actual, execution));
  PATRON_ASSIGN_OR_RETURN(holdout.duration, Doubles::Read(table, duration, execution));
  PATRON_RETURN_IF_ERROR(clv::CheckCounts(actual, holdout.actual.values()));
  PATRON_RETURN_IF_ERROR(CheckTimes(model, duration, holdout.duration.values()));
  const auto counts = holdout.actual.values();
  holdout.revenue.assign(counts.begin(), counts.end());
  if (full.actual_value == nullptr) return holdout;
  PATRON_ASSIGN_OR_RETURN(const std::string value, ReadName("actual_value", full.actual_value));
  PATRON_ASSIGN_OR_RETURN(const Doubles spend, Doubles::ReadAny(table, value, execution));
  for (size_t row = 0; row < counts.size(); ++row) {
    if (counts[row] == 0) continue;
    if (!std::isfinite(spend[row])) {
      return InvalidRow(value, row, FormatNumber(spend[row]), "a finite number");
    }
    holdout.revenue[row] *= spend[row];
  }
  return holdout;
}

struct HoldoutAnswer {
  clv::HoldoutMeasures measures;
  double log_score = kNaN;
  clv::RevenueCaptured top{};
};

absl::StatusOr<HoldoutAnswer> HoldoutOf(const ClvModel &model, const arrow::Table &table,
                                        const ClvNames &names,
                                        const patron_clv_holdout_options &full) {
  PATRON_RETURN_IF_ERROR(RequireBuying("model", model));
  PATRON_RETURN_IF_ERROR(CheckEnum("log_score", full.log_score, 2));
  const Execution execution = ToExecution(full.context);
  const bool spend = full.spend != nullptr;
  if (spend && !KindOf(full.spend->model.terms.kind).is_spend()) {
    return WrongKind("spend", full.spend->model.terms.kind, "a GAMMA_GAMMA");
  }
  PATRON_ASSIGN_OR_RETURN(const ClvColumns columns,
                          ReadClvColumns(table, names, model.terms, {.spend = spend}, execution));
  if (columns.rows == 0) return InvalidOption("table", "0 rows", "at least 1");
  PATRON_RETURN_IF_ERROR(CheckClvRows(columns, names, model.terms));
  if (spend) PATRON_RETURN_IF_ERROR(CheckSpend(columns, names));
  PATRON_ASSIGN_OR_RETURN(const Holdout holdout, ReadHoldout(model, table, full, execution));

  std::vector<double> predicted(columns.rows), probability(columns.rows), rank;
  const ClvRows rows{&columns};
  PATRON_RETURN_IF_ERROR(ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    for (size_t row = begin; row < end; ++row) {
      WithOutlook(model.terms, theta_of.At(row), rows.At(row), [&](const auto &outlook) {
        const double duration = holdout.duration[row];
        predicted[row] = outlook.ExpectedPurchases(0, duration);
        if (full.log_score == 0) return;
        // Rounding may lead a hair outside.
        probability[row] =
            std::clamp(outlook.ProbabilityOfPurchases(holdout.actual[row], duration), 0.0, 1.0);
      });
    }
  }));
  HoldoutAnswer answer;
  PATRON_ASSIGN_OR_RETURN(answer.measures,
                          clv::MeasureHoldout(holdout.actual.values(), predicted, execution));
  if (full.log_score != 0) {
    PATRON_ASSIGN_OR_RETURN(answer.log_score, clv::LogScore(probability));
  }
  rank = std::move(predicted);
  if (spend) {
    const ClvTheta theta = ThetaOf(full.spend->model, {}, {});
    for (size_t row = 0; row < rank.size(); ++row) {
      rank[row] *= AskSpend(theta, columns.frequency[row], columns.monetary_value[row]);
    }
  }
  PATRON_ASSIGN_OR_RETURN(answer.top, clv::CaptureRevenue(holdout.revenue, rank, 0.1, execution));
  return answer;
}

absl::StatusOr<arrow::Table> CalibrationTable(const clv::HoldoutMeasures &measures) {
  std::vector<int64_t> decile, customers;
  std::vector<double> predicted, actual;
  for (const clv::CalibrationDecile &d : measures.deciles) {
    decile.push_back(static_cast<int64_t>(decile.size()) + 1);
    customers.push_back(static_cast<int64_t>(d.customers));
    predicted.push_back(d.predicted);
    actual.push_back(d.actual);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("decile", std::move(decile));
  builder.AddInt64("customers", std::move(customers));
  builder.AddFloat64("predicted", std::move(predicted));
  builder.AddFloat64("actual", std::move(actual));
  return builder.Finish();
}

patron_clv_holdout_result ResultOf(const HoldoutAnswer &answer) {
  patron_clv_holdout_result result{};
  result.customers = answer.measures.customers;
  result.actual = answer.measures.actual;
  result.predicted = answer.measures.predicted;
  result.mae = answer.measures.mae;
  result.rmse = answer.measures.rmse;
  result.bias = answer.measures.bias;
  result.relative_bias = answer.measures.relative_bias;
  result.log_score = answer.log_score;
  result.rank_correlation = answer.measures.rank_correlation;
  result.top_decile_share = answer.top.share;
  result.top_decile_best = answer.top.best;
  return result;
}

// The figures of a comparison, in the order of their columns.
struct Figure {
  const char *name;
  double patron_clv_holdout_result::*member;
};
constexpr std::array kFigures = {
    Figure{"predicted", &patron_clv_holdout_result::predicted},
    Figure{"mae", &patron_clv_holdout_result::mae},
    Figure{"rmse", &patron_clv_holdout_result::rmse},
    Figure{"bias", &patron_clv_holdout_result::bias},
    Figure{"relative_bias", &patron_clv_holdout_result::relative_bias},
    Figure{"log_score", &patron_clv_holdout_result::log_score},
    Figure{"rank_correlation", &patron_clv_holdout_result::rank_correlation},
    Figure{"top_decile_share", &patron_clv_holdout_result::top_decile_share},
    Figure{"top_decile_best", &patron_clv_holdout_result::top_decile_best}};

absl::StatusOr<arrow::Table> ComparisonTable(std::span<const patron_clv_model *const> models,
                                             const patron_table *table, const ClvNames &names,
                                             const patron_clv_holdout_options &full) {
  std::vector<patron_clv_holdout_result> holdouts;
  std::vector<double> key;
  for (size_t i = 0; i < models.size(); ++i) {
    const std::string argument = absl::StrCat("models[", i, "]");
    PATRON_RETURN_IF_ERROR(RequireFit(argument, models[i]));
    PATRON_RETURN_IF_ERROR(RequireBuying(argument, models[i]->model));
    if (table == nullptr) {
      key.push_back(models[i]->model.fit.aic());
      continue;
    }
    PATRON_ASSIGN_OR_RETURN(const HoldoutAnswer answer,
                            HoldoutOf(models[i]->model, table->table, names, full));
    holdouts.push_back(ResultOf(answer));
    key.push_back(full.log_score != 0 ? answer.log_score : answer.measures.mae);
  }
  std::vector<size_t> order(models.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return key[i]; });

  const auto integers = [&](const auto &of) {
    std::vector<int64_t> column;
    for (const size_t i : order) column.push_back(static_cast<int64_t>(of(i)));
    return column;
  };
  const auto numbers = [&](const auto &of) {
    std::vector<double> column;
    for (const size_t i : order) column.push_back(of(i));
    return column;
  };
  const auto model = [&](size_t i) -> const ClvModel & { return models[i]->model; };
  arrow::TableBuilder builder;
  builder.AddInt64("model", integers([](size_t i) { return i; }));
  builder.AddInt64("kind", integers([&](size_t i) { return model(i).terms.kind; }));
  builder.AddInt64("regularity", integers([&](size_t i) { return model(i).terms.regularity; }));
  builder.AddInt64("parameters", integers([&](size_t i) { return model(i).fit.names.size(); }));
  builder.AddFloat64("log_likelihood",
                     numbers([&](size_t i) { return model(i).fit.log_likelihood; }));
  builder.AddFloat64("aic", numbers([&](size_t i) { return model(i).fit.aic(); }));
  builder.AddFloat64("bic", numbers([&](size_t i) { return model(i).fit.bic(); }));
  if (table != nullptr) {
    for (const Figure &figure : kFigures) {
      builder.AddFloat64(figure.name,
                         numbers([&](size_t i) { return holdouts[i].*figure.member; }));
    }
  }
  return builder.Finish();
}

absl::StatusOr<patron_clv_holdout_options> ReadHoldoutOptions(
    const patron_clv_holdout_options *options) {
  patron_clv_holdout_options full;
  patron_clv_holdout_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  return full;
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_clv_tracking_options_init(patron_clv_tracking_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->period = 1;
  options->purchase_time = "time";
}

extern "C" patron_status patron_clv_tracking(const patron_clv_model *model,
                                             const patron_table *customers,
                                             const patron_clv_columns *columns,
                                             const patron_table *purchases,
                                             const patron_clv_tracking_options *options,
                                             patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("customers", customers));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    patron_clv_tracking_options full;
    patron_clv_tracking_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(
        patron::arrow::Table result,
        c_api::TrackingTable(model->model, customers->table, names, purchases, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_frequency_table(const patron_clv_model *model,
                                                    const patron_table *table,
                                                    const patron_clv_columns *columns, int32_t most,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::FrequencyTable(model->model, table->table, names, most,
                                                  c_api::ToExecution(context)));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_clv_holdout_options_init(patron_clv_holdout_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->log_score = 1;
  options->actual = "frequency_holdout";
  options->duration = "duration_holdout";
}

extern "C" patron_status patron_clv_holdout(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_holdout_options *options,
                                            patron_clv_holdout_result *out,
                                            patron_table **calibration, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(const patron_clv_holdout_options full,
                            c_api::ReadHoldoutOptions(options));
    PATRON_ASSIGN_OR_RETURN(const c_api::HoldoutAnswer answer,
                            c_api::HoldoutOf(model->model, table->table, names, full));
    if (calibration != nullptr) {
      PATRON_ASSIGN_OR_RETURN(patron::arrow::Table deciles,
                              c_api::CalibrationTable(answer.measures));
      *calibration = c_api::NewTable(std::move(deciles)).release();
    }
    c_api::WriteOut(c_api::ResultOf(answer), out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_compare(const patron_clv_model *const *models, size_t count,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_holdout_options *options,
                                            patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("models", models));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(const patron_clv_holdout_options full,
                            c_api::ReadHoldoutOptions(options));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::ComparisonTable({models, count}, table, names, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
