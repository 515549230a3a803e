"""Customers: how alike texts are, and which records belong together."""

from __future__ import annotations

import csv
import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import patron
from patron.customers import (
    Field,
    LinkedPairs,
    Linker,
    compare,
    compare_all,
    keys,
    measure_links,
    threshold,
)

Columns = dict[str, list[str]]


def read(path: Path) -> Columns:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return {name: [(row[name] or "").strip() for row in rows] for name in rows[0]}


# ---- Comparison ----


def test_every_reference_pair(reference_folder: Callable[[str], Path]) -> None:
    text = (reference_folder("febrl") / "string_similarity.json").read_text(encoding="utf-8")
    measures: list[tuple[str, Any, float]] = [
        ("jaro", "jaro", 0.7),
        ("jaro_winkler_boost_above_0_7", "jaro_winkler", 0.7),
        ("jaro_winkler_no_boost_threshold", "jaro_winkler", 0.0),
        ("levenshtein", "levenshtein_distance", 0.7),
        ("osa", "osa_distance", 0.7),
        ("damerau_levenshtein", "damerau_distance", 0.7),
        ("lcs_length", "lcs_length", 0.7),
        ("indel_similarity", "indel", 0.7),
    ]
    for pair in json.loads(text)["pairs"]:
        for field, measure, boost in measures:
            if pair.get(field) is None:
                continue
            found = compare(pair["a"], pair["b"], measure, boost=boost)
            assert found == pytest.approx(pair[field], abs=6e-10), (field, pair)


def test_columns_give_what_texts_give() -> None:
    left = ["张伟", "Ann", "", None, "a very long name that fills more than one word of bits, " * 2]
    right = [
        "张玮",
        "Anne",
        "x",
        "y",
        "a very long name that fills more than two words of bits, " * 2,
    ]
    rows = compare(left, right)
    whole = compare_all(left, right)
    assert whole.shape == (5, 5)
    for i, a in enumerate(left):
        one = compare(right, a) if a is not None else np.full(5, np.nan)
        for j, b in enumerate(right):
            expected = math.nan if a is None else compare(a, b)
            np.testing.assert_equal(whole[i, j], expected)
            np.testing.assert_equal(one[j], math.nan if a is None else compare(b, a))
        np.testing.assert_equal(rows[i], whole[i, i])


def test_many_texts_in_threads_are_the_same_bits() -> None:
    random = np.random.default_rng(5)
    names = ["".join(random.choice(list("abcdef"), 6)) for _ in range(700)]
    patron.set_threads(3)
    threaded = compare_all(names, names)
    patron.set_threads(1)
    assert np.array_equal(threaded, compare_all(names, names))
    patron.set_threads(0)


def test_cutoffs() -> None:
    assert compare("dwayne", "duane", cutoff=0.9) == 0
    assert compare("dwayne", "duane", cutoff=0.8) == pytest.approx(0.84)
    assert compare("kitten", "sitting", "levenshtein_distance", cutoff=1) == 2
    assert compare("kitten", "sitting", "levenshtein_distance", cutoff=3) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare("a", "b", "soundex"), "measure"),  # type: ignore[call-overload]
        (lambda: compare("a", "b", n=9, measure="jaccard"), "n: 9; expected 1 to 6"),
        (lambda: compare("a", "b", boost=2), "boost: 2; expected 0 to 1"),
        (lambda: compare("a" * 40_000, "b"), "a: 40000 code points; expected at most 32768"),
        (lambda: compare(["a"], ["a" * 40_000]), "right: row 0 is 40000 code points"),
        (lambda: compare(["a", "b"], ["a"]), "right: 1 rows; expected 2, as many as left"),
        (lambda: compare([1.5], ["a"]), "left"),
    ],
)
def test_bad_comparisons_are_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# ---- Linking ----

PEOPLE: dict[str, list[Any]] = {
    "id": [1, 2, 3, 4, 5, 6],
    "name": ["Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow", "Di Fox"],
    "born": ["1980-01-01", "1980-01-01", "1975-05-05", "1975-05-05", "1980-01-01", None],
    "city": ["Bath", "Bath", "York", "York", "Leeds", "  "],
}


def small_linker(**options: Any) -> Linker:
    return Linker(
        {"name": ["exact", "jaro_winkler >= 0.9"], "born": ["exact"], "city": ["exact"]},
        ["born", "city"],
        **options,
    )


