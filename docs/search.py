#!/usr/bin/env python3
"""Searches for what the network inside the program dreams by default: every setting below, over a sky and five photographs.

    cargo build --release && docs/search.py target/release/puppyslug [SHEET...]

Makes docs/search/SHEET.webp, and prints what each setting costs: processor time of its six dreams, the default's being 1.
Dreams lie in target/search and are not made again. Needs Pillow, and pip to bring scikit-image's photographs.
The first sheets are the search; `tuning` and `finalists` came after a look at them. All takes about half an hour of one core.
"""

import io
import os
import pathlib
import shlex
import subprocess
import sys
import zipfile

from PIL import Image, ImageDraw, ImageFont

DOCS = pathlib.Path(__file__).resolve().parent
SCRATCH = DOCS.parent / "target" / "search"

# Longest side of what is dreamed over; less on the sheets with the most steps. And the most that a sheet may take.
SIDE = 400
SMALLER = dict.fromkeys(["octaves", "classes", "shapes"], 288)
CELL = (200, 150)
MOST_BYTES = 300_000

# Photographs in the public domain, by scikit-image's own notes: a cat (CC0, Stefan van der Walt), a portrait (NASA), a
# table from above (CC0, Rachel Michetti), a landscape at night (SpaceX), and galaxies (NASA).
PHOTOGRAPHS = ["chelsea.png", "astronaut.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg"]

# Iterations that cost as much as one and a half times ten in each of four octaves, but lie where they are cheap.
FALLING = "--iterations 40,30,15,8"
# The same for one number, which small pictures and other octaves leave as it is: a default may not be a list.
WIDE = "--octave-scale 2 --iterations 13"
EYES, CREATURES = "inception_4b/pool_proj", "inception_4c/pool_proj"
FACES = ["dog face", "cat face", "fox face", "wolf face", "lion face", "tiger face", "panda face", "monkey face"]


def classes(names, suffix=""):
    """Objectives that add these classes up."""
    return " ".join(f"--objective 'logit:{name}{suffix}'" for name in names)


SHEETS = {
    "layers": {
        "default of 0.1": "--layer inception_4b/output",
        "3b": "--layer inception_3b/output",
        "4a": "--layer inception_4a/output",
        "4c": "--layer inception_4c/output",
        "4d": "--layer inception_4d/output",
        "4e": "--layer inception_4e/output",
        "4b 5x5": "--layer inception_4b/5x5",
        "4c 3x3": "--layer inception_4c/3x3",
        "4c 5x5": "--layer inception_4c/5x5",
        "4d 5x5": "--layer inception_4d/5x5",
    },
    "presets": {
        "eyes": "--preset eyes",
        "puppyslug": "--preset puppyslug",
        "arches": "--preset arches",
        "brush": "--preset brush",
        "hallucination machine": "--preset hallucination-machine",
        "4a pool": "--layer inception_4a/pool_proj",
        "4c pool": "--layer inception_4c/pool_proj",
        "4e pool": "--layer inception_4e/pool_proj --iterations 20",
        "all pools": "--layer 'inception_4?/pool_proj'",
        "eyes, then brush": f"--layer {EYES}@1-3 --layer inception_3a/output@4",
    },
    "octaves": {
        "4b falling": f"--layer inception_4b/output {FALLING}",
        "eyes falling": f"--layer {EYES} {FALLING}",
        "creatures falling": f"--layer {CREATURES} {FALLING}",
        "creatures, two octaves": f"--layer {CREATURES} --octaves 2 --iterations 40,10",
        "creatures, grain": f"--layer {CREATURES} {FALLING} --grain 12",
    },
    "classes": {
        "dog": f"{classes(['dog face'])} {FALLING}",
        "owl": f"{classes(['owl'])} {FALLING}",
        "peacock": f"{classes(['peacock'])} {FALLING}",
        "octopus": f"{classes(['octopus'])} {FALLING}",
        "dog, colours kept": f"{classes(['dog face'])} {FALLING} --color keep",
    },
    "sums": {
        "faces": f"{classes(FACES)} {FALLING}",
        "dog + owl + fish": f"{classes(['dog face', 'owl', 'tropical fish'])} {FALLING}",
        "dog, then eyes": f"{classes(['dog face'], '@1-3')} --layer {EYES}@4 {FALLING}",
        "faces, then eyes": f"{classes(FACES, '@1-3')} --layer {EYES}@4 {FALLING}",
        "faces, then creatures": f"{classes(FACES, '@1-2')} --layer {CREATURES}@3- {FALLING}",
        "owl, then peacock": f"{classes(['owl'], '@1-2')} {classes(['peacock'], '@3-')} {FALLING}",
        "creatures, then dog": f"--layer {CREATURES}@1-2 {classes(['dog face'], '@3-')} {FALLING}",
        "4c, then eyes": f"--layer inception_4c/output@1-2 --layer {EYES}@3- {FALLING}",
        "flowers": f"{classes(['sunflower', 'rose', 'hibiscus', 'cherry blossom'])} {FALLING}",
        "sea": f"{classes(['octopus', 'tropical fish', 'coral', 'jellyfish'])} {FALLING}",
    },
    "shapes": {
        "4b laplacian": "--layer inception_4b/output --laplacian 4 --normalize std",
        "eyes laplacian": f"--layer {EYES} --laplacian 3 --normalize std",
        "creatures laplacian": f"--layer {CREATURES} --laplacian 3 --normalize std",
        "creatures smooth": f"--layer {CREATURES} --smooth",
        "creatures Adam": f"--layer {CREATURES} --optimizer adam",
        "eyes, total variation": f"--layer {EYES} --tv 3",
        "eyes, colours kept": f"--layer {EYES} --color keep",
        "creatures, colours kept": f"--layer {CREATURES} --color keep",
        "creatures, 0.7": f"--layer {CREATURES} --strength 0.7",
        "creatures, contrast": f"--layer {CREATURES} --contrast 1,99",
    },
}

