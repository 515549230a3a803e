// Books of tier programmes: who stands where, since when and why.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
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
#include "c_api/tiers.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::c_api {
namespace {

using value::TierHistory;
using value::TierPolicy;

absl::Status AppendTiers(patron_tier_book &book, const arrow::Table &table,
                         const TransactionColumns &columns, const std::string &reverses,
                         const Execution &execution) {
  const arrow::TransactionColumns &names = columns.names;
  if (names.nulls != arrow::Nulls::kError) {
    return InvalidOption("nulls", "skip", "error: each row of a programme counts");
  }
  const TierPolicy &policy = book.book.policy();
  PATRON_ASSIGN_OR_RETURN(const auto customer_reader, arrow::OpenIds(table, names.customer));
  PATRON_ASSIGN_OR_RETURN(const auto time_reader,
                          arrow::OpenTimes(table, *names.time, arrow::Nulls::kError, book.days));
  PATRON_ASSIGN_OR_RETURN(
      const auto amount_reader,
      arrow::OpenMoney(table, names.amount, policy.decimals, names.amount_decimals));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(customer_reader, execution));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader, execution));
  PATRON_ASSIGN_OR_RETURN(const auto amounts, arrow::Load(amount_reader, execution));
  arrow::LoadedIds transactions, targets;
  if (columns.transaction) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, *columns.transaction));
    PATRON_ASSIGN_OR_RETURN(transactions, arrow::Load(reader, execution));
  }
  if (!reverses.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenIds(table, reverses, arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(targets, arrow::Load(reader, execution));
  }
  const absl::Status status = book.book.Append({.customer = customers.ids,
                                                .time = times.values,
                                                .amount = amounts.values,
                                                .transaction = transactions.ids,
                                                .reverses = targets.ids,
                                                .reverses_valid = targets.valid});
  return InWordsOf(names, status,
                   {{"transaction", columns.transaction.value_or("")}, {"reverses", reverses}});
}

// The days of a column of dates or times; those of nulls are `without`.
absl::StatusOr<std::vector<int32_t>> ReadTierDays(const arrow::Table &table,
                                                  std::string_view column, const CivilDays &days,
                                                  arrow::Nulls nulls, int32_t without) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, column, nulls, days));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(reader));
  CivilDays own = days;
  std::vector<int32_t> result(times.values.size());
  for (size_t i = 0; i < result.size(); ++i) {
    const bool there = times.valid.empty() || times.valid[i] != 0;
    result[i] = there ? own.DayOf(times.values[i]) : without;
  }
  return result;
}

absl::Status SetByHand(patron_tier_book &book, const arrow::Table &table,
                       const std::string &customer) {
  constexpr int32_t kForEver = std::numeric_limits<int32_t>::max();
  const TierPolicy &policy = book.book.policy();
  PATRON_ASSIGN_OR_RETURN(const auto customer_reader, arrow::OpenIds(table, customer));
  PATRON_ASSIGN_OR_RETURN(const auto tier_reader, arrow::OpenText(table, "tier"));
  PATRON_ASSIGN_OR_RETURN(const auto kind_reader, arrow::OpenText(table, "kind"));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(customer_reader));
  PATRON_ASSIGN_OR_RETURN(const auto tiers, arrow::Load(tier_reader));
  PATRON_ASSIGN_OR_RETURN(const auto kinds, arrow::Load(kind_reader));
  PATRON_ASSIGN_OR_RETURN(const auto from,
                          ReadTierDays(table, "start", book.days, arrow::Nulls::kError, 0));
  PATRON_ASSIGN_OR_RETURN(const auto until,
                          ReadTierDays(table, "end", book.days, arrow::Nulls::kMask, kForEver));
  std::vector<int32_t> levels(from.size());
  std::vector<uint8_t> overrides(from.size());
  for (size_t i = 0; i < from.size(); ++i) {
    levels[i] = value::FindTier(policy, tiers.values[i]);
    if (levels[i] < 0)
      return InvalidRow("tier", i, Quoted(tiers.values[i]), "a tier of the policy");
    overrides[i] = kinds.values[i] == "override" ? 1 : 0;
    if (overrides[i] == 0 && kinds.values[i] != "floor") {
      return InvalidRow("kind", i, Quoted(kinds.values[i]), "floor or override");
    }
  }
  return InWords({{"customer", customer}}, book.book.SetByHand({.customer = customers.ids,
                                                                .level = levels,
                                                                .is_override = overrides,
                                                                .from = from,
                                                                .until = until}));
}

