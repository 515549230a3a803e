"""Priority of complaints, their causes, and customers who complain out of habit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from patron import _core
from patron.complaints._instants import instants
from patron.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patron._typing import ColumnLike

_WEIGHTS = {"severity": 40.0, "value": 20.0, "media": 20.0, "repeat": 10.0, "age": 10.0}


def given(**columns: object) -> dict[str, object]:
    """Return the columns that are there."""
    return {name: values for name, values in columns.items() if values is not None}


def priority(
    severity: ColumnLike,
    *,
    value: ColumnLike | None = None,
    media: ColumnLike | None = None,
    repeats: ColumnLike | None = None,
    age: ColumnLike | None = None,
    crisis: ColumnLike | None = None,
    weights: Mapping[str, float] | None = None,
) -> Table:
    """Score cases from 0 to 100 by how urgent they are.

    The score is the weighted sum of (severity - 1) / 3, value, media, 1 - exp(-repeats / 2) and
    min(age, 1), and monotone in each. Severity 4 and a crisis are 100 whatever the rest says.

    Parameters
    ----------
    severity : array of shape (n,)
        1 inconvenience, 2 failed service, 3 major loss or vulnerable customer, 4 safety, law or
        discrimination.
    value : array of shape (n,), optional
        Share of customers who are worth less, 0 to 1.
    media : array of shape (n,), optional
        Risk of exposure, 0 to 1.
    repeats : array of shape (n,), optional
        Earlier complaints about the same, 0 or more.
    age : array of shape (n,), optional
        Time used of the limit, 0 or more; 1 is due.
    crisis : array of shape (n,), optional
        Whether the case is a media crisis.
    weights : mapping, optional
        Points of "severity", "value", "media", "repeat" and "age"; 40, 20, 20, 10 and 10 where none
        are given. A weight of 0 leaves a part out and scales the others up to 100: regulated
        schemes forbid that the value of the customer counts.

    Returns
    -------
    Table
        score, what each part adds to it (severity, value, media, repeat, age), and overridden.

    Raises
    ------
    ValueError
        For values out of range, naming the row, and unknown or negative weights.

    Examples
    --------
    >>> from patron.complaints import priority
    >>> scores = priority([1, 3, 4], value=[0.9, 0.1, 0.5])
    >>> scores["score"].round(2)
    array([ 18.  ,  28.67, 100.  ])
    >>> priority([1, 3], value=[0.9, 0.1], weights={"value": 0})["score"].round(2)
    array([ 0.  , 33.33])
    """
    points = dict(_WEIGHTS)
    for name, weight in (weights or {}).items():
        if name not in points:
            raise ValueError(f"weights: {name!r}; expected {', '.join(_WEIGHTS)}")
        points[name] = weight
    table = given(
        severity=severity, value=value, media=media, repeats=repeats, age=age, crisis=crisis
    )
    return Table._of(_core.priority(table, list(points.values())))


def causes() -> Table:
    """Return the first level of the taxonomy of causes: code, name.

    Codes of the second level are one's own: the code of the first, a dot and a name, such as
    "delivery.late".

    Examples
    --------
    >>> from patron.complaints import causes
    >>> causes()["code"][:3].tolist()
    ['quality', 'delivery', 'specification']
    """
    return Table._of(_core.causes())


def rank_causes(
    cause: ColumnLike,
    *,
    severity: ColumnLike | None = None,
    cost: ColumnLike | None = None,
    by: Literal["cases", "severity", "cost"] = "cases",
    levels: Literal[1, 2] = 2,
    vital: float = 0.8,
) -> Table:
    """Rank the causes of cases (Pareto), and mark the vital few.

    Parameters
    ----------
    cause : array of shape (n,)
        The code of each case.
    severity : array of shape (n,), optional
        Integers, 0 or more.
    cost : array of shape (n,), optional
        Numbers, 0 or more.
    by : {"cases", "severity", "cost"}
        What they are ranked by: number, sum of severity, or sum of cost.
    levels : {2, 1}
        1 counts codes of the second level under the first.
    vital : float
        Share of the vital few.

    Returns
    -------
    Table
        By falling weight, ties by code: cause, cases, severity, cost (sums; 0 without them), share
        and cumulative of the weight, and vital (in the smallest head that has the share).

    Raises
    ------
    ValueError
        For empty codes and negative values, naming the row, or a weight that is not given.

    Examples
    --------
    >>> from patron.complaints import rank_causes
    >>> ranked = rank_causes(["staff", "price", "price", "delivery.late"])
    >>> ranked["cause"].tolist(), ranked["cumulative"].tolist()
    (['price', 'delivery.late', 'staff'], [0.5, 0.75, 1.0])
    """
    table = given(cause=cause, severity=severity, cost=cost)
    return Table._of(_core.rank_causes(table, by, levels, vital))


def systemic_causes(
    cause: ColumnLike,
    received: ColumnLike,
    *,
    cases: int,
    window_days: float,
    levels: Literal[1, 2] = 2,
) -> Table:
    """Find when a cause came so often that the system is at fault rather than a day.

    Parameters
    ----------
    cause : array of shape (n,)
        The code of each case, in any order.
    received : array of shape (n,)
        Instants.
    cases : int
        How many within a window are too many; 2 or more.
    window_days : float
        Length of a window. Cases just so far apart do not share one.
    levels : {2, 1}
        1 counts codes of the second level under the first.

    Returns
    -------
    Table
        One row a stretch, by cause and time: cause, first, alarm (when the limit was reached), last,
        cases, highest (most within one window).

    Examples
    --------
    >>> from patron.complaints import systemic_causes
    >>> days = ["2024-01-01", "2024-01-03", "2024-01-04", "2024-03-01"]
    >>> found = systemic_causes(["price"] * 4, days, cases=3, window_days=7)
    >>> found["cases"].tolist(), found["alarm"].astype("M8[D]").astype(str).tolist()
    ([3], ['2024-01-04'])
    """
    table = {"cause": cause, "received": instants(received, "received")}
    window = round(window_days * 86_400_000_000)
    return Table._of(_core.systemic_causes(table, cases, window, levels))


class HabitualComplainers(Table):
    """One row a customer: expected, p_value, adjusted, flagged.

    Attributes
    ----------
    rate : float
        Complaints per unit of exposure in the segment.
    dispersion : float
        k of the negative binomial distribution; inf where counts vary no more than Poisson's do.
    upheld_lower : float
        Wilson's lower bound of the share of complaints that was upheld.
    """

    __slots__ = ("dispersion", "rate", "upheld_lower")
    rate: float
    dispersion: float
    upheld_lower: float


def habitual_complainers(
    complaints: ColumnLike,
    exposure: ColumnLike,
    upheld: ColumnLike,
    *,
    alpha: float = 0.001,
    level: float = 0.95,
) -> HabitualComplainers:
    """Flag customers of one segment who complain far more than their like, and without reason.

    A flag is a reason to look, never to reject. Flagged is who has more complaints than chance
    gives to anybody of the segment (negative binomial by exposure, Benjamini and Hochberg over all
    customers), upheld less often than the lower bound of the segment. Each customer is judged by
    the rate, the dispersion and the upheld share of all others.

    Parameters
    ----------
    complaints : array of shape (n,)
        Counts.
    exposure : array of shape (n,)
        Orders or months, above 0.
    upheld : array of shape (n,)
        How many of the complaints were.
    alpha : float
        Share of false alarms among the flagged.
    level : float
        Of Wilson's interval.

    Returns
    -------
    HabitualComplainers

    Examples
    --------
    >>> from patron.complaints import habitual_complainers
    >>> found = habitual_complainers([1] * 500 + [25], [12] * 501, [1] * 500 + [0])
    >>> int(found["flagged"].sum()), bool(found["flagged"][-1])
    (1, True)
    """
    table = {"complaints": complaints, "exposure": exposure, "upheld": upheld}
    native, (_, rate, dispersion, upheld_lower) = _core.habitual(table, alpha, level)
    found = HabitualComplainers._of(native)
    found.rate, found.dispersion, found.upheld_lower = rate, dispersion, upheld_lower
    return found
