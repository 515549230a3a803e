// The offsets of a zone over all time: the listed changes, and the cycle that later ones follow.
#ifndef PATRON_COMPLAINTS_ZONE_CHANGES_HPP_
#define PATRON_COMPLAINTS_ZONE_CHANGES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::complaints::detail {

// The Gregorian calendar repeats, weekdays included, after 400 years.
inline constexpr int64_t kSecondsPerCycle = 146'097 * kSecondsPerDay;

// From second `begin` on, clocks are `offset` seconds ahead of UTC.
struct ZoneChange {
  int64_t begin;
  int64_t offset;
};

struct ZoneChanges {
  std::vector<ZoneChange> changes;  // In order of time; the first begins with time itself.

  // Whether clocks change for ever: every change after `cycle_begin` comes again 400 years later.
  bool cyclic = false;
  int64_t cycle_begin = 0;

  // Lists the changes up to `second`. For cyclic zones.
  void ExtendTo(int64_t second);
};

// Reads the changes of `zone`. Errors: InvalidArgument for a zone that is unknown.
absl::StatusOr<ZoneChanges> ReadZoneChanges(std::string_view zone);

inline void ZoneChanges::ExtendTo(int64_t second) {
  auto from =
      static_cast<size_t>(std::ranges::upper_bound(changes, changes.back().begin - kSecondsPerCycle,
                                                   {}, &ZoneChange::begin) -
                          changes.begin());
  for (; changes.back().begin < second; ++from) {
    changes.push_back({changes[from].begin + kSecondsPerCycle, changes[from].offset});
  }
}

inline absl::StatusOr<ZoneChanges> ReadZoneChanges(std::string_view zone) {
  PATRON_ASSIGN_OR_RETURN(const absl::TimeZone loaded, LoadZone(zone));
  ZoneChanges result;
  int64_t offset = loaded.At(absl::FromUnixSeconds(-62'135'596'800)).offset;  // Year 1.
  result.changes = {{std::numeric_limits<int64_t>::min(), offset}};
  absl::TimeZone::CivilTransition change;
  absl::Time time = absl::InfinitePast();
  while (loaded.NextTransition(time, &change)) {
    const int64_t begin = change.from - absl::CivilSecond() - offset;
    time = absl::FromUnixSeconds(begin);
    const int64_t next = change.to - absl::CivilSecond() - begin;
    if (next != offset) result.changes.push_back({begin, next});
    offset = next;
  }
  const ZoneChange last = result.changes.back();
  if (result.changes.size() == 1) return result;
  const auto before = std::ranges::lower_bound(result.changes, last.begin - kSecondsPerCycle, {},
                                               &ZoneChange::begin);
  result.cyclic = before->begin == last.begin - kSecondsPerCycle && before->offset == last.offset;
  result.cycle_begin = before->begin;
  return result;
}

}  // namespace patron::complaints::detail

#endif  // PATRON_COMPLAINTS_ZONE_CHANGES_HPP_
