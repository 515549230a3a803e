// The casebook under failing allocations: as it was, or as if nothing had failed.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "faults/failing_allocator.hpp"
#include "gtest/gtest.h"
#include "patron/complaints/casebook.hpp"
#include "unit/complaints/casebooks.hpp"

namespace patron::complaints {
namespace {

constexpr int64_t kStart = 1'717'400'000'000'000;  // 2024-06-03
constexpr int64_t kRecorded = kStart + 100 * kHour;

std::string Long(char kind, int64_t number) {
  return std::string(20, kind) + std::to_string(number);
}

// Six cases of two customers, one merged into another, with text.
std::vector<Fact> Facts(int64_t first_id, int64_t first_case) {
  std::vector<Fact> facts;
  int64_t id = first_id;
  for (int64_t i = first_case; i < first_case + 6; ++i) {
    const auto add = [&](const char *type, int64_t hours) -> Fact & {
      Fact fact;
      fact.id = id++;
      fact.case_id = Long('k', i);
      fact.type = type;
      fact.at = kStart + hours * kHour;
      fact.actor = Long('a', i % 3);
      facts.push_back(fact);
      return facts.back();
    };
    add("receive", 0).customer = Long('c', i % 2);
    add("acknowledge", 1).text = std::string(100, 't');
    Fact &paid = add("compensate", 2 + i % 2);
    paid.value = 40'000 * i;
    Fact &merged = add("merge_into", 4);
    merged.other = Long('k', i == first_case ? i + 1 : i);
    Fact &taken = add("reverse", 5);
    taken.about = id - 3;
    taken.actor = Long('z', 1);
    add("triage", 0).at += 1;  // Late.
  }
  return facts;
}

Casebook MakeBook() {
  Casebook book = NewBook();
  Take(book, Facts(1, 0), kStart);
  return book;
}

// All that a casebook answers.
std::string Answers(const Casebook &book) {
  std::string text;
  const CasebookContent content = book.Content();
  for (size_t i = 0; i < content.log.size(); ++i) {
    const EventRecord &event = content.log[i];
    absl::StrAppend(&text, content.events.integers[i], " ", event.case_code, " ", int{event.after},
                    " ", Text(RefusalName(event.refusal)), "\n");
  }
  for (const CaseFields &fields : content.states) {
    absl::StrAppend(&text, int{fields.state}, " ", fields.compensated, " ", fields.customer, " ",
                    fields.merged_into, "\n");
  }
  for (const std::string_view id : content.cases.text) absl::StrAppend(&text, Text(id), "\n");
  for (const std::string_view id : content.customers.text) absl::StrAppend(&text, Text(id), "\n");
  absl::StrAppend(&text, content.texts.size(), " ", book.Verify().ok() ? "sound" : "broken", "\n");
  return text;
}

using Call = std::function<absl::Status(Casebook *)>;

// Fails allocation n of `call` for every n, on casebooks that are equal each time.
void CheckCall(const Call &call, absl::StatusCode expected, bool whole = true) {
  for (const bool on : {false, true}) {
    Casebook untouched = MakeBook();
    Casebook done = MakeBook();
    const absl::Status status = call(&done);
    ASSERT_EQ(status.code(), expected) << status;
    const std::string before = Answers(untouched);
    const std::string after = Answers(done);
    int64_t failures = 0;
    for (int64_t n = 0;; n += n < 200 ? 1 : 7) {
      Casebook book = MakeBook();
      bool thrown = false;
      {
        const faults::FailAllocation fail(n, on);
        try {
          const absl::Status got = call(&book);
          faults::armed = false;
          EXPECT_EQ(got, status);
        } catch (const std::bad_alloc &) {
          thrown = true;
        }
      }
      if (!faults::failed) break;
      ++failures;
      if (whole) {
        ASSERT_EQ(Answers(book), thrown || !status.ok() ? before : after) << n;
      }
      ASSERT_EQ(call(&book), status) << "allocation " << n;
      ASSERT_EQ(Answers(book), after) << "allocation " << n;
    }
    EXPECT_GT(failures, 5);
  }
}

TEST(CasebookFaults, Apply) {
  Casebook any = NewBook();
  std::vector<Fact> facts = Facts(1000, 3);  // Known cases and new ones.
  const std::vector<Fact> known = Facts(1, 0);
  facts.insert(facts.end(), known.begin(), known.end());
  const FactColumns columns(any, facts);
  CheckCall([&](Casebook *book) { return book->Apply(columns.rows(), kRecorded).status(); },
            absl::StatusCode::kOk);
}

TEST(CasebookFaults, ApplyThatIsRefused) {
  Casebook any = NewBook();
  const FactColumns columns(any, Facts(1000, 3));
  CheckCall(
      [&](Casebook *book) {
        return book->Apply(columns.rows(), kRecorded, ApplyMode::kAll).status();
      },
      absl::StatusCode::kFailedPrecondition);
}

TEST(CasebookFaults, Advance) {
  CheckCall([&](Casebook *book) { return book->Advance(kRecorded + 900 * kHour).status(); },
            absl::StatusCode::kOk, false);
}

TEST(CasebookFaults, EraseCustomer) {
  CheckCall([&](Casebook *book) { return book->EraseCustomer(1); }, absl::StatusCode::kOk);
}

TEST(CasebookFaults, AddPolicy) {
  Policy policy = DefaultPolicy();
  policy.version = "2";
  policy.events.push_back({"regulator_call", EventKind::kOther, false});
  CheckCall(
      [&](Casebook *book) {
        const absl::Status status = book->AddPolicy(policy).status();
        EXPECT_EQ(book->shelf().TypeNamed("regulator_call") >= 0, status.ok());
        return status;
      },
      absl::StatusCode::kOk);
}

TEST(CasebookFaults, FromContent) {
  const Casebook book = MakeBook();
  const CasebookContent content = book.Content();
  const std::string answers = Answers(book);
  const int64_t live = faults::live;
  for (int64_t n = 0;; n += n < 200 ? 1 : 13) {
    {
      const faults::FailAllocation fail(n, n % 2 == 0);
      try {
        EXPECT_TRUE(Casebook::FromContent(content).ok());
      } catch (const std::bad_alloc &) {
      }
    }
    if (!faults::failed) break;
    ASSERT_EQ(faults::live, live) << "allocation " << n;
  }
  EXPECT_EQ(Answers(*Casebook::FromContent(content)), answers);
}

}  // namespace
}  // namespace patron::complaints
