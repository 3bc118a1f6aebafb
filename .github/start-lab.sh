#!/usr/bin/env bash
# Starts a qgjob server and an agent in the folder FOLDER, until stop-lab.sh. Later steps find LAB_URL and LAB_TOKEN, a
# token that may submit.
#   bash .github/start-lab.sh FOLDER
set -euo pipefail

cli="$(cd "$(dirname "$0")/.." && pwd)/build/cli/main.js"
data="$RUNNER_TEMP/qgjob"
mkdir -p "$data"
cd "$1"

node "$cli" server --port 0 --data-dir "$data" > "$data/server.log" 2>&1 &
echo $! > "$data/server.pid"
for _ in $(seq 100); do
  [ -s "$data/server.json" ] && break
  sleep 0.1
done
url="$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).url' "$data/server.json")"

make_token() { node "$cli" tokens create --server-url "$url" --token-file "$data/admin.token" "$@"; }
(umask 077; make_token --name lab --shared > "$data/agent.token")
node "$cli" agent --name lab --server-url "$url" --token-file "$data/agent.token" > "$data/agent.log" 2>&1 &
echo $! > "$data/agent.pid"

curl --fail --silent --show-error --output "$data/org.json" --header "authorization: Bearer $(cat "$data/admin.token")" \
  --json '{"org_id": "lab"}' "$url/v1/orgs"
token="$(make_token --name workflow --org-id lab --scopes submit)"
echo "::add-mask::$token"
printf 'LAB_URL=%s\nLAB_TOKEN=%s\n' "$url" "$token" >> "$GITHUB_ENV"
