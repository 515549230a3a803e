// Keeping and winning back customers, and the work lists of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "c_api/row_numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/c/retention.h"
#include "patron/loyalty/retention.hpp"
#include "patron/loyalty/work_lists.hpp"

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> ReasonsTable() {
  std::vector<std::string_view> names;
  std::vector<double> shares;
  std::vector<uint8_t> voluntary, curable;
  for (const loyalty::ChurnReason &reason : loyalty::kChurnReasons) {
    names.push_back(reason.name);
    shares.push_back(reason.share);
    voluntary.push_back(reason.voluntary ? 1 : 0);
    curable.push_back(reason.curable ? 1 : 0);
  }
  arrow::TableBuilder builder;
  builder.AddText("reason", std::span<const std::string_view>(names));
  builder.AddFloat64("share", std::move(shares));
  builder.AddBool("voluntary", voluntary);
  builder.AddBool("curable", curable);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> SaveOffers(const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto p_churn, ReadNumbers(table, "p_churn"));
  PATRON_ASSIGN_OR_RETURN(const auto save_rate, ReadNumbers(table, "save_rate"));
  PATRON_ASSIGN_OR_RETURN(const auto value, ReadNumbers(table, "value"));
  PATRON_ASSIGN_OR_RETURN(const auto offer, ReadNumbers(table, "offer"));
  std::vector<double> cap, expected;
  std::vector<uint8_t> accepted;
  for (size_t i = 0; i < offer.size(); ++i) {
    const auto decision = loyalty::DecideSaveOffer(p_churn[i], value[i], save_rate[i], offer[i]);
    if (!decision.ok()) return InRow(decision.status(), i);
    cap.push_back(decision->cap);
    expected.push_back(decision->expected);
    accepted.push_back(decision->accepted ? 1 : 0);
  }
  arrow::TableBuilder builder;
  builder.AddFloat64("cap", std::move(cap));
  builder.AddFloat64("expected", std::move(expected));
  builder.AddBool("accepted", accepted);
  return builder.Finish();
}

// The places of reasons, -1 where null.
absl::StatusOr<std::vector<int>> ReadReasons(const arrow::Table &table) {
  std::vector<int> reasons(static_cast<size_t>(table.rows()), -1);
  if (!table.Find("reason")) return reasons;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "reason", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    reasons[i] = loyalty::FindChurnReason(loaded.values[i]);
    if (reasons[i] < 0) {
      return InvalidRow("reason", i, Quoted(loaded.values[i]), "one of the churn reasons, or null");
    }
  }
  return reasons;
}

absl::StatusOr<arrow::Table> WinBack(const arrow::Table &table,
                                     const loyalty::WinBackOptions &options) {
  PATRON_ASSIGN_OR_RETURN(const auto p_win, ReadNumbers(table, "p_win"));
  PATRON_ASSIGN_OR_RETURN(const auto second, ReadNumbers(table, "second_value"));
  PATRON_ASSIGN_OR_RETURN(const auto days, ReadNumbersOr(table, "days_since_loss", 0));
  PATRON_ASSIGN_OR_RETURN(const auto offer, ReadNumbersOr(table, "offer", 0));
  PATRON_ASSIGN_OR_RETURN(const auto contact, ReadNumbersOr(table, "contact_cost", 0));
  PATRON_ASSIGN_OR_RETURN(const auto reasons, ReadReasons(table));
  std::vector<double> p, value;
  std::vector<uint8_t> curable, worth;
  for (size_t i = 0; i < p_win.size(); ++i) {
    const auto result = loyalty::ValueWinBack(options, p_win[i], days[i], reasons[i], second[i],
                                              offer[i], contact[i]);
    if (!result.ok()) return InRow(result.status(), i);
    p.push_back(result->p_win);
    value.push_back(result->value);
    curable.push_back(result->curable ? 1 : 0);
    worth.push_back(result->worth ? 1 : 0);
  }
  arrow::TableBuilder builder;
  builder.AddFloat64("p_win", std::move(p));
  builder.AddFloat64("value", std::move(value));
  builder.AddBool("curable", curable);
  builder.AddBool("worth", worth);
  return builder.Finish();
}

// A measure of the work lists: unknown where null; empty if there is no such column.
absl::StatusOr<std::vector<double>> ReadMeasure(const arrow::Table &table,
                                                std::string_view column) {
  std::vector<double> values;
  if (!table.Find(column)) return values;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, column, arrow::Nulls::kMask,
                                                                arrow::Finite::kAny));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  values.assign(loaded.values.begin(), loaded.values.end());
  for (size_t i = 0; i < loaded.valid.size(); ++i) {
    if (loaded.valid[i] == 0) values[i] = kNaN;
  }
  return values;
}

