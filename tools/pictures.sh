#!/usr/bin/env bash
# Takes the pictures the README shows, of the demo as it is now: docs/images/runs.png and run.png.   bash tools/pictures.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
dotnet build RunHub.sln -c Release --nologo -v quiet
work=$(mktemp -d)
(cd "$work" && exec dotnet "$root/src/RunHub/bin/Release/net10.0/runhub.dll" demo --Urls=http://127.0.0.1:5607) >"$work/log" 2>&1 &
demo=$!
trap 'kill $demo; wait $demo || true; rm -rf "$work"' EXIT
link=
for _ in $(seq 120); do
  link=$(grep -o 'http://127.0.0.1:5607/sign-in/[^ ]*' "$work/log" | head -n 1 || true)
  [ -z "$link" ] || break
  sleep 1
done
[ -n "$link" ] || { cat "$work/log"; echo "the demo printed no link" >&2; exit 1; }
sleep 20 # some runs come in live, and the search index is filled
RUNHUB_PICTURES=$root/docs/images RUNHUB_PICTURES_OF=$link \
  dotnet test tests/RunHub.BrowserTests -c Release --no-build --nologo -v quiet --filter FullyQualifiedName~ReadmePictures
ls -l docs/images
