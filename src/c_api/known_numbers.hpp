// Columns of numbers of which some are not known.
#ifndef PATRON_SRC_C_API_KNOWN_NUMBERS_HPP_
#define PATRON_SRC_C_API_KNOWN_NUMBERS_HPP_

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "arrow/type.hpp"
#include "c_api/nan.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

// A column of numbers, or of booleans as 0 and 1, with NaN for nulls. NaN and infinity may stand in it.
inline absl::StatusOr<arrow::Loaded<double>> ReadKnownNumbers(const arrow::Table &table,
                                                              std::string_view name,
                                                              const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  arrow::Loaded<double> loaded;
  if (table.fields()[index].values().kind == arrow::Kind::kBool) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name, arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(auto flags, arrow::Load(reader, execution));
    loaded.storage.assign(flags.values.begin(), flags.values.end());
    loaded.valid = std::move(flags.valid);
    loaded.values = loaded.storage;
  } else {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, name, arrow::Nulls::kMask,
                                                                  arrow::Finite::kAny));
    PATRON_ASSIGN_OR_RETURN(loaded, arrow::Load(reader, execution));
  }
  if (loaded.valid.empty()) return loaded;
  std::vector<double> values(loaded.values.begin(), loaded.values.end());
  for (size_t i = 0; i < values.size(); ++i) {
    if (loaded.valid[i] == 0) values[i] = kNaN;
  }
  loaded.storage = std::move(values);
  loaded.values = loaded.storage;
  return loaded;
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_KNOWN_NUMBERS_HPP_
