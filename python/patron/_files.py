"""Reading transactions from files, and guessing which column is which."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron._column_names import NAMES, PARTS, PRICES, QUANTITIES
from patron._texts import as_days, to_instants, to_numbers
from patron.errors import InvalidArgumentError

if TYPE_CHECKING:
    import pyarrow

_SAMPLE_BYTES = 1 << 16
_OTHERS = (".json", ".jsonl", ".parquet", ".xml")  # That may be text, and are no CSV.


def read(
    path: str | Path, *, ids: Iterable[str] = (), notes: list[str] | None = None
) -> pyarrow.Table:
    """Read a CSV (also compressed) or Parquet file; `notes` gets what a reader should know.

    Columns in `ids`, and those whose name is that of an id, keep leading zeros.
    """
    path = Path(path)
    notes = [] if notes is None else notes
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; expected a CSV or Parquet file")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        return _read_parquet(path)
    return _read_csv(path, ids, notes)


def _read_parquet(path: Path) -> pyarrow.Table:
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidArgumentError(f"{path}: is no whole Parquet file: {_line(error)}") from error


def _line(error: Exception) -> str:
    """Return the first line of a message, without the full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip().rstrip(".")


def _read_csv(path: Path, ids: Iterable[str], notes: list[str]) -> pyarrow.Table:
    import pyarrow
    import pyarrow.csv

    try:
        with pyarrow.input_stream(str(path)) as stream:  # Unpacks by the file's name.
            sample = stream.read(_SAMPLE_BYTES)
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidArgumentError(f"{path}: cannot be unpacked: {_line(error)}") from error
    encoding = "utf-16" if sample.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    if encoding == "utf-16":
        sample = sample.decode(encoding, errors="ignore").encode()
    if b"\0" in sample or path.suffix.lower() in _OTHERS:
        raise InvalidArgumentError(f"{path}: is neither text nor Parquet; expected CSV or Parquet")
    if not sample.strip():
        raise InvalidArgumentError(f"{path}: is empty; expected a header and rows")
    sample, skipped = _below_title(sample)
    if skipped:
        notes.append(f"{skipped} {'line' if skipped == 1 else 'lines'} above the header left out")
    delimiter = _delimiter(sample)
    if delimiter != ",":
        notes.append(f"columns are parted by {delimiter!r}")
    decimal_point = "."
    if delimiter == ";" and re.search(rb";-?\d+,\d+(;|\r|\n)", sample):
        decimal_point = ","
        notes.append("decimals are written with a comma")
    id_names = {*NAMES["customer"], *NAMES["order"]}
    text_first = [
        name
        for name in _header(sample, delimiter, encoding)
        if name in ids or _plain(name) in id_names
    ]
    types: dict[str, Any] = dict.fromkeys(text_first, pyarrow.string())
    newlines = b'"' in sample
    for _ in range(1000):  # Each turn settles one thing, so this ends long before.
        try:
            table = pyarrow.csv.read_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(encoding=encoding, skip_rows=skipped),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=newlines
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=types,
                    strings_can_be_null=True,
                    decimal_point=decimal_point,
                    timestamp_parsers=[
                        pyarrow.csv.ISO8601,
                        "%Y-%m-%d %H:%M",
                        "%d.%m.%Y %H:%M",
                        "%d.%m.%Y",
                    ],
                ),
            )
            if not len(table):
                raise InvalidArgumentError(f"{path}: has a header and no rows")
            # A column whose first block is not UTF-8 comes as bytes; a later one is an error.
            if encoding != "utf-8" or not any(map(pyarrow.types.is_binary, table.schema.types)):
                return _plain_ids(table, text_first, notes)
            encoding = "latin-1"
            notes.append("the text is not UTF-8; read as Latin-1")
        except pyarrow.ArrowInvalid as error:
            text = str(error)
            column = re.search(r"In CSV column #(\d+)", text)
            names = _header(sample, delimiter, encoding)
            if "invalid UTF8" in text and encoding == "utf-8":
                encoding = "latin-1"
                notes.append("the text is not UTF-8; read as Latin-1")
            elif column and int(column[1]) < len(names) and names[int(column[1])] not in types:
                types[names[int(column[1])]] = pyarrow.string()
            elif not newlines:  # The first quote may stand past the sample.
                newlines = True
            else:
                raise InvalidArgumentError(f"{path}: {_line(error)}") from error
        except OSError as error:
            raise InvalidArgumentError(f"{path}: cannot be unpacked: {_line(error)}") from error
    raise InvalidArgumentError(f"{path}: no reading of it as CSV fits")


