// Contact points and ties of records.
#include "patron/c/customers_register_facts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
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

using customers::Contact;
using customers::ContactType;
using customers::kNoInstant;
using customers::Register;
using customers::Tie;
using customers::TieType;

absl::StatusOr<arrow::Loaded<std::string_view>> RequiredText(const arrow::Table &table,
                                                             std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, column));
  return arrow::Load(reader);
}

absl::StatusOr<std::vector<Contact>> ReadContacts(const Register &reg, const arrow::Table &table,
                                                  std::string_view region) {
  if (!customers::IsPhoneRegion(region)) {
    return InvalidOption("region", Quoted(region), "CN, HK, MO, TW, US, CA or GB");
  }
  PATRON_ASSIGN_OR_RETURN(const auto records, RecordsOf(reg, table, "record"));
  PATRON_ASSIGN_OR_RETURN(const auto types, RequiredText(table, "type"));
  PATRON_ASSIGN_OR_RETURN(const auto values, RequiredText(table, "value"));
  PATRON_ASSIGN_OR_RETURN(const auto labels, SparseText(table, "label"));
  PATRON_ASSIGN_OR_RETURN(const auto preferences, SparseIntegers(table, "preference"));
  PATRON_ASSIGN_OR_RETURN(const auto verified, SparseTimes(table, "verified_at"));
  PATRON_ASSIGN_OR_RETURN(const auto bounced, SparseFlags(table, "bounced"));
  PATRON_ASSIGN_OR_RETURN(const auto shared, SparseFlags(table, "shared"));
  PATRON_ASSIGN_OR_RETURN(const auto from, SparseTimes(table, "valid_from"));
  PATRON_ASSIGN_OR_RETURN(const auto to, SparseTimes(table, "valid_to"));
  std::vector<Contact> contacts(records.size());
  for (size_t row = 0; row < contacts.size(); ++row) {
    Contact &contact = contacts[row];
    contact.record = records[row];
    PATRON_ASSIGN_OR_RETURN(const size_t type,
                            PlaceOf("type", row, types.values[row], customers::kContactTypeNames));
    contact.type = static_cast<ContactType>(type);
    if (values.values[row].empty()) return InvalidRow("value", row, "empty", "a text");
    contact.raw = values.values[row];
    contact.normalised = ContactKey(contact.type, contact.raw, region);
    contact.label = labels.value(row, {});
    const int64_t preference = preferences.value(row, 0);
    if (preferences.has(row) && (preference < 1 || preference > 100)) {
      return InvalidRow("preference", row, std::to_string(preference), "1 to 100");
    }
    contact.preference = static_cast<uint8_t>(preference);
    contact.verified_at = verified.value(row, kNoInstant);
    contact.bounced = bounced.value(row, 0) != 0;
    contact.shared = shared.value(row, 0) != 0;
    contact.times.valid_from = from.value(row, kNoInstant);
    contact.times.valid_to = to.value(row, kNoInstant);
  }
  return contacts;
}

absl::StatusOr<std::vector<Tie>> ReadTies(const Register &reg, const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto froms, RecordsOf(reg, table, "from"));
  PATRON_ASSIGN_OR_RETURN(const auto tos, RecordsOf(reg, table, "to"));
  PATRON_ASSIGN_OR_RETURN(const auto types, RequiredText(table, "type"));
  PATRON_ASSIGN_OR_RETURN(const auto since, SparseTimes(table, "valid_from"));
  PATRON_ASSIGN_OR_RETURN(const auto until, SparseTimes(table, "valid_to"));
  std::vector<Tie> ties(froms.size());
  for (size_t row = 0; row < ties.size(); ++row) {
    ties[row].from = froms[row];
    ties[row].to = tos[row];
    if (froms[row] == tos[row]) {
      return InvalidRow("to", row, "the record in from", "another record");
    }
    PATRON_ASSIGN_OR_RETURN(const size_t type,
                            PlaceOf("type", row, types.values[row], customers::kTieTypeNames));
    ties[row].type = static_cast<TieType>(type);
    ties[row].times.valid_from = since.value(row, kNoInstant);
    ties[row].times.valid_to = until.value(row, kNoInstant);
  }
  return ties;
}

bool Holds(const customers::FactTimes &times, int64_t at) {
  return at == INT64_MAX || times.HoldsAt(at);
}

// The entity of a record, which may be gone or have come later.
int64_t EntityThen(const Register &reg, uint32_t record, int64_t at) {
  return at == INT64_MAX ? reg.log().EntityOf(record) : reg.log().EntityAt(record, at);
}

