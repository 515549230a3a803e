#include "proto/casebook.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/calendar.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"
#include "proto/policy.hpp"

namespace patron::proto {
namespace {

using complaints::CasebookContent;
using complaints::EventRecord;
using google::protobuf::RepeatedField;

// Codes and numbers as one more than they are, 0 for none.
template <typename T>
uint32_t OneMore(T code, T none) {
  return code == none ? 0 : static_cast<uint32_t>(code) + 1;
}

absl::Status ReadDigest(std::string_view bytes, std::span<uint8_t> digest) {
  if (bytes.size() != digest.size()) return NotOurs("casebook: a digest of another length");
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return absl::OkStatus();
}

std::string_view Bytes(std::span<const uint8_t> digest) {
  return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

// Errors: DataLoss for a number above the greatest one of its type.
template <typename T>
absl::Status Narrow(uint32_t number, std::string_view what, T *narrow) {
  if (number > std::numeric_limits<T>::max()) {
    return NotOurs(absl::StrCat("casebook: ", Text(what), " out of range"));
  }
  *narrow = static_cast<T>(number);
  return absl::OkStatus();
}

void WriteLog(const CasebookContent &content, v1::Casebook *message) {
  const auto n = static_cast<int>(content.log.size());
  for (auto *list : {message->mutable_occurred(), message->mutable_recorded()}) list->Reserve(n);
  message->mutable_value()->Reserve(n);
  for (auto *list :
       {message->mutable_event_case(), message->mutable_event_actor(),
        message->mutable_event_reference(), message->mutable_code(), message->mutable_detail(),
        message->mutable_type(), message->mutable_role(), message->mutable_flags()}) {
    list->Reserve(n);
  }
  for (const EventRecord &event : content.log) {
    message->add_occurred(event.occurred);
    message->add_recorded(event.recorded);
    message->add_value(event.value);
    message->add_event_case(event.case_code);
    message->add_event_actor(OneMore(event.actor, EventRecord::kNone));
    message->add_event_reference(OneMore(event.reference, EventRecord::kNone));
    message->add_code(event.code);
    message->add_detail(event.detail);
    message->add_type(event.type);
    message->add_role(OneMore(event.role, EventRecord::kNoRole));
    message->add_flags(event.flags | (event.payload != EventRecord::kNone ? kHasText : 0));
  }
}

absl::Status ReadLog(const v1::Casebook &message, std::vector<EventRecord> *log) {
  const int n = message.occurred_size();
  for (const int size :
       {message.recorded_size(), message.value_size(), message.event_case_size(),
        message.event_actor_size(), message.event_reference_size(), message.code_size(),
        message.detail_size(), message.type_size(), message.role_size(), message.flags_size()}) {
    if (size != n) return NotOurs(kListsDiffer);
  }
  log->resize(static_cast<size_t>(n));
  uint32_t texts = 0;
  for (int i = 0; i < n; ++i) {
    EventRecord &event = (*log)[static_cast<size_t>(i)];
    event.occurred = message.occurred(i);
    event.recorded = message.recorded(i);
    event.value = message.value(i);
    event.case_code = message.event_case(i);
    event.actor = message.event_actor(i) - 1;  // 0 becomes kNone.
    event.reference = message.event_reference(i) - 1;
    PATRON_RETURN_IF_ERROR(Narrow(message.code(i), "a code", &event.code));
    PATRON_RETURN_IF_ERROR(Narrow(message.detail(i), "a detail", &event.detail));
    PATRON_RETURN_IF_ERROR(Narrow(message.type(i), "a type", &event.type));
    if (message.role(i) > EventRecord::kNoRole) return NotOurs("casebook: a role out of range");
    event.role = static_cast<uint8_t>(message.role(i) - 1);
    if (message.flags(i) > (kHasText | 255)) return NotOurs("casebook: flags out of range");
    event.flags = static_cast<uint8_t>(message.flags(i) & 255);
    if ((message.flags(i) & kHasText) != 0) event.payload = texts++;
  }
  return absl::OkStatus();
}

absl::Status ReadTexts(const v1::Casebook &message,
                       std::vector<CasebookContent::TextEntry> *texts) {
  std::string_view rest = message.text();
  std::string_view digests = message.erased_text_digest();
  for (const uint32_t one_more : message.text_length()) {
    CasebookContent::TextEntry &entry = texts->emplace_back();
    entry.erased = one_more == 0;
    if (entry.erased) {
      if (digests.size() < entry.digest.size()) return NotOurs("casebook: digests are missing");
      std::memcpy(entry.digest.data(), digests.data(), entry.digest.size());
      digests.remove_prefix(entry.digest.size());
      continue;
    }
    if (one_more - 1 > rest.size()) return NotOurs("casebook: lengths do not fit the text");
    entry.text = rest.substr(0, one_more - 1);
    if (!arrow::IsUtf8(entry.text)) return NotOurs("casebook: a text is not UTF-8");
    entry.digest = complaints::detail::casebook::ShortDigestOf(entry.text);
    rest.remove_prefix(one_more - 1);
  }
  if (!rest.empty()) return NotOurs("casebook: lengths do not fit the text");
  if (!digests.empty()) return NotOurs("casebook: digests of nothing");
  return absl::OkStatus();
}

}  // namespace

void WriteCalendar(std::string_view name, int64_t from, const complaints::Calendar &calendar,
                   v1::CasebookCalendar *message) {
  const bool first = from == complaints::PolicyShelf::kBeginning;
  message->set_name(std::string(name));
  message->set_first(first);
  message->set_from(first ? 0 : from);
  *message->mutable_calendar() = ToMessage(calendar);
}

absl::StatusOr<CasebookContent::CalendarEntry> ReadCalendar(const v1::CasebookCalendar &message) {
  if (!message.unknown_fields().empty()) return NotOurs("casebook: unknown field");
  PATRON_RETURN_IF_ERROR(CheckName("casebook: calendar", message.name()));
  const bool first = message.first();
  if (first ? message.from() != 0 : message.from() == complaints::PolicyShelf::kBeginning) {
    return NotOurs("casebook: the beginning of a calendar");
  }
  PATRON_ASSIGN_OR_RETURN(complaints::Calendar calendar, FromMessage(message.calendar()));
  return CasebookContent::CalendarEntry{
      message.name(), first ? complaints::PolicyShelf::kBeginning : message.from(),
      std::move(calendar)};
}

absl::StatusOr<v1::Casebook> ToMessage(const CasebookContent &content) {
  PATRON_RETURN_IF_ERROR(CheckRows(content.log.size()));
  v1::Casebook message;
  message.mutable_calendar()->Reserve(static_cast<int>(content.calendars.size()));
  for (const CasebookContent::CalendarEntry &entry : content.calendars) {
    WriteCalendar(entry.name, entry.from, entry.calendar, message.add_calendar());
  }
  message.mutable_policy()->Reserve(static_cast<int>(content.policies.size()));
  for (const complaints::Policy &policy : content.policies) {
    *message.add_policy() = ToMessage(policy);
  }
  message.set_standard(content.standard);
  WriteIds(content.events.span(), *message.mutable_event());
  WriteIds(content.cases.span(), *message.mutable_case_id());
  WriteIds(content.customers.span(), *message.mutable_customer());
  WriteIds(content.actors.span(), *message.mutable_actor());
  WriteIds(content.references.span(), *message.mutable_reference());
  std::string &digests = *message.mutable_erased_digest();
  for (const CasebookContent::ErasedEntry &entry : content.erased) {
    message.add_erased(entry.customer);
    digests.append(Bytes(entry.digest));
  }
  WriteLog(content, &message);
  std::string &text = *message.mutable_text();
  std::string &text_digests = *message.mutable_erased_text_digest();
  for (const CasebookContent::TextEntry &entry : content.texts) {
    message.add_text_length(entry.erased ? 0 : static_cast<uint32_t>(entry.text.size()) + 1);
    entry.erased ? text_digests.append(Bytes(entry.digest)) : text.append(entry.text);
  }
  message.set_advanced_to(content.advanced_to);
  message.set_head(std::string(Bytes(content.head)));
  message.set_fold(std::string(Bytes(content.fold)));
  return message;
}

absl::StatusOr<CasebookContent> FromMessage(const v1::Casebook &message) {
  if (!message.unknown_fields().empty()) return NotOurs("casebook: unknown field");
  CasebookContent content;
  for (const v1::CasebookCalendar &calendar : message.calendar()) {
    PATRON_ASSIGN_OR_RETURN(CasebookContent::CalendarEntry entry, ReadCalendar(calendar));
    content.calendars.push_back(std::move(entry));
  }
  for (const v1::Policy &policy : message.policy()) {
    PATRON_ASSIGN_OR_RETURN(complaints::Policy read, FromMessage(policy));
    content.policies.push_back(std::move(read));
  }
  content.standard = message.standard();
  PATRON_ASSIGN_OR_RETURN(content.events, ReadIds(message.event(), "events", false));
  PATRON_ASSIGN_OR_RETURN(content.cases, ReadIds(message.case_id(), "cases", false));
  PATRON_ASSIGN_OR_RETURN(content.customers, ReadIds(message.customer(), "customers", false));
  PATRON_ASSIGN_OR_RETURN(content.actors, ReadIds(message.actor(), "actors", false));
  PATRON_ASSIGN_OR_RETURN(content.references, ReadIds(message.reference(), "references", false));
  std::string_view digests = message.erased_digest();
  if (digests.size() != static_cast<size_t>(message.erased_size()) * 16)
    return NotOurs(kListsDiffer);
  for (const uint32_t customer : message.erased()) {
    CasebookContent::ErasedEntry &entry = content.erased.emplace_back();
    entry.customer = customer;
    std::memcpy(entry.digest.data(), digests.data(), entry.digest.size());
    digests.remove_prefix(entry.digest.size());
  }
  PATRON_RETURN_IF_ERROR(ReadLog(message, &content.log));
  PATRON_RETURN_IF_ERROR(ReadTexts(message, &content.texts));
  content.advanced_to = message.advanced_to();
  PATRON_RETURN_IF_ERROR(ReadDigest(message.head(), content.head));
  PATRON_RETURN_IF_ERROR(ReadDigest(message.fold(), content.fold));
  return content;
}

}  // namespace patron::proto