def test_weights_by_field_sum_to_the_weight() -> None:
    linker = small_linker().fit(PEOPLE)
    pairs = linker.predict(PEOPLE, threshold=-math.inf)
    prior = math.log2(linker.match_rate / (1 - linker.match_rate))
    fields = sum(pairs[f"weight_{name}"] for name in ("name", "born", "city"))
    np.testing.assert_allclose(pairs["weight"], prior + fields, rtol=0, atol=1e-12)
    np.testing.assert_allclose(pairs["probability"], 1 / (1 + 2.0 ** -pairs["weight"]))
    assert (
        pairs.compared == len(pairs) == 4
    )  # Three of one birthday, and Bob twice; Bath is among them.
    why = linker.explain(PEOPLE, 1, 2)
    assert why["weight"].sum() == pytest.approx(pairs["weight"][0])
    assert why["level"].tolist() == [None, "jaro_winkler >= 0.9", "exact", "exact"]
    assert linker.explain(PEOPLE, [1, 5], [6, 6])["level"].tolist()[2:4] == ["null", "null"]


def test_models_move() -> None:
    linker = small_linker().fit(PEOPLE)
    other = small_linker().set_parameters(linker.parameters, linker.match_rate)
    a, b = linker.predict(PEOPLE, -99), other.predict(PEOPLE, -99)
    for name in a.columns:
        np.testing.assert_array_equal(a[name], b[name])
    assert len(other.rounds) == 0
    wrong = linker.parameters.to_dict()
    wrong["m"] = wrong["m"] * 2
    with pytest.raises(ValueError, match=r"a probability|a sum of"):
        other.set_parameters(wrong, 0.5)
    with pytest.raises(ValueError, match="match_rate: 1"):
        other.set_parameters(linker.parameters, 1.0)


def test_linkers_pickle() -> None:
    linker = small_linker(cap=77, recall=0.8)
    again = pickle.loads(pickle.dumps(linker))
    with pytest.raises(patron.errors.FailedPreconditionError, match="not fitted"):
        again.predict(PEOPLE)
    again = pickle.loads(pickle.dumps(linker.fit(PEOPLE)))
    found, expected = again.predict(PEOPLE, threshold=-20), linker.predict(PEOPLE, threshold=-20)
    assert len(expected) > 0
    for name in expected.columns:
        assert found[name].tolist() == expected[name].tolist(), name
    assert again.plan(PEOPLE).to_dict().keys() == linker.plan(PEOPLE).to_dict().keys()


def test_assertions_of_a_clerk_hold() -> None:
    linker = small_linker().fit(PEOPLE)
    pairs = linker.predict(PEOPLE, threshold=0)
    apart = linker.cluster(pairs, cannot_link={"left": [2], "right": [1]})
    assert apart["cluster"].tolist() == [0, 1, 2, 2, 3, 4]
    assert apart.refused == 1
    joined = linker.cluster(pairs, must_link={"left": [5], "right": [6]})
    assert joined["cluster"].tolist() == [0, 0, 1, 1, 2, 2]
    assert joined.count == 3
    small = linker.cluster(pairs, most=1)
    assert small["review"].tolist() == [True] * 4 + [False] * 2
    with pytest.raises(KeyError, match=r"must_link.left: row 0 is 77; no record has this id"):
        linker.cluster(pairs, must_link={"left": [77], "right": [6]})


def test_sources_are_compared_with_each_other_alone() -> None:
    table = {**PEOPLE, "shop": ["a", "b", "a", "a", "b", "a"]}
    linker = small_linker(source="shop").fit(table)
    pairs = linker.predict(table, threshold=-math.inf)
    shop = dict(zip(table["id"], table["shop"], strict=True))
    assert len(pairs) > 0
    assert all(shop[a] != shop[b] for a, b in zip(pairs["left"], pairs["right"], strict=True))


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"fields\[0\].levels\[1\]: 'jaro >= 2'"):
        Linker([("a", ["exact", "jaro >= 2"])], ["a"])
    with pytest.raises(ValueError, match=r"a looser level than 'jaro >= 0\.8'"):
        Linker([("a", ["jaro >= 0.8", "jaro >= 0.9"])], ["a"])
    with pytest.raises(ValueError, match="fields: none"):
        Linker([], ["a"])
    with pytest.raises(ValueError, match="blocks: none"):
        Linker(["a"], [])
    with pytest.raises(ValueError, match=r"'a\[3:1\]'"):
        Linker(["a"], ["a[3:1]"])
    with pytest.raises(ValueError, match="cap: 1"):
        Linker(["a"], ["a"], cap=1)
    linker = small_linker()
    with pytest.raises(patron.errors.FailedPreconditionError, match="not fitted"):
        linker.predict(PEOPLE)
    with pytest.raises(ValueError, match="id: row 2 is 1 again; expected each id once"):
        linker.fit({**PEOPLE, "id": [1, 2, 1, 4, 5, 6]})
    with pytest.raises(ValueError, match="id"):
        linker.fit({**PEOPLE, "id": [1, 2, None, 4, 5, 6]})
    with pytest.raises(ValueError, match="city"):
        linker.fit({name: values for name, values in PEOPLE.items() if name != "city"})
    with pytest.raises(patron.errors.FailedPreconditionError, match="1 rows"):
        linker.fit({name: values[:1] for name, values in PEOPLE.items()})
    linker.fit(PEOPLE)
    with pytest.raises(KeyError, match="no record has this id"):
        linker.explain(PEOPLE, 1, 99)
    with pytest.raises(ValueError, match="one source"):
        linker.predict(PEOPLE, one_to_one=True)
    with pytest.raises(ValueError, match="threshold: nan"):
        linker.predict(PEOPLE, math.nan)
    with pytest.raises(TypeError, match="expected the records"):
        linker.cluster({"left": [1], "right": [2], "weight": [3.0]})