std::vector<std::string_view> LevelNames(const TierPolicy &policy) {
  std::vector<std::string_view> names;
  for (const value::TierLevel &level : policy.levels) names.push_back(level.name);
  return names;
}

// Metrics in currency or exact units; purchases are whole numbers either way.
class Metrics {
 public:
  Metrics(const TierPolicy &policy, int32_t money)
      : decimals_(MetricDecimals(policy)), money_(money) {}
  absl::Status Add(arrow::TableBuilder &builder, std::string_view name,
                   std::span<const Int128> values, std::span<const uint8_t> valid = {}) const {
    return AddMoney(builder, name, values, decimals_, money_, valid);
  }

 private:
  int decimals_;
  int32_t money_;
};

absl::StatusOr<arrow::Table> StandingsTable(const TierPolicy &policy, const TierHistory &history,
                                            int32_t money) {
  const size_t n = history.standings.size();
  const Metrics metrics(policy, money);
  std::vector<int32_t> tiers(n), automatic(n), since(n), below(n);
  std::vector<uint8_t> by_hand(n), has_next(n), has_threshold(n);
  std::vector<Int128> metric(n), next(n), threshold(n);
  std::vector<int64_t> thresholds;
  for (const value::TierLevel &level : policy.levels) {
    thresholds.push_back(value::TierThreshold(level.floor, policy.margin));
  }
  for (size_t i = 0; i < n; ++i) {
    const value::TierStanding &s = history.standings[i];
    const auto level = static_cast<size_t>(s.level);
    tiers[i] = s.level;
    automatic[i] = s.automatic;
    since[i] = s.since;
    below[i] = s.evaluations_below;
    by_hand[i] = s.by_hand ? 1 : 0;
    metric[i] = s.metric;
    has_next[i] = level + 1 < policy.levels.size() ? 1 : 0;
    if (has_next[i] != 0) next[i] = policy.levels[level + 1].floor;
    has_threshold[i] = s.automatic > 0 ? 1 : 0;
    if (has_threshold[i] != 0) threshold[i] = thresholds[static_cast<size_t>(s.automatic)];
  }
  const std::vector<std::string_view> names = LevelNames(policy);
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", history.customers.span());
  builder.AddDictionary("tier", std::move(tiers), names);
  builder.AddDictionary("automatic", std::move(automatic), names);
  builder.AddBool("by_hand", by_hand);
  builder.AddDate32("since", std::move(since));
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "metric", metric));
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "next_floor", next, has_next));
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "threshold", threshold, has_threshold));
  builder.AddInt32("evaluations_below", std::move(below));
  return builder.Finish();
}

template <typename T, typename GetIds>
void AddChanged(arrow::TableBuilder &builder, const std::vector<value::TierChange> &changes,
                const std::vector<T> &all, GetIds span_of) {
  std::vector<T> ids;
  ids.reserve(changes.size());
  for (const value::TierChange &change : changes) ids.push_back(all[change.customer]);
  builder.AddIds("customer_id", span_of(ids));
}

absl::StatusOr<arrow::Table> ChangesTable(const TierPolicy &policy, const TierHistory &history,
                                          int32_t money) {
  constexpr std::string_view kCauses[] = {"promoted",    "demoted",  "returned",      "floor",
                                          "floor_ended", "override", "override_ended"};
  const std::vector<value::TierChange> &changes = history.changes;
  const size_t n = changes.size();
  const Metrics metrics(policy, money);
  std::vector<int32_t> day(n), from(n), to(n), cause(n), below(n);
  std::vector<uint8_t> has_metric(n), has_threshold(n);
  std::vector<Int128> metric(n), floor(n), threshold(n);
  for (size_t i = 0; i < n; ++i) {
    const value::TierChange &c = changes[i];
    day[i] = c.day;
    from[i] = c.from;
    to[i] = c.to;
    cause[i] = static_cast<int32_t>(c.cause);
    if (c.cause >= value::TierCause::kFloor) continue;
    below[i] = c.evaluations_below;
    has_metric[i] = 1;
    metric[i] = c.metric;
    const bool up = c.cause == value::TierCause::kPromoted;
    floor[i] = policy.levels[static_cast<size_t>(up ? c.to : c.from)].floor;
    has_threshold[i] = c.cause == value::TierCause::kDemoted ? 1 : 0;
    if (has_threshold[i] != 0) {
      threshold[i] = value::TierThreshold(static_cast<int64_t>(floor[i]), policy.margin);
    }
  }
  const std::vector<std::string_view> names = LevelNames(policy);
  arrow::TableBuilder builder;
  if (history.customers.is_text) {
    AddChanged(builder, changes, history.customers.text,
               [](const auto &ids) { return IdSpan(std::span<const std::string_view>(ids)); });
  } else {
    AddChanged(builder, changes, history.customers.integers,
               [](const auto &ids) { return IdSpan(std::span<const int64_t>(ids)); });
  }
  builder.AddDate32("day", std::move(day));
  builder.AddDictionary("from", std::move(from), names);
  builder.AddDictionary("to", std::move(to), names);
  builder.AddDictionary("cause", std::move(cause), kCauses);
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "metric", metric, has_metric));
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "floor", floor, has_metric));
  PATRON_RETURN_IF_ERROR(metrics.Add(builder, "threshold", threshold, has_threshold));
  builder.AddInt32("evaluations_below", std::move(below), has_metric);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace value = patron::value;

