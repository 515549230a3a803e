// Measures: survival curves, control charts, attainment, backlog and ages.
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/civil_time.h"
#include "c_api/tables.hpp"
#include "golden/complaints/json.hpp"
#include "patron/c/patron.h"
#include "support/reference_data.hpp"

namespace patron::c_api_test {
namespace {

using patron::testing::Json;
using patron::testing::ReferencePath;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::optional<double>> Maybe(const Table &table, const char *name) {
  return Optional<double>(table.get(), name, PATRON_TYPE_FLOAT64);
}

struct SurvivalResult {
  Table curve, quantiles;
};

SurvivalResult Survive(TableOf &table, const patron_survival_options *options) {
  Error error;
  patron_table *curve = nullptr, *quantiles = nullptr;
  EXPECT_EQ(patron_measure_survival(table.get(), options, &curve, &quantiles, error.get()),
            PATRON_OK)
      << error.message();
  return {Table(curve), Table(quantiles)};
}

TEST(SurvivalTest, HelpdeskHasTheCurveOfR) {
  const Json file = patron::testing::ReadJson(ReferencePath("complaints/reference.json"));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  patron_table *events = nullptr;
  ASSERT_EQ(patron_log_read_xes(ReferencePath("complaints/helpdesk.xes.gz").c_str(), nullptr,
                                &events, nullptr, nullptr),
            PATRON_OK);
  const Table log(events);
  // From the first event of a case to its first "Resolve ticket", as known on 30 June 2013.
  const int64_t cutoff = int64_t{1'372'550'400} * 1'000'000;
  const auto cases = Texts(log, "case"), activities = Texts(log, "activity");
  const auto times = Times(log, "time");
  std::map<std::string, std::pair<int64_t, int64_t>> found;  // Start and resolution, or none.
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto [place, is_new] = found.try_emplace(cases[i], times[i], PATRON_NO_TIME);
    if (activities[i] == "Resolve ticket" && place->second.second == PATRON_NO_TIME) {
      place->second.second = times[i];
    }
  }
  std::vector<int64_t> seconds, observed;
  for (const auto &[name, span] : found) {
    const auto [start, end] = span;
    if (start > cutoff) continue;
    const bool resolved = end != PATRON_NO_TIME && end <= cutoff;
    seconds.push_back(((resolved ? end : cutoff) - start) / 1'000'000);
    observed.push_back(resolved ? 1 : 0);
  }
  const Json &expected = file["logs"]["helpdesk.xes.gz"][0]["kaplan_meier"];
  ASSERT_EQ(seconds.size(), static_cast<size_t>(expected["cases"].number));
  TableOf table;
  table.Integers("time", seconds).Integers("observed", observed);
  const double p[] = {0.25, 0.5, 0.75, 0.9, 0.95};
  patron_survival_options options;
  patron_survival_options_init(&options);
  options.p = p;
  options.p_count = 5;
  const auto [curve, quantiles] = Survive(table, &options);
  const auto at = Integers(curve, "time"), at_risk = Integers(curve, "at_risk");
  const auto survival = Numbers(curve, "survival");
  const auto error = Maybe(curve, "std_err");
  for (const Json &point : expected["survival"].items) {
    const double second = point["days"].number * 86'400;
    SCOPED_TRACE(second);
    size_t i = 0;
    while (i + 1 < at.size() && static_cast<double>(at[i + 1]) <= second) ++i;
    EXPECT_NEAR(survival[i], point["S"].number, 1e-9);
    EXPECT_NEAR(error[i].value_or(kNan), point["std_err"].number, 1e-9);
    size_t next = 0;
    while (static_cast<double>(at[next]) < second) ++next;
    EXPECT_EQ(at_risk[next], static_cast<int64_t>(point["at_risk"].number));
  }
  const Json &seconds_of = expected["quantile_seconds"];
  const char *const names[] = {"p25", "p50", "p75", "p90", "p95"};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(Maybe(quantiles, "midpoint")[i], seconds_of[names[i]].number);
  }
}

TEST(SurvivalTest, LimitsAreNullWhereTheCurveEnds) {
  TableOf table;
  table.Numbers("time", std::vector<double>{1.5, 2, 3, 4})
      .Integers("observed", std::vector<int64_t>{1, 1, 0, 1});
  const double p[] = {0.5, 1};
  patron_survival_options options;
  patron_survival_options_init(&options);
  options.p = p;
  options.p_count = 2;
  options.interval = PATRON_INTERVAL_LOG;
  const auto [curve, quantiles] = Survive(table, &options);
  EXPECT_THAT(Numbers(curve, "survival"), ElementsAre(0.75, 0.5, 0.5, 0));
  EXPECT_THAT(Numbers(curve, "time"), ElementsAre(1.5, 2, 3, 4));
  const auto lower = Maybe(curve, "lower");
  // 0.75 exp(-1.959964 sqrt(1 / 12)).
  EXPECT_NEAR(lower[0].value_or(kNan), 0.75 * std::exp(-1.959963984540054 * std::sqrt(1.0 / 12)),
              1e-15);
  EXPECT_EQ(lower[3], std::nullopt);
  EXPECT_THAT(Maybe(quantiles, "time"), ElementsAre(2.0, 4.0));
  EXPECT_THAT(Maybe(quantiles, "midpoint"), ElementsAre(3.0, 4.0));
  EXPECT_EQ(Maybe(quantiles, "upper")[0], std::nullopt);
}

TEST(SurvivalTest, BadInputIsNamed) {
  TableOf table;
  table.Numbers("t", std::vector<double>{1, -1}).Integers("o", std::vector<int64_t>{1, 0});
  patron_survival_options options;
  patron_survival_options_init(&options);
  Error error;
  auto *out = Untouched<patron_table>();
  const auto refusal = [&] {
    EXPECT_EQ(patron_measure_survival(table.get(), &options, &out, nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_table>());
    return error.message();
  };
  EXPECT_THAT(refusal(), HasSubstr("column 'time' is missing"));
  options.time = "t";
  options.observed = "o";
  EXPECT_EQ(refusal(), "t: row 1 is -1; expected 0 or more");
  options.level = 1;
  EXPECT_EQ(refusal(), "level: 1; expected a number between 0 and 1");
  options.level = 0.9;
  const double p[] = {2};
  options.p = p;
  options.p_count = 1;
  EXPECT_EQ(refusal(), "p: row 0 is 2; expected 0 to 1");
  options.interval = 3;
  EXPECT_EQ(refusal(), "interval: 3; expected 0 to 2");
}

// ---- Control charts ----

struct ChartResult {
  Table points;
  patron_chart figures;
};

ChartResult Chart(TableOf &table, const patron_chart_options &options) {
  Error error;
  patron_table *points = nullptr;
  patron_chart figures{};
  figures.struct_size = sizeof figures;
  EXPECT_EQ(patron_measure_chart(table.get(), &options, &points, &figures, error.get()), PATRON_OK)
      << error.message();
  return {Table(points), figures};
}

patron_chart_options ChartOptions(int32_t kind) {
  patron_chart_options options;
  patron_chart_options_init(&options);
  options.kind = kind;
  return options;
}

std::vector<int64_t> Signals(const Table &points) {
  const patron_column column = ColumnOf(points.get(), "signal");
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < column.length; ++i) {
    const int64_t at = column.offset + i;
    if ((static_cast<const uint8_t *>(column.data)[at / 8] >> at % 8 & 1) != 0) rows.push_back(i);
  }
  return rows;
}

// Complaints received and answered late, by day; every field of the file may be quoted.
std::map<absl::CivilDay, std::pair<double, double>> CfpbDays() {
  std::map<absl::CivilDay, std::pair<double, double>> days;
  std::ifstream file(ReferencePath("complaints/cfpb_2015q1_sample.csv"));
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.emplace_back();
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    int month = 0, day = 0, year = 0;
    EXPECT_EQ(std::sscanf(fields.at(8).c_str(), "%d/%d/%d", &month, &day, &year), 3);
    auto &[received, late] = days[absl::CivilDay(year, month, day)];
    received += 1;
    late += fields.at(11) == "No";
  }
  return days;
}

