#!/usr/bin/env python3
"""Times the same GoogLeNet in other engines, for comparison with puppyslug.

    pip install ncnn            # for --engine ncnn-vulkan and ncnn-cpu
    pip install torch           # for --engine torch

    python benches/peers.py --engine ncnn-vulkan --size 224x224
    python benches/peers.py --engine ncnn-cpu --size 224x224
    python benches/peers.py --engine torch --size 512x384
    python benches/peers.py --engine torch --size 512x384 --task dream

Tasks: `forward` runs from the picture to the class probabilities; `gradient` (torch only) runs forward to
inception_4c/output and from half the sum of its squares back to the picture; `dream` (torch only) is the whole
loop without jitter. The weights are random, which no engine's speed depends on. One JSON object is printed, its times
in milliseconds, its memory in bytes. Set the size so that both sides measure the same picture, alternate the engines,
and compare minima.

Our own numbers come from `puppyslug bench --size 224x224 --json` and from `puppyslug dream`.
"""

import argparse
import json
import math
import os
import random
import resource
import statistics
import struct
import sys
import tempfile
import time
from array import array
from pathlib import Path

# Widths of the six convolutions of each inception module.
INCEPTION = {
    #      1x1  3x3r 3x3  5x5r 5x5 proj
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
CLASSES = 1000
MEAN_BGR = (104.0, 116.0, 122.0)
TARGET = "inception_4c/output"
PARAMETERS = 6_998_552


def googlenet(net, x):
    """Builds the network with `net`, which has one method for each operation, from `x` to the probabilities."""
    x = net.conv("conv1/7x7_s2", x, 64, 7, stride=2, pad=3)
    x = net.max_pool("pool1/3x3_s2", x, stride=2, pad=0)
    x = net.lrn("pool1/norm1", x)
    x = net.conv("conv2/3x3_reduce", x, 64, 1)
    x = net.conv("conv2/3x3", x, 192, 3, pad=1)
    x = net.lrn("conv2/norm2", x)
    x = net.max_pool("pool2/3x3_s2", x, stride=2, pad=0)
    for name, widths in INCEPTION.items():
        x = inception(net, f"inception_{name}", x, widths)
        if name in ("3b", "4e"):
            x = net.max_pool(f"pool{name[0]}/3x3_s2", x, stride=2, pad=0)
    return net.classifier(x, CLASSES)


def inception(net, name, x, widths):
    """Four branches over one input, stacked along the channels."""
    w1, w3_reduce, w3, w5_reduce, w5, w_proj = widths
    x1, x3, x5, x_pool = net.split(f"{name}/split", x, 4)
    a = net.conv(f"{name}/1x1", x1, w1, 1)
    b = net.conv(f"{name}/3x3_reduce", x3, w3_reduce, 1)
    b = net.conv(f"{name}/3x3", b, w3, 3, pad=1)
    c = net.conv(f"{name}/5x5_reduce", x5, w5_reduce, 1)
    c = net.conv(f"{name}/5x5", c, w5, 5, pad=2)
    d = net.max_pool(f"{name}/pool", x_pool, stride=1, pad=1)
    d = net.conv(f"{name}/pool_proj", d, w_proj, 1)
    return net.concat(f"{name}/output", [a, b, c, d])


def timed(run, turns):
    """Milliseconds of each of `turns` runs, after two that compile shaders, take memory and warm caches."""
    run()
    run()
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return times


def report_times(times):
    return {"minimum_ms": min(times), "median_ms": statistics.median(times), "turns": len(times)}


# ncnn


class NcnnModel:
    """Writes ncnn's two files: layers as text and weights as f32. A value is the name of a blob and its channels."""

    def __init__(self, seed):
        self.lines = []
        self.blobs = 0
        self.parameters = 0
        self.weights = bytearray()
        self.random = random.Random(seed)

    def layer(self, kind, name, inputs, outputs, *params):
        self.blobs += len(outputs)
        self.lines.append(" ".join([kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs, *params]))

    def filter(self, outputs, fan_in):
        """He-scaled weights behind the flag that says f32, then the bias, which has no flag."""
        scale = math.sqrt(2.0 / fan_in)
        self.weights += struct.pack("<I", 0)
        self.weights += array("f", (self.random.gauss(0.0, scale) for _ in range(outputs * fan_in))).tobytes()
        self.weights += array("f", [0.01] * outputs).tobytes()
        self.parameters += outputs * (fan_in + 1)

    def input(self, channels):
        self.layer("Input", "data", [], ["data"])
        return "data", channels

    def conv(self, name, x, outputs, kernel, stride=1, pad=0):
        blob, channels = x
        fan_in = channels * kernel * kernel
        self.layer("Convolution", name, [blob], [name], f"0={outputs}", f"1={kernel}", f"3={stride}", f"4={pad}",
                   "5=1", f"6={outputs * fan_in}", "9=1")
        self.filter(outputs, fan_in)
        return name, outputs

    def max_pool(self, name, x, stride, pad):
        self.layer("Pooling", name, [x[0]], [name], "0=0", "1=3", f"2={stride}", f"3={pad}", "5=0")
        return name, x[1]

    def lrn(self, name, x):
        self.layer("LRN", name, [x[0]], [name], "0=0", "1=5", "2=1.000000e-04", "3=7.500000e-01")
        return name, x[1]

    def split(self, name, x, count):
        names = [f"{name}_{i}" for i in range(count)]
        self.layer("Split", name, [x[0]], names)
        return [(blob, x[1]) for blob in names]

    def concat(self, name, xs):
        self.layer("Concat", name, [blob for blob, _ in xs], [name], "0=0")
        return name, sum(channels for _, channels in xs)

    def classifier(self, x, classes):
        self.layer("Pooling", "pool5/7x7_s1", [x[0]], ["pool5"], "0=1", "4=1")
        self.layer("InnerProduct", "loss3/classifier", ["pool5"], ["logits"], f"0={classes}", "1=1",
                   f"2={classes * x[1]}")
        self.filter(classes, x[1])
        self.layer("Softmax", "prob", ["logits"], ["prob"], "0=0")
        return "prob", classes

    def save(self, folder):
        param, weights = folder / "googlenet.param", folder / "googlenet.bin"
        param.write_text("\n".join(["7767517", f"{len(self.lines)} {self.blobs}", *self.lines, ""]))
        weights.write_bytes(self.weights)
        return str(param), str(weights)


def measure_ncnn(options):
    import ncnn

    if options.task != "forward":
        sys.exit("ncnn has no gradients: only --task forward")
    vulkan = options.engine == "ncnn-vulkan"
    net = ncnn.Net()
    net.opt.num_threads = options.threads
    net.opt.use_vulkan_compute = vulkan
    if options.f32:
        for narrow in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
            if hasattr(net.opt, f"use_{narrow}"):
                setattr(net.opt, f"use_{narrow}", False)
    device = f"cpu ({options.threads} threads)"
    if vulkan:
        number = ncnn_device(ncnn, options.device)
        net.set_vulkan_device(number)
        device = ncnn.get_gpu_info(number).device_name()

    model = NcnnModel(options.seed)
    googlenet(model, model.input(3))
    assert model.parameters == PARAMETERS, model.parameters
    with tempfile.TemporaryDirectory() as folder:
        param, weights = model.save(Path(folder))
        if net.load_param(param) != 0 or net.load_model(weights) != 0:
            sys.exit("ncnn refuses the network")

    picture = array("B", (random.Random(options.seed + 1).randrange(256) for _ in range(3 * options.area)))
    data = ncnn.Mat.from_pixels(bytes(picture), ncnn.Mat.PixelType.PIXEL_BGR, options.width, options.height)
    data.substract_mean_normalize(list(MEAN_BGR), [])

    def run():
        extractor = net.create_extractor()
        extractor.input("data", data)
        code, out = extractor.extract("prob")
        if code != 0:
            sys.exit(f"ncnn fails with {code}")
        return out

    probabilities = [run()[i] for i in range(CLASSES)]
    if not abs(sum(probabilities) - 1.0) < 1e-2:
        sys.exit(f"ncnn's probabilities add up to {sum(probabilities)}")
    times = timed(run, options.turns)
    return {"version": ncnn.__version__, "device": device, "f32": options.f32, **report_times(times)}


def ncnn_device(ncnn, wish):
    """The first Vulkan device whose name holds a text."""
    ncnn.create_gpu_instance()
    names = [ncnn.get_gpu_info(i).device_name() for i in range(ncnn.get_gpu_count())]
    for number, name in enumerate(names):
        if wish.lower() in name.lower():
            return number
    sys.exit(f"no Vulkan device is called '{wish}'; there are: {', '.join(names) or 'none'}")


# PyTorch


class TorchModel:
    """Runs every operation as the table names it; takes a random filter the first time it meets a convolution."""

    def __init__(self, torch, seed):
        self.torch = torch
        self.functions = torch.nn.functional
        self.random = torch.Generator().manual_seed(seed)
        self.filters = {}
        self.end = None

    class Reached(Exception):
        """The layer at which the network ends."""

    def named(self, name, x):
        if name == self.end:
            raise self.Reached(x)
        return x

    def filter(self, name, outputs, channels, kernel):
        if name not in self.filters:
            shape = (outputs, channels, kernel, kernel)
            scale = math.sqrt(2.0 / (channels * kernel * kernel))
            weight = self.torch.randn(shape, generator=self.random) * scale
            self.filters[name] = weight, self.torch.full((outputs,), 0.01)
        return self.filters[name]

    def conv(self, name, x, outputs, kernel, stride=1, pad=0):
        weight, bias = self.filter(name, outputs, x.shape[1], kernel)
        x = self.functions.conv2d(x, weight, bias, stride=stride, padding=pad)
        return self.named(name, self.functions.relu_(x))

    def max_pool(self, name, x, stride, pad):
        return self.named(name, self.functions.max_pool2d(x, 3, stride, pad, ceil_mode=True))

    def lrn(self, name, x):
        return self.named(name, self.functions.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0))

    def split(self, _name, x, count):
        return [x] * count

    def concat(self, name, xs):
        return self.named(name, self.torch.cat(xs, dim=1))

    def classifier(self, x, classes):
        x = x.mean(dim=(2, 3), keepdim=True)
        weight, bias = self.filter("loss3/classifier", classes, x.shape[1], 1)
        return self.functions.softmax(self.functions.conv2d(x, weight, bias).flatten(1), dim=1)

    def run(self, x, end=None):
        self.end = end
        try:
            return googlenet(self, x)
        except self.Reached as reached:
            return reached.args[0]

    def gradient(self, x):
        """The gradient of half the sum of the target's squares."""
        x = x.detach().requires_grad_()
        value = self.run(x, TARGET).square().sum() / 2
        return self.torch.autograd.grad(value, x)[0]


