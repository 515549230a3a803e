// Linkers: what a handle holds, and records as its kernels take them.
#ifndef PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/column.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/customers_link.h"
#include "patron/customers/linker.hpp"

struct patron_linker {
  patron::customers::LinkPlan plan;
  patron::customers::FitOptions options;
  std::vector<std::string> columns;  // Of fields and rules, in the order of LinkRecords::columns.
  std::string id;
  std::optional<std::string> source;
  std::optional<patron::customers::FitReport> fitted;
};

namespace patron::c_api {

// The records of one or two tables, those of one source together.
class LinkInput {
 public:
  // Errors: InvalidArgument naming the column and row.
  static absl::StatusOr<LinkInput> Read(const patron_linker &linker, const patron_table *left,
                                        const patron_table *right, const Execution &execution);

  const customers::LinkRecords &records() const { return records_; }
  bool has_two_tables() const { return two_; }
  size_t left_rows() const { return left_rows_; }

  // Row of a record, those of the right table behind those of the left.
  uint32_t row(uint32_t record) const { return rows_.empty() ? record : rows_[record]; }
  uint32_t record(uint32_t row) const { return records_of_.empty() ? row : records_of_[row]; }

  // Ids of records, all of one side or of one table.
  IdList Ids(const std::vector<uint32_t> &records) const;

  // The records of a table with columns left and right. Errors: NotFound for an id of no record;
  // InvalidArgument for one of another kind.
  absl::StatusOr<std::vector<customers::RecordPair>> Pairs(std::string_view name,
                                                           const arrow::Table &table,
                                                           const Execution &execution) const;

 private:
  struct Side {
    arrow::LoadedIds ids;
    std::unordered_map<int64_t, uint32_t> integers;
    std::unordered_map<std::string_view, uint32_t> texts;
  };

  static absl::StatusOr<Side> ReadIds(const arrow::Table &table, const std::string &column,
                                      const Execution &execution);
  absl::StatusOr<std::vector<uint32_t>> Rows(std::string_view name, const arrow::Table &table,
                                             std::string_view column, bool right,
                                             const Execution &execution) const;

  customers::LinkRecords records_;
  std::vector<arrow::Table> tables_;
  std::vector<Side> sides_;
  std::vector<uint32_t> rows_, records_of_;
  size_t left_rows_ = 0;
  bool two_ = false;
};

// Errors: FailedPrecondition if the linker has no model.
absl::Status CheckFitted(const patron_linker &linker);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_
