// patron._core.Casebook.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "calendar.hpp"
#include "exclusive.hpp"
#include "form.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "policy.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

constexpr Choice kModes[] = {{"rows", PATRON_APPLY_ROWS}, {"all", PATRON_APPLY_ALL}};
constexpr Choice kClocks[] = {
    {"all", PATRON_CLOCKS_ALL}, {"due", PATRON_CLOCKS_DUE}, {"overdue", PATRON_CLOCKS_OVERDUE}};

// An id: text, or an integer.
class Id {
 public:
  Id(py::handle value, const char *what) {
    if (PyUnicode_Check(value.ptr()) != 0) {
      text_ = Name(value, what);
    } else {
      integer_ = Integer(value, what);
    }
  }
  int64_t integer() const { return integer_; }
  const char *text() const { return text_; }

 private:
  int64_t integer_ = 0;
  const char *text_ = nullptr;
};

class Casebook {
 public:
  Casebook(patron_casebook *handle, bool kept) : casebook_(handle), kept_(kept) {
    const patron_casebook_size size = Sizes();
    events_ = size.events;
    recorded_ = size.recorded;
  }

  static std::unique_ptr<Casebook> Create() {
    patron_casebook *handle = nullptr;
    ErrorText error;
    Check(patron_casebook_create(&handle, &error), error);
    return std::make_unique<Casebook>(handle, false);
  }