def measure_torch(options):
    import torch

    imported = peak_memory()
    torch.set_num_threads(options.threads)
    model = TorchModel(torch, options.seed)
    mean = torch.tensor(MEAN_BGR).view(1, 3, 1, 1)
    shape = (1, 3, options.height, options.width)
    picture = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(options.seed + 1)) - mean
    result = {"version": torch.__version__, "device": f"cpu ({options.threads} threads)", "f32": True}
    if options.task == "dream":
        start = time.perf_counter()
        dream(torch, model, picture, mean, options)
        result["wall_ms"] = 1e3 * (time.perf_counter() - start)
    elif options.task == "gradient":
        result |= report_times(timed(lambda: model.gradient(picture), options.turns))
    else:
        with torch.inference_mode():
            result |= report_times(timed(lambda: model.run(picture), options.turns))
            assert sum(weight.numel() + bias.numel() for weight, bias in model.filters.values()) == PARAMETERS
    return result | {"memory_after_import": imported}


def dream(torch, model, picture, mean, options):
    """The notebook's loop without jitter: octaves from the smallest, detail carried from each to the next."""

    def resize(x, size):
        return torch.nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=True)

    bases = [picture]
    while len(bases) < options.octaves:
        height, width = bases[-1].shape[2:]
        bases.append(resize(bases[-1], (round(height / options.scale), round(width / options.scale))))
    detail = torch.zeros_like(bases[-1])
    for base in reversed(bases):
        x = base + resize(detail, base.shape[2:])
        for _ in range(options.iterations):
            gradient = model.gradient(x)
            x = x + options.step / gradient.abs().mean() * gradient
            x = torch.maximum(torch.minimum(x, 255.0 - mean), -mean)
        detail = x - base
    if not bool(torch.isfinite(x).all()):
        sys.exit("the dream is not finite")
    return x


