// Causes of complaints: the taxonomy, which of them are the vital few, and which are systemic.
#ifndef PATRON_COMPLAINTS_CAUSES_HPP_
#define PATRON_COMPLAINTS_CAUSES_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/sum.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// A code of the first level, and what it is about. Codes of the second level are the caller's: the
// code of the first, a dot, and whatever tells them apart ("delivery.late").
struct Cause {
  std::string_view code, name;
};
inline constexpr std::array<Cause, 12> kCauses = {{
    {"quality", "product quality"},
    {"delivery", "delivery, time"},
    {"specification", "specification, order error"},
    {"packaging", "packaging"},
    {"service", "service level, waiting"},
    {"staff", "staff attitude, competence"},
    {"promise", "broken promise"},
    {"price", "price, billing"},
    {"information", "information, advertising"},
    {"need", "need not met"},
    {"handling", "handling of a complaint itself"},
    {"external", "external, or the customer's own"},
}};

// The code of the first level: what stands before the first dot.
inline std::string_view FirstLevel(std::string_view code) { return code.substr(0, code.find('.')); }

// What causes are ranked by.
enum class CauseWeight { kCases, kSeverity, kCost };

// Causes by falling weight, ties by code.
struct CausePareto {
  std::vector<std::string> cause;
  std::vector<int64_t> cases;
  std::vector<int64_t> severity;  // Sum of the severities; 0 without them.
  std::vector<double> cost;       // Sum of the costs; 0 without them.
  std::vector<double> share;      // Of the weight.
  std::vector<double> cumulative;
  std::vector<uint8_t> vital;  // One of the vital few: the smallest head with the share asked for.
};

struct ParetoOptions {
  CauseWeight by = CauseWeight::kCases;
  int levels = 2;      // 1 puts codes of the second level under those of the first.
  double vital = 0.8;  // Share of the vital few, in (0, 1].
};

// Ranks causes. `severity` (0 or more) and `cost` (0 or more) have one value a case, or are empty.
// Order of the cases does not matter but for the last bit of costs. Errors: InvalidArgument for
// columns of unequal length, an empty code, values that are negative or not finite, and a weight
// that is not there. Cost: O(n log n).
absl::StatusOr<CausePareto> RankCauses(std::span<const std::string_view> causes,
                                       std::span<const int64_t> severity,
                                       std::span<const double> cost,
                                       const ParetoOptions &options = {});

// Stretches of time in which a cause came at least `cases` times within `window`: sign of a fault of
// the system rather than of a day. Ordered by cause, then time.
struct SystemicCauses {
  std::vector<std::string> cause;
  std::vector<int64_t> first;    // The first case that counts towards it.
  std::vector<int64_t> alarm;    // When the limit was reached.
  std::vector<int64_t> last;     // The last case before there were fewer again.
  std::vector<int64_t> cases;    // From first to last.
  std::vector<int64_t> highest;  // Most within one window.
};

// Finds them. A window is half open: two cases exactly `window` apart do not share one. Errors:
// InvalidArgument for columns of unequal length, instants out of range, `cases` below 2 and a window
// that is not positive. Cost: O(n log n).
absl::StatusOr<SystemicCauses> FindSystemicCauses(std::span<const std::string_view> causes,
                                                  std::span<const int64_t> received, int64_t cases,
                                                  int64_t window, int levels = 2);

namespace detail {

// The code of each row at one of the two levels, and the rows in order of code.
struct CauseRows {
  std::vector<std::string_view> code;
  std::vector<size_t> row;
};

inline absl::StatusOr<CauseRows> OrderByCause(std::span<const std::string_view> causes,
                                              int levels) {
  if (levels != 1 && levels != 2) return InvalidOption("levels", absl::StrCat(levels), "1 or 2");
  CauseRows rows;
  rows.code.assign(causes.begin(), causes.end());
  for (size_t i = 0; i < causes.size(); ++i) {
    if (levels == 1) rows.code[i] = FirstLevel(causes[i]);
    if (rows.code[i].empty()) return InvalidRow("cause", i, Quoted(causes[i]), "a code");
  }
  rows.row.resize(causes.size());
  std::iota(rows.row.begin(), rows.row.end(), size_t{0});
  std::ranges::stable_sort(rows.row, {}, [&](size_t i) { return rows.code[i]; });
  return rows;
}

}  // namespace detail

