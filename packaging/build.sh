#!/bin/bash
# Builds the program that packages contain: target/dist/taglens. Arguments go to cargo, such as --offline.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --locked --profile dist --bin taglens "$@"
