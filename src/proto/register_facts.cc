// Contact points, ties and erasures of a register as messages, and back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/register_parts.hpp"

namespace patron::proto {
namespace {

using customers::ChangeNote;
using customers::Contact;
using customers::Erasure;
using customers::Register;
using customers::Tie;
using customers::Tombstone;

constexpr uint32_t kBounced = 1, kShared = 2, kErased = 4;

}  // namespace

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

}  // namespace patron::proto
