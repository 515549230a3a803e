#include "patron/loyalty/signals.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/loyalty/signal_book.hpp"
#include "patron/loyalty/warning_evaluation.hpp"

namespace patron::loyalty {
namespace {

Warning Look(const std::vector<PurchaseDay> &days, int32_t as_of, const SignalContext &context = {},
             const SignalOptions &options = {}, std::vector<SignalEvidence> *seen = nullptr) {
  SignalReader reader(options);
  std::vector<SignalEvidence> evidence;
  const Warning warning = reader.Read(0, days, as_of, nullptr, context, evidence);
  if (seen != nullptr) *seen = evidence;
  return warning;
}

uint32_t Bit(Signal signal) { return uint32_t{1} << static_cast<uint32_t>(signal); }

TEST(SignalsTest, TheUsualGapTimesTheMultipleIsOrange) {
  // Gaps of 10, 10, 10: mean 10, and the quantile is 10.
  const std::vector<PurchaseDay> days = {{0, 5}, {10, 5}, {20, 5}, {30, 5}};
  EXPECT_EQ(Look(days, 40).level, 0);
  EXPECT_EQ(Look(days, 41).level, 1);  // Above the quantile.
  EXPECT_EQ(Look(days, 50).level, 1);
  std::vector<SignalEvidence> evidence;
  const Warning late = Look(days, 51, {}, {}, &evidence);
  EXPECT_EQ(kSignalLevels[static_cast<size_t>(late.level)], "orange");
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(evidence[1].signal, Signal::kOwnMean);
  EXPECT_EQ(evidence[1].value, 21);
  EXPECT_EQ(evidence[1].threshold, 20);
}

TEST(SignalsTest, SumsCanBeRedWhereNoSignalIs) {
  const std::vector<PurchaseDay> days = {{0, 5}, {10, 5}, {20, 5}, {30, 5}};
  SignalOptions options;
  options.combination = SignalCombination::kSum;
  EXPECT_EQ(Look(days, 51, {}, options).level, 3);
  options.weights[0] = 0;  // A signal without weight is not looked at.
  const Warning warning = Look(days, 51, {}, options);
  EXPECT_EQ(warning.level, 2);
  EXPECT_EQ(warning.signals, Bit(Signal::kOwnMean));
}

TEST(SignalsTest, DeclineOfBasketsAndVisits) {
  // Gaps 5, 5, 5 and then 20, 20, 20; amounts 100 before, 30 in the last three.
  const std::vector<PurchaseDay> days = {{0, 100}, {5, 100}, {10, 100}, {15, 100},
                                         {35, 30}, {55, 30}, {75, 30}};
  std::vector<SignalEvidence> evidence;
  const Warning warning = Look(days, 76, {}, {}, &evidence);
  EXPECT_EQ(warning.signals, Bit(Signal::kBasket) | Bit(Signal::kVisits));
  EXPECT_DOUBLE_EQ(evidence[0].value, 0.3);
  EXPECT_DOUBLE_EQ(evidence[1].value, 0.25);
}

TEST(SignalsTest, ContextSpeaksOnlyWhereItIsKnown) {
  EXPECT_EQ(Look({}, 10).signals, 0u);
  SignalContext context;
  context.alive_before = 0.9;
  EXPECT_EQ(Look({}, 10, context).signals, 0u);
  context.alive = 0.6;
  context.hazard_before = 0.01;
  context.hazard = 0.02;
  context.score_before = 9;
  context.score = 7;
  context.open_complaints = 0;
  context.reopened_complaints = 1;
  context.demotions = 1;
  context.days_to_contract_end = 30;
  const Warning warning = Look({}, 10, context);
  EXPECT_EQ(warning.signals, Bit(Signal::kAlive) | Bit(Signal::kHazard) | Bit(Signal::kScore) |
                                 Bit(Signal::kReopenedComplaint) | Bit(Signal::kDemotion) |
                                 Bit(Signal::kContract));
  EXPECT_EQ(warning.level, 3);
  context = {};
  context.days_to_contract_end = -1;  // It has ended.
  EXPECT_EQ(Look({}, 10, context).signals, 0u);
}

TEST(SignalsTest, ALevelRisesAtOnceAndFallsStepByStep) {
  SignalContext calm;
  calm.level_before = 2;
  const Warning first = Look({}, 10, calm);
  EXPECT_EQ(first.level, 2);
  EXPECT_EQ(first.below, 1);
  calm.below_before = first.below;
  const Warning second = Look({}, 11, calm);
  EXPECT_EQ(second.level, 1);
  EXPECT_EQ(second.below, 0);
  calm.open_complaints = 1;
  calm.level_before = 1;
  EXPECT_EQ(Look({}, 12, calm).level, 2);
}

TEST(SignalsTest, OptionsOutOfRangeAreNamed) {
  SignalOptions options;
  options.quantile = 1.5;
  EXPECT_EQ(CheckSignalOptions(options).message(), "quantile: 1.5; expected 0 to 1");
  options = {};
  options.cuts = {1, 1, 2};
  EXPECT_EQ(CheckSignalOptions(options).message(),
            "cuts: 1; expected three numbers above 0 that rise");
  options = {};
  options.weights[7] = std::nan("");
  EXPECT_EQ(CheckSignalOptions(options).message(), "weight of complaint: nan; expected 0 or more");
}

TEST(SignalBookTest, PiecesInAnyOrderEqualTheWholeAndThePastIsNotTold) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<int64_t> customer, time, amount;
    const int rows = 100 + static_cast<int>(random() % 400);
    for (int i = 0; i < rows; ++i) {
      customer.push_back(static_cast<int64_t>(random() % 12));
      time.push_back(static_cast<int64_t>(random() % 400) * kMicrosPerDay);
      amount.push_back(static_cast<int64_t>(random() % 100) - 10);
    }
    const auto part = [](const auto &v, size_t begin, size_t end) {
      return std::span<const int64_t>(v).subspan(begin, end - begin);
    };
    SignalBook whole, pieces, past;
    ASSERT_TRUE(whole.Append(std::span<const int64_t>(customer), time, amount).ok());
    for (size_t begin = 0; begin < customer.size();) {
      const size_t end = std::min(customer.size(), begin + 1 + random() % 5);
      ASSERT_TRUE(
          pieces
              .Append(part(customer, begin, end), part(time, begin, end), part(amount, begin, end))
              .ok());
      begin = end;
    }
    const auto as_of = static_cast<int32_t>(100 + random() % 301);
    std::vector<int64_t> early_customer, early_time, early_amount;
    for (size_t i = 0; i < customer.size(); ++i) {
      if (time[i] >= as_of * kMicrosPerDay) continue;
      early_customer.push_back(customer[i]);
      early_time.push_back(time[i]);
      early_amount.push_back(amount[i]);
    }
    ASSERT_TRUE(
        past.Append(std::span<const int64_t>(early_customer), early_time, early_amount).ok());
    const Warnings a = *whole.Warn({}, as_of), b = *pieces.Warn({}, as_of),
                   c = *past.Warn({}, as_of);
    for (const Warnings *other : {&b, &c}) {
      ASSERT_EQ(a.customers.integers, other->customers.integers);
      ASSERT_EQ(a.population_bound, other->population_bound);
      ASSERT_EQ(a.evidence.size(), other->evidence.size());
      for (size_t i = 0; i < a.warnings.size(); ++i) {
        EXPECT_EQ(a.warnings[i].signals, other->warnings[i].signals);
        EXPECT_EQ(a.warnings[i].risk, other->warnings[i].risk);
      }
    }
    for (size_t i = 0; i < a.warnings.size(); ++i) {
      std::vector<SignalEvidence> evidence;
      const uint32_t code = pieces.customers().Find(a.customers.integers[i]);
      EXPECT_EQ(pieces.WarnOne({}, code, as_of, {}, evidence)->risk, a.warnings[i].risk);
    }
  }
}

