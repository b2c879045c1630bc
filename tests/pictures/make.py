#!/usr/bin/env python3
"""Makes the picture files beside this script: the kinds that the program's own encoders cannot write.

    pip install pillow numpy OpenEXR && python3 tests/pictures/make.py

Each shows the same four flat squares of 16x16 pixels, red and green above blue and white: flat, so that
JPEG keeps the colours, and 16 wide, so that halved chroma does too.
"""
from pathlib import Path

import numpy
import OpenEXR
from PIL import Image

HERE = Path(__file__).parent
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
COLOURS = [RED, GREEN, BLUE, WHITE]


def squares(mode, values):
    """A 32x32 picture of four squares with these values."""
    image = Image.new(mode, (32, 32))
    for index, value in enumerate(values):
        x, y = index % 2 * 16, index // 2 * 16
        image.paste(value, (x, y, x + 16, y + 16))
    return image


def inks(colour):
    """Cyan, magenta, yellow and a quarter of black: the colour at three quarters of its brightness."""
    return tuple(255 - sample for sample in colour) + (64,)


def ycbcr(colour):
    return Image.new("RGB", (1, 1), colour).convert("YCbCr").getpixel((0, 0))


def ycck(path):
    """Pillow writes CMYK only. YCCK is the same file with other meanings: luma, chroma and black in the
    four channels, and the colour transform in the Adobe marker (its last byte) 2 instead of 0.
    Adobe keeps inks inverted, and Pillow inverts what it writes."""
    values = []
    for colour in COLOURS:
        y, cb, cr = ycbcr(tuple(255 - sample for sample in colour))
        values.append((255 - y, 255 - cb, 255 - cr, 64))
    squares("CMYK", values).save(path, quality=95)
    data = bytearray(path.read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    path.write_bytes(data)


def gray16():
    """Pasting into 16-bit pictures loses the high byte in Pillow 13, so the rows are built by hand."""
    left, right = (0, 30_000), (257, 65_535)
    rows = [pair for pair in zip(left, right) for _ in range(16)]
    samples = b"".join(a.to_bytes(2, "little") * 16 + b.to_bytes(2, "little") * 16 for a, b in rows)
    return Image.frombytes("I;16", (32, 32), samples)


def profile():
    """No real colour profile, but one as far as programs look that only pass it on: a header for RGB."""
    data = bytearray(index * 7 % 256 for index in range(600))
    data[0:4] = (600).to_bytes(4, "big")
    data[12:24] = b"mntrRGB XYZ "
    data[36:40] = b"acsp"
    return bytes(data)


def turned(rgb):
    """Stored as a camera held sideways does it (orientation 6), with a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for ending, how in [("png", {}), ("tif", {}), ("webp", {"lossless": True}), ("jpg", {"quality": 95})]:
        rgb.save(HERE / f"turned.{ending}", exif=exif, icc_profile=profile(), **how)


def light(path, dtype, compression, window=None):
    """Linear light by the reference library: black, half, a lamp of 24, and a colour that sRGB has not;
    the right half is half clear, and premultiplied as OpenEXR wants it. A window moves what is stored."""
    values = [(0, 0, 0), (0.5, 0.25, 0.125), (24, 12, 0.75), (-0.25, 0.5, 1)]
    pixels = numpy.zeros((4, 4, 4), dtype)
    for index, value in enumerate(values):
        pixels[index, :2] = (*value, 1)
        pixels[index, 2:] = (*(sample / 2 for sample in value), 0.5)
    header = {"compression": compression, "type": OpenEXR.scanlineimage}
    if window:
        header["displayWindow"] = window
    OpenEXR.File(header, {"RGBA": pixels}).write(str(path))


def radiance(path):
    """Eight wide, so that it can be packed; one row packed and one flat (old) one."""
    pixels = [(128, 64, 32, 129), (255, 0, 1, 133)] * 4
    planes = b"".join(bytes([8]) + bytes(pixel[channel] for pixel in pixels) for channel in range(4))
    packed = bytes([2, 2, 0, 8]) + planes
    path.write_bytes(
        b"#?RADIANCE\n# by hand\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 8\n" + packed + b"".join(map(bytes, pixels))
    )


def main():
    rgb = squares("RGB", COLOURS)
    rgb.save(HERE / "baseline.jpg", quality=95, subsampling="4:2:0")
    rgb.save(HERE / "progressive.jpg", quality=95, progressive=True)
    squares("L", [0, 85, 170, 255]).save(HERE / "gray.jpg", quality=95)
    squares("CMYK", map(inks, COLOURS)).save(HERE / "cmyk.jpg", quality=95)
    ycck(HERE / "ycck.jpg")

    palette = squares("P", [0, 1, 2, 3])
    palette.putpalette(sum(COLOURS, ()))
    palette.save(HERE / "palette.png")
    palette.save(HERE / "palette_clear_white.png", transparency=3)
    palette.save(HERE / "palette.bmp")
    palette.save(HERE / "palette.tga")
    squares("1", [0, 255, 255, 0]).save(HERE / "one_bit.png")
    gray16().save(HERE / "gray16.tif")
    squares("CMYK", map(inks, COLOURS)).save(HERE / "cmyk.tif", compression="tiff_deflate")
    rgb.save(HERE / "lossy.webp", quality=95)
    rgb.save(HERE / "animated.gif", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)])
    turned(rgb)
    light(HERE / "half.exr", numpy.float16, OpenEXR.PIZ_COMPRESSION)
    light(HERE / "whole.exr", numpy.float32, OpenEXR.ZIP_COMPRESSION)
    window = (numpy.array([1, 1], numpy.int32), numpy.array([6, 2], numpy.int32))
    light(HERE / "window.exr", numpy.float16, OpenEXR.NO_COMPRESSION, window)
    radiance(HERE / "light.hdr")


main()
