"""Gate: what a source keeps to itself has a name that no other source or header of its namespace has.

The library and the bindings are compiled in units of several sources. There, a name of one anonymous
namespace would hide a header's name from the sources behind it, without a word from the compiler if
the calls still fit.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

OPENS = re.compile(r"(?:inline )?namespace ([\w:]*) ?\{")
TYPE = re.compile(
    r"(?:template <.*> )?(?:struct|class|enum class|enum) (\w+)(?= *[:{]|$)|using (\w+) ="
)
CONSTANT = re.compile(r"(?:inline )?(?:constexpr|const|constinit) [^(]*?\b(k[A-Z]\w*)\b")
FUNCTION = re.compile(r"(?!static_assert)(?:[^\s(=/][^(=]*[ *&])?(\w+)\(")


def names(path: Path) -> Iterator[tuple[str, bool, str]]:
    """Namespace, whether within an anonymous one, and name of all that begins a line."""
    stack: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := OPENS.match(line):
            stack.append(found[1])
        elif line.startswith("}  // namespace"):
            stack.pop()
        elif stack and line and line[0] not in " \t}#/:)":
            match = TYPE.match(line) or CONSTANT.match(line) or FUNCTION.match(line)
            if match is not None:
                name = next(group for group in match.groups() if group)
                yield "::".join(filter(None, stack)), "" in stack, name


def clashes(root: Path, folder: str) -> Iterator[str]:
    """What the sources of one target clash over."""
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    own: dict[tuple[str, str], set[str]] = defaultdict(set)
    headers = [*(root / "include/patron").rglob("*.hpp"), *(root / folder).rglob("*.hpp")]
    for path in [*headers, *(root / folder).rglob("*.cc")]:
        for namespace, anonymous, name in names(path):
            (own if anonymous else shared)[namespace, name].add(str(path.relative_to(root)))
    for (namespace, name), sources in sorted(own.items()):
        parts = namespace.split("::")
        seen = set().union(
            *(shared.get(("::".join(parts[:n]), name), set()) for n in range(1, len(parts) + 1))
        )
        if seen or len(sources) > 1:
            places = ", ".join(sorted(sources | seen))
            yield f"{namespace}::{name} of an anonymous namespace: {places}; expected one place"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True)
    root = parser.parse_args().root
    found = [line for folder in ("src", "bindings/python") for line in clashes(root, folder)]
    print("\n".join(found) or "no name in two places")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
