#include "proto/ledger.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"

namespace patron::proto {
namespace {

// Places with kNone as 0, which is short.
void WritePlaces(const std::vector<uint32_t> &places,
                 google::protobuf::RepeatedField<uint32_t> *field) {
  static_assert(value::LedgerContent::kNone == std::numeric_limits<uint32_t>::max());
  field->Reserve(static_cast<int>(places.size()));
  for (const uint32_t place : places) field->Add(place + 1);
}

std::vector<uint32_t> ReadPlaces(const google::protobuf::RepeatedField<uint32_t> &field) {
  std::vector<uint32_t> places = ReadList(field);
  for (uint32_t &place : places) --place;
  return places;
}

absl::Status ReadInto(const v1::Ids &message, std::string_view what, bool ascending, IdList *ids) {
  PATRON_ASSIGN_OR_RETURN(*ids, ReadIds(message, what, ascending));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Ledger> ToMessage(const value::LedgerContent &content, int decimals,
                                     std::string_view zone) {
  const auto &[customers, orders, transactions, reversals, held] = content;
  PATRON_RETURN_IF_ERROR(
      CheckRows(transactions.time.size() + reversals.time.size() + held.time.size()));
  v1::Ledger message;
  message.set_decimals(static_cast<uint32_t>(decimals));
  message.set_zone(std::string(zone));
  WriteIds(customers.span(), *message.mutable_customers());
  WriteIds(orders.span(), *message.mutable_orders());

  WriteIds(transactions.id.span(), *message.mutable_transaction());
  WriteList(transactions.customer, message.mutable_customer());
  WritePlaces(transactions.order, message.mutable_order());
  WriteList(transactions.time, message.mutable_time());
  WriteList(transactions.amount, message.mutable_amount());

  WriteIds(reversals.id.span(), *message.mutable_reversal());
  WriteList(reversals.target, message.mutable_target());
  WriteList(reversals.time, message.mutable_reversal_time());
  WriteList(reversals.amount, message.mutable_reversal_amount());

  WriteIds(held.id.span(), *message.mutable_held());
  WriteIds(held.target.span(), *message.mutable_held_target());
  WritePlaces(held.customer, message.mutable_held_customer());
  WriteList(held.time, message.mutable_held_time());
  WriteList(held.amount, message.mutable_held_amount());
  return message;
}

absl::StatusOr<value::LedgerContent> FromMessage(const v1::Ledger &message) {
  if (!message.unknown_fields().empty()) return NotOurs("ledger: unknown field");
  if (message.decimals() > static_cast<uint32_t>(kMaxDecimals))
    return NotOurs("ledger: decimals above 9");
  PATRON_RETURN_IF_ERROR(CheckName("ledger: zone", message.zone()));
  value::LedgerContent content;
  PATRON_RETURN_IF_ERROR(ReadInto(message.customers(), "customers", true, &content.customers));
  PATRON_RETURN_IF_ERROR(ReadInto(message.orders(), "orders", true, &content.orders));

  PATRON_RETURN_IF_ERROR(
      ReadInto(message.transaction(), "transactions", true, &content.transactions.id));
  content.transactions.customer = ReadList(message.customer());
  content.transactions.order = ReadPlaces(message.order());
  content.transactions.time = ReadList(message.time());
  content.transactions.amount = ReadList(message.amount());

  PATRON_RETURN_IF_ERROR(ReadInto(message.reversal(), "reversals", true, &content.reversals.id));
  content.reversals.target = ReadList(message.target());
  content.reversals.time = ReadList(message.reversal_time());
  content.reversals.amount = ReadList(message.reversal_amount());

  PATRON_RETURN_IF_ERROR(ReadInto(message.held(), "held reversals", true, &content.held.id));
  PATRON_RETURN_IF_ERROR(
      ReadInto(message.held_target(), "held targets", false, &content.held.target));
  content.held.customer = ReadPlaces(message.held_customer());
  content.held.time = ReadList(message.held_time());
  content.held.amount = ReadList(message.held_amount());
  return content;
}

}  // namespace patron::proto
