"""Instants: text, dates, datetimes, numpy and pandas, all in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

import patron
from patron import value

TABLE = {
    "customer_id": [1],
    "date": np.array(["2024-03-01T12:00:00"], dtype="datetime64[us]"),
    "amount": [1.0],
}


def last_instant(end: Any) -> float:
    """Seconds from the purchase to the end of observation, which shows how `end` was read."""
    summary = value.summarize(TABLE, unit="second", observation_end=end, merge="none")
    return float(summary["T"][0])


@pytest.mark.parametrize(
    ("end", "seconds"),
    [
        ("2024-03-02", 43_200),
        ("2024-03-01T12:00", 0),
        ("2024-03-01 12:00:30", 30),
        ("2024-03-01T12:00:30.25", 30.25),
        ("2024-03-01T12:00:30.123456789", 30.123456),
        ("2024-03-01T13:00:00Z", 3_600),
        ("2024-03-01T14:00:00+01:00", 3_600),
        ("2024-03-01T08:30:00-0430", 3_600),
        ("2024-03-01T23:00+10", 3_600),
        (date(2024, 3, 2), 43_200),
        (datetime(2024, 3, 1, 13), 3_600),
        (datetime(2024, 3, 1, 13, tzinfo=UTC), 3_600),
        (datetime(2024, 3, 1, 14, tzinfo=timezone(timedelta(hours=1))), 3_600),
        (datetime(2024, 3, 1, 12, 0, 0, 250_000), 0.25),
        (np.datetime64("2024-03-02"), 43_200),
        (np.datetime64("2024-03-01T12:00:01.5", "ns"), 1.5),
        (np.datetime64("2024-04", "M"), 30.5 * 86_400),
        (pd.Timestamp("2024-03-02"), 43_200),
        (pd.Timestamp("2024-03-01T14:00", tz="Europe/Berlin"), 3_600),
    ],
)
def test_forms(end: Any, seconds: float) -> None:
    assert last_instant(end) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "2024-3-1",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "2024-03-01T",
        "2024-03-01T25:00",
        "2024-03-01T12:60",
        "2024-03-01T12:00:61",
        "2024-03-01T12:00:00.",
        "2024-03-01T12:00:00.1234567890",
        "2024-03-01T12:00 ",
        "2024-03-01T12:00+1",
        "2024-03-01T12:00+25:00",
        "2024-03-01x",
        "0000-01-01",
        "today",
    ],
)
def test_text_that_is_no_instant(text: str) -> None:
    with pytest.raises(patron.errors.InvalidArgumentError, match="observation_end: "):
        last_instant(text)


@pytest.mark.parametrize("nothing", [pd.NaT, np.datetime64("NaT")])
def test_no_time_is_no_instant(nothing: Any) -> None:
    with pytest.raises(patron.errors.InvalidArgumentError) as caught:
        last_instant(nothing)
    assert str(caught.value) == "observation_end: NaT; expected an instant"


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (1, -719_162),
        (1600, -135_140),
        (1900, -25_567),
        (1970, 0),
        (2000, 10_957),
        (9999, 2_932_532),
    ],
)
def test_days_of_the_calendar(year: int, days: int) -> None:
    # Days from 1970-01-01, from datetime.date.toordinal.
    assert date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal() == days
    table = {
        "customer_id": [1],
        "date": np.array([days - 1], dtype="datetime64[D]"),
        "amount": [1.0],
    }
    for end in (f"{year:04}-01-01", date(year, 1, 1)):
        assert value.summarize(table, observation_end=end)["T"].tolist() == [1.0]


def test_leap_days() -> None:
    table = {
        "customer_id": [1],
        "date": np.array(["2024-02-28"], dtype="datetime64[D]"),
        "amount": [1.0],
    }
    assert value.summarize(table, observation_end="2024-02-29")["T"].tolist() == [1.0]
    assert value.summarize(table, observation_end="2024-03-01")["T"].tolist() == [2.0]


def test_days_are_parted_by_the_midnights_of_a_zone() -> None:
    table = {
        "customer_id": [1, 1],
        "date": np.array(["2024-03-01T23:30", "2024-03-02T00:30"], dtype="datetime64[us]"),
        "amount": [1.0, 1.0],
    }
    assert value.summarize(table)["orders"].tolist() == [2]
    assert value.summarize(table, zone="Europe/Berlin")["orders"].tolist() == [1]
