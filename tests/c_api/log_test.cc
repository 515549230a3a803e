// Event logs: XES, counts of the reference logs, merging, conformance.
#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "golden/complaints/json.hpp"
#include "patron/c/patron.h"
#include "support/reference_data.hpp"

namespace patron::c_api_test {
namespace {

using patron::testing::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct FreeLog {
  void operator()(patron_log *log) const { patron_log_free(log); }
};
using Log = std::unique_ptr<patron_log, FreeLog>;

patron_xes_report EmptyReport() {
  patron_xes_report report{};
  report.struct_size = sizeof report;
  return report;
}

Table Parse(const std::string &bytes, patron_xes_report *report = nullptr,
            const patron_xes_options *options = nullptr) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(patron_log_parse_xes(bytes.data(), bytes.size(), options, &out, report, error.get()),
            PATRON_OK)
      << error.message();
  return Table(out);
}

std::string Refusal(const std::string &bytes) {
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_log_parse_xes(bytes.data(), bytes.size(), nullptr, &out, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
  return error.message();
}

std::string Event(const std::string &activity, const std::string &time,
                  const std::string &more = "") {
  return "<event><string key=\"concept:name\" value=\"" + activity +
         "\"/><date key=\"time:timestamp\" value=\"" + time + "\"/>" + more + "</event>\n";
}
std::string Trace(const std::string &name, const std::string &events) {
  return "<trace><string key=\"concept:name\" value=\"" + name + "\"/>\n" + events + "</trace>\n";
}
std::string Whole(const std::string &traces) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n" + traces +
         "</log>\n";
}

std::string Zipped(const std::string &text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zipped(text.size() + 1000, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef *>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef *>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  zipped.resize(stream.total_out);
  deflateEnd(&stream);
  return zipped;
}

Log Mine(const patron_table *table, const patron_log_options *options = nullptr,
         Table *cases = nullptr) {
  Error error;
  patron_log *out = nullptr;
  patron_table *case_table = nullptr;
  EXPECT_EQ(
      patron_log_mine(table, options, &out, cases == nullptr ? nullptr : &case_table, error.get()),
      PATRON_OK)
      << error.message();
  if (cases != nullptr) cases->reset(case_table);
  return Log(out);
}

patron_log_options Options() {
  patron_log_options options;
  patron_log_options_init(&options);
  return options;
}

patron_log_summary Summary(const Log &log) {
  patron_log_summary summary{};
  summary.struct_size = sizeof summary;
  EXPECT_EQ(patron_log_get_summary(log.get(), &summary, nullptr), PATRON_OK);
  return summary;
}

using Give = patron_status (*)(const patron_log *, patron_table **, patron_error *);
Table Given(Give function, const Log &log) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(function(log.get(), &out, error.get()), PATRON_OK) << error.message();
  return Table(out);
}
Table Variants(const Log &log, Table *steps = nullptr) {
  patron_table *out = nullptr, *step_table = nullptr;
  EXPECT_EQ(patron_log_variants(log.get(), &out, steps == nullptr ? nullptr : &step_table, nullptr),
            PATRON_OK);
  if (steps != nullptr) steps->reset(step_table);
  return Table(out);
}

// ---- XES ----

TEST(XesTest, EventsBecomeRowsWithTrueInstants) {
  const std::string text = Whole(
      "<extension name=\"x\" prefix=\"x\" uri=\"u\"/>\n<global scope=\"event\">"
      "<string key=\"concept:name\" value=\"not this\"/></global>\n"
      "<string key=\"concept:name\" value=\"nor this\"/>\n" +
      Trace("c1", "<string key=\"channel\" value=\"web &amp; phone\"/>" +
                      Event("a", "1970-01-01T01:00:00.000+01:00",
                            "<string key=\"org:resource\" value=\"Pete\"/>"
                            "<list key=\"l\"><values><string key=\"concept:name\" value=\"inner\"/>"
                            "</values></list>") +
                      Event("b", "1970-01-01T00:00:01.2345678Z")) +
      Trace("c2", Event("a", "1970-01-02T00:00:00")));
  for (const std::string &bytes :
       {text, Zipped(text), Zipped(text.substr(0, 99)) + Zipped(text.substr(99))}) {
    patron_xes_report report = EmptyReport();
    const Table table = Parse(bytes, &report);
    EXPECT_THAT(Texts(table, "case"), ElementsAre("c1", "c1", "c2"));
    EXPECT_THAT(Texts(table, "activity"), ElementsAre("a", "b", "a"));
    EXPECT_THAT(Times(table, "time"), ElementsAre(0, 1'234'567, kDay));
    EXPECT_THAT(OptionalTexts(table, "resource"), ElementsAre("Pete", std::nullopt, std::nullopt));
    EXPECT_EQ(report.traces, 2u);
    EXPECT_EQ(report.events, 3u);
    EXPECT_EQ(report.zoneless_times, 1u);
  }
  const char *const activity[] = {"concept:name", "lifecycle:transition"};
  const char *const event[] = {"org:resource"};
  const char *const trace[] = {"channel"};
  patron_xes_options options;
  patron_xes_options_init(&options);
  options.activity = activity;
  options.activity_count = 2;
  options.event_attributes = event;
  options.event_attribute_count = 1;
  options.trace_attributes = trace;
  options.trace_attribute_count = 1;
  patron_xes_report report = EmptyReport();
  const Table table = Parse(text, &report, &options);
  EXPECT_EQ(report.nameless_events, 3u);  // None has a transition.
  EXPECT_THAT(OptionalTexts(table, "case:channel"),
              ElementsAre("web & phone", "web & phone", std::nullopt));
  EXPECT_THAT(OptionalTexts(table, "org:resource"),
              ElementsAre("Pete", std::nullopt, std::nullopt));
}

TEST(XesTest, WhatIsMissingIsCounted) {
  patron_xes_report report = EmptyReport();
  const Table table =
      Parse(Whole("<trace>" + Event("a", "2024-02-29T24:00:00Z") + "</trace>" + Trace("empty", "") +
                  Trace("x", "<event/>") + Trace("x", Event("b", "0001-01-01T00:00:00+14:00"))),
            &report);
  EXPECT_THAT(Texts(table, "case"), ElementsAre("trace 1", "x", "x"));
  EXPECT_THAT(OptionalTexts(table, "activity"), ElementsAre("a", std::nullopt, "b"));
  EXPECT_EQ(report.traces, 4u);
  EXPECT_EQ(report.unnamed_traces, 1u);
  EXPECT_EQ(report.empty_traces, 1u);
  EXPECT_EQ(report.repeated_traces, 1u);
  EXPECT_EQ(report.nameless_events, 1u);
  EXPECT_EQ(report.timeless_events, 1u);
  EXPECT_EQ(report.zoneless_times, 0u);
}

TEST(XesTest, HostileFilesAreRefused) {
  EXPECT_THAT(Refusal(""), HasSubstr("line 1: no element found"));
  EXPECT_THAT(Refusal("<"), HasSubstr("line 1: "));
  EXPECT_THAT(Refusal("<a/>"), HasSubstr("line 1: 'a'; expected an element 'log'"));
  const std::string good = Whole(Trace("c", Event("a", "2024-01-01T00:00:00Z")));
  for (size_t size = 1; size + 1 < good.size(); ++size) {
    EXPECT_THAT(Refusal(good.substr(0, size)), HasSubstr("line "));
  }
  const std::string zipped = Zipped(good);
  EXPECT_EQ(Refusal(zipped.substr(0, zipped.size() - 1)),
            "file: its gzip data end early; expected a whole file");
  std::string damaged = zipped;
  damaged[zipped.size() / 2] = static_cast<char>(damaged[zipped.size() / 2] ^ 0x55);
  Refusal(damaged);
  EXPECT_THAT(Refusal("<!DOCTYPE log SYSTEM \"file:///etc/passwd\">\n" + good),
              HasSubstr("document type"));
  EXPECT_THAT(Refusal("<!DOCTYPE log [<!ENTITY a \"b\">]><log>&a;</log>"),
              HasSubstr("document type"));
  EXPECT_THAT(Refusal(Whole("&nbsp;")), HasSubstr("undefined entity"));
  std::string deep, up;
  for (int i = 0; i < 10'000; ++i) {
    deep += "<list>";
    up += "</list>";
  }
  EXPECT_THAT(Refusal(Whole(deep + up)), HasSubstr("elements nested 65 deep; expected 64 at most"));
  EXPECT_THAT(Refusal(Whole(Trace("c", Event("a", "yesterday")))),
              HasSubstr("line 4: time:timestamp: 'yesterday'"));
  for (const char *time :
       {"2024-02-30T00:00:00Z", "2024-01-01T24:00:01Z", "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+1", "2024-01-01", "2024-01-01T00:00:00Zx", "12024-01-01T00:00:00Z"}) {
    EXPECT_THAT(Refusal(Whole(Trace("c", Event("a", time)))), HasSubstr(time));
  }
  EXPECT_THAT(Refusal(Whole(Trace("c", Event("a", "2024-01-01T00:00:00Z",
                                             "<string key=\"concept:name\" value=\"b\"/>")))),
              HasSubstr("'concept:name' twice"));
  EXPECT_THAT(Refusal(Whole(Trace(std::string((size_t{1} << 20) + 1, 'x'), ""))),
              HasSubstr("1048577 bytes; expected 1048576 at most"));
}

TEST(XesTest, AMillionAttributesAreRead) {
  std::string attributes, elements;
  for (int i = 0; i < 1'000'000; ++i) {
    elements += "<int key=\"k\" value=\"1\"/>";
    if (i < 100'000) attributes += " a" + std::to_string(i) + "=\"\"";
  }
  const Table table = Parse(
      Whole(Trace(std::string(size_t{1} << 20, 'x'),
                  Event("a", "2024-01-01T00:00:00Z", elements + "<string" + attributes + "/>"))));
  EXPECT_EQ(patron_table_rows(table.get()), 1);
}

TEST(XesTest, FilesThatAreNotThereAreNamed) {
  Error error;
  auto *out = Untouched<patron_table>();
  EXPECT_EQ(patron_log_read_xes("/no/such/file.xes", nullptr, &out, nullptr, error.get()),
            PATRON_NOT_FOUND);
  EXPECT_THAT(error.message(), HasSubstr("path: '/no/such/file.xes': No such file"));
  EXPECT_EQ(patron_log_read_xes(nullptr, nullptr, &out, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

// ---- Reference logs ----

class ReferenceLog : public ::testing::TestWithParam<const char *> {};

TEST_P(ReferenceLog, HasItsFigures) {
  const Json file =
      patron::testing::ReadJson(patron::testing::ReferencePath("complaints/reference.json"));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  const std::string path = patron::testing::ReferencePath(std::string("complaints/") + GetParam());
  for (const Json &expected : file["logs"][GetParam()].items) {
    SCOPED_TRACE(expected["classifier"].text);
    const bool lifecycle = expected["classifier"].text != "concept:name";
    const char *const activity[] = {"concept:name", "lifecycle:transition"};
    patron_xes_options xes;
    patron_xes_options_init(&xes);
    xes.activity = activity;
    xes.activity_count = lifecycle ? 2 : 1;
    Error error;
    patron_table *out = nullptr;
    ASSERT_EQ(patron_log_read_xes(path.c_str(), &xes, &out, nullptr, error.get()), PATRON_OK)
        << error.message();
    const Table events(out);
    patron_log_options options = Options();
    options.resource = "resource";
    const Log log = Mine(events.get(), &options);
    const patron_log_summary summary = Summary(log);
    const auto number = [&](const char *name) {
      return static_cast<uint64_t>(expected[name].number);
    };
    EXPECT_EQ(summary.cases, number("cases"));
    EXPECT_EQ(summary.events, number("events"));
    EXPECT_EQ(summary.activities, number("activities"));
    EXPECT_EQ(summary.variants, number("variants"));
    EXPECT_EQ(summary.edges, number("dfg_edges"));
    EXPECT_EQ(summary.self_loops, number("self_loop_total"));
    EXPECT_EQ(summary.returns, number("aba_pingpong"));
    EXPECT_EQ(summary.handovers, number("resource_handovers"));
    EXPECT_EQ(summary.cases_with_rework, number("cases_with_repeated_activity"));

    const Table activities = Given(patron_log_activities, log);
    const auto names = Texts(activities, "activity");
    std::map<std::string, std::vector<int64_t>> by_name;
    for (size_t i = 0; i < names.size(); ++i) {
      for (const char *column : {"events", "starts", "ends"}) {
        by_name[names[i]].push_back(Integers(activities, column)[i]);
      }
    }
    size_t position = 0;
    for (const char *part : {"activity_counts", "start", "end"}) {
      int64_t sum = 0;
      for (size_t i = 0; i < expected[part].names.size(); ++i) {
        const auto count = static_cast<int64_t>(expected[part][i].number);
        EXPECT_EQ(by_name.at(expected[part].names[i])[position], count);
        sum += count;
      }
      EXPECT_EQ(sum, static_cast<int64_t>(part[0] == 'a' ? summary.events : summary.cases));
      ++position;
    }

    const auto variant_cases = Integers(Variants(log), "cases");
    for (size_t i = 0; i < expected["top_variant_counts"].items.size(); ++i) {
      EXPECT_EQ(variant_cases.at(i),
                static_cast<int64_t>(expected["top_variant_counts"][i].number));
    }

    const Table edges = Given(patron_log_edges, log);
    std::map<std::pair<std::string, std::string>, size_t> row_of;
    const auto sources = Texts(edges, "source"), targets = Texts(edges, "target");
    const auto counts = Integers(edges, "count");
    const auto mean = Numbers(edges, "mean"), median = Numbers(edges, "median");
    const auto p95 = Numbers(edges, "p95");
    int64_t total = 0;
    for (size_t i = 0; i < sources.size(); ++i) {
      row_of[{sources[i], targets[i]}] = i;
      total += counts[i];
    }
    EXPECT_EQ(total, static_cast<int64_t>(number("dfg_total")));
    ASSERT_EQ(expected["dfg"].items.size(), sources.size());
    for (const Json &edge : expected["dfg"].items) {
      const size_t i = row_of.at({edge[0].text, edge[1].text});
      SCOPED_TRACE(edge[0].text + " > " + edge[1].text);
      EXPECT_EQ(counts[i], static_cast<int64_t>(edge[2].number));
      const auto near = [](double value) { return 1e-3 + std::abs(value) * 1e-9; };
      EXPECT_NEAR(mean[i], edge[3].number, near(edge[3].number));
      EXPECT_NEAR(median[i], edge[4].number, near(edge[4].number));
      EXPECT_NEAR(p95[i], edge[5].number, near(edge[5].number));
    }

    const Json &seconds = expected["throughput_seconds"];
    const double p[] = {0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};
    const char *const keys[] = {"min", "p25", "median", "p75", "p90", "p95", "p99", "max", "mean"};
    double found[9];
    ASSERT_EQ(patron_log_durations(log.get(), 0, p, 8, found, nullptr), PATRON_OK);
    for (size_t i = 0; i < 9; ++i) {
      const double wanted = seconds[keys[i]].number;
      EXPECT_NEAR(found[i], wanted, 1e-3 + wanted * 1e-9) << keys[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Complaints, ReferenceLog,
                         ::testing::Values("running-example.xes", "receipt.xes.gz",
                                           "helpdesk.xes.gz", "bpic2013_closed_problems.xes.gz",
                                           "teleclaims.xes.gz", "roadtraffic100traces.xes"));

// ---- Mining ----

// Two cases by hand: a b a at 0, 1, 3 hours, and a at 0; and one of another shard.
struct Columns {
  std::vector<std::string> cases = {"y", "x", "x", "x"};
  std::vector<std::string> activities = {"a", "b", "a", "a"};
  std::vector<int64_t> times = {0, 3'600'000'000, 10'800'000'000, 0};
  std::unique_ptr<TableOf> Table() const {
    auto table = std::make_unique<TableOf>();
    table->Texts("case", cases).Texts("activity", activities).Times("time", times);
    return table;
  }
};

TEST(LogTest, TablesShowWhatWasCounted) {
  Table cases;
  const auto events = Columns().Table();
  const Log log = Mine(events->get(), nullptr, &cases);
  EXPECT_THAT(Texts(cases, "case"), ElementsAre("y", "x"));
  EXPECT_THAT(Integers(cases, "events"), ElementsAre(1, 3));
  EXPECT_THAT(Numbers(cases, "duration"), ElementsAre(0, 10'800));
  EXPECT_THAT(Integers(cases, "variant"), ElementsAre(0, 1));
  Table steps;
  const Table variants = Variants(log, &steps);
  EXPECT_THAT(Numbers(variants, "share"), ElementsAre(0.5, 0.5));
  EXPECT_THAT(Integers(variants, "length"), ElementsAre(1, 3));
  EXPECT_THAT(Texts(steps, "activity"), ElementsAre("a", "a", "b", "a"));
  EXPECT_THAT(Integers(steps, "position"), ElementsAre(0, 0, 1, 2));
  const Table edges = Given(patron_log_edges, log);
  EXPECT_THAT(Texts(edges, "source"), ElementsAre("a", "b"));
  EXPECT_THAT(Numbers(edges, "most"), ElementsAre(3'600, 7'200));
  const Table activities = Given(patron_log_activities, log);
  EXPECT_THAT(Integers(activities, "repeat_repetitions"), ElementsAre(1, 0));
}

TEST(LogTest, IntegersAreNamesToo) {
  TableOf events;
  events.Integers("id", std::vector<int64_t>{7, 7, -1});
  events.Integers("what", std::vector<int64_t>{30, 4, 30});
  events.Days("on", {0, 2, 5});
  patron_log_options options = Options();
  options.case_id = "id";
  options.activity = "what";
  options.time = "on";
  Table cases;
  const Log log = Mine(events.get(), &options, &cases);
  EXPECT_THAT(Integers(cases, "case"), ElementsAre(7, -1));
  EXPECT_THAT(Integers(Given(patron_log_edges, log), "target"), ElementsAre(4));
  EXPECT_THAT(Numbers(Given(patron_log_edges, log), "mean"), ElementsAre(2 * 86'400));
}

TEST(LogTest, ShardsMergeToTheWhole) {
  Columns all, left, right;
  all.cases.push_back("z");
  all.activities.push_back("b");
  all.times.push_back(5);
  right.cases = {"z"};
  right.activities = {"b"};
  right.times = {5};
  const auto whole_events = all.Table(), left_events = left.Table(), right_events = right.Table();
  const Log whole = Mine(whole_events->get());
  const Log merged = Mine(right_events->get()), other = Mine(left_events->get());
  Error error;
  ASSERT_EQ(patron_log_merge(merged.get(), other.get(), error.get()), PATRON_OK);
  EXPECT_EQ(Integers(Given(patron_log_edges, merged), "count"),
            Integers(Given(patron_log_edges, whole), "count"));
  EXPECT_EQ(Texts(Given(patron_log_activities, merged), "activity"),
            Texts(Given(patron_log_activities, whole), "activity"));
  EXPECT_EQ(Integers(Variants(merged), "length"), Integers(Variants(whole), "length"));
  EXPECT_EQ(Summary(merged).cases, 3u);
  EXPECT_EQ(patron_log_merge(merged.get(), merged.get(), error.get()), PATRON_INVALID_ARGUMENT);
  TableOf integers;
  integers.Texts("case", {"q"})
      .Integers("activity", std::vector<int64_t>{1})
      .Times("time", std::vector<int64_t>{0});
  const Log numbered = Mine(integers.get());
  EXPECT_EQ(patron_log_merge(merged.get(), numbered.get(), error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(Summary(merged).cases, 3u);
}

TEST(LogTest, WorkingTimeNeedsACalendar) {
  TableOf hours;
  hours.Texts("day", {"thu"}).Texts("open", {"01:00"}).Texts("close", {"02:00"});
  patron_calendar *calendar = nullptr;
  ASSERT_EQ(patron_calendar_create("UTC", hours.get(), &calendar, nullptr), PATRON_OK);
  patron_log_options options = Options();
  options.calendar = calendar;
  const auto events = Columns().Table();
  Table cases;
  const Log log = Mine(events->get(), &options, &cases);
  EXPECT_THAT(Numbers(cases, "working"), ElementsAre(0, 3600));  // 1970-01-01 was a Thursday.
  const double p[] = {0.5};
  double found[2];
  EXPECT_EQ(patron_log_durations(log.get(), 1, p, 1, found, nullptr), PATRON_OK);
  EXPECT_EQ(found[0], 1800);
  const Log plain = Mine(events->get());
  Error error;
  EXPECT_EQ(patron_log_durations(plain.get(), 1, p, 1, found, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(patron_log_merge(log.get(), plain.get(), error.get()), PATRON_FAILED_PRECONDITION);
  patron_calendar_free(calendar);
}

TEST(LogTest, BadInputIsNamed) {
  Error error;
  auto *out = Untouched<patron_log>();
  const auto refusal = [&](TableOf &table, const patron_log_options *options = nullptr) {
    EXPECT_EQ(patron_log_mine(table.get(), options, &out, nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_log>());
    return error.message();
  };
  TableOf table;
  table.OptionalTexts("case", {"x", std::nullopt, "y"});
  table.Texts("activity", {"a", "", "b"}).Times("time", std::vector<int64_t>{0, 1, 2});
  EXPECT_THAT(refusal(table), HasSubstr("case: row 1 is null"));
  patron_log_options options = Options();
  options.case_id = "time";
  EXPECT_THAT(refusal(table, &options), HasSubstr("time"));
  options.case_id = "activity";
  EXPECT_THAT(refusal(table, &options), HasSubstr("activity: row 1 is"));
  options.order = 2;
  EXPECT_EQ(refusal(table, &options), "order: 2; expected 0 to 1");
  TableOf empty;
  empty.Texts("case", {}).Texts("activity", {}).Times("time", std::vector<int64_t>{});
  const Log none = Mine(empty.get());
  EXPECT_EQ(Summary(none).cases, 0u);
  const double p[] = {0.5, 1.5};
  double found[3] = {7, 7, 7};
  EXPECT_EQ(patron_log_durations(none.get(), 0, p, 1, found, nullptr), PATRON_OK);
  EXPECT_TRUE(std::isnan(found[0]) && std::isnan(found[1]));
  EXPECT_EQ(patron_log_durations(none.get(), 0, p, 2, found, nullptr), PATRON_INVALID_ARGUMENT);
}

// ---- Conformance ----

struct Model {
  std::vector<std::string> source, activity, target;
  std::vector<const char *> starts, ends;

  Model &Step(const char *from, const char *name, const char *to) {
    source.emplace_back(from);
    activity.emplace_back(name);
    target.emplace_back(to);
    return *this;
  }
};

patron_status Conform(const Log &log, const Model &model, Table *result, Error &error,
                      int32_t change = 1) {
  TableOf steps;
  steps.Texts("source", model.source)
      .Texts("activity", model.activity)
      .Texts("target", model.target);
  patron_conformance_options options;
  patron_conformance_options_init(&options);
  options.starts = model.starts.data();
  options.start_count = model.starts.size();
  options.ends = model.ends.data();
  options.end_count = model.ends.size();
  options.change_cost = change;
  patron_table *out = nullptr;
  const patron_status status =
      patron_log_conformance(log.get(), steps.get(), &options, &out, error.get());
  if (status == PATRON_OK) result->reset(out);
  return status;
}

TEST(ConformanceTest, DistancesAreLeastCosts) {
  // Variants by cases: "a c" twice, "a b c" once, "b" once, "a x c" once.
  TableOf events;
  events.Texts("case", {"1", "1", "2", "2", "3", "3", "3", "4", "5", "5", "5"});
  events.Texts("activity", {"a", "c", "a", "c", "a", "b", "c", "b", "a", "x", "c"});
  events.Times("time", std::vector<int64_t>{0, 1, 0, 1, 0, 1, 2, 0, 0, 1, 2});
  const Log log = Mine(events.get());
  Model model;  // a b+ c
  model.Step("0", "a", "1").Step("1", "b", "2").Step("2", "b", "2").Step("2", "c", "3");
  model.starts = {"0"};
  model.ends = {"3"};
  Table result;
  Error error;
  ASSERT_EQ(Conform(log, model, &result, error), PATRON_OK) << error.message();
  EXPECT_THAT(Integers(result, "cases"), ElementsAre(2, 1, 1, 1));
  EXPECT_THAT(Integers(result, "distance"), ElementsAre(1, 0, 1, 2));
  ASSERT_EQ(Conform(log, model, &result, error, 2), PATRON_OK);
  EXPECT_THAT(Integers(result, "distance"), ElementsAre(1, 0, 2, 2));
  model.ends = {"nowhere"};
  EXPECT_EQ(Conform(log, model, &result, error), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "ends: none can be reached; expected one that a start leads to");
  model.ends = {};
  EXPECT_EQ(Conform(log, model, &result, error), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(Conform(log, model, &result, error, 0), PATRON_INVALID_ARGUMENT);
}

TEST(ConformanceTest, HelpdeskMatchesItsRegularLanguages) {
  const Json file =
      patron::testing::ReadJson(patron::testing::ReferencePath("complaints/reference.json"));
  if (file.is_null()) GTEST_SKIP() << "no reference data";
  patron_table *out = nullptr;
  ASSERT_EQ(
      patron_log_read_xes(patron::testing::ReferencePath("complaints/helpdesk.xes.gz").c_str(),
                          nullptr, &out, nullptr, nullptr),
      PATRON_OK);
  const Table events(out);
  const Log log = Mine(events.get());
  const char *insert = "Insert ticket", *assign = "Assign seriousness", *wait = "Wait";
  const char *take = "Take in charge ticket", *resolve = "Resolve ticket", *close = "Closed";
  Model wide;  // I?A+[TW]*R+C
  wide.Step("s", insert, "i").Step("s", assign, "a").Step("i", assign, "a").Step("a", assign, "a");
  for (const char *from : {"a", "w"}) {
    wide.Step(from, take, "w").Step(from, wait, "w").Step(from, resolve, "r");
  }
  wide.Step("r", resolve, "r").Step("r", close, "end");
  Model narrow;  // I?AT(WT?)*RC
  narrow.Step("s", insert, "i").Step("s", assign, "a").Step("i", assign, "a");
  narrow.Step("a", take, "t").Step("t", wait, "w").Step("w", take, "t").Step("w", wait, "w");
  narrow.Step("t", resolve, "r").Step("w", resolve, "r").Step("r", close, "end");
  const Json &expected =
      file["logs"]["helpdesk.xes.gz"][0]["regular_language_conformance"]["full_match"];
  size_t which = 0;
  for (Model *model : {&wide, &narrow}) {
    model->starts = {"s"};
    model->ends = {"end"};
    Table result;
    Error error;
    ASSERT_EQ(Conform(log, *model, &result, error), PATRON_OK) << error.message();
    int64_t fits = 0;
    const auto cases = Integers(result, "cases"), distance = Integers(result, "distance");
    for (size_t i = 0; i < cases.size(); ++i) fits += distance[i] == 0 ? cases[i] : 0;
    EXPECT_EQ(fits, static_cast<int64_t>(expected[which++].number));
  }
}

}  // namespace
}  // namespace patron::c_api_test
