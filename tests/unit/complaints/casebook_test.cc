// The casebook: what events do, what is refused and why, and what happens by itself.
#include "patron/complaints/casebook.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/complaints/casebooks.hpp"

namespace patron::complaints {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kUnit = 10'000;                  // Of money.
constexpr int64_t kLater = 4'000'000'000'000'000;  // Than all events.

int64_t Monday(int64_t hour) { return At("2024-06-03T00:00:00Z") + hour * kHour; }

// The refusals of a case's events in canonical order.
std::vector<std::string> Refusals(const Casebook &book, std::string_view id) {
  std::vector<std::string> result;
  for (const TimelineRow &row : book.Timeline(CodeOf(book, id))) {
    result.emplace_back(RefusalName(row.event.refusal));
  }
  return result;
}

std::string LastText(const Casebook &book, std::string_view id) {
  const auto rows = book.Timeline(CodeOf(book, id));
  return rows.empty() ? "" : rows.back().refusal;
}

// A case that was received on Monday at nine, with its decision sent at noon.
std::vector<Fact> Decided(const std::string &id = "A") {
  return {
      {.id = 1, .case_id = id, .type = "receive", .at = Monday(9), .customer = "c"},
      {.id = 2, .case_id = id, .type = "acknowledge", .at = Monday(10)},
      {.id = 3, .case_id = id, .type = "record_cause", .at = Monday(11), .code = 7},
      {.id = 4, .case_id = id, .type = "communicate", .at = Monday(12), .code = 1, .reason = 2}};
}

TEST(CasebookTest, ACaseGoesItsWay) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts.push_back(
      {.id = 5, .case_id = "A", .type = "accept", .at = Monday(13), .role = "customer"});
  facts.push_back({.id = 6, .case_id = "A", .type = "close", .at = Monday(14), .code = 3});
  const ApplyReport report = Take(book, facts);
  EXPECT_EQ(report.applied, 6U);
  EXPECT_EQ(StateOf(book, "A"), "CLOSED");
  const CaseFields &fields = book.Case(CodeOf(book, "A"));
  EXPECT_EQ(fields.received, Monday(9));
  EXPECT_EQ(fields.ended, Monday(14));
  EXPECT_EQ(fields.decision, 1);
  EXPECT_EQ(fields.reason, 2);
  EXPECT_EQ(fields.cause, 7);
  EXPECT_EQ(fields.outcome, 3);
}

TEST(CasebookTest, EventsBeforeTheReceiptWaitForIt) {
  Casebook book = NewBook();
  EXPECT_EQ(
      Take(book, {{.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(10)}}).refused, 1U);
  EXPECT_EQ(StateOf(book, "A"), "");
  EXPECT_EQ(LastText(book, "A"), "the case had not been received by then");
  EXPECT_EQ(Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)}}).applied,
            1U);
  EXPECT_EQ(StateOf(book, "A"), "ACKNOWLEDGED");
  EXPECT_EQ(book.event(0).refusal, Refusal::kNone);
}

TEST(CasebookTest, ALateEventMakesALaterOneLegal) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "A", .type = "investigate", .at = Monday(12)}});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "not_legal"));
  EXPECT_EQ(LastText(book, "A"), "not possible from the state RECEIVED");
  Take(book, {{.id = 3, .case_id = "A", .type = "triage", .at = Monday(10)}});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", ""));
  EXPECT_EQ(StateOf(book, "A"), "INVESTIGATING");
}

TEST(CasebookTest, DuplicatesDoNothingAndConflictsAreLeftOut) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts[2].text = "three weeks late";
  Take(book, facts);
  const LogHead head = book.head();
  EXPECT_EQ(Take(book, facts).duplicates, 4U);
  facts[0].customer = "d";
  facts[1].at += 1;
  facts[2].text = "two weeks late";
  facts[3].code = 2;
  const ApplyReport report = Take(book, facts);
  EXPECT_EQ(report.conflicts, 4U);
  EXPECT_EQ(book.head(), head);
  EXPECT_EQ(book.customer_ids().size(), 1U);  // What a conflict names is not remembered.
  // Twice in one call.
  const std::vector<Fact> twice = {
      {.id = 9, .case_id = "A", .type = "note", .at = Monday(15), .text = "a"},
      {.id = 9, .case_id = "A", .type = "note", .at = Monday(15), .text = "a"},
      {.id = 9, .case_id = "A", .type = "note", .at = Monday(15), .text = "b"}};
  EXPECT_THAT(Take(book, twice).verdict,
              ElementsAre(RowVerdict::kApplied, RowVerdict::kDuplicate, RowVerdict::kConflict));
}

