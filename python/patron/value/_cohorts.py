"""Retention by period of first purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from patron import _core
from patron.value._instants import in_zone
from patron.value._transactions import Reported

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import InstantLike, Money, Nulls, Progress, Refunds, TableLike, Zeros


class CohortMatrix(NamedTuple):
    """One column of a cohort table as a matrix.

    Attributes
    ----------
    cohorts : array of shape (n_cohorts,)
        First day of each cohort's period.
    ages : array of shape (n_ages,)
        Periods since the first purchase.
    values : array of shape (n_cohorts, n_ages)
        The values; nan where the end of observation has not let a cohort reach an age.
    """

    cohorts: npt.NDArray[Any]
    ages: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


class Cohorts(Reported):
    """One row a cohort and age; see `cohorts`."""

    __slots__ = ()

    def matrix(self, column: str = "active_share") -> CohortMatrix:
        """Return one column as a matrix of cohorts by ages.

        Parameters
        ----------
        column : str
            Such as "active", "active_share", "survivor_share", "repeat_share" or "value".
        """
        cohorts, rows = np.unique(self["cohort"], return_inverse=True)
        ages = self["age"]
        count = int(ages.max()) + 1 if len(ages) else 0
        values = np.full((len(cohorts), count), np.nan)
        values[rows, ages] = self[column]
        return CohortMatrix(cohorts, np.arange(count), values)


def cohorts(
    transactions: TableLike,
    *,
    period: Literal["day", "week", "month", "quarter", "year"] = "month",
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    order: str | None = None,
    observation_end: InstantLike | None = None,
    refunds: Refunds = "net",
    zeros: Zeros = "count",
    nulls: Nulls = "error",
    zone: str = "UTC",
    decimals: int = 4,
    amount_decimals: int = 0,
    money: Money = "float64",
    progress: Progress = None,
) -> Cohorts:
    """Follow customers by the period of their first purchase.

    Parameters
    ----------
    transactions : table
        One row a transaction, in any order: who, when, how much. A negative amount is a refund.
    period : {"month", "week", "day", "quarter", "year"}
        Width of cohorts and ages; weeks start on Monday.
    customer, time, amount, order : str
        Columns, as in `summarize`.
    observation_end : instant, optional
        Last instant that counts; the last row's by default. A date means its first instant.
    refunds, zeros, nulls, zone, decimals, amount_decimals, money, progress
        As in `summarize`.

    Returns
    -------
    Cohorts
        One row a cohort and age, in that order: cohort (first day of the period), age (periods
        since), size, active (customers with a purchase in that period), active_share, survivors
        (with a purchase in that period or later), survivor_share, repeaters (with a second purchase
        day up to that period), repeat_share, value (net, of that period) and cumulative_value.

    Raises
    ------
    ValueError
        For a missing or mistyped column, a null or non-finite value, or an option out of range.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> followed = patron.value.cohorts(
    ...     {
    ...         "customer_id": [1, 2, 1, 3, 2],
    ...         "date": np.array(
    ...             ["2024-01-05", "2024-01-20", "2024-02-01", "2024-02-14", "2024-03-31"],
    ...             "datetime64[D]",
    ...         ),
    ...         "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
    ...     }
    ... )
    >>> followed.matrix("active").values
    array([[ 2.,  1.,  1.],
           [ 1.,  0., nan]])
    """
    return Cohorts._reported(
        *_core.cohorts(
            transactions,
            (customer, time, amount, order, None, zone, nulls, decimals, amount_decimals),
            (period, refunds, zeros, money, in_zone(observation_end, zone)),
            progress,
        )
    )
