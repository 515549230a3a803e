"""The picture of a value pyramid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron._text import money, percent
from patron.plot import _style as style

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from patron.table import Table
    from patron.value import Tiers

# In units of the height of the pyramid, which hangs from (0, 0) with y pointing down.
_HALF = 0.56  # Half of its base.
_ROW = 0.165  # Least distance of two rows of the table beside it.
_GAP = 0.006  # Half of the distance between two tiers.
_BAR = 0.46  # Length of the longest bar.
_COLUMNS = {"tier": 0.78, "customers": 1.36, "entry": 1.66, "value": 1.96, "share": 2.08}


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
    ax = style.axes(ax, (11, 6.4))
    picture = _Picture(tiers, currency)
    for i in range(len(picture.names)):
        picture.draw_tier(ax, i)
    picture.draw_heads(ax)
    for i in range(len(picture.names)):
        picture.draw_row(ax, i)
    ax.set_xlim(-_HALF - 0.02, _COLUMNS["share"] + _BAR + 0.2)
    ax.set_ylim(picture.end + 0.02, -0.14)
    ax.set_axis_off()
    style.head(ax, title, picture.subtitle)
    return ax


class _Picture:
    """Tiers, where they stand and how they look."""

    def __init__(self, tiers: Tiers | Table, currency: str) -> None:
        table = tiers.to_dict()
        self.currency = currency
        self.names = [str(name) for name in table["tier"]]
        self.customers = table["customers"].astype(float)
        self.value = _floats(table["value"])
        self.shares = _floats(table["value_share"])
        self.entry = _floats(table["entry_threshold"])
        # Who is not active has no share of the active customers.
        self.outside = np.isnan(_floats(table["customer_share"]))
        inside = self.customers * ~self.outside
        self.active = float(inside.sum())
        self.colors = style.colormap()
        known = self.shares[~np.isnan(self.shares)]
        self.largest = max(float(known.max()) if len(known) else 1.0, 1e-9)

        # A triangle cut at height sqrt(share) has above the cut that share of its area.
        self.low = np.sqrt(np.cumsum(inside) / (self.active or 1.0))
        self.high = np.concatenate([[0.0], self.low[:-1]])
        base = 1.03
        for i in np.flatnonzero(self.outside):
            self.high[i], self.low[i] = base, base + _ROW - 0.02
            base += _ROW
        self.rows = _spread((self.high + self.low) / 2, _ROW)
        self.end = max([*self.low.tolist(), *(self.rows + 0.1).tolist(), 1.0])

    @property
    def subtitle(self) -> str:
        who = "active customers" if self.outside.any() else "customers"
        loss = ", red = a loss" if (self.value[~self.outside] < 0).any() else ""
        return f"{self.active:,.0f} {who}: area = customers, colour = share of value{loss}"

    def color(self, i: int) -> Any:
        if self.outside[i]:
            return style.PALE
        if self.value[i] < 0:
            return style.RED
        share = 0.0 if np.isnan(self.shares[i]) else max(0.0, float(self.shares[i]))
        return self.colors(0.12 + 0.88 * share / self.largest)

    def draw_tier(self, ax: Axes, i: int) -> None:
        from matplotlib.patches import Polygon

        if self.customers[i] == 0:
            return
        high, low = float(self.high[i]), float(self.low[i])
        if self.outside[i]:
            above = below = _HALF
        else:
            high += _GAP if i else 0.0
            low = max(low - _GAP, high + 1e-4)
            above, below = _HALF * high, _HALF * low
        corners = [(-above, high), (above, high), (below, low), (-below, low)]
        ax.add_patch(Polygon(corners, closed=True, facecolor=self.color(i), edgecolor="none"))

    def draw_heads(self, ax: Axes) -> None:
        for key, label, align in (
            ("tier", "Tier", "left"),
            ("customers", "Customers", "right"),
            ("entry", "From", "right"),
            ("value", "Value", "right"),
            ("share", "Share of value", "left"),
        ):
            ax.text(
                _COLUMNS[key], -0.075, label, ha=align, va="bottom", fontsize=10, color=style.MUTED
            )

    def draw_row(self, ax: Axes, i: int) -> None:
        y = float(self.rows[i])
        middle = float(self.high[i] + self.low[i]) / 2
        edge = _HALF if self.outside[i] else _HALF * middle
        ax.plot(
            [edge + 0.02, _COLUMNS["tier"] - 0.1, _COLUMNS["tier"] - 0.03],
            [middle, y, y],
            color=style.RULE,
            linewidth=1,
            zorder=0,
        )

        def write(column: str, text: str, *, below: float = 0.0, **look: Any) -> None:
            usual: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 12}
            ax.text(_COLUMNS[column], y + below, text, **(usual | {"color": style.INK} | look))

        write("tier", self.names[i], ha="left", fontsize=13, fontweight="bold")
        write("customers", f"{self.customers[i]:,.0f}")
        value_ink = style.RED if self.value[i] < 0 else style.INK
        write("value", money(float(self.value[i]), self.currency), color=value_ink)
        if self.outside[i]:
            return
        share_of_customers = percent(float(self.customers[i]) / (self.active or 1.0))
        write("customers", share_of_customers, below=0.062, fontsize=9.5, color=style.MUTED)
        if not np.isnan(self.entry[i]):
            write("entry", money(float(self.entry[i]), self.currency))
        if np.isnan(self.shares[i]):
            return
        length = _BAR * max(0.0, float(self.shares[i])) / self.largest
        left = _COLUMNS["share"]
        ax.barh(y, length, height=0.085, left=left, color=self.color(i))
        ax.text(
            left + length + (0.02 if length else 0.0),
            y,
            percent(float(self.shares[i])),
            va="center",
            fontsize=12,
            color=style.RED if self.shares[i] < 0 else style.INK,
        )


def _floats(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(np.ma.filled(values.astype(float), np.nan), dtype=float)


def _spread(centres: npt.NDArray[np.float64], gap: float) -> npt.NDArray[np.float64]:
    """Move rising positions apart until neighbours are `gap` from each other."""
    placed = centres.copy()
    for _ in range(200):
        if (gap - np.diff(placed) <= 1e-9).all():
            break
        for i in range(len(placed) - 1):
            push = max(0.0, gap - float(placed[i + 1] - placed[i])) / 2
            placed[i] -= push
            placed[i + 1] += push
        if placed[0] < centres[0]:
            placed += centres[0] - placed[0]
    return placed
