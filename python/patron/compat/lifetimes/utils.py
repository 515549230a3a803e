"""Summaries of transactions, and what the fitters and the plots share."""

from __future__ import annotations

import importlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from patron.compat.lifetimes._periods import (
    offset_name,
    ordinals,
    period_name,
    starts,
    unit_nanoseconds,
)

__all__ = [
    "ConvergenceError",
    "calculate_alive_path",
    "calibration_and_holdout_data",
    "expected_cumulative_transactions",
    "summary_data_from_transaction_data",
]


class ConvergenceError(ValueError):
    """The likelihood has no interior maximum, or the fit did not reach it."""


# ---- Transactions ----


def summary_data_from_transaction_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    include_first_transaction: bool = False,
) -> Any:
    """Return one row a customer: frequency, recency, T and, with amounts, monetary_value.

    Purchases of one customer in one period are one purchase, of the sum of their amounts, and times
    are differences of the starts of periods. `patron.value.summarize` has exact times.

    Parameters
    ----------
    transactions : pandas.DataFrame
        One row a transaction.
    customer_id_col, datetime_col : str
        Names of columns.
    monetary_value_col : str, optional
        Name of the column of amounts.
    datetime_format : str, optional
        How instants that are text are written, in the sense of ``strptime``.
    observation_period_end : datetime or str, optional
        Later periods are left out; by default the period of the latest transaction.
    freq : str
        The period: Y, M, W, D, h, ... A month counts as 30.436875 days.
    freq_multiplier : float
        Times are divided by it: ``freq="h", freq_multiplier=24`` gives days with fractions.
    include_first_transaction : bool
        Count the first purchase in frequency and monetary_value; the fitters want False.

    Returns
    -------
    pandas.DataFrame
        Float columns, indexed and ordered by customer.

    Examples
    --------
    >>> import pandas as pd
    >>> from patron.compat.lifetimes.utils import summary_data_from_transaction_data
    >>> orders = pd.DataFrame({"id": [1, 1, 2], "date": ["2024-01-01", "2024-01-08", "2024-01-03"]})
    >>> summary_data_from_transaction_data(orders, "id", "date", observation_period_end="2024-01-10")
        frequency  recency    T
    id
    1         1.0      7.0  9.0
    2         0.0      0.0  7.0
    """
    when = pd.to_datetime(transactions[datetime_col], format=datetime_format)
    if observation_period_end is None:
        end = when.max()
    else:
        end = _instant(observation_period_end, datetime_format)
    end_period = ordinals([end], freq)

    ids = transactions[customer_id_col]
    known = (when.notna() & ids.notna()).to_numpy()
    codes, customers = pd.factorize(ids[known], sort=True)
    periods = ordinals(when[known], freq)
    kept = periods <= end_period[0]
    codes, periods = codes[kept], periods[kept]

    order = np.lexsort((periods, codes))
    codes, periods = codes[order], periods[order]
    purchase = np.ones(len(codes), dtype=bool)
    purchase[1:] = (codes[1:] != codes[:-1]) | (periods[1:] != periods[:-1])
    (at,) = np.nonzero(purchase)
    customer, period = codes[at], periods[at]
    first = np.ones(len(at), dtype=bool)
    first[1:] = customer[1:] != customer[:-1]
    (heads,) = np.nonzero(first)
    tails = np.append(heads[1:], len(at)) - 1 if len(heads) else heads

    unit = unit_nanoseconds(freq)
    birth = starts(period[heads], freq)
    counts = tails - heads + 1
    columns: dict[str, Any] = {
        "frequency": counts if include_first_transaction else counts - 1,
        "recency": (starts(period[tails], freq) - birth) / unit / freq_multiplier,
        "T": (starts(end_period, freq)[0] - birth) / unit / freq_multiplier,
    }
    if monetary_value_col:
        amounts = np.asarray(transactions[monetary_value_col], dtype=np.float64)[known][kept][order]
        amounts = np.nan_to_num(amounts, nan=0.0, posinf=np.inf, neginf=-np.inf)
        sums = np.add.reduceat(amounts, at) if len(at) else amounts
        counted = sums if include_first_transaction else np.where(first, 0.0, sums)
        total = np.add.reduceat(counted, heads) if len(heads) else counted
        columns["monetary_value"] = total / np.maximum(columns["frequency"], 1)
    index = pd.Index(customers[customer[heads]], name=customer_id_col)
    return pd.DataFrame(columns, index=index).astype(float)


