#!/usr/bin/env bash
# Builds the image, runs it, and does the README's main job through it: a submit that passes, one that fails, a restart that
# keeps the data, and a stop by SIGTERM with exit 0. Prints the image's size and the time of a start.
#
#   deploy/image/try.sh                                     by docker
#   ENGINE=podman BASE=localhost/base deploy/image/try.sh   by podman, on another base
#
# BUILD_FLAGS and RUN_FLAGS are added to `build` and `run`. Leaves nothing but the image.
set -euo pipefail
cd "$(dirname "$0")/../.."

engine=${ENGINE:-docker}
read -ra build_flags <<< "${BUILD_FLAGS:-}"
read -ra run_flags <<< "${RUN_FLAGS:-}"
[ -z "${BASE:-}" ] || build_flags+=(--build-arg "BASE=$BASE")
image=${IMAGE:-qgjob-try}
name=qgjob-try-$$
work=$(mktemp -d)
chmod 0755 "$work"

say() { printf '== %s\n' "$*"; }
fail() { printf 'falls short: %s\n' "$*" >&2; "$engine" logs "$name" >&2 || true; exit 1; }
finish() {
  # The agent first: it is in the network of the server.
  for one in "$name-agent" "$name"; do "$engine" rm -f "$one" > /dev/null 2>&1 || true; done
  "$engine" volume rm "$name" > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
now_ms() { date +%s%3N; }
run() { "$engine" run "${run_flags[@]}" "$@"; }

await() { # seconds, what, command…
  local until=$(($(date +%s) + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$(date +%s)" -lt "$until" ] || fail "$what"
    sleep 0.1
  done
}

start_server() {
  local begun
  begun=$(now_ms)
  run -d --name "$name" -v "$name:/data" "$image" > /dev/null
  await 60 'the server is not ready after a minute' "$engine" exec "$name" qgjob-health
  say "ready after $(($(now_ms) - begun)) ms"
}

stop_server() {
  "$engine" stop -t 15 "$name" > /dev/null
  local code
  code=$("$engine" inspect --format '{{.State.ExitCode}}' "$name")
  [ "$code" = 0 ] || fail "exit $code after SIGTERM"
  "$engine" rm "$name" > /dev/null
}

count_jobs() { qgjob list --org-id=qualgent --json | grep -o '"job_id"' | wc -l; }
qgjob() { "$engine" exec "$name" qgjob "$@"; }

if [ -z "${SKIP_BUILD:-}" ]; then
  say 'build'
  "$engine" build "${build_flags[@]}" -t "$image" . > "$work/build.log" 2>&1 || { tail -30 "$work/build.log" >&2; exit 1; }
fi
say "$("$engine" image inspect --format '{{.Size}}' "$image" | awk '{printf "%.0f MB", $1 / 1e6}'), user $("$engine" image inspect --format '{{.Config.User}}' "$image")"

start_server
[ "$("$engine" exec "$name" id -u)" = 10001 ] || fail 'it runs as another user than 10001'

say 'an agent with two simulated devices, in the network of the server'
cp deploy/compose/qgjob.agent.json "$work/"
qgjob tokens create --name=try --shared 2> /dev/null > "$work/agent.token"
chmod 0444 "$work/agent.token"
run -d --name "$name-agent" --network "container:$name" -w /agent -v "$work/qgjob.agent.json:/agent/qgjob.agent.json:ro" \
  -v "$work/agent.token:/run/agent.token:ro" "$image" \
  agent --name=try --server-url=http://127.0.0.1:8080 --token-file=/run/agent.token > /dev/null
await 30 'the agent is not ready' "$engine" exec "$name-agent" qgjob-health http://127.0.0.1:9470/health/ready

say 'the main job'
"$engine" exec "$name" mkdir -p /data/suite/tests
suite="const { test } = require('node:test'); test('the sum', () => require('node:assert').equal(1 + 1,"
printf '%s 2));\n' "$suite" | "$engine" exec -i "$name" sh -c 'cat > /data/suite/tests/onboarding.spec.js'
printf '%s 3));\n' "$suite" | "$engine" exec -i "$name" sh -c 'cat > /data/suite/tests/broken.spec.js'
submit() {
  "$engine" exec -w /data/suite "$name" qgjob submit --org-id=qualgent --app-version-id=xyz123 --target=emulator \
    --retry-failed-tests=0 --wait "$@"
}
code=0; submit --test=tests/onboarding.spec.js > "$work/passed" 2>&1 || code=$?
[ "$code" = 0 ] || fail "the submit that should pass exits $code: $(cat "$work/passed"; "$engine" logs "$name-agent" 2>&1 | tail -5)"
code=0; submit --test=tests/broken.spec.js > "$work/failed" 2>&1 || code=$?
[ "$code" = 1 ] || fail "the submit that should fail exits $code: $(cat "$work/failed")"
[ "$(count_jobs)" = 2 ] || fail 'there are not two jobs'

say 'SIGTERM, and a new container on the same volume'
"$engine" rm -f "$name-agent" > /dev/null
stop_server
start_server
[ "$(count_jobs)" = 2 ] || fail 'the jobs are gone after a restart'
stop_server
say 'all as it should be'
