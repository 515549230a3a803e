"""A register of who is who, which can take things back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike


class Register:
    """Keep records of people, and which of them are one.

    Source records are never changed. An entity is a set of records; every change of the sets is a
    line of a log that only grows, and can be taken back. What hangs on a record moves with it. Of a
    merge the entity with more records survives, of equal ones the older; the id of the other is
    retired and resolves for ever.

    Examples
    --------
    >>> from patron.customers import Register
    >>> register = Register()
    >>> register.add({"id": ["a", "b", "c"], "name": ["Ann", "Anne", "Bob"]}, time="2024-01-01")
    >>> register.merge("a", "b", time="2024-01-02", actor="clerk", reason="same phone")
    1
    >>> len(register), register.entities()["entity"].tolist()
    (2, [1, 1, 3])
    >>> register.unmerge(0, time="2024-01-03")
    2
    >>> register.entities()["entity"].tolist()
    [1, 2, 3]
    >>> register.entities(at="2024-01-02T12:00")["entity"].tolist()
    [1, 1, 3]
    """

    def __init__(self) -> None:
        self._native = _core.Register.make()

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(set(self.entities()["entity"].tolist()))

    def add(
        self,
        table: TableLike,
        *,
        id: str = "id",  # noqa: A002 - the word of the interface
        source: str = "unnamed",
        trust: float = 0.5,
        time: InstantLike | None = None,
    ) -> None:
        """Add records, each an entity of its own.

        Parameters
        ----------
        table : table
            One row a record. All columns but the id are fields, kept as text.
        id : str
            Column of integers or text, the same kind in all tables; each id once.
        source : str
            Where the records come from.
        trust : float
            How far that source is trusted, 0 to 1.
        time : instant, optional
            When they were captured; now by default.

        Raises
        ------
        ValueError
            For an id that the register has, or that is null or occurs twice, naming the row.
        """
        self._native.add(table, id, source, trust, _instant(time))

    def merge(
        self,
        left: Any,
        right: Any,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> int:
        """Make the entities of two records one, and return the id that survives.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If a line of the log keeps them apart; it is named.
        patron.errors.NotFoundError
            A KeyError, for an id that no record has.
        ValueError
            For a time before the last of the log.
        """
        pairs = {"left": [left], "right": [right]}
        self._native.merge(pairs, (_instant(time), actor, reason), False)
        entity: int = self.entity(left)
        return entity

    assert_same = merge

    def merge_pairs(
        self,
        pairs: TableLike,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> tuple[int, int]:
        """Make the entities of pairs one, such as those of `Linker.predict`.

        Parameters
        ----------
        pairs : table
            Columns left and right with ids, taken in order.

        Returns
        -------
        tuple of int
            How many merges were logged, and how many pairs must stay apart and were passed over.
        """
        return self._native.merge(pairs, (_instant(time), actor, reason), True)

    def assert_different(
        self,
        left: Any,
        right: Any,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> None:
        """Keep the entities of two records apart, from now on."""
        pairs = {"left": [left], "right": [right]}
        self._native.assert_different(pairs, (_instant(time), actor, reason))

    def split(
        self,
        records: Any,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> int:
        """Part records from the rest of their entity; both must stay apart. Return the new id."""
        ids = [records] if isinstance(records, int | str) else records
        return self._native.split(ids, (_instant(time), actor, reason))

    def unmerge(
        self,
        line: int,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> int:
        """Take back the merge of a line of the log, and return the id that comes back.

        The records of the retired side leave under the id that they had; both must stay apart.
        Records that came later stay with the survivor.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If the line is no merge, was taken back already, or its records have been parted since.
        """
        return self._native.unmerge(line, (_instant(time), actor, reason))

    def entity(self, record: Any, at: InstantLike | None = None) -> int:
        """Return the entity of a record, now or at an instant.

        Raises
        ------
        KeyError
            If no record had this id then.
        """
        table = self.entities(at)
        rows = (table["id"] == record).nonzero()[0]
        if len(rows) == 0:
            raise KeyError(f"record: {record!r}; no record has this id")
        return int(table["entity"][rows[0]])

    def resolve(self, entity: int) -> int:
        """Return the entity that an id stands for now: itself, or what it was merged into."""
        return self._native.resolve(entity)

    def entities(self, at: InstantLike | None = None) -> Table:
        """Return one row a record, in order of arrival: id, source, entity.

        Parameters
        ----------
        at : instant, optional
            As it was then; now by default.
        """
        return Table._of(self._native.entities(at))

    @property
    def log(self) -> Table:
        """Every change: line, op, time, actor, reason, survivor, other, and what it took back."""
        return Table._of(self._native.log())

    @property
    def values(self) -> Table:
        """The best value of each field of each entity, the rule that chose it, and its record.

        Of the most trusted source, then the most recent, then the most frequent, then the longest,
        then of the first record.
        """
        return Table._of(self._native.values())


def _instant(time: InstantLike | None) -> InstantLike:
    return datetime.now(UTC) if time is None else time
