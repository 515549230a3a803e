"""Figures of loyalty: classes with reasons, net promoter score, repurchase rate, share of wallet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np

from patron import _core
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike

    Floats = npt.NDArray[np.float64]

Scheme = Literal["dick-basu", "jones-sasser", "oliver", "textbook", "potential"]

_COLUMNS: dict[str, tuple[str, ...]] = {
    "dick-basu": ("attitude", "patronage"),
    "jones-sasser": ("satisfaction", "loyalty", "bound"),
    "oliver": ("cognitive", "affective", "conative", "action"),
    "textbook": ("repeats", "attitude"),
    "potential": ("repeats", "attitude"),
}


class Classes(Table):
    """One row a customer: class and reason.

    Attributes
    ----------
    counts : dict of str to int
        Customers in each class of the scheme, "undetermined" last.
    """

    __slots__ = ("counts",)
    counts: dict[str, int]


def classify(
    table: TableLike,
    scheme: Scheme,
    *,
    columns: Mapping[str, str] | None = None,
    cut: float | Literal["median"] | None = None,
    repeats: float = 3,
    progress: Progress = None,
) -> Classes:
    """Put customers into classes of loyalty, each with its reason.

    What is not known may be null or nan. Where the rest does not decide, the class is
    "undetermined".

    Parameters
    ----------
    table : table
        One row a customer.
    scheme : str
        ``"dick-basu"`` (1994): attitude and patronage, 0 to 1; true, latent, spurious, none.
        ``"jones-sasser"`` (1995): satisfaction and loyalty, 1 to 5, and, where the table has it,
        bound (tied by contract or switching costs); loyalist, apostle (both 5), mercenary, hostage,
        defector, terrorist (both 1).
        ``"oliver"`` (1999): cognitive, affective, conative, action, 0 to 1; the last stage reached
        without a gap, or none, with what it is open to.
        ``"textbook"``: repeats and attitude; loyal with the attitude and three repeat purchases.
        ``"potential"``: the same; potentially loyal with the attitude alone.
    columns : mapping, optional
        What the table calls the columns of the scheme.
    cut : float or "median", optional
        From which a value is high: 0.5, or 4 of 1 to 5, by default; "median", for "dick-basu", is
        the median of the known values.
    repeats : float
        From which repeat purchases are enough.
    progress : bool or callable, optional

    Returns
    -------
    Classes

    Raises
    ------
    ValueError
        For values outside their scale, naming the column and the first row.

    Examples
    --------
    >>> from patron.loyalty import classify
    >>> found = classify({"repeats": [3, 2], "attitude": [0.9, 0.9]}, "textbook")
    >>> found["class"].tolist()
    ['loyal', 'not loyal']
    >>> found["reason"][1]
    'repeats below 3, attitude at least 0.5'
    """
    if scheme not in _COLUMNS:
        raise InvalidArgumentError(f"scheme: {scheme!r}; expected one of {', '.join(_COLUMNS)}")
    known = _COLUMNS[scheme]
    given = dict(columns or {})
    for name in given:
        if name not in known:
            raise InvalidArgumentError(f"columns: {name!r}; expected {', '.join(known)}")
    names: list[str | None] = [given.get(name, name) for name in known]
    if scheme == "jones-sasser" and "bound" not in given and not _has(table, "bound"):
        names[2] = None
    median = isinstance(cut, str)
    if median and cut != "median":
        raise InvalidArgumentError(f"cut: {cut!r}; expected a number or 'median'")
    rows, counts = _core.loyalty_classes(
        table, scheme, tuple(names), median, None if median else cut, repeats, progress
    )
    result = Classes._of(rows)
    sizes = Table._of(counts)
    result.counts = dict(zip(sizes["class"].tolist(), sizes["customers"].tolist(), strict=True))
    return result


def _has(table: TableLike, name: str) -> bool:
    if isinstance(table, Table | dict):
        return name in table
    columns = getattr(table, "columns", None)
    if columns is None or callable(columns):
        columns = getattr(table, "column_names", ())
    return name in list(columns or ())


class NetPromoterScore(NamedTuple):
    """How many more would recommend than would not, in points from -100 to 100.

    Attributes
    ----------
    score : float
        With "adjusted-wald" the adjusted one.
    std_err, lower, upper : float
    promoters, passives, detractors : float
        Shares of the weight: 9 or 10, 7 or 8, 6 or less.
    answers : int
    effective : float
        (sum of weights)^2 / sum of their squares: what the error is by.
    """

    score: float
    std_err: float
    lower: float
    upper: float
    promoters: float
    passives: float
    detractors: float
    answers: int
    effective: float


def net_promoter_score(
    answers: ColumnLike,
    weights: ColumnLike | None = None,
    *,
    interval: Literal["wald", "adjusted-wald", "bootstrap"] = "wald",
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> NetPromoterScore:
    """Measure answers to "how likely are you to recommend us".

    Parameters
    ----------
    answers : array of shape (n,)
        Whole numbers from 0 to 10.
    weights : array of shape (n,), optional
        Above 0.
    interval : {"wald", "adjusted-wald", "bootstrap"}
        "adjusted-wald" adds three answers: 3/4 promoters, 3/4 detractors (Rocks 2016, The American
        Statistician); "bootstrap" takes percentiles of samples drawn with replacement, as many of
        each answer as a Poisson number says.
    level : float
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    NetPromoterScore

    Raises
    ------
    ValueError
        Without an answer, for one outside the scale, and for weights not above 0.

    Examples
    --------
    >>> from patron.loyalty import net_promoter_score
    >>> net_promoter_score([10, 9, 8, 3]).score
    25.0
    """
    table = {"answer": answers} if weights is None else {"answer": answers, "weight": weights}
    found = _core.net_promoter(table, weights is not None, interval, level, replicates, seed)
    return NetPromoterScore(*found)


class ScoreChange(NamedTuple):
    """The change of a score from one wave to the next.

    Attributes
    ----------
    change, std_err, lower, upper : float
    p_value : float
        Of no change, two-sided.
    """

    change: float
    std_err: float
    lower: float
    upper: float
    p_value: float


def score_change(
    first: NetPromoterScore, second: NetPromoterScore, *, level: float = 0.95
) -> ScoreChange:
    """Compare two waves of answers of different people.

    Parameters
    ----------
    first, second : NetPromoterScore
    level : float

    Returns
    -------
    ScoreChange

    Examples
    --------
    >>> from patron.loyalty import net_promoter_score, score_change
    >>> before, after = net_promoter_score([9, 8, 5] * 50), net_promoter_score([9, 9, 5] * 50)
    >>> round(score_change(before, after).change, 1)
    33.3
    """
    return ScoreChange(
        *_core.score_change((first.score, first.std_err), (second.score, second.std_err), level)
    )


class RepurchaseRate(NamedTuple):
    """The share of customers who have bought often enough.

    Attributes
    ----------
    rate : float
    lower, upper : float
        Wilson's interval.
    customers, all_customers : int
    """

    rate: float
    lower: float
    upper: float
    customers: int
    all_customers: int


def repurchase_rate(
    purchases: ColumnLike, *, at_least: float = 2, level: float = 0.95
) -> RepurchaseRate:
    """Measure the share of customers who bought again.

    Parameters
    ----------
    purchases : array of shape (n,)
        The number of purchases of each customer.
    at_least : float
        How many count: 2 is the repurchase rate, 4 are three repeat purchases.
    level : float

    Returns
    -------
    RepurchaseRate

    Examples
    --------
    >>> from patron.loyalty import repurchase_rate
    >>> repurchase_rate([1, 2, 5, 1]).rate
    0.5
    """
    return RepurchaseRate(*_core.repurchase_rate(purchases, at_least, level))


def wallet_allocation(rank: ColumnLike, brands: ColumnLike) -> Floats:
    """Return the shares of customers' spending that a brand gets by its rank.

    The wallet allocation rule (Keiningham and others 2011):
    (1 - rank / (brands + 1)) * 2 / brands.

    Parameters
    ----------
    rank : array of shape (n,)
        Of the brand among those that the customer uses, 1 the best; of brands that tie the mean of
        their ranks.
    brands : array of shape (n,)
        How many the customer uses.

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    ValueError
        For a rank outside 1 to brands, naming the row.

    Examples
    --------
    >>> from patron.loyalty import wallet_allocation
    >>> wallet_allocation([1, 2], [2, 2]).round(4)
    array([0.6667, 0.3333])
    """
    found = Table._of(_core.wallet_allocation({"rank": rank, "brands": brands}))
    return cast("Floats", found["share"])
