#!/usr/bin/env bash
# Shows the two commands on a machine that has nothing: makes a bare Debian 12 (git and no more), copies
# this tree into it, and runs there the demo and the tests, each a second time without network.
#
#   scripts/bare-root.sh FOLDER [setup] [demo] [test] [ci]     default: demo test
#
# FOLDER receives the system and is kept; an existing one is used again with a new copy of the tree.
# Run as root; debootstrap must be installed. From the environment:
#
#   PATRON_MIRROR        Debian mirror, default http://deb.debian.org/debian
#   PATRON_SUITE         release, default bookworm
#   PATRON_SHARED_DATA   folder of reference data to copy as well
#   PIP_*, *_proxy, SSL_CERT_*   are passed on, and so are this machine's own certificates and its
#                        apt configuration for proxies, so that it works behind one
set -euo pipefail
cd "$(dirname "$0")/.."

root=${1:?usage: scripts/bare-root.sh FOLDER [setup] [demo] [test] [ci]}
shift
[ $# -gt 0 ] || set -- demo test
[ "$(id -u)" = 0 ] || { echo "run as root: chroot needs it" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap is missing" >&2; exit 1; }
mirror=${PATRON_MIRROR:-http://deb.debian.org/debian}

if [ ! -x "$root/usr/bin/git" ]; then
  debootstrap --variant=minbase --include=git "${PATRON_SUITE:-bookworm}" "$root" "$mirror"
fi

# What the network of this machine asks for.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
fi
grep -lsi 'Acquire::' /etc/apt/apt.conf.d/* | while read -r file; do
  cp "$file" "$root/etc/apt/apt.conf.d/"
done
passed_on=()
while IFS= read -r variable; do passed_on+=("$variable"); done \
  < <(env | grep -E '^(PIP_[A-Z_]+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|(https?|no|HTTPS?|NO)_(proxy|PROXY))=')

# The tree as it is now: what git tracks or would track. Built things of an earlier run stay.
mkdir -p "$root/opt/patron"
find "$root/opt/patron" -mindepth 1 -maxdepth 1 ! -name build ! -name .venv -exec rm -rf {} +
git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
  tar --create --null --files-from=- | tar --extract --directory="$root/opt/patron"
if [ -n "${PATRON_SHARED_DATA:-}" ]; then
  rm -rf "$root/opt/shared"
  mkdir -p "$root/opt/shared"
  cp -r "$PATRON_SHARED_DATA" "$root/opt/shared/data"
fi

mounted=()
unmount() {
  local place
  for place in "${mounted[@]}"; do umount "$place" || true; done
}
trap unmount EXIT
mount -t proc proc "$root/proc" && mounted+=("$root/proc")
for device in null zero random urandom; do
  [ -c "$root/dev/$device" ] || { touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device" &&
    mounted+=("$root/dev/$device"); }
done

# in_root COMMAND [PREFIX...]: runs a command line in the tree inside, with nothing of this shell's
# environment but what the network needs.
in_root() {
  local command=$1 start=$SECONDS
  shift
  printf '\n\033[1m#### %s%s\033[0m\n' "$command" "${*:+   (by $*)}"
  "$@" chroot "$root" env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    "${passed_on[@]}" bash -c "cd /opt/patron && $command" </dev/null
  printf '\033[1m#### %s: %s s\033[0m\n' "$command" $((SECONDS - start))
}

for command in "$@"; do
  case $command in
    setup) line=./scripts/setup.sh ;;
    demo) line=./scripts/demo.sh ;;
    test) line=./scripts/test.sh ;;
    ci) line=.ci/run ;;
    *) echo "unknown command $command; expected setup, demo, test or ci" >&2; exit 1 ;;
  esac
  in_root "$line"
  [ "$command" = ci ] || in_root "$line" unshare --net
done
