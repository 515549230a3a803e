"""What becomes of complaints.

`Policy` says what may happen to a complaint and who may do what; `Casebook` keeps complaints as a log
of events, in memory or in a file, with the state and the clocks of every case.

`Calendar` knows when a business is open: when a limit of working time, business days, calendar days
or weeks is used up, and how much working time lies between two instants. `read_xes` reads event
logs, and `mine` counts what happened in them. `survival`, `attainment`, `resolution`, `backlog`,
`ageing`, `control_chart` and `cusum` measure how long things take, and whether that has changed.
`priority`, `rank_causes`, `systemic_causes` and `habitual_complainers` tell what to look at first; `case_costs`,
`propose_compensation`, `return_rates` and `recovery_value` what to do about a case;
`complaint_pyramid` and `market_damage` what complaints not heard and problems not solved cost.

`Form` is a checklist, a report or a letter as data, filled from the case where the log knows the
answer; `authority`, `empowerment` and `fault_points` tell who may do what, how much the front line
decides by itself, and what faults weigh.
"""

from patron.complaints._authority import authority, empowerment, fault_points
from patron.complaints._breach import breach_risk
from patron.complaints._calendar import Calendar, HolidayReport
from patron.complaints._case import Case, LogHead, Verdicts
from patron.complaints._casebook import Casebook
from patron.complaints._category import CategoryModel, CategoryScores
from patron.complaints._causes import (
    HabitualComplainers,
    causes,
    habitual_complainers,
    priority,
    rank_causes,
    systemic_causes,
)
from patron.complaints._forms import FilledForm, Form
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
from patron.complaints._recovery import (
    ComplaintPyramid,
    Damage,
    HandlingReturn,
    MarketDamage,
    case_costs,
    complaint_pyramid,
    market_damage,
    propose_compensation,
    pyramid_conversion,
    recovery_value,
    return_on_handling,
    return_rates,
    voice_rates,
)

__all__ = [
    "Ageing",
    "Attainment",
    "Calendar",
    "Case",
    "Casebook",
    "CategoryModel",
    "CategoryScores",
    "ComplaintPyramid",
    "Conformance",
    "ControlChart",
    "Cusum",
    "Damage",
    "FilledForm",
    "Form",
    "HabitualComplainers",
    "HandlingReturn",
    "HolidayReport",
    "LogHead",
    "MarketDamage",
    "MinedLog",
    "Policy",
    "Resolution",
    "Survival",
    "Verdicts",
    "XesLog",
    "XesReport",
    "ageing",
    "attainment",
    "authority",
    "backlog",
    "breach_risk",
    "case_costs",
    "causes",
    "complaint_pyramid",
    "control_chart",
    "cusum",
    "empowerment",
    "fault_points",
    "habitual_complainers",
    "market_damage",
    "mine",
    "priority",
    "propose_compensation",
    "pyramid_conversion",
    "rank_causes",
    "read_xes",
    "recovery_value",
    "resolution",
    "return_on_handling",
    "return_rates",
    "survival",
    "systemic_causes",
    "voice_rates",
]
