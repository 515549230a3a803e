#include "xes/plain_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "arrow/text.hpp"

namespace patron::xes {
namespace {

// What a byte may be.
constexpr uint8_t kSpace = 1, kNameStart = 2, kName = 4;
constexpr uint8_t kVerbatim = 8;  // In a value, it stands for itself.

constexpr std::array<uint8_t, 256> kBytes = [] {
  std::array<uint8_t, 256> bytes{};
  for (size_t c = 0x20; c < 0x80; ++c) bytes[c] = kVerbatim;
  for (const char c : {'"', '\'', '&', '<'}) bytes[static_cast<size_t>(c)] = 0;
  for (const char c : {' ', '\t', '\n', '\r'}) bytes[static_cast<size_t>(c)] |= kSpace;
  for (size_t c = 'a'; c <= 'z'; ++c) {
    bytes[c] |= kNameStart | kName;
    bytes[c - 'a' + 'A'] |= kNameStart | kName;
  }
  for (const char c : {'_', ':'}) bytes[static_cast<size_t>(c)] |= kNameStart | kName;
  for (const char c : {'-', '.'}) bytes[static_cast<size_t>(c)] |= kName;
  for (size_t c = '0'; c <= '9'; ++c) bytes[c] |= kName;
  return bytes;
}();

bool Is(char c, uint8_t what) { return (kBytes[static_cast<unsigned char>(c)] & what) != 0; }

const char *Skip(const char *at, const char *end, uint8_t what) {
  while (at != end && Is(*at, what)) ++at;
  return at;
}

// The name at `at`, which moves past it. Empty if there is none.
std::string_view Name(const char *&at, const char *end) {
  const char *const begin = at;
  if (at != end && Is(*at, kNameStart)) at = Skip(at + 1, end, kName);
  return {begin, static_cast<size_t>(at - begin)};
}

// Whether XML may hold these bytes, in UTF-8.
bool IsXml(std::string_view text) {
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && !Is(c, kSpace);
  };
  return std::ranges::none_of(text, control) && arrow::IsUtf8(text) &&
         text.find("\xEF\xBF\xBE") == text.npos && text.find("\xEF\xBF\xBF") == text.npos;
}

// Removes `prefix` from `text`, if it begins with it.
bool Eat(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Removes a reference without its '&' from `text`. 0 unless it is one to an ASCII character.
char EatReference(std::string_view &text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};
  for (const auto &[name, c] : kEntities) {
    if (Eat(text, name)) return c;
  }
  if (!Eat(text, "#")) return 0;
  const int base = Eat(text, "x") ? 16 : 10;
  int code = 0;
  for (; !text.empty() && text.front() != ';'; text.remove_prefix(1)) {
    const char c = text.front();
    const char small = static_cast<char>(c | 0x20);
    const int digit = c >= '0' && c <= '9'           ? c - '0'
                      : small >= 'a' && small <= 'f' ? small - 'a' + 10
                                                     : base;
    if (digit >= base) return 0;
    code = code * base + digit;
    if (code >= 0x80) return 0;
  }
  const auto c = static_cast<char>(code);
  return Eat(text, ";") && (code >= 0x20 || Is(c, kSpace)) ? c : '\0';
}

// The value that `raw` stands for, in `value`: `raw` itself or `decoded`. False if it is not plain.
bool Decode(std::string_view raw, std::string &decoded, std::string_view &value) {
  if (raw.find('<') != raw.npos || !IsXml(raw)) return false;
  value = raw;
  if (raw.find_first_of("&\t\n\r") == raw.npos) return true;
  decoded.clear();
  while (!raw.empty()) {
    char c = raw.front();
    raw.remove_prefix(1);
    if (c == '&') {
      c = EatReference(raw);
      if (c == 0) return false;
    } else if (Is(c, kSpace)) {
      if (c == '\r') Eat(raw, "\n");
      c = ' ';
    }
    decoded.push_back(c);
  }
  value = decoded;
  return true;
}

// Of an XML declaration, what stands between "<?xml" and "?>".
bool IsPlainDeclaration(std::string_view text) {
  const auto eat = [&text](std::string_view name, auto... values) {
    std::string_view rest = text;
    const size_t space = std::min(rest.find_first_not_of(" \t\n\r"), rest.size());
    rest.remove_prefix(space);
    if (space == 0 || !Eat(rest, name) || !Eat(rest, "=") || rest.empty()) return false;
    const std::string_view quote = rest.substr(0, 1);
    if (quote != "\"" && quote != "'") return false;
    rest.remove_prefix(1);
    if (!(Eat(rest, values) || ...) || !Eat(rest, quote)) return false;
    text = rest;
    return true;
  };
  if (!eat("version", "1.0")) return false;
  eat("encoding", "UTF-8", "utf-8");
  eat("standalone", "yes", "no");
  return text.find_first_not_of(" \t\n\r") == text.npos;
}

absl::Status NotPlain() { return absl::Status(absl::StatusCode::kUnimplemented, ""); }

}  // namespace

