// How a register changes; part of register.hpp.
#ifndef PATRON_CUSTOMERS_REGISTER_CHANGES_HPP_
#define PATRON_CUSTOMERS_REGISTER_CHANGES_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/make_room.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/register.hpp"

namespace patron::customers {

inline RegisterChange Register::NewChange(ChangeKind kind, const ChangeNote &note) {
  MakeRoom(changes_, 1);
  return {.kind = kind, .first = 0, .count = 0, .note = note, .evidence = 0};
}

// ---- Records ----

inline absl::Status Register::StageIds(const RecordBatch &batch, std::string_view id_name,
                                       size_t row_before) {
  for (uint32_t row = 0; row < batch.rows; ++row) {
    if (batch.IsErased(row)) continue;
    const uint32_t record = batch.first + row;
    const uint32_t known = text_ids_ ? Find(batch.text_ids[row]) : Find(batch.integer_ids[row]);
    if (known != RecordIndex::kUnknown) {
      const std::string shown =
          text_ids_ ? FormatId(batch.text_ids[row]) : FormatId(batch.integer_ids[row]);
      const size_t at = row_before + row;
      if (known >= log_.records()) return InvalidRow(id_name, at, shown + " again", "each id once");
      return absl::AlreadyExistsError(
          absl::StrCat(Text(id_name), ": row ", at, " is ", shown, "; the register has this id"));
    }
    index_.Add(HashOf(record), record);
  }
  return absl::OkStatus();
}

inline absl::Status Register::Stage(std::vector<RecordBatch> batches,
                                    std::span<const std::string> names, std::string_view id_name) {
  Drop();
  size_t rows = 0;
  bool has_ids = false, text = text_ids_;
  for (const RecordBatch &batch : batches) {
    rows += batch.rows;
    if (batch.rows == batch.erased.size()) continue;
    text = batch.text_ids.size() > 0;
    has_ids = true;
  }
  if (has_ids && index_.size() > 0 && text != text_ids_) {
    return InvalidOption(id_name, text ? "text" : "integers",
                         text_ids_ ? "text, as in the register" : "integers, as in the register");
  }
  // All room first.
  PATRON_RETURN_IF_ERROR(log_.Reserve(rows));
  index_.Reserve(rows);
  MakeRoom(batches_, batches.size());
  MakeRoom(batch_of_, rows);
  MakeRoom(changes_, batches.size());
  MakeRoom(change_of_batch_, batches.size());
  struct Undo {
    Register *reg;
    bool text_ids, staged = false;
    ~Undo() {
      if (staged) return;
      reg->Drop();
      reg->text_ids_ = text_ids;
    }
  } undo{.reg = this, .text_ids = text_ids_};
  std::vector<uint32_t> numbers;
  for (const std::string &name : names) {
    const auto known = std::ranges::find(field_names_, name);
    numbers.push_back(static_cast<uint32_t>(known - field_names_.begin()));
    if (known == field_names_.end()) field_names_.push_back(name);
  }
  if (has_ids) text_ids_ = text;
  size_t row = 0;
  for (RecordBatch &batch : batches) {
    batch.first = static_cast<uint32_t>(batch_of_.size());
    for (FieldCells &cells : batch.fields) cells.field = numbers[cells.field];
    batch_of_.insert(batch_of_.end(), batch.rows, static_cast<uint32_t>(batches_.size()));
    batches_.push_back(std::move(batch));
    PATRON_RETURN_IF_ERROR(StageIds(batches_.back(), id_name, row));
    row += batches_.back().rows;
  }
  undo.staged = true;
  return absl::OkStatus();
}

inline void Register::Drop() {
  while (batches_.size() > committed_) {
    const RecordBatch &batch = batches_.back();
    for (uint32_t row = 0; row < batch.rows; ++row) {
      if (!batch.IsErased(row)) index_.Remove(HashOf(batch.first + row), batch.first + row);
    }
    batch_of_.resize(batch.first);
    batches_.pop_back();
  }
  field_names_.resize(committed_names_);
}

inline void Register::Commit() {
  for (; committed_ < batches_.size(); ++committed_) {
    const RecordBatch &batch = batches_[committed_];
    for (uint32_t row = 0; row < batch.rows; ++row) log_.AddRecord(batch.provenance.time);
    change_of_batch_.push_back(static_cast<uint32_t>(changes_.size()));
    changes_.push_back({.kind = ChangeKind::kRecords,
                        .first = static_cast<uint32_t>(committed_),
                        .count = 1,
                        .note = {.time = batch.provenance.time, .actor = {}, .reason = {}},
                        .evidence = 0});
  }
  committed_names_ = field_names_.size();
}

// ---- Entities ----

inline absl::StatusOr<uint32_t> Register::MergeOne(uint32_t left, uint32_t right, int64_t time,
                                                   uint32_t call) {
  PATRON_RETURN_IF_ERROR(log_.CheckRecord(left));
  PATRON_RETURN_IF_ERROR(log_.CheckRecord(right));
  if (KindOf(left) != KindOf(right)) {
    const auto shown = [&](uint32_t record) {
      return absl::StrCat("entity ", log_.EntityOf(record), " is of kind ",
                          Text(kEntityKindNames[static_cast<size_t>(KindOf(record))]));
    };
    return absl::FailedPreconditionError(
        absl::StrCat("merge: ", shown(left), ", ", shown(right), "; expected one kind"));
  }
  return log_.Merge(left, right, time, call);
}

inline absl::Status Register::Merge(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                                    const ChangeNote &note, bool skip_refused, Merged *merged,
                                    const MergeEvidence *evidence) {
  RegisterChange change = NewChange(ChangeKind::kMerge, note);
  MergeEvidence kept;
  if (evidence != nullptr) {
    kept.fields = evidence->fields;
    kept.weights.reserve(evidence->weights.size());
    MakeRoom(evidence_, 1);
  }
  const auto call = static_cast<uint32_t>(changes_.size());
  const size_t before = log_.lines().size();
  change.first = static_cast<uint32_t>(before);
  *merged = {};
  // What stands is told, whatever happens behind it.
  struct Close {
    Register *reg;
    RegisterChange *change;
    Merged *merged;
    MergeEvidence *evidence;
    ~Close() {
      merged->merged = reg->log_.lines().size() - change->first;
      change->count = static_cast<uint32_t>(merged->merged);
      if (change->count == 0) return;
      if (!evidence->fields.empty()) {
        reg->evidence_.push_back(std::move(*evidence));
        change->evidence = static_cast<uint32_t>(reg->evidence_.size());
      }
      reg->changes_.push_back(std::move(*change));
    }
  };
  const Close close{this, &change, merged, &kept};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const size_t lines = log_.lines().size();
    const auto survivor = MergeOne(pairs[i].first, pairs[i].second, note.time, call);
    if (evidence != nullptr && log_.lines().size() > lines) {
      const std::span<const double> weights = evidence->Of(i);
      kept.weights.insert(kept.weights.end(), weights.begin(), weights.end());
    }
    if (survivor.ok()) continue;
    if (!skip_refused || survivor.status().code() != absl::StatusCode::kFailedPrecondition) {
      return survivor.status();
    }
    ++merged->refused;
  }
  return absl::OkStatus();
}