SHEETS["tuning"] = {
    "faces, wide": f"{classes(FACES)} {WIDE}",
    "faces, wide, colours kept": f"{classes(FACES)} {WIDE} --color keep",
    "dog, wide": f"{classes(['dog face'])} {WIDE}",
    "dog, wide, colours kept": f"{classes(['dog face'])} {WIDE} --color keep",
    "dog, six octaves, colours kept": f"{classes(['dog face'])} --octaves 6 --iterations 8 --step 2.5 --color keep",
    "faces, six octaves, colours kept": f"{classes(FACES)} --octaves 6 --iterations 8 --step 2.5 --color keep",
    "dog and cat, colours kept": f"{classes(['dog face', 'cat face'])} {WIDE} --color keep",
    "faces, colours pulled": f"{classes(FACES)} {WIDE} --keep 0,0.15",
    "faces, smooth, colours kept": f"{classes(FACES)} {WIDE} --smooth --color keep",
    "faces, five octaves, colours kept": f"{classes(FACES)} --octaves 5 --octave-scale 1.6 --iterations 11 --step 2 --color keep",
}

# Many octaves close to each other, with few but long steps, and chroma pulled back towards the source's.
CLOSE = "--octaves 8 --octave-scale 1.25 --step 3"
SHEETS["finalists"] = {
    "faces, close, pulled (the default)": f"{classes(FACES)} {CLOSE} --iterations 7 --keep 0,0.1",
    "faces, close, pulled a little": f"{classes(FACES)} {CLOSE} --iterations 7 --keep 0,0.05",
    "faces, close, pulled much": f"{classes(FACES)} {CLOSE} --iterations 7 --keep 0,0.2",
    "faces, close, colours kept": f"{classes(FACES)} {CLOSE} --iterations 7 --color keep",
    "faces, close, all colours": f"{classes(FACES)} {CLOSE} --iterations 7",
    "dog, close, pulled": f"{classes(['dog face'])} {CLOSE} --iterations 7 --keep 0,0.1",
    "creatures, close, pulled": f"--layer {CREATURES} {CLOSE} --iterations 7 --keep 0,0.1",
    "eyes, close, pulled": f"--layer {EYES} {CLOSE} --iterations 7 --keep 0,0.1",
}


def photographs():
    """Paths of the five, brought if they are not here."""
    folder = SCRATCH / "photographs"
    if not all((folder / name).exists() for name in PHOTOGRAPHS):
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "scikit-image==0.26.0"]
        subprocess.run(pip, check=True)
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            for name in PHOTOGRAPHS:
                (folder / name).write_bytes(wheel.read(f"skimage/data/{name}"))
    return [folder / name for name in PHOTOGRAPHS]


def dream(program, flags, source, out, side):
    """Dreams once, unless it is there; the seconds of processor time it took, all threads together."""
    seconds = out.with_suffix(".seconds")
    if not seconds.exists():
        begin = os.times()
        command = [program, "dream", *source, "-o", out, "--size", str(side), "--device", "cpu", *shlex.split(flags)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        end = os.times()
        seconds.write_text(str(end.children_user - begin.children_user))
    return float(seconds.read_text())


def sheet(name, rows):
    """One row a setting, its name above its six dreams; as good as fits into the bytes."""
    width, height = CELL
    font = ImageFont.load_default(13)
    page = Image.new("RGB", (width * 6, (height + 18) * len(rows)), "white")
    draw = ImageDraw.Draw(page)
    for row, (setting, dreams) in enumerate(rows):
        top = row * (height + 18)
        draw.text((4, top + 1), setting, "black", font)
        for column, path in enumerate(dreams):
            with Image.open(path) as picture:
                picture.thumbnail(CELL, Image.Resampling.LANCZOS)
                page.paste(picture, (column * width + (width - picture.width) // 2, top + 18))
    (DOCS / "search").mkdir(exist_ok=True)
    page.save(SCRATCH / f"{name}.png")
    for quality in range(80, 0, -5):
        coded = io.BytesIO()
        page.save(coded, "WEBP", quality=quality, method=6)
        if coded.tell() <= MOST_BYTES:
            break
    (DOCS / "search" / f"{name}.webp").write_bytes(coded.getvalue())


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: docs/search.py PROGRAM [SHEET...]")
    program, wanted = os.path.realpath(sys.argv[1]), sys.argv[2:] or list(SHEETS)
    sources = [("sky", [])] + [(path.stem, [path]) for path in photographs()]
    unit = None
    for name in ["layers"] + [name for name in wanted if name != "layers"]:
        rows = []
        for setting, flags in SHEETS[name].items():
            stem = SCRATCH / "".join(letter if letter.isalnum() else "-" for letter in setting)
            outs = [stem.with_name(f"{stem.name}.{source}.png") for source, _ in sources]
            side = SMALLER.get(name, SIDE)
            took = sum(dream(program, flags, paths, out, side) for (_, paths), out in zip(sources, outs))
            # Time goes with the pixels.
            took *= (SIDE / side) ** 2
            unit = unit or took
            shown = flags.replace(classes(FACES), "FACES").replace("inception_", "")
            rows.append((f"{setting}: {shown}", outs))
            print(f"{name}: {setting}: {took / unit:.2f}", flush=True)
        sheet(name, rows)


main()
