// From satisfaction to loyalty.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/known_numbers.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/c/loyalty_measures.h"
#include "patron/c/top_boxes.h"
#include "patron/loyalty/satisfaction_curve.hpp"
#include "patron/loyalty/top_box.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> TermTable(const loyalty::SatisfactionCurve &curve) {
  std::vector<std::string_view> model, term;
  std::vector<double> estimate, std_err, lower, upper;
  for (const loyalty::CurveTerm &row : curve.terms) {
    model.push_back(row.model);
    term.push_back(row.term);
    estimate.push_back(row.estimate);
    std_err.push_back(row.std_err);
    lower.push_back(row.lower);
    upper.push_back(row.upper);
  }
  arrow::TableBuilder builder;
  builder.AddText("model", model);
  builder.AddText("term", term);
  builder.AddFloat64("estimate", std::move(estimate));
  builder.AddFloat64("std_err", std::move(std_err));
  builder.AddFloat64("lower", std::move(lower));
  builder.AddFloat64("upper", std::move(upper));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> LevelTable(const loyalty::SatisfactionCurve &curve) {
  const auto column = [&](double loyalty::CurveLevel::*member) {
    std::vector<double> values;
    for (const loyalty::CurveLevel &level : curve.levels) values.push_back(level.*member);
    return values;
  };
  std::vector<int64_t> rows;
  for (const loyalty::CurveLevel &level : curve.levels) rows.push_back(level.rows);
  arrow::TableBuilder builder;
  builder.AddFloat64("satisfaction", column(&loyalty::CurveLevel::satisfaction));
  builder.AddInt64("rows", std::move(rows));
  builder.AddFloat64("loyalty", column(&loyalty::CurveLevel::loyalty));
  AddOptional(builder, "lower", column(&loyalty::CurveLevel::lower));
  AddOptional(builder, "upper", column(&loyalty::CurveLevel::upper));
  builder.AddFloat64("linear", column(&loyalty::CurveLevel::linear));
  builder.AddFloat64("quadratic", column(&loyalty::CurveLevel::quadratic));
  builder.AddFloat64("hinge", column(&loyalty::CurveLevel::hinge));
  builder.AddFloat64("isotonic", column(&loyalty::CurveLevel::isotonic));
  builder.AddFloat64("quadratic_slope", column(&loyalty::CurveLevel::quadratic_slope));
  builder.AddFloat64("quadratic_slope_std_err",
                     column(&loyalty::CurveLevel::quadratic_slope_error));
  builder.AddFloat64("quadratic_slope_lower", column(&loyalty::CurveLevel::quadratic_slope_lower));
  builder.AddFloat64("quadratic_slope_upper", column(&loyalty::CurveLevel::quadratic_slope_upper));
  return builder.Finish();
}

// The columns that both functions read, and what they are called.
struct Answers {
  std::string x_name, y_name, w_name;
  arrow::Loaded<double> satisfaction, loyalty, weight;

  absl::Status InNames(const absl::Status &status) const {
    return InWords({{"satisfaction", x_name}, {"loyalty", y_name}, {"weight", w_name}}, status);
  }
};

absl::StatusOr<Answers> ReadAnswers(const arrow::Table &table, const char *satisfaction,
                                    const char *loyalty, const char *weight,
                                    const Execution &execution) {
  Answers answers;
  PATRON_ASSIGN_OR_RETURN(answers.x_name, ReadName("satisfaction", satisfaction));
  PATRON_ASSIGN_OR_RETURN(answers.y_name, ReadName("loyalty", loyalty));
  PATRON_ASSIGN_OR_RETURN(answers.w_name, OptionalName("weight", weight));
  PATRON_ASSIGN_OR_RETURN(answers.satisfaction, ReadDoubles(table, answers.x_name, execution));
  // Whether a customer bought again may be a boolean.
  PATRON_ASSIGN_OR_RETURN(answers.loyalty, ReadKnownNumbers(table, answers.y_name, execution));
  if (!answers.w_name.empty()) {
    PATRON_ASSIGN_OR_RETURN(answers.weight, ReadDoubles(table, answers.w_name, execution));
  }
  return answers;
}