inline absl::Status Register::AssertDifferent(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                                              const ChangeNote &note) {
  RegisterChange change = NewChange(ChangeKind::kAssertDifferent, note);
  const auto call = static_cast<uint32_t>(changes_.size());
  change.first = static_cast<uint32_t>(log_.lines().size());
  struct Close {
    Register *reg;
    RegisterChange *change;
    ~Close() {
      change->count = static_cast<uint32_t>(reg->log_.lines().size()) - change->first;
      if (change->count > 0) reg->changes_.push_back(std::move(*change));
    }
  };
  const Close close{this, &change};
  for (const auto &[left, right] : pairs) {
    PATRON_RETURN_IF_ERROR(log_.AssertDifferent(left, right, note.time, call));
  }
  return absl::OkStatus();
}

inline absl::StatusOr<uint32_t> Register::Split(std::vector<uint32_t> records,
                                                const ChangeNote &note) {
  RegisterChange change = NewChange(ChangeKind::kSplit, note);
  change.first = static_cast<uint32_t>(log_.lines().size());
  change.count = 1;
  PATRON_ASSIGN_OR_RETURN(const uint32_t fresh, log_.Split(std::move(records), note.time,
                                                           static_cast<uint32_t>(changes_.size())));
  changes_.push_back(std::move(change));
  return fresh;
}

inline absl::StatusOr<uint32_t> Register::Unmerge(uint64_t line, const ChangeNote &note) {
  RegisterChange change = NewChange(ChangeKind::kUnmerge, note);
  change.first = static_cast<uint32_t>(log_.lines().size());
  change.count = 1;
  PATRON_ASSIGN_OR_RETURN(const uint32_t restored,
                          log_.Unmerge(line, note.time, static_cast<uint32_t>(changes_.size())));
  changes_.push_back(std::move(change));
  return restored;
}

// ---- Facts ----

