#!/usr/bin/env bash
# Ends what start-lab.sh started, and prints what both had to say.
set -uo pipefail

data="$RUNNER_TEMP/qgjob"
for name in agent server; do
  kill "$(cat "$data/$name.pid")"
  printf '\n== %s\n' "$name"
  cat "$data/$name.log"
done
