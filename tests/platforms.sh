#!/usr/bin/env bash
# The program on other systems, from Linux on x86-64: built for Windows, where its tests run under wine, and type-checked
# for macOS and for Linux on ARM. It takes 7 minutes on two cores, some 15 more the first time, and is no part of
# tests/run.sh.
#
#   tests/platforms.sh                   all of it
#   tests/platforms.sh windows           one of: windows, macos, arm
#   tests/platforms.sh windows batch::   of the tests only those
#
# rustup brings the standard libraries, apt-get what else is missing: MinGW's compiler and wine. What is built lies in
# `platforms` in cargo's target folder.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/install.sh

step() { printf '\n== %s\n' "$*"; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/platforms
export CARGO_TARGET_DIR=$target CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
mkdir -p "$target"

# Makes cargo build for a system from here on.
aim() {
    rustup --quiet target add "$1"
    export CARGO_BUILD_TARGET=$1
}

# Wine 8 lacks a library that Rust's standard library takes its random numbers from.
lay_library() {
    cat >"$target/prng.c" <<'SOURCE'
#include <windows.h>
#include <bcrypt.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    return BCryptGenRandom(NULL, bytes, (ULONG)count, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}
SOURCE
    local library=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
    [ -e "$library" ] || x86_64-w64-mingw32-gcc -shared -o "$library" "$target/prng.c" -lbcrypt
}

# Wine makes the console's event of the signal: what was dreamed by then is kept.
interrupt() {
    local program=$target/$CARGO_BUILD_TARGET/debug/puppyslug.exe folder dream code=0
    folder=$(mktemp -d)
    wine "$program" dream --size 64x48 --octaves 2 --iterations 4000 --layer conv2/3x3 --device cpu \
        -o "$folder/part.png" --checkpoint "$folder/part.safetensors" 2>"$folder/said" &
    dream=$!
    # The first checkpoint is there before anything is dreamed.
    while kill -0 "$dream" && [ ! -e "$folder/part.safetensors" ]; do sleep 0.1; done
    kill -INT "$dream"
    wait "$dream" || code=$?
    if [ "$code" != 1 ] || [ ! -s "$folder/part.png" ] || ! grep -q 'stopped by Ctrl-C' "$folder/said"; then
        echo "Ctrl-C ended it with $code: $(cat "$folder/said")" >&2
        exit 1
    fi
    rm -rf "$folder"
}

windows() {
    command -v x86_64-w64-mingw32-gcc >/dev/null ||
        install gcc-mingw-w64-x86-64 "There is no x86_64-w64-mingw32-gcc, MinGW's compiler."
    command -v wine >/dev/null || { install wine64 "There is no wine." && install wine "There is no wine."; }
    aim x86_64-pc-windows-gnu
    step "windows: build"
    cargo test --quiet --no-run --test program --test library

    step "windows: tests under wine"
    export WINEDEBUG=-all WINEPREFIX=$target/wine CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine PUPPYSLUG_GPU_TESTS=skip
    [ -e "$WINEPREFIX/system.reg" ] || wine wineboot --init
    lay_library
    # Films need an ffmpeg for Windows.
    cargo test --quiet --no-fail-fast --test program --test library -- --skip film:: "$@"

    step "windows: Ctrl-C"
    interrupt
}

# Types only, and without what brings in ring, which compiles C for its target.
check() { cargo check --quiet --lib --bins --no-default-features --features program,import,cpu,gpu; }

macos() {
    aim aarch64-apple-darwin
    step "macos: types"
    check
}

arm() {
    aim aarch64-unknown-linux-gnu
    step "arm: types"
    check
}

case ${1:-all} in
    # Each in a shell of its own: they are told apart by variables.
    all) for system in windows macos arm; do ("$system"); done ;;
    windows | macos | arm) "$@" ;;
    *)
        echo "'$1' is no system; accepted: windows, macos, arm" >&2
        exit 2
        ;;
esac
