"""Tables: how results come out, and one way for data to go in."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from patron import _core

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas
    import polars
    import pyarrow

    from patron._typing import TableLike

__all__ = ["Table"]

_SHOWN_ROWS = 10


class Table:
    """Named columns of equal length, in memory of the library.

    Results of Patron are tables. Everything that speaks Arrow reads them without a copy: polars,
    pyarrow, duckdb, pandas.

    Parameters
    ----------
    data : table
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``, a pandas frame, or a mapping
        of names to arrays of shape (n_rows,). Arrow data and numeric arrays are not copied.

    Raises
    ------
    ValueError
        With columns of different lengths, or of a type that the library does not know.
    TypeError
        For an object that is no table.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> table = patron.Table({"customer_id": np.array([7, 9]), "value": np.array([1.5, 2.5])})
    >>> len(table), table.columns
    (2, ['customer_id', 'value'])
    >>> table["value"]
    array([1.5, 2.5])
    """

    __slots__ = ("_native",)
    _native: _core.Table

    def __init__(self, data: TableLike) -> None:
        self._native = _core.Table(data)

    @classmethod
    def _of(cls, native: _core.Table) -> Self:
        table = cls.__new__(cls)
        table._native = native
        return table

    def __len__(self) -> int:
        return len(self._native)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self._native.columns

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return one column as an array of shape (n_rows,).

        Numbers and timestamps are views of the table's memory and read-only. Copies are made of
        text (an object array of str), of booleans, of dates, and where a value is null: null is nan
        in floats, NaT in times, None in text, and masked in integers (numpy.ma).

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, if there is no such column.
        """
        return self._native.column(name)

    def __contains__(self, name: object) -> bool:
        return name in self._native.columns

    __iter__ = None  # Rows or columns? Neither by accident.

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return an Arrow stream over the table, as often as wanted."""
        return self._native.__arrow_c_stream__(requested_schema)

    def to_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns by name, each as `table[name]` gives it."""
        return {name: self._native.column(name) for name in self.columns}

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas frame; needs pandas alone. Integers with nulls become Int64."""
        import pandas

        columns: dict[str, Any] = {}
        for name, values in self.to_dict().items():
            if isinstance(values, np.ma.MaskedArray):
                kind = "boolean" if values.dtype == bool else values.dtype.name.capitalize()
                kind = kind.replace("Uint", "UInt")
                columns[name] = pandas.array(values.tolist(), dtype=kind)
            else:
                columns[name] = values
        return pandas.DataFrame(columns)

    def to_polars(self) -> polars.DataFrame:
        """Return a polars frame that shares the memory."""
        import polars

        return polars.DataFrame(self)

    def to_arrow(self) -> pyarrow.Table:
        """Return a pyarrow table that shares the memory."""
        import pyarrow

        return pyarrow.table(self)

    def _head(self, rows: int) -> list[list[str]]:
        """First rows as text, column by column."""
        return [_texts(self._native.column(name, rows)) for name in self.columns]

    def _title(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        rows = min(len(self), _SHOWN_ROWS)
        names, columns = self.columns, self._head(rows)
        widths = [max(map(len, [name, *texts])) for name, texts in zip(names, columns, strict=True)]
        lines = [f"{self._title()}: {len(self):,} rows, {len(names)} columns"]
        lines.append("  ".join(n.rjust(w) for n, w in zip(names, widths, strict=True)))
        lines += [
            "  ".join(column[i].rjust(w) for column, w in zip(columns, widths, strict=True))
            for i in range(rows)
        ]
        if rows < len(self):
            lines.append(f"... {len(self) - rows:,} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = min(len(self), _SHOWN_ROWS)
        columns = self._head(rows)
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(column[i])}</td>" for column in columns) + "</tr>"
            for i in range(rows)
        )
        more = f", {len(self) - rows:,} not shown" if rows < len(self) else ""
        return (
            f"<table><caption>{escape(self._title())}: {len(self):,} rows{more}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _texts(values: npt.NDArray[Any]) -> list[str]:
    """Cells as a reader wants them: short numbers, dates without a midnight, nothing for null."""
    kind = values.dtype.kind
    if kind == "M":
        texts = ["" if value is None else str(value) for value in values.astype("O")]
        midnight = " 00:00:00"
        if all(text == "" or text.endswith(midnight) for text in texts):
            texts = [text.removesuffix(midnight) for text in texts]
        return texts
    if kind == "f":
        return ["" if np.isnan(value) else _number(value) for value in values.tolist()]
    return ["" if value is None else str(value) for value in values.tolist()]


def _number(value: float) -> str:
    text = f"{value:.4f}" if 1e-3 <= abs(value) < 1e9 else f"{value:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
