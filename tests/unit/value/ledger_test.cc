#include "patron/value/ledger.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patron::value {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDay = kMicrosPerDay;
constexpr LedgerOptions kReport{.conflicts = LedgerConflicts::kReport};
constexpr LedgerOptions kHold{.unknown = UnknownTargets::kHold};

// Rows of transactions, kept as columns.
class Sales {
 public:
  struct Row {
    int64_t id, customer, day, amount;
    std::optional<int64_t> order = {};
  };
  Sales(std::initializer_list<Row> rows) {  // NOLINT: a table.
    for (const Row &row : rows) {
      id.push_back(row.id);
      customer.push_back(row.customer);
      time.push_back(row.day * kDay);
      amount.push_back(row.amount);
      if (row.order) order.push_back(*row.order);
    }
  }
  LedgerRows rows() const {
    return {std::span(id), std::span(customer), time, amount, std::span(order), numbers};
  }

  std::vector<int64_t> id, customer, time, amount, order;
  std::vector<uint64_t> numbers;
};

// Rows of reversals, kept as columns.
class Returns {
 public:
  struct Row {
    int64_t id, day;
    std::optional<int64_t> target = {}, amount = {}, customer = {}, order = {};
  };
  Returns(std::initializer_list<Row> rows) {  // NOLINT: a table.
    const auto add = [](const std::optional<int64_t> &value, auto *values, auto *mask) {
      values->push_back(value.value_or(0));
      mask->push_back(value.has_value());
    };
    for (const Row &row : rows) {
      id.push_back(row.id);
      time.push_back(row.day * kDay);
      add(row.target, &target, &has_target);
      add(row.amount, &amount, &has_amount);
      add(row.customer, &customer, &has_customer);
      add(row.order, &order, &has_order);
    }
  }
  ReversalRows rows() const {
    return {.transaction = std::span(id),
            .time = time,
            .target = std::span(target),
            .has_target = has_target,
            .amount = amount,
            .has_amount = has_amount,
            .customer = std::span(customer),
            .has_customer = has_customer,
            .order = std::span(order),
            .has_order = has_order,
            .numbers = {}};
  }

  std::vector<int64_t> id, time, target, amount, customer, order;
  std::vector<uint8_t> has_target, has_amount, has_customer, has_order;
};

std::string Message(const absl::StatusOr<LedgerReport> &report) {
  return std::string(report.status().message());
}

// "customer: orders gross refunds first last", days for times.
std::vector<std::string> Lines(const LedgerCustomers &all) {
  std::vector<std::string> lines;
  for (size_t row = 0; row < all.size(); ++row) {
    const auto day = [](int64_t time) {
      return time == kNoTime ? std::string("never") : std::to_string(time / kDay);
    };
    EXPECT_EQ(all.net[row], all.gross[row] + all.refunds[row]);
    lines.push_back(std::to_string(all.customer.integers[row]) + ": " +
                    std::to_string(all.orders[row]) + " " +
                    std::to_string(static_cast<int64_t>(all.gross[row])) + " " +
                    std::to_string(static_cast<int64_t>(all.refunds[row])) + " " +
                    day(all.first[row]) + " " + day(all.last[row]));
  }
  return lines;
}

// Asks for a call that fails, and for nothing to have changed by it.
#define EXPECT_REFUSED(ledger, call, status_code, text)                \
  do {                                                                 \
    const LedgerContent before = (ledger).Content();                   \
    const auto refused = (ledger).call;                                \
    EXPECT_EQ(refused.status().code(), absl::StatusCode::status_code); \
    EXPECT_EQ(Message(refused), text);                                 \
    EXPECT_EQ((ledger).Content(), before);                             \
  } while (false)

