// Policies of tier programmes as messages, and back.
#ifndef PATRON_PROTO_TIERS_HPP_
#define PATRON_PROTO_TIERS_HPP_

#include "absl/status/statusor.h"
#include "patron/v1/tiers.pb.h"
#include "patron/value/tier_policy.hpp"

namespace patron::proto {

v1::TierPolicy ToMessage(const value::TierPolicy &policy);

// Errors: DataLoss for a message that ToMessage does not make of a sound policy.
absl::StatusOr<value::TierPolicy> FromMessage(const v1::TierPolicy &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_TIERS_HPP_
