// Arguments that every function over transactions shares.
#ifndef PATRON_BINDINGS_PYTHON_TRANSACTIONS_HPP_
#define PATRON_BINDINGS_PYTHON_TRANSACTIONS_HPP_

#include <pybind11/pybind11.h>

#include <array>
#include <cstdint>

#include "arguments.hpp"
#include "input_table.hpp"
#include "patron/c/patron.h"

namespace patron::python {

inline constexpr Choice kNulls[] = {{"error", PATRON_NULLS_ERROR}, {"skip", PATRON_NULLS_SKIP}};
inline constexpr Choice kRefunds[] = {{"net", PATRON_REFUNDS_NET},
                                      {"ignore", PATRON_REFUNDS_IGNORE},
                                      {"separate", PATRON_REFUNDS_SEPARATE},
                                      {"error", PATRON_REFUNDS_ERROR}};
inline constexpr Choice kZeros[] = {{"count", PATRON_ZEROS_COUNT}, {"ignore", PATRON_ZEROS_IGNORE}};
inline constexpr Choice kMoney[] = {{"float64", PATRON_MONEY_FLOAT64},
                                    {"units", PATRON_MONEY_UNITS}};

// Which columns of a table to read and how: the tuple (customer, time, amount, order, transaction,
// zone, nulls, decimals, amount_decimals). Text borrows from the tuple.
class Reading {
 public:
  explicit Reading(py::handle arguments);

  // Without a customer or an amount where the tuple has None.
  static Reading OfReversals(py::handle arguments);

  const patron_transaction_columns *get() const { return &columns_; }
  std::array<Wanted, 6> Wants(const char *further = nullptr) const;

 private:
  patron_transaction_columns columns_;
};

// The counts of a report in the order of patron.RowReport.
py::tuple ToPython(const patron_row_report &report);

patron_summary_options SummaryOptions(py::handle arguments);

// Keeps the cuts that its options borrow.
class RfmOptions {
 public:
  explicit RfmOptions(py::handle arguments);
  patron_rfm_options *get() { return &options_; }

 private:
  patron_rfm_options options_;
  std::array<std::vector<double>, 3> cuts_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_TRANSACTIONS_HPP_
