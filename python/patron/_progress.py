"""The progress bar behind ``progress=True``."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class Bar:
    """Shows how far a call is, by rich or tqdm, whichever is there, or by plain text."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Any = None
        self._task: Any = None
        self._kind = "text"
        try:
            import rich.progress as rich_progress

            self._bar = rich_progress.Progress(transient=True)
            self._bar.start()
            self._task = self._bar.add_task(title, total=None)
            self._kind = "rich"
        except ImportError:
            try:
                tqdm = importlib.import_module("tqdm.auto")
                self._bar = tqdm.tqdm(desc=title, leave=False)
                self._kind = "tqdm"
            except ImportError:
                pass

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are finished."""
        if self._kind == "rich":
            self._bar.update(self._task, completed=done, total=total)
        elif self._kind == "tqdm":
            self._bar.total = total
            self._bar.update(done - self._bar.n)
        else:
            share = done / total if total else 1.0
            print(f"\r{self._title}: {share:4.0%}", end="", file=sys.stderr, flush=True)

    def close(self, finished: bool) -> None:
        """Take the bar away."""
        if self._kind == "rich":
            self._bar.stop()
        elif self._kind == "tqdm":
            self._bar.close()
        else:
            print(" done" if finished else " stopped", file=sys.stderr, flush=True)
