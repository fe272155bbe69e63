"""Writes a torch module as an ONNX file that any machine would have written alike, and reads its border back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .attention import plan
from .errors import RecipeError

#: Protobuf cannot hold 2 GiB; above this the weights go beside the graph.
EXTERNAL_ABOVE = 1_600_000_000
DTYPES = {
    TensorProto.FLOAT: "f32",
    TensorProto.FLOAT16: "f16",
    TensorProto.INT32: "i32",
    TensorProto.INT64: "i64",
    TensorProto.UINT8: "u8",
    TensorProto.BOOL: "bool",
}
#: Stay in float32 in half-precision graphs: they lose too much or overflow.
KEEP_FLOAT32 = [
    "LayerNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "BatchNormalization",
    "ReduceMean",
    "Softmax",
    "Sigmoid",
    "Log",
    "Exp",
    "Sin",
    "Cos",
    "Range",
    "CumSum",
    "Resize",
]
#: Name under which a graph's module has its `Enlarge`.
ENLARGE = "enlarge"


@dataclass(frozen=True)
class GraphSpec:
    """One role of a pack: a module, an example call, and which axes are dynamic."""

    role: str
    module: torch.nn.Module
    inputs: dict[str, torch.Tensor]
    outputs: tuple[str, ...]
    #: input -> {axis: symbol}
    dynamic: dict[str, dict[int, str]]


@dataclass(frozen=True)
class WriteOptions:
    precision: str = "fp32"
    int8: bool = False
    #: Tests only: weights that lie on an 8-bit grid are stored as bytes.
    compact: bool = False


def write_graph(spec: GraphSpec, folder: Path, options: WriteOptions) -> list[Path]:
    """Exports, cleans, converts, saves. Returns the files: the graph first, then external data."""
    path = folder / f"{spec.role}.onnx"
    model = export(spec)
    strip(model)
    merge_twins(model)
    order_gelu(model)
    check_operators(spec.role, model)
    if options.precision == "fp16":
        model = half_precision(model)
    if options.compact:
        store_bytes(model)
    files = save(model, path)
    if options.int8:
        quantise(path)
        files = [path]
    onnx.checker.check_model(str(path))
    return files


def export(spec: GraphSpec) -> onnx.ModelProto:
    symbols = {name: torch.export.Dim(name, min=1, max=1024) for axes in spec.dynamic.values() for name in axes.values()}
    shapes = tuple({axis: symbols[name] for axis, name in spec.dynamic.get(key, {}).items()} for key in spec.inputs)
    program = torch.onnx.export(
        spec.module.eval(),
        tuple(spec.inputs.values()),
        dynamo=True,
        opset_version=23 if plan.mode == "fused" else 18,
        input_names=list(spec.inputs),
        output_names=list(spec.outputs),
        dynamic_shapes=shapes,
        verbose=False,
    )
    return program.model_proto


def strip(model: onnx.ModelProto) -> None:
    """Removes what names this machine (stack traces, paths) and what some providers refuse (`allowzero`)."""
    model.producer_name, model.producer_version, model.doc_string = "masklet-recipes", "", ""
    del model.metadata_props[:]
    model.graph.doc_string = ""
    del model.graph.metadata_props[:]
    for function in model.functions:
        del function.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        value.doc_string = ""
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
        if node.op_type == "Reshape":
            kept = [attribute for attribute in node.attribute if attribute.name != "allowzero"]
            del node.attribute[:]
            node.attribute.extend(kept)
    del model.graph.value_info[:]


def check_operators(role: str, model: onnx.ModelProto) -> None:
    """Control flow, scatter and sampling operators are missing or slow on some providers; our graphs need none."""
    refused = {"If", "Loop", "Scan", "ScatterND", "ScatterElements", "RoiAlign", "GridSample", "NonZero"}
    found = sorted({node.op_type for node in model.graph.node} & refused)
    if found:
        raise RecipeError(f"The {role} graph came out with {', '.join(found)}, which a pack must not need; the export is not usable.")


def half_precision(model: onnx.ModelProto) -> onnx.ModelProto:
    """float16 weights and arithmetic, float32 borders and sensitive operators."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    inferred = onnx.shape_inference.infer_shapes(model)
    converted = convert_float_to_float16(
        inferred,
        keep_io_types=True,
        op_block_list=KEEP_FLOAT32,
        node_block_list=enlargements(inferred.graph),
        disable_shape_infer=True,
        max_finite_val=6e4,
    )
    del converted.graph.value_info[:]
    sort_nodes(converted.graph)
    return converted


def sort_nodes(graph: onnx.GraphProto) -> None:
    """The converter appends its casts at the end; ONNX wants every value made before it is used."""
    known = {"", *(value.name for value in graph.input), *(tensor.name for tensor in graph.initializer)}
    waiting, ordered = list(graph.node), []
    while waiting:
        ready = [node for node in waiting if known.issuperset(node.input)]
        if not ready:
            raise RecipeError("The half-precision graph has a cycle; use --precision fp32.")
        # It also repeats a cast that serves several nodes.
        ordered += unrepeated(ready, known)
        known.update(name for node in ready for name in node.output)
        names = {id(node) for node in ready}
        waiting = [node for node in waiting if id(node) not in names]
    ordered = [onnx.NodeProto.FromString(node.SerializeToString()) for node in ordered]
    del graph.node[:]
    graph.node.extend(ordered)


def unrepeated(nodes: list[onnx.NodeProto], known: set[str]) -> list[onnx.NodeProto]:
    made, kept = set(known), []
    for node in nodes:
        if not made.issuperset(node.output):
            kept.append(node)
            made.update(node.output)
    return kept


