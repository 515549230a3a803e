"""The models, with their parameters in the order of the literature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

import numpy as np

from patron._columns import has_column
from patron.clv._base import Model
from patron.clv._evaluate import RepeatModel
from patron.clv._inputs import Columns, TimeUnit, column_tuple, joined
from patron.clv._predict import PurchaseModel, Simulation
from patron.clv._score import ScoredModel
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike
    from patron.clv._inputs import Covariates

    Floats = npt.NDArray[np.float64]
    Penalty = Mapping[str, float] | float | None
    Start = Mapping[str, float] | Sequence[float] | None

_SHARED = """
    penalty : float or mapping, optional
        Taken off the mean log-likelihood, times the square of each coefficient of a covariate
        (one number), or of each parameter of a name (a mapping, with ``"transaction"`` and
        ``"dropout"`` for the coefficients).
    start : mapping or sequence, optional
        Parameters to search from; the model has starts of its own.
    max_iterations : int, optional
        Of each search; 200 by default.
    time_unit : str, optional
        The unit of T: ``"second"``, ``"hour"``, ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
        Only `predict` with a ``discount_unit`` asks for it. Bytes keep it.
"""

_COVARIATES = """
    transaction_covariates, dropout_covariates : sequence of str
        Columns that move each process. A positive coefficient means more purchases, or faster
        dropout.
    equal_covariates : sequence of str
        Named in both: one coefficient for both processes.
"""

_ATTRIBUTES = """
    Attributes
    ----------
    params_, standard_errors_ : dict
        By name, in the order of the literature; nan where there is no standard error.
    covariance_ : array of shape (n_parameters, n_parameters)
        Of the parameters.
    log_likelihood_, aic_, bic_ : float
        Without penalty.
    converged_ : bool
        The Newton decrement fell below its tolerance.
    limits_ : tuple of str
        Simpler models that the likelihood runs to; empty for a maximum inside.
    gradient_, newton_decrement_ : float
        Of the mean log-likelihood in log parameters, where the search ended.
    n_iter_, n_evaluations_, n_rows_ : int
        Iterations, evaluations, and distinct rows.
    n_customers_ : float
        Sum of the weights.
"""


def _documented(kind: type) -> type:
    """Complete the description of a model with what all of them have."""
    text = kind.__doc__ or ""
    kind.__doc__ = text.replace("    <covariates>\n", _COVARIATES[1:]).replace(
        "    <shared>\n", _SHARED[1:] + _ATTRIBUTES
    )
    return kind


class _Contract(ScoredModel):
    """A contract, with covariates of dropout."""

    def __init__(
        self,
        *,
        penalty: Penalty = None,
        dropout_covariates: Sequence[str] = (),
        start: Start = None,
        max_iterations: int | None = None,
        time_unit: TimeUnit | None = None,
    ) -> None:
        self.penalty = penalty
        self.dropout_covariates = dropout_covariates
        self.start = start
        self.max_iterations = max_iterations
        self.time_unit = time_unit


class _Attrition(RepeatModel):
    """A model of purchases and dropout, with covariates on both."""

    def __init__(
        self,
        *,
        penalty: Penalty = None,
        transaction_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        equal_covariates: Sequence[str] = (),
        start: Start = None,
        max_iterations: int | None = None,
        time_unit: TimeUnit | None = None,
    ) -> None:
        self.penalty = penalty
        self.transaction_covariates = transaction_covariates
        self.dropout_covariates = dropout_covariates
        self.equal_covariates = equal_covariates
        self.start = start
        self.max_iterations = max_iterations
        self.time_unit = time_unit


class _Regular(_Attrition):
    """The same with a regularity."""

    def __init__(
        self,
        *,
        k: int | None = None,
        penalty: Penalty = None,
        transaction_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
        equal_covariates: Sequence[str] = (),
        start: Start = None,
        max_iterations: int | None = None,
        time_unit: TimeUnit | None = None,
    ) -> None:
        super().__init__(
            penalty=penalty,
            transaction_covariates=transaction_covariates,
            dropout_covariates=dropout_covariates,
            equal_covariates=equal_covariates,
            start=start,
            max_iterations=max_iterations,
            time_unit=time_unit,
        )
        self.k = k

    def _summary_names(self, summary: TableLike, columns: Columns) -> dict[str, str | None]:
        names = super()._summary_names(summary, columns)
        if names["log_intervals"] is None and self.k != 1 and has_column(summary, "log_intervals"):
            names["log_intervals"] = "log_intervals"
        return names


@_documented
class NBD(RepeatModel):
    """NBD: purchases by a Poisson process whose rate varies over customers; nobody leaves.

    The null model: a model of dropout that does not beat it has found no dropout. Parameters r,
    alpha (Ehrenberg 1959).

    Parameters
    ----------
    transaction_covariates : sequence of str
        Columns that move the rate of purchase; a positive coefficient means more.
    <shared>
    """

    _kind: ClassVar[int] = 1
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha")
    _title: ClassVar[str] = "NBD"
    _roles: ClassVar[tuple[str, ...]] = ("frequency", "T")

    def __init__(
        self,
        *,
        penalty: Penalty = None,
        transaction_covariates: Sequence[str] = (),
        start: Start = None,
        max_iterations: int | None = None,
        time_unit: TimeUnit | None = None,
    ) -> None:
        self.penalty = penalty
        self.transaction_covariates = transaction_covariates
        self.start = start
        self.max_iterations = max_iterations
        self.time_unit = time_unit


@_documented
class ParetoNBD(_Attrition):
    """Pareto/NBD: Poisson purchases until an exponential lifetime ends.

    Rates of purchase are gamma distributed with r, alpha, rates of dropout with s, beta
    (Schmittlein, Morrison and Colombo 1987).

    Parameters
    ----------
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 2
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    _title: ClassVar[str] = "Pareto/NBD"