TEST(ChartTest, ComplaintsHaveTheirReferenceSignals) {
  const Json file = patron::testing::ReadJson(ReferencePath("complaints/reference.json"));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  const Json &expected = file["logs"]["cfpb_2015q1_sample.csv"];
  std::vector<double> weekdays, sizes, late;
  std::vector<std::string> dates;
  for (const auto &[day, counts] : CfpbDays()) {
    const absl::Weekday weekday = absl::GetWeekday(day);
    if (weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday) {
      weekdays.push_back(counts.first);
    }
    sizes.push_back(counts.first);
    late.push_back(counts.second);
    dates.push_back(absl::FormatCivilTime(day));
  }
  TableOf single, shares;
  single.Numbers("count", weekdays);
  shares.Numbers("count", late).Numbers("size", sizes);

  const auto [xmr, xmr_figures] = Chart(single, ChartOptions(PATRON_CHART_XMR));
  const Json &wanted = expected["xmr_weekdays"];
  EXPECT_EQ(xmr_figures.points, 56u);
  EXPECT_NEAR(xmr_figures.center, wanted["mean"].number, 1e-9);
  EXPECT_NEAR(xmr_figures.moving_range, wanted["mr_bar"].number, 1e-9);
  EXPECT_NEAR(Numbers(xmr, "upper")[0], wanted["unpl"].number, 1e-9);
  EXPECT_NEAR(Numbers(xmr, "lower")[0], wanted["lnpl"].number, 1e-9);
  std::vector<int64_t> signals;
  for (const Json &signal : wanted["signals"].items) {
    signals.push_back(static_cast<int64_t>(signal.number));
  }
  EXPECT_EQ(Signals(xmr), signals);
  EXPECT_EQ(xmr_figures.signals, signals.size());

  const auto [p, p_figures] = Chart(shares, ChartOptions(PATRON_CHART_P));
  EXPECT_NEAR(p_figures.center, expected["p_chart_untimely_by_day"]["p_bar"].number, 1e-15);
  const Json &days = expected["p_chart_untimely_by_day"]["signals"];
  const auto rows = Signals(p);
  ASSERT_EQ(rows.size(), days.items.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    EXPECT_EQ(dates[row], days[i][0].text);
    EXPECT_EQ(sizes[row], days[i][1].number);
    EXPECT_EQ(late[row], days[i][2].number);
  }

  patron_chart_options options = ChartOptions(PATRON_CHART_CUSUM);
  options.baseline = 20;
  const auto [sums, cusum] = Chart(single, options);
  const Json &shift = expected["cusum_weekdays"];
  EXPECT_NEAR(cusum.center, shift["target"].number, 1e-9);
  EXPECT_NEAR(cusum.sigma, shift["sigma"].number, 1e-9);
  EXPECT_EQ(Signals(sums).front(), static_cast<int64_t>(shift["first_signal_index"].number));
  EXPECT_NEAR(Numbers(sums, "upper").back(), shift["last"][0].number, 1e-6);
  EXPECT_NEAR(Numbers(sums, "lower").back(), shift["last"][1].number, 1e-6);
}

