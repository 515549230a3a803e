"""Loyalty: how long customers stay, what makes them leave, how loyal they are.

`KaplanMeier` and `NelsonAalen` draw the curves of survival and hazard, `log_rank` compares groups,
`Cox`, `AFT` and `DiscreteHazard` tell what covariates do, `concordance` how well a risk orders who
leaves first. `satisfaction_curve` shows how loyalty rises with satisfaction.
`LoyaltyIndex` adds up what is known of customers, `classify` names their loyalty with the reason.
`net_promoter_score`, `score_change`, `repurchase_rate` and `wallet_allocation` are the usual figures.
"""

from patron.loyalty._aft import AFT
from patron.loyalty._cox import Cox
from patron.loyalty._curve import SatisfactionCurve, satisfaction_curve
from patron.loyalty._discrete import DiscreteHazard
from patron.loyalty._estimator import NotFittedError
from patron.loyalty._index import DEFAULT_COMPONENTS, Component, IndexMean, LoyaltyIndex
from patron.loyalty._measures import (
    Classes,
    NetPromoterScore,
    RepurchaseRate,
    ScoreChange,
    classify,
    net_promoter_score,
    repurchase_rate,
    score_change,
    wallet_allocation,
)
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
    "DEFAULT_COMPONENTS",
    "Classes",
    "Component",
    "Concordance",
    "Cox",
    "DiscreteHazard",
    "IndexMean",
    "KaplanMeier",
    "LogRank",
    "LoyaltyIndex",
    "NelsonAalen",
    "NetPromoterScore",
    "NotFittedError",
    "RepurchaseRate",
    "SatisfactionCurve",
    "ScoreChange",
    "classify",
    "concordance",
    "log_rank",
    "net_promoter_score",
    "repurchase_rate",
    "satisfaction_curve",
    "score_change",
    "wallet_allocation",
]
