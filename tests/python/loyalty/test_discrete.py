"""Discrete time and accelerated failure against each other and by hand; satisfaction curves."""

from __future__ import annotations

import numpy as np
import pytest

import patron
from patron.errors import FailedPreconditionError
from patron.loyalty import AFT, Cox, DiscreteHazard, satisfaction_curve


def test_life_table_by_hand() -> None:
    table = {"duration": [1, 1, 2, 2, 3, 3], "event": [1, 0, 1, 0, 0, 0]}
    baseline = DiscreteHazard().fit(table).baseline_
    assert baseline["at_risk"].tolist() == [6, 4, 2]
    assert baseline["hazard"] == pytest.approx([1 / 6, 1 / 4, 0])
    assert baseline["survival"] == pytest.approx([5 / 6, 5 / 8, 5 / 8])


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_fit_is_a_root_of_the_score(link: str) -> None:
    rng = np.random.default_rng(4)
    n = 500
    x = rng.normal(size=(n, 2))
    time = np.ceil(rng.exponential(5 * np.exp(-0.6 * x[:, 0])))
    table = {
        "duration": np.minimum(time, 8),
        "event": time <= 8,
        "entry": rng.integers(0, 2, n) * (np.minimum(time, 8) > 1),
        "w": rng.uniform(0.5, 2, n),
        "a": x[:, 0],
        "b": x[:, 1],
    }
    model = DiscreteHazard(link=link).fit(  # type: ignore[arg-type]
        table, covariates=["a", "b"], entry="entry", weights="w"
    )
    coefficients = np.array(list(model.params_.values()))
    hazard = model.baseline_["hazard"]
    base = np.log(hazard / (1 - hazard)) if link == "logit" else np.log(-np.log1p(-hazard))
    score, value = np.zeros(2), 0.0
    for i in range(n):
        for period in range(int(table["entry"][i]), int(table["duration"][i])):
            eta = base[period] + x[i] @ coefficients
            left = table["event"][i] and period == table["duration"][i] - 1
            if link == "logit":
                h = 1 / (1 + np.exp(-eta))
                slope = left - h
            else:
                h = -np.expm1(-np.exp(eta))
                slope = np.exp(eta) * ((1 - h) / h if left else -1)
            value += table["w"][i] * (np.log(h) if left else np.log1p(-h))
            score += table["w"][i] * slope * x[i]
    assert score == pytest.approx([0, 0], abs=1e-6)
    assert model.log_likelihood_ == pytest.approx(value, rel=1e-10)


def test_complementary_log_log_is_near_cox_with_few_ties() -> None:
    rng = np.random.default_rng(8)
    n = 3000
    x = rng.normal(size=n)
    time = np.ceil(rng.exponential(60 * np.exp(-0.5 * x)))
    table = {"duration": np.minimum(time, 90), "event": time <= 90, "x": x}
    discrete = DiscreteHazard("cloglog").fit(table, covariates="x")
    cox = Cox().fit(table, covariates="x")
    assert discrete.params_["x"] == pytest.approx(cox.params_["x"], rel=1e-3)
    assert discrete.standard_errors_["x"] == pytest.approx(cox.standard_errors_["x"], rel=5e-3)


def test_predictions_multiply_the_hazards() -> None:
    table = {"duration": [1, 2, 3, 3, 2, 1], "event": [1, 1, 1, 0, 0, 0], "x": [1.0, 2, 1, 2, 1, 2]}
    model = DiscreteHazard().fit(table, covariates="x")
    one = {"x": [1.5], "stayed": [1]}
    survival = model.predict_survival(one, 3, elapsed="stayed")[0]
    assert survival[0] == pytest.approx(1 - model.predict(one, elapsed="stayed")[0])
    later = model.predict({"x": [1.5], "stayed": [2]}, elapsed="stayed")[0]
    assert survival[1] == pytest.approx(survival[0] * (1 - later))
    assert np.isnan(survival[2])
    assert "DiscreteHazard (logit): 6 rows, 3 events, 3 periods" in model.summary()


def test_bad_periods_are_named() -> None:
    with pytest.raises(ValueError, match=r"duration: row 1 is 1\.5; expected a whole number"):
        DiscreteHazard().fit({"duration": [1, 1.5], "event": [1, 1]})
    with pytest.raises(patron.ConvergenceError, match="x: its coefficient grows without bound"):
        DiscreteHazard().fit(
            {"duration": [1, 1, 1], "event": [0, 1, 1], "x": [0.0, 1, 1]}, covariates="x"
        )


