// Purposes of processing, and what a question about consent is answered.
#ifndef PATRON_CUSTOMERS_CONSENT_HPP_
#define PATRON_CUSTOMERS_CONSENT_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"

namespace patron::customers {

// What makes processing lawful: GDPR article 6(1), and of PIPL article 13 what it lacks.
enum class LawfulBasis : uint8_t {
  kConsent = 0,
  kContract = 1,
  kLegalObligation = 2,
  kVitalInterests = 3,
  kPublicTask = 4,
  kLegitimateInterests = 5,
  kPublicReporting = 6,
  kDisclosed = 7,  // Made public by the person, or lawfully.
};
inline constexpr std::array<std::string_view, 8> kLawfulBases = {
    "consent",          "contract",    "legal_obligation",
    "vital_interests",  "public_task", "legitimate_interests",
    "public_reporting", "disclosed"};
inline constexpr uint8_t kAnyBasis = 255;  // Of a denial or withdrawal that names none.

// Whether a person can take it back or object: what a withdrawal without a basis ends.
constexpr bool CanBeWithdrawn(LawfulBasis basis) {
  return basis == LawfulBasis::kConsent || basis == LawfulBasis::kPublicTask ||
         basis == LawfulBasis::kLegitimateInterests || basis == LawfulBasis::kDisclosed;
}

enum class ConsentStatus : uint8_t { kGranted = 0, kExpired = 1, kWithdrawn = 2, kDenied = 3 };
inline constexpr std::array<std::string_view, 4> kConsentStatuses = {"granted", "expired",
                                                                     "withdrawn", "denied"};

enum class ConsentReason : uint8_t {
  kGranted = 0,
  kExpired = 1,    // The consent has ended by its term.
  kWithdrawn = 2,  // It was taken back.
  kDenied = 3,
  kNone = 4,            // Nothing is recorded for this purpose.
  kNotYet = 5,          // A consent begins later.
  kOutOfScope = 6,      // There is a consent, but not for this field or channel.
  kNotSeparate = 7,     // The field is sensitive, and no consent was given for such fields.
  kFieldOutside = 8,    // The purpose does not need this field.
  kChannelOutside = 9,  // The purpose does not use this channel.
};
inline constexpr std::array<std::string_view, 10> kConsentReasons = {
    "granted", "expired",      "withdrawn",    "denied",        "none",
    "not_yet", "out_of_scope", "not_separate", "field_outside", "channel_outside"};

inline constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();
inline constexpr uint64_t kNoLine = std::numeric_limits<uint64_t>::max();

struct Permission {
  bool allowed = false;
  ConsentReason reason = ConsentReason::kNone;
  uint8_t basis = kAnyBasis;  // Of the line that decided.
  uint64_t line = kNoLine;    // That decided.
  int64_t since = kNoEnd;     // Since when, or for kNotYet from when on; kNoEnd without a line.
  int64_t until = kNoEnd;     // When an allowed use ends.
};

// Texts of a purpose are borrowed. Lists have names separated by commas; spaces around them do not count.
struct PurposeRow {
  std::string_view name;
  std::string_view text = {};       // As it is shown to people.
  std::string_view bases = {};      // That it may rest on; empty is "consent".
  std::string_view fields = {};     // That it needs; empty is any.
  std::string_view sensitive = {};  // Of them those that need a consent of their own.
  std::string_view channels = {};   // That it uses; empty is any.
  int64_t retention_days = 0;       // How long data may be kept for it; 0 = not said.
};

namespace detail {

// Sets of names as numbers: 0 is everything; equal sets have equal numbers.
class Scopes {
 public:
  // The set of a list of names. Errors: InvalidArgument saying what is wrong with a name.
  absl::StatusOr<uint32_t> Read(std::string_view list);

  // The number of a name; kUnknown if no set has it.
  static constexpr uint32_t kUnknown = IdIndex::kUnknown;
  uint32_t NameOf(std::string_view name) const { return names_.Find(name); }

  bool Has(uint32_t scope, uint32_t name) const {
    if (scope == 0) return true;
    const std::vector<uint32_t> &all = sets_[scope - 1];
    return std::ranges::find(all, name) != all.end();
  }
  const std::vector<uint32_t> &Names(uint32_t scope) const { return sets_[scope - 1]; }

  // The names in their order of bytes, separated by commas; empty for everything.
  std::string_view Text(uint32_t scope) const {
    return scope == 0 ? std::string_view() : texts_.text(scope - 1);
  }

