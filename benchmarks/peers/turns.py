"""Libraries that run the same tasks in turn, each in a process of its own.

A program of this folder describes what each library can do: a function from the program's data to its
tasks by name. It is started once more for each library (`--work LIBRARY ...`), in the interpreter that
has it, and told there what to run next, so that a change of the machine's speed meets all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

Tasks = dict[str, Callable[[], Any]]


@dataclass
class Timed:
    """A result, with the seconds of the part of the task that counts, and the peak of memory in it."""

    seconds: float
    result: Any
    megabytes: float | None = None


@dataclass
class Answer:
    """What one run of a task took, in processor seconds, and what came out."""

    seconds: float
    result: Any
    megabytes: float  # Peak of the process so far, or of the part that counts.


def serve(library: str, tasks: Tasks) -> None:
    """Run tasks as their names come in."""
    warnings.simplefilter("ignore")
    out, sys.stdout = sys.stdout, sys.stderr  # What libraries print is no answer.
    try:
        release = version(library)
    except PackageNotFoundError:
        release = ""
    print(json.dumps({"tasks": list(tasks), "version": release}), file=out, flush=True)
    for line in sys.stdin:
        start = time.process_time()
        result = tasks[line.strip()]()
        seconds = time.process_time() - start
        peak = None
        if isinstance(result, Timed):
            seconds, result, peak = result.seconds, result.result, result.megabytes
        if peak is None:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([seconds, result, peak]), file=out, flush=True)


class Worker:
    """The process of one library."""

    def __init__(self, program: str, library: str, python: str, arguments: Iterable[str]) -> None:
        one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
        self._process = subprocess.Popen(
            [python, program, "--work", library, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **dict.fromkeys(one, "1")},
        )
        ready = self._read()
        self.there = bool(ready)
        self.tasks: list[str] = ready["tasks"] if ready else []
        self.version: str = ready["version"] if ready else ""

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def run(self, task: str) -> Answer:
        """Run a task once."""
        assert self._process.stdin is not None
        self._process.stdin.write(task + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if answer is None:
            raise SystemExit(f"{task}: a library's process ended; see above")
        return Answer(*answer)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def workers(
    program: str, libraries: Iterable[str], peer_python: str, inputs: Iterable[str]
) -> Iterator[dict[str, Worker]]:
    """Start a process for each library; those that are not installed are named and left out."""
    started: dict[str, Worker] = {}
    try:
        for library in dict.fromkeys(libraries):
            python = sys.executable if library == "patron" else peer_python
            started[library] = Worker(program, library, python, inputs)
            if not started[library].there:
                print(f"{library}: not there", file=sys.stderr)
        yield started
    finally:
        for worker in started.values():
            worker.close()


def parser_of(
    description: str, tasks: list[str], libraries: Iterable[str]
) -> argparse.ArgumentParser:
    """A parser of what every such program takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", default=tasks, choices=tasks)
    parser.add_argument("--libraries", nargs="+", default=list(libraries), choices=[*libraries])
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter of the peers")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--busy-limit", type=float, default=0.10, help="greatest share of foreign load"
    )
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    return parser


def compare(
    program: str,
    arguments: argparse.Namespace,
    inputs: Iterable[str],
    check: Callable[[str, Any, Any], bool],
    note: Callable[[str, Answer], str],
) -> None:
    """Run each task in each library, one after the other, round by round, and print medians.

    A task has processes of its own, so that the peak of memory is its own. `check` says whether a
    library's result is Patron's; `note` what is printed beside its seconds.
    """
    machine.require_quiet(arguments.busy_limit)
    print(machine.description())
    report: dict[str, Any] = {}
    for task in arguments.tasks:
        with workers(
            program, ["patron", *arguments.libraries], arguments.peer_python, inputs
        ) as started:
            able = {name: worker for name, worker in started.items() if task in worker.tasks}
            answers: dict[str, list[Answer]] = {name: [] for name in able}
            for _ in range(arguments.runs):
                for name, worker in able.items():
                    answers[name].append(worker.run(task))
        own = answers["patron"][-1].result
        for name, given in answers.items():
            if not check(task, given[-1].result, own):
                raise SystemExit(f"{task}: {name} has {given[-1].result}, patron {own}")
        report[task] = {}
        for name, given in answers.items():
            seconds = statistics.median(answer.seconds for answer in given)
            report[task][name] = {
                "version": able[name].version,
                "seconds": seconds,
                "result": given[-1].result,
                "megabytes": given[-1].megabytes,
            }
            ratio = seconds / report[task]["patron"]["seconds"]
            label = f"{name} {able[name].version}"
            print(f"{task:10} {label:22} {seconds:9.4f} s {ratio:8.2f}  {note(task, given[-1])}")
    machine.require_quiet(arguments.busy_limit, "used at the end")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
