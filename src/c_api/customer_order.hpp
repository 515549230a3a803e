// Rows of customers in the order of their ids, which kernels take to break ties by id.
#ifndef PATRON_SRC_C_API_CUSTOMER_ORDER_HPP_
#define PATRON_SRC_C_API_CUSTOMER_ORDER_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

// A permutation of rows; the identity takes no memory.
class CustomerOrder {
 public:
  // Errors: InvalidArgument if an id occurs twice, naming `column`. Cost: O(n) if the ids ascend,
  // a hash table and a sort otherwise.
  static absl::StatusOr<CustomerOrder> Of(std::string_view column, const IdSpan &ids) {
    CustomerOrder order;
    const auto ascending = [](auto values) {
      return std::ranges::adjacent_find(values, std::ranges::greater_equal{}) == values.end();
    };
    order.identity_ = ids.is_text() ? ascending(ids.text()) : ascending(ids.integers());
    if (order.identity_) return order;
    IdIndex index(ids.is_text());
    std::vector<uint32_t> codes(ids.size());
    PATRON_RETURN_IF_ERROR(index.Encode(ids, codes));
    if (index.size() != ids.size()) {
      // Codes are given row by row: the first that is too low repeats an id.
      size_t row = 0;
      while (codes[row] == row) ++row;
      return InvalidRow(column, row, absl::StrCat(FormatId(ids, row), " again"),
                        "every customer once", ids.size() - index.size());
    }
    order.rows_ = index.Ascending();
    return order;
  }

  bool is_identity() const { return identity_; }

  // `values` in the order of ids: a view of `values` itself, or of `storage`.
  template <typename T>
  std::span<const T> Sorted(std::span<const T> values, std::vector<T> &storage) const {
    if (identity_) return values;
    storage.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) storage[i] = values[rows_[i]];
    return storage;
  }

  // The row that stands at place `i` in the order of ids.
  size_t RowAt(size_t i) const { return identity_ ? i : rows_[i]; }

 private:
  bool identity_ = true;
  std::vector<uint32_t> rows_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CUSTOMER_ORDER_HPP_
