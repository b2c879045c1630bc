#!/usr/bin/env python3
"""Prints every crate that is compiled into the program for a target, with its licence, and the texts that their authors ship.

    docs/packaging/third_party.py [TARGET] > THIRD-PARTY.txt

A text that several crates share stands there once. Crates come from where cargo keeps them; nothing is downloaded that
a build would not download.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("license", "licence", "copying", "copyright", "notice", "unlicense")


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def compiled_in(target):
    """Names with versions, as in `anstyle v1.0.11`, of all that is linked: no build scripts, macros or tests."""
    flags = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", "--locked"]
    lines = cargo("tree", *flags, *(["--target", target] if target else [])).splitlines()
    return {" ".join(line.split()[:2]) for line in lines if line.strip()}


def texts(folder):
    """What the authors ship of licences, in the order of names."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name.lower().startswith(NAMES)]
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]


def main():
    wanted = compiled_in(sys.argv[1] if len(sys.argv) > 1 else None)
    packages = json.loads(cargo("metadata", "--format-version", "1", "--locked"))["packages"]
    crates = [it for it in packages if f"{it['name']} v{it['version']}" in wanted and it["source"]]
    crates.sort(key=lambda it: (it["name"], it["version"]))
    if not crates:
        sys.exit("cargo names no crate that is compiled in")
    shared = {}
    print(f"{len(crates)} crates are compiled into puppyslug.\n")
    for crate in crates:
        folder = pathlib.Path(crate["manifest_path"]).parent
        name = f"{crate['name']} {crate['version']}"
        print(f"{name}: {crate['license'] or 'see its text'}; {crate['repository'] or 'crates.io'}")
        for text in texts(folder):
            # Copies that differ in line ends and blanks alone are the same text.
            shared.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    for text, names in shared.values():
        print(f"\n{'=' * 100}\n{', '.join(dict.fromkeys(names))}\n{'-' * 100}\n{text}")


main()
