"""How unevenly a value is spread over customers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, Progress


class Concentration(NamedTuple):
    """How unevenly a value is spread over customers; nan where a figure is undefined.

    Attributes
    ----------
    customers : int
        Number of customers.
    negatives : int
        Customers with a negative value.
    total, positive_sum, negative_sum : float
        Sums of all, of the positive and of the negative values, in their unit.
    gini : float
        In [0, 1]: normalised where values are negative, else the unbiased Gini coefficient.
    gini_biased, gini_unbiased : float
        The raw coefficient, and that times n / (n - 1); above 1 or nan where negative values make
        it meaningless.
    herfindahl, herfindahl_normalised : float
        Sum of squared shares, and that moved to [0, 1]; nan with negative values.
    effective_number : float
        1 / herfindahl: as many equal customers would be as concentrated.
    top_20_share : float
        Share of the best 20 % of customers, rounded up.
    """

    customers: int
    negatives: int
    total: float
    positive_sum: float
    negative_sum: float
    gini: float
    gini_biased: float
    gini_unbiased: float
    herfindahl: float
    herfindahl_normalised: float
    effective_number: float
    top_20_share: float

    @property
    def gini_normalised(self) -> float:
        """The same as `gini`: normalised, which changes nothing without negative values."""
        return self.gini

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{value:,.6g}</td></tr>"
            for name, value in self._asdict().items()
        )
        return f"<table><caption>Concentration</caption><tbody>{rows}</tbody></table>"


def concentration(values: ColumnLike, *, progress: Progress = None) -> Concentration:
    """Measure how unevenly a value is spread over customers.

    Parameters
    ----------
    values : array of shape (n_customers,)
        One number per customer, in any unit and order. Losses are allowed; integers are summed
        exactly.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Concentration
        Gini, Herfindahl, effective number, and the sums behind them.

    Raises
    ------
    ValueError
        Without customers, with a null, or with a value that is not finite.

    Notes
    -----
    With losses the Gini coefficient is the normalised form of E. Raffinetti, E. Siletti and
    A. Vernizzi, On the Gini coefficient normalization when attributes with negative values are
    considered, Statistical Methods & Applications 24, 2015. Without them it is the ordinary
    unbiased one.

    Examples
    --------
    >>> import patron
    >>> patron.value.concentration([10.0, 0.0, 0.0, 0.0]).gini
    1.0
    >>> patron.value.concentration([-10.0, 20.0, 30.0, 60.0]).negatives
    1
    """
    return Concentration._make(_core.concentration(values, progress))


def lorenz(values: ColumnLike, *, points: int | None = None, progress: Progress = None) -> Table:
    """Return the Lorenz curve: the share of value that the poorest customers hold.

    Parameters
    ----------
    values : array of shape (n_customers,)
        As in `concentration`; the total must be positive.
    points : int, optional
        Number of steps, the curve has one row more; by default one a customer.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Table
        Columns customer_share and value_share, from (0, 0) to (1, 1).

    Raises
    ------
    ValueError
        As `concentration`, and for a total that is not positive.

    Examples
    --------
    >>> import patron
    >>> patron.value.lorenz([1.0, 1.0, 2.0])["value_share"].tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    return Table._of(_core.lorenz(values, points, progress))


def share_curve(
    values: ColumnLike, shares: ColumnLike | None = None, *, progress: Progress = None
) -> Table:
    """Return what share of value the best customers hold: the top 20 %, or any other share.

    Parameters
    ----------
    values : array of shape (n_customers,)
        As in `concentration`; the total must be positive.
    shares : number or array of shape (n_shares,), optional
        Shares of customers in [0, 1]; by default each percent.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Table
        Columns customer_share (as asked), customers (rounded up) and value_share, in the order of
        `shares`.

    Raises
    ------
    ValueError
        As `concentration`, for a total that is not positive, and for a share outside [0, 1].

    See Also
    --------
    customers_for_share : the inverse.

    Examples
    --------
    >>> import patron
    >>> patron.value.share_curve([10.0, 60.0, 20.0, 10.0], 0.25)["value_share"].tolist()
    [0.6]
    """
    if shares is None:
        shares = np.arange(101) / 100
    return Table._of(_core.share_curve(values, shares, progress))


