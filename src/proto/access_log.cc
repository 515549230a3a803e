#include "proto/access_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/text.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"

namespace patron::proto {
namespace {

using customers::AccessLine;
using customers::AccessLog;

}  // namespace

v1::AccessLog ToMessage(const AccessLog &log) {
  v1::AccessLog message;
  message.set_text_ids(log.has_text_ids());
  IdIndex subjects(log.has_text_ids());
  for (size_t i = 0; i < log.size(); ++i) {
    const AccessLine &from = log[i];
    v1::AccessLine &to = *message.add_line();
    to.set_line(from.line);
    to.set_time(from.time);
    to.set_subject(log.has_text_ids() ? CodeOf(subjects, std::string_view(from.subject_text))
                                      : CodeOf(subjects, from.subject));
    to.set_allowed(from.allowed);
    to.set_actor(from.actor);
    to.set_purpose(from.purpose);
    to.set_fields(from.fields);
    to.set_recipient(from.recipient);
    to.set_note(from.note);
    to.set_hash(std::string(from.hash.begin(), from.hash.end()));
  }
  std::vector<uint32_t> codes(subjects.size());
  for (uint32_t i = 0; i < codes.size(); ++i) codes[i] = i;
  const IdList ids = subjects.List(codes);
  WriteIds(ids.span(), *message.mutable_subjects());
  return message;
}

absl::StatusOr<AccessLog> FromMessage(const v1::AccessLog &message) {
  if (!message.unknown_fields().empty()) return NotOurs("access log: unknown field");
  PATRON_ASSIGN_OR_RETURN(const IdList subjects,
                          ReadIds(message.subjects(), "access log: subjects", false));
  if (subjects.size() > 0 && subjects.is_text != message.text_ids()) {
    return NotOurs("access log: subjects of another kind");
  }
  AccessLog log(message.text_ids());
  for (const v1::AccessLine &from : message.line()) {
    AccessLine line;
    const auto utf8 = [](const std::string &text) { return arrow::IsUtf8(text); };
    if (!from.unknown_fields().empty() || from.subject() >= subjects.size() ||
        from.hash().size() != line.hash.size() || !utf8(from.actor()) || !utf8(from.purpose()) ||
        !utf8(from.fields()) || !utf8(from.recipient()) || !utf8(from.note())) {
      return NotOurs("access log: a line that cannot be");
    }
    line.line = from.line();
    line.time = from.time();
    if (subjects.is_text) {
      line.subject_text = subjects.text[from.subject()];
    } else {
      line.subject = subjects.integers[from.subject()];
    }
    line.allowed = from.allowed();
    line.actor = from.actor();
    line.purpose = from.purpose();
    line.fields = from.fields();
    line.recipient = from.recipient();
    line.note = from.note();
    std::copy_n(from.hash().begin(), line.hash.size(), line.hash.begin());
    log.Restore(std::move(line));
  }
  // Subjects out of order, or that nobody has, would be written otherwise.
  if (ToMessage(log).SerializePartialAsString() != message.SerializePartialAsString()) {
    return NotOurs("access log: not as it is written");
  }
  return log;
}

}  // namespace patron::proto
