// Tables in which nobody stands alone: generalisation of whole columns, with the least loss.
#ifndef PATRON_CUSTOMERS_K_ANONYMITY_HPP_
#define PATRON_CUSTOMERS_K_ANONYMITY_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::customers {

// One quasi-identifier: the code of each row, and for each level the group of each code. Level 0 has a
// group a code; each further level joins groups of the one before.
struct GeneralizedColumn {
  std::vector<uint32_t> codes;
  std::vector<std::vector<uint32_t>> groups;  // By level, by code.
};

// The first level that parts what the level before has joined; 0 if there is none.
size_t FirstUnnested(const GeneralizedColumn &column);

struct AnonymityOptions {
  uint32_t k = 5;  // Rows that a class has at least.
  uint32_t l = 1;  // Different sensitive values in it.
  double t = 1;    // Most distance of its sensitive values from those of all rows; 1 = any.
  double max_suppressed = 0;      // Share of rows that may be left out.
  uint64_t most_nodes = 100'000;  // Combinations of levels that may be looked at.
};

struct Anonymity {
  std::vector<uint32_t> levels;     // Chosen, by column.
  std::vector<uint32_t> class_of;   // By row, by first row; kSuppressed for those left out.
  std::vector<uint32_t> sizes;      // By class.
  std::vector<uint32_t> diversity;  // Different sensitive values, by class.
  std::vector<double> distance;     // Of the sensitive values from those of all rows, by class.
  uint64_t suppressed = 0;
  double loss =
      0;  // Mean over cells: (values of the group - 1) / (values - 1); 1 for rows left out.
  uint64_t nodes = 0, examined = 0;  // Combinations of levels, and those whose rows were counted.

  static constexpr uint32_t kSuppressed = std::numeric_limits<uint32_t>::max();
};

// Finds, over all combinations of levels, the one with the least loss in which, without the rows of
// classes that are too small, too alike (Machanavajjhala et al. 2007) or too unlike all rows (Li et al.
// 2007, with equal distances: half the sum of absolute differences of shares), at most max_suppressed
// of the rows are left out; of equal ones the first in order of levels. Exact: combinations are looked
// at in order of a bound from below, until none can be better. `sensitive` has a code a row, or is
// empty, and then l is 1 and t 1. Sweeney 2002.
//
// Errors: InvalidArgument for options out of range, or levels that do not join groups; OutOfRange if
// there are more combinations than most_nodes; FailedPrecondition if even the highest levels need more
// rows left out. Cost: O(combinations looked at x different rows x columns).
absl::StatusOr<Anonymity> Anonymize(std::span<const GeneralizedColumn> columns,
                                    std::span<const uint32_t> sensitive,
                                    const AnonymityOptions &options);

namespace detail {

class Anonymizer {
 public:
  Anonymizer(std::span<const GeneralizedColumn> columns, std::span<const uint32_t> sensitive,
             const AnonymityOptions &options)
      : columns_(columns), sensitive_(sensitive), options_(options) {}

  absl::Status Check() const;
  absl::StatusOr<Anonymity> Search();

 private:
  struct Outcome {
    uint64_t suppressed = 0;
    double kept_loss = 0;  // Of the rows that stay.
  };

  size_t rows() const { return columns_.front().codes.size(); }
  uint64_t MayBeSuppressed() const {
    return static_cast<uint64_t>(
        std::floor(options_.max_suppressed * static_cast<double>(rows()) + 1e-9));
  }
  std::vector<uint32_t> LevelsOf(uint64_t node) const;
  void Prepare();
  // The class of each row, numbered by first row.
  std::vector<uint32_t> Classes(const std::vector<uint32_t> &levels, uint32_t *count) const;
  std::vector<uint8_t> Refused(const std::vector<uint32_t> &classes, uint32_t count,
                               Anonymity *report) const;
  double LossOf(size_t row, const std::vector<uint32_t> &levels) const {
    double sum = 0;
    for (size_t c = 0; c < columns_.size(); ++c) {
      sum += losses_[c][levels[c]][columns_[c].codes[row]];
    }
    return sum;
  }

