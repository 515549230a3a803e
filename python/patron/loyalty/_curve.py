"""From satisfaction to loyalty: straight, bent, curved or merely rising."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike


class SatisfactionCurve(NamedTuple):
    """How loyalty rises with satisfaction.

    Attributes
    ----------
    terms : Table
        A row a term: model ("linear", "quadratic", "hinge"), term ("intercept", "slope", "square";
        of the hinge "slope below", "slope above", "bend"), estimate, std_err, lower, upper. Those of
        the hinge take its knot as given.
    levels : Table
        A row a distinct satisfaction: satisfaction, rows, loyalty (mean), lower, upper (Wilson's
        where loyalty is 0 or 1 throughout), linear, quadratic, hinge, isotonic (what the curves
        say), quadratic_slope and its error.
    knot : float
        Where the hinge bends: the level of least squares.
    linear_share, quadratic_share, hinge_share, isotonic_share : float
        Shares of the variance of loyalty that the curves explain.
    """

    terms: Table
    levels: Table
    knot: float
    linear_share: float
    quadratic_share: float
    hinge_share: float
    isotonic_share: float


def satisfaction_curve(
    satisfaction: ColumnLike,
    loyalty: ColumnLike,
    weights: ColumnLike | None = None,
    *,
    level: float = 0.95,
) -> SatisfactionCurve:
    """Fit curves from satisfaction to loyalty by least squares.

    Parameters
    ----------
    satisfaction : array of shape (n,)
        On any scale.
    loyalty : array of shape (n,)
        Such as whether customers bought again (0 or 1), or an index.
    weights : array of shape (n,), optional
        Above 0.
    level : float
        Of the intervals.

    Returns
    -------
    SatisfactionCurve

    Raises
    ------
    ValueError
        For numbers that are not finite, and weights not above 0.
    patron.errors.FailedPreconditionError
        For fewer than 3 levels of satisfaction or 5 rows, or loyalty that is the same for all.

    Examples
    --------
    >>> from patron.loyalty import satisfaction_curve
    >>> curve = satisfaction_curve([1, 2, 3, 4, 5], [1, 3, 2, 5, 4])
    >>> round(curve.linear_share, 2), curve.levels["isotonic"]
    (0.64, array([1. , 2.5, 2.5, 4.5, 4.5]))
    """
    table = {"satisfaction": satisfaction, "loyalty": loyalty}
    if weights is not None:
        table["weight"] = weights
    terms, levels, figures = _core.satisfaction_curve(table, weights is not None, level)
    return SatisfactionCurve(Table._of(terms), Table._of(levels), *figures)
