// The facts of persons by their ids: of a person with one fact all stands in one line of the cache.
#ifndef PATRON_CUSTOMERS_CONSENT_TABLE_HPP_
#define PATRON_CUSTOMERS_CONSENT_TABLE_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"
#include "patron/base/text_store.hpp"
#include "patron/customers/consent.hpp"
#include "patron/customers/subject_id.hpp"

namespace patron::customers {

// A fact as it is kept.
struct ConsentFact {
  int64_t time, expires;
  uint32_t line, purpose;
  uint32_t fields, channels;  // Scopes of Purposes.
  uint32_t detail;            // Place of its texts.
  ConsentStatus status;
  uint8_t basis;
  bool sensitive, minor;
};

namespace detail {

// Persons that have facts, by open addressing in lines of 64 bytes, of which at most three in five are
// taken. An id of up to 15 bytes stands in the line itself. Facts are in the order in which they are
// put in. A call that throws changes nothing. Memory: 64 bytes a line, and 40 a fact of those who have
// more than one.
class ConsentTable {
 public:
  ConsentTable() = default;
  ConsentTable(ConsentTable &&other) noexcept { Swap(other); }
  ConsentTable &operator=(ConsentTable &&other) noexcept {
    Swap(other);
    return *this;
  }
  ~ConsentTable() {
    for (const Line &line : lines_) {
      if (line.room > 0) delete[] line.facts.many;
    }
  }

  // A search for an id. Made early, it has memory fetched while the caller does other work.
  class Search {
   private:
    friend class ConsentTable;
    uint64_t low, high, hash;
    std::string_view text;
  };
  Search Begin(const SubjectId &id) const;

  // The facts; none if the person is not there. Valid until the next change.
  std::span<const ConsentFact> Find(const Search &search) const {
    const size_t at = PlaceOf(search);
    return at == kNone ? std::span<const ConsentFact>() : lines_[at].all();
  }
  std::span<const ConsentFact> Find(const SubjectId &id) const { return Find(Begin(id)); }

  // Puts a fact in at place `at` of the person's, who need not be there.
  void Insert(const SubjectId &id, size_t at, const ConsentFact &fact);

  // Takes out fact `at` of a person who has it, and with the last one the person.
  void Erase(const SubjectId &id, size_t at);

  // Forgets a person who is there: nothing of the id is left.
  void Remove(const SubjectId &id);

  size_t size() const { return used_; }

  // visit(id, facts) for each person, in no order; ids are valid until the next change.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Line &line : lines_) {
      if (line.count > 0) visit(IdOf(line), line.all());
    }
  }

 private:
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();
  static constexpr size_t kShort = 15;
  // The last byte of an id: of an integer, of a long text, or of a short one its length.
  static constexpr uint64_t kInteger = 0xFE, kLong = 0xFF;
  static constexpr bool kLittle = std::endian::native == std::endian::little;
  static constexpr int kKindShift = kLittle ? 56 : 0, kPlaceShift = kLittle ? 0 : 8;

  static uint64_t KindOf(uint64_t high) { return high >> kKindShift & 0xFF; }

  union Facts {
    ConsentFact one{};
    ConsentFact *many;
  };
  struct alignas(64) Line {
    uint64_t low = 0, high = 0;  // The id; of a long text its hash, and its place.
    Facts facts;
    uint32_t count = 0;  // Of facts; 0 if the line is free.
    uint32_t room = 0;   // Of `many`; 0 for `one`.

    std::span<const ConsentFact> all() const {
      return {room == 0 ? &facts.one : facts.many, count};
    }
  };
  static_assert(sizeof(Line) == 64);

  static uint64_t HashOf(uint64_t low, uint64_t high) {
    if (KindOf(high) == kLong) return low;
    uint64_t hash = low * 0x9E3779B97F4A7C15u ^ high * 0xC2B2AE3D27D4EB4Fu;
    hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93u;
    return hash ^ (hash >> 29);
  }
  static std::string_view ShortText(const Line &line) {
    return {reinterpret_cast<const char *>(&line.low), KindOf(line.high)};
  }
  static uint32_t PlaceOfText(const Line &line) {
    return static_cast<uint32_t>(line.high >> kPlaceShift);
  }
  const std::string &LongText(const Line &line) const { return texts_[PlaceOfText(line)]; }
  SubjectId IdOf(const Line &line) const {
    const uint64_t kind = KindOf(line.high);
    if (kind == kInteger) return SubjectId(static_cast<int64_t>(line.low));
    return SubjectId(kind == kLong ? std::string_view(LongText(line)) : ShortText(line));
  }
  size_t PlaceOf(const Search &search) const;
  // Room for one more line.
  void Reserve();
  // The place of a new line.
  static size_t Free(const LargeVector<Line> &lines, uint64_t hash);
  void Swap(ConsentTable &other) noexcept {
    std::swap(lines_, other.lines_);
    std::swap(texts_, other.texts_);
    std::swap(free_texts_, other.free_texts_);
    std::swap(used_, other.used_);
  }

