#!/usr/bin/env bash
# From a fresh machine to a value report in one command.
#
#   scripts/demo.sh [FILE.csv|FILE.parquet] [options of `patron report`]
#
# Without a file it reports on a generated shop. `scripts/demo.sh --help` shows the options.
set -euo pipefail
"$(dirname "$0")/setup.sh"
exec "$(dirname "$0")/../.venv/bin/patron" report "$@"
