// patron._core.State.
#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <utility>

#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

class State {
 public:
  explicit State(patron_state *handle) : state_(handle) {}

  static std::unique_ptr<State> Summary(py::handle reading_arguments, py::handle option_arguments) {
    const Reading reading(reading_arguments);
    const patron_summary_options options = SummaryOptions(option_arguments);
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_summary(reading.get(), &options, &handle, &error), error);
    return std::make_unique<State>(handle);
  }

  static std::unique_ptr<State> Rfm(py::handle reading_arguments, py::handle option_arguments) {
    const Reading reading(reading_arguments);
    RfmOptions options(option_arguments);
    const auto context = Runtime::Get().serial();
    options.get()->context = context.get();
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_rfm(reading.get(), options.get(), &handle, &error), error);
    return std::make_unique<State>(handle);
  }

  static std::unique_ptr<State> Concentration(py::handle reading_arguments) {
    const Reading reading(reading_arguments);
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_concentration(reading.get(), &handle, &error), error);
    return std::make_unique<State>(handle);
  }

  static std::unique_ptr<State> FromBytes(py::handle bytes) {
    return std::make_unique<State>(Deserialized(bytes, patron_state_deserialize));
  }

  py::bytes ToBytes() {
    const auto lock = state_.Lock();
    return Serialized<patron_state>(state_.get(), patron_state_serialize);
  }

  void Update(py::handle table, py::handle progress) {
    auto columns = Sized<patron_transaction_columns>();
    {
      const auto lock = state_.Lock();
      ErrorText error;
      Check(patron_state_columns(state_.get(), &columns, &error), error);
    }
    const Wanted wanted[] = {{columns.customer, Role::kId},
                             {columns.time, Role::kTime},
                             {columns.amount, Role::kNumber},
                             {columns.order, Role::kId}};
    const InputTable input(table, wanted, "table");
    Call call(input.rows(), progress, "update");
    const auto lock = state_.Lock();
    call.Run([&](patron_error *failure) {
      return patron_state_update(state_.get(), input.get(), call.context(), failure);
    });
  }

  void Merge(State &source) {
    if (&source == this) {
      const py::bytes bytes = ToBytes();
      std::unique_ptr<State> copy = FromBytes(bytes);
      return Merge(*copy);
    }
    // Always in the order of their places in memory, so that two merges cannot wait for each other.
    State &first = this < &source ? *this : source;
    State &second = this < &source ? source : *this;
    const auto first_lock = first.state_.Lock();
    const auto second_lock = second.state_.Lock();
    ErrorText error;
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = patron_state_merge(state_.get(), source.state_.get(), &error);
    }
    Check(status, error);
  }

  py::tuple Finalize(py::handle progress) {
    const auto lock = state_.Lock();
    Call call(kRowsToReleaseGil, progress, "finalize");
    patron_table *out = nullptr, *extra = nullptr;
    auto report = Sized<patron_row_report>();
    call.Run([&](patron_error *error) {
      return patron_state_finalize(state_.get(), call.context(), &out, &extra, &report, error);
    });
    TablePtr own_out(out), own_extra(extra);
    return py::make_tuple(ToPython(std::move(own_out)), ToPython(std::move(own_extra)),
                          ToPython(report));
  }

 private:
  Exclusive<patron_state, patron_state_free> state_;
};

}  // namespace

void DefineState(py::module_ &m) {
  using py::arg;
  DefineClass<State>(m, "State")
      .def_static("summary", &State::Summary, arg("reading"), arg("options"))
      .def_static("rfm", &State::Rfm, arg("reading"), arg("options"))
      .def_static("concentration", &State::Concentration, arg("reading"))
      .def_static("from_bytes", &State::FromBytes, arg("data"))
      .def("to_bytes", &State::ToBytes)
      .def("update", &State::Update, arg("table"), arg("progress"))
      .def("merge", &State::Merge, arg("source"))
      .def("finalize", &State::Finalize, arg("progress"));
}

}  // namespace patron::python
