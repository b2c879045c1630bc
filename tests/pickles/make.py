#!/usr/bin/env python3
"""Makes the weights files beside this script, each with the formats' own library, of tensors that
`tests/archives.rs` knows: number i of a tensor is (i % 255) / 64 - 2, which every float type holds exactly.

    pip install torch numpy safetensors && python3 tests/pickles/make.py
"""
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
    torch.save(torch.nn.Linear(1, 2), HERE / "module.pth")
    torch.save(torch.nn.Linear(1, 2), HERE / "module_stream.pth", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 2)), HERE / "program.pt")
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


pytorch()
numpy()
safetensors()