absl::StatusOr<loyalty::SatisfactionCurve> FitCurve(
    const arrow::Table &table, const patron_satisfaction_curve_options *options) {
  patron_satisfaction_curve_options full;
  patron_satisfaction_curve_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  PATRON_ASSIGN_OR_RETURN(
      const Answers answers,
      ReadAnswers(table, full.satisfaction, full.loyalty, full.weight, ToExecution(full.context)));
  auto curve = loyalty::FitSatisfactionCurve(answers.satisfaction.values, answers.loyalty.values,
                                             answers.weight.values, full.level);
  if (!curve.ok()) return answers.InNames(curve.status());
  return curve;
}

absl::StatusOr<arrow::Table> BoxTable(const arrow::Table &table,
                                      const patron_top_boxes_options *options) {
  patron_top_boxes_options full;
  patron_top_boxes_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  PATRON_ASSIGN_OR_RETURN(
      const Answers answers,
      ReadAnswers(table, full.satisfaction, full.loyalty, full.weight, ToExecution(full.context)));
  std::optional<double> top;
  if (!std::isnan(full.top)) top = full.top;
  const auto boxes = loyalty::CountTopBoxes(answers.satisfaction.values, answers.loyalty.values,
                                            answers.weight.values, top, full.level);
  if (!boxes.ok()) return answers.InNames(boxes.status());
  const loyalty::SatisfactionBox &high = boxes->top, &low = boxes->rest;
  arrow::TableBuilder builder;
  builder.AddText("box", std::vector<std::string_view>{"top", "rest", "difference"});
  AddOptional(builder, "least", {high.least, low.least, kNaN});
  builder.AddInt64("rows", {high.rows, low.rows, high.rows + low.rows});
  AddOptional(builder, "share", {high.share, low.share, kNaN});
  AddOptional(builder, "share_lower", {high.share_in.lower, low.share_in.lower, kNaN});
  AddOptional(builder, "share_upper", {high.share_in.upper, low.share_in.upper, kNaN});
  builder.AddFloat64("loyalty", {high.loyalty, low.loyalty, boxes->difference});
  AddOptional(builder, "lower",
              {high.loyalty_in.lower, low.loyalty_in.lower, boxes->difference_in.lower});
  AddOptional(builder, "upper",
              {high.loyalty_in.upper, low.loyalty_in.upper, boxes->difference_in.upper});
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_satisfaction_curve_options_init(patron_satisfaction_curve_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->satisfaction = "satisfaction";
  options->loyalty = "loyalty";
  options->level = 0.95;
}

extern "C" patron_status patron_satisfaction_curve(const patron_table *table,
                                                   const patron_satisfaction_curve_options *options,
                                                   patron_table **terms, patron_table **levels,
                                                   patron_satisfaction_curve_result *out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("terms", terms));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const loyalty::SatisfactionCurve curve,
                            c_api::FitCurve(table->table, options));
    PATRON_ASSIGN_OR_RETURN(arrow::Table term_table, c_api::TermTable(curve));
    PATRON_ASSIGN_OR_RETURN(arrow::Table level_table, c_api::LevelTable(curve));
    auto made_terms = c_api::NewTable(std::move(term_table));
    auto made_levels = c_api::NewTable(std::move(level_table));
    patron_satisfaction_curve_result result{};
    result.knot = curve.knot;
    result.linear_share = curve.linear_share;
    result.quadratic_share = curve.quadratic_share;
    result.hinge_share = curve.hinge_share;
    result.isotonic_share = curve.isotonic_share;
    c_api::WriteOut(result, out);
    *terms = made_terms.release();
    if (levels != nullptr) *levels = made_levels.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_top_boxes_options_init(patron_top_boxes_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->satisfaction = "satisfaction";
  options->loyalty = "loyalty";
  options->level = 0.95;
  options->top = c_api::kNaN;
}

extern "C" patron_status patron_top_boxes(const patron_table *table,
                                          const patron_top_boxes_options *options,
                                          patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(arrow::Table boxes, c_api::BoxTable(table->table, options));
    *out = c_api::NewTable(std::move(boxes)).release();
    return absl::OkStatus();
  });
}
