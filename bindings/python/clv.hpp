// Arguments that the functions of patron.clv share.
#ifndef PATRON_BINDINGS_PYTHON_CLV_HPP_
#define PATRON_BINDINGS_PYTHON_CLV_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "patron/c/patron.h"

namespace patron::python {

// Which columns of a customer summary to read: the tuple (customer, frequency, recency, T,
// monetary_value, weights, log_intervals, churned, survived_before, any_history). None keeps the
// default. Text borrows from the tuple.
class ClvColumns {
 public:
  explicit ClvColumns(py::handle arguments);

  const patron_clv_columns *get() const { return &columns_; }

  // The columns that a model of the kind may read; NULL in `further` is no column.
  std::vector<Wanted> Wants(int32_t kind, std::initializer_list<const char *> further,
                            const std::vector<const char *> &covariates) const;

 private:
  patron_clv_columns columns_;
};

// What a model consists of: the tuple (kind, k, transaction_covariates, dropout_covariates,
// equal_covariates, penalty of each process, penalties of the parameters or None). Text borrows from
// the tuple.
class ClvTerms {
 public:
  explicit ClvTerms(py::handle arguments);
  ClvTerms(const ClvTerms &) = delete;
  ClvTerms &operator=(const ClvTerms &) = delete;

  const patron_clv_terms *get() const { return &terms_; }
  std::vector<const char *> Covariates() const;

  // The names of a tuple of covariates.
  static std::vector<const char *> Names(py::handle names) {
    std::vector<const char *> list;
    ReadNames(names, "covariates", list);
    return list;
  }

 private:
  static void ReadNames(py::handle names, const char *option, std::vector<const char *> &into);

  patron_clv_terms terms_;
  std::vector<const char *> transaction_, dropout_, equal_;
  std::vector<double> penalties_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CLV_HPP_
