"""Points: rules of earning, and a double-entry ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from os import PathLike, fspath
from typing import TYPE_CHECKING, NamedTuple, Self

from patron import _core
from patron._columns import with_whole
from patron._kept import Kept
from patron.loyalty._signals import Estimate
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike

_EPOCH = date(1970, 1, 1)


class PointsReport(NamedTuple):
    """What became of the rows of a call.

    Attributes
    ----------
    posted : int
        Rows that were posted.
    duplicates : int
        Transactions that were there already, with equal content.
    """

    posted: int
    duplicates: int


class PointsLiability(NamedTuple):
    """What a programme owes.

    Attributes
    ----------
    as_of : date
        The day.
    available, pending, held : int
        Points for use, not yet for use, and put aside.
    debt : int
        Points that customers owe, because an earning was taken back after it was spent.
    liability : float
        (available + pending + held) x point_cost.
    breakage : Estimate
        Share of the points past their day of expiry that were never spent; its interval is from
        the spread over customers.
    matured, expired : int
        Points past their day, less those taken back, and those of them that expired.
    customers : int
        With points past their day.
    expected : float
        liability x (1 - breakage); nan without a breakage.
    """

    as_of: date
    available: int
    pending: int
    held: int
    debt: int
    liability: float
    breakage: Estimate
    matured: int
    expired: int
    customers: int
    expected: float


class PointsLedger(Kept[_core.PointsLedger]):
    """A double-entry ledger of whole points.

    Each posting moves points between accounts: of a customer, "points" and "held"; of the
    programme, "issued", "redeemed" and "expired". The sum over all accounts is zero after each.
    Points that expire first are spent first. Its state is a function of its postings and expiries
    in their order alone. In memory; `PointsLedger.open` keeps one in a file.

    Parameters
    ----------
    expiry_days : int
        From the day of earning to the first day without the points; 0 is never.
    pending_days : int
        From the day of earning to the first day of use.
    burn_minimum, burn_step : int
        Least points of a burn or a hold, and of what they are a multiple.
    allow_debt : bool
        Whether an earning can be taken back after it was spent; then later points pay the debt.
    zone : str
        IANA time zone whose midnights part the days.

    Examples
    --------
    >>> from datetime import date
    >>> import patron
    >>> ledger = patron.loyalty.PointsLedger(expiry_days=365)
    >>> ledger.post(
    ...     {
    ...         "transaction_id": ["t1", "t2"],
    ...         "customer_id": ["ann", "ann"],
    ...         "date": [date(2024, 1, 5), date(2024, 2, 1)],
    ...         "kind": ["earn", "burn"],
    ...         "points": [100, 30],
    ...     }
    ... )
    PointsReport(posted=2, duplicates=0)
    >>> ledger.balances(as_of="2024-06-01")["available"].tolist()
    [70]
    >>> ledger.liability(point_cost=0.01, as_of="2024-06-01").liability
    0.7000000000000001
    """

    __slots__ = ()
    _closed = "points: closed; expected a ledger that is open"

    def __init__(
        self,
        *,
        expiry_days: int = 0,
        pending_days: int = 0,
        burn_minimum: int = 1,
        burn_step: int = 1,
        allow_debt: bool = True,
        zone: str = "UTC",
    ) -> None:
        self._native = _core.PointsLedger.create(
            (expiry_days, pending_days, burn_minimum, burn_step, allow_debt), zone
        )

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        expiry_days: int | None = None,
        pending_days: int | None = None,
        burn_minimum: int | None = None,
        burn_step: int | None = None,
        allow_debt: bool | None = None,
        zone: str | None = None,
    ) -> Self:
        """Open a ledger that is kept in a file, a database of SQLite, or make one.

        What a method changes is on the disk when it returns, and nothing of it is there if it fails
        for the file. No one else can use the file until the ledger is closed.

        Parameters
        ----------
        path : str or path
        expiry_days, pending_days, burn_minimum, burn_step, allow_debt, zone
            Of a new ledger, where not as the constructor says. A ledger that is there keeps its own:
            where any are given, all of them must be as it was made.

        Raises
        ------
        ValueError
            For options that are not those that the ledger was made with.
        patron.errors.FailedPreconditionError
            If it is open elsewhere.
        patron.errors.DataLossError
            If the file is something else, or not as it was written.

        Examples
        --------
        >>> import tempfile
        >>> from datetime import date
        >>> from pathlib import Path
        >>> from patron.loyalty import PointsLedger
        >>> earned = {
        ...     "transaction_id": [1],
        ...     "customer_id": [7],
        ...     "date": [date(2024, 1, 5)],
        ...     "kind": ["earn"],
        ...     "points": [100],
        ... }
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "points"
        ...     with PointsLedger.open(path, expiry_days=365) as ledger:
        ...         first = ledger.post(earned)
        ...     with PointsLedger.open(path) as ledger:
        ...         again = ledger.post(earned)
        >>> first.posted, again.duplicates
        (1, 1)
        """
        given = (expiry_days, pending_days, burn_minimum, burn_step, allow_debt)
        usual = (0, 0, 1, 1, True)
        options = None
        if any(option is not None for option in given):
            options = tuple(
                default if option is None else option
                for option, default in zip(given, usual, strict=True)
            )
        ledger = cls.__new__(cls)
        ledger._native = _core.PointsLedger.open(fspath(path), options, zone)
        return ledger

    @property
    def _ledger(self) -> _core.PointsLedger:
        return self._opened

    def post(self, postings: TableLike) -> PointsReport:
        """Post rows in their order.

        Parameters
        ----------
        postings : table
            transaction_id, customer_id, date, kind, points, and where needed reverses, to,
            available and expires; null where they say nothing.

            "earn" gives points, for use from `available` and until `expires`, where not as the
            ledger says. "burn" spends them. "hold" puts them aside, where they do not expire;
            "release" ends the hold and "capture" spends it. "reverse" takes back an earn, as when
            the purchase is returned, or gives back a burn. These three name the transaction in
            `reverses`, and null points mean all that is left of it. "transfer" moves points to the
            customer in `to`, who keeps their days of expiry.

        Returns
        -------
        PointsReport
            A transaction that is there already with equal content is not posted again.

        Raises
        ------
        ValueError
            Naming column and row: more points than the customer can use, a reversal of more than
            is left, a day before the customer's last, an expiry that has passed, a transaction
            that is there with other content. Rows before it have been posted; posting the table
            again does nothing to them.
        """
        return PointsReport(*self._ledger.post(with_whole(postings, "points", "reverses", "to")))

    def expire(self, until: InstantLike) -> None:
        """Expire what is due on a day, so that the entries show it; balances know it anyway.

        Nothing of a customer whose points expired, and no balance, can be dated before that day
        afterwards.
        """
        self._ledger.expire(until)

    def balances(self, as_of: InstantLike | None = None) -> Table:
        """Return one row a customer, by id, on a day not before the last posting.

        customer_id, available (below 0 by a debt), pending, held, next_expiry and next_expiring.
        """
        return Table._of(self._ledger.balances(as_of))

    def entries(self) -> Table:
        """Return the entries of all postings: transaction_id, customer_id, day, account, points."""
        return Table._of(self._ledger.entries())

    def liability(
        self, *, point_cost: float, as_of: InstantLike | None = None, level: float = 0.95
    ) -> PointsLiability:
        """Compute what is owed on a day, and how much of it is never asked for.

        Parameters
        ----------
        point_cost : float
            Of a point, in currency; 0 or more.
        as_of : date, optional
            Not before the last posting, which is the default.
        level : float
            Of the interval of the breakage.
        """
        owed = self._ledger.liability(as_of, point_cost, level)
        day, available, pending, held, debt, liability, breakage, *counts = owed
        matured, expired, customers, expected = counts
        return PointsLiability(
            _EPOCH + timedelta(day),
            available,
            pending,
            held,
            debt,
            liability,
            Estimate(*breakage),
            matured,
            expired,
            customers,
            expected,
        )

    def to_bytes(self) -> bytes:
        """Return canonical bytes: the postings and expiries in their order."""
        return self._ledger.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> PointsLedger:
        """Post anew what `to_bytes` wrote; the result gives the same bytes again.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        ledger = cls.__new__(cls)
        ledger._native = _core.PointsLedger.from_bytes(data)
        return ledger

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return PointsLedger.from_bytes, (self.to_bytes(),)


