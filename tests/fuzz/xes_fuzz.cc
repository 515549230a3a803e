// Logs in XES from untrusted bytes, and mining of what they hold.
#include <cstddef>
#include <cstdint>

#include <cstring>
#include <string>
#include <string_view>

#include "bytes_fuzz.hpp"

namespace patron::fuzz {
namespace {

// The rows of a table, one text each.
std::string Rows(const patron_table *table) {
  patron_table *flat = nullptr;
  Require(patron_table_flatten(table, &flat, nullptr) == PATRON_OK, "its columns can be read");
  std::string rows;
  for (size_t i = 0; i < patron_table_columns(flat); ++i) {
    patron_column column{};
    column.struct_size = sizeof column;
    Require(patron_table_column(flat, i, 0, &column, nullptr) == PATRON_OK, "and each of them");
    for (int64_t row = column.offset; row < column.offset + column.length; ++row) {
      if (column.validity != nullptr && (column.validity[row / 8] >> (row % 8) & 1) == 0) {
        rows += "null\n";
      } else if (column.type == PATRON_TYPE_TEXT) {
        const int32_t *ends = static_cast<const int32_t *>(column.offsets) + row;
        rows.append(static_cast<const char *>(column.data) + ends[0],
                    static_cast<size_t>(ends[1] - ends[0]));
        rows += '\n';
      } else {
        rows += std::to_string(static_cast<const int64_t *>(column.data)[row]) + '\n';
      }
    }
  }
  patron_table_free(flat);
  return rows;
}

// Plain XML is read by a parser of its own, any other by expat. A processing instruction after the
// log changes nothing but that.
void RequireSameByExpat(std::string_view text, const patron_table *events,
                        const patron_xes_report &report) {
  const std::string longer = std::string(text) + "<?any?>";
  patron_table *again = nullptr;
  patron_xes_report other{};
  other.struct_size = sizeof other;
  Require(patron_log_parse_xes(longer.data(), longer.size(), nullptr, &again, &other, nullptr) ==
              PATRON_OK,
          "both parsers accept it");
  Require(std::memcmp(&report, &other, sizeof report) == 0, "with the same report");
  Require(Rows(events) == Rows(again), "and the same rows");
  patron_table_free(again);
}

}  // namespace
}  // namespace patron::fuzz

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
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  if (!text.starts_with("\x1F\x8B")) RequireSameByExpat(text, events, report);
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
