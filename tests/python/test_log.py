"""Event logs: the reference figures of every log, and what is refused."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.complaints import Calendar, MinedLog, Policy, mine, read_xes

LOGS = [
    "running-example.xes",
    "receipt.xes.gz",
    "helpdesk.xes.gz",
    "bpic2013_closed_problems.xes.gz",
    "teleclaims.xes.gz",
    "roadtraffic100traces.xes",
]


@pytest.mark.parametrize("name", LOGS)
def test_reference_logs_have_their_figures(
    reference_folder: Callable[[str], Path], reference: Callable[[str], Any], name: str
) -> None:
    for expected in reference("complaints")["logs"][name]:
        keys = expected["classifier"].split("+")
        events = read_xes(reference_folder("complaints") / name, activity=keys)
        assert events.report.traces == expected["cases"]
        log = mine(events, resource="resource")
        assert log.case_count == expected["cases"]
        assert log.event_count == expected["events"]
        assert log.activity_count == expected["activities"]
        assert log.variant_count == expected["variants"]
        assert log.edge_count == expected["dfg_edges"]
        assert log.self_loop_count == expected["self_loop_total"]
        assert log.return_count == expected["aba_pingpong"]
        assert log.handover_count == expected["resource_handovers"]
        assert log.rework_case_count == expected["cases_with_repeated_activity"]
        assert log.starts == expected["start"]
        assert log.ends == expected["end"]
        top = expected["top_variant_counts"]
        assert log.variants["cases"][: len(top)].tolist() == top
        edges = log.edges
        found = {
            (s, t): row
            for s, t, *row in zip(
                *(
                    edges[c].tolist()
                    for c in ("source", "target", "count", "mean", "median", "p95")
                ),
                strict=True,
            )
        }
        assert len(found) == len(expected["dfg"])
        for source, target, *row in expected["dfg"]:
            assert found[source, target] == pytest.approx(row, rel=1e-9, abs=1e-3)
        seconds = expected["throughput_seconds"]
        durations = log.durations([0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1])
        assert durations == pytest.approx(
            {
                "p0": seconds["min"],
                "p25": seconds["p25"],
                "p50": seconds["median"],
                "p75": seconds["p75"],
                "p90": seconds["p90"],
                "p95": seconds["p95"],
                "p99": seconds["p99"],
                "p100": seconds["max"],
                "mean": seconds["mean"],
            },
            rel=1e-9,
            abs=1e-3,
        )


@pytest.fixture
def small() -> dict[str, Any]:
    return {
        "case": ["y", "x", "x", "x"],
        "activity": ["a", "b", "a", "a"],
        "time": np.array([0, 1, 3, 0], "M8[h]"),
    }


def test_tables_of_any_kind(small: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    small = {**small, "case": np.array(small["case"], dtype=object)}
    for table in (
        small,
        pandas.DataFrame(small),
        polars.DataFrame({**small, "time": small["time"].astype("M8[us]")}),
        pandas.DataFrame(small).assign(activity=lambda f: f["activity"].astype("category")),
        patron.Table({**small, "time": small["time"].astype("M8[us]")}),
    ):
        log = mine(table)
        assert repr(log) == "MinedLog: 2 cases, 4 events, 2 activities, 2 variants"
        assert log.cases["case"].tolist() == ["y", "x"]
        assert log.cases["duration"].tolist() == [0.0, 10800.0]
        assert log.variant_steps["activity"].tolist() == ["a", "a", "b", "a"]
        assert log.return_count == 1


def test_shards_merge_and_working_time(small: dict[str, Any]) -> None:
    calendar = Calendar(week={"thu": [("01:00", "02:00")]})
    log = mine(small, calendar=calendar)
    assert log.cases["working"].tolist() == [0.0, 3600.0]
    assert log.durations([0.5], working=True) == {"p50": 1800.0, "mean": 1800.0}
    other = mine({**small, "case": ["q", "r", "r", "r"]}, calendar=calendar)
    assert log.merge(other) is log
    assert log.case_count == 4
    assert log.edges["count"].tolist() == [2, 2]
    with pytest.raises(patron.errors.FailedPreconditionError, match="working time"):
        log.merge(mine(small))
    with pytest.raises(patron.errors.FailedPreconditionError, match="no calendar"):
        mine(small).durations(working=True)
    with pytest.raises(TypeError, match="expected a MinedLog"):
        log.merge(small)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="make one with mine"):
        MinedLog()


def test_conformance_of_helpdesk(
    reference_folder: Callable[[str], Path], reference: Callable[[str], Any]
) -> None:
    log = mine(read_xes(reference_folder("complaints") / "helpdesk.xes.gz"))
    expected = reference("complaints")["logs"]["helpdesk.xes.gz"][0]
    expected = expected["regular_language_conformance"]
    name = {code: activity for activity, code in expected["codes"].items()}
    wide = ["s I i", "s A a", "i A a", "a A a"]  # I?A+[TW]*R+C
    wide += [f"{state} {code} w" for state in "aw" for code in "TW"]
    wide += ["a R r", "w R r", "r R r", "r C e"]
    steps = [(s, name[a], t) for s, a, t in (step.split() for step in wide)]
    fits = log.conformance(steps, starts="s", ends="e")
    cases, distance = fits["cases"], fits["distance"]
    assert int(cases[distance == 0].sum()) == expected["full_match"]["I?A+[TW]*R+C"]
    assert fits.fitting_share == expected["full_match"]["I?A+[TW]*R+C"] / 4580
    assert 0 < fits.mean_distance < 1
    aligned = log.conformance(steps, starts=["s"], ends=("e",), change=2)
    assert (aligned["distance"] >= distance).all()


def test_xes_in_all_its_forms(tmp_path: Path) -> None:
    text = (
        b'<log><trace><string key="concept:name" value="c"/><string key="channel" value="web"/>'
        b'<event><string key="concept:name" value="a"/><string key="who" value="p"/>'
        b'<date key="time:timestamp" value="2024-06-03T10:00:00.5+02:00"/></event>'
        b"<event/></trace></log>"
    )
    path = tmp_path / "log.xes"
    path.write_bytes(text)
    zipped = tmp_path / "log.xes.gz"
    zipped.write_bytes(gzip.compress(text))
    for source in (path, str(path), zipped, text):
        log = read_xes(source, event_attributes=["who"], trace_attributes=["channel"])
        assert log.columns == ["case", "activity", "time", "resource", "who", "case:channel"]
        assert log["activity"].tolist() == ["a", None]
        assert log["time"][0] == np.datetime64("2024-06-03T08:00:00.5")
        assert np.isnat(log["time"][1])
        assert log["who"].tolist() == ["p", None]
        assert log["case:channel"].tolist() == ["web", "web"]
        assert log.report.nameless_events == log.report.timeless_events == 1
    with pytest.raises(ValueError, match="activity: row 1 is null"):
        mine(log)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no element found"),
        (b"<log><trace>", "line 1"),
        (b"<html/>", "expected an element 'log'"),
        (b'<!DOCTYPE log SYSTEM "http://localhost/x.dtd"><log/>', "document type"),
        (b"<log>" + b"<list>" * 10_000 + b"</list>" * 10_000 + b"</log>", "nested 65 deep"),
        (gzip.compress(b"<log/>")[:-3], "gzip data end early"),
    ],
)
def test_bad_files_are_named(text: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_xes(text)


def test_missing_files_are_named() -> None:
    with pytest.raises(patron.errors.NotFoundError, match="nowhere"):
        read_xes("/nowhere/log.xes")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"case": ["y", None, "x", "x"]}, "case: row 1 is null"),
        ({"activity": ["a", "", "a", "a"]}, "activity: row 1"),
        ({"time": ["x", "y", "z", "z"]}, "time"),
        ({"time": None}, "column 'time' is missing"),
    ],
)
def test_bad_rows_are_named(small: dict[str, Any], change: dict[str, Any], message: str) -> None:
    table = {k: v for k, v in {**small, **change}.items() if v is not None}
    with pytest.raises(ValueError, match=message):
        mine(table)


def test_automata_that_cannot_be(small: dict[str, Any]) -> None:
    log = mine(small)
    with pytest.raises(ValueError, match="none can be reached"):
        log.conformance([("s", "a", "e")], starts="e", ends="s")
    with pytest.raises(ValueError, match="ends: none"):
        log.conformance([("s", "a", "e")], starts="s", ends=[])
    with pytest.raises(ValueError, match="change: 0; expected 1 to 1000000"):
        log.conformance([("s", "a", "e")], starts="s", ends="e", change=0)


def test_pictures(reference_folder: Callable[[str], Path], small: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    log = mine(read_xes(reference_folder("complaints") / "running-example.xes"))
    graph = patron.plot.process_graph(log)
    texts = [text.get_text() for text in graph.texts]
    assert "check ticket\n9" in texts
    assert any(text.startswith("6 · ") for text in texts)
    assert len(graph.patches) == log.edge_count
    few = patron.plot.process_graph(log, edges=3)
    assert any("13 rarer arrows not shown" in text.get_text() for text in few.texts)
    rows = patron.plot.variants(mine(small))
    assert len(rows.patches) == 4
    assert rows.get_xlabel() == "step"


def test_columns_of_pm4py_are_found() -> None:
    pandas = pytest.importorskip("pandas")
    events = pandas.DataFrame(
        {
            "case:concept:name": ["1", "1", "2"],
            "concept:name": ["a", "b", "a"],
            "time:timestamp": pandas.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
        }
    )
    assert mine(events).variant_count == 2
    with pytest.raises(
        ValueError, match="column 'case' is missing; the table has concept:name, time"
    ):
        mine(events.drop(columns="case:concept:name"))


def test_distance_from_a_policy() -> None:
    ways = (
        ("receive", "acknowledge", "note", "triage", "withdraw"),  # As the policy says.
        ("receive", "triage", "investigate", "ask_customer", "answer_received", "withdraw"),
        ("receive", "close"),  # Closing needs acceptance, so a withdrawal in its place is nearest.
        ("acknowledge", "triage", "withdraw"),  # Not received.
    )
    rows = [(case, event) for case, way in enumerate(ways) for event in way]
    log = mine(
        {
            "case": [case for case, _ in rows],
            "activity": [event for _, event in rows],
            "time": np.arange(len(rows)).astype("M8[s]"),
        }
    )
    found = log.conformance(Policy())
    assert dict(zip(log.variants["length"], found["distance"], strict=True)) == {
        5: 0,
        6: 0,
        2: 1,
        3: 1,
    }
    # Where a case that is open may stand as well, only what comes without a receipt is wrong.
    steps = log.conformance(Policy(), ends=["RECEIVED", "TRIAGED", "WITHDRAWN"])
    assert dict(zip(log.variants["length"], steps["distance"], strict=True)) == {
        5: 0,
        6: 0,
        2: 1,
        3: 1,
    }
    # A return leads to where a case came from, and nowhere else.
    back = mine(
        {
            "case": [1] * 6,
            "activity": [
                "receive",
                "triage",
                "ask_customer",
                "answer_received",
                "investigate",
                "withdraw",
            ],
            "time": np.arange(6).astype("M8[s]"),
        }
    )
    assert back.conformance(Policy())["distance"].tolist() == [0]
    with pytest.raises(ValueError, match="ends: 'NOWHERE'; expected states that the policy"):
        log.conformance(Policy(), ends="NOWHERE")
    with pytest.raises(ValueError, match="ends: none; expected a state at least"):
        log.conformance(Policy(), ends=[])
    assert log.conformance(Policy(), starts="not received")["distance"].tolist() == (
        found["distance"].tolist()
    )
    with pytest.raises(TypeError, match="starts, ends: missing"):
        log.conformance([("a", "b", "c")])


@pytest.mark.parametrize("name", Policy.PRESETS)
def test_every_preset_is_an_automaton(name: str) -> None:
    one = mine(
        {"case": [1, 1], "activity": ["receive", "void"], "time": np.arange(2).astype("M8[s]")}
    )
    assert one.conformance(Policy(name))["distance"].tolist() == [0]


def test_times_may_be_text(small: dict[str, Any], tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    expected = mine(small)
    times = [str(time) for time in small["time"].tolist()]
    frame = pandas.DataFrame(small | {"time": times})
    path = tmp_path / "log.csv"
    frame.to_csv(path, index=False)
    columns = {name: list(values) for name, values in (small | {"time": times}).items()}
    for table in (
        columns,
        frame,
        pandas.read_csv(path),
        polars.DataFrame(columns),
        pyarrow.table(columns),
    ):
        assert mine(table).durations() == expected.durations()
    with pytest.raises(ValueError, match="time: row 1 is 'soon'; expected an instant"):
        mine(frame.assign(time=[times[0], "soon", *times[2:]]))


def test_xes_from_an_open_file() -> None:
    text = b'<log><trace><event><string key="concept:name" value="a"/></event></trace></log>'
    for source in (
        io.BytesIO(text),
        bytearray(text),
        memoryview(text),
        io.BytesIO(gzip.compress(text)),
    ):
        assert read_xes(source)["activity"].tolist() == ["a"]


def test_resources_are_read_where_there_are_any(
    reference_folder: Callable[[str], Path], reference: Callable[[str], Any], small: dict[str, Any]
) -> None:
    expected = reference("complaints")["logs"]["running-example.xes"][0]
    events = read_xes(reference_folder("complaints") / "running-example.xes")
    assert mine(events).handover_count == expected["resource_handovers"] > 0
    assert mine(events, resource=None).handover_count == 0
    names = {"case": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"}
    frame = events.to_pandas().rename(columns={**names, "resource": "org:resource"})
    assert mine(frame).handover_count == expected["resource_handovers"]
    assert mine({k: small[k] for k in ("case", "activity", "time")}).handover_count == 0
    with pytest.raises(ValueError, match="column 'nobody' is missing"):
        mine(small, resource="nobody")
