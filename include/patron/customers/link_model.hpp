// The model of Fellegi and Sunter (1969): what agreement is worth, and how it is learned.
#ifndef PATRON_CUSTOMERS_LINK_MODEL_HPP_
#define PATRON_CUSTOMERS_LINK_MODEL_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::customers {

// Of one field: the probability of each level, "else" last, among matches and among others.
struct FieldModel {
  std::vector<double> m, u;
  double equal = 0;  // Probability that others have equal values.
  bool sampled = false;
  bool learned = false;  // Whether a round could estimate m.

  // log2(m / u) of a level; 0 where both are 0.
  double Weight(size_t level) const;
};

struct LinkModel {
  double match_rate = 0;  // Probability that two records match, of all pairs.
  std::vector<FieldModel> fields;

  double PriorWeight() const;
};

// 2^w / (1 + 2^w), without overflow.
double ProbabilityOf(double weight);

// log2(p / (1 - p)): the threshold of weight for a probability. Infinite at 0 and 1.
double WeightOf(double probability);

// Pairs that have the same levels in all fields.
struct Pattern {
  std::vector<int8_t> levels;  // By field; kNullLevel without a value.
  uint64_t pairs = 0;
};

struct RoundOptions {
  int most_iterations = 100;
  double tolerance = 1e-6;  // The largest change of a probability at which a round ends.
  double floor = 1e-6;      // Least m.
};

// One round of estimation over the pairs of one rule.
struct Round {
  double match_rate = 0;  // Among its pairs.
  double matches = 0;     // Expected.
  uint64_t pairs = 0;
  int iterations = 0;
  bool converged = false;
  std::vector<std::vector<double>> m;  // By field; empty where the rule fixes the field.
};

// Estimates m by expectation and maximisation with u held (as anchored by all pairs, it cannot drift
// to another solution), for the fields that are not `fixed`. `start` is the m to begin with.
Round RunRound(std::span<const Pattern> patterns, const std::vector<FieldModel> &start,
               const std::vector<uint8_t> &fixed, const RoundOptions &options);

// m before anything is known: 0.9 at the first level, falling.
std::vector<double> StartingM(size_t levels);

// What looks wrong in the estimates of a round or of the whole model.
std::vector<std::string> WarningsOf(const std::string &name, const Round &round);

inline double FieldModel::Weight(size_t level) const {
  const double chance = u[level], match = m[level];
  if (chance == 0 && match == 0) return 0;
  // What never happens by chance in the data is worth no more than once in 2^40.
  constexpr double kLeast = 1.0 / (uint64_t{1} << 40);
  return std::log2(std::max(match, kLeast) / std::max(chance, kLeast));
}

inline double LinkModel::PriorWeight() const { return WeightOf(match_rate); }

inline double ProbabilityOf(double weight) {
  if (weight >= 0) return 1 / (1 + std::exp2(-weight));
  const double odds = std::exp2(weight);
  return odds / (1 + odds);
}

inline double WeightOf(double probability) {
  if (probability <= 0) return -std::numeric_limits<double>::infinity();
  if (probability >= 1) return std::numeric_limits<double>::infinity();
  return std::log2(probability / (1 - probability));
}

inline std::vector<double> StartingM(size_t levels) {
  // Half of what is left at each level, of 0.95 in all; 0.05 for "else".
  std::vector<double> m(levels + 1);
  double left = 0.95;
  for (size_t l = 0; l < levels; ++l) {
    m[l] = l + 1 == levels ? left : left * 0.8;
    left -= m[l];
  }
  m[levels] = 0.05;
  return m;
}

inline Round RunRound(std::span<const Pattern> patterns, const std::vector<FieldModel> &start,
                      const std::vector<uint8_t> &fixed, const RoundOptions &options) {
  const size_t fields = start.size();
  Round round;
  round.m.resize(fields);
  for (size_t k = 0; k < fields; ++k) {
    if (fixed[k] == 0) round.m[k] = start[k].m;
  }
  for (const Pattern &pattern : patterns) round.pairs += pattern.pairs;
  if (round.pairs == 0) return round;
  const auto all = static_cast<double>(round.pairs);
  double rate = 0.3;
  std::vector<double> posterior(patterns.size());
  for (round.iterations = 1; round.iterations <= options.most_iterations; ++round.iterations) {
    std::vector<std::vector<double>> weights(fields);
    for (size_t k = 0; k < fields; ++k) {
      if (fixed[k] != 0) continue;
      FieldModel model = {.m = round.m[k], .u = start[k].u};
      for (size_t l = 0; l < model.m.size(); ++l) weights[k].push_back(model.Weight(l));
    }
    const double prior = WeightOf(std::clamp(rate, 1e-12, 1 - 1e-12));
    double matches = 0;
    for (size_t p = 0; p < patterns.size(); ++p) {
      double weight = prior;
      for (size_t k = 0; k < fields; ++k) {
        const int level = patterns[p].levels[k];
        if (fixed[k] == 0 && level >= 0) weight += weights[k][static_cast<size_t>(level)];
      }
      posterior[p] = ProbabilityOf(weight) * static_cast<double>(patterns[p].pairs);
      matches += posterior[p];
    }
    double change = std::abs(matches / all - rate);
    rate = matches / all;
    for (size_t k = 0; k < fields; ++k) {
      if (fixed[k] != 0) continue;
      std::vector<double> sums(round.m[k].size());
      double sum = 0;
      for (size_t p = 0; p < patterns.size(); ++p) {
        const int level = patterns[p].levels[k];
        if (level < 0) continue;
        sums[static_cast<size_t>(level)] += posterior[p];
        sum += posterior[p];
      }
      if (!(sum > 0)) continue;
      double normal = 0;
      for (double &value : sums) {
        value = std::max(value / sum, options.floor);
        normal += value;
      }
      for (size_t l = 0; l < sums.size(); ++l) {
        sums[l] /= normal;
        change = std::max(change, std::abs(sums[l] - round.m[k][l]));
      }
      round.m[k] = std::move(sums);
    }
    round.matches = matches;
    if (change < options.tolerance) {
      round.converged = true;
      break;
    }
  }
  round.iterations = std::min(round.iterations, options.most_iterations);
  round.match_rate = rate;
  return round;
}

inline std::vector<std::string> WarningsOf(const std::string &name, const Round &round) {
  std::vector<std::string> warnings;
  if (round.pairs == 0) {
    warnings.push_back(name + ": no pairs; the round says nothing");
    return warnings;
  }
  if (!round.converged) {
    warnings.push_back(
        absl::StrCat(name, ": still moving after ", round.iterations, " iterations"));
  }
  if (round.match_rate > 0.9) {
    warnings.push_back(name + ": " + FormatNumber(std::round(round.match_rate * 1000) / 10) +
                       "% of its pairs match; with so few others m is taken from nearly all pairs");
  }
  if (round.matches < 1) {
    warnings.push_back(name + ": less than one match is expected; the round has collapsed");
  }
  return warnings;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_MODEL_HPP_
