#!/usr/bin/env bash
# Installs what is missing and builds the Python package into .venv. Does only what is not done yet:
# a second run takes seconds and needs no network.
#
#   scripts/setup.sh          what `patron report` needs
#   scripts/setup.sh --test   what the tests need as well
#   scripts/setup.sh --ci     what .ci/run needs as well
#
# Made for Debian 12 and Ubuntu 24.04, as root or with sudo. PATRON_PYTHON names another interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() {
  printf '\nsetup failed: %s\n' "$1" >&2
  shift
  printf '  %s\n' "$@" >&2
  exit 1
}

extras=report
packages=(g++ cmake ninja-build libabsl-dev libeigen3-dev protobuf-compiler libprotobuf-dev
  libexpat1-dev libicu-dev libsodium-dev libsqlite3-dev zlib1g-dev python3 python3-dev python3-venv ca-certificates)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev abigail-tools
  binutils pkg-config)
ci_packages=(ccache libbenchmark-dev clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14)
case "${1:-}" in
  "") ;;
  --test) extras=dev packages+=("${test_packages[@]}") ;;
  --ci) extras=dev packages+=("${test_packages[@]}" "${ci_packages[@]}") ;;
  *) fail "unknown option $1" "Options: --test, --ci" ;;
esac

# ---- System packages ----

if command -v dpkg-query >/dev/null; then
  missing=()
  for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "Installing system packages: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || fail "system packages are missing and there is no sudo" \
        "Run as root: apt-get install ${missing[*]}"
      as_root=(sudo --preserve-env=DEBIAN_FRONTEND)
    fi
    "${as_root[@]}" apt-get update -q </dev/null || fail "apt-get update did not work" \
      "Check the network and /etc/apt, then run this again."
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null ||
      fail "apt-get could not install: ${missing[*]}" "Its messages above say why."
  fi
else
  for tool in c++ cmake ninja protoc; do
    command -v "$tool" >/dev/null || fail "$tool is missing" \
      "This system has no apt. Install by hand what these Debian packages hold:" "${packages[*]}"
  done
fi

# ---- Python ----

usable() { "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=${PATRON_PYTHON:-/usr/bin/python3}
usable "$python" || python=$(command -v python3 || true)
usable "${python:-none}" || fail "no Python 3.11 or newer with its venv module was found" \
  "Set PATRON_PYTHON to one."

hash_of() { sha256sum | cut -d' ' -f1; }
# fresh STAMP HASH: whether the step of this stamp has been done for this content.
fresh() { [ -f ".venv/$1" ] && [ "$(cat ".venv/$1")" = "$2" ]; }

# A virtual environment and a build folder know their own place, so moving the tree makes them anew.
version=$("$python" -c 'import sys; print(sys.version)')
python_hash=$(echo "$version $PWD" | hash_of)
if ! fresh .patron-python "$python_hash" || [ ! -x .venv/bin/python ]; then
  say "Making .venv with Python ${version%% *}"
  rm -rf .venv build/python build/dev
  "$python" -m venv .venv || fail "python3 -m venv did not work" \
    "On Debian and Ubuntu the package python3-venv is needed."
  echo "$python_hash" >.venv/.patron-python
fi

# What to install: the build's needs, the package's, and those of the extras, from pyproject.toml.
requirements=$(.venv/bin/python - "$extras" <<'END'
import re
import sys
import tomllib

with open("pyproject.toml", "rb") as file:
    settings = tomllib.load(file)
extras = settings["project"]["optional-dependencies"]


def resolve(requirements):
    for requirement in requirements:
        own = re.fullmatch(r"patron\[(.*)\]", requirement)
        if own is None:
            yield requirement
            continue
        for extra in own[1].split(","):
            yield from resolve(extras[extra.strip()])


wanted = settings["build-system"]["requires"] + settings["project"]["dependencies"]
wanted += [f"patron[{sys.argv[1]}]"]
print("\n".join(sorted(set(resolve(wanted)))))
END
)
# A fuller set satisfies a smaller one, so going from the tests back to the demo installs nothing.
requirements_hash=$(echo "$requirements" | hash_of)
if ! grep -qsx "$requirements_hash" .venv/.patron-requirements; then
  say "Installing Python packages"
  mapfile -t list <<<"$requirements"
  .venv/bin/python -m pip install "${list[@]}" </dev/null || fail "pip could not install packages" \
    "Its messages above say why. Without network, a package index can be named by PIP_INDEX_URL" \
    "and a folder of wheels by PIP_FIND_LINKS."
  echo "$requirements_hash" >>.venv/.patron-requirements
fi

# ---- The package ----

sources_hash=$(find VERSION CMakeLists.txt pyproject.toml README.md LICENSE cmake include src \
  bindings python -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z |
  xargs -0 sha256sum | hash_of)
if ! fresh .patron-package "$sources_hash"; then
  say "Building the library and the Python package"
  mkdir -p build
  # The tests use the same objects, so with them the package is built where they are.
  settings=(--config-settings=build-dir=build/python)
  if [ "$extras" != report ]; then
    # A tree that was configured to compile each source alone goes on so.
    unity=$(sed -n 's/^CMAKE_UNITY_BUILD:[A-Z]*=//p' build/dev/CMakeCache.txt 2>/dev/null || true)
    settings=(--config-settings=build-dir=build/dev --config-settings=cmake.define.PATRON_WERROR=ON
      --config-settings="cmake.define.CMAKE_UNITY_BUILD=${unity:-ON}")
  fi
  # The whole log is kept; the screen shows how far the compiler is.
  if ! .venv/bin/python -m pip install -v --no-deps --no-build-isolation --force-reinstall \
    "${settings[@]}" . </dev/null 2>&1 |
    tee build/setup.log | { grep --line-buffered -oE '\[[0-9]+/[0-9]+\] [A-Z][a-z]+ .*' || true; }; then
    tail -n 60 build/setup.log >&2
    fail "the package did not build" "The end of build/setup.log is above."
  fi
  echo "$sources_hash" >.venv/.patron-package
fi
say "Ready"
