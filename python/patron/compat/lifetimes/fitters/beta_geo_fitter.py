"""The BG/NBD model (Fader, Hardie and Lee 2005)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes._rows import rowwise
from patron.compat.lifetimes.fitters import Generator, start_of, weights_of, whole
from patron.compat.lifetimes.fitters._continuous import ContinuousTimeFitter
from patron.compat.lifetimes.generate_data import beta_geometric_nbd_model
from patron.compat.lifetimes.utils import _check_inputs, _scale_time

__all__ = ["BetaGeoFitter"]


class BetaGeoFitter(ContinuousTimeFitter):
    """BG/NBD: purchases by a Poisson process, dropout after a purchase with a fixed probability.

    A customer without a repeat purchase is alive for certain in this model, since dropout follows
    repeat purchases only; `ModifiedBetaGeoFitter` does not have this.

    Parameters
    ----------
    penalizer_coef : float
        Weight of the sum of the squared parameters, added to the mean negative log-likelihood with
        time in units of the greatest age.

    Attributes
    ----------
    params_ : pandas.Series
        r, alpha, a, b.
    """

    _model: ClassVar[str] = "BGNBD"
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def fit(
        self,
        frequency: Any,
        recency: Any,
        T: Any,
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
        frequency, recency, T : array_like
            Repeat purchases, age at the last of them, and age, in any one unit of time.
        weights : array_like, optional
            Customers that a row stands for.
        initial_params : array_like, optional
            Logarithms of the parameters to start from, with time in units of the greatest age.
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
        recency = np.asarray(recency)
        T = np.asarray(T)
        _check_inputs(frequency, recency, T)
        weights = weights_of(weights, len(recency))

        self._scale = _scale_time(T)
        scales = (1.0, self._scale, 1.0, 1.0)
        coefficient = self.penalizer_coef
        found = self._fit_histories(
            (frequency, recency, T),
            weights,
            {name: coefficient * scale**2 for name, scale in zip(self._names, scales, strict=True)},
            start_of(self._names, initial_params, scales, logarithms=True),
            kwargs,
        )
        self._keep(found, weights, verbose)
        scaled = self.params_.to_numpy() * scales
        log_likelihood = found.log_likelihood - (weights * frequency).sum() * np.log(self._scale)
        self._negative_log_likelihood_ = float(
            -log_likelihood / weights.sum() + coefficient * (scaled**2).sum()
        )
        self.data = self._frame(frequency, recency, T, weights, index)
        self.generate_new_data = Generator(self, T)
        self.predict = self.conditional_expected_number_of_purchases_up_to_time
        return self

    def _generate(self, exposure: Any, size: int) -> Any:
        return beta_geometric_nbd_model(exposure, **self._parameters(), size=size)

    @classmethod
    def _negative_log_likelihood(
        cls,
        log_params: Any,
        freq: Any,
        rec: Any,
        T: Any,
        weights: Any,
        penalizer_coef: float,
    ) -> float:
        """Return the mean negative log-likelihood with the penalty."""
        values = np.exp(np.asarray(log_params, dtype=float))
        rows = rowwise(
            lambda *columns: _kernel.log_likelihood(
                cls._model, dict(zip(cls._names, values.tolist(), strict=True)), *columns
            ),
            freq,
            rec,
            T,
        )
        mean = np.sum(weights * rows) / np.sum(weights)
        return float(-mean + penalizer_coef * (values**2).sum())

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """Return the probability that known customers are alive.

        Parameters
        ----------
        frequency, recency, T : array_like
            History of the customers.

        Returns
        -------
        numpy.ndarray
            Of the arguments' shape, one value for scalars.
        """
        return np.atleast_1d(
            np.asarray(super().conditional_probability_alive(frequency, recency, T))
        )

    def probability_of_n_purchases_up_to_time(self, t: Any, n: Any) -> Any:
        """Return the probability that a new customer makes `n` repeat purchases up to age `t`.

        Parameters
        ----------
        t : float
            Age.
        n : int
            Number of purchases.

        Returns
        -------
        float
        """
        parameters = self._parameters()
        return rowwise(
            lambda counts, ages: _kernel.pmf_new(self._model, parameters, counts, ages), n, t
        )
