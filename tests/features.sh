#!/usr/bin/env bash
# The library in the builds that Cargo.toml's features allow: each feature left out alone, the two machines without the
# rest, and no feature at all. One machine alone is not among them: nothing in the source asks for a machine and another
# feature at once, so what fails there fails without the other machine, or without the rest. Lints only: what a build
# contains is tested with all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

builds=(
    serve,fetch,import,cpu,gpu
    program,fetch,import,cpu,gpu
    program,serve,import,cpu,gpu
    program,serve,fetch,cpu,gpu
    program,serve,fetch,import,gpu
    program,serve,fetch,import,cpu
    cpu,gpu
    ""
)

for features in "${builds[@]}"; do
    echo "features: ${features:-none}"
    cargo clippy --quiet --lib --no-default-features --features "$features" -- -D warnings
done
