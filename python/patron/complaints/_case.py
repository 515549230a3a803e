"""What a casebook says about a case, about events that it was given, and about its log."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from patron.table import Table

if TYPE_CHECKING:
    import numpy as np


class Verdicts(Table):
    """One row an event that was given: verdict, and refusal where it was refused.

    Attributes
    ----------
    applied, duplicates, refused, conflicts : int
        How many rows there are of each.
    """

    __slots__ = ("applied", "conflicts", "duplicates", "refused")
    applied: int
    duplicates: int
    refused: int
    conflicts: int


class LogHead(NamedTuple):
    """Where a log stands: keep it elsewhere, and `Casebook.verify` proves that nothing was changed.

    Attributes
    ----------
    events : int
        How many there are.
    digest : bytes
        Of all of them.
    """

    events: int
    digest: bytes


@dataclass(frozen=True)
class Case:
    """One case as its events make it.

    Attributes
    ----------
    case : int or str
        Its id.
    customer : int, str or None
    state : str
    kind : str
        What the state means: "open", "decided", "closed", "merged", "external", "void".
    policy, version : str
    received, ended : datetime64
        NaT if it is not over.
    severity, media, level, cycle, rejections : int
        0 = not assessed; of escalation; how often it was reopened; decisions that were rejected.
    regulated, hold : bool
    decision, reason, cause, outcome : int
        0 = none.
    proposed, granted, compensated : float
        Money: waits for approval or for being told; that authority was used for; that was paid.
    remedy_due : bool
    merged_into, split_from : int, str or None
    events : int
    next : Table
        What it may do next: event, to, role, and what is lacking where no role can.
    clocks : Table
        As of `Casebook.clocks`.
    promises : Table
        event, made, due, kept, broken.
    """

    case: int | str
    customer: int | str | None
    state: str
    kind: str
    policy: str
    version: str
    received: np.datetime64
    ended: np.datetime64
    severity: int
    media: int
    level: int
    cycle: int
    rejections: int
    regulated: bool
    hold: bool
    decision: int
    reason: int
    cause: int
    outcome: int
    proposed: float
    granted: float
    compensated: float
    remedy_due: bool
    merged_into: int | str | None
    split_from: int | str | None
    events: int
    next: Table
    clocks: Table
    promises: Table

    @property
    def cost(self) -> float:
        """What was paid for it so far."""
        return self.compensated

    @property
    def allowed(self) -> dict[str, list[str]]:
        """The events that are possible now, and the roles that can do each."""
        found: dict[str, list[str]] = {}
        for event, role in zip(self.next["event"], self.next["role"], strict=True):
            if role is not None:
                found.setdefault(event, []).append(role)
        return found

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    def keys(self) -> list[str]:
        """Return the names of what it has."""
        return [field.name for field in fields(self)]

    def __repr__(self) -> str:
        clocks = zip(
            self.clocks["clock"],
            self.clocks["state"],
            self.clocks["due"],
            self.clocks["breached"],
            strict=True,
        )
        running = [
            f"{clock} due {due}" + (" (late)" if late else "")
            for clock, state, due, late in clocks
            if state == "running"
        ]
        text = f"Case {self.case!r}: {self.state}, {self.events} events"
        return text + "".join("\n  " + line for line in running)
