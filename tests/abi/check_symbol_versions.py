"""Gate: the library needs no newer C or C++ library than Debian 12 has.

Exits with 77, skipped, where the machine that built it is newer than that.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
from pathlib import Path

CEILING = {"GLIBC": (2, 36), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)}


def needed(library: Path) -> dict[str, tuple[int, ...]]:
    """The highest version of each kind that the library asks the loader for."""
    output = subprocess.run(
        ["readelf", "--version-info", "--wide", str(library)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    highest: dict[str, tuple[int, ...]] = {}
    for kind, text in re.findall(r"Name: ([A-Z]+)_([0-9.]+)", output):
        version = tuple(int(part) for part in text.split("."))
        highest[kind] = max(highest.get(kind, ()), version)
    return highest


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    found = needed(parser.parse_args().library)

    wrong = False
    for kind, ceiling in CEILING.items():
        if kind not in found:
            continue
        print(f"{kind} {dotted(found[kind])}, at most {dotted(ceiling)}")
        wrong |= found[kind] > ceiling
    if "GLIBC" not in found:
        print("no GLIBC version found; is this a shared object?")
        return 1
    if wrong:
        here = tuple(int(part) for part in platform.libc_ver()[1].split("."))
        if here > CEILING["GLIBC"]:
            print(f"built with glibc {dotted(here)}; binaries to hand out are built on Debian 12")
            return 77
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
