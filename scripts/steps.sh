# shellcheck shell=bash
# Sourced by the test scripts: runs named steps, goes on after a failure, sums up at the end.

passed=()
failed=()

# step NAME COMMAND...: runs the command and notes how it ended.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n\033[1m== %s\033[0m\n' "$name"
  # A condition would switch off `set -e` inside the command, so it runs in a shell of its own.
  set +e
  (
    set -e
    "$@"
  ) </dev/null
  local status=$?
  set -e
  if [ $status = 0 ]; then
    passed+=("$name ($((SECONDS - start)) s)")
  else
    failed+=("$name (exit code $status)")
    printf 'FAILED: %s\n' "$name" >&2
  fi
  return 0
}

# finish: prints what passed and failed; its exit status tells which.
finish() {
  printf '\n\033[1m== Summary\033[0m\n'
  [ ${#passed[@]} = 0 ] || printf '  passed  %s\n' "${passed[@]}"
  [ ${#failed[@]} = 0 ] || printf '  FAILED  %s\n' "${failed[@]}"
  printf '%d passed, %d failed\n' ${#passed[@]} ${#failed[@]}
  [ ${#failed[@]} = 0 ]
}
