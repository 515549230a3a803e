"""Pictures of the results: functions take ``ax=None``, draw on it, and return the Axes.

They need matplotlib (``pip install "patron[plot]"``), which is imported when the first one draws.

Examples
--------
>>> import patron
>>> shop = patron.value.simulate_shop(customers=500, seed=7)
>>> scores = patron.value.rfm(shop.transactions, order="order_id")
>>> ax = patron.plot.pyramid(patron.value.pyramid(scores, value="monetary"))
>>> ax.get_title(loc="left")
'Value pyramid'
"""

from patron.plot._case import case_clocks
from patron.plot._clv_customer import alive_history, frequency_recency
from patron.plot._clv_fit import calibration, repeat_purchases, tracking
from patron.plot._cohorts import cohorts
from patron.plot._links import link_weights, sweep, waterfall
from patron.plot._log import process_graph, variants
from patron.plot._lorenz import lorenz
from patron.plot._measures import ageing, control_chart, survival
from patron.plot._pyramid import pyramid
from patron.plot._rfm_grid import rfm_grid
from patron.plot._share_curve import share_curve
from patron.plot._survival_curves import hazard_ratios, survival_curves
from patron.plot._whale import whale, whale_curve

__all__ = [
    "ageing",
    "alive_history",
    "calibration",
    "case_clocks",
    "cohorts",
    "control_chart",
    "frequency_recency",
    "hazard_ratios",
    "link_weights",
    "lorenz",
    "process_graph",
    "pyramid",
    "repeat_purchases",
    "rfm_grid",
    "share_curve",
    "survival",
    "survival_curves",
    "sweep",
    "tracking",
    "variants",
    "waterfall",
    "whale",
    "whale_curve",
]
