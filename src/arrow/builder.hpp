// Builds the tables of results: one batch of columns that the table owns.
#ifndef PATRON_SRC_ARROW_BUILDER_HPP_
#define PATRON_SRC_ARROW_BUILDER_HPP_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/keep.hpp"
#include "arrow/table.hpp"
#include "patron/base/column.hpp"

namespace patron::arrow {

// Columns appear in the order in which they are added and must have equal lengths. `valid` has one
// byte a row, 0 = null; empty means that no row is null.
class TableBuilder {
 public:
  using Valid = std::span<const uint8_t>;

  void AddInt64(std::string_view name, std::vector<int64_t> values, Valid valid = {});
  void AddInt32(std::string_view name, std::vector<int32_t> values, Valid valid = {});
  void AddFloat64(std::string_view name, std::vector<double> values, Valid valid = {});
  void AddBool(std::string_view name, std::span<const uint8_t> values, Valid valid = {});

  // Days since 1970-01-01.
  void AddDate32(std::string_view name, std::vector<int32_t> days, Valid valid = {});

  // Microseconds since 1970-01-01, as a timestamp without a zone.
  void AddTimestamp(std::string_view name, std::vector<int64_t> micros, Valid valid = {});

  // Copies the text, as TEXT, or as LARGE_TEXT past 2^31 - 1 bytes.
  void AddText(std::string_view name, std::span<const std::string_view> values, Valid valid = {});
  void AddText(std::string_view name, std::span<const std::string> values, Valid valid = {});

  // Integers as int64 and text as AddText.
  void AddIds(std::string_view name, const IdSpan &ids, Valid valid = {});

  // Text values[codes[i]] in row i, as a dictionary; each code is a place in `values`.
  void AddDictionary(std::string_view name, std::vector<int32_t> codes,
                     std::span<const std::string_view> values, Valid valid = {});

  // Column `index` of `table` under another name and without nulls, which it must not have, and
  // without copying. False, and nothing added, if its buffers may not outlive the table (they are
  // borrowed), if it stands in several batches, is not aligned, or not of `kind`.
  bool AddShared(std::string_view name, const Table &table, size_t index, Kind kind);

  // The table; the builder is empty afterwards. Errors: Internal if columns differ in length.
  absl::StatusOr<Table> Finish();

 private:
  template <typename T>
  void AddFixed(std::string_view name, Kind kind, std::vector<T> values, Valid valid);
  template <typename Get>
  void AddCharacters(std::string_view name, size_t rows, Get get, Valid valid);
  template <typename Offset, typename Get>
  void AddOffsets(std::string_view name, Kind kind, size_t rows, size_t bytes, Get get,
                  Valid valid);
  void AddColumn(std::string_view name, Kind kind, size_t rows, Buffers buffers, Valid valid);

  std::vector<Field> fields_;
  std::vector<Column> columns_;
  Owners owners_;
};

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_BUILDER_HPP_
