"""Generated people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import patron
from patron.customers import generate_people, keys


def test_characters_sound_and_change_as_they_say() -> None:
    """Sounds and traditional forms are those of ICU, by which keys are made."""
    off: dict[str, Any] = dict.fromkeys(
        ["romanised", "reversed", "damaged", "typo", "homophone", "missing"], 0.0
    )
    people = generate_people(20_000, seed=1, repeat=0.5, variant=1, **off)
    read = keys(people["name"], "name")
    first: dict[int, tuple[str, str]] = {}
    for person, key, sound in zip(
        people["entity"].tolist(), read["key"].tolist(), read["pinyin"].tolist(), strict=True
    ):
        assert first.setdefault(person, (key, sound)) == (key, sound)
    changed = people["variant"]
    assert 0.2 < changed.mean() < 0.5


def test_homophones_sound_alike() -> None:
    off: dict[str, Any] = dict.fromkeys(
        ["romanised", "reversed", "damaged", "typo", "variant", "missing"], 0.0
    )
    people = generate_people(20_000, seed=2, repeat=0.5, homophone=1, **off)
    sounds = keys(people["name"], "name")["pinyin"].tolist()
    names, errors = people["name"].tolist(), people["homophone"].tolist()
    own: dict[int, list[int]] = {}
    for i, person in enumerate(people["entity"].tolist()):
        own.setdefault(person, []).append(i)
    seen = 0
    for members in own.values():
        plain = {names[i] for i in members if not errors[i]}
        assert len(plain) <= 1
        assert len({sounds[i] for i in members}) == 1
        for i in members:
            if errors[i]:
                assert names[i] not in plain
                seen += 1
    assert seen > 5000


def test_surnames_occur_as_in_the_population() -> None:
    names = generate_people(200_000, seed=3, repeat=0)["name"].tolist()
    share = {
        surname: sum(name.startswith(surname) for name in names) / len(names)
        for surname in "李王张刘陈"
    }
    # Shares of the list, over the whole of what is drawn (87.5 %).
    for surname, percent in zip("李王张刘陈", (7.94, 7.41, 7.07, 5.38, 4.53), strict=True):
        assert share[surname] == pytest.approx(percent / 87.5, abs=0.004)


def test_rates_are_those_asked_for() -> None:
    people = generate_people(30_000, seed=4, repeat=0.5, household=0.5, shared_phone=0.5)
    entity = people["entity"]
    copies = np.ones(len(entity), bool)
    copies[np.unique(entity, return_index=True)[1]] = False
    assert len(entity) / 30_000 == pytest.approx(2, abs=0.05)
    errors = sum(people[name].sum() for name in ("phone_form", "address_form"))
    repeated = len(entity) - 30_000
    assert errors / repeated == pytest.approx(0.6, abs=0.02)
    assert people["birth_error"].sum() / repeated == pytest.approx(0.05, abs=0.01)
    household = people["household"]
    assert len(np.unique(household)) / 30_000 == pytest.approx(0.5, abs=0.02)
    missing = sum(phone is None for phone in people["phone"].tolist())
    assert missing / repeated == pytest.approx(0.05, abs=0.01)
    # Places in the table say nothing of the truth.
    assert abs(np.corrcoef(np.arange(len(entity)), entity)[0, 1]) < 0.02


def test_equal_arguments_give_equal_rows_on_any_threads() -> None:
    patron.set_threads(3)
    threaded = generate_people(20_000, seed=5).to_dict()
    patron.set_threads(1)
    serial = generate_people(20_000, seed=5).to_dict()
    patron.set_threads(0)
    for name, values in serial.items():
        assert values.tolist() == threaded[name].tolist(), name
    assert generate_people(50, seed=6)["name"].tolist() != serial["name"][:50].tolist()


def test_bad_options_are_named() -> None:
    with pytest.raises(ValueError, match="people: -1; expected 0 to 100000000"):
        generate_people(-1)
    with pytest.raises(ValueError, match=r"repeat: 1; expected 0 to 0.99"):
        generate_people(10, repeat=1)
    with pytest.raises(ValueError, match=r"variant: 1.5; expected 0 to 1"):
        generate_people(10, variant=1.5)
    with pytest.raises(ValueError, match="seed: -1"):
        generate_people(10, seed=-1)
    assert len(generate_people(0)) == 0
