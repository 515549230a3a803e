// Pauses of a clock: half-open spans of instants, and the union of many.
#ifndef PATRON_COMPLAINTS_PAUSES_HPP_
#define PATRON_COMPLAINTS_PAUSES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::complaints {

// No such instant: a due instant that never comes, the end of a pause that still lasts.
inline constexpr int64_t kNever = kNoTime;

// Instants are microseconds UTC no farther than this from 1970-01-01, some 142,000 years.
inline constexpr int64_t kFarthest = 4'500'000'000'000'000'000;

// A clock stands still from `begin` up to, not including, `end`.
struct Pause {
  int64_t begin;
  int64_t end = kNever;  // kNever: still paused.

  friend bool operator==(const Pause &, const Pause &) = default;
};

// Errors: InvalidArgument naming the argument if `instant` is farther than kFarthest.
absl::Status CheckInstant(std::string_view name, int64_t instant);

// Errors: InvalidArgument naming the first pause that ends before it begins or is too far away.
absl::Status CheckPauses(std::span<const Pause> pauses);

// The union of `pauses`, which may overlap and stand in any order: in order of time, none empty,
// none touching, the last with end kNever if one of them has. Returns `pauses` itself if it is that
// already, else `scratch`. For pauses that were checked. Cost: O(n log n).
std::span<const Pause> UnionOf(std::span<const Pause> pauses, std::vector<Pause> &scratch);

inline absl::Status CheckInstant(std::string_view name, int64_t instant) {
  if (instant >= -kFarthest && instant <= kFarthest) return absl::OkStatus();
  return InvalidOption(name, instant == kNever ? "no instant" : absl::StrCat(instant),
                       "microseconds within 142,000 years of 1970");
}

inline absl::Status CheckPauses(std::span<const Pause> pauses) {
  for (size_t i = 0; i < pauses.size(); ++i) {
    const auto [begin, end] = pauses[i];
    if (begin < -kFarthest || begin > kFarthest ||
        (end != kNever && (end < -kFarthest || end > kFarthest))) {
      return InvalidRow("pauses", i, absl::StrCat(begin, " to ", end),
                        "microseconds within 142,000 years of 1970");
    }
    if (end != kNever && end < begin) {
      return InvalidRow("pauses", i, absl::StrCat(FormatTime(begin), " to ", FormatTime(end)),
                        "an end that is not before the begin");
    }
  }
  return absl::OkStatus();
}

inline std::span<const Pause> UnionOf(std::span<const Pause> pauses, std::vector<Pause> &scratch) {
  const auto is_union = [&] {
    for (size_t i = 0; i < pauses.size(); ++i) {
      if (pauses[i].begin == pauses[i].end) return false;
      if (i == 0) continue;
      if (pauses[i - 1].end == kNever || pauses[i - 1].end >= pauses[i].begin) return false;
    }
    return true;
  };
  if (is_union()) return pauses;
  scratch.assign(pauses.begin(), pauses.end());
  std::ranges::sort(scratch, {}, &Pause::begin);
  size_t kept = 0;
  for (const Pause &pause : scratch) {
    if (pause.begin == pause.end) continue;
    Pause *last = kept > 0 ? &scratch[kept - 1] : nullptr;
    if (last != nullptr && last->end == kNever) break;
    if (last != nullptr && pause.begin <= last->end) {
      last->end = pause.end == kNever ? kNever : std::max(last->end, pause.end);
    } else {
      scratch[kept++] = pause;
    }
  }
  scratch.resize(kept);
  return scratch;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_PAUSES_HPP_
