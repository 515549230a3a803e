// Requests of persons, and what must go.
#include "patron/c/customers_requests.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/calendar.hpp"
#include "c_api/customers_cells.hpp"
#include "c_api/customers_consents.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/customers/requests.hpp"

namespace patron::c_api {
namespace {

using customers::Permission;
using customers::RequestRule;
using customers::RequestState;
using customers::RetentionReason;

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
// Instants from the year 1 to 9999 have days that all sums here can hold.
constexpr int64_t kFirst = -62'135'596'800 * 1'000'000, kLast = 253'402'300'800 * 1'000'000;

int64_t FloorDay(int64_t time) { return time >= 0 ? time / kDay : (time - kDay + 1) / kDay; }

absl::Status CheckInstant(std::string_view column, size_t row, int64_t time) {
  if (time >= kFirst && time < kLast) return absl::OkStatus();
  return InvalidRow(column, row, FormatTime(time), "an instant of the years 1 to 9999");
}

using Rules = std::map<std::string_view, RequestRule>;

absl::StatusOr<Rules> ReadDueRules(const arrow::Table &table) {
  constexpr int64_t kMost = 1200;
  PATRON_ASSIGN_OR_RETURN(const auto kinds, ReadTexts(table, "kind"));
  PATRON_ASSIGN_OR_RETURN(const auto months, ReadIntegers(table, "months"));
  PATRON_ASSIGN_OR_RETURN(const auto days, ReadIntegers(table, "days"));
  PATRON_ASSIGN_OR_RETURN(const auto working, ReadIntegers(table, "working_days"));
  PATRON_ASSIGN_OR_RETURN(const auto extension, ReadIntegers(table, "extension_months"));
  Rules rules;
  for (size_t i = 0; i < static_cast<size_t>(table.rows()); ++i) {
    RequestRule rule;
    const std::pair<std::string_view, std::pair<int64_t, int32_t *>> kNumbers[] = {
        {"months", {months.Or(i, 0), &rule.months}},
        {"days", {days.Or(i, 0), &rule.days}},
        {"working_days", {working.Or(i, 0), &rule.working_days}},
        {"extension_months", {extension.Or(i, 0), &rule.extension_months}}};
    for (const auto &[column, number] : kNumbers) {
      if (number.first < 0 || number.first > kMost) {
        return InvalidRow(column, i, std::to_string(number.first), absl::StrCat("0 to ", kMost));
      }
      *number.second = static_cast<int32_t>(number.first);
    }
    const int given = (rule.months > 0) + (rule.days > 0) + (rule.working_days > 0);
    if (given != 1) {
      return InvalidRow("months", i, given == 0 ? "null" : "given beside days",
                        "one of months, days and working_days");
    }
    const std::string_view kind = kinds.Or(i, {});
    if (!kind.empty() &&
        std::ranges::find(customers::kRequestKinds, kind) == customers::kRequestKinds.end()) {
      return InvalidRow("kind", i, Quoted(kind),
                        "access, correction, erasure, portability or objection");
    }
    if (!rules.emplace(kind, rule).second) {
      return InvalidRow("kind", i, kind.empty() ? "null" : Quoted(kind), "each kind once");
    }
  }
  return rules;
}

// Days of a calendar, or of UTC.
class Days {
 public:
  explicit Days(const patron_calendar *calendar)
      : calendar_(calendar == nullptr ? nullptr : &calendar->calendar) {}

  int64_t DayOf(int64_t time) const {
    return calendar_ == nullptr ? FloorDay(time) : calendar_->working_time().DayOf(time);
  }
  // The first instant after the date that is `day`, which is not before that of `from`.
  absl::StatusOr<int64_t> EndOf(int64_t from, int64_t day) const {
    if (calendar_ == nullptr) return (day + 1) * kDay;
    return calendar_->CalendarDaysAfter(from, day - DayOf(from));
  }
  absl::StatusOr<int64_t> WorkingDaysAfter(int64_t from, int32_t count) const {
    if (calendar_ == nullptr) return customers::WeekdaysAfter(DayOf(from), count);
    PATRON_ASSIGN_OR_RETURN(const int64_t close, calendar_->BusinessDaysAfter(from, count));
    if (close >= kLast) return absl::OutOfRangeError("never");
    return DayOf(close - 1);
  }

