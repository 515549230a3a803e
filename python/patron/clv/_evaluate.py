"""Models held against what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Unpack

from patron.clv._base import Model
from patron.clv._inputs import Columns, column_tuple, joined, named
from patron.clv._predict import spend_model
from patron.clv._score import ScoredModel
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, Progress, TableLike
    from patron.clv._inputs import Covariates


class Holdout(NamedTuple):
    """How predictions compare with what came; nan where a figure is not defined.

    Attributes
    ----------
    customers : int
        Rows.
    actual, predicted : float
        Purchases in all.
    mae, rmse : float
        Mean absolute error a customer, and root of the mean squared error.
    bias, relative_bias : float
        Mean of predicted less actual; predicted over actual in all, less 1.
    log_score : float
        Mean of minus the logarithm of the probability given to what came: lower is better.
    rank_correlation : float
        Spearman's, of predicted and actual purchases.
    top_decile_share : float
        Share of the actual revenue (of the purchases, where no values were given) that the tenth
        of the customers ranked highest brought.
    top_decile_best : float
        The same for a ranking by the actual revenue: the most there is.
    calibration : Table
        Ten rows, customers by predicted purchases, the lowest first: decile, customers, predicted
        and actual (means a customer).
    """

    customers: int
    actual: float
    predicted: float
    mae: float
    rmse: float
    bias: float
    relative_bias: float
    log_score: float
    rank_correlation: float
    top_decile_share: float
    top_decile_best: float
    calibration: Table


class RepeatModel(ScoredModel):
    """A model of purchases without a contract, which can be held against what came."""

    def tracking(
        self,
        summary: TableLike,
        purchases: TableLike | ColumnLike | None = None,
        *,
        period: float = 1.0,
        periods: int | None = None,
        weights: str | ColumnLike | None = None,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Return repeat purchases of all customers by period, actual and expected.

        Time 0 is the first purchase of the earliest customer, who has the greatest T: a customer
        with T came at the greatest T - T.

        Parameters
        ----------
        summary : table
            One row a customer; T is read, and the covariates.
        purchases : array of shape (n_purchases,), or table, optional
            Times of the repeat purchases from time 0, those after the fit as well; a table holds
            them in its column ``time``.
        period : float
            Length of a period, in the unit of T.
        periods : int, optional
            How many; by default to the last repeat purchase.
        weights, covariates, progress, **columns
            As in `fit`.

        Returns
        -------
        Table
            One row a period: period, end, customers (who have come by then), expected,
            expected_cumulative, and with purchases actual, actual_cumulative.
        """
        if not (purchases is None or isinstance(purchases, dict | Table)) and not hasattr(
            purchases, "columns"
        ):
            purchases = {"time": purchases}
        table, of_weights = joined(summary, covariates, weights)
        return Table._of(
            self._model().tracking(
                table,
                column_tuple({**named(self._columns, columns), "customer": None}, of_weights),
                self._covariate_names(),
                purchases,
                (period, 0 if periods is None else periods, "time"),
                progress,
            )
        )

    def frequency_table(
        self,
        summary: TableLike,
        most: int = 7,
        *,
        weights: str | ColumnLike | None = None,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Return how many customers made 0, 1, 2, ... repeat purchases, actual and expected.

        Parameters
        ----------
        summary : table
            One row a customer.
        most : int
            The last row holds so many purchases and more; 1 to 10,000.
        weights, covariates, progress, **columns
            As in `fit`.

        Returns
        -------
        Table
            Columns frequency, actual, expected.
        """
        table, of_weights = joined(summary, covariates, weights)
        return Table._of(
            self._model().frequency_table(
                table,
                column_tuple({**named(self._columns, columns), "customer": None}, of_weights),
                self._covariate_names(),
                most,
                progress,
            )
        )

    def holdout(
        self,
        summary: TableLike,
        *,
        actual: str = "frequency_holdout",
        duration: str = "duration_holdout",
        actual_value: str | None = None,
        spend: Model | None = None,
        log_score: bool = True,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Holdout:
        """Measure predictions against a holdout period.

        Parameters
        ----------
        summary : table
            One row a customer, as `patron.value.summarize` gives it with a ``calibration_end``.
        actual, duration : str
            Columns of the purchases in the holdout period and of its length.
        actual_value : str, optional
            Column of the mean spend of these purchases, such as ``"monetary_value_holdout"``.
        spend : GammaGamma, optional
            Rank customers by predicted revenue for the top decile, not by purchases.
        log_score : bool
            The log score takes longest; False leaves it out.
        covariates, progress, **columns
            As in `fit`.

        Returns
        -------
        Holdout
        """
        table, _ = joined(summary, covariates, None)
        figures, calibration = self._model().holdout(
            table,
            column_tuple({**named(self._columns, columns), "customer": None}),
            self._covariate_names(),
            (actual, duration, actual_value, int(log_score)),
            spend_model(spend),
            progress,
        )
        return Holdout(*(*figures, Table._of(calibration)))
