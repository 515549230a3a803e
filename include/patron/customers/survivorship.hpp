// Which value of a field stands for an entity, by rules that are data, and which values lost to it.
#ifndef PATRON_CUSTOMERS_SURVIVORSHIP_HPP_
#define PATRON_CUSTOMERS_SURVIVORSHIP_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patron/customers/register.hpp"

namespace patron::customers {

enum class SurvivorRule : uint8_t {
  kVerified = 0,  // Someone has checked it.
  kTrusted = 1,   // Trust of the source times confidence.
  kRecent = 2,    // Captured last.
  kComplete = 3,  // From the record with the most fields.
  kFrequent = 4,  // In the most records.
  kLongest = 5,   // In code points.
};
inline constexpr std::array<std::string_view, 6> kSurvivorRuleNames = {
    "verified", "trusted", "recent", "complete", "frequent", "longest"};

// Why a value is there: one of the rules, or one of these.
inline constexpr uint8_t kById = 6;   // All rules tie: the least record id.
inline constexpr uint8_t kOnly = 7;   // There is no other.
inline constexpr uint8_t kUnion = 8;  // All values stay.
inline constexpr std::array<std::string_view, 9> kSurvivorReasonNames = {
    "verified", "trusted", "recent", "complete", "frequent", "longest", "id", "only", "union"};

// Rules in their order; `all` keeps every value, and the rules only order them.
struct FieldRules {
  bool all = false;
  std::vector<SurvivorRule> order = {SurvivorRule::kVerified, SurvivorRule::kTrusted,
                                     SurvivorRule::kRecent,   SurvivorRule::kComplete,
                                     SurvivorRule::kFrequent, SurvivorRule::kLongest};
};
struct Survivorship {
  FieldRules standard;
  std::vector<std::pair<std::string, FieldRules>> fields;

  const FieldRules &Of(std::string_view field) const {
    const auto found = std::ranges::find(
        fields, field, [](const auto &own) { return std::string_view(own.first); });
    return found == fields.end() ? standard : found->second;
  }
};

// The records of each entity, at an instant or now (kLatest, when all that is known counts, whether
// it is valid or not).
inline constexpr int64_t kLatest = std::numeric_limits<int64_t>::max();
struct EntityGroups {
  std::vector<uint32_t> entities;  // Ascending.
  std::vector<uint32_t> begins;    // In `records`, and the end.
  std::vector<uint32_t> records;   // Ascending in each.

  std::span<const uint32_t> Of(size_t i) const {
    return std::span(records).subspan(begins[i], begins[i + 1] - begins[i]);
  }
};
EntityGroups GroupByEntity(const Register &reg, int64_t at);

struct FieldValue {
  uint32_t field = 0;
  std::string_view value;  // Borrowed from the register.
  uint8_t reason = kOnly;  // Of a loser: what it lost by.
  uint32_t record = 0;     // The best of those that have it.
  bool won = true;
  uint32_t losers = 0;  // Other values that lost.
};

// Chooses the values of one entity after the other.
class Survivors {
 public:
  Survivors(const Register &reg, const Survivorship &rules, int64_t at)
      : reg_(reg), at_(at), fields_(reg.field_names().size()) {
    for (const std::string &name : reg.field_names()) rules_.push_back(&rules.Of(name));
  }

  // The values of an entity's records by field, those that won before those that lost. Valid until
  // the next call. Cost O(cells log cells).
  std::span<const FieldValue> Choose(std::span<const uint32_t> records);

 private:
  struct Candidate {
    std::string_view value;
    std::array<int64_t, 6> keys;  // By rule; more is better. Trust in units of 10^-15.
    uint32_t record;
  };
  void Add(uint32_t record);
  void Order(const FieldRules &rules, std::vector<Candidate> &all) const;
  uint8_t Why(const FieldRules &rules, const Candidate &better, const Candidate &worse) const;
  // Of two records with the same value the better one.
  bool Better(const FieldRules &rules, const Candidate &a, const Candidate &b) const;

