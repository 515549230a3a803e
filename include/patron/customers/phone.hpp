// Telephone numbers as E.164: mainland rules in full, those of a few neighbours, others by length.
#ifndef PATRON_CUSTOMERS_PHONE_HPP_
#define PATRON_CUSTOMERS_PHONE_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "patron/customers/characters.hpp"

namespace patron::customers {

enum class PhoneType {
  kUnknown = 0,
  kMobile = 1,
  kFixedLine = 2,
  kFixedLineOrMobile = 3,  // Where the plan does not tell them apart.
  kSharedCost = 4,
  kTollFree = 5,
};
inline constexpr std::array<std::string_view, 6> kPhoneTypeNames = {
    "unknown", "mobile", "fixed_line", "fixed_line_or_mobile", "shared_cost", "toll_free"};

struct Phone {
  std::string e164;       // "+8613800138000"; empty if there is no such number.
  std::string extension;  // Digits, or empty.
  PhoneType type = PhoneType::kUnknown;
  bool valid = false;     // Fits the numbering plan of its country; false where that is not known.
  bool identity = false;  // Can tell people apart: valid, and no number that a service shares
                          // (400, 800, short codes such as 95519).
};

// Reads a number as people write it: any digits of Unicode's full-width forms, spaces, brackets and
// hyphens, +, 00, trunk 0, a leading country code, extensions ("ext. 12", "x12", "#12", "转12",
// "分机12"). `region` is the ISO 3166 code of the country that numbers without a code belong to; empty
// if none is assumed. Plans known: CN, HK, MO, TW, US, CA, GB. Time O(characters), of which at most
// 128 are read.
Phone ReadPhone(std::string_view text, std::string_view region);

// Whether `region` is one whose plan is known, or empty.
bool IsPhoneRegion(std::string_view region);

namespace detail {

struct PhonePlan {
  std::string_view region, code;
  bool trunk_zero;
  PhoneType (*type_of)(std::string_view national);  // kUnknown = not valid.
  size_t least, most;                               // Digits that may be a number of it.
};

inline bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

inline PhoneType TypeInChina(std::string_view n) {
  if (n.size() == 11 && n[0] == '1' && n[1] >= '3' && n[1] <= '9') return PhoneType::kMobile;
  if (n.size() == 10 && StartsWith(n, "400")) return PhoneType::kSharedCost;
  if (n.size() == 10 && StartsWith(n, "800")) return PhoneType::kTollFree;
  // Beijing and the two-digit areas have eight digits, the three-digit ones seven or eight.
  const bool short_area = StartsWith(n, "10") || (n.size() > 1 && n[0] == '2' && n[1] != '6');
  if (short_area && n.size() == 10 && n[2] >= '2') return PhoneType::kFixedLine;
  if (n.size() >= 10 && n.size() <= 11 && n[0] >= '3' && n[0] <= '9' && n[3] >= '2' &&
      !StartsWith(n, "400") && !StartsWith(n, "800")) {
    return PhoneType::kFixedLine;
  }
  return PhoneType::kUnknown;
}

inline PhoneType TypeInHongKong(std::string_view n) {
  if (n.size() != 8) return PhoneType::kUnknown;
  if (n[0] == '2' || n[0] == '3') return PhoneType::kFixedLine;
  if (n[0] == '5' || n[0] == '6' || n[0] == '9') return PhoneType::kMobile;
  return PhoneType::kUnknown;
}

inline PhoneType TypeInMacao(std::string_view n) {
  if (n.size() != 8) return PhoneType::kUnknown;
  if (n[0] == '6') return PhoneType::kMobile;
  return StartsWith(n, "28") || n[0] == '8' ? PhoneType::kFixedLine : PhoneType::kUnknown;
}

inline PhoneType TypeInTaiwan(std::string_view n) {
  if (n.size() == 9 && n[0] == '9') return PhoneType::kMobile;
  if (n.size() == 9 && StartsWith(n, "800")) return PhoneType::kTollFree;
  const bool fixed = n.size() >= 8 && n.size() <= 9 && n[0] >= '2' && n[0] <= '8';
  return fixed ? PhoneType::kFixedLine : PhoneType::kUnknown;
}

inline PhoneType TypeInNorthAmerica(std::string_view n) {
  if (n.size() != 10 || n[0] < '2' || n[3] < '2' || (n[1] == '1' && n[2] == '1') ||
      (n[4] == '1' && n[5] == '1')) {
    return PhoneType::kUnknown;
  }
  for (const std::string_view free : {"800", "833", "844", "855", "866", "877", "888"}) {
    if (StartsWith(n, free)) return PhoneType::kTollFree;
  }
  return StartsWith(n, "900") ? PhoneType::kUnknown : PhoneType::kFixedLineOrMobile;
}

inline PhoneType TypeInBritain(std::string_view n) {
  if (n.size() == 10 && n[0] == '7' && n[1] != '0' && n[1] != '6') return PhoneType::kMobile;
  if (n.size() >= 9 && n.size() <= 10 && (n[0] == '1' || (n[0] == '2' && n.size() == 10))) {
    return PhoneType::kFixedLine;
  }
  if (n.size() == 10 && StartsWith(n, "80")) return PhoneType::kTollFree;
  if (n.size() == 10 && StartsWith(n, "84")) return PhoneType::kSharedCost;
  return PhoneType::kUnknown;
}

inline constexpr std::array<PhonePlan, 7> kPhonePlans = {{
    {"CN", "86", true, TypeInChina, 5, 12},
    {"HK", "852", false, TypeInHongKong, 5, 9},
    {"MO", "853", false, TypeInMacao, 8, 8},
    {"TW", "886", true, TypeInTaiwan, 7, 10},
    {"US", "1", false, TypeInNorthAmerica, 7, 10},
    {"CA", "1", false, TypeInNorthAmerica, 7, 10},
    {"GB", "44", true, TypeInBritain, 7, 10},
}};

struct PhoneParts {
  std::string digits, extension;
  bool plus = false;
  bool sound = true;  // Nothing but digits and what may stand between them.
};

inline PhoneParts SplitPhone(std::string_view text) {
  constexpr size_t kMostRead = 128;
  PhoneParts parts;
  size_t read = 0;
  bool extension = false;
  ForEachCodePoint(text, [&](char32_t c) {
    if (++read > kMostRead) {
      parts.sound = false;
      return;
    }
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c >= '0' && c <= '9') {
      (extension ? parts.extension : parts.digits).push_back(static_cast<char>(c));
    } else if (c == '+' && parts.digits.empty() && !extension) {
      parts.plus = true;
    } else if (c == 'x' || c == 'X' || c == '#' || c == 'e' || c == 'E' || c == U'转' ||
               c == U'轉' || c == U'分' || c == ';' || c == ',') {
      if (parts.digits.empty()) parts.sound = false;
      extension = true;
    } else if (extension && (c == 't' || c == 'T' || c == '=' || c == U'机' || c == U'機' ||
                             c == U'：' || c == ':' || c == '.')) {
      return;
    } else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '.' && c != '/' && c != 0xA0 &&
               c != 0x3000 && (c < 0x2010 || c > 0x2015) && c != 0x200E && c != 0x200F &&
               (c < 0x202A || c > 0x202E)) {
      parts.sound = false;
    }
  });
  return parts;
}

}  // namespace detail

