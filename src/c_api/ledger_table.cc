#include "c_api/ledger_table.hpp"

#include <cstddef>

#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

using arrow::Nulls;

template <typename T>
void KeepRows(std::span<const uint8_t> keep, std::vector<T> &storage, std::span<const T> &values) {
  if (storage.size() < values.size()) storage.resize(values.size());
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (keep[i] != 0) storage[kept++] = values[i];
  }
  values = std::span<const T>(storage).first(kept);
}

void KeepMask(std::span<const uint8_t> keep, std::vector<uint8_t> &mask) {
  if (mask.empty()) return;
  std::span<const uint8_t> values = mask;
  KeepRows(keep, mask, values);
  mask.resize(values.size());
}

void Keep(std::span<const uint8_t> keep, arrow::LoadedIds &loaded) {
  if (loaded.ids.is_text()) {
    std::span<const std::string_view> values = loaded.ids.text();
    KeepRows(keep, loaded.text, values);
    loaded.ids = values;
  } else {
    std::span<const int64_t> values = loaded.ids.integers();
    KeepRows(keep, loaded.integers, values);
    loaded.ids = values;
  }
  KeepMask(keep, loaded.valid);
}

void Keep(std::span<const uint8_t> keep, arrow::Loaded<int64_t> &loaded) {
  KeepRows(keep, loaded.storage, loaded.values);
  KeepMask(keep, loaded.valid);
}

}  // namespace

absl::Status LedgerIds::Read(const arrow::Table &table, std::string_view name, Nulls nulls,
                             const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(reader, arrow::OpenIds(table, name, nulls));
  PATRON_ASSIGN_OR_RETURN(loaded, arrow::Load(*reader, execution));
  return absl::OkStatus();
}

absl::StatusOr<LedgerTable> LedgerTable::ReadTransactions(const arrow::Table &table,
                                                          const TransactionColumns &columns,
                                                          int decimals,
                                                          const Execution &execution) {
  LedgerTable rows(table, columns);
  const Nulls nulls = columns.names.nulls;
  PATRON_RETURN_IF_ERROR(rows.ReadCommon(nulls, execution));
  PATRON_RETURN_IF_ERROR(rows.customer_.Read(table, columns.names.customer, nulls, execution));
  PATRON_RETURN_IF_ERROR(rows.ReadAmount(decimals, nulls, execution));
  if (columns.names.order) {
    PATRON_RETURN_IF_ERROR(rows.order_.Read(table, *columns.names.order, nulls, execution));
  }
  rows.LeaveOut({&rows.transaction_.loaded.valid, &rows.time_.valid, &rows.customer_.loaded.valid,
                 &rows.amount_.valid, &rows.order_.loaded.valid});
  return rows;
}

absl::StatusOr<LedgerTable> LedgerTable::ReadReversals(const arrow::Table &table,
                                                       const TransactionColumns &columns,
                                                       std::string_view target, int decimals,
                                                       const Execution &execution) {
  LedgerTable rows(table, columns);
  constexpr Nulls kMayLack = Nulls::kMask;
  PATRON_RETURN_IF_ERROR(rows.ReadCommon(columns.names.nulls, execution));
  PATRON_RETURN_IF_ERROR(rows.target_.Read(table, target, kMayLack, execution));
  rows.target_name_ = target;
  if (!columns.names.amount.empty()) {
    PATRON_RETURN_IF_ERROR(rows.ReadAmount(decimals, kMayLack, execution));
  }
  if (!columns.names.customer.empty()) {
    PATRON_RETURN_IF_ERROR(rows.customer_.Read(table, columns.names.customer, kMayLack, execution));
  }
  if (columns.names.order) {
    PATRON_RETURN_IF_ERROR(rows.order_.Read(table, *columns.names.order, kMayLack, execution));
  }
  rows.LeaveOut({&rows.transaction_.loaded.valid, &rows.time_.valid});
  return rows;
}

value::LedgerRows LedgerTable::transactions() const {
  return {.transaction = transaction_.loaded.ids,
          .customer = customer_.loaded.ids,
          .time = time_.values,
          .amount = amount_.values,
          .order = order_.loaded.ids,
          .numbers = numbers_};
}

value::ReversalRows LedgerTable::reversals() const {
  return {.transaction = transaction_.loaded.ids,
          .time = time_.values,
          .target = target_.loaded.ids,
          .has_target = target_.loaded.valid,
          .amount = amount_.values,
          .has_amount = amount_.valid,
          .customer = customer_.loaded.ids,
          .has_customer = customer_.loaded.valid,
          .order = order_.loaded.ids,
          .has_order = order_.loaded.valid,
          .numbers = numbers_};
}

absl::Status LedgerTable::ReadCommon(Nulls nulls, const Execution &execution) {
  PATRON_RETURN_IF_ERROR(transaction_.Read(table_, *columns_.transaction, nulls, execution));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table_, *columns_.names.time, nulls,
                                                              columns_.names.days));
  PATRON_ASSIGN_OR_RETURN(time_, arrow::Load(reader, execution));
  return absl::OkStatus();
}

absl::Status LedgerTable::ReadAmount(int decimals, Nulls nulls, const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader,
                          arrow::OpenMoney(table_, columns_.names.amount, decimals,
                                           columns_.names.amount_decimals, nulls));
  PATRON_ASSIGN_OR_RETURN(amount_, arrow::Load(reader, execution));
  return absl::OkStatus();
}

void LedgerTable::LeaveOut(std::initializer_list<const std::vector<uint8_t> *> masks) {
  std::vector<uint8_t> keep;
  for (const std::vector<uint8_t> *mask : masks) {
    if (mask->empty()) continue;
    if (keep.empty()) keep.assign(mask->size(), 1);
    for (size_t i = 0; i < keep.size(); ++i) keep[i] &= (*mask)[i];
  }
  if (keep.empty()) return;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] != 0) numbers_.push_back(i);
  }
  left_out_ = keep.size() - numbers_.size();
  for (LedgerIds *column : {&transaction_, &customer_, &order_, &target_}) {
    if (column->is_there()) Keep(keep, column->loaded);
  }
  for (arrow::Loaded<int64_t> *column : {&time_, &amount_}) Keep(keep, *column);
}

}  // namespace patron::c_api
