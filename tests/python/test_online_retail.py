"""Reference numbers of the Online Retail data (reference.json of the data folder)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from patron import value

Columns = dict[str, np.ndarray]
AS_OF = "2011-12-10"
MILLI = {"amount_decimals": 3, "decimals": 3}


@pytest.fixture(scope="module")
def expected(reference: Callable[[str], Any]) -> Any:
    return reference("online_retail")


@pytest.fixture(scope="module")
def gross(purchases: Columns) -> np.ndarray:
    """Gross value of each of the 4,338 customers, in thousandths of a pound."""
    ids, where = np.unique(purchases["customer_id"], return_inverse=True)
    total = np.zeros(len(ids), dtype=np.int64)
    np.add.at(total, where, purchases["amount"])
    return total


@pytest.fixture(scope="module")
def net(invoices: Columns) -> np.ndarray:
    """Net value of each of the 4,372 customers, in thousandths of a pound."""
    ids, where = np.unique(invoices["customer_id"], return_inverse=True)
    total = np.zeros(len(ids), dtype=np.int64)
    np.add.at(total, where, invoices["amount"])
    return total


def counts(scores: value.RfmScores) -> dict[str, list[int]]:
    return {name[0].upper(): values.tolist() for name, values in scores.counts.items()}


def test_rows_and_sums(invoices: Columns, expected: Any) -> None:
    ledger = value.Ledger(decimals=3)
    table = {**invoices, "transaction_id": np.arange(len(invoices["amount"]))}
    report = ledger.append(table, amount_decimals=3)
    customers = ledger.customers(money="units")
    reference = expected["invoices"]
    assert report.applied == reference["rows"]
    assert len(customers) == reference["customers"]
    assert customers["gross"].sum() == reference["gross_milli"]
    assert customers["refunds"].sum() == reference["credit_milli"]
    assert customers["net"].sum() == reference["net_milli"]
    assert (customers["net"] < 0).sum() == reference["customers_net_negative"]
    assert (customers["net"] == 0).sum() == reference["customers_net_zero"]


def test_rfm_as_the_r_package(purchases: Columns, expected: Any) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method="rpkg", **MILLI)
    reference = expected["rfm_rpkg_rule"]
    assert counts(scores) == {key: reference[key] for key in "RFM"}
    for name, cuts in reference["cuts"].items():
        np.testing.assert_allclose(scores.cuts[name], cuts, rtol=1e-9)
    rfm = scores["rfm"]
    assert rfm.sum() == reference["sum_rfm_score"]
    assert (rfm == 555).sum() == reference["n_555"]
    assert (rfm == 111).sum() == reference["n_111"]
    assert len(np.unique(rfm)) == reference["distinct_scores"]
    for i, (customer, recency, frequency, monetary, score) in enumerate(reference["first_rows"]):
        assert scores["customer_id"][i] == customer
        assert scores["recency"][i] == recency
        assert scores["frequency"][i] == frequency
        assert scores["monetary"][i] == pytest.approx(monetary, rel=1e-9)
        assert rfm[i] == score


def test_rfm_by_thresholds(purchases: Columns, expected: Any) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, **MILLI)
    reference = expected["rfm_right_closed"]
    assert counts(scores) == {key: reference[key] for key in "RFM"}
    for name, cuts in reference["cuts"].items():
        np.testing.assert_allclose(scores.cuts[name], cuts, rtol=1e-9)
    assert scores.report is not None
    assert scores.report.used == expected["rfm_base"]["invoices"]
    assert len(scores) == expected["rfm_base"]["customers"]


@pytest.mark.parametrize(("method", "key"), [("ntile", "rfm_ntile"), ("midrank", "rfm_midrank")])
def test_rfm_by_rank(purchases: Columns, expected: Any, method: Any, key: str) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method=method, **MILLI)
    reference = expected[key]
    assert counts(scores) == {name: reference[name] for name in "RFM"}
    assert scores["rfm"].sum() == reference["sum_rfm_score"]
    if "n_555" in reference:
        assert (scores["rfm"] == 555).sum() == reference["n_555"]
        assert (scores["rfm"] == 111).sum() == reference["n_111"]


def test_midrank_reports_its_empty_bin(purchases: Columns) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method="midrank", **MILLI)
    assert scores.empty_bins == {"recency": [], "frequency": [2], "monetary": []}


def test_rfm_nested(purchases: Columns, expected: Any) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method="nested", **MILLI)
    reference = expected["rfm_nested_ntile"]
    assert counts(scores)["F"] == reference["F"]
    assert counts(scores)["M"] == reference["M"]
    assert scores["rfm"].sum() == reference["sum_rfm_score"]
    _, cells = np.unique(scores["rfm"], return_counts=True)
    assert (len(cells), cells.min(), cells.max()) == (
        reference["cells"],
        reference["min_cell"],
        reference["max_cell"],
    )


def test_rfm_as_pandas_qcut(purchases: Columns, expected: Any) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method="qcut_drop", **MILLI)
    reference = expected["pandas_qcut"]
    got = counts(scores)
    assert got["M"] == reference["M"]
    assert got["R"] == reference["R_best_last"]
    assert [n for n in got["F"] if n] == reference["F_duplicates_drop"]


@pytest.mark.parametrize(("rules", "key"), [("a", "segments_A"), ("b", "segments_B")])
def test_segments(purchases: Columns, expected: Any, rules: str, key: str) -> None:
    scores = value.rfm(purchases, as_of=AS_OF, method="rpkg", **MILLI)
    totals = value.segments(scores, rules).to_dict()
    found = {
        name: (int(customers), int(orders), amount)
        for name, customers, orders, amount in zip(
            totals["segment"], totals["customers"], totals["orders"], totals["value"], strict=True
        )
        if customers
    }
    assert set(found) == set(expected[key])
    for name, reference in expected[key].items():
        customers, orders, amount = found[name]
        assert (customers, orders) == (reference["customers"], reference["orders"])
        assert amount == pytest.approx(reference["revenue"], rel=1e-9)


def test_concentration_of_gross(gross: np.ndarray, expected: Any) -> None:
    reference = expected["concentration_gross"]
    c = value.concentration(gross)
    assert c.customers == reference["n"]
    assert c.gini_biased == pytest.approx(reference["gini_biased"], rel=1e-9)
    assert c.gini_unbiased == pytest.approx(reference["gini_unbiased"], rel=1e-9)
    assert c.gini == c.gini_unbiased
    assert c.herfindahl == pytest.approx(reference["hhi"], rel=1e-9)
    assert c.herfindahl_normalised == pytest.approx(reference["hhi_normalised"], rel=1e-9)
    assert c.effective_number == pytest.approx(reference["n_effective"], rel=1e-9)


def test_shares_of_gross(gross: np.ndarray, expected: Any) -> None:
    reference = expected["concentration_gross"]
    asked = [float(key.rstrip("%")) / 100 for key in reference["top_share_ceil"]]
    curve = value.share_curve(gross, asked)
    for i, (customers, share) in enumerate(reference["top_share_ceil"].values()):
        assert curve["customers"][i] == customers
        assert curve["value_share"][i] == pytest.approx(share, abs=5.1e-11)  # Given to 10 digits.
    fewest = value.customers_for_share(gross, [0.80, 0.78])["customers"]
    assert fewest.tolist() == [reference["k_for_80pct"], reference["k_for_78pct"]]


def test_lorenz_deciles(gross: np.ndarray, expected: Any) -> None:
    curve = value.lorenz(gross)
    n = len(gross)
    at = [-(-n * k // 10) for k in range(1, 11)]
    np.testing.assert_allclose(
        curve["value_share"][at],
        expected["concentration_gross"]["lorenz_deciles_ceil"],
        atol=5.1e-11,
    )


def test_concentration_of_net(net: np.ndarray, invoices: Columns, expected: Any) -> None:
    reference = expected["concentration_net"]
    c = value.concentration(net)
    assert c.customers == reference["n"]
    assert c.negatives == expected["invoices"]["customers_net_negative"]
    assert c.gini == pytest.approx(reference["gini_rsv"], rel=1e-9)
    assert c.gini_biased == pytest.approx(reference["gini_raw_biased"], rel=1e-9)
    assert c.gini_unbiased == pytest.approx(reference["gini_raw_unbiased"], rel=1e-9)
    assert np.isnan(c.herfindahl)
    curve = value.share_curve(net, 0.2)
    assert curve["customers"][0] == reference["top20"][0]
    assert curve["value_share"][0] == pytest.approx(reference["top20"][1], abs=5.1e-11)
    assert value.customers_for_share(net, 0.8)["customers"][0] == reference["k_for_80pct"]
    state = value.State.concentration(**MILLI).update(invoices)
    finished = state.finalize()
    assert isinstance(finished, value.Concentration)
    assert finished.gini == pytest.approx(reference["gini_rsv"], rel=1e-9)


def test_curry_pyramid(purchases: Columns, gross: np.ndarray, expected: Any) -> None:
    reference = expected["curry_1_4_15_80_by_rank"]
    customers = {"customer_id": np.unique(purchases["customer_id"]), "value": gross}
    tiers = value.pyramid(customers, "curry", decimals=3)
    assert tiers["customers"].tolist() == reference["sizes"]
    np.testing.assert_allclose(tiers["value_share"], reference["revenue_shares"], atol=5.1e-11)
    np.testing.assert_allclose(
        np.asarray(tiers["entry_threshold"]) * 1000, reference["entry_threshold_milli"], rtol=1e-12
    )
    membership = tiers.membership
    assert membership["customer_id"].tolist() == customers["customer_id"].tolist()
    names, sizes = np.unique(membership["tier"].astype(str), return_counts=True)
    assert dict(zip(names, sizes, strict=True)) == dict(
        zip(tiers["tier"], reference["sizes"], strict=True)
    )


@pytest.mark.parametrize(
    ("boundary", "key"),
    [
        ("before", "class_by_cum_share_before_item"),
        ("including", "class_by_cum_share_including_item"),
    ],
)
def test_abc(purchases: Columns, gross: np.ndarray, expected: Any, boundary: Any, key: str) -> None:
    customers = {"customer_id": np.unique(purchases["customer_id"]), "value": gross}
    definition = value.Pyramid(
        ["A", "B", "C"], [0.8, 0.95, 1.0], method="value_share", boundary=boundary
    )
    assert definition.build(customers)["customers"].tolist() == expected["abc_80_95"][key]


@pytest.mark.parametrize(
    ("rate", "invoice_cost", "key"),
    [(0.25, 15.0, "cost_to_serve_model"), (0.12, 20.0, "cost_to_serve_model_B")],
)
def test_cost_to_serve(
    invoices: Columns, net: np.ndarray, expected: Any, rate: float, invoice_cost: float, key: str
) -> None:
    reference = expected[key]
    ids, where = np.unique(invoices["customer_id"], return_inverse=True)
    counted = {
        "invoices": np.bincount(where, weights=1 - invoices["credit"]).astype(np.int64),
        "credit_notes": np.bincount(where, weights=invoices["credit"]).astype(np.int64),
        "lines": np.bincount(where, weights=invoices["lines"]).astype(np.int64),
    }
    profit = value.profitability(
        {"customer_id": ids, "revenue": net, **counted},
        margin_rate=rate,
        drivers={"invoices": invoice_cost, "credit_notes": 10.0, "lines": 0.25},
        decimals=3,
    )
    assert profit["customer_id"].tolist() == ids.tolist()
    values = profit["profit"]
    assert len(values) == reference["n"]
    assert values.sum() * 1000 == pytest.approx(reference["sum"], rel=1e-9)

    curve = value.whale_curve(values)
    figures = curve.figures
    assert figures.negatives == reference["negative"]
    assert figures.negative_sum * 1000 == pytest.approx(reference["sum_negative"], rel=1e-9)
    assert figures.peak_customers == reference["whale_peak_k"]
    assert figures.peak_share == pytest.approx(reference["whale_peak_over_total"], rel=1e-9)
    assert figures.full_customers == reference["k_first_at_100pct"]
    c = value.concentration(values)
    assert c.gini == pytest.approx(reference["gini_rsv"], rel=1e-9)
    assert c.gini_biased == pytest.approx(reference["gini_raw_biased"], rel=1e-9)
    top_20 = reference.get("top20_cum_share_ceil") or reference["cum_share_ceil"]["20%"]
    assert c.top_20_share == pytest.approx(top_20, rel=1e-9)
    for share, held in reference.get("cum_share_ceil", {}).items():
        asked = float(share.rstrip("%")) / 100
        got = value.share_curve(values, asked)["value_share"][0]
        assert got == pytest.approx(held, rel=1e-9)


def test_cohorts(purchases: Columns, expected: Any) -> None:
    reference = expected["monthly_cohorts"]
    followed = value.cohorts(purchases, **MILLI)
    matrix = followed.matrix("active")
    assert str(matrix.cohorts[0])[:7] == reference["first_cohort"]
    rows = [row[~np.isnan(row)].astype(int).tolist() for row in matrix.values]
    assert rows == reference["active_customers_by_age_months"]


def test_repeat_customers(purchases: Columns, expected: Any) -> None:
    reference = expected["repeat"]
    orders = value.rfm(purchases, as_of=AS_OF, **MILLI)["frequency"]
    assert (orders >= 2).mean() == pytest.approx(
        reference["customers_ge2_invoices_share"], rel=1e-12
    )
    assert (orders >= 3).mean() == pytest.approx(reference["ge3"], rel=1e-12)
    assert (orders >= 4).mean() == pytest.approx(reference["ge4_three_repeats"], rel=1e-12)
    assert orders.mean() == pytest.approx(reference["invoices_per_customer"], rel=1e-12)
    days = value.rfm(purchases, as_of=AS_OF, frequency="days", **MILLI)["frequency"]
    assert [(days >= k).sum() for k in (2, 3, 4)] == [
        reference["distinct_days_ge2"],
        reference["distinct_days_ge3"],
        reference["distinct_days_ge4"],
    ]
    summary = value.summarize(purchases, **MILLI)
    assert (summary["frequency"] >= 1).sum() == reference["distinct_days_ge2"]


def test_migration_between_two_pyramids(purchases: Columns, expected: Any) -> None:
    reference = expected["migration"]
    date = purchases["date"]

    def tiers(first: str, last: str) -> dict[int, int]:
        keep = (date >= np.datetime64(first)) & (date <= np.datetime64(last))
        table = {name: values[keep] for name, values in purchases.items()}
        membership = value.pyramid(value.rfm(table, **MILLI), value="monetary").membership
        order = {"top": 0, "large": 1, "medium": 2, "small": 3}
        return {
            int(customer): order[tier]
            for customer, tier in zip(membership["customer_id"], membership["tier"], strict=True)
        }

    before, after = tiers("2010-12-01", "2011-05-31"), tiers("2011-06-01", "2011-11-30")
    assert (len(before), len(after)) == (reference["n_from"], reference["n_to"])
    matrix = np.zeros((5, 5), dtype=int)
    for customer in before.keys() | after.keys():
        matrix[before.get(customer, 4), after.get(customer, 4)] += 1
    assert matrix.tolist() == reference["counts_rows_from_1_to_5"]
