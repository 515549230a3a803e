"""The HTML page of a report: one file, pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from patron import __version__
from patron._text import counted, customers, figure, money, percent
from patron.value._instants import local

if TYPE_CHECKING:
    from patron.report import Report
    from patron.table import Table

_STYLE = """
:root { color-scheme: light; --ink: #1d2b3a; --muted: #66727f; --rule: #dde3e8; --blue: #1f5f8b; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 0 0 4px; }
p { margin: 4px 0 14px; color: var(--muted); max-width: 72ch; }
section { background: #fff; border: 1px solid var(--rule); border-radius: 10px; padding: 24px 28px;
  margin-top: 22px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 14px;
  margin-top: 24px; }
.card { background: #fff; border: 1px solid var(--rule); border-radius: 10px; padding: 14px 18px; }
.card b { display: block; font-size: 25px; line-height: 1.25; font-weight: 650; }
.card span { color: var(--muted); font-size: 13px; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; align-items: start; }
@media (max-width: 800px) { .two { grid-template-columns: 1fr; } }
img { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px;
  font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 500; color: var(--muted); padding: 6px 10px;
  border-bottom: 1px solid var(--rule); white-space: nowrap; }
td { text-align: right; padding: 6px 10px; border-bottom: 1px solid #eef1f4; white-space: nowrap; }
th.text, td.text { text-align: left; }
td.bar { width: 22%; text-align: left; }
td.bar i { display: inline-block; height: 11px; background: var(--blue); border-radius: 2px;
  vertical-align: middle; }
td.bar i.loss { background: #b3394a; }
ul { margin: 6px 0 0; padding-left: 20px; color: var(--muted); font-size: 14px; }
footer { margin-top: 28px; color: var(--muted); font-size: 13px; }
"""


def render(report: Report, pictures: dict[str, bytes]) -> str:
    """Return the page of `report` with `pictures` (PNG) inside."""
    images = {
        name: f'<img alt="{escape(name.replace("_", " "))}" src="data:image/png;base64,'
        f'{base64.b64encode(data).decode("ascii")}">'
        for name, data in pictures.items()
    }
    parts = [
        f"<header><h1>{escape(report.title)}</h1><p>{escape(headline(report))}</p></header>",
        _cards(report),
        _section(
            "Where the value comes from",
            "Customers from the most valuable down. The area of a tier is its customers, its "
            "colour the share of value that they bring.",
            images["pyramid"],
        ),
        _concentration(report, images),
        _segments(report, images),
    ]
    if "cohorts" in images:
        parts.append(
            _section(
                "Do they come back?",
                "Each row follows the customers of one month; the darker, the more of them buy "
                "again. The last period of each row may be incomplete.",
                images["cohorts"],
            )
        )
    parts += [_best(report), _slipping(report), _truth(report), _data(report)]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body><main>"
        + "".join(parts)
        + f"<footer>Patron {escape(__version__)}. Value is net: purchases less refunds."
        "</footer></main></body></html>\n"
    )


def headline(report: Report) -> str:
    """Say in one sentence what the data are."""
    first, last = period(report)
    return (
        f"{customers(len(report.scores))}, "
        f"{counted(int(report.scores['frequency'].sum()), 'order')}, "
        f"{first} to {last}."
    )


def period(report: Report) -> tuple[str, str]:
    """First and last day with a purchase."""
    ends = np.array([report.summary["first"].min(), report.summary["last"].max()])
    first, last = local(ends, report.zone).astype("datetime64[D]")
    return str(first), str(last)


def _section(title: str, text: str, *content: str) -> str:
    body = "".join(content)
    return f"<section><h2>{escape(title)}</h2><p>{escape(text)}</p>{body}</section>"


def _cards(report: Report) -> str:
    c = report.concentration
    cards = [
        (f"{c.customers:,}", "customers with a purchase"),
        (money(c.total, report.currency), "net value"),
        (money(c.total / max(c.customers, 1), report.currency), "net value a customer"),
        (percent(c.top_20_share), "held by the best 20%"),
        (figure(c.gini, 2), "Gini: 0 all alike, 1 one has all"),
    ]
    inside = "".join(
        f'<div class="card"><b>{escape(number)}</b><span>{escape(label)}</span></div>'
        for number, label in cards
    )
    return f'<div class="cards">{inside}</div>'


def _concentration(report: Report, images: dict[str, str]) -> str:
    c = report.concentration
    rows = [
        [
            f"{share:.0%}",
            f"{int(count):,}",
            percent(held),
        ]
        for share, count, held in zip(
            report.shares["customer_share"],
            report.shares["customers"],
            report.shares["value_share"],
            strict=True,
        )
    ]
    text = f"Gini {figure(c.gini, 3)}. "
    if not np.isnan(c.effective_number):
        text += (
            f"The value is as concentrated as if {c.effective_number:,.0f} equal customers "
            "held all of it. "
        )
    if c.negatives:
        text += f"{c.negatives:,} customers returned more than they bought in this period."
    curves = "".join(f"<div>{images[n]}</div>" for n in ("share_curve", "lorenz") if n in images)
    return _section(
        "How concentrated it is",
        text,
        f'<div class="two">{curves}</div>' if curves else "",
        _table(["Best customers", "Customers", "Share of value"], rows) if rows else "",
        images.get("whale", ""),
    )


def _segments(report: Report, images: dict[str, str]) -> str:
    t = report.segments.to_dict()
    largest = max((abs(float(s)) for s in t["value_share"] if not np.isnan(s)), default=1.0) or 1.0
    rows: list[list[str]] = []
    for i in range(len(report.segments)):
        share = float(t["value_share"][i])
        width = 0.0 if np.isnan(share) else 100 * abs(share) / largest
        kind = ' class="loss"' if share < 0 else ""
        rows.append(
            [
                escape(str(t["segment"][i])),
                f"{int(t['customers'][i]):,}",
                percent(float(t["share"][i])),
                f"{int(t['orders'][i]):,}",
                money(float(t["value"][i]), report.currency),
                percent(share),
                f"<i{kind} style='width:{width:.1f}%'></i>",
            ]
        )
    head = ["Segment", "Customers", "Share", "Orders", "Value", "Share of value", ""]
    return _section(
        "How lately, how often",
        "Scores from 1 to the best by recency and frequency, and the segments that they make.",
        images["rfm_grid"],
        _table(head, rows, text=(0,), bar=6, escaped=True),
    )


_LIST_HEAD = ["", "Customer", "Tier", "Segment", "Value", "Share", "Orders", "Days since"]


def listed(table: Table, count: int, currency: str) -> list[list[str]]:
    """First customers of a table like `Report.customers`, as text."""
    columns = {name: table._native.column(name, count) for name in table.columns}
    return [
        [
            f"{int(columns['value_rank'][i]):,}",
            str(columns["customer_id"][i]),
            str(columns["tier"][i] or ""),
            str(columns["segment"][i]),
            money(float(columns["value"][i]), currency),
            percent(float(columns["value_share"][i])),
            f"{int(columns['orders'][i]):,}",
            f"{int(columns['recency_days'][i]):,}",
        ]
        for i in range(min(count, len(table)))
    ]


def _best(report: Report) -> str:
    return _section(
        "The customers that matter",
        "The most valuable; customers.csv has them all.",
        _table(_LIST_HEAD, listed(report.customers, 15, report.currency), text=(1, 2, 3)),
    )


def _slipping(report: Report) -> str:
    slipping = report.slipping
    if not len(slipping):
        return ""
    at_stake = float(slipping["value"].sum())
    return _section(
        "Valuable, and slipping away",
        f"{len(slipping):,} of the best 20% by value have not bought for long: "
        f"{money(at_stake, report.currency)} of past value. slipping.csv has them all.",
        _table(_LIST_HEAD, listed(slipping, 15, report.currency), text=(1, 2, 3)),
    )


def truth_by_segment(report: Report) -> list[list[str]]:
    """Of a simulated shop: how many customers of each segment are really still there."""
    if report.truth is None:
        return []
    truth = report.truth.to_dict()
    membership = report.segments.membership.to_dict()
    where = np.searchsorted(truth["customer_id"], membership["customer_id"])
    alive = truth["alive_at_end"][where]
    rows = []
    for name in report.segments["segment"]:
        inside = membership["segment"] == name
        if inside.any():
            rows.append([str(name), f"{int(inside.sum()):,}", percent(float(alive[inside].mean()))])
    return rows


def _truth(report: Report) -> str:
    rows = truth_by_segment(report)
    if not rows:
        return ""
    return _section(
        "What the simulator knows",
        "The data are generated, so the truth is known: who of each segment is still a customer.",
        _table(["Segment", "Customers", "Still customers"], rows, text=(0,)),
    )


def _data(report: Report) -> str:
    r: Any = report.scores.report
    first, last = period(report)
    facts = [
        f"{r.rows:,} rows, of which {r.used:,} took part; first purchase {first}, last {last}",
        f"{r.refunds:,} refunds, {r.orphan_refunds:,} of them without an earlier purchase",
    ]
    if r.skipped_null:
        facts.append(f"{r.skipped_null:,} rows left out: a value is missing")
    if r.skipped_late:
        facts.append(f"{r.skipped_late:,} rows left out: after the end of observation")
    if r.without_purchase:
        facts.append(f"{r.without_purchase:,} customers left out: refunds but no purchase")
    items = "".join(f"<li>{escape(text)}</li>" for text in (*facts, *report.notes))
    return f"<section><h2>The data</h2><ul>{items}</ul></section>"


def _table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text: tuple[int, ...] = (),
    bar: int | None = None,
    escaped: bool = False,
) -> str:
    def cell(tag: str, i: int, content: str) -> str:
        kind = ' class="text"' if i in text else ' class="bar"' if i == bar else ""
        return f"<{tag}{kind}>{content}</{tag}>"

    top = "".join(cell("th", i, escape(label)) for i, label in enumerate(head))
    body = "".join(
        "<tr>"
        + "".join(cell("td", i, c if escaped else escape(c)) for i, c in enumerate(row))
        + "</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'
