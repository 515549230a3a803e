"""Keeping and winning back, work lists, referral, and what customers are worth in all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from patron import defaults, loyalty


def test_an_offer_above_the_cap_is_refused() -> None:
    decided = loyalty.save_offers(
        {
            "p_churn": [0.4, 0.4, 0.4],
            "save_rate": [0.25] * 3,
            "value": [1000.0, 1000.0, -50.0],
            "offer": [120.0, 100.0, 0.0],
        }
    )
    assert decided["cap"].tolist() == [100, 100, 0]
    assert decided["expected"].tolist() == [-20, 0, 0]
    assert decided["accepted"].tolist() == [False, True, False]


def test_retention_value_reacts_to_retention() -> None:
    elasticity = loyalty.retention_elasticity(0.8, 0.1)
    assert elasticity == pytest.approx(3.667, abs=5e-4)

    def worth(r: float) -> float:
        return r / (1.1 - r)

    step = 1e-6
    assert elasticity == pytest.approx((worth(0.8 * (1 + step)) / worth(0.8) - 1) / step, rel=1e-4)
    assert loyalty.second_lifetime_value(100, 0.8, 0.1) == pytest.approx(366.6666666667)
    assert loyalty.second_lifetime_value(100, 0.8, 0.1, 2) == pytest.approx(100 + 80 / 1.1)


def test_reasons_of_keaveney() -> None:
    reasons = loyalty.churn_reasons()
    assert reasons["share"].tolist() == [0.44, 0.34, 0.30, 0.21, 0.17, 0.10, 0.075, 0.06]
    assert reasons["reason"][~reasons["voluntary"]].tolist() == ["involuntary"]


def test_winning_back() -> None:
    lost = {
        "p_win": [0.4] * 4,
        "second_value": [500.0] * 4,
        "offer": [50.0] * 4,
        "contact_cost": [5.0] * 4,
        "days_since_loss": [0, 360, 0, 0],
        "reason": ["pricing", "pricing", "ethics", None],
    }
    valued = loyalty.win_back(lost)
    assert valued["value"].tolist() == pytest.approx([145, -5, 145, 145])
    assert valued["worth"].tolist() == [True, False, False, True]
    cured = loyalty.win_back(lost, by_reason={"ethics": 0.5}, curable=["ethics"])
    assert cured["worth"].tolist() == [False, False, True, True]
    assert cured["p_win"][2] == 0.2


def test_work_lists() -> None:
    lists = loyalty.work_lists(
        {
            "customer_id": ["a", "b", "c", "d", "e"],
            "loyalty": [0.9, 0.5, 0.7, np.nan, 0.6],
            "risk": [0.8, 0.1, 0.2, 0.9, 0.5],
            "value": [10, 50, 40, 50, 5],
            "satisfaction": [0.1, 0.4, 0.9, None, 0.5],
        }
    )

    def on(name: str) -> list[str]:
        customers: list[str] = lists["customer_id"][lists["list"] == name].tolist()
        return customers

    assert on("loyal") == ["a", "c", "e"]
    assert on("about_to_leave") == ["d", "a", "e"]
    assert on("high_value") == ["b", "d"]
    assert on("dissatisfied") == ["a", "b"]
    assert lists.overlap.tolist() == [[3, 2, 0, 1], [2, 3, 1, 1], [0, 1, 2, 1], [1, 1, 1, 2]]
    assert lists["lists"][0] == 0b1011


def test_referral_value_and_credit() -> None:
    valued = loyalty.referral_value(
        {
            "referrer": [7, 3, 7],
            "margin": [100.0, 100.0, 100.0],
            "referral_cost": [20.0] * 3,
            "marketing_cost": [10.0] * 3,
            "acquisition_saving": [30.0] * 3,
            "period": [1, 0, 1],
            "would_have_come": [False, False, True],
        },
        discount=0.25,
    )
    assert valued["customer_id"].tolist() == [3, 7]
    assert valued["value"].tolist() == [100, 80 + 24]
    assert valued["type_two"].tolist() == [0, 1]
    tree: dict[str, Any] = {
        "customer_id": [1, 2, 3, 4, 5],
        "referred_by": [None, 1, 2, 2, None],
        "value": [1.0, 10.0, 100.0, 1000.0, 7.0],
    }
    credit = loyalty.referral_credit(tree, weights=[1, 0.5])
    assert credit["credit"].tolist() == [560, 1100, 0, 0, 0]
    assert credit["depth"].tolist() == [0, 1, 2, 2, 0]


def test_worth_adds_up_and_rolls_up() -> None:
    worth = loyalty.customer_worth(
        {
            "customer_id": ["plant", "group", "office", "other"],
            "parent": ["office", None, "group", None],
            "purchase_value": [500.0, 100.0, 50.0, 10.0],
            "referral_value": [10.0, 0.0, 5.0, 0.0],
            "retention_value": [40.0, 0.0, 0.0, 1.0],
            "cost_to_serve": [130.0, 20.0, 80.0, 0.0],
        }
    )
    assert worth["worth"].tolist() == [420, 80, -25, 11]
    assert worth["account_worth"].tolist() == [420, 475, 395, 11]


def test_word_of_mouth_knows_the_named_defaults() -> None:
    balance = loyalty.word_of_mouth_balance
    told = defaults.get("wom_positive_good_service").value
    assert balance(good=100, bad=0, value=10.0) == pytest.approx(100 * told * 0.01 * 10)
    assert balance(good=1, bad=0, value=1.0, tell_good=1000, conversion_good=1) == 250
    assert balance(good=0, bad=2, value=5.0, tell_bad=10, loss_bad=0.1) == pytest.approx(-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: loyalty.save_offers(
                {"p_churn": [0.1, 1.4], "save_rate": [1, 1], "value": [1, 1], "offer": [0, 0]}
            ),
            "p_churn: row 1 is 1.4; expected 0 to 1",
        ),
        (lambda: loyalty.retention_elasticity(1.0, 0.0), "has a value without bound"),
        (
            lambda: loyalty.win_back({"p_win": [0.5], "second_value": [1], "reason": ["weather"]}),
            "reason: row 0 is 'weather'; expected one of the churn reasons",
        ),
        (
            lambda: loyalty.win_back({"p_win": [0.5], "second_value": [1]}, curable=["weather"]),
            "curable: 'weather'; expected one of core_service_failure",
        ),
        (
            lambda: loyalty.referral_credit(
                {"customer_id": [1, 2], "referred_by": [2, 1], "value": [1.0, 1.0]}
            ),
            "referred_by: row 0 is in a circle; expected nobody under oneself",
        ),
        (
            lambda: loyalty.referral_credit(
                {"customer_id": [1, 2], "referred_by": [1, None], "value": [1.0, 1.0]}
            ),
            "referred_by: row 0 is the customer itself; expected another customer",
        ),
        (
            lambda: loyalty.customer_worth({"customer_id": [1, 1]}),
            "customer_id: row 1 is 1 again; expected every customer once",
        ),
        (
            lambda: loyalty.customer_worth({"customer_id": [1, 2], "parent": [None, 3]}),
            "parent: row 1 is 3; expected a customer of these rows, or null",
        ),
        (
            lambda: loyalty.work_lists({"customer_id": [1], "risk": [np.inf]}),
            "risk: row 0 is inf; expected a finite number, or nan for unknown",
        ),
        (
            lambda: loyalty.word_of_mouth_balance(good=1, bad=1, value=1.0, loss_bad=2),
            "loss_bad: 2; expected 0 to 1",
        ),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_frames_in_which_few_were_referred_or_have_a_parent() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"customer_id": [1, 2, 3], "referred_by": [None, 1, 1], "value": [5.0, 7.0, 9.0]}
    )
    assert frame["referred_by"].dtype == float
    assert loyalty.referral_credit(frame)["credit"].tolist() == [16.0, 0.0, 0.0]
    accounts = pandas.DataFrame(
        {"customer_id": [1, 2], "parent": [None, 1], "purchase_value": [100.0, 500.0]}
    )
    assert loyalty.customer_worth(accounts)["account_worth"].tolist() == [600.0, 500.0]