def _plain_ids(table: pyarrow.Table, names: list[str], notes: list[str]) -> pyarrow.Table:
    """Turn ids that were read as text into numbers where that loses nothing."""
    import pyarrow
    import pyarrow.compute as compute

    for name in names:
        place = table.schema.get_field_index(name)
        if place < 0:  # Twice in the header.
            continue
        text = compute.utf8_trim_whitespace(table[name])
        try:
            numbers = text.cast(pyarrow.int64())
        except pyarrow.ArrowInvalid:
            # A gap in a column of integers makes some programs write 17850.0; of 1e5 nobody knows.
            plain = compute.match_substring_regex(text, r"^-?(0|[1-9]\d{0,14})(\.\d*)?$")
            if compute.all(plain).as_py():
                table = table.set_column(place, name, text.cast(pyarrow.float64()))
            continue
        if numbers.cast(pyarrow.string()).equals(text):
            table = table.set_column(place, name, numbers)
        else:
            notes.append(f"{name}: read as text, which keeps leading zeros")
    return table


def _below_title(sample: bytes) -> tuple[bytes, int]:
    """Return the sample from its header on, and how many lines stand above it.

    Above a header stand lines of one cell: a title, empty lines, or the delimiter ("sep=;").
    """
    lines = sample.split(b"\n")
    cells = [any(mark in line for mark in b",;\t|") for line in lines[:20]]
    above = 1 if re.match(rb'"?sep=', lines[0]) else 0
    if not above and not cells[0] and True in cells:
        above = cells.index(True)
    return b"\n".join(lines[above:]), above


def _delimiter(sample: bytes) -> str:
    line = sample.split(b"\n", 1)[0].decode("latin-1")
    counts = {delimiter: line.count(delimiter) for delimiter in (",", ";", "\t", "|")}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else ","


def _header(sample: bytes, delimiter: str, encoding: str) -> list[str]:
    text = sample.decode(encoding, errors="replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return next(csv.reader(io.StringIO(text), delimiter=delimiter), [])


@dataclass
class Columns:
    """Which column is which, and why."""

    customer: str
    time: str
    amount: str
    order: str | None
    reasons: list[str] = field(default_factory=list)


def choose_columns(
    table: pyarrow.Table,
    *,
    customer: str | None = None,
    time: str | None = None,
    amount: str | None = None,
    order: str | None = None,
) -> tuple[pyarrow.Table, Columns]:
    """Take the columns that are named, and guess the others by name and type.

    Returns the table, with text turned into dates and whole floats into ids where that is needed,
    and with the amount computed where it is a product such as ``Quantity*UnitPrice``.
    """
    from pyarrow import types

    reasons: list[str] = []
    given = {"customer": customer, "time": time, "amount": amount, "order": order}
    for role, name in given.items():
        if name is not None and name not in table.column_names:
            if role == "amount" and "*" in name:
                continue
            raise InvalidArgumentError(_missing(name, table))
    taken = {name for name in given.values() if name is not None}

    chosen: dict[str, str | None] = dict(given)
    for role in ("customer", "time", "order", "amount"):
        if chosen[role] is not None:
            reasons.append(f"{role}: {chosen[role]!r}, as given")
            continue
        name, reason = _guess(table, role, taken)
        if name is None:
            if role == "order":
                reasons.append("order: none found, each row counts as an order")
                continue
            raise InvalidArgumentError(
                f"no column looks like the {role}; the table has "
                f"{', '.join(table.column_names)}: name it by --{role}{_no_header(table)}"
            )
        chosen[role] = name
        taken.add(name)
        reasons.append(f"{role}: {name!r}, guessed by {reason}")
    for name in chosen.values():
        if name is not None and table.column_names.count(name) > 1:
            raise InvalidArgumentError(
                f"column {name!r} is there {table.column_names.count(name)} times; expected once"
            )
    who, when, much = chosen["customer"], chosen["time"], chosen["amount"]
    assert who is not None
    assert when is not None
    assert much is not None
    if much not in table.column_names:
        table, much = _product(table, much, reasons)
    elif _is_text(_kind(table, much)):
        table = _replaced(table, much, to_numbers(table[much], much, reasons))
    table = _whole_ids(table, who, reasons)
    if not types.is_temporal(_kind(table, when)):
        if not _is_text(_kind(table, when)) and not types.is_integer(_kind(table, when)):
            raise InvalidArgumentError(
                f"{when}: is of type {_kind(table, when)}; expected dates or timestamps"
            )
        table = _replaced(table, when, to_instants(table[when], when, reasons))
    table = _replaced(table, when, as_days(table[when]))
    return table, Columns(who, when, much, chosen["order"], reasons)


def _missing(name: str, table: pyarrow.Table) -> str:
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in table.column_names], n=1)
    meant = next((n for n in table.column_names if near and n.lower() == near[0]), None)
    hint = f"; did you mean {meant!r}?" if meant is not None else ""
    return f"column {name!r} is missing; the table has {', '.join(table.column_names)}{hint}"


