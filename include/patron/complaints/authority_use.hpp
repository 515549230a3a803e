// How much the front line decides by itself, and what faults weigh.
#ifndef PATRON_COMPLAINTS_AUTHORITY_USE_HPP_
#define PATRON_COMPLAINTS_AUTHORITY_USE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/casebook.hpp"

namespace patron::complaints {

// Cases that one role decided.
struct RoleUse {
  std::string role;  // Of the last decision, else of what ended the case; empty for none.
  int64_t closed = 0;
  int64_t alone = 0;  // Without any approval.
  double share = 0;   // alone / closed, with Wilson's interval.
  double lower = 0;
  double upper = 0;
  int64_t granted = 0;  // Compensation.
};

// Empowerment: of the cases that are closed and ended in [from, until), how many needed nobody's
// approval, by role; roles in the order of their names. Errors: InvalidArgument for a level outside
// (0, 1) or `until` before `from`. Cost: O(events).
absl::StatusOr<std::vector<RoleUse>> Empowerment(const Casebook &book, int64_t from, int64_t until,
                                                 double level = 0.95);

// Closed cases with their causes, one an element.
struct FaultCases {
  std::span<const std::string_view> unit;  // To whom the cause is put down.
  std::span<const std::string_view> cause;
  std::span<const uint8_t> upheld;
  std::span<const int64_t> severity;  // 1 to 4.
  std::span<const int64_t> received;
};

// From so many points on; the scale is the house's own.
struct SanctionStep {
  double from = 0;
  std::string_view sanction;
  double amount = 0;
};

struct UnitFaults {
  std::string_view unit;
  int64_t cases = 0;
  int64_t upheld = 0;
  int64_t repeats = 0;  // Of the upheld ones, those with an earlier one of the same unit and cause.
  double points = 0;
  double per_case = 0;
  int64_t step = -1;  // Of the scale; -1: below its first.
};

// Points of an upheld case are its severity times 1 + the upheld ones of the same unit and cause
// received less than `window` before it; a case not upheld has none. By falling points, ties by
// unit.
//
// Errors: InvalidArgument for columns of unequal length, severities outside 1 to 4, units or causes
// that are empty, a window of 0 or less, steps that do not rise or are not finite. Cost: O(n log n).
absl::StatusOr<std::vector<UnitFaults>> CountFaults(const FaultCases &cases, int64_t window,
                                                    std::span<const SanctionStep> scale = {});

inline absl::StatusOr<std::vector<RoleUse>> Empowerment(const Casebook &book, int64_t from,
                                                        int64_t until, double level) {
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  if (until < from) {
    return InvalidOption("until", absl::StrCat(until), absl::StrCat("no time before ", from));
  }
  std::map<std::string, RoleUse> by_role;
  for (const CaseRow &row : book.Cases()) {
    const Policy &policy = book.shelf().policy(row.fields.policy).lifecycle.policy();
    if (policy.states[row.fields.state].kind != StateKind::kClosed) continue;
    if (row.fields.ended < from || row.fields.ended >= until) continue;
    bool approved = false;
    const EventRecord *decision = nullptr, *end = nullptr;
    const auto later = [](const EventRecord &event, const EventRecord *than) {
      return than == nullptr || event.occurred > than->occurred;
    };
    for (uint32_t at = book.newest_event(row.code); at != EventRecord::kNone;
         at = book.event(at).before) {
      const EventRecord &event = book.event(at);
      if (!event.accepted()) continue;
      const EventKind kind = book.shelf().kind(event.type);
      approved = approved || kind == EventKind::kApprove;
      if (kind == EventKind::kCommunicate && later(event, decision)) decision = &event;
      if (event.occurred == row.fields.ended && later(event, end)) end = &event;
    }
    if (decision == nullptr) decision = end;
    std::string role;
    if (decision != nullptr && decision->role != EventRecord::kNoRole) {
      role = book.shelf().roles()[decision->role];
    }
    RoleUse &use = by_role[role];
    use.role = role;
    ++use.closed;
    use.alone += approved ? 0 : 1;
    if (__builtin_add_overflow(use.granted, row.fields.granted, &use.granted)) {
      return absl::OutOfRangeError("granted: more than can be held");
    }
  }
  const double z = NormalQuantile(0.5 + 0.5 * level);
  std::vector<RoleUse> rows;
  for (auto &[role, use] : by_role) {
    const auto closed = static_cast<double>(use.closed);
    const auto alone = static_cast<double>(use.alone);
    const Interval interval = WilsonInterval(alone, closed, z);
    use.share = alone / closed;
    use.lower = interval.lower;
    use.upper = interval.upper;
    rows.push_back(use);
  }
  return rows;
}

namespace detail {

inline absl::Status CheckFaults(const FaultCases &cases, int64_t window,
                                std::span<const SanctionStep> scale) {
  const size_t n = cases.unit.size();
  for (const auto &[name, rows] : {std::pair<std::string_view, size_t>{"cause", cases.cause.size()},
                                   {"upheld", cases.upheld.size()},
                                   {"severity", cases.severity.size()},
                                   {"received", cases.received.size()}}) {
    if (rows == n) continue;
    return InvalidOption(name, absl::StrCat(rows, " rows"), absl::StrCat(n, " as in unit"));
  }
  for (size_t i = 0; i < n; ++i) {
    if (cases.unit[i].empty()) return InvalidRow("unit", i, "empty", "a name");
    if (cases.cause[i].empty()) return InvalidRow("cause", i, "empty", "a code");
    if (cases.severity[i] < 1 || cases.severity[i] > 4) {
      return InvalidRow("severity", i, absl::StrCat(cases.severity[i]), "1 to 4");
    }
  }
  if (window <= 0) return InvalidOption("window", absl::StrCat(window), "more than 0");
  for (size_t i = 0; i < scale.size(); ++i) {
    if (!std::isfinite(scale[i].from) || (i > 0 && scale[i].from <= scale[i - 1].from)) {
      return InvalidRow("from", i, FormatNumber(scale[i].from), "more than in the row before");
    }
    if (!std::isfinite(scale[i].amount)) {
      return InvalidRow("amount", i, FormatNumber(scale[i].amount), "a finite number");
    }
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<std::vector<UnitFaults>> CountFaults(const FaultCases &cases, int64_t window,
                                                           std::span<const SanctionStep> scale) {
  PATRON_RETURN_IF_ERROR(detail::CheckFaults(cases, window, scale));
  std::vector<size_t> order(cases.unit.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    if (cases.unit[a] != cases.unit[b]) return cases.unit[a] < cases.unit[b];
    if (cases.cause[a] != cases.cause[b]) return cases.cause[a] < cases.cause[b];
    return cases.received[a] < cases.received[b];
  });
  std::vector<UnitFaults> units;
  std::vector<int64_t> earlier;  // Upheld ones of the same unit and cause, in order of time.
  for (size_t k = 0; k < order.size(); ++k) {
    const size_t i = order[k];
    const bool same_unit = k > 0 && cases.unit[order[k - 1]] == cases.unit[i];
    if (!same_unit) units.push_back({cases.unit[i]});
    if (!same_unit || cases.cause[order[k - 1]] != cases.cause[i]) earlier.clear();
    UnitFaults &unit = units.back();
    ++unit.cases;
    if (cases.upheld[i] == 0) continue;
    const int64_t at = cases.received[i];
    const auto end = std::ranges::lower_bound(earlier, at);
    const auto begin = std::partition_point(
        earlier.begin(), end, [&](int64_t one) { return static_cast<Int128>(at) - one >= window; });
    const auto before = end - begin;
    ++unit.upheld;
    unit.repeats += before > 0 ? 1 : 0;
    unit.points += static_cast<double>(cases.severity[i]) * static_cast<double>(1 + before);
    earlier.push_back(at);
  }
  for (UnitFaults &unit : units) {
    unit.per_case = unit.points / static_cast<double>(unit.cases);
    for (size_t step = 0; step < scale.size(); ++step) {
      if (unit.points >= scale[step].from) unit.step = static_cast<int64_t>(step);
    }
  }
  std::ranges::stable_sort(units, [](const UnitFaults &a, const UnitFaults &b) {
    return a.points != b.points ? a.points > b.points : a.unit < b.unit;
  });
  return units;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_AUTHORITY_USE_HPP_
