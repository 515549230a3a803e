#include "c_api/casebook_events.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

using complaints::EventKind;
using complaints::EventRecord;
using complaints::PolicyShelf;

constexpr std::array<std::string_view, 19> kColumns = {
    "event",         "case",    "type",      "time",   "actor", "role",   "customer",
    "policy",        "version", "amount",    "due",    "code",  "reason", "related_case",
    "related_event", "text",    "regulated", "notice", "remedy"};

// A column of Arrow's type of nulls says nothing.
bool Has(const arrow::Table &table, std::string_view column) {
  const auto index = table.Find(column);
  return index.has_value() && table.fields()[*index].format != "n";
}

// What is spelled wrong would be taken as not there at all.
absl::Status CheckNames(const arrow::Table &table) {
  for (const arrow::Field &field : table.fields()) {
    if (std::ranges::find(kColumns, std::string_view(field.name)) != kColumns.end()) continue;
    std::string known;
    for (const std::string_view name : kColumns) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", Text(name));
    }
    return InvalidOption("events", absl::StrCat("a column ", Quoted(field.name)),
                         absl::StrCat("columns of ", known));
  }
  return absl::OkStatus();
}

// Numbers of up to 255 names, found by their text.
class NameTable {
 public:
  static constexpr uint8_t kNone = 255;

  template <typename Names, typename Get>
  NameTable(const Names &names, Get get) : slots_(kSlots, kNone) {
    for (const auto &name : names) {
      texts_.push_back(get(name));
      uint32_t at = Hash(texts_.back());
      while (slots_[at] != kNone) at = (at + 1) % kSlots;
      slots_[at] = static_cast<uint8_t>(texts_.size() - 1);
    }
  }

  uint8_t Find(std::string_view text) const {
    for (uint32_t at = Hash(text); slots_[at] != kNone; at = (at + 1) % kSlots) {
      if (texts_[slots_[at]] == text) return slots_[at];
    }
    return kNone;
  }

 private:
  static constexpr uint32_t kSlots = 1024;
  static uint32_t Hash(std::string_view text) {
    uint64_t first = 0, last = 0;
    const size_t size = std::min<size_t>(text.size(), 8);
    std::memcpy(&first, text.data(), size);
    std::memcpy(&last, text.data() + text.size() - size, size);
    const uint64_t mixed = (first ^ (last * 31) ^ text.size()) * 0x9E3779B97F4A7C15u;
    return static_cast<uint32_t>(mixed >> 54U);
  }

  std::vector<std::string_view> texts_;
  std::vector<uint8_t> slots_;
};

