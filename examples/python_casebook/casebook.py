"""A day at the complaints desk: events in, what is late and what comes next out.

Run it twice with the same file: the second run knows all events, and adds nothing.

    python casebook.py complaints.db
"""

from __future__ import annotations

import sys

from patron.complaints import Calendar, Casebook, mine

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar(
    "Europe/Berlin",
    week={day: [("09:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS},
    exceptions={"2024-12-24": [("09:00", "12:00")], "2024-12-25": [], "2024-12-26": []},
)

# event, case, type, time, role, actor, and what the type needs.
EVENTS = [
    (1, "A", "receive", "2024-12-20T10:00+01:00", "customer", None, {"customer": "c1", "code": 2}),
    (2, "A", "acknowledge", "2024-12-20T11:00+01:00", "frontline", "ann", {}),
    (3, "B", "receive", "2024-12-20T16:30+01:00", "customer", None, {"customer": "c2", "code": 3}),
    (4, "A", "triage", "2024-12-20T14:00+01:00", "frontline", "ann", {}),
    (5, "A", "record_cause", "2024-12-23T09:30+01:00", "frontline", "ann", {"code": 2}),
    (6, "A", "communicate", "2024-12-23T10:00+01:00", "frontline", "ann",
     {"code": 1, "reason": 4, "amount": 80.0}),
    (7, "B", "promise", "2024-12-23T11:00+01:00", "frontline", "bob",
     {"due": "2024-12-24T12:00+01:00"}),
]  # fmt: skip


def main(path: str) -> None:
    rows = [
        {"event": event, "case": case, "type": kind, "time": time, "role": role, "actor": actor}
        | more
        for event, case, kind, time, role, actor, more in EVENTS
    ]
    with Casebook.open(path, calendars=OFFICE) as book:
        head = book.head
        verdicts = book.apply(rows)
        print(
            f"{verdicts.applied} applied, {verdicts.duplicates} known, {verdicts.refused} refused"
        )
        book.verify(head)  # Nothing before was touched.

        now = "2024-12-27T10:00+01:00"
        for case in book.cases()["case"]:
            print(book.case(case, now))
        print("refused:", *filter(None, book.timeline("A")["why"]), sep="\n  ")
        late = book.overdue(now)
        for case, clock, seconds in zip(
            late["case"], late["clock"], late["overdue_working"], strict=True
        ):
            print(f"late: {clock} of {case}, by {seconds / 3600:.1f} working hours")
        print("next to happen by itself:", book.next_instant())
        print(mine(book.events(), activity="type", resource="actor"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "complaints.db")