 private:
  const complaints::BusinessCalendar *calendar_;
};

absl::StatusOr<arrow::Table> RequestsDue(const arrow::Table &table, const arrow::Table &rule_rows,
                                         const Days &days, int64_t as_of) {
  PATRON_ASSIGN_OR_RETURN(const Rules rules, ReadDueRules(rule_rows));
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn ids, SubjectColumn::Read(table, "request_id"));
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(const auto kinds, ReadTexts(table, "kind", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto received, ReadTimes(table, "received", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto extended, ReadTimes(table, "extended_at"));
  PATRON_ASSIGN_OR_RETURN(const auto answered, ReadTimes(table, "answered_at"));
  PATRON_ASSIGN_OR_RETURN(const auto refused, ReadFlags(table, "refused"));
  const size_t n = ids.size();
  SubjectsOut id_column, subject_column;
  std::vector<int32_t> kind_codes(n), states(n);
  std::vector<int64_t> at(n), due(n), left(n);
  std::vector<uint8_t> late(n), open(n);
  for (size_t i = 0; i < n; ++i) {
    id_column.Add(ids[i]);
    subject_column.Add(subjects[i]);
    const std::string_view kind = kinds.Or(i, {});
    const auto *known = std::ranges::find(customers::kRequestKinds, kind);
    if (known == customers::kRequestKinds.end()) {
      return InvalidRow("kind", i, Quoted(kind),
                        "access, correction, erasure, portability or objection");
    }
    kind_codes[i] = static_cast<int32_t>(known - customers::kRequestKinds.begin());
    auto rule = rules.find(kind);
    if (rule == rules.end()) rule = rules.find({});
    if (rule == rules.end()) return InvalidRow("kind", i, Quoted(kind), "a kind with a rule");
    at[i] = received.Or(i, 0);
    PATRON_RETURN_IF_ERROR(CheckInstant("received", i, at[i]));
    const int64_t day = days.DayOf(at[i]);
    int64_t last = day + rule->second.days;
    if (rule->second.months > 0) last = customers::MonthsAfter(day, rule->second.months);
    if (rule->second.working_days > 0) {
      const absl::StatusOr<int64_t> found = days.WorkingDaysAfter(at[i], rule->second.working_days);
      if (!found.ok()) {
        return InvalidRow("received", i, FormatTime(at[i]), "a date that the calendar can count");
      }
      last = *found;
    }
    PATRON_ASSIGN_OR_RETURN(due[i], days.EndOf(at[i], last));
    RequestState state = RequestState::kOpen;
    if (extended.has(i)) {
      const int64_t extension = extended.Or(i, 0);
      if (rule->second.extension_months == 0) {
        return InvalidRow("extended_at", i, FormatTime(extension),
                          "null, as the rule knows no extension");
      }
      if (extension < at[i] || extension >= due[i]) {
        return InvalidRow("extended_at", i, FormatTime(extension),
                          absl::StrCat("an instant from the receipt up to ", FormatTime(due[i])));
      }
      // The months of the extension count from the receipt with those of the period.
      const int64_t whole =
          rule->second.months > 0
              ? customers::MonthsAfter(day, rule->second.months + rule->second.extension_months)
              : customers::MonthsAfter(last, rule->second.extension_months);
      PATRON_ASSIGN_OR_RETURN(due[i], days.EndOf(at[i], whole));
      state = RequestState::kExtended;
    }
    int64_t judged = as_of;
    open[i] = 1;
    if (answered.has(i)) {
      judged = answered.Or(i, 0);
      if (judged < at[i]) {
        return InvalidRow("answered_at", i, FormatTime(judged), "an instant from the receipt on");
      }
      state = refused.Or(i, 0) != 0 ? RequestState::kRefused : RequestState::kAnswered;
      open[i] = 0;
    } else if (refused.Or(i, 0) != 0) {
      return InvalidRow("refused", i, "true", "answered_at as well");
    }
    states[i] = static_cast<int32_t>(state);
    late[i] = judged >= due[i] ? 1 : 0;
    if (open[i] != 0) left[i] = FloorDay(due[i] - std::clamp(as_of, kFirst, kLast));
  }
  arrow::TableBuilder builder;
  builder.AddIds("request_id", id_column.span(ids.is_text()));
  builder.AddIds("subject", subject_column.span(subjects.is_text()));
  builder.AddDictionary("kind", std::move(kind_codes), customers::kRequestKinds);
  builder.AddTimestamp("received", std::move(at));
  builder.AddTimestamp("due", std::move(due));
  builder.AddDictionary("state", std::move(states), customers::kRequestStates);
  builder.AddBool("late", late);
  builder.AddInt64("days_left", std::move(left), open);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> RetentionDue(const customers::ConsentBook &book,
                                          const arrow::Table &table, int64_t as_of) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(const auto purposes, ReadTexts(table, "purpose", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto times, ReadTimes(table, "since", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto holds, ReadTexts(table, "hold"));
  const size_t n = subjects.size();
  SubjectsOut subject_column;
  std::vector<std::string_view> names(n), hold_texts(n);
  std::vector<int64_t> since(n), due(n);
  std::vector<int32_t> reasons(n);
  std::vector<uint8_t> has_due(n), must_go(n), held(n);
  for (size_t i = 0; i < n; ++i) {
    subject_column.Add(subjects[i]);
    names[i] = purposes.Or(i, {});
    since[i] = times.Or(i, 0);
    PATRON_RETURN_IF_ERROR(CheckInstant("since", i, since[i]));
    held[i] = holds.Or(i, {}).empty() ? 0 : 1;
    hold_texts[i] = holds.Or(i, {});
    const uint32_t code = book.purposes().Find(names[i]);
    RetentionReason reason = RetentionReason::kNoPeriod;
    if (code == customers::Purposes::kUnknown) {
      reason = RetentionReason::kUnknownPurpose;
      has_due[i] = 1;
      due[i] = since[i];
    } else {
      const int64_t period = book.purposes()[code].retention_days;
      if (period > 0) {
        has_due[i] = 1;
        due[i] = since[i] + period * kDay;
        reason = due[i] <= as_of ? RetentionReason::kPeriodOver : RetentionReason::kWithinPeriod;
      }
      // Any field by any channel is reason enough to keep what is kept for it.
      if (const auto ended = book.EndedFor(subjects[i], code, as_of); ended) {
        if (has_due[i] == 0 || *ended < due[i]) {
          due[i] = *ended;
          reason = RetentionReason::kConsentEnded;
        }
        has_due[i] = 1;
      }
    }
    must_go[i] = has_due[i] != 0 && due[i] <= as_of ? 1 : 0;
    if (must_go[i] != 0 && held[i] != 0) {
      must_go[i] = 0;
      reason = RetentionReason::kLegalHold;
    }
    reasons[i] = static_cast<int32_t>(reason);
  }
  arrow::TableBuilder builder;
  builder.AddIds("subject", subject_column.span(subjects.is_text()));
  builder.AddText("purpose", std::span<const std::string_view>(names));
  builder.AddTimestamp("since", std::move(since));
  builder.AddTimestamp("due", std::move(due), has_due);
  builder.AddBool("must_go", must_go);
  builder.AddDictionary("reason", std::move(reasons), customers::kRetentionReasons);
  builder.AddText("hold", std::span<const std::string_view>(hold_texts), held);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" patron_status patron_requests_due(const patron_table *requests,
                                             const patron_table *rules,
                                             const patron_calendar *calendar, int64_t as_of,
                                             patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("requests", requests));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("rules", rules));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(
        patron::arrow::Table table,
        c_api::RequestsDue(requests->table, rules->table, c_api::Days(calendar), as_of));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_retention_due(const patron_consents *consents,
                                              const patron_table *items, int64_t as_of,
                                              patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("items", items));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table,
                            c_api::RetentionDue(consents->book, items->table, as_of));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
