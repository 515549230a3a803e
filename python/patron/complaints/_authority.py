"""Who may do what, how much the front line decides by itself, and what faults weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron import _core
from patron.complaints._instants import instants, microseconds
from patron.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patron._typing import ColumnLike, InstantLike
    from patron.complaints._casebook import Casebook
    from patron.complaints._policy import Policy

_NO_TIME = int(np.iinfo(np.int64).min)
_DAY = 86_400_000_000


def authority(policy: Policy) -> Table:
    """Return who may do what under a policy: one row a role and event.

    Columns are role, event, max_severity; single, of_case, of_customer (limits of money; None where
    there is none); in_crisis (may act outwards then), other_person (not on what the same person
    proposed).

    Examples
    --------
    >>> from patron.complaints import Policy, authority
    >>> table = authority(Policy())
    >>> rows = zip(table["role"], table["event"], table["single"])
    >>> [float(limit) for role, event, limit in rows if (role, event) == ("supervisor", "compensate")]
    [500.0]
    """
    return Table._of(_core.authority(policy._native))


def empowerment(
    book: Casebook,
    since: InstantLike | int | None = None,
    until: InstantLike | int | None = None,
    *,
    level: float = 0.95,
) -> Table:
    """Tell how many closed cases needed nobody's approval, by the role that decided them.

    Parameters
    ----------
    book : Casebook
    since, until : instant, optional
        Cases that ended then, `until` not included.
    level : float
        Of Wilson's interval.

    Returns
    -------
    Table
        role (None for none), closed, alone, share, lower, upper, granted (compensation).

    Examples
    --------
    >>> from patron.complaints import Casebook, empowerment
    >>> book = Casebook()
    >>> kinds = ["receive", "triage", "record_cause", "communicate", "accept", "close"]
    >>> events = [
    ...     {"event": i, "case": 1, "type": kind, "time": f"2024-06-03T0{i}:00", "code": 1,
    ...      "reason": 1 if kind == "communicate" else None,
    ...      "role": "customer" if kind == "accept" else "frontline"}
    ...     for i, kind in enumerate(kinds)
    ... ]
    >>> _ = book.apply(events)
    >>> empowerment(book)["alone"].tolist()
    [1]
    """
    begin = _NO_TIME if since is None else microseconds(since, "since")
    end = _NO_TIME if until is None else microseconds(until, "until")
    return Table._of(book._book.empowerment(begin, end, level))


def fault_points(
    unit: ColumnLike,
    cause: ColumnLike,
    upheld: ColumnLike,
    severity: ColumnLike,
    received: ColumnLike,
    *,
    window_days: float = 365.0,
    scale: Sequence[tuple[float, str, float]] | None = None,
) -> Table:
    """Weigh the faults of each unit, and look them up in a scale of sanctions.

    An upheld case weighs its severity times 1 + the upheld ones of the same unit and cause that
    were received within the window before it.

    Parameters
    ----------
    unit : array of shape (n,)
        To whom the cause of each case is put down.
    cause : array of shape (n,)
        Codes, as text.
    upheld : array of shape (n,)
        Whether the customer was right.
    severity : array of shape (n,)
        1 to 4.
    received : array of shape (n,)
        Instants.
    window_days : float
        How long a fault is remembered. Cases just so far apart do not share one.
    scale : sequence of (points, sanction, amount), optional
        From so many points on, in rising order: the house's own.

    Returns
    -------
    Table
        By falling points: unit, cases, upheld, repeats, points, per_case, and sanction and amount of
        the last step that is reached (None and nan if none is).

    Raises
    ------
    ValueError
        Naming the row of a value out of range, or a step of the scale that does not rise.

    Examples
    --------
    >>> from patron.complaints import fault_points
    >>> table = fault_points(
    ...     ["shop", "shop", "depot"],
    ...     ["staff", "staff", "late"],
    ...     [True, True, False],
    ...     [2, 3, 1],
    ...     ["2024-01-01", "2024-02-01", "2024-02-02"],
    ...     scale=[(1, "talk", 0), (5, "review", 50)],
    ... )
    >>> table["points"].tolist(), table["sanction"].tolist()
    ([8.0, 0.0], ['review', None])
    """
    cases = {
        "unit": unit,
        "cause": cause,
        "upheld": np.asarray(upheld),
        "severity": severity,
        "received": instants(received, "received"),
    }
    steps: dict[str, Any] | None = None
    if scale is not None:
        steps = {
            "from": [float(step[0]) for step in scale],
            "sanction": [step[1] for step in scale],
            "amount": [float(step[2]) for step in scale],
        }
    return Table._of(_core.faults(cases, round(window_days * _DAY), steps))
