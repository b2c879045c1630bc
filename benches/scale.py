#!/usr/bin/env python3
"""Time and memory of one iteration against the size of the picture.

    cargo build --release
    benches/scale.py target/release/puppyslug              # a table, and scale.svg beside where you stand
    benches/scale.py target/release/puppyslug --device gpu --sides 256 512 1024

The time is that of `puppyslug bench` over a square sky, the memory the peak of a whole `puppyslug dream` over a sky
of that width. Needs nothing but Python 3 on a Unix system.
"""

import argparse
import json
import os
import subprocess
import tempfile

WIDTH, HEIGHT, MARGIN = 640, 360, 60


def run(command, output):
    """Runs a command to its end and returns its peak memory in bytes."""
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return 1024 * usage.ru_maxrss


def time(program, device, side, turns):
    """Seconds of one iteration over a square sky."""
    with tempfile.TemporaryFile() as output:
        size = f"{side}x{side}"
        run([program, "bench", "--json", "--device", device, "--size", size, "--turns", str(turns)], output)
        output.seek(0)
        report = json.load(output)
    assert (report["width"], report["height"]) == (side, side)
    return report["iteration_ms"] / 1e3


def memory(program, device, side):
    """Peak memory of a dream over a 4:3 sky of that width, in bytes, and its pixels."""
    with tempfile.TemporaryDirectory() as folder:
        size = ["--size", f"{side}x{side * 3 // 4}", "-o", os.path.join(folder, "dream.png")]
        peak = run([program, "dream", "--device", device, "--octaves", "1", "--iterations", "1", *size], None)
    return peak, side * (side * 3 // 4)


def table(rows):
    lines = ["| picture | iteration | ns a pixel | against the first | peak memory | bytes a pixel |", "|---|---|---|---|---|---|"]
    first = rows[0][1] / rows[0][0] ** 2
    for side, seconds, (peak, pixels) in rows:
        pixel = seconds / side**2
        lines.append(
            f"| {side}x{side} | {1e3 * seconds:.1f} ms | {1e9 * pixel:.0f} | {pixel / first:.2f} "
            f"| {peak / 2**20:.0f} MiB | {peak / pixels:.0f} |"
        )
    return "\n".join(lines)


def plot(rows):
    """Nanoseconds a pixel over the side, as SVG."""
    values = [1e9 * seconds / side**2 for side, seconds, _ in rows]
    top = 1.25 * max(values)
    step = (WIDTH - 2 * MARGIN) / max(1, len(rows) - 1)
    points = [(MARGIN + i * step, HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN)) for i, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' font-family='system-ui, sans-serif' font-size='13' fill='#334'>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#fcfcfa'/>",
        f"<text x='{MARGIN}' y='30' font-size='16' font-weight='600'>Time of one iteration, nanoseconds a pixel</text>",
        f"<path d='M{MARGIN} {HEIGHT - MARGIN}H{WIDTH - MARGIN}' stroke='#334'/>",
        f"<polyline points='{path}' fill='none' stroke='#2a78c8' stroke-width='2'/>",
    ]
    for (x, y), (side, _, _), value in zip(points, rows, values):
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='5' fill='#2a78c8'/>")
        parts.append(f"<text x='{x:.1f}' y='{y - 12:.1f}' text-anchor='middle'>{value:.0f}</text>")
        parts.append(f"<text x='{x:.1f}' y='{HEIGHT - MARGIN + 22}' text-anchor='middle'>{side}x{side}</text>")
    return "\n".join(parts + ["</svg>\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the puppyslug binary")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sides", type=int, nargs="+", default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--plot", default="scale.svg", help="where the plot goes")
    arguments = parser.parse_args()
    program, device = arguments.program, arguments.device
    rows = [(side, time(program, device, side, arguments.turns), memory(program, device, side)) for side in arguments.sides]
    print(table(rows))
    with open(arguments.plot, "w", encoding="utf-8") as file:
        file.write(plot(rows))


if __name__ == "__main__":
    main()
