#include "proto/register.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"

namespace patron::proto {
namespace {

// Room comes first where a list of messages or texts grows: Protobuf loses an element that it has made
// when its list cannot.

using customers::ChangeKind;
using customers::ChangeNote;
using customers::Contact;
using customers::Erasure;
using customers::FieldCells;
using customers::RecordBatch;
using customers::Register;
using customers::RegisterChange;
using customers::TextCells;
using customers::Tie;
using customers::Tombstone;

constexpr uint32_t kBounced = 1, kShared = 2, kErased = 4;
constexpr size_t kMostText = size_t{1} << 30;

template <typename List>
size_t SizeOf(const List &list) {
  return static_cast<size_t>(list.size());
}

void WriteCells(std::string_view name, const TextCells &cells, v1::RegisterField *message) {
  message->set_name(std::string(name));
  message->mutable_length()->Reserve(static_cast<int>(cells.size()));
  std::string &text = *message->mutable_text();
  text.reserve(cells.bytes());
  for (size_t row = 0; row < cells.size(); ++row) {
    message->add_length(cells.has(row) ? static_cast<uint32_t>(cells[row].size()) + 1 : 0);
    text.append(cells[row]);
  }
}

absl::StatusOr<TextCells> ReadCells(const v1::RegisterField &message, size_t rows) {
  if (!message.unknown_fields().empty() || SizeOf(message.length()) != rows) {
    return NotOurs("register: lists differ in length");
  }
  TextCells cells;
  cells.Reserve(rows, message.text().size());
  std::string_view rest = message.text();
  for (const uint32_t length : message.length()) {
    if (length == 0) {
      cells.AddNull();
      continue;
    }
    if (length - 1 > rest.size()) return NotOurs("register: lengths do not fit the text");
    const std::string_view text = rest.substr(0, length - 1);
    if (!arrow::IsUtf8(text)) return NotOurs("register: a text is not UTF-8");
    cells.Add(text);
    rest.remove_prefix(length - 1);
  }
  if (!rest.empty()) return NotOurs("register: lengths do not fit the text");
  return cells;
}

template <typename Field>
absl::Status ReadInstants(const Field &field, size_t rows, std::vector<int64_t> *values) {
  if (!field.empty() && SizeOf(field) != rows) return NotOurs("register: lists differ in length");
  values->assign(field.begin(), field.end());
  return absl::OkStatus();
}

bool IsShare(double value) { return value >= 0 && value <= 1; }

absl::StatusOr<RecordBatch> ReadBatch(const v1::RegisterBatch &message,
                                      std::vector<std::string> *names) {
  if (!message.unknown_fields().empty()) return NotOurs("register: unknown field");
  if (!IsShare(message.trust()) || !IsShare(message.confidence())) {
    return NotOurs("register: a number out of range");
  }
  RecordBatch batch;
  batch.provenance = {.source = message.source(),
                      .captured_by = message.captured_by(),
                      .method = message.method(),
                      .purpose = message.purpose(),
                      .trust = message.trust(),
                      .confidence = message.confidence(),
                      .verified = message.verified(),
                      .time = message.time()};
  for (const std::string *text : {&batch.provenance.source, &batch.provenance.captured_by,
                                  &batch.provenance.method, &batch.provenance.purpose}) {
    if (!arrow::IsUtf8(*text)) return NotOurs("register: a text is not UTF-8");
  }
  batch.rows = message.rows();
  batch.erased.assign(message.erased().begin(), message.erased().end());
  const auto falls = std::ranges::adjacent_find(batch.erased, std::ranges::greater_equal());
  if (falls != batch.erased.end() || (!batch.erased.empty() && batch.erased.back() >= batch.rows)) {
    return NotOurs("register: erased rows not ascending");
  }
  PATRON_ASSIGN_OR_RETURN(const IdList ids, ReadIds(message.id(), "register: ids", false));
  if (batch.rows == 0 || ids.size() != batch.rows - batch.erased.size()) {
    return NotOurs("register: lists differ in length");
  }
  const bool none = ids.size() == 0;
  size_t next = 0;
  for (uint32_t row = 0; row < batch.rows; ++row) {
    const bool erased = batch.IsErased(row);
    if (none || !ids.is_text) batch.integer_ids.push_back(erased ? 0 : ids.integers[next]);
    if (none || (ids.is_text && erased)) {
      batch.text_ids.AddNull();
    } else if (ids.is_text) {
      batch.text_ids.Add(ids.text[next]);
    }
    next += erased ? 0 : 1;
  }
  if (message.source_key_size() > 1) return NotOurs("register: source keys twice");
  if (message.source_key_size() == 1) {
    PATRON_ASSIGN_OR_RETURN(batch.source_keys, ReadCells(message.source_key(0), batch.rows));
  }
  PATRON_RETURN_IF_ERROR(ReadInstants(message.captured_at(), batch.rows, &batch.captured_at));
  PATRON_RETURN_IF_ERROR(ReadInstants(message.valid_from(), batch.rows, &batch.valid_from));
  PATRON_RETURN_IF_ERROR(ReadInstants(message.valid_to(), batch.rows, &batch.valid_to));
  for (const v1::RegisterField &field : message.field()) {
    PATRON_RETURN_IF_ERROR(CheckName("register", field.name()));
    if (std::ranges::find(*names, field.name()) != names->end()) {
      return NotOurs("register: a field twice");
    }
    PATRON_ASSIGN_OR_RETURN(TextCells cells, ReadCells(field, batch.rows));
    batch.fields.push_back({static_cast<uint32_t>(names->size()), std::move(cells)});
    names->push_back(field.name());
  }
  return batch;
}

void WriteContacts(std::span<const Contact> contacts, v1::RegisterContacts *message) {
  message->set_text("");
  for (const Contact &contact : contacts) {
    message->add_record(contact.record);
    message->add_type(static_cast<uint32_t>(contact.type));
    message->add_flags((contact.bounced ? kBounced : 0) | (contact.shared ? kShared : 0) |
                       (contact.erased ? kErased : 0));
    message->add_preference(contact.preference);
    for (const std::string *text : {&contact.raw, &contact.normalised, &contact.label}) {
      message->add_length(static_cast<uint32_t>(text->size()));
      message->mutable_text()->append(*text);
    }
    message->add_verified_at(contact.verified_at);
    message->add_valid_from(contact.times.valid_from);
    message->add_valid_to(contact.times.valid_to);
  }
}

absl::Status ReadContacts(const v1::RegisterContacts &message, const ChangeNote &note,
                          Register *reg) {
  const size_t n = SizeOf(message.record());
  if (!message.unknown_fields().empty() || n == 0 || SizeOf(message.type()) != n ||
      SizeOf(message.flags()) != n || SizeOf(message.preference()) != n ||
      SizeOf(message.length()) != 3 * n || SizeOf(message.verified_at()) != n ||
      SizeOf(message.valid_from()) != n || SizeOf(message.valid_to()) != n) {
    return NotOurs("register: lists differ in length");
  }
  std::vector<Contact> contacts(n);
  std::string_view rest = message.text();
  for (size_t i = 0; i < n; ++i) {
    const int at = static_cast<int>(i);
    Contact &contact = contacts[i];
    if (message.type(at) >= customers::kContactTypeNames.size() || message.flags(at) > 7 ||
        message.preference(at) > 100) {
      return NotOurs("register: a number out of range");
    }
    contact.record = message.record(at);
    contact.type = static_cast<customers::ContactType>(message.type(at));
    contact.bounced = (message.flags(at) & kBounced) != 0;
    contact.shared = (message.flags(at) & kShared) != 0;
    contact.preference = static_cast<uint8_t>(message.preference(at));
    contact.verified_at = message.verified_at(at);
    contact.times.valid_from = message.valid_from(at);
    contact.times.valid_to = message.valid_to(at);
    std::string *texts[] = {&contact.raw, &contact.normalised, &contact.label};
    for (int k = 0; k < 3; ++k) {
      const size_t length = message.length(3 * at + k);
      if (length > rest.size() || !arrow::IsUtf8(rest.substr(0, length))) {
        return NotOurs("register: lengths do not fit the text");
      }
      texts[k]->assign(rest.substr(0, length));
      rest.remove_prefix(length);
    }
    // That it is erased the erasure says, which comes later.
    const bool erased = (message.flags(at) & kErased) != 0;
    if (erased != contact.raw.empty()) return NotOurs("register: a contact without text");
  }
  if (!rest.empty()) return NotOurs("register: lengths do not fit the text");
  return reg->AddContacts(std::move(contacts), note);
}

void WriteTies(std::span<const Tie> ties, v1::RegisterTies *message) {
  for (const Tie &tie : ties) {
    message->add_from(tie.from);
    message->add_to(tie.to);
    message->add_type(static_cast<uint32_t>(tie.type));
    message->add_flags(tie.erased ? kErased : 0);
    message->add_valid_from(tie.times.valid_from);
    message->add_valid_to(tie.times.valid_to);
  }
}

absl::Status ReadTies(const v1::RegisterTies &message, const ChangeNote &note, Register *reg) {
  const size_t n = SizeOf(message.from());
  if (!message.unknown_fields().empty() || n == 0 || SizeOf(message.to()) != n ||
      SizeOf(message.type()) != n || SizeOf(message.flags()) != n ||
      SizeOf(message.valid_from()) != n || SizeOf(message.valid_to()) != n) {
    return NotOurs("register: lists differ in length");
  }
  std::vector<Tie> ties(n);
  for (size_t i = 0; i < n; ++i) {
    const int at = static_cast<int>(i);
    if (message.type(at) >= customers::kTieTypeNames.size() ||
        (message.flags(at) & ~kErased) != 0) {
      return NotOurs("register: a number out of range");
    }
    ties[i].from = message.from(at);
    ties[i].to = message.to(at);
    ties[i].type = static_cast<customers::TieType>(message.type(at));
    ties[i].times.valid_from = message.valid_from(at);
    ties[i].times.valid_to = message.valid_to(at);
  }
  return reg->AddTies(std::move(ties), note);
}

void WriteErasure(const Erasure &erasure, v1::RegisterErasure *message) {
  message->mutable_record()->Add(erasure.records.begin(), erasure.records.end());
  message->mutable_held()->Reserve(static_cast<int>(erasure.held.size()));
  for (const std::string &name : erasure.held) message->add_held(name);
  message->set_hold_purpose(erasure.hold_purpose);
  const int identifiers = static_cast<int>(erasure.identifiers.size());
  message->mutable_identifier()->Reserve(identifiers);
  message->mutable_identifier_kind()->Reserve(identifiers);
  for (const std::string &name : erasure.identifiers) message->add_identifier(name);
  for (const std::string &kind : erasure.identifier_kinds) message->add_identifier_kind(kind);
  std::string &all = *message->mutable_tombstones();
  for (const Tombstone &tombstone : erasure.tombstones) {
    all.append(reinterpret_cast<const char *>(tombstone.data()), tombstone.size());
  }
}

absl::Status ReadErasure(const v1::RegisterErasure &message, const ChangeNote &note,
                         Register *reg) {
  Erasure erasure;
  const auto rising = [](const auto &list) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal()) == list.end();
  };
  erasure.records.assign(message.record().begin(), message.record().end());
  erasure.held.assign(message.held().begin(), message.held().end());
  erasure.hold_purpose = message.hold_purpose();
  erasure.identifiers.assign(message.identifier().begin(), message.identifier().end());
  erasure.identifier_kinds.assign(message.identifier_kind().begin(),
                                  message.identifier_kind().end());
  if (!message.unknown_fields().empty() || !rising(erasure.records) ||
      erasure.identifiers.size() != erasure.identifier_kinds.size() ||
      message.tombstones().size() % sizeof(Tombstone) != 0 ||
      !arrow::IsUtf8(erasure.hold_purpose)) {
    return NotOurs("register: an erasure that is none");
  }
  for (const auto *list : {&erasure.held, &erasure.identifiers, &erasure.identifier_kinds}) {
    for (const std::string &name : *list) PATRON_RETURN_IF_ERROR(CheckName("register", name));
  }
  erasure.tombstones.resize(message.tombstones().size() / sizeof(Tombstone));
  for (size_t i = 0; i < erasure.tombstones.size(); ++i) {
    std::memcpy(erasure.tombstones[i].data(), message.tombstones().data() + i * sizeof(Tombstone),
                sizeof(Tombstone));
  }
  if (!rising(erasure.tombstones)) return NotOurs("register: tombstones not ascending");
  return reg->Erase(std::move(erasure), note).status();
}

