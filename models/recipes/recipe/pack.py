"""pack.json, README.md and the files of the per-graph goldens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cases import Case
from .families import DETECTOR_CONSTANTS, Family
from .onnx_files import describe_border
from .source import Source, hash_file
from .verify import Finding, summary

FORMAT = 1


@dataclass(frozen=True)
class PackNumbers:
    """What the host needs to know about the graphs."""

    size: int
    grid: int
    mem_tokens: int
    mem_dim: int
    ptr_dim: int


@dataclass(frozen=True)
class TrackerNumbers:
    """Read from the checkpoint's config, so that a fine-tuned checkpoint keeps its own."""

    num_maskmem: int
    max_ptrs: int
    ptr_time: bool
    occlusion: bool
    scale: float
    bias: float
    multimask: tuple[int, int]
    stability: tuple[float, float]


def tracker_numbers(config) -> TrackerNumbers:
    decoder = config.mask_decoder_config
    return TrackerNumbers(
        num_maskmem=config.num_maskmem,
        max_ptrs=config.max_object_pointers_in_encoder,
        ptr_time=config.enable_temporal_pos_encoding_for_object_pointers,
        occlusion=config.enable_occlusion_spatial_embedding,
        scale=config.sigmoid_scale_for_mem_enc,
        bias=config.sigmoid_bias_for_mem_enc,
        multimask=(config.multimask_min_pt_num, config.multimask_max_pt_num),
        stability=(decoder.dynamic_multimask_stability_delta, decoder.dynamic_multimask_stability_thresh),
    )


def tracker_section(family: Family, numbers: TrackerNumbers) -> dict[str, object]:
    return {
        "numMaskmem": numbers.num_maskmem,
        "maxCond": family.max_cond,
        "maxPtrs": numbers.max_ptrs,
        "ptrTime": numbers.ptr_time,
        "occlusionEmbedding": numbers.occlusion,
        "sigmoidScale": numbers.scale,
        "sigmoidBias": numbers.bias,
        "multimask": {"min": numbers.multimask[0], "max": numbers.multimask[1]},
        "stability": {"delta": numbers.stability[0], "thresh": numbers.stability[1]},
        "memorySelection": family.memory_selection,
        "mfThreshold": 0.01,
    }


def graph_section(folder: Path, files: list[Path], precision: str) -> dict[str, object]:
    graph, *external = files
    return {
        "file": graph.name,
        "external": [{"file": file.name, "sha256": hash_file(file)} for file in external],
        "sha256": hash_file(graph),
        "precision": precision,
        "io": describe_border(folder / graph.name),
        "profiles": [],
    }


def manifest(
    pack_id: str,
    family: Family,
    source: Source,
    numbers: PackNumbers,
    graphs: dict[str, dict[str, object]],
    tracker: TrackerNumbers | None,
    queries: int | None,
    text: dict[str, object] | None,
    goldens: bool,
) -> dict[str, object]:
    answer: dict[str, object] = {
        "format": FORMAT,
        "id": pack_id,
        "arch": family.arch,
        "licence": source.licence or family.licence,
        "source": {"repo": source.repo, "revision": source.revision, "sha256": source.sha256},
        "image": {
            "size": numbers.size,
            "mean": list(family.mean),
            "std": list(family.std),
            "resize": family.resize,
            "filter": "bilinear-aa",
        },
        "grid": numbers.grid,
        "lowres": 4 * numbers.grid,
        "memTokens": numbers.mem_tokens,
        "memDim": numbers.mem_dim,
        "ptrDim": numbers.ptr_dim,
        "tracker": None if tracker is None else tracker_section(family, tracker),
        "detector": None if queries is None else {"numQueries": queries, **DETECTOR_CONSTANTS},
        "text": text,
        "graphs": graphs,
    }
    if tracker is not None:
        answer["maskPromptSize"] = 16 * numbers.grid
    else:
        # How an image-only host picks a mask; SAM 1 has no stability rule.
        answer["decoder"] = {"multimask": {"min": 0, "max": 1}, "stability": {"delta": 0, "thresh": 0}}
    if goldens:
        answer["goldens"] = "goldens/"
    return answer


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")


DTYPE_NAMES = {np.dtype(np.float32): "f32", np.dtype(np.int32): "i32", np.dtype(np.bool_): "u8", np.dtype(np.uint8): "u8"}


def write_component_goldens(folder: Path, cases: list[Case], picture: np.ndarray, skip: tuple[str, ...] = ()) -> None:
    """`skip`: shared tensors that are left out (the reader makes them from frame 0); they keep their names in the index."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, dict[str, object]] = {}

    def put(name: str, values: np.ndarray) -> str:
        if name not in tensors and name not in skip:
            dtype = DTYPE_NAMES[values.dtype]
            file = f"{name}.{dtype}"
            (folder / file).write_bytes(np.ascontiguousarray(values).tobytes())
            tensors[name] = {"name": name, "dtype": dtype, "shape": list(values.shape), "file": file}
        return name

    put("frame0_resized_u8", picture)
    rows = []
    for case in cases:
        named = {
            side: {
                port: put(case.shared.get(port, f"{case.role}.{case.name}.{side[:-1].removesuffix('put')}.{port}"), values)
                for port, values in ports.items()
            }
            for side, ports in (("inputs", case.inputs), ("outputs", case.outputs))
        }
        rows.append({"graph": case.role, "case": case.name, **named})
    write_json(folder / "index.json", {"tensors": list(tensors.values()), "cases": rows})


def write_card(
    folder: Path,
    pack_id: str,
    family: Family,
    source: Source,
    graphs: dict[str, dict[str, object]],
    findings: list[Finding],
    versions: str,
    random: bool,
) -> None:
    """The model card: what it is, where from, under which licence, how it was checked."""
    size = sum((folder / str(graph["file"])).stat().st_size for graph in graphs.values())
    size += sum((folder / entry["file"]).stat().st_size for graph in graphs.values() for entry in graph["external"])
    kind = "Random weights, for tests: it segments nothing meaningful." if random else f"Converted from `{source.repo}`."
    what = "image only: it segments stills and cannot track" if family.arch == "sam1" else "tracks objects through video"
    if "detector" in graphs:
        what += " and finds all instances of a phrase"
    lines = [
        f"# Model pack `{pack_id}`",
        "",
        f"{kind} Architecture `{family.arch}`; {what}. {len(graphs)} ONNX graphs, {size / 1e6:.1f} MB.",
        "",
        f"* Source: {source.repo}, revision {source.revision}, SHA-256 of the weights {source.sha256 or 'not applicable'}.",
        f"* Licence: {source.licence or family.licence_note}",
        f"* Made with {versions}.",
        f"* Precision: {', '.join(sorted({str(graph['precision']) for graph in graphs.values()}))}; inputs and outputs are float32.",
        "",
        "Checked with onnxruntime on the CPU against the checkpoint's own modules, relative difference by graph:",
        "",
        "```",
        summary(findings),
        "```",
        "",
        "`pack.json` is the manifest; every file it names carries its SHA-256. "
        "`goldens/components` holds inputs and outputs of each graph where the pack was made with them.",
        "",
    ]
    (folder / "README.md").write_text("\n".join(lines))
