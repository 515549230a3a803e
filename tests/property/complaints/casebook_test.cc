// Casebook: after any order of arrival it answers as if events had come in order, and a log that is
// read again is the casebook that wrote it.
#include "patron/complaints/casebook.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "unit/complaints/casebooks.hpp"

namespace patron::complaints {
namespace {

constexpr int64_t kUnit = 10'000;
constexpr int64_t kLate = 4'000'000'000'000'000;

// A house with few cases, whose people do much of what they may and some of what they may not.
struct House {
  explicit House(uint64_t seed) : random(seed) {}

  int64_t Draw(int64_t least, int64_t greatest) {
    return std::uniform_int_distribution<int64_t>(least, greatest)(random);
  }
  bool Rarely(int64_t times = 12) { return Draw(0, times) == 0; }

  Fact DrawFact(int64_t id) {
    static const std::vector<std::string> kTypes = {"acknowledge",
                                                    "triage",
                                                    "investigate",
                                                    "ask_customer",
                                                    "ask_third_party",
                                                    "answer_received",
                                                    "propose",
                                                    "approve",
                                                    "communicate",
                                                    "communicate",
                                                    "accept",
                                                    "reject",
                                                    "window_expired",
                                                    "start_recovery",
                                                    "recovery_done",
                                                    "close",
                                                    "withdraw",
                                                    "merge_into",
                                                    "unmerge",
                                                    "link",
                                                    "split",
                                                    "refer_external",
                                                    "external_decision",
                                                    "reopen",
                                                    "void",
                                                    "set_severity",
                                                    "set_media",
                                                    "set_hold",
                                                    "record_cause",
                                                    "record_cause",
                                                    "promise",
                                                    "promise_kept",
                                                    "compensate",
                                                    "compensate",
                                                    "escalate",
                                                    "de_escalate",
                                                    "note",
                                                    "message_in",
                                                    "message_out",
                                                    "holding_reply",
                                                    "breach",
                                                    "breach_voided",
                                                    "migrate",
                                                    "reverse",
                                                    "reverse"};
    static const std::vector<std::string> kRoles = {"frontline", "supervisor",   "manager", "board",
                                                    "customer",  "spokesperson", ""};
    static const std::vector<std::string> kOfOthers = {
        "merge_into", "unmerge", "link", "split", "compensate", "acknowledge", "compensate"};
    Fact fact;
    fact.id = id;
    fact.case_id = std::string(1, static_cast<char>('a' + Draw(0, 4)));
    if (few_) {
      fact.type = kOfOthers[static_cast<size_t>(Draw(0, 6))];
    } else {
      fact.type = kTypes[static_cast<size_t>(Draw(0, static_cast<int64_t>(kTypes.size()) - 1))];
    }
    fact.at = kStart + Draw(0, 40) * kHour * 5;
    if (Rarely(30)) fact.at += 70 * kMicrosPerDay;
    fact.role = kRoles[static_cast<size_t>(Rarely(4) ? Draw(0, 6) : Draw(0, 1) * Draw(2, 3))];
    fact.actor = Rarely(4) ? "" : std::string(1, static_cast<char>('x' + Draw(0, 2)));
    if (fact.type == "propose" || fact.type == "compensate" || fact.type == "communicate" ||
        fact.type == "external_decision") {
      fact.value = Draw(0, 5) * (Rarely(3) ? 60 : 10) * kUnit;
    }
    fact.code = fact.type == "set_severity" ? static_cast<int32_t>(Draw(1, 4))
                : fact.type == "set_media" || fact.type == "set_hold"
                    ? static_cast<int32_t>(Rarely(3) ? 1 : 0)
                    : 1;
    fact.reason = Rarely() ? 0 : 1;
    fact.other = std::string(1, static_cast<char>('a' + Draw(0, 4)));
    fact.about = Draw(1, id + 5);
    fact.flags = static_cast<uint8_t>(Rarely(4) ? Draw(0, 7) : 0);
    if (Rarely(3)) fact.text = "text " + std::to_string(Draw(0, 1));
    if (fact.type == "migrate") fact.policy = static_cast<int32_t>(Draw(0, 1));
    return fact;
  }

