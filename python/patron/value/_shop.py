"""A shop to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, Progress


class Shop(NamedTuple):
    """A generated shop.

    Attributes
    ----------
    transactions : Table
        customer_id, transaction_id, order_id, date, amount (refunds negative), in order of time.
    truth : Table
        customer_id, rate (orders a year), joined, lost, mean_spend, alive_at_end.
    """

    transactions: Table
    truth: Table


def simulate_shop(
    *,
    customers: int = 5000,
    days: int = 730,
    seed: int = 42,
    start: InstantLike | None = None,
    orders_a_year: float = 6.0,
    mean_spend: float = 60.0,
    lifetime_years: float = 1.5,
    refund_rate: float = 0.06,
    progress: Progress = None,
) -> Shop:
    """Generate the transactions of a shop whose truth is known.

    Customers buy at gamma-distributed rates, are lost after gamma-mixed exponential lifetimes,
    spend gamma-distributed amounts around a mean of their own, and return some orders.

    Parameters
    ----------
    customers : int
        Number of customers.
    days : int
        Length of the history.
    seed : int
        Equal options give equal rows.
    start : instant, optional
        First instant; 2024-01-01 UTC by default.
    orders_a_year : float
        Mean rate of an active customer.
    mean_spend : float
        Mean order value, in currency.
    lifetime_years : float
        Mean time until a customer is lost.
    refund_rate : float
        Probability that an order is returned, in whole or in part.
    progress : bool or callable, optional
        As in `summarize`.

    Raises
    ------
    ValueError
        For an option out of its range.

    Examples
    --------
    >>> import patron
    >>> shop = patron.value.simulate_shop(customers=100, seed=1)
    >>> shop.transactions.columns
    ['customer_id', 'transaction_id', 'order_id', 'date', 'amount']
    >>> len(shop.truth)
    100
    """
    transactions, truth = _core.simulate_shop(
        (
            customers,
            days,
            seed,
            start,
            orders_a_year,
            mean_spend,
            lifetime_years,
            refund_rate,
        ),
        progress,
    )
    return Shop(Table._of(transactions), Table._of(truth))
