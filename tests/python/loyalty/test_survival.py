"""Curves of survival and tests of groups, against R's survival and numbers worked by hand."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pytest

from patron.errors import FailedPreconditionError
from patron.loyalty import Cox, KaplanMeier, NelsonAalen, concordance, log_rank


@pytest.fixture(scope="module")
def telco(reference_folder: Any) -> dict[str, Any]:
    with gzip.open(reference_folder("telco_churn") / "telco_churn.csv.gz", "rt") as lines:
        names, *rows = (line.rstrip("\n").split(",") for line in lines)
    columns: dict[str, Any] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["duration"] = np.array(columns["tenure"], float)
    columns["event"] = np.array([value == "Yes" for value in columns["Churn"]])
    return columns


@pytest.fixture(scope="module")
def reference(reference_folder: Any) -> Any:
    return json.loads((reference_folder("telco_churn") / "reference.json").read_text())


def test_curve_at_two_years_is_that_of_r(telco: Any, reference: Any) -> None:
    known = reference["km_ci_at_24"]
    for interval, name in (("log", "log"), ("log-log", "log_log"), ("plain", "plain")):
        km = KaplanMeier(interval=interval).fit(telco["duration"], telco["event"])
        at = km.at(24)
        assert at["survival"][0] == pytest.approx(known["surv"], rel=1e-9)
        assert at["std_err"][0] == pytest.approx(known["se"], rel=1e-9)
        assert [at["lower"][0], at["upper"][0]] == pytest.approx(known[name], rel=1e-9)
    assert (km.n_rows_, km.n_events_, km.last_time_) == (7043, 1869, 72)


def test_restricted_means_and_medians_by_contract(telco: Any, reference: Any) -> None:
    km = KaplanMeier().fit(
        telco["duration"], telco["event"], groups={"Contract": telco["Contract"]}
    )
    means = km.restricted_mean(72)
    assert means["Contract"].tolist() == ["Month-to-month", "One year", "Two year"]
    for i, name in enumerate(("month_to_month", "one_year", "two_year")):
        known = reference["rmst_72"][name]
        assert [means["mean"][i], means["std_err"][i]] == pytest.approx(known, rel=1e-9)
    medians = km.quantile(0.5)
    assert medians["time"][0] == 35
    assert [medians["lower"][0], medians["upper"][0]] == [32, 38]
    assert np.isnan(medians["time"][1:]).all()
    assert km.median_[0] == km.median_midpoint_[0] == 35
    assert "Month-to-month  3,875   1,655      35         32         38" in km.summary()


def test_both_medians_of_a_level_curve() -> None:
    km = KaplanMeier().fit([1, 2, 3, 4])
    assert km.median_ == 2
    assert km.median_midpoint_ == 2.5


def test_log_rank_tests_are_those_of_r(telco: Any, reference: Any) -> None:
    duration, event = telco["duration"], telco["event"]
    known = reference["logrank"]
    test = log_rank(duration, telco["Contract"], event)
    assert test.statistic == pytest.approx(known["Contract"]["chisq"], rel=1e-9)
    assert test.degrees == 2
    assert test.groups["observed"].tolist() == known["Contract"]["obs"]
    assert test.groups["expected"] == pytest.approx(known["Contract"]["exp"], rel=1e-9)
    for name in ("InternetService", "gender", "SeniorCitizen", "PaymentMethod"):
        test = log_rank(duration, telco[name], event)
        assert test.statistic == pytest.approx(known[name]["chisq"], rel=1e-9)
    peto = log_rank(duration, telco["Contract"], event, rho=1)
    assert peto.statistic == pytest.approx(known["Contract_peto_rho1"]["chisq"], rel=1e-9)


def test_a_stratum_of_its_own_says_nothing(telco: Any) -> None:
    # Twice the same rows as two strata: twice the excess and twice the variance of one.
    duration = np.tile(telco["duration"], 2)
    event = np.tile(telco["event"], 2)
    gender = telco["gender"] * 2
    half = np.repeat([0, 1], len(telco["duration"]))
    alone = log_rank(telco["duration"], telco["gender"], telco["event"])
    both = log_rank(duration, gender, event, strata=half)
    assert both.statistic == pytest.approx(2 * alone.statistic, rel=1e-12)


def test_left_truncation_by_hand() -> None:
    # At risk: at 2 the first two, at 3 the last three less the first, at 5 the last two.
    km = KaplanMeier().fit([2, 3, 5, 5], [1, 1, 1, 0], entry=[0, 1, 2.5, 3])
    assert km.curve_["at_risk"].tolist() == [2, 2, 2]
    assert km.curve_["survival"] == pytest.approx([1 / 2, 1 / 4, 1 / 8])


def test_weights_stand_for_rows() -> None:
    rng = np.random.default_rng(3)
    duration = rng.integers(1, 9, 50)
    event = rng.integers(0, 2, 50)
    weight = rng.integers(1, 4, 50)
    weighted = KaplanMeier().fit(duration, event, weights=weight)
    repeated = KaplanMeier().fit(np.repeat(duration, weight), np.repeat(event, weight))
    for column in ("time", "survival", "std_err", "lower", "hazard", "hazard_std_err"):
        np.testing.assert_allclose(weighted.curve_[column], repeated.curve_[column], rtol=1e-13)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "int16", "uint8"])
def test_durations_counted_as_they_are_read(kind: str) -> None:
    draw = np.random.default_rng(5)
    durations = draw.integers(0, 40, 20_000).astype(kind)
    events = draw.random(20_000) < 0.3
    counted = KaplanMeier().fit(durations, events).curve_
    sorted_ = KaplanMeier().fit(durations, events, weights=np.ones(20_000)).curve_
    assert len(counted) == 40
    for name in counted.columns:
        np.testing.assert_allclose(counted[name], sorted_[name], rtol=1e-13)
    # A row that is no such number, late in a later block, and all are sorted.
    fractions = durations.astype(float)
    fractions[19_999] = 39.5
    assert KaplanMeier().fit(fractions, events).curve_["time"][-1] == 39.5
    fractions[[15_000, 19_999]] = -1
    with pytest.raises(ValueError, match=r"^duration: row 15000 is -1; .*\(2 rows in all\)$"):
        KaplanMeier().fit(fractions, events)


def test_nelson_aalen_by_hand() -> None:
    curve = NelsonAalen(interval="plain").fit([1, 2, 3], [1, 0, 1]).curve_
    assert curve["hazard"] == pytest.approx([1 / 3, 1 / 3, 4 / 3])
    assert curve["std_err"] == pytest.approx([1 / 3, 1 / 3, np.sqrt(1 / 9 + 1)])


def test_concordance_by_hand() -> None:
    # Of five pairs that compare: three in order, one against it, one tied.
    found = concordance([1, 2, 3, 3], [4, 2, 2, 3], [1, 1, 1, 0])
    assert (found.concordant, found.discordant, found.tied) == (3, 2, 1)
    assert found.c_index == pytest.approx(3.5 / 6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, -2, -3], [1, 1, 1]), r"duration: row 1 is -2; expected 0 or more \(2 rows in all\)"),
        (([1, np.nan], [1, 1]), "duration: row 1 is nan"),
        (([1, 2], [1, 3]), "event: row 1 is 3"),
        (([], []), "duration"),
    ],
)
def test_bad_rows_are_named(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KaplanMeier().fit(*arguments)


def test_bad_entries_weights_and_options_are_named() -> None:
    with pytest.raises(ValueError, match="entry: row 1 is 2; expected a number below its duration"):
        KaplanMeier().fit([1, 2], entry=[0, 2])
    with pytest.raises(ValueError, match="weight: row 0 is 0; expected a number above 0"):
        KaplanMeier().fit([1, 2], weights=[0, 1])
    with pytest.raises(ValueError, match="interval: 'arcsine'"):
        KaplanMeier(interval="arcsine").fit([1]).at(1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="horizon: 3; expected at most 2, the last time observed"):
        KaplanMeier().fit([1, 2], [1, 0]).restricted_mean(3)
    with pytest.raises(ValueError, match="group: 1 group; expected at least 2"):
        log_rank([1, 2], ["a", "a"])
    with pytest.raises(FailedPreconditionError, match="event: none in 2 rows"):
        log_rank([1, 2], ["a", "b"], [0, 0])


def test_questions_before_the_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="KaplanMeier: not fitted yet"):
        _ = KaplanMeier().curve_


def test_parameters_by_scikit_learn_rules() -> None:
    km = KaplanMeier(level=0.9)
    assert km.get_params() == {"interval": "log", "level": 0.9}
    assert km.set_params(interval="plain") is km
    assert repr(km) == "KaplanMeier(interval='plain', level=0.9)"
    with pytest.raises(ValueError, match="alpha: no parameter of KaplanMeier"):
        km.set_params(alpha=1)


def test_events_are_booleans_or_the_numbers_0_and_1() -> None:
    durations, events = [1.0, 2.0, 2.0, 5.0], [True, False, True, True]
    expected = KaplanMeier().fit(durations, events).at([1, 2, 5])["survival"]
    for kind in (np.int8, np.float32, np.float64):
        same = KaplanMeier().fit(durations, np.array(events, kind)).at([1, 2, 5])["survival"]
        np.testing.assert_array_equal(same, expected)
    with pytest.raises(ValueError, match=r"row 1 is 0\.5; expected true or false"):
        KaplanMeier().fit(durations, [1, 0.5, 1, 1])


def test_covariates_may_be_booleans() -> None:
    rng = np.random.default_rng(2)
    member = rng.random(300) < 0.4
    table = {"t": rng.exponential(1 + member), "e": rng.random(300) < 0.7, "member": member}
    by_flag = Cox().fit(table, duration="t", event="e", covariates=["member"])
    by_number = Cox().fit(
        {**table, "member": member * 1.0}, duration="t", event="e", covariates=["member"]
    )
    assert by_flag.params_ == by_number.params_


def test_a_curve_at_times_is_an_array_and_a_number() -> None:
    km = KaplanMeier().fit([1, 2, 2, 3, 5, 5], [1, 1, 0, 1, 1, 0])
    found = km.at([1, 2, 3])  # 5/6, 4/6 and 4/9 by hand.
    np.testing.assert_allclose(found, [5 / 6, 4 / 6, 4 / 9], rtol=1e-12)
    assert list(found) == found["survival"].tolist()
    assert found[1] == found["survival"][1]
    assert float(km.at(2)) == pytest.approx(4 / 6)
    assert km.at(2) == pytest.approx(4 / 6)
    assert found.columns[0] == "time"
    with pytest.raises(ValueError, match="size 1"):
        float(found)
    hazard = NelsonAalen().fit([1, 2, 2, 3, 5, 5], [1, 1, 0, 1, 1, 0]).at([1, 2])
    np.testing.assert_allclose(np.asarray(hazard), [1 / 6, 1 / 6 + 1 / 5], rtol=1e-12)
