// The concentration of a column of numbers in the form of the C interface.
#ifndef PATRON_SRC_C_API_CONCENTRATION_HPP_
#define PATRON_SRC_C_API_CONCENTRATION_HPP_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sum.hpp"
#include "patron/c/value.h"
#include "patron/value/concentration.hpp"
#include "patron/value/curves.hpp"
#include "patron/value/ranked_values.hpp"

namespace patron::c_api {

// Errors: those of RankedValues::Make.
template <Number T>
absl::StatusOr<patron_concentration> Measure(std::string_view column, std::span<const T> values,
                                             const Execution &execution) {
  constexpr double kTop = 0.20;  // As the field is called.
  PATRON_ASSIGN_OR_RETURN(const auto ranked,
                          value::RankedValues<T>::Make(column, values, execution));
  const value::Concentration measured = value::MeasureConcentration(ranked, execution);
  patron_concentration result{};
  result.struct_size = sizeof result;
  result.customers = static_cast<int64_t>(measured.customers);
  result.negatives = static_cast<int64_t>(measured.loss_customers);
  result.total = measured.total;
  result.positive_sum = measured.gains;
  result.negative_sum = measured.losses;
  result.gini = measured.gini_normalised;
  result.gini_biased = measured.gini_biased;
  result.gini_unbiased = measured.gini_unbiased;
  result.herfindahl = measured.herfindahl;
  result.herfindahl_normalised = measured.herfindahl_normalised;
  result.effective_number = measured.effective_number;
  result.top_20_share = value::TopShare(ranked, kTop).value_share;
  return result;
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CONCENTRATION_HPP_
