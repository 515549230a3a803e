// Records as they came, column by column, and the ids by which they are found.
#ifndef PATRON_CUSTOMERS_RECORD_BATCH_HPP_
#define PATRON_CUSTOMERS_RECORD_BATCH_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patron/base/column.hpp"

namespace patron::customers {

inline constexpr int64_t kNoInstant = std::numeric_limits<int64_t>::min();

// A column of text whose cells can be wiped, so that nothing of them is left in memory.
class TextCells {
 public:
  static constexpr uint32_t kNull = std::numeric_limits<uint32_t>::max();

  size_t size() const { return sizes_.size(); }
  size_t bytes() const { return text_.size(); }
  void Reserve(size_t rows, size_t bytes) {
    begins_.reserve(rows);
    sizes_.reserve(rows);
    text_.reserve(bytes);
  }

  // The columns of a batch hold less than 2^32 - 1 bytes each.
  void Add(std::string_view text) {
    begins_.push_back(static_cast<uint32_t>(text_.size()));
    sizes_.push_back(static_cast<uint32_t>(text.size()));
    text_.append(text);
  }
  void AddNull() {
    begins_.push_back(static_cast<uint32_t>(text_.size()));
    sizes_.push_back(kNull);
  }

  bool has(size_t row) const { return sizes_[row] != kNull; }
  std::string_view operator[](size_t row) const {
    return has(row) ? std::string_view(text_).substr(begins_[row], sizes_[row])
                    : std::string_view();
  }

  // Overwrites a cell with zeros and makes it null.
  void Wipe(size_t row) {
    if (!has(row)) return;
    std::fill_n(text_.begin() + begins_[row], sizes_[row], '\0');
    sizes_[row] = kNull;
  }

 private:
  std::string text_;
  std::vector<uint32_t> begins_, sizes_;
};

// What a record is of. Records of different kinds are never of one entity.
enum class EntityKind : uint8_t {
  kPerson = 0,
  kOrganisation = 1,
  kHousehold = 2,
  kInternalUnit = 3,  // Of ourselves, as a customer of another.
};
inline constexpr std::array<std::string_view, 4> kEntityKindNames = {"person", "organisation",
                                                                     "household", "internal_unit"};

// Where records came from; texts may be empty.
struct Provenance {
  std::string source, captured_by, method, purpose;
  double trust = 0.5;     // Of the source, 0 to 1.
  double confidence = 1;  // In what it says, 0 to 1.
  bool verified = false;  // Someone has checked the values.
  int64_t time = 0;       // When the records were captured; the register has them from then on.
  EntityKind kind = EntityKind::kPerson;

  friend bool operator==(const Provenance &, const Provenance &) = default;
};

struct FieldCells {
  uint32_t field;  // Number of the name.
  TextCells cells;
};

// Some records that came together. Lists of instants and keys are empty if no record has one.
struct RecordBatch {
  Provenance provenance;
  uint32_t first = 0, rows = 0;
  std::vector<int64_t> integer_ids;  // Of the one kind; those of erased records are 0 or null.
  TextCells text_ids;
  TextCells source_keys;
  std::vector<int64_t> captured_at;           // kNoInstant: as the batch says.
  std::vector<int64_t> valid_from, valid_to;  // kNoInstant: no bound.
  std::vector<FieldCells> fields;
  std::vector<uint32_t> erased;  // Rows, ascending.

  bool IsErased(uint32_t row) const { return std::ranges::binary_search(erased, row); }
  int64_t CapturedAt(uint32_t row) const {
    return captured_at.empty() || captured_at[row] == kNoInstant ? provenance.time
                                                                 : captured_at[row];
  }
  // Whether what a record says holds at an instant.
  bool IsValidAt(uint32_t row, int64_t time) const {
    const bool begun =
        valid_from.empty() || valid_from[row] == kNoInstant || valid_from[row] <= time;
    const bool ended = !valid_to.empty() && valid_to[row] != kNoInstant && valid_to[row] <= time;
    return begun && !ended;
  }
};

// Records by id: open addressing over numbers, as the ids themselves stand in the batches.
class RecordIndex {
 public:
  static constexpr uint32_t kUnknown = std::numeric_limits<uint32_t>::max();

  static uint64_t HashOf(int64_t id) {
    auto h = static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15U;
    h ^= h >> 32;
    return h * 0xD6E8FEB86659FD93U;
  }
  static uint64_t HashOf(std::string_view id) { return std::hash<std::string_view>()(id); }

  // Room for `count` more, so that adding them cannot fail. Throws std::bad_alloc without effect.
  void Reserve(size_t count) {
    const size_t wanted = (used_ + count) * 8 / 5 + 1;
    if (wanted <= slots_.size()) return;
    // Places of records that are gone come free; then with room to spare, or this came again at once.
    const size_t kept = count_ + count;
    const size_t room = used_ > count_ ? kept * 2 : wanted;
    std::vector<Slot> slots(std::bit_ceil(std::max<size_t>(64, room)));
    for (const Slot &slot : slots_) {
      if (slot.record >= kGone) continue;
      size_t at = slot.hash & (slots.size() - 1);
      while (slots[at].record != kUnknown) at = (at + 1) & (slots.size() - 1);
      slots[at] = slot;
    }
    slots_ = std::move(slots);
    used_ = count_;
  }

  // The record for which `equals(record)` holds, or kUnknown.
  template <typename Equals>
  uint32_t Find(uint64_t hash, Equals equals) const {
    if (slots_.empty()) return kUnknown;
    size_t at = static_cast<size_t>(hash) & (slots_.size() - 1);
    for (; slots_[at].record != kUnknown; at = (at + 1) & (slots_.size() - 1)) {
      const Slot &slot = slots_[at];
      if (slot.record != kGone && slot.hash == static_cast<uint32_t>(hash) && equals(slot.record)) {
        return slot.record;
      }
    }
    return kUnknown;
  }

  // Adds a record that is not there; room has been made.
  void Add(uint64_t hash, uint32_t record) {
    size_t at = static_cast<size_t>(hash) & (slots_.size() - 1);
    while (slots_[at].record != kUnknown) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<uint32_t>(hash), record};
    ++used_;
    ++count_;
  }

  void Remove(uint64_t hash, uint32_t record) {
    if (slots_.empty()) return;
    size_t at = static_cast<size_t>(hash) & (slots_.size() - 1);
    for (; slots_[at].record != kUnknown; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].record != record) continue;
      slots_[at] = {0, kGone};  // Also the hash: it is of what was erased.
      --count_;
      return;
    }
  }

  size_t size() const { return count_; }

 private:
  static constexpr uint32_t kGone = kUnknown - 1;
  struct Slot {
    uint32_t hash = 0;
    uint32_t record = kUnknown;
  };
  std::vector<Slot> slots_;
  size_t used_ = 0, count_ = 0;
};

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_RECORD_BATCH_HPP_
