"""Standard errors and intervals of predicted survival: by hand, by their definition, by simulation."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from patron import errors
from patron.loyalty import Cox, KaplanMeier

# Six rows whose risk sets can be written down: with r = exp(coefficient), three rows of r and three of
# 1 are at risk at 1, one of r and three of 1 at 6 (two leave), one of 1 at 9.
SIX = {
    "time": [1.0, 1, 6, 6, 8, 9],
    "status": [1, 0, 1, 1, 0, 1],
    "x": [1.0, 1, 1, 0, 0, 0],
}
NAMES: dict[str, Any] = {"duration": "time", "event": "status"}


def by_hand(ties: str, r: float, x: float) -> tuple[list[float], list[float]]:
    """Survival and the variance of its logarithm at 1, 6 and 9."""
    if ties == "breslow":
        steps = [[(1, 1 / (3 * r + 3), r / (r + 1))], [(2, 1 / (r + 3), r / (r + 3))], [(1, 1, 0)]]
        information = r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2
    else:
        # Of the two who leave at 6, half of both is gone when the second leaves.
        steps = [
            [(1, 1 / (3 * r + 3), r / (r + 1))],
            [(1, 1 / (r + 3), r / (r + 3)), (1, 2 / (r + 5), r / (r + 5))],
            [(1, 1, 0)],
        ]
        information = r / (r + 1) ** 2 + 3 * r / (r + 3) ** 2 + 5 * r / (r + 5) ** 2
    hazard = of_events = apart = 0.0
    survival, variance = [], []
    for step in steps:
        for events, inverse, mean in step:
            hazard += events * inverse
            of_events += events * inverse**2
            apart += (x - mean) * events * inverse
        survival.append(np.exp(-hazard * r**x))
        variance.append((of_events + apart**2 / information) * r ** (2 * x))
    return survival, variance


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("x", [0.0, 1.0, 2.5])
def test_six_rows_by_hand(ties: Literal["efron", "breslow"], x: float) -> None:
    cox = Cox(ties, survival_errors=True).fit(SIX, covariates="x", **NAMES)
    survival, variance = by_hand(ties, cox.hazard_ratios_["x"], x)
    found = cox.predict_survival_intervals({"x": [x]}, [1, 6, 9], level=0.9)
    assert found["survival"] == pytest.approx(survival, rel=1e-9)
    assert found["std_err"] == pytest.approx(np.multiply(survival, np.sqrt(variance)), rel=1e-7)
    z = 1.6448536269514722
    error = found["std_err"] / found["survival"]
    assert found["lower"] == pytest.approx(found["survival"] * np.exp(-z * error), rel=1e-12)
    upper = np.minimum(1, found["survival"] * np.exp(z * error))
    assert found["upper"] == pytest.approx(upper, rel=1e-12)
    plain = cox.predict_survival_intervals({"x": [x]}, [6], interval="plain", level=0.9)
    s, e = plain["survival"][0], plain["std_err"][0]
    assert plain["lower"][0] == pytest.approx(max(0.0, s - z * e), rel=1e-12)
    assert plain["upper"][0] == pytest.approx(min(1.0, s + z * e), rel=1e-12)
    twice = cox.predict_survival_intervals({"x": [x]}, [6], interval="log-log", level=0.9)
    width = z * e / (s * abs(np.log(s)))
    assert twice["lower"][0] == pytest.approx(s ** np.exp(width), rel=1e-12)
    assert twice["upper"][0] == pytest.approx(s ** np.exp(-width), rel=1e-12)


def sample(n: int, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    x, z = random.normal(5, 1, n), random.integers(0, 2, n).astype(float)
    time = np.ceil(4 * random.exponential(np.exp(0.4 * (x - 5) - 0.6 * z)))
    end = np.ceil(10 * random.uniform(size=n))
    duration = np.minimum(time, end)
    return {
        "duration": duration,
        "event": (time <= end).astype(int),
        "x": x,
        "z": z,
        "weight": random.uniform(0.5, 2, n),
        "offset": 0.2 * random.normal(size=n),
        "entry": np.floor(duration * random.uniform(0, 0.9, n)),
        "shop": random.integers(0, 2, n),
    }


def by_definition(
    cox: Cox,
    rows: dict[str, Any],
    ties: str,
    x: np.ndarray,
    offset: float,
    elapsed: float,
    until: float,
) -> float:
    """Variance of the logarithm of survival, risk set by risk set."""
    b = np.array(list(cox.params_.values()))
    covariates = np.column_stack([rows["x"], rows["z"]])
    risk = rows["weight"] * np.exp(covariates @ b + rows["offset"])
    of_events, apart = 0.0, np.zeros(2)
    for time in np.unique(rows["duration"][rows["event"] == 1]):
        if not elapsed < time <= until:
            continue
        at_risk = (rows["entry"] < time) & (rows["duration"] >= time)
        events = at_risk & (rows["duration"] == time) & (rows["event"] == 1)
        d = int(events.sum())
        weight = rows["weight"][events].sum()
        for j in range(d) if ties == "efron" else [0]:
            gone = j / d
            share = np.where(events, 1 - gone, 1.0) * at_risk * risk
            hazard = weight / (d if ties == "efron" else 1) / share.sum()
            of_events += hazard / share.sum()
            apart += hazard * (x - share @ covariates / share.sum())
    own = np.exp(x @ b + offset)
    return float(own**2 * (of_events + apart @ cox.covariance_ @ apart))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("robust", [False, True])
def test_weights_strata_entries_and_offsets_by_definition(
    ties: Literal["efron", "breslow"], robust: bool
) -> None:
    rows = sample(400, 7)
    cox = Cox(ties, robust=robust, survival_errors=True).fit(
        rows,
        covariates=["x", "z"],
        weights="weight",
        entry="entry",
        strata="shop",
        offset="offset",
    )
    asked = {
        "x": [5.0, 3.0, 6.5, 5.0],
        "z": [0.0, 1.0, 1.0, 0.0],
        "offset": [0.0, 0.3, -0.2, 0.1],
        "shop": [0, 1, 0, 1],
        "stayed": [0.0, 2.0, 3.0, 0.5],
    }
    times = [0.5, 1, 2.5, 4]
    found = cox.predict_survival_intervals(asked, times, elapsed="stayed")
    survival = cox.predict_survival(asked, times, elapsed="stayed")
    assert found["row"].tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    assert found["time"].tolist() == times * 4
    assert found["survival"].tolist() == survival.ravel().tolist()
    for row in range(4):
        own = {name: column[rows["shop"] == asked["shop"][row]] for name, column in rows.items()}
        x = np.array([asked["x"][row], asked["z"][row]])
        for t, time in enumerate(times):
            stayed = asked["stayed"][row]
            variance = by_definition(cox, own, ties, x, asked["offset"][row], stayed, stayed + time)
            i = 4 * row + t
            expected = found["survival"][i] * np.sqrt(variance)
            assert found["std_err"][i] == pytest.approx(expected, rel=1e-8, abs=1e-15)
    # Nobody has left by half a period: certain.
    assert found["std_err"][0] == 0
    assert (found["lower"][0], found["upper"][0]) == (1, 1)


def test_without_an_effect_it_is_the_variance_of_the_hazard() -> None:
    """A penalty holds the coefficient at 0: what is left is Aalen's variance of Nelson and Aalen."""
    rows = sample(200, 3)
    cox = Cox("breslow", penalty=1e12, survival_errors=True).fit(rows, covariates="x")
    curve = KaplanMeier().fit(rows["duration"], rows["event"]).at([1, 3, 6])
    found = cox.predict_survival_intervals({"x": [5.0]}, [1, 3, 6])
    assert found["survival"] == pytest.approx(np.exp(-curve["hazard"]), rel=1e-6)
    error = found["std_err"] / found["survival"]
    assert error == pytest.approx(curve["hazard_std_err"], rel=1e-4)