TEST(LedgerTest, EmptyLedgerAnswers) {
  Ledger ledger;
  EXPECT_EQ(ledger.Customers().size(), 0u);
  EXPECT_EQ(ledger.Customers(0).size(), 0u);
  EXPECT_EQ(ledger.Transactions().size(), 0u);
  EXPECT_EQ(ledger.Content(), LedgerContent());
  EXPECT_EQ(ledger.size().transactions, 0u);
  EXPECT_EQ(*ledger.Append({}), LedgerReport());
  EXPECT_EQ(*ledger.Correct({}), LedgerReport());
  EXPECT_EQ(*ledger.Reverse(Returns({}).rows()), LedgerReport());
  const auto rfm = ledger.Rfm({});
  ASSERT_TRUE(rfm.ok()) << rfm.status();
  EXPECT_EQ(rfm->customers, 0u);
  EXPECT_EQ(rfm->as_of, kNoTime);
  EXPECT_THAT(rfm->scores.recency.report.counts, ElementsAre(0, 0, 0, 0, 0));
  EXPECT_EQ(Ledger::FromContent({})->size().transactions, 0u);
}

TEST(LedgerTest, StateIsExactPerCustomer) {
  Ledger ledger;
  const auto report = ledger.Append(
      Sales({{1, 7, 10, 500}, {2, 3, 11, 0}, {3, 7, 12, -200}, {4, 7, 9, 40}, {5, 4, 10, -1}})
          .rows());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(*report,
            (LedgerReport{.rows = 5, .applied = 5, .new_customers = 3, .touched_customers = 3}));
  EXPECT_THAT(Lines(ledger.Customers()),
              ElementsAre("3: 1 0 0 11 11", "4: 0 0 -1 never never", "7: 2 540 -200 9 10"));
  EXPECT_THAT(Lines(ledger.Customers(10 * kDay)),
              ElementsAre("4: 0 0 -1 never never", "7: 2 540 0 9 10"));
}

TEST(LedgerTest, RowsOfAnOrderAreOneOrderOfEachCustomer) {
  Ledger ledger;
  ASSERT_TRUE(
      ledger.Append(Sales({{1, 7, 1, 5, 900}, {2, 7, 1, 6, 900}, {3, 8, 1, 7, 900}}).rows()).ok());
  ASSERT_TRUE(
      ledger.Append(Sales({{4, 8, 2, 1, 901}, {5, 8, 2, 1, 900}, {6, 7, 3, -9, 902}}).rows()).ok());
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 11 -9 1 1", "8: 2 9 0 1 2"));
  // The order of customer 8 that it shares with 7 goes with its last purchase.
  ASSERT_TRUE(ledger.Correct(Sales({{3, 7, 1, 7, 900}, {5, 8, 2, 1, 901}}).rows()).ok());
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 18 -9 1 1", "8: 1 2 0 2 2"));
}

TEST(LedgerTest, SameRowsAgainChangeNothing) {
  Ledger ledger;
  const Sales sales{{1, 7, 10, 500}, {2, 3, 11, 70}};
  ASSERT_TRUE(ledger.Append(sales.rows()).ok());
  const LedgerContent once = ledger.Content();
  EXPECT_EQ(*ledger.Append(sales.rows()), (LedgerReport{.rows = 2, .duplicates = 2}));
  EXPECT_EQ(
      *ledger.Append(Sales({{9, 1, 1, 1}, {9, 1, 1, 1}}).rows()),
      (LedgerReport{
          .rows = 2, .applied = 1, .duplicates = 1, .new_customers = 1, .touched_customers = 1}));
  EXPECT_EQ(*ledger.Correct(sales.rows()), (LedgerReport{.rows = 2, .duplicates = 2}));
  EXPECT_EQ(once.transactions.amount, (std::vector<int64_t>{500, 70}));
}

TEST(LedgerTest, KnownIdWithOtherContentIsRefusedOrReported) {
  Ledger ledger(CivilDays(), 2);
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 500}, {2, 3, 11, 70}}).rows()).ok());
  EXPECT_REFUSED(
      ledger, Append(Sales({{5, 1, 1, 1}, {2, 3, 11, 71}, {1, 7, 9, 500}}).rows()), kAlreadyExists,
      "transaction: row 1 is 2, known with another amount; expected equal content or an id "
      "of its own (2 rows in all)");
  EXPECT_REFUSED(
      ledger, Append(Sales({{5, 1, 1, 1}, {5, 2, 1, 1}}).rows()), kAlreadyExists,
      "transaction: row 1 is 5, known with another customer; expected equal content or an "
      "id of its own");
  EXPECT_EQ(
      *ledger.Append(Sales({{5, 1, 1, 1}, {2, 3, 12, 70}, {5, 1, 1, 2}}).rows(), kReport),
      (LedgerReport{
          .rows = 3, .applied = 1, .conflicts = 2, .new_customers = 1, .touched_customers = 1}));
}