  static std::unique_ptr<Casebook> Open(py::handle path) {
    const char *name = Name(path, "path");
    patron_casebook *handle = nullptr;
    ErrorText error;
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = patron_casebook_open(name, &handle, &error);
    }
    Check(status, error);
    return std::make_unique<Casebook>(handle, true);
  }

  static std::unique_ptr<Casebook> FromBytes(py::handle bytes) {
    return std::make_unique<Casebook>(Deserialized(bytes, patron_casebook_deserialize), false);
  }

  py::bytes ToBytes() {
    const auto lock = casebook_.Lock();
    return Serialized<patron_casebook>(casebook_.get(), patron_casebook_serialize);
  }

  void AddCalendar(py::handle name, const Calendar &calendar, int64_t from) {
    const char *text = Name(name, "name");
    Do([&](patron_error *error) {
      return patron_casebook_add_calendar(casebook_.get(), text, calendar.get(), from, error);
    });
  }

  void AddPolicy(const Policy &policy) {
    Do([&](patron_error *error) {
      return patron_casebook_add_policy(casebook_.get(), policy.get(), error);
    });
  }

  void UsePolicy(py::handle name, py::handle version) {
    const char *text = Name(name, "name");
    const char *of = Name(version, "version");
    Do([&](patron_error *error) {
      return patron_casebook_use_policy(casebook_.get(), text, of, error);
    });
  }

  std::unique_ptr<Policy> GetPolicy(py::handle name, py::handle version) {
    const auto lock = casebook_.Lock();
    patron_policy *out = nullptr;
    ErrorText error;
    Check(patron_casebook_get_policy(casebook_.get(), Name(name, "name"), Name(version, "version"),
                                     &out, &error),
          error);
    return std::make_unique<Policy>(out);
  }

  py::tuple Apply(py::handle events, int64_t recorded, py::handle mode, py::handle progress) {
    patron_apply_options options;
    patron_apply_options_init(&options);
    options.mode = Choose(mode, "mode", kModes);
    options.recorded = recorded;
    const InputTable input(events,
                           {{"event", Role::kId},
                            {"case", Role::kId},
                            {"type", Role::kText},
                            {"time", Role::kTime},
                            {"actor", Role::kId},
                            {"role", Role::kText},
                            {"customer", Role::kId},
                            {"policy", Role::kText},
                            {"version", Role::kText},
                            {"amount", Role::kNumber},
                            {"due", Role::kTime},
                            {"code", Role::kCount},
                            {"reason", Role::kCount},
                            {"related_case", Role::kId},
                            {"related_event", Role::kId},
                            {"regulated", Role::kCount},
                            {"notice", Role::kCount},
                            {"remedy", Role::kCount},
                            {"text", Role::kText}},
                           "events");
    Call call(Rows(input.rows()), progress, "apply");
    options.context = call.context();
    patron_table *verdicts = nullptr;
    auto report = Sized<patron_apply_report>();
    const auto lock = casebook_.Lock();
    call.Run([&](patron_error *error) {
      return patron_casebook_apply(casebook_.get(), input.get(), &options, &verdicts, &report,
                                   error);
    });
    if (report.applied + report.refused > 0) recorded_ = recorded;
    events_ += report.applied + report.refused;
    return py::make_tuple(ToPython(TablePtr(verdicts)), report.applied, report.duplicates,
                          report.refused, report.conflicts);
  }

  uint64_t Advance(int64_t now) {
    // Whatever comes of it, and whoever applies at the same time.
    struct Forget {
      explicit Forget(std::optional<int64_t> *value) : value(value) {}
      Forget(const Forget &) = delete;
      Forget &operator=(const Forget &) = delete;
      ~Forget() { value->reset(); }
      std::optional<int64_t> *value;
    };
    const Forget afterwards(&recorded_);
    uint64_t events = 0;
    Do([&](patron_error *error) {
      return patron_casebook_advance(casebook_.get(), now, &events, error);
    });
    events_ += events;
    return events;
  }

  py::object NextInstant() {
    int64_t instant = 0;
    Do([&](patron_error *error) {
      return patron_casebook_next_instant(casebook_.get(), &instant, error);
    });
    if (instant == PATRON_NO_TIME) return py::none();
    return py::int_(instant);
  }

  // When the last events were recorded.
  py::object LastRecorded() {
    const auto lock = casebook_.Lock();
    if (!recorded_) recorded_ = Sizes().recorded;
    if (*recorded_ == PATRON_NO_TIME) return py::none();
    return py::int_(*recorded_);
  }

  py::tuple Size() {
    const auto lock = casebook_.Lock();
    const patron_casebook_size size = Sizes();
    const auto instant = [](int64_t micros) -> py::object {
      if (micros == PATRON_NO_TIME) return py::none();
      return py::int_(micros);
    };
    return py::make_tuple(size.events, size.cases, size.customers, size.memory_bytes,
                          instant(size.recorded), instant(size.advanced),
                          py::bytes(reinterpret_cast<const char *>(size.head), sizeof size.head));
  }

  void Verify(uint64_t events, py::handle head) {
    const uint8_t *digest = nullptr;
    if (!head.is_none()) {
      char *data = nullptr;
      Py_ssize_t size = 0;
      if (PyBytes_AsStringAndSize(head.ptr(), &data, &size) != 0) throw py::error_already_set();
      if (size != 32) RaiseInvalid("head: " + std::to_string(size) + " bytes; expected 32");
      digest = reinterpret_cast<const uint8_t *>(data);
    }
    Do([&](patron_error *error) {
      return patron_casebook_verify(casebook_.get(), events, digest, error);
    });
  }

  void Erase(py::handle customer) {
    const Id id(customer, "customer");
    Do([&](patron_error *error) {
      return patron_casebook_erase_customer(casebook_.get(), id.integer(), id.text(), error);
    });
  }

  void Compact() {
    Do([&](patron_error *error) { return patron_casebook_compact(casebook_.get(), error); });
  }

  py::object Cases(py::handle money) {
    const int32_t kind = Choose(money, "money", kMoney);
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_cases(casebook_.get(), kind, out, error);
    });
  }

  py::object AsOf(int64_t recorded, int64_t occurred, py::handle money) {
    const int32_t kind = Choose(money, "money", kMoney);
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_as_of(casebook_.get(), recorded, occurred, kind, out, error);
    });
  }

  py::tuple Case(py::handle case_id, int64_t now, py::handle money) {
    const Id id(case_id, "case");
    const int32_t kind = Choose(money, "money", kMoney);
    const auto lock = casebook_.Lock();
    patron_table *state = nullptr, *next = nullptr, *clocks = nullptr, *promises = nullptr;
    ErrorText error;
    Check(patron_casebook_case(casebook_.get(), id.integer(), id.text(), now, kind, &state, &next,
                               &clocks, &promises, &error),
          error);
    TablePtr own_state(state), own_next(next), own_clocks(clocks), own_promises(promises);
    return py::make_tuple(ToPython(std::move(own_state)), ToPython(std::move(own_next)),
                          ToPython(std::move(own_clocks)), ToPython(std::move(own_promises)));
  }

  py::object Clocks(py::handle which, int64_t now, int64_t until) {
    const int32_t kind = Choose(which, "which", kClocks);
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_clocks(casebook_.get(), kind, now, until, out, error);
    });
  }

  py::object Timeline(py::handle case_id, py::handle money) {
    const Id id(case_id, "case");
    const int32_t kind = Choose(money, "money", kMoney);
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_timeline(casebook_.get(), id.integer(), id.text(), kind, out, error);
    });
  }

  py::object Events(py::handle money) {
    const int32_t kind = Choose(money, "money", kMoney);
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_events(casebook_.get(), kind, out, error);
    });
  }

  std::unique_ptr<FilledForm> Fill(const Form &form, py::handle case_id, int64_t now,
                                   int64_t recorded, int64_t occurred, py::handle answers) {
    const Id id(case_id, "case");
    patron_form_moment moment;
    patron_form_moment_init(&moment);
    moment.case_id = id.integer();
    moment.case_text = id.text();
    moment.now = now;
    moment.recorded = recorded;
    moment.occurred = occurred;
    std::unique_ptr<InputTable> given;
    if (!answers.is_none()) {
      given = std::make_unique<InputTable>(
          answers, std::initializer_list<Wanted>{{"field", Role::kText}, {"answer", Role::kText}},
          "answers");
    }
    patron_filled_form *out = nullptr;
    Do([&](patron_error *error) {
      return patron_form_fill(form.get(), casebook_.get(), &moment,
                              given == nullptr ? nullptr : given->get(), &out, error);
    });
    return std::make_unique<FilledForm>(out);
  }

  py::object Empowerment(int64_t from, int64_t until, double level) {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_empowerment(casebook_.get(), from, until, level, out, error);
    });
  }

  py::object Policies() {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_policies(casebook_.get(), out, error);
    });
  }

  py::object Calendars() {
    return Ask([&](patron_table **out, patron_error *error) {
      return patron_casebook_calendars(casebook_.get(), out, error);
    });
  }

 private:
  // A call that waits for a disk gives the GIL back, however small it is.
  int64_t Rows(int64_t rows) const { return kept_ ? std::max(rows, kRowsToReleaseGil) : rows; }

  patron_casebook_size Sizes() const {
    auto size = Sized<patron_casebook_size>();
    ErrorText error;
    Check(patron_casebook_get_size(casebook_.get(), &size, &error), error);
    return size;
  }

  template <typename Function>
  void Do(Function function) {
    const auto lock = casebook_.Lock();
    Call call(Rows(static_cast<int64_t>(events_)), py::none(), "casebook");
    call.Run(function);
  }

  template <typename Function>
  py::object Ask(Function function) {
    patron_table *out = nullptr;
    Do([&](patron_error *error) { return function(&out, error); });
    return ToPython(TablePtr(out));
  }

  Exclusive<patron_casebook, patron_casebook_free> casebook_;
  bool kept_;
  // As the calls have told: to ask for the sizes would bring the head up to date.
  uint64_t events_ = 0;
  std::optional<int64_t> recorded_;  // Not known after what happened by itself.
};

}  // namespace

