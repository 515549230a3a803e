"""What all models share: parameters by name, fitting, bytes."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self, Unpack

import numpy as np

from patron import _core
from patron.clv._inputs import (
    DEFAULT_COLUMNS,
    Columns,
    column_tuple,
    columns_of,
    joined,
    named,
    names_of,
)
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


class Model:
    """What the models of this module share; scikit-learn's rules for estimators hold."""

    _kind: ClassVar[int]
    _names: ClassVar[tuple[str, ...]]
    _title: ClassVar[str]

    # Hyperparameters that not every model has.
    penalty: Any = None
    transaction_covariates: Sequence[str] = ()
    dropout_covariates: Sequence[str] = ()
    equal_covariates: Sequence[str] = ()
    k: int | None = 1
    start: Any = None
    max_iterations: int | None = None
    time_unit: str | None = None

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

    # ---- Arguments of the constructor ----

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in self._get_param_names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; a fit stays as it is.

        Raises
        ------
        ValueError
            For an argument that the constructor does not have.
        """
        known = self._get_param_names()
        for name in params:
            if name not in known:
                raise InvalidArgumentError(
                    f"{name}: no parameter of {type(self).__name__}; expected one of "
                    f"{', '.join(known)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def _terms(self) -> tuple[object, ...]:
        transaction, dropout, own = self._penalties()
        return (
            self._kind,
            0 if self.k is None else self.k,
            names_of(self.transaction_covariates, "transaction_covariates"),
            names_of(self.dropout_covariates, "dropout_covariates"),
            names_of(self.equal_covariates, "equal_covariates"),
            transaction,
            dropout,
            own,
        )

    def _penalties(self) -> tuple[float, float, list[float] | None]:
        penalty = self.penalty
        if penalty is None:
            return 0.0, 0.0, None
        if not isinstance(penalty, Mapping):
            return float(penalty), float(penalty), None
        known = (*self._names, "transaction", "dropout")
        for name in penalty:
            if name not in known:
                raise InvalidArgumentError(
                    f"penalty: {name!r}; expected a mapping of {', '.join(known)}"
                )
        own = [float(penalty.get(name, 0.0)) for name in self._names]
        return (
            float(penalty.get("transaction", 0.0)),
            float(penalty.get("dropout", 0.0)),
            own if any(own) else None,
        )

    def _all_names(self) -> list[str]:
        """Names of the free parameters in order."""
        equal = set(self.equal_covariates)
        names = list(self._names)
        names += [
            f"both.{c}" if c in equal else f"transaction.{c}" for c in self.transaction_covariates
        ]
        names += [f"dropout.{c}" for c in self.dropout_covariates if c not in equal]
        return names

    def _in_order(self, values: Mapping[str, float] | Sequence[float], what: str) -> list[float]:
        names = self._all_names()
        if not isinstance(values, Mapping):
            return [float(value) for value in values]
        odd = [name for name in values if name not in names]
        odd += [name for name in names if name not in values]
        if odd:
            raise InvalidArgumentError(f"{what}: {odd[0]!r}; expected values of {', '.join(names)}")
        return [float(values[name]) for name in names]

    def _covariate_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.transaction_covariates, *self.dropout_covariates)))

    # ---- Fitting ----

    def fit(
        self,
        summary: TableLike,
        weights: str | ColumnLike | None = None,
        *,
        covariates: TableLike | None = None,
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
        covariates : table, optional
            The columns of the covariates, row by row, where `summary` does not hold them.
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
        covariates: TableLike | None,
        progress: Progress,
        columns: Columns,
        lower: list[float] | None,
    ) -> Self:
        names = {**named(DEFAULT_COLUMNS, columns), "customer": None}
        table, of_weights = joined(summary, covariates, weights)
        try:
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

    def _fit_options(self, lower: list[float] | None = None) -> tuple[object, ...]:
        start = None if self.start is None else self._in_order(self.start, "start")
        return (start, lower, self.max_iterations)

    def likelihood_part(
        self,
        summary: TableLike,
        point: Sequence[float] | Floats,
        weights: str | ColumnLike | None = None,
        *,
        covariates: TableLike | None = None,
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
        names = {**named(DEFAULT_COLUMNS, columns), "customer": None}
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
        covariates: TableLike | None = None,
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
        names = {**named(DEFAULT_COLUMNS, columns), "customer": None}
        table, of_weights = joined(sample, covariates, weights)
        try:
            native = _core.ClvModel.fit_parts(
                self._terms(), table, column_tuple(names, of_weights), self._fit_options(), total
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

    # ---- What is known of a fit ----

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

    def confidence_intervals(
        self, level: float = 0.95, scale: Literal["log", "natural"] = "log"
    ) -> Table:
        """Return the parameters with standard errors and Wald intervals.

        Parameters
        ----------
        level : float
            Between 0 and 1.
        scale : {"log", "natural"}
            Symmetric in the logarithm of the model's own parameters, or in the parameters.

        Returns
        -------
        Table
            Columns name, estimate, standard_error, lower, upper; null without a standard error.
        """
        return Table._of(self._model().parameters(level, scale))

    def profile_interval(
        self,
        parameter: str,
        summary: TableLike,
        weights: str | ColumnLike | None = None,
        *,
        level: float = 0.95,
        covariates: TableLike | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> tuple[float, float]:
        """Return the interval of one parameter that a likelihood-ratio test does not reject.

        For skewed likelihoods, such as that of beta in `ParetoNBD`, where Wald intervals are poor.

        Parameters
        ----------
        parameter : str
            A name of ``params_``.
        summary : table
            The rows of the fit.
        weights, covariates, progress, **columns
            As in `fit`.
        level : float
            Between 0 and 1.

        Returns
        -------
        tuple of float
            Lower and upper end; 0 or infinite where the likelihood never falls so far.
        """
        table, of_weights = joined(summary, covariates, weights)
        names = {**named(self._columns, columns), "customer": None}
        return self._model().profile(
            table,
            column_tuple(names, of_weights),
            self._covariate_names(),
            parameter,
            level,
            progress,
        )

    def summary(self, level: float = 0.95) -> str:
        """Return parameters, errors and figures of the fit as text.

        Parameters
        ----------
        level : float
            Of the intervals, symmetric in logarithms.
        """
        rows = self.confidence_intervals(level)
        lines = [self._title]
        if self.fitted_:
            how = "converged" if self.converged_ else "not converged"
            lines[0] += (
                f": {self.n_customers_:,.0f} customers, {self.n_rows_:,} distinct rows, {how} in "
                f"{self.n_iter_} iterations"
            )
        if self.regularity_ != 1:
            lines.append(f"regularity k = {self.regularity_}")
        percent = f"{level:.0%}".rstrip("%")
        head = ("", "estimate", "std. error", f"lower {percent}%", f"upper {percent}%")
        columns = [rows[name] for name in ("estimate", "standard_error", "lower", "upper")]
        cells = [
            (name, *(f"{column[i]:.6g}" for column in columns))
            for i, name in enumerate(rows["name"].tolist())
        ]
        widths = [max(len(row[i]) for row in (head, *cells)) for i in range(len(head))]
        for row in (head, *cells):
            line = row[0].ljust(widths[0]) + "  "
            line += "  ".join(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))
            lines.append(line.rstrip())
        if self.fitted_:
            lines.append(
                f"log-likelihood {self.log_likelihood_:,.3f}, AIC {self.aic_:,.3f}, "
                f"BIC {self.bic_:,.3f}"
            )
        if self.limits_:
            lines.append(f"no maximum inside: runs to {', '.join(self.limits_)}")
        return "\n".join(lines)

    def log_likelihood(
        self,
        summary: TableLike,
        *,
        covariates: TableLike | None = None,
        **columns: Unpack[Columns],
    ) -> Floats:
        """Return the log-likelihood of each row, without penalty.

        Rows are evaluated one by one: for a look at some thousand of them, not for a fit.

        Parameters
        ----------
        summary, covariates, **columns
            As in `fit`.

        Returns
        -------
        array of shape (n_rows,)
        """
        native = self._model()
        terms = (*self._terms()[:1], native.info()[1], *self._terms()[2:5], 0.0, 0.0, None)
        point = np.array(list(self.params_.values()))
        own = len(self._names)
        point[:own] = np.log(point[:own])
        names = {**named(self._columns, columns), "customer": None}
        table, _ = joined(summary, covariates, None)
        used = self._read_names(names)
        tuple_of = column_tuple(names)
        # What is wrong with the rows is said of all of them together.
        _core.clv_likelihood(terms, table, tuple_of, point, False, None)
        given = columns_of(table)
        arrays = [np.asarray(given[name], dtype=float) for name in used]
        rows, inverse = np.unique(np.column_stack(arrays), axis=0, return_inverse=True)
        values = np.array(
            [
                _core.clv_likelihood(
                    terms,
                    {name: row[i : i + 1] for i, name in enumerate(used)},
                    tuple_of,
                    point,
                    False,
                    None,
                )[0]
                for row in rows
            ]
        )
        return values[inverse.reshape(-1)]

    def _read_names(self, names: dict[str, str | None]) -> list[str]:
        """Return the columns that the likelihood reads."""
        used = [names[role] for role in self._roles]
        if self.regularity_ != 1:
            used.append(names["log_intervals"])
        if "churned" in self._roles:
            used.append(names["survived_before"])
        return [name for name in (*used, *self._covariate_names()) if name is not None]

    _roles: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")

    # ---- Bytes ----

    def to_bytes(self) -> bytes:
        """Return canonical bytes of the model: parameters, covariance and figures of the fit."""
        return self._model().to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, time_unit: str | None = None) -> Self:
        """Read what `to_bytes` wrote.

        Parameters
        ----------
        data : bytes
            May come from anywhere.
        time_unit : str, optional
            The unit of T, which the bytes do not hold.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        ValueError
            If they are those of another kind of model.
        """
        native = _core.ClvModel.from_bytes(data)
        model = cls()
        model.time_unit = time_unit
        if native.info()[0] == cls._kind:
            model._read_terms(native)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DegenerateFitWarning)
            return model._take(native, stacklevel=2)

    def _read_terms(self, native: _core.ClvModel) -> None:
        """Take the arguments of the constructor from a model."""
        names = Table._of(native.parameters(0.95, "log"))["name"].tolist()
        of: dict[str, list[str]] = {"transaction": [], "dropout": [], "both": []}
        for name in names[len(self._names) :]:
            process, covariate = name.split(".", 1)
            of[process].append(covariate)
            if process == "both":
                of["transaction"].append(covariate)
        if of["transaction"] or of["dropout"]:
            self.transaction_covariates = tuple(of["transaction"])
            self.dropout_covariates = tuple(of["both"] + of["dropout"])
            self.equal_covariates = tuple(of["both"])
        if "k" in self._get_param_names():
            self.k = native.info()[1]

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {"params": self.get_params(), "columns": self._columns}
        if hasattr(self, "_native"):
            state["bytes"] = self.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state["params"].items():
            setattr(self, name, value)
        self._columns = state["columns"]
        if "bytes" in state:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DegenerateFitWarning)
                self._take(_core.ClvModel.from_bytes(state["bytes"]), stacklevel=2)
