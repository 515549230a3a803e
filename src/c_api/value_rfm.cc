// Recency, frequency and monetary value: measured and scored.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/transactions_reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/customer_order.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "c_api/rfm.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"

namespace patron::c_api {
namespace {

using value::ScoreReport;
using value::ScoreScale;

constexpr std::array<std::string_view, 3> kDimensions = {"recency", "frequency", "monetary"};
constexpr std::array<std::string_view, 3> kWeights = {"rfm.weight.recency", "rfm.weight.frequency",
                                                      "rfm.weight.monetary"};
constexpr std::array<const char *, 3> kHighIsBest = {"high_is_best[0]", "high_is_best[1]",
                                                     "high_is_best[2]"};
constexpr std::array<const char *, 3> kCuts = {"cuts[0]", "cuts[1]", "cuts[2]"};

std::array<ScoreScale *, 3> ScalesOf(value::RfmScoreOptions &options) {
  return {&options.recency, &options.frequency, &options.monetary};
}

absl::StatusOr<int> BinsOf(std::string_view dimension, int32_t bins, const Defaults &defaults) {
  if (bins == 0) {
    PATRON_ASSIGN_OR_RETURN(const double standard, defaults.Get("rfm.bins"));
    return static_cast<int>(standard);
  }
  if (bins >= value::kMinScoreBins && bins <= value::kMaxScoreBins) return bins;
  return InvalidOption(absl::StrCat("bins of ", Text(dimension)), absl::StrCat(bins), "2 to 100");
}

// Measures as columns, of integers or doubles, ready for a table.
template <typename T>
void AddNumbers(arrow::TableBuilder &builder, std::string_view name, std::vector<T> values) {
  if constexpr (std::is_same_v<T, double>) {
    builder.AddFloat64(name, std::move(values));
  } else {
    builder.AddInt64(name, std::move(values));
  }
}

std::vector<int32_t> Widened(std::span<const uint8_t> scores) {
  return {scores.begin(), scores.end()};
}

}  // namespace

void AddScores(arrow::TableBuilder &builder, value::RfmScores scores) {
  builder.AddInt32("recency_score", Widened(scores.recency.scores));
  builder.AddInt32("frequency_score", Widened(scores.frequency.scores));
  builder.AddInt32("monetary_score", Widened(scores.monetary.scores));
  builder.AddInt32("rfm", std::move(scores.rfm));
  builder.AddFloat64("weighted_score", std::move(scores.weighted));
}

namespace {

// Columns of the table `bins`.
struct BinColumns {
  std::vector<std::string_view> dimension;
  std::vector<int32_t> bin;
  std::vector<double> lower, upper;
  std::vector<uint8_t> has_bounds;
  std::vector<int64_t> customers, straddling;

  void Reserve(size_t rows) {
    dimension.reserve(rows);
    bin.reserve(rows);
    for (auto *column : {&lower, &upper}) column->reserve(rows);
    has_bounds.reserve(rows);
    for (auto *column : {&customers, &straddling}) column->reserve(rows);
  }

  void Add(std::string_view name, const ScoreReport &report, value::ScoreDirection direction) {
    const auto labels = static_cast<size_t>(report.labels);
    const bool has_cuts = report.cuts.size() + 1 == labels;
    for (size_t score = 1; score <= labels; ++score) {
      const size_t place =
          direction == value::ScoreDirection::kHighIsBest ? score - 1 : labels - score;
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      dimension.push_back(name);
      bin.push_back(static_cast<int32_t>(score));
      lower.push_back(has_cuts && place > 0 ? report.cuts[place - 1] : -kInfinity);
      upper.push_back(has_cuts && place + 1 < labels ? report.cuts[place] : kInfinity);
      has_bounds.push_back(has_cuts);
      customers.push_back(report.counts[score - 1]);
      straddling.push_back(report.tied_customers);
    }
  }
};

// A table of measures that are known already, in the order of its customers' ids.
class MeasureTable {
 public:
  static absl::StatusOr<MeasureTable> Read(const arrow::Table &table, const char *customer,
                                           const char *recency, const char *frequency,
                                           const char *monetary, const Execution &execution) {
    MeasureTable measures;
    PATRON_ASSIGN_OR_RETURN(measures.customer_, NameOr("customer", customer, "customer_id"));
    PATRON_ASSIGN_OR_RETURN(measures.recency_name_, NameOr("recency", recency, "recency"));
    PATRON_ASSIGN_OR_RETURN(measures.frequency_name_, NameOr("frequency", frequency, "frequency"));
    PATRON_ASSIGN_OR_RETURN(measures.monetary_name_, NameOr("monetary", monetary, "monetary"));
    PATRON_ASSIGN_OR_RETURN(measures.id_reader_, arrow::OpenIds(table, measures.customer_));
    PATRON_ASSIGN_OR_RETURN(const auto frequencies,
                            arrow::OpenIntegers(table, measures.frequency_name_));
    PATRON_ASSIGN_OR_RETURN(measures.recency_,
                            Numbers::Read(table, measures.recency_name_, execution));
    PATRON_ASSIGN_OR_RETURN(measures.frequency_, arrow::Load(frequencies, execution));
    PATRON_ASSIGN_OR_RETURN(measures.monetary_,
                            Numbers::Read(table, measures.monetary_name_, execution));
    PATRON_RETURN_IF_ERROR(measures.CheckAllFinite());
    PATRON_ASSIGN_OR_RETURN(measures.ids_, arrow::Load(*measures.id_reader_, execution));
    PATRON_ASSIGN_OR_RETURN(measures.order_,
                            CustomerOrder::Of(measures.customer_, measures.ids_.ids));
    return measures;
  }