TEST(CasebookTest, AllOrNoneLeavesNothing) {
  Casebook book = NewBook();
  Take(book, Decided());
  const LogHead head = book.head();
  const CasebookSize size = book.size();
  const FactColumns columns(
      book, {{.id = 7, .case_id = "B", .type = "receive", .at = Monday(9), .customer = "new"},
             {.id = 8, .case_id = "A", .type = "accept", .at = Monday(13)},
             {.id = 9, .case_id = "A", .type = "triage", .at = Monday(14)}});
  const auto report = book.Apply(columns.rows(), kLater, ApplyMode::kAll);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(report.status().message(),
            "event: row 2 is 9, refused: not_legal; expected one that is allowed");
  EXPECT_EQ(book.head(), head);
  EXPECT_EQ(book.size().cases, size.cases);
  EXPECT_EQ(book.size().customers, size.customers);
  EXPECT_EQ(StateOf(book, "A"), "COMMUNICATED");
  EXPECT_EQ(book.FindCase("B"), -1);
  std::vector<Fact> other = Decided();
  other[3].code = 9;
  const FactColumns conflict(book, other);
  EXPECT_EQ(book.Apply(conflict.rows(), kLater, ApplyMode::kAll).status().message(),
            "event: row 3 is 4, known with other content; expected equal content or a new id");
}

TEST(CasebookTest, RefusesRowsThatCannotBeEvents) {
  Casebook book = NewBook();
  const auto message = [&](Fact fact) {
    const FactColumns columns(book,
                              {{.id = 1, .case_id = "A", .type = "receive"}, std::move(fact)});
    return std::string(book.Apply(columns.rows(), 0).status().message());
  };
  EXPECT_EQ(message({.id = -1, .case_id = "A", .type = "note"}),
            "event: row 1 is -1; expected 0 or more: others are the casebook's own");
  EXPECT_EQ(message({.id = 2, .case_id = "A", .type = "set_severity", .code = 5}),
            "code: row 1 is 5; expected 1 to 4 for set_severity");
  EXPECT_EQ(message({.id = 2, .case_id = "A", .type = "compensate", .value = -1}),
            "value: row 1 is -1; expected an amount of 0 or more");
  EXPECT_EQ(
      message({.id = 2, .case_id = "A", .type = "note", .at = INT64_MAX}),
      "time: row 1 is 9223372036854775807; expected microseconds within 142,000 years of 1970");
  EXPECT_EQ(message({.id = 2, .case_id = "A", .type = "receive", .policy = 7}),
            "policy: row 1 is 7; expected the number of a policy");
  EXPECT_EQ(message({.id = 2, .case_id = "A", .type = "note", .flags = 128}),
            "flags: row 1 is 128; expected regulated, notice and remedy alone");
  EXPECT_EQ(message({.id = 2, .case_id = "A", .type = "receive", .customer = "~1"}),
            "customer: row 1 is '~1'; expected another id: those are of customers that have been "
            "erased");
  EXPECT_EQ(book.size().events, 0U);
  Take(book, Decided(), 50);
  const FactColumns note(book, {{.id = 9, .case_id = "A", .type = "note"}});
  EXPECT_EQ(book.Apply(note.rows(), 49).status().message(),
            "recorded: 1970-01-01T00:00:00.000049Z; expected no time before that of the last "
            "events, 1970-01-01T00:00:00.000050Z");
}

TEST(CasebookTest, AnswersReturnToTheStateThatAsked) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "A", .type = "triage", .at = Monday(10)},
              {.id = 3, .case_id = "A", .type = "investigate", .at = Monday(11)},
              {.id = 4, .case_id = "A", .type = "ask_customer", .at = Monday(12)},
              {.id = 10, .case_id = "B", .type = "receive", .at = Monday(9)},
              {.id = 5, .case_id = "A", .type = "merge_into", .at = Monday(13), .other = "B"}});
  EXPECT_EQ(StateOf(book, "A"), "MERGED");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).merged_into, CodeOf(book, "B"));
  Take(book, {{.id = 6, .case_id = "A", .type = "unmerge", .at = Monday(14)}});
  EXPECT_EQ(StateOf(book, "A"), "AWAITING_CUSTOMER");
  Take(book, {{.id = 7, .case_id = "A", .type = "answer_received", .at = Monday(15)}});
  EXPECT_EQ(StateOf(book, "A"), "INVESTIGATING");
}

TEST(CasebookTest, MergersFormAForest) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "B", .type = "receive", .at = Monday(9)},
              {.id = 3, .case_id = "C", .type = "receive", .at = Monday(9)},
              {.id = 4, .case_id = "A", .type = "merge_into", .at = Monday(10), .other = "B"},
              {.id = 5, .case_id = "B", .type = "merge_into", .at = Monday(11), .other = "C"},
              {.id = 6, .case_id = "C", .type = "merge_into", .at = Monday(12), .other = "A"},
              {.id = 7, .case_id = "C", .type = "merge_into", .at = Monday(13), .other = "C"},
              {.id = 8, .case_id = "C", .type = "merge_into", .at = Monday(14), .other = "D"}});
  EXPECT_THAT(Refusals(book, "C"), ElementsAre("", "merge_cycle", "merge_cycle", "no_other_case"));
  // The merger that stood in the way is taken back, by another person than did it.
  Take(book,
       {{.id = 9, .case_id = "A", .type = "reverse", .at = Monday(20), .actor = "x", .about = 4}});
  EXPECT_THAT(Refusals(book, "C"), ElementsAre("", "", "not_legal", "not_legal"));
  EXPECT_EQ(StateOf(book, "C"), "MERGED");
}

