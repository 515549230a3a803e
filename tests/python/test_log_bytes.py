"""Counts of logs as bytes: shards, processes, and bytes that are none."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron.complaints import Calendar, MinedLog, Policy, mine, read_xes
from patron.errors import DataLossError, FailedPreconditionError


def _events(seed: int, cases: int = 200) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    case = np.sort(random.integers(0, cases, 10 * cases))
    return {
        "case": case,
        "activity": np.array(["receive", "ask", "answer", "close"], dtype=object)[
            random.integers(0, 4, len(case))
        ],
        "time": random.integers(0, 10**6, len(case)).astype("M8[s]"),
        "resource": np.array(["ann", "bob", None], dtype=object)[random.integers(0, 3, len(case))],
    }


def _part(events: dict[str, Any], keep: np.ndarray) -> dict[str, Any]:
    return {name: column[keep] for name, column in events.items()}


def _same(one: MinedLog, other: MinedLog) -> None:
    for name in ("activities", "edges", "variants", "variant_steps"):
        first, second = getattr(one, name), getattr(other, name)
        assert first.columns == second.columns
        for column in first.columns:
            assert first[column].tolist() == second[column].tolist(), (name, column)
    assert repr(one) == repr(other)
    assert one.durations() == other.durations()
    for count in ("handover_count", "return_count", "rework_case_count", "self_loop_count"):
        assert getattr(one, count) == getattr(other, count)


@pytest.mark.parametrize("working", [False, True])
def test_shards_merge_to_the_bytes_of_the_whole(working: bool) -> None:
    week = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = Calendar(week=week) if working else None
    events = _events(1)
    whole = mine(events, calendar=calendar)
    shards = [
        mine(_part(events, events["case"] % 3 == k), calendar=calendar).to_bytes() for k in range(3)
    ]
    for order in permutations(shards):
        merged = MinedLog.from_bytes(order[0])
        for shard in order[1:]:
            merged.merge(MinedLog.from_bytes(shard))
        assert merged.to_bytes() == whole.to_bytes()
        _same(merged, whole)
        if working:
            assert merged.durations(working=True) == whole.durations(working=True)


def _count(seed: int) -> MinedLog:
    events = _events(seed)
    events["case"] = events["case"] + 1_000 * seed
    return mine(events)


def test_parts_are_counted_in_processes() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(_count, (1, 2))
    assert first.merge(second).to_bytes() == _count(2).merge(_count(1)).to_bytes()


def test_every_reference_log_comes_back(reference_folder: Callable[[str], Path]) -> None:
    for path in sorted(reference_folder("complaints").glob("*.xes*")):
        log = mine(read_xes(path), resource="resource")
        back = pickle.loads(pickle.dumps(log))
        _same(back, log)
        assert back.to_bytes() == log.to_bytes()


def test_cases_are_not_in_the_bytes() -> None:
    log = mine(_events(5))
    assert len(log.cases) == log.case_count
    with pytest.raises(FailedPreconditionError, match="cases: counts read from bytes have none"):
        _ = MinedLog.from_bytes(log.to_bytes()).cases


def test_other_bytes_are_refused() -> None:
    data = mine(_events(6, cases=5)).to_bytes()
    for at in range(len(data)):
        with pytest.raises(DataLossError):
            MinedLog.from_bytes(data[:at])
        with pytest.raises(DataLossError):
            MinedLog.from_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    with pytest.raises(DataLossError):
        MinedLog.from_bytes(Policy().to_bytes())
    with pytest.raises(TypeError):
        MinedLog.from_bytes("text")  # type: ignore[arg-type]
    assert MinedLog.from_bytes(memoryview(data)).to_bytes() == data  # type: ignore[arg-type]
