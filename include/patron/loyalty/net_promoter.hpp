// Net promoter score: its intervals, weighted or not, and the difference of two waves.
#ifndef PATRON_LOYALTY_NET_PROMOTER_HPP_
#define PATRON_LOYALTY_NET_PROMOTER_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/distributions.hpp"

namespace patron::loyalty {

enum class ScoreInterval {
  kWald,
  kAdjustedWald,  // With three answers more: 3/4 promoters, 3/4 detractors (Rocks 2016).
  kBootstrap,     // Percentiles of samples drawn with replacement, as many of each answer as a
                  // Poisson number says.
};

struct NetPromoterOptions {
  ScoreInterval interval = ScoreInterval::kWald;
  double level = 0.95;
  uint32_t replicates = 2000;  // Of the bootstrap.
  uint64_t seed = 0;
};

// In points, from -100 to 100, but for the shares.
struct NetPromoterScore {
  double score;  // Of kAdjustedWald the adjusted one.
  double std_err;
  double lower, upper;                     // Cut off at -100 and 100.
  double promoters, passives, detractors;  // Shares of the weight.
  int64_t answers;
  double effective;  // (sum of weights)^2 / sum of their squares (Kish 1965): what the error is by.
};

// Measures the answers to "how likely are you to recommend us": whole numbers from 0 to 10; promoters
// say 9 or 10, detractors 6 or less. `weights` are above 0; empty means 1.
//
// Errors: InvalidArgument for no answer, answers outside the scale or not whole, weights not above 0,
// a level outside (0, 1), replicates outside 100 to 1,000,000. Cost: O(n); of the bootstrap O(replicates
// x distinct weights) more.
absl::StatusOr<NetPromoterScore> MeasureNetPromoter(std::span<const double> answers,
                                                    std::span<const double> weights = {},
                                                    const NetPromoterOptions &options = {});

// The change from one wave to the next, of other people.
struct ScoreChange {
  double change;
  double std_err;  // sqrt(SE1^2 + SE2^2).
  double lower, upper;
  double p_value;  // Of no change, two-sided; 1 where both errors are 0 and nothing changed.
};
ScoreChange CompareWaves(const NetPromoterScore &first, const NetPromoterScore &second,
                         double level);

// A share with Wilson's interval (1927).
struct Proportion {
  double share;
  double lower, upper;
};

// Errors: InvalidArgument for no trial, more successes than trials, or a level outside (0, 1).
absl::StatusOr<Proportion> WilsonProportion(int64_t successes, int64_t trials, double level = 0.95);

// The share of a customer's spending that a brand gets by its rank among the brands used (wallet
// allocation rule, Keiningham and others 2011): (1 - rank / (brands + 1)) x 2 / brands. Brands that tie
// have the mean of their ranks. Errors: InvalidArgument for fewer than 1 brand or a rank outside them.
absl::StatusOr<double> WalletAllocation(double rank, double brands);

namespace detail {

inline absl::Status CheckLevel(double level) {
  if (level > 0 && level < 1) return absl::OkStatus();
  return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
}

// 0 detractor, 1 passive, 2 promoter.
inline size_t KindOfAnswer(double answer) { return answer >= 9 ? 2 : answer >= 7 ? 1 : 0; }

inline void Bootstrap(std::span<const double> answers, std::span<const double> weights,
                      const NetPromoterOptions &options, NetPromoterScore &result) {
  std::map<std::pair<size_t, double>, double> cells;  // How many rows of a kind and weight.
  for (size_t i = 0; i < answers.size(); ++i) {
    cells[{KindOfAnswer(answers[i]), weights.empty() ? 1.0 : weights[i]}] += 1;
  }
  std::vector<double> scores;
  scores.reserve(options.replicates);
  double sum = 0, square = 0;
  for (uint32_t r = 0; r < options.replicates; ++r) {
    const RandomStream random(options.seed, r);
    double kinds[3] = {0, 0, 0};
    uint32_t draw = 0;
    for (const auto &[cell, rows] : cells) {
      kinds[cell.first] += cell.second * static_cast<double>(random.Poisson(draw++, rows));
    }
    const double all = kinds[0] + kinds[1] + kinds[2];
    if (!(all > 0)) continue;  // Of a few answers none may be drawn.
    scores.push_back(100 * (kinds[2] - kinds[0]) / all);
    sum += scores.back();
  }
  std::ranges::sort(scores);
  const auto count = static_cast<double>(scores.size());
  for (const double score : scores) square += (score - sum / count) * (score - sum / count);
  const auto at = [&](double p) {
    const double place = p * (count - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, scores.size() - 1);
    return scores[below] + (place - std::floor(place)) * (scores[above] - scores[below]);
  };
  result.std_err = std::sqrt(square / (count - 1));
  result.lower = at(0.5 - 0.5 * options.level);
  result.upper = at(0.5 + 0.5 * options.level);
}

}  // namespace detail

inline absl::StatusOr<NetPromoterScore> MeasureNetPromoter(std::span<const double> answers,
                                                           std::span<const double> weights,
                                                           const NetPromoterOptions &options) {
  PATRON_RETURN_IF_ERROR(detail::CheckLevel(options.level));
  if (options.replicates < 100 || options.replicates > 1'000'000) {
    return InvalidOption("replicates", absl::StrCat(options.replicates), "100 to 1000000");
  }
  if (answers.empty()) return InvalidOption("answer", "0 rows", "at least 1");
  if (!weights.empty() && weights.size() != answers.size()) {
    return InvalidOption("weight", absl::StrCat(weights.size(), " rows"),
                         absl::StrCat(answers.size(), " as in answer"));
  }
  double kinds[3] = {0, 0, 0}, squares = 0;
  uint64_t bad = 0, first_bad = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const double a = answers[i];
    if (!(a >= 0 && a <= 10) || a != std::floor(a)) {
      if (bad++ == 0) first_bad = i;
      continue;
    }
    const double w = weights.empty() ? 1.0 : weights[i];
    if (!(w > 0) || !std::isfinite(w)) {
      return InvalidRow("weight", i, FormatNumber(w), "a finite number above 0");
    }
    kinds[detail::KindOfAnswer(a)] += w;
    squares += w * w;
  }
  if (bad > 0) {
    return InvalidRow("answer", first_bad, FormatNumber(answers[first_bad]),
                      "a whole number from 0 to 10", bad);
  }
  const double total = kinds[0] + kinds[1] + kinds[2];
  NetPromoterScore result{};
  result.promoters = kinds[2] / total;
  result.passives = kinds[1] / total;
  result.detractors = kinds[0] / total;
  result.answers = static_cast<int64_t>(answers.size());
  result.effective = total * total / squares;
  double p = result.promoters, q = result.detractors, n = result.effective;
  if (options.interval == ScoreInterval::kAdjustedWald) {
    p = (p * n + 0.75) / (n + 3);
    q = (q * n + 0.75) / (n + 3);
    n += 3;
  }
  const double net = p - q;
  result.score = 100 * net;
  result.std_err = 100 * std::sqrt(std::max(0.0, p + q - net * net) / n);
  const double z = NormalQuantile(0.5 + 0.5 * options.level);
  result.lower = std::max(-100.0, result.score - z * result.std_err);
  result.upper = std::min(100.0, result.score + z * result.std_err);
  if (options.interval == ScoreInterval::kBootstrap) {
    detail::Bootstrap(answers, weights, options, result);
  }
  return result;
}

