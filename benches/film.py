#!/usr/bin/env python3
"""Measures films that the program dreams, by a reference that is not its own: OpenCV's flow on the source.

Needs numpy, opencv-python-headless, ffmpeg, and the films and tools of ../shared/motion.

usage: film.py PROGRAM FOLDER [ARGUMENTS OF video ...]

FOLDER keeps what is made: the sources, and the frames dreamed alone, which are made once for each set of the arguments
in ALONE (the environment: '--preset classic --weights ...'). Everything is lossless, so that what is measured is the
dream. Printed: bikes 32 to 75 at 320 pixels, carphone, and a still with one level of grain.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
SHARED = Path(os.environ.get("PUPPYSLUG_SHARED", SHARED))
sys.path.insert(0, str(SHARED / "motion/tools"))
import motion  # noqa: E402
import numpy as np  # noqa: E402

LOSSLESS = "-c:v ffv1 -pix_fmt bgr0"


def ffmpeg(arguments, out):
    command = f"ffmpeg -nostdin -v error -y {arguments} {LOSSLESS}"
    subprocess.run([*command.split(), str(out)], check=True)


def sources(folder):
    """The films that are dreamed."""
    films = SHARED / "motion/films"
    bikes, carphone, still = (folder / f"{name}.mkv" for name in ("bikes", "carphone", "still"))
    if not bikes.exists():
        part = "trim=start_frame=32:end_frame=76,setpts=PTS-STARTPTS,scale=320:-2:flags=area"
        ffmpeg(f"-i {films}/bikes.mp4 -vf {part}", bikes)
        ffmpeg(f"-i {films}/carphone.mp4 -frames:v 60", carphone)
    if not still.exists():
        frame = motion.film(str(bikes))[0] * 255
        height, width = frame.shape[:2]
        size = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r 25"
        command = f"ffmpeg -nostdin -v error -y {size} -i - {LOSSLESS} {still}"
        writer = subprocess.Popen(command.split(), stdin=subprocess.PIPE)
        random = np.random.default_rng(1)
        for _ in range(300):
            grainy = np.clip(np.round(frame + random.normal(0, 1, frame.shape)), 0, 255)
            writer.stdin.write(grainy.astype(np.uint8).tobytes())
        writer.stdin.close()
        writer.wait()
    return bikes, carphone, still


def dream(program, source, out, arguments):
    command = [program, "video", str(source), "-o", str(out), "--codec", "ffv1", "--device", "cpu", *arguments]
    began = time.time()
    subprocess.run(command, check=True, capture_output=True)
    return time.time() - began


def objective(program, folder, frames, arguments):
    """What the network finds in each frame, by the program's own eye."""
    import cv2
    from safetensors.numpy import load_file

    found, (picture, values) = [], (folder / "probe.png", folder / "probe.safetensors")
    for frame in frames:
        cv2.imwrite(str(picture), np.round(frame[..., ::-1] * 255).astype(np.uint8))
        command = [program, "probe", str(picture), "-o", str(values), "--device", "cpu", *arguments]
        subprocess.run(command, check=True, capture_output=True)
        found.append(float(load_file(values)["value"][0]))
    return np.array(found)


def compare(program, folder, source, alone, carried):
    """Requirements on a film that moves."""
    frames, apart, dreams = (motion.film(str(film)) for film in (source, alone, carried))
    motion.warp(str(source), str(alone), str(carried))
    motion.flicker(str(source), str(carried))
    motion.detail(str(source), str(carried))
    fine = lambda film: np.array([motion.fine(dream - frame) for dream, frame in zip(film, frames)])
    strength = lambda film: np.array([255 * np.abs(dream - frame).mean() for dream, frame in zip(film, frames)])
    ratio, first = fine(dreams) / fine(apart), strength(dreams)
    print(f"fine energy over frames alone: mean {ratio.mean():.3f} least {ratio.min():.3f}")
    print(f"strength over frames alone: mean {(first / strength(apart)).mean():.3f}, by frame", *np.round(first[::6], 2))
    if "OBJECTIVE" in os.environ:  # arguments of probe: '--objective l2:inception_4c/output --weights ...'
        few = slice(0, None, 6)
        arguments = os.environ["OBJECTIVE"].split()
        own, alone, carried = (objective(program, folder, film[few], arguments) for film in (frames, apart, dreams))
        print("mean objective", np.round(((carried - own) / (alone - own)).mean(), 3))
        print("objective above the source's, over frames alone:", *np.round((carried - own) / (alone - own), 2))


def main():
    program, folder, arguments = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    folder.mkdir(exist_ok=True, parents=True)
    bikes, carphone, still = sources(folder)
    common = os.environ.get("ALONE", "--preset classic").split()
    for source in (bikes, carphone):
        if source.stem not in os.environ.get("FILMS", "bikes carphone still"):
            continue
        alone, carried = folder / f"{source.stem}-alone.mkv", folder / f"{source.stem}-carried.mkv"
        if not alone.exists():
            print(f"{source.stem}, frames alone: {dream(program, source, alone, [*common, '--carry', '0']):.1f} s")
        print(f"{source.stem}: {dream(program, source, carried, [*common, *arguments]):.1f} s")
        compare(program, folder, source, alone, carried)
    if "still" in os.environ.get("FILMS", "bikes carphone still"):
        carried = folder / "still-carried.mkv"
        print(f"still: {dream(program, still, carried, [*common, *arguments]):.1f} s")
        motion.change(str(still), str(carried))
        motion.drift(str(still), str(carried))


if __name__ == "__main__":
    main()
