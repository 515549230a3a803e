// Columns of text as the kernels of the customers module take them.
#ifndef PATRON_SRC_C_API_CUSTOMERS_TEXT_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_TEXT_HPP_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/customers_compare.h"
#include "patron/customers/characters.hpp"
#include "patron/customers/measure.hpp"

namespace patron::c_api {

// Longer texts would take minutes.
inline constexpr size_t kMostCodePoints = 32768;

// The texts of a column; nulls have no data.
class TextRows {
 public:
  // Errors: InvalidArgument naming `name`, for a column of another type and for a text that is no
  // UTF-8 or too long.
  static absl::StatusOr<TextRows> Read(std::string_view name, const patron_column *column,
                                       const Execution &execution);
  std::span<const customers::Characters> all() const { return rows_; }
  bool has_nulls() const { return has_nulls_; }

 private:
  customers::CharacterPool pool_;
  std::vector<customers::Characters> rows_;
  bool has_nulls_ = false;
};

struct CompareRequest {
  customers::Measure measure;
  customers::MeasureOptions options;
  std::optional<double> cutoff;
  Execution execution;
};

absl::StatusOr<CompareRequest> ReadCompare(const patron_compare_options *options);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMERS_TEXT_HPP_
