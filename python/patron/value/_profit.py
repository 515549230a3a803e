"""Profit per customer, and lifetime value in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, Progress, TableLike


def profitability(
    customers: TableLike,
    *,
    drivers: Mapping[str, float] | None = None,
    customer: str = "customer_id",
    revenue: str = "revenue",
    margin: str | None = None,
    margin_rate: float = 1.0,
    allocated_cost: float = 0.0,
    allocation: Literal["equal", "revenue", "column"] = "equal",
    allocation_column: str | None = None,
    decimals: int = 0,
    progress: Progress = None,
) -> Table:
    """Return profit per customer: margin minus activity-driven costs minus allocated cost.

    Parameters
    ----------
    customers : table
        One row a customer.
    drivers : mapping of str to number, optional
        Columns of counts (orders, lines, credit notes, contacts, complaints, …) and what one of
        them costs, in currency.
    customer : str
        Column of ids.
    revenue : str
        Column of revenue; the margin is revenue x `margin_rate`.
    margin : str, optional
        Column of the margin itself, instead of revenue.
    margin_rate : float
        Margin as a share of revenue; not with a column of margins.
    allocated_cost : float
        Fixed cost to share out, in currency.
    allocation : {"equal", "revenue", "column"}
        Share it equally, in proportion to positive revenue (or margin), or to a column of counts.
    allocation_column : str, optional
        That column.
    decimals : int
        Integer money columns are in units of 10**-decimals; 0 to 9.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Table
        Columns customer_id, margin, cost_<driver> for each driver, activity_cost, allocated_cost
        and profit, in currency and in the order of `customers`.

    Raises
    ------
    ValueError
        For a missing or mistyped column, or a value that is not finite.

    Notes
    -----
    R. Kaplan and R. Cooper, Cost and Effect (1998).

    Examples
    --------
    >>> import patron
    >>> profit = patron.value.profitability(
    ...     {"customer_id": [1, 2], "revenue": [1000.0, 80.0], "orders": [4, 2]},
    ...     margin_rate=0.25,
    ...     drivers={"orders": 15.0},
    ... )
    >>> profit["profit"].tolist()
    [190.0, -10.0]
    """
    return Table._of(
        _core.profitability(
            customers,
            {} if drivers is None else dict(drivers),
            (
                customer,
                revenue,
                margin,
                margin_rate,
                allocated_cost,
                allocation,
                allocation_column,
                decimals,
            ),
            progress,
        )
    )


class LifetimeValue(NamedTuple):
    """Lifetime value in closed form.

    Attributes
    ----------
    value : float
        Present value, in the unit of the margin.
    margin_multiple : float
        value / margin.
    retention_elasticity : float
        Relative change of value per relative change of retention; nan with a horizon.
    expected_periods : float
        Expected number of margins received within the horizon; may be infinite.
    """

    value: float
    margin_multiple: float
    retention_elasticity: float
    expected_periods: float

    def __float__(self) -> float:
        """Return the value alone."""
        return self.value


def lifetime_value(
    margin: float,
    retention: float,
    discount: float,
    *,
    growth: float = 0.0,
    periods: int | None = None,
    timing: Literal["end", "immediate"] = "end",
) -> LifetimeValue:
    """Return the lifetime value of a customer with constant margin, retention and discount.

    Parameters
    ----------
    margin : float
        Margin per period, in any unit.
    retention : float
        Probability to stay one period, in [0, 1].
    discount : float
        Discount rate per period, at least 0.
    growth : float
        Growth of the margin per period.
    periods : int, optional
        Horizon in periods; without end by default.
    timing : {"end", "immediate"}
        Whether the first margin comes after one period, if the customer stays, or now.

    Returns
    -------
    LifetimeValue
        The value and what follows from it.

    Raises
    ------
    ValueError
        For an argument out of its range, and without horizon if retention x (1 + growth) is not
        below 1 + discount.

    Notes
    -----
    margin x retention / (1 + discount - retention x (1 + growth)) at the end of periods;
    S. Gupta and D. Lehmann, Customers as Assets, Journal of Interactive Marketing 17(1), 2003.

    Examples
    --------
    >>> import patron
    >>> round(patron.value.lifetime_value(100, 0.8, 0.1).value, 4)
    266.6667
    >>> round(patron.value.lifetime_value(100, 0.8, 0.1, timing="immediate").value, 4)
    366.6667
    """
    return LifetimeValue._make(
        _core.lifetime_value(margin, retention, discount, growth, periods, timing)
    )


def customer_equity(
    acquired: ColumnLike,
    margins: ColumnLike,
    retention: float,
    discount: float,
    *,
    acquisition_cost: ColumnLike | None = None,
) -> float:
    """Return the value of all cohorts of customers, acquired and to be acquired.

    Parameters
    ----------
    acquired : array of shape (n_cohorts,)
        Customers acquired in periods 0, 1, …
    margins : number or array of shape (n_ages,)
        Margin a customer by age in periods; the last holds for ever.
    retention, discount : float
        As in `lifetime_value`.
    acquisition_cost : number or array of shape (n_cohorts,), optional
        Cost of acquiring one customer, of each cohort.

    Returns
    -------
    float
        Present value, in the unit of the margins.

    Raises
    ------
    ValueError
        For an argument out of its range.

    Notes
    -----
    S. Gupta, D. Lehmann and J. Stuart, Valuing Customers, Journal of Marketing Research 41(1),
    2004.

    Examples
    --------
    >>> import patron
    >>> round(patron.value.customer_equity([10], 100, 0.8, 0.1, acquisition_cost=50), 4)
    3166.6667
    """
    return _core.customer_equity(acquired, margins, retention, discount, acquisition_cost)
