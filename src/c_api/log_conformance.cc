// Conformance of a log to an automaton, or a policy.
#include <cstddef>
#include <cstdint>
#include <span>
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
#include "c_api/log.hpp"
#include "c_api/policy.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/conformance.hpp"
#include "patron/complaints/log_statistics.hpp"
#include "patron/complaints/policy_automaton.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

using complaints::Automaton;

absl::StatusOr<std::vector<uint32_t>> ReadStates(std::string_view argument,
                                                 const char *const *names, size_t count,
                                                 IdIndex &states) {
  std::vector<uint32_t> codes(count);
  if (count == 0) return codes;
  PATRON_RETURN_IF_ERROR(RequirePointer(argument, names));
  for (size_t i = 0; i < count; ++i) {
    PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, names[i]));
    const std::string_view view = name;
    PATRON_RETURN_IF_ERROR(states.Encode(std::span(&view, 1), std::span(codes).subspan(i, 1)));
  }
  return codes;
}

absl::StatusOr<std::vector<std::string>> ReadStateNames(std::string_view argument,
                                                        const char *const *names, size_t count) {
  std::vector<std::string> result;
  if (count == 0 && names == nullptr) return result;
  if (count == 0) return InvalidOption(argument, "none", "a state at least");
  PATRON_RETURN_IF_ERROR(RequirePointer(argument, names));
  for (const char *name : std::span(names, count)) {
    PATRON_ASSIGN_OR_RETURN(result.emplace_back(), ReadName(argument, name));
  }
  return result;
}

absl::StatusOr<patron_conformance_options> ReadConformanceOptions(
    const patron_conformance_options *options) {
  patron_conformance_options full;
  patron_conformance_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  return full;
}

complaints::EditCosts CostsOf(const patron_conformance_options &options) {
  return {
      .remove = options.remove_cost, .insert = options.insert_cost, .change = options.change_cost};
}

// Steps that name activities the log does not have get codes that it does not have either.
absl::StatusOr<Automaton> ReadAutomaton(const complaints::LogCounts &counts,
                                        const arrow::Table &steps,
                                        const patron_conformance_options &options) {
  IdIndex states(true), activities = counts.names();
  std::vector<std::vector<uint32_t>> columns;
  for (const std::string_view name : {"source", "activity", "target"}) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(steps, name));
    PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
    IdIndex &index = name == "activity" ? activities : states;
    columns.emplace_back(loaded.values.size());
    PATRON_RETURN_IF_ERROR(index.Encode(loaded.values, columns.back()));
  }
  PATRON_ASSIGN_OR_RETURN(const auto starts,
                          ReadStates("starts", options.starts, options.start_count, states));
  PATRON_ASSIGN_OR_RETURN(const auto ends,
                          ReadStates("ends", options.ends, options.end_count, states));
  std::vector<complaints::AutomatonStep> list;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    list.push_back({columns[0][i], columns[1][i], columns[2][i]});
  }
  return Automaton::Create(states.size(), list, starts, ends, CostsOf(options));
}

absl::StatusOr<Automaton> PolicyAutomaton(const complaints::LogCounts &counts,
                                          const complaints::Lifecycle &lifecycle,
                                          const patron_conformance_options &options) {
  complaints::CaseSpan span;
  PATRON_ASSIGN_OR_RETURN(span.starts,
                          ReadStateNames("starts", options.starts, options.start_count));
  PATRON_ASSIGN_OR_RETURN(span.ends, ReadStateNames("ends", options.ends, options.end_count));
  return complaints::PolicyAutomaton(lifecycle, counts.names(), span, CostsOf(options));
}

absl::StatusOr<arrow::Table> DistanceTable(const complaints::LogCounts &counts,
                                           const Automaton &automaton) {
  std::vector<int64_t> variant, cases, distance;
  for (const uint32_t v : complaints::VariantsInOrder(counts)) {
    variant.push_back(static_cast<int64_t>(variant.size()));
    cases.push_back(counts.variants().cases(v));
    distance.push_back(automaton.Distance(counts.variants().activities(v)));
  }
  arrow::TableBuilder builder;
  builder.AddInt64("variant", std::move(variant));
  builder.AddInt64("cases", std::move(cases));
  builder.AddInt64("distance", std::move(distance));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_conformance_options_init(patron_conformance_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->remove_cost = options->insert_cost = options->change_cost = 1;
}

extern "C" patron_status patron_log_conformance(const patron_log *log, const patron_table *steps,
                                                const patron_conformance_options *options,
                                                patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("steps", steps));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto full, c_api::ReadConformanceOptions(options));
    const complaints::LogCounts &counts = log->counts;
    if (!counts.names().is_text()) {
      return absl::FailedPreconditionError("log: its activities are integers; expected text");
    }
    PATRON_ASSIGN_OR_RETURN(const complaints::Automaton automaton,
                            c_api::ReadAutomaton(counts, steps->table, full));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::DistanceTable(counts, automaton));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_log_policy_conformance(const patron_log *log,
                                                       const patron_policy *policy,
                                                       const patron_conformance_options *options,
                                                       patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("policy", policy));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto full, c_api::ReadConformanceOptions(options));
    PATRON_ASSIGN_OR_RETURN(const complaints::Automaton automaton,
                            c_api::PolicyAutomaton(log->counts, policy->lifecycle, full));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::DistanceTable(log->counts, automaton));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
