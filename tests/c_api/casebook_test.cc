// The casebook at the C interface: the same wherever it is kept.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/casebooks.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

enum class Kept { kMemory, kFile, kHost };

class CasebookTest : public ::testing::TestWithParam<Kept> {
 protected:
  // Opens it, as often as wanted; a casebook in memory stays the one.
  patron_casebook *Open() {
    if (GetParam() == Kept::kMemory && book_ != nullptr) return book_.get();
    book_.reset();
    patron_casebook *raw = nullptr;
    Error error;
    patron_status status = PATRON_OK;
    switch (GetParam()) {
      case Kept::kMemory: status = patron_casebook_create(&raw, error.get()); break;
      case Kept::kFile:
        status = patron_casebook_open(folder_.File("book").c_str(), &raw, error.get());
        break;
      case Kept::kHost: {
        const patron_entry_store store = host_.Store();
        status = patron_casebook_open_store(&store, &raw, error.get());
      }
    }
    EXPECT_EQ(status, PATRON_OK) << error.message();
    book_.reset(raw);
    return raw;
  }
  patron_casebook *New() {
    patron_casebook *book = Open();
    AddRules(book);
    return book;
  }

  Folder folder_;
  HostMemory host_;
  BookPointer book_;
};

std::string NameOf(const ::testing::TestParamInfo<Kept> &kept) {
  constexpr const char *kNames[] = {"Memory", "File", "Host"};
  return kNames[static_cast<size_t>(kept.param)];
}
INSTANTIATE_TEST_SUITE_P(Stores, CasebookTest,
                         ::testing::Values(Kept::kMemory, Kept::kFile, Kept::kHost), NameOf);

std::vector<Event> Decided() {
  return {
      {.id = "e1", .case_id = "A", .type = "receive", .customer = "c", .code = 2},
      {.id = "e2",
       .case_id = "A",
       .type = "acknowledge",
       .time = kMonday + 3 * kHour,
       .actor = "ann",
       .text = "Dear customer"},
      {.id = "e3", .case_id = "A", .type = "record_cause", .time = kMonday + 4 * kHour, .code = 7},
      {.id = "e4",
       .case_id = "A",
       .type = "communicate",
       .time = kMonday + 5 * kHour,
       .amount = 20,
       .code = 1,
       .reason = 3}};
}

TEST_P(CasebookTest, EventsInAnyOrderAndAgain) {
  patron_casebook *book = New();
  const std::vector<Event> events = Decided();
  Applied applied = Apply(book, {events[0], events[3], events[1]}, kMonday + 6 * kHour);
  ASSERT_EQ(applied.status, PATRON_OK) << applied.message;
  EXPECT_EQ(applied.verdicts, (std::vector<std::string>{"applied", "applied", "applied"}));
  Event changed = events[3];
  changed.amount = 21;
  applied = Apply(book, {events[0], changed, events[2]}, kMonday + 7 * kHour);
  EXPECT_EQ(applied.verdicts, (std::vector<std::string>{"duplicate", "conflict", "applied"}));
  EXPECT_EQ(applied.report.rows, 3U);
  EXPECT_EQ(applied.report.applied, 1U);
  EXPECT_EQ(applied.report.duplicates, 1U);
  EXPECT_EQ(applied.report.conflicts, 1U);
  EXPECT_EQ(StateOf(book, "A"), "COMMUNICATED");
  const patron_casebook_size size = SizeOf(book);
  EXPECT_EQ(size.events, 4U);
  EXPECT_EQ(size.recorded, kMonday + 7 * kHour);
  EXPECT_EQ(size.decimals, 4);

  // Opened again it is the same, byte by byte.
  const std::string snapshot = SnapshotOf(book);
  book = Open();
  EXPECT_EQ(SnapshotOf(book), snapshot);
  EXPECT_EQ(patron_casebook_verify(book, size.events, size.head, nullptr), PATRON_OK);
}