  // Few events or many: of many, later ones would mend what one does wrong.
  std::vector<Fact> DrawFacts() {
    const int64_t count = Rarely(1) ? Draw(6, 120) : Draw(6, 16);
    few_ = count <= 16;
    std::vector<Fact> facts;
    for (int64_t id = 1; id <= 5; ++id) {
      Fact fact;
      fact.id = id;
      fact.case_id = std::string(1, static_cast<char>('a' + id - 1));
      fact.type = "receive";
      fact.at = kStart + Draw(0, 4) * kHour * 5;
      fact.customer = Rarely(3) ? "" : std::string(1, static_cast<char>('p' + Draw(0, 1)));
      fact.flags = static_cast<uint8_t>(Draw(0, 1));
      fact.policy = static_cast<int32_t>(Draw(0, 1));
      facts.push_back(fact);
    }
    for (int64_t id = 6; id <= count; ++id) facts.push_back(DrawFact(id));
    return facts;
  }

  static constexpr int64_t kStart = 1'717'400'000'000'000;  // 2024-06-03
  std::mt19937_64 random;

 private:
  bool few_ = false;
};

Casebook TwoPolicies() {
  Casebook book = NewBook();
  Policy second = DefaultPolicy();
  second.version = "2";
  second.states[2].name = "ASSESSED";
  for (Transition &transition : second.transitions) {
    if (transition.to == "TRIAGED") transition.to = "ASSESSED";
    for (std::string &from : transition.from) from = from == "TRIAGED" ? "ASSESSED" : from;
  }
  second.migrations = {{"1", "TRIAGED", "ASSESSED"}};
  second.reopen_window = {LimitKind::kElapsedTime, 20 * kHour};
  EXPECT_TRUE(book.AddPolicy(second).ok());
  return book;
}

using Verdicts = std::map<int64_t, std::tuple<Refusal, int>>;

Verdicts VerdictsOf(const Casebook &book) {
  Verdicts verdicts;
  for (uint32_t i = 0; i < book.size().events; ++i) {
    const EventRecord &event = book.event(i);
    verdicts[book.event_ids().integer(i)] = {event.refusal, event.after};
  }
  return verdicts;
}

// The fields of all cases, with ids instead of codes.
std::map<std::string, std::vector<std::string>> CasesOf(const Casebook &book,
                                                        const std::vector<CaseRow> &rows) {
  std::map<std::string, std::vector<std::string>> cases;
  for (const CaseRow &row : rows) {
    const CaseFields &f = row.fields;
    const auto id = [](const IdIndex &index, uint32_t code) {
      return code == EventRecord::kNone ? std::string() : std::string(index.text(code));
    };
    std::vector<std::string> &out = cases[std::string(book.case_ids().text(row.code))];
    for (const int64_t number : {f.received,
                                 f.ended,
                                 f.proposed,
                                 f.granted,
                                 f.compensated,
                                 int64_t{f.policy},
                                 int64_t{f.decision},
                                 int64_t{f.reason},
                                 int64_t{f.cause},
                                 int64_t{f.outcome},
                                 int64_t{f.cycle},
                                 int64_t{f.rejections},
                                 int64_t{f.state},
                                 int64_t{f.severity},
                                 int64_t{f.media},
                                 int64_t{f.level},
                                 int64_t{f.remembered},
                                 int64_t{f.stack[0]},
                                 int64_t{f.stack[1]},
                                 int64_t{f.regulated},
                                 int64_t{f.hold},
                                 int64_t{f.approved},
                                 int64_t{f.noticed},
                                 int64_t{f.remedy},
                                 int64_t{f.proposed_remedy},
                                 int64_t{row.events}}) {
      out.push_back(std::to_string(number));
    }
    out.push_back(id(book.customer_ids(), f.customer));
    out.push_back(id(book.case_ids(), f.merged_into));
    out.push_back(id(book.case_ids(), f.split_from));
    out.push_back(id(book.actor_ids(), f.proposer));
  }
  return cases;
}

RC_GTEST_PROP(CasebookProperty, TheOrderOfArrivalDoesNotMatter, (uint32_t seed)) {
  House house(seed);
  const std::vector<Fact> facts = house.DrawFacts();
  // In the order in which it happened, one by one.
  std::vector<Fact> ordered = facts;
  std::ranges::stable_sort(ordered, {}, &Fact::at);
  Casebook first = TwoPolicies();
  for (const Fact &fact : ordered) Take(first, {fact}, kLate);
  // In any order, in pieces, some more than once.
  std::vector<Fact> shuffled = facts;
  std::ranges::shuffle(shuffled, house.random);
  Casebook second = TwoPolicies();
  for (size_t at = 0; at < shuffled.size();) {
    const auto size = std::min<size_t>(static_cast<size_t>(house.Draw(1, 9)), shuffled.size() - at);
    std::vector<Fact> piece(shuffled.begin() + static_cast<std::ptrdiff_t>(at),
                            shuffled.begin() + static_cast<std::ptrdiff_t>(at + size));
    if (house.Rarely(3) && at > 0) {
      piece.push_back(shuffled[static_cast<size_t>(house.Draw(0, static_cast<int64_t>(at) - 1))]);
    }
    const ApplyReport report = Take(second, piece, kLate);
    RC_ASSERT(report.conflicts == 0U);
    at += size;
  }
  Casebook all = TwoPolicies();
  Take(all, shuffled, kLate);
  RC_ASSERT(VerdictsOf(first) == VerdictsOf(second));
  RC_ASSERT(CasesOf(first, first.Cases()) == CasesOf(second, second.Cases()));
  RC_ASSERT(VerdictsOf(first) == VerdictsOf(all));
}

RC_GTEST_PROP(CasebookProperty, AsOfIsABookOfTheEventsOfThen, (uint32_t seed)) {
  House house(seed);
  std::vector<Fact> facts = house.DrawFacts();
  std::ranges::shuffle(facts, house.random);
  Casebook book = TwoPolicies();
  for (size_t i = 0; i < facts.size(); ++i) Take(book, {facts[i]}, static_cast<int64_t>(i));
  const int64_t recorded = house.Draw(0, static_cast<int64_t>(facts.size()));
  const int64_t occurred = House::kStart + house.Draw(0, 200) * kHour;
  Casebook then = TwoPolicies();
  for (size_t i = 0; i < facts.size(); ++i) {
    if (static_cast<int64_t>(i) <= recorded && facts[i].at <= occurred) {
      Take(then, {facts[i]}, static_cast<int64_t>(i));
    }
  }
  RC_ASSERT(CasesOf(book, book.AsOf(recorded, occurred)) == CasesOf(then, then.Cases()));
}

RC_GTEST_PROP(CasebookProperty, ALogThatIsReadAgainIsTheSame, (uint32_t seed)) {
  House house(seed);
  std::vector<Fact> facts = house.DrawFacts();
  std::ranges::shuffle(facts, house.random);
  Casebook book = TwoPolicies();
  int64_t recorded = House::kStart;
  for (const Fact &fact : facts) {
    Take(book, {fact}, recorded);
    recorded += house.Draw(0, 20) * kHour;
    if (house.Rarely(5)) {
      const auto next = book.NextInstant();
      RC_ASSERT(next.ok());
      const auto report = book.Advance(recorded);
      RC_ASSERT(report.ok());
      // What the book does by itself is allowed, and it does it once.
      for (uint64_t i = 0; i < report->events; ++i) {
        RC_ASSERT(book.event(static_cast<uint32_t>(report->first + i)).automatic());
      }
      RC_ASSERT(book.Advance(recorded)->events == 0U);
      RC_ASSERT(*book.NextInstant() == kNever || *book.NextInstant() > recorded);
    }
  }
  RC_ASSERT(book.Verify().ok());
  const CasebookContent content = book.Content();
  const auto read = Casebook::FromContent(content);
  RC_ASSERT(read.ok());
  RC_ASSERT(read->head() == book.head());
  RC_ASSERT(VerdictsOf(*read) == VerdictsOf(book));
  RC_ASSERT(read->Content().states == content.states);
  // Replaying the events of the callers and of the book from zero, in canonical order, gives the
  // same states: here through the fold of everything.
  RC_ASSERT(CasesOf(book, book.AsOf(INT64_MAX, INT64_MAX)) == CasesOf(book, book.Cases()));
}

RC_GTEST_PROP(CasebookProperty, InvariantsHold, (uint32_t seed)) {
  House house(seed);
  Casebook book = TwoPolicies();
  Take(book, house.DrawFacts(), kLate);
  for (const CaseRow &row : book.Cases()) {
    const CaseFields &f = row.fields;
    RC_ASSERT(f.compensated <= f.granted);
    uint32_t at = row.code;
    for (size_t steps = 0; at != EventRecord::kNone; at = book.Case(at).merged_into, ++steps) {
      RC_ASSERT(steps <= 5U);  // A forest.
    }
    const std::string &state =
        book.shelf().policy(f.policy).lifecycle.policy().states[f.state].name;
    if (state == "COMMUNICATED") RC_ASSERT(f.decision != 0 && f.reason != 0);
    if (state == "CLOSED") {
      RC_ASSERT(f.cause != 0 && f.decision != 0);
      RC_ASSERT(!f.regulated || f.noticed);
    }
  }
}

}  // namespace
}  // namespace patron::complaints