TEST(CasebookTest, ALimitCountsTheWholeCaseAndNamesWhoCould) {
  Casebook book = NewBook();
  const auto pay = [&](int64_t id, int64_t hour, int64_t units, const char *role) {
    return Fact{.id = id,
                .case_id = "A",
                .type = "compensate",
                .at = Monday(hour),
                .role = role,
                .value = units * kUnit};
  };
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(10)},
              pay(3, 11, 51, "frontline")});
  EXPECT_EQ(LastText(book, "A"),
            "51.0000 is above 50.0000, the limit of one event of frontline; supervisor could");
  Take(book, {pay(4, 12, 30, "frontline"), pay(5, 13, 30, "frontline")});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "single_limit", "", "case_limit"));
  EXPECT_EQ(LastText(book, "A"),
            "60.0000 in the case is above 50.0000, the limit of one case of frontline; "
            "supervisor could");
  Take(book, {pay(6, 14, 30, "supervisor")});
  EXPECT_EQ(book.Case(CodeOf(book, "A")).compensated, 60 * kUnit);
  Take(book, {pay(7, 15, 1, "customer")});
  EXPECT_EQ(LastText(book, "A"), "customer may not do it; supervisor could");
}

TEST(CasebookTest, ALimitCountsTheCustomersTwelveMonths) {
  Casebook book = NewBook();
  int64_t id = 1;
  const auto paid = [&](const std::string &name, int64_t at) {
    const std::vector<Fact> facts = {
        {.id = id, .case_id = name, .type = "receive", .at = at, .customer = "c"},
        {.id = id + 1, .case_id = name, .type = "acknowledge", .at = at + 1},
        {.id = id + 2,
         .case_id = name,
         .type = "compensate",
         .at = at + 2,
         .role = "frontline",
         .value = 50 * kUnit}};
    id += 3;
    Take(book, facts);
    return Refusals(book, name).back();
  };
  EXPECT_EQ(paid("A", At("2023-06-03T09:00:00Z")), "");
  EXPECT_EQ(paid("B", At("2023-08-01T09:00:00Z")), "");
  EXPECT_EQ(paid("C", At("2023-10-01T09:00:00Z")), "");
  // 150 is the limit; a year after the first there is room again, not a second earlier.
  EXPECT_EQ(paid("D", At("2024-06-03T08:59:59Z")), "customer_limit");
  EXPECT_EQ(LastText(book, "D"),
            "200.0000 for the customer in twelve months is above 150.0000, the limit of "
            "frontline; supervisor could");
  EXPECT_EQ(paid("E", At("2024-06-03T09:00:00Z")), "");
  // A payment that came to be known late takes its place before the others.
  EXPECT_EQ(paid("F", At("2024-01-01T09:00:00Z")), "customer_limit");
  EXPECT_EQ(paid("G", At("2023-05-01T09:00:00Z")), "");
  EXPECT_EQ(Refusals(book, "C").back(), "customer_limit");
}

TEST(CasebookTest, WhatIsApprovedIsPaidByAnyone) {
  Casebook book = NewBook();
  Take(book,
       {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
        {.id = 2, .case_id = "A", .type = "triage", .at = Monday(10)},
        {.id = 3,
         .case_id = "A",
         .type = "propose",
         .at = Monday(11),
         .role = "frontline",
         .actor = "ann",
         .value = 400 * kUnit},
        {.id = 4, .case_id = "A", .type = "communicate", .at = Monday(12), .code = 1, .reason = 1},
        {.id = 5, .case_id = "A", .type = "approve", .at = Monday(13), .actor = "ann"},
        {.id = 6, .case_id = "A", .type = "approve", .at = Monday(14), .actor = "bob"},
        {.id = 7,
         .case_id = "A",
         .type = "communicate",
         .at = Monday(15),
         .role = "frontline",
         .code = 1,
         .reason = 1},
        {.id = 8, .case_id = "A", .type = "accept", .at = Monday(16), .role = "customer"},
        {.id = 9, .case_id = "A", .type = "close", .at = Monday(17)},
        {.id = 10, .case_id = "A", .type = "record_cause", .at = Monday(18), .code = 1},
        {.id = 11, .case_id = "A", .type = "close", .at = Monday(19)},
        {.id = 12,
         .case_id = "A",
         .type = "compensate",
         .at = Monday(20),
         .role = "frontline",
         .value = 400 * kUnit},
        {.id = 13,
         .case_id = "A",
         .type = "compensate",
         .at = Monday(21),
         .role = "frontline",
         .value = 1 * kUnit},
        {.id = 14, .case_id = "A", .type = "close", .at = Monday(22)}});
  EXPECT_THAT(Refusals(book, "A"),
              ElementsAre("", "", "", "no_approval", "other_person", "", "", "", "no_cause", "",
                          "remedy_due", "", "case_limit", ""));
  EXPECT_EQ(StateOf(book, "A"), "CLOSED");
}