def points_earned(
    purchases: TableLike,
    rules: TableLike,
    *,
    zone: str = "UTC",
    decimals: int = 4,
    amount_decimals: int = 0,
) -> Table:
    """Compute the points of purchases by rules that are data.

    Parameters
    ----------
    purchases : table
        amount and date; category and tier where rules have them. Negative amounts earn nothing:
        a return is posted as a reversal of its earning.
    rules : table
        One row a rule: name; category and tier (null is any); per_unit (points for a unit of
        currency, rounded down for the whole purchase) and fixed, of which one at least is there;
        minimum (least amount), most (points), start and end (the first day without). Of the rules
        that fit a purchase that with category and tier counts, else that with the category, that
        with the tier, that for all.
    zone, decimals, amount_decimals
        As in `patron.value.summarize`.

    Returns
    -------
    Table
        points and rule (null where none fits), a row a purchase.

    Raises
    ------
    ValueError
        For two rules of the same category and tier that share a day, or a rule that gives nothing.

    Examples
    --------
    >>> from datetime import date
    >>> import patron
    >>> patron.loyalty.points_earned(
    ...     {"amount": [10.0, 9.99], "date": [date(2024, 1, 5)] * 2},
    ...     {"name": ["all"], "per_unit": [1.1]},
    ... )["points"].tolist()
    [11, 10]
    """
    return Table._of(_core.points_earned(rules, purchases, zone, decimals, amount_decimals))
