"""Simulated customers: the draws of lifetimes 0.11.3 under one seed, and the models' means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from patron.compat.lifetimes import generate_data  # noqa: E402
from patron.compat.lifetimes.utils import summary_data_from_transaction_data  # noqa: E402


def test_seed_gives_the_customers_of_lifetimes() -> None:
    np.random.seed(1)
    made = generate_data.beta_geometric_nbd_model(100.0, 0.24, 4.41, 0.79, 2.43, size=5)
    assert made.columns.tolist() == ["frequency", "recency", "T", "lambda", "p", "alive"]
    assert made.index.name == "customer_id"
    assert made["frequency"].tolist() == [0, 2, 1, 6, 0]
    assert made["recency"].tolist() == pytest.approx([0, 4.053745, 6.944606, 82.476377, 0])
    assert made["alive"].tolist() == [1, 0, 0, 1, 1]

    np.random.seed(1)
    made = generate_data.beta_geometric_beta_binom_model(6, 1.2, 0.75, 0.657, 2.78, size=4)
    assert made["frequency"].tolist() == [0, 6, 3, 2]
    assert made["recency"].tolist() == [0, 6, 4, 2]
    assert made["customer_id"].tolist() == [0, 1, 2, 3]
    assert made["theta"].tolist() == pytest.approx(
        [0.6403077, 0.0106269, 0.2431209, 0.1535779], abs=1e-6
    )


@pytest.mark.parametrize(
    ("T", "freq", "size"), [(100, "D", 200), ([400, 200, 5, 103], "D", 4), (100, "h", 200)]
)
def test_transactions_are_those_of_the_histories(T: Any, freq: str, size: int) -> None:
    parameters = (0.24, 4.41, 0.79, 2.43)
    np.random.seed(188)
    rows = generate_data.beta_geometric_nbd_model_transactional_data(
        T, *parameters, observation_period_end="2019-01-01", freq=freq, size=size
    )
    summary = summary_data_from_transaction_data(
        rows, "customer_id", "date", observation_period_end="2019-01-01", freq=freq
    )
    np.random.seed(188)
    made = generate_data.beta_geometric_nbd_model(T, *parameters, size=size)
    assert summary["frequency"].tolist() == made["frequency"].tolist()
    assert summary["recency"].tolist() == np.ceil(made["recency"]).tolist()
    assert summary["T"].tolist() == made["T"].tolist()


def test_mean_number_of_purchases() -> None:
    # Parameters with a light tail, so that the mean of 4,000 is sharp; units so small that no two
    # purchases share one. E[X(t)] is the integral of r / (alpha + ...) over the time alive.
    np.random.seed(5)
    made = generate_data.pareto_nbd_model(1000.0, 5.0, 500.0, 4.0, 2000.0, size=4000)
    expected = 5.0 * 2000.0 / (500.0 * 3.0) * (1 - (2000.0 / 3000.0) ** 3)
    error = made["frequency"].std() / np.sqrt(4000)
    assert abs(made["frequency"].mean() - expected) < 4 * error + 0.02


def test_modified_model_drops_out_at_birth() -> None:
    np.random.seed(3)
    made = generate_data.modified_beta_geometric_nbd_model(1e6, 9.0, 9.0, 3.0, 6.0, size=2000)
    # At birth a customer drops out with probability a / (a + b) = 1/3, and else surely buys.
    share = (made["frequency"] == 0).mean()
    assert abs(share - 1 / 3) < 4 * np.sqrt(2 / 9 / 2000)


def test_too_short_ages_are_refused() -> None:
    with pytest.raises(IndexError):
        generate_data.pareto_nbd_model([1.0, 2.0], 1, 1, 1, 1, size=3)
