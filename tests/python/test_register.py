"""The register of who is who: what it keeps, what it takes back, and what it says."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.customers import Linker, Register, field_catalogue


def planted() -> dict[str, list[Any]]:
    """Return 1,000 records of 950 people: 50 stand twice, with a slip in the name."""
    random = np.random.default_rng(950)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    people = [
        (
            "".join(random.choice(letters, 9, replace=False)),
            f"1{random.integers(30, 99)}{random.integers(10_000_000, 99_999_999)}",
            f"{random.integers(1940, 2005)}-{random.integers(1, 12):02}-{random.integers(1, 28):02}",
        )
        for _ in range(950)
    ]
    rows = people + [(name[1] + name[0] + name[2:], *rest) for name, *rest in people[:50]]
    order = random.permutation(1000)
    return {
        "id": [int(i) for i in order],
        "name": [rows[i][0] for i in order],
        "phone": [rows[i][1] for i in order],
        "born": [rows[i][2] for i in order],
    }


def test_planted_duplicates_are_merged_and_every_field_is_traceable() -> None:
    records = planted()
    register = Register()
    register.add(records, source="shop", time="2024-01-01")
    assert len(register) == 1000
    linker = Linker(
        {
            "name": ["exact", "osa_distance <= 1"],
            "phone": ["exact"],
            "born": ["exact"],
        },
        ["phone", "born"],
        certain=[("phone", "born")],
    ).fit(records)
    pairs = linker.predict(records, threshold=0)
    assert register.merge_pairs(pairs, time="2024-01-02", actor="linker") == (50, 0)
    assert len(register) == 950
    table = register.entities()
    entity = dict(zip(table["id"].tolist(), table["entity"].tolist(), strict=True))
    assert all(entity[i] == entity[950 + i] for i in range(50))
    # Every value of the source is found again under the record that it came from.
    place = {record: row for row, record in enumerate(records["id"])}
    values = register.values()
    assert len(values) == 950 * 3
    cells = zip(values["field"], values["value"], values["record"], strict=True)
    for field, value, record in cells:
        assert records[field][place[record]] == value
    assert (values["losers"][values["field"] == "name"] == 1).sum() == 50
    # By hand: three of four fields are there, of all entities.
    catalogue = {"field": ["name", "phone", "born", "email"]}
    assert register.completeness(catalogue).base == 0.75


def test_a_merge_is_taken_back_and_not_made_again() -> None:
    register = Register()
    register.add({"id": [1, 2, 3, 4]}, time="2024-01-01")
    assert register.merge(1, 2, time="2024-01-02", actor="Ann", reason="phone") == 1
    assert register.merge(4, 3, time="2024-01-03") == 3  # Of equal ones the older.
    assert register.merge(2, 3, time="2024-01-04") == 1
    assert register.resolve(2) == register.resolve(4) == 1
    with pytest.raises(ValueError, match="time"):
        register.merge(1, 2, time="2023-01-01")  # A clock that goes back.
    assert register.unmerge(2, time="2024-01-05") == 3
    assert register.entities()["entity"].tolist() == [1, 1, 3, 3]
    assert register.resolve(4) == 3
    with pytest.raises(patron.errors.FailedPreconditionError, match="taken back by line 3"):
        register.unmerge(2, time="2024-01-05")
    with pytest.raises(patron.errors.FailedPreconditionError, match="must stay apart, by line 3"):
        register.merge(1, 4, time="2024-01-06")
    pairs = {"left": [1, 1], "right": [4, 2]}
    assert register.merge_pairs(pairs, time="2024-01-06") == (0, 1)
    assert register.entities(at="2024-01-04")["entity"].tolist() == [1, 1, 1, 1]
    assert register.entities(at="2023-01-01")["entity"].tolist() == []
    assert register.log["op"].tolist() == ["merge", "merge", "merge", "unmerge"]
    assert register.log["undone_by"].tolist() == [None, None, 3, None]
    with pytest.raises(KeyError, match="77"):
        register.resolve(77)


def test_records_leave_and_stay_apart() -> None:
    register = Register()
    register.add({"id": ["a", "b", "c"]}, time="2024-01-01")
    register.merge("a", "b", time="2024-01-02")
    register.merge("b", "c", time="2024-01-02")
    fresh = register.split(["b"], time="2024-01-03")
    assert register.entities()["entity"].tolist() == [1, fresh, 1]
    with pytest.raises(patron.errors.FailedPreconditionError, match="stay apart"):
        register.assert_same("b", "c", time="2024-01-03")
    with pytest.raises(ValueError, match="some of its records"):
        register.split(["a", "c"], time="2024-01-04")
    with pytest.raises(
        patron.errors.FailedPreconditionError, match="no entity has records of both"
    ):
        register.unmerge(0, time="2024-01-04")
    with pytest.raises(patron.errors.FailedPreconditionError, match="both records are of entity"):
        register.assert_different("a", "c", time="2024-01-04")
    register.add({"id": ["d"]}, time="2024-01-04")
    register.assert_different("a", "d", time="2024-01-04")
    with pytest.raises(patron.errors.FailedPreconditionError, match="assert_different"):
        register.merge("d", "c", time="2024-01-05")


def test_records_of_different_kinds_are_never_one(tmp_path: Path) -> None:
    kinds = ["person", "organisation", "household", "internal_unit"]
    with Register.open(tmp_path / "register") as register:
        for number, kind in enumerate(kinds):
            register.add({"id": [2 * number, 2 * number + 1]}, kind=kind, time="2024-01-01")
        with pytest.raises(
            patron.errors.FailedPreconditionError,
            match="merge: entity 2 is of kind person, entity 3 is of kind organisation",
        ):
            register.merge(1, 2, time="2024-01-02")
        chain = {"left": list(range(7)), "right": list(range(1, 8))}
        assert register.merge_pairs(chain, time="2024-01-02") == (4, 3)
        register.add_relations({"from": [0], "to": [4], "type": ["member_of"]}, time="2024-01-02")
        assert register.relations()["to_entity"].tolist() == [5]
    with Register.open(tmp_path / "register") as again:
        assert again.entities()["entity"].tolist() == [1, 1, 3, 3, 5, 5, 7, 7]
        assert again.entities()["kind"].tolist() == [kind for kind in kinds for _ in range(2)]
        assert again.records(5)["kind"].tolist() == ["household"] * 2
        assert Register.from_bytes(again.to_bytes()).to_bytes() == again.to_bytes()
        with pytest.raises(ValueError, match="kind"):
            again.add({"id": [9]}, kind="firm", time="2024-01-03")


def test_any_order_of_merges_gives_the_same_partition() -> None:
    random = np.random.default_rng(12)
    pairs = [(int(a), int(b)) for a, b in random.integers(0, 60, (70, 2)) if a != b]
    seen = set()
    for _ in range(6):
        order = random.permutation(60)
        register = Register()
        for chunk in np.array_split(order, 4):
            register.add({"id": chunk}, time="2024-01-01")
        for k in random.permutation(len(pairs)):
            register.merge(*pairs[k], time="2024-01-02")
        table = register.entities()
        groups: dict[int, set[int]] = {}
        for record, entity in zip(table["id"].tolist(), table["entity"].tolist(), strict=True):
            groups.setdefault(entity, set()).add(record)
        seen.add(frozenset(frozenset(group) for group in groups.values()))
    assert len(seen) == 1


def test_the_best_value_and_why() -> None:
    register = Register()
    register.add(
        {"id": [1], "name": ["Ann"], "city": ["Bath"]}, source="web", trust=0.2, time="2024-01-03"
    )
    register.add(
        {"id": [2], "name": ["Anne"], "city": [None]}, source="desk", trust=0.9, time="2024-01-01"
    )
    register.add(
        {"id": [3], "name": ["Anna"], "city": ["York"]}, source="web", trust=0.2, time="2024-01-04"
    )
    register.merge(1, 2, time="2024-01-05")
    register.merge(1, 3, time="2024-01-05")
    best = register.values()
    assert best["field"].tolist() == ["name", "city"]
    assert best["value"].tolist() == ["Anne", "York"]
    assert best["rule"].tolist() == ["trusted", "recent"]
    assert best["record"].tolist() == [2, 3]
    assert best["losers"].tolist() == [2, 1]


def test_bad_records_are_named() -> None:
    register = Register()
    register.add({"id": [1, 2]}, time="2024-01-01")
    with pytest.raises(ValueError, match="id: row 1 is 2; the register has this id"):
        register.add({"id": [7, 2]})
    with pytest.raises(ValueError, match="id: text; expected integers"):
        register.add({"id": ["x"]})
    with pytest.raises(ValueError, match="trust: 2"):
        register.add({"id": [9]}, trust=2)
    assert len(register) == 2
    with pytest.raises(KeyError, match="no record has this id"):
        register.merge(1, 99)


def test_the_same_records_in_any_order_are_the_same_entities() -> None:
    # Incremental equals batch: records and merges mixed, and splits at last.
    shuffle = random.Random(3)
    pairs = [(shuffle.randrange(40), shuffle.randrange(40)) for _ in range(32)]
    seen = set()
    for _ in range(8):
        order = list(range(40))
        shuffle.shuffle(order)
        register = Register()
        waiting = list(pairs)
        shuffle.shuffle(waiting)
        there: set[int] = set()
        while order or waiting:
            if order:
                chunk = [order.pop() for _ in range(min(len(order), shuffle.randrange(1, 6)))]
                register.add({"id": chunk, "name": [f"n{i}" for i in chunk]}, time="2024-01-01")
                there |= set(chunk)
            ready = [pair for pair in waiting if there >= set(pair)]
            waiting = [pair for pair in waiting if pair not in ready]
            for left, right in ready:
                register.merge(left, right, time="2024-01-02")
        groups: dict[int, set[int]] = {}
        table = register.entities()
        for record, entity in zip(table["id"].tolist(), table["entity"].tolist(), strict=True):
            groups.setdefault(entity, set()).add(record)
        largest = max(groups.values(), key=lambda group: (len(group), -min(group)))
        leaving = sorted(largest)[1::2]
        shuffle.shuffle(leaving)
        for record in leaving:
            register.split([record], time="2024-01-03")
        sets = frozenset(
            frozenset(r for r in range(40) if register.entity(r) == e)
            for e in {register.entity(r) for r in range(40)}
        )
        best = register.values()
        values = {
            (frozenset(r for r in range(40) if register.entity(r) == e), v)
            for e, v in zip(best["entity"].tolist(), best["value"].tolist(), strict=True)
        }
        seen.add((sets, frozenset(values)))
    assert len(seen) == 1


# ---- Survivorship ----


def best_of(rules: Any, **changes: Any) -> tuple[str, str]:
    register = Register()
    rows: list[dict[str, Any]] = [
        {"id": 1, "x": "aa", "trust": 0.9, "time": "2024-01-01"},
        {"id": 2, "x": "b", "trust": 0.1, "time": "2024-01-05"},
        {"id": 3, "x": "ccc", "trust": 0.1, "time": "2024-01-02", "more": 1},
        {"id": 4, "x": "d", "trust": 0.1, "time": "2024-01-02"},
        {"id": 5, "x": "d", "trust": 0.1, "time": "2024-01-02"},
        {"id": 6, "x": "e", "trust": 0.1, "time": "2024-01-02", "verified": True},
    ]
    for row in rows:
        table = {"id": [row["id"]], "x": [row["x"]], "y": ["y" if "more" in row else None]}
        register.add(
            table, trust=row["trust"], time=row["time"], verified=row.get("verified", False)
        )
    for row in rows[1:]:
        register.merge(1, row["id"], time="2024-02-01")
    best = register.values(rules)
    at = best["field"].tolist().index("x")
    assert best["losers"][at] == 4
    return best["value"][at], best["rule"][at]


def test_each_rule_chooses_its_own() -> None:
    assert best_of(None) == ("e", "verified")
    assert best_of({"x": "verified"}) == ("e", "verified")
    assert best_of({"x": "trusted"}) == ("aa", "trusted")
    assert best_of({"x": "recent"}) == ("b", "recent")
    assert best_of({"x": "complete"}) == ("ccc", "complete")
    assert best_of({"x": "frequent"}) == ("d", "frequent")
    assert best_of({"x": "longest"}) == ("ccc", "longest")
    assert best_of({"*": ["frequent"]}) == ("d", "frequent")
    assert best_of({"*": ["recent"], "x": ["trusted"]}) == ("aa", "trusted")
    # Rules after the first one decide among those that tie: all but one are not verified.
    assert best_of({"field": ["x", "x"], "rule": ["complete", "recent"]}) == ("ccc", "complete")


def test_losers_say_what_they_lost_by_and_a_union_has_none() -> None:
    register = Register()
    register.add({"id": [9, 8, 7], "x": ["p", "q", "r"]}, trust=0.5, time="2024-01-01")
    register.add({"id": [6], "x": ["s"]}, trust=0.4, time="2024-01-09")
    for record in (8, 7, 6):
        register.merge(9, record, time="2024-02-01")
    table = register.values(losers=True)
    assert table["value"].tolist() == ["r", "q", "p", "s"]  # Of those that tie the least id.
    assert table["rule"].tolist() == ["id", "id", "id", "trusted"]
    assert table["record"].tolist() == [7, 8, 9, 6]
    assert table["won"].tolist() == [True, False, False, False]
    union = register.values({"x": ["union", "recent"]})
    assert union["value"].tolist() == ["s", "r", "q", "p"]
    assert set(union["rule"].tolist()) == {"union"}
    assert union["won"].all()
    with pytest.raises(ValueError, match="rule: row 0 is 'best'; expected verified, trusted"):
        register.values({"x": "best"})
    with pytest.raises(ValueError, match="rule: row 1 is 'recent' again"):
        register.values({"x": ["recent", "recent"]})


def test_provenance_and_validity() -> None:
    register = Register()
    register.add(
        {
            "id": [1, 2],
            "ref": ["A-1", None],
            "seen": np.array(["2020-05-05", "NaT"], "datetime64[us]"),
            "from": np.array(["2021-01-01", "NaT"], "datetime64[us]"),
            "to": np.array(["2022-01-01", "NaT"], "datetime64[us]"),
            "city": ["Bath", "York"],
        },
        source="desk",
        trust=0.7,
        confidence=0.5,
        captured_by="Ann",
        method="phone",
        purpose="delivery",
        time="2020-06-01",
        source_key="ref",
        captured_at="seen",
        valid_from="from",
        valid_to="to",
    )
    register.merge(1, 2, time="2020-06-02")
    assert register.values()["field"].tolist() == ["city"]  # The named columns are no fields.
    table = register.records(1)
    assert table["source_key"].tolist() == ["A-1", None]
    assert [str(t)[:10] for t in table["captured_at"]] == ["2020-05-05", "2020-06-01"]
    assert table["captured_by"].tolist() == ["Ann", "Ann"]
    assert table["method"].tolist() == ["phone", "phone"]
    assert table["purpose"].tolist() == ["delivery", "delivery"]
    assert table["trust"].tolist() == [0.7, 0.7]
    assert table["confidence"].tolist() == [0.5, 0.5]
    assert register.values(at="2021-06-01")["value"].tolist() == ["York"]
    assert register.values({"city": "longest"}, at="2021-06-01")["losers"].tolist() == [1]
    assert register.values(at="2022-01-01")["losers"].tolist() == [0]  # The first day without it.
    assert len(register.values(at="2020-01-01")) == 0  # Before the register had them.
    with pytest.raises(KeyError, match="no entity ever"):
        register.records(99)
    day = np.array(["2021-01-01"], "datetime64[us]")
    with pytest.raises(ValueError, match="row 0 is 2021-01-01"):
        register.add({"id": [3], "f": day, "t": day}, valid_from="f", valid_to="t")


# ---- What hangs on records ----


def test_contacts_relations_and_roles_move_with_their_records() -> None:
    register = Register()
    register.add({"id": ["ann", "anne", "acme", "bob"]}, time="2024-01-01")
    register.merge("ann", "anne", time="2024-01-02")
    register.add_contacts(
        {
            "record": ["anne", "bob"],
            "type": ["phone", "phone"],
            "value": ["+86 138 0013 8000", "0086-13800138000"],
            "label": ["home", None],
            "bounced": [False, True],
            "shared": [True, False],
            "verified_at": [datetime(2024, 1, 3), None],
        },
        time="2024-01-03",
    )
    register.add_roles(
        {
            "from": ["anne", "bob"],
            "to": ["acme", "acme"],
            "type": ["decider", "user"],
            "valid_from": [datetime(2024, 2, 1), None],
        },
        time="2024-01-03",
    )
    register.add_relations({"from": ["bob"], "to": ["ann"], "type": ["spouse"]}, time="2024-01-03")
    contacts = register.contacts()
    assert contacts["key"].tolist() == ["+8613800138000"] * 2
    assert contacts["entities"].tolist() == [2, 2]
    assert contacts["entity"].tolist() == [1, 4]
    assert contacts["bounced"].tolist() == [False, True]
    assert contacts["shared"].tolist() == [True, False]
    assert contacts["label"].tolist() == ["home", None]
    assert register.roles()["from_entity"].tolist() == [1, 4]
    assert register.roles("2024-01-15")["type"].tolist() == ["user"]
    assert register.roles("2024-02-15")["type"].tolist() == ["decider", "user"]
    assert register.relations("2024-01-02")["type"].tolist() == []  # Not known then.
    assert register.relations()["type"].tolist() == ["spouse"]
    fresh = register.split(["anne"], time="2024-02-01")
    assert register.contacts()["entity"].tolist() == [fresh, 4]
    assert register.roles()["from_entity"].tolist() == [fresh, 4]
    assert register.contacts("2024-01-20")["entity"].tolist() == [1, 4]
    # An end that is told later is not seen before.
    register.end_relation(2, valid_to="2024-02-10", time="2024-03-01")
    assert len(register.relations("2024-02-20")) == 1
    assert len(register.relations("2024-03-02")) == 0
    with pytest.raises(patron.errors.FailedPreconditionError, match="was ended before"):
        register.end_relation(2, valid_to="2024-02-10")
    with pytest.raises(KeyError, match="number: 77"):
        register.end_contact(77, valid_to="2024-02-10")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": ["fax"]}, "type: row 0 is 'fax'; expected phone, email, post, im, device"),
        ({"value": [""]}, "value: row 0 is empty"),
        ({"preference": [101]}, "preference: row 0 is 101; expected 1 to 100"),
        ({"valid_from": [date(2024, 2, 1)], "valid_to": [date(2024, 1, 1)]}, "valid_to: row 0"),
    ],
)
def test_bad_contacts_are_named(changes: dict[str, Any], message: str) -> None:
    register = Register()
    register.add({"id": [1]}, time="2024-01-01")
    with pytest.raises(ValueError, match=message):
        register.add_contacts({"record": [1], "type": ["phone"], "value": ["1"]} | changes)
    assert len(register.contacts()) == 0


# ---- Cards ----


def test_a_card_names_the_required_fields_it_lacks_and_the_list_has_it_by_class() -> None:
    catalogue = {
        "field": ["name", "phone", "birth_date", "likes"],
        "class": ["basic", "basic", "basic", "subjective"],
        "required": [True, True, True, False],
        "weight": [3.0, 3.0, 1.0, 1.0],
    }
    register = Register()
    register.add({"id": [1], "name": ["Ann"], "likes": ["tea"]}, time="2024-01-01")
    register.add(
        {"id": [2], "name": ["Bob"], "phone": ["1"], "birth_date": ["1990-01-01"]},
        time="2024-01-01",
    )
    card = register.card(1, catalogue)
    assert card.missing == ["phone", "birth_date"]
    assert card.completeness == pytest.approx(0.5)  # (3 + 1) of 8.
    assert card.unauthored == 1
    assert card.fields["value"].tolist() == ["Ann", None, None, "tea"]
    assert card.fields["missing"].tolist() == [False, True, True, False]
    with pytest.raises(
        patron.errors.FailedPreconditionError, match="entity 1 lacks phone, birth_date; expected"
    ):
        register.card(1, catalogue, strict=True)
    assert register.card(2, catalogue, strict=True).missing == []
    listed = register.list({1: "prospect", 2: "mature"}, catalogue)
    assert listed["class"].tolist() == ["mature", "prospect"]
    assert listed["entity"].tolist() == [2, 1]
    assert listed["missing"].tolist() == [0, 2]
    assert listed["missing_fields"].tolist() == [None, "phone, birth_date"]
    assert listed["field.name"].tolist() == ["Bob", "Ann"]
    assert register.list({2: "x"}, catalogue)["class"].tolist() == ["x", None]
    # A contact point fills the field of its type.
    phone = {"record": [1], "type": ["phone"], "value": ["+86 13800138000"]}
    register.add_contacts(phone, time="2024-01-02")
    card = register.card(1, catalogue)
    assert card.missing == ["birth_date"]
    assert card.fields["rule"].tolist()[1] == "contact"
    assert register.list(None, catalogue)["field.phone"].tolist() == ["+86 13800138000", "1"]
    with pytest.raises(KeyError, match="row 0 is 9; there is no such entity"):
        register.list({9: "x"}, catalogue)
    register.merge(1, 2, time="2024-01-03")
    with pytest.raises(ValueError, match="class: row 1"):
        register.list({1: "x", 2: "y"}, catalogue)
    assert register.card(2, catalogue).entity == 1
    assert register.card(2, catalogue, at="2024-01-02T12:00").entity == 2


def test_completeness_is_the_hand_count() -> None:
    register = Register()
    register.add(
        {"id": [1, 2, 3, 4], "a": ["x", None, "x", " "], "b": ["y", "y", None, None]},
        time="2024-01-01",
    )
    register.merge(1, 2, time="2024-01-02")
    catalogue = {"field": ["a", "b", "c"], "weight": [2.0, 1.0, 1.0], "required": [1, 0, 1]}
    by_record = register.completeness(catalogue, by="record")
    assert by_record.table["completeness"].tolist() == [0.75, 0.25, 0.5, 0.0]
    assert by_record.table["filled"].tolist() == [2, 1, 1, 0]
    assert by_record.table["missing"].tolist() == [1, 2, 1, 2]
    by_entity = register.completeness(catalogue)
    assert by_entity.table["entity"].tolist() == [1, 3, 4]
    assert by_entity.table["completeness"].tolist() == [0.75, 0.5, 0.0]
    assert by_entity.base == pytest.approx((0.75 + 0.5 + 0) / 3)
    by_field = register.completeness(catalogue, by="field").table
    assert by_field["filled"].tolist() == [2, 1, 0]
    assert by_field["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    for trade in ("retail", "services", "business_to_business", "hotel", "finance"):
        assert field_catalogue(trade)["required"].any()
        assert set(field_catalogue(trade)["class"].tolist()) >= {"basic", "consumption"}
    with pytest.raises(ValueError, match="trade: 'space'"):
        field_catalogue("space")
    with pytest.raises(ValueError, match="field: row 1 is 'a' again"):
        register.completeness({"field": ["a", "a"]})
    with pytest.raises(ValueError, match="weight: row 0 is 0; expected a finite number above 0"):
        register.completeness({"field": ["a"], "weight": [0.0]})


# ---- Bad input ----


def test_strange_texts_are_kept_as_they_are() -> None:
    texts = ["é" * 500_000, "a" + "\u0301" * 5000, "\u202eAnn", "王伟", "x\u0000y", "\u3000"]
    register = Register()
    register.add({"id": list(range(len(texts))), "name": texts}, time="2024-01-01")
    assert register.values()["value"].tolist() == texts
    assert Register.from_bytes(register.to_bytes()).values()["value"].tolist() == texts


def test_all_records_of_one_entity() -> None:
    register = Register()
    n = 20_000
    register.add({"id": range(n), "name": ["same"] * n}, time="2024-01-01")
    pairs = {"left": np.arange(n - 1), "right": np.arange(1, n)}
    assert register.merge_pairs(pairs, time="2024-01-02") == (n - 1, 0)
    assert len(register) == 1
    values = register.values()
    assert values["value"].tolist() == ["same"]
    assert values["rule"].tolist() == ["only"]


def test_a_clock_that_goes_back_is_told_in_words() -> None:
    register = Register()
    register.add({"id": [1, 2]}, time="2024-01-02")
    register.merge(1, 2, time="2024-01-03")
    message = "time: 2024-01-01T00:00:00Z; expected no earlier than 2024-01-03T00:00:00Z"
    with pytest.raises(ValueError, match=message):
        register.unmerge(0, time="2024-01-01")
