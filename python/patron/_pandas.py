"""Columns of pandas objects, without converting a whole frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from patron.errors import InvalidArgumentError


class Frame(Mapping[str, Any]):
    """The columns of a frame by name, converted when they are asked for."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def __getitem__(self, name: str) -> Any:
        if name not in self._data.columns:
            raise KeyError(name)
        values = self._data[name]
        if values.ndim != 1:
            raise InvalidArgumentError(f"{name}: several columns have this name; expected one")
        return column(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data.columns)

    def __len__(self) -> int:
        return len(self._data.columns)


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
