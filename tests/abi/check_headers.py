"""Gate: the C headers compile everywhere and hold nothing that a binding generator stumbles over.

Each header is compiled alone, as C99, C11, C++17 and C++20, with warnings as errors.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

C_FLAGS = [
    "-pedantic-errors",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
]
CXX_FLAGS = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror"]
LANGUAGES = [("c", "c99"), ("c", "c11"), ("c++", "c++17"), ("c++", "c++20")]

FORBIDDEN = [
    (r"//", "a // comment"),
    (r"\b(bool|_Bool)\b", "a bool"),
    (r"\blong\b", "a long, whose size differs between systems"),
    (r"\bunion\b", "a union"),
    (r"\binline\b", "an inline function"),
    (r"\.\.\.", "a variadic function"),
    (r"^\s*[\w ]+\s:\s*\d+\s*;", "a bit field"),
    (r"^\s*#\s*define\s+\w+\(", "a macro with arguments"),
    (r"\benum\s+\w+\s*\{", "a named enumeration, whose size is the compiler's choice"),
]


def without_comments(text: str) -> str:
    """The text with comments blanked, so that line numbers stay."""
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)


def complaints(file: Path) -> list[str]:
    code = without_comments(file.read_text(encoding="utf-8"))
    found = []
    for number, line in enumerate(code.splitlines(), start=1):
        for pattern, what in FORBIDDEN:
            if re.search(pattern, line):
                found.append(f"{file}:{number}: {what}")
        include = re.match(r"\s*#\s*include\s+(\S+)", line)
        if include and not re.fullmatch(r'<std(def|int)\.h>|"patron/c/\w+\.h"', include[1]):
            found.append(f"{file}:{number}: includes {include[1]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--include", type=Path, required=True)
    parser.add_argument("--c-compiler", required=True)
    parser.add_argument("--cxx-compiler", required=True)
    options = parser.parse_args()

    headers = sorted((options.include / "patron" / "c").glob("*.h"))
    wrong = [complaint for header in headers for complaint in complaints(header)]
    compiled = 0
    with tempfile.TemporaryDirectory() as folder:
        for header in headers:
            for language, standard in LANGUAGES:
                source = Path(folder) / "check.c"
                # Twice, for the guard.
                source.write_text(f'#include "patron/c/{header.name}"\n' * 2, encoding="utf-8")
                compiler = options.c_compiler if language == "c" else options.cxx_compiler
                flags = C_FLAGS if language == "c" else CXX_FLAGS
                command = [compiler, "-x", language, f"-std={standard}", *flags]
                command += ["-fsyntax-only", f"-I{options.include}", str(source)]
                result = subprocess.run(command, capture_output=True, text=True)
                compiled += 1
                if result.returncode:
                    wrong.append(f"{header} as {standard}:\n{result.stderr}")
    if not headers or wrong:
        print("\n".join(wrong) or f"no header in {options.include}/patron/c")
        return 1
    print(f"{len(headers)} headers, {compiled} compilations")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
