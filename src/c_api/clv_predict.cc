// What models of lifetime value say of customers, known and new.
#include "patron/c/clv_predict.h"

#include <cmath>
#include <limits>
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
#include "patron/clv/outlook.hpp"

namespace patron::c_api {
namespace {

constexpr int32_t kMostCounts = 10'000;

absl::Status RequirePurchases(const ClvModel &model) {
  if (!KindOf(model.terms.kind).is_spend()) return absl::OkStatus();
  return WrongKind("model", model.terms.kind, "a model of purchases");
}

absl::Status RequireErrors(std::string_view argument, const ClvModel &model) {
  if (model.fitted) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Text(argument), ": a ", Text(model.kind_name()),
                   " made from known values has no standard errors; expected one that was fitted"));
}

void AddPredictions(ClvPredictions predictions, arrow::TableBuilder &builder) {
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if (predictions.values[o].empty() && predictions.errors[o].empty()) continue;
    builder.AddFloat64(kClvOutputNames[o], std::move(predictions.values[o]));
    if (predictions.errors[o].empty()) continue;
    builder.AddFloat64(absl::StrCat(kClvOutputNames[o], "_se"), std::move(predictions.errors[o]));
  }
}

// Empty columns of what was asked for, where there are no rows.
void AddEmpty(const ClvQuestion &question, bool standard_errors, arrow::TableBuilder &builder) {
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if (!question.Wants(1u << o)) continue;
    builder.AddFloat64(kClvOutputNames[o], {});
    if (standard_errors) builder.AddFloat64(absl::StrCat(kClvOutputNames[o], "_se"), {});
  }
}

absl::StatusOr<arrow::Table> PredictTable(const patron_clv_model &handle, const arrow::Table &table,
                                          const ClvNames &names,
                                          const patron_clv_predict_options &full) {
  const ClvModel &model = handle.model;
  const Execution execution = ToExecution(full.context);
  PATRON_ASSIGN_OR_RETURN(const ClvQuestion question, ReadQuestion(model, full));
  const bool standard_errors = full.standard_errors != 0;
  const bool spend = question.Wants(PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE);
  if (standard_errors) {
    PATRON_RETURN_IF_ERROR(RequireErrors("model", model));
    if (spend && question.spend != nullptr) {
      PATRON_RETURN_IF_ERROR(RequireErrors("spend", *question.spend));
    }
  }
  PATRON_ASSIGN_OR_RETURN(const ClvColumns columns,
                          ReadClvColumns(table, names, model.terms, {.spend = spend}, execution));
  PATRON_RETURN_IF_ERROR(CheckAskedRows(columns, names, model.terms));
  if (spend) PATRON_RETURN_IF_ERROR(CheckSpend(columns, names));
  PATRON_ASSIGN_OR_RETURN(
      ClvPredictions predictions,
      Predict(model, handle.forecasts, columns, question, standard_errors, execution));
  arrow::TableBuilder builder;
  PATRON_RETURN_IF_ERROR(AddCustomers(table, names, execution, builder));
  if (columns.rows == 0) {
    AddEmpty(question, standard_errors, builder);
  } else {
    AddPredictions(std::move(predictions), builder);
  }
  return builder.Finish();
}

absl::Status CheckMost(const ClvModel &model, int32_t most, int32_t least) {
  PATRON_RETURN_IF_ERROR(RequirePurchases(model));
  if (most >= least && most <= kMostCounts) return absl::OkStatus();
  return InvalidOption("most", absl::StrCat(most), absl::StrCat(least, " to ", kMostCounts));
}

// Probabilities of 0 to `most` purchases of each row, within the time that `within` gives for it.
using CountColumns = std::vector<std::vector<double>>;

template <typename Row>
absl::StatusOr<CountColumns> CountProbabilities(const ClvModel &model, const ClvColumns &columns,
                                                int32_t most, const Execution &execution,
                                                const Row &row_of) {
  CountColumns counts(static_cast<size_t>(most) + 1);
  for (std::vector<double> &column : counts) column.resize(columns.rows);
  PATRON_RETURN_IF_ERROR(ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    for (size_t row = begin; row < end; ++row) {
      const auto [customer, within] = row_of(row);
      const double time = within;
      WithOutlook(model.terms, theta_of.At(row), customer, [&](const auto &outlook) {
        for (size_t n = 0; n < counts.size(); ++n) {
          counts[n][row] = outlook.ProbabilityOfPurchases(static_cast<double>(n), time);
        }
      });
    }
  }));
  return counts;
}

void AddCounts(CountColumns counts, arrow::TableBuilder &builder) {
  for (size_t n = 0; n < counts.size(); ++n) {
    builder.AddFloat64(absl::StrCat("p_", n), std::move(counts[n]));
  }
}

