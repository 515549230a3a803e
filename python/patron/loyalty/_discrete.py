"""Discrete time: the chance to leave in each period, by covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from patron import _core
from patron.errors import ConvergenceError, FailedPreconditionError
from patron.loyalty._estimator import names_of
from patron.loyalty._regression import Regression
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import Progress, TableLike

    Floats = npt.NDArray[np.float64]


class DiscreteHazard(Regression[_core.DiscreteHazard]):
    """The chance to leave in each period, with a baseline of its own in each.

    Parameters
    ----------
    link : {"logit", "cloglog"}
        How the chance h comes from baseline + covariates x coefficients: ln(h / (1 - h)), whose
        coefficients are logarithms of odds ratios, or ln(-ln(1 - h)), of hazard ratios, as of
        continuous time cut into periods.
    level : float
        Of the intervals.

    Attributes
    ----------
    params_, standard_errors_ : dict of str to float
        By covariate.
    baseline_ : Table
        A row a period: period, at_risk, events, hazard and survival where covariates are 0; without
        covariates the life table.
    log_likelihood_, null_log_likelihood_ : float
        The second without covariates.
    n_rows_, n_events_, n_periods_, n_iter_ : int
    converged_ : bool
        True: what does not converge is an error.

    Examples
    --------
    >>> from patron.loyalty import DiscreteHazard
    >>> table = {"duration": [1, 1, 2, 2, 3, 3], "event": [1, 0, 1, 0, 0, 0]}
    >>> DiscreteHazard().fit(table).baseline_["hazard"].round(4)
    array([0.1667, 0.25  , 0.    ])
    """

    def __init__(self, link: Literal["logit", "cloglog"] = "logit", level: float = 0.95) -> None:
        self.link = link
        self.level = level

    _ratio = "ratio"
    log_likelihood_: float
    null_log_likelihood_: float
    n_rows_: int
    n_events_: int
    n_periods_: int
    n_iter_: int

    def fit(
        self,
        table: TableLike,
        *,
        duration: str = "duration",
        event: str = "event",
        covariates: Sequence[str] | str = (),
        entry: str | None = None,
        weights: str | None = None,
        progress: Progress = None,
    ) -> Self:
        """Fit by maximum likelihood.

        Parameters
        ----------
        table : table
            One row a customer.
        duration, event : str
            Columns: in how many periods the customer was at risk, whole numbers; whether the event
            came in the last one.
        covariates : str or sequence of str
            Columns of numbers.
        entry : str, optional
            Column of the periods before watching began.
        weights : str, optional
            Column of weights, above 0.
        progress : bool or callable, optional

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a missing or mistyped column, and durations that are not whole numbers.
        patron.ConvergenceError
            As `Cox.fit`.
        """
        names = names_of(covariates, "covariates")
        reading = (duration, event, entry, weights, ())
        try:
            native = _core.DiscreteHazard.fit(table, reading, self.link, names, progress)
        except FailedPreconditionError as error:
            raise ConvergenceError(str(error)) from None
        self._adopt(native)
        return self

    @classmethod
    def _read(cls, data: bytes) -> Self:
        native = _core.DiscreteHazard.from_bytes(data)
        model = cls(native.info()[6])
        model._adopt(native)
        return model

    def _adopt(self, native: _core.DiscreteHazard) -> None:
        self._adopt_coefficients(native)
        (
            self.n_iter_,
            self.n_periods_,
            self.n_rows_,
            self.n_events_,
            self.log_likelihood_,
            self.null_log_likelihood_,
            _,
        ) = native.info()

    @property
    def baseline_(self) -> Table:
        return Table._of(self._fitted().baseline())

    def predict(
        self, table: TableLike, *, elapsed: str | None = None, progress: Progress = None
    ) -> Floats:
        """Return the chance to leave in the next period.

        Parameters
        ----------
        table : table
            The covariates of the fit.
        elapsed : str, optional
            Column of the periods that customers have stayed already; 0 by default.

        Returns
        -------
        array of shape (n_rows,)
            nan past the last period of the fit.
        """
        found = Table._of(self._fitted().predict(table, self._covariates, elapsed, 1, progress))
        hazard: Floats = found["hazard"]
        return hazard

    def predict_survival(
        self,
        table: TableLike,
        periods: int,
        *,
        elapsed: str | None = None,
        progress: Progress = None,
    ) -> Floats:
        """Return the chance to stay to the end of each of the next periods.

        Parameters
        ----------
        table : table
            The covariates of the fit.
        periods : int
            How many to look ahead.
        elapsed : str, optional
            Column of the periods that customers have stayed already; 0 by default.

        Returns
        -------
        array of shape (n_rows, periods)
            nan past the last period of the fit.
        """
        native = self._fitted().predict(table, self._covariates, elapsed, periods, progress)
        found = Table._of(native)
        return np.column_stack([found[f"survival_{i + 1}"] for i in range(periods)])

    def _opening(self) -> list[str]:
        return [
            f"DiscreteHazard ({self.link}): {self.n_rows_:,} rows, {self.n_events_:,} events, "
            f"{self.n_periods_:,} periods, {self.n_iter_} iterations"
        ]

    def _closing(self) -> list[str]:
        return [
            f"log-likelihood {self.log_likelihood_:,.3f} (null {self.null_log_likelihood_:,.3f})"
        ]
