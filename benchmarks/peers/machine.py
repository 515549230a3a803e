"""The machine that a comparison runs on: how busy it is, and what it is."""

from __future__ import annotations

import gc
import os
import platform
import time
from pathlib import Path


class PeakMemory:
    """The most memory that this process holds from now on, above what it holds now."""

    def __init__(self) -> None:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # Forget the peak so far.
        self._resident = self._read("VmRSS")

    def megabytes(self) -> float:
        """The peak until now."""
        return (self._read("VmHWM") - self._resident) / 1024

    @staticmethod
    def _read(field: str) -> int:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
        raise RuntimeError(f"no {field} in /proc/self/status")


def busy_share(seconds: float = 2.0) -> float:
    """Share of the processors that other programs use right now."""

    def read() -> tuple[int, int]:
        fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    total, idle = read()
    time.sleep(seconds)
    total_after, idle_after = read()
    return 1.0 - (idle_after - idle) / max(1, total_after - total)


def require_quiet(limit: float, when: str = "use") -> float:
    """Share of the processors that other programs use; ends the program if it is above `limit`."""
    busy = busy_share()
    if busy > limit:
        raise SystemExit(
            f"other programs {when} {busy:.0%} of the processors: a time taken now says nothing; "
            f"--busy-limit {limit:g} is the greatest share allowed"
        )
    return busy


def description() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
