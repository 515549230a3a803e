// Checks of what comes from outside: every struct is looked at before a buffer of it is read. Arrow does
// not say how long buffers are, so that much is taken on trust: the rows, offsets and views of an array
// must lie in them.
#ifndef PATRON_SRC_ARROW_IMPORT_HPP_
#define PATRON_SRC_ARROW_IMPORT_HPP_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/table.hpp"
#include "arrow/type.hpp"
#include "patron/base/status.hpp"
#include "patron/c/table.h"

namespace patron::arrow {

inline constexpr int64_t kMaxParts = 1 << 20;  // Columns of a struct, buffers of an array.

// "where: what", an InvalidArgument.
inline absl::Status Malformed(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(Text(where), ": ", Text(what)));
}

// Reads the fields of a struct, which the columns of a table are. Errors: InvalidArgument.
absl::Status ParseColumns(const ArrowSchema *schema, std::vector<Field> &fields);

// Checks the buffers of a column whose rows are known, as far as Patron reads it.
// Errors: InvalidArgument. Cost: O(1), for text O(rows).
absl::Status CheckColumn(const Column &column, const Field &field, std::string_view where);

}  // namespace patron::arrow

#endif  // PATRON_SRC_ARROW_IMPORT_HPP_