void WriteHead(const RegisterChange &change, v1::RegisterChange *message) {
  message->set_kind(static_cast<uint32_t>(change.kind));
  message->set_time(change.note.time);
  message->set_actor(change.note.actor);
  message->set_reason(change.note.reason);
  message->set_number(0);
  message->set_end(0);
}

absl::Status ReadMerges(const v1::RegisterChange &message, const ChangeNote &note, bool merge,
                        Register *reg) {
  const size_t n = SizeOf(message.left());
  if (n == 0 || SizeOf(message.right()) != n) return NotOurs("register: lists differ in length");
  std::vector<std::pair<uint32_t, uint32_t>> pairs(n);
  for (size_t i = 0; i < n; ++i) {
    pairs[i] = {message.left(static_cast<int>(i)), message.right(static_cast<int>(i))};
  }
  const size_t fields = SizeOf(message.evidence_field());
  if (SizeOf(message.evidence()) != fields * n) return NotOurs("register: lists differ in length");
  if (!merge) {
    if (fields > 0) return NotOurs("register: evidence of no merge");
    return reg->AssertDifferent(pairs, note);
  }
  customers::MergeEvidence evidence;
  evidence.fields.assign(message.evidence_field().begin(), message.evidence_field().end());
  evidence.weights.assign(message.evidence().begin(), message.evidence().end());
  for (const std::string &field : evidence.fields) {
    if (!arrow::IsUtf8(field)) return NotOurs("register: a name that is no text");
  }
  Register::Merged merged;
  PATRON_RETURN_IF_ERROR(reg->Merge(pairs, note, false, &merged, fields > 0 ? &evidence : nullptr));
  return merged.merged == n ? absl::OkStatus() : NotOurs("register: a merge of one entity");
}