TEST(CasebookTest, InACrisisOnlyTheSpokespersonSpeaks) {
  Casebook book = NewBook();
  Take(book,
       {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
        {.id = 2, .case_id = "A", .type = "set_media", .at = Monday(10), .code = 2},
        {.id = 3, .case_id = "A", .type = "message_out", .at = Monday(11), .role = "board"},
        {.id = 4, .case_id = "A", .type = "note", .at = Monday(12), .role = "board"},
        {.id = 5, .case_id = "A", .type = "message_out", .at = Monday(13), .role = "spokesperson"},
        {.id = 6, .case_id = "A", .type = "message_out", .at = Monday(14), .role = "board"}});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "crisis", "", "", "crisis"));
  EXPECT_EQ(LastText(book, "A"), "board may not speak in a media crisis; spokesperson could");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).level, 3);  // Media attention escalates.
}

TEST(CasebookTest, SeverityBoundsWhoDecides) {
  Casebook book = NewBook();
  Take(
      book,
      {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9), .code = 4},
       {.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(10), .role = "frontline"},
       {.id = 3, .case_id = "A", .type = "communicate", .at = Monday(11), .code = 1, .reason = 1}});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "severity"));
  EXPECT_EQ(LastText(book, "A"), "severity 4 is above 3, the highest of supervisor; manager could");
}

TEST(CasebookTest, ReopensInsideTheWindowOnly) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts.push_back({.id = 5, .case_id = "A", .type = "accept", .at = Monday(13)});
  facts.push_back({.id = 6, .case_id = "A", .type = "close", .at = Monday(14)});
  // 30 calendar days after 3 June, whose last ends with 3 July.
  facts.push_back(
      {.id = 7, .case_id = "A", .type = "reopen", .at = At("2024-07-04T00:00:00.000001Z")});
  Take(book, facts);
  EXPECT_EQ(LastText(book, "A"),
            "the window to reopen it has passed; a new case can be received and linked");
  Take(book, {{.id = 8, .case_id = "A", .type = "reopen", .at = At("2024-07-03T23:59:59Z")}});
  EXPECT_EQ(StateOf(book, "A"), "TRIAGED");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).cycle, 1);
  EXPECT_EQ(book.Case(CodeOf(book, "A")).decision, 0);
}

TEST(CasebookTest, AnOpenCaseGoesOutsideWhenTheLimitOfTheLawHasPassed) {
  Casebook book = NewBook();
  const auto refer = [](int64_t id, const char *at) {
    return Fact{
        .id = id, .case_id = "A", .type = "refer_external", .at = At(at), .role = "customer"};
  };
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              refer(2, "2024-07-29T23:59:59Z"),
              refer(3, "2024-07-30T00:00:00.000001Z")});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "limit_not_passed", ""));
  // What is merged into a case brings its receipt along: 27 May is seven days before.
  Casebook merged = NewBook();
  Take(merged, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
                {.id = 4, .case_id = "B", .type = "receive", .at = At("2024-05-27T09:00:00Z")},
                {.id = 5, .case_id = "B", .type = "merge_into", .at = Monday(10), .other = "A"},
                refer(2, "2024-07-23T00:00:00.000001Z")});
  EXPECT_THAT(Refusals(merged, "A"), ElementsAre("", ""));
  // Without the merger it is too early again.
  Take(merged, {{.id = 6, .case_id = "B", .type = "unmerge", .at = Monday(11)}});
  EXPECT_THAT(Refusals(merged, "A"), ElementsAre("", "limit_not_passed"));
}

TEST(CasebookTest, ARegulatedCaseClosesWithTheNotice) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts[0].flags = kRegulated;
  facts.push_back({.id = 5, .case_id = "A", .type = "accept", .at = Monday(13)});
  facts.push_back({.id = 6, .case_id = "A", .type = "close", .at = Monday(14)});
  facts.push_back(
      {.id = 7, .case_id = "A", .type = "message_out", .at = Monday(15), .flags = kNotice});
  facts.push_back({.id = 8, .case_id = "A", .type = "close", .at = Monday(16)});
  Take(book, facts);
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "", "", "", "no_notice", "", ""));
}

TEST(CasebookTest, AHoldKeepsACaseOpenAndItsDataThere) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts[0].text = "private";
  facts.push_back({.id = 5, .case_id = "A", .type = "set_hold", .at = Monday(13), .code = 1});
  facts.push_back({.id = 6, .case_id = "A", .type = "withdraw", .at = Monday(14)});
  Take(book, facts);
  EXPECT_EQ(LastText(book, "A"), "a legal hold");
  EXPECT_EQ(book.EraseCustomer(0).code(), absl::StatusCode::kFailedPrecondition);
  Take(book, {{.id = 7, .case_id = "A", .type = "set_hold", .at = Monday(15), .code = 0}});
  EXPECT_TRUE(book.EraseCustomer(0).ok());
}

