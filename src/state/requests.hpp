// What a caller asks for, checked and copied: columns and options as states keep them.
#ifndef PATRON_SRC_STATE_REQUESTS_HPP_
#define PATRON_SRC_STATE_REQUESTS_HPP_

#include <cstdint>
#include <optional>
#include <string>

#include "arrow/transactions_reader.hpp"
#include "patron/base/time.hpp"
#include "patron/c/rfm.h"
#include "patron/c/summary.h"
#include "patron/value/occasions.hpp"
#include "patron/value/rfm.hpp"
#include "patron/value/rfm_scores.hpp"
#include "patron/value/summary.hpp"

namespace patron::state {

// patron_transaction_columns.
struct TransactionColumns {
  arrow::TransactionColumns names;  // `order` is empty if each row is an order of its own.
  std::optional<std::string> transaction;
  std::string zone;  // Whose days `names` has.
};

// patron_summary_options.
struct SummaryRequest {
  value::OccasionRule rule;
  value::SummaryOptions options;
  int32_t money = PATRON_MONEY_FLOAT64;
  const patron_context *context = nullptr;  // Borrowed; not part of what is asked.
};

// patron_rfm_options, complete: defaults looked up.
struct RfmRequest {
  value::RfmRule rule;
  value::RfmScoreOptions scores;  // With a unit of 1; sums of money have that of `decimals`.
  bool mean = false;              // Monetary value is a mean, in currency, not a sum.
  int32_t money = PATRON_MONEY_FLOAT64;
  int decimals = 4;
  const patron_context *context = nullptr;  // Borrowed; not part of what is asked.
};

}  // namespace patron::state

#endif  // PATRON_SRC_STATE_REQUESTS_HPP_
