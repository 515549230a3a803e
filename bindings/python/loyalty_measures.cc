// Figures of loyalty: classes, net promoter score, repurchase rate, share of wallet.
#include <pybind11/pybind11.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "columns.hpp"
#include "input_table.hpp"
#include "loyalty.hpp"
#include "patron/c/loyalty_classes.h"
#include "patron/c/loyalty_measures.h"
#include "patron/c/top_boxes.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kSchemes[] = {{"dick-basu", PATRON_CLASSES_DICK_BASU},
                               {"jones-sasser", PATRON_CLASSES_JONES_SASSER},
                               {"oliver", PATRON_CLASSES_OLIVER},
                               {"textbook", PATRON_CLASSES_TEXTBOOK},
                               {"potential", PATRON_CLASSES_POTENTIAL}};
constexpr Choice kScoreIntervals[] = {{"wald", PATRON_SCORE_WALD},
                                      {"adjusted-wald", PATRON_SCORE_ADJUSTED_WALD},
                                      {"bootstrap", PATRON_SCORE_BOOTSTRAP}};

// `columns` are names in the order of the scheme, the last of "jones-sasser" perhaps None.
py::tuple Classes(py::handle table, py::handle scheme, py::handle columns, bool medians,
                  py::handle cut, py::handle repeats, py::handle progress) {
  patron_classes_options options;
  patron_classes_options_init(&options);
  options.scheme = Choose(scheme, "scheme", kSchemes);
  std::vector<Wanted> wanted;
  Arguments next(columns);
  const auto count = static_cast<size_t>(PyTuple_GET_SIZE(columns.ptr()));
  for (size_t i = 0; i < count && i < 4; ++i) {
    options.columns[i] = next.Text("columns");
    wanted.push_back({options.columns[i], Role::kNumber});
  }
  options.medians = medians ? 1 : 0;
  if (!cut.is_none()) options.cut = Number(cut, "cut");
  options.repeats = Number(repeats, "repeats");
  const InputTable input(table, wanted, "table");
  Call call(input.rows(), progress, "classify");
  options.context = call.context();
  patron_table *rows = nullptr, *counts = nullptr;
  call.Run([&](patron_error *error) {
    return patron_loyalty_classes(input.get(), &options, &rows, &counts, error);
  });
  TablePtr own_rows(rows), own_counts(counts);
  return py::make_tuple(ToPython(std::move(own_rows)), ToPython(std::move(own_counts)));
}

py::tuple NetPromoter(py::handle table, bool weighted, py::handle interval, py::handle level,
                      py::handle replicates, py::handle seed) {
  patron_net_promoter_options options;
  patron_net_promoter_options_init(&options);
  options.interval = Choose(interval, "interval", kScoreIntervals);
  options.level = Number(level, "level");
  options.weight = weighted ? "weight" : nullptr;
  const int64_t samples = Integer(replicates, "replicates"), start = Integer(seed, "seed");
  if (samples < 0 || samples > INT32_MAX) {
    RaiseInvalid("replicates: " + std::to_string(samples) + "; expected 100 to 1000000");
  }
  options.replicates = static_cast<uint32_t>(samples);
  options.seed = static_cast<uint64_t>(start);
  const InputTable input(table, {{"answer", Role::kNumber}, {options.weight, Role::kNumber}},
                         "table");
  auto r = Sized<patron_net_promoter_result>();
  ErrorText error;
  Check(patron_net_promoter(input.get(), &options, &r, &error), error);
  return py::make_tuple(r.score, r.std_err, r.lower, r.upper, r.promoters, r.passives, r.detractors,
                        r.answers, r.effective);
}

py::tuple ScoreChange(py::handle first, py::handle second, py::handle level) {
  const auto of = [](py::handle pair) {
    Arguments next(pair);
    auto result = Sized<patron_net_promoter_result>();
    result.score = next.Real("score");
    result.std_err = next.Real("std_err");
    return result;
  };
  const auto before = of(first), after = of(second);
  auto change = Sized<patron_score_change>();
  ErrorText error;
  Check(patron_net_promoter_change(&before, &after, Number(level, "level"), &change, &error),
        error);
  return py::make_tuple(change.change, change.std_err, change.lower, change.upper, change.p_value);
}

py::tuple RepurchaseRate(py::handle purchases, py::handle at_least, py::handle level) {
  const InputColumn column("purchases", purchases, Role::kNumber);
  auto rate = Sized<patron_proportion>();
  ErrorText error;
  Check(patron_repurchase_rate(column.get(), Number(at_least, "at_least"), Number(level, "level"),
                               &rate, &error),
        error);
  return py::make_tuple(rate.share, rate.lower, rate.upper, rate.successes, rate.trials);
}

py::object WalletAllocation(py::handle table) {
  const InputTable input(table, {{"rank", Role::kNumber}, {"brands", Role::kNumber}}, "table");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_wallet_allocation(input.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

py::tuple SatisfactionCurve(py::handle table, bool weighted, py::handle level) {
  patron_satisfaction_curve_options options;
  patron_satisfaction_curve_options_init(&options);
  options.weight = weighted ? "weight" : nullptr;
  options.level = Number(level, "level");
  const InputTable input(table,
                         {{"satisfaction", Role::kNumber},
                          {"loyalty", Role::kNumber},
                          {options.weight, Role::kNumber}},
                         "table");
  auto result = Sized<patron_satisfaction_curve_result>();
  patron_table *terms = nullptr, *levels = nullptr;
  ErrorText error;
  Check(patron_satisfaction_curve(input.get(), &options, &terms, &levels, &result, &error), error);
  TablePtr own_terms(terms), own_levels(levels);
  return py::make_tuple(ToPython(std::move(own_terms)), ToPython(std::move(own_levels)),
                        py::make_tuple(result.knot, result.linear_share, result.quadratic_share,
                                       result.hinge_share, result.isotonic_share));
}

py::object TopBoxes(py::handle table, bool weighted, py::handle top, py::handle level) {
  patron_top_boxes_options options;
  patron_top_boxes_options_init(&options);
  options.weight = weighted ? "weight" : nullptr;
  options.level = Number(level, "level");
  if (!top.is_none()) options.top = Number(top, "top");
  if (std::isnan(options.top) && !top.is_none()) RaiseInvalid("top: nan; expected a number");
  const InputTable input(table,
                         {{"satisfaction", Role::kNumber},
                          {"loyalty", Role::kNumber},
                          {options.weight, Role::kNumber}},
                         "table");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_top_boxes(input.get(), &options, &out, &error), error);
  return ToPython(TablePtr(out));
}

}  // namespace

void DefineLoyaltyMeasures(py::module_ &m) {
  using py::arg;
  m.def("loyalty_classes", Classes, arg("table"), arg("scheme"), arg("columns"), arg("medians"),
        arg("cut"), arg("repeats"), arg("progress"));
  m.def("net_promoter", NetPromoter, arg("table"), arg("weighted"), arg("interval"), arg("level"),
        arg("replicates"), arg("seed"));
  m.def("score_change", ScoreChange, arg("first"), arg("second"), arg("level"));
  m.def("repurchase_rate", RepurchaseRate, arg("purchases"), arg("at_least"), arg("level"));
  m.def("wallet_allocation", WalletAllocation, arg("table"));
  m.def("satisfaction_curve", SatisfactionCurve, arg("table"), arg("weighted"), arg("level"));
  m.def("top_boxes", TopBoxes, arg("table"), arg("weighted"), arg("top"), arg("level"));
}

}  // namespace patron::python
