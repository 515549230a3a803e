"""What the Python tests share: reference data, and a small shop counted by hand."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron

Columns = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def reference_folder() -> Callable[[str], Path]:
    """Return the folder of a reference data set, or skip the test where there is none."""
    root = os.environ.get("PATRON_SHARED_DATA")
    base = Path(root) if root else Path(__file__).resolve().parents[3] / "shared" / "data"

    def folder(name: str) -> Path:
        if not (base / name).is_dir():
            pytest.skip(f"no reference data {name}: PATRON_SHARED_DATA names their folder")
        return base / name

    return folder


@pytest.fixture(scope="session")
def reference(reference_folder: Callable[[str], Path]) -> Callable[[str], Any]:
    """Return the reference numbers of a data set."""

    def load(name: str) -> Any:
        return json.loads((reference_folder(name) / "reference.json").read_text(encoding="utf-8"))

    return load


def read_columns(path: Path) -> dict[str, list[str]]:
    """Read a CSV file as text columns."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        head = next(rows)
        return dict(zip(head, map(list, zip(*rows, strict=True)), strict=True))


@pytest.fixture(scope="session")
def invoices(reference_folder: Callable[[str], Path]) -> Columns:
    """Return Online Retail: one row a customer and invoice, amounts in thousandths of a pound."""
    text = read_columns(reference_folder("online_retail") / "invoices.csv.gz")
    return {
        "customer_id": np.array(text["customer_id"], dtype=np.int64),
        "invoice": np.array(text["invoice"]),
        "date": np.array(text["date"], dtype="datetime64[D]"),
        "lines": np.array(text["lines"], dtype=np.int64),
        "amount": np.array(text["amount_milli"], dtype=np.int64),
        "credit": np.array(text["credit"], dtype=np.int64),
    }


@pytest.fixture(scope="session")
def purchases(invoices: Columns) -> Columns:
    """Return the purchases of Online Retail with a positive amount: the base of its RFM numbers."""
    keep = (invoices["credit"] == 0) & (invoices["amount"] > 0)
    return {name: values[keep] for name, values in invoices.items()}


@pytest.fixture(scope="session")
def cdnow(reference_folder: Callable[[str], Path]) -> Columns:
    """Return all transactions of CDNOW."""
    text = read_columns(reference_folder("cdnow") / "transactions_full.csv")
    return {
        "customer_id": np.array(text["customer_id"], dtype=np.int64),
        "date": np.array(text["date"], dtype="datetime64[D]"),
        "amount": np.array(text["amount"], dtype=np.float64),
    }


@pytest.fixture(scope="session")
def cdnow_sample(reference_folder: Callable[[str], Path]) -> Columns:
    """Return the transactions of the 2,357 customers of CDNOW that most papers use."""
    text = read_columns(reference_folder("cdnow") / "transactions_sample.csv")
    return {
        "customer_id": np.array(text["customer_id"], dtype=np.int64),
        "date": np.array(text["date"], dtype="datetime64[D]"),
        "amount": np.array(text["amount"], dtype=np.float64),
    }


@pytest.fixture
def rows() -> Columns:
    """Return a handful of transactions, counted by hand in the tests that use them."""
    return {
        "customer_id": np.array([1, 2, 1, 3, 2, 1]),
        "transaction_id": np.array([10, 11, 12, 13, 14, 15]),
        "order_id": np.array([100, 101, 102, 103, 104, 105]),
        "date": np.array(
            [
                "2024-01-05T10:00",
                "2024-01-20T09:00",
                "2024-02-01T12:00",
                "2024-02-14T23:30",
                "2024-03-31T00:00",
                "2024-03-01T08:00",
            ],
            dtype="datetime64[us]",
        ),
        "amount": np.array([10.0, 20.0, 30.0, 40.0, 50.0, -5.0]),
    }


@pytest.fixture(autouse=True)
def _untouched_process() -> Iterator[None]:
    """Leave threads and defaults as they were."""
    yield
    patron.set_threads(0)
    patron.defaults.reset()
