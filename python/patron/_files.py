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

from patron.errors import InvalidArgumentError

if TYPE_CHECKING:
    import pyarrow

_SAMPLE_BYTES = 1 << 16

# Names that columns go by, best first; compared without case, spaces and punctuation.
_NAMES = {
    "customer": [
        "customerid",
        "customer",
        "customerno",
        "customernumber",
        "customerkey",
        "clientid",
        "client",
        "userid",
        "user",
        "buyerid",
        "buyer",
        "accountid",
        "account",
        "memberid",
        "member",
        "contactid",
        "shopperid",
        "visitorid",
        "kundennummer",
        "kundennr",
        "kundenid",
        "kunde",
    ],
    "time": [
        "date",
        "orderdate",
        "invoicedate",
        "transactiondate",
        "purchasedate",
        "purchasetime",
        "timestamp",
        "datetime",
        "time",
        "createdat",
        "orderedat",
        "ordertime",
        "day",
        "bookingdate",
        "paidat",
        "datum",
        "bestelldatum",
        "rechnungsdatum",
        "kaufdatum",
    ],
    "amount": [
        "amount",
        "netamount",
        "totalamount",
        "orderamount",
        "revenue",
        "netrevenue",
        "total",
        "ordertotal",
        "totalprice",
        "ordervalue",
        "value",
        "sales",
        "spend",
        "turnover",
        "dollarvalue",
        "grandtotal",
        "paymentvalue",
        "betrag",
        "nettobetrag",
        "umsatz",
    ],
    "order": [
        "orderid",
        "order",
        "orderno",
        "ordernumber",
        "invoice",
        "invoiceno",
        "invoiceid",
        "invoicenumber",
        "receiptid",
        "receipt",
        "basketid",
        "basket",
        "transactionid",
        "bestellnummer",
        "bestellnr",
        "rechnungsnummer",
        "rechnungsnr",
        "belegnummer",
    ],
}
_QUANTITIES = ("quantity", "qty", "units")
_PRICES = ("unitprice", "price", "itemprice")

_DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d-%b-%Y",
)
# Day and month can be told apart only by a value above 12, so both are tried on the whole column.
_SLASHED_FORMATS = ("%d/%m/%Y", "%m/%d/%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")


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
    if b"\0" in sample:
        raise InvalidArgumentError(f"{path}: is neither text nor Parquet; expected CSV or Parquet")
    if not sample.strip():
        raise InvalidArgumentError(f"{path}: is empty; expected a header and rows")
    encoding = "utf-8"
    delimiter = _delimiter(sample)
    if delimiter != ",":
        notes.append(f"columns are parted by {delimiter!r}")
    decimal_point = "."
    if delimiter == ";" and re.search(rb";-?\d+,\d+(;|\r|\n)", sample):
        decimal_point = ","
        notes.append("decimals are written with a comma")
    id_names = {*_NAMES["customer"], *_NAMES["order"]}
    text_first = [
        name
        for name in _header(sample, delimiter, encoding)
        if name in ids or _plain(name) in id_names
    ]
    types: dict[str, Any] = dict.fromkeys(text_first, pyarrow.string())
    for _ in range(1000):  # Each turn settles one thing, so this ends long before.
        try:
            table = pyarrow.csv.read_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(encoding=encoding),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=b'"' in sample
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
                f"{', '.join(table.column_names)}: name it by --{role}"
            )
        chosen[role] = name
        taken.add(name)
        reasons.append(f"{role}: {name!r}, guessed by {reason}")
    who, when, much = chosen["customer"], chosen["time"], chosen["amount"]
    assert who is not None
    assert when is not None
    assert much is not None
    if much not in table.column_names:
        table, much = _product(table, much)
    table = _whole_ids(table, who, reasons)
    table = _dates(table, when, reasons)
    return table, Columns(who, when, much, chosen["order"], reasons)


def _missing(name: str, table: pyarrow.Table) -> str:
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in table.column_names], n=1)
    meant = next((n for n in table.column_names if near and n.lower() == near[0]), None)
    hint = f"; did you mean {meant!r}?" if meant is not None else ""
    return f"column {name!r} is missing; the table has {', '.join(table.column_names)}{hint}"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _guess(table: pyarrow.Table, role: str, taken: Iterable[str]) -> tuple[str | None, str]:
    import pyarrow.types as types

    free = [name for name in table.column_names if name not in taken]
    by_plain = {_plain(name): name for name in reversed(free)}
    if role == "amount":
        for wanted in _NAMES[role]:
            name = by_plain.get(wanted)
            if name is not None and _is_number(table.schema.field(name).type):
                return name, "name"
        quantity = next((by_plain[q] for q in _QUANTITIES if q in by_plain), None)
        price = next((by_plain[p] for p in _PRICES if p in by_plain), None)
        if quantity is not None and price is not None:
            return f"{quantity}*{price}", "name"
        if price is not None and _is_number(table.schema.field(price).type):
            return price, "name"
        floats = [
            name
            for name in free
            if types.is_floating(table.schema.field(name).type)
            or types.is_decimal(table.schema.field(name).type)
        ]
        return (
            (floats[0], "type, the only number with decimals") if len(floats) == 1 else (None, "")
        )
    for wanted in _NAMES[role]:
        if wanted in by_plain:
            return by_plain[wanted], "name"
    if role == "time":
        dates = [name for name in free if types.is_temporal(table.schema.field(name).type)]
        return (dates[0], "type, the only date") if len(dates) == 1 else (None, "")
    return None, ""


def _is_number(kind: pyarrow.DataType) -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _product(table: pyarrow.Table, name: str) -> tuple[pyarrow.Table, str]:
    import pyarrow
    import pyarrow.compute as compute

    factors = [part.strip() for part in name.split("*")]
    for factor in factors:
        if factor not in table.column_names:
            raise InvalidArgumentError(_missing(factor, table))
        if not _is_number(table.schema.field(factor).type):
            raise InvalidArgumentError(
                f"{factor}: is of type {table.schema.field(factor).type}; expected numbers"
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


def _dates(table: pyarrow.Table, name: str, reasons: list[str]) -> pyarrow.Table:
    """Text, or integers such as 20240131, become dates."""
    import pyarrow
    import pyarrow.compute as compute
    import pyarrow.types as types

    kind = table.schema.field(name).type
    if types.is_temporal(kind):
        return table
    text = table[name]
    if types.is_dictionary(kind):
        text = text.cast(kind.value_type)
    if types.is_integer(kind):
        text = text.cast(pyarrow.string())
    elif not (types.is_string(text.type) or types.is_large_string(text.type)):
        raise InvalidArgumentError(f"{name}: is of type {kind}; expected dates or timestamps")
    formats = [*_DATE_FORMATS, *(day + clock for clock in _CLOCKS for day in _SLASHED_FORMATS)]
    for pattern in formats:
        parsed = compute.strptime(text, format=pattern, unit="s", error_is_null=True)
        if parsed.null_count == text.null_count and len(text) > text.null_count:
            reasons.append(f"{name}: text read as dates of the form {pattern}")
            return table.set_column(table.schema.get_field_index(name), name, parsed)
    first = next((value for value in text.slice(0, 1000).to_pylist() if value is not None), None)
    raise InvalidArgumentError(f"{name}: text such as {first!r} in no known form of date")
