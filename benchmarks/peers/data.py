"""The data of the benchmarks: transactions and values that any machine generates alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def split_mix(first: int, count: int, seed: int = 42) -> np.ndarray:
    """Draws `first` to `first + count` of SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + GOLDEN * np.arange(first + 1, first + count + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniforms(first: int, count: int, seed: int = 42) -> np.ndarray:
    """Numbers in [0, 1) with 53 bits."""
    return (split_mix(first, count, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def transactions(rows: int, customers: int, *, text: bool) -> pa.Table:
    """Rows (customer_id, date, cents): every customer once, then some far more often than others.

    With 10,000,000 rows of 1,000,000 customers the cents sum to 49,991,868,342.
    """
    u = uniforms(0, 3 * rows).reshape(rows, 3)
    customer = np.where(
        np.arange(rows) < customers, np.arange(rows), np.floor(customers * u[:, 0] ** 2)
    ).astype(np.int32)
    day = np.floor(730 * u[:, 1]).astype(np.int32)
    cents = (1 + np.floor(-5000 * np.log(1 - u[:, 2]))).astype(np.int32)
    if (rows, customers) == (10_000_000, 1_000_000) and cents.sum(dtype=np.int64) != 49_991_868_342:
        raise RuntimeError("the generated cents do not have the sum that they should have")
    ids: pa.Array = pa.array(customer)
    if text:
        names = pa.array([f"{z:016x}" for z in split_mix(0, customers, seed=7).tolist()])
        ids = names.take(ids)
    dates = pa.array(day).cast(pa.date32())
    return pa.table({"customer_id": ids, "date": dates, "cents": pa.array(cents)})


def values(count: int) -> pa.Table:
    """Profits of customers: gamma-like gains of very different size, one in twenty a loss."""
    u = uniforms(0, 2 * count, seed=11).reshape(count, 2)
    gains = 100 * np.log(1 - u[:, 0]) ** 2
    return pa.table(
        {
            "customer_id": pa.array(np.arange(count)),
            "value": np.where(u[:, 1] < 0.05, -gains / 4, gains),
        }
    )


def stored(folder: Path, name: str, rows: int, customers: int) -> Path:
    """Writes the data set called `name` once and returns its file."""
    path = folder / f"{name}-{rows}-{customers}.arrow"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        table = (
            values(rows) if name == "values" else transactions(rows, customers, text=name == "text")
        )
        feather.write_feather(table, str(path), compression="uncompressed", chunksize=rows)
    return path
