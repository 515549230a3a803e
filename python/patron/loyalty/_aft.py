"""Accelerated failure: times to leave that covariates stretch."""

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

    from patron._typing import ColumnLike, Progress, TableLike

    Floats = npt.NDArray[np.float64]

Distribution = Literal["weibull", "exponential", "log-normal", "log-logistic"]


class AFT(Regression[_core.Aft]):
    """Accelerated failure time: ln T = intercept + covariates x coefficients + scale x W.

    Parameters
    ----------
    distribution : {"weibull", "exponential", "log-normal", "log-logistic"}
        W is the logarithm of an exponential number ("exponential" with a scale of 1), a standard
        normal one, or a standard logistic one.
    level : float
        Of the intervals.

    Attributes
    ----------
    params_, standard_errors_ : dict of str to float
        intercept, the covariates and, but for "exponential", log_scale. The exponential of a
        covariate's coefficient is by how much it stretches times.
    covariance_ : array
        In the order of ``params_``.
    scale_ : float
        1 / scale is the shape of Weibull's distribution.
    log_likelihood_, null_log_likelihood_ : float
        Of the durations themselves; the second without covariates.
    aic_ : float
    n_rows_, n_events_, n_iter_ : int
    converged_ : bool
        True: what does not converge is an error.

    Examples
    --------
    >>> from patron.loyalty import AFT
    >>> table = {"duration": [2.0, 3, 5, 7, 11, 13], "event": [1, 1, 1, 1, 0, 1]}
    >>> aft = AFT("exponential").fit(table)
    >>> round(aft.params_["intercept"], 6), round(aft.log_likelihood_, 6)
    (2.104134, -15.520671)
    """

    def __init__(self, distribution: Distribution = "weibull", level: float = 0.95) -> None:
        self.distribution = distribution
        self.level = level

    _ratio = "time_ratio"
    covariance_: Floats
    scale_: float
    log_likelihood_: float
    null_log_likelihood_: float
    n_rows_: int
    n_events_: int
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
            Columns: how long, above 0; whether the event ended that, or had not come by then.
        covariates : str or sequence of str
            Columns of numbers.
        entry : str, optional
            Column of the durations at which watching began (left truncation).
        weights : str, optional
            Column of weights, above 0.
        progress : bool or callable, optional

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a missing or mistyped column, a duration of 0, and rows as in `KaplanMeier.fit`.
        patron.ConvergenceError
            Naming the covariate, if one is constant, a linear combination of others (collinear), or
            has a coefficient that grows without bound; and without an event.
        """
        names = names_of(covariates, "covariates")
        reading = (duration, event, entry, weights, ())
        try:
            native = _core.Aft.fit(table, reading, self.distribution, names, progress)
        except FailedPreconditionError as error:
            raise ConvergenceError(str(error)) from None
        self._adopt(native)
        return self

    @classmethod
    def _read(cls, data: bytes) -> Self:
        native = _core.Aft.from_bytes(data)
        aft = cls(native.info()[6])
        aft._adopt(native)
        return aft

    def _adopt(self, native: _core.Aft) -> None:
        self._adopt_coefficients(native)
        covariance = Table._of(native.covariance())
        self.covariance_ = np.column_stack([covariance[name] for name in self.params_])
        (
            self.n_iter_,
            self.n_rows_,
            self.n_events_,
            self.scale_,
            self.log_likelihood_,
            self.null_log_likelihood_,
            _,
        ) = native.info()

    @property
    def aic_(self) -> float:
        self._fitted()
        return 2 * len(self.params_) - 2 * self.log_likelihood_

    def predict(
        self, table: TableLike, *, elapsed: str | None = None, progress: Progress = None
    ) -> Table:
        """Return how long customers stay.

        Parameters
        ----------
        table : table
            The covariates of the fit.
        elapsed : str, optional
            Column of how long they have stayed already; 0 by default.

        Returns
        -------
        Table
            One row a row: location, mean (of the whole time; infinite for a log-logistic scale of 1
            or more), median_remaining (the further time after which half have left).
        """
        return Table._of(self._fitted().predict(table, self._covariates, [], elapsed, progress))

    def predict_survival(
        self,
        table: TableLike,
        times: ColumnLike | float,
        *,
        elapsed: str | None = None,
        progress: Progress = None,
    ) -> Floats:
        """Return the chance to stay so much longer.

        Parameters
        ----------
        table : table
            The covariates of the fit.
        times : float or array of shape (n_times,)
        elapsed : str, optional
            Column of how long customers have stayed already.

        Returns
        -------
        array of shape (n_rows, n_times)
        """
        asked = np.atleast_1d(np.asarray(times, dtype=float))
        native = self._fitted().predict(table, self._covariates, asked, elapsed, progress)
        found = Table._of(native)
        return np.column_stack([found[f"survival_{i + 1}"] for i in range(len(asked))])

    def _opening(self) -> list[str]:
        return [
            f"AFT ({self.distribution}): {self.n_rows_:,} rows, {self.n_events_:,} events, "
            f"{self.n_iter_} iterations"
        ]

    def _closing(self) -> list[str]:
        return [
            f"scale {self.scale_:.6g}, log-likelihood {self.log_likelihood_:,.3f} "
            f"(null {self.null_log_likelihood_:,.3f}), AIC {self.aic_:,.3f}"
        ]
