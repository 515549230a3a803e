// Segments: named groups of RFM scores by ordered rules, and a check of the rules before any data.
#ifndef PATRON_VALUE_SEGMENTS_HPP_
#define PATRON_VALUE_SEGMENTS_HPP_

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "patron/base/status.hpp"
#include "patron/value/score_scale.hpp"

namespace patron::value {

inline constexpr size_t kMaxSegmentRules = 1000;

// Scores from low to high, both included. Ends beyond the scale are cut to it; a range with low
// above high holds nothing. The default holds every score.
struct ScoreRange {
  int low = 1;
  int high = kMaxScoreBins;
};

// One row of a rule table: the cells (R, F, M) in all of its ranges belong to segment `name`.
struct SegmentRule {
  std::string name;
  ScoreRange recency;
  ScoreRange frequency;
  ScoreRange monetary;
  std::optional<ScoreRange> mean_fm;  // On (F + M) / 2, which may lie between two whole scores.
};

// An ordered rule table: the first rule that holds a cell has it, and `others` has the rest. Rules
// of the same name make one segment.
struct SegmentRules {
  std::vector<SegmentRule> rules;
  int recency_bins = 5;  // The scale the ranges are meant for, 2 to 100 scores a dimension.
  int frequency_bins = 5;
  int monetary_bins = 5;
  std::string others = "Others";
};

// Published rule tables, all on five scores.
enum class SegmentPreset : int32_t {
  kGrid = 0,    // The 25-cell R x F grid of many tutorials: total, the order does not matter.
  kTableA = 1,  // Documentation of R rfm 0.3.0.
  kTableB = 2,  // Documentation and tests of R rfm 0.2.x; three rows can never be assigned.
  kPutler = 3,  // The table B was made from: ranges on the mean of F and M, with Hibernating.
};

// Errors: InvalidArgument if `preset` is none of the above.
absl::StatusOr<SegmentRules> PresetSegmentRules(SegmentPreset preset);

struct ScoreCell {
  uint8_t recency;
  uint8_t frequency;
  uint8_t monetary;
  friend bool operator==(const ScoreCell &, const ScoreCell &) = default;
};

// A cell that several rules hold, and the first two of them (zero-based).
struct AmbiguousCell {
  ScoreCell cell;
  int first;
  int second;
};

enum class UnreachableReason : int32_t {
  kEmptyRange = 0,  // A range has its low end above its high end.
  kNoCell = 1,      // The ranges meet in no cell of the scale.
  kHidden = 2,      // Earlier rules have all its cells.
};

struct UnreachableRule {
  int rule;  // Zero-based.
  UnreachableReason reason;
  std::vector<int> hidden_by;  // kHidden: the rules that have its cells.
};

// What is wrong with a rule table, whatever the data. Lists hold the first cells by R, F, M; the
// counts are complete.
struct SegmentCheck {
  int64_t cells = 0;
  int64_t uncovered = 0;  // In no rule: their customers become "others".
  int64_t ambiguous = 0;  // In more than one rule: the order decides.
  std::vector<ScoreCell> uncovered_cells;
  std::vector<AmbiguousCell> ambiguous_cells;
  std::vector<UnreachableRule> unreachable;  // Never assigned.
  std::vector<int64_t> cells_of_rule;        // How many cells each rule has in the end.
};

// A rule table made ready: checked, and with the segment of every cell.
class SegmentTable {
 public:
  // Errors: InvalidArgument if there is no rule or more than 1000, a name is empty, or bins are
  // not 2 to 100. Overlaps, gaps and dead rules are no errors but reported by check(), of which
  // at most `max_listed` uncovered and ambiguous cells are listed, and `hidden_by` of each dead rule
  // unless told otherwise.
  // Cost: O(R F rules) time, with `hidden_by` O(R F M) for each hidden rule as well; 4 bytes for
  // each of the R F M cells.
  static absl::StatusOr<SegmentTable> Compile(const SegmentRules &rules, size_t max_listed = 1000,
                                              bool with_hidden_by = true);

  // Segments in order of their first rule; last, if some cell is uncovered, `others`.
  const std::vector<std::string> &names() const { return names_; }
  const SegmentCheck &check() const { return check_; }

