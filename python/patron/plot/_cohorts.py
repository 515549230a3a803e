"""The picture of cohorts by age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron._text import money
from patron.plot import _style as style

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from patron.value import Cohorts

_TITLE = "Customers who come back"
_SUBTITLES = {
    "active_share": "share of a cohort that buys in the period",
    "survivor_share": "share of a cohort that buys in the period or later",
    "repeat_share": "share of a cohort that has bought on a second day by the period",
    "value": "net value of a cohort in the period",
    "cumulative_value": "net value of a cohort up to the period",
}
_CELL = (0.62, 0.4)  # Inches.
_LARGEST = (17.0, 11.0)
_SMALLEST_WITH_TEXT = (0.5, 0.2)


def cohorts(
    table: Cohorts,
    ax: Axes | None = None,
    *,
    column: str = "active_share",
    title: str | None = _TITLE,
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
        Title; None for none. The default speaks of what `column` shows.
    """
    matrix = table.matrix(column)
    values = matrix.values
    rows, ages = values.shape
    ax = style.axes(
        ax,
        (
            min(_LARGEST[0], max(6.4, _CELL[0] * ages + 2.5)),
            min(_LARGEST[1], max(3.4, _CELL[1] * rows + 1.8)),
        ),
    )
    share = column.endswith("share")
    # A share is 100 % at age 0 by definition and would drown the rest.
    whole_at_start = bool(share and ages > 1 and (values[:, 0] == 1).all())
    colors = _colors(values, 1 if whole_at_start else 0)
    ax.imshow(colors, aspect="auto")
    inches = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    fits = (inches.width / max(ages, 1), inches.height / max(rows, 1))
    if fits[0] >= _SMALLEST_WITH_TEXT[0] and fits[1] >= _SMALLEST_WITH_TEXT[1]:
        for i, k in zip(*np.nonzero(~np.isnan(values)), strict=True):
            ax.text(
                k,
                i,
                f"{values[i, k]:.0%}" if share else money(float(values[i, k])),
                ha="center",
                va="center",
                fontsize=9,
                color=style.MUTED if whole_at_start and k == 0 else style.ink_on(colors[i, k][:3]),
            )
    _label(ax, table, matrix.cohorts, ages)
    if title == _TITLE and not share:
        title = "What the customers of each period bring"
    style.clean(ax, title, _SUBTITLES.get(column, column.replace("_", " ")))
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


def _colors(values: npt.NDArray[np.float64], first: int) -> npt.NDArray[np.float64]:
    """Colours of the cells; columns before `first` are pale, cells not reached are clear."""
    from matplotlib.colors import to_rgba

    seen = values[:, first:][~np.isnan(values[:, first:])]
    # A few large ones may saturate.
    largest = float(np.quantile(seen, 0.98)) if len(seen) else 0.0
    shown = np.clip(values / largest if largest > 0 else values * 0.0, 0, 1)
    colors = np.asarray(style.colormap()(np.nan_to_num(shown) / 1.08))
    colors[:, :first] = to_rgba(style.PALE)
    colors[np.isnan(values)] = (1, 1, 1, 0)
    return colors


def _label(ax: Axes, table: Cohorts, days: npt.NDArray[Any], ages: int) -> None:
    sizes = dict(zip(table["cohort"].tolist(), table["size"].tolist(), strict=True))
    width = max((len(f"{size:,}") for size in sizes.values()), default=0)
    digit = "\N{FIGURE SPACE}"
    labels = [
        f"{_period(day, days)}   {f'{sizes[day]:,}'.rjust(width, digit)}" for day in days.tolist()
    ]
    step = -(-len(labels) // 40) or 1
    ax.set_yticks(np.arange(0, len(labels), step), labels[::step])
    stride = -(-ages // 30) or 1
    ax.set_xticks(np.arange(0, ages, stride), [str(k) for k in range(0, ages, stride)])
    ax.xaxis.set_ticks_position("bottom")
    ax.set_xlabel("periods since the first purchase")
    ax.set_ylabel("first purchase, customers")


def _period(day: Any, days: npt.NDArray[Any]) -> str:
    """Name a period by its first day: a month where all cohorts start on the first."""
    months = (days.astype("datetime64[M]").astype("datetime64[D]") == days).all()
    return str(day)[:7] if months else str(day)
