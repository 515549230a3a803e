// Registers of who is who: how they are made, kept, changed and asked.
#include "patron/c/customers_register.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c_api/bytes.hpp"
#include "c_api/host_store.hpp"
#include "c_api/nan.hpp"
#include "c_api/register.hpp"
#include "c_api/register_records.hpp"
#include "proto/register.hpp"
#include "store/entry_store.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {

using customers::ChangeNote;
using customers::kNoInstant;
using customers::RecordIndex;

absl::StatusOr<std::string> TextOr(std::string_view argument, const char *text) {
  if (text == nullptr || *text == '\0') return std::string();
  return ReadName(argument, text);
}

absl::StatusOr<ChangeNote> ReadNote(const patron_register_note *note) {
  PATRON_RETURN_IF_ERROR(RequirePointer("note", note));
  patron_register_note full{};
  PATRON_RETURN_IF_ERROR(ReadOptions("note", note, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  ChangeNote read;
  read.time = full.time;
  PATRON_ASSIGN_OR_RETURN(read.actor, TextOr("actor", full.actor));
  PATRON_ASSIGN_OR_RETURN(read.reason, TextOr("reason", full.reason));
  return read;
}

absl::StatusOr<std::vector<uint32_t>> RecordsOf(const customers::Register &reg,
                                                const arrow::Table &table,
                                                std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  const IdSpan &ids = loaded.ids;
  std::vector<uint32_t> records(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    records[i] = reg.Find(ids, i);
    if (records[i] == RecordIndex::kUnknown) {
      return absl::NotFoundError(absl::StrCat(Text(column), ": row ", i, " is ", FormatId(ids, i),
                                              "; no record has this id"));
    }
  }
  return records;
}

absl::StatusOr<uint32_t> Resolved(const customers::Register &reg, uint64_t entity) {
  const uint32_t found = reg.log().Resolve(entity);
  if (found != 0) return found;
  const bool known = reg.log().IsEntity(entity);
  return absl::NotFoundError(absl::StrCat(
      "entity: ", entity, known ? "; its records were erased" : "; no entity ever had this id"));
}

void AddIds(const customers::Register &reg, const char *name, std::span<const uint32_t> records,
            arrow::TableBuilder &builder) {
  std::vector<uint8_t> valid(records.size(), 1);
  bool nulls = false;
  for (size_t i = 0; i < records.size(); ++i) {
    const bool there = records[i] != RecordIndex::kUnknown &&
                       !reg.BatchOf(records[i]).IsErased(reg.RowOf(records[i]));
    if (there) continue;
    valid[i] = 0;
    nulls = true;
  }
  const auto mask = nulls ? std::span<const uint8_t>(valid) : std::span<const uint8_t>();
  if (reg.has_text_ids()) {
    std::vector<std::string_view> ids(records.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      if (valid[i] != 0) ids[i] = reg.TextId(records[i]);
    }
    builder.AddText(name, ids, mask);
    return;
  }
  std::vector<int64_t> ids(records.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (valid[i] != 0) ids[i] = reg.IntegerId(records[i]);
  }
  builder.AddInt64(name, std::move(ids), mask);
}

void AddInstants(const char *name, std::vector<int64_t> times, arrow::TableBuilder &builder) {
  std::vector<uint8_t> valid(times.size());
  for (size_t i = 0; i < times.size(); ++i) valid[i] = times[i] == kNoInstant ? 0 : 1;
  builder.AddTimestamp(name, std::move(times), valid);
}

void AddTexts(const char *name, std::span<const std::string_view> texts,
              arrow::TableBuilder &builder) {
  std::vector<uint8_t> valid(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) valid[i] = texts[i].empty() ? 0 : 1;
  builder.AddText(name, texts, valid);
}

namespace {

absl::StatusOr<std::vector<std::pair<uint32_t, uint32_t>>> PairsOf(const customers::Register &reg,
                                                                   const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto left, RecordsOf(reg, table, "left"));
  PATRON_ASSIGN_OR_RETURN(const auto right, RecordsOf(reg, table, "right"));
  std::vector<std::pair<uint32_t, uint32_t>> pairs(left.size());
  for (size_t i = 0; i < left.size(); ++i) pairs[i] = {left[i], right[i]};
  return pairs;
}

// Of pairs, what columns "weight" and "weight_<field>" say; no fields without such columns.
absl::StatusOr<customers::MergeEvidence> EvidenceIn(const arrow::Table &pairs) {
  constexpr std::string_view kWhole = "weight", kField = "weight_";
  customers::MergeEvidence evidence;
  std::vector<std::vector<double>> columns;
  for (const arrow::Field &column : pairs.fields()) {
    const std::string_view name = column.name;
    if (name != kWhole && !name.starts_with(kField)) continue;
    std::vector<double> weights(static_cast<size_t>(pairs.rows()), kNaN);
    if (!weights.empty()) {
      PATRON_ASSIGN_OR_RETURN(
          const auto reader,
          arrow::OpenNumbers(pairs, name, arrow::Nulls::kMask, arrow::Finite::kAny));
      PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
      for (size_t i = 0; i < weights.size(); ++i) {
        const bool told = loaded.valid.empty() || loaded.valid[i] != 0;
        if (told && !std::isnan(loaded.values[i])) weights[i] = loaded.values[i];
      }
    }
    evidence.fields.emplace_back(name == kWhole ? std::string_view() : name.substr(kField.size()));
    columns.push_back(std::move(weights));
  }
  for (size_t i = 0; i < static_cast<size_t>(pairs.rows()); ++i) {
    for (const std::vector<double> &column : columns) evidence.weights.push_back(column[i]);
  }
  return evidence;
}

absl::Status OpenRegister(absl::StatusOr<std::unique_ptr<store::EntryStore>> store,
                          patron_register **out) {
  PATRON_RETURN_IF_ERROR(store.status());
  PATRON_ASSIGN_OR_RETURN(auto book, customers::RegisterBook::Open(*std::move(store)));
  *out = new patron_register{std::move(book), {}, {}};
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_record_source_init(patron_record_source *source) {
  if (source == nullptr) return;
  *source = {};
  source->struct_size = sizeof *source;
  source->id = "id";
  source->source = "unnamed";
  source->trust = 0.5;
  source->confidence = 1;
}

extern "C" patron_status patron_register_create(patron_register **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = std::make_unique<patron_register>().release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_open(const char *path, patron_register **out,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("path", path));
    return c_api::OpenRegister(patron::store::OpenSqlite("register", name), out);
  });
}

extern "C" patron_status patron_register_open_store(const patron_entry_store *store,
                                                    patron_register **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("store", store));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::OpenRegister(c_api::OpenHostStore("register", store), out);
  });
}

