"""Survival in Patron, lifelines and scikit-survival, in turn, in processor seconds.

    python benchmarks/peers/loyalty.py [--rows 1000000] [--runs 3] [--tasks km cox]
                                       [--peer-python PYTHON] [--json FILE]

The peers run in an interpreter of their own (`--peer-python`), one that has lifelines and
scikit-survival. Each library lives in one process, which is told what to run next, so that a change of
the machine's speed meets all alike. Results are compared before any time is reported: survival to
1e-9, coefficients to 1e-3, for the peers stop earlier. Data: durations in whole months, six
covariates, three of them indicators; a third of the customers is still there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

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


# ---- One library in one process ----


def patron_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import patron
    from patron.loyalty import Cox, KaplanMeier

    patron.set_threads(1)
    table = patron.Table(data)
    return {
        "km": lambda: KaplanMeier().fit(data["duration"], data["event"]).at(24)["survival"][0],
        "cox": lambda: list(Cox().fit(table, covariates=NAMES).params_.values()),
    }


def lifelines_tasks(data: dict[str, np.ndarray]) -> dict[str, Any]:
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter

    frame = pd.DataFrame(data)
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


def work(library: str, path: str) -> None:
    """Run tasks as their names come in, and answer with seconds and results."""
    warnings.simplefilter("ignore")
    data = dict(np.load(path))
    make = {"patron": patron_tasks, "lifelines": lifelines_tasks, "sksurv": sksurv_tasks}
    tasks = make[library](data)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.process_time()
        result = tasks[line.strip()]()
        seconds = time.process_time() - start
        print(json.dumps([seconds, np.asarray(result).tolist()]), flush=True)


# ---- All of them ----


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tasks", nargs="+", default=["km", "cox"], choices=["km", "cox"])
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(*arguments.work)
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    report: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "customers.npz")
        np.savez(path, **customers(arguments.rows))  # type: ignore[arg-type]
        workers = {}
        for library in ("patron", "lifelines", "sksurv"):
            python = sys.executable if library == "patron" else arguments.peer_python
            worker = subprocess.Popen(
                [python, __file__, "--work", library, path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            assert worker.stdout is not None
            if worker.stdout.readline().strip() == "ready":
                workers[library] = worker
            else:
                print(f"{library}: not there", file=sys.stderr)
        for task in arguments.tasks:
            seconds: dict[str, list[float]] = {}
            results: dict[str, Any] = {}
            for _ in range(arguments.runs):
                for library, worker in workers.items():
                    assert worker.stdin is not None
                    assert worker.stdout is not None
                    worker.stdin.write(task + "\n")
                    worker.stdin.flush()
                    spent, results[library] = json.loads(worker.stdout.readline())
                    seconds.setdefault(library, []).append(spent)
            for library, result in results.items():
                near = 1e-9 if task == "km" else 1e-3
                np.testing.assert_allclose(result, results["patron"], rtol=near, err_msg=library)
            report[task] = {name: statistics.median(spent) for name, spent in seconds.items()}
            own = report[task]["patron"]
            for name, spent in report[task].items():
                print(f"{task:4} {name:10} {spent:9.3f} s  {spent / own:7.1f}")
        for worker in workers.values():
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait()
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": arguments.rows, "seconds": report}, indent=1))


if __name__ == "__main__":
    main()
