"""Pictures of models of purchases against what came: tracking, frequencies, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.plot import _style as style
from patron.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron.clv import Holdout

_LINES = [style.BLUE, style.AMBER, style.RED, style.SEA[2]]


def _each(tables: Table | Mapping[str, Table]) -> dict[str, Table]:
    if isinstance(tables, Mapping):
        if not tables:
            raise ValueError("tables: none; expected at least one")
        return dict(tables)
    return {"expected": tables}


def tracking(
    tables: Table | Mapping[str, Table],
    ax: Axes | None = None,
    *,
    cumulative: bool = True,
    fit_end: float | None = None,
    unit: str | None = None,
    title: str | None = "Repeat purchases over time",
) -> Axes:
    """Draw repeat purchases by period, as they were and as models expect them.

    Parameters
    ----------
    tables : Table, or mapping of names to tables
        What ``tracking`` of a model gives; several models of the same customers by name.
    ax : Axes, optional
        Where to draw; a new figure by default.
    cumulative : bool
        All purchases so far, or those of each period.
    fit_end : float, optional
        Where the data of the fit end, in the unit of time.
    unit : str, optional
        The unit of time, such as ``"weeks"``.
    title : str, optional
        Title; None for none.
    """
    each = _each(tables)
    ax = style.axes(ax, (9, 5.6))
    suffix = "_cumulative" if cumulative else ""
    first = next(iter(each.values()))
    if f"actual{suffix}" in first:
        ax.plot(
            first["end"],
            first[f"actual{suffix}"],
            color=style.INK,
            linewidth=2.4 if cumulative else 1.5,
            label="actual",
        )
    for color, (name, table) in zip(_colors(len(each)), each.items(), strict=True):
        ax.plot(
            table["end"],
            table[f"expected{suffix}"],
            color=color,
            linewidth=2.4,
            linestyle=style.DASHED,
            label=name,
        )
    ax.set_ylim(bottom=0)
    ax.set_xlim(0, float(first["end"][-1]))
    if fit_end is not None:
        ax.axvline(fit_end, color=style.MUTED, linewidth=1.2)
        ax.annotate(
            "end of the fit",
            (fit_end, 1),
            xycoords=("data", "axes fraction"),
            xytext=(5, -4),
            textcoords="offset points",
            va="top",
            fontsize=10,
            color=style.MUTED,
        )
    ax.set_xlabel(f"{unit or 'time'} since the first customer came")
    ax.set_ylabel("repeat purchases so far" if cumulative else "repeat purchases a period")
    _thousands(ax.yaxis)
    ax.legend(frameon=False, loc="lower right" if cumulative else "best")
    style.clean(ax, title, f"{int(first['customers'][-1]):,} customers")
    return ax


def repeat_purchases(
    tables: Table | Mapping[str, Table],
    ax: Axes | None = None,
    *,
    title: str | None = "Customers by repeat purchases",
) -> Axes:
    """Draw how many customers made how many repeat purchases, actual and expected.

    Parameters
    ----------
    tables : Table, or mapping of names to tables
        What ``frequency_table`` of a model gives; several models of the same customers by name.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title; None for none.
    """
    each = _each(tables)
    ax = style.axes(ax, (9, 5.6))
    first = next(iter(each.values()))
    places = np.arange(len(first))
    width = 0.8 / (len(each) + 1)
    bars = [("actual", style.INK, first["actual"])]
    bars += [
        (name, color, table["expected"])
        for color, (name, table) in zip(_colors(len(each)), each.items(), strict=True)
    ]
    for i, (name, color, heights) in enumerate(bars):
        left = places + (i - len(each) / 2) * width
        ax.bar(left, heights, width=width * 0.92, color=color, label=name)
    labels = [str(n) for n in first["frequency"].tolist()]
    labels[-1] += "+"
    ax.set_xticks(places, labels)
    ax.set_xlabel("repeat purchases")
    ax.set_ylabel("customers")
    _thousands(ax.yaxis)
    ax.legend(frameon=False)
    style.clean(ax, title, f"{first['actual'].sum():,.0f} customers")
    return ax


def calibration(
    holdouts: Holdout | Mapping[str, Holdout],
    ax: Axes | None = None,
    *,
    title: str | None = "Calibration by decile",
) -> Axes:
    """Draw predicted against actual purchases of each tenth of the customers, by prediction.

    Parameters
    ----------
    holdouts : Holdout, or mapping of names to Holdouts
        What ``holdout`` of a model gives; several models by name.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        Title; None for none.
    """
    each = dict(holdouts) if isinstance(holdouts, Mapping) else {"deciles": holdouts}
    ax = style.axes(ax, (6.6, 6.6))
    most = 0.0
    for color, (name, holdout) in zip(_colors(len(each)), each.items(), strict=True):
        predicted, actual = holdout.calibration["predicted"], holdout.calibration["actual"]
        most = max(most, float(np.nanmax(predicted)), float(np.nanmax(actual)))
        ax.plot(predicted, actual, "o-", color=color, linewidth=1.4, markersize=8, label=name)
    if len(each) == 1:
        holdout = next(iter(each.values()))
        for decile, x, y in zip(
            *(holdout.calibration[c].tolist() for c in ("decile", "predicted", "actual")),
            strict=True,
        ):
            if decile in (1, 10) or y > most / 8:
                ax.annotate(
                    f"{decile}",
                    (x, y),
                    xytext=(9, -11),
                    textcoords="offset points",
                    fontsize=10,
                    color=style.INK,
                )
        subtitle = (
            f"{holdout.customers:,} customers: {holdout.actual:,.0f} purchases, "
            f"{holdout.predicted:,.0f} predicted"
        )
    else:
        subtitle = "tenths of the customers, by predicted purchases"
        ax.legend(frameon=False, loc="upper left")
    end = most * 1.08 or 1.0
    ax.plot([0, end], [0, end], color=style.MUTED, linewidth=1.2, linestyle=style.DASHED, zorder=0)
    ax.set(xlim=(0, end), ylim=(0, end))
    ax.set_aspect("equal")
    ax.set_xlabel("predicted purchases a customer")
    ax.set_ylabel("actual purchases a customer")
    style.clean(ax, title, subtitle)
    return ax


def _colors(count: int) -> list[str]:
    return [_LINES[i % len(_LINES)] for i in range(count)]


def _thousands(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
