// Consents.
#include "patron/c/customers_consents.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
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
#include "c_api/bytes.hpp"
#include "c_api/customers_cells.hpp"
#include "c_api/customers_consents.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/customers/consent_book.hpp"
#include "proto/consents.hpp"

namespace patron::c_api {
namespace {

using customers::ConsentBook;
using customers::ConsentFact;
using customers::ConsentRow;
using customers::ConsentStatus;
using customers::Permission;

static_assert(PATRON_CONSENT_CHANNEL_OUTSIDE + 1 == customers::kConsentReasons.size());
static_assert(PATRON_BASIS_DISCLOSED + 1 == customers::kLawfulBases.size());

absl::Status AddPurposes(customers::Purposes &purposes, const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto names, ReadTexts(table, "name", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto texts, ReadTexts(table, "text"));
  PATRON_ASSIGN_OR_RETURN(const auto bases, ReadTexts(table, "bases"));
  PATRON_ASSIGN_OR_RETURN(const auto fields, ReadTexts(table, "fields"));
  PATRON_ASSIGN_OR_RETURN(const auto sensitive, ReadTexts(table, "sensitive"));
  PATRON_ASSIGN_OR_RETURN(const auto channels, ReadTexts(table, "channels"));
  PATRON_ASSIGN_OR_RETURN(const auto retention, ReadIntegers(table, "retention_days"));
  for (size_t i = 0; i < static_cast<size_t>(table.rows()); ++i) {
    PATRON_RETURN_IF_ERROR(purposes.Add({.name = names.Or(i, {}),
                                         .text = texts.Or(i, {}),
                                         .bases = bases.Or(i, {}),
                                         .fields = fields.Or(i, {}),
                                         .sensitive = sensitive.Or(i, {}),
                                         .channels = channels.Or(i, {}),
                                         .retention_days = retention.Or(i, 0)},
                                        i));
  }
  return absl::OkStatus();
}

// The place of a word among those that may be; all of them are named if it is none.
template <size_t kCount>
absl::StatusOr<size_t> WordOf(std::string_view column, size_t row, std::string_view word,
                              const std::array<std::string_view, kCount> &words) {
  const auto *found = std::ranges::find(words, word);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  std::string all;
  for (const std::string_view one : words)
    absl::StrAppend(&all, all.empty() ? "" : ", ", Text(one));
  return InvalidRow(column, row, Quoted(word), absl::StrCat("one of ", all));
}

absl::StatusOr<customers::ConsentReport> Record(ConsentBook &book, const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(const auto purposes, ReadTexts(table, "purpose", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto statuses, ReadTexts(table, "status", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto times, ReadTimes(table, "time", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto bases, ReadTexts(table, "basis"));
  PATRON_ASSIGN_OR_RETURN(const auto fields, ReadTexts(table, "fields"));
  PATRON_ASSIGN_OR_RETURN(const auto channels, ReadTexts(table, "channels"));
  PATRON_ASSIGN_OR_RETURN(const auto sensitive, ReadFlags(table, "sensitive"));
  PATRON_ASSIGN_OR_RETURN(const auto minor, ReadFlags(table, "minor"));
  PATRON_ASSIGN_OR_RETURN(const auto expires, ReadTimes(table, "expires_at"));
  PATRON_ASSIGN_OR_RETURN(const auto withdrawn, ReadTimes(table, "withdrawn_at"));
  PATRON_ASSIGN_OR_RETURN(const auto versions, ReadTexts(table, "text_version"));
  PATRON_ASSIGN_OR_RETURN(const auto evidence, ReadTexts(table, "evidence"));
  PATRON_ASSIGN_OR_RETURN(const auto guardians, ReadTexts(table, "guardian"));
  std::vector<ConsentRow> rows(subjects.size()), withdrawals;
  for (size_t i = 0; i < rows.size(); ++i) {
    PATRON_ASSIGN_OR_RETURN(const size_t status,
                            WordOf("status", i, statuses.Or(i, {}), customers::kConsentStatuses));
    ConsentRow &row = rows[i];
    row.subject = subjects[i];
    row.purpose = purposes.Or(i, {});
    row.status = static_cast<ConsentStatus>(status);
    if (bases.has(i)) {
      PATRON_ASSIGN_OR_RETURN(const size_t basis,
                              WordOf("basis", i, bases.Or(i, {}), customers::kLawfulBases));
      row.basis = static_cast<uint8_t>(basis);
    }
    row.fields = fields.Or(i, {});
    row.channels = channels.Or(i, {});
    row.sensitive = sensitive.Or(i, 0) != 0;
    row.minor = minor.Or(i, 0) != 0;
    row.time = times.Or(i, 0);
    row.expires = expires.Or(i, customers::kNoEnd);
    row.text_version = versions.Or(i, {});
    row.evidence = evidence.Or(i, {});
    row.guardian = guardians.Or(i, {});
    if (!withdrawn.has(i)) continue;
    const int64_t end = withdrawn.Or(i, 0);
    if (row.status != ConsentStatus::kGranted) {
      return InvalidRow("withdrawn_at", i, FormatTime(end), "null, but for a grant");
    }
    if (end < row.time) {
      return InvalidRow(
          "withdrawn_at", i, FormatTime(end),
          absl::StrCat("an instant from ", FormatTime(row.time), " on, when the consent begins"));
    }
    // What the grant gave, no more: a grant that is not for sensitive fields gave none of them.
    ConsentRow withdrawal = row;
    withdrawal.status = ConsentStatus::kWithdrawn;
    withdrawal.basis = row.basis == customers::kAnyBasis ? 0 : row.basis;
    withdrawal.sensitive = false;
    withdrawal.time = end;
    withdrawal.expires = customers::kNoEnd;
    withdrawals.push_back(withdrawal);
  }
  rows.insert(rows.end(), withdrawals.begin(), withdrawals.end());
  return book.Record(rows);
}

patron_permission PermissionToC(const Permission &permission) {
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  patron_permission full{};
  full.allowed = permission.allowed ? 1 : 0;
  full.reason = static_cast<int32_t>(permission.reason);
  full.basis = permission.basis == customers::kAnyBasis ? -1 : int32_t{permission.basis};
  full.line = permission.line == customers::kNoLine ? -1 : static_cast<int64_t>(permission.line);
  full.since = permission.line == customers::kNoLine ? kNever : permission.since;
  full.until = permission.until;
  return full;
}

absl::StatusOr<arrow::Table> Answer(const ConsentBook &book, const arrow::Table &table,
                                    int64_t standard) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(const auto purposes, ReadTexts(table, "purpose", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto fields, ReadTexts(table, "field"));
  PATRON_ASSIGN_OR_RETURN(const auto channels, ReadTexts(table, "channel"));
  PATRON_ASSIGN_OR_RETURN(const auto times, ReadTimes(table, "time"));
  const size_t n = subjects.size();
  std::vector<uint8_t> allowed(n), has_basis(n), has_line(n), ends(n);
  std::vector<int32_t> reasons(n), bases(n);
  std::vector<int64_t> lines(n), since(n), until(n);
  constexpr size_t kAhead = 8;
  for (size_t i = 0; i < n; ++i) {
    if (i + kAhead < n) book.Prepare(subjects[i + kAhead]);
    const uint32_t purpose = book.purposes().Find(purposes.Or(i, {}));
    if (purpose == customers::Purposes::kUnknown) {
      return InvalidRow("purpose", i, Quoted(purposes.Or(i, {})), "a purpose that has been added");
    }
    const Permission found = book.May({.subject = subjects[i],
                                       .purpose = purpose,
                                       .field = fields.Or(i, {}),
                                       .channel = channels.Or(i, {}),
                                       .time = times.Or(i, standard)});
    allowed[i] = found.allowed ? 1 : 0;
    reasons[i] = static_cast<int32_t>(found.reason);
    has_line[i] = found.line != customers::kNoLine ? 1 : 0;
    has_basis[i] = has_line[i] != 0 && found.basis != customers::kAnyBasis ? 1 : 0;
    if (has_basis[i] != 0) bases[i] = found.basis;
    if (has_line[i] != 0) {
      lines[i] = static_cast<int64_t>(found.line);
      since[i] = found.since;
    }
    ends[i] = found.until != customers::kNoEnd ? 1 : 0;
    if (ends[i] != 0) until[i] = found.until;
  }
  std::vector<std::string_view> names(n);
  for (size_t i = 0; i < n; ++i) {
    names[i] = customers::kLawfulBases[static_cast<size_t>(bases[i])];
  }
  arrow::TableBuilder builder;
  builder.AddBool("allowed", allowed);
  builder.AddDictionary("reason", std::move(reasons), customers::kConsentReasons);
  builder.AddText("basis", std::span<const std::string_view>(names), has_basis);
  builder.AddInt64("line", std::move(lines), has_line);
  builder.AddTimestamp("since", std::move(since), has_line);
  builder.AddTimestamp("until", std::move(until), ends);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> FactTable(const ConsentBook &book,
                                       const std::vector<ConsentBook::Entry> &entries) {
  const size_t n = entries.size();
  SubjectsOut subjects;
  std::vector<int64_t> lines(n), times(n), expires(n);
  std::vector<int32_t> statuses(n);
  std::vector<uint8_t> has_basis(n), sensitive(n), minor(n), ends(n);
  std::vector<std::string_view> purposes(n), bases(n), fields(n), channels(n), versions(n),
      evidence(n), guardians(n);
  for (size_t i = 0; i < n; ++i) {
    const ConsentFact &fact = *entries[i].fact;
    subjects.Add(entries[i].subject);
    lines[i] = fact.line;
    times[i] = fact.time;
    ends[i] = fact.expires != customers::kNoEnd ? 1 : 0;
    if (ends[i] != 0) expires[i] = fact.expires;
    statuses[i] = static_cast<int32_t>(fact.status);
    has_basis[i] = fact.basis != customers::kAnyBasis ? 1 : 0;
    if (has_basis[i] != 0) bases[i] = customers::kLawfulBases[fact.basis];
    sensitive[i] = fact.sensitive ? 1 : 0;
    minor[i] = fact.minor ? 1 : 0;
    purposes[i] = book.purposes()[fact.purpose].name;
    fields[i] = book.purposes().fields().Text(fact.fields);
    channels[i] = book.purposes().channels().Text(fact.channels);
    versions[i] = book.text_version(fact);
    evidence[i] = book.evidence(fact);
    guardians[i] = book.guardian(fact);
  }
  arrow::TableBuilder builder;
  const auto text = [&](std::string_view name, const std::vector<std::string_view> &values) {
    std::vector<uint8_t> there(n);
    for (size_t i = 0; i < n; ++i) there[i] = values[i].empty() ? 0 : 1;
    builder.AddText(name, std::span<const std::string_view>(values), there);
  };
  builder.AddInt64("line", std::move(lines));
  builder.AddIds("subject", subjects.span(book.has_text_ids()));
  text("purpose", purposes);
  builder.AddDictionary("status", std::move(statuses), customers::kConsentStatuses);
  builder.AddText("basis", std::span<const std::string_view>(bases), has_basis);
  text("fields", fields);
  text("channels", channels);
  builder.AddBool("sensitive", sensitive);
  builder.AddTimestamp("time", std::move(times));
  builder.AddTimestamp("expires_at", std::move(expires), ends);
  text("text_version", versions);
  text("evidence", evidence);
  builder.AddBool("minor", minor);
  text("guardian", guardians);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> PurposeTable(const customers::Purposes &purposes) {
  const size_t n = purposes.size();
  std::vector<std::string_view> names(n), texts(n), fields(n), sensitive(n), channels(n);
  std::vector<std::string> bases(n);
  std::vector<int64_t> retention(n);
  std::vector<uint8_t> kept(n);
  for (size_t i = 0; i < n; ++i) {
    names[i] = purposes[i].name;
    texts[i] = purposes[i].text;
    bases[i] = customers::Purposes::BasesText(purposes[i].bases);
    fields[i] = purposes.fields().Text(purposes[i].fields);
    sensitive[i] = purposes.fields().Text(purposes[i].sensitive);
    channels[i] = purposes.channels().Text(purposes[i].channels);
    retention[i] = purposes[i].retention_days;
    kept[i] = retention[i] > 0 ? 1 : 0;
  }
  arrow::TableBuilder builder;
  builder.AddText("name", std::span<const std::string_view>(names));
  builder.AddText("text", std::span<const std::string_view>(texts));
  builder.AddText("bases", std::span<const std::string>(bases));
  builder.AddText("fields", std::span<const std::string_view>(fields));
  builder.AddText("sensitive", std::span<const std::string_view>(sensitive));
  builder.AddText("channels", std::span<const std::string_view>(channels));
  builder.AddInt64("retention_days", std::move(retention), kept);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace customers = patron::customers;
namespace proto = patron::proto;

extern "C" const char *patron_consent_reason_name(int32_t reason) {
  const auto count = static_cast<int32_t>(customers::kConsentReasons.size());
  if (reason < 0 || reason >= count) return "unknown";
  return customers::kConsentReasons[static_cast<size_t>(reason)].data();
}

extern "C" patron_status patron_consents_create(const patron_table *purposes, patron_consents **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purposes", purposes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    auto made = std::make_unique<patron_consents>();
    PATRON_RETURN_IF_ERROR(c_api::AddPurposes(made->book.purposes(), purposes->table));
    *out = made.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_consents_free(patron_consents *consents) { delete consents; }

extern "C" patron_status patron_consents_add_purposes(patron_consents *consents,
                                                      const patron_table *purposes,
                                                      patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purposes", purposes));
    return c_api::AddPurposes(consents->book.purposes(), purposes->table);
  });
}

extern "C" patron_status patron_consents_record(patron_consents *consents,
                                                const patron_table *table,
                                                patron_consent_report *report,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const customers::ConsentReport done,
                            c_api::Record(consents->book, table->table));
    patron_consent_report full{};
    full.recorded = done.recorded;
    full.duplicates = done.duplicates;
    c_api::WriteOut(full, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_may(const patron_consents *consents, int64_t subject,
                                             const char *name, const char *purpose,
                                             const char *field, const char *channel, int64_t time,
                                             patron_permission *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purpose", purpose));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const std::string_view wanted = purpose;
    const uint32_t code = consents->book.purposes().Find(wanted);
    if (code == customers::Purposes::kUnknown) {
      return absl::NotFoundError(
          absl::StrCat("purpose: ", patron::Quoted(wanted), "; expected one that has been added"));
    }
    const auto text = [](const char *given) {
      return given == nullptr ? std::string_view() : std::string_view(given);
    };
    const customers::Permission found = consents->book.May(
        {.subject = name != nullptr ? customers::SubjectId(std::string_view(name))
                                    : customers::SubjectId(subject),
         .purpose = code,
         .field = text(field),
         .channel = text(channel),
         .time = time});
    c_api::WriteOut(c_api::PermissionToC(found), out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_may_all(const patron_consents *consents,
                                                 const patron_table *questions, int64_t time,
                                                 patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("questions", questions));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table,
                            c_api::Answer(consents->book, questions->table, time));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_facts(const patron_consents *consents,
                                               const patron_column *subjects, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    std::vector<customers::ConsentBook::Entry> entries;
    if (subjects == nullptr) {
      entries = consents->book.Entries();
    } else {
      PATRON_ASSIGN_OR_RETURN(const c_api::SubjectColumn wanted,
                              c_api::SubjectColumn::Borrow(*subjects, "subjects"));
      for (size_t i = 0; i < wanted.size(); ++i) {
        const auto some = consents->book.Entries(wanted[i]);
        entries.insert(entries.end(), some.begin(), some.end());
      }
      std::ranges::sort(entries, {}, [](const auto &entry) { return entry.fact->line; });
      const auto same = [](const auto &a, const auto &b) { return a.fact->line == b.fact->line; };
      entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
    }
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table, c_api::FactTable(consents->book, entries));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_purposes(const patron_consents *consents,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table,
                            c_api::PurposeTable(consents->book.purposes()));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_erase(patron_consents *consents,
                                               const patron_column *subjects, uint64_t *facts,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("subjects", subjects));
    PATRON_ASSIGN_OR_RETURN(const c_api::SubjectColumn gone,
                            c_api::SubjectColumn::Borrow(*subjects, "subjects"));
    uint64_t count = 0;
    for (size_t i = 0; i < gone.size(); ++i) count += consents->book.Erase(gone[i]);
    if (facts != nullptr) *facts = count;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_get_size(const patron_consents *consents, uint64_t *facts,
                                                  uint64_t *subjects, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    if (facts != nullptr) *facts = consents->book.facts();
    if (subjects != nullptr) *subjects = consents->book.subjects();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_consents_serialize(const patron_consents *consents,
                                                   patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("consents", consents));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_CONSENTS, proto::ToMessage(consents->book), out);
  });
}

extern "C" patron_status patron_consents_deserialize(const void *bytes, size_t size,
                                                     patron_consents **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Consents message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_CONSENTS, message));
    PATRON_ASSIGN_OR_RETURN(auto book, proto::FromMessage(message));
    *out = new patron_consents{std::move(book)};
    return absl::OkStatus();
  });
}