  int recency_bins() const { return bins_[0]; }
  int frequency_bins() const { return bins_[1]; }
  int monetary_bins() const { return bins_[2]; }

  // The index in names() of the segment of a cell of the scale. Cost: O(1).
  int SegmentOf(int recency, int frequency, int monetary) const {
    return segment_of_cell_[CellIndex(recency, frequency, monetary)];
  }

 private:
  using Scores = std::bitset<kMaxScoreBins>;
  static constexpr int32_t kNoRule = -1;

  size_t CellIndex(int recency, int frequency, int monetary) const {
    return static_cast<size_t>(((recency - 1) * bins_[1] + frequency - 1) * bins_[2] + monetary -
                               1);
  }
  Scores MonetaryScores(const SegmentRule &rule, int recency, int frequency) const;
  // Gives for each rule whether it has a cell, if only one that earlier rules have.
  std::vector<char> AssignCells(const SegmentRules &rules, size_t max_listed);
  void FindUnreachable(const SegmentRules &rules, const std::vector<char> &has_cell,
                       bool with_hidden_by);
  void NameSegments(const SegmentRules &rules);

  int bins_[3] = {0, 0, 0};
  std::vector<int32_t> segment_of_cell_;  // While compiling: the rule of each cell.
  std::vector<std::string> names_;
  SegmentCheck check_;
};

namespace detail {

inline bool Holds(const ScoreRange &range, int score) {
  return range.low <= score && score <= range.high;
}

inline bool IsEmpty(const ScoreRange &range) { return range.low > range.high; }

inline absl::Status CheckSegmentRules(const SegmentRules &rules) {
  const size_t count = rules.rules.size();
  if (count == 0 || count > kMaxSegmentRules) {
    return InvalidOption("segment rules", absl::StrCat(count, " rows"), "1 to 1000");
  }
  for (size_t i = 0; i < count; ++i) {
    if (!rules.rules[i].name.empty()) continue;
    return InvalidRow("segment name", i, "empty", "a name");
  }
  if (rules.others.empty()) {
    return InvalidOption("others", "empty", "a name for customers in no segment");
  }
  const std::pair<std::string_view, int> bins[] = {{"recency bins", rules.recency_bins},
                                                   {"frequency bins", rules.frequency_bins},
                                                   {"monetary bins", rules.monetary_bins}};
  for (const auto &[name, number] : bins) {
    if (number >= kMinScoreBins && number <= kMaxScoreBins) continue;
    return InvalidOption(name, absl::StrCat(number), "2 to 100");
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<SegmentRules> PresetSegmentRules(SegmentPreset preset) {
  SegmentRules table;
  const auto add = [&](const char *name, ScoreRange r, ScoreRange f, ScoreRange m) {
    table.rules.push_back({name, r, f, m, std::nullopt});
  };
  const auto add_mean = [&](const char *name, ScoreRange r, ScoreRange fm) {
    table.rules.push_back({name, r, {}, {}, fm});
  };
  switch (preset) {
    case SegmentPreset::kGrid:
      add("Champions", {5, 5}, {4, 5}, {});
      add("Loyal Customers", {3, 4}, {4, 5}, {});
      add("Potential Loyalist", {4, 5}, {2, 3}, {});
      add("New Customers", {5, 5}, {1, 1}, {});
      add("Promising", {4, 4}, {1, 1}, {});
      add("Need Attention", {3, 3}, {3, 3}, {});
      add("About To Sleep", {3, 3}, {1, 2}, {});
      add("At Risk", {1, 2}, {3, 4}, {});
      add("Can't Lose Them", {1, 2}, {5, 5}, {});
      add("Hibernating", {1, 2}, {1, 2}, {});
      return table;
    case SegmentPreset::kTableA:
      add("Champions", {5, 5}, {5, 5}, {5, 5});
      add("Potential Loyalist", {3, 5}, {3, 5}, {2, 5});
      add("Loyal Customers", {2, 4}, {2, 4}, {2, 4});
      add("Promising", {3, 4}, {1, 3}, {3, 5});
      add("New Customers", {4, 5}, {1, 3}, {1, 5});
      add("Can't Lose Them", {1, 2}, {3, 4}, {4, 5});
      add("At Risk", {1, 2}, {2, 5}, {4, 5});
      add("Need Attention", {1, 3}, {3, 5}, {3, 5});
      add("About To Sleep", {2, 3}, {1, 3}, {1, 4});
      add("Lost", {1, 1}, {1, 5}, {1, 5});
      return table;
    case SegmentPreset::kTableB:
      add("Champions", {4, 5}, {4, 5}, {4, 5});
      add("Loyal Customers", {2, 5}, {3, 5}, {3, 5});
      add("Potential Loyalist", {3, 5}, {1, 3}, {1, 3});
      add("New Customers", {4, 5}, {1, 1}, {1, 1});
      add("Promising", {3, 4}, {1, 1}, {1, 1});
      add("Need Attention", {2, 3}, {2, 3}, {2, 3});
      add("About To Sleep", {2, 3}, {1, 2}, {1, 2});
      add("At Risk", {1, 2}, {2, 5}, {2, 5});
      add("Can't Lose Them", {1, 1}, {4, 5}, {4, 5});
      add("Lost", {1, 2}, {1, 2}, {1, 2});
      return table;
    case SegmentPreset::kPutler:
      add_mean("Champions", {4, 5}, {4, 5});
      add_mean("Loyal Customers", {2, 5}, {3, 5});
      add_mean("Potential Loyalist", {3, 5}, {1, 3});
      add_mean("New Customers", {4, 5}, {0, 1});
      add_mean("Promising", {3, 4}, {0, 1});
      add_mean("Need Attention", {2, 3}, {2, 3});
      add_mean("About To Sleep", {2, 3}, {0, 2});
      add_mean("At Risk", {0, 2}, {2, 5});
      add_mean("Can't Lose Them", {0, 1}, {4, 5});
      add_mean("Hibernating", {1, 2}, {1, 2});
      add_mean("Lost", {0, 2}, {0, 2});
      return table;
  }
  return InvalidOption("preset", absl::StrCat(static_cast<int32_t>(preset)),
                       "0 (grid), 1 (A), 2 (B) or 3 (Putler)");
}

inline absl::StatusOr<SegmentTable> SegmentTable::Compile(const SegmentRules &rules,
                                                          size_t max_listed, bool with_hidden_by) {
  PATRON_RETURN_IF_ERROR(detail::CheckSegmentRules(rules));
  SegmentTable table;
  table.bins_[0] = rules.recency_bins;
  table.bins_[1] = rules.frequency_bins;
  table.bins_[2] = rules.monetary_bins;
  table.FindUnreachable(rules, table.AssignCells(rules, max_listed), with_hidden_by);
  table.NameSegments(rules);
  return table;
}

// The monetary scores, score 1 as bit 0, that `rule` holds together with the other two.
inline SegmentTable::Scores SegmentTable::MonetaryScores(const SegmentRule &rule, int recency,
                                                         int frequency) const {
  if (!detail::Holds(rule.recency, recency) || !detail::Holds(rule.frequency, frequency)) return {};
  int64_t low = std::max(rule.monetary.low, 1);
  int64_t high = std::min(rule.monetary.high, bins_[2]);
  if (rule.mean_fm.has_value()) {
    low = std::max(low, int64_t{2} * rule.mean_fm->low - frequency);
    high = std::min(high, int64_t{2} * rule.mean_fm->high - frequency);
  }
  if (low > high) return {};
  const auto length = static_cast<size_t>(high - low + 1);
  return (~Scores() >> (kMaxScoreBins - length)) << static_cast<size_t>(low - 1);
}

inline std::vector<char> SegmentTable::AssignCells(const SegmentRules &rules, size_t max_listed) {
  const size_t count = rules.rules.size();
  check_.cells = int64_t{bins_[0]} * bins_[1] * bins_[2];
  check_.cells_of_rule.resize(count, 0);
  segment_of_cell_.assign(static_cast<size_t>(check_.cells), kNoRule);
  std::vector<char> has_cell(count, 0);
  const auto cell_of = [](int r, int f, int m) {
    return ScoreCell{static_cast<uint8_t>(r), static_cast<uint8_t>(f), static_cast<uint8_t>(m)};
  };
  for (int r = 1; r <= bins_[0]; ++r) {
    for (int f = 1; f <= bins_[1]; ++f) {
      Scores covered, covered_twice;
      int second[kMaxScoreBins] = {};
      for (size_t i = 0; i < count; ++i) {
        const Scores held = MonetaryScores(rules.rules[i], r, f);
        if (held.none()) continue;
        has_cell[i] = 1;
        const Scores gained = held & ~covered;
        const Scores disputed = held & covered & ~covered_twice;
        check_.cells_of_rule[i] += static_cast<int64_t>(gained.count());
        for (int m = 1; m <= bins_[2] && (gained | disputed).any(); ++m) {
          const auto bit = static_cast<size_t>(m - 1);
          if (gained[bit]) segment_of_cell_[CellIndex(r, f, m)] = static_cast<int32_t>(i);
          if (disputed[bit]) second[bit] = static_cast<int>(i);
        }
        covered |= held;
        covered_twice |= disputed;
      }
      check_.uncovered += bins_[2] - static_cast<int64_t>(covered.count());
      check_.ambiguous += static_cast<int64_t>(covered_twice.count());
      for (int m = 1; m <= bins_[2]; ++m) {
        const auto bit = static_cast<size_t>(m - 1);
        if (!covered[bit] && check_.uncovered_cells.size() < max_listed) {
          check_.uncovered_cells.push_back(cell_of(r, f, m));
        }
        if (covered_twice[bit] && check_.ambiguous_cells.size() < max_listed) {
          const int first = segment_of_cell_[CellIndex(r, f, m)];
          check_.ambiguous_cells.push_back({cell_of(r, f, m), first, second[bit]});
        }
      }
    }
  }
  return has_cell;
}

inline void SegmentTable::FindUnreachable(const SegmentRules &rules,
                                          const std::vector<char> &has_cell, bool with_hidden_by) {
  for (size_t i = 0; i < rules.rules.size(); ++i) {
    if (check_.cells_of_rule[i] > 0) continue;
    const SegmentRule &rule = rules.rules[i];
    UnreachableRule dead{static_cast<int>(i), UnreachableReason::kNoCell, {}};
    if (detail::IsEmpty(rule.recency) || detail::IsEmpty(rule.frequency) ||
        detail::IsEmpty(rule.monetary) || (rule.mean_fm && detail::IsEmpty(*rule.mean_fm))) {
      dead.reason = UnreachableReason::kEmptyRange;
    } else if (has_cell[i]) {
      dead.reason = UnreachableReason::kHidden;
      std::vector<char> hides(i, 0);
      for (int r = 1; r <= bins_[0] && with_hidden_by; ++r) {
        for (int f = 1; f <= bins_[1]; ++f) {
          const Scores held = MonetaryScores(rule, r, f);
          for (int m = 1; m <= bins_[2] && held.any(); ++m) {
            if (!held[static_cast<size_t>(m - 1)]) continue;
            hides[static_cast<size_t>(segment_of_cell_[CellIndex(r, f, m)])] = 1;
          }
        }
      }
      for (size_t h = 0; h < i; ++h) {
        if (hides[h]) dead.hidden_by.push_back(static_cast<int>(h));
      }
    }
    check_.unreachable.push_back(std::move(dead));
  }
}

inline void SegmentTable::NameSegments(const SegmentRules &rules) {
  const auto index_of = [&](const std::string &name) {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) names_.push_back(name);
    return static_cast<int32_t>(std::ranges::find(names_, name) - names_.begin());
  };
  std::vector<int32_t> segment_of_rule;
  for (const SegmentRule &rule : rules.rules) segment_of_rule.push_back(index_of(rule.name));
  const int32_t others = check_.uncovered > 0 ? index_of(rules.others) : kNoRule;
  for (int32_t &cell : segment_of_cell_) {
    cell = cell == kNoRule ? others : segment_of_rule[static_cast<size_t>(cell)];
  }
}

}  // namespace patron::value

#endif  // PATRON_VALUE_SEGMENTS_HPP_