def calibration_and_holdout_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    calibration_period_end: Any,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool = False,
) -> Any:
    """Return the summary of a calibration period with what came of it in the time after.

    Parameters
    ----------
    transactions, customer_id_col, datetime_col, freq, freq_multiplier, datetime_format, \
monetary_value_col, include_first_transaction
        As in `summary_data_from_transaction_data`.
    calibration_period_end : datetime or str
        Last instant of calibration; a date is its midnight, so write ``"2024-03-31 23:59:59"``
        where transactions have a time of day.
    observation_period_end : datetime or str, optional
        Last instant of the holdout; by default the latest transaction.

    Returns
    -------
    pandas.DataFrame
        The columns of the summary with ``_cal`` behind their names, frequency_holdout (periods with
        a purchase), with amounts monetary_value_holdout (mean of a transaction), and
        duration_holdout. Customers of the calibration period only.

    Raises
    ------
    ValueError
        If no transaction falls in the holdout.
    """
    columns = [customer_id_col, datetime_col]
    if monetary_value_col:
        columns.append(monetary_value_col)
    transactions = transactions[columns].copy()
    transactions[datetime_col] = pd.to_datetime(transactions[datetime_col], format=datetime_format)
    when = transactions[datetime_col]
    if observation_period_end is None:
        end = when.max()
    else:
        end = _instant(observation_period_end, datetime_format)
    calibration_end = _instant(calibration_period_end, datetime_format)

    combined = summary_data_from_transaction_data(
        transactions[when <= calibration_end],
        customer_id_col,
        datetime_col,
        monetary_value_col=monetary_value_col,
        observation_period_end=calibration_end,
        freq=freq,
        freq_multiplier=freq_multiplier,
        include_first_transaction=include_first_transaction,
    ).add_suffix("_cal")

    later = transactions[(when > calibration_end) & (when <= end)]
    if later.empty:
        raise ValueError(
            f"There is no transaction after {calibration_end} and up to {end}: "
            "check calibration_period_end and observation_period_end"
        )
    numbered = later.assign(**{datetime_col: ordinals(later[datetime_col], freq)})
    by_customer = numbered.groupby(customer_id_col)
    holdout = by_customer[datetime_col].nunique().to_frame("frequency_holdout")
    if monetary_value_col:
        holdout["monetary_value_holdout"] = by_customer[monetary_value_col].mean()
    combined = combined.join(holdout, how="left").fillna(0)
    length = ordinals([end], freq)[0] - ordinals([calibration_end], freq)[0]
    combined["duration_holdout"] = length / freq_multiplier
    return combined


def _instant(value: Any, datetime_format: str | None) -> Any:
    if isinstance(value, pd.Period):
        return value.to_timestamp()
    return pd.to_datetime(value, format=datetime_format if isinstance(value, str) else None)


def _find_first_transactions(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
) -> Any:
    """Return one row a customer and period, saying which is the customer's first."""
    columns = [customer_id_col, datetime_col]
    if monetary_value_col:
        columns.append(monetary_value_col)
    purchases = transactions[columns].copy()
    purchases[datetime_col] = pd.to_datetime(purchases[datetime_col], format=datetime_format)
    if observation_period_end is None:
        end = purchases[datetime_col].max()
    else:
        end = _instant(observation_period_end, datetime_format)
    purchases = purchases.dropna(subset=columns[:2]).sort_values(columns)
    if purchases[datetime_col].dt.tz is not None:
        purchases[datetime_col] = purchases[datetime_col].dt.tz_localize(None)
        end = end.tz_localize(None)
    purchases[datetime_col] = purchases[datetime_col].dt.to_period(period_name(freq))
    purchases = purchases[purchases[datetime_col].dt.to_timestamp() <= end].reset_index(drop=True)

    keys = columns[:2]
    if monetary_value_col:
        amounts = purchases.groupby(keys, sort=False)[monetary_value_col].sum()
        purchases = purchases.drop_duplicates(keys)[keys].reset_index(drop=True)
        purchases[monetary_value_col] = amounts.to_numpy()
    else:
        purchases = purchases.drop_duplicates(keys)
    purchases["first"] = ~purchases[customer_id_col].duplicated()
    return purchases