TEST_P(CasebookTest, RefusedEventsWaitForWhatTheyLack) {
  patron_casebook *book = New();
  Applied applied = Apply(
      book, {{.id = "1", .case_id = "A", .type = "triage", .time = kMonday + kHour}}, kMonday);
  EXPECT_EQ(applied.verdicts, std::vector<std::string>{"refused"});
  EXPECT_EQ(applied.refusals, std::vector<std::optional<std::string>>{"no_case"});
  EXPECT_EQ(StateOf(book, "A"), "case: 'A' has not been received; expected one that has");
  book = Open();
  applied = Apply(book, {{.id = "2", .case_id = "A", .type = "receive"}}, kMonday);
  EXPECT_EQ(applied.verdicts, std::vector<std::string>{"applied"});
  EXPECT_EQ(StateOf(book, "A"), "TRIAGED");
  EXPECT_EQ(StateOf(Open(), "A"), "TRIAGED");
}

TEST_P(CasebookTest, AllOrNothing) {
  patron_casebook *book = New();
  const std::string before = SnapshotOf(book);
  std::vector<Event> events = Decided();
  events.push_back({.id = "e5", .case_id = "A", .type = "reopen", .time = kMonday + 6 * kHour});
  const Applied applied = Apply(book, events, kMonday + 7 * kHour, PATRON_APPLY_ALL);
  EXPECT_EQ(applied.status, PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(applied.message,
            "event: row 4 is 'e5', refused: not_legal; expected one that is allowed");
  EXPECT_EQ(SnapshotOf(book), before);
  EXPECT_EQ(SnapshotOf(Open()), before);
}

TEST_P(CasebookTest, WhatHappensByItself) {
  patron_casebook *book = New();
  Apply(book,
        {{.id = "e1", .case_id = "A", .type = "receive", .code = 2},
         {.id = "e2",
          .case_id = "A",
          .type = "promise",
          .time = kMonday + 2 * kHour,
          .due = kMonday + 30 * kHour}},
        kMonday + 2 * kHour);
  int64_t next = 0;
  ASSERT_EQ(patron_casebook_next_instant(book, &next, nullptr), PATRON_OK);
  // Eight hours of working time from 09:00 on, two hours after kMonday; late is what is past that.
  EXPECT_EQ(next, kMonday + 10 * kHour + 1);
  uint64_t events = 99;
  Error error;
  ASSERT_EQ(patron_casebook_advance(book, kMonday + 9 * kHour, &events, error.get()), PATRON_OK);
  EXPECT_EQ(events, 0U);
  ASSERT_EQ(patron_casebook_advance(book, kMonday + 31 * kHour, &events, error.get()), PATRON_OK);
  EXPECT_EQ(events, 2U);  // The acknowledgement is late, and the promise broken.
  const std::string snapshot = SnapshotOf(book);
  book = Open();
  EXPECT_EQ(SnapshotOf(book), snapshot);
  ASSERT_EQ(patron_casebook_advance(book, kMonday + 31 * kHour, &events, error.get()), PATRON_OK);
  EXPECT_EQ(events, 0U);
  EXPECT_EQ(patron_casebook_advance(book, kMonday + 30 * kHour, &events, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_TRUE(error.message().starts_with("now: 2024-06-04T13:00")) << error.message();

  patron_table *raw = nullptr;
  ASSERT_EQ(patron_casebook_timeline(book, 0, "A", PATRON_MONEY_FLOAT64, &raw, nullptr), PATRON_OK);
  const Table timeline(raw);
  EXPECT_EQ(Texts(timeline, "type"),
            (std::vector<std::string>{"receive", "promise", "breach", "promise_broken"}));
  EXPECT_EQ(OptionalTexts(timeline, "clock")[2], "acknowledge");
  EXPECT_EQ(OptionalTexts(timeline, "related_event")[3], "e2");
}

TEST_P(CasebookTest, ErasureLeavesNothingBehind) {
  patron_casebook *book = New();
  std::vector<Event> events = Decided();
  events[0].customer = "Ms Customer-Name";
  events[1].text = "Dear Ms Customer-Name";
  events.push_back(
      {.id = "f1", .case_id = "B", .type = "receive", .customer = "other", .text = "stays there"});
  Apply(book, events, kMonday + 6 * kHour);
  const patron_casebook_size size = SizeOf(book);
  Error error;
  EXPECT_EQ(patron_casebook_erase_customer(book, 0, "nobody", error.get()), PATRON_NOT_FOUND);
  EXPECT_EQ(error.message(), "customer: 'nobody'; expected one of the casebook");
  EXPECT_EQ(patron_casebook_erase_customer(book, 3, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  ASSERT_EQ(patron_casebook_erase_customer(book, 0, "Ms Customer-Name", error.get()), PATRON_OK)
      << error.message();
  const std::string snapshot = SnapshotOf(book);
  EXPECT_EQ(snapshot.find("Customer-Name"), std::string::npos);
  EXPECT_NE(snapshot.find("stays there"), std::string::npos);
  for (const std::string &entry : host_.entries) {
    EXPECT_EQ(entry.find("Customer-Name"), std::string::npos);
  }
  book = Open();
  EXPECT_EQ(SnapshotOf(book), snapshot);
  EXPECT_EQ(patron_casebook_verify(book, size.events, size.head, error.get()), PATRON_OK)
      << error.message();
  // The same events are still known, and others follow.
  EXPECT_EQ(Apply(book, events, kMonday + 8 * kHour).report.duplicates, 5U);
  EXPECT_EQ(
      Apply(book, {{.id = "g", .case_id = "A", .type = "accept", .time = kMonday + 9 * kHour}},
            kMonday + 9 * kHour)
          .report.applied,
      1U);
  EXPECT_EQ(StateOf(Open(), "A"), "ACCEPTED");
}

TEST_P(CasebookTest, ViewsSayWhatThereIs) {
  patron_casebook *book = New();
  Apply(book, Decided(), kMonday + 6 * kHour);
  Apply(book,
        {{.id = "f",
          .case_id = "B",
          .type = "receive",
          .time = kMonday + 6 * kHour,
          .customer = "d"}},
        kMonday + 8 * kHour);
  patron_table *raw = nullptr;
  ASSERT_EQ(patron_casebook_cases(book, PATRON_MONEY_UNITS, &raw, nullptr), PATRON_OK);
  const Table cases(raw);
  EXPECT_EQ(Texts(cases, "case"), (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(Texts(cases, "customer"), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(Texts(cases, "state"), (std::vector<std::string>{"COMMUNICATED", "RECEIVED"}));
  EXPECT_EQ(Texts(cases, "kind"), (std::vector<std::string>{"decided", "open"}));
  EXPECT_EQ(Integers32(cases, "cause"), (std::vector<int32_t>{7, 0}));
  EXPECT_EQ(Integers(cases, "granted"), (std::vector<int64_t>{200'000, 0}));
  EXPECT_EQ(Integers(cases, "events"), (std::vector<int64_t>{4, 1}));

  ASSERT_EQ(patron_casebook_as_of(book, kMonday + 7 * kHour, kMonday + 3 * kHour,
                                  PATRON_MONEY_UNITS, &raw, nullptr),
            PATRON_OK);
  const Table then(raw);
  EXPECT_EQ(Texts(then, "state"), (std::vector<std::string>{"ACKNOWLEDGED"}));

  patron_table *state = nullptr, *next = nullptr, *clocks = nullptr, *promises = nullptr;
  ASSERT_EQ(patron_casebook_case(book, 0, "A", kMonday + 6 * kHour, PATRON_MONEY_FLOAT64, &state,
                                 &next, &clocks, &promises, nullptr),
            PATRON_OK);
  const Table own_state(state), own_next(next), own_clocks(clocks), own_promises(promises);
  EXPECT_EQ(Numbers(own_state, "granted"), std::vector<double>{20});
  EXPECT_EQ(patron_table_rows(own_promises.get()), 0);
  bool customer_may_accept = false;
  const auto events = Texts(own_next, "event");
  const auto roles = OptionalTexts(own_next, "role");
  const auto to = OptionalTexts(own_next, "to");
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i] != "accept" || roles[i] != "customer") continue;
    customer_may_accept = true;
    EXPECT_EQ(to[i], "ACCEPTED");
  }
  EXPECT_TRUE(customer_may_accept);
  const auto names = Texts(own_clocks, "clock");
  const auto states = Texts(own_clocks, "state");
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "acknowledge") {
      EXPECT_EQ(states[i], "stopped");
      EXPECT_EQ(Numbers(own_clocks, "used")[i], 3600.0);  // 09:00 to 10:00.
    }
  }

  ASSERT_EQ(
      patron_casebook_clocks(book, PATRON_CLOCKS_OVERDUE, kMonday + 40 * kHour, 0, &raw, nullptr),
      PATRON_OK);
  const Table overdue(raw);
  EXPECT_EQ(Texts(overdue, "case"), std::vector<std::string>{"B"});
  EXPECT_EQ(Texts(overdue, "clock"), std::vector<std::string>{"acknowledge"});
  ASSERT_EQ(patron_casebook_events(book, PATRON_MONEY_FLOAT64, &raw, nullptr), PATRON_OK);
  const Table log(raw);
  EXPECT_EQ(Texts(log, "event"), (std::vector<std::string>{"e1", "e2", "e3", "e4", "f"}));
  EXPECT_EQ(OptionalTexts(log, "text")[1], "Dear customer");
  EXPECT_EQ(OptionalTexts(log, "text")[0], std::nullopt);
  ASSERT_EQ(patron_casebook_policies(book, &raw, nullptr), PATRON_OK);
  const Table policies(raw);
  EXPECT_EQ(Texts(policies, "policy"), std::vector<std::string>{"default"});
  ASSERT_EQ(patron_casebook_calendars(book, &raw, nullptr), PATRON_OK);
  const Table calendars(raw);
  EXPECT_EQ(Texts(calendars, "calendar"), std::vector<std::string>{"service"});
  patron_policy *policy = nullptr;
  ASSERT_EQ(patron_casebook_get_policy(book, nullptr, nullptr, &policy, nullptr), PATRON_OK);
  patron_policy_free(policy);
  EXPECT_EQ(patron_casebook_get_policy(book, "none", nullptr, &policy, nullptr), PATRON_NOT_FOUND);
}

TEST_P(CasebookTest, RefusalsNameLimitAndRole) {
  patron_casebook *book = New();
  std::vector<Event> events = Decided();
  events[3].role = "frontline";
  events[3].amount = 60;
  const Applied applied = Apply(book, events, kMonday + 6 * kHour);
  EXPECT_EQ(applied.refusals[3], "single_limit");
  patron_table *raw = nullptr;
  ASSERT_EQ(patron_casebook_timeline(book, 0, "A", PATRON_MONEY_FLOAT64, &raw, nullptr), PATRON_OK);
  const Table timeline(raw);
  EXPECT_EQ(OptionalTexts(timeline, "why")[3],
            "60.0000 is above 50.0000, the limit of one event of frontline; supervisor could");
}

TEST_P(CasebookTest, SaysWhatCannotBeAnEvent) {
  patron_casebook *book = New();
  const std::string before = SnapshotOf(book);
  const auto message = [&](Event event) {
    const Applied applied =
        Apply(book, {{.id = "1", .case_id = "A", .type = "receive"}, std::move(event)}, kMonday);
    EXPECT_EQ(applied.status, PATRON_INVALID_ARGUMENT);
    return applied.message;
  };
  EXPECT_EQ(message({.id = "2", .case_id = "A", .type = "recieve"}),
            "type: row 1 is 'recieve'; expected an event of one of the policies, such as receive");
  EXPECT_EQ(message({.id = "2", .case_id = "A", .type = "triage", .role = "boss"}),
            "role: row 1 is 'boss'; expected a role of one of the policies");
  EXPECT_EQ(message({.id = "~2", .case_id = "A", .type = "triage"}),
            "event: row 1 is '~2'; expected no '~' at the begin: such ids are the casebook's own");
  EXPECT_EQ(message({.id = "2", .case_id = "A", .type = "promise"}),
            "due: row 1 is null; expected the instant at which the promise is due");
  EXPECT_EQ(message({.id = "2", .case_id = "A", .type = "set_severity", .code = 5}),
            "code: row 1 is 5; expected 1 to 4 for set_severity");
  EXPECT_EQ(message({.id = "2", .case_id = "A", .type = "compensate", .amount = -1}),
            "amount: row 1 is -1.0000; expected 0 or more");
  EXPECT_EQ(SnapshotOf(book), before);

  TableOf table;
  table.Texts("event", {"1"})
      .Texts("case", {"A"})
      .Texts("type", {"receive"})
      .Times("time", std::vector<int64_t>{0});
  table.Numbers("amuont", std::vector<double>{1.0});
  Error error;
  EXPECT_EQ(patron_casebook_apply(book, table.get(), nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_TRUE(error.message().starts_with("events: a column 'amuont'; expected columns of event, "))
      << error.message();
}

TEST(CasebookBytesTest, OnlyWhatWasWrittenLoads) {
  patron_casebook *raw = nullptr;
  ASSERT_EQ(patron_casebook_create(&raw, nullptr), PATRON_OK);
  const BookPointer book(raw);
  // A small policy, so that every byte can be tried.
  const std::string text = R"({"name": "s", "version": "1", "states": [{"name": "O"}],
      "events": [{"name": "come", "kind": "receive"}, {"name": "n", "kind": "note"}],
      "transitions": [{"event": "come", "to": "O"}, {"event": "n", "from": ["O"], "move": "stay"}],
      "roles": [{"name": "r"}], "authority": [{"role": "r", "events": ["come", "n"]}]})";
  patron_policy *policy = nullptr;
  Error error;
  ASSERT_EQ(patron_policy_from_json(text.data(), text.size(), &policy, error.get()), PATRON_OK)
      << error.message();
  ASSERT_EQ(patron_casebook_add_policy(raw, policy, error.get()), PATRON_OK) << error.message();
  patron_policy_free(policy);
  ASSERT_EQ(Apply(raw,
                  {{.id = "1", .case_id = "A", .type = "come", .customer = "c", .role = "r"},
                   {.id = "2", .case_id = "A", .type = "n", .role = "r", .text = "t"},
                   {.id = "3", .case_id = "B", .type = "n", .role = "r"}},
                  kMonday)
                .status,
            PATRON_OK);
  const std::string bytes = BytesOf<patron_casebook>(patron_casebook_serialize, raw);
  ExpectOnlyTheseBytesLoad<patron_casebook>(patron_casebook_deserialize, bytes);
  patron_casebook *again = nullptr;
  ASSERT_EQ(patron_casebook_deserialize(bytes.data(), bytes.size(), &again, nullptr), PATRON_OK);
  EXPECT_EQ(SnapshotOf(again), bytes);
  patron_casebook_free(again);
}

TEST(CasebookBytesTest, RefusesBadArguments) {
  patron_casebook *raw = nullptr;
  ASSERT_EQ(patron_casebook_create(&raw, nullptr), PATRON_OK);
  const BookPointer book(raw);
  Error error;
  EXPECT_EQ(patron_casebook_create(nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_apply(nullptr, nullptr, nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_apply(raw, nullptr, nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  const Applied applied = Apply(raw, Decided(), kMonday);
  EXPECT_EQ(applied.status, PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(applied.message, "casebook: without a policy; expected one to be added");
  auto *table = Untouched<patron_table>();
  EXPECT_EQ(patron_casebook_cases(raw, 7, &table, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_cases(nullptr, 0, &table, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_clocks(raw, 3, kMonday, 0, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_timeline(raw, 0, "A", 0, &table, error.get()), PATRON_NOT_FOUND);
  EXPECT_EQ(table, Untouched<patron_table>());
  EXPECT_EQ(patron_casebook_verify(raw, 3, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_casebook_use_policy(raw, "default", nullptr, error.get()), PATRON_NOT_FOUND);
  patron_policy *cents = nullptr;
  ASSERT_EQ(patron_policy_preset("default", 2, &cents, nullptr), PATRON_OK);
  EXPECT_EQ(patron_casebook_add_policy(raw, cents, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(),
            "policy: calendar: 'service'; expected one that has been added before");
  AddRules(raw);
  EXPECT_EQ(patron_casebook_add_policy(raw, cents, error.get()), PATRON_FAILED_PRECONDITION);
  patron_policy_free(cents);
  patron_casebook_free(nullptr);
}

}  // namespace
}  // namespace patron::c_api_test
