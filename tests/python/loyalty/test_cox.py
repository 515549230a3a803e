"""Proportional hazards, against R's survival, brute force and each other."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pytest

import patron
from patron.errors import FailedPreconditionError
from patron.loyalty import Cox


@pytest.fixture(scope="module")
def reference(reference_folder: Any) -> Any:
    return json.loads((reference_folder("telco_churn") / "reference.json").read_text())["cox"]


@pytest.fixture(scope="module")
def telco(reference_folder: Any) -> dict[str, Any]:
    with gzip.open(reference_folder("telco_churn") / "telco_churn.csv.gz", "rt") as lines:
        names, *rows = (line.rstrip("\n").split(",") for line in lines)
    text = dict(zip(names, map(np.array, zip(*rows, strict=True)), strict=True))
    return {
        "tenure": text["tenure"].astype(float),
        "churned": text["Churn"] == "Yes",
        "Contract": text["Contract"],
        "ContractOneYear": (text["Contract"] == "One year").astype(float),
        "ContractTwoYear": (text["Contract"] == "Two year").astype(float),
        "Senior": text["SeniorCitizen"].astype(float),
        "PartnerYes": (text["Partner"] == "Yes").astype(float),
        "PaperlessYes": (text["PaperlessBilling"] == "Yes").astype(float),
        "ElectronicCheck": (text["PaymentMethod"] == "Electronic check").astype(float),
        "FiberOptic": (text["InternetService"] == "Fiber optic").astype(float),
        "NoInternet": (text["InternetService"] == "No").astype(float),
        "MonthlyCharges": text["MonthlyCharges"].astype(float),
    }


NAMES = {"duration": "tenure", "event": "churned"}


def fitted(telco: Any, reference: Any, **params: Any) -> Cox:
    return Cox(**params).fit(telco, **NAMES, covariates=reference["covariates"])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_fit_is_that_of_r(telco: Any, reference: Any, ties: Any) -> None:
    known = reference[ties]
    cox = fitted(telco, reference, ties=ties)
    assert list(cox.params_) == reference["covariates"]
    assert list(cox.params_.values()) == pytest.approx(known["coef"], rel=1e-7)
    assert list(cox.standard_errors_.values()) == pytest.approx(known["se"], rel=1e-7)
    assert [cox.null_log_likelihood_, cox.log_likelihood_] == pytest.approx(
        known["loglik"], rel=1e-9
    )
    assert cox.concordance_.c_index == pytest.approx(known["concordance"], rel=1e-9)
    if ties == "efron":
        assert cox.score_ == pytest.approx(known["score"], rel=1e-9)
        assert cox.wald_ == pytest.approx(known["wald"], rel=1e-7)
        assert cox.concordance_.std_err == pytest.approx(known["concordance_se"], rel=1e-7)


def test_hazards_are_not_proportional(telco: Any, reference: Any) -> None:
    tests = fitted(telco, reference).proportional_hazards_test(
        telco,
        terms={"Contract": ["ContractOneYear", "ContractTwoYear"], "Charges": "MonthlyCharges"},
    )
    known = reference["ph_test_efron_km"]
    assert tests["term"].tolist() == ["Contract", "Charges", "GLOBAL"]
    assert tests["statistic"] == pytest.approx(
        [known["Contract"][0], known["MonthlyCharges"][0], known["GLOBAL"][0]], rel=1e-7
    )
    assert tests["degrees"].tolist() == [2, 1, 9]


def test_baseline_and_predictions_are_those_of_r(telco: Any, reference: Any) -> None:
    cox = fitted(telco, reference)
    baseline = dict(zip(cox.baseline_["time"], cox.baseline_["cumulative_hazard"], strict=True))
    for month, hazard in reference["baseline_cumhaz_efron_uncentred"].items():
        assert baseline[float(month)] == pytest.approx(hazard, rel=1e-7)
    profile = {name: [0.0] for name in reference["covariates"]} | {
        "PaperlessYes": [1.0],
        "ElectronicCheck": [1.0],
        "FiberOptic": [1.0],
        "MonthlyCharges": [80.0],
    }
    known = reference["predicted_surv"]
    survival = cox.predict_survival(profile, [1, 12, 24, 48, 73])
    assert survival[0, :4] == pytest.approx([known[m] for m in ("1", "12", "24", "48")], rel=1e-7)
    assert np.isnan(survival[0, 4])


def test_strata_have_baselines_of_their_own(telco: Any, reference: Any) -> None:
    known = reference["stratified_by_contract"]
    cox = Cox().fit(telco, **NAMES, covariates=["Senior", "PartnerYes"], strata="Contract")
    assert cox.params_["Senior"] == pytest.approx(known["Senior"], rel=1e-7)
    assert cox.params_["PartnerYes"] == pytest.approx(known["PartnerYes"], rel=1e-7)
    assert [cox.null_log_likelihood_, cox.log_likelihood_] == pytest.approx(
        known["loglik"], rel=1e-9
    )
    assert cox.n_strata_ == 3
    assert set(cox.baseline_["Contract"]) == {"Month-to-month", "One year", "Two year"}
    with pytest.raises(
        ValueError, match="Contract: row 0 is 'Lifetime'; expected a stratum of the"
    ):
        cox.predict_survival({"Senior": [0], "PartnerYes": [0], "Contract": ["Lifetime"]}, 1)


def test_time_that_remains(telco: Any, reference: Any) -> None:
    cox = fitted(telco, reference)
    some = {name: values[:20] for name, values in telco.items()}
    left = cox.predict_remaining(some, elapsed="tenure", horizon=72)
    for i in range(20):
        row = {name: values[i : i + 1] for name, values in some.items()}
        months = np.arange(0, 72 - row["tenure"][0])
        curve = cox.predict_survival(row, months, elapsed="tenure")[0]
        assert left["mean_remaining"][i] == pytest.approx(curve.sum(), rel=1e-12)
        below = np.flatnonzero(curve <= 0.5)
        if len(below) > 0:
            assert left["median_remaining"][i] == months[below[0]]


def partial(
    beta: Any, x: Any, start: Any, stop: Any, event: Any, weight: Any, offset: Any
) -> float:
    """Efron's partial log-likelihood, row by row."""
    eta = x @ beta + offset
    risk = weight * np.exp(eta)
    value = 0.0
    for time in np.unique(stop[event]):
        leaving = event & (stop == time)
        at_risk = risk[(start < time) & (stop >= time)].sum()
        count = leaving.sum()
        value += (weight * eta)[leaving].sum()
        for i in range(count):
            value -= weight[leaving].mean() * np.log(at_risk - i / count * risk[leaving].sum())
    return float(value)


