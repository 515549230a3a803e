"""What becomes of complaints.

`Calendar` knows when a business is open: when a limit of working time, business days, calendar days
or weeks is used up, and how much working time lies between two instants.
"""

from patron.complaints._calendar import Calendar, HolidayReport

__all__ = ["Calendar", "HolidayReport"]
