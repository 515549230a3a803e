"""Covariates in every model that takes them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from patron import clv

# Own parameters, and whether purchases and dropout take covariates.
MODELS: dict[str, tuple[dict[str, Any], list[float], bool, bool]] = {
    "NBD": ({}, [0.9, 6.0], True, False),
    "ParetoNBD": ({}, [0.9, 6.0, 0.7, 15.0], True, True),
    "BGNBD": ({}, [0.9, 6.0, 0.8, 2.5], True, True),
    "MBGNBD": ({}, [0.9, 6.0, 0.8, 2.5], True, True),
    "BGCNBD": ({"k": 2}, [1.1, 3.0, 0.8, 2.5], True, True),
    "MBGCNBD": ({"k": 2}, [1.1, 3.0, 0.8, 2.5], True, True),
    "GGompertzNBD": ({}, [1.2, 5.0, 0.08, 0.8, 3.0], True, True),
    "BGBB": ({}, [1.2, 0.8, 0.7, 2.8], True, True),
    "SBG": ({}, [0.8, 2.5], False, True),
    "BDW": ({}, [0.9, 3.0, 1.4], False, True),
}
ROWS = 8000


class Problem:
    """Customers drawn from a model with covariates z and w."""

    def __init__(self, name: str) -> None:
        further, own, purchases, dropout = MODELS[name]
        rng = np.random.default_rng(5)
        self.kind = getattr(clv, name)
        self.own = len(own)
        self.covariates = {
            "z": rng.integers(0, 2, ROWS) * 1.0,
            "w": rng.normal(0, 1, ROWS).round(1),
        }
        self.arguments: dict[str, Any] = dict(further)
        self.truth = list(own)
        if purchases:
            self.arguments["transaction_covariates"] = ["z", "w"]
            self.truth += [0.5, -0.2]
        if dropout:
            self.arguments["dropout_covariates"] = ["z", "w"]
            self.truth += [-0.4, 0.3]
        self.both = purchases and dropout
        ages = (
            np.arange(ROWS) % 6 + 4 if name in ("BGBB", "SBG", "BDW") else np.arange(ROWS) % 30 + 20
        )
        known = self.kind.from_parameters(self.truth, **self.arguments)
        drawn = known.simulate(ages * 1.0, seed=12, covariates=self.covariates).summary
        self.summary = dict(drawn.to_dict())
        self.columns = {"log_intervals": "log_intervals"} if "k" in further else {}

    def fit(self, covariates: dict[str, Any] | None = None, **changes: Any) -> Any:
        model = self.kind(**{**self.arguments, **changes})
        given = self.covariates if covariates is None else covariates
        return model.fit(self.summary, covariates=given, **self.columns)


@pytest.fixture(scope="module", params=list(MODELS))
def problem(request: Any) -> Problem:
    return Problem(request.param)


@pytest.fixture(scope="module")
def fitted(problem: Problem) -> Any:
    return problem.fit()


def test_they_come_back(problem: Problem, fitted: Any) -> None:
    estimates = np.array(list(fitted.params_.values()))
    errors = np.array(list(fitted.standard_errors_.values()))
    assert fitted.limits_ == ()
    assert np.all(np.abs(estimates - problem.truth) < 4.5 * errors)


def test_units_do_not_matter(problem: Problem, fitted: Any) -> None:
    large = problem.fit({**problem.covariates, "w": problem.covariates["w"] * 1e6})
    assert large.log_likelihood_ == pytest.approx(fitted.log_likelihood_, rel=1e-9)
    for name, value in fitted.params_.items():
        factor = 1e6 if name.endswith(".w") else 1
        assert large.params_[name] * factor == pytest.approx(value, rel=1e-4)


def test_the_gradient_is_that_of_the_value(problem: Problem, fitted: Any) -> None:
    point = np.array(problem.truth)
    point[: problem.own] = np.log(point[: problem.own]) + 0.1

    def at(x: Any) -> clv.LikelihoodPart:
        return fitted.likelihood_part(
            problem.summary, x, covariates=problem.covariates, **problem.columns
        )

    here = at(point)
    for i in range(len(point)):
        step = np.eye(len(point))[i] * 1e-5
        slope = (at(point + step).value - at(point - step).value) / 2e-5
        assert here.gradient[i] == pytest.approx(slope, abs=1e-7 * abs(here.value))


def test_rows_add_up(problem: Problem, fitted: Any) -> None:
    rows = fitted.log_likelihood(problem.summary, covariates=problem.covariates, **problem.columns)
    assert rows.shape == (ROWS,)
    assert rows.sum() == pytest.approx(fitted.log_likelihood_, rel=1e-9)
    # Order is that of the table, whatever the model merges.
    back = {name: column[::-1].copy() for name, column in problem.summary.items()}
    turned = {name: column[::-1].copy() for name, column in problem.covariates.items()}
    again = fitted.log_likelihood(back, covariates=turned, **problem.columns)
    np.testing.assert_allclose(again[::-1], rows, rtol=1e-12)


def test_a_tied_coefficient_lies_between(problem: Problem, fitted: Any) -> None:
    if not problem.both:
        pytest.skip("one process alone")
    tied = problem.fit(equal_covariates=["z", "w"])
    assert list(tied.params_)[problem.own :] == ["both.z", "both.w"]
    assert tied.log_likelihood_ < fitted.log_likelihood_
    apart = {**tied.params_}
    for name in ("z", "w"):
        apart[f"transaction.{name}"] = apart[f"dropout.{name}"] = apart.pop(f"both.{name}")
    point = np.array([apart[name] for name in fitted.params_])
    point[: problem.own] = np.log(point[: problem.own])
    slope = fitted.likelihood_part(
        problem.summary, point, covariates=problem.covariates, **problem.columns
    ).gradient[problem.own :]
    np.testing.assert_allclose((slope[:2] + slope[2:]) / ROWS, 0, atol=1e-7)
    assert np.abs(slope / ROWS).max() > 1e-5


def test_a_prediction_is_that_of_moved_parameters(problem: Problem, fitted: Any) -> None:
    """Of a customer whose covariates are all zero it is that of the model without any."""
    few = {name: column[:50] for name, column in problem.summary.items()}
    none = {name: np.zeros(50) for name in problem.covariates}
    plain = problem.kind.from_parameters(
        list(fitted.params_.values())[: problem.own], **MODELS[problem.kind.__name__][0]
    )
    moved = fitted.predict(few, 5, covariates=none, standard_errors=True)
    for name in ("p_alive", "expected_purchases"):
        # BG/NBD answers from a table where no covariates move its parameters, and from a sum here.
        np.testing.assert_allclose(moved[name], plain.predict(few, 5)[name], rtol=1e-11)
        assert np.all(np.isfinite(moved[f"{name}_se"]))


def test_what_says_nothing_is_named(problem: Problem) -> None:
    process = "dropout_covariates" if "dropout_covariates" in problem.arguments else None
    process = process or "transaction_covariates"
    flat = {**problem.covariates, "flat": np.full(ROWS, 3.0)}
    with pytest.raises(ValueError, match=r"^flat: the same in all rows; expected a covariate that"):
        problem.fit(flat, **{process: ["z", "flat"]})
    flat["sum"] = 2 * flat["z"] - flat["w"] + 1
    with pytest.raises(
        ValueError, match=r"^sum: follows from z, w; expected covariates that do not"
    ):
        problem.fit(flat, **{process: ["z", "w", "sum"]})


def test_bytes_keep_terms_and_unit(problem: Problem) -> None:
    model = problem.kind.from_parameters(problem.truth, **problem.arguments, time_unit="month")
    again = problem.kind.from_bytes(model.to_bytes())
    assert again.params_ == model.params_
    assert again.time_unit == "month"
    assert again.to_bytes() == model.to_bytes()
    assert problem.kind.from_bytes(model.to_bytes(), time_unit="week").time_unit == "week"
    for name in ("transaction_covariates", "dropout_covariates"):
        if name in problem.arguments:
            assert list(getattr(again, name)) == problem.arguments[name]


def test_a_unit_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="time_unit: 'fortnight'; expected second, hour, day"):
        clv.NBD.from_parameters([1.0, 2.0], time_unit="fortnight")  # type: ignore[arg-type]


def test_rows_of_spend_without_a_repeat_purchase_say_nothing() -> None:
    model = clv.GammaGamma.from_parameters([6.25, 3.74, 15.44])
    table = {"frequency": [2, 0], "monetary_value": [20.0, 0.0]}
    values = model.log_likelihood(table)
    assert values[1] == 0
    part = model.likelihood_part(
        {"frequency": [2], "monetary_value": [20.0]}, np.log([6.25, 3.74, 15.44])
    )
    assert values[0] == pytest.approx(part.value, rel=1e-12)


@pytest.fixture(scope="module")
def shop_like() -> tuple[dict[str, Any], dict[str, Any]]:
    """Customers of whom members buy more often."""
    member = np.arange(4000) % 2.0
    known = clv.BGNBD.from_parameters([0.9, 6.0, 0.8, 2.5, 0.5], transaction_covariates=["member"])
    ages = np.arange(4000) % 30 + 20.0
    drawn = known.simulate(ages, seed=3, covariates={"member": member}).summary
    return dict(drawn.to_dict()), {"member": member}


def test_a_model_that_names_no_covariates_takes_all_for_both_processes(shop_like):
    summary, covariates = shop_like
    named = clv.ParetoNBD(
        transaction_covariates=list(covariates), dropout_covariates=list(covariates)
    ).fit(summary, covariates=covariates)
    taken = clv.ParetoNBD().fit(summary, covariates=covariates)
    assert taken.params_ == named.params_
    assert taken.get_params() == clv.ParetoNBD().get_params()
    in_summary = clv.ParetoNBD().fit({**summary, **covariates}, covariates=list(covariates))
    assert in_summary.params_ == named.params_
    again = pickle.loads(pickle.dumps(taken))
    assert clv.ParetoNBD.from_bytes(taken.to_bytes()).params_ == named.params_
    for model in (taken, again):
        told = model.predict(summary, horizon=10.0, covariates=covariates)
        expected = named.predict(summary, horizon=10.0, covariates=covariates)
        np.testing.assert_array_equal(told["expected_purchases"], expected["expected_purchases"])


def test_a_later_fit_without_covariates_has_none(shop_like):
    summary, covariates = shop_like
    model = clv.BGNBD().fit(summary, covariates=covariates)
    assert "transaction.member" in model.params_
    assert "dropout.member" in model.params_
    assert list(model.fit(summary).params_) == ["r", "alpha", "a", "b"]


def test_a_fit_that_fails_leaves_the_covariates_of_the_last(shop_like):
    summary, covariates = shop_like
    model = clv.BGNBD().fit(summary, covariates=covariates)
    with pytest.raises(ValueError, match="absent"):
        model.fit(summary, covariates=["absent"])
    model.predict(summary, horizon=1.0, covariates=covariates)


def test_a_model_of_one_process_takes_them_for_that(shop_like):
    summary, covariates = shop_like
    assert list(clv.NBD().fit(summary, covariates=covariates).params_) == [
        "r",
        "alpha",
        "transaction.member",
    ]


def test_spend_takes_no_covariates():
    bought = {"frequency": np.array([1.0, 2, 3]), "monetary_value": np.array([3.0, 4, 9])}
    with pytest.raises(ValueError, match="covariates: given; GammaGamma is a model without"):
        clv.GammaGamma().fit(bought, covariates={"member": np.array([0.0, 1, 0])})


def test_a_start_from_a_part_of_many_rows_changes_nothing() -> None:
    rows = 210_000
    rng = np.random.default_rng(9)
    covariates = {"z": rng.normal(0, 1, rows)}
    named: dict[str, Any] = {"transaction_covariates": ["z"], "dropout_covariates": ["z"]}
    truth = [0.9, 6.0, 0.8, 2.5, 0.3, -0.2]
    known = clv.MBGNBD.from_parameters(truth, **named)
    drawn = known.simulate(rng.uniform(20, 50, rows), seed=4, covariates=covariates).summary
    fitted = clv.MBGNBD(**named).fit(drawn, covariates=covariates)
    # From a given start no part is looked at.
    given = clv.MBGNBD(**named, start=truth).fit(drawn, covariates=covariates)
    assert fitted.converged_
    assert not fitted.limits_
    assert fitted.n_rows_ == rows
    assert fitted.n_iter_ <= 4
    for name, value in given.params_.items():
        assert fitted.params_[name] == pytest.approx(value, rel=1e-8)
        error = fitted.standard_errors_[name]
        assert error == pytest.approx(given.standard_errors_[name], rel=1e-6)
        assert abs(value - known.params_[name]) < 5 * error
