// The complaints module out of memory: each function, with allocation 0, 1, 2, ... failing, alone or
// with all after it. It must end with a status, leak nothing, and leave its outputs alone.
#include <cstdint>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;

TEST(ComplaintsAllocationTest, Calendars) {
  const TextColumn days({"mon", "tue", "wed", "mon", "2024-06-04", "2024-06-05"});
  const std::vector<int32_t> open = {32'400, 32'400, 32'400, 50'400, 32'400, 36'000};
  const std::vector<int32_t> close = {43'200, 61'200, 61'200, 61'200, 39'600, 39'600};
  const auto hours = TableOf({days.As("day"), ColumnOf("open", PATRON_TYPE_INT32, open),
                              ColumnOf("close", PATRON_TYPE_INT32, close)});
  const auto create = [&](auto out) {
    return patron_calendar_create("Europe/Berlin", hours.get(), out, nullptr);
  };
  FailMaking<patron_calendar>("patron_calendar_create", create);
  const auto calendar = Made<patron_calendar>(create);
  FailMaking<patron_table>("patron_calendar_to_table", [&](auto out) {
    return patron_calendar_to_table(calendar.get(), out, nullptr);
  });
  const auto serialize = [&](auto out) {
    return patron_calendar_serialize(calendar.get(), out, nullptr);
  };
  FailMaking<patron_bytes>("patron_calendar_serialize", serialize);
  const auto bytes = Made<patron_bytes>(serialize);
  FailMaking<patron_calendar>("patron_calendar_deserialize", [&](auto out) {
    return patron_calendar_deserialize(patron_bytes_data(bytes.get()),
                                       patron_bytes_size(bytes.get()), out, nullptr);
  });
  const std::string feed =
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=YEARLY\n"
      "SUMMARY:The first day of the year\nEND:VEVENT\nEND:VCALENDAR\n";
  FailCall("patron_calendar_with_holidays", [&] {
    patron_calendar *closed = nullptr;
    patron_table *holidays = nullptr;
    const patron_status status =
        patron_calendar_with_holidays(calendar.get(), feed.data(), feed.size(), 19'000, 21'000,
                                      &closed, &holidays, nullptr, nullptr);
    EXPECT_EQ(status == PATRON_OK, closed != nullptr);
    EXPECT_EQ(closed == nullptr, holidays == nullptr);
    Own<patron_calendar>{closed};
    Own<patron_table>{holidays};
    return status;
  });
}

TEST(ComplaintsAllocationTest, QuestionsToCalendars) {
  const TextColumn days({"mon"});
  const std::vector<int32_t> open = {32'400}, close = {61'200};
  const auto hours = TableOf({days.As("day"), ColumnOf("open", PATRON_TYPE_INT32, open),
                              ColumnOf("close", PATRON_TYPE_INT32, close)});
  const auto calendar = Made<patron_calendar>(
      [&](auto out) { return patron_calendar_create("UTC", hours.get(), out, nullptr); });
  const patron_pause pauses[] = {{3 * kHour, 4 * kHour}, {2 * kHour, 3 * kHour}};
  int64_t answer = 0;
  FailCall("patron_calendar_due_at", [&] {
    return patron_calendar_due_at(calendar.get(), 0, 0, kHour, pauses, 2, &answer, nullptr);
  });
  FailCall("patron_calendar_elapsed_between", [&] {
    return patron_calendar_elapsed_between(calendar.get(), 0, kHour, pauses, 2, &answer, nullptr);
  });
  FailMaking<patron_table>("patron_calendar_spans", [&](auto out) {
    return patron_calendar_spans(calendar.get(), 0, 1000 * kHour, out, nullptr);
  });

  const std::vector<int64_t> start = {0, kHour, 2 * kHour}, end = {kHour, kHour, 9 * kHour};
  const std::vector<int64_t> seconds = {60, 3600, 0}, row = {2, 0, 2};
  const auto table = TableOf({ColumnOf("start", PATRON_TYPE_TIMESTAMP_US, start),
                              ColumnOf("end", PATRON_TYPE_TIMESTAMP_US, end),
                              ColumnOf("seconds", PATRON_TYPE_INT64, seconds)});
  const auto pause_table = TableOf({ColumnOf("row", PATRON_TYPE_INT64, row),
                                    ColumnOf("begin", PATRON_TYPE_TIMESTAMP_US, start),
                                    ColumnOf("end", PATRON_TYPE_TIMESTAMP_US, end)});
  patron_clock_options options;
  patron_clock_options_init(&options);
  options.pauses = pause_table.get();
  options.at = 4 * kHour;
  FailMaking<patron_table>("patron_calendar_due", [&](auto out) {
    return patron_calendar_due(calendar.get(), table.get(), &options, out, nullptr);
  });
  FailMaking<patron_table>("patron_calendar_elapsed", [&](auto out) {
    return patron_calendar_elapsed(calendar.get(), table.get(), &options, out, nullptr);
  });
  FailMaking<patron_table>("patron_calendar_recompute", [&](auto out) {
    return patron_calendar_recompute(calendar.get(), calendar.get(), table.get(), &options, out,
                                     nullptr);
  });
}

