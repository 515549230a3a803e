"""Summaries, splits and paths: counted by hand, or measured with lifetimes 0.11.3 on CDNOW."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from patron.compat.lifetimes import utils  # noqa: E402


def test_summary_counts_days(orders: Any) -> None:
    summary = utils.summary_data_from_transaction_data(
        orders, "id", "date", "value", observation_period_end="2024-02-07"
    )
    assert summary.index.name == "id"
    assert summary.index.tolist() == [1, 2, 3, 4]
    assert summary["frequency"].tolist() == [1, 0, 1, 2]
    assert summary["recency"].tolist() == [35, 0, 1, 20]
    assert summary["T"].tolist() == [37, 28, 37, 22]
    assert summary["monetary_value"].tolist() == [30, 0, 14, 3]
    assert {str(dtype) for dtype in summary.dtypes} == {"float64"}


def test_summary_with_first_transaction(orders: Any) -> None:
    summary = utils.summary_data_from_transaction_data(
        orders, "id", "date", "value", include_first_transaction=True
    )
    assert summary["frequency"].tolist() == [2, 1, 2, 3]
    np.testing.assert_allclose(summary["monetary_value"], [20, 20, 9.5, 7 / 3])


def test_summary_truncates_to_weeks(orders: Any) -> None:
    # 2024-01-01 is a Monday: the weeks of the purchases are 0; 1; 0, 0, 0; 2, 4, 5.
    summary = utils.summary_data_from_transaction_data(
        orders, "id", "date", observation_period_end="2024-02-07", freq="W"
    )
    assert summary["frequency"].tolist() == [1, 0, 0, 2]
    assert summary["recency"].tolist() == [5, 0, 0, 3]
    assert summary["T"].tolist() == [5, 4, 5, 3]


def test_hours_over_24_are_days_with_fractions() -> None:
    table = pd.DataFrame({"id": [7, 7], "at": ["2024-01-01 06:30", "2024-01-03 18:10"]})
    summary = utils.summary_data_from_transaction_data(
        table, "id", "at", freq="h", freq_multiplier=24, observation_period_end="2024-01-04"
    )
    assert summary["recency"].tolist() == [2.5]
    assert summary["T"].tolist() == [2.75]


@pytest.mark.parametrize(("new", "old"), [("h", "H")])
def test_old_names_of_periods(orders: Any, new: str, old: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summaries = [
            utils.summary_data_from_transaction_data(orders, "id", "date", freq=freq)
            for freq in (new, old)
        ]
    pd.testing.assert_frame_equal(*summaries)


def test_month_is_a_twelfth_of_a_mean_year(orders: Any) -> None:
    summary = utils.summary_data_from_transaction_data(orders, "id", "date", freq="M")
    assert summary["recency"].tolist() == pytest.approx([31 / 30.436875, 0, 0, 31 / 30.436875])


def test_unknown_period_is_refused(orders: Any) -> None:
    with pytest.raises(ValueError, match="fortnight"):
        utils.summary_data_from_transaction_data(orders, "id", "date", freq="fortnight")


def test_summary_by_text_in_another_order() -> None:
    table = pd.DataFrame(
        {"id": ["b", "b", "b"], "date": ["09.02.2024", "01.03.2024", "20.01.2024"], "v": [2, 4, 1]}
    )
    summary = utils.summary_data_from_transaction_data(
        table, "id", "date", "v", datetime_format="%d.%m.%Y"
    )
    assert summary.loc["b"].tolist() == [2, 41, 41, 3]


def test_missing_customers_and_dates_are_left_out() -> None:
    table = pd.DataFrame(
        {
            "id": [1, 1, None, 2],
            "date": pd.to_datetime(["2024-01-01", None, "2024-01-05", "2024-01-03"]),
        }
    )
    summary = utils.summary_data_from_transaction_data(table, "id", "date")
    # Observation ends with the latest transaction, of whomever.
    assert summary["T"].tolist() == [4, 2]


def test_input_is_left_alone(orders: Any) -> None:
    before = orders.copy(deep=True)
    utils.calibration_and_holdout_data(orders, "id", "date", "2024-01-31")
    utils.summary_data_from_transaction_data(orders, "id", "date", "value")
    pd.testing.assert_frame_equal(orders, before)


def test_calibration_and_holdout(orders: Any) -> None:
    split = utils.calibration_and_holdout_data(
        orders, "id", "date", "2024-02-01", "2024-02-04", monetary_value_col="value"
    )
    assert split.columns.tolist() == [
        "frequency_cal",
        "recency_cal",
        "T_cal",
        "monetary_value_cal",
        "frequency_holdout",
        "monetary_value_holdout",
        "duration_holdout",
    ]
    assert split["frequency_cal"].tolist() == [0, 0, 1, 0]
    assert split["T_cal"].tolist() == [31, 22, 31, 16]
    assert split["frequency_holdout"].tolist() == [0, 0, 0, 1]
    assert split["monetary_value_holdout"].tolist() == [0, 0, 0, 2]
    assert (split["duration_holdout"] == 3).all()


def test_holdout_without_transactions_is_refused(orders: Any) -> None:
    with pytest.raises(ValueError, match="observation_period_end"):
        utils.calibration_and_holdout_data(orders, "id", "date", "2024-03-01")


def test_first_transactions(orders: Any) -> None:
    found = utils._find_first_transactions(orders, "id", "date", "value")
    assert found.columns.tolist() == ["id", "date", "value", "first"]
    assert found["date"].dtype == pd.PeriodDtype("D")
    assert found["id"].tolist() == [1, 1, 2, 3, 3, 4, 4, 4]
    assert found["value"].tolist() == [10, 30, 20, 5, 14, 1, 2, 4]
    assert found["first"].tolist() == [True, False, True, True, False, True, False, False]
    assert found.index.tolist() == list(range(8))


def test_cdnow_as_lifetimes_summarises_it(cdnow_sample: dict[str, Any]) -> None:
    table = pd.DataFrame(cdnow_sample)
    split = utils.calibration_and_holdout_data(
        table, "customer_id", "date", "1997-09-30", "1998-06-30", monetary_value_col="amount"
    )
    assert len(split) == 2357
    assert split["frequency_cal"].sum() == 2457
    assert split["frequency_holdout"].sum() == 1882
    assert (split["monetary_value_cal"] > 0).sum() == 946
    assert split.loc[1].tolist()[:4] == pytest.approx([2, 213, 272, 22.345])
    assert (split["duration_holdout"] == 273).all()


def test_alive_path(stub: Any) -> None:
    bought = pd.DataFrame({"date": ["2024-01-01", "2024-01-03", "2024-01-03"]})
    path = utils.calculate_alive_path(stub, bought, "date", 4)
    # Ages 0..4, frequency 0 0 1 1 1, recency 0 0 2 2 2.
    assert path.tolist() == pytest.approx([1, 1 / 2, 1 / 2, 1 / 3, 1 / 4])
    assert path.index.tolist() == [0, 1, 2, 3, 4]


def test_expected_cumulative_transactions(orders: Any, stub: Any) -> None:
    table = utils.expected_cumulative_transactions(stub, orders, "date", "id", 14)
    assert table.columns.tolist() == ["actual", "predicted"]
    assert table.index.tolist() == list(range(14))
    # Two customers are born on day 0, one on day 9; the only repeat is on day 1.
    assert table["actual"].tolist() == [0] + [1] * 13
    born = [2] * 9 + [3] * 5
    expected = [0.5 * (2 * day + max(day - 9, 0)) for day in range(1, 15)]
    assert born[8] == 2
    assert table["predicted"].tolist() == pytest.approx(expected)


def test_expected_cumulative_transactions_by_week(orders: Any, stub: Any) -> None:
    table = utils.expected_cumulative_transactions(
        stub, orders, "date", "id", 35, freq_multiplier=7, set_index_date=True
    )
    assert [str(day) for day in table.index] == [
        "2024-01-07",
        "2024-01-14",
        "2024-01-21",
        "2024-01-28",
        "2024-02-04",
    ]
    # Births on days 0, 0, 9 and 15; repeats on days 1, 32 and, past the end, 35.
    assert table["actual"].tolist() == [1, 1, 1, 1, 2]
    days = np.array([7, 14, 21, 28, 35])
    expected = sum(0.5 * np.maximum(days - birth, 0) / 7 for birth in (0, 0, 9, 15))
    np.testing.assert_allclose(table["predicted"], expected)


def test_lifetime_value_by_hand(stub: Any) -> None:
    frequency = pd.Series([0, 3], index=["x", "y"])
    value = utils._customer_lifetime_value(
        stub,
        frequency,
        pd.Series([0, 5], index=["x", "y"]),
        pd.Series([8, 8], index=["x", "y"]),
        pd.Series([10.0, 20.0], index=["x", "y"]),
        time=2,
        discount_rate=0.1,
        freq="W",
    )
    assert value.name == "clv"
    month = 4.345 / 10 * (1 / 1.1 + 1 / 1.21)
    assert value.to_dict() == pytest.approx({"x": 10 * month, "y": 80 * month})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": [0, 1, 16]}, "larger than T"),
        ({"recency": [1, 1, 10]}, "frequency is zero"),
        ({"recency": [0, -1, 10]}, "negative"),
        ({"frequency": [0, 0.5, 2]}, "non-integer"),
        ({"monetary_value": [2.3, 0, 33.3]}, "non-positive"),
        ({"frequency": [], "recency": [], "T": []}, "zero length"),
    ],
)
def test_histories_that_cannot_be(change: dict[str, list[float]], message: str) -> None:
    columns = {
        "frequency": [0, 1, 2],
        "recency": [0, 1, 10],
        "T": [5, 6, 15],
        "monetary_value": [2.3, 490, 33.33],
    }
    good = {name: np.array(values) for name, values in columns.items()}
    assert utils._check_inputs(**good) is None
    bad = {**good, **{name: np.array(values) for name, values in change.items()}}
    with pytest.raises(ValueError, match=message):
        utils._check_inputs(**bad)


def test_convergence_error_is_a_value_error() -> None:
    assert issubclass(utils.ConvergenceError, ValueError)
