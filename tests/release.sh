#!/usr/bin/env bash
# Makes what a release consists of, from a fresh clone of what is committed, and tries it where nothing is installed: the
# crate, an archive and a Debian package for this machine. They end up in target/release-files, with their checksums.
#
#   tests/release.sh                 all of it
#   tests/release.sh archive         only the archive, or only: crate, deb, musl
#
# `musl` is the archive of a program that is linked statically, which needs Rust's target and Debian's musl-tools.
# It takes one release build for the archive and the package, one more for each of musl and the crate. No part of tests/run.sh.
# What is tried runs in a Debian of debootstrap's smallest kind, in an empty folder: neither Vulkan nor ffmpeg nor
# anything else. That needs root, and is made once.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/install.sh

step() { printf '\n== %s\n' "$*"; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
files=$target/release-files
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clone=$work/clone
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
mkdir -p "$files"
export CARGO_TARGET_DIR=$target/packages CARGO_INCREMENTAL=0

# Neither the corpus of the tests nor pictures: what is built from, and what is said of it.
crate() {
    step "the crate"
    local listed strangers
    listed=$(cargo package --manifest-path "$clone/Cargo.toml" --list)
    strangers=$(grep -vE '^(\.cargo_vcs_info\.json|(Cargo|CHANGELOG|README|LICENSE)[^/]*|(src|shaders|weights)/.*)$' <<<"$listed" || true)
    [ -z "$strangers" ] || { echo "the crate holds what it should not: $strangers" >&2; exit 1; }
    (cd "$clone" && cargo package --locked)
    cp "$CARGO_TARGET_DIR/package/puppyslug-$version.crate" "$files"
}

# The whole program, as a user builds it.
build() {
    [ -x "$work/installed/bin/puppyslug" ] || cargo install --path "$clone" --root "$work/installed" --locked
}

# pack PROGRAM TARGET: an archive with all that belongs to a program, and the checksums of that.
pack() {
    local name=puppyslug-$version-$2
    mkdir -p "$work/$name"
    cp "$1" "$work/$name/puppyslug"
    "$clone/docs/packaging/stage.sh" "$1" "$work/$name" "$2"
    cp "$clone/README.md" "$clone/CHANGELOG.md" "$work/$name"
    (cd "$work/$name" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum >SHA256SUMS)
    tar -C "$work" --owner=0 --group=0 --sort=name -czf "$files/$name.tar.gz" "$name"
}

# A Debian with nothing in it.
empty_debian() {
    local base=$target/debian
    if [ ! -e "$base/etc/debian_version" ]; then
        command -v debootstrap >/dev/null || install debootstrap "There is no debootstrap."
        rm -rf "$base.part"
        debootstrap --variant=minbase bookworm "$base.part" >"$work/debootstrap.log" || { tail "$work/debootstrap.log" >&2; exit 1; }
        mv "$base.part" "$base"
    fi
    rm -rf "$work/root"
    cp -a "$base" "$work/root"
    mkdir "$work/root/empty"
    ! compgen -G "$work/root/usr/lib/*/libvulkan*" || { echo "Vulkan is there already." >&2; exit 1; }
}

# there COMMAND...: in that Debian, in its empty folder, with no environment of ours.
there() { chroot "$work/root" /usr/bin/env -i -C /empty HOME=/empty PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

# try PROGRAM: dreams with it, and looks at what came out.
try() {
    there "$1" --version
    there "$1" dream
    there "$1" replay sky-dream.png
    there "$1" layers >/dev/null
    [ "$(head -c 8 "$work/root/empty/sky-dream.png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || {
        echo "the dream is no PNG" >&2
        exit 1
    }
}

# try_archive TARGET: unpacks it there, checks the sums, and dreams.
try_archive() {
    empty_debian
    cp "$files/puppyslug-$version-$1.tar.gz" "$work/root/empty"
    there tar -xzf "puppyslug-$version-$1.tar.gz"
    there sh -c "cd puppyslug-$version-$1 && sha256sum --quiet -c SHA256SUMS && ls -R"
    try "./puppyslug-$version-$1/puppyslug"
}

archive() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    step "the archive"
    build
    pack "$work/installed/bin/puppyslug" "$host"
    try_archive "$host"
}

deb() {
    step "the Debian package"
    command -v cargo-deb >/dev/null || CARGO_TARGET_DIR=$target cargo install cargo-deb --locked
    build
    "$clone/docs/packaging/stage.sh" "$work/installed/bin/puppyslug" "$clone/target/packaging"
    (cd "$clone" && cargo deb --no-build --locked --output "$files/")
    empty_debian
    cp "$files"/puppyslug_*.deb "$work/root/empty/puppyslug.deb"
    there dpkg -i puppyslug.deb
    there dpkg -L puppyslug
    try puppyslug
    there dpkg -r puppyslug
    [ ! -e "$work/root/usr/bin/puppyslug" ] || { echo "the package does not go away" >&2; exit 1; }
}

musl() {
    local musl
    musl=$(uname -m)-unknown-linux-musl
    step "the archive of a static program"
    command -v musl-gcc >/dev/null || install musl-tools "There is no musl-gcc."
    (cd "$clone" && cargo build --release --locked --target "$musl")
    pack "$CARGO_TARGET_DIR/$musl/release/puppyslug" "$musl"
    try_archive "$musl"
}

git clone --quiet . "$clone"
[ $# -gt 0 ] || set -- crate archive deb
for part; do
    case $part in
        crate | archive | deb | musl) "$part" ;;
        *) echo "'$part' is no part of a release; accepted: crate, archive, deb, musl" >&2 && exit 2 ;;
    esac
done
step "what came of it"
(cd "$files" && sha256sum -- *.crate *.tar.gz *.deb 2>/dev/null | tee SHA256SUMS; du -h -- *)
