// Entries in a database of SQLite: one row each, one transaction a change, synced before it is told.
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "store/entry_store.hpp"

namespace patron::store {
namespace {

constexpr int kApplication = 0x50617472;  // "Patr"
constexpr int kVersion = 1;

struct Close {
  void operator()(sqlite3 *database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
// Ends a transaction that is still open, whatever went wrong in it.
struct Rollback {
  sqlite3 *database;
  ~Rollback() {
    if (sqlite3_get_autocommit(database) == 0) {
      sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

class SqliteStore final : public EntryStore {
 public:
  static absl::StatusOr<std::unique_ptr<EntryStore>> Open(std::string_view book,
                                                          std::string_view path) {
    // All that needs memory comes before the database does.
    auto store = std::unique_ptr<SqliteStore>(new SqliteStore(book, std::string(path)));
    sqlite3 *raw = nullptr;
    const int opened = sqlite3_open_v2(store->path_.c_str(), &raw,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    store->database_.reset(raw);
    if (opened != SQLITE_OK) return store->Error(opened);
    sqlite3_extended_result_codes(raw, 1);
    PATRON_RETURN_IF_ERROR(store->Begin());
    return std::unique_ptr<EntryStore>(std::move(store));
  }

  absl::Status Read(absl::FunctionRef<absl::Status(std::string_view)> take) override {
    PATRON_ASSIGN_OR_RETURN(const Statement rows,
                            Prepare("SELECT place, bytes FROM entries ORDER BY place"));
    for (int64_t place = 0;; ++place) {
      const int step = sqlite3_step(rows.get());
      if (step == SQLITE_DONE) return absl::OkStatus();
      if (step != SQLITE_ROW) return Error(step);
      if (sqlite3_column_int64(rows.get(), 0) != place) {
        return absl::DataLossError(
            absl::StrCat(Text(book_), ": ", Quoted(path_), ": entry ", place, " is missing"));
      }
      const void *bytes = sqlite3_column_blob(rows.get(), 1);
      const auto size = static_cast<size_t>(sqlite3_column_bytes(rows.get(), 1));
      PATRON_RETURN_IF_ERROR(take({static_cast<const char *>(bytes), size}));
    }
  }

  absl::Status Append(uint64_t place, std::string_view bytes) override {
    // A statement by itself is a transaction.
    return Settled(place, bytes, [&] { return Insert(place, bytes); });
  }

  absl::Status Replace(std::string_view bytes) override {
    PATRON_RETURN_IF_ERROR(Settled(0, bytes, [&] { return ReplaceAll(bytes); }));
    // What was deleted has been overwritten; the journal still has it. It has been replaced, whether
    // this works or not.
    sqlite3_exec(database_.get(), "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    return absl::OkStatus();
  }

  bool uncertain() const override { return uncertain_; }

 private:
  SqliteStore(std::string_view book, std::string path) : book_(book), path_(std::move(path)) {}

  // Takes the lock, which is kept, and looks what the file is.
  absl::Status Begin() {
    for (const char *set : {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA trusted_schema=OFF",
                            "PRAGMA secure_delete=ON", "PRAGMA page_size=8192"}) {
      PATRON_RETURN_IF_ERROR(Run(set));
    }
    PATRON_ASSIGN_OR_RETURN(const int64_t application, Ask("PRAGMA application_id"));
    PATRON_ASSIGN_OR_RETURN(const int64_t tables, Ask("SELECT count(*) FROM sqlite_schema"));
    if (application != kApplication && (application != 0 || tables != 0)) {
      return absl::DataLossError(absl::StrCat(Text(book_), ": ", Quoted(path_),
                                              " is another database; expected one of a ",
                                              Text(book_)));
    }
    PATRON_RETURN_IF_ERROR(Run("PRAGMA journal_mode=WAL"));
    PATRON_RETURN_IF_ERROR(Run("PRAGMA synchronous=FULL"));
    PATRON_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
    if (tables == 0) {
      PATRON_RETURN_IF_ERROR(
          Run("CREATE TABLE entries (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"));
      PATRON_RETURN_IF_ERROR(Run(absl::StrCat("PRAGMA application_id=", kApplication).c_str()));
      PATRON_RETURN_IF_ERROR(Run(absl::StrCat("PRAGMA user_version=", kVersion).c_str()));
    }
    PATRON_RETURN_IF_ERROR(Run("COMMIT"));
    PATRON_ASSIGN_OR_RETURN(const int64_t version, Ask("PRAGMA user_version"));
    if (version != kVersion) {
      return absl::DataLossError(absl::StrCat(Text(book_), ": ", Quoted(path_), " has version ",
                                              version, "; expected ", kVersion));
    }
    PATRON_ASSIGN_OR_RETURN(insert_, Prepare("INSERT INTO entries VALUES (?, ?)"));
    return absl::OkStatus();
  }

  absl::Status ReplaceAll(std::string_view bytes) {
    PATRON_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
    const Rollback unless_committed{database_.get()};
    PATRON_RETURN_IF_ERROR(Run("DELETE FROM entries"));
    PATRON_RETURN_IF_ERROR(Insert(0, bytes));
    return Run("COMMIT");
  }

  // Changes the database. An error may come after the change was committed, as when there is no
  // memory left to say so: then the last entry tells.
  template <typename Change>
  absl::Status Settled(uint64_t place, std::string_view bytes, Change change) {
    uncertain_ = true;
    const absl::Status status = change();
    if (!status.ok()) {
      PATRON_ASSIGN_OR_RETURN(const bool there, IsLast(place, bytes));
      uncertain_ = false;
      return there ? absl::OkStatus() : status;
    }
    uncertain_ = false;
    return status;
  }

  absl::StatusOr<bool> IsLast(uint64_t place, std::string_view bytes) {
    PATRON_ASSIGN_OR_RETURN(
        const Statement last,
        Prepare("SELECT place = ?1 AND bytes = ?2 FROM entries ORDER BY place DESC LIMIT 1"));
    int code = sqlite3_bind_int64(last.get(), 1, static_cast<int64_t>(place));
    if (code == SQLITE_OK) {
      code = sqlite3_bind_blob64(last.get(), 2, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    if (code == SQLITE_OK) code = sqlite3_step(last.get());
    if (code == SQLITE_DONE) return false;
    if (code != SQLITE_ROW) return Error(code);
    return sqlite3_column_int(last.get(), 0) != 0;
  }

  absl::Status Insert(uint64_t place, std::string_view bytes) {
    sqlite3_stmt *statement = insert_.get();
    int code = sqlite3_bind_int64(statement, 1, static_cast<int64_t>(place));
    if (code == SQLITE_OK) {
      code = sqlite3_bind_blob64(statement, 2, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    // First of all, as words for an error may find no memory.
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? absl::OkStatus() : Error(code);
  }

  absl::Status Run(const char *sql) {
    const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? absl::OkStatus() : Error(code);
  }

  absl::StatusOr<Statement> Prepare(const char *sql) {
    sqlite3_stmt *raw = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), sql, -1, &raw, nullptr);
    Statement statement(raw);
    if (code != SQLITE_OK) return Error(code);
    return statement;
  }

  absl::StatusOr<int64_t> Ask(const char *sql) {
    PATRON_ASSIGN_OR_RETURN(const Statement statement, Prepare(sql));
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_ROW) return Error(code);
    return sqlite3_column_int64(statement.get(), 0);
  }

  absl::Status Error(int code) const {
    const std::string what =
        absl::StrCat(Text(book_), ": ", Quoted(path_), ": ",
                     database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_.get()));
    switch (code & 0xFF) {
      case SQLITE_NOMEM: return absl::ResourceExhaustedError("out of memory");
      case SQLITE_FULL: return Full(what);
      case SQLITE_IOERR:  // A file that may not grow is one that cannot be written.
        return code == SQLITE_IOERR_WRITE ? Full(what) : absl::UnknownError(what);
      case SQLITE_TOOBIG: return absl::ResourceExhaustedError(what);
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return absl::FailedPreconditionError(
            absl::StrCat(Text(book_), ": ", Quoted(path_),
                         " is open in another process or by another handle; expected one that is "
                         "closed"));
      case SQLITE_READONLY:
      case SQLITE_PERM:
      case SQLITE_AUTH: return absl::FailedPreconditionError(what);
      case SQLITE_CANTOPEN: return absl::NotFoundError(what);
      case SQLITE_NOTADB:
      case SQLITE_CORRUPT: return absl::DataLossError(what);
      default: return absl::UnknownError(what);
    }
  }

  static absl::Status Full(const std::string &what) {
    return absl::ResourceExhaustedError(absl::StrCat(what, "; expected room on the disk"));
  }

  std::string_view book_;
  std::string path_;
  Database database_;
  Statement insert_;
  bool uncertain_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EntryStore>> OpenSqlite(std::string_view book,
                                                       std::string_view path) {
  return SqliteStore::Open(book, path);
}

}  // namespace patron::store
