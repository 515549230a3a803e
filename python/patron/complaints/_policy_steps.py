"""A policy as an automaton: which events may follow which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from patron.complaints._policy import Policy
from patron.errors import InvalidArgumentError

_BEFORE = "not received"
_OVER = ("closed", "merged", "external", "void")
_MOST_REMEMBERED = 4


class PolicySteps:
    """What the transitions of a policy allow, whoever does it and whatever it costs.

    A state that a case leaves for where it came from is as many states as it can come from.
    """

    def __init__(self, policy: Policy) -> None:
        definition = policy.to_dict()
        kinds = {state["name"]: state["kind"] for state in definition["states"]}
        transitions = definition["transitions"]
        before: tuple[str, ...] = (_BEFORE,)  # A state is a name, and what it remembers.
        self.steps: list[tuple[str, str, str]] = []
        self._labels: dict[str, list[str]] = {_BEFORE: [_BEFORE]}
        self._over: list[str] = []
        seen = {before}
        waiting = [before]
        while waiting:
            state = waiting.pop()
            for transition in transitions:
                came_from = transition["from"]
                if state == before:
                    if came_from or transition["move"] != "to":
                        continue
                elif state[0] not in came_from:
                    continue
                target = _after(state, transition)
                if target is None:
                    continue
                self.steps.append((_label(state), transition["event"], _label(target)))
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
                    self._labels.setdefault(target[0], []).append(_label(target))
                    if kinds[target[0]] in _OVER:
                        self._over.append(_label(target))

    def named(self, states: str | Sequence[str] | None, role: str) -> list[str]:
        """Return the states of the automaton that are these states of the policy."""
        if states is None:
            return [_BEFORE] if role == "starts" else self._over
        found: list[str] = []
        for name in (states,) if isinstance(states, str) else states:
            if name not in self._labels:
                raise InvalidArgumentError(
                    f"{role}: {name!r}; expected states that the policy can come to"
                )
            found += self._labels[name]
        return found


def _after(state: tuple[str, ...], transition: dict[str, Any]) -> tuple[str, ...] | None:
    if transition["move"] == "stay":
        return state
    if transition["move"] == "return":
        return state[1:] or None
    if not transition["remember"] or state[0] == _BEFORE:
        return (transition["to"],)
    return (transition["to"], *state) if len(state) <= _MOST_REMEMBERED else None


def _label(state: tuple[str, ...]) -> str:
    return " after ".join(state)
