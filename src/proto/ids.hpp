// Lists of ids as messages, and back.
#ifndef PATRON_PROTO_IDS_HPP_
#define PATRON_PROTO_IDS_HPP_

#include <string_view>

#include "absl/status/statusor.h"
#include "patron/base/column.hpp"
#include "patron/v1/ids.pb.h"

namespace patron::proto {

void WriteIds(const IdSpan &ids, v1::Ids &message);

// No ids are integers; text is borrowed from the message. Errors: DataLoss naming `what` for a message that WriteIds does not make,
// or, with `ascending`, ids that are not ascending and distinct.
absl::StatusOr<IdList> ReadIds(const v1::Ids &message, std::string_view what,
                               bool ascending = true);

}  // namespace patron::proto

#endif  // PATRON_PROTO_IDS_HPP_