# ---- Paths and tracking ----


def calculate_alive_path(
    model: Any, transactions: Any, datetime_col: str, t: int, freq: str = "D"
) -> Any:
    """Return the probability that one customer is alive, for each unit of time since birth.

    Parameters
    ----------
    model
        A fitted model with ``conditional_probability_alive``.
    transactions : pandas.DataFrame
        The transactions of this customer.
    datetime_col : str
        Name of the column of instants.
    t : int
        Units of time since the first purchase.
    freq : str
        The unit: D, W, M, h, ...

    Returns
    -------
    pandas.Series
        Probabilities at ages 0, 1, ..., at least to `t`.
    """
    when = pd.DatetimeIndex(pd.to_datetime(transactions[datetime_col]))
    bins = pd.Series(1, index=when).resample(offset_name(freq)).sum().to_numpy()
    bought = np.zeros(max(len(bins), int(t) + 1), dtype=bool)
    bought[: len(bins)] = bins > 0
    age = np.arange(len(bought))
    frequency = np.cumsum(bought) - 1  # The first purchase is not a repeat.
    recency = np.maximum.accumulate(np.where(bought, age, 0))
    alive = model.conditional_probability_alive(
        frequency.astype(float), recency.astype(float), age.astype(float)
    )
    return pd.Series(np.asarray(alive, dtype=float))


def expected_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    datetime_format: str | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    set_index_date: bool = False,
) -> Any:
    """Return the repeat transactions that happened and those expected, summed from the start.

    Each customer counts from the period of the first purchase, so that the expectation is a sum of
    ``expected_number_of_purchases_up_to_time`` over the customers born so far (Fader, Hardie and
    Lee 2005, note 008).

    Parameters
    ----------
    model
        A fitted model with ``expected_number_of_purchases_up_to_time``.
    transactions : pandas.DataFrame
        One row a transaction.
    datetime_col, customer_id_col : str
        Names of columns.
    t : int
        Periods from the first transaction of all.
    datetime_format : str, optional
        How instants that are text are written.
    freq : str
        The period.
    freq_multiplier : int
        Periods in one unit of the model's time: ``freq="D", freq_multiplier=7`` for a weekly model.
    set_index_date : bool
        Index by period instead of by number.

    Returns
    -------
    pandas.DataFrame
        Columns actual and predicted, one row a unit of time.
    """
    name = period_name(freq)
    when = pd.to_datetime(transactions[datetime_col], format=datetime_format)
    start = when.min().to_period(name)
    purchases = _find_first_transactions(
        transactions,
        customer_id_col,
        datetime_col,
        datetime_format=datetime_format,
        observation_period_end=start + t,
        freq=freq,
    )
    number = ordinals(purchases[datetime_col].dt.to_timestamp(), freq) - start.ordinal
    first = purchases["first"].to_numpy()
    born = np.bincount(number[first], minlength=t + 1)
    repeats = np.bincount(number[~first], minlength=t + 1)

    units = t // freq_multiplier
    ages = np.arange(1, units * freq_multiplier + 1) / freq_multiplier
    expected = np.asarray(model.expected_number_of_purchases_up_to_time(ages), dtype=float)
    ends = np.arange(1, units + 1) * freq_multiplier
    predicted = [float(born[:end] @ expected[:end][::-1]) for end in ends]
    actual = np.cumsum(repeats)[ends - 1]
    if set_index_date:
        periods = pd.period_range(start, periods=t + 1, freq=name)
        index: Any = periods[freq_multiplier - 1 : -1 : freq_multiplier]
    else:
        index = range(units)
    return pd.DataFrame({"actual": actual, "predicted": predicted}, index=index)


