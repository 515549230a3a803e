// Points that purchases earn.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/points.h"
#include "patron/loyalty/points_rules.hpp"

namespace patron::c_api {
namespace {

using loyalty::EarnRule;

// Calls `set(row, value)` for each value of a column that may be missing.
template <typename Reader, typename Set>
absl::Status ForEach(const arrow::Table &table, std::string_view column, Reader open, Set set) {
  if (!table.Find(column)) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader, open(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  for (size_t i = 0; i < loaded.values.size(); ++i) {
    if (loaded.valid.empty() || loaded.valid[i] != 0) set(i, loaded.values[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EarnRule>> ReadEarnRules(const arrow::Table &table, int decimals,
                                                    CivilDays days) {
  constexpr arrow::Nulls kMask = arrow::Nulls::kMask;
  PATRON_ASSIGN_OR_RETURN(const auto name_reader, arrow::OpenText(table, "name"));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(name_reader));
  std::vector<EarnRule> rules(names.values.size());
  for (size_t i = 0; i < rules.size(); ++i) rules[i].name = names.values[i];
  const auto text = [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenText(t, c, kMask);
  };
  const auto integers = [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenIntegers(t, c, kMask);
  };
  const auto times = [&](const arrow::Table &t, std::string_view c) {
    return arrow::OpenTimes(t, c, kMask, days);
  };
  PATRON_RETURN_IF_ERROR(ForEach(table, "category", text,
                                 [&](size_t i, std::string_view v) { rules[i].category = v; }));
  PATRON_RETURN_IF_ERROR(
      ForEach(table, "tier", text, [&](size_t i, std::string_view v) { rules[i].tier = v; }));
  PATRON_RETURN_IF_ERROR(ForEach(
      table, "per_unit",
      [](const arrow::Table &t, std::string_view c) { return arrow::OpenNumbers(t, c, kMask); },
      [&](size_t i, double v) { rules[i].per_unit = v; }));
  PATRON_RETURN_IF_ERROR(
      ForEach(table, "fixed", integers, [&](size_t i, int64_t v) { rules[i].fixed = v; }));
  PATRON_RETURN_IF_ERROR(
      ForEach(table, "most", integers, [&](size_t i, int64_t v) { rules[i].most = v; }));
  PATRON_RETURN_IF_ERROR(ForEach(
      table, "minimum",
      [&](const arrow::Table &t, std::string_view c) {
        return arrow::OpenMoney(t, c, decimals, 0, kMask);
      },
      [&](size_t i, int64_t v) { rules[i].minimum = v; }));
  PATRON_RETURN_IF_ERROR(
      ForEach(table, "start", times, [&](size_t i, int64_t v) { rules[i].from = days.DayOf(v); }));
  PATRON_RETURN_IF_ERROR(
      ForEach(table, "end", times, [&](size_t i, int64_t v) { rules[i].until = days.DayOf(v); }));
  PATRON_RETURN_IF_ERROR(loyalty::CheckEarnRules(rules));
  return rules;
}

absl::StatusOr<arrow::Table> Earn(const std::vector<EarnRule> &rules, const arrow::Table &table,
                                  int decimals, int amount_decimals, CivilDays days) {
  PATRON_ASSIGN_OR_RETURN(const auto amount_reader,
                          arrow::OpenMoney(table, "amount", decimals, amount_decimals));
  PATRON_ASSIGN_OR_RETURN(const auto time_reader,
                          arrow::OpenTimes(table, "date", arrow::Nulls::kError, days));
  PATRON_ASSIGN_OR_RETURN(const auto amounts, arrow::Load(amount_reader));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader));
  const size_t n = amounts.values.size();
  std::vector<std::string> categories(n), tiers(n);
  bool by_category = false, by_tier = false;
  for (const EarnRule &rule : rules) {
    by_category |= !rule.category.empty();
    by_tier |= !rule.tier.empty();
  }
  const auto text = [](const arrow::Table &t, std::string_view c) {
    return arrow::OpenText(t, c, arrow::Nulls::kMask);
  };
  if (by_category) {
    PATRON_RETURN_IF_ERROR(table.Require("category").status());
    PATRON_RETURN_IF_ERROR(
        ForEach(table, "category", text, [&](size_t i, std::string_view v) { categories[i] = v; }));
  }
  if (by_tier) {
    PATRON_RETURN_IF_ERROR(table.Require("tier").status());
    PATRON_RETURN_IF_ERROR(
        ForEach(table, "tier", text, [&](size_t i, std::string_view v) { tiers[i] = v; }));
  }
  std::vector<int64_t> points(n);
  std::vector<int32_t> rule(n);
  std::vector<uint8_t> fits(n);
  for (size_t i = 0; i < n; ++i) {
    PATRON_ASSIGN_OR_RETURN(
        const loyalty::Earned earned,
        loyalty::EarnedBy(rules, amounts.values[i], decimals, days.DayOf(times.values[i]),
                          categories[i], tiers[i]));
    points[i] = earned.points;
    fits[i] = earned.rule >= 0 ? 1 : 0;
    rule[i] = earned.rule >= 0 ? earned.rule : 0;
  }
  std::vector<std::string_view> names;
  for (const EarnRule &r : rules) names.push_back(r.name);
  if (names.empty()) names.push_back("");
  arrow::TableBuilder builder;
  builder.AddInt64("points", std::move(points));
  builder.AddDictionary("rule", std::move(rule), names, fits);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" patron_status patron_points_earned(const patron_table *rules,
                                              const patron_table *purchases, const char *zone,
                                              int32_t decimals, int32_t amount_decimals,
                                              patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("rules", rules));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purchases", purchases));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("decimals", decimals));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("amount_decimals", amount_decimals));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(const patron::CivilDays days, patron::CivilDays::In(name));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadEarnRules(rules->table, decimals, days));
    PATRON_ASSIGN_OR_RETURN(auto table,
                            c_api::Earn(read, purchases->table, decimals, amount_decimals, days));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
