#include "c_api/clv_data.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/column_checks.hpp"

namespace patron::c_api {
namespace {

// The first row that is not `good`, as an error.
template <typename Good>
absl::Status CheckEachRow(std::string_view name, std::span<const double> values,
                          std::string_view expected, Good good) {
  size_t bad = 0, first = 0;
  for (size_t row = 0; row < values.size(); ++row) {
    if (!good(row) && bad++ == 0) first = row;
  }
  if (bad == 0) return absl::OkStatus();
  return InvalidRow(name, first, FormatNumber(values[first]), expected, bad);
}

absl::Status CheckDiscreteRows(const ClvColumns &c, const ClvNames &names) {
  PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.frequency, c.frequency.values()));
  PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.recency, c.recency.values()));
  PATRON_RETURN_IF_ERROR(
      CheckEachRow(names.age, c.age.values(), "a whole number from 0 to 100000", [&](size_t row) {
        const double n = c.age[row];
        return n >= 0 && n <= clv::BgbbLikelihood::kMostOccasions && n == std::floor(n);
      }));
  PATRON_RETURN_IF_ERROR(CheckEachRow(names.recency, c.recency.values(),
                                      absl::StrCat("at most ", names.age),
                                      [&](size_t row) { return c.recency[row] <= c.age[row]; }));
  return CheckEachRow(names.recency, c.recency.values(),
                      absl::StrCat("at least ", names.frequency, ", and 0 where that is 0"),
                      [&](size_t row) {
                        return c.recency[row] >= c.frequency[row] &&
                               (c.recency[row] == 0) == (c.frequency[row] == 0);
                      });
}

absl::Status CheckContractRows(const ClvColumns &c, const ClvNames &names) {
  PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.age, c.age.values()));
  return CheckEachRow(names.age, c.age.values(), absl::StrCat("1 or above where ", names.churned),
                      [&](size_t row) { return c.age[row] >= 1 || c.churned[row] == 0; });
}

}  // namespace

absl::StatusOr<ClvNames> ReadClvNames(const patron_clv_columns *columns) {
  patron_clv_columns full;
  patron_clv_columns_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("columns", columns, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("any_history", full.any_history, 2));
  ClvNames names;
  names.any_history = full.any_history != 0;
  PATRON_ASSIGN_OR_RETURN(names.customer, OptionalName("customer", full.customer));
  PATRON_ASSIGN_OR_RETURN(names.frequency, ReadName("frequency", full.frequency));
  PATRON_ASSIGN_OR_RETURN(names.recency, ReadName("recency", full.recency));
  PATRON_ASSIGN_OR_RETURN(names.age, ReadName("age", full.age));
  PATRON_ASSIGN_OR_RETURN(names.monetary_value, ReadName("monetary_value", full.monetary_value));
  PATRON_ASSIGN_OR_RETURN(names.weight, OptionalName("weight", full.weight));
  PATRON_ASSIGN_OR_RETURN(names.log_intervals, OptionalName("log_intervals", full.log_intervals));
  PATRON_ASSIGN_OR_RETURN(names.churned, ReadName("churned", full.churned));
  PATRON_ASSIGN_OR_RETURN(names.survived_before,
                          OptionalName("survived_before", full.survived_before));
  return names;
}

absl::Status InClvWords(const ClvNames &names, const ClvTerms &terms, const absl::Status &status) {
  if (status.ok()) return status;
  std::vector<std::string> kernel;
  kernel.reserve(terms.transaction.size() + terms.dropout.size());
  std::vector<Word> words = {{"frequency", names.frequency},
                             {"recency", names.recency},
                             {"T", names.age},
                             {"n_periods", names.age},
                             {"renewals", names.age},
                             {"lost", names.churned},
                             {"survived_before", names.survived_before},
                             {"monetary_value", names.monetary_value},
                             {"weights", names.weight},
                             {"log_intervals", names.log_intervals}};
  for (const std::string &name : terms.transaction) {
    words.push_back({kernel.emplace_back(absl::StrCat("transaction.", name)), name});
  }
  for (const std::string &name : terms.dropout) {
    words.push_back({kernel.emplace_back(absl::StrCat("dropout.", name)), name});
  }
  return InWords(words, status);
}

