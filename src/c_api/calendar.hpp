// Business calendars as handles.
#ifndef PATRON_SRC_C_API_CALENDAR_HPP_
#define PATRON_SRC_C_API_CALENDAR_HPP_

#include "patron/c/calendar.h"
#include "patron/complaints/business_calendar.hpp"

struct patron_calendar {
  patron::complaints::BusinessCalendar calendar;
};

#endif  // PATRON_SRC_C_API_CALENDAR_HPP_
