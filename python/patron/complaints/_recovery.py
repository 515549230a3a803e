"""What complaints cost, what to offer, whether customers come back, what handling is worth."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from patron import _core
from patron.complaints._causes import given
from patron.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patron._typing import ColumnLike, TableLike

_OUTCOMES = ("satisfied", "mollified", "dissatisfied", "silent")


def case_costs(
    minutes: ColumnLike,
    rate: float,
    *,
    remedy: ColumnLike | None = None,
    freight: ColumnLike | None = None,
    write_off: ColumnLike | None = None,
    fines: ColumnLike | None = None,
    return_probability: ColumnLike | None = None,
    value: ColumnLike | None = None,
) -> Table:
    """Tell what cases cost.

    Parameters
    ----------
    minutes : array of shape (n,)
        Of handling.
    rate : float
        Cost of a minute.
    remedy, freight, write_off, fines : array of shape (n,), optional
        Amounts, 0 or more.
    return_probability : array of shape (n,), optional
        That the customer buys again, 0 to 1; without it that is certain.
    value : array of shape (n,), optional
        What the customer would still be worth.

    Returns
    -------
    Table
        handling (minutes * rate), lost ((1 - return_probability) * value) and cost, all together.

    Examples
    --------
    >>> from patron.complaints import case_costs
    >>> case_costs([30, 10], 0.8, remedy=[50, 0], return_probability=[0.7, 0.95], value=[400, 400])[
    ...     "cost"
    ... ].round(2)
    array([194.,  28.])
    """
    table = given(
        minutes=minutes,
        remedy=remedy,
        freight=freight,
        write_off=write_off,
        fines=fines,
        return_probability=return_probability,
        value=value,
    )
    return Table._of(_core.case_costs(table, rate))


def propose_compensation(
    loss: ColumnLike,
    severity: ColumnLike,
    *,
    tier: ColumnLike | None = None,
    limit: ColumnLike | None = None,
    loss_share: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    goodwill: Sequence[Sequence[float]] | None = None,
) -> Table:
    """Propose what to offer: a share of the loss, goodwill by severity and tier, within a limit.

    Parameters
    ----------
    loss : array of shape (n,)
        0 or more.
    severity : array of shape (n,)
        1 to 4.
    tier : array of shape (n,), optional
        Of the customer, from 0; needed for goodwill of more than one.
    limit : array of shape (n,), optional
        Authority left of whoever offers.
    loss_share : sequence of 4 floats
        Of the loss made good, by severity.
    goodwill : 4 rows of one amount a tier, optional
        Added by severity and tier. There are no published figures but that returns diminish with
        size (Albrecht et al. 2018).

    Returns
    -------
    Table
        wanted, proposed (at most the limit), capped.

    Examples
    --------
    >>> from patron.complaints import propose_compensation
    >>> goodwill = [[0, 0], [5, 10], [20, 40], [50, 100]]
    >>> propose_compensation([80, 80], [2, 3], tier=[1, 1], limit=[100, 100], goodwill=goodwill)[
    ...     "proposed"
    ... ]
    array([ 90., 100.])
    """
    rows = [] if goodwill is None else [list(row) for row in goodwill]
    tiers = len(rows[0]) if rows else 0
    amounts = [float(amount) for row in rows for amount in row]
    if rows and (len(rows) != 4 or any(len(row) != tiers for row in rows)):
        shape = f"{len(rows)} rows of {sorted({len(row) for row in rows})} amounts"
        raise ValueError(f"goodwill: {shape}; expected 4 rows, one amount a tier each")
    table = given(loss=loss, severity=severity, tier=tier, limit=limit)
    if tier is None and tiers == 1:
        table["tier"] = np.zeros(len(Table({"loss": loss})), dtype=np.int64)
    return Table._of(_core.compensation(table, list(loss_share), amounts, tiers))


def return_rates(
    cases: TableLike | None = None,
    *,
    major: Sequence[float] | None = None,
    minor: Sequence[float] | None = None,
    weight: float = 20.0,
    level: float = 0.95,
) -> Table:
    """Estimate how likely customers come back, by how they were handled and what they lost.

    Parameters
    ----------
    cases : table, optional
        One row a case of one's own: handling ("silent", "unresolved", "resolved",
        "resolved_quickly"), minor (whether the loss was), returned.
    major, minor : sequence of 4 floats, optional
        Prior rates in that order; those of TARP by default: 0.09, 0.19, 0.54, 0.82 after a major
        loss and 0.37, 0.46, 0.70, 0.95 after a minor one. Those of silent customers are quoted
        with them everywhere, but their source could not be read.
    weight : float
        What the prior is worth, in cases.
    level : float
        Of the intervals.

    Returns
    -------
    Table
        handling, minor, prior, returned, cases, rate (mean of the Beta distribution), lower, upper.

    Examples
    --------
    >>> from patron.complaints import return_rates
    >>> cases = {"handling": ["resolved"] * 20, "minor": [True] * 20, "returned": [True] * 20}
    >>> rates = return_rates(cases)
    >>> float(rates["rate"][5].round(2))
    0.85
    """
    return Table._of(_core.returns(cases, major, minor, weight, level))


def recovery_value(p_handled: float, p_unhandled: float, value: float, cost: float) -> float:
    """Tell what handling a case is worth: (p_handled - p_unhandled) * value - cost.

    Parameters
    ----------
    p_handled, p_unhandled : float
        Probability that the customer returns, with and without.
    value : float
        What the customer would still be worth.
    cost : float
        Of handling.

    Examples
    --------
    >>> from patron.complaints import recovery_value
    >>> round(recovery_value(0.54, 0.09, 1000, 60), 9)
    390.0
    """
    return _core.recovery_value(p_handled, p_unhandled, value, cost)


def voice_rates() -> Table:
    """Return published shares of problems that reach the register: name, rate, source."""
    return Table._of(_core.voice_rates())


class ComplaintPyramid(NamedTuple):
    """How many problems stand behind complaints; intervals are pairs.

    Attributes
    ----------
    rate : float
        Share of problems that reach the register.
    multiplier : float
        Problems for one complaint: 1 / rate.
    problems : float
        Customers with one.
    silent : float
        Those who are not in the register.
    rate_interval, multiplier_interval, problems_interval, silent_interval : tuple of float
    """

    rate: float
    multiplier: float
    problems: float
    silent: float
    rate_interval: tuple[float, float]
    multiplier_interval: tuple[float, float]
    problems_interval: tuple[float, float]
    silent_interval: tuple[float, float]


def complaint_pyramid(
    complaints: float,
    rate: float | str | None = None,
    *,
    sample: tuple[float, float] | None = None,
    level: float = 0.95,
) -> ComplaintPyramid:
    """Estimate how many problems stand behind the complaints in the register.

    Parameters
    ----------
    complaints : float
        In the register.
    rate : float or str, optional
        Share of problems that get there: a number, or a name of `voice_rates`: "four_percent",
        "tarp", "british_airways", "british_airways_front_line".
    sample : (reported, asked), optional
        Instead: of `asked` customers with a problem, `reported` are in the register.
    level : float
        Of the intervals. That of the rate is Wilson's; that of the problems adds that as many
        complaints could have come by chance.

    Returns
    -------
    ComplaintPyramid

    Examples
    --------
    >>> from patron.complaints import complaint_pyramid
    >>> complaint_pyramid(40, 0.04).problems
    1000.0
    >>> [round(m, 3) for m in complaint_pyramid(40, sample=(120, 400)).multiplier_interval]
    [2.885, 3.889]
    """
    if (rate is None) == (sample is None):
        raise ValueError("rate: give either a rate or a sample")
    share = float("nan")
    if isinstance(rate, str):
        known = _core.voice_rates()
        names = Table._of(known)["name"].tolist()
        if rate not in names:
            raise ValueError(f"rate: {rate!r}; expected a number or {', '.join(names)}")
        share = float(Table._of(known)["rate"][names.index(rate)])
    elif rate is not None:
        share = float(rate)
        if share != share:
            raise ValueError("rate: nan; expected above 0, at most 1")
    reported, asked = sample or (0.0, 0.0)
    found = _core.complaint_pyramid(complaints, share, reported, asked, level)
    return ComplaintPyramid(
        rate=found[0],
        multiplier=found[3],
        problems=found[6],
        silent=found[9],
        rate_interval=(found[1], found[2]),
        multiplier_interval=(found[4], found[5]),
        problems_interval=(found[7], found[8]),
        silent_interval=(found[10], found[11]),
    )


def pyramid_conversion(counts: Sequence[float], *, level: float = 0.95) -> Table:
    """Tell what share of each level of the complaint pyramid is found on the next.

    Parameters
    ----------
    counts : sequence of int
        From the widest level to the top (silent, front line, register, management, external),
        none above the one before it.
    level : float
        Of Wilson's intervals.

    Returns
    -------
    Table
        share, lower, upper; one row fewer than counts; nan above an empty level.

    Examples
    --------
    >>> from patron.complaints import pyramid_conversion
    >>> pyramid_conversion([1000, 40, 8])["share"]
    array([0.04, 0.2 ])
    """
    return Table._of(_core.conversion(list(counts), level))


class Damage(NamedTuple):
    """Customers lost through problems, and their value.

    Attributes
    ----------
    lost : float
        Customers.
    at_risk : float
        Their value.
    word_of_mouth : float
        Value of those lost through others.
    total : float
        Both.
    """

    lost: float
    at_risk: float
    word_of_mouth: float
    total: float


class MarketDamage(NamedTuple):
    """Market damage, and the bounds that the samples leave; None without samples.

    Attributes
    ----------
    damage : Damage
    lower, upper : Damage or None
    """

    damage: Damage
    lower: Damage | None
    upper: Damage | None

    @property
    def lost(self) -> float:
        """Customers lost."""
        return self.damage.lost

    @property
    def at_risk(self) -> float:
        """Their value."""
        return self.damage.at_risk

    @property
    def total(self) -> float:
        """Their value, and that of those lost through others."""
        return self.damage.total


def _share(value: float | tuple[float, float], name: str) -> tuple[float, float]:
    """Return a share and the size of its sample, 0 if it is known."""
    if isinstance(value, tuple):
        if len(value) != 2:
            raise ValueError(f"{name}: {len(value)} numbers; expected (share, sample)")
        return float(value[0]), float(value[1])
    return float(value), 0.0


def _by_outcome(values: Mapping[str, object] | None, name: str) -> list[object]:
    found: dict[str, object] = dict.fromkeys(_OUTCOMES, 0.0)
    for outcome, value in (values or {}).items():
        if outcome not in found:
            raise ValueError(f"{name}: {outcome!r}; expected {', '.join(_OUTCOMES)}")
        found[outcome] = value
    return list(found.values())


def market_damage(
    customers: float,
    value: float,
    *,
    problem_rate: float | tuple[float, float],
    voice_rate: float | tuple[float, float],
    satisfied: float,
    mollified: float,
    answer_sample: float = 0.0,
    loyalty_none: float | tuple[float, float],
    loyalty: Mapping[str, float | tuple[float, float]],
    tellers: Mapping[str, float] | None = None,
    influence: Mapping[str, float] | None = None,
    draws: int = 4000,
    seed: int = 1,
    level: float = 0.95,
) -> MarketDamage:
    """Tell what problems cost in customers who do not come back (after Goodman).

    A share may be a number, or a pair of it and the size of the sample it was measured on; with any
    sample there are bounds: the middle `level` of draws from what the samples leave open.

    Parameters
    ----------
    customers : float
        How many there are.
    value : float
        What one is worth.
    problem_rate : float or (float, float)
        Share with a problem.
    voice_rate : float or (float, float)
        Share of those who complain.
    satisfied, mollified : float
        Shares of those who complain, by how they take the answer; the rest is dissatisfied.
    answer_sample : float
        The size of the sample of both; 0 takes them as known.
    loyalty_none : float or (float, float)
        Share who stay without a problem.
    loyalty : mapping
        Shares who stay, by outcome: "satisfied", "mollified", "dissatisfied" and "silent", all four.
    tellers : mapping, optional
        People told by one customer, by outcome.
    influence : mapping, optional
        Share of those told who are lost by it, by outcome; below 0 if they are won.
    draws, seed, level
        Of the bounds.

    Returns
    -------
    MarketDamage

    Warns
    -----
    UserWarning
        If satisfied complainants are said to be more loyal than customers without a problem on a
        sample below 100: over many studies that does not hold for repurchase (de Matos, Henrique
        and Rossi 2007).

    Examples
    --------
    >>> from patron.complaints import market_damage
    >>> loyalty = {"satisfied": 0.85, "mollified": 0.7, "dissatisfied": 0.45, "silent": 0.6}
    >>> found = market_damage(10_000, 500, problem_rate=0.3, voice_rate=0.25, satisfied=0.4,
    ...                       mollified=0.3, loyalty_none=0.9, loyalty=loyalty)
    >>> round(found.lost, 6), round(found.at_risk, 6)
    (836.25, 418125.0)
    """
    missing = [outcome for outcome in _OUTCOMES if outcome not in loyalty]
    if missing:
        raise ValueError(f"loyalty: nothing for {', '.join(missing)}; expected all four outcomes")
    problem = _share(problem_rate, "problem_rate")
    voice = _share(voice_rate, "voice_rate")
    unharmed = _share(loyalty_none, "loyalty_none")
    stays = [_share(share, "loyalty") for share in _by_outcome(loyalty, "loyalty")]  # type: ignore[arg-type]
    if stays[0][0] > unharmed[0] and 0 < stays[0][1] < 100:
        warnings.warn(
            "loyalty: satisfied complainants above customers without a problem, on a sample below"
            " 100; over many studies this does not hold for repurchase",
            UserWarning,
            stacklevel=2,
        )
    interval = answer_sample > 0 or any(n > 0 for _, n in [problem, voice, unharmed, *stays])
    arguments = (customers, value, *problem, *voice, satisfied, mollified, answer_sample)
    damage, lower, upper = _core.market_damage(
        (*arguments, *unharmed, draws, seed, level),
        [share for share, _ in stays],
        [sample for _, sample in stays],
        _by_outcome(tellers, "tellers"),
        _by_outcome(influence, "influence"),
        interval,
    )
    if not interval:
        return MarketDamage(Damage(*damage), None, None)
    return MarketDamage(Damage(*damage), Damage(*lower), Damage(*upper))


class HandlingReturn(NamedTuple):
    """What a measure gains, and its return.

    Attributes
    ----------
    gain : float
        Damage before less damage after.
    roi : float
        (gain - cost) / cost.
    """

    gain: float
    roi: float


def return_on_handling(before: MarketDamage, after: MarketDamage, cost: float) -> HandlingReturn:
    """Tell what a measure is worth that turns one market damage into another.

    Parameters
    ----------
    before, after : MarketDamage
    cost : float
        Of the measure, above 0.

    Examples
    --------
    >>> from patron.complaints import market_damage, return_on_handling
    >>> known = dict(problem_rate=0.3, satisfied=0.4, mollified=0.3, loyalty_none=0.9, loyalty={
    ...     "satisfied": 0.85, "mollified": 0.7, "dissatisfied": 0.45, "silent": 0.6})
    >>> before = market_damage(10_000, 500, voice_rate=0.25, **known)
    >>> after = market_damage(10_000, 500, voice_rate=0.35, **known)
    >>> gain, roi = return_on_handling(before, after, cost=5_000)
    >>> round(gain, 6), round(roi, 6)
    (12750.0, 1.55)
    """
    if not cost > 0:
        raise ValueError(f"cost: {cost}; expected more than 0")
    gain = before.total - after.total
    return HandlingReturn(gain, (gain - cost) / cost)
