// Counts of event logs as messages, and back.
#ifndef PATRON_PROTO_LOG_COUNTS_HPP_
#define PATRON_PROTO_LOG_COUNTS_HPP_

#include "absl/status/statusor.h"
#include "patron/complaints/log_counts.hpp"
#include "patron/v1/log_counts.pb.h"

namespace patron::proto {

// Equal cases give equal messages, in whatever order and shards they were counted.
// Errors: ResourceExhausted for more than one message holds.
absl::StatusOr<v1::LogCounts> ToMessage(const complaints::LogCounts &counts);

// Errors: DataLoss for a message that ToMessage does not make of any counts.
absl::StatusOr<complaints::LogCounts> FromMessage(const v1::LogCounts &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_LOG_COUNTS_HPP_
