"""Segments: ordered rules on the three scores, the first match wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Self

from patron import _core
from patron.errors import InvalidArgumentError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import Progress, TableLike

_BOUNDS = (
    "recency_low",
    "recency_high",
    "frequency_low",
    "frequency_high",
    "monetary_low",
    "monetary_high",
    "fm_low",
    "fm_high",
)


class SegmentsCheck(NamedTuple):
    """What a rule table does with the cells of its scores.

    Attributes
    ----------
    cells : int
        Combinations of scores.
    uncovered : int
        Cells that no rule matches.
    ambiguous : int
        Cells that more than one rule matches; the first wins.
    unreachable : int
        Rules that can never be the first match.
    findings : Table
        One row a finding: finding, segment, recency, frequency, monetary (the cell; null for a
        rule).
    """

    cells: int
    uncovered: int
    ambiguous: int
    unreachable: int
    findings: Table


class Segmentation(Table):
    """One row a segment: segment, customers, share, orders, value, value_share."""

    __slots__ = ("_membership",)
    _membership: _core.Table

    @classmethod
    def _with(cls, totals: _core.Table, membership: _core.Table) -> Self:
        segmentation = cls._of(totals)
        segmentation._membership = membership
        return segmentation

    @property
    def membership(self) -> Table:
        """customer_id and segment, in the order of the scores."""
        return Table._of(self._membership)


class Segments:
    """A rule table. It cannot be changed once made.

    Parameters
    ----------
    rules : iterable of mappings, or table
        Rules in order of precedence. Each names its ``segment`` and inclusive bounds
        ``recency_low``, ``recency_high``, ``frequency_low``, … on the scores, and ``fm_low``,
        ``fm_high`` on the mean of the scores of frequency and monetary value. What is left out, or
        None, bounds nothing.
    bins : int
        Number of scores of a dimension that the rules are written for; 2 to 100.
    others : str, optional
        Segment of cells that no rule covers; "Others" by default.

    Raises
    ------
    ValueError
        For no rule, an empty name, or a bound that is no whole number.

    Examples
    --------
    >>> import patron
    >>> own = patron.value.Segments(
    ...     [
    ...         {"segment": "star", "recency_low": 3, "monetary_low": 3},
    ...         {"segment": "asleep", "recency_high": 1},
    ...     ],
    ...     bins=3,
    ... )
    >>> check = own.check()
    >>> check.cells, check.uncovered, check.ambiguous, check.unreachable
    (27, 15, 0, 0)
    """

    __slots__ = ("_native",)
    _native: _core.Segments

    def __init__(
        self,
        rules: TableLike | Iterable[Mapping[str, object]],
        *,
        bins: int = 5,
        others: str | None = None,
    ) -> None:
        if isinstance(rules, (list, tuple)):
            rules = _columns(rules)
        self._native = _core.Segments.from_table(rules, bins, others)

    @classmethod
    def preset(cls, name: str = "grid") -> Segments:
        """Return a rule table of the literature.

        Parameters
        ----------
        name : {"grid", "a", "b", "putler"}
            The partition of the 25 cells of recency and frequency; the table in the documentation
            of the R package rfm 0.3.0; that of 0.2; and the older one of Putler.
        """
        return cls._of(_core.Segments.preset(name))

    @classmethod
    def _of(cls, native: _core.Segments) -> Segments:
        segments = cls.__new__(cls)
        segments._native = native
        return segments

    @property
    def rules(self) -> Table:
        """The rules, in the form that the constructor takes; null where there is no bound."""
        return Table._of(self._native.rules())

    def check(self) -> SegmentsCheck:
        """Find uncovered cells, ambiguous cells and unreachable rules, before any data is seen."""
        cells, uncovered, ambiguous, unreachable, findings = self._native.check()
        return SegmentsCheck(cells, uncovered, ambiguous, unreachable, Table._of(findings))

    def assign(self, scores: TableLike, *, progress: Progress = None) -> Segmentation:
        """Assign customers to segments.

        Parameters
        ----------
        scores : table
            As `rfm` gives it: recency_score, frequency_score and monetary_score are needed;
            frequency and monetary, where present, are summed.
        progress : bool or callable, optional
            As in `summarize`.

        Raises
        ------
        ValueError
            For a score outside 1 to bins.
        """
        return Segmentation._with(*self._native.assign(scores, progress))

    def to_bytes(self) -> bytes:
        """Return canonical bytes: equal rules give equal bytes."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Segments:
        """Read what `to_bytes` wrote.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        return cls._of(_core.Segments.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Segments.from_bytes, (self.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Segments):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        return f"Segments({', '.join(self.rules['segment'])})"

    def _repr_html_(self) -> str:
        return self.rules._repr_html_()


def _columns(rows: Iterable[Mapping[str, object]]) -> dict[str, list[object]]:
    """Turn rules into columns; a bound that no rule names is left out."""
    rows = list(rows)
    known = ("segment", *_BOUNDS)
    for row in rows:
        for key in row:
            if key not in known:
                raise InvalidArgumentError(f"rules: {key!r}; expected one of {', '.join(known)}")
    names = ["segment", *(name for name in _BOUNDS if any(name in row for row in rows))]
    return {name: [row.get(name) for row in rows] for name in names}


def segments(
    scores: TableLike,
    rules: str | Segments | TableLike | Iterable[Mapping[str, object]] = "grid",
    *,
    bins: int = 5,
    others: str | None = None,
    progress: Progress = None,
) -> Segmentation:
    """Assign customers to named segments by their scores.

    Parameters
    ----------
    scores : table
        As `rfm` gives it.
    rules : str, Segments, or rules
        Name of a preset ("grid", "a", "b", "putler"), a rule table, or rules for one.
    bins, others
        For rules of your own: as in `Segments`.
    progress : bool or callable, optional
        As in `summarize`.

    Returns
    -------
    Segmentation
        One row a segment, in order of the rules: segment, customers, share, orders, value,
        value_share; null where the column to sum is missing. `membership` has one row a customer.

    Raises
    ------
    ValueError
        For an unknown preset, or a score outside 1 to bins.

    Examples
    --------
    >>> import patron
    >>> scores = {
    ...     "customer_id": ["ann", "bob", "cid"],
    ...     "recency_score": [5, 1, 5],
    ...     "frequency_score": [5, 1, 1],
    ...     "monetary_score": [4, 2, 1],
    ... }
    >>> patron.value.segments(scores).membership["segment"].tolist()
    ['Champions', 'Hibernating', 'New Customers']
    """
    if isinstance(rules, str):
        rules = Segments.preset(rules)
    elif not isinstance(rules, Segments):
        rules = Segments(rules, bins=bins, others=others)
    return rules.assign(scores, progress=progress)
