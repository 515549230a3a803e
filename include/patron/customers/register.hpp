// A register of who is who: records that never change, the entities they belong to, and what hangs on
// them, as a list of changes that can be told again.
#ifndef PATRON_CUSTOMERS_REGISTER_HPP_
#define PATRON_CUSTOMERS_REGISTER_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/make_room.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/entity_log.hpp"
#include "patron/customers/record_batch.hpp"
#include "patron/customers/register_facts.hpp"

namespace patron::customers {

enum class ChangeKind : uint8_t {
  kRecords = 0,     // `first`: a batch.
  kContacts = 1,    // `first` and `count`: contacts.
  kTies = 2,        // `first` and `count`: ties.
  kEndContact = 3,  // `first`: the contact.
  kEndTie = 4,      // `first`: the tie.
  kMerge = 5,       // `first` and `count`: lines of the log, here and below.
  kAssertDifferent = 6,
  kSplit = 7,
  kUnmerge = 8,
  kErase = 9,  // `first`: an erasure.
};

// Who did something, and why. Instants are microseconds since 1970-01-01 UTC.
struct ChangeNote {
  int64_t time = 0;
  std::string actor, reason;
};

struct RegisterChange {
  ChangeKind kind = ChangeKind::kRecords;
  uint32_t first = 0, count = 0;
  ChangeNote note;
  uint32_t evidence = 0;  // Of merges: its place, plus 1; 0 = none was told.
};

// What spoke for the merges of a call: log2 of the odds, of the pair as a whole and of its fields.
struct MergeEvidence {
  std::vector<std::string> fields;  // Names; empty for the pair as a whole.
  std::vector<double> weights;      // By line, or pair, and field; NaN = not told, or erased.

  std::span<const double> Of(size_t row) const {
    return std::span(weights).subspan(row * fields.size(), fields.size());
  }
};

// A keyed hash of an identifier of someone who was erased.
using Tombstone = std::array<unsigned char, 16>;

struct Erasure {
  std::vector<uint32_t> records;
  std::vector<std::string> held;         // Fields that the law keeps; empty: the records are gone.
  std::string hold_purpose;              // Of what is held.
  std::vector<std::string> identifiers;  // Fields that tombstones are of, and their kinds.
  std::vector<std::string> identifier_kinds;
  std::vector<Tombstone> tombstones;  // Ascending.
};

// What a change touched that was there before it.
struct Touched {
  std::vector<uint32_t> changes;  // Ascending.
};

// Changes are all or nothing: a function that fails, or throws std::bad_alloc, has changed nothing.
// Not for several threads at once.
class Register {
 public:
  // ---- Records ----

  // Takes batches, whose records get the next numbers, without their being there yet: Commit makes
  // them records, Drop forgets them. Fields are numbers in `names`.
  // Errors: InvalidArgument for ids of another kind, or an id that is twice in the batches, with its
  // row; AlreadyExists for one that the register has; ResourceExhausted. Cost O(records).
  absl::Status Stage(std::vector<RecordBatch> batches, std::span<const std::string> names,
                     std::string_view id_name);
  std::span<const RecordBatch> staged() const { return std::span(batches_).subspan(committed_); }
  void Commit();
  void Drop();

  size_t records() const { return log_.records(); }
  size_t living_records() const { return index_.size(); }
  const EntityLog &log() const { return log_; }
  std::span<const RecordBatch> batches() const { return batches_; }
  std::span<const std::string> field_names() const { return field_names_; }
  bool has_text_ids() const { return text_ids_; }

  const RecordBatch &BatchOf(uint32_t record) const { return batches_[batch_of_[record]]; }
  uint32_t RowOf(uint32_t record) const { return record - BatchOf(record).first; }
  EntityKind KindOf(uint32_t record) const { return BatchOf(record).provenance.kind; }
  // Whether the fields of a record that the law does not keep were erased.
  const std::string *HoldOf(uint32_t record) const;

  // The number of an id, or RecordIndex::kUnknown.
  uint32_t Find(int64_t id) const;
  uint32_t Find(std::string_view id) const;
  uint32_t Find(const IdSpan &ids, size_t row) const {
    return ids.is_text() ? Find(ids.text()[row]) : Find(ids.integers()[row]);
  }
  int64_t IntegerId(uint32_t record) const { return BatchOf(record).integer_ids[RowOf(record)]; }
  std::string_view TextId(uint32_t record) const { return BatchOf(record).text_ids[RowOf(record)]; }
  // Whether the id of a record comes before that of another one.
  bool IdLess(uint32_t a, uint32_t b) const {
    return text_ids_ ? TextId(a) < TextId(b) : IntegerId(a) < IntegerId(b);
  }
  IdList Ids(std::span<const uint32_t> records) const;

  // ---- Entities; as EntityLog ----