TEST(CasebookTest, WhatIsTakenBackHasNotHappened) {
  Casebook book = NewBook();
  Take(
      book,
      {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
       {.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(10), .actor = "ann"},
       {.id = 3,
        .case_id = "A",
        .type = "compensate",
        .at = Monday(11),
        .actor = "ann",
        .value = 10 * kUnit},
       {.id = 4, .case_id = "A", .type = "reverse", .at = Monday(12), .actor = "ann", .about = 3}});
  EXPECT_EQ(LastText(book, "A"), "another person must do it");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).compensated, 10 * kUnit);
  Take(
      book,
      {{.id = 5, .case_id = "A", .type = "reverse", .at = Monday(13), .actor = "bob", .about = 3}});
  EXPECT_EQ(book.Case(CodeOf(book, "A")).compensated, 0);
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "reversed", "other_person", ""));
  // Taking that back brings the payment back.
  Take(
      book,
      {{.id = 6, .case_id = "A", .type = "reverse", .at = Monday(14), .actor = "cid", .about = 5}});
  EXPECT_EQ(book.Case(CodeOf(book, "A")).compensated, 10 * kUnit);
  // An event that is not there, and one of the future.
  Take(book,
       {{.id = 7, .case_id = "A", .type = "reverse", .at = Monday(15), .actor = "x", .about = 99},
        {.id = 8,
         .case_id = "A",
         .type = "reverse",
         .at = Monday(10) - 1,
         .actor = "x",
         .about = 2}});
  EXPECT_EQ(book.event(7).refusal, Refusal::kNoTarget);
  EXPECT_EQ(book.event(6).refusal, Refusal::kNoTarget);
  Take(book, {{.id = 99, .case_id = "A", .type = "note", .at = Monday(14), .actor = "y"}});
  EXPECT_EQ(book.event(6).refusal, Refusal::kNone);
}

TEST(CasebookTest, AsOfTellsWhatWasKnownWhen) {
  Casebook book = NewBook();
  Take(book,
       {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
        {.id = 2, .case_id = "A", .type = "investigate", .at = Monday(12)}},
       100);
  Take(book, {{.id = 3, .case_id = "A", .type = "triage", .at = Monday(10)}}, 200);
  const auto state = [&](int64_t recorded, int64_t occurred) {
    const auto rows = book.AsOf(recorded, occurred);
    return rows.empty() ? -1 : int{rows[0].fields.state};
  };
  EXPECT_EQ(state(200, Monday(13)), 3);
  EXPECT_EQ(state(200, Monday(11)), 2);
  EXPECT_EQ(state(100, Monday(13)), 0);  // The triage was not known yet.
  EXPECT_EQ(state(99, Monday(13)), -1);
  EXPECT_EQ(state(200, Monday(9) - 1), -1);
}

TEST(CasebookTest, ClocksRunPauseAndStop) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "A", .type = "triage", .at = Monday(10)},
              {.id = 3, .case_id = "A", .type = "ask_customer", .at = Monday(11)},
              {.id = 4, .case_id = "A", .type = "answer_received", .at = Monday(15)}});
  const auto clocks = book.ClocksOf(CodeOf(book, "A"), Monday(16));
  ASSERT_TRUE(clocks.ok());
  const auto clock = [&](std::string_view name) {
    for (const ClockRow &row : *clocks) {
      if (row.clock == name) return row;
    }
    ADD_FAILURE() << name;
    return ClockRow{};
  };
  // Two hours before the question, one after the answer, of the 120 of a case not assessed.
  EXPECT_EQ(clock("resolution").used, 3 * kHour);
  EXPECT_EQ(clock("resolution").limit, 120 * kHour);
  EXPECT_EQ(clock("first_reply").stopped, Monday(11));
  EXPECT_EQ(clock("first_reply").used, 2 * kHour);
  EXPECT_EQ(clock("acknowledge").due, Monday(17));
  EXPECT_EQ(clock("regulatory").due, At("2024-07-30T00:00:00Z"));
  // Severity 4 leaves 16 hours from the origin: 3 are used by 16:00, 13 are left; 1 today, 8
  // tomorrow, 4 on Wednesday.
  Take(book, {{.id = 5, .case_id = "A", .type = "set_severity", .at = Monday(16), .code = 4}});
  const auto due = book.Due(Monday(16), Monday(48 + 14));
  ASSERT_TRUE(due.ok());
  EXPECT_EQ(due->back().clock, "resolution");
  EXPECT_EQ(due->back().due, Monday(48 + 13));
  const auto overdue = book.Overdue(Monday(48 + 14));
  ASSERT_TRUE(overdue.ok());
  ASSERT_EQ(overdue->size(), 2U);
  EXPECT_EQ((*overdue)[0].clock, "acknowledge");
  EXPECT_EQ((*overdue)[1].overdue_working, kHour);
}