TEST(LedgerTest, ReversalTakesBackInPartThenTheRest) {
  Ledger ledger(CivilDays(), 2);
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 500, 80}, {2, 3, 11, 70, 81}}).rows()).ok());
  EXPECT_EQ(*ledger.Reverse(Returns({{101, 12, 1, 200}}).rows()),
            (LedgerReport{.rows = 1, .applied = 1, .touched_customers = 1}));
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("3: 1 70 0 11 11", "7: 1 500 -200 10 10"));
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 2}, {103, 12, 1, 301}}).rows()),
                 kInvalidArgument,
                 "amount: row 1 is 3.01; expected at most 3.00, which is left of transaction 1");
  ASSERT_TRUE(ledger.Reverse(Returns({{104, 13, 1}}).rows()).ok());
  // The purchase stays one; only its value is gone.
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("3: 1 70 0 11 11", "7: 1 500 -500 10 10"));
  EXPECT_REFUSED(ledger, Reverse(Returns({{105, 13, 1}}).rows()), kInvalidArgument,
                 "target: row 0 is 1; expected a transaction of which something is left");

  const LedgerTransactions rows = ledger.Transactions();
  EXPECT_THAT(rows.transaction.integers, ElementsAre(1, 2, 101, 104));
  EXPECT_THAT(rows.amount, ElementsAre(500, 70, -200, -300));
  EXPECT_THAT(rows.order.integers, ElementsAre(80, 81, 80, 80));
  EXPECT_THAT(rows.reverses.integers, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(rows.is_reversal, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(ledger.Transactions(12 * kDay).amount, ElementsAre(500, 70, -200));
}

TEST(LedgerTest, ReversalAgainIsADuplicateHoweverMuchItSays) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 500}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1}}).rows()).ok());
  EXPECT_EQ(ledger.Reverse(Returns({{101, 12, 1}, {101, 12, 1, 500}, {101, 12, 1, 500, 7}}).rows())
                ->duplicates,
            3u);
  EXPECT_REFUSED(
      ledger, Reverse(Returns({{101, 12, 1, 499}}).rows()), kAlreadyExists,
      "transaction: row 0 is 101, known with another amount; expected equal content or an "
      "id of its own");
  EXPECT_REFUSED(
      ledger, Reverse(Returns({{101, 12, 1, {}, 8}}).rows()), kAlreadyExists,
      "transaction: row 0 is 101, known with another customer; expected equal content or "
      "an id of its own");
  EXPECT_REFUSED(
      ledger, Reverse(Returns({{101, 12, 2}}).rows()), kAlreadyExists,
      "transaction: row 0 is 101, known with another target; expected equal content or an "
      "id of its own");
  EXPECT_REFUSED(
      ledger, Append(Sales({{101, 7, 12, -500}}).rows()), kAlreadyExists,
      "transaction: row 0 is 101, known as a reversal; expected equal content or an id of "
      "its own");
}

TEST(LedgerTest, ReversalMayStandAlone) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, {}, 30, 7}}).rows()).ok());
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 0 0 -30 never never"));
  // It is the same fact as a transaction below 0.
  EXPECT_EQ(ledger.Append(Sales({{101, 7, 12, -30}}).rows())->duplicates, 1u);
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, {}, 30}}).rows()), kInvalidArgument,
                 "customer: row 0 is null; expected a customer, as the row stands alone");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, {}, {}, 7}}).rows()), kInvalidArgument,
                 "amount: row 0 is null; expected an amount, as the row stands alone");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 101}}).rows()), kInvalidArgument,
                 "target: row 0 is 101; expected a purchase, not a refund");
}

TEST(LedgerTest, ReversalNamesWhatIsWrong) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 500}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1, 5}}).rows()).ok());
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 1, 1}, {103, 12, 99}}).rows()), kNotFound,
                 "target: row 1 is 99; expected a known transaction");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 101}}).rows()), kInvalidArgument,
                 "target: row 0 is 101; expected a purchase, not a reversal");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 102}}).rows()), kInvalidArgument,
                 "target: row 0 is 102; expected another transaction than the reversal itself");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 1, 0}}).rows()), kInvalidArgument,
                 "amount: row 0 is 0; expected more than 0: what is taken back");
  EXPECT_REFUSED(ledger, Reverse(Returns({{102, 12, 1, 1, 8}}).rows()), kInvalidArgument,
                 "customer: row 0 is 8; expected 7, whose transaction 1 is");
}

