// The content of a ledger as a message, and back.
#ifndef PATRON_PROTO_LEDGER_HPP_
#define PATRON_PROTO_LEDGER_HPP_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/v1/ledger.pb.h"
#include "patron/value/ledger_content.hpp"

namespace patron::proto {

// Errors: ResourceExhausted for more facts than one message holds.
absl::StatusOr<v1::Ledger> ToMessage(const value::LedgerContent &content, int decimals,
                                     std::string_view zone);

// Text of the content is borrowed from `message`. Whether a ledger has that content is left to
// value::Ledger::FromContent.
// Errors: DataLoss for a message that ToMessage does not make.
absl::StatusOr<value::LedgerContent> FromMessage(const v1::Ledger &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_LEDGER_HPP_
