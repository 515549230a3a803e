#!/usr/bin/env bash
# Builds Abseil and the lite Protobuf runtime for PATRON_DEPS=private: static, position independent and
# hidden, from the distribution's own source packages (its static archives are not position
# independent). Takes some minutes once; does nothing if the prefix is there already.
#
#   scripts/private-deps.sh [PREFIX]     default: build/private-deps
#
# PATRON_SOURCE_DIST may name a folder with the unpacked sources abseil-*/ and protobuf-*/; without it,
# `apt-get source` fetches them, by a source list of its own made from that of the system.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

mkdir -p "${1:-build/private-deps}"
prefix=$(cd "${1:-build/private-deps}" && pwd)
work=$PWD/build/private-src
done_mark=$prefix/.complete
[ ! -f "$done_mark" ] || { echo "already built: $prefix"; exit 0; }
mkdir -p "$work"

fail() {
  printf 'private-deps failed: %s\n' "$1" >&2
  exit 1
}

sources=${PATRON_SOURCE_DIST:-$work}
if [ -z "${PATRON_SOURCE_DIST:-}" ] && ! compgen -G "$work/protobuf-*/CMakeLists.txt" >/dev/null; then
  command -v dpkg-source >/dev/null || fail "dpkg-source is missing; install the package dpkg-dev"
  # The system's own lists with deb-src for deb, in a folder of this script's.
  mkdir -p "$work/apt/lists/partial" "$work/apt/sources"
  for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] && sed -E 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/sources/$(basename "$list")"
  done
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$list" ] && sed -nE 's/^deb /deb-src /p' "$list" >"$work/apt/sources/$(basename "$list" .list).list"
  done
  apt=(apt-get -q -o "Dir::State::lists=$work/apt/lists" -o Dir::Etc::sourcelist=/dev/null
    -o "Dir::Etc::sourceparts=$work/apt/sources" -o APT::Sandbox::User=root)
  "${apt[@]}" update || fail "apt-get update for source packages did not work"
  (cd "$work" && "${apt[@]}" source abseil protobuf) ||
    fail "apt-get source did not work; see its messages above"
fi

first() { compgen -G "$1" | head -n 1; }
abseil=$(first "$sources/abseil-*/CMakeLists.txt") || fail "no sources in $sources/abseil-*"
protobuf=$(first "$sources/protobuf-*/CMakeLists.txt") || fail "no sources in $sources/protobuf-*"

common=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON
  -DCMAKE_CXX_STANDARD=20 -DCMAKE_CXX_VISIBILITY_PRESET=hidden -DCMAKE_VISIBILITY_INLINES_HIDDEN=ON
  "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections -ffp-contract=off"
  "-DCMAKE_INSTALL_PREFIX=$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF)
command -v ccache >/dev/null && common+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

echo "Building Abseil"
cmake -S "$(dirname "$abseil")" -B "$work/build-abseil" "${common[@]}" \
  -DABSL_PROPAGATE_CXX_STD=ON -DBUILD_TESTING=OFF
cmake --build "$work/build-abseil" --target install

echo "Building the lite Protobuf runtime"
cmake -S "$(dirname "$protobuf")" -B "$work/build-protobuf" "${common[@]}" \
  -Dprotobuf_BUILD_TESTS=OFF -Dprotobuf_BUILD_PROTOC_BINARIES=OFF -Dprotobuf_BUILD_LIBPROTOC=OFF \
  -Dprotobuf_WITH_ZLIB=OFF
cmake --build "$work/build-protobuf" --target libprotobuf-lite
# Its own install rule wants the full runtime too, which Patron never links.
cp "$(first "$work/build-protobuf/libprotobuf-lite*.a")" "$prefix/lib/libprotobuf-lite.a"
(cd "$(dirname "$protobuf")/src" && find google/protobuf -name '*.h' -o -name '*.inc') |
  tar --create --directory="$(dirname "$protobuf")/src" --files-from=- |
  tar --extract --directory="$prefix/include"

touch "$done_mark"
echo "Built: $prefix"
