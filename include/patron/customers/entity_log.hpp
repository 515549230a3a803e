// Which records belong together, as an append-only log that can be taken back.
#ifndef PATRON_CUSTOMERS_ENTITY_LOG_HPP_
#define PATRON_CUSTOMERS_ENTITY_LOG_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::customers {

enum class EntityOp : uint8_t {
  kMerge = 0,            // Two entities are one.
  kSplit = 1,            // Records leave their entity, and must stay apart from the rest.
  kUnmerge = 2,          // A merge is taken back; both sides must stay apart.
  kAssertDifferent = 3,  // Two entities must stay apart.
};
inline constexpr std::string_view kEntityOpNames[] = {"merge", "split", "unmerge",
                                                      "assert_different"};

// One line of the log.
struct EntityLine {
  EntityOp op = EntityOp::kMerge;
  uint32_t call = 0;             // A number of the caller's: who did it, and why.
  int64_t time = 0;              // Microseconds since 1970-01-01 UTC.
  uint32_t survivor = 0;         // Entity after, or kept apart.
  uint32_t other = 0;            // Retired by a merge, made or restored by a split or an unmerge.
  uint32_t left = 0, right = 0;  // Merge and assert_different: the two records that were named.
  uint32_t left_records = 0;     // How many each side had.
  uint32_t right_records = 0;
  uint32_t first_move = 0;  // Of the records that moved: right_records of them.
  uint32_t undone_by = 0;   // Of a merge: 1 + the line that took it back; 0 = it stands.
  uint32_t undoes = 0;      // Of an unmerge: 1 + the line of the merge.
};

// Records are numbered from 0 as they arrive, each an entity of its own at first; entities from 1. What
// hangs on a record moves with it: nothing is rewritten. Of a merge the entity with more records
// survives, of equal ones the older, which has the lesser id. Retired ids resolve for ever. The
// partition is the same whatever the order of the merges; the ids are as the log says.
//
// Times never go back from line to line. A function that fails, or throws std::bad_alloc, changes
// nothing. Not for several threads at once.
class EntityLog {
 public:
  static constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max() - 1;

  // Makes room for `count` more records, so that adding them cannot fail.
  // Errors: ResourceExhausted for more than kMost records.
  absl::Status Reserve(size_t count);

  // Adds a record that was there from `time` on. Returns its number. Cost O(1).
  uint32_t AddRecord(int64_t time);

  size_t records() const { return origins_.size(); }
  size_t entities() const { return alive_; }
  std::span<const EntityLine> lines() const { return lines_; }
  int64_t last_time() const { return last_time_; }

  // Makes the entities of two records one. Returns the survivor; nothing is logged if they are one
  // already. Errors: InvalidArgument for a time before the last; NotFound; FailedPrecondition naming the
  // line that keeps them apart. Cost O(records of the smaller entity), amortised.
  absl::StatusOr<uint32_t> Merge(uint32_t a, uint32_t b, int64_t time, uint32_t call);

  // Makes an entity of `records`, which are some but not all of one. Returns its id.
  // Errors: InvalidArgument for no record, all of the entity, or records of several; NotFound.
  absl::StatusOr<uint32_t> Split(std::vector<uint32_t> records, int64_t time, uint32_t call);

  // Takes back the merge of a line: the records of the side that was retired leave, as far as they are
  // still with some of the other, under the id that they had. Later arrivals stay with the survivor.
  // Merges may be taken back in any order. Errors: NotFound for no such line; FailedPrecondition if it
  // is no merge, is taken back already, or if the records of both sides have been parted or erased
  // since, or have come to be of two entities.
  absl::StatusOr<uint32_t> Unmerge(uint64_t line, int64_t time, uint32_t call);

  // Keeps the entities of two records apart. Errors: NotFound; FailedPrecondition if they are one.
  absl::Status AssertDifferent(uint32_t a, uint32_t b, int64_t time, uint32_t call);

  // Takes a record that was not erased out of its entity, which is gone when it has none left. Its
  // number stays taken. Does not allocate. Cost O(records of the entity).
  void Erase(uint32_t record);

  // The entity of a record, now or at an instant: 0 before the record arrived, and now if it was erased.
  uint32_t EntityOf(uint32_t record) const { return current_[record]; }
  uint32_t EntityAt(uint32_t record, int64_t time) const;
  bool IsErased(uint32_t record) const { return current_[record] == 0; }
  int64_t ArrivalOf(uint32_t record) const { return arrived_[record]; }

