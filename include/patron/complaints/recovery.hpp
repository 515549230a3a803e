// What complaints cost and what handling them brings back: priority, market damage, return.
#ifndef PATRON_COMPLAINTS_RECOVERY_HPP_
#define PATRON_COMPLAINTS_RECOVERY_HPP_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::complaints {

// What the priority of a case depends on.
struct PriorityInputs {
  int severity = 0;  // 1 inconvenience to 4 safety or law; 0 not assessed, as 1.
  int media = 0;     // 0 none, 1 watch, 2 crisis.
  double tier = 0;   // Place of the customer's value among all, 0 to 1; 0 for all switches it off.
  double repeats = 0;  // Earlier complaints about the same, 0 or more.
  double age = 0;      // Share of its time that is used up, 0 or more.
};

// 40 s + 20 v + 20 m + 10 r + 10 a with s = (severity - 1) / 3, v the tier, m = media / 2,
// r = 1 - exp(-repeats / 2) and a = min(1, age); 100 at severity 4 or in a media crisis. From 0 to
// 100, and never less for more of anything. Errors: InvalidArgument naming what is out of range.
absl::StatusOr<double> PriorityScore(const PriorityInputs &inputs);

struct Range {
  double low = 0;
  double high = 0;
};

// The interval of Wilson (1927) for a share of which `hits` of `trials` were seen; [0, 1] without a
// trial. `z` is the normal quantile of its level, 1.96 for 0.95.
inline Range WilsonInterval(double hits, double trials, double z);

// How many had a problem, for each that is in the register.
struct Iceberg {
  double share = 0;       // Of problems that come to the register: q.
  double multiplier = 0;  // 1 / q.
  double problems = 0;    // Complaints / q.
  double silent = 0;      // Problems less complaints.
  Range share_range, multiplier_range, problems_range;
};

// From a survey in which `hits` of `trials` customers with a problem came to the register. Errors:
// InvalidArgument for counts below 0, hits above trials, or no hit at all.
absl::StatusOr<Iceberg> IcebergOf(double complaints, double hits, double trials, double z);
// From a known share in (0, 1]; the ranges are points.
absl::StatusOr<Iceberg> IcebergOf(double complaints, double share);

// Customers, their problems, and how loyal they are after them (Goodman): all shares from 0 to 1.
struct DamageInputs {
  double customers = 0;
  double problem_rate = 0;
  double voice_rate = 0;  // Of those with a problem, who complain,
  double satisfied = 0;   // of whom so many are satisfied,
  double mollified = 0;   // or halfway content; the others are dissatisfied.
  double loyal = 0;       // Without a problem,
  double loyal_satisfied = 0, loyal_mollified = 0, loyal_dissatisfied = 0;
  double loyal_silent = 0;  // with one, and no complaint.
  double value = 0;         // Of a customer.
};

struct Damage {
  double lost = 0;     // Customers.
  double at_risk = 0;  // lost * value.
  double lost_silent = 0, lost_satisfied = 0, lost_mollified = 0, lost_dissatisfied = 0;
};

// lost = N i {c [s (L0 - Ls) + m (L0 - Lm) + d (L0 - Ld)] + (1 - c)(L0 - Ln)}.
// Errors: InvalidArgument naming what is out of range.
absl::StatusOr<Damage> MarketDamage(const DamageInputs &inputs);

// The share that returns, of which a prior mean counts as much as `weight` cases.
struct ReturnRate {
  double mean = 0;
  Range range;  // Equal tails of the Beta distribution at the level.
};
absl::StatusOr<ReturnRate> UpdatedReturnRate(double prior, double weight, int64_t returned,
                                             int64_t cases, double level);

// The regularised incomplete beta function, to some 1e-14; a and b above 0.
double BetaDistribution(double a, double b, double x);
// The x at which it is p.
double BetaQuantile(double a, double b, double p);

namespace detail {

inline absl::Status CheckShare(std::string_view name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "0 to 1");
}
inline absl::Status CheckNotNegative(std::string_view name, double value) {
  if (value >= 0 && std::isfinite(value)) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "a finite number of 0 or more");
}

// The continued fraction of the incomplete beta function by the method of Lentz.
inline double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto guarded = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / guarded(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int i = 1; i < 100'000; ++i) {
    const double n = i;
    const double even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

}  // namespace detail

inline absl::StatusOr<double> PriorityScore(const PriorityInputs &inputs) {
  if (inputs.severity < 0 || inputs.severity > 4) {
    return InvalidOption("severity", absl::StrCat(inputs.severity), "0 to 4");
  }
  if (inputs.media < 0 || inputs.media > 2) {
    return InvalidOption("media", absl::StrCat(inputs.media), "0 to 2");
  }
  PATRON_RETURN_IF_ERROR(detail::CheckShare("tier", inputs.tier));
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("repeats", inputs.repeats));
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("age", inputs.age));
  if (inputs.severity == 4 || inputs.media == 2) return 100.0;
  const double severity = (std::max(inputs.severity, 1) - 1) / 3.0;
  return 40 * severity + 20 * inputs.tier + 10.0 * inputs.media +
         10 * (1 - std::exp(-inputs.repeats / 2)) + 10 * std::min(1.0, inputs.age);
}