inline absl::StatusOr<CausePareto> RankCauses(std::span<const std::string_view> causes,
                                              std::span<const int64_t> severity,
                                              std::span<const double> cost,
                                              const ParetoOptions &options) {
  const size_t n = causes.size();
  const auto check_rows = [&](std::string_view name, size_t rows, bool wanted) {
    if (rows == n || (rows == 0 && !wanted)) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(rows, " rows"), absl::StrCat(n, " as in cause"));
  };
  PATRON_RETURN_IF_ERROR(
      check_rows("severity", severity.size(), options.by == CauseWeight::kSeverity));
  PATRON_RETURN_IF_ERROR(check_rows("cost", cost.size(), options.by == CauseWeight::kCost));
  if (!(options.vital > 0 && options.vital <= 1)) {
    return InvalidOption("vital", FormatNumber(options.vital), "a share above 0, at most 1");
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("cost", cost));
  for (size_t i = 0; i < cost.size(); ++i) {
    if (cost[i] < 0) return InvalidRow("cost", i, FormatNumber(cost[i]), "0 or more");
  }
  constexpr int64_t kMostWeight = 1'000'000;
  for (size_t i = 0; i < severity.size(); ++i) {
    if (severity[i] >= 0 && severity[i] <= kMostWeight) continue;
    return InvalidRow("severity", i, absl::StrCat(severity[i]), "0 to 1000000");
  }
  PATRON_ASSIGN_OR_RETURN(const auto rows, detail::OrderByCause(causes, options.levels));

  CausePareto all;
  for (size_t from = 0; from < n;) {
    const std::string_view code = rows.code[rows.row[from]];
    size_t to = from;
    int64_t weight = 0;
    Total<double> sum;
    for (; to < n && rows.code[rows.row[to]] == code; ++to) {
      if (!severity.empty()) weight += severity[rows.row[to]];
      if (!cost.empty()) sum.Add(cost[rows.row[to]]);
    }
    all.cause.emplace_back(code);
    all.cases.push_back(static_cast<int64_t>(to - from));
    all.severity.push_back(weight);
    all.cost.push_back(sum.ToDouble());
    from = to;
  }
  const size_t count = all.cause.size();
  const auto weight_of = [&](size_t i) {
    return options.by == CauseWeight::kCost       ? all.cost[i]
           : options.by == CauseWeight::kSeverity ? static_cast<double>(all.severity[i])
                                                  : static_cast<double>(all.cases[i]);
  };
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return weight_of(a) > weight_of(b); });

  Total<double> whole;
  for (size_t i = 0; i < count; ++i) whole.Add(weight_of(i));
  CausePareto ranked;
  Total<double> so_far;
  bool vital = true;
  for (const size_t i : order) {
    const double before = so_far.ToDouble();
    so_far.Add(weight_of(i));
    const double sum = whole.ToDouble();
    // A head that already has its share is as small as it gets; allow for rounding of the shares.
    vital = vital && before < options.vital * sum * (1 - 1e-12);
    ranked.cause.push_back(std::move(all.cause[i]));
    ranked.cases.push_back(all.cases[i]);
    ranked.severity.push_back(all.severity[i]);
    ranked.cost.push_back(all.cost[i]);
    ranked.share.push_back(sum > 0 ? weight_of(i) / sum : 0);
    ranked.cumulative.push_back(sum > 0 ? so_far.ToDouble() / sum : 0);
    ranked.vital.push_back(vital ? 1 : 0);
  }
  return ranked;
}

inline absl::StatusOr<SystemicCauses> FindSystemicCauses(std::span<const std::string_view> causes,
                                                         std::span<const int64_t> received,
                                                         int64_t cases, int64_t window,
                                                         int levels) {
  if (received.size() != causes.size()) {
    return InvalidOption("received", absl::StrCat(received.size(), " rows"),
                         absl::StrCat(causes.size(), " as in cause"));
  }
  if (cases < 2) return InvalidOption("cases", absl::StrCat(cases), "2 or more");
  if (window <= 0) return InvalidOption("window", absl::StrCat(window), "more than 0");
  for (const int64_t instant : received) PATRON_RETURN_IF_ERROR(CheckInstant("received", instant));
  PATRON_ASSIGN_OR_RETURN(auto rows, detail::OrderByCause(causes, levels));
  const auto limit = static_cast<size_t>(cases);

  SystemicCauses found;
  std::vector<int64_t> times;
  for (size_t from = 0; from < causes.size();) {
    const std::string_view code = rows.code[rows.row[from]];
    times.clear();
    size_t to = from;
    for (; to < causes.size() && rows.code[rows.row[to]] == code; ++to) {
      times.push_back(received[rows.row[to]]);
    }
    from = to;
    std::ranges::sort(times);
    // `begin` is the first case that shares a window with case `i`.
    size_t begin = 0, first = 0, highest = 0;
    int64_t alarm = 0;
    bool open = false;
    const auto close = [&](size_t last) {
      if (!open) return;
      open = false;
      found.cause.emplace_back(code);
      found.first.push_back(times[first]);
      found.alarm.push_back(alarm);
      found.last.push_back(times[last]);
      found.cases.push_back(static_cast<int64_t>(last - first + 1));
      found.highest.push_back(static_cast<int64_t>(highest));
    };
    for (size_t i = 0; i < times.size(); ++i) {
      while (times[i] - times[begin] >= window) ++begin;
      const size_t within = i - begin + 1;
      if (within >= limit && !open) {
        open = true;
        first = begin;
        alarm = times[i];
        highest = 0;
      } else if (within < limit) {
        close(i - (i > 0 ? 1 : 0));
      }
      if (open) highest = std::max(highest, within);
    }
    if (!times.empty()) close(times.size() - 1);
  }
  return found;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CAUSES_HPP_
