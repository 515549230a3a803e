// What the copies of a table and the streams exported from it share.
#ifndef PATRON_SRC_ARROW_TABLE_DATA_HPP_
#define PATRON_SRC_ARROW_TABLE_DATA_HPP_

#include <cstdint>
#include <vector>

#include "arrow/table.hpp"

namespace patron::arrow {

struct Table::Data {
  std::vector<Field> fields;
  std::vector<Batch> batches;
  std::vector<int64_t> ends;
};

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_TABLE_DATA_HPP_
