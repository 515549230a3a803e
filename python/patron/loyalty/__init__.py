"""Loyalty: who is about to leave, what says so, what to do, and points.

`signals` warns of customers, `SignalBook` keeps their rhythm up to date and tries rules on history.
`work_lists` says what to do, `save_offers` and `win_back` what it may cost, `referral_value` and
`customer_worth` what customers are worth. `points_earned` applies rules of earning, `PointsLedger` keeps what customers have.
"""

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

__all__ = [
    "Backtest",
    "CustomerWarning",
    "CustomerWarnings",
    "Estimate",
    "Evidence",
    "PointsLedger",
    "PointsLiability",
    "PointsReport",
    "SignalBook",
    "SignalRules",
    "WarningEvaluation",
    "WorkLists",
    "churn_reasons",
    "customer_worth",
    "evaluate_warnings",
    "points_earned",
    "referral_credit",
    "referral_value",
    "retention_elasticity",
    "save_offers",
    "second_lifetime_value",
    "signals",
    "win_back",
    "word_of_mouth_balance",
    "work_lists",
]
