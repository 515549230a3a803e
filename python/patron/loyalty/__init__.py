"""Loyalty: how long customers stay, what makes them leave, how loyal they are, and points.

`KaplanMeier` and `NelsonAalen` draw the curves of survival and hazard, `log_rank` compares groups,
`Cox` and `AFT` tell what covariates do, `concordance` how well a risk orders who leaves first.
`LoyaltyIndex` adds up what is known of customers, `classify` names their loyalty with the reason.
`net_promoter_score`, `score_change`, `repurchase_rate` and `wallet_allocation` are the usual figures.
`signals` warns of customers, `SignalBook` keeps their rhythm up to date and tries rules on history.
`points_earned` applies rules of earning, `PointsLedger` keeps what customers have.
"""

from patron.loyalty._aft import AFT
from patron.loyalty._cox import Cox
from patron.loyalty._curve import SatisfactionCurve, satisfaction_curve
from patron.loyalty._discrete import DiscreteHazard
from patron.loyalty._estimator import NotFittedError
from patron.loyalty._index import DEFAULT_COMPONENTS, Component, IndexMean, LoyaltyIndex
from patron.loyalty._lifecycle import Lifecycle, LifecycleRules, LifecycleStages, lifecycle
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
from patron.loyalty._points import PointsLedger, PointsLiability, PointsReport, points_earned
from patron.loyalty._retention import (
    WorkLists,
    churn_reasons,
    customer_worth,
    referral_credit,
    referral_value,
    retention_elasticity,
    save_offers,
    second_lifetime_value,
    win_back,
    word_of_mouth_balance,
    work_lists,
)
from patron.loyalty._signals import (
    Backtest,
    CustomerWarning,
    CustomerWarnings,
    Estimate,
    Evidence,
    SignalBook,
    SignalRules,
    WarningEvaluation,
    evaluate_warnings,
    signals,
)
from patron.loyalty._survival import (
    Concordance,
    CurvePoints,
    KaplanMeier,
    LogRank,
    NelsonAalen,
    concordance,
    log_rank,
)

__all__ = [
    "AFT",
    "DEFAULT_COMPONENTS",
    "Backtest",
    "Classes",
    "Component",
    "Concordance",
    "Cox",
    "CurvePoints",
    "CustomerWarning",
    "CustomerWarnings",
    "DiscreteHazard",
    "Estimate",
    "Evidence",
    "IndexMean",
    "KaplanMeier",
    "Lifecycle",
    "LifecycleRules",
    "LifecycleStages",
    "LogRank",
    "LoyaltyIndex",
    "NelsonAalen",
    "NetPromoterScore",
    "NotFittedError",
    "PointsLedger",
    "PointsLiability",
    "PointsReport",
    "RepurchaseRate",
    "SatisfactionCurve",
    "ScoreChange",
    "SignalBook",
    "SignalRules",
    "WarningEvaluation",
    "WorkLists",
    "churn_reasons",
    "classify",
    "concordance",
    "customer_worth",
    "evaluate_warnings",
    "lifecycle",
    "log_rank",
    "net_promoter_score",
    "points_earned",
    "referral_credit",
    "referral_value",
    "repurchase_rate",
    "retention_elasticity",
    "satisfaction_curve",
    "save_offers",
    "score_change",
    "second_lifetime_value",
    "signals",
    "wallet_allocation",
    "win_back",
    "word_of_mouth_balance",
    "work_lists",
]
