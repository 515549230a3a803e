// The life of customer relationships.
#include "patron/c/lifecycle.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
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
#include "c_api/optional_columns.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/lifecycle_book.hpp"

struct patron_lifecycle {
  patron::loyalty::LifecycleBook book;
  patron::CivilDays days;
};

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

using loyalty::LifeChange;
using loyalty::LifecycleBook;
using loyalty::LifeFact;
using loyalty::LifeFactKind;
using loyalty::LifeState;

template <typename E, size_t kCount>
std::array<std::string_view, kCount> NamesOf(std::string_view (*name)(E)) {
  std::array<std::string_view, kCount> names;
  for (size_t i = 0; i < kCount; ++i) names[i] = name(static_cast<E>(i));
  return names;
}

absl::StatusOr<LifeFactKind> LifeFactOf(std::string_view word, size_t row) {
  static const auto kNames = NamesOf<LifeFactKind, loyalty::kLifeFactKinds>(loyalty::FactName);
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == word) return static_cast<LifeFactKind>(i);
  }
  return InvalidRow("kind", row, Quoted(word),
                    "potential, contact, purchase, wallet, alive or lost");
}

absl::Status AppendFacts(patron_lifecycle &lifecycle, const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto id_reader, arrow::OpenIds(table, "customer_id"));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(id_reader));
  PATRON_ASSIGN_OR_RETURN(const auto time_reader,
                          arrow::OpenTimes(table, "time", arrow::Nulls::kError, lifecycle.days));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader));
  PATRON_ASSIGN_OR_RETURN(const auto words, LoadText(table, "kind"));
  const size_t n = times.values.size();
  std::vector<int32_t> days(n);
  std::vector<LifeFactKind> kinds(n);
  std::vector<double> values(n, kNaN);
  for (size_t i = 0; i < n; ++i) {
    days[i] = lifecycle.days.DayOf(times.values[i]);
    PATRON_ASSIGN_OR_RETURN(kinds[i], LifeFactOf(words.values[i], i));
  }
  if (table.Find("value").has_value()) {
    PATRON_ASSIGN_OR_RETURN(
        const auto reader,
        arrow::OpenNumbers(table, "value", arrow::Nulls::kMask, arrow::Finite::kAny));
    PATRON_ASSIGN_OR_RETURN(const auto given, arrow::Load(reader));
    for (size_t i = 0; i < n; ++i) {
      if (given.valid.empty() || given.valid[i] != 0) values[i] = given.values[i];
    }
  }
  return InWords({{"customer", "customer_id"}, {"day", "time"}},
                 lifecycle.book.Append({customers.ids, days, kinds, values}));
}

absl::Status AppendPurchases(patron_lifecycle &lifecycle, const arrow::Table &table,
                             const TransactionColumns &columns) {
  const arrow::TransactionColumns &names = columns.names;
  if (names.nulls != arrow::Nulls::kError) {
    return InvalidOption("nulls", "skip", "error: each purchase counts");
  }
  PATRON_ASSIGN_OR_RETURN(const auto id_reader, arrow::OpenIds(table, names.customer));
  PATRON_ASSIGN_OR_RETURN(
      const auto time_reader,
      arrow::OpenTimes(table, *names.time, arrow::Nulls::kError, lifecycle.days));
  PATRON_ASSIGN_OR_RETURN(
      const auto amount_reader,
      arrow::OpenMoney(table, names.amount, kDefaultDecimals, names.amount_decimals));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(id_reader));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader));
  PATRON_ASSIGN_OR_RETURN(const auto amounts, arrow::Load(amount_reader));
  std::vector<int64_t> integers;
  std::vector<std::string_view> texts;
  std::vector<int32_t> days;
  for (size_t i = 0; i < times.values.size(); ++i) {
    if (amounts.values[i] < 0) continue;
    if (customers.ids.is_text()) {
      texts.push_back(customers.ids.text()[i]);
    } else {
      integers.push_back(customers.ids.integers()[i]);
    }
    days.push_back(lifecycle.days.DayOf(times.values[i]));
  }
  const std::vector<LifeFactKind> kinds(days.size(), LifeFactKind::kPurchase);
  const std::vector<double> values(days.size());
  const IdSpan ids = customers.ids.is_text() ? IdSpan(std::span<const std::string_view>(texts))
                                             : IdSpan(std::span<const int64_t>(integers));
  return InWordsOf(names, lifecycle.book.Append({ids, days, kinds, values}));
}

void AddCustomerIds(const LifecycleBook &book, std::span<const uint32_t> codes,
                    arrow::TableBuilder &builder) {
  const IdList ids = book.customers().List(codes);
  builder.AddIds("customer_id", ids.span());
}