absl::StatusOr<arrow::Table> CountsTable(const ClvModel &model, const arrow::Table &table,
                                         const ClvNames &names, double horizon, int32_t most,
                                         const Execution &execution) {
  PATRON_RETURN_IF_ERROR(CheckMost(model, most, 0));
  PATRON_RETURN_IF_ERROR(CheckTime(model, "horizon", horizon));
  PATRON_ASSIGN_OR_RETURN(const ClvColumns columns,
                          ReadClvColumns(table, names, model.terms, {}, execution));
  PATRON_RETURN_IF_ERROR(CheckAskedRows(columns, names, model.terms));
  const ClvRows rows{&columns};
  PATRON_ASSIGN_OR_RETURN(CountColumns counts,
                          CountProbabilities(model, columns, most, execution, [&](size_t row) {
                            return std::pair(rows.At(row), horizon);
                          }));
  arrow::TableBuilder builder;
  PATRON_RETURN_IF_ERROR(AddCustomers(table, names, execution, builder));
  AddCounts(std::move(counts), builder);
  return builder.Finish();
}

// The share of those alive at t - 1 who are at t.
void AddRetention(const ClvModel &model, const ClvColumns &columns, arrow::TableBuilder &builder) {
  std::vector<double> retention(columns.rows);
  std::vector<uint8_t> valid(columns.rows);
  ThetaOfRow theta_of(model, columns);
  for (size_t row = 0; row < columns.rows; ++row) {
    const double t = columns.age[row];
    valid[row] = t >= 1 ? 1 : 0;
    if (t < 1) continue;
    WithOutlook(model.terms, theta_of.At(row), {.age = t - 1},
                [&](const auto &outlook) { retention[row] = outlook.ProbabilityAlive(1); });
  }
  builder.AddFloat64("retention", std::move(retention), valid);
}