// More customers than are read at a time, in an order that is not theirs.
TEST(SignalBookTest, ManyCustomersAreReadAsOne) {
  constexpr int64_t kCustomers = 70'000, kEach = 5;
  std::mt19937_64 random(8);
  std::vector<int64_t> customer, time, amount;
  for (int64_t i = 0; i < kCustomers * kEach; ++i) {
    customer.push_back(i * 7919 % kCustomers);
    time.push_back(static_cast<int64_t>(random() % 400) * kMicrosPerDay);
    amount.push_back(static_cast<int64_t>(random() % 1000));
  }
  SignalBook book;
  ASSERT_TRUE(book.Append(std::span<const int64_t>(customer), time, amount).ok());
  ASSERT_EQ(book.purchases(), customer.size());
  const Warnings all = *book.Warn({}, 420);
  ASSERT_EQ(all.warnings.size(), static_cast<size_t>(kCustomers));
  size_t evidence = 0;
  for (uint32_t i = 0; i < kCustomers; ++i) {
    ASSERT_EQ(all.customers.integers[i], static_cast<int64_t>(i));
    const size_t first = evidence;
    while (evidence < all.evidence.size() && all.evidence[evidence].customer == i) ++evidence;
    if (i % 997 != 0) continue;
    std::vector<SignalEvidence> own;
    const Warning one = *book.WarnOne({}, book.customers().Find(int64_t{i}), 420, {}, own);
    EXPECT_EQ(one.signals, all.warnings[i].signals);
    EXPECT_EQ(one.recency, all.warnings[i].recency);
    EXPECT_EQ(one.risk, all.warnings[i].risk);
    ASSERT_EQ(own.size(), evidence - first);
    for (size_t k = 0; k < own.size(); ++k) {
      EXPECT_EQ(own[k].signal, all.evidence[first + k].signal);
      EXPECT_EQ(own[k].threshold, all.evidence[first + k].threshold);
    }
  }
  EXPECT_EQ(evidence, all.evidence.size());
}

