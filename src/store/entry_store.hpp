// Where a book that lasts is kept: entries in order, each written once.
#ifndef PATRON_SRC_STORE_ENTRY_STORE_HPP_
#define PATRON_SRC_STORE_ENTRY_STORE_HPP_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/c/entry_store.h"

namespace patron::store {

// One thread at a time.
class EntryStore {
 public:
  EntryStore() = default;
  EntryStore(const EntryStore &) = delete;
  EntryStore &operator=(const EntryStore &) = delete;
  virtual ~EntryStore() = default;

  // Gives all entries to `take`, in order; ends with the first error.
  virtual absl::Status Read(absl::FunctionRef<absl::Status(std::string_view)> take) = 0;

  // Adds an entry at `place`, right after the last one. When it returns, the entry outlives the
  // process and the machine's power. If it fails, nothing has been added.
  virtual absl::Status Append(uint64_t place, std::string_view bytes) = 0;

  // Puts one entry in the place of all, and leaves nothing of them behind. If it fails, all stay.
  virtual absl::Status Replace(std::string_view bytes) = 0;

  // Whether the last change may have been made although it failed.
  virtual bool uncertain() const { return false; }
};

// A database of SQLite, which no one else can use until the store is gone. Errors begin with `book`, a
// word that lasts as long as the program, such as "casebook".
// Errors: FailedPrecondition if it is in use or cannot be written; NotFound if it cannot be opened;
// DataLoss if the file is something else; ResourceExhausted for a full disk.
absl::StatusOr<std::unique_ptr<EntryStore>> OpenSqlite(std::string_view book,
                                                       std::string_view path);

// A store that a host gives by its functions, which must outlive it.
absl::StatusOr<std::unique_ptr<EntryStore>> OpenHost(std::string_view book,
                                                     const patron_entry_store &host);

}  // namespace patron::store

#endif  // PATRON_SRC_STORE_ENTRY_STORE_HPP_
