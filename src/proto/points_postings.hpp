// Postings of a ledger of points in a message, and back; of messages whose lists have the same names.
#ifndef PATRON_PROTO_POINTS_POSTINGS_HPP_
#define PATRON_PROTO_POINTS_POSTINGS_HPP_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/loyalty/points_ledger.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"

namespace patron::proto {

inline bool HasTarget(loyalty::PointsKind kind) {
  using enum loyalty::PointsKind;
  return kind == kRelease || kind == kCapture || kind == kReverse;
}

// Ids from the code `first` on.
inline void WriteIdsFrom(const IdIndex &index, size_t first, v1::Ids &message) {
  std::vector<uint32_t> codes(index.size() - first);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint32_t>(first + i);
  WriteIds(index.List(codes).span(), message);
}

// Postings from `first` on, but not their ids.
template <typename Message>
void WritePostings(const loyalty::PointsLedger &ledger, size_t first, Message &message) {
  using enum loyalty::PointsKind;
  for (const loyalty::PointsLedger::Journaled &entry : ledger.journal().subspan(first)) {
    message.add_customer(entry.customer);
    message.add_kind(static_cast<uint32_t>(entry.posting.kind));
    message.add_day(entry.posting.day);
    message.add_points(static_cast<uint64_t>(entry.posting.points));
    if (entry.posting.kind == kEarn) {
      message.add_available(entry.posting.available);
      message.add_expires(entry.posting.expires);
    }
    if (HasTarget(entry.posting.kind)) message.add_reverses(entry.reverses);
    if (entry.posting.kind == kTransfer) message.add_to(entry.to);
  }
}

// Ids by their place: those that an index has, and those of a list after them.
struct IdPlaces {
  const IdIndex &known;
  const IdList &fresh;

  size_t size() const { return known.size() + fresh.size(); }
  bool is_text() const { return known.size() > 0 ? known.is_text() : fresh.is_text; }
  bool is_mixed() const {
    return known.size() > 0 && fresh.size() > 0 && known.is_text() != fresh.is_text;
  }
};

// The ids of places. Those of the index are copied, as it moves them when it grows.
class PickedIds {
 public:
  PickedIds(const IdPlaces &from, size_t count) : is_text_(from.is_text()) {
    is_text_ ? text_.resize(count) : integers_.resize(count);
  }
  void Set(size_t at, const IdPlaces &from, uint32_t place) {
    const size_t known = from.known.size();
    if (!is_text_) {
      integers_[at] =
          place < known ? from.known.integer(place) : from.fresh.integers[place - known];
    } else if (place < known) {
      text_[at] = kept_.emplace_back(from.known.text(place));
    } else {
      text_[at] = from.fresh.text[place - known];
    }
  }
  IdSpan span() const {
    return is_text_ ? IdSpan(std::span<const std::string_view>(text_))
                    : IdSpan(std::span<const int64_t>(integers_));
  }

 private:
  bool is_text_;
  std::vector<int64_t> integers_;
  std::vector<std::string_view> text_;
  std::deque<std::string> kept_;
};

// Postings that follow those of a ledger, which may not change before they are posted.
class ReadPostings {
 public:
  // Borrows the ids. Errors: DataLoss for lists that WritePostings does not write after `ledger`.
  template <typename Message>
  static absl::StatusOr<ReadPostings> From(const Message &message,
                                           const loyalty::PointsLedger &ledger,
                                           const IdList &transactions, const IdList &customers);

  size_t size() const { return postings_.size(); }

  // Posts `count` from `first` on. Errors: DataLoss.
  absl::Status Post(size_t first, size_t count, loyalty::PointsLedger &ledger) const {
    const absl::StatusOr<loyalty::PointsReport> report =
        ledger.Post({.transaction = transactions_.subspan(first, count),
                     .customer = customer_.span().subspan(first, count),
                     .posting = std::span(postings_).subspan(first, count),
                     .reverses = reverses_.span().subspan(first, count),
                     .has_reverses = std::span(has_reverses_).subspan(first, count),
                     .to = to_.span().subspan(first, count),
                     .has_to = std::span(has_to_).subspan(first, count)});
    if (!report.ok()) return AsDataLoss(report.status());
    return report->duplicates == 0 ? absl::OkStatus() : NotOurs("points: a transaction twice");
  }

