"""Writes a C file that defines every function of the C headers, with no body.

Its debug information is that of the binary interface and of nothing else, so the interface can be
recorded and compared without debug information of the library, which takes the compiler long. That
the library has these functions, as declared, the compiler and the gate of the symbols have seen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from declarations import functions


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    lines = ['#include "patron/c/patron.h"', ""]
    lines += [
        f"{function.result} {function.name}({function.arguments}) {{ __builtin_trap(); }}"
        for function in functions(options.headers)
    ]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