  const Register &reg_;
  int64_t at_;
  std::vector<const FieldRules *> rules_;
  std::vector<std::vector<Candidate>> fields_;
  std::vector<uint32_t> used_;
  std::vector<FieldValue> values_;
};

inline EntityGroups GroupByEntity(const Register &reg, int64_t at) {
  const EntityLog &log = reg.log();
  const auto n = static_cast<uint32_t>(log.records());
  std::vector<std::pair<uint32_t, uint32_t>> order;
  order.reserve(n);
  for (uint32_t record = 0; record < n; ++record) {
    if (log.IsErased(record)) continue;
    const uint32_t entity = at == kLatest ? log.EntityOf(record) : log.EntityAt(record, at);
    if (entity != 0) order.emplace_back(entity, record);
  }
  if (!std::ranges::is_sorted(order)) std::ranges::sort(order);
  EntityGroups groups;
  groups.records.reserve(order.size());
  for (const auto &[entity, record] : order) {
    if (groups.entities.empty() || groups.entities.back() != entity) {
      groups.entities.push_back(entity);
      groups.begins.push_back(static_cast<uint32_t>(groups.records.size()));
    }
    groups.records.push_back(record);
  }
  groups.begins.push_back(static_cast<uint32_t>(groups.records.size()));
  return groups;
}

inline void Survivors::Add(uint32_t record) {
  const RecordBatch &batch = reg_.BatchOf(record);
  const uint32_t row = record - batch.first;
  if (at_ != kLatest && !batch.IsValidAt(row, at_)) return;
  int64_t filled = 0;
  for (const FieldCells &cells : batch.fields) filled += cells.cells.has(row) ? 1 : 0;
  const Provenance &from = batch.provenance;
  for (const FieldCells &cells : batch.fields) {
    if (!cells.cells.has(row)) continue;
    const std::string_view value = cells.cells[row];
    const auto length = std::ranges::count_if(
        value, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    std::vector<Candidate> &all = fields_[cells.field];
    if (all.empty()) used_.push_back(cells.field);
    all.push_back(
        {value,
         {from.verified ? 1 : 0, static_cast<int64_t>(from.trust * from.confidence * 1e15),
          batch.CapturedAt(row), filled, 1, length},
         record});
  }
}

inline bool Survivors::Better(const FieldRules &rules, const Candidate &a,
                              const Candidate &b) const {
  for (const SurvivorRule rule : rules.order) {
    const auto key = static_cast<size_t>(rule);
    if (a.keys[key] != b.keys[key]) return a.keys[key] > b.keys[key];
  }
  return reg_.IdLess(a.record, b.record);
}

inline uint8_t Survivors::Why(const FieldRules &rules, const Candidate &better,
                              const Candidate &worse) const {
  for (const SurvivorRule rule : rules.order) {
    const auto key = static_cast<size_t>(rule);
    if (better.keys[key] != worse.keys[key]) return static_cast<uint8_t>(rule);
  }
  return kById;
}

// Equal values become one candidate, with the best of each key and the record that is the best.
inline void Survivors::Order(const FieldRules &rules, std::vector<Candidate> &all) const {
  std::ranges::sort(all, [&](const Candidate &a, const Candidate &b) {
    if (a.value != b.value) return a.value < b.value;
    return Better(rules, a, b);
  });
  size_t kept = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].value != all[kept].value) {
      all[++kept] = all[i];
      continue;
    }
    for (size_t key = 0; key < all[i].keys.size(); ++key) {
      int64_t &own = all[kept].keys[key];
      const bool counts = key == static_cast<size_t>(SurvivorRule::kFrequent);
      own = counts ? own + all[i].keys[key] : std::max(own, all[i].keys[key]);
    }
  }
  all.resize(kept + 1);
  std::ranges::sort(all,
                    [&](const Candidate &a, const Candidate &b) { return Better(rules, a, b); });
}

inline std::span<const FieldValue> Survivors::Choose(std::span<const uint32_t> records) {
  values_.clear();
  for (const uint32_t record : records) Add(record);
  std::ranges::sort(used_);
  for (const uint32_t field : used_) {
    std::vector<Candidate> &all = fields_[field];
    const FieldRules &rules = *rules_[field];
    if (all.size() > 1) Order(rules, all);
    for (size_t i = 0; i < all.size(); ++i) {
      FieldValue value{.field = field, .value = all[i].value, .record = all[i].record};
      if (all.size() > 1 && rules.all) {
        value.reason = kUnion;
      } else if (all.size() > 1) {
        value.won = i == 0;
        value.reason = Why(rules, all[0], all[i == 0 ? 1 : i]);
        value.losers = static_cast<uint32_t>(i == 0 ? all.size() - 1 : 0);
      }
      values_.push_back(value);
    }
    all.clear();
  }
  used_.clear();
  return values_;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_SURVIVORSHIP_HPP_
