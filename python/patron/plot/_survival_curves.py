"""The pictures of time to leave: curves with the number at risk below, and hazard ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron.loyalty import Cox, KaplanMeier, NelsonAalen

_COLORS = (style.BLUE, style.AMBER, style.RED, "#4a7c59", "#6b5b95", style.MUTED)


def survival_curves(
    fit: KaplanMeier | NelsonAalen,
    ax: Axes | None = None,
    *,
    at_risk: bool = True,
    intervals: bool = True,
    unit: str = "",
    title: str | None = None,
) -> Axes:
    """Draw the curves of each group with their intervals, and the number at risk below.

    Parameters
    ----------
    fit : KaplanMeier or NelsonAalen
    ax : Axes, optional
        Where to draw; a new figure by default.
    at_risk : bool
        Whether a table below the axis tells how many are at risk at each tick.
    intervals : bool
        Whether intervals are drawn.
    unit : str
        Of time, such as "months".
    title : str, optional
        Title; by default that of the curve.
    """
    curve = fit.curve_
    shown = "survival" if "survival" in curve else "hazard"
    groups = _groups(fit, curve)
    ax = style.axes(ax, (9, 5.0 + (0.25 * len(groups) if at_risk else 0)))
    start = 1.0 if shown == "survival" else 0.0
    for i, (label, rows) in enumerate(groups):
        color = _COLORS[i % len(_COLORS)]
        times = np.concatenate([[0.0], curve["time"][rows]])
        values = np.concatenate([[start], curve[shown][rows]])
        ax.step(times, values, where="post", color=color, linewidth=2, label=label)
        if intervals:
            low, high = (np.concatenate([[start], curve[n][rows]]) for n in ("lower", "upper"))
            ax.fill_between(times, low, high, step="post", color=color, alpha=0.15, linewidth=0)
        gone = curve["censored"][rows] > 0
        if gone.sum() <= 200:
            ax.plot(times[1:][gone], values[1:][gone], "|", color=color, markersize=7)
    ax.set_xlim(left=0, right=fit.last_time_)
    ax.set_ylim(bottom=0, top=1.02 if shown == "survival" else None)
    if shown == "survival":
        style.percent_axis(ax.yaxis)
    ax.set_xlabel(f"time ({unit})" if unit else "time")
    ax.set_ylabel("still there" if shown == "survival" else "cumulative hazard")
    if len(groups) > 1:
        ax.legend(frameon=False, labelcolor=style.INK)
    subtitle = f"{fit.n_rows_:,} customers, {fit.n_events_:,} have left"
    name = "Survival" if shown == "survival" else "Cumulative hazard"
    style.clean(ax, name if title is None else title, subtitle)
    if at_risk:
        _number_at_risk(fit, ax, groups)
    return ax


def _groups(fit: Any, curve: Any) -> list[tuple[str, Any]]:
    """Labels of the groups, and their rows of the curve."""
    if not fit.groups_:
        return [("all", np.arange(len(curve)))]
    keys = [", ".join(map(str, key)) for key in zip(*(curve[n] for n in fit.groups_), strict=True)]
    labels = list(dict.fromkeys(keys))
    return [(label, np.flatnonzero(np.array(keys) == label)) for label in labels]


def _make_room(ax: Axes, labels: list[str]) -> None:
    """Raise the foot of axes in a figure that does not lay itself out, so that the table fits.

    The figure grows where it is too small for that.
    """
    figure = ax.figure
    if figure.get_layout_engine() is not None:
        return
    below = 68 + 15 * (len(labels) - 1) + 10  # Points, of the table.
    left = 22 + 5.8 * max(map(len, labels)) + 6 if len(labels) > 1 else 40
    top, least = 56, 60  # Of the title; height and width that the axes keep.
    width, height = (72 * inches for inches in figure.get_size_inches())  # type: ignore[union-attr]
    box = ax.get_position()
    under = [
        other.get_position()
        for other in figure.axes
        if other is not ax
        and other.get_position().y1 <= box.y0
        and other.get_position().x0 < box.x1
        and box.x0 < other.get_position().x1
    ]
    beside = [
        other.get_position().x1
        for other in figure.axes
        if other is not ax
        and other.get_position().x1 <= box.x0
        and other.get_position().y0 < box.y1
        and box.y0 < other.get_position().y1
    ]
    floor = max((other.y1 for other in under), default=0.0)
    needed = below + (top if under else 0)
    if not under and height < needed + least + top:
        figure.set_figheight((needed + least + top) / 72)  # type: ignore[union-attr]
        height = needed + least + top
    y1 = min(box.y1, 1 - top / height) if not under and box.y1 > 1 - top / height else box.y1
    y0 = min(max(box.y0, floor + needed / height), y1 - least / height)
    x0 = min(max(box.x0, max(beside, default=0.0) + left / width), box.x1 - least / width)
    if (x0, y0, y1) != (box.x0, box.y0, box.y1):
        ax.set_position((x0, y0, box.x1 - x0, y1 - y0))


def _number_at_risk(fit: Any, ax: Axes, groups: list[tuple[str, Any]]) -> None:
    """Write how many are at risk at each tick, a line a group, below the axis."""
    _make_room(ax, [label for label, _ in groups])
    ticks = [tick for tick in ax.get_xticks() if 0 <= tick <= fit.last_time_]
    ax.set_xticks(ticks)
    counts = fit.at(ticks)["at_risk"].reshape(len(groups), len(ticks))
    ax.annotate(
        "at risk",
        (0, 0),
        xytext=(0, -52),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.MUTED,
        fontsize=10,
    )
    for i, (label, _) in enumerate(groups):
        color, down = _COLORS[i % len(_COLORS)], -68 - 15 * i
        for tick, count in zip(ticks, counts[i], strict=True):
            ax.annotate(
                f"{count:,}",
                (tick, 0),
                xytext=(0, down),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                color=color,
                fontsize=9.5,
                annotation_clip=False,
            )
        if len(groups) > 1:
            ax.annotate(
                label,
                (0, 0),
                xytext=(-22, down),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                color=color,
                fontsize=9.5,
                annotation_clip=False,
            )


def hazard_ratios(
    fit: Cox,
    ax: Axes | None = None,
    *,
    level: float | None = None,
    title: str | None = "Hazard ratios",
) -> Axes:
    """Draw the hazard ratios of a model with their intervals, on a scale of ratios.

    Parameters
    ----------
    fit : Cox
    ax : Axes, optional
        Where to draw; a new figure by default.
    level : float, optional
        Of the intervals; that of the model by default.
    title : str, optional
        Title; None for none.
    """
    rows = fit.confidence_intervals(level)
    names = rows["name"].tolist()
    ax = style.axes(ax, (8, 1.8 + 0.45 * len(names)))
    places = np.arange(len(names))[::-1]
    ratio, low, high = (np.exp(rows[n]) for n in ("coefficient", "lower", "upper"))
    ax.hlines(places, low, high, color=style.BLUE, linewidth=2)
    ax.plot(ratio, places, "o", color=style.BLUE, markersize=7)
    ax.axvline(1, color=style.MUTED, linewidth=1, linestyle=style.DASHED)
    ax.set_xscale("log")
    ax.set_yticks(places, names)
    ax.set_xlabel("hazard ratio of one unit more")
    style.clean(ax, title, f"{fit.n_rows_:,} rows, {fit.n_events_:,} events, {fit.ties} ties")
    return ax
