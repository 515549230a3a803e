// Columns of any type as the text of their values, and as numbers where they are.
#ifndef PATRON_SRC_C_API_CUSTOMERS_VALUES_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_VALUES_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/table.hpp"

namespace patron::c_api {

struct ValueColumn {
  enum class Type { kText, kNumber, kTime, kFlag };
  Type type = Type::kText;
  // Empty where null, and then without an address; points into the table or into `made`.
  std::vector<std::string_view> text;
  std::vector<uint8_t> filled;  // Neither null nor empty text.
  std::vector<double> number;   // Of kNumber and kTime (microseconds); NaN where null.
  std::vector<std::string> made;

  ValueColumn() = default;
  ValueColumn(ValueColumn &&) noexcept = default;
  ValueColumn &operator=(ValueColumn &&) noexcept = default;

  // Integers and floats in their shortest form, dates as 2024-02-29, instants in ISO 8601, booleans as
  // true and false. Errors: InvalidArgument for a missing column or one of another type.
  static absl::StatusOr<ValueColumn> Read(const arrow::Table &table, std::string_view column);

  size_t size() const { return text.size(); }
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMERS_VALUES_HPP_
