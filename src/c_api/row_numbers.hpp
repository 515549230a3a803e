// Columns of numbers that kernels take row by row, and the errors of rows.
#ifndef PATRON_SRC_C_API_ROW_NUMBERS_HPP_
#define PATRON_SRC_C_API_ROW_NUMBERS_HPP_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

// The numbers of a column; `otherwise` in each row if the table has none of that name.
inline absl::StatusOr<std::vector<double>> ReadNumbersOr(const arrow::Table &table,
                                                         std::string_view column,
                                                         double otherwise) {
  if (!table.Find(column)) {
    return std::vector<double>(static_cast<size_t>(table.rows()), otherwise);
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  return std::vector<double>(loaded.values.begin(), loaded.values.end());
}

// The same for a column that must be there.
inline absl::StatusOr<std::vector<double>> ReadNumbers(const arrow::Table &table,
                                                       std::string_view column) {
  PATRON_RETURN_IF_ERROR(table.Require(column).status());
  return ReadNumbersOr(table, column, 0);
}

// "name: value; expected ..." of a kernel that knows no rows, with the row.
inline absl::Status InRow(const absl::Status &status, size_t row) {
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  if (status.ok() || colon == std::string::npos) return status;
  return absl::Status(status.code(), absl::StrCat(message.substr(0, colon), ": row ", row, " is ",
                                                  message.substr(colon + 2)));
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_ROW_NUMBERS_HPP_
