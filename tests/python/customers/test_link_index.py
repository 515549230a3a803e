"""Linked records in memory, guards of clusters, and sweeps of thresholds."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from patron.customers import Field, Linker, Register, generate_people
from patron.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from patron.table import Table

Rows = dict[str, list[Any]]

FIELDS = [
    Field("name", ["exact", "jaro_winkler >= 0.85"], term_frequency=1),
    Field("phone", ["exact"], term_frequency=0.5),
    Field("birth", ["exact", "swapped", "days <= 31"]),
    Field("address", ["exact", "jaro_winkler >= 0.9"]),
]
BLOCKS = ["phone", ("birth", "name[:1]"), "address"]


def people(n: int = 120, seed: int = 3) -> Rows:
    table = generate_people(n, seed=seed, repeat=0.6, shared_phone=0.6).to_dict()
    return {name: table[name].tolist() for name in ("id", "name", "phone", "birth", "address")}


def rows(table: Rows, take: list[int]) -> Rows:
    return {name: [values[i] for i in take] for name, values in table.items()}


def partition(table: Any, column: str) -> set[frozenset[Any]]:
    groups: dict[Any, set[Any]] = {}
    for record, group in zip(table["id"].tolist(), table[column].tolist(), strict=True):
        groups.setdefault(group, set()).add(record)
    return {frozenset(group) for group in groups.values()}


@pytest.fixture(scope="module")
def table() -> Rows:
    return people()


@pytest.fixture(scope="module")
def linker(table: Rows) -> Linker:
    return Linker(FIELDS, BLOCKS, cap=12).fit(table)


@pytest.mark.parametrize("hubs", [None, {"phone": 2, "address": 3}])
def test_any_order_gives_the_clusters_of_all_at_once(
    table: Rows, linker: Linker, hubs: dict[str, int] | None
) -> None:
    ids = table["id"]
    apart = {"left": ids[:40:2], "right": ids[1:40:2]}
    draw = random.Random(5)
    for first in (0, 30, len(ids)):
        order = list(range(len(ids)))
        draw.shuffle(order)
        start = rows(table, order[:first])
        known = [
            (a, b)
            for a, b in zip(apart["left"], apart["right"], strict=True)
            if a in start["id"] and b in start["id"]
        ]
        guards = {"left": [a for a, _ in known], "right": [b for _, b in known]}
        index = linker.index(start, cannot_link=guards if known else None, hubs=hubs)
        for at in range(first, len(ids), 7):
            index.add(rows(table, order[at : at + 7]))
        for a, b in zip(apart["left"], apart["right"], strict=True):
            if (a, b) not in known:
                index.keep_apart(a, b)
        pairs = linker.predict(table, threshold=0)
        clusters = linker.cluster(pairs, cannot_link=apart, hubs=hubs)
        assert partition(index.entities(), "entity") == partition(clusters, "cluster")
        assert len(index) == len(ids)
        found = index.hubs.to_dict()
        assert sorted(found["value"].tolist()) == sorted(clusters.hubs["value"].tolist())
        assert (len(found["value"]) > 0) == (hubs is not None)
        # Half of them go again.
        gone = draw.sample(ids, len(ids) // 2)
        for one in gone:
            index.remove(one)
        rest = rows(table, [i for i, one in enumerate(ids) if one not in gone])
        stay = [
            (a, b)
            for a, b in zip(apart["left"], apart["right"], strict=True)
            if a not in gone and b not in gone
        ]
        clusters = linker.cluster(
            linker.predict(rest, threshold=0),
            cannot_link={"left": [a for a, _ in stay], "right": [b for _, b in stay]},
            hubs=hubs,
        )
        assert partition(index.entities(), "entity") == partition(clusters, "cluster")
        # And come back, as if they were new: what was said of them went with them.
        for at in range(0, len(gone), 5):
            index.add(rows(table, [ids.index(one) for one in gone[at : at + 5]]))
        clusters = linker.cluster(
            pairs,
            cannot_link={"left": [a for a, _ in stay], "right": [b for _, b in stay]},
            hubs=hubs,
        )
        assert partition(index.entities(), "entity") == partition(clusters, "cluster")


def test_a_register_follows_the_changes(table: Rows, linker: Linker) -> None:
    index, register = linker.index(), Register()
    ids = table["id"]
    for at in range(len(ids)):
        one = rows(table, [at])
        change = index.add(one)
        register.add(one, time="2024-01-01")
        for entity in dict.fromkeys(change.splits["entity"].tolist()):
            moved = change.splits["id"][change.splits["entity"] == entity]
            register.split(moved.tolist(), time="2024-01-01")
        _, passed = register.merge_pairs(change.merges, time="2024-01-01")
        assert passed == 0
    assert partition(register.entities(), "entity") == partition(index.entities(), "entity")


def test_links_weigh_what_predict_says(table: Rows, linker: Linker) -> None:
    pairs = linker.predict(table, threshold=0).to_dict()
    expected = {
        frozenset((a, b)): w
        for a, b, w in zip(
            pairs["left"].tolist(), pairs["right"].tolist(), pairs["weight"].tolist(), strict=True
        )
    }
    index = linker.index()
    found = {}
    for at in range(len(table["id"])):
        links = index.add(rows(table, [at])).links
        weights = links["weight"]
        by_field = sum(links[f"weight_{field.column}"] for field in FIELDS)
        prior = math.log2(linker.match_rate / (1 - linker.match_rate))
        np.testing.assert_allclose(weights, by_field + prior, atol=1e-12)
        np.testing.assert_allclose(links["probability"], 1 / (1 + 2.0**-weights))
        for a, b, w in zip(
            links["left"].tolist(), links["right"].tolist(), weights.tolist(), strict=True
        ):
            found[frozenset((a, b))] = w
    # Blocks above the cap lose their links later on, so that there may be more here.
    assert {pair: found[pair] for pair in expected} == expected


def test_ids_stay_and_retired_ones_resolve(linker: Linker) -> None:
    same = {"name": ["张伟"], "phone": ["13800138000"], "birth": ["1980-01-01"], "address": ["x"]}
    index = linker.index()
    index.add({"id": ["b"], **same})
    index.add({"id": ["a"], "name": ["李娜"], "phone": [None], "birth": [None], "address": [None]})
    assert (index.entity("b"), index.entity("a")) == (1, 2)
    change = index.keep_together("a", "b")
    assert index.entity("a") == 1
    assert index.resolve(2) == 1
    assert change.merges.to_dict()["left"].tolist() == ["b"]
    assert change.touched["before"].tolist() == [1, 2]
    change = index.add({"id": ["c"], **same})
    assert change.links["right"].tolist() == ["b"]
    assert index.entity("c") == 1
    change = index.unlink("c", "b")
    assert change.splits["id"].tolist() == ["c"]
    assert index.entity("c") == 3
    index.remove("c")
    with pytest.raises(KeyError, match="no records have this id"):
        index.resolve(3)
    # The id is free again; what was said of it went with it.
    assert index.add({"id": ["c"], **same}).links["right"].tolist() == ["b"]
    why = index.explain("c", "b")
    assert why["level"].tolist() == [None, "exact", "exact", "exact", "exact"]


def test_refusals_are_explained(table: Rows, linker: Linker) -> None:
    pairs = linker.predict(table, threshold=0)
    heaviest = int(pairs["weight"].argmax())
    apart = {"left": [pairs["left"][heaviest]], "right": [pairs["right"][heaviest]]}
    clusters = linker.cluster(pairs, cannot_link=apart)
    refusals = clusters.refusals
    assert len(refusals) == clusters.refused + clusters.bridges > 0
    assert "cannot_link" in refusals["reason"].tolist()
    for i, reason in enumerate(refusals["reason"].tolist()):
        row = {name: refusals.to_dict()[name][i] for name in ("left_apart", "right_apart")}
        if reason == "cannot_link":
            assert {row["left_apart"], row["right_apart"]} == {apart["left"][0], apart["right"][0]}
            assert math.isnan(refusals["across"][i]) or refusals["across"][i] is None
        else:
            assert refusals["across"][i] < 0
    index = linker.index(table)
    left, right = apart["left"][0], apart["right"][0]
    change = index.keep_apart(left, right)
    assert index.entity(left) != index.entity(right)
    assert "cannot_link" in change.refusals["reason"].tolist()


def test_bad_input_is_named_and_changes_nothing(table: Rows, linker: Linker) -> None:
    index = linker.index(rows(table, list(range(40))))
    before = index.entities().to_dict()
    one = rows(table, [50])
    with pytest.raises(AlreadyExistsError, match=r"id: row 1 is 1; the index has this id"):
        index.add({name: [*one[name], *rows(table, [0])[name]] for name in one})
    with pytest.raises(ValueError, match=r"id: row 1 is 51 again; expected each id once"):
        index.add({name: values * 2 for name, values in one.items()})
    with pytest.raises(ValueError, match="id: text; expected integers, as in the index"):
        index.add({**one, "id": ["x"]})
    with pytest.raises(ValueError, match="name: row 0 is 40000 code points"):
        index.add({**one, "name": ["y" * 40_000]})
    with pytest.raises(ValueError, match="phone"):
        index.add({name: values for name, values in one.items() if name != "phone"})
    for call in (
        lambda: index.remove(99_999),
        lambda: index.entity(99_999),
        lambda: index.keep_apart(1, 99_999),
        lambda: index.unlink(1, 99_999),
        lambda: index.explain(1, 99_999),
    ):
        with pytest.raises(NotFoundError, match="no record has this id"):
            call()
    with pytest.raises(ValueError, match="right: the record on the left"):
        index.keep_apart(1, 1)
    after = index.entities().to_dict()
    for name, values in before.items():
        assert np.array_equal(values, after[name]), name
    index.add(one)
    assert len(index) == 41
    with pytest.raises(FailedPreconditionError, match="not fitted"):
        Linker(FIELDS, BLOCKS).index(table)
    with pytest.raises(ValueError, match=r"hubs\[0\].field: 'x'; expected a field of the linker"):
        linker.index(table, hubs={"x": 5})
    with pytest.raises(ValueError, match=r"hubs\['phone'\]: 0; expected 1 or more"):
        linker.index(table, hubs={"phone": 0})
    with pytest.raises(ValueError, match="most: 0"):
        linker.index(table, most=0)


def test_sources(table: Rows) -> None:
    marked = {**table, "source": [("shop", "web")[i % 2] for i in range(len(table["id"]))]}
    linker = Linker(FIELDS, BLOCKS, source="source").fit(marked)
    index = linker.index(rows(marked, list(range(50))))
    for at in range(50, len(table["id"])):
        index.add(rows(marked, [at]))
    clusters = linker.cluster(linker.predict(marked, threshold=0))
    assert partition(index.entities(), "entity") == partition(clusters, "cluster")
    assert index.entities()["id"].tolist() == table["id"]


def test_a_model_from_elsewhere(table: Rows, linker: Linker) -> None:
    other = Linker(FIELDS, BLOCKS, cap=12).set_parameters(linker.parameters, linker.match_rate)
    index = other.index(rows(table, list(range(60))))
    for at in range(60, len(table["id"])):
        index.add(rows(table, [at]))
    assert len(index) == len(table["id"])
    # Values that the first records have weigh what they do in a prediction over these.
    pairs = other.predict(rows(table, list(range(60))), threshold=0)
    for left, right, weight in zip(
        pairs["left"].tolist(), pairs["right"].tolist(), pairs["weight"].tolist(), strict=True
    ):
        assert index.explain(left, right)["weight"].sum() == pytest.approx(weight)


# ---- Sweeps ----


def test_a_sweep_counts_what_it_says() -> None:
    data = generate_people(200, seed=9, repeat=0.6)
    linker = Linker(FIELDS, BLOCKS).fit(data)
    pairs = linker.predict(data, threshold=-10)
    truth = data["entity"].tolist()
    sweep = linker.sweep(pairs, truth, thresholds=[-10, -3, 0, 2.5, 8, 1000])
    person = dict(zip(data["id"].tolist(), truth, strict=True))
    left, right, weight = (pairs[name].tolist() for name in ("left", "right", "weight"))
    same = sum(truth.count(p) * (truth.count(p) - 1) // 2 for p in set(truth))
    for i, threshold in enumerate(sweep["threshold"].tolist()):
        kept = [k for k, w in enumerate(weight) if w >= threshold]
        correct = sum(person[left[k]] == person[right[k]] for k in kept)
        odds = sum(1 / (1 + 2.0 ** -weight[k]) for k in kept)
        assert sweep["pairs"][i] == len(kept)
        assert sweep["right_pairs"][i] == correct
        assert sweep["recall"][i] == pytest.approx(correct / same)
        if kept:
            assert sweep["precision"][i] == pytest.approx(correct / len(kept))
            assert sweep["expected_precision"][i] == pytest.approx(odds / len(kept))
            assert sweep["precision_low"][i] <= sweep["precision"][i] <= sweep["precision_high"][i]
        else:
            assert math.isnan(sweep["precision"][i])
        n = len(truth)
        matches = max(linker.match_rate * n * (n - 1) / 2, sum(1 / (1 + 2.0**-w) for w in weight))
        assert sweep["expected_recall"][i] == pytest.approx(odds / matches)
    assert sweep.best == sweep["threshold"][int(np.argmax(sweep["f1"]))]
    # B-cubed of the plain components.
    from patron.customers import measure_links

    clusters = linker.cluster(pairs, threshold=2.5, split_bridges=False)
    quality = measure_links(clusters["cluster"], truth)
    assert sweep["bcubed_f1"][3] == pytest.approx(quality.bcubed_f1)
    assert sweep["clusters"][3] == quality.clusters


def test_a_sweep_without_labels() -> None:
    data = generate_people(300, seed=4, repeat=0.6)
    linker = Linker(FIELDS, BLOCKS).fit(data)
    pairs = linker.predict(data, threshold=-10)
    sweep = linker.sweep(pairs)
    assert "precision" not in sweep.columns
    assert sweep["threshold"][0] == math.floor(pairs["weight"].min())
    assert sweep["threshold"][-1] >= pairs["weight"].max()
    # The model's own figures are near the truth where the data are like its assumptions.
    known = linker.sweep(pairs, data["entity"])
    at = int(np.flatnonzero(known["threshold"] == 4)[0])
    assert abs(known["expected_precision"][at] - known["precision"][at]) < 0.05
    with pytest.raises(ValueError, match="truth: 3 rows; expected"):
        linker.sweep(pairs, [1, 2, 3])
    with pytest.raises(ValueError, match="thresholds: row 1 is 0; expected numbers that ascend"):
        linker.sweep(pairs, thresholds=[1, 0])
    with pytest.raises(ValueError, match="level: 2"):
        linker.sweep(pairs, level=2)
    one_person = linker.sweep(pairs, ["same"] * len(data))
    assert one_person["precision"][0] == 1


def test_a_linker_reads_a_table_once_and_never_takes_one_for_another():
    fields = Field("name", ("exact", "jaro_winkler >= 0.8")), Field("city")
    names = ["Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow"]
    cities = ["Bath", "Bath", "York", "York", "Bath"]

    def table(names):
        return Table({"id": [1, 2, 3, 4, 5], "name": names, "city": cities})

    def found(linker, table):
        pairs = linker.predict(table, threshold=-50)
        clusters = linker.cluster(pairs, threshold=0)
        return pairs.to_dict()["weight"].tolist(), clusters["cluster"].tolist()

    one, other = table(names), table(names[::-1])
    linker = Linker(fields, ["city"]).fit(one)
    fresh = Linker(fields, ["city"]).set_parameters(linker.parameters, linker.match_rate)
    assert found(linker, one) == found(fresh, table(names))
    assert found(linker, other) == found(fresh, table(names[::-1]))
    assert found(linker, other) != found(linker, one)
    # An index takes the records that were read; the linker reads them again.
    index = linker.index(one)
    assert len(index) == 5
    assert found(linker, one) == found(fresh, one)