def test_empty_fields_everywhere_and_one_key_of_all() -> None:
    blank = {"id": list(range(30)), "name": [""] * 30, "born": ["x"] * 30, "city": [None] * 30}
    linker = small_linker(cap=20).fit(blank)
    plan = linker.plan(blank)
    assert plan["capped_records"].tolist() == [30, 0]
    assert plan["capped_pairs"].tolist() == [435, 0]
    assert len(linker.predict(blank, -math.inf)) == 0
    assert any("no pairs" in warning for warning in linker.warnings)


def test_thresholds() -> None:
    assert threshold(probability=8 / 9) == pytest.approx(3)
    assert threshold(false_link=1, missed_link=4) == -2
    for wrong in (
        {"probability": 1.0},
        {"false_link": 1.0},
        {"probability": 0.5, "false_link": 1.0},
    ):
        with pytest.raises(ValueError, match="expected"):
            threshold(**wrong)


def test_the_queue_of_a_clerk_begins_with_the_most_doubtful() -> None:
    linker = small_linker().fit(PEOPLE)
    pairs = linker.predict(PEOPLE, -math.inf)
    queue = pairs.review(upper=5)
    assert (queue["weight"] < 5).all()
    assert (np.diff(np.abs(queue["weight"])) >= 0).all()


def febrl_linker() -> Linker:
    names = ["exact", "jaro_winkler >= 0.85"]
    return Linker(
        [
            *(Field(name, names, 1.0) for name in ("given_name", "surname", "suburb")),
            Field("address_1", ["exact", "levenshtein >= 0.75"], 1.0),
            *(Field(name, term_frequency=1.0) for name in ("postcode", "state", "street_number")),
            Field("date_of_birth"),
            Field("soc_sec_id"),
        ],
        ["given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"],
        "rec_id",
    )


def quality(pairs: LinkedPairs, truth: Callable[[Any], str], true_pairs: int) -> float:
    sides = zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True)
    right = sum(truth(a) == truth(b) for a, b in sides)
    return 2 * right / (true_pairs + len(pairs))


@pytest.mark.parametrize(
    ("name", "true_pairs", "f1"),
    [
        ("dataset1.csv", 500, 1.0),
        ("dataset2.csv", 1934, 0.9989653388515262),
        ("dataset3.csv", 6538, 0.9989281886387995),
    ],
)
def test_febrl_is_found_as_well_as_by_the_reference(
    reference_folder: Callable[[str], Path], name: str, true_pairs: int, f1: float
) -> None:
    people = read(reference_folder("febrl") / name)
    pairs = febrl_linker().fit(people).predict(people, threshold=0)
    assert quality(pairs, lambda rec: rec.split("-")[1], true_pairs) >= f1 - 1e-12


def test_two_sources_and_one_partner_each(reference_folder: Callable[[str], Path]) -> None:
    left = read(reference_folder("febrl") / "dataset4a.csv")
    right = read(reference_folder("febrl") / "dataset4b.csv")
    linker = febrl_linker().fit(left, other=right)
    pairs = linker.predict(left, other=right)
    assert pairs.compared == 185055
    assert quality(pairs, lambda rec: rec.split("-")[1], 5000) >= 0.9998
    single = linker.predict(left, other=right, one_to_one=True)
    assert len(set(single["left"].tolist())) == len(single) == len(set(single["right"].tolist()))
    assert quality(single, lambda rec: rec.split("-")[1], 5000) == 1.0
    clusters = linker.cluster(single)
    assert clusters.count == 5000
    assert clusters["source"].tolist() == [0] * 5000 + [1] * 5000


