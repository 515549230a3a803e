"""Gate: the library exports exactly the functions that the list and the headers name."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from declarations import functions


def exported(library: Path) -> set[str]:
    """Names of the defined dynamic symbols, without the version node itself."""
    output = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--format=posix", str(library)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = set()
    for line in output.splitlines():
        name, kind = line.split()[:2]
        if kind != "A":
            names.add(name.split("@")[0])
    return names


def complain(what: str, names: set[str]) -> bool:
    for name in sorted(names):
        print(f"{name}: {what}")
    return bool(names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--symbols", type=Path, required=True)
    parser.add_argument("--headers", type=Path, required=True)
    options = parser.parse_args()

    lines = options.symbols.read_text(encoding="utf-8").splitlines()
    listed = set(lines)
    declared = {function.name for function in functions(options.headers)}
    present = exported(options.library)

    wrong = False
    if lines != sorted(listed):
        print(f"{options.symbols}: expected one name a line, sorted, each once")
        wrong = True
    wrong |= complain("declared in the headers, not in the list", declared - listed)
    wrong |= complain("in the list, not declared in the headers", listed - declared)
    wrong |= complain("in the list, not exported by the library", listed - present)
    wrong |= complain("exported by the library, not in the list", present - listed)
    if wrong:
        print("A deliberate change is recorded by scripts/update-abi.sh.")
        return 1
    print(f"{len(present)} functions exported, all listed and declared")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