def merge_twins(model: onnx.ModelProto) -> None:
    """One copy of each constant: the exporter folds a table anew for every layer that uses it."""
    graph, first, names = model.graph, {}, {}
    for tensor in graph.initializer:
        key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
        names[tensor.name] = first.setdefault(key, tensor.name)
    kept = [tensor for tensor in graph.initializer if names[tensor.name] == tensor.name]
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    kept = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in kept]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def order_gelu(model: onnx.ModelProto) -> None:
    """x * (0.5 * (1 + erf)), as exported, becomes (x * (1 + erf)) * 0.5: the same number, and the form that runtimes compute in one pass."""
    graph = model.graph
    scalars = [tensor for tensor in graph.initializer if not tensor.dims]
    halves = {tensor.name for tensor in scalars if numpy_helper.to_array(tensor) == 0.5}
    made = {name: node for node in graph.node for name in node.output}
    for last in graph.node:
        if last.op_type != "Mul":
            continue
        x, inner = last.input[0], made.get(last.input[1])
        if inner is None or inner.op_type != "Mul" or inner.input[0] not in halves:
            continue
        one_more = made.get(inner.input[1])
        if one_more is None or one_more.op_type != "Add" or made.get(one_more.input[0], last).op_type != "Erf":
            continue
        half = inner.input[0]
        inner.input[:] = [x, one_more.output[0]]
        last.input[:] = [inner.output[0], half]


def enlargements(graph: onnx.GraphProto) -> list[str]:
    """Products that enlarge a mask: they are a resize, and stay float32 as one."""
    weights = {f"{ENLARGE}.across", f"{ENLARGE}.down"}
    return [node.name for node in graph.node if node.op_type == "MatMul" and weights.intersection(node.input)]


def float32_products(path: Path) -> list[str]:
    """Products without int8: enlargements, and those with a stack of constant matrices (SAM 1's relative positions), of which the runtime's
    int8 kernel takes one only."""
    graph = onnx.load(str(path)).graph
    ranks = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    stacked = [node.name for node in graph.node if node.op_type == "MatMul" and ranks.get(node.input[1], 2) > 2]
    return stacked + enlargements(graph)


def quantise(path: Path) -> None:
    """Dynamic int8 of MatMul weights (and Gemm); convolutions stay: their dynamic kernels are slower and lose more."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(path),
        str(path),
        op_types_to_quantize=["MatMul", "Gemm"],
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=float32_products(path),
        extra_options={"MatMulConstBOnly": True},
    )
    model = onnx.load(str(path))
    strip(model)
    onnx.save(model, str(path))


def snap_to_bytes(model: torch.nn.Module, least: int = 512) -> None:
    """Rounds matrices to a grid of 255 values, so that `store_bytes` loses nothing and the torch reference uses the same weights."""
    for parameter in model.parameters():
        if parameter.ndim >= 2 and parameter.numel() >= least:
            scale = float(parameter.detach().abs().max()) / 127
            grid = np.float32(scale)
            rounded = np.rint(parameter.detach().numpy() / grid).astype(np.int8).astype(np.float32) * grid
            parameter.data.copy_(torch.from_numpy(rounded))


def store_bytes(model: onnx.ModelProto, least: int = 512) -> None:
    """Replaces float32 initializers that lie on a grid of 255 values by int8 + Cast + Mul; exact, and folded at load."""
    graph, kept, nodes = model.graph, [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        grid = np.float32(np.abs(values).max() / 127) if values.dtype == np.float32 and values.size >= least else np.float32(0)
        rounded = np.rint(values / grid).astype(np.int8) if grid > 0 else None
        if rounded is None or not np.array_equal(rounded.astype(np.float32) * grid, values):
            kept.append(tensor)
            continue
        name = tensor.name
        kept.append(numpy_helper.from_array(rounded, f"{name}_bytes"))
        kept.append(numpy_helper.from_array(np.array(grid), f"{name}_grid"))
        nodes.append(helper.make_node("Cast", [f"{name}_bytes"], [f"{name}_float"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}_float", f"{name}_grid"], [name]))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes.extend(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def save(model: onnx.ModelProto, path: Path) -> list[Path]:
    size = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    data = path.with_suffix(".onnx.data")
    data.unlink(missing_ok=True)
    if size <= EXTERNAL_ABOVE:
        onnx.save(model, str(path))
        return [path]
    onnx.save(model, str(path), save_as_external_data=True, all_tensors_to_one_file=True, location=data.name, size_threshold=1024)
    # Written for its owner alone; the graph beside it is for everybody.
    data.chmod(path.stat().st_mode)
    return [path, data]


def describe_border(path: Path) -> dict[str, list[dict[str, object]]]:
    """Names, types and shapes as the file has them, for pack.json."""
    graph = onnx.load(str(path), load_external_data=False).graph
    return {"inputs": [_port(value) for value in graph.input], "outputs": [_port(value) for value in graph.output]}


def _port(value: onnx.ValueInfoProto) -> dict[str, object]:
    tensor = value.type.tensor_type
    if tensor.elem_type not in DTYPES:
        raise RecipeError(f'The port "{value.name}" has a data type that packs do not know.')
    return {
        "name": value.name,
        "dtype": DTYPES[tensor.elem_type],
        "shape": [dim.dim_param or dim.dim_value for dim in tensor.shape.dim],
    }


def run(path: Path, inputs: dict[str, np.ndarray], wanted: Sequence[str]) -> list[np.ndarray]:
    """One call with onnxruntime on the CPU."""
    return open_session(path).run(list(wanted), inputs)


_sessions: dict[Path, object] = {}


def open_session(path: Path):
    import onnxruntime

    if path not in _sessions:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = torch.get_num_threads()
        _sessions[path] = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return _sessions[path]


def close_session(path: Path) -> None:
    _sessions.pop(path, None)
