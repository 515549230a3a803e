#include "arrow/table.hpp"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/table_data.hpp"
#include "patron/base/status.hpp"

namespace patron::arrow {
namespace {

// "a, b, c", cut where a table has very many columns.
std::string ListNames(std::span<const Field> fields) {
  constexpr size_t kShown = 20;
  std::string names;
  for (size_t i = 0; i < fields.size() && i < kShown; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", fields[i].name);
  }
  if (fields.size() > kShown) absl::StrAppend(&names, " and ", fields.size() - kShown, " more");
  return names;
}

}  // namespace

Table::Table() : data_(std::make_shared<Data>()) {}

Table::Table(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Table Table::FromParts(std::vector<Field> fields, std::vector<Batch> batches) {
  auto data = std::make_shared<Data>();
  data->ends.reserve(batches.size());
  int64_t rows = 0;
  for (const Batch &batch : batches) data->ends.push_back(rows += batch.rows);
  data->fields = std::move(fields);
  data->batches = std::move(batches);
  return Table(std::move(data));
}

std::span<const Field> Table::fields() const { return data_->fields; }
std::span<const Batch> Table::batches() const { return data_->batches; }
std::span<const int64_t> Table::ends() const { return data_->ends; }

std::optional<size_t> Table::Find(std::string_view name) const {
  for (size_t i = 0; i < data_->fields.size(); ++i) {
    if (data_->fields[i].name == name) return i;
  }
  return std::nullopt;
}

absl::StatusOr<size_t> Table::Require(std::string_view name) const {
  const std::optional<size_t> found = Find(name);
  if (!found) {
    const std::string names = ListNames(data_->fields);
    return absl::InvalidArgumentError(absl::StrCat("column ", Quoted(name),
                                                   " is missing; the table has ",
                                                   names.empty() ? "no columns" : names));
  }
  for (size_t i = *found + 1; i < data_->fields.size(); ++i) {
    if (data_->fields[i].name == name) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", Quoted(name), " occurs twice; expected distinct names"));
    }
  }
  return *found;
}

absl::Status Table::Show(size_t index, size_t batch, patron_column *out) const {
  const Field &field = data_->fields[index];
  const Column &column = data_->batches[batch].columns[index];
  const int32_t type = field.dictionary == nullptr ? PatronType(field.kind) : 0;
  if (type == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "column ", Quoted(field.name), " is ", TypeName(field), "; flatten the table to read it"));
  }
  out->type = type;
  out->name = field.name.c_str();
  out->length = column.length;
  out->offset = column.offset;
  out->validity = column.validity();
  out->offsets = IsText(field.kind) ? column.offsets() : nullptr;
  out->data = IsText(field.kind) ? column.buffers[2] : column.data();
  return absl::OkStatus();
}

}  // namespace patron::arrow
