"""Generated people, linked: F1 by kind of error, beside what defaults for Latin names give."""

from __future__ import annotations

from typing import Any

import pytest

from patron.customers import Field, LinkedPairs, Linker, generate_people, keys
from patron.table import Table

NAME = ["exact", "jaro_winkler >= 0.92", "jaro_winkler >= 0.8"]
KINDS = [
    "homophone", "variant", "romanised", "reversed", "typo", "damaged", "new_phone",
    "shared_phone", "phone_form", "new_address", "address_form", "birth_error",
]  # fmt: skip


def prepared(people: Table) -> dict[str, list[Any]]:
    """Records with the keys of their cells."""
    cells = people.to_dict()
    rows = {name: cells[name].tolist() for name in ("id", "name", "phone", "birth", "address")}
    names = keys(rows["name"], "name").to_dict()
    both = zip(names["pinyin"].tolist(), names["reversed"].tolist(), strict=True)
    # In either order of surname and given name.
    rows["sound"] = [min(a, b) if a and b else a for a, b in both]
    rows["key"] = names["key"].tolist()
    rows["e164"] = keys(rows["phone"], "phone")["e164"].tolist()
    rows["place"] = keys(rows["address"], "address")["key"].tolist()
    return rows


def latin() -> Linker:
    fields = [
        Field("name", NAME, 1.0),
        Field("phone", NAME),
        Field("birth"),
        Field("address", NAME),
    ]
    return Linker(fields, ["name", "phone", "birth", "address"])


def chinese() -> Linker:
    fields = [
        Field("sound", ["exact", "levenshtein_distance <= 2"], 1.0),
        Field("key", ["exact", "reversed", "osa_distance <= 1"]),
        Field("e164"),
        Field("birth", ["exact", "swapped", "levenshtein_distance <= 1"]),
        Field("place", ["exact", "jaro_winkler >= 0.9"]),
    ]
    return Linker(fields, ["sound", "e164", "birth", "place"])


def f1_by_kind(people: Table, pairs: LinkedPairs) -> dict[str, float]:
    """F1 over the pairs of which one record or both have the error."""
    cells = people.to_dict()
    row = {one: place for place, one in enumerate(cells["id"].tolist())}
    found = {
        (row[a], row[b])
        for a, b in zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
    }
    own: dict[int, list[int]] = {}
    for place, person in enumerate(cells["entity"].tolist()):
        own.setdefault(person, []).append(place)
    truth = {(a, b) for m in own.values() for i, a in enumerate(m) for b in m[i + 1 :]}
    scores = {"all": 2 * len(found & truth) / (len(found) + len(truth))}
    for kind in KINDS:
        bad = cells[kind].tolist()
        of_found = {pair for pair in found if bad[pair[0]] or bad[pair[1]]}
        of_truth = {pair for pair in truth if bad[pair[0]] or bad[pair[1]]}
        scores[kind] = 2 * len(of_found & of_truth) / (len(of_found) + len(of_truth))
    return scores


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, float]]:
    people = generate_people(3000, seed=20)
    rows = prepared(people)
    table = {}
    for name, linker in (("latin", latin()), ("chinese", chinese())):
        linker.fit(rows)
        best = linker.sweep(linker.predict(rows, threshold=-10), people["entity"]).best
        table[name] = f1_by_kind(people, linker.predict(rows, threshold=best))
    return table


def test_every_kind_of_error_is_overcome(scores: dict[str, dict[str, float]]) -> None:
    assert scores["chinese"]["all"] > 0.985
    for kind in KINDS:
        assert scores["chinese"][kind] > 0.94, (kind, scores["chinese"][kind])


def test_defaults_for_latin_names_do_not(scores: dict[str, dict[str, float]]) -> None:
    assert scores["latin"]["all"] < scores["chinese"]["all"] - 0.05
    for kind in ("homophone", "variant", "romanised", "reversed", "typo", "damaged"):
        assert scores["latin"][kind] < scores["chinese"][kind] - 0.08, kind


def test_pairs_that_fit_compared_are_the_same_when_they_are_compared_again() -> None:
    people = generate_people(400, seed=3).to_dict()
    table = Table({name: people[name].tolist() for name in ["id", "name", "phone", "birth"]})
    other = Table({name: people[name].tolist() for name in ["id", "name", "phone", "birth"]})
    fields = {
        "name": ["exact", "jaro_winkler >= 0.8"],
        "phone": ["exact", "osa_distance <= 2"],
        "birth": ["exact", "jaro >= 0.85"],
    }
    linker = Linker(fields, ["birth", "name", "phone[:5]"]).fit(table)
    known = linker.predict(table, threshold=-1000)
    again = linker.predict(other, threshold=-1000)
    assert known.compared == again.compared == len(known["left"]) > 500
    for name, values in known.to_dict().items():
        assert values.tolist() == again[name].tolist(), name
    # Another model weighs the patterns that are known anew.
    parameters = linker.parameters.to_dict()
    u = parameters["u"].copy()
    u[0], u[2] = u[0] / 2, u[2] + u[0] / 2
    linker.set_parameters(parameters | {"u": u}, linker.match_rate)
    known = linker.predict(other, threshold=-1000)
    linker.fit(table)
    linker.set_parameters(parameters | {"u": u}, linker.match_rate)
    assert linker.predict(table, threshold=-1000)["weight"].tolist() == known["weight"].tolist()
