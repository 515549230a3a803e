// Authority of policies, its use, and faults.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/casebook.hpp"
#include "c_api/casebook_columns.hpp"
#include "c_api/casebook_tables.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/optional_columns.hpp"
#include "c_api/policy.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/authority.h"
#include "patron/complaints/authority_use.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> AuthorityTable(const complaints::Policy &policy) {
  arrow::TableBuilder builder;
  NameColumn roles, events;
  std::vector<int32_t> severity;
  Nullable<double> limits[3];
  std::vector<uint8_t> in_crisis, other_person;
  const auto unit = static_cast<double>(PowerOfTen(policy.decimals));
  for (const complaints::AuthorityRule &rule : policy.authority) {
    for (const std::string &event : rule.events) {
      roles.Add(rule.role);
      events.Add(event);
      severity.push_back(rule.max_severity);
      const int64_t amounts[] = {rule.single, rule.of_case, rule.of_customer};
      for (size_t i = 0; i < 3; ++i) {
        limits[i].AddIf(amounts[i] != complaints::kNoLimit, static_cast<double>(amounts[i]) / unit);
      }
      in_crisis.push_back(rule.in_crisis ? 1 : 0);
      other_person.push_back(rule.other_person ? 1 : 0);
    }
  }
  roles.Finish("role", builder);
  events.Finish("event", builder);
  builder.AddInt32("max_severity", std::move(severity));
  constexpr std::string_view kLimits[] = {"single", "of_case", "of_customer"};
  for (size_t i = 0; i < 3; ++i) {
    builder.AddFloat64(kLimits[i], std::move(limits[i].values()), limits[i].valid());
  }
  builder.AddBool("in_crisis", in_crisis);
  builder.AddBool("other_person", other_person);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> UseTable(const complaints::Casebook &book,
                                      std::span<const complaints::RoleUse> uses) {
  arrow::TableBuilder builder;
  NameColumn roles;
  std::vector<int64_t> closed, alone;
  std::vector<double> share, lower, upper, granted;
  const auto unit = static_cast<double>(PowerOfTen(DecimalsOf(book)));
  for (const complaints::RoleUse &use : uses) {
    roles.AddIf(!use.role.empty(), use.role);
    closed.push_back(use.closed);
    alone.push_back(use.alone);
    share.push_back(use.share);
    lower.push_back(use.lower);
    upper.push_back(use.upper);
    granted.push_back(static_cast<double>(use.granted) / unit);
  }
  roles.Finish("role", builder);
  builder.AddInt64("closed", std::move(closed));
  builder.AddInt64("alone", std::move(alone));
  builder.AddFloat64("share", std::move(share));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  builder.AddFloat64("granted", std::move(granted));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Faults(const arrow::Table &cases, int64_t window,
                                    const patron_table *scale) {
  PATRON_ASSIGN_OR_RETURN(const auto unit, LoadText(cases, "unit"));
  PATRON_ASSIGN_OR_RETURN(const auto cause, LoadText(cases, "cause"));
  PATRON_ASSIGN_OR_RETURN(const auto upheld, LoadFlags(cases, "upheld"));
  PATRON_ASSIGN_OR_RETURN(const auto severity, LoadIntegers(cases, "severity"));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::OpenTimes(cases, "received"));
  PATRON_ASSIGN_OR_RETURN(const auto received, arrow::Load(times));
  arrow::Loaded<double> from, amount;
  arrow::Loaded<std::string_view> sanction;
  if (scale != nullptr) {
    PATRON_ASSIGN_OR_RETURN(from, LoadNumbers(scale->table, "from"));
    PATRON_ASSIGN_OR_RETURN(sanction, LoadText(scale->table, "sanction"));
    PATRON_ASSIGN_OR_RETURN(amount, LoadNumbers(scale->table, "amount"));
  }
  std::vector<complaints::SanctionStep> steps(from.values.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    steps[i] = {from.values[i], sanction.values[i], amount.values[i]};
  }
  PATRON_ASSIGN_OR_RETURN(const auto found,
                          complaints::CountFaults({unit.values, cause.values, upheld.values,
                                                   severity.values, received.values},
                                                  window, steps));
  const size_t n = found.size();
  std::vector<std::string_view> units(n), sanctions(n);
  std::vector<int64_t> counts[3];
  std::vector<double> points(n), per_case(n), amounts(n);
  std::vector<uint8_t> reached(n);
  for (auto &count : counts) count.resize(n);
  for (size_t i = 0; i < n; ++i) {
    units[i] = found[i].unit;
    counts[0][i] = found[i].cases;
    counts[1][i] = found[i].upheld;
    counts[2][i] = found[i].repeats;
    points[i] = found[i].points;
    per_case[i] = found[i].per_case;
    if (found[i].step < 0) continue;
    const complaints::SanctionStep &step = steps[static_cast<size_t>(found[i].step)];
    sanctions[i] = step.sanction;
    amounts[i] = step.amount;
    reached[i] = 1;
  }
  arrow::TableBuilder builder;
  builder.AddText("unit", std::span<const std::string_view>(units));
  builder.AddInt64("cases", std::move(counts[0]));
  builder.AddInt64("upheld", std::move(counts[1]));
  builder.AddInt64("repeats", std::move(counts[2]));
  builder.AddFloat64("points", std::move(points));
  builder.AddFloat64("per_case", std::move(per_case));
  builder.AddText("sanction", std::span<const std::string_view>(sanctions), reached);
  builder.AddFloat64("amount", std::move(amounts), reached);
  return builder.Finish();
}

// Runs `body`, which gives a table.
template <typename Body>
patron_status Give(std::string_view name, const void *subject, patron_table **out,
                   patron_error *error, Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer(name, subject));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    absl::StatusOr<arrow::Table> table = body();
    PATRON_RETURN_IF_ERROR(table.status());
    *out = NewTable(*std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_policy_authority(const patron_policy *policy, patron_table **out,
                                                 patron_error *error) {
  return c_api::Give("policy", policy, out, error,
                     [&] { return c_api::AuthorityTable(policy->lifecycle.policy()); });
}

extern "C" patron_status patron_casebook_empowerment(const patron_casebook *casebook, int64_t from,
                                                     int64_t until, double level,
                                                     patron_table **out, patron_error *error) {
  return c_api::Give("casebook", casebook, out, error, [&]() -> absl::StatusOr<arrow::Table> {
    const complaints::Casebook &book = casebook->book.casebook();
    // The least instant of all is that of no bound below.
    const int64_t end = until == PATRON_NO_TIME ? std::numeric_limits<int64_t>::max() : until;
    PATRON_ASSIGN_OR_RETURN(const auto uses, complaints::Empowerment(book, from, end, level));
    return c_api::UseTable(book, uses);
  });
}

extern "C" patron_status patron_complaint_faults(const patron_table *cases, int64_t window,
                                                 const patron_table *scale, patron_table **out,
                                                 patron_error *error) {
  return c_api::Give("cases", cases, out, error,
                     [&] { return c_api::Faults(cases->table, window, scale); });
}
