"""Event logs: reading XES, and mining what happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, Self

import numpy as np

from patron import _core
from patron._columns import has_column
from patron.complaints._instants import with_instants
from patron.complaints._policy import Policy
from patron.errors import FailedPreconditionError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import Progress, TableLike
    from patron.complaints._calendar import Calendar


class XesReport(NamedTuple):
    """What a log in XES held.

    Attributes
    ----------
    traces, events : int
        In the file.
    unnamed_traces : int
        Without a concept:name; called "trace 1", "trace 2", … by their place in the file.
    repeated_traces : int
        With the name of an earlier one, and so part of the same case.
    empty_traces : int
        Without an event; they leave no row.
    nameless_events, timeless_events : int
        Whose activity or time is null.
    zoneless_times : int
        Times without an offset, taken as UTC.
    """

    traces: int
    events: int
    unnamed_traces: int
    repeated_traces: int
    empty_traces: int
    nameless_events: int
    timeless_events: int
    zoneless_times: int


class XesLog(Table):
    """One row an event: case, activity, time, resource and the attributes asked for."""

    __slots__ = ("report",)
    report: XesReport


def read_xes(
    source: str | PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    activity: str | Sequence[str] = "concept:name",
    resource: str = "org:resource",
    event_attributes: Sequence[str] = (),
    trace_attributes: Sequence[str] = (),
) -> XesLog:
    """Read an event log in XES, plain or gzip.

    Times are true instants: offsets are applied, not dropped. Document types, and with them all
    entities but the five of XML, are refused.

    Parameters
    ----------
    source : path, bytes or binary file
        The file, or its content.
    activity : str or sequence of str
        Keys of events that make the activity, joined by "+" where an event has all of them, such
        as ``("concept:name", "lifecycle:transition")``.
    resource : str
        Key of the resource.
    event_attributes, trace_attributes : sequence of str
        Keys of further columns, as text; those of traces are called "case:" and the key.

    Returns
    -------
    XesLog
        A table with one row an event, in the order of the file: case, activity, time, resource, and
        the columns asked for. Its ``report`` says what was missing.

    Raises
    ------
    ValueError
        Naming the line, for a file that is no XES, cut off, damaged or hostile.
    patron.errors.NotFoundError
        If there is no such file.

    Examples
    --------
    >>> from patron.complaints import read_xes
    >>> log = read_xes(
    ...     b'<log><trace><string key="concept:name" value="c1"/><event>'
    ...     b'<string key="concept:name" value="receive"/>'
    ...     b'<date key="time:timestamp" value="2024-01-01T10:00:00+01:00"/>'
    ...     b"</event></trace></log>"
    ... )
    >>> log["activity"], log["time"]
    (array(['receive'], dtype=object), array(['2024-01-01T09:00:00.000000'], ...))
    """
    keys = (activity,) if isinstance(activity, str) else tuple(activity)
    native, report = _core.read_xes(
        _path_or_content(source),
        keys,
        resource,
        tuple(event_attributes),
        tuple(trace_attributes),
    )
    log = XesLog._of(native)
    log.report = XesReport(*report)
    return log


def _path_or_content(source: Any) -> str | bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if hasattr(source, "read"):
        content: bytes = source.read()
        return content
    path: str = fspath(source)
    return path


class Conformance(Table):
    """One row a variant: variant, cases, and its distance from the automaton."""

    __slots__ = ()

    @property
    def fitting_share(self) -> float:
        """Share of the cases that the automaton accepts as they are; nan without a case."""
        cases = self["cases"]
        total = int(cases.sum())
        return float(cases[self["distance"] == 0].sum() / total) if total else float("nan")

    @property
    def mean_distance(self) -> float:
        """Mean distance of a case; nan without one."""
        cases = self["cases"]
        total = int(cases.sum())
        return float((cases * self["distance"]).sum() / total) if total else float("nan")


class MinedLog:
    """What happened in a log, counted; see `mine`.

    It can be merged, written as bytes and pickled, so that parts of a log can be counted apart.
    """

    __slots__ = ("_cases", "_native")
    _native: _core.Log
    _cases: Table | None

    def __init__(self) -> None:
        raise TypeError("MinedLog: make one with mine")

    @classmethod
    def _of(cls, native: _core.Log, cases: _core.Table | None) -> Self:
        log = cls.__new__(cls)
        log._native = native
        log._cases = None if cases is None else Table._of(cases)
        return log

    @property
    def cases(self) -> Table:
        """One row a case, in the order in which they first occur.

        Columns are case, events, first, last, duration (seconds), working (seconds of working time,
        if a calendar was given) and variant (its row in `variants`). Of the log that was mined,
        without what was merged; bytes do not hold them.

        Raises
        ------
        patron.errors.FailedPreconditionError
            For counts that were read from bytes.
        """
        if self._cases is None:
            raise FailedPreconditionError(
                "cases: counts read from bytes have none; expected a log that was mined here"
            )
        return self._cases

    case_count = property(lambda self: self._native.summary()[0], doc="Cases.")
    event_count = property(lambda self: self._native.summary()[1], doc="Events.")
    activity_count = property(lambda self: self._native.summary()[2], doc="Distinct activities.")
    variant_count = property(lambda self: self._native.summary()[3], doc="Distinct sequences.")
    edge_count = property(lambda self: self._native.summary()[4], doc="Rows of `edges`.")
    self_loop_count = property(
        lambda self: self._native.summary()[5], doc="Times an activity came right after itself."
    )
    return_count = property(
        lambda self: self._native.summary()[6],
        doc="Times an activity came back after one other (ABA).",
    )
    handover_count = property(
        lambda self: self._native.summary()[7],
        doc="Events whose resource is another than that of the event before.",
    )
    rework_case_count = property(
        lambda self: self._native.summary()[8], doc="Cases with some activity twice."
    )

    @property
    def activities(self) -> Table:
        """Activities, the most frequent first: activity, events, cases, starts, ends, and rework.

        Rework is counted as edeaR does: a self-loop is right after itself, a repetition later; a
        repeat by the same resource, a redo by another one: repeat_self_loops, redo_self_loops,
        repeat_repetitions, redo_repetitions. Without a resource all are repeats.
        """
        return Table._of(self._native.activities())

    @property
    def edges(self) -> Table:
        """The directly-follows graph, the most frequent edge first.

        Columns are source, target, count, and of the times between the two in seconds mean, median,
        p95 (type 7), least and most.
        """
        return Table._of(self._native.edges())

    @property
    def variants(self) -> Table:
        """Variants, those of the most cases first: variant, cases, share, length."""
        return Table._of(self._native.variants()[0])

    @property
    def variant_steps(self) -> Table:
        """The activities of the variants, in order: variant, position, activity."""
        return Table._of(self._native.variants()[1])

    @property
    def starts(self) -> dict[Any, int]:
        """How many cases begin with each activity."""
        return self._ends_of("starts")

    @property
    def ends(self) -> dict[Any, int]:
        """How many cases end with each activity."""
        return self._ends_of("ends")

    def _ends_of(self, column: str) -> dict[Any, int]:
        table = self.activities
        pairs = zip(table["activity"].tolist(), table[column].tolist(), strict=True)
        return dict(sorted(((a, n) for a, n in pairs if n > 0), key=lambda pair: -pair[1]))

    def durations(
        self, p: Sequence[float] = (0.5, 0.95), *, working: bool = False
    ) -> dict[str, float]:
        """Return quantiles of the time from the first event of a case to its last, and the mean.

        Parameters
        ----------
        p : sequence of float
            Probabilities; quantiles are of type 7.
        working : bool
            Whether working time counts; needs a calendar in `mine`.

        Returns
        -------
        dict
            By "p50", "p95", … and "mean", in seconds.
        """
        *quantiles, mean = self._native.durations(working, list(p))
        found = {f"p{100 * q:g}": value for q, value in zip(p, quantiles, strict=True)}
        return {**found, "mean": mean}

    def conformance(
        self,
        steps: Policy | TableLike | Collection[tuple[str, str, str]],
        *,
        starts: str | Sequence[str] | None = None,
        ends: str | Sequence[str] | None = None,
        remove: int = 1,
        insert: int = 1,
        change: int = 1,
    ) -> Conformance:
        """Measure how far each variant is from what a policy, or any automaton, accepts.

        The distance is the least cost of removing, inserting and changing events until it accepts
        the sequence, exactly. With a cost of 2 for a change it is that of an optimal alignment.

        Parameters
        ----------
        steps : Policy; list, tuple or set of (source, activity, target); or table
            A policy, whose events are the activities, in any order that its transitions allow;
            guards are not asked. Or the automaton: in state `source` the activity leads to state
            `target`. Several may start alike.
        starts, ends : str or sequence of str, optional
            States in which cases begin, and may end. Of a policy by default: before it was
            received, and any in which a case is over.
        remove, insert, change : int
            What it costs to remove an event, to insert one, and to change its activity.

        Raises
        ------
        ValueError
            If no end can be reached, or for more than 1,024 states.

        Examples
        --------
        >>> import numpy as np
        >>> from patron.complaints import mine
        >>> log = mine(
        ...     {
        ...         "case": [1, 1, 2],
        ...         "activity": ["receive", "close", "close"],
        ...         "time": np.array(["2024-01-01", "2024-01-05", "2024-01-02"], "M8[D]"),
        ...     }
        ... )
        >>> fits = log.conformance(
        ...     [("new", "receive", "open"), ("open", "close", "done")], starts="new", ends="done"
        ... )
        >>> fits["distance"], fits.fitting_share
        (array([1, 0]), 0.5)
        >>> from patron.complaints import Policy
        >>> log.conformance(Policy())["distance"]
        array([2, 1])
        """
        if isinstance(steps, Policy):
            return Conformance._of(
                self._native.policy_conformance(
                    steps._native, _states(starts), _states(ends), remove, insert, change
                )
            )
        if starts is None or ends is None:
            raise TypeError("starts, ends: missing; expected states, unless the steps are a policy")
        if isinstance(steps, (list, tuple, set, frozenset)):
            rows: list[Any] = list(steps)
            steps = {
                name: np.array([row[i] for row in rows], dtype=object)
                for i, name in enumerate(("source", "activity", "target"))
            }
        return Conformance._of(
            self._native.conformance(
                steps,
                _states(starts),
                _states(ends),
                remove,
                insert,
                change,
            )
        )

    def merge(self, other: MinedLog) -> MinedLog:
        """Add the counts of a log without a case in common, and return the log itself.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If working time was measured in one of the two alone.
        """
        if not isinstance(other, MinedLog):
            raise TypeError(f"other: expected a MinedLog, not {type(other).__name__}")
        self._native.merge(other._native)
        return self

    def to_bytes(self) -> bytes:
        """Return canonical bytes of the counts, without `cases`.

        Equal cases give equal bytes, in whatever order and parts they were counted and merged.

        Examples
        --------
        >>> from patron.complaints import MinedLog, mine
        >>> parts = [
        ...     mine({"case": [case] * 2, "activity": ["a", "b"], "time": [times[0], times[1]]})
        ...     for case, times in enumerate(
        ...         [["2024-01-01", "2024-01-02"], ["2024-01-01", "2024-01-05"]]
        ...     )
        ... ]
        >>> sent = [part.to_bytes() for part in parts]
        >>> one = MinedLog.from_bytes(sent[0]).merge(MinedLog.from_bytes(sent[1]))
        >>> other = parts[1].merge(parts[0])
        >>> one.case_count, one.to_bytes() == other.to_bytes()
        (2, True)
        """
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the bytes of `to_bytes`, which may come from anywhere.

        Raises
        ------
        patron.errors.DataLossError
            For bytes that `to_bytes` does not write.
        """
        return cls._of(_core.Log.from_bytes(data), None)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        return (
            f"MinedLog: {self.case_count:,} cases, {self.event_count:,} events, "
            f"{self.activity_count:,} activities, {self.variant_count:,} variants"
        )