// Positions of few and of many gaps, found without a sort, against the sorted ones.
TEST(SignalsTest, QuantilesOfSomeAreThoseOfTheSorted) {
  std::mt19937 random(9);
  for (size_t count = 1; count < 90; ++count) {
    std::vector<int32_t> values;
    for (size_t i = 0; i < count; ++i) values.push_back(static_cast<int32_t>(random() % 50));
    std::vector<int32_t> sorted = values;
    std::ranges::sort(sorted);
    for (const double p : {0.0, 0.5, 0.9, 1.0}) {
      const Fraction share = FractionOf(p);
      std::vector<int32_t> some = values;
      const auto found =
          WholeQuantile::OfSome(some, LocateQuantile(count, share, QuantileType::kLinear));
      EXPECT_EQ(found.value(), WholeQuantile::Of(sorted, share).value()) << count << " " << p;
    }
  }
}

TEST(SignalBookTest, CustomersOfTheContextWithoutPurchasesAreThere) {
  SignalBook book;
  const std::vector<int64_t> customer = {5}, time = {0}, amount = {1};
  ASSERT_TRUE(book.Append(std::span<const int64_t>(customer), time, amount).ok());
  const std::vector<int64_t> known = {9, 5, 1};
  std::vector<SignalContext> context(3);
  context[0].open_complaints = 1;
  context[2].demotions = 1;
  const auto warnings =
      book.Warn({}, 10, {.customer = std::span<const int64_t>(known), .context = context});
  ASSERT_TRUE(warnings.ok());
  EXPECT_EQ(warnings->customers.integers, (std::vector<int64_t>{1, 5, 9}));
  EXPECT_EQ(warnings->warnings[0].recency, -1);
  EXPECT_EQ(warnings->warnings[2].level, 2);
  ASSERT_EQ(warnings->evidence.size(), 2u);
  EXPECT_EQ(warnings->evidence[1].customer, 2u);
  const std::vector<int64_t> twice = {9, 5, 9};
  EXPECT_EQ(book.Warn({}, 10, {.customer = std::span<const int64_t>(twice), .context = context})
                .status()
                .message(),
            "customer: row 2 is 9 again; expected every customer once");
}

