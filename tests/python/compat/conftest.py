"""What the tests of the compatible interface share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pd = pytest.importorskip("pandas")


@pytest.fixture(scope="session")
def orders() -> Any:
    """Return a few purchases, two of them on one day."""
    return pd.DataFrame(
        {
            "id": [1, 2, 1, 3, 3, 3, 4, 4, 4],
            "date": [
                "2024-01-01",
                "2024-01-10",
                "2024-02-05",
                "2024-01-01",
                "2024-01-02",
                "2024-01-02",
                "2024-01-16",
                "2024-02-02",
                "2024-02-05",
            ],
            "value": [10.0, 20.0, 30.0, 5.0, 6.0, 8.0, 1.0, 2.0, 4.0],
        }
    )


@pytest.fixture(scope="session")
def histories(reference_folder: Callable[[str], Path]) -> Any:
    """Return the table behind the published estimates for CDNOW: weeks, two decimals."""
    table = pd.read_csv(
        reference_folder("cdnow") / "summary_sample_rounded.csv", index_col="customer_id"
    )
    table.columns = ["frequency", "recency", "T", "monetary_value"]
    return table


class Stub:
    """A model of simple formulas, for what only asks models."""

    def __init__(self) -> None:
        self.data = pd.DataFrame(
            {
                "frequency": [0, 1, 2, 2, 5],
                "recency": [0.0, 2.0, 3.0, 4.0, 9.0],
                "T": [10.0, 9.0, 8.0, 10.0, 10.0],
            }
        )

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        return 1.0 / (1.0 + frequency + (T - recency))

    def conditional_probability_alive_matrix(self, frequency: Any, recency: Any) -> Any:
        import numpy as np

        return np.arange(12.0).reshape(4, 3)

    def expected_number_of_purchases_up_to_time(self, t: Any) -> Any:
        return 0.5 * t

    def conditional_expected_number_of_purchases_up_to_time(
        self, t: Any, frequency: Any, recency: Any, T: Any
    ) -> Any:
        return t * (frequency + 1) / (T + 2)

    predict = conditional_expected_number_of_purchases_up_to_time

    def generate_new_data(self, size: int) -> Any:
        return pd.DataFrame({"frequency": [0, 0, 1, 4, 7][:size]})

    def _unload_params(self, *names: str) -> list[float]:
        values = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
        return [values[name] for name in names]


@pytest.fixture
def stub() -> Stub:
    return Stub()
