// Logs of accesses as messages, and back.
#ifndef PATRON_PROTO_ACCESS_LOG_HPP_
#define PATRON_PROTO_ACCESS_LOG_HPP_

#include "absl/status/statusor.h"
#include "patron/customers/access_log.hpp"
#include "patron/v1/access_log.pb.h"

namespace patron::proto {

v1::AccessLog ToMessage(const customers::AccessLog &log);

// The log as it is, sound or not: AccessLog::Verify tells. Errors: DataLoss for a message that ToMessage
// does not make.
absl::StatusOr<customers::AccessLog> FromMessage(const v1::AccessLog &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_ACCESS_LOG_HPP_
