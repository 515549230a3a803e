// Priority of complaints, their causes, habitual complainers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/optional_columns.hpp"
#include "patron/base/status.hpp"
#include "patron/c/causes.h"
#include "patron/complaints/causes.hpp"
#include "patron/complaints/habitual.hpp"
#include "patron/complaints/priority.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

// Kernels call the columns what the fields of the options are called.
std::vector<Word> WordsOf(const patron_priority_options &options) {
  std::vector<Word> words = {{"severity", options.severity}};
  for (const auto &[word, name] : {std::pair{"value", options.value},
                                   {"media", options.media},
                                   {"repeats", options.repeats},
                                   {"age", options.age}}) {
    if (name != nullptr) words.push_back({word, name});
  }
  return words;
}

absl::StatusOr<arrow::Table> Priority(const arrow::Table &table,
                                      const patron_priority_options &options) {
  PATRON_ASSIGN_OR_RETURN(const std::string severity, ReadName("severity", options.severity));
  PATRON_ASSIGN_OR_RETURN(const auto severities, LoadIntegers(table, severity));
  PATRON_ASSIGN_OR_RETURN(const auto value, IfNamed(LoadNumbers, table, "value", options.value));
  PATRON_ASSIGN_OR_RETURN(const auto media, IfNamed(LoadNumbers, table, "media", options.media));
  PATRON_ASSIGN_OR_RETURN(const auto repeats,
                          IfNamed(LoadNumbers, table, "repeats", options.repeats));
  PATRON_ASSIGN_OR_RETURN(const auto age, IfNamed(LoadNumbers, table, "age", options.age));
  PATRON_ASSIGN_OR_RETURN(const auto crisis, IfNamed(LoadFlags, table, "crisis", options.crisis));
  complaints::PriorityWeights weights;
  std::ranges::copy(options.points, weights.points.begin());
  auto scores = complaints::ScorePriority({.severity = severities.values,
                                           .value = value.values,
                                           .media = media.values,
                                           .repeats = repeats.values,
                                           .age = age.values,
                                           .crisis = crisis.values},
                                          weights);
  if (!scores.ok()) return InWords(WordsOf(options), scores.status());
  arrow::TableBuilder builder;
  builder.AddFloat64("score", std::move(scores->score));
  for (size_t part = 0; part < complaints::kPriorityParts; ++part) {
    builder.AddFloat64(complaints::kPriorityPartNames[part], std::move(scores->points[part]));
  }
  builder.AddBool("overridden", scores->overridden);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> RankCauses(const arrow::Table &table,
                                        const patron_pareto_options &options) {
  PATRON_ASSIGN_OR_RETURN(const std::string cause, ReadName("cause", options.cause));
  PATRON_ASSIGN_OR_RETURN(const auto causes, LoadText(table, cause));
  PATRON_ASSIGN_OR_RETURN(const auto severity,
                          IfNamed(LoadIntegers, table, "severity", options.severity));
  PATRON_ASSIGN_OR_RETURN(const auto cost, IfNamed(LoadNumbers, table, "cost", options.cost));
  auto ranked = complaints::RankCauses(causes.values, severity.values, cost.values,
                                       {.by = static_cast<complaints::CauseWeight>(options.by),
                                        .levels = options.levels,
                                        .vital = options.vital});
  if (!ranked.ok()) {
    std::vector<Word> words = {{"cause", cause}};
    if (options.severity != nullptr) words.push_back({"severity", options.severity});
    if (options.cost != nullptr) words.push_back({"cost", options.cost});
    return InWords(words, ranked.status());
  }
  arrow::TableBuilder builder;
  builder.AddText("cause", ranked->cause);
  builder.AddInt64("cases", std::move(ranked->cases));
  builder.AddInt64("severity", std::move(ranked->severity));
  builder.AddFloat64("cost", std::move(ranked->cost));
  builder.AddFloat64("share", std::move(ranked->share));
  builder.AddFloat64("cumulative", std::move(ranked->cumulative));
  builder.AddBool("vital", ranked->vital);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> SystemicCauses(const arrow::Table &table, int64_t cases,
                                            int64_t window, int32_t levels) {
  PATRON_ASSIGN_OR_RETURN(const auto causes, LoadText(table, "cause"));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, "received"));
  PATRON_ASSIGN_OR_RETURN(const auto received, arrow::Load(reader));
  PATRON_ASSIGN_OR_RETURN(auto found, complaints::FindSystemicCauses(causes.values, received.values,
                                                                     cases, window, levels));
  arrow::TableBuilder builder;
  builder.AddText("cause", found.cause);
  builder.AddTimestamp("first", std::move(found.first));
  builder.AddTimestamp("alarm", std::move(found.alarm));
  builder.AddTimestamp("last", std::move(found.last));
  builder.AddInt64("cases", std::move(found.cases));
  builder.AddInt64("highest", std::move(found.highest));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Habitual(const arrow::Table &table,
                                      const complaints::HabitualOptions &options,
                                      patron_habitual_segment *segment) {
  PATRON_ASSIGN_OR_RETURN(const auto counts, LoadIntegers(table, "complaints"));
  PATRON_ASSIGN_OR_RETURN(const auto exposure, LoadNumbers(table, "exposure"));
  PATRON_ASSIGN_OR_RETURN(const auto upheld, LoadIntegers(table, "upheld"));
  PATRON_ASSIGN_OR_RETURN(auto found, complaints::FindHabitualComplainers(
                                          counts.values, exposure.values, upheld.values, options));
  segment->flagged = static_cast<uint64_t>(std::ranges::count(found.flagged, 1));
  segment->rate = found.rate;
  segment->dispersion = found.dispersion;
  segment->upheld_lower = found.upheld_lower;
  arrow::TableBuilder builder;
  builder.AddFloat64("expected", std::move(found.expected));
  builder.AddFloat64("p_value", std::move(found.p_value));
  builder.AddFloat64("adjusted", std::move(found.adjusted));
  builder.AddBool("flagged", found.flagged);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Taxonomy() {
  std::vector<std::string_view> codes, names;
  for (const complaints::Cause &cause : complaints::kCauses) {
    codes.push_back(cause.code);
    names.push_back(cause.name);
  }
  arrow::TableBuilder builder;
  builder.AddText("code", codes);
  builder.AddText("name", names);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_priority_options_init(patron_priority_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->severity = "severity";
  std::ranges::copy(complaints::PriorityWeights{}.points, options->points);
}

extern "C" patron_status patron_complaint_priority(const patron_table *table,
                                                   const patron_priority_options *options,
                                                   patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_priority_options full;
    patron_priority_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Priority(table->table, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_causes(patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Taxonomy());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_pareto_options_init(patron_pareto_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->levels = 2;
  options->cause = "cause";
  options->vital = 0.8;
}

extern "C" patron_status patron_complaint_rank_causes(const patron_table *table,
                                                      const patron_pareto_options *options,
                                                      patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_pareto_options full;
    patron_pareto_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("by", full.by, 3));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::RankCauses(table->table, full));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_systemic_causes(const patron_table *table, int64_t cases,
                                                          int64_t window, int32_t levels,
                                                          patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::SystemicCauses(table->table, cases, window, levels));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_habitual(const patron_table *table, double alpha,
                                                   double level, patron_table **out,
                                                   patron_habitual_segment *segment,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("segment", segment));
    patron_habitual_segment found{};
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table result,
        c_api::Habitual(table->table, {.alpha = alpha, .level = level}, &found));
    *out = c_api::NewTable(std::move(result)).release();
    c_api::WriteOut(found, segment);
    return absl::OkStatus();
  });
}
