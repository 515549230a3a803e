"""The ledger: transactions as facts that can be appended, corrected and reversed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from patron import _core
from patron.table import Table
from patron.value._rfm import RfmScores

if TYPE_CHECKING:
    from patron._typing import (
        EachDimension,
        InstantLike,
        Merge,
        Money,
        Nulls,
        Progress,
        Refunds,
        RfmMethod,
        TableLike,
        Unit,
        Zeros,
    )


class LedgerReport(NamedTuple):
    """What became of the rows of one call.

    Attributes
    ----------
    rows : int
        Rows read.
    applied : int
        Rows that changed the ledger.
    duplicates : int
        Known ids with equal content: nothing to do.
    conflicts : int
        Known ids with other content, left out by option.
    held : int
        Reversals that wait for their transaction.
    skipped_null : int
        Left out: a null in a named column.
    new_customers : int
        Customers seen for the first time.
    touched_customers : int
        Customers whose state changed.
    """

    rows: int
    applied: int
    duplicates: int
    conflicts: int
    held: int
    skipped_null: int
    new_customers: int
    touched_customers: int


class CustomerSummary(NamedTuple):
    """One customer, as `summarize` has its columns.

    Attributes
    ----------
    frequency : int
        Purchases after the first.
    recency, T : float
        From the first purchase to the last, and to the end of observation, in units.
    monetary_value : float
        Mean value of the purchases after the first; 0 without any.
    log_intervals : float
        Sum of the logarithms of the times between purchases.
    orders : int
        All purchases.
    """

    frequency: int
    recency: float
    T: float
    monetary_value: float
    log_intervals: float
    orders: int


class LedgerSize(NamedTuple):
    """What a ledger holds.

    Attributes
    ----------
    customers : int
        Customers.
    transactions : int
        Transactions.
    reversals : int
        Reversals, the held ones included.
    held : int
        Reversals that wait for their transaction.
    memory_bytes : int
        Memory in use.
    """

    customers: int
    transactions: int
    reversals: int
    held: int
    memory_bytes: int


class Ledger:
    """Customer transactions as facts; the state of every customer is exact integers.

    Facts come in any order, late ones welcome, and appending one again changes nothing. A ledger
    built at once and one built by any sequence of appends, corrections and reversals hold the same
    bits. The first rows decide whether ids are integers or text, and whether there are orders.

    Parameters
    ----------
    decimals : int
        Money is kept in units of 10**-decimals, rounded half to even; 0 to 9.
    zone : str
        IANA time zone whose midnights part the days.

    Examples
    --------
    >>> from datetime import date
    >>> import patron
    >>> ledger = patron.value.Ledger()
    >>> report = ledger.append(
    ...     {
    ...         "transaction_id": [1, 2, 3],
    ...         "customer_id": ["ann", "ann", "bob"],
    ...         "date": [date(2024, 1, 5), date(2024, 2, 1), date(2024, 2, 14)],
    ...         "amount": [10.0, 30.0, 25.0],
    ...     }
    ... )
    >>> report.applied, report.new_customers
    (3, 2)
    >>> returned = {"transaction_id": [4], "reverses": [2], "amount": [12.5]}
    >>> ledger.reverse(returned | {"date": [date(2024, 3, 1)]}).touched_customers
    1
    >>> ledger.customers()["net"].tolist()
    [27.5, 25.0]
    >>> ledger.as_of("2024-02-10")["net"].tolist()
    [40.0]
    """

    __slots__ = ("_native",)
    _native: _core.Ledger

    def __init__(self, *, decimals: int = 4, zone: str = "UTC") -> None:
        self._native = _core.Ledger.create(decimals, zone)

    def append(
        self,
        table: TableLike,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        transaction: str = "transaction_id",
        order: str | None = None,
        conflicts: Literal["error", "report"] = "error",
        nulls: Nulls = "error",
        amount_decimals: int = 0,
        progress: Progress = None,
    ) -> LedgerReport:
        """Append transactions: all rows of the table, or none.

        Parameters
        ----------
        table : table
            One row a transaction, in any order. A negative amount is a refund that stands alone.
        customer, time, amount, transaction, order : str
            Columns: ids (integers or text), dates or timestamps, numbers.
        conflicts : {"error", "report"}
            Whether a known transaction with other content refuses the table, or is left out and
            counted.
        nulls, amount_decimals, progress
            As in `summarize`.

        Raises
        ------
        patron.errors.AlreadyExistsError
            For a known transaction with other content.
        ValueError
            For a missing or mistyped column, or a null or non-finite value.
        """
        return LedgerReport._make(
            self._native.append(
                table,
                (customer, time, amount, order, transaction, None, nulls, 4, amount_decimals),
                (conflicts, "error", None),
                progress,
            )
        )

    def correct(
        self,
        table: TableLike,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        transaction: str = "transaction_id",
        order: str | None = None,
        nulls: Nulls = "error",
        amount_decimals: int = 0,
        progress: Progress = None,
    ) -> LedgerReport:
        """Replace known transactions by the rows of the table: all of them, or none.

        Parameters
        ----------
        table, customer, time, amount, transaction, order, nulls, amount_decimals, progress
            As in `append`.

        Raises
        ------
        patron.errors.NotFoundError
            For an unknown transaction.
        patron.errors.FailedPreconditionError
            For an amount below what has been reversed.
        """
        return LedgerReport._make(
            self._native.correct(
                table,
                (customer, time, amount, order, transaction, None, nulls, 4, amount_decimals),
                ("error", "error", None),
                progress,
            )
        )

    def reverse(
        self,
        table: TableLike,
        *,
        reverses: str = "reverses",
        customer: str | None = None,
        time: str = "date",
        amount: str | None = "amount",
        transaction: str = "transaction_id",
        order: str | None = None,
        unknown: Literal["error", "hold"] = "error",
        conflicts: Literal["error", "report"] = "error",
        nulls: Nulls = "error",
        amount_decimals: int = 0,
        progress: Progress = None,
    ) -> LedgerReport:
        """Take transactions back, in whole or in part: all rows, or none.

        Parameters
        ----------
        table : table
            One row a reversal, which is a fact with a transaction id of its own, a time, the id of
            the transaction it takes back, and a positive amount.
        reverses : str
            Column with the transaction taken back; null stands alone.
        amount : str, optional
            Column of amounts; a null is all that is left of the transaction. None is a column of
            nulls.
        customer : str, optional
            Column of customers, which rows that stand alone need and others must agree with. None
            is a column of nulls.
        unknown : {"error", "hold"}
            Whether a reversal of an unknown transaction refuses the table, or waits for it.
        order : str, optional
            Column of orders, which rows that stand alone have if the transactions before have.
        time, transaction, conflicts, nulls, amount_decimals, progress
            As in `append`.

        Raises
        ------
        patron.errors.NotFoundError
            For an unknown transaction.
        ValueError
            For more than is left of a transaction, and as in `append`.
        """
        return LedgerReport._make(
            self._native.reverse(
                table,
                (customer, time, amount, order, transaction, None, nulls, 4, amount_decimals),
                (conflicts, unknown, reverses),
                progress,
            )
        )

    @property
    def size(self) -> LedgerSize:
        """What the ledger holds."""
        return LedgerSize._make(self._native.size())

    def customers(self, as_of: InstantLike | None = None, *, money: Money = "float64") -> Table:
        """Return the state of every customer.

        Parameters
        ----------
        as_of : instant, optional
            Last instant that counts, itself included; all facts by default. A date means its
            first instant. (`rfm` takes an exclusive end under the same name.)
        money : {"float64", "units"}
            Money columns in currency, or as exact integers in units of 10**-decimals.

        Returns
        -------
        Table
            Ordered by customer: customer_id, orders, gross, refunds (at most 0), net, first, last
            (null without a purchase).
        """
        return Table._of(self._native.customers(as_of, money))

    def summary(
        self,
        customer: int | str,
        *,
        observation_end: InstantLike,
        unit: Unit = "day",
        merge: Merge = "day",
        refunds: Refunds = "net",
        zeros: Zeros = "count",
    ) -> CustomerSummary:
        """Summarise one customer from its own facts, fast enough to do it after each of them.

        Parameters
        ----------
        customer : int or str
            The id.
        observation_end : instant
            Last instant that counts.
        unit, merge, refunds, zeros
            As in `summarize`; refunds are no errors.

        Returns
        -------
        CustomerSummary
            The row of the customer in `summarize` over `transactions`.

        Raises
        ------
        KeyError
            For a customer who is not known or has no purchase by then.
        """
        return CustomerSummary._make(
            self._native.summary(
                customer, (unit, merge, refunds, zeros, "float64", observation_end, None, 1)
            )
        )

    def as_of(self, time: InstantLike, *, money: Money = "float64") -> Table:
        """Return the state of every customer from the facts up to and with an instant.

        As `customers`; the facts of a whole day are in from its last microsecond on.
        """
        return Table._of(self._native.customers(time, money))

    def transactions(self, as_of: InstantLike | None = None, *, money: Money = "float64") -> Table:
        """Return the facts as a table that every function of this module takes.

        Parameters
        ----------
        as_of, money
            As in `customers`.

        Returns
        -------
        Table
            Ordered by transaction: customer_id, transaction_id, order_id (if any), date, amount
            (refunds negative), reverses (null for none).
        """
        return Table._of(self._native.transactions(as_of, money))

    def rfm(
        self,
        *,
        as_of: InstantLike | None = None,
        bins: EachDimension[int] | None = None,
        method: RfmMethod = "threshold_right",
        frequency: Literal["orders", "days"] = "orders",
        monetary: Literal["sum", "mean"] = "sum",
        weights: EachDimension[float] | None = None,
        high_is_best: EachDimension[bool] | None = None,
        cuts: EachDimension[Any] | None = None,
        closed: Literal["right", "left"] = "right",
        window: int | None = None,
        refunds: Refunds = "net",
        zeros: Zeros = "count",
        money: Money = "float64",
        only_touched: bool = False,
        progress: Progress = None,
    ) -> RfmScores:
        """Score customers from their standing state, without reading the facts again.

        The answer is that of `rfm` over the same facts. They are read again after all for the
        methods "ntile" and "nested", for refunds other than "net", for zeros ignored, and for a
        window or an `as_of` before the last fact.

        Parameters
        ----------
        as_of : instant, optional
            Exclusive end, as in the function `rfm`: recency counts days up to it. `customers` and
            `transactions` take a last instant, which is included.
        bins, method, frequency, monetary, weights, high_is_best, cuts, closed
            As in `rfm`.
        window, refunds, zeros, money, progress
            As in `rfm`.
        only_touched : bool
            Only customers touched since the last such call, or since the ledger was made or read;
            the cuts are those of all customers.
        """
        return RfmScores._scored(
            *self._native.rfm(
                (
                    method,
                    bins,
                    high_is_best,
                    frequency,
                    monetary,
                    refunds,
                    zeros,
                    money,
                    closed,
                    as_of,
                    window,
                    weights,
                    cuts,
                ),
                only_touched,
                progress,
            )
        )

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal facts give equal bytes, however they came."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Ledger:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        ledger = cls.__new__(cls)
        ledger._native = _core.Ledger.from_bytes(data)
        return ledger

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Ledger.from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        size = self.size
        return (
            f"Ledger({size.customers:,} customers, {size.transactions:,} transactions, "
            f"{size.reversals:,} reversals)"
        )
