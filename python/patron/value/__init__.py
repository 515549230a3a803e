"""Worth, looking back.

Transactions become summaries (`summarize`), scores (`rfm`) and cohorts (`cohorts`); scores become
segments (`segments`); values become a pyramid (`pyramid`), figures of concentration
(`concentration`, `lorenz`, `share_curve`, `customers_for_share`, `whale_curve`) and, less what
customers cost, a profit (`profitability`). `tiers` follows customers through the levels of a
programme, `migration` counts their moves. `Ledger` holds transactions that change; `State`
computes in pieces.
"""

from patron.value._cohorts import CohortMatrix, Cohorts, cohorts
from patron.value._concentration import (
    Concentration,
    Whale,
    WhaleCurve,
    concentration,
    customers_for_share,
    lorenz,
    share_curve,
    whale_curve,
)
from patron.value._ledger import CustomerSummary, Ledger, LedgerReport, LedgerSize
from patron.value._migration import (
    Migration,
    Tenure,
    expected_tenure,
    markov_lifetime_value,
    migration,
    mobility,
    steady_state,
)
from patron.value._profit import LifetimeValue, customer_equity, lifetime_value, profitability
from patron.value._pyramid import Pyramid, Tiers, pyramid
from patron.value._rfm import RfmScores, rfm, score_rfm
from patron.value._segments import Segmentation, Segments, SegmentsCheck, segments
from patron.value._shop import Shop, simulate_shop
from patron.value._state import State
from patron.value._tiers import (
    TierBook,
    TierCounts,
    TierHistory,
    TierPolicy,
    TierStanding,
    tiers,
)
from patron.value._transactions import RowReport, Summary, summarize

__all__ = [
    "CohortMatrix",
    "Cohorts",
    "Concentration",
    "CustomerSummary",
    "Ledger",
    "LedgerReport",
    "LedgerSize",
    "LifetimeValue",
    "Migration",
    "Pyramid",
    "RfmScores",
    "RowReport",
    "Segmentation",
    "Segments",
    "SegmentsCheck",
    "Shop",
    "State",
    "Summary",
    "Tenure",
    "TierBook",
    "TierCounts",
    "TierHistory",
    "TierPolicy",
    "TierStanding",
    "Tiers",
    "Whale",
    "WhaleCurve",
    "cohorts",
    "concentration",
    "customer_equity",
    "customers_for_share",
    "expected_tenure",
    "lifetime_value",
    "lorenz",
    "markov_lifetime_value",
    "migration",
    "mobility",
    "profitability",
    "pyramid",
    "rfm",
    "score_rfm",
    "segments",
    "share_curve",
    "simulate_shop",
    "steady_state",
    "summarize",
    "tiers",
    "whale_curve",
]
