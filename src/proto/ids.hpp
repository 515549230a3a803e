// Lists of ids as messages, and back.
#ifndef PATRON_PROTO_IDS_HPP_
#define PATRON_PROTO_IDS_HPP_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/v1/ids.pb.h"

namespace patron::proto {

void WriteIds(const IdSpan &ids, v1::Ids &message);

// No ids are integers; text is borrowed from the message. Errors: DataLoss naming `what` for a message
// that WriteIds does not make, or, with `ascending`, ids that are not ascending and distinct.
absl::StatusOr<IdList> ReadIds(const v1::Ids &message, std::string_view what,
                               bool ascending = true);

// The code of one id or text in the order of first use; room was made before.
template <typename Id>
uint32_t CodeOf(IdIndex &index, Id id) {
  uint32_t code = 0;
  const absl::Status status =
      index.Encode(IdSpan(std::span<const Id>(&id, 1)), std::span(&code, 1));
  return status.ok() ? code : IdIndex::kUnknown;
}

}  // namespace patron::proto

#endif  // PATRON_PROTO_IDS_HPP_
