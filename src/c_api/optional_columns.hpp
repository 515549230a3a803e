// Columns of a table that may be left out.
#ifndef PATRON_SRC_C_API_OPTIONAL_COLUMNS_HPP_
#define PATRON_SRC_C_API_OPTIONAL_COLUMNS_HPP_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/columns.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

// Whole columns, without nulls. Errors: as arrow::Open... and Load.
inline absl::StatusOr<arrow::Loaded<double>> LoadNumbers(const arrow::Table &table,
                                                         std::string_view name) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, name));
  return arrow::Load(reader);
}

inline absl::StatusOr<arrow::Loaded<int64_t>> LoadIntegers(const arrow::Table &table,
                                                           std::string_view name) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name));
  return arrow::Load(reader);
}

inline absl::StatusOr<arrow::Loaded<uint8_t>> LoadFlags(const arrow::Table &table,
                                                        std::string_view name) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name));
  return arrow::Load(reader);
}

inline absl::StatusOr<arrow::Loaded<std::string_view>> LoadText(const arrow::Table &table,
                                                                std::string_view name) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, name));
  return arrow::Load(reader);
}

// The same, and nothing if there is no column of this name.
template <typename T>
absl::StatusOr<arrow::Loaded<T>> IfThere(
    absl::StatusOr<arrow::Loaded<T>> (*load)(const arrow::Table &, std::string_view),
    const arrow::Table &table, std::string_view name) {
  if (!table.Find(name).has_value()) return arrow::Loaded<T>{};
  return load(table, name);
}

// The same for a name that the caller gives; NULL = there is none.
template <typename T>
absl::StatusOr<arrow::Loaded<T>> IfNamed(
    absl::StatusOr<arrow::Loaded<T>> (*load)(const arrow::Table &, std::string_view),
    const arrow::Table &table, std::string_view argument, const char *name) {
  if (name == nullptr) return arrow::Loaded<T>{};
  PATRON_ASSIGN_OR_RETURN(const std::string text, ReadName(argument, name));
  return load(table, text);
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_OPTIONAL_COLUMNS_HPP_