# ---- What the fitters share ----


def _scale_time(age: Any) -> float:
    """Return the factor that makes the greatest age 1."""
    return float(1.0 / age.max())


def _check_inputs(
    frequency: Any, recency: Any = None, T: Any = None, monetary_value: Any = None
) -> None:
    """Raise ValueError for a history that cannot be."""
    frequency = np.asarray(frequency)
    if recency is not None:
        recency = np.asarray(recency)
        if T is not None:
            T = np.asarray(T)
            _refuse(recency > T, "recency", recency, "at most T: recency is larger than T")
        _refuse(
            (frequency == 0) & (recency != 0),
            "recency",
            recency,
            "0: there is a non-zero recency where frequency is zero",
        )
        _refuse(recency < 0, "recency", recency, "0 or more: there is a negative recency")
        for name, column in (("frequency", frequency), ("recency", recency), ("T", T)):
            if column is not None and len(column) == 0:
                raise ValueError(f"{name}: zero length; expected one row a customer")
    if frequency.dtype.kind == "f":
        _refuse(
            frequency != np.floor(frequency),
            "frequency",
            frequency,
            "a whole number: there are non-integer values",
        )
    if monetary_value is not None:
        monetary_value = np.asarray(monetary_value)
        _refuse(
            monetary_value <= 0,
            "monetary_value",
            monetary_value,
            "more than 0: there are non-positive (<= 0) values",
        )


def _refuse(bad: npt.NDArray[np.bool_], name: str, column: Any, expected: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise ValueError(
            f"{name}: row {rows[0]} is {column[rows[0]]}; expected {expected} "
            f"({len(rows)} rows in all)"
        )


def _customer_lifetime_value(
    transaction_prediction_model: Any,
    frequency: Any,
    recency: Any,
    T: Any,
    monetary_value: Any,
    time: int = 12,
    discount_rate: float = 0.01,
    freq: str = "D",
) -> Any:
    """Return the discounted value of the next `time` months; the rate is a month's.

    A month counts as 30 days, 720 hours or 4.345 weeks, and its purchases are discounted to its
    end.
    """
    month = {"W": 4.345, "M": 1.0, "D": 30.0, "H": 720.0, "h": 720.0}[freq]
    index = getattr(frequency, "index", None)
    value: Any = pd.Series(0.0, index=index if index is not None else range(len(frequency)))
    before: Any = 0.0
    for step in np.arange(1, time + 1):
        upto = transaction_prediction_model.predict(step * month, frequency, recency, T)
        value = value + monetary_value * (upto - before) / (1 + discount_rate) ** step
        before = upto
    return value.rename("clv")


# ---- Save and load ----


def _save_obj_without_attr(
    obj: Any, attr_list: list[str], path: Any, values_to_save: list[Any] | None = None
) -> None:
    """Pickle an object with some of its attributes replaced."""
    if values_to_save is None:
        values_to_save = [None] * len(attr_list)
    kept = {}
    try:
        for name, placeholder in zip(attr_list, values_to_save, strict=False):
            if name in obj.__dict__:
                kept[name] = obj.__dict__[name]
                obj.__dict__[name] = placeholder
        content = _pickled(obj)
    finally:
        obj.__dict__.update(kept)
    Path(path).write_bytes(content)


def _pickled(obj: Any) -> bytes:
    """Pickle, or leave it to dill where an attribute, such as a lambda, needs it."""
    try:
        return pickle.dumps(obj)
    except (pickle.PicklingError, AttributeError, TypeError):
        try:
            dill = importlib.import_module("dill")
        except ImportError:
            dill = None
        if dill is None:
            raise
        return bytes(dill.dumps(obj))
