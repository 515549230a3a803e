"""A date is a day of the zone: in columns of every form, and as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from patron import value

DAYS = [date(2024, 1, 2), date(2024, 1, 9)]
COLUMNS: dict[str, Any] = {
    "list": DAYS,
    "numpy": np.array(DAYS, "datetime64[D]"),
    "objects": pd.Series(DAYS, dtype=object),
    "arrow": pa.array(DAYS),
    "polars": pl.Series(DAYS),
}
ENDS: dict[str, Any] = {
    "text": "2024-01-10",
    "date": date(2024, 1, 10),
    "numpy": np.datetime64("2024-01-10"),
}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "+05:30", "-11:00"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("form", COLUMNS)
def test_dates_are_days_of_the_zone(form: str, end: str, zone: str) -> None:
    table = {"customer_id": [1, 1], "date": COLUMNS[form], "amount": [5.0, 6.0]}
    summary = value.summarize(table, observation_end=ENDS[end], zone=zone)
    assert (summary["recency"].tolist(), summary["T"].tolist()) == ([7.0], [8.0])
    assert value.rfm(table, as_of=ENDS[end], zone=zone)["recency"].tolist() == [1]
    scores = value.State.rfm(as_of=ENDS[end], zone=zone).update(table).finalize()
    assert isinstance(scores, value.RfmScores)
    assert scores["recency"].tolist() == [1]
    split = value.summarize(
        table, calibration_end="2024-01-05", observation_end=ENDS[end], zone=zone
    )
    assert split["T"].tolist() == [3.0]
    assert split["duration_holdout"].tolist() == [5.0]
    followed = value.cohorts(table, observation_end=ENDS[end], zone=zone, period="day")
    assert str(followed["cohort"][0]) == "2024-01-02"


def test_an_instant_stays_an_instant() -> None:
    # Half past six in the evening of New York, and the day after in UTC.
    moment = datetime(2024, 1, 9, 23, 30, tzinfo=UTC)
    table = {"customer_id": [1], "date": [moment], "amount": [5.0]}
    for zone, days in (("UTC", 3), ("Asia/Tokyo", 2)):
        asked = value.rfm(table, as_of=date(2024, 1, 12), zone=zone)
        assert asked["recency"].tolist() == [days]
    same = value.rfm(table, as_of="2024-01-12T00:00:00Z", zone="America/New_York")
    assert same["recency"].tolist() == [2]


def test_an_unknown_zone_is_named() -> None:
    table = {"customer_id": [1], "date": [DAYS[0]], "amount": [5.0]}
    with pytest.raises(ValueError, match="zone: 'Mars'; expected a name"):
        value.rfm(table, as_of="2024-01-10", zone="Mars")
