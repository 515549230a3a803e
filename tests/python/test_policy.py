"""Policies: presets, JSON, what is unwise, pictures."""

from __future__ import annotations

import pickle

import pytest

from patron.complaints import Policy


@pytest.mark.parametrize("name", Policy.PRESETS)
def test_presets_say_where_they_come_from_and_round_trip(name: str) -> None:
    policy = Policy.preset(name)
    assert policy.name == name
    assert policy.source
    assert policy.source_date
    assert len(policy.check()) == 0
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy(policy.to_dict()) == policy
    assert Policy.from_bytes(policy.to_bytes()) == policy
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert hash(Policy(name)) == hash(policy)


def test_limits_of_regulators() -> None:
    def limit(preset: str, clock: str) -> tuple[str, int]:
        found = next(c for c in Policy(preset).to_dict()["clocks"] if c["name"] == clock)["limit"]
        return found["kind"], found["amount"]

    assert limit("disp", "final_response") == ("calendar_weeks", 8)
    assert limit("disp-payments", "final_response") == ("business_days", 15)
    assert limit("cfpb", "response") == ("calendar_days", 15)
    assert limit("rg271", "response") == ("calendar_days", 30)
    assert limit("rg271-super", "response") == ("calendar_days", 45)
    assert limit("12315", "mediation") == ("business_days", 45)


def test_calendars_are_those_of_clocks_and_the_window() -> None:
    assert Policy().calendars == ["service"]
    assert Policy("disp").calendars == ["service", "regulator"]


def test_what_contradicts_itself_is_refused() -> None:
    definition = Policy().to_dict()
    definition["transitions"][0]["to"] = "GONE"
    with pytest.raises(ValueError, match=r"transition receive: 'GONE'; expected a state"):
        Policy(definition)
    with pytest.raises(ValueError, match=r"json: line 1, column 1: the end; expected a value"):
        Policy.from_json("")
    with pytest.raises(ValueError, match=r"preset: 'iso'; expected default, disp"):
        Policy("iso")
    with pytest.raises(TypeError, match="definition: int"):
        Policy(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="bytes: "):
        Policy.from_bytes(b"no policy")


def test_what_is_unwise_is_named() -> None:
    definition = Policy().to_dict()
    definition["states"].append({"name": "LIMBO", "kind": "open"})
    for move in definition["transitions"]:
        if move["event"] == "withdraw":
            move["guards"] = []
    findings = Policy(definition).check()
    found = set(zip(findings["problem"], findings["subject"], strict=True))
    assert ("unreachable", "state LIMBO") in found
    assert any(problem == "no_guard" for problem, _ in found)


def test_it_draws_itself() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    policy = Policy()
    text = policy.graphviz()
    assert text.startswith('digraph "default" {')
    assert '"RECEIVED" -> "ACKNOWLEDGED" [label="acknowledge"];' in text
    ax = policy.plot()
    labels = {text.get_text().replace("\n", "_") for text in ax.texts}
    assert set(policy.states) <= labels
    places = {t.get_text().replace("\n", "_"): t.get_position() for t in ax.texts}
    assert len({places[state] for state in policy.states}) == len(policy.states)
    assert places["RECEIVED"][1] > places["ACKNOWLEDGED"][1] > places["COMMUNICATED"][1]