inline ScoreChange CompareWaves(const NetPromoterScore &first, const NetPromoterScore &second,
                                double level) {
  ScoreChange result{};
  result.change = second.score - first.score;
  result.std_err = std::hypot(first.std_err, second.std_err);
  const double z = NormalQuantile(0.5 + 0.5 * level);
  result.lower = std::max(-200.0, result.change - z * result.std_err);
  result.upper = std::min(200.0, result.change + z * result.std_err);
  const double ratio = result.change / result.std_err;
  result.p_value =
      result.std_err > 0 ? clv::ChiSquareTail(ratio * ratio, 1) : (result.change == 0 ? 1 : 0);
  return result;
}

inline absl::StatusOr<Proportion> WilsonProportion(int64_t successes, int64_t trials,
                                                   double level) {
  PATRON_RETURN_IF_ERROR(detail::CheckLevel(level));
  if (trials < 1) return InvalidOption("trials", absl::StrCat(trials), "at least 1");
  if (successes < 0 || successes > trials) {
    return InvalidOption("successes", absl::StrCat(successes), absl::StrCat("0 to ", trials));
  }
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double z = NormalQuantile(0.5 + 0.5 * level), z2 = z * z;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = z / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return Proportion{share, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

inline absl::StatusOr<double> WalletAllocation(double rank, double brands) {
  if (!(brands >= 1) || brands != std::floor(brands) || !std::isfinite(brands)) {
    return InvalidOption("brands", FormatNumber(brands), "a whole number, at least 1");
  }
  if (!(rank >= 1 && rank <= brands)) {
    return InvalidOption("rank", FormatNumber(rank), absl::StrCat("1 to ", FormatNumber(brands)));
  }
  return (1 - rank / (brands + 1)) * 2 / brands;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_NET_PROMOTER_HPP_
