#include "instant.hpp"

#include <datetime.h>

#include <string>
#include <string_view>

#include "patron/c/patron.h"
#include "runtime.hpp"

namespace patron::python {

namespace {

constexpr int64_t kDay = 86'400'000'000;

void ImportDatetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

int64_t DaysInMonth(int64_t year, int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Reads text from the left; every step fails quietly, and the last one is asked.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Digits(size_t count, int64_t low, int64_t high, int64_t &out) {
    if (rest_.size() < count) return false;
    out = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return out >= low && out <= high;
  }

  // Digits after the point as microseconds; finer ones are dropped.
  bool Fraction(int64_t &out) {
    int64_t unit = 100'000;
    size_t digits = 0;
    for (out = 0; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      out += (rest_.front() - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return digits > 0 && digits <= 9;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool ParseIso(std::string_view text, int64_t &out) {
  Reader in(text);
  int64_t year, month, day, hour = 0, minute = 0, second = 0, fraction = 0, offset = 0;
  if (!in.Digits(4, 1, 9999, year) || !in.Take('-') || !in.Digits(2, 1, 12, month) ||
      !in.Take('-') || !in.Digits(2, 1, DaysInMonth(year, month), day)) {
    return false;
  }
  if (in.Take('T') || in.Take(' ')) {
    if (!in.Digits(2, 0, 23, hour) || !in.Take(':') || !in.Digits(2, 0, 59, minute)) return false;
    if (in.Take(':')) {
      if (!in.Digits(2, 0, 59, second)) return false;
      if (in.Take('.') && !in.Fraction(fraction)) return false;
    }
    if (!in.Take('Z')) {
      const int64_t sign = in.Take('+') ? 1 : in.Take('-') ? -1 : 0;
      int64_t hours = 0, minutes = 0;
      if (sign != 0) {
        if (!in.Digits(2, 0, 23, hours)) return false;
        if (!in.done()) {
          in.Take(':');
          if (!in.Digits(2, 0, 59, minutes)) return false;
        }
        offset = sign * (hours * 60 + minutes);
      }
    }
  }
  if (!in.done()) return false;
  out = DaysFromCivil(year, month, day) * kDay +
        (((hour * 60 + minute - offset) * 60) + second) * 1'000'000 + fraction;
  return true;
}

int64_t DayOfPython(PyObject *date) {
  return DaysFromCivil(PyDateTime_GET_YEAR(date), PyDateTime_GET_MONTH(date),
                       PyDateTime_GET_DAY(date));
}

int64_t OfDate(PyObject *date) { return DayOfPython(date) * kDay; }

int64_t OfDatetime(PyObject *value) {
  int64_t instant =
      OfDate(value) +
      ((PyDateTime_DATE_GET_HOUR(value) * 60LL + PyDateTime_DATE_GET_MINUTE(value)) * 60 +
       PyDateTime_DATE_GET_SECOND(value)) *
          1'000'000 +
      PyDateTime_DATE_GET_MICROSECOND(value);
  if (PyDateTime_DATE_GET_TZINFO(value) != Py_None) {
    const py::object offset = py::handle(value).attr("utcoffset")();
    if (!offset.is_none()) {
      instant -= (PyDateTime_DELTA_GET_DAYS(offset.ptr()) * 86'400LL +
                  PyDateTime_DELTA_GET_SECONDS(offset.ptr())) *
                     1'000'000 +
                 PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr());
    }
  }
  return instant;
}

// kNotATime for NaT.
int64_t OfDatetime64(py::handle value) {
  return value.attr("astype")("datetime64[us]").attr("astype")("int64").cast<int64_t>();
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int64_t Instant(py::handle value, const char *option) {
  if (value.is_none()) return PATRON_NO_TIME;
  int64_t instant = kNotATime;
  if (PyUnicode_Check(value.ptr())) {
    Py_ssize_t size = 0;
    const char *text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
    if (text == nullptr) throw py::error_already_set();
    if (!ParseIso({text, size_t(size)}, instant)) {
      RaiseInvalid(std::string(option) + ": " + py::repr(value).cast<std::string>() +
                   "; expected an instant such as '2024-12-31' or '2024-12-31T18:30:00+01:00'");
    }
    return instant;
  }
  const TimeKind kind = TimeKindOf(value);
  if (kind == TimeKind::kNone) {
    RaiseType(std::string(option) + ": expected a str, date, datetime or datetime64, not " +
              Py_TYPE(value.ptr())->tp_name);
  }
  if (kind != TimeKind::kNotATime) instant = Microseconds(value);
  if (instant == kNotATime) RaiseInvalid(std::string(option) + ": NaT; expected an instant");
  return instant;
}

TimeKind TimeKindOf(py::handle value) {
  ImportDatetime();
  const std::string_view type = Py_TYPE(value.ptr())->tp_name;
  if (type.ends_with("NaTType")) return TimeKind::kNotATime;  // pandas has it derive from datetime.
  if (PyDateTime_Check(value.ptr()) || type == "numpy.datetime64") return TimeKind::kTime;
  if (PyDate_Check(value.ptr())) return TimeKind::kDate;
  return TimeKind::kNone;
}

int64_t Microseconds(py::handle value) {
  ImportDatetime();
  if (PyDateTime_Check(value.ptr())) return OfDatetime(value.ptr());
  if (PyDate_Check(value.ptr())) return OfDate(value.ptr());
  return OfDatetime64(value);
}

int64_t Days(py::handle value) {
  ImportDatetime();
  return DayOfPython(value.ptr());
}

}  // namespace patron::python
