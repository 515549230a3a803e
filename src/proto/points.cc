#include "proto/points.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"

namespace patron::proto {
namespace {

using loyalty::PointsKind;
using loyalty::PointsLedger;

bool HasTarget(PointsKind kind) {
  return kind == PointsKind::kRelease || kind == PointsKind::kCapture ||
         kind == PointsKind::kReverse;
}

void WriteIndex(const IdIndex &index, v1::Ids &message) {
  std::vector<uint32_t> codes(index.size());
  for (uint32_t i = 0; i < codes.size(); ++i) codes[i] = i;
  const IdList ids = index.List(codes);
  WriteIds(ids.span(), message);
}

// The ids of places in a list.
struct Picked {
  bool is_text = false;
  std::vector<int64_t> integers;
  std::vector<std::string_view> text;

  explicit Picked(const IdList &from, size_t count) : is_text(from.is_text) {
    is_text ? text.resize(count) : integers.resize(count);
  }
  void Set(size_t at, const IdList &from, uint32_t place) {
    if (is_text) {
      text[at] = from.text[place];
    } else {
      integers[at] = from.integers[place];
    }
  }
  IdSpan span() const {
    return is_text ? IdSpan(std::span<const std::string_view>(text))
                   : IdSpan(std::span<const int64_t>(integers));
  }
};

}  // namespace

v1::Points ToMessage(const PointsLedger &ledger, std::string_view zone) {
  v1::Points message;
  const loyalty::PointsOptions &options = ledger.options();
  message.set_zone(std::string(zone));
  message.set_expiry_days(static_cast<uint32_t>(options.expiry_days));
  message.set_pending_days(static_cast<uint32_t>(options.pending_days));
  message.set_burn_minimum(static_cast<uint64_t>(options.burn_minimum));
  message.set_burn_step(static_cast<uint64_t>(options.burn_step));
  message.set_allow_debt(options.allow_debt);
  WriteIndex(ledger.transactions(), *message.mutable_transaction());
  WriteIndex(ledger.customers(), *message.mutable_customers());
  for (const PointsLedger::Journaled &entry : ledger.journal()) {
    message.add_customer(entry.customer);
    message.add_kind(static_cast<uint32_t>(entry.posting.kind));
    message.add_day(entry.posting.day);
    message.add_points(static_cast<uint64_t>(entry.posting.points));
    if (entry.posting.kind == PointsKind::kEarn) {
      message.add_available(entry.posting.available);
      message.add_expires(entry.posting.expires);
    }
    if (HasTarget(entry.posting.kind)) message.add_reverses(entry.reverses);
    if (entry.posting.kind == PointsKind::kTransfer) message.add_to(entry.to);
  }
  return message;
}

absl::StatusOr<PointsLedger> FromMessage(const v1::Points &message) {
  if (!message.unknown_fields().empty()) return NotOurs("points: unknown field");
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int32_t>::max());
  if (message.expiry_days() > kMost || message.pending_days() > kMost ||
      message.burn_minimum() > uint64_t{loyalty::kMaxPoints} ||
      message.burn_step() > uint64_t{loyalty::kMaxPoints}) {
    return NotOurs("points: an option out of range");
  }
  absl::StatusOr<PointsLedger> ledger =
      PointsLedger::Create({.expiry_days = static_cast<int32_t>(message.expiry_days()),
                            .pending_days = static_cast<int32_t>(message.pending_days()),
                            .burn_minimum = static_cast<int64_t>(message.burn_minimum()),
                            .burn_step = static_cast<int64_t>(message.burn_step()),
                            .allow_debt = message.allow_debt()});
  if (!ledger.ok()) return AsDataLoss(ledger.status());
  PATRON_ASSIGN_OR_RETURN(const IdList transactions,
                          ReadIds(message.transaction(), "points: transactions", false));
  PATRON_ASSIGN_OR_RETURN(const IdList customers,
                          ReadIds(message.customers(), "points: customers", false));
  const size_t n = transactions.size();
  const auto size = [](const auto &list) { return static_cast<size_t>(list.size()); };
  if (size(message.customer()) != n || size(message.kind()) != n || size(message.day()) != n ||
      size(message.points()) != n) {
    return NotOurs("points: lists differ in length");
  }
  Picked customer(customers, n), reverses(transactions, n), to(customers, n);
  std::vector<uint8_t> has_reverses(n), has_to(n);
  std::vector<loyalty::Posting> postings(n);
  int earned = 0, reversed = 0, transferred = 0;
  for (size_t i = 0; i < n; ++i) {
    const int at = static_cast<int>(i);
    if (message.customer(at) >= customers.size() || message.kind(at) >= 7 ||
        message.points(at) > uint64_t{loyalty::kMaxPoints}) {
      return NotOurs("points: a number out of range");
    }
    customer.Set(i, customers, message.customer(at));
    loyalty::Posting &posting = postings[i];
    posting.kind = static_cast<PointsKind>(message.kind(at));
    posting.day = message.day(at);
    posting.points = static_cast<int64_t>(message.points(at));
    if (posting.kind == PointsKind::kEarn) {
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
      if (reversed >= message.reverses_size() || message.reverses(reversed) >= i) {
        return NotOurs("points: a reversal of nothing");
      }
      reverses.Set(i, transactions, message.reverses(reversed++));
      has_reverses[i] = 1;
    }
    if (posting.kind == PointsKind::kTransfer) {
      if (transferred >= message.to_size() || message.to(transferred) >= customers.size()) {
        return NotOurs("points: a transfer to nobody");
      }
      to.Set(i, customers, message.to(transferred++));
      has_to[i] = 1;
    }
  }
  if (earned != message.available_size() || earned != message.expires_size() ||
      reversed != message.reverses_size() || transferred != message.to_size()) {
    return NotOurs("points: lists differ in length");
  }
  absl::StatusOr<loyalty::PointsReport> report = ledger->Post({.transaction = transactions.span(),
                                                               .customer = customer.span(),
                                                               .posting = postings,
                                                               .reverses = reverses.span(),
                                                               .has_reverses = has_reverses,
                                                               .to = to.span(),
                                                               .has_to = has_to});
  if (!report.ok()) return AsDataLoss(report.status());
  // Customers in another order, or without a posting, would be written otherwise.
  bool same = report->duplicates == 0 && ledger->customers().size() == customers.size();
  for (size_t i = 0; same && i < n; ++i) {
    same = ledger->journal()[i].customer == message.customer(static_cast<int>(i));
  }
  if (!same) return NotOurs("points: customers or transactions not in their order");
  return ledger;
}

}  // namespace patron::proto
