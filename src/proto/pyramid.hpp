// Definitions of pyramids as messages, and back.
#ifndef PATRON_PROTO_PYRAMID_HPP_
#define PATRON_PROTO_PYRAMID_HPP_

#include "absl/status/statusor.h"
#include "patron/v1/pyramid.pb.h"
#include "patron/value/pyramid_definition.hpp"

namespace patron::proto {

v1::Pyramid ToMessage(const value::PyramidDefinition &definition);

// Errors: DataLoss for a message that ToMessage does not make of a sound definition.
absl::StatusOr<value::PyramidDefinition> FromMessage(const v1::Pyramid &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_PYRAMID_HPP_