// Every other customer has bought; of those between them only the context knows.
TEST(SignalBookTest, CustomersOfTheContextComeBetweenTheOthers) {
  constexpr int64_t kCustomers = 30'000;
  std::mt19937_64 random(10);
  std::vector<int64_t> customer, time, amount, known;
  for (int64_t i = 0; i < 6 * kCustomers; ++i) {
    customer.push_back(2 * (i * 7919 % kCustomers));
    time.push_back(static_cast<int64_t>(random() % 400) * kMicrosPerDay);
    amount.push_back(100);
  }
  for (int64_t i = 0; i < kCustomers; ++i) known.push_back(2 * (i * 7919 % kCustomers) + 1);
  std::vector<SignalContext> context(known.size());
  for (size_t i = 0; i < known.size(); ++i) context[i].demotions = static_cast<double>(known[i]);
  SignalBook book;
  ASSERT_TRUE(book.Append(std::span<const int64_t>(customer), time, amount).ok());
  const Warnings alone = *book.Warn({}, 420);
  const Warnings all =
      *book.Warn({}, 420, {.customer = std::span<const int64_t>(known), .context = context});
  ASSERT_EQ(all.warnings.size(), static_cast<size_t>(2 * kCustomers));
  size_t evidence = 0, without = 0;
  for (uint32_t i = 0; i < all.warnings.size(); ++i) {
    ASSERT_EQ(all.customers.integers[i], static_cast<int64_t>(i));
    if (i % 2 == 1) {
      EXPECT_EQ(all.warnings[i].purchase_days, 0);
      ASSERT_EQ(all.evidence[evidence].customer, i);
      EXPECT_EQ(all.evidence[evidence++].value, i);
      continue;
    }
    EXPECT_EQ(all.warnings[i].risk, alone.warnings[i / 2].risk);
    for (; without < alone.evidence.size() && alone.evidence[without].customer == i / 2;
         ++without) {
      ASSERT_EQ(all.evidence[evidence].customer, i);
      EXPECT_EQ(all.evidence[evidence++].value, alone.evidence[without].value);
    }
  }
  EXPECT_EQ(evidence, all.evidence.size());
}

// The first rows of all, returns alone, many more and a few: the gaps are those of the purchases so far.
TEST(SignalBookTest, GapsAreThoseOfAllPurchases) {
  std::mt19937 random(11);
  SignalBook book;
  std::vector<std::vector<int32_t>> days(300);
  int32_t last = -1;
  for (const size_t rows : {2000U, 500U, 900U, 3U}) {
    std::vector<int64_t> customer, time, amount;
    const bool returns = rows == 500;
    for (size_t i = 0; i < rows; ++i) {
      const auto day = static_cast<int32_t>(returns ? 5000 : random() % 1000);
      customer.push_back(static_cast<int64_t>(random() % days.size()));
      time.push_back(day * kMicrosPerDay + static_cast<int64_t>(random() % 1000));
      amount.push_back(returns ? -1 : 1);
      if (returns) continue;
      days[static_cast<size_t>(customer.back())].push_back(day);
      last = std::max(last, day);
    }
    ASSERT_TRUE(book.Append(std::span<const int64_t>(customer), time, amount).ok());
    std::vector<int32_t> gaps;
    for (std::vector<int32_t> &own : days) {
      std::ranges::sort(own);
      for (size_t i = 1; i < own.size(); ++i) {
        if (own[i] != own[i - 1]) gaps.push_back(own[i] - own[i - 1]);
      }
    }
    std::ranges::sort(gaps);
    EXPECT_EQ(book.last_day(), last);
    EXPECT_EQ(book.Warn({}, SignalBook::kNoDay)->population_bound,
              WholeQuantile::Of(gaps, FractionOf(0.9)).value());
  }
}

