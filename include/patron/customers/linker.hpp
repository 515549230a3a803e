// A linker: which records are the same person, by fields, blocks and a model learned from the data.
#ifndef PATRON_CUSTOMERS_LINKER_HPP_
#define PATRON_CUSTOMERS_LINKER_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_fields.hpp"
#include "patron/customers/link_levels.hpp"
#include "patron/customers/link_model.hpp"
#include "patron/customers/link_patterns.hpp"
#include "patron/customers/link_records.hpp"
#include "patron/customers/link_score.hpp"

namespace patron::customers {

struct FitOptions {
  double recall = 0.7;  // Share of the matches that `certain` finds, or of those that blocks find.
  ChanceOptions chance;
  RoundOptions round;
};

struct FitReport {
  LinkModel model;
  std::shared_ptr<const LinkTerms> terms;  // Null for a model from elsewhere.
  std::vector<Round> rounds;               // By training rule.
  std::vector<std::string> warnings;
};

// Learns the model: u counted over all pairs of records, m in one round for each training rule, where
// the fields of the rule's columns are left out, and averaged over the rounds, by their expected
// matches; the rate of matches from the pairs of `certain` rules over `recall`, or, without such rules,
// as the expected matches in the blocks over `recall`, until it agrees with itself.
// Where `patterns` is given and the pairs of the blocks were compared, and are not too many, it gets
// their patterns.
// Errors: Cancelled; FailedPrecondition if there are no two records to compare.
absl::StatusOr<FitReport> FitLinks(const LinkRecords &records, const LinkPlan &plan,
                                   const FitOptions &options, const Execution &execution,
                                   PairPatterns *patterns = nullptr);

// Pairs that were found, by left and then right record.
struct FoundPairs {
  std::vector<RecordPair> pairs;
  std::vector<double> weights;
  std::vector<double> field_weights;  // By pair and field, if wanted.
  uint64_t compared = 0;              // Pairs of the union of all blocks.
};

struct FindOptions {
  double threshold = 0;              // Least weight: log2 of the odds.
  bool field_weights = true;         // Whether they are wanted.
  const LinkTerms *terms = nullptr;  // Of the model; null = values are counted in the records.
  // Of the same records and plan, if they are known.
  const PairPatterns *patterns = nullptr;
};

// Every pair of the union of the blocks whose weight is at least the threshold.
// Errors: Cancelled.
absl::StatusOr<FoundPairs> FindPairs(const LinkRecords &records, const LinkPlan &plan,
                                     const LinkModel &model, const FindOptions &options,
                                     const Execution &execution);
inline absl::StatusOr<FoundPairs> FindPairs(const LinkRecords &records, const LinkPlan &plan,
                                            const LinkModel &model, double threshold,
                                            const Execution &execution) {
  return FindPairs(records, plan, model, FindOptions{.threshold = threshold}, execution);
}

namespace detail {

inline double AllPairs(const LinkRecords &records) {
  const auto n = static_cast<double>(records.size);
  double pairs = n * (n - 1) / 2;
  for (size_t i = 0; i < records.sources.size();) {
    size_t end = i;
    while (end < records.sources.size() && records.sources[end] == records.sources[i]) ++end;
    const auto same = static_cast<double>(end - i);
    pairs -= same * (same - 1) / 2;
    i = end;
  }
  return pairs;
}

// By left and then right record. Weights are moved in place along the cycles of the order.
inline void SortPairs(FoundPairs &found, size_t fields) {
  const size_t n = found.pairs.size();
  std::vector<uint32_t> from(n);
  for (size_t p = 0; p < n; ++p) from[p] = static_cast<uint32_t>(p);
  std::ranges::sort(from, {}, [&](uint32_t p) {
    return static_cast<uint64_t>(found.pairs[p].left) << 32 | found.pairs[p].right;
  });
  std::vector<double> held(fields);
  const auto row = [&](size_t p) {
    return found.field_weights.begin() + static_cast<ptrdiff_t>(p * fields);
  };
  constexpr uint32_t kDone = 0xFFFFFFFF;
  for (uint32_t start = 0; start < n; ++start) {
    if (from[start] == kDone || from[start] == start) continue;
    const RecordPair pair = found.pairs[start];
    const double weight = found.weights[start];
    std::copy_n(row(start), fields, held.begin());
    uint32_t at = start;
    for (;;) {
      const uint32_t next = from[at];
      from[at] = kDone;
      if (next == start) break;
      found.pairs[at] = found.pairs[next];
      found.weights[at] = found.weights[next];
      std::copy_n(row(next), fields, row(at));
      at = next;
    }
    found.pairs[at] = pair;
    found.weights[at] = weight;
    std::ranges::copy(held, row(at));
  }
}

inline uint64_t CountUnion(const LinkRecords &records, const std::vector<Blocks> &all) {
  uint64_t pairs = 0;
  for (size_t r = 0; r < all.size(); ++r) {
    const std::span<const Blocks> before(all.data(), r);
    ForEachPair(records, all[r], before, 0, all[r].keys(), [&](uint32_t, uint32_t) { ++pairs; });
  }
  return pairs;
}

}  // namespace detail

inline absl::StatusOr<FitReport> FitLinks(const LinkRecords &records, const LinkPlan &plan,
                                          const FitOptions &options, const Execution &execution,
                                          PairPatterns *patterns) {
  const double all_pairs = detail::AllPairs(records);
  if (all_pairs < 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("table: ", records.size, " rows; expected two or more to compare"));
  }
  const detail::PatternCode coder(plan.fields);
  if (!coder.fits()) {
    return InvalidOption("fields", "more than 2^58 combinations of levels",
                         "fewer fields or levels");
  }
  FitReport report;
  const auto terms = std::make_shared<LinkTerms>();
  PATRON_RETURN_IF_ERROR(CountTerms(records, plan, terms.get()));
  report.terms = terms;
  report.model.fields.resize(plan.fields.size());
  std::vector<FieldLevels> levels;
  for (size_t k = 0; k < plan.fields.size(); ++k) {
    levels.emplace_back(plan.fields[k], records.columns[plan.field_columns[k]]);
    Chance chance;
    PATRON_RETURN_IF_ERROR(CountChance(records, levels.back(), options.chance, execution, &chance));
    FieldModel &model = report.model.fields[k];
    model.u = std::move(chance.u);
    model.equal = chance.equal;
    model.sampled = chance.sampled;
    model.m = StartingM(plan.fields[k].levels.size());
    levels.back().MakeKeys();
  }
  const std::vector<BlockRule> &training = plan.training.empty() ? plan.blocks : plan.training;
  std::vector<std::vector<double>> sums(plan.fields.size());
  std::vector<double> mass(plan.fields.size());
  PATRON_ASSIGN_OR_RETURN(
      const detail::PatternCounts counts,
      detail::CountPatterns(records, levels, coder, training, plan.cap, execution,
                            plan.training.empty() ? patterns : nullptr));
  for (size_t r = 0; r < training.size(); ++r) {
    const BlockRule &rule = training[r];
    std::vector<uint8_t> fixed(plan.fields.size());
    for (size_t k = 0; k < fixed.size(); ++k) {
      for (const KeyPart &part : rule.parts)
        fixed[k] |= part.column == plan.field_columns[k] ? 1 : 0;
    }
    Round round = RunRound(counts.OfRule(coder, r), report.model.fields, fixed, options.round);
    const std::vector<std::string> warnings = WarningsOf("round '" + rule.text + "'", round);
    report.warnings.insert(report.warnings.end(), warnings.begin(), warnings.end());
    if (round.matches >= 1) {
      for (size_t k = 0; k < fixed.size(); ++k) {
        if (fixed[k] != 0) continue;
        sums[k].resize(round.m[k].size());
        for (size_t l = 0; l < round.m[k].size(); ++l) sums[k][l] += round.matches * round.m[k][l];
        mass[k] += round.matches;
      }
    }
    report.rounds.push_back(std::move(round));
  }
  for (size_t k = 0; k < plan.fields.size(); ++k) {
    FieldModel &model = report.model.fields[k];
    const std::string &name = plan.fields[k].column;
    if (mass[k] > 0) {
      for (size_t l = 0; l < model.m.size(); ++l) model.m[l] = sums[k][l] / mass[k];
      model.learned = true;
    } else {
      report.warnings.push_back(name + ": no round could estimate it; its m is a guess");
    }
    for (size_t l = 0; l + 1 < model.m.size(); ++l) {
      if (model.u[l] > 0 && model.Weight(l) < model.Weight(l + 1) - 1e-9) {
        report.warnings.push_back(absl::StrCat(name, ": level ", l, " weighs less than level ",
                                               l + 1, "; the levels are out of order"));
      }
    }
    if (model.m[0] < model.u[0]) {
      report.warnings.push_back(name + ": agreement is rarer among matches than by chance");
    }
  }

