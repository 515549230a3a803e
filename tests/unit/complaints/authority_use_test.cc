// How much the front line decides by itself, and what faults weigh.
#include "patron/complaints/authority_use.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "unit/complaints/casebooks.hpp"

namespace patron::complaints {
namespace {

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;
constexpr int64_t kMonday = 1'717'398'000'000'000;
constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

// A case that `role` decides and that is closed at once.
void Close(Casebook &book, const std::string &id, int64_t first, const std::string &role,
           bool approved, int64_t at) {
  std::vector<Fact> facts = {
      {.id = first, .case_id = id, .type = "receive", .at = at, .code = 2},
      {.id = first + 1, .case_id = id, .type = "triage", .at = at + 1, .actor = "ann"},
      {.id = first + 2, .case_id = id, .type = "record_cause", .at = at + 2, .code = 1}};
  if (approved) {
    facts.push_back({.id = first + 3,
                     .case_id = id,
                     .type = "propose",
                     .at = at + 3,
                     .role = role,
                     .actor = "ann"});
    facts.push_back({.id = first + 4,
                     .case_id = id,
                     .type = "approve",
                     .at = at + 4,
                     .role = "manager",
                     .actor = "max"});
  }
  facts.push_back({.id = first + 5,
                   .case_id = id,
                   .type = "communicate",
                   .at = at + 5,
                   .role = role,
                   .actor = "ann",
                   .code = 1,
                   .reason = 1});
  facts.push_back(
      {.id = first + 6, .case_id = id, .type = "accept", .at = at + 6, .role = "customer"});
  facts.push_back({.id = first + 7,
                   .case_id = id,
                   .type = "close",
                   .at = at + 7,
                   .role = role,
                   .actor = "ann",
                   .code = 1});
  const ApplyReport report = Take(book, facts);
  for (const Refusal refusal : report.refusal) EXPECT_EQ(refusal, Refusal::kNone) << id;
}

TEST(AuthorityUseTest, CasesWithoutApprovalByRole) {
  Casebook book = NewBook();
  Close(book, "A", 100, "frontline", false, kMonday);
  Close(book, "B", 200, "frontline", true, kMonday);
  Close(book, "C", 300, "frontline", false, kMonday);
  Close(book, "D", 400, "supervisor", true, kMonday + kHour);
  Take(book, {{.id = 500, .case_id = "E", .type = "receive", .at = kMonday, .code = 1}});
  const auto uses = Empowerment(book, kNever, kEver);
  ASSERT_TRUE(uses.ok()) << uses.status();
  ASSERT_EQ(uses->size(), 2U);
  EXPECT_EQ((*uses)[0].role, "frontline");
  EXPECT_EQ((*uses)[0].closed, 3);
  EXPECT_EQ((*uses)[0].alone, 2);
  EXPECT_DOUBLE_EQ((*uses)[0].share, 2.0 / 3);
  // Wilson's interval of 2 of 3, from its closed form with z = 1.959964.
  EXPECT_NEAR((*uses)[0].lower, 0.207660, 1e-6);
  EXPECT_NEAR((*uses)[0].upper, 0.938508, 1e-6);
  EXPECT_EQ((*uses)[1].role, "supervisor");
  EXPECT_EQ((*uses)[1].alone, 0);
  const auto later = Empowerment(book, kMonday + kHour, kEver);
  ASSERT_TRUE(later.ok());
  ASSERT_EQ(later->size(), 1U);
  EXPECT_EQ((*later)[0].role, "supervisor");
  EXPECT_FALSE(Empowerment(book, 1, 0).ok());
  EXPECT_FALSE(Empowerment(book, 0, 1, 1.0).ok());
}

TEST(AuthorityUseTest, FaultsWeighBySeverityAndRepetition) {
  const std::vector<std::string_view> unit = {"shop", "shop", "depot", "shop", "shop", "depot"};
  const std::vector<std::string_view> cause = {"staff", "staff", "late", "price", "staff", "late"};
  const std::vector<uint8_t> upheld = {1, 1, 0, 1, 1, 1};
  const std::vector<int64_t> severity = {2, 3, 4, 1, 2, 1};
  const std::vector<int64_t> received = {0, 5, 1, 6, 12, 9};
  const std::vector<SanctionStep> scale = {{1, "talk", 0}, {10, "review", 50}, {100, "audit", 500}};
  const auto found = CountFaults({unit, cause, upheld, severity, received}, 10, scale);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 2U);
  // Staff at 0: 2. At 5, one earlier: 3 * 2. At 12 that of 5 is inside the window, that of 0 is not:
  // 2 * 2. Price: 1.
  EXPECT_EQ((*found)[0].unit, "shop");
  EXPECT_DOUBLE_EQ((*found)[0].points, 2 + 6 + 4 + 1);
  EXPECT_EQ((*found)[0].repeats, 2);
  EXPECT_EQ((*found)[0].upheld, 4);
  EXPECT_EQ((*found)[0].step, 1);
  EXPECT_DOUBLE_EQ((*found)[0].per_case, 13.0 / 4);
  // The earlier one was not upheld.
  EXPECT_EQ((*found)[1].unit, "depot");
  EXPECT_DOUBLE_EQ((*found)[1].points, 1);
  EXPECT_EQ((*found)[1].cases, 2);
  EXPECT_EQ((*found)[1].step, 0);
  // Just a window apart does not share one; at the same instant neither is the earlier one.
  const std::vector<int64_t> apart = {0, 10, 1, 6, 10, 9};
  EXPECT_DOUBLE_EQ((*CountFaults({unit, cause, upheld, severity, apart}, 10))[0].points,
                   2 + 3 + 1 + 2);
}

TEST(AuthorityUseTest, BadFaultsAreNamed) {
  const std::vector<std::string_view> unit = {"shop"}, empty = {""};
  const std::vector<uint8_t> upheld = {1};
  const std::vector<int64_t> severity = {2}, five = {5}, received = {0};
  const auto message = [](const FaultCases &cases, int64_t window,
                          const std::vector<SanctionStep> &scale = {}) {
    return std::string(CountFaults(cases, window, scale).status().message());
  };
  EXPECT_EQ(message({unit, unit, upheld, five, received}, 1),
            "severity: row 0 is 5; expected 1 to 4");
  EXPECT_EQ(message({empty, unit, upheld, severity, received}, 1),
            "unit: row 0 is empty; expected a name");
  EXPECT_EQ(message({unit, unit, upheld, severity, {}}, 1),
            "received: 0 rows; expected 1 as in unit");
  EXPECT_EQ(message({unit, unit, upheld, severity, received}, 0),
            "window: 0; expected more than 0");
  EXPECT_EQ(message({unit, unit, upheld, severity, received}, 1, {{2, "a", 0}, {2, "b", 0}}),
            "from: row 1 is 2; expected more than in the row before");
}

}  // namespace
}  // namespace patron::complaints
