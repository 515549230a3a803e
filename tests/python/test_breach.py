"""The risk of open cases to pass their limit, against counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from patron.complaints import breach_risk


def test_without_censoring_it_is_a_share_of_those_still_open() -> None:
    random = np.random.default_rng(1)
    times = random.integers(1, 200, 3_000).astype(float)
    history = {"time": times, "observed": np.ones(3_000, bool)}
    age = random.integers(0, 150, 200).astype(float)
    limit = age + random.integers(0, 60, 200)
    found = breach_risk(history, {"age": age, "limit": limit})
    for i in range(200):
        still_open = times > age[i]
        expected = np.mean(times[still_open] > limit[i])
        assert found["probability"][i] == pytest.approx(expected, rel=1e-12)
        assert found["at_risk"][i] == np.sum(times >= age[i])
    assert not found["late"].any()


def test_censored_cases_count_as_long_as_they_were_seen() -> None:
    # By hand: S(2) = 3/4, S(5) = 3/4 * 1/2.
    history = {"time": [2.0, 3.0, 5.0, 9.0], "observed": [1, 0, 1, 0]}
    found = breach_risk(history, {"age": [0.0, 2.0, 4.0], "limit": [5.0, 6.0, 4.0]}, least=1)
    np.testing.assert_allclose(found["probability"], [3 / 8, 1 / 2, 1.0])
    assert found["at_risk"].tolist() == [4, 4, 2]


def test_strata_and_too_few_cases() -> None:
    history = {
        "time": [1.0] * 20 + [10.0] * 20 + [5.0] * 3,
        "observed": [True] * 43,
        "stratum": ["quick"] * 20 + ["slow"] * 20 + ["rare"] * 3,
    }
    cases = {
        "age": [0.5, 0.5, 0.5, 0.5, 7.0],
        "limit": [4.0, 4.0, 4.0, 4.0, 4.0],
        "stratum": ["quick", "slow", "rare", "new", "new"],
    }
    found = breach_risk(history, cases, stratum="stratum")
    np.testing.assert_array_equal(found["probability"], [0.0, 1.0, np.nan, np.nan, 1.0])
    assert found["at_risk"].tolist() == [20, 20, 3, 0, 0]
    assert found["late"].tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("history", "cases", "message"),
    [
        ({"time": [], "observed": []}, {}, "time: 0 rows; expected at least 1"),
        ({"time": [1.0, -2.0]}, {}, "time: row 1 is -2; expected 0 or more"),
        ({"observed": [1, 3]}, {}, "observed"),
        ({}, {"age": [-1.0]}, "age: row 0 is -1; expected 0 or more"),
        ({}, {"limit": [float("nan")]}, "limit: row 0 is nan"),
    ],
)
def test_bad_input_is_named(history: dict[str, Any], cases: dict[str, Any], message: str) -> None:
    past = {"time": np.array([1.0, 2.0]), "observed": [1, 1], **history}
    if len(past["time"]) == 0:
        past = {"time": np.array([], float), "observed": np.array([], bool)}
    with pytest.raises(ValueError, match=message):
        breach_risk(past, {"age": [1.0], "limit": [2.0], **cases})
    with pytest.raises(ValueError, match="least: 0; expected 1 or more"):
        breach_risk({"time": [1.0], "observed": [1]}, {"age": [1.0], "limit": [2.0]}, least=0)
