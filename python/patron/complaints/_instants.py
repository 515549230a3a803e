"""Instants of callers, one or a column, and answers in the form of the question."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from patron import _core
from patron._columns import columns_of
from patron.errors import InvalidArgumentError, OutOfRangeError
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

_EPOCH = datetime(1970, 1, 1)


def is_column(value: object) -> bool:
    """Tell a column from one instant or one number."""
    if isinstance(value, (str, bytes, int, float, date, np.generic)) or value is None:
        return False
    return not (isinstance(value, np.ndarray) and value.ndim == 0)


def instants(values: Any, name: str) -> Any:
    """Return a column of instants as the library reads it: whole numbers are microseconds."""
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "iu":
            return values.astype(np.int64).view("M8[us]")
        if values.dtype.kind in "USO":
            return instants(values.tolist(), name)
        return values
    if not isinstance(values, (list, tuple)):  # Of pandas, polars and pyarrow: text is read here.
        texts = text_column(values)
        return values if texts is None else instants(texts, name)
    if not any(isinstance(v, (str, int)) for v in values):
        return values
    # One that is missing is left for the library to name with its row.
    return _nullable([_of_row(v, row, name) for row, v in enumerate(values)])


def text_column(values: Any) -> list[Any] | None:
    """Return the texts of a column of pandas, polars or pyarrow; None if it is none of text."""
    if getattr(getattr(values, "dtype", None), "kind", "O") in "biufmM":  # Of pandas.
        return None
    try:
        found = Table({"text": values})["text"]
    except (TypeError, ValueError):
        return None  # For the library to say what is wrong with it.
    return found.tolist() if found.dtype == object else None


def with_instants(table: Any, *names: str) -> Any:
    """Return a table whose columns of these names, if they are text, are instants."""
    known = columns_of(table) or []
    texts = {name: _read(table[name], name) for name in names if name in known}
    found = {name: read for name, read in texts.items() if read is not None}
    return {name: table[name] for name in known} | found if found else table


def _read(values: Any, name: str) -> Any:
    if isinstance(values, np.ndarray):
        values = values.tolist() if values.dtype.kind in "USO" else ()
    elif not isinstance(values, (list, tuple)):
        values = text_column(values) or ()
    return instants(values, name) if any(isinstance(v, str) for v in values) else None


def _of_row(value: Any, row: int, name: str) -> int | None:
    if value is None or value != value:  # NaT of pandas is no instant that equals itself.
        return None
    try:
        return microseconds(value, name)
    except InvalidArgumentError as error:
        said = str(error).removeprefix(f"{name}:")
        raise InvalidArgumentError(f"{name}: row {row} is{said}") from None


def microseconds(value: Any, name: str) -> int:
    """Return one instant as microseconds since 1970-01-01 UTC."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return int(value)
    if value is None:
        raise TypeError(f"{name}: None; expected an instant")
    return _core.microseconds(value, name)


def answer(micros: int | None, question: object, zone: str) -> Any:
    """Return an instant in the form of the one that was asked about; None stays None."""
    if micros is None:
        return None
    if isinstance(question, (int, np.integer)):
        return micros
    if isinstance(question, np.datetime64):
        return np.datetime64(micros, "us")
    try:
        utc = _EPOCH + timedelta(microseconds=micros)
        if isinstance(question, datetime):
            if question.tzinfo is None:
                return utc
            return utc.replace(tzinfo=UTC).astimezone(question.tzinfo)
        # With a fixed offset: in the hour that comes twice, a datetime of a zone equals no other.
        local = utc.replace(tzinfo=UTC).astimezone(zone_of(zone))
        return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)
    except OverflowError:
        raise OutOfRangeError(
            f"the answer, {np.datetime64(micros, 'us')}, is past what a datetime holds; "
            "ask with a datetime64 or with microseconds"
        ) from None


def zone_of(name: str) -> tzinfo:
    """Return a zone as the calendar names it."""
    if name in ("UTC", "Z"):
        return UTC
    if name[0] in "+-":
        minutes = int(name[1:3]) * 60 + int(name[4:6])
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    return ZoneInfo(name)


def pause_table(pauses: Any, rows: int) -> Any:
    """Return the pauses of a column as a table: row, begin, end."""
    if not isinstance(pauses, (list, tuple)):
        return pauses
    if len(pauses) == 0:
        return None
    if len(pauses) != rows:
        raise InvalidArgumentError(
            f"pauses: {len(pauses)} lists; expected one a row ({rows}), "
            "or a table with row, begin and end"
        )
    row: list[int] = []
    begin: list[int] = []
    end: list[int | None] = []
    for i, own in enumerate(pauses):
        for first, last in own:
            row.append(i)
            begin.append(microseconds(first, "pauses"))
            end.append(None if last is None else microseconds(last, "pauses"))
    if not row:
        return None
    return {
        "row": np.array(row, dtype=np.int64),
        "begin": np.array(begin, dtype=np.int64).view("M8[us]"),
        "end": _nullable(end),
    }


def _nullable(micros: list[int | None]) -> npt.NDArray[np.datetime64]:
    missing = np.iinfo(np.int64).min  # What NaT is.
    return np.array([missing if m is None else m for m in micros], dtype=np.int64).view("M8[us]")