TEST(CasebookTest, RejectionResumesTheClockAndTheWindowWasAPause) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts.push_back({.id = 5, .case_id = "A", .type = "reject", .at = Monday(24 + 12)});
  Take(book, facts);
  const auto clocks = book.ClocksOf(CodeOf(book, "A"), Monday(24 + 13));
  ASSERT_TRUE(clocks.ok());
  for (const ClockRow &row : *clocks) {
    if (row.clock == "resolution") {
      EXPECT_EQ(row.used, 4 * kHour);
      EXPECT_EQ(row.state, ClockState::kRunning);
    }
    if (row.clock == "answer_window") {
      EXPECT_EQ(row.stopped, Monday(24 + 12));
    }
    if (row.clock == "regulatory") {
      EXPECT_EQ(row.state, ClockState::kStopped);
    }
  }
}

TEST(CasebookTest, ThingsHappenByThemselvesOnceAndInTime) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9), .code = 4}}, Monday(9));
  // Half of 16 hours is used up on Monday at 17:00, when eight hours to acknowledge end as well.
  EXPECT_EQ(*book.NextInstant(), Monday(17));
  EXPECT_EQ(book.Advance(Monday(17))->events, 1U);
  EXPECT_EQ(book.Case(CodeOf(book, "A")).level, 1);
  EXPECT_EQ(*book.NextInstant(), Monday(17) + 1);
  const auto report = book.Advance(Monday(18));
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->events, 1U);
  const EventRecord &breach = book.event(static_cast<uint32_t>(report->first));
  EXPECT_EQ(book.shelf().kind(breach.type), EventKind::kBreach);
  EXPECT_EQ(breach.occurred, Monday(17));
  EXPECT_EQ(breach.recorded, Monday(18));
  EXPECT_TRUE(breach.automatic());
  EXPECT_EQ(book.Advance(Monday(18))->events, 0U);
  // It was acknowledged after all, as is known now: the breach stays and is voided.
  Take(book, {{.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(12)}}, Monday(19));
  const auto voided = book.Advance(Monday(19));
  ASSERT_EQ(voided->events, 1U);
  EXPECT_EQ(book.shelf().kind(book.event(static_cast<uint32_t>(voided->first)).type),
            EventKind::kBreachVoided);
  EXPECT_EQ(book.event(static_cast<uint32_t>(report->first)).refusal, Refusal::kNone);
  EXPECT_EQ(book.Advance(Monday(19))->events, 0U);
  EXPECT_EQ(book.Advance(Monday(18)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CasebookTest, AWindowThatEndsClosesTheCaseWhenItsRecordIsThere) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  std::erase_if(facts, [](const Fact &fact) { return fact.type == "record_cause"; });
  Take(book, facts, Monday(12));
  const int64_t end = At("2024-06-18T00:00:00Z");
  ASSERT_TRUE(book.Advance(end + kHour).ok());
  EXPECT_EQ(StateOf(book, "A"), "COMMUNICATED");
  Take(book, {{.id = 9, .case_id = "A", .type = "record_cause", .at = end + 2 * kHour, .code = 1}},
       end + 2 * kHour);
  ASSERT_TRUE(book.Advance(end + 3 * kHour).ok());
  EXPECT_EQ(StateOf(book, "A"), "CLOSED");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).ended, end + 2 * kHour);
  // The customer had accepted in time, as a letter shows that was late: then nothing closed it.
  Take(book, {{.id = 10, .case_id = "A", .type = "accept", .at = end - kHour}}, end + 4 * kHour);
  EXPECT_EQ(StateOf(book, "A"), "ACCEPTED");
}

TEST(CasebookTest, PromisesAreKeptOrBrokenAndGuaranteesPay) {
  Policy policy = DefaultPolicy();
  policy.guarantees.push_back(
      {"punctual", GuaranteeTrigger::kPromiseBroken, "", 5 * kUnit, 8 * kUnit});
  Casebook book = NewBook(policy);
  const auto promise = [&](int64_t id, int64_t due) {
    return Fact{.id = id, .case_id = "A", .type = "promise", .at = Monday(11), .value = due};
  };
  Take(book,
       {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
        {.id = 2, .case_id = "A", .type = "acknowledge", .at = Monday(10)},
        promise(3, Monday(12)),
        promise(4, Monday(13)),
        promise(5, Monday(14)),
        {.id = 6, .case_id = "A", .type = "promise_kept", .at = Monday(12), .about = 3},
        {.id = 7, .case_id = "A", .type = "promise_kept", .at = Monday(15), .about = 4},
        {.id = 8, .case_id = "A", .type = "promise_kept", .at = Monday(15), .about = 2}},
       Monday(16));
  EXPECT_EQ(book.event(7).refusal, Refusal::kNoTarget);
  ASSERT_TRUE(book.Advance(Monday(16)).ok());
  const auto promises = book.Promises(CodeOf(book, "A"));
  ASSERT_EQ(promises->size(), 3U);
  EXPECT_EQ((*promises)[0].broken, kNever);
  EXPECT_EQ((*promises)[1].broken, Monday(13));
  EXPECT_EQ((*promises)[1].kept, Monday(15));
  EXPECT_EQ((*promises)[2].broken, Monday(14));
  // Two were broken; the cap leaves room for one payout.
  EXPECT_EQ(book.Case(CodeOf(book, "A")).compensated, 5 * kUnit);
}

