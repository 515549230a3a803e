// Early warning: the signals that a customer is about to leave, each with its evidence.
#ifndef PATRON_LOYALTY_SIGNALS_HPP_
#define PATRON_LOYALTY_SIGNALS_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/quantile.hpp"
#include "patron/base/status.hpp"

namespace patron::loyalty {

enum class Signal : uint8_t {
  kOwnQuantile,    // Days since the last purchase above the quantile of the customer's own gaps.
  kOwnMean,        // Above so many times their mean.
  kPopulation,     // Few gaps of its own: above the quantile of everybody's gaps.
  kAlive,          // The probability of being a customer has fallen.
  kHazard,         // The hazard of leaving has risen.
  kBasket,         // The last three purchase days are worth less than the three before.
  kVisits,         // The last three gaps are longer than the three before.
  kOpenComplaint,  // A complaint is open,
  kReopenedComplaint,  // or has been opened again.
  kScore,              // The score given in surveys has fallen.
  kDemotion,           // It has lost a tier.
  kContract,           // Its contract ends soon.
};
inline constexpr size_t kSignals = 12;
inline constexpr std::array<std::string_view, kSignals> kSignalNames = {
    "own_quantile", "own_mean",  "population",         "p_alive", "hazard",   "basket",
    "visits",       "complaint", "reopened_complaint", "score",   "demotion", "contract_end"};

// How the weights of the signals that are seen become one number.
enum class SignalCombination { kMax, kSum };

// All defaults but the quantile, the least number of gaps and the multiple are conventions of ours.
struct SignalOptions {
  double quantile = 0.9;  // Of own gaps, type 7.
  int32_t min_gaps = 3;   // Fewer own gaps tell nothing.
  double multiple = 2;    // Of the mean of own gaps.
  double population_quantile = 0.9;
  double alive_drop = 0.2;     // Least fall of the probability.
  double hazard_rise = 1.5;    // Least ratio of the hazards.
  double decline = 0.5;        // A ratio of the last three to the three before below this.
  double score_drop = 2;       // Least fall of the score.
  int32_t contract_days = 30;  // Days to the end of the contract.
  SignalCombination combination = SignalCombination::kMax;
  std::array<double, kSignals> weights = {1, 2, 1, 2, 2, 1, 1, 2, 3, 1, 1, 1};
  // The level is how many of these the combined weight reaches: 0 green, 1 yellow, 2 orange, 3 red.
  std::array<double, 3> cuts = {1, 2, 3};
  int32_t grace = 2;  // A level falls by one after so many evaluations in a row below it.
};
inline constexpr std::array<std::string_view, 4> kSignalLevels = {"green", "yellow", "orange",
                                                                  "red"};

// Errors: InvalidArgument naming the option.
absl::Status CheckSignalOptions(const SignalOptions &options);

// What is known of a customer besides its purchases; NaN is unknown.
struct SignalContext {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  double alive = kUnknown, alive_before = kUnknown;
  double hazard = kUnknown, hazard_before = kUnknown;
  double score = kUnknown, score_before = kUnknown;
  double days_to_contract_end = kUnknown;
  double open_complaints = kUnknown, reopened_complaints = kUnknown, demotions = kUnknown;
  int32_t level_before = 0;  // Of the last evaluation, with how many in a row were below it.
  int32_t below_before = 0;
};

struct SignalEvidence {
  uint32_t customer = 0;
  Signal signal = Signal::kOwnQuantile;
  double value = 0;      // Such as the days since the last purchase,
  double threshold = 0;  // and the bound that it has passed.
};

struct Warning {
  int32_t purchase_days = 0;
  int32_t recency = -1;                     // Days since the last purchase; -1 without any.
  double rhythm = SignalContext::kUnknown;  // Recency by the bound of kOwnQuantile or kPopulation.
  double combined = 0;                      // Of the weights of the signals.
  double risk = 0;       // The same and rhythm / (1 + rhythm): ranks customers of one level.
  int32_t earned = 0;    // Level by the signals alone.
  int32_t level = 0;     // With hysteresis: up at once, down one after `grace` evaluations below.
  int32_t below = 0;     // Evaluations in a row below the level.
  uint32_t signals = 0;  // Bit i for signal i.
};

// A day with purchases, and their amount.
struct PurchaseDay {
  int32_t day = 0;
  int64_t amount = 0;
};

// The quantile of whole numbers, exactly: value > quantile is decided without rounding.
class WholeQuantile {
 public:
  // `sorted` is not empty and ascending.
  static WholeQuantile Of(std::span<const int32_t> sorted, Fraction p);
  // The same of values in any order, whose order changes. `at` is the position among so many.
  static WholeQuantile OfSome(std::span<int32_t> values, const QuantilePosition &at);
  // Of `counts[v]` times v; their sum, `count`, is not 0.
  static WholeQuantile OfCounts(std::span<const uint64_t> counts, uint64_t count, Fraction p);