absl::Status PlainParser::Feed(std::string_view text, bool last) {
  const bool kept = !rest_.empty();
  if (kept) {
    rest_.append(text);
    text = rest_;
  }
  const char *at = text.data();
  const char *const end = at + text.size();
  Step step = Step::kDone;
  if (!begun_) {
    step = Prolog(at, end);
    begun_ = step == Step::kDone;
  }
  while (step == Step::kDone) {
    at = Skip(at, end, kSpace);
    if (at == end) break;
    const char *next = at;
    step = Markup(next, end);
    if (step == Step::kDone) at = next;
  }
  const auto used = static_cast<size_t>(at - text.data());
  if (step == Step::kNotPlain || text.size() - used > kMostMarkup) return NotPlain();
  if (last && (used < text.size() || depth_ > 0 || !rooted_)) return NotPlain();
  if (kept) {
    rest_.erase(0, used);
  } else {
    rest_.assign(text.substr(used));
  }
  return absl::OkStatus();
}

// A byte order mark and an XML declaration, if there are any.
PlainParser::Step PlainParser::Prolog(const char *&at, const char *end) {
  constexpr size_t kLongest = 128;
  std::string_view text(at, static_cast<size_t>(end - at));
  if (text.size() < 16) return Step::kMore;
  Eat(text, "\xEF\xBB\xBF");
  if (Eat(text, "<?xml")) {
    const size_t size = text.substr(0, kLongest).find("?>");
    if (size == text.npos) return text.size() < kLongest ? Step::kMore : Step::kNotPlain;
    if (!IsPlainDeclaration(text.substr(0, size))) return Step::kNotPlain;
    text.remove_prefix(size + 2);
  }
  at = text.data();
  return Step::kDone;
}

PlainParser::Step PlainParser::Markup(const char *&at, const char *end) {
  if (*at != '<') return Step::kNotPlain;
  if (end - at < 4) return Step::kMore;  // None is shorter but in a text that goes on.
  ++at;
  if (*at == '/') return EndTag(++at, end);
  if (*at != '!') return StartTag(at, end);
  std::string_view text(at, static_cast<size_t>(end - at));
  if (!Eat(text, "!--")) return Step::kNotPlain;
  const size_t size = text.find("--");
  if (size == text.npos || size + 2 == text.size()) return Step::kMore;
  if (text[size + 2] != '>' || !IsXml(text.substr(0, size))) return Step::kNotPlain;
  at = text.data() + size + 3;
  return Step::kDone;
}

PlainParser::Step PlainParser::StartTag(const char *&at, const char *end) {
  const std::string_view name = Name(at, end);
  if (name.empty()) return Step::kNotPlain;
  for (size_t count = 0;; ++count) {
    const char *const before = at;
    at = Skip(at, end, kSpace);
    if (end - at < 2) return Step::kMore;
    if (*at == '>') {
      ++at;
      return Open(name, count);
    }
    if (*at == '/') {
      if (at[1] != '>') return Step::kNotPlain;
      at += 2;
      const Step step = Open(name, count);
      if (step != Step::kDone) return step;
      --depth_;
      return builder_.End().ok() ? Step::kDone : Step::kNotPlain;
    }
    if (at == before || count == kMostAttributes) return Step::kNotPlain;
    XmlAttribute &attribute = attributes_[count];
    attribute.name = Name(at, end);
    if (end - at < 2) return Step::kMore;
    const char quote = at[1];
    if (attribute.name.empty() || *at != '=' || (quote != '"' && quote != '\'')) {
      return Step::kNotPlain;
    }
    at += 2;
    if (const Step step = Value(at, end, quote, count); step != Step::kDone) return step;
    const auto same = [&](const XmlAttribute &other) { return other.name == attribute.name; };
    if (std::ranges::any_of(std::span(attributes_).first(count), same)) return Step::kNotPlain;
  }
}

PlainParser::Step PlainParser::Value(const char *&at, const char *end, char quote,
                                     size_t attribute) {
  const char *const begin = at;
  std::string_view &value = attributes_[attribute].value;
  at = Skip(at, end, kVerbatim);
  if (at == end) return Step::kMore;
  if (*at == quote) {
    value = {begin, static_cast<size_t>(at - begin)};
  } else {
    at = static_cast<const char *>(std::memchr(at, quote, static_cast<size_t>(end - at)));
    if (at == nullptr) return Step::kMore;
    const std::string_view raw(begin, static_cast<size_t>(at - begin));
    if (!Decode(raw, decoded_[attribute], value)) return Step::kNotPlain;
  }
  ++at;
  return Step::kDone;
}

PlainParser::Step PlainParser::Open(std::string_view name, size_t attributes) {
  if (depth_ == 0 && std::exchange(rooted_, true)) return Step::kNotPlain;
  if (depth_ == open_.size()) open_.emplace_back();
  open_[depth_++].assign(name);
  const auto given = std::span(attributes_).first(attributes);
  return builder_.Start(name, given).ok() ? Step::kDone : Step::kNotPlain;
}

PlainParser::Step PlainParser::EndTag(const char *&at, const char *end) {
  const std::string_view name = Name(at, end);
  at = Skip(at, end, kSpace);
  if (at == end) return Step::kMore;
  if (*at != '>' || depth_ == 0 || name != open_[depth_ - 1]) return Step::kNotPlain;
  ++at;
  --depth_;
  return builder_.End().ok() ? Step::kDone : Step::kNotPlain;
}

}  // namespace patron::xes