# Command line


def peak_memory():
    """Bytes: Linux counts kibibytes, macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["ncnn-vulkan", "ncnn-cpu", "torch"])
    parser.add_argument("--task", choices=["forward", "gradient", "dream"], default="forward")
    parser.add_argument("--size", default="224x224", metavar="WxH", help="of the picture (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="(default: all, %(default)s)")
    parser.add_argument("--turns", type=int, default=10, help="timed runs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and picture (default: %(default)s)")
    ncnn = parser.add_argument_group("ncnn")
    ncnn.add_argument("--device", default="", metavar="TEXT", help="part of the Vulkan device's name")
    ncnn.add_argument("--f32", action="store_true", help="no f16 or bf16, where ncnn would take them by itself")
    loop = parser.add_argument_group("dream")
    loop.add_argument("--octaves", type=int, default=4, help="(default: %(default)s)")
    loop.add_argument("--scale", type=float, default=1.4, help="between octaves (default: %(default)s)")
    loop.add_argument("--iterations", type=int, default=10, help="in each octave (default: %(default)s)")
    loop.add_argument("--step", type=float, default=1.5, help="mean change of a step (default: %(default)s)")
    options = parser.parse_args()
    try:
        options.width, options.height = (int(side) for side in options.size.split("x"))
    except ValueError:
        parser.error(f"--size takes WxH, such as 512x384, not '{options.size}'")
    options.area = options.width * options.height
    return options


def main():
    options = parse()
    measure = measure_torch if options.engine == "torch" else measure_ncnn
    result = {"engine": options.engine, "task": options.task, "size": options.size, **measure(options)}
    print(json.dumps(result | {"peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
