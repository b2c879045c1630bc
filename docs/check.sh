#!/usr/bin/env bash
# Runs the commands of README.md and docs/*.md, in a temporary folder with the files that they name, all made small.
#
#   cargo build --release && docs/check.sh target/release/puppyslug [PAGE...]
#
# A command is what stands in a block that begins with ```sh. One whose comment says (needs ...) or (takes ...) is not run:
# it wants something that is not here, or more time than this should take. All of those are listed in the end.
# Needs ffmpeg, curl, jq and Python's numpy; a minute or two on a processor of two cores.
set -euo pipefail
program=$(realpath "${1:?usage: docs/check.sh PROGRAM [PAGE...]}")
shift
root=$(realpath "$(dirname "$0")/..")
[ $# -gt 0 ] || set -- "$root"/README.md "$root"/docs/*.md
mapfile -t pages < <(realpath "$@")

desk=$(mktemp -d)
trap 'rm -rf "$desk"' EXIT
mkdir "$desk/bin" "$desk/work" "$desk/data"
ln -s "$program" "$desk/bin/puppyslug"
export PATH="$desk/bin:$PATH" PUPPYSLUG_DATA="$desk/data"
unset PUPPYSLUG_WEIGHTS
cd "$desk/work"
ln -s "$root/docs" docs

# The files that the examples name.
prepare() {
    local sky="puppyslug dream --strength 0 --size"
    $sky 160x120 --seed 1 -o cat.jpg
    $sky 320x240 --seed 2 -o flowers.jpg
    $sky 320x240 --seed 3 -o huge.tif
    $sky 96x72 --seed 4 -o first.png
    cp first.png left.png
    cp first.png right.png
    mkdir photos paintings frames
    cp cat.jpg photos/1.jpg
    cp flowers.jpg photos/2.jpg
    cp cat.jpg paintings/
    local move='crop=96:72:n:n/2,format=yuv420p' tone=(-f lavfi -i sine=duration=0.5)
    local film=(ffmpeg -nostdin -v error -loop 1 -framerate 12 -i cat.jpg)
    "${film[@]}" "${tone[@]}" -vf "$move" -frames:v 6 cat.mp4
    "${film[@]}" "${tone[@]}" -vf "$move" -frames:v 6 cat.mov
    "${film[@]}" -vf "$move" -frames:v 3 cat.gif
    "${film[@]}" -vf "$move" -frames:v 3 frames/%04d.png
    cp cat.mp4 panorama.mp4
    cp frames/0002.png second.png
    python3 -c "import numpy; numpy.save('both.npy', numpy.ones(512, 'f4'))"
}

# The lines of a page's blocks, and -- after each block.
blocks() { awk '/^```sh$/ { inside = 1; next } /^```$/ { if (inside) print "--"; inside = 0 } inside' "$1"; }

# What is built is the program that is checked.
cargo() {
    [ "$1 $2 $3" = "run --release --" ] || return 1
    puppyslug "${@:4}"
}
export -f cargo

# A block's commands run together, for some use what others have set. Nothing outlives them.
run_block() {
    [ -n "$block" ] || return 0
    {
        echo 'set -Eeuo pipefail; trap '\''echo "failed: $BASH_COMMAND" >&2'\'' ERR; trap '\''kill $(jobs -p) 2>/dev/null || :'\'' EXIT'
        printf '%s' "$block"
    } > block.sh
    local start=$SECONDS
    if timeout 600 bash block.sh >out 2>err </dev/null; then
        printf '  %3d s  %s\n' $((SECONDS - start)) "$(head -n 1 <<<"$block")"
    else
        failed=$((failed + 1))
        printf '  FAILED\n%s\n' "$block"
        tail -n 20 err
    fi
    block=""
}

skipped=() ran=0 failed=0 block=""
prepare 2>/dev/null
for page in "${pages[@]}"; do
    name=${page#"$root/"} command=""
    echo "$name"
    while IFS= read -r line; do
        if [ "$line" = -- ]; then
            run_block
            continue
        fi
        command+=$line$'\n'
        # A line that ends like this is continued by the next.
        [[ $line =~ [\\|]$ ]] && continue
        if [[ $line =~ \((needs|takes)\ [^\)]*\)$ ]]; then
            skipped+=("$name: ${command%$'\n'}")
        else
            block+=$command
            ran=$((ran + 1))
        fi
        command=""
    done < <(blocks "$page")
done

printf '\nnot run:\n'
printf '  %s\n' "${skipped[@]}"
printf '\n%d commands run, %d not, %d blocks failed, in %d s\n' "$ran" "${#skipped[@]}" "$failed" "$SECONDS"
[ "$failed" = 0 ]
