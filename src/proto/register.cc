#include "proto/register.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/register_parts.hpp"

namespace patron::proto {
namespace {

using customers::ChangeKind;
using customers::ChangeNote;
using customers::Contact;
using customers::RecordBatch;
using customers::Register;
using customers::RegisterChange;

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
      PATRON_ASSIGN_OR_RETURN(RecordBatch batch, ReadRecords(message.batch(0), &names));
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
  return WriteRecords(reg, batch, message->add_batch());
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
