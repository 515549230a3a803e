"""Records as bad as they come: linking decides, or says what is wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from patron.customers import Field, Linker, keys, measure_links

LEVELS = ["exact", "jaro_winkler >= 0.85"]
Rows = dict[str, Any]


def linked(rows: Rows, **options: Any) -> tuple[Linker, list[tuple[Any, Any]], int]:
    linker = Linker({"name": LEVELS, "city": ["exact"]}, ["city"], **options).fit(rows)
    pairs = linker.predict(rows, threshold=-math.inf)
    assert np.isfinite(pairs["weight"]).all()
    index = linker.index(rows, threshold=-math.inf)
    clusters = linker.cluster(pairs)
    assert len(set(index.entities()["entity"].tolist())) == clusters.count
    found = list(zip(pairs["left"].tolist(), pairs["right"].tolist(), strict=True))
    return linker, found, pairs.compared


def test_ill_formed_text_is_named() -> None:
    cells = pa.Array.from_buffers(
        pa.string(),
        3,
        [None, pa.py_buffer(np.array([0, 1, 2, 4], "int32")), pa.py_buffer(b"ab\xff\xfe")],
    )
    rows = pa.table({"id": [1, 2, 3], "name": cells, "city": ["x", "x", "x"]})
    linker = Linker({"name": LEVELS}, ["city"])
    with pytest.raises(ValueError, match=r"name: row 2 .*expected UTF-8"):
        linker.fit(rows)


def test_marks_that_nobody_sees_do_not_part_a_person() -> None:
    names = ["\u202eAnn\u202c Lee", "Ann Lee", "\u200fAnn Lee\u200e", "Ann\u200b Lee\ufeff"]
    assert len(set(keys(names, "name")["key"].tolist())) == 1
    # Without keys they are other texts, and alike.
    rows = {"id": range(4), "name": names, "city": ["x"] * 4}
    _, found, _ = linked({**rows, "id": [0, 1, 2, 3]})
    assert len(found) == 6


def test_a_mebibyte_of_name_is_refused_and_a_long_one_is_not() -> None:
    rows = {"id": [1, 2], "name": ["a" * (1 << 20), "b"], "city": ["x", "x"]}
    with pytest.raises(
        ValueError, match="name: row 0 is 1048576 code points; expected at most 32768"
    ):
        Linker({"name": LEVELS}, ["city"]).fit(rows)
    with pytest.raises(ValueError, match="values: row 0 is 1048576 bytes; expected at most 131072"):
        keys(["a" * (1 << 20)], "name")
    rows["name"] = ["张" * 32_768, "张" * 32_767 + "伟"]
    _, found, _ = linked(rows)
    assert found == [(1, 2)]


def test_bombs_of_marks() -> None:
    bomb = "e" + "\u0301" * 30_000
    read = keys([bomb, "e\u0301"], "name")
    assert len(read["key"].tolist()[0]) <= 64
    rows = {"id": [1, 2, 3], "name": [bomb, bomb + "x", "e"], "city": ["x"] * 3}
    _, found, _ = linked(rows)
    assert len(found) == 3


def test_empty_everywhere() -> None:
    rows: Rows = {"id": [1, 2, 3], "name": [None, "", "  "], "city": ["", None, " \t"]}
    linker, found, compared = linked(rows)
    assert (found, compared) == ([], 0)
    assert any("no pairs" in text for text in linker.warnings)
    assert linker.index(rows).entities()["entity"].tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="two or more"):
        linker.fit({"id": [], "name": [], "city": []})


def test_a_round_of_matches_alone_says_so() -> None:
    # The one pair of the block agrees in all fields.
    table = {
        "id": list(range(12)),
        "name": ["Ann Lee", *(f"{chr(65 + i)}x" for i in range(10)), "Ann Lee"],
        "birth": ["1980", *(str(1960 + i) for i in range(10)), "1980"],
    }
    linker = Linker({"name": ["exact"], "birth": ["exact"]}, ["name"]).fit(table)
    assert "round 'name': 100% of its pairs match" in linker.warnings[0]


@pytest.mark.parametrize("n", [2, 60])
def test_all_equal_and_all_different(n: int) -> None:
    equal = {"id": list(range(n)), "name": ["张伟"] * n, "city": ["x"] * n}
    linker, found, _ = linked(equal)
    assert len(found) == n * (n - 1) // 2
    # Nothing tells them apart, and nothing says that they are one: so says a warning.
    assert linker.warnings
    different = {
        "id": list(range(n)),
        "name": [chr(0x4E00 + 7 * i) * 3 for i in range(n)],
        "city": ["x"] * n,
    }
    linker, found, _ = linked(different)
    assert linker.warnings
    assert linker.cluster(linker.predict(different, threshold=0)).count == n
    assert linker.match_rate <= 1 / n


def test_one_key_shared_by_all_is_capped_and_told() -> None:
    n = 300
    rows: Rows = {
        "id": list(range(n)),
        "name": [f"name{i % 150}" for i in range(n)],
        "city": ["x"] * n,
        "phone": [str(i % 150) for i in range(n)],
    }
    linker = Linker({"name": LEVELS}, ["city", "phone"], cap=100).fit(rows)
    plan = linker.plan(rows).to_dict()
    assert plan["capped_records"].tolist() == [300, 0]
    assert plan["capped_pairs"].tolist() == [n * (n - 1) // 2, 0]
    pairs = linker.predict(rows, threshold=-math.inf)
    assert pairs.compared == 150
    # One more than the cap closes a block, and one less opens it again.
    linker = Linker({"name": ["exact"]}, ["city"], cap=3).fit(rows)
    three = {name: values[:3] for name, values in rows.items()}
    three["name"] = ["same"] * 3
    index = linker.index(three, threshold=-math.inf)
    assert len(set(index.entities()["entity"].tolist())) == 1
    change = index.add({"id": [9], "name": ["same"], "city": ["x"], "phone": [None]})
    assert len(set(index.entities()["entity"].tolist())) == 4
    assert sorted(change.touched["id"].tolist()) == [0, 1, 2, 9]
    index.remove(1)
    assert len(set(index.entities()["entity"].tolist())) == 1


def test_levels_that_overlap_are_refused() -> None:
    for levels in (
        ["exact", "jaro_winkler >= 0.8", "jaro_winkler >= 0.9"],
        ["exact", "jaro_winkler >= 0.8", "jaro_winkler >= 0.8"],
        ["days <= 3", "days <= 1"],
        ["jaro >= 0.5", "exact"],
    ):
        with pytest.raises(ValueError, match=r"fields\[0\].levels\[\d\]"):
            Linker({"name": levels}, ["name"])


def test_labels_of_one_class() -> None:
    rows = {"id": [1, 2, 3, 4], "name": ["Ann", "Ann", "Bob", "Bob"], "city": ["x"] * 4}
    linker = Linker({"name": LEVELS}, ["city"]).fit(rows)
    pairs = linker.predict(rows, threshold=-50)
    everyone = linker.sweep(pairs, ["p"] * 4)
    assert everyone["precision"][0] == 1
    nobody = linker.sweep(pairs, ["a", "b", "c", "d"])
    assert nobody["precision"][0] == 0
    assert math.isnan(nobody["recall"][0])
    assert nobody["f1"][nobody["pairs"] > 0].max() == 0
    quality = measure_links([1, 2, 3, 4], ["a", "b", "c", "d"])
    assert quality.f1 == 1
    assert math.isnan(quality.precision)


def test_a_large_star_is_clustered_in_time() -> None:
    n = 4000
    pairs = {
        "left": [0] * (n - 1),
        "right": list(range(1, n)),
        "weight": [1.0] * (n - 1),
    }
    rows: Rows = {
        "id": list(range(n)),
        "name": [f"n{i}" for i in range(n)],
        "city": ["x", "y"] * (n // 2),
    }
    linker = Linker([Field("name", LEVELS), Field("city")], ["city"], cap=10).fit(
        {name: values[:8] for name, values in rows.items()}
    )
    clusters = linker.cluster(pairs, rows)
    assert clusters.count == 1
    assert clusters.too_large == 1
