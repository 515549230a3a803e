"""Pictures: what they show, with labels, and that every kind of result can be drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from patron import complaints, plot, value
from patron._text import money, money_ticks, percent
from patron.plot._style import INK, contrast, ink_on


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def shop() -> value.Shop:
    return value.simulate_shop(customers=800, seed=9)


@pytest.fixture(scope="module")
def scores(shop: value.Shop) -> value.RfmScores:
    return value.rfm(shop.transactions, order="order_id")


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def area(corners: np.ndarray) -> float:
    x, y = corners[:-1].T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def drawn(ax: Axes) -> None:
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left")


def test_areas_of_the_pyramid_are_its_customers() -> None:
    customers = {"customer_id": np.arange(10_000), "value": np.arange(10_000.0) ** 3}
    tiers = value.pyramid(customers, value.Pyramid(["a", "b", "c"], [0.2, 0.5, 1.0]))
    ax = plot.pyramid(tiers, currency="€")
    drawn(ax)
    areas = [area(p.get_xy()) for p in ax.patches if isinstance(p, Polygon)]
    shares = np.array(areas) / sum(areas)
    np.testing.assert_allclose(shares, [0.2, 0.3, 0.5], atol=0.02)  # Less the gaps.
    shown = texts(ax)
    assert {"a", "b", "c", "2,000", "3,000", "5,000", "20.0%", "30.0%", "50.0%"} <= set(shown)
    assert any(text.startswith("€") for text in shown)


def test_pyramid_of_every_definition(scores: value.RfmScores) -> None:
    for definition in ("curry", "abc", "zeithaml", "classes"):
        drawn(plot.pyramid(value.pyramid(scores, definition, value="monetary")))


def test_pyramid_with_losses_statuses_and_empty_tiers() -> None:
    customers = {
        "customer_id": [1, 2, 3, 4, 5],
        "value": [5.0, -2.0, -3.0, 1.0, 0.0],
        "status": [0, 0, 0, 1, 2],
    }
    tiers = value.pyramid(customers, "zeithaml", status="status")
    ax = plot.pyramid(tiers)
    drawn(ax)
    assert {"lead", "inactive", "prospects", "suspects"} <= set(texts(ax))
    assert any("red = a loss" in text for text in texts(ax))


def test_pyramid_of_one_customer_and_of_none() -> None:
    one = value.pyramid({"customer_id": [1], "value": [3.0]})
    drawn(plot.pyramid(one))
    nobody = value.pyramid({"customer_id": [], "value": []})
    drawn(plot.pyramid(nobody))


def test_lorenz(scores: value.RfmScores) -> None:
    ax = plot.lorenz(scores["monetary"])
    drawn(ax)
    gini = value.concentration(scores["monetary"]).gini
    assert any(f"Gini {gini:.3f}" in text for text in texts(ax))
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    drawn(plot.lorenz(value.lorenz(scores["monetary"], points=50)))


def test_share_curve_marks_what_is_asked(scores: value.RfmScores) -> None:
    amounts = scores["monetary"]
    ax = plot.share_curve(amounts, mark=(0.1,))
    drawn(ax)
    held = value.share_curve(amounts, 0.1)["value_share"][0]
    assert f"top 10%: {held:.1%}" in texts(ax)
    drawn(plot.share_curve(value.share_curve(amounts)))


@pytest.mark.parametrize(
    "profits",
    [
        [50.0, 80.0, -20.0, -10.0],
        [1.0, 2.0, 3.0],
        [-1.0, -2.0],
        [5.0, -9.0],
        [0.0, 0.0],
    ],
)
def test_whale(profits: list[float]) -> None:
    ax = plot.whale_curve(profits, currency="£")
    drawn(ax)
    figures = value.whale_curve(profits).figures
    assert any(f"after {figures.peak_customers:,} customers" in text for text in texts(ax))
    assert any("lose £" in text for text in texts(ax)) == bool(figures.negatives)
    drawn(plot.whale_curve(value.whale_curve(profits), quantity="margin"))


def test_rfm_grid_counts_every_customer(scores: value.RfmScores) -> None:
    ax = plot.rfm_grid(scores)
    drawn(ax)
    shown = texts(ax)
    cells = [int(t.replace(",", "")) for t in shown if t.replace(",", "").isdigit()]
    assert len(cells) == 25
    assert sum(cells) == len(scores)
    assert {"Champions", "Hibernating", "At Risk"} <= set(shown)


def test_rfm_grid_names_only_what_recency_and_frequency_decide(scores: value.RfmScores) -> None:
    assert "Champions" not in texts(plot.rfm_grid(scores, rules="a"))
    assert "Champions" not in texts(plot.rfm_grid(scores, rules=None))


def test_rfm_grid_with_other_bins(shop: value.Shop) -> None:
    ax = plot.rfm_grid(value.rfm(shop.transactions, bins=3), bins=3)
    drawn(ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2", "3"]


@pytest.mark.parametrize("column", ["active_share", "repeat_share", "value", "active"])
def test_cohorts(shop: value.Shop, column: str) -> None:
    followed = value.cohorts(shop.transactions, order="order_id")
    ax = plot.cohorts(followed, column=column)
    drawn(ax)
    assert len(ax.get_yticklabels()) == len(followed.matrix().cohorts)


def test_cohorts_of_one_period() -> None:
    table = {
        "customer_id": [1, 2],
        "date": np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"),
        "amount": [1.0, 2.0],
    }
    drawn(plot.cohorts(value.cohorts(table)))
    drawn(plot.cohorts(value.cohorts(table, period="day")))


def test_pictures_go_where_they_are_told(scores: value.RfmScores) -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert plot.lorenz(scores["monetary"], ax=left) is left
    assert plot.whale_curve(scores["monetary"], ax=right, title=None) is right
    assert right.get_title(loc="left") == ""


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.5, "£0.50"),
        (99.994, "£99.99"),
        (100, "£100"),
        (9_999, "£9,999"),
        (10_000, "£10.0 k"),
        (999_960, "£1.00 m"),
        (8_911_408, "£8.91 m"),
        (2.5e9, "£2.50 bn"),
        (-44_017, "\N{MINUS SIGN}£44.0 k"),
        (float("nan"), "\N{EN DASH}"),
    ],
)
def test_amounts_are_written_as_headlines_do(amount: float, text: str) -> None:
    assert money(amount, "£") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1234, "12.3%"),
        (1.0, "100%"),
        (0.9996, "100%"),
        (0.0004, "0.04%"),
        (0.0, "0.0%"),
        (-0.25, "\N{MINUS SIGN}25.0%"),
        (float("nan"), "\N{EN DASH}"),
    ],
)
def test_shares_are_written_short(share: float, text: Any) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([-2e4, 0.0, 2e4], ["\N{MINUS SIGN}€20 k", "€0", "€20 k"]),
        ([0.0, 0.5, 1.0], ["€0.0", "€0.5", "€1.0"]),
        ([0.0, 2.5e6], ["€0.0", "€2.5 m"]),
        ([], []),
    ],
)
def test_ticks_share_a_unit(values: list[float], texts: list[str]) -> None:
    assert money_ticks(values, "€") == texts


def test_text_can_be_read_on_every_shade() -> None:
    assert contrast("white", "black") == pytest.approx(21)
    for shade in np.linspace(0, 1, 50):
        color = (shade, shade, shade)
        assert contrast(ink_on(color), color) == max(contrast("white", color), contrast(INK, color))
        assert contrast(ink_on(color), color) > 3.5


def test_many_cohorts_fit_a_page(shop: value.Shop) -> None:
    ax = plot.cohorts(value.cohorts(shop.transactions, period="week"))
    drawn(ax)
    width, height = ax.figure.get_size_inches()
    assert width <= 17
    assert height <= 11
    assert len(ax.get_yticklabels()) <= 40
    assert not any(text.endswith("%") for text in texts(ax))  # No room for numbers.


def test_values_of_cohorts_have_their_own_title(shop: value.Shop) -> None:
    followed = value.cohorts(shop.transactions, period="quarter")
    ax = plot.cohorts(followed, column="value")
    assert ax.get_title(loc="left") == "What the customers of each period bring"
    assert plot.cohorts(followed, column="value", title="Ours").get_title(loc="left") == "Ours"


def labels_apart(ax: Axes) -> None:
    """Check that no two texts of the picture lie over each other."""
    figure = ax.figure
    figure.canvas.draw()
    shown = [
        text
        for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]
        if text.get_text() and text.get_visible()
    ]
    boxes = [text.get_window_extent() for text in shown]
    for i, box in enumerate(boxes):
        for k in range(i):
            assert not box.overlaps(boxes[k]), (shown[i].get_text(), shown[k].get_text())


def test_labels_do_not_overlap(shop: value.Shop, scores: value.RfmScores) -> None:
    profit = np.random.default_rng(1).gamma(1.0, 100.0, 2000)
    status = np.arange(2000) % 4
    customers = {"customer_id": np.arange(2000), "value": profit - 60, "status": status}
    for ax in (
        plot.pyramid(value.pyramid(scores, value="monetary"), currency="€"),
        plot.pyramid(value.pyramid(customers, "zeithaml"), currency="€"),
        plot.pyramid(value.pyramid(customers, status="status"), currency="€"),
        plot.lorenz(profit),
        plot.lorenz(profit - 60),
        plot.share_curve(profit),
        plot.whale_curve(profit - 60, currency="€"),
        plot.whale_curve(profit - 120, currency="€"),
        plot.rfm_grid(scores),
        plot.rfm_grid(value.rfm(shop.transactions, bins=10), bins=10),
        plot.cohorts(value.cohorts(shop.transactions)),
        plot.cohorts(value.cohorts(shop.transactions, period="week")),
        plot.cohorts(value.cohorts(shop.transactions, period="quarter"), column="value"),
    ):
        labels_apart(ax)


def test_case_clocks_show_states_pauses_and_breaches() -> None:
    book = complaints.Casebook()
    kinds = [
        ("receive", "2024-06-03T09:00", "customer"),
        ("acknowledge", "2024-06-04T15:00", "frontline"),
        ("triage", "2024-06-05T11:00", "frontline"),
        ("ask_customer", "2024-06-06T11:00", "frontline"),
        ("answer_received", "2024-06-11T10:00", "customer"),
    ]
    book.apply(
        [
            {"event": i, "case": "A", "type": kind, "time": time, "role": role}
            for i, (kind, time, role) in enumerate(kinds)
        ],
        recorded="2024-06-12T09:00",
    )
    ax = plot.case_clocks(book, "A", now="2024-06-12T12:00")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    clocks = book.case("A", now="2024-06-12T12:00").clocks
    assert labels == ["state", *clocks["clock"].tolist()]
    # Five states after one another, without a gap.
    states = [bar for bar in ax.patches if bar.get_y() < 0 < bar.get_y() + bar.get_height()]
    assert len(states) == 5
    for one, next_one in itertools.pairwise(states):
        assert one.get_x() + one.get_width() == pytest.approx(next_one.get_x())
    row = labels.index("acknowledge")
    red = [bar for bar in ax.patches if bar.get_facecolor()[:3] == to_rgb("#b3394a")]
    assert any(bar.get_y() < row < bar.get_y() + bar.get_height() for bar in red)
    row = labels.index("resolution")
    pale = [bar for bar in ax.patches if bar.get_facecolor()[:3] == to_rgb("#bcd6e2")]
    assert any(bar.get_y() < row < bar.get_y() + bar.get_height() for bar in pale)
    assert ax.get_title(loc="left") == "Case A: TRIAGED"
