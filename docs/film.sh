#!/usr/bin/env bash
# Makes docs/film.webp: a way over a sky of the program's own, every frame dreamed alone, and beside it one dream.
#
#   cargo build --release && docs/film.sh target/release/puppyslug
#
# Needs ffmpeg with WebP; takes seven minutes on a processor of two cores.
set -euo pipefail
program=$(realpath "${1:?usage: docs/film.sh PROGRAM}")
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$program" dream --size 720x480 --seed 5 --strength 0 -o "$scratch/sky.png"
ffmpeg -nostdin -v error -loop 1 -framerate 20 -i "$scratch/sky.png" -frames:v 50 \
    -vf "crop=320:240:40+3*n:20+2*n" -c:v ffv1 -pix_fmt bgr0 "$scratch/sky.mkv"
dream() { "$program" video "$scratch/sky.mkv" --codec ffv1 --objective 'logit:dog face' --iterations 20 "$@"; }
dream --carry 0 -o "$scratch/alone.mkv"
dream --per-frame 12 -o "$scratch/carried.mkv"
ffmpeg -nostdin -v error -y -i "$scratch/alone.mkv" -i "$scratch/carried.mkv" -filter_complex hstack \
    -c:v libwebp_anim -quality 50 -compression_level 6 -loop 0 film.webp