inline Range WilsonInterval(double hits, double trials, double z) {
  if (trials <= 0) return {0, 1};
  const double share = hits / trials;
  const double square = z * z;
  const double centre = (share + square / (2 * trials)) / (1 + square / trials);
  const double half = z / (1 + square / trials) *
                      std::sqrt(share * (1 - share) / trials + square / (4 * trials * trials));
  return {hits == 0 ? 0 : std::max(0.0, centre - half),
          hits == trials ? 1 : std::min(1.0, centre + half)};
}

inline absl::StatusOr<Iceberg> IcebergOf(double complaints, double share) {
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("complaints", complaints));
  if (!(share > 0 && share <= 1)) {
    return InvalidOption("share", FormatNumber(share), "above 0, at most 1");
  }
  Iceberg result;
  result.share = share;
  result.multiplier = 1 / share;
  result.problems = complaints / share;
  result.silent = result.problems - complaints;
  result.share_range = {share, share};
  result.multiplier_range = {result.multiplier, result.multiplier};
  result.problems_range = {result.problems, result.problems};
  return result;
}

inline absl::StatusOr<Iceberg> IcebergOf(double complaints, double hits, double trials, double z) {
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("hits", hits));
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("trials", trials));
  if (hits > trials) {
    return InvalidOption("hits", FormatNumber(hits),
                         absl::StrCat("at most the trials, ", FormatNumber(trials)));
  }
  if (hits == 0) return InvalidOption("hits", "0", "above 0: without any the share is unknown");
  PATRON_ASSIGN_OR_RETURN(Iceberg result, IcebergOf(complaints, hits / trials));
  result.share_range = WilsonInterval(hits, trials, z);
  result.multiplier_range = {1 / result.share_range.high, 1 / result.share_range.low};
  result.problems_range = {complaints * result.multiplier_range.low,
                           complaints * result.multiplier_range.high};
  return result;
}

inline absl::StatusOr<Damage> MarketDamage(const DamageInputs &inputs) {
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("customers", inputs.customers));
  PATRON_RETURN_IF_ERROR(detail::CheckNotNegative("value", inputs.value));
  const std::pair<std::string_view, double> shares[] = {
      {"problem_rate", inputs.problem_rate},
      {"voice_rate", inputs.voice_rate},
      {"satisfied", inputs.satisfied},
      {"mollified", inputs.mollified},
      {"loyal", inputs.loyal},
      {"loyal_satisfied", inputs.loyal_satisfied},
      {"loyal_mollified", inputs.loyal_mollified},
      {"loyal_dissatisfied", inputs.loyal_dissatisfied},
      {"loyal_silent", inputs.loyal_silent}};
  for (const auto &[name, share] : shares) {
    PATRON_RETURN_IF_ERROR(detail::CheckShare(name, share));
  }
  const double dissatisfied = 1 - inputs.satisfied - inputs.mollified;
  if (dissatisfied < -1e-12) {
    return InvalidOption("mollified", FormatNumber(inputs.mollified),
                         "with satisfied together at most 1");
  }
  const double problems = inputs.customers * inputs.problem_rate;
  const double voiced = problems * inputs.voice_rate;
  Damage damage;
  damage.lost_satisfied = voiced * inputs.satisfied * (inputs.loyal - inputs.loyal_satisfied);
  damage.lost_mollified = voiced * inputs.mollified * (inputs.loyal - inputs.loyal_mollified);
  damage.lost_dissatisfied =
      voiced * std::max(0.0, dissatisfied) * (inputs.loyal - inputs.loyal_dissatisfied);
  damage.lost_silent = (problems - voiced) * (inputs.loyal - inputs.loyal_silent);
  damage.lost =
      damage.lost_satisfied + damage.lost_mollified + damage.lost_dissatisfied + damage.lost_silent;
  damage.at_risk = damage.lost * inputs.value;
  return damage;
}

inline double BetaDistribution(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double factor = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                 a * std::log(x) + b * std::log1p(-x));
  // The fraction converges fast on this side of the mean.
  if (x < (a + 1) / (a + b + 2)) return factor * detail::BetaFraction(a, b, x) / a;
  return 1 - factor * detail::BetaFraction(b, a, 1 - x) / b;
}

inline double BetaQuantile(double a, double b, double p) {
  double low = 0, high = 1;
  for (int i = 0; i < 1'100; ++i) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) break;
    (BetaDistribution(a, b, middle) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

inline absl::StatusOr<ReturnRate> UpdatedReturnRate(double prior, double weight, int64_t returned,
                                                    int64_t cases, double level) {
  if (!(prior > 0 && prior < 1)) {
    return InvalidOption("prior", FormatNumber(prior), "above 0 and below 1");
  }
  if (!(weight > 0 && weight <= 1e9)) {
    return InvalidOption("weight", FormatNumber(weight), "above 0, at most 1e9");
  }
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "above 0 and below 1");
  }
  if (returned < 0 || cases < returned || cases > 1'000'000'000) {
    return InvalidOption("returned", absl::StrCat(returned),
                         absl::StrCat("0 to the cases, ", cases, ", at most 1e9"));
  }
  const double a = prior * weight + static_cast<double>(returned);
  const double b = (1 - prior) * weight + static_cast<double>(cases - returned);
  return ReturnRate{a / (a + b),
                    {BetaQuantile(a, b, (1 - level) / 2), BetaQuantile(a, b, (1 + level) / 2)}};
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_RECOVERY_HPP_
