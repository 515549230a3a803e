// Policies of tier programmes.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/tiers.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "proto/tiers.hpp"

namespace patron::c_api {
namespace {

using value::TierPolicy;

absl::StatusOr<TierPolicy> ReadPolicyOptions(const patron_tier_policy_options *options) {
  patron_tier_policy_options full;
  patron_tier_policy_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", full.decimals));
  PATRON_RETURN_IF_ERROR(CheckEnum("metric", full.metric, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("window", full.window, 5));
  PATRON_RETURN_IF_ERROR(CheckEnum("window_period", full.window_period, 5));
  PATRON_RETURN_IF_ERROR(CheckEnum("calendar", full.calendar, 4));
  PATRON_RETURN_IF_ERROR(CheckEnum("calendar_period", full.calendar_period, 5));
  PATRON_RETURN_IF_ERROR(CheckEnum("promotion", full.promotion, 2));
  PATRON_RETURN_IF_ERROR(CheckEnum("demotion", full.demotion, 3));
  PATRON_RETURN_IF_ERROR(CheckEnum("revoke_on_return", full.revoke_on_return, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  if (full.day_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("days", full.days));
  TierPolicy policy;
  policy.decimals = full.decimals;
  policy.metric = static_cast<value::TierMetric>(full.metric);
  policy.window = static_cast<value::TierWindow>(full.window);
  policy.length = full.length;
  policy.window_period = static_cast<Period>(full.window_period);
  policy.calendar = static_cast<value::TierCalendar>(full.calendar);
  policy.calendar_period = static_cast<Period>(full.calendar_period);
  policy.every_days = full.every_days;
  policy.days.assign(full.days, full.days + full.day_count);
  policy.begin = full.begin;
  policy.promotion = static_cast<value::TierPromotion>(full.promotion);
  policy.demotion = static_cast<value::TierDemotion>(full.demotion);
  policy.margin = full.margin;
  policy.grace = full.grace;
  policy.stay_days = full.stay_days;
  policy.revoke_on_return = full.revoke_on_return != 0;
  return policy;
}

absl::Status ReadLevels(const char *const *names, const double *floors, size_t count,
                        TierPolicy &policy) {
  if (count < 2 || count > value::kMaxTierLevels) {
    return InvalidOption("levels", std::to_string(count),
                         absl::StrCat("2 to ", value::kMaxTierLevels, " levels"));
  }
  PATRON_RETURN_IF_ERROR(RequirePointer("names", names));
  PATRON_RETURN_IF_ERROR(RequirePointer("floors", floors));
  for (size_t i = 0; i < count; ++i) {
    value::TierLevel &level = policy.levels.emplace_back();
    PATRON_ASSIGN_OR_RETURN(level.name, ReadName(absl::StrCat("names[", i, "]"), names[i]));
    const int decimals = MetricDecimals(policy);
    const MoneyProblem problem = UnitsFromDouble(floors[i], decimals, level.floor);
    if (problem != MoneyProblem::kNone) {
      return InvalidMoney("floors", i, FormatNumber(floors[i]), problem, decimals);
    }
    if (decimals == 0 && floors[i] != std::floor(floors[i])) {
      return InvalidRow("floors", i, FormatNumber(floors[i]), "a whole number");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEntitlements(const arrow::Table &table, TierPolicy &policy) {
  PATRON_ASSIGN_OR_RETURN(const auto tier_reader, arrow::OpenText(table, "tier"));
  PATRON_ASSIGN_OR_RETURN(const auto name_reader, arrow::OpenText(table, "entitlement"));
  PATRON_ASSIGN_OR_RETURN(const auto tiers, arrow::Load(tier_reader));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(name_reader));
  for (size_t i = 0; i < tiers.values.size(); ++i) {
    const int level = value::FindTier(policy, tiers.values[i]);
    if (level < 0) return InvalidRow("tier", i, Quoted(tiers.values[i]), "the name of a level");
    if (names.values[i].empty()) return InvalidRow("entitlement", i, "empty", "a name");
    policy.levels[static_cast<size_t>(level)].entitlements.emplace_back(names.values[i]);
  }
  return absl::OkStatus();
}

patron_tier_policy_options OptionsOf(const TierPolicy &policy) {
  patron_tier_policy_options options;
  patron_tier_policy_options_init(&options);
  options.decimals = policy.decimals;
  options.metric = static_cast<int32_t>(policy.metric);
  options.window = static_cast<int32_t>(policy.window);
  options.length = policy.length;
  options.window_period = static_cast<int32_t>(policy.window_period);
  options.calendar = static_cast<int32_t>(policy.calendar);
  options.calendar_period = static_cast<int32_t>(policy.calendar_period);
  options.every_days = policy.every_days;
  options.begin = policy.begin;
  options.promotion = static_cast<int32_t>(policy.promotion);
  options.demotion = static_cast<int32_t>(policy.demotion);
  options.grace = policy.grace;
  options.stay_days = policy.stay_days;
  options.revoke_on_return = policy.revoke_on_return ? 1 : 0;
  options.margin = policy.margin;
  options.days = policy.days.empty() ? nullptr : policy.days.data();
  options.day_count = policy.days.size();
  return options;
}

absl::StatusOr<arrow::Table> LevelsTable(const TierPolicy &policy) {
  const int decimals = MetricDecimals(policy);
  std::vector<std::string> names;
  std::vector<double> floors, thresholds;
  std::vector<uint8_t> tested;
  for (const value::TierLevel &level : policy.levels) {
    names.push_back(level.name);
    floors.push_back(CurrencyFromUnits(Int128{level.floor}, decimals));
    const bool lowest = tested.empty();
    const int64_t threshold = lowest ? 0 : value::TierThreshold(level.floor, policy.margin);
    thresholds.push_back(CurrencyFromUnits(Int128{threshold}, decimals));
    tested.push_back(lowest ? 0 : 1);
  }
  arrow::TableBuilder builder;
  builder.AddText("tier", std::span<const std::string>(names));
  builder.AddFloat64("floor", std::move(floors));
  builder.AddFloat64("threshold", std::move(thresholds), tested);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> EntitlementsTable(const TierPolicy &policy) {
  std::vector<std::string_view> tiers, names;
  for (const value::TierLevel &level : policy.levels) {
    for (const std::string &entitlement : level.entitlements) {
      tiers.push_back(level.name);
      names.push_back(entitlement);
    }
  }
  arrow::TableBuilder builder;
  builder.AddText("tier", std::span<const std::string_view>(tiers));
  builder.AddText("entitlement", std::span<const std::string_view>(names));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace proto = patron::proto;
namespace value = patron::value;

extern "C" void patron_tier_policy_options_init(patron_tier_policy_options *options) {
  const value::TierPolicy policy;
  *options = {};
  options->struct_size = sizeof *options;
  options->decimals = policy.decimals;
  options->metric = PATRON_TIER_SUM;
  options->window = PATRON_WINDOW_TRAILING_MONTHS;
  options->length = policy.length;
  options->window_period = static_cast<int32_t>(policy.window_period);
  options->calendar = PATRON_EVALUATE_PERIODS;
  options->calendar_period = static_cast<int32_t>(policy.calendar_period);
  options->every_days = policy.every_days;
  options->begin = PATRON_NO_DAY;
  options->promotion = PATRON_PROMOTE_AT_EVALUATION;
  options->demotion = PATRON_DEMOTE_ONE_LEVEL;
  options->grace = policy.grace;
  options->margin = policy.margin;
}

extern "C" patron_status patron_tier_policy_create(const char *const *names, const double *floors,
                                                   size_t count, const patron_table *entitlements,
                                                   const patron_tier_policy_options *options,
                                                   patron_tier_policy **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(value::TierPolicy policy, c_api::ReadPolicyOptions(options));
    PATRON_RETURN_IF_ERROR(c_api::ReadLevels(names, floors, count, policy));
    if (entitlements != nullptr) {
      PATRON_RETURN_IF_ERROR(c_api::ReadEntitlements(entitlements->table, policy));
    }
    PATRON_RETURN_IF_ERROR(value::CheckTierPolicy(policy));
    *out = new patron_tier_policy{std::move(policy)};
    return absl::OkStatus();
  });
}

extern "C" void patron_tier_policy_free(patron_tier_policy *policy) { delete policy; }

extern "C" patron_status patron_tier_policy_show(const patron_tier_policy *policy,
                                                 patron_tier_policy_options *options,
                                                 patron_table **levels, patron_table **entitlements,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("policy", policy));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("options", options));
    std::unique_ptr<patron_table> level_table, entitlement_table;
    if (levels != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::LevelsTable(policy->policy));
      level_table = c_api::NewTable(std::move(table));
    }
    if (entitlements != nullptr) {
      PATRON_ASSIGN_OR_RETURN(auto table, c_api::EntitlementsTable(policy->policy));
      entitlement_table = c_api::NewTable(std::move(table));
    }
    c_api::WriteOut(c_api::OptionsOf(policy->policy), options);
    if (levels != nullptr) *levels = level_table.release();
    if (entitlements != nullptr) *entitlements = entitlement_table.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_tier_policy_serialize(const patron_tier_policy *policy,
                                                      patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("policy", policy));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_TIER_POLICY, proto::ToMessage(policy->policy), out);
  });
}

extern "C" patron_status patron_tier_policy_deserialize(const void *bytes, size_t size,
                                                        patron_tier_policy **out,
                                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::TierPolicy message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_TIER_POLICY, message));
    PATRON_ASSIGN_OR_RETURN(value::TierPolicy policy, proto::FromMessage(message));
    *out = new patron_tier_policy{std::move(policy)};
    return absl::OkStatus();
  });
}
