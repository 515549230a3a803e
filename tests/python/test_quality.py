"""Quality of records, against counts by hand."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from patron.customers import Register, quality

PEOPLE: dict[str, list[Any]] = {
    "id": [1, 2, 3, 4],
    "name": ["Ann", "Bob", "", "张?伟"],
    "phone": ["13800138000", "12", None, "+86 139 0013 9000"],
    "born": [date(1980, 2, 1), None, date(1990, 1, 1), date(2030, 1, 1)],
    "joined": [date(2020, 1, 1), date(2020, 1, 1), date(1989, 1, 1), date(2021, 1, 1)],
    "seen": [date(2024, 1, 1), date(2022, 1, 1), date(2024, 1, 1), None],
    "age": [44, 17, 250, None],
    "from": ["shop", "shop", "web", "web"],
    "who": [7, 7, 8, 9],
}
FIELDS: dict[str, list[Any]] = {
    "field": ["name", "phone", "age"],
    "kind": ["name", "phone", "number"],
    "weight": [1.0, 2.0, 1.0],
    "updated": [None, "seen", None],
    "low": [None, None, 18.0],
    "high": [None, None, 120.0],
}
RULES: dict[str, list[Any]] = {
    "name": ["born first", "shops know adults"],
    "left": ["born", "age"],
    "op": ["<", ">="],
    "right": ["joined", None],
    "value": [None, "18"],
    "when": [None, "from"],
    "equals": [None, "shop"],
}


def test_parts_by_hand() -> None:
    found = quality(PEOPLE, FIELDS, rules=RULES, as_of="2024-01-01", source="from", entity="who")
    fields = found.fields
    assert fields["filled"].tolist() == [3, 3, 3]
    assert fields["valid"].tolist() == [2, 2, 1]  # damaged; too short; out of range twice
    assert fields["completeness"].tolist() == [0.75, 0.75, 0.75]
    np.testing.assert_allclose(fields["validity"], [2 / 3, 2 / 3, 1 / 3])
    # Of the dated phones one is of today, one 730 days old; that of row 3 is missing.
    age = 1 - 730 / (3 * 365.25)
    np.testing.assert_allclose(fields["timeliness"], [math.nan, (1 + age) / 2, math.nan])
    records = found.records
    np.testing.assert_allclose(records["completeness"], [1, 1, 0.25, 0.75])
    np.testing.assert_allclose(records["validity"], [1, 0.25, 0, 2 / 3])
    np.testing.assert_allclose(records["consistency"], [1, 0, 0, 0])
    assert records["overall"].tolist()[1:] == [0, 0, 0]
    sources = found.sources
    assert sources["source"].tolist() == ["shop", "web"]
    assert sources["uniqueness"].tolist() == [0.5, 1.0]
    np.testing.assert_allclose(sources["completeness"], [1, 0.5])
    # Rule 1 applies to rows 0, 2, 3 and holds in row 0; rule 2 to rows 0 and 1, and holds in row 0.
    np.testing.assert_allclose(sources["consistency"], [2 / 3, 0])
    base = found.base
    parts = {
        "completeness": 12 / 16,
        "validity": 7 / 12,
        "uniqueness": 3 / 4,
        "timeliness": (1 + age) / 2,
        "consistency": 2 / 5,
    }
    for part, value in parts.items():
        assert base[part][0] == pytest.approx(value), part
    weights = [0.25, 0.25, 0.2, 0.2, 0.1]
    overall = math.exp(sum(w * math.log(v) for w, v in zip(weights, parts.values(), strict=True)))
    assert base["overall"][0] == pytest.approx(overall)


def test_other_forms_and_weights() -> None:
    found = quality(PEOPLE, FIELDS, as_of="2024-01-01", timeliness="heinrich")
    age = math.exp(-730 / (3 * 365.25))
    assert found.fields["timeliness"][1] == pytest.approx((1 + age) / 2)
    squared = quality(PEOPLE, FIELDS, as_of="2024-01-01", exponent=2)
    assert squared.fields["timeliness"][1] == pytest.approx((1 + (1 - 730 / 1095.75) ** 2) / 2)
    one = quality(PEOPLE, FIELDS, as_of="2024-01-01", weights={"completeness": 1})
    np.testing.assert_allclose(one.records["overall"], one.records["completeness"])
    # Nothing is known of uniqueness and consistency, so they do not count.
    assert math.isnan(one.base["uniqueness"][0])
    assert math.isnan(one.base["consistency"][0])


def test_accuracy_against_a_sample() -> None:
    sample = {"id": [1, 2, 3], "phone": ["+8613800138000", "13900139000", "13700137000"]}
    found = quality(PEOPLE, FIELDS, verified=sample, as_of="2024-01-01", source="from")
    assert found.fields["checked"].tolist() == [0, 3, 0]
    assert found.fields["correct"].tolist() == [0, 1, 0]
    # Wilson (1927) for 1 of 3 at 95 %: the roots of (p - 1/3)^2 = z^2 p (1 - p) / 3.
    z = 1.959963984540054
    roots = np.sort(np.roots([1 + z * z / 3, -2 / 3 - z * z / 3, 1 / 9]))
    assert found.fields["accuracy_low"][1] == pytest.approx(roots[0])
    assert found.fields["accuracy_high"][1] == pytest.approx(roots[1])
    assert math.isnan(found.fields["accuracy"][0])
    trust = found.trust
    assert trust["shop"] == found.sources["accuracy_low"][0]
    register = Register()
    for name, value in trust.items():
        register.add({"id": [name]}, source=name, trust=value)


def test_patterns_and_dates_in_text() -> None:
    table = {"code": ["AB-1", "ab-1", "AB-12", None], "day": ["2024-02-29", "2023-02-29", "", "x"]}
    fields = {
        "field": ["code", "day"],
        "kind": ["text", "date"],
        "pattern": ["[A-Z]{2}-[0-9]", None],
    }
    found = quality(table, fields)
    assert found.fields["valid"].tolist() == [1, 1]
    assert found.fields["filled"].tolist() == [3, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": ["name", "phone", "colour"]}, "kind: row 2 is 'colour'"),
        ({"field": ["name", "phone", "x"]}, "x"),
        ({"field": ["name", "phone", "name"]}, "field: row 2 is 'name'; expected each field once"),
        ({"pattern": [None, "(", None]}, r"pattern: row 1 is '\('"),
        ({"weight": [1.0, 0.0, 1.0]}, "weight: row 1 is 0"),
        ({"low": [None, None, 130.0]}, "low: row 2 is 130"),
        ({"updated": [None, None, "seen"]}, "volatility_days: row 2 is null"),
        ({"updated": [None, "x", None]}, "updated: row 1 is 'x'"),
    ],
)
def test_fields_that_cannot_be(change: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quality(PEOPLE, FIELDS | change, as_of=datetime(2024, 1, 1))


def test_slow_patterns_end() -> None:
    with pytest.raises(ValueError, match=r"code: row 0 .* in time"):
        quality({"code": ["a" * 40 + "b"]}, {"field": ["code"], "pattern": ["(a|aa)+(a|aa)+c"]})


def test_rules_and_options_that_cannot_be() -> None:
    changes: list[tuple[dict[str, list[Any]], str]] = [
        ({"op": ["~", ">="]}, "op: row 0 is '~'"),
        ({"value": ["1", "18"]}, "right: row 0"),
        ({"value": [None, "x"]}, "value: row 1 is 'x'"),
        ({"equals": [None, None]}, "when: row 1"),
    ]
    for change, message in changes:
        with pytest.raises(ValueError, match=message):
            quality(PEOPLE, FIELDS, rules=RULES | change)
    with pytest.raises(ValueError, match="weights: 'beauty'"):
        quality(PEOPLE, FIELDS, weights={"beauty": 1})
    with pytest.raises(ValueError, match="weights"):
        quality(PEOPLE, FIELDS, weights={"validity": -1})
    with pytest.raises(ValueError, match="id: row 0 is 99"):
        quality(PEOPLE, FIELDS, verified={"id": [99], "phone": ["1"]})
    with pytest.raises(ValueError, match="who: row 0 is null"):
        quality({"a": ["x"], "who": [None]}, {"field": ["a"]}, entity="who")
