"""What `import patron` brings with it, and what it does without."""

from __future__ import annotations

import os
import subprocess
import sys


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_import_brings_numpy_alone() -> None:
    code = (
        "import sys, patron, patron.value; "
        "print(sorted(m for m in ('pandas', 'polars', 'pyarrow', 'matplotlib', 'rich', 'typer',"
        " 'tqdm') if m in sys.modules))"
    )
    assert run(code) == "[]"


def test_modules_come_when_they_are_asked_for() -> None:
    code = (
        "import sys, patron; before = 'patron.value' in sys.modules; "
        "patron.value.lifetime_value(1, 0.5, 0.1); print(before, 'patron.value' in sys.modules)"
    )
    assert run(code) == "False True"


def test_without_the_optional_packages() -> None:
    code = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ('pandas', 'polars', 'pyarrow', 'matplotlib', 'rich', 'typer', 'tqdm'):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import numpy as np, patron
table = {"customer_id": ["a", "b"], "date": np.array(["2024-01-01", "2024-02-01"], "M8[D]"), "amount": [1.0, 2.0]}
scores = patron.value.rfm(table, progress=True)
print(scores["rfm"].tolist())
try:
    patron.plot.rfm_grid(scores)
except ImportError as error:
    print(error)
from patron.cli import main
try:
    main()
except SystemExit as stop:
    print(stop.code)
"""
    lines = run(code).splitlines()
    assert len(lines) == 3
    assert lines[1] == 'patron.plot needs matplotlib: pip install "patron[plot]"'
    assert lines[2] == "1"


def test_version() -> None:
    code = "import patron; print(patron.__version__, patron._core.abi_version)"
    version, abi = run(code).split()
    assert version.count(".") == 2
    assert int(abi) >= 1


def test_names_are_listed() -> None:
    import patron

    assert {"value", "plot", "defaults", "report"} <= set(dir(patron))
    for name in patron.value.__all__:
        assert getattr(patron.value, name).__doc__
