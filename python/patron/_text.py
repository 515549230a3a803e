"""Numbers as a headline writes them."""

from __future__ import annotations

import math

NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def percent(share: float) -> str:
    """Write a share: 15.1%, 0.03%, 100%; a dash for nan."""
    if math.isnan(share):
        return NOTHING
    sign, size = (MINUS if share < 0 else ""), abs(share)
    digits = 2 if 0 < size < 0.001 else 0 if size >= 0.9995 else 1
    return f"{sign}{size:.{digits}%}"


def money(value: float, currency: str = "") -> str:
    """Write an amount: 8.91 m; a dash for nan."""
    if math.isnan(value):
        return NOTHING
    sign, size = (MINUS if value < 0 else ""), abs(value)
    for limit, divisor, unit in ((999.5e6, 1e9, " bn"), (999.5e3, 1e6, " m"), (1e4, 1e3, " k")):
        if size >= limit:
            scaled = size / divisor
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{sign}{currency}{scaled:,.{digits}f}{unit}"
    return f"{sign}{currency}{size:,.0f}" if size >= 100 else f"{sign}{currency}{size:,.2f}"


def customers(count: int) -> str:
    """Write a number of customers."""
    return counted(count, "customer")


def counted(count: int, what: str) -> str:
    """Write a number of things: 1 row, 1,200 rows."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def figure(value: float, digits: int) -> str:
    """Write a number with so many decimals; a dash for nan."""
    return NOTHING if math.isnan(value) else f"{value:.{digits}f}"


def money_ticks(values: list[float], currency: str = "") -> list[str]:
    """Write evenly spaced amounts of an axis in one unit, with no more digits than they need."""
    largest = max((abs(value) for value in values), default=0.0)
    divisor, unit = 1.0, ""
    for limit, by, name in ((1e9, 1e9, " bn"), (1e6, 1e6, " m"), (1e4, 1e3, " k")):
        if largest >= limit:
            divisor, unit = by, name
            break
    scaled = [value / divisor for value in values]
    digits = next(
        (d for d in range(3) if all(abs(round(s, d) - s) < 1e-9 * (1 + abs(s)) for s in scaled)), 2
    )
    return [
        f"{MINUS if s < 0 else ''}{currency}{abs(s):,.{digits}f}{unit if s else ''}" for s in scaled
    ]
