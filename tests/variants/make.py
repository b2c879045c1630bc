"""Makes tests/variants/fixtures.safetensors: what PyTorch in float64 says of inception5h and torchvision's GoogLeNet.

Needs torch, torchvision, numpy and safetensors:  python tests/variants/make.py

The weights are too large to keep, so they are a formula that tests/variants/seeded.rs evaluates to the same bits:
number i of the stream of a name is splitmix64(fnv1a(name) + i * golden ratio), its upper 24 bits as a fraction
from -1 to 1, times a power of two. The pictures are made likewise. Of every map and gradient a sample is kept.

torchvision's network is its own module, batch normalisation and all, on RGB from -1 to 1; folding both into the
convolutions is the test's part. inception5h is written down here, with TensorFlow's SAME padding spelt out.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.numpy import save_file

CLASSES = 40
SIZES = {"even": (96, 80), "odd": (61, 75)}
MODULES = {
    # 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 204, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 48, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def stream(name, count):
    """`count` numbers from -1 to 1, multiples of 2^-23."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def tensor(name, shape):
    return torch.from_numpy(stream(name, int(np.prod(shape))).reshape(shape))


def weight(name, shape):
    """Maps keep their size: the power of two around the root of 6 over the terms of a sum."""
    size, terms = 1.0, int(np.prod(shape[1:]))
    while size * size * terms > 12:
        size /= 2
    return tensor(f"{name}.weight", shape) * size


def bias(name, count):
    return tensor(f"{name}.bias", (count,)) / 4


def picture(name, size):
    """BGR, whole gray levels from 0 to 255."""
    return torch.floor((tensor(f"{name}/picture", (3, *size)) + 1) * 128)


def same(x, kernel, stride, value):
    """TensorFlow's SAME: as much padding as ceil(n / stride) windows need, the odd cell behind."""
    pads = []
    for n in (x.shape[3], x.shape[2]):
        total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def inception5h(x):
    """Every layer by TensorFlow's name."""
    maps = {}

    def keep(name, value):
        maps[name] = value
        return value

    def conv(name, caffe, outputs, kernel, stride, x):
        w = weight(caffe, (outputs, x.shape[1], kernel, kernel))
        before = F.conv2d(same(x, kernel, stride, 0.0), w, bias(caffe, outputs), stride=stride)
        return keep(name, F.relu(keep(f"{name}_pre_relu", before)))

    def pool(name, stride, x):
        return keep(name, F.max_pool2d(same(x, 3, stride, float("-inf")), 3, stride))

    def norm(name, x):
        squares = F.pad(x * x, (0, 0, 0, 0, 5, 5))
        total = sum(squares[:, i : i + x.shape[1]] for i in range(11))
        return keep(name, x / torch.sqrt(2.0 + 1e-4 * total))

    def module(at, x):
        name, caffe = f"mixed{at}", f"inception_{at}"
        w1, w3r, w3, w5r, w5, wp = MODULES[at]
        a = conv(f"{name}_1x1", f"{caffe}/1x1", w1, 1, 1, x)
        b = conv(f"{name}_3x3_bottleneck", f"{caffe}/3x3_reduce", w3r, 1, 1, x)
        b = conv(f"{name}_3x3", f"{caffe}/3x3", w3, 3, 1, b)
        c = conv(f"{name}_5x5_bottleneck", f"{caffe}/5x5_reduce", w5r, 1, 1, x)
        c = conv(f"{name}_5x5", f"{caffe}/5x5", w5, 5, 1, c)
        d = conv(f"{name}_pool_reduce", f"{caffe}/pool_proj", wp, 1, 1, pool(f"{name}_pool", 1, x))
        return keep(name, torch.cat((a, b, c, d), 1))

    x = conv("conv2d0", "conv1/7x7_s2", 64, 7, 2, x)
    x = norm("localresponsenorm0", pool("maxpool0", 2, x))
    x = conv("conv2d1", "conv2/3x3_reduce", 64, 1, 1, x)
    x = conv("conv2d2", "conv2/3x3", 192, 3, 1, x)
    x = pool("maxpool1", 2, norm("localresponsenorm1", x))
    x = pool("maxpool4", 2, module("3b", module("3a", x)))
    for at in ("4a", "4b", "4c", "4d", "4e"):
        x = module(at, x)
    x = pool("maxpool10", 2, x)
    x = module("5b", module("5a", x))
    x = keep("avgpool0", x.mean((2, 3), keepdim=True))
    name = "loss3/classifier"
    logits = F.linear(x[:, :, 0, 0], weight(name, (CLASSES, 1024)), bias(name, CLASSES))
    keep("softmax2_pre_activation", logits)
    keep("softmax2", F.softmax(logits, 1))
    return maps


