#include "patron/value/occasions.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "patron/value/occasion_content.hpp"

namespace patron::value {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kDay = kMicrosPerDay;
constexpr int64_t kHour = kDay / 24;
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

struct Rows {
  std::vector<int64_t> customer, time, amount, order;

  TransactionBatch batch() const {
    return {std::span(customer), time, amount, order.empty() ? IdSpan() : IdSpan(std::span(order))};
  }
};

Occasions StateOf(const Rows &rows, OccasionRule rule = {}) {
  Occasions state = *Occasions::Create(std::move(rule));
  EXPECT_EQ(state.Update(rows.batch()), absl::OkStatus());
  return state;
}

// A source that leaves out every third row, as one with nulls does, and fails at a row if wanted.
class Holed final : public TransactionSource {
 public:
  Holed(const Rows &rows, uint64_t fails_at) : rows_(rows), fails_at_(fails_at) {}
  uint64_t rows() const override { return rows_.time.size(); }
  bool text_customers() const override { return false; }
  bool has_orders() const override { return false; }
  bool text_orders() const override { return false; }
  absl::Status Read(uint64_t begin, uint64_t end, TransactionScratch &scratch,
                    TransactionBatch &batch) const override {
    scratch.keep.assign(end - begin, 1);
    scratch.customer.clear();
    scratch.time.clear();
    scratch.amount.clear();
    for (uint64_t row = begin; row < end; ++row) {
      if (row == fails_at_) return InvalidRow("date", row, "late", "a date");
      if (row % 3 == 2) {
        scratch.keep[row - begin] = 0;
        continue;
      }
      scratch.customer.push_back(rows_.customer[row]);
      scratch.time.push_back(rows_.time[row]);
      scratch.amount.push_back(rows_.amount[row]);
    }
    batch = {std::span<const int64_t>(scratch.customer), scratch.time, scratch.amount, {}};
    return absl::OkStatus();
  }

 private:
  const Rows &rows_;
  uint64_t fails_at_;
};

// Runs tasks backwards on the calling thread.
class Backwards final : public Executor {
 public:
  size_t workers() const override { return 3; }
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    while (count-- > 0) task(count);
  }
};

Rows ManyRows(size_t count) {
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.customer.push_back(static_cast<int64_t>(i * 7919 % 1000));
    rows.time.push_back(static_cast<int64_t>(i % 977) * kHour);
    rows.amount.push_back(static_cast<int64_t>(i % 50));
  }
  return rows;
}

TEST(OccasionsTest, RowsOfOneDayAreSummedByTheSignOfTheirAmounts) {
  const Occasions state = StateOf({{8, 8, 8, 8, 8, 3},
                                   {5 * kHour, 3 * kHour, 4 * kHour, 23 * kHour, kDay, kDay},
                                   {10, 20, -5, 0, 7, 1},
                                   {}});
  const OccasionContent content = *state.Content();
  EXPECT_THAT(content.customers.integers, ElementsAre(3, 8));
  EXPECT_THAT(content.entries, ElementsAre(1, 4));
  EXPECT_THAT(content.time, ElementsAre(kDay, 23 * kHour, 3 * kHour, 4 * kHour, kDay));
  EXPECT_THAT(content.amount, ElementsAre(1, 0, 30, -5, 7));
  EXPECT_THAT(content.rows, ElementsAre(1, 1, 2, 1, 1));
  EXPECT_EQ(state.rows(), 6u);
}

