#!/usr/bin/env bash
# The tests of pages in headless Chromium, with the program that was built for the other tests. They need Node 20 or newer, and
# Debian's Chromium or another that CHROMIUM names. PUPPYSLUG_BROWSER_TESTS=skip leaves them out, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=()
for file in tests/browser/*.mjs; do
    [ "$file" = tests/browser/browser.mjs ] || tests+=("$file")
done

if [ "${PUPPYSLUG_BROWSER_TESTS:-}" = skip ]; then
    echo "${#tests[@]} files of tests of pages are ignored."
    exit 0
fi

. tests/install.sh

command -v npm >/dev/null || install npm "There is no Node. Install version 20 or newer with npm, or set
PUPPYSLUG_BROWSER_TESTS=skip to leave the tests of pages out."
CHROMIUM=${CHROMIUM:-$(find_browser)}
if [ -z "$CHROMIUM" ]; then
    install chromium "There is no Chromium. Install it, name one in CHROMIUM, or set PUPPYSLUG_BROWSER_TESTS=skip
to leave the tests of pages out."
    CHROMIUM=$(find_browser)
fi
export CHROMIUM

(cd tests/browser && npm ci --silent --no-audit --no-fund)
node --test "${tests[@]}"