  std::span<const GeneralizedColumn> columns_;
  std::span<const uint32_t> sensitive_;
  AnonymityOptions options_;
  std::vector<std::vector<std::vector<double>>> losses_;  // By column, level, code.
  std::vector<std::vector<double>> totals_;               // By column and level, over all rows.
  std::vector<double> shares_;                            // Of the sensitive values in all rows.
};

inline absl::Status Anonymizer::Check() const {
  if (columns_.empty()) return InvalidOption("quasi_identifiers", "none", "at least one");
  if (options_.k == 0) return InvalidOption("k", "0", "1 or more");
  if (options_.l == 0) return InvalidOption("l", "0", "1 or more");
  if (!(options_.t >= 0 && options_.t <= 1)) {
    return InvalidOption("t", FormatNumber(options_.t), "0 to 1");
  }
  if (!(options_.max_suppressed >= 0 && options_.max_suppressed <= 1)) {
    return InvalidOption("max_suppressed", FormatNumber(options_.max_suppressed), "0 to 1");
  }
  if (sensitive_.empty() && rows() > 0 && (options_.l > 1 || options_.t < 1)) {
    return InvalidOption("sensitive", "none", "a column, as l or t asks for one");
  }
  for (const GeneralizedColumn &column : columns_) {
    const size_t level = FirstUnnested(column);
    if (level == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("hierarchies: level ", level,
                     " parts values that the level before has joined; expected groups of groups"));
  }
  return absl::OkStatus();
}

inline std::vector<uint32_t> Anonymizer::LevelsOf(uint64_t node) const {
  std::vector<uint32_t> levels(columns_.size());
  for (size_t c = columns_.size(); c-- > 0;) {
    levels[c] = static_cast<uint32_t>(node % columns_[c].groups.size());
    node /= columns_[c].groups.size();
  }
  return levels;
}

inline void Anonymizer::Prepare() {
  for (const GeneralizedColumn &column : columns_) {
    const size_t values = column.groups.front().size();
    std::vector<uint64_t> rows_of(values, 0);
    for (const uint32_t code : column.codes) ++rows_of[code];
    auto &losses = losses_.emplace_back();
    auto &totals = totals_.emplace_back();
    for (const std::vector<uint32_t> &groups : column.groups) {
      std::unordered_map<uint32_t, uint32_t> members;
      for (const uint32_t group : groups) ++members[group];
      std::vector<double> loss(values, 0);
      double total = 0;
      for (size_t code = 0; code < values; ++code) {
        if (values > 1) {
          loss[code] = (members[groups[code]] - 1.0) / (static_cast<double>(values) - 1);
        }
        total += loss[code] * static_cast<double>(rows_of[code]);
      }
      losses.push_back(std::move(loss));
      totals.push_back(total);
    }
  }
  if (sensitive_.empty()) return;
  shares_.assign(*std::ranges::max_element(sensitive_) + size_t{1}, 0);
  for (const uint32_t code : sensitive_) shares_[code] += 1;
  for (double &share : shares_) share /= static_cast<double>(sensitive_.size());
}

inline std::vector<uint32_t> Anonymizer::Classes(const std::vector<uint32_t> &levels,
                                                 uint32_t *count) const {
  std::vector<uint32_t> classes(rows(), 0);
  *count = rows() > 0 ? 1 : 0;
  for (size_t c = 0; c < columns_.size(); ++c) {
    const std::vector<uint32_t> &groups = columns_[c].groups[levels[c]];
    std::unordered_map<uint64_t, uint32_t> numbers;
    for (size_t row = 0; row < classes.size(); ++row) {
      const uint64_t key = uint64_t{classes[row]} << 32 | groups[columns_[c].codes[row]];
      classes[row] = numbers.emplace(key, static_cast<uint32_t>(numbers.size())).first->second;
    }
    *count = static_cast<uint32_t>(numbers.size());
  }
  return classes;
}

// Which classes may not stay; `report`, if given, gets what was counted of all of them.
inline std::vector<uint8_t> Anonymizer::Refused(const std::vector<uint32_t> &classes,
                                                uint32_t count, Anonymity *report) const {
  std::vector<uint32_t> sizes(count, 0), diversity(count, 0);
  std::vector<double> distance(count, 0);
  for (const uint32_t c : classes) ++sizes[c];
  if (!sensitive_.empty()) {
    std::vector<std::unordered_map<uint32_t, uint32_t>> values(count);
    for (size_t row = 0; row < classes.size(); ++row) ++values[classes[row]][sensitive_[row]];
    for (uint32_t c = 0; c < count; ++c) {
      diversity[c] = static_cast<uint32_t>(values[c].size());
      // Values in order, so that sums have the same bits whatever the order of the map.
      std::vector<std::pair<uint32_t, uint32_t>> ordered(values[c].begin(), values[c].end());
      std::ranges::sort(ordered);
      double above = 0;
      for (const auto &[value, times] : ordered) {
        above += std::max(0.0, static_cast<double>(times) / sizes[c] - shares_[value]);
      }
      distance[c] = above;
    }
  }
  std::vector<uint8_t> refused(count);
  for (uint32_t c = 0; c < count; ++c) {
    const bool diverse =
        sensitive_.empty() || (diversity[c] >= options_.l && distance[c] <= options_.t + 1e-12);
    refused[c] = sizes[c] < options_.k || !diverse ? 1 : 0;
  }
  if (report != nullptr) {
    report->sizes = std::move(sizes);
    report->diversity = std::move(diversity);
    report->distance = std::move(distance);
  }
  return refused;
}

inline absl::StatusOr<Anonymity> Anonymizer::Search() {
  uint64_t nodes = 1;
  for (const GeneralizedColumn &column : columns_) {
    nodes *= column.groups.size();
    if (nodes > options_.most_nodes) {
      return absl::OutOfRangeError(
          absl::StrCat("hierarchies: more than ", options_.most_nodes,
                       " combinations of levels; expected fewer columns or levels"));
    }
  }
  Prepare();
  std::vector<double> bounds(nodes);
  for (uint64_t node = 0; node < nodes; ++node) {
    const std::vector<uint32_t> levels = LevelsOf(node);
    for (size_t c = 0; c < columns_.size(); ++c) bounds[node] += totals_[c][levels[c]];
  }
  std::vector<uint64_t> order(nodes);
  std::iota(order.begin(), order.end(), uint64_t{0});
  std::ranges::stable_sort(order, {}, [&](uint64_t node) { return bounds[node]; });

  const auto cells = static_cast<double>(columns_.size());
  const uint64_t most = MayBeSuppressed();
  double best = std::numeric_limits<double>::infinity();
  uint64_t chosen = nodes, examined = 0;
  // Sums of one loss in another order may differ in their last bits.
  constexpr double kSlack = 1e-9;
  for (const uint64_t node : order) {
    if (bounds[node] > best * (1 + kSlack) + kSlack) break;
    ++examined;
    const std::vector<uint32_t> levels = LevelsOf(node);
    uint32_t count = 0;
    const std::vector<uint32_t> classes = Classes(levels, &count);
    const std::vector<uint8_t> refused = Refused(classes, count, nullptr);
    Outcome outcome;
    for (size_t row = 0; row < classes.size(); ++row) {
      if (refused[classes[row]] != 0) {
        ++outcome.suppressed;
      } else {
        outcome.kept_loss += LossOf(row, levels);
      }
    }
    if (outcome.suppressed > most) continue;
    const double loss = outcome.kept_loss + cells * static_cast<double>(outcome.suppressed);
    const bool equal = std::abs(loss - best) <= kSlack * (1 + best);
    if ((!equal && loss < best) || (equal && node < chosen) || chosen == nodes) {
      chosen = node;
      best = std::min(best, loss);
    }
  }
  if (chosen == nodes) {
    return absl::FailedPreconditionError(
        absl::StrCat("max_suppressed: ", FormatNumber(options_.max_suppressed),
                     " of the rows do not suffice at any levels; expected more, or a smaller k"));
  }
  Anonymity result;
  result.levels = LevelsOf(chosen);
  result.nodes = nodes;
  result.examined = examined;
  uint32_t count = 0;
  const std::vector<uint32_t> classes = Classes(result.levels, &count);
  Anonymity all;
  const std::vector<uint8_t> refused = Refused(classes, count, &all);
  std::vector<uint32_t> number(count, Anonymity::kSuppressed);
  double loss = 0;
  for (const uint32_t c : classes) {
    if (refused[c] != 0) {
      ++result.suppressed;
    } else if (number[c] == Anonymity::kSuppressed) {
      number[c] = static_cast<uint32_t>(result.sizes.size());
      result.sizes.push_back(all.sizes[c]);
      result.diversity.push_back(all.diversity[c]);
      result.distance.push_back(all.distance[c]);
    }
  }
  result.class_of.reserve(classes.size());
  for (size_t row = 0; row < classes.size(); ++row) {
    result.class_of.push_back(number[classes[row]]);
    loss += refused[classes[row]] != 0 ? cells : LossOf(row, result.levels);
  }
  if (!classes.empty()) result.loss = loss / (cells * static_cast<double>(classes.size()));
  return result;
}

}  // namespace detail

inline size_t FirstUnnested(const GeneralizedColumn &column) {
  for (size_t level = 1; level < column.groups.size(); ++level) {
    std::unordered_map<uint32_t, uint32_t> to;
    for (size_t code = 0; code < column.groups[level].size(); ++code) {
      const auto [at, fresh] =
          to.emplace(column.groups[level - 1][code], column.groups[level][code]);
      if (!fresh && at->second != column.groups[level][code]) return level;
    }
  }
  return 0;
}

inline absl::StatusOr<Anonymity> Anonymize(std::span<const GeneralizedColumn> columns,
                                           std::span<const uint32_t> sensitive,
                                           const AnonymityOptions &options) {
  detail::Anonymizer anonymizer(columns, sensitive, options);
  PATRON_RETURN_IF_ERROR(anonymizer.Check());
  return anonymizer.Search();
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_K_ANONYMITY_HPP_
