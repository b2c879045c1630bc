#!/usr/bin/env python3
"""Makes the sheet of the best channels that lies inside the program, for the search of its page.

    docs/channels.py ATLAS.html...      # the embedded network's, of good quality: see docs/atlas.sh

Those that weights/channels.txt names come first, as `LAYER:N name`, one a line. What is left of the places goes to the channels
that speak most for a class at their own picture, each class once: they are called after their classes. The same atlases and
the same list give the same files, with the same Pillow (13 here).
"""
import base64
import io
import json
import re
import sys
from pathlib import Path

from PIL import Image

PLACES, COLUMNS, SIDE, QUALITY, MOST = 60, 10, 128, 82, 1 << 20
ROOT = Path(__file__).resolve().parent.parent
LIST, PAGE = ROOT / "weights/channels.txt", ROOT / "src/serve/page"


def read(path):
    """An atlas: what is said of it, and for each channel what is known and its picture."""
    text = Path(path).read_text()
    data = json.loads(re.search(r'id="atlas-data">(.*?)</script>', text, re.S)[1])
    about, units = data["about"], {}
    for number, layer in enumerate(data["layers"]):
        found = re.search(rf'id="sheet-{number}" data-columns="(\d+)"[^>]*base64,([^"]+)"', text)
        columns, side = int(found[1]), about["side"]
        sheet = Image.open(io.BytesIO(base64.b64decode(found[2]))).convert("RGB")
        for channel, unit in enumerate(layer["units"]):
            left, top = channel % columns * side, channel // columns * side
            picture = sheet.crop((left, top, left + side, top + side))
            units[layer["name"], channel] = unit | {"picture": picture}
    return about, units


def named():
    """The channels that somebody gave names to."""
    if not LIST.exists():
        return {}
    lines = (line.split("#")[0].strip() for line in LIST.read_text().splitlines())
    found = re.compile(r"(\S+):(\d+)\s+(.+)")
    rows = [found.fullmatch(line) for line in lines if line]
    if None in rows:
        sys.exit(f"{LIST}: each line is `LAYER:N name`")
    return {(row[1], int(row[2])): row[3] for row in rows}


def chosen(about, units):
    """Which are shown, in order, with what they are called."""
    words = {key: name for key, name in named().items() if key in units and not units[key]["dead"]}
    absent = [f"{layer}:{number}" for layer, number in named() if (layer, number) not in words]
    if absent:
        print("not in these atlases, or dead there:", ", ".join(absent), file=sys.stderr)
    strongest = [(-unit["classes"][0][1], key) for key, unit in units.items() if unit["classes"] and not unit["dead"]]
    taken = set()
    for _, key in sorted(strongest):
        if len(words) == PLACES:
            break
        classes = [number for number, _ in units[key]["classes"][:2]]
        if key not in words and classes[0] not in taken:
            taken.add(classes[0])
            words[key] = ", ".join(about["classes"][number] for number in classes)
    return words


def main():
    units, about = {}, None
    for path in sys.argv[1:]:
        about_this, more = read(path)
        if not about_this["embedded"] or (about and about["sha256"] != about_this["sha256"]):
            sys.exit(f"{path}: an atlas of the network inside the program is needed")
        about, units = about_this, units | more
    if not units:
        sys.exit(__doc__)
    words = chosen(about, units)
    rows = -(-len(words) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SIDE, rows * SIDE), (127, 127, 127))
    for place, key in enumerate(words):
        picture = units[key]["picture"]
        if picture.width != SIDE:
            picture = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        sheet.paste(picture, (place % COLUMNS * SIDE, place // COLUMNS * SIDE))
    jpeg = io.BytesIO()
    sheet.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    if jpeg.tell() > MOST:
        sys.exit(f"the sheet has {jpeg.tell()} bytes, more than {MOST}")
    (PAGE / "channels.jpg").write_bytes(jpeg.getvalue())
    channels = [{"layer": layer, "channel": channel, "words": name} for (layer, channel), name in words.items()]
    known = {"sha256": about["sha256"], "columns": COLUMNS, "rows": rows, "channels": channels}
    (PAGE / "channels.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(words)} channels, {jpeg.tell()} bytes")


main()
