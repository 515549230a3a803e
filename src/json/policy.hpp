// Policies of complaints as JSON, and back.
#ifndef PATRON_SRC_JSON_POLICY_HPP_
#define PATRON_SRC_JSON_POLICY_HPP_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "patron/complaints/policy.hpp"

namespace patron::json {

// One object with the fields of complaints::Policy and of its rules, spelled as there; kinds, moves,
// guards and rules by name; a limit of money that is none is null. Equal policies give equal text.
std::string FromPolicy(const complaints::Policy &policy);

// Fields that are left out have the defaults of complaints::Policy. Errors: InvalidArgument naming
// the field, such as "clocks[2].limit.kind", for what is unknown or of another type.
absl::StatusOr<complaints::Policy> ToPolicy(std::string_view text);

}  // namespace patron::json

#endif  // PATRON_SRC_JSON_POLICY_HPP_
