// Days as options: a date, or none.
#ifndef PATRON_BINDINGS_PYTHON_DAY_HPP_
#define PATRON_BINDINGS_PYTHON_DAY_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>

#include "instant.hpp"
#include "patron/c/patron.h"
#include "runtime.hpp"

namespace patron::python {

// The day of a date; PATRON_NO_DAY for None.
inline int32_t Day(py::handle value, const char *option) {
  constexpr int64_t kMicrosPerDay = int64_t{86'400} * 1'000'000;
  const int64_t instant = Instant(value, option);
  if (instant == PATRON_NO_TIME) return PATRON_NO_DAY;
  if (instant % kMicrosPerDay != 0) {
    RaiseInvalid(std::string(option) + ": within a day; expected a date");
  }
  return static_cast<int32_t>(instant / kMicrosPerDay);
}

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_DAY_HPP_
