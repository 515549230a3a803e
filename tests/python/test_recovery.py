"""Priority, causes, costs, return, the complaint pyramid and market damage."""

import math

import numpy as np
import pytest

from patron.complaints import (
    case_costs,
    causes,
    complaint_pyramid,
    habitual_complainers,
    market_damage,
    priority,
    propose_compensation,
    pyramid_conversion,
    rank_causes,
    recovery_value,
    return_on_handling,
    return_rates,
    systemic_causes,
    voice_rates,
)

KNOWN = {
    "problem_rate": 0.3,
    "satisfied": 0.4,
    "mollified": 0.3,
    "loyalty_none": 0.9,
    "loyalty": {"satisfied": 0.85, "mollified": 0.7, "dissatisfied": 0.45, "silent": 0.6},
}


def test_priority_explains_itself():
    scores = priority(
        [2, 3, 4], value=[0.5, 1, 0], media=[0, 0.5, 0], repeats=[0, 2, 0], age=[0.5, 3, 0]
    )
    parts = sum(scores[name] for name in ("severity", "value", "media", "repeat", "age"))
    assert scores["score"][:2] == pytest.approx(parts[:2])
    assert scores["overridden"].tolist() == [False, False, True]
    assert scores["score"][1] == pytest.approx(80 / 3 + 20 + 10 + 10 * (1 - math.exp(-1)) + 10)


def test_priority_does_not_look_at_the_customer_when_told_not_to():
    scores = priority([2, 2], value=[0, 1], weights={"value": 0})["score"]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0],), "severity: row 0 is 0; expected 1 to 4"),
        (([1], [1.5]), "value: row 0 is 1.5; expected 0 to 1"),
    ],
)
def test_priority_refuses(arguments, message):
    severity, *value = arguments
    with pytest.raises(ValueError, match=message):
        priority(severity, value=value[0] if value else None)


def test_priority_refuses_weights():
    with pytest.raises(ValueError, match="'worth'"):
        priority([1], weights={"worth": 1})
    with pytest.raises(ValueError, match="severity: -1"):
        priority([1], weights={"severity": -1})


def test_causes_of_the_first_level():
    assert len(causes()) == 12


def test_rank_causes_like_a_counter():
    rng = np.random.default_rng(5)
    codes = rng.choice(["a.x", "a.y", "b", "c.z"], 500, p=[0.1, 0.2, 0.3, 0.4])
    cost = rng.integers(1, 100, 500).astype(float)
    ranked = rank_causes(codes.tolist(), cost=cost, by="cost")
    expected = sorted(
        ((-cost[codes == code].sum(), code) for code in np.unique(codes)),
    )
    assert ranked["cause"].tolist() == [str(code) for _, code in expected]
    assert ranked["cost"] == pytest.approx([-total for total, _ in expected])
    head = int(np.searchsorted(ranked["cumulative"], 0.8)) + 1
    assert ranked["vital"].sum() == head
    with pytest.raises(ValueError, match="cost"):
        rank_causes(["a"], by="cost")


def test_systemic_causes_do_not_mind_the_order():
    days = [f"2024-05-{day:02}" for day in (1, 2, 3, 20, 21, 30)]
    found = systemic_causes(["x"] * 6, days, cases=3, window_days=5)
    other = systemic_causes(["x"] * 6, days[::-1], cases=3, window_days=5)
    assert found["first"].tolist() == other["first"].tolist()
    assert found["cases"].tolist() == [3]


