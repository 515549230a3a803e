// Points: a double-entry ledger of whole points, with lots that expire first in, first out.
#ifndef PATRON_LOYALTY_POINTS_LEDGER_HPP_
#define PATRON_LOYALTY_POINTS_LEDGER_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::loyalty {

inline constexpr int32_t kNoPointsDay = std::numeric_limits<int32_t>::min();
inline constexpr int64_t kMaxPoints = int64_t{1} << 52;  // Of one posting.

enum class PointsKind : uint8_t {
  kEarn,      // Points of a purchase, for use from `available` and until `expires`.
  kBurn,      // Points spent.
  kHold,      // Points put aside: they are not for use, and do not expire.
  kRelease,   // A hold that ends; `reverses` names it.
  kCapture,   // A hold that is spent; `reverses` names it.
  kReverse,   // Takes back an earning, or gives back a burning; `reverses` names it.
  kTransfer,  // To another customer, with the days of expiry.
};
inline constexpr std::array<std::string_view, 7> kPointsKinds = {
    "earn", "burn", "hold", "release", "capture", "reverse", "transfer"};

// Where points can be. The sum over all is zero after every posting.
enum class PointsAccount : uint8_t {
  kPoints,    // Of a customer.
  kHeld,      // Of a customer.
  kIssued,    // Of the programme: less than zero by all that has been earned.
  kRedeemed,  // Of the programme.
  kExpired,   // Of the programme.
};
inline constexpr std::array<std::string_view, 5> kPointsAccounts = {"points", "held", "issued",
                                                                    "redeemed", "expired"};

struct PointsOptions {
  int32_t expiry_days = 0;   // From the day of earning to the first day without; 0 = never.
  int32_t pending_days = 0;  // From the day of earning to the first day of use.
  int64_t burn_minimum = 1;  // Least points of a burning or a hold,
  int64_t burn_step = 1;     // and of what they are a multiple.
  bool allow_debt = true;    // Earnings that are taken back after they were spent leave a debt.
};

struct Posting {
  PointsKind kind = PointsKind::kEarn;
  int32_t day = 0;
  int64_t points = 0;  // 0 for a release, a capture or a reversal means all that is left.
  int32_t available = kNoPointsDay;  // Earnings: as the options say, or this day.
  int32_t expires = kNoPointsDay;
};

// Rows to post, in their order. `reverses` and `to` have valid bytes: 1 where they say something.
struct PointsRows {
  IdSpan transaction, customer;
  std::span<const Posting> posting;
  IdSpan reverses;
  std::span<const uint8_t> has_reverses;
  IdSpan to;
  std::span<const uint8_t> has_to;
};

struct PointsEntry {
  uint32_t transaction;
  uint32_t customer;  // kNoCustomer for accounts of the programme.
  int32_t day;
  PointsAccount account;
  int64_t points;
  static constexpr uint32_t kNoCustomer = std::numeric_limits<uint32_t>::max();
};

struct PointsBalance {
  int64_t available = 0;  // For use on the day; below zero by a debt.
  int64_t pending = 0;    // Earned, not yet for use.
  int64_t held = 0;
  int32_t next_expiry = kNoPointsDay;  // The first day on which points will be gone,
  int64_t next_expiring = 0;           // and how many.
};

struct PointsReport {
  uint64_t posted = 0;
  uint64_t duplicates = 0;
};

// The share of earned points that are never spent.
struct Breakage {
  uint64_t customers = 0;      // With points whose day of expiry has passed.
  int64_t matured = 0;         // Such points, less those taken back.
  int64_t expired = 0;         // Of them.
  double rate = std::nan("");  // expired / matured; NaN without any.
  double low = std::nan("");   // Interval from the spread over customers; NaN below two.
  double high = std::nan("");
};

// The ledger. State is a function of the postings and expiries in their order alone. One thread may change it at a
// time; any number may read.
class PointsLedger {
 public:
  // Errors: InvalidArgument naming an option out of range.
  static absl::StatusOr<PointsLedger> Create(const PointsOptions &options);

  // Posts rows one after another. A transaction that is there already with equal content is skipped.
  //
  // Errors: InvalidArgument naming column and row: a transaction that is there with other content,
  // points that are not positive, not a multiple of the step or more than there are, a day before the
  // customer's last, an expiry that has passed, a reversal of what cannot be reversed or of more than is
  // left. Rows before it have been posted, and posting them again does nothing.
  // Cost: O(1) a row, and O(lots) where points are spent.
  absl::StatusOr<PointsReport> Post(const PointsRows &rows);

