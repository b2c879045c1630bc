#!/usr/bin/env bash
# The library without some of the features that Cargo.toml allows. Of any two features, one of these builds has the one
# without the other, and another the other without the one: whatever asks for a feature that it does not name fails in
# one of them. What a single build cannot show is code for two features at once that needs a third: `fetch` with
# `import`, the only such pair in the source, stands here with `program` alone, as the command line has it. Lints only:
# what a build contains is tested with all features.
set -euo pipefail
cd "$(dirname "$0")/.."

builds=(
    program,fetch,import
    program,serve,cpu
    fetch,cpu,gpu
    serve,import,gpu
    ""
)

for features in "${builds[@]}"; do
    echo "features: ${features:-none}"
    # There are no examples: to name them has dependencies built with the features that tests ask for, which the lints
    # have checked already.
    cargo clippy --quiet --lib --examples --no-default-features --features "$features" -- -D warnings
done