absl::StatusOr<Doubles> Doubles::Read(const arrow::Table &table, std::string_view name,
                                      const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, name));
  Doubles doubles;
  PATRON_ASSIGN_OR_RETURN(doubles.loaded_, arrow::Load(reader, execution));
  return doubles;
}

absl::StatusOr<Doubles> Doubles::ReadAny(const arrow::Table &table, std::string_view name,
                                         const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(
      const auto reader, arrow::OpenNumbers(table, name, arrow::Nulls::kMask, arrow::Finite::kAny));
  Doubles doubles;
  PATRON_ASSIGN_OR_RETURN(doubles.loaded_, arrow::Load(reader, execution));
  arrow::Loaded<double> &loaded = doubles.loaded_;
  if (loaded.valid.empty()) return doubles;
  if (loaded.storage.empty()) loaded.storage.assign(loaded.values.begin(), loaded.values.end());
  for (size_t row = 0; row < loaded.valid.size(); ++row) {
    if (loaded.valid[row] == 0) loaded.storage[row] = kNaN;
  }
  loaded.values = loaded.storage;
  return doubles;
}

std::vector<clv::Covariate> ClvColumns::CovariatesOf(std::span<const std::string> names,
                                                     std::span<const Doubles> values) const {
  std::vector<clv::Covariate> covariates;
  for (size_t i = 0; i < values.size(); ++i) covariates.push_back({names[i], values[i].values()});
  return covariates;
}

absl::StatusOr<ClvColumns> ReadClvColumns(const arrow::Table &table, const ClvNames &names,
                                          const ClvTerms &terms, const ClvWants &wants,
                                          const Execution &execution) {
  ClvColumns columns;
  columns.rows = static_cast<size_t>(table.rows());
  const auto read = [&](bool wanted, const std::string &name, Doubles &into) -> absl::Status {
    if (!wanted || name.empty()) return absl::OkStatus();
    PATRON_ASSIGN_OR_RETURN(into, Doubles::Read(table, name, execution));
    return absl::OkStatus();
  };
  const bool contractual = IsContractual(terms.kind);
  const bool spend = KindOf(terms.kind).is_spend();
  const bool history = wants.history;
  PATRON_RETURN_IF_ERROR(
      read((history && !contractual) || wants.spend, names.frequency, columns.frequency));
  PATRON_RETURN_IF_ERROR(read(history && !contractual && !spend && terms.kind != PATRON_CLV_NBD,
                              names.recency, columns.recency));
  PATRON_RETURN_IF_ERROR(read((history && !spend) || wants.age, names.age, columns.age));
  if ((history && spend) || wants.spend) {
    PATRON_ASSIGN_OR_RETURN(columns.monetary_value,
                            Doubles::ReadAny(table, names.monetary_value, execution));
  }
  PATRON_RETURN_IF_ERROR(read(wants.weights, names.weight, columns.weight));
  PATRON_RETURN_IF_ERROR(read(wants.log_intervals, names.log_intervals, columns.log_intervals));
  PATRON_RETURN_IF_ERROR(
      read(wants.survived_before && contractual, names.survived_before, columns.survived_before));
  if (history && contractual) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, names.churned));
    PATRON_ASSIGN_OR_RETURN(const auto flags, arrow::Load(reader, execution));
    columns.churned.assign(flags.values.begin(), flags.values.end());
  }
  for (const std::string &name : terms.transaction) {
    PATRON_RETURN_IF_ERROR(read(true, name, columns.transaction.emplace_back()));
  }
  for (const std::string &name : terms.dropout) {
    PATRON_RETURN_IF_ERROR(read(true, name, columns.dropout.emplace_back()));
  }
  return columns;
}

