"""Pictures of time to leave: what they show, and the number at risk below."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from patron import plot
from patron.loyalty import Cox, KaplanMeier, NelsonAalen


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def test_number_at_risk_stands_below_each_tick() -> None:
    duration = np.repeat([1.0, 2, 3, 4], 25)
    group = np.tile(["a", "b"], 50)
    km = KaplanMeier().fit(duration, groups=group)
    ax = plot.survival_curves(km, unit="years")
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in ax.texts]
    counts = km.at([t for t in ax.get_xticks() if t <= 4])["at_risk"]
    assert "at risk" in texts
    for count in counts.tolist():
        assert f"{count:,}" in texts
    assert [line.get_label() for line in ax.lines][:1] == ["a"]
    assert ax.get_xlabel() == "time (years)"
    assert ax.get_title(loc="left") == "Survival"


def test_hazard_and_single_curves_can_be_drawn() -> None:
    ax = plot.survival_curves(NelsonAalen().fit([1, 2, 3], [1, 0, 1]), at_risk=False)
    assert ax.get_ylabel() == "cumulative hazard"
    assert "at risk" not in [text.get_text() for text in ax.texts]
    _, given = plt.subplots()
    assert plot.survival_curves(KaplanMeier().fit([1, 2, 3]), given) is given


def test_hazard_ratios_stand_on_a_scale_of_ratios() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(90, 2))
    table = {"duration": rng.exponential(np.exp(-x[:, 0])), "event": np.ones(90, bool)}
    cox = Cox().fit(table | {"a": x[:, 0], "b": x[:, 1]}, covariates=["a", "b"])
    ax = plot.hazard_ratios(cox)
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    drawn = ax.lines[0].get_xdata()
    np.testing.assert_allclose(np.asarray(drawn), list(cox.hazard_ratios_.values()))


@pytest.mark.parametrize("size", [(4.0, 2.5), (3.0, 1.2), (8.0, 5.0)])
def test_the_table_fits_into_a_figure_of_ones_own(size: tuple[float, float]) -> None:
    duration = np.repeat([1.0, 2, 3, 4], 30)
    group = np.tile(["month to month", "one year", "two years"], 40)
    km = KaplanMeier().fit(duration, groups=group)
    figure, given = plt.subplots(figsize=size)
    plot.survival_curves(km, given)
    figure.canvas.draw()
    edge = figure.bbox
    texts = [text for text in given.texts if text.get_text()]
    assert {"at risk", "month to month", "40"} <= {text.get_text() for text in texts}
    for text in texts:
        box = text.get_window_extent()
        assert box.y0 >= edge.y0 - 1, text.get_text()
        if text.get_text() in group:
            assert box.x0 >= edge.x0 - 1, text.get_text()
    assert given.get_position().height * figure.get_figheight() * 72 >= 59


def test_the_table_stays_clear_of_the_axes_below() -> None:
    km = KaplanMeier().fit(np.repeat([1.0, 2, 3, 4], 10))
    figure, axes = plt.subplots(2, 1, figsize=(6, 8))
    plot.survival_curves(km, axes[0])
    figure.canvas.draw()
    lowest = min(text.get_window_extent().y0 for text in axes[0].texts)
    assert lowest > axes[1].get_window_extent().y1
