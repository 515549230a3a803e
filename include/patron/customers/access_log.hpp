// Who looked at whose data and why: lines that hold each other by a chain of hashes.
#ifndef PATRON_CUSTOMERS_ACCESS_LOG_HPP_
#define PATRON_CUSTOMERS_ACCESS_LOG_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/blake2b.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/subject_id.hpp"

namespace patron::customers {

struct AccessLine {
  uint64_t line = 0;
  int64_t time =
      0;  // Microseconds since 1970-01-01 UTC, in any order: the lines tell what came first.
  std::string actor;
  int64_t subject = 0;  // An id; if text, it is in `subject_text`.
  std::string subject_text;
  std::string purpose;
  std::string fields;     // Names between commas.
  std::string recipient;  // Who got the data, if they left.
  std::string note;
  bool allowed = false;
  Digest hash{};  // Of the hash of the line before, and of all above.
};

enum class AccessFault {
  kIntact = 0,
  kAltered = 1,    // A line is not what its hash says.
  kMissing = 2,    // A line that should be there is not.
  kReordered = 3,  // A line stands further below than it should.
  kRewritten = 4,  // The lines agree with each other, but not with a head that was noted elsewhere.
};
inline constexpr std::array<std::string_view, 5> kAccessFaults = {"intact", "altered", "missing",
                                                                  "reordered", "rewritten"};

struct AccessVerdict {
  AccessFault fault = AccessFault::kIntact;
  uint64_t line = 0;  // The first that is not as it was.
};

// What says that a log is whole up to a line: to be kept elsewhere.
struct AccessHead {
  uint64_t lines = 0;
  Digest hash{};
};

// Each line holds BLAKE2b-256 of the hash above it and of its own content, so that a line cannot be
// changed, left out or moved without all hashes below being made anew; that, and lines missing at the
// end, show against a head that was noted elsewhere.
class AccessLog {
 public:
  explicit AccessLog(bool text_ids = false) : text_ids_(text_ids) {}

  // Adds a line; its number and hash are given here. Cost: O(bytes of it).
  void Append(AccessLine line);

  // Adds a line as it is said to be, with number and hash: Verify looks whether that is so.
  void Restore(AccessLine line) { lines_.push_back(std::move(line)); }

  // The first line that is not as it was, if any. Cost: O(bytes).
  AccessVerdict Verify(const std::optional<AccessHead> &head = std::nullopt) const;

  AccessHead head() const;
  // Forgets the last lines, as many as are above `count`.
  void Truncate(size_t count) { lines_.resize(std::min(count, lines_.size())); }

  size_t size() const { return lines_.size(); }
  const AccessLine &operator[](size_t place) const { return lines_[place]; }
  bool has_text_ids() const { return text_ids_; }
  bool Is(const AccessLine &line, const SubjectId &subject) const {
    return subject.is_text == text_ids_ &&
           (text_ids_ ? line.subject_text == subject.text : line.subject == subject.integer);
  }

 private:
  Digest HashOf(const AccessLine &line, const Digest &above) const;

  bool text_ids_;
  std::vector<AccessLine> lines_;
};

inline Digest AccessLog::HashOf(const AccessLine &line, const Digest &above) const {
  Blake2b hash;
  const auto number = [&](uint64_t value) {
    std::array<uint8_t, 8> bytes;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<uint8_t>(value >> (8 * i) & 0xFF);
    }
    hash.Add(bytes.data(), bytes.size());
  };
  const auto text = [&](std::string_view value) {
    number(value.size());
    hash.Add(value);
  };
  hash.Add(above.data(), above.size());
  number(line.line);
  number(static_cast<uint64_t>(line.time));
  number((line.allowed ? 1u : 0u) + (text_ids_ ? 2u : 0u));
  if (text_ids_) {
    text(line.subject_text);
  } else {
    number(static_cast<uint64_t>(line.subject));
  }
  for (const std::string *part :
       {&line.actor, &line.purpose, &line.fields, &line.recipient, &line.note}) {
    text(*part);
  }
  return hash.digest();
}

inline void AccessLog::Append(AccessLine line) {
  line.line = lines_.empty() ? 0 : lines_.back().line + 1;
  line.hash = HashOf(line, lines_.empty() ? Digest{} : lines_.back().hash);
  lines_.push_back(std::move(line));
}

inline AccessHead AccessLog::head() const {
  if (lines_.empty()) return {};
  return {.lines = lines_.back().line + 1, .hash = lines_.back().hash};
}

inline AccessVerdict AccessLog::Verify(const std::optional<AccessHead> &head) const {
  Digest above{};
  for (size_t place = 0; place < lines_.size(); ++place) {
    const AccessLine &line = lines_[place];
    if (line.line != place) {
      const bool below = std::any_of(lines_.begin() + static_cast<ptrdiff_t>(place), lines_.end(),
                                     [&](const AccessLine &other) { return other.line == place; });
      return {.fault = below ? AccessFault::kReordered : AccessFault::kMissing, .line = place};
    }
    if (HashOf(line, above) != line.hash) return {.fault = AccessFault::kAltered, .line = place};
    above = line.hash;
  }
  if (!head || head->lines == 0) return {};
  if (head->lines > lines_.size()) return {.fault = AccessFault::kMissing, .line = lines_.size()};
  if (lines_[static_cast<size_t>(head->lines - 1)].hash != head->hash) {
    return {.fault = AccessFault::kRewritten, .line = head->lines - 1};
  }
  return {};
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_ACCESS_LOG_HPP_
