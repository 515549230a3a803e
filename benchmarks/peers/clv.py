"""Fits and predictions of lifetime value in Patron, lifetimes and scipy, in turn, in processor seconds.

    python benchmarks/peers/clv.py [DATA ...] [--models bg mbg pareto gompertz] [--runs 3]
                                   [--peer-python PYTHON] [--json FILE] [--slow]

lifetimes 0.11.3 wants older libraries than Patron, so the peers run in an interpreter of their own
(`--peer-python`); benchmarks/README.md says how to make it. Each library lives in one process, which is told
what to run next, so that a change of the machine's speed meets all alike. The log-likelihoods are compared
before any time is reported. Data: `sample` and `full`, the CDNOW histories to 1997-09-30 below
$PATRON_SHARED_DATA; `200k` and `1M`, customers drawn from a Pareto/NBD with times in whole days.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import machine
import numpy as np

HORIZON = 39.0
KEYS = ("frequency", "recency", "T")
SYNTHETIC = {"200k": (200_000, 20240601), "1M": (1_000_000, 20240602)}
# What would take minutes, and is left out unless --slow is given.
SLOW = {("lifetimes", "pareto", "1M"), ("lifetimes", "pareto", "200k"), ("scipy", "pareto", "1M")}


# ---- Data: rows of (frequency, recency, T) in weeks ----


def cdnow(name: str) -> np.ndarray:
    default = Path(__file__).resolve().parents[2] / "../shared/data"
    folder = Path(os.environ.get("PATRON_SHARED_DATA", default)) / "cdnow"
    end = datetime.date(1997, 9, 30)
    days: dict[str, set[datetime.date]] = {}
    with (folder / f"transactions_{name}.csv").open() as file:
        for row in csv.DictReader(file):
            day = datetime.date.fromisoformat(row["date"])
            if day <= end:
                days.setdefault(row["customer_id"], set()).add(day)
    rows = [
        (len(d) - 1, (max(d) - min(d)).days / 7.0, (end - min(d)).days / 7.0) for d in days.values()
    ]
    return np.array(rows, dtype=np.float64).T.copy()


def synthetic(customers: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    joined = draw.integers(0, 84, customers)
    rate = draw.gamma(0.55, 1 / 10.6, customers)
    death = draw.gamma(0.6, 1 / 11.7, customers)
    end = np.minimum(draw.exponential(1 / death), (546 - joined) / 7)
    draw.gamma(3.74, 1 / 15.44, customers)  # Spend, which is not used here.
    count = draw.poisson(rate * end)
    who = np.repeat(np.arange(customers), count)
    day = joined[who] + np.floor(draw.random(len(who)) * end[who] * 7).astype(np.int64)
    keep = (day <= 273) & (day > joined[who])
    who, day = np.divmod(np.unique(who[keep] * 1000 + day[keep]), 1000)
    frequency = np.bincount(who, minlength=customers).astype(np.float64)
    last = joined.copy()
    np.maximum.at(last, who, day)
    return np.array([frequency, (last - joined) / 7.0, (273 - joined) / 7.0])


# ---- What each library does: fit(model, data) -> (log-likelihood, fitted), predict(fitted, data) ----


class _Patron:
    def __init__(self) -> None:
        import pyarrow as pa

        from patron import clv

        self._table = pa.table
        self._models: dict[str, Any] = {
            "bg": clv.BGNBD,
            "mbg": clv.MBGNBD,
            "pareto": clv.ParetoNBD,
            "gompertz": clv.GGompertzNBD,
        }

    def load(self, data: np.ndarray) -> Any:
        return self._table(dict(zip(KEYS, data, strict=True)))

    def fit(self, model: str, data: Any) -> tuple[float, Any]:
        fitted = self._models[model]().fit(data)
        return fitted.log_likelihood_, fitted

    def predict(self, fitted: Any, data: Any) -> float:
        return float(np.sum(fitted.predict(data, HORIZON)["expected_purchases"]))


class _Lifetimes:
    def __init__(self) -> None:
        import lifetimes

        self._models: dict[str, Any] = {
            "bg": lifetimes.BetaGeoFitter,
            "mbg": lifetimes.ModifiedBetaGeoFitter,
            "pareto": lifetimes.ParetoNBDFitter,
        }

    def load(self, data: np.ndarray) -> Any:
        return data

    def fit(self, model: str, data: Any) -> tuple[float, Any]:
        np.random.seed(1)
        fitted = self._models[model]().fit(*data)
        # Its log-likelihood is of times scaled to end at 1, and but for Pareto/NBD the mean.
        scaled = -fitted._negative_log_likelihood_ * (1 if model == "pareto" else data.shape[1])
        return scaled + data[0].sum() * np.log(fitted._scale), fitted

    def predict(self, fitted: Any, data: Any) -> float:
        fitted.conditional_probability_alive(*data)
        return float(
            np.sum(fitted.conditional_expected_number_of_purchases_up_to_time(HORIZON, *data))
        )


class _Scipy:
    """The same likelihoods in numpy, over distinct rows, maximised by L-BFGS-B from differences."""

    def __init__(self) -> None:
        from scipy import optimize, special

        self._minimize, self._special = optimize.minimize, special

    def load(self, data: np.ndarray) -> Any:
        return data

    def _beta_geometric(self, log_theta: np.ndarray, rows: np.ndarray, at_zero: bool) -> np.ndarray:
        lgamma = self._special.gammaln
        r, alpha, a, b = np.exp(log_theta)
        x, recency, end = rows
        n = x + 1 if at_zero else x
        odds = np.log(a) - np.log(np.maximum(b + n - 1, 1e-300))
        odds = odds + (r + x) * np.log((alpha + end) / (alpha + recency))
        dead = np.where(n > 0, odds, -np.inf)
        known = lgamma(r + x) - lgamma(r) + lgamma(a + b) - lgamma(b) + lgamma(b + n)
        known = known - lgamma(a + b + n) + r * np.log(alpha) - (r + x) * np.log(alpha + end)
        return known + np.logaddexp(0, dead)

    def _pareto(self, log_theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
        special = self._special
        r, alpha, s, beta = np.exp(log_theta)
        x, recency, end = rows
        n, large, gap = r + s + x, max(alpha, beta), abs(alpha - beta)
        second = s + 1 if alpha >= beta else r + x

        def part(t: np.ndarray) -> np.ndarray:
            return np.log(special.hyp2f1(n, second, n + 1, gap / (large + t))) - n * np.log(
                large + t
            )

        dying = part(recency) + np.log(np.maximum(-np.expm1(part(end) - part(recency)), 1e-300))
        alive = -(r + x) * np.log(alpha + end) - s * np.log(beta + end)
        known = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return known + np.logaddexp(alive, np.log(s / n) + dying)

    def fit(self, model: str, data: Any) -> tuple[float, Any]:
        rows, weight = np.unique(data.T, axis=0, return_counts=True)
        rows, total = rows.T, weight.sum()

        def loss(log_theta: np.ndarray) -> float:
            if model == "pareto":
                value = self._pareto(log_theta, rows)
            else:
                value = self._beta_geometric(log_theta, rows, model == "mbg")
            return -float(weight @ value) / total

        start = np.log(
            [1.0, np.median(rows[2]), 1.0, np.median(rows[2]) if model == "pareto" else 1.0]
        )
        best = self._minimize(
            loss, start, method="L-BFGS-B", options={"ftol": 1e-13, "gtol": 1e-7, "maxfun": 5000}
        )
        return -best.fun * total, best.x

    def predict(self, fitted: Any, data: Any) -> float:
        return float("nan")


LIBRARIES: dict[str, Any] = {"patron": _Patron, "lifetimes": _Lifetimes, "scipy": _Scipy}
MODELS = {
    "patron": ("bg", "mbg", "pareto", "gompertz"),
    "lifetimes": ("bg", "mbg", "pareto"),
    "scipy": ("bg", "mbg", "pareto"),
}
VERSIONS = {
    "patron": ("patron", "numpy", "pyarrow"),
    "lifetimes": ("lifetimes", "numpy", "pandas", "scipy", "autograd"),
    "scipy": ("scipy", "numpy"),
}


def work(name: str) -> None:
    """Runs what standard input asks for, a line of JSON each, and answers in the same way."""
    warnings.filterwarnings("ignore")
    library = LIBRARIES[name]()
    loaded: dict[str, Any] = {}
    print(json.dumps({p: _version(p) for p in VERSIONS[name]}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        path, model = request["path"], request["model"]
        if path not in loaded:
            loaded = {path: library.load(np.load(path))}
        start = time.process_time()
        try:
            likelihood, fitted = library.fit(model, loaded[path])
            fit = time.process_time() - start
            start = time.process_time()
            purchases = library.predict(fitted, loaded[path])
            answer = {
                "log_likelihood": likelihood,
                "purchases": purchases,
                "fit": fit,
                "predict": time.process_time() - start,
            }
        except Exception as error:  # A peer that fails is part of the result.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def _version(package: str) -> str:
    return importlib.import_module("importlib.metadata").version(package)


class _Worker:
    def __init__(self, name: str, python: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, __file__, "--worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.versions = self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the process ended; see above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, path: Path, model: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"path": str(path), "model": model}) + "\n")
        self._process.stdin.flush()
        return self._read()


def compare(workers: list[_Worker], name: str, path: Path, model: str, runs: int) -> dict[str, Any]:
    outcomes: dict[str, list[dict[str, Any]]] = {w.name: [] for w in workers}
    for _ in range(runs):
        for worker in workers:
            outcomes[worker.name].append(worker.ask(path, model))
    best = {}
    for library, asked in outcomes.items():
        if "error" in asked[0]:
            best[library] = asked[0]
            continue
        best[library] = asked[0] | {key: min(o[key] for o in asked) for key in ("fit", "predict")}
    ours = best["patron"]
    for library, outcome in best.items():
        if "error" in outcome:
            print(f"| {name} | {model} | {library} | {outcome['error']} | | | | |", flush=True)
            continue
        short = ours["log_likelihood"] - outcome["log_likelihood"]
        if short < -1e-6 * abs(ours["log_likelihood"]):
            raise SystemExit(f"{library}: {outcome['log_likelihood']!r} is above Patron's {ours!r}")
        print(
            f"| {name} | {model} | {library} | {outcome['fit']:.4f} | {outcome['fit'] / ours['fit']:.1f} "
            f"| {outcome['predict']:.4f} | {outcome['predict'] / ours['predict']:.1f} | {short:.1e} |",
            flush=True,
        )
    return {"data": name, "model": model, "best": best}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("data", nargs="*", help="sample, full, 200k, 1M; all if none is named")
    parser.add_argument("--models", nargs="*", default=list(MODELS["patron"]))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter of the peers")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--busy-limit", type=float, default=0.10, help="greatest share of foreign load"
    )
    parser.add_argument("--worker", choices=[*LIBRARIES], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
        return
    machine.require_quiet(arguments.busy_limit)
    workers = [
        _Worker(name, sys.executable if name == "patron" else arguments.peer_python)
        for name in LIBRARIES
    ]
    print(machine.description())
    for worker in workers:
        print(f"{worker.name}: " + ", ".join(f"{k} {v}" for k, v in worker.versions.items()))
    print("\nLeast processor seconds; ratios against Patron; log-likelihood below Patron's.\n")
    print("| data | model | library | fit s | ratio | predict s | ratio | below |")
    print("|---|---|---|---|---|---|---|---|")
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.data or ["sample", "full", *SYNTHETIC]:
            rows = synthetic(*SYNTHETIC[name]) if name in SYNTHETIC else cdnow(name)
            path = Path(folder) / f"{name}.npy"
            np.save(path, rows)
            for model in arguments.models:
                if model == "gompertz" and name in SYNTHETIC:
                    continue
                asked = [
                    w
                    for w in workers
                    if model in MODELS[w.name]
                    and (arguments.slow or (w.name, model, name) not in SLOW)
                ]
                outcomes.append(compare(asked, name, path, model, arguments.runs))
    machine.require_quiet(arguments.busy_limit, "used at the end")
    if arguments.json:
        arguments.json.write_text(json.dumps(outcomes, indent=1) + "\n")


if __name__ == "__main__":
    main()
