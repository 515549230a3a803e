"""Comparing and linking records in Patron, rapidfuzz, jellyfish, recordlinkage and Splink, in turn.

    python benchmarks/peers/customers.py [--rows 1000000] [--names 20000] [--runs 5] [--tasks ...]
                                         [--peer-python PYTHON] [--febrl FOLDER] [--json FILE]

The peers run in an interpreter of their own (`--peer-python`), one that has them, duckdb and pandas, as
turns.py says; seconds are those of the processor, over all threads. Results are compared
before any time is reported: similarities to 1e-9, links by their F1.

Tasks: jw_ascii and jw_chinese, Jaro-Winkler of some names with each of a column; febrl4, two
sources of 5,000 records end to end (five blocks, nine fields, estimation, pairs; the data lie in
`--febrl`); people, generated records deduplicated end to end on two threads, with the peak of memory above the loaded table;
one, a new record against all of them, the 99th percentile of wall time in seconds; erase, one of
all of them from a register in a file, the same until it is on the disk.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np
import turns

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


def patron_tasks(folder: Path) -> turns.Tasks:
    import patron
    from patron.customers import Field, Linker, Register, compare_all

    def winkler(kind: str) -> Any:
        names = json.loads((folder / "names.json").read_text())[kind]

        def run() -> float:
            patron.set_threads(1)
            return float(compare_all(names[:QUERIES], names, "jaro_winkler").sum())

        return run

    def febrl4() -> float:
        patron.set_threads(2)
        sides = json.loads((folder / "febrl4.json").read_text())
        left, right = (patron.Table(side) for side in sides)
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
        return f1(pairs, {(person(a), person(a)) for a in sides[0]["rec_id"]})

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
        peak = machine.PeakMemory()
        start = time.process_time()
        data = patron.Table({name: table[name] for name in ["id", *PEOPLE]})
        linker = people_linker().fit(data)
        found = linker.predict(data, threshold=0)
        linker.cluster(found)
        spent = time.process_time() - start
        memory = peak.megabytes()
        pairs = list(zip(found["left"].tolist(), found["right"].tolist(), strict=True))
        return turns.Timed(spent, pairs_of_people(table, pairs), memory)

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
        return turns.Timed(float(np.quantile(spent, 0.99)), 0.0)

    def erase() -> float:
        table = json.loads((folder / "people.json").read_text())
        data = patron.Table({name: table[name] for name in ["id", *PEOPLE]})
        spent = []
        with tempfile.TemporaryDirectory() as kept, Register.open(Path(kept) / "r") as register:
            register.add(data, time="2024-01-01")
            register.set_key(bytes(range(32)), region="CN")
            for record in table["id"][:: max(len(table["id"]) // 200, 1)]:
                start = time.perf_counter()
                register.erase(record, time="2024-01-02")
                spent.append(time.perf_counter() - start)
        return turns.Timed(float(np.quantile(spent, 0.99)), float(np.median(spent)))

    return {
        "jw_ascii": winkler("ascii"),
        "jw_chinese": winkler("chinese"),
        "febrl4": febrl4,
        "people": people,
        "one": one,
        "erase": erase,
    }


def rapidfuzz_tasks(folder: Path) -> turns.Tasks:
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


def jellyfish_tasks(folder: Path) -> turns.Tasks:
    from jellyfish import jaro_winkler_similarity

    def winkler(kind: str) -> Any:
        names = json.loads((folder / "names.json").read_text())[kind]
        return lambda: sum(jaro_winkler_similarity(a, b) for a in names[:QUERIES] for b in names)

    return {"jw_ascii": winkler("ascii"), "jw_chinese": winkler("chinese")}


def recordlinkage_tasks(folder: Path) -> turns.Tasks:
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


def splink_tasks(folder: Path) -> turns.Tasks:
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
        peak = machine.PeakMemory()
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
        memory = peak.megabytes()
        pairs = list(zip(found["id_l"].tolist(), found["id_r"].tolist(), strict=True))
        return turns.Timed(spent, pairs_of_people(table, pairs), memory)

    return {"febrl4": febrl4, "people": people}


LIBRARIES = {
    "patron": patron_tasks,
    "rapidfuzz": rapidfuzz_tasks,
    "jellyfish": jellyfish_tasks,
    "recordlinkage": recordlinkage_tasks,
    "splink": splink_tasks,
}


def same(task: str, one: float, own: float) -> bool:
    # Of links their F1 stands beside the seconds.
    return bool(np.isclose(one, own, rtol=1e-9)) if task.startswith("jw") else True


def note(task: str, answer: turns.Answer) -> str:
    return f"{answer.megabytes:7.0f} MB  {answer.result:.4f}"


def main() -> None:
    tasks = ["jw_ascii", "jw_chinese", "febrl4", "people", "one", "erase"]
    parser = turns.parser_of(__doc__.splitlines()[0], tasks, LIBRARIES)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--febrl", type=Path)
    arguments = parser.parse_args()
    if arguments.work:
        library, folder = arguments.work
        turns.serve(library, LIBRARIES[library](Path(folder)))
        return
    if not arguments.febrl and "febrl4" in arguments.tasks:
        print("febrl4: no --febrl", file=sys.stderr)
        arguments.tasks = [task for task in arguments.tasks if task != "febrl4"]
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), arguments)
        turns.compare(__file__, arguments, [folder], same, note)


if __name__ == "__main__":
    main()
