// Partial states as messages, and back.
#ifndef PATRON_PROTO_STATE_HPP_
#define PATRON_PROTO_STATE_HPP_

#include <string>

#include "absl/status/statusor.h"
#include "patron/v1/envelope.pb.h"
#include "patron/v1/state.pb.h"
#include "state/state.hpp"

namespace patron::proto {

v1::Kind KindOf(const state::State &state);

// The columns and options of a state as bytes: only states for which they are equal merge.
std::string OptionsOf(const state::State &state);

// States that have seen equal rows, in any order and grouping, give equal messages.
// Errors: ResourceExhausted for more than one message holds.
absl::StatusOr<v1::SummaryState> ToMessage(const state::SummaryState &state);
absl::StatusOr<v1::RfmState> ToMessage(const state::RfmState &state);
absl::StatusOr<v1::ConcentrationState> ToMessage(const state::ConcentrationState &state);

// Errors: DataLoss for a message that ToMessage does not make of any state.
absl::StatusOr<state::SummaryState> FromMessage(const v1::SummaryState &message);
absl::StatusOr<state::RfmState> FromMessage(const v1::RfmState &message);
absl::StatusOr<state::ConcentrationState> FromMessage(const v1::ConcentrationState &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_STATE_HPP_
