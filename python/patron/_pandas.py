"""Columns of pandas objects, without converting a whole frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from patron.errors import InvalidArgumentError


def frame(data: Any, names: list[str] | None) -> dict[str, Any]:
    """Return the columns `names` that `data` has; all of them for None."""
    wanted = list(data.columns) if names is None else [n for n in names if n in data.columns]
    columns = {}
    for name in wanted:
        values = data[name]
        if values.ndim != 1:
            raise InvalidArgumentError(f"{name}: several columns have this name; expected one")
        columns[name] = column(values)
    return columns


def column(values: Any) -> Any:
    """Return a pandas series or index as an array that the extension reads; missing is null."""
    dtype = values.dtype
    if not isinstance(dtype, np.dtype):
        return _extension(values)
    array = values.to_numpy()
    if dtype.kind == "f":
        missing = np.isnan(array)
        if missing.any():
            return np.ma.MaskedArray(array, mask=missing)
    return array


def _extension(values: Any) -> Any:
    if getattr(values.dtype, "tz", None) is not None:
        import pandas

        return pandas.DatetimeIndex(values).tz_convert("UTC").tz_localize(None).to_numpy()
    to_arrow = getattr(values.array, "__arrow_array__", None)
    if to_arrow is not None:
        try:
            return to_arrow()
        except ImportError:
            pass  # Without pyarrow, object by object.
    return values.to_numpy(dtype=object, na_value=None)
