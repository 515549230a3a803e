"""Early warning: signals, levels, evidence, and what they are worth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from patron import loyalty

Columns = dict[str, np.ndarray]
AS_OF = "2011-12-10"


@pytest.fixture(scope="module")
def expected(reference: Callable[[str], Any]) -> Any:
    return reference("online_retail")["interpurchase_days"]


@pytest.fixture(scope="module")
def book(purchases: Columns) -> loyalty.SignalBook:
    book = loyalty.SignalBook()
    book.append(purchases, amount_decimals=3)
    return book


def seen(warnings: loyalty.CustomerWarnings, signal: str) -> int:
    return int((warnings.evidence["signal"] == signal).sum())


def test_online_retail(book: loyalty.SignalBook, expected: Any) -> None:
    warnings = book.warn(AS_OF)
    assert (warnings["purchase_days"] >= 4).sum() == expected["customers_with_ge3_gaps"]
    assert seen(warnings, "own_quantile") == expected["recency_gt_own_P90"]
    assert seen(warnings, "own_mean") == expected["recency_gt_2x_own_mean"]
    assert warnings.population_bound == expected["quantiles_type7"]["0.9"]
    own_max = book.warn(AS_OF, rules=loyalty.SignalRules(quantile=1.0))
    assert seen(own_max, "own_quantile") == expected["recency_gt_own_max"]
    flat = book.warn(AS_OF, rules=loyalty.SignalRules(min_gaps=10000))
    assert seen(flat, "population") == expected["recency_gt_population_P90_110d"]


def test_examples_of_online_retail(book: loyalty.SignalBook, expected: Any) -> None:
    for customer in ("12347", "12352", "14911"):
        reference = expected["examples"][customer]
        one = book.warning(int(customer), AS_OF)
        assert one.recency_days == reference["recency"]
        assert one.rhythm == pytest.approx(reference["recency"] / reference["P90"])


def test_one_customer_is_as_among_all(book: loyalty.SignalBook) -> None:
    warnings = book.warn("2011-09-01")
    evidence = warnings.evidence
    for i in range(0, len(warnings), 97):
        customer = int(warnings["customer_id"][i])
        one = book.warning(customer, "2011-09-01")
        assert one.warning == warnings["warning"][i]
        assert one.risk == warnings["risk"][i]
        rows = evidence["customer_id"] == customer
        assert [e.signal for e in one.evidence] == evidence["signal"][rows].tolist()
        assert [e.value for e in one.evidence] == evidence["value"][rows].tolist()


def test_the_past_does_not_know_what_comes(purchases: Columns, book: loyalty.SignalBook) -> None:
    before = purchases["date"].astype("datetime64[D]") < np.datetime64("2011-06-01")
    past = loyalty.signals(
        {name: values[before] for name, values in purchases.items()},
        as_of="2011-06-01",
        amount_decimals=3,
    )
    now = book.warn("2011-06-01")
    assert past.population_bound == now.population_bound
    for name in past.columns:
        np.testing.assert_array_equal(past[name], now[name])


def test_backtest(book: loyalty.SignalBook) -> None:
    days = ["2011-06-01", "2011-08-01"]
    results = book.backtest(days, horizon=90, share=0.2)
    assert [str(r.as_of) for r in results] == days
    for result in results:
        e = result.evaluation
        warnings = book.warn(result.as_of)
        assert e.customers == len(warnings)
        assert e.flagged == round(0.2 * e.customers)
        assert e.precision.value == e.flagged_lost / e.flagged
        assert e.precision.low < e.precision.value < e.precision.high
        assert e.lift.value == pytest.approx(e.precision.value * e.customers / e.lost)
        assert e.auc.low < e.auc.value < e.auc.high
        assert e.auc.value > 0.6
    with pytest.raises(ValueError, match="as_of: 2011-12-01; expected a day at least 90 days"):
        book.backtest(["2011-12-01"], horizon=90)


def test_levels_fall_step_by_step() -> None:
    book = loyalty.SignalBook()
    known = {"customer_id": ["a"], "open_complaints": [1.0]}
    first = book.warn("2024-01-01", known=known)
    assert first["warning"].tolist() == ["orange"]
    levels = []
    for day in ("2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"):
        first = book.warn(
            day,
            known={
                "customer_id": first["customer_id"],
                "level": first["level"],
                "evaluations_below": first["evaluations_below"],
            },
        )
        levels += first["warning"].tolist()
    assert levels == ["orange", "yellow", "yellow", "green"]


def test_what_is_known_besides_purchases() -> None:
    warnings = loyalty.SignalBook().warn(
        "2024-01-01",
        known={
            "customer_id": [1, 2, 3],
            "p_alive": np.array([0.5, 0.9, np.nan]),
            "p_alive_before": [0.9, 0.9, 0.9],
            "contract_end": np.array(["2024-01-20", "2024-06-01", "NaT"], dtype="datetime64[D]"),
            "score": [9.0, 6.0, 9.0],
            "score_before": [9.0, 9.0, 9.0],
        },
    )
    evidence = warnings.evidence
    assert evidence["customer_id"].tolist() == [1, 1, 2]
    assert evidence["signal"].tolist() == ["p_alive", "contract_end", "score"]
    assert evidence["value"].tolist() == [0.5, 19, 6]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loyalty.SignalRules(weights={"mood": 1}), "weights: 'mood'; expected one of"),
        (lambda: loyalty.SignalRules(cuts=[1, 2]), "cuts: 2 numbers; expected 3"),
        (
            lambda: loyalty.SignalBook().warn(rules=loyalty.SignalRules(quantile=2)),
            "quantile: 2; expected 0 to 1",
        ),
        (
            lambda: loyalty.SignalBook().warn(known={"customer_id": [1], "p_alive": [1.5]}),
            "p_alive: row 0 is 1.5; expected 0 to 1",
        ),
        (
            lambda: loyalty.SignalBook().warn(known={"customer_id": [1, 1]}),
            "customer_id: row 1 is 1 again; expected every customer once",
        ),
        (
            lambda: loyalty.evaluate_warnings({"risk": [1.0], "lost": [True]}, k=2),
            "k: 2; expected 1 to 1",
        ),
        (
            lambda: loyalty.evaluate_warnings({"risk": [np.nan], "lost": [True]}, k=1),
            "risk: row 0 is nan; expected a finite number",
        ),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
