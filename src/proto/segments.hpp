// Rule tables of segments as messages, and back.
#ifndef PATRON_PROTO_SEGMENTS_HPP_
#define PATRON_PROTO_SEGMENTS_HPP_

#include "absl/status/statusor.h"
#include "patron/v1/segments.pb.h"
#include "patron/value/segments.hpp"

namespace patron::proto {

v1::Segments ToMessage(const value::SegmentRules &rules);

// Errors: DataLoss for a message that ToMessage does not make. Whether the rules make a table is
// left to value::SegmentTable.
absl::StatusOr<value::SegmentRules> FromMessage(const v1::Segments &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_SEGMENTS_HPP_
