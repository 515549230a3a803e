"""What merges of the register rest on."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import pytest

import patron
from patron.customers import Linker, Register

PEOPLE = {
    "id": ["a", "b", "c", "d", "e", "f"],
    "name": ["Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow", "Di Fox"],
    "born": ["1980-01-01", "1980-01-01", "1975-05-05", "1975-05-05", "1980-01-01", "1990-09-09"],
}


def test_a_merge_keeps_the_weights_that_led_to_it() -> None:
    fields = {"name": ["exact", "jaro_winkler >= 0.9"], "born": ["exact"]}
    linker = Linker(fields, ["born"]).fit(PEOPLE)
    pairs = linker.predict(PEOPLE, threshold=-100)
    register = Register()
    register.add(PEOPLE, time="2024-01-01")
    merged, _ = register.merge_pairs(pairs, time="2024-01-02", actor="linker")
    assert merged == 3  # a, b and e, of three pairs; c and d.
    log = register.log
    rows = {
        (left, right): row
        for row, (left, right) in enumerate(
            zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
        )
    }
    found: dict[int, dict[str | None, float]] = {}
    for line, left, right, field, weight in zip(
        *(
            register.evidence[name].tolist()
            for name in ("line", "left", "right", "field", "weight")
        ),
        strict=True,
    ):
        column = "weight" if field is None else f"weight_{field}"
        assert weight == pairs[column][rows[left, right]]
        found.setdefault(line, {})[field] = weight
    assert set(found) == {0, 1, 2}
    for line, weights in found.items():
        assert set(weights) == {None, "name", "born"}
        assert log["weight"][line] == weights[None]


def test_evidence_lasts_and_is_taken_back_with_nothing_else(tmp_path: Path) -> None:
    with Register.open(tmp_path / "register") as register:
        register.add(PEOPLE, time="2024-01-01")
        register.merge("a", "b", weight=7.5, evidence={"name": 9.25}, time="2024-01-02")
        register.merge("c", "d", time="2024-01-02")
        pairs = {"left": ["a", "d"], "right": ["e", "f"], "weight": [None, 2.0], "note": ["", "x"]}
        assert register.merge_pairs(pairs, time="2024-01-03") == (2, 0)
        register.unmerge(0, time="2024-01-04")
        expected = register.evidence.to_dict()
    with Register.open(tmp_path / "register") as register:
        assert register.evidence["line"].tolist() == [0, 0, 3]
        assert register.evidence["left"].tolist() == ["a", "a", "d"]
        assert register.evidence["field"].tolist() == [None, "name", None]
        assert register.evidence["weight"].tolist() == [7.5, 9.25, 2.0]
        for name, values in register.evidence.to_dict().items():
            assert values.tolist() == expected[name].tolist()
        again = Register.from_bytes(register.to_bytes())
        assert again.evidence["weight"].tolist() == [7.5, 9.25, 2.0]
        assert again.to_bytes() == pickle.loads(pickle.dumps(again)).to_bytes()
        weights = register.log["weight"].tolist()
        assert weights[0] == 7.5
        assert all(weight is None or math.isnan(weight) for weight in weights[1:3])


def test_an_erasure_takes_the_evidence_of_the_person_with_it(tmp_path: Path) -> None:
    path = tmp_path / "register"
    with Register.open(path) as register:
        register.set_key(b"0123456789abcdef")
        register.add(PEOPLE, time="2024-01-01")
        told = {
            "left": ["a", "c"],
            "right": ["b", "d"],
            "weight": [7.5, 3.0],
            "weight_name": [1234.0625, 5.0],
        }
        assert register.merge_pairs(told, time="2024-01-02") == (2, 0)
        pattern = b"\x00\x00\x00\x00\x40\x48\x93\x40"  # 1234.0625.
        assert pattern in register.to_bytes()
        register.erase("b", time="2024-02-01")
        assert register.evidence["line"].tolist() == [1, 1]
        assert register.evidence["weight"].tolist() == [3.0, 5.0]
        assert pattern not in register.to_bytes()
    assert pattern not in path.read_bytes()
    with Register.open(path) as register:
        assert register.evidence["weight"].tolist() == [3.0, 5.0]


def test_many_pairs_with_evidence_are_kept_in_parts(tmp_path: Path) -> None:
    n = 40_000
    with Register.open(tmp_path / "register") as register:
        register.add({"id": list(range(n))}, time="2024-01-01")
        pairs = {
            "left": list(range(0, n, 2)),
            "right": list(range(1, n, 2)),
            "weight": [float(i) for i in range(n // 2)],
        }
        assert register.merge_pairs(pairs, time="2024-01-02", reason="all") == (n // 2, 0)
    with Register.open(tmp_path / "register") as register:
        assert register.evidence["weight"].tolist() == pairs["weight"]
        assert register.evidence["right"].tolist() == pairs["right"]
        assert set(register.log["reason"].tolist()) == {"all"}


def test_what_is_no_number_is_named() -> None:
    register = Register()
    register.add(PEOPLE, time="2024-01-01")
    with pytest.raises((ValueError, TypeError), match="weight"):
        register.merge_pairs({"left": ["a"], "right": ["b"], "weight": ["much"]})
    assert len(register) == 6
    with pytest.raises(patron.errors.NotFoundError):
        register.merge("a", "z", weight=1.0)
    assert len(register.evidence["line"]) == 0
