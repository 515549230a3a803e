"""Points: earning, spending, expiry, holds, reversals, transfers, what is owed."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import signal
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron import errors, loyalty

START = date(2024, 1, 1)


def table(*rows: tuple[Any, ...]) -> dict[str, Any]:
    """Rows of id, customer, kind, day, points, reverses, to, expires."""
    filled = [(*row, *[None] * (8 - len(row))) for row in rows]
    columns = list(zip(*filled, strict=True))
    return {
        "transaction_id": list(columns[0]),
        "customer_id": list(columns[1]),
        "kind": list(columns[2]),
        "date": [START + timedelta(day) for day in columns[3]],
        "points": list(columns[4]),
        "reverses": list(columns[5]),
        "to": list(columns[6]),
        "expires": [None if d is None else START + timedelta(d) for d in columns[7]],
    }


def available(ledger: loyalty.PointsLedger, day: int) -> dict[str, int]:
    balances = ledger.balances(START + timedelta(day))
    return dict(zip(balances["customer_id"], balances["available"].tolist(), strict=True))


def test_earn_100_burn_30_expire_20() -> None:
    ledger = loyalty.PointsLedger()
    ledger.post(
        table(
            ("t1", "ann", "earn", 0, 50, None, None, 30),
            ("t2", "ann", "earn", 0, 50),
            ("t3", "ann", "burn", 10, 30),
        )
    )
    assert available(ledger, 30) == {"ann": 50}
    owed = ledger.liability(point_cost=0.02, as_of=START + timedelta(30))
    assert owed.available == 50
    assert owed.liability == pytest.approx(50 * 0.02)
    assert owed.breakage.value == 20 / 50
    assert owed.expected == pytest.approx(50 * 0.02 * 0.6)
    ledger.expire(START + timedelta(30))
    entries = ledger.entries()
    assert entries["points"].sum() == 0
    totals = {
        account: int(entries["points"][entries["account"] == account].sum())
        for account in ("points", "issued", "redeemed", "expired")
    }
    assert totals == {"points": 50, "issued": -100, "redeemed": 30, "expired": 20}
    replayed = loyalty.PointsLedger.from_bytes(ledger.to_bytes())
    assert replayed.to_bytes() == ledger.to_bytes()
    assert available(replayed, 30) == {"ann": 50}
    assert pickle.loads(pickle.dumps(ledger)).to_bytes() == ledger.to_bytes()


def test_a_transaction_is_posted_once() -> None:
    ledger = loyalty.PointsLedger()
    rows = table(("t1", "ann", "earn", 0, 50), ("t2", "ann", "burn", 1, 20))
    assert ledger.post(rows) == (2, 0)
    assert ledger.post(rows) == (0, 2)
    with pytest.raises(ValueError, match="transaction_id: row 0 is 't2'; expected equal content"):
        ledger.post(table(("t2", "ann", "burn", 1, 21)))
    assert available(ledger, 1) == {"ann": 30}


def test_all_kinds() -> None:
    ledger = loyalty.PointsLedger(expiry_days=100, pending_days=2)
    ledger.post(
        table(
            ("t1", "ann", "earn", 0, 100),
            ("t2", "ann", "hold", 5, 40),
            ("t3", "ann", "capture", 6, 10, "t2"),
            ("t4", "ann", "release", 7, None, "t2"),
            ("t5", "ann", "transfer", 8, 25, None, "bob"),
            ("t6", "ann", "burn", 9, 15),
            ("t7", "ann", "reverse", 10, 5, "t6"),
        )
    )
    assert available(ledger, 10) == {"ann": 55, "bob": 25}
    assert available(ledger, 99) == {"ann": 55, "bob": 25}
    assert available(ledger, 100) == {"ann": 0, "bob": 0}
    ledger.post(table(("t8", "ann", "reverse", 11, None, "t1")))
    assert available(ledger, 11) == {"ann": -45, "bob": 25}
    assert ledger.liability(point_cost=1, as_of=START + timedelta(11)).debt == 45
    assert ledger.entries()["points"].sum() == 0
    assert loyalty.PointsLedger.from_bytes(ledger.to_bytes()).to_bytes() == ledger.to_bytes()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("t9", "ann", "burn", 9, 101), "points: row 0 is 101; expected at most the 100 that cust"),
        (("t9", "ann", "burn", 9, 0), "points: row 0 is 0; expected 1 or more"),
        (("t9", "ann", "earn", -1, 5), "date: row 0 is 2023-12-31; expected no day before"),
        (("t9", "ann", "earn", 9, 5, None, None, 9), "expires: row 0 is 2024-01-10; expected a d"),
        (("t9", "ann", "gift", 9, 5), "kind: row 0 is 'gift'; expected earn, burn"),
        (("t9", "ann", "transfer", 9, 5), "to: row 0 is null; expected the customer that a"),
        (("t9", "bob", "reverse", 9, 5, "t1"), "reverses: row 0 is t1; expected an earn or a bu"),
        (("t9", "ann", "reverse", 9, 101, "t1"), "points: row 0 is 101; expected at most what is"),
    ],
)
def test_refusals(row: tuple[Any, ...], message: str) -> None:
    ledger = loyalty.PointsLedger()
    ledger.post(table(("t1", "ann", "earn", 0, 100)))
    before = ledger.to_bytes()
    with pytest.raises(ValueError, match=re.escape(message).replace("t1", "'?t1'?")):
        ledger.post(table(row))
    assert ledger.to_bytes() == before


def test_bytes_that_are_none() -> None:
    ledger = loyalty.PointsLedger()
    ledger.post(table(("t1", "ann", "earn", 0, 100)))
    data = ledger.to_bytes()
    for cut in range(0, len(data), 7):
        with pytest.raises(errors.DataLossError):
            loyalty.PointsLedger.from_bytes(data[:cut])


def test_rules_of_earning() -> None:
    rules = {
        "name": ["all", "gold", "books"],
        "category": [None, None, "books"],
        "tier": [None, "gold", None],
        "per_unit": [1.1, 2.0, 0.1],
        "fixed": [0, 0, 5],
        "most": np.array([0, 0, 20]),
    }
    purchases = {
        "amount": [10.0, 9.99, 10.5, 1000.0, -5.0],
        "date": [START] * 5,
        "category": [None, "toys", "toys", "books", None],
        "tier": [None, None, "gold", "gold", None],
    }
    earned = loyalty.points_earned(purchases, rules)
    assert earned["points"].tolist() == [11, 10, 21, 20, 0]
    assert earned["rule"].tolist()[:4] == ["all", "all", "gold", "books"]
    with pytest.raises(ValueError, match="'twin' has purchases and days of 'all'"):
        loyalty.points_earned(purchases, {"name": ["all", "twin"], "per_unit": [1.0, 2.0]})
    with pytest.raises(ValueError, match="column 'tier' is missing"):
        loyalty.points_earned({"amount": [1.0], "date": [START], "category": ["a"]}, rules)


def test_frames_in_which_numbers_are_missing() -> None:
    pandas = pytest.importorskip("pandas")
    rows = table(
        (1, 7, "earn", 0, 100), (2, 7, "transfer", 1, 30, None, 8), (3, 7, "reverse", 2, None, 1)
    )
    expected, ledger = loyalty.PointsLedger(), loyalty.PointsLedger()
    expected.post(rows)
    frame = pandas.DataFrame(rows)
    assert frame["points"].dtype == frame["to"].dtype == float
    assert ledger.post(frame).posted == 3
    assert ledger.to_bytes() == expected.to_bytes()
    with pytest.raises(ValueError, match="column 'points' is float64; expected integers"):
        ledger.post(frame.assign(points=[1.5, 2, 3]))


def test_expired_points_are_in_the_bytes() -> None:
    ledger = loyalty.PointsLedger(expiry_days=30)
    ledger.post(table(("t1", "ann", "earn", 0, 50), ("t2", "bob", "earn", 5, 50)))
    plain = ledger.to_bytes()
    ledger.expire(START + timedelta(29))  # Nothing is due.
    assert ledger.to_bytes() == plain
    ledger.expire(START + timedelta(32))
    again = loyalty.PointsLedger.from_bytes(ledger.to_bytes())
    assert again.to_bytes() == ledger.to_bytes() != plain
    assert again.entries()["points"].tolist() == ledger.entries()["points"].tolist()
    assert ledger.entries()["points"].tolist() == [50, -50, 50, -50, -50, 50]
    for each in (ledger, again):
        # For ann, whose points are gone, the day has come; for bob it has not.
        with pytest.raises(ValueError, match="date: row 0 is 2024-01-11; expected no day before"):
            each.post(table(("t3", "ann", "earn", 10, 5)))
        each.post(table(("t4", "bob", "burn", 10, 20)))
        assert available(each, 32) == {"ann": 0, "bob": 30}
        with pytest.raises(ValueError, match="as_of: 2024-01-02; expected no day before"):
            each.balances(START + timedelta(1))
    assert again.to_bytes() == ledger.to_bytes()


def postings(first: int, count: int = 200) -> dict[str, Any]:
    rows = []
    for i in range(first, first + count):
        kind = "burn" if i % 3 == 2 else "earn"
        rows.append((f"t{i}", f"c{i % 40 // 3}", kind, i // 100, 10 if kind == "earn" else 5))
    return table(*rows)


def test_a_ledger_lasts(tmp_path: Path) -> None:
    path = tmp_path / "points"
    options: dict[str, Any] = {"expiry_days": 20, "pending_days": 0, "zone": "Europe/Berlin"}
    memory = loyalty.PointsLedger(**options)
    for batch in range(6):
        given = options if batch in (0, 3) else {}
        with loyalty.PointsLedger.open(path, **given) as kept:
            assert kept.to_bytes() == memory.to_bytes()
            for ledger in (kept, memory):
                assert ledger.post(postings(200 * batch)).posted == 200
            with pytest.raises(errors.FailedPreconditionError, match="is open in another"):
                loyalty.PointsLedger.open(path)
        with pytest.raises(errors.FailedPreconditionError, match="points: closed"):
            kept.entries()
    with loyalty.PointsLedger.open(str(path)) as kept:
        kept.expire(START + timedelta(25))
        memory.expire(START + timedelta(25))
        assert kept.post(postings(0)).duplicates == 200
        with pytest.raises(ValueError, match="points: row 1 is 1000000; expected at most"):
            kept.post(table(("a", "c1", "earn", 30, 7), ("b", "c1", "burn", 30, 1_000_000)))
        memory.post(table(("a", "c1", "earn", 30, 7)))
    with loyalty.PointsLedger.open(path) as kept:
        assert kept.to_bytes() == memory.to_bytes()
        assert kept.entries().to_dict().keys() == memory.entries().to_dict().keys()
        for name in kept.entries().columns:
            assert kept.entries()[name].tolist() == memory.entries()[name].tolist()
        unpickled = pickle.loads(pickle.dumps(kept))
    assert unpickled.to_bytes() == memory.to_bytes()
    for wrong, told in (
        ({"expiry_days": 21}, "expiry_days: 21; expected 20, as the ledger was made with"),
        ({"burn_step": 2}, "expiry_days: 0; expected 20, as the ledger was made with"),
        ({"zone": "UTC"}, "zone: 'UTC'; expected 'Europe/Berlin', as the ledger was made with"),
        ({"zone": "Mars/Base"}, "zone: 'Mars/Base'"),
    ):
        with pytest.raises(ValueError, match=re.escape(told)):
            loyalty.PointsLedger.open(path, **wrong)


def test_an_altered_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "points"
    with loyalty.PointsLedger.open(path) as kept:
        for batch in range(3):
            kept.post(postings(200 * batch))
    with sqlite3.connect(path) as database:
        (entry,) = database.execute("SELECT bytes FROM entries WHERE place = 2").fetchone()
        database.execute("UPDATE entries SET bytes = ? WHERE place = 2", (entry[:-2] + b"xy",))
    database.close()
    with pytest.raises(errors.DataLossError, match="points: entry 2: "):
        loyalty.PointsLedger.open(path)
    (tmp_path / "other").write_bytes(b"something else" * 100)
    with pytest.raises(errors.DataLossError):
        loyalty.PointsLedger.open(tmp_path / "other")


def tell(path: str, first: int, told: Any) -> None:
    """Post for ever, and tell of each table when it is done."""
    ledger = loyalty.PointsLedger.open(path)
    for n in range(first, 1_000_000):
        ledger.post(postings(200 * n))
        told.send(n)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_at_any_point_nothing_told_is_lost(tmp_path: Path) -> None:
    path = str(tmp_path / "points")
    context = multiprocessing.get_context("spawn")
    done = -1
    for seed in range(2):
        reading, writing = context.Pipe(duplex=False)
        child = context.Process(target=tell, args=(path, done + 1, writing))
        child.start()
        writing.close()
        wanted = done + 3 + seed
        while done < wanted:
            assert reading.poll(120)
            done = reading.recv()
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        while reading.poll():
            try:
                done = reading.recv()
            except EOFError:
                break
        with loyalty.PointsLedger.open(path) as ledger:
            tables = len(set(ledger.entries()["transaction_id"].tolist())) // 200
            assert tables in (done + 1, done + 2)
            for n in range(done + 1):
                assert ledger.post(postings(200 * n)).duplicates == 200
        done = tables - 1
