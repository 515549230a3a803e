// Models of lifetime value as messages, and back.
#ifndef PATRON_PROTO_CLV_HPP_
#define PATRON_PROTO_CLV_HPP_

#include "absl/status/statusor.h"
#include "c_api/clv_model.hpp"
#include "patron/v1/clv.pb.h"

namespace patron::proto {

v1::ClvModel ToMessage(const c_api::ClvModel &model);

// Errors: DataLoss for a message that ToMessage does not make of a sound model.
absl::StatusOr<c_api::ClvModel> FromMessage(const v1::ClvModel &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_CLV_HPP_
