#!/usr/bin/env bash
# Lays what every package holds beside the program into a folder: man page, completions, desktop file with its icon, licences.
#
#   docs/packaging/stage.sh PROGRAM FOLDER [TARGET]
#
# TARGET is what the program was built for, where that is not this machine.
set -euo pipefail
usage="usage: docs/packaging/stage.sh PROGRAM FOLDER [TARGET]"
program=$(realpath "${1:?$usage}")
folder=${2:?$usage}
mkdir -p "$folder/completions" "$folder/licences"
folder=$(realpath "$folder")
cd "$(dirname "$0")/../.."

"$program" man > "$folder/puppyslug.1"
"$program" completions bash > "$folder/completions/puppyslug"
"$program" completions zsh > "$folder/completions/_puppyslug"
"$program" completions fish > "$folder/completions/puppyslug.fish"
cp docs/packaging/puppyslug.desktop "$folder"
cp src/serve/page/icon.svg "$folder/puppyslug.svg"
cp LICENSE-MIT LICENSE-APACHE docs/packaging/copyright "$folder/licences"
cp weights/emoji1000.md "$folder/licences/WEIGHTS.md"
docs/packaging/third_party.py ${3:+"$3"} > "$folder/licences/THIRD-PARTY.txt"
