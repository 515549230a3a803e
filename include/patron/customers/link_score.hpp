// What a pair of records weighs under a model, and how often values occur.
#ifndef PATRON_CUSTOMERS_LINK_SCORE_HPP_
#define PATRON_CUSTOMERS_LINK_SCORE_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_fields.hpp"
#include "patron/customers/link_levels.hpp"
#include "patron/customers/link_model.hpp"
#include "patron/customers/link_records.hpp"
#include "patron/customers/text_digest.hpp"

namespace patron::customers {

// What to compare and where to look. Columns of fields and keys are places in LinkRecords::columns.
struct LinkPlan {
  std::vector<LinkField> fields;
  std::vector<size_t> field_columns;  // By field.
  std::vector<BlockRule> blocks;
  std::vector<BlockRule> training;  // One round each; none = the blocks.
  std::vector<BlockRule> certain;   // Pairs that agree in one of these match almost surely.
  uint32_t cap = 1000;              // Records of a key.
};

// How often values occur in the records that a model was learned from, for the fields whose weights
// depend on it. It belongs to the model, so that a pair weighs the same whatever records stand beside
// it, and outlives the records: values are known by their digests, and no text is kept.
struct LinkTerms {
  struct Field {
    IdIndex values{true};          // Digests.
    std::vector<uint32_t> counts;  // By code of `values`.
    double filled = 0;             // Records with a value.
  };
  TextDigester digester;
  std::vector<Field> fields;  // By field; empty where frequencies do not count.
};

// Counts the values of the fields that use them. Time and memory O(records + values).
absl::Status CountTerms(const LinkRecords &records, const LinkPlan &plan, LinkTerms *terms);

// The text of a code point array as UTF-8.
std::string TextOf(const Characters &characters);

// Scores pairs under a model. Borrows all it is made of.
class PairScorer {
 public:
  // Without `terms` values are counted in `records`.
  PairScorer(const LinkRecords &records, const LinkPlan &plan, const LinkModel &model,
             const LinkTerms *terms = nullptr);

  // Takes in a value that came to a column, or lets one go. With `terms` alone.
  void AddValue(size_t column, uint32_t code);
  void ForgetValue(size_t column, uint32_t code);

  // Makes it quicker for many pairs of the values that there are.
  void MakeKeys() {
    for (FieldLevels &levels : levels_) levels.MakeKeys();
  }

  // Of the field alone.
  double FieldWeight(size_t field, uint32_t i, uint32_t j, int level) const;
  int Level(size_t field, uint32_t i, uint32_t j) const { return levels_[field].Of(i, j); }

  // The weights of the fields to `by_field`, and their sum with the prior.
  double Score(uint32_t i, uint32_t j, double *by_field) const;
  // The same of a pair whose levels are known.
  double Score(uint32_t i, uint32_t j, std::span<const int8_t> levels, double *by_field) const;

  size_t fields() const { return levels_.size(); }
  double prior() const { return prior_; }

 private:
  double TermWeight(size_t field, double count, double filled) const;
  // Of a value of the field, by `terms`.
  double TermWeight(size_t field, uint32_t code) const;

