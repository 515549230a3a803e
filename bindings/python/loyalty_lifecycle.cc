// patron._core.Lifecycle.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "arguments.hpp"
#include "day.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "loyalty.hpp"
#include "module.hpp"
#include "patron/c/lifecycle.h"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

class Lifecycle {
 public:
  explicit Lifecycle(patron_lifecycle *handle) : lifecycle_(handle) {}

  static std::unique_ptr<Lifecycle> Create(py::handle arguments, py::handle zone) {
    patron_lifecycle_rules rules;
    patron_lifecycle_rules_init(&rules);
    Arguments next(arguments);
    rules.new_days = next.Int32("new_days");
    rules.mature_purchases = next.Int32("mature_purchases");
    rules.min_gaps = next.Int32("min_gaps");
    rules.default_gap = next.Real("default_gap");
    rules.dormant_gaps = next.Real("dormant_gaps");
    rules.lost_gaps = next.Real("lost_gaps");
    rules.alive_floor = next.Real("alive_floor");
    rules.ours_share = next.Real("ours_share");
    rules.competitors_share = next.Real("competitors_share");
    patron_lifecycle *handle = nullptr;
    ErrorText error;
    Check(patron_lifecycle_create(&rules, Name(zone, "zone"), &handle, &error), error);
    return std::make_unique<Lifecycle>(handle);
  }

  void Append(py::handle facts) {
    const InputTable input(facts,
                           {{"customer_id", Role::kId},
                            {"time", Role::kTime},
                            {"kind", Role::kText},
                            {"value", Role::kNumber}},
                           "facts");
    Call call(input.rows(), py::none(), "append");
    const auto lock = lifecycle_.Lock();
    call.Run([&](patron_error *error) {
      return patron_lifecycle_append(lifecycle_.get(), input.get(), error);
    });
    rows_ += input.rows();
  }

  void AppendPurchases(py::handle table, py::handle reading_arguments) {
    const Reading reading(reading_arguments);
    const InputTable input(table, reading.Wants(), "purchases");
    Call call(input.rows(), py::none(), "append");
    const auto lock = lifecycle_.Lock();
    call.Run([&](patron_error *error) {
      return patron_lifecycle_append_purchases(lifecycle_.get(), input.get(), reading.get(), error);
    });
    rows_ += input.rows();
  }

  py::object Customers(py::handle as_of) {
    const int32_t day = Day(as_of, "as_of");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_lifecycle_customers(lifecycle_.get(), day, out, error);
    });
  }

  py::object Changes(py::handle since, py::handle as_of) {
    const int32_t from = Day(since, "since"), until = Day(as_of, "as_of");
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_lifecycle_changes(lifecycle_.get(), from, until, out, error);
    });
  }

  py::object Facts() {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_lifecycle_facts(lifecycle_.get(), out, error);
    });
  }

 private:
  template <typename Function>
  py::object Ask(Function function) {
    patron_table *out = nullptr;
    Call call(rows_, py::none(), "lifecycle");
    const auto lock = lifecycle_.Lock();
    call.Run([&](patron_error *error) { return function(&out, error); });
    return ToPython(TablePtr(out));
  }

  Exclusive<patron_lifecycle, patron_lifecycle_free> lifecycle_;
  int64_t rows_ = 0;
};

}  // namespace

void DefineLifecycle(py::module_ &m) {
  using py::arg;
  DefineClass<Lifecycle>(m, "Lifecycle")
      .def_static("create", &Lifecycle::Create, arg("rules"), arg("zone"))
      .def("append", &Lifecycle::Append, arg("facts"))
      .def("append_purchases", &Lifecycle::AppendPurchases, arg("table"), arg("reading"))
      .def("customers", &Lifecycle::Customers, arg("as_of"))
      .def("changes", &Lifecycle::Changes, arg("since"), arg("as_of"))
      .def("facts", &Lifecycle::Facts);
}

}  // namespace patron::python