  bool IsBelow(int64_t value) const;  // The quantile is.
  double value() const;

 private:
  int64_t lower_ = 0, upper_ = 0;
  Fraction weight_;
};

// Looks at one customer after another; not shared by threads.
class SignalReader {
 public:
  explicit SignalReader(const SignalOptions &options)
      : options_(options), quantile_(FractionOf(options.quantile)) {}

  // Appends the evidence of a customer. `days` are its purchase days before `as_of`, ascending;
  // `population` may be null if nobody has a gap.
  Warning Read(uint32_t customer, std::span<const PurchaseDay> days, int32_t as_of,
               const WholeQuantile *population, const SignalContext &context,
               std::vector<SignalEvidence> &evidence);

 private:
  void ReadRhythm(std::span<const PurchaseDay> days, const WholeQuantile *population);
  void ReadDecline(std::span<const PurchaseDay> days);
  void ReadContext(const SignalContext &context);
  void See(Signal signal, double value, double threshold);
  // Of the quantile of own gaps.
  QuantilePosition PositionOf(size_t gaps) {
    if (gaps >= positions_.size()) return LocateQuantile(gaps, quantile_, QuantileType::kLinear);
    std::optional<QuantilePosition> &position = positions_[gaps];
    if (!position) position = LocateQuantile(gaps, quantile_, QuantileType::kLinear);
    return *position;
  }

