#!/usr/bin/env bash
# The checks that need more tools or more time than the tests, all or those named.
#
#   scripts/deep.sh [format] [sanitizers] [library] [tsan] [headers] [lint] [analysis] [benchmarks] [fuzzing]
#
# sanitizers runs every test under the address and undefined behaviour sanitizers, library only those of
# the compiled library, which takes half the time. headers is what clang-tidy sees in the public headers,
# in a minute; lint adds the sources of the library and what they make of the templates; analysis follows
# the paths through them too. These two take long. .ci/run has format, library, fuzzing and headers.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

# Seconds per fuzz target.
fuzz_seconds=${PATRON_FUZZ_SECONDS:-25}
# fuzz, or fuzz-quick, which builds in less time and runs slower.
fuzz_preset=${PATRON_FUZZ_PRESET:-fuzz}

[ "${PATRON_SETUP_DONE:-}" = 1 ] || scripts/setup.sh --ci

sanitized() {
  cmake --preset "$1"
  cmake --build --preset "$1"
  ctest --preset "$1"
}

# The compiled library only: its tests and the corpus of each fuzz target.
sanitized_library() {
  cmake --preset "$fuzz_preset"
  cmake --build --preset "$fuzz_preset" --target library_tests
  ctest --preset "$fuzz_preset" -L library
}

# The sources of the library, and through them every header. How each is compiled alone stands in a tree
# of its own.
tidy() {
  cmake --preset dev -B build/lint -DCMAKE_UNITY_BUILD=OFF
  cmake --build build/lint --target patron_messages
  find "$PWD/src" -name '*.cc' -print0 |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-14 --quiet -p build/lint "$@"
}

# All public headers at once.
tidy_headers() {
  cmake --preset dev -B build/lint -DCMAKE_UNITY_BUILD=OFF
  (cd include && find patron -name '*.hpp' | LC_ALL=C sort | sed 's/.*/#include "&"/') >build/lint/headers.cc
  clang-tidy-14 --quiet -p build/lint "--checks=-clang-analyzer-*" build/lint/headers.cc
}

# They build and run; their numbers mean nothing here, so the library of the tests will do.
benchmarks() {
  cmake --preset dev -DPATRON_BUILD_BENCHMARKS=ON
  cmake --build --preset dev --target benchmarks
  local program
  for program in build/dev/benchmarks/*_benchmark; do
    "$program" --benchmark_min_time=0.01
  done
}

# New inputs go to the folder `found`; the checked-in ones are only read.
fuzz_one() {
  local target=$1 name=${1##*/fuzz_} found=build/$fuzz_preset/found
  local log=$found/$name.log
  mkdir -p "$found/$name"
  if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$found/$name-" "$found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
  else
    cat "$log"
    echo "$name failed"
    return 1
  fi
}

# As many at a time as there are processors.
fuzzing() {
  cmake --preset "$fuzz_preset"
  cmake --build --preset "$fuzz_preset" --target fuzzers
  export -f fuzz_one
  export fuzz_preset fuzz_seconds
  find "build/$fuzz_preset/tests/fuzz" -maxdepth 1 -type f -name 'fuzz_*' -print0 | LC_ALL=C sort -z |
    xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz_one "$0"'
}

checks=("$@")
[ $# -gt 0 ] || checks=(format sanitizers tsan analysis benchmarks fuzzing)
for check in "${checks[@]}"; do
  case $check in
    format) step "Formatting" scripts/format.sh --check ;;
    # With Clang, so that fuzzing needs no build of its own.
    sanitizers) step "Address and undefined behaviour sanitizers" sanitized "$fuzz_preset" ;;
    library) step "Sanitizers, the library alone" sanitized_library ;;
    tsan) step "Thread sanitizer" sanitized tsan ;;
    headers) step "Lint of the headers" tidy_headers ;;
    lint) step "Lint" tidy "--checks=-clang-analyzer-*" ;;
    analysis) step "Static analysis" tidy ;;
    benchmarks) step "Benchmarks" benchmarks ;;
    fuzzing) step "Fuzzing" fuzzing ;;
    *) echo "unknown check $check; there are format, sanitizers, library, tsan, headers, lint, analysis, benchmarks, fuzzing" >&2; exit 2 ;;
  esac
done
finish
