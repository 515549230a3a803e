"""The Gamma-Gamma model of spend (Fader, Hardie and Lee 2005; Fader and Hardie 2013)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes._rows import rowwise
from patron.compat.lifetimes.fitters import BaseFitter, start_of, weights_of
from patron.compat.lifetimes.utils import _check_inputs, _customer_lifetime_value

__all__ = ["GammaGammaFitter"]


class GammaGammaFitter(BaseFitter):
    """Gamma-Gamma: spend varies about each customer's mean, and the means over the customers.

    Parameters
    ----------
    penalizer_coef : float
        Weight of the sum of the squared parameters, added to the mean negative log-likelihood.

    Attributes
    ----------
    params_ : pandas.Series
        p, q, v; v is called gamma in the literature.
    """

    _model: ClassVar[str] = "GammaGamma"
    _names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    _kernel_names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def fit(
        self,
        frequency: Any,
        monetary_value: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-7,
        index: Any = None,
        q_constraint: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Fit to the mean spend of customers with repeat purchases.

        Parameters
        ----------
        frequency, monetary_value : array_like
            Repeat purchases, at least 1, and their mean value, above 0.
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
        q_constraint : bool
            Keep q at 1 or above: below, the mean spend of the population is infinite.
        **kwargs
            ``maxiter`` bounds the iterations; other options of optimisers are passed over.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For spend of zero or below, or a frequency that is not a whole number of 1 or more.
        ConvergenceError
            If there is no optimum, or it was not reached.
        """
        _check_inputs(frequency, monetary_value=monetary_value)
        frequency = np.asarray(frequency).astype(float)
        monetary_value = np.asarray(monetary_value).astype(float)
        weights = weights_of(weights, len(frequency))

        used = np.asarray(weights) != 0
        coefficient = self.penalizer_coef
        found = _kernel.spend_fit(
            frequency[used],
            monetary_value[used],
            np.asarray(weights, dtype=float)[used],
            dict.fromkeys(self._kernel_names, coefficient),
            start_of(self._kernel_names, initial_params, (1.0, 1.0, 1.0), logarithms=True),
            kwargs.get("maxiter"),
            1.0 if q_constraint else None,
        )
        self._keep(found, weights, verbose)
        self._negative_log_likelihood_ = float(
            -found.log_likelihood / weights.sum()
            + coefficient * (self.params_.to_numpy() ** 2).sum()
        )
        self.data = pd.DataFrame(
            {"monetary_value": monetary_value, "frequency": frequency, "weights": weights},
            index=index,
        )
        return self

    def _parameters(self) -> dict[str, float]:
        values = map(float, self._unload_params(*self._names))
        return dict(zip(self._kernel_names, values, strict=True))

    @classmethod
    def _negative_log_likelihood(
        cls,
        log_params: Any,
        frequency: Any,
        avg_monetary_value: Any,
        weights: Any,
        penalizer_coef: float,
    ) -> float:
        """Return the mean negative log-likelihood with the penalty."""
        values = np.exp(np.asarray(log_params, dtype=float))
        parameters = dict(zip(cls._kernel_names, values.tolist(), strict=True))
        rows = rowwise(
            lambda *columns: _kernel.spend_log_likelihood(parameters, *columns),
            frequency,
            avg_monetary_value,
        )
        mean = np.sum(weights * rows) / np.sum(weights)
        return float(-mean + penalizer_coef * (values**2).sum())

    def conditional_expected_average_profit(
        self, frequency: Any = None, monetary_value: Any = None
    ) -> Any:
        """Return the mean spend expected of customers.

        Parameters
        ----------
        frequency, monetary_value : array_like, optional
            Repeat purchases and their mean value; by default those that were fitted. A customer
            without any gets the mean of the population, which is infinite for q of 1 or below.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments.
        """
        if monetary_value is None:
            monetary_value = self.data["monetary_value"]
        if frequency is None:
            frequency = self.data["frequency"]
        parameters = self._parameters()
        return rowwise(
            lambda counts, means: _kernel.expected_spend(
                parameters, counts, np.where(counts > 0, means, 0.0)
            ),
            frequency,
            monetary_value,
            valid=lambda counts, means: counts >= 0,
        )

    def customer_lifetime_value(
        self,
        transaction_prediction_model: Any,
        frequency: Any,
        recency: Any,
        T: Any,
        monetary_value: Any,
        time: int = 12,
        discount_rate: float = 0.01,
        freq: str = "D",
    ) -> Any:
        """Return the discounted value of the purchases expected in the next `time` months.

        Parameters
        ----------
        transaction_prediction_model
            A fitted model with ``predict``.
        frequency, recency, T, monetary_value : array_like
            History of the customers.
        time : int
            Months; one is 30 days, 720 hours or 4.345 weeks.
        discount_rate : float
            Rate of a month.
        freq : str
            Unit of the model's time: D, W, M or H.

        Returns
        -------
        pandas.Series
            Named clv, with the index of `frequency`.
        """
        spend = self.conditional_expected_average_profit(frequency, monetary_value)
        return _customer_lifetime_value(
            transaction_prediction_model,
            frequency,
            recency,
            T,
            spend,
            time,
            discount_rate,
            freq=freq,
        )
