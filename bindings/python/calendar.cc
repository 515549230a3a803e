// Business calendars. They are unchangeable once made, so threads may share one.
#include "calendar.hpp"

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kLimitKinds[] = {{"working_time", PATRON_LIMIT_WORKING_TIME},
                                  {"elapsed_time", PATRON_LIMIT_ELAPSED_TIME},
                                  {"business_days", PATRON_LIMIT_BUSINESS_DAYS},
                                  {"calendar_days", PATRON_LIMIT_CALENDAR_DAYS},
                                  {"calendar_weeks", PATRON_LIMIT_CALENDAR_WEEKS}};
constexpr Choice kRecomputeRules[] = {{"pinned", PATRON_RECOMPUTE_PINNED},
                                      {"origin", PATRON_RECOMPUTE_ORIGIN},
                                      {"proportional", PATRON_RECOMPUTE_PROPORTIONAL}};

// An instant as Instant takes it, or an int: microseconds.
int64_t InstantOrMicros(py::handle value, const char *option) {
  if (PyIndex_Check(value.ptr()) != 0 && PyBool_Check(value.ptr()) == 0) {
    return Integer(value, option);
  }
  const int64_t instant = Instant(value, option);
  if (instant == PATRON_NO_TIME) RaiseType(std::string(option) + ": None; expected an instant");
  return instant;
}

// Seconds as microseconds, to the nearest; days and weeks as they are.
int64_t Amount(py::handle value, const char *option, int32_t kind) {
  const bool days = kind >= PATRON_LIMIT_BUSINESS_DAYS;
  if (days) return Integer(value, option);
  if (PyIndex_Check(value.ptr()) != 0) {
    int64_t micros = 0;
    const int64_t seconds = Integer(value, option);
    if (!__builtin_mul_overflow(seconds, int64_t{1'000'000}, &micros)) return micros;
  } else {
    const double micros = std::nearbyint(Number(value, option) * 1e6);
    if (std::abs(micros) < 9.2e18) return static_cast<int64_t>(micros);
  }
  RaiseInvalid(std::string(option) + ": " + py::str(value).cast<std::string>().substr(0, 60) +
               "; expected 0 to 9223372036854 seconds");
}

std::vector<patron_pause> Pauses(py::handle pairs) {
  std::vector<patron_pause> pauses;
  for (const py::handle pair : pairs) {
    const auto items = py::reinterpret_steal<py::tuple>(PySequence_Tuple(pair.ptr()));
    if (!items) throw py::error_already_set();
    if (items.size() != 2) {
      RaiseInvalid("pauses: " + std::to_string(items.size()) +
                   " items; expected pairs of begin and end, or None while it lasts");
    }
    const py::object end = items[1];
    pauses.push_back({InstantOrMicros(py::object(items[0]), "pauses"),
                      end.is_none() ? PATRON_NO_TIME : InstantOrMicros(end, "pauses")});
  }
  return pauses;
}

// The tables and options of a question about columns.
struct Question {
  InputTable table;
  std::unique_ptr<InputTable> pauses;
  patron_clock_options options;

  Question(py::handle rows, py::handle pause_rows)
      : table(rows,
              {{"start", Role::kTime},
               {"end", Role::kTime},
               {"seconds", Role::kNumber},
               {"seconds_before", Role::kNumber}},
              "table") {
    patron_clock_options_init(&options);
    if (pause_rows.is_none()) return;
    pauses = std::make_unique<InputTable>(
        pause_rows,
        std::initializer_list<Wanted>{
            {"row", Role::kCount}, {"begin", Role::kTime}, {"end", Role::kTime}},
        "pauses");
    options.pauses = pauses->get();
  }

  // None leaves the limit to the column.
  void TakeLimit(py::handle of_all) {
    if (of_all.is_none()) return;
    options.limit = nullptr;
    options.limit_of_all =
        Amount(of_all, options.kind < PATRON_LIMIT_BUSINESS_DAYS ? "seconds" : "n", options.kind);
  }
};

template <typename Function>
py::object Ask(const patron_calendar *calendar, Question &question, py::handle progress,
               const char *title, Function function) {
  Call call(question.table.rows(), progress, title);
  question.options.context = call.context();
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return function(calendar, question.table.get(), &question.options, &out, error);
  });
  return ToPython(TablePtr(out));
}

}  // namespace

std::unique_ptr<Calendar> Calendar::Create(py::handle zone, py::handle hours) {
  const InputTable input(
      hours,
      {{"day", Role::kText}, {"open", Role::kText}, {"close", Role::kText}, {"from", Role::kTime}},
      "hours");
  patron_calendar *handle = nullptr;
  ErrorText error;
  Check(patron_calendar_create(Name(zone, "zone"), input.get(), &handle, &error), error);
  return std::make_unique<Calendar>(handle);
}

std::unique_ptr<Calendar> Calendar::FromBytes(py::handle bytes) {
  return std::make_unique<Calendar>(Deserialized(bytes, patron_calendar_deserialize));
}

py::bytes Calendar::ToBytes() const { return Serialized(handle_.get(), patron_calendar_serialize); }

