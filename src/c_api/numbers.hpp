// A column of numbers as kernels take it: integers exactly, everything else as doubles.
#ifndef PATRON_SRC_C_API_NUMBERS_HPP_
#define PATRON_SRC_C_API_NUMBERS_HPP_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/table.h"

namespace patron::c_api {

// Holds what it reads; can be moved, not copied.
class Numbers {
 public:
  // Column `name` of `table`, which must outlive this. Doubles may be NaN or infinite.
  // Errors: InvalidArgument for a missing column, one of another type, or a null.
  static absl::StatusOr<Numbers> Read(const arrow::Table &table, std::string_view name,
                                      const Execution &execution = {});

  // A single column of the caller's, called "values" if it has no name; its buffers are borrowed.
  // Errors: InvalidArgument as above, and for a malformed column.
  static absl::StatusOr<Numbers> Read(const patron_column *column, const Execution &execution = {});

  bool are_integers() const { return are_integers_; }
  std::span<const int64_t> integers() const { return integers_.values; }
  std::span<const double> doubles() const { return doubles_.values; }
  size_t size() const { return are_integers_ ? integers_.values.size() : doubles_.values.size(); }
  const std::string &name() const { return name_; }

 private:
  std::string name_;
  std::optional<arrow::Table> table_;
  bool are_integers_ = false;
  arrow::Loaded<int64_t> integers_;
  arrow::Loaded<double> doubles_;
};

// Calls `body` with the numbers as a span of int64_t or of double.
template <typename Body>
auto Visit(const Numbers &numbers, Body &&body) {
  return numbers.are_integers() ? std::forward<Body>(body)(numbers.integers())
                                : std::forward<Body>(body)(numbers.doubles());
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_NUMBERS_HPP_
