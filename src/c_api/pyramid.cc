// Value pyramids.
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/customer_order.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/pyramid.hpp"
#include "proto/pyramid.hpp"

struct patron_pyramid {
  patron::value::PyramidDefinition definition;
};

namespace patron::c_api {
namespace {

using value::PyramidDefinition;
using value::PyramidMethod;

absl::StatusOr<value::PyramidPreset> PyramidPresetOf(const char *name) {
  const std::string_view given = name == nullptr ? "curry" : name;
  const std::string preset = absl::AsciiStrToLower(absl::string_view(given.data(), given.size()));
  if (preset == "curry") return value::PyramidPreset::kCurry;
  if (preset == "abc") return value::PyramidPreset::kAbc;
  if (preset == "zeithaml") return value::PyramidPreset::kZeithaml;
  if (preset == "classes") return value::PyramidPreset::kThreeClass;
  return absl::NotFoundError(
      absl::StrCat("name: ", Quoted(given), "; expected 'curry', 'abc', 'zeithaml' or 'classes'"));
}

absl::StatusOr<PyramidDefinition> Define(int32_t method, int32_t boundary, const char *const *names,
                                         const double *cuts, size_t count, const char *losses) {
  constexpr PyramidMethod kMethods[] = {PyramidMethod::kCustomerShare, PyramidMethod::kValueFloor,
                                        PyramidMethod::kValueShare};
  PATRON_RETURN_IF_ERROR(CheckEnum("method", method, std::size(kMethods)));
  PATRON_RETURN_IF_ERROR(CheckEnum("boundary", boundary, 2));
  if (boundary != PATRON_BOUNDARY_BEFORE && method != PATRON_PYRAMID_VALUE_SHARE) {
    return InvalidOption("boundary", absl::StrCat(boundary),
                         "0 unless the method is 2 (value share)");
  }
  if (count == 0 || count > value::kMaxPyramidTiers) {
    return InvalidOption("count", absl::StrCat(count),
                         absl::StrCat("1 to ", value::kMaxPyramidTiers));
  }
  PATRON_RETURN_IF_ERROR(RequirePointer("names", names));
  PATRON_RETURN_IF_ERROR(RequirePointer("cuts", cuts));
  PyramidDefinition definition;
  definition.method = kMethods[method];
  definition.boundary = boundary == PATRON_BOUNDARY_BEFORE ? value::ShareBoundary::kShareBefore
                                                           : value::ShareBoundary::kShareIncluding;
  for (size_t i = 0; i < count; ++i) {
    PATRON_ASSIGN_OR_RETURN(std::string name, ReadName(absl::StrCat("names[", i, "]"), names[i]));
    definition.tiers.push_back({std::move(name), cuts[i]});
  }
  if (losses != nullptr) {
    PATRON_ASSIGN_OR_RETURN(definition.loss_tier, ReadName("losses", losses));
  }
  PATRON_RETURN_IF_ERROR(value::CheckPyramid(definition));
  return definition;
}

// The definition with floors in money units. A floor within rounding of a whole unit is that unit.
PyramidDefinition InUnits(PyramidDefinition definition, int decimals) {
  constexpr double kSlack = 1e-12;
  if (definition.method != PyramidMethod::kValueFloor) return definition;
  for (value::PyramidTier &tier : definition.tiers) {
    tier.cut *= static_cast<double>(PowerOfTen(decimals));
    const double nearest = std::round(tier.cut);
    if (std::abs(tier.cut - nearest) <= kSlack * std::abs(nearest)) tier.cut = nearest;
  }
  return definition;
}

constexpr std::string_view kStatusExpected =
    "active (0), inactive (1), prospect (2) or suspect (3)";

absl::StatusOr<std::vector<uint8_t>> ReadStatuses(const arrow::Table &table,
                                                  std::string_view column,
                                                  const Execution &execution) {
  constexpr uint8_t kUnknown = 255;
  constexpr std::array<std::string_view, 4> kNames = {"active", "inactive", "prospect", "suspect"};
  std::vector<uint8_t> statuses(static_cast<size_t>(table.rows()));
  uint64_t bad = 0;
  size_t first = 0;
  const auto set = [&](size_t row, uint8_t status) {
    statuses[row] = status;
    if (status == kUnknown && bad++ == 0) first = row;
  };
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(column));
  std::string shown;
  if (arrow::IsText(table.fields()[index].values().kind)) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, column));
    PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
    for (size_t i = 0; i < statuses.size(); ++i) {
      const auto name = std::ranges::find(kNames, loaded.values[i]);
      set(i, name == kNames.end() ? kUnknown : static_cast<uint8_t>(name - kNames.begin()));
    }
    if (bad > 0) shown = Quoted(loaded.values[first]);
  } else {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, column));
    PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
    for (size_t i = 0; i < statuses.size(); ++i) {
      const int64_t status = loaded.values[i];
      set(i, status >= 0 && status < 4 ? static_cast<uint8_t>(status) : kUnknown);
    }
    if (bad > 0) shown = absl::StrCat(loaded.values[first]);
  }
  if (bad > 0) return InvalidRow(column, first, shown, kStatusExpected, bad);
  return statuses;
}

