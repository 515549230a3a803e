"""Consent, pseudonyms and the log of accesses."""

from __future__ import annotations

import hmac
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

import patron
from patron.customers import AccessLog, Consents, Purpose, identity_hash, pseudonyms

KEY = bytes(range(32))


def digest(*parts: str) -> str:
    encoded = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
    return hmac.digest(KEY, message, "sha256").hex()[:32]


# ---- Pseudonyms ----


def test_pseudonyms_are_hmac_of_length_prefixed_parts() -> None:
    values = ["a", "", "张伟", None]
    found = pseudonyms(values, field="name", key=KEY, tenant="shop", purpose="news")
    assert found.tolist() == [
        digest("shop", "news", "name", "a"),
        digest("shop", "news", "name", ""),
        digest("shop", "news", "name", "张伟"),
        None,
    ]
    assert pseudonyms("a", field="ab", key=KEY) != pseudonyms("ba", field="a", key=KEY)


def test_values_of_a_kind_have_one_pseudonym() -> None:
    phones = pseudonyms(["138 0013 8000", "+86138-0013-8000"], field="p", key=KEY, kind="phone")
    assert phones[0] == phones[1] == digest("", "", "p", "+8613800138000")
    names = pseudonyms(["張偉", "张 伟"], field="n", key=KEY, kind="name")
    assert names[0] == names[1]
    mail = pseudonyms(["Ann@EXAMPLE.com"], field="m", key=KEY, kind="email")
    assert mail[0] == digest("", "", "m", "ann@example.com")
    assert pseudonyms("No Phone", field="p", key=KEY, kind="phone")[0] == digest(
        "", "", "p", "no phone"
    )


def test_keys_are_long_and_never_shown() -> None:
    with pytest.raises(ValueError, match=r"^key: 15 bytes; expected 16 or more$") as error:
        pseudonyms(["a"], field="f", key=b"SECRETSECRETSEC")
    assert "SECRET" not in str(error.value)
    with pytest.raises(TypeError, match=r"^key: expected bytes$"):
        pseudonyms(["a"], field="f", key="S" * 20)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kind"):
        pseudonyms(["a"], field="f", key=KEY, kind="colour")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="row 1"):
        pseudonyms(["a", "x" * 200_000], field="f", key=KEY)


def test_identity_numbers_are_kept_as_hashes() -> None:
    numbers = ["11010519491231002X", "110105 19491231 002x", "9144030071526726XG", "12", None]
    kept = identity_hash([*numbers, "110105194912310021"], key=KEY, tenant="shop")
    assert kept["type"].tolist() == [
        "resident",
        "resident",
        "social_credit",
        None,
        None,
        "resident",
    ]
    assert kept["valid"].tolist() == [True, True, True, False, None, False]
    resident = digest("shop", "", "resident", "11010519491231002X")
    assert kept["hash"][0] == kept["hash"][1] == resident
    assert kept["hash"][2] == digest("shop", "", "social_credit", "9144030071526726XG")
    assert kept["hash"][3] is None
    same = pseudonyms(
        ["11010519491231002x"], field="resident", key=KEY, tenant="shop", kind="identity"
    )
    assert same[0] == resident


# ---- Consent ----


def news() -> Consents:
    return Consents([Purpose("news", channels=("email", "sms"), retention_days=30)])


def test_withdrawn_consent_denies_the_next_use_with_its_date() -> None:
    consents = news()
    assert consents.grant("ann", "news", time="2024-01-01") == 0
    assert consents.may("ann", "news", time="2024-02-29T23:59:59.999999").allowed
    assert consents.withdraw("ann", "news", time="2024-03-01") == 1
    after = consents.may("ann", "news", time="2024-03-01")
    assert not after
    assert (after.reason, after.line) == ("withdrawn", 1)
    assert after.since == datetime(2024, 3, 1, tzinfo=UTC)
    assert "2024-03-01" in after.text
    assert consents.may("bob", "news").reason == "none"
    assert not consents.may(7, "news")
    # A fact of the past that arrives late counts for what came after it.
    consents.deny("ann", "news", time="2024-01-15", channels="sms")
    assert consents.may("ann", "news", channel="email", time="2024-02-01")
    assert consents.may("ann", "news", channel="sms", time="2024-02-01").reason == "denied"
    assert consents.may("ann", "news", channel="sms", time="2024-01-10")
    with pytest.raises(KeyError, match="purpose: 'other'"):
        consents.may("ann", "other")