  const LinkRecords *records_;
  const LinkPlan *plan_;
  const LinkModel *model_;
  const LinkTerms *terms_;
  std::vector<FieldLevels> levels_;
  std::vector<std::vector<double>> weights_;       // By field and level.
  std::vector<std::vector<double>> term_weights_;  // By field and value: log2(u / frequency).
  double prior_;
};

namespace detail {

inline bool UsesTerms(const LinkField &field) {
  return field.term_frequency > 0 || field.fuzzy_term_frequency > 0;
}

}  // namespace detail

inline std::string TextOf(const Characters &characters) {
  std::u32string text;
  text.reserve(characters.size);
  for (size_t i = 0; i < characters.size; ++i) text.push_back(characters[i]);
  return ToUtf8(text);
}

inline absl::Status CountTerms(const LinkRecords &records, const LinkPlan &plan, LinkTerms *terms) {
  terms->fields = {};
  terms->fields.resize(plan.fields.size());
  for (size_t k = 0; k < plan.fields.size(); ++k) {
    if (!detail::UsesTerms(plan.fields[k])) continue;
    const LinkColumn &column = records.columns[plan.field_columns[k]];
    LinkTerms::Field &field = terms->fields[k];
    std::vector<uint32_t> codes(column.values.size());
    for (size_t v = 0; v < codes.size(); ++v) {
      const TextDigest digest = terms->digester.Of(column.values[v]);
      const std::string_view view(digest.data(), digest.size());
      PATRON_RETURN_IF_ERROR(field.values.Encode(
          IdSpan(std::span<const std::string_view>(&view, 1)), std::span<uint32_t>(&codes[v], 1)));
    }
    field.counts.resize(field.values.size());
    for (const uint32_t code : column.codes) {
      if (code == kNoValue) continue;
      ++field.counts[codes[code]];
      ++field.filled;
    }
  }
  return absl::OkStatus();
}

inline PairScorer::PairScorer(const LinkRecords &records, const LinkPlan &plan,
                              const LinkModel &model, const LinkTerms *terms)
    : records_(&records), plan_(&plan), model_(&model), terms_(terms), prior_(model.PriorWeight()) {
  weights_.resize(plan.fields.size());
  term_weights_.resize(plan.fields.size());
  for (size_t k = 0; k < plan.fields.size(); ++k) {
    const LinkField &field = plan.fields[k];
    const LinkColumn &column = records.columns[plan.field_columns[k]];
    levels_.emplace_back(field, column);
    for (size_t l = 0; l <= field.levels.size(); ++l) {
      weights_[k].push_back(model.fields[k].Weight(l));
    }
    if (!detail::UsesTerms(field)) continue;
    if (terms != nullptr) {
      for (uint32_t v = 0; v < column.values.size(); ++v) {
        term_weights_[k].push_back(TermWeight(k, v));
      }
      continue;
    }
    std::vector<double> counts(column.values.size());
    double filled = 0;
    for (const uint32_t code : column.codes) {
      if (code == kNoValue) continue;
      ++counts[code];
      ++filled;
    }
    for (double &count : counts) count = TermWeight(k, count, filled);
    term_weights_[k] = std::move(counts);
  }
}

inline double PairScorer::TermWeight(size_t field, double count, double filled) const {
  const double frequency = std::max(count, 1.0) / std::max(filled, 1.0);
  // Of a value that all have, chance and frequency are the same: nothing is gained.
  const double equal = model_->fields[field].equal;
  return equal > 0 ? std::log2(equal / frequency) : 0;
}

inline double PairScorer::TermWeight(size_t field, uint32_t code) const {
  const LinkTerms::Field &terms = terms_->fields[field];
  const CharacterPool &values = records_->columns[plan_->field_columns[field]].values;
  const TextDigest digest = terms_->digester.Of(values[code]);
  const std::string_view view(digest.data(), digest.size());
  // Where the records are those that were learned from, codes are the same.
  const bool same = code < terms.values.size() && terms.values.text(code) == view;
  const uint32_t known = same ? code : terms.values.Find(view);
  return TermWeight(field, known == IdIndex::kUnknown ? 0 : terms.counts[known], terms.filled);
}

inline void PairScorer::AddValue(size_t column, uint32_t code) {
  for (size_t k = 0; k < plan_->fields.size(); ++k) {
    if (plan_->field_columns[k] != column || !detail::UsesTerms(plan_->fields[k])) continue;
    if (term_weights_[k].size() <= code) term_weights_[k].resize(size_t{code} + 1);
    term_weights_[k][code] = TermWeight(k, code);
  }
}

inline void PairScorer::ForgetValue(size_t column, uint32_t code) {
  for (size_t k = 0; k < plan_->fields.size(); ++k) {
    if (plan_->field_columns[k] == column && code < term_weights_[k].size()) {
      term_weights_[k][code] = 0;
    }
  }
}

inline double PairScorer::FieldWeight(size_t field, uint32_t i, uint32_t j, int level) const {
  if (level < 0) return 0;
  const auto at = static_cast<size_t>(level);
  double weight = weights_[field][at];
  const std::vector<double> &terms = term_weights_[field];
  const LinkField &spec = plan_->fields[field];
  if (terms.empty() || at == spec.levels.size()) return weight;
  const std::vector<uint32_t> &codes = levels_[field].column().codes;
  const uint32_t a = codes[i], b = codes[j];
  const double power = a == b ? spec.term_frequency : spec.fuzzy_term_frequency;
  // The more frequent of two values has the lesser weight.
  if (power > 0) weight += power * std::min(terms[a], terms[b]);
  return weight;
}

inline double PairScorer::Score(uint32_t i, uint32_t j, double *by_field) const {
  double sum = prior_;
  for (size_t k = 0; k < levels_.size(); ++k) {
    by_field[k] = FieldWeight(k, i, j, levels_[k].Of(i, j));
    sum += by_field[k];
  }
  return sum;
}

inline double PairScorer::Score(uint32_t i, uint32_t j, std::span<const int8_t> levels,
                                double *by_field) const {
  double sum = prior_;
  for (size_t k = 0; k < levels.size(); ++k) {
    by_field[k] = FieldWeight(k, i, j, levels[k]);
    sum += by_field[k];
  }
  return sum;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_SCORE_HPP_