TEST(LedgerTest, HeldReversalTakesEffectWhenItsTransactionArrives) {
  Ledger ledger;
  EXPECT_EQ(*ledger.Reverse(Returns({{101, 12, 1}, {102, 13, 1, 30}}).rows(), kHold),
            (LedgerReport{.rows = 2, .held = 2}));
  EXPECT_EQ(ledger.size().held, 2u);
  EXPECT_EQ(ledger.size().transactions, 0u);
  EXPECT_THAT(Lines(ledger.Customers()), IsEmpty());
  EXPECT_EQ(ledger.Transactions().size(), 0u);
  EXPECT_EQ(*ledger.Append(Sales({{1, 7, 10, 100}}).rows()),
            (LedgerReport{.rows = 1, .applied = 1, .new_customers = 1, .touched_customers = 1}));
  // First what is said, then all that is left.
  EXPECT_THAT(ledger.Transactions().amount, ElementsAre(100, -70, -30));
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 100 -100 10 10"));
  EXPECT_EQ(ledger.size().held, 0u);
}

TEST(LedgerTest, TransactionMustFitTheReversalsThatWaitForIt) {
  Ledger ledger;
  ASSERT_TRUE(
      ledger.Reverse(Returns({{101, 12, 1, 30, 7}, {102, 12, 2}, {103, 12, 2, 5}}).rows(), kHold)
          .ok());
  EXPECT_REFUSED(ledger, Append(Sales({{1, 7, 10, 29}}).rows()), kInvalidArgument,
                 "amount: row 0 is 29; expected at least 30, which held reversals take back of "
                 "transaction 1");
  EXPECT_REFUSED(ledger, Append(Sales({{2, 7, 10, 5}}).rows()), kInvalidArgument,
                 "amount: row 0 is 5; expected more than 5, which held reversals take back of "
                 "transaction 2");
  EXPECT_REFUSED(
      ledger, Append(Sales({{1, 8, 10, 50}}).rows()), kInvalidArgument,
      "customer: row 0 is 8; expected 7, of whom held reversal 101 takes back transaction 1");
  EXPECT_REFUSED(ledger, Append(Sales({{1, 7, 10, -50}}).rows()), kInvalidArgument,
                 "amount: row 0 is -50; expected at least 30, which held reversals take back of "
                 "transaction 1");
  EXPECT_REFUSED(
      ledger, Reverse(Returns({{1, 12, 55}}).rows(), kHold), kInvalidArgument,
      "transaction: row 0 is 1; expected a purchase, as reversal 101 waits to take it back");
  // A held reversal that cannot be met can be corrected.
  ASSERT_TRUE(ledger.Correct(Sales({{101, 8, 12, -20}}).rows()).ok());
  ASSERT_TRUE(ledger.Append(Sales({{1, 8, 10, 29}, {2, 7, 10, 6}}).rows()).ok());
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 6 -6 10 10", "8: 1 29 -20 10 10"));
}

TEST(LedgerTest, OnlyOneHeldReversalMayTakeAllThatIsLeft) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1}, {102, 12, 1}}).rows(), kHold).ok());
  EXPECT_REFUSED(
      ledger, Append(Sales({{1, 7, 10, 29}}).rows()), kInvalidArgument,
      "transaction: row 0 is 1; expected one that a single held reversal takes all that is "
      "left of, not both 102 and 101");
}

TEST(LedgerTest, CorrectionMovesATransactionWithItsReversals) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 100}, {2, 7, 20, 50}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1, 30}}).rows()).ok());
  EXPECT_EQ(*ledger.Correct(Sales({{1, 8, 11, 90}}).rows()),
            (LedgerReport{.rows = 1, .applied = 1, .new_customers = 1, .touched_customers = 2}));
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 50 0 20 20", "8: 1 90 -30 11 11"));
  // A customer without facts is none.
  EXPECT_EQ(ledger.Correct(Sales({{2, 8, 20, 50}}).rows())->touched_customers, 2u);
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("8: 2 140 -30 11 20"));
  EXPECT_EQ(ledger.size().customers, 1u);
}

