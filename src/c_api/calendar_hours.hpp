// The hours of a calendar as a table, and back.
#ifndef PATRON_SRC_C_API_CALENDAR_HOURS_HPP_
#define PATRON_SRC_C_API_CALENDAR_HOURS_HPP_

#include <string>

#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "patron/complaints/calendar.hpp"

namespace patron::c_api {

// The calendar that a table as patron_calendar_create takes it says; the segments of each date stand
// in order of time. Errors: InvalidArgument naming column and row. Whether it is a calendar is left
// to complaints::CheckCalendar.
absl::StatusOr<complaints::Calendar> CalendarOfHours(std::string zone, const arrow::Table &hours);

absl::StatusOr<arrow::Table> HoursOfCalendar(const complaints::Calendar &calendar);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CALENDAR_HOURS_HPP_
