"""Tiny files in foreign formats, written by each format's own library from numbers that are known.

    python tests/import/make.py        # needs onnx, numpy, protobuf, torchvision

Caffe's and TensorFlow's messages are declared here, as far as they are used, with the field numbers of
caffe.proto and of tensorflow/core/framework/*.proto. Every tensor holds 0, 1/8, 2/8, ... in the order of its
axes, minus one: numbers that every float type has.
"""

from pathlib import Path

import numpy as np
import onnx
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent / "fixtures"
Field = descriptor_pb2.FieldDescriptorProto


def messages(syntax, declared):
    """Message classes from `{message: [(name, number, type, repeated, options)]}`; a type is a message too."""
    package = f"made_{len(declared)}_{syntax}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax=syntax)
    for message, fields in declared.items():
        added = file.message_type.add(name=message)
        for name, number, kind, repeated, packed in fields:
            field = added.field.add(name=name, number=number)
            field.label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
            if kind in declared:
                field.type, field.type_name = Field.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                field.type = getattr(Field, f"TYPE_{kind.upper()}")
            if packed is not None:
                field.options.packed = packed
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in declared
    }


def numbers(*shape):
    count = int(np.prod(shape))
    return (np.arange(count, dtype=np.float32) / 8 - 1).reshape(shape)


def caffe(packed):
    return messages("proto2", {
        "BlobShape": [("dim", 1, "int64", True, True)],
        "BlobProto": [
            ("num", 1, "int32", False, None),
            ("channels", 2, "int32", False, None),
            ("height", 3, "int32", False, None),
            ("width", 4, "int32", False, None),
            ("data", 5, "float", True, packed),
            ("diff", 6, "float", True, True),
            ("shape", 7, "BlobShape", False, None),
            ("double_data", 8, "double", True, True),
        ],
        "LayerParameter": [
            ("name", 1, "string", False, None),
            ("type", 2, "string", False, None),
            ("blobs", 7, "BlobProto", True, None),
        ],
        "V1LayerParameter": [
            ("bottom", 2, "string", True, None),
            ("top", 3, "string", True, None),
            ("name", 4, "string", False, None),
            ("type", 5, "int32", False, None),
            ("blobs", 6, "BlobProto", True, None),
        ],
        "NetParameter": [
            ("name", 1, "string", False, None),
            ("layers", 2, "V1LayerParameter", True, None),
            ("layer", 100, "LayerParameter", True, None),
        ],
    })


def make_caffe(file, packed, old, double=False):
    Net = caffe(packed)["NetParameter"]
    net = Net(name="GoogLeNet")
    layers = net.layers if old else net.layer
    data = layers.add(name="data")
    data.type = 5 if old else "Data"
    layer = layers.add(name="conv/a")
    layer.type = 4 if old else "Convolution"
    for array in (numbers(2, 3, 1, 2), numbers(2)):
        blob = layer.blobs.add()
        if old:
            blob.num, blob.channels, blob.height, blob.width = (1,) * (4 - array.ndim) + array.shape
        else:
            blob.shape.dim.extend(array.shape)
        (blob.double_data if double else blob.data).extend(array.ravel().tolist())
    (HERE / file).write_bytes(net.SerializeToString(deterministic=True))


