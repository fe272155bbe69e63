"""Trajectory and detection goldens of a tiny pack, in the layout of the engine's golden tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import bpe
from .cases import pixel_values
from .concept_loop import Concept, ConceptLoop
from .errors import RecipeError
from .families import Family
from .host_loop import HostLoop, Result, Settings, video_mask
from .pack import write_json
from .reference import DetectorReference, Features, TrackerReference
from .unseen import Chance, scenarios_by_chance
from .video import Clip, model_picture

#: What the reference predictor of each family does with corrections.
SETTINGS = {
    "sam2.1": Settings(),
    "edgetam": Settings(),
    "sam3": Settings(refine_uses_memory=False, clear_around=True),
}
#: A decision closer than this could flip on another machine; such a seed is refused.
LEAST_MARGIN = 1e-3
#: A relative error of 1e-6 in the features may move the logits by this much, no more: dynamics that amplify it cannot be compared.
MOST_GROWTH = 1.5e-3
DETECTION_FRAMES = (0, 5)


def scenarios(clip: Clip, mask_file: str) -> dict[str, list[dict]]:
    """Steps in video pixels."""
    rows, columns = np.nonzero(clip.mask)
    x, y = round(float(columns.mean()), 1), round(float(rows.mean()), 1)
    box = [float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)]
    width, height = clip.size
    last = len(clip.frames) - 1
    away, third = [round(width * 0.12, 1), round(height * 0.8, 1)], [round(width * 0.7, 1), round(height * 0.3, 1)]
    click = {"op": "points", "obj": 1, "frame": 0, "points": [[x, y]], "labels": [1]}
    return {
        "a-point-forward": [click, {"op": "propagate"}],
        "b-box-negative": [
            {"op": "points", "obj": 1, "frame": 0, "points": [away], "labels": [0], "box": box},
            {"op": "propagate", "end": last // 2},
        ],
        "c-mask": [
            {"op": "mask", "obj": 7, "frame": 0, "mask": mask_file, "pixels": clip.mask},
            {"op": "propagate", "end": last // 2},
        ],
        "d-two-objects": [
            click,
            {"op": "propagate", "start": 0, "end": 2},
            {"op": "points", "obj": 2, "frame": 3, "points": [third, away], "labels": [1, 0]},
            {"op": "propagate", "start": 3, "end": last - 1},
        ],
        "e-refine": [
            click,
            {"op": "propagate", "end": last // 2 + 1},
            {"op": "points", "obj": 1, "frame": last // 2, "points": [away], "labels": [0]},
            {"op": "propagate", "start": last // 2, "end": last},
        ],
        "f-reverse": [click | {"frame": last}, {"op": "propagate", "start": last, "reverse": True}],
    }


@dataclass(frozen=True)
class Played:
    """A trajectory that was carried out."""

    name: str
    steps: list[dict]
    settings: Settings
    loop: HostLoop
    #: what a relative error of 1e-6 in the features became in the logits
    growth: float

    @property
    def margin(self) -> float:
        return min(value for result in self.loop.results for value in result.entry.margins.values())

    @property
    def foreground(self) -> float:
        return float(np.mean([(entry.logits > 0).float().mean() for entry in self.loop.rows]))

    def __str__(self) -> str:
        scores = [result.entry.score for result in self.loop.results]
        return (
            f"  {self.name:16} {len(self.loop.results)} results, margin {self.margin:.4f}, foreground {self.foreground:.2f}, "
            f"scores {min(scores):.1f}..{max(scores):.1f}, growth {self.growth:.0e}"
        )


def play_by_chance(
    constants: dict, reference: TrackerReference, images: list[Features], chance: Chance, family: Family
) -> list[Played]:
    """Carries out scenarios by chance, whatever comes of them; each says how far a rounding error could carry it."""
    clip, settings = chance.clip, SETTINGS[family.arch]
    runs = [(name, steps, settings) for name, steps in scenarios_by_chance(chance).items()]
    if family.memory_selection:
        runs.append(("clicks-selective", runs[0][1], replace(settings, memory_selection=True)))
    features = [images, shaken(images)]
    played = []
    for name, steps, used in runs:
        loops = [HostLoop(reference, some, clip.size, used, constants) for some in features]
        for step in steps:
            for loop in loops:
                loop.carry_out(step)
        played.append(Played(name, steps, used, loops[0], apart(*loops)))
    return played


def shaken(images: list[Features]) -> list[Features]:
    """The same features with a relative error of 1e-6."""
    generator = torch.Generator().manual_seed(1)
    return [replace(image, s16=image.s16 * (1 + 1e-6 * torch.randn(image.s16.shape, generator=generator))) for image in images]


def apart(one: HostLoop, other: HostLoop) -> float:
    return max(float((a.entry.logits - b.entry.logits).abs().max()) for a, b in zip(one.results, other.results))


def play(constants: dict, reference: TrackerReference, images: list[Features], clip: Clip, family: Family, video: str) -> list[Played]:
    """Carries out every scenario. Refuses runs whose decisions hang by a thread or whose masks say nothing."""
    usual = SETTINGS[family.arch]
    runs = [(name, steps, usual) for name, steps in scenarios(clip, f"{video}/mask-frame0-shape1.png").items()]
    if family.memory_selection:
        runs.append(("j-selection", runs[0][1], replace(usual, memory_selection=True)))
    features = [images, shaken(images)]
    played = []
    for name, steps, settings in runs:
        loop, other = (HostLoop(reference, some, clip.size, settings, constants) for some in features)
        for step in steps:
            loop.carry_out(step)
            other.carry_out(step)
        one = Played(name, steps, settings, loop, apart(loop, other))
        if one.growth > MOST_GROWTH:
            raise RecipeError(f"{name}: a small error grows to {one.growth:.1e}; another seed is needed.")
        if one.margin < LEAST_MARGIN or not 0.03 < one.foreground < 0.9:
            raise RecipeError(f"{one.name}: margin {one.margin:.4f}, foreground {one.foreground:.2f}: too close to call; another seed is needed.")
        played.append(one)
    scores = {source: [r.entry.score for one in played for r in one.loop.results if r.source == source] for source in ("prompt", "tracked")}
    if min(scores["prompt"]) < 0 or min(scores["tracked"]) > 0:
        raise RecipeError("a prompted object is hidden, or none is while it is tracked: prompts or hidden objects would not show; another seed is needed.")
    return played


def encode_clip(reference: TrackerReference, clip: Clip, family: Family) -> list[Features]:
    pictures = [model_picture(frame, reference.side, family.resize) for frame in clip.frames]
    return [reference.image(pixel_values(picture, family.mean, family.std)) for picture in pictures]


def write_trajectory(folder: Path, played: Played, clip: Clip, video: str) -> None:
    loop, settings = played.loop, played.settings
    folder.mkdir(parents=True, exist_ok=True)
    masks = [video_mask(entry.logits, clip.size) for entry in loop.rows]
    Image.fromarray(np.concatenate(masks).astype(np.uint8) * 255).convert("1").save(folder / "masks.png", optimize=True)
    np.stack([entry.logits.numpy() for entry in loop.rows]).astype("<f4").tofile(folder / "low_res_logits.f32")
    width, height = clip.size
    write_json(
        folder / "trajectory.json",
        {
            "name": played.name,
            "video": f"{video}/frames",
            "width": width,
            "height": height,
            "numFrames": len(clip.frames),
            "steps": [{key: value for key, value in step.items() if key != "pixels"} for step in played.steps],
            "settings": {
                "refineAsCond": settings.refine_as_cond,
                "refineUsesMemory": settings.refine_uses_memory,
                "clearAround": settings.clear_around,
                "memorySelection": settings.memory_selection,
            },
            "margin": played.margin,
            "growth": played.growth,
            "masksFile": "masks.png",
            "results": [describe(index, result) for index, result in enumerate(loop.results)],
        },
    )


def describe(index: int, result: Result) -> dict[str, object]:
    entry = result.entry
    answer: dict[str, object] = {
        "index": index,
        "tensorRow": entry.row,
        "source": result.source,
        "frame": result.frame,
        "obj": result.obj,
        "score": entry.score,
        "ious": entry.ious,
        "maskIndex": entry.mask_index,
        "pointerIndex": entry.pointer_index,
    }
    if result.bank is not None:
        answer["bank"] = result.bank
    return answer


def write_detections(folder: Path, whole: torch.nn.Module, images: list[Features], clip: Clip, merges: list[str]) -> str:
    """Phrases and one exemplar on two frames: which queries pass, their scores, boxes and masks."""
    detector = DetectorReference(whole.detector_model)
    tokenizer = bpe.Tokenizer(merges, whole.detector_model.config.text_config.max_position_embeddings)
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for frame in DETECTION_FRAMES:
        for phrase, boxes in (("a small red ball", []), ("striped square", []), ("visual", [[0.5, 0.45, 0.4, 0.5]])):
            cases.append(detection_case(folder, detector, tokenizer, images[frame], clip.size, frame, phrase, boxes))
    concepts = [{"text": phrase, "ids": tokenizer.encode(phrase)[0]} for phrase in dict.fromkeys(case["concept"] for case in cases)]
    write_json(folder / "detections.json", {"concepts": concepts, "cases": cases})
    return f"  detections       {len(cases)} cases, {sum(len(case['keep']) for case in cases)} kept"


def detection_case(
    folder: Path,
    detector: DetectorReference,
    tokenizer: bpe.Tokenizer,
    image: Features,
    video: tuple[int, int],
    frame: int,
    phrase: str,
    boxes: list[list[float]],
) -> dict[str, object]:
    ids, mask = (torch.tensor([values]) for values in tokenizer.encode(phrase))
    given = torch.tensor([boxes]) if boxes else torch.full((1, 1, 4), 0.5)
    labels, valid = torch.ones(given.shape[:2], dtype=torch.int64), torch.full(given.shape[:2], bool(boxes))
    logits, corners, presence, masks, _ = detector.detect(image.det, detector.text(ids, mask), mask.bool(), given, labels, valid)
    scores = torch.sigmoid(logits) * torch.sigmoid(presence)
    ranked = torch.sort(scores).values
    at = int(torch.argmax(ranked[3:-2] - ranked[2:-3])) + 2
    threshold = float((ranked[at] + ranked[at + 1]) / 2)
    keep = [index for index in range(len(scores)) if scores[index] > threshold]
    tiles = np.concatenate([video_mask(masks[index], video) for index in keep])
    name = f"frame{frame}-{phrase.replace(' ', '-')}"
    Image.fromarray(tiles.astype(np.uint8) * 255).convert("1").save(folder / f"{name}.png", optimize=True)
    scale = torch.tensor([video[0], video[1], video[0], video[1]])
    return {
        "name": name,
        "threshold": threshold,
        "frame": frame,
        "concept": phrase,
        "boxes": boxes,
        "boxLabels": [1] * len(boxes),
        "keep": keep,
        "scores": [float(scores[index]) for index in keep],
        "boxesXyxyPixels": [[float(edge) for edge in corners[index] * scale] for index in keep],
        "keepAfterNms05": suppress(keep, scores, masks > 0, 0.5),
    }


#: random weights tell some of these apart and some not
PHRASES_BY_CHANCE = ("a small red ball", "striped square", "blue dog", "car", "person", "green leaf", "wheel", "tall house")


def rules_by_chance(manifest: dict, source: torch.nn.Module, images: list[Features], merges: list[str]) -> tuple[dict, list[str]]:
    """The manifest's detector section with a threshold that a few queries pass on each frame, and two phrases whose scores keep away from it."""
    detector = DetectorReference(source.detector_model)
    tokenizer = bpe.Tokenizer(merges, source.detector_model.config.text_config.max_position_embeddings)
    box, label, none = torch.full((1, 1, 4), 0.5), torch.ones(1, 1, dtype=torch.int64), torch.zeros(1, 1, dtype=torch.bool)
    found = []
    for phrase in PHRASES_BY_CHANCE:
        ids, mask = (torch.tensor([values]) for values in tokenizer.encode(phrase))
        scores = []
        for image in images:
            logits, _, presence, _, _ = detector.detect(image.det, detector.text(ids, mask), mask.bool(), box, label, none)
            scores.append(torch.sigmoid(logits) * torch.sigmoid(presence))
        ranked = torch.cat(scores).sort(descending=True).values
        # In the widest gap of those between which a few a frame pass.
        low, high = len(ranked) // 12, len(ranked) // 2
        gaps = ranked[low:high] - ranked[low + 1 : high + 1]
        at = low + int(torch.argmax(gaps))
        found.append((float(gaps.max()), float(ranked[at] + ranked[at + 1]) / 2, phrase, ranked))
    _, threshold, phrase, _ = max(found)
    away = [(float((ranked - threshold).abs().min()), other) for _, _, other, ranked in found if other != phrase]
    changed = {"scoreThreshold": threshold, "newDetThresh": threshold, "detNmsThresh": 0.6, "hotstartUnmatchThresh": 4}
    return manifest | changed | {"hotstartDupThresh": 4, "reconditionEvery": 1000, "assocIou": 0.4}, [phrase, max(away)[1]]