  if (!plan.certain.empty()) {
    std::vector<Blocks> blocks;
    for (const BlockRule &rule : plan.certain)
      blocks.push_back(MakeBlocks(records, rule, plan.cap));
    const auto found = static_cast<double>(detail::CountUnion(records, blocks));
    report.model.match_rate = std::max(found, 0.5) / options.recall / all_pairs;
  } else {
    std::vector<Pattern> union_patterns;
    if (plan.training.empty()) {
      union_patterns = counts.OfRule(coder, training.size());
    } else {
      PATRON_ASSIGN_OR_RETURN(const detail::PatternCounts found,
                              detail::CountPatterns(records, levels, coder, plan.blocks, plan.cap,
                                                    execution, patterns));
      union_patterns = found.OfRule(coder, plan.blocks.size());
    }
    std::vector<double> weights;
    for (const Pattern &pattern : union_patterns) {
      double weight = 0;
      for (size_t k = 0; k < plan.fields.size(); ++k) {
        if (pattern.levels[k] < 0) continue;
        weight += report.model.fields[k].Weight(static_cast<size_t>(pattern.levels[k]));
      }
      weights.push_back(weight);
    }
    double rate = 1 / static_cast<double>(records.size);
    double compared = 0;
    for (const Pattern &pattern : union_patterns) compared += static_cast<double>(pattern.pairs);
    for (int i = 0; i < options.round.most_iterations; ++i) {
      const double prior = WeightOf(std::clamp(rate, 1e-15, 0.999));
      double matches = 0;
      for (size_t p = 0; p < union_patterns.size(); ++p) {
        matches += ProbabilityOf(prior + weights[p]) * static_cast<double>(union_patterns[p].pairs);
      }
      // Pairs that agree in no block match no more often than others do: where nothing tells pairs
      // apart, the rate must not run away.
      const double missed =
          std::min(matches * (1 / options.recall - 1), (all_pairs - compared) * rate);
      const double next = std::max(matches + missed, 0.5) / all_pairs;
      const bool still = std::abs(next - rate) <= options.round.tolerance * rate;
      rate = next;
      if (still) break;
    }
    report.model.match_rate = rate;
  }
  report.model.match_rate = std::min(report.model.match_rate, 0.999);
  return report;
}

