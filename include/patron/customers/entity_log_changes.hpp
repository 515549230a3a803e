// How a log of entities changes; part of entity_log.hpp.
#ifndef PATRON_CUSTOMERS_ENTITY_LOG_CHANGES_HPP_
#define PATRON_CUSTOMERS_ENTITY_LOG_CHANGES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/entity_log.hpp"

namespace patron::customers {

inline void EntityLog::Prepare(size_t moves) {
  MakeRoom(lines_, 1);
  MakeRoom(moves_, moves);
  MakeRoom(lists_, 2);
  MakeRoom(free_lists_, lists_.capacity() - free_lists_.size());
}

inline std::vector<uint32_t> EntityLog::ListFor(uint32_t entity, size_t more) const {
  const auto members = Members(entity);
  std::vector<uint32_t> list;
  list.reserve(std::max(members.size() + more, 2 * members.size()));
  list.assign(members.begin(), members.end());
  return list;
}

inline void EntityLog::SetMembers(uint32_t entity, std::vector<uint32_t> members) {
  Entity &own = entities_[entity - 1];
  const auto count = static_cast<uint32_t>(members.size());
  if (count <= 1 && own.listed) {
    lists_[own.only] = {};
    free_lists_.push_back(own.only);
    own.listed = false;
  }
  own.count = count;
  if (count <= 1) {
    own.only = count == 0 ? kNone : members.front();
    return;
  }
  if (!own.listed) {
    if (free_lists_.empty()) {
      own.only = static_cast<uint32_t>(lists_.size());
      lists_.emplace_back();
    } else {
      own.only = free_lists_.back();
      free_lists_.pop_back();
    }
    own.listed = true;
  }
  lists_[own.only] = std::move(members);
}

inline void EntityLog::Log(EntityLine line, std::span<const uint32_t> moved, uint32_t to) {
  line.first_move = static_cast<uint32_t>(moves_.size());
  const auto number = static_cast<uint32_t>(lines_.size());
  for (const uint32_t record : moved) {
    moves_.push_back({record, number, last_move_[record]});
    last_move_[record] = static_cast<uint32_t>(moves_.size()) - 1;
    current_[record] = to;
  }
  last_time_ = line.time;
  lines_.push_back(line);
}

inline absl::StatusOr<uint32_t> EntityLog::Merge(uint32_t a, uint32_t b, int64_t time,
                                                 uint32_t call) {
  PATRON_RETURN_IF_ERROR(CheckRecord(a));
  PATRON_RETURN_IF_ERROR(CheckRecord(b));
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  uint32_t survivor = EntityOf(a), other = EntityOf(b);
  if (survivor == other) return survivor;
  if (const uint32_t line = KeptApart(survivor, other); line != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "merge: entities ", survivor, " and ", other, " must stay apart, by line ", line - 1,
        " of the log (", Text(kEntityOpNames[static_cast<size_t>(lines_[line - 1].op)]), ")"));
  }
  const uint32_t own = entities_[survivor - 1].count, theirs = entities_[other - 1].count;
  if (theirs > own || (theirs == own && other < survivor)) std::swap(survivor, other);
  const auto moved = Members(other);
  EntityLine line{.op = EntityOp::kMerge,
                  .call = call,
                  .time = time,
                  .survivor = survivor,
                  .other = other,
                  .left = a,
                  .right = b,
                  .left_records = entities_[survivor - 1].count,
                  .right_records = static_cast<uint32_t>(moved.size())};
  Entity &into = entities_[survivor - 1];
  Prepare(moved.size());
  if (into.listed) {
    std::vector<uint32_t> &list = lists_[into.only];
    MakeRoom(list, moved.size());
    Log(line, moved, survivor);
    list.insert(list.end(), moved.begin(), moved.end());
    into.count = static_cast<uint32_t>(list.size());
  } else {
    std::vector<uint32_t> list = ListFor(survivor, moved.size());
    list.insert(list.end(), moved.begin(), moved.end());
    Log(line, moved, survivor);
    SetMembers(survivor, std::move(list));
  }
  SetMembers(other, {});
  entities_[other - 1].merged_into = survivor;
  --alive_;
  return survivor;
}

