// Rules of segments as tables, and what a check of them finds.
#ifndef PATRON_SRC_C_API_SEGMENT_RULES_HPP_
#define PATRON_SRC_C_API_SEGMENT_RULES_HPP_

#include <cstdint>

#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "patron/value/segments.hpp"

namespace patron::c_api {

// Rules in the form that patron_segments_from_table describes. Null `others` leaves the name that
// rules have for customers in no segment. Errors: InvalidArgument naming the column and row.
absl::StatusOr<value::SegmentRules> RulesFromTable(const arrow::Table &table, int32_t bins,
                                                   const char *others);

// The same form back.
absl::StatusOr<arrow::Table> RulesToTable(const value::SegmentRules &rules);

// One row a finding: uncovered cells, ambiguous cells, unreachable rules.
absl::StatusOr<arrow::Table> FindingsTable(const value::SegmentRules &rules,
                                           const value::SegmentCheck &check);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_SEGMENT_RULES_HPP_
