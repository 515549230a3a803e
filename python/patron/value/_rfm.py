"""Recency, frequency, monetary value, and their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from patron import _core
from patron.table import Table
from patron.value._instants import in_zone
from patron.value._transactions import RowReport

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import (
        EachDimension,
        InstantLike,
        Money,
        Nulls,
        Progress,
        Refunds,
        RfmMethod,
        TableLike,
        Zeros,
    )

_DIMENSIONS = ("recency", "frequency", "monetary")


class RfmScores(Table):
    """One row a customer with measures and scores, and how the scores were cut; see `rfm`."""

    __slots__ = ("_bins", "_report")
    _bins: _core.Table
    _report: tuple[int, ...] | None

    @classmethod
    def _scored(
        cls, native: _core.Table, bins: _core.Table, report: tuple[int, ...] | None = None
    ) -> Self:
        scores = cls.__new__(cls)
        scores._native = native
        scores._bins = bins
        scores._report = report
        return scores

    @property
    def bins(self) -> Table:
        """One row a dimension and score.

        Columns: dimension, bin (the score), lower and upper (bounds in days, orders and currency;
        infinite at the ends, null where there are no cuts), customers, and straddling (of the whole
        dimension: customers whose value lies on both sides of a cut, or equals one).
        """
        return Table._of(self._bins)

    @property
    def report(self) -> RowReport | None:
        """What became of the rows of the input; None where measures were scored, not rows."""
        return None if self._report is None else RowReport(*self._report)

    @property
    def cuts(self) -> dict[str, npt.NDArray[np.float64]]:
        """Rising cuts of each dimension; empty for methods by rank."""
        cuts = {}
        for dimension, rows in self._by_dimension().items():
            bounds = np.sort(np.concatenate([rows["lower"], rows["upper"]]))
            cuts[dimension] = np.unique(bounds[np.isfinite(bounds)])
        return cuts

    @property
    def counts(self) -> dict[str, npt.NDArray[np.int64]]:
        """Customers of each score, from 1 up, for each dimension."""
        return {name: rows["customers"] for name, rows in self._by_dimension().items()}

    @property
    def empty_bins(self) -> dict[str, list[int]]:
        """Scores that no customer got, for each dimension."""
        return {
            name: rows["bin"][rows["customers"] == 0].tolist()
            for name, rows in self._by_dimension().items()
        }

    def _by_dimension(self) -> dict[str, dict[str, npt.NDArray[Any]]]:
        columns = self.bins.to_dict()
        by_dimension = {}
        for name in _DIMENSIONS:
            rows = np.flatnonzero(columns["dimension"] == name)
            rows = rows[np.argsort(columns["bin"][rows], kind="stable")]
            by_dimension[name] = {key: values[rows] for key, values in columns.items()}
        return by_dimension


def rfm(
    transactions: TableLike,
    *,
    as_of: InstantLike | None = None,
    bins: EachDimension[int] | None = None,
    method: RfmMethod = "threshold_right",
    frequency: Literal["orders", "days"] = "orders",
    monetary: Literal["sum", "mean"] = "sum",
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    order: str | None = None,
    window: int | None = None,
    refunds: Refunds = "net",
    zeros: Zeros = "count",
    weights: EachDimension[float] | None = None,
    high_is_best: EachDimension[bool] | None = None,
    cuts: EachDimension[Any] | None = None,
    closed: Literal["right", "left"] = "right",
    nulls: Nulls = "error",
    zone: str = "UTC",
    decimals: int = 4,
    amount_decimals: int = 0,
    money: Money = "float64",
    progress: Progress = None,
) -> RfmScores:
    """Measure and score recency, frequency and monetary value per customer.

    Parameters
    ----------
    transactions : table
        One row a transaction, in any order: who, when, how much. A negative amount is a refund.
    as_of : instant, optional
        Exclusive end: rows at this instant or later do not count, and recency counts days up to
        it. A date means its first instant, in `zone`. By default the midnight after the last row. (`Ledger.as_of` and the ends of
        `summarize` and `cohorts` are included instead.)
    bins : int, or one each, optional
        Number of scores, 2 to 100; what is left out has the named default ``rfm.bins``, 5. "One
        each" is three in the order recency, frequency, monetary, or a mapping by these names.
    method : str
        How scores are cut; see Notes.
    frequency : {"orders", "days"}
        Count orders, or days with a purchase.
    monetary : {"sum", "mean"}
        Sum of the amounts, or their mean an order.
    customer, time, amount, order : str
        Columns, as in `summarize`.
    window : int, optional
        Only rows in this many days before `as_of`.
    refunds, zeros, nulls, zone, decimals, amount_decimals, money, progress
        As in `summarize`.
    weights : number, or one each, optional
        Weights of the sum of the scores in weighted_score; what is left out has its named default
        ``rfm.weight.*``, a third each.
    high_is_best : bool, or one each, optional
        Whether a high measure earns a high score: by default not for recency, so for the others.
    cuts : arrays, one each, optional
        For ``method="fixed"``: rising cuts, one fewer than bins.
    closed : {"right", "left"}
        For ``method="fixed"``: the side of a bin that its cut belongs to.

    Returns
    -------
    RfmScores
        A table ordered by customer with the columns customer_id, recency (days), frequency,
        monetary, recency_score, frequency_score, monetary_score (1 worst to bins best), rfm (the
        scores as digits: of base 10 up to 9 bins, 100 up to 99, else 1000) and weighted_score.
        Customers without a purchase are left out, and counted. `bins`, `cuts`, `counts`,
        `empty_bins` and `report` say how it came about.

    Raises
    ------
    ValueError
        For a missing or mistyped column, a null or non-finite value, or an option out of range.

    Notes
    -----
    Where to cut, and what happens to equal values, decides who is a best customer. The methods:

    =============== ============================================== ========================
    method          rule                                           as in
    =============== ============================================== ========================
    threshold_right type-7 quantiles; score 1 + cuts below a value pandas qcut, distinct cuts
    qcut_drop       the same, equal edges dropped and renumbered   pandas, duplicates="drop"
    rpkg            quantile + 1, bins closed on the left          R package rfm 0.3.0
    ntile           equal bins by rank, ties split by id           SQL NTILE
    midrank         ceil(bins * mean rank / n)
    percent_rank    (rank - 1) / (n - 1) against the shares
    nested          ntile of R, of F inside R, of M inside both    Hughes (1994)
    fixed           cuts of your own
    =============== ============================================== ========================

    Quantiles of type 7: R. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages, The
    American Statistician 50(4), 1996.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> scores = patron.value.rfm(
    ...     {
    ...         "customer_id": np.array([1, 1, 2, 3, 4]),
    ...         "date": np.array(
    ...             ["2024-03-01", "2024-03-30", "2024-03-20", "2024-01-02", "2024-02-10"],
    ...             "datetime64[D]",
    ...         ),
    ...         "amount": np.array([50.0, 70.0, 20.0, 90.0, 5.0]),
    ...     },
    ...     as_of="2024-04-01",
    ...     bins=2,
    ... )
    >>> scores["recency"].tolist(), scores["monetary"].tolist()
    ([2, 12, 90, 51], [120.0, 20.0, 90.0, 5.0])
    >>> scores["rfm"].tolist()
    [222, 211, 112, 111]
    """
    return RfmScores._scored(
        *_core.rfm(
            transactions,
            (customer, time, amount, order, None, zone, nulls, decimals, amount_decimals),
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
                in_zone(as_of, zone),
                window,
                weights,
                cuts,
            ),
            progress,
        )
    )


def score_rfm(
    measures: TableLike,
    *,
    customer: str = "customer_id",
    recency: str = "recency",
    frequency: str = "frequency",
    monetary: str = "monetary",
    bins: EachDimension[int] | None = None,
    method: RfmMethod = "threshold_right",
    weights: EachDimension[float] | None = None,
    high_is_best: EachDimension[bool] | None = None,
    cuts: EachDimension[Any] | None = None,
    closed: Literal["right", "left"] = "right",
    progress: Progress = None,
) -> RfmScores:
    """Score measures of recency, frequency and monetary value that are known already.

    Parameters
    ----------
    measures : table
        One row a customer; customers must differ.
    customer, recency, frequency, monetary : str
        Columns of `measures`; frequency holds integers.
    bins, method, weights, high_is_best, cuts, closed, progress
        As in `rfm`; cuts are in the unit of the columns.

    Returns
    -------
    RfmScores
        As `rfm` gives it, with the measures in the types they have.

    Raises
    ------
    ValueError
        For a missing or mistyped column, a repeated customer, or a value that is not finite.

    Examples
    --------
    >>> import patron
    >>> scores = patron.value.score_rfm(
    ...     {
    ...         "customer_id": [1, 2, 3, 4],
    ...         "recency": [5, 40, 10, 300],
    ...         "frequency": [9, 2, 4, 1],
    ...         "monetary": [900.0, 80.0, 120.0, 30.0],
    ...     },
    ...     bins=2,
    ... )
    >>> scores["rfm"].tolist()
    [222, 111, 222, 111]
    """
    return RfmScores._scored(
        *_core.score_rfm(
            measures,
            (customer, recency, frequency, monetary),
            (
                method,
                bins,
                high_is_best,
                "orders",
                "sum",
                "net",
                "count",
                "float64",
                closed,
                None,
                None,
                weights,
                cuts,
            ),
            progress,
        )
    )