@pytest.mark.parametrize("name", ["exponential", "weibull", "log-normal", "log-logistic"])
def test_accelerated_failure_finds_what_made_the_times(name: str) -> None:
    rng = np.random.default_rng(3)
    n = 4000
    x = rng.normal(size=n)
    w = {
        "exponential": lambda: np.log(rng.exponential(size=n)),
        "weibull": lambda: np.log(rng.exponential(size=n)),
        "log-normal": lambda: rng.normal(size=n),
        "log-logistic": lambda: rng.logistic(size=n),
    }[name]()
    scale = 1.0 if name == "exponential" else 0.5
    time = np.exp(2 + 0.4 * x + scale * w)
    end = rng.uniform(1, 30, n)
    table = {"duration": np.minimum(time, end), "event": time <= end, "x": x}
    aft = AFT(name).fit(table, covariates="x")  # type: ignore[arg-type]
    for parameter, truth in (("intercept", 2), ("x", 0.4)):
        error = aft.standard_errors_[parameter]
        assert abs(aft.params_[parameter] - truth) < 4 * error
    assert aft.scale_ == pytest.approx(scale, rel=0.06)
    some = {"x": [0.3], "stayed": [4.0]}
    median = aft.predict(some, elapsed="stayed")["median_remaining"][0]
    assert aft.predict_survival(some, median, elapsed="stayed")[0, 0] == pytest.approx(0.5)


def test_accelerated_failure_refuses_what_is_no_fit() -> None:
    with pytest.raises(ValueError, match="duration: row 0 is 0; expected a number above 0"):
        AFT().fit({"duration": [0.0, 1], "event": [1, 1]})
    with pytest.raises(patron.ConvergenceError, match="scale: it falls to 0"):
        AFT().fit({"duration": [2.0, 2, 2], "event": [1, 1, 1]})
    with pytest.raises(patron.ConvergenceError, match="event: none in 2 rows"):
        AFT().fit({"duration": [2.0, 2], "event": [0, 0]})


def test_satisfaction_curve_by_hand_and_in_boxes() -> None:
    curve = satisfaction_curve([1, 2, 3, 4, 5], [1, 3, 2, 5, 4])
    assert curve.terms["estimate"][:2] == pytest.approx([0.6, 0.8])
    assert curve.terms["std_err"][1] == pytest.approx(np.sqrt(3.6 / 3 / 10))
    assert curve.levels["isotonic"].tolist() == [1, 2.5, 2.5, 4.5, 4.5]
    bent = satisfaction_curve([1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3, 0.4, 2.4, 4.4])
    assert bent.knot == 4
    assert bent.hinge_share == pytest.approx(1)
    boxes = satisfaction_curve(np.repeat([1, 2, 3], 20), np.tile([1] * 5 + [0] * 15, 3))
    assert boxes.levels["loyalty"] == pytest.approx([0.25] * 3)
    assert boxes.boxes["share"][:2] == pytest.approx([1 / 3, 2 / 3])
    # Of 5 and 10 of 20 and 40: Newcombe's method 10 from Wilson's limits.
    z = 1.959963984540054
    low, high = (
        [
            (0.25 + z * z / (2 * n) + side * z * np.sqrt(0.1875 / n + z * z / (4 * n * n)))
            / (1 + z * z / n)
            for n in (20, 40)
        ]
        for side in (-1, 1)
    )
    assert boxes.boxes["lower"][:2] == pytest.approx(low)
    assert boxes.boxes["lower"][2] == pytest.approx(-np.hypot(0.25 - low[0], high[1] - 0.25))
    assert boxes.boxes["upper"][2] == pytest.approx(np.hypot(high[0] - 0.25, 0.25 - low[1]))
    slopes = bent.levels
    assert slopes["quadratic_slope_upper"] - slopes["quadratic_slope"] == pytest.approx(
        z * slopes["quadratic_slope_std_err"]
    )
    given = satisfaction_curve([1, 2, 3, 4, 5], [1, 3, 2, 5, 4], [1, 1, 1, 1, 2], top=2).boxes
    assert given["rows"].tolist() == [4, 1, 5]
    assert given["loyalty"].tolist() == pytest.approx([18 / 5, 1, 13 / 5])
    with pytest.raises(ValueError, match=r"^top: 1; expected a number above 1, up to 5: a box on"):
        satisfaction_curve([1, 2, 3, 4, 5], [1, 3, 2, 5, 4], top=1)
    with pytest.raises(FailedPreconditionError, match="satisfaction: 2 different values"):
        satisfaction_curve([1, 1, 2, 2, 2], [1, 2, 3, 4, 5])
