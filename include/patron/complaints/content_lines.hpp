// Content lines of iCalendar text (RFC 5545, 3.1): unfolded, split in name, parameters and value.
#ifndef PATRON_COMPLAINTS_CONTENT_LINES_HPP_
#define PATRON_COMPLAINTS_CONTENT_LINES_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/calendar.hpp"

namespace patron::complaints::detail {

// "line 7: DTSTART: x; expected y".
inline absl::Status LineError(size_t line, std::string_view name, std::string_view value,
                              std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", Text(name), ": ", Text(value),
                                                 "; expected ", Text(expected)));
}

struct ContentLine {
  size_t number;     // Of its first physical line, from 1.
  std::string name;  // In capitals. Parameters are checked for form and left out.
  std::string value;

  absl::Status Error(std::string_view what, std::string_view expected) const {
    return LineError(number, name, what, expected);
  }
};

// Reads one content line after the other. Line ends are CR LF, or LF alone.
class ContentLines {
 public:
  explicit ContentLines(std::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }

  // Nothing at the end of the text. Errors: InvalidArgument naming the line, for control
  // characters, text that is not UTF-8, and lines without a name or a value.
  absl::StatusOr<std::optional<ContentLine>> Next();

 private:
  std::string_view Physical();

  std::string_view text_;
  size_t line_ = 0;  // Physical lines read.
};

inline std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char &c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// Of well-formed UTF-8 without control characters other than the tab.
inline bool IsPlainText(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return false;
      ++i;
      continue;
    }
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    if (byte < 0xC2 || byte > 0xF4 || length > text.size() - i) return false;
    uint32_t code = byte & (0x7FU >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3F);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

inline std::string_view ContentLines::Physical() {
  const size_t end = text_.find('\n');
  std::string_view line = text_.substr(0, end);
  text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
  ++line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

inline absl::StatusOr<std::optional<ContentLine>> ContentLines::Next() {
  std::string whole;
  while (whole.empty()) {
    if (text_.empty()) return std::nullopt;
    whole = Physical();
  }
  const size_t number = line_;
  while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t')) {
    text_.remove_prefix(1);
    whole += Physical();
  }
  if (!IsPlainText(whole)) {
    return LineError(number, "text", Quoted(whole), "UTF-8 without control characters");
  }
  size_t i = 0;
  const auto in_name = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  while (i < whole.size() && in_name(whole[i])) ++i;
  const size_t name_end = i;
  // The value begins after the first colon outside of quotes.
  bool quoted = false;
  while (i < whole.size() && (quoted || whole[i] != ':')) quoted ^= whole[i++] == '"';
  const bool named =
      name_end > 0 && name_end < whole.size() && (whole[name_end] == ':' || whole[name_end] == ';');
  if (!named || i == whole.size()) {
    return LineError(number, "text", Quoted(whole), "a name, a colon and a value");
  }
  return ContentLine{number, UpperCase(std::string_view(whole).substr(0, name_end)),
                     whole.substr(i + 1)};
}

// Parts of a list between commas.
inline std::vector<std::string_view> SplitList(std::string_view value, char separator = ',') {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = value.find(separator);
    parts.push_back(value.substr(0, end));
    if (end == std::string_view::npos) return parts;
    value.remove_prefix(end + 1);
  }
}

// Decimal digits, at most nine of them, or -1.
inline int64_t ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > 9) return -1;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

// Of a date with a time, "20241225T090000".
inline bool IsTimed(std::string_view value) {
  return value.size() > 8 && (value[8] == 'T' || value[8] == 't');
}

// The day of "20241225".
inline absl::StatusOr<int64_t> ParseBasicDate(const ContentLine &line, std::string_view text) {
  if (text.size() == 8 && ParseNumber(text) >= 0) {
    auto day = ParseDay(absl::StrCat(Text(text.substr(0, 4)), "-", Text(text.substr(4, 2)), "-",
                                     Text(text.substr(6))));
    if (day.ok()) return day;
  }
  return line.Error(Quoted(text), "a date such as 20241225");
}

// The text of a TEXT value: backslashes taken out.
inline std::string Unescaped(std::string_view value) {
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      c = value[++i];
      if (c == 'n' || c == 'N') c = '\n';
    }
    text.push_back(c);
  }
  return text;
}

}  // namespace patron::complaints::detail

#endif  // PATRON_COMPLAINTS_CONTENT_LINES_HPP_
