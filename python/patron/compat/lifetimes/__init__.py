"""The names, signatures and return shapes of lifetimes 0.11.3, on Patron's kernels.

A notebook changes its import line and nothing else::

    from patron.compat.lifetimes import BetaGeoFitter
    from patron.compat.lifetimes.utils import summary_data_from_transaction_data

The data sets are not part of it. Where lifetimes computes something wrong, this computes it right;
the page on moving from lifetimes lists each case. New code is better off with `patron.clv`, which
has more models and says more about a fit.
"""

from __future__ import annotations

try:
    import pandas as _pandas  # noqa: F401
except ImportError as error:
    raise ImportError(
        'patron.compat.lifetimes needs pandas: pip install "patron[pandas]"'
    ) from error

from patron.compat.lifetimes.fitters import BaseFitter
from patron.compat.lifetimes.fitters.beta_geo_beta_binom_fitter import BetaGeoBetaBinomFitter
from patron.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter
from patron.compat.lifetimes.fitters.gamma_gamma_fitter import GammaGammaFitter
from patron.compat.lifetimes.fitters.modified_beta_geo_fitter import ModifiedBetaGeoFitter
from patron.compat.lifetimes.fitters.pareto_nbd_fitter import ParetoNBDFitter
from patron.compat.lifetimes.version import __version__

__all__ = [
    "BaseFitter",
    "BetaGeoBetaBinomFitter",
    "BetaGeoFitter",
    "GammaGammaFitter",
    "ModifiedBetaGeoFitter",
    "ParetoNBDFitter",
    "__version__",
]