// One minute after midnight of 29 October 2006 clocks of Newfoundland went back by an hour.
TEST(SignalBookTest, TheLastDayMayBeThatOfAnEarlierTime) {
  auto days = CivilDays::In("America/St_Johns");
  if (!days.ok()) GTEST_SKIP() << days.status();
  SignalBook book(*std::move(days));
  const int64_t change = 1'162'089'060'000'000;  // 02:31 of that day in UTC.
  const std::vector<int64_t> customer = {1, 1}, time = {change - 30'000'000, change + 60'000'000},
                             amount = {1, 1};
  ASSERT_TRUE(book.Append(std::span<const int64_t>(customer), time, amount).ok());
  EXPECT_EQ(book.last_day(), 13'450);  // Since 1970.
  EXPECT_EQ(book.Warn({}, SignalBook::kNoDay)->population_bound, 1);
}

TEST(WarningEvaluationTest, CountsOfAHandMadeCase) {
  const std::vector<double> risk = {.9, .8, .7, .6, .5, .4, .3, .2, .1, .0};
  const std::vector<uint8_t> lost = {1, 0, 1, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<double> lead = {10, 0, 20, 0, 0, 0, 0, 0, 0, 0};
  const auto seen = EvaluateWarnings(risk, lost, lead, 3);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->lost, 3u);
  EXPECT_EQ(seen->flagged_lost, 2u);
  EXPECT_DOUBLE_EQ(seen->precision.value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(seen->recall.value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(seen->lift.value, 2.0 / 3 / 0.3);
  // Pairs in the right order: 7 + 6 + 6 of 21.
  EXPECT_DOUBLE_EQ(seen->auc.value, 19.0 / 21);
  // Wilson for 2 of 3 at 95 %: 0.2077 to 0.9385 (R, binom).
  EXPECT_NEAR(seen->precision.low, 0.2076596, 1e-6);
  EXPECT_NEAR(seen->precision.high, 0.9385081, 1e-6);
  EXPECT_DOUBLE_EQ(seen->lead.value, 15);
}

TEST(WarningEvaluationTest, AreaEqualsTheCountOfPairsAndItsVarianceThatOfPlacements) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> risk;
    std::vector<uint8_t> lost;
    for (int i = 0; i < 60; ++i) {
      risk.push_back(static_cast<double>(random() % 12));
      lost.push_back(i < 2 ? 1 : i < 4 ? 0 : static_cast<uint8_t>(random() % 3 == 0));
    }
    std::vector<double> v10, v01;
    for (size_t i = 0; i < 60; ++i) {
      double sum = 0, count = 0;
      for (size_t j = 0; j < 60; ++j) {
        if (lost[i] == lost[j]) continue;
        const double more = lost[i] != 0 ? risk[i] - risk[j] : risk[j] - risk[i];
        sum += more > 0 ? 1 : more == 0 ? 0.5 : 0;
        ++count;
      }
      (lost[i] != 0 ? v10 : v01).push_back(sum / count);
    }
    const auto mean = [](const std::vector<double> &v) {
      double sum = 0;
      for (const double x : v) sum += x;
      return sum / static_cast<double>(v.size());
    };
    const auto variance = [&](const std::vector<double> &v) {
      double sum = 0;
      for (const double x : v) sum += (x - mean(v)) * (x - mean(v));
      return sum / static_cast<double>(v.size() - 1) / static_cast<double>(v.size());
    };
    const auto seen = EvaluateWarnings(risk, lost, {}, 5, 1);
    EXPECT_NEAR(seen->auc.value, mean(v10), 1e-12);
    EXPECT_NEAR(seen->auc.value - seen->auc.low, std::sqrt(variance(v10) + variance(v01)), 1e-9);
  }
}

TEST(WarningEvaluationTest, NothingToTellFromIsNan) {
  const std::vector<double> risk = {1, 2};
  const auto seen = EvaluateWarnings(risk, std::vector<uint8_t>{0, 0}, {}, 1);
  EXPECT_EQ(seen->precision.value, 0);
  EXPECT_TRUE(std::isnan(seen->recall.value));
  EXPECT_TRUE(std::isnan(seen->auc.value));
  EXPECT_EQ(EvaluateWarnings(risk, std::vector<uint8_t>{0, 0}, {}, 3).status().message(),
            "k: 3; expected 1 to 2");
}

}  // namespace
}  // namespace patron::loyalty
