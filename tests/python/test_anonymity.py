"""Exports in which nobody stands alone, against trying all combinations of levels."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

import patron
from patron.customers import k_anonymity

Level = Callable[[Any], str | None]


def keep(count: int) -> Level:
    return lambda v: None if v is None else v if len(v) <= count else v[:count] + "*"


def bands(width: int) -> Level:
    def label(value: Any) -> str | None:
        if value is None:
            return None
        low = math.floor(value / width) * width
        return f"[{low}, {low + width})"

    return label


def plain(value: Any) -> str | None:
    return None if value is None else str(value)


LEVELS: dict[str, list[Level]] = {
    "post": [plain, keep(2), keep(1), lambda _: "*"],
    "age": [plain, bands(5), bands(20), lambda _: "*"],
    "sex": [plain, lambda _: "*"],
}
HIERARCHIES = {"post": "keep 2,1", "age": "bands 5, 20"}


def brute(
    table: dict[str, list[Any]],
    k: int,
    l: int,  # noqa: E741
    t: float,
    most: float,
) -> tuple[float, tuple[int, ...], int] | None:
    n = len(table["post"])
    found: list[tuple[float, tuple[int, ...], int]] = []
    every = Counter(table["ill"])
    for combination in itertools.product(*(range(len(LEVELS[c])) for c in LEVELS)):
        cells = {
            c: [LEVELS[c][level](v) for v in table[c]]
            for c, level in zip(LEVELS, combination, strict=True)
        }
        classes = defaultdict(list)
        for row in range(n):
            classes[tuple(cells[c][row] for c in LEVELS)].append(row)
        members = {
            c: Counter(LEVELS[c][level](v) for v in set(table[c]))
            for c, level in zip(LEVELS, combination, strict=True)
        }
        loss, suppressed = 0.0, 0
        for rows in classes.values():
            ills = Counter(table["ill"][row] for row in rows)
            far = sum(abs(ills[i] / len(rows) - every[i] / n) for i in every) / 2
            if len(rows) < k or len(ills) < l or far > t + 1e-9:
                suppressed += len(rows)
                loss += len(LEVELS) * len(rows)
                continue
            for row in rows:
                for c in LEVELS:
                    values = len(set(table[c]))
                    if values > 1:
                        loss += (members[c][cells[c][row]] - 1) / (values - 1)
        if suppressed <= math.floor(most * n + 1e-9):
            found.append((round(loss / (len(LEVELS) * n), 10), combination, suppressed))
    return min(found) if found else None


def test_least_loss_of_all_combinations() -> None:
    numbers = random.Random(5)
    feasible = 0
    for _ in range(60):
        n = numbers.randint(4, 40)
        table: dict[str, list[Any]] = {
            "post": [numbers.choice(["518", "517", "510", "100", "10", None]) for _ in range(n)],
            "age": [numbers.choice([21, 22, 24, 31, 39, 58, None]) for _ in range(n)],
            "sex": [numbers.choice("fm") for _ in range(n)],
            "ill": [numbers.choice("abc") for _ in range(n)],
        }
        table["post"][0], table["age"][0] = "518", 21
        k, l = numbers.randint(1, 5), numbers.randint(1, 2)  # noqa: E741
        t, most = numbers.choice([1.0, 1.0, 0.3]), numbers.choice([0, 0.1, 0.3])
        expected = brute(table, k, l, t, most)
        arguments: dict[str, Any] = {
            "hierarchies": HIERARCHIES,
            "sensitive": "ill",
            "l": l,
            "t": t,
            "max_suppressed": most,
        }
        if expected is None:
            with pytest.raises(patron.errors.FailedPreconditionError, match="max_suppressed"):
                k_anonymity(table, list(LEVELS), k, **arguments)
            continue
        feasible += 1
        found = k_anonymity(table, list(LEVELS), k, **arguments)
        loss, levels, suppressed = expected
        assert found.loss == pytest.approx(loss, abs=1e-9)
        assert tuple(found.levels["level"].tolist()) == levels
        assert (found.suppressed, found.rows) == (suppressed, n)
        # What came out is what was promised, counted anew.
        rows = found.table
        cells = list(zip(*(rows[c].tolist() for c in LEVELS), strict=True))
        sizes = Counter(cells)
        assert len(rows) == n - suppressed
        assert len(sizes) == len(found.classes)
        if sizes:
            assert min(sizes.values()) == found.k >= k
        ills = defaultdict(set)
        for cell, ill in zip(cells, rows["ill"].tolist(), strict=True):
            ills[cell].add(ill)
        assert all(len(values) >= l for values in ills.values())
        for row, cell in zip(rows["row"].tolist(), cells, strict=True):
            wanted = [LEVELS[c][x](table[c][row]) for c, x in zip(LEVELS, levels, strict=True)]
            assert list(cell) == wanted
    assert feasible > 20


def test_dates_and_labels() -> None:
    table = {
        "born": [date(1980, 1, 5), date(1980, 1, 9), date(1988, 7, 1), date(1985, 7, 2)],
        "job": ["cook", "baker", "nurse", "doctor"],
    }
    food, health = ["food", "all"], ["health", "all"]
    jobs: dict[str | None, list[str]] = {
        "cook": food,
        "baker": food,
        "nurse": health,
        "doctor": health,
    }
    found = k_anonymity(
        table, ["born", "job"], 2, hierarchies={"born": "date month, year,decade", "job": jobs}
    )
    assert found.levels["label"].tolist() == ["decade", "level 1"]
    assert found.table["born"].tolist() == ["1980s"] * 4
    assert found.classes["job"].tolist() == ["food", "health"]
    assert found.classes["size"].tolist() == [2, 2]
    assert math.isnan(found.t)
    some = k_anonymity(
        table, ["born"], 2, hierarchies={"born": "date month,year"}, max_suppressed=0.5
    )
    assert some.table["born"].tolist() == ["1980-01", "1980-01"]
    assert some.suppressed_share == 0.5


@pytest.mark.parametrize(
    ("hierarchies", "message"),
    [
        ({"post": "keep x"}, "form: row 0 is 'x'"),
        ({"post": "keep"}, "form: row 0 is 'keep'; expected levels between commas"),
        ({"post": "fold 1"}, "form: row 0 is 'fold 1'"),
        ({"post": "keep 1,2"}, "levels of post that join .*; 'keep 2' parts groups of 'keep 1'"),
        ({"age": "bands 5,7"}, "'bands 7' parts groups of 'bands 5'"),
        ({"age": "bands 0"}, "form: row 1 is '0'"),
        ({"post": "bands 5"}, "form: row 0 is 'bands'; expected numbers in column post"),
        ({"post": "date year"}, "post: row 0 is '518'; expected a date"),
        ({"age": "date week"}, "form: row 1 is 'week'"),
        (
            {"post": {"518": ["5"]}},
            "post: row 1 is '100'; expected a value with a label at level 1",
        ),
        ({"name": "suppress"}, "hierarchies: 'name'"),
    ],
)
def test_hierarchies_that_cannot_be(hierarchies: Any, message: str) -> None:
    table = {"post": ["518", "100", "118"], "age": [21, 20, 33]}
    with pytest.raises(ValueError, match=message):
        k_anonymity(table, ["post", "age"], 2, hierarchies=hierarchies)


def test_options_that_cannot_be() -> None:
    table = {"post": ["518", "100"]}
    changes: list[tuple[dict[str, Any], str]] = [
        ({"k": 0}, "k: 0"),
        ({"l": 2}, "sensitive: none"),
        ({"t": 0.5}, "sensitive: none"),
        ({"max_suppressed": 2}, "max_suppressed: 2"),
        ({"sensitive": "x"}, "x"),
    ]
    for change, message in changes:
        arguments: dict[str, Any] = {"k": 2} | change
        with pytest.raises(ValueError, match=message):
            k_anonymity(table, ["post"], **arguments)
    with pytest.raises(ValueError, match="quasi_identifiers: none"):
        k_anonymity(table, [], 2)
    with pytest.raises(patron.errors.FailedPreconditionError):
        k_anonymity(table, ["post"], 3)
    with pytest.raises(ValueError, match="each field once"):
        k_anonymity(table, ["post", "post"], 2)
    none = k_anonymity({"post": []}, ["post"], 2)
    assert (len(none.table), none.k, none.loss) == (0, 0, 0)
