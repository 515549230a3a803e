// Counts of event logs from untrusted bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 21;
  patron_log *log = Load(Envelope(data, size, kKind), patron_log_deserialize, patron_log_serialize);
  if (log == nullptr) return 0;

  patron_log_summary summary{};
  summary.struct_size = sizeof summary;
  Require(patron_log_get_summary(log, &summary, nullptr) == PATRON_OK, "it has a summary");
  Require(summary.cases <= summary.events && summary.variants <= summary.cases, "counts fit");
  patron_table *tables[4] = {};
  Require(patron_log_activities(log, &tables[0], nullptr) == PATRON_OK, "it has activities");
  Require(patron_log_edges(log, &tables[1], nullptr) == PATRON_OK, "it has a graph");
  Require(patron_log_variants(log, &tables[2], &tables[3], nullptr) == PATRON_OK, "variants");
  Require(static_cast<uint64_t>(patron_table_rows(tables[2])) == summary.variants, "all of them");
  for (patron_table *table : tables) patron_table_free(table);
  const double p[] = {0.5, 0.95};
  double found[3];
  for (int32_t working = 0; working <= summary.has_working; ++working) {
    Require(patron_log_durations(log, working, p, 2, found, nullptr) == PATRON_OK, "durations");
  }

  // It merges with what it is itself, and with nothing.
  const std::string bytes = Serialized<patron_log>(patron_log_serialize, log);
  patron_log *copy = nullptr;
  Require(patron_log_deserialize(bytes.data(), bytes.size(), &copy, nullptr) == PATRON_OK, "again");
  Require(patron_log_merge(log, copy, nullptr) == PATRON_OK, "equals merge");
  patron_log_summary twice{};
  twice.struct_size = sizeof twice;
  Require(patron_log_get_summary(log, &twice, nullptr) == PATRON_OK, "it has a summary");
  Require(twice.events == 2 * summary.events && twice.edges == summary.edges, "all is there twice");
  patron_log_free(copy);
  patron_log_free(log);
  return 0;
}
