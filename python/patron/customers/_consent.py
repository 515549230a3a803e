"""What people have agreed to, asked at the moment of use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from patron import _core
from patron.customers._arguments import item_of, listed, or_now
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, InstantLike, TableLike

LawfulBasis: TypeAlias = Literal[
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
    "public_reporting",
    "disclosed",
]
ConsentReason: TypeAlias = Literal[
    "granted",
    "expired",
    "withdrawn",
    "denied",
    "none",
    "not_yet",
    "out_of_scope",
    "not_separate",
    "field_outside",
    "channel_outside",
]
Names: TypeAlias = str | Iterable[str] | None

_BASES: tuple[LawfulBasis, ...] = (
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
    "public_reporting",
    "disclosed",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = 2**63 - 1


@dataclass(frozen=True)
class Purpose:
    """What data of people are used for.

    Attributes
    ----------
    name : str
        Distinct, without end: a changed purpose is another one, as it needs another consent.
    text : str
        As it is shown to people.
    bases : sequence of str
        What a use may rest on: GDPR article 6(1), and of PIPL article 13 what that lacks.
    fields : sequence of str
        That it needs; none is any.
    sensitive : sequence of str
        Of them those that need a consent of their own.
    channels : sequence of str
        That it uses; none is any.
    retention_days : int
        How long data may be kept for it; 0 is not said.
    """

    name: str
    text: str = ""
    bases: tuple[LawfulBasis, ...] = ("consent",)
    fields: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    retention_days: int = 0


class Permission(NamedTuple):
    """Whether data may be used, and what decided. True if they may.

    Attributes
    ----------
    allowed : bool
        Whether they may.
    reason : str
        "granted", or why not: "expired", "withdrawn", "denied", "none" (nothing is recorded),
        "not_yet", "out_of_scope" (a consent, but not for this field or channel), "not_separate" (a
        sensitive field without a consent for such), "field_outside" and "channel_outside" (not of
        the purpose).
    basis : str, optional
        What the use rests on, or of what ended it.
    line : int, optional
        Of the fact that decided.
    since : datetime, optional
        From when on it is so; for "not_yet" when it will begin.
    until : datetime, optional
        When an allowed use ends.
    """

    allowed: bool
    reason: ConsentReason
    basis: LawfulBasis | None
    line: int | None
    since: datetime | None
    until: datetime | None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def text(self) -> str:
        """The reason in words, with its date and line."""
        words = {
            "granted": "allowed",
            "expired": "denied: the consent ended",
            "withdrawn": "denied: consent was withdrawn",
            "denied": "denied: the person refused",
            "none": "denied: no consent is recorded for this purpose",
            "not_yet": "denied: the consent begins",
            "out_of_scope": "denied: the consent does not cover this field or channel; given",
            "not_separate": "denied: sensitive, and there is no separate consent; given",
            "field_outside": "denied: the purpose does not need this field",
            "channel_outside": "denied: the purpose does not use this channel",
        }[self.reason]
        if self.since is not None:
            words += " since " if self.allowed else " "
            words += self.since.isoformat()
        if self.until is not None:
            words += f" until {self.until.isoformat()}"
        return words if self.line is None else f"{words} (line {self.line})"


class ConsentReport(NamedTuple):
    """What became of the rows of a call.

    Attributes
    ----------
    recorded : int
        Facts that are new.
    duplicates : int
        Facts that were there already, equal in all.
    """

    recorded: int
    duplicates: int


class Consents:
    """Keep what people have agreed to, and ask it at the moment of use.

    Facts only grow: grants, denials, withdrawals and ends, each from an instant on, recorded in any
    order. What holds at an instant is a fold over the facts that hold from then or before; at one
    instant what forbids wins. The last fact for a field, a channel and a basis decides.

    Parameters
    ----------
    purposes : table, or sequence of Purpose
        A table has name, and where they say something text, bases, fields, sensitive, channels
        (lists of names between commas) and retention_days.

    Examples
    --------
    >>> from patron.customers import Consents, Purpose
    >>> consents = Consents([Purpose("newsletter", channels=("email", "sms"))])
    >>> consents.grant("ann", "newsletter", channels="email", time="2024-01-01", evidence="form 7")
    0
    >>> consents.withdraw("ann", "newsletter", time="2024-03-01")
    1
    >>> bool(consents.may("ann", "newsletter", channel="email", time="2024-02-29"))
    True
    >>> consents.may("ann", "newsletter", channel="email", time="2024-03-01").text
    'denied: consent was withdrawn 2024-03-01T00:00:00+00:00 (line 1)'
    """

    __slots__ = ("_native",)
    _native: _core.Consents

    def __init__(self, purposes: TableLike | Iterable[Purpose]) -> None:
        self._native = _core.Consents.create(_purposes(purposes))

    def add_purposes(self, purposes: TableLike | Iterable[Purpose]) -> None:
        """Add purposes. One that is there cannot be changed."""
        self._native.add_purposes(_purposes(purposes))

    def record(self, facts: TableLike) -> ConsentReport:
        """Record facts, in any order.

        Parameters
        ----------
        facts : table
            subject (id), purpose, status ("granted", "denied", "withdrawn", "expired"), time (from
            when on it holds); where they say something, else null: basis (of a grant null is
            consent; of the others all that a person can take back), fields and channels (names
            between commas; null is all), sensitive (bool: a grant also for sensitive fields, or an
            end for these alone), expires_at and withdrawn_at (of a grant), text_version, evidence,
            minor (bool), guardian (who agreed for a minor).

        Raises
        ------
        ValueError
            Naming column and row: a consent that ends before it begins, a purpose that is not
            there, a basis that it may not rest on, a minor without a guardian. Then nothing is
            recorded.
        """
        return ConsentReport(*self._native.record(facts))

    def grant(
        self,
        subject: Any,
        purpose: str,
        *,
        time: InstantLike | None = None,
        basis: LawfulBasis = "consent",
        fields: Names = None,
        channels: Names = None,
        sensitive: bool = False,
        expires_at: InstantLike | None = None,
        text_version: str | None = None,
        evidence: str | None = None,
        minor: bool = False,
        guardian: str | None = None,
    ) -> int | None:
        """Record that a person agrees, or that a use rests on another basis.

        Parameters
        ----------
        subject : int or str
            Id of the person.
        purpose : str
            What for.
        time : instant, optional
            From when on; now by default.
        basis, fields, channels, sensitive, expires_at, text_version, evidence, minor, guardian
            As in `record`.

        Returns
        -------
        int, optional
            The line of the fact; None if it was there already.
        """
        return self._record_one(
            subject,
            purpose,
            "granted",
            time,
            basis=basis,
            fields=_names(fields),
            channels=_names(channels),
            sensitive=sensitive,
            expires_at=expires_at,
            text_version=text_version,
            evidence=evidence,
            minor=minor,
            guardian=guardian,
        )

    def deny(
        self,
        subject: Any,
        purpose: str,
        *,
        time: InstantLike | None = None,
        basis: LawfulBasis | None = None,
        fields: Names = None,
        channels: Names = None,
        sensitive: bool = False,
        evidence: str | None = None,
    ) -> int | None:
        """Record that a person refuses or objects; without a basis, to all that can be refused."""
        return self._refuse(
            subject, purpose, "denied", time, basis, fields, channels, sensitive, evidence
        )

    def withdraw(
        self,
        subject: Any,
        purpose: str,
        *,
        time: InstantLike | None = None,
        basis: LawfulBasis | None = None,
        fields: Names = None,
        channels: Names = None,
        sensitive: bool = False,
        evidence: str | None = None,
    ) -> int | None:
        """Record that a person takes back what was given, from an instant on."""
        return self._refuse(
            subject, purpose, "withdrawn", time, basis, fields, channels, sensitive, evidence
        )

    def _refuse(
        self,
        subject: Any,
        purpose: str,
        status: str,
        time: InstantLike | None,
        basis: LawfulBasis | None,
        fields: Names,
        channels: Names,
        sensitive: bool,
        evidence: str | None,
    ) -> int | None:
        return self._record_one(
            subject,
            purpose,
            status,
            time,
            basis=basis,
            fields=_names(fields),
            channels=_names(channels),
            sensitive=sensitive,
            evidence=evidence,
        )

    def _record_one(
        self,
        subject: Any,
        purpose: str,
        status: str,
        time: InstantLike | None,
        **fact: Any,
    ) -> int | None:
        columns: dict[str, Any] = {
            "subject": [subject],
            "purpose": [purpose],
            "status": [status],
            "time": [item_of(time, "time")],
        }
        for name, value in fact.items():
            if value is not None:
                columns[name] = [item_of(value, name) if name == "expires_at" else value]
        recorded, _ = self._native.record(columns)
        if recorded == 0:
            return None
        lines = self._native.facts([subject]).column("line")
        return int(lines[-1])

    def may(
        self,
        subject: Any,
        purpose: str,
        field: str | None = None,
        channel: str | None = None,
        time: InstantLike | None = None,
    ) -> Permission:
        """Ask whether data of a person may be used.

        Parameters
        ----------
        subject : int or str
            Id of the person.
        purpose : str
            What for.
        field : str, optional
            Which field. Without one all that the purpose needs is asked for, and if it does not say,
            everything: then only a consent for all fields is enough.
        channel : str, optional
            By which channel; without one the same.
        time : instant, optional
            When; now by default. A withdrawal holds from its own instant on.

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, for a purpose that is not there.
        """
        at = or_now(time)
        allowed, reason, basis, line, since, until = self._native.may(
            subject, purpose, field, channel, at
        )
        return Permission(
            allowed,
            reason,
            None if basis < 0 else _BASES[basis],
            None if line < 0 else line,
            _datetime(since),
            _datetime(until),
        )

    def may_all(self, questions: TableLike, time: InstantLike | None = None) -> Table:
        """Ask for many at once.

        Parameters
        ----------
        questions : table
            subject and purpose, and field, channel and time where they are asked for.
        time : instant, optional
            Of questions without one; now by default.

        Returns
        -------
        Table
            allowed, reason, basis, line, since, until, a row a question.
        """
        at = or_now(time)
        return Table._of(self._native.may_all(questions, at))

    def facts(self, subjects: ColumnLike | str | int | None = None) -> Table:
        """Return the facts in order of line, of all or of some persons."""
        return Table._of(self._native.facts(listed(subjects)))

    @property
    def purposes(self) -> Table:
        """The purposes: name, text, bases, fields, sensitive, channels, retention_days."""
        return Table._of(self._native.purposes())

    def erase(self, subjects: ColumnLike | str | int) -> int:
        """Forget persons: facts, evidence and ids. Return how many facts there were.

        Lines of others keep their numbers.
        """
        return self._native.erase(listed(subjects))

    @property
    def subjects(self) -> int:
        """How many persons there are facts of."""
        return self._native.size()[1]

    def __repr__(self) -> str:
        facts, subjects = self._native.size()
        return f"Consents: {len(self.purposes)} purposes, {facts} facts of {subjects} subjects"

    def __len__(self) -> int:
        """Return the number of facts."""
        return self._native.size()[0]

    def to_bytes(self) -> bytes:
        """Return canonical bytes: purposes, and facts in order of line."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Consents:
        """Read what `to_bytes` wrote; the result gives the same bytes again.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        consents = cls.__new__(cls)
        consents._native = _core.Consents.from_bytes(data)
        return consents

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Consents.from_bytes, (self.to_bytes(),)


def _purposes(purposes: TableLike | Iterable[Purpose]) -> TableLike:
    if not isinstance(purposes, list | tuple):
        return purposes
    rows = list(purposes)
    for row in rows:
        if not isinstance(row, Purpose):
            raise TypeError(f"purposes: {type(row).__name__}; expected Purpose")
    return {
        "name": [row.name for row in rows],
        "text": [row.text for row in rows],
        "bases": [_names(row.bases) for row in rows],
        "fields": [_names(row.fields) for row in rows],
        "sensitive": [_names(row.sensitive) for row in rows],
        "channels": [_names(row.channels) for row in rows],
        "retention_days": [row.retention_days for row in rows],
    }


def _names(names: Names) -> str | None:
    if names is None or isinstance(names, str):
        return names
    return ",".join(names) or None


def _datetime(micros: int) -> datetime | None:
    if micros == _NEVER:
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if micros > 0 else datetime.min.replace(tzinfo=UTC)
