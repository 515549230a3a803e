// Market damage: what problems cost in customers who do not come back, and what handling is worth.
#ifndef PATRON_COMPLAINTS_MARKET_DAMAGE_HPP_
#define PATRON_COMPLAINTS_MARKET_DAMAGE_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"

namespace patron::complaints {

// What became of a customer with a problem: voiced, and then satisfied, mollified or dissatisfied by
// the answer; or never voiced.
enum class Outcome { kSatisfied, kMollified, kDissatisfied, kSilent };
inline constexpr size_t kOutcomes = 4;

// A share, and how many it was measured on; 0 = taken as known.
struct MeasuredShare {
  double share = 0;
  double sample = 0;
};

// After Goodman. All shares 0 to 1.
struct MarketDamageTerms {
  double customers = 0;
  MeasuredShare problem_rate;  // With a problem, of all.
  MeasuredShare voice_rate;    // Who complain, of those.
  MeasuredShare satisfied,
      mollified;               // Of those who complain; the rest is dissatisfied. One sample
                               // serves both: that of `satisfied`.
  MeasuredShare loyalty_none;  // Who stay without a problem.
  std::array<MeasuredShare, kOutcomes> loyalty;  // Who stay, by outcome.
  double value = 0;                              // Of a customer.
  // Word of mouth: people told by a customer, by outcome, and the share of them that is lost (above
  // 0) or won (below 0) by it.
  std::array<double, kOutcomes> tellers = {};
  std::array<double, kOutcomes> influence = {};
};

struct MarketDamage {
  double lost;           // Customers.
  double at_risk;        // lost * value.
  double word_of_mouth;  // Customers lost through others, times value.
  double total;
};

// Errors: InvalidArgument naming a term that is out of range.
absl::StatusOr<MarketDamage> EstimateMarketDamage(const MarketDamageTerms &terms);

// What the sizes of the samples leave open: the shares are drawn from the Beta (of the answers:
// Dirichlet) distributions that their samples leave of Jeffreys' prior, `draws` times, and the
// middle `level` of the results told. A share without a sample stays what it is.
struct MarketDamageInterval {
  MarketDamage lower, upper;
};
absl::StatusOr<MarketDamageInterval> DrawMarketDamage(const MarketDamageTerms &terms, uint64_t seed,
                                                      uint32_t draws = 4000, double level = 0.95);

// A measure that turns `before` into `after` at some cost.
struct HandlingReturn {
  double gain;  // total before - total after.
  double roi;   // (gain - cost) / cost; infinite or NaN for cost 0.
};
inline HandlingReturn ReturnOnHandling(const MarketDamage &before, const MarketDamage &after,
                                       double cost) {
  const double gain = before.total - after.total;
  return {gain, (gain - cost) / cost};
}

namespace detail {

inline MarketDamage Damage(const MarketDamageTerms &t) {
  const double with_problem = t.customers * t.problem_rate.share;
  const double c = t.voice_rate.share;
  const std::array<double, kOutcomes> part = {
      c * t.satisfied.share, c * t.mollified.share,
      c * std::max(0.0, 1 - t.satisfied.share - t.mollified.share), 1 - c};
  MarketDamage damage{};
  double told = 0;
  for (size_t o = 0; o < kOutcomes; ++o) {
    damage.lost += with_problem * part[o] * (t.loyalty_none.share - t.loyalty[o].share);
    told += with_problem * part[o] * t.tellers[o] * t.influence[o];
  }
  damage.at_risk = damage.lost * t.value;
  damage.word_of_mouth = told * t.value;
  damage.total = damage.at_risk + damage.word_of_mouth;
  return damage;
}

inline absl::Status CheckMeasured(std::string_view name, const MeasuredShare &share) {
  if (!(share.share >= 0 && share.share <= 1)) {
    return InvalidOption(name, FormatNumber(share.share), "0 to 1");
  }
  if (!(share.sample >= 0) || std::isinf(share.sample)) {
    return InvalidOption(name, absl::StrCat("a sample of ", FormatNumber(share.sample)),
                         "0 or more");
  }
  return absl::OkStatus();
}

inline absl::Status CheckTerms(const MarketDamageTerms &t) {
  const auto check_amount = [](std::string_view name, double value) {
    if (value >= 0 && !std::isinf(value)) return absl::OkStatus();
    return InvalidOption(name, FormatNumber(value), "0 or more");
  };
  PATRON_RETURN_IF_ERROR(check_amount("customers", t.customers));
  PATRON_RETURN_IF_ERROR(check_amount("value", t.value));
  PATRON_RETURN_IF_ERROR(CheckMeasured("problem_rate", t.problem_rate));
  PATRON_RETURN_IF_ERROR(CheckMeasured("voice_rate", t.voice_rate));
  PATRON_RETURN_IF_ERROR(CheckMeasured("satisfied", t.satisfied));
  PATRON_RETURN_IF_ERROR(CheckMeasured("mollified", t.mollified));
  if (t.satisfied.share + t.mollified.share > 1 + 1e-12) {
    return InvalidOption(
        "mollified", FormatNumber(t.mollified.share),
        absl::StrCat("at most ", FormatNumber(1 - t.satisfied.share), ", what satisfied leaves"));
  }
  PATRON_RETURN_IF_ERROR(CheckMeasured("loyalty_none", t.loyalty_none));
  constexpr std::array<std::string_view, kOutcomes> kLoyalty = {
      "loyalty_satisfied", "loyalty_mollified", "loyalty_dissatisfied", "loyalty_silent"};
  for (size_t o = 0; o < kOutcomes; ++o) {
    PATRON_RETURN_IF_ERROR(CheckMeasured(kLoyalty[o], t.loyalty[o]));
    PATRON_RETURN_IF_ERROR(check_amount("tellers", t.tellers[o]));
    if (!(std::abs(t.influence[o]) <= 1)) {
      return InvalidOption("influence", FormatNumber(t.influence[o]), "-1 to 1");
    }
  }
  return absl::OkStatus();
}

// A draw of a share from what its sample leaves of Jeffreys' prior; draws `at` and `at` + 1.
inline double DrawShare(const RandomStream &random, uint32_t at, const MeasuredShare &share) {
  if (share.sample == 0) return share.share;
  const double a = random.Gamma(at, share.share * share.sample + 0.5);
  const double b = random.Gamma(at + 1, (1 - share.share) * share.sample + 0.5);
  return a / (a + b);
}

}  // namespace detail

inline absl::StatusOr<MarketDamage> EstimateMarketDamage(const MarketDamageTerms &terms) {
  PATRON_RETURN_IF_ERROR(detail::CheckTerms(terms));
  return detail::Damage(terms);
}

inline absl::StatusOr<MarketDamageInterval> DrawMarketDamage(const MarketDamageTerms &terms,
                                                             uint64_t seed, uint32_t draws,
                                                             double level) {
  PATRON_RETURN_IF_ERROR(detail::CheckTerms(terms));
  if (draws < 100 || draws > 10'000'000) {
    return InvalidOption("draws", absl::StrCat(draws), "100 to 10000000");
  }
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  std::array<std::vector<double>, 4> results;
  for (auto &values : results) values.resize(draws);
  for (uint32_t d = 0; d < draws; ++d) {
    const RandomStream random(seed, d);
    MarketDamageTerms drawn = terms;
    drawn.problem_rate.share = detail::DrawShare(random, 0, terms.problem_rate);
    drawn.voice_rate.share = detail::DrawShare(random, 2, terms.voice_rate);
    drawn.loyalty_none.share = detail::DrawShare(random, 4, terms.loyalty_none);
    for (size_t o = 0; o < kOutcomes; ++o) {
      drawn.loyalty[o].share =
          detail::DrawShare(random, static_cast<uint32_t>(6 + 2 * o), terms.loyalty[o]);
    }
    if (const double n = terms.satisfied.sample; n > 0) {
      const double s = terms.satisfied.share, m = terms.mollified.share;
      const double a = random.Gamma(14, s * n + 0.5);
      const double b = random.Gamma(15, m * n + 0.5);
      const double c = random.Gamma(16, std::max(0.0, 1 - s - m) * n + 0.5);
      drawn.satisfied.share = a / (a + b + c);
      drawn.mollified.share = b / (a + b + c);
    }
    const MarketDamage damage = detail::Damage(drawn);
    results[0][d] = damage.lost;
    results[1][d] = damage.at_risk;
    results[2][d] = damage.word_of_mouth;
    results[3][d] = damage.total;
  }
  const auto below = static_cast<size_t>(0.5 * (1 - level) * (draws - 1));
  std::array<double, 4> low{}, high{};
  for (size_t k = 0; k < results.size(); ++k) {
    std::ranges::sort(results[k]);
    low[k] = results[k][below];
    high[k] = results[k][draws - 1 - below];
  }
  return MarketDamageInterval{{low[0], low[1], low[2], low[3]},
                              {high[0], high[1], high[2], high[3]}};
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_MARKET_DAMAGE_HPP_