// Values that may be missing.
template <typename T>
struct KnownLife {
  std::vector<T> values;
  std::vector<uint8_t> valid;

  void Add(bool known, T value) {
    values.push_back(known ? value : T{});
    valid.push_back(known ? 1 : 0);
  }
};

absl::StatusOr<arrow::Table> CustomerTable(const LifecycleBook &book, int32_t as_of) {
  static const auto kStages = NamesOf<loyalty::LifeStage, loyalty::kLifeStages>(loyalty::StageName);
  static const auto kWhose = NamesOf<loyalty::Belongs, loyalty::kBelongs>(loyalty::BelongsName);
  const loyalty::LifeStates states = book.States(as_of);
  std::vector<int32_t> stage, since, whose, purchase_days;
  std::vector<uint8_t> staged;
  std::vector<double> gap;
  KnownLife<double> share;
  KnownLife<int32_t> first, last, next;
  for (const LifeState &state : states.state) {
    stage.push_back(static_cast<int32_t>(state.stage));
    since.push_back(state.since);
    staged.push_back(state.stage == loyalty::LifeStage::kNone ? 0 : 1);
    whose.push_back(static_cast<int32_t>(state.whose));
    purchase_days.push_back(state.purchase_days);
    gap.push_back(state.usual_gap);
    share.Add(!std::isnan(state.share), state.share);
    first.Add(state.first != LifeState::kNoPurchase, state.first);
    last.Add(state.last != LifeState::kNoPurchase, state.last);
    next.Add(state.next != LifeState::kNoPurchase, state.next);
  }
  arrow::TableBuilder builder;
  AddCustomerIds(book, states.customer, builder);
  builder.AddDictionary("stage", std::move(stage), kStages);
  builder.AddDate32("since", std::move(since), staged);
  builder.AddDictionary("whose", std::move(whose), kWhose);
  builder.AddFloat64("share_of_wallet", std::move(share.values), share.valid);
  builder.AddInt32("purchase_days", std::move(purchase_days));
  builder.AddDate32("first_purchase", std::move(first.values), first.valid);
  builder.AddDate32("last_purchase", std::move(last.values), last.valid);
  builder.AddFloat64("usual_gap", std::move(gap));
  builder.AddDate32("next_change", std::move(next.values), next.valid);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> ChangeTable(const LifecycleBook &book, int32_t since, int32_t as_of) {
  // The names of both axes in one list.
  static const auto kNames = [] {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < loyalty::kLifeStages; ++i) {
      names.push_back(loyalty::StageName(static_cast<loyalty::LifeStage>(i)));
    }
    for (size_t i = 0; i < loyalty::kBelongs; ++i) {
      names.push_back(loyalty::BelongsName(static_cast<loyalty::Belongs>(i)));
    }
    return names;
  }();
  static const auto kCauses = NamesOf<loyalty::LifeCause, loyalty::kLifeCauses>(loyalty::CauseName);
  constexpr std::string_view kAxes[] = {"stage", "whose"};
  const loyalty::LifeChanges changes = book.Changes(since, as_of);
  std::vector<int32_t> days, axis, before, after, cause;
  KnownLife<double> measured, limit;
  for (const LifeChange &change : changes.change) {
    const int32_t offset = change.whose ? static_cast<int32_t>(loyalty::kLifeStages) : 0;
    days.push_back(change.day);
    axis.push_back(change.whose ? 1 : 0);
    before.push_back(offset + change.before);
    after.push_back(offset + change.after);
    cause.push_back(static_cast<int32_t>(change.cause));
    measured.Add(!std::isnan(change.measured), change.measured);
    limit.Add(!std::isnan(change.limit), change.limit);
  }
  arrow::TableBuilder builder;
  AddCustomerIds(book, changes.customer, builder);
  builder.AddDate32("date", std::move(days));
  builder.AddDictionary("axis", std::move(axis), kAxes);
  builder.AddDictionary("before", std::move(before), kNames);
  builder.AddDictionary("after", std::move(after), kNames);
  builder.AddDictionary("cause", std::move(cause), kCauses);
  builder.AddFloat64("measured", std::move(measured.values), measured.valid);
  builder.AddFloat64("limit", std::move(limit.values), limit.valid);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> LifeFactTable(const LifecycleBook &book) {
  static const auto kNames = NamesOf<LifeFactKind, loyalty::kLifeFactKinds>(loyalty::FactName);
  std::vector<uint32_t> codes;
  std::vector<int32_t> days, kinds;
  KnownLife<double> values;
  for (const uint32_t code : book.customers().Ascending()) {
    for (const LifeFact &fact : book.facts(code)) {
      codes.push_back(code);
      days.push_back(fact.day);
      kinds.push_back(static_cast<int32_t>(fact.kind));
      values.Add(fact.kind == LifeFactKind::kWallet || fact.kind == LifeFactKind::kAlive,
                 fact.value);
    }
  }
  arrow::TableBuilder builder;
  AddCustomerIds(book, codes, builder);
  builder.AddDate32("time", std::move(days));
  builder.AddDictionary("kind", std::move(kinds), kNames);
  builder.AddFloat64("value", std::move(values.values), values.valid);
  return builder.Finish();
}

// Runs `body(book)`, which gives a table.
template <typename Body>
patron_status TellLife(const patron_lifecycle *lifecycle, patron_table **out, patron_error *error,
                       Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("lifecycle", lifecycle));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    absl::StatusOr<arrow::Table> table = body(lifecycle->book);
    PATRON_RETURN_IF_ERROR(table.status());
    *out = NewTable(*std::move(table)).release();
    return absl::OkStatus();
  });
}

