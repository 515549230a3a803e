"""Reads the C headers: each function they declare for export, with the comment above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DECLARATION = re.compile(r"^PATRON_API\b(?P<text>[^;{]*)[;{]", re.MULTILINE)
NAME = re.compile(r"\b(?P<name>patron_[a-z0-9_]+)\s*\((?P<arguments>.*)\)\s*$", re.DOTALL)


@dataclass(frozen=True)
class Function:
    name: str
    arguments: str
    comment: str
    result: str
    file: Path
    line: int


def _comment_before(text: str, position: int) -> str:
    """The comment that ends right above `position`, or nothing."""
    before = text[:position].rstrip(" \t\n")
    if text[len(before) : position].count("\n") > 1 or not before.endswith("*/"):
        return ""
    return before[before.rindex("/*") :]


def functions(header_folder: Path) -> list[Function]:
    """Every PATRON_API declaration of the headers in `header_folder`, in order of name."""
    found = []
    for file in sorted(header_folder.glob("*.h")):
        text = file.read_text(encoding="utf-8")
        for match in DECLARATION.finditer(text):
            declaration = NAME.search(match["text"])
            line = text.count("\n", 0, match.start()) + 1
            if declaration is None:
                raise SystemExit(f"{file}:{line}: PATRON_API before something that is no function")
            found.append(
                Function(
                    name=declaration["name"],
                    arguments=" ".join(declaration["arguments"].split()),
                    comment=_comment_before(text, match.start()),
                    result=" ".join(match["text"][: declaration.start()].split()),
                    file=file,
                    line=line,
                )
            )
    return sorted(found, key=lambda function: function.name)
