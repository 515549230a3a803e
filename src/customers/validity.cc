#include "customers/validity.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <new>
#include <utility>

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "customers/text_keys.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/identity_number.hpp"
#include "patron/customers/phone.hpp"

namespace patron::customers {
namespace {

bool IsNumber(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && std::isfinite(value);
}

// 2024-02-29, and what may come behind it from a T or a space on.
bool IsDate(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  if (text.size() > 10 && text[10] != 'T' && text[10] != ' ') return false;
  int parts[3] = {};
  const size_t begins[] = {0, 5, 8}, sizes[] = {4, 2, 2};
  for (int i = 0; i < 3; ++i) {
    for (size_t k = begins[i]; k < begins[i] + sizes[i]; ++k) {
      if (text[k] < '0' || text[k] > '9') return false;
      parts[i] = parts[i] * 10 + (text[k] - '0');
    }
  }
  const int year = parts[0], month = parts[1], day = parts[2];
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

bool IsValid(std::string_view text, FieldKind kind, std::string_view region) {
  if (ReadText(text).damaged) return false;
  switch (kind) {
    case FieldKind::kPhone: return ReadPhone(text, region).valid;
    case FieldKind::kEmail: return ReadEmail(text).valid;
    case FieldKind::kIdentity: return ReadIdentityNumber(text).valid;
    case FieldKind::kNumber: return IsNumber(text);
    case FieldKind::kDate: return IsDate(text);
    case FieldKind::kText:
    case FieldKind::kName:
    case FieldKind::kAddress:
    case FieldKind::kJob: break;
  }
  return true;
}

struct TextPattern::State {
  std::unique_ptr<icu::RegexMatcher> matcher;
};

TextPattern::TextPattern(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextPattern::~TextPattern() = default;
TextPattern::TextPattern(TextPattern &&) noexcept = default;
TextPattern &TextPattern::operator=(TextPattern &&) noexcept = default;

absl::StatusOr<TextPattern> TextPattern::Compile(std::string_view expression) {
  constexpr int32_t kSteps = 2000, kStack = 1 << 20;
  const icu::UnicodeString source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(expression.data(), static_cast<int32_t>(expression.size())));
  if (source.isBogus()) throw std::bad_alloc();
  UErrorCode error = U_ZERO_ERROR;
  auto state = std::make_unique<State>();
  state->matcher = std::make_unique<icu::RegexMatcher>(source, 0, error);
  if (error == U_MEMORY_ALLOCATION_ERROR || state->matcher == nullptr) throw std::bad_alloc();
  if (U_FAILURE(error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a regular expression of ICU (", u_errorName(error), ")"));
  }
  state->matcher->setTimeLimit(kSteps, error);
  state->matcher->setStackLimit(kStack, error);
  if (U_FAILURE(error)) throw std::bad_alloc();
  return TextPattern(std::move(state));
}

absl::StatusOr<bool> TextPattern::Matches(std::string_view text) const {
  const icu::UnicodeString value = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  if (value.isBogus()) throw std::bad_alloc();
  UErrorCode error = U_ZERO_ERROR;
  state_->matcher->reset(value);
  const bool matches = state_->matcher->matches(error) != 0;
  if (error == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(error)) {
    return absl::ResourceExhaustedError(absl::StrCat("takes too long (", u_errorName(error), ")"));
  }
  return matches;
}

}  // namespace patron::customers
