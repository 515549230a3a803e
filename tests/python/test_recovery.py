"""Priority, causes, market damage and return of complaints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import patron
from patron.complaints import iceberg, market_damage, pareto, priority, return_rates

RATES: dict[str, float] = {
    "problem_rate": 0.3,
    "voice_rate": 0.25,
    "satisfied": 0.4,
    "mollified": 0.3,
    "loyal": 0.9,
    "loyal_satisfied": 0.85,
    "loyal_mollified": 0.7,
    "loyal_dissatisfied": 0.45,
    "loyal_silent": 0.6,
    "value": 500,
}


def test_priority_is_the_sum_of_its_parts() -> None:
    cases = {
        "severity": [0, 2, 3, 4, 1],
        "media": [0, 1, 0, 0, 2],
        "tier": [0.0, 0.5, 1.0, 0.0, 0.0],
        "repeats": [0, 2, 0, 0, 0],
        "age": [0.0, 0.25, 3.0, 0.0, 0.0],
    }
    found = priority(cases, tier="tier", repeats="repeats", age="age")["priority"]
    expected = [0, 40 / 3 + 10 + 10 + 10 * (1 - math.exp(-1)) + 2.5, 80 / 3 + 20 + 10, 100, 100]
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    # Without the tier all customers are treated alike.
    assert priority(cases)["priority"][2] == pytest.approx(80 / 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"severity": [1, 7]}, "severity: row 1 is 7; expected 0 to 4"),
        ({"media": [3, 0]}, "media: row 0 is 3; expected 0 to 2"),
        ({"tier": [0.5, 1.5]}, "tier: row 1 is 1.5; expected 0 to 1"),
        ({"age": [-1.0, 0.0]}, "age: row 0 is -1; expected a finite number of 0 or more"),
        ({"severity": [1, None]}, "severity"),
    ],
)
def test_priority_names_what_is_out_of_range(change: dict[str, Any], message: str) -> None:
    cases = {"severity": [1, 2], "media": [0, 0], "tier": [0.0, 0.0], "age": [0.0, 0.0], **change}
    with pytest.raises(ValueError, match=message):
        priority(cases, tier="tier", age="age")


def test_pareto_by_count_severity_and_cost() -> None:
    cases = {
        "cause": ["late", "rude", "late", "price", "late", "rude"],
        "severity": [1, 3, 1, 2, 1, 3],
        "cost": [10.0, 0.0, 10.0, 500.0, 10.0, 0.0],
    }
    by_count = pareto(cases)
    assert by_count["cause"].tolist() == ["late", "rude", "price"]
    assert by_count["cases"].tolist() == [3, 2, 1]
    np.testing.assert_allclose(by_count["cumulative"], [0.5, 5 / 6, 1])
    assert by_count["vital"].tolist() == [True, True, False]
    by_severity = pareto(cases, by="severity")
    assert by_severity["cause"].tolist() == ["rude", "late", "price"]
    assert by_severity["weight"].tolist() == [6, 3, 2]
    by_cost = pareto(cases, by="cost")
    assert by_cost["cause"].tolist() == ["price", "late", "rude"]
    assert by_cost["vital"].tolist() == [True, False, False]
    # Equal ones by id; exactly the share is enough.
    ties = pareto({"cause": [3, 1, 2, 4, 5]})
    assert ties["cause"].tolist() == [1, 2, 3, 4, 5]
    assert ties["vital"].tolist() == [True] * 4 + [False]
    assert len(pareto({"cause": np.array([], dtype=np.int64)})) == 0
    with pytest.raises(ValueError, match="cost: row 0 is -1; expected 0 or more"):
        pareto({"cause": [1], "cost": [-1.0]}, by="cost")
    with pytest.raises(ValueError, match=r"share: 1.5; expected above 0, at most 1"):
        pareto(cases, share=1.5)
    with pytest.raises(ValueError, match="by: 'luck'"):
        pareto(cases, by="luck")  # type: ignore[arg-type]


def test_iceberg() -> None:
    found = iceberg(50, survey=(120, 400))
    assert found.share_interval == pytest.approx((0.257, 0.347), abs=5e-4)
    assert found.multiplier_interval == pytest.approx((2.885, 3.889), abs=5e-4)
    assert found.problems == pytest.approx(50 / 0.3)
    assert iceberg(1, 1 / 27).multiplier == pytest.approx(27)
    assert iceberg(1, [0.5, 0.5, 0.16]).multiplier == pytest.approx(25)
    assert iceberg(1, 0.04).multiplier_interval == (25, 25)
    for bad in (
        {"share": 0.0},
        {"share": 1.5},
        {"survey": (0, 10)},
        {"survey": (11, 10)},
        {},
        {"survey": (0, 0)},
    ):
        with pytest.raises(ValueError, match="expected"):
            iceberg(1, **bad)  # type: ignore[arg-type]


def test_market_damage_of_the_three_vectors() -> None:
    before = market_damage(10_000, **RATES)
    assert before.lost == pytest.approx(836.25)
    assert before.at_risk == pytest.approx(418_125)
    more_voices = market_damage(10_000, **{**RATES, "voice_rate": 0.35})
    assert more_voices.lost == pytest.approx(810.75)
    assert before.at_risk - more_voices.at_risk == pytest.approx(12_750)
    assert more_voices.gain_over(before, 10_000) == pytest.approx(0.275)
    better = market_damage(10_000, **{**RATES, "satisfied": 0.6, "mollified": 0.2})
    assert before.at_risk - better.at_risk == pytest.approx(20_625)
    parts = before[2:]
    assert sum(parts) == pytest.approx(before.lost)
    with pytest.raises(ValueError, match=r"mollified: 0.9; expected with satisfied together"):
        market_damage(10_000, **{**RATES, "mollified": 0.9})
    with pytest.raises(ValueError, match="voice_rate: 2; expected 0 to 1"):
        market_damage(10_000, **{**RATES, "voice_rate": 2})


def test_own_cases_update_the_rates_of_return() -> None:
    own = {
        "outcome": ["resolved"] * 100 + ["silent"],
        "loss": ["major"] * 100 + ["minor"],
        "returned": [True] * 90 + [False] * 11,
    }
    found = return_rates(own)
    row = 5
    assert (found["outcome"][row], found["loss"][row]) == ("resolved", "major")
    assert found["prior"][row] == 0.54
    assert (found["cases"][row], found["returned"][row]) == (100, 90)
    assert found["mean"][row] == pytest.approx((20 * 0.54 + 90) / 120)
    assert found["low"][row] < found["mean"][row] < found["high"][row]
    assert found["mean"][0] == pytest.approx(20 * 0.37 / 21)
    # Beta(10.8, 9.2): the share of draws inside the interval.
    low, high = return_rates()["low"][row], return_rates()["high"][row]
    draws = np.random.default_rng(1).beta(10.8, 9.2, 400_000)
    assert np.mean((draws > low) & (draws < high)) == pytest.approx(0.95, abs=2e-3)
    assert np.mean(draws <= low) == pytest.approx(0.025, abs=1e-3)
    with pytest.raises(ValueError, match="outcome: row 0 is 'lost'; expected silent, unresolved"):
        return_rates({"outcome": ["lost"], "loss": ["minor"], "returned": [True]})
    with pytest.raises(ValueError, match="weight: 0"):
        return_rates(weight=0)
    saved = patron.defaults.get("return_rate_resolved.major").value
    try:
        patron.defaults.set("return_rate_resolved.major", 0.6)
        assert return_rates()["prior"][row] == 0.6
    finally:
        patron.defaults.set("return_rate_resolved.major", saved)