inline absl::StatusOr<FoundPairs> FindPairs(const LinkRecords &records, const LinkPlan &plan,
                                            const LinkModel &model, const FindOptions &options,
                                            const Execution &execution) {
  PairScorer scorer(records, plan, model, options.terms);
  const PairPatterns *patterns = options.patterns;
  if (patterns != nullptr && patterns->rules.size() != plan.blocks.size()) patterns = nullptr;
  if (patterns == nullptr) scorer.MakeKeys();
  const size_t fields = scorer.fields();
  const size_t kept = options.field_weights ? fields : 0;
  FoundPairs found;
  std::vector<Blocks> blocks;
  blocks.reserve(plan.blocks.size());
  for (const BlockRule &rule : plan.blocks) {
    blocks.push_back(MakeBlocks(records, rule, plan.cap));
    const std::span<const Blocks> before(blocks.data(), blocks.size() - 1);
    PATRON_RETURN_IF_ERROR(detail::OverKeys(
        blocks.back(), execution,
        [&](size_t number, size_t begin, size_t end) {
          FoundPairs part;
          std::vector<double> by_field(fields);
          const PairPatterns::Rule *known =
              patterns != nullptr ? &patterns->rules[blocks.size() - 1] : nullptr;
          size_t next = known != nullptr ? known->starts[number] : 0;
          ForEachPair(records, blocks.back(), before, begin, end, [&](uint32_t i, uint32_t j) {
            ++part.compared;
            const double weight =
                known != nullptr
                    ? scorer.Score(i, j, patterns->Of(known->patterns[next++]), by_field.data())
                    : scorer.Score(i, j, by_field.data());
            if (!(weight >= options.threshold)) return;
            part.pairs.push_back({i, j});
            part.weights.push_back(weight);
            part.field_weights.insert(part.field_weights.end(), by_field.begin(),
                                      by_field.begin() + static_cast<ptrdiff_t>(kept));
          });
          return part;
        },
        [&](FoundPairs &&part) {
          found.compared += part.compared;
          found.pairs.insert(found.pairs.end(), part.pairs.begin(), part.pairs.end());
          found.weights.insert(found.weights.end(), part.weights.begin(), part.weights.end());
          found.field_weights.insert(found.field_weights.end(), part.field_weights.begin(),
                                     part.field_weights.end());
        }));
    // Later rules ask for the keys alone.
    blocks.back().order = {};
    blocks.back().starts = {};
  }
  blocks = {};
  detail::SortPairs(found, kept);
  return found;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINKER_HPP_
