// A ledger of points together with its calendar, and with where it is kept.
#ifndef PATRON_SRC_LOYALTY_POINTS_BOOK_HPP_
#define PATRON_SRC_LOYALTY_POINTS_BOOK_HPP_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/blake2b.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/points_ledger.hpp"
#include "patron/v1/points_change.pb.h"
#include "store/entry_store.hpp"

namespace patron::loyalty {

// Changes as those of PointsLedger, and in the store when they return: one entry a call, each with a
// digest of all before it. If the store fails, nothing of the call is left: what it holds is read
// again. If that fails too, all further use is refused (FailedPrecondition) until the ledger is opened
// again.
class PointsBook {
 public:
  // In memory alone.
  static absl::StatusOr<PointsBook> Create(const PointsOptions &options, std::string zone);
  static absl::StatusOr<PointsBook> Of(PointsLedger ledger, std::string zone);

  // Reads what the store holds, or starts a ledger in it. What is given must be as the ledger there was
  // started. Errors: InvalidArgument naming what differs; DataLoss naming the entry that is not as it
  // was written.
  static absl::StatusOr<PointsBook> Open(std::unique_ptr<store::EntryStore> store,
                                         const std::optional<PointsOptions> &options,
                                         const std::optional<std::string> &zone);

  absl::Status CheckSound() const;
  const PointsLedger &ledger() const { return ledger_; }
  const std::string &zone() const { return zone_; }
  const CivilDays &days() const { return days_; }

  absl::StatusOr<PointsReport> Post(const PointsRows &rows);
  absl::Status ExpireUntil(int32_t day);

 private:
  PointsBook(PointsLedger ledger, std::string zone, CivilDays days)
      : ledger_(std::move(ledger)), zone_(std::move(zone)), days_(std::move(days)) {}

  // What an entry of the store says; the first one makes the book.
  static absl::Status Take(std::string_view bytes, std::optional<PointsBook> *book);
  static absl::StatusOr<std::optional<PointsBook>> Read(store::EntryStore &store);

  // Does `change` and writes it.
  template <typename Change>
  absl::Status Do(Change change);
  absl::Status WriteSince(size_t postings, size_t customers, size_t expiries);
  absl::Status Write(v1::PointsChange &change);
  void Recover() noexcept;

  PointsLedger ledger_;
  std::string zone_;
  CivilDays days_;
  std::unique_ptr<store::EntryStore> store_;
  uint64_t next_ = 0;  // Place of the next entry.
  Digest link_{};      // Of the last one.
  bool sound_ = true;
};

}  // namespace patron::loyalty

#endif  // PATRON_SRC_LOYALTY_POINTS_BOOK_HPP_
