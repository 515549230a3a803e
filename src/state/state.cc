#include "state/state.hpp"

#include <utility>

#include "patron/base/status.hpp"
#include "patron/value/rfm.hpp"

namespace patron::state {

using value::CustomerTotals;
using value::PurchaseUnit;

absl::StatusOr<SummaryState> NewSummaryState(TransactionColumns columns, SummaryRequest request) {
  request.context = nullptr;
  PATRON_ASSIGN_OR_RETURN(value::Occasions rows, value::Occasions::Create(request.rule));
  return SummaryState{std::move(columns), std::move(request), std::move(rows)};
}

absl::StatusOr<RfmState> NewRfmState(TransactionColumns columns, RfmRequest request) {
  request.context = nullptr;
  PATRON_ASSIGN_OR_RETURN(value::TotalsRule rule,
                          value::TotalsRuleOf(request.rule, columns.names.days));
  if (rule.unit == PurchaseUnit::kOrder && !columns.names.order) rule.unit = PurchaseUnit::kRow;
  CustomerTotals totals(rule, false, false, columns.names.days);
  return RfmState{std::move(columns), std::move(request), std::move(totals)};
}

ConcentrationState NewConcentrationState(TransactionColumns columns) {
  columns.names.time.reset();
  columns.names.order.reset();
  columns.zone.clear();
  columns.names.days = CivilDays();
  return ConcentrationState{std::move(columns), CustomerTotals()};
}

}  // namespace patron::state
