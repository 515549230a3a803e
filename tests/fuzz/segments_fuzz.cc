// Rule tables from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 1;
  patron_segments *segments =
      Load(Envelope(data, size, kKind), patron_segments_deserialize, patron_segments_serialize);
  if (segments == nullptr) return 0;

  patron_table *table = nullptr, *totals = nullptr;
  patron_segments_check_result check{};
  check.struct_size = sizeof check;
  Require(patron_segments_check(segments, &check, nullptr, nullptr) == PATRON_OK,
          "it can be checked");
  Require(check.uncovered <= check.cells && check.ambiguous <= check.cells,
          "cells are counted once");
  if (check.cells <= 1000) {
    Require(patron_segments_check(segments, nullptr, &table, nullptr) == PATRON_OK,
            "findings are listed");
    const auto listed = static_cast<uint64_t>(patron_table_rows(table));
    Require(listed == check.uncovered + check.ambiguous + check.unreachable,
            "all findings are listed");
    patron_table_free(table);
  }
  Require(patron_segments_to_table(segments, &table, nullptr) == PATRON_OK, "rules can be shown");
  patron_table_free(table);

  const int32_t scores[] = {1, 2};
  const patron_column columns[] = {Column("recency_score", PATRON_TYPE_INT32, scores, 2),
                                   Column("frequency_score", PATRON_TYPE_INT32, scores, 2),
                                   Column("monetary_score", PATRON_TYPE_INT32, scores, 2)};
  patron_table *customers = nullptr;
  Require(patron_table_borrow(columns, 3, &customers, nullptr) == PATRON_OK,
          "columns can be borrowed");
  Require(
      patron_segments_assign(segments, customers, nullptr, &table, &totals, nullptr) == PATRON_OK,
      "customers can be assigned");
  patron_table_free(table);
  patron_table_free(totals);
  patron_table_free(customers);
  patron_segments_free(segments);
  return 0;
}
