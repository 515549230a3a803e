"""patron.Table as Python sees it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
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
