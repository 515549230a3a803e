"""Pictures of links."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from patron import plot
from patron.customers import LinkedPairs, Linker, generate_people
from patron.table import Table


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def people() -> Table:
    return generate_people(200, seed=2, repeat=0.6)


@pytest.fixture(scope="module")
def linker(people: Table) -> Linker:
    levels = ["exact", "jaro_winkler >= 0.85"]
    fields = {"name": levels, "phone": ["exact"], "birth": ["exact"], "address": levels}
    return Linker(fields, ["phone", "birth", "address"]).fit(people)


@pytest.fixture(scope="module")
def pairs(people: Table, linker: Linker) -> LinkedPairs:
    return linker.predict(people, threshold=-20)


@pytest.mark.filterwarnings("ignore:Glyph")  # Where no font has Han characters.
def test_a_waterfall_ends_at_the_weight(people: Table, linker: Linker, pairs: LinkedPairs) -> None:
    left, right = pairs["left"][0].item(), pairs["right"][0].item()
    why = linker.explain(people, left, right)
    ax = plot.waterfall(why, threshold=2)
    ax.figure.canvas.draw()
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle) and bar.get_height() > 0]
    assert [bar.get_width() for bar in bars[:-1]] == pytest.approx(why["weight"].tolist())
    assert bars[-1].get_width() == pytest.approx(pairs["weight"][0])
    # Each bar begins where the last one ends.
    for one, other in itertools.pairwise(bars[:-1]):
        assert other.get_x() == pytest.approx(one.get_x() + one.get_width())
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "prior"
    assert labels[-1] == "weight"
    assert f"{left} and {right}" in " ".join(text.get_text() for text in ax.texts)
    with pytest.raises(ValueError, match="explanation: 2 pairs; expected one"):
        plot.waterfall(linker.explain(people, [left, 1], [right, 2]))


def test_weights_are_counted(pairs: LinkedPairs) -> None:
    ax = plot.link_weights(pairs, threshold=3)
    assert sum(b.get_height() for b in ax.patches if isinstance(b, Rectangle)) == len(pairs)
    same = pairs["weight"] > 0
    ax = plot.link_weights(pairs["weight"], same)
    heights = np.array([[patch.get_height() for patch in bars] for bars in ax.containers])
    assert heights.sum(axis=1).tolist() == [int(same.sum()), int((~same).sum())]
    with pytest.raises(ValueError, match="truth: 2 rows; expected"):
        plot.link_weights(pairs, [True, False])
    with pytest.raises(ValueError, match="pairs: none"):
        plot.link_weights([])


def test_a_sweep_is_drawn(people: Table, linker: Linker, pairs: LinkedPairs) -> None:
    for truth in (people["entity"], None):
        sweep = linker.sweep(pairs, truth)
        ax = plot.sweep(sweep)
        ax.figure.canvas.draw()
        lines = {line.get_label(): line.get_ydata() for line in ax.lines}
        np.testing.assert_array_equal(lines["recall, expected"], sweep["expected_recall"])
        assert ("precision" in lines) == (truth is not None)