TEST(ChartTest, BadSeriesAreNamed) {
  TableOf table;
  table.Numbers("late", std::vector<double>{1, 5}).Numbers("all", std::vector<double>{2, 4});
  patron_chart_options options = ChartOptions(PATRON_CHART_P);
  Error error;
  auto *out = Untouched<patron_table>();
  const auto refusal = [&] {
    EXPECT_EQ(patron_measure_chart(table.get(), &options, &out, nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_table>());
    return error.message();
  };
  EXPECT_THAT(refusal(), HasSubstr("column 'count' is missing"));
  options.count = "late";
  options.size = "all";
  EXPECT_EQ(refusal(), "late: row 1 is 5; expected at most its size, 4");
  options.kind = 6;
  EXPECT_EQ(refusal(), "kind: 6; expected 0 to 5");
  options = ChartOptions(PATRON_CHART_CUSUM);
  options.count = "late";
  options.sigma = 0;
  EXPECT_EQ(refusal(), "sigma: 0; expected a finite number above 0");
}

// ---- Attainment, backlog, ages ----

TEST(AttainmentTest, NullsAreNeverAndNotYet) {
  using Maybes = std::vector<std::optional<int64_t>>;
  TableOf table;
  table.Times("due", Maybes{50, 50, 90, 150, std::nullopt});
  table.Times("end", Maybes{50, 51, std::nullopt, std::nullopt, 70});
  patron_attainment found{};
  found.struct_size = sizeof found;
  Error error;
  ASSERT_EQ(patron_measure_attainment(table.get(), nullptr, "end", 100, &found, error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_EQ(found.met, 2u);
  EXPECT_EQ(found.breached, 2u);
  EXPECT_EQ(found.pending, 1u);
  EXPECT_EQ(found.due_met, 1u);
  EXPECT_EQ(found.rate, 0.5);
  EXPECT_NEAR(found.due_rate, 1.0 / 3, 1e-15);
  EXPECT_EQ(patron_measure_attainment(table.get(), nullptr, nullptr, 100, &found, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      patron_measure_attainment(table.get(), nullptr, "end", PATRON_NO_TIME, &found, error.get()),
      PATRON_INVALID_ARGUMENT);
}

TEST(ResolutionTest, CasesThatCameBackAreNoSuccess) {
  TableOf table;
  table.Texts("customer", {"a", "b", "b"}).Texts("cause", {"late", "late", "late"});
  table.Times("received", std::vector<int64_t>{0, 0, 19 * kDay});
  table.Times("closed", std::vector<std::optional<int64_t>>{2 * kDay, 4 * kDay, std::nullopt});
  table.Integers("accepted", std::vector<int64_t>{1, 1, 0});
  table.Integers("contacts", std::vector<int64_t>{1, 1, 1});
  table.Integers("reopens", std::vector<int64_t>{0, 0, 0});
  patron_resolution_options options;
  patron_resolution_options_init(&options);
  patron_resolution found{};
  found.struct_size = sizeof found;
  Error error;
  EXPECT_EQ(patron_measure_resolution(table.get(), &options, &found, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("cutoff: no instant"));
  options.cutoff = 60 * kDay;
  ASSERT_EQ(patron_measure_resolution(table.get(), &options, &found, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(found.known, 2u);
  EXPECT_EQ(found.unknown, 1u);
  EXPECT_EQ(found.first_contact, 1u);
  EXPECT_EQ(found.first_contact_rate, 0.5);
  EXPECT_EQ(found.reopen_rate, 0);
  options.closed = "gone";
  EXPECT_EQ(patron_measure_resolution(table.get(), &options, &found, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(BacklogTest, MovementsAddUp) {
  TableOf table;
  table.Times("time", std::vector<int64_t>{kDay, 0, kDay * 2});
  table.Texts("movement", {"received", "received", "closed"});
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(
      patron_measure_backlog(table.get(), PATRON_PERIOD_DAY, "Europe/Berlin", 3, &out, error.get()),
      PATRON_OK)
      << error.message();
  const Table backlog(out);
  EXPECT_THAT(Integers(backlog, "open"), ElementsAre(4, 5, 4));
  EXPECT_THAT(Plain<int32_t>(out, "period", PATRON_TYPE_DATE32), ElementsAre(0, 1, 2));
  TableOf odd;
  odd.Times("time", std::vector<int64_t>{0}).Texts("movement", {"lost"});
  EXPECT_EQ(patron_measure_backlog(odd.get(), 0, nullptr, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(),
            "movement: row 0 is 'lost'; expected received, reopened, closed, merged or voided");
  EXPECT_EQ(patron_measure_backlog(odd.get(), 5, nullptr, 0, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(AgesTest, BucketsBeginAtTheirBound) {
  TableOf table;
  table.Integers("ages", std::vector<int64_t>{0, 1, 6, 7, 100});
  const double bounds[] = {1, 7}, falling[] = {7, 1};
  int64_t counts[3] = {9, 9, 9};
  Error error;
  ASSERT_EQ(patron_measure_ages(table.column(0), bounds, 2, counts, error.get()), PATRON_OK);
  EXPECT_THAT(counts, ElementsAre(1, 2, 2));
  EXPECT_EQ(patron_measure_ages(table.column(0), falling, 2, counts, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_measure_ages(nullptr, bounds, 2, counts, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(counts, ElementsAre(1, 2, 2));
}

}  // namespace
}  // namespace patron::c_api_test