def test_intervals_cover_what_they_say() -> None:
    """Of 400 samples, about 95 % of the intervals hold the survival that they were drawn from."""
    inside, spread, told = 0, [], []
    for seed in range(400):
        random = np.random.default_rng(1000 + seed)
        x = random.integers(0, 2, 150).astype(float)
        time = random.exponential(np.exp(-0.7 * x))
        end = random.uniform(0.5, 3, 150)
        rows = {"duration": np.minimum(time, end), "event": time <= end, "x": x}
        found = Cox(survival_errors=True).fit(rows, covariates="x")
        at = found.predict_survival_intervals({"x": [1.0]}, [0.5], interval="log-log")
        inside += at["lower"][0] <= np.exp(-0.5 * np.exp(0.7)) <= at["upper"][0]
        spread.append(at["survival"][0])
        told.append(at["std_err"][0])
    assert 0.92 <= inside / 400 <= 0.975
    assert np.mean(told) == pytest.approx(np.std(spread), rel=0.08)


def test_bad_questions_are_named() -> None:
    cox = Cox().fit(SIX, covariates="x", **NAMES)
    with pytest.raises(errors.FailedPreconditionError, match="errors: the fit has not kept what"):
        cox.predict_survival_intervals({"x": [1.0]}, [1])
    kept = Cox(survival_errors=True).fit(SIX, covariates="x", **NAMES)
    assert kept.params_ == cox.params_
    with pytest.raises(ValueError, match="level: 1"):
        kept.predict_survival_intervals({"x": [1.0]}, [1], level=1.0)
    with pytest.raises(ValueError, match="interval: 'wide'"):
        kept.predict_survival_intervals({"x": [1.0]}, [1], interval="wide")  # type: ignore[arg-type]
    found = kept.predict_survival_intervals({"x": [1.0]}, [9, 9.5])
    assert np.isnan(found["std_err"]).tolist() == [False, True]
    assert np.isnan(found["upper"]).tolist() == [False, True]
    assert len(kept.predict_survival_intervals({"x": [1.0, 2.0]}, [])) == 0
