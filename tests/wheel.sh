#!/bin/sh
# Installs a wheel into an empty environment outside the checkout and does the main job there, as command and as plugin.
set -eu
wheel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
place=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; rm -rf "$place"' EXIT INT TERM
"${2:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
cd "$place"
interop="$place/venv/bin/interop"
"$interop" profiles list
"$interop" demo --out "$place/demo" >"$place/output" 2>&1 || { cat "$place/output"; exit 1; }
tail -n 3 "$place/output"

"$interop" sandbox open311-georeport >"$place/address" &
server=$!
tries=0
until grep -q http "$place/address" 2>/dev/null || [ "$tries" -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
suite="$place/venv/bin/python -m pytest -q --pyargs interop_harness.conformance"
$suite --interop-profile open311-georeport --interop-target "$(grep -o 'http[^ ]*' "$place/address" | head -n 1)" \
  >"$place/output" 2>&1 || { cat "$place/output"; exit 1; }
grep -qE '[0-9]+ passed' "$place/output" || { cat "$place/output"; exit 1; }
echo "The plugin's run of Open311: $(tail -n 1 "$place/output")"
echo "The wheel works outside the checkout."
