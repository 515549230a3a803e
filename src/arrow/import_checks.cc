#include "arrow/import.hpp"

#include <memory>
#include <string>
#include <utility>

#include "arrow/load.hpp"
#include "arrow/text.hpp"

namespace patron::arrow {
namespace {

constexpr int kMaxDepth = 64;

// Copies one schema and what is below it.
absl::Status ParseSchema(const ArrowSchema *schema, std::string_view where, int depth,
                         Field &field) {
  if (depth > kMaxDepth) return Malformed(where, "nested too deeply");
  if (schema == nullptr) return Malformed(where, "the schema is NULL");
  if (schema->release == nullptr) return Malformed(where, "the schema has been released");
  if (schema->format == nullptr) return Malformed(where, "the schema has no format");
  field.format = schema->format;
  field.name = schema->name == nullptr ? "" : schema->name;
  field.flags = schema->flags;
  if (!IsUtf8(field.name)) return Malformed(where, "the name is not UTF-8");
  field.kind = ParseFormat(field.format, &field.scale);
  if (schema->n_children < 0 || schema->n_children > kMaxParts) {
    return Malformed(where, absl::StrCat("n_children is ", schema->n_children));
  }
  if (schema->n_children > 0 && schema->children == nullptr) {
    return Malformed(where, "children is NULL");
  }
  if (schema->n_children > 0 && field.kind != Kind::kOther) {
    return Malformed(where, absl::StrCat("has children, but is ", TypeName(field)));
  }
  field.children.resize(static_cast<size_t>(schema->n_children));
  for (size_t i = 0; i < field.children.size(); ++i) {
    const ArrowSchema *child = schema->children[i];
    const bool named =
        depth == 0 && child != nullptr && child->release != nullptr && child->name != nullptr;
    const std::string child_where = named ? absl::StrCat("column ", Quoted(child->name))
                                          : absl::StrCat(Text(where), ": child ", i);
    PATRON_RETURN_IF_ERROR(ParseSchema(child, child_where, depth + 1, field.children[i]));
  }
  if (schema->dictionary != nullptr) {
    if (!IsInteger(field.kind)) {
      return Malformed(where,
                       absl::StrCat("has a dictionary, but its indices are ", TypeName(field)));
    }
    field.dictionary = std::make_unique<Field>();
    PATRON_RETURN_IF_ERROR(ParseSchema(schema->dictionary,
                                       absl::StrCat(Text(where), ": dictionary"), depth + 1,
                                       *field.dictionary));
    // A dictionary of dictionaries is carried along, not read.
    if (field.dictionary->dictionary != nullptr) field.dictionary->kind = Kind::kOther;
  }
  return absl::OkStatus();
}

template <typename Offset>
absl::Status CheckOffsets(const Column &column, std::string_view where) {
  const void *offsets = column.offsets();
  bool bad = Load<Offset>(offsets, column.offset) < 0;
  for (int64_t i = column.offset; i < column.offset + column.length; ++i) {
    bad |= Load<Offset>(offsets, i + 1) < Load<Offset>(offsets, i);
  }
  if (!bad) {
    // The offsets rise from 0 or more, so only an equal first and last one use no characters.
    const bool used = Load<Offset>(offsets, column.offset + column.length) !=
                      Load<Offset>(offsets, column.offset);
    if (used && column.buffers[2] == nullptr) return Malformed(where, "text without characters");
    return absl::OkStatus();
  }
  if (Load<Offset>(offsets, column.offset) < 0)
    return Malformed(where, "the first text offset is negative");
  int64_t row = column.offset;
  while (Load<Offset>(offsets, row + 1) >= Load<Offset>(offsets, row)) ++row;
  return Malformed(where, absl::StrCat("the text offsets fall at row ", row - column.offset));
}

absl::Status CheckViews(const Column &column, std::string_view where) {
  const size_t parts = column.buffers.size() - 3;
  const void *sizes = column.buffers.back();
  if (parts > 0 && sizes == nullptr) return Malformed(where, "text views without buffer sizes");
  for (int64_t row = 0; row < column.length; ++row) {
    if (!IsValid(column, row)) continue;
    const TextView view = LoadTextView(column, row);
    if (view.size < 0)
      return Malformed(where, absl::StrCat("the text view of row ", row, " has a negative size"));
    if (view.size <= TextView::kInline) continue;
    const bool inside = view.buffer >= 0 && static_cast<size_t>(view.buffer) < parts &&
                        view.offset >= 0 &&
                        column.buffers[2 + static_cast<size_t>(view.buffer)] != nullptr &&
                        int64_t{view.offset} + view.size <= Load<int64_t>(sizes, view.buffer);
    if (!inside)
      return Malformed(where,
                       absl::StrCat("the text view of row ", row, " points outside its buffer"));
  }
  return absl::OkStatus();
}

// Checks what the format promises about the buffers of a column that Patron reads.
absl::Status CheckBuffers(const Column &column, const Field &field, std::string_view where) {
  const size_t count = column.buffers.size();
  if (field.kind == Kind::kTextView) {
    if (count < 3)
      return Malformed(where, absl::StrCat("n_buffers is ", count, "; expected 3 or more"));
  } else {
    const size_t expected = field.kind == Kind::kText || field.kind == Kind::kLargeText ? 3 : 2;
    if (count != expected) {
      return Malformed(where, absl::StrCat("n_buffers is ", count, "; expected ", expected));
    }
  }
  if (column.length == 0) return absl::OkStatus();
  if (column.null_count > 0 && column.buffers[0] == nullptr) {
    return Malformed(
        where, absl::StrCat("null_count is ", column.null_count, " without a validity buffer"));
  }
  if (column.buffers[1] == nullptr) return Malformed(where, "a buffer is NULL");
  if (field.kind == Kind::kText) return CheckOffsets<int32_t>(column, where);
  if (field.kind == Kind::kLargeText) return CheckOffsets<int64_t>(column, where);
  if (field.kind == Kind::kTextView) return CheckViews(column, where);
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseColumns(const ArrowSchema *schema, std::vector<Field> &fields) {
  Field root;
  PATRON_RETURN_IF_ERROR(ParseSchema(schema, "schema", 0, root));
  if (root.format != "+s") {
    return Malformed("schema",
                     absl::StrCat("is ", TypeName(root), "; expected a struct of columns"));
  }
  if (root.dictionary != nullptr)
    return Malformed("schema", "has a dictionary; expected a struct of columns");
  fields = std::move(root.children);
  return absl::OkStatus();
}

absl::Status CheckColumn(const Column &column, const Field &field, std::string_view where) {
  if (field.kind == Kind::kOther) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(CheckBuffers(column, field, where));
  if (column.dictionary == nullptr) return absl::OkStatus();
  return CheckColumn(*column.dictionary, *field.dictionary,
                     absl::StrCat(Text(where), ": dictionary"));
}

}  // namespace patron::arrow
