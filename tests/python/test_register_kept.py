"""The register of who is who: bytes, files, and what an erasure leaves."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import signal
import sqlite3
import time as clock
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.customers import Register

# ---- Bytes, and what lasts ----


def busy(register: Register) -> Register:
    """Return the register after changes of every kind."""
    register.add(
        {"id": ["a", "b", "c"], "name": ["Ann", "Anne", None], "note": ["", "  ", "x"]},
        source="shop",
        trust=0.8,
        time="2024-01-01",
        captured_by="clerk",
        purpose="orders",
    )
    register.add(
        {
            "id": ["d", "e"],
            "key": ["k1", None],
            "since": np.array(["2023-01-01", "2023-02-01"], "datetime64[us]"),
            "name": ["王伟", "Bob"],
        },
        source="web",
        verified=True,
        source_key="key",
        valid_from="since",
        time="2024-01-02",
    )
    register.merge("a", "b", time="2024-01-03", actor="clerk", reason="same phone")
    register.merge_pairs(
        {"left": ["c", "a"], "right": ["d", "c"]}, time="2024-01-04", actor="linker"
    )
    register.unmerge(0, time="2024-01-05", actor="clerk", reason="two sisters")
    register.split(["d"], time="2024-01-06")
    register.assert_different("a", "e", time="2024-01-07")
    register.add_contacts(
        {
            "record": ["a", "b", "d"],
            "type": ["phone", "email", "post"],
            "value": ["138-0013-8000", "Ann@Example.com", "广东省深圳市南山区科技路二十三号"],
            "preference": [1, None, 2],
        },
        region="CN",
        time="2024-01-08",
    )
    register.add_relations(
        {"from": ["a", "b"], "to": ["d", "e"], "type": ["employee_of", "payer"]},
        time="2024-01-09",
    )
    register.end_contact(0, valid_to="2024-02-01", time="2024-01-10")
    register.end_role(1, valid_to="2024-02-01", time="2024-01-10")
    return register


def views(register: Register) -> list[Any]:
    """Return all that a register says."""
    tables = [
        register.entities(),
        register.records(),
        register.log,
        register.values(losers=True),
        register.contacts(),
        register.relations(),
        register.roles(),
        register.entities("2024-01-04T12:00"),
    ]
    return [{name: str(table[name].tolist()) for name in table.columns} for table in tables]


def test_bytes_carry_all_of_it() -> None:
    register = busy(Register())
    data = register.to_bytes()
    again = Register.from_bytes(data)
    assert again.to_bytes() == data == busy(Register()).to_bytes()
    assert views(again) == views(register)
    unpickled = pickle.loads(pickle.dumps(register))
    assert unpickled.to_bytes() == data
    # What was read goes on as the one it was written from.
    for each in (register, again):
        each.merge("d", "e", time="2024-02-01")
    assert again.to_bytes() == register.to_bytes() != data
    assert Register.from_bytes(Register().to_bytes()).to_bytes() == Register().to_bytes()


def test_bytes_that_were_altered_are_refused() -> None:
    data = busy(Register()).to_bytes()
    for place in range(0, len(data), 7):
        altered = bytearray(data)
        altered[place] ^= 0x10
        with pytest.raises(patron.errors.DataLossError):
            Register.from_bytes(bytes(altered))
    with pytest.raises(patron.errors.DataLossError):
        Register.from_bytes(data[:-1])
    with pytest.raises(patron.errors.DataLossError, match="a register"):
        Register.from_bytes(patron.loyalty.PointsLedger().to_bytes())


def test_a_register_lasts(tmp_path: Path) -> None:
    path = tmp_path / "register"
    with Register.open(path) as kept:
        busy(kept)
        data, said = kept.to_bytes(), views(kept)
        with pytest.raises(patron.errors.FailedPreconditionError, match="is open in another"):
            Register.open(path)
    with pytest.raises(patron.errors.FailedPreconditionError, match="register: closed"):
        len(kept)
    with Register.open(path) as again:
        assert again.to_bytes() == data == busy(Register()).to_bytes()
        assert views(again) == said
        with pytest.raises(ValueError, match="the register has this id"):
            again.add({"id": ["z", "a"]}, time="2024-03-01")
        assert again.to_bytes() == data
        again.merge("d", "e", time="2024-03-01")
    with Register.open(path) as third:
        assert third.entity("e") == third.entity("d")
    (tmp_path / "other").write_bytes(b"something else" * 100)
    with pytest.raises(patron.errors.DataLossError):
        Register.open(tmp_path / "other")


def test_an_altered_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "register"
    with Register.open(path) as kept:
        busy(kept)
    with sqlite3.connect(path) as database:
        (entry,) = database.execute("SELECT bytes FROM entries WHERE place = 2").fetchone()
        database.execute("UPDATE entries SET bytes = ? WHERE place = 2", (entry[:-2] + b"xy",))
    database.close()
    with pytest.raises(patron.errors.DataLossError, match="register: entry 2: "):
        Register.open(path)


def tell(path: str, first: int, told: Any) -> None:
    """Add and merge for ever, and tell of each change when it is done."""
    register = Register.open(path)
    for n in range(first, 1_000_000):
        ids = [f"{n}-{i}" for i in range(3000)]
        register.add({"id": ids, "name": ids}, time="2024-01-01")
        register.merge(ids[0], ids[-1], time="2024-01-01")
        told.send(n)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_at_any_point_nothing_told_is_lost(tmp_path: Path) -> None:
    path = str(tmp_path / "register")
    context = multiprocessing.get_context("spawn")
    done = -1
    untold: set[int] = set()
    for seed in range(3):
        reading, writing = context.Pipe(duplex=False)
        child = context.Process(target=tell, args=(path, done + 1, writing))
        child.start()
        writing.close()
        wanted = done + 1 + seed
        while done < wanted:
            assert reading.poll(120)
            done = reading.recv()
        clock.sleep(random.Random(seed).random() / 50)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        while reading.poll():
            try:
                done = reading.recv()
            except EOFError:
                break
        with Register.open(path) as register:
            # A table is there as a whole or not at all.
            assert register.record_count % 3000 == 0
            tables = register.record_count // 3000
            assert tables in (done + 1, done + 2)
            for n in set(range(done + 1)) - untold:
                assert register.entity(f"{n}-0") == register.entity(f"{n}-2999")
            if tables == done + 2:  # Its records are there; its merge may not be.
                done += 1
                untold.add(done)


# ---- Erasure ----

KEY = b"a key of 16 bytes or more"


def with_secrets(register: Register) -> Register:
    register.set_key(KEY, region="CN")
    n = 2500  # More than one batch.
    names = [f"name {i}" for i in range(n)]
    names[1200] = "Secret Person"
    names[2200] = "Secretive Twin"
    phones = [f"139{i:08}" for i in range(n)]
    phones[1200] = "138-0013-8000"
    register.add(
        {
            "id": [f"r{i}" if i != 1200 else "secret-id" for i in range(n)],
            "ref": [f"k{i}" if i != 1200 else "secret-ref" for i in range(n)],
            "name": names,
            "phone": phones,
        },
        source_key="ref",
        time="2024-01-01",
    )
    register.add_contacts(
        {
            "record": ["secret-id", "r7", "secret-id"],
            "type": ["email", "email", "phone"],
            "value": ["secret.person@example.com", "other@example.com", "138 0013 8000"],
            "label": ["secret label", "home", None],
        },
        region="CN",
        time="2024-01-02",
    )
    register.end_contact(2, valid_to="2024-01-02", time="2024-01-02", reason="secret reason")
    register.add_relations(
        {"from": ["secret-id"], "to": ["r9"], "type": ["spouse"]}, time="2024-01-02"
    )
    register.end_relation(0, valid_to="2024-01-02", time="2024-01-02", reason="secret reason")
    register.merge("secret-id", "r2200", time="2024-01-03", actor="Ann", reason="secret reason")
    pairs = {"left": ["r1", "secret-id"], "right": ["r2", "r3"]}
    register.merge_pairs(pairs, time="2024-01-04", actor="linker", reason="shared reason")
    register.merge("r20", "r21", time="2024-01-05", reason="another reason")
    return register


SECRETS = [
    "Secret Person",
    "138-0013-8000",
    "13800138000",
    "secret-id",
    "secret-ref",
    "secret.person@example.com",
    "secret label",
    "secret reason",
]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


@pytest.mark.parametrize("kept", [False, True])
def test_nothing_of_the_erased_is_left(kept: bool, tmp_path: Path) -> None:
    register = with_secrets(Register.open(tmp_path / "register") if kept else Register())
    before = register.to_bytes()
    assert all(secret.encode() in before for secret in SECRETS)
    if kept:
        assert all(secret.encode() in everything_in(tmp_path) for secret in SECRETS)
    assert register.erase("secret-id", time="2024-02-01", actor="clerk", reason="asked") == 1
    data = register.to_bytes()
    for secret in SECRETS:
        assert secret.encode() not in data, secret
        if kept:
            assert secret.encode() not in everything_in(tmp_path), secret
    for stays in ("Secretive Twin", "shared reason", "another reason", "other@example.com", "r7"):
        assert stays.encode() in data, stays
    # Others stay what they were; the log stays by number.
    assert register.entity("r2200") == register.entity("r3")
    assert register.log["reason"].tolist() == [
        "",
        "shared reason",
        "shared reason",
        "another reason",
    ]
    assert "Secretive Twin" in register.values()["value"].tolist()
    assert register.contacts()["record"].tolist() == ["r7"]
    assert len(register.relations()) == 0
    assert register.record_count == 2499
    with pytest.raises(KeyError, match="no record has this id"):
        register.entity("secret-id")
    with pytest.raises(KeyError, match="no record has this id"):
        register.merge("secret-id", "r7", time="2024-02-02")
    assert register.erasures["records"].tolist() == [1]
    assert register.erasures["tombstones"].tolist() == [3]  # Id, phone, e-mail.
    assert Register.from_bytes(data).to_bytes() == data
    if kept:
        register.close()
        with Register.open(tmp_path / "register") as again:
            assert again.to_bytes() == data
            assert views(again) == views(Register.from_bytes(data))
        for secret in SECRETS:
            assert secret.encode() not in everything_in(tmp_path), secret


def test_the_erased_do_not_come_back() -> None:
    register = Register.from_bytes(erased_bytes())
    fresh = {"id": ["n1", "n2"], "phone": ["1", "+86 138 0013 8000"]}
    with pytest.raises(patron.errors.FailedPreconditionError, match="key: none"):
        register.add(fresh, time="2024-03-01")
    with pytest.raises(ValueError, match="key: another one"):
        register.set_key(b"another key of 16 bytes")
    with pytest.raises(ValueError, match="key: 5 bytes; expected 16 or more"):
        register.set_key(b"short")
    register.set_key(KEY, region="CN")
    refused = patron.errors.FailedPreconditionError
    with pytest.raises(refused, match="phone: row 1 is of someone who was erased") as raised:
        register.add(fresh, time="2024-03-01")
    assert "138" not in str(raised.value)
    with pytest.raises(refused, match="id: row 0 is of someone who was erased"):
        register.add({"id": ["secret-id"]}, time="2024-03-01")
    email = {"record": ["r1"], "type": ["email"], "value": ["SECRET.PERSON@Example.com"]}
    with pytest.raises(refused, match="value: row 0 is of someone who was erased"):
        register.add_contacts(email, time="2024-03-01")
    assert register.add(fresh, time="2024-03-01", erased="skip") == 1
    assert register.entity("n1") > 0
    with pytest.raises(KeyError):
        register.entity("n2")


def erased_bytes() -> bytes:
    register = with_secrets(Register())
    register.erase("secret-id", time="2024-02-01")
    return register.to_bytes()


def test_the_law_may_keep_some_of_it() -> None:
    register = Register()
    register.set_key(KEY)
    register.add(
        {"id": [1, 2], "name": ["Ann", "Bob"], "invoice": ["I-1", "I-2"]},
        purpose="orders",
        time="2024-01-01",
    )
    register.merge(1, 2, time="2024-01-02")
    with pytest.raises(ValueError, match="legal_hold: 'bill'; expected a field of the register"):
        register.erase(1, legal_hold=["bill"], time="2024-02-01")
    assert register.erase(1, legal_hold=["invoice"], purpose="tax law", time="2024-02-01") == 1
    values = register.values(losers=True)
    assert sorted(values["value"].tolist()) == ["Bob", "I-1", "I-2"]
    assert register.records()["hold"].tolist() == ["tax law", None]
    assert register.erasures["held"].tolist() == ["invoice"]
    assert b"Ann" not in register.to_bytes()
    # When the law lets it go, the rest goes.
    assert register.erase(entity=register.entity(1), time="2034-02-01") == 2
    assert len(register) == 0
    assert b"I-1" not in register.to_bytes()
    with pytest.raises(KeyError, match="its records were erased"):
        register.resolve(1)
    assert Register.from_bytes(register.to_bytes()).to_bytes() == register.to_bytes()
    register.add({"id": ["text ids now"]}, time="2034-02-02")
    assert len(register) == 1


def test_bad_erasures_are_named() -> None:
    register = Register()
    register.add({"id": [1]}, time="2024-01-01")
    with pytest.raises(patron.errors.FailedPreconditionError, match="key: none"):
        register.erase(1)
    register.set_key(KEY)
    with pytest.raises(KeyError, match="row 0 is 9; no record has this id"):
        register.erase(9)
    with pytest.raises(ValueError, match="kind: row 0 is 'nose'; expected raw, text"):
        register.erase(1, identifiers={"name": "nose"})
    with pytest.raises(TypeError, match="records or entity"):
        register.erase()
    with pytest.raises(ValueError, match="region: 'XX'"):
        register.set_key(KEY, region="XX")
    assert len(register) == 1
