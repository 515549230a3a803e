"""The MBG/NBD model (Batislam, Denizel and Filiztekin 2007; Wagner and Hoppe 2008)."""

from __future__ import annotations

from typing import Any, ClassVar

from patron.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter
from patron.compat.lifetimes.generate_data import modified_beta_geometric_nbd_model

__all__ = ["ModifiedBetaGeoFitter"]


class ModifiedBetaGeoFitter(BetaGeoFitter):
    """MBG/NBD: as BG/NBD, but customers may drop out right after the first purchase too.

    Parameters
    ----------
    penalizer_coef : float
        As in `BetaGeoFitter`.

    Attributes
    ----------
    params_ : pandas.Series
        r, alpha, a, b.
    """

    _model: ClassVar[str] = "MBGNBD"

    def _generate(self, exposure: Any, size: int) -> Any:
        return modified_beta_geometric_nbd_model(exposure, **self._parameters(), size=size)
