"""Exports in which nobody stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike

Hierarchy: TypeAlias = str | Mapping[str | None, Sequence[str]]
"""How values of a column are generalised: a form such as "keep 4,2", or labels by value."""


class Anonymized(NamedTuple):
    """What `k_anonymity` made, and what it cost.

    Attributes
    ----------
    table : Table
        The rows that stay: row (its number before), class, the quasi-identifiers as text, and the
        sensitive column as text.
    classes : Table
        class, size, diversity and distance (with a sensitive column), the quasi-identifiers.
    levels : Table
        field, level (chosen), levels (that there are), label (of the level), loss.
    rows, suppressed : int
        Rows that there were, and those of them that were left out.
    k : int
        Rows of the smallest class.
    l : int
        Least different sensitive values in a class; 0 without a sensitive column.
    t : float
        Greatest distance of the sensitive values of a class from those of all; nan without.
    loss : float
        Mean over cells of (values of the group - 1) / (values - 1), which is 1 for what was left out.
    nodes, examined : int
        Combinations of levels, and those whose rows were counted.
    """

    table: Table
    classes: Table
    levels: Table
    rows: int
    suppressed: int
    k: int
    l: int  # noqa: E741 - the letter of l-diversity
    t: float
    loss: float
    nodes: int
    examined: int

    @property
    def suppressed_share(self) -> float:
        """Share of the rows that were left out."""
        return self.suppressed / self.rows if self.rows else 0.0


def k_anonymity(
    table: TableLike,
    quasi_identifiers: Sequence[str],
    k: int = 5,
    *,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    sensitive: str | None = None,
    l: int = 1,  # noqa: E741 - the letter of l-diversity
    t: float = 1.0,
    max_suppressed: float = 0.0,
) -> Anonymized:
    """Generalise columns such that every row is like k - 1 others, with the least loss.

    Each column is brought to one level of its hierarchy, the same for all rows. All combinations of
    levels are considered; the one with the least loss is found exactly, the first in order of levels of
    equal ones. Rows of classes that are too small, not diverse enough or too far from all rows are left
    out.

    Parameters
    ----------
    table : table
        One row a person.
    quasi_identifiers : sequence of str
        Columns by which people could be told from elsewhere.
    k : int
        Rows that a class has at least (Sweeney 2002).
    hierarchies : mapping, optional
        By column a form or the labels. "keep 4,2": the first characters; "bands 5,10": numbers from a
        multiple of the width on; "date month,year,decade"; "suppress": nothing between the value and
        "*", which is what columns without a hierarchy get. Labels are a mapping from each value, as
        text, to its labels at level 1, 2 and so on. Level 0 is the value, the last is always "*"; each
        level joins groups of the one before.
    sensitive : str, optional
        Column that must not be learned of anybody.
    l : int
        Different values of it in each class (Machanavajjhala et al. 2007).
    t : float
        Most distance of the shares of its values in a class from those in all rows, half the sum of
        absolute differences (Li et al. 2007 with equal distances); 1 is any.
    max_suppressed : float
        Share of rows that may be left out.

    Returns
    -------
    Anonymized
        A null is a value of its own at all levels but the last.

    Raises
    ------
    ValueError
        For a value that does not fit the form, or levels that part what was joined, naming them.
    patron.errors.FailedPreconditionError
        If more rows would have to be left out at any levels.

    Examples
    --------
    >>> from patron.customers import k_anonymity
    >>> people = {"postcode": ["5180", "5181", "1000", "1009"], "age": [31, 34, 52, 58]}
    >>> found = k_anonymity(
    ...     people, ["postcode", "age"], 2, hierarchies={"postcode": "keep 3,1", "age": "bands 5,10"}
    ... )
    >>> found.levels["label"].tolist(), found.k
    (['keep 3', 'bands 10'], 2)
    >>> found.table["age"].tolist()
    ['[30, 40)', '[30, 40)', '[50, 60)', '[50, 60)']
    """
    given = dict(hierarchies or {})
    fields = [quasi_identifiers] if isinstance(quasi_identifiers, str) else list(quasi_identifiers)
    unknown = [name for name in given if name not in fields]
    if unknown:
        raise ValueError(f"hierarchies: {unknown[0]!r}; expected quasi-identifiers")
    forms: list[str] = []
    rows: dict[str, list[object]] = {"field": [], "value": [], "level": [], "label": []}
    for field in fields:
        hierarchy = given.get(field, "suppress")
        if isinstance(hierarchy, str):
            forms.append(hierarchy)
            continue
        forms.append("table")
        for value, labels in hierarchy.items():
            for level, label in enumerate([labels] if isinstance(labels, str) else labels, 1):
                if value is None:
                    continue  # A null has no label: it stays null up to the last level.
                row = (field, str(value), level, str(label))
                for column, cell in zip(rows.values(), row, strict=True):
                    column.append(cell)
    tables = _core.k_anonymity(
        table,
        {"field": fields, "form": forms},
        rows if rows["field"] else None,
        (k, l, t, max_suppressed, sensitive),
    )
    made, classes, levels, report = tables
    return Anonymized(Table._of(made), Table._of(classes), Table._of(levels), *report)
