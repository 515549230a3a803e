// Readers: rows [begin, end) of a column in the form kernels want, whatever its Arrow type.
//
// A reader is opened once for a column and then read in pieces, from several threads if wanted, each
// with scratch of its own. Values that stand in memory in the wanted form are not copied. A bad value
// is an error that names the column, the first bad row of the whole column, the value, what was
// expected, and how many rows are bad in the same way, whichever piece met it first.
#ifndef PATRON_SRC_ARROW_READER_HPP_
#define PATRON_SRC_ARROW_READER_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "patron/base/column.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/time.hpp"

namespace patron::arrow {

enum class Nulls {
  kError,  // A null is an error.
  kMask,   // A null is told to the caller, who leaves it out.
};

namespace detail {
template <typename T>
class ReaderState;
}  // namespace detail

// T is int64_t, double, uint8_t (0 or 1) or std::string_view. Copies are cheap, and keep the table alive;
// text that was read lives as long as the table.
template <typename T>
class Reader {
 public:
  explicit Reader(std::shared_ptr<const detail::ReaderState<T>> state) : state_(std::move(state)) {}

  int64_t rows() const;

  // Whether a row may be null, as far as the batches say without counting.
  bool may_have_nulls() const;

  // Reads rows [begin, end) into `values`, which stays valid until `scratch` is used again.
  //
  // With Nulls::kMask the rows of nulls get 0 in `*valid` (end - begin bytes) and an unspecified value;
  // an empty `*valid` is first filled with ones, and stays empty if no row is null. So one vector can
  // gather the nulls of several columns. With Nulls::kError `valid` may be null.
  absl::Status Read(int64_t begin, int64_t end, std::vector<T> &scratch,
                    std::vector<uint8_t> *valid, std::span<const T> &values) const;

  // The same into memory of the caller's: `values` and `valid` have end - begin elements, and `valid`,
  // all ones before, may be null only with Nulls::kError.
  absl::Status ReadTo(int64_t begin, int64_t end, T *values, uint8_t *valid) const;

  // Where these rows stand in memory as T, sound and without nulls; null if they have to be read.
  const T *InPlace(int64_t begin, int64_t end) const;

 private:
  std::shared_ptr<const detail::ReaderState<T>> state_;
};

// Integers of any width. Errors of opening, here and below: InvalidArgument for a missing column or
// one of another type, as "column 'n' is utf8; expected integers".
absl::StatusOr<Reader<int64_t>> OpenIntegers(const Table &table, std::string_view column,
                                             Nulls nulls = Nulls::kError);

// Money units of 10^-decimals, rounded half even, from floats, decimals, and integers in units of
// 10^-integer_decimals. Errors of reading: InvalidArgument for NaN and infinity, OutOfRange past 2^63 - 1.
absl::StatusOr<Reader<int64_t>> OpenMoney(const Table &table, std::string_view column, int decimals,
                                          int integer_decimals, Nulls nulls = Nulls::kError);

// Microseconds since 1970-01-01 UTC from timestamps, whose nanoseconds are floored, and from dates:
// the first instant of that civil day in the zone of `days`.
absl::StatusOr<Reader<int64_t>> OpenTimes(const Table &table, std::string_view column,
                                          Nulls nulls = Nulls::kError, const CivilDays &days = {});

enum class Finite {
  kRequired,  // NaN and infinity are errors.
  kAny,
};

// Numbers from integers, floats and decimals, to the nearest double.
absl::StatusOr<Reader<double>> OpenNumbers(const Table &table, std::string_view column,
                                           Nulls nulls = Nulls::kError,
                                           Finite finite = Finite::kRequired);

// 0 or 1 from booleans, and from integers that are 0 or 1.
absl::StatusOr<Reader<uint8_t>> OpenFlags(const Table &table, std::string_view column,
                                          Nulls nulls = Nulls::kError);

// UTF-8 text, which may be empty.
absl::StatusOr<Reader<std::string_view>> OpenText(const Table &table, std::string_view column,
                                                  Nulls nulls = Nulls::kError);

// Ids: integers of any width, or UTF-8 text that is not empty.
class IdReader {
 public:
  explicit IdReader(Reader<int64_t> reader) : reader_(std::move(reader)) {}
  explicit IdReader(Reader<std::string_view> reader) : reader_(std::move(reader)) {}

  bool is_text() const { return std::holds_alternative<Reader<std::string_view>>(reader_); }

  // The reader of that kind; only the one that is_text() says may be asked for.
  const Reader<int64_t> &integers() const { return *std::get_if<Reader<int64_t>>(&reader_); }
  const Reader<std::string_view> &text() const {
    return *std::get_if<Reader<std::string_view>>(&reader_);
  }

  // As Reader::Read; only the scratch of the kind of the ids is used.
  absl::Status Read(int64_t begin, int64_t end, std::vector<int64_t> &integers,
                    std::vector<std::string_view> &text, std::vector<uint8_t> *valid,
                    IdSpan &ids) const;

 private:
  std::variant<Reader<int64_t>, Reader<std::string_view>> reader_;
};

absl::StatusOr<IdReader> OpenIds(const Table &table, std::string_view column,
                                 Nulls nulls = Nulls::kError);

// A whole column. `values` points into the table or into `storage`; it survives a move of this struct,
// but a copy would share it, so there is none.
template <typename T>
struct Loaded {
  std::span<const T> values;
  std::vector<uint8_t> valid;  // One byte a row; empty if no row is null.
  std::vector<T> storage;

  Loaded() = default;
  Loaded(Loaded &&) noexcept = default;
  Loaded &operator=(Loaded &&) noexcept = default;
};

struct LoadedIds {
  IdSpan ids;
  std::vector<uint8_t> valid;
  std::vector<int64_t> integers;
  std::vector<std::string_view> text;

  LoadedIds() = default;
  LoadedIds(LoadedIds &&) noexcept = default;
  LoadedIds &operator=(LoadedIds &&) noexcept = default;
};

// Whether a row is null by the `valid` of loaded rows.
inline bool IsNull(const std::vector<uint8_t> &valid, size_t row) {
  return !valid.empty() && valid[row] == 0;
}

// Reads all rows, in parallel if there are many.
template <typename T>
absl::StatusOr<Loaded<T>> Load(const Reader<T> &reader, const Execution &execution = {});
absl::StatusOr<LoadedIds> Load(const IdReader &reader, const Execution &execution = {});

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_READER_HPP_
