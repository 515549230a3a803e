// What a casebook tells, at the C interface.
#include <cstdint>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/builder.hpp"
#include "c_api/casebook.hpp"
#include "c_api/casebook_columns.hpp"
#include "c_api/casebook_tables.hpp"
#include "c_api/columns.hpp"
#include "c_api/handles.hpp"
#include "c_api/policy.hpp"
#include "patron/c/casebook_views.h"

namespace patron::c_api {
namespace {

using complaints::Casebook;

// Runs `body(casebook)`, which gives a table.
template <typename Body>
patron_status Tell(const patron_casebook *casebook, patron_table **out, patron_error *error,
                   Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("casebook", casebook));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    absl::StatusOr<arrow::Table> table = body(casebook->book.casebook());
    PATRON_RETURN_IF_ERROR(table.status());
    *out = NewTable(*std::move(table)).release();
    return absl::OkStatus();
  });
}

// The code of a case that has been received.
absl::StatusOr<uint32_t> ReceivedCase(const Casebook &book, int64_t id, const char *text) {
  PATRON_ASSIGN_OR_RETURN(const uint32_t code, CodeOf(book.case_ids(), "case", id, text));
  if (book.Case(code).exists()) return code;
  return absl::NotFoundError(absl::StrCat("case: ", book.case_ids().Format(code),
                                          " has not been received; expected one that has"));
}

uint32_t EventsOf(const Casebook &book, uint32_t code) {
  uint32_t events = 0;
  for (uint32_t at = book.newest_event(code); at != complaints::EventRecord::kNone;
       at = book.event(at).before) {
    ++events;
  }
  return events;
}

absl::Status CheckMoney(int32_t money) { return CheckEnum("money", money, 2); }

}  // namespace
}  // namespace patron::c_api

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace complaints = patron::complaints;
using complaints::Casebook;

extern "C" patron_status patron_casebook_cases(const patron_casebook *casebook, int32_t money,
                                               patron_table **out, patron_error *error) {
  return c_api::Tell(casebook, out, error,
                     [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
                       PATRON_RETURN_IF_ERROR(c_api::CheckMoney(money));
                       return c_api::CaseTable(book, book.Cases(), money);
                     });
}

extern "C" patron_status patron_casebook_as_of(const patron_casebook *casebook, int64_t recorded,
                                               int64_t occurred, int32_t money, patron_table **out,
                                               patron_error *error) {
  return c_api::Tell(
      casebook, out, error, [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
        PATRON_RETURN_IF_ERROR(c_api::CheckMoney(money));
        const auto bound = [](int64_t instant) {
          return instant == PATRON_NO_TIME ? INT64_MAX : instant;
        };
        return c_api::CaseTable(book, book.AsOf(bound(recorded), bound(occurred)), money);
      });
}

extern "C" patron_status patron_casebook_case(const patron_casebook *casebook, int64_t case_id,
                                              const char *case_text, int64_t now, int32_t money,
                                              patron_table **state, patron_table **next,
                                              patron_table **clocks, patron_table **promises,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("casebook", casebook));
    PATRON_RETURN_IF_ERROR(c_api::CheckMoney(money));
    PATRON_RETURN_IF_ERROR(patron::complaints::CheckInstant("now", now));
    const Casebook &book = casebook->book.casebook();
    PATRON_ASSIGN_OR_RETURN(const uint32_t code, c_api::ReceivedCase(book, case_id, case_text));
    std::unique_ptr<patron_table> tables[4];
    if (state != nullptr) {
      const complaints::CaseRow row{code, book.Case(code), c_api::EventsOf(book, code)};
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::CaseTable(book, {&row, 1}, money));
      tables[0] = c_api::NewTable(std::move(table));
    }
    if (next != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::NextTable(book.Next(code, now)));
      tables[1] = c_api::NewTable(std::move(table));
    }
    if (clocks != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const auto rows, book.ClocksOf(code, now));
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::ClockTable(book, rows));
      tables[2] = c_api::NewTable(std::move(table));
    }
    if (promises != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const auto rows, book.Promises(code));
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::PromiseTable(book, rows));
      tables[3] = c_api::NewTable(std::move(table));
    }
    patron_table **const outs[] = {state, next, clocks, promises};
    for (size_t i = 0; i < 4; ++i) {
      if (outs[i] != nullptr) *outs[i] = tables[i].release();
    }
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_clocks(const patron_casebook *casebook, int32_t which,
                                                int64_t now, int64_t until, patron_table **out,
                                                patron_error *error) {
  return c_api::Tell(
      casebook, out, error, [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
        PATRON_RETURN_IF_ERROR(c_api::CheckEnum("which", which, 3));
        PATRON_ASSIGN_OR_RETURN(const auto rows, which == PATRON_CLOCKS_ALL   ? book.Clocks(now)
                                                 : which == PATRON_CLOCKS_DUE ? book.Due(now, until)
                                                                              : book.Overdue(now));
        return c_api::ClockTable(book, rows);
      });
}

