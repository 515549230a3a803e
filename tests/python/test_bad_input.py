"""Bad input: the same code and the same words as in C, for every function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import patron
from patron import errors, value

nan, inf = np.nan, np.inf
DAYS = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[us]")


def transactions(**changes: Any) -> dict[str, Any]:
    """Return three good rows, with columns changed, or left out where the change is None."""
    columns: dict[str, Any] = {
        "customer_id": np.array([1, 2, 1]),
        "transaction_id": np.array([1, 2, 3]),
        "date": DAYS,
        "amount": np.array([1.0, 2.0, 3.0]),
    }
    columns.update(changes)
    return {name: values for name, values in columns.items() if values is not None}


def append(table: Any, **options: Any) -> Any:
    return value.Ledger().append(table, **options)


def update(table: Any, **options: Any) -> Any:
    return value.State.summary(**options).update(table).finalize()


def update_rfm(table: Any, **options: Any) -> Any:
    return value.State.rfm(**options).update(table).finalize()


READERS = [value.summarize, value.rfm, value.cohorts, append, update, update_rfm]
BAD_COLUMNS = {
    "a missing customer": (
        {"customer_id": None},
        "column 'customer_id' is missing; the table has transaction_id, date, amount",
    ),
    "a missing time": (
        {"date": None},
        "column 'date' is missing; the table has customer_id, transaction_id, amount",
    ),
    "a missing amount": (
        {"amount": None},
        "column 'amount' is missing; the table has customer_id, transaction_id, date",
    ),
    "customers of a wrong type": (
        {"customer_id": np.array([1.0, 2.0, 3.0])},
        "column 'customer_id' is float64; expected integers or text",
    ),
    "times of a wrong type": (
        {"date": np.array([1, 2, 3])},
        "column 'date' is int64; expected dates or timestamps",
    ),
    "times as text": (
        {"date": ["2024-01-01", "2024-01-02", "2024-01-03"]},
        "column 'date' is large_utf8; expected dates or timestamps",
    ),
    "amounts of a wrong type": (
        {"amount": ["1", "2", "3"]},
        "column 'amount' is large_utf8; expected numbers",
    ),
    "amounts that are booleans": (
        {"amount": np.array([True, False, True])},
        "column 'amount' is bool; expected numbers",
    ),
    "a null customer": (
        {"customer_id": [1, None, None]},
        "customer_id: row 1 is null; expected an id (2 rows in all)",
    ),
    "a null time": (
        {"date": np.array(["2024-01-01", "NaT", "2024-01-03"], dtype="datetime64[us]")},
        "date: row 1 is null; expected a date or time",
    ),
    "a null amount": (
        {"amount": [1.0, None, 3.0]},
        "amount: row 1 is null; expected an amount",
    ),
    "amounts that are nan": (
        {"amount": np.array([1.0, nan, nan])},
        "amount: row 1 is nan; expected a finite number (2 rows in all)",
    ),
    "an amount that is infinite": (
        {"amount": np.array([1.0, -inf, 2.0])},
        "amount: row 1 is -inf; expected a finite number",
    ),
    "an empty id": (
        {"customer_id": ["", "a", "b"]},
        "customer_id: row 0 is ''; expected an id that is not empty",
    ),
    "an id that is not UTF-8": (
        {"customer_id": np.array([b"a", b"\xff\xfe", b"b"])},
        r"customer_id: row 1 is '\xff\xfe'; expected UTF-8",
    ),
    "a lone surrogate in an id": (
        {"customer_id": ["a", "\ud800", "b"]},
        r"customer_id: row 1 is '\xed\xa0\x80'; expected UTF-8",
    ),
    "an id past int64": (
        {"customer_id": np.array([1, 2**63 + 5, 3], dtype=np.uint64)},
        "customer_id: row 1 is 9223372036854775813; expected at most 9223372036854775807",
    ),
    "a time past the range": (
        {"date": np.array([1, 2**60, 5], dtype="datetime64[s]")},
        "date: row 1 is 1152921504606846976 s from 1970; "
        "expected a time within 292,000 years of 1970",
    ),
    "a date past the range": (
        {"date": np.array([1, 2**40, 5], dtype="datetime64[D]")},
        "date: row 1 is 2147483647 days from 1970; expected a time within 292,000 years of 1970",
    ),
    "columns of different lengths": (
        {"amount": np.ones(2)},
        "column 'amount': 2 rows; column 'customer_id' has 3",
    ),
    "ids of mixed types": (
        {"customer_id": ["a", 3, "b"]},
        "customer_id: row 1 is of type int; expected str as in row 0",
    ),
    "an array of two dimensions": (
        {"amount": np.ones((3, 2))},
        "amount: 2 dimensions; expected one",
    ),
    "complex numbers": (
        {"amount": np.ones(3, dtype=complex)},
        "amount: dtype complex128; expected numbers, text or dates",
    ),
}


@pytest.mark.parametrize("case", BAD_COLUMNS)
@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
def test_columns(read: Callable[..., Any], case: str) -> None:
    changes, message = BAD_COLUMNS[case]
    with pytest.raises(errors.InvalidArgumentError) as caught:
        read(transactions(**changes))
    assert str(caught.value) == message
    assert isinstance(caught.value, (ValueError, patron.Error))
    assert caught.value.status == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "case",
    [
        case
        for case, (changes, _) in BAD_COLUMNS.items()
        if case.startswith(("a missing", "a null", "amounts that are nan", "times of"))
    ],
)
def test_the_same_words_for_an_arrow_table(case: str) -> None:
    changes, message = BAD_COLUMNS[case]
    with pytest.raises(errors.InvalidArgumentError) as caught:
        value.rfm(pa.table(transactions(**changes)))
    assert str(caught.value) == message


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("amount", "shown"), [(np.array([1.0, 1e300, 2.0]), "1e+300"), ([1, 2**62, 2], str(2**62))]
)
def test_amounts_past_the_range_of_money(read: Callable[..., Any], amount: Any, shown: str) -> None:
    with pytest.raises(errors.OutOfRangeError) as caught:
        read(transactions(amount=amount))
    assert str(caught.value) == (
        f"amount: row 1 is {shown}; "
        "expected an amount between -922337203685477.5807 and 922337203685477.5807"
    )
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
def test_nulls_are_skipped_and_counted(read: Callable[..., Any]) -> None:
    result = read(transactions(amount=[1.0, None, 3.0]), nulls="skip")
    report = getattr(result, "report", result)
    assert report.rows == 3
    assert report.skipped_null == 1


@pytest.mark.parametrize("read", [value.summarize, value.cohorts, value.rfm, update])
@pytest.mark.parametrize("amount", [np.array([-1.0, -2.0, -3.0]), None])
def test_no_purchase_at_all_is_no_row(read: Callable[..., Any], amount: Any) -> None:
    full = read(transactions())
    table = transactions(amount=amount) if amount is not None else empty_transactions()
    nobody = read(table)
    assert len(nobody) == 0
    assert nobody.columns == full.columns


def empty_transactions() -> dict[str, Any]:
    return {name: values[:0] for name, values in transactions().items()}


@pytest.mark.parametrize("read", [value.rfm, update_rfm])
def test_rfm_of_nobody_is_empty(read: Callable[..., Any]) -> None:
    assert len(read(empty_transactions())) == 0
    refunds_only = read(transactions(amount=np.array([-1.0, -2.0, -3.0])))
    assert len(refunds_only) == 0
    assert refunds_only.report.without_purchase == 2


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
def test_one_row(read: Callable[..., Any]) -> None:
    one = {name: values[:1] for name, values in transactions().items()}
    result = read(one)
    assert getattr(result, "rows", len(result)) == 1


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("year", ["1960", "2150"])
def test_times_long_ago_and_far_ahead(read: Callable[..., Any], year: str) -> None:
    days = DAYS - (np.datetime64("2024-01-01") - np.datetime64(f"{year}-01-01"))
    result = read(transactions(date=days.astype("datetime64[us]")))
    if isinstance(result, value.Summary):
        assert str(result["first"][0]).startswith(f"{year}-01-01")


@pytest.mark.parametrize("read", READERS, ids=lambda f: f.__name__)
def test_an_id_of_a_mebibyte(read: Callable[..., Any]) -> None:
    huge = "x" * (1 << 20)
    result = read(transactions(customer_id=["a", huge, "b"]))
    if isinstance(result, (value.Summary, value.RfmScores)):
        assert result["customer_id"].tolist() == ["a", "b", huge]


OPTIONS = [
    (
        value.rfm,
        {"method": "best"},
        "method: 'best'; expected one of 'threshold_right', 'qcut_drop', 'rpkg', 'ntile', "
        "'midrank', 'percent_rank', 'nested', 'fixed'",
    ),
    (value.rfm, {"bins": 1}, "bins of recency: 1; expected 2 to 100"),
    (value.rfm, {"bins": 0}, "bins: 0; expected 2 to 100"),
    (value.rfm, {"bins": (5, 101, 5)}, "bins of frequency: 101; expected 2 to 100"),
    (
        value.rfm,
        {"bins": (5, 5)},
        "bins: 2 values; expected three, for recency, frequency and monetary",
    ),
    (
        value.rfm,
        {"bins": {"r": 3}},
        "bins: 'r'; expected one of 'recency', 'frequency', 'monetary'",
    ),
    (value.rfm, {"bins": {"monetary": 0}}, "bins: 0; expected 2 to 100"),
    (
        value.rfm,
        {"weights": (0, 0, 0)},
        "weights: 0 for all three; expected one above 0",
    ),
    (value.rfm, {"weights": 0}, "weights: 0 for all three; expected one above 0"),
    (value.rfm, {"window": -1}, "window: -1 days; expected 0 or more"),
    (value.rfm, {"window": 0}, "window: 0 days; expected 1 or more, or None"),
    (
        value.rfm,
        {"as_of": "soon"},
        "as_of: 'soon'; expected an instant such as '2024-12-31' or '2024-12-31T18:30:00+01:00'",
    ),
    (value.rfm, {"decimals": 10}, "decimals: 10; expected 0 to 9"),
    (value.rfm, {"amount_decimals": -1}, "amount_decimals: -1; expected 0 to 9"),
    (value.rfm, {"cuts": [[1], [1], [1]]}, "cuts: given; expected none unless method is 'fixed'"),
    (
        value.rfm,
        {"method": "fixed"},
        "cuts: none for recency; expected rising numbers for method 'fixed'",
    ),
    (
        value.rfm,
        {"method": "fixed", "cuts": [[1, 2], [1, 2], [3, 2]]},
        "monetary cuts[1]: 2; expected at least 3",
    ),
    (
        value.rfm,
        {"method": "fixed", "cuts": [[1], [1], [1]], "bins": 5},
        "cuts: 1 for 5 bins; expected 4",
    ),
    (
        value.rfm,
        {"weights": (-1, 0, 0)},
        "recency weight: -1; expected a finite number, at least 0",
    ),
    (value.rfm, {"customer": ""}, "customer: empty; expected a name"),
    (
        value.rfm,
        {"customer": "a\0b"},
        "customer: holds a zero character; expected a name without one",
    ),
    (
        value.rfm,
        {"order": "nope"},
        "column 'nope' is missing; the table has customer_id, transaction_id, date, amount",
    ),
    (
        value.rfm,
        {"zone": "Mars/Olympus"},
        "zone: 'Mars/Olympus'; expected a name in the time-zone database of this machine, such as "
        "Europe/Berlin, an offset such as +05:30, or UTC",
    ),
    (
        value.summarize,
        {"calibration_end": "2025-01-01", "observation_end": "2024-06-01"},
        "calibration_end: 2025-01-01T00:00:00Z; "
        "expected a day before the end of observation, 2024-06-01T00:00:00Z",
    ),
    (
        value.summarize,
        {"unit": "fortnight"},
        "unit: 'fortnight'; expected one of 'second', 'hour', 'day', 'week', 'month', 'year'",
    ),
    (value.summarize, {"merge": "x"}, "merge: 'x'; expected one of 'day', 'order', 'none'"),
    (
        value.summarize,
        {"refunds": "x"},
        "refunds: 'x'; expected one of 'net', 'ignore', 'separate', 'error'",
    ),
    (value.summarize, {"nulls": "x"}, "nulls: 'x'; expected one of 'error', 'skip'"),
    (
        value.cohorts,
        {"period": "x"},
        "period: 'x'; expected one of 'day', 'week', 'month', 'quarter', 'year'",
    ),
]


@pytest.mark.parametrize(("read", "options", "message"), OPTIONS)
def test_options(read: Callable[..., Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InvalidArgumentError) as caught:
        read(transactions(), **options)
    assert str(caught.value) == message


def test_an_as_of_before_all_rows_leaves_nobody() -> None:
    scores = value.rfm(transactions(), as_of="2020-01-01")
    assert len(scores) == 0
    assert scores.report is not None
    assert scores.report.skipped_late == 3


def test_a_refund_can_be_an_error() -> None:
    with pytest.raises(errors.InvalidArgumentError) as caught:
        value.summarize(transactions(amount=np.array([1.0, -2.0, 3.0])), refunds="error")
    assert str(caught.value) == ("amount: row 1 is a refund; expected no refunds (refunds: error)")


def test_more_bins_than_values_leaves_bins_empty() -> None:
    scores = value.rfm(transactions(), bins=100)
    assert sum(scores.counts["recency"]) == 2
    assert len(scores.empty_bins["recency"]) >= 98


TYPES = [
    (lambda: value.rfm(3), "transactions: int is no table; expected one with __arrow_c_stream__"),
    (lambda: value.rfm(None), "transactions: NoneType is no table"),
    (lambda: value.rfm(transactions(), customer=3), "customer: expected a str, not int"),
    (lambda: value.rfm(transactions(), bins="5"), "bins: expected an int, not str"),
    (
        lambda: value.rfm(transactions(), as_of=5),
        "as_of: expected a str, date, datetime or datetime64, not int",
    ),
    (lambda: value.concentration(3), "values: expected an array or a list, not int"),
    (lambda: value.concentration("abc"), "values: expected an array or a list, not str"),
    (lambda: value.rfm(transactions(amount=7)), "amount: expected an array or a list, not int"),
    (lambda: value.lifetime_value("x", 0.5, 0.1), "margin: expected a number, not str"),
    (lambda: value.Pyramid([1], [1.0]), "names: expected a str, not int"),
    (lambda: value.Segments.from_bytes("x"), "a bytes-like object is required, not 'str'"),
    (lambda: value.State.summary().merge(3), "other: expected a State, not int"),
    (lambda: value.State(), "State: make one with State.summary"),
    (lambda: patron.set_threads("2"), "threads: expected an int, not str"),
    (lambda: patron.Table({1: [1]}), "column name: expected a str, not int"),
    (lambda: patron.Table(None), "data: NoneType is no table"),
    (
        lambda: value.rfm(transactions(), progress=3),
        "progress: expected None, True or a callable (done, total)",
    ),
]


@pytest.mark.parametrize(("call", "message"), TYPES)
def test_types(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value).startswith(message)


def measures(**changes: Any) -> dict[str, Any]:
    columns = {
        "customer_id": [1, 2, 3],
        "recency": [5, 6, 7],
        "frequency": [1, 2, 3],
        "monetary": [1.0, 2.0, 3.0],
    }
    return {**columns, **changes}


def tiered(**changes: Any) -> dict[str, Any]:
    return {"customer_id": [1, 2, 3], "value": [1.0, 2.0, 3.0], **changes}


def costed(**changes: Any) -> dict[str, Any]:
    return {"customer_id": [1, 2], "revenue": [10.0, 20.0], "orders": [1, 2], **changes}


def scored(**changes: Any) -> dict[str, Any]:
    columns = {
        "customer_id": [1, 2],
        "recency_score": [1, 5],
        "frequency_score": [1, 5],
        "monetary_score": [1, 5],
    }
    return {**columns, **changes}


OTHERS = [
    (
        lambda: value.score_rfm({"customer_id": [1]}),
        "column 'frequency' is missing; the table has customer_id",
    ),
    (
        lambda: value.score_rfm(measures(customer_id=[1, 1, 2])),
        "customer_id: row 1 is 1 again; expected every customer once",
    ),
    (
        lambda: value.score_rfm(measures(recency=[1.0, nan, inf])),
        "recency: row 1 is nan; expected a finite number (2 rows in all)",
    ),
    (
        lambda: value.score_rfm(measures(frequency=[1, None, 2])),
        "frequency: row 1 is null; expected an integer",
    ),
    (
        lambda: value.score_rfm(measures(frequency=[1.5, 2.5, 2.5])),
        "column 'frequency' is float64; expected integers",
    ),
    (
        lambda: value.score_rfm(measures(monetary=["a", "b", "c"])),
        "column 'monetary' is large_utf8; expected numbers",
    ),
    (
        lambda: value.pyramid(tiered(customer_id=[1, 1, 2])),
        "customer_id: row 1 is 1 again; expected every customer once",
    ),
    (
        lambda: value.pyramid(tiered(value=[1.0, nan, 2.0])),
        "value: row 1 is nan; expected a finite number",
    ),
    (
        lambda: value.pyramid(tiered(value=[1.0, None, 2.0])),
        "value: row 1 is null; expected a number",
    ),
    (
        lambda: value.pyramid({"customer_id": [1, 2]}),
        "column 'value' is missing; the table has customer_id",
    ),
    (
        lambda: value.pyramid(tiered(status=["active", "foo", "bar"]), status="status"),
        "status: row 1 is 'foo'; "
        "expected active (0), inactive (1), prospect (2) or suspect (3) (2 rows in all)",
    ),
    (
        lambda: value.pyramid(tiered(value=[0.0, 0.0, 0.0]), "abc"),
        "value: the total is 0; expected a positive one for tiers by share of value",
    ),
    (
        lambda: value.Pyramid(["a", "b"], [0.5, 0.4]),
        "tiers: tier 2 ('b') ends at 0.4; expected a share above 0.5, the cut of 'a'",
    ),
    (
        lambda: value.Pyramid(["a", "b"], [0.5, 0.9]),
        "tiers: tier 2 ('b') ends at 0.9; expected 1 for the last tier",
    ),
    (
        lambda: value.Pyramid(["a", "a"], [0.5, 1.0]),
        "tiers: tier 2 ('a') has the name of another tier",
    ),
    (
        lambda: value.Pyramid(["a", "b"], [1.0, 2.0], method="value_floor"),
        "tiers: tier 2 ('b') has floor 2; expected one below 1, the cut of 'a'",
    ),
    (lambda: value.Pyramid(["a", "b"], [1.0]), "cuts: 1 for 2 names; expected one each"),
    (lambda: value.Pyramid(["", "b"], [0.5, 1.0]), "names[0]: empty; expected a name"),
    (lambda: value.Pyramid([], []), "count: 0; expected 1 to 200"),
    (lambda: value.share_curve([1.0, 2.0], 1.5), "shares[0]: 1.5; expected 0 to 1"),
    (lambda: value.customers_for_share([1.0, 2.0], [0.5, -1]), "shares[1]: -1; expected 0 to 1"),
    (lambda: value.lorenz([1.0, 2.0], points=-1), "points: -1; expected at least 0"),
    (lambda: value.lorenz([1.0, 2.0], points=0), "points: 0; expected at least 1, or None"),
    (lambda: value.lorenz([0.0, 0.0]), "values: the total is 0; expected a positive one"),
    (
        lambda: value.profitability(costed(), drivers={"calls": 1.0}),
        "column 'calls' is missing; the table has customer_id, revenue, orders",
    ),
    (
        lambda: value.profitability(costed(orders=[-1, 2]), drivers={"orders": 1.0}),
        "orders: row 0 is -1; expected a number of at least 0",
    ),
    (
        lambda: value.profitability(costed(revenue=[nan, 1.0])),
        "revenue: row 0 is nan; expected a finite number",
    ),
    (
        lambda: value.profitability(costed(revenue=[None, 1.0])),
        "revenue: row 0 is null; expected a number",
    ),
    (
        lambda: value.profitability(costed(), drivers={"orders": nan}),
        "unit cost of orders: nan; expected a finite number of at least 0",
    ),
    (
        lambda: value.profitability(costed(), margin_rate=inf),
        "margin_rate: inf; expected a finite number",
    ),
    (
        lambda: value.profitability(
            costed(revenue=[-1.0, -2.0]), allocated_cost=5, allocation="revenue"
        ),
        "revenue: all are zero; expected a positive number to share a cost out by",
    ),
    (
        lambda: value.segments(scored(recency_score=[1, 6])),
        "recency_score: row 1 is 6; expected 1 to 5",
    ),
    (
        lambda: value.segments({"customer_id": [1]}),
        "column 'recency_score' is missing; the table has customer_id",
    ),
    (
        lambda: value.segments(scored(recency_score=[1, None])),
        "recency_score: row 1 is null; expected an integer",
    ),
    (lambda: value.Segments([]), "segment rules: 0 rows; expected 1 to 1000"),
    (lambda: value.Segments([{"segment": ""}]), "segment: row 0 is empty; expected a name"),
    (
        lambda: value.Segments([{"segment": "a", "recency": 4}]),
        "rules: 'recency'; expected one of segment, recency_low, recency_high, frequency_low, "
        "frequency_high, monetary_low, monetary_high, fm_low, fm_high",
    ),
    (lambda: value.Segments([{"segment": "a"}], bins=1), "bins: 1; expected 2 to 100"),
    (lambda: value.lifetime_value(1, 1.5, 0.1), "retention: 1.5; expected 0 to 1"),
    (
        lambda: value.lifetime_value(1, 0.5, -1),
        "discount: -1; expected a finite number of at least 0",
    ),
    (
        lambda: value.lifetime_value(1, 1, 0),
        "retention: 1 times 1 + growth is 1; "
        "expected below 1 + discount, 1, for payments without limit",
    ),
    (lambda: value.lifetime_value(nan, 0.5, 0.1), "margin: nan; expected a finite number"),
    (
        lambda: value.lifetime_value(1, 0.5, 0.1, periods=0),
        "periods: 0; expected at least 1, or None",
    ),
    (
        lambda: value.customer_equity([1, 2, 3], [1], 0.5, 0.1, acquisition_cost=[1, 2]),
        "acquisition_cost: 2 numbers; expected one, or one a cohort (3)",
    ),
    (
        lambda: value.customer_equity([-1], [1], 0.5, 0.1),
        "acquired: row 0 is -1; expected a finite number of at least 0",
    ),
    (lambda: value.simulate_shop(days=0), "days: 0; expected 1 to 36500"),
    (lambda: value.simulate_shop(refund_rate=2.0), "refund_rate: 2; expected 0 to 1"),
    (lambda: value.simulate_shop(seed=-1), "seed: -1; expected at least 0"),
    (lambda: value.Ledger(decimals=20), "decimals: 20; expected 0 to 9"),
    (
        lambda: patron.Table({"a": [1], "b": [1, 2]}),
        "column 'b': 2 rows; column 'a' has 1",
    ),
    (lambda: patron.set_threads(-1), "threads: -1; expected 0 (one a core) to 1024"),
    (lambda: patron.set_threads(1025), "threads: 1025; expected 0 (one a core) to 1024"),
]


@pytest.mark.parametrize(("call", "message"), OTHERS)
def test_other_functions(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(errors.InvalidArgumentError) as caught:
        call()
    assert str(caught.value) == message


CURVES = [
    value.concentration,
    value.lorenz,
    value.whale_curve,
    lambda values: value.share_curve(values, 0.5),
    lambda values: value.customers_for_share(values, 0.5),
]


@pytest.mark.parametrize("measure", CURVES)
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "values: 0 rows; expected at least 1"),
        ([1.0, nan, nan], "values: row 1 is nan; expected a finite number (2 rows in all)"),
        ([1.0, inf], "values: row 1 is inf; expected a finite number"),
        ([1.0, None], "values: row 1 is null; expected a number"),
        (["a", "b"], "column 'values' is large_utf8; expected numbers"),
        (np.array(["2024-01-01"], "datetime64[D]"), "column 'values' is date32; expected numbers"),
    ],
)
def test_values(measure: Callable[..., Any], values: Any, message: str) -> None:
    with pytest.raises(errors.InvalidArgumentError) as caught:
        measure(values)
    assert str(caught.value) == message


def test_undefined_figures_are_nan() -> None:
    nothing = value.concentration([0.0, 0.0])
    assert np.isnan(nothing.gini)
    assert np.isnan(nothing.effective_number)
    losses = value.concentration([-1.0, -2.0])
    assert losses.negatives == 2
    assert np.isnan(losses.herfindahl)
    assert np.isnan(value.whale_curve([-1.0, -2.0]).peak_share)


UNKNOWN = [
    (
        lambda: value.segments(scored(), "zz"),
        "name: 'zz'; expected 'grid', 'a', 'b' or 'putler'",
    ),
    (
        lambda: value.pyramid(tiered(), "zz"),
        "name: 'zz'; expected 'curry', 'abc', 'zeithaml' or 'classes'",
    ),
    (lambda: patron.Table({"a": [1]})["b"], "column 'b' is missing; the table has a"),
    (
        lambda: patron.defaults.get("rfm.bin"),
        "default 'rfm.bin' does not exist; the nearest is 'rfm.bins'",
    ),
]


@pytest.mark.parametrize(("call", "message"), UNKNOWN)
def test_unknown_names(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        call()
    assert str(caught.value) == message
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "kind", [value.Segments, value.Pyramid, value.Ledger, value.State], ids=lambda k: k.__name__
)
def test_hostile_bytes(kind: Any) -> None:
    for data in (b"", b"junk", bytes(100)):
        with pytest.raises(errors.DataLossError) as caught:
            kind.from_bytes(data)
        assert str(caught.value) == "bytes: not an envelope of patron.v1"


@pytest.mark.parametrize("cut", [1, 10, -1])
def test_changed_bytes(cut: int) -> None:
    good = value.Segments.preset("grid").to_bytes()
    with pytest.raises(errors.DataLossError):
        value.Segments.from_bytes(good[:cut])
    changed = bytearray(good)
    changed[cut] ^= 0x40
    with pytest.raises(errors.DataLossError):
        value.Segments.from_bytes(changed)


def test_a_stream_that_fails_in_the_middle() -> None:
    table = pa.table(transactions())

    def batches() -> Any:
        yield table.to_batches()[0]
        raise RuntimeError("the connection is gone")

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    with pytest.raises(patron.Error) as caught:
        value.rfm(reader)
    assert caught.value.status == "UNKNOWN"
    assert "the connection is gone" in str(caught.value)


def test_a_stream_that_has_been_read() -> None:
    capsule = pa.table(transactions()).__arrow_c_stream__()

    class Once:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    assert len(value.rfm(Once())) == 2
    with pytest.raises(errors.InvalidArgumentError, match="has been consumed already"):
        value.rfm(Once())


def test_overlapping_and_empty_rules_are_reported_before_any_data() -> None:
    rules = value.Segments(
        [
            {"segment": "all"},
            {"segment": "never", "recency_low": 2},
            {"segment": "empty", "recency_low": 3, "recency_high": 1},
        ],
        bins=2,
    )
    check = rules.check()
    assert (check.cells, check.uncovered, check.ambiguous, check.unreachable) == (8, 0, 4, 2)
    findings = check.findings.to_dict()
    unreachable = findings["finding"] == "unreachable"
    assert findings["segment"][unreachable].tolist() == ["never", "empty"]
