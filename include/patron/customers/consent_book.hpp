// What people have agreed to: facts that only grow, asked at the moment of use.
#ifndef PATRON_CUSTOMERS_CONSENT_BOOK_HPP_
#define PATRON_CUSTOMERS_CONSENT_BOOK_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/customers/consent.hpp"
#include "patron/customers/consent_table.hpp"
#include "patron/customers/subject_id.hpp"

namespace patron::customers {

// A fact as it comes in; texts are borrowed.
struct ConsentRow {
  SubjectId subject;
  std::string_view purpose;
  ConsentStatus status = ConsentStatus::kGranted;
  uint8_t basis = kAnyBasis;      // Of a grant: kAnyBasis is consent.
  std::string_view fields;        // Names between commas; empty is all.
  std::string_view channels;      // The same.
  bool sensitive = false;         // Of a grant: also for sensitive fields; else: for these alone.
  bool minor = false;             // Of a person too young to agree alone.
  int64_t time = 0;               // Microseconds since 1970-01-01 UTC, from when on it holds.
  int64_t expires = kNoEnd;       // Of a grant: the first instant without.
  std::string_view text_version;  // Of the text that was shown.
  std::string_view evidence;
  std::string_view guardian;  // Who agreed for a minor.
};

struct ConsentReport {
  uint64_t recorded = 0;
  uint64_t duplicates = 0;  // Facts that were there already, equal in all.
};

// Facts of persons by purpose, in any order of arrival: what holds at an instant is a fold over those
// that hold from then or before, in order of time; at one instant a grant comes first, then the end of a
// term, a withdrawal and a denial, so that what forbids wins. The last fact for a field, a channel and a
// basis decides. Answers depend on the facts alone, lines on their order of arrival.
//
// A function that fails changes nothing, but names of fields, channels and texts that it met may stay
// known. One thread may change it at a time; any number may read.
class ConsentBook {
 public:
  Purposes &purposes() { return purposes_; }
  const Purposes &purposes() const { return purposes_; }

  // Adds facts. Errors: InvalidArgument naming column and row: a purpose that is not there, a basis that
  // it may not rest on, a consent that ends before it begins, a minor without a guardian, ids of
  // another kind than before, lists with empty names. Cost: O(facts of the person) a row.
  absl::StatusOr<ConsentReport> Record(std::span<const ConsentRow> rows);

  // Whether data of a person may be used. Without a field all that the purpose needs is asked for, and
  // if it does not say, everything; channels the same. Cost: O(facts of the person), no allocation.
  struct Question {
    SubjectId subject;
    uint32_t purpose = 0;  // As Purposes::Find gives it.
    std::string_view field, channel;
    int64_t time = 0;
  };
  Permission May(const Question &question) const;
  // Has what is known of a person fetched, for a question that comes soon.
  void Prepare(const SubjectId &subject) const { table_.Begin(subject); }

  // Since when nothing is allowed for a purpose any more because all was withdrawn or refused; none if
  // something still is, if a consent has merely ended by its term, or if nothing is recorded.
  std::optional<int64_t> EndedFor(const SubjectId &subject, uint32_t purpose, int64_t time) const;

  // Forgets a person: facts, evidence, and the id. Returns how many facts there were. Lines of others
  // stay. Does not allocate. Cost: O(facts of the person).
  uint64_t Erase(const SubjectId &subject);

  // All facts in order of line, or those of one person.
  struct Entry {
    SubjectId subject;
    const ConsentFact *fact;
  };
  std::vector<Entry> Entries() const;
  std::vector<Entry> Entries(const SubjectId &subject) const;

  std::string_view evidence(const ConsentFact &fact) const {
    return details_[fact.detail].evidence;
  }
  std::string_view guardian(const ConsentFact &fact) const {
    return details_[fact.detail].guardian;
  }
  std::string_view text_version(const ConsentFact &fact) const {
    const uint32_t text = details_[fact.detail].text_version;
    return text == 0 ? std::string_view() : texts_.text(text - 1);
  }