inline absl::Status Register::CheckTimes(const FactTimes &times, size_t row) const {
  if (times.valid_from == kNoInstant || times.valid_to == kNoInstant ||
      times.valid_from < times.valid_to) {
    return absl::OkStatus();
  }
  return InvalidRow("valid_to", row, std::to_string(times.valid_to),
                    absl::StrCat("an instant after valid_from, ", times.valid_from));
}

inline absl::Status Register::AddContacts(std::vector<Contact> contacts, const ChangeNote &note) {
  if (contacts.empty()) return absl::OkStatus();
  for (size_t i = 0; i < contacts.size(); ++i) {
    PATRON_RETURN_IF_ERROR(log_.CheckRecord(contacts[i].record));
    PATRON_RETURN_IF_ERROR(CheckTimes(contacts[i].times, i));
  }
  RegisterChange change = NewChange(ChangeKind::kContacts, note);
  change.first = static_cast<uint32_t>(contacts_.size());
  change.count = static_cast<uint32_t>(contacts.size());
  MakeRoom(contacts_, contacts.size());
  for (Contact &contact : contacts) {
    contact.times.known = note.time;
    contacts_.push_back(std::move(contact));
  }
  changes_.push_back(std::move(change));
  return absl::OkStatus();
}

inline absl::Status Register::AddTies(std::vector<Tie> ties, const ChangeNote &note) {
  if (ties.empty()) return absl::OkStatus();
  for (size_t i = 0; i < ties.size(); ++i) {
    PATRON_RETURN_IF_ERROR(log_.CheckRecord(ties[i].from));
    PATRON_RETURN_IF_ERROR(log_.CheckRecord(ties[i].to));
    PATRON_RETURN_IF_ERROR(CheckTimes(ties[i].times, i));
  }
  RegisterChange change = NewChange(ChangeKind::kTies, note);
  change.first = static_cast<uint32_t>(ties_.size());
  change.count = static_cast<uint32_t>(ties.size());
  MakeRoom(ties_, ties.size());
  for (Tie &tie : ties) {
    tie.times.known = note.time;
    ties_.push_back(tie);
  }
  changes_.push_back(std::move(change));
  return absl::OkStatus();
}

inline absl::Status Register::End(bool tie, uint64_t number, int64_t valid_to,
                                  const ChangeNote &note) {
  const size_t size = tie ? ties_.size() : contacts_.size();
  const bool erased = number < size && (tie ? ties_[number].erased : contacts_[number].erased);
  if (number >= size || erased) {
    return absl::NotFoundError(absl::StrCat("number: ", number,
                                            erased ? " was erased" : "; there are ",
                                            erased ? std::string() : std::to_string(size)));
  }
  FactTimes &times = tie ? ties_[number].times : contacts_[number].times;
  if (times.ended()) {
    return absl::FailedPreconditionError(
        absl::StrCat("number: ", number, " was ended before; expected one that was not"));
  }
  if (times.valid_from != kNoInstant && valid_to < times.valid_from) {
    return InvalidOption("valid_to", std::to_string(valid_to),
                         absl::StrCat("no earlier than valid_from, ", times.valid_from));
  }
  RegisterChange change = NewChange(tie ? ChangeKind::kEndTie : ChangeKind::kEndContact, note);
  change.first = static_cast<uint32_t>(number);
  change.count = 1;
  times.ended_to = valid_to;
  times.ended_known = note.time;
  changes_.push_back(std::move(change));
  return absl::OkStatus();
}

// ---- Erasure ----

inline void Register::WipeEvidence(uint32_t record, const EntityLine &line,
                                   std::span<uint8_t> touched) {
  const RegisterChange &change = changes_[line.call];
  if (change.evidence == 0 || (line.left != record && line.right != record)) return;
  MergeEvidence &evidence = evidence_[change.evidence - 1];
  const size_t fields = evidence.fields.size();
  const size_t row = static_cast<size_t>(&line - log_.lines().data()) - change.first;
  std::fill_n(evidence.weights.begin() + static_cast<ptrdiff_t>(row * fields), fields,
              std::numeric_limits<double>::quiet_NaN());
  touched[line.call] = 1;
}

// A reason of a call about several is about none of them alone, and stays.
inline void Register::WipeReasons(uint32_t record, std::span<uint8_t> touched) {
  const auto wipe = [&](uint32_t number) {
    RegisterChange &change = changes_[number];
    if (change.note.reason.empty() || change.count != 1) return;
    std::ranges::fill(change.note.reason, '\0');
    change.note.reason.clear();
    touched[number] = 1;
  };
  log_.ForLinesOf(record, [&](const EntityLine &line) {
    wipe(line.call);
    WipeEvidence(record, line, touched);
  });
  for (uint32_t i = 0; i < changes_.size(); ++i) {
    const RegisterChange &change = changes_[i];
    const bool contact =
        (change.kind == ChangeKind::kContacts || change.kind == ChangeKind::kEndContact) &&
        contacts_[change.first].record == record;
    const bool tie = (change.kind == ChangeKind::kTies || change.kind == ChangeKind::kEndTie) &&
                     (ties_[change.first].from == record || ties_[change.first].to == record);
    if (contact || tie) wipe(i);
  }
}