TEST(OccasionsTest, DaysArePartedByMidnightOfTheZone) {
  const Rows rows = {{1, 1}, {22 * kHour, 23 * kHour}, {1, 2}, {}};
  EXPECT_THAT(StateOf(rows).Content()->amount, ElementsAre(3));
  EXPECT_THAT(StateOf(rows, {.zone = "+01:00"}).Content()->amount, ElementsAre(1, 2));
  EXPECT_EQ(Occasions::Create({.zone = "Mars/Olympus"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(OccasionsTest, RowsOfAnOrderAreSummedWhereTheyShareTheirTime) {
  const OccasionContent content =
      *StateOf({{1, 1, 1, 1}, {9, 9, 11, 9}, {4, 5, 6, 7}, {70, 70, 70, 60}},
               {.merge = MergeBy::kOrder})
           .Content();
  EXPECT_THAT(content.order, ElementsAre(60, 70, 70));
  EXPECT_THAT(content.time, ElementsAre(9, 9, 11));
  EXPECT_THAT(content.amount, ElementsAre(7, 9, 6));
}

TEST(OccasionsTest, TextOrdersStandInOrderOfTheirText) {
  const std::vector<int64_t> customer = {1, 1, 1}, time = {9, 9, 9}, amount = {4, 5, 6};
  const std::vector<std::string_view> order = {"b", "", "b"};
  Occasions state = *Occasions::Create({.merge = MergeBy::kOrder});
  ASSERT_EQ(state.Update({std::span(customer), time, amount, std::span(order)}), absl::OkStatus());
  const OccasionContent content = *state.Content();
  EXPECT_THAT(content.order_text.text, ElementsAre("", "b"));
  EXPECT_THAT(content.order, ElementsAre(0, 1));
  EXPECT_THAT(content.amount, ElementsAre(5, 10));
}

TEST(OccasionsTest, WithoutOrdersEachRowIsAnOrder) {
  const Occasions state = StateOf({{1, 1}, {9, 9}, {4, 4}, {}}, {.merge = MergeBy::kOrder});
  EXPECT_EQ(state.merge(), MergeBy::kNone);
  EXPECT_THAT(state.Content()->amount, ElementsAre(4, 4));
}

TEST(OccasionsTest, SumsPastInt64BecomeSeveralEntries) {
  const OccasionContent content =
      *StateOf({{1, 1, 1, 1, 1}, {0, 1, 2, 3, 4}, {kHighest, kHighest, 5, kLowest, kLowest}, {}})
           .Content();
  EXPECT_THAT(content.amount, ElementsAre(5, kHighest, kHighest, kLowest, kLowest));
  EXPECT_THAT(content.time, ElementsAre(0, 0, 0, 3, 3));
  EXPECT_THAT(content.rows, ElementsAre(1, 1, 1, 1, 1));
}

TEST(OccasionsTest, TimesAtTheEndsOfInt64HaveDays) {
  const OccasionContent content = *StateOf({{1, 1}, {kLowest, kHighest}, {1, 2}, {}}).Content();
  EXPECT_THAT(content.time, ElementsAre(kLowest, kHighest));
}

TEST(OccasionsTest, IdsOfAnotherKindAreRefused) {
  Occasions state = StateOf({{1}, {2}, {3}, {}});
  const std::vector<std::string_view> text = {"1"};
  const std::vector<int64_t> one = {1};
  EXPECT_EQ(state.Update({std::span(text), one, one, {}}).message(),
            "customer: text; expected integers as in earlier rows");
  EXPECT_EQ(state.rows(), 1u);

  Occasions by_order = StateOf({{1}, {2}, {3}, {4}}, {.merge = MergeBy::kOrder});
  EXPECT_EQ(by_order.Update({std::span(one), one, one, std::span(text)}).message(),
            "order: text; expected integers as in earlier rows");
  EXPECT_EQ(by_order.Update({std::span(one), one, one, {}}).message(),
            "order: none; expected one, as in earlier rows");
}

TEST(OccasionsTest, ColumnsOfDifferentLengthsAreRefused) {
  Occasions state = *Occasions::Create();
  const std::vector<int64_t> one = {1}, two = {1, 2};
  EXPECT_EQ(state.Update({std::span(one), two, two, {}}).message(),
            "transactions: columns differ in length");
  EXPECT_EQ(state.Update({std::span(two), two, one, {}}).message(),
            "transactions: columns differ in length");
  EXPECT_EQ(state.entries().size(), 0u);
}

TEST(OccasionsTest, ARefundIsAnErrorWhereThatIsTheRule) {
  Occasions state = *Occasions::Create({.refunds = Refunds::kError});
  const Rows rows = {{1, 1, 1}, {0, 0, 0}, {5, -5, -6}, {}};
  EXPECT_EQ(state.Update(rows.batch(), 100).message(),
            "amount: row 101 is a refund; expected no refunds (refunds: error) (2 rows in all)");
  EXPECT_EQ(state.rows(), 0u);
}

TEST(OccasionsTest, RowsLeftOutByTheSourceAreCounted) {
  const Rows rows = ManyRows(1000);
  Occasions state = *Occasions::Create();
  ASSERT_EQ(state.Update(Holed(rows, kNoTime)), absl::OkStatus());
  EXPECT_EQ(state.rows(), 1000u);
  EXPECT_EQ(state.skipped_null(), 333u);
  EXPECT_EQ(state.entries().size(), 667u);
}

// Pieces of several readers with gaps between them hold the same as rows given at once.
TEST(OccasionsTest, GapsOfSeveralReadersAreClosed) {
  const Rows rows = ManyRows(400'000);
  Rows kept;
  for (size_t row = 0; row < rows.time.size(); ++row) {
    if (row % 3 == 2) continue;
    kept.customer.push_back(rows.customer[row]);
    kept.time.push_back(rows.time[row]);
    kept.amount.push_back(rows.amount[row]);
  }
  Backwards executor;
  Occasions state = *Occasions::Create();
  ASSERT_EQ(state.Update(Holed(rows, kNoTime), {.executor = &executor}), absl::OkStatus());
  OccasionContent content = *state.Content({.executor = &executor});
  EXPECT_EQ(content.skipped_null, 133'333u);
  content.skipped_null = 0;
  EXPECT_TRUE(content == *StateOf(kept).Content());
}

TEST(OccasionsTest, RowNumbersInMessagesCountRowsLeftOut) {
  Rows rows = ManyRows(5000);
  rows.amount[4000] = -1;
  Occasions state = *Occasions::Create({.refunds = Refunds::kError});
  EXPECT_EQ(state.Update(Holed(rows, kNoTime)).message(),
            "amount: row 4000 is a refund; expected no refunds (refunds: error)");
}

TEST(OccasionsTest, ASourceThatFailsLeavesTheStateAsItWas) {
  Occasions state = StateOf({{-4, 2000}, {0, 1}, {1, 2}, {}});
  const OccasionContent before = *state.Content();
  const Rows rows = ManyRows(300'000);
  Backwards executor;
  EXPECT_EQ(state.Update(Holed(rows, 290'001), {.executor = &executor}).message(),
            "date: row 290001 is late; expected a date");
  EXPECT_TRUE(*state.Content() == before);
  EXPECT_EQ(state.customers().size(), 2u);
  EXPECT_EQ(state.rows(), 2u);
}

TEST(OccasionsTest, TheCallerSeesProgressAndCanStop) {
  const Rows rows = ManyRows(400'000);
  const TransactionsInMemory source(std::span(rows.customer), rows.time, rows.amount);
  struct Seen {
    std::vector<uint64_t> done;
    size_t stop_after;
  } seen{{}, 100};
  const ProgressFunction progress = [](void *user, uint64_t done, uint64_t total) {
    auto *s = static_cast<Seen *>(user);
    EXPECT_EQ(total, 400'000u);
    s->done.push_back(done);
    return s->done.size() < s->stop_after;
  };
  Occasions state = *Occasions::Create();
  ASSERT_EQ(state.Update(source, {.progress = progress, .progress_user = &seen}), absl::OkStatus());
  EXPECT_GE(seen.done.size(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(seen.done));
  EXPECT_EQ(seen.done.back(), 400'000u);

  seen = {{}, 2};
  EXPECT_EQ(state.Update(source, {.progress = progress, .progress_user = &seen}).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(state.rows(), 400'000u);
}

TEST(OccasionsTest, MergingNeedsEqualRulesAndKindsOfIds) {
  Occasions state = StateOf({{1}, {2}, {3}, {}});
  EXPECT_EQ(state.Merge(StateOf({{1}, {2}, {3}, {}}, {.zeros = Zeros::kIgnore})).code(),
            absl::StatusCode::kFailedPrecondition);
  Occasions text = *Occasions::Create();
  const std::vector<std::string_view> name = {"1"};
  const std::vector<int64_t> one = {1};
  ASSERT_EQ(text.Update({std::span(name), one, one, {}}), absl::OkStatus());
  EXPECT_EQ(state.Merge(text).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(state.Merge(*Occasions::Create()), absl::OkStatus());
  EXPECT_EQ(state.rows(), 1u);

  Occasions empty = *Occasions::Create();
  ASSERT_EQ(empty.Merge(text), absl::OkStatus());
  EXPECT_TRUE(*empty.Content() == *text.Content());
}

TEST(OccasionsTest, AStateMergedWithItselfCountsTwice) {
  Occasions state = StateOf({{1, 2}, {0, kDay}, {5, -6}, {}});
  ASSERT_EQ(state.Merge(state), absl::OkStatus());
  EXPECT_THAT(state.Content()->amount, ElementsAre(10, -12));
  EXPECT_EQ(state.rows(), 4u);
}

// Many small updates: the state is summed up on the way and stays as small as its content.
TEST(OccasionsTest, ManyRowsOfFewDaysStaySmall) {
  const Rows rows = ManyRows(100'000);
  Occasions state = *Occasions::Create();
  for (int i = 0; i < 30; ++i) ASSERT_EQ(state.Update(rows.batch()), absl::OkStatus());
  EXPECT_EQ(state.rows(), 3'000'000u);
  EXPECT_LT(state.entries().size(), 1'500'000u);
  const OccasionContent once = *StateOf(rows).Content();
  const OccasionContent content = *state.Content();
  ASSERT_EQ(content.amount.size(), once.amount.size());
  for (size_t i = 0; i < once.amount.size(); ++i) ASSERT_EQ(content.amount[i], 30 * once.amount[i]);
}

TEST(OccasionsTest, AnEmptyStateHasEmptyContent) {
  const OccasionContent content = *Occasions::Create()->Content();
  EXPECT_TRUE(content == OccasionContent{});
  EXPECT_EQ(Occasions::FromContent({}, content)->rows(), 0u);
}

class DamagedContentTest : public ::testing::Test {
 protected:
  DamagedContentTest() : content_(*state_.Content()) {}

  void ExpectRefused(std::string_view why, OccasionRule rule = {.merge = MergeBy::kOrder}) {
    const absl::Status status = Occasions::FromContent(rule, content_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(status.message(), "occasions: " + std::string(why));
  }

  Occasions state_ =
      StateOf({{5, 5, 9}, {1, 2, 3}, {10, 20, -30}, {100, 101, 102}}, {.merge = MergeBy::kOrder});
  OccasionContent content_;
};

TEST_F(DamagedContentTest, UnsortedOrRepeatedCustomers) {
  content_.customers.integers = {9, 5};
  ExpectRefused("customers not ascending and distinct");
  content_.customers.integers = {5, 5};
  ExpectRefused("customers not ascending and distinct");
}

TEST_F(DamagedContentTest, LengthsThatDoNotFit) {
  content_.entries = {2, 2};
  ExpectRefused("columns differ in length");
  content_.entries = {3, 0};
  ExpectRefused("a customer without rows");
  content_.entries = {2, 1};
  content_.rows.pop_back();
  ExpectRefused("columns differ in length");
}

TEST_F(DamagedContentTest, EntriesOutOfOrderOrNotSummed) {
  std::swap(content_.order[0], content_.order[1]);
  ExpectRefused("entries of a customer that are not sorted and summed up");
  content_.order = {100, 100, 102};
  content_.time = {1, 1, 3};
  ExpectRefused("entries of a customer that are not sorted and summed up");
}

TEST_F(DamagedContentTest, RowsThatCannotBe) {
  content_.rows[1] = 0;
  ExpectRefused("an entry without rows");
  content_.rows[1] = 1;
  content_.skipped_null = std::numeric_limits<uint64_t>::max();
  ExpectRefused("too many rows");
}

TEST_F(DamagedContentTest, OrdersWhereTheRuleHasNone) {
  ExpectRefused("orders or kinds of ids that no row has", {.merge = MergeBy::kDay});
  content_.order_text.is_text = true;
  content_.order_text.text = {"a", "b"};
  content_.order = {0, 1, 2};
  ExpectRefused("an unknown order");
  content_.order = {1, 1, 1};
  ExpectRefused("an order without rows");
}

TEST_F(DamagedContentTest, RefundsThatTheRuleRefuses) {
  ExpectRefused("an entry that the rule does not allow",
                {.merge = MergeBy::kOrder, .refunds = Refunds::kError});
}

}  // namespace
}  // namespace patron::value