  // Whether the postings got the customers that the message says: in another order, or without a
  // posting, they would be written otherwise. Errors: DataLoss.
  absl::Status CheckCustomers(const loyalty::PointsLedger &ledger) const {
    bool same = ledger.customers().size() == customers_;
    const auto journal = ledger.journal().last(postings_.size());
    for (size_t i = 0; same && i < journal.size(); ++i) same = journal[i].customer == places_[i];
    return same ? absl::OkStatus() : NotOurs("points: customers not in their order");
  }

 private:
  ReadPostings(const IdPlaces &transactions, const IdPlaces &customers)
      : transactions_(transactions.fresh.span()),
        customer_(customers, transactions.fresh.size()),
        reverses_(transactions, transactions.fresh.size()),
        to_(customers, transactions.fresh.size()),
        has_reverses_(transactions.fresh.size()),
        has_to_(transactions.fresh.size()),
        postings_(transactions.fresh.size()),
        customers_(customers.size()) {}

  IdSpan transactions_;
  PickedIds customer_, reverses_, to_;
  std::vector<uint8_t> has_reverses_, has_to_;
  std::vector<loyalty::Posting> postings_;
  size_t customers_;  // After the last.
  std::vector<uint32_t> places_;
};

template <typename Message>
absl::StatusOr<ReadPostings> ReadPostings::From(const Message &message,
                                                const loyalty::PointsLedger &ledger,
                                                const IdList &transactions,
                                                const IdList &customers) {
  using enum loyalty::PointsKind;
  const IdPlaces all_transactions{ledger.transactions(), transactions};
  const IdPlaces all_customers{ledger.customers(), customers};
  if (all_transactions.is_mixed() || all_customers.is_mixed()) {
    return NotOurs("points: ids of another kind than those before");
  }
  const size_t n = transactions.size(), before = ledger.journal().size();
  const auto size = [](const auto &list) { return static_cast<size_t>(list.size()); };
  if (size(message.customer()) != n || size(message.kind()) != n || size(message.day()) != n ||
      size(message.points()) != n) {
    return NotOurs("points: lists differ in length");
  }
  ReadPostings read(all_transactions, all_customers);
  read.places_.assign(message.customer().begin(), message.customer().end());
  int earned = 0, reversed = 0, transferred = 0;
  for (size_t i = 0; i < n; ++i) {
    const int at = static_cast<int>(i);
    if (message.customer(at) >= all_customers.size() || message.kind(at) >= 7 ||
        message.points(at) > uint64_t{loyalty::kMaxPoints}) {
      return NotOurs("points: a number out of range");
    }
    read.customer_.Set(i, all_customers, message.customer(at));
    loyalty::Posting &posting = read.postings_[i];
    posting.kind = static_cast<loyalty::PointsKind>(message.kind(at));
    posting.day = message.day(at);
    posting.points = static_cast<int64_t>(message.points(at));
    if (posting.kind == kEarn) {
      if (earned >= message.available_size() || earned >= message.expires_size()) {
        return NotOurs("points: an earning without its days");
      }
      posting.available = message.available(earned);
      posting.expires = message.expires(earned++);
      if (posting.available == loyalty::kNoPointsDay || posting.expires == loyalty::kNoPointsDay) {
        return NotOurs("points: an earning without its days");
      }
    }
    if (HasTarget(posting.kind)) {
      if (reversed >= message.reverses_size() || message.reverses(reversed) >= before + i) {
        return NotOurs("points: a reversal of nothing");
      }
      read.reverses_.Set(i, all_transactions, message.reverses(reversed++));
      read.has_reverses_[i] = 1;
    }
    if (posting.kind == kTransfer) {
      if (transferred >= message.to_size() || message.to(transferred) >= all_customers.size()) {
        return NotOurs("points: a transfer to nobody");
      }
      read.to_.Set(i, all_customers, message.to(transferred++));
      read.has_to_[i] = 1;
    }
  }
  if (earned != message.available_size() || earned != message.expires_size() ||
      reversed != message.reverses_size() || transferred != message.to_size()) {
    return NotOurs("points: lists differ in length");
  }
  return read;
}

}  // namespace patron::proto

#endif  // PATRON_PROTO_POINTS_POSTINGS_HPP_
