// Totals of customers as columns of messages, and back.
#ifndef PATRON_PROTO_TOTALS_HPP_
#define PATRON_PROTO_TOTALS_HPP_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/v1/state.pb.h"
#include "patron/value/customer_totals.hpp"

namespace patron::proto {

// Errors: ResourceExhausted for more than one message holds.
absl::Status WriteTotals(const value::CustomerTotals &totals, v1::RfmState &message);
absl::Status WriteTotals(const value::CustomerTotals &totals, v1::ConcentrationState &message);

// Totals under `rule`, with the days of `days` where days are told apart.
// Errors: DataLoss for what WriteTotals does not write of any totals.
absl::StatusOr<value::CustomerTotals> ReadTotals(const v1::RfmState &message,
                                                 const value::TotalsRule &rule,
                                                 const CivilDays &days);
absl::StatusOr<value::CustomerTotals> ReadTotals(const v1::ConcentrationState &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_TOTALS_HPP_