def test_entries_weights_and_offsets_against_brute_force() -> None:
    rng = np.random.default_rng(11)
    n = 300
    x = rng.normal(size=(n, 2))
    stop = np.ceil(rng.exponential(10 * np.exp(-x[:, 0])) + 1e-9)
    start = stop - 1 - rng.integers(0, 4, n) * 0.5
    event = rng.random(n) < 0.7
    weight = rng.uniform(0.5, 2, n)
    offset = rng.normal(size=n) * 0.1
    table = {
        "duration": stop,
        "event": event,
        "entry": start,
        "w": weight,
        "o": offset,
        "a": x[:, 0],
        "b": x[:, 1],
    }
    cox = Cox().fit(table, covariates=["a", "b"], entry="entry", weights="w", offset="o")
    best = np.array(list(cox.params_.values()))
    arguments = (x, start, stop, event, weight, offset)
    assert cox.log_likelihood_ == pytest.approx(partial(best, *arguments), rel=1e-12)
    # A maximum, whose curvature gives the errors.
    step = 1e-3
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = np.eye(2)[i] * step, np.eye(2)[j] * step
            corners = (best + a + b, best + a - b, best - a + b, best - a - b)
            pp, pm, mp, mm = (partial(corner, *arguments) for corner in corners)
            hessian[i, j] = (pp - pm - mp + mm) / (4 * step**2)
    assert cox.covariance_ == pytest.approx(np.linalg.inv(-hessian), rel=1e-4)
    for i in range(2):
        a = np.eye(2)[i] * 1e-5
        slope = (partial(best + a, *arguments) - partial(best - a, *arguments)) / 2e-5
        assert abs(slope) < 1e-4


