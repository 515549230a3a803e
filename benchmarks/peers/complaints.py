"""Complaints in Patron and in other packages, in turn, in processor seconds.

    python benchmarks/peers/complaints.py [--cases 100000] [--runs 5] [--cfpb FILE]
                                          [--tasks mine machine km category]
                                          [--peer-python PYTHON] [--json FILE]

mine      directly-follows edges, variants, starts and ends of a log: pm4py
machine   the states of cases by events: the `transitions` package, which knows neither clocks nor
          authority, duplicates or late events; Patron does all of that meanwhile
km        time to resolution with open cases: lifelines
category  the product of a complaint from its issue, trained on the first three quarters of the
          CFPB's sample: scikit-learn (TF-IDF of the same n-grams, logistic regression); macro F1

The peers run in an interpreter of their own (`--peer-python`), as turns.py says; what it lacks is left
out. Results are compared before any time is
reported; of `category` both macro F1 are.
"""

from __future__ import annotations

import csv
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import turns

STEPS = ["receive", "acknowledge", "triage", "investigate", "ask_customer", "answer_received"]
CALLS = {"receive": "customer", "answer_received": "customer"}
MINUTE = np.timedelta64(60_000_000, "us")
START = np.datetime64("2024-01-01T09:00:00", "us")


def log_of(cases: int) -> dict[str, np.ndarray]:
    """Return cases that take the steps above, some in other ways, in the order of time."""
    draw = np.random.default_rng(20240603)
    ways = [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [0, 1, 2]]
    taken = draw.choice(3, cases, p=[0.5, 0.3, 0.2])
    case = np.repeat(np.arange(cases), np.array([len(way) for way in ways])[taken])
    step = np.concatenate([ways[way] for way in taken.tolist()])
    begin = draw.integers(0, 400_000, cases)
    minute = begin[case] + step * 700 + draw.integers(0, 600, len(case))
    order = np.argsort(minute, kind="stable")
    names = np.array(STEPS)
    times = START + minute[order] * MINUTE
    return {"case": case[order], "activity": names[step[order]], "time": times}


def durations_of(cases: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(20240604)
    ended, seen = draw.exponential(80, cases), draw.uniform(0, 200, cases)
    return {"duration": np.ceil(np.minimum(ended, seen)), "observed": ended <= seen}


def texts_of(path: str) -> tuple[list[str], list[str], int]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: datetime.strptime(row["Date received"], "%m/%d/%Y"))
    texts = [f"{row['Issue']}. {row['Sub-issue']}" for row in rows]
    return texts, [row["Product"] for row in rows], len(rows) * 3 // 4


# ---- One library in one process ----


def patron_tasks(data: dict[str, Any]) -> turns.Tasks:
    import patron
    from patron.complaints import Casebook, CategoryModel, mine, survival

    patron.set_threads(1)
    log = {name: data[name] for name in ("case", "activity", "time")}
    table = patron.Table(log)
    rows = len(log["case"])
    roles = np.array([CALLS.get(name, "frontline") for name in STEPS])
    places = {name: i for i, name in enumerate(STEPS)}
    role = roles[[places[name] for name in log["activity"].tolist()]]
    events = patron.Table(
        {
            "event": np.arange(1, rows + 1),
            "case": log["case"],
            "type": log["activity"],
            "time": log["time"],
            "role": role,
        }
    )
    after = log["time"].max() + MINUTE

    def graph() -> dict[str, Any]:
        mined = mine(table)
        edges = mined.edges
        return {
            "edges": {
                f"{a}>{b}": int(n)
                for a, b, n in zip(edges["source"], edges["target"], edges["count"], strict=True)
            },
            "variants": mined.variant_count,
        }

    def machine() -> dict[str, int]:
        book = Casebook()
        book.apply(events, recorded=after)
        return _counts(book.cases()["state"])

    def category() -> float:
        texts, labels, split = texts_of(data["cfpb"])
        model = CategoryModel().fit(texts[:split], labels[:split])
        return model.evaluate(texts[split:], labels[split:]).macro_f1

    def km() -> float:
        curve = survival(data["duration"], data["observed"])
        return float(curve["survival"][np.searchsorted(curve["time"], 60, side="right") - 1])

    return {"mine": graph, "machine": machine, "km": km, "category": category}


