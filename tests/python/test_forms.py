"""Forms, authority, empowerment and faults from Python."""

from __future__ import annotations

import pickle
from datetime import date, datetime

import numpy as np
import pytest

from patron.complaints import (
    Casebook,
    Form,
    Policy,
    authority,
    empowerment,
    fault_points,
)
from patron.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError


@pytest.fixture
def book() -> Casebook:
    found = Casebook()
    kinds = [
        ("receive", "2024-06-03T09:00", "customer", {"customer": "c7", "text": "It <leaks>."}),
        ("acknowledge", "2024-06-05T10:00", "frontline", {"actor": "ann"}),
        ("triage", "2024-06-05T11:00", "frontline", {"actor": "ann"}),
        ("record_cause", "2024-06-05T12:00", "frontline", {"code": 3, "text": "a bad seal"}),
        ("communicate", "2024-06-05T13:00", "frontline", {"code": 1, "reason": 2, "amount": 25}),
        ("accept", "2024-06-05T14:00", "customer", {}),
        ("compensate", "2024-06-05T14:30", "frontline", {"amount": 25}),
        ("close", "2024-06-05T15:00", "frontline", {"code": 1}),
    ]
    events = [
        {"event": f"e{i}", "case": "A", "type": kind, "time": time, "role": role, **rest}
        for i, (kind, time, role, rest) in enumerate(kinds)
    ]
    verdicts = found.apply(events, recorded="2024-06-06T09:00")
    assert verdicts["verdict"].tolist() == ["applied"] * len(kinds)
    return found


def test_presets_fit_the_default_policy() -> None:
    for name in Form.PRESETS:
        form = Form(name)
        assert form.name == name
        assert len(form.check(Policy())) == 0, name
        assert Form(form.to_dict()) == form
        assert pickle.loads(pickle.dumps(form)) == form
        assert hash(form) == hash(Form.from_json(form.to_json()))
    with pytest.raises(InvalidArgumentError, match="'ten'; expected nine_questions, "):
        Form("ten")
    with pytest.raises(TypeError, match="definition: int"):
        Form(9)  # type: ignore[arg-type]


def test_contradictions_are_named() -> None:
    form = Form("phone").to_dict()
    form["fields"][0]["source"]["part"] = "colour"
    with pytest.raises(InvalidArgumentError, match=r"time\.source\.part: 'colour'; expected event"):
        Form(form)
    form = Form("phone").to_dict()
    form["fields"][2]["colour"] = 1
    with pytest.raises(InvalidArgumentError, match=r"fields\[2\]: the key 'colour'"):
        Form(form)
    form = Form("closure").to_dict()
    form["body"] = "\n{{nobody}}"
    with pytest.raises(InvalidArgumentError, match="body: line 2: 'nobody'; expected a field"):
        Form(form)


def test_own_forms_are_checked_against_a_policy() -> None:
    own = Form(
        {
            "name": "own",
            "version": "1",
            "fields": [
                {
                    "name": "sung",
                    "question": "Was there a song?",
                    "type": "flag",
                    "source": {"kind": "preceded", "event": "@end", "other": "sing"},
                }
            ],
        }
    )
    assert len(own.check()) == 0
    found = own.check(Policy())
    assert found["problem"].tolist() == ["unknown_event"]
    assert found["message"].tolist() == ["the policy has no event sing"]


def test_an_audit_shows_events_and_a_score(book: Casebook) -> None:
    audit = Form("audit").fill(book, "A", now="2024-06-07T09:00")
    assert audit.values["acknowledged"] == "no"
    assert audit.events("acknowledged") == ["e0", "e1"]
    why = dict(zip(audit["field"], audit["why"], strict=True))
    assert why["acknowledged"] == "acknowledge was due 2024-06-03T17:00:00Z"
    assert why["reasons"] is None
    assert audit.values["promises"] is None
    origin = dict(zip(audit["field"], audit["origin"], strict=True))
    assert origin["promises"] == "not_applicable"
    # Applicable: acknowledged, status, resolved, reasons, cause, asked. Of them one failed.
    assert (audit.met, audit.asked) == (5, 6)
    assert audit.score == pytest.approx(5 / 6)
    assert audit.complete
    with_prevention = Form("audit").fill(book, "A", {"prevention": True}, now="2024-06-07T09:00")
    assert with_prevention.score == pytest.approx(6 / 7)
    with pytest.raises(KeyError):
        audit.events("nothing")