inline bool IsPhoneRegion(std::string_view region) {
  if (region.empty()) return true;
  for (const detail::PhonePlan &plan : detail::kPhonePlans) {
    if (plan.region == region) return true;
  }
  return false;
}

inline Phone ReadPhone(std::string_view text, std::string_view region) {
  detail::PhoneParts parts = detail::SplitPhone(text);
  Phone phone;
  if (!parts.sound || parts.digits.empty()) return phone;
  std::string_view digits = parts.digits;
  bool international = parts.plus;
  if (!international && digits.size() > 8 && detail::StartsWith(digits, "00")) {
    digits.remove_prefix(2);
    international = true;
  }
  const detail::PhonePlan *plan = nullptr;
  if (international) {
    for (const detail::PhonePlan &one : detail::kPhonePlans) {
      if (detail::StartsWith(digits, one.code)) {
        plan = &one;
        digits.remove_prefix(one.code.size());
        break;
      }
    }
    if (plan == nullptr) {
      // A country whose plan is not known: E.164 has at most 15 digits, and none begins with 0.
      if (digits.size() < 7 || digits.size() > 15 || digits[0] == '0') return phone;
      phone.e164.append("+").append(digits);
      phone.extension = std::move(parts.extension);
      return phone;
    }
  } else {
    for (const detail::PhonePlan &one : detail::kPhonePlans) {
      if (one.region == region) plan = &one;
    }
    if (plan == nullptr) return phone;
    // A country code without its +: only where the rest is a number and the whole is none.
    const std::string_view rest = digits.substr(std::min(digits.size(), plan->code.size()));
    if (detail::StartsWith(digits, plan->code) && plan->type_of(digits) == PhoneType::kUnknown &&
        plan->type_of(rest) != PhoneType::kUnknown) {
      digits = rest;
    }
  }
  if (plan->trunk_zero && digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  if (digits.size() < plan->least || digits.size() > plan->most || digits[0] == '0') return phone;
  phone.e164.append("+").append(plan->code).append(digits);
  phone.extension = std::move(parts.extension);
  phone.type = plan->type_of(digits);
  phone.valid = phone.type != PhoneType::kUnknown;
  phone.identity = phone.type == PhoneType::kMobile || phone.type == PhoneType::kFixedLine ||
                   phone.type == PhoneType::kFixedLineOrMobile;
  return phone;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_PHONE_HPP_