def test_rows_are_refused_whole() -> None:
    consents = news()
    row: dict[str, Any] = {
        "subject": ["ann", "bob"],
        "purpose": ["news", "news"],
        "status": ["granted", "granted"],
        "time": [datetime(2024, 1, 1), datetime(2024, 1, 2)],
    }
    changes: list[tuple[dict[str, Any], str]] = [
        ({"expires_at": [None, datetime(2024, 1, 2)]}, "expires_at: row 1 is 2024-01-02T00:00:00Z"),
        ({"withdrawn_at": [None, datetime(2024, 1, 1)]}, "withdrawn_at: row 1 is 2024-01-01T"),
        ({"purpose": ["news", "x"]}, "purpose: row 1 is 'x'"),
        ({"status": ["granted", "maybe"]}, "status: row 1 is 'maybe'; expected one of granted,"),
        ({"basis": ["consent", "whim"]}, "basis: row 1 is 'whim'"),
        ({"basis": ["consent", "contract"]}, "basis: row 1 is contract; expected what"),
        ({"minor": [False, True]}, "guardian: row 1 is null"),
        ({"channels": [None, "post"]}, "channels: row 1 is 'post'"),
        ({"fields": [None, "a,,b"]}, "fields: row 1 is 'a,,b'"),
        ({"subject": ["ann", None]}, "subject: row 1"),
    ]
    for change, message in changes:
        with pytest.raises(ValueError, match=message):
            consents.record(row | change)
        assert len(consents) == 0
    assert consents.record(row) == (2, 0)
    assert consents.record(row) == (0, 2)
    ended = row | {"withdrawn_at": [datetime(2024, 2, 1), None], "minor": [True, False]}
    ended["guardian"] = ["dad", None]
    assert consents.record(ended) == (2, 1)
    assert consents.may("ann", "news", time="2024-01-31")
    assert consents.may("ann", "news", time="2024-02-01").reason == "withdrawn"
    with pytest.raises(ValueError, match="expires_at: 'soon'"):
        consents.grant("ann", "news", expires_at="soon")


def test_questions_of_a_table() -> None:
    consents = news()
    consents.grant(1, "news", time="2024-01-01", expires_at="2024-02-01", channels=["email"])
    consents.grant(2, "news", time="2024-01-15")
    questions: dict[str, list[Any]] = {
        "subject": [1, 1, 2, 3, 1],
        "purpose": ["news"] * 5,
        "channel": ["email", "sms", None, None, "fax"],
    }
    found = consents.may_all(questions, time="2024-01-20")
    assert found["allowed"].tolist() == [True, False, True, False, False]
    assert found["reason"].tolist() == [
        "granted",
        "out_of_scope",
        "granted",
        "none",
        "channel_outside",
    ]
    assert found["line"].tolist() == [0, 0, 1, None, None]
    assert str(found["until"][0])[:10] == "2024-02-01"
    for i in range(5):
        one = consents.may(
            questions["subject"][i], "news", channel=questions["channel"][i], time="2024-01-20"
        )
        assert (one.allowed, one.reason) == (found["allowed"][i], found["reason"][i])
    with pytest.raises(ValueError, match="purpose: row 1 is 'x'"):
        consents.may_all({"subject": [1, 1], "purpose": ["news", "x"]})


def test_forgotten_persons_leave_no_byte() -> None:
    consents = news()
    consents.grant("ann-of-the-hill", "news", time="2024-01-01", evidence="letter of the hill")
    consents.grant("bob", "news", time="2024-01-02", evidence="call", guardian="mum")
    assert b"of the hill" in consents.to_bytes()
    assert consents.erase("ann-of-the-hill") == 1
    assert consents.erase(["ann-of-the-hill", "nobody"]) == 0
    assert (len(consents), consents.subjects) == (1, 1)
    assert b"hill" not in consents.to_bytes()
    assert consents.may("ann-of-the-hill", "news").reason == "none"
    assert consents.facts()["line"].tolist() == [1]
    assert consents.grant("cy", "news", time="2024-01-03") == 2
    assert consents.facts(["bob"])["guardian"].tolist() == ["mum"]


