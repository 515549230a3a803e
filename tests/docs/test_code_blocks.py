"""Every code block of the README and of docs/ runs as it is written.

Python blocks with prompts are doctests; others run as programs, each file's blocks one after
another in one namespace. C and C++ blocks have a main, are built against the installed copy that
PATRON_PREFIX names, and run. A block whose fence says `fragment` after the language is only shown.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+]+)(?P<rest>[^\n]*)\n(?P<code>.*?)^(?P=indent)```\s*$",
    re.MULTILINE | re.DOTALL,
)
PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(Block LANGUAGES C CXX)
set(CMAKE_C_STANDARD 99)
find_package(Patron REQUIRED COMPONENTS headers library)
add_executable(block {source})
target_link_libraries(block PRIVATE Patron::patron)
if("{source}" MATCHES "cc$")
  target_link_libraries(block PRIVATE Patron::headers)
endif()
"""
DOCTEST_OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(frozen=True)
class Block:
    file: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def blocks() -> list[Block]:
    found = []
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = file.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if "fragment" in match["rest"].split():
                continue
            line = text.count("\n", 0, match.start()) + 1
            indent = match["indent"]
            code = re.sub(rf"^{indent}", "", match["code"], flags=re.MULTILINE)
            found.append(Block(file, line, match["language"].lower(), code))
    return found


BLOCKS = blocks()
PYTHON_FILES = sorted({block.file for block in BLOCKS if block.language in ("python", "pycon")})
COMPILED = [block for block in BLOCKS if block.language in ("c", "cpp", "c++")]


def test_there_are_blocks_in_every_language() -> None:
    languages = {block.language for block in BLOCKS if block.file.name == "README.md"}
    assert {"python", "c"} <= languages
    assert languages & {"cpp", "c++"}


@pytest.mark.parametrize("file", PYTHON_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_python_blocks(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, object] = {"__name__": "__main__"}
    for block in BLOCKS:
        if block.file != file or block.language not in ("python", "pycon"):
            continue
        if ">>>" not in block.code:
            # Blank lines above the code make a traceback point into the page.
            code = "\n" * block.line + block.code
            exec(compile(code, str(file), "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(
            block.code, names, str(block), str(file), block.line
        )
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=DOCTEST_OPTIONS)
        runner.run(test, out=report.write, clear_globs=False)
        assert runner.failures == 0, report.getvalue()
        names.update(test.globs)


@pytest.mark.parametrize("block", COMPILED, ids=str)
def test_compiled_blocks(block: Block, tmp_path: Path) -> None:
    prefix = os.environ.get("PATRON_PREFIX")
    assert prefix, "PATRON_PREFIX names no installed copy; scripts/test.sh makes one"
    assert re.search(r"\bmain\s*\(", block.code), (
        "the block has no main: complete it, or write `fragment` after the language of its fence"
    )
    source = "block.c" if block.language == "c" else "block.cc"
    (tmp_path / source).write_text(block.code, encoding="utf-8")
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(source=source), encoding="utf-8")
    build = tmp_path / "build"
    for command in (
        ["cmake", "-G", "Ninja", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}"],
        ["cmake", "--build", build],
        [build / "block"],
    ):
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
