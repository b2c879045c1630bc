#!/usr/bin/env bash
# Makes docs/gallery.md and its pictures: every control beside the plain dream, embedded weights throughout.
#
#   cargo build --release && docs/gallery.sh target/release/puppyslug
#
# Takes some minutes on a processor. The source is the program's own sky, the guide one of its dreams.
set -euo pipefail
program=$(realpath "${1:?usage: docs/gallery.sh PROGRAM}")
cd "$(dirname "$0")"
mkdir -p gallery
page=$PWD/gallery.md
cd gallery
rm -f ./*.jpg

# Everything in small, by the same seed, on the machine that everybody has.
dream() { "$program" dream "$@" --seed 5 --device cpu --quality 85 2>/dev/null; }

# A picture in gray, its brightness an awk expression of x and y, from 0 to 1.
paint() {
    awk -v w=384 -v h=288 "BEGIN { print \"P2\", w, h, 255
        for (j = 0; j < h; j++) for (i = 0; i < w; i++) { x = i / w; y = j / h; print int(255 * ($2)) } }" > "$1"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
paint "$scratch/disc.pgm" '(x - 0.5)^2 * 1.78 + (y - 0.5)^2 < 0.1'
paint "$scratch/left.pgm" 'x < 0.45 ? 1 : x < 0.55 ? (0.55 - x) / 0.1 : 0'
paint "$scratch/right.pgm" 'x > 0.55 ? 1 : x > 0.45 ? (x - 0.45) / 0.1 : 0'
dream --size 384x288 --strength 0 -o sky.jpg
dream sky.jpg -o flowers.jpg --objective 'logit:sunflower' --iterations 30

column=0
section() {
    printf '\n## %s\n\n%s\n\n| | | |\n|---|---|---|\n' "$1" "$2" >> "$page"
    column=0
}
cell() { # picture, words
    printf '| ![%s](gallery/%s.jpg)<br>%s ' "$1" "$1" "$2" >> "$page"
    column=$((column + 1))
    [ $((column % 3)) != 0 ] || printf '|\n' >> "$page"
}
finish() { # the row, if it is not full
    while [ $((column % 3)) != 0 ]; do
        printf '| ' >> "$page"
        column=$((column + 1))
        [ $((column % 3)) != 0 ] || printf '|\n' >> "$page"
    done
}

# show NAME WORDS FLAG...: a dream by these flags, under the flags as a reader would type them.
show() {
    local name=$1 words=$2 flags=()
    shift 2
    # Every control is shown on the same plain dream.
    case " $* " in *\ --layer\ * | *\ --objective\ * | *\ --preset\ *) ;; *) set -- --layer inception_4b/output "$@" ;; esac
    dream sky.jpg -o "$name.jpg" "$@"
    local flag
    for flag in "$@"; do
        flag=${flag#"$scratch/"}
        case $flag in *[\ \*\#\?]*) flags+=("'$flag'") ;; *) flags+=("$flag") ;; esac
    done
    cell "$name" "$words${flags:+<br>\`${flags[*]}\`}"
}
plain() { cell plain 'the plain dream'; }

cat > "$page" <<'PAGE'
# Gallery

What each control of `puppyslug dream` does, compared with a plain dream of one layer (the [default](search.md) is the preset
`animals`). All pictures use the built-in network, a sky of 384x288, seed 5, and defaults for everything else. `docs/gallery.sh` made them. Every picture carries its
recipe: `puppyslug dream mine.jpg --recipe docs/gallery/adam.jpg` starts from its settings.

| | | |
|---|---|---|
PAGE
cell sky 'the source'
show plain 'the plain dream'
cell flowers "a picture to dream after<br>\`--objective 'logit:sunflower' --iterations 30\`"

section 'Presets' 'Named settings: `--preset`. Each has one version for the built-in network and one for the others.'
for preset in animals puppyslug arches brush eyes classic hallucination-machine; do show "preset-$preset" "$preset" --preset "$preset"; done
finish

section 'What to dream of' 'Layers, channels, cells, classes and other pictures. They add up, and a negative weight moves away from one.'
plain
show early 'an early layer' --layer inception_3a/output
show late 'a late layer' --layer inception_4e/output --iterations 20
show pattern 'every layer of a pattern' --layer 'inception_4?/3x3_reduce'
show channels 'a few channels' --objective channel:inception_4c/output:10,42-45 --iterations 20
show class 'a class' --objective 'logit:peacock' --iterations 40
show down 'one up, another down' --layer inception_4c/output --layer inception_3a/output=-0.5
show guide 'every part grows towards the most similar part of a guide' --guide flowers.jpg --objective guide:inception_4a/output --iterations 20
show like 'all of it grows towards what a box in a picture shows' --like flowers.jpg --like-box 96,72,192,144 --objective like:inception_4a/output --iterations 20
finish

section 'From octave to octave' 'Iterations, step and jitter may be lists, smallest octave first, and objectives may be limited to some octaves.'
plain
show octaves 'as many octaves as the layer can see' --octaves auto
show lists 'many iterations where it is small, few where it is large' --octaves auto --iterations 30,15,5,3
show placed 'faces first, strokes over them' --layer 'inception_4c/output@1-2' --layer 'inception_3a/output@3-' --iterations 20,20,5
show nojitter 'without shifts' --jitter 0
finish

section 'Shape' 'What happens to the gradient before each step.'
plain
show std 'divided by its standard deviation' --normalize std
show rms 'divided by its root mean square' --normalize rms
show smooth 'smoothed by three Gaussians' --smooth
show laplacian 'its frequency bands made equally strong' --laplacian 4 --normalize std
show adam "Adam's steps" --optimizer adam
finish

section 'Hold back' 'What keeps the picture from going too far.'
plain
show tv 'total variation reduced' --tv 4
show l2 'pulled towards the source' --l2 20
show keep 'a tenth of the way back after each step' --keep 0.1
show keepcolour 'in colour only' --keep 0,0.3
show guard "mean and variance locked to the source's" --guard
finish

section 'Blend' 'Where to dream, and how to blend the dream with its source.'
plain
show mask 'under a mask' --mask "$scratch/disc.pgm"
show masks 'two masks with objectives of their own' --mask "$scratch/left.pgm" --objective 'logit:peacock#1' --mask "$scratch/right.pgm" --objective 'logit:octopus#2' --iterations 40
show colour "only brightness dreamed, the source's colours kept" --color keep
show contrast 'percentiles stretched to black and white' --contrast 2,98
show half 'blended by half' --strength 0.5
finish
