#!/bin/bash
# Installs Rust in a bare container of a workflow, with the oldest version that the crate allows or newer.
set -euo pipefail
curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
echo "$HOME/.cargo/bin" >>"${GITHUB_PATH:-/dev/null}"
