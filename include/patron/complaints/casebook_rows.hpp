// Rows of events as columns, and what became of them.
#ifndef PATRON_COMPLAINTS_CASEBOOK_ROWS_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_ROWS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/case_event.hpp"
#include "patron/complaints/pauses.hpp"
#include "patron/complaints/policy_shelf.hpp"

namespace patron::complaints {

// Events, borrowed, in columns of equal length. Only the first four must be there; others are empty
// if no row has anything. A mask says by 1 which rows have an id; empty, all have one.
struct EventRows {
  IdSpan
      event;  // Integers from 0, or text that does not begin with '~': others are the book's own.
  IdSpan case_id;
  std::span<const uint8_t> type;      // As numbered by the casebook, see TypeNamed.
  std::span<const int64_t> occurred;  // Microseconds UTC.

  IdSpan actor{};
  std::span<const uint8_t> has_actor{};
  std::span<const uint8_t> role{};  // As numbered by the casebook, or EventRecord::kNoRole.

  // Of what receives a case.
  IdSpan customer{};  // Not text with '~' before, nor integers below -2^63 + 2^32.
  std::span<const uint8_t> has_customer{};
  std::span<const int32_t> policy{};  // Number, or -1 for that of the casebook. And of migrate.

  // An amount of what is proposed, communicated, paid or decided outside, 0 or more; the instant at
  // which a promise is due.
  std::span<const int64_t> value{};

  // receive, set_severity: severity 1 to 4, 0 for not assessed. set_media: 0 none, 1 watch, 2 crisis.
  // set_hold: 0 or 1. escalate, de_escalate: level 0 to 100. record_cause: cause. communicate:
  // decision, with its reason in `reason`. close: outcome. Others: anything. All from 0 to 65,535.
  std::span<const int32_t> code{};
  std::span<const int32_t> reason{};

  // Of merge_into, link and split: the other case. Of promise_kept, promise_broken, breach_voided
  // and reverse: the event that it is about.
  IdSpan related_case{};
  std::span<const uint8_t> has_related_case{};
  IdSpan related_event{};
  std::span<const uint8_t> has_related_event{};

  std::span<const uint8_t> flags{};  // kRegulated, kNotice, kRemedy.
  std::span<const std::string_view> text{};
  std::span<const uint8_t> has_text{};

  size_t size() const { return occurred.size(); }
};

enum class RowVerdict : uint8_t {
  kApplied,
  kDuplicate,  // Known, with equal content: nothing to do.
  kRefused,    // In the log without effect, for now.
  kConflict,   // Known, with other content: left out.
};

enum class ApplyMode : uint8_t {
  kRows,  // Each row by itself.
  kAll,   // No row at all if one is refused or in conflict.
};

struct ApplyReport {
  std::vector<RowVerdict> verdict;  // Of each row, as things are after the last one.
  std::vector<Refusal> refusal;
  uint64_t applied = 0;
  uint64_t duplicates = 0;
  uint64_t refused = 0;
  uint64_t conflicts = 0;
};

namespace detail::casebook {

inline absl::Status CheckColumn(std::string_view name, size_t size, size_t rows, bool needed) {
  if (size == rows || (size == 0 && !needed)) return absl::OkStatus();
  return InvalidOption(name, absl::StrCat(size, " rows"), absl::StrCat(rows));
}

// The greatest code of a kind of event, and the least.
inline std::array<int32_t, 2> CodesOf(EventKind kind) {
  switch (kind) {
    case EventKind::kReceive: return {0, 4};
    case EventKind::kSetSeverity: return {1, 4};
    case EventKind::kSetMedia: return {0, 2};
    case EventKind::kSetHold: return {0, 1};
    case EventKind::kEscalate:
    case EventKind::kDeEscalate: return {0, 100};
    case EventKind::kRecordCause: return {1, UINT16_MAX};
    default: return {0, UINT16_MAX};
  }
}

// Errors: InvalidArgument naming column, row and value of the first row that cannot be an event.
class RowsCheck {
 public:
  RowsCheck(const EventRows &rows, const PolicyShelf &shelf, int standard)
      : rows_(rows), shelf_(shelf), standard_(standard) {}

