"""Value pyramids: customers in tiers from the top down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, Self

from patron import _core, defaults
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, Progress, TableLike


class Tiers(Table):
    """One row a tier, from the top down; see `pyramid`."""

    __slots__ = ("_membership",)
    _membership: _core.Table

    @classmethod
    def _with(cls, tiers: _core.Table, membership: _core.Table) -> Self:
        table = cls._of(tiers)
        table._membership = membership
        return table

    @property
    def membership(self) -> Table:
        """customer_id, value and tier, in the order of the customers."""
        return Table._of(self._membership)


class Pyramid:
    """The definition of a pyramid. It cannot be changed once made.

    Parameters
    ----------
    names : sequence of str
        Names of the tiers from the top down, distinct and not empty; "inactive", "prospects" and
        "suspects" are taken.
    cuts : sequence of numbers
        One a tier: cumulative shares that rise to 1, or the least values of the tiers, which fall
        (the last may be minus infinity).
    method : {"customer_share", "value_floor", "value_share"}
        What the cuts are: shares of customers, least values, or shares of value.
    boundary : {"before", "including"}
        For shares of value: a customer is in if the share before it is below the cut, or if the
        share with it is at most the cut.
    losses : str, optional
        Name of a further tier at the base for customers with a negative value.

    Raises
    ------
    ValueError
        For cuts that do not rise (or fall), or names that repeat.

    Examples
    --------
    >>> import patron
    >>> own = patron.value.Pyramid(["key", "rest"], [0.25, 1.0])
    >>> own.build({"customer_id": [1, 2, 3, 4], "value": [5, 80, 10, 5]})["entry_threshold"]
    array([80.,  5.])
    """

    __slots__ = ("_native",)
    _native: _core.Pyramid

    def __init__(
        self,
        names: Sequence[str],
        cuts: ColumnLike,
        *,
        method: Literal["customer_share", "value_floor", "value_share"] = "customer_share",
        boundary: Literal["before", "including"] = "before",
        losses: str | None = None,
    ) -> None:
        self._native = _core.Pyramid.create(method, boundary, names, cuts, losses)

    @classmethod
    def preset(
        cls, name: str = "curry", *, boundary: Literal["before", "including"] = "before"
    ) -> Pyramid:
        """Return a pyramid of the literature.

        Parameters
        ----------
        name : {"curry", "abc", "zeithaml", "classes"}
            Top 1, next 4, next 15 and last 80 % of customers; 80, 95 and 100 % of value; platinum
            5 %, gold 15 %, iron, and lead for those with a loss; high 20 %, medium 30 % and low
            50 %. The shares are named defaults; the case of the name does not matter.
        boundary : {"before", "including"}
            Of "abc", as in `Pyramid`.

        Raises
        ------
        ValueError
            For an unknown name, or a boundary of a pyramid without shares of value.
        """
        preset = cls._of(_core.Pyramid.preset(name))
        if boundary == "before":
            return preset
        if name.lower() != "abc":
            raise InvalidArgumentError(
                f"boundary: {boundary!r}; expected 'before' for {name!r}, which is not by value"
            )
        shares = [defaults.get(f"pyramid.abc.{tier}").value for tier in "ab"]
        return cls(["A", "B", "C"], [*shares, 1.0], method="value_share", boundary=boundary)

    @classmethod
    def _of(cls, native: _core.Pyramid) -> Pyramid:
        definition = cls.__new__(cls)
        definition._native = native
        return definition

    def build(
        self,
        customers: TableLike,
        *,
        customer: str = "customer_id",
        value: str = "value",
        status: str | None = None,
        decimals: int = 0,
        progress: Progress = None,
    ) -> Tiers:
        """Sort customers into the tiers; arguments and result as in `pyramid`."""
        return Tiers._with(
            *self._native.build(customers, (customer, value, status, decimals), progress)
        )

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal definitions give equal bytes."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Pyramid:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        return cls._of(_core.Pyramid.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Pyramid.from_bytes, (self.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pyramid):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())


def pyramid(
    customers: TableLike,
    definition: str | Pyramid = "curry",
    *,
    boundary: Literal["before", "including"] = "before",
    customer: str = "customer_id",
    value: str = "value",
    status: str | None = None,
    decimals: int = 0,
    progress: Progress = None,
) -> Tiers:
    """Sort customers into the tiers of a pyramid by their value.

    Parameters
    ----------
    customers : table
        One row a customer, ids distinct.
    definition : str or Pyramid
        Name of a preset ("curry", "abc", "zeithaml", "classes"), or a definition of your own.
    boundary : {"before", "including"}
        Of the preset "abc", as in `Pyramid`.
    customer, value : str
        Columns of `customers`. The value is a number in any unit: revenue, margin, profit.
    status : str, optional
        Column of text or integers: active (0), inactive (1), prospect (2), suspect (3). Those who
        are not active stand below the tiers.
    decimals : int
        Integer values are money in units of 10**-decimals; 0 to 9.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Tiers
        One row a tier from the top down: tier, customers, customer_share, value, value_share,
        entry_threshold (least value in the tier), mean. Shares are of the active customers.
        `membership` has one row a customer; its tier is null below the last floor.

    Raises
    ------
    ValueError
        For a missing or mistyped column, a value that is not finite, or a repeated id.

    Notes
    -----
    Tiers by share of customers hold ceil(cumulative share x customers); equal values are split by
    customer id, ascending. Curry and Curry, The Customer Marketing Method (2000); V. Zeithaml,
    R. Rust and K. Lemon, The Customer Pyramid, California Management Review 43(4), 2001.

    Examples
    --------
    >>> import patron
    >>> customers = {"customer_id": list("abcdefghij"), "value": [50, 20, 9, 8, 5, 3, 2, 1, 1, 1]}
    >>> tiers = patron.value.pyramid(customers, "abc")
    >>> tiers["tier"].tolist(), tiers["customers"].tolist()
    (['A', 'B', 'C'], [4, 2, 4])
    >>> tiers["value_share"].tolist()
    [0.87, 0.08, 0.05]
    """
    if isinstance(definition, str):
        definition = Pyramid.preset(definition, boundary=boundary)
    elif boundary != "before":
        raise InvalidArgumentError(f"boundary: {boundary!r}; expected it in the definition")
    return definition.build(
        customers,
        customer=customer,
        value=value,
        status=status,
        decimals=decimals,
        progress=progress,
    )
