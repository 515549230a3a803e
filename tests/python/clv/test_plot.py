"""Pictures of lifetime value: what they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

plt = pytest.importorskip("matplotlib.pyplot")

from patron import clv, plot  # noqa: E402


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def drawn() -> Any:
    truth = clv.BGNBD.from_parameters([0.6, 6.0, 0.8, 2.4])
    return truth, truth.simulate(np.linspace(20, 39, 400), seed=2, transactions=True)


def test_tracking(drawn: Any) -> None:
    model, sample = drawn
    summary, purchases = sample.summary, sample.transactions
    birth = summary["T"].max() - summary["T"]
    repeat = purchases["time"] > 0
    times = (birth[purchases["row"]] + purchases["time"])[repeat]
    table = model.tracking(summary, times, periods=39)
    ax = plot.tracking(table, fit_end=39, unit="weeks")
    actual, expected, _ = ax.lines
    assert actual.get_ydata()[-1] == repeat.sum()
    assert expected.get_ydata().tolist() == table["expected_cumulative"].tolist()
    assert ax.get_xlabel() == "weeks since the first customer came"
    ax = plot.tracking({"BG": table, "again": table}, cumulative=False)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["actual", "BG", "again"]
    assert ax.lines[0].get_ydata().sum() == repeat.sum()
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="tables: none"):
        plot.tracking({})


def test_repeat_purchases(drawn: Any) -> None:
    model, sample = drawn
    table = model.frequency_table(sample.summary, most=5)
    ax = plot.repeat_purchases(table)
    heights = [bar.get_height() for bar in ax.patches]
    assert heights[:6] == table["actual"].tolist()
    assert heights[6:] == table["expected"].tolist()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "2", "3", "4", "5+"]


def test_calibration(drawn: Any) -> None:
    model, sample = drawn
    rng = np.random.default_rng(1)
    columns = sample.summary.to_dict()
    columns["duration_holdout"] = np.full(400, 20.0)
    columns["frequency_holdout"] = rng.poisson(model.expected_purchases(columns, 20))
    measured = model.holdout(columns)
    ax = plot.calibration(measured)
    assert ax.lines[0].get_xdata().tolist() == measured.calibration["predicted"].tolist()
    assert ax.lines[0].get_ydata().tolist() == measured.calibration["actual"].tolist()
    assert {"1", "10"} <= {t.get_text() for t in ax.texts}
    assert plot.calibration({"a": measured, "b": measured}).get_legend() is not None


def test_matrices(drawn: Any) -> None:
    model, _ = drawn
    ax = plot.frequency_recency(model, 39, most=12, unit="weeks")
    grid = ax.images[0].get_array()
    assert grid.shape == (40, 13)
    expected = model.p_alive({"frequency": [5], "recency": [20.0], "T": [39.0]})[0]
    assert grid[20, 5] == pytest.approx(expected)
    assert np.ma.getmaskarray(np.ma.masked_invalid(grid))[5, 0]  # Nobody has this history.
    ax = plot.frequency_recency(model, 39, what="expected_purchases", horizon=10, most=12)
    want = model.expected_purchases({"frequency": [5], "recency": [20.0], "T": [39.0]}, 10)[0]
    assert ax.images[0].get_array()[20, 5] == pytest.approx(want)
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="horizon: None"):
        plot.frequency_recency(model, 39, what="expected_purchases")
    with pytest.raises(ValueError, match="what: 'love'"):
        plot.frequency_recency(model, 39, what="love")


def test_history(drawn: Any) -> None:
    model, _ = drawn
    ax = plot.alive_history(model, [3.0, 5.0, 13.0], 40.0, unit="weeks")
    line = ax.lines[0]
    at = np.interp(37.0, line.get_xdata(), line.get_ydata())
    assert at == pytest.approx(model.p_alive({"frequency": [2], "recency": [10.0], "T": [37.0]})[0])
    # Alive for certain before the first repeat purchase, and less so just after it.
    assert line.get_ydata()[line.get_xdata() < 2.0].min() == 1
    assert line.get_ydata()[line.get_xdata() >= 2.0].max() < 1
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="until: 4"):
        plot.alive_history(model, [3.0, 5.0], 4.0)
    with pytest.raises(ValueError, match="at least one finite time"):
        plot.alive_history(model, [], 4.0)
