// A register of entities: which records belong together, as an append-only log that can be taken back.
#ifndef PATRON_CUSTOMERS_REGISTER_HPP_
#define PATRON_CUSTOMERS_REGISTER_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
#include "patron/base/status.hpp"

namespace patron::customers {

enum class RegisterOp {
  kMerge = 0,            // Two entities are one.
  kSplit = 1,            // Records leave their entity, and must stay apart from the rest.
  kUnmerge = 2,          // A merge is taken back; both sides must stay apart.
  kAssertDifferent = 3,  // Two entities must stay apart.
};
inline constexpr std::string_view kRegisterOpNames[] = {"merge", "split", "unmerge",
                                                        "assert_different"};

// One line of the log. Records and entities are places and ids of the register.
struct RegisterEntry {
  RegisterOp op;
  int64_t time = 0;  // Microseconds since 1970-01-01 UTC; never before that of the line above.
  std::string actor, reason;
  uint64_t survivor = 0,
           other = 0;  // Entities after, or kept apart; `other` is retired by a merge.
  std::vector<uint32_t> left, right;  // Records of both sides as they were.
  uint64_t undone_by = 0;             // Of a merge: 1 + the line that took it back; 0 = it stands.
  uint64_t undoes = 0;                // Of an unmerge: 1 + the line of the merge.
};

// Records are numbered from 0 as they arrive, each an entity of its own at first; entities from 1. What
// hangs on a record moves with it: nothing is rewritten. Of a merge the entity with more records
// survives, of equal ones the older, which has the lesser id. Retired ids resolve for ever. The
// partition is the same whatever the order of the merges; the ids are as the log says.
//
// A function that fails changes nothing. Not for several threads at once.
class Register {
 public:
  // Adds a record. Returns its number. Cost O(1).
  uint32_t AddRecord(int64_t time);

  size_t records() const { return records_.size(); }
  size_t entities() const { return alive_; }
  std::span<const RegisterEntry> log() const { return log_; }

  // Makes the entities of two records one. Returns the survivor; nothing is logged if they are one
  // already. Errors: InvalidArgument for a time before the last; FailedPrecondition naming the line
  // that keeps them apart. Cost O(records of the smaller entity).
  absl::StatusOr<uint64_t> Merge(uint32_t a, uint32_t b, int64_t time, std::string_view actor,
                                 std::string_view reason);

  // Makes an entity of `records`, which are some but not all of one. Returns its id.
  // Errors: InvalidArgument for no record, all of the entity, or records of several.
  absl::StatusOr<uint64_t> Split(std::vector<uint32_t> records, int64_t time,
                                 std::string_view actor, std::string_view reason);

  // Takes back the merge of a line: the records of the side that was retired leave with it, as far as
  // they are still there, under the id that they had. Later arrivals stay with the survivor.
  // Errors: NotFound for no such line; FailedPrecondition if it is no merge, is taken back already, or
  // if the records of a side have been parted since.
  absl::StatusOr<uint64_t> Unmerge(uint64_t line, int64_t time, std::string_view actor,
                                   std::string_view reason);

  // Keeps the entities of two records apart. Errors: FailedPrecondition if they are one.
  absl::Status AssertDifferent(uint32_t a, uint32_t b, int64_t time, std::string_view actor,
                               std::string_view reason);

  // The entity of a record, now or at an instant; 0 before the record arrived.
  uint64_t EntityOf(uint32_t record) const { return records_[record].history.back().second; }
  uint64_t EntityAt(uint32_t record, int64_t time) const;

  // The entity that an id stands for now: itself, or what it was merged into. 0 if there never was
  // such an id.
  uint64_t Resolve(uint64_t entity) const;

  // The records of an entity that is not retired, ascending.
  const std::vector<uint32_t> &RecordsOf(uint64_t entity) const {
    return entities_[entity - 1].records;
  }

 private:
  struct Record {
    std::vector<std::pair<int64_t, uint64_t>> history;  // Since when, entity.
    std::vector<uint64_t> apart;                        // Lines that keep it from others.
  };
  struct Entity {
    std::vector<uint32_t> records;  // Empty if retired.
    uint64_t merged_into = 0;
  };

  absl::Status CheckTime(int64_t time) const;
  absl::Status CheckRecord(uint32_t record) const;
  // The line that keeps two entities apart, plus 1; 0 if none does.
  uint64_t KeptApart(uint64_t a, uint64_t b) const;
  void Move(const std::vector<uint32_t> &records, uint64_t from, uint64_t to, int64_t time);
  void KeepApart(uint64_t line);
  uint64_t NewEntity();

