"""Loyalty: who is about to leave, what says so, and points.

`signals` warns of customers, `SignalBook` keeps their rhythm up to date and tries rules on history.
`points_earned` applies rules of earning, `PointsLedger` keeps what customers have.
"""

from patron.loyalty._points import PointsLedger, PointsLiability, PointsReport, points_earned
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
    "evaluate_warnings",
    "points_earned",
    "signals",
]
