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

# The sources of the library, and through them every header.
tidy() {
  cmake --preset dev
  cmake --build --preset dev --target patron_messages
  find "$PWD/src" -name '*.cc' -print0 |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-14 --quiet -p build/dev "$@"
}

# All public headers at once.
tidy_headers() {
  cmake --preset dev
  mkdir -p build/lint
  (cd include && find patron -name '*.hpp' | LC_ALL=C sort | sed 's/.*/#include "&"/') >build/lint/headers.cc
  clang-tidy-14 --quiet -p build/dev "--checks=-clang-analyzer-*" build/lint/headers.cc
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

fuzzing() {
  cmake --preset "$fuzz_preset"
  cmake --build --preset "$fuzz_preset" --target fuzzers
  local target name
  for target in build/"$fuzz_preset"/tests/fuzz/fuzz_*; do
    if [ -d "$target" ]; then continue; fi
    name=${target##*/fuzz_}
    printf '\n%s, %s seconds\n' "$name" "$fuzz_seconds"
    mkdir -p "build/$fuzz_preset/found/$name"
    # New inputs go to the first folder; the checked-in ones are only read.
    "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -verbosity=0 -artifact_prefix="build/$fuzz_preset/found/$name-" "build/$fuzz_preset/found/$name" \
      "tests/fuzz/corpus/$name"
  done
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