absl::Status CheckClvRows(const ClvColumns &columns, const ClvNames &names, const ClvTerms &terms) {
  if (columns.rows == 0 || KindOf(terms.kind).is_spend()) return absl::OkStatus();
  if (IsContractual(terms.kind)) return CheckContractRows(columns, names);
  if (terms.kind == PATRON_CLV_BG_BB) return CheckDiscreteRows(columns, names);
  // One pass says whether there is anything to name.
  clv::PurchaseHistory history;
  history.frequency = columns.frequency.values();
  history.recency = columns.recency.values();
  history.T = columns.age.values();
  if (terms.kind != PATRON_CLV_NBD && clv::detail::SoundRows(history)) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.frequency, columns.frequency.values()));
  PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(names.age, columns.age.values()));
  if (terms.kind == PATRON_CLV_NBD) return absl::OkStatus();
  const Doubles &x = columns.frequency, &recency = columns.recency;
  PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(names.recency, recency.values()));
  PATRON_RETURN_IF_ERROR(
      CheckEachRow(names.recency, recency.values(), absl::StrCat("at most ", names.age),
                   [&](size_t row) { return recency[row] <= columns.age[row]; }));
  return CheckEachRow(names.recency, recency.values(),
                      absl::StrCat("0, because ", names.frequency, " is 0"),
                      [&](size_t row) { return x[row] > 0 || recency[row] == 0; });
}

absl::Status CheckAskedRows(const ClvColumns &columns, const ClvNames &names,
                            const ClvTerms &terms) {
  if (!names.any_history || KindOf(terms.kind).is_spend() || IsContractual(terms.kind)) {
    return CheckClvRows(columns, names, terms);
  }
  if (columns.rows == 0) return absl::OkStatus();
  const Doubles &x = columns.frequency, &recency = columns.recency, &age = columns.age;
  PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(names.frequency, x.values()));
  PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(names.age, age.values()));
  if (terms.kind == PATRON_CLV_NBD) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(clv::CheckNotNegative(names.recency, recency.values()));
  const std::string at_most = absl::StrCat("at most ", names.age);
  PATRON_RETURN_IF_ERROR(CheckEachRow(names.recency, recency.values(), at_most,
                                      [&](size_t row) { return recency[row] <= age[row]; }));
  if (terms.kind != PATRON_CLV_BG_BB) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(CheckEachRow(names.age, age.values(), "at most 100000", [&](size_t row) {
    return age[row] <= clv::BgbbLikelihood::kMostOccasions;
  }));
  // More purchases than opportunities to make them leave the formulas without a meaning.
  return CheckEachRow(names.recency, recency.values(), absl::StrCat("at least ", names.frequency),
                      [&](size_t row) { return recency[row] >= x[row]; });
}

absl::Status CheckSpend(const ClvColumns &columns, const ClvNames &names) {
  const auto frequency = columns.frequency.values();
  PATRON_RETURN_IF_ERROR(names.any_history ? clv::CheckNotNegative(names.frequency, frequency)
                                           : clv::CheckCounts(names.frequency, frequency));
  return CheckEachRow(names.monetary_value, columns.monetary_value.values(),
                      absl::StrCat("a finite number above 0, because ", names.frequency, " is"),
                      [&](size_t row) {
                        const double m = columns.monetary_value[row];
                        return columns.frequency[row] == 0 || (m > 0 && std::isfinite(m));
                      });
}

absl::Status AddCustomers(const arrow::Table &table, const ClvNames &names,
                          const Execution &execution, arrow::TableBuilder &builder) {
  if (names.customer.empty()) return absl::OkStatus();
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, names.customer));
  PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(reader, execution));
  builder.AddIds(names.customer, ids.ids);
  return absl::OkStatus();
}

}  // namespace patron::c_api

extern "C" void patron_clv_columns_init(patron_clv_columns *columns) {
  *columns = {};
  columns->struct_size = sizeof *columns;
  columns->frequency = "frequency";
  columns->recency = "recency";
  columns->age = "T";
  columns->monetary_value = "monetary_value";
  columns->churned = "churned";
}
