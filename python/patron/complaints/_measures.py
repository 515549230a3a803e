"""Measures over time: survival curves, control charts, attainment of limits, backlog and its age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from patron import _core
from patron.complaints._instants import instants, microseconds, with_instants
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, InstantLike, Progress, TableLike


class Survival(Table):
    """A Kaplan-Meier curve, one row a distinct time, ascending.

    Columns: time, at_risk (just before it), events, censored, survival, std_err (Greenwood), and
    lower and upper of the interval of survival; the last three are nan once survival is 0.
    """

    __slots__ = ("quantiles",)
    quantiles: Table

    def at(self, times: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the survival at times: that of the latest row not after them, 1 before the first.

        Parameters
        ----------
        times : number or array
            In the unit of the curve.
        """
        place = np.searchsorted(self["time"], times, side="right")
        return np.asarray(np.concatenate([[1.0], self["survival"]])[place])


def survival(
    time: ColumnLike,
    observed: ColumnLike,
    *,
    p: Sequence[float] = (0.25, 0.5, 0.75, 0.9, 0.95),
    interval: Literal["log", "log-log", "plain"] = "log",
    level: float = 0.95,
    progress: Progress = None,
) -> Survival:
    """Estimate how long it takes until something happens, where some have not seen it yet.

    Parameters
    ----------
    time : array of shape (n,)
        Numbers, 0 or more, in any unit: how long until the event, or until the last look.
    observed : array of shape (n,)
        Whether the event came at that time; False if by then it had not (right-censored).
    p : sequence of float
        Shares of which the table ``quantiles`` tells by when they are reached: p, time (the
        smallest at which survival is 1 - p or less), midpoint (the middle of the stretch where it
        equals 1 - p, as in R), and lower and upper, the same of the limits of the curve. nan where
        the curve does not fall so far.
    interval : {"log", "log-log", "plain"}
        Scale on which the interval of survival is formed; "log" is the default of R.
    level : float
        Its confidence.
    progress : bool or callable, optional
        True shows a bar; a callable gets (done, total) and may answer False to stop.

    Returns
    -------
    Survival

    Raises
    ------
    ValueError
        Without a row, and for times that are negative, null or not finite, naming the row.

    Examples
    --------
    >>> from patron.complaints import survival
    >>> curve = survival([5, 10, 10, 20], [True, True, False, False], p=[0.5])
    >>> curve["survival"]
    array([0.75, 0.5 , 0.5 ])
    >>> curve.at([0, 5, 12])
    array([1.  , 0.75, 0.5 ])
    >>> curve.quantiles["time"]
    array([10.])
    """
    native, quantiles = _core.survival(
        {"time": time, "observed": observed}, list(p), interval, level, progress
    )
    curve = Survival._of(native)
    curve.quantiles = Table._of(quantiles)
    return curve


class ControlChart(Table):
    """One row a point: value, lower and upper limit, signal.

    Attributes
    ----------
    center : float
        The center line.
    sigma : float
        Of Laney charts, by what the limits are widened; else 1.
    moving_range : float
        The mean one, of "xmr"; the limit of single ones is 3.267 times that. Else 0.
    """

    __slots__ = ("center", "moving_range", "sigma")
    center: float
    sigma: float
    moving_range: float

    @property
    def signals(self) -> npt.NDArray[np.int64]:
        """The rows outside of their limits."""
        return np.flatnonzero(self["signal"])


def control_chart(
    counts: ColumnLike,
    sizes: ColumnLike | None = None,
    *,
    kind: Literal["p", "u", "laney_p", "laney_u", "xmr"] = "xmr",
    baseline: int | None = None,
) -> ControlChart:
    """Tell which points of a series are more than its own noise.

    Parameters
    ----------
    counts : array of shape (n,)
        Counts in order of time, or the values of an "xmr" chart.
    sizes : array of shape (n,), optional
        What they are counts of; not for "xmr".
    kind : {"xmr", "p", "u", "laney_p", "laney_u"}
        "p", shares with binomial limits; "u", rates with Poisson limits; "laney_p" and "laney_u",
        the same widened by how much they vary beyond that (Laney 2002), for sizes in the hundreds
        and above, where plain limits are too tight; "xmr", single values by their moving range.
    baseline : int, optional
        How many of the first points give center and limits; all by default.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        With fewer than two points, for counts below 0 or above their size, naming the row.

    Notes
    -----
    Calendar effects are signals too: chart weekdays apart from weekends and holidays.

    Examples
    --------
    >>> from patron.complaints import control_chart
    >>> chart = control_chart([10, 20, 0], [100, 100, 100], kind="p")
    >>> chart.center, chart.signals
    (0.1, array([1, 2]))
    """
    table = {"count": counts} if sizes is None else {"count": counts, "size": sizes}
    nan = float("nan")
    native, figures = _core.chart(table, kind, (baseline or 0, 0.5, 5.0, nan, nan))
    chart = ControlChart._of(native)
    chart.center, chart.sigma, chart.moving_range = figures
    return chart


