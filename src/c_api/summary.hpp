// The customer summary at the C interface: options, and the result as a table.
#ifndef PATRON_SRC_C_API_SUMMARY_HPP_
#define PATRON_SRC_C_API_SUMMARY_HPP_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "c_api/columns.hpp"
#include "patron/base/ids.hpp"
#include "patron/c/table.h"
#include "patron/c/value.h"
#include "patron/value/summary.hpp"
#include "state/requests.hpp"

namespace patron::c_api {

using state::SummaryRequest;

// Null means the defaults. Errors: InvalidArgument naming the field.
absl::StatusOr<SummaryRequest> ReadSummary(const patron_summary_options *options,
                                           const TransactionColumns &columns);

absl::StatusOr<std::unique_ptr<patron_table>> SummaryTable(const IdIndex &customers,
                                                           value::CustomerSummaries summary,
                                                           const SummaryRequest &request);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_SUMMARY_HPP_
