"""Comparing and linking records in Patron, rapidfuzz, jellyfish, recordlinkage and Splink, in turn.

    python benchmarks/peers/customers.py [--rows 1000000] [--names 20000] [--runs 3] [--tasks ...]
                                         [--peer-python PYTHON] [--febrl FOLDER] [--json FILE]

The peers run in an interpreter of their own (`--peer-python`), one that has them, duckdb and pandas.
Each library lives in one process, which is told what to run next, so that a change of the machine's
speed meets all alike; seconds are those of the processor, over all threads. Results are compared
before any time is reported: similarities to 1e-9, links by their F1.

Tasks: jw_ascii and jw_chinese, Jaro-Winkler of some names with each of a column; febrl4, two
sources of 5,000 records end to end (five blocks, nine fields, estimation, pairs; the data lie in
`--febrl`); people, generated records deduplicated end to end on two threads, with the peak of memory;
one, a new record against all of them, the 99th percentile of wall time in seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

QUERIES = 40
MOST_PAIRS = 1 << 20  # Of values, for the chance of a level; Splink samples 1e6 pairs of records.
NAME = ["exact", "jaro_winkler >= 0.92", "jaro_winkler >= 0.8"]
FEBRL = [
    "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state",
    "date_of_birth", "soc_sec_id",
]  # fmt: skip
FEBRL_BLOCKS = ["given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"]
PEOPLE = ["name", "phone", "birth", "address"]
PEOPLE_BLOCKS: list[list[str]] = [["phone"], ["name", "birth"], ["address"]]


def read(path: Path) -> dict[str, list[Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return {name: [(row[name] or "").strip() or None for row in rows] for name in rows[0]}


def write_data(folder: Path, arguments: argparse.Namespace) -> None:
    from patron.customers import generate_people, keys

    people = generate_people(arguments.rows * 10 // 14, seed=11).to_dict()
    table = {name: people[name].tolist() for name in ["id", *PEOPLE, "entity"]}
    table["phone"] = keys(table["phone"], "phone")["e164"].tolist()
    table["address"] = keys(table["address"], "address")["key"].tolist()
    chinese = list(dict.fromkeys(table["name"]))[: arguments.names]
    draw = np.random.default_rng(5)
    ascii_names = ["".join(draw.choice(list("aeiolnrstm"), draw.integers(4, 12)))
                   for _ in range(arguments.names)]  # fmt: skip
    (folder / "names.json").write_text(json.dumps({"ascii": ascii_names, "chinese": chinese}))
    (folder / "people.json").write_text(json.dumps(table))
    if arguments.febrl:
        sides = [read(arguments.febrl / f"dataset4{side}.csv") for side in "ab"]
        (folder / "febrl4.json").write_text(json.dumps(sides))


def f1(pairs: set[tuple[Any, Any]], truth: set[tuple[Any, Any]]) -> float:
    return 2 * len(pairs & truth) / max(len(pairs) + len(truth), 1)


def person(rec_id: str) -> str:
    return rec_id.split("-")[1]


def pairs_of_people(table: dict[str, list[Any]], pairs: Any) -> float:
    entity = dict(zip(table["id"], table["entity"], strict=True))
    sizes = np.unique(table["entity"], return_counts=True)[1]
    truth = int((sizes * (sizes - 1) // 2).sum())
    right = sum(entity[a] == entity[b] for a, b in pairs)
    return 2 * right / (len(pairs) + truth)


# ---- One library in one process ----


def patron_tasks(folder: Path) -> dict[str, Any]:
    import patron
    from patron.customers import Field, Linker, compare_all

    def winkler(kind: str) -> Any:
        names = json.loads((folder / "names.json").read_text())[kind]

        def run() -> float:
            patron.set_threads(1)
            return float(compare_all(names[:QUERIES], names, "jaro_winkler").sum())

        return run

    def febrl4() -> float:
        patron.set_threads(2)
        left, right = json.loads((folder / "febrl4.json").read_text())
        linker = Linker(
            dict.fromkeys(FEBRL, NAME), FEBRL_BLOCKS, id="rec_id", most_pairs=MOST_PAIRS
        )
        linker.fit(left, other=right)
        found = linker.predict(left, other=right, threshold=0)
        pairs = {
            (person(a), person(b))
            for a, b in zip(found["left"].tolist(), found["right"].tolist(), strict=True)
        }
        linker.cluster(found)
        return f1(pairs, {(person(a), person(a)) for a in left["rec_id"]})

    def people_linker() -> Linker:
        fields = [
            Field("name", NAME, term_frequency=1),
            Field("phone"),
            Field("birth"),
            Field("address", ["exact", "jaro_winkler >= 0.9"]),
        ]
        return Linker(fields, PEOPLE_BLOCKS, most_pairs=MOST_PAIRS)

    def people() -> float:
        patron.set_threads(2)
        table = json.loads((folder / "people.json").read_text())
        start = time.process_time()
        data = patron.Table({name: table[name] for name in ["id", *PEOPLE]})
        linker = people_linker().fit(data)
        found = linker.predict(data, threshold=0)
        linker.cluster(found)
        spent = time.process_time() - start
        pairs = list(zip(found["left"].tolist(), found["right"].tolist(), strict=True))
        return timed(spent, pairs_of_people(table, pairs))

    def one() -> float:
        table = json.loads((folder / "people.json").read_text())
        names = ["id", *PEOPLE]
        data = {name: table[name][:-2000] for name in names}
        index = people_linker().fit(data).index(data)
        spent = []
        for row in range(len(table["id"]) - 2000, len(table["id"])):
            record = {name: table[name][row : row + 1] for name in names}
            start = time.perf_counter()
            index.add(record)
            spent.append(time.perf_counter() - start)
        return timed(float(np.quantile(spent, 0.99)), 0.0)

    return {
        "jw_ascii": winkler("ascii"),
        "jw_chinese": winkler("chinese"),
        "febrl4": febrl4,
        "people": people,
        "one": one,
    }


def rapidfuzz_tasks(folder: Path) -> dict[str, Any]:
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    def winkler(kind: str) -> Any:
        names = json.loads((folder / "names.json").read_text())[kind]

        def run() -> float:
            scores = cdist(
                names[:QUERIES],
                names,
                scorer=JaroWinkler.similarity,
                workers=1,
                dtype=np.float64,
            )
            return float(scores.sum())

        return run

    return {"jw_ascii": winkler("ascii"), "jw_chinese": winkler("chinese")}


def jellyfish_tasks(folder: Path) -> dict[str, Any]:
    from jellyfish import jaro_winkler_similarity

    def winkler(kind: str) -> Any:
        names = json.loads((folder / "names.json").read_text())[kind]
        return lambda: sum(jaro_winkler_similarity(a, b) for a in names[:QUERIES] for b in names)

    return {"jw_ascii": winkler("ascii"), "jw_chinese": winkler("chinese")}


def recordlinkage_tasks(folder: Path) -> dict[str, Any]:
    import pandas as pd
    import recordlinkage

    def febrl4() -> float:
        sides = json.loads((folder / "febrl4.json").read_text())
        left, right = (pd.DataFrame(side).set_index("rec_id") for side in sides)
        indexer = recordlinkage.Index()
        for block in FEBRL_BLOCKS:
            indexer.block(block)
        candidates = indexer.index(left, right)
        compare = recordlinkage.Compare()
        for name in FEBRL:
            compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
        features = compare.compute(candidates, left, right)
        found = recordlinkage.ECMClassifier().fit_predict(features)
        pairs = {(person(a), person(b)) for a, b in found}
        return f1(pairs, {(person(a), person(a)) for a in left.index})

    return {"febrl4": febrl4}


def splink_tasks(folder: Path) -> dict[str, Any]:
    import duckdb
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def api() -> Any:
        connection = duckdb.connect()
        connection.execute("SET threads TO 2")
        return DuckDBAPI(connection)

    def febrl4() -> float:
        sides = [pd.DataFrame(s) for s in json.loads((folder / "febrl4.json").read_text())]
        settings = SettingsCreator(
            link_type="link_only",
            unique_id_column_name="rec_id",
            comparisons=[cl.JaroWinklerAtThresholds(name, [0.92, 0.8]) for name in FEBRL],
            blocking_rules_to_generate_predictions=[block_on(name) for name in FEBRL_BLOCKS],
        )
        linker = Linker(sides, settings, db_api=api())
        linker.training.estimate_probability_two_random_records_match(
            [block_on("soc_sec_id")], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        for name in ("date_of_birth", "postcode"):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
        scored = linker.inference.predict(threshold_match_probability=0.5)
        frame = scored.as_pandas_dataframe()
        pairs = {
            tuple(sorted((a, b), key=lambda r: not r.endswith("org")))
            for a, b in zip(frame["rec_id_l"], frame["rec_id_r"], strict=True)
        }
        linker.clustering.cluster_pairwise_predictions_at_threshold(scored, 0.5)
        found = {(person(a), person(b)) for a, b in pairs}
        return f1(found, {(person(a), person(a)) for a in sides[0]["rec_id"]})

    def people() -> float:
        table = json.loads((folder / "people.json").read_text())
        start = time.process_time()
        frame = pd.DataFrame({name: table[name] for name in ["id", *PEOPLE]})
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="id",
            comparisons=[
                cl.JaroWinklerAtThresholds("name", [0.92, 0.8]).configure(
                    term_frequency_adjustments=True
                ),
                cl.ExactMatch("phone"),
                cl.ExactMatch("birth"),
                cl.JaroWinklerAtThresholds("address", [0.9]),
            ],
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in PEOPLE_BLOCKS],
        )
        linker = Linker(frame, settings, db_api=api())
        linker.training.estimate_probability_two_random_records_match(
            [block_on("phone", "birth")], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        for rule in PEOPLE_BLOCKS:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        scored = linker.inference.predict(threshold_match_probability=0.5)
        linker.clustering.cluster_pairwise_predictions_at_threshold(scored, 0.5)
        found = scored.as_pandas_dataframe()
        spent = time.process_time() - start
        pairs = list(zip(found["id_l"].tolist(), found["id_r"].tolist(), strict=True))
        return timed(spent, pairs_of_people(table, pairs))

    return {"febrl4": febrl4, "people": people}


LIBRARIES = {
    "patron": patron_tasks,
    "rapidfuzz": rapidfuzz_tasks,
    "jellyfish": jellyfish_tasks,
    "recordlinkage": recordlinkage_tasks,
    "splink": splink_tasks,
}


class _Timed(float):
    seconds: float


def timed(seconds: float, result: float) -> float:
    """A result with the seconds of the part that counts."""
    answer = _Timed(result)
    answer.seconds = seconds
    return answer


def work(library: str, folder: str) -> None:
    """Run tasks as their names come in, and answer with seconds, result and peak memory in MB."""
    warnings.simplefilter("ignore")
    tasks = LIBRARIES[library](Path(folder))
    print("ready", *tasks, flush=True)
    for line in sys.stdin:
        start = time.process_time()
        result = tasks[line.strip()]()
        seconds = getattr(result, "seconds", time.process_time() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([seconds, float(result), peak]), flush=True)


# ---- All of them ----


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    tasks = ["jw_ascii", "jw_chinese", "febrl4", "people", "one"]
    parser.add_argument("--tasks", nargs="+", default=tasks, choices=tasks)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--febrl", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(*arguments.work)
        return
    report: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder, arguments)
        for task in arguments.tasks:
            if task == "febrl4" and not arguments.febrl:
                print("febrl4: no --febrl", file=sys.stderr)
                continue
            # A task has processes of its own, so that the peak of memory is its own.
            workers = {}
            for library in LIBRARIES:
                python = sys.executable if library == "patron" else arguments.peer_python
                worker = subprocess.Popen(
                    [python, __file__, "--work", library, str(folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ},
                )
                assert worker.stdout is not None
                ready = worker.stdout.readline().split()
                if task in ready[1:]:
                    workers[library] = worker
                    continue
                if not ready:
                    print(f"{library}: not there", file=sys.stderr)
                assert worker.stdin is not None
                worker.stdin.close()
                worker.wait()
            rounds: dict[str, list[list[float]]] = {}
            for _ in range(arguments.runs):
                for library, worker in workers.items():
                    assert worker.stdin is not None
                    assert worker.stdout is not None
                    worker.stdin.write(task + "\n")
                    worker.stdin.flush()
                    rounds.setdefault(library, []).append(json.loads(worker.stdout.readline()))
            own = statistics.median(spent for spent, _, _ in rounds["patron"])
            for library, found in rounds.items():
                spent = statistics.median(seconds for seconds, _, _ in found)
                result, peak = found[-1][1], found[-1][2]
                if task.startswith("jw"):
                    np.testing.assert_allclose(result, rounds["patron"][-1][1], rtol=1e-9)
                report.setdefault(task, {})[library] = {
                    "seconds": spent,
                    "result": result,
                    "megabytes": peak,
                }
                print(
                    f"{task:10} {library:14} {spent:9.4f} s {spent / own:8.2f}  "
                    f"{peak:7.0f} MB  {result:.4f}"
                )
            for worker in workers.values():
                assert worker.stdin is not None
                worker.stdin.close()
                worker.wait()
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