def customers_for_share(
    values: ColumnLike, shares: ColumnLike, *, progress: Progress = None
) -> Table:
    """Return the fewest customers that hold a share of value.

    Parameters
    ----------
    values : array of shape (n_customers,)
        As in `concentration`; the total must be positive.
    shares : number or array of shape (n_shares,)
        Shares of value in [0, 1].
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Table
        Columns value_share (as asked), customers and customer_share, in the order of `shares`.

    Raises
    ------
    ValueError
        As `share_curve`.

    Examples
    --------
    >>> import patron
    >>> patron.value.customers_for_share([10.0, 60.0, 20.0, 10.0], 0.8)["customers"].tolist()
    [2]
    """
    return Table._of(_core.customers_for_share(values, shares, progress))


class Whale(NamedTuple):
    """The whale curve in figures.

    Attributes
    ----------
    customers : int
        Number of customers.
    peak_customers : int
        Customers at the peak: those with a positive profit.
    full_customers : int
        Fewest customers whose profit reaches the total.
    negatives : int
        Customers with a loss.
    total : float
        Sum of the profits.
    peak : float
        Cumulative profit at the peak.
    peak_share : float
        peak / total; nan if the total is not positive.
    negative_sum : float
        Sum of the losses, at most 0.
    loss_beyond_peak : float
        peak - total: what the customers beyond the peak cost.
    """

    customers: int
    peak_customers: int
    full_customers: int
    negatives: int
    total: float
    peak: float
    peak_share: float
    negative_sum: float
    loss_beyond_peak: float


class WhaleCurve(Table):
    """The curve, one row a point, with its figures; see `whale_curve`."""

    __slots__ = ("_figures",)
    _figures: tuple[float, ...]

    @classmethod
    def _with(cls, curve: _core.Table, figures: tuple[float, ...]) -> Self:
        table = cls._of(curve)
        table._figures = figures
        return table

    @property
    def figures(self) -> Whale:
        """The curve in figures."""
        return Whale._make(self._figures)

    @property
    def peak_customers(self) -> int:
        """Customers at the peak: those with a positive profit."""
        return self.figures.peak_customers

    @property
    def peak_share(self) -> float:
        """Cumulative profit at the peak as a share of the total."""
        return self.figures.peak_share

    @property
    def full_customers(self) -> int:
        """Fewest customers whose profit reaches the total."""
        return self.figures.full_customers

    @property
    def loss_beyond_peak(self) -> float:
        """What the customers beyond the peak cost."""
        return self.figures.loss_beyond_peak


def whale_curve(
    values: ColumnLike, *, points: int | None = None, progress: Progress = None
) -> WhaleCurve:
    """Return the whale curve: cumulative profit from the best customer down.

    Parameters
    ----------
    values : array of shape (n_customers,)
        Profit per customer, losses included, in any unit.
    points : int, optional
        Number of steps, the curve has one row more; by default one a customer.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    WhaleCurve
        Columns customers, customer_share, cumulative and cumulative_share (null if the total is not
        positive); `figures` holds the peak and what lies beyond it.

    Raises
    ------
    ValueError
        As `concentration`.

    Notes
    -----
    R. Kaplan and R. Cooper, Cost and Effect (1998).

    Examples
    --------
    >>> import patron
    >>> curve = patron.value.whale_curve([50.0, 80.0, -20.0, -10.0])
    >>> curve["cumulative"].tolist()
    [0.0, 80.0, 130.0, 120.0, 100.0]
    >>> curve.peak_customers, curve.peak_share, curve.full_customers
    (2, 1.3, 2)
    """
    return WhaleCurve._with(*_core.whale_curve(values, points, progress))
