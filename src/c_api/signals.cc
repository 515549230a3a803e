// Early warning: signals of customers about to leave.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/signals.h"
#include "patron/loyalty/signal_book.hpp"

struct patron_signal_book {
  patron::loyalty::SignalBook book;
};

namespace patron::c_api {
namespace {

using loyalty::SignalBook;
using loyalty::SignalContext;
using loyalty::SignalEvidence;
using loyalty::SignalOptions;
using loyalty::Warning;

absl::StatusOr<SignalOptions> ReadSignalOptions(const patron_signal_options *options) {
  patron_signal_options full;
  patron_signal_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("combination", full.combination, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  SignalOptions result;
  result.quantile = full.quantile;
  result.min_gaps = full.min_gaps;
  result.multiple = full.multiple;
  result.population_quantile = full.population_quantile;
  result.alive_drop = full.alive_drop;
  result.hazard_rise = full.hazard_rise;
  result.decline = full.decline;
  result.score_drop = full.score_drop;
  result.contract_days = full.contract_days;
  result.combination = static_cast<loyalty::SignalCombination>(full.combination);
  std::ranges::copy(full.weights, result.weights.begin());
  std::ranges::copy(full.cuts, result.cuts.begin());
  result.grace = full.grace;
  PATRON_RETURN_IF_ERROR(CheckSignalOptions(result));
  return result;
}

// Writes the numbers of a column, if it is there, into a field of each context.
absl::Status ReadSignalNumbers(const arrow::Table &table, std::string_view column,
                               double SignalContext::*field, std::vector<SignalContext> &context) {
  if (!table.Find(column)) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, column, arrow::Nulls::kMask,
                                                                arrow::Finite::kAny));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < context.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    if (std::isinf(loaded.values[i])) {
      return InvalidRow(column, i, FormatNumber(loaded.values[i]), "a finite number");
    }
    context[i].*field = loaded.values[i];
  }
  return absl::OkStatus();
}

absl::Status ReadCounts(const arrow::Table &table, std::string_view column, int32_t most,
                        int32_t SignalContext::*field, std::vector<SignalContext> &context) {
  if (!table.Find(column)) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader,
                          arrow::OpenIntegers(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < context.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    if (loaded.values[i] < 0 || loaded.values[i] > most) {
      return InvalidRow(column, i, std::to_string(loaded.values[i]), absl::StrCat("0 to ", most));
    }
    context[i].*field = static_cast<int32_t>(loaded.values[i]);
  }
  return absl::OkStatus();
}

struct KnownNumbers {
  std::optional<arrow::IdReader> reader;
  arrow::LoadedIds customers;
  std::vector<SignalContext> context;
};

absl::StatusOr<KnownNumbers> ReadKnown(const arrow::Table &table, CivilDays days, int32_t as_of) {
  KnownNumbers known;
  PATRON_ASSIGN_OR_RETURN(known.reader, arrow::OpenIds(table, "customer_id"));
  PATRON_ASSIGN_OR_RETURN(known.customers, arrow::Load(*known.reader));
  std::vector<SignalContext> &context = known.context;
  context.resize(known.customers.ids.size());
  using C = SignalContext;
  constexpr std::pair<std::string_view, double C::*> kNumbers[] = {
      {"p_alive", &C::alive},
      {"p_alive_before", &C::alive_before},
      {"hazard", &C::hazard},
      {"hazard_before", &C::hazard_before},
      {"score", &C::score},
      {"score_before", &C::score_before},
      {"open_complaints", &C::open_complaints},
      {"reopened_complaints", &C::reopened_complaints},
      {"demotions", &C::demotions}};
  for (const auto &[column, field] : kNumbers) {
    PATRON_RETURN_IF_ERROR(ReadSignalNumbers(table, column, field, context));
  }
  for (size_t i = 0; i < context.size(); ++i) {
    for (const auto field : {&C::alive, &C::alive_before}) {
      if (context[i].*field < 0 || context[i].*field > 1) {
        return InvalidRow(field == &C::alive ? "p_alive" : "p_alive_before", i,
                          FormatNumber(context[i].*field), "0 to 1");
      }
    }
    for (const auto field : {&C::hazard, &C::hazard_before}) {
      if (context[i].*field < 0) {
        return InvalidRow(field == &C::hazard ? "hazard" : "hazard_before", i,
                          FormatNumber(context[i].*field), "0 or more");
      }
    }
  }
  PATRON_RETURN_IF_ERROR(ReadCounts(table, "level", 3, &C::level_before, context));
  PATRON_RETURN_IF_ERROR(
      ReadCounts(table, "evaluations_below", 1'000'000, &C::below_before, context));
  if (table.Find("contract_end")) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenTimes(table, "contract_end", arrow::Nulls::kMask, days));
    PATRON_ASSIGN_OR_RETURN(const auto ends, arrow::Load(reader));
    for (size_t i = 0; i < context.size(); ++i) {
      if (arrow::IsNull(ends.valid, i)) continue;
      context[i].days_to_contract_end =
          static_cast<double>(days.DayOf(ends.values[i])) - static_cast<double>(as_of);
    }
  }
  return known;
}

