"""Tiers over time: who moved, when and why, and where everyone stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

from patron import _core
from patron._columns import with_whole
from patron.table import Table
from patron.value._migration import Migration, migration

if TYPE_CHECKING:
    from patron._typing import InstantLike, Money, Progress, TableLike

_PERIODS = ("day", "week", "month", "quarter", "year")
_EPOCH = date(1970, 1, 1)


class TierPolicy:
    """The policy of a tier programme. It cannot be changed once made.

    Parameters
    ----------
    levels : mapping of str to float, or sequence of pairs
        Levels from the lowest up, each with its floor: the least metric that earns it. The lowest
        level is everyone's; its floor is not tested.
    metric : {"sum", "purchases"}
        The sum of amounts, or the number of purchases. Any other metric is a column of its own,
        given as the amount.
    window : {"trailing_months", "trailing_days", "calendar", "anniversary", "lifetime"}
        Which days count on an evaluation: the last `length` months or days, those since the first
        day of the running `window_period`, since the last anniversary of the customer's first
        day, or all.
    length : int
        Of a trailing window.
    window_period : {"year", "quarter", "month", "week", "day"}
        Of a calendar window.
    evaluate : {"month", "quarter", "year", "week", "day", "anniversary"}, int, or sequence of dates
        When customers are looked at: on the first day of each period, on the anniversaries of
        their first day, every so many days (from `begin`, or from 1970-01-01), or on these days.
        What happens on the day of an evaluation counts at the next one.
    begin : date, optional
        No evaluation is before this day. At the first, customers of before it are placed at the
        level that they earn; all others begin at the lowest.
    promotion : {"evaluation", "purchase"}
        At evaluations alone, or at the end of the day of a purchase as well.
    demotion : {"one_level", "to_earned", "never"}
        What happens after `grace` evaluations in a row below margin x floor of the level.
    margin : float
        Above 0, up to 1.
    grace : int
        Evaluations in a row; the count begins anew after a change, and after one not below.
    stay_days : int
        For so many days after a promotion no evaluation counts as below.
    revoke_on_return : bool
        A level goes at once when a purchase that its promotion rests on is returned, so that what
        is left of the metric of that promotion is below the floor.
    entitlements : mapping of str to sequence of str, optional
        What each tier is entitled to.
    decimals : int
        Money is kept in units of 10**-decimals, rounded half to even; 0 to 9.

    Raises
    ------
    ValueError
        For floors that do not rise, names that repeat, a window of zero length, or an option out
        of range.

    Examples
    --------
    >>> import patron
    >>> policy = patron.value.TierPolicy(
    ...     {"basic": 0, "silver": 500, "gold": 1500},
    ...     window="trailing_months",
    ...     length=3,
    ...     entitlements={"gold": ["lounge"]},
    ... )
    >>> policy.tiers, policy.entitlements("gold")
    (['basic', 'silver', 'gold'], ['lounge'])
    """

    __slots__ = ("_native",)
    _native: _core.TierPolicy

    def __init__(
        self,
        levels: Mapping[str, float] | Sequence[tuple[str, float]],
        *,
        metric: Literal["sum", "purchases"] = "sum",
        window: Literal[
            "trailing_months", "trailing_days", "calendar", "anniversary", "lifetime"
        ] = "trailing_months",
        length: int = 12,
        window_period: Literal["day", "week", "month", "quarter", "year"] = "year",
        evaluate: str | int | Sequence[InstantLike] = "month",
        begin: InstantLike | None = None,
        promotion: Literal["evaluation", "purchase"] = "evaluation",
        demotion: Literal["one_level", "to_earned", "never"] = "one_level",
        margin: float = 0.8,
        grace: int = 2,
        stay_days: int = 0,
        revoke_on_return: bool = False,
        entitlements: Mapping[str, Sequence[str]] | None = None,
        decimals: int = 4,
    ) -> None:
        pairs = list(levels.items()) if isinstance(levels, Mapping) else list(levels)
        calendar, period, every, days = "period", "month", 30, list[Any]()
        if isinstance(evaluate, str):
            if evaluate == "anniversary":
                calendar = "anniversary"
            elif evaluate in _PERIODS:
                period = evaluate
            else:
                raise ValueError(
                    f"evaluate: {evaluate!r}; expected one of {', '.join(_PERIODS)}, anniversary, "
                    "a number of days, or dates"
                )
        elif isinstance(evaluate, (int, np.integer)):
            calendar, every = "every_days", int(evaluate)
        else:
            calendar, days = "days", list(evaluate)
        granted = [(t, e) for t, names in (entitlements or {}).items() for e in names]
        self._native = _core.TierPolicy.create(
            [name for name, _ in pairs],
            [floor for _, floor in pairs],
            {
                "tier": np.array([t for t, _ in granted], dtype=object),
                "entitlement": np.array([e for _, e in granted], dtype=object),
            },
            (
                decimals,
                metric,
                window,
                length,
                window_period,
                calendar,
                period,
                every,
                days,
                begin,
                promotion,
                demotion,
                margin,
                grace,
                stay_days,
                revoke_on_return,
            ),
        )

    @classmethod
    def _of(cls, native: _core.TierPolicy) -> TierPolicy:
        policy = cls.__new__(cls)
        policy._native = native
        return policy

    @property
    def levels(self) -> Table:
        """tier, floor and threshold (margin x floor), from the lowest up."""
        return Table._of(self._native.show()[1])

    @property
    def tiers(self) -> list[str]:
        """Names from the lowest up."""
        names: list[str] = self.levels["tier"].tolist()
        return names

    def entitlements(self, tier: str) -> list[str]:
        """Return what a tier is entitled to.

        Raises
        ------
        ValueError
            For a tier that the policy does not have.
        """
        if tier not in self.tiers:
            raise ValueError(f"tier: {tier!r}; expected one of {', '.join(self.tiers)}")
        granted = Table._of(self._native.show()[2])
        return [
            e for t, e in zip(granted["tier"], granted["entitlement"], strict=True) if t == tier
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments that make an equal policy."""
        options, levels, granted = self._native.show()
        table, rights = Table._of(levels), Table._of(granted)
        entitlements: dict[str, list[str]] = {}
        for tier, name in zip(rights["tier"], rights["entitlement"], strict=True):
            entitlements.setdefault(tier, []).append(name)
        calendar, period, every, days, begin = options[5:10]
        evaluate: object = {
            "period": period,
            "every_days": every,
            "anniversary": "anniversary",
            "days": [_EPOCH + timedelta(day) for day in days],
        }[calendar]
        return {
            "levels": dict(zip(table["tier"].tolist(), table["floor"].tolist(), strict=True)),
            "metric": options[1],
            "window": options[2],
            "length": options[3] or 12,
            "window_period": options[4],
            "evaluate": evaluate,
            "begin": None if begin is None else _EPOCH + timedelta(begin),
            "promotion": options[10],
            "demotion": options[11],
            "margin": options[12],
            "grace": options[13],
            "stay_days": options[14],
            "revoke_on_return": options[15],
            "entitlements": entitlements,
            "decimals": options[0],
        }

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal policies give equal bytes."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> TierPolicy:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        return cls._of(_core.TierPolicy.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return TierPolicy.from_bytes, (self.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TierPolicy):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        levels = self.levels
        shown = ", ".join(
            f"{t}: {f:g}" for t, f in zip(levels["tier"], levels["floor"], strict=True)
        )
        return f"TierPolicy({{{shown}}})"


