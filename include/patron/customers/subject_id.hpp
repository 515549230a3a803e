// Who is meant: an integer or a text.
#ifndef PATRON_CUSTOMERS_SUBJECT_ID_HPP_
#define PATRON_CUSTOMERS_SUBJECT_ID_HPP_

#include <cstdint>
#include <string>
#include <string_view>

#include "patron/base/status.hpp"

namespace patron::customers {

// An integer or a text, borrowed.
struct SubjectId {
  bool is_text = false;
  int64_t integer = 0;
  std::string_view text;

  SubjectId() = default;
  explicit SubjectId(int64_t id) : integer(id) {}
  explicit SubjectId(std::string_view id) : is_text(true), text(id) {}
  friend bool operator==(const SubjectId &, const SubjectId &) = default;
};

// As messages show it.
inline std::string FormatSubject(const SubjectId &id) {
  return id.is_text ? Quoted(id.text) : std::to_string(id.integer);
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_SUBJECT_ID_HPP_
