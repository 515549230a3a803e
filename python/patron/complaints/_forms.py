"""Forms as data: checklists, reports, records and letters, filled from the case."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from patron import _core
from patron.complaints._instants import microseconds
from patron.complaints._policy import Policy
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike
    from patron.complaints._casebook import Casebook

_NO_TIME = int(np.iinfo(np.int64).min)


class FilledForm(Table):
    """One row a field: field, question, type, required, value, origin, why.

    Values are text; None if there is none. The origin is "log", "answer", "missing" (required, and
    nobody knows), "empty" (not required) or "not_applicable". The column why says what is wrong
    where the log answers a question with no.

    Attributes
    ----------
    evidence : Table
        field, event: the events that show the value of a field.
    missing : list of str
        Required fields without a value.
    score : float
        Share of yes among the questions that are answered by yes or no; nan if there are none.
    """

    __slots__ = ("_filled", "asked", "evidence", "met")
    _filled: _core.FilledForm
    evidence: Table
    asked: int
    met: int

    @classmethod
    def _read(cls, filled: _core.FilledForm) -> Self:
        fields, evidence, _, asked, met = filled.read()
        table = cls._of(fields)
        table._filled = filled
        table.evidence = Table._of(evidence)
        table.asked, table.met = asked, met
        return table

    @property
    def missing(self) -> list[str]:
        """Required fields without a value."""
        pairs = zip(self["field"], self["origin"], strict=True)
        return [str(name) for name, origin in pairs if origin == "missing"]

    @property
    def complete(self) -> bool:
        """Whether no required field is missing."""
        return not self.missing

    @property
    def score(self) -> float:
        """Share of yes among the questions that are answered by yes or no."""
        return self.met / self.asked if self.asked else float("nan")

    @property
    def values(self) -> dict[str, str | None]:
        """The values by field; None where there is none."""
        pairs = zip(self["field"], self["value"], strict=True)
        return {str(name): None if value is None else str(value) for name, value in pairs}

    def events(self, field: str) -> list[Any]:
        """Return the ids of the events that show the value of a field."""
        if field not in self.values:
            raise KeyError(field)
        pairs = zip(self.evidence["field"], self.evidence["event"], strict=True)
        return [
            event.item() if isinstance(event, np.generic) else event
            for name, event in pairs
            if name == field
        ]

    def render(self, target: Literal["text", "html"] = "text") -> str:
        """Print the form by its body, or as questions with values.

        Parameters
        ----------
        target : {"text", "html"}
            What values are escaped for.

        Raises
        ------
        patron.errors.FailedPreconditionError
            If required fields are missing, naming the first.
        """
        return self._filled.print(target).decode()


class Form:
    """Questions with types, rules where their answers come from, and perhaps a letter's text.

    Parameters
    ----------
    definition : mapping or str
        The name of a preset, or a form as `to_dict` gives it: name, version, title, source, body
        and fields. A field has a name, a question, a type ("text", "number", "time", "flag",
        "choice" with choices), required, and source, a mapping with its kind:

        - "case": a part of the case, such as "customer", "received" or "granted";
        - "first", "last", "each": a part ("time", "recorded", "actor", "role", "text", "amount",
          "due", "code", "event") of an event of that name, or of "@inward", "@outward", "@end";
        - "clock": a part ("started", "due", "stopped", "state", "used", "late") of a clock;
        - "lines": "facts", "known", "when_known" or "done", one event a line;
        - and of flags, which the log decides: "in_time" (clock), "followed" and "preceded" (event,
          other), "within" (event, other, minutes), "reasons", "promises_kept", "handovers" (most),
          "explained", "one_voice".

        In the body {{name}} stands for a value; what is between {{#name}} and {{/name}} is printed
        if there is one, between {{^name}} and {{/name}} if there is none.

    Raises
    ------
    ValueError
        For a form that contradicts itself, naming the field and what is wrong with it.

    Examples
    --------
    >>> from patron.complaints import Form
    >>> form = Form("phone")
    >>> form.title, form.fields[:3]
    ('Record of a call', ['time', 'channel', 'agent'])
    """

    __slots__ = ("_definition", "_native")
    _native: _core.Form
    _definition: dict[str, Any]

    PRESETS = (
        "nine_questions",
        "investigation",
        "phone",
        "crisis",
        "audit",
        "wrong_ways",
        "acknowledgement",
        "holding",
        "information_request",
        "upheld",
        "partly_upheld",
        "rejected",
        "summary_resolution",
        "goodwill",
        "external_remedy",
        "crisis_statement",
        "closure",
    )

    def __init__(self, definition: Mapping[str, Any] | str) -> None:
        if isinstance(definition, str):
            self._native = _core.Form.preset(definition)
        elif isinstance(definition, Mapping):
            text = json.dumps(definition, ensure_ascii=False)
            self._native = _core.Form.from_json(text.encode())
        else:
            raise TypeError(
                f"definition: {type(definition).__name__}; expected a mapping or a name"
            )
        self._definition = json.loads(self._native.to_json())

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the form of JSON text.

        Raises
        ------
        ValueError
            Naming line and column, the field, or what contradicts itself.
        """
        form = cls.__new__(cls)
        form._native = _core.Form.from_json(text.encode() if isinstance(text, str) else text)
        form._definition = json.loads(form._native.to_json())
        return form

    def to_json(self) -> str:
        """Return the form as JSON text; equal forms give equal text."""
        return self._native.to_json().decode()

    def to_dict(self) -> dict[str, Any]:
        """Return the form as a dict, a copy that may be changed."""
        found: dict[str, Any] = json.loads(self.to_json())
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Form.from_json, (self.to_json(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        required = sum(field["required"] for field in self._definition["fields"])
        return (
            f"Form: {self.name} version {self.version}, {len(self.fields)} fields, "
            f"{required} required"
        )

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._definition["name"])

    @property
    def version(self) -> str:
        """Its version."""
        return str(self._definition["version"])

    @property
    def title(self) -> str:
        """Its title."""
        return str(self._definition["title"])

    @property
    def fields(self) -> list[str]:
        """Names of the fields."""
        return [field["name"] for field in self._definition["fields"]]

    def check(self, policy: Policy | None = None) -> Table:
        """Find what is unwise: a table with problem, field and message, empty if all is well.

        Problems are "no_question", "not_printed" (the body lacks the field), "never_missing"
        (required, though it always has a value), and with a policy "unknown_event" and
        "unknown_clock".
        """
        return Table._of(self._native.check(None if policy is None else policy._native))

    def fill(
        self,
        book: Casebook,
        case: int | str,
        answers: Mapping[str, object] | None = None,
        *,
        now: InstantLike | int | None = None,
        recorded: InstantLike | int | None = None,
        occurred: InstantLike | int | None = None,
    ) -> FilledForm:
        """Fill the form: from the case where the log knows the answer, else from `answers`.

        Parameters
        ----------
        book : Casebook
        case : int or str
        answers : mapping, optional
            Values by field: text, numbers, instants, True and False. They win over what the log
            says, but are refused where the log decides.
        now : instant, optional
            At which clocks are read; the time of the clock if left out.
        recorded, occurred : instant, optional
            What did we know then: only events that had been recorded, and had occurred, by then.

        Raises
        ------
        ValueError
            For an answer that no field takes, naming field and value.
        patron.errors.NotFoundError
            For a case that had not been received by then.

        Examples
        --------
        >>> from patron.complaints import Casebook, Form
        >>> book = Casebook()
        >>> call = {"event": 1, "case": 7, "type": "receive", "customer": 3, "role": "customer"}
        >>> _ = book.apply(call | {"time": "2024-06-03T09:00", "text": "It leaks."})
        >>> filled = Form("nine_questions").fill(book, 7, {"product": "kettle", "urgent": False})
        >>> filled.values["what"], filled.missing
        ('It leaks.', ['when_where', 'remedy_sought', 'next_step'])
        """
        given = None
        if answers:
            given = {
                "field": list(answers),
                "answer": [_text(value, name) for name, value in answers.items()],
            }
        at = time.time_ns() // 1000 if now is None else microseconds(now, "now")
        known = _NO_TIME if recorded is None else microseconds(recorded, "recorded")
        happened = _NO_TIME if occurred is None else microseconds(occurred, "occurred")
        if now is None and occurred is not None:
            at = happened
        return FilledForm._read(book._book.fill(self._native, case, at, known, happened, given))


def _text(value: object, name: str) -> str:
    """Return an answer as the library reads it."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime, np.datetime64)):
        return str(np.datetime64(microseconds(value, name), "us").item().isoformat()) + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return np.format_float_positional(float(value), trim="-")
    raise TypeError(
        f"answers: {name} is {type(value).__name__}; expected text, a number, an instant or a bool"
    )
