// patron._core.Calendar: a patron_calendar as a Python object.
#ifndef PATRON_BINDINGS_PYTHON_CALENDAR_HPP_
#define PATRON_BINDINGS_PYTHON_CALENDAR_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "patron/c/patron.h"

namespace patron::python {

namespace py = pybind11;

// Unchangeable once made, so threads may share one.
class Calendar {
 public:
  explicit Calendar(patron_calendar *handle) : handle_(handle) {}

  const patron_calendar *get() const { return handle_.get(); }

  static std::unique_ptr<Calendar> Create(py::handle zone, py::handle hours);
  static std::unique_ptr<Calendar> FromBytes(py::handle bytes);
  py::bytes ToBytes() const;
  std::string Zone() const { return patron_calendar_zone(handle_.get()); }
  py::object Hours() const;
  py::tuple WithHolidays(const py::bytes &text, py::handle first_day, py::handle last_day) const;

  // One question.
  py::object DueAt(py::handle kind_word, py::handle start, py::handle amount,
                   py::handle pairs) const;
  int64_t ElapsedBetween(py::handle start, py::handle end, py::handle pairs) const;
  py::object Spans(py::handle start, py::handle end) const;

  // Columns are called start, end, seconds (the limit, whatever it counts) and seconds_before; those
  // that `table` lacks are one for all.
  py::object Due(py::handle table, py::handle pauses, py::handle kind, py::handle of_all,
                 py::handle progress) const;
  py::object Elapsed(py::handle table, py::handle pauses, py::handle end_at,
                     py::handle progress) const;
  py::object Recompute(const Calendar &before, py::handle table, py::handle pauses,
                       py::handle of_all, bool changed, py::handle rule, py::handle at,
                       py::handle progress) const;

 private:
  struct Free {
    void operator()(patron_calendar *handle) const { patron_calendar_free(handle); }
  };
  std::unique_ptr<patron_calendar, Free> handle_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CALENDAR_HPP_
