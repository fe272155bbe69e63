"""The steps of `export.py`: load, export, check, describe."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import transformers

from . import attention, bpe, tiny
from .cases import MASK_PROMPT, Case, TrackerCases, detector_cases, pixel_values, sam1_cases
from .errors import RecipeError
from .families import FAMILIES, Family
from .onnx_files import GraphSpec, WriteOptions, snap_to_bytes, write_graph
from .pack import (
    PackNumbers,
    graph_section,
    manifest,
    tracker_numbers,
    write_card,
    write_component_goldens,
    write_json,
)
from .reference import DetectorReference, Sam1Reference, TrackerReference
from .roles import detector_roles, sam1_roles, tracker_roles
from .source import Source, hash_file, load_checkpoint, load_tiny
from .tracker_graphs import MemoryAttention, memory_token_count
from .verify import Finding, summary, verify
from .video import make_clip, model_picture

PHRASES = ["a small red ball", "striped square", "visual"]
#: Left out of small goldens: whoever reads them makes these from frame 0.
LARGE = ("pixel_values_frame0", "shared_det_s4", "shared_det_s8")


@dataclass
class Plan:
    """What a family contributes."""

    specs: list[GraphSpec]
    cases: list[Case]
    picture: np.ndarray
    numbers: PackNumbers
    tracker_config: object | None
    queries: int | None
    merges: list[str] | None


def build(options: argparse.Namespace) -> None:
    family = FAMILIES[options.family]
    out = prepare_folder(options)
    source = load(options, family)
    if options.tiny_compact:
        snap_to_bytes(source.model)
    attention.register()
    attention.plan.mode = options.attention
    if options.tiny:
        # Small enough that the chunked path is taken by tiny graphs as well.
        attention.plan.max_scores = 2048
    torch.manual_seed(options.seed)
    rich = (options.goldens or ("full" if options.tiny else "small")) == "full"
    plan = plan_sam1(family, source, options) if family.arch == "sam1" else plan_tracker(family, source, options, rich)
    precision = "int8" if options.int8 else options.precision
    graphs = write_graphs(plan.specs, source.model, out, options, precision)
    print("checking with onnxruntime", flush=True)
    findings = verify(out, plan.cases, precision)
    finish(out, options, family, source, plan, graphs, findings)


def prepare_folder(options: argparse.Namespace) -> Path:
    out = Path(options.out)
    if out.exists() and any(out.iterdir()):
        raise RecipeError(f'"{out}" is not empty; give a new folder so that no file of another pack stays behind.')
    if options.int8 and options.precision == "fp16":
        raise RecipeError("--int8 quantises a float32 pack; leave out --precision fp16.")
    if options.tiny_compact and (not options.tiny or options.precision == "fp16" or options.int8):
        raise RecipeError("--tiny-compact goes with --tiny and float32 only.")
    if options.tiny and options.source:
        raise RecipeError("--tiny makes random weights; it takes no --source.")
    out.mkdir(parents=True, exist_ok=True)
    return out


def variant_of(options: argparse.Namespace, family: Family) -> str:
    variant = options.variant or family.default_variant
    if variant not in family.hub:
        raise RecipeError(f'{options.family} has no variant "{variant}"; choose one of {", ".join(family.hub)}.')
    return variant


def label_of(options: argparse.Namespace, family: Family) -> str:
    if options.tiny:
        return "tiny-random"
    return variant_of(options, family) if options.variant or not options.source else "custom"


def load(options: argparse.Namespace, family: Family) -> Source:
    print("loading", flush=True)
    if options.tiny:
        return load_tiny(family, options.seed, tiny.TinySize(options.tiny_hidden, options.tiny_queries))
    # A checkpoint of one's own may be of no published size: its variant is checked only when it is named.
    claimed = variant_of(options, family) if options.variant or not options.source else None
    return load_checkpoint(family, claimed, options.source, options.mirror, options.vocab, not options.tracker_only)


def first_picture(side: int, family: Family) -> np.ndarray:
    return model_picture(make_clip().frames[0], side, family.resize)


def plan_tracker(family: Family, source: Source, options: argparse.Namespace, rich: bool) -> Plan:
    reference = TrackerReference(source.model, family.arch)
    detector = family.arch == "sam3" and not options.tracker_only
    picture = first_picture(reference.side, family)
    pixels = pixel_values(picture, family.mean, family.std)
    cases = TrackerCases(reference, pixels, options.seed + 2, rich, detector)
    specs, all_cases, queries = tracker_roles(reference, detector), cases.all(), None
    if detector:
        model = source.model.detector_model
        specs += detector_roles(source.model)
        all_cases += detector_cases(DetectorReference(model), cases.image, source.merges or [], PHRASES, rich)
        queries = model.config.detr_decoder_config.num_queries
    numbers = PackNumbers(
        reference.side, reference.grid, memory_token_count(reference.model), int(reference.model.mem_dim), reference.width
    )
    return Plan(specs, all_cases, picture, numbers, reference.model.config, queries, source.merges if detector else None)


def plan_sam1(family: Family, source: Source, options: argparse.Namespace) -> Plan:
    reference = Sam1Reference(source.model)
    picture = first_picture(reference.side, family)
    pixels = pixel_values(picture, family.mean, family.std)
    # Zeros come after normalisation in SAM 1.
    width, height = make_clip().size
    rows = math.floor(height * reference.side / max(width, height) + 0.5)
    pixels[:, :, rows:] = 0
    cases = sam1_cases(reference, pixels, options.seed + 2)
    numbers = PackNumbers(reference.side, reference.grid, 0, 0, source.model.config.mask_decoder_config.hidden_size)
    return Plan(sam1_roles(source.model), cases, picture, numbers, None, None, None)


def write_graphs(
    specs: list[GraphSpec], model: torch.nn.Module, out: Path, options: argparse.Namespace, precision: str
) -> dict[str, dict[str, object]]:
    write = WriteOptions(options.precision, options.int8, options.tiny_compact)
    graphs = {}
    with attention.library_attention(model, attention.NAME):
        for spec in specs:
            print(f"exporting {spec.role}", flush=True)
            graphs[spec.role] = graph_section(out, write_graph(spec, out, write), precision)
            if isinstance(spec.module, MemoryAttention):
                graphs[spec.role]["queriesAtOnce"] = spec.module.queries_at_once()
    return graphs


def finish(
    out: Path,
    options: argparse.Namespace,
    family: Family,
    source: Source,
    plan: Plan,
    graphs: dict[str, dict[str, object]],
    findings: list[Finding],
) -> None:
    goldens = options.goldens or ("full" if options.tiny else "small")
    text = None if plan.merges is None else write_vocabulary(out, source, plan.merges)
    if goldens != "none":
        # All cases have been checked above; these are the ones worth their bytes.
        kept = {
            "full": plan.cases,
            "small": [case for case in plan.cases if case.role != "mask_prompt"],
            "encoder": [case for case in plan.cases if case.role == "image_encoder" or case.name == MASK_PROMPT],
        }
        cases = kept[goldens]
        write_component_goldens(out / "goldens/components", cases, plan.picture, () if goldens == "full" else LARGE)
    precision = "int8" if options.int8 else options.precision
    name = options.id or "-".join([family.arch, label_of(options, family), precision])
    tracker = None if plan.tracker_config is None else tracker_numbers(plan.tracker_config)
    description = manifest(name, family, source, plan.numbers, graphs, tracker, plan.queries, text, goldens != "none")
    write_json(out / "pack.json", description)
    versions = (
        f"torch {torch.__version__}, transformers {transformers.__version__}, onnx {onnx.__version__}, "
        f"onnxruntime {onnxruntime.__version__}"
    )
    write_card(out, name, family, source, graphs, findings, versions, options.tiny)
    total = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    print(f"{summary(findings)}\ndone: {name}, {total / 1e6:.1f} MB in {out}", flush=True)


def write_vocabulary(out: Path, source: Source, merges: list[str]) -> dict[str, object]:
    path = out / "bpe-merges.txt"
    path.write_text(bpe.vocabulary_text(merges), encoding="utf-8")
    context = source.model.config.detector_config.text_config.max_position_embeddings
    return {
        "contextLength": context,
        "padId": 0,
        "vocab": path.name,
        "vocabSha256": hash_file(path),
        "vocabBundled": True,
    }