extern "C" patron_status patron_casebook_timeline(const patron_casebook *casebook, int64_t case_id,
                                                  const char *case_text, int32_t money,
                                                  patron_table **out, patron_error *error) {
  return c_api::Tell(
      casebook, out, error, [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
        PATRON_RETURN_IF_ERROR(c_api::CheckMoney(money));
        PATRON_ASSIGN_OR_RETURN(const uint32_t code,
                                c_api::CodeOf(book.case_ids(), "case", case_id, case_text));
        const std::vector<complaints::TimelineRow> rows = book.Timeline(code);
        if (rows.empty()) {
          return absl::NotFoundError(absl::StrCat("case: ", book.case_ids().Format(code),
                                                  " has no events; expected one that has"));
        }
        std::vector<uint32_t> positions;
        for (const complaints::TimelineRow &row : rows) positions.push_back(row.position);
        return c_api::EventsTable(book, positions, money, rows);
      });
}

extern "C" patron_status patron_casebook_events(const patron_casebook *casebook, int32_t money,
                                                patron_table **out, patron_error *error) {
  return c_api::Tell(casebook, out, error,
                     [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
                       PATRON_RETURN_IF_ERROR(c_api::CheckMoney(money));
                       std::vector<uint32_t> positions(book.size().events);
                       std::iota(positions.begin(), positions.end(), 0U);
                       return c_api::EventsTable(book, positions, money);
                     });
}

extern "C" patron_status patron_casebook_policies(const patron_casebook *casebook,
                                                  patron_table **out, patron_error *error) {
  return c_api::Tell(casebook, out, error,
                     [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
                       c_api::NameColumn names, versions;
                       std::vector<uint8_t> standard;
                       for (uint16_t i = 0; i < book.shelf().size(); ++i) {
                         const auto &policy = book.shelf().policy(i).lifecycle.policy();
                         names.Add(policy.name);
                         versions.Add(policy.version);
                         standard.push_back(book.standard_policy() == i ? 1 : 0);
                       }
                       arrow::TableBuilder builder;
                       names.Finish("policy", builder);
                       versions.Finish("version", builder);
                       builder.AddBool("standard", standard);
                       return builder.Finish();
                     });
}

extern "C" patron_status patron_casebook_get_policy(const patron_casebook *casebook,
                                                    const char *name, const char *version,
                                                    patron_policy **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("casebook", casebook));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const Casebook &book = casebook->book.casebook();
    const std::string_view text = version == nullptr ? "" : version;
    const int number = name == nullptr ? book.standard_policy() : book.shelf().Find(name, text);
    if (number < 0) {
      return absl::NotFoundError(
          absl::StrCat("policy: ", name == nullptr ? "none" : patron::Quoted(name), " version ",
                       patron::Quoted(text), "; expected one that has been added"));
    }
    auto policy = book.shelf().policy(static_cast<uint16_t>(number)).lifecycle.policy();
    PATRON_ASSIGN_OR_RETURN(auto lifecycle, complaints::Lifecycle::Compile(std::move(policy)));
    *out = new patron_policy{std::move(lifecycle)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_calendars(const patron_casebook *casebook,
                                                   patron_table **out, patron_error *error) {
  return c_api::Tell(casebook, out, error,
                     [&](const Casebook &book) -> absl::StatusOr<arrow::Table> {
                       c_api::NameColumn names, zones;
                       c_api::TimeColumn from;
                       for (const auto &named : book.shelf().calendars()) {
                         for (const auto &version : named.versions) {
                           names.Add(named.name);
                           zones.Add(version.calendar.calendar().zone);
                           from.Add(version.from);
                         }
                       }
                       arrow::TableBuilder builder;
                       names.Finish("calendar", builder);
                       from.Finish("from", builder);
                       zones.Finish("zone", builder);
                       return builder.Finish();
                     });
}