def test_fake_people(reference_folder: Callable[[str], Path]) -> None:
    people = read(reference_folder("febrl") / "fake_1000.csv")
    names = ["exact", "jaro_winkler >= 0.9", "jaro_winkler >= 0.7"]
    linker = Linker(
        [
            Field("first_name", names, True),
            Field("surname", names, True),
            Field("dob", ["exact", "levenshtein_distance <= 1", "levenshtein_distance <= 2"]),
            Field("city", term_frequency=1.0),
            Field("email", ["exact", "jaro_winkler >= 0.9"]),
        ],
        ["first_name", "surname", "dob", "email"],
        "unique_id",
        training=[("first_name", "surname"), "dob"],
        certain=[("first_name", "surname", "dob"), "email"],
    ).fit(people)
    assert linker.match_rate == pytest.approx(0.0050564850564850565, abs=1e-15)
    pairs = linker.predict(people, threshold=0)
    person = dict(zip(people["unique_id"], people["cluster"], strict=True))
    assert quality(pairs, person.__getitem__, 2975) >= 0.8954393770856507
    found = measure_links(linker.cluster(pairs)["cluster"], people["cluster"])
    assert found.people == 181
    assert found.f1 >= 0.9730651210364814
    assert found.bcubed_f1 >= 0.9740421923451594


def test_quality_by_hand() -> None:
    q = measure_links([0, 0, 0, 1, 2], ["a", "a", "b", "b", "c"])
    assert (q.right_pairs, q.found_pairs, q.truth_pairs) == (1, 3, 2)
    assert (q.exact, q.over_merged, q.under_merged) == (1, 1, 1)
    assert q.recall_interval == pytest.approx((0.0945, 0.9055), abs=5e-5)
    with pytest.raises(ValueError, match="level: 1"):
        measure_links([0], [0], level=1)
    with pytest.raises(ValueError, match="truth: 2 rows"):
        measure_links([0], [0, 1])


# ---- Keys ----


def test_every_reference_phone(reference_folder: Callable[[str], Path]) -> None:
    text = (reference_folder("febrl") / "phone_e164.json").read_text(encoding="utf-8")
    vectors = json.loads(text)["vectors"]
    assert len(vectors) == 18
    for vector in vectors:
        found = keys(vector["input"], "phone", region=vector["region"])
        assert found["e164"].tolist() == [vector["e164"]], vector
        assert found["valid"].tolist() == [vector["valid"]], vector
        assert found["type"].tolist() == [vector["type"].lower()], vector
        assert found["extension"].tolist() == [vector["ext"]], vector
        assert not found["identity"][0] or vector["valid"]


def test_keys_of_columns() -> None:
    names = keys(["張偉", None, "Wei ZHANG", ""], "name")
    assert names["pinyin"].tolist() == ["zhangwei", None, "zhangwei", None]
    assert names["surname"].tolist() == ["张", None, "zhang", None]
    assert names["ambiguous"].tolist() == [False, None, False, False]
    assert keys("  \uff21\uff22\uff23\u3000x ")["key"].tolist() == ["abc x"]
    assert keys("Ann@Example.COM", "email")["key"].tolist() == ["ann@example.com"]
    firm = keys("騰訊科技\uff08深圳\uff09有限公司", "organisation")
    assert [firm[name][0] for name in firm.columns] == ["腾讯科技", "深圳", "有限公司"]
    home = keys("广东省深圳市南山区科技路二十三号三幢", "address")
    assert home["key"].tolist() == ["广东深圳南山科技路23号3栋"]
    numbers = keys(["11010519491231002X", "9144030071526726XG", "x"], "identity")
    assert numbers["type"].tolist() == ["resident", "social_credit", None]
    assert numbers["valid"].tolist() == [True, True, False]


def test_many_keys_in_threads_are_the_same() -> None:
    random = np.random.default_rng(3)
    han = [chr(0x4E00 + int(i)) for i in random.integers(0, 20_000, 60_000)]
    names = ["".join(han[i : i + 3]) for i in range(50_000)]
    patron.set_threads(4)
    threaded = keys(names, "name")["pinyin"].tolist()
    patron.set_threads(1)
    assert threaded == keys(names, "name")["pinyin"].tolist()
    patron.set_threads(0)


@pytest.mark.parametrize("kind", ["text", "name", "phone", "email", "organisation", "address"])
def test_hostile_texts_become_keys(kind: Any) -> None:
    hostile = ["\u202eabc", "a" + "\u0301" * 30_000, "\ue000", "()", "((", "@", "\0", "人?" * 1000]
    assert len(keys(hostile, kind)) == len(hostile)


def test_bad_keys_are_named() -> None:
    with pytest.raises(ValueError, match="region: 'XX'; expected CN, HK"):
        keys("1", "phone", region="XX")
    with pytest.raises(ValueError, match="kind"):
        keys("1", "nothing")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="values: row 1 is 200000 bytes"):
        keys(["a", "b" * 200_000])
