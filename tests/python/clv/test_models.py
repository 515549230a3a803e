"""Models as objects: scikit-learn's rules, bytes, pickle, bad input, evaluation."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import patron
from patron import clv, errors

CONTINUOUS = [clv.ParetoNBD, clv.BGNBD, clv.MBGNBD, clv.GGompertzNBD, clv.BGCNBD, clv.MBGCNBD]
ALL = [*CONTINUOUS, clv.NBD, clv.BGBB, clv.SBG, clv.BDW, clv.GammaGamma]


@pytest.mark.parametrize("kind", ALL)
def test_rules_of_estimators(kind: type) -> None:
    model = kind(time_unit="week", max_iterations=7)
    params = model.get_params()
    assert params["time_unit"] == "week"
    again = kind(**params)
    assert again.get_params() == params
    assert model.set_params(time_unit="day") is model
    assert model.time_unit == "day"
    with pytest.raises(ValueError, match=f"colour: no parameter of {kind.__name__}"):
        model.set_params(colour=1)
    assert repr(model) == f"{kind.__name__}(max_iterations=7, time_unit='day')"
    with pytest.raises(errors.FailedPreconditionError, match=f"{kind.__name__}: not fitted"):
        model.to_bytes()
    assert "params_" in (kind.__doc__ or "")
    assert "<shared>" not in (kind.__doc__ or "")


def test_works_with_clone_of_scikit_learn() -> None:
    base = pytest.importorskip("sklearn.base")
    model = clv.BGNBD(penalty=0.1, transaction_covariates=["z"])
    copy = base.clone(model)
    assert copy is not model
    assert copy.get_params() == model.get_params()


def test_bytes_and_pickle(fits: Any, weeks: Any) -> None:
    for model in fits.values():
        for again in (pickle.loads(pickle.dumps(model)), type(model).from_bytes(model.to_bytes())):
            assert again.params_ == model.params_
            assert again.standard_errors_ == model.standard_errors_
            assert again.log_likelihood_ == model.log_likelihood_
            assert again.to_bytes() == model.to_bytes()
        assert pickle.loads(pickle.dumps(model)).get_params() == model.get_params()
    bg = fits["BGNBD"]
    again = pickle.loads(pickle.dumps(bg))
    one = bg.predict(weeks, 39, standard_errors=True).to_dict()
    other = again.predict(weeks, 39, standard_errors=True).to_dict()
    for name, column in one.items():
        assert column.tolist() == other[name].tolist()
    assert pickle.loads(pickle.dumps(clv.SBG(time_unit="year"))).time_unit == "year"
    with pytest.raises(errors.DataLossError):
        clv.BGNBD.from_bytes(bg.to_bytes()[:-1])
    with pytest.raises(ValueError, match="not the bytes of a MBGNBD"):
        clv.MBGNBD.from_bytes(bg.to_bytes())


def test_summary_is_readable(fits: Any) -> None:
    text = fits["ParetoNBD"].summary()
    assert text.splitlines()[0].startswith("Pareto/NBD: 2,357 customers, ")
    assert "0.553277" in text
    assert "log-likelihood -9,594.976" in text


def test_parameters_by_name_or_in_order() -> None:
    with pytest.raises(ValueError, match="parameters: 'q'; expected values of r, alpha, a, b"):
        clv.BGNBD.from_parameters({"r": 1, "alpha": 1, "a": 1, "b": 1, "q": 1})
    with pytest.raises(ValueError, match="parameters: 'b'; expected values of"):
        clv.BGNBD.from_parameters({"r": 1, "alpha": 1, "a": 1})
    with pytest.raises(ValueError, match=r"alpha: -1"):
        clv.BGNBD.from_parameters([1, -1, 1, 1])
    model = clv.BGNBD.from_parameters([1, 2, 3, 4])
    assert model.params_ == {"r": 1, "alpha": 2, "a": 3, "b": 4}
    assert np.isnan(model.log_likelihood_)
    assert not model.fitted_
    with pytest.raises(errors.FailedPreconditionError, match="no standard errors"):
        model.predict({"frequency": [1], "recency": [1.0], "T": [2.0]}, 1, standard_errors=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": [39.0, 0, 20, 3, 0]}, r"recency: row 0 is 39; expected at most T"),
        ({"recency": [30.0, 4, 20, 3, 1]}, r"recency: row 1 is 4; .* \(2 rows in all\)"),
        ({"frequency": [2, 0, 5.5, 1, 0]}, r"frequency: row 2 is 5.5; expected a whole number"),
        ({"frequency": [2, 0, -5, 1, 0]}, r"frequency: row 2 is -5"),
        ({"T": [38.0, np.nan, 35, 38, 12]}, r"T: row 1 is nan"),
        ({"T": [38.0, np.inf, 35, 38, 12]}, r"T: row 1 is inf"),
    ],
)
def test_bad_histories(customers: Any, known: Any, change: dict[str, Any], message: str) -> None:
    rows = {**customers, **{name: np.array(column) for name, column in change.items()}}
    for kind in (clv.BGNBD, clv.ParetoNBD, clv.GGompertzNBD):
        with pytest.raises(ValueError, match=message):
            kind().fit(rows)
    with pytest.raises(ValueError, match=message):
        known.predict(rows, 10)


def test_bad_arguments(customers: Any, known: Any) -> None:
    with pytest.raises(ValueError, match="column 'recency' is missing"):
        clv.BGNBD().fit({"frequency": [1], "T": [1.0]})
    with pytest.raises(TypeError, match="colour: no such argument"):
        clv.BGNBD().fit(customers, colour="T")
    with pytest.raises(ValueError, match=r"weights: row 1 is 0"):
        clv.BGNBD().fit(customers, weights=[1, 0, 1, 1, -1])
    with pytest.raises(ValueError, match=r"weights: 2 rows"):
        clv.BGNBD().fit(customers, weights=np.ones(2))
    with pytest.raises(ValueError, match=r"weights: 2 rows in weights; expected 5"):
        clv.BGNBD().fit(customers, weights=[1.0, 2.0])
    with pytest.raises(TypeError, match="transaction_covariates: expected a sequence of str"):
        clv.BGNBD(transaction_covariates="T").fit(customers)
    with pytest.raises(ValueError, match="penalty: 'c'; expected a mapping of r, alpha, a, b"):
        clv.BGNBD(penalty={"c": 1}).fit(customers)
    with pytest.raises(ValueError, match=r"horizon: -1; expected"):
        known.predict(customers, -1)
    with pytest.raises(ValueError, match="horizon: nan; expected a finite number"):
        known.predict(customers, float("nan"))
    with pytest.raises(ValueError, match="outputs: 'love'; expected some of p_alive"):
        known.predict(customers, 1, outputs=["love"])
    with pytest.raises(TypeError, match="spend: expected a GammaGamma, not int"):
        known.predict(customers, 1, spend=4)
    with pytest.raises(ValueError, match=r"spend: a BG_NBD; expected a GAMMA_GAMMA"):
        known.predict(customers, 1, spend=known)
    with pytest.raises(ValueError, match="max_iterations: 0; expected 1 or above"):
        clv.BGNBD(max_iterations=0).fit(customers)
    with pytest.raises(ValueError, match="level"):
        known.confidence_intervals(1.5)
    with pytest.raises(ValueError, match="seed: -1"):
        known.simulate([1.0], seed=-1)


def test_bad_spend(customers: Any) -> None:
    for bad in (0.0, -3.0, np.nan, np.inf):
        rows = {**customers, "monetary_value": np.array([20.0, 0.0, bad, 12.0, 0.0])}
        with pytest.raises(ValueError, match=r"monetary_value: row 2 is .*above 0"):
            clv.GammaGamma().fit(rows)
    with pytest.raises(ValueError, match="frequency: 0 in all rows"):
        clv.GammaGamma().fit({"frequency": [0, 0], "monetary_value": [0.0, 0.0]})
    with pytest.raises(ValueError, match="q_lower: -1"):
        clv.GammaGamma(q_lower=-1).fit(customers)


@pytest.mark.filterwarnings("ignore::patron.errors.DegenerateFitWarning")
def test_hardly_any_data() -> None:
    once = {"frequency": [0, 0, 0], "recency": [0.0, 0, 0], "T": [5.0, 8, 9]}
    alone = {"frequency": [3], "recency": [8.0], "T": [9.0]}
    for kind in (clv.NBD, *CONTINUOUS[:4]):
        for rows in (once, alone):
            try:
                model = kind().fit(rows)
            except patron.ConvergenceError:
                continue
            assert model.limits_, (kind, rows, model.params_)
    with pytest.raises(ValueError, match="0 rows"):
        clv.BGNBD().fit({"frequency": [], "recency": [], "T": []})
    with pytest.raises(ValueError, match="T"):
        clv.BGNBD().fit({"frequency": [0], "recency": [0.0], "T": [0.0]})


def test_any_history_is_answered_when_asked(known: Any) -> None:
    odd = {"frequency": [0, 2.5], "recency": [10.0, 0.0], "T": [20.0, 20.0]}
    with pytest.raises(ValueError, match=r"frequency: row 1 is 2\.5"):
        known.predict(odd, 10)
    predicted = known.predict(odd, 10, any_history=True)
    # By the formula of Fader, Hardie and Lee 2005, as it stands.
    odds = 0.793 / (2.426 + 1.5) * ((4.414 + 20) / 4.414) ** (0.243 + 2.5)
    assert predicted["p_alive"].tolist() == pytest.approx([1, 1 / (1 + odds)], rel=1e-12)


def test_tracking_and_frequencies(fits: Any, weeks: Any, cdnow_sample: Any) -> None:
    start = cdnow_sample["date"].min()
    order = np.lexsort((cdnow_sample["date"], cdnow_sample["customer_id"]))
    ids, dates = cdnow_sample["customer_id"][order], cdnow_sample["date"][order]
    repeat = np.r_[False, (ids[1:] == ids[:-1]) & (dates[1:] > dates[:-1])]
    times = (dates[repeat] - start).astype(int) / 7
    model = fits["BGNBD"]
    table = model.tracking(weeks, times, periods=78)
    assert table["period"].tolist() == list(range(1, 79))
    assert table["customers"][-1] == 2357
    assert table["actual_cumulative"][-1] == (times <= 78).sum()
    np.testing.assert_allclose(np.cumsum(table["expected"]), table["expected_cumulative"])
    # Everybody's expectation from the day of the first purchase on.
    birth = weeks["T"].max() - weeks["T"]
    ages = np.maximum(52 - birth, 0)
    by_hand = model.new_customers(ages)["expected_purchases"].sum()
    assert table["expected_cumulative"][51] == pytest.approx(by_hand, rel=1e-9)
    # Fader, Hardie and Lee 2005: the model underestimates by less than 4 % at week 78.
    assert table["expected_cumulative"][-1] == pytest.approx(len(times), rel=0.04)

    frequencies = model.frequency_table(weeks, most=7)
    counts = np.bincount(np.minimum(weeks["frequency"].astype(int), 7), minlength=8)
    assert frequencies["actual"].tolist() == counts.tolist()
    assert frequencies["expected"].sum() == pytest.approx(2357)
    new = model.new_customers(weeks["T"], most=0)["p_0"].sum()
    assert frequencies["expected"][0] == pytest.approx(new, rel=1e-9)


def test_holdout_and_compare(fits: Any, weeks: Any) -> None:
    model = fits["ParetoNBD"]
    measured = model.holdout(weeks, actual_value="monetary_value_holdout", spend=fits["GammaGamma"])
    duration = weeks["duration_holdout"]
    predicted = model.expected_purchases(weeks, float(duration[0]))
    actual = weeks["frequency_holdout"].astype(float)
    assert (duration == duration[0]).all()
    assert measured.customers == 2357
    assert measured.actual == actual.sum() == 1882
    assert measured.predicted == pytest.approx(predicted.sum())
    assert measured.mae == pytest.approx(np.abs(predicted - actual).mean())
    assert measured.rmse == pytest.approx(np.sqrt(((predicted - actual) ** 2).mean()))
    assert measured.bias == pytest.approx((predicted - actual).mean())
    counts = model.pmf(weeks, float(duration[0]), most=int(actual.max()))
    given = np.array([counts[f"p_{int(n)}"][i] for i, n in enumerate(actual)])
    assert measured.log_score == pytest.approx(-np.log(given).mean())
    assert 0 < measured.top_decile_share <= measured.top_decile_best <= 1
    assert measured.calibration["customers"].sum() == 2357
    deciles = measured.calibration
    assert (deciles["predicted"] * deciles["customers"]).sum() == pytest.approx(predicted.sum())

    ranked = clv.compare(
        {"nobody leaves": fits["NBD"], "leaves": model, "MBG": fits["MBGNBD"]}, weeks
    )
    assert set(ranked["model"]) == {"nobody leaves", "leaves", "MBG"}
    assert ranked["model"][-1] == "nobody leaves"
    assert (np.diff(ranked["log_score"]) >= 0).all()
    row = ranked["model"].tolist().index("leaves")
    assert ranked["log_score"][row] == pytest.approx(measured.log_score)
    by_aic = clv.compare([fits["NBD"], fits["BGNBD"], fits["MBGNBD"], model])
    assert by_aic["model"].tolist() == ["MBGNBD", "BGNBD", "ParetoNBD", "NBD"]
    assert "log_score" not in by_aic
    with pytest.raises(ValueError, match="expected models of purchases without a contract"):
        clv.compare([fits["GammaGamma"]])
    with pytest.raises(ValueError, match="models"):
        clv.compare([])


def test_threads_share_a_model(fits: Any, weeks: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    model = fits["ParetoNBD"]
    expected = model.expected_purchases(weeks, 39).tolist()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: model.expected_purchases(weeks, 39), range(8)))
    assert all(result.tolist() == expected for result in results)


def test_rows_do_not_depend_on_each_other(fits: Any, weeks: Any) -> None:
    for name in ("ParetoNBD", "BGNBD", "MBGNBD"):
        whole = fits[name].predict(weeks, 39)
        for i in (0, 5, 155):
            one = {c: weeks[c][i : i + 1] for c in ("frequency", "recency", "T")}
            alone = fits[name].predict(one, 39)
            for column in ("p_alive", "expected_purchases"):
                assert alone[column][0] == whole[column][i]


def test_bad_contracts_and_opportunities() -> None:
    with pytest.raises(ValueError, match=r"T: row 1 is 0; expected 1 or above where churned"):
        clv.SBG().fit({"T": [2, 0], "churned": [1, 1]})
    with pytest.raises(ValueError, match="column 'churned' is missing"):
        clv.BDW().fit({"T": [2, 1]})
    with pytest.raises(ValueError, match=r"recency: row 0 is 1; expected at least frequency"):
        clv.BGBB().fit({"frequency": [2, 0], "recency": [1, 0], "T": [6, 6]})
    with pytest.raises(ValueError, match=r"horizon: 1\.5; expected a whole number of periods"):
        clv.SBG.from_parameters([0.7, 3.8]).predict({"T": [2], "churned": [0]}, 1.5)
    gone = clv.SBG.from_parameters([0.7, 3.8]).predict({"T": [2, 2], "churned": [1, 0]}, 1)
    # Of those who have renewed twice, (beta + 2) / (alpha + beta + 2) do again.
    assert gone["expected_purchases"].tolist() == pytest.approx([0, 5.8 / 6.5])
    model = clv.NBD()
    model.dropout_covariates = ["z"]
    with pytest.raises(ValueError, match="dropout_covariates: 1; expected none for NBD"):
        model.fit({"frequency": [1, 2], "T": [3.0, 4.0], "z": [0.0, 1.0]})
