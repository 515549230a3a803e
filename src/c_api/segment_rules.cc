#include "c_api/segment_rules.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

using value::ScoreRange;
using value::SegmentRule;
using value::SegmentRules;

constexpr ScoreRange kUnbounded;

// In findings and rules as tables.
struct Bounds {
  const char *low;
  const char *high;
};
constexpr std::array<Bounds, 4> kBounds = {{{"recency_low", "recency_high"},
                                            {"frequency_low", "frequency_high"},
                                            {"monetary_low", "monetary_high"},
                                            {"fm_low", "fm_high"}}};
constexpr size_t kMean = 3;

// Bounds of one column, `open` where there is no column or a null.
absl::StatusOr<std::vector<int>> ReadBounds(const arrow::Table &table, const char *column,
                                            int open) {
  std::vector<int> bounds(static_cast<size_t>(table.rows()), open);
  if (!table.Find(column)) return bounds;
  PATRON_ASSIGN_OR_RETURN(const auto reader,
                          arrow::OpenNumbers(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    const double bound = loaded.values[i];
    if (bound != std::floor(bound) || std::abs(bound) > value::kMaxScoreBins) {
      return InvalidRow(column, i, FormatNumber(bound), "a whole number, at most 100");
    }
    bounds[i] = static_cast<int>(bound);
  }
  return bounds;
}

}  // namespace

absl::StatusOr<SegmentRules> RulesFromTable(const arrow::Table &table, int32_t bins,
                                            const char *others) {
  SegmentRules rules;
  if (bins < value::kMinScoreBins || bins > value::kMaxScoreBins) {
    return InvalidOption("bins", absl::StrCat(bins), "2 to 100");
  }
  rules.recency_bins = rules.frequency_bins = rules.monetary_bins = bins;
  if (others != nullptr) {
    PATRON_ASSIGN_OR_RETURN(rules.others, ReadName("others", others));
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "segment"));
  if (static_cast<uint64_t>(table.rows()) > value::kMaxSegmentRules) {
    return InvalidOption("table", absl::StrCat(table.rows(), " rules"), "1 to 1000");
  }
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(reader));
  rules.rules.resize(names.values.size());
  std::array<std::vector<int>, kBounds.size()> lows, highs;
  for (size_t d = 0; d < kBounds.size(); ++d) {
    PATRON_ASSIGN_OR_RETURN(lows[d], ReadBounds(table, kBounds[d].low, kUnbounded.low));
    PATRON_ASSIGN_OR_RETURN(highs[d], ReadBounds(table, kBounds[d].high, kUnbounded.high));
  }
  for (size_t i = 0; i < rules.rules.size(); ++i) {
    SegmentRule &rule = rules.rules[i];
    rule.name = names.values[i];
    rule.recency = {lows[0][i], highs[0][i]};
    rule.frequency = {lows[1][i], highs[1][i]};
    rule.monetary = {lows[2][i], highs[2][i]};
    const ScoreRange mean{lows[kMean][i], highs[kMean][i]};
    if (mean.low != kUnbounded.low || mean.high != kUnbounded.high) rule.mean_fm = mean;
  }
  return rules;
}

absl::StatusOr<arrow::Table> RulesToTable(const SegmentRules &rules) {
  std::vector<std::string> names;
  std::array<std::vector<int32_t>, kBounds.size()> lows, highs;
  std::array<std::vector<uint8_t>, kBounds.size()> low_valid, high_valid;
  bool means = false;
  for (const SegmentRule &rule : rules.rules) {
    names.push_back(rule.name);
    means |= rule.mean_fm.has_value();
    const ScoreRange ranges[] = {rule.recency, rule.frequency, rule.monetary,
                                 rule.mean_fm.value_or(kUnbounded)};
    for (size_t d = 0; d < kBounds.size(); ++d) {
      // A range without any bound has none at either end; else only a high end can be open.
      const bool open_high = ranges[d].high == kUnbounded.high;
      lows[d].push_back(ranges[d].low);
      highs[d].push_back(ranges[d].high);
      low_valid[d].push_back(!(open_high && ranges[d].low == kUnbounded.low));
      high_valid[d].push_back(!open_high);
    }
  }

  arrow::TableBuilder builder;
  builder.AddText("segment", std::span<const std::string>(names));
  for (size_t d = 0; d < kBounds.size(); ++d) {
    if (d == kMean && !means) continue;
    builder.AddInt32(kBounds[d].low, std::move(lows[d]), low_valid[d]);
    builder.AddInt32(kBounds[d].high, std::move(highs[d]), high_valid[d]);
  }
  return builder.Finish();
}

absl::StatusOr<arrow::Table> FindingsTable(const SegmentRules &rules,
                                           const value::SegmentCheck &check) {
  std::vector<std::string_view> findings, segments;
  std::vector<int32_t> recency, frequency, monetary;
  std::vector<uint8_t> is_cell;
  const auto add = [&](std::string_view finding, std::string_view segment, value::ScoreCell cell,
                       bool cell_known) {
    findings.push_back(finding);
    segments.push_back(segment);
    recency.push_back(cell.recency);
    frequency.push_back(cell.frequency);
    monetary.push_back(cell.monetary);
    is_cell.push_back(cell_known);
  };
  const auto name_of = [&](int rule) -> std::string_view {
    return rules.rules[static_cast<size_t>(rule)].name;
  };
  for (const value::ScoreCell &cell : check.uncovered_cells)
    add("uncovered", rules.others, cell, true);
  for (const value::AmbiguousCell &cell : check.ambiguous_cells) {
    add("ambiguous", name_of(cell.first), cell.cell, true);
  }
  for (const value::UnreachableRule &dead : check.unreachable) {
    add("unreachable", name_of(dead.rule), {}, false);
  }
  arrow::TableBuilder builder;
  builder.AddText("finding", std::span<const std::string_view>(findings));
  builder.AddText("segment", std::span<const std::string_view>(segments));
  builder.AddInt32("recency", std::move(recency), is_cell);
  builder.AddInt32("frequency", std::move(frequency), is_cell);
  builder.AddInt32("monetary", std::move(monetary), is_cell);
  return builder.Finish();
}

}  // namespace patron::c_api
