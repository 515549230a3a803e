"""The report and its command, end to end."""

from __future__ import annotations

import base64
import gzip
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import patron
from patron import _files, report, value
from patron.errors import InvalidArgumentError


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "patron.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "COLUMNS": "120",
            "TERM": "dumb",
            "NO_COLOR": "1",
        }
        | environment,
    )


class Page(HTMLParser):
    """Checks that tags close in order, and collects what a page refers to."""

    VOID = frozenset({"meta", "img", "br", "link", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.images: list[bytes] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        for name, content in attrs:
            if name in ("src", "href") and content is not None:
                self.links.append(content)
                if content.startswith("data:image/png;base64,"):
                    self.images.append(base64.b64decode(content.split(",", 1)[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parse(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return what `patron report` writes and prints without a file."""
    folder = tmp_path_factory.mktemp("report")
    result = run("report", "--customers", "400", "--seed", "3", "--currency", "€", folder=folder)
    assert result.returncode == 0, result.stderr
    return folder / "patron-report", result.stdout


def test_what_is_printed(written: tuple[Path, str]) -> None:
    _, out = written
    for heading in (
        "Value pyramid",
        "Concentration",
        "Segments",
        "The customers that matter",
        "Valuable, and slipping away",
        "What the simulator knows",
    ):
        assert heading in out
    for word in ("top", "large", "medium", "small", "Gini", "Champions", "Hibernating"):
        assert word in out
    assert "a generated shop: 400 customers" in out
    assert out.rstrip().endswith("patron-report/index.html")


def test_what_is_written(written: tuple[Path, str]) -> None:
    folder, _ = written
    names = {path.name for path in folder.iterdir()}
    tables = {
        "customers",
        "slipping",
        "pyramid",
        "segments",
        "rfm_bins",
        "shares",
        "cohorts",
        "summary",
        "truth",
    }
    pictures = {"pyramid", "share_curve", "lorenz", "rfm_grid", "cohorts"}
    assert {f"{t}.{kind}" for t in tables for kind in ("csv", "parquet")} <= names
    assert {f"{p}.png" for p in pictures} <= names
    for name in pictures:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_tables_agree_with_the_library(written: tuple[Path, str]) -> None:
    folder, _ = written
    shop = value.simulate_shop(customers=400, seed=3)
    scores = value.rfm(shop.transactions, order="order_id")
    customers = pyarrow.parquet.read_table(folder / "customers.parquet")
    assert customers["value"].to_pylist() == sorted(scores["monetary"].tolist(), reverse=True)
    assert customers["value_rank"].to_pylist() == list(range(1, len(scores) + 1))
    by_id = dict(zip(scores["customer_id"].tolist(), scores["rfm"].tolist(), strict=True))
    assert customers["rfm"].to_pylist() == [by_id[i] for i in customers["customer_id"].to_pylist()]
    text = pyarrow.csv.read_csv(folder / "customers.csv")
    assert text["customer_id"].to_pylist() == customers["customer_id"].to_pylist()
    tiers = pyarrow.csv.read_csv(folder / "pyramid.csv")
    assert (
        tiers["customers"].to_pylist()
        == value.pyramid(scores, value="monetary")["customers"].tolist()
    )


def test_the_page_holds_everything_inside(written: tuple[Path, str]) -> None:
    folder, _ = written
    page = parse(folder / "index.html")
    assert all(link.startswith("data:") for link in page.links)
    assert page.images[0] == (folder / "pyramid.png").read_bytes()
    assert len(page.images) >= 5
    for heading in ("Where the value comes from", "The customers that matter", "The data"):
        assert heading in page.text
    assert "€" in page.text


def test_twice_is_the_same(written: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = written
    result = run(
        "report",
        "--customers",
        "400",
        "--seed",
        "3",
        "--out",
        "again",
        "--threads",
        "1",
        folder=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    for name in ("customers.csv", "pyramid.csv", "segments.csv", "cohorts.csv", "summary.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


CSV = """InvoiceNo,Quantity,InvoiceDate,UnitPrice,CustomerID
536365,6,2010-12-01 08:26,2.55,17850
536365,2,2010-12-01 08:26,3.00,17850
536366,1,2010-12-05 09:00,10.00,
536367,3,2011-02-03 10:00,5.00,13047
C536379,-1,2011-02-04 10:00,5.00,13047
"""


def test_columns_are_guessed_and_each_guess_is_printed(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(CSV, encoding="utf-8")
    result = run("report", "shop.csv", "--out", "here", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "customer: 'CustomerID', guessed by name" in result.stdout
    assert "time: 'InvoiceDate', guessed by name" in result.stdout
    assert "order: 'InvoiceNo', guessed by name" in result.stdout
    assert "amount: 'Quantity*UnitPrice', guessed by name" in result.stdout
    assert "1 row left out: a value is missing" in result.stdout
    customers = pyarrow.csv.read_csv(tmp_path / "here" / "customers.csv")
    assert customers["customer_id"].to_pylist() == [17850, 13047]
    assert customers["value"].to_pylist() == pytest.approx([21.3, 10.0])
    assert customers["orders"].to_pylist() == [1, 1]


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(
        pa.table(
            {
                "a": ["u", "v", "u"],
                "b": [20240101, 20240201, 20240301],
                "c": [5, 6, 7],
                "d": [1, 2, 3],
            }
        ),
        path,
    )
    result = run(
        *("report", "x.parquet", "--customer", "a", "--time", "b", "--amount", "c", "--order", "d"),
        *("--as-of", "2024-03-02", "--pyramid", "abc", "--rules", "a", "--title", "Ours"),
        folder=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert "customer: 'a', as given" in result.stdout
    assert "b: text read as dates of the form %Y%m%d" in result.stdout
    page = parse(tmp_path / "patron-report" / "index.html")
    assert page.text.strip().startswith("Ours")


ERRORS = [
    (["nowhere.csv"], 1, "nowhere.csv: there is no such file"),
    (["empty.csv"], 1, "empty.csv: is empty; expected a header and rows"),
    (
        ["odd.csv"],
        1,
        "no column looks like the customer; the table has x, y: name it by --customer",
    ),
    (
        ["odd.csv", "--customer", "z"],
        1,
        "column 'z' is missing; the table has x, y",
    ),
    (["shop.csv", "--as-of", "soon"], 1, "as_of: 'soon'; expected an instant"),
    (["shop.csv", "--zone", "Mars"], 1, "zone: 'Mars'; expected a name"),
    (["shop.csv", "--rules", "x"], 1, "name: 'x'; expected 'grid', 'a', 'b' or 'putler'"),
    (["shop.csv", "--as-of", "2000-01-01"], 1, "no customer has a purchase"),
    (["bad.parquet"], 1, "bad.parquet: is no whole Parquet file: "),
    (["cut.csv.gz"], 1, "cut.csv.gz: cannot be unpacked: "),
    (["binary.csv"], 1, "binary.csv: is neither text nor Parquet; expected CSV or Parquet"),
    (["ragged.csv"], 1, "ragged.csv: CSV parse error: Expected 2 columns, got 3"),
    (["."], 1, ".: is a folder; expected a CSV or Parquet file"),
    (["shop.csv", "--threads", "5000"], 2, "Invalid value"),
    (["shop.csv", "--customer", "customerId"], 1, "; did you mean 'CustomerID'?"),
    (["shop.csv", "--colour", "red"], 2, "No such option"),
    (["--customers", "none"], 2, "Invalid value"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), ERRORS)
def test_errors_are_one_line_and_a_code(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    (tmp_path / "shop.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "odd.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bad.parquet").write_bytes(b"PAR1" + bytes(100))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(CSV.encode())[:40])
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    (tmp_path / "ragged.csv").write_text("x,y\n1,2\n1,2,3\n", encoding="utf-8")
    result = run("report", *arguments, folder=tmp_path)
    assert result.returncode == code
    if code == 1:
        assert result.stderr.count("\n") == 1
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "patron-report" / "index.html").exists()


def test_version_defaults_and_help(tmp_path: Path) -> None:
    version = run("--version", folder=tmp_path)
    assert (version.returncode, version.stdout.strip()) == (0, f"patron {patron.__version__}")
    listed = run("defaults", folder=tmp_path)
    assert listed.returncode == 0
    assert "rfm.bins" in listed.stdout
    one = run("defaults", "rfm.bins", folder=tmp_path)
    assert "rfm.bins" in one.stdout
    unknown = run("defaults", "rfm.bin", folder=tmp_path)
    assert unknown.returncode == 1
    assert "the nearest is 'rfm.bins'" in unknown.stderr
    help_text = run("report", "--help", folder=tmp_path)
    assert help_text.returncode == 0
    for option in ("--customer", "--time", "--amount", "--order", "--out", "--as-of"):
        assert option in help_text.stdout


STOPPED = """
import os, signal, sys, threading
import patron.report
def stop(*arguments, **options):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10**9):
        pass
patron.report.build = stop
sys.argv = ["patron", "report", "--customers", "50"]
from patron.cli import main
main()
"""


def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", STOPPED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.returncode == 130
    assert "patron: stopped" in result.stderr
    assert "Traceback" not in result.stderr


# ---- From Python ----


def test_names_are_escaped(tmp_path: Path) -> None:
    table = {
        "customer_id": ["<script>alert(1)</script>", "b & c"],
        "date": np.array(["2024-01-01", "2024-02-01"], dtype="datetime64[D]"),
        "amount": [5.0, 7.0],
    }
    made = report.build(table, title="A <b> report", notes=["<i>note</i>"])
    paths = made.write(tmp_path)
    page = parse(paths[0])
    assert "<script>alert(1)</script>" in page.text
    assert "A <b> report" in page.text
    assert "<script" not in paths[0].read_text(encoding="utf-8")


def test_losses_bring_the_whale_curve(tmp_path: Path) -> None:
    table = {
        "customer_id": [1, 2, 3, 2],
        "date": np.array(["2024-01-01"] * 3 + ["2024-01-05"], dtype="datetime64[D]"),
        "amount": [50.0, 10.0, 20.0, -40.0],
    }
    made = report.build(table)
    assert [name for name, _ in made.figures()] == [
        "pyramid",
        "share_curve",
        "lorenz",
        "whale",
        "rfm_grid",
    ]
    assert "returned more than they bought" in parse(made.write(tmp_path)[0]).text


def test_a_total_that_is_not_positive(tmp_path: Path) -> None:
    table = {
        "customer_id": [1, 1],
        "date": np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"),
        "amount": [10.0, -10.0],
    }
    made = report.build(table)
    assert len(made.shares) == 0
    parse(made.write(tmp_path)[0])


def test_slipping_customers_are_valuable_and_away() -> None:
    shop = value.simulate_shop(customers=600, seed=2)
    made = report.build(shop.transactions, order="order_id", truth=shop.truth)
    slipping = made.slipping
    assert 0 < len(slipping) < 120
    assert slipping["recency_score"].max() <= 2
    assert slipping["value_rank"].max() <= 120
    assert (np.diff(slipping["value"]) <= 0).all()


@pytest.mark.parametrize(
    "as_of",
    ["2025-01-01", "2025-01-01T01:00+01:00", date(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)],
)
def test_as_of_is_the_same_for_every_part(as_of: Any) -> None:
    shop = value.simulate_shop(customers=300, seed=4)
    made = report.build(shop.transactions, order="order_id", as_of=as_of)
    assert made.summary["last"].max() < np.datetime64("2025-01-01")
    assert made.summary["orders"].sum() <= made.scores["frequency"].sum()
    assert made.customers["customer_id"].size == len(made.scores) == len(made.summary)
    assert "first" in made.customers


def test_progress_is_told() -> None:
    told: set[str] = set()
    shop = value.simulate_shop(customers=300)
    report.build(shop.transactions, notify=lambda what, done, total: told.add(what))
    assert {"scores", "summary", "cohorts", "segments"} <= told


# ---- Reading files ----


def write_file(folder: Path, text: str, name: str = "f.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def test_semicolons_and_commas(tmp_path: Path) -> None:
    notes: list[str] = []
    path = write_file(tmp_path, "kunde;datum;betrag\n7;31.12.2023;1,50\n8;01.01.2024;2,25\n")
    table = _files.read(path, notes=notes)
    assert table["betrag"].to_pylist() == [1.5, 2.25]
    assert str(table["datum"][0].as_py()) == "2023-12-31 00:00:00"
    assert notes == ["columns are parted by ';'", "decimals are written with a comma"]


def test_compressed_latin_and_mixed_columns(tmp_path: Path) -> None:
    # The ids turn to text only after the first block that the reader looks at.
    rows = "".join(f"{i},café,2024-01-01\n" for i in range(200_000)) + "C7,café,2024-01-01\n"
    notes: list[str] = []
    path = write_file(tmp_path, "id,name,date\n" + rows, "f.csv.gz", "latin-1")
    table = _files.read(path, notes=notes)
    assert table["id"].type == pa.string()
    assert table["name"][0].as_py() == "café"
    assert notes == ["the text is not UTF-8; read as Latin-1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (["00123", "0456", ""], ["00123", "0456", None]),
        (["1", "2", "00"], ["1", "2", "00"]),
        (["12345678901234567890", "7"], ["12345678901234567890", "7"]),
        (["1e5", "7"], ["1e5", "7"]),
        (["007.5", "7"], ["007.5", "7"]),
        (["+5", "5"], ["+5", "5"]),
        (["9007199254740993", "-7", "0"], [9007199254740993, -7, 0]),
        ([" 5", "6 "], [5, 6]),
    ],
)
def test_ids_lose_nothing(tmp_path: Path, text: list[str], expected: list[Any]) -> None:
    rows = "".join(f"{i},2024-01-01,5,{i}\n" for i in text)
    path = write_file(tmp_path, "Customer ID,date,amount,mine\n" + rows)
    notes: list[str] = []
    table = _files.read(path, ids=["mine"], notes=notes)
    assert table["Customer ID"].to_pylist() == expected
    assert table["mine"].to_pylist() == expected
    zeros = any(isinstance(i, str) and i.startswith("0") and "." not in i for i in expected)
    assert any("keeps leading zeros" in note for note in notes) is zeros


def test_leading_zeros_reach_the_report(tmp_path: Path) -> None:
    write_file(
        tmp_path, "Kundennummer;Datum;Betrag\n007;01.02.2024;1,50\n7;02.02.2024;2,00\n", "k.csv"
    )
    result = run("report", "k.csv", "--out", "o", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    written = pyarrow.parquet.read_table(tmp_path / "o" / "customers.parquet")
    assert written["customer_id"].to_pylist() == ["7", "007"]
    assert "best 20% (1 customer) hold" in result.stdout


def test_a_report_names_itself() -> None:
    made = report.build(value.simulate_shop(customers=50, seed=1).transactions, title="Ours")
    assert repr(made).startswith("Report 'Ours': 50 customers, ")
    assert "\n" not in repr(made)


def test_ids_that_a_gap_has_turned_into_decimals(tmp_path: Path) -> None:
    path = write_file(tmp_path, "customer,date,amount\n17850.0,2024-01-01,5\n,2024-01-02,6\n")
    table, columns = _files.choose_columns(_files.read(path))
    assert table["customer"].to_pylist() == [17850, None]
    assert any("read as integers" in reason for reason in columns.reasons)
    broken = write_file(tmp_path, "customer,date,amount\n1.5,2024-01-01,5\n")
    with pytest.raises(InvalidArgumentError, match="customer: holds numbers with decimals"):
        _files.choose_columns(_files.read(broken))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/25/2024", "2024-03-25"),
        ("25/03/2024 14:30", "2024-03-25"),
        ("25.03.2024", "2024-03-25"),
        ("20240325", "2024-03-25"),
        ("2024/03/25", "2024-03-25"),
        ("25-Mar-2024", "2024-03-25"),
        ("3/25/24 14:30", "2024-03-25"),
        ("25.03.24", "2024-03-25"),
        ("25-03-2024", "2024-03-25"),
        ("03/25/2024 02:30:00 PM", "2024-03-25"),
        ("3/25/2024 2:30pm", "2024-03-25"),
        ("March 25, 2024", "2024-03-25"),
        ("Mon, 25 Mar 2024 10:00:00 +0100", "2024-03-25"),
        ("2024-03-25T23:30:00.250Z", "2024-03-25"),
        ("2024-03-25 23:30:00 -0500", "2024-03-26"),
        ("2024年3月25日", "2024-03-25"),
    ],
)
def test_forms_of_dates(text: str, day: str) -> None:
    table = pa.table({"customer": [1], "when": [text], "amount": [1.0]})
    read, columns = _files.choose_columns(table, time="when")
    assert str(read["when"][0].as_py())[:10] == day
    assert any("text read as dates" in reason for reason in columns.reasons)


@pytest.mark.parametrize(("number", "unit"), [(1, "seconds"), (1000, "milliseconds")])
def test_times_since_1970(number: int, unit: str) -> None:
    table = pa.table({"customer": [1, 1], "when": [1711324800 * number, None], "amount": [1.0, 2]})
    read, columns = _files.choose_columns(table, time="when")
    assert str(read["when"][0].as_py()) == "2024-03-25"
    assert read["when"][1].as_py() is None
    assert f"when: numbers read as {unit} since 1970" in columns.reasons


@pytest.mark.parametrize(
    ("texts", "days", "other"),
    [
        (["01/02/2024", "01/03/2024"], ["2024-02-01", "2024-03-01"], "%m/%d/%Y"),
        (["01/02/24", "02/01/24", "03/01/24"], ["2024-01-02", "2024-02-01", "2024-03-01"], None),
    ],
)
def test_days_and_months_that_cannot_be_told_apart(
    texts: list[str], days: list[str], other: str | None
) -> None:
    # Day first, unless the rows are in order only with the month first; said either way.
    table = pa.table({"customer": [1] * len(texts), "when": texts, "amount": [1.0] * len(texts)})
    read, columns = _files.choose_columns(table, time="when")
    assert [str(d)[:10] for d in read["when"].to_pylist()] == days
    note = columns.reasons[-1]
    assert note.endswith(f"which {other or '%d/%m/%y'} would fit as well")


def test_a_date_that_is_none_is_named() -> None:
    table = pa.table(
        {"customer": [1, 2, 3], "date": ["30/01/2024", "31/02/2024", None], "amount": [1.0, 2, 3]}
    )
    with pytest.raises(InvalidArgumentError) as caught:
        _files.choose_columns(table)
    assert str(caught.value) == (
        "date: row 1 is '31/02/2024'; expected a date of the form %d/%m/%Y (1 row in all)"
    )


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["$1,234.50", "-$3.00", "($2.50)", ""], [1234.5, -3.0, -2.5, None]),
        (["1.234,50 €", "-3,00 €", "12 €"], [1234.5, -3.0, 12.0]),
        (["1'234.50", "12.50-", "CHF 7"], [1234.5, -12.5, 7.0]),
        (["1\N{NO-BREAK SPACE}234,5", "\N{MINUS SIGN}2"], [1234.5, -2.0]),
        (["1,234", "5"], [1234.0, 5.0]),
        (["1.234.567", "5"], [1234567.0, 5.0]),
    ],
)
def test_amounts_as_they_are_written(texts: list[str], numbers: list[float | None]) -> None:
    days = ["2024-01-01"] * len(texts)
    table = pa.table({"customer": range(len(texts)), "date": days, "amount": texts})
    read, columns = _files.choose_columns(table)
    assert read["amount"].to_pylist() == numbers
    assert any(r.startswith("amount: text read as numbers") for r in columns.reasons)


def test_an_amount_that_is_none_is_named() -> None:
    table = pa.table({"customer": [1, 2], "date": ["2024-01-01"] * 2, "amount": ["$5", "1,2,3"]})
    with pytest.raises(InvalidArgumentError) as caught:
        _files.choose_columns(table)
    assert str(caught.value) == "amount: row 1 is '1,2,3'; expected a number (1 row in all)"


def test_lines_above_the_header(tmp_path: Path) -> None:
    rows = "customer,date,amount\n1,2024-01-01,5\n"
    for title, count in (("Orders of 2024\n\n", "2 lines"), ("sep=,\n", "1 line")):
        notes: list[str] = []
        table = _files.read(write_file(tmp_path, title + rows), notes=notes)
        assert table.column_names == ["customer", "date", "amount"]
        assert notes == [f"{count} above the header left out"]


def test_utf_16_and_late_quotes(tmp_path: Path) -> None:
    table = _files.read(write_file(tmp_path, "kunde,betrag\nMüller,5\n", encoding="utf-16"))
    assert table["kunde"].to_pylist() == ["Müller"]
    rows = "1,plain\n" * 20_000 + '2,"two\nlines"\n'
    table = _files.read(write_file(tmp_path, "customer,remark\n" + rows))
    assert table["remark"][-1].as_py() == "two\nlines"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customer,date,amount\n", "has a header and no rows"),
        ("7,2024-01-01,5\n7,2024-01-02,5\n", "the first line looks like values"),
        ("customer,date,amount,amount\n1,2024-01-01,5,6\n", "column 'amount' is there 2 times"),
    ],
)
def test_headers_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        _files.choose_columns(_files.read(write_file(tmp_path, text)))


def test_text_that_is_no_date() -> None:
    table = pa.table({"customer": [1], "date": ["soon"], "amount": [1.0]})
    with pytest.raises(InvalidArgumentError) as caught:
        _files.choose_columns(table)
    assert str(caught.value) == (
        "date: text such as 'soon' in no known form of date; expected one such as 2024-12-31"
    )


GUESSES: list[tuple[dict[str, Any], tuple[str, str, str, str | None]]] = [
    (
        {"user_id": [1], "created_at": ["2024-01-01"], "revenue": [1.0]},
        ("user_id", "created_at", "revenue", None),
    ),
    (
        {"Customer ID": [1], "Order Date": ["2024-01-01"], "Sales": [1], "Order ID": ["a"]},
        ("Customer ID", "Order Date", "Sales", "Order ID"),
    ),
    (
        {"buyer": ["a"], "x": np.array(["2024-01-01"], "M8[s]"), "y": [1.5], "z": [3]},
        ("buyer", "x", "y", None),
    ),
    (
        {"customer": ["a"], "amount": ["text"], "total": [2.0], "date": ["2024-01-01"]},
        ("customer", "date", "total", None),
    ),
    (
        {"Email": ["a@b"], "Paid at": ["2024-01-01"], "Total": ["$2.00"], "Name": ["#1"]},
        ("Email", "Paid at", "Total", None),
    ),
    (
        {"Order Number": [1], "Bill-to customer": [7], "Date of order": ["2024-01-01"], "x": [2.5]},
        ("Bill-to customer", "Date of order", "x", "Order Number"),
    ),
    (
        {"客户": ["a"], "日期": ["2024-01-01"], "金额": [2.0], "订单号": [5]},
        ("客户", "日期", "金额", "订单号"),
    ),
]


@pytest.mark.parametrize(("columns", "expected"), GUESSES)
def test_guesses(columns: dict[str, Any], expected: tuple[str, str, str, str | None]) -> None:
    _, chosen = _files.choose_columns(pa.table(columns))
    assert (chosen.customer, chosen.time, chosen.amount, chosen.order) == expected


def test_no_guess_between_two_dates() -> None:
    days = np.array(["2024-01-01"], dtype="datetime64[s]")
    table = pa.table({"customer": [1], "shipped": days, "billed": days, "amount": [1.0]})
    with pytest.raises(InvalidArgumentError, match="no column looks like the time"):
        _files.choose_columns(table)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "+05:30"])
@pytest.mark.parametrize("texts", [["02.01.2024", "09.01.2024"], ["2024-01-02", "2024-01-09"]])
def test_a_date_is_a_day_of_the_zone(zone: str, texts: list[str]) -> None:
    table = pa.table({"customer": [1, 2], "date": texts, "amount": [1.0, 2.0]})
    read, _ = _files.choose_columns(table)
    made = report.build(read, customer="customer", as_of="2024-01-10", zone=zone)
    assert repr(made).endswith("2 customers, 2 orders, 2024-01-02 to 2024-01-09.")
    assert made.scores["recency"].tolist() == [8, 1]
    assert [str(day)[:10] for day in made.customers["first"]] == ["2024-01-09", "2024-01-02"]


def test_products(tmp_path: Path) -> None:
    table = pa.table({"customer": [1], "date": ["2024-01-01"], "n": [3], "p": [2.5], "t": ["x"]})
    read, columns = _files.choose_columns(table, amount="n * p")
    assert read[columns.amount].to_pylist() == [7.5]
    with pytest.raises(InvalidArgumentError, match="column 'q' is missing"):
        _files.choose_columns(table, amount="n*q")
    with pytest.raises(InvalidArgumentError, match="t: is of type string; expected numbers"):
        _files.choose_columns(table, amount="n*t")


def test_online_retail_as_it_was_published(
    reference_folder: Callable[[str], Path], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    path = reference_folder("online_retail") / "online_retail.csv.gz"
    expected = reference("online_retail")
    result = run("report", str(path), "--as-of", "2011-12-10", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    missing = expected["raw"]["lines"] - expected["raw"]["lines_with_customer"]
    assert f"{missing:,} rows left out: a value is missing" in result.stdout
    summary = pyarrow.parquet.read_table(tmp_path / "patron-report" / "summary.parquet")
    gross = expected["invoices"]["gross_milli"] / 1000
    assert sum(summary["gross"].to_pylist()) == pytest.approx(gross, rel=1e-6)
    numbers = re.search(r"([\d,]+) customers, ([\d,]+) orders", result.stdout)
    assert numbers is not None
    assert numbers[2] == f"{expected['invoices']['purchase_rows']:,}"
