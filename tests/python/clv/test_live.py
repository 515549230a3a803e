"""One customer at a time, and regular buyers from raw transactions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from patron import clv, value

DAY = np.timedelta64(1, "D")


def _model() -> Any:
    return clv.MBGNBD.from_parameters([0.6, 6.0, 0.8, 2.4], time_unit="week")


def test_a_score_is_the_prediction_for_the_same_facts() -> None:
    rng = np.random.default_rng(3)
    spend = clv.GammaGamma.from_parameters([6.25, 3.74, 15.44])
    options: dict[str, Any] = {"discount_rate": 0.1, "discount_unit": "year", "spend": spend}
    model, ledger = _model(), value.Ledger()
    start = np.datetime64("2024-01-01", "D")
    for i in range(30):
        now = start + i * 3 * DAY
        customer = int(rng.integers(0, 4))
        ledger.append(
            {
                "transaction_id": [i],
                "customer_id": [customer],
                "date": np.array([now]),
                "amount": [float(rng.integers(5, 50))],
            }
        )
        summary = value.summarize(ledger.transactions(), unit="week", observation_end=now)
        row = int(np.flatnonzero(np.asarray(summary["customer_id"]) == customer)[0])
        predicted = model.predict(summary, 26, **options)
        score = model.score(ledger, 26, customer_id=customer, observation_end=now, **options)
        assert set(score) == set(predicted.columns) - {"customer_id"}
        for name, figure in score.items():
            assert figure == predicted[name][row]
        facts = ledger.summary(customer, observation_end=now, unit="week")
        assert model.score(facts, 26, **options) == score
        assert model.score(facts, outputs=["p_alive"]) == {"p_alive": score["p_alive"]}


def test_covariates_and_contracts() -> None:
    model = clv.ParetoNBD.from_parameters(
        [0.9, 6.0, 0.7, 15.0, 0.5, -0.4],
        transaction_covariates=["z"],
        dropout_covariates=["w"],
    )
    known = {"frequency": 2, "recency": 8.0, "T": 20.0}
    row = {name: [float(v)] for name, v in known.items()}
    predicted = model.predict(row, 5, covariates={"z": [1.0], "w": [2.0]})
    score = model.score(known, 5, covariates={"z": 1.0, "w": 2.0})
    assert score["expected_purchases"] == predicted["expected_purchases"][0]
    with pytest.raises(ValueError, match="covariates: no w; expected w"):
        model.score(known, 5, covariates={"z": 1.0})
    contract = clv.SBG.from_parameters([0.7, 2.0])
    assert contract.score({"T": 3, "churned": 1})["p_alive"] == 0
    assert contract.score({"T": 3})["p_alive"] == 1


def test_what_is_missing_is_named() -> None:
    model, ledger = _model(), value.Ledger()
    with pytest.raises(ValueError, match="customer: no recency; expected frequency, recency, T"):
        model.score({"frequency": 1, "T": 3})
    known = {"frequency": 1, "recency": 2, "T": 3}
    for ask in (
        model.score,
        lambda one, t=None, **k: model.predict({n: [v] for n, v in one.items()}, t, **k),
    ):
        with pytest.raises(ValueError, match="horizon: nan; expected a finite number, 0 or above"):
            ask(known, float("nan"))
        with pytest.raises(ValueError, match="discount_rate: nan; expected a finite number"):
            ask(known, discount_rate=float("nan"), discount_period=52)
    with pytest.raises(ValueError, match="customer_id: None; expected one with a ledger"):
        model.score(ledger, 26)
    with pytest.raises(ValueError, match="observation_end: None; expected one with a ledger"):
        model.score(ledger, 26, customer_id=3)
    with pytest.raises(ValueError, match="given without a ledger"):
        model.score({"frequency": 0, "recency": 0, "T": 3}, customer_id=3)
    with pytest.raises(KeyError, match="customer: 3; expected one of the ledger"):
        model.score(ledger, 26, customer_id=3, observation_end="2024-01-01")
    with pytest.raises(ValueError, match="unit: None; expected one with a ledger"):
        clv.MBGNBD.from_parameters([0.6, 6.0, 0.8, 2.4]).score(
            ledger, customer_id=3, observation_end="2024-01-01"
        )


def test_regular_buyers_from_transactions() -> None:
    truth = clv.MBGCNBD.from_parameters([1.3, 3.0, 0.5, 1.5], k=3)
    drawn = truth.simulate(np.full(3000, 40.0), seed=5, transactions=True)
    assert drawn.transactions is not None
    seconds = np.round(np.asarray(drawn.transactions["time"]) * 7 * 86_400 * 1e6).astype(np.int64)
    transactions = {
        "customer_id": np.asarray(drawn.transactions["row"]),
        "date": seconds.astype("datetime64[us]"),
        "amount": np.ones(len(seconds)),
    }
    options: dict[str, Any] = {"unit": "week", "merge": "none", "log_intervals": True}
    summary = value.summarize(transactions, observation_end="1970-10-08", **options)
    np.testing.assert_allclose(
        summary["log_intervals"], drawn.summary["log_intervals"], atol=1e-3, rtol=1e-6
    )
    model = clv.MBGCNBD().fit(summary)
    assert model.regularity_ == 3
    state = value.State.summary(observation_end="1970-10-08", **options).update(transactions)
    again = value.State.from_bytes(state.to_bytes()).finalize()
    np.testing.assert_array_equal(again["log_intervals"], summary["log_intervals"])
    assert "log_intervals" not in value.summarize(transactions).columns
    near, far = (model.predict(summary, t)["expected_purchases"] for t in (1e6, 1e12))
    assert np.isfinite(far).all()
    assert (far > near).all()


def test_regular_buyers_with_more_events_than_can_be_summed() -> None:
    # Some 12,000 events a unit of time: the sums over them would have 2e7 terms.
    for model_of in (clv.BGCNBD, clv.MBGCNBD):
        truth = model_of.from_parameters([1.2, 1e-4, 3.0, 2.0], k=3)
        ages = np.full(4000, 40.0)
        drawn = truth.simulate(ages, seed=8).summary
        counts = np.asarray(drawn["frequency"])
        spread = 4 * counts.std() * np.sqrt(len(counts))
        tracked = truth.tracking({"T": ages}, periods=1, period=40.0)
        assert tracked["expected"][0] == pytest.approx(counts.sum(), abs=spread)
        table = truth.frequency_table(drawn, most=8)
        assert np.isfinite(table["expected"]).all()
        assert table["expected"].sum() == pytest.approx(4000, rel=1e-9)
        np.testing.assert_allclose(table["expected"], table["actual"], atol=4 * np.sqrt(1000))
        predicted = truth.predict(drawn, 40.0)
        assert np.isfinite(predicted["expected_purchases"]).all()
