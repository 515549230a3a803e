// Columns of ids: integers or text behind one view, borrowed or owned.
#ifndef PATRON_BASE_COLUMN_HPP_
#define PATRON_BASE_COLUMN_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron {

// A borrowed column of ids, either int64 or UTF-8 text. Empty and integer by default.
class IdSpan {
 public:
  IdSpan() = default;
  IdSpan(std::span<const int64_t> integers) : integers_(integers) {}               // NOLINT
  IdSpan(std::span<const std::string_view> text) : text_(text), is_text_(true) {}  // NOLINT

  bool is_text() const { return is_text_; }
  size_t size() const { return is_text_ ? text_.size() : integers_.size(); }
  bool empty() const { return size() == 0; }

  // The ids; empty if they are of the other kind.
  std::span<const int64_t> integers() const { return integers_; }
  std::span<const std::string_view> text() const { return text_; }

  IdSpan subspan(size_t begin, size_t count) const {
    return is_text_ ? IdSpan(text_.subspan(begin, count)) : IdSpan(integers_.subspan(begin, count));
  }

 private:
  std::span<const int64_t> integers_;
  std::span<const std::string_view> text_;
  bool is_text_ = false;
};

// A list of ids, integers or text; the vector of the other kind is empty. Text is borrowed.
struct IdList {
  bool is_text = false;
  std::vector<int64_t> integers;
  std::vector<std::string_view> text;

  size_t size() const { return is_text ? text.size() : integers.size(); }
  IdSpan span() const {
    return is_text ? IdSpan(std::span<const std::string_view>(text))
                   : IdSpan(std::span<const int64_t>(integers));
  }
  friend bool operator==(const IdList &, const IdList &) = default;
};

// An id as messages show it.
inline std::string FormatId(int64_t id) { return absl::StrCat(id); }
inline std::string FormatId(std::string_view id) { return Quoted(id); }
inline std::string FormatId(const IdSpan &ids, size_t row) {
  return ids.is_text() ? FormatId(ids.text()[row]) : FormatId(ids.integers()[row]);
}

}  // namespace patron

#endif  // PATRON_BASE_COLUMN_HPP_
