"""Types of arguments that several functions share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt


class ArrowStream(Protocol):
    """A table, or a column in pieces, of any Arrow library."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with an ArrowArrayStream."""


class ArrowArray(Protocol):
    """A record batch or an array of any Arrow library."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Return capsules with an ArrowSchema and an ArrowArray."""


ColumnLike: TypeAlias = npt.ArrayLike | Sequence[Any] | ArrowStream | ArrowArray
"""One column: an array, a list, a series, or an Arrow array."""

TableLike: TypeAlias = ArrowStream | ArrowArray | Mapping[str, Any] | Any
"""A table: anything with an Arrow stream, a pandas frame, or a mapping of names to arrays."""

InstantLike: TypeAlias = str | date | np.datetime64
"""An instant: ISO 8601 text, a date, a datetime (naive is UTC), or a numpy datetime64."""

Progress: TypeAlias = bool | Callable[[int, int], object] | None
"""None, True for a bar, or a callable (done, total) that may answer False to stop.

The callable may use any object but the one whose call it watches.
"""

T = TypeVar("T")
EachDimension: TypeAlias = T | Sequence[T | None] | Mapping[str, T]
"""One value for recency, frequency and monetary alike, three in that order, or a mapping.

What is None, or missing in the mapping, keeps its default.
"""

Nulls: TypeAlias = Literal["error", "skip"]
Refunds: TypeAlias = Literal["net", "ignore", "separate", "error"]
Zeros: TypeAlias = Literal["count", "ignore"]
Money: TypeAlias = Literal["float64", "units"]
Unit: TypeAlias = Literal["second", "hour", "day", "week", "month", "year"]
Merge: TypeAlias = Literal["day", "order", "none"]
RfmMethod: TypeAlias = Literal[
    "threshold_right",
    "qcut_drop",
    "rpkg",
    "ntile",
    "midrank",
    "percent_rank",
    "nested",
    "fixed",
]
