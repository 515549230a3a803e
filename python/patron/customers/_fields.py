"""What a linker compares, and where it looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

_NAMES = ("exact", "jaro_winkler >= 0.92", "jaro_winkler >= 0.8")


@dataclass(frozen=True)
class Field:
    """One field that a `Linker` compares.

    Parameters
    ----------
    column : str
        Its column. Cells are compared as text: spaces at the ends do not count, and a text of
        nothing else is no value.
    levels : sequence of str
        From strictest to loosest; below the last one is "else". "exact"; "swapped", dates with day
        and month exchanged; "reversed", names in another order; or a measure of `compare` with its
        threshold, such as "jaro_winkler >= 0.9" or "levenshtein_distance <= 1"; or
        "difference <= 2", "percent <= 5", "days <= 30", "kilometres <= 1" (texts
        "latitude,longitude").
    term_frequency : float
        Power, 0 to 1, with which rare values weigh more where they are equal; True is 1.
    fuzzy_term_frequency : float
        The same where they are only alike.
    missing : {"null", "else"}
        What a missing value on either side says: nothing, or that the field disagrees.
    """

    column: str
    levels: Sequence[str] = ("exact",)
    term_frequency: float = 0.0
    fuzzy_term_frequency: float = 0.0
    missing: Literal["null", "else"] = "null"


FieldLike: TypeAlias = Field | str | tuple[str, Sequence[str]]
RuleLike: TypeAlias = str | Sequence[str]


def _field(field: FieldLike) -> Field:
    if isinstance(field, Field):
        return field
    if isinstance(field, str):
        return Field(field, _NAMES, 1.0)
    column, levels = field
    return Field(column, (levels,) if isinstance(levels, str) else tuple(levels))


def fields_of(fields: Mapping[str, Any] | Iterable[FieldLike]) -> list[Field]:
    if isinstance(fields, str):
        return [_field(fields)]
    if isinstance(fields, Mapping):
        return [
            levels if isinstance(levels, Field) else _field((column, levels))
            for column, levels in fields.items()
        ]
    return [_field(field) for field in fields]


def rules_of(rules: RuleLike | Iterable[RuleLike]) -> tuple[tuple[str, ...], ...]:
    if isinstance(rules, str):
        return ((rules,),)
    return tuple((rule,) if isinstance(rule, str) else tuple(rule) for rule in rules)


def columns_of(rules: tuple[tuple[str, ...], ...]) -> Iterable[str]:
    for rule in rules:
        for part in rule:
            yield part[: part.rindex("[")] if part.endswith("]") and "[" in part[1:] else part
