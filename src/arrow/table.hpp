// Tables: columns in batches, imported from Arrow without copying, exported as often as wanted.
#ifndef PATRON_SRC_ARROW_TABLE_HPP_
#define PATRON_SRC_ARROW_TABLE_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type.hpp"
#include "patron/c/table.h"

namespace patron::arrow {

// Nearly all columns have two or three.
using Buffers = absl::InlinedVector<const void *, 3>;

// One column of one batch, laid out as Arrow has it. The buffers belong to the batch.
struct Column {
  int64_t length = 0;
  int64_t offset = 0;      // Rows skipped at the start of each buffer.
  int64_t null_count = 0;  // -1 = not counted.
  Buffers buffers;
  std::vector<Column> children;
  std::unique_ptr<Column> dictionary;

  // One bit a row from `offset`; null if no row is null.
  const uint8_t *validity() const {
    return null_count == 0 || buffers.empty() ? nullptr : static_cast<const uint8_t *>(buffers[0]);
  }
  // Values of fixed width, indices of a dictionary, or text views.
  const void *data() const { return buffers[1]; }
  // Of text with offsets.
  const void *offsets() const { return buffers[1]; }
  const char *characters() const { return static_cast<const char *>(buffers[2]); }
};

struct Batch {
  int64_t rows = 0;
  std::vector<Column> columns;
  std::shared_ptr<const void> owner;  // Keeps the buffers alive; null if they are borrowed.
};

// An immutable table. Copies are cheap and share the batches; any number of threads may read one.
class Table {
 public:
  // No columns, no rows.
  Table();

  // Takes all batches of a stream. On success the stream has been released and its `release` is
  // null; on failure it is as it was, but for the batches taken from it.
  // Errors: InvalidArgument for a malformed struct; Unknown with the text of the stream if it fails.
  static absl::StatusOr<Table> ImportStream(ArrowArrayStream *stream);

  // Takes one struct array. On success both have been moved from; on failure they are untouched.
  static absl::StatusOr<Table> ImportArray(ArrowSchema *schema, ArrowArray *array);

  // A table over columns whose buffers outlive it and everything exported from it.
  static absl::StatusOr<Table> Borrow(const patron_column *columns, size_t count);

  // Puts a table together from parts that are known to be sound.
  static Table FromParts(std::vector<Field> fields, std::vector<Batch> batches);

  int64_t rows() const { return ends().empty() ? 0 : ends().back(); }
  std::span<const Field> fields() const;
  std::span<const Batch> batches() const;

  // ends()[b] is the number of rows in batches 0 to b.
  std::span<const int64_t> ends() const;

  // Index of the first column called `name`.
  std::optional<size_t> Find(std::string_view name) const;

  // Index of the only column called `name`. Errors: InvalidArgument if there is none or more than
  // one, as "column 'amount' is missing; the table has customer_id, date".
  absl::StatusOr<size_t> Require(std::string_view name) const;

  // One batch of plain columns: dictionaries decoded, view and large strings as large text, decimals
  // as float64, date64 as timestamps in milliseconds.
  // Errors: InvalidArgument for a column that Patron does not read, or a dictionary index out of range.
  absl::StatusOr<Table> Flatten() const;

  // The same for column `index`, which must exist, alone.
  absl::StatusOr<Table> FlattenColumn(size_t index) const;

  // A view of column `index` of batch `batch`; both must exist. `out` gets all but struct_size.
  // Errors: FailedPrecondition if a patron_column cannot show the type.
  absl::Status Show(size_t index, size_t batch, patron_column *out) const;

  // Fills `out` with a stream over the batches of this table, which it keeps alive.
  void Export(ArrowArrayStream *out) const;

 private:
  struct Data;
  absl::StatusOr<Table> FlattenColumns(size_t begin, size_t end) const;
  explicit Table(std::shared_ptr<const Data> data);

  std::shared_ptr<const Data> data_;
};

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_TABLE_HPP_