  // Expires what is due on `day`, so that entries show it; for the customers that had any, and for the
  // ledger, that day is then the last. Errors: InvalidArgument for a day before the last.
  // Cost: O(customers + lots).
  absl::Status ExpireUntil(int32_t day);

  // What a customer has on `day`, not before its last posting. Cost: O(its lots).
  PointsBalance BalanceOf(uint32_t customer, int32_t day) const;

  // Breakage of points that expired up to `day`; z is the width of the interval.
  Breakage EstimateBreakage(int32_t day, double z = 1.959963984540054) const;

  const IdIndex &customers() const { return customers_; }
  const IdIndex &transactions() const { return transactions_; }
  std::span<const PointsEntry> entries() const { return entries_; }
  int32_t last_day() const { return last_day_; }
  const PointsOptions &options() const { return options_; }

  // What ExpireUntil entered: after how many postings, and until which day. One that entered nothing is
  // not here.
  struct Expiry {
    uint32_t after;
    int32_t until;
  };
  std::span<const Expiry> expiries() const { return expiries_; }

  // The postings in their order, by code of the transaction; with these and the expiries between
  // them an equal ledger is made.
  struct Journaled {
    Posting posting;
    uint32_t customer = 0;
    uint32_t reverses = kNone;  // Transaction.
    uint32_t to = kNone;        // Customer.
    friend bool operator==(const Journaled &a, const Journaled &b) {
      return a.posting.kind == b.posting.kind && a.posting.day == b.posting.day &&
             a.posting.points == b.posting.points && a.posting.available == b.posting.available &&
             a.posting.expires == b.posting.expires && a.customer == b.customer &&
             a.reverses == b.reverses && a.to == b.to;
    }
  };
  std::span<const Journaled> journal() const { return journal_; }

  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

 private:
  struct Lot {
    uint32_t transaction;
    uint32_t customer;
    int32_t available, expires;
    int64_t earned, left, expired;
    bool original;  // Not one that came by transfer or was given back.
  };
  struct Portion {
    uint32_t lot;
    int64_t points;
  };
  struct Account {
    std::vector<uint32_t> lots;  // By expiry, then as they came; those before `first` are empty.
    size_t first = 0;
    int64_t held = 0, debt = 0;
    int32_t last_day = kNoPointsDay;
  };
  struct Done {  // What became of a transaction.
    uint32_t lot = kNone;
    uint64_t portions = 0;
    uint32_t portion_count = 0;
    int64_t points = 0;
    int64_t taken = 0;  // Reversed, released or captured.
  };

  explicit PointsLedger(const PointsOptions &options) : options_(options) {}

  absl::Status PostRow(const PointsRows &rows, size_t row, bool &duplicate);
  absl::Status CheckRow(const Journaled &entry, size_t row, const IdSpan &customers) const;
  absl::Status Plan(const Journaled &entry, size_t row, const IdSpan &customers);
  absl::Status PlanReversal(const Journaled &entry, size_t row);
  void Reserve(const Journaled &entry);
  void Apply(uint32_t code, const Journaled &entry);
  void ApplyReversal(uint32_t code, const Journaled &entry, int64_t points);
  int64_t Available(const Account &account, int32_t day) const;
  void PlanPortions(const Account &account, int32_t day, int64_t points, uint32_t without,
                    bool pending_too);
  void Settle(uint32_t customer, int32_t day);
  void AddLot(uint32_t customer, const Lot &lot);
  void Take(std::span<const Portion> portions);
  void Enter(uint32_t transaction, uint32_t customer, int32_t day, PointsAccount account,
             int64_t points);

  PointsOptions options_;
  IdIndex customers_, transactions_;
  bool kinds_known_ = false;
  LargeVector<Journaled> journal_;
  std::vector<Expiry> expiries_;
  LargeVector<Done> done_;
  LargeVector<Account> accounts_;
  LargeVector<Lot> lots_;
  LargeVector<Portion> portions_;
  LargeVector<PointsEntry> entries_;
  std::vector<Portion> planned_;
  int64_t planned_points_ = 0, planned_own_ = 0, planned_expired_ = 0;
  int32_t last_day_ = kNoPointsDay;
};

}  // namespace patron::loyalty

#include "patron/loyalty/points_balance.hpp"  // IWYU pragma: export
#include "patron/loyalty/points_posting.hpp"  // IWYU pragma: export

#endif  // PATRON_LOYALTY_POINTS_LEDGER_HPP_