absl::StatusOr<arrow::Table> NewCustomers(const ClvModel &model, const arrow::Table &table,
                                          const ClvNames &names,
                                          const patron_clv_new_options &full) {
  PATRON_RETURN_IF_ERROR(RequirePurchases(model));
  PATRON_RETURN_IF_ERROR(CheckEnum("standard_errors", full.standard_errors, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  if (full.most != -1) PATRON_RETURN_IF_ERROR(CheckMost(model, full.most, 0));
  const Execution execution = ToExecution(full.context);
  const bool standard_errors = full.standard_errors != 0;
  if (standard_errors) PATRON_RETURN_IF_ERROR(RequireErrors("model", model));
  ClvQuestion question;
  question.outputs = PATRON_CLV_P_ALIVE | PATRON_CLV_EXPECTED_PURCHASES;
  if (!std::isnan(full.discount_rate)) {
    question.outputs |= PATRON_CLV_DISCOUNTED_PURCHASES;
    question.discounted = true;
    PATRON_ASSIGN_OR_RETURN(
        question.rate,
        DiscountRate(model, full.discount_rate, full.discount_period, full.discount_horizon));
    if (full.discount_horizon > 0) question.discount_horizon = full.discount_horizon;
  }
  PATRON_ASSIGN_OR_RETURN(
      const ClvColumns columns,
      ReadClvColumns(table, names, model.terms, {.history = false, .age = true}, execution));
  PATRON_RETURN_IF_ERROR(CheckTimes(model, names.age, columns.age.values()));
  PATRON_ASSIGN_OR_RETURN(ClvPredictions predictions,
                          PredictNew(model, columns, question, standard_errors, execution));
  arrow::TableBuilder builder;
  PATRON_RETURN_IF_ERROR(AddCustomers(table, names, execution, builder));
  if (columns.rows == 0) {
    AddEmpty(question, standard_errors, builder);
  } else {
    AddPredictions(std::move(predictions), builder);
  }
  if (IsContractual(model.terms.kind)) AddRetention(model, columns, builder);
  if (full.most >= 0) {
    PATRON_ASSIGN_OR_RETURN(
        CountColumns counts,
        CountProbabilities(model, columns, full.most, execution,
                           [&](size_t row) { return std::pair(ClvCustomer{}, columns.age[row]); }));
    AddCounts(std::move(counts), builder);
  }
  return builder.Finish();
}

// Errors: InvalidArgument if it is not the history of a customer.
absl::Status CheckOne(const ClvModel &model, const ClvCustomer &customer) {
  const auto whole = [&](std::string_view name, double value, double least) {
    if (value >= least && value <= kMostPeriods && value == std::floor(value)) {
      return absl::OkStatus();
    }
    return InvalidOption(name, FormatNumber(value), absl::StrCat("a whole number from ", least));
  };
  const int32_t kind = model.terms.kind;
  if (IsContractual(kind)) return whole("age", customer.age, customer.churned ? 1 : 0);
  if (kind == PATRON_CLV_BG_BB) {
    PATRON_RETURN_IF_ERROR(whole("frequency", customer.frequency, 0));
    PATRON_RETURN_IF_ERROR(whole("recency", customer.recency, customer.frequency));
    PATRON_RETURN_IF_ERROR(whole("age", customer.age, customer.recency));
    if ((customer.recency == 0) == (customer.frequency == 0)) return absl::OkStatus();
    return InvalidOption("recency", FormatNumber(customer.recency), "0, because frequency is 0");
  }
  return InWords({{"T", "age"}},
                 clv::CheckCustomer({customer.frequency, customer.recency, customer.age}));
}

absl::Status Score(const patron_clv_model &handle, const patron_clv_customer &who,
                   const patron_clv_predict_options &full, patron_clv_score_result &result) {
  const ClvModel &model = handle.model;
  const clv::Layout &layout = model.layout;
  if (layout.transaction_count() > 0) {
    PATRON_RETURN_IF_ERROR(RequirePointer("transaction_covariates", who.transaction_covariates));
  }
  if (layout.dropout_count() > 0) {
    PATRON_RETURN_IF_ERROR(RequirePointer("dropout_covariates", who.dropout_covariates));
  }
  if (full.standard_errors != 0) {
    return InvalidOption("standard_errors", absl::StrCat(full.standard_errors),
                         "0 for one customer");
  }
  PATRON_ASSIGN_OR_RETURN(const ClvQuestion question, ReadQuestion(model, full));
  const bool spend_only = KindOf(model.terms.kind).is_spend();
  ClvCustomer customer{who.frequency, who.recency, who.age, who.churned != 0};
  // NBD reads no recency.
  if (model.terms.kind == PATRON_CLV_NBD) customer.recency = 0;
  ClvAnswer answer;
  answer.fill(kNaN);
  if (!spend_only) {
    PATRON_RETURN_IF_ERROR(CheckOne(model, customer));
    const std::span<const double> transaction(who.transaction_covariates,
                                              layout.transaction_count());
    const std::span<const double> dropout(who.dropout_covariates, layout.dropout_count());
    PATRON_RETURN_IF_ERROR(CheckFinite("transaction_covariates", transaction));
    PATRON_RETURN_IF_ERROR(CheckFinite("dropout_covariates", dropout));
    const ClvKeptForecasts forecasts(model, handle.forecasts);
    answer =
        AskOutlook(model, ThetaOf(model, transaction, dropout), customer, question, &forecasts);
  }
  if (question.Wants(PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE)) {
    if (!(who.frequency >= 0) || who.frequency != std::floor(who.frequency)) {
      return InvalidOption("frequency", FormatNumber(who.frequency), "a whole number, 0 or above");
    }
    if (who.frequency > 0 && !(who.monetary_value > 0 && std::isfinite(who.monetary_value))) {
      return InvalidOption("monetary_value", FormatNumber(who.monetary_value),
                           "a finite number above 0, because frequency is");
    }
    const ClvModel &spend = spend_only ? model : *question.spend;
    answer[4] = AskSpend(ThetaOf(spend, {}, {}), who.frequency, who.monetary_value);
    if (!spend_only) FillValue(question, answer);
  }
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if (!question.Wants(1u << o)) answer[o] = kNaN;
  }
  result.p_alive = answer[0];
  result.expected_purchases = answer[1];
  result.no_purchase = answer[2];
  result.discounted_purchases = answer[3];
  result.expected_spend = answer[4];
  result.lifetime_value = answer[5];
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_clv_predict_options_init(patron_clv_predict_options *options) {
  constexpr double kNotGiven = c_api::kNaN;
  *options = {};
  options->struct_size = sizeof *options;
  options->horizon = options->discount_rate = options->discount_period = kNotGiven;
  options->margin = 1;
}

extern "C" patron_status patron_clv_predict(const patron_clv_model *model,
                                            const patron_table *table,
                                            const patron_clv_columns *columns,
                                            const patron_clv_predict_options *options,
                                            patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    patron_clv_predict_options full;
    patron_clv_predict_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::PredictTable(*model, table->table, names, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_counts(const patron_clv_model *model, const patron_table *table,
                                           const patron_clv_columns *columns, double horizon,
                                           int32_t most, const patron_context *context,
                                           patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::CountsTable(model->model, table->table, names, horizon, most,
                                               c_api::ToExecution(context)));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_clv_new_options_init(patron_clv_new_options *options) {
  constexpr double kNotGiven = c_api::kNaN;
  *options = {};
  options->struct_size = sizeof *options;
  options->most = -1;
  options->discount_rate = options->discount_period = kNotGiven;
}

extern "C" patron_status patron_clv_new_customers(const patron_clv_model *model,
                                                  const patron_table *table,
                                                  const patron_clv_columns *columns,
                                                  const patron_clv_new_options *options,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    patron_clv_new_options full;
    patron_clv_new_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table result,
                            c_api::NewCustomers(model->model, table->table, names, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_clv_score(const patron_clv_model *model,
                                          const patron_clv_customer *customer,
                                          const patron_clv_predict_options *options,
                                          patron_clv_score_result *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("customer", customer));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_clv_customer who{};
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("customer", customer, &who));
    patron_clv_predict_options full;
    patron_clv_predict_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    patron_clv_score_result result{};
    PATRON_RETURN_IF_ERROR(c_api::Score(*model, who, full, result));
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}
