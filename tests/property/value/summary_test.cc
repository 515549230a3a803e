// Summaries and cohorts against a plain reference, and whatever threads, splits and units there
// are.
#include "patron/value/summary.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/cohorts.hpp"
#include "property/value/occasion_rows.hpp"
#include "rapidcheck/gtest.h"

namespace patron::value {
namespace {

using occasion_rows::AnyRows;
using occasion_rows::AnyRule;
using occasion_rows::Columns;
using occasion_rows::PlainCounts;
using occasion_rows::PlainCustomer;
using occasion_rows::PlainPosition;
using occasion_rows::PlainPurchase;
using occasion_rows::PlainTell;
using occasion_rows::Row;
using occasion_rows::Threads;

bool SameBits(const CustomerSummaries &a, const CustomerSummaries &b) {
  return a.frequency == b.frequency && a.recency == b.recency && a.T == b.T &&
         a.monetary_value == b.monetary_value && a.orders == b.orders && a.gross == b.gross &&
         a.refunds == b.refunds && a.net == b.net && a.first == b.first && a.last == b.last &&
         a.frequency_holdout == b.frequency_holdout &&
         a.monetary_value_holdout == b.monetary_value_holdout &&
         a.duration_holdout == b.duration_holdout && a.report.used == b.report.used &&
         a.report.orphan_refunds == b.report.orphan_refunds &&
         a.report.skipped_late == b.report.skipped_late;
}

std::map<int64_t, std::vector<Row>> ByCustomer(const std::vector<Row> &rows) {
  std::map<int64_t, std::vector<Row>> by_customer;
  for (const Row &row : rows) by_customer[row.customer].push_back(row);
  return by_customer;
}

double Mean(const std::vector<PlainPurchase> &purchases, size_t begin, const OccasionRule &rule) {
  if (begin >= purchases.size()) return 0;
  int64_t sum = 0;
  for (size_t i = begin; i < purchases.size(); ++i) {
    sum += purchases[i].gross + (rule.refunds == Refunds::kNet ? purchases[i].refunds : 0);
  }
  return static_cast<double>(sum) / static_cast<double>(purchases.size() - begin);
}

std::optional<int64_t> LastOf(const std::vector<Row> &rows, const OccasionRule &rule) {
  std::optional<int64_t> last;
  for (const Row &row : rows) {
    if (!PlainCounts(row, rule)) continue;
    last = std::max(last.value_or(PlainPosition(row, rule)), PlainPosition(row, rule));
  }
  return last;
}

double InDays(int64_t span, const OccasionRule &rule) {
  return rule.merge == MergeBy::kDay ? static_cast<double>(span)
                                     : static_cast<double>(span) / 86400e6;
}

RC_GTEST_PROP(SummaryProperty, EqualsThePlainReference, (bool text)) {
  const auto rule = *AnyRule();
  const auto rows = *AnyRows();
  const auto end_day = *rc::gen::inRange<int64_t>(-15, 15);
  const bool has_end = *rc::gen::arbitrary<bool>();
  const bool has_calibration = *rc::gen::arbitrary<bool>();
  SummaryOptions options;
  const int64_t hour = kMicrosPerDay / 24;
  if (has_end) options.observation_end = end_day * kMicrosPerDay + 7 * hour;
  if (has_calibration) {
    options.calibration_end = end_day * kMicrosPerDay - *rc::gen::inRange<int64_t>(0, 200) * hour;
  }

  const Columns columns(rows, text);
  const auto result = Summarize(columns.source(), rule, options);

  const auto last = LastOf(rows, rule);
  const auto position = [&](int64_t time) { return PlainPosition({0, time, 0, 0}, rule); };
  const int64_t end = has_end ? position(options.observation_end)
                              : last.value_or(std::numeric_limits<int64_t>::max());
  const int64_t calibration = has_calibration ? position(options.calibration_end) : end;
  std::map<int64_t, PlainCustomer> kept;
  uint64_t orphans = 0, late = 0, refunds = 0;
  for (const auto &[customer, own] : ByCustomer(rows)) {
    orphans += PlainTell(own, rule, end).orphans;
    PlainCustomer told = PlainTell(own, rule, calibration);
    if (!told.purchases.empty()) kept.emplace(customer, told);
  }
  for (const Row &row : rows) {
    const bool is_late = has_end && PlainPosition(row, rule) > end;
    late += is_late ? 1 : 0;
    refunds += !is_late && row.amount < 0 ? 1 : 0;
  }
  if (has_calibration && calibration >= end) {
    RC_ASSERT(result.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  RC_ASSERT(result.ok());
  const CustomerSummaries &summary = result->summary;
  RC_ASSERT(summary.size() == kept.size());
  RC_ASSERT(summary.report.orphan_refunds == orphans);
  RC_ASSERT(summary.report.skipped_late == late);
  RC_ASSERT(summary.report.refunds == refunds);
  RC_ASSERT(summary.report.rows == rows.size());
  RC_ASSERT(summary.report.rows ==
            summary.report.used + summary.report.skipped_late + summary.report.skipped_zero +
                (rule.refunds == Refunds::kIgnore ? summary.report.refunds : 0));
  size_t i = 0;
  for (const auto &[customer, told] : kept) {
    const PlainPurchase &first = told.purchases.front();
    if (!text) RC_ASSERT(result->customers.integer(summary.customer[i]) == customer);
    RC_ASSERT(summary.frequency[i] == static_cast<int64_t>(told.purchases.size()) - 1);
    RC_ASSERT(summary.orders[i] == static_cast<int64_t>(told.purchases.size()));
    RC_ASSERT(summary.recency[i] == InDays(told.purchases.back().position - first.position, rule));
    RC_ASSERT(summary.T[i] == InDays(calibration - first.position, rule));
    RC_ASSERT(summary.monetary_value[i] == Mean(told.purchases, 1, rule));
    RC_ASSERT(summary.gross[i] == told.gross);
    RC_ASSERT(summary.refunds[i] == told.refunds);
    RC_ASSERT(summary.net[i] == told.gross + told.refunds);
    RC_ASSERT(summary.first[i] == first.time);
    RC_ASSERT(summary.last[i] == told.purchases.back().time);
    if (has_calibration) {
      const PlainCustomer whole = PlainTell(ByCustomer(rows)[customer], rule, end);
      size_t begin = 0;
      while (begin < whole.purchases.size() && whole.purchases[begin].position <= calibration)
        ++begin;
      RC_ASSERT(summary.frequency_holdout[i] ==
                static_cast<int64_t>(whole.purchases.size() - begin));
      RC_ASSERT(summary.monetary_value_holdout[i] == Mean(whole.purchases, begin, rule));
      RC_ASSERT(summary.duration_holdout[i] == InDays(end - calibration, rule));
    }
    ++i;
  }
}

RC_GTEST_PROP(SummaryProperty, UnitsScaleDurationsAndNothingElse, ()) {
  const auto rule = *AnyRule();
  const auto rows = *AnyRows();
  const Columns columns(rows, false);
  const auto days = Summarize(columns.source(), rule, {});
  if (!days.ok()) return;
  const std::map<Unit, double> days_in = {{Unit::kSecond, 1 / 86400.0},
                                          {Unit::kHour, 1 / 24.0},
                                          {Unit::kWeek, 7},
                                          {Unit::kMonth, 365.25 / 12},
                                          {Unit::kYear, 365.25}};
  for (const auto &[unit, length] : days_in) {
    const auto scaled = Summarize(columns.source(), rule, {.unit = unit});
    RC_ASSERT(scaled.ok());
    for (size_t i = 0; i < scaled->summary.size(); ++i) {
      const double recency = days->summary.recency[i] / length;
      RC_ASSERT(std::fabs(scaled->summary.recency[i] - recency) <= 1e-14 * recency);
      const double age = days->summary.T[i] / length;
      RC_ASSERT(std::fabs(scaled->summary.T[i] - age) <= 1e-14 * age);
    }
    RC_ASSERT(scaled->summary.monetary_value == days->summary.monetary_value);
    RC_ASSERT(scaled->summary.frequency == days->summary.frequency);
  }
}

RC_GTEST_PROP(SummaryProperty, CalibrationEqualsASummaryToItsEnd, ()) {
  const auto rule = *AnyRule();
  const auto rows = *AnyRows();
  const int64_t calibration = *rc::gen::inRange<int64_t>(-200, 200) * (kMicrosPerDay / 24);
  const Columns columns(rows, false);
  const auto split = Summarize(
      columns.source(), rule,
      {.observation_end = 3'000'000 * (kMicrosPerDay / 24), .calibration_end = calibration});
  const auto early = Summarize(columns.source(), rule, {.observation_end = calibration});
  RC_ASSERT(split.ok() == early.ok());
  if (!split.ok()) return;
  CustomerSummaries both = split->summary;
  both.frequency_holdout.clear();
  both.monetary_value_holdout.clear();
  both.duration_holdout.clear();
  both.report = early->summary.report;
  RC_ASSERT(SameBits(both, early->summary));
}

// Enough rows for several readers, enough customers for several blocks.
std::vector<Row> ManyRows(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Row> rows(400'000);
  for (Row &row : rows) {
    row.customer = static_cast<int64_t>(random() % 20'000) * 7 - 50'000;
    row.time = static_cast<int64_t>(random() % 800) * (kMicrosPerDay / 4);
    row.amount = static_cast<int64_t>(random() % 2000) - 200;
    row.order = static_cast<int64_t>(random() % 200'000);
  }
  return rows;
}

TEST(SummaryThreadsTest, AnyNumberOfThreadsGivesEqualBits) {
  std::vector<Row> rows = ManyRows(3);
  const Columns columns(rows, false);
  for (const MergeBy merge : {MergeBy::kDay, MergeBy::kOrder, MergeBy::kNone}) {
    const OccasionRule rule{.merge = merge};
    const SummaryOptions options{.unit = Unit::kWeek, .calibration_end = 150 * kMicrosPerDay};
    const auto serial = Summarize(columns.source(), rule, options);
    ASSERT_TRUE(serial.ok()) << serial.status();
    for (const size_t workers : {2u, 3u, 5u}) {
      Threads threads(workers);
      const auto parallel = Summarize(columns.source(), rule, options, {.executor = &threads});
      ASSERT_TRUE(parallel.ok()) << parallel.status();
      EXPECT_TRUE(SameBits(serial->summary, parallel->summary));
      for (size_t i = 0; i < serial->summary.size(); ++i) {
        ASSERT_EQ(serial->customers.integer(serial->summary.customer[i]),
                  parallel->customers.integer(parallel->summary.customer[i]));
      }
    }
  }
}

TEST(SummaryThreadsTest, ThreadsAndTextOrdersGiveEqualContent) {
  std::vector<Row> rows = ManyRows(4);
  for (Row &row : rows) {
    row.customer = (row.customer + 50'000) / 7 % 13;
    row.order %= 40;
  }
  const Columns columns(rows, true);
  const OccasionRule rule{.merge = MergeBy::kOrder};
  Occasions serial = *Occasions::Create(rule), parallel = *Occasions::Create(rule);
  Threads threads(3);
  ASSERT_TRUE(serial.Update(columns.source()).ok());
  ASSERT_TRUE(parallel.Update(columns.source(), {.executor = &threads}).ok());
  EXPECT_TRUE(*serial.Content() == *parallel.Content({.executor = &threads}));
}

TEST(SummaryThreadsTest, TheFirstBadRowIsNamedOnAnyNumberOfThreads) {
  std::vector<Row> rows = ManyRows(5);
  for (Row &row : rows) row.amount = std::abs(row.amount);
  rows[140'000].amount = rows[270'000].amount = rows[390'000].amount = -1;
  const Columns columns(rows, false);
  for (const size_t workers : {1u, 2u, 4u}) {
    Threads threads(workers);
    const auto result =
        Summarize(columns.source(), {.refunds = Refunds::kError}, {}, {.executor = &threads});
    EXPECT_EQ(
        result.status().message(),
        "amount: row 140000 is a refund; expected no refunds (refunds: error) (3 rows in all)");
  }
}

struct PlainCohort {
  std::set<int64_t> members, repeaters;
  std::map<int64_t, std::set<int64_t>> active;  // By period.
  std::map<int64_t, int64_t> value;
};

RC_GTEST_PROP(CohortsProperty, EqualThePlainReference, ()) {
  auto rule = *AnyRule();
  rule.merge = MergeBy::kDay;
  const auto period =
      *rc::gen::element(Period::kWeek, Period::kMonth, Period::kQuarter, Period::kYear);
  const auto rows = *AnyRows();
  const Columns columns(rows, false);
  const auto table = FollowCohorts(columns.source(), rule, {.period = period});

  const auto last = LastOf(rows, rule);
  std::map<int64_t, PlainCohort> cohorts;
  std::map<int64_t, std::map<int64_t, std::set<int64_t>>> days;  // Customer, period, purchase days.
  for (const auto &[customer, own] : ByCustomer(rows)) {
    std::optional<int64_t> first;
    for (const Row &row : own) {
      if (row.amount < 0 || !PlainCounts(row, rule)) continue;
      const int64_t of_row = PeriodOfDay(period, PlainPosition(row, rule));
      first = std::min(first.value_or(of_row), of_row);
      days[customer][of_row].insert(PlainPosition(row, rule));
    }
    if (!first) continue;
    PlainCohort &cohort = cohorts[*first];
    cohort.members.insert(customer);
    for (const Row &row : own) {
      if (!PlainCounts(row, rule)) continue;
      const int64_t of_row = PeriodOfDay(period, PlainPosition(row, rule));
      if (row.amount >= 0) cohort.active[of_row].insert(customer);
      if (row.amount >= 0 || rule.refunds == Refunds::kNet) cohort.value[of_row] += row.amount;
    }
  }
  RC_ASSERT(table.ok());
  if (cohorts.empty()) {
    RC_ASSERT(table->rows() == 0u);
    return;
  }
  const int64_t last_period = PeriodOfDay(period, *last);
  size_t row = 0;
  for (const auto &[start, cohort] : cohorts) {
    int64_t cumulative = 0;
    for (int64_t p = start; p <= last_period; ++p, ++row) {
      RC_ASSERT(row < table->rows());
      int64_t survivors = 0, repeaters = 0;
      for (const int64_t customer : cohort.members) {
        survivors += days[customer].rbegin()->first >= p ? 1 : 0;
        std::set<int64_t> so_far;
        for (const auto &[q, on] : days[customer]) {
          if (q <= p) so_far.insert(on.begin(), on.end());
        }
        repeaters += so_far.size() > 1 ? 1 : 0;
      }
      const auto active = cohort.active.find(p);
      const auto value = cohort.value.find(p);
      cumulative += value == cohort.value.end() ? 0 : value->second;
      RC_ASSERT(table->cohort[row] == FirstDayOf(period, start));
      RC_ASSERT(table->age[row] == p - start);
      RC_ASSERT(table->size[row] == static_cast<int64_t>(cohort.members.size()));
      RC_ASSERT(table->active[row] ==
                (active == cohort.active.end() ? 0 : static_cast<int64_t>(active->second.size())));
      RC_ASSERT(table->survivors[row] == survivors);
      RC_ASSERT(table->repeaters[row] == repeaters);
      RC_ASSERT(table->value[row] == (value == cohort.value.end() ? 0 : value->second));
      RC_ASSERT(table->cumulative_value[row] == cumulative);
    }
  }
  RC_ASSERT(row == table->rows());
}

}  // namespace
}  // namespace patron::value
