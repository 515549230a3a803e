"""Loyalty in Patron and in other packages, in turn, in processor seconds.

    python benchmarks/peers/loyalty.py [--rows 1000000] [--runs 5] [--tasks km cox signals tiers]
                                       [--peer-python PYTHON] [--json FILE]

Survival beside lifelines and scikit-survival; signals and tiers beside pandas and polars. For those
there are as many purchases as rows, of a tenth as many customers over two years. Of the signals the
peers tell one, silence beyond the 0.9 quantile of the customer's own gaps; of the tiers they know
where each customer stands at the start of each month by the last 365 days. Patron tells all its
signals, and each change of tier with its cause.

The peers run in an interpreter of their own (`--peer-python`), as turns.py says. Results are compared before any time is reported: survival to
1e-9, coefficients to 1e-3, for the peers stop earlier. Data: durations in whole months, six
covariates, three of them indicators; a third of the customers is still there.
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import turns

NAMES = ["a", "b", "c", "d", "e", "f"]


def customers(rows: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(20240701)
    x = np.column_stack([draw.random((rows, 3)) < 0.3, draw.normal(size=(rows, 3))]).astype(float)
    risk = np.exp(x @ [-0.6, -0.3, 0.2, 0.3, 0.6, -0.4])
    leaves, seen = draw.exponential(40 / risk), draw.uniform(0, 72, rows)
    return {
        "duration": np.ceil(np.minimum(leaves, seen)),
        "event": leaves <= seen,
        **{name: x[:, i].copy() for i, name in enumerate(NAMES)},
    }


LEVELS = {"base": 0, "silver": 400, "gold": 800}
DAYS = 730
FIRST = np.datetime64("2023-01-01")
MONTHS = np.arange("2023-01", "2025-01", dtype="M8[M]").astype("M8[D]")


def purchases(rows: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(20240702)
    customer = draw.integers(0, max(1, rows // 10), rows)
    return {
        "customer_id": customer,
        "date": FIRST + draw.integers(0, DAYS, rows),
        "amount": draw.integers(1, 100, rows).astype(float),
    }


# ---- One library in one process ----


def patron_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import patron
    from patron.loyalty import Cox, KaplanMeier, signals
    from patron.value import TierBook, TierPolicy

    patron.set_threads(1)
    table = patron.Table({name: data[name] for name in ["duration", "event", *NAMES]})
    bought = patron.Table({name: data[name] for name in ("customer_id", "date", "amount")})
    policy = TierPolicy(
        LEVELS,
        window="trailing_days",
        length=365,
        demotion="to_earned",
        margin=1.0,
        grace=1,
    )

    def silent() -> int:
        evidence = signals(bought, FIRST + DAYS).evidence
        return int((evidence["signal"] == "own_quantile").sum())

    def tiers() -> list[int]:
        book = TierBook(policy)
        book.append(bought)
        standing = book.history(MONTHS[-1])["tier"]
        return [int((standing == name).sum()) for name in list(LEVELS)[1:]]

    return {
        "signals": silent,
        "tiers": tiers,
        "km": lambda: KaplanMeier().fit(data["duration"], data["event"]).at(24)["survival"][0],
        "cox": lambda: list(Cox().fit(table, covariates=NAMES).params_.values()),
    }


def lifelines_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter

    frame = pd.DataFrame({name: data[name] for name in ["duration", "event", *NAMES]})
    return {
        "km": lambda: float(
            KaplanMeierFitter().fit(data["duration"], data["event"]).survival_function_at_times(24)
        ),
        "cox": lambda: CoxPHFitter().fit(frame, "duration", "event").params_.tolist(),
    }


def sksurv_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    x = np.column_stack([data[name] for name in NAMES])
    y = Surv.from_arrays(data["event"], data["duration"])

    def curve() -> float:
        times, survival = kaplan_meier_estimator(data["event"], data["duration"])
        return float(survival[np.searchsorted(times, 24, side="right") - 1])

    return {
        "km": curve,
        "cox": lambda: CoxPHSurvivalAnalysis(ties="efron").fit(x, y).coef_.tolist(),
    }


def pandas_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import pandas as pd

    frame = pd.DataFrame({name: data[name] for name in ("customer_id", "date", "amount")})

    def silent() -> int:
        days = frame[["customer_id", "date"]].drop_duplicates().sort_values(["customer_id", "date"])
        gaps = days.groupby("customer_id")["date"].diff().dt.days
        by = gaps.groupby(days["customer_id"])
        bound, count = by.quantile(0.9), by.count()
        silence = (pd.Timestamp(FIRST + DAYS) - days.groupby("customer_id")["date"].max()).dt.days
        return int(((silence > bound) & (count >= 3)).sum())

    def tiers() -> list[int]:
        sums = None
        for month in MONTHS:
            inside = frame[(frame["date"] >= month - 365) & (frame["date"] < month)]
            sums = inside.groupby("customer_id")["amount"].sum()
        tier = pd.cut(sums, [*LEVELS.values(), np.inf], right=False, labels=list(LEVELS))
        counts = tier.value_counts()
        return [int(counts[name]) for name in list(LEVELS)[1:]]

    return {"signals": silent, "tiers": tiers}


def polars_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import polars as pl

    frame = pl.DataFrame({name: data[name] for name in ("customer_id", "date", "amount")})

    def silent() -> int:
        days = frame.select("customer_id", "date").unique().sort("customer_id", "date")
        gap = pl.col("date").diff().dt.total_days()
        found = days.group_by("customer_id").agg(
            bound=gap.quantile(0.9, interpolation="linear"),
            count=gap.count(),
            last=pl.col("date").max(),
        )
        silence = (pl.lit(FIRST + DAYS) - pl.col("last")).dt.total_days()
        return found.filter((silence > pl.col("bound")) & (pl.col("count") >= 3)).height

    def tiers() -> list[int]:
        sums = None
        for month in MONTHS:
            inside = pl.col("date").is_between(month - 365, month, closed="left")
            sums = frame.filter(inside).group_by("customer_id").agg(pl.col("amount").sum())
        assert sums is not None
        floors = [*LEVELS.values(), np.inf]
        return [
            sums.filter(pl.col("amount").is_between(low, high, closed="left")).height
            for low, high in pairwise(floors[1:])
        ]

    return {"signals": silent, "tiers": tiers}


LIBRARIES = {
    "patron": patron_tasks,
    "lifelines": lifelines_tasks,
    "scikit-survival": sksurv_tasks,
    "pandas": pandas_tasks,
    "polars": polars_tasks,
}


def same(task: str, one: Any, own: Any) -> bool:
    # Peers stop earlier; where silence is the quantile itself, its rounding decides.
    near = 1e-3 if task in ("cox", "signals") else 1e-9
    return bool(np.allclose(one, own, rtol=near, atol=0))


def main() -> None:
    parser = turns.parser_of(__doc__.splitlines()[0], ["km", "cox", "signals", "tiers"], LIBRARIES)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    if arguments.work:
        library, path = arguments.work
        turns.serve(library, LIBRARIES[library](dict(np.load(path))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "customers.npz")
        np.savez(path, **customers(arguments.rows), **purchases(arguments.rows))  # type: ignore[arg-type]
        turns.compare(__file__, arguments, [path], same, lambda task, answer: "")


if __name__ == "__main__":
    main()
