// How good data are: complete, valid, unique, timely, consistent and right, by field, record and source.
#ifndef PATRON_CUSTOMERS_QUALITY_HPP_
#define PATRON_CUSTOMERS_QUALITY_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "patron/base/proportion.hpp"

namespace patron::customers {

inline constexpr double kUnknownQuality = std::numeric_limits<double>::quiet_NaN();

enum class TimelinessForm {
  kBallou = 0,    // max(0, 1 - age / volatility)^s, Ballou et al. 1998.
  kHeinrich = 1,  // exp(-decline * age), Heinrich et al. 2007.
};

// How likely a value of this age is still right. Ages below zero count as zero.
inline double TimelinessOf(double age_days, TimelinessForm form, double volatility_days,
                           double exponent) {
  const double age = std::max(0.0, age_days);
  if (form == TimelinessForm::kHeinrich) return std::exp(-age / volatility_days);
  return std::pow(std::max(0.0, 1 - age / volatility_days), exponent);
}

// The parts of a score; NaN where nothing is known of one.
struct QualityParts {
  double completeness = kUnknownQuality;
  double validity = kUnknownQuality;
  double uniqueness = kUnknownQuality;
  double timeliness = kUnknownQuality;
  double consistency = kUnknownQuality;
};

// In that order. Conventions of Patron, not of a standard.
struct QualityWeights {
  std::array<double, 5> each = {0.25, 0.25, 0.2, 0.2, 0.1};
};

// The weighted geometric mean of the parts that are known, their weights made to sum to one; NaN if none
// is. A part of 0 makes it 0.
inline double OverallQuality(const QualityParts &parts, const QualityWeights &weights) {
  const std::array<double, 5> values = {parts.completeness, parts.validity, parts.uniqueness,
                                        parts.timeliness, parts.consistency};
  double sum = 0, weight = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || weights.each[i] == 0) continue;
    if (values[i] <= 0) return 0;
    sum += weights.each[i] * std::log(values[i]);
    weight += weights.each[i];
  }
  return weight == 0 ? kUnknownQuality : std::exp(sum / weight);
}

// What was seen of a field, in one byte a row.
struct FieldChecks {
  double weight = 1;
  std::vector<uint8_t> filled, valid;
  std::vector<double> timeliness;  // NaN where there is no date; empty if there is none at all.
  std::vector<uint8_t> checked, correct;  // Against a verified sample; empty without.
};

// What is counted for a field, a record, a source or all.
struct QualityCounts {
  uint64_t cells = 0, filled = 0, valid = 0, checked = 0, correct = 0;
  uint64_t rules_kept = 0, rules_applicable = 0;
  uint64_t records = 0, entities = 0;
  double weight = 0, filled_weight = 0, valid_weight = 0;
  double timely = 0, dated_weight = 0;

  void Add(const FieldChecks &field, size_t row) {
    ++cells;
    weight += field.weight;
    if (!field.checked.empty() && field.checked[row] != 0) {
      ++checked;
      correct += field.correct[row];
    }
    if (field.filled[row] == 0) return;
    ++filled;
    filled_weight += field.weight;
    if (field.valid[row] != 0) {
      ++valid;
      valid_weight += field.weight;
    }
    if (!field.timeliness.empty() && !std::isnan(field.timeliness[row])) {
      dated_weight += field.weight;
      timely += field.weight * field.timeliness[row];
    }
  }

  QualityParts Parts() const {
    const auto share = [](double part, double whole) {
      return whole > 0 ? part / whole : kUnknownQuality;
    };
    return {.completeness = share(filled_weight, weight),
            .validity = share(valid_weight, filled_weight),
            .uniqueness = entities > 0
                              ? share(static_cast<double>(entities), static_cast<double>(records))
                              : kUnknownQuality,
            .timeliness = share(timely, dated_weight),
            .consistency =
                share(static_cast<double>(rules_kept), static_cast<double>(rules_applicable))};
  }

  // How far values may be trusted: the lower end of Wilson's interval for the share that was found right,
  // if a sample was checked; else the weighted geometric mean of validity, timeliness and consistency.
  double Trust(const QualityWeights &weights, double z) const {
    if (checked > 0) {
      return WilsonInterval(static_cast<double>(correct), static_cast<double>(checked), z).lower;
    }
    QualityParts parts = Parts();
    parts.completeness = parts.uniqueness = kUnknownQuality;
    return OverallQuality(parts, weights);
  }
};

// What tells records apart, by row.
struct QualityRows {
  size_t rows = 0;
  std::span<const uint32_t> source;  // Codes below `sources`; empty is one source.
  size_t sources = 1;
  std::span<const uint32_t> entity;                        // Codes; empty if not known.
  std::span<const uint16_t> rules_kept, rules_applicable;  // Empty without rules.
};

struct Quality {
  std::vector<QualityCounts> fields, records, sources;
  QualityCounts base;
};

// Cost: O(rows x fields).
inline Quality MeasureQuality(std::span<const FieldChecks> fields, const QualityRows &rows) {
  Quality quality;
  quality.fields.resize(fields.size());
  quality.records.resize(rows.rows);
  quality.sources.resize(rows.sources);
  std::unordered_set<uint64_t> pairs;
  std::unordered_set<uint32_t> entities;
  for (size_t row = 0; row < rows.rows; ++row) {
    const uint32_t source = rows.source.empty() ? 0 : rows.source[row];
    QualityCounts &record = quality.records[row], &from = quality.sources[source];
    for (size_t f = 0; f < fields.size(); ++f) {
      for (QualityCounts *counts : {&quality.fields[f], &record, &from, &quality.base}) {
        counts->Add(fields[f], row);
      }
    }
    const bool first_of_source =
        !rows.entity.empty() && pairs.insert(uint64_t{source} << 32 | rows.entity[row]).second;
    const bool first = !rows.entity.empty() && entities.insert(rows.entity[row]).second;
    from.entities += first_of_source ? 1 : 0;
    quality.base.entities += first ? 1 : 0;
    for (QualityCounts *counts : {&record, &from, &quality.base}) {
      ++counts->records;
      if (rows.rules_applicable.empty()) continue;
      counts->rules_kept += rows.rules_kept[row];
      counts->rules_applicable += rows.rules_applicable[row];
    }
  }
  return quality;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_QUALITY_HPP_
