"""Predictions: values measured with CLVTools and lifetimes, identities, simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from patron import clv

WEEK = {"discount_rate": 0.1, "discount_period": 52.0}  # 10 % a year.


def of_clvtools(btyd: Any, name: str) -> dict[str, np.ndarray]:
    rows = [row for row in btyd["predictions_tight"][name] if row["Id"].isdigit()]
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


@pytest.mark.parametrize(("name", "kind"), [("pnbd", "ParetoNBD"), ("bgnbd", "BGNBD")])
def test_named_customers(name: str, kind: str, fits: Any, weeks: Any, btyd: Any) -> None:
    model, spend = fits[kind], fits["GammaGamma"]
    predicted = model.predict(weeks, 39, spend=spend, **WEEK)
    assert predicted.columns == [
        "customer_id",
        "p_alive",
        "expected_purchases",
        "discounted_purchases",
        "expected_spend",
        "lifetime_value",
    ]
    expected = of_clvtools(btyd, name)
    at = np.searchsorted(predicted["customer_id"], expected["Id"].astype(int))
    for column, key in [("p_alive", "PAlive"), ("expected_purchases", "CET")]:
        np.testing.assert_allclose(predicted[column][at], expected[key], rtol=1e-5)
    spends = expected["predicted.mean.spending"]
    np.testing.assert_allclose(predicted["expected_spend"][at], spends, rtol=1e-5)
    if name == "pnbd":
        np.testing.assert_allclose(
            predicted["discounted_purchases"][at], expected["DERT"], rtol=1e-5
        )
        np.testing.assert_allclose(
            predicted["lifetime_value"][at], expected["predicted.CLV"], rtol=1e-5
        )
    sums = btyd["prediction_sums_tight"][name]
    assert predicted["expected_purchases"].sum() == pytest.approx(sums["CET"], rel=1e-5)
    assert predicted["p_alive"].sum() == pytest.approx(sums["PAlive"], rel=1e-5)


def test_predictions_of_lifetimes(rounded: Any, btyd: Any) -> None:
    models = {
        "bgnbd_tol1e-12": clv.BGNBD().fit(rounded),
        "mbgnbd_tol1e-12": clv.MBGNBD().fit(rounded),
        "pnbd_tight": clv.ParetoNBD().fit(rounded),
    }
    for name, model in models.items():
        measured = btyd["lifetimes"][name]
        predicted = model.predict(rounded, 39)
        for row in measured["pred"]:
            i = int(row["ID"])
            assert predicted["p_alive"][i] == pytest.approx(row["PAlive"], rel=1e-5)
            assert predicted["expected_purchases"][i] == pytest.approx(row["CET39"], rel=1e-5)
        new = model.new_customers(39)
        assert new["expected_purchases"][0] == pytest.approx(measured["E39"], rel=1e-5)
    first = {name: column[:1] for name, column in rounded.items()}
    counts = models["pnbd_tight"].pmf(first, 39, most=5)
    found = [counts[f"p_{n}"][0] for n in range(6)]
    np.testing.assert_allclose(found, btyd["lifetimes"]["pnbd_tight"]["pn"], rtol=1e-5)
    spend = clv.GammaGamma().fit(rounded).expected_spend(rounded)
    for row in btyd["lifetimes"]["gg_1e-13"]["pred"]:
        assert spend[int(row["ID"]) - 1] == pytest.approx(row["E"], rel=1e-5)


def test_alive_for_certain_without_a_repeat_purchase(fits: Any, weeks: Any) -> None:
    none = weeks["frequency"] == 0
    assert none.sum() == 1411
    assert (fits["BGNBD"].p_alive(weeks)[none] == 1).all()
    assert (fits["MBGNBD"].p_alive(weeks)[none] < 0.65).all()


def test_discounting_states_its_time(known: Any, customers: Any) -> None:
    by_period = known.predict(customers, discount_rate=0.1, discount_period=365.25 / 7)
    by_unit = known.predict(customers, discount_rate=0.1, discount_unit="year")
    assert by_unit["discounted_purchases"].tolist() == by_period["discounted_purchases"].tolist()
    # 10 % a year is 1.1^(1/52) - 1 a week.
    weekly = known.predict(customers, discount_rate=1.1 ** (1 / 52) - 1, discount_period=1)
    yearly = known.predict(customers, **WEEK)
    np.testing.assert_allclose(
        weekly["discounted_purchases"], yearly["discounted_purchases"], rtol=1e-12
    )
    # Of a short horizon at a low rate, hardly anything is taken off.
    short = known.predict(
        customers, 10, discount_rate=1e-9, discount_period=52, discount_horizon=10
    )
    np.testing.assert_allclose(
        short["discounted_purchases"], short["expected_purchases"], rtol=1e-6
    )
    # And with an integral in between: purchases of each tenth of a week, discounted.
    horizon, steps = 20.0, 2000
    edges = np.linspace(0, horizon, steps + 1)
    totals = np.array([known.expected_purchases(customers, t) for t in edges])
    rate = np.log(1.1) / 52
    weights = np.exp(-rate * (edges[1:] + edges[:-1]) / 2)
    by_sum = (np.diff(totals, axis=0) * weights[:, None]).sum(axis=0)
    exact = known.predict(customers, **WEEK, discount_horizon=horizon)["discounted_purchases"]
    np.testing.assert_allclose(exact, by_sum, rtol=1e-6)


def test_a_rate_without_its_time_is_an_error(customers: Any) -> None:
    parameters = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    model = clv.BGNBD.from_parameters(parameters)
    with pytest.raises(
        ValueError, match=r"discount_rate: 0\.1 without the time for which it holds"
    ):
        model.predict(customers, discount_rate=0.1)
    with pytest.raises(ValueError, match="the unit of T is not known"):
        model.predict(customers, discount_rate=0.1, discount_unit="year")
    with pytest.raises(ValueError, match="discount_unit: 'fortnight'; expected one of"):
        model.set_params(time_unit="week").predict(
            customers, discount_rate=0.1, discount_unit="fortnight"
        )
    with pytest.raises(ValueError, match="expected one of the two"):
        model.predict(customers, discount_rate=0.1, discount_unit="year", discount_period=52)
    with pytest.raises(ValueError, match="discount_rate: None; expected a rate"):
        model.predict(customers, discount_unit="year")


def test_lifetime_value_is_its_parts(fits: Any, weeks: Any) -> None:
    predicted = fits["BGNBD"].predict(weeks, 26, spend=fits["GammaGamma"], margin=0.3, **WEEK)
    parts = 0.3 * predicted["expected_spend"] * predicted["discounted_purchases"]
    np.testing.assert_allclose(predicted["lifetime_value"], parts, rtol=1e-14)
    plain = fits["BGNBD"].predict(weeks, 26, spend=fits["GammaGamma"])
    parts = plain["expected_spend"] * plain["expected_purchases"]
    np.testing.assert_allclose(plain["lifetime_value"], parts, rtol=1e-14)
    none = weeks["frequency"] == 0
    mean = fits["GammaGamma"].mean_spend()
    np.testing.assert_allclose(predicted["expected_spend"][none], mean, rtol=1e-14)


def test_intervals_and_counts_agree(known: Any, customers: Any) -> None:
    whole = known.expected_purchases(customers, 30)
    split = known.expected_purchases(customers, 12) + known.expected_purchases(
        customers, 18, start=12
    )
    # From a table for purchases from now on, from a sum for a later start.
    np.testing.assert_allclose(split, whole, rtol=1e-11)
    counts = known.pmf(customers, 30, most=300)
    table = np.column_stack([counts[f"p_{n}"] for n in range(301)])
    np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(table @ np.arange(301), whole, rtol=1e-7)
    np.testing.assert_allclose(known.no_purchase(customers, 30), table[:, 0], rtol=1e-12)
    later = known.p_alive(customers, 30)
    assert (later < known.p_alive(customers)).all()


def test_standard_errors_by_bootstrap(rounded: Any) -> None:
    model = clv.BGNBD().fit(rounded)
    asked = {"frequency": [2], "recency": [30.43], "T": [38.86]}
    predicted = model.predict(asked, 39, standard_errors=True)
    draws = []
    for seed in range(60):
        drawn = model.simulate(rounded["T"], seed=seed).summary
        draws.append(clv.BGNBD().fit(drawn).expected_purchases(asked, 39)[0])
    # The spread of 60 draws has a relative error of 1/sqrt(118).
    assert predicted["expected_purchases_se"][0] == pytest.approx(np.std(draws, ddof=1), rel=0.3)


def test_new_customers(known: Any) -> None:
    new = known.new_customers([0.0, 10.0, 52.0], most=200, **WEEK, discount_horizon=52)
    table = np.column_stack([new[f"p_{n}"] for n in range(201)])
    np.testing.assert_allclose(table[:2].sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(table[:2] @ np.arange(201), new["expected_purchases"][:2], rtol=1e-6)
    # Fader, Hardie and Lee 2005: E[X(t)] with 2F1, here by series for t of 10.
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    z, term, series = 10 / (alpha + 10), 1.0, 1.0
    for k in range(2000):
        term *= (r + k) * (b + k) / (a + b - 1 + k) / (k + 1) * z
        series += term
    expected = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + 10)) ** r * series)
    assert new["expected_purchases"][1] == pytest.approx(expected, rel=1e-9)
    # Everybody has T = 0 at the first purchase: the same as a known customer of no history.
    fresh = {"frequency": [0], "recency": [0.0], "T": [0.0]}
    again = known.expected_purchases(fresh, 52)
    np.testing.assert_allclose(new["expected_purchases"][2], again[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (clv.NBD, [0.8, 6.0]),
        (clv.ParetoNBD, [0.9, 7.0, 1.1, 15.0]),
        (clv.BGNBD, [0.7, 5.0, 0.9, 2.8]),
        (clv.MBGNBD, [0.9, 5.0, 0.9, 3.5]),
        (clv.GGompertzNBD, [0.9, 6.0, 0.1, 0.9, 5.0]),
    ],
)
def test_simulation_recovers_the_parameters(kind: type, parameters: list[float]) -> None:
    truth = kind.from_parameters(parameters)
    drawn = truth.simulate(np.linspace(30, 60, 8000), seed=1)
    model = kind().fit(drawn.summary)
    log_errors = np.sqrt(np.diag(model.covariance("log")))
    off = np.log(list(model.params_.values())) - np.log(parameters)
    assert (np.abs(off) < 4 * log_errors).all()
    again = truth.simulate(np.linspace(30, 60, 8000)[:50], seed=1).summary
    assert again["frequency"].tolist() == drawn.summary["frequency"][:50].tolist()


def test_regularity_is_found() -> None:
    truth = clv.MBGCNBD.from_parameters([1.2, 3.0, 0.5, 1.5], k=3)
    drawn = truth.simulate(np.full(4000, 52.0), seed=2).summary
    model = clv.MBGCNBD().fit(drawn, log_intervals="log_intervals")
    assert model.regularity_ == 3
    assert "regularity k = 3" in model.summary()
    k1 = clv.MBGCNBD(k=1).fit(drawn)
    assert k1.params_ == pytest.approx(clv.MBGNBD().fit(drawn).params_, rel=1e-9)
    assert model.predict(drawn, 10)["p_alive"].max() <= 1


def test_simulated_spend_and_transactions(known: Any) -> None:
    spend = clv.GammaGamma.from_parameters([6.25, 3.74, 15.44])
    drawn = known.simulate(np.full(500, 40.0), seed=4, spend=spend, transactions=True)
    transactions = drawn.transactions
    assert transactions is not None
    first = transactions["time"] == 0
    assert first.sum() == 500
    counts = np.bincount(transactions["row"], minlength=500) - 1
    assert counts.tolist() == drawn.summary["frequency"].tolist()
    sums = np.bincount(transactions["row"][~first], transactions["amount"][~first], minlength=500)
    means = np.divide(sums, counts, out=np.zeros(500), where=counts > 0)
    np.testing.assert_allclose(drawn.summary["monetary_value"], means, rtol=1e-12)
    only = spend.simulate(np.full(20000, 4), seed=1).summary
    refit = clv.GammaGamma().fit(only)
    off = np.array(list(refit.params_.values())) - [6.25, 3.74, 15.44]
    assert (np.abs(off) < 4 * np.array(list(refit.standard_errors_.values()))).all()


def test_log_likelihood_of_rows(rounded: Any, fits: Any, weeks: Any) -> None:
    model = clv.MBGNBD().fit(rounded)
    rows = model.log_likelihood(rounded)
    assert rows.shape == (2357,)
    assert rows.sum() == pytest.approx(model.log_likelihood_, rel=1e-12)
    assert fits["NBD"].log_likelihood(weeks).sum() == pytest.approx(fits["NBD"].log_likelihood_)


def test_extremes_stay_finite() -> None:
    # Where other libraries return NaN or infinity.
    many = {"frequency": [300, 500], "recency": [38.0, 38.0], "T": [38.86, 38.86]}
    rough = clv.ParetoNBD.from_parameters([0.553, 0.1, 0.606, 500.0])
    assert np.isfinite(rough.predict(many, 39)["expected_purchases"]).all()
    at_one = clv.BGNBD.from_parameters([0.243, 4.414, 1.0, 2.426])
    near = clv.BGNBD.from_parameters([0.243, 4.414, 1.0 + 1e-6, 2.426])
    # By 2F1 in arithmetic of 60 digits.
    frequent = clv.BGNBD.from_parameters([0.2425945224, 4.413602019, 0.7929220172, 2.425906777])
    assert frequent.expected_purchases(many, 520)[0] == pytest.approx(488.183243107, rel=1e-10)
    np.testing.assert_allclose(
        at_one.expected_purchases(many, 39), near.expected_purchases(many, 39), rtol=1e-4
    )
    s_one = clv.ParetoNBD.from_parameters([0.55, 10.6, 1.0, 11.7])
    assert np.isfinite(s_one.expected_purchases(many, 39)).all()
