"""Lifetime value, looking ahead: what customers will buy, spend and be worth.

A model is fitted to a customer summary, one row a customer (`patron.value.summarize`), and then
asked: `predict` for known customers, `new_customers` for those to come. Purchases without a contract:
`NBD` (nobody leaves), `ParetoNBD`, `BGNBD`, `MBGNBD`, `BGCNBD` and `MBGCNBD` (regular buyers),
`GGompertzNBD`, and in discrete time `BGBB`. Contracts: `SBG`, `BDW`. Spend: `GammaGamma`.
`likelihood_ratio` and `compare` choose between fits.
"""

from patron.clv._compare import LikelihoodRatio, compare, likelihood_ratio
from patron.clv._evaluate import Holdout
from patron.clv._fit import LikelihoodPart
from patron.clv._models import (
    BDW,
    BGBB,
    BGCNBD,
    BGNBD,
    MBGCNBD,
    MBGNBD,
    NBD,
    SBG,
    GammaGamma,
    GGompertzNBD,
    ParetoNBD,
)

__all__ = [
    "BDW",
    "BGBB",
    "BGCNBD",
    "BGNBD",
    "MBGCNBD",
    "MBGNBD",
    "NBD",
    "SBG",
    "GGompertzNBD",
    "GammaGamma",
    "Holdout",
    "LikelihoodPart",
    "LikelihoodRatio",
    "ParetoNBD",
    "compare",
    "likelihood_ratio",
]
