"""Which columns a table has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike


def has_column(table: TableLike, name: str) -> bool:
    """Tell whether a table has the column, where that can be asked without reading it."""
    if isinstance(table, Table | dict):
        return name in table
    columns = getattr(table, "columns", None)  # Of frames.
    if columns is None:
        columns = getattr(table, "column_names", None)  # Of Arrow tables.
    return columns is not None and not callable(columns) and name in list(columns)
