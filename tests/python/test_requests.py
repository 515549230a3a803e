"""Requests, retention, and what people get."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from patron.complaints import Calendar
from patron.customers import (
    Consents,
    Purpose,
    export_json,
    export_vcard,
    requests_due,
    retention_due,
)


def asked(received: list[datetime], **more: list[Any]) -> dict[str, list[Any]]:
    n = len(received)
    return {
        "request_id": list(range(n)),
        "subject": ["ann"] * n,
        "kind": ["access"] * n,
        "received": received,
        **more,
    }


def days(values: Any) -> list[str]:
    return [str(value)[:10] for value in values]


def test_months_end_on_their_day_or_the_last() -> None:
    received = [
        datetime(2024, 1, 31, 9),
        datetime(2023, 1, 31, 9),
        datetime(2023, 12, 5),
        datetime(2024, 2, 29),
    ]
    due = requests_due(asked(received), as_of="2024-01-01")
    # The first instant too late is the midnight after 29 February, 28 February, 5 January, 29 March.
    assert days(due["due"]) == ["2024-03-01", "2023-03-01", "2024-01-06", "2024-03-30"]
    assert due["late"].tolist() == [False, True, False, False]
    extended = requests_due(
        asked(received[:1], extended_at=[datetime(2024, 2, 29, 23)]), as_of="2024-03-01"
    )
    assert days(extended["due"]) == ["2024-05-01"]  # Three months from 31 January: 30 April.
    assert extended["state"].tolist() == ["extended"]
    assert extended["days_left"].tolist() == [61]


def test_states_and_lateness() -> None:
    received = [datetime(2024, 3, 5)] * 4
    table = asked(
        received,
        answered_at=[
            None,
            datetime(2024, 4, 5, 23, 59),
            datetime(2024, 4, 6),
            datetime(2024, 3, 6),
        ],
        refused=[None, False, False, True],
    )
    due = requests_due(table, as_of="2024-04-07T12:00")
    assert due["state"].tolist() == ["open", "answered", "answered", "refused"]
    assert due["late"].tolist() == [True, False, True, False]
    assert due["days_left"].tolist() == [-2, None, None, None]


def test_working_days_with_and_without_a_calendar() -> None:
    received = [datetime(2024, 4, 26, 10)]  # A Friday.
    plain = requests_due(asked(received), "pipl", as_of="2024-05-01")
    assert days(plain["due"]) == ["2024-05-18"]  # 15 days from Monday to Friday: Friday 17 May.
    week = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = Calendar("Asia/Shanghai", week, exceptions={date(2024, 5, d): [] for d in (1, 2, 3)})
    due = requests_due(asked(received), "pipl", calendar=calendar, as_of="2024-05-01")
    # Three holidays: Wednesday 22 May, to midnight in Shanghai.
    assert str(due["due"][0])[:16] == "2024-05-22T16:00"


def test_rules_as_data() -> None:
    rules = {"kind": ["erasure", None], "days": [10, None], "months": [None, 2]}
    table = asked([datetime(2024, 1, 1)] * 2) | {"kind": ["erasure", "access"]}
    assert days(requests_due(table, rules, as_of="2024-01-01")["due"]) == [
        "2024-01-12",
        "2024-03-02",
    ]
    changes: list[tuple[dict[str, list[Any]], Any, str]] = [
        ({"kind": ["erasure", "gift"]}, "gdpr", "kind: row 1 is 'gift'"),
        ({}, {"kind": ["erasure"], "days": [1]}, "kind: row 1 is 'access'; expected a kind with"),
        ({}, {"days": [1], "months": [1]}, "months: row 0"),
        ({}, {"days": [-1]}, "days: row 0 is -1"),
        ({}, "law", "rules: 'law'"),
        ({"extended_at": [datetime(2024, 2, 2), None]}, "gdpr", "extended_at: row 0"),
        ({"extended_at": [datetime(2024, 1, 2), None]}, "pipl", "no extension"),
        ({"answered_at": [None, datetime(2023, 1, 1)]}, "gdpr", "answered_at: row 1"),
        ({"refused": [True, None]}, "gdpr", "refused: row 0"),
        ({"received": [datetime(2024, 1, 1), None]}, "gdpr", "received: row 1"),
    ]
    for change, law, message in changes:
        with pytest.raises(ValueError, match=message):
            requests_due(table | change, law)


def test_what_must_go() -> None:
    consents = Consents(
        [
            Purpose("news", retention_days=30),
            Purpose("books", bases=("legal_obligation",)),
            Purpose("shop", bases=("consent", "contract"), retention_days=365, channels=("a", "b")),
        ]
    )
    consents.grant("ann", "news", time="2024-01-01")
    consents.withdraw("ann", "news", time="2024-01-10")
    consents.grant("bob", "news", time="2024-01-01", expires_at="2024-01-05")
    consents.grant("ann", "shop", time="2024-01-01", basis="contract")
    consents.grant("bob", "shop", time="2024-01-01")
    consents.withdraw("bob", "shop", time="2024-01-03", channels="a")
    consents.deny("ann", "shop", time="2024-01-04")
    consents.grant("cy", "shop", time="2024-01-01")
    consents.withdraw("cy", "shop", time="2024-01-03")
    items = {
        "subject": ["ann", "bob", "bob", "ann", "ann", "bob", "cy", "ann", "dan"],
        "purpose": ["news", "news", "news", "books", "shop", "shop", "shop", "fun", "news"],
        "since": [datetime(2024, 1, 1)] * 2 + [datetime(2023, 12, 1)] + [datetime(2024, 1, 1)] * 6,
        "hold": [None] * 7 + ["a lawsuit", None],
    }
    due = retention_due(items, consents, as_of="2024-01-15")
    assert due["reason"].tolist() == [
        "consent_ended",  # Withdrawn.
        "within_period",  # At its end, which the period outlives.
        "period_over",
        "no_period",
        "within_period",  # A contract cannot be refused.
        "within_period",  # One channel is left.
        "consent_ended",
        "legal_hold",
        "within_period",
    ]
    assert due["must_go"].tolist() == [True, False, True, False, False, False, True, False, False]
    assert days(due["due"])[:3] == ["2024-01-10", "2024-01-31", "2023-12-31"]
    assert due["hold"].tolist()[7] == "a lawsuit"
    free = retention_due(items | {"hold": [None] * 9}, consents, as_of="2024-01-15")
    assert (free["reason"][7], free["must_go"][7]) == ("unknown_purpose", True)


def test_json_of_a_person() -> None:
    records = {
        "subject": ["ann", "bob", "ann"],
        "name": ['Ann "the\n hill"', "Bob", None],
        "age": [44, 17, 12],
        "score": np.array([0.5, 1.0, np.nan]),
        "born": np.array(["1980-02-29", "NaT", "NaT"], dtype="datetime64[D]"),
        "member": [True, False, None],
        "seen": [datetime(2024, 1, 1, 9, 30), None, None],
    }
    text = export_json(
        "ann", {"records": records, "空": {"subject": ["bob"]}}, made_at="2024-06-01"
    )
    assert json.loads(text) == {
        "format": "patron.export.1",
        "subject": "ann",
        "made_at": "2024-06-01T00:00:00Z",
        "parts": {
            "records": [
                {
                    "subject": "ann",
                    "name": 'Ann "the\n hill"',
                    "age": 44,
                    "score": 0.5,
                    "born": "1980-02-29",
                    "member": True,
                    "seen": "2024-01-01T09:30:00Z",
                },
                {
                    "subject": "ann",
                    "name": None,
                    "age": 12,
                    "score": None,
                    "born": None,
                    "member": None,
                    "seen": None,
                },
            ],
            "空": [],
        },
    }
    assert "Bob" not in text
    assert text == export_json(
        "ann", {"records": records, "空": {"subject": ["bob"]}}, made_at="2024-06-01"
    )
    assert json.loads(export_json(7, {}, made_at="2024-06-01"))["subject"] == 7
    with pytest.raises(ValueError, match=r"records: .*who"):
        export_json("ann", {"records": records}, by="who")


def unfold(card: str) -> list[str]:
    lines = card.replace("\r\n ", "").split("\r\n")
    assert lines.pop() == ""
    return lines


def test_vcard_folds_between_characters() -> None:
    note = "饕餮" * 60 + "\nback\\slash, semi;colon\x07 tab\t end"
    card = export_vcard({"name": ["张伟"], "note": [note]})
    for line in card.encode().split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # No character is cut.
    lines = unfold(card)
    assert lines[:3] == ["BEGIN:VCARD", "VERSION:4.0", "FN:张伟"]
    escaped = "饕餮" * 60 + "\\nback\\\\slash\\, semi\\;colon tab\t end"
    assert lines[3] == "NOTE:" + escaped
    assert lines[4] == "END:VCARD"
    for length in range(60, 90):  # Just below, at and above the end of a line.
        card = export_vcard({"name": ["x" * length + "é"]})
        assert max(map(len, card.encode().split(b"\r\n"))) <= 75
        assert unfold(card)[2] == "FN:" + "x" * length + "é"


def test_vcard_properties() -> None:
    contacts = {
        "name": ["Ann Lee", "Lee Ltd"],
        "uid": ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "7, main"],
        "kind": [None, "org"],
        "surname": ["Lee", None],
        "given": ["Ann", None],
        "phone": ["+8613800138000", "ask for Bob"],
        "phone_2": ["+4915112345678", None],
        "email": ["ann@example.com", None],
        "street": ["1, Hill; Road", None],
        "city": ["Bath", None],
        "country": ["GB", None],
        "organisation": [None, "Lee Ltd"],
        "birthday": [date(1980, 2, 29), None],
        "url": ["https://example.com/a,b", None],
        "revised": [datetime(2024, 1, 2, 3, 4, 5, 600000), None],
    }
    assert unfold(export_vcard(contacts)) == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "FN:Ann Lee",
        "N:Lee;Ann;;;",
        "TEL;VALUE=uri;PREF=1:tel:+8613800138000",
        "EMAIL;PREF=1:ann@example.com",
        "TEL;VALUE=uri;PREF=2:tel:+4915112345678",
        "ADR:;;1\\, Hill\\; Road;Bath;;;GB",
        "BDAY:19800229",
        "URL:https://example.com/a,b",
        "REV:20240102T030405Z",
        "END:VCARD",
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        "UID;VALUE=text:7\\, main",
        "FN:Lee Ltd",
        "TEL;VALUE=text;PREF=1:ask for Bob",
        "ORG:Lee Ltd",
        "END:VCARD",
    ]
    with pytest.raises(ValueError, match="name: row 1 is empty"):
        export_vcard({"name": ["a", ""]})
    with pytest.raises(ValueError, match="kind: row 0 is 'pet'"):
        export_vcard({"name": ["a"], "kind": ["pet"]})
