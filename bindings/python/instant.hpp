// Instants: dates, datetimes and text as microseconds since 1970-01-01 UTC.
#ifndef PATRON_BINDINGS_PYTHON_INSTANT_HPP_
#define PATRON_BINDINGS_PYTHON_INSTANT_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>

namespace patron::python {

namespace py = pybind11;

// What numpy and pandas call NaT.
inline constexpr int64_t kNotATime = std::numeric_limits<int64_t>::min();

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day);

// An argument: a str in ISO 8601, a date, a datetime (naive is UTC) or a numpy datetime64;
// PATRON_NO_TIME for None.
int64_t Instant(py::handle value, const char *option);

// An item of a column.
enum class TimeKind { kNone, kDate, kTime, kNotATime };
TimeKind TimeKindOf(py::handle value);

// The instant of an item of kind kDate or kTime; kNotATime for a datetime64 without one.
int64_t Microseconds(py::handle value);

// Days since 1970-01-01 of an item of kind kDate.
int64_t Days(py::handle value);

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_INSTANT_HPP_