  // The entity that an id stands for now: itself, or what it was merged into. 0 if there never was
  // such an id, or if its records were erased.
  uint32_t Resolve(uint64_t entity) const;
  bool IsEntity(uint64_t entity) const { return entity > 0 && entity <= entities_.size(); }

  // The records of an entity that is not retired, ascending. Cost O(n log n).
  std::vector<uint32_t> RecordsOf(uint32_t entity) const;

  // The records that a line moved to another entity, as they were.
  std::vector<uint32_t> MovedBy(const EntityLine &line) const;

  // Calls `use(line)` for each line about an entity that the record was in then. Cost O(lines).
  template <typename Use>
  void ForLinesOf(uint32_t record, Use use) const;

  // Both sides of a line that keeps records apart, ascending; none for a merge.
  std::pair<std::span<const uint32_t>, std::span<const uint32_t>> ApartBy(uint64_t line) const;

  // Errors: NotFound for no such record, or one that was erased.
  absl::Status CheckRecord(uint32_t record) const;

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  struct Move {
    uint32_t record, line, previous;  // kNone = its first.
  };
  struct Entity {
    uint32_t only = kNone;  // The record, or the list of records if there are more.
    uint32_t count = 0;     // 0 if retired, or erased.
    uint32_t merged_into = 0;
    bool listed = false;
  };
  struct Apart {
    uint32_t line;
    std::vector<uint32_t> left, right;
  };

  absl::Status CheckTime(int64_t time) const;
  std::span<const uint32_t> Members(uint32_t entity) const;
  // The entity of a record before a line.
  uint32_t EntityBefore(uint32_t record, uint32_t line) const;
  uint32_t EntityAfter(const Move &move) const;
  // The line that keeps two entities apart, plus 1; 0 if none does.
  uint32_t KeptApart(uint32_t a, uint32_t b) const;
  // Room for a line that moves `moves` records to an entity that then has `count`.
  void Prepare(size_t moves);
  // A list with room for the records of an entity and `more`.
  std::vector<uint32_t> ListFor(uint32_t entity, size_t more) const;
  void SetMembers(uint32_t entity, std::vector<uint32_t> members);
  void Log(EntityLine line, std::span<const uint32_t> moved, uint32_t to);
  void AddApart(Apart apart);
  absl::StatusOr<uint32_t> Leave(EntityLine line, std::vector<uint32_t> leaving,
                                 std::vector<uint32_t> left);

  std::vector<uint32_t> origins_, current_, last_move_;  // By record.
  std::vector<int64_t> arrived_;
  std::vector<Entity> entities_;
  std::vector<std::vector<uint32_t>> lists_;
  std::vector<uint32_t> free_lists_;
  std::vector<EntityLine> lines_;
  std::vector<Move> moves_;
  std::vector<Apart> aparts_;                                     // By line.
  std::unordered_map<uint32_t, std::vector<uint32_t>> apart_of_;  // By record, places in aparts_.
  size_t alive_ = 0;
  int64_t last_time_ = std::numeric_limits<int64_t>::min();
};

inline absl::Status EntityLog::CheckTime(int64_t time) const {
  if (time >= last_time_) return absl::OkStatus();
  return InvalidOption(
      "time", FormatTime(time),
      absl::StrCat("no earlier than ", FormatTime(last_time_), ", the last of the log"));
}

inline absl::Status EntityLog::CheckRecord(uint32_t record) const {
  if (record >= records()) {
    return absl::NotFoundError(absl::StrCat("record: ", record, "; there are ", records()));
  }
  if (!IsErased(record)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("record: ", record, " was erased"));
}

inline absl::Status EntityLog::Reserve(size_t count) {
  if (count > kMost - entities_.size()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("records: ", count, " more; at most ", kMost, " records and entities"));
  }
  MakeRoom(origins_, count);
  MakeRoom(current_, count);
  MakeRoom(last_move_, count);
  MakeRoom(arrived_, count);
  MakeRoom(entities_, count);
  return absl::OkStatus();
}

