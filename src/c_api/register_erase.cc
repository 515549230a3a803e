// Erasure, and what keeps the erased from coming back.
#include "patron/c/customers_register_erase.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c_api/register.hpp"
#include "c_api/register_identifiers.hpp"
#include "patron/customers/phone.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::Erasure;
using customers::FieldCells;
using customers::Register;
using customers::ValueKind;

absl::StatusOr<arrow::Loaded<std::string_view>> Texts(const patron_table *table,
                                                      std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table->table, column));
  return arrow::Load(reader);
}

absl::Status ReadIdentifiers(const patron_table *table, Erasure *erasure) {
  if (table == nullptr) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto fields, Texts(table, "field"));
  PATRON_ASSIGN_OR_RETURN(const auto kinds, Texts(table, "kind"));
  for (size_t row = 0; row < fields.values.size(); ++row) {
    if (fields.values[row].empty()) return InvalidRow("field", row, "empty", "a name");
    const auto known = std::ranges::find(kIdentifierKindNames, kinds.values[row]);
    if (known == std::end(kIdentifierKindNames)) {
      return InvalidRow("kind", row, Quoted(kinds.values[row]),
                        "raw, text, name, phone, email, organisation, address or identity");
    }
    erasure->identifiers.emplace_back(fields.values[row]);
    erasure->identifier_kinds.emplace_back(*known);
  }
  return absl::OkStatus();
}

// The tombstones of what is about to be erased.
std::vector<customers::Tombstone> MakeTombstones(const patron_register &handle,
                                                 const Erasure &erasure) {
  const Register &reg = handle.reg();
  const Tombstones make(handle);
  std::vector<customers::Tombstone> tombstones = {make.OfKey()};
  std::vector<std::pair<uint32_t, ValueKind>> fields;
  for (size_t i = 0; i < erasure.identifiers.size(); ++i) {
    const auto name = std::ranges::find(reg.field_names(), erasure.identifiers[i]);
    if (name == reg.field_names().end()) continue;
    const auto kind = std::ranges::find(kIdentifierKindNames, erasure.identifier_kinds[i]);
    fields.emplace_back(static_cast<uint32_t>(name - reg.field_names().begin()),
                        static_cast<ValueKind>(kind - std::begin(kIdentifierKindNames)));
  }
  for (const uint32_t record : erasure.records) {
    const customers::RecordBatch &batch = reg.BatchOf(record);
    const uint32_t row = reg.RowOf(record);
    if (erasure.held.empty()) {
      tombstones.push_back(make.OfId(reg.has_text_ids() ? std::string(reg.TextId(record))
                                                        : std::to_string(reg.IntegerId(record))));
    }
    for (const FieldCells &cells : batch.fields) {
      if (!cells.cells.has(row)) continue;
      for (const auto &[field, kind] : fields) {
        if (cells.field == field) tombstones.push_back(make.Of(kind, cells.cells[row]));
      }
    }
  }
  for (const customers::Contact &contact : reg.contacts()) {
    if (contact.erased ||
        std::ranges::find(erasure.records, contact.record) == erasure.records.end()) {
      continue;
    }
    const std::string &key = contact.normalised.empty() ? contact.raw : contact.normalised;
    tombstones.push_back(make.Of(KindOf(contact.type), key));
  }
  std::ranges::sort(tombstones);
  tombstones.erase(std::unique(tombstones.begin(), tombstones.end()), tombstones.end());
  return tombstones;
}

std::string Joined(const std::vector<std::string> &names) {
  std::string all;
  for (const std::string &name : names) absl::StrAppend(&all, all.empty() ? "" : ", ", name);
  return all;
}

absl::StatusOr<arrow::Table> ErasureTable(const Register &reg) {
  std::vector<int64_t> times, records, tombstones;
  std::vector<std::string> held;
  std::vector<std::string_view> actors, reasons, purposes;
  for (const customers::RegisterChange &change : reg.changes()) {
    if (change.kind != customers::ChangeKind::kErase) continue;
    const Erasure &erasure = reg.erasures()[change.first];
    times.push_back(change.note.time);
    actors.push_back(change.note.actor);
    reasons.push_back(change.note.reason);
    records.push_back(static_cast<int64_t>(erasure.records.size()));
    held.push_back(Joined(erasure.held));
    purposes.push_back(erasure.hold_purpose);
    tombstones.push_back(static_cast<int64_t>(erasure.tombstones.size()) - 1);
  }
  const std::vector<std::string_view> names(held.begin(), held.end());
  arrow::TableBuilder builder;
  builder.AddTimestamp("time", std::move(times));
  AddTexts("actor", actors, builder);
  AddTexts("reason", reasons, builder);
  builder.AddInt64("records", std::move(records));
  AddTexts("held", names, builder);
  AddTexts("hold_purpose", purposes, builder);
  builder.AddInt64("tombstones", std::move(tombstones));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_register_set_key(patron_register *reg, const void *key, size_t size,
                                                 const char *region, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("key", key));
    PATRON_RETURN_IF_ERROR(customers::CheckKey(std::span(static_cast<const uint8_t *>(key), size)));
    PATRON_ASSIGN_OR_RETURN(std::string of, c_api::TextOr("region", region));
    if (!customers::IsPhoneRegion(of)) {
      return patron::InvalidOption("region", patron::Quoted(of), "CN, HK, MO, TW, US, CA or GB");
    }
    std::string own(static_cast<const char *>(key), size);
    std::swap(reg->key, own);
    const bool fits =
        !reg->reg().has_tombstones() || reg->reg().IsForgotten(c_api::Tombstones(*reg).OfKey());
    if (!fits) {
      std::swap(reg->key, own);
      return absl::InvalidArgumentError("key: another one; expected that of the tombstones");
    }
    reg->region = std::move(of);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_erase(patron_register *reg, const patron_column *ids,
                                               const patron_table *identifiers,
                                               const patron_table *held, const char *hold_purpose,
                                               const patron_register_note *note,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ids", ids));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    if (reg->key.empty()) {
      return absl::FailedPreconditionError("key: none; expected one to be set, for tombstones");
    }
    patron_column named = *ids;
    named.name = "ids";
    PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
    customers::Erasure erasure;
    PATRON_ASSIGN_OR_RETURN(erasure.records, c_api::RecordsOf(reg->reg(), table, "ids"));
    PATRON_RETURN_IF_ERROR(c_api::ReadIdentifiers(identifiers, &erasure));
    if (held != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const auto fields, c_api::Texts(held, "field"));
      for (const std::string_view field : fields.values) erasure.held.emplace_back(field);
    }
    if (!erasure.held.empty()) {
      PATRON_ASSIGN_OR_RETURN(erasure.hold_purpose, c_api::ReadName("hold_purpose", hold_purpose));
    }
    erasure.tombstones = c_api::MakeTombstones(*reg, erasure);
    return reg->book.Erase(std::move(erasure), read);
  });
}

extern "C" patron_status patron_register_erasures(const patron_register *reg, patron_table **out,
                                                  patron_error *error) {
  return c_api::GiveTable(reg, out, error, c_api::ErasureTable);
}