@_documented
class BGNBD(_Attrition):
    """BG/NBD: Poisson purchases, after each of which a customer may leave.

    Rates of purchase are gamma distributed with r, alpha, chances to leave beta distributed with
    a, b (Fader, Hardie and Lee 2005). A customer without a repeat purchase is alive for certain in
    this model, since dropout follows repeat purchases only; where that matters take `MBGNBD`.

    Parameters
    ----------
    <covariates>
    <shared>

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> known = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> model = patron.clv.BGNBD.from_parameters(known, time_unit="week")
    >>> customers = {
    ...     "frequency": np.array([2, 0]),
    ...     "recency": np.array([30.43, 0.0]),
    ...     "T": np.array([38.86, 38.86]),
    ... }
    >>> predicted = model.predict(customers, 39)
    >>> predicted["p_alive"].round(3).tolist()
    [0.727, 1.0]
    >>> predicted["expected_purchases"].round(2).tolist()
    [1.23, 0.2]
    """

    _kind: ClassVar[int] = 3
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    _title: ClassVar[str] = "BG/NBD"


@_documented
class MBGNBD(_Attrition):
    """MBG/NBD: as `BGNBD`, with a chance to leave right after the first purchase too.

    Parameters r, alpha, a, b (Batislam, Denizel and Filiztekin 2007).

    Parameters
    ----------
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 4
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    _title: ClassVar[str] = "MBG/NBD"


@_documented
class BGCNBD(_Regular):
    """BG/CNBD-k: as `BGNBD`, for customers who buy at regular times.

    Times between purchases are Erlang-k distributed (Platzer and Reutterer 2016). Parameters r,
    alpha, a, b, and the regularity k, which ``regularity_`` tells after a fit. A k above 1 needs
    the sums of the logarithms of the times between purchases, column ``log_intervals``, which
    `patron.value.summarize` gives if asked.

    Parameters
    ----------
    k : int, optional
        Regularity, 1 to 64; by default the one of 1 to 12 with the highest log-likelihood.
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 5
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    _title: ClassVar[str] = "BG/CNBD-k"


@_documented
class MBGCNBD(_Regular):
    """MBG/CNBD-k: as `MBGNBD`, for customers who buy at regular times; see `BGCNBD`.

    Parameters
    ----------
    k : int, optional
        Regularity, 1 to 64; by default the one of 1 to 12 with the highest log-likelihood.
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 6
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    _title: ClassVar[str] = "MBG/CNBD-k"


@_documented
class GGompertzNBD(_Attrition):
    """GGompertz/NBD: Poisson purchases until a lifetime whose hazard grows with age ends.

    Rates of purchase are gamma distributed with r, alpha; the hazard of dropout grows at the rate
    b from a level that is gamma distributed with s, beta (Bemmaor and Glady 2012).

    Parameters
    ----------
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 7
    _names: ClassVar[tuple[str, ...]] = ("r", "alpha", "b", "s", "beta")
    _title: ClassVar[str] = "GGompertz/NBD"


@_documented
class BGBB(_Attrition):
    """BG/BB: discrete opportunities to buy, such as yearly events.

    T counts the opportunities, frequency those used, recency is the last of them. Chances to buy
    are beta distributed with alpha, beta, chances to leave with gamma, delta (Fader, Hardie and
    Shang 2010). The exponential of a coefficient is a ratio of odds: of the mean chance to buy, or
    to leave.

    Parameters
    ----------
    <covariates>
    <shared>
    """

    _kind: ClassVar[int] = 8
    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    _title: ClassVar[str] = "BG/BB"


@_documented
class SBG(_Contract):
    """Shifted beta-geometric: contracts renewed with a chance that varies over customers.

    A row is T and ``churned``: 1, customers left in period T; 0, they have renewed through period
    T. Chances to leave are beta distributed with alpha, beta (Fader and Hardie 2007).

    Parameters
    ----------
    dropout_covariates : sequence of str
        Columns that move the chance to leave; the exponential of a coefficient is a ratio of odds.
    <shared>
    """

    _kind: ClassVar[int] = 9
    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    _title: ClassVar[str] = "sBG"
    _roles: ClassVar[tuple[str, ...]] = ("T",)


