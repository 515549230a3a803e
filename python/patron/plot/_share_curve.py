"""The picture of what the best customers hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patron._text import percent
from patron.plot import _style as style
from patron.table import Table
from patron.value import share_curve as curve_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import ColumnLike


def share_curve(
    values: Table | ColumnLike,
    ax: Axes | None = None,
    *,
    mark: tuple[float, ...] = (0.01, 0.05, 0.2, 0.5),
    title: str | None = "What the best customers hold",
) -> Axes:
    """Draw what share of value the best customers hold.

    Parameters
    ----------
    values : array of shape (n_customers,), or Table
        One number per customer, or a curve as `patron.value.share_curve` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    mark : tuple of float
        Shares of customers to mark, in [0, 1].
    title : str, optional
        Title; None for none.
    """
    from matplotlib.patheffects import withStroke

    ax = style.axes(ax, (8, 5.6))
    if isinstance(values, Table):
        curve, marks = values, None
    else:
        curve = curve_of(values, np.linspace(0, 1, 501))
        marks = curve_of(values, np.array(mark)) if mark else None
    order = np.argsort(curve["customer_share"], kind="stable")
    x, y = curve["customer_share"][order], curve["value_share"][order]
    ax.plot([0, 1], [0, 1], color=style.MUTED, linewidth=1.2, linestyle=style.DASHED)
    ax.fill_between(x, y, x, color=style.SEA[1], alpha=0.55, linewidth=0)
    ax.plot(x, y, color=style.BLUE, linewidth=2.6, solid_capstyle="round")
    for i, share in enumerate(mark):
        held = float(marks["value_share"][i]) if marks else float(np.interp(share, x, y))
        ax.plot([share], [held], "o", color=style.AMBER, markersize=8, zorder=5)
        # Beyond the middle there is no room on the right.
        right = share <= 0.6
        ax.annotate(
            f"top {share * 100:.4g}%: {percent(held)}",
            (share, held),
            xytext=(12 if right else -8, -5),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            fontsize=11,
            color=style.INK,
            path_effects=[withStroke(linewidth=5, foreground="#e0ecf1")],
            zorder=6,
        )
    ax.set(xlim=(0, 1.005), ylim=(0, max(1.02, float(y.max()) * 1.02)))
    ax.set_xlabel("customers, from the most valuable")
    ax.set_ylabel("share of value")
    style.percent_axis(ax.xaxis)
    style.percent_axis(ax.yaxis)
    style.clean(ax, title)
    return ax
