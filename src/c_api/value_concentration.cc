// Concentration and its curves.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/concentration.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/curves.hpp"
#include "patron/value/ranked_values.hpp"

namespace patron::c_api {
namespace {

using value::CurvePoint;
using value::RankedValues;

template <Number T>
absl::Status CheckTotal(std::string_view name, const RankedValues<T> &ranked) {
  if (ranked.total().Sign() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(Text(name), ": the total is ",
                                                 FormatNumber(ranked.total().ToDouble()),
                                                 "; expected a positive one"));
}

absl::StatusOr<size_t> CheckPoints(int64_t points) {
  if (points < 0) return InvalidOption("points", absl::StrCat(points), "at least 0");
  return static_cast<size_t>(points);
}

absl::StatusOr<std::span<const double>> CheckShares(const double *shares, size_t count) {
  if (count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("shares", shares));
  for (size_t i = 0; i < count; ++i) {
    if (shares[i] >= 0 && shares[i] <= 1) continue;
    return InvalidOption(absl::StrCat("shares[", i, "]"), FormatNumber(shares[i]), "0 to 1");
  }
  return std::span(shares, count);
}

// The points of a curve as columns.
struct ShareColumns {
  std::vector<int64_t> customers;
  std::vector<double> customer_share, value, value_share;