TEST(LedgerTest, CorrectionMustLeaveWhatReversalsTake) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 100}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1, 30}, {102, 12, 1, 40}}).rows()).ok());
  EXPECT_REFUSED(
      ledger, Correct(Sales({{1, 7, 10, 69}}).rows()), kFailedPrecondition,
      "amount: row 0 is 69; expected reversals of at most the 69 of transaction 1, not 70");
  EXPECT_REFUSED(
      ledger, Correct(Sales({{101, 7, 12, -61}}).rows()), kFailedPrecondition,
      "amount: row 0 is -61; expected reversals of at most the 100 of transaction 1, not 101");
  // What counts is what will be, whatever the order of the rows.
  ASSERT_TRUE(ledger.Correct(Sales({{1, 7, 10, 50}, {101, 7, 13, -10}}).rows()).ok());
  EXPECT_THAT(Lines(ledger.Customers()), ElementsAre("7: 1 50 -50 10 10"));
}

TEST(LedgerTest, CorrectionsOfTheLargestAmountsAreExact) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, kMost}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 11, 1, kMost - 10}, {102, 12, 1, 9}}).rows()).ok());
  ASSERT_TRUE(ledger.Correct(Sales({{101, 7, 11, -1}, {102, 7, 12, 2 - kMost}}).rows()).ok());
  EXPECT_THAT(ledger.Transactions().amount, ElementsAre(kMost, -1, 2 - kMost));
  EXPECT_REFUSED(ledger, Reverse(Returns({{103, 13, 1, 2}}).rows()), kInvalidArgument,
                 "amount: row 0 is 2; expected at most 1, which is left of transaction 1");
  ASSERT_TRUE(ledger.Correct(Sales({{101, 7, 11, 2 - kMost}, {102, 7, 12, -1}}).rows()).ok());
  EXPECT_EQ(ledger.Customers().net[0], 1);
}

TEST(LedgerTest, CorrectionNamesWhatIsWrong) {
  Ledger ledger;
  EXPECT_REFUSED(ledger, Correct(Sales({{1, 7, 10, 100}}).rows()), kNotFound,
                 "transaction: row 0 is 1; expected a known transaction");
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 100}}).rows()).ok());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1, 30}, {102, 12, 50}}).rows(), kHold).ok());
  EXPECT_REFUSED(ledger, Correct(Sales({{1, 7, 10, 99}, {50, 7, 1, 1}, {9, 7, 1, 1}}).rows()),
                 kNotFound,
                 "transaction: row 1 is 50; expected a known transaction (2 rows in all)");
  EXPECT_REFUSED(
      ledger, Correct(Sales({{1, 7, 10, 99}, {1, 7, 10, 98}}).rows()), kInvalidArgument,
      "transaction: row 1 is 1; expected equal content in row 0, which corrects it as well");
  EXPECT_REFUSED(ledger, Correct(Sales({{101, 7, 12, 30}}).rows()), kInvalidArgument,
                 "amount: row 0 is 30; expected less than 0, as 101 is a reversal");
  EXPECT_REFUSED(ledger, Correct(Sales({{101, 8, 12, -30}}).rows()), kInvalidArgument,
                 "customer: row 0 is 8; expected 7, whose transaction 1 is");
}

TEST(LedgerTest, LastInstantFollowsCorrections) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 100}, {2, 8, 5, 100}}).rows()).ok());
  EXPECT_EQ(ledger.Rfm({})->as_of, 11 * kDay);
  ASSERT_TRUE(ledger.Correct(Sales({{1, 7, 3, 100}}).rows()).ok());
  EXPECT_EQ(ledger.Rfm({})->as_of, 6 * kDay);
  EXPECT_THAT(ledger.Rfm({})->recency, ElementsAre(3, 1));
}

