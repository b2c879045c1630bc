#!/usr/bin/env bash
# Makes docs/atlas.html: the atlas of the network inside the program, at good quality, of the layers that are named or of all.
# What was stopped goes on where it stood.
#
#   cargo build --release && docs/atlas.sh target/release/puppyslug [LAYER...]
set -euo pipefail
program=${1:?usage: docs/atlas.sh PROGRAM [LAYER...]}
shift
out=$(dirname "$0")/atlas.html
"$program" atlas --quality good -o "$out" "${@/#/--layer=}"
ls -l "$out"