extern "C" patron_status patron_register_serialize(const patron_register *reg, patron_bytes **out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(std::string bytes, patron::proto::RegisterToBytes(reg->reg()));
    *out = new patron_bytes{std::move(bytes)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_deserialize(const void *data, size_t size,
                                                     patron_register **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("data", data));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(
        auto reg, patron::proto::RegisterFromBytes({static_cast<const char *>(data), size}));
    *out = new patron_register{customers::RegisterBook(std::move(reg)), {}, {}};
    return absl::OkStatus();
  });
}

extern "C" void patron_register_free(patron_register *reg) { delete reg; }

extern "C" patron_status patron_register_get_size(const patron_register *reg,
                                                  patron_register_size *size, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("size", size));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("size", size));
    const customers::Register &own = reg->reg();
    patron_register_size result{};
    result.records = own.living_records();
    result.entities = own.log().entities();
    result.lines = own.log().lines().size();
    result.contacts = own.contacts().size();
    result.ties = own.ties().size();
    result.erasures = own.erasures().size();
    c_api::WriteOut(result, size);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_add(patron_register *reg, const patron_table *table,
                                             const patron_record_source *source, uint64_t *added,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("source", source));
    patron_record_source full;
    patron_record_source_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("source", source, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("erased", full.erased, 2));
    PATRON_ASSIGN_OR_RETURN(const auto skip, c_api::ForgottenRows(*reg, table->table, full));
    PATRON_ASSIGN_OR_RETURN(auto records, c_api::ReadRecords(table->table, full, skip));
    const uint64_t count = records.rows.size();
    PATRON_RETURN_IF_ERROR(
        reg->book.Add(std::move(records.batches), records.names, records.id_name));
    if (added != nullptr) *added = count;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_merge(patron_register *reg, const patron_table *pairs,
                                               const patron_register_note *note,
                                               int32_t skip_refused, uint64_t *merged,
                                               uint64_t *refused, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("skip_refused", skip_refused, 2));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const auto wanted, c_api::PairsOf(reg->reg(), pairs->table));
    PATRON_ASSIGN_OR_RETURN(const auto evidence, c_api::EvidenceIn(pairs->table));
    customers::Register::Merged done;
    PATRON_RETURN_IF_ERROR(reg->book.Merge(wanted, read, skip_refused != 0, &done,
                                           evidence.fields.empty() ? nullptr : &evidence));
    if (merged != nullptr) *merged = done.merged;
    if (refused != nullptr) *refused = done.refused;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_assert_different(patron_register *reg,
                                                          const patron_table *pairs,
                                                          const patron_register_note *note,
                                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const auto wanted, c_api::PairsOf(reg->reg(), pairs->table));
    return reg->book.AssertDifferent(wanted, read);
  });
}

extern "C" patron_status patron_register_split(patron_register *reg, const patron_column *ids,
                                               const patron_register_note *note, uint64_t *entity,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ids", ids));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    patron_column named = *ids;
    named.name = "ids";
    PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
    PATRON_ASSIGN_OR_RETURN(auto records, c_api::RecordsOf(reg->reg(), table, "ids"));
    PATRON_ASSIGN_OR_RETURN(const uint64_t fresh, reg->book.Split(std::move(records), read));
    if (entity != nullptr) *entity = fresh;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_unmerge(patron_register *reg, uint64_t line,
                                                 const patron_register_note *note, uint64_t *entity,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const uint64_t restored, reg->book.Unmerge(line, read));
    if (entity != nullptr) *entity = restored;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_entity(const patron_register *reg, int64_t id,
                                                const char *text, int64_t at, uint64_t *out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const customers::Register &own = reg->reg();
    const uint32_t record = text == nullptr ? own.Find(id) : own.Find(std::string_view(text));
    uint32_t entity = 0;
    if (record != customers::RecordIndex::kUnknown) {
      entity = at == INT64_MAX ? own.log().EntityOf(record) : own.log().EntityAt(record, at);
    }
    if (entity == 0) {
      return absl::NotFoundError(absl::StrCat(
          "record: ", text == nullptr ? patron::FormatId(id) : patron::Quoted(text),
          at == INT64_MAX ? "; no record has this id" : "; no record had this id then"));
    }
    *out = entity;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_resolve(const patron_register *reg, uint64_t entity,
                                                 uint64_t *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(*out, c_api::Resolved(reg->reg(), entity));
    return absl::OkStatus();
  });
}
