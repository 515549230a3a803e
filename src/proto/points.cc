#include "proto/points.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/points_postings.hpp"

namespace patron::proto {
namespace {

using loyalty::PointsLedger;
using loyalty::PointsOptions;

// Of Points and PointsStart alike.
template <typename Message>
void WritePointsOptions(const PointsOptions &options, std::string_view zone, Message &message) {
  message.set_zone(std::string(zone));
  message.set_expiry_days(static_cast<uint32_t>(options.expiry_days));
  message.set_pending_days(static_cast<uint32_t>(options.pending_days));
  message.set_burn_minimum(static_cast<uint64_t>(options.burn_minimum));
  message.set_burn_step(static_cast<uint64_t>(options.burn_step));
  message.set_allow_debt(options.allow_debt);
}

template <typename Message>
absl::StatusOr<PointsLedger> ReadPointsOptions(const Message &message) {
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
  return ledger;
}

}  // namespace

v1::Points ToMessage(const PointsLedger &ledger, std::string_view zone) {
  v1::Points message;
  WritePointsOptions(ledger.options(), zone, message);
  WriteIdsFrom(ledger.transactions(), 0, *message.mutable_transaction());
  WriteIdsFrom(ledger.customers(), 0, *message.mutable_customers());
  WritePostings(ledger, 0, message);
  for (const PointsLedger::Expiry &expiry : ledger.expiries()) {
    message.add_expired_after(expiry.after);
    message.add_expired_until(expiry.until);
  }
  return message;
}

absl::StatusOr<PointsLedger> FromMessage(const v1::Points &message) {
  PATRON_ASSIGN_OR_RETURN(PointsLedger ledger, ReadPointsOptions(message));
  PATRON_ASSIGN_OR_RETURN(const IdList transactions,
                          ReadIds(message.transaction(), "points: transactions", false));
  PATRON_ASSIGN_OR_RETURN(const IdList customers,
                          ReadIds(message.customers(), "points: customers", false));
  PATRON_ASSIGN_OR_RETURN(const ReadPostings postings,
                          ReadPostings::From(message, ledger, transactions, customers));
  if (message.expired_after_size() != message.expired_until_size()) {
    return NotOurs("points: lists differ in length");
  }
  size_t posted = 0;
  for (int i = 0; i < message.expired_after_size(); ++i) {
    const size_t after = message.expired_after(i);
    if (after < posted || after > postings.size()) return NotOurs("points: an expiry of nothing");
    PATRON_RETURN_IF_ERROR(postings.Post(posted, after - posted, ledger));
    PATRON_RETURN_IF_ERROR(AsDataLoss(ledger.ExpireUntil(message.expired_until(i))));
    if (ledger.expiries().size() != static_cast<size_t>(i) + 1) {
      return NotOurs("points: an expiry of nothing");
    }
    posted = after;
  }
  PATRON_RETURN_IF_ERROR(postings.Post(posted, postings.size() - posted, ledger));
  PATRON_RETURN_IF_ERROR(postings.CheckCustomers(ledger));
  return ledger;
}

void WriteStart(const PointsLedger &ledger, std::string_view zone, v1::PointsStart *message) {
  WritePointsOptions(ledger.options(), zone, *message);
}

absl::StatusOr<PointsLedger> ReadStart(const v1::PointsStart &message) {
  return ReadPointsOptions(message);
}

void WritePosted(const PointsLedger &ledger, size_t first, size_t first_customer,
                 v1::PointsPosted *message) {
  WriteIdsFrom(ledger.transactions(), first, *message->mutable_transaction());
  WriteIdsFrom(ledger.customers(), first_customer, *message->mutable_customers());
  WritePostings(ledger, first, *message);
}

absl::Status ReadPosted(const v1::PointsPosted &message, PointsLedger *ledger) {
  if (!message.unknown_fields().empty()) return NotOurs("points: unknown field");
  PATRON_ASSIGN_OR_RETURN(const IdList transactions,
                          ReadIds(message.transaction(), "points: transactions", false));
  PATRON_ASSIGN_OR_RETURN(const IdList customers,
                          ReadIds(message.customers(), "points: customers", false));
  if (transactions.size() == 0) return NotOurs("points: postings without one");
  PATRON_ASSIGN_OR_RETURN(const ReadPostings postings,
                          ReadPostings::From(message, *ledger, transactions, customers));
  PATRON_RETURN_IF_ERROR(postings.Post(0, postings.size(), *ledger));
  return postings.CheckCustomers(*ledger);
}

}  // namespace patron::proto
