// What a partial state holds, by kind.
#ifndef PATRON_SRC_STATE_STATE_HPP_
#define PATRON_SRC_STATE_STATE_HPP_

#include <cstdint>
#include <variant>

#include "absl/status/statusor.h"
#include "patron/value/customer_totals.hpp"
#include "patron/value/occasions.hpp"
#include "state/requests.hpp"

namespace patron::state {

struct SummaryState {
  TransactionColumns columns;
  SummaryRequest request;
  value::Occasions rows;
};

struct RfmState {
  TransactionColumns columns;
  RfmRequest request;
  value::CustomerTotals totals;
};

struct ConcentrationState {
  TransactionColumns columns;  // Without a time.
  value::CustomerTotals totals;
};

using State = std::variant<SummaryState, RfmState, ConcentrationState>;

// An empty state. Errors: InvalidArgument for a window without as_of.
absl::StatusOr<SummaryState> NewSummaryState(TransactionColumns columns, SummaryRequest request);
absl::StatusOr<RfmState> NewRfmState(TransactionColumns columns, RfmRequest request);
ConcentrationState NewConcentrationState(TransactionColumns columns);

// Most rows that a state has seen: sums of so many amounts stay far within 128 bits.
inline constexpr uint64_t kMostStateRows = uint64_t{1} << 62;

}  // namespace patron::state

#endif  // PATRON_SRC_STATE_STATE_HPP_
