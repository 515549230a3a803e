"""Dates as arguments: the first instant of a day in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import tzinfo

    import numpy.typing as npt

    from patron._typing import InstantLike


def in_zone(when: InstantLike | None, zone: str) -> InstantLike | None:
    """Return a date as the first instant of its day in a zone; all else is returned as it is.

    A date is a `datetime.date`, a `numpy.datetime64` of whole days, or text such as "2024-12-31".
    """
    if when is None or zone == "UTC" or not isinstance(zone, str):
        return when
    day, place = _day(when), zone_of(zone)
    if day is None or place is None:
        return when
    return datetime.combine(day, time(), tzinfo=place).astimezone(UTC)


def zone_of(zone: str) -> tzinfo | None:
    """Return the zone of a name or an offset such as +05:30; none for one that is unknown here."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    offset = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", zone)
    if offset is not None:
        east = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-east if offset[1] == "-" else east)
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None  # The engine names it.


def local(instants: npt.NDArray[np.datetime64], zone: str) -> npt.NDArray[np.datetime64]:
    """Return instants, none of them missing, as clocks in a zone show them."""
    place = None if zone == "UTC" else zone_of(zone)
    if place is None:
        return instants
    hours, places = np.unique(instants.astype("datetime64[h]"), return_inverse=True)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    shifts = [
        (epoch + timedelta(hours=int(hour))).astimezone(place).utcoffset()
        for hour in hours.astype(np.int64)
    ]
    moved: npt.NDArray[np.datetime64] = instants + np.array(shifts, "timedelta64[us]")[places]
    return moved


def _day(when: object) -> date | None:
    if isinstance(when, date):
        return None if isinstance(when, datetime) else when
    try:
        if isinstance(when, str):
            return date.fromisoformat(when) if re.fullmatch(r"\d{4}-\d\d-\d\d", when) else None
        if isinstance(when, np.datetime64) and np.datetime_data(when.dtype) == ("D", 1):
            found = when.astype(object)
            return found if isinstance(found, date) else None
    except ValueError:
        pass
    return None
