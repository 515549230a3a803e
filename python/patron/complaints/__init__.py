"""What becomes of complaints.

`Policy` says what may happen to a complaint and who may do what; `Casebook` keeps complaints as a log
of events, in memory or in a file, with the state and the clocks of every case.

`Calendar` knows when a business is open: when a limit of working time, business days, calendar days
or weeks is used up, and how much working time lies between two instants. `read_xes` reads event
logs, and `mine` counts what happened in them. `survival`, `attainment`, `resolution`, `backlog`,
`ageing`, `control_chart` and `cusum` measure how long things take, and whether that has changed.
"""

from patron.complaints._calendar import Calendar, HolidayReport
from patron.complaints._casebook import Case, Casebook, LogHead, Verdicts
from patron.complaints._log import Conformance, MinedLog, XesLog, XesReport, mine, read_xes
from patron.complaints._measures import (
    Ageing,
    Attainment,
    ControlChart,
    Cusum,
    Resolution,
    Survival,
    ageing,
    attainment,
    backlog,
    control_chart,
    cusum,
    resolution,
    survival,
)
from patron.complaints._policy import Policy

__all__ = [
    "Ageing",
    "Attainment",
    "Calendar",
    "Case",
    "Casebook",
    "Conformance",
    "ControlChart",
    "Cusum",
    "HolidayReport",
    "LogHead",
    "MinedLog",
    "Policy",
    "Resolution",
    "Survival",
    "Verdicts",
    "XesLog",
    "XesReport",
    "ageing",
    "attainment",
    "backlog",
    "control_chart",
    "cusum",
    "mine",
    "read_xes",
    "resolution",
    "survival",
]
