// What functions over registers share: the handle, notes, ids, columns of results.
#ifndef PATRON_SRC_C_API_REGISTER_HPP_
#define PATRON_SRC_C_API_REGISTER_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "customers/register_book.hpp"
#include "patron/base/column.hpp"
#include "patron/base/status.hpp"
#include "patron/c/customers_register.h"
#include "patron/customers/register.hpp"

struct patron_register {
  patron::customers::RegisterBook book;
  std::string key;     // Of tombstones; never written.
  std::string region;  // Of phones that tombstones are of.

  const patron::customers::Register &reg() const { return book.reg(); }
};

namespace patron::c_api {

// Errors: InvalidArgument for NULL, or texts that are not UTF-8.
absl::StatusOr<customers::ChangeNote> ReadNote(const patron_register_note *note);

// The text of an argument that may be NULL, which is none.
absl::StatusOr<std::string> TextOr(std::string_view argument, const char *text);

// Numbers of records by the ids of a column. Errors: NotFound; InvalidArgument.
absl::StatusOr<std::vector<uint32_t>> RecordsOf(const customers::Register &reg,
                                                const arrow::Table &table, std::string_view column);

// The entity that an id stands for now. Errors: NotFound.
absl::StatusOr<uint32_t> Resolved(const customers::Register &reg, uint64_t entity);

// Names with ", " between.
template <typename Names>
std::string Listed(const Names &names) {
  std::string all;
  for (const std::string_view name : names) {
    if (!all.empty()) all += ", ";
    all += name;
  }
  return all;
}

// The place of a word in a list. Errors: InvalidArgument naming the row.
template <typename Names>
absl::StatusOr<size_t> PlaceOf(std::string_view column, size_t row, std::string_view word,
                               const Names &names, std::string_view further = {}) {
  const auto found = std::ranges::find(names, word);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  return InvalidRow(column, row, Quoted(word), Listed(names).append(further));
}

// Columns that may be missing, and rows of them that may be null. `has(row)` says whether one is there.
template <typename T>
struct Sparse {
  arrow::Loaded<T> loaded;
  bool there = false;

  bool has(size_t row) const { return there && (loaded.valid.empty() || loaded.valid[row] != 0); }
  T value(size_t row, T otherwise) const { return has(row) ? loaded.values[row] : otherwise; }
};

template <typename T, typename Open>
absl::StatusOr<Sparse<T>> LoadSparse(const arrow::Table &table, std::string_view column,
                                     Open open) {
  Sparse<T> sparse;
  if (!table.Find(column).has_value()) return sparse;
  PATRON_ASSIGN_OR_RETURN(const arrow::Reader<T> reader, open(table, column));
  PATRON_ASSIGN_OR_RETURN(sparse.loaded, arrow::Load(reader));
  sparse.there = true;
  return sparse;
}
inline absl::StatusOr<Sparse<int64_t>> SparseTimes(const arrow::Table &table,
                                                   std::string_view column) {
  return LoadSparse<int64_t>(table, column, [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenTimes(t, c, arrow::Nulls::kMask);
  });
}
inline absl::StatusOr<Sparse<std::string_view>> SparseText(const arrow::Table &table,
                                                           std::string_view column) {
  return LoadSparse<std::string_view>(table, column, [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenText(t, c, arrow::Nulls::kMask);
  });
}
inline absl::StatusOr<Sparse<int64_t>> SparseIntegers(const arrow::Table &table,
                                                      std::string_view column) {
  return LoadSparse<int64_t>(table, column, [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenIntegers(t, c, arrow::Nulls::kMask);
  });
}
inline absl::StatusOr<Sparse<uint8_t>> SparseFlags(const arrow::Table &table,
                                                   std::string_view column) {
  return LoadSparse<uint8_t>(table, column, [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenFlags(t, c, arrow::Nulls::kMask);
  });
}
inline absl::StatusOr<Sparse<double>> SparseNumbers(const arrow::Table &table,
                                                    std::string_view column) {
  return LoadSparse<double>(table, column, [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenNumbers(t, c, arrow::Nulls::kMask);
  });
}

// Ids of records that were not erased; of others null.
void AddIds(const customers::Register &reg, const char *name, std::span<const uint32_t> records,
            arrow::TableBuilder &builder);

// Instants, of which kNoInstant is null.
void AddInstants(const char *name, std::vector<int64_t> times, arrow::TableBuilder &builder);

// Texts, of which empty ones are null.
void AddTexts(const char *name, std::span<const std::string_view> texts,
              arrow::TableBuilder &builder);

// Makes a table of a register for a caller.
template <typename Make>
patron_status GiveTable(const patron_register *reg, patron_table **out, patron_error *error,
                        Make make) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    absl::StatusOr<arrow::Table> table = make(reg->reg());
    PATRON_RETURN_IF_ERROR(table.status());
    *out = NewTable(*std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_REGISTER_HPP_
