"""Columns of text that hold dates or numbers, in the forms that files hold them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from patron.errors import InvalidArgumentError

if TYPE_CHECKING:
    import pyarrow

_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%a, %d %b %Y",
    "%Y年%m月%d日",
    # Day and month can be told apart only by a value above 12, so all rows are looked at.
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
)
_TWINS = {
    "%d/%m/%Y": "%m/%d/%Y",
    "%d-%m-%Y": "%m-%d-%Y",
    "%d/%m/%y": "%m/%d/%y",
}
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_PIECES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
    "%b": r"[A-Za-z]{3,9}",
    "%a": r"[A-Za-z]{3}",
    "%H": r"\d{1,2}",
    "%I": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    " %p": r"\s*[AaPp][Mm]",
    "%z": r"(?:Z|[+-]\d{2}:?\d{2})",
}
# Seconds, milliseconds, microseconds and nanoseconds since 1970 of the years 1973 to 2100.
_EPOCHS = ((10**8, "s"), (10**11, "ms"), (10**14, "us"), (10**17, "ns"))
_EPOCH_SPAN = 41
_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


def _forms() -> list[str]:
    """Return all forms of dates and of instants, those without a clock first."""
    forms = list(_DAYS)
    for clock in _CLOCKS:
        for day in _DAYS:
            forms.append(f"{day} {clock}")
            if day == "%Y-%m-%d":
                forms.append(f"{day}T{clock}")
    zoned = [
        form + gap + "%z"
        for form in forms
        for gap in ("", " ")
        if form.endswith(("%H:%M", "%H:%M:%S"))
    ]
    return forms + zoned


@functools.cache
def _pattern(form: str) -> str:
    """Return what a text of the form looks like, its day in a group."""
    pattern = ""
    for piece in re.split(r"( %p|%[A-Za-z])", form):
        known = _PIECES.get(piece, re.escape(piece))
        pattern += f"(?P<day>{known})" if piece == "%d" else known
    return f"^{pattern}$"


def to_instants(column: Any, name: str, notes: list[str]) -> Any:
    """Return text, or whole numbers such as 20240131 or 1706659200, as instants.

    `notes` gets the form that was found. Day and month that cannot be told apart are read in the
    order in which the rows are sorted, else day first, and the note says so.
    """
    import pyarrow
    import pyarrow.compute as compute
    import pyarrow.types as types

    if types.is_integer(column.type):
        epoch = _since_1970(column)
        if epoch is not None:
            notes.append(f"{name}: numbers read as {_UNITS[epoch]} since 1970")
            return column.cast(pyarrow.int64()).cast(pyarrow.timestamp(epoch))
    text = compute.utf8_trim_whitespace(column.cast(pyarrow.string()))
    text = compute.if_else(compute.equal(text, ""), None, text)
    if text.null_count == len(text):
        raise InvalidArgumentError(f"{name}: holds no value; expected dates or timestamps")
    whole, micros = _fractions(text)

    best: tuple[int, str] | None = None
    sample = whole.drop_null().slice(0, 1000)
    for form in _forms():
        fits = compute.sum(compute.match_substring_regex(sample, _pattern(form))).as_py()
        if not fits:
            continue
        parsed = _parse(whole, form)
        misses = parsed.null_count - text.null_count
        if misses:
            best = min(best or (misses, form), (misses, form))
            continue
        label = form
        twin = _twin(form)
        other = None if twin is None else _parse(whole, twin)
        if other is not None and other.null_count == text.null_count:
            if _is_sorted(other) and not _is_sorted(parsed):
                label, parsed, twin = str(twin), other, form
            notes.append(
                f"{name}: text read as dates of the form {label}, which {twin} would fit as well"
            )
        else:
            notes.append(f"{name}: text read as dates of the form {label}")
        return parsed if micros is None else compute.add(parsed, micros)
    if best is None or 2 * best[0] > len(text):
        first = text.drop_null()[0].as_py()
        raise InvalidArgumentError(
            f"{name}: text such as {first!r} in no known form of date; expected one such as "
            "2024-12-31"
        )
    missed = compute.and_(compute.is_null(_parse(whole, best[1])), compute.is_valid(text))
    raise InvalidArgumentError(_first(text, missed, name, f"a date of the form {best[1]}"))


def as_days(column: Any) -> Any:
    """Return times that are all midnights, of no zone, as the dates that they stand for."""
    import pyarrow
    import pyarrow.compute as compute

    if not pyarrow.types.is_timestamp(column.type) or column.type.tz is not None:
        return column
    midnights = compute.equal(column, compute.floor_temporal(column, unit="day"))
    return column.cast(pyarrow.date32()) if compute.all(midnights).as_py() else column


def _first(text: Any, missed: Any, name: str, expected: str) -> str:
    """Return the message of rows that are not what was expected."""
    import pyarrow.compute as compute

    row, count = compute.index(missed, True).as_py(), compute.sum(missed).as_py()
    return (
        f"{name}: row {row} is {text[row].as_py()!r}; expected {expected} "
        f"({count} {'row' if count == 1 else 'rows'} in all)"
    )


def _since_1970(column: Any) -> str | None:
    """Return the unit in which all values are instants of our time, if there is one."""
    import pyarrow.compute as compute

    ends = compute.min_max(column).as_py()
    for least, unit in _EPOCHS:
        if ends["min"] is not None and least <= ends["min"] <= ends["max"] < _EPOCH_SPAN * least:
            return unit
    return None


def _fractions(text: Any) -> tuple[Any, Any]:
    """Return text without the fractions of its seconds, and these in microseconds."""
    import pyarrow
    import pyarrow.compute as compute

    pattern = r"(:\d{2})[.,](\d{1,9})"
    if not compute.any(compute.match_substring_regex(text, pattern)).as_py():
        return text, None
    digits = compute.struct_field(
        compute.extract_regex(text, r":\d{2}[.,](?P<fraction>\d{1,9})"), "fraction"
    )
    padded = compute.utf8_slice_codeunits(compute.utf8_rpad(digits, 6, "0"), 0, 6)
    micros = compute.fill_null(padded, "000000").cast(pyarrow.int64())
    whole = compute.replace_substring_regex(text, pattern, r"\1")
    return whole, micros.cast(pyarrow.duration("us"))


def _parse(text: Any, form: str) -> Any:
    """Return the instants of texts of a form, and null for the others."""
    import pyarrow
    import pyarrow.compute as compute

    fits = compute.match_substring_regex(text, _pattern(form))
    parsed = compute.strptime(
        compute.if_else(fits, text, None), format=form, unit="us", error_is_null=True
    )
    # A 31st of a month of 30 days comes out as the 1st of the next.
    suspect = compute.if_else(compute.less_equal(compute.day(parsed), 3), text, None)
    written = compute.struct_field(compute.extract_regex(suspect, _pattern(form)), "day")
    rolled = compute.greater(
        compute.if_else(compute.equal(written, ""), None, written).cast(pyarrow.int64()), 27
    )
    if parsed.type.tz is not None:  # Of a zone, the day may be the next one by right.
        rolled = compute.and_(rolled, False)
    return compute.if_else(compute.fill_null(rolled, False), None, parsed)


def _twin(form: str) -> str | None:
    for day, other in _TWINS.items():
        if form.startswith(day):
            return other + form[len(day) :]
    return None


def _is_sorted(instants: Any) -> bool:
    import pyarrow.compute as compute

    known = instants.drop_null().combine_chunks() if hasattr(instants, "chunks") else instants
    if len(known) < 3:
        return False
    steps = [
        compute.less_equal(known[:-1], known[1:]),
        compute.greater_equal(known[:-1], known[1:]),
    ]
    return any(compute.all(step).as_py() for step in steps)


# ---- Numbers ----

_NUMBER = (
    r"^(?P<open>\()?\s*(?P<sign>[-+\x{2212}])?\s*(?:[A-Za-z]{0,3}\p{Sc}|[A-Z]{3})?\s*"
    r"(?P<minus>[-\x{2212}])?\s*(?P<digits>[0-9.,'\x{2019}\x{00A0}\x{202F} ]*[0-9][.,]?)"
    r"\s*(?:\p{Sc}|[A-Z]{3})?\s*(?P<after>-)?(?P<close>\))?$"
)


def to_numbers(column: Any, name: str, notes: list[str]) -> pyarrow.ChunkedArray:
    """Return text such as "$1,234.50", "1.234,50 €", "12.50-" or "(12.50)" as numbers."""
    import pyarrow
    import pyarrow.compute as compute

    text = compute.utf8_trim_whitespace(column.cast(pyarrow.string()))
    text = compute.if_else(compute.equal(text, ""), None, text)
    parts = compute.extract_regex(text, _NUMBER)
    digits = compute.replace_substring_regex(
        compute.struct_field(parts, "digits"),
        "['\N{RIGHT SINGLE QUOTATION MARK}\\x{00A0}\\x{202F} ]",
        "",
    )
    point, group = _marks(digits)
    shape = rf"^(?:\d*|\d{{1,3}}(?:{re.escape(group)}\d{{3}})+)(?:{re.escape(point)}\d*)?$"
    fits = compute.fill_null(compute.match_substring_regex(digits, shape), False)
    missed = compute.and_(compute.invert(fits), compute.is_valid(text))
    if compute.any(missed).as_py():
        raise InvalidArgumentError(_first(text, missed, name, "a number"))
    plain = compute.replace_substring(compute.replace_substring(digits, group, ""), point, ".")
    numbers = plain.cast(pyarrow.float64())
    negative = compute.is_in(
        compute.binary_join_element_wise(
            *(compute.struct_field(parts, part) for part in ("open", "sign", "minus", "after")), ""
        ),
        value_set=pyarrow.array(["(", "-", "\N{MINUS SIGN}"]),
    )
    notes.append(f"{name}: text read as numbers" + _marks_note(digits, point, group))
    return compute.if_else(compute.fill_null(negative, False), compute.negate(numbers), numbers)


def _marks(digits: Any) -> tuple[str, str]:
    """Return the mark of decimals and that of thousands."""
    import pyarrow.compute as compute

    def some(pattern: str) -> bool:
        return bool(compute.any(compute.match_substring_regex(digits, pattern)).as_py())

    if some(r"\..*,") and not some(r",.*\."):
        return ",", "."
    if some(r",.*\."):
        return ".", ","
    if some(r",") and (some(r",(\d{1,2}|\d{4,})?$") or some(r"^\d{4,},") or some("^0*,")):
        return ",", "."
    if some(r"\..*\."):
        return ",", "."
    return ".", ","


def _marks_note(digits: Any, point: str, group: str) -> str:
    import pyarrow.compute as compute

    words = {",": "a comma", ".": "a point"}
    note = ""
    if point == ",":
        note += ", decimals written with a comma"
    if compute.any(compute.match_substring(digits, group)).as_py():
        note += f", thousands parted by {words[group]}"
    return note
