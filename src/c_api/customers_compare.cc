// How alike texts are: two of them, two columns, each with each.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/text.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_text.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/compare.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::Characters;

absl::StatusOr<size_t> AddText(std::string_view name, const char *text, size_t size,
                               customers::CharacterPool &pool) {
  if (size > 0) PATRON_RETURN_IF_ERROR(RequirePointer(name, text));
  const std::string_view view = size == 0 ? std::string_view() : std::string_view(text, size);
  if (!arrow::IsUtf8(view)) return InvalidOption(name, Quoted(view), "UTF-8");
  const size_t index = pool.Add(view);
  if (pool[index].size > kMostCodePoints) {
    return InvalidOption(name, absl::StrCat(pool[index].size, " code points"),
                         absl::StrCat("at most ", kMostCodePoints));
  }
  return index;
}

using Kernel = absl::Status (*)(std::span<const Characters>, std::span<const Characters>,
                                customers::Measure, const customers::MeasureOptions &,
                                std::optional<double>, const Execution &, std::span<double>);

patron_status CompareColumns(const patron_column *left, const patron_column *right,
                             const patron_compare_options *options, bool each, patron_table **out,
                             patron_error *error) {
  return Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(RequirePointer("right", right));
    PATRON_RETURN_IF_ERROR(RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const CompareRequest request, ReadCompare(options));
    PATRON_ASSIGN_OR_RETURN(const TextRows a, TextRows::Read("left", left, request.execution));
    PATRON_ASSIGN_OR_RETURN(const TextRows b, TextRows::Read("right", right, request.execution));
    const size_t rows = a.all().size(), others = b.all().size();
    if (!each && rows != others) {
      return InvalidOption("right", absl::StrCat(others, " rows"),
                           absl::StrCat(rows, ", as many as left"));
    }
    constexpr size_t kMost = std::numeric_limits<size_t>::max() / 16;
    if (each && others > 0 && rows > kMost / others) {
      return absl::ResourceExhaustedError(
          absl::StrCat("left: ", rows, " rows with ", others, " of right are too many pairs"));
    }
    std::vector<double> results(each ? rows * others : rows);
    const Kernel kernel = each ? customers::CompareEach : customers::CompareRows;
    PATRON_RETURN_IF_ERROR(kernel(a.all(), b.all(), request.measure, request.options,
                                  request.cutoff, request.execution, results));
    std::vector<uint8_t> valid;
    if (a.has_nulls() || b.has_nulls()) {
      valid.resize(results.size());
      for (size_t i = 0; i < valid.size(); ++i) {
        const size_t row = each ? i / others : i, other = each ? i % others : i;
        valid[i] = a.all()[row].data != nullptr && b.all()[other].data != nullptr ? 1 : 0;
      }
    }
    arrow::TableBuilder builder;
    builder.AddFloat64("value", std::move(results), valid);
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<TextRows> TextRows::Read(std::string_view name, const patron_column *column,
                                        const Execution &execution) {
  patron_column named = *column;
  const std::string own(name);
  named.name = own.c_str();
  PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, name, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  TextRows read;
  const size_t rows = loaded.values.size();
  read.pool_.Reserve(rows);
  read.rows_.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    if (arrow::IsNull(loaded.valid, i)) {
      read.has_nulls_ = true;
      continue;
    }
    const Characters text = read.pool_[read.pool_.Add(loaded.values[i])];
    if (text.size > kMostCodePoints) {
      return InvalidRow(name, i, absl::StrCat(text.size, " code points"),
                        absl::StrCat("at most ", kMostCodePoints));
    }
    read.rows_[i] = text;
  }
  return read;
}

absl::StatusOr<CompareRequest> ReadCompare(const patron_compare_options *options) {
  patron_compare_options full;
  patron_compare_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("measure", full.measure, customers::kMeasures));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  CompareRequest request = {
      .measure = static_cast<customers::Measure>(full.measure),
      .options = {.jaro_winkler = {.boost = full.boost, .weight = full.prefix_weight}, .n = full.n},
      .cutoff = std::nullopt,
      .execution = ToExecution(full.context)};
  PATRON_RETURN_IF_ERROR(customers::CheckOptions(request.options));
  if (!std::isnan(full.cutoff)) request.cutoff = full.cutoff;
  return request;
}

}  // namespace patron::c_api

extern "C" void patron_compare_options_init(patron_compare_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->measure = PATRON_MEASURE_JARO_WINKLER;
  options->n = 2;
  options->boost = 0.7;
  options->prefix_weight = 0.1;
  options->cutoff = c_api::kNaN;
}

extern "C" patron_status patron_compare_texts(const char *a, size_t a_size, const char *b,
                                              size_t b_size, const patron_compare_options *options,
                                              double *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::CompareRequest request, c_api::ReadCompare(options));
    customers::CharacterPool pool;
    PATRON_ASSIGN_OR_RETURN(const size_t left, c_api::AddText("a", a, a_size, pool));
    PATRON_ASSIGN_OR_RETURN(const size_t right, c_api::AddText("b", b, b_size, pool));
    *out = customers::Compare(request.measure, pool[left], pool[right], request.options,
                              request.cutoff);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_compare_rows(const patron_column *left, const patron_column *right,
                                             const patron_compare_options *options,
                                             patron_table **out, patron_error *error) {
  return c_api::CompareColumns(left, right, options, false, out, error);
}

extern "C" patron_status patron_compare_all(const patron_column *left, const patron_column *right,
                                            const patron_compare_options *options,
                                            patron_table **out, patron_error *error) {
  return c_api::CompareColumns(left, right, options, true, out, error);
}
