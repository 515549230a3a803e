"""Fitting models, on one machine or from parts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, Unpack

import numpy as np

from patron import _core
from patron.clv._inputs import DEFAULT_COLUMNS, Columns, column_tuple, joined, named
from patron.clv._terms import Terms
from patron.errors import (
    ConvergenceError,
    DegenerateFitWarning,
    FailedPreconditionError,
    InvalidArgumentError,
)
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike
    from patron.clv._inputs import Covariates

    Floats = npt.NDArray[np.float64]


class LikelihoodPart(NamedTuple):
    """The log-likelihood of some of the rows at a point; parts add up to the whole.

    Attributes
    ----------
    value : float
        Sum over the rows, times their weights, less the penalty on so much weight.
    weight : float
        Sum of the weights.
    gradient : array of shape (n_parameters,)
        By the logarithms of the model's own parameters, and by the coefficients as they are.
    hessian : array of shape (n_parameters, n_parameters)
        The same, twice.
    """

    value: float
    weight: float
    gradient: Floats
    hessian: Floats

    def plus(self, other: LikelihoodPart) -> LikelihoodPart:
        """Return the part of both sets of rows."""
        return LikelihoodPart(
            self.value + other.value,
            self.weight + other.weight,
            self.gradient + other.gradient,
            self.hessian + other.hessian,
        )


class Fitting(Terms):
    """What is learned from a summary, and how."""

    _native: _core.ClvModel
    _columns: dict[str, str | None] = DEFAULT_COLUMNS

    params_: dict[str, float]
    standard_errors_: dict[str, float]
    covariance_: Floats
    log_likelihood_: float
    aic_: float
    bic_: float
    converged_: bool
    limits_: tuple[str, ...]
    n_iter_: int
    n_evaluations_: int
    n_rows_: int
    n_customers_: float
    gradient_: float
    newton_decrement_: float

    def fit(
        self,
        summary: TableLike,
        weights: str | ColumnLike | None = None,
        *,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Self:
        """Fit by maximum likelihood.

        Parameters
        ----------
        summary : table
            One row a customer, or a group of equal ones; times in any one unit.
        weights : str or array of shape (n_rows,), optional
            How many customers each row stands for: a column of `summary`, or the numbers; above 0.
        covariates : table or sequence of str, optional
            The columns of the covariates, row by row, where `summary` does not hold them; or names
            of columns of `summary`. A model whose constructor names no covariates takes all of
            them, for each of its processes.
        progress : bool or callable, optional
            True shows a bar; a callable takes (done, total).
        **columns : str
            Names of columns where they are not the usual ones: ``frequency``, ``recency``, ``T``,
            ``monetary_value``, ``log_intervals``, ``churned``, ``survived_before``. Later questions
            to the model look for the same names.

        Returns
        -------
        self
            With the attributes that end in ``_``.

        Raises
        ------
        ValueError
            For a missing or mistyped column, or a row that cannot be a customer's.
        patron.ConvergenceError
            If there is no maximum, the data do not determine it, or it was not reached.

        Warns
        -----
        patron.errors.DegenerateFitWarning
            If the likelihood has no maximum inside: ``limits_`` names what it runs to.
        """
        return self._fit(summary, weights, covariates, progress, columns, None)

    def _fit(
        self,
        summary: TableLike,
        weights: str | ColumnLike | None,
        covariates: Covariates | None,
        progress: Progress,
        columns: Columns,
        lower: list[float] | None,
    ) -> Self:
        names = self._summary_names(summary, columns)
        table, of_weights = joined(summary, covariates, weights)
        try:
            with self._with_covariates(covariates):
                native = _core.ClvModel.fit(
                    self._terms(),
                    table,
                    column_tuple(names, of_weights),
                    self._fit_options(lower),
                    progress,
                )
        except FailedPreconditionError as error:
            raise ConvergenceError(f"{type(self).__name__}: {error}") from None
        self._columns = names
        return self._take(native, stacklevel=4)

    def _summary_names(self, summary: TableLike, columns: Columns) -> dict[str, str | None]:
        """Return the columns to fit to."""
        return {**named(DEFAULT_COLUMNS, columns), "customer": None}

    def _fit_options(self, lower: list[float] | None = None) -> tuple[object, ...]:
        start = None if self.start is None else self._in_order(self.start, "start")
        return (start, lower, self.max_iterations)

    def likelihood_part(
        self,
        summary: TableLike,
        point: Sequence[float] | Floats,
        weights: str | ColumnLike | None = None,
        *,
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> LikelihoodPart:
        """Return what one machine of many adds to a fit: see `fit_parts`.

        Parameters
        ----------
        summary : table
            Some of the rows.
        point : array of shape (n_parameters,)
            Logarithms of the model's own parameters, coefficients as they are.
        weights, covariates, progress, **columns
            As in `fit`.
        """
        table, of_weights = joined(summary, covariates, weights)
        names = self._summary_names(summary, columns)
        with self._with_covariates(covariates):
            return LikelihoodPart(
                *_core.clv_likelihood(
                    self._terms(), table, column_tuple(names, of_weights), point, True, progress
                )
            )

    def fit_parts(
        self,
        sample: TableLike,
        total: Callable[[Floats], LikelihoodPart],
        weights: str | ColumnLike | None = None,
        *,
        covariates: Covariates | None = None,
        **columns: Unpack[Columns],
    ) -> Self:
        """Fit to rows that no one machine holds.

        Parameters
        ----------
        sample : table
            Any of the shards: where to search from, and in what units of time, is read from it.
        total : callable
            Takes a point and returns the sum of `likelihood_part` over all shards.
        weights, covariates, **columns
            As in `fit`, of `sample`.

        Returns
        -------
        self
            The fit to all rows, up to the rounding of the sums.
        """
        names = self._summary_names(sample, columns)
        table, of_weights = joined(sample, covariates, weights)
        try:
            with self._with_covariates(covariates):
                native = _core.ClvModel.fit_parts(
                    self._terms(),
                    table,
                    column_tuple(names, of_weights),
                    self._fit_options(),
                    total,
                )
        except FailedPreconditionError as error:
            raise ConvergenceError(f"{type(self).__name__}: {error}") from None
        self._columns = names
        return self._take(native, stacklevel=3)

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, float] | Sequence[float], **hyperparameters: Any
    ) -> Self:
        """Return a model with known parameters, such as published ones.

        Parameters
        ----------
        parameters : mapping or sequence
            Every parameter, by name or in the order of ``params_``.
        **hyperparameters
            Arguments of the constructor.

        Raises
        ------
        ValueError
            For parameters that are missing, unknown, or not above 0.
        """
        model = cls(**hyperparameters)
        values = model._in_order(parameters, "parameters")
        return model._take(_core.ClvModel.create(model._terms(), values), stacklevel=3)

    def _take(self, native: _core.ClvModel, stacklevel: int) -> Self:
        """Take over what is known of a model."""
        info = native.info()
        if info[0] != self._kind:
            raise InvalidArgumentError(f"data: not the bytes of a {type(self).__name__}")
        self._native = native
        rows = Table._of(native.parameters(0.95, "log"))
        names = rows["name"].tolist()
        self.params_ = dict(zip(names, rows["estimate"].tolist(), strict=True))
        self.standard_errors_ = dict(zip(names, rows["standard_error"].tolist(), strict=True))
        self.limits_ = native.limits()
        self.regularity_ = info[1]
        self.fitted_, self.converged_, self.n_iter_, self.n_evaluations_ = info[2:6]
        self.n_rows_, self.n_customers_ = info[8:10]
        self.log_likelihood_, self.aic_, self.bic_, self.gradient_, self.newton_decrement_ = info[
            10:15
        ]
        self.covariance_ = self.covariance() if self.fitted_ else np.full((len(names),) * 2, np.nan)
        if self.limits_:
            warnings.warn(
                f"{type(self).__name__}: the likelihood has no maximum inside its parameters; the "
                f"fit runs to {', '.join(self.limits_)}",
                DegenerateFitWarning,
                stacklevel=stacklevel,
            )
        return self

    def _model(self) -> _core.ClvModel:
        if not hasattr(self, "_native"):
            raise FailedPreconditionError(
                f"{type(self).__name__}: not fitted; expected a call of fit or from_parameters first"
            )
        return self._native

    def covariance(self, scale: Literal["natural", "log"] = "natural") -> Floats:
        """Return the covariance matrix of the parameters, in the order of ``params_``.

        Parameters
        ----------
        scale : {"natural", "log"}
            Of the parameters themselves, or of the logarithms of the model's own ones.

        Returns
        -------
        array of shape (n_parameters, n_parameters)
            Zero in the rows of parameters at the edge of the search.
        """
        table = Table._of(self._model().covariance(scale))
        return np.column_stack([table[name] for name in table.columns[1:]])
