"""Every number that Patron takes from the literature: its value, unit, range and source.

The numbers are claims and conventions of their sources, not measurements of your customers. A
change holds for the whole process.

Examples
--------
>>> import patron
>>> patron.defaults.get("rfm.bins").value
5.0
>>> patron.defaults.set("rfm.bins", 4)
>>> patron.defaults.reset()
"""

from __future__ import annotations

import builtins
from typing import NamedTuple

from patron import _core

__all__ = ["Default", "get", "list", "reset", "set"]


class Default(NamedTuple):
    """One named number.

    Attributes
    ----------
    name : str
        Its name, such as ``"rfm.bins"``.
    value : float
        The value in use.
    unit : str
        The unit of the value.
    source : str
        Where the number comes from.
    confidence : str
        ``"seed_claim"`` (said in a management text, not measured), ``"seed_definition"`` (a
        definition of a management text), ``"field_measured"`` (measured in a published study) or
        ``"convention"``.
    low, high : float
        The range that `set` takes.
    built_in : float
        The value before any `set`.
    """

    name: str
    value: float
    unit: str
    source: str
    confidence: str
    low: float
    high: float
    built_in: float


def get(name: str) -> Default:
    """Return the default called `name`.

    Raises
    ------
    patron.errors.NotFoundError
        If there is none of this name.
    """
    return Default(*_core.default_get(name))


def set(name: str, value: float) -> None:  # noqa: A001
    """Change a default for the whole process.

    Parameters
    ----------
    name : str
        Name of the default.
    value : float
        The new value, in the unit of the default, within its range.

    Raises
    ------
    patron.errors.NotFoundError
        If there is none of this name.
    patron.errors.OutOfRangeError
        If the value is outside the range.
    """
    _core.default_set(name, value)


def reset(name: str | None = None) -> None:
    """Return one default, or all of them, to the built-in value."""
    for default in list() if name is None else [get(name)]:
        if default.value != default.built_in:
            _core.default_set(default.name, default.built_in)


def list() -> builtins.list[Default]:  # noqa: A001
    """Return all defaults, in order of name."""
    return [Default(*row) for row in _core.default_list()]