class TierCounts(NamedTuple):
    """What a history counts.

    Attributes
    ----------
    until : date
        The day asked for, or the day after the last fact.
    customers : int
        Customers known by then.
    evaluations : int
        Of single customers.
    changes, promotions, demotions : int
        All changes, those up, and those down.
    reversals : int
        Changes that the very next evaluation undid.
    """

    until: date
    customers: int
    evaluations: int
    changes: int
    promotions: int
    demotions: int
    reversals: int


class TierStanding(NamedTuple):
    """Where one customer stands.

    Attributes
    ----------
    tier, automatic : str
        In force, and what the policy gives without levels set by hand.
    by_hand : bool
        Whether a level set by hand decides.
    since : date
        The day of the last change, or else of the placement or the first day.
    metric : float
        Over the window that ends with the day.
    evaluations_below : int
        In a row.
    """

    tier: str
    automatic: str
    by_hand: bool
    since: date
    metric: float
    evaluations_below: int


class TierHistory(Table):
    """One row a customer, by id: where it stands; see `TierBook.history`."""

    __slots__ = ("_changes", "counts")
    _changes: _core.Table
    counts: TierCounts

    @classmethod
    def _with(cls, standings: _core.Table, changes: _core.Table, counts: tuple[int, ...]) -> Self:
        table = cls._of(standings)
        table._changes = changes
        table.counts = TierCounts(_EPOCH + timedelta(counts[0]), *counts[1:])
        return table

    @property
    def changes(self) -> Table:
        """One row a change, by customer and time.

        customer_id, day, from, to, cause ("promoted", "demoted", "returned", "floor",
        "floor_ended", "override", "override_ended"), metric, floor (of the level won or lost),
        threshold (of a demotion) and evaluations_below.
        """
        return Table._of(self._changes)


