#!/bin/bash
# Fails unless a tag, the crate and the metainfo have the same version: packaging/version-is.sh v0.1.0
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
[ "$1" = "v$version" ] || { echo "the tag is $1, Cargo.toml has $version" >&2; exit 1; }
grep -q "<release version=\"$version\"" packaging/linux/*.metainfo.xml ||
    { echo "the metainfo has no release $version" >&2; exit 1; }
