// Columns that tables of the customers module may have or lack.
#ifndef PATRON_SRC_C_API_CUSTOMERS_CELLS_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_CELLS_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/subject_id.hpp"

namespace patron::c_api {

enum class Presence {
  kRequired,  // The column must be there, without nulls.
  kOptional,  // It may be missing, and have nulls.
};

// Values of a column; where the column or the value is missing, none.
template <typename T>
class Cells {
 public:
  template <typename Open>
  static absl::StatusOr<Cells> Read(const arrow::Table &table, std::string_view column,
                                    Presence presence, Open open) {
    Cells cells;
    if (presence == Presence::kOptional && !table.Find(column)) return cells;
    const auto nulls = presence == Presence::kRequired ? arrow::Nulls::kError : arrow::Nulls::kMask;
    PATRON_ASSIGN_OR_RETURN(const auto reader, open(table, column, nulls));
    PATRON_ASSIGN_OR_RETURN(cells.loaded_, arrow::Load(reader));
    return cells;
  }

  bool has(size_t row) const {
    return !loaded_.values.empty() && (loaded_.valid.empty() || loaded_.valid[row] != 0);
  }
  T Or(size_t row, T otherwise) const { return has(row) ? loaded_.values[row] : otherwise; }

 private:
  arrow::Loaded<T> loaded_;
};

using TextCells = Cells<std::string_view>;
using TimeCells = Cells<int64_t>;
using FlagCells = Cells<uint8_t>;

inline absl::StatusOr<TextCells> ReadTexts(const arrow::Table &table, std::string_view column,
                                           Presence presence = Presence::kOptional) {
  return TextCells::Read(table, column, presence,
                         [](const arrow::Table &t, std::string_view c, arrow::Nulls nulls) {
                           return arrow::OpenText(t, c, nulls);
                         });
}
inline absl::StatusOr<TimeCells> ReadTimes(const arrow::Table &table, std::string_view column,
                                           Presence presence = Presence::kOptional) {
  return TimeCells::Read(table, column, presence,
                         [](const arrow::Table &t, std::string_view c, arrow::Nulls nulls) {
                           return arrow::OpenTimes(t, c, nulls);
                         });
}
inline absl::StatusOr<Cells<int64_t>> ReadIntegers(const arrow::Table &table,
                                                   std::string_view column,
                                                   Presence presence = Presence::kOptional) {
  return Cells<int64_t>::Read(table, column, presence,
                              [](const arrow::Table &t, std::string_view c, arrow::Nulls nulls) {
                                return arrow::OpenIntegers(t, c, nulls);
                              });
}
inline absl::StatusOr<Cells<double>> ReadReals(const arrow::Table &table, std::string_view column,
                                               Presence presence = Presence::kOptional) {
  return Cells<double>::Read(table, column, presence,
                             [](const arrow::Table &t, std::string_view c, arrow::Nulls nulls) {
                               return arrow::OpenNumbers(t, c, nulls);
                             });
}
inline absl::StatusOr<FlagCells> ReadFlags(const arrow::Table &table, std::string_view column,
                                           Presence presence = Presence::kOptional) {
  return FlagCells::Read(table, column, presence,
                         [](const arrow::Table &t, std::string_view c, arrow::Nulls nulls) {
                           return arrow::OpenFlags(t, c, nulls);
                         });
}

// Ids of persons: integers or text.
class SubjectColumn {
 public:
  static absl::StatusOr<SubjectColumn> Read(const arrow::Table &table, std::string_view column) {
    PATRON_ASSIGN_OR_RETURN(arrow::IdReader reader, arrow::OpenIds(table, column));
    SubjectColumn subjects(std::move(reader));
    PATRON_ASSIGN_OR_RETURN(subjects.loaded_, arrow::Load(subjects.reader_));
    return subjects;
  }
  // Of a column by itself, which messages call `name`.
  static absl::StatusOr<SubjectColumn> Borrow(const patron_column &column, const char *name) {
    patron_column named = column;
    named.name = name;
    PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
    return Read(table, name);
  }

  size_t size() const { return loaded_.ids.size(); }
  bool is_text() const { return reader_.is_text(); }
  customers::SubjectId operator[](size_t row) const {
    return loaded_.ids.is_text() ? customers::SubjectId(loaded_.ids.text()[row])
                                 : customers::SubjectId(loaded_.ids.integers()[row]);
  }

 private:
  explicit SubjectColumn(arrow::IdReader reader) : reader_(std::move(reader)) {}
  arrow::IdReader reader_;
  arrow::LoadedIds loaded_;
};

// A column of ids for a result.
class SubjectsOut {
 public:
  void Add(const customers::SubjectId &id) {
    if (id.is_text) {
      texts_.push_back(id.text);
    } else {
      integers_.push_back(id.integer);
    }
  }
  // No ids are of the kind that `text` says.
  IdSpan span(bool text) const {
    return text ? IdSpan(std::span<const std::string_view>(texts_))
                : IdSpan(std::span<const int64_t>(integers_));
  }

 private:
  std::vector<int64_t> integers_;
  std::vector<std::string_view> texts_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMERS_CELLS_HPP_
