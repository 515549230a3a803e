"""Pictures of the results: functions take ``ax=None``, draw on it, and return the Axes.

They need matplotlib (``pip install "patron[plot]"``), which is imported when the first one draws.

Examples
--------
>>> import patron
>>> shop = patron.value.simulate_shop(customers=500, seed=7)
>>> scores = patron.value.rfm(shop.transactions, order="order_id")
>>> ax = patron.plot.pyramid(patron.value.pyramid(scores, value="monetary"))
>>> ax.get_title(loc="left")
'Value pyramid'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from patron.table import Table
from patron.value import (
    Cohorts,
    Segments,
    Tiers,
    WhaleCurve,
    concentration,
    whale_curve,
)
from patron.value import (
    lorenz as _lorenz,
)
from patron.value import (
    share_curve as _share_curve,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

    from patron._typing import ColumnLike
    from patron.value import RfmScores

__all__ = ["cohorts", "lorenz", "pyramid", "rfm_grid", "share_curve", "whale"]

_INK = "#1d2b3a"
_MUTED = "#7b8794"
_RULE = "#d5dbe1"
_BLUE = "#1f5f8b"
_AMBER = "#c9820a"
_RED = "#b3394a"
_SEA = ["#e9f1f5", "#bcd6e2", "#7fb0c8", "#3f83a8", "#1f5f8b", "#0c3553"]


# ---- What the pictures share ----


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError('patron.plot needs matplotlib: pip install "patron[plot]"') from error
    figure, made = plt.subplots(figsize=size, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15)  # type: ignore[union-attr, call-arg]
    return made


def _colormap() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("patron", _SEA)


def _ink_on(color: Any) -> str:
    """Return the colour of text that can be read on `color`."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(color)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.58 else _INK


def _clean(ax: Axes, title: str | None, subtitle: str | None = None) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(_RULE)
    ax.tick_params(colors=_MUTED, labelcolor=_INK, length=0, labelsize=10)
    ax.xaxis.label.set_color(_MUTED)
    ax.yaxis.label.set_color(_MUTED)
    _head(ax, title, subtitle)


def _head(ax: Axes, title: str | None, subtitle: str | None = None) -> None:
    if title:
        ax.set_title(
            title,
            loc="left",
            fontsize=15,
            fontweight="bold",
            color=_INK,
            pad=30 if subtitle else 12,
        )
    if subtitle:
        ax.annotate(
            subtitle,
            (0, 1),
            xytext=(0, 12),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=10.5,
            color=_MUTED,
        )


