"""How good data are: complete, valid, unique, timely, consistent and right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from patron import _core
from patron.customers._arguments import or_now
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike

Timeliness: TypeAlias = Literal["ballou", "heinrich"]

_PARTS = {
    "completeness": 0.25,
    "validity": 0.25,
    "uniqueness": 0.2,
    "timeliness": 0.2,
    "consistency": 0.1,
}


class Quality(NamedTuple):
    """What `quality` found.

    Attributes
    ----------
    fields : Table
        One row a field: field, cells, filled, valid, completeness, validity, timeliness, checked,
        correct, accuracy with accuracy_low and accuracy_high, overall.
    records : Table
        One row a record: row, completeness, validity, timeliness, consistency, overall.
    sources : Table
        One row a source: source, records, completeness, validity, uniqueness, timeliness,
        consistency, the accuracy as above, overall, trust.
    base : Table
        The same of all in one row, without source.
    """

    fields: Table
    records: Table
    sources: Table
    base: Table

    @property
    def trust(self) -> dict[str, float]:
        """How far each source may be trusted, as `Register.add` takes it.

        The lower end of the interval of its accuracy; without a verified sample the weighted
        geometric mean of validity, timeliness and consistency; nan where nothing is known.
        """
        trust = self.sources["trust"].tolist()
        return dict(zip(self.sources["source"].tolist(), trust, strict=True))


def quality(
    table: TableLike,
    fields: TableLike,
    *,
    as_of: InstantLike | None = None,
    rules: TableLike | None = None,
    verified: TableLike | None = None,
    source: str | None = None,
    entity: str | None = None,
    id: str = "id",  # noqa: A002 - the word of the interface
    timeliness: Timeliness = "ballou",
    exponent: float = 1.0,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
    region: str | None = "CN",
) -> Quality:
    """Measure the quality of records, by field, record and source.

    Completeness is the share of cells that are filled, by weight of the fields; validity that of the
    filled ones that are what their field says; uniqueness entities by records; timeliness the mean
    over dated filled cells; consistency the rules that are kept of those that apply; accuracy is
    known against a verified sample alone. The overall score is their weighted geometric mean, without
    accuracy and without what is not known.

    Parameters
    ----------
    table : table
        One row a record. Empty text is not filled.
    fields : table
        One row a field: field (name of its column); where they say something, weight (1), kind
        ("text", "name", "phone", "email", "identity", "address", "job", "number", "date"), pattern (a
        regular expression of ICU that the whole value must match), low and high (of numbers), updated
        (name of a column with the instant at which the value was seen to be right), volatility_days
        (by default of a phone 3 years, an address 5, a job 2, e-mail 4, a name 30). Text with signs of
        damage is not valid.
    as_of : instant, optional
        That ages are counted to; now by default.
    rules : table, optional
        One row a rule: left (a column), op ("<", "<=", "=", "!=", ">", ">="), right (a column) or
        value (as text), and when and equals: it applies only where that column has that text.
    verified : table, optional
        A sample that was looked after: the id and right values. Values are compared as `keys` has it.
    source : str, optional
        Column that says where a record comes from.
    entity : str, optional
        Column that says who a record is of, such as `Register.entities` gives; without it
        uniqueness is not known.
    id : str
        Column of ids, where a sample is given.
    timeliness : str
        "ballou", max(0, 1 - age / volatility) ** exponent (Ballou et al. 1998), or "heinrich",
        exp(-age / volatility) (Heinrich et al. 2007).
    exponent : float
        Of the former.
    weights : mapping, optional
        Of completeness, validity, uniqueness, timeliness and consistency in the overall score; 0.25,
        0.25, 0.2, 0.2 and 0.1, a convention of Patron.
    level : float
        Of Wilson's intervals.
    region : str, optional
        Of phone numbers, as in `keys`.

    Raises
    ------
    ValueError
        Naming column and row: a column that is not there, an unknown kind, a pattern that is none, a
        date without a volatility.

    Examples
    --------
    >>> from patron.customers import quality
    >>> people = {"phone": ["13800138000", "123", None, "95519"], "from": ["a", "a", "b", "b"]}
    >>> found = quality(people, {"field": ["phone"], "kind": ["phone"]}, source="from")
    >>> found.sources["completeness"].tolist(), found.sources["validity"].tolist()
    ([1.0, 0.5], [0.5, 0.0])
    """
    given = _PARTS if weights is None else dict(weights)
    unknown = set(given) - set(_PARTS)
    if unknown:
        raise ValueError(f"weights: {sorted(unknown)[0]!r}; expected some of {', '.join(_PARTS)}")
    options: tuple[Any, ...] = (
        or_now(as_of),
        timeliness,
        exponent,
        *(given.get(part, 0.0) for part in _PARTS),
        level,
        source,
        entity,
        id,
        region,
    )
    tables = _core.quality(table, fields, rules, verified, options)
    return Quality(*(Table._of(one) for one in tables))