  void Add(const CurvePoint &point) {
    customers.push_back(static_cast<int64_t>(point.customers));
    customer_share.push_back(point.customer_share);
    value.push_back(point.value);
    value_share.push_back(point.value_share);
  }
};

// Ranks the numbers and hands them to `body`, which gives a table.
template <typename Body>
patron_status RankedTable(const patron_column *values, const patron_context *context,
                          patron_table **out, patron_error *error, Body body) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    const Execution execution = ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const Numbers numbers, Numbers::Read(values, execution));
    absl::StatusOr<arrow::Table> table =
        Visit(numbers, [&](auto span) -> absl::StatusOr<arrow::Table> {
          using T = std::remove_const_t<typename decltype(span)::element_type>;
          PATRON_ASSIGN_OR_RETURN(const auto ranked,
                                  RankedValues<T>::Make(numbers.name(), span, execution));
          return body(numbers.name(), ranked);
        });
    if (!table.ok()) return table.status();
    *out = NewTable(*std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace patron::c_api

using patron::c_api::ShareColumns;
namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace value = patron::value;

extern "C" patron_status patron_value_concentration(const patron_column *values,
                                                    const patron_context *context,
                                                    patron_concentration *out,
                                                    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const auto numbers, c_api::Numbers::Read(values, execution));
    const absl::StatusOr<patron_concentration> result = c_api::Visit(
        numbers, [&](auto span) { return c_api::Measure(numbers.name(), span, execution); });
    if (!result.ok()) return result.status();
    c_api::WriteOut(*result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_value_lorenz(const patron_column *values, int64_t points,
                                             const patron_context *context, patron_table **out,
                                             patron_error *error) {
  return c_api::RankedTable(
      values, context, out, error,
      [&](std::string_view name, const auto &ranked) -> absl::StatusOr<arrow::Table> {
        PATRON_ASSIGN_OR_RETURN(const size_t steps, c_api::CheckPoints(points));
        PATRON_RETURN_IF_ERROR(c_api::CheckTotal(name, ranked));
        ShareColumns columns;
        for (const auto &point : value::LorenzCurve(ranked, steps)) columns.Add(point);
        arrow::TableBuilder builder;
        builder.AddFloat64("customer_share", std::move(columns.customer_share));
        builder.AddFloat64("value_share", std::move(columns.value_share));
        return builder.Finish();
      });
}

extern "C" patron_status patron_value_lorenz_at(const patron_column *values, const double *shares,
                                                size_t count, const patron_context *context,
                                                patron_table **out, patron_error *error) {
  return c_api::RankedTable(
      values, context, out, error,
      [&](std::string_view name, const auto &ranked) -> absl::StatusOr<arrow::Table> {
        PATRON_ASSIGN_OR_RETURN(const auto asked, c_api::CheckShares(shares, count));
        PATRON_RETURN_IF_ERROR(c_api::CheckTotal(name, ranked));
        std::vector<double> heights;
        for (const double share : asked) heights.push_back(value::LorenzAt(ranked, share));
        arrow::TableBuilder builder;
        builder.AddFloat64("customer_share", {asked.begin(), asked.end()});
        builder.AddFloat64("value_share", std::move(heights));
        return builder.Finish();
      });
}

extern "C" patron_status patron_value_share_curve(const patron_column *values, const double *shares,
                                                  size_t count, const patron_context *context,
                                                  patron_table **out, patron_error *error) {
  return c_api::RankedTable(
      values, context, out, error,
      [&](std::string_view name, const auto &ranked) -> absl::StatusOr<arrow::Table> {
        PATRON_ASSIGN_OR_RETURN(const auto asked, c_api::CheckShares(shares, count));
        PATRON_RETURN_IF_ERROR(c_api::CheckTotal(name, ranked));
        ShareColumns columns;
        for (const double share : asked) columns.Add(value::TopShare(ranked, share));
        arrow::TableBuilder builder;
        builder.AddFloat64("customer_share", {asked.begin(), asked.end()});
        builder.AddInt64("customers", std::move(columns.customers));
        builder.AddFloat64("value_share", std::move(columns.value_share));
        return builder.Finish();
      });
}

extern "C" patron_status patron_value_customers_for_share(const patron_column *values,
                                                          const double *shares, size_t count,
                                                          const patron_context *context,
                                                          patron_table **out, patron_error *error) {
  return c_api::RankedTable(
      values, context, out, error,
      [&](std::string_view name, const auto &ranked) -> absl::StatusOr<arrow::Table> {
        PATRON_ASSIGN_OR_RETURN(const auto asked, c_api::CheckShares(shares, count));
        PATRON_RETURN_IF_ERROR(c_api::CheckTotal(name, ranked));
        ShareColumns columns;
        for (const double share : asked) {
          value::CurvePoint point;  // Nobody is needed for nothing.
          if (share > 0) {
            PATRON_ASSIGN_OR_RETURN(point, value::CustomersForShare(ranked, share));
          }
          columns.Add(point);
        }
        arrow::TableBuilder builder;
        builder.AddFloat64("value_share", {asked.begin(), asked.end()});
        builder.AddInt64("customers", std::move(columns.customers));
        builder.AddFloat64("customer_share", std::move(columns.customer_share));
        return builder.Finish();
      });
}

extern "C" patron_status patron_value_whale_curve(const patron_column *values, int64_t points,
                                                  const patron_context *context,
                                                  patron_whale *whale, patron_table **curve,
                                                  patron_error *error) {
  patron_whale full{};
  patron_table *table = nullptr;
  const patron_status status = c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("whale", whale));
    return c_api::CheckOut("whale", whale);
  });
  if (status != PATRON_OK) return status;
  const patron_status made = c_api::RankedTable(
      values, context, &table, error,
      [&](std::string_view, const auto &ranked) -> absl::StatusOr<arrow::Table> {
        PATRON_ASSIGN_OR_RETURN(const size_t steps, c_api::CheckPoints(points));
        const value::WhaleSummary summary = value::SummarizeWhale(ranked);
        full.customers = static_cast<int64_t>(summary.customers);
        full.peak_customers = static_cast<int64_t>(summary.peak_customers);
        full.full_customers = static_cast<int64_t>(summary.full_customers);
        full.negatives = static_cast<int64_t>(summary.loss_customers);
        full.total = summary.total;
        full.peak = summary.peak_value;
        full.peak_share = summary.peak_share;
        full.negative_sum = summary.losses;
        full.loss_beyond_peak = 0 - summary.losses;  // Never -0.
        arrow::TableBuilder builder;
        if (curve == nullptr) return builder.Finish();
        ShareColumns columns;
        for (const auto &point : value::WhaleCurve(ranked, steps)) columns.Add(point);
        const std::vector<uint8_t> has_share(columns.customers.size(), ranked.total().Sign() > 0);
        builder.AddInt64("customers", std::move(columns.customers));
        builder.AddFloat64("customer_share", std::move(columns.customer_share));
        builder.AddFloat64("cumulative", std::move(columns.value));
        builder.AddFloat64("cumulative_share", std::move(columns.value_share), has_share);
        return builder.Finish();
      });
  std::unique_ptr<patron_table, void (*)(patron_table *)> own(table, patron_table_free);
  if (made != PATRON_OK) return made;
  c_api::WriteOut(full, whale);
  if (curve != nullptr) *curve = own.release();
  return PATRON_OK;
}
