#include "customers/register_book.hpp"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/register.hpp"

namespace patron::customers {
namespace {

// Records that are staged and not there yet are forgotten, whatever went wrong.
class DropUnlessDone {
 public:
  explicit DropUnlessDone(Register *reg) : reg_(reg) {}
  DropUnlessDone(const DropUnlessDone &) = delete;
  DropUnlessDone &operator=(const DropUnlessDone &) = delete;
  ~DropUnlessDone() {
    if (reg_ != nullptr) reg_->Drop();
  }
  void Done() { reg_ = nullptr; }

 private:
  Register *reg_;
};

}  // namespace

absl::StatusOr<RegisterBook> RegisterBook::Open(std::unique_ptr<store::EntryStore> store) {
  RegisterBook book;
  PATRON_RETURN_IF_ERROR(store->Read([&](std::string_view bytes) {
    const uint64_t place = book.entries_.size();
    book.entries_.push_back(book.reg_.changes().size());
    v1::Register entry;
    absl::Status status = proto::Unwrap(bytes, v1::KIND_REGISTER, entry);
    if (status.ok() && entry.place() != place) {
      status = proto::NotOurs(absl::StrCat("it says that it is entry ", entry.place()));
    }
    if (status.ok()) status = proto::ReadChanges(entry, &book.reg_);
    if (status.ok() || status.code() != absl::StatusCode::kDataLoss) return status;
    return absl::DataLossError(absl::StrCat("register: entry ", place, ": ", status.message()));
  }));
  PATRON_RETURN_IF_ERROR(proto::CheckErased(book.reg_));
  book.store_ = std::move(store);
  return book;
}

absl::Status RegisterBook::CheckSound() const {
  if (sound_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "register: a change failed half way; expected one that has been opened again");
}

absl::StatusOr<std::string> RegisterBook::EntryOf(uint64_t place, size_t first,
                                                  size_t count) const {
  v1::Register entry;
  entry.set_place(place);
  entry.mutable_change()->Reserve(static_cast<int>(count));
  for (size_t i = first; i < first + count; ++i) {
    PATRON_RETURN_IF_ERROR(proto::WriteChange(reg_, i, entry.add_change()));
  }
  return proto::Wrap(v1::KIND_REGISTER, entry);
}

absl::Status RegisterBook::WriteFrom(size_t first) {
  const size_t count = reg_.changes().size() - first;
  if (store_ == nullptr || count == 0) return absl::OkStatus();
  entries_.reserve(std::max(entries_.size() + 1, 2 * entries_.size()));
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, EntryOf(entries_.size(), first, count));
  PATRON_RETURN_IF_ERROR(store_->Append(entries_.size(), bytes));
  entries_.push_back(first);
  return absl::OkStatus();
}

template <typename Change>
absl::Status RegisterBook::Do(Change change) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  const size_t before = reg_.changes().size();
  if (store_ == nullptr) return change();
  sound_ = false;  // Also for an exception half way.
  const absl::Status status = change();
  PATRON_RETURN_IF_ERROR(WriteFrom(before));
  sound_ = !store_->uncertain();
  return status;
}

absl::Status RegisterBook::WriteStaged() {
  const uint64_t place = entries_.size();
  const auto staged = reg_.staged();
  entries_.reserve(std::max(entries_.size() + staged.size(), 2 * entries_.size()));
  if (store_->can_amend()) {
    std::vector<std::string> added;
    for (const RecordBatch &batch : staged) {
      v1::Register entry;
      entry.set_place(place + added.size());
      entry.mutable_change()->Reserve(1);
      PATRON_RETURN_IF_ERROR(proto::WriteBatch(reg_, batch, entry.add_change()));
      PATRON_ASSIGN_OR_RETURN(std::string bytes, proto::Wrap(v1::KIND_REGISTER, entry));
      added.push_back(std::move(bytes));
    }
    PATRON_RETURN_IF_ERROR(store_->Amend(place, added, {}));
    for (size_t i = 0; i < added.size(); ++i) entries_.push_back(reg_.changes().size() + i);
    return absl::OkStatus();
  }
  v1::Register entry;
  entry.set_place(place);
  entry.mutable_change()->Reserve(static_cast<int>(staged.size()));
  for (const RecordBatch &batch : staged) {
    PATRON_RETURN_IF_ERROR(proto::WriteBatch(reg_, batch, entry.add_change()));
  }
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, proto::Wrap(v1::KIND_REGISTER, entry));
  PATRON_RETURN_IF_ERROR(store_->Append(place, bytes));
  entries_.push_back(reg_.changes().size());
  return absl::OkStatus();
}

