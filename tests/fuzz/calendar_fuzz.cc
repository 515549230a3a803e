// Calendars from untrusted bytes, and holidays from untrusted text.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

// What holds of any calendar: the inverse law, and that it shows what it is made of.
void TryCalendar(const patron_calendar *calendar) {
  constexpr int64_t kStart = 1'717'400'000'000'000;
  constexpr int64_t kBudget = 400'000'000'000;
  const patron_pause pauses[] = {{kStart + kBudget / 2, kStart + kBudget}};
  int64_t due = 0, elapsed = 0;
  Require(patron_calendar_due_at(calendar, PATRON_LIMIT_WORKING_TIME, kStart, kBudget, pauses, 1,
                                 &due, nullptr) == PATRON_OK,
          "a due instant is found or never comes");
  if (due != PATRON_NO_TIME) {
    Require(patron_calendar_elapsed_between(calendar, kStart, due, pauses, 1, &elapsed, nullptr) ==
                PATRON_OK,
            "the time up to it is known");
    Require(elapsed == kBudget, "the time up to it is the limit");
  }
  Require(patron_calendar_due_at(calendar, PATRON_LIMIT_BUSINESS_DAYS, kStart, 5, nullptr, 0, &due,
                                 nullptr) == PATRON_OK,
          "business days are found or never come");
  patron_table *hours = nullptr;
  Require(patron_calendar_to_table(calendar, &hours, nullptr) == PATRON_OK, "it can be shown");
  patron_calendar *same = nullptr;
  Require(
      patron_calendar_create(patron_calendar_zone(calendar), hours, &same, nullptr) == PATRON_OK,
      "what it shows makes it again");
  Require(Serialized(patron_calendar_serialize, static_cast<const patron_calendar *>(same)) ==
              Serialized(patron_calendar_serialize, calendar),
          "what it shows makes the same again");
  patron_calendar_free(same);
  patron_table_free(hours);
}

void TryHolidays(const uint8_t *text, size_t size) {
  const char *const day[] = {"mon"};
  const int32_t offsets[] = {0, 3};
  const int32_t open[] = {0}, close[] = {86'400};
  patron_column columns[] = {Column("day", PATRON_TYPE_TEXT, day[0], 1),
                             Column("open", PATRON_TYPE_INT32, open, 1),
                             Column("close", PATRON_TYPE_INT32, close, 1)};
  columns[0].offsets = offsets;
  patron_table *hours = nullptr;
  Require(patron_table_borrow(columns, 3, &hours, nullptr) == PATRON_OK, "columns can be borrowed");
  patron_calendar *mondays = nullptr, *closed = nullptr;
  Require(patron_calendar_create("UTC", hours, &mondays, nullptr) == PATRON_OK,
          "Mondays are a calendar");
  const patron_status status = patron_calendar_with_holidays(mondays, text, size, 19'000, 22'000,
                                                             &closed, nullptr, nullptr, nullptr);
  Require(status == PATRON_OK || status == PATRON_INVALID_ARGUMENT, "bad text is INVALID_ARGUMENT");
  if (status == PATRON_OK) TryCalendar(closed);
  patron_calendar_free(closed);
  patron_calendar_free(mondays);
  patron_table_free(hours);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 16;
  if (size == 0) return 0;
  if (data[0] == 'B') {  // As iCalendar text begins.
    TryHolidays(data, size);
    return 0;
  }
  patron_calendar *calendar =
      Load(Envelope(data, size, kKind), patron_calendar_deserialize, patron_calendar_serialize);
  if (calendar == nullptr) return 0;
  TryCalendar(calendar);
  patron_calendar_free(calendar);
  return 0;
}
