"""Time to leave: curves of survival, tests whether groups differ, concordance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

from patron import _core
from patron.loyalty._estimator import (
    FittedModel,
    columns_by_role,
    duration_table,
    number,
    text_table,
)
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress

    Floats = npt.NDArray[np.float64]

Interval = Literal["log", "log-log", "plain"]

_HAZARD = {
    "hazard": "hazard",
    "std_err": "hazard_std_err",
    "lower": "hazard_lower",
    "upper": "hazard_upper",
}


class CurvePoints(Table):
    """Curves at times, one row a group and time.

    As a sequence and as an array it is the curve itself, its column survival or hazard; of one row
    it is a number as well.
    """

    __slots__ = ("_curve",)
    _curve: str

    @classmethod
    def _on(cls, curve: str, native: _core.Table) -> Self:
        points = cls._of(native)
        points._curve = curve
        return points

    def __getitem__(self, key: Any) -> Any:
        """Return a column by its name, or values of the curve by their place."""
        if isinstance(key, str):
            return super().__getitem__(key)
        return self[self._curve][key]

    def __iter__(self) -> Iterator[float]:  # type: ignore[override]
        return iter(self[self._curve])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
        values = self[self._curve]
        return np.array(values, dtype=dtype) if copy else np.asarray(values, dtype=dtype)

    def __float__(self) -> float:
        return float(self[self._curve].item())


class _Curve(FittedModel[_core.KaplanMeier]):
    """What the curves of survival and of hazard share."""

    interval: Interval
    level: float
    groups_: tuple[str, ...]
    n_rows_: int
    n_events_: int
    last_time_: float

    def fit(
        self,
        durations: ColumnLike,
        events: ColumnLike | None = None,
        *,
        entry: ColumnLike | None = None,
        weights: ColumnLike | None = None,
        groups: Any = None,
        progress: Progress = None,
    ) -> Self:
        """Fit the curve of each group.

        Parameters
        ----------
        durations : array of shape (n,)
            How long each customer was watched, 0 or more, in any unit.
        events : array of shape (n,), optional
            Whether the event ended the duration (True, 1), or had not come by then; all True by
            default. At the same time events come first.
        entry : array of shape (n,), optional
            The durations at which watching began (left truncation), below `durations`.
        weights : array of shape (n,), optional
            Above 0.
        groups : array of shape (n,) or mapping of names to such arrays, optional
            Integers, booleans or text: a curve of each.
        progress : bool or callable, optional
            True shows a bar; a callable takes (done, total).

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For durations that are negative or not finite, events other than 0 and 1, entries at or
            past their duration, weights of 0 or less, naming the first row and how many.
        """
        table, reading, names = duration_table(durations, events, entry, weights, group=groups)
        native = _core.KaplanMeier.fit(table, (*reading, names["group"]), progress)
        self._adopt(native)
        return self

    @classmethod
    def _read(cls, data: bytes) -> Self:
        curve = cls()
        curve._adopt(_core.KaplanMeier.from_bytes(data))
        return curve

    def _adopt(self, native: _core.KaplanMeier) -> None:
        self._native = native
        self.groups_ = tuple(columns_by_role(native).get("stratum", ()))
        curve = Table._of(native.curve("plain", 0.5))
        self.n_events_ = int(np.sum(curve["events"]))
        self.n_rows_ = self.n_events_ + int(np.sum(curve["censored"]))
        self.last_time_ = float(np.max(curve["time"]))


class KaplanMeier(_Curve):
    """The share of customers who are still there, by how long they have been (Kaplan, Meier 1958).

    Parameters
    ----------
    interval : {"log", "log-log", "plain"}
        Symmetric in ln S, the default of R's survival; in ln(-ln S), which stays within 0 and 1; or
        in S. All by Greenwood's variance, and cut off to 0 to 1.
    level : float
        Of the intervals.

    Attributes
    ----------
    curve_ : Table
        A row a group and distinct time: the columns of the groups, time, at_risk (rows, just
        before it), events, censored, survival, std_err, lower, upper (null once survival is 0),
        hazard, hazard_std_err, hazard_lower, hazard_upper (the cumulative one of Nelson and Aalen).
    median_ : float or array of shape (n_groups,)
        The smallest time at which survival is 0.5 or less; nan if it stays above.
    median_midpoint_ : float or array of shape (n_groups,)
        The same, but where the curve is level at 0.5 the middle of that stretch, as in R.
    n_rows_, n_events_ : int
    last_time_ : float
        That anybody was watched.

    Examples
    --------
    >>> from patron.loyalty import KaplanMeier
    >>> km = KaplanMeier().fit([1, 2, 2, 3, 5, 5], [1, 1, 0, 1, 1, 0])
    >>> round(float(km.at(2)), 4)
    0.6667
    >>> km.at([2, 3])["survival"].round(4)
    array([0.6667, 0.4444])
    >>> km.median_
    3.0
    >>> print(km.summary())
    KaplanMeier: 6 rows, 4 events, log intervals at 95%
    rows  events  median  lower 95%  upper 95%
    6          4       3          2
    """

    def __init__(self, interval: Interval = "log", level: float = 0.95) -> None:
        self.interval = interval
        self.level = level

    @property
    def curve_(self) -> Table:
        return Table._of(self._fitted().curve(self.interval, self.level))

    @property
    def median_(self) -> float | Floats:
        return self._medians("time")

    @property
    def median_midpoint_(self) -> float | Floats:
        return self._medians("midpoint")

    def _medians(self, column: str) -> float | Floats:
        medians = self.quantile(0.5)[column]
        return medians if self.groups_ else float(medians[0])

    def at(self, times: ColumnLike | float) -> CurvePoints:
        """Return the curves at times.

        Parameters
        ----------
        times : float or array

        Returns
        -------
        CurvePoints
            A table with a row a group and time: the columns of the groups, time, at_risk, survival,
            std_err, lower, upper, hazard and its own; nan past the last time of a group, unless its
            survival has come down to 0. Where an array or a number is wanted, it is the survival.
        """
        return CurvePoints._on("survival", self._fitted().at(times, self.interval, self.level))

    def quantile(self, p: ColumnLike | float) -> Table:
        """Return the times by which shares of the events have come.

        Parameters
        ----------
        p : float or array
            Shares from 0 to 1; 0.5 is the median.

        Returns
        -------
        Table
            A row a group and share: the columns of the groups, p, time (the smallest at which
            survival is 1 - p or less), midpoint (the middle of the stretch where it equals 1 - p, as
            in R), lower, upper; nan where the curve does not fall so far.
        """
        return Table._of(self._fitted().quantiles(p, self.interval, self.level))

    def restricted_mean(self, horizon: float | None = None) -> Table:
        """Return the mean times up to a horizon.

        Parameters
        ----------
        horizon : float, optional
            The last time observed by default.

        Returns
        -------
        Table
            A row a group: the columns of the groups, rows, events, mean, std_err, lower, upper.

        Raises
        ------
        ValueError
            For a horizon beyond the last time of a group that has not come down to 0.
        """
        native = self._fitted()
        until = self.last_time_ if horizon is None else horizon
        return Table._of(native.restricted_mean(until, self.level))

    def summary(self) -> str:
        """Return rows, events and medians with their intervals as text."""
        medians = self.quantile(0.5)
        curve = self.curve_
        percent = f"{self.level:.0%}"
        lines = [
            f"{type(self).__name__}: {self.n_rows_:,} rows, {self.n_events_:,} events, "
            f"{self.interval} intervals at {percent}"
        ]
        keys = list(zip(*(curve[name].tolist() for name in self.groups_), strict=True))
        if not self.groups_:
            keys = [()] * len(curve)
        rows: dict[tuple[Any, ...], list[int]] = {}
        for key, at_risk, events, censored in zip(
            keys, curve["at_risk"], curve["events"], curve["censored"], strict=True
        ):
            found = rows.setdefault(key, [0, 0])
            found[0] += int(events) + int(censored)
            found[1] += int(events)
            del at_risk
        head = (*self.groups_, "rows", "events", "median", f"lower {percent}", f"upper {percent}")
        cells = [
            (
                *(str(value) for value in key),
                f"{count[0]:,}",
                f"{count[1]:,}",
                *(number(medians[name][i]) for name in ("time", "lower", "upper")),
            )
            for i, (key, count) in enumerate(rows.items())
        ]
        return "\n".join([*lines, *text_table(head, cells)])


class NelsonAalen(_Curve):
    """The hazard to leave, added up over time (Nelson 1972; Aalen 1978).

    Parameters
    ----------
    interval : {"log", "plain"}
        Symmetric in the logarithm of the cumulative hazard, or in it.
    level : float
        Of the intervals.

    Attributes
    ----------
    curve_ : Table
        A row a group and distinct time: the columns of the groups, time, at_risk, events, censored,
        hazard (the sum of events / at risk so far), std_err, lower, upper.
    n_rows_, n_events_ : int
    last_time_ : float

    Examples
    --------
    >>> from patron.loyalty import NelsonAalen
    >>> NelsonAalen().fit([1, 2, 3, 4]).curve_["hazard"].round(4)
    array([0.25  , 0.5833, 1.0833, 2.0833])
    """

    def __init__(self, interval: Literal["log", "plain"] = "log", level: float = 0.95) -> None:
        self.interval = interval
        self.level = level

    @property
    def curve_(self) -> Table:
        curve = Table._of(self._fitted().curve(self.interval, self.level))
        columns = {n: curve[n] for n in (*self.groups_, "time", "at_risk", "events", "censored")}
        return Table({**columns, **{new: curve[old] for new, old in _HAZARD.items()}})

    def at(self, times: ColumnLike | float) -> CurvePoints:
        """Return the cumulative hazards at times.

        Parameters
        ----------
        times : float or array

        Returns
        -------
        CurvePoints
            A table with a row a group and time: the columns of the groups, time, at_risk, hazard,
            std_err, lower, upper. Where an array or a number is wanted, it is the hazard.
        """
        found = Table._of(self._fitted().at(times, self.interval, self.level))
        columns = {n: found[n] for n in (*self.groups_, "time", "at_risk")}
        hazards = {new: found[old] for new, old in _HAZARD.items()}
        return CurvePoints._on("hazard", Table({**columns, **hazards})._native)


class LogRank(NamedTuple):
    """Whether groups leave alike.

    Attributes
    ----------
    statistic : float
        Chi-square, if they do.
    degrees : int
        Groups less 1.
    p_value : float
    groups : Table
        A row a group: its columns, rows, observed and expected (events, as they count), and the
        variance of their difference.
    """

    statistic: float
    degrees: int
    p_value: float
    groups: Table


def log_rank(
    durations: ColumnLike,
    groups: Any,
    events: ColumnLike | None = None,
    *,
    entry: ColumnLike | None = None,
    weights: ColumnLike | None = None,
    strata: Any = None,
    rho: float = 0.0,
    gamma: float = 0.0,
    progress: Progress = None,
) -> LogRank:
    """Test whether groups leave alike.

    Parameters
    ----------
    durations, events, entry, weights
        As in `KaplanMeier.fit`; a weight stands for so many equal rows.
    groups : array of shape (n,) or mapping of names to such arrays
        What is compared.
    strata : array of shape (n,) or mapping of names to such arrays, optional
        Groups are compared within these only.
    rho, gamma : float
        An event counts for S^rho (1 - S)^gamma, S being the pooled survival of its stratum just
        before it (Fleming and Harrington): 0 and 0 is the log-rank test, 1 and 0 that of Peto and
        Peto, which looks at early events, 0 and 1 looks at late ones.
    progress : bool or callable, optional

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        As `KaplanMeier.fit`, and with fewer than two groups.
    patron.errors.FailedPreconditionError
        Without an event, or if no groups are ever at risk together.

    Examples
    --------
    >>> from patron.loyalty import log_rank
    >>> test = log_rank([1, 2, 3, 4, 5, 6], ["a", "a", "a", "b", "b", "b"])
    >>> round(test.statistic, 4), test.degrees, round(test.p_value, 4)
    (5.0517, 1, 0.0246)
    """
    table, reading, names = duration_table(
        durations, events, entry, weights, group=groups, stratum=strata
    )
    statistic, degrees, p_value, rows = _core.log_rank(
        table, (*reading, names["stratum"]), names["group"], rho, gamma, progress
    )
    return LogRank(statistic, degrees, p_value, Table._of(rows))


class Concordance(NamedTuple):
    """How often of two customers the one with the higher risk leaves first.

    Attributes
    ----------
    c_index : float
        Harrell's: (concordant + tied / 2) / all; 0.5 says nothing.
    std_err : float
        By the infinitesimal jackknife, as in R's survival.
    concordant, discordant, tied : float
        Pairs, by products of weights; tied are those of equal risk.
    """

    c_index: float
    std_err: float
    concordant: float
    discordant: float
    tied: float


def concordance(
    durations: ColumnLike,
    risk: ColumnLike,
    events: ColumnLike | None = None,
    *,
    entry: ColumnLike | None = None,
    weights: ColumnLike | None = None,
    strata: Any = None,
    progress: Progress = None,
) -> Concordance:
    """Measure how well a risk tells who leaves first.

    Parameters
    ----------
    durations, events, entry, weights
        As in `KaplanMeier.fit`.
    risk : array of shape (n,)
        Higher for those expected to leave sooner.
    strata : array of shape (n,) or mapping of names to such arrays, optional
        Customers are compared within these only.
    progress : bool or callable, optional

    Returns
    -------
    Concordance

    Examples
    --------
    >>> from patron.loyalty import concordance
    >>> concordance([1, 2, 3], [0.9, 0.1, 0.5]).c_index
    0.6666666666666666
    """
    table, reading, names = duration_table(durations, events, entry, weights, stratum=strata)
    table["risk"] = risk
    return Concordance(*_core.concordance(table, (*reading, names["stratum"]), "risk", progress))
