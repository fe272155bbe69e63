#!/usr/bin/env python3
"""A pack in another precision, from its own graphs and without its checkpoint: python variant.py PACK --out FOLDER --int8 | --fp16."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recipe.errors import RecipeError  # noqa: E402


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="variant.py", description=__doc__)
    parser.add_argument("pack", help="folder of a pack (its pack.json)")
    parser.add_argument("--out", required=True, help="folder to make; must be new or empty")
    precision = parser.add_mutually_exclusive_group(required=True)
    precision.add_argument("--int8", action="store_true", help="dynamic int8 weights of matrix products")
    precision.add_argument("--fp16", action="store_true", help="half-precision weights and arithmetic, float32 borders")
    parser.add_argument("--conv", action="store_true", help="with --int8: convolutions too (faster to load, loses more)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    from recipe.compat import prepare

    prepare()
    try:
        build(options)
    except RecipeError as error:
        print(f"variant.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(options: argparse.Namespace) -> None:
    source, out = Path(options.pack), Path(options.out)
    if not (source / "pack.json").is_file():
        raise RecipeError(f'There is no pack.json in "{source}"; give the folder of a pack.')
    if out.exists() and any(out.iterdir()):
        raise RecipeError(f'"{out}" is not empty; give a new folder so that no file of another pack stays behind.')
    from recipe.source import hash_file

    precision = "int8" if options.int8 else "fp16"
    manifest = json.loads((source / "pack.json").read_text())
    for role, entry in manifest["graphs"].items():
        path = out / entry["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        count = convert(source / entry["file"], path, options)
        changed = count is None or count > 0
        entry.update(external=[], sha256=hash_file(path), precision=precision if changed else entry.get("precision", "fp32"))
        print(f"{role}: {entry['precision']}" + ("" if count is None else f", {count} operators"), flush=True)
    vocabulary = (manifest.get("text") or {}).get("vocab")
    if vocabulary and (source / vocabulary).is_file():
        shutil.copyfile(source / vocabulary, out / vocabulary)
    manifest["id"] = f"{manifest['id']}-{precision}{'-conv' if options.conv else ''}"[:64]
    manifest.pop("goldens", None)
    (out / "pack.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"done: {manifest['id']}")


def convert(source: Path, target: Path, options: argparse.Namespace) -> int | None:
    """Returns how many operators became int8; None for half precision."""
    import onnx

    from recipe.onnx_files import half_precision, strip

    with tempfile.TemporaryDirectory() as scratch:
        folded = Path(scratch) / "folded.onnx"
        fold(source, folded)
        if options.fp16:
            model = half_precision(onnx.load(str(folded)))
            strip(model)
            onnx.save(model, str(target))
            return None
        return quantise(folded, target, options.conv)


def fold(source: Path, target: Path) -> None:
    """Weights that are stored as bytes and cast become plain constants, which is what converters look for."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def quantise(source: Path, target: Path, conv: bool) -> int:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from recipe.onnx_files import float32_products, strip

    # The kernel of int8 convolutions takes unsigned weights only.
    quantize_dynamic(
        str(source),
        str(target),
        op_types_to_quantize=["MatMul", "Gemm", *(["Conv"] if conv else [])],
        weight_type=QuantType.QUInt8 if conv else QuantType.QInt8,
        per_channel=not conv,
        nodes_to_exclude=float32_products(source),
        extra_options={"MatMulConstBOnly": True},
    )
    model = onnx.load(str(target))
    strip(model)
    onnx.save(model, str(target))
    return sum(node.op_type in ("MatMulInteger", "ConvInteger", "DynamicQuantizeMatMul") for node in model.graph.node)


if __name__ == "__main__":
    sys.exit(main())
