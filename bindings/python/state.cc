// patron._core.State.
#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

class State {
 public:
  // `names` are the columns that the state reads; without them all columns of a mapping are taken.
  State(patron_state *handle, std::vector<std::pair<std::string, Role>> names)
      : state_(handle), names_(std::move(names)) {}

  static std::unique_ptr<State> Summary(py::handle reading_arguments, py::handle option_arguments) {
    const Reading reading(reading_arguments);
    const patron_summary_options options = SummaryOptions(option_arguments);
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_summary(reading.get(), &options, &handle, &error), error);
    return std::make_unique<State>(handle, NamesOf(reading));
  }

  static std::unique_ptr<State> Rfm(py::handle reading_arguments, py::handle option_arguments) {
    const Reading reading(reading_arguments);
    RfmOptions options(option_arguments);
    const auto context = Runtime::Get().serial();
    options.get()->context = context.get();
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_rfm(reading.get(), options.get(), &handle, &error), error);
    return std::make_unique<State>(handle, NamesOf(reading));
  }

  static std::unique_ptr<State> Concentration(py::handle reading_arguments) {
    const Reading reading(reading_arguments);
    patron_state *handle = nullptr;
    ErrorText error;
    Check(patron_state_create_concentration(reading.get(), &handle, &error), error);
    std::vector<std::pair<std::string, Role>> names{{reading.get()->customer, Role::kId},
                                                    {reading.get()->amount, Role::kNumber}};
    return std::make_unique<State>(handle, std::move(names));
  }

  static std::unique_ptr<State> FromBytes(py::handle bytes) {
    return std::make_unique<State>(Deserialized(bytes, patron_state_deserialize),
                                   std::vector<std::pair<std::string, Role>>());
  }

  py::bytes ToBytes() {
    const auto lock = state_.Lock();
    return Serialized<patron_state>(state_.get(), patron_state_serialize);
  }

  void Update(py::handle table, py::handle progress) {
    if (names_.empty()) {
      const InputTable input(table, "table");
      return Update(input, progress);
    }
    std::vector<Wanted> wanted;
    for (const auto &[name, role] : names_) wanted.push_back({name.c_str(), role});
    const InputTable input(table, wanted, "table");
    Update(input, progress);
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
  static std::vector<std::pair<std::string, Role>> NamesOf(const Reading &reading) {
    std::vector<std::pair<std::string, Role>> names;
    for (const Wanted &column : reading.Wants()) {
      if (column.name != nullptr) names.emplace_back(column.name, column.role);
    }
    return names;
  }

  void Update(const InputTable &input, py::handle progress) {
    Call call(input.rows(), progress, "update");
    const auto lock = state_.Lock();
    call.Run([&](patron_error *error) {
      return patron_state_update(state_.get(), input.get(), call.context(), error);
    });
  }

  Exclusive<patron_state, patron_state_free> state_;
  std::vector<std::pair<std::string, Role>> names_;
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
      .def("update", py::overload_cast<py::handle, py::handle>(&State::Update), arg("table"),
           arg("progress"))
      .def("merge", &State::Merge, arg("source"))
      .def("finalize", &State::Finalize, arg("progress"));
}

}  // namespace patron::python
