"""The value report: pyramid, concentration, RFM segments, cohorts, and the customers that matter.

The command ``patron report`` writes what `build` makes; both need ``pip install "patron[report]"``.

Examples
--------
>>> import patron
>>> shop = patron.value.simulate_shop(customers=300, seed=5)
>>> found = patron.report.build(shop.transactions, order="order_id", truth=shop.truth)
>>> found.tiers["tier"].tolist()
['top', 'large', 'medium', 'small']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from patron import _core, value
from patron.errors import InvalidArgumentError
from patron.table import Table
from patron.value._instants import in_zone, local

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from patron._typing import InstantLike, TableLike

__all__ = ["Report", "build"]

Notify = Callable[[str, int, int], object]
"""Told (what, done, total) while a report is made."""

_LISTED = 15


@dataclass(frozen=True, repr=False)
class Report:
    """A value report; `write` writes it as a page with pictures and tables.

    Attributes
    ----------
    title : str
        Headline.
    currency : str
        Written before amounts.
    notes : list of str
        What a reader should know about how the data were read.
    scores : RfmScores
        One row a customer.
    segments : Segmentation
        One row a segment.
    tiers : Tiers
        One row a tier of the pyramid.
    concentration : Concentration
        How unevenly net value is spread over customers.
    shares : Table
        What share of value the top 1, 5, 10, 20 and 50 % of customers hold.
    cohorts : Cohorts
        Customers by month of first purchase.
    summary : Summary
        One row a customer, in the sense of the buy-till-you-die literature.
    truth : Table, optional
        What the simulator knows about the customers.
    zone : str
        Time zone whose midnights part the days; times of the customers are local.
    """

    title: str
    currency: str
    notes: list[str]
    scores: value.RfmScores
    segments: value.Segmentation
    tiers: value.Tiers
    concentration: value.Concentration
    shares: Table
    cohorts: value.Cohorts
    summary: value.Summary
    truth: Table | None = None
    zone: str = "UTC"
    _customers: list[Table] = field(default_factory=list, repr=False, compare=False)

    def __repr__(self) -> str:
        from patron._page import headline

        return f"Report {self.title!r}: {headline(self)}"

    @property
    def customers(self) -> Table:
        """One row a customer, best first: measures, scores, segment, tier, rank and shares."""
        if not self._customers:
            self._customers.append(_customers(self))
        return self._customers[0]

    @property
    def slipping(self) -> Table:
        """The valuable who stay away: in the best 20 % by value, with a recency score of 1 or 2."""
        customers = self.customers.to_dict()
        count = len(customers["value"])
        best = customers["value_rank"] <= max(1, int(np.ceil(0.2 * count)))
        away = customers["recency_score"] <= 2
        rows = np.flatnonzero(best & away & (customers["value"] > 0))
        return _rows(self.customers, rows)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Draw the pictures one after another, each with its name."""
        from patron import plot

        amounts = self.scores["monetary"]
        yield "pyramid", _figure(plot.pyramid(self.tiers, currency=self.currency))
        if self.concentration.total > 0:
            yield "share_curve", _figure(plot.share_curve(amounts))
            yield "lorenz", _figure(plot.lorenz(amounts))
        if abs(self.concentration.negative_sum) > 0.01 * abs(self.concentration.total):
            yield (
                "whale",
                _figure(plot.whale_curve(amounts, currency=self.currency, quantity="net value")),
            )
        yield "rfm_grid", _figure(plot.rfm_grid(self.scores, bins=self._bins()))
        if len(self.cohorts) > 1:
            yield "cohorts", _figure(plot.cohorts(self.cohorts))

    def tables(self) -> dict[str, Table]:
        """Return the tables that `write` writes, by name."""
        tables: dict[str, Table] = {
            "customers": self.customers,
            "slipping": self.slipping,
            "pyramid": self.tiers,
            "segments": self.segments,
            "rfm_bins": self.scores.bins,
            "shares": self.shares,
            "cohorts": self.cohorts,
            "summary": self.summary,
        }
        if self.truth is not None:
            tables["truth"] = self.truth
        return tables

    def write(self, folder: str | Path, *, notify: Notify | None = None) -> list[Path]:
        """Write pictures (PNG), tables (CSV and Parquet) and one HTML page.

        Parameters
        ----------
        folder : path
            Where to write; made if it is missing. Files of the same names are replaced.
        notify : callable, optional
            Told (what, done, total).

        Returns
        -------
        list of Path
            The files, ``index.html`` first.
        """
        import matplotlib as mpl
        import pyarrow.csv
        import pyarrow.parquet

        from patron import _page

        notify = notify or (lambda *_: None)
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "index.html"]

        backend = mpl.get_backend()
        mpl.use("Agg")
        try:
            pictures: dict[str, bytes] = {}
            for name, figure in self.figures():
                path = folder / f"{name}.png"
                figure.savefig(path, dpi=144)
                _close(figure)
                pictures[name] = path.read_bytes()
                paths.append(path)
                notify("pictures", len(pictures), len(pictures) + 1)
            notify("pictures", len(pictures), len(pictures))
        finally:
            mpl.use(backend)

        tables = self.tables()
        for done, (name, table) in enumerate(tables.items()):
            notify("tables", done, len(tables))
            arrow = table.to_arrow()
            pyarrow.csv.write_csv(arrow, folder / f"{name}.csv")
            pyarrow.parquet.write_table(arrow, folder / f"{name}.parquet")
            paths += [folder / f"{name}.csv", folder / f"{name}.parquet"]
        notify("tables", len(tables), len(tables))
        paths[0].write_text(_page.render(self, pictures), encoding="utf-8")
        return paths

    def _bins(self) -> int:
        return int(self.scores.bins["bin"].max())