TEST(LedgerTest, RowNumbersInMessagesCanBeGiven) {
  Ledger ledger;
  Sales sales{{1, 7, 10, 100}, {1, 7, 10, 101}};
  sales.numbers = {40, 42};
  EXPECT_REFUSED(
      ledger, Append(sales.rows()), kAlreadyExists,
      "transaction: row 42 is 1, known with another amount; expected equal content or an "
      "id of its own");
}

TEST(LedgerTest, ColumnsAreChecked) {
  Ledger ledger;
  Sales sales{{1, 7, 10, 100}, {2, 8, 10, 100}};
  sales.customer.pop_back();
  EXPECT_REFUSED(ledger, Append(sales.rows()), kInvalidArgument,
                 "customer: 1 rows; expected 2, as many as time has");
  sales = {{1, 7, 10, 100}, {2, 8, 10, std::numeric_limits<int64_t>::min()}};
  EXPECT_REFUSED(ledger, Append(sales.rows()), kOutOfRange,
                 "amount: row 1 is -9223372036854775808; expected an amount that can be negated");
  sales = {{1, 7, 10, 100}};
  sales.time[0] = kNoTime;
  EXPECT_REFUSED(ledger, Append(sales.rows()), kInvalidArgument,
                 "time: row 0 is -9223372036854775808; expected an instant above the least int64");
  Returns returns{{101, 12, 1}};
  returns.has_target.push_back(1);
  EXPECT_REFUSED(ledger, Reverse(returns.rows()), kInvalidArgument,
                 "target: 2 rows; expected 1, as many as time has");
}

TEST(LedgerTest, KindsOfIdsAreDecidedByTheFirstRowsThatAreTaken) {
  const std::array<std::string_view, 1> word{"a"};
  const std::array<int64_t, 1> one{1};
  const std::array<int64_t, 1> bad{std::numeric_limits<int64_t>::min()};
  const IdSpan text{std::span(word)}, number{std::span(one)};
  Ledger ledger;
  EXPECT_FALSE(ledger.Append({text, text, one, bad, {}, {}}).ok());
  ASSERT_TRUE(ledger.Append({number, text, one, one, {}, {}}).ok());
  EXPECT_REFUSED(ledger, Append({text, text, one, one, {}, {}}), kInvalidArgument,
                 "transaction: text; expected integers, as before");
  EXPECT_REFUSED(ledger, Append({number, number, one, one, {}, {}}), kInvalidArgument,
                 "customer: integers; expected text, as before");
  EXPECT_REFUSED(ledger, Correct({text, text, one, one, {}, {}}), kInvalidArgument,
                 "transaction: text; expected integers, as before");
  const Returns returns{{101, 12, 1, 1}};
  ReversalRows textual = returns.rows();
  textual.target = text;
  EXPECT_REFUSED(ledger, Reverse(textual), kInvalidArgument,
                 "target: text; expected integers, as before");
  EXPECT_REFUSED(ledger, Append({number, text, one, one, text, {}}), kInvalidArgument,
                 "order: a column given; expected none, as transactions before have no orders");
  Ledger with_orders;
  ASSERT_TRUE(with_orders.Append({number, number, one, one, text, {}}).ok());
  EXPECT_REFUSED(with_orders, Append({number, number, one, one, {}, {}}), kInvalidArgument,
                 "order: no column given; expected one, as transactions before have orders");
}

TEST(LedgerTest, RefundsThatStandAloneHaveOrdersIfPurchasesHave) {
  Ledger with;
  ASSERT_TRUE(with.Append(Sales({{1, 7, 10, 500, 80}}).rows()).ok());
  EXPECT_REFUSED(with, Reverse(Returns({{101, 11, 1, 1}, {102, 11, {}, 5, 7}}).rows()),
                 kInvalidArgument,
                 "order: row 1 is null; expected an order, as the row stands alone and "
                 "transactions before have orders");
  ASSERT_TRUE(with.Reverse(Returns({{102, 11, {}, 5, 7, 81}}).rows()).ok());
  EXPECT_THAT(with.Transactions().order.integers, ElementsAre(80, 81));

  // Whichever comes first decides, within one call as well.
  Ledger without;
  EXPECT_REFUSED(without, Reverse(Returns({{101, 11, {}, 5, 7}, {102, 11, {}, 5, 7, 81}}).rows()),
                 kInvalidArgument,
                 "order: row 1 is 81; expected none, as transactions before have no orders");
  ASSERT_TRUE(without.Reverse(Returns({{101, 11, {}, 5, 7}}).rows()).ok());
  EXPECT_REFUSED(without, Append(Sales({{1, 7, 10, 500, 80}}).rows()), kInvalidArgument,
                 "order: a column given; expected none, as transactions before have no orders");
  EXPECT_FALSE(without.Transactions().has_orders);
}

