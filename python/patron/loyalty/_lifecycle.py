"""The life of customer relationships, from potential to won back, each change with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from patron import _core
from patron.table import Table
from patron.value import Ledger

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike


class LifecycleRules(NamedTuple):
    """When a relationship is in which stage.

    Gaps are the days between purchase days; a customer's usual gap is the median of its own, if
    there are `min_gaps` of them, else `default_gap`.

    Attributes
    ----------
    new_days : int
        After which who is new, or won back, is mature.
    mature_purchases : int
        Or on so many purchase days since.
    min_gaps : int
    default_gap : float
        Days.
    dormant_gaps, lost_gaps : float
        Dormant, and lost, when silent for more than so many usual gaps; with `lost_gaps` inf nobody
        is lost by silence.
    alive_floor : float
        Lost below this probability of being alive.
    ours_share, competitors_share : float
        Ours from this share of wallet on, and a competitor's up to this one; shared between.
    """

    new_days: int = 90
    mature_purchases: int = 2
    min_gaps: int = 2
    default_gap: float = 90.0
    dormant_gaps: float = 2.0
    lost_gaps: float = 6.0
    alive_floor: float = 0.2
    ours_share: float = 0.8
    competitors_share: float = 0.2


class LifecycleStages(Table):
    """One row a customer, ids ascending.

    Columns are customer_id, stage ("potential", "prospect", "new", "mature", "dormant", "lost",
    "won_back", or "none" of whom only the wallet is known), since, whose ("ours", "shared",
    "competitors", "undetermined"), share_of_wallet, purchase_days, first_purchase, last_purchase,
    usual_gap (days) and next_change (the day on which the stage changes by itself).

    Attributes
    ----------
    changes : Table
        As `Lifecycle.changes` gives it.
    """

    __slots__ = ("changes",)
    changes: Table


class Lifecycle:
    """Facts of customer relationships, and the stage of each as their fold.

    In which pieces and in which order facts come, and how often, does not matter.

    Parameters
    ----------
    rules : LifecycleRules, optional
    zone : str
        IANA time zone whose midnights part the days.

    Raises
    ------
    ValueError
        For a rule out of its range, or one that contradicts another.

    Examples
    --------
    >>> from patron.loyalty import Lifecycle
    >>> life = Lifecycle()
    >>> life.append(
    ...     {
    ...         "customer_id": [7, 7, 7, 7],
    ...         "time": np.array(["2024-01-01", "2024-01-05", "2024-01-15", "2024-01-29"], "M8[D]"),
    ...         "kind": ["contact", "purchase", "purchase", "purchase"],
    ...     }
    ... )
    >>> changes = life.changes(as_of="2024-03-01")
    >>> for date, after, cause in zip(
    ...     changes["date"], changes["after"], changes["cause"], strict=True
    ... ):
    ...     print(date, after, cause)
    2024-01-01 prospect contact
    2024-01-05 new first_purchase
    2024-01-15 mature purchases
    2024-02-23 dormant silence
    """

    __slots__ = ("_native", "rules", "zone")
    _native: _core.Lifecycle
    rules: LifecycleRules
    zone: str

    def __init__(self, rules: LifecycleRules | None = None, *, zone: str = "UTC") -> None:
        self.rules = LifecycleRules() if rules is None else LifecycleRules(*rules)
        self.zone = zone
        self._native = _core.Lifecycle.create(tuple(self.rules), zone)

    def append(self, facts: TableLike) -> None:
        """Take facts.

        Parameters
        ----------
        facts : table
            customer_id, time (dates or instants), kind: "potential" (is on a list), "contact",
            "purchase", "wallet" (value: our share of what the customer spends on such things),
            "alive" (value: the probability that it will buy again, as `p_alive` of `patron.clv`
            gives it) or "lost" (said so, died, moved away); value, where needed.

        Raises
        ------
        ValueError
            Naming column, row and value. Then nothing was taken.
        """
        self._native.append(facts)

    def append_purchases(
        self,
        purchases: TableLike | Ledger,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        amount_decimals: int = 0,
    ) -> None:
        """Take purchases from a table of transactions, or all of a `patron.value.Ledger`.

        Returns, with an amount below 0, are left out. Of a ledger so are the purchases that were
        taken back altogether; a table must not have them.

        Parameters
        ----------
        purchases : table or Ledger
        customer, time, amount : str
            Columns, as in `patron.value.summarize`.
        amount_decimals : int
            Integer amounts are in units of 10**-amount_decimals.
        """
        if isinstance(purchases, Ledger):
            purchases, amount_decimals = _standing(purchases), 0
            customer, time, amount = "customer_id", "date", "amount"
        self._native.append_purchases(
            purchases,
            (customer, time, amount, None, None, None, "error", 4, amount_decimals),
        )

    def customers(self, as_of: InstantLike | None = None) -> LifecycleStages:
        """Return where each customer stands, up to and with `as_of`: that of the last fact if left out.

        Facts after that day do not count.
        """
        stages = LifecycleStages._of(self._native.customers(as_of))
        stages.changes = self.changes(as_of=as_of)
        return stages

    def changes(self, since: InstantLike | None = None, as_of: InstantLike | None = None) -> Table:
        """Return the changes from `since` to `as_of`, both included, each with its cause.

        Columns are customer_id, date, axis ("stage" or "whose"), before, after, cause ("listed",
        "contact", "first_purchase", "purchases", "age", "silence", "unlikely", "reported", "return",
        "wallet"), measured and limit: what was measured, and the limit that it passed.
        """
        return Table._of(self._native.changes(since, as_of))

    def facts(self) -> Table:
        """Return the facts, each once, as `append` takes them."""
        return Table._of(self._native.facts())

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.rules, self.zone, self.facts())

    def __repr__(self) -> str:
        customers, facts = len(self._native.customers("9999-12-31")), len(self.facts())
        return f"Lifecycle: {facts:,} facts of {customers:,} customers"


def lifecycle(
    purchases: TableLike | Ledger | None = None,
    facts: TableLike | None = None,
    *,
    rules: LifecycleRules | None = None,
    as_of: InstantLike | None = None,
    zone: str = "UTC",
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    amount_decimals: int = 0,
) -> LifecycleStages:
    """Tell the stage of each customer, and whose it is, with all changes and their causes.

    Parameters
    ----------
    purchases : table or Ledger, optional
        As in `Lifecycle.append_purchases`.
    facts : table, optional
        What else is known, as in `Lifecycle.append`.
    rules : LifecycleRules, optional
    as_of : instant, optional
        The day, included; that of the last fact if left out.
    zone : str
        IANA time zone whose midnights part the days.
    customer, time, amount, amount_decimals
        As in `Lifecycle.append_purchases`.

    Returns
    -------
    LifecycleStages

    Examples
    --------
    >>> from patron.loyalty import lifecycle
    >>> days = np.array(["2024-01-05", "2024-01-15", "2024-01-29", "2024-03-20"], "M8[D]")
    >>> stages = lifecycle(
    ...     {"customer_id": [1, 1, 1, 2], "date": days, "amount": [10.0] * 4}, as_of="2024-03-31"
    ... )
    >>> stages["stage"].tolist(), stages["next_change"].astype(str).tolist()
    (['dormant', 'new'], ['2024-04-11', '2024-06-18'])
    """
    life = Lifecycle(rules, zone=zone)
    if purchases is not None:
        life.append_purchases(
            purchases, customer=customer, time=time, amount=amount, amount_decimals=amount_decimals
        )
    if facts is not None:
        life.append(facts)
    return life.customers(as_of)


def _again(rules: LifecycleRules, zone: str, facts: Table) -> Lifecycle:
    life = Lifecycle(rules, zone=zone)
    if len(facts):
        life.append(facts)
    return life


def _standing(ledger: Ledger) -> dict[str, Any]:
    """Return the purchases of a ledger that were not taken back altogether."""
    table = ledger.transactions(money="units")
    amounts = np.asarray(table["amount"]).copy()
    keep = amounts >= 0
    if "reverses" in table.columns:
        ids = np.ma.asarray(table["transaction_id"]).tolist()
        place = {one: i for i, one in enumerate(ids)}
        for i, target in enumerate(np.ma.asarray(table["reverses"]).tolist()):
            if target is None:
                continue
            keep[i] = False
            amounts[place[target]] += amounts[i]
            if amounts[place[target]] <= 0:
                keep[place[target]] = False
    return {
        "customer_id": table["customer_id"][keep],
        "date": table["date"][keep],
        "amount": np.zeros(int(keep.sum())),
    }