class Cusum(Table):
    """One row a point: value, lower and upper (the two sums, in sigmas), signal.

    Attributes
    ----------
    target, sigma : float
        What the sums are taken from.
    """

    __slots__ = ("sigma", "target")
    target: float
    sigma: float

    @property
    def signals(self) -> npt.NDArray[np.int64]:
        """The rows at which a sum is past the decision interval."""
        return np.flatnonzero(self["signal"])


def cusum(
    values: ColumnLike,
    *,
    slack: float = 0.5,
    decision: float = 5.0,
    baseline: int | None = None,
    target: float | None = None,
    sigma: float | None = None,
) -> Cusum:
    """Add up what lies beyond the slack above and below a target: finds small lasting shifts.

    Parameters
    ----------
    values : array of shape (n,)
        In order of time.
    slack, decision : float
        k and h, in sigmas.
    baseline : int, optional
        How many of the first points give target and sigma; all by default.
    target : float, optional
        The mean of the baseline by default.
    sigma : float, optional
        The mean moving range of the baseline divided by 1.128 by default.

    Returns
    -------
    Cusum

    Examples
    --------
    >>> from patron.complaints import cusum
    >>> cusum([0, 1, 2, 2, 2], target=0, sigma=1, decision=3)["upper"]
    array([0. , 0.5, 2. , 3.5, 5. ])
    """
    nan = float("nan")
    options = (
        baseline or 0,
        slack,
        decision,
        nan if target is None else target,
        nan if sigma is None else sigma,
    )
    native, figures = _core.chart({"count": values}, "cusum", options)
    chart = Cusum._of(native)
    chart.target, chart.sigma, _ = figures
    return chart


class Attainment(NamedTuple):
    """How many clocks kept their limit, as known at a cut-off.

    Attributes
    ----------
    met : int
        Finished by the due instant, and by the cut-off.
    breached : int
        Not finished when the due instant passed.
    pending : int
        Neither due nor finished: not counted, for nobody knows yet.
    due_met : int
        Of those met: due before the cut-off.
    rate : float
        met / (met + breached); slightly high at the right edge, where only early finishers are
        known. nan without either.
    due_rate : float
        The same of clocks due before the cut-off alone, which has no such edge.
    """

    met: int
    breached: int
    pending: int
    due_met: int
    rate: float
    due_rate: float


def attainment(due: ColumnLike, finished: ColumnLike, cutoff: InstantLike | int) -> Attainment:
    """Measure how many clocks kept their limit.

    Parameters
    ----------
    due, finished : array of shape (n,)
        Instants; null (NaT) if a clock is never due, or has not finished.
    cutoff : instant
        The last one that is known. Who finished later was open then.

    Returns
    -------
    Attainment

    Examples
    --------
    >>> import numpy as np
    >>> from patron.complaints import attainment
    >>> due = np.array(["2024-01-05", "2024-01-05", "2024-02-05"], "M8[us]")
    >>> finished = np.array(["2024-01-04", "NaT", "NaT"], "M8[us]")
    >>> attainment(due, finished, "2024-01-31").rate
    0.5
    """
    table = {"due": instants(due, "due"), "finished": instants(finished, "finished")}
    return Attainment(*_core.attainment(table, microseconds(cutoff, "cutoff")))


