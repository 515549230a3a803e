// Partial states as messages, and back.
#ifndef PATRON_PROTO_STATE_HPP_
#define PATRON_PROTO_STATE_HPP_

#include <string>

#include "absl/status/statusor.h"
#include "c_api/state.hpp"
#include "patron/v1/envelope.pb.h"
#include "patron/v1/state.pb.h"

namespace patron::proto {

v1::Kind KindOf(const c_api::State &state);

// The columns and options of a state as bytes: only states for which they are equal merge.
std::string OptionsOf(const c_api::State &state);

// States that have seen equal rows, in any order and grouping, give equal messages.
// Errors: ResourceExhausted for more than one message holds.
absl::StatusOr<v1::SummaryState> ToMessage(const c_api::SummaryState &state);
absl::StatusOr<v1::RfmState> ToMessage(const c_api::RfmState &state);
absl::StatusOr<v1::ConcentrationState> ToMessage(const c_api::ConcentrationState &state);

// Errors: DataLoss for a message that ToMessage does not make of any state.
absl::StatusOr<c_api::SummaryState> FromMessage(const v1::SummaryState &message);
absl::StatusOr<c_api::RfmState> FromMessage(const v1::RfmState &message);
absl::StatusOr<c_api::ConcentrationState> FromMessage(const v1::ConcentrationState &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_STATE_HPP_
