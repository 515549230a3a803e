"""Arrow in both directions: pyarrow, polars, duckdb and pandas, and every form of column."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import patron
from patron import value

Columns = dict[str, np.ndarray]
AS_OF = "2024-04-01"


def scores_of(table: Any, **options: Any) -> dict[str, list[Any]]:
    scores = value.rfm(table, as_of=AS_OF, **options)
    return {name: values.tolist() for name, values in scores.to_dict().items()}


@pytest.fixture
def expected(rows: Columns) -> dict[str, list[Any]]:
    # By hand: recency to 2024-04-01, orders without the refund, net sums.
    got = scores_of(rows)
    assert got["customer_id"] == [1, 2, 3]
    assert got["recency"] == [60, 1, 47]
    assert got["frequency"] == [2, 2, 1]
    assert got["monetary"] == [35.0, 70.0, 40.0]
    return got


def through_duckdb(rows: Columns) -> Any:
    frame = pa.table(rows)  # noqa: F841  # DuckDB finds it by name.
    return duckdb.sql("select * from frame")


def two_batches(rows: Columns) -> Any:
    table = pa.table(rows)
    empty = table.slice(0, 0)
    return pa.concat_tables([table.slice(0, 2), empty, table.slice(2)])


SOURCES: dict[str, Callable[[Columns], Any]] = {
    "pyarrow table": pa.table,
    "pyarrow record batch": pa.RecordBatch.from_pydict,
    "pyarrow reader": lambda rows: pa.table(rows).to_reader(),
    "pyarrow in batches, one of them empty": two_batches,
    "pyarrow slice": lambda rows: pa.concat_tables([pa.table(rows)] * 3).slice(6, 6),
    "polars": pl.DataFrame,
    "polars slice": lambda rows: pl.concat([pl.DataFrame(rows)] * 2).slice(6, 6),
    "duckdb": through_duckdb,
    "pandas": pd.DataFrame,
    "pandas by pyarrow": lambda rows: pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow"),
    "pandas nullable": lambda rows: pd.DataFrame(rows).convert_dtypes(),
    "patron": patron.Table,
    "mapping of series": lambda rows: {k: pd.Series(v) for k, v in rows.items()},
    "mapping of polars": lambda rows: {k: pl.Series(v) for k, v in rows.items()},
    "mapping of arrow": lambda rows: {k: pa.array(v) for k, v in rows.items()},
    "mapping of arrow in pieces": lambda rows: {
        k: pa.chunked_array([v[:2], v[:0], v[2:]]) for k, v in rows.items()
    },
    "mapping of lists": lambda rows: {k: v.tolist() for k, v in rows.items()},
    "mapping of tuples": lambda rows: {k: tuple(v.tolist()) for k, v in rows.items()},
    "structured array": lambda rows: np.rec.fromarrays(
        list(rows.values()), names=list(rows.keys())
    ),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same(
    source: str, rows: Columns, expected: dict[str, list[Any]]
) -> None:
    assert scores_of(SOURCES[source](rows)) == expected


TIMES: dict[str, Callable[[np.ndarray], Any]] = {
    "seconds": lambda t: pa.array(t.astype("datetime64[s]")),
    "milliseconds": lambda t: pa.array(t.astype("datetime64[ms]")),
    "microseconds": lambda t: pa.array(t.astype("datetime64[us]")),
    "nanoseconds": lambda t: pa.array(t.astype("datetime64[ns]")),
    "with a zone": lambda t: pa.array(t).cast(pa.timestamp("us", tz="America/New_York")),
    "date32": lambda t: pa.array(t.astype("datetime64[D]")),
    "date64": lambda t: pa.array(t.astype("datetime64[D]")).cast(pa.date64()),
    "numpy minutes": lambda t: t.astype("datetime64[m]"),
    "numpy days": lambda t: t.astype("datetime64[D]"),
    "numpy big-endian": lambda t: t.astype(">M8[s]"),
    "numpy steps of ten minutes": lambda t: t.astype("datetime64[10m]"),
    "datetimes": lambda t: t.tolist(),
    "dates": lambda t: t.astype("datetime64[D]").tolist(),
    "pandas with a zone": lambda t: pd.Series(t).dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
}


@pytest.mark.parametrize("form", TIMES)
def test_times_of_every_unit_and_zone(
    form: str, rows: Columns, expected: dict[str, list[Any]]
) -> None:
    assert scores_of({**rows, "date": TIMES[form](rows["date"])}) == expected


AMOUNTS: dict[str, Callable[[np.ndarray], Any]] = {
    "float32": lambda a: pa.array(a, pa.float32()),
    "int8": lambda a: pa.array(a.astype(np.int8)),
    "int16": lambda a: pa.array(a.astype(np.int16)),
    "int32": lambda a: pa.array(a.astype(np.int32)),
    "int64": lambda a: pa.array(a.astype(np.int64)),
    "decimal128": lambda a: pa.array([Decimal(str(x)) for x in a], pa.decimal128(10, 2)),
    "decimals": lambda a: [Decimal(str(x)) for x in a],
    "numpy float16": lambda a: a.astype(np.float16),
    "numpy long double": lambda a: a.astype(np.longdouble),
    "numpy big-endian": lambda a: a.astype(">f8"),
    "numpy with strides": lambda a: np.repeat(a, 2)[::2],
    "numpy reversed twice": lambda a: a[::-1].copy()[::-1],
    "numpy unaligned": lambda a: np.frombuffer(b"\0" + a.tobytes(), dtype=np.float64, offset=1),
    "numpy scalars": list,
    "dictionary": lambda a: pa.array(a).dictionary_encode(),
}


@pytest.mark.parametrize("form", AMOUNTS)
def test_amounts_of_every_type(form: str, rows: Columns, expected: dict[str, list[Any]]) -> None:
    assert scores_of({**rows, "amount": AMOUNTS[form](rows["amount"])}) == expected


TEXTS: dict[str, Callable[[list[str]], Any]] = {
    "utf8": lambda ids: pa.array(ids, pa.string()),
    "large": lambda ids: pa.array(ids, pa.large_string()),
    "view": lambda ids: pa.array(ids, pa.string_view()),
    "dictionary": lambda ids: pa.array(ids).dictionary_encode(),
    "dictionary with int8 keys": lambda ids: pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0, 2, 1, 0], pa.int8()), pa.array([ids[0], ids[1], ids[3]])
    ),
    "sliced": lambda ids: pa.array(["x", *ids, "y"]).slice(1, 6),
    "categorical": lambda ids: pd.Series(ids).astype("category"),
    "pandas string": lambda ids: pd.Series(ids, dtype="string"),
    "polars categorical": lambda ids: pl.Series(ids, dtype=pl.Categorical),
    "numpy fixed": np.array,
    "numpy bytes": lambda ids: np.array([i.encode() for i in ids]),
    "numpy objects": lambda ids: np.array(ids, dtype=object),
    "numpy strings": lambda ids: np.array(ids, dtype=np.dtypes.StringDType()),
}


@pytest.mark.parametrize("form", TEXTS)
def test_text_ids_of_every_form(form: str, rows: Columns, expected: dict[str, list[Any]]) -> None:
    names = {1: "ana", 2: "björn, the second of a long name", 3: "çelik"}
    ids = [names[i] for i in rows["customer_id"].tolist()]
    got = scores_of({**rows, "customer_id": TEXTS[form](ids)})
    assert got.pop("customer_id") == ["ana", "björn, the second of a long name", "çelik"]
    expected.pop("customer_id")
    assert got == expected


IDS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("dtype", IDS)
def test_integer_ids_of_every_width(
    dtype: str, rows: Columns, expected: dict[str, list[Any]]
) -> None:
    assert scores_of({**rows, "customer_id": rows["customer_id"].astype(dtype)}) == expected
    arrow = pa.table({**rows, "customer_id": pa.array(rows["customer_id"].astype(dtype))})
    assert scores_of(arrow) == expected


def test_dictionaries_that_differ_between_batches(
    rows: Columns, expected: dict[str, list[Any]]
) -> None:
    ids = [str(i) for i in rows["customer_id"]]
    pieces = [pa.array(ids[:3]).dictionary_encode(), pa.array(ids[3:]).dictionary_encode()]
    table = pa.table({**rows, "customer_id": pa.chunked_array(pieces)})
    got = scores_of(table)
    assert got["customer_id"] == ["1", "2", "3"]
    assert got["rfm"] == expected["rfm"]


def test_unknown_formats_matter_only_where_they_are_read(
    rows: Columns, expected: dict[str, list[Any]]
) -> None:
    table = pa.table({**rows, "basket": pa.array([[1]] * 6), "nothing": pa.nulls(6)})
    assert scores_of(table) == expected
    with pytest.raises(patron.errors.InvalidArgumentError, match="column 'basket'"):
        value.rfm(table, customer="basket")


def test_of_a_mapping_only_named_columns_are_read(
    rows: Columns, expected: dict[str, list[Any]]
) -> None:
    class Columns(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            assert name != "secret"
            return super().__getitem__(name)

    assert scores_of({**rows, "junk": object()}) == expected
    frame = pd.DataFrame({**rows, "mixed": [1, "a", None, 2.5, (), {}]})
    assert scores_of(frame) == expected


def test_mappings_that_are_no_dict(rows: Columns, expected: dict[str, list[Any]]) -> None:
    from collections import ChainMap
    from types import MappingProxyType

    assert scores_of(MappingProxyType(rows)) == expected
    assert scores_of(ChainMap({}, rows)) == expected


def test_nan_is_missing_in_pandas_alone(rows: Columns) -> None:
    amounts = rows["amount"].copy()
    amounts[1] = np.nan
    with pytest.raises(patron.errors.InvalidArgumentError, match="amount: row 1 is nan"):
        value.rfm({**rows, "amount": amounts})
    with pytest.raises(patron.errors.InvalidArgumentError, match="amount: row 1 is null"):
        value.rfm(pd.DataFrame({**rows, "amount": amounts}))
    scores = value.rfm(pd.DataFrame({**rows, "amount": amounts}), nulls="skip")
    assert scores.report is not None
    assert scores.report.skipped_null == 1


@pytest.mark.parametrize(
    "missing",
    [
        pd.Series([1, None, 2, 3, 4, 5], dtype="Int64"),
        pd.Series(["a", None, "b", "c", "d", "e"]),
        pl.Series([1, None, 2, 3, 4, 5]),
        pa.array([1, None, 2, 3, 4, 5]),
        np.ma.MaskedArray([1, 0, 2, 3, 4, 5], mask=[0, 1, 0, 0, 0, 0]),
        [1, None, 2, 3, 4, 5],
        ["a", np.nan, "b", "c", "d", "e"],
        [1, pd.NA, 2, 3, 4, 5],
    ],
    ids=lambda values: type(values).__module__.split(".")[0],
)
def test_missing_ids_of_every_form(rows: Columns, missing: Any) -> None:
    with pytest.raises(patron.errors.InvalidArgumentError) as caught:
        value.rfm({**rows, "customer_id": missing})
    assert str(caught.value) == "customer_id: row 1 is null; expected an id"


def test_two_columns_of_one_name(rows: Columns) -> None:
    frame = pd.DataFrame(rows)
    frame = pd.concat([frame, frame[["amount"]]], axis=1)
    with pytest.raises(patron.errors.InvalidArgumentError, match="amount: several columns"):
        value.rfm(frame)


# ---- Out ----


@pytest.fixture
def scores(rows: Columns) -> value.RfmScores:
    return value.rfm({**rows, "customer_id": [str(i) for i in rows["customer_id"]]}, as_of=AS_OF)


def test_to_pyarrow(scores: value.RfmScores) -> None:
    table = scores.to_arrow()
    assert table.column_names == scores.columns
    assert table.to_pydict() == {n: v.tolist() for n, v in scores.to_dict().items()}
    table.validate(full=True)


def test_to_polars(scores: value.RfmScores) -> None:
    frame = scores.to_polars()
    assert frame.columns == scores.columns
    assert frame["rfm"].to_list() == scores["rfm"].tolist()
    assert frame["customer_id"].to_list() == ["1", "2", "3"]


def test_to_pandas(scores: value.RfmScores) -> None:
    frame = scores.to_pandas()
    assert list(frame.columns) == scores.columns
    assert frame["monetary"].tolist() == [35.0, 70.0, 40.0]
    assert frame["recency_score"].dtype == np.int32


def test_duckdb_reads_a_table(scores: value.RfmScores) -> None:
    total = duckdb.sql("select sum(monetary), count(*) from scores").fetchall()
    assert total == [(145.0, 3)]


def test_a_table_can_be_read_as_often_as_wanted(scores: value.RfmScores) -> None:
    first, second = pa.table(scores), pa.table(scores)
    assert first.equals(second)
    assert pa.table(pl.DataFrame(scores)).num_rows == 3
    assert value.segments(scores).membership.columns == ["customer_id", "segment"]
    assert value.segments(scores)["customers"].sum() == 3


def test_a_capsule_that_nobody_reads_is_released(scores: value.RfmScores) -> None:
    for _ in range(100):
        scores.__arrow_c_stream__()
    assert pa.table(scores).num_rows == 3


def test_streams_outlive_the_table(rows: Columns) -> None:
    table = patron.Table({name: values.copy() for name, values in rows.items()})
    arrow = table.to_arrow()
    del table
    assert arrow["amount"].to_pylist() == rows["amount"].tolist()


def test_nothing_is_copied_from_arrow_to_numpy() -> None:
    arrow = pa.table({"x": pa.array([1.5, 2.5, 3.5])})
    table = patron.Table(arrow)
    address = table["x"].__array_interface__["data"][0]
    assert address == arrow["x"].chunk(0).buffers()[1].address
    sliced = patron.Table(arrow.slice(1))
    assert sliced["x"].tolist() == [2.5, 3.5]
    assert sliced["x"].__array_interface__["data"][0] == address + 8


def test_nothing_is_copied_from_numpy_to_numpy(rows: Columns) -> None:
    table = patron.Table(rows)
    for name in ("amount", "customer_id", "date"):
        assert np.shares_memory(table[name], rows[name])
        assert not table[name].flags.writeable


def test_columns_keep_the_table_alive() -> None:
    column = value.simulate_shop(customers=50).transactions["amount"]
    again = value.simulate_shop(customers=50).transactions["amount"]
    np.testing.assert_array_equal(column, again)


def test_round_trip_of_every_type() -> None:
    arrow = pa.table(
        {
            "i8": pa.array([1, None, 3], pa.int8()),
            "u64": pa.array([1, 2, 2**63], pa.uint64()),
            "f32": pa.array([0.5, None, 1.5], pa.float32()),
            "bool": pa.array([True, None, False]),
            "text": pa.array(["a", None, "ü"]),
            "date": pa.array([0, None, 20000], pa.date32()),
            "time": pa.array([0, None, 1], pa.timestamp("ns")),
            "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")]),
            "choice": pa.array(["x", "y", "x"]).dictionary_encode(),
        }
    )
    table = patron.Table(arrow)
    assert table.to_arrow().to_pydict() == arrow.to_pydict()
    assert table["i8"].tolist() == [1, None, 3]
    assert table["u64"].tolist() == [1, 2, 2**63]
    assert str(table["f32"].tolist()) == "[0.5, nan, 1.5]"
    assert table["bool"].tolist() == [True, None, False]
    assert table["text"].tolist() == ["a", None, "ü"]
    assert table["date"].astype(str).tolist() == ["1970-01-01", "NaT", "2024-10-04"]
    assert np.isnat(table["time"]).tolist() == [False, True, False]
    assert str(table["decimal"].tolist()) == "[1.5, nan, -2.25]"
    assert table["choice"].tolist() == ["x", "y", "x"]
    frame = table.to_pandas()
    assert frame["i8"].isna().tolist() == [False, True, False]
    assert str(frame["i8"].dtype) == "Int8"
    assert str(frame["bool"].dtype) == "boolean"