absl::StatusOr<arrow::Table> ContactTable(const Register &reg, int64_t at) {
  // How many entities have a key now.
  std::set<std::tuple<ContactType, std::string_view, uint32_t>> users;
  for (const Contact &contact : reg.contacts()) {
    if (contact.erased || contact.normalised.empty() || contact.times.ended()) continue;
    users.emplace(contact.type, contact.normalised, reg.log().EntityOf(contact.record));
  }
  std::vector<int64_t> numbers, entities, preferences, verified, from, to, shares;
  std::vector<uint32_t> records;
  std::vector<std::string_view> types, values, keys, labels;
  std::vector<uint8_t> preferred, bounced, shared;
  const auto contacts = reg.contacts();
  for (size_t i = 0; i < contacts.size(); ++i) {
    const Contact &contact = contacts[i];
    if (contact.erased || !Holds(contact.times, at)) continue;
    numbers.push_back(static_cast<int64_t>(i));
    records.push_back(contact.record);
    entities.push_back(EntityThen(reg, contact.record, at));
    types.push_back(customers::kContactTypeNames[static_cast<size_t>(contact.type)]);
    values.push_back(contact.raw);
    keys.push_back(contact.normalised);
    labels.push_back(contact.label);
    preferences.push_back(contact.preference);
    preferred.push_back(contact.preference > 0 ? 1 : 0);
    verified.push_back(contact.verified_at);
    bounced.push_back(contact.bounced ? 1 : 0);
    shared.push_back(contact.shared ? 1 : 0);
    const auto first = users.lower_bound({contact.type, contact.normalised, 0});
    int64_t count = 0;
    for (auto own = first; own != users.end() && std::get<0>(*own) == contact.type &&
                           std::get<1>(*own) == contact.normalised;
         ++own) {
      ++count;
    }
    shares.push_back(count);
    from.push_back(contact.times.valid_from);
    to.push_back(contact.times.end());
  }
  arrow::TableBuilder builder;
  builder.AddInt64("number", std::move(numbers));
  AddIds(reg, "record", records, builder);
  builder.AddInt64("entity", std::move(entities));
  builder.AddText("type", types);
  builder.AddText("value", values);
  AddTexts("key", keys, builder);
  AddTexts("label", labels, builder);
  builder.AddInt64("preference", std::move(preferences), preferred);
  AddInstants("verified_at", std::move(verified), builder);
  builder.AddBool("bounced", bounced);
  builder.AddBool("shared", shared);
  builder.AddInt64("entities", std::move(shares));
  AddInstants("valid_from", std::move(from), builder);
  AddInstants("valid_to", std::move(to), builder);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> TieTable(const Register &reg, bool roles, int64_t at) {
  std::vector<int64_t> numbers, from_entities, to_entities, since, until;
  std::vector<uint32_t> froms, tos;
  std::vector<std::string_view> types;
  for (size_t i = 0; i < reg.ties().size(); ++i) {
    const Tie &tie = reg.ties()[i];
    if (tie.erased || customers::IsRole(tie.type) != roles || !Holds(tie.times, at)) continue;
    numbers.push_back(static_cast<int64_t>(i));
    froms.push_back(tie.from);
    tos.push_back(tie.to);
    from_entities.push_back(EntityThen(reg, tie.from, at));
    to_entities.push_back(EntityThen(reg, tie.to, at));
    types.push_back(customers::kTieTypeNames[static_cast<size_t>(tie.type)]);
    since.push_back(tie.times.valid_from);
    until.push_back(tie.times.end());
  }
  arrow::TableBuilder builder;
  builder.AddInt64("number", std::move(numbers));
  AddIds(reg, "from", froms, builder);
  AddIds(reg, "to", tos, builder);
  builder.AddInt64("from_entity", std::move(from_entities));
  builder.AddInt64("to_entity", std::move(to_entities));
  builder.AddText("type", types);
  AddInstants("valid_from", std::move(since), builder);
  AddInstants("valid_to", std::move(until), builder);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_register_add_contacts(patron_register *reg,
                                                      const patron_table *table, const char *region,
                                                      const patron_register_note *note,
                                                      patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(const std::string of, c_api::TextOr("region", region));
    PATRON_ASSIGN_OR_RETURN(auto contacts, c_api::ReadContacts(reg->reg(), table->table, of));
    if (reg->reg().has_tombstones()) {
      PATRON_RETURN_IF_ERROR(c_api::CheckKeyIsThere(*reg));
      const c_api::Tombstones tombstones(*reg);
      for (size_t row = 0; row < contacts.size(); ++row) {
        const customers::Contact &contact = contacts[row];
        const std::string &key = contact.normalised.empty() ? contact.raw : contact.normalised;
        if (tombstones.Has(c_api::KindOf(contact.type), key)) {
          return c_api::Forgotten("value", row, 1);
        }
      }
    }
    return reg->book.AddContacts(std::move(contacts), read);
  });
}

extern "C" patron_status patron_register_contacts(const patron_register *reg, int64_t at,
                                                  patron_table **out, patron_error *error) {
  return c_api::GiveTable(reg, out, error,
                          [&](const auto &own) { return c_api::ContactTable(own, at); });
}

extern "C" patron_status patron_register_add_ties(patron_register *reg, const patron_table *table,
                                                  const patron_register_note *note,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    PATRON_ASSIGN_OR_RETURN(auto ties, c_api::ReadTies(reg->reg(), table->table));
    return reg->book.AddTies(std::move(ties), read);
  });
}

extern "C" patron_status patron_register_ties(const patron_register *reg, int32_t roles, int64_t at,
                                              patron_table **out, patron_error *error) {
  return c_api::GiveTable(reg, out, error, [&](const auto &own) -> absl::StatusOr<arrow::Table> {
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("roles", roles, 2));
    return c_api::TieTable(own, roles != 0, at);
  });
}

extern "C" patron_status patron_register_end(patron_register *reg, int32_t fact, uint64_t number,
                                             int64_t valid_to, const patron_register_note *note,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("reg", reg));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("fact", fact, 2));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadNote(note));
    return reg->book.End(fact == PATRON_FACT_TIE, number, valid_to, read);
  });
}
