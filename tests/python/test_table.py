"""patron.Table as Python sees it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import patron


@pytest.fixture
def table() -> patron.Table:
    return patron.Table(
        {
            "name": ["ana", None, "<b>"],
            "count": [1, None, 3],
            "share": np.array([0.25, np.nan, 1 / 3]),
            "day": np.array(["2024-01-01", "NaT", "2024-02-01"], dtype="datetime64[us]"),
            "time": np.array(["2024-01-01T10:30"] * 3, dtype="datetime64[us]"),
        }
    )


def test_length_and_names(table: patron.Table) -> None:
    assert len(table) == 3
    assert table.columns == ["name", "count", "share", "day", "time"]
    assert "share" in table
    assert "shares" not in table


def test_iteration_is_refused(table: patron.Table) -> None:
    with pytest.raises(TypeError):
        iter(table)  # type: ignore[call-overload]


def test_text(table: patron.Table) -> None:
    lines = repr(table).splitlines()
    assert lines[0] == "Table: 3 rows, 5 columns"
    assert lines[1].split() == ["name", "count", "share", "day", "time"]
    assert lines[2].split() == ["ana", "1", "0.25", "2024-01-01", "2024-01-01", "10:30:00"]
    assert lines[4].split() == ["<b>", "3", "0.3333", "2024-02-01", "2024-01-01", "10:30:00"]


def test_html_is_escaped(table: patron.Table) -> None:
    html = table._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "3 rows" in html


def test_long_tables_are_cut() -> None:
    table = patron.Table({"x": np.arange(1000)})
    assert repr(table).endswith("... 990 more")
    assert len(repr(table).splitlines()) == 13
    assert "990 not shown" in table._repr_html_()


def test_empty_tables() -> None:
    assert len(patron.Table({})) == 0
    assert repr(patron.Table({"x": []})).startswith("Table: 0 rows")
    assert patron.Table({"x": np.array([], dtype=np.int64)})["x"].dtype == np.int64


def test_pickle(table: patron.Table) -> None:
    again = pickle.loads(pickle.dumps(table))
    assert repr(again) == repr(table)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2, 3], "int64"),
        ([1, 2.5, 3], "float64"),
        ([True, False, True], "bool"),
        ([np.int8(1), np.int8(2)], "int64"),
        ([np.float32(1), 2], "float64"),
        ([np.datetime64("2024-01-01"), None], "datetime64[us]"),
        (["a", None], "object"),
        ([b"a", "b"], "object"),
        (range(3), "int64"),
        (np.array([1, 2], dtype=">i4"), "int32"),
        (memoryview(np.array([1.0, 2.0])), "float64"),
    ],
)
def test_types_of_columns(values: Any, dtype: str) -> None:
    assert patron.Table({"x": values})["x"].dtype == dtype


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 63, 64, 65, 1000])
def test_booleans_of_any_length(rows: int) -> None:
    flags = np.random.default_rng(rows).random(rows) < 0.4
    assert patron.Table({"x": flags})["x"].tolist() == flags.tolist()
    # NumPy takes any byte but 0 for true.
    odd = (flags * np.arange(1, rows + 1).clip(max=255)).astype(np.uint8).view(bool)
    assert patron.Table({"x": odd})["x"].tolist() == flags.tolist()


def test_a_table_of_a_table(table: patron.Table) -> None:
    copy = patron.Table(table)
    del table
    assert copy["name"].tolist() == ["ana", None, "<b>"]


def test_columns_of_text_share_equal_strings() -> None:
    column = patron.Table({"x": ["yes", "no"] * 50})["x"]
    assert len({id(item) for item in column}) == 2


def test_many_different_strings() -> None:
    names = [f"customer {i % 997} of {i}" for i in range(5000)]
    assert patron.Table({"x": names})["x"].tolist() == names


def test_item_completion(table: patron.Table) -> None:
    assert table._ipython_key_completions_() == table.columns


# ---- Units of datetime64 ----


@pytest.mark.parametrize(
    ("unit", "count", "instant"),
    [
        ("10us", 12_345, "1970-01-01T00:00:00.123450"),
        ("25ms", 3, "1970-01-01T00:00:00.075000"),
        ("7s", -1, "1969-12-31T23:59:53"),
        ("15m", 5, "1970-01-01T01:15"),
        ("6h", 3, "1970-01-01T18:00"),
        ("2D", -3, "1969-12-26"),
        ("W", 2, "1970-01-15"),
        ("M", -1, "1969-12-01"),
        ("3M", 5, "1971-04-01"),
        ("Y", 54, "2024-01-01"),
        ("10Y", -7, "1900-01-01"),
        ("100ns", -1, "1969-12-31T23:59:59.999999"),
        ("ps", 1_999_999, "1970-01-01T00:00:00.000001"),
    ],
)
def test_every_unit_of_datetime64(unit: str, count: int, instant: str) -> None:
    days = np.array([count, np.iinfo(np.int64).min, 0]).view(f"datetime64[{unit}]")
    column = patron.Table({"day": days})["day"].astype("datetime64[us]")
    assert column[0] == np.datetime64(instant)
    assert np.isnat(column[1])
    assert column[2] == np.datetime64("1970-01-01")


@pytest.mark.parametrize("unit", ["10us", "W", "M", "Y", "h", "1000D"])
def test_times_past_the_range_of_any_unit_are_refused(unit: str) -> None:
    table = {
        "customer_id": [1],
        "date": np.array([2**62]).view(f"datetime64[{unit}]"),
        "amount": [1.0],
    }
    with pytest.raises(
        ValueError, match=r"date: row 0 is .*; expected a time within 292,000 years"
    ):
        patron.value.summarize(table)


# ---- Objects that change what they stand in ----


class Shrinking:
    """A number that empties the list or array it stands in when it is read."""

    def __init__(self, clear: Any) -> None:
        self.clear = clear

    def __index__(self) -> int:
        self.clear()
        return 7


def test_a_list_that_changes_while_it_is_read() -> None:
    values: list[Any] = []
    values += [Shrinking(values.clear), *(10**6 + i for i in range(100))]
    assert patron.Table({"x": values})["x"].tolist()[:3] == [7, 10**6, 10**6 + 1]
    assert values == []


def test_an_array_that_changes_while_it_is_read() -> None:
    array = np.empty(101, dtype=object)
    array[0] = Shrinking(lambda: array.fill(None))
    array[1:] = [10**6 + i for i in range(100)]
    assert patron.Table({"x": array})["x"].tolist()[-1] == 10**6 + 99


# ---- Pickling ----


SHOP = patron.value.simulate_shop(customers=50, seed=2).transactions


def same(one: patron.Table, other: patron.Table) -> bool:
    """Whether the columns hold the same; a column without nulls may be declared to have none."""
    return type(one) is type(other) and pa.table(one).to_pydict() == pa.table(other).to_pydict()


def test_results_are_pickled_whole() -> None:
    scores = patron.value.rfm(SHOP, bins=3)
    again = pickle.loads(pickle.dumps(scores))
    assert type(again) is patron.value.RfmScores
    assert again.report == scores.report
    assert same(again, scores)
    assert same(again.bins, scores.bins)
    followed = patron.value.cohorts(SHOP)
    assert pickle.loads(pickle.dumps(followed)).report == followed.report
    tiers = patron.value.pyramid(scores, value="monetary")
    assert same(pickle.loads(pickle.dumps(tiers)).membership, tiers.membership)
    groups = patron.value.segments(patron.value.rfm(SHOP))
    assert same(pickle.loads(pickle.dumps(groups)).membership, groups.membership)
    curve = patron.value.whale_curve([5.0, -1.0])
    assert pickle.loads(pickle.dumps(curve)).figures == curve.figures


def test_copies_are_whole() -> None:
    scores = patron.value.rfm(SHOP, bins=3)
    for again in (copy.copy(scores), copy.deepcopy(scores)):
        assert same(again.bins, scores.bins)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", None, "", "é"], pa.string()),
        pa.array([None, None], pa.string()),
        pa.array([], pa.large_string()),
        pa.array(["x", "yy"], pa.large_string()),
        pa.array([True, None, False] * 5, pa.bool_()),
        pa.array([1, None, 3], pa.int16()),
        pa.array([2**63, 1], pa.uint64()),
        pa.array([0.1, None], pa.float32()),
        pa.array([0.1, float("nan"), None], pa.float64()),
        pa.array([1, None], pa.date32()),
        pa.array([1, None], pa.timestamp("ns")),
        pa.array(["a", "b", "a", None, "b"]).slice(1),
        pa.array([True] * 20 + [None] * 3).slice(9),
    ],
    ids=lambda column: f"{column.type}-{len(column)}",
)
def test_every_type_is_pickled(column: pa.Array) -> None:
    table = patron.Table(pa.table({"x": column}))
    again = pickle.loads(pickle.dumps(table))
    assert repr(again.to_arrow()["x"].to_pylist()) == repr(column.to_pylist())
    assert again.to_arrow().schema.field("x").type == table.to_arrow().schema.field("x").type
    # A pickle of what came from a pickle, and a stream that outlives it.
    stream = pa.table(pickle.loads(pickle.dumps(again)))
    del again
    assert repr(stream["x"].to_pylist()) == repr(column.to_pylist())


def test_a_damaged_pickle_is_refused() -> None:
    native = patron.Table({"x": [1, 2], "t": ["a", "b"]})._native
    number, text = native.__getstate__()
    damaged = [
        (number[:5],),
        ((*number[:2], 3, *number[3:]),),
        ((*number[:2], -1, *number[3:]),),
        ((*number[:1], 99, *number[2:]),),
        ((*number[:3], None, *number[4:]),),
        ((*text[:5], b"\xff" * len(text[5])),),
        ((*text[:5], None),),
        ((*text[:3], b"", *text[4:]),),
    ]
    for state in damaged:
        made = type(native).__new__(type(native))
        with pytest.raises(patron.errors.DataLossError, match="the pickle is damaged"):
            made.__setstate__(state)


def test_text_without_a_value_stays_text() -> None:
    nothing = np.array([None, None], dtype=object)
    assert patron.Table({"x": nothing})["x"].dtype == object
    assert patron.Table({"x": nothing[:0]})["x"].dtype == object
    names = patron.Table({"x": ["a"]})["x"]
    assert patron.Table({"x": names[:0]}).to_arrow()["x"].type == pa.large_string()


def test_a_column_whose_producer_frees_its_own_name() -> None:
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(ValueError, match="column 'x' is struct"):
        patron.Table({"x": duckdb.sql("SELECT 1 AS a")})