void DefineCasebook(py::module_ &m) {
  using py::arg;
  DefineClass<Casebook>(m, "Casebook")
      .def_static("create", &Casebook::Create)
      .def_static("open", &Casebook::Open, arg("path"))
      .def_static("from_bytes", &Casebook::FromBytes, arg("data"))
      .def("to_bytes", &Casebook::ToBytes)
      .def("add_calendar", &Casebook::AddCalendar, arg("name"), arg("calendar"), arg("from_"))
      .def("add_policy", &Casebook::AddPolicy, arg("policy"))
      .def("use_policy", &Casebook::UsePolicy, arg("name"), arg("version"))
      .def("policy", &Casebook::GetPolicy, arg("name"), arg("version"))
      .def("apply", &Casebook::Apply, arg("events"), arg("recorded"), arg("mode"), arg("progress"))
      .def("advance", &Casebook::Advance, arg("now"))
      .def("next_instant", &Casebook::NextInstant)
      .def("last_recorded", &Casebook::LastRecorded)
      .def("size", &Casebook::Size)
      .def("verify", &Casebook::Verify, arg("events"), arg("head"))
      .def("erase", &Casebook::Erase, arg("customer"))
      .def("compact", &Casebook::Compact)
      .def("cases", &Casebook::Cases, arg("money"))
      .def("as_of", &Casebook::AsOf, arg("recorded"), arg("occurred"), arg("money"))
      .def("case", &Casebook::Case, arg("case_id"), arg("now"), arg("money"))
      .def("clocks", &Casebook::Clocks, arg("which"), arg("now"), arg("until"))
      .def("timeline", &Casebook::Timeline, arg("case_id"), arg("money"))
      .def("events", &Casebook::Events, arg("money"))
      .def("fill", &Casebook::Fill, arg("form"), arg("case_id"), arg("now"), arg("recorded"),
           arg("occurred"), arg("answers"))
      .def("empowerment", &Casebook::Empowerment, arg("from_"), arg("until"), arg("level"))
      .def("policies", &Casebook::Policies)
      .def("calendars", &Casebook::Calendars);
}

}  // namespace patron::python
