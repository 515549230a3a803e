#include "proto/pyramid.hpp"

#include <cstddef>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

v1::Pyramid::Method MethodOf(value::PyramidMethod method) {
  switch (method) {
    case value::PyramidMethod::kCustomerShare: return v1::Pyramid::CUSTOMER_SHARE;
    case value::PyramidMethod::kValueFloor: return v1::Pyramid::VALUE_FLOOR;
    case value::PyramidMethod::kValueShare: break;
  }
  return v1::Pyramid::VALUE_SHARE;
}

value::PyramidMethod MethodOf(v1::Pyramid::Method method) {
  switch (method) {
    case v1::Pyramid::CUSTOMER_SHARE: return value::PyramidMethod::kCustomerShare;
    case v1::Pyramid::VALUE_FLOOR: return value::PyramidMethod::kValueFloor;
    case v1::Pyramid::VALUE_SHARE: break;
  }
  return value::PyramidMethod::kValueShare;
}

}  // namespace

v1::Pyramid ToMessage(const value::PyramidDefinition &definition) {
  v1::Pyramid message;
  message.set_method(MethodOf(definition.method));
  message.set_boundary(definition.boundary == value::ShareBoundary::kShareBefore
                           ? v1::Pyramid::BEFORE
                           : v1::Pyramid::INCLUDING);
  message.mutable_tier()->Reserve(static_cast<int>(definition.tiers.size()));
  message.mutable_status_tier()->Reserve(static_cast<int>(definition.status_tiers.size()));
  for (const value::PyramidTier &tier : definition.tiers) {
    message.add_tier(tier.name);
    message.add_cut(tier.cut);
  }
  message.set_losses(definition.loss_tier);
  for (const std::string &tier : definition.status_tiers) message.add_status_tier(tier);
  return message;
}

absl::StatusOr<value::PyramidDefinition> FromMessage(const v1::Pyramid &message) {
  value::PyramidDefinition definition;
  if (!message.unknown_fields().empty()) return NotOurs("pyramid: unknown field");
  if (message.tier_size() != message.cut_size() ||
      static_cast<size_t>(message.status_tier_size()) != definition.status_tiers.size()) {
    return NotOurs("pyramid: lists differ in length");
  }
  definition.method = MethodOf(message.method());
  if (message.boundary() == v1::Pyramid::INCLUDING) {
    definition.boundary = value::ShareBoundary::kShareIncluding;
    if (definition.method != value::PyramidMethod::kValueShare) {
      return NotOurs("pyramid: a boundary without shares of value");
    }
  }
  for (int i = 0; i < message.tier_size(); ++i) {
    PATRON_RETURN_IF_ERROR(CheckName("pyramid: tier", message.tier(i)));
    definition.tiers.push_back({message.tier(i), message.cut(i)});
  }
  if (!message.losses().empty()) {
    PATRON_RETURN_IF_ERROR(CheckName("pyramid: losses", message.losses()));
    definition.loss_tier = message.losses();
  }
  for (size_t i = 0; i < definition.status_tiers.size(); ++i) {
    const std::string &name = message.status_tier(static_cast<int>(i));
    PATRON_RETURN_IF_ERROR(CheckName("pyramid: status tier", name));
    definition.status_tiers[i] = name;
  }
  if (absl::Status status = value::CheckPyramid(definition); !status.ok())
    return AsDataLoss(status);
  return definition;
}

}  // namespace patron::proto
