"""A timm model without its head as a pack of kind `backbone`: pixel_values [B, 3, S, S] -> embedding [B, E]."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import timm
import torch
from timm.data import create_transform, resolve_model_data_config

from .errors import RecipeError
from .onnx_files import GraphSpec, WriteOptions, open_session, write_graph
from .pack import graph_section, write_json
from .source import hash_file

#: Smaller models of the same classes, so that tests go the same way: side of the picture, and what changes.
TINY = {
    "vit_": (56, {"img_size": 56, "embed_dim": 48, "depth": 2, "num_heads": 3}),
    "sam2_hiera": (128, {"embed_dim": 16, "stages": (1, 1, 2, 1), "num_heads": 1, "global_att_blocks": (3,), "global_pos_size": (4, 4)}),
}
#: Largest difference from torch, relative to the vector's largest number; int8 is only told, not judged.
LIMITS = {"fp32": 1e-4, "fp16": 2e-2, "int8": math.inf}


class Embedding(torch.nn.Module):
    """What timm gives with num_classes=0: pooled and normalised features."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.model(pixel_values)


def build(options: argparse.Namespace) -> None:
    out = Path(options.out)
    if out.exists() and any(out.iterdir()):
        raise RecipeError(f'"{out}" is not empty; give a new folder so that no file of another pack stays behind.')
    if options.int8 and options.precision == "fp16":
        raise RecipeError("--int8 goes with fp32; choose one of the two.")
    model, sha256, side = load(options)
    config = resolve_model_data_config(model, args=None if side is None else {"input_size": (3, side, side)})
    side = config["input_size"][1]
    picture = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(options.seed)) * 2 - 1
    expected = model(picture)
    precision = "int8" if options.int8 else options.precision
    out.mkdir(parents=True, exist_ok=True)
    spec = GraphSpec("backbone", Embedding(model), {"pixel_values": picture}, ("embedding",), {"pixel_values": {0: "batch"}})
    files = write_graph(spec, out, WriteOptions(precision=options.precision, int8=options.int8))
    difference = check(out, picture, expected, precision)
    pack_id = options.id or default_id(options, precision)
    manifest = {
        "format": 1,
        "kind": "backbone",
        "id": pack_id,
        "arch": options.name,
        "licence": licence_of(model),
        "source": {"repo": source_of(options), "revision": None, "sha256": sha256},
        "image": {
            "size": side,
            "mean": list(config["mean"]),
            "std": list(config["std"]),
            "resize": "shortest-crop",
            "filter": filter_of(config["interpolation"]),
            "cropPct": config["crop_pct"],
        },
        "embedding": {"dims": expected.shape[1]},
        "graphs": {"backbone": graph_section(out, files, precision)},
    }
    write_json(out / "pack.json", manifest)
    write_card(out, manifest, difference, config)
    print(f"done: {pack_id}, {side} px -> {expected.shape[1]} numbers, largest relative difference {difference:.1e}")


def load(options: argparse.Namespace) -> tuple[torch.nn.Module, str | None, int | None]:
    """The model, the hash of its weights, and the side of the picture when it is not the model's own."""
    side = options.size
    # Hiera takes any side as it is; the others make their position table for one.
    changes = {} if side is None or options.name.startswith("sam2_hiera") else {"img_size": side}
    torch.manual_seed(options.seed)
    if options.tiny:
        tiny = next((form for prefix, form in TINY.items() if options.name.startswith(prefix)), None)
        if tiny is None:
            raise RecipeError(f'There is no tiny form of "{options.name}"; use --random.')
        side, changes = tiny
    fetched = not (options.random or options.tiny or options.source)
    try:
        # `exportable` takes the plain attention, which every provider can run.
        model = timm.create_model(options.name, pretrained=fetched, num_classes=0, exportable=True, **changes)
    except Exception as error:  # noqa: BLE001 - timm and the hub raise everything
        raise RecipeError(f'timm could not make "{options.name}" ({str(error).splitlines()[0][:160]}); check the name, or give --source.') from error
    sha256 = None
    if options.source:
        sha256 = load_weights(model, Path(options.source))
    if options.tiny:
        # Default initialisation leaves some parameters without effect; every one must matter.
        for parameter in model.parameters():
            parameter.data += 0.05 * torch.randn(parameter.shape)
    return model.eval(), sha256, side