extern "C" patron_status patron_tier_book_create(const patron_tier_policy *policy, const char *zone,
                                                 patron_tier_book **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("policy", policy));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(const patron::CivilDays days, patron::CivilDays::In(name));
    PATRON_ASSIGN_OR_RETURN(value::TierBook book, value::TierBook::Create(policy->policy, days));
    *out = new patron_tier_book{std::move(name), days, std::move(book)};
    return absl::OkStatus();
  });
}

extern "C" void patron_tier_book_free(patron_tier_book *book) { delete book; }

extern "C" patron_status patron_tier_book_append(patron_tier_book *book, const patron_table *table,
                                                 const patron_transaction_columns *columns,
                                                 const char *reverses,
                                                 const patron_context *context,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    std::string targets;
    if (reverses != nullptr) {
      PATRON_ASSIGN_OR_RETURN(targets, c_api::ReadName("reverses", reverses));
      if (!read.transaction) {
        return absl::InvalidArgumentError(
            "transaction: no column named; expected one, whose ids reverses refers to");
      }
    }
    return c_api::AppendTiers(*book, table->table, read, targets, c_api::ToExecution(context));
  });
}

extern "C" patron_status patron_tier_book_set(patron_tier_book *book, const patron_table *table,
                                              const char *customer, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const std::string name,
                            c_api::NameOr("customer", customer, "customer_id"));
    return c_api::SetByHand(*book, table->table, name);
  });
}

extern "C" patron_status patron_tier_book_history(const patron_tier_book *book, int32_t until,
                                                  int32_t money, const patron_context *context,
                                                  patron_table **standings, patron_table **changes,
                                                  patron_tier_counts *counts, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("counts", counts));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("money", money, 2));
    PATRON_ASSIGN_OR_RETURN(const value::TierHistory history,
                            book->book.History(until, c_api::ToExecution(context)));
    std::unique_ptr<patron_table> standing_table, change_table;
    const value::TierPolicy &policy = book->book.policy();
    if (standings != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::StandingsTable(policy, history, money));
      standing_table = c_api::NewTable(std::move(table));
    }
    if (changes != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::ChangesTable(policy, history, money));
      change_table = c_api::NewTable(std::move(table));
    }
    patron_tier_counts full{};
    full.until = history.until;
    full.customers = history.standings.size();
    full.evaluations = history.evaluations;
    full.changes = history.changes.size();
    full.promotions = history.promotions;
    full.demotions = history.demotions;
    full.reversals = history.reversals;
    c_api::WriteOut(full, counts);
    if (standings != nullptr) *standings = standing_table.release();
    if (changes != nullptr) *changes = change_table.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_tier_book_standing(const patron_tier_book *book, int64_t customer,
                                                   const char *name, int32_t until,
                                                   patron_tier_standing *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("book", book));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const value::TierStanding standing,
                            name != nullptr ? book->book.Standing(std::string_view(name), until)
                                            : book->book.Standing(customer, until));
    patron_tier_standing full{};
    full.level = standing.level;
    full.automatic = standing.automatic;
    full.by_hand = standing.by_hand ? 1 : 0;
    full.since = standing.since;
    full.evaluations_below = standing.evaluations_below;
    full.metric =
        patron::CurrencyFromUnits(standing.metric, c_api::MetricDecimals(book->book.policy()));
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}
