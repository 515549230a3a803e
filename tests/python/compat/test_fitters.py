"""Fitters: published estimates and values measured with lifetimes 0.11.3 on CDNOW."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("patron.clv")

from patron.compat.lifetimes import (  # noqa: E402
    BaseFitter,
    BetaGeoBetaBinomFitter,
    BetaGeoFitter,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
    ParetoNBDFitter,
    utils,
)

COUNTING = [BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter]

# Fader, Hardie and Shang 2010: donors by gifts, last gift and opportunities.
DONORS = np.array(
    [
        [0, 0, 3464],
        *([1, last, n] for last, n in enumerate([1091, 277, 129, 78, 119, 129], 1)),
        *([2, last, n] for last, n in enumerate([613, 255, 155, 173, 234], 2)),
        *([3, last, n] for last, n in enumerate([322, 181, 225, 357], 3)),
        *([4, last, n] for last, n in enumerate([240, 284, 512], 4)),
        *([5, last, n] for last, n in enumerate([335, 728], 5)),
        [6, 6, 1203],
    ]
)


@pytest.fixture(scope="module")
def fitted(histories: Any) -> dict[type, Any]:
    columns = (histories["frequency"], histories["recency"], histories["T"])
    return {kind: kind().fit(*columns) for kind in COUNTING}


@pytest.fixture(scope="module")
def spend(histories: Any) -> Any:
    repeaters = histories[histories["frequency"] > 0]
    return GammaGammaFitter().fit(repeaters["frequency"], repeaters["monetary_value"])


@pytest.fixture(scope="module")
def donors() -> Any:
    frequency, recency, weights = DONORS.T
    return BetaGeoBetaBinomFitter().fit(frequency, recency, np.full(len(DONORS), 6), weights)


@pytest.mark.parametrize(
    ("kind", "names", "expected", "score"),
    [
        (BetaGeoFitter, "r alpha a b", [0.2425929, 4.413532, 0.7928861, 2.425753], 0.25027173),
        (
            ModifiedBetaGeoFitter,
            "r alpha a b",
            [0.524838, 6.182992, 0.8913562, 1.613999],
            0.25014747,
        ),
        (ParetoNBDFitter, "r alpha s beta", [0.5532755, 10.57761, 0.6062136, 11.66791], 602.438834),
    ],
)
def test_estimates(
    fitted: dict[type, Any], kind: type, names: str, expected: list[float], score: float
) -> None:
    model = fitted[kind]
    assert model.params_.index.tolist() == names.split()
    np.testing.assert_allclose(model.params_, expected, rtol=2e-5)
    assert model._negative_log_likelihood_ == pytest.approx(score, abs=2e-6)
    assert model.data.columns.tolist() == ["frequency", "recency", "T", "weights"]
    assert repr(model).startswith(f"<lifetimes.{kind.__name__}: fitted with 2357 subjects, a")


def test_standard_errors_and_summary(fitted: dict[type, Any]) -> None:
    model = fitted[BetaGeoFitter]
    expected = [0.01255732, 0.3782215, 0.1857192, 0.705346]
    np.testing.assert_allclose(model.standard_errors_, expected, rtol=1e-3)
    summary = model.summary
    assert summary.columns.tolist() == ["coef", "se(coef)", "lower 95% bound", "upper 95% bound"]
    np.testing.assert_allclose(
        summary["upper 95% bound"], model.params_ + 1.96 * np.array(expected), rtol=1e-3
    )
    variance = model.variance_matrix_.to_numpy()
    np.testing.assert_allclose(variance, variance.T)
    # The Hessian is that of the mean in the logarithms of the parameters.
    expected_hessian = [0.408047, -0.195419, -0.0133602, 0.0118547]
    np.testing.assert_allclose(model._hessian_[0], expected_hessian, rtol=1e-3)


@pytest.mark.parametrize(
    ("kind", "coefficient", "expected"),
    [
        (BetaGeoFitter, 0.01, [0.2429403, 4.432437, 0.2856415, 0.6584535]),
        (BetaGeoFitter, 1, [0.1678711, 2.752682, 0.04437736, 0.08910761]),
        (ModifiedBetaGeoFitter, 0.1, [0.4082196, 5.31209, 0.2048219, 0.3467884]),
        (ParetoNBDFitter, 1, [0.5549761, 10.571097, 0.5648465, 10.371878]),
    ],
)
def test_penalised_estimates(
    histories: Any, kind: Any, coefficient: float, expected: list[float]
) -> None:
    model = kind(penalizer_coef=coefficient)
    model.fit(histories["frequency"], histories["recency"], histories["T"])
    np.testing.assert_allclose(model.params_, expected, rtol=2e-5)


@pytest.mark.parametrize("kind", COUNTING)
def test_a_tight_tolerance_is_no_failure(
    histories: Any, fitted: dict[type, Any], kind: Any
) -> None:
    """lifetimes calls it a failure when the optimum is found to the last digits."""
    model = kind().fit(histories["frequency"], histories["recency"], histories["T"], tol=1e-12)
    np.testing.assert_allclose(model.params_, fitted[kind].params_, rtol=1e-7)


@pytest.mark.parametrize("kind", COUNTING)
def test_weights_stand_for_rows(histories: Any, fitted: dict[type, Any], kind: Any) -> None:
    grouped = histories.groupby(["frequency", "recency", "T"]).size().reset_index(name="weights")
    model = kind().fit(
        grouped["frequency"], grouped["recency"], grouped["T"], weights=grouped["weights"]
    )
    np.testing.assert_allclose(model.params_, fitted[kind].params_, rtol=1e-5)


@pytest.mark.parametrize("kind", COUNTING)
def test_rows_that_say_nothing(histories: Any, kind: Any) -> None:
    # A customer of age 0 has a likelihood of 1, but counts in the mean that the penalty is added to.
    few = histories.iloc[:300]
    more = pd.concat([few, pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})])
    weights = np.ones(301)
    models = [
        kind(penalizer_coef=0.1).fit(few["frequency"], few["recency"], few["T"]),
        kind(penalizer_coef=0.1).fit(
            more["frequency"], more["recency"], more["T"], weights=weights
        ),
    ]
    unchanged = kind is ParetoNBDFitter  # Its penalty is added to the sum.
    change = np.abs(models[1].params_ / models[0].params_ - 1).max()
    assert change < (1e-4 if unchanged else 1e-2)
    assert len(models[1].data) == 301


@pytest.mark.parametrize("kind", COUNTING)
def test_unit_of_time_does_not_matter(histories: Any, fitted: dict[type, Any], kind: Any) -> None:
    days = kind().fit(histories["frequency"], 7 * histories["recency"], 7 * histories["T"])
    assert days._scale < fitted[kind]._scale < 1
    assert days.params_["alpha"] == pytest.approx(7 * fitted[kind].params_["alpha"], rel=1e-4)
    assert days.predict(7 * 39, 2, 7 * 30.43, 7 * 38.86) == pytest.approx(
        fitted[kind].predict(39, 2, 30.43, 38.86), rel=1e-4
    )


@pytest.mark.parametrize(
    ("kind", "alive", "purchases", "total", "new"),
    [
        (
            BetaGeoFitter,
            [0.7266092, 0.2122274, 1],
            [1.22591, 0.2032506, 0.1947808],
            1653.4233,
            1.1950163,
        ),
        (
            ModifiedBetaGeoFitter,
            [0.7061263, 0.1708196, 0.3897163],
            [1.262671, 0.1887893, 0.1539537],
            1576.7357,
            1.1822837,
        ),
        (
            ParetoNBDFitter,
            [0.8691187, 0.167872, 0.2950971],
            [1.455113, 0.1709805, 0.1070598],
            1665.5343,
            1.2134081,
        ),
    ],
)
def test_predictions(
    histories: Any,
    fitted: dict[type, Any],
    kind: type,
    alive: list[float],
    purchases: list[float],
    total: float,
    new: float,
) -> None:
    model = fitted[kind]
    columns = [histories[name] for name in ("frequency", "recency", "T")]
    some = [column.iloc[:3].to_numpy() for column in columns]
    np.testing.assert_allclose(model.conditional_probability_alive(*some), alive, rtol=1e-4)
    np.testing.assert_allclose(model.predict(39, *some), purchases, rtol=1e-4)
    everyone = model.conditional_expected_number_of_purchases_up_to_time(39, *columns)
    assert everyone.index.equals(histories.index)
    assert everyone.sum() == pytest.approx(total, rel=1e-5)
    assert model.expected_number_of_purchases_up_to_time(39) == pytest.approx(new, rel=1e-5)


@pytest.mark.parametrize("kind", COUNTING)
def test_kinds_of_results(fitted: dict[type, Any], kind: type) -> None:
    model = fitted[kind]
    one = (2, 30.43, 38.86)
    assert np.ndim(model.predict(39, *one)) == 0
    assert np.shape(model.conditional_probability_alive(*one)) == (
        () if kind is ParetoNBDFitter else (1,)
    )
    assert isinstance(
        model.expected_number_of_purchases_up_to_time(pd.Series([1, 2], index=["a", "b"])),
        pd.Series,
    )
    assert model.expected_number_of_purchases_up_to_time(np.empty(0)).shape == (0,)
    assert np.isnan(model.predict(39, np.array([1.0, np.nan]), 3.0, 8.0)).tolist() == [False, True]
    assert model.predict(0, *one) == 0


@pytest.mark.parametrize("kind", COUNTING)
def test_alive_matrix_is_the_probabilities(fitted: dict[type, Any], kind: type) -> None:
    model = fitted[kind]
    matrix = model.conditional_probability_alive_matrix(max_frequency=9, max_recency=38)
    assert matrix.shape == (39, 10)
    for recency, frequency in [(0, 0), (5, 0), (0, 3), (7, 9), (38, 1)]:
        assert matrix[recency][frequency] == model.conditional_probability_alive(
            frequency, recency, 38
        )
    assert ((matrix >= 0) & (matrix <= 1)).all()
    assert model.conditional_probability_alive_matrix().shape == (39, 30)


def test_distributions(fitted: dict[type, Any]) -> None:
    for kind, expected in [
        (BetaGeoFitter, [0.6076045, 0.1935059, 0.0799741, 0.0416064]),
        (ModifiedBetaGeoFitter, [0.6106527, 0.181711, 0.0830175, 0.0447028]),
    ]:
        found = [fitted[kind].probability_of_n_purchases_up_to_time(30, n) for n in range(4)]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    model = fitted[ParetoNBDFitter]
    found = [
        model.conditional_probability_of_n_purchases_up_to_time(n, 39, 2, 30.43, 38.86)
        for n in range(6)
    ]
    expected = [0.4080911, 0.2192664, 0.1517462, 0.0956525, 0.0565751, 0.0319834]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert model.conditional_probability_of_n_purchases_up_to_time(1, 0, 2, 30.43, 38.86) == 0


def test_extremes_stay_finite() -> None:
    model = BetaGeoFitter()
    model.params_ = pd.Series([0.243, 4.414, 1.0, 2.426], index=["r", "alpha", "a", "b"])
    purchases = model.conditional_expected_number_of_purchases_up_to_time
    at_one = purchases(39, 2, 30.43, 38.86)
    assert np.isfinite(at_one)
    for near in (1 - 1e-6, 1 + 1e-6, 1 + 1e-12):
        model.params_["a"] = near
        assert purchases(39, 2, 30.43, 38.86) == pytest.approx(at_one, rel=1e-5)
    model.params_["a"] = 0.793
    assert model.conditional_probability_alive(1000, 10, 100) == 0

    pareto = ParetoNBDFitter()
    pareto.params_ = pd.Series([0.55, 0.1, 0.6, 500.0], index=["r", "alpha", "s", "beta"])
    assert pareto.conditional_probability_alive(300, 38.0, 38.86) == pytest.approx(0.896, abs=5e-4)
    params = [10.465, 7.98565181e-03, 3.0516, 2.820]
    log_a_0 = ParetoNBDFitter._log_A_0(
        params, np.array([400.0, 500, 500]), np.array([5.0, 1, 4]), np.array([6.0, 37, 37])
    )
    assert np.isfinite(log_a_0).all()
    assert (log_a_0 < 0).all()


def test_likelihood_is_the_mean_of_the_rows() -> None:
    x, t_x, age = np.array([1, 3]), np.array([2, 2]), np.array([5, 6])
    for kind, start in [(BetaGeoFitter, np.zeros(4)), (ModifiedBetaGeoFitter, np.zeros(4))]:
        single = [
            kind._negative_log_likelihood(start, x[i : i + 1], t_x[i : i + 1], age[i : i + 1], 1, 0)
            for i in range(2)
        ]
        both = kind._negative_log_likelihood(start, x, t_x, age, np.ones(2), 0)
        assert sum(single) / 2 == pytest.approx(both, rel=1e-14)
    # BG/NBD with every parameter 1, x 1, t_x 2, T 5: 1/2 (1/6^2 + 1/3^2).
    single = BetaGeoFitter._negative_log_likelihood(np.zeros(4), x[:1], t_x[:1], age[:1], 1, 0.5)
    assert single == pytest.approx(-np.log((1 / 36 + 1 / 9) / 2) + 2, rel=1e-14)
    assert ParetoNBDFitter._negative_log_likelihood([1, 1, 0, 1], x, t_x, age, 1, 0) == np.inf


def test_spend(spend: Any, histories: Any, fitted: dict[type, Any]) -> None:
    assert spend.params_.index.tolist() == ["p", "q", "v"]
    np.testing.assert_allclose(spend.params_, [6.248802, 3.744588, 15.44775], rtol=2e-5)
    assert spend.data.columns.tolist() == ["monetary_value", "frequency", "weights"]
    assert spend._negative_log_likelihood_ == pytest.approx(4.287445289, rel=1e-8)
    expected = spend.conditional_expected_average_profit(
        np.array([2, 1, 7, 2]), np.array([22.35, 11.77, 73.74, 25.55])
    )
    np.testing.assert_allclose(expected, [24.658616, 18.911480, 71.462851, 27.282408], rtol=1e-5)
    columns = [histories[name] for name in ("frequency", "recency", "T", "monetary_value")]
    value = spend.customer_lifetime_value(fitted[BetaGeoFitter], *columns, freq="W")
    assert value.index.equals(histories.index)
    np.testing.assert_allclose(value.iloc[:3], [36.278496, 4.637466, 8.344093], rtol=1e-4)
    again = utils._customer_lifetime_value(
        fitted[BetaGeoFitter],
        *columns[:3],
        spend.conditional_expected_average_profit(columns[0], columns[3]),
        freq="W",
    )
    np.testing.assert_array_equal(value, again)
    bounded = GammaGammaFitter().fit(
        spend.data["frequency"], spend.data["monetary_value"], q_constraint=True
    )
    np.testing.assert_allclose(bounded.params_, spend.params_, rtol=1e-5)


def test_donors(donors: Any) -> None:
    np.testing.assert_allclose(donors.params_, [1.204, 0.750, 0.657, 2.783], atol=5e-4)
    np.testing.assert_allclose(
        donors.standard_errors_, [0.0693914, 0.0294477, 0.0510099, 0.320819], rtol=1e-3
    )
    # The paper's table of the probability of being alive at the opportunity after the last.
    table = donors.conditional_probability_alive(
        1, np.array([0, 2, 6]), np.array([0, 4, 6]), np.array([6, 6, 6])
    )
    np.testing.assert_allclose(table, [0.11, 0.59, 0.93], atol=0.005)
    counts = donors.expected_number_of_transactions_in_first_n_periods(6)
    assert counts.index.name == "frequency"
    np.testing.assert_allclose(
        counts["model"],
        [3454.882, 1888.654, 1348.882, 1113.378, 1017.922, 1027.166, 1253.114],
        rtol=1e-4,
    )
    assert len(donors.generate_new_data(size=20)) == 20


@pytest.mark.parametrize("kind", COUNTING)
def test_save_and_load(tmp_path: Path, histories: Any, fitted: dict[type, Any], kind: Any) -> None:
    model = fitted[kind]
    path = tmp_path / "model.pkl"
    model.save_model(str(path))
    other = kind()
    other.load_model(str(path))
    assert repr(other) == repr(model)
    pd.testing.assert_series_equal(other.params_, model.params_)
    pd.testing.assert_frame_equal(other.data, model.data)
    assert other.predict(39, 2, 30.43, 38.86) == model.predict(39, 2, 30.43, 38.86)
    assert len(other.generate_new_data(size=5)) == 5
    other.params_["r"] *= 2
    assert other.predict(39, 2, 30.43, 38.86) != model.predict(39, 2, 30.43, 38.86)

    model.save_model(path, save_data=False, save_generate_data_method=False)
    other = kind()
    other.load_model(path)
    assert other.data is None
    assert other.generate_new_data is None
    assert len(model.data) == 2357
    model.save_model(path, save_data=False, values_to_save=[""])
    other.load_model(path)
    assert other.data == ""
    assert pickle.loads(pickle.dumps(model)).params_.equals(model.params_)


def test_texts_of_models() -> None:
    model = BaseFitter()
    assert repr(model) == "<lifetimes.BaseFitter>"
    model.params_ = {"y": 42, "x": 12.3}
    assert repr(model) == "<lifetimes.BaseFitter: x: 12.30, y: 42.00>"
    model.data = np.array([1, 2, 3])
    assert repr(model) == "<lifetimes.BaseFitter: fitted with 3 subjects, x: 12.30, y: 42.00>"
    with pytest.raises(ValueError, match="not been fit"):
        BetaGeoFitter().conditional_probability_alive(1, 2, 3)


def test_index_of_data(histories: Any) -> None:
    few = histories.iloc[:200]
    model = BetaGeoFitter(penalizer_coef=0.01)
    model.fit(few["frequency"], few["recency"], few["T"], index=few.index)
    assert model.data.index.equals(few.index)
    model.fit(few["frequency"], few["recency"], few["T"])
    assert model.data.index.tolist() == list(range(200))


@pytest.mark.parametrize("kind", COUNTING)
def test_bad_histories(kind: Any) -> None:
    x, t_x, age = np.array([1, 0]), np.array([2.0, 0.0]), np.array([4.0, 4.0])
    with pytest.raises(ValueError, match="larger than T"):
        kind().fit(x, t_x + np.array([3, 0]), age)
    with pytest.raises(ValueError, match="frequency is zero"):
        kind().fit(x * 0, t_x, age)
    with pytest.raises(ValueError, match="frequency"):
        kind().fit(np.array([1, np.nan]), t_x, age)


def test_bad_arguments(histories: Any) -> None:
    columns = (histories["frequency"], histories["recency"], histories["T"])
    with pytest.raises(utils.ConvergenceError):
        BetaGeoFitter().fit(*columns, maxiter=1)
    with pytest.raises(ValueError, match="iterative_fitting"):
        ParetoNBDFitter().fit(*columns, iterative_fitting=0)
    with pytest.raises(ValueError, match="initial_params"):
        ParetoNBDFitter().fit(*columns, iterative_fitting=2, initial_params=[1, 1, 1, 1])
    with pytest.raises(ValueError, match="non-positive"):
        GammaGammaFitter().fit(histories["frequency"], histories["monetary_value"])
    with pytest.raises(ValueError, match="frequency"):
        GammaGammaFitter().fit(np.array([0, 1, 2]), np.array([5.0, 6.0, 7.0]))
    with pytest.warns(UserWarning, match="fractions"):
        BetaGeoFitter(penalizer_coef=0.1).fit(
            columns[0].iloc[:100] + 0.5 * (columns[0].iloc[:100] > 0),
            columns[1].iloc[:100],
            columns[2].iloc[:100],
        )


@pytest.mark.parametrize("kind", COUNTING)
def test_start_does_not_matter(histories: Any, fitted: dict[type, Any], kind: Any) -> None:
    start = [1.0, 1.0, 1.0, 1.0] if kind is ParetoNBDFitter else np.log([0.5, 0.2, 1.0, 3.0])
    model = kind().fit(
        histories["frequency"], histories["recency"], histories["T"], initial_params=start
    )
    np.testing.assert_allclose(model.params_, fitted[kind].params_, rtol=1e-5)
