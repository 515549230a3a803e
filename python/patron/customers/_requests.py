"""What people ask for about their data, what must go, and what they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patron import _core
from patron.customers._arguments import or_now
from patron.customers._consent import Consents
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, TableLike
    from patron.complaints import Calendar

Law: TypeAlias = Literal["gdpr", "pipl"]

_LAWS: dict[str, dict[str, list[int]]] = {
    "gdpr": {"months": [1], "extension_months": [2]},
    "pipl": {"working_days": [15]},
}


def requests_due(
    requests: TableLike,
    rules: Law | TableLike = "gdpr",
    *,
    as_of: InstantLike | None = None,
    calendar: Calendar | None = None,
) -> Table:
    """Compute by when requests of persons must be answered, and how they stand.

    The day of receipt does not count. A period of months ends on the same day of the month, or its last
    day if there is none, and each period with the end of its day.

    Parameters
    ----------
    requests : table
        request_id, subject, kind ("access", "correction", "erasure", "portability", "objection"),
        received; where they say something extended_at, answered_at, refused (bool).
    rules : str or table
        "gdpr": one month, which can be extended by two (article 12(3)). "pipl": 15 working days, which
        is common guidance and not in the law. Or rows with kind (null is all others), one of months, days
        and working_days, and extension_months. No legal advice.
    as_of : instant, optional
        That open requests are judged at; now by default.
    calendar : Calendar, optional
        Whose working days count and whose zone parts the days; by default Monday to Friday without
        holidays, and UTC.

    Returns
    -------
    Table
        request_id, subject, kind, received, due (the first instant too late), state ("open",
        "extended", "answered", "refused"), late, days_left (below 0 when late).

    Raises
    ------
    ValueError
        Naming column and row: a kind without a rule, an extension after the first due date.

    Examples
    --------
    >>> from datetime import datetime
    >>> from patron.customers import requests_due
    >>> asked = {"request_id": [1], "subject": ["ann"], "kind": ["access"]}
    >>> due = requests_due(asked | {"received": [datetime(2024, 1, 31, 9)]}, as_of="2024-02-20")
    >>> str(due["due"][0])[:10], due["days_left"].tolist()
    ('2024-03-01', [10])
    """
    if isinstance(rules, str):
        if rules not in _LAWS:
            raise ValueError(f"rules: {rules!r}; expected gdpr, pipl or a table")
        rules = _LAWS[rules]
    native = None if calendar is None else calendar._native
    at = or_now(as_of)
    return Table._of(_core.requests_due(requests, rules, native, at))


def retention_due(
    items: TableLike, consents: Consents, *, as_of: InstantLike | None = None
) -> Table:
    """Say what data must go, and why.

    Parameters
    ----------
    items : table
        subject, purpose, since (from when on the period counts, such as the last purchase); where it
        says something hold (text: why the law keeps it).
    consents : Consents
        Whose purposes say how long data are kept (`Purpose.retention_days`), and whose facts whether
        they may be.
    as_of : instant, optional
        Now by default.

    Returns
    -------
    Table
        subject, purpose, since, due (null if nothing says so), must_go, hold, and the reason:
        "period_over"; "consent_ended", all was withdrawn or refused and there is no other basis;
        "unknown_purpose"; "legal_hold", it should go, but is kept; "within_period"; "no_period".

    Examples
    --------
    >>> from datetime import date
    >>> from patron.customers import Consents, Purpose, retention_due
    >>> consents = Consents([Purpose("news", retention_days=30)])
    >>> kept = {"subject": ["ann", "bob"], "purpose": ["news", "whim"], "since": [date(2024, 1, 1)] * 2}
    >>> retention_due(kept, consents, as_of="2024-01-31")["reason"].tolist()
    ['period_over', 'unknown_purpose']
    """
    at = or_now(as_of)
    return Table._of(consents._native.retention_due(items, at))


def export_json(
    subject: int | str,
    parts: Mapping[str, TableLike],
    *,
    by: str = "subject",
    made_at: InstantLike | None = None,
) -> str:
    """Write all there is about a person as JSON, as requests of access and portability want it.

    Parameters
    ----------
    subject : int or str
        Id of the person.
    parts : mapping of str to table
        By name, such as records, scores with their reasons, consents, accesses with their recipients.
        Only rows of the person are written.
    by : str
        Column of the tables that says whom a row is about.
    made_at : instant, optional
        Now by default.

    Returns
    -------
    str
        An object with format ("patron.export.1"), subject, made_at and parts: by name a list of objects,
        in the order of rows and columns. Instants are text in ISO 8601; what is not there and what is no
        finite number is null.

    Raises
    ------
    ValueError
        For a table without the column.

    Examples
    --------
    >>> import json
    >>> from patron.customers import export_json
    >>> orders = {"subject": ["ann", "bob"], "amount": [9.5, 1.0]}
    >>> json.loads(export_json("ann", {"orders": orders}))["parts"]
    {'orders': [{'subject': 'ann', 'amount': 9.5}]}
    """
    at = or_now(made_at)
    names: list[Any] = list(parts)
    data = _core.export_json(subject, by, names, [parts[name] for name in names], at)
    return data.decode()


def export_vcard(contacts: TableLike) -> str:
    r"""Write contacts as vCard 4.0 (RFC 6350): escaped, folded at 75 octets between characters.

    Parameters
    ----------
    contacts : table
        name; where they say something uid, kind ("individual", "org", "group", "location"), surname,
        given, phone, phone_2 to phone_9, email, email_2 to email_9 (the first is preferred),
        organisation, title, street, city, region, postcode, country, birthday, url, note, revised.

    Returns
    -------
    str
        One card after the other, with line ends of CR and LF.

    Raises
    ------
    ValueError
        For a contact without a name, or of another kind.

    Examples
    --------
    >>> from patron.customers import export_vcard
    >>> print(export_vcard({"name": ["Ann; Lee"], "phone": ["+8613800138000"]}).replace("\r", ""))
    BEGIN:VCARD
    VERSION:4.0
    FN:Ann\; Lee
    TEL;VALUE=uri;PREF=1:tel:+8613800138000
    END:VCARD
    <BLANKLINE>
    """
    return _core.export_vcard(contacts).decode()
