// Defaults: every number that comes from a book, a claim or a convention, by name and with source.
#ifndef PATRON_BASE_DEFAULTS_HPP_
#define PATRON_BASE_DEFAULTS_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/defaults_table.hpp"
#include "patron/base/status.hpp"

namespace patron {

// A parameter as it stands in one set of defaults.
struct Parameter {
  ParameterDefinition definition;
  double value = 0;  // In force: definition.value unless it was set.
};

// The parameters and what a host changed of them. A plain value: copies are independent, and
// const functions are safe on many threads at once.
//
// No built-in number is a measured fact about the host's customers; `confidence` and `source`
// tell what each is worth.
class Defaults {
 public:
  // The value of `name`. Errors: NotFound, naming the known parameter most like it.
  absl::StatusOr<double> Get(std::string_view name) const;

  // All about `name`. Errors: as Get.
  absl::StatusOr<Parameter> Find(std::string_view name) const;

  // Gives `name` another value. Errors: as Get; InvalidArgument if the value is not in the
  // parameter's range, or not whole where it must be. Nothing is changed then.
  absl::Status Set(std::string_view name, double value);

  // Gives `name` its built-in value again. Errors: as Get.
  absl::Status Reset(std::string_view name);

  // All parameters in the order of their names.
  std::vector<Parameter> List() const;

  friend bool operator==(const Defaults &a, const Defaults &b);

 private:
  static absl::StatusOr<size_t> IndexOf(std::string_view name);
  double At(size_t index) const {
    return values_.empty() ? BuiltInParameters()[index].value : values_[index];
  }

  std::vector<double> values_;  // In the order of the table; empty while nothing was set.
};

// What a loyal customer is worth against visiting a new one: how many times as much winning a
// customer costs as keeping one, times the repeat purchases of a loyal one. The claim it comes
// from says 60 where this gives 50, because it reads "five times more" as six times as much.
absl::StatusOr<double> RetentionValueMultiple(const Defaults &defaults);

namespace detail {

// The number of single-letter edits from `a` to `b` (Levenshtein).
inline size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace detail

inline absl::StatusOr<size_t> Defaults::IndexOf(std::string_view name) {
  const std::span<const ParameterDefinition> table = BuiltInParameters();
  const auto place = std::ranges::lower_bound(table, name, {}, &ParameterDefinition::name);
  if (place != table.end() && place->name == name) {
    return static_cast<size_t>(place - table.begin());
  }
  const std::string_view asked = name.substr(0, 100);  // Long enough to tell any two apart.
  const auto nearest = std::ranges::min_element(table, {}, [&](const ParameterDefinition &known) {
    return detail::EditDistance(asked, known.name);
  });
  return absl::NotFoundError(absl::StrCat(
      "default ", Quoted(name), " does not exist; the nearest is ", Quoted(nearest->name)));
}

inline absl::StatusOr<double> Defaults::Get(std::string_view name) const {
  const absl::StatusOr<size_t> index = IndexOf(name);
  if (!index.ok()) return index.status();
  return At(*index);
}

inline absl::StatusOr<Parameter> Defaults::Find(std::string_view name) const {
  const absl::StatusOr<size_t> index = IndexOf(name);
  if (!index.ok()) return index.status();
  return Parameter{BuiltInParameters()[*index], At(*index)};
}

inline absl::Status Defaults::Set(std::string_view name, double value) {
  const absl::StatusOr<size_t> index = IndexOf(name);
  if (!index.ok()) return index.status();
  const ParameterDefinition &definition = BuiltInParameters()[*index];
  const bool whole = !definition.whole || value == std::floor(value);
  if (!(value >= definition.low && value <= definition.high && whole)) {
    return InvalidOption(name, FormatNumber(value),
                         std::string_view(absl::StrCat(
                             definition.whole ? "a whole number from " : "",
                             FormatNumber(definition.low), " to ", FormatNumber(definition.high))));
  }
  if (values_.empty()) {
    std::vector<double> all;  // Nothing is changed if memory runs out on the way.
    std::ranges::transform(BuiltInParameters(), std::back_inserter(all),
                           &ParameterDefinition::value);
    values_ = std::move(all);
  }
  values_[*index] = value;
  return absl::OkStatus();
}

inline absl::Status Defaults::Reset(std::string_view name) {
  const absl::StatusOr<size_t> index = IndexOf(name);
  if (!index.ok()) return index.status();
  if (!values_.empty()) values_[*index] = BuiltInParameters()[*index].value;
  return absl::OkStatus();
}

inline std::vector<Parameter> Defaults::List() const {
  std::vector<Parameter> list;
  const std::span<const ParameterDefinition> table = BuiltInParameters();
  for (size_t i = 0; i < table.size(); ++i) list.push_back({table[i], At(i)});
  return list;
}

inline bool operator==(const Defaults &a, const Defaults &b) {
  for (size_t i = 0; i < BuiltInParameters().size(); ++i) {
    if (a.At(i) != b.At(i)) return false;
  }
  return true;
}

inline absl::StatusOr<double> RetentionValueMultiple(const Defaults &defaults) {
  const absl::StatusOr<double> multiple = defaults.Get("acquisition_cost_multiple");
  const absl::StatusOr<double> repeats = defaults.Get("loyal_customer_repeat_equivalent");
  if (!multiple.ok()) return multiple.status();
  if (!repeats.ok()) return repeats.status();
  return *multiple * *repeats;
}

}  // namespace patron

#endif  // PATRON_BASE_DEFAULTS_HPP_