TEST(CasebookTest, ACaseKeepsItsPolicyUntilItMigrates) {
  Policy next = DefaultPolicy();
  next.version = "2";
  next.states[2].name = "ASSESSED";
  for (Transition &transition : next.transitions) {
    if (transition.to == "TRIAGED") transition.to = "ASSESSED";
    for (std::string &from : transition.from) from = from == "TRIAGED" ? "ASSESSED" : from;
  }
  for (ClockRule &clock : next.clocks) {
    if (clock.name == "resolution")
      clock.by_severity = std::vector<Limit>(4, {LimitKind::kWorkingTime, 10 * kHour});
  }
  Casebook book = NewBook();
  ASSERT_TRUE(book.AddPolicy(next).ok());
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)},
              {.id = 2, .case_id = "A", .type = "triage", .at = Monday(10)},
              {.id = 3, .case_id = "A", .type = "migrate", .at = Monday(11), .policy = 1}});
  EXPECT_THAT(Refusals(book, "A"), ElementsAre("", "", "no_state_map"));
  EXPECT_EQ(LastText(book, "A"), "the policy has no place for the state TRIAGED");
  next.version = "3";
  next.migrations.push_back({"1", "TRIAGED", "ASSESSED"});
  ASSERT_TRUE(book.AddPolicy(next).ok());
  Take(book, {{.id = 4, .case_id = "A", .type = "migrate", .at = Monday(12), .policy = 2}});
  EXPECT_EQ(StateOf(book, "A"), "ASSESSED");
  EXPECT_EQ(book.Case(CodeOf(book, "A")).policy, 2);
  const auto clocks = book.ClocksOf(CodeOf(book, "A"), Monday(13));
  for (const ClockRow &row : *clocks) {
    if (row.clock == "resolution") {
      EXPECT_EQ(row.due, Monday(24 + 11));
    }
  }
  EXPECT_EQ(book.AddPolicy([&] {
                  next.source = "x";
                  return next;
                }())
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
}