def make_onnx(file, types, raw):
    tensors = []
    for name, kind in types:
        array = numbers(2, 3, 1, 2)
        if raw and kind != TensorProto.BFLOAT16:
            array = array.astype(helper.tensor_dtype_to_np_dtype(kind))
            tensors.append(numpy_helper.from_array(array, name))
        else:
            tensors.append(helper.make_tensor(name, kind, array.shape, array.ravel().tolist()))
    tensors.append(numpy_helper.from_array(np.array([1, -1], dtype=np.int64), "shape"))
    node = helper.make_node("Relu", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([node], "tiny", ends[:1], ends[1:], tensors)
    model = helper.make_model(graph, producer_name="make.py")
    onnx.checker.check_model(model)
    (HERE / file).write_bytes(model.SerializeToString(deterministic=True))


def make_external():
    tensor = numpy_helper.from_array(numbers(2), "conv/a_w_0")
    onnx.external_data_helper.set_external_data(tensor, location="../../secret")
    tensor.ClearField("raw_data")
    graph = helper.make_graph([], "tiny", [], [], [tensor])
    (HERE / "external.onnx").write_bytes(helper.make_model(graph).SerializeToString(deterministic=True))


def make_quantised():
    node = helper.make_node("QLinearConv", ["x"], ["y"])
    graph = helper.make_graph([node], "tiny", [], [], [])
    (HERE / "quantised.onnx").write_bytes(helper.make_model(graph).SerializeToString(deterministic=True))


def make_tensorflow():
    tf = messages("proto3", {
        "Dim": [("size", 1, "int64", False, None)],
        "TensorShapeProto": [("dim", 2, "Dim", True, None)],
        "TensorProto": [
            ("dtype", 1, "int32", False, None),
            ("tensor_shape", 2, "TensorShapeProto", False, None),
            ("tensor_content", 4, "bytes", False, None),
            ("float_val", 5, "float", True, None),
            ("half_val", 13, "int32", True, None),
        ],
        "AttrValue": [("type", 6, "int32", False, None), ("tensor", 8, "TensorProto", False, None)],
        "Attr": [("key", 1, "string", False, None), ("value", 2, "AttrValue", False, None)],
        "NodeDef": [
            ("name", 1, "string", False, None),
            ("op", 2, "string", False, None),
            ("input", 3, "string", True, None),
            ("attr", 5, "Attr", True, None),
        ],
        "GraphDef": [("node", 1, "NodeDef", True, None)],
    })
    graph = tf["GraphDef"]()
    graph.node.add(name="input", op="Placeholder")

    def constant(name, dtype, shape):
        node = graph.node.add(name=name, op="Const")
        node.attr.add(key="dtype").value.type = dtype
        tensor = node.attr.add(key="value").value.tensor
        tensor.dtype = dtype
        for size in shape:
            tensor.tensor_shape.dim.add(size=size)
        return tensor

    array = numbers(2, 3, 1, 2)
    constant("content", 1, array.shape).tensor_content = array.tobytes()
    constant("values", 1, array.shape).float_val.extend(array.ravel().tolist())
    constant("halves", 19, array.shape).half_val.extend(array.astype(np.float16).view(np.uint16).ravel().tolist())
    constant("half_content", 19, array.shape).tensor_content = array.astype(np.float16).tobytes()
    constant("repeated", 1, (4,)).float_val.extend([0.5, 0.25])
    constant("whole", 3, (1,)).tensor_content = b"\1\0\0\0"
    graph.node.add(name="y", op="Relu", input=["content"])
    (HERE / "tiny.pb").write_bytes(graph.SerializeToString(deterministic=True))


def list_torchvision():
    """Names and shapes of torchvision's own module, without the counters of its batch normalisations."""
    from torchvision.models import googlenet

    state = googlenet(weights=None, init_weights=False).state_dict()
    lines = [f"{name} {','.join(map(str, tensor.shape))}" for name, tensor in state.items() if tensor.ndim]
    (HERE / "torchvision.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    make_caffe("v1.caffemodel", packed=True, old=True)
    make_caffe("v1_unpacked.caffemodel", packed=False, old=True)
    make_caffe("v2.caffemodel", packed=True, old=False)
    make_caffe("v2_double.caffemodel", packed=True, old=False, double=True)
    floats = [
        ("f32", TensorProto.FLOAT),
        ("f16", TensorProto.FLOAT16),
        ("bf16", TensorProto.BFLOAT16),
        ("f64", TensorProto.DOUBLE),
    ]
    make_onnx("raw.onnx", floats, raw=True)
    make_onnx("lists.onnx", floats, raw=False)
    make_external()
    make_quantised()
    make_tensorflow()
    list_torchvision()