  size_t subjects() const { return table_.size(); }
  uint64_t facts() const { return facts_; }
  uint64_t lines() const { return lines_; }  // That have been given, erased ones included.
  bool has_text_ids() const { return text_ids_; }

  // For reading back: the next fact gets this line, which is at least lines() and less than 2^32.
  void SkipTo(uint64_t line) { lines_ = line; }

 private:
  struct Detail {
    uint32_t text_version = 0;  // Code in texts_, plus one. Of a free one: the next free one.
    std::string evidence, guardian;
  };
  static constexpr uint32_t kNoDetail = std::numeric_limits<uint32_t>::max();
  struct Asked {  // A name, a name in no scope, or everything.
    bool everything = false;
    uint32_t name = 0;
  };

  static bool Covers(const detail::Scopes &scopes, uint32_t scope, const Asked &asked) {
    return scope == 0 || (!asked.everything && scopes.Has(scope, asked.name));
  }
  static bool Touches(const detail::Scopes &scopes, uint32_t scope, const Asked &asked) {
    return asked.everything || scopes.Has(scope, asked.name);
  }
  // Of facts of a person those of a purpose.
  static std::span<const ConsentFact> OfPurpose(std::span<const ConsentFact> all, uint32_t purpose);
  Permission Fold(std::span<const ConsentFact> facts, const Asked &field, bool sensitive,
                  const Asked &channel, int64_t time) const;
  Permission AskChannels(std::span<const ConsentFact> facts, const Purposes::Purpose &purpose,
                         const Asked &field, const Asked &channel, int64_t time) const;
  // The fact of a row, but for its line and detail, and the code of its version of the text.
  absl::StatusOr<std::pair<ConsentFact, uint32_t>> Read(const ConsentRow &row, size_t at);
  uint32_t NewDetail(Detail detail);
  void FreeDetail(uint32_t at);
  // Whether `a` is folded before `b`.
  bool Before(const ConsentFact &a, const ConsentFact &b) const;
  bool Same(const ConsentFact &a, const ConsentFact &b) const {
    return !Before(a, b) && !Before(b, a);
  }
  bool Insert(const SubjectId &subject, const ConsentFact &fact);
  void Take(const SubjectId &subject, const ConsentFact &fact);

