"""Long calls: progress, stopping, Ctrl-C, threads, and other Python threads meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import patron
from patron import value


@pytest.fixture(scope="module")
def large() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(11)
    n = 400_000
    return {
        "customer_id": rng.integers(0, 50_000, n),
        "date": rng.integers(1_600_000_000, 1_700_000_000, n).astype("datetime64[s]"),
        "amount": np.round(rng.gamma(2.0, 20.0, n), 2),
    }


def test_progress_rises_to_the_end(large: dict[str, np.ndarray]) -> None:
    seen: list[tuple[int, int]] = []
    value.rfm(large, progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert all(0 <= done <= total for done, total in seen)
    assert seen[-1][0] == seen[-1][1]
    # A call may have several phases, each with a total of its own.
    for total in {total for _, total in seen}:
        phase = [done for done, of in seen if of == total]
        assert phase == sorted(phase)


def test_progress_is_told_for_small_calls_too() -> None:
    told: list[int] = []
    small = {
        "customer_id": [1],
        "date": np.array(["2024-01-01"], dtype="datetime64[D]"),
        "amount": [1.0],
    }
    scores = value.rfm(small, progress=lambda done, total: told.append(done))
    assert len(scores) == 1
    assert told


def test_false_stops_the_call(large: dict[str, np.ndarray]) -> None:
    with pytest.raises(patron.errors.CancelledError) as caught:
        value.summarize(large, progress=lambda done, total: False)
    assert caught.value.status == "CANCELLED"
    assert not isinstance(caught.value, ValueError)


def test_an_exception_of_the_callback_comes_out(large: dict[str, np.ndarray]) -> None:
    def fail(done: int, total: int) -> None:
        raise ZeroDivisionError("in the callback")

    with pytest.raises(ZeroDivisionError, match="in the callback"):
        value.rfm(large, progress=fail)
    assert len(value.rfm(large)) > 0


def test_a_stopped_ledger_is_as_it_was(large: dict[str, np.ndarray]) -> None:
    ledger = value.Ledger()
    table = {**large, "transaction_id": np.arange(len(large["amount"]))}
    with pytest.raises(patron.errors.CancelledError):
        ledger.append(table, progress=lambda done, total: False)
    assert ledger.size.transactions == 0
    assert ledger.append(table).applied == len(large["amount"])


def test_a_bar(large: dict[str, np.ndarray]) -> None:
    assert len(value.rfm(large, progress=True)) > 0


CTRL_C = """
import os, signal, sys, threading
import numpy as np
from patron import value

rng = np.random.default_rng(1)
n = 3_000_000
table = {
    "customer_id": rng.integers(0, 400_000, n),
    "date": rng.integers(1_600_000_000, 1_700_000_000, n).astype("datetime64[s]"),
    "amount": rng.gamma(2.0, 20.0, n),
}
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    for _ in range(1000):
        value.summarize(table)
except KeyboardInterrupt:
    print("stopped")
