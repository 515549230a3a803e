#!/usr/bin/env bash
# Formats every C, C++ and Python source; with --check only tells which files differ.
set -euo pipefail
cd "$(dirname "$0")/.."

clang=(-i)
ruff=()
if [ "${1:-}" = --check ]; then
  clang=(--dry-run --Werror)
  ruff=(--check)
fi
find include src bindings tests benchmarks examples -regex '.*\.\(h\|hpp\|c\|cc\)' -print0 |
  xargs -0 clang-format-14 "${clang[@]}"
.venv/bin/python -m ruff format "${ruff[@]}" .
