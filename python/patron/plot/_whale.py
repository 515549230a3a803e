"""The picture of a whale curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron._text import money, money_ticks, percent
from patron.plot import _style as style
from patron.value import WhaleCurve
from patron.value import whale_curve as curve_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import ColumnLike


def whale_curve(
    values: WhaleCurve | ColumnLike,
    ax: Axes | None = None,
    *,
    currency: str = "",
    quantity: str = "profit",
    title: str | None = "Whale curve",
) -> Axes:
    """Draw the whale curve: cumulative profit from the best customer down.

    Parameters
    ----------
    values : WhaleCurve, or array of shape (n_customers,)
        As `patron.value.whale_curve` gives it, or profit per customer.
    ax : Axes, optional
        Where to draw; a new figure by default.
    currency : str
        Written before amounts, such as "£".
    quantity : str
        What the values are, for the labels.
    title : str, optional
        Title; None for none.
    """
    ax = style.axes(ax, (9, 5.6))
    if isinstance(values, WhaleCurve):
        curve = values
    else:
        curve = curve_of(values, points=style.points_of(values))
    figures = curve.figures
    # Without a positive total there are no shares of it, and the losses go below zero.
    relative = figures.total > 0
    x = curve["customer_share"]
    y = curve["cumulative_share"] if relative else curve["cumulative"]
    end = 1.0 if relative else figures.total
    peak_x = figures.peak_customers / max(figures.customers, 1)
    peak_y = figures.peak_share if relative else figures.peak

    rising, falling = x <= peak_x, x >= peak_x
    lost_from = end if relative else 0.0
    ax.fill_between(x[rising], y[rising], 0, color=style.SEA[1], alpha=0.6, linewidth=0)
    ax.fill_between(x[falling], y[falling], lost_from, color=style.RED, alpha=0.18, linewidth=0)
    ax.axhline(lost_from, color=style.MUTED, linewidth=1.2, linestyle=style.DASHED)
    ax.plot(x[rising], y[rising], color=style.BLUE, linewidth=2.6, solid_capstyle="round")
    ax.plot(x[falling], y[falling], color=style.RED, linewidth=2.6, solid_capstyle="round")
    ax.plot([peak_x], [peak_y], "o", color=style.AMBER, markersize=8, zorder=5)
    peak = f"{percent(peak_y)} of {quantity}" if relative else money(peak_y, currency)
    right = peak_x < 0.55
    ax.annotate(
        f"peak {peak}\nafter {figures.peak_customers:,} customers ({percent(peak_x)})",
        (peak_x, peak_y),
        xytext=(14 if right else -14, 12),
        textcoords="offset points",
        ha="left" if right else "right",
        va="bottom",
        fontsize=11,
        color=style.INK,
    )
    low, high = min(0.0, float(y.min())), max(float(y.max()), end)
    height = high - low or 1.0
    ax.set(xlim=(0, 1.005), ylim=(low - 0.02 * height, high + 0.2 * height))
    if figures.negatives:
        ax.annotate(
            f"{figures.negatives:,} customers\nlose {money(-figures.negative_sum, currency)}",
            (1, end),
            xytext=(-8, -14) if relative else (-90, 2),
            textcoords="offset points",
            ha="right",
            va="top" if relative else "bottom",
            fontsize=11,
            color=style.RED,
        )
    ax.set_xlabel("customers, from the best")
    ax.set_ylabel(f"cumulative {quantity}" + (", share of the total" if relative else ""))
    style.percent_axis(ax.xaxis)
    if relative:
        style.percent_axis(ax.yaxis)
    else:
        shown = [t for t in ax.get_yticks().tolist() if low - 0.02 * height <= t <= high * 1.2]
        ax.set_yticks(shown, money_ticks(shown, currency))
    style.clean(
        ax,
        title,
        f"{figures.customers:,} customers, {quantity} of {money(figures.total, currency)} in all",
    )
    return ax


whale = whale_curve  # Its former name.
