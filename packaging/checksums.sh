#!/bin/bash
# Writes SHA256SUMS for all files in a folder: packaging/checksums.sh [FOLDER]
set -euo pipefail
cd "${1:-target/packages}"
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS
sha256sum --check --quiet SHA256SUMS
cat SHA256SUMS
