#!/usr/bin/env bash
# Records the binary interface as it is now: the list of exported functions, taken from the C headers,
# and the description that abidiff compares with. Run it after a deliberate change, look at the
# difference, and commit both files with the change.
#
#   scripts/update-abi.sh             both files
#   scripts/update-abi.sh --symbols   the list alone, while functions are being added
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3
[ -x "$python" ] || python=python3

names=$(
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/abi "$python" - <<'END'
from pathlib import Path

from declarations import functions

for function in functions(Path("include/patron/c")):
    print(function.name)
END
)
printf '%s\n' "$names" >bindings/c/symbols.txt
echo "bindings/c/symbols.txt: $(wc -l <bindings/c/symbols.txt) functions"
[ "${1:-}" = --symbols ] && exit 0

command -v abidw >/dev/null || {
  echo "abidw is missing. Debian and Ubuntu have it in abigail-tools." >&2
  exit 1
}
build=${PATRON_BUILD_DIR:-build/dev}
[ -f "$build/CMakeCache.txt" ] || cmake --preset dev -B "$build"
cmake --build "$build" --target abi_interface
abidw --headers-dir include/patron/c --drop-private-types --no-corpus-path --no-comp-dir-path \
  --no-elf-needed --short-locs --exported-interfaces-only \
  --out-file bindings/c/abi_baseline.xml "$build/tests/abi/libpatron.so"
# Where a type stands in its header is no part of the interface, and its file alone tells it public.
sed -i -E "s/ line='[0-9]+' column='[0-9]+'/ line='1' column='1'/" bindings/c/abi_baseline.xml
echo "bindings/c/abi_baseline.xml: $(wc -c <bindings/c/abi_baseline.xml) bytes"