// Ids of a column in which some rows may have none; left empty if there is no such column, or
// nothing in it.
absl::Status LoadSome(const arrow::Table &table, std::string_view column,
                      const Execution &execution, arrow::LoadedIds *ids) {
  if (!Has(table, column)) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(arrow::LoadedIds loaded, arrow::Load(reader, execution));
  const bool none =
      !loaded.valid.empty() && std::ranges::find(loaded.valid, uint8_t{1}) == loaded.valid.end();
  if (!none) *ids = std::move(loaded);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EventTable> EventTable::Read(const arrow::Table &table, const PolicyShelf &shelf,
                                            const Execution &execution) {
  EventTable events;
  PATRON_RETURN_IF_ERROR(CheckNames(table));
  if (shelf.size() == 0) {
    return absl::FailedPreconditionError("casebook: without a policy; expected one to be added");
  }
  PATRON_RETURN_IF_ERROR(events.ReadIds(table, execution));
  PATRON_RETURN_IF_ERROR(events.ReadNames(table, shelf, execution));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::OpenTimes(table, "time"));
  PATRON_ASSIGN_OR_RETURN(events.occurred_, arrow::Load(times, execution));
  PATRON_RETURN_IF_ERROR(events.ReadPolicies(table, shelf, execution));
  PATRON_RETURN_IF_ERROR(events.ReadValues(table, shelf, execution));
  PATRON_RETURN_IF_ERROR(events.ReadNumbers(table, "code", execution, &events.code_));
  PATRON_RETURN_IF_ERROR(events.ReadNumbers(table, "reason", execution, &events.reason_));
  PATRON_RETURN_IF_ERROR(events.ReadFlags(table, execution));
  if (Has(table, "text")) {
    PATRON_ASSIGN_OR_RETURN(const auto texts, arrow::OpenText(table, "text", arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(events.text_, arrow::Load(texts, execution));
  }
  return events;
}

absl::Status EventTable::ReadIds(const arrow::Table &table, const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto event, arrow::OpenIds(table, "event"));
  PATRON_ASSIGN_OR_RETURN(event_, arrow::Load(event, execution));
  PATRON_ASSIGN_OR_RETURN(const auto case_id, arrow::OpenIds(table, "case"));
  PATRON_ASSIGN_OR_RETURN(case_id_, arrow::Load(case_id, execution));
  PATRON_RETURN_IF_ERROR(LoadSome(table, "actor", execution, &actor_));
  PATRON_RETURN_IF_ERROR(LoadSome(table, "customer", execution, &customer_));
  PATRON_RETURN_IF_ERROR(LoadSome(table, "related_case", execution, &related_case_));
  return LoadSome(table, "related_event", execution, &related_event_);
}

absl::Status EventTable::ReadNames(const arrow::Table &table, const PolicyShelf &shelf,
                                   const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto type_reader, arrow::OpenText(table, "type"));
  PATRON_ASSIGN_OR_RETURN(const auto types, arrow::Load(type_reader, execution));
  const NameTable known_types(shelf.types(),
                              [](const auto &type) { return std::string_view(type.name); });
  const size_t n = types.values.size();
  type_.resize(n);
  for (size_t i = 0; i < n; ++i) {
    type_[i] = known_types.Find(types.values[i]);
    if (type_[i] == NameTable::kNone) {
      return InvalidRow("type", i, Quoted(types.values[i]),
                        "an event of one of the policies, such as receive");
    }
  }
  if (!Has(table, "role")) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto role_reader,
                          arrow::OpenText(table, "role", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto roles, arrow::Load(role_reader, execution));
  const NameTable known_roles(shelf.roles(),
                              [](const auto &role) { return std::string_view(role); });
  static_assert(NameTable::kNone == EventRecord::kNoRole);
  role_.resize(n);
  for (size_t i = 0; i < n; ++i) {
    role_[i] =
        arrow::IsNull(roles.valid, i) ? EventRecord::kNoRole : known_roles.Find(roles.values[i]);
    if (role_[i] == EventRecord::kNoRole && !arrow::IsNull(roles.valid, i)) {
      return InvalidRow("role", i, Quoted(roles.values[i]), "a role of one of the policies");
    }
  }
  return absl::OkStatus();
}