class TierBook:
    """The facts of a tier programme.

    Tiers are a function of policy, facts and day alone: in which pieces and in which order facts
    arrive does not matter, and a book can be asked about any day.

    Parameters
    ----------
    policy : TierPolicy
        The rules of the programme.
    zone : str
        IANA time zone whose midnights part the days.

    Examples
    --------
    >>> from datetime import date
    >>> import patron
    >>> policy = patron.value.TierPolicy({"basic": 0, "gold": 100}, length=1)
    >>> book = patron.value.TierBook(policy)
    >>> book.append(
    ...     {"customer_id": ["ann"], "date": [date(2024, 1, 5)], "amount": [120.0]}
    ... )
    >>> book.standing("ann", until="2024-02-01").tier
    'gold'
    >>> history = book.history(until="2024-06-01")
    >>> [str(day) for day in history.changes["day"]], history.changes["cause"].tolist()
    (['2024-02-01', '2024-04-01'], ['promoted', 'demoted'])
    """

    __slots__ = ("_native", "_policy")

    def __init__(self, policy: TierPolicy, *, zone: str = "UTC") -> None:
        self._policy = policy
        self._native = _core.TierBook.create(policy._native, zone)

    @property
    def policy(self) -> TierPolicy:
        """The rules of the programme."""
        return self._policy

    def append(
        self,
        transactions: TableLike,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        transaction: str | None = None,
        reverses: str | None = None,
        amount_decimals: int = 0,
        progress: Progress = None,
    ) -> None:
        """Add purchases, and returns: rows with a negative amount.

        Parameters
        ----------
        transactions : table
            One row a transaction, in any order.
        customer, time, amount : str
            Columns, as in `summarize`.
        transaction : str, optional
            Column of ids, each once.
        reverses : str, optional
            Column with the transaction that a return takes back, null for other rows. The return
            then counts in the windows that hold its purchase; else it counts on its own day.
        amount_decimals : int
            Integer amounts are in units of 10**-amount_decimals.
        progress : bool or callable, optional
            As in `summarize`.

        Raises
        ------
        ValueError
            Naming column and row: a null or non-finite value, a transaction that is there already,
            a return of an unknown purchase, of another customer's, or of more than is left of it.
            Then nothing has been added.
        """
        self._native.append(
            with_whole(transactions, reverses),
            (customer, time, amount, None, transaction, None, "error", 4, amount_decimals),
            reverses,
            progress,
        )

    def set_by_hand(self, levels: TableLike, *, customer: str = "customer_id") -> None:
        """Add floors and overrides, which lie over what the policy gives.

        Parameters
        ----------
        levels : table
            Columns customer_id, tier, kind ("floor" lifts to the tier, "override" holds there),
            start and end: dates, from the first instant of `start` to that of `end`; a null end
            is none. Of several overrides the one that started last holds.
        customer : str
            Column of ids.

        Raises
        ------
        ValueError
            Naming column and row: an unknown tier or kind, or an end that is not after its start.
        """
        self._native.set(levels, customer)

    def history(
        self,
        until: InstantLike | None = None,
        *,
        money: Money = "float64",
        progress: Progress = None,
    ) -> TierHistory:
        """Tell what has become of all customers.

        Parameters
        ----------
        until : date, optional
            The first instant of this day, its evaluation included; by default the day after the
            last fact.
        money : {"float64", "units"}
            Form of sums: currency, or exact integers.
        progress : bool or callable, optional
            As in `summarize`.

        Returns
        -------
        TierHistory
            One row a customer, by id: customer_id, tier, automatic (without levels by hand),
            by_hand, since, metric, next_floor, threshold, evaluations_below. `changes` has one row
            a change, `counts` the totals.
        """
        return TierHistory._with(*self._native.history(until, money, progress))

    def standing(self, customer: int | str, until: InstantLike | None = None) -> TierStanding:
        """Tell where one customer stands.

        Raises
        ------
        KeyError
            For a customer that is not known by that day.
        """
        level, automatic, by_hand, since, metric, below = self._native.standing(customer, until)
        tiers = self._policy.tiers
        return TierStanding(
            tiers[level],
            tiers[automatic],
            by_hand,
            _EPOCH + timedelta(since),
            metric,
            below,
        )

    def migration(
        self, before: InstantLike, after: InstantLike, *, smoothing: float = 0.0
    ) -> Migration:
        """Count who went from which tier to which between two days; see `migration`."""
        was, now = self.history(before), self.history(after)
        known = np.isin(now["customer_id"], was["customer_id"])
        tiers = np.full(len(now), None, dtype=object)
        tiers[known] = was["tier"]
        return migration(
            {"before": tiers, "after": now["tier"], "new": ~known},
            tiers=self._policy.tiers,
            new="new",
            smoothing=smoothing,
        )


