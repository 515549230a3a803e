"""Events as callers give them, as a table that the library reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from patron._columns import with_whole
from patron.complaints._instants import instants, is_column, with_instants
from patron.errors import InvalidArgumentError

_COLUMNS = (
    "event",
    "case",
    "type",
    "time",
    "actor",
    "role",
    "customer",
    "policy",
    "version",
    "amount",
    "due",
    "code",
    "reason",
    "related_case",
    "related_event",
    "regulated",
    "notice",
    "remedy",
    "text",
)

# Numbers that events may lack.
_WHOLE = ("actor", "customer", "code", "reason", "related_case", "related_event")


def table_of(events: Any) -> Any:
    """Return events as a table: one event becomes a row, text becomes instants."""
    if isinstance(events, Mapping):
        _check_names(events.keys())
        if not is_column(events.get("event")):
            return table_of([events])
        columns = dict(with_whole(events, *_WHOLE))
        for name in ("time", "due"):
            if name in columns:
                columns[name] = instants(columns[name], name)
        return columns
    if isinstance(events, Sequence) and all(isinstance(event, Mapping) for event in events):
        for event in events:
            _check_names(event.keys())
        named = {name for event in events for name in event} | {"event", "case", "type", "time"}
        columns = {name: [event.get(name) for event in events] for name in named}
        columns = with_whole(columns, *_WHOLE)
        return {name: _column(name, values) for name, values in columns.items()}
    if type(events).__module__.split(".")[0] == "pandas":
        if not hasattr(events, "columns"):  # A row of a frame.
            return table_of(events.dropna().to_dict())
        _check_names(events.columns)
    return with_instants(with_whole(events, *_WHOLE), "time", "due")


def _column(name: str, values: list[Any]) -> Any:
    if name in ("time", "due"):
        return instants(values, name) if values else np.array([], dtype="M8[us]")
    return values


def _check_names(names: Any) -> None:
    for name in names:
        if name not in _COLUMNS:
            raise InvalidArgumentError(
                f"events: a column {name!r}; expected columns of {', '.join(_COLUMNS)}"
            )
