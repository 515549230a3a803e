// Due instants, elapsed times and business days against the reference vectors.
#include "patron/complaints/business_calendar.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "golden/complaints/json.hpp"
#include "gtest/gtest.h"
#include "patron/complaints/working_time_columns.hpp"
#include "support/reference_data.hpp"

namespace patron::complaints {
namespace {

using testing::Json;

int64_t Instant(const Json &json) {
  if (json.is_null()) return kNever;
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, json.text, &time, &error)) << error;
  return absl::ToUnixMicros(time);
}

OpenHours Hours(const Json &json) {
  OpenHours hours;
  for (const Json &segment : json.items) {
    const auto parsed = ParseSegment(segment[0].text, segment[1].text);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    hours.push_back(*parsed);
  }
  return hours;
}

std::map<std::string, BusinessCalendar> Calendars(const Json &json) {
  std::map<std::string, BusinessCalendar> calendars;
  for (size_t c = 0; c < json.items.size(); ++c) {
    Calendar calendar;
    calendar.zone = json[c]["tz"].text;
    calendar.weeks.emplace_back();
    const Json &weekly = json[c]["weekly"];
    for (size_t i = 0; i < weekly.items.size(); ++i) {
      calendar.weeks[0].week[static_cast<size_t>(*ParseWeekday(weekly.names[i]))] =
          Hours(weekly[i]);
    }
    const Json &exceptions = json[c]["exceptions"];
    for (size_t i = 0; i < exceptions.items.size(); ++i) {
      calendar.exceptions[*ParseDay(exceptions.names[i])] = Hours(exceptions[i]);
    }
    auto compiled = BusinessCalendar::Compile(std::move(calendar));
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    calendars.emplace(json.names[c], *std::move(compiled));
  }
  return calendars;
}

std::vector<Pause> Pauses(const Json &json) {
  std::vector<Pause> pauses;
  for (const Json &pause : json.items) pauses.push_back({Instant(pause[0]), Instant(pause[1])});
  return pauses;
}

int64_t DueOfVector(const Json &vector) {
  return vector["due"].is_null() ? kNever : Instant(vector["due"]["utc"]);
}

class Vectors : public ::testing::TestWithParam<std::pair<const char *, size_t>> {};

TEST_P(Vectors, AgreeToTheMicrosecond) {
  const Json file = testing::ReadJson(testing::ReferencePath(GetParam().first));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  const auto calendars = Calendars(file["calendars"]);
  const Json &vectors = file["vectors"];
  ASSERT_EQ(vectors.items.size(), GetParam().second);
  for (const Json &vector : vectors.items) {
    SCOPED_TRACE(vector["id"].text);
    const BusinessCalendar &calendar = calendars.at(vector["calendar"].text);
    if (vector["kind"].text == "business_days") {
      const auto due = calendar.BusinessDaysAfter(
          Instant(vector["received"]), static_cast<int64_t>(vector["business_days"].number));
      ASSERT_TRUE(due.ok());
      EXPECT_EQ(*due, DueOfVector(vector));
      continue;
    }
    const int64_t start = Instant(vector["start"]);
    const auto budget = static_cast<int64_t>(vector["working_seconds"].number) * kMicrosPerSecond;
    const std::vector<Pause> pauses = Pauses(vector["pauses"]);
    const WorkingTime &time = calendar.working_time();
    const bool is_due = vector["kind"].text == "due";
    const int64_t end = is_due ? DueOfVector(vector) : Instant(vector["end"]);
    if (is_due) {
      const auto due = time.Due(start, budget, pauses);
      ASSERT_TRUE(due.ok());
      EXPECT_EQ(*due, end);
      // The same as a column.
      const std::vector<int64_t> offsets = {0, static_cast<int64_t>(pauses.size())};
      int64_t answer = 0;
      ASSERT_TRUE(DueColumn(time, {&start, 1}, {&budget, 1}, {offsets, pauses}, {&answer, 1}).ok());
      EXPECT_EQ(answer, end);
    }
    if (end == kNever) continue;
    const auto elapsed = time.Elapsed(start, end, pauses);
    ASSERT_TRUE(elapsed.ok());
    EXPECT_EQ(*elapsed, budget);
  }
}

INSTANTIATE_TEST_SUITE_P(Complaints, Vectors,
                         ::testing::Values(std::pair("complaints/sla_vectors.json", size_t{24}),
                                           std::pair("complaints/sla_vectors_random.json",
                                                     size_t{200})));

}  // namespace
}  // namespace patron::complaints
