"""Customers by the hundred thousand, where other libraries end at an optimum that is none.

The data are those of which the failures were reported: CLVTools returned r = 7.7e40 for the million, and
stopped short of the optimum for the 200,000.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from patron import clv

Columns = dict[str, np.ndarray]


def drawn(customers: int, seed: int) -> Columns:
    """Return customers of a Pareto/NBD, seen to the day, in weeks until day 273."""
    draw = np.random.default_rng(seed)
    joined = draw.integers(0, 84, customers)
    rate = draw.gamma(0.55, 1 / 10.6, customers)
    death = draw.gamma(0.6, 1 / 11.7, customers)
    end = np.minimum(draw.exponential(1 / death), (546 - joined) / 7)
    draw.gamma(3.74, 1 / 15.44, customers)  # Spend, which is not used here.
    count = draw.poisson(rate * end)
    who = np.repeat(np.arange(customers), count)
    day = joined[who] + np.floor(draw.random(len(who)) * end[who] * 7).astype(np.int64)
    keep = (day <= 273) & (day > joined[who])
    who, day = np.divmod(np.unique(who[keep] * 1000 + day[keep]), 1000)
    last = joined.copy()
    np.maximum.at(last, who, day)
    return {
        "frequency": np.bincount(who, minlength=customers).astype(np.float64),
        "recency": (last - joined) / 7.0,
        "T": (273 - joined) / 7.0,
    }


@pytest.fixture(scope="module")
def million() -> Columns:
    """Return the million."""
    return drawn(1_000_000, 20240602)


def fixed_rate_log_likelihood(rows: Columns, rate: float, a: float, b: float) -> float:
    """Return the BG/NBD log-likelihood where all customers buy at one rate, from its definition."""
    x, seen, age = rows["frequency"], rows["recency"], rows["T"]
    chance = np.vectorize(math.lgamma)
    # The chance to have stayed after x purchases, and to have left after the last of them.
    stayed = chance(b + x) - math.lgamma(b) + math.lgamma(a + b) - chance(a + b + x) - rate * age
    with np.errstate(divide="ignore"):
        left = np.where(
            x > 0,
            stayed + math.log(a) - np.log(np.maximum(b + x - 1, 1e-300)) + rate * (age - seen),
            -np.inf,
        )
    return float(np.sum(x * math.log(rate) + np.logaddexp(stayed, left)))


def test_the_optimum_of_a_million_is_no_false_one(million: Columns) -> None:
    """The likelihood found is the known one, and far out it is as low as it must be."""
    model = clv.BGNBD(time_unit="week").fit(million)
    assert model.converged_
    assert model.limits_ == ()
    assert model.n_rows_ == 104_544
    assert model.log_likelihood_ == pytest.approx(-4_169_656, abs=0.5)
    far = math.exp(60)
    a, b = model.params_["a"], model.params_["b"]
    there = clv.BGNBD.from_parameters({"r": far, "alpha": far, "a": a, "b": b}, time_unit="week")
    found = float(np.sum(there.log_likelihood(million)))
    assert found == pytest.approx(fixed_rate_log_likelihood(million, 1.0, a, b), rel=1e-9)
    assert found < model.log_likelihood_
    again = clv.BGNBD(time_unit="week", start={"r": 50, "alpha": 50, "a": 9, "b": 9}).fit(million)
    np.testing.assert_allclose(
        list(again.params_.values()), list(model.params_.values()), rtol=1e-6
    )


def test_a_fit_does_not_stop_short() -> None:
    """The values of the true optimum of 200,000, by a search of which each derivative was exact."""
    rows = drawn(200_000, 20240601)
    model = clv.BGNBD(time_unit="week").fit(rows)
    assert model.n_rows_ == 48_601
    assert model.params_["a"] == pytest.approx(0.7435, abs=5e-5)
    assert float(np.sum(model.expected_purchases(rows, 39))) == pytest.approx(156_414, abs=0.5)
