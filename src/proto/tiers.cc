#include "proto/tiers.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

using value::TierPolicy;

// Leaves only what the policy uses, so that equal policies are equal messages.
void ForgetUnused(TierPolicy &policy) {
  if (policy.window != value::TierWindow::kTrailingDays &&
      policy.window != value::TierWindow::kTrailingMonths) {
    policy.length = 0;
  }
  if (policy.window != value::TierWindow::kCalendar) policy.window_period = Period::kDay;
  if (policy.calendar != value::TierCalendar::kPeriods) policy.calendar_period = Period::kDay;
  if (policy.calendar != value::TierCalendar::kEveryDays) policy.every_days = 0;
}

template <typename Enum>
bool ToEnum(uint32_t number, uint32_t count, Enum &out) {
  if (number >= count) return false;
  out = static_cast<Enum>(number);
  return true;
}

bool ReadNumber(uint32_t number, int32_t &out) {
  out = static_cast<int32_t>(number);
  return number <= static_cast<uint32_t>(std::numeric_limits<int32_t>::max());
}

}  // namespace

v1::TierPolicy ToMessage(const TierPolicy &original) {
  TierPolicy policy = original;
  ForgetUnused(policy);
  v1::TierPolicy message;
  for (const value::TierLevel &level : policy.levels) {
    v1::TierLevel *added = message.add_level();
    added->set_name(level.name);
    added->set_floor(level.floor);
    for (const std::string &entitlement : level.entitlements) added->add_entitlement(entitlement);
  }
  message.set_decimals(static_cast<uint32_t>(policy.decimals));
  message.set_metric(static_cast<uint32_t>(policy.metric));
  message.set_window(static_cast<uint32_t>(policy.window));
  message.set_length(static_cast<uint32_t>(policy.length));
  message.set_window_period(static_cast<uint32_t>(policy.window_period));
  message.set_calendar(static_cast<uint32_t>(policy.calendar));
  message.set_calendar_period(static_cast<uint32_t>(policy.calendar_period));
  message.set_every_days(static_cast<uint32_t>(policy.every_days));
  for (const int32_t day : policy.days) message.add_day(day);
  if (policy.begin != value::kNoDay) message.set_begin(policy.begin);
  message.set_promotion(static_cast<uint32_t>(policy.promotion));
  message.set_demotion(static_cast<uint32_t>(policy.demotion));
  message.set_margin(policy.margin);
  message.set_grace(static_cast<uint32_t>(policy.grace));
  message.set_stay_days(static_cast<uint32_t>(policy.stay_days));
  message.set_revoke_on_return(policy.revoke_on_return);
  return message;
}

absl::StatusOr<TierPolicy> FromMessage(const v1::TierPolicy &message) {
  TierPolicy policy;
  if (!message.unknown_fields().empty()) return NotOurs("tiers: unknown field");
  for (const v1::TierLevel &level : message.level()) {
    if (!level.unknown_fields().empty()) return NotOurs("tiers: unknown field of a level");
    PATRON_RETURN_IF_ERROR(CheckName("tiers: level", level.name()));
    value::TierLevel &added = policy.levels.emplace_back();
    added.name = level.name();
    added.floor = level.floor();
    for (const std::string &entitlement : level.entitlement()) {
      PATRON_RETURN_IF_ERROR(CheckName("tiers: entitlement", entitlement));
      added.entitlements.push_back(entitlement);
    }
  }
  const bool known =
      ReadNumber(message.decimals(), policy.decimals) &&
      ToEnum(message.metric(), 2, policy.metric) && ToEnum(message.window(), 5, policy.window) &&
      ReadNumber(message.length(), policy.length) &&
      ToEnum(message.window_period(), 5, policy.window_period) &&
      ToEnum(message.calendar(), 4, policy.calendar) &&
      ToEnum(message.calendar_period(), 5, policy.calendar_period) &&
      ReadNumber(message.every_days(), policy.every_days) &&
      ToEnum(message.promotion(), 2, policy.promotion) &&
      ToEnum(message.demotion(), 3, policy.demotion) && ReadNumber(message.grace(), policy.grace) &&
      ReadNumber(message.stay_days(), policy.stay_days);
  if (!known) return NotOurs("tiers: a number out of range");
  policy.days.assign(message.day().begin(), message.day().end());
  if (message.has_begin()) {
    policy.begin = message.begin();
    if (policy.begin == value::kNoDay) return NotOurs("tiers: no day as the begin");
  }
  policy.margin = message.margin();
  policy.revoke_on_return = message.revoke_on_return();
  if (absl::Status status = value::CheckTierPolicy(policy); !status.ok()) return AsDataLoss(status);
  TierPolicy plain = policy;
  ForgetUnused(plain);
  if (plain.length != policy.length || plain.window_period != policy.window_period ||
      plain.calendar_period != policy.calendar_period || plain.every_days != policy.every_days) {
    return NotOurs("tiers: something that the policy does not use");
  }
  return policy;
}

}  // namespace patron::proto