absl::StatusOr<arrow::Table> ItemsTable(const loyalty::WorkLists &lists, const IdSpan &ids) {
  std::vector<int32_t> list, rank, on;
  std::vector<int64_t> integers;
  std::vector<std::string_view> text;
  std::vector<double> measure, bound;
  for (const loyalty::WorkItem &item : lists.items) {
    list.push_back(static_cast<int32_t>(item.list));
    rank.push_back(static_cast<int32_t>(item.rank));
    if (ids.is_text()) {
      text.push_back(ids.text()[item.customer]);
    } else {
      integers.push_back(ids.integers()[item.customer]);
    }
    measure.push_back(item.measure);
    bound.push_back(item.bound);
    on.push_back(static_cast<int32_t>(item.lists));
  }
  arrow::TableBuilder builder;
  builder.AddDictionary("list", std::move(list), loyalty::kWorkLists);
  builder.AddInt32("rank", std::move(rank));
  builder.AddIds("customer_id", ids.is_text() ? IdSpan(std::span<const std::string_view>(text))
                                              : IdSpan(std::span<const int64_t>(integers)));
  builder.AddFloat64("measure", std::move(measure));
  builder.AddFloat64("bound", std::move(bound));
  builder.AddInt32("lists", std::move(on));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace loyalty = patron::loyalty;

extern "C" patron_status patron_churn_reasons(patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto table, c_api::ReasonsTable());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_retention_elasticity(double retention, double discount, double *out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out, loyalty::RetentionElasticity(retention, discount));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_second_lifetime_value(double margin, double retention,
                                                      double discount, int64_t periods, double *out,
                                                      patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out,
                            loyalty::SecondLifetimeValue(margin, retention, discount, periods));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_save_offers(const patron_table *table, patron_table **out,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::SaveOffers(table->table));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_win_back_options_init(patron_win_back_options *options) {
  const loyalty::WinBackOptions plain;
  *options = {};
  options->struct_size = sizeof *options;
  options->half_life_days = plain.half_life_days;
  std::ranges::copy(plain.by_reason, options->by_reason);
  for (size_t i = 0; i < plain.curable.size(); ++i) options->curable[i] = plain.curable[i] ? 1 : 0;
}

extern "C" patron_status patron_win_back(const patron_table *table,
                                         const patron_win_back_options *options, patron_table **out,
                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_win_back_options full;
    patron_win_back_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    loyalty::WinBackOptions asked;
    asked.half_life_days = full.half_life_days;
    std::ranges::copy(full.by_reason, asked.by_reason.begin());
    for (size_t i = 0; i < asked.curable.size(); ++i) asked.curable[i] = full.curable[i] != 0;
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::WinBack(table->table, asked));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_work_list_options_init(patron_work_list_options *options) {
  const loyalty::WorkListOptions plain;
  *options = {};
  options->struct_size = sizeof *options;
  options->loyalty = plain.loyalty;
  options->risk = plain.risk;
  options->value_share = plain.value_share;
  options->satisfaction = plain.satisfaction;
}

extern "C" patron_status patron_work_lists(const patron_table *table,
                                           const patron_work_list_options *options,
                                           patron_table **out, uint64_t *overlap,
                                           patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_work_list_options full;
    patron_work_list_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    const arrow::Table &from = table->table;
    PATRON_ASSIGN_OR_RETURN(const auto id_reader, arrow::OpenIds(from, "customer_id"));
    PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(id_reader));
    PATRON_ASSIGN_OR_RETURN(const auto loyal, c_api::ReadMeasure(from, "loyalty"));
    PATRON_ASSIGN_OR_RETURN(const auto risk, c_api::ReadMeasure(from, "risk"));
    PATRON_ASSIGN_OR_RETURN(const auto value, c_api::ReadMeasure(from, "value"));
    PATRON_ASSIGN_OR_RETURN(const auto satisfaction, c_api::ReadMeasure(from, "satisfaction"));
    PATRON_ASSIGN_OR_RETURN(const loyalty::WorkLists lists,
                            loyalty::MakeWorkLists(loyal, risk, value, satisfaction,
                                                   {.loyalty = full.loyalty,
                                                    .risk = full.risk,
                                                    .value_share = full.value_share,
                                                    .satisfaction = full.satisfaction}));
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::ItemsTable(lists, ids.ids));
    *out = c_api::NewTable(std::move(result)).release();
    if (overlap != nullptr) {
      for (size_t i = 0; i < 16; ++i) overlap[i] = lists.overlap[i / 4][i % 4];
    }
    return absl::OkStatus();
  });
}
