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
