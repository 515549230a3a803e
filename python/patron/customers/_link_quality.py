"""How good links are, and where to draw the line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike


class LinkQuality(NamedTuple):
    """How well a grouping of records agrees with the truth; see `measure_links`."""

    records: int
    clusters: int
    people: int
    truth_pairs: int
    found_pairs: int
    right_pairs: int
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    exact: int
    over_merged: int
    under_merged: int


class Sweep(Table):
    """One row a threshold, ascending; see `Linker.sweep`."""

    __slots__ = ()

    @property
    def best(self) -> float:
        """The threshold of the greatest F1; by the truth, or else by the model. The lowest of ties."""
        scores = self["f1" if "f1" in self.columns else "expected_f1"]
        return float(self["threshold"][int(scores.argmax())])


def threshold(
    *,
    probability: float | None = None,
    false_link: float | None = None,
    missed_link: float | None = None,
) -> float:
    """Turn a probability, or the costs of both mistakes, into a threshold of weight.

    With costs a pair is worth linking if its probability is above
    ``false_link / (false_link + missed_link)``. Weights do not saturate where probabilities do.

    Parameters
    ----------
    probability : float
        Above 0 and below 1.
    false_link, missed_link : float
        Costs of linking two people, and of leaving one person apart; both above 0.

    Examples
    --------
    >>> from patron.customers import threshold
    >>> threshold(probability=0.5), threshold(false_link=8, missed_link=1)
    (0.0, 3.0)
    """
    if probability is not None:
        if false_link is not None or missed_link is not None:
            raise ValueError("probability: given with costs; expected one or the other")
        if not 0 < probability < 1:
            raise ValueError(f"probability: {probability}; expected above 0 and below 1")
        return math.log2(probability / (1 - probability))
    costs = []
    for name, cost in (("false_link", false_link), ("missed_link", missed_link)):
        if cost is None or not 0 < cost < math.inf:
            raise ValueError(f"{name}: {cost}; expected a cost above 0")
        costs.append(cost)
    return math.log2(costs[0] / costs[1])


def measure_links(found: ColumnLike, truth: ColumnLike, *, level: float = 0.95) -> LinkQuality:
    """Measure how well a grouping of records agrees with the truth.

    Parameters
    ----------
    found, truth : array of shape (n_records,)
        Integers or text, equal for records of one cluster, and for those of one person.
    level : float
        Of Wilson's intervals. Pairs of one cluster depend on each other, so that the intervals are
        too narrow where clusters are large.

    Returns
    -------
    LinkQuality
        Precision, recall and F1 of pairs; B-cubed (Bagga and Baldwin 1998), the mean over records;
        clusters that are one whole person (exact) or several (over_merged), and people in more than
        one cluster (under_merged). Shares of nothing are nan.

    Examples
    --------
    >>> from patron.customers import measure_links
    >>> quality = measure_links([0, 0, 0, 1, 2], ["a", "a", "b", "b", "c"])
    >>> round(quality.precision, 4), quality.recall, round(quality.bcubed_f1, 4)
    (0.3333, 0.5, 0.7652)
    """
    return LinkQuality(*_core.measure_links(found, truth, level))