absl::StatusOr<arrow::Table> WarningsTable(const loyalty::Warnings &result) {
  const size_t n = result.warnings.size();
  std::vector<int32_t> level(n), below(n), recency(n), days(n), signals(n);
  std::vector<double> risk(n), combined(n), rhythm(n);
  std::vector<uint8_t> bought(n), has_rhythm(n);
  for (size_t i = 0; i < n; ++i) {
    const Warning &w = result.warnings[i];
    level[i] = w.level;
    below[i] = w.below;
    risk[i] = w.risk;
    combined[i] = w.combined;
    recency[i] = std::max(w.recency, 0);
    bought[i] = w.recency >= 0 ? 1 : 0;
    has_rhythm[i] = std::isnan(w.rhythm) ? 0 : 1;
    rhythm[i] = has_rhythm[i] != 0 ? w.rhythm : 0;
    days[i] = w.purchase_days;
    signals[i] = static_cast<int32_t>(w.signals);
  }
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", result.customers.span());
  builder.AddInt32("level", level);
  builder.AddDictionary("warning", std::move(level), loyalty::kSignalLevels);
  builder.AddInt32("evaluations_below", std::move(below));
  builder.AddFloat64("risk", std::move(risk));
  builder.AddFloat64("combined", std::move(combined));
  builder.AddInt32("recency_days", std::move(recency), bought);
  builder.AddFloat64("rhythm", std::move(rhythm), has_rhythm);
  builder.AddInt32("purchase_days", std::move(days));
  builder.AddInt32("signals", std::move(signals));
  return builder.Finish();
}

template <typename T>
std::vector<T> IdsOfEvidence(std::span<const SignalEvidence> evidence, const std::vector<T> &all) {
  std::vector<T> ids;
  ids.reserve(evidence.size());
  for (const SignalEvidence &seen : evidence) ids.push_back(all[seen.customer]);
  return ids;
}

absl::StatusOr<arrow::Table> EvidenceOfSignals(const loyalty::Warnings &result) {
  std::vector<int32_t> signal;
  std::vector<double> values, thresholds;
  for (const SignalEvidence &seen : result.evidence) {
    signal.push_back(static_cast<int32_t>(seen.signal));
    values.push_back(seen.value);
    thresholds.push_back(seen.threshold);
  }
  arrow::TableBuilder builder;
  if (result.customers.is_text) {
    const auto ids = IdsOfEvidence(result.evidence, result.customers.text);
    builder.AddIds("customer_id", IdSpan(std::span<const std::string_view>(ids)));
  } else {
    const auto ids = IdsOfEvidence(result.evidence, result.customers.integers);
    builder.AddIds("customer_id", IdSpan(std::span<const int64_t>(ids)));
  }
  builder.AddDictionary("signal", std::move(signal), loyalty::kSignalNames);
  builder.AddFloat64("value", std::move(values));
  builder.AddFloat64("threshold", std::move(thresholds));
  return builder.Finish();
}

absl::Status AppendSignals(SignalBook &book, const arrow::Table &table,
                           const TransactionColumns &columns, const Execution &execution) {
  const arrow::TransactionColumns &names = columns.names;
  if (names.nulls != arrow::Nulls::kError) {
    return InvalidOption("nulls", "skip", "error: each row of a book counts");
  }
  PATRON_ASSIGN_OR_RETURN(const auto customer_reader, arrow::OpenIds(table, names.customer));
  PATRON_ASSIGN_OR_RETURN(const auto time_reader,
                          arrow::OpenTimes(table, *names.time, arrow::Nulls::kError, book.days()));
  PATRON_ASSIGN_OR_RETURN(
      const auto amount_reader,
      arrow::OpenMoney(table, names.amount, names.decimals, names.amount_decimals));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(customer_reader, execution));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader, execution));
  PATRON_ASSIGN_OR_RETURN(const auto amounts, arrow::Load(amount_reader, execution));
  return InWordsOf(names, book.Append(customers.ids, times.values, amounts.values));
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace loyalty = patron::loyalty;

static_assert(PATRON_SIGNAL_CONTRACT_END + 1 == loyalty::kSignals);

extern "C" void patron_signal_options_init(patron_signal_options *options) {
  const loyalty::SignalOptions plain;
  *options = {};
  options->struct_size = sizeof *options;
  options->min_gaps = plain.min_gaps;
  options->combination = PATRON_SIGNALS_MAX;
  options->contract_days = plain.contract_days;
  options->grace = plain.grace;
  options->quantile = plain.quantile;
  options->multiple = plain.multiple;
  options->population_quantile = plain.population_quantile;
  options->alive_drop = plain.alive_drop;
  options->hazard_rise = plain.hazard_rise;
  options->decline = plain.decline;
  options->score_drop = plain.score_drop;
  std::ranges::copy(plain.weights, options->weights);
  std::ranges::copy(plain.cuts, options->cuts);
}

