"""Linked records in memory, to which others are linked as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from patron import _core
from patron.customers._arguments import listed
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike


class LinkChange(NamedTuple):
    """What a change of a `LinkIndex` came to: tables.

    Parameters
    ----------
    links : Table
        left (a record that was added), right, weight, probability, and "weight_<field>".
    touched : Table
        The records of all entities that changed: id, entity, before (null for a new record), size,
        review.
    merges : Table
        left, right: records whose entities became one, as `Register.merge_pairs` takes them.
    splits : Table
        id, entity: records that left their entity, and where they are now.
    refusals : Table
        As `Clusters.refusals`, of the components that were clustered again.
    """

    links: Table
    touched: Table
    merges: Table
    splits: Table
    refusals: Table


class LinkIndex:
    """Linked records, made by `Linker.index`.

    A new record is compared within its blocks alone, and only the components that it touches are
    clustered again. Values weigh what they did when the model was learned. Ids of entities stay: of
    a new cluster the id that most of its records had survives, of equal ones the older; the others
    are retired and resolve for ever.

    Examples
    --------
    >>> from patron.customers import Linker
    >>> people = {
    ...     "id": [1, 2, 3, 4],
    ...     "name": ["Ann Lee", "Bob Ray", "Cy Dow", "Cy Dow"],
    ...     "phone": ["5550101", "5550102", "5550103", "5550103"],
    ... }
    >>> linker = Linker({"name": ["exact", "jaro_winkler >= 0.9"], "phone": ["exact"]}, ["phone"])
    >>> index = linker.fit(people).index(people)
    >>> change = index.add({"id": [5], "name": ["Anne Lee"], "phone": ["5550101"]})
    >>> change.links["right"].tolist(), index.entity(5) == index.entity(1)
    ([1], True)
    >>> change.merges.to_dict()["left"].tolist(), len(index)
    ([1], 5)
    """

    def __init__(self, native: _core.LinkIndex, wanted: tuple[str, ...]) -> None:
        self._native = native
        self._wanted = wanted

    def __len__(self) -> int:
        """Return the number of records."""
        return self._native.size()

    def add(self, table: TableLike) -> LinkChange:
        """Add records and link them.

        Parameters
        ----------
        table : table
            With the columns of the linker.

        Raises
        ------
        patron.errors.AlreadyExistsError
            A ValueError, for an id that the index has, naming the row.
        ValueError
            For an id that is null or occurs twice.
        """
        return _change(self._native.add(table, self._wanted))

    def remove(self, id: int | str) -> LinkChange:  # noqa: A002 - the word of the interface
        """Take a record out, with all that was said of it.

        Its id, and the texts of values that no other record has, are overwritten wherever the index
        has them. Tables that were given out keep what they say.

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, for an id that no record has.
        """
        return _change(self._native.remove([id]))

    def unlink(self, left: int | str, right: int | str) -> LinkChange:
        """Let the link of two records count no more.

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, for an id that no record has, or if there is no such link.
        """
        return self._pair(left, right, "unlink")

    def keep_together(self, left: int | str, right: int | str) -> LinkChange:
        """Join two records before any link is looked at."""
        return self._pair(left, right, "keep_together")

    def keep_apart(self, left: int | str, right: int | str) -> LinkChange:
        """Keep two records apart, whatever path would join them."""
        return self._pair(left, right, "keep_apart")

    def entities(self) -> Table:
        """Return one row a record, in order of arrival: id, entity, size, review."""
        return Table._of(self._native.entities())

    def entity(self, id: int | str) -> int:  # noqa: A002 - the word of the interface
        """Return the entity of a record.

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, for an id that no record has.
        """
        return self._native.entity([id])

    def resolve(self, entity: int) -> int:
        """Return the entity that an id stands for now: itself, or what it became.

        Raises
        ------
        KeyError
            If there never was such an id, or all its records are gone.
        """
        now = self._native.resolve(entity)
        if now == 0:
            raise KeyError(f"entity: {entity}; no records have this id, or one that became of it")
        return now

    @property
    def hubs(self) -> Table:
        """Values that too many people share, and that stopped counting."""
        return Table._of(self._native.hubs())

    def explain(self, left: Any, right: Any) -> Table:
        """Tell why pairs weigh what they weigh, as `Linker.explain`."""
        pairs = {"left": listed(left), "right": listed(right)}
        return Table._of(self._native.explain(pairs))

    def _pair(self, left: int | str, right: int | str, what: str) -> LinkChange:
        return _change(self._native.pair({"left": [left], "right": [right]}, what))


def _change(tables: tuple[_core.Table, ...]) -> LinkChange:
    return LinkChange(*(Table._of(table) for table in tables))
