"""Proportional hazards: which covariates make customers leave sooner or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from patron import _core
from patron.errors import ConvergenceError, FailedPreconditionError, InvalidArgumentError
from patron.loyalty._estimator import columns_by_role, columns_of, names_of, reading_of
from patron.loyalty._regression import Regression
from patron.loyalty._survival import Concordance, Interval
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike

    Floats = npt.NDArray[np.float64]

Ties = Literal["efron", "breslow"]
TimeScale = Literal["km", "rank", "identity", "log"]


class Cox(Regression[_core.Cox]):
    """Proportional hazards (Cox 1972).

    The hazard of a customer is the baseline's, times the exponential of the covariates times their
    coefficients; the baseline may have any form, and each stratum one of its own.

    Parameters
    ----------
    ties : {"efron", "breslow"}
        How events at the same time share the risk set. Efron's is nearer to the truth; the two
        differ by a lot where times are whole months.
    penalty : float or mapping of covariates to floats
        Ridge: half of it, times the square of the coefficient times the standard deviation of its
        covariate, is taken from the log-likelihood.
    robust : bool
        Errors that hold where the model does not (Lin and Wei 1989). Clusters bring them too.
    level : float
        Of the intervals.
    max_iterations : int
        Of Newton's method; it needs less than 10.
    survival_errors : bool
        Keep what the errors of predicted survival need: a number a covariate and time with an event.

    Attributes
    ----------
    params_, hazard_ratios_, standard_errors_ : dict of str to float
        Coefficients by covariate, their exponentials, and their errors, robust where asked for.
    covariance_ : array of shape (n_covariates, n_covariates)
    log_likelihood_, null_log_likelihood_ : float
        Partial, and that of coefficients of 0.
    likelihood_ratio_, wald_, score_ : float
        Chi-square tests of all coefficients together.
    concordance_ : Concordance
        On the rows of the fit; computed when first asked for. Bytes have none; pickles have it.
    aic_ : float
    baseline_ : Table
        A row a stratum and time with an event: the columns of the strata, time, hazard,
        cumulative_hazard, survival, of covariates of 0.
    n_rows_, n_events_, n_strata_, n_iter_ : int
    converged_ : bool
        True: what does not converge is an error.

    Examples
    --------
    >>> from patron.loyalty import Cox
    >>> table = {
    ...     "duration": [5, 6, 6, 2, 4, 4, 7, 1],
    ...     "event": [1, 0, 1, 1, 1, 1, 0, 1],
    ...     "discount": [0, 1, 1, 0, 0, 1, 1, 0],
    ... }
    >>> cox = Cox().fit(table, covariates=["discount"])
    >>> round(cox.params_["discount"], 4), round(cox.hazard_ratios_["discount"], 4)
    (-2.0176, 0.133)
    """

    def __init__(
        self,
        ties: Ties = "efron",
        penalty: float | Mapping[str, float] = 0.0,
        robust: bool = False,
        level: float = 0.95,
        max_iterations: int = 50,
        survival_errors: bool = False,
    ) -> None:
        self.ties = ties
        self.penalty = penalty
        self.robust = robust
        self.level = level
        self.max_iterations = max_iterations
        self.survival_errors = survival_errors

    _ratio = "hazard_ratio"
    hazard_ratios_: dict[str, float]
    covariance_: Floats
    log_likelihood_: float
    null_log_likelihood_: float
    likelihood_ratio_: float
    wald_: float
    score_: float
    n_rows_: int
    n_events_: int
    n_strata_: int
    n_iter_: int
    _offset: str | None
    _cluster: str | None
    _rows: TableLike | None
    _concordance: Concordance | None

    def fit(
        self,
        table: TableLike,
        *,
        duration: str = "duration",
        event: str = "event",
        covariates: Sequence[str] | str,
        entry: str | None = None,
        weights: str | None = None,
        strata: Sequence[str] | str | None = None,
        offset: str | None = None,
        cluster: str | None = None,
        progress: Progress = None,
    ) -> Self:
        """Fit by maximum partial likelihood.

        Parameters
        ----------
        table : table
            One row a customer, or a spell of one.
        duration, event : str
            Columns: how long, 0 or more; whether the event ended that, or had not come by then.
        covariates : str or sequence of str
            Columns of numbers.
        entry : str, optional
            Column of the durations at which watching began (left truncation).
        weights : str, optional
            Column of weights, above 0.
        strata : str or sequence of str, optional
            Columns of integers, booleans or text: what has baselines of its own.
        offset : str, optional
            Column that is added to the linear predictor.
        cluster : str, optional
            Column that tells which rows belong together, for robust errors.
        progress : bool or callable, optional
            True shows a bar; a callable takes (done, total).

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a missing or mistyped column, and rows as in `KaplanMeier.fit`.
        patron.ConvergenceError
            Naming the covariates, if one is constant, a linear combination of others (collinear), or
            separates those who leave from those who stay, so that its coefficient grows without
            bound; and without an event.
        """
        names = names_of(covariates, "covariates")
        reading = (duration, event, entry, weights, names_of(strata, "strata"))
        options = (
            self.ties,
            names,
            offset,
            cluster,
            int(self.robust),
            self.max_iterations,
            self._penalties(names),
            int(self.survival_errors),
        )
        try:
            native = _core.Cox.fit(table, reading, options, progress)
        except FailedPreconditionError as error:
            raise ConvergenceError(str(error)) from None
        self._adopt(native)
        self._rows = table
        return self

    @classmethod
    def _read(cls, data: bytes) -> Self:
        native = _core.Cox.from_bytes(data)
        rows = Table._of(native.columns())
        penalty = {
            name: number
            for role, name, number in zip(
                rows["role"].tolist(), rows["name"].tolist(), rows["penalty"].tolist(), strict=True
            )
            if role == "covariate"
        }
        *_, ties, robust, errors = native.info()
        cox = cls(
            ties,
            penalty=penalty if any(penalty.values()) else 0.0,
            robust=robust and "cluster" not in rows["role"].tolist(),
            survival_errors=errors,
        )
        cox._adopt(native)
        return cox

    def _adopt(self, native: _core.Cox) -> None:
        rows = self._adopt_coefficients(native)
        self.hazard_ratios_ = dict(zip(self.params_, rows["hazard_ratio"].tolist(), strict=True))
        covariance = Table._of(native.covariance())
        self.covariance_ = np.column_stack([covariance[name] for name in self.params_])
        columns = columns_by_role(native)
        self._reading = reading_of(columns)
        (self._offset,) = columns.get("offset", [None])
        (self._cluster,) = columns.get("cluster", [None])
        self._rows = None
        self._concordance = None
        (
            self.n_iter_,
            self.n_strata_,
            self.n_rows_,
            self.n_events_,
            self.log_likelihood_,
            self.null_log_likelihood_,
            self.likelihood_ratio_,
            self.wald_,
            self.score_,
            *_,
        ) = native.info()

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "bytes" in state and (self._rows is not None or self._concordance is not None):
            state["concordance"] = self.concordance_
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "concordance" in state:
            self._concordance = state["concordance"]

    def _penalties(self, names: tuple[str, ...]) -> list[float]:
        if not isinstance(self.penalty, Mapping):
            return [float(self.penalty)] * len(names) if self.penalty else []
        for name in self.penalty:
            if name not in names:
                raise InvalidArgumentError(
                    f"penalty: {name!r}; expected covariates: {', '.join(names)}"
                )
        return [float(self.penalty.get(name, 0.0)) for name in names]

    def _numbers(self) -> tuple[str, ...]:
        return self._covariates if self._offset is None else (*self._covariates, self._offset)

    @property
    def aic_(self) -> float:
        self._fitted()
        return 2 * len(self._covariates) - 2 * self.log_likelihood_

    @property
    def baseline_(self) -> Table:
        return self.baseline()

    @property
    def concordance_(self) -> Concordance:
        self._fitted()
        if self._concordance is None:
            if self._rows is None:
                raise FailedPreconditionError(
                    "concordance_: the rows of the fit are not in its bytes; expected score(table)"
                )
            self._concordance = self.score(self._rows)
            self._rows = None
        return self._concordance

    def baseline(self, centred: bool = False) -> Table:
        """Return the baseline of covariates of 0, or at their means.

        Parameters
        ----------
        centred : bool

        Returns
        -------
        Table
            As ``baseline_``.
        """
        return Table._of(self._fitted().baseline(centred))

    def predict(self, table: TableLike, *, progress: Progress = None) -> Table:
        """Return what the covariates say of customers.

        Returns
        -------
        Table
            One row a row: linear_predictor (covariates less their means, times coefficients, and the
            offset), and hazard_ratio, its exponential.
        """
        return self._predict(table, (), None, 0.0, False, progress)

    def predict_survival(
        self,
        table: TableLike,
        times: ColumnLike | float,
        *,
        elapsed: str | None = None,
        progress: Progress = None,
    ) -> Floats:
        """Return the chance to stay.

        Parameters
        ----------
        table : table
            The covariates, strata and offset of the fit.
        times : float or array of shape (n_times,)
            How much longer.
        elapsed : str, optional
            Column of how long customers have stayed already.

        Returns
        -------
        array of shape (n_rows, n_times)
            nan past the last time observed in the stratum.
        """
        asked = np.atleast_1d(np.asarray(times, dtype=float))
        found = self._predict(table, asked, elapsed, 0.0, False, progress)
        return np.column_stack([found[f"survival_{i + 1}"] for i in range(len(asked))])

    def predict_survival_intervals(
        self,
        table: TableLike,
        times: ColumnLike | float,
        *,
        elapsed: str | None = None,
        interval: Interval = "log",
        level: float | None = None,
        progress: Progress = None,
    ) -> Table:
        """Return the chance to stay with its standard error and interval.

        The model must have been made with ``survival_errors=True``. The variance is that of Link
        (1984) and Tsiatis (1981), as in R's survfit.coxph: of the events, and of the coefficients,
        robust where the fit is.

        Parameters
        ----------
        table : table
            The covariates, strata and offset of the fit.
        times : float or array of shape (n_times,)
            How much longer.
        elapsed : str, optional
            Column of how long customers have stayed already.
        interval : {"log", "log-log", "plain"}
            As in `KaplanMeier`.
        level : float, optional
            Of the intervals; that of the constructor by default.

        Returns
        -------
        Table
            A row a row and time: row (from 0), time, survival, std_err, lower, upper; nan past the
            last time observed in the stratum.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If the fit has not kept what errors need.

        Examples
        --------
        >>> from patron.loyalty import Cox
        >>> table = {"duration": [1.0, 2, 3, 4], "event": [1, 1, 1, 0], "x": [1.0, 0, 1, 0]}
        >>> cox = Cox(survival_errors=True).fit(table, covariates="x")
        >>> found = cox.predict_survival_intervals({"x": [0.0]}, [2])
        >>> found["survival"].round(3), found["std_err"].round(3)
        (array([0.698]), array([0.266]))
        """
        asked = np.atleast_1d(np.asarray(times, dtype=float))
        inside = self.level if level is None else level
        found = self._predict(
            table, asked, elapsed, 0.0, False, progress, errors=True, limits=(interval, inside)
        )
        rows, count = len(found), len(asked)
        columns = {
            what: np.column_stack([found[f"{what}_{i + 1}"] for i in range(count)]).ravel()
            if count
            else np.empty(0)
            for what in ("survival", "std_err", "lower", "upper")
        }
        return Table(
            {"row": np.repeat(np.arange(rows), count), "time": np.tile(asked, rows), **columns}
        )

    def predict_remaining(
        self,
        table: TableLike,
        *,
        elapsed: str | None = None,
        horizon: float | None = None,
        progress: Progress = None,
    ) -> Table:
        """Return how long customers still stay.

        Parameters
        ----------
        table : table
            The covariates, strata and offset of the fit.
        elapsed : str, optional
            Column of how long they have stayed already; 0 by default.
        horizon : float, optional
            Where the mean ends, on the scale of durations; the last time observed in the stratum by
            default.

        Returns
        -------
        Table
            One row a row: linear_predictor, hazard_ratio, median_remaining (nan if the data end
            before half have left), mean_remaining (up to the horizon).
        """
        if horizon is not None and not horizon > 0:
            raise InvalidArgumentError(f"horizon: {horizon}; expected a number above 0")
        return self._predict(table, (), elapsed, horizon or 0.0, True, progress)

    def _predict(
        self,
        table: TableLike,
        times: Any,
        elapsed: str | None,
        horizon: float,
        remaining: bool,
        progress: Progress,
        errors: bool = False,
        limits: tuple[str, float] = ("log", 0.95),
    ) -> Table:
        native = self._fitted()
        options = (int(remaining), list(times), elapsed, horizon, int(errors), *limits)
        strata = self._reading[4] if len(times) > 0 or remaining else ()
        return Table._of(native.predict(table, self._numbers(), strata, options, progress))

    def score(self, table: TableLike, *, progress: Progress = None) -> Concordance:
        """Return how well the model tells who leaves first, on any rows.

        Parameters
        ----------
        table : table
            Durations, events and covariates under the names of the fit; rows are compared within
            their strata.

        Returns
        -------
        Concordance
        """
        risk = self.predict(table)["linear_predictor"]
        duration, event, entry, weights, strata = self._reading
        wanted = [name for name in (duration, event, entry, weights, *strata) if name is not None]
        columns = columns_of(table)
        rows = {name: columns[name] for name in wanted}
        rows[" risk"] = risk
        return Concordance(*_core.concordance(rows, self._reading, " risk", progress))

    def proportional_hazards_test(
        self,
        table: TableLike,
        *,
        transform: TimeScale = "km",
        terms: Mapping[str, Sequence[str] | str] | None = None,
        progress: Progress = None,
    ) -> Table:
        """Test whether coefficients change with time, so that hazards are not proportional.

        Parameters
        ----------
        table : table
            The rows of the fit.
        transform : {"km", "rank", "identity", "log"}
            The scale of time: 1 - S just before it (the default of R's cox.zph), ranks of the times
            of events, the time, or its logarithm.
        terms : mapping of str to covariates, optional
            What is tested together, such as the indicators of one attribute; each covariate by
            itself by default.

        Returns
        -------
        Table
            A row a term, and GLOBAL last: term, statistic (chi-square), degrees, p_value. The score
            test that cox.zph does since version 3.0 of R's survival.
        """
        native = self._fitted()
        groups = tuple((name, names_of(of, "terms")) for name, of in (terms or {}).items())
        ids = () if self._cluster is None else (self._cluster,)
        return Table._of(
            native.proportionality(
                table, self._reading, self._numbers(), ids, transform, groups, progress
            )
        )

    def _error_heading(self) -> str:
        return "robust se" if self.robust or self._cluster is not None else "se(coef)"

    def _opening(self) -> list[str]:
        duration, event, entry, weights, strata = self._reading
        columns = {
            "duration": duration,
            "event": event,
            "entry": entry,
            "weights": weights,
            "strata": ", ".join(strata),
            "offset": self._offset,
            "cluster": self._cluster,
        }
        return [
            f"Cox: {self.n_rows_:,} rows, {self.n_events_:,} events, {self.ties} ties, "
            f"{self.n_iter_} iterations",
            ", ".join(f"{what} {name}" for what, name in columns.items() if name),
        ]

    def _closing(self) -> list[str]:
        lines = [
            f"partial log-likelihood {self.log_likelihood_:,.3f} "
            f"(null {self.null_log_likelihood_:,.3f}), partial AIC {self.aic_:,.3f}",
            f"likelihood ratio {self.likelihood_ratio_:.6g}, Wald {self.wald_:.6g}, "
            f"score {self.score_:.6g} on {len(self._covariates)} df",
        ]
        if self._rows is not None or self._concordance is not None:
            found = self.concordance_
            lines.append(f"concordance {found.c_index:.6f} (se {found.std_err:.6f})")
        return lines
