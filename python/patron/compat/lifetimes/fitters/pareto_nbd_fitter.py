"""The Pareto/NBD model (Schmittlein, Morrison and Colombo 1987)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes._rows import history, rowwise
from patron.compat.lifetimes.fitters import Generator, start_of, weights_of, whole
from patron.compat.lifetimes.fitters._continuous import ContinuousTimeFitter
from patron.compat.lifetimes.generate_data import pareto_nbd_model
from patron.compat.lifetimes.utils import _check_inputs, _scale_time

__all__ = ["ParetoNBDFitter"]


class ParetoNBDFitter(ContinuousTimeFitter):
    """Pareto/NBD: purchases by a Poisson process until an exponential lifetime ends.

    Parameters
    ----------
    penalizer_coef : float
        Weight of the sum of the squared parameters, with time in units of the greatest age. It is
        added to the sum of the negative log-likelihood over rows (to the sum with weights divided
        by the mean weight), not to the mean as the other fitters do.

    Attributes
    ----------
    params_ : pandas.Series
        r, alpha, s, beta.
    """

    _model: ClassVar[str] = "ParetoNBD"
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def fit(
        self,
        frequency: Any,
        recency: Any,
        T: Any,
        weights: Any = None,
        iterative_fitting: int = 1,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float = 1e-4,
        index: Any = None,
        fit_method: str = "Nelder-Mead",
        maxiter: int = 2000,
        **kwargs: Any,
    ) -> Any:
        """Fit to the histories of customers.

        Parameters
        ----------
        frequency, recency, T : array_like
            Repeat purchases, age at the last of them, and age, in any one unit of time.
        weights : array_like, optional
            Customers that a row stands for.
        iterative_fitting : int
            Taken for compatibility: one fit reaches the optimum.
        initial_params : array_like, optional
            Parameters to start from, with time in units of the greatest age.
        verbose : bool
            Print what the fit found.
        tol, fit_method, maxiter
            Taken for compatibility; every fit goes to the optimum.
        index : array_like, optional
            Index of ``data``.
        **kwargs
            Other options of optimisers are passed over.

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
        recency = np.asarray(recency)
        T = np.asarray(T)
        weights = weights_of(weights, len(recency))
        _check_inputs(frequency, recency, T)
        if iterative_fitting <= 0:
            raise ValueError(
                f"iterative_fitting: {iterative_fitting}; expected a number greater than 0"
            )
        if iterative_fitting > 1 and initial_params is not None:
            raise ValueError(
                "iterative_fitting and initial_params: both are given; from one start there is "
                "one fit"
            )

        self._scale = _scale_time(T)
        scales = (1.0, self._scale, 1.0, self._scale)
        coefficient = self.penalizer_coef
        rows = len(recency)
        found = self._fit_histories(
            (frequency, recency, T),
            weights,
            {
                name: coefficient * scale**2 / rows
                for name, scale in zip(self._names, scales, strict=True)
            },
            start_of(self._names, initial_params, scales, logarithms=False),
            {},
        )
        self._keep(found, weights, verbose)
        scaled = self.params_.to_numpy() * scales
        log_likelihood = found.log_likelihood - (weights * frequency).sum() * np.log(self._scale)
        self._negative_log_likelihood_ = float(
            -log_likelihood / weights.mean() + coefficient * (scaled**2).sum()
        )
        self.data = self._frame(frequency, recency, T, weights, index)
        self.generate_new_data = Generator(self, T)
        self.predict = self.conditional_expected_number_of_purchases_up_to_time
        return self

    def _generate(self, exposure: Any, size: int) -> Any:
        return pareto_nbd_model(exposure, **self._parameters(), size=size)

    @classmethod
    def _conditional_log_likelihood(cls, params: Any, freq: Any, rec: Any, T: Any) -> Any:
        """Return the log-likelihood of each row."""
        parameters = dict(zip(cls._names, map(float, params), strict=True))
        return rowwise(
            lambda *columns: _kernel.log_likelihood(cls._model, parameters, *columns),
            freq,
            rec,
            T,
        )

    @classmethod
    def _log_A_0(cls, params: Any, freq: Any, recency: Any, age: Any) -> Any:  # noqa: N802
        """Return the logarithm of the integral over times of death, times (r + s + x) / s."""
        r, alpha, s, beta = map(float, params)
        x = np.asarray(freq, dtype=float)
        age = np.asarray(age, dtype=float)
        r, s = np.float64(r), np.float64(s)
        alive = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        whole_ = cls._conditional_log_likelihood(params, x, recency, age)
        total = whole_ - (_log_rising(r, x) + r * np.log(alpha) + s * np.log(beta))
        with np.errstate(divide="ignore", under="ignore"):
            return np.log((r + s + x) / s) + total + np.log(-np.expm1(np.minimum(alive - total, 0)))

    @classmethod
    def _negative_log_likelihood(
        cls, params: Any, freq: Any, rec: Any, T: Any, weights: Any, penalizer_coef: float
    ) -> float:
        """Return the negative log-likelihood, over the mean weight, with the penalty."""
        values = np.asarray(params, dtype=float)
        if (values <= 0).any():
            return float("inf")
        rows = cls._conditional_log_likelihood(values, freq, rec, T)
        total = np.sum(weights * rows) / np.mean(weights)
        return float(-total + penalizer_coef * (values**2).sum())

    def conditional_probability_of_n_purchases_up_to_time(
        self, n: int, t: float, frequency: Any, recency: Any, T: Any
    ) -> Any:
        """Return the probability that known customers make `n` purchases in the next `t` units.

        Parameters
        ----------
        n : int
            Number of purchases.
        t : float
            Length of the time ahead; 0 or less gives 0, for any `n`.
        frequency, recency, T : array_like
            History of the customers.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments; nan for a history that cannot be.
        """
        if t <= 0:
            return 0
        parameters = self._parameters()
        return rowwise(
            lambda *columns: _kernel.pmf(self._model, parameters, int(n), *columns),
            t,
            frequency,
            recency,
            T,
            valid=history,
        )


def _log_rising(r: Any, x: Any) -> Any:
    """Return lgamma(r + x) - lgamma(r)."""
    from math import lgamma

    return np.array([lgamma(r + k) - lgamma(r) for k in np.ravel(x)]).reshape(np.shape(x))
