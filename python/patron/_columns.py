"""Which columns a table has, and whole numbers that came as floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike

_MOST_WHOLE = 2.0**53  # A float holds whole numbers up to here exactly.


def has_column(table: TableLike, name: str) -> bool:
    """Tell whether a table has the column, where that can be asked without reading it."""
    if isinstance(table, Table | dict):
        return name in table
    columns = getattr(table, "columns", None)  # Of frames.
    if columns is None:
        columns = getattr(table, "column_names", None)  # Of Arrow tables.
    return columns is not None and not callable(columns) and name in list(columns)


def columns_of(table: Any) -> list[str] | None:
    """Return the names of the columns, each of which can be had by its name; None if they cannot.

    That is a mapping, or a table of pandas, polars or pyarrow; no stream, which can be read once.
    """
    if isinstance(table, Mapping):
        return list(table)
    kind = type(table)
    if kind.__module__.split(".")[0] not in ("pandas", "polars", "pyarrow"):
        return None
    if kind.__name__ == "LazyFrame":  # Which has columns, but none to be had.
        return None
    names = getattr(table, "column_names", None)  # Of Arrow tables.
    names = list(getattr(table, "columns", ()) if names is None else names)
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    return names


def with_whole(table: Any, *names: str | None) -> Any:
    """Return a table whose columns of these names are integers, if they are whole numbers.

    Where one is missing pandas keeps whole numbers as floats, and so they get into other tables.
    """
    known = columns_of(table) or []
    floats = [name for name in names if name in known and _has_floats(table[name])]
    if not floats:
        return table
    return {name: _whole(table[name]) if name in floats else table[name] for name in known}


def _has_floats(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return any(isinstance(value, float) for value in values)
    kind = getattr(values, "dtype", None)
    if kind is None:
        kind = getattr(values, "type", None)  # Of Arrow arrays.
    return any(word in str(kind).lower() for word in ("float", "double"))


def _whole(values: Any) -> Any:
    try:
        found = Table({"whole": values})["whole"]
    except (TypeError, ValueError):
        return values  # For the library to say what is wrong with it.
    missing = np.isnan(found) if found.dtype.kind == "f" else np.zeros(len(found), bool)
    whole = np.where(missing, 0, found)
    if found.dtype.kind != "f" or (np.abs(whole) > _MOST_WHOLE).any():
        return values
    if (whole != np.floor(whole)).any():
        return values
    return np.ma.MaskedArray(whole.astype(np.int64), mask=missing)