TEST(LedgerTest, StopsWhenTold) {
  Execution stop{.progress = [](void *, uint64_t, uint64_t) { return false; }};
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Sales({{1, 7, 10, 100}}).rows()).ok());
  EXPECT_REFUSED(ledger, Append(Sales({{2, 8, 10, 100}}).rows(), {}, stop), kCancelled,
                 "stopped by the caller");
  EXPECT_REFUSED(ledger, Reverse(Returns({{101, 12, 1}}).rows(), {}, stop), kCancelled,
                 "stopped by the caller");
  EXPECT_REFUSED(ledger, Correct(Sales({{1, 8, 10, 100}}).rows(), stop), kCancelled,
                 "stopped by the caller");
  LedgerRfmOptions touched{.rule = {}, .scores = {}, .mean = false, .only_touched = true};
  EXPECT_TRUE(absl::IsCancelled(ledger.Rfm(touched, stop).status()));
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, ElementsAre(7));
  EXPECT_TRUE(absl::IsCancelled(Ledger::FromContent(ledger.Content(), {}, 0, stop).status()));
}

TEST(LedgerTest, TouchedCustomersAreReportedOnce) {
  Ledger ledger;
  const LedgerRfmOptions touched{.rule = {}, .scores = {}, .mean = false, .only_touched = true};
  ASSERT_TRUE(ledger.Append(Sales({{1, 9, 10, 100}, {2, 7, 10, 40}, {3, 8, 10, -5}}).rows()).ok());
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, ElementsAre(7, 9));
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, IsEmpty());
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 12, 1, 30}}).rows()).ok());
  EXPECT_THAT(ledger.Rfm({})->monetary, ElementsAre(40, 70));
  const auto after = ledger.Rfm(touched);
  EXPECT_THAT(after->customer.integers, ElementsAre(9));
  // The cuts are those of both customers.
  EXPECT_EQ(after->customers, 2u);
  EXPECT_THAT(after->scores.monetary.report.cuts, ElementsAre(46, 52, 58, 64));
  EXPECT_THAT(after->scores.monetary.report.counts, ElementsAre(1, 0, 0, 0, 1));
}

TEST(LedgerTest, TouchedCustomersCanBeKeptUntilTheyHaveArrived) {
  Ledger ledger;
  LedgerRfmOptions touched{.rule = {}, .scores = {}, .mean = false, .only_touched = true};
  touched.keep_touched = true;
  ASSERT_TRUE(ledger.Append(Sales({{1, 9, 10, 100}}).rows()).ok());
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, ElementsAre(9));
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, ElementsAre(9));
  ledger.ForgetTouched();
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, IsEmpty());
  ASSERT_TRUE(ledger.Append(Sales({{2, 9, 11, 100}}).rows()).ok());
  EXPECT_THAT(ledger.Rfm(touched)->customer.integers, ElementsAre(9));
}

TEST(LedgerTest, SumsPast64BitsAreKeptButNotScored) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Ledger ledger;
  ASSERT_TRUE(
      ledger.Append(Sales({{1, 7, 10, kMost}, {2, 7, 10, kMost}, {3, 5, 10, 1}}).rows()).ok());
  EXPECT_EQ(ledger.Customers().gross[1], Int128{kMost} * 2);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto refused = ledger.Rfm({});
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(refused.status().message(),
              "monetary: customer 7 has more than 64 bits of money units; expected fewer decimals");
  }
  ASSERT_TRUE(ledger.Reverse(Returns({{101, 11, 2}}).rows()).ok());
  EXPECT_THAT(ledger.Rfm({})->monetary, ElementsAre(1, kMost));
}