  Purposes purposes_;
  bool text_ids_ = false, kind_known_ = false;
  detail::ConsentTable table_;  // Facts by purpose, then as they are folded.
  std::vector<Detail> details_;
  uint32_t free_detail_ = kNoDetail;
  IdIndex texts_{true};  // Versions of texts.
  uint64_t lines_ = 0;
  uint64_t facts_ = 0;
};

inline bool ConsentBook::Before(const ConsentFact &a, const ConsentFact &b) const {
  // A later end comes first, so that of two grants at one instant the shorter one decides.
  const auto head = [](const ConsentFact &f) {
    return std::tuple(f.purpose, f.time, f.status, ~f.expires, f.basis, f.sensitive, f.minor);
  };
  if (head(a) != head(b)) return head(a) < head(b);
  const auto tail = [this](const ConsentFact &f) {
    return std::tuple(purposes_.fields().Text(f.fields), purposes_.channels().Text(f.channels),
                      text_version(f), evidence(f), guardian(f));
  };
  return tail(a) < tail(b);
}

inline uint32_t ConsentBook::NewDetail(Detail detail) {
  if (free_detail_ == kNoDetail) {
    details_.push_back(std::move(detail));
    return static_cast<uint32_t>(details_.size() - 1);
  }
  const uint32_t at = free_detail_;
  free_detail_ = details_[at].text_version;
  details_[at] = std::move(detail);
  return at;
}

inline void ConsentBook::FreeDetail(uint32_t at) {
  // Overwritten where they stand, so that freed memory does not tell.
  for (std::string *text : {&details_[at].evidence, &details_[at].guardian}) {
    std::ranges::fill(*text, '\0');
    text->clear();
  }
  details_[at].text_version = free_detail_;
  free_detail_ = at;
}

inline absl::StatusOr<std::pair<ConsentFact, uint32_t>> ConsentBook::Read(const ConsentRow &row,
                                                                          size_t at) {
  const uint32_t code = purposes_.Find(row.purpose);
  if (code == Purposes::kUnknown) {
    return InvalidRow("purpose", at, Quoted(row.purpose), "a purpose that has been added");
  }
  const Purposes::Purpose &purpose = purposes_[code];
  const bool grant = row.status == ConsentStatus::kGranted;
  ConsentFact fact{.time = row.time,
                   .expires = row.expires,
                   .line = 0,
                   .purpose = code,
                   .fields = 0,
                   .channels = 0,
                   .detail = 0,
                   .status = row.status,
                   .basis = row.basis,
                   .sensitive = row.sensitive,
                   .minor = row.minor};
  if (grant && fact.basis == kAnyBasis) fact.basis = 0;
  if (fact.basis != kAnyBasis && (purpose.bases >> fact.basis & 1) == 0) {
    return InvalidRow(
        "basis", at, kLawfulBases[fact.basis],
        absl::StrCat("what the purpose may rest on: ", Purposes::BasesText(purpose.bases)));
  }
  if (row.time == kNoEnd) return InvalidRow("time", at, "the end of time", "an instant");
  if (!grant && row.expires != kNoEnd) {
    return InvalidRow("expires_at", at, FormatTime(row.expires), "null, but for a grant");
  }
  if (row.expires <= row.time) {
    return InvalidRow(
        "expires_at", at, FormatTime(row.expires),
        absl::StrCat("an instant after ", FormatTime(row.time), ", when the consent begins"));
  }
  if (grant && row.minor && row.guardian.empty()) {
    return InvalidRow("guardian", at, "null", "who agreed for the minor");
  }
  const auto read = [&](std::string_view column, std::string_view list, detail::Scopes &scopes,
                        uint32_t &scope) -> absl::Status {
    const absl::StatusOr<uint32_t> found = scopes.Read(list);
    if (found.ok()) {
      scope = *found;
      return absl::OkStatus();
    }
    if (found.status().code() != absl::StatusCode::kInvalidArgument) return found.status();
    return InvalidRow(column, at, Quoted(list), "names between commas");
  };
  PATRON_RETURN_IF_ERROR(read("fields", row.fields, purposes_.fields(), fact.fields));
  PATRON_RETURN_IF_ERROR(read("channels", row.channels, purposes_.channels(), fact.channels));
  const auto within = [&](std::string_view column, const detail::Scopes &scopes, uint32_t scope,
                          uint32_t most) -> absl::Status {
    if (scope == 0 || most == 0) return absl::OkStatus();
    for (const uint32_t name : scopes.Names(scope)) {
      if (scopes.Has(most, name)) continue;
      return InvalidRow(column, at, Quoted(scopes.Text(scope)),
                        absl::StrCat("some of ", Text(scopes.Text(most)), ", as the purpose has"));
    }
    return absl::OkStatus();
  };
  PATRON_RETURN_IF_ERROR(within("fields", purposes_.fields(), fact.fields, purpose.fields));
  PATRON_RETURN_IF_ERROR(within("channels", purposes_.channels(), fact.channels, purpose.channels));
  uint32_t version = 0;
  if (!row.text_version.empty()) {
    PATRON_RETURN_IF_ERROR(texts_.Encode(
        IdSpan(std::span<const std::string_view>(&row.text_version, 1)), std::span(&version, 1)));
    ++version;
  }
  return std::pair(fact, version);
}

// False if it is there. Throws without having changed anything.
inline bool ConsentBook::Insert(const SubjectId &subject, const ConsentFact &fact) {
  const std::span<const ConsentFact> all = table_.Find(subject);
  const auto at =
      std::lower_bound(all.begin(), all.end(), fact,
                       [this](const ConsentFact &a, const ConsentFact &b) { return Before(a, b); });
  if (at != all.end() && Same(*at, fact)) return false;
  table_.Insert(subject, static_cast<size_t>(at - all.begin()), fact);
  return true;
}

inline void ConsentBook::Take(const SubjectId &subject, const ConsentFact &fact) {
  const std::span<const ConsentFact> all = table_.Find(subject);
  const auto at = std::ranges::find(all, fact.line, &ConsentFact::line);
  table_.Erase(subject, static_cast<size_t>(at - all.begin()));
}

inline absl::StatusOr<ConsentReport> ConsentBook::Record(std::span<const ConsentRow> rows) {
  const bool text = rows.empty() ? text_ids_ : rows.front().subject.is_text;
  if (kind_known_ && text != text_ids_) {
    return absl::InvalidArgumentError(absl::StrCat("subject: ", text ? "text" : "integers",
                                                   "; expected ", text_ids_ ? "text" : "integers",
                                                   " as before"));
  }
  if (lines_ + rows.size() >= IdIndex::kUnknown) {
    return absl::ResourceExhaustedError("consents: more than 4294967294 lines");
  }
  std::vector<std::pair<ConsentFact, uint32_t>> facts(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    PATRON_ASSIGN_OR_RETURN(facts[i], Read(rows[i], i));
  }
  if (!rows.empty() && table_.size() == 0) text_ids_ = text;
  ConsentReport report;
  const uint64_t before = lines_;
  std::vector<size_t> done;
  done.reserve(rows.size());
  try {
    for (size_t i = 0; i < rows.size(); ++i) {
      auto &[fact, version] = facts[i];
      fact.line = static_cast<uint32_t>(lines_);
      fact.detail =
          NewDetail({version, std::string(rows[i].evidence), std::string(rows[i].guardian)});
      bool fresh = false;
      try {
        fresh = Insert(rows[i].subject, fact);
      } catch (...) {
        FreeDetail(fact.detail);
        throw;
      }
      if (!fresh) {
        FreeDetail(fact.detail);
        ++report.duplicates;
        continue;
      }
      done.push_back(i);
      ++report.recorded;
      ++lines_;
    }
  } catch (...) {
    while (!done.empty()) {
      const ConsentFact &fact = facts[done.back()].first;
      Take(rows[done.back()].subject, fact);
      FreeDetail(fact.detail);
      done.pop_back();
    }
    lines_ = before;
    throw;
  }
  kind_known_ = kind_known_ || !rows.empty();
  facts_ += report.recorded;
  return report;
}

inline uint64_t ConsentBook::Erase(const SubjectId &subject) {
  if (subject.is_text != text_ids_) return 0;
  const std::span<const ConsentFact> all = table_.Find(subject);
  const uint64_t count = all.size();
  if (count == 0) return 0;
  for (const ConsentFact &fact : all) FreeDetail(fact.detail);
  facts_ -= count;
  table_.Remove(subject);
  return count;
}

inline std::vector<ConsentBook::Entry> ConsentBook::Entries() const {
  std::vector<Entry> entries;
  entries.reserve(static_cast<size_t>(facts_));
  table_.ForEach([&](const SubjectId &subject, std::span<const ConsentFact> facts) {
    for (const ConsentFact &fact : facts) entries.push_back({subject, &fact});
  });
  std::ranges::sort(entries, {}, [](const Entry &entry) { return entry.fact->line; });
  return entries;
}

inline std::vector<ConsentBook::Entry> ConsentBook::Entries(const SubjectId &subject) const {
  std::vector<Entry> entries;
  if (subject.is_text != text_ids_) return entries;
  for (const ConsentFact &fact : table_.Find(subject)) entries.push_back({subject, &fact});
  std::ranges::sort(entries, {}, [](const Entry &entry) { return entry.fact->line; });
  return entries;
}

}  // namespace patron::customers

#include "patron/customers/consent_answers.hpp"

#endif  // PATRON_CUSTOMERS_CONSENT_BOOK_HPP_
