// Ledgers of points as messages, and back, in one piece and change by change.
#ifndef PATRON_PROTO_POINTS_HPP_
#define PATRON_PROTO_POINTS_HPP_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/loyalty/points_ledger.hpp"
#include "patron/v1/points.pb.h"
#include "patron/v1/points_change.pb.h"

namespace patron::proto {

v1::Points ToMessage(const loyalty::PointsLedger &ledger, std::string_view zone);

// Errors: DataLoss for a message that ToMessage does not make of a ledger.
absl::StatusOr<loyalty::PointsLedger> FromMessage(const v1::Points &message);

// How a ledger starts. Errors: DataLoss.
void WriteStart(const loyalty::PointsLedger &ledger, std::string_view zone,
                v1::PointsStart *message);
absl::StatusOr<loyalty::PointsLedger> ReadStart(const v1::PointsStart &message);

// Postings from `first` on, and the customers from `first_customer` on that came with them.
void WritePosted(const loyalty::PointsLedger &ledger, size_t first, size_t first_customer,
                 v1::PointsPosted *message);

// Posts them again after those of `ledger`, which is lost if this fails. Errors: DataLoss for a message
// that WritePosted does not make.
absl::Status ReadPosted(const v1::PointsPosted &message, loyalty::PointsLedger *ledger);

}  // namespace patron::proto

#endif  // PATRON_PROTO_POINTS_HPP_