def test_habitual_complainers():
    rng = np.random.default_rng(3)
    complaints = rng.poisson(1.0, 1000)
    found = habitual_complainers(
        [*complaints, 25], [10.0] * 1001, [*(complaints // 2), 0], alpha=0.001
    )
    assert np.flatnonzero(found["flagged"]).tolist() == [1000]
    assert found.rate == pytest.approx((complaints.sum() + 25) / 10010)


def test_costs_and_offers():
    costs = case_costs([10, 20], 1.5, fines=[100, 0])
    assert costs["cost"].tolist() == [115, 30]
    offers = propose_compensation([10], [4], tier=[2], goodwill=[[0, 0, 0]] * 3 + [[1, 2, 3]])
    assert offers["proposed"].tolist() == [13]
    with pytest.raises(ValueError, match="goodwill"):
        propose_compensation([10], [4], tier=[0], goodwill=[[1]])
    with pytest.raises(ValueError, match="tier: row 0 is 1; expected 0 to 0"):
        propose_compensation([10], [4], tier=[1], goodwill=[[1]] * 4)


def test_return_rates_follow_own_cases():
    prior = return_rates()
    assert prior["rate"] == pytest.approx(prior["prior"])
    cases = {"handling": ["silent"] * 980, "minor": [False] * 980, "returned": [False] * 980}
    own = return_rates(cases)
    assert own["rate"][0] == pytest.approx(0.09 * 20 / 1000)
    assert own["lower"][0] < own["rate"][0] < own["upper"][0] < 0.01
    assert recovery_value(0.82, 0.19, 100, 3) == pytest.approx(60)


def test_pyramid():
    assert complaint_pyramid(1, "tarp").multiplier == pytest.approx(27)
    assert complaint_pyramid(1, "british_airways").multiplier == pytest.approx(12.5)
    assert complaint_pyramid(1, "british_airways_front_line").multiplier == pytest.approx(
        3.23, abs=0.005
    )
    low, high = complaint_pyramid(40, 0.04).problems_interval
    assert 700 < low < 1000 < high < 1400
    assert len(voice_rates()) == 4
    with pytest.raises(ValueError, match="rate"):
        complaint_pyramid(1)
    with pytest.raises(ValueError, match="'none'"):
        complaint_pyramid(1, "none")
    with pytest.raises(ValueError, match="counts: row 1 is 3"):
        pyramid_conversion([2, 3])


def test_market_damage_vectors():
    a = market_damage(10_000, 500, voice_rate=0.25, **KNOWN)
    b = market_damage(10_000, 500, voice_rate=0.35, **KNOWN)
    c = market_damage(10_000, 500, voice_rate=0.25, **{**KNOWN, "satisfied": 0.6, "mollified": 0.2})
    assert (a.lost, a.at_risk) == pytest.approx((836.25, 418_125))
    assert (b.lost, b.at_risk) == pytest.approx((810.75, 405_375))
    assert (c.lost, c.at_risk) == pytest.approx((795, 397_500))
    assert return_on_handling(a, c, 1_000).gain == pytest.approx(20_625)
    assert a.lower is None


def test_market_damage_bounds():
    found = market_damage(10_000, 500, voice_rate=(0.25, 400), **KNOWN)
    assert found.lower.lost < found.lost < found.upper.lost
    again = market_damage(10_000, 500, voice_rate=(0.25, 400), **KNOWN)
    assert again == found
    with pytest.raises(ValueError, match="silent"):
        market_damage(1, 1, voice_rate=0.1, **{**KNOWN, "loyalty": {"satisfied": 1}})


def test_the_recovery_paradox_is_doubted():
    loyalty = {**KNOWN["loyalty"], "satisfied": (0.95, 40)}
    with pytest.warns(UserWarning, match="more loyal|repurchase"):
        market_damage(1_000, 10, voice_rate=0.25, **{**KNOWN, "loyalty": loyalty})


def test_goodwill_without_tiers() -> None:
    found = propose_compensation([80, 80], [2, 3], goodwill=[[0], [5], [20], [50]])
    assert found["wanted"].tolist() == [85.0, 100.0]
    with pytest.raises(ValueError, match="column 'tier' is missing"):
        propose_compensation([80], [2], goodwill=[[0, 1], [5, 6], [20, 21], [50, 51]])