def write_concepts(folder: Path, rules: dict, named: list[str], reference: TrackerReference, source, images, chance: Chance, constants: dict) -> list[str]:
    """Phrases and exemplars through the whole clip: the masks that every object must have on every frame."""
    tokenizer = bpe.Tokenizer(source.merges, source.model.detector_model.config.text_config.max_position_embeddings)
    width, height = chance.clip.size
    first, later = chance.box(0, 0, 0)["box"], chance.box(0, 3, 0)["box"]
    one, other = named
    exemplars = [(0, first, True), (3, later, False)]
    told = []
    for name, phrases, boxes in [
        ("one-phrase", [one], []),
        ("two-phrases", [one, other], []),
        ("phrase-and-exemplars", [one], exemplars),
        ("exemplar-alone", [None], exemplars[:1]),
    ]:
        concepts = []
        for phrase in phrases:
            shown = {frame: [(*relative(box, width, height), include)] for frame, box, include in boxes}
            concepts.append(Concept(*tokenizer.encode(phrase or "visual"), named=phrase is not None, exemplars=shown))
        # The video model selects what its objects remember; the stand-alone predictor, whose clicks the other scenarios follow, does not.
        host = HostLoop(reference, images, chance.clip.size, replace(SETTINGS["sam3"], memory_selection=True), constants)
        loop = ConceptLoop(host, DetectorReference(source.model.detector_model), images, rules)
        loop.run(concepts)
        rows = [(obj, frame, mask) for obj, frames in sorted(loop.shown.items()) for frame, mask in sorted(frames.items())]
        (folder / name).mkdir(parents=True)
        tiles = [mask for _, _, mask in rows]
        stacked = np.concatenate(tiles or [np.zeros((height, width), bool)])
        Image.fromarray(stacked.astype(np.uint8) * 255).convert("1").save(folder / name / "masks.png")
        write_json(
            folder / name / "concept.json",
            {
                "width": width,
                "height": height,
                "phrases": [phrase for phrase in phrases if phrase is not None],
                "exemplars": [{"frame": frame, "box": box, "include": include} for frame, box, include in boxes],
                "margin": loop.margin,
                "masks": [[obj, frame] for obj, frame, _ in rows],
            },
        )
        told.append(f"  {name:16} {loop.count} objects began, {len(rows)} masks, margin {loop.margin:.4f}")
    return told


def relative(box: list[float], width: int, height: int) -> tuple[float, float, float, float]:
    """x0 y0 x1 y1 in pixels -> centre and size, 0..1."""
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height


def suppress(keep: list[int], scores: torch.Tensor, masks: torch.Tensor, limit: float) -> list[int]:
    """Greedy mask NMS by score."""
    kept: list[int] = []
    for index in sorted(keep, key=lambda index: -float(scores[index])):
        overlaps = [
            float((masks[index] & masks[other]).sum()) / max(1.0, float((masks[index] | masks[other]).sum())) for other in kept
        ]
        if all(overlap <= limit for overlap in overlaps):
            kept.append(index)
    return sorted(kept)