extern "C" patron_status patron_signal_book_create(const char *zone, patron_signal_book **out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(patron::CivilDays days, patron::CivilDays::In(name));
    *out = new patron_signal_book{loyalty::SignalBook(std::move(days))};
    return absl::OkStatus();
  });
}

extern "C" void patron_signal_book_free(patron_signal_book *book) { delete book; }

extern "C" patron_status patron_signal_book_append(patron_signal_book *book,
                                                   const patron_table *table,
                                                   const patron_transaction_columns *columns,
                                                   const patron_context *context,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    return c_api::AppendSignals(book->book, table->table, read, c_api::ToExecution(context));
  });
}

extern "C" patron_status patron_signal_book_warn(const patron_signal_book *book, int32_t as_of,
                                                 const patron_signal_options *options,
                                                 const patron_table *known,
                                                 const patron_context *context,
                                                 patron_table **warnings, patron_table **evidence,
                                                 double *bound, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_ASSIGN_OR_RETURN(const loyalty::SignalOptions asked, c_api::ReadSignalOptions(options));
    if (as_of == loyalty::SignalBook::kNoDay) {
      const int32_t last = book->book.last_day();
      as_of = last == loyalty::SignalBook::kNoDay ? 0 : last + 1;
    }
    c_api::KnownNumbers rows;
    if (known != nullptr) {
      PATRON_ASSIGN_OR_RETURN(rows, c_api::ReadKnown(known->table, book->book.days(), as_of));
    }
    const absl::StatusOr<loyalty::Warnings> warned =
        book->book.Warn(asked, as_of, {.customer = rows.customers.ids, .context = rows.context},
                        c_api::ToExecution(context));
    if (!warned.ok()) return c_api::InWords({{"customer", "customer_id"}}, warned.status());
    const loyalty::Warnings &result = *warned;
    std::unique_ptr<patron_table> warning_table, evidence_table;
    if (warnings != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::WarningsTable(result));
      warning_table = c_api::NewTable(std::move(table));
    }
    if (evidence != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::EvidenceOfSignals(result));
      evidence_table = c_api::NewTable(std::move(table));
    }
    if (warnings != nullptr) *warnings = warning_table.release();
    if (evidence != nullptr) *evidence = evidence_table.release();
    if (bound != nullptr) *bound = result.population_bound;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_signal_book_warn_one(const patron_signal_book *book,
                                                     int64_t customer, const char *name,
                                                     int32_t as_of,
                                                     const patron_signal_options *options,
                                                     patron_warning *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const loyalty::SignalOptions asked, c_api::ReadSignalOptions(options));
    const patron::IdIndex &customers = book->book.customers();
    const uint32_t code =
        name != nullptr ? customers.Find(std::string_view(name)) : customers.Find(customer);
    if (code == patron::IdIndex::kUnknown) {
      return absl::NotFoundError(absl::StrCat(
          "customer: ", name != nullptr ? patron::Quoted(name) : std::to_string(customer),
          "; expected one with transactions"));
    }
    std::vector<loyalty::SignalEvidence> evidence;
    PATRON_ASSIGN_OR_RETURN(const loyalty::Warning warning,
                            book->book.WarnOne(asked, code, as_of, {}, evidence));
    patron_warning full{};
    full.level = warning.level;
    full.purchase_days = warning.purchase_days;
    full.recency_days = warning.recency;
    full.risk = warning.risk;
    full.combined = warning.combined;
    full.rhythm = warning.rhythm;
    std::ranges::fill(full.values, c_api::kNaN);
    std::ranges::fill(full.thresholds, c_api::kNaN);
    for (const loyalty::SignalEvidence &seen : evidence) {
      full.values[static_cast<size_t>(seen.signal)] = seen.value;
      full.thresholds[static_cast<size_t>(seen.signal)] = seen.threshold;
    }
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_signal_book_last(const patron_signal_book *book, patron_table **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const std::vector<int32_t> by_code = book->book.LastDays();
    std::vector<uint32_t> order;
    std::vector<int32_t> days;
    for (const uint32_t code : book->book.customers().Ascending()) {
      if (by_code[code] == loyalty::SignalBook::kNoDay) continue;
      order.push_back(code);
      days.push_back(by_code[code]);
    }
    const patron::IdList ids = book->book.customers().List(order);
    patron::arrow::TableBuilder builder;
    builder.AddIds("customer_id", ids.span());
    builder.AddDate32("last", std::move(days));
    PATRON_ASSIGN_OR_RETURN(auto table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
