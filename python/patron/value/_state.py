"""Partial states: what a distributed engine computes in pieces and merges."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from patron import _core
from patron.table import Table
from patron.value._concentration import Concentration
from patron.value._instants import in_zone
from patron.value._rfm import RfmScores
from patron.value._transactions import Summary

if TYPE_CHECKING:
    from patron._typing import (
        EachDimension,
        InstantLike,
        Merge,
        Money,
        Nulls,
        Progress,
        Refunds,
        RfmMethod,
        TableLike,
        Unit,
        Zeros,
    )


class State:
    """The sufficient statistics of a summary, of RFM scores or of a concentration.

    Make one with `summary`, `rfm` or `concentration`, feed it pieces of the data by `update`, bring
    states together by `merge`, and read the result by `finalize`. However the data are split and in
    whatever order the states are merged, the bytes and the result are the same.

    Examples
    --------
    >>> import patron
    >>> january = {"customer_id": [1, 2], "amount": [10.0, 30.0]}
    >>> february = {"customer_id": [1], "amount": [50.0]}
    >>> left, right = patron.value.State.concentration(), patron.value.State.concentration()
    >>> left.update(january).merge(right.update(february)).finalize().total
    90.0
    """

    __slots__ = ("_native",)
    _native: _core.State

    def __init__(self) -> None:
        raise TypeError("State: make one with State.summary, State.rfm or State.concentration")

    @classmethod
    def _of(cls, native: _core.State) -> State:
        state = cls.__new__(cls)
        state._native = native
        return state

    @classmethod
    def summary(
        cls,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        order: str | None = None,
        unit: Unit = "day",
        observation_end: InstantLike | None = None,
        calibration_end: InstantLike | None = None,
        log_intervals: bool = False,
        merge: Merge = "day",
        refunds: Refunds = "net",
        zeros: Zeros = "count",
        nulls: Nulls = "error",
        zone: str = "UTC",
        decimals: int = 4,
        amount_decimals: int = 0,
        money: Money = "float64",
    ) -> State:
        """Return an empty state that finishes as `summarize` does; arguments as there."""
        return cls._of(
            _core.State.summary(
                (customer, time, amount, order, None, zone, nulls, decimals, amount_decimals),
                (
                    unit,
                    merge,
                    refunds,
                    zeros,
                    money,
                    in_zone(observation_end, zone),
                    in_zone(calibration_end, zone),
                    int(log_intervals),
                ),
            )
        )

    @classmethod
    def rfm(
        cls,
        *,
        as_of: InstantLike | None = None,
        bins: EachDimension[int] | None = None,
        method: RfmMethod = "threshold_right",
        frequency: Literal["orders", "days"] = "orders",
        monetary: Literal["sum", "mean"] = "sum",
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        order: str | None = None,
        window: int | None = None,
        refunds: Refunds = "net",
        zeros: Zeros = "count",
        weights: EachDimension[float] | None = None,
        high_is_best: EachDimension[bool] | None = None,
        cuts: EachDimension[Any] | None = None,
        closed: Literal["right", "left"] = "right",
        nulls: Nulls = "error",
        zone: str = "UTC",
        decimals: int = 4,
        amount_decimals: int = 0,
        money: Money = "float64",
    ) -> State:
        """Return an empty state that finishes as `rfm` does; arguments as there.

        A window needs `as_of`.
        """
        return cls._of(
            _core.State.rfm(
                (customer, time, amount, order, None, zone, nulls, decimals, amount_decimals),
                (
                    method,
                    bins,
                    high_is_best,
                    frequency,
                    monetary,
                    refunds,
                    zeros,
                    money,
                    closed,
                    in_zone(as_of, zone),
                    window,
                    weights,
                    cuts,
                ),
            )
        )

    @classmethod
    def concentration(
        cls,
        *,
        customer: str = "customer_id",
        amount: str = "amount",
        nulls: Nulls = "error",
        decimals: int = 4,
        amount_decimals: int = 0,
    ) -> State:
        """Return an empty state of the net value of each customer.

        It finishes as `concentration` over these values does.
        """
        return cls._of(
            _core.State.concentration(
                (customer, None, amount, None, None, None, nulls, decimals, amount_decimals)
            )
        )

    def update(self, table: TableLike, *, progress: Progress = None) -> State:
        """Add the rows of a table, all or none, and return the state itself."""
        self._native.update(table, progress)
        return self

    def merge(self, other: State) -> State:
        """Add all of another state, which is left as it is, and return the state itself.

        Raises
        ------
        patron.errors.FailedPreconditionError
            For a state of another kind or with other options.
        """
        if not isinstance(other, State):
            raise TypeError(f"other: expected a State, not {type(other).__name__}")
        self._native.merge(other._native)
        return self

    def finalize(self, *, progress: Progress = None) -> Summary | RfmScores | Concentration:
        """Return what the function of this kind would say over all rows seen."""
        native, bins, report = self._native.finalize(progress)
        if bins is not None:
            return RfmScores._scored(native, bins, report)
        if "gini" in native.columns:
            row = Table._of(native)
            return Concentration(**{name: row[name][0].item() for name in Concentration._fields})
        return Summary._reported(native, report)

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal rows give equal bytes, however they were split."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> State:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        return cls._of(_core.State.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return State.from_bytes, (self.to_bytes(),)
