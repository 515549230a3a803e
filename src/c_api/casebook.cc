// The casebook: how it is made, changed, written and read.
#include "c_api/casebook.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/calendar.hpp"
#include "c_api/casebook_events.hpp"
#include "c_api/columns.hpp"
#include "c_api/handles.hpp"
#include "c_api/host_store.hpp"
#include "c_api/policy.hpp"
#include "patron/c/casebook_views.h"
#include "proto/casebook.hpp"

namespace patron::c_api {
namespace {

using complaints::ApplyReport;
using complaints::Casebook;

constexpr std::string_view kVerdicts[] = {"applied", "duplicate", "refused", "conflict"};

absl::StatusOr<arrow::Table> VerdictTable(const ApplyReport &report) {
  const size_t n = report.verdict.size();
  std::vector<int32_t> verdicts(n), refusals(n);
  std::vector<uint8_t> refused(n);
  for (size_t i = 0; i < n; ++i) {
    verdicts[i] = static_cast<int32_t>(report.verdict[i]);
    refusals[i] = static_cast<int32_t>(report.refusal[i]);
    refused[i] = report.refusal[i] != complaints::Refusal::kNone ? 1 : 0;
  }
  std::vector<std::string_view> names;
  for (size_t i = 0; i < complaints::kRefusals; ++i) {
    names.push_back(complaints::RefusalName(static_cast<complaints::Refusal>(i)));
  }
  arrow::TableBuilder builder;
  builder.AddDictionary("verdict", std::move(verdicts), kVerdicts);
  builder.AddDictionary("refusal", std::move(refusals), names, refused);
  return builder.Finish();
}

// Runs `body(book)` when the handle is there.
template <typename Handle, typename Body>
patron_status Change(Handle *casebook, patron_error *error, Body &&body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("casebook", casebook));
    return body(casebook->book);
  });
}

}  // namespace
}  // namespace patron::c_api

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace casebook_ns = patron::casebook;
namespace complaints = patron::complaints;
namespace proto = patron::proto;

using casebook_ns::Book;

extern "C" patron_status patron_casebook_create(patron_casebook **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = new patron_casebook{};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_open(const char *path, patron_casebook **out,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("path", path));
    PATRON_ASSIGN_OR_RETURN(auto store, patron::store::OpenSqlite("casebook", name));
    PATRON_ASSIGN_OR_RETURN(Book book, Book::Open(std::move(store)));
    *out = new patron_casebook{std::move(book)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_open_store(const patron_entry_store *store,
                                                    patron_casebook **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("store", store));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto host, c_api::OpenHostStore("casebook", store));
    PATRON_ASSIGN_OR_RETURN(Book book, Book::Open(std::move(host)));
    *out = new patron_casebook{std::move(book)};
    return absl::OkStatus();
  });
}

extern "C" void patron_casebook_free(patron_casebook *casebook) { delete casebook; }

extern "C" patron_status patron_casebook_add_calendar(patron_casebook *casebook, const char *name,
                                                      const patron_calendar *calendar, int64_t from,
                                                      patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("calendar", calendar));
    PATRON_ASSIGN_OR_RETURN(const std::string text, c_api::ReadName("name", name));
    return book.AddCalendar(text, calendar->calendar.calendar(), from);
  });
}

extern "C" patron_status patron_casebook_add_policy(patron_casebook *casebook,
                                                    const patron_policy *policy,
                                                    patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("policy", policy));
    const complaints::PolicyShelf &shelf = book.casebook().shelf();
    const complaints::Policy &added = policy->lifecycle.policy();
    if (shelf.size() > 0) {
      const int32_t decimals = shelf.policy(0).lifecycle.policy().decimals;
      if (added.decimals != decimals) {
        return absl::FailedPreconditionError(
            absl::StrCat("policy: ", added.decimals, " decimals; expected ", decimals,
                         ", as the other policies of the casebook have"));
      }
    }
    return book.AddPolicy(added);
  });
}

extern "C" patron_status patron_casebook_use_policy(patron_casebook *casebook, const char *name,
                                                    const char *version, patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const std::string text, c_api::ReadName("name", name));
    return book.UsePolicy(text, version == nullptr ? "" : version);
  });
}

extern "C" void patron_apply_options_init(patron_apply_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->recorded = PATRON_NO_TIME;
}

