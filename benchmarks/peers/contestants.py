"""The same tasks in each library, from the same Arrow table to the same answer.

A low recency is a high score and a value equal to a cut falls to the worse side, so a date equal to its
cut scores above it, and a frequency or amount below.

Each contestant is a pair of functions: `load(table)` turns the Arrow table into what the library works
on (not timed), `run(loaded)` does the task and returns (answer to compare, result to keep alive).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

Load = Callable[[pa.Table], Any]
Run = Callable[[Any], tuple[float, Any]]

AS_OF_DAY = 730
CUTS = (0.2, 0.4, 0.6, 0.8)


def patron_rfm() -> tuple[Load, Run]:
    import patron

    patron.set_threads(2)

    def run(table: pa.Table) -> tuple[float, Any]:
        scores = patron.value.rfm(table, amount="cents", amount_decimals=2, as_of="1972-01-01")
        return float(scores["rfm"].sum(dtype=np.int64)), scores

    return lambda table: table, run


def polars_rfm() -> tuple[Load, Run]:
    import polars as pl

    measures = ("date", "frequency", "cents")

    def run(frame: Any) -> tuple[float, Any]:
        totals = (
            frame.lazy()
            .group_by("customer_id")
            .agg(
                pl.col("date").max().to_physical(),
                pl.len().alias("frequency"),
                pl.col("cents").cast(pl.Int64).sum(),
            )
            .collect()
        )
        scores = []
        for name in measures:
            column = totals[name]
            cuts = [column.quantile(p, "linear") for p in CUTS]
            above = pl.col(name).ge if name == "date" else pl.col(name).gt
            score = sum(above(cut).cast(pl.Int32) for cut in cuts) + 1
            scores.append(score.alias(f"{name}_score"))
        scored = totals.with_columns(scores)
        total = scored.select(
            (
                100 * pl.col("date_score") + 10 * pl.col("frequency_score") + pl.col("cents_score")
            ).sum()
        )
        return float(total.item()), scored

    return lambda table: pl.from_arrow(table), run


def pandas_rfm() -> tuple[Load, Run]:
    import pandas as pd

    def load(table: pa.Table) -> Any:
        days = table["date"].cast(pa.int32())
        return table.set_column(1, "date", days).to_pandas()

    def run(frame: Any) -> tuple[float, Any]:
        grouped = frame.groupby("customer_id", sort=False)
        totals = grouped.agg(
            date=("date", "max"), frequency=("date", "size"), cents=("cents", "sum")
        )
        for name in ("date", "frequency", "cents"):
            column = totals[name]
            cuts = column.quantile(list(CUTS)).to_numpy()
            side = "right" if name == "date" else "left"
            totals[f"{name}_score"] = np.searchsorted(cuts, column.to_numpy(), side=side) + 1
        combined = (
            100 * totals["date_score"] + 10 * totals["frequency_score"] + totals["cents_score"]
        )
        return float(combined.sum()), totals

    del pd
    return load, run


def duckdb_rfm() -> tuple[Load, Run]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    score = " + ".join("({0} {1} {0}_cuts[" + str(i) + "])::INT" for i in (1, 2, 3, 4)) + " + 1"
    query = f"""
        WITH totals AS (
            SELECT customer_id, max("date" - DATE '1970-01-01') AS day, count(*) AS frequency,
                   sum(cents::BIGINT) AS cents
            FROM loaded GROUP BY customer_id),
        cuts AS (
            SELECT quantile_cont(day, [0.2, 0.4, 0.6, 0.8]) AS day_cuts,
                   quantile_cont(frequency, [0.2, 0.4, 0.6, 0.8]) AS frequency_cuts,
                   quantile_cont(cents, [0.2, 0.4, 0.6, 0.8]) AS cents_cuts
            FROM totals)
        SELECT customer_id, day, frequency, cents, {score.format("day", ">=")} AS day_score,
               {score.format("frequency", ">")} AS frequency_score, {score.format("cents", ">")} AS cents_score
        FROM totals, cuts"""

    def run(loaded: pa.Table) -> tuple[float, Any]:
        connection.register("loaded", loaded)
        scored = connection.execute(query).to_arrow_table()
        parts = (scored[f"{name}_score"].to_numpy() for name in ("day", "frequency", "cents"))
        r, f, m = (int(part.sum(dtype=np.int64)) for part in parts)
        return float(100 * r + 10 * f + m), scored

    return lambda table: table, run


SHARES = (0.01, 0.05, 0.20, 1.0)


def patron_pyramid() -> tuple[Load, Run]:
    import patron

    patron.set_threads(2)

    def run(table: pa.Table) -> tuple[float, Any]:
        spread = patron.value.concentration(table["value"])
        pyramid = patron.value.pyramid(table)
        return spread.gini, (spread, pyramid)

    return lambda table: table, run


def _answers(ascending: np.ndarray) -> tuple[float, np.ndarray]:
    """Normalised Gini, and the least value of each tier, of sorted values."""
    n = len(ascending)
    weights = 2.0 * np.arange(n) + 1.0 - n
    gini = 2.0 * np.dot(weights, ascending) / (2.0 * (n - 1) * np.abs(ascending).sum())
    np.cumsum(ascending[::-1])  # The shares of value.
    floors = ascending[[n - int(np.ceil(share * n - 1e-6)) for share in SHARES]]
    return gini, floors


def numpy_pyramid() -> tuple[Load, Run]:
    def run(values: np.ndarray) -> tuple[float, Any]:
        gini, floors = _answers(np.sort(values))
        tiers = np.searchsorted(floors[::-1], values, side="right")
        return gini, tiers

    return lambda table: table["value"].to_numpy(), run


def pandas_pyramid() -> tuple[Load, Run]:
    import pandas as pd

    def run(values: Any) -> tuple[float, Any]:
        gini, floors = _answers(values.sort_values().to_numpy())
        tiers = np.searchsorted(floors[::-1], values.to_numpy(), side="right")
        return gini, tiers

    del pd
    return lambda table: table["value"].to_pandas(), run


def polars_pyramid() -> tuple[Load, Run]:
    import polars as pl

    def run(values: Any) -> tuple[float, Any]:
        gini, floors = _answers(values.sort().to_numpy())
        tiers = values.to_frame().select(sum((pl.col("value") >= f).cast(pl.Int8) for f in floors))
        return gini, tiers

    return lambda table: pl.from_arrow(table)["value"], run


def duckdb_pyramid() -> tuple[Load, Run]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")

    def run(loaded: pa.Table) -> tuple[float, Any]:
        connection.register("loaded", loaded)
        ordered = connection.execute("SELECT value FROM loaded ORDER BY value").to_arrow_table()
        gini, floors = _answers(ordered["value"].to_numpy())
        tier = " + ".join(f"(value >= {floor!r})::TINYINT" for floor in floors.tolist())
        return gini, connection.execute(f"SELECT {tier} FROM loaded").to_arrow_table()

    return lambda table: table, run


TASKS: dict[str, dict[str, Callable[[], tuple[Load, Run]]]] = {
    "integer": {
        "patron": patron_rfm,
        "polars": polars_rfm,
        "pandas": pandas_rfm,
        "duckdb": duckdb_rfm,
    },
    "text": {
        "patron": patron_rfm,
        "polars": polars_rfm,
        "pandas": pandas_rfm,
        "duckdb": duckdb_rfm,
    },
    "values": {
        "patron": patron_pyramid,
        "numpy": numpy_pyramid,
        "polars": polars_pyramid,
        "pandas": pandas_pyramid,
        "duckdb": duckdb_pyramid,
    },
}
