#include "proto/consents.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/text.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"

namespace patron::proto {
namespace {

using customers::ConsentBook;
using customers::ConsentFact;
using customers::ConsentRow;
using customers::ConsentStatus;
using customers::SubjectId;

constexpr uint32_t kSensitive = 1, kMinor = 2, kEnds = 4;

IdList ListOf(const IdIndex &index) {
  std::vector<uint32_t> codes(index.size());
  for (uint32_t i = 0; i < codes.size(); ++i) codes[i] = i;
  return index.List(codes);
}

}  // namespace

v1::Consents ToMessage(const ConsentBook &book) {
  v1::Consents message;
  const customers::Purposes &purposes = book.purposes();
  for (size_t i = 0; i < purposes.size(); ++i) {
    v1::Purpose &to = *message.add_purpose();
    to.set_name(purposes[i].name);
    to.set_text(purposes[i].text);
    to.set_bases(purposes[i].bases);
    to.set_fields(std::string(purposes.fields().Text(purposes[i].fields)));
    to.set_sensitive(std::string(purposes.fields().Text(purposes[i].sensitive)));
    to.set_channels(std::string(purposes.channels().Text(purposes[i].channels)));
    to.set_retention_days(static_cast<uint32_t>(purposes[i].retention_days));
  }
  message.set_lines(book.lines());
  IdIndex subjects(book.has_text_ids()), texts(true);
  const auto text = [&](std::string_view value) {
    return value.empty() ? 0 : CodeOf(texts, value) + 1;
  };
  for (const ConsentBook::Entry &entry : book.Entries()) {
    const ConsentFact &fact = *entry.fact;
    message.add_line(fact.line);
    message.add_subject(entry.subject.is_text ? CodeOf(subjects, entry.subject.text)
                                              : CodeOf(subjects, entry.subject.integer));
    message.add_purpose_of(fact.purpose);
    message.add_status(static_cast<uint32_t>(fact.status));
    message.add_basis(fact.basis);
    message.add_flags((fact.sensitive ? kSensitive : 0) | (fact.minor ? kMinor : 0) |
                      (fact.expires != customers::kNoEnd ? kEnds : 0));
    message.add_time(fact.time);
    if (fact.expires != customers::kNoEnd) message.add_expires(fact.expires);
    message.add_fields(text(purposes.fields().Text(fact.fields)));
    message.add_channels(text(purposes.channels().Text(fact.channels)));
    message.add_text_version(text(book.text_version(fact)));
    // Elements are made first: a list that takes a moved text is left unsound by a failing allocation.
    message.add_evidence()->assign(book.evidence(fact));
    message.add_guardian()->assign(book.guardian(fact));
  }
  const IdList ids = ListOf(subjects);
  WriteIds(ids.span(), *message.mutable_subjects());
  for (uint32_t i = 0; i < texts.size(); ++i) message.add_text()->assign(texts.text(i));
  return message;
}

absl::StatusOr<ConsentBook> FromMessage(const v1::Consents &message) {
  constexpr uint32_t kMostDays = 36525;
  if (!message.unknown_fields().empty()) return NotOurs("consents: unknown field");
  const auto utf8 = [](const std::string &text) { return arrow::IsUtf8(text); };
  ConsentBook book;
  for (int i = 0; i < message.purpose_size(); ++i) {
    const v1::Purpose &from = message.purpose(i);
    if (!from.unknown_fields().empty() || from.bases() == 0 || from.bases() > 0xFF ||
        from.retention_days() > kMostDays || !utf8(from.name()) || !utf8(from.text()) ||
        !utf8(from.fields()) || !utf8(from.sensitive()) || !utf8(from.channels())) {
      return NotOurs("consents: a purpose that cannot be");
    }
    const std::string bases = customers::Purposes::BasesText(from.bases());
    const absl::Status added = book.purposes().Add({.name = from.name(),
                                                    .text = from.text(),
                                                    .bases = bases,
                                                    .fields = from.fields(),
                                                    .sensitive = from.sensitive(),
                                                    .channels = from.channels(),
                                                    .retention_days = from.retention_days()},
                                                   static_cast<size_t>(i));
    if (!added.ok()) return AsDataLoss(added);
  }
  PATRON_ASSIGN_OR_RETURN(const IdList subjects,
                          ReadIds(message.subjects(), "consents: subjects", false));
  const int n = message.line_size();
  if (message.subject_size() != n || message.purpose_of_size() != n || message.status_size() != n ||
      message.basis_size() != n || message.flags_size() != n || message.time_size() != n ||
      message.fields_size() != n || message.channels_size() != n ||
      message.text_version_size() != n || message.evidence_size() != n ||
      message.guardian_size() != n) {
    return NotOurs("consents: lists differ in length");
  }
  if (message.lines() > uint64_t{std::numeric_limits<uint32_t>::max()} - 1 ||
      message.lines() < static_cast<uint64_t>(n)) {
    return NotOurs("consents: a number of lines that cannot be");
  }
  for (const std::string &text : message.text()) {
    if (text.empty() || !utf8(text)) return NotOurs("consents: a text that cannot be");
  }
  const auto text = [&](uint32_t code) -> std::string_view {
    return code == 0 ? std::string_view() : message.text(static_cast<int>(code - 1));
  };
  const auto texts = static_cast<uint32_t>(message.text_size());
  int ends = 0;
  for (int i = 0; i < n; ++i) {
    const uint32_t flags = message.flags(i);
    if (message.line(i) < book.lines() || message.line(i) >= message.lines() ||
        message.subject(i) >= subjects.size() ||
        message.purpose_of(i) >= static_cast<uint32_t>(message.purpose_size()) ||
        message.status(i) >= customers::kConsentStatuses.size() ||
        (message.basis(i) >= customers::kLawfulBases.size() &&
         message.basis(i) != customers::kAnyBasis) ||
        flags > (kSensitive | kMinor | kEnds) || message.fields(i) > texts ||
        message.channels(i) > texts || message.text_version(i) > texts ||
        !utf8(message.evidence(i)) || !utf8(message.guardian(i))) {
      return NotOurs("consents: a number out of range");
    }
    ConsentRow row;
    row.subject = subjects.is_text ? SubjectId(subjects.text[message.subject(i)])
                                   : SubjectId(subjects.integers[message.subject(i)]);
    row.purpose = message.purpose(static_cast<int>(message.purpose_of(i))).name();
    row.status = static_cast<ConsentStatus>(message.status(i));
    row.basis = static_cast<uint8_t>(message.basis(i));
    row.fields = text(message.fields(i));
    row.channels = text(message.channels(i));
    row.sensitive = (flags & kSensitive) != 0;
    row.minor = (flags & kMinor) != 0;
    row.time = message.time(i);
    if ((flags & kEnds) != 0) {
      if (ends >= message.expires_size()) return NotOurs("consents: lists differ in length");
      row.expires = message.expires(ends++);
    }
    row.text_version = text(message.text_version(i));
    row.evidence = message.evidence(i);
    row.guardian = message.guardian(i);
    book.SkipTo(message.line(i));
    const absl::StatusOr<customers::ConsentReport> recorded = book.Record(std::span(&row, 1));
    if (!recorded.ok()) return AsDataLoss(recorded.status());
    if (recorded->duplicates != 0) return NotOurs("consents: a fact twice");
  }
  book.SkipTo(message.lines());
  // Lists out of order, and texts that nobody uses, would be written otherwise.
  if (ToMessage(book).SerializePartialAsString() != message.SerializePartialAsString()) {
    return NotOurs("consents: not as they are written");
  }
  return book;
}

}  // namespace patron::proto