  const Numbers &recency() const { return recency_; }
  const Numbers &monetary() const { return monetary_; }

  // Columns in the order of ids.
  template <typename T>
  std::vector<T> Sorted(std::span<const T> values) const {
    std::vector<T> storage;
    const std::span<const T> sorted = order_.Sorted(values, storage);
    return storage.empty() ? std::vector<T>(sorted.begin(), sorted.end()) : std::move(storage);
  }
  std::vector<int64_t> frequency() const { return Sorted(frequency_.values); }
  void AddIds(arrow::TableBuilder &builder) const {
    std::vector<int64_t> integers;
    std::vector<std::string_view> text;
    const IdSpan &ids = ids_.ids;
    builder.AddIds("customer_id", ids.is_text() ? IdSpan(order_.Sorted(ids.text(), text))
                                                : IdSpan(order_.Sorted(ids.integers(), integers)));
  }

  // `status` with the caller's names for columns.
  absl::Status InItsWords(const absl::Status &status) const {
    return InWords(
        {{"recency", recency_name_}, {"frequency", frequency_name_}, {"monetary", monetary_name_}},
        status);
  }

 private:
  // Before the rows are put into another order, so that messages name the caller's rows.
  absl::Status CheckAllFinite() const {
    for (const Numbers *numbers : {&recency_, &monetary_}) {
      if (numbers->are_integers()) continue;
      PATRON_RETURN_IF_ERROR(CheckFinite(numbers->name(), numbers->doubles()));
    }
    return absl::OkStatus();
  }

