"""Policies: what may happen to a complaint, and who may do what, as data."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHARED = 5  # An event from so many states to one is written, not drawn.
_COLOURS = {
    "open": "#dbe9f6",
    "decided": "#fde8c8",
    "closed": "#d9ead3",
    "merged": "#e6e6e6",
    "external": "#f4cccc",
    "void": "#eeeeee",
}


class Policy:
    """States, events, transitions, guards, clocks and authority of complaints, with a version.

    A policy cannot be changed once made. Cases keep the version under which they were received.

    Parameters
    ----------
    definition : mapping or str, optional
        A policy as `to_dict` gives it, or the name of a preset; the default one if left out.
    decimals : int
        Of presets: amounts are in units of 10^-decimals.

    Raises
    ------
    ValueError
        For a policy that contradicts itself, naming the field or the rule.

    Examples
    --------
    >>> from patron.complaints import Policy
    >>> policy = Policy("disp")
    >>> policy.name, policy.version, policy.source
    ('disp', '1', 'FCA Handbook, DISP 1.5 and 1.6')
    >>> policy.states[:3]
    ['RECEIVED', 'ACKNOWLEDGED', 'TRIAGED']
    """

    __slots__ = ("_definition", "_native")
    _native: _core.Policy
    _definition: dict[str, Any]

    PRESETS = ("default", "disp", "disp-payments", "cfpb", "rg271", "rg271-super", "12315")

    def __init__(
        self, definition: Mapping[str, Any] | str = "default", *, decimals: int = 4
    ) -> None:
        if isinstance(definition, str):
            self._native = _core.Policy.preset(definition, decimals)
        elif isinstance(definition, Mapping):
            text = json.dumps(definition, ensure_ascii=False)
            self._native = _core.Policy.from_json(text.encode())
        else:
            raise TypeError(
                f"definition: {type(definition).__name__}; expected a mapping or a name"
            )
        self._definition = json.loads(self._native.to_json())

    @classmethod
    def _of(cls, native: _core.Policy) -> Self:
        policy = cls.__new__(cls)
        policy._native = native
        policy._definition = json.loads(native.to_json())
        return policy

    @classmethod
    def preset(cls, name: str = "default", *, decimals: int = 4) -> Self:
        """Return a policy that comes with the library.

        Parameters
        ----------
        name : str
            "default", the stages of ISO 10002, or that with the clocks of a regulator: "disp" and
            "disp-payments" (UK), "cfpb" (US), "rg271" and "rg271-super" (Australia), "12315"
            (China). `source` and `source_date` say where the numbers come from.
        decimals : int
            Amounts are in units of 10^-decimals.
        """
        return cls._of(_core.Policy.preset(name, decimals))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the policy of JSON text.

        Raises
        ------
        ValueError
            Naming line and column, the field, or the rule that contradicts another.
        """
        return cls._of(_core.Policy.from_json(text.encode() if isinstance(text, str) else text))

    def to_json(self) -> str:
        """Return the policy as JSON text; equal policies give equal text."""
        return self._native.to_json().decode()

    def to_dict(self) -> dict[str, Any]:
        """Return the policy as a dict of lists, a copy that may be changed."""
        found: dict[str, Any] = json.loads(self.to_json())
        return found

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the policy that `to_bytes` wrote."""
        return cls._of(_core.Policy.from_bytes(data))

    def to_bytes(self) -> bytes:
        """Return canonical bytes; equal policies give equal bytes."""
        return self._native.to_bytes()

    def __reduce__(self) -> tuple[Any, ...]:
        return Policy.from_bytes, (self.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        return (
            f"Policy: {self.name} version {self.version}, {len(self.states)} states, "
            f"{len(self.events)} events, {len(self._definition['transitions'])} transitions"
        )

    # ---- What it says ----

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._definition["name"])

    @property
    def version(self) -> str:
        """Its version."""
        return str(self._definition["version"])

    @property
    def source(self) -> str:
        """Where its numbers come from."""
        return str(self._definition["source"])

    @property
    def source_date(self) -> str:
        """Of when its source is."""
        return str(self._definition["source_date"])

    @property
    def states(self) -> list[str]:
        """Names of the states."""
        return [state["name"] for state in self._definition["states"]]

    @property
    def events(self) -> list[str]:
        """Names of the events."""
        return [event["name"] for event in self._definition["events"]]

    @property
    def roles(self) -> list[str]:
        """Names of the roles."""
        return [role["name"] for role in self._definition["roles"]]

    @property
    def calendars(self) -> list[str]:
        """Names of the calendars that its clocks run on, in the order in which they occur."""
        names = [clock["calendar"] for clock in self._definition["clocks"]]
        names.append(self._definition["reopen_calendar"])
        return list(dict.fromkeys(name for name in names if name))

    def check(self) -> Table:
        """Find what is unwise: a table with problem, subject and message, empty if all is well.

        Problems are "unreachable" states, "dead_end", "no_guard" (a transition without one that
        its event requires), "never_fires" (a rule without effect) and "no_authority" (an event that
        no role may do).

        Examples
        --------
        >>> from patron.complaints import Policy
        >>> len(Policy("cfpb").check())
        0
        """
        return Table._of(self._native.check())

    def graphviz(self) -> str:
        """Return states and transitions as the text of a Graphviz graph."""
        return self._native.graph().decode()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw states and the transitions between them; needs matplotlib.

        States stand below those from which they are reached first. Transitions from a state to
        itself are left out; an event that leads to the same state from five states or more is
        written below instead of drawn.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots(figsize=(12, 9))[1]
        arrows, shared = self._arrows()
        places = self._places(arrows)
        kinds = {state["name"]: state["kind"] for state in self._definition["states"]}
        for (source, target), names in arrows.items():
            (x0, y0), (x1, y1) = places[source], places[target]
            # Within a row the arrow makes a bow around the states between.
            bow = 0.4 if y0 == y1 else 0.12
            ax.annotate(
                "",
                xy=(x1, y1),
                xytext=(x0, y0),
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": "#777777",
                    "lw": 0.8,
                    "shrinkA": 16,
                    "shrinkB": 16,
                    "connectionstyle": f"arc3,rad={bow}",
                },
            )
            # On the curve of arc3, a third of the way, or in the middle of a bow.
            t = 0.5 if y0 == y1 else 0.36
            x = x0 + t * (x1 - x0) + 2 * t * (1 - t) * bow * (y1 - y0)
            y = y0 + t * (y1 - y0) - 2 * t * (1 - t) * bow * (x1 - x0)
            ax.text(
                x,
                y,
                "\n".join(names),
                fontsize=6.5,
                color="#555555",
                ha="center",
                va="center",
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )
        for name, (x, y) in places.items():
            ax.text(
                x,
                y,
                name.replace("_", "\n"),
                fontsize=7,
                ha="center",
                va="center",
                bbox={
                    "boxstyle": "round,pad=0.4",
                    "facecolor": _COLOURS[kinds[name]],
                    "edgecolor": "#444444",
                },
            )
        xs, ys = zip(*places.values(), strict=True)
        ax.set_xlim(min(xs) - 1, max(xs) + 1)
        lines = [
            f"{event}: from {', '.join(sources)} to {target}"
            for (event, target), sources in shared.items()
        ]
        text = "\n".join(textwrap.fill(line, 130, subsequent_indent="    ") for line in lines)
        below = 0.25 * text.count("\n") + 0.3 if lines else 0.0
        ax.text(min(xs) - 0.9, min(ys) - 0.6, text, fontsize=6.5, color="#555555", va="top")
        ax.set_ylim(min(ys) - 0.7 - below, max(ys) + 0.7)
        ax.set_title(f"{self.name}, version {self.version}")
        ax.set_axis_off()
        return ax

    def _arrows(
        self,
    ) -> tuple[dict[tuple[str, str], list[str]], dict[tuple[str, str], list[str]]]:
        """Events by the states that they lead from and to; and states by event and target."""
        sources: dict[tuple[str, str], list[str]] = {}
        for move in self._definition["transitions"]:
            if move["move"] == "to":
                known = sources.setdefault((move["event"], move["to"]), [])
                known += [state for state in move["from"] if state != move["to"]]
        arrows: dict[tuple[str, str], list[str]] = {}
        shared: dict[tuple[str, str], list[str]] = {}
        for (event, target), states in sources.items():
            if len(states) >= _SHARED:
                shared[(event, target)] = states
                continue
            for state in states:
                arrows.setdefault((state, target), []).append(event)
        return arrows, shared

    def _places(self, arrows: dict[tuple[str, str], list[str]]) -> dict[str, tuple[float, float]]:
        """Rows by the number of steps from the beginning; states never reached stand last."""
        row = {
            move["to"]: 0
            for move in self._definition["transitions"]
            if move["move"] == "to" and not move["from"]
        }
        front = list(row)
        while front:
            front = [
                target
                for source in front
                for (begin, target) in arrows
                if begin == source and row.setdefault(target, row[source] + 1) > row[source]
            ]
            front = [state for state in dict.fromkeys(front) if row[state] == max(row.values())]
        last = max(row.values(), default=0) + 1
        rows: dict[int, list[str]] = {}
        for state in self.states:
            rows.setdefault(row.get(state, last), []).append(state)
        return {
            state: (2.0 * i - (len(states) - 1), -1.5 * depth)
            for depth, states in rows.items()
            for i, state in enumerate(states)
        }