def googlenet():
    """torchvision's module; its tensors by its own names."""
    net = torchvision.models.GoogLeNet(num_classes=CLASSES, aux_logits=False, init_weights=False).double().eval()
    state = net.state_dict()
    for name in state:
        shape = tuple(state[name].shape)
        layer, part = name.rsplit(".", 1)
        if part == "weight" and len(shape) > 1:
            state[name] = weight(layer, shape)
        elif part == "bias" or part == "running_mean":
            state[name] = tensor(name, shape) / 4
        elif part == "weight" or part == "running_var":
            state[name] = 1 + tensor(name, shape) / 2
    net.load_state_dict(state)
    return net


def torchvision_maps(x):
    maps, net = {}, googlenet()

    def hook(name):
        # The ReLU behind a batch normalisation overwrites what it gets.
        def keep(_module, _input, output):
            maps[name] = output.clone()
            return maps[name].clone()

        return keep

    for name, module in net.named_modules():
        if name:
            module.register_forward_hook(hook(name))
    rgb = x.flip(1)  # a gray level less 127.5 comes in
    maps["prob"] = F.softmax(net(rgb / 127.5), 1)
    return maps


def sample(values):
    """About a thousand cells, an odd number apart."""
    flat = values.detach().numpy().reshape(-1)
    return np.ascontiguousarray(flat[:: max(flat.size // 1000, 1) | 1], dtype=np.float32)


def objective(maps, text):
    kind, layer, *rest = text.split(":")
    x = maps[layer]
    if kind == "l2":
        return x.square().sum() / 2
    if kind == "channel":
        return x[0, int(rest[0])].mean()
    x = x.reshape(x.shape[0], x.shape[1], *(x.shape[2:] or (1, 1)))
    return x[0, int(rest[0]), x.shape[2] // 2, x.shape[3] // 2]


NETWORKS = {
    "inception5h": (
        inception5h,
        117.0,
        "conv2d0_pre_relu conv2d0 maxpool0 localresponsenorm0 conv2d1 conv2d2_pre_relu localresponsenorm1 maxpool1 "
        "mixed3a_5x5 mixed3a mixed3b_pool maxpool4 mixed4a_3x3_bottleneck_pre_relu mixed4a mixed4c maxpool10 mixed5a "
        "mixed5b avgpool0 softmax2_pre_activation softmax2",
        "l2:conv2d0_pre_relu l2:maxpool0 l2:localresponsenorm1 channel:mixed3b:77 l2:mixed4c neuron:mixed4d_3x3_pre_relu:9 "
        "l2:mixed5b neuron:softmax2_pre_activation:7",
    ),
    "torchvision_googlenet": (
        torchvision_maps,
        127.5,
        "conv1.bn conv1 maxpool1 conv2 conv3.bn maxpool2 inception3a.branch3.1 inception3a inception3b.branch4.0 "
        "maxpool3 inception4a.branch2.0.bn inception4a inception4c maxpool4 inception5a inception5b avgpool fc prob",
        "l2:conv1.bn l2:maxpool1 l2:conv3 channel:inception3b:77 l2:inception4c neuron:inception4d.branch2.1.bn:9 "
        "l2:inception5b neuron:fc:7",
    ),
}


def main():
    kept = {}
    for name, (run, mean, layers, objectives) in NETWORKS.items():
        for case, size in SIZES.items():
            x = (picture(f"{name}/{case}", size) - mean)[None].requires_grad_()
            maps = run(x)
            kept[f"{name}/{case}/size"] = np.array(size, dtype=np.float32)
            for layer in layers.split():
                kept[f"{name}/{case}/activation/{layer}"] = sample(maps[layer])
            for text in objectives.split():
                (gradient,) = torch.autograd.grad(objective(maps, text), x, retain_graph=True)
                size_of = float(gradient.square().mean().sqrt())
                print(f"{name}/{case} {text}: {size_of:.1e}")
                assert size_of > 0, "a gradient of nothing proves nothing"
                kept[f"{name}/{case}/gradient/{text}"] = sample(gradient)
    save_file(kept, pathlib.Path(__file__).parent / "fixtures.safetensors")


if __name__ == "__main__":
    main()
