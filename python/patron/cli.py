"""The command ``patron``; it needs ``pip install "patron[report]"``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit: 0 done, 1 the data or a file, 2 the usage, 130 stopped."""
    try:
        from patron._command import app
    except ImportError as error:
        print(
            f"patron: {error.name or error} is missing; the command needs: "
            'pip install "patron[report]"',
            file=sys.stderr,
        )
        sys.exit(1)
    app()


if __name__ == "__main__":
    main()
