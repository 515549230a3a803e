// Events that one call added, as messages, and back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/casebook.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"

namespace patron::proto {
namespace {

using complaints::Casebook;
using complaints::EventKind;
using complaints::EventRecord;

constexpr uint32_t kHasActor = 512;
constexpr uint32_t kHasReference = 1024;

// Ids of one column, as they come.
class IdWriter {
 public:
  explicit IdWriter(const IdIndex &index, v1::Ids *message) : index_(index), message_(message) {
    message_->mutable_text();
    message_->set_text("");
  }
  void Add(uint32_t code) {
    if (!index_.is_text()) {
      message_->add_integer(index_.integer(code));
      return;
    }
    const std::string_view id = index_.text(code);
    message_->add_length(static_cast<uint32_t>(id.size()));
    message_->mutable_text()->append(id);
  }

 private:
  const IdIndex &index_;
  v1::Ids *message_;
};

bool NamesPolicy(EventKind kind) {
  return kind == EventKind::kReceive || kind == EventKind::kMigrate;
}

}  // namespace

absl::Status WriteEvents(const Casebook &book, uint64_t first, v1::CasebookEvents *message) {
  using Store = complaints::detail::casebook::CasebookStore;
  const uint64_t end = book.size().events;
  PATRON_RETURN_IF_ERROR(CheckRows(end - first));
  const auto n = static_cast<int>(end - first);
  message->set_recorded(book.event(static_cast<uint32_t>(first)).recorded);
  message->mutable_occurred()->Reserve(n);
  message->mutable_value()->Reserve(n);
  for (auto *list : {message->mutable_code(), message->mutable_detail(), message->mutable_type(),
                     message->mutable_role(), message->mutable_flags()}) {
    list->Reserve(n);
  }
  IdWriter events(book.event_ids(), message->mutable_event());
  IdWriter cases(book.case_ids(), message->mutable_case_id());
  IdWriter actors(book.actor_ids(), message->mutable_actor());
  IdWriter customers(book.customer_ids(), message->mutable_customer());
  IdWriter related_cases(book.case_ids(), message->mutable_related_case());
  IdWriter related_events(book.reference_ids(), message->mutable_related_event());
  std::string &text = *message->mutable_text();
  for (uint64_t i = first; i < end; ++i) {
    const auto position = static_cast<uint32_t>(i);
    const EventRecord &event = book.event(position);
    const EventKind kind = book.shelf().kind(event.type);
    uint32_t flags = event.flags;
    events.Add(position);
    cases.Add(event.case_code);
    if (event.actor != EventRecord::kNone) {
      flags |= kHasActor;
      actors.Add(event.actor);
    }
    if (event.reference != EventRecord::kNone) {
      flags |= kHasReference;
      (kind == EventKind::kReceive ? customers
       : Store::NamesCase(kind)    ? related_cases
                                   : related_events)
          .Add(event.reference);
    }
    if (const auto own = book.TextOf(event)) {
      flags |= kHasText;
      message->add_text_length(static_cast<uint32_t>(own->size()));
      text.append(*own);
    }
    message->add_occurred(event.occurred);
    message->add_value(event.value);
    message->add_code(event.code);
    message->add_detail(event.detail);
    message->add_type(event.type);
    message->add_role(event.role == EventRecord::kNoRole ? 0 : uint32_t{event.role} + 1);
    message->add_flags(flags);
  }
  return absl::OkStatus();
}

absl::Status EventColumns::SomeIds::Spread(const IdList &some, std::string_view what) {
  size_t next = 0;
  ids.is_text = some.is_text;
  for (const uint8_t present : has) {
    if (present != 0 && next == some.size()) break;
    if (some.is_text) {
      ids.text.push_back(present != 0 ? some.text[next] : std::string_view());
    } else {
      ids.integers.push_back(present != 0 ? some.integers[next] : 0);
    }
    next += present;
  }
  if (ids.size() == has.size() && next == some.size()) return absl::OkStatus();
  return NotOurs(absl::StrCat("casebook: ", Text(what), ": as many as rows that have one"));
}

absl::Status EventColumns::ReadNumbers(const v1::CasebookEvents &message,
                                       const complaints::PolicyShelf &shelf) {
  using Store = complaints::detail::casebook::CasebookStore;
  const auto n = static_cast<int>(event_.size());
  if (case_id_.size() != event_.size()) return NotOurs(kListsDiffer);
  for (const int size :
       {message.occurred_size(), message.value_size(), message.code_size(), message.detail_size(),
        message.type_size(), message.role_size(), message.flags_size()}) {
    if (size != n) return NotOurs(kListsDiffer);
  }
  occurred_ = ReadList(message.occurred());
  value_ = ReadList(message.value());
  for (int i = 0; i < n; ++i) {
    const uint32_t type = message.type(i);
    const uint32_t flags = message.flags(i);
    if (type >= shelf.types().size() || message.role(i) > shelf.roles().size() ||
        message.code(i) > UINT16_MAX || message.detail(i) > UINT16_MAX || flags > 2047) {
      return NotOurs("casebook: a number of an event out of range");
    }
    const EventKind kind = shelf.kind(static_cast<uint8_t>(type));
    const bool names_policy = NamesPolicy(kind);
    type_.push_back(static_cast<uint8_t>(type));
    role_.push_back(static_cast<uint8_t>(message.role(i) - 1));  // 0 becomes kNoRole.
    code_.push_back(static_cast<int32_t>(message.code(i)));
    const auto detail = static_cast<int32_t>(message.detail(i));
    policy_.push_back(names_policy ? detail : -1);
    reason_.push_back(names_policy ? 0 : detail);
    flags_.push_back(static_cast<uint8_t>(flags & 255));
    has_text_.push_back((flags & kHasText) != 0 ? 1 : 0);
    actor_.has.push_back((flags & kHasActor) != 0 ? 1 : 0);
    const bool refers = (flags & kHasReference) != 0;
    const bool receives = kind == EventKind::kReceive;
    customer_.has.push_back(refers && receives ? 1 : 0);
    related_case_.has.push_back(refers && Store::NamesCase(kind) ? 1 : 0);
    related_event_.has.push_back(refers && !receives && !Store::NamesCase(kind) ? 1 : 0);
  }
  return absl::OkStatus();
}

absl::Status EventColumns::ReadTexts(const v1::CasebookEvents &message) {
  std::string_view rest = message.text();
  int next = 0;
  for (const uint8_t present : has_text_) {
    if (present == 0) {
      text_.emplace_back();
      continue;
    }
    if (next == message.text_length_size() || message.text_length(next) > rest.size()) {
      return NotOurs("casebook: lengths do not fit the text");
    }
    text_.push_back(rest.substr(0, message.text_length(next)));
    if (!arrow::IsUtf8(text_.back())) return NotOurs("casebook: a text is not UTF-8");
    rest.remove_prefix(message.text_length(next++));
  }
  if (rest.empty() && next == message.text_length_size()) return absl::OkStatus();
  return NotOurs("casebook: lengths do not fit the text");
}

absl::Status EventColumns::Read(const v1::CasebookEvents &message,
                                const complaints::PolicyShelf &shelf) {
  *this = EventColumns();
  if (!message.unknown_fields().empty()) return NotOurs("casebook: unknown field");
  PATRON_ASSIGN_OR_RETURN(event_, ReadIds(message.event(), "events", false));
  PATRON_ASSIGN_OR_RETURN(case_id_, ReadIds(message.case_id(), "cases", false));
  PATRON_RETURN_IF_ERROR(ReadNumbers(message, shelf));
  for (const auto &[from, what, to] :
       {std::tuple(&message.actor(), "actors", &actor_),
        {&message.customer(), "customers", &customer_},
        {&message.related_case(), "related cases", &related_case_},
        {&message.related_event(), "related events", &related_event_}}) {
    PATRON_ASSIGN_OR_RETURN(const IdList some, ReadIds(*from, what, false));
    PATRON_RETURN_IF_ERROR(to->Spread(some, what));
  }
  return ReadTexts(message);
}

complaints::EventRows EventColumns::rows() const {
  complaints::EventRows rows;
  rows.event = event_.span();
  rows.case_id = case_id_.span();
  rows.type = type_;
  rows.occurred = occurred_;
  // A column without any id is left out: its kind would be made up.
  const auto any = [](const SomeIds &some) {
    return std::ranges::find(some.has, uint8_t{1}) != some.has.end();
  };
  if (any(actor_)) {
    rows.actor = actor_.ids.span();
    rows.has_actor = actor_.has;
  }
  rows.role = role_;
  if (any(customer_)) {
    rows.customer = customer_.ids.span();
    rows.has_customer = customer_.has;
  }
  rows.policy = policy_;
  rows.value = value_;
  rows.code = code_;
  rows.reason = reason_;
  if (any(related_case_)) {
    rows.related_case = related_case_.ids.span();
    rows.has_related_case = related_case_.has;
  }
  if (any(related_event_)) {
    rows.related_event = related_event_.ids.span();
    rows.has_related_event = related_event_.has;
  }
  rows.flags = flags_;
  rows.text = text_;
  rows.has_text = has_text_;
  return rows;
}

}  // namespace patron::proto
