"""Commands of the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import rich.box
import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable
from rich.text import Text

import patron
from patron.errors import Error

app = typer.Typer(
    name="patron",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Who customers are, what they are worth, how loyal they are.",
)
_out = Console(highlight=False, soft_wrap=False)
_errors = Console(stderr=True, highlight=False)


@contextlib.contextmanager
def _exit_codes() -> Iterator[None]:
    """Errors end the command with one line and a code: 1 for the data or a file, 130 stopped."""
    try:
        yield
    except KeyboardInterrupt:
        _errors.print("patron: stopped")
        raise typer.Exit(130) from None
    except MemoryError as error:
        _fail(str(error) or "there is not enough memory")
        raise typer.Exit(1) from error
    except (Error, OSError, ImportError) as error:
        _fail(str(error))
        raise typer.Exit(1) from error


def _fail(message: str) -> None:
    line = " ".join(message.split())
    _errors.print(Text.assemble(("patron: ", "bold red"), line), soft_wrap=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        _out.print(f"patron {patron.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


@app.command()
def report(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Transactions as CSV (also .gz) or Parquet; without one, a generated shop.",
            show_default=False,
        ),
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Column of customer ids; guessed by default.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Column of dates or timestamps; guessed by default.")
    ] = None,
    amount: Annotated[
        str | None,
        typer.Option(
            help="Column of amounts, refunds negative, or a product such as "
            "'Quantity*UnitPrice'; guessed by default."
        ),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Column of order ids; guessed by default.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Exclusive end of the data, such as 2024-12-31; the midnight after the "
            "last row by default."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("patron-report"),
    currency: Annotated[str, typer.Option(help="Written before amounts, such as '£'.")] = "",
    rules: Annotated[str, typer.Option(help="Segments: grid, a, b or putler.")] = "grid",
    pyramid: Annotated[
        str, typer.Option(help="Pyramid: curry, abc, zeithaml or classes.")
    ] = "curry",
    zone: Annotated[str, typer.Option(help="Time zone whose midnights part the days.")] = "UTC",
    title: Annotated[str | None, typer.Option(help="Headline of the page.")] = None,
    customers: Annotated[int, typer.Option(help="Customers of the generated shop.", min=1)] = 5000,
    seed: Annotated[int, typer.Option(help="Seed of the generated shop.", min=0)] = 42,
    threads: Annotated[int, typer.Option(help="Threads; 0 is one a core.", min=0, max=1024)] = 0,
) -> None:
    """Report on a file of transactions, or on a generated shop.

    Prints the pyramid, concentration, segments and the customers that matter, and writes pictures
    (PNG), tables (CSV and Parquet) and one self-contained page (index.html) into a folder.

    Such as: patron report orders.csv --customer Client --amount "Quantity*UnitPrice" --currency £
    """
    from patron import _files
    from patron import report as reports

    patron.set_threads(threads)
    notes: list[str] = []
    truth = None
    with _exit_codes(), _progress() as notify:
        if file is None:
            shop = patron.value.simulate_shop(
                customers=customers,
                seed=seed,
                progress=lambda done, total: notify("generating", done, total),
            )
            data: Any = shop.transactions
            truth = shop.truth
            columns = _files.Columns("customer_id", "date", "amount", "order_id")
            notes.append(
                f"a generated shop: {customers:,} customers, {len(shop.transactions):,} "
                f"transactions, seed {seed}"
            )
        else:
            notify("reading", 0, 1)
            ids = [name for name in (customer, order) if name is not None]
            table = _files.read(file, ids=ids, notes=notes)
            data, columns = _files.choose_columns(
                table, customer=customer, time=time, amount=amount, order=order
            )
            notify("reading", 1, 1)
        notes += columns.reasons
        made = reports.build(
            data,
            customer=columns.customer,
            time=columns.time,
            amount=columns.amount,
            order=columns.order,
            as_of=as_of,
            rules=rules,
            definition=pyramid,
            zone=zone,
            currency=currency,
            title=title or ("Value report" if file is None else f"Value report: {file.name}"),
            truth=truth,
            notes=notes,
            notify=notify,
        )
        paths = made.write(out, notify=notify)
    _print_report(made)
    _out.print()
    _out.print(f"{len(paths)} files in {out}: open [bold]{paths[0]}[/]")


@app.command()
def defaults(
    name: Annotated[
        str | None, typer.Argument(help="One default; all of them without.", show_default=False)
    ] = None,
) -> None:
    """List the numbers taken from the literature, with their sources."""
    with _exit_codes():
        known = patron.defaults.list() if name is None else [patron.defaults.get(name)]
    for d in known:
        changed = "" if d.value == d.built_in else f" (built in: {d.built_in:g})"
        confidence = d.confidence.replace("_", " ")
        _out.print(Text.assemble((d.name, "bold"), f" = {d.value:g} {d.unit}{changed}"))
        _out.print(
            Padding(Text(f"{d.low:g} to {d.high:g}; {confidence}. {d.source}", "dim"), (0, 0, 0, 4))
        )


@contextlib.contextmanager
def _progress() -> Iterator[Any]:
    """Bars for each step, on a terminal only, gone when all is done."""
    with Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=_errors,
        transient=True,
        disable=not _errors.is_terminal,
    ) as progress:
        tasks: dict[str, Any] = {}

        def notify(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield notify


def _table(*head: str, right: tuple[int, ...] = (), title: str | None = None) -> RichTable:
    table = RichTable(
        title=title,
        title_justify="left",
        title_style="bold",
        box=rich.box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
    )
    for i, label in enumerate(head):
        table.add_column(label, justify="right" if i in right else "left", no_wrap=True)
    return table


def _print_report(made: Any) -> None:
    from patron import _page
    from patron._text import counted, figure, money, percent
    from patron._text import customers as named

    _out.print()
    _out.print(f"[bold]{made.title}[/]")
    _out.print(_page.headline(made))
    for note in made.notes:
        _out.print(f"[dim]· {note}[/]")
    rows = made.scores.report
    if rows.skipped_null:
        left = counted(rows.skipped_null, "row")
        _out.print(f"[dim]· {left} left out: a value is missing[/]")
    if rows.without_purchase:
        left = named(rows.without_purchase)
        _out.print(f"[dim]· {left} left out: refunds but no purchase[/]")

    t = made.tiers.to_dict()
    shares = [float(s) if s is not None else float("nan") for s in t["value_share"]]
    largest = max((s for s in shares if s == s), default=1.0) or 1.0
    table = _table(
        "",
        "tier",
        "customers",
        "",
        "from",
        "value",
        "share",
        "",
        right=(2, 3, 4, 5, 6),
        title="Value pyramid",
    )
    count = len(shares)
    for i, share in enumerate(shares):
        width = 2 * i + 2
        table.add_row(
            Text(" " * (count - i) + "▇" * width, style="blue"),
            Text(str(t["tier"][i]), style="bold"),
            f"{int(t['customers'][i]):,}",
            percent(float(t["customer_share"][i])),
            money(float(t["entry_threshold"][i]), made.currency),
            money(float(t["value"][i]), made.currency),
            percent(share),
            Text("█" * round(16 * max(0.0, share) / largest), style="cyan"),
        )
    _out.print(table)

    c = made.concentration
    table = _table("", "", right=(1,), title="Concentration")
    table.show_header = False
    table.add_row("Gini", figure(c.gini, 3))
    if c.effective_number == c.effective_number:
        table.add_row("equal customers that would be as concentrated", f"{c.effective_number:,.0f}")
    for share, count, held in zip(
        made.shares["customer_share"],
        made.shares["customers"],
        made.shares["value_share"],
        strict=True,
    ):
        table.add_row(f"best {share:.0%} ({named(int(count))}) hold", percent(held))
    if c.negatives:
        table.add_row("customers with negative net value", f"{c.negatives:,}")
    _out.print(table)

    t = made.segments.to_dict()
    table = _table(
        "segment",
        "customers",
        "",
        "orders",
        "value",
        "share",
        right=(1, 2, 3, 4, 5),
        title="Segments",
    )
    for i in range(len(made.segments)):
        table.add_row(
            str(t["segment"][i]),
            f"{int(t['customers'][i]):,}",
            percent(float(t["share"][i])),
            f"{int(t['orders'][i]):,}",
            money(float(t["value"][i]), made.currency),
            percent(float(t["value_share"][i])),
        )
    _out.print(table)

    _print_customers(made, made.customers, 10, "The customers that matter")
    slipping = made.slipping
    if len(slipping):
        lost = money(float(slipping["value"].sum()), made.currency)
        _print_customers(
            made, slipping, 10, f"Valuable, and slipping away: {len(slipping):,}, worth {lost}"
        )
    truth = _page.truth_by_segment(made)
    if truth:
        table = _table(
            "segment",
            "customers",
            "still customers",
            right=(1, 2),
            title="What the simulator knows",
        )
        for row in truth:
            table.add_row(*row)
        _out.print(table)


def _print_customers(made: Any, customers: Any, count: int, title: str) -> None:
    from patron import _page

    table = _table(
        "",
        "customer",
        "tier",
        "segment",
        "value",
        "share",
        "orders",
        "days since",
        right=(0, 4, 5, 6, 7),
        title=title,
    )
    for row in _page.listed(customers, count, made.currency):
        table.add_row(*map(Text, row))
    _out.print(table)