int32_t LastOr(const LifecycleBook &book, int32_t day) {
  return day == PATRON_NO_DAY ? book.last_day() : day;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_lifecycle_rules_init(patron_lifecycle_rules *rules) {
  const loyalty::LifeRules defaults;
  *rules = {sizeof *rules,
            defaults.new_days,
            defaults.mature_purchases,
            defaults.min_gaps,
            defaults.default_gap,
            defaults.dormant_gaps,
            defaults.lost_gaps,
            defaults.alive_floor,
            defaults.ours_share,
            defaults.competitors_share};
}

extern "C" patron_status patron_lifecycle_create(const patron_lifecycle_rules *rules,
                                                 const char *zone, patron_lifecycle **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_lifecycle_rules full;
    patron_lifecycle_rules_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("rules", rules, &full));
    PATRON_ASSIGN_OR_RETURN(auto days, patron::CivilDays::In(zone == nullptr ? "UTC" : zone));
    PATRON_ASSIGN_OR_RETURN(
        auto book, loyalty::LifecycleBook::Make({.new_days = full.new_days,
                                                 .mature_purchases = full.mature_purchases,
                                                 .min_gaps = full.min_gaps,
                                                 .default_gap = full.default_gap,
                                                 .dormant_gaps = full.dormant_gaps,
                                                 .lost_gaps = full.lost_gaps,
                                                 .alive_floor = full.alive_floor,
                                                 .ours_share = full.ours_share,
                                                 .competitors_share = full.competitors_share}));
    *out = new patron_lifecycle{std::move(book), std::move(days)};
    return absl::OkStatus();
  });
}

extern "C" void patron_lifecycle_free(patron_lifecycle *lifecycle) { delete lifecycle; }

extern "C" patron_status patron_lifecycle_append(patron_lifecycle *lifecycle,
                                                 const patron_table *facts, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("lifecycle", lifecycle));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("facts", facts));
    return c_api::AppendFacts(*lifecycle, facts->table);
  });
}

extern "C" patron_status patron_lifecycle_append_purchases(
    patron_lifecycle *lifecycle, const patron_table *purchases,
    const patron_transaction_columns *columns, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("lifecycle", lifecycle));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purchases", purchases));
    PATRON_ASSIGN_OR_RETURN(const c_api::TransactionColumns read, c_api::ReadColumns(columns));
    return c_api::AppendPurchases(*lifecycle, purchases->table, read);
  });
}

extern "C" patron_status patron_lifecycle_customers(const patron_lifecycle *lifecycle,
                                                    int32_t as_of, patron_table **out,
                                                    patron_error *error) {
  return c_api::TellLife(lifecycle, out, error, [&](const loyalty::LifecycleBook &book) {
    return c_api::CustomerTable(book, c_api::LastOr(book, as_of));
  });
}

extern "C" patron_status patron_lifecycle_changes(const patron_lifecycle *lifecycle, int32_t since,
                                                  int32_t as_of, patron_table **out,
                                                  patron_error *error) {
  return c_api::TellLife(lifecycle, out, error, [&](const loyalty::LifecycleBook &book) {
    return c_api::ChangeTable(book, since, c_api::LastOr(book, as_of));
  });
}

extern "C" patron_status patron_lifecycle_facts(const patron_lifecycle *lifecycle,
                                                patron_table **out, patron_error *error) {
  return c_api::TellLife(lifecycle, out, error, [](const loyalty::LifecycleBook &book) {
    return c_api::LifeFactTable(book);
  });
}