def test_a_penalty_draws_to_zero() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=200)
    table = {"duration": rng.exponential(np.exp(-x)), "event": np.ones(200, bool), "x": x * 7}
    plain = Cox().fit(table, covariates="x")
    drawn = Cox(penalty={"x": 50.0}).fit(table, covariates="x")
    assert 0 < drawn.params_["x"] < plain.params_["x"]
    # The score of the partial likelihood is the penalty's.
    step = 1e-6
    value = [
        partial(
            np.array([drawn.params_["x"] + d]),
            table["x"][:, None],
            np.full(200, -1.0),
            table["duration"],
            table["event"],
            np.ones(200),
            np.zeros(200),
        )
        for d in (-step, step)
    ]
    slope = (value[1] - value[0]) / (2 * step)
    assert slope == pytest.approx(50 * drawn.params_["x"] * np.var(table["x"]), rel=1e-5)


def test_clusters_of_copies_have_the_errors_of_one() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=100)
    once = {"duration": rng.exponential(np.exp(-x)), "event": rng.random(100) < 0.8, "x": x}
    twice = {name: np.repeat(values, 2) for name, values in once.items()}
    twice["customer"] = np.repeat(np.arange(100), 2)
    alone = Cox(ties="breslow", robust=True).fit(once, covariates="x")
    both = Cox(ties="breslow").fit(twice, covariates="x", cluster="customer")
    assert both.params_["x"] == pytest.approx(alone.params_["x"], rel=1e-9)
    assert both.standard_errors_["x"] == pytest.approx(alone.standard_errors_["x"], rel=1e-9)


def rows(**columns: Any) -> dict[str, Any]:
    return {"duration": [1.0, 2, 3, 4, 5, 6], "event": [1, 1, 1, 1, 1, 0], **columns}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (rows(x=[2.0] * 6), "x: 2 in all rows; expected a covariate that varies"),
        (
            rows(x=[1.0, 2, 1, 3, 2, 1], y=[2.0, 4, 2, 6, 4, 2]),
            r"y: a linear combination of x \(collinear\)",
        ),
        (rows(x=[1.0, 1, 1, 0, 0, 0]), "x: its coefficient grows without bound"),
        (rows(x=[6.0, 5, 4, 3, 2, 1]), "x: its coefficient grows without bound"),
        (
            rows(x=[1.0, 2, 1, 3, 2, 1], group=[1, 2, 3, 4, 5, 6]),
            "x: the same for all who are at risk whenever an event comes",
        ),
    ],
)
def test_what_is_no_fit_is_named(table: Any, message: str) -> None:
    covariates = [name for name in table if name in "xy"]
    strata = "group" if "group" in table else None
    with pytest.raises(patron.ConvergenceError, match=message):
        Cox().fit(table, covariates=covariates, strata=strata)


def test_all_censored_and_all_at_once() -> None:
    x = [1.0, 2, 1, 3, 2, 1]
    with pytest.raises(patron.ConvergenceError, match="event: none in 6 rows"):
        Cox().fit(rows(x=x) | {"event": [0] * 6}, covariates="x")
    at_once = Cox(ties="breslow").fit(
        {"duration": [3.0] * 6, "event": [1, 0, 0, 1, 0, 1], "x": x}, covariates="x"
    )
    assert abs(at_once.params_["x"]) < 10


