// How likely open cases are to pass their limit.
#include "patron/c/breach.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/breach_prediction.hpp"

namespace patron::c_api {
namespace {

using complaints::BreachModel;
using complaints::BreachRisk;

struct BreachNames {
  std::string time, observed, age, limit, stratum;  // No stratum: empty.
};

absl::StatusOr<std::vector<uint32_t>> Strata(const arrow::Table &table, const std::string &column,
                                             bool known_only, IdIndex *index) {
  std::vector<uint32_t> codes;
  if (column.empty()) return codes;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  codes.resize(loaded.ids.size());
  if (known_only) {
    index->Find(loaded.ids, codes);
    return codes;
  }
  *index = IdIndex(reader.is_text());
  PATRON_RETURN_IF_ERROR(index->Encode(loaded.ids, codes));
  return codes;
}

absl::StatusOr<arrow::Table> PredictBreach(const arrow::Table &history, const arrow::Table &cases,
                                           const BreachNames &names, int64_t least) {
  IdIndex index;
  PATRON_ASSIGN_OR_RETURN(const auto time_reader, arrow::OpenNumbers(history, names.time));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(time_reader));
  PATRON_ASSIGN_OR_RETURN(const auto flag_reader, arrow::OpenFlags(history, names.observed));
  PATRON_ASSIGN_OR_RETURN(const auto observed, arrow::Load(flag_reader));
  PATRON_ASSIGN_OR_RETURN(const auto strata, Strata(history, names.stratum, false, &index));
  auto model = BreachModel::Fit(times.values, observed.values, strata,
                                names.stratum.empty() ? 1 : index.size());
  if (!model.ok()) {
    return InWords({{"time", names.time}, {"observed", names.observed}}, model.status());
  }
  PATRON_ASSIGN_OR_RETURN(const auto age_reader, arrow::OpenNumbers(cases, names.age));
  PATRON_ASSIGN_OR_RETURN(const auto ages, arrow::Load(age_reader));
  PATRON_ASSIGN_OR_RETURN(const auto limit_reader, arrow::OpenNumbers(cases, names.limit));
  PATRON_ASSIGN_OR_RETURN(const auto limits, arrow::Load(limit_reader));
  PATRON_ASSIGN_OR_RETURN(const auto own, Strata(cases, names.stratum, true, &index));
  const size_t n = ages.values.size();
  std::vector<double> probability(n);
  std::vector<int64_t> at_risk(n);
  std::vector<uint8_t> known(n), late(n);
  for (size_t i = 0; i < n; ++i) {
    for (const auto &[name, value] :
         {std::pair(&names.age, ages.values[i]), {&names.limit, limits.values[i]}}) {
      if (value < 0) return InvalidRow(*name, i, FormatNumber(value), "0 or more");
    }
    const size_t stratum = own.empty() ? 0 : own[i];
    const BreachRisk risk = model->Predict(stratum, ages.values[i], limits.values[i], least);
    probability[i] = risk.probability.value_or(0);
    known[i] = risk.probability.has_value() ? 1 : 0;
    at_risk[i] = risk.at_risk;
    late[i] = ages.values[i] > limits.values[i] ? 1 : 0;
  }
  arrow::TableBuilder builder;
  builder.AddFloat64("probability", std::move(probability), known);
  builder.AddInt64("at_risk", std::move(at_risk));
  builder.AddBool("late", late);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" void patron_breach_options_init(patron_breach_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->least = 20;
  options->time = "time";
  options->observed = "observed";
  options->age = "age";
  options->limit = "limit";
}

extern "C" patron_status patron_measure_breach(const patron_table *history,
                                               const patron_table *cases,
                                               const patron_breach_options *options,
                                               patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("history", history));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("cases", cases));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_breach_options full;
    patron_breach_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    if (full.least < 1) {
      return patron::InvalidOption("least", absl::StrCat(full.least), "1 or more");
    }
    c_api::BreachNames names;
    PATRON_ASSIGN_OR_RETURN(names.time, c_api::ReadName("time", full.time));
    PATRON_ASSIGN_OR_RETURN(names.observed, c_api::ReadName("observed", full.observed));
    PATRON_ASSIGN_OR_RETURN(names.age, c_api::ReadName("age", full.age));
    PATRON_ASSIGN_OR_RETURN(names.limit, c_api::ReadName("limit", full.limit));
    if (full.stratum != nullptr) {
      PATRON_ASSIGN_OR_RETURN(names.stratum, c_api::ReadName("stratum", full.stratum));
    }
    PATRON_ASSIGN_OR_RETURN(patron::arrow::Table made,
                            c_api::PredictBreach(history->table, cases->table, names, full.least));
    *out = c_api::NewTable(std::move(made)).release();
    return absl::OkStatus();
  });
}
