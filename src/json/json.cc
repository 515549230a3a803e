#include "json/json.hpp"

#include <charconv>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"

namespace patron::json {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Value> Run() {
    if (!arrow::IsUtf8(text_)) return Error("bytes that are not UTF-8", "UTF-8");
    Value value;
    PATRON_RETURN_IF_ERROR(ReadValue(0, &value));
    SkipSpace();
    if (at_ < text_.size()) return Error(Here(), "the end");
    return value;
  }

 private:
  static constexpr int kMostDepth = 32;
  static constexpr size_t kMostMembers = 100;

  absl::Status Error(std::string_view found, std::string_view expected) const {
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i) {
      column = text_[i] == '\n' ? 1 : column + 1;
      line += text_[i] == '\n' ? 1 : 0;
    }
    return absl::InvalidArgumentError(absl::StrCat("json: line ", line, ", column ", column, ": ",
                                                   Text(found), "; expected ", Text(expected)));
  }
  std::string Here() const {
    return at_ < text_.size() ? Quoted(text_.substr(at_, 1)) : std::string("the end");
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  absl::Status ReadValue(int depth, Value *value) {
    SkipSpace();
    if (depth > kMostDepth) return Error("one more level", absl::StrCat(kMostDepth, " at most"));
    if (Take('{')) return ReadObject(depth, value);
    if (Take('[')) return ReadList(depth, value);
    if (at_ < text_.size() && text_[at_] == '"') {
      value->type = Type::kText;
      return ReadText(&value->text);
    }
    if (TakeWord("null")) return absl::OkStatus();
    for (const bool boolean : {false, true}) {
      if (!TakeWord(boolean ? "true" : "false")) continue;
      value->type = Type::kBool;
      value->boolean = boolean;
      return absl::OkStatus();
    }
    return ReadInteger(value);
  }

  absl::Status ReadObject(int depth, Value *value) {
    value->type = Type::kObject;
    if (Take('}')) return absl::OkStatus();
    do {
      SkipSpace();
      std::string key;
      PATRON_RETURN_IF_ERROR(ReadText(&key));
      for (const auto &[known, ignored] : value->members) {
        if (known == key) return Error(absl::StrCat("a second ", Quoted(key)), "each key once");
      }
      if (value->members.size() == kMostMembers) {
        return Error("one more key", absl::StrCat(kMostMembers, " at most"));
      }
      if (!Take(':')) return Error(Here(), "':'");
      value->members.push_back({std::move(key), Value()});
      PATRON_RETURN_IF_ERROR(ReadValue(depth + 1, &value->members.back().value));
    } while (Take(','));
    return Take('}') ? absl::OkStatus() : Error(Here(), "',' or '}'");
  }

  absl::Status ReadList(int depth, Value *value) {
    value->type = Type::kList;
    if (Take(']')) return absl::OkStatus();
    do {
      value->items.emplace_back();
      PATRON_RETURN_IF_ERROR(ReadValue(depth + 1, &value->items.back()));
    } while (Take(','));
    return Take(']') ? absl::OkStatus() : Error(Here(), "',' or ']'");
  }

  absl::Status ReadInteger(Value *value) {
    size_t end = at_;
    while (end < text_.size() &&
           (text_[end] == '-' || text_[end] == '+' || text_[end] == '.' || text_[end] == 'e' ||
            text_[end] == 'E' || (text_[end] >= '0' && text_[end] <= '9'))) {
      ++end;
    }
    const std::string_view digits = text_.substr(at_, end - at_);
    if (digits.empty()) return Error(Here(), "a value");
    const std::string_view plain = digits.substr(digits[0] == '-' ? 1 : 0);
    const auto [last, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value->integer);
    if (problem != std::errc() || last != digits.data() + digits.size() ||
        (plain.size() > 1 && plain[0] == '0')) {
      return Error(Quoted(digits), "a whole number below 2^63");
    }
    value->type = Type::kInteger;
    at_ = end;
    return absl::OkStatus();
  }

  absl::Status ReadText(std::string *out) {
    if (at_ >= text_.size() || text_[at_] != '"') return Error(Here(), "text in quotes");
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return Error("a control character", "an escape");
      ++at_;
      if (c != '\\') {
        *out += c;
        continue;
      }
      PATRON_RETURN_IF_ERROR(ReadEscape(out));
    }
    if (at_ >= text_.size()) return Error("the end", "a closing quote");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status ReadEscape(std::string *out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (at_ < text_.size() && text_[at_] != 'u') {
      const size_t place = kNames.find(text_[at_]);
      if (place == std::string_view::npos) return Error(Here(), "an escape of JSON");
      *out += kMeant[place];
      ++at_;
      return absl::OkStatus();
    }
    uint32_t code = 0;
    PATRON_RETURN_IF_ERROR(ReadUnit(&code));
    if (code >= 0xD800 && code < 0xDC00) {
      uint32_t low = 0;
      PATRON_RETURN_IF_ERROR(text_.substr(at_, 1) == "\\" ? (++at_, ReadUnit(&low))
                                                          : Error(Here(), "the second surrogate"));
      if (low < 0xDC00 || low > 0xDFFF) return Error("a lone surrogate", "a pair");
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
      return Error("a lone surrogate", "a pair");
    }
    const auto put = [&](uint32_t byte) { *out += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6U);
      put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12U);
      put(0x80 | (code >> 6U & 0x3F));
      put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | code >> 18U);
      put(0x80 | (code >> 12U & 0x3F));
      put(0x80 | (code >> 6U & 0x3F));
      put(0x80 | (code & 0x3F));
    }
    return absl::OkStatus();
  }

  // "uXXXX".
  absl::Status ReadUnit(uint32_t *code) {
    const std::string_view unit = text_.substr(at_, 5);
    if (unit.size() < 5 || unit[0] != 'u') return Error(Here(), "u and four hexadecimal digits");
    const auto [last, problem] = std::from_chars(unit.data() + 1, unit.data() + 5, *code, 16);
    if (problem != std::errc() || last != unit.data() + 5) {
      return Error(Quoted(unit), "u and four hexadecimal digits");
    }
    at_ += 5;
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<Value> Parse(std::string_view text) { return Parser(text).Run(); }

std::string Quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20) {
      absl::StrAppend(&result, "\\u", absl::Hex(byte, absl::kZeroPad4));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

}  // namespace patron::json
