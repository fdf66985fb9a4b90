#!/usr/bin/env bash
# Builds the release archive: artifacts/runhub-linux-x64.tar.gz with the self-contained binary, appsettings.json, plugins/,
# the systemd unit and the documents an operator needs.   bash tools/package.sh [runtime identifier]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rid=${1:-linux-x64}
name=runhub-$rid
out=artifacts/$name
rm -rf "$out" "artifacts/$name.tar.gz"
dotnet publish src/RunHub -c Release -r "$rid" -o "$out" --nologo -v quiet
cp docs/runhub.service LICENSE README.md CHANGELOG.md "$out/"
mkdir -p "$out/docs" && cp docs/*.md "$out/docs/"
tar -C artifacts -czf "artifacts/$name.tar.gz" --owner=0 --group=0 "$name"
ls -l "artifacts/$name.tar.gz"