def _no_header(table: pyarrow.Table) -> str:
    """Return a hint where the first line looks like values."""
    values = any(re.fullmatch(r"[-+]?[\d.,:/ -]*\d", name) for name in table.column_names)
    return "; the first line looks like values: expected the names of the columns" if values else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _kind(table: pyarrow.Table, name: str) -> pyarrow.DataType:
    """Return the type of the first column of the name."""
    return table.schema.types[table.column_names.index(name)]


def _replaced(table: pyarrow.Table, name: str, column: pyarrow.ChunkedArray) -> pyarrow.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _guess(table: pyarrow.Table, role: str, taken: Iterable[str]) -> tuple[str | None, str]:
    from pyarrow import types

    free = [name for name in table.column_names if name not in taken]
    by_plain = {_plain(name): name for name in reversed(free)}
    named = [by_plain[wanted] for wanted in NAMES[role] if wanted in by_plain]
    if role == "amount":
        return _guess_amount(table, free, by_plain, named)
    if named:
        return named[0], "name"
    if role == "time":
        dates = [name for name in free if types.is_temporal(_kind(table, name))]
        if len(dates) == 1:
            return dates[0], "type, the only date"
    return _guess_by_part(role, free)


def _guess_by_part(role: str, names: Iterable[str]) -> tuple[str | None, str]:
    for part in PARTS[role]:
        holding = [name for name in names if part in _plain(name)]
        if len(holding) == 1:
            return holding[0], "a part of its name"
    return None, ""


def _guess_amount(
    table: pyarrow.Table, free: list[str], by_plain: dict[str, str], named: list[str]
) -> tuple[str | None, str]:
    from pyarrow import types

    numbers = [name for name in free if _is_number(_kind(table, name))]
    texts = [name for name in free if name not in numbers and _holds_numbers(table, name)]
    quantity = next((by_plain[q] for q in QUANTITIES if q in by_plain), None)
    price = next((by_plain[p] for p in PRICES if p in by_plain), None)
    for like in (numbers, texts):
        name = next((name for name in named if name in like), None)
        if name is not None:
            return name, "name"
    if quantity is not None and price is not None:
        return f"{quantity}*{price}", "name"
    if price in numbers:
        return price, "name"
    decimals = [name for name in numbers if not types.is_integer(_kind(table, name))]
    if len(decimals) == 1:
        return decimals[0], "type, the only number with decimals"
    return _guess_by_part("amount", [*numbers, *texts])


def _holds_numbers(table: pyarrow.Table, name: str) -> bool:
    """Tell whether the first text of a column reads as a number."""
    if not _is_text(_kind(table, name)):
        return False
    first = table.column(table.column_names.index(name)).drop_null().slice(0, 1)
    try:
        to_numbers(first, name, [])
    except InvalidArgumentError:
        return False
    return len(first) > 0


def _is_text(kind: pyarrow.DataType) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_number(kind: pyarrow.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _product(table: pyarrow.Table, name: str, reasons: list[str]) -> tuple[pyarrow.Table, str]:
    import pyarrow
    import pyarrow.compute as compute

    factors = [part.strip() for part in name.split("*")]
    for factor in factors:
        if factor not in table.column_names:
            raise InvalidArgumentError(_missing(factor, table))
        if _holds_numbers(table, factor):
            table = _replaced(table, factor, to_numbers(table[factor], factor, reasons))
        if not _is_number(_kind(table, factor)):
            raise InvalidArgumentError(
                f"{factor}: is of type {_kind(table, factor)}; expected numbers"
            )
    product = compute.cast(table[factors[0]], pyarrow.float64())
    for factor in factors[1:]:
        product = compute.multiply(product, compute.cast(table[factor], pyarrow.float64()))
    label = " x ".join(factors)
    return table.append_column(label, product), label


def _whole_ids(table: pyarrow.Table, name: str, reasons: list[str]) -> pyarrow.Table:
    """Ids that a missing value has turned into floats become integers again."""
    import pyarrow
    import pyarrow.types as types

    if not types.is_floating(table.schema.field(name).type):
        return table
    try:
        ids = table[name].cast(pyarrow.int64())
    except pyarrow.ArrowInvalid as error:
        raise InvalidArgumentError(
            f"{name}: holds numbers with decimals; expected ids, integers or text"
        ) from error
    reasons.append(f"{name}: whole numbers written as decimals, read as integers")
    return table.set_column(table.schema.get_field_index(name), name, ids)