// All that can fail comes before the first change.
inline void EntityLog::AddApart(Apart apart) {
  MakeRoom(aparts_, 1);
  const auto place = static_cast<uint32_t>(aparts_.size());
  for (const auto *side : {&apart.left, &apart.right}) {
    for (const uint32_t record : *side) MakeRoom(apart_of_[record], 1);
  }
  for (const auto *side : {&apart.left, &apart.right}) {
    for (const uint32_t record : *side) apart_of_.find(record)->second.push_back(place);
  }
  aparts_.push_back(std::move(apart));
}

// Of a split or an unmerge, whose line is filled but for the new entity.
inline absl::StatusOr<uint32_t> EntityLog::Leave(EntityLine line, std::vector<uint32_t> leaving,
                                                 std::vector<uint32_t> left) {
  const bool fresh = line.other == 0;
  if (fresh && entities_.size() >= kMost) {
    return absl::ResourceExhaustedError(absl::StrCat("entities: at most ", kMost));
  }
  MakeRoom(entities_, 1);
  Prepare(leaving.size());
  std::vector<uint32_t> staying;
  for (const uint32_t record : RecordsOf(line.survivor)) {
    if (!std::ranges::binary_search(leaving, record)) staying.push_back(record);
  }
  const std::vector<uint32_t> moved = leaving;
  line.left_records = static_cast<uint32_t>(left.size());
  line.right_records = static_cast<uint32_t>(moved.size());
  AddApart({static_cast<uint32_t>(lines_.size()), std::move(left), moved});
  // Nothing fails from here.
  if (fresh) {
    entities_.emplace_back();
    line.other = static_cast<uint32_t>(entities_.size());
  }
  entities_[line.other - 1].merged_into = 0;
  Log(line, moved, line.other);
  SetMembers(line.survivor, std::move(staying));
  SetMembers(line.other, std::move(leaving));
  ++alive_;
  return line.other;
}

inline absl::StatusOr<uint32_t> EntityLog::Split(std::vector<uint32_t> records, int64_t time,
                                                 uint32_t call) {
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  if (records.empty()) return InvalidOption("records", "none", "at least one");
  for (const uint32_t record : records) PATRON_RETURN_IF_ERROR(CheckRecord(record));
  std::ranges::sort(records);
  records.erase(std::unique(records.begin(), records.end()), records.end());
  const uint32_t entity = EntityOf(records.front());
  for (const uint32_t record : records) {
    if (EntityOf(record) != entity) {
      return InvalidOption("records",
                           absl::StrCat("of entities ", entity, " and ", EntityOf(record)),
                           "records of one entity");
    }
  }
  const std::vector<uint32_t> all = RecordsOf(entity);
  if (records.size() == all.size()) {
    return InvalidOption("records", absl::StrCat("all ", records.size(), " of entity ", entity),
                         "some of its records");
  }
  std::vector<uint32_t> left;
  std::ranges::set_difference(all, records, std::back_inserter(left));
  return Leave({.op = EntityOp::kSplit, .call = call, .time = time, .survivor = entity},
               std::move(records), std::move(left));
}

