#include "proto/loyalty_index.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

// Errors: DataLoss for what no fit leaves.
absl::Status CheckFrozen(const loyalty::IndexComponent &component) {
  const bool finite = std::isfinite(component.low) && std::isfinite(component.high);
  if (!finite) return NotOurs("loyalty index: a bound that is not finite");
  const bool rank = component.normalize == loyalty::Normalize::kRank;
  if (rank != !component.steps.empty() || component.steps.size() > loyalty::kMostRankSteps) {
    return NotOurs("loyalty index: steps that do not belong to the component");
  }
  for (size_t i = 0; i < component.steps.size(); ++i) {
    if (!std::isfinite(component.steps[i]) ||
        !(component.shares[i] > 0 && component.shares[i] < 1)) {
      return NotOurs("loyalty index: a step out of range");
    }
  }
  if (rank &&
      (component.low != component.steps.front() || component.high != component.steps.back())) {
    return NotOurs("loyalty index: steps that do not end at the bounds");
  }
  if (!rank && component.normalize != loyalty::Normalize::kBounds &&
      !(component.normalize == loyalty::Normalize::kNormal ? component.high > 0
                                                           : component.high > component.low)) {
    return NotOurs("loyalty index: bounds out of order");
  }
  return absl::OkStatus();
}

}  // namespace

v1::LoyaltyIndex ToMessage(const loyalty::IndexDefinition &definition) {
  v1::LoyaltyIndex message;
  message.set_least_coverage(definition.least_coverage);
  message.mutable_name()->Reserve(static_cast<int>(definition.components.size()));
  for (const loyalty::IndexComponent &component : definition.components) {
    message.add_name(component.name);
    message.add_normalize(static_cast<uint32_t>(component.normalize));
    message.add_weight(component.weight);
    message.add_low(component.low);
    message.add_high(component.high);
    message.add_known(static_cast<uint64_t>(component.known));
    message.add_steps(static_cast<uint32_t>(component.steps.size()));
    for (const double step : component.steps) message.add_step(step);
    for (const double share : component.shares) message.add_share(share);
  }
  return message;
}

absl::StatusOr<loyalty::IndexDefinition> FromMessage(const v1::LoyaltyIndex &message) {
  loyalty::IndexDefinition definition;
  if (!message.unknown_fields().empty()) return NotOurs("loyalty index: unknown field");
  const int count = message.name_size();
  if (message.normalize_size() != count || message.weight_size() != count ||
      message.low_size() != count || message.high_size() != count ||
      message.known_size() != count || message.steps_size() != count ||
      message.step_size() != message.share_size()) {
    return NotOurs("loyalty index: lists differ in length");
  }
  definition.least_coverage = message.least_coverage();
  int next = 0;
  for (int k = 0; k < count; ++k) {
    PATRON_RETURN_IF_ERROR(CheckName("loyalty index: component", message.name(k)));
    if (message.normalize(k) > 3) return NotOurs("loyalty index: an unknown normaliser");
    if (message.known(k) > static_cast<uint64_t>(INT64_MAX)) {
      return NotOurs("loyalty index: a count out of range");
    }
    loyalty::IndexComponent component{
        .name = message.name(k),
        .normalize = static_cast<loyalty::Normalize>(message.normalize(k)),
        .weight = message.weight(k),
        .low = message.low(k),
        .high = message.high(k),
        .known = static_cast<int64_t>(message.known(k))};
    if (message.steps(k) > static_cast<uint32_t>(message.step_size() - next)) {
      return NotOurs("loyalty index: lists differ in length");
    }
    for (const int end = next + static_cast<int>(message.steps(k)); next < end; ++next) {
      component.steps.push_back(message.step(next));
      component.shares.push_back(message.share(next));
    }
    PATRON_RETURN_IF_ERROR(CheckFrozen(component));
    definition.components.push_back(std::move(component));
  }
  if (next != message.step_size()) return NotOurs("loyalty index: lists differ in length");
  PATRON_RETURN_IF_ERROR(AsDataLoss(loyalty::CheckIndex(definition)));
  return definition;
}

}  // namespace patron::proto
