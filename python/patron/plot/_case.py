"""The picture of one case: its states, and its clocks with pauses, due times and breaches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from patron.complaints._instants import microseconds
from patron.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from patron._typing import InstantLike
    from patron.complaints import Casebook

_KINDS = {
    "open": "#bcd6e2",
    "decided": "#f1d9a6",
    "closed": "#cfe3cb",
    "merged": "#e0e3e6",
    "external": "#ecc4c8",
    "void": "#e0e3e6",
}


def case_clocks(
    book: Casebook,
    case: int | str,
    ax: Axes | None = None,
    *,
    now: InstantLike | int | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a case over time: its states, and below each clock from its start to its stop.

    A clock is a bar: pale where it was paused, red past the instant at which it was due, which has a
    mark; one far to the right is written. Clocks that run end at `now`.

    Parameters
    ----------
    book : Casebook
    case : int or str
    ax : Axes, optional
        Where to draw; a new figure by default.
    now : instant, optional
        The time of the clock if left out.
    title : str, optional
        Title; by default that of the case.
    """
    at = np.datetime64(time.time_ns() // 1000 if now is None else microseconds(now, "now"), "us")
    found = book.case(case, at)
    states = _states(book, case, at)
    end = max(at, states[-1][2])
    clocks = found.clocks
    rows = len(clocks["clock"])
    ax = style.axes(ax, (10, 1.9 + 0.42 * (rows + 1)))
    policy = book.policy(found.policy, found.version).to_dict()
    kinds = {state["name"]: state["kind"] for state in policy["states"]}
    pauses = {clock["name"]: set(clock["pause_states"]) for clock in policy["clocks"]}
    span = end - states[0][1]
    for name, begin, until in states:
        ax.barh(
            0,
            until - begin,
            left=begin,
            height=0.62,
            color=_KINDS[kinds[name]],
            edgecolor="white",
            linewidth=1,
        )
        if (until - begin) > span * 0.011 * len(name):
            ax.text(
                begin + (until - begin) / 2,
                0,
                name,
                ha="center",
                va="center",
                fontsize=8.5,
                color=style.INK,
                clip_on=True,
            )
    due = np.ma.filled(clocks["due"], np.datetime64("NaT"))
    last = max([end, *due[due < end + span]])
    for row in range(rows):
        _clock(ax, row + 1, clocks, row, end, states, pauses, last)
    labels = ["state", *clocks["clock"].tolist()]
    ax.set_yticks(range(rows + 1), labels)
    ax.set_ylim(rows + 0.6, -0.6)
    ax.set_xlim(states[0][1] - span * 0.01, last + span * 0.03)
    ax.axvline(cast("Any", at), color=style.MUTED, linewidth=1, linestyle=style.DASHED, zorder=0)
    _dates(ax)
    late = int(np.sum(clocks["breached"]))
    subtitle = f"{found.events:,} events; {rows:,} clocks, {late:,} past their limit"
    style.clean(ax, f"Case {case}: {found.state}" if title is None else title, subtitle)
    return ax


def _states(book: Casebook, case: int | str, at: Any) -> list[tuple[str, Any, Any]]:
    """Name, begin and end of the states that a case was in, one after the other."""
    timeline = book.timeline(case)
    found: list[tuple[str, Any, Any]] = []
    for state, when in zip(timeline["state"], timeline["time"], strict=True):
        if state is None or np.ma.is_masked(state):
            continue
        if found and found[-1][0] == state:
            continue
        if found:
            found[-1] = (found[-1][0], found[-1][1], when)
        found.append((state, when, max(at, when)))
    return found


def _clock(
    ax: Axes,
    place: int,
    clocks: Any,
    row: int,
    end: Any,
    states: list[tuple[str, Any, Any]],
    pauses: dict[str, set[str]],
    last: Any,
) -> None:
    """Draw one clock in a row."""
    name, started = clocks["clock"][row], clocks["started"][row]
    stopped, due = clocks["stopped"][row], clocks["due"][row]
    stopped = end if np.ma.is_masked(stopped) or np.isnat(stopped) else stopped
    due = None if np.ma.is_masked(due) or np.isnat(due) else due
    late = bool(clocks["breached"][row])
    inside = min(stopped, due) if due is not None else stopped
    ax.barh(place, inside - started, left=started, height=0.34, color=style.BLUE)
    for state, begin, until in states:
        if state not in pauses.get(name, ()):
            continue
        low, high = max(begin, started), min(until, stopped)
        if low < high:
            ax.barh(place, high - low, left=low, height=0.34, color=style.SEA[1])
    if late and due is not None:
        ax.barh(place, stopped - due, left=due, height=0.34, color=style.RED)
    if due is None:
        return
    if due > last:
        when = np.datetime_as_string(due, unit="D")
        ax.annotate(
            f"due {when} ▸",
            (1, place),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=8.5,
            color=style.MUTED,
        )
        return
    ax.plot(
        [due],
        [place],
        marker="d",
        markersize=8,
        zorder=4,
        linestyle="",
        markerfacecolor=style.RED if late else "white",
        markeredgecolor="white" if late else style.INK,
    )


def _dates(ax: Axes) -> None:
    """Label the axis of time with as few words as tell it."""
    from matplotlib import dates

    made = cast("Any", dates)
    locator = made.AutoDateLocator(minticks=4, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(made.ConciseDateFormatter(locator))
