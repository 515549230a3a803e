"""What the models of durations with covariates share: their coefficients, and how they read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from patron.loyalty._estimator import (
    FittedModel,
    columns_by_role,
    number,
    probability,
    text_table,
)
from patron.table import Table


class _NativeRegression(Protocol):
    def to_bytes(self) -> bytes: ...
    def coefficients(self, level: object) -> Any: ...
    def columns(self) -> Any: ...


Native = TypeVar("Native", bound=_NativeRegression)


class Regression(FittedModel[Native]):
    """A fitted model with coefficients of covariates."""

    level: float
    params_: dict[str, float]
    standard_errors_: dict[str, float]
    converged_: bool
    _covariates: tuple[str, ...]

    _ratio: ClassVar[str]  # The column of the exponential of a coefficient.

    def _adopt_coefficients(self, native: Native) -> Table:
        """Take a fit and its coefficients, and return these in full."""
        self._native = native
        self.converged_ = True
        self._covariates = tuple(columns_by_role(native).get("covariate", ()))
        rows = Table._of(native.coefficients(self.level))
        names = rows["name"].tolist()
        self.params_ = dict(zip(names, rows["coefficient"].tolist(), strict=True))
        self.standard_errors_ = dict(zip(names, rows["standard_error"].tolist(), strict=True))
        return rows

    def confidence_intervals(self, level: float | None = None) -> Table:
        """Return the coefficients with errors, tests and intervals.

        Returns
        -------
        Table
            A row each of ``params_``: name, coefficient, its exponential (hazard_ratio of `Cox`,
            time_ratio of `AFT`, ratio of `DiscreteHazard`), standard_error, z, p_value, lower, upper;
            of `Cox` also model_error (by the information, where the other is robust) and mean.
        """
        return Table._of(self._fitted().coefficients(self.level if level is None else level))

    def summary(self, level: float | None = None) -> str:
        """Return coefficients, intervals and figures of the fit as text."""
        rows = self.confidence_intervals(level)
        percent = f"{self.level if level is None else level:.0%}"
        head = (
            "",
            "coef",
            "exp(coef)",
            self._error_heading(),
            f"coef lower {percent}",
            f"coef upper {percent}",
            "z",
            "p",
        )
        shown = ("coefficient", self._ratio, "standard_error", "lower", "upper")
        cells = [
            (
                name,
                *(number(rows[column][i]) for column in shown),
                f"{rows['z'][i]:.2f}",
                probability(rows["p_value"][i]),
            )
            for i, name in enumerate(rows["name"].tolist())
        ]
        table = text_table(head, cells) if cells else []
        return "\n".join([*self._opening(), *table, *self._closing()])

    def _error_heading(self) -> str:
        return "se(coef)"

    @abstractmethod
    def _opening(self) -> Sequence[str]:
        """Return the lines of a summary before its coefficients: what was fitted."""

    @abstractmethod
    def _closing(self) -> Sequence[str]:
        """Return the lines after them: how well it fits."""
