"""The gamma and the beta distribution, as far as two pictures need them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def gamma_density(x: Floats, r: float, alpha: float) -> Floats:
    """Return the density of shape r and rate alpha; infinite at 0 for a shape below 1."""
    with np.errstate(divide="ignore"):
        logarithm = np.log(x)
    constant = r * math.log(alpha) - math.lgamma(r)
    return np.asarray(np.exp(constant + _times(r - 1, logarithm) - alpha * x))


def beta_density(x: Floats, a: float, b: float) -> Floats:
    """Return the density of parameters a and b."""
    with np.errstate(divide="ignore"):
        left, right = np.log(x), np.log1p(-x)
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return np.asarray(np.exp(constant + _times(a - 1, left) + _times(b - 1, right)))


def gamma_quantile(share: float, r: float, alpha: float) -> float:
    """Return the point below which `share` of the distribution lies."""
    top = 1.0
    while _gamma_below(top, r) < share:
        top *= 2
    return _bisect(lambda x: _gamma_below(x, r), share, top) / alpha


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return the point below which `share` of the distribution lies."""
    return _bisect(lambda x: _beta_below(x, a, b), share, 1.0)


def _times(power: float, logarithm: Floats) -> Floats:
    return np.zeros_like(logarithm) if power == 0 else power * logarithm


def _gamma_below(x: float, r: float) -> float:
    """Sum the series x^r e^-x / Gamma(r + 1) (1 + x / (r + 1) + ...), of positive terms."""
    if x <= 0:
        return 0.0
    term = total = 1.0
    k = 0
    while term > 1e-17 * total:
        k += 1
        term *= x / (r + k)
        total += term
    return min(1.0, math.exp(r * math.log(x) - x - math.lgamma(r + 1) + math.log(total)))


def _beta_below(x: float, a: float, b: float) -> float:
    """Sum the series of positive terms from the end of the interval that is nearer."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_below(1.0 - x, b, a)
    term = total = 1.0
    k = 0
    while term > 1e-17 * total:
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    constant = math.lgamma(a + b) - math.lgamma(a + 1) - math.lgamma(b)
    return math.exp(constant + a * math.log(x) + b * math.log1p(-x) + math.log(total))


def _bisect(below: Callable[[float], float], share: float, top: float) -> float:
    low, high = 0.0, top
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return middle
        if below(middle) < share:
            low = middle
        else:
            high = middle
