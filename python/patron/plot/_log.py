"""The pictures of a mined log: its directly-follows graph, and its variants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron.complaints import MinedLog

# Of the most frequent activities; the last is that of all further ones.
_COLORS = [
    style.BLUE,
    style.AMBER,
    "#3f8f6b",
    "#7fb0c8",
    style.RED,
    "#7a5ba6",
    "#8c6d46",
    "#d58fa0",
    "#a8b545",
    style.MUTED,
]


def process_graph(
    log: MinedLog,
    ax: Axes | None = None,
    *,
    edges: int = 30,
    title: str | None = "What follows what",
) -> Axes:
    """Draw the directly-follows graph of a mined log, from its starts down to its ends.

    Activities stand where they come in a case on average; the darker, the more often. Arrows are as
    wide as they are frequent, and say how often and with what median time. Activities without an
    arrow are left out, unless there is no other.

    Parameters
    ----------
    log : MinedLog
        As `patron.complaints.mine` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    edges : int
        At most so many arrows, the most frequent ones.
    title : str, optional
        Title; None for none.
    """
    table = log.edges
    shown = min(edges, len(table))
    linked = {*table["source"][:shown].tolist(), *table["target"][:shown].tolist()}
    places = _places(log, linked)
    layers = max((y for _, y in places.values()), default=0) + 1
    ax = style.axes(ax, (9, max(3.0, 1.25 * layers)))
    most = int(table["count"].max()) if len(table) else 1
    rows = zip(*(table[c][:shown] for c in ("source", "target", "count", "median")), strict=True)
    for source, target, count, median in rows:
        _arrow(ax, places[source], places[target], count / most, f"{count:,} · {_time(median)}")
    activities = log.activities
    events = activities["events"]
    shades = style.colormap()
    for name, count in zip(activities["activity"], events, strict=True):
        if name not in places:
            continue
        color = shades(0.15 + 0.85 * count / max(int(events.max()), 1))
        x, y = places[name]
        ax.text(
            x,
            -y,
            f"{name}\n{count:,}",
            ha="center",
            va="center",
            fontsize=9,
            color=style.ink_on(color),
            bbox={"boxstyle": "round,pad=0.45", "facecolor": color, "edgecolor": "white"},
            zorder=3,
        )
    xs = [x for x, _ in places.values()] or [0.0]
    ax.set_xlim(min(xs) - 1, max(xs) + 1)
    ax.set_ylim(-layers + 0.4, 0.6)
    ax.set_axis_off()
    hidden = len(table) - shown
    subtitle = f"{log.case_count:,} cases, {log.event_count:,} events"
    style.head(ax, title, subtitle + (f"; {hidden:,} rarer arrows not shown" if hidden else ""))
    return ax


def variants(
    log: MinedLog,
    ax: Axes | None = None,
    *,
    top: int = 12,
    title: str | None = "Ways that cases take",
) -> Axes:
    """Draw the most frequent variants of a mined log as rows of steps.

    Parameters
    ----------
    log : MinedLog
        As `patron.complaints.mine` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    top : int
        At most so many variants.
    title : str, optional
        Title; None for none.
    """
    table, steps = log.variants, log.variant_steps
    shown = min(top, len(table))
    ax = style.axes(ax, (9, max(2.5, 0.45 * shown + 1.2)))
    names = log.activities["activity"].tolist()
    colors = {name: _COLORS[min(i, len(_COLORS) - 1)] for i, name in enumerate(names)}
    keep = steps["variant"] < shown
    rows = zip(
        *(steps[c][keep] for c in ("variant", "position", "activity")),
        strict=True,
    )
    seen: dict[Any, Any] = {}
    for variant, position, activity in rows:
        bar = ax.barh(variant, 0.92, left=position, height=0.72, color=colors[activity])
        seen.setdefault(activity, bar)
    ax.set_yticks(
        range(shown),
        [
            f"{n:,} ({share:.1%})"
            for n, share in zip(table["cases"][:shown], table["share"][:shown], strict=True)
        ],
    )
    ax.invert_yaxis()
    ax.set_xlabel("step")
    ax.legend(
        list(seen.values()),
        [str(name) for name in seen],
        loc="center left",
        bbox_to_anchor=(1, 0.5),
        frameon=False,
        fontsize=9,
    )
    covered = float(table["share"][:shown].sum())
    style.clean(ax, title, f"{shown} of {len(table):,} variants, {covered:.1%} of the cases")
    return ax


def _places(log: MinedLog, linked: set[Any]) -> dict[Any, tuple[float, int]]:
    """Where each activity stands: layers by its mean position in a case, side by side in each."""
    steps, cases = log.variant_steps, log.variants["cases"]
    weight = cases[steps["variant"]] if len(steps) else np.zeros(0)
    sums: dict[Any, list[float]] = {}
    for name, position, w in zip(steps["activity"], steps["position"], weight, strict=True):
        if linked and name not in linked:
            continue
        total = sums.setdefault(name, [0.0, 0.0])
        total[0] += float(w) * float(position)
        total[1] += float(w)
    order = sorted(sums, key=lambda name: (sums[name][0] / sums[name][1], str(name)))
    layers: list[list[Any]] = []
    last = float("-inf")
    for name in order:
        mean = sums[name][0] / sums[name][1]
        if mean - last > 0.5 or len(layers[-1]) == 4:
            layers.append([])
            last = mean
        layers[-1].append(name)
    return {
        name: (2.0 * i - (len(layer) - 1), y)
        for y, layer in enumerate(layers)
        for i, name in enumerate(layer)
    }


def _arrow(
    ax: Axes, start: tuple[float, int], end: tuple[float, int], share: float, text: str
) -> None:
    from matplotlib.patches import FancyArrowPatch

    (x0, y0), (x1, y1) = start, end
    begin: tuple[float, float] = (x0, -y0)
    stop: tuple[float, float] = (x1, -y1)
    middle: tuple[float, float]
    if start == end:
        begin, stop, bend = (x0 + 0.5, -y0 + 0.14), (x0 + 0.5, -y0 - 0.14), -2.2
        middle = (x0 + 1.05, -y0)
    else:
        bend = 0.0 if y1 == y0 + 1 else 0.28 if y1 > y0 else 0.34
        dx, dy = x1 - x0, y0 - y1
        middle = ((x0 + x1) / 2 + bend * dy / 2, -(y0 + y1) / 2 - bend * dx / 2)
    ax.add_patch(
        FancyArrowPatch(
            begin,
            stop,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=9 + 5 * share,
            linewidth=0.6 + 3.4 * share,
            color=style.BLUE if share > 0.2 else style.MUTED,
            alpha=0.35 + 0.5 * share,
            shrinkA=2 if start == end else 16,
            shrinkB=2 if start == end else 18,
            zorder=1,
        )
    )
    ax.text(
        middle[0],
        middle[1],
        text,
        fontsize=7,
        color=style.MUTED,
        ha="center",
        va="center",
        zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75},
    )


def _time(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
