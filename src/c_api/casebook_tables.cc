#include "c_api/casebook_tables.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "arrow/builder.hpp"
#include "c_api/casebook_columns.hpp"
#include "c_api/columns.hpp"
#include "patron/base/money.hpp"

namespace patron::c_api {
namespace {

using complaints::Casebook;
using complaints::CaseFields;
using complaints::CaseRow;
using complaints::ClockRow;
using complaints::EventKind;
using complaints::EventRecord;
using complaints::LimitKind;
using complaints::Policy;

constexpr std::string_view kStateKinds[] = {"open",   "decided",  "closed",
                                            "merged", "external", "void"};
constexpr std::string_view kClockStates[] = {"running", "paused", "stopped"};
constexpr std::string_view kLimits[] = {"working_time", "elapsed_time", "business_days",
                                        "calendar_days", "calendar_weeks"};

double Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

const Policy &PolicyOf(const Casebook &book, uint16_t number) {
  return book.shelf().policy(number).lifecycle.policy();
}

}  // namespace

int DecimalsOf(const Casebook &book) {
  return book.shelf().size() == 0 ? kDefaultDecimals : PolicyOf(book, 0).decimals;
}

absl::StatusOr<arrow::Table> CaseTable(const Casebook &book, std::span<const CaseRow> rows,
                                       int32_t money) {
  const size_t n = rows.size();
  arrow::TableBuilder builder;
  IdColumn cases(book.case_ids()), customers(book.customer_ids());
  IdColumn merged(book.case_ids()), split(book.case_ids());
  NameColumn states, kinds, policies, versions;
  TimeColumn received, ended;
  for (const CaseRow &row : rows) {
    const CaseFields &f = row.fields;
    const Policy &policy = PolicyOf(book, f.policy);
    cases.Add(row.code);
    const bool known = f.customer != EventRecord::kNone && !book.IsErased(f.customer);
    customers.Add(known ? f.customer : EventRecord::kNone);
    states.Add(policy.states[f.state].name);
    kinds.Add(kStateKinds[static_cast<size_t>(policy.states[f.state].kind)]);
    policies.Add(policy.name);
    versions.Add(policy.version);
    received.Add(f.received);
    ended.Add(f.ended);
    merged.Add(f.merged_into);
    split.Add(f.split_from);
  }
  cases.Finish("case", builder);
  customers.Finish("customer", builder);
  states.Finish("state", builder);
  kinds.Finish("kind", builder);
  policies.Finish("policy", builder);
  versions.Finish("version", builder);
  received.Finish("received", builder);
  ended.Finish("ended", builder);
  const auto integers = [&](std::string_view name, auto get) {
    std::vector<int32_t> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = static_cast<int32_t>(get(rows[i].fields));
    builder.AddInt32(name, std::move(values));
  };
  const auto flags = [&](std::string_view name, auto get) {
    std::vector<uint8_t> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = get(rows[i].fields) ? 1 : 0;
    builder.AddBool(name, values);
  };
  const auto amounts = [&](std::string_view name, int64_t CaseFields::*member) {
    std::vector<int64_t> units(n);
    for (size_t i = 0; i < n; ++i) units[i] = rows[i].fields.*member;
    AddMoney(builder, name, std::move(units), DecimalsOf(book), money);
  };
  integers("severity", [](const CaseFields &f) { return f.severity; });
  integers("media", [](const CaseFields &f) { return f.media; });
  integers("level", [](const CaseFields &f) { return f.level; });
  integers("cycle", [](const CaseFields &f) { return f.cycle; });
  integers("rejections", [](const CaseFields &f) { return f.rejections; });
  flags("regulated", [](const CaseFields &f) { return f.regulated; });
  flags("hold", [](const CaseFields &f) { return f.hold; });
  integers("decision", [](const CaseFields &f) { return f.decision; });
  integers("reason", [](const CaseFields &f) { return f.reason; });
  integers("cause", [](const CaseFields &f) { return f.cause; });
  integers("outcome", [](const CaseFields &f) { return f.outcome; });
  amounts("proposed", &CaseFields::proposed);
  amounts("granted", &CaseFields::granted);
  amounts("compensated", &CaseFields::compensated);
  flags("remedy_due", [](const CaseFields &f) { return f.RemedyDue(); });
  merged.Finish("merged_into", builder);
  split.Finish("split_from", builder);
  std::vector<int64_t> events(n);
  for (size_t i = 0; i < n; ++i) events[i] = rows[i].events;
  builder.AddInt64("events", std::move(events));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> ClockTable(const Casebook &book, std::span<const ClockRow> rows) {
  arrow::TableBuilder builder;
  IdColumn cases(book.case_ids());
  NameColumn clocks, states, kinds;
  TimeColumn started, due, stopped;
  std::vector<double> limit, used, working, elapsed;
  std::vector<uint8_t> breached, recorded;
  for (const ClockRow &row : rows) {
    cases.Add(row.case_code);
    clocks.Add(row.clock);
    states.Add(kClockStates[static_cast<size_t>(row.state)]);
    kinds.Add(kLimits[static_cast<size_t>(row.limit_kind)]);
    const bool time = row.limit_kind <= LimitKind::kElapsedTime;
    limit.push_back(time ? Seconds(row.limit) : static_cast<double>(row.limit));
    used.push_back(time ? Seconds(row.used) : static_cast<double>(row.used));
    started.Add(row.started);
    due.Add(row.due);
    stopped.Add(row.stopped);
    breached.push_back(row.breached ? 1 : 0);
    recorded.push_back(row.recorded ? 1 : 0);
    working.push_back(Seconds(row.overdue_working));
    elapsed.push_back(Seconds(row.overdue_elapsed));
  }
  cases.Finish("case", builder);
  clocks.Finish("clock", builder);
  states.Finish("state", builder);
  kinds.Finish("kind", builder);
  builder.AddFloat64("limit", std::move(limit));
  builder.AddFloat64("used", std::move(used));
  started.Finish("started", builder);
  due.Finish("due", builder);
  stopped.Finish("stopped", builder);
  builder.AddBool("breached", breached);
  builder.AddBool("recorded", recorded);
  builder.AddFloat64("overdue_working", std::move(working));
  builder.AddFloat64("overdue_elapsed", std::move(elapsed));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> NextTable(std::span<const complaints::NextEvent> rows) {
  arrow::TableBuilder builder;
  NameColumn events, states, roles, lacks;
  for (const complaints::NextEvent &row : rows) {
    const auto add = [&](bool can, std::string_view role) {
      events.Add(row.event);
      states.AddIf(!row.to.empty(), row.to);
      roles.AddIf(can, role);
      lacks.AddIf(!can, complaints::RefusalName(row.lacks));
    };
    for (const std::string_view role : row.roles) add(true, role);
    if (row.roles.empty()) add(false, {});
  }
  events.Finish("event", builder);
  states.Finish("to", builder);
  roles.Finish("role", builder);
  lacks.Finish("lacks", builder);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> PromiseTable(const Casebook &book,
                                          std::span<const complaints::PromiseRow> rows) {
  arrow::TableBuilder builder;
  IdColumn events(book.event_ids());
  TimeColumn made, due, kept, broken;
  for (const complaints::PromiseRow &row : rows) {
    events.Add(row.position);
    made.Add(row.made);
    due.Add(row.due);
    kept.Add(row.kept);
    broken.Add(row.broken);
  }
  events.Finish("event", builder);
  made.Finish("made", builder);
  due.Finish("due", builder);
  kept.Finish("kept", builder);
  broken.Finish("broken", builder);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> EventsTable(const Casebook &book, std::span<const uint32_t> positions,
                                         int32_t money,
                                         std::span<const complaints::TimelineRow> timeline) {
  using Store = complaints::detail::casebook::CasebookStore;
  arrow::TableBuilder builder;
  IdColumn events(book.event_ids()), cases(book.case_ids()), actors(book.actor_ids()),
      customers(book.customer_ids()), related_cases(book.case_ids()),
      related_events(book.reference_ids());
  NameColumn types, roles, policies, versions, clocks, refusals;
  TimeColumn times, recorded, dues;
  Nullable<int64_t> amounts;
  Nullable<std::string_view> texts;
  Nullable<int32_t> percents;
  std::vector<int32_t> codes, reasons;
  std::vector<uint8_t> regulated, notice, remedy, automatic;
  for (const uint32_t position : positions) {
    const EventRecord &event = book.event(position);
    const EventKind kind = book.shelf().kind(event.type);
    const bool receives = kind == EventKind::kReceive;
    const bool names_policy = receives || kind == EventKind::kMigrate;
    const bool share =
        event.automatic() && (kind == EventKind::kBreach || kind == EventKind::kEscalate);
    events.Add(position);
    cases.Add(event.case_code);
    types.Add(book.shelf().types()[event.type].name);
    times.Add(event.occurred);
    recorded.Add(event.recorded);
    actors.Add(event.actor);
    const bool has_role = event.role != EventRecord::kNoRole;
    roles.AddIf(has_role, has_role ? std::string_view(book.shelf().roles()[event.role]) : "");
    const bool known =
        receives && event.reference != EventRecord::kNone && !book.IsErased(event.reference);
    customers.Add(known ? event.reference : EventRecord::kNone);
    const Policy *policy = names_policy ? &PolicyOf(book, event.detail) : nullptr;
    policies.AddIf(names_policy, names_policy ? std::string_view(policy->name) : "");
    versions.AddIf(names_policy, names_policy ? std::string_view(policy->version) : "");
    const bool promise = kind == EventKind::kPromise;
    amounts.AddIf(!promise && !share, event.value);
    dues.Add(promise ? event.value : complaints::kNever);
    codes.push_back(event.code);
    reasons.push_back(names_policy || event.automatic() ? 0 : event.detail);
    related_cases.Add(Store::NamesCase(kind) ? event.reference : EventRecord::kNone);
    related_events.Add(Store::NamesEvent(kind) ? event.reference : EventRecord::kNone);
    regulated.push_back((event.flags & complaints::kRegulated) != 0 ? 1 : 0);
    notice.push_back((event.flags & complaints::kNotice) != 0 ? 1 : 0);
    remedy.push_back((event.flags & complaints::kRemedy) != 0 ? 1 : 0);
    const auto text = book.TextOf(event);
    texts.AddIf(text.has_value(), text.value_or(std::string_view()));
    automatic.push_back(event.automatic() ? 1 : 0);
    const unsigned clock = share ? complaints::detail::casebook::ClockOfShare(event.detail) : 0;
    const bool of_clock = share && clock < book.shelf().clock_names().size();
    clocks.AddIf(of_clock, of_clock ? std::string_view(book.shelf().clock_names()[clock]) : "");
    percents.AddIf(
        of_clock, static_cast<int32_t>(complaints::detail::casebook::PercentOfShare(event.detail)));
    refusals.AddIf(!event.accepted(), complaints::RefusalName(event.refusal));
  }
  events.Finish("event", builder);
  cases.Finish("case", builder);
  types.Finish("type", builder);
  times.Finish("time", builder);
  recorded.Finish("recorded", builder);
  actors.Finish("actor", builder);
  roles.Finish("role", builder);
  customers.Finish("customer", builder);
  policies.Finish("policy", builder);
  versions.Finish("version", builder);
  AddMoney(builder, "amount", std::move(amounts.values()), DecimalsOf(book), money,
           amounts.valid());
  dues.Finish("due", builder);
  builder.AddInt32("code", std::move(codes));
  builder.AddInt32("reason", std::move(reasons));
  related_cases.Finish("related_case", builder);
  related_events.Finish("related_event", builder);
  builder.AddBool("regulated", regulated);
  builder.AddBool("notice", notice);
  builder.AddBool("remedy", remedy);
  builder.AddText("text", std::span<const std::string_view>(texts.values()), texts.valid());
  builder.AddBool("automatic", automatic);
  clocks.Finish("clock", builder);
  builder.AddInt32("percent", std::move(percents.values()), percents.valid());
  refusals.Finish("refusal", builder);
  if (!timeline.empty()) {
    NameColumn states;
    Nullable<std::string_view> why;
    for (const complaints::TimelineRow &row : timeline) {
      states.AddIf(row.event.accepted(), row.state);
      why.AddIf(!row.refusal.empty(), row.refusal);
    }
    states.Finish("state", builder);
    builder.AddText("why", std::span<const std::string_view>(why.values()), why.valid());
  }
  return builder.Finish();
}

}  // namespace patron::c_api
