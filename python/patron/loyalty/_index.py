"""The loyalty index: components brought to one scale, weighed, and added up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from patron import _core
from patron.errors import FailedPreconditionError, InvalidArgumentError
from patron.loyalty._estimator import FittedModel
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import Progress, TableLike

Normalize = Literal["bounds", "winsorized", "normal", "rank"]

_NORMALIZERS = ("bounds", "winsorized", "normal", "rank")


class Component(NamedTuple):
    """One component of a loyalty index.

    Attributes
    ----------
    weight : float
        Above 0.
    normalize : {"bounds", "winsorized", "normal", "rank"}
        How it comes to 0 to 1: between bounds, cut off; the same with the 5 % and 95 % quantiles of
        the data; by the normal distribution function of the z-score; by the share of the data below.
    low, high : float
        What comes to 0 and to 1, with "bounds"; `low` may be the higher one.
    """

    weight: float
    normalize: Normalize = "bounds"
    low: float = 0.0
    high: float = 1.0


DEFAULT_COMPONENTS: dict[str, Component] = {
    "repeat": Component(0.25),
    "share_of_wallet": Component(0.20),
    "attitude": Component(0.20),
    "tenure": Component(0.15, high=60.0),
    "cross_buying": Component(0.10),
    "referral": Component(0.10, high=3.0),
}
"""Repeat purchases, share of wallet, attitude and cross-buying as shares of 0 to 1, tenure in months
up to 60, referrals up to 3."""


class IndexMean(NamedTuple):
    """The mean index of customers.

    Attributes
    ----------
    mean, std_err, lower, upper : float
        With percentiles of samples drawn with replacement.
    customers, refused : int
        With an index, and below the least coverage.
    """

    mean: float
    std_err: float
    lower: float
    upper: float
    customers: int
    refused: int


class LoyaltyIndex(FittedModel[_core.LoyaltyIndex]):
    """How loyal customers are, from 0 to 100, with what is known of them.

    The index is 100 x (sum of weight x value) / (sum of weight), over the components that are known.
    `fit` freezes what the data decide, so that scores do not drift from month to month.

    Parameters
    ----------
    components : mapping of columns to Component or weight, optional
        ``DEFAULT_COMPONENTS`` by default.
    least_coverage : float
        Share of the weight that must be known of a customer for an index.

    Attributes
    ----------
    components_ : Table
        A row a component: name, normalize, weight, low, high (with "normal" mean and standard
        deviation, with "rank" the least and the greatest value), known (customers of the fit).

    Examples
    --------
    >>> from patron.loyalty import Component, LoyaltyIndex
    >>> customers = {"attitude": [0.9, 0.5, None], "tenure": [30, 90, 12]}
    >>> index = LoyaltyIndex({"attitude": 2.0, "tenure": Component(1.0, high=60)}).fit(customers)
    >>> scores = index.score(customers)
    >>> scores["index"].round(2)
    array([76.67, 66.67,   nan])
    >>> scores["attitude"].round(2)
    array([60.  , 33.33,   nan])
    """

    def __init__(
        self,
        components: Mapping[str, Component | float] | None = None,
        least_coverage: float = 0.6,
    ) -> None:
        self.components = components
        self.least_coverage = least_coverage

    _native: _core.LoyaltyIndex
    components_: Table

    def fit(self, table: TableLike, *, progress: Progress = None) -> Self:
        """Freeze the normalisers.

        Parameters
        ----------
        table : table
            One row a customer; the columns of the components, null or nan where not known.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a missing or mistyped column, an infinite value, a weight not above 0, bounds that are
            equal; and, where the data decide its scale, for a component that is known of nobody, or
            of one value only.
        """
        given = DEFAULT_COMPONENTS if self.components is None else self.components
        listed = tuple(
            (name, *self._normalised(name, component)) for name, component in given.items()
        )
        try:
            native = _core.LoyaltyIndex.fit(table, listed, self.least_coverage, progress)
        except FailedPreconditionError as error:
            raise InvalidArgumentError(str(error)) from None
        self._adopt(native)
        return self

    @staticmethod
    def _normalised(name: str, component: Component | float) -> tuple[Any, ...]:
        if not isinstance(component, tuple):
            component = Component(component)
        weight, normalize, low, high = component
        if normalize not in _NORMALIZERS:
            raise InvalidArgumentError(
                f"{name}: normalize {normalize!r}; expected one of {', '.join(_NORMALIZERS)}"
            )
        return normalize, weight, low, high

    def _adopt(self, native: _core.LoyaltyIndex) -> None:
        self._native = native
        frozen = Table._of(native.components())
        columns: dict[str, Any] = dict(frozen.to_dict())
        columns["normalize"] = [_NORMALIZERS[i] for i in frozen["normalize"].tolist()]
        self.components_ = Table(columns)
        self._names = tuple(frozen["name"].tolist())

    def score(self, table: TableLike, *, progress: Progress = None) -> Table:
        """Return the index of customers and what each component gives to it.

        Parameters
        ----------
        table : table
            The columns of the components, null or nan where not known.

        Returns
        -------
        Table
            One row a row: index (nan below the least coverage), coverage (the share of the weight
            that is known), and a column of each component, which add up to the index.
        """
        return Table._of(self._fitted().score(table, self._names, progress))

    def mean_interval(
        self,
        table: TableLike,
        *,
        level: float = 0.95,
        replicates: int = 1000,
        seed: int = 0,
        progress: Progress = None,
    ) -> IndexMean:
        """Return the mean index of customers with a bootstrap interval.

        Parameters
        ----------
        table : table
            The columns of the components, null or nan where not known.
        level : float
        replicates, seed : int
            Samples, and where they start: the same gives the same.

        Returns
        -------
        IndexMean
        """
        native = self._fitted()
        return IndexMean(*native.mean(table, self._names, level, replicates, seed, progress))

    @classmethod
    def _read(cls, data: bytes) -> Self:
        native = _core.LoyaltyIndex.from_bytes(data)
        index = cls()
        index._adopt(native)
        rows = index.components_
        index.components = {
            name: Component(weight, normalize, low, high)
            for name, weight, normalize, low, high in zip(
                *(rows[c].tolist() for c in ("name", "weight", "normalize", "low", "high")),
                strict=True,
            )
        }
        return index
