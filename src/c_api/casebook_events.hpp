// Events of cases read from a table.
#ifndef PATRON_SRC_C_API_CASEBOOK_EVENTS_HPP_
#define PATRON_SRC_C_API_CASEBOOK_EVENTS_HPP_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "patron/base/parallel.hpp"
#include "patron/complaints/casebook_rows.hpp"
#include "patron/complaints/policy_shelf.hpp"

namespace patron::c_api {

// The columns of a table of events, with names as numbers of a casebook. Borrows from the table.
class EventTable {
 public:
  // Errors: InvalidArgument naming a column that is missing, that events do not have, or of another
  // type, and the first row with a name that no policy has, or with something its event has not.
  static absl::StatusOr<EventTable> Read(const arrow::Table &table,
                                         const complaints::PolicyShelf &shelf,
                                         const Execution &execution);

  // Lives as long as this and the table.
  complaints::EventRows rows() const;

 private:
  absl::Status ReadIds(const arrow::Table &table, const Execution &execution);
  absl::Status ReadNames(const arrow::Table &table, const complaints::PolicyShelf &shelf,
                         const Execution &execution);
  absl::Status ReadPolicies(const arrow::Table &table, const complaints::PolicyShelf &shelf,
                            const Execution &execution);
  absl::Status ReadValues(const arrow::Table &table, const complaints::PolicyShelf &shelf,
                          const Execution &execution);
  absl::Status ReadDues(const arrow::Table &table, const complaints::PolicyShelf &shelf,
                        const Execution &execution);
  absl::Status ReadFlags(const arrow::Table &table, const Execution &execution);

  // One that is null is 0.
  absl::Status ReadNumbers(const arrow::Table &table, std::string_view column,
                           const Execution &execution, std::vector<int32_t> *numbers);

  arrow::LoadedIds event_, case_id_, actor_, customer_, related_case_, related_event_;
  arrow::Loaded<int64_t> occurred_, amount_;
  arrow::Loaded<std::string_view> text_;
  std::vector<uint8_t> type_, role_, flags_;
  std::vector<int32_t> policy_, code_, reason_;
  std::vector<int64_t> value_;  // Where there are promises, or amounts that are null.
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CASEBOOK_EVENTS_HPP_