def test_bytes_of_consents() -> None:
    purposes = [
        Purpose("news", "What is new", bases=("consent", "contract"), retention_days=30),
        Purpose("care", fields=("name", "health"), sensitive=("health",)),
    ]
    consents = Consents(purposes)
    consents.grant("b", "care", time="2024-01-01", sensitive=True, text_version="v1")
    consents.grant("a", "news", time="2023-01-01", basis="contract", expires_at="2025-01-01")
    consents.deny("a", "news", time="2024-06-01", channels="sms", evidence="call")
    consents.erase("b")
    data = consents.to_bytes()
    again = pickle.loads(pickle.dumps(consents))
    assert again.to_bytes() == data
    assert again.purposes.to_dict().keys() == consents.purposes.to_dict().keys()
    assert again.purposes["text"].tolist() == ["What is new", ""]
    assert again.facts()["line"].tolist() == [1, 2]
    assert again.may("a", "news", channel="sms", time="2024-07-01").basis == "contract"
    assert again.grant("c", "news") == 3
    for at in range(0, len(data), 7):
        broken = bytearray(data)
        broken[at] ^= 0x10
        with pytest.raises(patron.errors.DataLossError):
            Consents.from_bytes(bytes(broken))
    with pytest.raises(patron.errors.DataLossError, match="this is consents"):
        AccessLog.from_bytes(data)


# ---- The log of accesses ----


def test_log_shows_what_was_done_to_it() -> None:
    log = AccessLog()
    assert log.verify()
    for i in range(5):
        line = log.append(
            "clerk",
            ["ann", "bob"][i % 2],
            "support",
            fields=["name", "phone"],
            allowed=i != 3,
            time=f"2024-01-0{5 - i}",
            recipient="courier" if i == 2 else None,
        )
        assert line == i
    head = log.head
    assert head.lines == len(log) == 5
    assert log.lines("ann")["line"].tolist() == [0, 2, 4]
    assert log.lines()["recipient"].tolist() == ["", "", "courier", "", ""]
    lines = log.lines().to_dict()
    again = AccessLog.restore(lines)
    assert again.verify(head)
    assert again.to_bytes() == log.to_bytes() == pickle.loads(pickle.dumps(log)).to_bytes()

    def rows(*order: int) -> AccessLog:
        return AccessLog.restore({name: values[list(order)] for name, values in lines.items()})

    assert rows(0, 1, 3, 4).verify() == ("missing", 2)
    assert rows(0, 2, 1, 3, 4).verify() == ("reordered", 1)
    assert rows(0, 1, 2, 3).verify() == ("intact", None)
    assert rows(0, 1, 2, 3).verify(head) == ("missing", 4)
    changed = dict(lines)
    changed["allowed"] = ~lines["allowed"].astype(bool)
    assert AccessLog.restore(changed).verify() == ("altered", 0)
    assert AccessLog.from_bytes(AccessLog.restore(changed).to_bytes()).verify().line == 0
    with pytest.raises(ValueError, match="hash: row 0 is 'x'"):
        AccessLog.restore(lines | {"hash": ["x"] * 5})
    with pytest.raises(ValueError, match="subject"):
        log.append_all(
            {"time": [datetime(2024, 1, 1)], "actor": ["a"], "subject": [1], "purpose": ["p"]}
            | {"allowed": [True]}
        )
    assert len(log) == 5


def test_a_consent_book_says_what_it_holds() -> None:
    consents = Consents([Purpose("newsletter")])
    consents.grant("ann", "newsletter", time="2024-01-01")
    consents.withdraw("ann", "newsletter", time="2024-02-01")
    assert repr(consents) == "Consents: 1 purposes, 2 facts of 1 subjects"
