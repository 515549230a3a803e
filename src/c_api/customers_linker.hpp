// Linkers: what a handle holds, and records as its kernels take them.
#ifndef PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_
#define PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/table.hpp"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/customers_link.h"
#include "patron/customers/link_groups.hpp"
#include "patron/customers/linker.hpp"

struct patron_linker;

namespace patron::c_api {

// The records of one or two tables, those of one source together.
class LinkInput {
 public:
  // Errors: InvalidArgument naming the column and row.
  static absl::StatusOr<LinkInput> Read(const patron_linker &linker, const patron_table *left,
                                        const patron_table *right, const Execution &execution);

  const customers::LinkRecords &records() const { return records_; }
  bool has_two_tables() const { return two_; }
  // The records, and the texts of their sources, for good.
  customers::LinkRecords &&TakeRecords() { return std::move(records_); }
  IdIndex &&TakeSourceTexts() { return std::move(source_texts_); }
  size_t left_rows() const { return left_rows_; }

  // Row of a record, those of the right table behind those of the left.
  uint32_t row(uint32_t record) const { return rows_.empty() ? record : rows_[record]; }
  uint32_t record(uint32_t row) const { return records_of_.empty() ? row : records_of_[row]; }

  // Whether record i has the lesser id; all of the left table come before those of the right.
  bool Less(uint32_t i, uint32_t j) const;

  // Whether it was read from these tables, and they had rows.
  bool IsOf(const patron_table *left, const patron_table *right) const;

  // Ids of records, all of one side or of one table.
  IdList Ids(const std::vector<uint32_t> &records) const;

  // The records of a table with columns left and right. Errors: NotFound for an id of no record;
  // InvalidArgument for one of another kind.
  absl::StatusOr<std::vector<customers::RecordPair>> Pairs(std::string_view name,
                                                           const arrow::Table &table,
                                                           const Execution &execution) const;

 private:
  static absl::StatusOr<IdIndex> ReadIds(const arrow::Table &table, const std::string &column,
                                         const Execution &execution);
  absl::Status ReadColumn(size_t index, const std::string &name);
  absl::StatusOr<std::vector<uint32_t>> Rows(std::string_view name, const arrow::Table &table,
                                             std::string_view column, bool right,
                                             const Execution &execution) const;

  customers::LinkRecords records_;
  std::vector<IdIndex> texts_;  // By column; codes are those of the records.
  IdIndex source_texts_{true};
  std::vector<arrow::Table> tables_;  // Only to know them again.
  std::vector<IdIndex> sides_;        // By table: ids, whose codes are rows.
  std::vector<uint32_t> rows_, records_of_;
  size_t left_rows_ = 0;
  bool two_ = false;
};

// The records that a linker read last: whoever asks for the same tables again gets them, and the patterns
// of their pairs, if they were kept. Its copy is empty. Any number of threads may read.
class RecordCache {
 public:
  RecordCache() = default;
  RecordCache(const RecordCache &) {}  // NOLINT(bugprone-copy-constructor-init)
  RecordCache &operator=(const RecordCache &) {
    last_ = nullptr;
    patterns_ = nullptr;
    return *this;
  }

  // As LinkInput::Read.
  absl::StatusOr<std::shared_ptr<const LinkInput>> Read(const patron_linker &linker,
                                                        const patron_table *left,
                                                        const patron_table *right,
                                                        const Execution &execution) const;
  // The same for one who changes them; they are kept no longer.
  absl::StatusOr<LinkInput> Take(const patron_linker &linker, const patron_table *left,
                                 const Execution &execution) const;

  // Keeps the patterns of the pairs of `input` as long as it is itself.
  void Keep(const std::shared_ptr<const LinkInput> &input, customers::PairPatterns patterns) const;
  // Null if they were not kept, or are no longer.
  std::shared_ptr<const customers::PairPatterns> PatternsOf(
      const std::shared_ptr<const LinkInput> &input) const;

 private:
  mutable std::mutex mutex_;
  mutable std::shared_ptr<LinkInput> last_;
  mutable std::shared_ptr<const customers::PairPatterns> patterns_;  // Of `last_`.
};

}  // namespace patron::c_api

struct patron_linker {
  patron::customers::LinkPlan plan;
  patron::customers::FitOptions options;
  std::vector<std::string> columns;  // Of fields and rules, in the order of LinkRecords::columns.
  std::string id;
  std::optional<std::string> source;
  std::optional<patron::customers::FitReport> fitted;
  patron::c_api::RecordCache last;
};

namespace patron::c_api {

// Adds the codes of a column's cells, as text, to `codes`, and their new values to `values` and `texts`,
// which go together; without `values` only the codes are wanted. Errors: InvalidArgument naming the column and row.
absl::Status EncodeCells(const arrow::Table &table, const std::string &name,
                         customers::CharacterPool *values, IdIndex &texts,
                         std::vector<uint32_t> &codes);

// Calls `take` for the cells of a column as text, some at a time; one without a value is empty. Errors:
// InvalidArgument naming the column and row.
absl::Status ForEachCell(const arrow::Table &table, const std::string &name,
                         absl::FunctionRef<void(std::span<const std::string_view>)> take);

// Errors: FailedPrecondition if the linker has no model.
absl::Status CheckFitted(const patron_linker &linker);

// The weights of pairs of patron_linker_predict. Errors: InvalidArgument naming the row.
absl::StatusOr<std::vector<double>> PairWeights(const arrow::Table &pairs, size_t rows,
                                                const Execution &execution);

// The code of each row of a column of integers or text by its value.
absl::StatusOr<std::vector<uint32_t>> GroupCodes(std::string_view name,
                                                 const patron_column *column);

// The guards of hubs by their fields. Errors: InvalidArgument naming the guard.
absl::StatusOr<std::vector<customers::HubGuard>> ReadHubs(const patron_linker &linker,
                                                          const patron_link_hub *hubs,
                                                          size_t count);

// Ids of records, whoever has them.
using IdsOf = absl::FunctionRef<IdList(const std::vector<uint32_t> &)>;

// Left and right ids of pairs, whose left records come first.
void AddSides(const IdsOf &ids, std::span<const customers::RecordPair> pairs, const char *left,
              const char *right, arrow::TableBuilder &builder, std::span<const uint8_t> valid = {});

// The table of patron_linker_explain. `hub_weight` is what hubs take from a pair's field.
absl::StatusOr<arrow::Table> ExplainPairs(const patron_linker &linker,
                                          const customers::LinkRecords &records,
                                          const customers::PairScorer &scorer, const IdsOf &ids,
                                          const std::vector<customers::RecordPair> &pairs);

// The tables of patron_linker_refusals. `weight` is that of a pair.
absl::StatusOr<arrow::Table> RefusalTable(
    const std::vector<customers::Refusal> &refusals, const IdsOf &ids,
    const absl::FunctionRef<double(uint32_t, uint32_t)> &weight);
absl::StatusOr<arrow::Table> HubTable(const patron_linker &linker,
                                      const customers::LinkRecords &records,
                                      std::span<const customers::HubGuard> guards,
                                      const std::vector<customers::Hub> &hubs);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMERS_LINKER_HPP_