  std::vector<Record> records_;
  std::vector<Entity> entities_;
  std::vector<RegisterEntry> log_;
  size_t alive_ = 0;
  int64_t last_time_ = std::numeric_limits<int64_t>::min();
};

inline absl::Status Register::CheckTime(int64_t time) const {
  if (time >= last_time_) return absl::OkStatus();
  return InvalidOption("time", std::to_string(time),
                       absl::StrCat("no earlier than ", last_time_, ", the last of the log"));
}

inline absl::Status Register::CheckRecord(uint32_t record) const {
  if (record < records_.size()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("record: ", record, "; there are ", records_.size()));
}

inline uint64_t Register::NewEntity() {
  entities_.emplace_back();
  return entities_.size();
}

inline uint32_t Register::AddRecord(int64_t time) {
  const auto number = static_cast<uint32_t>(records_.size());
  const uint64_t entity = NewEntity();
  entities_.back().records.push_back(number);
  records_.emplace_back().history.emplace_back(time, entity);
  ++alive_;
  return number;
}

inline uint64_t Register::EntityAt(uint32_t record, int64_t time) const {
  const auto &history = records_[record].history;
  const auto after =
      std::ranges::upper_bound(history, time, {}, &std::pair<int64_t, uint64_t>::first);
  return after == history.begin() ? 0 : (after - 1)->second;
}

inline uint64_t Register::Resolve(uint64_t entity) const {
  if (entity == 0 || entity > entities_.size()) return 0;
  while (entities_[entity - 1].merged_into != 0) entity = entities_[entity - 1].merged_into;
  return entity;
}

inline uint64_t Register::KeptApart(uint64_t a, uint64_t b) const {
  const bool a_is_less = RecordsOf(a).size() <= RecordsOf(b).size();
  const uint64_t other = a_is_less ? b : a;
  for (const uint32_t record : RecordsOf(a_is_less ? a : b)) {
    for (const uint64_t line : records_[record].apart) {
      const RegisterEntry &entry = log_[line];
      const bool on_left = std::ranges::binary_search(entry.left, record);
      for (const uint32_t partner : on_left ? entry.right : entry.left) {
        if (EntityOf(partner) == other) return line + 1;
      }
    }
  }
  return 0;
}

inline void Register::Move(const std::vector<uint32_t> &records, uint64_t from, uint64_t to,
                           int64_t time) {
  std::vector<uint32_t> &source = entities_[from - 1].records;
  std::vector<uint32_t> &target = entities_[to - 1].records;
  std::vector<uint32_t> rest, joined;
  std::ranges::set_difference(source, records, std::back_inserter(rest));
  std::ranges::set_union(target, records, std::back_inserter(joined));
  source = std::move(rest);
  target = std::move(joined);
  for (const uint32_t record : records) records_[record].history.emplace_back(time, to);
}

inline void Register::KeepApart(uint64_t line) {
  for (const auto *side : {&log_[line].left, &log_[line].right}) {
    for (const uint32_t record : *side) records_[record].apart.push_back(line);
  }
}

inline absl::StatusOr<uint64_t> Register::Merge(uint32_t a, uint32_t b, int64_t time,
                                                std::string_view actor, std::string_view reason) {
  PATRON_RETURN_IF_ERROR(CheckRecord(a));
  PATRON_RETURN_IF_ERROR(CheckRecord(b));
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  uint64_t survivor = EntityOf(a), other = EntityOf(b);
  if (survivor == other) return survivor;
  if (const uint64_t line = KeptApart(survivor, other); line != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "merge: entities ", survivor, " and ", other, " must stay apart, by line ", line - 1,
        " of the log (", Text(kRegisterOpNames[static_cast<size_t>(log_[line - 1].op)]), ")"));
  }
  const size_t own = RecordsOf(survivor).size(), theirs = RecordsOf(other).size();
  if (theirs > own || (theirs == own && other < survivor)) std::swap(survivor, other);
  RegisterEntry entry = {.op = RegisterOp::kMerge,
                         .time = time,
                         .actor = std::string(actor),
                         .reason = std::string(reason),
                         .survivor = survivor,
                         .other = other,
                         .left = RecordsOf(survivor),
                         .right = RecordsOf(other)};
  const std::vector<uint32_t> moved = entry.right;
  log_.push_back(std::move(entry));
  Move(moved, other, survivor, time);
  entities_[other - 1].merged_into = survivor;
  --alive_;
  last_time_ = time;
  return survivor;
}

