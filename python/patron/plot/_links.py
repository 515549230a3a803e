"""Pictures of links: what a pair weighs and why, and how weights lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np

from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import ColumnLike
    from patron.customers import LinkedPairs, Sweep
    from patron.table import Table


def waterfall(
    explanation: Table,
    ax: Axes | None = None,
    *,
    threshold: float | None = None,
    title: str | None = "Why this pair weighs what it weighs",
) -> Axes:
    """Draw the weights of one pair: the prior, what each field adds or takes, and the sum.

    Parameters
    ----------
    explanation : Table
        Of one pair, as `Linker.explain` or `LinkIndex.explain` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    threshold : float, optional
        Weight from which pairs are linked, as a line.
    title : str, optional
        Title; None for none.

    Raises
    ------
    ValueError
        For the rows of no pair or of several.
    """
    rows = explanation.to_dict()
    pairs = set(zip(rows["left"].tolist(), rows["right"].tolist(), strict=True))
    if len(pairs) != 1:
        raise ValueError(f"explanation: {len(pairs)} pairs; expected one")
    weights = [float(weight) for weight in rows["weight"].tolist()]
    fields = [str(field) if field is not None else "prior" for field in rows["field"].tolist()]
    notes = [
        _note(*cells)
        for cells in zip(
            *(rows[name].tolist() for name in ("level", "left_value", "right_value")), strict=True
        )
    ]
    ax = style.axes(ax, (9, 1.5 + 0.66 * (len(weights) + 1)))
    total = math.fsum(weights)
    start = 0.0
    ends = [0.0]
    for place, weight in enumerate(weights):
        color = style.MUTED if place == 0 else style.BLUE if weight >= 0 else style.RED
        ax.barh(place, weight, left=start, height=0.62, color=color, linewidth=0)
        after = start + weight
        ax.plot([after, after], [place - 0.31, place + 1.31], color=style.MUTED, linewidth=0.9)
        ends.append(after)
        start = after
    place = len(weights)
    ax.barh(place, total, height=0.62, color=style.INK, linewidth=0)
    low, high = min(ends), max(ends)
    if threshold is not None:
        low, high = min(low, threshold), max(high, threshold)
        ax.axvline(threshold, color=style.AMBER, linewidth=1.4, linestyle=style.DASHED, zorder=0)
        ax.annotate(
            f"linked from {threshold:g}",
            (threshold, -0.72),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=9.5,
            color=style.AMBER,
            va="center",
        )
    width = high - low or 1.0
    bars = zip([*weights, total], [*ends[:-1], 0.0], strict=True)
    for row, (weight, left) in enumerate(bars):
        ax.annotate(
            f"{weight:+.1f}" if row < place else f"{weight:.1f}",
            (max(left, left + weight), row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=style.INK,
            fontweight="bold" if row == place else "normal",
        )
    ax.axvline(0, color=style.RULE, linewidth=1.2, zorder=0)
    ax.set(xlim=(low - 0.04 * width, high + 0.14 * width), ylim=(place + 0.6, -1.05))
    labels = [f"{f}\n{n}" if n else f for f, n in zip(fields, notes, strict=True)]
    ax.set_yticks(range(place + 1), [*labels, "weight"], fontsize=9.5, family=style.families())
    ax.set_xlabel("weight, log2 of the odds")
    (left_id, right_id) = next(iter(pairs))
    probability = 1 / (1 + 2.0**-total) if total > -1000 else 0.0
    style.clean(ax, title, f"{left_id} and {right_id}: a match with {_chance(probability)}")
    return ax


def _chance(probability: float) -> str:
    if probability > 0.9995:
        return "more than 99.9%"
    return "less than 0.1%" if probability < 0.0005 else f"{probability:.1%}"


def _note(level: Any, left: Any, right: Any) -> str:
    if level is None:
        return ""
    if level == "null":
        return "no value on a side"

    values = _short(left, 26) if left == right else f"{_short(left, 14)} / {_short(right, 14)}"
    return f"{values}\n{level}"


def _short(value: Any, most: int) -> str:
    """Cut to what `most` Latin letters take; characters of the East count twice."""
    text, width = str(value), 0
    for place, character in enumerate(text):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > most:
            return text[:place] + "…"
    return text


def link_weights(
    pairs: LinkedPairs | ColumnLike,
    truth: ColumnLike | None = None,
    ax: Axes | None = None,
    *,
    threshold: float | None = None,
    title: str | None = "Weights of pairs",
) -> Axes:
    """Draw how many pairs have which weight.

    Parameters
    ----------
    pairs : LinkedPairs, or array of shape (n_pairs,)
        Of `Linker.predict` with a low threshold, or their weights.
    truth : array of shape (n_pairs,), optional
        Whether each pair is one person, for two colours.
    ax : Axes, optional
        Where to draw; a new figure by default.
    threshold : float, optional
        Weight from which pairs are linked, as a line.
    title : str, optional
        Title; None for none.
    """
    from patron.table import Table as AnyTable

    weights = np.asarray(pairs["weight"] if isinstance(pairs, AnyTable) else pairs, dtype=float)
    if len(weights) == 0 or not np.isfinite(weights).all():
        raise ValueError(
            f"pairs: {len(weights)} weights, some not finite; expected finite ones"
            if len(weights)
            else "pairs: none; expected at least one"
        )
    ax = style.axes(ax, (9, 5))
    low, high = math.floor(weights.min()), math.ceil(weights.max())
    step = max(1, math.ceil((high - low) / 60))
    edges = np.arange(low, high + 2 * step, step, dtype=float)
    if truth is None:
        groups, colors, labels = [weights], [style.BLUE], ["pairs"]
    else:
        same = np.asarray(truth, dtype=bool)
        if same.shape != weights.shape:
            raise ValueError(f"truth: {len(same)} rows; expected {len(weights)}, one a pair")
        groups = [weights[same], weights[~same]]
        colors, labels = [style.BLUE, style.RED], ["one person", "two people"]
    ax.hist(
        groups,
        bins=edges.tolist(),
        stacked=True,
        color=colors,
        label=labels,
        edgecolor="white",
        linewidth=0.6,
    )
    if truth is not None:
        ax.legend(frameon=False, fontsize=10.5, labelcolor=style.INK)
    if threshold is not None:
        ax.axvline(threshold, color=style.AMBER, linewidth=1.6, linestyle=style.DASHED)
    above = int((weights >= (0.0 if threshold is None else threshold)).sum())
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlabel("weight, log2 of the odds")
    ax.set_ylabel("pairs")
    named = "0" if threshold is None else f"{threshold:g}"
    style.clean(ax, title, f"{len(weights):,} pairs, {above:,} of them at {named} or above")
    return ax


def sweep(
    thresholds: Sweep, ax: Axes | None = None, *, title: str | None = "What a threshold gives"
) -> Axes:
    """Draw precision and recall by threshold, by the truth and as the model expects them.

    Parameters
    ----------
    thresholds : Sweep
        As `Linker.sweep` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title; None for none.
    """
    ax = style.axes(ax, (9, 5))
    x = thresholds["threshold"]
    known = "precision" in thresholds.columns
    for name, color in (("precision", style.BLUE), ("recall", style.RED)):
        if known:
            low, high = thresholds[f"{name}_low"], thresholds[f"{name}_high"]
            there = np.isfinite(thresholds[name])
            ax.fill_between(x[there], low[there], high[there], color=color, alpha=0.15, linewidth=0)
            ax.plot(x, thresholds[name], color=color, linewidth=2.4, label=name)
        ax.plot(
            x,
            thresholds[f"expected_{name}"],
            color=color,
            linewidth=1.4,
            linestyle=style.DASHED,
            label=f"{name}, expected",
        )
    ax.axvline(thresholds.best, color=style.AMBER, linewidth=1.6, linestyle=style.DASHED)
    ax.set(ylim=(0, 1.03), xlabel="least weight", ylabel="share of pairs")
    style.percent_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize=10.5, labelcolor=style.INK, loc="lower center", ncols=2)
    best = f"the greatest F1{'' if known else ', as expected,'} is at {thresholds.best:g}"
    style.clean(ax, title, best)
    return ax
