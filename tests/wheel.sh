#!/bin/sh
# Installs a wheel into an empty environment outside the checkout and does the main job there.
set -eu
wheel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM
"${2:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
cd "$place"
"$place/venv/bin/interop" profiles list
"$place/venv/bin/interop" demo --out "$place/demo" >"$place/output" 2>&1 || { cat "$place/output"; exit 1; }
tail -n 3 "$place/output"
"$place/venv/bin/python" -m pytest -q --pyargs interop_harness.conformance 2>&1 | tail -n 1
echo "The wheel works outside the checkout."
