"""Who looked at whose data, in a log that shows what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from patron import _core
from patron.customers._arguments import item_of, listed
from patron.customers._consent import Names, _names
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, InstantLike, TableLike

AccessFault: TypeAlias = Literal["intact", "altered", "missing", "reordered", "rewritten"]

_FAULTS: tuple[AccessFault, ...] = ("intact", "altered", "missing", "reordered", "rewritten")


class AccessHead(NamedTuple):
    """That a log is whole up to a line; to be kept elsewhere.

    Attributes
    ----------
    lines : int
        How many there are.
    hash : bytes
        Of the last of them.
    """

    lines: int
    hash: bytes


class AccessVerdict(NamedTuple):
    """Whether a log is as it was. True if so.

    Attributes
    ----------
    fault : str
        "intact"; "altered", a line is not what its hash says; "missing"; "reordered", a line stands
        further below; "rewritten", all lines agree with each other but not with the head.
    line : int, optional
        The first that is not as it was.
    """

    fault: AccessFault
    line: int | None

    def __bool__(self) -> bool:
        return self.fault == "intact"


class AccessLog:
    """Keep who looked at whose data and why.

    Each line holds BLAKE2b-256 of the hash above it and of its own content. So no line can be
    changed, left out or moved without all hashes below being made anew; that, and lines missing at
    the end, show against a `head` that was noted elsewhere.

    Examples
    --------
    >>> from patron.customers import AccessLog
    >>> log = AccessLog()
    >>> log.append("clerk 7", "ann", "support", fields=["phone"], time="2024-01-01")
    0
    >>> log.append("shop", "ann", "delivery", allowed=False, time="2024-01-02")
    1
    >>> log.verify()
    AccessVerdict(fault='intact', line=None)
    >>> lines = log.lines().to_dict()
    >>> lines["purpose"][0] = "marketing"
    >>> AccessLog.restore(lines).verify()
    AccessVerdict(fault='altered', line=0)
    """

    __slots__ = ("_native",)
    _native: _core.AccessLog

    def __init__(self) -> None:
        self._native = _core.AccessLog.make()

    def append(
        self,
        actor: str,
        subject: Any,
        purpose: str,
        *,
        allowed: bool = True,
        fields: Names = None,
        time: InstantLike | None = None,
        recipient: str | None = None,
        note: str | None = None,
    ) -> int:
        """Add a line and return its number.

        Parameters
        ----------
        actor : str
            Who looked.
        subject : int or str
            Id of the person, or better a pseudonym, which stays when the person is erased.
        purpose : str
            What for.
        allowed : bool
            Whether it was allowed, as `Consents.may` said.
        fields : str or sequence of str, optional
            Which fields.
        time : instant, optional
            When; now by default. It may be before that of the line above: clocks go back.
        recipient : str, optional
            Who got the data, if they left.
        note : str, optional
            Anything else, such as the reason of a refusal.
        """
        row: dict[str, Any] = {
            "time": [item_of(time, "time")],
            "actor": [actor],
            "subject": [subject],
            "purpose": [purpose],
            "allowed": [allowed],
        }
        further = {"fields": _names(fields), "recipient": recipient, "note": note}
        row |= {name: [value] for name, value in further.items() if value is not None}
        self._native.append(row)
        return len(self) - 1

    def append_all(self, accesses: TableLike) -> None:
        """Add lines: time, actor, subject, purpose, allowed; and fields, recipient, note."""
        self._native.append(accesses)

    @property
    def head(self) -> AccessHead:
        """The head as it is now; keep it where who can change the log cannot change it."""
        return AccessHead(*self._native.head())

    def verify(self, head: AccessHead | None = None) -> AccessVerdict:
        """Look for the first line that was altered, is missing, or stands in another place.

        Parameters
        ----------
        head : AccessHead, optional
            That was noted before. Without it lines that are missing at the end cannot be seen.
        """
        lines, digest = (None, None) if head is None else head
        fault, line = self._native.verify(lines, digest)
        return AccessVerdict(_FAULTS[fault], None if fault == 0 else line)

    def lines(self, subjects: ColumnLike | str | int | None = None) -> Table:
        """Return the lines, of all or of some persons, as an access request wants them.

        line, time, actor, subject, purpose, allowed, fields, recipient, note, hash.
        """
        return Table._of(self._native.lines(listed(subjects)))

    @classmethod
    def restore(cls, lines: TableLike) -> AccessLog:
        """Read a table that `lines` gave, as it is: whether it is sound, `verify` says."""
        log = cls.__new__(cls)
        log._native = _core.AccessLog.restore(lines)
        return log

    def __len__(self) -> int:
        """Return the number of lines."""
        return self._native.head()[0]

    def to_bytes(self) -> bytes:
        """Return canonical bytes."""
        return self._native.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> AccessLog:
        """Read what `to_bytes` wrote, sound or not: whether it is, `verify` says.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        """
        log = cls.__new__(cls)
        log._native = _core.AccessLog.from_bytes(data)
        return log

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return AccessLog.from_bytes, (self.to_bytes(),)
