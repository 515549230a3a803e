"""Runs the same tasks in Patron and its peers, in turn, and prints medians.

    python benchmarks/peers/run.py [TASK ...] [--runs 7] [--rows 10000000] [--json FILE]

Each library lives in a process of its own, loads the data once, and then runs when told, one library
after the other, round by round, so that a change of the machine's speed meets all alike. Reported are
medians of wall and processor seconds of a run, and the peak of resident memory above what was resident
with the data loaded. The run is refused while other programs keep the machine busy.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import contestants
import data
import machine


def processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure_once(run: contestants.Run, loaded: Any) -> dict[str, float]:
    peak = machine.PeakMemory()
    processor, wall = processor_seconds(), time.perf_counter()
    answer, result = run(loaded)
    seconds = time.perf_counter() - wall
    spent = processor_seconds() - processor
    memory = peak.megabytes()
    del result
    return {"answer": answer, "wall": seconds, "processor": spent, "memory": memory}


def work(pipe: Connection, task: str, name: str, path: str) -> None:
    import pyarrow.feather as feather

    load, run = contestants.TASKS[task][name]()
    table = feather.read_table(path, memory_map=False).combine_chunks()
    loaded = load(table)
    pipe.send("ready")
    while pipe.recv() == "run":
        pipe.send(measure_once(run, loaded))


def compare(task: str, path: Path, runs: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    workers: dict[str, tuple[Any, Connection]] = {}
    for name in contestants.TASKS[task]:
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, task, name, str(path)), daemon=True)
        process.start()
        ours.recv()
        workers[name] = (process, ours)
    results: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
    for round_ in range(runs + 1):
        for name, (_, pipe) in workers.items():
            pipe.send("run")
            outcome = pipe.recv()
            if round_ > 0:  # The first round warms up.
                results[name].append(outcome)
        print(f"\r{task}: round {round_} of {runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for process, pipe in workers.values():
        pipe.send("stop")
        process.join()
    answers = {name: outcomes[0]["answer"] for name, outcomes in results.items()}
    expected = answers["patron"]
    for name, answer in answers.items():
        if abs(answer - expected) > 1e-9 * abs(expected):
            raise SystemExit(f"{task}: {name} answers {answer!r}, patron {expected!r}")
    figures = {
        name: {
            key: statistics.median(o[key] for o in outcomes)
            for key in ("wall", "processor", "memory")
        }
        | {"wall_least": min(o["wall"] for o in outcomes)}
        for name, outcomes in results.items()
    }
    return {"task": task, "answer": expected, "figures": figures}


def copy_bandwidth() -> float:
    """GB/s of one thread that reads and writes 400 MB: the limit that data in memory sets."""
    import numpy as np

    source = np.ones(50_000_000)
    target = np.empty_like(source)
    best = min(_timed(lambda: np.copyto(target, source)) for _ in range(5))
    return 2 * source.nbytes / best / 1e9


def _timed(function: Any) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def report(outcome: dict[str, Any]) -> None:
    ours = outcome["figures"]["patron"]
    print(f"\n### {outcome['task']}\n")
    print(
        "| library | wall s | least wall s | processor s | memory MB | processor against Patron | wall against Patron |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, figure in outcome["figures"].items():
        print(
            f"| {name} | {figure['wall']:.3f} | {figure['wall_least']:.3f} | {figure['processor']:.3f} "
            f"| {figure['memory']:.0f} | {figure['processor'] / ours['processor']:.1f} "
            f"| {figure['wall'] / ours['wall']:.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "tasks", nargs="*", choices=[*contestants.TASKS, []], help="all if none is named"
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "patron-benchmarks"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--busy-limit", type=float, default=0.10, help="greatest share of foreign load"
    )
    arguments = parser.parse_args()
    tasks = arguments.tasks or list(contestants.TASKS)
    paths = {
        task: data.stored(arguments.folder, task, arguments.rows, arguments.customers)
        for task in tasks
    }
    busy = machine.require_quiet(arguments.busy_limit)
    libraries = ("patron", "polars", "pandas", "duckdb", "numpy", "pyarrow")
    print(f"{machine.description()}; ", end="")
    print(", ".join(f"{name} {version(name)}" for name in libraries))
    print(
        f"copying in memory: {copy_bandwidth():.1f} GB/s; other load {busy:.0%}; medians of {arguments.runs} runs"
    )
    outcomes = []
    for task in tasks:
        outcomes.append(compare(task, paths[task], arguments.runs))
        report(outcomes[-1])
    machine.require_quiet(arguments.busy_limit, "used at the end")
    if arguments.json:
        arguments.json.write_text(json.dumps(outcomes, indent=1) + "\n")


if __name__ == "__main__":
    main()
