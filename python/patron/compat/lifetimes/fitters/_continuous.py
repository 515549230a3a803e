"""What the models of buying in continuous time answer alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes._rows import history, rowwise
from patron.compat.lifetimes.fitters import BaseFitter

__all__ = ["ContinuousTimeFitter"]


class ContinuousTimeFitter(BaseFitter):
    """A model of frequency, recency and age, fitted in the caller's unit of time."""

    @staticmethod
    def _frame(frequency: Any, recency: Any, T: Any, weights: Any, index: Any) -> Any:
        return pd.DataFrame(
            {"frequency": frequency, "recency": recency, "T": T, "weights": weights}, index=index
        )

    def conditional_expected_number_of_purchases_up_to_time(
        self, t: Any, frequency: Any, recency: Any, T: Any
    ) -> Any:
        """Return the purchases expected of known customers in the next `t` units of time.

        Parameters
        ----------
        t : array_like
            Length of the time ahead.
        frequency, recency, T : array_like
            History of the customers.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments; nan for a history that cannot be.
        """
        parameters = self._parameters()
        return rowwise(
            lambda *columns: _kernel.expected_purchases(self._model, parameters, *columns),
            t,
            frequency,
            recency,
            T,
            valid=history,
        )

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """Return the probability that known customers are alive.

        Parameters
        ----------
        frequency, recency, T : array_like
            History of the customers.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of the arguments; nan for a history that cannot be.
        """
        parameters = self._parameters()
        return rowwise(
            lambda *columns: _kernel.p_alive(self._model, parameters, *columns),
            frequency,
            recency,
            T,
            valid=history,
        )

    def conditional_probability_alive_matrix(
        self, max_frequency: int | None = None, max_recency: int | None = None
    ) -> Any:
        """Return the probability of being alive by recency (rows) and frequency (columns).

        Parameters
        ----------
        max_frequency : int, optional
            By default the greatest that was fitted.
        max_recency : int, optional
            Age of the customers too; by default the greatest age that was fitted.

        Returns
        -------
        numpy.ndarray
        """
        columns = int(max_frequency or self.data["frequency"].max())
        rows = int(max_recency or self.data["T"].max())
        recency, frequency = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(float)
        return self.conditional_probability_alive(frequency, recency, float(rows))

    def expected_number_of_purchases_up_to_time(self, t: Any) -> Any:
        """Return the repeat purchases expected of a new customer up to age `t`.

        Parameters
        ----------
        t : array_like
            Ages.

        Returns
        -------
        float, numpy.ndarray or pandas.Series
            Of the kind of `t`.
        """
        parameters = self._parameters()
        return rowwise(
            lambda ages: _kernel.expected_purchases_new(self._model, parameters, ages), t
        )
