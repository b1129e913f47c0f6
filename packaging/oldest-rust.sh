#!/bin/bash
# Checks that the crate builds with the oldest Rust that Cargo.toml names.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
cargo "+$oldest" --version 2>/dev/null || rustup toolchain install "$oldest" --profile minimal
cargo "+$oldest" check --locked
