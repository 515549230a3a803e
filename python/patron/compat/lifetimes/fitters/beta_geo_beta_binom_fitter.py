"""The BG/BB model of discrete opportunities (Fader, Hardie and Shang 2010)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes._rows import rowwise
from patron.compat.lifetimes.fitters import BaseFitter, Generator, start_of, weights_of, whole
from patron.compat.lifetimes.generate_data import beta_geometric_beta_binom_model
from patron.compat.lifetimes.utils import _check_inputs

__all__ = ["BetaGeoBetaBinomFitter"]


class BetaGeoBetaBinomFitter(BaseFitter):
    """BG/BB: at each opportunity a customer first may drop out and else may buy.

    Parameters
    ----------
    penalizer_coef : float
        Weight of the sum of the squared parameters, added to the mean negative log-likelihood.

    Attributes
    ----------
    params_ : pandas.Series
        alpha and beta of buying, gamma and delta of dropping out.
    """

    _model: ClassVar[str] = "BGBB"
    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def fit(
        self,
        frequency: Any,
        recency: Any,
        n_periods: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Fit to the histories of customers.

        Parameters
        ----------
        frequency, recency, n_periods : array_like
            Opportunities taken, number of the last of them, and opportunities there were.
        weights : array_like, optional
            Customers that a row stands for.
        initial_params : array_like, optional
            Logarithms of the parameters to start from.
        verbose : bool
            Print what the fit found.
        tol : float
            Taken for compatibility; every fit goes to the optimum.
        index : array_like, optional
            Index of ``data``.
        **kwargs
            ``maxiter`` bounds the iterations; other options of optimisers are passed over.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a history that cannot be.
        ConvergenceError
            If there is no optimum, or it was not reached.
        """
        frequency = whole(frequency, "frequency")
        recency = whole(recency, "recency")
        n_periods = whole(n_periods, "n_periods")
        weights = weights_of(weights, len(recency))
        _check_inputs(frequency, recency, n_periods)

        coefficient = self.penalizer_coef
        found = self._fit_histories(
            (frequency, recency, n_periods),
            weights,
            dict.fromkeys(self._names, coefficient),
            start_of(self._names, initial_params, (1.0, 1.0, 1.0, 1.0), logarithms=True),
            kwargs,
        )
        self._keep(found, weights, verbose)
        self._negative_log_likelihood_ = float(
            -found.log_likelihood / weights.sum()
            + coefficient * (self.params_.to_numpy() ** 2).sum()
        )
        self.data = pd.DataFrame(
            {
                "frequency": frequency,
                "recency": recency,
                "n_periods": n_periods,
                "weights": weights,
            },
            index=index,
        )
        self.generate_new_data = Generator(self, np.repeat(n_periods, weights.astype(np.int64)))
        return self

    def _generate(self, exposure: Any, size: int) -> Any:
        return beta_geometric_beta_binom_model(exposure, **self._parameters(), size=size)

    @classmethod
    def _loglikelihood(cls, params: Any, x: Any, tx: Any, T: Any) -> Any:
        """Return the log-likelihood of each row."""
        parameters = dict(zip(cls._names, map(float, params), strict=True))
        return rowwise(
            lambda *columns: _kernel.log_likelihood(cls._model, parameters, *columns), x, tx, T
        )

    @classmethod
    def _negative_log_likelihood(
        cls,
        log_params: Any,
        frequency: Any,
        recency: Any,
        n_periods: Any,
        weights: Any,
        penalizer_coef: float = 0,
    ) -> float:
        """Return the mean negative log-likelihood with the penalty."""
        values = np.exp(np.asarray(log_params, dtype=float))
        rows = cls._loglikelihood(values, frequency, recency, n_periods)
        mean = np.sum(weights * rows) / np.sum(weights)
        return float(-mean + penalizer_coef * (values**2).sum())

    def conditional_expected_number_of_purchases_up_to_time(
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """Return the purchases expected of known customers at the next opportunities.

        Parameters
        ----------
        m_periods_in_future : array_like
            Number of opportunities ahead.
        frequency, recency, n_periods : array_like
            History of the customers.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments; nan for a history that cannot be.
        """
        parameters = self._parameters()
        return rowwise(
            lambda *columns: _kernel.expected_purchases(self._model, parameters, *columns),
            m_periods_in_future,
            frequency,
            recency,
            n_periods,
            valid=_history,
        )

    def conditional_probability_alive(
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """Return the probability that known customers are alive at a later opportunity.

        Parameters
        ----------
        m_periods_in_future : array_like
            Number of opportunities ahead; 0 is the last observed.
        frequency, recency, n_periods : array_like
            History of the customers.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments; nan for a history that cannot be.
        """
        parameters = self._parameters()
        return rowwise(
            lambda later, x, tx, n: _kernel.p_alive(self._model, parameters, x, tx, n, later),
            m_periods_in_future,
            frequency,
            recency,
            n_periods,
            valid=_history,
        )

    def expected_number_of_transactions_in_first_n_periods(self, n: int) -> Any:
        """Return how many of the fitted customers are expected to buy how often.

        Parameters
        ----------
        n : int
            Opportunities.

        Returns
        -------
        pandas.DataFrame
            Column model, indexed by the frequencies that were observed.
        """
        parameters = self._parameters()
        observed = self.data.groupby("frequency")["weights"].sum()
        counts = np.asarray(observed.index, dtype=float)
        share = _kernel.pmf_new(self._model, parameters, counts, np.full(len(counts), float(n)))
        index = pd.Index(observed.index, name="frequency")
        return pd.DataFrame({"model": share * observed.sum()}, index=index)


def _history(*columns: Any) -> Any:
    frequency, recency, periods = columns[-3:]
    return (frequency >= 0) & (frequency <= periods) & (recency >= 0) & (recency <= periods)
