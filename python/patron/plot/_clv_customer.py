"""Pictures of what a model says of customers: matrices, and the history of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import ColumnLike
    from patron.clv._evaluate import RepeatModel

_STEPS = 400


def frequency_recency(
    model: RepeatModel,
    T: float,
    ax: Axes | None = None,
    *,
    what: Literal["p_alive", "expected_purchases"] = "p_alive",
    horizon: float | None = None,
    most: int = 30,
    unit: str | None = None,
    title: str | None = None,
) -> Axes:
    """Draw what a model says of customers by their frequency and recency.

    Parameters
    ----------
    model : model
        Of purchases without a contract and without covariates.
    T : float
        Age of the customers.
    ax : Axes, optional
        Where to draw; a new figure by default.
    what : {"p_alive", "expected_purchases"}
        Probability of being alive, or purchases expected in the next `horizon`.
    horizon : float, optional
        Needed for expected_purchases; in the unit of T.
    most : int
        The greatest frequency.
    unit : str, optional
        The unit of time, such as ``"weeks"``.
    title : str, optional
        Title; by default what is drawn.
    """
    if what not in ("p_alive", "expected_purchases"):
        raise ValueError(f"what: {what!r}; expected 'p_alive' or 'expected_purchases'")
    if what == "expected_purchases" and horizon is None:
        raise ValueError("horizon: None; expected a length of time for expected_purchases")
    ax = style.axes(ax, (8, 6.6))
    rows = round(T) + 1 if 10 <= T <= 400 else 101
    recency = np.linspace(0, T, rows)
    x, r = np.meshgrid(np.arange(most + 1.0), recency)
    table = {"frequency": x.ravel(), "recency": r.ravel(), "T": np.full(x.size, float(T))}
    # Nobody has a recency without a repeat purchase, or the other way round.
    possible = ((x > 0) == (r > 0)).ravel()
    values = model.predict(
        table,
        horizon,
        outputs=(what,),
        any_history=True,
        frequency="frequency",
        recency="recency",
        T="T",
    )[what]
    grid = np.where(possible, values, np.nan).reshape(x.shape)
    step = T / (rows - 1)
    image = ax.imshow(
        grid,
        origin="lower",
        aspect="auto",
        cmap=style.colormap(),
        vmin=0,
        vmax=1 if what == "p_alive" else None,
        extent=(-0.5, most + 0.5, -step / 2, T + step / 2),
        interpolation="nearest",
    )
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=style.MUTED, labelcolor=style.INK, length=0)
    after = f" {unit}" if unit else ""
    if what == "p_alive":
        label, subtitle = "probability of being alive", f"age {T:g}{after}"
        style.percent_axis(bar.ax.yaxis)
    else:
        label = f"purchases expected in the next {horizon:g}{after}"
        subtitle = f"age {T:g}{after}, next {horizon:g}{after}"
    bar.set_label(label, color=style.MUTED, fontsize=11)
    ax.set_xlabel("frequency: repeat purchases")
    ax.set_ylabel(f"recency: age at the last purchase{f' ({unit})' if unit else ''}")
    if title is None:
        title = "Who is alive" if what == "p_alive" else "Who will buy"
    style.clean(ax, title, subtitle)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


def alive_history(
    model: RepeatModel,
    purchases: ColumnLike,
    until: float,
    ax: Axes | None = None,
    *,
    unit: str | None = None,
    title: str | None = "Probability of being alive",
) -> Axes:
    """Draw how the probability that one customer is alive went.

    Parameters
    ----------
    model : model
        Of purchases without a contract and without covariates, in continuous time.
    purchases : array of shape (n_purchases,)
        Times of the purchases; the first of them is time 0 of the customer.
    until : float
        The end, on the clock of `purchases`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    unit : str, optional
        The unit of time, such as ``"weeks"``.
    title : str, optional
        Title; None for none.
    """
    times = np.sort(np.asarray(purchases, dtype=float))
    if times.ndim != 1 or len(times) == 0 or not np.isfinite(times).all():
        raise ValueError("purchases: expected at least one finite time")
    if not times[-1] <= until < np.inf:
        raise ValueError(f"until: {until}; expected the last purchase ({times[-1]:g}) or later")
    repeats = times[1:] - times[0]
    end = float(until - times[0])
    # Just before a purchase and at it, and evenly in between.
    before = np.nextafter(repeats[repeats > 0], 0)
    grid = np.unique(np.concatenate([np.linspace(0, end, _STEPS), before, repeats]))
    x = np.searchsorted(repeats, grid, side="right")
    last = np.concatenate([[0.0], repeats])[x]
    alive = model.p_alive(
        {"frequency": x.astype(float), "recency": last, "T": grid},
        any_history=True,
        frequency="frequency",
        recency="recency",
        T="T",
    )
    ax = style.axes(ax, (9, 4.6))
    ax.fill_between(grid, alive, color=style.SEA[1], alpha=0.45, linewidth=0)
    ax.plot(grid, alive, color=style.BLUE, linewidth=2.2)
    for time in (0.0, *repeats):
        ax.axvline(time, color=style.AMBER, linewidth=1.2, linestyle=style.DASHED, zorder=0)
    ax.set(xlim=(0, end or 1.0), ylim=(0, 1.02))
    style.percent_axis(ax.yaxis)
    ax.set_xlabel(f"{unit or 'time'} since the first purchase")
    ax.set_ylabel("probability of being alive")
    style.clean(
        ax,
        title,
        f"{len(repeats)} repeat purchases (dashed lines); {alive[-1]:.0%} at the end",
    )
    return ax
