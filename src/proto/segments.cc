#include "proto/segments.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

constexpr size_t kBoundsOfRule = 6;

}  // namespace

v1::Segments ToMessage(const value::SegmentRules &rules) {
  v1::Segments message;
  message.set_recency_bins(static_cast<uint32_t>(rules.recency_bins));
  message.set_frequency_bins(static_cast<uint32_t>(rules.frequency_bins));
  message.set_monetary_bins(static_cast<uint32_t>(rules.monetary_bins));
  message.set_others(rules.others);
  message.mutable_segment()->Reserve(static_cast<int>(rules.rules.size()));
  uint32_t index = 0;
  for (const value::SegmentRule &rule : rules.rules) {
    message.add_segment(rule.name);
    for (const value::ScoreRange &range : {rule.recency, rule.frequency, rule.monetary}) {
      message.add_bounds(range.low);
      message.add_bounds(range.high);
    }
    if (rule.mean_fm.has_value()) {
      message.add_mean_rule(index);
      message.add_mean_bounds(rule.mean_fm->low);
      message.add_mean_bounds(rule.mean_fm->high);
    }
    ++index;
  }
  return message;
}

absl::StatusOr<value::SegmentRules> FromMessage(const v1::Segments &message) {
  const auto count = static_cast<size_t>(message.segment_size());
  const auto means = static_cast<size_t>(message.mean_rule_size());
  if (!message.unknown_fields().empty()) return NotOurs("segments: unknown field");
  if (static_cast<size_t>(message.bounds_size()) != count * kBoundsOfRule ||
      static_cast<size_t>(message.mean_bounds_size()) != means * 2) {
    return NotOurs("segments: lists differ in length");
  }
  for (const uint32_t bins :
       {message.recency_bins(), message.frequency_bins(), message.monetary_bins()}) {
    if (bins > value::kMaxScoreBins) return NotOurs("segments: bins out of range");
  }
  value::SegmentRules rules;
  rules.recency_bins = static_cast<int>(message.recency_bins());
  rules.frequency_bins = static_cast<int>(message.frequency_bins());
  rules.monetary_bins = static_cast<int>(message.monetary_bins());
  PATRON_RETURN_IF_ERROR(CheckName("segments: others", message.others()));
  rules.others = message.others();
  rules.rules.resize(count);
  for (size_t i = 0; i < count; ++i) {
    value::SegmentRule &rule = rules.rules[i];
    const std::string &name = message.segment(static_cast<int>(i));
    PATRON_RETURN_IF_ERROR(CheckName("segments: segment", name));
    rule.name = name;
    const int32_t *bounds = message.bounds().data() + i * kBoundsOfRule;
    rule.recency = {bounds[0], bounds[1]};
    rule.frequency = {bounds[2], bounds[3]};
    rule.monetary = {bounds[4], bounds[5]};
  }
  for (size_t i = 0; i < means; ++i) {
    const uint32_t index = message.mean_rule(static_cast<int>(i));
    const bool rising = i == 0 || index > message.mean_rule(static_cast<int>(i) - 1);
    if (index >= count || !rising) return NotOurs("segments: rules of the mean out of order");
    rules.rules[index].mean_fm = {message.mean_bounds(static_cast<int>(2 * i)),
                                  message.mean_bounds(static_cast<int>(2 * i) + 1)};
  }
  return rules;
}

}  // namespace patron::proto