  const SignalOptions &options_;
  Fraction quantile_;
  std::array<std::optional<QuantilePosition>, 64>
      positions_;  // By the number of gaps, once asked for.
  std::vector<int32_t> gaps_;
  uint32_t customer_ = 0;
  Warning warning_;
  std::vector<SignalEvidence> *evidence_ = nullptr;
};

inline absl::Status CheckSignalOptions(const SignalOptions &o) {
  const auto check = [](std::string_view name, double value, bool holds,
                        std::string_view expected) {
    return holds ? absl::OkStatus() : InvalidOption(name, FormatNumber(value), expected);
  };
  const auto share = [](double v) { return v >= 0 && v <= 1; };
  const auto positive = [](double v) { return v > 0 && std::isfinite(v); };
  PATRON_RETURN_IF_ERROR(check("quantile", o.quantile, share(o.quantile), "0 to 1"));
  PATRON_RETURN_IF_ERROR(
      check("population_quantile", o.population_quantile, share(o.population_quantile), "0 to 1"));
  PATRON_RETURN_IF_ERROR(
      check("min_gaps", o.min_gaps, o.min_gaps >= 1 && o.min_gaps <= 10000, "1 to 10000"));
  PATRON_RETURN_IF_ERROR(check("multiple", o.multiple, positive(o.multiple), "above 0"));
  PATRON_RETURN_IF_ERROR(
      check("alive_drop", o.alive_drop, o.alive_drop > 0 && o.alive_drop <= 1, "above 0, up to 1"));
  PATRON_RETURN_IF_ERROR(check("hazard_rise", o.hazard_rise,
                               o.hazard_rise > 1 && std::isfinite(o.hazard_rise), "above 1"));
  PATRON_RETURN_IF_ERROR(
      check("decline", o.decline, o.decline > 0 && o.decline < 1, "between 0 and 1"));
  PATRON_RETURN_IF_ERROR(check("score_drop", o.score_drop, positive(o.score_drop), "above 0"));
  PATRON_RETURN_IF_ERROR(
      check("contract_days", o.contract_days, o.contract_days >= 0, "0 or more"));
  PATRON_RETURN_IF_ERROR(check("grace", o.grace, o.grace >= 1 && o.grace <= 1000, "1 to 1000"));
  for (size_t i = 0; i < kSignals; ++i) {
    if (o.weights[i] >= 0 && std::isfinite(o.weights[i])) continue;
    return check(absl::StrCat("weight of ", Text(kSignalNames[i])), o.weights[i], false,
                 "0 or more");
  }
  for (size_t i = 0; i < o.cuts.size(); ++i) {
    PATRON_RETURN_IF_ERROR(check("cuts", o.cuts[i],
                                 positive(o.cuts[i]) && (i == 0 || o.cuts[i] > o.cuts[i - 1]),
                                 "three numbers above 0 that rise"));
  }
  return absl::OkStatus();
}

inline WholeQuantile WholeQuantile::Of(std::span<const int32_t> sorted, Fraction p) {
  const QuantilePosition at = LocateQuantile(sorted.size(), p, QuantileType::kLinear);
  WholeQuantile quantile;
  quantile.lower_ = sorted[at.lower];
  quantile.upper_ = sorted[at.upper];
  quantile.weight_ = at.weight;
  return quantile;
}

namespace detail {

// In descending order. A branch for each would be guessed wrong half the time.
template <size_t kCount>
std::array<int32_t, kCount> Greatest(std::span<const int32_t> values) {
  std::array<int32_t, kCount> greatest;
  greatest.fill(std::numeric_limits<int32_t>::min());
  for (int32_t value : values) {
    for (int32_t &great : greatest) {
      const int32_t exchange = (great ^ value) & -static_cast<int32_t>(value > great);
      great ^= exchange;
      value ^= exchange;
    }
  }
  return greatest;
}

}  // namespace detail

inline WholeQuantile WholeQuantile::OfSome(std::span<int32_t> values, const QuantilePosition &at) {
  WholeQuantile quantile;
  quantile.weight_ = at.weight;
  const size_t above = values.size() - at.lower;
  const auto of_greatest = [&](const auto &greatest) {
    quantile.lower_ = greatest[above - 1];
    quantile.upper_ = at.upper == at.lower ? quantile.lower_ : greatest[above - 2];
    return quantile;
  };
  if (above <= 2) return of_greatest(detail::Greatest<2>(values));
  if (above <= 4) return of_greatest(detail::Greatest<4>(values));
  const auto lower = values.begin() + static_cast<ptrdiff_t>(at.lower);
  std::nth_element(values.begin(), lower, values.end());
  quantile.lower_ = *lower;
  quantile.upper_ = at.upper == at.lower ? *lower : *std::min_element(lower + 1, values.end());
  return quantile;
}

inline WholeQuantile WholeQuantile::OfCounts(std::span<const uint64_t> counts, uint64_t count,
                                             Fraction p) {
  const QuantilePosition at = LocateQuantile(count, p, QuantileType::kLinear);
  const auto statistic = [&](uint64_t rank) {
    size_t v = 0;
    for (uint64_t seen = counts[0]; seen <= rank; seen += counts[v]) ++v;
    return static_cast<int64_t>(v);
  };
  WholeQuantile quantile;
  quantile.lower_ = statistic(at.lower);
  quantile.upper_ = at.upper == at.lower ? quantile.lower_ : statistic(at.upper);
  quantile.weight_ = at.weight;
  return quantile;
}

inline bool WholeQuantile::IsBelow(int64_t value) const {
  __extension__ using Wide = __int128;
  return static_cast<Wide>(value - lower_) * static_cast<Wide>(weight_.denominator) >
         static_cast<Wide>(upper_ - lower_) * static_cast<Wide>(weight_.numerator);
}

inline double WholeQuantile::value() const {
  return static_cast<double>(lower_) + weight_.value() * static_cast<double>(upper_ - lower_);
}

inline void SignalReader::See(Signal signal, double value, double threshold) {
  const auto index = static_cast<size_t>(signal);
  const double weight = options_.weights[index];
  if (weight <= 0) return;
  warning_.signals |= uint32_t{1} << index;
  warning_.combined = options_.combination == SignalCombination::kMax
                          ? std::max(warning_.combined, weight)
                          : warning_.combined + weight;
  evidence_->push_back({customer_, signal, value, threshold});
}

inline void SignalReader::ReadRhythm(std::span<const PurchaseDay> days,
                                     const WholeQuantile *population) {
  const int32_t recency = warning_.recency;
  const auto shown = static_cast<double>(recency);
  const auto rhythm = [&](double bound) {
    warning_.rhythm = shown / std::max(bound, 1.0);  // Within a day nothing can be told.
  };
  if (days.size() <= static_cast<size_t>(options_.min_gaps)) {
    if (population == nullptr) return;
    rhythm(population->value());
    if (population->IsBelow(recency)) See(Signal::kPopulation, shown, population->value());
    return;
  }
  gaps_.resize(days.size() - 1);
  for (size_t i = 0; i + 1 < days.size(); ++i) gaps_[i] = days[i + 1].day - days[i].day;
  const WholeQuantile own = WholeQuantile::OfSome(gaps_, PositionOf(gaps_.size()));
  rhythm(own.value());
  if (own.IsBelow(recency)) See(Signal::kOwnQuantile, shown, own.value());
  const double mean =
      static_cast<double>(days.back().day - days.front().day) / static_cast<double>(gaps_.size());
  if (shown > options_.multiple * mean) See(Signal::kOwnMean, shown, options_.multiple * mean);
}

inline void SignalReader::ReadDecline(std::span<const PurchaseDay> days) {
  const size_t n = days.size();
  if (n >= 6) {
    double last = 0, before = 0;
    for (size_t i = n - 3; i < n; ++i) {
      last += static_cast<double>(days[i].amount);
      before += static_cast<double>(days[i - 3].amount);
    }
    if (before > 0 && last < options_.decline * before) {
      See(Signal::kBasket, last / before, options_.decline);
    }
  }
  if (n >= 7) {
    const double last = days[n - 1].day - days[n - 4].day;
    const double before = days[n - 4].day - days[n - 7].day;
    if (before < options_.decline * last) See(Signal::kVisits, before / last, options_.decline);
  }
}

inline void SignalReader::ReadContext(const SignalContext &c) {
  // Comparisons with what is unknown are false.
  if (c.alive_before - c.alive >= options_.alive_drop) {
    See(Signal::kAlive, c.alive, c.alive_before - options_.alive_drop);
  }
  if (c.hazard >= options_.hazard_rise * c.hazard_before && c.hazard > 0) {
    See(Signal::kHazard, c.hazard, options_.hazard_rise * c.hazard_before);
  }
  if (c.open_complaints > 0) See(Signal::kOpenComplaint, c.open_complaints, 0);
  if (c.reopened_complaints > 0) See(Signal::kReopenedComplaint, c.reopened_complaints, 0);
  if (c.score_before - c.score >= options_.score_drop) {
    See(Signal::kScore, c.score, c.score_before - options_.score_drop);
  }
  if (c.demotions > 0) See(Signal::kDemotion, c.demotions, 0);
  if (c.days_to_contract_end >= 0 && c.days_to_contract_end <= options_.contract_days) {
    See(Signal::kContract, c.days_to_contract_end, options_.contract_days);
  }
}

inline Warning SignalReader::Read(uint32_t customer, std::span<const PurchaseDay> days,
                                  int32_t as_of, const WholeQuantile *population,
                                  const SignalContext &context,
                                  std::vector<SignalEvidence> &evidence) {
  customer_ = customer;
  evidence_ = &evidence;
  warning_ = {};
  warning_.purchase_days = static_cast<int32_t>(days.size());
  if (!days.empty()) {
    warning_.recency = as_of - days.back().day;
    ReadRhythm(days, population);
    ReadDecline(days);
  }
  ReadContext(context);
  for (const double cut : options_.cuts) warning_.earned += warning_.combined >= cut ? 1 : 0;
  const double rhythm = std::isnan(warning_.rhythm) ? 0 : warning_.rhythm;
  warning_.risk = warning_.combined + rhythm / (1 + rhythm);
  warning_.level = std::max(warning_.earned, context.level_before);
  if (warning_.earned < context.level_before) {
    warning_.below = context.below_before + 1;
    if (warning_.below >= options_.grace) {
      warning_.level = context.level_before - 1;
      warning_.below = 0;
    }
  }
  return warning_;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_SIGNALS_HPP_
