"""`Casebook.apply` from Python beside the C function it calls, on the same events, in processor seconds.

    python benchmarks/peers/casebook.py [--cases 1000000] [--events 4000000] [--batch 100000]
                                        [--runs 3] [--forms c numpy table ...]

c       patron_casebook_apply of the library in the package, called over borrowed columns
numpy   Casebook.apply of a dict of NumPy arrays, text as str objects
string  the same, text as arrays of `<U`
table   Casebook.apply of patron.Table, as a caller has one that comes from Arrow

Each form runs in turn on a casebook of its own; states and verdicts are compared before any time is
reported.
"""

from __future__ import annotations

import argparse
import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import patron
from patron.complaints import Casebook

WAY = ["receive", "acknowledge", "triage", "investigate", "record_cause", "communicate", "accept"]
WAY += ["compensate"]
RECORDED = 3_000_000_000_000_000
INT32, INT64, TEXT, TIMESTAMP = 4, 5, 12, 17


def events_of(cases: int, count: int) -> dict[str, np.ndarray]:
    """Return events of cases that all go the same way; which case is next is drawn."""
    draw = np.random.default_rng(1)
    case = np.repeat(np.arange(cases), len(WAY))
    draw.shuffle(case)
    case = case[:count]
    order = np.argsort(case, kind="stable")
    step = np.empty(count, np.int64)
    first = np.searchsorted(case[order], np.arange(cases))
    step[order] = np.arange(count) - first[case[order]]
    index = np.arange(count, dtype=np.uint64)
    return {
        "event": (index * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(2)).astype(np.int64),
        "case": case,
        "type": np.array(WAY, dtype=object)[step],
        "time": (1_700_000_000_000_000 + np.arange(count) * 100_000).astype("M8[us]"),
        "actor": draw.integers(0, 500, count),
        "role": np.full(count, "supervisor", dtype=object),
        "customer": case + 10_000_000,
        "amount": np.where(step == 7, 20, 0),
        "code": np.where(step == 0, 2, 1).astype(np.int32),
        "reason": np.ones(count, np.int32),
    }


class _Column(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("type", ctypes.c_int32),
        ("name", ctypes.c_char_p),
        ("length", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("data", ctypes.c_void_p),
        ("validity", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("mode", ctypes.c_int32),
        ("recorded", ctypes.c_int64),
        ("context", ctypes.c_void_p),
    ]


class _Error(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("message", ctypes.c_char * 1024),
    ]


def text_buffers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    encoded = [value.encode() for value in values.tolist()]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


class Library:
    """The C functions of the library that the package brings."""

    def __init__(self) -> None:
        folder = Path(patron.__file__).parent
        (path,) = list(folder.glob("libpatron.so*"))[:1]
        self.c = ctypes.CDLL(str(path))
        self.error = _Error()

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function whose last argument is an error."""
        if getattr(self.c, name)(*arguments, ctypes.byref(self.error)) != 0:
            raise RuntimeError(f"{name}: {self.error.message.decode()}")

    def made(self, name: str, *arguments: Any) -> ctypes.c_void_p:
        """Call one that gives a handle, and return that."""
        out = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(out))
        return out

    def book(self) -> ctypes.c_void_p:
        """Return a casebook as Python makes it."""
        data = Casebook().to_bytes()
        return self.made("patron_casebook_deserialize", data, ctypes.c_size_t(len(data)))


def c_form(library: Library, events: dict[str, np.ndarray], batch: int) -> Callable[[], bytes]:
    kinds = {"time": TIMESTAMP, "code": INT32, "reason": INT32}
    batches = []
    count = len(events["event"])
    kept: list[Any] = []
    for begin in range(0, count, batch):
        columns = (_Column * len(events))()
        for place, (name, values) in enumerate(events.items()):
            part = values[begin : begin + batch]
            column = columns[place]
            column.struct_size = ctypes.sizeof(_Column)
            column.name = name.encode()
            column.length = len(part)
            if part.dtype == object:
                data, offsets = text_buffers(part)
                column.type, column.offsets = TEXT, offsets.ctypes.data
                kept.append(offsets)
            else:
                data = part
                column.type = kinds.get(name, INT64)
            column.data = data.ctypes.data
            kept.append(data)
        batches.append(library.made("patron_table_borrow", columns, ctypes.c_size_t(len(events))))
        kept.append(columns)
    options = _Options(ctypes.sizeof(_Options), 0, RECORDED, None)

    def run() -> bytes:
        _ = kept
        book = library.book()
        begin = time.process_time()
        for table in batches:
            verdicts = ctypes.c_void_p()
            library.call(
                "patron_casebook_apply",
                book,
                table,
                ctypes.byref(options),
                ctypes.byref(verdicts),
                None,
            )
            library.c.patron_table_free(verdicts)
        run.seconds = time.process_time() - begin  # type: ignore[attr-defined]
        written = library.made("patron_casebook_serialize", book)
        library.c.patron_bytes_data.restype = ctypes.c_void_p
        library.c.patron_bytes_size.restype = ctypes.c_size_t
        size = library.c.patron_bytes_size(written)
        data = ctypes.string_at(library.c.patron_bytes_data(written), size)
        library.c.patron_bytes_free(written)
        library.c.patron_casebook_free(book)
        return data

    return run


def python_form(batches: list[Any]) -> Callable[[], bytes]:
    recorded = np.datetime64(RECORDED, "us")

    def run() -> bytes:
        book = Casebook()
        begin = time.process_time()
        for batch in batches:
            book.apply(batch, recorded=recorded)
        run.seconds = time.process_time() - begin  # type: ignore[attr-defined]
        return book.to_bytes()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--forms", nargs="+", default=["c", "numpy", "string", "table"])
    arguments = parser.parse_args()
    patron.set_threads(1)
    events = events_of(arguments.cases, arguments.events)
    parts = [
        {name: values[begin : begin + arguments.batch] for name, values in events.items()}
        for begin in range(0, arguments.events, arguments.batch)
    ]
    texts = ("type", "role")
    forms: dict[str, Callable[[], bytes]] = {}
    for form in arguments.forms:
        if form == "c":
            forms[form] = c_form(Library(), events, arguments.batch)
        elif form == "numpy":
            forms[form] = python_form(parts)
        elif form == "string":
            forms[form] = python_form(
                [{**part, **{name: part[name].astype(str) for name in texts}} for part in parts]
            )
        else:
            forms[form] = python_form([patron.Table(part) for part in parts])
    seconds: dict[str, list[float]] = {form: [] for form in forms}
    first: bytes | None = None
    for _ in range(arguments.runs):
        for form, run in forms.items():
            data = run()
            first = first or data
            if data != first:
                raise RuntimeError(f"{form}: another casebook than {next(iter(forms))}")
            seconds[form].append(run.seconds)  # type: ignore[attr-defined]
    for form, times in seconds.items():
        middle = sorted(times)[len(times) // 2]
        print(
            f"{form:8} {middle * 1e9 / arguments.events:6.0f} ns an event, least {min(times) * 1e9 / arguments.events:.0f}"
        )


if __name__ == "__main__":
    main()