 private:
  IdIndex names_{true}, texts_{true};
  std::vector<std::vector<uint32_t>> sets_;
};

inline absl::StatusOr<std::vector<std::string_view>> SplitNames(std::string_view list) {
  std::vector<std::string_view> names;
  if (list.find_first_not_of(' ') == std::string_view::npos) return names;
  for (;;) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    const size_t first = name.find_first_not_of(' ');
    if (first == std::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("a list with an empty name, ", Quoted(list)));
    }
    name = name.substr(first, name.find_last_not_of(' ') + 1 - first);
    names.push_back(name);
    if (comma == list.size()) break;
    list.remove_prefix(comma + 1);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

inline absl::StatusOr<uint32_t> Scopes::Read(std::string_view list) {
  PATRON_ASSIGN_OR_RETURN(const std::vector<std::string_view> names, SplitNames(list));
  if (names.empty()) return 0;
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  const std::string_view whole = text;
  const uint32_t known = texts_.Find(whole);
  if (known != IdIndex::kUnknown) return known + 1;
  std::vector<uint32_t> codes(names.size());
  PATRON_RETURN_IF_ERROR(names_.Encode(IdSpan(std::span<const std::string_view>(names)), codes));
  sets_.push_back(std::move(codes));
  uint32_t code = 0;
  absl::Status status;
  try {
    status =
        texts_.Encode(IdSpan(std::span<const std::string_view>(&whole, 1)), std::span(&code, 1));
  } catch (...) {
    sets_.pop_back();
    throw;
  }
  if (!status.ok()) {
    sets_.pop_back();
    return status;
  }
  return code + 1;
}

}  // namespace detail

// Purposes by name. What a purpose says does not change: another purpose needs another name, as it
// needs another consent.
class Purposes {
 public:
  struct Purpose {
    std::string name, text;
    uint32_t bases = 1;                                // Bit i: LawfulBasis i.
    uint32_t fields = 0, sensitive = 0, channels = 0;  // Scopes; no sensitive fields are 0.
    int64_t retention_days = 0;
  };

  // Errors: InvalidArgument naming the column of the row, or a name that is there.
  absl::Status Add(const PurposeRow &row, size_t at);

  size_t size() const { return all_.size(); }
  const Purpose &operator[](size_t code) const { return all_[code]; }
  uint32_t Find(std::string_view name) const { return names_.Find(name); }
  static constexpr uint32_t kUnknown = IdIndex::kUnknown;

  detail::Scopes &fields() { return fields_; }
  detail::Scopes &channels() { return channels_; }
  const detail::Scopes &fields() const { return fields_; }
  const detail::Scopes &channels() const { return channels_; }

  bool IsSensitive(const Purpose &purpose, uint32_t field) const {
    return purpose.sensitive != 0 && fields_.Has(purpose.sensitive, field);
  }

  // Names of the bases, separated by commas.
  static std::string BasesText(uint32_t bases);

 private:
  IdIndex names_{true};
  std::vector<Purpose> all_;
  detail::Scopes fields_, channels_;
};

inline std::string Purposes::BasesText(uint32_t bases) {
  std::string text;
  for (size_t i = 0; i < kLawfulBases.size(); ++i) {
    if ((bases >> i & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += kLawfulBases[i];
  }
  return text;
}

inline absl::Status Purposes::Add(const PurposeRow &row, size_t at) {
  constexpr int64_t kMostDays = 36525;
  if (row.name.empty()) return InvalidRow("name", at, "''", "the name of a purpose");
  if (Find(row.name) != kUnknown) {
    return InvalidRow("name", at, Quoted(row.name), "a purpose that is not there yet");
  }
  if (row.retention_days < 0 || row.retention_days > kMostDays) {
    return InvalidRow("retention_days", at, std::to_string(row.retention_days),
                      absl::StrCat("0 (not said) to ", kMostDays));
  }
  Purpose purpose;
  purpose.name = row.name;
  purpose.text = row.text;
  purpose.retention_days = row.retention_days;
  absl::StatusOr<std::vector<std::string_view>> bases = detail::SplitNames(row.bases);
  if (!bases.ok()) return InvalidRow("bases", at, Quoted(row.bases), "names between commas");
  if (!bases->empty()) purpose.bases = 0;
  for (const std::string_view name : *bases) {
    const auto *known = std::ranges::find(kLawfulBases, name);
    if (known == kLawfulBases.end()) {
      return InvalidRow("bases", at, Quoted(name), absl::StrCat("some of ", BasesText(0xFF)));
    }
    purpose.bases |= uint32_t{1} << (known - kLawfulBases.begin());
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
  PATRON_RETURN_IF_ERROR(read("fields", row.fields, fields_, purpose.fields));
  PATRON_RETURN_IF_ERROR(read("sensitive", row.sensitive, fields_, purpose.sensitive));
  PATRON_RETURN_IF_ERROR(read("channels", row.channels, channels_, purpose.channels));
  if (purpose.sensitive != 0) {
    for (const uint32_t name : fields_.Names(purpose.sensitive)) {
      if (!fields_.Has(purpose.fields, name)) {
        return InvalidRow("sensitive", at, Quoted(row.sensitive), "fields of the purpose");
      }
    }
  }
  all_.push_back(std::move(purpose));
  uint32_t code = 0;
  absl::Status status;
  try {
    const std::string_view name = all_.back().name;
    status =
        names_.Encode(IdSpan(std::span<const std::string_view>(&name, 1)), std::span(&code, 1));
  } catch (...) {
    all_.pop_back();
    throw;
  }
  if (!status.ok()) all_.pop_back();
  return status;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CONSENT_HPP_
