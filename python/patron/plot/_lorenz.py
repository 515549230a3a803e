"""The picture of a Lorenz curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patron._text import percent
from patron.plot import _style as style
from patron.table import Table
from patron.value import concentration
from patron.value import lorenz as curve_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import ColumnLike


def lorenz(
    values: Table | ColumnLike, ax: Axes | None = None, *, title: str | None = "Lorenz curve"
) -> Axes:
    """Draw the Lorenz curve of a value, or of what `patron.value.lorenz` gave.

    Parameters
    ----------
    values : array of shape (n_customers,), or Table
        One number per customer, which also gives the Gini coefficient; or a curve.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title; None for none.
    """
    subtitle = None
    if isinstance(values, Table):
        curve = values
    else:
        curve = curve_of(values, points=style.points_of(values))
        measured = concentration(values)
        subtitle = (
            f"Gini {measured.gini:.3f}; "
            f"the best 20% of customers hold {percent(measured.top_20_share)}"
        )
    x, y = curve["customer_share"], curve["value_share"]
    least = min(0.0, float(y.min()) * 1.05)
    ax = style.axes(ax, (6.6, 6.6) if least == 0 else (7.6, 6.6))

    ax.plot([0, 1], [0, 1], color=style.MUTED, linewidth=1.2, linestyle=style.DASHED)
    ax.annotate(
        "all alike",
        (0.5, 0.5),
        xytext=(-8, 4),
        textcoords="offset points",
        ha="right",
        fontsize=10,
        color=style.MUTED,
    )
    ax.fill_between(x, y, x, color=style.SEA[1], alpha=0.55, linewidth=0)
    ax.plot(x, y, color=style.BLUE, linewidth=2.6, solid_capstyle="round")
    if least < 0:
        ax.axhline(0, color=style.RULE, linewidth=1.2, zorder=0)
    held = float(np.interp(0.8, x, y))
    ax.plot([0.8, 0.8, 0], [least, held, held], color=style.AMBER, linewidth=1.2)
    ax.plot([0.8], [held], "o", color=style.AMBER, markersize=7)
    ax.annotate(
        f"80% of customers\nhold {percent(held)}",
        (0.8, held),
        xytext=(-12, 12),
        textcoords="offset points",
        ha="right",
        fontsize=11,
        color=style.INK,
    )
    ax.set(xlim=(0, 1.005), ylim=(least, 1.005))
    if least == 0:
        ax.set_aspect("equal")
    ax.set_xlabel("customers, from the least valuable")
    ax.set_ylabel("share of value")
    style.percent_axis(ax.xaxis)
    style.percent_axis(ax.yaxis)
    style.clean(ax, title, subtitle)
    return ax