extern "C" patron_status patron_casebook_apply(patron_casebook *casebook,
                                               const patron_table *events,
                                               const patron_apply_options *options,
                                               patron_table **verdicts, patron_apply_report *report,
                                               patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("events", events));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    patron_apply_options full;
    patron_apply_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("mode", full.mode, 2));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(
        const c_api::EventTable table,
        c_api::EventTable::Read(events->table, book.casebook().shelf(), execution));
    int64_t recorded = full.recorded;
    if (recorded == PATRON_NO_TIME) {
      recorded = book.casebook().last_recorded();
      if (recorded == PATRON_NO_TIME && events->table.rows() > 0) {
        return patron::InvalidOption("recorded", "no time", "an instant for the first events");
      }
      if (recorded == PATRON_NO_TIME) recorded = 0;
    }
    const auto rows = static_cast<uint64_t>(events->table.rows());
    // What can fail is done before the events stay.
    std::unique_ptr<patron_table> told;
    const auto tell = [&](const complaints::ApplyReport &so_far) -> absl::Status {
      if (verdicts == nullptr) return absl::OkStatus();
      PATRON_ASSIGN_OR_RETURN(arrow::Table made, c_api::VerdictTable(so_far));
      told = c_api::NewTable(std::move(made));
      return absl::OkStatus();
    };
    PATRON_ASSIGN_OR_RETURN(
        const auto done,
        book.Apply(table.rows(), recorded, static_cast<complaints::ApplyMode>(full.mode), execution,
                   [&](uint64_t, const complaints::ApplyReport &so_far) { return tell(so_far); }));
    if (told == nullptr) PATRON_RETURN_IF_ERROR(tell(done));
    if (verdicts != nullptr) *verdicts = told.release();
    patron_apply_report result{};
    result.rows = rows;
    result.applied = done.applied;
    result.duplicates = done.duplicates;
    result.refused = done.refused;
    result.conflicts = done.conflicts;
    c_api::WriteOut(result, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_advance(patron_casebook *casebook, int64_t now,
                                                 uint64_t *events, patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(const complaints::AdvanceReport report, book.Advance(now));
    if (events != nullptr) *events = report.events;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_next_instant(patron_casebook *casebook, int64_t *out,
                                                      patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out, book.NextInstant());
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_get_size(const patron_casebook *casebook,
                                                  patron_casebook_size *out, patron_error *error) {
  return c_api::Change(casebook, error, [&](const Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const complaints::Casebook &inner = book.casebook();
    const complaints::CasebookSize size = inner.size();
    const complaints::LogHead head = inner.head();
    patron_casebook_size full{};
    full.decimals =
        inner.shelf().size() == 0 ? -1 : inner.shelf().policy(0).lifecycle.policy().decimals;
    full.events = size.events;
    full.cases = size.cases;
    full.customers = size.customers;
    full.memory_bytes = size.memory_bytes;
    full.recorded = inner.last_recorded();
    full.advanced = inner.advanced_to();
    static_assert(sizeof full.head == sizeof head.digest);
    std::memcpy(full.head, head.digest.data(), sizeof full.head);
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_casebook_verify(const patron_casebook *casebook, uint64_t events,
                                                const uint8_t *head, patron_error *error) {
  return c_api::Change(casebook, error, [&](const Book &book) -> absl::Status {
    if (head == nullptr) {
      if (events != 0) {
        return patron::InvalidOption("events", absl::StrCat(events), "0 without a head");
      }
      return book.Verify(std::nullopt);
    }
    complaints::LogHead anchor;
    anchor.events = events;
    std::memcpy(anchor.digest.data(), head, anchor.digest.size());
    return book.Verify(anchor);
  });
}

extern "C" patron_status patron_casebook_erase_customer(patron_casebook *casebook, int64_t customer,
                                                        const char *customer_text,
                                                        patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(
        const uint32_t code,
        c_api::CodeOf(book.casebook().customer_ids(), "customer", customer, customer_text));
    return book.EraseCustomer(code);
  });
}

extern "C" patron_status patron_casebook_compact(patron_casebook *casebook, patron_error *error) {
  return c_api::Change(casebook, error, [&](Book &book) { return book.Compact(); });
}

extern "C" patron_status patron_casebook_serialize(const patron_casebook *casebook,
                                                   patron_bytes **out, patron_error *error) {
  return c_api::Change(casebook, error, [&](const Book &book) -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const patron::v1::Casebook message,
                            proto::ToMessage(book.casebook().Content()));
    return c_api::WriteBytes(patron::v1::KIND_CASEBOOK, message, out);
  });
}

extern "C" patron_status patron_casebook_deserialize(const void *bytes, size_t size,
                                                     patron_casebook **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Casebook message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_CASEBOOK, message));
    PATRON_ASSIGN_OR_RETURN(const auto content, proto::FromMessage(message));
    auto read = complaints::Casebook::FromContent(content);
    if (!read.ok()) {
      if (read.status().code() != absl::StatusCode::kDataLoss) return read.status();
      return proto::NotOurs({read.status().message().data(), read.status().message().size()});
    }
    const complaints::PolicyShelf &shelf = read->shelf();
    for (uint16_t i = 1; i < shelf.size(); ++i) {
      if (shelf.policy(i).lifecycle.policy().decimals !=
          shelf.policy(0).lifecycle.policy().decimals) {
        return proto::NotOurs("casebook: policies that differ in their decimals");
      }
    }
    *out = new patron_casebook{Book(*std::move(read))};
    return absl::OkStatus();
  });
}