TEST(LedgerTest, ContentThatNoLedgerHasIsRefused) {
  Ledger ledger;
  ASSERT_TRUE(
      ledger.Append(Sales({{1, 7, 10, 100, 5}, {2, 8, 10, 60, 6}, {3, 8, 10, -9, 6}}).rows()).ok());
  ASSERT_TRUE(
      ledger
          .Reverse(Returns({{101, 12, 1, 30}, {102, 12, 50, 4, 9}, {103, 11, {}, 4, 8, 6}}).rows(),
                   kHold)
          .ok());
  const LedgerContent good = ledger.Content();
  ASSERT_EQ(Ledger::FromContent(good)->Content(), good);
  const auto refused = [&good](const auto &spoil) {
    LedgerContent content = good;
    spoil(content);
    const absl::Status status = Ledger::FromContent(content).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    return std::string(status.message());
  };
  constexpr uint32_t kNone = LedgerContent::kNone;
  using Content = LedgerContent;
  EXPECT_EQ(
      refused([](Content &c) { std::swap(c.customers.integers[0], c.customers.integers[1]); }),
      "ledger: customers are not ascending and distinct");
  EXPECT_EQ(refused([](Content &c) { c.orders.integers[1] = 5; }),
            "ledger: orders are not ascending and distinct");
  EXPECT_EQ(refused([](Content &c) { c.transactions.id.integers[1] = 1; }),
            "ledger: transactions are not ascending and distinct");
  EXPECT_EQ(refused([](Content &c) { c.customers.text.push_back("x"); }),
            "ledger: customers are not ascending and distinct");
  EXPECT_EQ(refused([](Content &c) { c.transactions.amount.pop_back(); }),
            "ledger: columns differ in length");
  EXPECT_EQ(refused([](Content &c) { c.transactions.order.clear(); }),
            "ledger: columns differ in length");
  EXPECT_EQ(refused([](Content &c) { c.held.customer.clear(); }),
            "ledger: columns differ in length");
  EXPECT_EQ(refused([](Content &c) { c.transactions.customer[0] = 3; }),
            "ledger: a place outside its list");
  EXPECT_EQ(refused([](Content &c) { c.transactions.customer[0] = kNone; }),
            "ledger: a place outside its list");
  EXPECT_EQ(refused([](Content &c) { c.reversals.target[0] = 4; }),
            "ledger: a place outside its list");
  EXPECT_EQ(refused([](Content &c) { c.held.customer[0] = kNone; }),
            "ledger: a customer or an order that no transaction has");
  EXPECT_EQ(refused([](Content &c) { c.held.amount[0] = -1; }), "ledger: a held reversal below 0");
  EXPECT_EQ(
      refused([](Content &c) { c.transactions.time[0] = kNoTime; }),
      "ledger: time: row 0 is -9223372036854775808; expected an instant above the least int64");
  EXPECT_EQ(refused([](Content &c) { c.reversals.amount[0] = 101; }),
            "ledger: amount: row 0 is 101; expected at most 100, which is left of transaction 1");
  EXPECT_EQ(refused([](Content &c) { c.reversals.amount[0] = 0; }),
            "ledger: amount: row 0 is 0; expected more than 0: what is taken back");
  EXPECT_EQ(refused([](Content &c) { c.reversals.target[0] = 2; }),
            "ledger: target: row 0 is 3; expected a purchase, not a refund");
  EXPECT_EQ(
      refused([](Content &c) { c.reversals.id.integers[0] = 2; }),
      "ledger: transaction: row 0 is 2, known as something else; expected equal content or an id "
      "of its own");
  EXPECT_EQ(refused([](Content &c) { c.held.target.integers[0] = 2; }),
            "ledger: customer: row 0 is 9; expected 8, whose transaction 2 is");
  EXPECT_EQ(refused([](Content &c) {
              c.held.target.integers[0] = 2;
              c.held.customer[0] = 1;
              c.customers.integers.pop_back();
            }),
            "ledger: a held reversal of a known transaction");
  EXPECT_EQ(refused([](Content &c) { c.held.target.integers[0] = 101; }),
            "ledger: target: row 0 is 101; expected a purchase, not a reversal");
  // A transaction without an order, where others have one.
  EXPECT_EQ(refused([](Content &c) { c.transactions.order[0] = kNone; }),
            "ledger: a place outside its list");
}

}  // namespace
}  // namespace patron::value
