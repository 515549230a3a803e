// The loyalty index.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/known_numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/c/loyalty_index.h"
#include "patron/loyalty/index.hpp"
#include "proto/loyalty_index.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

struct patron_loyalty_index {
  patron::loyalty::IndexDefinition definition;
};

namespace patron::c_api {
namespace {

// The columns of the components, NaN where they are not known.
struct IndexColumns {
  std::vector<arrow::Loaded<double>> loaded;
  std::vector<std::span<const double>> columns;

  static absl::StatusOr<IndexColumns> Read(const loyalty::IndexDefinition &definition,
                                           const arrow::Table &table, const Execution &execution) {
    IndexColumns result;
    for (const loyalty::IndexComponent &component : definition.components) {
      PATRON_ASSIGN_OR_RETURN(result.loaded.emplace_back(),
                              ReadKnownNumbers(table, component.name, execution));
    }
    for (const auto &column : result.loaded) result.columns.push_back(column.values);
    return result;
  }
};

absl::StatusOr<loyalty::IndexDefinition> ReadDefinition(const patron_index_component *components,
                                                        size_t count, double least_coverage) {
  loyalty::IndexDefinition definition;
  if (!std::isnan(least_coverage)) definition.least_coverage = least_coverage;
  for (size_t i = 0; i < count; ++i) {
    patron_index_component read{};
    PATRON_RETURN_IF_ERROR(ReadElement("components", components, i, &read));
    PATRON_ASSIGN_OR_RETURN(std::string name, ReadName("components", read.name));
    PATRON_RETURN_IF_ERROR(CheckEnum("normalize", read.normalize, 4));
    definition.components.push_back({.name = std::move(name),
                                     .normalize = static_cast<loyalty::Normalize>(read.normalize),
                                     .weight = read.weight,
                                     .low = read.low,
                                     .high = read.high});
  }
  return definition;
}

absl::StatusOr<arrow::Table> ComponentTable(const loyalty::IndexDefinition &definition) {
  std::vector<std::string> name;
  std::vector<int64_t> normalize, known;
  std::vector<double> weight, low, high;
  for (const loyalty::IndexComponent &component : definition.components) {
    name.push_back(component.name);
    normalize.push_back(static_cast<int64_t>(component.normalize));
    weight.push_back(component.weight);
    low.push_back(component.low);
    high.push_back(component.high);
    known.push_back(component.known);
  }
  arrow::TableBuilder builder;
  builder.AddText("name", name);
  builder.AddInt64("normalize", std::move(normalize));
  builder.AddFloat64("weight", std::move(weight));
  builder.AddFloat64("low", std::move(low));
  builder.AddFloat64("high", std::move(high));
  builder.AddInt64("known", std::move(known));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_loyalty_index_fit(const patron_table *table,
                                                  const patron_index_component *components,
                                                  size_t count, double least_coverage,
                                                  const patron_context *context,
                                                  patron_loyalty_index **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("components", components));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(loyalty::IndexDefinition definition,
                            c_api::ReadDefinition(components, count, least_coverage));
    PATRON_RETURN_IF_ERROR(loyalty::CheckIndex(definition));
    PATRON_ASSIGN_OR_RETURN(const c_api::IndexColumns read,
                            c_api::IndexColumns::Read(definition, table->table, execution));
    PATRON_ASSIGN_OR_RETURN(definition,
                            loyalty::FitIndex(std::move(definition), read.columns, execution));
    *out = new patron_loyalty_index{std::move(definition)};
    return absl::OkStatus();
  });
}

extern "C" void patron_loyalty_index_free(patron_loyalty_index *index) { delete index; }

extern "C" patron_status patron_loyalty_index_score(const patron_loyalty_index *index,
                                                    const patron_table *table,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const c_api::IndexColumns read,
                            c_api::IndexColumns::Read(index->definition, table->table, execution));
    PATRON_ASSIGN_OR_RETURN(loyalty::IndexScores scores,
                            loyalty::ScoreIndex(index->definition, read.columns, execution));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 1));
    arrow::TableBuilder builder;
    c_api::AddOptional(builder, "index", std::move(scores.index));
    builder.AddFloat64("coverage", std::move(scores.coverage));
    for (size_t k = 0; k < scores.given.size(); ++k) {
      c_api::AddOptional(builder, index->definition.components[k].name, std::move(scores.given[k]));
    }
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_loyalty_index_mean(const patron_loyalty_index *index,
                                                   const patron_table *table, double level,
                                                   uint32_t replicates, uint64_t seed,
                                                   const patron_context *context,
                                                   patron_index_mean *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_RETURN_IF_ERROR(c_api::QuantileOfLevel(level).status());
    if (replicates < 100 || replicates > 1'000'000) {
      return patron::InvalidOption("replicates", absl::StrCat(replicates), "100 to 1000000");
    }
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const c_api::IndexColumns read,
                            c_api::IndexColumns::Read(index->definition, table->table, execution));
    PATRON_ASSIGN_OR_RETURN(const loyalty::IndexScores scores,
                            loyalty::ScoreIndex(index->definition, read.columns, execution));
    PATRON_ASSIGN_OR_RETURN(const loyalty::IndexMean found,
                            loyalty::MeanOfIndex(scores.index, level, replicates, seed, execution));
    patron_index_mean result{};
    result.customers = static_cast<uint64_t>(found.customers);
    result.refused = static_cast<uint64_t>(found.refused);
    result.mean = found.mean;
    result.std_err = found.std_err;
    result.lower = found.lower;
    result.upper = found.upper;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_loyalty_index_components(const patron_loyalty_index *index,
                                                         patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::ComponentTable(index->definition));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_loyalty_index_serialize(const patron_loyalty_index *index,
                                                        patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_LOYALTY_INDEX,
                             patron::proto::ToMessage(index->definition), out);
  });
}

extern "C" patron_status patron_loyalty_index_deserialize(const void *bytes, size_t size,
                                                          patron_loyalty_index **out,
                                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::LoyaltyIndex message;
    PATRON_RETURN_IF_ERROR(patron::proto::Unwrap({static_cast<const char *>(bytes), size},
                                                 patron::v1::KIND_LOYALTY_INDEX, message));
    PATRON_ASSIGN_OR_RETURN(loyalty::IndexDefinition definition,
                            patron::proto::FromMessage(message));
    *out = new patron_loyalty_index{std::move(definition)};
    return absl::OkStatus();
  });
}
