// Policies of complaints as messages, and back.
#ifndef PATRON_PROTO_POLICY_HPP_
#define PATRON_PROTO_POLICY_HPP_

#include "absl/status/statusor.h"
#include "patron/complaints/policy.hpp"
#include "patron/v1/policy.pb.h"

namespace patron::proto {

v1::Policy ToMessage(const complaints::Policy &policy);

// Errors: DataLoss for a message that ToMessage does not make. Whether it makes a policy is left to
// complaints::Lifecycle.
absl::StatusOr<complaints::Policy> FromMessage(const v1::Policy &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_POLICY_HPP_