py::object Calendar::Hours() const {
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_calendar_to_table(handle_.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

py::tuple Calendar::WithHolidays(const py::bytes &text, py::handle first_day,
                                 py::handle last_day) const {
  char *data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(text.ptr(), &data, &size) != 0) throw py::error_already_set();
  const auto day = [](py::handle value, const char *option) {
    constexpr int64_t kDay = 86'400'000'000;
    constexpr int64_t kMost = 100'000'000;  // Past all years that are taken.
    const int64_t micros = InstantOrMicros(value, option);
    return static_cast<int32_t>(
        std::clamp(micros / kDay - (micros % kDay < 0 ? 1 : 0), -kMost, kMost));
  };
  patron_calendar *closed = nullptr;
  patron_table *holidays = nullptr;
  auto report = Sized<patron_holiday_report>();
  ErrorText error;
  Check(patron_calendar_with_holidays(handle_.get(), data, static_cast<size_t>(size),
                                      day(first_day, "first"), day(last_day, "last"), &closed,
                                      &holidays, &report, &error),
        error);
  auto own_closed = std::make_unique<Calendar>(closed);
  TablePtr own_holidays(holidays);
  return py::make_tuple(
      py::cast(std::move(own_closed)), ToPython(std::move(own_holidays)),
      py::make_tuple(report.holidays, report.closed, report.timed_events, report.cancelled_events));
}

py::object Calendar::DueAt(py::handle kind_word, py::handle start, py::handle amount,
                           py::handle pairs) const {
  const int32_t kind = Choose(kind_word, "kind", kLimitKinds);
  const std::vector<patron_pause> pauses = Pauses(pairs);
  int64_t due = 0;
  ErrorText error;
  Check(patron_calendar_due_at(handle_.get(), kind, InstantOrMicros(start, "start"),
                               Amount(amount, kind < 2 ? "seconds" : "n", kind), pauses.data(),
                               pauses.size(), &due, &error),
        error);
  if (due == PATRON_NO_TIME) return py::none();
  return py::int_(due);
}

int64_t Calendar::ElapsedBetween(py::handle start, py::handle end, py::handle pairs) const {
  const std::vector<patron_pause> pauses = Pauses(pairs);
  int64_t elapsed = 0;
  ErrorText error;
  Check(patron_calendar_elapsed_between(handle_.get(), InstantOrMicros(start, "start"),
                                        InstantOrMicros(end, "end"), pauses.data(), pauses.size(),
                                        &elapsed, &error),
        error);
  return elapsed;
}

py::object Calendar::Spans(py::handle start, py::handle end) const {
  patron_table *out = nullptr;
  ErrorText error;
  Check(patron_calendar_spans(handle_.get(), InstantOrMicros(start, "start"),
                              InstantOrMicros(end, "end"), &out, &error),
        error);
  return ToPython(TablePtr(out));
}

py::object Calendar::Due(py::handle table, py::handle pauses, py::handle kind, py::handle of_all,
                         py::handle progress) const {
  Question question(table, pauses);
  question.options.kind = Choose(kind, "kind", kLimitKinds);
  question.TakeLimit(of_all);
  return Ask(handle_.get(), question, progress, "due", patron_calendar_due);
}

py::object Calendar::Elapsed(py::handle table, py::handle pauses, py::handle end_at,
                             py::handle progress) const {
  Question question(table, pauses);
  if (!end_at.is_none()) {
    question.options.end = nullptr;
    question.options.end_at = InstantOrMicros(end_at, "end");
  }
  return Ask(handle_.get(), question, progress, "elapsed", patron_calendar_elapsed);
}

py::object Calendar::Recompute(const Calendar &before, py::handle table, py::handle pauses,
                               py::handle of_all, bool changed, py::handle rule, py::handle at,
                               py::handle progress) const {
  Question question(table, pauses);
  question.TakeLimit(of_all);
  if (changed) question.options.limit_before = "seconds_before";
  question.options.rule = Choose(rule, "rule", kRecomputeRules);
  question.options.at = InstantOrMicros(at, "at");
  return Ask(handle_.get(), question, progress, "recompute",
             [&](const patron_calendar *after, const patron_table *rows,
                 const patron_clock_options *options, patron_table **out, patron_error *error) {
               return patron_calendar_recompute(before.handle_.get(), after, rows, options, out,
                                                error);
             });
}

void DefineCalendar(py::module_ &m) {
  using py::arg;
  DefineClass<Calendar>(m, "Calendar")
      .def_static("create", &Calendar::Create, arg("zone"), arg("hours"))
      .def_static("from_bytes", &Calendar::FromBytes, arg("data"))
      .def("to_bytes", &Calendar::ToBytes)
      .def("zone", &Calendar::Zone)
      .def("hours", &Calendar::Hours)
      .def("with_holidays", &Calendar::WithHolidays, arg("text"), arg("first"), arg("last"))
      .def("due_at", &Calendar::DueAt, arg("kind"), arg("start"), arg("amount"), arg("pauses"))
      .def("elapsed_between", &Calendar::ElapsedBetween, arg("start"), arg("end"), arg("pauses"))
      .def("spans", &Calendar::Spans, arg("start"), arg("end"))
      .def("due", &Calendar::Due, arg("table"), arg("pauses"), arg("kind"), arg("of_all"),
           arg("progress"))
      .def("elapsed", &Calendar::Elapsed, arg("table"), arg("pauses"), arg("end_at"),
           arg("progress"))
      .def("recompute", &Calendar::Recompute, arg("before"), arg("table"), arg("pauses"),
           arg("of_all"), arg("changed"), arg("rule"), arg("at"), arg("progress"));
}

}  // namespace patron::python