class Resolution(NamedTuple):
    """What became of cases that have been closed for a while.

    Attributes
    ----------
    known : int
        Cases that have been closed for the window at least.
    unknown : int
        Open at the cut-off, or closed for less: neither successes nor failures yet.
    first_contact : int
        Known, accepted, with one inbound contact, without a reopening, and without another case of
        the same customer and cause received within the window after closing.
    reopened : int
        Known, with a reopening.
    first_contact_rate, reopen_rate : float
        Shares of the known; nan if there is none.
    """

    known: int
    unknown: int
    first_contact: int
    reopened: int
    first_contact_rate: float
    reopen_rate: float


def resolution(
    cases: TableLike, cutoff: InstantLike | int, *, window_days: float = 30
) -> Resolution:
    """Measure first-contact resolution and reopening.

    Parameters
    ----------
    cases : table
        One row a case: customer, cause, received, closed (for the first time; null while open),
        accepted (whether the customer accepted the answer), contacts (inbound ones before the
        answer) and reopens.
    cutoff : instant
        The last one that is known.
    window_days : float
        How long a case must have been closed to count.

    Returns
    -------
    Resolution

    Raises
    ------
    ValueError
        For a missing or mistyped column, a null, and a case closed before its receipt.

    Examples
    --------
    >>> import numpy as np
    >>> from patron.complaints import resolution
    >>> found = resolution(
    ...     {
    ...         "customer": ["a", "b", "b"],
    ...         "cause": ["late", "late", "late"],
    ...         "received": np.array(["2024-01-01", "2024-01-01", "2024-01-20"], "M8[D]"),
    ...         "closed": np.array(["2024-01-03", "2024-01-05", "NaT"], "M8[D]"),
    ...         "accepted": [True, True, False],
    ...         "contacts": [1, 1, 1],
    ...         "reopens": [0, 0, 0],
    ...     },
    ...     "2024-03-01",
    ... )
    >>> found.known, found.unknown, found.first_contact_rate
    (2, 1, 0.5)
    """
    window = round(window_days * 86_400_000_000)
    return Resolution(
        *_core.resolution(
            with_instants(cases, "received", "closed"), microseconds(cutoff, "cutoff"), window
        )
    )


def backlog(
    movements: TableLike,
    *,
    period: Literal["day", "week", "month", "quarter", "year"] = "day",
    zone: str = "UTC",
    open_before: int = 0,
) -> Table:
    """Count how many cases are open at the end of each period, and what moved them.

    Parameters
    ----------
    movements : table
        One row a movement of a case, in any order: time, and movement: "received", "reopened",
        "closed", "merged" or "voided".
    period : {"day", "week", "month", "quarter", "year"}
        Weeks start on Monday.
    zone : str
        Whose midnights part the days.
    open_before : int
        Cases open before the first movement.

    Returns
    -------
    Table
        One row a period: period (its first day), received, reopened, closed, merged, voided, and
        open: open before plus received and reopened, less the others.

    Raises
    ------
    ValueError
        For an unknown movement, and if more leave than there are.

    Examples
    --------
    >>> import numpy as np
    >>> from patron.complaints import backlog
    >>> days = np.array(["2024-01-01", "2024-01-01", "2024-01-03"], "M8[D]")
    >>> backlog({"time": days, "movement": ["received", "received", "closed"]})["open"]
    array([2, 2, 1])
    """
    return Table._of(_core.backlog(with_instants(movements, "time"), period, zone, open_before))


class Ageing(NamedTuple):
    """How old open cases are.

    Attributes
    ----------
    bounds : tuple of float
        Where a bucket ends and the next begins.
    counts : tuple of int
        Cases in each bucket, one more than bounds: below the first bound, from each bound up to,
        not including, the next, and from the last on.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]


def ageing(ages: ColumnLike, bounds: Sequence[float]) -> Ageing:
    """Count ages by bucket.

    Parameters
    ----------
    ages : array of shape (n,)
        0 or more, in any unit, such as `Calendar.elapsed` of open cases as of now gives them.
    bounds : sequence of float
        Above 0 and rising, in the same unit.

    Returns
    -------
    Ageing

    Examples
    --------
    >>> from patron.complaints import ageing
    >>> ageing([0, 3, 8, 40], bounds=[1, 7, 30]).counts
    (1, 1, 1, 1)
    """
    limits = tuple(float(bound) for bound in bounds)
    return Ageing(limits, tuple(_core.ages(ages, list(limits))))
