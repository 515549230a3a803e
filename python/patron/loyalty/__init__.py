"""Loyalty: how long customers stay, and what makes them leave.

`KaplanMeier` and `NelsonAalen` draw the curves of survival and hazard, `log_rank` compares groups,
`Cox` and `AFT` tell what covariates do, `concordance` how well a risk orders who leaves first.
"""

from patron.loyalty._aft import AFT
from patron.loyalty._cox import Cox
from patron.loyalty._estimator import NotFittedError
from patron.loyalty._survival import (
    Concordance,
    KaplanMeier,
    LogRank,
    NelsonAalen,
    concordance,
    log_rank,
)

__all__ = [
    "AFT",
    "Concordance",
    "Cox",
    "KaplanMeier",
    "LogRank",
    "NelsonAalen",
    "NotFittedError",
    "concordance",
    "log_rank",
]
