"""Pictures: their texts and data, as lifetimes 0.11.3 draws them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

from patron.compat.lifetimes import _density, plotting, utils  # noqa: E402


@pytest.fixture(autouse=True)
def _figure() -> Iterator[None]:
    plt.figure()
    yield
    plt.close("all")


def _texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_period_transactions(stub: Any) -> None:
    ax = plotting.plot_period_transactions(stub)
    assert ax.get_title() == "Frequency of Repeat Transactions"
    assert ax.get_xlabel() == "Number of Calibration Period Transactions"
    assert ax.get_ylabel() == "Customers"
    assert _texts(ax) == ["Actual", "Model"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "1", "2", "4", "5", "7"]
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == [1, 1, 2, 0, 1, 0, 2, 1, 0, 1, 0, 1]
    assert _texts(plotting.plot_period_transactions(stub, label=["A", "B"])) == ["A", "B"]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("frequency_cal", "Purchases in calibration period"),
        ("recency_cal", "Age of customer at last purchase"),
        ("T_cal", "Age of customer at the end of calibration period"),
        ("time_since_last_purchase", "Time since user made last purchase"),
    ],
)
def test_calibration_and_holdout(orders: Any, stub: Any, kind: str, label: str) -> None:
    split = utils.calibration_and_holdout_data(orders, "id", "date", "2024-02-01")
    ax = plotting.plot_calibration_purchases_vs_holdout_purchases(stub, split, kind=kind)
    assert ax.get_xlabel() == label
    assert _texts(ax) == ["frequency_holdout", "model_predictions"]
    if kind == "frequency_cal":
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 0])
        predicted = [4 / 33, 4 / 24, 4 / 18]
        np.testing.assert_allclose(ax.lines[1].get_ydata(), [np.mean(predicted), 8 / 33])


def test_frequency_recency_matrix(stub: Any) -> None:
    ax = plotting.plot_frequency_recency_matrix(stub, T=2)
    assert ax.get_title().startswith("Expected Number of Future Purchases for 2 Units of Time,")
    assert ax.get_xlabel() == "Customer's Historical Frequency"
    image = ax.images[0].get_array()
    assert image.shape == (11, 6)
    np.testing.assert_allclose(image[4], 2 * np.arange(1, 7) / 12)
    assert "1 Unit of Time" in plotting.plot_frequency_recency_matrix(stub).get_title()


def test_alive_matrix(stub: Any) -> None:
    ax = plotting.plot_probability_alive_matrix(stub)
    assert ax.get_ylabel() == "Customer's Recency"
    assert ax.images[0].get_array().sum() == 66


def test_expected_repeat_purchases(stub: Any) -> None:
    ax = plotting.plot_expected_repeat_purchases(stub, label="model", color="k")
    fitted, beyond = ax.lines
    assert _texts(ax) == ["model"]
    assert (fitted.get_xdata()[-1], beyond.get_xdata()[-1]) == (10, 15)
    assert (fitted.get_linestyle(), beyond.get_linestyle()) == ("-", "--")
    assert fitted.get_color() == beyond.get_color() == "k"
    assert beyond.get_ydata()[-1] == 7.5


def test_history_alive_draws_where_it_is_told(stub: Any) -> None:
    bought = pd.DataFrame({"date": ["2024-01-01", "2024-01-03", "2024-01-03"]})
    _, (left, right) = plt.subplots(1, 2)
    ax = plotting.plot_history_alive(stub, 4, bought, "date", ax=left, start_date="2024-01-02")
    assert ax is left
    assert not right.lines
    assert _texts(ax) == ["P_alive", "purchases"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 1 / 2, 1 / 2, 1 / 3, 1 / 4])
    assert len(ax.collections[0].get_segments()) == 2
    days = matplotlib.dates.date2num(np.array(["2024-01-02", "2024-01-05"], "datetime64[D]"))
    assert ax.get_xlim() == tuple(days)


@pytest.mark.parametrize("by_date", [False, True])
def test_tracking(orders: Any, stub: Any, by_date: bool) -> None:
    options = {"t": 14, "t_cal": 7, "set_index_date": by_date}
    ax = plotting.plot_cumulative_transactions(stub, orders, "date", "id", **options)
    assert ax.get_title() == "Tracking Cumulative Transactions"
    assert ax.get_xlabel() == ("date" if by_date else "day")
    assert _texts(ax) == ["actual", "predicted"]
    total = np.asarray(ax.lines[0].get_ydata())
    assert total.tolist() == [0] + [1] * 13
    plt.figure()
    ax = plotting.plot_incremental_transactions(stub, orders, "date", "id", **options)
    assert ax.get_ylabel() == "Transactions"
    np.testing.assert_array_equal(np.asarray(ax.lines[0].get_ydata())[1:], np.diff(total))


def test_heterogeneity(stub: Any) -> None:
    ax = plotting.plot_transaction_rate_heterogeneity(stub)
    assert ax.get_title() == "mean: 0.055, var: 0.012"
    assert ax.figure.get_suptitle() == "Heterogeneity in Transaction Rate"
    ax = plotting.plot_dropout_rate_heterogeneity(stub, suptitle="p")
    assert ax.get_title() == "mean: 0.246, var: 0.044"
    assert ax.figure.get_suptitle() == "p"


def test_densities_by_hand() -> None:
    x = np.array([0.0, 0.5, 2.0])
    np.testing.assert_allclose(_density.gamma_density(x, 1.0, 3.0), 3 * np.exp(-3 * x))
    assert _density.gamma_quantile(0.99, 1.0, 3.0) == pytest.approx(np.log(100) / 3, rel=1e-12)
    assert np.isinf(_density.gamma_density(x, 0.5, 3.0)[0])
    p = np.array([0.0, 0.25, 1.0])
    np.testing.assert_allclose(_density.beta_density(p, 2.0, 1.0), 2 * p)
    assert _density.beta_quantile(0.99, 2.0, 1.0) == pytest.approx(np.sqrt(0.99), rel=1e-12)
    assert _density.beta_quantile(0.99, 1.0, 5.0) == pytest.approx(1 - 0.01**0.2, rel=1e-12)