double Currency(int64_t units, int decimals) { return CurrencyFromUnits(Int128{units}, decimals); }
double Currency(double value, int) { return value; }

template <Number T>
absl::StatusOr<arrow::Table> TiersTable(const value::Pyramid<T> &pyramid, int decimals) {
  const size_t count = pyramid.tiers.size();
  const bool positive = pyramid.active_value > 0;
  std::vector<std::string> names;
  std::vector<int64_t> customers;
  std::vector<double> customer_share, values, value_share, threshold, mean;
  std::vector<uint8_t> has_share, has_value_share, filled;
  for (size_t i = 0; i < count; ++i) {
    const value::TierSummary<T> &tier = pyramid.tiers[i];
    names.push_back(tier.name);
    customers.push_back(static_cast<int64_t>(tier.customers));
    customer_share.push_back(tier.customer_share);
    values.push_back(Currency(tier.value, decimals));
    value_share.push_back(tier.value_share);
    threshold.push_back(Currency(tier.entry_threshold.value_or(T{0}), decimals));
    const double scale = std::same_as<T, double> ? 1 : static_cast<double>(PowerOfTen(decimals));
    mean.push_back(tier.mean / scale);
    has_share.push_back(!std::isnan(tier.customer_share));
    has_value_share.push_back(positive && !std::isnan(tier.value_share));
    filled.push_back(tier.entry_threshold.has_value());
  }
  arrow::TableBuilder builder;
  builder.AddText("tier", std::span<const std::string>(names));
  builder.AddInt64("customers", std::move(customers));
  builder.AddFloat64("customer_share", std::move(customer_share), has_share);
  builder.AddFloat64("value", std::move(values));
  builder.AddFloat64("value_share", std::move(value_share), has_value_share);
  builder.AddFloat64("entry_threshold", std::move(threshold), filled);
  builder.AddFloat64("mean", std::move(mean), filled);
  return builder.Finish();
}

// The customers to be placed.
struct Customers {
  const arrow::Table &table;
  size_t id_column, value_column;
  const IdSpan &ids;
  const CustomerOrder &order;
  std::span<const uint8_t> statuses;
};

void AddMemberIds(arrow::TableBuilder &builder, const Customers &customers) {
  const IdSpan &ids = customers.ids;
  const arrow::Kind kind = ids.is_text() ? arrow::Kind::kText : arrow::Kind::kInt64;
  if (builder.AddShared("customer_id", customers.table, customers.id_column, kind)) return;
  builder.AddIds("customer_id", ids);
}

template <Number T>
void AddValues(arrow::TableBuilder &builder, const Customers &customers,
               std::span<const T> values) {
  constexpr bool kFloats = std::same_as<T, double>;
  constexpr arrow::Kind kKind = kFloats ? arrow::Kind::kFloat64 : arrow::Kind::kInt64;
  if (builder.AddShared("value", customers.table, customers.value_column, kKind)) return;
  if constexpr (kFloats) {
    builder.AddFloat64("value", {values.begin(), values.end()});
  } else {
    builder.AddInt64("value", {values.begin(), values.end()});
  }
}

struct Built {
  std::unique_ptr<patron_table> tiers;
  std::unique_ptr<patron_table> membership;
};

