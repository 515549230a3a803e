"""Transactions: how they are read, what became of their rows, and summaries of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from patron import _core
from patron.table import Table
from patron.value._instants import in_zone

if TYPE_CHECKING:
    from patron._typing import (
        InstantLike,
        Merge,
        Money,
        Nulls,
        Progress,
        Refunds,
        TableLike,
        Unit,
        Zeros,
    )


class RowReport(NamedTuple):
    """What became of the rows of an input.

    Attributes
    ----------
    rows : int
        Rows read.
    used : int
        Rows that took part.
    skipped_null : int
        Left out: a null in a named column.
    skipped_late : int
        Left out: after the end of observation, or outside the window.
    skipped_zero : int
        Left out: amount zero, by option.
    refunds : int
        Rows with a negative amount.
    orphan_refunds : int
        Of these: without a purchase before them; counted by summaries only.
    customers : int
        Customers in the result.
    without_purchase : int
        Customers seen, but left out for want of a purchase.
    """

    rows: int
    used: int
    skipped_null: int
    skipped_late: int
    skipped_zero: int
    refunds: int
    orphan_refunds: int
    customers: int
    without_purchase: int


class Reported(Table):
    """A table with a report on the rows it was made of."""

    __slots__ = ("_report",)
    _report: tuple[int, ...]

    @classmethod
    def _reported(cls, native: _core.Table, report: tuple[int, ...]) -> Self:
        table = cls._of(native)
        table._report = report
        return table

    @property
    def report(self) -> RowReport:
        """What became of the rows of the input."""
        return RowReport(*self._report)


class Summary(Reported):
    """One row a customer, in the sense of the buy-till-you-die literature; see `summarize`."""

    __slots__ = ()


def summarize(
    transactions: TableLike,
    *,
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    order: str | None = None,
    unit: Unit = "day",
    observation_end: InstantLike | None = None,
    calibration_end: InstantLike | None = None,
    log_intervals: bool = False,
    merge: Merge = "day",
    refunds: Refunds = "net",
    zeros: Zeros = "count",
    nulls: Nulls = "error",
    zone: str = "UTC",
    decimals: int = 4,
    amount_decimals: int = 0,
    money: Money = "float64",
    progress: Progress = None,
) -> Summary:
    """Summarise transactions per customer: frequency, recency, T and monetary value.

    Parameters
    ----------
    transactions : table
        One row a transaction, in any order: who, when, how much. A negative amount is a refund.
    customer, time, amount : str
        Columns of `transactions`: ids (integers or text), dates or timestamps, numbers.
    order : str, optional
        Column of order ids. Without it each row is an order of its own.
    unit : {"day", "week", "hour", "second", "month", "year"}
        Unit of recency, T and durations. A year is 365.25 days, a month a twelfth of it.
    observation_end : instant, optional
        Last instant that counts; the last row's by default. A date means its first instant,
        in `zone`.
    calibration_end : instant, optional
        Last instant of the calibration period. The columns then speak of that period, and three
        columns of the holdout period after it are added.
    log_intervals : bool
        Add the sum of the logarithms of the times between purchases, which models of regular buyers
        read (`patron.clv.MBGCNBD`). Purchases at one instant, which merging by day does not leave
        apart, add nothing.
    merge : {"day", "order", "none"}
        What is one purchase: a customer's rows of one day, rows of one order, or each row.
    refunds : {"net", "ignore", "separate", "error"}
        Refunds reduce the purchase they belong to, are left out, are summed apart, or are an error.
    zeros : {"count", "ignore"}
        Whether a row with amount zero is a purchase.
    nulls : {"error", "skip"}
        Whether a null in a named column is an error, or skips the row.
    zone : str
        IANA time zone whose midnights part the days.
    decimals : int
        Money is kept in units of 10**-decimals, rounded half to even; 0 to 9.
    amount_decimals : int
        Integer amounts are in units of 10**-amount_decimals; 0 to 9.
    money : {"float64", "units"}
        Money columns in currency, or as exact integers in units of 10**-decimals.
    progress : bool or callable, optional
        True shows a bar; a callable gets (done, total) and may return False to stop. It may use
        any object but the ledger or state whose call it watches.

    Returns
    -------
    Summary
        A table ordered by customer with the columns customer_id; frequency (purchases after the
        first); recency (from the first to the last purchase, in units); T (from the first purchase
        to the end of observation, in units); monetary_value (mean value of the purchases after the
        first, 0 without any); orders (all purchases); gross, refunds (at most 0) and net; first and
        last (times of the first and last purchase); log_intervals, if asked for. With `calibration_end` also
        frequency_holdout, monetary_value_holdout and duration_holdout. `report` says what became of
        the rows.

    Raises
    ------
    ValueError
        For a missing or mistyped column, a null or non-finite value, or an option out of range.

    Notes
    -----
    Times are exact fractions of the unit, not whole periods. The definitions of frequency, recency,
    T and monetary value are those of P. Fader, B. Hardie and K. L. Lee, "Counting Your Customers"
    the Easy Way, Marketing Science 24(2), 2005.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> summary = patron.value.summarize(
    ...     {
    ...         "customer_id": ["ann", "ann", "bob"],
    ...         "date": np.array(["2024-01-01", "2024-01-15", "2024-01-08"], "datetime64[D]"),
    ...         "amount": [10.0, 30.0, 20.0],
    ...     },
    ...     unit="week",
    ...     observation_end="2024-01-29",
    ... )
    >>> summary["customer_id"].tolist(), summary["frequency"].tolist()
    (['ann', 'bob'], [1, 0])
    >>> summary["recency"].tolist(), summary["T"].tolist()
    ([2.0, 0.0], [4.0, 3.0])
    >>> summary["monetary_value"].tolist()
    [30.0, 0.0]
    """
    return Summary._reported(
        *_core.summarize(
            transactions,
            (customer, time, amount, order, None, zone, nulls, decimals, amount_decimals),
            (
                unit,
                merge,
                refunds,
                zeros,
                money,
                in_zone(observation_end, zone),
                in_zone(calibration_end, zone),
                int(log_intervals),
            ),
            progress,
        )
    )
