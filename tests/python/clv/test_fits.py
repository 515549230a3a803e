"""Fits: optima of independent Newton code on CDNOW, published values, tests and intervals."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import patron
from patron import clv, errors, value

KINDS = {"bgnbd": clv.BGNBD, "mbgnbd": clv.MBGNBD, "pnbd": clv.ParetoNBD}


def check_optimum(model: Any, expected: dict[str, Any]) -> None:
    found = np.array(list(model.params_.values()))
    # The fourth parameter of Pareto/NBD lies along a flat direction.
    loose = [1e-5] * 3 + [1e-3 if isinstance(model, clv.ParetoNBD) else 1e-5]
    np.testing.assert_array_less(
        np.abs(found / expected["params"] - 1), np.array(loose[: len(found)])
    )
    assert model.log_likelihood_ == pytest.approx(expected["ll"], abs=1e-5)
    errors_found = list(model.standard_errors_.values())
    np.testing.assert_allclose(errors_found, expected["se"], rtol=1e-3)
    assert model.converged_
    assert model.limits_ == ()


@pytest.mark.parametrize("name", KINDS)
def test_optima_of_the_published_table(name: str, rounded: Any, btyd: Any) -> None:
    model = KINDS[name]().fit(rounded)
    expected = btyd["newton"][f"cdnow10_rounded2dp/{name}"]
    check_optimum(model, expected)
    assert model.n_rows_ == expected["unique_rows"]
    assert model.n_customers_ == 2357


@pytest.mark.parametrize("name", KINDS)
def test_optima_of_exact_days(name: str, fits: Any, btyd: Any) -> None:
    check_optimum(fits[KINDS[name].__name__], btyd["newton"][f"cdnow10_exactdays/7/{name}"])


@pytest.mark.parametrize("name", KINDS)
def test_optima_of_all_customers(name: str, cdnow: Any, btyd: Any) -> None:
    summary = value.summarize(cdnow, unit="week", observation_end="1997-09-30")
    expected = btyd["newton"][f"cdnow_full_exactdays/7/{name}"]
    check_optimum(KINDS[name]().fit(summary), expected)


def test_nbd_and_its_regular_relatives(fits: Any) -> None:
    # BTYDplus 1.2.0 on the same rows.
    nbd = fits["NBD"]
    assert nbd.params_ == pytest.approx({"r": 0.384766, "alpha": 12.07201}, rel=1e-5)
    assert nbd.log_likelihood_ == pytest.approx(-9763.6576, abs=1e-4)


def test_spend(rounded: Any, btyd: Any) -> None:
    model = clv.GammaGamma().fit(rounded)
    check_optimum(model, btyd["newton"]["gg_zbar2dp"])
    assert model.n_customers_ == 946
    p, q, gamma = model.params_.values()
    assert model.mean_spend() == pytest.approx(p * gamma / (q - 1))
    bounded = clv.GammaGamma(q_lower=1).fit(rounded)
    assert bounded.params_ == pytest.approx(model.params_, rel=1e-9)


def test_bound_on_q_holds() -> None:
    # A heavy tail: the mean spend of the population is infinite.
    rng = np.random.default_rng(5)
    nu = rng.gamma(0.7, 1 / 5.0, 4000)
    x = rng.integers(1, 6, 4000)
    spend = {"frequency": x, "monetary_value": rng.gamma(4.0 * x) / nu / x}
    with pytest.warns(errors.DegenerateFitWarning, match="infinite mean spend"):
        free = clv.GammaGamma().fit(spend)
    assert free.params_["q"] < 0.9
    assert free.mean_spend() == np.inf
    with pytest.warns(errors.DegenerateFitWarning, match="infinite mean spend"):
        bounded = clv.GammaGamma(q_lower=1.0).fit(spend)
    assert bounded.params_["q"] == pytest.approx(1.0, abs=1e-12)
    assert np.isnan(bounded.standard_errors_["q"])
    assert bounded.log_likelihood_ < free.log_likelihood_
    lower = clv.GammaGamma(q_lower=1.2)
    with pytest.warns(errors.DegenerateFitWarning):
        assert lower.fit(spend).params_["q"] == pytest.approx(1.2)
    assert lower.log_likelihood_ < bounded.log_likelihood_


def test_contracts_of_the_literature() -> None:
    # Fader and Hardie 2007, "high end" of 1000: survivors after 0 to 7 years.
    alive = np.array([1000, 869, 743, 653, 593, 551, 517, 491])
    lost = alive[:-1] - alive[1:]
    contracts = {
        "T": np.array([1, 2, 3, 4, 5, 6, 7, 7]),
        "churned": np.array([1, 1, 1, 1, 1, 1, 1, 0]),
    }
    model = clv.SBG().fit(contracts, weights=np.append(lost, alive[-1]).astype(float))
    assert model.params_ == pytest.approx({"alpha": 0.668, "beta": 3.806}, rel=1e-3)
    assert model.log_likelihood_ == pytest.approx(-1611.2, abs=0.05)
    new = model.new_customers(np.arange(8.0))
    alpha, beta = model.params_.values()
    assert new["retention"][1:] == pytest.approx(
        (beta + np.arange(7)) / (alpha + beta + np.arange(7))
    )
    assert np.isnan(new["retention"][0])
    weibull = clv.BDW().fit(contracts, weights=np.append(lost, alive[-1]).astype(float))
    assert weibull.log_likelihood_ >= model.log_likelihood_
    assert clv.likelihood_ratio(model, weibull).degrees == 1


def test_weights_stand_for_customers(rounded: Any) -> None:
    small = {name: column[:300] for name, column in rounded.items()}
    doubled = clv.BGNBD().fit({name: np.repeat(column, 2) for name, column in small.items()})
    by_array = clv.BGNBD().fit(small, weights=np.full(300, 2.0))
    by_name = clv.BGNBD().fit({**small, "n": np.full(300, 2)}, weights="n")
    assert by_array.params_ == doubled.params_ == by_name.params_
    assert by_array.n_customers_ == 600


def test_start_and_unit_of_time_do_not_matter(rounded: Any) -> None:
    plain = clv.MBGNBD().fit(rounded)
    started = clv.MBGNBD(start={"r": 3.0, "alpha": 1.0, "a": 0.2, "b": 9.0}).fit(rounded)
    assert started.params_ == pytest.approx(plain.params_, rel=1e-8)
    days = {**rounded, "recency": rounded["recency"] * 7, "T": rounded["T"] * 7}
    scaled = clv.MBGNBD().fit(days)
    expected = {**plain.params_, "alpha": plain.params_["alpha"] * 7}
    assert scaled.params_ == pytest.approx(expected, rel=1e-8)


def test_penalty(rounded: Any) -> None:
    plain = clv.BGNBD().fit(rounded)
    held = clv.BGNBD(penalty={"b": 0.01}).fit(rounded)
    assert held.params_["b"] < plain.params_["b"]
    assert held.log_likelihood_ < plain.log_likelihood_
    # At the maximum of mean LL - c b^2 the slope of the mean LL by log b is 2 c b^2.
    point = np.log(list(held.params_.values()))
    part = clv.BGNBD().likelihood_part(rounded, point)
    assert part.value == pytest.approx(held.log_likelihood_)
    slopes = part.gradient / part.weight
    np.testing.assert_allclose(slopes, [0, 0, 0, 0.02 * held.params_["b"] ** 2], atol=1e-9)


def test_tests_and_intervals(fits: Any, weeks: Any) -> None:
    nbd, pareto = fits["NBD"], fits["ParetoNBD"]
    test = clv.likelihood_ratio(nbd, pareto)
    assert test.degrees == 2
    assert test.statistic == pytest.approx(2 * (9763.6576 - 9594.976179), abs=1e-3)
    assert test.p_value == pytest.approx(np.exp(-test.statistic / 2))  # Chi-square of two degrees.
    assert nbd.aic_ == pytest.approx(4 + 2 * 9763.6576, abs=1e-3)
    assert pareto.bic_ == pytest.approx(4 * np.log(2357) + 2 * 9594.976179, abs=1e-4)
    natural = pareto.confidence_intervals(0.95, "natural")
    half = 1.959963985 * natural["standard_error"]
    np.testing.assert_allclose(natural["upper"] - natural["estimate"], half, rtol=1e-8)
    by_log = pareto.confidence_intervals()
    ratio = natural["standard_error"] / natural["estimate"]
    np.testing.assert_allclose(by_log["lower"], by_log["estimate"] / np.exp(1.959963985 * ratio))
    lower, upper = pareto.profile_interval("beta", weeks, level=0.95)
    # At its ends the profile is down by half the quantile of chi-square, 3.841459.
    for end in (lower, upper):
        point = np.log([*pareto.params_.values()])
        free = [0, 1, 2]
        # In small steps along the ridge, so that the others stay near their best.
        for log_beta in np.linspace(point[3], np.log(end), 9):
            point[3] = log_beta
            for _ in range(6):
                part = clv.ParetoNBD().likelihood_part(weeks, point)
                step = np.linalg.solve(-part.hessian[np.ix_(free, free)], part.gradient[free])
                point[free] += np.clip(step, -0.5, 0.5)
        assert 2 * (pareto.log_likelihood_ - part.value) == pytest.approx(3.841459, abs=1e-3)
    assert lower < pareto.params_["beta"] < upper


def test_fit_of_parts_is_the_fit(rounded: Any) -> None:
    whole = clv.ParetoNBD().fit(rounded)
    shards = [{name: column[i::3] for name, column in rounded.items()} for i in range(3)]
    model = clv.ParetoNBD()
    calls = []

    def total(point: np.ndarray) -> clv.LikelihoodPart:
        calls.append(point)
        parts = [model.likelihood_part(shard, point) for shard in shards]
        return parts[0].plus(parts[1]).plus(parts[2])

    model.fit_parts(shards[1], total)
    assert model.params_ == pytest.approx(whole.params_, rel=1e-8)
    assert model.log_likelihood_ == pytest.approx(whole.log_likelihood_)
    assert model.standard_errors_ == pytest.approx(whole.standard_errors_, rel=1e-6)
    assert 2 < len(calls) < 60

    def broken(point: np.ndarray) -> clv.LikelihoodPart:
        raise LookupError("a shard is away")

    with pytest.raises(LookupError, match="a shard is away"):
        clv.ParetoNBD().fit_parts(shards[0], broken)


def test_covariates_move_the_processes(rounded: Any) -> None:
    rng = np.random.default_rng(8)
    n = 6000
    z = rng.integers(0, 2, n).astype(float)
    truth = clv.ParetoNBD.from_parameters(
        {"r": 1.0, "alpha": 8.0, "s": 1.2, "beta": 20.0, "transaction.z": 0.7, "dropout.z": -0.5},
        transaction_covariates=["z"],
        dropout_covariates=["z"],
    )
    drawn = truth.simulate(np.full(n, 60.0), seed=3, covariates={"z": z}).summary
    model = clv.ParetoNBD(transaction_covariates=["z"], dropout_covariates=["z"])
    model.fit(drawn, covariates={"z": z})
    for name, estimate in model.params_.items():
        assert abs(estimate - truth.params_[name]) < 4 * model.standard_errors_[name]
    # alpha_i = alpha exp(-c z): the prediction for z = 1 is that of a plain model with less alpha.
    one = {"frequency": [3], "recency": [30.0], "T": [50.0]}
    own = dict(list(model.params_.items())[:4])
    own["alpha"] *= np.exp(-model.params_["transaction.z"])
    own["beta"] *= np.exp(-model.params_["dropout.z"])
    plain = clv.ParetoNBD.from_parameters(own)
    assert model.p_alive({**one, "z": [1.0]}) == pytest.approx(plain.p_alive(one), rel=1e-12)
    tied = clv.ParetoNBD(
        transaction_covariates=["z"], dropout_covariates=["z"], equal_covariates=["z"]
    ).fit(drawn, covariates={"z": z})
    assert list(tied.params_) == ["r", "alpha", "s", "beta", "both.z"]
    test = clv.likelihood_ratio(tied, model)
    assert test.degrees == 1
    assert test.p_value < 1e-6
    again = clv.ParetoNBD.from_bytes(tied.to_bytes())
    assert again.get_params()["equal_covariates"] == ("z",)


def test_limits_are_named() -> None:
    rng = np.random.default_rng(4)
    x = rng.poisson(rng.gamma(2.0, 0.1, 3000) * 20.0)
    uniform = np.sort(rng.uniform(0, 20, (3000, 60)), axis=1)
    recency = np.where(x > 0, uniform.max(axis=1, where=np.arange(60) < x[:, None], initial=0), 0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = clv.ParetoNBD().fit({"frequency": x, "recency": recency, "T": np.full(3000, 20.0)})
    if not model.limits_:
        pytest.skip("this draw has a maximum inside")
    assert any(issubclass(w.category, errors.DegenerateFitWarning) for w in caught)
    assert caught[0].filename == __file__
    assert "runs to" in model.summary()


def test_no_convergence_is_an_error(rounded: Any) -> None:
    with pytest.raises(patron.ConvergenceError, match=r"BGNBD: .* 1 iterations"):
        clv.BGNBD(max_iterations=1).fit(rounded)
    assert issubclass(patron.ConvergenceError, ValueError)


def test_collinear_and_constant_covariates(rounded: Any) -> None:
    z = np.arange(len(rounded["T"])) % 2.0
    twice = {"z": z, "w": 2 * z}
    with pytest.raises(ValueError, match=r"^w: follows from z; expected covariates that do not"):
        clv.BGNBD(transaction_covariates=["z", "w"]).fit(rounded, covariates=twice)
    with pytest.raises(ValueError, match=r"^c: the same in all rows; expected a covariate that"):
        clv.BGNBD(transaction_covariates=["c"]).fit(rounded, covariates={"c": np.ones(len(z))})


def test_progress_and_frames(rounded: Any) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(rounded)
    assert clv.BGNBD().fit(frame).params_ == clv.BGNBD().fit(rounded).params_
    renamed = frame.rename(columns={"frequency": "x", "T": "age"})
    model = clv.BGNBD().fit(renamed, frequency="x", T="age")
    assert len(model.predict(renamed, 10)) == len(frame)
