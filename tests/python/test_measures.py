"""Measures over time: the reference figures, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.complaints import (
    ageing,
    attainment,
    backlog,
    control_chart,
    cusum,
    read_xes,
    survival,
)


def test_helpdesk_has_the_curve_of_r(
    reference_folder: Callable[[str], Path], reference: Callable[[str], Any]
) -> None:
    expected = reference("complaints")["logs"]["helpdesk.xes.gz"][0]["kaplan_meier"]
    log = read_xes(reference_folder("complaints") / "helpdesk.xes.gz")
    cutoff = np.datetime64("2013-06-30")
    start: dict[str, Any] = {}
    resolved: dict[str, Any] = {}
    for case, activity, time in zip(log["case"], log["activity"], log["time"], strict=True):
        start.setdefault(case, time)
        if activity == "Resolve ticket":
            resolved.setdefault(case, time)
    known = [case for case, time in start.items() if time <= cutoff]
    observed = [case in resolved and resolved[case] <= cutoff for case in known]
    seconds = [
        ((resolved[case] if done else cutoff) - start[case]) / np.timedelta64(1, "s")
        for case, done in zip(known, observed, strict=True)
    ]
    curve = survival(seconds, observed)
    assert int(curve["events"].sum()) == expected["events"]
    assert int(curve["censored"].sum()) == expected["censored"]
    days = [point["days"] * 86400 for point in expected["survival"]]
    np.testing.assert_allclose(curve.at(days), [p["S"] for p in expected["survival"]], atol=1e-9)
    assert curve.quantiles["midpoint"].tolist() == list(expected["quantile_seconds"].values())


@pytest.fixture(scope="module")
def complaints(reference_folder: Callable[[str], Path]) -> dict[dt.date, tuple[int, int]]:
    received: Counter[dt.date] = Counter()
    late: Counter[dt.date] = Counter()
    path = reference_folder("complaints") / "cfpb_2015q1_sample.csv"
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            month, day, year = map(int, row["Date received"].split("/"))
            date = dt.date(year, month, day)
            received[date] += 1
            late[date] += row["Timely response?"] == "No"
    return {date: (received[date], late[date]) for date in sorted(received)}


def test_control_charts_have_their_reference_signals(
    complaints: dict[dt.date, tuple[int, int]], reference: Callable[[str], Any]
) -> None:
    expected = reference("complaints")["logs"]["cfpb_2015q1_sample.csv"]
    weekdays = [n for day, (n, _) in complaints.items() if day.weekday() < 5]
    xmr = control_chart(weekdays)
    wanted = expected["xmr_weekdays"]
    assert xmr.center == pytest.approx(wanted["mean"])
    assert xmr.moving_range == pytest.approx(wanted["mr_bar"])
    assert (xmr["lower"][0], xmr["upper"][0]) == pytest.approx((wanted["lnpl"], wanted["unpl"]))
    assert xmr.signals.tolist() == wanted["signals"]
    sizes, late = np.array(list(complaints.values())).T
    shares = control_chart(late, sizes, kind="p")
    wanted = expected["p_chart_untimely_by_day"]
    assert shares.center == pytest.approx(wanted["p_bar"])
    days = list(complaints)
    signals = shares.signals.tolist()
    assert [[str(days[i]), sizes[i], late[i]] for i in signals] == wanted["signals"]
    laney = control_chart(late, sizes, kind="laney_p")
    p_bar = late.sum() / sizes.sum()
    z = (late / sizes - p_bar) / np.sqrt(p_bar * (1 - p_bar) / sizes)
    assert laney.sigma == pytest.approx(np.abs(np.diff(z)).mean() / 1.128)
    shift = cusum(weekdays, baseline=20)
    wanted = expected["cusum_weekdays"]
    assert (shift.target, shift.sigma) == pytest.approx((wanted["target"], wanted["sigma"]))
    assert shift.signals[0] == wanted["first_signal_index"]
    assert (shift["upper"][-1], shift["lower"][-1]) == pytest.approx(wanted["last"], abs=1e-6)


def test_late_answers_that_nobody_can_know_yet_are_not_counted() -> None:
    # Everybody takes 10 days and the limit is 15 but for every fourth case, which takes 20.
    start = np.datetime64("2024-01-01") + np.arange(100)
    end = start + np.where(np.arange(100) % 4 == 3, 20, 10)
    cutoff = start[-1] + 1
    known = np.where(end <= cutoff, end, np.datetime64("NaT"))
    found = attainment(start + 15, known, cutoff)
    assert found.due_rate == pytest.approx(0.75, abs=0.01)
    assert found.rate > found.due_rate
    assert sum(found[:3]) == 100
    # What is learned later does not change what was known then.
    assert attainment(start + 15, end, cutoff) == found


def test_backlog_and_its_age() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "time": pandas.to_datetime(["2024-01-31", "2024-01-30", "2024-02-29"]),
            "movement": ["reopened", "received", "closed"],
        }
    )
    months = backlog(frame, period="month", open_before=1)
    assert months["open"].tolist() == [3, 2]
    assert months["reopened"].tolist() == [1, 0]
    with pytest.raises(ValueError, match="-1 cases open after the period of 2024-02-01"):
        backlog({"time": ["2024-02-01"], "movement": ["closed"]} | _day("2024-02-01"))
    assert ageing(np.array([0.5, 3, 3, 40]), [1, 7]).counts == (1, 2, 1)
    with pytest.raises(ValueError, match="ages: row 0 is -1"):
        ageing([-1], [1])


def _day(text: str) -> dict[str, Any]:
    return {"time": np.array([text], "M8[D]")}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: survival([1, -1], [True, False]), "time: row 1 is -1; expected 0 or more"),
        (lambda: survival([1.0, None], [True, False]), "time: row 1 is null"),
        (lambda: survival([], []), "at least 1"),
        (lambda: survival([1], [3]), "observed: row 0 is 3"),
        (lambda: survival([1], [1], level=2), "level: 2; expected a number between 0 and 1"),
        (lambda: survival([1], [1], interval="exact"), "interval: 'exact'"),  # type: ignore[arg-type]
        (lambda: control_chart([1]), "baseline: 1; expected 2 to the number of points, 1"),
        (lambda: control_chart([5, 1], [4, 4], kind="p"), "count: row 0 is 5"),
        (lambda: control_chart([5, 1], kind="p"), "column 'size' is missing"),
        (lambda: cusum([1, 1, 1]), "sigma: 0; expected a finite number above 0"),
        (lambda: cusum([1, 2], slack=-1), "slack: -1; expected 0 or more"),
    ],
)
def test_bad_input_is_named(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_pictures() -> None:
    pytest.importorskip("matplotlib")
    bars = patron.plot.ageing(ageing([0, 3, 8, 40], [1, 7, 30]), unit="d")
    assert [label.get_text() for label in bars.get_xticklabels()] == [
        "under 1",
        "1-7",
        "7-30",
        "30 and more",
    ]
    chart = patron.plot.control_chart(control_chart([10, 20, 0], [100, 100, 100], kind="p"))
    assert chart.get_title(loc="left") == "Control chart"
    assert any("2 signals" in text.get_text() for text in chart.texts)
    curve = patron.plot.survival(survival([5, 10, 10, 20], [1, 1, 0, 0]), unit="d")
    assert curve.get_xlabel() == "time (d)"
