// A casebook together with where it is kept.
#ifndef PATRON_SRC_CASEBOOK_BOOK_HPP_
#define PATRON_SRC_CASEBOOK_BOOK_HPP_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/blake2b.hpp"
#include "patron/complaints/casebook.hpp"
#include "patron/v1/casebook.pb.h"
#include "store/entry_store.hpp"

namespace patron::casebook {

// Changes as those of complaints::Casebook, and in the store when they return. Those of events and
// of what happens by itself leave both as they were if they fail; after the failure of another one
// that was done in memory and not written, or was written and not done, or when the store cannot tell,
// the book has to be opened again: until then further changes are refused (FailedPrecondition).
class Book {
 public:
  // In memory alone.
  Book() = default;
  explicit Book(complaints::Casebook casebook) : casebook_(std::move(casebook)) {}

  // Reads what the store holds. Errors: DataLoss naming the entry that is not as it was written.
  static absl::StatusOr<Book> Open(std::unique_ptr<store::EntryStore> store);

  const complaints::Casebook &casebook() const { return casebook_; }
  bool is_kept() const { return store_ != nullptr; }

  absl::Status AddCalendar(std::string_view name, complaints::Calendar calendar, int64_t from);
  absl::Status AddPolicy(complaints::Policy policy);
  absl::Status UsePolicy(std::string_view name, std::string_view version);
  // `keep` is asked first whether what is new stays.
  absl::StatusOr<complaints::ApplyReport> Apply(const complaints::EventRows &rows, int64_t recorded,
                                                complaints::ApplyMode mode,
                                                const Execution &execution,
                                                complaints::KeepEvents keep);
  absl::StatusOr<complaints::AdvanceReport> Advance(int64_t now);
  absl::StatusOr<int64_t> NextInstant() { return casebook_.NextInstant(); }

  // Also from the store, of which one entry is left.
  absl::Status EraseCustomer(uint32_t customer);

  // Leaves one entry in the store, which is read faster than many.
  absl::Status Compact();

  // The log in memory, and that in the store. Cost: twice that of reading the store.
  absl::Status Verify(const std::optional<complaints::LogHead> &anchor) const;

 private:
  // Marks a book whose store does not know whether it has made a change.
  class Unsound {
   public:
    explicit Unsound(Book *book) : book_(book) {}
    Unsound(const Unsound &) = delete;
    Unsound &operator=(const Unsound &) = delete;
    ~Unsound() { book_->sound_ = book_->sound_ && !book_->store_->uncertain(); }

   private:
    Book *book_;
  };

  // What an entry says, and the digest that it leaves.
  absl::Status Take(std::string_view bytes);
  absl::Status TakeWhole(const v1::Casebook &message);
  // The digest that an entry without its own link leaves.
  absl::StatusOr<Digest> LinkAfter(const v1::CasebookEntry &entry) const;
  absl::Status CheckSound() const;
  absl::Status Write(v1::CasebookEntry &entry);
  // Writes what has been done; the book is not sound if that fails.
  absl::Status WriteDone(v1::CasebookEntry &entry);

  complaints::Casebook casebook_;
  std::unique_ptr<store::EntryStore> store_;
  uint64_t next_ = 0;  // Place of the next entry.
  Digest link_{};      // Of the last one.
  bool sound_ = true;
};

}  // namespace patron::casebook

#endif  // PATRON_SRC_CASEBOOK_BOOK_HPP_