inline absl::StatusOr<uint32_t> EntityLog::Unmerge(uint64_t line, int64_t time, uint32_t call) {
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  if (line >= lines_.size()) {
    return absl::NotFoundError(absl::StrCat("line: ", line, "; the log has ", lines_.size()));
  }
  const EntityLine &merge = lines_[line];
  if (merge.op != EntityOp::kMerge) {
    return absl::FailedPreconditionError(
        absl::StrCat("line: ", line, " is ", Text(kEntityOpNames[static_cast<size_t>(merge.op)]),
                     "; expected a merge"));
  }
  if (merge.undone_by != 0) {
    return absl::FailedPreconditionError(absl::StrCat("line: ", line, " was taken back by line ",
                                                      merge.undone_by - 1,
                                                      "; expected a merge that stands"));
  }
  const auto number = static_cast<uint32_t>(line);
  std::vector<uint32_t> left, right = MovedBy(merge);
  std::erase_if(right, [&](uint32_t record) { return IsErased(record); });
  const auto gone = [&](std::string_view side) {
    return absl::FailedPreconditionError(absl::StrCat(
        "line: ", line, ": all records of its ", Text(side), " side were erased; expected some"));
  };
  if (right.empty()) return gone("retired");
  // Some may have left since. What is taken back is that records of both sides are of one entity.
  std::vector<uint32_t> entities;
  for (const uint32_t record : right) entities.push_back(EntityOf(record));
  std::ranges::sort(entities);
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  uint32_t entity = 0;
  for (const uint32_t own : entities) {
    std::vector<uint32_t> both;
    for (const uint32_t record : Members(own)) {
      if (EntityBefore(record, number) == merge.survivor) both.push_back(record);
    }
    if (both.empty()) continue;
    if (entity != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("line: ", line, ": entities ", entity, " and ", own,
                       " have records of both its sides; expected one, or splits"));
    }
    entity = own;
    left = std::move(both);
  }
  if (entity == 0) {
    for (uint32_t record = 0; record < records(); ++record) {
      if (IsErased(record) || EntityBefore(record, number) != merge.survivor) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("line: ", line, ": no entity has records of both its sides; expected one"));
    }
    return gone("surviving");
  }
  std::erase_if(right, [&](uint32_t record) { return EntityOf(record) != entity; });
  std::ranges::sort(left);
  // The id comes back, unless the entity as a whole was merged on and this is the survivor's side.
  const bool free = entities_[merge.other - 1].count == 0 && merge.other != entity;
  const uint32_t other = free ? merge.other : 0;
  PATRON_ASSIGN_OR_RETURN(const uint32_t restored, Leave({.op = EntityOp::kUnmerge,
                                                          .call = call,
                                                          .time = time,
                                                          .survivor = entity,
                                                          .other = other,
                                                          .undoes = number + 1},
                                                         std::move(right), std::move(left)));
  lines_[line].undone_by = static_cast<uint32_t>(lines_.size());
  return restored;
}

inline absl::Status EntityLog::AssertDifferent(uint32_t a, uint32_t b, int64_t time,
                                               uint32_t call) {
  PATRON_RETURN_IF_ERROR(CheckRecord(a));
  PATRON_RETURN_IF_ERROR(CheckRecord(b));
  PATRON_RETURN_IF_ERROR(CheckTime(time));
  const uint32_t one = EntityOf(a), two = EntityOf(b);
  if (one == two) {
    return absl::FailedPreconditionError(
        absl::StrCat("assert_different: both records are of entity ", one,
                     "; expected a split or an unmerge first"));
  }
  Prepare(0);
  AddApart({static_cast<uint32_t>(lines_.size()), {a}, {b}});
  Log({.op = EntityOp::kAssertDifferent,
       .call = call,
       .time = time,
       .survivor = one,
       .other = two,
       .left = a,
       .right = b,
       .left_records = 1,
       .right_records = 1},
      {}, 0);
  return absl::OkStatus();
}

inline void EntityLog::Erase(uint32_t record) {
  Entity &own = entities_[EntityOf(record) - 1];
  current_[record] = 0;
  if (!own.listed) {
    own.only = kNone;
    own.count = 0;
    --alive_;
    return;
  }
  std::vector<uint32_t> &list = lists_[own.only];
  *std::ranges::find(list, record) = list.back();
  list.pop_back();
  own.count = static_cast<uint32_t>(list.size());
  if (own.count > 1) return;
  const uint32_t rest = list.front();
  list = {};
  free_lists_.push_back(own.only);  // It has room for each list.
  own.only = rest;
  own.listed = false;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_ENTITY_LOG_CHANGES_HPP_
