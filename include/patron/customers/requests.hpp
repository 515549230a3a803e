// What people ask for about their data, by when it must be done, and what must go.
#ifndef PATRON_CUSTOMERS_REQUESTS_HPP_
#define PATRON_CUSTOMERS_REQUESTS_HPP_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "patron/base/time.hpp"

namespace patron::customers {

inline constexpr std::array<std::string_view, 5> kRequestKinds = {"access", "correction", "erasure",
                                                                  "portability", "objection"};

enum class RequestState { kOpen = 0, kExtended = 1, kAnswered = 2, kRefused = 3 };
inline constexpr std::array<std::string_view, 4> kRequestStates = {"open", "extended", "answered",
                                                                   "refused"};

// How long there is to answer: so many months, days or working days, of which one is above zero, and by
// how many months that may be extended.
struct RequestRule {
  int32_t months = 0, days = 0, working_days = 0, extension_months = 0;
};

// The same day of the month so many months later, or its last day if there is none (Regulation (EEC,
// Euratom) No 1182/71, article 3).
inline int64_t MonthsAfter(int64_t day, int32_t months) {
  const CivilDate date = DateOfDay(day);
  const int64_t count = date.year * 12 + (date.month - 1) + months;
  const int64_t year = count >= 0 ? count / 12 : (count - 11) / 12;
  const auto month = static_cast<int>(count - year * 12) + 1;
  const int64_t next = month == 12 ? DayOfDate(year + 1, 1, 1) : DayOfDate(year, month + 1, 1);
  return std::min(DayOfDate(year, month, 1) + date.day - 1, next - 1);
}

// The `count`-th day from Monday to Friday after `day`.
inline int64_t WeekdaysAfter(int64_t day, int32_t count) {
  while (count > 0) {
    ++day;
    const int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday.
    if (weekday < 5) --count;
  }
  return day;
}

enum class RetentionReason {
  kPeriodOver = 0,      // Kept for as long as the purpose says.
  kConsentEnded = 1,    // Withdrawn or refused, and there is no other basis.
  kUnknownPurpose = 2,  // Kept for no purpose that is known.
  kLegalHold = 3,       // It should go, but a hold keeps it.
  kWithinPeriod = 4,
  kNoPeriod = 5,  // The purpose does not say how long.
};
inline constexpr std::array<std::string_view, 6> kRetentionReasons = {
    "period_over", "consent_ended", "unknown_purpose", "legal_hold", "within_period", "no_period"};

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_REQUESTS_HPP_