absl::Status EventTable::ReadPolicies(const arrow::Table &table, const PolicyShelf &shelf,
                                      const Execution &execution) {
  if (!Has(table, "policy")) {
    if (!Has(table, "version")) return absl::OkStatus();
    return InvalidOption("events", "a version without a policy", "both");
  }
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "policy", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(reader, execution));
  arrow::Loaded<std::string_view> versions;
  if (Has(table, "version")) {
    PATRON_ASSIGN_OR_RETURN(const auto version_reader,
                            arrow::OpenText(table, "version", arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(versions, arrow::Load(version_reader, execution));
  }
  const size_t n = type_.size();
  policy_.assign(n, -1);
  for (size_t i = 0; i < n; ++i) {
    const bool versioned = !versions.values.empty() && !arrow::IsNull(versions.valid, i);
    const std::string_view version = versioned ? versions.values[i] : std::string_view();
    if (arrow::IsNull(names.valid, i)) {
      if (version.empty()) continue;
      return InvalidRow("policy", i, "null", "the policy that the version is of");
    }
    const EventKind kind = shelf.kind(type_[i]);
    if (kind != EventKind::kReceive && kind != EventKind::kMigrate) {
      return InvalidRow("policy", i, Quoted(names.values[i]),
                        "null, but for what receives or migrates a case");
    }
    policy_[i] = shelf.Find(names.values[i], version);
    if (policy_[i] < 0) {
      return InvalidRow("policy", i,
                        version.empty()
                            ? Quoted(names.values[i])
                            : absl::StrCat(Quoted(names.values[i]), " version ", Quoted(version)),
                        "a policy of the casebook");
    }
  }
  return absl::OkStatus();
}

absl::Status EventTable::ReadValues(const arrow::Table &table, const PolicyShelf &shelf,
                                    const Execution &execution) {
  if (Has(table, "amount")) {
    const int decimals = shelf.policy(0).lifecycle.policy().decimals;
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenMoney(table, "amount", decimals, 0, arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(amount_, arrow::Load(reader, execution));
    for (size_t i = 0; i < amount_.values.size(); ++i) {
      if (!arrow::IsNull(amount_.valid, i) && amount_.values[i] < 0) {
        return InvalidRow("amount", i, FormatMoney(amount_.values[i], decimals), "0 or more");
      }
    }
    if (!amount_.valid.empty()) {
      value_.assign(amount_.values.begin(), amount_.values.end());
      for (size_t i = 0; i < value_.size(); ++i) {
        if (arrow::IsNull(amount_.valid, i)) value_[i] = 0;
      }
    }
  }
  return ReadDues(table, shelf, execution);
}

absl::Status EventTable::ReadDues(const arrow::Table &table, const PolicyShelf &shelf,
                                  const Execution &execution) {
  arrow::Loaded<int64_t> due;
  const bool has = Has(table, "due");
  if (has) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, "due", arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(due, arrow::Load(reader, execution));
  }
  std::array<bool, 256> promises{};
  for (size_t type = 0; type < shelf.types().size(); ++type) {
    promises[type] = shelf.kind(static_cast<uint8_t>(type)) == EventKind::kPromise;
  }
  for (size_t i = 0; i < type_.size(); ++i) {
    const bool given = has && !arrow::IsNull(due.valid, i);
    if (given != promises[type_[i]]) {
      return InvalidRow(
          "due", i, given ? FormatTime(due.values[i]) : "null",
          given ? "null, but for a promise" : "the instant at which the promise is due");
    }
    if (!given) continue;
    if (value_.empty()) {
      value_.assign(amount_.values.begin(), amount_.values.end());
      value_.resize(type_.size());
    }
    if (value_[i] != 0) {
      return InvalidRow("amount", i, "that of a promise", "null or 0, and the promise's due");
    }
    value_[i] = due.values[i];
  }
  return absl::OkStatus();
}

absl::Status EventTable::ReadNumbers(const arrow::Table &table, std::string_view column,
                                     const Execution &execution, std::vector<int32_t> *numbers) {
  if (!Has(table, column)) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader,
                          arrow::OpenIntegers(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto values, arrow::Load(reader, execution));
  numbers->resize(values.values.size());
  for (size_t i = 0; i < values.values.size(); ++i) {
    const int64_t value = arrow::IsNull(values.valid, i) ? 0 : values.values[i];
    if (value < 0 || value > UINT16_MAX) {
      return InvalidRow(column, i, absl::StrCat(value), "0 to 65535");
    }
    (*numbers)[i] = static_cast<int32_t>(value);
  }
  return absl::OkStatus();
}

absl::Status EventTable::ReadFlags(const arrow::Table &table, const Execution &execution) {
  for (const auto &[column, flag] : {std::pair("regulated", complaints::kRegulated),
                                     {"notice", complaints::kNotice},
                                     {"remedy", complaints::kRemedy}}) {
    if (!Has(table, column)) continue;
    PATRON_ASSIGN_OR_RETURN(const auto reader,
                            arrow::OpenFlags(table, column, arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(const auto values, arrow::Load(reader, execution));
    flags_.resize(type_.size());
    for (size_t i = 0; i < flags_.size(); ++i) {
      const bool set = !arrow::IsNull(values.valid, i) && values.values[i] != 0;
      flags_[i] = static_cast<uint8_t>(flags_[i] | (set ? flag : 0));
    }
  }
  return absl::OkStatus();
}

complaints::EventRows EventTable::rows() const {
  complaints::EventRows rows;
  rows.event = event_.ids;
  rows.case_id = case_id_.ids;
  rows.type = type_;
  rows.occurred = occurred_.values;
  rows.actor = actor_.ids;
  rows.has_actor = actor_.valid;
  rows.role = role_;
  rows.customer = customer_.ids;
  rows.has_customer = customer_.valid;
  rows.policy = policy_;
  rows.value = value_.empty() ? amount_.values : std::span<const int64_t>(value_);
  rows.code = code_;
  rows.reason = reason_;
  rows.related_case = related_case_.ids;
  rows.has_related_case = related_case_.valid;
  rows.related_event = related_event_.ids;
  rows.has_related_event = related_event_.valid;
  rows.flags = flags_;
  rows.text = text_.values;
  rows.has_text = text_.valid;
  return rows;
}

}  // namespace patron::c_api
