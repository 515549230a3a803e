// Records for registers, from tables.
#ifndef PATRON_SRC_C_API_REGISTER_RECORDS_HPP_
#define PATRON_SRC_C_API_REGISTER_RECORDS_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "c_api/register.hpp"
#include "patron/customers/record_batch.hpp"

namespace patron::c_api {

struct RecordTable {
  std::vector<customers::RecordBatch> batches;  // Fields are numbers in `names`.
  std::vector<std::string> names;
  std::string id_name;
  std::vector<size_t> rows;  // Of the table, by record.
};

// The rows that `skip`, if it is not empty, does not pass over. Errors: InvalidArgument naming the column
// and row.
absl::StatusOr<RecordTable> ReadRecords(const arrow::Table &table,
                                        const patron_record_source &source,
                                        const std::vector<uint8_t> &skip);

// The rows of people who were erased, one byte each; empty if there are none. Errors: InvalidArgument;
// FailedPrecondition naming the first row, unless they are to be passed over, and without a key.
absl::StatusOr<std::vector<uint8_t>> ForgottenRows(const patron_register &reg,
                                                   const arrow::Table &table,
                                                   const patron_record_source &source);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_REGISTER_RECORDS_HPP_