TEST(CasebookTest, ACalendarThatChangesMovesRunningClocks) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = Monday(9)}}, Monday(9));
  EXPECT_EQ(*book.NextInstant(), Monday(17) + 1);
  Calendar half = OfficeHours("UTC");
  for (OpenHours &hours : half.weeks[0].week) {
    if (!hours.empty()) hours = {{9 * 3600, 13 * 3600}};
  }
  ASSERT_TRUE(book.AddCalendar("service", half, Monday(12)).ok());
  // From the origin, in the new hours: four on Monday, four on Tuesday.
  const auto due = book.Due(Monday(12), Monday(24 * 3));
  ASSERT_TRUE(due.ok());
  EXPECT_EQ((*due)[0].due, Monday(24 + 13));
  EXPECT_EQ(book.AddCalendar("service", half, Monday(12)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(CasebookTest, TellsWhatMayHappenNextAndByWhom) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  Take(book, facts);
  const auto next = book.Next(CodeOf(book, "A"), Monday(13));
  const auto find = [&](std::string_view name) -> const NextEvent * {
    for (const NextEvent &event : next) {
      if (event.event == name) return &event;
    }
    return nullptr;
  };
  ASSERT_NE(find("accept"), nullptr);
  EXPECT_EQ(find("accept")->to, "ACCEPTED");
  EXPECT_THAT(find("accept")->roles,
              ElementsAre("customer", "frontline", "supervisor", "manager", "board"));
  EXPECT_EQ(find("triage"), nullptr);
  ASSERT_NE(find("window_expired"), nullptr);
  EXPECT_EQ(find("window_expired")->lacks, Refusal::kWindowNotOver);
}

TEST(CasebookTest, TheChainFindsWhatWasChanged) {
  Casebook book = NewBook();
  EXPECT_TRUE(book.Verify().ok());
  const LogHead empty = book.head();
  Take(book, Decided());
  const LogHead anchor = book.head();
  std::vector<Fact> notes;
  for (int64_t i = 0; i < 3'000; ++i) {
    notes.push_back({.id = 100 + i, .case_id = "A", .type = "note", .at = Monday(20) + i});
  }
  Take(book, notes);
  EXPECT_TRUE(book.Verify().ok());
  EXPECT_TRUE(book.Verify(anchor).ok());
  EXPECT_TRUE(book.Verify(empty).ok());
  LogHead wrong = anchor;
  wrong.digest[0] ^= 1;
  EXPECT_EQ(book.Verify(wrong).code(), absl::StatusCode::kDataLoss);
  wrong = book.head();
  ++wrong.events;
  EXPECT_EQ(book.Verify(wrong).code(), absl::StatusCode::kDataLoss);
  const CasebookContent good = book.Content();
  const auto loss = [&](auto change) {
    CasebookContent bad = good;
    change(bad);
    const auto read = Casebook::FromContent(bad);
    return !read.ok() && read.status().code() == absl::StatusCode::kDataLoss;
  };
  EXPECT_TRUE(Casebook::FromContent(good).ok());
  EXPECT_TRUE(loss([](CasebookContent &c) { ++c.log[1500].occurred; }));
  EXPECT_TRUE(loss([](CasebookContent &c) { std::swap(c.log[10], c.log[11]); }));
  EXPECT_TRUE(loss([](CasebookContent &c) { c.log.pop_back(); }));
  EXPECT_TRUE(loss([](CasebookContent &c) { c.cases.text[0] = "B"; }));
  EXPECT_TRUE(loss([](CasebookContent &c) { c.customers.text[0] = "d"; }));
  EXPECT_TRUE(loss([](CasebookContent &c) { ++c.states[0].compensated; }));
  EXPECT_TRUE(loss([](CasebookContent &c) { c.events.integers[7] = 7; }));
  EXPECT_TRUE(loss([](CasebookContent &c) { c.policies[0].clocks[0].limit.amount = -1; }));
}

TEST(CasebookTest, TheHeadIsTheSameWheneverItIsAskedFor) {
  Casebook often = NewBook();
  Casebook once = NewBook();
  std::vector<LogHead> heads;
  for (int64_t call = 0; call < 6; ++call) {
    std::vector<Fact> facts;
    if (call == 0) facts = Decided();
    for (int64_t i = 0; i < 700; ++i) {
      facts.push_back({.id = 100 + call * 700 + i,
                       .case_id = i % 2 == 0 ? "A" : "B",
                       .type = "note",
                       .at = Monday(20) + call * 700 + i,
                       .text = i % 50 == 0 ? std::optional<std::string>("seen") : std::nullopt});
    }
    Take(often, facts);
    Take(once, facts);
    heads.push_back(often.head());
  }
  EXPECT_EQ(heads.back().events, 4204U);
  EXPECT_NE(heads[0].digest, heads[1].digest);
  // Threads that ask at once find the same.
  std::vector<LogHead> found(4);
  std::vector<std::thread> threads;
  for (LogHead &head : found) threads.emplace_back([&once, &head] { head = once.head(); });
  for (std::thread &thread : threads) thread.join();
  for (const LogHead &head : found) EXPECT_EQ(head, heads.back());
  for (const LogHead &head : heads) EXPECT_TRUE(once.Verify(head).ok());
}

TEST(CasebookTest, WhatIsNotKeptLeavesTheHead) {
  Casebook book = NewBook();
  Take(book, Decided());
  std::vector<Fact> notes;
  for (int64_t i = 0; i < 3'000; ++i) {
    notes.push_back({.id = 100 + i, .case_id = "A", .type = "note", .at = Monday(20) + i});
  }
  const FactColumns columns(book, notes);
  // Whether or not the head was asked for before, and within the call that fails.
  LogHead within;
  const auto refuse = [&](uint64_t, const ApplyReport &) {
    within = book.head();
    return absl::ResourceExhaustedError("disk: full");
  };
  EXPECT_EQ(book.Apply(columns.rows(), kLater, ApplyMode::kRows, {}, refuse).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(within.events, 3'004U);
  const LogHead head = book.head();
  EXPECT_EQ(head.events, 4U);
  EXPECT_FALSE(book.Apply(columns.rows(), kLater, ApplyMode::kRows, {}, refuse).ok());
  EXPECT_EQ(book.head(), head);
  Take(book, notes);
  EXPECT_EQ(book.head(), within);
  EXPECT_TRUE(book.Verify(head).ok());
}

TEST(CasebookTest, ErasureLeavesChainAndStates) {
  Casebook book = NewBook();
  std::vector<Fact> facts = Decided();
  facts[1].text = "Dear Ms Customer";
  facts.push_back({.id = 5,
                   .case_id = "B",
                   .type = "receive",
                   .at = Monday(9),
                   .customer = "other",
                   .text = "stays"});
  Take(book, facts);
  const LogHead head = book.head();
  ASSERT_TRUE(book.EraseCustomer(0).ok());
  EXPECT_TRUE(book.IsErased(0));
  EXPECT_EQ(book.customer_ids().Find("c"), IdIndex::kUnknown);
  EXPECT_EQ(book.customer_ids().text(1), "other");
  EXPECT_EQ(book.TextOf(book.event(1)), std::nullopt);
  EXPECT_EQ(book.TextOf(book.event(4)), "stays");
  EXPECT_EQ(book.head(), head);
  EXPECT_TRUE(book.Verify(head).ok());
  EXPECT_EQ(StateOf(book, "A"), "COMMUNICATED");
  // The same rows again are still known, and bring nothing back.
  EXPECT_EQ(Take(book, facts).duplicates, 5U);
  facts[0].customer = "d";
  EXPECT_EQ(Take(book, {facts[0]}).conflicts, 1U);
  const auto again = Casebook::FromContent(book.Content());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->IsErased(0));
  EXPECT_EQ(again->TextOf(again->event(1)), std::nullopt);
}

TEST(CasebookTest, TheSizesAreWithinTheirLimits) {
  EXPECT_LE(sizeof(EventRecord) + 8, 64U);
  EXPECT_LE(sizeof(CaseState) + 8, 128U);
}

}  // namespace
}  // namespace patron::complaints
