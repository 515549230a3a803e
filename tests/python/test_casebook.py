"""The casebook from Python: events in, what they amount to out, in memory and in a file."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.complaints import Calendar, Casebook, LogHead, Policy, mine

DAY = [("09:00", "17:00")]
OFFICE = Calendar("UTC", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY))
START = "2024-06-03T09:00"  # A Monday.


def event(
    number: int, case: int | str, kind: str, hours: float = 0, role: str = "supervisor", **more: Any
) -> dict[str, Any]:
    at = np.datetime64(START, "us") + np.timedelta64(round(hours * 3600e6), "us")
    return {"event": number, "case": case, "type": kind, "time": at, "role": role, **more}


WAY = [
    event(1, "A", "receive", 0, "customer", customer="c1", code=2),
    event(2, "A", "acknowledge", 1, actor="ann"),
    event(3, "A", "triage", 2, actor="ann"),
    event(4, "A", "investigate", 3, actor="bob"),
    event(5, "A", "record_cause", 4, code=3),
    event(6, "A", "communicate", 5, code=1, reason=2, amount=40.0),
    event(7, "A", "accept", 6, "customer"),
    event(8, "A", "compensate", 7, amount=40.0),
    event(9, "A", "close", 8, code=1),
]
STATES = [
    "RECEIVED",
    "ACKNOWLEDGED",
    "TRIAGED",
    "INVESTIGATING",
    "INVESTIGATING",
    "COMMUNICATED",
    "ACCEPTED",
    "ACCEPTED",
    "CLOSED",
]


def new() -> Casebook:
    return Casebook(calendars=OFFICE)


def test_a_case_goes_its_way_one_event_at_a_time() -> None:
    book = new()
    for one, state in zip(WAY, STATES, strict=True):
        verdicts = book.apply(one, recorded="2024-06-04")
        assert verdicts["verdict"].tolist() == ["applied"]
        assert book.case("A").state == state
    case = book.case("A", "2024-06-05")
    assert (case.customer, case.severity, case.cause, case.decision) == ("c1", 2, 3, 1)
    assert case.kind == "closed"
    assert case.cost == case["compensated"] == 40.0
    assert case.received == np.datetime64(START)
    assert case.ended == np.datetime64("2024-06-03T17:00")
    assert case.merged_into is None
    assert "reopen" in case.allowed
    assert "customer" in case.allowed["reopen"]
    assert set(case.clocks["state"]) == {"stopped"}
    assert book.case("A", money="units").compensated == 400_000
    with pytest.raises(KeyError):
        case["nothing"]


def test_any_order_duplicates_and_late_events_give_the_same_state() -> None:
    straight = new()
    straight.apply(WAY, recorded="2024-06-10")
    for seed in range(20):
        shuffled = [*WAY, *WAY]
        random.Random(seed).shuffle(shuffled)
        book = new()
        counts = [0, 0]
        while shuffled:
            size = random.Random(len(shuffled)).randint(1, 4)
            verdicts = book.apply(shuffled[:size], recorded="2024-06-10")
            counts[0] += verdicts.applied + verdicts.refused
            counts[1] += verdicts.duplicates
            shuffled = shuffled[size:]
        assert counts == [9, 9]
        assert book.cases().to_dict().keys() == straight.cases().to_dict().keys()
        for name, values in straight.cases().to_dict().items():
            assert str(book.cases()[name]) == str(values), name
        assert book.timeline("A")["state"].tolist() == STATES


def test_tables_of_every_kind() -> None:
    columns = {
        "event": [1, 2],
        "case": ["A", "A"],
        "type": ["receive", "acknowledge"],
        "time": np.array(["2024-06-03T09", "2024-06-03T10"], "M8[us]"),
        "role": ["customer", "frontline"],
        "customer": ["c", None],
        "amount": [None, None],
        "regulated": [True, False],
    }
    tables: list[Any] = [columns, patron.Table(columns)]
    pandas = pytest.importorskip("pandas")
    tables.append(pandas.DataFrame(columns))
    polars = pytest.importorskip("polars")
    tables.append(polars.DataFrame(columns))
    pyarrow = pytest.importorskip("pyarrow")
    tables.append(pyarrow.table(columns))
    for table in tables:
        book = new()
        assert book.apply(table, recorded="2024-06-04").applied == 2, type(table)
        case = book.case("A")
        assert (case.state, case.customer, case.regulated) == ("ACKNOWLEDGED", "c", True)


def test_refused_events_say_which_limit_and_who_could() -> None:
    book = new()
    big = event(6, "A", "communicate", 5, "frontline", code=1, reason=2, amount=60.0)
    verdicts = book.apply([*WAY[:5], big], recorded="2024-06-04")
    assert verdicts.refused == 1
    assert verdicts["refusal"][-1] == "single_limit"
    assert book.timeline("A")["why"][-1] == (
        "60.0000 is above 50.0000, the limit of one event of frontline; supervisor could"
    )
    with pytest.raises(
        patron.errors.FailedPreconditionError, match="row 0 is 10, refused: not_legal"
    ):
        book.apply(event(10, "A", "reopen", 6), recorded="2024-06-04", mode="all")
    assert len(book) == 6


def test_clocks_due_overdue_and_what_happens_by_itself() -> None:
    book = new()
    book.apply(WAY[0], recorded=START)
    clocks = book.clocks("2024-06-03T12:00")
    by_name = dict(zip(clocks["clock"], clocks["used"], strict=True))
    assert by_name["acknowledge"] == 3 * 3600
    due = book.due("2024-06-04")
    assert due["clock"].tolist() == ["acknowledge"]
    assert due["due"].tolist() == [datetime(2024, 6, 3, 17)]
    assert len(book.due("2024-06-04", now="2024-06-03T17:00:00.000001")) == 0
    assert book.overdue("2024-06-04")["clock"].tolist() == ["acknowledge"]
    assert book.next_instant() == datetime(2024, 6, 3, 17, 0, 0, 1, tzinfo=UTC)
    assert book.advance("2024-06-04") == 1
    assert book.advance("2024-06-04") == 0
    clocks = book.clocks("2024-06-04")
    recorded = dict(zip(clocks["clock"], clocks["recorded"], strict=True))
    assert recorded["acknowledge"]
    assert not recorded["first_reply"]
    assert book.events()["clock"].tolist() == [None, "acknowledge"]
    # A breach is never un-recorded: an acknowledgement that arrives late voids it by an event.
    book.apply(event(2, "A", "acknowledge", 1), recorded="2024-06-04T01:00")
    book.advance("2024-06-04T02:00")
    assert book.events()["type"].tolist() == ["receive", "breach", "acknowledge", "breach_voided"]


def test_events_without_a_time_of_record_come_no_earlier_than_the_last() -> None:
    future = datetime(2100, 1, 1, tzinfo=UTC)
    book = new()
    book.apply(WAY[0], recorded=future)
    assert book.apply(WAY[1]).applied == 1
    # What happens by itself counts too: no decision was made in time.
    assert book.advance(datetime(2100, 1, 2, tzinfo=UTC)) > 0
    assert book.apply(WAY[2]).duplicates == 0
    recorded = book.events()["recorded"].astype("M8[us]")
    assert recorded[0] == recorded[1] == np.datetime64("2100-01-01", "us")
    assert recorded[-1] == np.datetime64("2100-01-02", "us")
    again = Casebook.from_bytes(book.to_bytes())
    assert again.apply(event(99, "A", "note", 4)).duplicates == 0
    assert again.events()["recorded"].astype("M8[us]")[-1] == recorded[-1]


def test_what_did_we_know_when() -> None:
    book = new()
    book.apply(WAY[:2], recorded="2024-06-04")
    book.apply(WAY[2:], recorded="2024-06-06")
    assert book.as_of(recorded="2024-06-05")["state"].tolist() == ["ACKNOWLEDGED"]
    assert book.as_of(occurred="2024-06-03T11:30")["state"].tolist() == ["TRIAGED"]
    assert book.as_of()["state"].tolist() == ["CLOSED"]
    assert len(book.as_of(recorded="2024-06-03")) == 0


def test_merge_split_link_reopen_and_reverse() -> None:
    book = new()
    book.apply(
        [
            WAY[0],
            event(20, "B", "receive", 1, customer="c1"),
            event(21, "B", "merge_into", 2, actor="sue", related_case="A"),
        ],
        recorded="2024-06-04",
    )
    assert book.case("B").state == "MERGED"
    assert book.case("B").merged_into == "A"
    book.apply(event(22, "B", "unmerge", 3, actor="max"), recorded="2024-06-04")
    assert (book.case("B").state, book.case("B").merged_into) == ("RECEIVED", None)
    book.apply(
        [
            event(23, "C", "receive", 4),
            event(24, "A", "split", 5, actor="sue", related_case="C"),
            event(25, "C", "link", 5, related_case="B"),
        ],
        recorded="2024-06-04",
    )
    assert book.case("C").split_from == "A"
    book.apply(event(26, "C", "withdraw", 6), recorded="2024-06-04")
    book.apply(event(27, "C", "reopen", 7), recorded="2024-06-04")
    assert (book.case("C").state, book.case("C").cycle) == ("TRIAGED", 1)
    book.apply(event(28, "C", "reverse", 8, actor="max", related_event=27), recorded="2024-06-04")
    assert (book.case("C").state, book.case("C").cycle) == ("WITHDRAWN", 0)
    refused = book.apply(event(29, "A", "merge_into", 9, related_case="A"), recorded="2024-06-04")
    assert refused["refusal"].tolist() == ["merge_cycle"]


def test_a_policy_without_guards_still_needs_the_other_case() -> None:
    definition = Policy().to_dict()
    for move in definition["transitions"]:
        move["guards"] = []
    book = Casebook(definition, calendars=OFFICE)
    kinds = ("split", "link", "merge_into")
    rows = [event(2 + i, "A", kind, 1) for i, kind in enumerate(kinds)]
    verdicts = book.apply([WAY[0], *rows], recorded="2024-06-04")
    assert verdicts["refusal"].tolist() == [None, "no_other_case", "no_other_case", "no_other_case"]


def test_promises() -> None:
    book = new()
    book.apply(
        [
            WAY[0],
            event(2, "A", "promise", 1, due="2024-06-05T12:00"),
            event(3, "A", "promise", 1, due="2024-06-04T12:00"),
            event(4, "A", "promise_kept", 20, related_event=2),
        ],
        recorded="2024-06-04T10:00",
    )
    book.advance("2024-06-06")
    promises = book.case("A").promises
    assert promises["event"].tolist()[:2] == [2, 3]
    assert np.isnat(promises["kept"]).tolist() == [False, True]
    assert np.isnat(promises["broken"]).tolist() == [True, False]


def test_policies_versions_and_migration() -> None:
    book = new()
    book.apply(WAY[0], recorded="2024-06-04")
    second = Policy().to_dict()
    second["version"] = "2"
    book.add_policy(second)
    book.use_policy("default", "2")
    assert book.policy().version == "2"
    assert book.policies["standard"].tolist() == [False, True]
    book.apply(event(20, "B", "receive", 1), recorded="2024-06-04")
    assert book.cases()["version"].tolist() == ["1", "2"]
    verdicts = book.apply(
        event(21, "A", "migrate", 2, policy="default", version="2"), recorded="2024-06-04"
    )
    assert verdicts.applied == 1
    assert book.case("A").version == "2"
    with pytest.raises(ValueError, match="row 0 is 'gone'; expected a policy of the casebook"):
        book.apply(event(22, "A", "migrate", 2, policy="gone"), recorded="2024-06-04")
    with pytest.raises(patron.errors.AlreadyExistsError):
        book.add_policy({**second, "source": "elsewhere"})


def test_a_calendar_that_changes_moves_what_is_due() -> None:
    book = new()
    book.apply(WAY[0], recorded=START)
    assert book.due("2024-06-04")["due"].tolist() == [datetime(2024, 6, 3, 17)]
    later = Calendar("UTC", {"tue": DAY})
    book.add_calendar("service", later, since="2024-06-02")
    assert book.due("2024-06-05")["due"].tolist() == [datetime(2024, 6, 4, 17)]
    assert book.calendars["calendar"].tolist() == ["service", "service"]


def test_bytes_and_pickles() -> None:
    book = new()
    book.apply(WAY, recorded="2024-06-10")
    again = Casebook.from_bytes(book.to_bytes())
    assert again.to_bytes() == book.to_bytes()
    assert again.head == book.head
    assert pickle.loads(pickle.dumps(book)).head == book.head
    with pytest.raises(patron.errors.DataLossError):
        Casebook.from_bytes(book.to_bytes()[:-1])


def test_the_log_can_be_mined() -> None:
    book = new()
    book.apply(WAY, recorded="2024-06-10")
    log = mine(book.events(), activity="type", resource="actor")
    assert (log.case_count, log.event_count) == (1, 9)
    assert log.starts == {"receive": 1}
    assert log.ends == {"close": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "recieve"}, "type: row 0 is 'recieve'; expected an event of one of the policies"),
        ({"role": "boss"}, "role: row 0 is 'boss'; expected a role"),
        ({"amuont": 3}, "events: a column 'amuont'; expected columns of event, case"),
        ({"code": 9}, "code: row 0 is 9; expected 0 to 4 for receive"),
        ({"event": -1}, "event: row 0 is -1; expected 0 or more"),
        ({"time": None}, "time"),
        ({"due": "2024-06-05"}, "due: row 0 is 2024-06-05.*; expected null, but for a promise"),
        ({"amount": float("inf")}, "amount: row 0 is inf"),
        ({"case": ""}, "case: row 0"),
    ],
)
def test_what_cannot_be_an_event_is_named(change: dict[str, Any], message: str) -> None:
    book = new()
    with pytest.raises(ValueError, match=message):
        book.apply({**event(1, "A", "receive"), **change}, recorded="2024-06-04")
    assert len(book) == 0
    with pytest.raises(ValueError, match=message):
        book.apply([{**event(1, "A", "receive"), **change}], recorded="2024-06-04")


def test_bad_questions() -> None:
    book = new()
    book.apply(WAY, recorded="2024-06-10")
    with pytest.raises(
        patron.errors.NotFoundError, match="case: 'Z'; expected one of the casebook"
    ):
        book.case("Z")
    with pytest.raises(ValueError, match="case: 3; expected text"):
        book.timeline(3)
    with pytest.raises(ValueError, match=r"recorded: 2024-06-09.*; expected no time before"):
        book.apply(WAY[0], recorded="2024-06-09")
    with pytest.raises(ValueError, match="now: 2024-06-09"):
        book.advance("2024-06-09")
    with pytest.raises(ValueError, match="head: 3 bytes; expected 32"):
        book.verify((9, b"abc"))
    with pytest.raises(ValueError, match="calendar: 'regulator'"):
        Casebook("disp", calendars={"service": OFFICE})
    assert Casebook("disp").calendars["calendar"].tolist() == ["service", "regulator"]


def test_erasure_keeps_the_chain() -> None:
    book = new()
    book.apply([{**WAY[0], "text": "Dear Ms Name"}, *WAY[1:]], recorded="2024-06-10")
    head = book.head
    book.erase("c1")
    assert book.head == head
    book.verify(head)
    assert book.case("A").customer is None
    assert book.events()["text"].tolist() == [None] * 9
    assert b"Ms Name" not in book.to_bytes()
    with pytest.raises(patron.errors.NotFoundError):
        book.erase("c1")
    held = new()
    held.apply([WAY[0], event(2, "A", "set_hold", 1, code=1)], recorded="2024-06-10")
    with pytest.raises(patron.errors.FailedPreconditionError, match="legal hold"):
        held.erase("c1")


# ---- In a file ----


def test_a_file_holds_what_memory_does(tmp_path: Path) -> None:
    path = tmp_path / "book"
    memory = new()
    with Casebook.open(path, calendars=OFFICE) as book:
        for part in (WAY[:3], WAY[3:]):
            memory.apply(part, recorded="2024-06-10")
            assert book.apply(part, recorded="2024-06-10").applied == len(part)
        assert book.advance("2024-06-11") == memory.advance("2024-06-11")
        assert book.to_bytes() == memory.to_bytes()
        head = book.head
    with pytest.raises(patron.errors.FailedPreconditionError, match="casebook: closed"):
        book.cases()
    with Casebook.open(path) as book:
        assert book.to_bytes() == memory.to_bytes()
        book.verify(head)
        with pytest.raises(patron.errors.FailedPreconditionError, match="is open in another"):
            Casebook.open(path)
        book.erase("c1")
        book.compact()
        book.apply(event(30, "B", "receive"), recorded="2024-06-12")
    for file in tmp_path.iterdir():
        assert b"c1" not in file.read_bytes()
    with Casebook.open(path) as book:
        assert len(book) == 10
        book.verify(head)
        with pytest.raises(patron.errors.DataLossError):
            book.verify(LogHead(9, bytes(32)))


def test_killed_at_any_point_nothing_told_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "book"
    Casebook.open(path).close()
    script = textwrap.dedent(
        """
        import sys
        from patron.complaints import Casebook
        book = Casebook.open(sys.argv[1])
        for n in range(int(sys.argv[2]), 10**9):
            book.apply({"event": n, "case": n % 7, "type": "note", "time": "2024-06-03"})
            print(n, flush=True)
        """
    )
    last = -1
    for kill_after in (1, 5, 23):
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(path), str(last + 1)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for _ in range(kill_after):
            last = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split()
        child.wait()
        last = max([last, *(int(line) for line in rest if line)])
        with Casebook.open(path) as book:
            assert len(book) >= last + 1
            assert set(range(last + 1)) <= set(book.events()["event"].tolist())
            book.verify()
            last = len(book) - 1


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x" * 4096)
    with pytest.raises(patron.errors.DataLossError):
        Casebook.open(tmp_path / "text")
    with pytest.raises(patron.errors.NotFoundError):
        Casebook.open(tmp_path / "no" / "folder")


def test_tables_in_which_numbers_are_missing() -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    rows: list[dict[str, Any]] = [
        {"type": "receive", "time": "2024-06-03T09:00", "code": 2},
        {"type": "note", "time": "2024-06-03T10:00"},
        {"type": "reverse", "time": "2024-06-03T11:00", "related_event": 2},
    ]
    rows = [
        {"event": i + 1, "case": "A", "role": "supervisor", "actor": f"a{i}", **row}
        for i, row in enumerate(rows)
    ]
    expected = Casebook()
    expected.apply(rows, recorded="2024-06-03T12:00")
    frame = pandas.DataFrame(rows)
    assert frame["code"].dtype == float  # As pandas keeps whole numbers of which one is missing.
    assert frame["time"].dtype == "str" or frame["time"].dtype == object
    for table in (
        frame,
        frame.set_axis([7, 7, 7]),
        polars.from_pandas(frame),
        pyarrow.Table.from_pandas(frame),
        {name: frame[name].tolist() for name in frame},
    ):
        book = Casebook()
        verdicts = book.apply(table, recorded="2024-06-03T12:00")
        assert verdicts["refusal"].tolist() == [None, "reversed", None]
        assert book.to_bytes() == expected.to_bytes()
    book = Casebook()
    for _, row in frame.iterrows():  # A row as a series is one event.
        book.apply(row, recorded="2024-06-03T12:00")
    assert book.to_bytes() == expected.to_bytes()
    with pytest.raises(ValueError, match="column 'code' is float64; expected integers"):
        Casebook().apply(frame.assign(code=[2.5, None, None]))


def test_verify_tells_what_it_checked() -> None:
    book = Casebook()
    book.apply({"event": 1, "case": 1, "type": "receive", "time": "2024-06-03T09:00"})
    assert book.verify() == book.head
