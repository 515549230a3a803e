"""Choosing between models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Unpack

import numpy as np

from patron import _core
from patron.clv._base import Model
from patron.clv._evaluate import RepeatModel
from patron.clv._inputs import Columns, column_tuple, joined, named
from patron.clv._predict import spend_model
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import Progress, TableLike
    from patron.clv._inputs import Covariates


class LikelihoodRatio(NamedTuple):
    """The test of a model against a special case of it.

    Attributes
    ----------
    statistic : float
        Twice the gain in log-likelihood.
    degrees : int
        Parameters that the restricted model does not have.
    p_value : float
        By the chi-square distribution; too large by up to half where the restricted model lies at
        the edge of the full one, as `NBD` in `ParetoNBD`.
    """

    statistic: float
    degrees: int
    p_value: float


def likelihood_ratio(restricted: Model, full: Model) -> LikelihoodRatio:
    """Test whether a model fits better than a special case of it.

    Parameters
    ----------
    restricted, full : model
        Fits to the same rows, the first a special case of the second.

    Returns
    -------
    LikelihoodRatio
    """
    return LikelihoodRatio(*restricted._model().likelihood_ratio(full._model()))


def compare(
    models: Sequence[RepeatModel] | Mapping[str, RepeatModel],
    summary: TableLike | None = None,
    *,
    actual: str = "frequency_holdout",
    duration: str = "duration_holdout",
    actual_value: str | None = None,
    spend: Model | None = None,
    log_score: bool = True,
    covariates: Covariates | None = None,
    progress: Progress = None,
    **columns: Unpack[Columns],
) -> Table:
    """Rank fits to the same rows, best first.

    Parameters
    ----------
    models : sequence or mapping of names to models
        Fits of models without a contract.
    summary : table, optional
        With a holdout period, as `BGNBD.holdout` takes it; without, fits are ranked by AIC.
    actual, duration, actual_value, spend, log_score, covariates, progress, **columns
        As in `BGNBD.holdout`.

    Returns
    -------
    Table
        One row a model: model (its name), parameters, log_likelihood, aic, bic, and with a summary
        the figures of `Holdout` from predicted on; ordered by the log score (by the mean absolute
        error without one), or by AIC.

    Raises
    ------
    ValueError
        For no models, one of another kind, or one that was not fitted.
    """
    if isinstance(models, Mapping):
        names, fits = [str(name) for name in models], list(models.values())
    else:
        fits = list(models)
        names = [type(model).__name__ for model in fits]
    for name, model in zip(names, fits, strict=True):
        if not isinstance(model, RepeatModel):
            raise InvalidArgumentError(
                f"models: {name} is a {type(model).__name__}; expected models of purchases without "
                "a contract"
            )
    known = fits[0]._columns if fits else None
    table = None if summary is None else joined(summary, covariates, None)[0]
    of_covariates = dict.fromkeys(c for model in fits for c in model._covariate_names())
    native = Table._of(
        _core.clv_compare(
            [model._model() for model in fits],
            table,
            column_tuple(named(_without_customer(known), columns)),
            tuple(of_covariates),
            (actual, duration, actual_value, int(log_score)),
            spend_model(spend),
            progress,
        )
    )
    ranked = native.to_dict()
    places = ranked.pop("model")
    ranked.pop("kind")
    titles = np.array([names[place] for place in places], dtype=object)
    return Table({"model": titles, **ranked})


def _without_customer(known: dict[str, str | None] | None) -> dict[str, str | None]:
    from patron.clv._inputs import DEFAULT_COLUMNS

    return {**(known or DEFAULT_COLUMNS), "customer": None}
