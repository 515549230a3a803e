// Logs in XES from untrusted bytes, and mining of what they hold.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  patron_table *events = nullptr;
  patron_xes_report report{};
  report.struct_size = sizeof report;
  const uint8_t nothing = 0;
  const patron_status status =
      patron_log_parse_xes(size == 0 ? &nothing : data, size, nullptr, &events, &report, nullptr);
  if (status != PATRON_OK) {
    Require(events == nullptr, "an output is untouched on failure");
    Require(status == PATRON_INVALID_ARGUMENT || status == PATRON_RESOURCE_EXHAUSTED,
            "bad text is INVALID_ARGUMENT");
    return 0;
  }
  Require(static_cast<uint64_t>(patron_table_rows(events)) == report.events, "each event is a row");
  patron_log *log = nullptr;
  patron_log_options options;
  patron_log_options_init(&options);
  options.resource = "resource";
  const patron_status mined = patron_log_mine(events, &options, &log, nullptr, nullptr);
  if (mined == PATRON_OK) {
    patron_log_summary summary{};
    summary.struct_size = sizeof summary;
    Require(patron_log_get_summary(log, &summary, nullptr) == PATRON_OK, "it has a summary");
    Require(summary.events == report.events, "each event is counted");
    Require(summary.cases + report.repeated_traces + report.empty_traces == report.traces,
            "each trace is a case, but for those that are told apart");
    patron_table *edges = nullptr;
    Require(patron_log_edges(log, &edges, nullptr) == PATRON_OK, "it has a graph");
    patron_table_free(edges);
    patron_log_free(log);
  } else {
    // A text that is empty is no name.
    Require(mined == PATRON_INVALID_ARGUMENT, "what lacks names or times cannot be mined");
  }
  patron_table_free(events);
  return 0;
}
