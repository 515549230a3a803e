"""Columns, times and tables as models take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

import numpy as np

from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike

    Covariates: TypeAlias = TableLike | Sequence[str]

TimeUnit: TypeAlias = Literal["second", "hour", "day", "week", "month", "year"]

_DAYS = {
    "second": 1 / 86_400,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "year": 365.25,
}


class Columns(TypedDict, total=False):
    """Names of the columns of a summary, as keyword arguments."""

    customer: str | None
    frequency: str
    recency: str
    T: str
    monetary_value: str
    log_intervals: str | None
    churned: str
    survived_before: str | None


DEFAULT_COLUMNS: dict[str, str | None] = {
    "customer": None,
    "frequency": "frequency",
    "recency": "recency",
    "T": "T",
    "monetary_value": "monetary_value",
    "log_intervals": None,
    "churned": "churned",
    "survived_before": None,
}


def named(known: dict[str, str | None], given: Columns) -> dict[str, str | None]:
    """Return the names known so far with those given now."""
    for name in given:
        if name not in DEFAULT_COLUMNS:
            raise TypeError(
                f"{name}: no such argument; columns are {', '.join(sorted(DEFAULT_COLUMNS))}"
            )
    return {**known, **given}  # type: ignore[dict-item]


def column_tuple(
    names: dict[str, str | None], weights: str | None = None, any_history: bool = False
) -> tuple[object, ...]:
    """Return the names in the order that the extension takes."""
    return (
        names["customer"],
        names["frequency"],
        names["recency"],
        names["T"],
        names["monetary_value"],
        weights,
        names["log_intervals"],
        names["churned"],
        names["survived_before"],
        int(any_history),
    )


def joined(
    summary: TableLike,
    covariates: Covariates | None,
    weights: object,
) -> tuple[Any, str | None]:
    """Return one table of the summary, the covariates and the weights, and the weights' name."""
    if are_names(covariates):
        covariates = None  # They are columns of the summary.
    if weights is None or isinstance(weights, str):
        if covariates is None:
            return summary, weights
        table, of_weights = dict(columns_of(summary)), weights
    else:
        table, of_weights = dict(columns_of(summary)), "weights"
    rows = len(next(iter(table.values()))) if table else 0
    if covariates is not None:
        table.update(checked(columns_of(covariates), rows, "covariates"))
    if weights is not None and not isinstance(weights, str):
        values = np.asarray(weights)
        if values.ndim != 1:
            raise InvalidArgumentError(
                f"weights: shape {values.shape}; expected ({rows},), one a row"
            )
        table.update(checked({"weights": values}, rows, "weights"))
    return table, of_weights


def checked(columns: dict[str, Any], rows: int, what: str) -> dict[str, Any]:
    """Return columns that are as long as the table they join."""
    for name, values in columns.items():
        if len(values) != rows:
            raise InvalidArgumentError(
                f"{what}: {len(values)} rows in {name}; expected {rows}, as the summary has"
            )
    return columns


def are_names(covariates: Covariates | None) -> bool:
    """Tell names of columns from a table."""
    return isinstance(covariates, list | tuple) and all(isinstance(c, str) for c in covariates)


def names_in(covariates: Covariates) -> Sequence[str]:
    """Return the names, or those of the columns of a table."""
    return covariates if are_names(covariates) else list(columns_of(covariates))  # type: ignore


def columns_of(table: TableLike) -> dict[str, Any]:
    """Return the columns of any table by name."""
    if isinstance(table, dict):
        return table
    return (table if isinstance(table, Table) else Table(table)).to_dict()


def period_of(
    rate: float | None, unit: str | None, period: float | None, time_unit: str | None
) -> float | None:
    """Return the time for which a discount rate holds, in the model's unit of time."""
    if rate is None:
        if unit is not None or period is not None:
            raise InvalidArgumentError(
                "discount_rate: None; expected a rate with discount_unit or discount_period"
            )
        return None
    check_given(rate, "discount_rate")
    if unit is not None and period is not None:
        raise InvalidArgumentError(
            "discount_period: given beside discount_unit; expected one of the two"
        )
    if period is not None:
        return period
    if unit is None:
        raise InvalidArgumentError(
            f"discount_rate: {rate} without the time for which it holds; expected discount_unit, "
            "such as 'year', or discount_period in the unit of T"
        )
    if time_unit is None:
        raise InvalidArgumentError(
            f"discount_unit: {unit!r}, but the unit of T is not known; expected time_unit of the "
            "model, such as 'week', or discount_period in the unit of T"
        )
    return days_of(unit, "discount_unit") / days_of(time_unit, "time_unit")


def check_given(value: float | None, what: str) -> None:
    """Refuse nan, which is not the same as leaving an argument out."""
    if value is not None and value != value:
        raise InvalidArgumentError(f"{what}: nan; expected a finite number, 0 or above")


def days_of(unit: str, what: str) -> float:
    """Return the length of a unit of time."""
    if unit not in _DAYS:
        raise InvalidArgumentError(f"{what}: {unit!r}; expected one of {', '.join(_DAYS)}")
    return _DAYS[unit]


def names_of(names: Sequence[str], what: str) -> tuple[str, ...]:
    """Return names given in a row; one str is a mistake."""
    if isinstance(names, str):
        raise TypeError(f"{what}: expected a sequence of str, not str")
    return tuple(names)