def test_answers_of_python_types(book: Casebook) -> None:
    form = Form(
        {
            "name": "own",
            "version": "1",
            "fields": [
                {"name": name, "question": "?", "type": kind}
                for name, kind in [
                    ("a", "time"),
                    ("b", "time"),
                    ("c", "number"),
                    ("d", "number"),
                    ("e", "flag"),
                    ("f", "time"),
                ]
            ],
        }
    )
    answers = {
        "a": datetime(2024, 6, 3, 9, 30),
        "b": date(2024, 6, 3),
        "c": 0.1,
        "d": np.int64(7),
        "e": True,
        "f": np.datetime64("2024-06-03T09:30"),
    }
    values = form.fill(book, "A", answers).values
    assert values == {
        "a": "2024-06-03T09:30:00Z",
        "b": "2024-06-03",
        "c": "0.1",
        "d": "7",
        "e": "yes",
        "f": "2024-06-03T09:30:00Z",
    }
    with pytest.raises(TypeError, match="answers: a is list"):
        form.fill(book, "A", {"a": []})
    with pytest.raises(InvalidArgumentError, match="c: 'nan'; expected a number"):
        form.fill(book, "A", {"c": float("nan")})
    with pytest.raises(InvalidArgumentError, match="acknowledged: 'yes'; expected no answer"):
        Form("audit").fill(book, "A", {"acknowledged": True})


def test_a_letter_is_refused_until_it_is_whole(book: Casebook) -> None:
    letter = Form("upheld")
    with pytest.raises(FailedPreconditionError, match="missing in the form upheld"):
        letter.fill(book, "A").render()
    filled = letter.fill(
        book,
        "A",
        {
            "salutation": "Dear Ms <Noor>",
            "signature": "Ann",
            "reasons": "the seal was bad",
            "remedy": "a new kettle",
        },
    )
    assert filled.missing == []
    text = filled.render()
    assert text.startswith("Dear Ms <Noor>,\n")
    assert "You receive 25.0000." in text
    assert "turn to" not in text
    html = filled.render("html")
    assert "Dear Ms &lt;Noor&gt;," in html
    with pytest.raises(InvalidArgumentError, match="target: 'pdf'; expected one of"):
        filled.render("pdf")  # type: ignore[arg-type]


def test_what_was_known_then(book: Casebook) -> None:
    sheet = Form("crisis").fill(book, "A", occurred="2024-06-05T11:30")
    assert sheet.values["done"] == (
        "2024-06-05T10:00:00Z acknowledge by ann (frontline)\n"
        "2024-06-05T11:00:00Z triage by ann (frontline)"
    )
    assert sheet.events("known") == ["e0"]
    with pytest.raises(NotFoundError, match="case: 'A' has not been received by then"):
        Form("crisis").fill(book, "A", recorded="2024-06-01")
    with pytest.raises(NotFoundError, match="case: 'B'; expected one of the casebook"):
        Form("crisis").fill(book, "B")


def test_erased_customers_stay_erased(book: Casebook) -> None:
    book.erase("c7")
    filled = Form("nine_questions").fill(book, "A")
    assert filled.values["who"] is None
    assert filled.values["what"] is None


def test_authority_of_a_policy() -> None:
    table = authority(Policy("disp"))
    rows = set(zip(table["role"], table["event"], strict=True))
    assert ("board", "approve") in rows
    assert ("frontline", "approve") not in rows
    board = [
        limit
        for role, event, limit in zip(table["role"], table["event"], table["single"], strict=True)
        if (role, event) == ("board", "compensate")
    ]
    assert np.ma.is_masked(board[0]) or board[0] is None or np.isnan(board[0])


def test_empowerment_by_role(book: Casebook) -> None:
    table = empowerment(book)
    assert table["role"].tolist() == ["frontline"]
    assert (table["closed"][0], table["alone"][0], table["granted"][0]) == (1, 1, 25.0)
    assert len(empowerment(book, until="2024-06-05T15:00")) == 0
    with pytest.raises(InvalidArgumentError, match="level: 2"):
        empowerment(book, level=2)


def test_fault_points() -> None:
    table = fault_points(
        ["shop", "shop", "depot"],
        ["staff", "staff", "late"],
        np.array([True, True, False]),
        [2, 3, 1],
        ["2024-01-01", "2024-01-31", "2024-02-02"],
        window_days=30,
        scale=[(1, "talk", 10.0), (6, "review", 50.0)],
    )
    assert table["unit"].tolist() == ["shop", "depot"]
    # Thirty days apart is not within thirty days.
    assert table["points"].tolist() == [5.0, 0.0]
    assert table["sanction"].tolist() == ["talk", None]
    assert table["amount"][0] == 10.0
    with pytest.raises(InvalidArgumentError, match="severity: row 1 is 9; expected 1 to 4"):
        fault_points(["a", "a"], ["x", "x"], [True, True], [1, 9], ["2024-01-01"] * 2)
