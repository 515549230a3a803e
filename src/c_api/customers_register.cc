// Registers of entities.
#include "patron/c/customers_register.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/register.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace {

// Where a batch of records came from.
struct Batch {
  std::string source;
  double trust;
  int64_t time;
};

struct SourceRecord {
  uint32_t batch;
  std::vector<std::pair<uint32_t, std::string>> fields;  // Field and value, where there is one.
};

}  // namespace

struct patron_register {
  customers::Register entities;
  bool text_ids = false;
  std::vector<int64_t> integers;  // Ids by record, of the one kind.
  std::vector<std::string> texts;
  std::unordered_map<int64_t, uint32_t> by_integer;
  std::unordered_map<std::string, uint32_t> by_text;
  std::vector<std::string> field_names;
  std::vector<Batch> batches;
  std::vector<SourceRecord> records;
};

namespace patron::c_api {
namespace {

using customers::RegisterEntry;
using customers::RegisterOp;

struct Note {
  int64_t time;
  std::string actor, reason;
};

absl::StatusOr<Note> ReadNote(const patron_register_note *note) {
  PATRON_RETURN_IF_ERROR(RequirePointer("note", note));
  patron_register_note full{};
  PATRON_RETURN_IF_ERROR(ReadOptions("note", note, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  Note read = {.time = full.time, .actor = {}, .reason = {}};
  if (full.actor != nullptr && *full.actor != '\0') {
    PATRON_ASSIGN_OR_RETURN(read.actor, ReadName("actor", full.actor));
  }
  if (full.reason != nullptr && *full.reason != '\0') {
    PATRON_ASSIGN_OR_RETURN(read.reason, ReadName("reason", full.reason));
  }
  return read;
}

// Records of ids. Errors: NotFound; InvalidArgument for ids of another kind.
absl::StatusOr<std::vector<uint32_t>> RecordsOf(const patron_register &reg,
                                                const arrow::Table &table,
                                                std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  const IdSpan &ids = loaded.ids;
  std::vector<uint32_t> records;
  for (size_t i = 0; i < ids.size(); ++i) {
    std::optional<uint32_t> found;
    if (ids.is_text() && reg.text_ids) {
      const auto known = reg.by_text.find(std::string(ids.text()[i]));
      if (known != reg.by_text.end()) found = known->second;
    } else if (!ids.is_text() && !reg.text_ids) {
      const auto known = reg.by_integer.find(ids.integers()[i]);
      if (known != reg.by_integer.end()) found = known->second;
    }
    if (!found) {
      return absl::NotFoundError(absl::StrCat(Text(column), ": row ", i, " is ", FormatId(ids, i),
                                              "; no record has this id"));
    }
    records.push_back(*found);
  }
  return records;
}

absl::StatusOr<std::vector<std::pair<uint32_t, uint32_t>>> PairsOf(const patron_register &reg,
                                                                   const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto left, RecordsOf(reg, table, "left"));
  PATRON_ASSIGN_OR_RETURN(const auto right, RecordsOf(reg, table, "right"));
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (size_t i = 0; i < left.size(); ++i) pairs.emplace_back(left[i], right[i]);
  return pairs;
}

std::string CellText(const customers::LinkColumn &column, uint32_t code) {
  std::u32string text;
  const customers::Characters &value = column.values[code];
  for (size_t i = 0; i < value.size; ++i) text.push_back(value[i]);
  return customers::ToUtf8(text);
}

absl::Status AddRecords(patron_register &reg, const patron_table &table, const std::string &id,
                        std::string source, double trust, int64_t time) {
  if (!(trust >= 0 && trust <= 1)) return InvalidOption("trust", FormatNumber(trust), "0 to 1");
  // Cells as the linker reads them.
  patron_linker reader;
  reader.id = id;
  for (const arrow::Field &field : table.table.fields()) {
    if (field.name != id) reader.columns.push_back(field.name);
  }
  PATRON_ASSIGN_OR_RETURN(const LinkInput input, LinkInput::Read(reader, &table, nullptr, {}));
  const size_t rows = input.records().size;
  if (rows == 0) return absl::OkStatus();
  std::vector<uint32_t> all(rows);
  for (size_t i = 0; i < rows; ++i) all[i] = static_cast<uint32_t>(i);
  const IdList ids = input.Ids(all);
  if (!reg.records.empty() && ids.is_text != reg.text_ids) {
    return InvalidOption(
        id, ids.is_text ? "text" : "integers",
        reg.text_ids ? "text, as in the register" : "integers, as in the register");
  }
  for (size_t i = 0; i < rows; ++i) {
    const bool known = ids.is_text ? reg.by_text.contains(std::string(ids.text[i]))
                                   : reg.by_integer.contains(ids.integers[i]);
    if (known) {
      return absl::AlreadyExistsError(absl::StrCat(
          Text(id), ": row ", i, " is ", FormatId(ids.span(), i), "; the register has this id"));
    }
  }
  std::vector<uint32_t> fields;
  std::vector<std::string> names = reg.field_names;
  for (const std::string &name : reader.columns) {
    const auto known = std::ranges::find(names, name);
    fields.push_back(static_cast<uint32_t>(known - names.begin()));
    if (known == names.end()) names.push_back(name);
  }
  std::vector<SourceRecord> fresh(rows);
  for (size_t i = 0; i < rows; ++i) {
    fresh[i].batch = static_cast<uint32_t>(reg.batches.size());
    for (size_t c = 0; c < fields.size(); ++c) {
      const customers::LinkColumn &column = input.records().columns[c];
      const uint32_t code = column.codes[i];
      if (code != customers::kNoValue)
        fresh[i].fields.emplace_back(fields[c], CellText(column, code));
    }
  }
  reg.batches.push_back({std::move(source), trust, time});
  reg.field_names = std::move(names);
  reg.text_ids = ids.is_text;
  for (size_t i = 0; i < rows; ++i) {
    const uint32_t record = reg.entities.AddRecord(time);
    reg.records.push_back(std::move(fresh[i]));
    if (ids.is_text) {
      reg.texts.emplace_back(ids.text[i]);
      reg.by_text.emplace(reg.texts.back(), record);
    } else {
      reg.integers.push_back(ids.integers[i]);
      reg.by_integer.emplace(ids.integers[i], record);
    }
  }
  return absl::OkStatus();
}

void AddIds(const patron_register &reg, const char *name, const std::vector<uint32_t> &records,
            arrow::TableBuilder &builder) {
  if (reg.text_ids) {
    std::vector<std::string_view> ids;
    for (const uint32_t record : records) ids.push_back(reg.texts[record]);
    builder.AddText(name, ids);
  } else {
    std::vector<int64_t> ids;
    for (const uint32_t record : records) ids.push_back(reg.integers[record]);
    builder.AddInt64(name, std::move(ids));
  }
}

absl::StatusOr<arrow::Table> EntityTable(const patron_register &reg, int64_t time) {
  std::vector<uint32_t> records;
  std::vector<std::string_view> sources;
  std::vector<int64_t> entities;
  for (uint32_t record = 0; record < reg.entities.records(); ++record) {
    const uint64_t entity = time == std::numeric_limits<int64_t>::max()
                                ? reg.entities.EntityOf(record)
                                : reg.entities.EntityAt(record, time);
    if (entity == 0) continue;
    records.push_back(record);
    sources.push_back(reg.batches[reg.records[record].batch].source);
    entities.push_back(static_cast<int64_t>(entity));
  }
  arrow::TableBuilder builder;
  AddIds(reg, "id", records, builder);
  builder.AddText("source", sources);
  builder.AddInt64("entity", std::move(entities));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> LogTable(const patron_register &reg) {
  std::vector<int64_t> line, time, survivor, other, left, right, undone_by, undoes;
  std::vector<std::string_view> op, actor, reason;
  std::vector<uint8_t> is_undone, is_undoing;
  for (const RegisterEntry &entry : reg.entities.log()) {
    line.push_back(static_cast<int64_t>(line.size()));
    op.push_back(customers::kRegisterOpNames[static_cast<size_t>(entry.op)]);
    time.push_back(entry.time);
    actor.push_back(entry.actor);
    reason.push_back(entry.reason);
    survivor.push_back(static_cast<int64_t>(entry.survivor));
    other.push_back(static_cast<int64_t>(entry.other));
    left.push_back(static_cast<int64_t>(entry.left.size()));
    right.push_back(static_cast<int64_t>(entry.right.size()));
    undone_by.push_back(static_cast<int64_t>(entry.undone_by) - 1);
    undoes.push_back(static_cast<int64_t>(entry.undoes) - 1);
    is_undone.push_back(entry.undone_by != 0 ? 1 : 0);
    is_undoing.push_back(entry.undoes != 0 ? 1 : 0);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("line", std::move(line));
  builder.AddText("op", op);
  builder.AddTimestamp("time", std::move(time));
  builder.AddText("actor", actor);
  builder.AddText("reason", reason);
  builder.AddInt64("survivor", std::move(survivor));
  builder.AddInt64("other", std::move(other));
  builder.AddInt64("left_records", std::move(left));
  builder.AddInt64("right_records", std::move(right));
  builder.AddInt64("undone_by", std::move(undone_by), is_undone);
  builder.AddInt64("undoes", std::move(undoes), is_undoing);
  return builder.Finish();
}

// One value of a field of an entity, and what speaks for it.
struct Candidate {
  std::string_view value;
  double trust = 0;
  int64_t time = 0;
  int64_t count = 0;
  size_t length = 0;
  uint32_t record = 0;  // The best of those that have it.
};

absl::StatusOr<arrow::Table> ValueTable(const patron_register &reg) {
  std::map<std::tuple<uint64_t, uint32_t>, std::vector<Candidate>> cells;
  for (uint32_t record = 0; record < reg.records.size(); ++record) {
    const Batch &batch = reg.batches[reg.records[record].batch];
    for (const auto &[field, value] : reg.records[record].fields) {
      std::vector<Candidate> &all = cells[{reg.entities.EntityOf(record), field}];
      auto same = std::ranges::find(all, std::string_view(value), &Candidate::value);
      if (same == all.end()) {
        all.push_back(
            {value, batch.trust, batch.time, 1, customers::ToCodePoints(value).size(), record});
        continue;
      }
      ++same->count;
      if (std::pair(batch.trust, batch.time) > std::pair(same->trust, same->time)) {
        same->trust = batch.trust;
        same->time = batch.time;
        same->record = record;
      }
    }
  }
  std::vector<int64_t> entities, losers;
  std::vector<std::string_view> fields, values, rules, sources;
  std::vector<uint32_t> records;
  for (auto &[key, all] : cells) {
    std::ranges::sort(all, [](const Candidate &a, const Candidate &b) {
      return std::tuple(-a.trust, -a.time, -a.count, -static_cast<int64_t>(a.length), a.record) <
             std::tuple(-b.trust, -b.time, -b.count, -static_cast<int64_t>(b.length), b.record);
    });
    const Candidate &best = all.front();
    std::string_view rule = "only";
    if (all.size() > 1) {
      const Candidate &next = all[1];
      rule = best.trust != next.trust     ? "trust"
             : best.time != next.time     ? "recent"
             : best.count != next.count   ? "frequent"
             : best.length != next.length ? "longest"
                                          : "first";
    }
    entities.push_back(static_cast<int64_t>(std::get<0>(key)));
    fields.push_back(reg.field_names[std::get<1>(key)]);
    values.push_back(best.value);
    rules.push_back(rule);
    records.push_back(best.record);
    sources.push_back(reg.batches[reg.records[best.record].batch].source);
    losers.push_back(static_cast<int64_t>(all.size()) - 1);
  }
  arrow::TableBuilder builder;
  builder.AddInt64("entity", std::move(entities));
  builder.AddText("field", fields);
  builder.AddText("value", values);
  builder.AddText("rule", rules);
  AddIds(reg, "record", records, builder);
  builder.AddText("source", sources);
  builder.AddInt64("losers", std::move(losers));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_register_create(patron_register **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = std::make_unique<patron_register>().release();
    return absl::OkStatus();
  });
}

extern "C" void patron_register_free(patron_register *reg) { delete reg; }

extern "C" patron_status patron_register_add(patron_register *reg, const patron_table *table,
                                             const char *id, const char *source, double trust,
                                             int64_t time, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const std::string id_name, c_api::ReadName("id", id));
    PATRON_ASSIGN_OR_RETURN(std::string source_name, c_api::ReadName("source", source));
    // All or nothing: a copy takes the records, and replaces the register when it has them all.
    auto grown = std::make_unique<patron_register>(*reg);
    PATRON_RETURN_IF_ERROR(
        c_api::AddRecords(*grown, *table, id_name, std::move(source_name), trust, time));
    *reg = std::move(*grown);
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
    PATRON_ASSIGN_OR_RETURN(const c_api::Note read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const auto wanted, c_api::PairsOf(*reg, pairs->table));
    const size_t before = reg->entities.log().size();
    uint64_t passed = 0;
    for (const auto &[left, right] : wanted) {
      const auto survivor = reg->entities.Merge(left, right, read.time, read.actor, read.reason);
      if (survivor.ok()) continue;
      if (skip_refused == 0 || survivor.status().code() != absl::StatusCode::kFailedPrecondition) {
        return survivor.status();
      }
      ++passed;
    }
    if (merged != nullptr) *merged = reg->entities.log().size() - before;
    if (refused != nullptr) *refused = passed;
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
    PATRON_ASSIGN_OR_RETURN(const c_api::Note read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const auto wanted, c_api::PairsOf(*reg, pairs->table));
    for (const auto &[left, right] : wanted) {
      PATRON_RETURN_IF_ERROR(
          reg->entities.AssertDifferent(left, right, read.time, read.actor, read.reason));
    }
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_split(patron_register *reg, const patron_column *ids,
                                               const patron_register_note *note, uint64_t *entity,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ids", ids));
    PATRON_ASSIGN_OR_RETURN(const c_api::Note read, c_api::ReadNote(note));
    patron_column named = *ids;
    named.name = "ids";
    PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
    PATRON_ASSIGN_OR_RETURN(auto records, c_api::RecordsOf(*reg, table, "ids"));
    PATRON_ASSIGN_OR_RETURN(const uint64_t fresh, reg->entities.Split(std::move(records), read.time,
                                                                      read.actor, read.reason));
    if (entity != nullptr) *entity = fresh;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_unmerge(patron_register *reg, uint64_t line,
                                                 const patron_register_note *note, uint64_t *entity,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_ASSIGN_OR_RETURN(const c_api::Note read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const uint64_t restored,
                            reg->entities.Unmerge(line, read.time, read.actor, read.reason));
    if (entity != nullptr) *entity = restored;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_resolve(const patron_register *reg, uint64_t entity,
                                                 uint64_t *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const uint64_t found = reg->entities.Resolve(entity);
    if (found == 0) {
      return absl::NotFoundError(absl::StrCat("entity: ", entity, "; no entity ever had this id"));
    }
    *out = found;
    return absl::OkStatus();
  });
}

namespace {

template <typename Make>
patron_status GiveTable(const patron_register *reg, patron_table **out, patron_error *error,
                        Make make) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, make(*reg));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace

extern "C" patron_status patron_register_entities(const patron_register *reg, int64_t time,
                                                  patron_table **out, patron_error *error) {
  return GiveTable(reg, out, error,
                   [&](const patron_register &own) { return c_api::EntityTable(own, time); });
}

extern "C" patron_status patron_register_log(const patron_register *reg, patron_table **out,
                                             patron_error *error) {
  return GiveTable(reg, out, error, c_api::LogTable);
}

extern "C" patron_status patron_register_values(const patron_register *reg, patron_table **out,
                                                patron_error *error) {
  return GiveTable(reg, out, error, c_api::ValueTable);
}
