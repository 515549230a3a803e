// Logs of accesses.
#include "patron/c/customers_access.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/customers_cells.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "customers/keyed_hash.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/access_log.hpp"
#include "proto/access_log.hpp"

struct patron_access_log {
  patron::customers::AccessLog log;
};

namespace patron::c_api {
namespace {

using customers::AccessLine;
using customers::AccessLog;

static_assert(PATRON_ACCESS_REWRITTEN + 1 == customers::kAccessFaults.size());

absl::StatusOr<std::vector<AccessLine>> ReadLines(const arrow::Table &table,
                                                  const SubjectColumn &subjects) {
  PATRON_ASSIGN_OR_RETURN(const auto times, ReadTimes(table, "time", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto actors, ReadTexts(table, "actor", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto purposes, ReadTexts(table, "purpose", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto allowed, ReadFlags(table, "allowed", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto fields, ReadTexts(table, "fields"));
  PATRON_ASSIGN_OR_RETURN(const auto recipients, ReadTexts(table, "recipient"));
  PATRON_ASSIGN_OR_RETURN(const auto notes, ReadTexts(table, "note"));
  std::vector<AccessLine> lines(subjects.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    AccessLine &line = lines[i];
    line.time = times.Or(i, 0);
    line.actor = actors.Or(i, {});
    line.subject = subjects[i].integer;
    line.subject_text = subjects[i].text;
    line.purpose = purposes.Or(i, {});
    line.fields = fields.Or(i, {});
    line.recipient = recipients.Or(i, {});
    line.note = notes.Or(i, {});
    line.allowed = allowed.Or(i, 0) != 0;
  }
  return lines;
}

absl::Status Append(AccessLog &log, const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(std::vector<AccessLine> lines, ReadLines(table, subjects));
  if (lines.empty()) return absl::OkStatus();
  if (log.size() == 0) log = AccessLog(subjects.is_text());
  if (subjects.is_text() != log.has_text_ids()) {
    return InvalidOption("subject", subjects.is_text() ? "text" : "integers",
                         log.has_text_ids() ? "text, as before" : "integers, as before");
  }
  const size_t before = log.size();
  try {
    for (AccessLine &line : lines) log.Append(std::move(line));
  } catch (...) {
    log.Truncate(before);
    throw;
  }
  return absl::OkStatus();
}

std::optional<Digest> DigestOf(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Digest digest{};
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < hex.size(); ++i) {
    const size_t digit = kDigits.find(hex[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = static_cast<uint8_t>(digest[i / 2] << 4 | digit);
  }
  return digest;
}

absl::StatusOr<AccessLog> Restore(const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const SubjectColumn subjects, SubjectColumn::Read(table, "subject"));
  PATRON_ASSIGN_OR_RETURN(std::vector<AccessLine> lines, ReadLines(table, subjects));
  PATRON_ASSIGN_OR_RETURN(const auto numbers, ReadIntegers(table, "line", Presence::kRequired));
  PATRON_ASSIGN_OR_RETURN(const auto hashes, ReadTexts(table, "hash", Presence::kRequired));
  AccessLog log(subjects.is_text());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (numbers.Or(i, 0) < 0) {
      return InvalidRow("line", i, std::to_string(numbers.Or(i, 0)), "0 or more");
    }
    const std::optional<Digest> hash = DigestOf(hashes.Or(i, {}));
    if (!hash) {
      return InvalidRow("hash", i, Quoted(hashes.Or(i, {})), "64 hexadecimal digits, lower case");
    }
    lines[i].line = static_cast<uint64_t>(numbers.Or(i, 0));
    lines[i].hash = *hash;
    log.Restore(std::move(lines[i]));
  }
  return log;
}

absl::StatusOr<arrow::Table> LineTable(const AccessLog &log, const std::vector<size_t> &places) {
  const size_t n = places.size();
  SubjectsOut subjects;
  std::vector<int64_t> lines(n), times(n);
  std::vector<uint8_t> allowed(n);
  std::vector<std::string_view> actors(n), purposes(n), fields(n), recipients(n), notes(n);
  std::vector<std::string> hashes(n);
  for (size_t i = 0; i < n; ++i) {
    const AccessLine &line = log[places[i]];
    subjects.Add(log.has_text_ids() ? customers::SubjectId(std::string_view(line.subject_text))
                                    : customers::SubjectId(line.subject));
    lines[i] = static_cast<int64_t>(line.line);
    times[i] = line.time;
    allowed[i] = line.allowed ? 1 : 0;
    actors[i] = line.actor;
    purposes[i] = line.purpose;
    fields[i] = line.fields;
    recipients[i] = line.recipient;
    notes[i] = line.note;
    hashes[i] = customers::HexOf(line.hash);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("line", std::move(lines));
  builder.AddTimestamp("time", std::move(times));
  builder.AddText("actor", std::span<const std::string_view>(actors));
  builder.AddIds("subject", subjects.span(log.has_text_ids()));
  builder.AddText("purpose", std::span<const std::string_view>(purposes));
  builder.AddBool("allowed", allowed);
  builder.AddText("fields", std::span<const std::string_view>(fields));
  builder.AddText("recipient", std::span<const std::string_view>(recipients));
  builder.AddText("note", std::span<const std::string_view>(notes));
  builder.AddText("hash", std::span<const std::string>(hashes));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace customers = patron::customers;
namespace proto = patron::proto;

extern "C" patron_status patron_access_log_create(patron_access_log **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = std::make_unique<patron_access_log>().release();
    return absl::OkStatus();
  });
}

extern "C" void patron_access_log_free(patron_access_log *log) { delete log; }

extern "C" patron_status patron_access_log_append(patron_access_log *log, const patron_table *table,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    return c_api::Append(log->log, table->table);
  });
}

extern "C" patron_status patron_access_log_restore(const patron_table *table,
                                                   patron_access_log **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto log, c_api::Restore(table->table));
    *out = new patron_access_log{std::move(log)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_access_log_verify(const patron_access_log *log,
                                                  const patron_access_head *head,
                                                  patron_access_verdict *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    std::optional<customers::AccessHead> noted;
    if (head != nullptr) {
      patron_access_head full{};
      PATRON_RETURN_IF_ERROR(c_api::ReadOptions("head", head, &full));
      noted.emplace();
      noted->lines = full.lines;
      std::copy_n(full.hash, noted->hash.size(), noted->hash.begin());
    }
    const customers::AccessVerdict found = log->log.Verify(noted);
    patron_access_verdict full{};
    full.fault = static_cast<int32_t>(found.fault);
    full.line = found.line;
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_access_log_head(const patron_access_log *log,
                                                patron_access_head *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const customers::AccessHead head = log->log.head();
    patron_access_head full{};
    full.lines = head.lines;
    std::ranges::copy(head.hash, full.hash);
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_access_log_lines(const patron_access_log *log,
                                                 const patron_column *subjects, patron_table **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    std::vector<size_t> places;
    std::optional<c_api::SubjectColumn> wanted;
    if (subjects != nullptr) {
      PATRON_ASSIGN_OR_RETURN(wanted, c_api::SubjectColumn::Borrow(*subjects, "subjects"));
    }
    for (size_t i = 0; i < log->log.size(); ++i) {
      bool asked = !wanted;
      for (size_t k = 0; !asked && k < wanted->size(); ++k) {
        asked = log->log.Is(log->log[i], (*wanted)[k]);
      }
      if (asked) places.push_back(i);
    }
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table table, c_api::LineTable(log->log, places));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_access_log_serialize(const patron_access_log *log,
                                                     patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_ACCESS_LOG, proto::ToMessage(log->log), out);
  });
}

extern "C" patron_status patron_access_log_deserialize(const void *bytes, size_t size,
                                                       patron_access_log **out,
                                                       patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::AccessLog message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_ACCESS_LOG, message));
    PATRON_ASSIGN_OR_RETURN(auto log, proto::FromMessage(message));
    *out = new patron_access_log{std::move(log)};
    return absl::OkStatus();
  });
}