inline absl::StatusOr<uint64_t> Register::Split(std::vector<uint32_t> records, int64_t time,
                                                std::string_view actor, std::string_view reason) {
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  if (records.empty()) return InvalidOption("records", "none", "at least one");
  for (const uint32_t record : records) PATRON_RETURN_IF_ERROR(CheckRecord(record));
  std::ranges::sort(records);
  const auto repeated = std::ranges::unique(records);
  records.erase(repeated.begin(), repeated.end());
  const uint64_t entity = EntityOf(records.front());
  for (const uint32_t record : records) {
    if (EntityOf(record) != entity) {
      return InvalidOption("records",
                           absl::StrCat("of entities ", entity, " and ", EntityOf(record)),
                           "records of one entity");
    }
  }
  if (records.size() == RecordsOf(entity).size()) {
    return InvalidOption("records", absl::StrCat("all ", records.size(), " of entity ", entity),
                         "some of its records");
  }
  RegisterEntry entry = {.op = RegisterOp::kSplit,
                         .time = time,
                         .actor = std::string(actor),
                         .reason = std::string(reason),
                         .survivor = entity,
                         .other = 0,
                         .left = {},
                         .right = records};
  std::ranges::set_difference(RecordsOf(entity), records, std::back_inserter(entry.left));
  const uint64_t fresh = NewEntity();
  entry.other = fresh;
  log_.push_back(std::move(entry));
  Move(records, entity, fresh, time);
  KeepApart(log_.size() - 1);
  ++alive_;
  last_time_ = time;
  return fresh;
}

inline absl::StatusOr<uint64_t> Register::Unmerge(uint64_t line, int64_t time,
                                                  std::string_view actor, std::string_view reason) {
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  if (line >= log_.size()) {
    return absl::NotFoundError(absl::StrCat("line: ", line, "; the log has ", log_.size()));
  }
  const RegisterEntry merge = log_[line];
  if (merge.op != RegisterOp::kMerge) {
    return absl::FailedPreconditionError(
        absl::StrCat("line: ", line, " is ", Text(kRegisterOpNames[static_cast<size_t>(merge.op)]),
                     "; expected a merge"));
  }
  if (merge.undone_by != 0) {
    return absl::FailedPreconditionError(absl::StrCat("line: ", line, " was taken back by line ",
                                                      merge.undone_by - 1,
                                                      "; expected a merge that stands"));
  }
  const uint64_t entity = EntityOf(merge.left.front());
  for (const auto *side : {&merge.left, &merge.right}) {
    for (const uint32_t record : *side) {
      if (EntityOf(record) == entity) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("line: ", line, " joined record ", record, ", which has left entity ",
                       entity, " since; expected the later changes to be taken back first"));
    }
  }
  RegisterEntry entry = {.op = RegisterOp::kUnmerge,
                         .time = time,
                         .actor = std::string(actor),
                         .reason = std::string(reason),
                         .survivor = entity,
                         .other = merge.other,
                         .left = merge.left,
                         .right = merge.right,
                         .undone_by = 0,
                         .undoes = line + 1};
  // The id comes back, unless the entity as a whole was merged on and this is the survivor's side.
  Entity &old = entities_[merge.other - 1];
  const bool free = old.records.empty() && merge.other != entity;
  const uint64_t restored = free ? merge.other : NewEntity();
  entities_[restored - 1].merged_into = 0;
  entry.other = restored;
  log_.push_back(std::move(entry));
  log_[line].undone_by = log_.size();
  Move(merge.right, entity, restored, time);
  KeepApart(log_.size() - 1);
  ++alive_;
  last_time_ = time;
  return restored;
}

inline absl::Status Register::AssertDifferent(uint32_t a, uint32_t b, int64_t time,
                                              std::string_view actor, std::string_view reason) {
  PATRON_RETURN_IF_ERROR(CheckRecord(a));
  PATRON_RETURN_IF_ERROR(CheckRecord(b));
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  const uint64_t one = EntityOf(a), two = EntityOf(b);
  if (one == two) {
    return absl::FailedPreconditionError(
        absl::StrCat("assert_different: both records are of entity ", one,
                     "; expected a split or an unmerge first"));
  }
  log_.push_back({.op = RegisterOp::kAssertDifferent,
                  .time = time,
                  .actor = std::string(actor),
                  .reason = std::string(reason),
                  .survivor = one,
                  .other = two,
                  .left = {a},
                  .right = {b}});
  KeepApart(log_.size() - 1);
  last_time_ = time;
  return absl::OkStatus();
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_REGISTER_HPP_
