// The columns that models of lifetime value read, from a table.
#ifndef PATRON_SRC_C_API_CLV_DATA_HPP_
#define PATRON_SRC_C_API_CLV_DATA_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/clv_terms.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/clv_model.h"
#include "patron/clv/history.hpp"

namespace patron::c_api {

// Names of columns; empty for none.
struct ClvNames {
  std::string customer, frequency, recency, age, monetary_value, weight, log_intervals, churned,
      survived_before;
  bool any_history = false;
};

// Null means the defaults. Errors: InvalidArgument naming the field.
absl::StatusOr<ClvNames> ReadClvNames(const patron_clv_columns *columns);

// `status` of a kernel with its column in the caller's words.
absl::Status InClvWords(const ClvNames &names, const ClvTerms &terms, const absl::Status &status);

// Numbers as doubles, finite.
class Doubles {
 public:
  static absl::StatusOr<Doubles> Read(const arrow::Table &table, std::string_view name,
                                      const Execution &execution);

  // Nulls as NaN, which may stand in the column itself, as may infinity.
  static absl::StatusOr<Doubles> ReadAny(const arrow::Table &table, std::string_view name,
                                         const Execution &execution);

  std::span<const double> values() const { return loaded_.values; }
  double operator[](size_t row) const { return loaded_.values[row]; }
  bool empty() const { return loaded_.values.empty(); }

 private:
  arrow::Loaded<double> loaded_;
};

// Which columns are wanted, beside what the kind always reads.
struct ClvWants {
  bool history = true;  // What the kind is fitted to and predicts from; else T alone.
  bool weights = false;
  bool log_intervals = false;
  bool survived_before = false;
  bool spend = false;  // frequency and monetary_value, whatever the kind.
  bool age = false;    // T, whatever the kind.
};

// Columns of customers, as far as they are wanted. It can be moved: views stay valid.
struct ClvColumns {
  size_t rows = 0;
  Doubles frequency, recency, age, monetary_value, weight, log_intervals, survived_before;
  std::vector<uint8_t> churned;
  std::vector<Doubles> transaction, dropout;  // In the order of the terms.

  // The covariates under their names, for a history; they borrow from this.
  std::vector<clv::Covariate> CovariatesOf(std::span<const std::string> names,
                                           std::span<const Doubles> values) const;
};

// Errors: InvalidArgument for columns that are missing, of another type, with nulls or not finite.
absl::StatusOr<ClvColumns> ReadClvColumns(const arrow::Table &table, const ClvNames &names,
                                          const ClvTerms &terms, const ClvWants &wants,
                                          const Execution &execution);

// Errors: InvalidArgument if a row is not the history of a customer of the kind, naming its columns
// by the caller's words.
absl::Status CheckClvRows(const ClvColumns &columns, const ClvNames &names, const ClvTerms &terms);

// The same for rows to predict for, which may be no customer's if the names say so.
absl::Status CheckAskedRows(const ClvColumns &columns, const ClvNames &names,
                            const ClvTerms &terms);

// Spend of customers who bought again: above zero. Errors: InvalidArgument naming the first row.
absl::Status CheckSpend(const ClvColumns &columns, const ClvNames &names);

// Adds the ids of customers to a result, if there are any.
absl::Status AddCustomers(const arrow::Table &table, const ClvNames &names,
                          const Execution &execution, arrow::TableBuilder &builder);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_DATA_HPP_
