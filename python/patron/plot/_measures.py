"""The pictures of measures over time: the age of open cases, a control chart, a survival curve."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron.complaints import Ageing, ControlChart, Survival


def ageing(
    ages: Ageing,
    ax: Axes | None = None,
    *,
    unit: str = "",
    title: str | None = "Age of open cases",
) -> Axes:
    """Draw how many open cases are how old.

    Parameters
    ----------
    ages : Ageing
        As `patron.complaints.ageing` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    unit : str
        Of the bounds, such as "h".
    title : str, optional
        Title; None for none.
    """
    ax = style.axes(ax, (8, 4.5))
    bounds = [f"{bound:g}" for bound in ages.bounds]
    between = [f"{low}-{high}" for low, high in pairwise(bounds)]
    labels = [f"under {bounds[0]}", *between, f"{bounds[-1]} and more"] if bounds else ["all"]
    shades = style.colormap()
    places = range(len(labels))
    colors = [shades((i + 1) / len(labels)) for i in places]
    ax.bar(places, ages.counts, color=colors, width=0.72)
    for i, count in enumerate(ages.counts):
        ax.annotate(
            f"{count:,}",
            (i, count),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=style.INK,
            fontsize=10,
        )
    ax.set_xticks(list(places), labels)
    ax.set_xlabel(f"age ({unit})" if unit else "age")
    ax.set_ylabel("open cases")
    style.clean(ax, title, f"{sum(ages.counts):,} open cases")
    return ax


def control_chart(
    chart: ControlChart, ax: Axes | None = None, *, title: str | None = "Control chart"
) -> Axes:
    """Draw a control chart: values, center, limits, signals.

    Parameters
    ----------
    chart : ControlChart
        As `patron.complaints.control_chart` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title; None for none.
    """
    ax = style.axes(ax, (9, 4.5))
    points = range(len(chart))
    values, signals = chart["value"], chart.signals
    ax.fill_between(
        points, chart["lower"], chart["upper"], step="mid", color=style.PALE, linewidth=0
    )
    ax.axhline(chart.center, color=style.MUTED, linewidth=1.2, linestyle=style.DASHED)
    ax.plot(points, values, color=style.BLUE, linewidth=1.4, marker="o", markersize=3.5)
    ax.plot(signals, values[signals], color=style.RED, linestyle="", marker="o", markersize=6)
    ax.set_xlabel("point")
    ax.set_ylabel("value")
    noun = "signal" if len(signals) == 1 else "signals"
    style.clean(ax, title, f"center {chart.center:.6g}; {len(signals)} {noun}")
    return ax


def survival(
    curve: Survival,
    ax: Axes | None = None,
    *,
    unit: str = "",
    title: str | None = "Still open",
) -> Axes:
    """Draw a survival curve with its interval.

    Parameters
    ----------
    curve : Survival
        As `patron.complaints.survival` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    unit : str
        Of the times, such as "s".
    title : str, optional
        Title; None for none.
    """
    ax = style.axes(ax, (8, 4.5))
    times = [0.0, *curve["time"].tolist()]
    ax.fill_between(
        times,
        [1.0, *curve["lower"].tolist()],
        [1.0, *curve["upper"].tolist()],
        step="post",
        color=style.SEA[1],
        alpha=0.6,
        linewidth=0,
    )
    ax.step(times, [1.0, *curve["survival"].tolist()], where="post", color=style.BLUE, linewidth=2)
    ax.set_ylim(0, 1.02)
    ax.set_xlim(left=0)
    style.percent_axis(ax.yaxis)
    ax.set_xlabel(f"time ({unit})" if unit else "time")
    ax.set_ylabel("share without the event")
    events, censored = int(curve["events"].sum()), int(curve["censored"].sum())
    style.clean(ax, title, f"{events:,} events, {censored:,} censored")
    return ax
