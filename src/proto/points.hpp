// Ledgers of points as messages, and back.
#ifndef PATRON_PROTO_POINTS_HPP_
#define PATRON_PROTO_POINTS_HPP_

#include <string_view>

#include "absl/status/statusor.h"
#include "patron/loyalty/points_ledger.hpp"
#include "patron/v1/points.pb.h"

namespace patron::proto {

v1::Points ToMessage(const loyalty::PointsLedger &ledger, std::string_view zone);

// Errors: DataLoss for a message that ToMessage does not make of a ledger.
absl::StatusOr<loyalty::PointsLedger> FromMessage(const v1::Points &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_POINTS_HPP_
