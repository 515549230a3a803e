#include "c_api/durations.hpp"

#include <cmath>

#include "c_api/guard.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {

absl::StatusOr<DurationNames> ReadDurationNames(const patron_duration_columns *columns) {
  patron_duration_columns full;
  patron_duration_columns_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("columns", columns, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  DurationNames names;
  PATRON_ASSIGN_OR_RETURN(names.duration, ReadName("duration", full.duration));
  PATRON_ASSIGN_OR_RETURN(names.event, ReadName("event", full.event));
  PATRON_ASSIGN_OR_RETURN(names.entry, OptionalName("entry", full.entry));
  PATRON_ASSIGN_OR_RETURN(names.weight, OptionalName("weight", full.weight));
  PATRON_ASSIGN_OR_RETURN(names.strata, ReadNames("strata", full.strata, full.strata_count));
  return names;
}

absl::StatusOr<arrow::Loaded<double>> ReadDoubles(const arrow::Table &table, std::string_view name,
                                                  const Execution &execution,
                                                  arrow::Finite finite) {
  PATRON_ASSIGN_OR_RETURN(const auto reader,
                          arrow::OpenNumbers(table, name, arrow::Nulls::kError, finite));
  return arrow::Load(reader, execution);
}

absl::StatusOr<Durations> ReadDurations(const arrow::Table &table, const DurationNames &names,
                                        const Execution &execution) {
  Durations result;
  PATRON_ASSIGN_OR_RETURN(result.duration, ReadDoubles(table, names.duration, execution));
  PATRON_ASSIGN_OR_RETURN(const auto flags, arrow::OpenFlags(table, names.event));
  PATRON_ASSIGN_OR_RETURN(result.event, arrow::Load(flags, execution));
  if (!names.entry.empty()) {
    PATRON_ASSIGN_OR_RETURN(result.entry, ReadDoubles(table, names.entry, execution));
  }
  if (!names.weight.empty()) {
    PATRON_ASSIGN_OR_RETURN(result.weight, ReadDoubles(table, names.weight, execution));
  }
  PATRON_ASSIGN_OR_RETURN(result.strata,
                          GroupColumns::Read(table, names.strata, result.stratum_of, execution));
  return result;
}

absl::StatusOr<double> QuantileOfLevel(double level) {
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  return NormalQuantile(0.5 + 0.5 * level);
}

absl::StatusOr<SurvivalInterval> ReadInterval(int32_t interval) {
  PATRON_RETURN_IF_ERROR(CheckEnum("interval", interval, 3));
  return static_cast<SurvivalInterval>(interval);
}

void AddOptional(arrow::TableBuilder &builder, std::string_view name, std::vector<double> values) {
  std::vector<uint8_t> valid(values.size());
  for (size_t i = 0; i < values.size(); ++i) valid[i] = std::isnan(values[i]) ? 0 : 1;
  builder.AddFloat64(name, std::move(values), valid);
}

}  // namespace patron::c_api

extern "C" void patron_duration_columns_init(patron_duration_columns *columns) {
  *columns = {};
  columns->struct_size = sizeof *columns;
  columns->duration = "duration";
  columns->event = "event";
}