  LargeVector<Line> lines_;  // Linear probing; a power of two.
  std::vector<std::string> texts_;
  std::vector<uint32_t> free_texts_;  // Has room for all of `texts_`.
  size_t used_ = 0;
};

inline ConsentTable::Search ConsentTable::Begin(const SubjectId &id) const {
  Search search;
  search.text = id.text;
  if (!id.is_text) {
    search.low = static_cast<uint64_t>(id.integer);
    search.high = kInteger << kKindShift;
  } else if (id.text.size() <= kShort) {
    // The text as the two words of a line hold it.
    const auto words = patron::detail::TextKey::Of(id.text);
    search.low = words.low;
    search.high = words.high | static_cast<uint64_t>(id.text.size()) << kKindShift;
  } else {
    search.low = std::hash<std::string_view>()(id.text);
    search.high = kLong << kKindShift;
  }
  search.hash = HashOf(search.low, search.high);
  if (!lines_.empty()) __builtin_prefetch(&lines_[search.hash & (lines_.size() - 1)]);
  return search;
}

inline size_t ConsentTable::PlaceOf(const Search &search) const {
  if (lines_.empty()) return kNone;
  const size_t mask = lines_.size() - 1;
  const bool is_long = KindOf(search.high) == kLong;
  for (size_t at = search.hash & mask; lines_[at].count > 0; at = (at + 1) & mask) {
    const Line &line = lines_[at];
    if (line.low != search.low) continue;
    if (is_long ? KindOf(line.high) == kLong && LongText(line) == search.text
                : line.high == search.high) {
      return at;
    }
  }
  return kNone;
}

inline size_t ConsentTable::Free(const LargeVector<Line> &lines, uint64_t hash) {
  const size_t mask = lines.size() - 1;
  size_t at = hash & mask;
  while (lines[at].count > 0) at = (at + 1) & mask;
  return at;
}

inline void ConsentTable::Reserve() {
  if ((used_ + 1) * 5 <= lines_.size() * 3) return;
  LargeVector<Line> wider(std::max<size_t>(16, lines_.size() * 2));
  for (const Line &line : lines_) {
    if (line.count > 0) wider[Free(wider, HashOf(line.low, line.high))] = line;
  }
  lines_ = std::move(wider);
}

inline void ConsentTable::Insert(const SubjectId &id, size_t at, const ConsentFact &fact) {
  const Search search = Begin(id);
  const size_t known = PlaceOf(search);
  if (known != kNone) {
    Line &line = lines_[known];
    if (line.count == std::max<uint32_t>(line.room, 1)) {
      auto wider = std::make_unique<ConsentFact[]>(size_t{line.count} * 2);
      std::ranges::copy(line.all(), wider.get());
      if (line.room > 0) delete[] line.facts.many;
      line.facts.many = wider.release();
      line.room = line.count * 2;
    }
    ConsentFact *facts = line.facts.many;
    std::copy_backward(facts + at, facts + line.count, facts + line.count + 1);
    facts[at] = fact;
    ++line.count;
    return;
  }
  Reserve();
  Line fresh;
  fresh.low = search.low;
  fresh.high = search.high;
  fresh.facts.one = fact;
  fresh.count = 1;
  if (KindOf(search.high) == kLong) {
    if (free_texts_.empty()) {
      free_texts_.reserve(texts_.size() + 1);
      texts_.emplace_back(search.text);
      fresh.high |= static_cast<uint64_t>(texts_.size() - 1) << kPlaceShift;
    } else {
      texts_[free_texts_.back()] = search.text;
      fresh.high |= static_cast<uint64_t>(free_texts_.back()) << kPlaceShift;
      free_texts_.pop_back();
    }
  }
  lines_[Free(lines_, search.hash)] = fresh;
  ++used_;
}

inline void ConsentTable::Erase(const SubjectId &id, size_t at) {
  Line &line = lines_[PlaceOf(Begin(id))];
  if (line.count == 1) {
    Remove(id);
    return;
  }
  ConsentFact *facts = line.facts.many;
  std::copy(facts + at + 1, facts + line.count, facts + at);
  --line.count;
}

inline void ConsentTable::Remove(const SubjectId &id) {
  const size_t mask = lines_.size() - 1;
  size_t free = PlaceOf(Begin(id));
  if (lines_[free].room > 0) delete[] lines_[free].facts.many;
  if (KindOf(lines_[free].high) == kLong) {
    // Overwritten where it stands, so that freed memory does not tell.
    const auto place = PlaceOfText(lines_[free]);
    std::ranges::fill(texts_[place], '\0');
    texts_[place].clear();
    free_texts_.push_back(place);
  }
  // What comes after in the run moves up, so that no search ends too early.
  for (size_t at = (free + 1) & mask; lines_[at].count > 0; at = (at + 1) & mask) {
    const size_t home = HashOf(lines_[at].low, lines_[at].high) & mask;
    if (((at - home) & mask) < ((at - free) & mask)) continue;
    lines_[free] = lines_[at];
    free = at;
  }
  lines_[free] = Line();
  --used_;
}

}  // namespace detail
}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CONSENT_TABLE_HPP_
