#!/usr/bin/env bash
# The page in headless Chromium, with the program that was built for the tests. Needs Node 20 or newer; Debian's Chromium is
# installed where there is none, and what npm has of Playwright and axe.
set -euo pipefail
cd "$(dirname "$0")/.."

. tests/install.sh

command -v "${CHROMIUM:-chromium}" >/dev/null || install chromium "There is no Chromium. Install it, or name it in CHROMIUM."
command -v node >/dev/null || install nodejs "There is no Node. Install version 20 or newer."
cd tests/browser
[ -d node_modules ] || npm ci --no-audit --no-fund --silent
node --test serve.mjs
