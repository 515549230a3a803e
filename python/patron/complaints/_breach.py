"""How likely open cases are to pass their limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import TableLike


def breach_risk(
    history: TableLike,
    cases: TableLike,
    *,
    time: str = "time",
    observed: str = "observed",
    age: str = "age",
    limit: str = "limit",
    stratum: str | None = None,
    least: int = 20,
) -> Table:
    """Return the probability that cases that are open pass their limit.

    It is S(limit) / S(age), where S is the curve of Kaplan and Meier of how long the cases of the
    history took: of those that were still open at that age, the share that was open at the limit.

    Parameters
    ----------
    history : table
        One row a case: time to its end, in any unit, and observed, whether it ended then or was
        still open.
    cases : table
        One row an open case: age and limit, in the same unit, such as used and limit of
        `Casebook.clocks`.
    time, observed, age, limit : str
        Columns.
    stratum : str, optional
        Column of both tables: cases are compared with those of the same stratum.
    least : int
        Nothing is said where fewer cases of the history were open at that age.

    Returns
    -------
    Table
        In the order of `cases`: probability (nan where nothing is said), at_risk (cases of the
        history that were open at that age), late (past its limit already; probability 1).

    Raises
    ------
    ValueError
        For an empty history, and times that are negative or not finite, naming the row.

    Examples
    --------
    >>> from patron.complaints import breach_risk
    >>> history = {"time": list(range(1, 41)), "observed": [True] * 40}
    >>> found = breach_risk(history, {"age": [0, 10, 30, 9], "limit": [20, 25, 35, 8]})
    >>> found["probability"], found["at_risk"]
    (array([0.5, 0.5, nan, 1. ]), array([40, 31, 11, 32]))
    """
    return Table._of(_core.breach(history, cases, (time, observed, age, limit, stratum, least)))
