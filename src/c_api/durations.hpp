// Columns of durations as kernels take them.
#ifndef PATRON_SRC_C_API_DURATIONS_HPP_
#define PATRON_SRC_C_API_DURATIONS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/columns.hpp"
#include "c_api/group_columns.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/survival.hpp"
#include "patron/c/survival.h"
#include "patron/loyalty/risk_table.hpp"

namespace patron::c_api {

// Names of columns; empty for none.
struct DurationNames {
  std::string duration, event, entry, weight;
  std::vector<std::string> strata;

  // What kernels call them, and the caller.
  std::vector<Word> Words() const {
    return {{"duration", duration}, {"event", event}, {"entry", entry}, {"weight", weight}};
  }
};

// Null means the defaults. Errors: InvalidArgument naming the field.
absl::StatusOr<DurationNames> ReadDurationNames(const patron_duration_columns *columns);

// The columns of a table; it can be moved: views stay valid.
struct Durations {
  arrow::Loaded<double> duration, entry, weight;
  arrow::Loaded<uint8_t> event;
  GroupColumns strata;
  std::vector<uint32_t> stratum_of;

  loyalty::Observed observed() const {
    return {duration.values, event.values, entry.values, weight.values};
  }
  loyalty::Groups groups() const { return GroupsOf(strata, stratum_of); }
};

// Errors: InvalidArgument for columns that are missing, of another type, with nulls or not finite.
absl::StatusOr<Durations> ReadDurations(const arrow::Table &table, const DurationNames &names,
                                        const Execution &execution);

// A column of numbers, finite unless the caller looks at that.
absl::StatusOr<arrow::Loaded<double>> ReadDoubles(const arrow::Table &table, std::string_view name,
                                                  const Execution &execution,
                                                  arrow::Finite finite = arrow::Finite::kRequired);

// The normal quantile of a two-sided level. Errors: InvalidArgument outside (0, 1).
absl::StatusOr<double> QuantileOfLevel(double level);

// The kind of an interval. Errors: InvalidArgument for another number.
absl::StatusOr<SurvivalInterval> ReadInterval(int32_t interval);

// Adds a column in which NaN is null.
void AddOptional(arrow::TableBuilder &builder, std::string_view name, std::vector<double> values);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_DURATIONS_HPP_
