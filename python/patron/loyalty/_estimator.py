"""What the estimators of this module share: scikit-learn's rules, and how tables come in."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import numpy as np

from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, TableLike


class NotFittedError(ValueError, AttributeError):
    """A question to a model that has not been fitted."""


class Estimator:
    """Hyperparameters by scikit-learn's rules: the constructor keeps its arguments unchanged."""

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in self._get_param_names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; a fit stays as it is.

        Raises
        ------
        ValueError
            For an argument that the constructor does not have.
        """
        known = self._get_param_names()
        for name in params:
            if name not in known:
                raise InvalidArgumentError(
                    f"{name}: no parameter of {type(self).__name__}; expected one of "
                    f"{', '.join(known)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def _not_fitted(self) -> NotFittedError:
        return NotFittedError(f"{type(self).__name__}: not fitted yet; call fit first")


class _Native(Protocol):
    def to_bytes(self) -> bytes: ...


Native = TypeVar("Native", bound=_Native)


class FittedModel(Estimator, ABC, Generic[Native]):
    """An estimator whose fit can be written as bytes and pickled."""

    _native: Native

    def _fitted(self) -> Native:
        if not hasattr(self, "_native"):
            raise self._not_fitted()
        return self._native

    @classmethod
    @abstractmethod
    def _read(cls, data: bytes) -> Self:
        """Return an estimator, and its fit, of bytes."""

    @abstractmethod
    def _adopt(self, native: Native) -> None:
        """Take a fit, with what is told of it."""

    def to_bytes(self) -> bytes:
        """Return the fit as canonical bytes (patron.v1), without a row of the table.

        Equal fits give equal bytes. ``level`` and other arguments of the constructor that are not of
        the fit are not in them; a pickle holds these too.

        Raises
        ------
        NotFittedError
            Before a fit.
        """
        return self._fitted().to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the fit that `to_bytes` wrote; it gives the same bytes again.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        return cls._read(data)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {"params": self.get_params()}
        if hasattr(self, "_native"):
            state["bytes"] = self.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state["params"].items():
            setattr(self, name, value)
        if "bytes" in state:
            self._adopt(self._read(state["bytes"])._native)


def columns_by_role(native: Any) -> dict[str, list[str]]:
    """Return the columns that a fit has read: names by what they are for."""
    rows = Table._of(native.columns())
    found: dict[str, list[str]] = {}
    for role, name in zip(rows["role"].tolist(), rows["name"].tolist(), strict=True):
        found.setdefault(role, []).append(name)
    return found


def reading_of(
    columns: dict[str, list[str]],
) -> tuple[str, str, str | None, str | None, tuple[str, ...]]:
    """Return the names of durations, events, entries, weights and strata."""
    (duration,), (event,) = columns["duration"], columns["event"]
    (entry,) = columns.get("entry", [None])
    (weight,) = columns.get("weight", [None])
    return duration, event, entry, weight, tuple(columns.get("stratum", ()))


def names_of(names: str | Sequence[str] | None, what: str) -> tuple[str, ...]:
    """Return one name, several, or none as a tuple."""
    if names is None:
        return ()
    if isinstance(names, str):
        return (names,)
    result = tuple(names)
    for name in result:
        if not isinstance(name, str):
            raise TypeError(f"{what}: expected names of columns, not {type(name).__name__}")
    return result


def columns_of(table: TableLike) -> dict[str, Any]:
    """Return the columns of any table by name."""
    if isinstance(table, dict):
        return table
    return (table if isinstance(table, Table) else Table(table)).to_dict()


def duration_table(
    durations: ColumnLike,
    events: ColumnLike | None,
    entry: ColumnLike | None,
    weights: ColumnLike | None,
    **groups: Any,
) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, tuple[str, ...]]]:
    """Return a table of loose columns, the names in it, and those of each kind of groups.

    Groups are one column, or a mapping of names to columns.
    """
    table: dict[str, Any] = {"duration": durations}
    if events is None:
        events = np.ones(len(Table({"duration": durations})), dtype=bool)
    table["event"] = events
    if entry is not None:
        table["entry"] = entry
    if weights is not None:
        table["weight"] = weights
    names: dict[str, tuple[str, ...]] = {}
    for kind, columns in groups.items():
        if columns is None:
            names[kind] = ()
            continue
        given = columns if isinstance(columns, dict) else {kind: columns}
        for name in given:
            if name in table:
                raise InvalidArgumentError(f"{kind}: {name!r} is the name of another column")
        table.update(given)
        names[kind] = tuple(given)
    reading = (
        "duration",
        "event",
        None if entry is None else "entry",
        None if weights is None else "weight",
    )
    return table, reading, names


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of aligned cells, the first column to the left."""
    cells = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        line = row[0].ljust(widths[0])
        for text, width in zip(row[1:], widths[1:], strict=True):
            line += "  " + text.rjust(width)
        lines.append(line.rstrip())
    return lines


def number(value: float) -> str:
    """Return a number as summaries show it."""
    return "" if np.isnan(value) else f"{value:.6g}"


def probability(value: float) -> str:
    """Return a p-value as summaries show it."""
    return "<0.0001" if value < 1e-4 else f"{value:.4f}"