@_documented
class BDW(_Contract):
    """Beta-discrete-Weibull: as `SBG`, with a chance to leave that changes with age by c.

    Parameters alpha, beta, c; c of 1 is `SBG` (Fader, Hardie, Liu, Davin and Steenburgh 2018).

    Parameters
    ----------
    dropout_covariates : sequence of str
        Columns that move the chance to leave; the exponential of a coefficient is a ratio of odds.
    <shared>
    """

    _kind: ClassVar[int] = 10
    _names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")
    _title: ClassVar[str] = "BdW"
    _roles: ClassVar[tuple[str, ...]] = ("T",)


@_documented
class GammaGamma(Model):
    """Gamma-Gamma: spend varies about each customer's mean, and the means over customers.

    A row is frequency and ``monetary_value``, the mean spend of the repeat purchases; rows without
    any say nothing and are left out. Parameters p, q, gamma (Fader and Hardie 2013). The mean over
    customers is infinite for q of 1 or below, which ``limits_`` tells.

    Parameters
    ----------
    q_lower : float, optional
        Keep q at this or above; 1 is where the mean over customers ends.
    <shared>
    """

    _kind: ClassVar[int] = 11
    _names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")
    _title: ClassVar[str] = "Gamma-Gamma"

    def __init__(
        self,
        *,
        q_lower: float | None = None,
        penalty: Penalty = None,
        start: Start = None,
        max_iterations: int | None = None,
        time_unit: TimeUnit | None = None,
    ) -> None:
        self.q_lower = q_lower
        self.penalty = penalty
        self.start = start
        self.max_iterations = max_iterations
        self.time_unit = time_unit

    def _fit(
        self,
        summary: TableLike,
        weights: str | ColumnLike | None,
        covariates: Covariates | None,
        progress: Progress,
        columns: Columns,
        lower: list[float] | None,
    ) -> Self:
        if self.q_lower is not None:
            if not self.q_lower >= 0:
                raise InvalidArgumentError(f"q_lower: {self.q_lower}; expected 0 or above")
            lower = [0.0, float(self.q_lower), 0.0]
        return super()._fit(summary, weights, covariates, progress, columns, lower)

    def predict(
        self,
        summary: TableLike,
        *,
        standard_errors: bool = False,
        any_history: bool = False,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Table:
        """Predict the mean spend of each customer's purchases.

        A customer with few purchases is pulled towards the mean over customers, and one without a
        repeat purchase has that mean.

        Parameters
        ----------
        summary : table
            One row a customer, as in `fit`.
        standard_errors : bool
            Add the column expected_spend_se, by the delta method.
        any_history : bool
            Take a fraction of a purchase.
        progress, **columns
            As in `fit`.

        Returns
        -------
        Table
            One row a customer: expected_spend, infinite where the mean does not exist.
        """
        names = PurchaseModel._asked_names(self, summary, columns)  # type: ignore[arg-type]
        return Table._of(
            self._model().predict(
                summary,
                column_tuple(names, None, any_history),
                (),
                (0, int(standard_errors), 0.0, None, 0.0, None, None, None, 1.0),
                None,
                progress,
            )
        )

    def expected_spend(self, summary: TableLike, **options: Any) -> Floats:
        """Return the mean spend expected of each customer's purchases.

        Parameters
        ----------
        summary : table
            One row a customer.
        **options
            As in `predict`.

        Returns
        -------
        array of shape (n_rows,)
        """
        return self.predict(summary, **options)["expected_spend"]

    def mean_spend(self) -> float:
        """Return the mean over customers: p gamma / (q - 1), infinite for q of 1 or below."""
        p, q, gamma = (self.params_[name] for name in self._names)
        return p * gamma / (q - 1) if q > 1 else float("inf")

    def simulate(
        self,
        counts: TableLike | ColumnLike,
        *,
        seed: int = 0,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Simulation:
        """Draw the spend of customers.

        Parameters
        ----------
        counts : array of shape (n_customers,), or table
            Repeat purchases of each customer; a table holds them in its column frequency.
        seed, progress, **columns
            As in `BGNBD.simulate`.

        Returns
        -------
        Simulation
            The summary: frequency and monetary_value.
        """
        names = PurchaseModel._asked_names(self, counts, columns)  # type: ignore[arg-type]
        table: Any = counts
        if not (isinstance(counts, dict | Table) or hasattr(counts, "columns")):
            table = joined({str(names["frequency"]): np.atleast_1d(table)}, None, None)[0]
        summary, _ = self._model().simulate(
            table, column_tuple(names), (), None, seed, False, progress
        )
        return Simulation(Table._of(summary), None)
