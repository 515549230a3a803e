// Import: streams, arrays and borrowed columns as tables.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/import.hpp"
#include "arrow/load.hpp"
#include "arrow/table.hpp"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"

namespace patron::arrow {
namespace {

constexpr int64_t kMaxRows = int64_t{1} << 58;  // So that 16 bytes a row can be counted.

// Releases what has not been moved on.
struct OwnedSchema {
  ArrowSchema schema = {};
  OwnedSchema() = default;
  OwnedSchema(const OwnedSchema &) = delete;
  OwnedSchema &operator=(const OwnedSchema &) = delete;
  ~OwnedSchema() {
    if (schema.release != nullptr) schema.release(&schema);
  }
};

struct OwnedArray {
  ArrowArray array = {};
  OwnedArray() = default;
  OwnedArray(const OwnedArray &) = delete;
  OwnedArray &operator=(const OwnedArray &) = delete;
  ~OwnedArray() {
    if (array.release != nullptr) array.release(&array);
  }
};

absl::Status CheckExtent(int64_t length, int64_t offset, int64_t null_count,
                         std::string_view where) {
  if (length < 0 || length > kMaxRows) return Malformed(where, absl::StrCat("length is ", length));
  if (offset < 0 || offset > kMaxRows - length)
    return Malformed(where, absl::StrCat("offset is ", offset));
  if (null_count < -1 || null_count > length) {
    return Malformed(where, absl::StrCat("null_count is ", null_count, " of ", length, " rows"));
  }
  return absl::OkStatus();
}

absl::Status ParseArray(const ArrowArray *array, const Field &field, std::string_view where,
                        Column &column);

// What all arrays have: extent, buffers, children, dictionary.
absl::Status ParseLayout(const ArrowArray *array, const std::vector<Field> &children,
                         std::string_view where, Column &column) {
  if (array == nullptr) return Malformed(where, "the array is NULL");
  if (array->release == nullptr) return Malformed(where, "the array has been released");
  PATRON_RETURN_IF_ERROR(CheckExtent(array->length, array->offset, array->null_count, where));
  if (array->n_buffers < 0 || array->n_buffers > kMaxParts) {
    return Malformed(where, absl::StrCat("n_buffers is ", array->n_buffers));
  }
  if (array->n_buffers > 0 && array->buffers == nullptr) return Malformed(where, "buffers is NULL");
  if (array->n_children < 0 || static_cast<uint64_t>(array->n_children) != children.size()) {
    return Malformed(where, absl::StrCat("n_children is ", array->n_children, "; the schema has ",
                                         children.size()));
  }
  if (array->n_children > 0 && array->children == nullptr)
    return Malformed(where, "children is NULL");
  column.length = array->length;
  column.offset = array->offset;
  column.null_count = array->null_count;
  if (array->n_buffers > 0)
    column.buffers.assign(array->buffers, array->buffers + array->n_buffers);
  return absl::OkStatus();
}

// Copies one array and what is below it, but for the buffers. The fields have been parsed, so depth is bounded.
absl::Status ParseArray(const ArrowArray *array, const Field &field, std::string_view where,
                        Column &column) {
  PATRON_RETURN_IF_ERROR(ParseLayout(array, field.children, where, column));
  column.children.resize(field.children.size());
  for (size_t i = 0; i < field.children.size(); ++i) {
    PATRON_RETURN_IF_ERROR(ParseArray(array->children[i], field.children[i],
                                      absl::StrCat(Text(where), ": child ", i),
                                      column.children[i]));
  }
  if ((array->dictionary != nullptr) != (field.dictionary != nullptr)) {
    return Malformed(where, field.dictionary == nullptr
                                ? "has a dictionary that the schema does not have"
                                : "has no dictionary, but the schema has one");
  }
  if (field.dictionary != nullptr) {
    column.dictionary = std::make_unique<Column>();
    PATRON_RETURN_IF_ERROR(ParseArray(array->dictionary, *field.dictionary,
                                      absl::StrCat(Text(where), ": dictionary"),
                                      *column.dictionary));
  }
  return absl::OkStatus();
}

// One batch of a stream of structs; `batch.owner` stays null.
absl::Status ParseBatch(const ArrowArray *array, const std::vector<Field> &fields, Batch &batch) {
  Column root;
  PATRON_RETURN_IF_ERROR(ParseLayout(array, fields, "array", root));
  if (array->dictionary != nullptr)
    return Malformed("array", "has a dictionary; expected a struct");
  if (root.buffers.size() > 1) {
    return Malformed("array", absl::StrCat("n_buffers is ", root.buffers.size(), "; expected 1"));
  }
  if (root.length > 0 && root.null_count > 0 && root.validity() == nullptr) {
    return Malformed("array", "null_count without a validity buffer");
  }
  if (const int64_t nulls = CountNulls(root, 0, root.length); nulls > 0) {
    return Malformed("array", absl::StrCat(nulls, " rows of the struct are null; expected none"));
  }
  batch.rows = root.length;
  batch.columns.resize(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    Column &column = batch.columns[i];
    const std::string where = absl::StrCat("column ", Quoted(fields[i].name));
    PATRON_RETURN_IF_ERROR(ParseArray(array->children[i], fields[i], where, column));
    if (column.length < root.offset || column.length - root.offset < root.length) {
      return Malformed(where, absl::StrCat(column.length, " rows; the struct needs ", root.offset,
                                           " + ", root.length));
    }
    // The rows of the struct are rows [offset, offset + length) of each child.
    if (column.length != root.length && column.null_count > 0) column.null_count = -1;
    column.offset += root.offset;
    column.length = root.length;
    PATRON_RETURN_IF_ERROR(CheckColumn(column, fields[i], where));
  }
  return absl::OkStatus();
}

absl::Status CheckTotal(int64_t rows, int64_t more) {
  if (more <= kMaxRows - rows) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the stream has more than ", kMaxRows, " rows"));
}

absl::Status StreamError(ArrowArrayStream *stream, int code) {
  const char *text = stream->get_last_error == nullptr ? nullptr : stream->get_last_error(stream);
  std::string message = absl::StrCat("the stream failed with code ", code);
  if (text != nullptr && *text != '\0') absl::StrAppend(&message, ": ", text);
  return code == ENOMEM ? absl::ResourceExhaustedError(message) : absl::UnknownError(message);
}

// Column `index` of an array of patron_column whose elements are `stride` bytes apart.
absl::Status ReadColumn(const patron_column *columns, size_t stride, size_t index,
                        patron_column &column) {
  const auto *bytes = reinterpret_cast<const unsigned char *>(columns) + index * stride;
  std::memcpy(&column, bytes, sizeof column);
  if (column.struct_size != stride) {
    return absl::InvalidArgumentError(absl::StrCat("columns[", index, "]: struct_size is ",
                                                   column.struct_size, "; expected ", stride));
  }
  for (size_t i = sizeof column; i < stride; ++i) {
    if (bytes[i] != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("columns[", index, "]: ", stride, " bytes with something in byte ", i,
                       "; this library knows the first ", sizeof column, " bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status BorrowColumn(const patron_column &from, size_t index, Field &field, Column &column) {
  if (from.name == nullptr)
    return absl::InvalidArgumentError(absl::StrCat("columns[", index, "]: name is NULL"));
  field.name = from.name;
  const std::string where = absl::StrCat("column ", Quoted(field.name));
  if (!IsUtf8(field.name)) return Malformed(where, "the name is not UTF-8");
  field.kind = KindOfPatronType(from.type);
  if (field.kind == Kind::kOther) return Malformed(where, absl::StrCat("type is ", from.type));
  field.format = FormatOf(field.kind);
  if (from.validity != nullptr) field.flags = ARROW_FLAG_NULLABLE;
  column.null_count = from.validity == nullptr ? 0 : -1;
  PATRON_RETURN_IF_ERROR(CheckExtent(from.length, from.offset, column.null_count, where));
  column.length = from.length;
  column.offset = from.offset;
  column.buffers = {from.validity};
  if (IsText(field.kind)) column.buffers.push_back(from.offsets);
  column.buffers.push_back(from.data);
  return CheckColumn(column, field, where);
}

}  // namespace

absl::StatusOr<Table> Table::ImportStream(ArrowArrayStream *stream) {
  if (stream == nullptr) return absl::InvalidArgumentError("stream: NULL; expected a stream");
  if (stream->release == nullptr || stream->get_schema == nullptr || stream->get_next == nullptr) {
    return absl::InvalidArgumentError("stream: has been released or is not set");
  }
  std::vector<Field> fields;
  {
    OwnedSchema schema;
    if (const int code = stream->get_schema(stream, &schema.schema); code != 0) {
      schema.schema.release = nullptr;
      return StreamError(stream, code);
    }
    PATRON_RETURN_IF_ERROR(ParseColumns(&schema.schema, fields));
  }
  std::vector<Batch> batches;
  int64_t rows = 0;
  while (true) {
    auto owned = std::make_shared<OwnedArray>();
    if (const int code = stream->get_next(stream, &owned->array); code != 0) {
      owned->array.release = nullptr;
      return StreamError(stream, code);
    }
    if (owned->array.release == nullptr) break;
    Batch batch;
    absl::Status status = ParseBatch(&owned->array, fields, batch);
    if (status.ok()) status = CheckTotal(rows, batch.rows);
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("batch ", batches.size(), ": ", status.message()));
    }
    rows += batch.rows;
    batch.owner = std::move(owned);
    batches.push_back(std::move(batch));
  }
  Table table = FromParts(std::move(fields), std::move(batches));
  stream->release(stream);
  stream->release = nullptr;
  return table;
}

absl::StatusOr<Table> Table::ImportArray(ArrowSchema *schema, ArrowArray *array) {
  if (schema == nullptr) return absl::InvalidArgumentError("schema: NULL; expected a schema");
  if (array == nullptr) return absl::InvalidArgumentError("array: NULL; expected an array");
  std::vector<Field> fields;
  PATRON_RETURN_IF_ERROR(ParseColumns(schema, fields));
  std::vector<Batch> batches(1);
  PATRON_RETURN_IF_ERROR(ParseBatch(array, fields, batches[0]));
  auto owned = std::make_shared<OwnedArray>();
  batches[0].owner = owned;
  Table table = FromParts(std::move(fields), std::move(batches));
  // Nothing below fails, so the caller's structs are moved whole or not at all.
  owned->array = *array;
  array->release = nullptr;
  schema->release(schema);
  schema->release = nullptr;
  return table;
}

absl::StatusOr<Table> Table::Borrow(const patron_column *columns, size_t count) {
  if (count == 0) return Table();
  if (columns == nullptr) return absl::InvalidArgumentError("columns: NULL; expected columns");
  const size_t stride = columns->struct_size;
  if (stride < sizeof(patron_column) || stride % alignof(patron_column) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("columns[0]: struct_size is ", stride, "; expected ", sizeof(patron_column)));
  }
  if (count > static_cast<size_t>(kMaxParts)) {
    return absl::InvalidArgumentError(
        absl::StrCat("count: ", count, "; expected at most ", kMaxParts));
  }
  std::vector<Field> fields(count);
  std::vector<Batch> batches(1);
  batches[0].columns.resize(count);
  for (size_t i = 0; i < count; ++i) {
    patron_column column;
    PATRON_RETURN_IF_ERROR(ReadColumn(columns, stride, i, column));
    PATRON_RETURN_IF_ERROR(BorrowColumn(column, i, fields[i], batches[0].columns[i]));
    if (i == 0) batches[0].rows = column.length;
    if (column.length != batches[0].rows) {
      return Malformed(absl::StrCat("column ", Quoted(fields[i].name)),
                       absl::StrCat(column.length, " rows; column ", Quoted(fields[0].name),
                                    " has ", batches[0].rows));
    }
  }
  std::vector<std::string_view> names;
  for (const Field &field : fields) names.push_back(field.name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return Malformed(absl::StrCat("column ", Quoted(*twice)), "the name occurs twice");
  }
  return FromParts(std::move(fields), std::move(batches));
}

}  // namespace patron::arrow
