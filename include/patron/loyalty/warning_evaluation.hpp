// How well warnings foretell who leaves: precision, recall, lift, AUC, lead time, with intervals.
#ifndef PATRON_LOYALTY_WARNING_EVALUATION_HPP_
#define PATRON_LOYALTY_WARNING_EVALUATION_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

struct Estimate {
  double value =
      std::numeric_limits<double>::quiet_NaN();  // NaN where there is nothing to tell from.
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct WarningEvaluation {
  uint64_t customers = 0;
  uint64_t lost = 0;
  uint64_t flagged = 0;       // The k customers of highest risk.
  uint64_t flagged_lost = 0;  // Those of them who were lost.
  Estimate precision;         // flagged_lost / flagged; interval of Wilson.
  Estimate recall;            // flagged_lost / lost; interval of Wilson.
  Estimate lift;              // Precision by the share of the lost, with the interval of precision.
  Estimate auc;   // Ties count half; interval with the variance of DeLong et al. (1988).
  Estimate lead;  // Mean days of `lead` among the flagged lost; normal interval.
};

// Looks at warnings after the event. `risk` is higher for those more likely to leave; `lost` has 1 for
// those who left. Customers are flagged from the highest risk down, equal ones in the order of rows,
// up to `k` of them. `lead` may be empty, or has the days from the warning to the last activity of
// each customer, NaN where that is not known.
// Errors: InvalidArgument for lengths that differ, a risk that is not finite, k of 0 or past the
// customers, or a z that is not positive. Cost: a sort.
absl::StatusOr<WarningEvaluation> EvaluateWarnings(std::span<const double> risk,
                                                   std::span<const uint8_t> lost,
                                                   std::span<const double> lead, uint64_t k,
                                                   double z = 1.959963984540054);

namespace detail {

inline Estimate Wilson(uint64_t hits, uint64_t n, double z) {
  if (n == 0) return {};
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(hits) / count;
  const double scale = 1 + z * z / count;
  const double middle = (p + z * z / (2 * count)) / scale;
  const double half = z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / scale;
  return {p, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

// `rows` are all rows by rising risk.
inline Estimate AreaUnderCurve(std::span<const double> risk, std::span<const uint8_t> lost,
                               std::span<const uint32_t> rows, double z) {
  uint64_t lost_count = 0;
  for (const uint8_t l : lost) lost_count += l != 0 ? 1 : 0;
  const auto m = static_cast<double>(lost_count);
  const auto n = static_cast<double>(lost.size() - lost_count);
  if (m == 0 || n == 0) return {};
  // Of each lost customer the share of the kept with less risk, of each kept one the share of the lost
  // with more: their means are the area, their variances that of the area.
  double sum_lost = 0, squares_lost = 0, sum_kept = 0, squares_kept = 0;
  double kept_below = 0, lost_below = 0;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin;
    double tied_lost = 0, tied_kept = 0;
    for (; end < rows.size() && risk[rows[end]] == risk[rows[begin]]; ++end) {
      (lost[rows[end]] != 0 ? tied_lost : tied_kept) += 1;
    }
    const double of_lost = (kept_below + tied_kept / 2) / n;
    const double of_kept = (m - lost_below - tied_lost / 2) / m;
    sum_lost += tied_lost * of_lost;
    squares_lost += tied_lost * of_lost * of_lost;
    sum_kept += tied_kept * of_kept;
    squares_kept += tied_kept * of_kept * of_kept;
    kept_below += tied_kept;
    lost_below += tied_lost;
    begin = end;
  }
  const double area = sum_lost / m;
  if (m < 2 || n < 2) return {area, std::nan(""), std::nan("")};
  const double variance = std::max(0.0, (squares_lost - m * area * area) / (m - 1) / m) +
                          std::max(0.0, (squares_kept - sum_kept * sum_kept / n) / (n - 1) / n);
  const double half = z * std::sqrt(variance);
  return {area, std::max(0.0, area - half), std::min(1.0, area + half)};
}

inline Estimate MeanWithInterval(std::span<const double> values, double z) {
  if (values.empty()) return {};
  double sum = 0;
  for (const double v : values) sum += v;
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  if (values.size() < 2) return {mean, std::nan(""), std::nan("")};
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double half = z * std::sqrt(squares / (n - 1) / n);
  return {mean, mean - half, mean + half};
}

}  // namespace detail

inline absl::StatusOr<WarningEvaluation> EvaluateWarnings(std::span<const double> risk,
                                                          std::span<const uint8_t> lost,
                                                          std::span<const double> lead, uint64_t k,
                                                          double z) {
  const size_t n = risk.size();
  if (lost.size() != n || (!lead.empty() && lead.size() != n)) {
    return absl::InvalidArgumentError("warnings: columns differ in length");
  }
  PATRON_RETURN_IF_ERROR(CheckFinite("risk", risk));
  if (k == 0 || k > n) return InvalidOption("k", std::to_string(k), absl::StrCat("1 to ", n));
  if (!(z > 0 && std::isfinite(z))) return InvalidOption("z", FormatNumber(z), "above 0");
  std::vector<uint32_t> rows(n);
  for (size_t i = 0; i < n; ++i) rows[i] = static_cast<uint32_t>(i);
  std::ranges::sort(
      rows, [&](uint32_t a, uint32_t b) { return risk[a] != risk[b] ? risk[a] < risk[b] : a > b; });
  WarningEvaluation result;
  result.customers = n;
  result.flagged = k;
  for (const uint8_t l : lost) result.lost += l != 0 ? 1 : 0;
  std::vector<double> leads;
  for (size_t i = n - k; i < n; ++i) {
    if (lost[rows[i]] == 0) continue;
    ++result.flagged_lost;
    if (!lead.empty() && std::isfinite(lead[rows[i]])) leads.push_back(lead[rows[i]]);
  }
  result.precision = detail::Wilson(result.flagged_lost, k, z);
  result.recall = detail::Wilson(result.flagged_lost, result.lost, z);
  if (result.lost > 0) {
    const double base = static_cast<double>(result.lost) / static_cast<double>(n);
    const Estimate &p = result.precision;
    result.lift = {p.value / base, p.low / base, p.high / base};
  }
  result.auc = detail::AreaUnderCurve(risk, lost, rows, z);
  result.lead = detail::MeanWithInterval(leads, z);
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_WARNING_EVALUATION_HPP_
