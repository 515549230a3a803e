// Casebooks as handles.
#ifndef PATRON_SRC_C_API_CASEBOOK_HPP_
#define PATRON_SRC_C_API_CASEBOOK_HPP_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "c_api/guard.hpp"
#include "casebook/book.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/c/casebook.h"

struct patron_casebook {
  patron::casebook::Book book;
};

namespace patron::c_api {

// The code of an id, text unless it is null. Errors: InvalidArgument for one of the other kind, or
// text that is not UTF-8; NotFound.
inline absl::StatusOr<uint32_t> CodeOf(const IdIndex &index, std::string_view what, int64_t id,
                                       const char *text) {
  const auto name = [&] {
    return text == nullptr ? FormatId(id) : FormatId(std::string_view(text));
  };
  if (text != nullptr && !arrow::IsUtf8(text)) {
    return InvalidOption(what, "bytes that are not UTF-8", "UTF-8");
  }
  if (index.size() > 0 && index.is_text() != (text != nullptr)) {
    return InvalidOption(what, name(), index.is_text() ? "text" : "an integer");
  }
  const uint32_t code = text == nullptr ? index.Find(id) : index.Find(std::string_view(text));
  if (code != IdIndex::kUnknown) return code;
  return absl::NotFoundError(
      absl::StrCat(Text(what), ": ", name(), "; expected one of the casebook"));
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CASEBOOK_HPP_
