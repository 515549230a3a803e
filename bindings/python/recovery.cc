// Priority, causes, habitual complainers, costs, compensation, return, pyramid, market damage.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kCauseWeights[] = {{"cases", PATRON_CAUSES_BY_CASES},
                                    {"severity", PATRON_CAUSES_BY_SEVERITY},
                                    {"cost", PATRON_CAUSES_BY_COST}};

// Runs call(&table, &error) and returns the table.
template <typename Call>
py::object MakeTable(Call &&call) {
  patron_table *out = nullptr;
  ErrorText error;
  Check(call(&out, &error), error);
  return ToPython(TablePtr(out));
}

// Copies exactly `count` numbers.
void Fill(py::handle values, const char *option, double *to, size_t count) {
  const std::vector<double> numbers = Numbers(values, option);
  if (numbers.size() != count) {
    RaiseInvalid(std::string(option) + ": " + std::to_string(numbers.size()) +
                 " numbers; expected " + std::to_string(count));
  }
  std::ranges::copy(numbers, to);
}

// `name` if the table has such a column, else NULL.
const char *IfThere(py::handle table, const char *name) {
  return py::cast<py::dict>(table).contains(name) ? name : nullptr;
}

py::object Priority(py::handle table, py::handle points) {
  patron_priority_options options;
  patron_priority_options_init(&options);
  options.value = IfThere(table, "value");
  options.media = IfThere(table, "media");
  options.repeats = IfThere(table, "repeats");
  options.age = IfThere(table, "age");
  options.crisis = IfThere(table, "crisis");
  Fill(points, "weights", options.points, PATRON_PRIORITY_PARTS);
  const InputTable input(table,
                         {{"severity", Role::kCount},
                          {"value", Role::kNumber},
                          {"media", Role::kNumber},
                          {"repeats", Role::kNumber},
                          {"age", Role::kNumber},
                          {"crisis", Role::kCount}},
                         "table");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_priority(input.get(), &options, out, error);
  });
}

py::object Causes() {
  return MakeTable([](auto out, auto error) { return patron_complaint_causes(out, error); });
}

py::object RankCauses(py::handle table, py::handle by, py::handle levels, py::handle vital) {
  patron_pareto_options options;
  patron_pareto_options_init(&options);
  options.by = Choose(by, "by", kCauseWeights);
  options.levels = Integer32(levels, "levels");
  options.vital = Number(vital, "vital");
  options.severity = IfThere(table, "severity");
  options.cost = IfThere(table, "cost");
  const InputTable input(
      table, {{"cause", Role::kText}, {"severity", Role::kCount}, {"cost", Role::kNumber}},
      "table");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_rank_causes(input.get(), &options, out, error);
  });
}

py::object SystemicCauses(py::handle table, py::handle cases, py::handle window,
                          py::handle levels) {
  const InputTable input(table, {{"cause", Role::kText}, {"received", Role::kTime}}, "table");
  const int64_t least = Integer(cases, "cases"), wide = Integer(window, "window");
  const int32_t depth = Integer32(levels, "levels");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_systemic_causes(input.get(), least, wide, depth, out, error);
  });
}

py::tuple Habitual(py::handle table, py::handle alpha, py::handle level) {
  const InputTable input(
      table, {{"complaints", Role::kCount}, {"exposure", Role::kNumber}, {"upheld", Role::kCount}},
      "table");
  const double limit = Number(alpha, "alpha"), confidence = Number(level, "level");
  auto segment = Sized<patron_habitual_segment>();
  py::object out = MakeTable([&](auto result, auto error) {
    return patron_complaint_habitual(input.get(), limit, confidence, result, &segment, error);
  });
  return py::make_tuple(
      out, py::make_tuple(segment.flagged, segment.rate, segment.dispersion, segment.upheld_lower));
}

py::object CaseCosts(py::handle table, py::handle rate) {
  const InputTable input(table,
                         {{"minutes", Role::kNumber},
                          {"remedy", Role::kNumber},
                          {"freight", Role::kNumber},
                          {"write_off", Role::kNumber},
                          {"fines", Role::kNumber},
                          {"return_probability", Role::kNumber},
                          {"value", Role::kNumber}},
                         "table");
  const double minute = Number(rate, "rate");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_case_costs(input.get(), minute, out, error);
  });
}

py::object Compensation(py::handle table, py::handle loss_share, py::handle goodwill,
                        py::handle tiers) {
  const std::vector<double> amounts = Numbers(goodwill, "goodwill");
  patron_compensation_terms terms;
  patron_compensation_terms_init(&terms);
  Fill(loss_share, "loss_share", terms.loss_share, 4);
  const int64_t count = Integer(tiers, "tiers");
  if (count < 0 || amounts.size() != 4 * static_cast<size_t>(count)) {
    RaiseInvalid("goodwill: " + std::to_string(amounts.size()) +
                 " amounts; expected one for each of 4 severities and " + std::to_string(count) +
                 " tiers");
  }
  terms.goodwill = amounts.data();
  terms.tiers = static_cast<size_t>(count);
  const InputTable input(table,
                         {{"loss", Role::kNumber},
                          {"severity", Role::kCount},
                          {"tier", Role::kCount},
                          {"limit", Role::kNumber}},
                         "table");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_compensation(input.get(), &terms, out, error);
  });
}

py::object Returns(py::handle table, py::handle major, py::handle minor, py::handle weight,
                   py::handle level) {
  patron_return_options options;
  patron_return_options_init(&options);
  if (!major.is_none()) Fill(major, "major", options.major, PATRON_HANDLINGS);
  if (!minor.is_none()) Fill(minor, "minor", options.minor, PATRON_HANDLINGS);
  options.weight = Number(weight, "weight");
  options.level = Number(level, "level");
  if (table.is_none()) {
    return MakeTable([&](auto out, auto error) {
      return patron_complaint_returns(nullptr, &options, out, error);
    });
  }
  const InputTable input(
      table, {{"handling", Role::kText}, {"minor", Role::kCount}, {"returned", Role::kCount}},
      "cases");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_returns(input.get(), &options, out, error);
  });
}