absl::Status ReadChange(const v1::RegisterChange &message, Register *reg) {
  const ChangeNote note{message.time(), message.actor(), message.reason()};
  if (!message.unknown_fields().empty() || !arrow::IsUtf8(note.actor) ||
      !arrow::IsUtf8(note.reason) || message.kind() > static_cast<uint32_t>(ChangeKind::kErase)) {
    return NotOurs("register: a change that is none");
  }
  const auto kind = static_cast<ChangeKind>(message.kind());
  const auto wants = [&](ChangeKind own) { return kind == own ? 1 : 0; };
  const bool pairs = kind == ChangeKind::kMerge || kind == ChangeKind::kAssertDifferent;
  const bool ends = kind == ChangeKind::kEndContact || kind == ChangeKind::kEndTie;
  if (message.batch_size() != wants(ChangeKind::kRecords) ||
      message.contacts_size() != wants(ChangeKind::kContacts) ||
      message.ties_size() != wants(ChangeKind::kTies) ||
      message.erasure_size() != wants(ChangeKind::kErase) || (!pairs && message.left_size() > 0) ||
      (!pairs && (message.evidence_field_size() > 0 || message.evidence_size() > 0)) ||
      (!pairs && kind != ChangeKind::kSplit && message.right_size() > 0) ||
      (!ends && kind != ChangeKind::kUnmerge && message.number() != 0) ||
      (!ends && message.end() != 0)) {
    return NotOurs("register: a change that says too much, or too little");
  }
  switch (kind) {
    case ChangeKind::kRecords: {
      std::vector<std::string> names;
      PATRON_ASSIGN_OR_RETURN(RecordBatch batch, ReadBatch(message.batch(0), &names));
      std::vector<RecordBatch> batches;
      batches.push_back(std::move(batch));
      PATRON_RETURN_IF_ERROR(reg->Stage(std::move(batches), names, "id"));
      reg->Commit();
      return absl::OkStatus();
    }
    case ChangeKind::kContacts: return ReadContacts(message.contacts(0), note, reg);
    case ChangeKind::kTies: return ReadTies(message.ties(0), note, reg);
    case ChangeKind::kEndContact:
    case ChangeKind::kEndTie:
      return reg->End(kind == ChangeKind::kEndTie, message.number(), message.end(), note);
    case ChangeKind::kMerge:
    case ChangeKind::kAssertDifferent:
      return ReadMerges(message, note, kind == ChangeKind::kMerge, reg);
    case ChangeKind::kSplit: {
      std::vector<uint32_t> leaving(message.right().begin(), message.right().end());
      return reg->Split(std::move(leaving), note).status();
    }
    case ChangeKind::kUnmerge: return reg->Unmerge(message.number(), note).status();
    case ChangeKind::kErase: return ReadErasure(message.erasure(0), note, reg);
  }
  return NotOurs("register: a change that is none");
}

}  // namespace

