// A register together with where it is kept.
#ifndef PATRON_SRC_CUSTOMERS_REGISTER_BOOK_HPP_
#define PATRON_SRC_CUSTOMERS_REGISTER_BOOK_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/customers/register.hpp"
#include "store/entry_store.hpp"

namespace patron::customers {

// Changes as those of Register, and in the store when they return: one entry a change, and of a store
// that can amend one for each batch of records, all in one transaction. A table of records is there as a
// whole or not at all. After the failure of another change that was made in memory and not written, or
// when the store cannot tell, the register has to be opened again: until then further changes are
// refused (FailedPrecondition).
class RegisterBook {
 public:
  // In memory alone.
  RegisterBook() = default;
  explicit RegisterBook(Register reg) : reg_(std::move(reg)) {}

  // Reads what the store holds. Errors: DataLoss naming the entry that is not as it was written.
  static absl::StatusOr<RegisterBook> Open(std::unique_ptr<store::EntryStore> store);

  const Register &reg() const { return reg_; }

  absl::Status Add(std::vector<RecordBatch> batches, std::span<const std::string> names,
                   std::string_view id_name);
  // With evidence, which an erasure takes out again, in parts of a few thousand pairs.
  absl::Status Merge(std::span<const std::pair<uint32_t, uint32_t>> pairs, const ChangeNote &note,
                     bool skip_refused, Register::Merged *merged,
                     const MergeEvidence *evidence = nullptr);
  absl::Status AssertDifferent(std::span<const std::pair<uint32_t, uint32_t>> pairs,
                               const ChangeNote &note);
  absl::StatusOr<uint32_t> Split(std::vector<uint32_t> records, const ChangeNote &note);
  absl::StatusOr<uint32_t> Unmerge(uint64_t line, const ChangeNote &note);
  absl::Status AddContacts(std::vector<Contact> contacts, const ChangeNote &note);
  absl::Status AddTies(std::vector<Tie> ties, const ChangeNote &note);
  absl::Status End(bool tie, uint64_t number, int64_t valid_to, const ChangeNote &note);

  // Also from the store: the entries that hold something of the records are written again, or all.
  absl::Status Erase(Erasure erasure, const ChangeNote &note);

 private:
  absl::Status CheckSound() const;
  // Does `change` in memory and writes what it has changed, even if it fails half way.
  template <typename Change>
  absl::Status Do(Change change);
  absl::StatusOr<std::string> EntryOf(uint64_t place, size_t first, size_t count) const;
  absl::Status WriteFrom(size_t first);
  absl::Status WriteStaged();
  absl::Status Rewrite(const Touched &touched);

  Register reg_;
  std::unique_ptr<store::EntryStore> store_;
  std::vector<size_t> entries_;  // The first change of each.
  bool sound_ = true;
};

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_REGISTER_BOOK_HPP_
