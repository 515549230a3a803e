"""What complaints cost, what handling them brings back, and which come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from patron import _core
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike


def priority(
    cases: TableLike,
    *,
    severity: str = "severity",
    media: str | None = "media",
    tier: str | None = None,
    repeats: str | None = None,
    age: str | None = None,
) -> Table:
    """Score cases from 0 to 100 by how urgent they are.

    40 s + 20 v + 20 m + 10 r + 10 a with s = (severity - 1) / 3, v the tier, m = media / 2,
    r = 1 - exp(-repeats / 2) and a = min(1, age); 100 at severity 4 or in a media crisis. Never less
    for more of anything.

    Parameters
    ----------
    cases : table
        One row a case, such as `Casebook.cases`.
    severity : str
        Column: 1 inconvenience, 2 failure of a service, 3 major, 4 safety or law, 0 not assessed.
    media : str, optional
        Column: 0 none, 1 watch, 2 crisis.
    tier : str, optional
        Column: place of the customer's value among all, 0 to 1. Left out, all customers are treated
        alike, as the law wants it where complaints are regulated.
    repeats : str, optional
        Column: earlier complaints about the same.
    age : str, optional
        Column: share of its time that is used up.

    Returns
    -------
    Table
        priority, in the order of the rows.

    Examples
    --------
    >>> from patron.complaints import priority
    >>> priority({"severity": [1, 3, 4], "media": [0, 1, 0]})["priority"].round(2)
    array([  0.  ,  36.67, 100.  ])
    """
    return Table._of(_core.priority(cases, (severity, media, tier, repeats, age)))


def pareto(
    cases: TableLike,
    *,
    cause: str = "cause",
    by: Literal["count", "severity", "cost"] = "count",
    severity: str = "severity",
    cost: str = "cost",
    share: float = 0.8,
) -> Table:
    """Return causes by what they weigh, the heaviest first; equal ones in order of their ids.

    Parameters
    ----------
    cases : table
        One row a case.
    cause : str
        Column of causes: numbers or text.
    by : {"count", "severity", "cost"}
        What weighs: cases, sums of severity, or sums of cost.
    severity, cost : str
        Columns of what is summed.
    share : float
        Of the whole that the vital few have together.

    Returns
    -------
    Table
        cause, cases, weight, share, cumulative, and vital: whether it is one of the smallest number
        of causes that have `share` of the whole together.

    Examples
    --------
    >>> from patron.complaints import pareto
    >>> pareto({"cause": ["late", "late", "late", "rude", "price"]})["vital"]
    array([ True,  True, False])
    """
    return Table._of(_core.pareto(cases, (cause, by, severity, cost, share)))


class Iceberg(NamedTuple):
    """Problems behind the complaints of a register; intervals are (low, high).

    Attributes
    ----------
    share : float
        Of problems that come to the register.
    multiplier : float
        Problems for each complaint.
    problems, silent : float
        All, and those without a complaint.
    share_interval, multiplier_interval, problems_interval : tuple of float
    """

    share: float
    multiplier: float
    problems: float
    silent: float
    share_interval: tuple[float, float]
    multiplier_interval: tuple[float, float]
    problems_interval: tuple[float, float]


def iceberg(
    complaints: float,
    share: float | Sequence[float] | None = None,
    *,
    survey: tuple[float, float] | None = None,
    level: float = 0.95,
) -> Iceberg:
    """Estimate how many customers had a problem, from those who are in the register.

    Parameters
    ----------
    complaints : float
        In the register.
    share : float or sequence of float
        Of problems that come to the register; several are multiplied: who speaks, whose words
        reach the register, what is written down.
    survey : (int, int)
        Instead of a share: so many of so many customers with a problem came to the register. Gives
        intervals by the method of Wilson.
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        For a share that is not above 0 and at most 1, and a survey without a hit.

    Examples
    --------
    >>> from patron.complaints import iceberg
    >>> found = iceberg(100, survey=(120, 400))
    >>> round(found.multiplier, 3), [round(m, 3) for m in found.multiplier_interval]
    (3.333, [2.885, 3.889])
    >>> iceberg(100, 0.04).silent
    2400.0
    """
    if (share is None) == (survey is None):
        raise InvalidArgumentError("share: expected either a share or a survey")
    if survey is not None:
        hits, trials = survey
        if not trials > 0:
            raise InvalidArgumentError(f"survey: {trials} customers; expected above 0")
        return Iceberg(*_core.iceberg((complaints, 1.0, hits, trials, level)))
    product = 1.0
    for each in share if isinstance(share, Sequence) else [share]:
        product *= each  # type: ignore[operator]
    return Iceberg(*_core.iceberg((complaints, product, 0.0, 0.0, level)))


class Damage(NamedTuple):
    """Customers that problems and their handling lose.

    Attributes
    ----------
    lost : float
        Customers.
    at_risk : float
        Their value.
    lost_silent, lost_satisfied, lost_mollified, lost_dissatisfied : float
        Those of `lost` by what became of their problem.
    """

    lost: float
    at_risk: float
    lost_silent: float
    lost_satisfied: float
    lost_mollified: float
    lost_dissatisfied: float

    def gain_over(self, before: Damage, cost: float) -> float:
        """Return (gain - cost) / cost of a measure that led from `before` to this."""
        if not cost > 0:
            raise InvalidArgumentError(f"cost: {cost}; expected above 0")
        return (before.at_risk - self.at_risk - cost) / cost


def market_damage(
    customers: float,
    *,
    problem_rate: float,
    voice_rate: float,
    satisfied: float,
    mollified: float,
    loyal: float,
    loyal_satisfied: float,
    loyal_mollified: float,
    loyal_dissatisfied: float,
    loyal_silent: float,
    value: float,
) -> Damage:
    """Return what problems cost in customers, by Goodman's model; all rates are shares.

    Parameters
    ----------
    customers : float
    problem_rate : float
        Of customers.
    voice_rate : float
        Of those with a problem, who complain.
    satisfied, mollified : float
        Of those who complain; the others are dissatisfied.
    loyal : float
        Share that stays: without a problem,
    loyal_satisfied, loyal_mollified, loyal_dissatisfied : float
        after a complaint,
    loyal_silent : float
        with a problem and no complaint.
    value : float
        Of a customer.

    Examples
    --------
    >>> from patron.complaints import market_damage
    >>> rates = dict(problem_rate=0.3, satisfied=0.4, mollified=0.3, loyal=0.9, value=500)
    >>> rates |= dict(loyal_satisfied=0.85, loyal_mollified=0.7, loyal_dissatisfied=0.45)
    >>> before = market_damage(10_000, voice_rate=0.25, loyal_silent=0.6, **rates)
    >>> round(before.lost, 2), round(before.at_risk)
    (836.25, 418125)
    >>> after = market_damage(10_000, voice_rate=0.35, loyal_silent=0.6, **rates)
    >>> round(before.at_risk - after.at_risk)
    12750
    """
    return Damage(
        *_core.market_damage(
            (
                customers,
                problem_rate,
                voice_rate,
                satisfied,
                mollified,
                loyal,
                loyal_satisfied,
                loyal_mollified,
                loyal_dissatisfied,
                loyal_silent,
                value,
            )
        )
    )


def return_rates(own: TableLike | None = None, *, weight: float = 20, level: float = 0.95) -> Table:
    """Return the shares of customers that come back, by what became of their complaint.

    Parameters
    ----------
    own : table, optional
        Own cases: outcome ("silent", "unresolved", "resolved", "resolved_fast"), loss ("minor",
        "major") and returned (bool). They update the shares of the literature, which are the
        defaults called "return_rate_…" (see `patron.defaults`).
    weight : float
        So many cases is what the literature counts for.
    level : float
        Of the intervals, which are of the Beta distribution.

    Returns
    -------
    Table
        outcome, loss, prior, cases, returned, mean, low, high.

    Examples
    --------
    >>> from patron.complaints import return_rates
    >>> return_rates()["mean"]
    array([0.37, 0.09, 0.46, 0.19, 0.7 , 0.54, 0.95, 0.82])
    """
    return Table._of(_core.return_rates(own, weight, level))
