"""A register of who is who, which can take things back, and lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Self

from patron import _core
from patron.customers._arguments import or_now
from patron.customers._register_views import RegisterViews

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike


def _is_of_pairs(name: str) -> bool:
    return name in ("left", "right", "weight") or name.startswith("weight_")


class Register(RegisterViews):
    """Keep records of people, and which of them are one.

    Source records are never changed. An entity is a set of records; every change of the sets is a
    line of a log that only grows, and can be taken back. What hangs on a record moves with it. Of a
    merge the entity with more records survives, of equal ones the older; the id of the other is
    retired and resolves for ever.

    In memory alone; `Register.open` keeps one in a file. `to_bytes`, `from_bytes` and pickle carry
    all of it.

    Examples
    --------
    >>> from patron.customers import Register
    >>> register = Register()
    >>> register.add({"id": ["a", "b", "c"], "name": ["Ann", "Anne", "Bob"]}, time="2024-01-01")
    3
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

    __slots__ = ()

    def __init__(self) -> None:
        self._native = _core.Register.make()

    # ---- Where it is kept ----

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open a register that is kept in a file, a database of SQLite, or make one.

        A change is in the file when its method returns. No one else can use the file until the
        register is closed.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If it is open elsewhere.
        patron.errors.DataLossError
            If the file is something else, or not as it was written.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from patron.customers import Register
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "register"
        ...     with Register.open(path) as register:
        ...         _ = register.add({"id": [7]}, time="2024-01-01")
        ...     with Register.open(path) as register:
        ...         register.entity(7)
        1
        """
        return cls._of(_core.Register.open(fspath(path)))

    @classmethod
    def _of(cls, native: _core.Register) -> Self:
        register = cls.__new__(cls)
        register._native = native
        return register

    def to_bytes(self) -> bytes:
        """Return the register as bytes. Equal registers give equal bytes."""
        return self._register.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the register that `to_bytes` wrote, in memory.

        Raises
        ------
        patron.errors.DataLossError
            For anything else.
        """
        return cls._of(_core.Register.from_bytes(data))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return type(self).from_bytes, (self.to_bytes(),)

    # ---- Records ----

    def add(
        self,
        table: TableLike,
        *,
        id: str = "id",  # noqa: A002 - the word of the interface
        source: str = "unnamed",
        trust: float = 0.5,
        time: InstantLike | None = None,
        captured_by: str = "",
        method: str = "",
        purpose: str = "",
        confidence: float = 1,
        verified: bool = False,
        source_key: str | None = None,
        captured_at: str | None = None,
        valid_from: str | None = None,
        valid_to: str | None = None,
        erased: str = "refuse",
        kind: str = "person",
    ) -> int:
        """Add records, each an entity of its own: all or none.

        Parameters
        ----------
        table : table
            One row a record. All columns but those that are named below are fields, kept as text.
        id : str
            Column of integers or text, the same kind in all tables; each id once.
        source : str
            Where the records come from.
        trust, confidence : float
            How far that source is trusted, and in what it says, 0 to 1.
        time : instant, optional
            When they were captured, since when the register has them; now by default.
        captured_by, method, purpose : str
            Who captured them, how, and what for.
        verified : bool
            Whether someone has checked the values.
        source_key, captured_at, valid_from, valid_to : str, optional
            Columns: the key in the source (text), when each was captured, and since when and until
            when it holds (times).
        erased : {"refuse", "skip"}
            What becomes of records of someone who was erased, by the tombstones.
        kind : {"person", "organisation", "household", "internal_unit"}
            What the records are of. Records of different kinds are never merged; `add_relations`
            tells who is of a household or an organisation.

        Returns
        -------
        int
            How many records were added.

        Raises
        ------
        ValueError
            For an id that the register has, or that is null or occurs twice, naming the row.
        patron.errors.FailedPreconditionError
            For someone who was erased, naming the row; or without the key of the tombstones.
        """
        packed = (
            id,
            source,
            captured_by,
            method,
            purpose,
            trust,
            confidence,
            int(verified),
            or_now(time),
            source_key,
            captured_at,
            valid_from,
            valid_to,
            erased,
            kind,
        )
        return self._register.add(table, packed)

    # ---- Who is who ----

    def merge(
        self,
        left: Any,
        right: Any,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
        weight: float | None = None,
        evidence: Mapping[str, float] | None = None,
    ) -> int:
        """Make the entities of two records one, and return the id that survives.

        Parameters
        ----------
        left, right : id
            Of records.
        time : instant, optional
            When; now by default.
        actor, reason : str
            Who does it, and why.
        weight : float, optional
            What speaks for it, log2 of the odds: kept in the log.
        evidence : mapping of field to float, optional
            The same by field; see `evidence`.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If a line of the log keeps them apart; it is named. If they are of different kinds.
        patron.errors.NotFoundError
            A KeyError, for an id that no record has.
        ValueError
            For a time before the last of the log.
        """
        pairs: dict[str, list[Any]] = {"left": [left], "right": [right]}
        if weight is not None:
            pairs["weight"] = [weight]
        for field, own in (evidence or {}).items():
            pairs[f"weight_{field}"] = [own]
        self._register.merge(pairs, (or_now(time), actor, reason), False)
        return self.entity(left)

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
            Columns left and right with ids, taken in order. The columns weight and "weight_<field>"
            of `Linker.predict`, or some of them, are kept as evidence; null says nothing.

        Returns
        -------
        tuple of int
            How many merges were logged, and how many pairs must stay apart, or are of different kinds,
            and were passed over.

        Examples
        --------
        >>> from patron.customers import Register
        >>> register = Register()
        >>> register.add({"id": [1, 2], "name": ["Ann", "Anne"]}, time="2024-01-01")
        2
        >>> pairs = {"left": [1], "right": [2], "weight": [7.5], "weight_name": [9.0]}
        >>> register.merge_pairs(pairs, time="2024-01-02")
        (1, 0)
        >>> register.log["weight"].tolist(), register.evidence["field"].tolist()
        ([7.5], [None, 'name'])
        """
        if isinstance(pairs, Mapping):
            pairs = {name: pairs[name] for name in pairs if _is_of_pairs(name)}
        return self._register.merge(pairs, (or_now(time), actor, reason), True)

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
        self._register.assert_different(pairs, (or_now(time), actor, reason))

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
        return self._register.split(ids, (or_now(time), actor, reason))

    def unmerge(
        self,
        line: int,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> int:
        """Take back the merge of a line of the log, and return the id that comes back.

        The records of the retired side leave under the id that they had, as far as they are still
        with some of the other; both must stay apart. Records that came later stay with the
        survivor. Merges may be taken back in any order.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If the line is no merge, was taken back already, or its sides have been parted since.
        """
        return self._register.unmerge(line, (or_now(time), actor, reason))

    # ---- What hangs on records ----

    def add_contacts(
        self,
        table: TableLike,
        *,
        region: str | None = None,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> None:
        """Add contact points to records: all or none.

        Parameters
        ----------
        table : table
            record (ids), type ("phone", "email", "post", "im", "device"), value; and where wanted
            label, preference (1, the most preferred, to 100), verified_at, bounced, shared,
            valid_from, valid_to.
        region : str, optional
            Of phones without a country code, such as "CN".
        time : instant, optional
            When the register came to know them; now by default.

        Examples
        --------
        >>> from patron.customers import Register
        >>> register = Register()
        >>> register.add({"id": ["a"]}, time="2024-01-01")
        1
        >>> phone = {"record": ["a"], "type": ["phone"], "value": ["138 0013 8000"]}
        >>> register.add_contacts(phone, region="CN", time="2024-01-01")
        >>> register.contacts()["key"].tolist()
        ['+8613800138000']
        """
        self._register.add_contacts(table, region, (or_now(time), actor, reason))

    def add_relations(
        self,
        table: TableLike,
        *,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> None:
        """Add relations between records, or roles of persons towards accounts: all or none.

        Parameters
        ----------
        table : table
            from and to (ids), type, and where wanted valid_from and valid_to. Relations are
            "member_of", "employee_of", "parent_of", "spouse", "referred_by" and "supplies"; roles
            are "user", "payer", "decider", "influencer", "gatekeeper" and "buyer".
        time : instant, optional
            When the register came to know them; now by default.
        """
        self._register.add_ties(table, (or_now(time), actor, reason))

    add_roles = add_relations

    def end_contact(
        self,
        number: int,
        *,
        valid_to: InstantLike,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> None:
        """End a contact point by its number: `valid_to` is the first instant without it.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If it was ended before.
        """
        self._register.end(False, number, valid_to, (or_now(time), actor, reason))

    def end_relation(
        self,
        number: int,
        *,
        valid_to: InstantLike,
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> None:
        """End a relation or a role by its number, as `end_contact`."""
        self._register.end(True, number, valid_to, (or_now(time), actor, reason))

    end_role = end_relation

    # ---- Erasure ----

    def set_key(self, key: bytes, *, region: str | None = None) -> None:
        """Give the register the key of its tombstones, which is kept in memory alone.

        It is needed before `erase`, and, once someone was erased, before `add` and `add_contacts`,
        also after the register was opened or read again.

        Parameters
        ----------
        key : bytes
            16 or more, from a random source, kept elsewhere.
        region : str, optional
            Of phones without a country code, such as "CN".

        Raises
        ------
        ValueError
            For a short key, or one that is not that of the tombstones.
        """
        self._register.set_key(key, region)

    def erase(
        self,
        records: Any = None,
        *,
        entity: int | None = None,
        identifiers: Mapping[str, str] | None = None,
        legal_hold: Iterable[str] = (),
        purpose: str = "legal obligation",
        time: InstantLike | None = None,
        actor: str = "",
        reason: str = "",
    ) -> int:
        """Erase records, or those of an entity, from memory and from the file.

        Ids, fields, keys, contact points, relations and roles go, and the reasons of changes about
        them alone; nothing of them is left in `to_bytes` or in the file. The log stays, by number,
        and so do tombstones, by which a later import of the same person is recognised: HMAC-SHA-256
        of ids, contact points and identifiers.

        Parameters
        ----------
        records : id or list of ids, optional
            Which; or `entity`.
        identifiers : mapping, optional
            Fields that tell who someone is, and what they are: "raw", "text", "name", "phone",
            "email", "organisation", "address" or "identity". By default the fields "phone" and
            "email".
        legal_hold : list of str
            Fields that the law keeps: the records stay with these, their id and their relations.
        purpose : str
            What those are kept for.

        Returns
        -------
        int
            How many records were erased.

        Raises
        ------
        KeyError
            For an id that no record has, or an entity that there is not.
        patron.errors.FailedPreconditionError
            If no key was set.

        Examples
        --------
        >>> from patron.customers import Register
        >>> register = Register()
        >>> register.set_key(b"0123456789abcdef", region="CN")
        >>> people = {"id": ["a", "b"], "phone": ["13800138000", "13900139000"]}
        >>> register.add(people, time="2024-01-01")
        2
        >>> register.erase("a", time="2024-02-01", actor="clerk")
        1
        >>> again = {"id": ["c", "d"], "phone": ["+86 138-0013-8000", "13700137000"]}
        >>> register.add(again, time="2024-03-01", erased="skip")
        1
        >>> register.entities()["id"].tolist()
        ['b', 'd']
        """
        if (records is None) == (entity is None):
            raise TypeError("erase: takes records or entity; expected one of them")
        if entity is not None:
            records = self.records(entity)["id"].tolist()
        ids = [records] if isinstance(records, int | str) else list(records)
        known = {"phone": "phone", "email": "email"} if identifiers is None else identifiers
        self._register.erase(
            ids,
            {"field": list(known), "kind": list(known.values())},
            {"field": list(legal_hold)},
            purpose,
            (or_now(time), actor, reason),
        )
        return len(set(ids))
