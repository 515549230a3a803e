"""Patron: who customers are, what they are worth, how loyal they are.

Modules
-------
value
    Worth, looking back: summaries, RFM, segments, pyramids, concentration, profitability, cohorts.
clv
    Lifetime value, looking ahead: models of purchases, dropout and spend.
loyalty
    Who is about to leave, and what says so.
complaints
    What becomes of complaints: business calendars and their clocks.
loyalty
    How long customers stay, what makes them leave, how loyal they are.
customers
    Who is who: how alike records are, and which belong to one person.
defaults
    Every number taken from the literature, with its source; each can be changed.
plot
    Pictures of the results (needs matplotlib).
report
    The whole report at once, as the command ``patron report`` writes it.
errors
    What Patron raises.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from patron import _core
from patron.errors import ConvergenceError, Error
from patron.table import Table

if TYPE_CHECKING:
    from patron import clv, complaints, customers, defaults, errors, loyalty, plot, report, value

__version__: str = _core.version

__all__ = [
    "ConvergenceError",
    "Error",
    "Table",
    "__version__",
    "clv",
    "complaints",
    "customers",
    "defaults",
    "errors",
    "loyalty",
    "plot",
    "report",
    "set_threads",
    "value",
]

_MODULES = frozenset(
    {"clv", "complaints", "customers", "defaults", "errors", "loyalty", "plot", "report", "value"}
)


def set_threads(count: int) -> None:
    """Set how many threads long calls use. Results are the same bits with any number.

    Parameters
    ----------
    count : int
        Number of threads with the caller's included, at most 1024; 0, the default, is one a core.

    Raises
    ------
    ValueError
        For a number outside 0 to 1024.

    Examples
    --------
    >>> import patron
    >>> patron.set_threads(2)
    >>> patron.set_threads(0)
    """
    _core.set_threads(count)


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(f"patron.{name}")
    raise AttributeError(f"module 'patron' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
