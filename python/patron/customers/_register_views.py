"""What a register of who is who says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from patron import _core
from patron._kept import Kept
from patron.errors import FailedPreconditionError
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike

    Rules = Mapping[str, str | Iterable[str]] | TableLike


class Card(NamedTuple):
    """An information card.

    Attributes
    ----------
    entity : int
        Whose.
    completeness : float
        Weighted share of the catalogue's fields that are there.
    missing : list of str
        Required fields that are not.
    unauthored : int
        Subjective values of which nobody knows who said them.
    fields : Table
        One row a field and value: field, class, required, value, rule, record, source,
        captured_by, captured_at, missing.
    """

    entity: int
    completeness: float
    missing: list[str]
    unauthored: int
    fields: Table


class Completeness(NamedTuple):
    """How much of a catalogue is there.

    Attributes
    ----------
    base : float
        Of the base: the mean over its entities.
    table : Table
        By record, entity or field.
    """

    base: float
    table: Table


def field_catalogue(trade: str) -> Table:
    """Return what a trade wants to know of its customers.

    Parameters
    ----------
    trade : {"retail", "services", "business_to_business", "hotel", "finance"}

    Returns
    -------
    Table
        field; class ("basic", "consumption", "interaction", "social", "subjective"); required;
        weight in completeness; volatility, the days until a value is as good as unknown (0: it
        does not age). A table of one's own with these columns is a catalogue as well; all but
        field may be missing.

    Examples
    --------
    >>> from patron.customers import field_catalogue
    >>> catalogue = field_catalogue("retail")
    >>> catalogue["field"][catalogue["required"]].tolist()
    ['name', 'phone']
    """
    return Table._of(_core.field_catalogue(trade))


class RegisterViews(Kept[_core.Register]):
    """The part of `Register` that only reads."""

    _closed = "register: closed; expected one that is open"

    @property
    def _register(self) -> _core.Register:
        return self._opened

    def __len__(self) -> int:
        """Return the number of entities."""
        return self._register.size()[1]

    @property
    def record_count(self) -> int:
        """The number of records that were not erased."""
        return self._register.size()[0]

    # ---- Who is who ----

    def entity(self, record: Any, at: InstantLike | None = None) -> int:
        """Return the entity of a record, now or at an instant.

        Raises
        ------
        KeyError
            If no record had this id then.
        """
        return self._register.entity(record, at)

    def resolve(self, entity: int) -> int:
        """Return the entity that an id stands for now: itself, or what it was merged into.

        Raises
        ------
        KeyError
            If there never was such an id, or if all its records were erased.
        """
        return self._register.resolve(entity)

    def entities(self, at: InstantLike | None = None) -> Table:
        """Return one row a record, in order of arrival: id, source, entity, kind.

        Parameters
        ----------
        at : instant, optional
            As it was then; now by default.
        """
        return Table._of(self._register.entities(at))

    def records(self, entity: int | None = None) -> Table:
        """Return where records came from, one row each in order of arrival.

        Parameters
        ----------
        entity : int, optional
            Whose; all by default.

        Returns
        -------
        Table
            id, entity, source, source_key, captured_at, captured_by, method, purpose, trust,
            confidence, verified, valid_from, valid_to, hold, the purpose for which the law keeps
            what is left of it, and kind.
        """
        return Table._of(self._register.records(entity))

    @property
    def log(self) -> Table:
        """Every change: line, op, time, actor, reason, survivor, other, and what it took back.

        weight is that of the pair that a merge rests on, where it was told.
        """
        return Table._of(self._register.log())

    @property
    def evidence(self) -> Table:
        """What spoke for merges, where it was told: line of the log, left, right, field, weight.

        left and right are the ids of the pair; a row without a field is of the pair as a whole.
        """
        return Table._of(self._register.evidence())

    @property
    def erasures(self) -> Table:
        """Every erasure: time, actor, reason, records, held, hold_purpose, tombstones."""
        return Table._of(self._register.erasures())

    # ---- What is known ----

    def values(
        self,
        rules: Rules | None = None,
        *,
        at: InstantLike | None = None,
        losers: bool = False,
    ) -> Table:
        """Return the value of each field of each entity, the rule that chose it, and its record.

        Parameters
        ----------
        rules : mapping or table, optional
            By field the rules in their order; "*" is for fields that are not named. "verified",
            "trusted" (trust times confidence), "recent", "complete" (from the record with the most
            fields), "frequent", "longest"; in this order by default. Values that tie in all go by
            the least record id. With "union" all values stay.
        at : instant, optional
            What was known and valid then; by default all that is known.
        losers : bool
            Also a row for each value that lost, with the rule that it lost by.

        Returns
        -------
        Table
            entity, field, value, rule ("only" where there is no other value, "id", "union"),
            record, source, won, losers (how many other values lost).

        Examples
        --------
        >>> from patron.customers import Register
        >>> register = Register()
        >>> register.add({"id": [1], "city": ["Bath"]}, trust=0.9, time="2024-01-01")
        1
        >>> register.add({"id": [2], "city": ["York"]}, trust=0.2, time="2024-01-03")
        1
        >>> register.merge(1, 2, time="2024-01-04")
        1
        >>> best = register.values()
        >>> best["value"].tolist(), best["rule"].tolist()
        (['Bath'], ['trusted'])
        >>> best = register.values({"city": "recent"}, losers=True)
        >>> best["value"].tolist(), best["rule"].tolist(), best["won"].tolist()
        (['York', 'Bath'], ['recent', 'recent'], [True, False])
        """
        return Table._of(self._register.values(_rules(rules), at, losers))

    def contacts(self, at: InstantLike | None = None) -> Table:
        """Return the contact points, in the order in which they were told.

        Parameters
        ----------
        at : instant, optional
            Those that were known and held then; by default all that were ever told.

        Returns
        -------
        Table
            number, record, entity, type, value, key, label, preference, verified_at, bounced,
            shared, entities (how many have the same key now), valid_from, valid_to.
        """
        return Table._of(self._register.contacts(at))

    def relations(self, at: InstantLike | None = None) -> Table:
        """Return the relations: number, from, to, from_entity, to_entity, type, and validity.

        Parameters
        ----------
        at : instant, optional
            Those that were known and held then; by default all that were ever told.
        """
        return Table._of(self._register.ties(False, at))

    def roles(self, at: InstantLike | None = None) -> Table:
        """Return the roles: as `relations`, from a person to an account."""
        return Table._of(self._register.ties(True, at))

    # ---- By a catalogue ----

    def card(
        self,
        entity: int,
        catalogue: str | TableLike = "retail",
        *,
        rules: Rules | None = None,
        at: InstantLike | None = None,
        strict: bool = False,
    ) -> Card:
        """Return the information card of an entity: each field of a catalogue.

        A field whose name is a type of contact point is there also as a contact point.

        Parameters
        ----------
        entity : int
            An id that the register has given.
        catalogue : str or table
            A trade or a table as of `field_catalogue`.
        rules
            As of `values`.
        at : instant, optional
            As it was then; now by default.
        strict : bool
            Whether a card that lacks required fields is an error.

        Raises
        ------
        KeyError
            If there is no such entity.
        patron.errors.FailedPreconditionError
            With `strict`, naming the required fields that are not there.

        Examples
        --------
        >>> from patron.customers import Register
        >>> register = Register()
        >>> register.add({"id": ["a"], "name": ["Ann"]}, time="2024-01-01")
        1
        >>> register.card(1, "finance").missing
        ['birth_date', 'identity_number', 'phone', 'address']
        """
        native, found, completeness, _, unauthored = self._register.card(
            entity, _catalogue(catalogue), _rules(rules), at
        )
        fields = Table._of(native)
        missing = fields["field"][fields["missing"]].tolist()
        if strict and missing:
            raise FailedPreconditionError(
                f"card: entity {found} lacks {', '.join(missing)}; expected each required field"
            )
        return Card(found, completeness, missing, unauthored, fields)

    def list(
        self,
        classes: TableLike | Mapping[int, str] | None = None,
        catalogue: str | TableLike = "retail",
        *,
        rules: Rules | None = None,
        at: InstantLike | None = None,
    ) -> Table:
        """Return one row an entity, by class and then id.

        Parameters
        ----------
        classes : mapping or table, optional
            The class of each entity: a mapping from ids, or columns entity and class. Retired ids
            stand for what they were merged into. Entities without a class come last.
        catalogue, rules, at
            As of `card`.

        Returns
        -------
        Table
            class, entity, records, completeness, missing (how many required fields are not
            there), missing_fields (their names), and a column "field.<name>" for each required
            field.

        Raises
        ------
        KeyError
            For an entity that there is not.
        ValueError
            For an entity with two classes.
        """
        given: Any = classes
        if isinstance(classes, Mapping) and "entity" not in classes:
            given = {"entity": list_(classes), "class": list_(classes.values())}
        return Table._of(self._register.list(given, _catalogue(catalogue), _rules(rules), at))

    def completeness(
        self,
        catalogue: str | TableLike = "retail",
        *,
        by: str = "entity",
        at: InstantLike | None = None,
    ) -> Completeness:
        """Return how much of a catalogue is there: weighted by field.

        Parameters
        ----------
        catalogue : str or table
            As of `card`.
        by : {"entity", "record", "field"}
            What the table has a row for.
        at : instant, optional
            As it was then; now by default.
        """
        table, base = self._register.completeness(_catalogue(catalogue), by, at)
        return Completeness(base, Table._of(table))


list_ = list


def _catalogue(catalogue: str | TableLike) -> Any:
    return _core.field_catalogue(catalogue) if isinstance(catalogue, str) else catalogue


def _rules(rules: Rules | None) -> Any:
    if rules is None or not isinstance(rules, Mapping) or {"field", "rule"} == set(rules):
        return rules
    fields: list[str] = []
    names: list[str] = []
    for field, order in rules.items():
        each = [order] if isinstance(order, str) else list_(order)
        fields += [field] * len(each)
        names += each
    return {"field": fields, "rule": names}