inline absl::StatusOr<Touched> Register::Erase(Erasure erasure, const ChangeNote &note) {
  std::vector<uint32_t> &records = erasure.records;
  if (records.empty()) return InvalidOption("records", "none", "at least one");
  std::ranges::sort(records);
  records.erase(std::unique(records.begin(), records.end()), records.end());
  for (const uint32_t record : records) PATRON_RETURN_IF_ERROR(log_.CheckRecord(record));
  std::ranges::sort(erasure.tombstones);
  // Room for all that follows.
  std::vector<uint8_t> touched(changes_.size());
  Touched result;
  result.changes.reserve(changes_.size());
  RegisterChange change = NewChange(ChangeKind::kErase, note);
  change.first = static_cast<uint32_t>(erasures_.size());
  change.count = 1;
  MakeRoom(erasures_, 1);
  std::vector<Tombstone> forgotten;
  std::ranges::set_union(forgotten_, erasure.tombstones, std::back_inserter(forgotten));
  const bool hold = !erasure.held.empty();
  auto holds = holds_;
  std::vector<uint32_t> kept;
  for (const std::string &name : erasure.held) {
    const auto known = std::ranges::find(field_names_, name);
    if (known == field_names_.end()) {
      return InvalidOption("legal_hold", Quoted(name), "a field of the register");
    }
    kept.push_back(static_cast<uint32_t>(known - field_names_.begin()));
  }
  std::ranges::sort(kept);
  for (const uint32_t record : records) {
    if (hold) {
      const auto at =
          std::ranges::lower_bound(holds, record, {}, &std::pair<uint32_t, std::string>::first);
      if (at != holds.end() && at->first == record) {
        at->second = erasure.hold_purpose;
      } else {
        holds.insert(at, {record, erasure.hold_purpose});
      }
    } else {
      MakeRoom(batches_[batch_of_[record]].erased, records.size());
    }
  }
  // Nothing fails from here.
  for (const uint32_t record : records) {
    WipeReasons(record, touched);
    RecordBatch &batch = batches_[batch_of_[record]];
    const uint32_t row = record - batch.first;
    for (FieldCells &cells : batch.fields) {
      if (!std::ranges::binary_search(kept, cells.field)) cells.cells.Wipe(row);
    }
    if (batch.source_keys.size() > 0) batch.source_keys.Wipe(row);
    touched[change_of_batch_[batch_of_[record]]] = 1;
    if (hold) continue;
    index_.Remove(HashOf(record), record);
    if (text_ids_) {
      batch.text_ids.Wipe(row);
    } else {
      batch.integer_ids[row] = 0;
    }
    if (!batch.captured_at.empty()) batch.captured_at[row] = kNoInstant;
    if (!batch.valid_from.empty()) batch.valid_from[row] = kNoInstant;
    if (!batch.valid_to.empty()) batch.valid_to[row] = kNoInstant;
    if (!batch.IsErased(row)) {
      batch.erased.insert(std::ranges::lower_bound(batch.erased, row), row);
    }
    log_.Erase(record);
  }
  for (uint32_t i = 0; i < changes_.size(); ++i) {
    const RegisterChange &own = changes_[i];
    bool wiped = false;
    for (uint32_t k = own.first; k < own.first + own.count; ++k) {
      if (own.kind == ChangeKind::kContacts) {
        if (contacts_[k].erased || !std::ranges::binary_search(records, contacts_[k].record)) {
          continue;
        }
        contacts_[k].Wipe();
        wiped = true;
      } else if (own.kind == ChangeKind::kTies && !hold) {
        Tie &tie = ties_[k];
        if (tie.erased || (!std::ranges::binary_search(records, tie.from) &&
                           !std::ranges::binary_search(records, tie.to))) {
          continue;
        }
        tie.erased = wiped = true;
      }
    }
    if (wiped) touched[i] = 1;
  }
  for (uint32_t i = 0; i < touched.size(); ++i) {
    if (touched[i] != 0) result.changes.push_back(i);
  }
  holds_ = std::move(holds);
  forgotten_ = std::move(forgotten);
  erasures_.push_back(std::move(erasure));
  changes_.push_back(std::move(change));
  return result;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_REGISTER_CHANGES_HPP_
