// Columns of ids or flags that part the rows of a table into groups together.
#ifndef PATRON_SRC_C_API_GROUP_COLUMNS_HPP_
#define PATRON_SRC_C_API_GROUP_COLUMNS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/table.hpp"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::c_api {

// The values that came together, in ascending order of the first column, then the second, and so on.
// It keeps copies of them, and nothing of the table.
class GroupColumns {
 public:
  // No columns: one group.
  GroupColumns() = default;

  // Reads integers, booleans or text, and writes the group of each row to `codes`, which stays empty
  // without columns. Errors: InvalidArgument for a missing or mistyped column, or a null.
  static absl::StatusOr<GroupColumns> Read(const arrow::Table &table,
                                           const std::vector<std::string> &names,
                                           std::vector<uint32_t> &codes,
                                           const Execution &execution = {});

  // The groups of the rows of another table. Errors: as Read, and InvalidArgument naming the first row
  // of values that did not come together.
  absl::StatusOr<std::vector<uint32_t>> Find(const arrow::Table &table,
                                             const Execution &execution = {}) const;

  size_t count() const { return names_.empty() ? 1 : groups_.size() / names_.size(); }
  const std::vector<std::string> &names() const { return names_; }
  bool empty() const { return names_.empty(); }

  // All of it: the values of each column ascending, and places in them, a row a group, ascending. Text
  // is borrowed.
  struct Content {
    std::vector<std::string> names;
    std::vector<bool> flags;
    std::vector<IdList> values;
    std::vector<uint32_t> codes;
  };
  Content content() const;

  // Errors: InvalidArgument for what content() does not give.
  static absl::StatusOr<GroupColumns> FromContent(const Content &content);

  // Adds the columns to a result whose row i is about `group_of[i]`.
  void AddTo(arrow::TableBuilder &builder, std::span<const uint32_t> group_of) const;

 private:
  std::vector<std::string> names_;
  std::vector<bool> flags_;       // Which columns are booleans.
  std::vector<IdIndex> values_;   // Of each column.
  std::vector<uint32_t> groups_;  // Codes of the values, a row a group.
  IdIndex together_;              // Codes packed to one number, as they were first seen.
  std::vector<uint32_t> place_;   // Where each of these stands in order.
};

// The names in an array of the caller's. Errors: InvalidArgument for one that is NULL, empty, not
// UTF-8 or given twice.
absl::StatusOr<std::vector<std::string>> ReadNames(std::string_view argument,
                                                   const char *const *names, size_t count);

inline loyalty::Groups GroupsOf(const GroupColumns &columns, std::span<const uint32_t> codes) {
  return {codes, columns.count()};
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_GROUP_COLUMNS_HPP_