def load_weights(model: torch.nn.Module, path: Path) -> str:
    from safetensors.torch import load_file

    if not path.is_file():
        raise RecipeError(f'There is no file "{path}"; give the model.safetensors of the model.')
    try:
        state = load_file(str(path))
    except Exception as error:  # noqa: BLE001
        raise RecipeError(f'"{path}" is not a safetensors file (a git-lfs pointer?): {str(error).splitlines()[0][:120]}.') from error
    result = model.load_state_dict(state, strict=False)
    missing = list(result.missing_keys)
    unexpected = [key for key in result.unexpected_keys if not key.startswith(("head.fc", "head.weight", "head.bias"))]
    if missing or unexpected:
        raise RecipeError(f'"{path}" does not fit the model: {len(missing)} tensors missing, {len(unexpected)} unknown (first: {(missing + unexpected)[0]}).')
    return hash_file(path)


def check(out: Path, picture: torch.Tensor, expected: torch.Tensor, precision: str) -> float:
    (found,) = open_session(out / "backbone.onnx").run(["embedding"], {"pixel_values": picture.numpy()})
    # One picture alone must give what it gives in a batch.
    (alone,) = open_session(out / "backbone.onnx").run(["embedding"], {"pixel_values": picture[:1].numpy()})
    scale = float(expected.abs().max())
    difference = float(np.abs(found - expected.numpy()).max()) / scale
    batch = float(np.abs(found[:1] - alone).max()) / scale
    if not difference <= LIMITS[precision] or not batch <= LIMITS[precision]:
        raise RecipeError(f"The graph differs from torch by {difference:.1e} ({batch:.1e} between batch sizes); the export is not usable.")
    return difference


def default_id(options: argparse.Namespace, precision: str) -> str:
    stem = options.name.split(".")[0].replace("_", "-")
    marks = [mark for mark, wanted in (("tiny", options.tiny), ("random", options.random)) if wanted]
    return "-".join([stem, *marks, *([] if precision == "fp32" else [precision])])[:64]


def source_of(options: argparse.Namespace) -> str:
    if options.tiny or options.random:
        return f"random weights, seed {options.seed}"
    return Path(options.source).name if options.source else f"timm/{options.name}"


def licence_of(model: torch.nn.Module) -> str:
    return str(model.pretrained_cfg.get("license") or "unknown, see the source")


def filter_of(interpolation: str) -> str:
    if interpolation not in ("bicubic", "bilinear"):
        raise RecipeError(f'The model resizes with "{interpolation}", which packs do not know.')
    return f"{interpolation}-aa"


def write_card(out: Path, manifest: dict, difference: float, config: dict) -> None:
    transform = create_transform(**config, is_training=False)
    steps = ", ".join(type(step).__name__ for step in transform.transforms)
    lines = [
        f"# Backbone `{manifest['id']}`",
        "",
        f"timm `{manifest['arch']}`, {manifest['source']['repo']}: a picture of {manifest['image']['size']} px becomes {manifest['embedding']['dims']} numbers.",
        "",
        f"* Licence: {manifest['licence']}. SHA-256 of the weights: {manifest['source']['sha256'] or 'not applicable'}.",
        f"* Preprocessing as timm's own evaluation transform ({steps}), described in `pack.json`.",
        f"* Made with timm {timm.__version__}, torch {torch.__version__.split('+')[0]}, onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}.",
        f"* Largest difference from torch on two random pictures, relative to the largest number: {difference:.1e}.",
        "",
    ]
    (out / "README.md").write_text("\n".join(lines))
