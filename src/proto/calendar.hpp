// Business calendars as messages, and back.
#ifndef PATRON_PROTO_CALENDAR_HPP_
#define PATRON_PROTO_CALENDAR_HPP_

#include "absl/status/statusor.h"
#include "patron/complaints/calendar.hpp"
#include "patron/v1/calendar.pb.h"

namespace patron::proto {

// The segments of each date must stand in order of time.
v1::Calendar ToMessage(const complaints::Calendar &calendar);

// Errors: DataLoss for a message that ToMessage does not make. Whether it makes a calendar is left
// to complaints::CheckCalendar.
absl::StatusOr<complaints::Calendar> FromMessage(const v1::Calendar &message);

}  // namespace patron::proto

#endif  // PATRON_PROTO_CALENDAR_HPP_