absl::Status WriteBatch(const Register &reg, const RecordBatch &batch,
                        v1::RegisterChange *message) {
  WriteHead({.kind = ChangeKind::kRecords,
             .first = 0,
             .count = 1,
             .note = {.time = batch.provenance.time, .actor = {}, .reason = {}},
             .evidence = 0},
            message);
  message->mutable_batch()->Reserve(1);
  v1::RegisterBatch *own = message->add_batch();
  own->set_source(batch.provenance.source);
  own->set_captured_by(batch.provenance.captured_by);
  own->set_method(batch.provenance.method);
  own->set_purpose(batch.provenance.purpose);
  own->set_trust(batch.provenance.trust);
  own->set_confidence(batch.provenance.confidence);
  own->set_verified(batch.provenance.verified);
  own->set_time(batch.provenance.time);
  own->set_rows(batch.rows);
  own->mutable_erased()->Add(batch.erased.begin(), batch.erased.end());
  std::vector<uint32_t> records;
  for (uint32_t row = 0; row < batch.rows; ++row) {
    if (!batch.IsErased(row)) records.push_back(batch.first + row);
  }
  const IdList ids = reg.Ids(records);
  WriteIds(ids.span(), *own->mutable_id());
  if (batch.source_keys.size() > 0) {
    own->mutable_source_key()->Reserve(1);
    WriteCells("source_key", batch.source_keys, own->add_source_key());
  }
  own->mutable_captured_at()->Add(batch.captured_at.begin(), batch.captured_at.end());
  own->mutable_valid_from()->Add(batch.valid_from.begin(), batch.valid_from.end());
  own->mutable_valid_to()->Add(batch.valid_to.begin(), batch.valid_to.end());
  own->mutable_field()->Reserve(static_cast<int>(batch.fields.size()));
  for (const FieldCells &cells : batch.fields) {
    if (cells.cells.bytes() > kMostText) {
      return absl::ResourceExhaustedError(absl::StrCat(
          reg.field_names()[cells.field], ": ", cells.cells.bytes(), " bytes in ", batch.rows,
          " records; at most ", kMostText, " can be written in one piece"));
    }
    WriteCells(reg.field_names()[cells.field], cells.cells, own->add_field());
  }
  return absl::OkStatus();
}

