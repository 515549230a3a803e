"""What the pictures share: colours, fonts, axes, titles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

INK = "#1d2b3a"
MUTED = "#66727f"
RULE = "#d5dbe1"
BLUE = "#1f5f8b"
AMBER = "#c9820a"
RED = "#b3394a"
PALE = "#eceff2"
SEA = ["#e9f1f5", "#bcd6e2", "#7fb0c8", "#3f83a8", "#1f5f8b", "#0c3553"]

DASHED: Any = (0, (4, 3))
MOST_POINTS = 2000  # Of a curve: more than a picture is wide.


def axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return `ax`, or the axes of a new figure of `size` inches."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError('patron.plot needs matplotlib: pip install "patron[plot]"') from error
    figure, made = plt.subplots(figsize=size, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.15, h_pad=0.15)  # type: ignore[union-attr, call-arg]
    return made


def colormap() -> Colormap:
    """From few to many."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("patron", SEA)


def _luminance(color: Any) -> float:
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colours as the Web Content Accessibility Guidelines define it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(color: Any) -> str:
    """Return the colour of text that reads best on `color`."""
    return "white" if contrast("white", color) > contrast(INK, color) else INK


def clean(ax: Axes, title: str | None, subtitle: str | None = None) -> None:
    """Give a chart its frame, ticks and title."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(RULE)
    ax.tick_params(colors=MUTED, labelcolor=INK, length=0, labelsize=10, pad=7)
    ax.xaxis.label.set(color=MUTED, fontsize=11)
    ax.yaxis.label.set(color=MUTED, fontsize=11)
    head(ax, title, subtitle)


def head(ax: Axes, title: str | None, subtitle: str | None = None) -> None:
    """Write title and subtitle over the left end of the axes."""
    if title:
        ax.set_title(
            title,
            loc="left",
            fontsize=15,
            fontweight="bold",
            color=INK,
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
            color=MUTED,
        )


def percent_axis(axis: Any) -> None:
    """Label an axis of shares in percent."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def families() -> list[str]:
    """Fonts for text of any script: the usual one, and those with Han characters that are there."""
    from matplotlib import font_manager, rcParams

    known = {font.name for font in font_manager.fontManager.ttflist}
    han = [
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "PingFang SC",
        "Microsoft YaHei",
        "WenQuanYi Zen Hei",
        "WenQuanYi Micro Hei",
        "SimHei",
        "Droid Sans Fallback",
    ]
    return [*rcParams["font.family"], *(name for name in han if name in known)]


def points_of(values: object) -> int:
    """Return how many steps the curve of one value a customer needs."""
    return max(1, min(len(cast("Any", values)), MOST_POINTS))