absl::Status RegisterBook::Add(std::vector<RecordBatch> batches, std::span<const std::string> names,
                               std::string_view id_name) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  if (batches.empty()) return absl::OkStatus();
  DropUnlessDone staged(&reg_);
  PATRON_RETURN_IF_ERROR(reg_.Stage(std::move(batches), names, id_name));
  if (store_ != nullptr) {
    sound_ = false;
    const absl::Status status = WriteStaged();
    sound_ = !store_->uncertain();
    PATRON_RETURN_IF_ERROR(status);
  }
  reg_.Commit();
  staged.Done();
  return absl::OkStatus();
}

absl::Status RegisterBook::Merge(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                                 const ChangeNote &note, bool skip_refused,
                                 Register::Merged *merged, const MergeEvidence *evidence) {
  if (evidence == nullptr) {
    return Do([&] { return reg_.Merge(pairs, note, skip_refused, merged); });
  }
  constexpr size_t kPart = 16384;
  *merged = {};
  const size_t fields = evidence->fields.size();
  for (size_t first = 0; first < pairs.size(); first += kPart) {
    const size_t here = std::min(kPart, pairs.size() - first);
    const auto from = evidence->weights.begin() + static_cast<ptrdiff_t>(first * fields);
    const MergeEvidence part = {evidence->fields,
                                {from, from + static_cast<ptrdiff_t>(here * fields)}};
    Register::Merged own;
    const absl::Status status =
        Do([&] { return reg_.Merge(pairs.subspan(first, here), note, skip_refused, &own, &part); });
    merged->merged += own.merged;
    merged->refused += own.refused;
    PATRON_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status RegisterBook::AssertDifferent(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                                           const ChangeNote &note) {
  return Do([&] { return reg_.AssertDifferent(pairs, note); });
}

absl::StatusOr<uint32_t> RegisterBook::Split(std::vector<uint32_t> records,
                                             const ChangeNote &note) {
  uint32_t entity = 0;
  PATRON_RETURN_IF_ERROR(Do([&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(entity, reg_.Split(std::move(records), note));
    return absl::OkStatus();
  }));
  return entity;
}

absl::StatusOr<uint32_t> RegisterBook::Unmerge(uint64_t line, const ChangeNote &note) {
  uint32_t entity = 0;
  PATRON_RETURN_IF_ERROR(Do([&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(entity, reg_.Unmerge(line, note));
    return absl::OkStatus();
  }));
  return entity;
}

absl::Status RegisterBook::AddContacts(std::vector<Contact> contacts, const ChangeNote &note) {
  return Do([&] { return reg_.AddContacts(std::move(contacts), note); });
}

absl::Status RegisterBook::AddTies(std::vector<Tie> ties, const ChangeNote &note) {
  return Do([&] { return reg_.AddTies(std::move(ties), note); });
}

absl::Status RegisterBook::End(bool tie, uint64_t number, int64_t valid_to,
                               const ChangeNote &note) {
  return Do([&] { return reg_.End(tie, number, valid_to, note); });
}

absl::Status RegisterBook::Rewrite(const Touched &touched) {
  const size_t last = reg_.changes().size() - 1;  // The erasure.
  if (!store_->can_amend()) {
    PATRON_ASSIGN_OR_RETURN(const std::string whole, EntryOf(0, 0, last + 1));
    PATRON_RETURN_IF_ERROR(store_->Replace(whole));
    entries_.assign(1, 0);
    return absl::OkStatus();
  }
  entries_.reserve(std::max(entries_.size() + 1, 2 * entries_.size()));
  std::vector<store::EntryStore::Rewritten> rewritten;
  for (const uint32_t change : touched.changes) {
    const auto after = std::ranges::upper_bound(entries_, change);
    const auto place = static_cast<size_t>(after - entries_.begin()) - 1;
    if (!rewritten.empty() && rewritten.back().place == place) continue;
    const size_t end = after == entries_.end() ? last : *after;
    PATRON_ASSIGN_OR_RETURN(std::string bytes,
                            EntryOf(place, entries_[place], end - entries_[place]));
    rewritten.push_back({place, std::move(bytes)});
  }
  PATRON_ASSIGN_OR_RETURN(const std::string added, EntryOf(entries_.size(), last, 1));
  PATRON_RETURN_IF_ERROR(store_->Amend(entries_.size(), std::span(&added, 1), rewritten));
  entries_.push_back(last);
  return absl::OkStatus();
}

absl::Status RegisterBook::Erase(Erasure erasure, const ChangeNote &note) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  PATRON_ASSIGN_OR_RETURN(const Touched touched, reg_.Erase(std::move(erasure), note));
  if (store_ == nullptr) return absl::OkStatus();
  sound_ = false;
  PATRON_RETURN_IF_ERROR(Rewrite(touched));
  sound_ = !store_->uncertain();
  return absl::OkStatus();
}

}  // namespace patron::customers