def build(
    transactions: TableLike,
    *,
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    order: str | None = None,
    as_of: InstantLike | None = None,
    rules: str | value.Segments = "grid",
    definition: str | value.Pyramid = "curry",
    zone: str = "UTC",
    currency: str = "",
    title: str = "Value report",
    truth: Table | None = None,
    notes: list[str] | None = None,
    notify: Notify | None = None,
) -> Report:
    """Make a value report of transactions.

    Rows with a null are skipped and counted. Value is net: purchases less refunds.

    Parameters
    ----------
    transactions : table
        One row a transaction: who, when, how much. A negative amount is a refund.
    customer, time, amount, order : str
        Columns, as in `patron.value.summarize`.
    as_of : instant, optional
        Exclusive end of the data; by default the midnight after the last row.
    rules : str or Segments
        Segments, as in `patron.value.segments`.
    definition : str or Pyramid
        Pyramid, as in `patron.value.pyramid`.
    zone : str
        IANA time zone whose midnights part the days.
    currency : str
        Written before amounts, such as "£".
    title : str
        Headline.
    truth : Table, optional
        What the simulator knows, as `patron.value.simulate_shop` gives it.
    notes : list of str, optional
        What a reader should know about how the data were read.
    notify : callable, optional
        Told (what, done, total).

    Raises
    ------
    ValueError
        As the functions of `patron.value`, and if no customer has a purchase.
    """
    tell = notify or (lambda *_: None)

    def progress(what: str) -> Callable[[int, int], object]:
        return lambda done, total: tell(what, done, total)

    as_of = in_zone(as_of, zone)
    data = Table(transactions)
    scores = value.rfm(
        data,
        customer=customer,
        time=time,
        amount=amount,
        order=order,
        as_of=as_of,
        zone=zone,
        nulls="skip",
        progress=progress("scores"),
    )
    if len(scores) == 0:
        raise InvalidArgumentError(
            "no customer has a purchase: expected rows with a positive amount"
        )
    # The last instant that counts, for functions whose end is inclusive.
    last = None if as_of is None else np.datetime64(_core.microseconds(as_of, "as_of") - 1, "us")
    summary = value.summarize(
        data,
        customer=customer,
        time=time,
        amount=amount,
        order=order,
        observation_end=last,
        zone=zone,
        nulls="skip",
        progress=progress("summary"),
    )
    followed = value.cohorts(
        data,
        customer=customer,
        time=time,
        amount=amount,
        order=order,
        observation_end=last,
        zone=zone,
        nulls="skip",
        progress=progress("cohorts"),
    )
    tell("segments", 0, 1)
    amounts = scores["monetary"]
    concentration = value.concentration(amounts)
    asked = np.array([0.01, 0.05, 0.1, 0.2, 0.5])
    shares = (
        value.share_curve(amounts, asked)
        if concentration.total > 0
        else Table({"customer_share": asked[:0], "customers": asked[:0], "value_share": asked[:0]})
    )
    report = Report(
        title=title,
        currency=currency,
        zone=zone,
        notes=list(notes or []),
        scores=scores,
        segments=value.segments(scores, rules),
        tiers=value.pyramid(scores, definition, value="monetary"),
        concentration=concentration,
        shares=shares,
        cohorts=followed,
        summary=summary,
        truth=truth,
    )
    tell("segments", 1, 1)
    return report


def _customers(report: Report) -> Table:
    scores = report.scores.to_dict()
    amounts = scores["monetary"].astype(float)
    count = len(amounts)
    # Best first; equal values in order of id, which is the order of the rows.
    order = np.argsort(-amounts, kind="stable")
    total = report.concentration.total
    share = amounts / total if total > 0 else np.full(count, np.nan)
    columns: dict[str, npt.NDArray[Any]] = {
        "value_rank": np.arange(1, count + 1),
        "customer_id": scores["customer_id"][order],
        "tier": report.tiers.membership["tier"][order],
        "segment": report.segments.membership["segment"][order],
        "value": amounts[order],
        "value_share": share[order],
        "cumulative_share": np.cumsum(share[order]),
        "orders": scores["frequency"][order],
        "recency_days": scores["recency"][order],
    }
    summary = report.summary.to_dict()
    if np.array_equal(summary["customer_id"], scores["customer_id"]):
        for name in ("first", "last", "gross", "refunds"):
            column = summary[name][order]
            columns[name] = local(column, report.zone) if column.dtype.kind == "M" else column
    for name in ("recency_score", "frequency_score", "monetary_score", "rfm"):
        columns[name] = scores[name][order]
    return Table(columns)


def _rows(table: Table, rows: npt.NDArray[np.intp]) -> Table:
    return Table({name: values[rows] for name, values in table.to_dict().items()})


def _figure(ax: Any) -> Figure:
    return cast("Figure", ax.figure)


def _close(figure: Figure) -> None:
    import matplotlib.pyplot as plt

    plt.close(figure)