inline uint32_t EntityLog::AddRecord(int64_t time) {
  const auto number = static_cast<uint32_t>(records());
  if (entities_.size() == entities_.capacity()) {
    if (!Reserve(1).ok()) return kNone;
  }
  entities_.push_back({.only = number, .count = 1});
  const auto entity = static_cast<uint32_t>(entities_.size());
  origins_.push_back(entity);
  current_.push_back(entity);
  last_move_.push_back(kNone);
  arrived_.push_back(time);
  ++alive_;
  return number;
}

inline uint32_t EntityLog::EntityAfter(const Move &move) const {
  const EntityLine &line = lines_[move.line];
  return line.op == EntityOp::kMerge ? line.survivor : line.other;
}

inline uint32_t EntityLog::EntityBefore(uint32_t record, uint32_t line) const {
  uint32_t at = last_move_[record];
  while (at != kNone && moves_[at].line >= line) at = moves_[at].previous;
  return at == kNone ? origins_[record] : EntityAfter(moves_[at]);
}

inline uint32_t EntityLog::EntityAt(uint32_t record, int64_t time) const {
  if (time < arrived_[record]) return 0;
  uint32_t at = last_move_[record];
  while (at != kNone && lines_[moves_[at].line].time > time) at = moves_[at].previous;
  return at == kNone ? origins_[record] : EntityAfter(moves_[at]);
}

inline uint32_t EntityLog::Resolve(uint64_t entity) const {
  if (entity == 0 || entity > entities_.size()) return 0;
  auto id = static_cast<uint32_t>(entity);
  while (entities_[id - 1].merged_into != 0) id = entities_[id - 1].merged_into;
  return entities_[id - 1].count == 0 ? 0 : id;
}

inline std::span<const uint32_t> EntityLog::Members(uint32_t entity) const {
  const Entity &own = entities_[entity - 1];
  if (own.count == 0) return {};
  return own.listed ? std::span(lists_[own.only]) : std::span(&own.only, 1);
}

inline std::vector<uint32_t> EntityLog::RecordsOf(uint32_t entity) const {
  const auto members = Members(entity);
  std::vector<uint32_t> records(members.begin(), members.end());
  std::ranges::sort(records);
  return records;
}

inline std::vector<uint32_t> EntityLog::MovedBy(const EntityLine &line) const {
  std::vector<uint32_t> moved;
  if (line.op == EntityOp::kAssertDifferent) return moved;
  for (uint32_t i = 0; i < line.right_records; ++i) {
    moved.push_back(moves_[line.first_move + i].record);
  }
  std::ranges::sort(moved);
  return moved;
}

inline std::pair<std::span<const uint32_t>, std::span<const uint32_t>> EntityLog::ApartBy(
    uint64_t line) const {
  const auto found = std::ranges::lower_bound(aparts_, line, {}, &Apart::line);
  if (found == aparts_.end() || found->line != line) return {};
  return {found->left, found->right};
}

template <typename Use>
void EntityLog::ForLinesOf(uint32_t record, Use use) const {
  uint32_t at = last_move_[record];
  uint32_t entity = at == kNone ? origins_[record] : EntityAfter(moves_[at]);
  for (size_t i = lines_.size(); i-- > 0;) {
    const EntityLine &line = lines_[i];
    const bool moved = at != kNone && moves_[at].line == i;
    if (moved || line.survivor == entity || line.other == entity) use(line);
    if (!moved) continue;
    at = moves_[at].previous;
    entity = at == kNone ? origins_[record] : EntityAfter(moves_[at]);
  }
}

inline uint32_t EntityLog::KeptApart(uint32_t a, uint32_t b) const {
  if (aparts_.empty()) return 0;
  const bool a_is_less = Members(a).size() <= Members(b).size();
  const uint32_t other = a_is_less ? b : a;
  for (const uint32_t record : Members(a_is_less ? a : b)) {
    const auto known = apart_of_.find(record);
    if (known == apart_of_.end()) continue;
    for (const uint32_t place : known->second) {
      const Apart &apart = aparts_[place];
      const bool on_left = std::ranges::binary_search(apart.left, record);
      for (const uint32_t partner : on_left ? apart.right : apart.left) {
        if (EntityOf(partner) == other) return apart.line + 1;
      }
    }
  }
  return 0;
}

}  // namespace patron::customers

#include "patron/customers/entity_log_changes.hpp"  // IWYU pragma: export

#endif  // PATRON_CUSTOMERS_ENTITY_LOG_HPP_
