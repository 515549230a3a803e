// patron._core.SignalBook, and the evaluation of warnings.
#include <pybind11/pybind11.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "arguments.hpp"
#include "day.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

constexpr Choice kCombinations[] = {{"max", PATRON_SIGNALS_MAX}, {"sum", PATRON_SIGNALS_SUM}};

patron_signal_options SignalOptions(py::handle arguments) {
  patron_signal_options options;
  patron_signal_options_init(&options);
  Arguments next(arguments);
  options.quantile = next.Real("quantile");
  options.min_gaps = next.Int32("min_gaps");
  options.multiple = next.Real("multiple");
  options.population_quantile = next.Real("population_quantile");
  options.alive_drop = next.Real("alive_drop");
  options.hazard_rise = next.Real("hazard_rise");
  options.decline = next.Real("decline");
  options.score_drop = next.Real("score_drop");
  options.contract_days = next.Int32("contract_days");
  options.combination = next.Word("combination", kCombinations);
  const py::handle weights = next.Next();
  for (py::ssize_t i = 0; i < 12; ++i) {
    const py::handle weight = PyTuple_GET_ITEM(weights.ptr(), i);
    if (!weight.is_none()) options.weights[i] = Number(weight, "weights");
  }
  const py::handle cuts = next.Next();
  for (py::ssize_t i = 0; i < 3; ++i) {
    options.cuts[i] = Number(PyTuple_GET_ITEM(cuts.ptr(), i), "cuts");
  }
  options.grace = next.Int32("grace");
  return options;
}

class SignalBook {
 public:
  explicit SignalBook(patron_signal_book *handle) : book_(handle) {}

  static std::unique_ptr<SignalBook> Create(py::handle zone) {
    patron_signal_book *handle = nullptr;
    ErrorText error;
    Check(patron_signal_book_create(Name(zone, "zone"), &handle, &error), error);
    return std::make_unique<SignalBook>(handle);
  }

  void Append(py::handle table, py::handle reading_arguments, py::handle progress) {
    const Reading reading(reading_arguments);
    const InputTable input(table, reading.Wants(), "transactions");
    Call call(input.rows(), progress, "append");
    const auto lock = book_.Lock();
    call.Run([&](patron_error *error) {
      return patron_signal_book_append(book_.get(), input.get(), reading.get(), call.context(),
                                       error);
    });
    rows_ += input.rows();
  }

  py::tuple Warn(py::handle as_of, py::handle option_arguments, py::handle known,
                 py::handle progress) {
    const int32_t day = Day(as_of, "as_of");
    const patron_signal_options options = SignalOptions(option_arguments);
    std::optional<InputTable> input;
    if (!known.is_none()) {
      input.emplace(known,
                    std::initializer_list<Wanted>{{"customer_id", Role::kId},
                                                  {"p_alive", Role::kNumber},
                                                  {"p_alive_before", Role::kNumber},
                                                  {"hazard", Role::kNumber},
                                                  {"hazard_before", Role::kNumber},
                                                  {"score", Role::kNumber},
                                                  {"score_before", Role::kNumber},
                                                  {"open_complaints", Role::kNumber},
                                                  {"reopened_complaints", Role::kNumber},
                                                  {"demotions", Role::kNumber},
                                                  {"contract_end", Role::kTime},
                                                  {"level", Role::kCount},
                                                  {"evaluations_below", Role::kCount}},
                    "known");
    }
    const auto lock = book_.Lock();
    Call call(rows_, progress, "signals");
    patron_table *warnings = nullptr, *evidence = nullptr;
    double bound = 0;
    call.Run([&](patron_error *error) {
      return patron_signal_book_warn(book_.get(), day, &options, input ? input->get() : nullptr,
                                     call.context(), &warnings, &evidence, &bound, error);
    });
    TablePtr own_warnings(warnings), own_evidence(evidence);
    return py::make_tuple(ToPython(std::move(own_warnings)), ToPython(std::move(own_evidence)),
                          bound);
  }

  py::tuple WarnOne(py::handle customer, py::handle as_of, py::handle option_arguments) {
    const int32_t day = Day(as_of, "as_of");
    const patron_signal_options options = SignalOptions(option_arguments);
    const bool text = py::isinstance<py::str>(customer);
    const char *name = text ? Name(customer, "customer") : nullptr;
    const int64_t id = text ? 0 : Integer(customer, "customer");
    const auto lock = book_.Lock();
    auto w = Sized<patron_warning>();
    ErrorText error;
    Check(patron_signal_book_warn_one(book_.get(), id, name, day, &options, &w, &error), error);
    py::list seen;
    for (int i = 0; i < 12; ++i) {
      if (!std::isnan(w.values[i])) seen.append(py::make_tuple(i, w.values[i], w.thresholds[i]));
    }
    return py::make_tuple(w.level, w.purchase_days, w.recency_days, w.risk, w.rhythm, seen);
  }

  py::object Last() {
    const auto lock = book_.Lock();
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_signal_book_last(book_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

 private:
  Exclusive<patron_signal_book, patron_signal_book_free> book_;
  int64_t rows_ = 0;
};

py::tuple EvaluateWarnings(py::handle table, py::handle k, py::handle level) {
  const InputTable input(table,
                         {{"risk", Role::kNumber}, {"lost", Role::kCount}, {"lead", Role::kNumber}},
                         "warnings");
  const int64_t count = Integer(k, "k");
  if (count < 0) RaiseInvalid("k: " + std::to_string(count) + "; expected 1 or more");
  auto e = Sized<patron_warning_evaluation>();
  ErrorText error;
  Check(patron_warnings_evaluate(input.get(), static_cast<uint64_t>(count), Number(level, "level"),
                                 &e, &error),
        error);
  const auto estimate = [](double value, double low, double high) {
    return py::make_tuple(value, low, high);
  };
  return py::make_tuple(
      e.customers, e.lost, e.flagged, e.flagged_lost,
      estimate(e.precision, e.precision_low, e.precision_high),
      estimate(e.recall, e.recall_low, e.recall_high), estimate(e.lift, e.lift_low, e.lift_high),
      estimate(e.auc, e.auc_low, e.auc_high), estimate(e.lead, e.lead_low, e.lead_high));
}

}  // namespace

void DefineSignals(py::module_ &m) {
  using py::arg;
  DefineClass<SignalBook>(m, "SignalBook")
      .def_static("create", &SignalBook::Create, arg("zone"))
      .def("append", &SignalBook::Append, arg("table"), arg("reading"), arg("progress"))
      .def("warn", &SignalBook::Warn, arg("as_of"), arg("options"), arg("known"), arg("progress"))
      .def("warn_one", &SignalBook::WarnOne, arg("customer"), arg("as_of"), arg("options"))
      .def("last", &SignalBook::Last);
  m.def("evaluate_warnings", EvaluateWarnings, arg("table"), arg("k"), arg("level"));
}

}  // namespace patron::python