  absl::Status Run() const {
    const size_t n = rows_.size();
    PATRON_RETURN_IF_ERROR(CheckColumn("event", rows_.event.size(), n, true));
    PATRON_RETURN_IF_ERROR(CheckColumn("case", rows_.case_id.size(), n, true));
    PATRON_RETURN_IF_ERROR(CheckColumn("type", rows_.type.size(), n, true));
    for (const auto &[name, size] : {std::pair("actor", rows_.actor.size()),
                                     {"actor", rows_.has_actor.size()},
                                     {"role", rows_.role.size()},
                                     {"customer", rows_.customer.size()},
                                     {"customer", rows_.has_customer.size()},
                                     {"policy", rows_.policy.size()},
                                     {"value", rows_.value.size()},
                                     {"code", rows_.code.size()},
                                     {"reason", rows_.reason.size()},
                                     {"related_case", rows_.related_case.size()},
                                     {"related_case", rows_.has_related_case.size()},
                                     {"related_event", rows_.related_event.size()},
                                     {"related_event", rows_.has_related_event.size()},
                                     {"flags", rows_.flags.size()},
                                     {"text", rows_.text.size()},
                                     {"text", rows_.has_text.size()}}) {
      PATRON_RETURN_IF_ERROR(CheckColumn(name, size, n, false));
    }
    for (size_t i = 0; i < n; ++i) {
      if (absl::Status status = CheckRow(i); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckRow(size_t i) const {
    const auto error = [&](std::string_view column, std::string_view value,
                           std::string_view expected) {
      return InvalidRow(column, i, value, expected);
    };
    const bool text = rows_.event.is_text();
    if (text ? rows_.event.text()[i].starts_with('~') : rows_.event.integers()[i] < 0) {
      return error("event", FormatId(rows_.event, i),
                   text ? "no '~' at the begin: such ids are the casebook's own"
                        : "0 or more: others are the casebook's own");
    }
    const bool has_customer =
        !rows_.customer.empty() && (rows_.has_customer.empty() || rows_.has_customer[i] != 0);
    if (has_customer && (rows_.customer.is_text() ? rows_.customer.text()[i].starts_with('~')
                                                  : rows_.customer.integers()[i] < kErasedIds)) {
      return error("customer", FormatId(rows_.customer, i),
                   "another id: those are of customers that have been erased");
    }
    const uint8_t type = rows_.type[i];
    if (type >= shelf_.types().size()) {
      return error("type", absl::StrCat(type), "an event of one of the policies");
    }
    const EventKind kind = shelf_.kind(type);
    if (const int64_t at = rows_.occurred[i]; at < -kFarthest || at > kFarthest) {
      return error("time", at == kNever ? "no time" : absl::StrCat(at),
                   "microseconds within 142,000 years of 1970");
    }
    if (!rows_.role.empty() && rows_.role[i] != EventRecord::kNoRole &&
        rows_.role[i] >= shelf_.roles().size()) {
      return error("role", absl::StrCat(rows_.role[i]), "a role of one of the policies");
    }
    const int64_t value = rows_.value.empty() ? 0 : rows_.value[i];
    if (kind == EventKind::kPromise ? value < -kFarthest || value > kFarthest : value < 0) {
      return error("value", absl::StrCat(value),
                   kind == EventKind::kPromise ? "the instant at which the promise is due"
                                               : "an amount of 0 or more");
    }
    const int32_t code = rows_.code.empty() ? 0 : rows_.code[i];
    const auto [least, most] = CodesOf(kind);
    if (code < least || code > most) {
      return error("code", absl::StrCat(code),
                   absl::StrCat(least, " to ", most, " for ", Text(KindName(kind))));
    }
    if (const int32_t reason = rows_.reason.empty() ? 0 : rows_.reason[i];
        reason < 0 || reason > UINT16_MAX) {
      return error("reason", absl::StrCat(reason), "0 to 65535");
    }
    if (!rows_.flags.empty() && (rows_.flags[i] & ~kCallerFlags) != 0) {
      return error("flags", absl::StrCat(rows_.flags[i]), "regulated, notice and remedy alone");
    }
    const int policy = rows_.policy.empty() ? -1 : rows_.policy[i];
    const bool names_policy = kind == EventKind::kReceive || kind == EventKind::kMigrate;
    if (policy < -1 || policy >= static_cast<int>(shelf_.size()) ||
        (names_policy && policy < 0 && standard_ < 0)) {
      return error("policy", absl::StrCat(policy), "the number of a policy");
    }
    if (!rows_.text.empty() && rows_.text[i].size() > kMostText) {
      return error("text", absl::StrCat(rows_.text[i].size(), " bytes"), "at most 16777216");
    }
    return absl::OkStatus();
  }

  static constexpr int64_t kErasedIds = std::numeric_limits<int64_t>::min() + (int64_t{1} << 32);
  static constexpr size_t kMostText = size_t{1} << 24;

  const EventRows &rows_;
  const PolicyShelf &shelf_;
  int standard_;
};

}  // namespace detail::casebook

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASEBOOK_ROWS_HPP_
