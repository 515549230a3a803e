"""Calendars: the reference vectors, one by one and as columns, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import patron
from patron.complaints import Calendar

OFFICE = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def office() -> Calendar:
    return Calendar("Europe/Berlin", OFFICE, {"2024-12-25": [], "2024-12-26": []})


def instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


def micros(value: dt.datetime | None) -> np.datetime64:
    if value is None:
        return np.datetime64("NaT")
    return np.datetime64(value.astimezone(dt.UTC).replace(tzinfo=None), "us")


@pytest.mark.parametrize(
    ("name", "count"), [("sla_vectors.json", 24), ("sla_vectors_random.json", 200)]
)
def test_reference_vectors(reference_folder: Callable[[str], Path], name: str, count: int) -> None:
    file = json.loads((reference_folder("complaints") / name).read_text(encoding="utf-8"))
    calendars = {
        key: Calendar(value["tz"], value["weekly"], value["exceptions"])
        for key, value in file["calendars"].items()
    }
    assert len(file["vectors"]) == count
    for vector in file["vectors"]:
        calendar = calendars[vector["calendar"]]
        due = instant(vector["due"]["utc"]) if vector.get("due") else None
        if vector["kind"] == "business_days":
            found = calendar.business_days(vector["received"], vector["business_days"])
            assert found == due, vector["id"]
            continue
        pauses = [tuple(pause) for pause in vector["pauses"]]
        seconds = vector["working_seconds"]
        end = due if vector["kind"] == "due" else instant(vector["end"])
        if vector["kind"] == "due":
            assert calendar.due(vector["start"], seconds, pauses) == due, vector["id"]
            column = calendar.due([vector["start"]], [seconds], [pauses])
            np.testing.assert_array_equal(column, np.array([micros(due)]))
        if end is not None:
            assert calendar.elapsed(vector["start"], end, pauses) == seconds, vector["id"]


def test_answers_have_the_form_of_the_question(office: Calendar) -> None:
    aware = dt.datetime(2024, 6, 7, 16, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    expected = dt.datetime(2024, 6, 10, 10, 0, tzinfo=BERLIN)
    assert office.due(aware, 7200) == expected
    assert office.due(aware, 7200).tzinfo is aware.tzinfo
    assert office.due("2024-06-07T16:00:00+02:00", 7200).isoformat() == "2024-06-10T10:00:00+02:00"
    assert office.due(dt.datetime(2024, 6, 7, 14), 7200) == dt.datetime(2024, 6, 10, 8)
    assert office.due(np.datetime64("2024-06-07T14"), 7200) == np.datetime64("2024-06-10T08")
    assert office.due(1717768800_000000, 7200.0) == 1718006400_000000
    assert office.due(aware, 0.5) == aware + dt.timedelta(seconds=0.5)
    fixed = Calendar("+05:30", {"mon": [("09:00", "17:00")]})
    assert fixed.due("2024-06-03T09:00:00+05:30", 60).isoformat() == "2024-06-03T09:01:00+05:30"


def test_columns_of_any_kind(office: Calendar) -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    starts = np.array(["2024-06-07T14:00", "2024-12-24T15:00"], "M8[us]")
    expected = np.array(["2024-06-10T08:00", "2024-12-27T09:00"], "M8[us]")
    columns = [
        starts,
        starts.astype("M8[ns]"),
        starts.view(np.int64),
        [s.item() for s in starts],
        [f"{s}Z" for s in starts],
        np.array([f"{s}Z" for s in starts]),
        pandas.Series(starts),
        polars.Series(starts),
        polars.Series(starts).to_arrow(),
    ]
    for column in columns:
        np.testing.assert_array_equal(office.due(column, 7200), expected)
        np.testing.assert_array_equal(office.elapsed(column, expected), [7200.0, 7200.0])
        np.testing.assert_array_equal(
            office.elapsed(column, "2024-12-27T10:00:00+01:00"),
            [office.elapsed(s, "2024-12-27T10:00:00+01:00") for s in starts],
        )
        np.testing.assert_array_equal(
            office.business_days(column, np.array([1, 2])),
            np.array(["2024-06-10T15:00", "2024-12-30T16:00"], "M8[us]"),
        )
        np.testing.assert_array_equal(
            office.calendar_days(column, 1), np.array(["2024-06-08T22", "2024-12-25T23"], "M8[us]")
        )
    np.testing.assert_array_equal(
        office.due("2024-06-07T14:00Z", [0, 7200]),
        np.array(["2024-06-07T14:00", "2024-06-10T08:00"], "M8[us]"),
    )
    np.testing.assert_array_equal(
        office.calendar_weeks(starts, [8, 0]),
        np.array(["2024-08-02T22", "2024-12-24T23"], "M8[us]"),
    )


def test_pauses_of_columns(office: Calendar) -> None:
    starts = np.array(["2024-06-03T08:00", "2024-06-03T08:00", "2024-06-03T08:00"], "M8[us]")
    eleven, thirteen = "2024-06-03T11:00+02:00", "2024-06-03T13:00+02:00"
    lists = [[(eleven, thirteen)], [], [(eleven, None)]]
    expected = np.array(["2024-06-03T14:00", "2024-06-03T12:00", "NaT"], "M8[us]")
    np.testing.assert_array_equal(office.due(starts, 4 * 3600, lists), expected)
    table = {
        "row": [2, 0],
        "begin": np.array(["2024-06-03T09:00", "2024-06-03T09:00"], "M8[us]"),
        "end": np.array(["NaT", "2024-06-03T11:00"], "M8[us]"),
    }
    np.testing.assert_array_equal(office.due(starts, 4 * 3600, table), expected)
    np.testing.assert_array_equal(
        office.elapsed(starts, "2024-06-03T14:00+02:00", table), [7200.0, 14400.0, 3600.0]
    )
    with pytest.raises(ValueError, match="pauses: 1 lists; expected one a row"):
        office.due(starts, 60, [[]])


def test_what_it_is_made_of_makes_it_again() -> None:
    week = {"mon": [("09:00", "12:00"), ("13:00", "17:30:15")], "fri": [("22:00", "06:00")]}
    later = {"tue": [("10:00", "11:00")]}
    calendar = Calendar(
        "Asia/Shanghai",
        week,
        {"2024-10-01": [], dt.date(2024, 9, 29): [("09:00", "18:00")]},
        versions={dt.date(2025, 1, 1): later, "2026-01-01": {}},
    )
    assert calendar.zone == "Asia/Shanghai"
    assert calendar.week == week
    assert calendar.versions == {"2025-01-01": later, "2026-01-01": {"mon": []}}
    assert calendar.exceptions == {"2024-09-29": [("09:00", "18:00")], "2024-10-01": []}
    same = Calendar(calendar.zone, calendar.week, calendar.exceptions, versions=calendar.versions)
    assert same == calendar
    assert hash(same) == hash(calendar)
    assert Calendar.from_bytes(calendar.to_bytes()) == calendar
    assert pickle.loads(pickle.dumps(calendar)) == calendar
    assert calendar != Calendar("UTC", week)
    assert "3 segments a week, 2 later weeks, 2 exceptions" in repr(calendar)
    whole_day = Calendar("UTC", {"mon": [(32_400, 118_800)]})
    assert Calendar("UTC", whole_day.week) == whole_day
    # Weeks hold from their date on; the last is closed for good.
    assert calendar.elapsed("2025-01-01T00:00+08:00", "2025-01-15T00:00+08:00") == 7200.0
    assert calendar.due("2026-01-01T00:00+08:00", 1) is None


def test_holidays_from_a_file(tmp_path: Path, office: Calendar) -> None:
    text = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20231003\r\nRRULE:FREQ=YEARLY\r\n"
        "SUMMARY:Unity\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    path = tmp_path / "holidays.ics"
    path.write_bytes(text.encode())
    for source in (path, text, text.encode()):
        closed, holidays, report = office.with_holidays(source, "2024-01-01", "2025-12-31")
        assert list(closed.exceptions) == ["2024-10-03", "2024-12-25", "2024-12-26", "2025-10-03"]
        assert holidays["day"].astype("M8[D]").tolist() == [
            dt.date(2024, 10, 3),
            dt.date(2025, 10, 3),
        ]
        assert holidays["name"].tolist() == ["Unity", "Unity"]
        assert report == (2, 2, 0, 0)
    with pytest.raises(ValueError, match="line 4"):
        office.with_holidays(text.replace("YEARLY", "HOURLY"), "2024-01-01", "2025-12-31")


def test_recomputing_moves_clocks_by_their_rule(office: Calendar) -> None:
    mornings = Calendar("Europe/Berlin", {day: [("09:00", "13:00")] for day in OFFICE})
    starts = np.array(["2024-06-03T08:00", "2024-06-03T07:00"], "M8[us]")  # Monday, 10 and 9.
    at = "2024-06-03T14:00+02:00"

    def due(rule: Any) -> list[str]:
        table = mornings.recompute(starts, [8 * 3600, 3600], at=at, before=office, rule=rule)
        assert table.columns == ["due", "moved"]
        return [str(d)[5:16] for d in table["due"]]

    assert due("pinned") == ["06-04T08:00", "06-03T08:00"]
    assert due("origin") == ["06-05T08:00", "06-03T08:00"]
    assert due("proportional") == ["06-04T11:00", "06-03T08:00"]
    shorter = mornings.recompute(
        starts, 3600, at=at, before=office, seconds_before=[7200, 8 * 3600], rule="proportional"
    )
    assert shorter["moved"].tolist() == [False, True]


def test_spans(office: Calendar) -> None:
    spans = office.spans("2024-12-24T16:00+01:00", "2024-12-27T10:00+01:00")
    assert [str(b) for b in spans["begin"]] == [
        "2024-12-24T15:00:00.000000",
        "2024-12-27T08:00:00.000000",
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Calendar("Mars/Olympus", OFFICE), "Mars/Olympus"),
        (lambda: Calendar("UTC", {}), "never open"),
        (lambda: Calendar("UTC", {"monday": [("09:00", "10:00")]}), "day: row 0 is 'monday'"),
        (lambda: Calendar("UTC", {"mon": [("09:00", "09:00")]}), "another time to close"),
        (lambda: Calendar("UTC", {"mon": [("9", "10:00")]}), "time of day"),
        (
            lambda: Calendar("UTC", {"mon": [("09:00", "12:00"), ("11:00", "13:00")]}),
            "do not overlap",
        ),
        (lambda: Calendar("UTC", OFFICE, {"2024-02-30": []}), "2024-02-30"),
        (lambda: Calendar("UTC", OFFICE).due("2024-06-03", -1), "-1000000"),
        (lambda: Calendar("UTC", OFFICE).due("2024-06-03", 1e300), "9223372036854"),
        (lambda: Calendar("UTC", OFFICE).due("yesterday", 1), "expected an instant"),
        (lambda: Calendar("UTC", OFFICE).elapsed("2024-06-03", "2024-06-02"), "before the start"),
        (lambda: Calendar("UTC", OFFICE).business_days("2024-06-03", 0), "1 business day or more"),
        (
            lambda: Calendar("UTC", OFFICE).due("2024-06-03", 1, [("2024-06-04", "2024-06-03")]),
            "not before the begin",
        ),
        (lambda: Calendar("UTC", OFFICE).due(["2024-06-03", None], 1), "start: row 1 is null"),
        (lambda: Calendar("UTC", OFFICE).due(["2024-06-03"], [-1]), "seconds: row 0 is -1"),
        (lambda: Calendar.from_bytes(b"nothing"), "bytes: "),
    ],
)
def test_bad_input_is_named(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_types_that_are_no_instants_are_refused(office: Calendar) -> None:
    for value in (None, 1.5, object()):
        with pytest.raises(TypeError):
            office.due(value, 1)
    with pytest.raises(TypeError, match="text and whole numbers"):
        Calendar("UTC", {"mon": [("09:00", 36_000)]})
    with pytest.raises(ValueError, match="unpack"):
        Calendar("UTC", {"mon": "09:00"})  # type: ignore[dict-item]


def test_far_answers(office: Calendar) -> None:
    year_1 = dt.datetime(1, 1, 1)
    assert office.elapsed(year_1, office.due(year_1, 10**9)) == 10**9
    with pytest.raises(patron.errors.OutOfRangeError, match="past what a datetime holds"):
        office.due("9999-12-30", 10**7)
    assert office.due(np.datetime64("9999-12-30"), 10**7) > np.datetime64("9999-12-31")
    assert office.due(0, 10**12) > 0


def test_limits_with_units(office: Calendar) -> None:
    pandas = pytest.importorskip("pandas")
    start = "2024-06-03T09:00:00+02:00"
    hour = dt.timedelta(hours=1)
    assert office.due(start, hour) == office.due(start, 3600)
    assert office.due(start, np.timedelta64(60, "m")) == office.due(start, 3600)
    expected = office.due([start, start], [3600, 7200])
    for limits in (
        [hour, 2 * hour],
        np.array([60, 120], "m8[m]"),
        pandas.Series([hour, 2 * hour]),
        pandas.to_timedelta([1, 2], unit="h"),
    ):
        assert (office.due([start, start], limits) == expected).all()


def test_texts_of_any_table(office: Calendar) -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    texts = ["2024-06-03T09:00:00+02:00", "2024-06-03T10:00:00+02:00"]
    expected = office.due(texts, 3600)
    for make in (pandas.Series, polars.Series, pyarrow.array, np.array, tuple):
        assert (office.due(make(texts), 3600) == expected).all()
        with pytest.raises(
            ValueError, match=r"start: row 1 is 'soon'; expected an instant such as"
        ):
            office.due(make([texts[0], "soon"]), 3600)
    for missing in (pandas.Series([texts[0], None]), polars.Series([texts[0], None])):
        with pytest.raises(ValueError, match="start: row 1 is null"):
            office.due(missing, 3600)


def test_segments_by_time_and_errors_by_day() -> None:
    week = {"tue": [("09:00", "17:00")], "mon": [(dt.time(9), dt.time(17, 30))]}
    assert Calendar(week=week).week["mon"] == [("09:00", "17:30")]
    with pytest.raises(ValueError, match=r"^mon: segment: '17:00' to '17:00'"):
        Calendar(week=week | {"mon": [("17:00", "17:00")]})
    with pytest.raises(ValueError, match=r"^2024-12-24: segment"):
        Calendar(week=week, exceptions={"2024-12-24": [("25:00", "26:00")]})
