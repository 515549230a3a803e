// Work lists of retention: the loyal, those about to leave, those of high value, the dissatisfied.
#ifndef PATRON_LOYALTY_WORK_LISTS_HPP_
#define PATRON_LOYALTY_WORK_LISTS_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

enum class WorkList : uint8_t { kLoyal, kAboutToLeave, kHighValue, kDissatisfied };
inline constexpr std::array<std::string_view, 4> kWorkLists = {"loyal", "about_to_leave",
                                                               "high_value", "dissatisfied"};

// Bounds of the lists; conventions of ours. A customer is on the lists whose bound it reaches, on all
// at once if need be; a measure that is NaN is unknown and puts nobody on a list.
struct WorkListOptions {
  double loyalty = 0.6;       // The loyal: at least this.
  double risk = 0.5;          // About to leave: at least this.
  double value_share = 0.2;   // High value: so large a share of those whose value is known.
  double satisfaction = 0.4;  // The dissatisfied: at most this.
};

struct WorkItem {
  WorkList list = WorkList::kLoyal;
  uint32_t rank = 0;  // From 1 on each list: the most loyal, risky, valuable, dissatisfied first.
  uint32_t customer = 0;  // Row.
  double measure = 0;     // Why it is there,
  double bound = 0;       // and what it has reached.
  uint32_t lists = 0;     // Bit i for each list i that the customer is on.
};

struct WorkLists {
  std::vector<WorkItem> items;  // By list, then rank; equal measures in the order of rows.
  // Customers on both of two lists, and on the diagonal on one.
  std::array<std::array<uint64_t, 4>, 4> overlap{};
};

// The spans have one element a customer, or are empty: that list then is.
// Errors: InvalidArgument for lengths that differ, infinite measures, or a share outside (0, 1].
// Cost: a sort.
absl::StatusOr<WorkLists> MakeWorkLists(std::span<const double> loyalty,
                                        std::span<const double> risk, std::span<const double> value,
                                        std::span<const double> satisfaction,
                                        const WorkListOptions &options = {});

inline absl::StatusOr<WorkLists> MakeWorkLists(std::span<const double> loyalty,
                                               std::span<const double> risk,
                                               std::span<const double> value,
                                               std::span<const double> satisfaction,
                                               const WorkListOptions &options) {
  const std::array<std::span<const double>, 4> measures = {loyalty, risk, value, satisfaction};
  constexpr std::array<std::string_view, 4> kColumns = {"loyalty", "risk", "value", "satisfaction"};
  size_t n = 0;
  for (const auto &column : measures) n = std::max(n, column.size());
  if (!(options.value_share > 0 && options.value_share <= 1)) {
    return InvalidOption("value_share", FormatNumber(options.value_share), "above 0, up to 1");
  }
  for (size_t l = 0; l < 4; ++l) {
    if (!measures[l].empty() && measures[l].size() != n) {
      return absl::InvalidArgumentError(absl::StrCat(Text(kColumns[l]), ": ", measures[l].size(),
                                                     " rows; expected ", n, " as in the others"));
    }
    for (size_t i = 0; i < measures[l].size(); ++i) {
      if (std::isinf(measures[l][i])) {
        return InvalidRow(kColumns[l], i, FormatNumber(measures[l][i]),
                          "a finite number, or nan for unknown");
      }
    }
  }
  std::array<double, 4> bounds = {options.loyalty, options.risk, 0, options.satisfaction};
  std::array<std::vector<uint32_t>, 4> lists;
  std::vector<uint32_t> on(n);
  for (size_t l = 0; l < 4; ++l) {
    const std::span<const double> column = measures[l];
    std::vector<uint32_t> &list = lists[l];
    const bool low = l == 3;
    for (size_t i = 0; i < column.size(); ++i) {
      const bool reached = l == 2 ? !std::isnan(column[i])
                           : low  ? column[i] <= bounds[l]
                                  : column[i] >= bounds[l];
      if (reached) list.push_back(static_cast<uint32_t>(i));
    }
    std::ranges::stable_sort(list, [&](uint32_t a, uint32_t b) {
      return low ? column[a] < column[b] : column[a] > column[b];
    });
    if (l == 2 && !list.empty()) {
      const double share = options.value_share * static_cast<double>(list.size());
      const auto keep = static_cast<size_t>(std::ceil(share - 1e-9));
      bounds[l] = column[list[std::max<size_t>(keep, 1) - 1]];
      // Those who are worth as much as the last one are there with it.
      while (!list.empty() && column[list.back()] < bounds[l]) list.pop_back();
    }
    for (const uint32_t customer : list) on[customer] |= uint32_t{1} << l;
  }
  WorkLists result;
  for (size_t l = 0; l < 4; ++l) {
    uint32_t rank = 0;
    for (const uint32_t customer : lists[l]) {
      result.items.push_back({static_cast<WorkList>(l), ++rank, customer, measures[l][customer],
                              bounds[l], on[customer]});
    }
  }
  for (const uint32_t lists_of : on) {
    for (size_t a = 0; a < 4; ++a) {
      for (size_t b = 0; b < 4; ++b) {
        result.overlap[a][b] += (lists_of >> a & lists_of >> b & 1) != 0 ? 1 : 0;
      }
    }
  }
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_WORK_LISTS_HPP_
