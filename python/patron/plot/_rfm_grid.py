"""The picture of the scores of recency and frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron._text import percent
from patron.plot import _style as style
from patron.value import Segments

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from patron.table import Table
    from patron.value import RfmScores

_MOST_BINS_WITH_SHARES = 7


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
    ax = style.axes(ax, (9, 7))
    counts = np.zeros((bins, bins), dtype=int)
    cells = (scores["frequency_score"].astype(int) - 1, scores["recency_score"].astype(int) - 1)
    np.add.at(counts, cells, 1)
    strength = np.sqrt(counts / max(int(counts.max()), 1))
    cmap = style.colormap()
    ax.imshow(strength, origin="lower", cmap=cmap, vmin=0, vmax=1, aspect="auto")
    inks = [[style.ink_on(cmap(cell)) for cell in row] for row in strength]
    total = max(int(counts.sum()), 1)
    _write_counts(ax, counts, inks)
    segments = _segment_cells(rules, bins)
    if segments is not None:
        _outline(ax, segments)
        _name_segments(ax, segments, inks)
    ticks = np.arange(bins)
    labels = [str(i + 1) for i in ticks]
    ax.set_xticks(ticks, labels)
    ax.set_yticks(ticks, labels)
    ax.set_xlabel("recency score: the higher, the more recent")
    ax.set_ylabel("frequency score: the higher, the more often")
    style.clean(ax, title, f"{total:,} customers; the darker, the more of them")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


def _write_counts(ax: Axes, counts: npt.NDArray[Any], inks: list[list[str]]) -> None:
    bins = len(counts)
    total = max(int(counts.sum()), 1)
    shares = bins <= _MOST_BINS_WITH_SHARES
    if bins > 20:
        return
    for f in range(bins):
        for r in range(bins):
            count = int(counts[f, r])
            look: dict[str, Any] = {"ha": "center", "va": "center", "color": inks[f][r]}
            if count == 0:
                ax.text(r, f, "0", fontsize=11, **(look | {"color": style.MUTED}))
                continue
            ax.text(
                r,
                f - 0.04 if shares else f,
                f"{count:,}",
                fontsize=14 if shares else 11 if bins <= 12 else 8,
                **look,
            )
            if shares:
                ax.text(r, f - 0.27, percent(count / total), fontsize=9.5, **look)


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


def _name_segments(ax: Axes, cells: npt.NDArray[Any], inks: list[list[str]]) -> None:
    """Write each name into the cell at the upper left of its segment."""
    rows, columns = cells.shape
    for f in range(rows):
        for r in range(columns):
            name = cells[f, r]
            if (r > 0 and cells[f, r - 1] == name) or (f + 1 < rows and cells[f + 1, r] == name):
                continue
            ax.text(
                r - 0.44,
                f + 0.42,
                name,
                ha="left",
                va="top",
                fontsize=10,
                fontweight="bold",
                color=inks[f][r],
            )
