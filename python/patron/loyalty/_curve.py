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
        say), quadratic_slope with its error and interval.
    knot : float
        Where the hinge bends: the level of least squares.
    linear_share, quadratic_share, hinge_share, isotonic_share : float
        Shares of the variance of loyalty that the curves explain.
    boxes : Table
        The rows "top", "rest" and "difference": box, least (the least satisfaction of the box), rows,
        share (of customers), share_lower, share_upper (Wilson's), loyalty (mean), lower, upper. Those
        of the difference come from the limits of both (Newcombe 1998).
    """

    terms: Table
    levels: Table
    knot: float
    linear_share: float
    quadratic_share: float
    hinge_share: float
    isotonic_share: float
    boxes: Table


def satisfaction_curve(
    satisfaction: ColumnLike,
    loyalty: ColumnLike,
    weights: ColumnLike | None = None,
    *,
    level: float = 0.95,
    top: float | None = None,
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
    top : float, optional
        The least satisfaction of the top box. By default the highest of up to 3 levels, 2 of up to 7,
        3 of up to 11; of more levels the highest that hold a quarter of the customers.

    Returns
    -------
    SatisfactionCurve

    Raises
    ------
    ValueError
        For numbers that are not finite, weights not above 0, and a top box of all or none.
    patron.errors.FailedPreconditionError
        For fewer than 3 levels of satisfaction or 5 rows, or loyalty that is the same for all.

    Examples
    --------
    >>> from patron.loyalty import satisfaction_curve
    >>> curve = satisfaction_curve([1, 2, 3, 4, 5], [1, 3, 2, 5, 4])
    >>> round(curve.linear_share, 2), curve.levels["isotonic"]
    (0.64, array([1. , 2.5, 2.5, 4.5, 4.5]))
    >>> curve.boxes["box"].tolist(), curve.boxes["loyalty"].tolist()
    (['top', 'rest', 'difference'], [4.5, 2.0, 2.5])
    """
    table = {"satisfaction": satisfaction, "loyalty": loyalty}
    if weights is not None:
        table["weight"] = weights
    terms, levels, figures = _core.satisfaction_curve(table, weights is not None, level)
    boxes = _core.top_boxes(table, weights is not None, top, level)
    return SatisfactionCurve(Table._of(terms), Table._of(levels), *figures, Table._of(boxes))
