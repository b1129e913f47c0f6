#!/bin/bash
# Packs a built program for Windows (zip) or macOS (tar.gz, with a bundle): packaging/archive.sh [PROGRAM] [FOLDER]
# Not tried yet.
set -euo pipefail
windows=
case "$(uname -s)" in MINGW* | MSYS*) windows=yes ;; esac
program=${1:-target/dist/taglens${windows:+.exe}}
out=${2:-target/packages}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=taglens-$version-$(uname -m)-${windows:+windows}
mkdir -p "$out"
if [ -n "$windows" ]; then
    mkdir -p "target/$name"
    cp "$program" LICENSE-* resources/NOTICE.md README.md "target/$name/"
    (cd target && 7z a -bd "$name.zip" "$name" >/dev/null) && mv "target/$name.zip" "$out/"
else
    name=${name}macos
    packaging/recipes/macos/bundle.sh "$program" "target/$name"
    cp LICENSE-* resources/NOTICE.md README.md "target/$name/"
    tar -C target -czf "$out/$name.tar.gz" "$name"
fi
