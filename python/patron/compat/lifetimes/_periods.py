"""Periods of time, under the names that pandas has had for them over the years."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_SECONDS = {
    "Y": 31_556_952,  # 365.2425 days, as numpy has it
    "M": 2_629_746,  # a twelfth of it
    "W": 604_800,
    "D": 86_400,
    "h": 3_600,
    "m": 60,
    "s": 1,
}
_NANOSECONDS = {"ms": 1_000_000, "us": 1_000, "ns": 1}
_OLD = {
    "H": "h",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
    "A": "Y",
    "ME": "M",
    "QE": "Q",
    "YE": "Y",
}
_OFFSETS = {"M": "ME", "Q": "QE", "Y": "YE"}


def period_name(freq: str) -> str:
    """Return the name by which this pandas knows a period."""
    head, dash, anchor = freq.partition("-")
    return _OLD.get(head, head) + dash + anchor


def offset_name(freq: str) -> str:
    """Return the name by which this pandas knows an offset."""
    head, dash, anchor = period_name(freq).partition("-")
    name = _OFFSETS.get(head, head) + dash + anchor
    try:
        pd.tseries.frequencies.to_offset(name)
    except ValueError:
        return freq
    return name


def unit_nanoseconds(freq: str) -> int:
    """Return the length of a unit; a month and a year are the mean Gregorian ones."""
    name = period_name(freq).partition("-")[0]
    name = {"min": "m"}.get(name, name)
    if name in _NANOSECONDS:
        return _NANOSECONDS[name]
    if name not in _SECONDS:
        raise ValueError(f"freq: {freq!r} is not a unit of time; expected Y, M, W, D, h, m or s")
    return _SECONDS[name] * 1_000_000_000


def ordinals(when: Any, freq: str) -> npt.NDArray[np.int64]:
    """Return the number of the period of each instant."""
    index = pd.DatetimeIndex(when)
    if index.tz is not None:
        index = index.tz_localize(None)
    return np.asarray(index.to_period(period_name(freq)).asi8)


def starts(numbers: npt.NDArray[np.int64], freq: str) -> npt.NDArray[np.int64]:
    """Return when each period starts, in nanoseconds since 1970."""
    known, inverse = np.unique(numbers, return_inverse=True)
    periods = pd.PeriodIndex.from_ordinals(known, freq=period_name(freq))
    instants = periods.to_timestamp().to_numpy().astype("datetime64[ns]").astype(np.int64)
    return np.asarray(instants[inverse])
