#!/usr/bin/env bash
# The GPU's tests on two drivers in software, Mesa's llvmpipe and Google's SwiftShader; and on each a dream of every
# setting under the Khronos validation layer, which looks at how the memory of a GPU is shared (synchronisation), too.
# It takes some 30 minutes on two cores once all is built, 9 of them for llvmpipe, and is no part of tests/run.sh.
#
#   tests/drivers.sh                 both drivers
#   tests/drivers.sh swiftshader     one of them
#
# VK_DRIVER_FILES is what tells the Vulkan loader which driver to take (VK_ICD_FILENAMES tells older ones). SwiftShader
# and the layer come out of Debian's packages, and are not installed: wherever the layer is, debug builds load it.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/install.sh

step() { printf '\n== %s\n' "$*"; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
libraries=usr/lib/$(uname -m)-linux-gnu
layers=usr/share/vulkan/explicit_layer.d
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/no-layers"
export XDG_RUNTIME_DIR=$work CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}" VK_LAYER_PATH=$work/no-layers

# The file by which the loader finds a driver.
llvmpipe() {
    compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null || install mesa-vulkan-drivers "Mesa's llvmpipe is missing."
    compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n 1
}

swiftshader() {
    local library=$target/swiftshader/usr/lib/chromium/libvk_swiftshader.so
    [ -e "$library" ] || unpack "$target/swiftshader" chromium-common
    [ -e "$library" ] || { echo "There is no libvk_swiftshader.so in Debian's chromium-common any more." >&2; exit 1; }
    printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}\n' "$library" >"$work/swiftshader.json"
    echo "$work/swiftshader.json"
}

# Dreams under the layer with these checks beside its own. Its log lies in the folder that a program runs in.
dreams() {
    cat >"$work/vk_layer_settings.txt" <<SETTINGS
khronos_validation.enables = $1
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error,warn
khronos_validation.log_filename = validation.log
SETTINGS
    VK_LAYER_PATH=$target/validation/$layers LD_LIBRARY_PATH=$target/validation/$libraries \
        VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation VK_LAYER_SETTINGS_PATH=$work \
        cargo test --quiet --test program every_dream_is_sound -- --ignored
}

drivers=("$@")
[ $# -gt 0 ] || drivers=(llvmpipe swiftshader)
for driver in "${drivers[@]}"; do
    case $driver in
        llvmpipe | swiftshader) ;;
        *) echo "'$driver' is no driver; accepted: llvmpipe, swiftshader" >&2; exit 2 ;;
    esac
done

step "build"
cargo test --quiet --no-run --lib --test engine --test program
[ -e "$target/validation/$layers" ] || unpack "$target/validation" vulkan-validationlayers

for driver in "${drivers[@]}"; do
    step "$driver"
    VK_DRIVER_FILES=$("$driver")
    VK_ICD_FILENAMES=$VK_DRIVER_FILES
    PUPPYSLUG_CACHE=$work/$driver
    export VK_DRIVER_FILES VK_ICD_FILENAMES PUPPYSLUG_CACHE
    "$target/debug/puppyslug" devices | tee "$work/devices"
    grep -qi "^0 .*$driver" "$work/devices" || { echo "$driver is not the first adapter." >&2; exit 1; }

    step "$driver: a dream of every setting under the validation layer"
    # The control: advice is no fault, but must be noticed as one.
    if PUPPYSLUG_TEST_DREAM=plain dreams VK_VALIDATION_FEATURE_ENABLE_BEST_PRACTICES_EXT >"$work/control" 2>&1; then
        echo "What the validation layer says is not noticed." >&2
        exit 1
    fi
    grep -q 'Validation' "$work/control" || { cat "$work/control" >&2; exit 1; }
    dreams VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT

    step "$driver: the tests of the GPU"
    cargo test --quiet --lib gpu::
    cargo test --quiet --test engine '[gpu]'
done
