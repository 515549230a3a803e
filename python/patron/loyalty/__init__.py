"""Loyalty: who is about to leave, and what says so.

`signals` warns of customers, `SignalBook` keeps their rhythm up to date and tries rules on history.
"""

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
    "SignalBook",
    "SignalRules",
    "WarningEvaluation",
    "evaluate_warnings",
    "signals",
]
