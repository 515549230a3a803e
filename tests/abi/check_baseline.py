"""Gate: the binary interface is the one that bindings/c/abi_baseline.xml records.

abidiff exits with 4 for any change, an addition or a grown struct included: each is a failure here
until scripts/update-abi.sh has recorded it.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--abidiff", required=True)
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--headers", type=Path, required=True)
    options = parser.parse_args()

    command = [options.abidiff, "--no-unreferenced-symbols"]
    command += ["--headers-dir1", str(options.headers), "--headers-dir2", str(options.headers)]
    command += [str(options.baseline), str(options.library)]
    result = subprocess.run(command, capture_output=True, text=True)
    print(result.stdout + result.stderr, end="")
    if result.returncode:
        print(f"abidiff exit code {result.returncode}.")
        print("A deliberate change is recorded by scripts/update-abi.sh.")
        return 1
    print("the binary interface is the recorded one")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
