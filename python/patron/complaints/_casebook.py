"""The casebook: complaints as a log of events, with the state and the clocks of every case."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from patron import _core
from patron._kept import Kept
from patron.complaints._calendar import Calendar
from patron.complaints._case import Case, LogHead, Verdicts
from patron.complaints._event_rows import table_of
from patron.complaints._instants import microseconds
from patron.complaints._policy import Policy
from patron.errors import InvalidArgumentError, OutOfRangeError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, Money, Progress, TableLike

_NO_TIME = int(np.iinfo(np.int64).min)
_BEGINNING = -(1 << 60)  # Before all events; far from what cannot be counted with.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFICE = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}


class Casebook(Kept[_core.Casebook]):
    """Complaints as a log of events, and what the events amount to.

    The state of a case is that of its events ordered by the instant at which they occurred, then by
    kind, then by id, whatever the order in which they came, and how often. What is not allowed
    stays in the log, refused with a reason, and comes into effect when what it lacks arrives.
    Nothing is ever deleted; `reverse` takes an event back.

    Parameters
    ----------
    policy : Policy, mapping or str, or a sequence of them
        Policies or names of presets. The first one is that of cases that name none.
    calendars : Calendar or mapping of str to Calendar, optional
        The calendars that the policies name, or one for all of them. Left out, all are Monday to
        Friday, 09:00 to 17:00 UTC.

    Raises
    ------
    ValueError
        For a policy that contradicts itself, or names a calendar that `calendars` lacks.

    Examples
    --------
    >>> from patron.complaints import Casebook
    >>> book = Casebook()
    >>> verdicts = book.apply(
    ...     {
    ...         "event": [1, 2, 3],
    ...         "case": ["A", "A", "A"],
    ...         "type": ["receive", "investigate", "triage"],
    ...         "time": ["2024-06-03T09:00", "2024-06-03T11:00", "2024-06-03T10:00"],
    ...         "role": ["frontline"] * 3,
    ...     },
    ...     recorded="2024-06-03T12:00",
    ... )
    >>> verdicts.applied, book.case("A").state
    (3, 'INVESTIGATING')
    >>> book.overdue("2024-06-05T09:00")["clock"].tolist()
    ['acknowledge', 'first_reply']
    """

    __slots__ = ("path",)
    _closed = "casebook: closed; expected one that is open"
    path: str | None

    def __init__(
        self,
        policy: Policy | Mapping[str, Any] | str | Sequence[Policy | str] = "default",
        *,
        calendars: Calendar | Mapping[str, Calendar] | None = None,
    ) -> None:
        self._native = _core.Casebook.create()
        self.path = None
        self._begin(policy, calendars)

    @classmethod
    def _of(cls, native: _core.Casebook, path: str | None = None) -> Self:
        book = cls.__new__(cls)
        book._native = native
        book.path = path
        return book

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        policy: Policy | Mapping[str, Any] | str | Sequence[Policy | str] | None = None,
        *,
        calendars: Calendar | Mapping[str, Calendar] | None = None,
    ) -> Self:
        """Open a casebook that is kept in a file; a new one if there is no such file.

        A change is in the file, and outlives the process and the power, when the call that made it
        returns. No other process and no other object can use the file until `close`.

        Parameters
        ----------
        path : path
            A database of SQLite.
        policy, calendars
            As for `Casebook`. Policies and calendars that the file has are kept; new policies are
            added, and the first one named here is that of new cases.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If another process, or another object, has the file open.
        patron.errors.DataLossError
            If the file is another one, or was altered, naming the entry.
        patron.errors.NotFoundError
            If the file cannot be opened.
        patron.errors.ResourceExhaustedError
            If the disk is full.
        """
        text = fspath(path)
        book = cls._of(_core.Casebook.open(text), text)
        try:
            if policy is not None or len(book.policies) == 0:
                book._begin("default" if policy is None else policy, calendars)
            elif calendars is not None:
                book._add_missing(calendars, [])
        except BaseException:
            book.close()
            raise
        return book

    def _begin(self, policy: Any, calendars: Any) -> None:
        single = isinstance(policy, (Policy, str, Mapping))
        given = [policy] if single else list(policy)
        policies = [each if isinstance(each, Policy) else Policy(each) for each in given]
        if not policies:
            raise InvalidArgumentError("policy: none; expected one or more")
        names = list(dict.fromkeys(name for each in policies for name in each.calendars))
        self._add_missing(calendars, names)
        for each in policies:
            self.add_policy(each)
        self.use_policy(policies[0].name, policies[0].version)

    def _add_missing(self, calendars: Any, names: list[str]) -> None:
        known = set(self.calendars["calendar"].tolist())
        if calendars is None:
            office = None
            for name in names:
                if name not in known:
                    office = office or Calendar("UTC", _OFFICE)
                    self.add_calendar(name, office)
            return
        if isinstance(calendars, Calendar):
            calendars = dict.fromkeys(names, calendars)
        for name, calendar in calendars.items():
            if name not in known:
                self.add_calendar(name, calendar)

    @property
    def _book(self) -> _core.Casebook:
        return self._opened

    # ---- Policies and calendars ----

    def add_calendar(
        self, name: str, calendar: Calendar, since: InstantLike | int | None = None
    ) -> None:
        """Add a calendar, or a version of a known one that holds from `since` on.

        Running clocks are recomputed by the rules of their policies.
        """
        at = 0 if since is None else microseconds(since, "since")
        self._book.add_calendar(name, calendar._native, at)

    def add_policy(self, policy: Policy | Mapping[str, Any] | str) -> None:
        """Add a policy, whose calendars have been added. An equal one is nothing new."""
        policy = policy if isinstance(policy, Policy) else Policy(policy)
        self._book.add_policy(policy._native)

    def use_policy(self, name: str, version: str | None = None) -> None:
        """Make a policy that of cases received from now on that name none."""
        self._book.use_policy(name, version)

    @property
    def policies(self) -> Table:
        """The policies: policy, version, and whether it is that of cases that name none."""
        return Table._of(self._book.policies())

    def policy(self, name: str | None = None, version: str | None = None) -> Policy:
        """Return a policy: that of cases that name none, or by name; the latest version of it."""
        return Policy._of(self._book.policy(name, version))

    @property
    def calendars(self) -> Table:
        """The calendars: calendar, from (NaT for a first version), zone."""
        return Table._of(self._book.calendars())

    # ---- Events ----

    def apply(
        self,
        events: TableLike | Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        recorded: InstantLike | int | None = None,
        mode: Literal["rows", "all"] = "rows",
        progress: Progress = None,
    ) -> Verdicts:
        """Take one event or a table of them, in any order; known ones and late ones are welcome.

        Parameters
        ----------
        events : table, mapping, or list of mappings
            One row an event, or one event by itself. Columns are event and case (ids: whole
            numbers from 0, or text), type (an event of a policy) and time (at which it occurred);
            where needed, and None where not: actor, role, customer; policy and version (of receive
            and migrate); amount (money); due (of a promise); code (severity of receive and
            set_severity, media, hold, level, cause, decision of communicate, outcome of close);
            reason (of communicate); related_case (of merge_into, link and split); related_event (of
            promise_kept, promise_broken, breach_voided and reverse); regulated (of receive), notice
            (of the external remedy), remedy (one is due); text.
        recorded : instant, optional
            When the casebook heard of them, not before the last call; now if left out.
        mode : {"rows", "all"}
            Each row by itself; or no row at all if one is refused or in conflict.
        progress : bool or callable, optional
            True shows a bar; a callable gets (done, total) and may answer False to stop.

        Returns
        -------
        Verdicts
            One row an event, as things are after the last one: "applied", "duplicate" (known, with
            equal content), "refused" (in the log without effect, for now; refusal says why) or
            "conflict" (known with other content, and left out).

        Raises
        ------
        ValueError
            Naming column, row and value of what cannot be an event. Nothing is taken then.
        patron.errors.FailedPreconditionError, patron.errors.AlreadyExistsError
            With mode "all", for the first row that is refused, or in conflict.

        Examples
        --------
        >>> from patron.complaints import Casebook
        >>> book = Casebook()
        >>> one = {"event": 1, "case": 7, "type": "triage", "time": "2024-06-03T10:00"}
        >>> book.apply(one)["refusal"].tolist()
        ['no_case']
        """
        if recorded is None:
            last = self._book.last_recorded()
            at = max(time.time_ns() // 1000, _NO_TIME if last is None else last)
        else:
            at = microseconds(recorded, "recorded")
        native, *counts = self._book.apply(table_of(events), at, mode, progress)
        verdicts = Verdicts._of(native)
        verdicts.applied, verdicts.duplicates, verdicts.refused, verdicts.conflicts = counts
        return verdicts

    def advance(self, now: InstantLike | int | None = None) -> int:
        """Let everything happen that is due by `now`, and return how many events that were.

        Breaches and what voids them, escalations by the share of a clock, windows that end, broken
        promises and guarantees are recorded, each once, as events of the casebook's own.

        Parameters
        ----------
        now : instant, optional
            Not before the last call, of this or of `apply`; the time of the clock if left out.
        """
        return self._book.advance(_now(now))

    def next_instant(self) -> datetime | None:
        """Return when the next thing may happen by itself: until then a host can sleep."""
        micros = self._book.next_instant()
        if micros is None:
            return None
        try:
            return _EPOCH + timedelta(microseconds=micros)
        except OverflowError:
            raise OutOfRangeError(
                f"the instant, {np.datetime64(micros, 'us')}, is past what a datetime holds"
            ) from None

    # ---- What there is ----

    def case(
        self,
        id: int | str,  # noqa: A002
        now: InstantLike | int | None = None,
        *,
        money: Money = "float64",
    ) -> Case:
        """Return one case: its state, what it may do next and who may do it, clocks, promises.

        Parameters
        ----------
        id : int or str
        now : instant, optional
            At which clocks are read; the time of the clock if left out.
        money : {"float64", "units"}
            Money in currency, or exact in units of 10^-decimals.

        Raises
        ------
        patron.errors.NotFoundError
            For a case that has not been received.
        """
        state, next_, clocks, promises = self._book.case(id, _now(now), money)
        row = {name: _item(state.column(name)) for name in state.columns}
        return Case(
            **row, next=Table._of(next_), clocks=Table._of(clocks), promises=Table._of(promises)
        )

    def cases(self, *, money: Money = "float64") -> Table:
        """Return all cases that have been received, one row each; columns as of `Case`."""
        return Table._of(self._book.cases(money))

    def clocks(self, now: InstantLike | int | None = None) -> Table:
        """Return the clocks of all cases at `now`, one row a run of a clock.

        Columns are case, clock, state ("running", "paused", "stopped"), kind (of the limit), limit
        and used (seconds, or days or weeks), started, due (NaT while it is paused), stopped,
        breached, recorded (as a breach), overdue_working and overdue_elapsed (seconds).
        """
        return Table._of(self._book.clocks("all", _now(now), 0))

    def due(self, until: InstantLike | int, now: InstantLike | int | None = None) -> Table:
        """Return the clocks that run and are due by `until`, earliest first.

        Parameters
        ----------
        until : instant
        now : instant, optional
            Leaves out those that are late by then.
        """
        at = _BEGINNING if now is None else microseconds(now, "now")
        return Table._of(self._book.clocks("due", at, microseconds(until, "until")))

    def overdue(self, now: InstantLike | int | None = None) -> Table:
        """Return the clocks that are not stopped and late at `now`; the one due earliest first."""
        return Table._of(self._book.clocks("overdue", _now(now), 0))

    def as_of(
        self,
        *,
        recorded: InstantLike | int | None = None,
        occurred: InstantLike | int | None = None,
        money: Money = "float64",
    ) -> Table:
        """Return the cases by the events that had been recorded, and had occurred, by then.

        What did we know, when: columns as of `cases`. An instant that is left out is no bound.
        """
        known = _NO_TIME if recorded is None else microseconds(recorded, "recorded")
        happened = _NO_TIME if occurred is None else microseconds(occurred, "occurred")
        return Table._of(self._book.as_of(known, happened, money))

    def timeline(
        self,
        id: int | str,  # noqa: A002
        *,
        money: Money = "float64",
    ) -> Table:
        """Return the events of a case in canonical order.

        Columns are those of `events`, and state (after the event; None if it is refused) and why (a
        sentence: which limit, of whom, and who could).
        """
        return Table._of(self._book.timeline(id, money))

    def events(self, *, money: Money = "float64") -> Table:
        """Return the whole log in the order in which it was recorded.

        As a log for `mine`: ``mine(book.events(), activity="type", resource="actor")``. Besides the
        columns of `apply` it has recorded, automatic (the casebook did it), clock and percent (of
        breaches and escalations by a clock) and refusal.
        """
        return Table._of(self._book.events(money))

    # ---- The log ----

    @property
    def head(self) -> LogHead:
        """Where the log stands."""
        size = self._book.size()
        return LogHead(size[0], size[6])

    def verify(self, head: LogHead | tuple[int, bytes] | None = None) -> LogHead:
        """Check that the log, and what the file has of it, is as it was written.

        Parameters
        ----------
        head : LogHead, optional
            That of an earlier day: the log must still begin with what it was then.

        Returns
        -------
        LogHead
            That of what was checked.

        Raises
        ------
        patron.errors.DataLossError
            Naming the first events of which one was altered, is missing or out of order.
        """
        if head is None:
            self._book.verify(0, None)
        else:
            events, digest = head
            self._book.verify(events, digest)
        return self.head

    def erase(self, customer: int | str) -> None:
        """Erase the id of a customer and the texts of its cases, from the file as well.

        Events, states and the chain of digests stay.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If a case is on legal hold.
        """
        self._book.erase(customer)

    def compact(self) -> None:
        """Write the file anew as one entry, which opens faster than many."""
        self._book.compact()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the casebook that `to_bytes` wrote, in memory; its log is folded again."""
        return cls._of(_core.Casebook.from_bytes(data))

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal logs, read again from zero, give equal bytes."""
        return self._book.to_bytes()

    def __reduce__(self) -> tuple[Any, ...]:
        return Casebook.from_bytes, (self.to_bytes(),)

    @property
    def memory_bytes(self) -> int:
        """What it takes in memory."""
        return self._book.size()[3]

    def __len__(self) -> int:
        return self._book.size()[0]

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        if self._native is None:
            return "Casebook: closed"
        events, cases, customers, *_ = self._book.size()
        where = "" if self.path is None else f", kept in {self.path}"
        return f"Casebook: {events:,} events, {cases:,} cases, {customers:,} customers{where}"


def _now(value: InstantLike | int | None) -> int:
    return time.time_ns() // 1000 if value is None else microseconds(value, "now")


def _item(column: Any) -> Any:
    """Return the only value of a column; None where it is null."""
    value = column[0]
    if value is np.ma.masked:
        return None
    return value.item() if isinstance(value, np.generic) and value.dtype.kind != "M" else value
