"""Gate: the comment of every exported function says what a caller must know.

That is: what it does, who owns each pointer, the thread class, the cost, the statuses, and since
which release it exists. `error` is explained once for all, at the top of patron.h.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from declarations import Function, functions

STATUSES = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
}
OWNERSHIP = re.compile(
    r"\b(borrow\w*|receives?|release[sd]?|fill(s|ed)|moved?|copie[sd]|copy|belongs?|owns?|owned"
    r"|kept|written|lives?|lifetime|static|valid until|NULL)\b",
    re.IGNORECASE,
)


def pointers(function: Function) -> list[str]:
    """Names of the pointer parameters, without `error`."""
    names = []
    for argument in re.sub(r"\([^()]*\)", "", function.arguments).split(","):
        match = re.search(r"\*\s*(?:const\s+)?(?P<name>\w+)\s*(\[\d*\])?$", argument.strip())
        if match and match["name"] != "error":
            names.append(match["name"])
    return names


def missing(function: Function) -> list[str]:
    comment = re.sub(r"\n\s*\*", "\n", function.comment)
    if not comment.strip("/* \n"):
        return ["a comment right above it"]
    wanted = []
    if not re.search(r"Thread\s+class:?\s+(PURE|SHARED|EXCLUSIVE)\b", comment):
        wanted.append("its thread class (PURE, SHARED or EXCLUSIVE)")
    if not re.search(r"\b(Cost|Time)\b", comment):
        wanted.append("its cost")
    if not re.search(r"\bSince\s+\d+\.\d+", comment):
        wanted.append("the release since which it exists")

    match = re.search(r"\bStatuses:(?P<list>[^.]*)\.", comment)
    if not match:
        wanted.append("its statuses")
    else:
        named = set(re.findall(r"\b[A-Z][A-Z_]+\b", match["list"]))
        if function.result == "patron_status" and "OK" not in named:
            wanted.append("its statuses, OK and the errors")
        if unknown := named - STATUSES:
            wanted.append(f"statuses that exist, instead of {', '.join(sorted(unknown))}")

    wanted += [
        f"what becomes of the pointer {name}"
        for name in pointers(function)
        if not re.search(rf"\b{name}\b", comment)
    ]
    if (pointers(function) or "*" in function.result) and not OWNERSHIP.search(comment):
        wanted.append("who owns its pointers and for how long")
    return wanted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headers", type=Path, required=True)
    declared = functions(parser.parse_args().headers)
    wrong = 0
    for function in declared:
        for what in missing(function):
            print(f"{function.file}:{function.line}: {function.name}: the comment lacks {what}")
            wrong += 1
    if not declared or wrong:
        print(f"{wrong} gaps in {len(declared)} declarations")
        return 1
    print(f"{len(declared)} declarations, each fully described")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