  struct Merged {
    uint64_t merged = 0, refused = 0;
  };
  // Pairs in their order. With `skip_refused` those that must stay apart, or are of two kinds, are
  // passed over; otherwise the first is an error, and the pairs before it stand.
  // Where `evidence` is given, it has a row a pair; of pairs that are merged it is kept.
  absl::Status Merge(std::span<const std::pair<uint32_t, uint32_t>> pairs, const ChangeNote &note,
                     bool skip_refused, Merged *merged, const MergeEvidence *evidence = nullptr);
  // Of a change of kind kMerge, by its lines; null if none was told.
  const MergeEvidence *EvidenceOf(const RegisterChange &change) const {
    return change.evidence == 0 ? nullptr : &evidence_[change.evidence - 1];
  }
  absl::Status AssertDifferent(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                               const ChangeNote &note);
  absl::StatusOr<uint32_t> Split(std::vector<uint32_t> records, const ChangeNote &note);
  absl::StatusOr<uint32_t> Unmerge(uint64_t line, const ChangeNote &note);

  // ---- Facts ----

  // Errors: NotFound for a record that is not there; InvalidArgument for a validity that ends before
  // it begins, with its row.
  absl::Status AddContacts(std::vector<Contact> contacts, const ChangeNote &note);
  absl::Status AddTies(std::vector<Tie> ties, const ChangeNote &note);
  // Ends a fact. Errors: NotFound; FailedPrecondition if it was ended; InvalidArgument for an end
  // before its beginning.
  absl::Status End(bool tie, uint64_t number, int64_t valid_to, const ChangeNote &note);
  std::span<const Contact> contacts() const { return contacts_; }
  std::span<const Tie> ties() const { return ties_; }

  // ---- Erasure ----

  // Wipes what records say, and what hangs on them, and the reasons of changes about them alone. The
  // changes that say less now are listed. Errors: NotFound; InvalidArgument for no record.
  absl::StatusOr<Touched> Erase(Erasure erasure, const ChangeNote &note);
  std::span<const Erasure> erasures() const { return erasures_; }
  bool IsForgotten(const Tombstone &tombstone) const {
    return std::ranges::binary_search(forgotten_, tombstone);
  }
  bool has_tombstones() const { return !forgotten_.empty(); }

  // All that ever happened, in order.
  std::span<const RegisterChange> changes() const { return changes_; }

 private:
  uint64_t HashOf(uint32_t record) const {
    return text_ids_ ? RecordIndex::HashOf(TextId(record)) : RecordIndex::HashOf(IntegerId(record));
  }
  absl::Status StageIds(const RecordBatch &batch, std::string_view id_name, size_t row_before);
  absl::StatusOr<uint32_t> MergeOne(uint32_t left, uint32_t right, int64_t time, uint32_t call);
  absl::Status CheckTimes(const FactTimes &times, size_t row) const;
  // Room for one more change, and its note.
  RegisterChange NewChange(ChangeKind kind, const ChangeNote &note);
  void WipeReasons(uint32_t record, std::span<uint8_t> touched);
  void WipeEvidence(uint32_t record, const EntityLine &line, std::span<uint8_t> touched);

  EntityLog log_;
  bool text_ids_ = false;
  RecordIndex index_;
  std::vector<std::string> field_names_;
  size_t committed_names_ = 0;
  std::vector<RecordBatch> batches_;
  size_t committed_ = 0;            // Batches whose records are there.
  std::vector<uint32_t> batch_of_;  // By record.
  std::vector<uint32_t> change_of_batch_;
  std::vector<Contact> contacts_;
  std::vector<Tie> ties_;
  std::vector<std::pair<uint32_t, std::string>> holds_;  // Records and purposes, by record.
  std::vector<Erasure> erasures_;
  std::vector<Tombstone> forgotten_;  // Ascending.
  std::vector<MergeEvidence> evidence_;
  std::vector<RegisterChange> changes_;
};

inline const std::string *Register::HoldOf(uint32_t record) const {
  const auto found =
      std::ranges::lower_bound(holds_, record, {}, &std::pair<uint32_t, std::string>::first);
  return found == holds_.end() || found->first != record ? nullptr : &found->second;
}

inline uint32_t Register::Find(int64_t id) const {
  if (text_ids_) return RecordIndex::kUnknown;
  return index_.Find(RecordIndex::HashOf(id), [&](uint32_t r) { return IntegerId(r) == id; });
}

inline uint32_t Register::Find(std::string_view id) const {
  if (!text_ids_) return RecordIndex::kUnknown;
  return index_.Find(RecordIndex::HashOf(id), [&](uint32_t r) { return TextId(r) == id; });
}

inline IdList Register::Ids(std::span<const uint32_t> records) const {
  IdList list;
  list.is_text = text_ids_;
  for (const uint32_t record : records) {
    if (text_ids_) {
      list.text.push_back(TextId(record));
    } else {
      list.integers.push_back(IntegerId(record));
    }
  }
  return list;
}

}  // namespace patron::customers

#include "patron/customers/register_changes.hpp"  // IWYU pragma: export

#endif  // PATRON_CUSTOMERS_REGISTER_HPP_
