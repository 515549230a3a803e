// First-contact resolution and reopening: what became of cases that have been closed for a while.
#ifndef PATRON_COMPLAINTS_RESOLUTION_HPP_
#define PATRON_COMPLAINTS_RESOLUTION_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// One row a case. Customers and causes are codes, as IdIndex gives them.
struct CaseOutcomes {
  std::span<const uint32_t> customers;
  std::span<const uint32_t> causes;
  std::span<const int64_t> received;
  std::span<const int64_t> closed;    // For the first time; kNever: open.
  std::span<const uint8_t> accepted;  // Whether the customer accepted the answer.
  std::span<const int64_t> contacts;  // Inbound ones before the answer.
  std::span<const int64_t> reopens;
};

// A case is known once it has been closed for the window; until then it may still come back, and is
// not counted as a success or a failure.
struct ResolutionRates {
  int64_t known = 0;
  int64_t unknown = 0;  // Open at the cut-off, or closed for less than the window.
  int64_t first_contact =
      0;                 // Known, accepted, one contact, no reopening, and no other case of the
                         // same customer and cause received within the window after closing.
  int64_t reopened = 0;  // Known, with a reopening.

  double first_contact_rate() const { return Share(first_contact); }  // Of the known; NaN if none.
  double reopen_rate() const { return Share(reopened); }

 private:
  double Share(int64_t part) const {
    return known == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(known);
  }
};

// Errors: InvalidArgument for columns of unequal length, a window below 0, a cut-off or an instant
// that is too far away, and a case that is closed before it is received. Cost: O(n log n).
absl::StatusOr<ResolutionRates> MeasureResolution(const CaseOutcomes &cases, int64_t cutoff,
                                                  int64_t window);

namespace detail {

inline absl::Status CheckOutcomes(const CaseOutcomes &cases) {
  const size_t rows = cases.received.size();
  const std::pair<std::string_view, size_t> columns[] = {
      {"customer", cases.customers.size()}, {"cause", cases.causes.size()},
      {"closed", cases.closed.size()},      {"accepted", cases.accepted.size()},
      {"contacts", cases.contacts.size()},  {"reopens", cases.reopens.size()}};
  for (const auto &[name, size] : columns) {
    if (size == rows) continue;
    return InvalidOption(name, absl::StrCat(size, " rows"), absl::StrCat(rows, " as in received"));
  }
  for (size_t i = 0; i < rows; ++i) {
    PATRON_RETURN_IF_ERROR(CheckInstant("received", cases.received[i]));
    if (cases.closed[i] == kNever) continue;
    PATRON_RETURN_IF_ERROR(CheckInstant("closed", cases.closed[i]));
    if (cases.closed[i] >= cases.received[i]) continue;
    return InvalidRow("closed", i, FormatTime(cases.closed[i]),
                      absl::StrCat("no time before the receipt, ", FormatTime(cases.received[i])));
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<ResolutionRates> MeasureResolution(const CaseOutcomes &cases, int64_t cutoff,
                                                         int64_t window) {
  PATRON_RETURN_IF_ERROR(CheckInstant("cutoff", cutoff));
  if (window < 0 || window > kFarthest) {
    return InvalidOption("window", absl::StrCat(window, " microseconds"), "0 or more");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckOutcomes(cases));
  const size_t rows = cases.received.size();
  const auto key = [&](size_t i) {
    return std::tuple(cases.customers[i], cases.causes[i], cases.received[i]);
  };
  std::vector<size_t> order(rows);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, key);
  // Whether the customer came back with the same cause within the window after closing.
  const auto came_back = [&](size_t i) {
    const auto after = std::ranges::upper_bound(
        order, std::tuple(cases.customers[i], cases.causes[i], cases.closed[i]), {}, key);
    return after != order.end() && cases.customers[*after] == cases.customers[i] &&
           cases.causes[*after] == cases.causes[i] &&
           cases.received[*after] <= cases.closed[i] + window;
  };
  ResolutionRates rates;
  for (size_t i = 0; i < rows; ++i) {
    if (cases.closed[i] == kNever || cases.closed[i] > cutoff - window) {
      ++rates.unknown;
      continue;
    }
    ++rates.known;
    if (cases.reopens[i] > 0) {
      ++rates.reopened;
    } else if (cases.accepted[i] != 0 && cases.contacts[i] == 1 && !came_back(i)) {
      ++rates.first_contact;
    }
  }
  return rates;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_RESOLUTION_HPP_