def _percent_axis(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _percent(share: float) -> str:
    if np.isnan(share):
        return "\N{EN DASH}"
    sign, size = ("\N{MINUS SIGN}" if share < 0 else ""), abs(share)
    digits = 2 if 0 < size < 0.001 else 0 if size >= 0.9995 else 1
    return f"{sign}{size:.{digits}%}"


def _money(value: float, currency: str) -> str:
    """Write an amount as a headline does: 8.91 m."""
    if np.isnan(value):
        return "\N{EN DASH}"
    sign, size = ("\N{MINUS SIGN}" if value < 0 else ""), abs(value)
    for limit, divisor, unit in ((999.5e6, 1e9, " bn"), (999.5e3, 1e6, " m"), (1e4, 1e3, " k")):
        if size >= limit:
            scaled = size / divisor
            digits = 2 if scaled < 10 else 1 if scaled < 100 else 0
            return f"{sign}{currency}{scaled:.{digits}f}{unit}"
    return f"{sign}{currency}{size:,.0f}" if size >= 100 else f"{sign}{currency}{size:,.2f}"


def _spread(centres: npt.NDArray[np.float64], gap: float) -> npt.NDArray[np.float64]:
    """Move rising positions apart until neighbours are `gap` from each other."""
    placed = centres.copy()
    for _ in range(200):
        short = gap - np.diff(placed)
        if (short <= 1e-9).all():
            break
        for i in np.flatnonzero(short > 0):
            push = max(0.0, gap - (placed[i + 1] - placed[i])) / 2
            placed[i] -= push
            placed[i + 1] += push
        if placed[0] < centres[0]:
            placed += centres[0] - placed[0]
    return placed


# ---- The pyramid ----


def pyramid(
    tiers: Tiers | Table,
    ax: Axes | None = None,
    *,
    currency: str = "",
    title: str | None = "Value pyramid",
) -> Axes:
    """Draw a value pyramid: the area of a tier is its customers, its colour its share of value.

    Parameters
    ----------
    tiers : Tiers
        As `patron.value.pyramid` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    currency : str
        Written before amounts, such as "£".
    title : str, optional
        Title; None for none.
    """
    from matplotlib.patches import Polygon

    ax = _axes(ax, (11, 6.4))
    table = tiers.to_dict()
    names = [str(name) for name in table["tier"]]
    customers = table["customers"].astype(float)
    value = np.asarray(table["value"], dtype=float)
    shares = np.asarray(np.ma.filled(table["value_share"], np.nan), dtype=float)
    entry = np.asarray(np.ma.filled(table["entry_threshold"], np.nan), dtype=float)
    # Who is not active has no share of the active customers.
    outside = np.isnan(np.ma.filled(table["customer_share"].astype(float), np.nan))
    inside = customers * ~outside

    # A triangle cut at height sqrt(share) has above the cut that share of its area.
    whole = inside.sum() or 1.0
    depth = np.sqrt(np.cumsum(inside) / whole)
    top = np.concatenate([[0.0], depth[:-1]])
    slab = 0.11
    for k, i in enumerate(np.flatnonzero(outside).tolist()):
        top[i] = 1.03 + k * slab
        depth[i] = top[i] + slab - 0.02
    half = 0.56

    cmap = _colormap()
    known = shares[~outside & ~np.isnan(shares)]
    largest = max(float(known.max()) if len(known) else 1.0, 1e-9)
    gap = 0.006
    for i in range(len(names)):
        if customers[i] == 0:
            continue
        if outside[i]:
            corners = [(-half, top[i]), (half, top[i]), (half, depth[i]), (-half, depth[i])]
            color: Any = "#eceff2"
        else:
            upper = top[i] + (gap if i else 0.0)
            lower = max(depth[i] - gap, upper + 1e-4)
            corners = [
                (-half * upper, upper),
                (half * upper, upper),
                (half * lower, lower),
                (-half * lower, lower),
            ]
            share = 0.0 if np.isnan(shares[i]) else max(0.0, shares[i])
            color = cmap(0.12 + 0.88 * share / largest)
            if value[i] < 0:
                color = _RED
        ax.add_patch(Polygon(corners, closed=True, facecolor=color, edgecolor="none"))

    bottom = float(depth.max()) if len(depth) else 1.0
    centres = _spread((top + depth) / 2, 0.165)
    columns = {"tier": 0.78, "customers": 1.36, "entry": 1.66, "value": 1.96, "share": 2.08}
    for key, label, align in (
        ("tier", "Tier", "left"),
        ("customers", "Customers", "right"),
        ("entry", "From", "right"),
        ("value", "Value", "right"),
        ("share", "Share of value", "left"),
    ):
        ax.text(columns[key], -0.075, label, ha=align, va="bottom", fontsize=10, color=_MUTED)
    bar = 0.46
    for i, name in enumerate(names):
        y = float(centres[i])
        middle = (top[i] + depth[i]) / 2
        edge = half if outside[i] else half * middle
        ax.plot(
            [edge + 0.02, columns["tier"] - 0.1, columns["tier"] - 0.03],
            [middle, y, y],
            color=_RULE,
            linewidth=1,
            zorder=0,
        )
        ax.text(columns["tier"], y, name, va="center", fontsize=13, fontweight="bold", color=_INK)
        ax.text(
            columns["customers"],
            y,
            f"{customers[i]:,.0f}",
            va="center",
            ha="right",
            fontsize=12,
            color=_INK,
        )
        if not outside[i]:
            ax.text(
                columns["customers"],
                y + 0.062,
                _percent(customers[i] / whole),
                va="center",
                ha="right",
                fontsize=9.5,
                color=_MUTED,
            )
        ax.text(
            columns["value"],
            y,
            _money(value[i], currency),
            va="center",
            ha="right",
            fontsize=12,
            color=_RED if value[i] < 0 else _INK,
        )
        if np.isnan(shares[i]):
            continue
        length = bar * max(0.0, shares[i]) / max(largest, 1e-9)
        color = cmap(0.12 + 0.88 * max(0.0, shares[i]) / largest)
        ax.barh(y, length, height=0.085, left=columns["share"], color=color)
        ax.text(
            columns["share"] + length + 0.02,
            y,
            _percent(shares[i]),
            va="center",
            fontsize=11.5,
            color=_RED if shares[i] < 0 else _INK,
        )
        if not np.isnan(entry[i]):
            ax.text(
                columns["entry"],
                y,
                _money(entry[i], currency),
                va="center",
                ha="right",
                fontsize=11.5,
                color=_INK,
            )
    ax.set_xlim(-half - 0.02, columns["share"] + bar + 0.2)
    ax.set_ylim(max(bottom, float(centres.max()) + 0.1 if len(centres) else 1.0) + 0.02, -0.14)
    ax.set_axis_off()
    who = "active customers" if outside.any() else "customers"
    loss = ", red = a loss" if (value[~outside] < 0).any() else ""
    _head(
        ax,
        title,
        f"{inside.sum():,.0f} {who}: area = customers, colour = share of value{loss}",
    )
    return ax


# ---- Curves ----


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
    ax = _axes(ax, (7, 6.4))
    subtitle = None
    if isinstance(values, Table):
        curve = values
    else:
        curve = _lorenz(values, points=min(_count(values), 2000))
        measured = concentration(values)
        subtitle = (
            f"Gini {measured.gini:.3f}; "
            f"the best 20% of customers hold {_percent(measured.top_20_share)}"
        )
    x, y = curve["customer_share"], curve["value_share"]
    ax.plot([0, 1], [0, 1], color=_MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.annotate(
        "all alike",
        (0.5, 0.5),
        xytext=(-6, 6),
        textcoords="offset points",
        rotation=45,
        rotation_mode="anchor",
        transform_rotates_text=True,
        ha="center",
        fontsize=10,
        color=_MUTED,
    )
    ax.fill_between(x, y, x, color=_SEA[1], alpha=0.55, linewidth=0)
    ax.plot(x, y, color=_BLUE, linewidth=2.6, solid_capstyle="round")
    held = float(np.interp(0.8, x, y))
    ax.plot([0.8, 0.8, 0], [min(0, held), held, held], color=_AMBER, linewidth=1.2)
    ax.plot([0.8], [held], "o", color=_AMBER, markersize=7)
    ax.annotate(
        f"80% of customers\nhold {_percent(held)}",
        (0.8, held),
        xytext=(-12, 12),
        textcoords="offset points",
        ha="right",
        fontsize=11,
        color=_INK,
    )
    ax.set(xlim=(0, 1.005), ylim=(min(0.0, float(y.min()) * 1.05), 1.005), aspect="equal")
    ax.set_xlabel("customers, from the least valuable")
    ax.set_ylabel("share of value")
    _percent_axis(ax.xaxis)
    _percent_axis(ax.yaxis)
    _clean(ax, title, subtitle)
    return ax


def whale(
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
    ax = _axes(ax, (9, 5.6))
    if isinstance(values, WhaleCurve):
        curve = values
    else:
        curve = whale_curve(values, points=min(_count(values), 2000))
    figures = curve.figures
    x = curve["customer_share"]
    relative = figures.total > 0
    y = curve["cumulative_share"] if relative else curve["cumulative"]
    peak_x = figures.peak_customers / max(figures.customers, 1)
    peak_y = figures.peak_share if relative else figures.peak
    end_y = 1.0 if relative else figures.total
    rising, falling = x <= peak_x, x >= peak_x
    ax.fill_between(x[rising], y[rising], 0, color=_SEA[1], alpha=0.6, linewidth=0)
    ax.fill_between(x[falling], y[falling], end_y, color=_RED, alpha=0.18, linewidth=0)
    ax.axhline(end_y, color=_MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.plot(x[rising], y[rising], color=_BLUE, linewidth=2.6, solid_capstyle="round")
    ax.plot(x[falling], y[falling], color=_RED, linewidth=2.6, solid_capstyle="round")
    ax.plot([peak_x], [peak_y], "o", color=_AMBER, markersize=8, zorder=5)
    peak = (
        f"peak {_percent(peak_y)} of {quantity}" if relative else f"peak {_money(peak_y, currency)}"
    )
    right = peak_x < 0.55
    ax.annotate(
        f"{peak}\nafter {figures.peak_customers:,} customers ({_percent(peak_x)})",
        (peak_x, peak_y),
        xytext=(14 if right else -14, 12),
        textcoords="offset points",
        ha="left" if right else "right",
        va="bottom",
        fontsize=11,
        color=_INK,
    )
    low, high = min(0.0, float(y.min())), max(float(y.max()), end_y)
    height = high - low or 1.0
    ax.set(xlim=(0, 1.005), ylim=(low - 0.02 * height, high + 0.2 * height))
    if figures.negatives:
        ax.annotate(
            f"{figures.negatives:,} customers\nlose {_money(-figures.negative_sum, currency)}",
            (1, end_y),
            xytext=(-8, -14) if relative else (-40, 14),
            textcoords="offset points",
            ha="right",
            va="top" if relative else "bottom",
            fontsize=11,
            color=_RED,
        )
    ax.set_xlabel("customers, from the best")
    ax.set_ylabel(f"cumulative {quantity}" + (", share of the total" if relative else ""))
    _percent_axis(ax.xaxis)
    if relative:
        _percent_axis(ax.yaxis)
    else:
        ax.yaxis.set_major_formatter(lambda amount, _: _money(amount, currency))
    _clean(
        ax,
        title,
        f"{figures.customers:,} customers, {quantity} {_money(figures.total, currency)}",
    )
    return ax


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

    ax = _axes(ax, (8, 5.6))
    if isinstance(values, Table):
        curve, marks = values, None
    else:
        curve = _share_curve(values, np.linspace(0, 1, 501))
        marks = _share_curve(values, np.array(mark)) if mark else None
    order = np.argsort(curve["customer_share"], kind="stable")
    x, y = curve["customer_share"][order], curve["value_share"][order]
    ax.plot([0, 1], [0, 1], color=_MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.fill_between(x, y, x, color=_SEA[1], alpha=0.55, linewidth=0)
    ax.plot(x, y, color=_BLUE, linewidth=2.6, solid_capstyle="round")
    for i, share in enumerate(mark):
        held = float(marks["value_share"][i]) if marks else float(np.interp(share, x, y))
        ax.plot([share, share], [0, held], color=_AMBER, linewidth=1, alpha=0.5, zorder=1)
        ax.plot([share], [held], "o", color=_AMBER, markersize=7, zorder=5)
        ax.annotate(
            f"top {share * 100:.4g}%: {_percent(held)}",
            (share, held),
            xytext=(11, -4),
            textcoords="offset points",
            va="top",
            fontsize=11,
            color=_INK,
            path_effects=[withStroke(linewidth=4, foreground="#e6eff3")],
            zorder=6,
        )
    ax.set(xlim=(0, 1.005), ylim=(0, max(1.02, float(y.max()) * 1.02)))
    ax.set_xlabel("customers, from the most valuable")
    ax.set_ylabel("share of value")
    _percent_axis(ax.xaxis)
    _percent_axis(ax.yaxis)
    _clean(ax, title)
    return ax


def _count(values: object) -> int:
    return len(cast("Any", values))


# ---- Heat maps ----


def rfm_grid(
    scores: RfmScores | Table,
    ax: Axes | None = None,
    *,
    rules: str | Segments | None = "grid",
    bins: int = 5,
    title: str | None = "Customers by recency and frequency",
) -> Axes:
    """Draw how many customers have each score of recency and frequency, and their segments.

    Parameters
    ----------
    scores : RfmScores
        As `patron.value.rfm` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    rules : str, Segments or None
        Rule table whose segments are outlined where the monetary score does not decide them.
    bins : int
        Number of scores.
    title : str, optional
        Title; None for none.
    """
    ax = _axes(ax, (9, 7))
    recency = scores["recency_score"].astype(int)
    frequency = scores["frequency_score"].astype(int)
    counts = np.zeros((bins, bins), dtype=int)
    np.add.at(counts, (frequency - 1, recency - 1), 1)
    cmap = _colormap()
    strength = np.sqrt(counts / max(int(counts.max()), 1))
    ax.imshow(strength, origin="lower", cmap=cmap, vmin=0, vmax=1, aspect="auto")
    total = max(int(counts.sum()), 1)
    segments = _segment_cells(rules, bins)
    for f in range(bins):
        for r in range(bins):
            ink = _ink_on(cmap(strength[f, r]))
            ax.text(
                r,
                f - 0.04,
                f"{counts[f, r]:,}",
                ha="center",
                va="center",
                fontsize=14,
                color=ink,
            )
            ax.text(
                r,
                f - 0.27,
                _percent(counts[f, r] / total),
                ha="center",
                va="center",
                fontsize=9,
                color=ink,
                alpha=0.85,
            )
    if segments is not None:
        _outline(ax, segments)
        for f in range(bins):
            for r in range(bins):
                first = (r == 0 or segments[f, r - 1] != segments[f, r]) and (
                    f == bins - 1 or segments[f + 1, r] != segments[f, r]
                )
                if not first:
                    continue
                ax.text(
                    r - 0.44,
                    f + 0.42,
                    segments[f, r],
                    ha="left",
                    va="top",
                    fontsize=10,
                    fontweight="bold",
                    color=_ink_on(cmap(strength[f, r])),
                )
    ticks = np.arange(bins)
    ax.set_xticks(ticks, [str(i + 1) for i in ticks])
    ax.set_yticks(ticks, [str(i + 1) for i in ticks])
    ax.set_xlabel("recency score: the higher, the more recent")
    ax.set_ylabel("frequency score: the higher, the more often")
    _clean(ax, title, f"{total:,} customers")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


def _segment_cells(rules: str | Segments | None, bins: int) -> npt.NDArray[Any] | None:
    """Segments of the cells [frequency, recency]; None where the monetary score has a say."""
    if rules is None or (isinstance(rules, str) and bins != 5):
        return None
    if isinstance(rules, str):
        rules = Segments.preset(rules)
    f, r, m = np.meshgrid(*[np.arange(1, bins + 1)] * 3, indexing="ij")
    cells = {
        "recency_score": r.ravel(),
        "frequency_score": f.ravel(),
        "monetary_score": m.ravel(),
    }
    names = rules.assign(cells).membership["segment"].reshape(bins, bins, bins)
    return names[:, :, 0] if (names == names[:, :, :1]).all() else None


def _outline(ax: Axes, cells: npt.NDArray[Any]) -> None:
    rows, columns = cells.shape
    line: dict[str, Any] = {"color": "white", "linewidth": 4, "solid_capstyle": "butt", "zorder": 3}
    for f in range(rows):
        for r in range(columns):
            if r + 1 < columns and cells[f, r] != cells[f, r + 1]:
                ax.plot([r + 0.5, r + 0.5], [f - 0.5, f + 0.5], **line)
            if f + 1 < rows and cells[f, r] != cells[f + 1, r]:
                ax.plot([r - 0.5, r + 0.5], [f + 0.5, f + 0.5], **line)


def cohorts(
    table: Cohorts,
    ax: Axes | None = None,
    *,
    column: str = "active_share",
    title: str | None = "Customers who come back",
) -> Axes:
    """Draw a heat map of cohorts by age.

    Parameters
    ----------
    table : Cohorts
        As `patron.value.cohorts` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    column : str
        Column to show: "active_share", "survivor_share", "repeat_share", "value", …
    title : str, optional
        Title; None for none.
    """
    from matplotlib.colors import to_rgba

    matrix = table.matrix(column)
    values = matrix.values
    rows, ages = values.shape
    ax = _axes(ax, (max(6.0, 0.62 * ages + 2.5), max(3.0, 0.4 * rows + 1.8)))
    share = column.endswith("share")
    cmap = _colormap()
    # A share is 100 % at age 0 by definition and would drown the rest.
    later = values[:, 1:] if share and ages > 1 else values
    seen = later[~np.isnan(later)]
    largest = float(np.quantile(seen, 0.98)) if len(seen) else 1.0
    shown = np.clip(values / largest if largest > 0 else values * 0.0, 0, 1)
    start_is_whole = bool(share and ages > 1 and (values[:, 0] == 1).all())
    colors = cmap(np.nan_to_num(shown) / 1.08)
    colors[np.isnan(values)] = (1, 1, 1, 0)
    if start_is_whole:
        colors[:, 0] = to_rgba("#eceff2")
    ax.imshow(colors, aspect="auto")
    if rows * ages <= 900:
        for i in range(rows):
            for k in range(ages):
                if np.isnan(values[i, k]):
                    continue
                text = f"{values[i, k]:.0%}" if share else _money(float(values[i, k]), "")
                ax.text(
                    k,
                    i,
                    text,
                    ha="center",
                    va="center",
                    fontsize=9,
                    color=_MUTED if start_is_whole and k == 0 else _ink_on(colors[i, k][:3]),
                )
    sizes = dict(zip(table["cohort"].tolist(), table["size"].tolist(), strict=True))
    width = max((len(f"{size:,}") for size in sizes.values()), default=0)
    digit = "\N{FIGURE SPACE}"
    labels = [
        f"{_period(day, matrix.cohorts)}   {f'{sizes[day]:,}'.rjust(width, digit)}"
        for day in matrix.cohorts.tolist()
    ]
    step = max(1, rows // 40)
    ax.set_yticks(np.arange(0, rows, step), labels[::step])
    stride = max(1, ages // 24)
    ax.set_xticks(np.arange(0, ages, stride), [str(k) for k in range(0, ages, stride)])
    ax.xaxis.set_ticks_position("bottom")
    ax.set_xlabel("periods since the first purchase")
    ax.set_ylabel("first purchase, customers")
    _clean(ax, title, _COHORT_COLUMNS.get(column, column.replace("_", " ")))
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


_COHORT_COLUMNS = {
    "active_share": "share of a cohort that buys in the period",
    "survivor_share": "share of a cohort that buys in the period or later",
    "repeat_share": "share of a cohort that has bought on a second day by the period",
    "value": "net value of a cohort in the period",
    "cumulative_value": "net value of a cohort up to the period",
}


def _period(day: Any, cohorts: npt.NDArray[Any]) -> str:
    """Name a period by its first day: a month where all cohorts start on the first."""
    months = (cohorts.astype("datetime64[M]").astype("datetime64[D]") == cohorts).all()
    return str(day)[:7] if months else str(day)
