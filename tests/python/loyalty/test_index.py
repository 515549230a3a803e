"""Loyalty index, classes and figures, against the reference and by hand."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from patron.errors import DataLossError
from patron.loyalty import (
    Component,
    LoyaltyIndex,
    classify,
    net_promoter_score,
    repurchase_rate,
    score_change,
    wallet_allocation,
)

ANSWERS = np.repeat(np.arange(11), [3, 1, 2, 4, 5, 12, 18, 40, 65, 55, 45])


def test_composite_of_the_reference() -> None:
    components = {
        "repeat": 0.25,
        "tenure": 0.15,
        "share_of_wallet": 0.20,
        "cross_buying": 0.10,
        "attitude": 0.20,
        "referral": 0.10,
    }
    customer = {
        "repeat": [0.8],
        "tenure": [0.5],
        "share_of_wallet": [0.3],
        "cross_buying": [0.4],
        "attitude": [0.9],
        "referral": [0.0],
    }
    index = LoyaltyIndex(components).fit(customer)
    scores = index.score(customer | {"share_of_wallet": [np.nan]})
    assert scores["index"][0] == pytest.approx(61.875)
    assert scores["coverage"][0] == pytest.approx(0.8)
    given = np.array([scores[name][0] for name in components])
    assert np.nansum(given) == pytest.approx(61.875)


def test_scores_do_not_drift_and_bytes_come_back() -> None:
    rng = np.random.default_rng(1)
    data = {"a": rng.normal(5, 2, 3000), "b": rng.exponential(3, 3000), "c": rng.normal(size=3000)}
    index = LoyaltyIndex(
        {
            "a": Component(2, "normal"),
            "b": Component(1, "winsorized"),
            "c": Component(1, "rank"),
        }
    ).fit(data)
    alone = {name: values[:10] for name, values in data.items()}
    np.testing.assert_array_equal(index.score(alone)["index"], index.score(data)["index"][:10])
    low, high = np.quantile(data["b"], [0.05, 0.95])
    assert index.components_["low"][1] == pytest.approx(low)
    assert index.components_["high"][1] == pytest.approx(high)
    ranks = np.argsort(np.argsort(data["c"])) + 0.5
    assert index.score(data)["c"] == pytest.approx(25 * ranks / 3000, abs=0.05)
    again = LoyaltyIndex.from_bytes(index.to_bytes())
    assert again.to_bytes() == index.to_bytes() == pickle.loads(pickle.dumps(index)).to_bytes()
    np.testing.assert_array_equal(again.score(data)["index"], index.score(data)["index"])
    with pytest.raises(DataLossError):
        LoyaltyIndex.from_bytes(index.to_bytes()[:-1])


def test_coverage_below_the_least_is_refused() -> None:
    customers = {"a": [0.5, 0.5, None], "b": [1.0, None, 1.0]}
    index = LoyaltyIndex({"a": 0.6, "b": 0.4}).fit(customers)
    scores = index.score(customers)
    assert scores["index"][:2] == pytest.approx([70, 50])
    assert np.isnan(scores["index"][2])
    assert scores["coverage"] == pytest.approx([1, 0.6, 0.4])
    mean = index.mean_interval(customers)
    assert (mean.customers, mean.refused) == (2, 1)
    assert mean.mean == pytest.approx(60)
    assert mean.lower == pytest.approx(50)


def test_a_component_known_of_nobody_lowers_the_coverage_alone() -> None:
    # Weights .25 .15 .20 .10 .20 .10, share of wallet unknown: 61.875, by hand.
    weights = {
        "repeat": 0.25,
        "tenure": 0.15,
        "wallet": 0.20,
        "cross_buying": 0.10,
        "attitude": 0.20,
        "referral": 0.10,
    }
    one = dict(zip(weights, ([0.8], [0.5], [None], [0.4], [0.9], [0.0]), strict=True))
    index = LoyaltyIndex(weights).fit(one)
    assert index.score(one)["index"] == pytest.approx([61.875], rel=1e-12)
    assert index.score(one)["coverage"] == pytest.approx([0.8])
    assert np.isnan(LoyaltyIndex(weights, least_coverage=0.9).fit(one).score(one)["index"]).all()


def test_bad_components_are_named() -> None:
    with pytest.raises(ValueError, match="a: known of none of 2 rows"):
        LoyaltyIndex({"a": Component(1, "normal")}).fit({"a": [np.nan, np.nan]})
    with pytest.raises(ValueError, match="a: 3 wherever it is known"):
        LoyaltyIndex({"a": Component(1, "rank")}).fit({"a": [3.0, 3.0]})
    with pytest.raises(ValueError, match="a: weight -1; expected a finite number above 0"):
        LoyaltyIndex({"a": -1.0}).fit({"a": [1.0]})
    with pytest.raises(ValueError, match="a: bounds 2 and 2"):
        LoyaltyIndex({"a": Component(1, low=2, high=2)}).fit({"a": [1.0]})
    with pytest.raises(ValueError, match="a: normalize 'log'"):
        LoyaltyIndex({"a": Component(1, "log")}).fit({"a": [1.0]})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a: row 1 is inf"):
        LoyaltyIndex({"a": 1.0}).fit({"a": [1.0, np.inf]})


def test_textbook_rule_turns_at_three_repeats() -> None:
    table = {"repeats": [3, 2], "attitude": [0.8, 0.8]}
    found = classify(table, "textbook")
    assert found["class"].tolist() == ["loyal", "not loyal"]
    assert found.counts == {"loyal": 1, "not loyal": 1, "undetermined": 0}
    assert classify(table, "textbook", repeats=2)["class"].tolist() == ["loyal", "loyal"]
    assert classify(table, "potential")["class"].tolist() == ["loyal", "potentially loyal"]


def test_missing_attitude_of_all_is_undetermined_or_decided_by_the_rest() -> None:
    table = {"repeats": [5, 1], "attitude": np.array([np.nan, np.nan])}
    found = classify(table, "textbook")
    assert found["class"].tolist() == ["undetermined", "not loyal"]
    assert found["reason"][0] == "repeats at least 3, attitude is not known"
    with pytest.raises(ValueError, match="attitude: known of none"):
        classify({"attitude": [np.nan], "patronage": [1.0]}, "dick-basu", cut="median")


def test_classes_by_other_columns_and_flags() -> None:
    table: dict[str, Any] = {"csat": [2, 2], "loyalty": [2, 2], "contract": [True, False]}
    found = classify(table, "jones-sasser", columns={"satisfaction": "csat", "bound": "contract"})
    assert found["class"].tolist() == ["hostage", "defector"]
    assert found["reason"][0] == "satisfaction below 4, loyalty below 4, bound"
    free = classify(table, "jones-sasser", columns={"satisfaction": "csat"})
    assert free["class"].tolist() == ["defector", "defector"]
    with pytest.raises(ValueError, match="csat: row 0 is 9; expected 1 to 5"):
        classify(table | {"csat": [9, 2]}, "jones-sasser", columns={"satisfaction": "csat"})
    with pytest.raises(ValueError, match="scheme: 'grid'"):
        classify(table, "grid")  # type: ignore[arg-type]


def test_net_promoter_scores_of_the_reference() -> None:
    wald = net_promoter_score(ANSWERS)
    assert wald.score == pytest.approx(22.0)
    assert wald.std_err == pytest.approx(4.611290, abs=5e-7)
    assert (wald.lower, wald.upper) == pytest.approx((12.962, 31.038), abs=5e-4)
    adjusted = net_promoter_score(ANSWERS, interval="adjusted-wald")
    assert adjusted.score == pytest.approx(21.739130, abs=5e-7)
    assert adjusted.std_err == pytest.approx(4.584699, abs=5e-7)
    assert (adjusted.lower, adjusted.upper) == pytest.approx((12.753, 30.725), abs=5e-4)
    drawn = net_promoter_score(ANSWERS, interval="bootstrap", replicates=20_000)
    assert drawn.std_err == pytest.approx(wald.std_err, rel=0.03)


def test_weights_and_waves() -> None:
    found = net_promoter_score([10, 0, 8], [2, 1, 1])
    assert found.score == 25
    assert found.effective == pytest.approx(16 / 6)
    change = score_change(net_promoter_score(ANSWERS), found)
    assert change.change == pytest.approx(3)
    assert change.std_err == pytest.approx(np.hypot(4.611290, found.std_err))
    with pytest.raises(
        ValueError, match="answer: row 1 is 11; expected a whole number from 0 to 10"
    ):
        net_promoter_score([1, 11])
    with pytest.raises(ValueError, match="weight: row 0 is 0"):
        net_promoter_score([1], [0])


def test_repurchase_and_wallet() -> None:
    purchases = np.repeat([1, 2, 4], [1493, 1343, 1502])
    rate = repurchase_rate(purchases)
    assert rate.rate == pytest.approx(0.6558, abs=5e-5)
    assert (rate.lower, rate.upper) == pytest.approx((0.6416, 0.6698), abs=5e-5)
    assert repurchase_rate(purchases, at_least=4).rate == pytest.approx(0.3462, abs=5e-5)
    assert wallet_allocation([1, 1.5, 2, 1, 3, 1], [2, 2, 2, 3, 3, 1]) == pytest.approx(
        [2 / 3, 1 / 2, 1 / 3, 1 / 2, 1 / 6, 1]
    )
    with pytest.raises(ValueError, match="rank: row 1 is 4; expected 1 to 3"):
        wallet_allocation([1, 4], [3, 3])
