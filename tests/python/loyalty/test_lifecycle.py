"""Stages of customer relationships from Python: rules as data, changes with their causes."""

from __future__ import annotations

import pickle
from datetime import date

import numpy as np
import pytest

from patron.errors import InvalidArgumentError
from patron.loyalty import Lifecycle, LifecycleRules, lifecycle
from patron.value import Ledger


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "M8[D]")


def test_a_life_from_the_list_to_won_back() -> None:
    facts = {
        "customer_id": ["ann"] * 6,
        "time": days(
            "2024-01-01", "2024-01-10", "2024-02-01", "2024-02-11", "2024-02-21", "2024-06-01"
        ),
        "kind": ["potential", "contact", "purchase", "purchase", "purchase", "purchase"],
    }
    life = Lifecycle()
    life.append(facts)
    changes = life.changes()
    rows = list(
        zip(
            changes["date"].astype(str).tolist(),
            changes["after"],
            changes["cause"],
            strict=True,
        )
    )
    # Gaps of ten days: dormant after more than 20, lost after more than 60 days of silence.
    assert rows == [
        ("2024-01-01", "potential", "listed"),
        ("2024-01-10", "prospect", "contact"),
        ("2024-02-01", "new", "first_purchase"),
        ("2024-02-11", "mature", "purchases"),
        ("2024-03-13", "dormant", "silence"),
        ("2024-04-22", "lost", "silence"),
        ("2024-06-01", "won_back", "return"),
    ]
    assert changes["measured"].tolist()[4:] == [21.0, 61.0, 101.0]
    assert changes["limit"].tolist()[4:6] == [20.0, 60.0]
    stages = life.customers("2024-03-01")
    assert stages["stage"].tolist() == ["mature"]
    assert stages["next_change"].astype(str).tolist() == ["2024-03-13"]
    assert stages["purchase_days"].tolist() == [3]
    assert len(stages.changes) == 4
    assert life.changes(since="2024-04-01", as_of=date(2024, 5, 1))["after"].tolist() == ["lost"]


def test_incremental_is_batch() -> None:
    rng = np.random.default_rng(11)
    n = 500
    facts = {
        "customer_id": rng.integers(0, 40, n),
        "time": np.datetime64("2024-01-01") + rng.integers(0, 400, n),
        "kind": rng.choice(["purchase", "contact", "alive", "wallet", "lost", "potential"], n),
        "value": rng.random(n),
    }
    batch = Lifecycle()
    batch.append(facts)
    pieces = Lifecycle()
    for rows in np.array_split(rng.permutation(n), 17):
        pieces.append({name: values[rows] for name, values in facts.items()})
    for as_of in ("2024-03-01", "2024-12-31", None):
        one, other = batch.changes(as_of=as_of), pieces.changes(as_of=as_of)
        assert one.columns == other.columns
        for name in one.columns:
            np.testing.assert_array_equal(np.ma.asarray(one[name]), np.ma.asarray(other[name]))
    again = pickle.loads(pickle.dumps(batch))
    assert again.rules == batch.rules
    np.testing.assert_array_equal(again.changes()["date"], batch.changes()["date"])
    assert repr(again) == repr(batch)


def test_from_a_ledger_without_what_was_taken_back() -> None:
    ledger = Ledger()
    ledger.append(
        {
            "customer_id": [1, 1, 2],
            "transaction_id": [10, 11, 12],
            "date": days("2024-01-01", "2024-01-11", "2024-01-05"),
            "amount": [10.0, 20.0, 5.0],
        }
    )
    stages = lifecycle(ledger, as_of="2024-01-31")
    assert stages["stage"].tolist() == ["mature", "new"]
    ledger.reverse(
        {"transaction_id": [13], "date": days("2024-01-12"), "reverses": [11], "amount": [20.0]}
    )
    assert lifecycle(ledger, as_of="2024-01-31")["stage"].tolist() == ["new", "new"]


def test_whose_and_explicit_loss() -> None:
    stages = lifecycle(
        {
            "id": [1, 2, 3],
            "when": days("2024-01-01", "2024-01-01", "2024-01-01"),
            "paid": [1, 1, 1],
        },
        {
            "customer_id": [1, 2, 3, 4],
            "time": days("2024-01-10", "2024-01-10", "2024-01-10", "2024-01-02"),
            "kind": ["wallet", "alive", "lost", "wallet"],
            "value": [0.9, 0.1, np.nan, 0.5],
        },
        customer="id",
        time="when",
        amount="paid",
    )
    assert stages["stage"].tolist() == ["new", "lost", "lost", "none"]
    assert stages["whose"].tolist() == ["ours", "undetermined", "undetermined", "shared"]
    causes = stages.changes["cause"].tolist()
    assert causes == [
        "first_purchase",
        "wallet",
        "first_purchase",
        "unlikely",
        "first_purchase",
        "reported",
        "wallet",
    ]


def test_rules_are_data() -> None:
    rules = LifecycleRules(new_days=5, lost_gaps=np.inf, default_gap=10)
    stages = lifecycle(
        {"customer_id": [1], "date": days("2024-01-01"), "amount": [1.0]},
        rules=rules,
        as_of="2030-01-01",
    )
    assert stages["stage"].tolist() == ["dormant"]
    assert stages.changes["cause"].tolist() == ["first_purchase", "age", "silence"]
    with pytest.raises(InvalidArgumentError, match="lost_gaps: 1; expected at least dormant_gaps"):
        Lifecycle(LifecycleRules(lost_gaps=1))
    with pytest.raises(InvalidArgumentError, match="zone: 'Nowhere'"):
        Lifecycle(zone="Nowhere")


def test_bad_facts_are_named() -> None:
    life = Lifecycle()
    when = days("2024-01-01", "2024-01-01")
    with pytest.raises(InvalidArgumentError, match="kind: row 1 is 'sale'; expected potential"):
        life.append({"customer_id": [1, 2], "time": when, "kind": ["purchase", "sale"]})
    with pytest.raises(InvalidArgumentError, match="value: row 1 is 2; expected 0 to 1"):
        life.append(
            {"customer_id": [1, 2], "time": when, "kind": ["contact", "wallet"], "value": [0, 2.0]}
        )
    with pytest.raises(InvalidArgumentError, match="value: row 0 is nan; expected 0 to 1"):
        life.append({"customer_id": [1], "time": when[:1], "kind": ["alive"]})
    assert len(life.facts()) == 0
    life.append({"customer_id": [1, 2], "time": when, "kind": ["contact", "purchase"]})
    with pytest.raises(InvalidArgumentError, match="customer_id: text; expected integers"):
        life.append({"customer_id": ["a"], "time": when[:1], "kind": ["contact"]})


def test_days_are_those_of_the_zone() -> None:
    late = np.array(["2024-01-01T23:30"], "M8[us]")
    for zone, day in (("UTC", "2024-01-01"), ("Asia/Shanghai", "2024-01-02")):
        stages = lifecycle({"customer_id": [1], "date": late, "amount": [1.0]}, zone=zone)
        assert stages["first_purchase"].astype(str).tolist() == [day]