  std::string customer_, recency_name_, frequency_name_, monetary_name_;
  std::optional<arrow::IdReader> id_reader_;  // Text ids live as long as it.
  arrow::LoadedIds ids_;
  CustomerOrder order_;
  Numbers recency_, monetary_;
  arrow::Loaded<int64_t> frequency_;
};

absl::StatusOr<RfmTables> ScoreMeasures(const MeasureTable &measures, const RfmRequest &request,
                                        const Execution &execution) {
  return Visit(measures.recency(), [&](auto recency_span) {
    return Visit(measures.monetary(), [&](auto monetary_span) -> absl::StatusOr<RfmTables> {
      auto recency = measures.Sorted(recency_span);
      auto monetary = measures.Sorted(monetary_span);
      using Recency = typename decltype(recency)::value_type;
      using Monetary = typename decltype(monetary)::value_type;
      std::vector<int64_t> frequency = measures.frequency();
      absl::StatusOr<value::RfmScores> scores = value::ScoreRfm<Recency, Monetary>(
          recency, frequency, monetary, request.scores, execution);
      if (!scores.ok()) return measures.InItsWords(scores.status());
      RfmTables tables;
      PATRON_ASSIGN_OR_RETURN(tables.bins,
                              BinsTable(scores->recency.report, scores->frequency.report,
                                        scores->monetary.report, request.scores));
      arrow::TableBuilder builder;
      measures.AddIds(builder);
      AddNumbers(builder, "recency", std::move(recency));
      AddNumbers(builder, "frequency", std::move(frequency));
      AddNumbers(builder, "monetary", std::move(monetary));
      AddScores(builder, *std::move(scores));
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
      tables.scores = NewTable(std::move(table));
      return tables;
    });
  });
}

}  // namespace

absl::StatusOr<RfmRequest> ReadRfm(const patron_rfm_options *options, int decimals) {
  patron_rfm_options full;
  patron_rfm_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("method", full.method, 8));
  PATRON_RETURN_IF_ERROR(CheckEnum("frequency", full.frequency, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("monetary", full.monetary, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("refunds", full.refunds, 4));
  PATRON_RETURN_IF_ERROR(CheckEnum("zeros", full.zeros, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("money", full.money, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("closed", full.closed, 2));
  const Defaults &defaults = DefaultsOf(full.context);

  RfmRequest request;
  request.rule.frequency = full.frequency == PATRON_FREQUENCY_DAYS ? value::PurchaseUnit::kDay
                                                                   : value::PurchaseUnit::kOrder;
  request.rule.refunds = static_cast<value::Refunds>(full.refunds);
  request.rule.zeros = static_cast<value::Zeros>(full.zeros);
  request.rule.as_of = full.as_of;
  request.rule.window_days = full.window_days;
  request.mean = full.monetary == PATRON_MONETARY_MEAN;
  request.money = full.money;
  request.decimals = decimals;
  request.context = full.context;
  request.scores.method = static_cast<value::ScoreMethod>(full.method);
  request.scores.weighted = true;
  const bool fixed = full.method == PATRON_RFM_FIXED;
  const bool own_weights = full.weights[0] != 0 || full.weights[1] != 0 || full.weights[2] != 0;
  const auto scales = ScalesOf(request.scores);
  for (size_t d = 0; d < scales.size(); ++d) {
    ScoreScale &scale = *scales[d];
    PATRON_ASSIGN_OR_RETURN(scale.bins, BinsOf(kDimensions[d], full.bins[d], defaults));
    PATRON_RETURN_IF_ERROR(CheckEnum(kHighIsBest[d], full.high_is_best[d], 2));
    scale.direction = full.high_is_best[d] == 0 ? value::ScoreDirection::kLowIsBest
                                                : value::ScoreDirection::kHighIsBest;
    scale.closed =
        full.closed == PATRON_CLOSED_LEFT ? value::ClosedSide::kLeft : value::ClosedSide::kRight;
    if (fixed) {
      PATRON_RETURN_IF_ERROR(RequirePointer(kCuts[d], full.cuts[d]));
      scale.cuts.assign(full.cuts[d], full.cuts[d] + scale.bins - 1);
    } else if (full.cuts[d] != nullptr) {
      return InvalidOption(kCuts[d], "given", "NULL unless the method is 7 (fixed)");
    }
    if (own_weights) {
      scale.weight = full.weights[d];
    } else {
      PATRON_ASSIGN_OR_RETURN(scale.weight, defaults.Get(kWeights[d]));
    }
    PATRON_RETURN_IF_ERROR(value::CheckScoreScale(kDimensions[d], request.scores.method, scale));
  }
  return request;
}

absl::StatusOr<std::unique_ptr<patron_table>> BinsTable(const ScoreReport &recency,
                                                        const ScoreReport &frequency,
                                                        const ScoreReport &monetary,
                                                        const value::RfmScoreOptions &options) {
  BinColumns columns;
  columns.Reserve(static_cast<size_t>(recency.labels) + static_cast<size_t>(frequency.labels) +
                  static_cast<size_t>(monetary.labels));
  columns.Add(kDimensions[0], recency, options.recency.direction);
  columns.Add(kDimensions[1], frequency, options.frequency.direction);
  columns.Add(kDimensions[2], monetary, options.monetary.direction);
  arrow::TableBuilder builder;
  builder.AddText("dimension", std::span<const std::string_view>(columns.dimension));
  builder.AddInt32("bin", std::move(columns.bin));
  builder.AddFloat64("lower", std::move(columns.lower), columns.has_bounds);
  builder.AddFloat64("upper", std::move(columns.upper), columns.has_bounds);
  builder.AddInt64("customers", std::move(columns.customers));
  builder.AddInt64("straddling", std::move(columns.straddling));
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
  return NewTable(std::move(table));
}

std::vector<double> MeansInCurrency(std::span<const int64_t> sums, std::span<const int64_t> counts,
                                    int decimals) {
  std::vector<double> means(sums.size());
  for (size_t i = 0; i < means.size(); ++i) {
    means[i] = MeanFromUnits(sums[i], static_cast<uint64_t>(counts[i]), decimals);
  }
  return means;
}

absl::StatusOr<RfmTables> FinishRfm(const value::CustomerTotals &totals, const RfmRequest &request,
                                    const Execution &execution, value::RowReport *report) {
  PATRON_ASSIGN_OR_RETURN(value::RfmMeasures measures, value::MeasureRfm(totals, request.rule));
  value::RfmScoreOptions options = request.scores;
  const auto score = [&](auto monetary) {
    using Monetary = typename decltype(monetary)::value_type;
    return value::ScoreRfm<int64_t, Monetary>(measures.recency, measures.frequency, monetary,
                                              options, execution);
  };
  value::RfmScores scores;
  std::vector<double> means;
  options.monetary.unit = PowerOfTen(request.decimals);
  if (request.mean) {
    const std::vector<double> in_units = measures.MeanMonetary();
    PATRON_ASSIGN_OR_RETURN(scores, score(std::span<const double>(in_units)));
    means = MeansInCurrency(measures.monetary, measures.frequency, request.decimals);
  } else {
    PATRON_ASSIGN_OR_RETURN(scores, score(std::span<const int64_t>(measures.monetary)));
  }
  RfmTables tables;
  PATRON_ASSIGN_OR_RETURN(tables.bins, BinsTable(scores.recency.report, scores.frequency.report,
                                                 scores.monetary.report, options));
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", totals.customers().List(measures.customer).span());
  builder.AddInt64("recency", std::move(measures.recency));
  builder.AddInt64("frequency", std::move(measures.frequency));
  if (request.mean) {
    builder.AddFloat64("monetary", std::move(means));
  } else {
    AddMoney(builder, "monetary", std::move(measures.monetary), request.decimals, request.money);
  }
  AddScores(builder, std::move(scores));
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
  tables.scores = NewTable(std::move(table));
  *report = measures.report;
  return tables;
}

}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_rfm_options_init(patron_rfm_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->high_is_best[1] = 1;
  options->high_is_best[2] = 1;
  options->as_of = PATRON_NO_TIME;
}

extern "C" patron_status patron_value_rfm(const patron_table *table,
                                          const patron_transaction_columns *columns,
                                          const patron_rfm_options *options, patron_table **scores,
                                          patron_table **bins, patron_row_report *report,
                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("scores", scores));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    PATRON_ASSIGN_OR_RETURN(const c_api::RfmRequest request,
                            c_api::ReadRfm(options, read.names.decimals));
    const patron::Execution execution = c_api::ToExecution(request.context);
    PATRON_ASSIGN_OR_RETURN(const auto source,
                            patron::arrow::TableTransactions::Open(table->table, read.names));
    const absl::StatusOr<patron::value::CustomerTotals> totals =
        patron::value::TotalForRfm(source, request.rule, read.names.days, execution);
    if (!totals.ok()) return c_api::InWordsOf(read.names, totals.status());
    patron::value::RowReport rows;
    PATRON_ASSIGN_OR_RETURN(c_api::RfmTables tables,
                            c_api::FinishRfm(*totals, request, execution, &rows));
    *scores = tables.scores.release();
    if (bins != nullptr) *bins = tables.bins.release();
    c_api::WriteOut(c_api::ToC(rows), report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_score_rfm(const patron_table *table, const char *customer,
                                                const char *recency, const char *frequency,
                                                const char *monetary,
                                                const patron_rfm_options *options,
                                                patron_table **scores, patron_table **bins,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("scores", scores));
    PATRON_ASSIGN_OR_RETURN(const c_api::RfmRequest request, c_api::ReadRfm(options, 0));
    const patron::Execution execution = c_api::ToExecution(request.context);
    PATRON_ASSIGN_OR_RETURN(
        const auto measures,
        c_api::MeasureTable::Read(table->table, customer, recency, frequency, monetary, execution));
    PATRON_ASSIGN_OR_RETURN(c_api::RfmTables tables,
                            c_api::ScoreMeasures(measures, request, execution));
    *scores = tables.scores.release();
    if (bins != nullptr) *bins = tables.bins.release();
    return absl::OkStatus();
  });
}