absl::Status WriteChange(const Register &reg, size_t change, v1::RegisterChange *message) {
  const RegisterChange &own = reg.changes()[change];
  if (own.kind == ChangeKind::kRecords) return WriteBatch(reg, reg.batches()[own.first], message);
  WriteHead(own, message);
  const auto lines = reg.log().lines();
  switch (own.kind) {
    case ChangeKind::kContacts:
      message->mutable_contacts()->Reserve(1);
      WriteContacts(reg.contacts().subspan(own.first, own.count), message->add_contacts());
      break;
    case ChangeKind::kTies:
      message->mutable_ties()->Reserve(1);
      WriteTies(reg.ties().subspan(own.first, own.count), message->add_ties());
      break;
    case ChangeKind::kEndContact:
      message->set_number(own.first);
      message->set_end(reg.contacts()[own.first].times.ended_to);
      break;
    case ChangeKind::kEndTie:
      message->set_number(own.first);
      message->set_end(reg.ties()[own.first].times.ended_to);
      break;
    case ChangeKind::kMerge:
    case ChangeKind::kAssertDifferent:
      for (const auto &line : lines.subspan(own.first, own.count)) {
        message->add_left(line.left);
        message->add_right(line.right);
      }
      if (const customers::MergeEvidence *evidence = reg.EvidenceOf(own); evidence != nullptr) {
        message->mutable_evidence_field()->Reserve(static_cast<int>(evidence->fields.size()));
        for (const std::string &field : evidence->fields) message->add_evidence_field(field);
        message->mutable_evidence()->Add(evidence->weights.begin(), evidence->weights.end());
      }
      break;
    case ChangeKind::kSplit:
      for (const uint32_t record : reg.log().MovedBy(lines[own.first])) message->add_right(record);
      break;
    case ChangeKind::kUnmerge: message->set_number(lines[own.first].undoes - 1); break;
    default:
      message->mutable_erasure()->Reserve(1);
      WriteErasure(reg.erasures()[own.first], message->add_erasure());
  }
  return absl::OkStatus();
}

