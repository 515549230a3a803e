"""Keeping and winning back, work lists, referral, and what customers are worth in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from patron import _core
from patron._columns import with_whole
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import TableLike

WORK_LISTS = ("loyal", "about_to_leave", "high_value", "dissatisfied")


def churn_reasons() -> Table:
    """Return why customers leave: reason, share, voluntary, curable.

    Notes
    -----
    S. Keaveney, Customer switching behavior in service industries, Journal of Marketing 59(2),
    1995. Shares are of those who switched, who named several reasons; which reasons are curable is
    a convention.

    Examples
    --------
    >>> import patron
    >>> reasons = patron.loyalty.churn_reasons()
    >>> str(reasons["reason"][0]), float(reasons["share"][0])
    ('core_service_failure', 0.44)
    """
    return Table._of(_core.churn_reasons())


def retention_elasticity(retention: float, discount: float) -> float:
    """Return by how many percent the value m r / (1 + d - r) grows with one percent of retention.

    Examples
    --------
    >>> import patron
    >>> round(patron.loyalty.retention_elasticity(0.8, 0.1), 3)
    3.667
    """
    return _core.retention_elasticity(retention, discount)


def second_lifetime_value(
    margin: float, retention: float, discount: float, periods: int | None = None
) -> float:
    """Return the value of a customer who has come back.

    Parameters
    ----------
    margin : float
        Of a period; the first comes at once.
    retention : float
        0 to 1, in the second lifetime.
    discount : float
        Of a period; above -1, and without end so that 1 + discount is above retention.
    periods : int, optional
        How many; None is without end.

    Notes
    -----
    J. Griffin and M. Lowenstein, Customer Winback, 2001; J. Thomas, R. Blattberg and E. Fox,
    Recapturing lost customers, Journal of Marketing Research 41(1), 2004.

    Examples
    --------
    >>> import patron
    >>> round(patron.loyalty.second_lifetime_value(100, 0.8, 0.1), 4)
    366.6667
    """
    return _core.second_lifetime_value(
        margin, retention, discount, -1 if periods is None else periods
    )


def save_offers(customers: TableLike) -> Table:
    """Decide offers to customers at risk: none may cost more than it is expected to save.

    Parameters
    ----------
    customers : table
        p_churn and save_rate (0 to 1), value and offer, a row a customer.

    Returns
    -------
    Table
        cap (p_churn x save_rate x value), expected (cap - offer) and accepted, a row a row.

    Examples
    --------
    >>> import patron
    >>> decided = patron.loyalty.save_offers(
    ...     {"p_churn": [0.4], "save_rate": [0.25], "value": [1000.0], "offer": [120.0]}
    ... )
    >>> decided["cap"].tolist(), decided["accepted"].tolist()
    ([100.0], [False])
    """
    return Table._of(_core.save_offers(customers))


def win_back(
    customers: TableLike,
    *,
    half_life_days: float = 180.0,
    by_reason: Mapping[str, float] | None = None,
    curable: Iterable[str] | None = None,
) -> Table:
    """Value the attempt to win lost customers back.

    Parameters
    ----------
    customers : table
        p_win (0 to 1, right after the loss) and second_value, and where they matter
        days_since_loss, offer, contact_cost and reason (one of `churn_reasons`; null is unknown,
        and curable).
    half_life_days : float
        In which the probability of a return halves; infinity is never.
    by_reason : mapping of str to float, optional
        Factors of the probability by reason; 1 where left out.
    curable : iterable of str, optional
        Reasons that the firm can put right; those of `churn_reasons` by default.

    Returns
    -------
    Table
        p_win (after time and reason), value (p_win x second_value - offer - contact_cost), curable
        and worth (curable, and a value above 0), a row a row.

    Examples
    --------
    >>> import patron
    >>> lost = {"p_win": [0.4], "second_value": [500.0], "offer": [50.0], "contact_cost": [5.0]}
    >>> patron.loyalty.win_back(lost)["value"].tolist()
    [145.0]
    """
    reasons = churn_reasons()["reason"].tolist()
    factors = dict(by_reason or {})
    chosen = None if curable is None else set(curable)
    for argument, names in (("by_reason", factors.keys()), ("curable", chosen or set())):
        unknown = sorted(name for name in names if name not in reasons)
        if unknown:
            raise ValueError(f"{argument}: {unknown[0]!r}; expected one of {', '.join(reasons)}")
    return Table._of(
        _core.win_back(
            customers,
            half_life_days,
            tuple(factors.get(name) for name in reasons),
            None if chosen is None else tuple(name in chosen for name in reasons),
        )
    )


class WorkLists(Table):
    """One row a list and customer; see `work_lists`."""

    __slots__ = ("overlap",)
    overlap: npt.NDArray[np.int64]

    @classmethod
    def _with(cls, items: _core.Table, overlap: list[int]) -> Self:
        table = cls._of(items)
        table.overlap = np.array(overlap, dtype=np.int64).reshape(4, 4)
        return table


def work_lists(
    customers: TableLike,
    *,
    loyalty: float = 0.6,
    risk: float = 0.5,
    value_share: float = 0.2,
    satisfaction: float = 0.4,
) -> WorkLists:
    """Make the four work lists of retention in one call, with their overlaps and reasons.

    Parameters
    ----------
    customers : table
        customer_id, and any of loyalty, risk, value and satisfaction; null and nan are unknown and
        put nobody on a list.
    loyalty, risk : float
        The loyal and those about to leave have at least this.
    value_share : float
        Those of high value are this share of all whose value is known, with those who are worth as
        much as the last of them.
    satisfaction : float
        The dissatisfied have at most this.

    Returns
    -------
    WorkLists
        list ("loyal", "about_to_leave", "high_value", "dissatisfied"), rank (from 1), customer_id,
        measure and bound (why it is there), and lists (bit i for each list i that the customer is
        on), by list and rank. `overlap` has how many are on both of two lists.

    Examples
    --------
    >>> import patron
    >>> lists = patron.loyalty.work_lists(
    ...     {"customer_id": ["a", "b"], "risk": [0.9, 0.1], "satisfaction": [0.2, 0.3]}
    ... )
    >>> lists["list"].tolist(), lists["customer_id"].tolist(), int(lists.overlap[1, 3])
    (['about_to_leave', 'dissatisfied', 'dissatisfied'], ['a', 'a', 'b'], 1)
    """
    return WorkLists._with(*_core.work_lists(customers, loyalty, risk, value_share, satisfaction))


def referral_value(referrals: TableLike, *, discount: float) -> Table:
    """Sum what customers' recommendations are worth.

    Parameters
    ----------
    referrals : table
        One row a customer who came by a recommendation: referrer, margin, and where they matter
        referral_cost, marketing_cost, acquisition_saving, period (periods from now) and
        would_have_come (type two: would have come anyway, so that the saving alone counts).
    discount : float
        Of a period; above -1.

    Returns
    -------
    Table
        customer_id (the referrer), type_one, type_two and value, by id.

    Notes
    -----
    (margin - costs + saving) / (1 + d)^t for type one. V. Kumar, J. Petersen and R. Leone, How
    valuable is word of mouth?, Harvard Business Review 85(10), 2007.

    Examples
    --------
    >>> import patron
    >>> patron.loyalty.referral_value(
    ...     {
    ...         "referrer": ["ann", "ann"],
    ...         "margin": [100.0, 100.0],
    ...         "acquisition_saving": [30.0, 30.0],
    ...         "would_have_come": [False, True],
    ...     },
    ...     discount=0.1,
    ... )["value"].tolist()
    [160.0]
    """
    return Table._of(_core.referral_value(referrals, discount))


def referral_credit(customers: TableLike, *, weights: Sequence[float] = (1.0,)) -> Table:
    """Credit customers for those whom they brought, and whom those brought in turn.

    Parameters
    ----------
    customers : table
        customer_id (each once), referred_by (one of these; null is nobody) and value.
    weights : sequence of float
        Share of the value for the referrer, the referrer's referrer, and so on.

    Returns
    -------
    Table
        customer_id, credit and depth (0 came by nobody), in the order of the rows.

    Raises
    ------
    ValueError
        For a circle, or a customer who brought itself.

    Examples
    --------
    >>> import patron
    >>> tree = {"customer_id": [1, 2, 3], "referred_by": [None, 1, 2], "value": [5.0, 10.0, 100.0]}
    >>> patron.loyalty.referral_credit(tree, weights=[1.0, 0.5])["credit"].tolist()
    [60.0, 100.0, 0.0]
    """
    return Table._of(_core.referral_credit(with_whole(customers, "referred_by"), list(weights)))


def customer_worth(customers: TableLike) -> Table:
    """Add up what customers are worth, and roll it up the accounts that they belong to.

    Parameters
    ----------
    customers : table
        customer_id (each once), and any of purchase_value, referral_value, retention_value,
        cost_to_serve and parent (one of these customers; null is none).

    Returns
    -------
    Table
        customer_id, the four parts, worth (the first three less the fourth) and account_worth
        (with all under it), in the order of the rows.

    Raises
    ------
    ValueError
        For a circle of parents, or a parent that is none of the customers.

    Examples
    --------
    >>> import patron
    >>> patron.loyalty.customer_worth(
    ...     {
    ...         "customer_id": ["group", "plant"],
    ...         "parent": [None, "group"],
    ...         "purchase_value": [100.0, 500.0],
    ...         "cost_to_serve": [20.0, 130.0],
    ...     }
    ... )["account_worth"].tolist()
    [450.0, 370.0]
    """
    return Table._of(_core.customer_worth(with_whole(customers, "parent")))


def word_of_mouth_balance(
    *,
    good: float,
    bad: float,
    value: float,
    tell_good: float | None = None,
    tell_bad: float | None = None,
    circle: float | None = None,
    conversion_good: float = 0.01,
    loss_bad: float = 0.01,
) -> float:
    """Return what good and bad experiences bring by word of mouth.

    Parameters
    ----------
    good, bad : float
        Experiences of each kind.
    value : float
        Lifetime value of a customer.
    tell_good, tell_bad, circle : float, optional
        People told of one experience, and people that can be reached at all; by default the named
        defaults wom_positive_good_service, wom_negative_mean and personal_circle_size.
    conversion_good, loss_bad : float
        Shares of those told who become customers, and who are lost.

    Notes
    -----
    good x tell_good x conversion_good x value - bad x tell_bad x loss_bad x value, where nobody
    tells more people than the circle.

    Examples
    --------
    >>> import patron
    >>> patron.loyalty.word_of_mouth_balance(good=100, bad=10, value=500.0, tell_bad=10)
    2000.0
    """
    return _core.word_of_mouth_balance(
        (good, bad, value, tell_good, tell_bad, circle, conversion_good, loss_bad)
    )
