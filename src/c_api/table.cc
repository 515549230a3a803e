#include "patron/c/table.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/table.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"

using patron::arrow::Table;
using patron::c_api::Guard;
using patron::c_api::NewTable;
using patron::c_api::RequirePointer;

namespace {

absl::Status CheckIndex(const Table &table, size_t index) {
  const size_t columns = table.fields().size();
  if (index < columns) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("index: ", index, "; the table has ", columns, " columns"));
}

}  // namespace

extern "C" {

patron_status patron_table_import_stream(struct ArrowArrayStream *stream, patron_table **out,
                                         patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    // Made first, so that nothing can fail once the stream has been moved.
    auto handle = NewTable(Table());
    PATRON_ASSIGN_OR_RETURN(handle->table, Table::ImportStream(stream));
    *out = handle.release();
    return absl::OkStatus();
  });
}

patron_status patron_table_import_array(struct ArrowSchema *schema, struct ArrowArray *array,
                                        patron_table **out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    auto handle = NewTable(Table());
    PATRON_ASSIGN_OR_RETURN(handle->table, Table::ImportArray(schema, array));
    *out = handle.release();
    return absl::OkStatus();
  });
}

patron_status patron_table_borrow(const patron_column *columns, size_t count, patron_table **out,
                                  patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(Table table, Table::Borrow(columns, count));
    *out = NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

void patron_table_free(patron_table *table) { delete table; }

int64_t patron_table_rows(const patron_table *table) {
  return table == nullptr ? 0 : table->table.rows();
}

size_t patron_table_columns(const patron_table *table) {
  return table == nullptr ? 0 : table->table.fields().size();
}

size_t patron_table_batches(const patron_table *table) {
  return table == nullptr ? 0 : table->table.batches().size();
}

const char *patron_table_name(const patron_table *table, size_t index) {
  if (table == nullptr || index >= table->table.fields().size()) return nullptr;
  return table->table.fields()[index].name.c_str();
}

patron_status patron_table_find(const patron_table *table, const char *name, size_t *out,
                                patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(RequirePointer("name", name));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    if (!table->table.Find(name)) {
      // The message of a missing column, with the status of something sought and not found.
      return absl::NotFoundError(table->table.Require(name).status().message());
    }
    PATRON_ASSIGN_OR_RETURN(*out, table->table.Require(name));
    return absl::OkStatus();
  });
}

patron_status patron_table_column(const patron_table *table, size_t index, size_t batch,
                                  patron_column *out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(patron::c_api::CheckOut("out", out));
    PATRON_RETURN_IF_ERROR(CheckIndex(table->table, index));
    const size_t batches = table->table.batches().size();
    if (batch >= batches) {
      return absl::OutOfRangeError(
          absl::StrCat("batch: ", batch, "; the table has ", batches, " batches"));
    }
    patron_column column = {};
    PATRON_RETURN_IF_ERROR(table->table.Show(index, batch, &column));
    patron::c_api::WriteOut(column, out);
    return absl::OkStatus();
  });
}

patron_status patron_table_flatten(const patron_table *table, patron_table **out,
                                   patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(Table flat, table->table.Flatten());
    *out = NewTable(std::move(flat)).release();
    return absl::OkStatus();
  });
}

patron_status patron_table_flatten_column(const patron_table *table, size_t index,
                                          patron_table **out, patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(CheckIndex(table->table, index));
    PATRON_ASSIGN_OR_RETURN(Table flat, table->table.FlattenColumn(index));
    *out = NewTable(std::move(flat)).release();
    return absl::OkStatus();
  });
}

patron_status patron_table_export(const patron_table *table, struct ArrowArrayStream *out,
                                  patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    table->table.Export(out);
    return absl::OkStatus();
  });
}

}  // extern "C"