def tiers(
    transactions: TableLike,
    policy: TierPolicy,
    *,
    until: InstantLike | None = None,
    by_hand: TableLike | None = None,
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    transaction: str | None = None,
    reverses: str | None = None,
    zone: str = "UTC",
    amount_decimals: int = 0,
    money: Money = "float64",
    progress: Progress = None,
) -> TierHistory:
    """Follow customers through the tiers of a programme, all at once.

    Parameters
    ----------
    transactions : table
        One row a transaction, in any order; a negative amount is a return.
    policy : TierPolicy
        The rules of the programme.
    until, money, progress
        As in `TierBook.history`.
    by_hand : table, optional
        As in `TierBook.set_by_hand`.
    customer, time, amount, transaction, reverses, amount_decimals
        As in `TierBook.append`.
    zone : str
        IANA time zone whose midnights part the days.

    Returns
    -------
    TierHistory
        As `TierBook.history` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> policy = patron.value.TierPolicy({"basic": 0, "gold": 100}, length=1)
    >>> history = patron.value.tiers(
    ...     {
    ...         "customer_id": [1, 2],
    ...         "date": np.array(["2024-01-05", "2024-01-20"], "datetime64[D]"),
    ...         "amount": [120.0, 99.0],
    ...     },
    ...     policy,
    ...     until="2024-02-01",
    ... )
    >>> history["tier"].tolist(), history.counts.promotions
    (['gold', 'basic'], 1)
    """
    book = TierBook(policy, zone=zone)
    book.append(
        transactions,
        customer=customer,
        time=time,
        amount=amount,
        transaction=transaction,
        reverses=reverses,
        amount_decimals=amount_decimals,
        progress=progress,
    )
    if by_hand is not None:
        book.set_by_hand(by_hand, customer=customer)
    return book.history(until, money=money, progress=progress)
