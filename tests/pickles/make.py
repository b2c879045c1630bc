#!/usr/bin/env python3
"""Makes the weights files beside this script, each with the formats' own library, of tensors that
`tests/archives` knows: number i of a tensor is (i % 255) / 64 - 2, which every float type holds exactly.

    pip install torch torchvision numpy safetensors && python3 tests/pickles/make.py
"""
import io
import json
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent


def numbers(*shape):
    count = int(np.prod(shape, dtype=int))
    return torch.tensor([i % 255 / 64 - 2 for i in range(count)], dtype=torch.float64).reshape(shape)


def state_dict():
    shared = numbers(24).float()
    layer = torch.nn.BatchNorm2d(3)
    layer.weight.data[:] = numbers(3)
    state = OrderedDict(
        f32=numbers(2, 3, 2, 2).float(),
        f16=numbers(2, 3).half(),
        bf16=numbers(5).bfloat16(),
        f64=numbers(3, 2),
        # These three are not rows of their storage: only the view says which numbers they are.
        transposed=numbers(3, 4).float().t().contiguous().t(),
        reversed_axes=numbers(2, 3, 4).float().permute(2, 0, 1).contiguous().permute(1, 2, 0),
        expanded=torch.tensor([-2.0]).expand(2, 3),
        shared_begin=shared[:6].view(2, 3),
        shared_end=shared[1:],
        scalar=torch.tensor(-2.0),
        empty=torch.zeros(0, 3),
        parameter=torch.nn.Parameter(numbers(4).float()),
        counter=torch.tensor(7),
        mask=torch.tensor([True, False]),
    )
    assert not state["transposed"].is_contiguous() and not state["reversed_axes"].is_contiguous()
    # With attributes (`_metadata`), as a module's own state_dict has them.
    attributed = layer.state_dict(prefix="bn.")
    for name, tensor in state.items():
        attributed[name] = tensor
    return attributed


class Doubling(torch.nn.Module):
    """A program, however small."""

    def forward(self, x):
        return x + x


def program(path):
    """TorchScript, without the debugging notes, which name folders of this computer."""
    whole = io.BytesIO()
    torch.jit.save(torch.jit.script(Doubling()), whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if not name.endswith(".debug_pkl"):
                new.writestr(name, old.read(name))


def pytorch():
    state = state_dict()
    torch.save(state, HERE / "archive.pth")
    torch.save(state, HERE / "stream.pth", _use_new_zipfile_serialization=False)
    torch.save(state, HERE / "protocol4.pth", pickle_protocol=4)
    torch.save(state, HERE / "stream4.pth", pickle_protocol=4, _use_new_zipfile_serialization=False)
    checkpoint = {"epoch": 90, "best": 69.778, "model": "googlenet", "state_dict": state}
    torch.save(checkpoint, HERE / "checkpoint.pth")
    torch.save({"state_dict": {"model": {"f32": state["f32"]}}}, HERE / "twice_wrapped.pth")
    # What must be refused.
    torch.save(Doubling(), HERE / "module.pth")
    # Such files hold a program's source, and where on this computer that was.
    torch.serialization.get_source_lines_and_file = lambda program: (["pass\n"], 0, "make.py")
    torch.save(Doubling(), HERE / "module_stream.pth", _use_new_zipfile_serialization=False)
    program(HERE / "program.pt")
    torch.save([numbers(2)], HERE / "list.pth")


def numpy():
    arrays = dict(
        f2=numbers(2, 3).numpy().astype("<f2"),
        f4=numbers(2, 3, 2, 2).numpy().astype("<f4"),
        f8=numbers(3, 2).numpy(),
        big2=numbers(4).numpy().astype(">f2"),
        big4=numbers(2, 2).numpy().astype(">f4"),
        big8=numbers(3).numpy().astype(">f8"),
        fortran=np.asfortranarray(numbers(2, 3, 4).numpy().astype("<f4")),
        scalar=np.float32(-2.0),
        empty=np.zeros((0, 3), "<f4"),
        counter=np.array(7),
    )
    assert not arrays["fortran"].flags["C_CONTIGUOUS"]
    np.savez(HERE / "stored.npz", **arrays)
    np.savez_compressed(HERE / "deflated.npz", **arrays)
    # As MLX writes bfloat16: the upper halves of floats, as two bytes of no type.
    upper = (numbers(5).numpy().astype("<f4").view("<u4") >> 16).astype("<u2").view("V2")
    np.savez(HERE / "bf16.npz", bf16=upper)
    quantised = {"conv1.conv.weight_int8": np.ones((2, 2), "i1"), "conv1.conv.weight_scale": np.ones(2, "<f4")}
    np.savez(HERE / "quantised.npz", **quantised)
    np.savez(HERE / "objects.npz", objects=np.array([None]))


def safetensors():
    kept = {"f32", "f16", "bf16", "f64", "scalar", "counter", "mask"}
    tensors = {name: tensor for name, tensor in state_dict().items() if name in kept}
    save_file(tensors, HERE / "foreign.safetensors", metadata={"format": "pt"})


BRANCHES = {
    "branch1": "1x1",
    "branch2.0": "3x3_reduce",
    "branch2.1": "3x3",
    "branch3.0": "5x5_reduce",
    "branch3.1": "5x5",
    "branch4.1": "pool_proj",
}
STEM = {"conv1": "conv1/7x7_s2", "conv2": "conv2/3x3_reduce", "conv3": "conv2/3x3"}


def caffe_name(stem):
    """A convolution of torchvision's network by its name in Caffe's."""
    if stem in STEM:
        return STEM[stem]
    module, branch = stem.removeprefix("inception").split(".", 1)
    return f"inception_{module}/{BRANCHES[branch]}"


def seeded(index, name, shape):
    """Tensor `index` of the state_dict, filled with what `tests/archives/networks.rs` fills it with."""
    count = int(np.prod(shape, dtype=int))
    steps = (torch.arange(count) * 31 + index * 17) % 255
    least = 0.25 if name.endswith("running_var") else -2
    return (steps.double() / 64 + least).reshape(shape)


def torchvision_folded():
    """Some numbers of every convolution with its batch normalisation folded in, by PyTorch in f64.

    The network takes red, green, blue in -1..1; the program blue, green, red in -127.5..127.5.
    """
    from torch.nn.utils.fusion import fuse_conv_bn_weights
    from torchvision.models import googlenet

    network = googlenet(weights=None, init_weights=False)
    state = {name: tensor for name, tensor in network.state_dict().items() if tensor.ndim}
    state = {name: seeded(i, name, tensor.shape) for i, (name, tensor) in enumerate(state.items())}
    folded = {}
    for name, module in network.named_modules():
        if not hasattr(module, "bn") or name.startswith("aux"):
            continue
        norm = [state[f"{name}.bn.{part}"] for part in ("running_mean", "running_var")]
        factors = [state[f"{name}.bn.{part}"] for part in ("weight", "bias")]
        weight, bias = fuse_conv_bn_weights(state[f"{name}.conv.weight"], None, *norm, module.bn.eps, *factors)
        if name == "conv1":
            weight = weight.flip(1) / 127.5
        weight = weight.flatten()
        folded[caffe_name(name)] = {
            "weight": weight[:3].tolist() + weight[-3:].tolist(),
            "bias": bias[:2].tolist() + bias[-2:].tolist(),
        }
    assert len(folded) == 57
    (HERE / "torchvision_folded.json").write_text(json.dumps(folded, indent=1) + "\n")


if __name__ == "__main__":
    pytorch()
    numpy()
    safetensors()
    torchvision_folded()
