#!/usr/bin/env bash
# Sets up and runs every test: C++ tests and the gates of the binary interface, Python tests, examples
# in the documentation, examples against an installed copy, and the checks of the Python code.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

[ "${PATRON_SETUP_DONE:-}" = 1 ] || scripts/setup.sh --test
root=$PWD
python=$root/.venv/bin/python
stage=$root/build/stage
export MPLBACKEND=Agg PYTHONDONTWRITEBYTECODE=1 PATRON_PREFIX=$stage

build() {
  cmake --preset dev
  cmake --build --preset dev
}

# The file that two runs of `cmake --install` leave is the same, so the old copy goes first.
install_copy() {
  rm -rf "$stage"
  cmake --install build/dev --prefix "$stage" >build/install.log || {
    cat build/install.log
    return 1
  }
  echo "installed $(wc -l <build/install.log) files into build/stage"
}

compiled_example() {
  local source=$root/examples/$1 build=$root/build/examples/$1
  cmake -G Ninja -S "$source" -B "$build" -DCMAKE_PREFIX_PATH="$stage"
  cmake --build "$build"
  cd "$build"
  "./$1"
}

# The same source without CMake, as a host with a build of its own would compile it.
pkg_config_example() {
  local out=$root/build/examples/pkg_config
  mkdir -p "$out"
  export PKG_CONFIG_PATH=$stage/lib/pkgconfig:$stage/lib64/pkgconfig
  # shellcheck disable=SC2046  # The flags are words.
  cc -std=c99 -Wall -Wextra -Werror examples/c_minimal/*.c -o "$out/c_minimal" \
    $(pkg-config --cflags --libs patron) "-Wl,-rpath,$(pkg-config --variable=libdir patron)"
  cd "$out"
  ./c_minimal
}

python_example() {
  local out=$root/build/examples/$1
  rm -rf "$out"
  mkdir -p "$out"
  cd "$out"
  local script
  for script in "$root/examples/$1"/*.py; do
    echo "\$ python $(basename "$script")"
    "$python" "$script"
  done
}

step "C++ build" build
step "C++ tests and gates" ctest --preset dev
step "Python tests" "$python" -m pytest -q tests/python
step "Docstring examples" "$python" -m pytest -q --doctest-modules --pyargs patron
step "Installed copy" install_copy
for example in examples/*/; do
  name=$(basename "$example")
  if [ -f "$example/CMakeLists.txt" ]; then
    step "Example $name" compiled_example "$name"
  else
    step "Example $name" python_example "$name"
  fi
done
step "Example c_minimal by pkg-config" pkg_config_example
step "Examples in the documentation" "$python" -m pytest -q tests/docs
step "ruff" "$python" -m ruff check .
step "mypy" "$python" -m mypy
step "stubtest" env MYPYPATH=python "$python" -m mypy.stubtest --concise \
  --mypy-config-file pyproject.toml --ignore-unused-allowlist --allowlist bindings/python/stubtest.txt patron._core
finish
