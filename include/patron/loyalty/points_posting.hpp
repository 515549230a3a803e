// How postings change a ledger of points; part of points_ledger.hpp.
#ifndef PATRON_LOYALTY_POINTS_POSTING_HPP_
#define PATRON_LOYALTY_POINTS_POSTING_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/points_ledger.hpp"

namespace patron::loyalty {

inline absl::StatusOr<PointsLedger> PointsLedger::Create(const PointsOptions &options) {
  const auto check = [](std::string_view name, int64_t value, int64_t least, int64_t most) {
    if (value >= least && value <= most) return absl::OkStatus();
    return InvalidOption(name, std::to_string(value), absl::StrCat(least, " to ", most));
  };
  PATRON_RETURN_IF_ERROR(check("expiry_days", options.expiry_days, 0, 36525));
  PATRON_RETURN_IF_ERROR(check("pending_days", options.pending_days, 0, 36525));
  PATRON_RETURN_IF_ERROR(check("burn_minimum", options.burn_minimum, 1, kMaxPoints));
  PATRON_RETURN_IF_ERROR(check("burn_step", options.burn_step, 1, kMaxPoints));
  if (options.expiry_days > 0 && options.pending_days >= options.expiry_days) {
    return InvalidOption(
        "pending_days", std::to_string(options.pending_days),
        absl::StrCat("fewer than the ", options.expiry_days, " days to the expiry"));
  }
  return PointsLedger(options);
}

inline int64_t PointsLedger::Available(const Account &account, int32_t day) const {
  int64_t sum = -account.debt;
  for (size_t i = account.first; i < account.lots.size(); ++i) {
    const Lot &lot = lots_[account.lots[i]];
    if (lot.available <= day && lot.expires > day) sum += lot.left;
  }
  return sum;
}

// Chooses the lots that `points` come from, soonest expiry first; as much as there is.
inline void PointsLedger::PlanPortions(const Account &account, int32_t day, int64_t points,
                                       uint32_t without, bool pending_too) {
  for (size_t i = account.first; i < account.lots.size() && points > 0; ++i) {
    const Lot &lot = lots_[account.lots[i]];
    if (account.lots[i] == without || lot.left == 0 || lot.expires <= day ||
        (!pending_too && lot.available > day)) {
      continue;
    }
    const int64_t taken = std::min(points, lot.left);
    planned_.push_back({account.lots[i], taken});
    points -= taken;
  }
}

inline absl::Status PointsLedger::CheckRow(const Journaled &entry, size_t row,
                                           std::string_view id) const {
  const Posting &p = entry.posting;
  const bool of_other = p.kind == PointsKind::kRelease || p.kind == PointsKind::kCapture ||
                        p.kind == PointsKind::kReverse;
  if (of_other != (entry.reverses != kNone)) {
    return InvalidRow(
        "reverses", row, of_other ? "null" : "given",
        of_other ? absl::StrCat("the transaction that a ",
                                Text(kPointsKinds[static_cast<size_t>(p.kind)]), " is about")
                 : "null for this kind");
  }
  if ((p.kind == PointsKind::kTransfer) != (entry.to != kNone)) {
    return InvalidRow(
        "to", row, entry.to == kNone ? "null" : "given",
        entry.to == kNone ? "the customer that a transfer goes to" : "null for this kind");
  }
  if (p.points < (of_other ? 0 : 1) || p.points > kMaxPoints) {
    return InvalidRow("points", row, std::to_string(p.points),
                      absl::StrCat(of_other ? 0 : 1, " to ", kMaxPoints));
  }
  if (entry.to == entry.customer && entry.to != kNone) {
    return InvalidRow("to", row, id, "another customer");
  }
  if (p.kind == PointsKind::kEarn) {
    if (p.expires <= p.day || p.expires <= p.available) {
      return InvalidRow("expires", row, FormatDay(p.expires),
                        absl::StrCat("a day after the ", FormatDay(std::max(p.day, p.available))));
    }
  } else if ((p.kind == PointsKind::kBurn || p.kind == PointsKind::kHold) &&
             (p.points < options_.burn_minimum || p.points % options_.burn_step != 0)) {
    return InvalidRow(
        "points", row, std::to_string(p.points),
        absl::StrCat("at least ", options_.burn_minimum, ", in steps of ", options_.burn_step));
  }
  return absl::OkStatus();
}

inline absl::Status PointsLedger::PlanReversal(const Journaled &entry, size_t row) {
  const Posting &p = entry.posting;
  const Done &done = done_[entry.reverses];
  const Journaled &target = journal_[entry.reverses];
  const std::string id = transactions_.Format(entry.reverses);
  const bool of_hold = p.kind != PointsKind::kReverse;
  const bool fits = of_hold ? target.posting.kind == PointsKind::kHold
                            : target.posting.kind == PointsKind::kEarn ||
                                  target.posting.kind == PointsKind::kBurn;
  if (!fits || target.customer != entry.customer) {
    return InvalidRow(
        "reverses", row, id,
        of_hold ? "a hold of the same customer" : "an earn or a burn of the same customer");
  }
  const int64_t left = done.points - done.taken;
  planned_points_ = p.points == 0 ? left : p.points;
  if (planned_points_ > left || left == 0) {
    return InvalidRow("points", row, std::to_string(planned_points_),
                      absl::StrCat("at most what is left of ", id, ", ", left));
  }
  if (target.posting.kind != PointsKind::kEarn) return absl::OkStatus();

  // First what is left of the earning itself; what of it has expired is gone anyway; the rest has been
  // spent, and comes from other points, or stays as a debt.
  const Lot &lot = lots_[done.lot];
  const bool over = lot.expires <= p.day;
  planned_own_ = over ? 0 : std::min(planned_points_, lot.left);
  planned_expired_ = std::min(planned_points_ - planned_own_, lot.expired + (over ? lot.left : 0));
  const int64_t spent = planned_points_ - planned_own_ - planned_expired_;
  PlanPortions(accounts_[entry.customer], p.day, spent, done.lot, true);
  int64_t found = 0;
  for (const Portion &portion : planned_) found += portion.points;
  if (found < spent && !options_.allow_debt) {
    return InvalidRow("points", row, std::to_string(planned_points_),
                      absl::StrCat("at most ", planned_points_ - spent + found,
                                   ": the others have been spent, and a debt is not allowed"));
  }
  return absl::OkStatus();
}

// Decides whether the row can be posted and, without a change, where its points come from.
inline absl::Status PointsLedger::Plan(const Journaled &entry, size_t row, std::string_view id) {
  const Posting &p = entry.posting;
  planned_.clear();
  planned_points_ = p.points;
  planned_own_ = planned_expired_ = 0;
  for (const uint32_t customer : {entry.customer, entry.to}) {
    if (customer == kNone || customer >= accounts_.size()) continue;
    const int32_t last = accounts_[customer].last_day;
    if (p.day < last) {
      return InvalidRow(
          "time", row, FormatDay(p.day),
          absl::StrCat("no day before ", FormatDay(last), ", the last posting of the customer"));
    }
  }
  if (entry.reverses != kNone) return PlanReversal(entry, row);
  if (p.kind == PointsKind::kEarn) return absl::OkStatus();
  const int64_t there =
      entry.customer < accounts_.size() ? Available(accounts_[entry.customer], p.day) : 0;
  if (p.points > there) {
    return InvalidRow("points", row, std::to_string(p.points),
                      absl::StrCat("at most the ", std::max<int64_t>(there, 0), " that customer ",
                                   Text(id), " can use"));
  }
  PlanPortions(accounts_[entry.customer], p.day, p.points, kNone, false);
  return absl::OkStatus();
}

// Makes room for all that Apply adds, so that it cannot fail.
inline void PointsLedger::Reserve(const Journaled &entry) {
  const auto room = [](auto &vector, size_t more) {
    if (vector.capacity() - vector.size() < more) {
      vector.reserve(std::max(vector.size() + more, vector.capacity() * 2));
    }
  };
  if (accounts_.size() < customers_.size()) accounts_.resize(customers_.size());
  room(journal_, 1);
  room(done_, 1);
  size_t lots = 1;
  size_t due = 0;
  for (const uint32_t customer : {entry.customer, entry.to}) {
    if (customer == kNone) continue;
    const Account &account = accounts_[customer];
    for (size_t i = account.first; i < account.lots.size(); ++i) {
      if (lots_[account.lots[i]].expires > entry.posting.day) break;
      ++due;
    }
  }
  lots += planned_.size();
  if (entry.reverses != kNone) lots += done_[entry.reverses].portion_count;
  room(lots_, lots);
  room(portions_, planned_.size());
  room(entries_, 2 * due + 4 + 4 * lots);
  for (const uint32_t customer : {entry.customer, entry.to}) {
    if (customer != kNone) room(accounts_[customer].lots, lots);
  }
}

inline void PointsLedger::Enter(uint32_t transaction, uint32_t customer, int32_t day,
                                PointsAccount account, int64_t points) {
  if (points != 0) entries_.push_back({transaction, customer, day, account, points});
}

inline void PointsLedger::Settle(uint32_t customer, int32_t day) {
  Account &account = accounts_[customer];
  for (; account.first < account.lots.size(); ++account.first) {
    Lot &lot = lots_[account.lots[account.first]];
    if (lot.left == 0) continue;
    if (lot.expires > day) break;
    Enter(lot.transaction, customer, lot.expires, PointsAccount::kPoints, -lot.left);
    Enter(lot.transaction, PointsEntry::kNoCustomer, lot.expires, PointsAccount::kExpired,
          lot.left);
    lot.expired += lot.left;
    lot.left = 0;
  }
}

inline void PointsLedger::AddLot(uint32_t customer, const Lot &lot) {
  Account &account = accounts_[customer];
  const auto code = static_cast<uint32_t>(lots_.size());
  lots_.push_back(lot);
  auto at = account.lots.end();
  const auto begin = account.lots.begin() + static_cast<ptrdiff_t>(account.first);
  while (at != begin && lots_[*(at - 1)].expires > lot.expires) --at;
  account.lots.insert(at, code);
}

inline void PointsLedger::Take(std::span<const Portion> portions) {
  for (const Portion &portion : portions) lots_[portion.lot].left -= portion.points;
}

inline void PointsLedger::ApplyReversal(uint32_t code, const Journaled &entry, int64_t points) {
  constexpr uint32_t kProgramme = PointsEntry::kNoCustomer;
  const int32_t day = entry.posting.day;
  const uint32_t customer = entry.customer;
  Account &account = accounts_[customer];
  Done &target = done_[entry.reverses];
  const PointsKind kind = journal_[entry.reverses].posting.kind;
  if (kind == PointsKind::kEarn) {
    target.taken += points;
    Lot &lot = lots_[target.lot];
    lot.left -= planned_own_;
    lot.expired -= planned_expired_;
    lot.earned -= points;
    Take(planned_);
    int64_t found = 0;
    for (const Portion &portion : planned_) found += portion.points;
    account.debt += points - planned_own_ - planned_expired_ - found;
    Enter(code, customer, day, PointsAccount::kPoints, planned_expired_ - points);
    Enter(code, kProgramme, day, PointsAccount::kExpired, -planned_expired_);
    Enter(code, kProgramme, day, PointsAccount::kIssued, points);
    return;
  }
  if (kind == PointsKind::kHold) account.held -= points;
  if (entry.posting.kind == PointsKind::kCapture) {
    target.taken += points;
    Enter(code, customer, day, PointsAccount::kHeld, -points);
    Enter(code, kProgramme, day, PointsAccount::kRedeemed, points);
    return;
  }
  // Points go back with their own days of expiry: what was taken last goes back first.
  const bool held = kind == PointsKind::kHold;
  Enter(code, held ? customer : kProgramme, day,
        held ? PointsAccount::kHeld : PointsAccount::kRedeemed, -points);
  Enter(code, customer, day, PointsAccount::kPoints, points);
  int64_t skip = target.taken, rest = points;
  target.taken += points;
  const int64_t paid = std::min(account.debt, points);
  account.debt -= paid;
  int64_t owed = paid;
  for (uint32_t i = target.portion_count; i-- > 0 && rest > 0;) {
    const Portion &portion = portions_[target.portions + i];
    const int64_t passed = std::min(skip, portion.points);
    skip -= passed;
    int64_t back = std::min(rest, portion.points - passed);
    rest -= back;
    const int64_t kept = std::min(owed, back);
    owed -= kept;
    back -= kept;
    if (back == 0) continue;
    Lot lot = lots_[portion.lot];
    lot.earned = lot.left = back;
    lot.expired = 0;
    lot.original = false;
    AddLot(customer, lot);
  }
  Settle(customer, day);
}

inline void PointsLedger::Apply(uint32_t code, const Journaled &entry) {
  constexpr uint32_t kProgramme = PointsEntry::kNoCustomer;
  const Posting &p = entry.posting;
  const uint32_t customer = entry.customer;
  for (const uint32_t one : {customer, entry.to}) {
    if (one == kNone) continue;
    Settle(one, p.day);
    accounts_[one].last_day = p.day;
  }
  Account &account = accounts_[customer];
  Done done;
  done.points = planned_points_;
  done.portions = portions_.size();
  switch (p.kind) {
    case PointsKind::kEarn: {
      const int64_t paid = std::min(account.debt, p.points);
      account.debt -= paid;
      done.lot = static_cast<uint32_t>(lots_.size());
      AddLot(customer,
             {code, customer, p.available, p.expires, p.points, p.points - paid, 0, true});
      Enter(code, customer, p.day, PointsAccount::kPoints, p.points);
      Enter(code, kProgramme, p.day, PointsAccount::kIssued, -p.points);
      break;
    }
    case PointsKind::kBurn:
    case PointsKind::kHold:
    case PointsKind::kTransfer: {
      Take(planned_);
      portions_.insert(portions_.end(), planned_.begin(), planned_.end());
      done.portion_count = static_cast<uint32_t>(planned_.size());
      Enter(code, customer, p.day, PointsAccount::kPoints, -p.points);
      if (p.kind == PointsKind::kBurn) {
        Enter(code, kProgramme, p.day, PointsAccount::kRedeemed, p.points);
      } else if (p.kind == PointsKind::kHold) {
        account.held += p.points;
        Enter(code, customer, p.day, PointsAccount::kHeld, p.points);
      } else {
        Enter(code, entry.to, p.day, PointsAccount::kPoints, p.points);
        Account &other = accounts_[entry.to];
        for (const Portion &portion : planned_) {
          Lot lot = lots_[portion.lot];
          const int64_t paid = std::min(other.debt, portion.points);
          other.debt -= paid;
          lot.customer = entry.to;
          lot.earned = lot.left = portion.points - paid;
          lot.expired = 0;
          lot.original = false;
          AddLot(entry.to, lot);
        }
      }
      break;
    }
    case PointsKind::kRelease:
    case PointsKind::kCapture:
    case PointsKind::kReverse: ApplyReversal(code, entry, planned_points_); break;
  }
  journal_.push_back(entry);
  done_.push_back(done);
  last_day_ = std::max(last_day_, p.day);
}

inline absl::Status PointsLedger::PostRow(const PointsRows &rows, size_t row, bool &duplicate) {
  Journaled entry;
  entry.posting = rows.posting[row];
  uint32_t code = 0;
  const size_t customers = customers_.size(), transactions = transactions_.size();
  const auto undo = [&] {
    customers_.Truncate(customers);
    transactions_.Truncate(transactions);
  };
  const auto encode = [](IdIndex &index, const IdSpan &ids, size_t at, uint32_t &to) {
    return index.Encode(ids.subspan(at, 1), std::span(&to, 1));
  };
  try {
    PATRON_RETURN_IF_ERROR(encode(transactions_, rows.transaction, row, code));
    absl::Status status = encode(customers_, rows.customer, row, entry.customer);
    if (status.ok() && !rows.to.empty() && rows.has_to[row] != 0) {
      status = encode(customers_, rows.to, row, entry.to);
    }
    if (!status.ok()) {
      undo();
      return status;
    }
    if (!rows.reverses.empty() && rows.has_reverses[row] != 0) {
      entry.reverses = rows.reverses.is_text() ? transactions_.Find(rows.reverses.text()[row])
                                               : transactions_.Find(rows.reverses.integers()[row]);
      if (entry.reverses == IdIndex::kUnknown || entry.reverses >= transactions) {
        undo();
        return InvalidRow("reverses", row, FormatId(rows.reverses, row),
                          "a transaction that has been posted");
      }
    }
    if (entry.posting.kind == PointsKind::kEarn) {
      Posting &p = entry.posting;
      if (p.available == kNoPointsDay) p.available = p.day + options_.pending_days;
      if (p.expires == kNoPointsDay) {
        p.expires = options_.expiry_days == 0 ? std::numeric_limits<int32_t>::max()
                                              : p.day + options_.expiry_days;
      }
    } else {
      entry.posting.available = entry.posting.expires = kNoPointsDay;
    }
    duplicate = code < transactions;
    if (duplicate) {
      const bool equal = journal_[code] == entry;
      undo();
      if (equal) return absl::OkStatus();
      return InvalidRow("transaction", row, FormatId(rows.transaction, row),
                        "equal content under an id that has been posted");
    }
    status = CheckRow(entry, row, FormatId(rows.customer, row));
    if (status.ok()) status = Plan(entry, row, FormatId(rows.customer, row));
    if (!status.ok()) {
      undo();
      return status;
    }
    Reserve(entry);
  } catch (...) {
    undo();
    if (accounts_.size() > customers_.size()) accounts_.resize(customers_.size());
    throw;
  }
  Apply(code, entry);
  return absl::OkStatus();
}

inline absl::StatusOr<PointsReport> PointsLedger::Post(const PointsRows &rows) {
  const size_t n = rows.posting.size();
  if (rows.transaction.size() != n || rows.customer.size() != n ||
      (!rows.reverses.empty() && (rows.reverses.size() != n || rows.has_reverses.size() != n)) ||
      (!rows.to.empty() && (rows.to.size() != n || rows.has_to.size() != n))) {
    return absl::InvalidArgumentError("postings: columns differ in length");
  }
  if (n == 0) return PointsReport{};
  if (!kinds_known_) {
    customers_ = IdIndex(rows.customer.is_text());
    transactions_ = IdIndex(rows.transaction.is_text());
    kinds_known_ = true;
  }
  const auto same = [](std::string_view column, const IdSpan &ids, const IdIndex &index) {
    if (ids.empty() || ids.is_text() == index.is_text()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(Text(column), ": ", ids.is_text() ? "text" : "integers", "; expected ",
                     index.is_text() ? "text" : "integers", " as before"));
  };
  PATRON_RETURN_IF_ERROR(same("transaction", rows.transaction, transactions_));
  PATRON_RETURN_IF_ERROR(same("reverses", rows.reverses, transactions_));
  PATRON_RETURN_IF_ERROR(same("customer", rows.customer, customers_));
  PATRON_RETURN_IF_ERROR(same("to", rows.to, customers_));
  PointsReport report;
  for (size_t row = 0; row < n; ++row) {
    bool duplicate = false;
    PATRON_RETURN_IF_ERROR(PostRow(rows, row, duplicate));
    ++(duplicate ? report.duplicates : report.posted);
  }
  return report;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_POINTS_POSTING_HPP_
