// Migration between tiers, and Markov chains of customers.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

py::object TierMigration(py::handle table, py::handle before, py::handle after, py::handle is_new,
                         py::handle tiers, py::handle smoothing) {
  std::vector<py::object> kept;
  std::vector<const char *> names;
  for (const py::handle tier : tiers) {
    kept.push_back(py::reinterpret_borrow<py::object>(tier));
    const char *text = Name(tier, "tiers");
    if (text == nullptr) RaiseType("tiers: expected a str, not NoneType");
    names.push_back(text);
  }
  const char *was = Name(before, "before"), *is = Name(after, "after"), *flag = Name(is_new, "new");
  const InputTable input(table, {{was, Role::kText}, {is, Role::kText}, {flag, Role::kCount}},
                         "customers");
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_tier_migration(input.get(), was, is, flag, names.data(), names.size(),
                              Number(smoothing, "smoothing"), &out, &error),
        error);
  return ToPython(TablePtr(out));
}

using Matrix = py::array_t<double, py::array::c_style | py::array::forcecast>;

size_t States(const Matrix &p) {
  if (p.ndim() != 2 || p.shape(0) != p.shape(1)) {
    RaiseInvalid("probabilities: not a square matrix; expected a row of numbers for each state");
  }
  return static_cast<size_t>(p.shape(0));
}

Matrix Numbers1(size_t count) { return Matrix(static_cast<py::ssize_t>(count)); }

Matrix SteadyState(const Matrix &p) {
  const size_t states = States(p);
  Matrix out = Numbers1(states);
  ErrorText error;
  Check(patron_markov_steady_state(p.data(), states, out.mutable_data(), &error), error);
  return out;
}

py::tuple Tenure(const Matrix &p, const std::string &ends) {
  const size_t states = States(p);
  if (ends.size() != states) {
    RaiseInvalid("ends: " + std::to_string(ends.size()) + " states; expected " +
                 std::to_string(states));
  }
  Matrix periods({p.shape(0), p.shape(0)});
  Matrix total = Numbers1(states);
  ErrorText error;
  Check(patron_markov_tenure(p.data(), states, reinterpret_cast<const uint8_t *>(ends.data()),
                             periods.mutable_data(), total.mutable_data(), &error),
        error);
  return py::make_tuple(periods, total);
}

double Mobility(const Matrix &p) {
  const size_t states = States(p);
  double out = 0;
  ErrorText error;
  Check(patron_markov_mobility(p.data(), states, &out, &error), error);
  return out;
}

Matrix Value(const Matrix &p, const Matrix &rewards, py::handle discount, py::handle periods) {
  const size_t states = States(p);
  if (rewards.ndim() != 1 || static_cast<size_t>(rewards.size()) != states) {
    RaiseInvalid("rewards: " + std::to_string(rewards.size()) + " numbers; expected " +
                 std::to_string(states) + ", one a state");
  }
  Matrix out = Numbers1(states);
  ErrorText error;
  Check(patron_markov_value(p.data(), rewards.data(), states, Number(discount, "discount"),
                            Integer(periods, "periods"), out.mutable_data(), &error),
        error);
  return out;
}

}  // namespace

void DefineMigration(py::module_ &m) {
  using py::arg;
  m.def("tier_migration", TierMigration, arg("table"), arg("before"), arg("after"), arg("is_new"),
        arg("tiers"), arg("smoothing"));
  m.def("markov_steady_state", SteadyState, arg("probabilities"));
  m.def("markov_tenure", Tenure, arg("probabilities"), arg("ends"));
  m.def("markov_mobility", Mobility, arg("probabilities"));
  m.def("markov_value", Value, arg("probabilities"), arg("rewards"), arg("discount"),
        arg("periods"));
}

}  // namespace patron::python
