"""Every call of this package into `patron.clv`; nothing else here knows the kernels.

Parameters go in and come out as mappings in natural units: a rate is per unit of the caller's time,
so nothing is rescaled. Arrays are one-dimensional float64 of one length.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from patron import clv, errors
from patron.compat.lifetimes.utils import ConvergenceError

Floats = npt.NDArray[np.float64]
Parameters = Mapping[str, float]


class Fit(NamedTuple):
    """What a fit found.

    Attributes
    ----------
    parameters : dict
        In the order of the literature.
    log_likelihood : float
        The weighted sum, without the penalty.
    covariance : numpy.ndarray
        Inverse of the Hessian of the penalised sum at the optimum, in the order of `parameters`.
    note : str
        Names the ridge or the edge on which the fit ended; empty for an interior optimum.
    """

    parameters: dict[str, float]
    log_likelihood: float
    covariance: Floats
    note: str


def _class(model: str) -> Any:
    return getattr(clv, model)


def _given(model: str, parameters: Parameters) -> Any:
    return _made(model, tuple(parameters.items()))


@functools.lru_cache(maxsize=16)
def _made(model: str, parameters: tuple[tuple[str, float], ...]) -> Any:
    """Keep the last models: a notebook asks the same one row by row."""
    return _class(model).from_parameters(dict(parameters))


def _fitted(model: Any, columns: dict[str, Any], weights: Floats) -> Fit:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", errors.DegenerateFitWarning)
            model.fit(columns, weights=weights)
    except errors.ConvergenceError as error:
        raise ConvergenceError(
            f"The model did not converge: {error}. A larger penalizer_coef may help."
        ) from error
    return Fit(
        parameters={name: float(value) for name, value in model.params_.items()},
        log_likelihood=float(model.log_likelihood_),
        covariance=np.asarray(model.covariance_, dtype=np.float64),
        note=f"the fit runs to {', '.join(model.limits_)}" if model.limits_ else "",
    )


def fit(
    model: str,
    frequency: Floats,
    recency: Floats,
    T: Floats,
    weights: Floats,
    penalty: Parameters,
    start: Parameters | None,
    max_iterations: int | None,
) -> Fit:
    """Maximise mean log-likelihood minus the sum of ``penalty[name] * parameter**2``."""
    return _fitted(
        _class(model)(**_options(penalty, start, max_iterations)),
        _history(frequency, recency, T),
        weights,
    )


def spend_fit(
    frequency: Floats,
    monetary_value: Floats,
    weights: Floats,
    penalty: Parameters,
    start: Parameters | None,
    max_iterations: int | None,
    q_lower: float | None,
) -> Fit:
    """Fit the Gamma-Gamma model, parameters p, q, gamma; `q_lower` bounds q from below."""
    low = np.flatnonzero(frequency < 1)
    if len(low):
        raise errors.InvalidArgumentError(
            f"frequency: row {low[0]} is {frequency[low[0]]:g}; expected a whole number, 1 or above "
            f"({len(low)} rows in all)"
        )
    options = _options(penalty, start, max_iterations)
    if q_lower is not None:
        options["q_lower"] = q_lower
    return _fitted(
        _class("GammaGamma")(**options),
        {"frequency": frequency, "monetary_value": monetary_value},
        weights,
    )


def _options(
    penalty: Parameters, start: Parameters | None, max_iterations: int | None
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if any(penalty.values()):
        options["penalty"] = dict(penalty)
    if start is not None:
        options["start"] = dict(start)
    if max_iterations is not None:
        options["max_iterations"] = max_iterations
    return options


def log_likelihood(
    model: str, parameters: Parameters, frequency: Floats, recency: Floats, T: Floats
) -> Floats:
    """Log-likelihood of each row."""
    return _floats(_given(model, parameters).log_likelihood(_history(frequency, recency, T)))


def spend_log_likelihood(
    parameters: Parameters, frequency: Floats, monetary_value: Floats
) -> Floats:
    """Log-likelihood of each row of the Gamma-Gamma model."""
    rows = {"frequency": frequency, "monetary_value": monetary_value}
    return _floats(_given("GammaGamma", parameters).log_likelihood(rows))


def p_alive(
    model: str,
    parameters: Parameters,
    frequency: Floats,
    recency: Floats,
    T: Floats,
    later: Floats | None = None,
) -> Floats:
    """Probability of being alive at ``T + later``."""
    given = _given(model, parameters)
    later = np.zeros(len(T)) if later is None else later
    recency = _last_of(model, frequency, recency)
    return _each(
        later,
        lambda t, i: given.p_alive(_history(frequency[i], recency[i], T[i]), t, any_history=True),
    )


def expected_purchases(
    model: str,
    parameters: Parameters,
    horizon: Floats,
    frequency: Floats,
    recency: Floats,
    T: Floats,
) -> Floats:
    """Purchases expected in ``(T, T + horizon]``."""
    given = _given(model, parameters)
    recency = _last_of(model, frequency, recency)
    return _each(
        horizon,
        lambda t, i: given.expected_purchases(
            _history(frequency[i], recency[i], T[i]), t, any_history=True
        ),
    )


def expected_purchases_new(model: str, parameters: Parameters, t: Floats) -> Floats:
    """Repeat purchases that a new customer is expected to make in ``(0, t]``."""
    return _floats(_given(model, parameters).new_customers(t)["expected_purchases"])


def pmf_new(model: str, parameters: Parameters, n: Floats, t: Floats) -> Floats:
    """Probability that a new customer makes n repeat purchases in ``(0, t]``."""
    given = _given(model, parameters)
    if len(t) == 0:
        return np.empty(0)
    table = given.new_customers(t, most=int(n.max()))
    result = np.empty(len(t))
    for count in np.unique(n):
        rows = n == count
        result[rows] = table[f"p_{int(count)}"][rows]
    return result


def pmf(
    model: str,
    parameters: Parameters,
    n: int,
    horizon: Floats,
    frequency: Floats,
    recency: Floats,
    T: Floats,
) -> Floats:
    """Probability of n purchases in ``(T, T + horizon]``."""
    given = _given(model, parameters)
    return _each(
        horizon,
        lambda t, i: given.pmf(
            _history(frequency[i], recency[i], T[i]), t, most=n, any_history=True
        )[f"p_{n}"],
    )


def expected_spend(parameters: Parameters, frequency: Floats, monetary_value: Floats) -> Floats:
    """Mean spend expected of a customer; the population's where the frequency is 0."""
    rows = {"frequency": frequency, "monetary_value": monetary_value}
    return _floats(_given("GammaGamma", parameters).expected_spend(rows, any_history=True))


def _last_of(model: str, frequency: Floats, recency: Floats) -> Floats:
    """Opportunity of the last purchase: in discrete time no earlier than there are purchases."""
    return np.maximum(recency, frequency) if model == "BGBB" else recency


def _history(frequency: Floats, recency: Floats, T: Floats) -> dict[str, Floats]:
    return {"frequency": frequency, "recency": recency, "T": T}


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _each(values: Floats, call: Any) -> Floats:
    """Call once for each distinct value, with the rows that have it."""
    if len(values) == 0:
        return np.empty(0)
    if (values == values[0]).all():
        return _floats(call(float(values[0]), slice(None)))
    result = np.empty(len(values))
    distinct, inverse = np.unique(values, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    bounds = np.searchsorted(inverse[order], np.arange(len(distinct) + 1))
    for k, value in enumerate(distinct):
        rows = order[bounds[k] : bounds[k + 1]]
        result[rows] = call(float(value), rows)
    return result
