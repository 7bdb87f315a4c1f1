#!/usr/bin/env bash
# A clean install about which npm has nothing to say. What it says about the user's own configuration is not ours.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT

npm ci --loglevel=warn --color=false 2>&1 | tee "$log"

if warnings=$(grep -i '^npm warn' "$log" | grep -vE '^npm warn (Unknown (user|env|global|builtin) config|config) '); then
  printf 'npm warns about this project:\n%s\n' "$warnings"
  exit 1
fi
