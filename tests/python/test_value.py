"""The functions of patron.value on a handful of rows, counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import patron
from patron import value

Columns = dict[str, np.ndarray]


def test_summary_columns(rows: Columns) -> None:
    summary = value.summarize(rows, observation_end="2024-03-31")
    assert summary.columns == [
        "customer_id",
        "frequency",
        "recency",
        "T",
        "monetary_value",
        "orders",
        "gross",
        "refunds",
        "net",
        "first",
        "last",
    ]
    assert summary["orders"].tolist() == [2, 2, 1]
    assert summary["gross"].tolist() == [40.0, 70.0, 40.0]
    assert summary["refunds"].tolist() == [-5.0, 0.0, 0.0]
    assert summary["net"].tolist() == [35.0, 70.0, 40.0]
    assert summary["frequency"].tolist() == [1, 1, 0]
    assert summary["recency"].tolist() == [27.0, 71.0, 0.0]
    assert summary["T"].tolist() == [86.0, 71.0, 46.0]
    # The refund of the first of March takes 5 from the purchase before it.
    assert summary["monetary_value"].tolist() == [25.0, 50.0, 0.0]
    assert summary.report.refunds == 1
    assert summary.report.orphan_refunds == 0


@pytest.mark.parametrize(
    ("refunds", "monetary", "refunded"),
    [("net", 25.0, -5.0), ("ignore", 30.0, 0.0), ("separate", 30.0, -5.0)],
)
def test_refunds(rows: Columns, refunds: Any, monetary: float, refunded: float) -> None:
    summary = value.summarize(rows, refunds=refunds)
    assert summary["monetary_value"][0] == monetary
    assert summary["refunds"][0] == refunded


def test_exact_money(rows: Columns) -> None:
    # Eighths are halves of a hundredth in binary too, and go to the even one.
    eighths = {**rows, "amount": np.array([0.125, 0.375, 0.625, 0.875, 1.125, -0.375])}
    summary = value.summarize(eighths, money="units", decimals=2)
    assert summary["gross"].dtype == np.int64
    assert summary["gross"].tolist() == [12 + 62, 38 + 112, 88]
    assert summary["refunds"].tolist() == [-38, 0, 0]
    cents = {**rows, "amount": (rows["amount"] * 100).astype(int)}
    assert value.summarize(cents, amount_decimals=2)["net"].tolist() == [35.0, 70.0, 40.0]


def test_zeros(rows: Columns) -> None:
    table = {**rows, "amount": np.array([0.0, 20.0, 30.0, 40.0, 50.0, -5.0])}
    assert value.summarize(table)["frequency"].tolist() == [1, 1, 0]
    ignored = value.summarize(table, zeros="ignore")
    assert ignored["frequency"].tolist() == [0, 1, 0]
    assert ignored.report.skipped_zero == 1


def test_orders_of_several_rows(rows: Columns) -> None:
    table = {**rows, "order_id": np.array(["a", "b", "a", "c", "d", "a"])}
    assert value.rfm(table, order="order_id")["frequency"].tolist() == [1, 2, 1]
    assert value.summarize(table, order="order_id", merge="order")["orders"].tolist() == [1, 2, 1]


def test_rfm_columns_and_report(rows: Columns) -> None:
    scores = value.rfm(rows, as_of="2024-04-01", bins=2)
    assert scores.columns == [
        "customer_id",
        "recency",
        "frequency",
        "monetary",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "rfm",
        "weighted_score",
    ]
    assert scores["recency"].tolist() == [60, 1, 47]
    # Type-7 medians: recency 47, frequency 2, monetary 40; above a median is score 2.
    assert {name: cuts.tolist() for name, cuts in scores.cuts.items()} == {
        "recency": [47.0],
        "frequency": [2.0],
        "monetary": [40.0],
    }
    assert scores["recency_score"].tolist() == [1, 2, 2]
    assert scores["frequency_score"].tolist() == [1, 1, 1]
    assert scores["monetary_score"].tolist() == [1, 2, 1]
    assert scores["rfm"].tolist() == [111, 212, 211]
    assert scores.empty_bins["frequency"] == [2]
    assert scores.report is not None
    assert (scores.report.rows, scores.report.used, scores.report.refunds) == (6, 6, 1)


def test_rfm_options(rows: Columns) -> None:
    weighted = value.rfm(rows, bins=2, weights=(1, 2, 4))
    assert weighted["weighted_score"].tolist() == [7.0, 12.0, 8.0]
    by_name = value.rfm(rows, bins={"recency": 3, "frequency": 2, "monetary": 4})
    assert {name: len(counts) for name, counts in by_name.counts.items()} == {
        "recency": 3,
        "frequency": 2,
        "monetary": 4,
    }
    upside_down = value.rfm(rows, bins=2, high_is_best={"recency": True})
    assert upside_down["recency_score"].tolist() == [2, 1, 1]
    window = value.rfm(rows, as_of="2024-04-01", window=40)
    assert window["customer_id"].tolist() == [2]
    means = value.rfm(rows, monetary="mean")
    assert means["monetary"].tolist() == [17.5, 35.0, 40.0]


def test_scores_with_many_bins_read_as_digits(rows: Columns) -> None:
    assert value.rfm(rows, bins=9)["rfm"].max() < 1000
    assert value.rfm(rows, bins=10)["rfm"].max() >= 10_000


def test_scoring_of_known_measures_keeps_their_types() -> None:
    scores = value.score_rfm(
        {
            "who": ["a", "b", "c"],
            "days": [10.5, 20.5, 30.5],
            "orders": [3, 2, 1],
            "spent": [300, 200, 100],
        },
        customer="who",
        recency="days",
        frequency="orders",
        monetary="spent",
        bins=3,
    )
    assert scores["recency"].dtype == np.float64
    assert scores["monetary"].dtype == np.int64
    assert scores["rfm"].tolist() == [333, 222, 111]
    assert scores.report is None


def test_own_segments() -> None:
    rules = [
        {"segment": "best", "recency_low": 2, "fm_low": 2},
        {"segment": "rest", "recency_high": 1},
    ]
    scores = {
        "recency_score": [2, 2, 1],
        "frequency_score": [2, 1, 2],
        "monetary_score": [2, 1, 2],
    }
    found = value.segments(scores, rules, bins=2, others="between")
    assert found["segment"].tolist() == ["best", "rest", "between"]
    assert found["customers"].tolist() == [1, 1, 1]
    assert found.membership.columns == ["segment"]
    assert found.membership["segment"].tolist() == ["best", "between", "rest"]
    own = value.Segments(rules, bins=2)
    assert value.Segments(own.rules, bins=2) == own
    assert repr(own) == "Segments(best, rest)"


def test_the_grid_covers_every_cell_once() -> None:
    check = value.Segments.preset("grid").check()
    assert check[:4] == (125, 0, 0, 0)
    assert len(check.findings) == 0


@pytest.mark.parametrize(("name", "unreachable"), [("a", 0), ("b", 3)])
def test_presets_have_the_dead_rows_that_their_reference_shows(name: str, unreachable: int) -> None:
    # In the reference counts of table B three of its ten rows never get a customer.
    assert value.Segments.preset(name).check().unreachable == unreachable


def test_pyramid_with_statuses() -> None:
    customers = {
        "id": [5, 4, 3, 2, 1],
        "profit": [10.0, -4.0, 30.0, 7.0, 99.0],
        "state": ["active", "active", "active", "inactive", "prospect"],
    }
    tiers = value.pyramid(customers, "zeithaml", customer="id", value="profit", status="state")
    assert tiers["tier"].tolist() == [
        "platinum",
        "gold",
        "iron",
        "lead",
        "inactive",
        "prospects",
        "suspects",
    ]
    assert tiers["customers"].tolist() == [1, 0, 1, 1, 1, 1, 0]
    assert tiers["value"].tolist() == [30.0, 0.0, 10.0, -4.0, 7.0, 99.0, 0.0]
    assert tiers.membership["tier"].tolist() == [
        "iron",
        "lead",
        "platinum",
        "inactive",
        "prospects",
    ]


def test_ties_go_by_id() -> None:
    customers = {"customer_id": [9, 3, 7, 1], "value": [5.0, 5.0, 5.0, 5.0]}
    half = value.Pyramid(["first", "second"], [0.5, 1.0])
    assert half.build(customers).membership["tier"].tolist() == [
        "second",
        "first",
        "second",
        "first",
    ]


def test_floors_leave_the_lowest_outside() -> None:
    floors = value.Pyramid(["gold", "silver"], [100.0, 10.0], method="value_floor")
    tiers = floors.build({"customer_id": [1, 2, 3], "value": [100.0, 99.0, 9.0]})
    assert tiers["customers"].tolist() == [1, 1]
    assert tiers.membership["tier"].tolist() == ["gold", "silver", None]


def test_concentration_by_hand() -> None:
    # Spec of the field: [10, 0, 0, 0] is .75 biased and 1 unbiased; losses by the normalised form.
    one = value.concentration([10, 0, 0, 0])
    assert (one.gini_biased, one.gini, one.herfindahl, one.effective_number) == (0.75, 1, 1, 1)
    losses = value.concentration([-10, 20, 30, 60])
    assert losses.gini == pytest.approx(0.6111111111111112, rel=1e-15)
    assert losses.gini_unbiased == pytest.approx(0.7333333333333333, rel=1e-15)
    nothing_left = value.concentration([-50, 10, 20, 20])
    assert nothing_left.total == 0
    assert nothing_left.gini == pytest.approx(0.7333333333333333, rel=1e-15)
    assert np.isnan(nothing_left.gini_biased)
    assert "gini" in one._repr_html_()


def test_integers_are_summed_exactly() -> None:
    big = value.concentration(np.array([2**53, 1, 1], dtype=np.int64))
    assert big.total == float(2**53 + 2)


@pytest.mark.parametrize("form", [list, tuple, np.array, np.float32])
def test_values_in_any_form(form: Any) -> None:
    assert value.concentration(form([1.0, 2.0, 5.0])).total == 8.0


def test_shares_by_hand() -> None:
    curve = value.share_curve([10, 60, 20, 10], [0.0, 0.25, 0.26, 1.0])
    assert curve["customers"].tolist() == [0, 1, 2, 4]
    assert curve["value_share"].tolist() == [0.0, 0.6, 0.8, 1.0]
    assert len(value.share_curve([1.0, 2.0])) == 101
    fewest = value.customers_for_share([10, 60, 20, 10], [0.6, 0.61, 0.8])
    assert fewest["customers"].tolist() == [1, 2, 2]
    assert fewest["customer_share"].tolist() == [0.25, 0.5, 0.5]


def test_curves_with_fewer_points() -> None:
    amounts = np.arange(1000.0)
    assert len(value.lorenz(amounts, points=10)) == 11
    assert len(value.whale_curve(amounts, points=10)) == 11
    assert value.lorenz(amounts, points=10)["value_share"][-1] == 1.0


def test_whale_by_hand() -> None:
    curve = value.whale_curve([50, 80, -20, -10])
    assert curve["cumulative"].tolist() == [0, 80, 130, 120, 100]
    figures = curve.figures
    assert (figures.customers, figures.negatives, figures.total) == (4, 2, 100)
    assert (figures.peak, figures.negative_sum, figures.loss_beyond_peak) == (130, -30, 30)
    assert (curve.peak_customers, curve.peak_share, curve.full_customers) == (2, 1.3, 2)


def test_profitability_by_hand() -> None:
    customers = {
        "customer_id": ["a", "b", "c"],
        "revenue": [1000.0, 500.0, 0.0],
        "orders": [10, 20, 1],
        "calls": [0, 5, 2],
    }
    drivers = {"orders": 4.0, "calls": 10.0}
    profit = value.profitability(
        customers, margin_rate=0.5, drivers=drivers, allocated_cost=30, allocation="revenue"
    )
    assert profit.columns == [
        "customer_id",
        "margin",
        "cost_orders",
        "cost_calls",
        "activity_cost",
        "allocated_cost",
        "profit",
    ]
    assert profit["margin"].tolist() == [500.0, 250.0, 0.0]
    assert profit["activity_cost"].tolist() == [40.0, 130.0, 24.0]
    assert profit["allocated_cost"].tolist() == [20.0, 10.0, 0.0]
    assert profit["profit"].tolist() == [440.0, 110.0, -24.0]
    equal = value.profitability(customers, allocated_cost=30)
    assert equal["allocated_cost"].tolist() == [10.0, 10.0, 10.0]
    by_column = value.profitability(
        customers, allocated_cost=62, allocation="column", allocation_column="orders"
    )
    assert by_column["allocated_cost"].tolist() == [20.0, 40.0, 2.0]
    by_margin = value.profitability({"customer_id": [1], "m": [5.0]}, margin="m")
    assert by_margin["profit"].tolist() == [5.0]


def test_cohorts_by_hand(rows: Columns) -> None:
    followed = value.cohorts(rows)
    assert followed["cohort"].astype(str).tolist() == ["2024-01-01"] * 3 + ["2024-02-01"] * 2
    assert followed["age"].tolist() == [0, 1, 2, 0, 1]
    assert followed["size"].tolist() == [2, 2, 2, 1, 1]
    assert followed["active"].tolist() == [2, 1, 1, 1, 0]
    assert followed["survivors"].tolist() == [2, 2, 1, 1, 0]
    assert followed["repeaters"].tolist() == [0, 1, 2, 0, 0]
    assert followed["value"].tolist() == [30.0, 30.0, 45.0, 40.0, 0.0]
    assert followed["cumulative_value"].tolist() == [30.0, 60.0, 105.0, 40.0, 40.0]
    matrix = followed.matrix("value")
    assert matrix.ages.tolist() == [0, 1, 2]
    assert np.isnan(matrix.values[1, 2])
    assert followed.report.customers == 3


@pytest.mark.parametrize(
    ("retention", "discount", "growth", "multiple"),
    [
        (0.8, 0.10, 0.0, 2.666667),
        (0.8, 0.12, 0.0, 2.5),
        (0.8, 0.14, 0.0, 2.352941),
        (0.8, 0.16, 0.0, 2.222222),
        (0.8, 0.12, 0.04, 2.777778),
        (0.9, 0.10, 0.0, 4.50),
        (0.95, 0.12, 0.0, 5.588235),
    ],
)
def test_margin_multiples_of_the_literature(
    retention: float, discount: float, growth: float, multiple: float
) -> None:
    # Gupta and Lehmann (2003, 2005).
    found = value.lifetime_value(100, retention, discount, growth=growth)
    assert found.margin_multiple == pytest.approx(multiple, abs=5.1e-7)
    assert found.value == pytest.approx(100 * found.margin_multiple, rel=1e-15)


def test_lifetime_value_is_the_sum_of_its_payments() -> None:
    endless = value.lifetime_value(100, 0.8, 0.1)
    assert endless.value == pytest.approx(100 * 0.8 / (1.1 - 0.8), rel=1e-9)
    assert endless.retention_elasticity == pytest.approx(1.1 / 0.3, rel=1e-12)
    now = value.lifetime_value(100, 0.8, 0.1, timing="immediate")
    assert now.value - endless.value == pytest.approx(100, rel=1e-9)
    finite = value.lifetime_value(100, 0.8, 0.1, periods=3)
    assert finite.value == pytest.approx(sum(100 * (0.8 / 1.1) ** t for t in (1, 2, 3)), rel=1e-12)


def test_customer_equity_is_the_sum_over_cohorts() -> None:
    acquired, margins, cost = [10.0, 20.0], [5.0, 8.0], [30.0, 40.0]
    expected = 0.0
    for k, customers in enumerate(acquired):
        expected -= customers * cost[k] / 1.1**k
        for t in range(k, 400):
            margin = margins[min(t - k, 1)]
            expected += customers * margin * 0.8 ** (t - k) / 1.1**t
    found = value.customer_equity(acquired, margins, 0.8, 0.1, acquisition_cost=cost)
    assert found == pytest.approx(expected, rel=1e-12)
    assert value.customer_equity(acquired, 5.0, 0.8, 0.1) == pytest.approx(
        (10 + 20 / 1.1) * 5 * 1.1 / 0.3, rel=1e-12
    )


def test_the_shop_keeps_its_promises() -> None:
    shop = value.simulate_shop(customers=2000, seed=3)
    again = value.simulate_shop(customers=2000, seed=3)
    other = value.simulate_shop(customers=2000, seed=4)
    assert shop.transactions.to_arrow().equals(again.transactions.to_arrow())
    assert not shop.transactions.to_arrow().equals(other.transactions.to_arrow())
    sold = shop.transactions.to_dict()
    assert np.all(np.diff(sold["date"].astype("int64")) >= 0)
    assert len(np.unique(sold["transaction_id"])) == len(sold["transaction_id"])
    assert set(sold["customer_id"]) <= set(shop.truth["customer_id"])
    truth = shop.truth.to_dict()
    lost = dict(zip(truth["customer_id"].tolist(), truth["lost"].tolist(), strict=True))
    bought = sold["amount"] > 0
    for customer, when in zip(
        sold["customer_id"][bought].tolist(), sold["date"][bought].tolist(), strict=True
    ):
        assert lost[customer] is None or when <= lost[customer]
    returned = (sold["amount"] < 0).sum() / bought.sum()
    assert 0.03 < returned < 0.09


def test_start_and_length_of_the_shop() -> None:
    shop = value.simulate_shop(customers=300, start="2020-06-01", days=30)
    days = shop.transactions["date"]
    assert days.min() >= np.datetime64("2020-06-01")
    assert days.max() < np.datetime64("2020-07-01") + np.timedelta64(40, "D")


def test_a_state_needs_no_names_after_its_bytes(rows: Columns) -> None:
    renamed = {"who": rows["customer_id"], "when": rows["date"], "much": rows["amount"]}
    names = {"customer": "who", "time": "when", "amount": "much"}
    state = value.State.from_bytes(value.State.rfm(**names).to_bytes())
    finished = state.update(renamed).finalize()
    assert isinstance(finished, value.RfmScores)
    assert finished["rfm"].tolist() == value.rfm(rows)["rfm"].tolist()
    assert finished.report is not None
    assert finished.report.rows == 6


def test_a_state_can_be_merged_with_itself(rows: Columns) -> None:
    state = value.State.concentration().update(rows)
    state.merge(state)
    finished = state.finalize()
    assert isinstance(finished, value.Concentration)
    assert finished.total == 2 * 145.0


def test_states_of_other_options_do_not_merge() -> None:
    with pytest.raises(patron.errors.FailedPreconditionError) as caught:
        value.State.summary().merge(value.State.rfm())
    assert str(caught.value) == "source: a state of another kind; expected the same kind"
    with pytest.raises(patron.errors.FailedPreconditionError) as caught:
        value.State.summary().merge(value.State.summary(unit="week"))
    assert str(caught.value) == "source: a state of other columns or options; expected the same"


# ---- One option for each of recency, frequency and monetary ----


@pytest.mark.parametrize("bins", [{"monetary": 10}, (None, None, 10)])
def test_bins_left_out_stay_at_the_default(bins: Any) -> None:
    scores = value.rfm(value.simulate_shop(customers=300).transactions, bins=bins)
    assert [len(counts) for counts in scores.counts.values()] == [5, 5, 10]


@pytest.mark.parametrize("weights", [{"monetary": 1.0}, (None, None, 1.0)])
def test_weights_left_out_stay_at_the_default(weights: Any) -> None:
    shop = value.simulate_shop(customers=300).transactions
    scores = value.rfm(shop, weights=weights)
    r, f, m = (scores[f"{name}_score"] for name in ("recency", "frequency", "monetary"))
    # The defaults are a third each.
    np.testing.assert_allclose(scores["weighted_score"], (r + f) / 3 + m)
    patron.defaults.set("rfm.weight.recency", 0.0)
    try:
        scores = value.rfm(shop, weights=weights)
        np.testing.assert_allclose(scores["weighted_score"], f / 3 + m)
    finally:
        patron.defaults.reset()


def test_one_weight_may_be_zero() -> None:
    shop = value.simulate_shop(customers=300).transactions
    scores = value.rfm(shop, weights={"recency": 0, "frequency": 0, "monetary": 2})
    assert scores["weighted_score"].tolist() == (2 * scores["monetary_score"]).tolist()


@pytest.mark.parametrize(("given", "name"), [("A", "a"), ("B", "b"), ("Putler", "putler")])
def test_the_case_of_a_preset_does_not_matter(given: str, name: str) -> None:
    assert value.Segments.preset(given) == value.Segments.preset(name)
    assert value.Pyramid.preset("ABC") == value.Pyramid.preset("abc")
    with pytest.raises(ValueError, match="name: 'Aa'; expected 'grid'"):
        value.Segments.preset("Aa")


def test_abc_by_both_boundaries() -> None:
    # The share with b is 0.85 and without it 0.5, so that b passes the cut at 0.8 or stops short.
    customers = {"customer_id": ["a", "b", "c"], "value": [50.0, 35.0, 15.0]}
    assert value.pyramid(customers, "abc")["customers"].tolist() == [2, 1, 0]
    including = value.pyramid(customers, "ABC", boundary="including")
    assert including["tier"].tolist() == ["A", "B", "C"]
    assert including["customers"].tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="boundary: 'including'; expected 'before' for 'curry'"):
        value.pyramid(customers, boundary="including")
    with pytest.raises(ValueError, match="expected it in the definition"):
        value.pyramid(customers, value.Pyramid.preset("abc"), boundary="including")


def test_figures_under_the_names_of_the_literature() -> None:
    # 20 + 30 + 60 up to the peak, of which 10 are lost again: 110 of 100.
    profits = [-10.0, 20.0, 30.0, 60.0]
    assert value.concentration(profits).gini_normalised == pytest.approx(11 / 18)
    curve = value.whale_curve(profits)
    assert (curve.peak_customers, curve.peak_share, curve.loss_beyond_peak) == (3, 1.1, 10.0)
    assert float(value.lifetime_value(100, 0.8, 0.1)) == pytest.approx(800 / 3)
