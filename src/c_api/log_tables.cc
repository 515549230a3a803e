// What was counted of a log, as tables.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/log.hpp"
#include "patron/base/quantile.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/log_statistics.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::ActivityCounts;
using complaints::LogCounts;
using complaints::LogEdge;

absl::StatusOr<arrow::Table> ActivityTable(const LogCounts &counts) {
  std::vector<uint32_t> order = ActivitiesInOrder(counts);
  // Names of rows that a merge or an empty log left without an event.
  std::erase_if(order, [&](uint32_t a) { return counts.activities()[a].events == 0; });
  constexpr std::pair<const char *, int64_t ActivityCounts::*> kColumns[] = {
      {"events", &ActivityCounts::events},
      {"cases", &ActivityCounts::cases},
      {"starts", &ActivityCounts::starts},
      {"ends", &ActivityCounts::ends},
      {"repeat_self_loops", &ActivityCounts::repeat_self_loops},
      {"redo_self_loops", &ActivityCounts::redo_self_loops},
      {"repeat_repetitions", &ActivityCounts::repeat_repetitions},
      {"redo_repetitions", &ActivityCounts::redo_repetitions}};
  arrow::TableBuilder builder;
  builder.AddIds("activity", counts.names().List(order).span());
  for (const auto &[name, member] : kColumns) {
    std::vector<int64_t> values;
    for (const uint32_t a : order) values.push_back(counts.activities()[a].*member);
    builder.AddInt64(name, std::move(values));
  }
  return builder.Finish();
}

absl::StatusOr<arrow::Table> EdgeTable(const LogCounts &counts) {
  std::vector<uint32_t> sources, targets;
  std::vector<int64_t> count;
  std::vector<double> mean, median, p95, least, most;
  for (const uint32_t e : EdgesInOrder(counts)) {
    const LogEdge &edge = counts.edges()[e];
    const complaints::TimeSpread spread = complaints::SpreadOf(edge.times);
    sources.push_back(edge.source);
    targets.push_back(edge.target);
    count.push_back(static_cast<int64_t>(edge.times.size()));
    mean.push_back(spread.mean);
    median.push_back(spread.median);
    p95.push_back(spread.p95);
    least.push_back(spread.least);
    most.push_back(spread.most);
  }
  arrow::TableBuilder builder;
  builder.AddIds("source", counts.names().List(sources).span());
  builder.AddIds("target", counts.names().List(targets).span());
  builder.AddInt64("count", std::move(count));
  builder.AddFloat64("mean", std::move(mean));
  builder.AddFloat64("median", std::move(median));
  builder.AddFloat64("p95", std::move(p95));
  builder.AddFloat64("least", std::move(least));
  builder.AddFloat64("most", std::move(most));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> VariantTable(const LogCounts &counts,
                                          std::span<const uint32_t> order) {
  std::vector<int64_t> variant, cases, length;
  std::vector<double> share;
  for (const uint32_t v : order) {
    variant.push_back(static_cast<int64_t>(variant.size()));
    cases.push_back(counts.variants().cases(v));
    share.push_back(static_cast<double>(cases.back()) / static_cast<double>(counts.case_count()));
    length.push_back(static_cast<int64_t>(counts.variants().activities(v).size()));
  }
  arrow::TableBuilder builder;
  builder.AddInt64("variant", std::move(variant));
  builder.AddInt64("cases", std::move(cases));
  builder.AddFloat64("share", std::move(share));
  builder.AddInt64("length", std::move(length));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> StepTable(const LogCounts &counts, std::span<const uint32_t> order) {
  std::vector<int64_t> variant, position;
  std::vector<uint32_t> activities;
  for (size_t row = 0; row < order.size(); ++row) {
    int64_t place = 0;
    for (const uint32_t a : counts.variants().activities(order[row])) {
      variant.push_back(static_cast<int64_t>(row));
      position.push_back(place++);
      activities.push_back(a);
    }
  }
  arrow::TableBuilder builder;
  builder.AddInt64("variant", std::move(variant));
  builder.AddInt64("position", std::move(position));
  builder.AddIds("activity", counts.names().List(activities).span());
  return builder.Finish();
}

patron_status GiveLogTable(const patron_log *log,
                           absl::StatusOr<arrow::Table> (*make)(const LogCounts &),
                           patron_table **out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, make(log->counts));
    *out = NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_log_get_summary(const patron_log *log, patron_log_summary *out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const complaints::LogCounts &counts = log->counts;
    patron_log_summary summary{};
    summary.has_working = counts.has_working() ? 1 : 0;
    summary.cases = static_cast<uint64_t>(counts.case_count());
    summary.events = static_cast<uint64_t>(counts.event_count());
    summary.activities = static_cast<uint64_t>(std::ranges::count_if(
        counts.activities(), [](const complaints::ActivityCounts &a) { return a.events > 0; }));
    summary.variants = counts.variants().size();
    summary.edges = counts.edges().size();
    for (const complaints::LogEdge &edge : counts.edges()) {
      if (edge.source == edge.target) summary.self_loops += edge.times.size();
    }
    summary.returns = static_cast<uint64_t>(counts.returns());
    summary.handovers = static_cast<uint64_t>(counts.handovers());
    summary.cases_with_rework = static_cast<uint64_t>(counts.cases_with_rework());
    c_api::WriteOut(summary, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_log_activities(const patron_log *log, patron_table **out,
                                               patron_error *error) {
  return c_api::GiveLogTable(log, c_api::ActivityTable, out, error);
}

extern "C" patron_status patron_log_edges(const patron_log *log, patron_table **out,
                                          patron_error *error) {
  return c_api::GiveLogTable(log, c_api::EdgeTable, out, error);
}

extern "C" patron_status patron_log_variants(const patron_log *log, patron_table **out,
                                             patron_table **steps, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const std::vector<uint32_t> order = complaints::VariantsInOrder(log->counts);
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::VariantTable(log->counts, order));
    auto variants = c_api::NewTable(std::move(table));
    if (steps != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table rows, c_api::StepTable(log->counts, order));
      *steps = c_api::NewTable(std::move(rows)).release();
    }
    *out = variants.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_log_durations(const patron_log *log, int32_t working,
                                              const double *p, size_t count, double *out,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (count > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("p", p));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("working", working, 2));
    if (working == 1 && !log->counts.has_working()) {
      return absl::FailedPreconditionError("working: 1, but no calendar was given to the log");
    }
    std::vector<patron::Fraction> fractions;
    for (const double probability : std::span(p, count)) {
      PATRON_RETURN_IF_ERROR(patron::detail::CheckProbability(probability));
      fractions.push_back(patron::FractionOf(probability));
    }
    const auto times = working == 1 ? log->counts.working() : log->counts.durations();
    const std::vector<double> quantiles = complaints::TimeQuantiles(times, fractions);
    std::ranges::copy(quantiles, out);
    out[count] = complaints::SpreadOf(times).mean;
    return absl::OkStatus();
  });
}
