#!/usr/bin/env python3
"""Time and memory of one iteration against the size of the picture.

    cargo build --release
    benches/scale.py target/release/puppyslug              # a table, and scale.svg beside where you stand
    benches/scale.py target/release/puppyslug --device gpu --sides 256 512 1024

For each side it runs `puppyslug bench --json` over a square sky and watches the process's peak memory. Needs
nothing but Python 3 on a Unix system.
"""

import argparse
import json
import os
import subprocess
import tempfile

WIDTH, HEIGHT, MARGIN = 640, 360, 60


def measure(program, device, side, turns):
    """One iteration's time in seconds and the process's peak memory in bytes."""
    with tempfile.TemporaryFile() as output:
        command = [program, "bench", "--json", "--device", device, "--size", f"{side}x{side}", "--turns", str(turns)]
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit(f"failed: {' '.join(command)}")
        output.seek(0)
        report = json.load(output)
    assert (report["width"], report["height"]) == (side, side)
    return report["iteration_ms"] / 1e3, 1024 * usage.ru_maxrss


def table(rows):
    lines = ["| picture | iteration | ns a pixel | against the first | peak memory | bytes a pixel |", "|---|---|---|---|---|---|"]
    first = rows[0][1] / rows[0][0] ** 2
    for side, seconds, memory in rows:
        pixel = seconds / side**2
        lines.append(
            f"| {side}x{side} | {1e3 * seconds:.1f} ms | {1e9 * pixel:.0f} | {pixel / first:.2f} "
            f"| {memory / 2**20:.0f} MiB | {memory / side**2:.0f} |"
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
    rows = [(side, *measure(arguments.program, arguments.device, side, arguments.turns)) for side in arguments.sides]
    print(table(rows))
    with open(arguments.plot, "w", encoding="utf-8") as file:
        file.write(plot(rows))


if __name__ == "__main__":
    main()
