// Numbers that carry a check digit: resident identity, unified social credit code, legal entity.
#ifndef PATRON_CUSTOMERS_IDENTITY_NUMBER_HPP_
#define PATRON_CUSTOMERS_IDENTITY_NUMBER_HPP_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "patron/customers/characters.hpp"

namespace patron::customers {

enum class IdentityKind {
  kNone = 0,          // No number of these kinds, by its form.
  kResident = 1,      // 18 characters, GB 11643-1999.
  kSocialCredit = 2,  // 18 characters, GB 32100-2015.
  kLegalEntity = 3,   // 20 characters, ISO 17442.
};
inline constexpr std::array<std::string_view, 4> kIdentityKindNames = {"none", "resident",
                                                                       "social_credit", "lei"};

struct IdentityNumber {
  IdentityKind kind = IdentityKind::kNone;
  bool valid = false;  // The check digit, and for a resident the date of birth, are right.
};

// Tells what kind of number `text` is, with full-width forms, spaces and hyphens read as people write
// them, and checks it. The number itself should be kept as a keyed hash alone. Time O(characters).
IdentityNumber ReadIdentityNumber(std::string_view text);

// The number as it is compared: half width, capitals, without spaces and hyphens. Empty if `text` holds
// anything but letters and digits, or more than 20 of them.
std::string IdentityCharacters(std::string_view text);

namespace detail {

inline bool IsResident(std::string_view n) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  constexpr std::string_view kChecks = "10X98765432";
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += (n[i] - '0') * kWeights[i];
  if (kChecks[static_cast<size_t>(sum % 11)] != n[17]) return false;
  const auto number = [&](size_t at, size_t size) {
    int value = 0;
    for (size_t i = at; i < at + size; ++i) value = value * 10 + (n[i] - '0');
    return value;
  };
  const int year = number(6, 4), month = number(10, 2), day = number(12, 2);
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1850 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

inline bool IsSocialCredit(std::string_view n) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  constexpr std::array<int, 17> kWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                            29, 25, 13, 8,  24, 10, 30, 28};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const size_t value = kAlphabet.find(n[i]);
    if (value == std::string_view::npos) return false;
    sum += static_cast<int>(value) * kWeights[i];
  }
  return kAlphabet[static_cast<size_t>((31 - sum % 31) % 31)] == n[17];
}

inline bool IsLegalEntity(std::string_view n) {
  int rest = 0;
  for (const char c : n) {
    const int value = c <= '9' ? c - '0' : c - 'A' + 10;
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest == 1;
}

}  // namespace detail

inline std::string IdentityCharacters(std::string_view text) {
  constexpr size_t kLongest = 20;
  std::string number;
  bool sound = true;
  ForEachCodePoint(text, [&](char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c == ' ' || c == '-' || c == 0x3000) return;
    if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
    sound = sound && ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) && number.size() < kLongest;
    if (sound) number.push_back(static_cast<char>(c));
  });
  return sound ? number : std::string();
}

inline IdentityNumber ReadIdentityNumber(std::string_view text) {
  const std::string number = IdentityCharacters(text);
  const auto digits = [&](size_t count) { return number.find_first_not_of("0123456789") >= count; };
  if (number.size() == 18 && digits(17) && (digits(18) || number[17] == 'X')) {
    // A credit code of digits alone is rare; one that checks as such is one.
    if (detail::IsResident(number)) return {IdentityKind::kResident, true};
    if (detail::IsSocialCredit(number)) return {IdentityKind::kSocialCredit, true};
    return {IdentityKind::kResident, false};
  }
  if (number.size() == 18) return {IdentityKind::kSocialCredit, detail::IsSocialCredit(number)};
  if (number.size() == 20 && number[18] <= '9' && number[19] <= '9') {
    return {IdentityKind::kLegalEntity, detail::IsLegalEntity(number)};
  }
  return {};
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_IDENTITY_NUMBER_HPP_