template <Number T>
absl::StatusOr<Built> Build(const PyramidDefinition &definition, const Numbers &numbers,
                            std::span<const T> values, const Customers &customers, int decimals,
                            bool membership, const Execution &execution) {
  std::vector<T> sorted_values;
  std::vector<uint8_t> sorted_statuses;
  const CustomerOrder &order = customers.order;
  absl::StatusOr<value::Pyramid<T>> pyramid =
      value::BuildPyramid<T>(order.Sorted(values, sorted_values), definition,
                             order.Sorted(customers.statuses, sorted_statuses), execution);
  if (!pyramid.ok()) return InWords({{"values", numbers.name()}}, pyramid.status());
  Built built;
  PATRON_ASSIGN_OR_RETURN(arrow::Table tiers, TiersTable(*pyramid, decimals));
  built.tiers = NewTable(std::move(tiers));
  if (!membership) return built;

  const size_t n = values.size();
  std::vector<std::string_view> names;
  for (const value::TierSummary<T> &tier : pyramid->tiers) names.push_back(tier.name);
  std::vector<int32_t> codes(n);
  std::vector<uint8_t> placed;
  if (pyramid->unplaced_customers > 0) placed.resize(n, 1);
  for (size_t i = 0; i < n; ++i) {
    const size_t row = order.RowAt(i);
    if (pyramid->tier_of[i] == value::kNoTier) {
      placed[row] = 0;
    } else {
      codes[row] = static_cast<int32_t>(pyramid->tier_of[i]);
    }
  }
  arrow::TableBuilder builder;
  AddMemberIds(builder, customers);
  AddValues(builder, customers, values);
  builder.AddDictionary("tier", std::move(codes), names, placed);
  PATRON_ASSIGN_OR_RETURN(arrow::Table members, builder.Finish());
  built.membership = NewTable(std::move(members));
  return built;
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace proto = patron::proto;
namespace value = patron::value;

extern "C" void patron_pyramid_options_init(patron_pyramid_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->customer = "customer_id";
  options->value = "value";
}

extern "C" patron_status patron_pyramid_preset(const char *name, const patron_context *context,
                                               patron_pyramid **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto preset, c_api::PyramidPresetOf(name));
    PATRON_ASSIGN_OR_RETURN(auto definition,
                            value::MakePyramidPreset(preset, c_api::DefaultsOf(context)));
    *out = new patron_pyramid{std::move(definition)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_pyramid_create(int32_t method, int32_t boundary,
                                               const char *const *names, const double *cuts,
                                               size_t count, const char *losses,
                                               patron_pyramid **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto definition,
                            c_api::Define(method, boundary, names, cuts, count, losses));
    *out = new patron_pyramid{std::move(definition)};
    return absl::OkStatus();
  });
}

extern "C" void patron_pyramid_free(patron_pyramid *pyramid) { delete pyramid; }

extern "C" patron_status patron_pyramid_build(const patron_pyramid *pyramid,
                                              const patron_table *table,
                                              const patron_pyramid_options *options,
                                              patron_table **tiers, patron_table **membership,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pyramid", pyramid));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("tiers", tiers));
    patron_pyramid_options full;
    patron_pyramid_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(patron::CheckDecimals("decimals", full.decimals));
    PATRON_ASSIGN_OR_RETURN(const std::string customer, c_api::ReadName("customer", full.customer));
    PATRON_ASSIGN_OR_RETURN(const std::string column, c_api::ReadName("value", full.value));
    const patron::Execution execution = c_api::ToExecution(full.context);

    PATRON_ASSIGN_OR_RETURN(const auto id_reader, patron::arrow::OpenIds(table->table, customer));
    PATRON_ASSIGN_OR_RETURN(const auto numbers,
                            c_api::Numbers::Read(table->table, column, execution));
    std::vector<uint8_t> statuses;
    if (full.status != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const std::string status, c_api::ReadName("status", full.status));
      PATRON_ASSIGN_OR_RETURN(statuses, c_api::ReadStatuses(table->table, status, execution));
    }
    // Before the rows are put into another order, so that messages name the caller's rows.
    if (!numbers.are_integers()) {
      PATRON_RETURN_IF_ERROR(patron::CheckFinite(column, numbers.doubles()));
    }
    PATRON_ASSIGN_OR_RETURN(const auto ids, patron::arrow::Load(id_reader, execution));
    PATRON_ASSIGN_OR_RETURN(const auto order, c_api::CustomerOrder::Of(customer, ids.ids));

    const value::PyramidDefinition definition =
        numbers.are_integers() ? c_api::InUnits(pyramid->definition, full.decimals)
                               : pyramid->definition;
    PATRON_ASSIGN_OR_RETURN(const size_t id_column, table->table.Require(customer));
    PATRON_ASSIGN_OR_RETURN(const size_t value_column, table->table.Require(column));
    const c_api::Customers customers = {table->table, id_column, value_column,
                                        ids.ids,      order,     statuses};
    PATRON_ASSIGN_OR_RETURN(c_api::Built built, c_api::Visit(numbers, [&](auto values) {
                              return c_api::Build(definition, numbers, values, customers,
                                                  full.decimals, membership != nullptr, execution);
                            }));
    *tiers = built.tiers.release();
    if (membership != nullptr) *membership = built.membership.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_pyramid_serialize(const patron_pyramid *pyramid, patron_bytes **out,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pyramid", pyramid));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_PYRAMID, proto::ToMessage(pyramid->definition), out);
  });
}

extern "C" patron_status patron_pyramid_deserialize(const void *bytes, size_t size,
                                                    patron_pyramid **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Pyramid message;
    PATRON_RETURN_IF_ERROR(
        proto::Unwrap({static_cast<const char *>(bytes), size}, patron::v1::KIND_PYRAMID, message));
    PATRON_ASSIGN_OR_RETURN(auto definition, proto::FromMessage(message));
    *out = new patron_pyramid{std::move(definition)};
    return absl::OkStatus();
  });
}
