#!/usr/bin/env bash
# Everything that must be true of a change: format, lints, documentation, and all tests on both machines.
#
# The GPU tests need a Vulkan, Metal or DX12 adapter. Where there is none, a software Vulkan driver is
# installed on Debian and Ubuntu. PUPPYSLUG_GPU_TESTS=skip leaves the GPU tests out, and says how many.
# The tests of films need ffmpeg, which is installed there too.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

# The program that was built for the tests: another build would have other features of its dependencies.
program() { "${CARGO_TARGET_DIR:-target}/debug/puppyslug" "$@"; }

has_adapter() { program devices 2>/dev/null | grep -q '^0 '; }

. tests/install.sh

has_ffmpeg() { command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null; }

# Drivers are files that Vulkan's loader looks for here; whether one of them has an adapter, only a program can say.
has_driver() { compgen -G "/usr/share/vulkan/icd.d/*" >/dev/null || compgen -G "/etc/vulkan/icd.d/*" >/dev/null; }

# What the steps below will lack.
missing() {
    has_ffmpeg || echo ffmpeg
    [ "${PUPPYSLUG_GPU_TESTS:-}" = skip ] || has_driver || echo mesa-vulkan-drivers
    [ "${PUPPYSLUG_BROWSER_TESTS:-}" != skip ] || return 0
    command -v npm >/dev/null || echo npm
    [ -n "${CHROMIUM:-$(find_browser)}" ] || echo chromium
}

install_ffmpeg() { install ffmpeg "There is no ffmpeg. Install version 5.1 or newer."; }

install_software_adapter() {
    install mesa-vulkan-drivers "No GPU adapter was found. Install a Vulkan driver (Mesa's lavapipe is one in
software), or set PUPPYSLUG_GPU_TESTS=skip to leave the GPU tests out."
    has_adapter || { echo "mesa-vulkan-drivers is installed, and there is still no adapter." >&2; exit 1; }
}

# Mesa complains where a desktop session is missing; an empty folder of our own is all it wants.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d)
    export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi

# Everything is built once here: what would help to build it again takes longer to write than it would save.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"

# shellcheck disable=SC2046 # a package is a word
begin_to_install $(missing)

step "format"
# Every file by name: modules that a macro declares are not found by `cargo fmt`.
git ls-files -z '*.rs' | xargs -0 rustfmt --edition 2024 --check

step "lints"
cargo clippy --quiet --all-targets -- -D warnings

step "features"
tests/features.sh

step "documentation"
# With the examples that there are not, as in `features.sh`.
document() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --lib --examples "$@"; }
document
# The engine alone is a library: its documentation does not speak of what is left out.
document --no-default-features --features cpu,gpu

step "build"
cargo test --quiet --no-run

wait # for what is installed

step "ffmpeg"
has_ffmpeg || install_ffmpeg
ffmpeg -version | head -n 1

if [ "${PUPPYSLUG_GPU_TESTS:-}" != skip ]; then
    step "adapter"
    has_adapter || install_software_adapter
    program devices
fi

step "tests"
cargo test --no-fail-fast

step "pages"
tests/browser.sh