def mine(
    log: TableLike,
    *,
    case: str = "case",
    activity: str = "activity",
    time: str = "time",
    resource: str | None = "resource",
    order: Literal["time", "row"] = "time",
    calendar: Calendar | None = None,
    progress: Progress = None,
) -> MinedLog:
    """Count what happened in a log.

    Parameters
    ----------
    log : table
        One row an event, in any order.
    case, activity, time : str
        Columns: ids of cases, names of activities (integers or text), dates, timestamps or text of
        ISO 8601. Those of pm4py (``case:concept:name``, ``concept:name``, ``time:timestamp``) are
        found as well.
    resource : str, optional
        Column of who did it; may be null. Two events without one have the same. "resource", or
        ``org:resource`` of pm4py, is read where there is one; None reads none.
    order : {"time", "row"}
        What orders the events of a case: their time, of equal ones the row; or the rows alone.
    calendar : Calendar, optional
        Measures working time as well.
    progress : bool or callable, optional
        True shows a bar; a callable gets (done, total) and may answer False to stop.

    Returns
    -------
    MinedLog

    Raises
    ------
    ValueError
        For a missing or mistyped column, or a null, naming the row.

    Examples
    --------
    >>> import numpy as np
    >>> from patron.complaints import mine
    >>> log = mine(
    ...     {
    ...         "case": [1, 1, 1, 2, 2],
    ...         "activity": ["receive", "answer", "close", "receive", "close"],
    ...         "time": np.array(
    ...             ["2024-01-01", "2024-01-03", "2024-01-04", "2024-01-02", "2024-01-02"], "M8[D]"
    ...         ),
    ...     }
    ... )
    >>> log
    MinedLog: 2 cases, 5 events, 3 activities, 2 variants
    >>> log.durations()
    {'p50': 129600.0, 'p95': 246240.0, 'mean': 129600.0}
    """
    names = (
        _present(log, case, "case", "case:concept:name"),
        _present(log, activity, "activity", "concept:name"),
        _present(log, time, "time", "time:timestamp"),
        _resource(log, resource),
    )
    native, cases = _core.Log.mine(
        with_instants(log, names[2]),
        names,
        order,
        None if calendar is None else calendar._native,
        progress,
    )
    return MinedLog._of(native, cases)


def _states(names: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)


def _present(log: TableLike, name: str, usual: str, other: str) -> str:
    """Return the name, or the other one where the usual one was left and only the other is there."""
    if name != usual or has_column(log, usual) or not has_column(log, other):
        return name
    return other


def _resource(log: TableLike, name: str | None) -> str | None:
    """Return the column of resources; the usual one only where there is one."""
    if name is None:
        return None
    present = _present(log, name, "resource", "org:resource")
    return None if present == "resource" and not has_column(log, "resource") else present