double RecoveryValue(py::handle p_handled, py::handle p_unhandled, py::handle value,
                     py::handle cost) {
  double out = 0;
  ErrorText error;
  Check(patron_complaint_recovery_value(Number(p_handled, "p_handled"),
                                        Number(p_unhandled, "p_unhandled"), Number(value, "value"),
                                        Number(cost, "cost"), &out, &error),
        error);
  return out;
}

py::object VoiceRates() {
  return MakeTable([](auto out, auto error) { return patron_complaint_voice_rates(out, error); });
}

py::tuple EstimatePyramid(py::handle complaints, py::handle rate, py::handle reported,
                          py::handle asked, py::handle level) {
  auto p = Sized<patron_complaint_pyramid_result>();
  ErrorText error;
  Check(patron_complaint_estimate_pyramid(Number(complaints, "complaints"), Number(rate, "rate"),
                                          Number(reported, "reported"), Number(asked, "asked"),
                                          Number(level, "level"), &p, &error),
        error);
  return py::make_tuple(p.rate, p.rate_lower, p.rate_upper, p.multiplier, p.multiplier_lower,
                        p.multiplier_upper, p.problems, p.problems_lower, p.problems_upper,
                        p.silent, p.silent_lower, p.silent_upper);
}

py::object Conversion(py::handle counts, py::handle level) {
  const std::vector<double> numbers = Numbers(counts, "counts");
  const double confidence = Number(level, "level");
  return MakeTable([&](auto out, auto error) {
    return patron_complaint_conversion(numbers.data(), numbers.size(), confidence, out, error);
  });
}

py::tuple Tuple(const patron_market_damage &damage) {
  return py::make_tuple(damage.lost, damage.at_risk, damage.word_of_mouth, damage.total);
}

py::tuple MarketDamage(py::handle arguments, py::handle loyalty, py::handle samples,
                       py::handle tellers, py::handle influence, bool interval) {
  patron_market_damage_terms terms;
  patron_market_damage_terms_init(&terms);
  Arguments next(arguments);
  terms.customers = next.Real("customers");
  terms.value = next.Real("value");
  terms.problem_rate = next.Real("problem_rate");
  terms.problem_sample = next.Real("problem_rate");
  terms.voice_rate = next.Real("voice_rate");
  terms.voice_sample = next.Real("voice_rate");
  terms.satisfied = next.Real("satisfied");
  terms.mollified = next.Real("mollified");
  terms.answer_sample = next.Real("satisfied");
  terms.loyalty_none = next.Real("loyalty_none");
  terms.loyalty_none_sample = next.Real("loyalty_none");
  const int64_t draws = next.Int("draws"), seed = next.Int("seed");
  if (draws < 0 || draws > 10'000'000) {
    RaiseInvalid("draws: " + std::to_string(draws) + "; expected 100 to 10000000");
  }
  if (seed < 0) RaiseInvalid("seed: " + std::to_string(seed) + "; expected 0 or more");
  terms.draws = static_cast<uint32_t>(draws);
  terms.seed = static_cast<uint64_t>(seed);
  terms.level = next.Real("level");
  Fill(loyalty, "loyalty", terms.loyalty, PATRON_OUTCOMES);
  Fill(samples, "loyalty", terms.loyalty_sample, PATRON_OUTCOMES);
  Fill(tellers, "tellers", terms.tellers, PATRON_OUTCOMES);
  Fill(influence, "influence", terms.influence, PATRON_OUTCOMES);
  auto out = Sized<patron_market_damage>();
  auto lower = Sized<patron_market_damage>(), upper = Sized<patron_market_damage>();
  ErrorText error;
  Check(patron_complaint_market_damage(&terms, &out, interval ? &lower : nullptr,
                                       interval ? &upper : nullptr, &error),
        error);
  if (!interval) return py::make_tuple(Tuple(out), py::none(), py::none());
  return py::make_tuple(Tuple(out), Tuple(lower), Tuple(upper));
}

}  // namespace

void DefineRecovery(py::module_ &m) {
  using py::arg;
  m.def("priority", Priority, arg("table"), arg("points"));
  m.def("causes", Causes);
  m.def("rank_causes", RankCauses, arg("table"), arg("by"), arg("levels"), arg("vital"));
  m.def("systemic_causes", SystemicCauses, arg("table"), arg("cases"), arg("window"),
        arg("levels"));
  m.def("habitual", Habitual, arg("table"), arg("alpha"), arg("level"));
  m.def("case_costs", CaseCosts, arg("table"), arg("rate"));
  m.def("compensation", Compensation, arg("table"), arg("loss_share"), arg("goodwill"),
        arg("tiers"));
  m.def("returns", Returns, arg("table"), arg("major"), arg("minor"), arg("weight"), arg("level"));
  m.def("recovery_value", RecoveryValue, arg("p_handled"), arg("p_unhandled"), arg("value"),
        arg("cost"));
  m.def("voice_rates", VoiceRates);
  m.def("complaint_pyramid", EstimatePyramid, arg("complaints"), arg("rate"), arg("reported"),
        arg("asked"), arg("level"));
  m.def("conversion", Conversion, arg("counts"), arg("level"));
  m.def("market_damage", MarketDamage, arg("arguments"), arg("loyalty"), arg("samples"),
        arg("tellers"), arg("influence"), arg("interval"));
}

}  // namespace patron::python
