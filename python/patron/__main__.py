"""The command line as a module: ``python -m patron``."""

from patron.cli import main

if __name__ == "__main__":
    main()
