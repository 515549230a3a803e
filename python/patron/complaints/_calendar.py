"""Business calendars: working time, business days, calendar days and weeks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from patron import _core
from patron.complaints._instants import answer, instants, is_column, microseconds, pause_table
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, Progress

Hours: TypeAlias = Sequence[tuple[str | time, str | time]] | Sequence[tuple[int, int]]
"""The segments of a date: pairs such as ("09:00", "17:00"), or of seconds of the day."""

Week: TypeAlias = Mapping[str, Hours]

_MOST_SECONDS = 86_400


class HolidayReport(NamedTuple):
    """What became of the events of an iCalendar file.

    Attributes
    ----------
    holidays : int
        Days that events cover, as often as they do.
    closed : int
        Dates that were closed.
    timed_events : int
        Events left out: they begin at a time of day.
    cancelled_events : int
        Events left out: cancelled.
    """

    holidays: int
    closed: int
    timed_events: int
    cancelled_events: int


class Calendar:
    """When a business is open. It cannot be changed once made.

    An instant is working time if its civil time lies in a segment of its date. So an hour that
    clocks skip has no working time, and an hour that comes twice counts twice.

    Parameters
    ----------
    zone : str
        "UTC", an IANA name such as "Europe/Berlin", or an offset such as "+05:30".
    week : mapping
        "mon" to "sun" with the segments of each: ``{"mon": [("09:00", "12:00"), ("13:00",
        "17:00")]}``. A segment that closes at or before its opening closes on the next date. Left
        out is closed. ``datetime.time`` does as well as text; pairs of whole numbers are seconds of the day, the close past 86,400 on the
        next date.
    exceptions : mapping, optional
        Dates whose segments take the place of those of their weekday: ``{"2024-12-25": []}`` is
        closed, others are half days or make-up workdays.
    versions : mapping, optional
        Weeks that hold from a date on, up to the next such date: ``{"2025-01-01": {"mon": ...}}``.

    Raises
    ------
    ValueError
        For a zone that is unknown, segments out of range or overlapping, and a calendar that is
        never open.

    Examples
    --------
    >>> from patron.complaints import Calendar
    >>> office = Calendar(
    ...     "Europe/Berlin",
    ...     week={day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
    ...     exceptions={"2024-12-25": [], "2024-12-26": []},
    ... )
    >>> office.due("2024-12-24T16:00:00+01:00", 2 * 3600).isoformat()
    '2024-12-27T10:00:00+01:00'
    >>> office.elapsed("2024-12-24T16:00:00+01:00", "2024-12-27T10:00:00+01:00")
    7200.0
    """

    __slots__ = ("_native",)
    _native: _core.Calendar

    def __init__(
        self,
        zone: str = "UTC",
        week: Week | None = None,
        exceptions: Mapping[str | date, Hours] | None = None,
        *,
        versions: Mapping[str | date, Week] | None = None,
    ) -> None:
        rows = _Rows()
        rows.add_week(week or {}, None)
        for first_day, later in (versions or {}).items():
            rows.add_week(later, _date_text(first_day))
        for day, hours in (exceptions or {}).items():
            rows.add(_date_text(day), hours, None)
        try:
            self._native = _core.Calendar.create(zone, rows.table())
        except InvalidArgumentError as error:
            raise InvalidArgumentError(rows.named(str(error))) from None

    @classmethod
    def _of(cls, native: _core.Calendar) -> Calendar:
        calendar = cls.__new__(cls)
        calendar._native = native
        return calendar

    # ---- What it is ----

    @property
    def zone(self) -> str:
        """The zone, as it was given."""
        return self._native.zone()

    @property
    def week(self) -> dict[str, list[Any]]:
        """The segments by weekday, from the beginning."""
        return self._parts()[0].get(None, {})

    @property
    def versions(self) -> dict[str, dict[str, list[Any]]]:
        """Weeks that hold from a date on."""
        return {day: week for day, week in self._parts()[0].items() if day is not None}

    @property
    def exceptions(self) -> dict[str, list[Any]]:
        """The segments of dates that differ from their weekday."""
        return self._parts()[1]

    def _parts(self) -> tuple[dict[str | None, dict[str, list[Any]]], dict[str, list[Any]]]:
        table = Table._of(self._native.hours())
        opens, closes = np.ma.asarray(table["open"]), np.ma.asarray(table["close"])
        # A segment of a whole day from another time than midnight has no text.
        as_text = not bool(np.ma.any((closes - opens == _MOST_SECONDS) & (opens > 0)))
        weeks: dict[str | None, dict[str, list[Any]]] = {}
        exceptions: dict[str, list[Any]] = {}
        rows = zip(table["day"], opens.tolist(), closes.tolist(), table["from"], strict=True)
        for day, begin, end, first_day in rows:
            if day[0].isdigit():
                hours = exceptions.setdefault(day, [])
            else:
                version = None if np.isnat(first_day) else str(first_day.astype("M8[D]"))
                hours = weeks.setdefault(version, {}).setdefault(day, [])
            if begin is not None:
                hours.append((_clock(begin), _clock(end)) if as_text else (begin, end))
        return weeks, exceptions

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calendar):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        hours = [h for day in self._parts()[0].get(None, {}).values() for h in day]
        return (
            f"Calendar({self.zone!r}: {len(hours)} segments a week, "
            f"{len(self.versions)} later weeks, {len(self.exceptions)} exceptions)"
        )

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal calendars give equal bytes."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Calendar:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else, or name a zone that this machine does not know.
        """
        return cls._of(_core.Calendar.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Calendar.from_bytes, (self.to_bytes(),)

    def with_holidays(
        self, source: str | bytes | Path, first: InstantLike, last: InstantLike
    ) -> tuple[Calendar, Table, HolidayReport]:
        r"""Return this calendar closed on the all-day events of an iCalendar file.

        A date that has hours of its own, such as a make-up workday or a half day, keeps them.

        Parameters
        ----------
        source : str, bytes or Path
            The text of the file (RFC 5545), or the path to it.
        first, last : date
            Days between which holidays count, both included.

        Returns
        -------
        Calendar
        Table
            The days in order: day, name.
        HolidayReport

        Raises
        ------
        ValueError
            Naming the line, for text that is no iCalendar and for repetitions that are not yearly.

        Examples
        --------
        >>> from patron.complaints import Calendar
        >>> feed = (
        ...     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20240101\n"
        ...     "RRULE:FREQ=YEARLY\nSUMMARY:New Year\nEND:VEVENT\nEND:VCALENDAR\n"
        ... )
        >>> office = Calendar(week={"wed": [("09:00", "17:00")]})
        >>> closed, holidays, report = office.with_holidays(feed, "2025-01-01", "2025-12-31")
        >>> closed.exceptions, report.closed
        ({'2025-01-01': []}, 1)
        """
        if isinstance(source, Path):
            source = source.read_bytes()
        elif isinstance(source, str):
            source = source.encode()
        closed, holidays, report = self._native.with_holidays(source, first, last)
        return Calendar._of(closed), Table._of(holidays), HolidayReport(*report)

    # ---- What it answers ----

    def due(
        self,
        start: Any,
        seconds: Any,
        pauses: Any = (),
        *,
        kind: Literal["working_time", "elapsed_time"] = "working_time",
        progress: Progress = None,
    ) -> Any:
        """Return when a limit of working time is used up.

        That is the smallest instant not before `start` at which working time outside of the pauses
        adds up to `seconds`: `start` itself for 0, and the close of a segment, not the next
        opening, for what just fits.

        Parameters
        ----------
        start : instant or array of shape (n,)
            A datetime (naive is UTC), ISO 8601 text, a datetime64, microseconds since 1970 as an
            int, or a column of such.
        seconds : number, timedelta or array of shape (n,)
            The limit, 0 or more.
        pauses : sequence, or table
            Pairs of begin and end, in any order, overlapping or not; the end is None while the
            pause lasts. For a column, a list of such pairs for each row, or a table with columns
            row (from 0), begin and end.
        kind : {"working_time", "elapsed_time"}
            "elapsed_time" counts all time outside of the pauses.
        progress : bool or callable, optional
            For columns: True shows a bar; a callable gets (done, total) and may answer False.

        Returns
        -------
        instant, None, or array of shape (n,)
            In the form of `start`, text as a datetime in the calendar's zone; None if that never
            comes. For a column datetime64, NaT if it never comes.

        Raises
        ------
        ValueError
            For a limit below 0, a null, or a pause that ends before it begins, naming the row.
        """
        seconds = _in_seconds(seconds)
        if is_column(start) or is_column(seconds):
            table, of_all, rows = _columns(start, seconds)
            native = self._native.due(table, pause_table(pauses, rows), kind, of_all, progress)
            return native.column("due")
        return answer(self._native.due_at(kind, start, seconds, pauses), start, self.zone)

    def elapsed(self, start: Any, end: Any, pauses: Any = (), *, progress: Progress = None) -> Any:
        """Return the working time between two instants in seconds, outside of the pauses.

        It adds up over adjacent spans, and up to the due instant of a limit it is that limit.

        Parameters
        ----------
        start, end : instant or array of shape (n,)
            As in `due`; one of the two may be a column and the other one instant for all rows.
        pauses, progress
            As in `due`.

        Returns
        -------
        float, or array of shape (n,)

        Raises
        ------
        ValueError
            For an end before its start, or a null, naming the row.
        """
        if not is_column(start) and not is_column(end):
            return self._native.elapsed_between(start, end, pauses) / 1e6
        if is_column(end):
            ends = instants(end, "end")
            starts = _filled(start, ends) if not is_column(start) else instants(start, "start")
            table = {"start": starts, "end": ends}
            end_at = None
        else:
            starts = instants(start, "start")
            table = {"start": starts}
            end_at = end
        pause_rows = pause_table(pauses, _length(starts))
        return self._native.elapsed(table, pause_rows, end_at, progress).column("seconds")

    def business_days(self, received: Any, n: Any, *, progress: Progress = None) -> Any:
        """Return the close of the n-th business day after the date of `received`.

        The day of receipt does not count, whatever its hour. A date with a segment is a business
        day, so half days and make-up workdays are.

        Parameters
        ----------
        received : instant or array of shape (n_rows,)
            As `start` in `due`.
        n : int or array of shape (n_rows,)
            1 or more.
        progress : bool or callable, optional
            As in `due`.

        Returns
        -------
        instant, None, or array of shape (n_rows,)
            As in `due`.

        Examples
        --------
        >>> from patron.complaints import Calendar
        >>> days = ("mon", "tue", "wed", "thu", "fri")
        >>> office = Calendar("Europe/London", {day: [("09:00", "17:00")] for day in days})
        >>> office.business_days("2024-06-07T18:30:00+01:00", 3).isoformat()
        '2024-06-12T17:00:00+01:00'
        """
        return self._days("business_days", received, n, progress)

    def calendar_days(self, received: Any, n: Any, *, progress: Progress = None) -> Any:
        """Return the end of the date n days after that of `received`; otherwise `business_days`."""
        return self._days("calendar_days", received, n, progress)

    def calendar_weeks(self, received: Any, n: Any, *, progress: Progress = None) -> Any:
        """Return the end of the date n weeks after that of `received`; otherwise `business_days`."""
        return self._days("calendar_weeks", received, n, progress)

    def _days(self, kind: str, received: Any, n: Any, progress: Progress) -> Any:
        if is_column(received) or is_column(n):
            table, of_all, _ = _columns(received, n)
            return self._native.due(table, None, kind, of_all, progress).column("due")
        return answer(self._native.due_at(kind, received, n, ()), received, self.zone)

    def spans(self, start: InstantLike | int, end: InstantLike | int) -> Table:
        """Return the spans of working time between two instants: begin and end, in order."""
        return Table._of(self._native.spans(start, end))

    def recompute(
        self,
        start: Any,
        seconds: Any,
        *,
        at: InstantLike | int,
        before: Calendar,
        seconds_before: Any = None,
        rule: Literal["origin", "pinned", "proportional"] = "origin",
        pauses: Any = (),
        progress: Progress = None,
    ) -> Table:
        """Return the due instants of running clocks after they changed to this calendar.

        Parameters
        ----------
        start : array of shape (n,)
            When each clock started, not after `at`.
        seconds : number or array of shape (n,)
            The limit of working time from now on.
        at : instant
            When the change happened.
        before : Calendar
            What the clocks followed up to then.
        seconds_before : number or array of shape (n,), optional
            The limit up to then; `seconds` by default.
        rule : {"origin", "pinned", "proportional"}
            The new limit and calendar hold from the start of each clock, not at all, or from now on
            less the share of the limit that is used up (rounded down to a microsecond; a clock with
            nothing left keeps what it had).
        pauses, progress
            As in `due`.

        Returns
        -------
        Table
            In the order of the rows: due (null if it never comes) and moved, whether the clock
            follows the new limit and calendar.
        """
        starts = instants(start, "start")
        seconds, seconds_before = _in_seconds(seconds), _in_seconds(seconds_before)
        table: dict[str, Any] = {"start": starts}
        of_all = None if is_column(seconds) else seconds
        if of_all is None:
            table["seconds"] = seconds
        if seconds_before is not None:
            table["seconds_before"] = (
                seconds_before
                if is_column(seconds_before)
                else np.full(_length(starts), seconds_before)
            )
        pause_rows = pause_table(pauses, _length(starts))
        return Table._of(
            self._native.recompute(
                before._native,
                table,
                pause_rows,
                of_all,
                seconds_before is not None,
                rule,
                at,
                progress,
            )
        )


class _Rows:
    """The table that makes a calendar, one row a segment."""

    def __init__(self) -> None:
        self.day: list[str] = []
        self.open: list[Any] = []
        self.close: list[Any] = []
        self.first_day: list[str | None] = []

    def add_week(self, week: Week, first_day: str | None) -> None:
        for day, hours in week.items():
            self.add(day, hours, first_day)
        if first_day is not None and not week:
            self.add("mon", (), first_day)

    def add(self, day: str, hours: Sequence[tuple[Any, Any]], first_day: str | None) -> None:
        pairs = [(None, None)] if len(hours) == 0 else [(begin, end) for begin, end in hours]
        for begin, end in pairs:
            self.day.append(day)
            self.open.append(begin.isoformat() if isinstance(begin, time) else begin)
            self.close.append(end.isoformat() if isinstance(end, time) else end)
            self.first_day.append(first_day)

    def named(self, message: str) -> str:
        """Return a message that names the day, where it named the row."""
        found = re.match(r"row (\d+): ", message)
        return message if found is None else f"{self.day[int(found[1])]}: {message[found.end() :]}"

    def table(self) -> dict[str, Any]:
        given = [v for v in (*self.open, *self.close) if v is not None]
        whole = sum(isinstance(v, int) for v in given)
        if whole not in (0, len(given)):
            raise TypeError("hours: text and whole numbers; expected one of the two throughout")
        if not given:  # All closed: of neither type.
            self.open = self.close = [None] * len(self.day)
        table: dict[str, Any] = {
            "day": np.array(self.day, dtype=object),
            "open": np.array(self.open, dtype=object),
            "close": np.array(self.close, dtype=object),
        }
        if any(day is not None for day in self.first_day):
            table["from"] = np.array(self.first_day, dtype="M8[D]")
        return table


def _date_text(day: str | date) -> str:
    return day if isinstance(day, str) else day.strftime("%Y-%m-%d")


def _clock(seconds: int) -> str:
    if seconds > _MOST_SECONDS:
        seconds -= _MOST_SECONDS
    minutes, rest = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text


def _in_seconds(limit: Any) -> Any:
    """Return a limit, or a column of them, in seconds if it has a unit of its own."""
    if isinstance(limit, timedelta):
        return limit.total_seconds()
    if isinstance(limit, (list, tuple)):
        return [_in_seconds(each) for each in limit] if _has_units(limit) else limit
    if getattr(getattr(limit, "dtype", None), "kind", "") != "m":  # Of numpy and pandas.
        return limit
    seconds = np.asarray(limit) / np.timedelta64(1, "s")
    return seconds if seconds.ndim else float(seconds)


def _has_units(limits: Sequence[Any]) -> bool:
    return any(isinstance(each, (timedelta, np.timedelta64)) for each in limits)


def _length(column: Any) -> int:
    try:
        return len(column)
    except TypeError:
        return len(Table({"column": column}))


def _filled(instant: Any, like: Any) -> Any:
    return np.full(_length(like), microseconds(instant, "start"), dtype=np.int64).view("M8[us]")


def _columns(start: Any, limit: Any) -> tuple[dict[str, Any], Any, int]:
    """Return the table of starts and limits, the limit of all rows or None, and how many rows."""
    if not is_column(start):
        rows = _length(limit)
        return {"start": _filled(start, limit), "seconds": limit}, None, rows
    starts = instants(start, "start")
    if is_column(limit):
        return {"start": starts, "seconds": limit}, None, _length(starts)
    return {"start": starts}, limit, _length(starts)
