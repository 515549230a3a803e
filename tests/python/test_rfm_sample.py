"""Reference numbers of the data of the R package rfm (reference.json of the data folder)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron import value


@pytest.fixture(scope="module")
def expected(reference: Callable[[str], Any]) -> Any:
    return reference("rfm_sample")


@pytest.fixture(scope="module")
def orders(reference_folder: Callable[[str], Path]) -> dict[str, Any]:
    with (reference_folder("rfm_sample") / "orders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        "customer_id": [row["customer_id"] for row in rows],
        "date": np.array([row["order_date"] for row in rows], dtype="datetime64[D]"),
        "amount": np.array([row["revenue"] for row in rows], dtype=np.int64),
    }


@pytest.fixture(scope="module")
def measures(reference_folder: Callable[[str], Path]) -> dict[str, np.ndarray]:
    path = reference_folder("rfm_sample") / "customers.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        "customer_id": np.array([row["customer_id"] for row in rows], dtype=np.int64),
        "recency": np.array([row["recency_days"] for row in rows], dtype=np.int64),
        "frequency": np.array([row["number_of_orders"] for row in rows], dtype=np.int64),
        "monetary": np.array([row["revenue"] for row in rows], dtype=np.int64),
    }


def check_scores(scores: value.RfmScores, reference: Any) -> None:
    for name, cuts in reference["cuts"].items():
        np.testing.assert_allclose(scores.cuts[name], cuts, rtol=1e-9)
    for name, counts in scores.counts.items():
        assert counts.tolist() == reference["score_counts_1_to_5"][name[0].upper()]
    assert scores["rfm"].sum() == reference["sum_rfm_score"]


def check_segments(scores: value.RfmScores, rules: str, reference: Any) -> None:
    totals = value.segments(scores, rules).to_dict()
    rows = zip(*(totals[name] for name in ("segment", "customers", "orders", "value")), strict=True)
    found = {name: (count, orders, amount) for name, count, orders, amount in rows if count}
    assert found == {
        name: (row["customers"], row["orders"], row["revenue"])
        for name, row in reference.items()
        if row["customers"]
    }


def test_orders(orders: dict[str, Any], expected: Any) -> None:
    reference = expected["orders"]
    scores = value.rfm(orders, as_of=reference["analysis_date"], method="rpkg")
    assert len(scores) == reference["customers"]
    assert scores["recency"].sum() == reference["sum_recency_days"]
    assert scores["frequency"].sum() == reference["sum_orders"]
    assert scores["monetary"].sum() == reference["sum_revenue"]
    check_scores(scores, reference)
    for i, row in enumerate(reference["first_rows"]):
        names = ("customer_id", "recency", "frequency", "monetary", "rfm")
        assert [scores[name][i] for name in names] == row


@pytest.mark.parametrize("rules", ["a", "b"])
def test_segments_of_orders(orders: dict[str, Any], expected: Any, rules: str) -> None:
    reference = expected["orders"]
    scores = value.rfm(orders, as_of=reference["analysis_date"], method="rpkg")
    check_segments(scores, rules, reference[f"segments_{rules.upper()}"])


def test_own_cuts(orders: dict[str, Any], expected: Any) -> None:
    reference = expected["orders"]["custom_cuts"]
    scores = value.rfm(
        orders,
        as_of=expected["orders"]["analysis_date"],
        method="fixed",
        cuts={name: reference[name] for name in ("recency", "frequency", "monetary")},
        closed="left",
    )
    for name, counts in scores.counts.items():
        assert counts.tolist() == reference[name[0].upper()]


def test_customers(measures: dict[str, np.ndarray], expected: Any) -> None:
    reference = expected["customers"]
    scores = value.score_rfm(measures, method="rpkg")
    assert len(scores) == reference["rows"]
    check_scores(scores, reference)


@pytest.mark.parametrize("rules", ["a", "b"])
def test_segments_of_customers(measures: dict[str, np.ndarray], expected: Any, rules: str) -> None:
    reference = expected["customers"]
    scores = value.score_rfm(measures, method="rpkg")
    check_segments(scores, rules, reference[f"segments_{rules.upper()}"])


def test_rule_tables_are_those_of_the_package(expected: Any) -> None:
    keys = {"a": "A_rfm_0.3.0_docs", "b": "B_rfm_0.2.x_docs_and_tests"}
    for preset, key in keys.items():
        reference = expected["segment_tables"][key]
        rules = value.Segments.preset(preset).rules
        assert rules["segment"].tolist() == reference["names"]
        bounds = np.array(reference["r"], dtype=float)
        np.testing.assert_array_equal(rules["recency_low"].astype(float), bounds[:, 0])
        np.testing.assert_array_equal(rules["recency_high"].astype(float), bounds[:, 1])
