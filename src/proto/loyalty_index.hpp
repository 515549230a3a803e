// Loyalty indices as messages, and back.
#ifndef PATRON_PROTO_LOYALTY_INDEX_HPP_
#define PATRON_PROTO_LOYALTY_INDEX_HPP_

#include "absl/status/statusor.h"
#include "patron/loyalty/index.hpp"
#include "patron/v1/loyalty_index.pb.h"

namespace patron::proto {

v1::LoyaltyIndex ToMessage(const loyalty::IndexDefinition &definition);

// Errors: DataLoss for a message that ToMessage does not make of a fit.
absl::StatusOr<loyalty::IndexDefinition> FromMessage(const v1::LoyaltyIndex &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_LOYALTY_INDEX_HPP_
