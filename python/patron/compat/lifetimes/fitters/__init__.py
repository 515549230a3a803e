"""What the fitters share."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from patron.compat.lifetimes import _kernel
from patron.compat.lifetimes.utils import ConvergenceError, _save_obj_without_attr

__all__ = ["BaseFitter"]


class BaseFitter:
    """A model of lifetimes: fitted parameters, and questions to them.

    Every question is answered from ``params_`` as it is at the call.

    Attributes
    ----------
    params_ : pandas.Series
        Parameters, in the caller's unit of time.
    variance_matrix_, confidence_intervals_ : pandas.DataFrame
        Covariance of the parameters, and intervals of 95 %.
    standard_errors_ : pandas.Series
        Their standard errors.
    data : pandas.DataFrame
        What was fitted.
    """

    _model: ClassVar[str] = ""
    _names: ClassVar[tuple[str, ...]] = ()

    params_: Any
    data: Any
    penalizer_coef: float
    predict: Any
    generate_new_data: Any

    def __repr__(self) -> str:
        text = type(self).__name__
        rows = getattr(getattr(self, "data", None), "shape", None)
        subjects = f" fitted with {rows[0]:d} subjects," if rows else ""
        if "params_" not in self.__dict__:
            return f"<lifetimes.{text}>"
        values = ", ".join(f"{name}: {value:.2f}" for name, value in sorted(self.params_.items()))
        return f"<lifetimes.{text}:{subjects} {values}>"

    def _unload_params(self, *names: str) -> list[Any]:
        if not hasattr(self, "params_"):
            raise ValueError("Model has not been fit yet: call the .fit method first.")
        return [self.params_[name] for name in names]

    def _parameters(self) -> dict[str, float]:
        return dict(zip(self._names, map(float, self._unload_params(*self._names)), strict=True))

    # ---- Fitting ----

    def _fit_histories(
        self,
        histories: tuple[Any, Any, Any],
        weights: Any,
        penalty: dict[str, float],
        start: dict[str, float] | None,
        options: dict[str, Any],
    ) -> _kernel.Fit:
        """Fit to frequency, recency and age; rows that say nothing are left out."""
        frequency, recency, age = (np.asarray(column, dtype=float) for column in histories)
        weights = np.asarray(weights, dtype=float)
        # The likelihood of no purchase in no time is 1, whatever the parameters.
        used = (weights != 0) & ~((age == 0) & (frequency == 0))
        if not used.any():
            raise ConvergenceError("The model did not converge: no customer has been observed")
        share = weights.sum() / weights[used].sum()
        return _kernel.fit(
            self._model,
            frequency[used],
            recency[used],
            age[used],
            weights[used],
            {name: coefficient * share for name, coefficient in penalty.items()},
            start,
            options.get("maxiter"),
        )

    def _keep(self, found: _kernel.Fit, weights: Any, verbose: bool) -> None:
        """Take over what a fit found."""
        if verbose:
            print(f"{type(self).__name__}: log-likelihood {found.log_likelihood:.6f}")
        if found.note:
            warnings.warn(f"{type(self).__name__}: {found.note}", RuntimeWarning, stacklevel=3)
        names = list(self._names)
        values = np.array(list(found.parameters.values()))
        self.params_ = pd.Series(values, index=names)
        self.variance_matrix_ = pd.DataFrame(found.covariance, index=names, columns=names)
        with np.errstate(all="ignore"):
            by_logarithm = found.covariance / np.outer(values, values)
            try:
                self._hessian_ = np.linalg.inv(by_logarithm) / weights.sum()
            except np.linalg.LinAlgError:
                self._hessian_ = np.full_like(by_logarithm, np.nan)
        self.standard_errors_ = self._compute_standard_errors()
        self.confidence_intervals_ = self._compute_confidence_intervals()

    def _compute_standard_errors(self) -> Any:
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(np.diag(self.variance_matrix_.to_numpy()))
        return pd.Series(errors, index=self.params_.index)

    def _compute_confidence_intervals(self) -> Any:
        half = 1.96 * self.standard_errors_
        return pd.DataFrame(
            {"lower 95% bound": self.params_ - half, "upper 95% bound": self.params_ + half},
            index=self.params_.index,
        )

    @property
    def summary(self) -> Any:
        """Parameters with standard errors and intervals of 95 %, as a frame."""
        return pd.DataFrame({"coef": self.params_, "se(coef)": self.standard_errors_}).join(
            self.confidence_intervals_
        )

    # ---- Save and load ----

    def save_model(
        self,
        path: Any,
        save_data: bool = True,
        save_generate_data_method: bool = True,
        values_to_save: list[Any] | None = None,
    ) -> None:
        """Write the model to a file by pickle.

        Parameters
        ----------
        path : str or Path
            The file.
        save_data : bool
            Keep ``data``.
        save_generate_data_method : bool
            Keep ``generate_new_data``, and with it the ages of the customers.
        values_to_save : list, optional
            What stands in the file for attributes left out: the first for ``data``, the second for
            ``generate_new_data``; None by default.
        """
        left_out = [
            "" if save_data else "data",
            "" if save_generate_data_method else "generate_new_data",
        ]
        _save_obj_without_attr(self, left_out, path, values_to_save=values_to_save)

    def load_model(self, path: Any) -> None:
        """Read a model that `save_model` wrote; open only files that you trust.

        Parameters
        ----------
        path : str or Path
            The file.
        """
        loaded = pickle.loads(Path(path).read_bytes())
        self.__dict__.update(loaded.__dict__)
        for name in ("predict", "generate_new_data"):
            method: Any = self.__dict__.get(name)
            if isinstance(method, Generator):
                self.__dict__[name] = Generator(self, method.exposure)
            elif getattr(method, "__self__", None) is loaded:
                self.__dict__[name] = getattr(self, method.__name__)


class Generator:
    """Makes customers like those that a model was fitted to; called with ``size=``."""

    def __init__(self, model: Any, exposure: Any) -> None:
        self.model = model
        self.exposure = exposure

    def __call__(self, size: int = 1) -> Any:
        return self.model._generate(self.exposure, size)


# ---- Columns ----


def whole(values: Any, name: str) -> npt.NDArray[np.int64]:
    """Return counts as integers; a fraction is cut off, with a warning."""
    array = np.asarray(values)
    if array.dtype.kind in "iub":
        return array.astype(np.int64)
    array = array.astype(float)
    (bad,) = np.nonzero(~np.isfinite(array))
    if len(bad):
        raise ValueError(
            f"{name}: row {bad[0]} is {array[bad[0]]}; expected a finite number "
            f"({len(bad)} rows in all)"
        )
    cut = array.astype(np.int64)
    (bad,) = np.nonzero(cut != array)
    if len(bad):
        warnings.warn(
            f"{name}: row {bad[0]} is {array[bad[0]]}; fractions are cut off "
            f"({len(bad)} rows in all)",
            UserWarning,
            stacklevel=3,
        )
    return cut


def weights_of(weights: Any, rows: int) -> Any:
    """Return the weights, 1 for each row by default."""
    return np.ones(rows, dtype=np.int64) if weights is None else np.asarray(weights)


def start_of(
    names: Sequence[str], values: Any, scales: Sequence[float], logarithms: bool
) -> dict[str, float] | None:
    """Return starting values in natural units from those on the optimiser's scale."""
    if values is None:
        return None
    start = np.exp(np.asarray(values, float)) if logarithms else np.asarray(values, float)
    return {
        name: float(value / scale) for name, value, scale in zip(names, start, scales, strict=True)
    }
