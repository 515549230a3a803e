"""What becomes of complaints.

`Calendar` knows when a business is open: when a limit of working time, business days, calendar days
or weeks is used up, and how much working time lies between two instants. `read_xes` reads event
logs, and `mine` counts what happened in them. `survival`, `attainment`, `resolution`, `backlog`,
`ageing`, `control_chart` and `cusum` measure how long things take, and whether that has changed.
"""

from patron.complaints._calendar import Calendar, HolidayReport
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

__all__ = [
    "Ageing",
    "Attainment",
    "Calendar",
    "Conformance",
    "ControlChart",
    "Cusum",
    "HolidayReport",
    "MinedLog",
    "Resolution",
    "Survival",
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