def pm4py_tasks(data: dict[str, Any]) -> turns.Tasks:
    import pandas as pd
    import pm4py

    frame = pd.DataFrame(
        {
            "case:concept:name": data["case"].astype(str),
            "concept:name": data["activity"],
            "time:timestamp": pd.to_datetime(data["time"], utc=True),
        }
    )
    # Its variants are those of events that are grouped by case.
    frame = frame.sort_values(["case:concept:name", "time:timestamp"], ignore_index=True)

    def graph() -> dict[str, Any]:
        edges, _, _ = pm4py.discover_dfg(frame)
        variants = pm4py.get_variants(frame)
        return {
            "edges": {f"{a}>{b}": int(n) for (a, b), n in edges.items()},
            "variants": len(variants),
        }

    return {"mine": graph}


def transitions_tasks(data: dict[str, Any]) -> turns.Tasks:
    from transitions import Machine

    class Case:
        pass

    moves = [
        ["acknowledge", "RECEIVED", "ACKNOWLEDGED"],
        ["triage", ["RECEIVED", "ACKNOWLEDGED"], "TRIAGED"],
        ["investigate", ["ACKNOWLEDGED", "TRIAGED", "REJECTED"], "INVESTIGATING"],
        ["ask_customer", ["TRIAGED", "INVESTIGATING"], "AWAITING_CUSTOMER"],
        ["answer_received", "AWAITING_CUSTOMER", "INVESTIGATING"],
    ]
    states = [
        "RECEIVED",
        "ACKNOWLEDGED",
        "TRIAGED",
        "INVESTIGATING",
        "AWAITING_CUSTOMER",
        "REJECTED",
    ]
    cases, activities = data["case"].tolist(), data["activity"].tolist()

    def machine() -> dict[str, int]:
        made = Machine(model=None, states=states, initial="RECEIVED", transitions=moves)
        known: dict[int, Any] = {}
        for case, activity in zip(cases, activities, strict=True):
            if activity == "receive":
                known[case] = Case()
                made.add_model(known[case])
                made.models.clear()  # Which it would search for each further one.
            else:
                known[case].trigger(activity)
        return _counts([case.state for case in known.values()])

    return {"machine": machine}


def lifelines_tasks(data: dict[str, Any]) -> turns.Tasks:
    from lifelines import KaplanMeierFitter

    def km() -> float:
        fitter = KaplanMeierFitter().fit(data["duration"], data["observed"])
        return float(fitter.survival_function_at_times(60))

    return {"km": km}


def sklearn_tasks(data: dict[str, Any]) -> turns.Tasks:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline, make_union

    def category() -> float:
        texts, labels, split = texts_of(data["cfpb"])
        grams = make_union(
            TfidfVectorizer(analyzer="char", ngram_range=(2, 4)),
            TfidfVectorizer(ngram_range=(1, 2)),
        )
        model = make_pipeline(grams, LogisticRegression(max_iter=1000))
        model.fit(texts[:split], labels[:split])
        found = model.predict(texts[split:])
        return float(f1_score(labels[split:], found, average="macro", zero_division=0))

    return {"category": category}


def _counts(states: Any) -> dict[str, int]:
    names, counts = np.unique(np.asarray(states, dtype=str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


LIBRARIES = {
    "patron": patron_tasks,
    "pm4py": pm4py_tasks,
    "transitions": transitions_tasks,
    "lifelines": lifelines_tasks,
    "scikit-learn": sklearn_tasks,
}


def same(task: str, one: Any, other: Any) -> bool:
    if task == "category":
        return True  # Other models: their figures stand beside each other.
    if task == "km":
        return bool(np.isclose(one, other, rtol=1e-9))
    return bool(one == other)


def note(task: str, answer: turns.Answer) -> str:
    return f"macro F1 {answer.result:.3f}" if task == "category" else ""


def main() -> None:
    parser = turns.parser_of(
        __doc__.splitlines()[0], ["mine", "machine", "km", "category"], LIBRARIES
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--cfpb", default="", help="the CFPB's sample, for category")
    arguments = parser.parse_args()
    if arguments.work:
        library, path, cfpb = arguments.work
        data: dict[str, Any] = {**np.load(path), "cfpb": cfpb}
        turns.serve(library, LIBRARIES[library](data))
        return
    if not arguments.cfpb:
        arguments.tasks = [task for task in arguments.tasks if task != "category"]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "complaints.npz")
        np.savez(path, **log_of(arguments.cases), **durations_of(arguments.cases))  # type: ignore[arg-type]
        turns.compare(__file__, arguments, [path, arguments.cfpb], same, note)


if __name__ == "__main__":
    main()
