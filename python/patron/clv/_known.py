"""What is known of a fit: intervals, a summary in words, the likelihood row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

import numpy as np

from patron.clv._fit import Fitting
from patron.clv._inputs import Columns, column_tuple, joined, named
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike
    from patron.clv._inputs import Covariates

    Floats = npt.NDArray[np.float64]


class Known(Fitting):
    """Questions to the fit itself."""

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
        covariates: Covariates | None = None,
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
        covariates: Covariates | None = None,
        progress: Progress = None,
        **columns: Unpack[Columns],
    ) -> Floats:
        """Return the log-likelihood of each row, without weight and penalty.

        Parameters
        ----------
        summary, covariates, progress, **columns
            As in `fit`.

        Returns
        -------
        array of shape (n_rows,)
            0 in rows that say nothing, those without a repeat purchase in `GammaGamma`.
        """
        table, _ = joined(summary, covariates, None)
        names = {**named(self._columns, columns), "customer": None}
        native = self._model().log_likelihoods(
            table, column_tuple(names), self._covariate_names(), progress
        )
        return Table._of(native)["log_likelihood"]
