"""Reference numbers of the CDNOW data (reference.json and the published summary)."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import lgamma, log, log1p
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron import value

Columns = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def scores(cdnow: Columns) -> value.RfmScores:
    return value.rfm(cdnow, as_of="1998-07-01", method="rpkg")


@pytest.fixture(scope="module")
def scores_of_doubles(cdnow: Columns, scores: value.RfmScores) -> value.RfmScores:
    """Score sums that are added as doubles, row by row, as the reference run added them."""
    total: dict[int, float] = {}
    pairs = zip(cdnow["customer_id"].tolist(), cdnow["amount"].tolist(), strict=True)
    for customer, amount in pairs:
        total[customer] = total.get(customer, 0.0) + amount
    measures = {name: scores[name] for name in ("customer_id", "recency", "frequency")}
    measures["monetary"] = np.array([total[i] for i in scores["customer_id"].tolist()])
    return value.score_rfm(measures, method="rpkg")


def test_rfm_as_the_r_package(
    scores_of_doubles: value.RfmScores, reference: Callable[[str], Any]
) -> None:
    expected = reference("cdnow")
    scores = scores_of_doubles
    assert len(scores) == expected["customers"]
    assert scores["monetary"].sum() == pytest.approx(expected["dollars"], rel=1e-12)
    for name, cuts in expected["cuts"].items():
        # An empty bin has two equal cuts, which `cuts` shows once.
        np.testing.assert_allclose(scores.cuts[name], np.unique(cuts), rtol=1e-9)
        assert scores.counts[name].tolist() == expected[name[0].upper()]
    assert scores["rfm"].sum() == expected["sum_rfm_score"]
    assert scores.empty_bins["frequency"] == [2]
    orders = np.bincount(np.minimum(scores["frequency"], 8), minlength=9)[1:]
    assert orders.tolist() == expected["orders_per_customer_counts_1_to_7_8plus"]

    totals = value.segments(scores, "a").to_dict()
    columns = [totals[name] for name in ("segment", "customers", "orders", "value")]
    for name, customers, segment_orders, amount in zip(*columns, strict=True):
        row = expected["segments_A"][name]
        assert (customers, segment_orders) == (row["customers"], row["orders"])
        assert amount == pytest.approx(row["revenue"], rel=1e-9)


def test_exact_money_moves_the_one_customer_that_doubles_misplace(
    scores: value.RfmScores, scores_of_doubles: value.RfmScores, reference: Callable[[str], Any]
) -> None:
    # 15.36 + 16.99 of customer 502 is 32.349999999999994 in doubles, just below the cut 32.35.
    moved = scores["rfm"] != scores_of_doubles["rfm"]
    assert scores["customer_id"][moved].tolist() == [502]
    expected = reference("cdnow")["M"]
    expected[1] -= 1
    expected[2] += 1
    assert scores.counts["monetary"].tolist() == expected


def test_concentration(cdnow: Columns, reference: Callable[[str], Any]) -> None:
    expected = reference("cdnow")
    measured = value.concentration(value.rfm(cdnow)["monetary"])
    assert measured.gini_biased == pytest.approx(expected["gini_biased"], rel=1e-9)
    assert measured.gini == pytest.approx(expected["gini_unbiased"], rel=1e-9)


def test_the_published_summary(
    cdnow_sample: Columns, reference_folder: Callable[[str], Path]
) -> None:
    path = reference_folder("cdnow") / "summary_sample_rounded.csv"
    published = np.genfromtxt(path, delimiter=",", names=True)
    summary = value.summarize(
        cdnow_sample, unit="week", observation_end="1997-09-30", calibration_end=None
    )
    assert summary["customer_id"].tolist() == published["customer_id"].astype(int).tolist()
    assert summary["frequency"].tolist() == published["x"].astype(int).tolist()
    # Published to two decimals.
    np.testing.assert_allclose(summary["recency"], published["t_x"], atol=0.0050001)
    np.testing.assert_allclose(summary["T"], published["T"], atol=0.0050001)
    np.testing.assert_allclose(
        summary["monetary_value"], published["mean_repeat_amount"], atol=0.0050001
    )
    assert (summary["frequency"] > 0).sum() == 946
    assert summary["T"].max() * 7 == pytest.approx(272, abs=1e-9)  # Days from the first of January.


def bgnbd_log_likelihood(summary: value.Summary, params: list[float]) -> float:
    """Fader, Hardie and Lee (2005), equation 6, over exact fractions of a week."""
    r, alpha, a, b = params
    total = 0.0
    columns = [summary[name].tolist() for name in ("frequency", "recency", "T")]
    for x, t_x, t in zip(*columns, strict=True):
        first = lgamma(r + x) - lgamma(r) + r * log(alpha)
        second = lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
        third = -(r + x) * log(alpha + t)
        if x > 0:
            fourth = log(a) - log(b + x - 1) - (r + x) * log(alpha + t_x)
            high, low = max(third, fourth), min(third, fourth)
            third = high + log1p(np.exp(low - high))
        total += first + second + third
    return total


@pytest.mark.parametrize(
    ("data", "key"),
    [("cdnow_sample", "cdnow10_exactdays/7/bgnbd"), ("cdnow", "cdnow_full_exactdays/7/bgnbd")],
)
def test_the_summary_has_the_published_likelihood(
    request: pytest.FixtureRequest,
    reference_folder: Callable[[str], Path],
    data: str,
    key: str,
) -> None:
    text = (reference_folder("cdnow") / "btyd_reference.json").read_text(encoding="utf-8")
    expected = json.loads(text)["newton"][key]
    columns = request.getfixturevalue(data)
    summary = value.summarize(columns, unit="week", observation_end="1997-09-30")
    assert bgnbd_log_likelihood(summary, expected["params"]) == pytest.approx(
        expected["ll"], rel=1e-9
    )


def test_holdout_is_the_purchases_after_the_calibration(cdnow_sample: Columns) -> None:
    split = value.summarize(
        cdnow_sample,
        unit="week",
        calibration_end="1997-09-30",
        observation_end="1998-06-30",
    )
    calibration = value.summarize(cdnow_sample, unit="week", observation_end="1997-09-30")
    for name in ("customer_id", "frequency", "recency", "T", "monetary_value"):
        np.testing.assert_array_equal(split[name], calibration[name])
    assert np.unique(split["duration_holdout"]).tolist() == [39.0]
    late = cdnow_sample["date"] > np.datetime64("1997-09-30")
    days = np.unique(
        np.stack(
            [
                cdnow_sample["customer_id"][late],
                cdnow_sample["date"][late].astype("int64"),
            ]
        ),
        axis=1,
    )
    counted = np.bincount(days[0], minlength=2358)[1:]
    assert split["frequency_holdout"].tolist() == counted.tolist()
