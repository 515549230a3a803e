"""Questions to a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np

from patron import _core
from patron._columns import has_column
from patron.clv._base import Model
from patron.clv._inputs import (
    Columns,
    TimeUnit,
    check_given,
    column_tuple,
    columns_of,
    joined,
    named,
    period_of,
)
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike
    from patron.clv._inputs import Covariates

    Floats = npt.NDArray[np.float64]

OUTPUTS = (
    "p_alive",
    "expected_purchases",
    "no_purchase",
    "discounted_purchases",
    "expected_spend",
    "lifetime_value",
)


class Simulation(NamedTuple):
    """Customers drawn from a model.

    Attributes
    ----------
    summary : Table
        One row a customer.
    transactions : Table or None
        One row a purchase, if asked for: row (of the customer), time from the first purchase, and
        amount with a model of spend.
    """

    summary: Table
    transactions: Table | None


def spend_model(spend: Model | None) -> _core.ClvModel | None:
    """Return the native model of spend."""
    if spend is None:
        return None
    if not isinstance(spend, Model):
        raise TypeError(f"spend: expected a GammaGamma, not {type(spend).__name__}")
    return spend._model()


class PurchaseModel(Model):
    """A model of purchases, which can be asked about customers."""

    def predict(
        self,
        summary: TableLike,
        horizon: float | None = None,
        *,
        discount_rate: float | None = None,
        discount_unit: TimeUnit | None = None,
        discount_period: float | None = None,
        discount_horizon: float | None = None,
        spend: Model | None = None,
        margin: float = 1.0,
        start: float = 0.0,
        later: float = 0.0,
        standard_errors: bool = False,
        outputs: Sequence[str] | None = None,
        covariates: Covariates | None = None,
        any_history: bool = False,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Predict for each customer.

        Parameters
        ----------
        summary : table
            One row a customer, as in `fit`.
        horizon : float, optional
            Length of the time ahead, in the unit of T.
        discount_rate : float, optional
            Effective rate for a stated time, such as 0.1 for 10 % a year. There is no default for
            that time: give `discount_unit` or `discount_period`.
        discount_unit : str, optional
            ``"year"``, ``"month"``, ...; needs ``time_unit`` of the model.
        discount_period : float, optional
            The time for which the rate holds, in the unit of T: 52 for a rate a year and weeks.
        discount_horizon : float, optional
            Purchases further ahead do not count; without end by default.
        spend : GammaGamma, optional
            Adds expected_spend and lifetime_value; `summary` then holds ``monetary_value`` too.
        margin : float
            Share of spend that is earned.
        start : float
            From T to where the interval of `horizon` begins.
        later : float
            From T to the time of p_alive.
        standard_errors : bool
            Add a column ``<name>_se`` to each, by the delta method. `self` and `spend` count as
            fitted independently.
        outputs : sequence of str, optional
            Which of p_alive, expected_purchases, no_purchase, discounted_purchases, expected_spend
            and lifetime_value; by default all but no_purchase for which the arguments suffice.
        covariates, progress, **columns
            As in `fit`; ``customer`` names a column of ids to repeat, by default ``customer_id``
            if there is one.
        any_history : bool
            Answer by the formulas for rows that no customer can have, instead of refusing them.

        Returns
        -------
        Table
            One row a customer, in the order of `summary`: p_alive (at T + later),
            expected_purchases (in the interval), discounted_purchases (from T on, discounted to
            T), expected_spend (mean of a purchase), lifetime_value (margin x expected_spend x
            discounted_purchases, or expected_purchases without a rate).

        Raises
        ------
        ValueError
            For a row that cannot be a customer's, or a rate without its time.
        """
        check_given(horizon, "horizon")
        period = period_of(discount_rate, discount_unit, discount_period, self.time_unit)
        names = self._asked_names(summary, columns)
        table, _ = joined(summary, covariates, None)
        return Table._of(
            self._model().predict(
                table,
                column_tuple(names, None, any_history),
                self._covariate_names(),
                (
                    output_bits(outputs),
                    int(standard_errors),
                    start,
                    horizon,
                    later,
                    discount_rate,
                    period,
                    discount_horizon,
                    margin,
                ),
                spend_model(spend),
                progress,
            )
        )

    def _asked_names(self, summary: TableLike, columns: Columns) -> dict[str, str | None]:
        names = named(self._columns, columns)
        if "customer" not in columns:
            names["customer"] = "customer_id" if has_column(summary, "customer_id") else None
        return names

    def _one(
        self, output: str, summary: TableLike, horizon: float | None, **options: Any
    ) -> Floats:
        return self.predict(summary, horizon, outputs=(output,), **options)[output]

    def p_alive(self, summary: TableLike, later: float = 0.0, **options: Any) -> Floats:
        """Return the probability that each customer is alive at T + later.

        Parameters
        ----------
        summary : table
            One row a customer.
        later : float
            In the unit of T.
        **options
            As in `predict`.

        Returns
        -------
        array of shape (n_rows,)
        """
        return self._one("p_alive", summary, None, later=later, **options)

    def expected_purchases(
        self, summary: TableLike, horizon: float, start: float = 0.0, **options: Any
    ) -> Floats:
        """Return the purchases expected of each customer in (T + start, T + start + horizon].

        Parameters
        ----------
        summary : table
            One row a customer.
        horizon, start : float
            In the unit of T.
        **options
            As in `predict`.

        Returns
        -------
        array of shape (n_rows,)
        """
        return self._one("expected_purchases", summary, horizon, start=start, **options)

    def no_purchase(
        self, summary: TableLike, horizon: float, start: float = 0.0, **options: Any
    ) -> Floats:
        """Return the probability of no purchase in (T + start, T + start + horizon].

        Parameters
        ----------
        summary : table
            One row a customer.
        horizon, start : float
            In the unit of T.
        **options
            As in `predict`.

        Returns
        -------
        array of shape (n_rows,)
        """
        return self._one("no_purchase", summary, horizon, start=start, **options)

    def pmf(
        self,
        summary: TableLike,
        horizon: float,
        most: int = 10,
        *,
        covariates: Covariates | None = None,
        any_history: bool = False,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Return the distribution of the number of purchases in (T, T + horizon].

        Parameters
        ----------
        summary : table
            One row a customer.
        horizon : float
            In the unit of T.
        most : int
            Probabilities of 0 to so many purchases, at most 10,000.
        covariates, any_history, progress, **columns
            As in `predict`.

        Returns
        -------
        Table
            One row a customer: p_0, p_1, ...
        """
        names = self._asked_names(summary, columns)
        table, _ = joined(summary, covariates, None)
        return Table._of(
            self._model().counts(
                table,
                column_tuple(names, None, any_history),
                self._covariate_names(),
                horizon,
                most,
                progress,
            )
        )

    def new_customers(
        self,
        times: TableLike | ColumnLike | float,
        *,
        most: int | None = None,
        discount_rate: float | None = None,
        discount_unit: TimeUnit | None = None,
        discount_period: float | None = None,
        discount_horizon: float | None = None,
        standard_errors: bool = False,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Predict for customers of whom nothing but the first purchase, at time 0, is known.

        Parameters
        ----------
        times : float, array of shape (n_questions,), or table
            T of each question: time from the first purchase; a table holds them in its column T.
        most : int, optional
            Add the probabilities of 0 to so many repeat purchases in (0, T].
        discount_rate, discount_unit, discount_period, discount_horizon
            As in `predict`.
        standard_errors : bool
            Add a column ``<name>_se`` to each but the probabilities of counts.
        covariates : table, optional
            Their values for each question, for a model with covariates.
        progress, **columns
            As in `fit`.

        Returns
        -------
        Table
            One row a question: p_alive (at T), expected_purchases (repeat purchases, or renewals,
            in (0, T]), discounted_purchases with a rate, retention of contracts, p_0, p_1, ...
        """
        period = period_of(discount_rate, discount_unit, discount_period, self.time_unit)
        table, names = self._times(times, covariates, columns)
        return Table._of(
            self._model().new_customers(
                table,
                column_tuple(names),
                self._covariate_names(),
                (
                    int(standard_errors),
                    -1 if most is None else most,
                    discount_rate,
                    period,
                    discount_horizon,
                ),
                progress,
            )
        )

    def _times(
        self,
        times: Any,
        covariates: Covariates | None,
        columns: Columns,
    ) -> tuple[Any, dict[str, str | None]]:
        """Return a table of times under the name of T, with the covariates."""
        if isinstance(times, dict | Table) or hasattr(times, "columns"):
            return joined(times, covariates, None)[0], self._asked_names(times, columns)
        names = named(self._columns, columns)
        values = np.atleast_1d(np.asarray(times))
        if covariates is not None and values.size == 1:
            rows = {len(column) for column in columns_of(covariates).values()}
            values = np.repeat(values, rows.pop() if len(rows) == 1 else 1)
        return joined({str(names["T"]): values}, covariates, None)[0], {**names, "customer": None}

    def simulate(
        self,
        ages: TableLike | ColumnLike | float,
        *,
        seed: int = 0,
        spend: Model | None = None,
        transactions: bool = False,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Simulation:
        """Draw customers.

        Parameters
        ----------
        ages : array of shape (n_customers,), or table
            T of each customer: how long it is observed from the first purchase; a table holds it in its column T.
        seed : int
            Row i is drawn from stream i of the seed: rows do not depend on each other, on threads,
            or on how many there are.
        spend : GammaGamma, optional
            Adds monetary_value, and amounts of the transactions.
        transactions : bool
            Return the purchases one by one too.
        covariates : table, optional
            Their values for each customer, for a model with covariates.
        progress, **columns
            As in `fit`.

        Returns
        -------
        Simulation
            The summary, in the form that `fit` takes, and the transactions.
        """
        table, names = self._times(ages, covariates, columns)
        summary, purchases = self._model().simulate(
            table,
            column_tuple(names),
            self._covariate_names(),
            spend_model(spend),
            seed,
            transactions,
            progress,
        )
        return Simulation(Table._of(summary), None if purchases is None else Table._of(purchases))


def output_bits(names: Sequence[str] | None) -> int:
    if names is None:
        return 0
    if isinstance(names, str):
        raise TypeError("outputs: expected a sequence of str, not str")
    bits = 0
    for name in names:
        if name not in OUTPUTS:
            raise InvalidArgumentError(f"outputs: {name!r}; expected some of {', '.join(OUTPUTS)}")
        bits |= 1 << OUTPUTS.index(name)
    if bits == 0:
        raise InvalidArgumentError(f"outputs: none; expected some of {', '.join(OUTPUTS)}")
    return bits
