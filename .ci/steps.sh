# Functions of .ci/run: steps that are announced, timed, bounded and stopped.

readonly step_limit=720 total_limit=1500 # seconds
failed_steps=()
running_step=

# step <title> <command> [arguments...]
step() {
  local title=$1 started=$SECONDS code=0 limit
  shift
  limit=$((total_limit - SECONDS < step_limit ? total_limit - SECONDS : step_limit))
  printf '\n=== %s: %s\n' "$title" "$*"
  if ((limit > 0)); then
    # In the background, because bash defers its traps until a command in the foreground has ended.
    timeout --kill-after=20 "$limit" "$@" </dev/null &
    running_step=$!
    wait "$running_step" || code=$?
    running_step=
  else
    code=124
  fi
  case $code in
    0) printf '=== %s: passed in %d s\n' "$title" $((SECONDS - started)) ;;
    124 | 137) printf '=== %s: FAILED, out of time after %d s\n' "$title" $((SECONDS - started)) ;;
    *) printf '=== %s: FAILED in %d s (exit code %d)\n' "$title" $((SECONDS - started)) "$code" ;;
  esac
  ((code == 0)) || failed_steps+=("$title")
}

# Ends the step that is under way, and waits until it has cleaned up; `timeout` passes the signal on to all its processes.
stop_step() {
  [[ -z $running_step ]] || { kill -TERM "$running_step" 2>/dev/null && wait "$running_step"; } || true
}

all_passed() {
  ((${#failed_steps[@]} == 0))
}

summarise_steps() {
  local IFS=,
  printf '\n=== %d s; failed steps: %s\n' "$SECONDS" "${failed_steps[*]:-none}"
}