"""


def test_ctrl_c_stops_a_long_call() -> None:
    result = subprocess.run(
        [sys.executable, "-c", CTRL_C],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.stdout == "stopped\n", result.stderr


def for_ever(call: Callable[[], object]) -> None:
    while True:
        call()


def test_a_signal_handler_that_raises_stops_the_call(large: dict[str, np.ndarray]) -> None:
    class AlarmError(Exception):
        pass

    def ring(*_: Any) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(AlarmError):
            for_ever(lambda: value.summarize(large))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_other_threads_run_meanwhile(large: dict[str, np.ndarray]) -> None:
    done = threading.Event()
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1

    other = threading.Thread(target=tick)
    other.start()
    try:
        before = ticks
        value.summarize(large)
        after = ticks
    finally:
        done.set()
        other.join()
    assert after > before


def test_calls_from_many_threads_at_once(large: dict[str, np.ndarray]) -> None:
    expected = value.rfm(large)["rfm"]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: value.rfm(large)["rfm"], range(16)))
    for scores in results:
        np.testing.assert_array_equal(scores, expected)


def test_one_ledger_in_many_threads() -> None:
    ledger = value.Ledger()

    def append(k: int) -> None:
        n = 5_000
        ledger.append(
            {
                "transaction_id": np.arange(n) + n * k,
                "customer_id": np.arange(n) % 100,
                "date": np.full(n, np.datetime64("2024-01-01", "s")),
                "amount": np.ones(n),
            },
            progress=lambda done, total: None,
        )
        ledger.customers()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(16)))
    assert ledger.size.transactions == 80_000
    assert set(ledger.customers()["net"].tolist()) == {800.0}


def test_states_that_merge_each_other_in_two_threads() -> None:
    table = {"customer_id": np.arange(5000), "amount": np.ones(5000)}
    one = value.State.concentration().update(table)
    two = value.State.concentration().update(table)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            list(pool.map(lambda pair: pair[0].merge(pair[1]), [(one, two), (two, one)]))
    finished = one.finalize()
    assert isinstance(finished, value.Concentration)
    assert finished.customers == 5000


def _count_in_child(n: int) -> int:
    return len(
        value.rfm(
            {
                "customer_id": np.arange(n),
                "date": np.full(n, np.datetime64("2024-01-01", "s")),
                "amount": np.ones(n),
            }
        )
    )


def test_forked_children_have_threads_of_their_own(large: dict[str, np.ndarray]) -> None:
    value.rfm(large)  # Starts the threads of the parent.
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(_count_in_child, [20_000, 30_000]).get(timeout=60) == [20_000, 30_000]


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_results_do_not_depend_on_threads(threads: int, large: dict[str, np.ndarray]) -> None:
    patron.set_threads(1)
    expected = value.rfm(large, method="ntile").to_arrow()
    summary = value.summarize(large, unit="week").to_arrow()
    measured = value.concentration(large["amount"])
    patron.set_threads(threads)
    assert value.rfm(large, method="ntile").to_arrow().equals(expected)
    assert value.summarize(large, unit="week").to_arrow().equals(summary)
    assert value.concentration(large["amount"]) == measured


# ---- A callback that uses the object whose call it watches ----


def facts(rows: int = 2000) -> dict[str, np.ndarray]:
    return {
        "transaction_id": np.arange(rows),
        "customer_id": np.arange(rows) % 100,
        "date": np.datetime64("2024-01-01", "s") + np.arange(rows),
        "amount": np.ones(rows),
    }


def test_a_callback_cannot_use_the_object_of_its_call() -> None:
    ledger = value.Ledger()
    with pytest.raises(patron.errors.FailedPreconditionError) as caught:
        ledger.append(facts(), progress=lambda done, total: ledger.size)
    assert str(caught.value) == (
        "progress: the callback uses the object whose call it watches; expected it to use other "
        "objects, or this one after the call"
    )
    assert ledger.size.transactions == 0
    assert ledger.append(facts()).applied == 2000

    state = value.State.summary()
    with pytest.raises(patron.errors.FailedPreconditionError):
        state.update(facts(), progress=lambda done, total: state.merge(state))
    with pytest.raises(patron.errors.FailedPreconditionError):
        state.update(facts(), progress=lambda done, total: value.State.summary().merge(state))
    assert len(state.update(facts()).finalize()) == 100


def test_a_callback_may_use_other_objects() -> None:
    ledger, other = value.Ledger(), value.Ledger()
    other.append(facts())
    ledger.append(facts(), progress=lambda done, total: other.size.transactions > 0)
    assert ledger.to_bytes() == other.to_bytes()


def test_bytes_are_made_and_read_while_other_threads_run() -> None:
    ledger = value.Ledger()
    ledger.append(facts(200_000))
    data = ledger.to_bytes()
    for work in (ledger.to_bytes, lambda: value.Ledger.from_bytes(data)):
        turns = 0
        done = threading.Event()

        def repeat(work: Callable[[], object] = work, done: threading.Event = done) -> None:
            for _ in range(5):
                work()
            done.set()

        thread = threading.Thread(target=repeat)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e9)  # A thread runs on until it gives the GIL back.
        try:
            thread.start()
            while not done.wait(0.0005):
                turns += 1
        finally:
            sys.setswitchinterval(interval)
            thread.join()
        assert turns >= 5