def test_bad_columns_are_named() -> None:
    with pytest.raises(ValueError, match="'y' is missing"):
        Cox().fit(rows(x=[1.0] * 6), covariates=["y"])
    with pytest.raises(ValueError, match="x: row 2 is nan"):
        Cox().fit(rows(x=[1.0, 2, np.nan, 3, 2, 1]), covariates=["x"])
    with pytest.raises(ValueError, match="covariates: none; expected at least 1"):
        Cox().fit(rows(), covariates=[])
    with pytest.raises(ValueError, match="ties: 'exact'"):
        Cox(ties="exact").fit(rows(x=[1.0, 2, 1, 3, 2, 1]), covariates="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="penalty: 'z'"):
        Cox(penalty={"z": 1.0}).fit(rows(x=[1.0, 2, 1, 3, 2, 1]), covariates="x")


def test_summary_reads_like_that_of_lifelines(telco: Any, reference: Any) -> None:
    text = fitted(telco, reference).summary()
    assert "exp(coef)" in text
    assert "concordance 0.844941 (se 0.003741)" in text
    assert "Cox: 7,043 rows, 1,869 events, efron ties" in text


def test_a_sample_start_finds_the_same_maximum() -> None:
    # Above 50,000 rows the search starts at the maximum of a sample; in two halves of the same rows,
    # as strata, each half by itself does not.
    rng = np.random.default_rng(9)
    n = 60_000
    x = rng.normal(size=(n, 2))
    time = np.ceil(rng.exponential(20 * np.exp(-x @ [0.5, -0.3])))
    table = {"duration": time, "event": rng.random(n) < 0.6, "a": x[:, 0], "b": x[:, 1]}
    large = Cox(ties="breslow").fit(table, covariates=["a", "b"])
    entered = Cox(ties="breslow").fit(
        table | {"entry": np.full(n, -1.0)}, covariates=["a", "b"], entry="entry"
    )
    assert list(large.params_.values()) == pytest.approx(list(entered.params_.values()), rel=1e-9)
    assert large.log_likelihood_ == pytest.approx(entered.log_likelihood_, rel=1e-12)


def test_robust_errors_are_those_of_the_infinitesimal_jackknife() -> None:
    # The change of the coefficient with the weight of each row, by differences; times are tied.
    rng = np.random.default_rng(12)
    n = 40
    x = rng.normal(size=n)
    table = {
        "duration": np.ceil(rng.exponential(4 * np.exp(-x))),
        "event": rng.random(n) < 0.8,
        "x": x,
        "w": rng.uniform(0.5, 1.5, n),
    }
    cox = Cox(robust=True).fit(table, covariates="x", weights="w")
    changes = []
    for i in range(n):
        ends = []
        for change in (-1e-4, 1e-4):
            weight = table["w"].copy()
            weight[i] += change
            moved = Cox().fit(table | {"w": weight}, covariates="x", weights="w")
            ends.append(moved.params_["x"])
        changes.append((ends[1] - ends[0]) / 2e-4 * table["w"][i])
    assert cox.standard_errors_["x"] == pytest.approx(np.linalg.norm(changes), rel=1e-6)


def test_an_order_that_is_all_but_perfect_has_a_name():
    draw = np.random.default_rng(3)
    x = np.sort(draw.normal(size=200))
    table = {"duration": np.arange(200.0, 0, -1), "event": np.ones(200, bool), "x": x}
    with pytest.raises(FailedPreconditionError, match="x: its coefficient grows without bound"):
        Cox().fit(table, covariates=["x"])


def test_a_fit_has_converged():
    draw = np.random.default_rng(4)
    table = {
        "duration": draw.exponential(size=100),
        "event": draw.random(100) < 0.7,
        "x": draw.normal(size=100),
    }
    assert Cox().fit(table, covariates=["x"]).converged_
