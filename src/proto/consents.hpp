// Consents as messages, and back.
#ifndef PATRON_PROTO_CONSENTS_HPP_
#define PATRON_PROTO_CONSENTS_HPP_

#include "absl/status/statusor.h"
#include "patron/customers/consent_book.hpp"
#include "patron/v1/consents.pb.h"

namespace patron::proto {

v1::Consents ToMessage(const customers::ConsentBook &book);

// Errors: DataLoss for a message that ToMessage does not make.
absl::StatusOr<customers::ConsentBook> FromMessage(const v1::Consents &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_CONSENTS_HPP_
