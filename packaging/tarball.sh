#!/bin/bash
# Makes a tarball of a built Linux program, to unpack into /usr/local or ~/.local:
# packaging/tarball.sh [PROGRAM] [FOLDER]
set -euo pipefail
program=$(realpath "${1:-target/dist/taglens}")
out=$(realpath -m "${2:-target/packages}")
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=taglens-$version-$(uname -m)-linux

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packaging/stage.sh "$program" "$work/$name"
install -m 644 -D -t "$work/$name/share/doc/taglens" LICENSE-APACHE LICENSE-MIT resources/NOTICE.md
mkdir -p "$out"
date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$date" -cJf "$out/$name.tar.xz" "$name"
echo "$out/$name.tar.xz"
