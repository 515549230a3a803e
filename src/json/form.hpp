// Forms as JSON, and back.
#ifndef PATRON_SRC_JSON_FORM_HPP_
#define PATRON_SRC_JSON_FORM_HPP_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "patron/complaints/form.hpp"

namespace patron::json {

// One object with the fields of complaints::Form. Equal forms give equal text.
std::string FromForm(const complaints::Form &form);

// Fields that are left out have the defaults of complaints::Form. Errors: InvalidArgument naming
// line and column, the field, or what contradicts itself.
absl::StatusOr<complaints::Form> ToForm(std::string_view text);

}  // namespace patron::json

#endif  // PATRON_SRC_JSON_FORM_HPP_
