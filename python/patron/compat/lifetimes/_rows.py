"""Scalars, arrays and Series in; the same kind out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


def rowwise(
    function: Callable[..., Floats],
    *arguments: Any,
    valid: Callable[..., npt.NDArray[np.bool_]] | None = None,
) -> Any:
    """Call `function` with one-dimensional arrays of the broadcast arguments.

    A row with a value that is not finite, or that `valid` refuses, gives nan. The result is a
    Series if an argument is one, a scalar if all are, and else an array of their common shape.
    """
    arguments, index = _aligned(arguments)
    arrays = np.broadcast_arrays(*[np.asarray(a, dtype=np.float64) for a in arguments])
    shape = arrays[0].shape
    flat = [np.ravel(a) for a in arrays]
    good = np.isfinite(flat[0])
    for values in flat[1:]:
        good &= np.isfinite(values)
    if valid is not None:
        with np.errstate(invalid="ignore"):
            good &= valid(*flat)
    if good.all():
        result = function(*flat)
    else:
        result = np.full(len(good), np.nan)
        result[good] = function(*[values[good] for values in flat])
    if index is not None and len(shape) == 1:
        return pd.Series(result, index=index)
    return np.float64(result[0]) if shape == () else result.reshape(shape)


def _aligned(arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
    """Bring Series to one index, as arithmetic on them does."""
    series = [a for a in arguments if isinstance(a, pd.Series)]
    if not series:
        return arguments, None
    index = series[0].index
    if all(s.index.equals(index) for s in series[1:]):
        return arguments, index
    for other in series[1:]:
        index = index.union(other.index)
    return (
        tuple(a.reindex(index) if isinstance(a, pd.Series) else a for a in arguments),
        index,
    )


def history(*columns: Floats) -> npt.NDArray[np.bool_]:
    """Tell which rows, whose last three columns are frequency, recency and age, can be."""
    frequency, recency, age = columns[-3:]
    return (frequency >= 0) & (recency >= 0) & (recency <= age)