std::string SmallLog() {
  std::string text = "<log>";
  for (int c = 0; c < 3; ++c) {
    text += "<trace><string key=\"concept:name\" value=\"a case with a long name " +
            std::to_string(c) + "\"/>";
    for (int i = 0; i < 4; ++i) {
      text += "<event><string key=\"concept:name\" value=\"an activity with a long name " +
              std::to_string((c + i) % 3) +
              "\"/><string key=\"org:resource\" value=\"somebody\"/>"
              "<date key=\"time:timestamp\" value=\"2024-01-0" +
              std::to_string(9 - i) + "T00:00:00Z\"/></event>";
    }
    text += "</trace>";
  }
  return text + "</log>";
}

TEST(ComplaintsAllocationTest, Xes) {
  const std::string text = SmallLog();
  FailMaking<patron_table>("patron_log_parse_xes", [&](auto out) {
    return patron_log_parse_xes(text.data(), text.size(), nullptr, out, nullptr, nullptr);
  });
  const std::string path = ::testing::TempDir() + "patron_faults.xes";
  std::ofstream(path) << text;
  FailMaking<patron_table>("patron_log_read_xes", [&](auto out) {
    return patron_log_read_xes(path.c_str(), nullptr, out, nullptr, nullptr);
  });
}

TEST(ComplaintsAllocationTest, Mining) {
  const std::string text = SmallLog();
  const auto events = Made<patron_table>([&](auto out) {
    return patron_log_parse_xes(text.data(), text.size(), nullptr, out, nullptr, nullptr);
  });
  patron_log_options options;
  patron_log_options_init(&options);
  options.resource = "resource";
  FailCall("patron_log_mine", [&] {
    patron_log *log = nullptr;
    patron_table *cases = nullptr;
    const patron_status status = patron_log_mine(events.get(), &options, &log, &cases, nullptr);
    EXPECT_EQ(status == PATRON_OK, log != nullptr);
    EXPECT_EQ(log == nullptr, cases == nullptr);
    Own<patron_log>{log};
    Own<patron_table>{cases};
    return status;
  });
  const auto mine = [&](auto out) {
    return patron_log_mine(events.get(), &options, out, nullptr, nullptr);
  };
  const auto source = Made<patron_log>(mine);
  FailCall("patron_log_merge", [&] {
    patron_log *log = nullptr;
    {
      const bool was_armed = faults::armed.exchange(false);
      EXPECT_EQ(mine(&log), PATRON_OK);
      faults::armed = was_armed;
    }
    const Own<patron_log> own(log);
    const patron_status status = patron_log_merge(log, source.get(), nullptr);
    patron_log_summary summary{};
    summary.struct_size = sizeof summary;
    EXPECT_EQ(patron_log_get_summary(log, &summary, nullptr), PATRON_OK);
    EXPECT_EQ(summary.cases, status == PATRON_OK ? 6u : 3u);
    return status;
  });
  FailMaking<patron_table>("patron_log_activities", [&](auto out) {
    return patron_log_activities(source.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_log_edges",
                           [&](auto out) { return patron_log_edges(source.get(), out, nullptr); });
  FailCall("patron_log_variants", [&] {
    patron_table *variants = nullptr, *steps = nullptr;
    const patron_status status = patron_log_variants(source.get(), &variants, &steps, nullptr);
    EXPECT_EQ(status == PATRON_OK, variants != nullptr);
    EXPECT_EQ(variants == nullptr, steps == nullptr);
    Own<patron_table>{variants};
    Own<patron_table>{steps};
    return status;
  });
  const double p[] = {0.5};
  double found[2];
  FailCall("patron_log_durations",
           [&] { return patron_log_durations(source.get(), 0, p, 1, found, nullptr); });
  const TextColumn from({"a state with quite a long name"}), name({"b"}), to({"c"});
  const auto steps = TableOf({from.As("source"), name.As("activity"), to.As("target")});
  const char *const starts[] = {"a state with quite a long name"};
  const char *const ends[] = {"c"};
  patron_conformance_options model;
  patron_conformance_options_init(&model);
  model.starts = starts;
  model.ends = ends;
  model.start_count = model.end_count = 1;
  FailMaking<patron_table>("patron_log_conformance", [&](auto out) {
    return patron_log_conformance(source.get(), steps.get(), &model, out, nullptr);
  });
  const auto preset = [](auto out) { return patron_policy_preset("default", 2, out, nullptr); };
  const auto policy = Made<patron_policy>(preset);
  const char *const received[] = {"ACKNOWLEDGED"};
  model.starts = received;
  model.ends = received;
  FailMaking<patron_table>("patron_log_policy_conformance", [&](auto out) {
    return patron_log_policy_conformance(source.get(), policy.get(), &model, out, nullptr);
  });
  const auto serialize = [&](auto out) { return patron_log_serialize(source.get(), out, nullptr); };
  FailMaking<patron_bytes>("patron_log_serialize", serialize);
  const auto bytes = Made<patron_bytes>(serialize);
  FailMaking<patron_log>("patron_log_deserialize", [&](auto out) {
    return patron_log_deserialize(patron_bytes_data(bytes.get()), patron_bytes_size(bytes.get()),
                                  out, nullptr);
  });
}

TEST(ComplaintsAllocationTest, Measures) {
  const std::vector<int64_t> time = {5, 9, 9, 20}, observed = {1, 1, 0, 1};
  const std::vector<double> count = {1, 5, 2, 3}, size = {10, 10, 10, 10}, bounds = {1, 2};
  const TextColumn movement({"received", "received", "closed", "received"});
  const auto table = TableOf(
      {ColumnOf("time", PATRON_TYPE_INT64, time), ColumnOf("observed", PATRON_TYPE_INT64, observed),
       ColumnOf("count", PATRON_TYPE_FLOAT64, count), ColumnOf("size", PATRON_TYPE_FLOAT64, size),
       ColumnOf("due", PATRON_TYPE_TIMESTAMP_US, time),
       ColumnOf("finished", PATRON_TYPE_TIMESTAMP_US, time)});
  const auto movements =
      TableOf({ColumnOf("time", PATRON_TYPE_TIMESTAMP_US, time), movement.As("movement")});
  patron_survival_options survival;
  patron_survival_options_init(&survival);
  survival.p = bounds.data();
  survival.p_count = 1;
  FailCall("patron_measure_survival", [&] {
    patron_table *curve = nullptr, *quantiles = nullptr;
    const patron_status status =
        patron_measure_survival(table.get(), &survival, &curve, &quantiles, nullptr);
    EXPECT_EQ(status == PATRON_OK, curve != nullptr);
    EXPECT_EQ(curve == nullptr, quantiles == nullptr);
    Own<patron_table>{curve};
    Own<patron_table>{quantiles};
    return status;
  });
  patron_chart_options chart;
  patron_chart_options_init(&chart);
  for (chart.kind = PATRON_CHART_P; chart.kind <= PATRON_CHART_CUSUM; ++chart.kind) {
    FailMaking<patron_table>("patron_measure_chart", [&](auto out) {
      return patron_measure_chart(table.get(), &chart, out, nullptr, nullptr);
    });
  }
  patron_attainment attainment{};
  attainment.struct_size = sizeof attainment;
  FailCall("patron_measure_attainment", [&] {
    return patron_measure_attainment(table.get(), nullptr, nullptr, 10, &attainment, nullptr);
  });
  FailMaking<patron_table>("patron_measure_backlog", [&](auto out) {
    return patron_measure_backlog(movements.get(), PATRON_PERIOD_DAY, nullptr, 0, out, nullptr);
  });
  const TextColumn customer({"a", "a", "b", "c"});
  const auto cases = TableOf({customer.As("customer"), customer.As("cause"),
                              ColumnOf("received", PATRON_TYPE_TIMESTAMP_US, time),
                              ColumnOf("closed", PATRON_TYPE_TIMESTAMP_US, time),
                              ColumnOf("accepted", PATRON_TYPE_INT64, observed),
                              ColumnOf("contacts", PATRON_TYPE_INT64, observed),
                              ColumnOf("reopens", PATRON_TYPE_INT64, observed)});
  patron_resolution_options resolution;
  patron_resolution_options_init(&resolution);
  resolution.cutoff = 100 * 24 * kHour;
  patron_resolution rates{};
  rates.struct_size = sizeof rates;
  FailCall("patron_measure_resolution",
           [&] { return patron_measure_resolution(cases.get(), &resolution, &rates, nullptr); });
  const patron_column ages = ColumnOf("ages", PATRON_TYPE_FLOAT64, count);
  int64_t counts[3];
  FailCall("patron_measure_ages",
           [&] { return patron_measure_ages(&ages, bounds.data(), 2, counts, nullptr); });
}

TEST(ComplaintsAllocationTest, CausesAndRecovery) {
  const TextColumn cause({"delivery, which was late again", "price", "price"});
  const TextColumn handling({"resolved", "silent", "resolved_quickly"});
  const std::vector<int64_t> count = {1, 2, 3}, flag = {0, 1, 1};
  const std::vector<double> number = {1, 2, 3};
  const auto table = TableOf({cause.As("cause"), handling.As("handling"),
                              ColumnOf("received", PATRON_TYPE_TIMESTAMP_US, count),
                              ColumnOf("severity", PATRON_TYPE_INT64, count),
                              ColumnOf("complaints", PATRON_TYPE_INT64, count),
                              ColumnOf("upheld", PATRON_TYPE_INT64, flag),
                              ColumnOf("minor", PATRON_TYPE_INT64, flag),
                              ColumnOf("returned", PATRON_TYPE_INT64, flag),
                              ColumnOf("exposure", PATRON_TYPE_FLOAT64, number),
                              ColumnOf("minutes", PATRON_TYPE_FLOAT64, number),
                              ColumnOf("loss", PATRON_TYPE_FLOAT64, number)});
  FailMaking<patron_table>("patron_complaint_priority", [&](auto out) {
    return patron_complaint_priority(table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_causes",
                           [](auto out) { return patron_complaint_causes(out, nullptr); });
  FailMaking<patron_table>("patron_complaint_rank_causes", [&](auto out) {
    return patron_complaint_rank_causes(table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_systemic_causes", [&](auto out) {
    return patron_complaint_systemic_causes(table.get(), 2, 10, 2, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_habitual", [&](auto out) {
    return patron_complaint_habitual(table.get(), 0.01, 0.95, out, nullptr, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_case_costs", [&](auto out) {
    return patron_complaint_case_costs(table.get(), 1, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_compensation", [&](auto out) {
    return patron_complaint_compensation(table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_returns", [&](auto out) {
    return patron_complaint_returns(table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_complaint_voice_rates",
                           [](auto out) { return patron_complaint_voice_rates(out, nullptr); });
  const double counts[] = {3, 2, 1};
  FailMaking<patron_table>("patron_complaint_conversion", [&](auto out) {
    return patron_complaint_conversion(counts, 3, 0.95, out, nullptr);
  });
  patron_market_damage_terms terms;
  patron_market_damage_terms_init(&terms);
  FailCall("patron_complaint_market_damage", [&] {
    patron_market_damage damage{}, lower{};
    damage.struct_size = lower.struct_size = sizeof damage;
    return patron_complaint_market_damage(&terms, &damage, &lower, nullptr, nullptr);
  });
}

TEST(ComplaintsAllocationTest, Categories) {
  const TextColumn text({"late delivery of a parcel", "wrong price", "late"});
  const TextColumn category({"a category with quite a long name", "price", "price"});
  const auto table = TableOf({text.As("text"), category.As("category")});
  patron_category_options options;
  patron_category_options_init(&options);
  options.bits = 8;
  options.epochs = 1;
  const auto fit = [&](auto out) {
    return patron_category_fit(table.get(), &options, out, nullptr);
  };
  FailMaking<patron_category_model>("patron_category_fit", fit);
  const auto model = Made<patron_category_model>(fit);
  FailMaking<patron_table>("patron_category_names", [&](auto out) {
    return patron_category_names(model.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_category_suggest", [&](auto out) {
    return patron_category_suggest(model.get(), table.get(), nullptr, 0.5, out, nullptr);
  });
  FailMaking<patron_table>("patron_category_probabilities", [&](auto out) {
    return patron_category_probabilities(model.get(), table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_category_evaluate", [&](auto out) {
    return patron_category_evaluate(model.get(), table.get(), nullptr, nullptr, 0, nullptr, out,
                                    nullptr);
  });
  FailMaking<patron_bytes>("patron_category_serialize", [&](auto out) {
    return patron_category_serialize(model.get(), out, nullptr);
  });
  const auto bytes = Made<patron_bytes>(
      [&](auto out) { return patron_category_serialize(model.get(), out, nullptr); });
  // As for other lists of names: Protobuf may lose one string while it reads.
  FailMaking<patron_category_model>(
      "patron_category_deserialize",
      [&](auto out) {
        return patron_category_deserialize(patron_bytes_data(bytes.get()),
                                           patron_bytes_size(bytes.get()), out, nullptr);
      },
      1);
}

}  // namespace
}  // namespace patron::faults