absl::Status ReadChanges(const v1::Register &message, Register *reg) {
  if (!message.unknown_fields().empty()) return NotOurs("register: unknown field");
  for (const v1::RegisterChange &change : message.change()) {
    const absl::Status status = ReadChange(change, reg);
    if (!status.ok()) return AsDataLoss(status);
  }
  return absl::OkStatus();
}

absl::Status CheckErased(const Register &reg) {
  bool sound = true;
  for (const RecordBatch &batch : reg.batches()) {
    for (const uint32_t row : batch.erased) {
      sound = sound && reg.log().IsErased(batch.first + row);
    }
  }
  for (const Contact &contact : reg.contacts()) {
    sound = sound && contact.erased == contact.raw.empty();
  }
  return sound ? absl::OkStatus() : NotOurs("register: something erased without an erasure");
}

absl::StatusOr<std::string> RegisterToBytes(const Register &reg) {
  v1::Register message;
  message.set_place(0);
  message.mutable_change()->Reserve(static_cast<int>(reg.changes().size()));
  for (size_t i = 0; i < reg.changes().size(); ++i) {
    PATRON_RETURN_IF_ERROR(WriteChange(reg, i, message.add_change()));
  }
  return Wrap(v1::KIND_REGISTER, message);
}

absl::StatusOr<Register> RegisterFromBytes(std::string_view bytes) {
  Register reg;
  {
    v1::Register message;
    PATRON_RETURN_IF_ERROR(Unwrap(bytes, v1::KIND_REGISTER, message));
    if (message.place() != 0) return NotOurs("register: an entry of a store");
    PATRON_RETURN_IF_ERROR(ReadChanges(message, &reg));
  }
  PATRON_RETURN_IF_ERROR(CheckErased(reg));
  PATRON_ASSIGN_OR_RETURN(const std::string again, RegisterToBytes(reg));
  if (again != bytes) return NotOurs("register: not as a register is written");
  return reg;
}

}  // namespace patron::proto
