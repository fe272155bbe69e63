"""Trajectory and detection goldens of a tiny pack, in the layout of the engine's golden tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import bpe
from .cases import pixel_values
from .cuts import Cuts
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
NOTHING = "its masks are nearly empty or nearly full"
DETECTION_FRAMES = (0, 5)
#: Prompts that are tried, in video pixels beside the object's middle.
MOVES = ((0, 0), (1.5, 0.5), (-1.5, 1), (0.5, -2), (2.5, 2), (-2.5, -1), (5, 3), (-5, 4), (4, -5), (-6, -4), (9, 2), (-9, 1))


def scenarios(clip: Clip, mask_file: str, moved: tuple[float, float] = (0, 0)) -> dict[str, list[dict]]:
    """Steps in video pixels; `moved`: by how much clicks and box are beside where they belong."""
    rows, columns = np.nonzero(clip.mask)
    right, down = moved
    x, y = round(float(columns.mean()) + right, 1), round(float(rows.mean()) + down, 1)
    box = [float(columns.min()) + right, float(rows.min()) + down, float(columns.max() + 1) + right, float(rows.max() + 1) + down]
    width, height = clip.size
    last = len(clip.frames) - 1
    away = [round(width * 0.12 + abs(right), 1), round(height * 0.8 + down, 1)]
    third = [round(width * 0.7 + right, 1), round(height * 0.3 + abs(down), 1)]
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
    """Carries out every scenario, with prompts moved a little where they hang by a thread. Refuses masks that say nothing."""
    usual, features = SETTINGS[family.arch], [images, shaken(images)]
    mask = f"{video}/mask-frame0-shape1.png"
    runs = [(name, name, usual) for name in scenarios(clip, mask)]
    if family.memory_selection:
        runs.append(("j-selection", "a-point-forward", replace(usual, memory_selection=True)))
    played = []
    for name, like, settings in runs:
        complaints = []
        for moved in MOVES:
            steps = scenarios(clip, mask, moved)[like]
            loops = [HostLoop(reference, some, clip.size, settings, constants) for some in features]
            if not carried_out(steps, loops):
                complaints.append("a prompted object is hidden")
                continue
            one = Played(name, steps, settings, loops[0], apart(*loops))
            complaint = complaint_about(one)
            if complaint is None:
                played.append(one)
                break
            complaints.append(complaint)
            if complaint == NOTHING:
                break
        if not played or played[-1].name != name:
            raise RecipeError(f"{name}: {'; '.join(dict.fromkeys(complaints))}; another seed is needed.")
    if min(result.entry.score for one in played for result in one.loop.results if result.source == "tracked") > 0:
        raise RecipeError("no object is hidden while it is tracked: hidden objects would not show; another seed is needed.")
    return played


def carried_out(steps: list[dict], loops: list[HostLoop]) -> bool:
    """False as soon as a prompted object is hidden: its prompt would not show."""
    for step in steps:
        for loop in loops:
            loop.carry_out(step)
        last = loops[0].results[-1]
        if last.source == "prompt" and last.entry.score < 0:
            return False
    return True


def complaint_about(played: Played) -> str | None:
    """Why a run is no golden: its decisions hang by a thread, or its masks say nothing."""
    if not 0.03 < played.foreground < 0.9:
        return NOTHING
    if played.growth > MOST_GROWTH:
        return "a small error grows"
    if played.margin < LEAST_MARGIN:
        return "a decision is too close to call"
    return played.loop.cuts.complaint()


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
            "close": vars(loop.cuts),
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


def play_detections(whole: torch.nn.Module, images: list[Features], clip: Clip, merges: list[str]) -> list[tuple[dict, np.ndarray]]:
    """Phrases and one exemplar on two frames: which queries pass, their scores and boxes; and their masks one above the other.

    Refuses masks that rounding could change.
    """
    detector, cuts = DetectorReference(whole.detector_model), Cuts()
    tokenizer = bpe.Tokenizer(merges, whole.detector_model.config.text_config.max_position_embeddings)
    played = []
    for frame in DETECTION_FRAMES:
        for phrase, boxes in (("a small red ball", []), ("striped square", []), ("visual", [[0.5, 0.45, 0.4, 0.5]])):
            played.append(detection_case(detector, tokenizer, images[frame], clip.size, frame, phrase, boxes, cuts))
    if cuts.complaint():
        raise RecipeError(f"detections: {cuts.complaint()}; another seed is needed.")
    return played


def write_detections(folder: Path, played: list[tuple[dict, np.ndarray]], merges: list[str], context: int) -> str:
    """`context`: most tokens of a phrase."""
    tokenizer = bpe.Tokenizer(merges, context)
    folder.mkdir(parents=True, exist_ok=True)
    for case, tiles in played:
        Image.fromarray(tiles.astype(np.uint8) * 255).convert("1").save(folder / f"{case['name']}.png", optimize=True)
    cases = [case for case, _ in played]
    concepts = [{"text": phrase, "ids": tokenizer.encode(phrase)[0]} for phrase in dict.fromkeys(case["concept"] for case in cases)]
    write_json(folder / "detections.json", {"concepts": concepts, "cases": cases})
    return f"  detections       {len(cases)} cases, {sum(len(case['keep']) for case in cases)} kept"


def detection_case(
    detector: DetectorReference,
    tokenizer: bpe.Tokenizer,
    image: Features,
    video: tuple[int, int],
    frame: int,
    phrase: str,
    boxes: list[list[float]],
    cuts: Cuts,
) -> tuple[dict, np.ndarray]:
    ids, mask = (torch.tensor([values]) for values in tokenizer.encode(phrase))
    given = torch.tensor([boxes]) if boxes else torch.full((1, 1, 4), 0.5)
    labels, valid = torch.ones(given.shape[:2], dtype=torch.int64), torch.full(given.shape[:2], bool(boxes))
    logits, corners, presence, masks, _ = detector.detect(image.det, detector.text(ids, mask), mask.bool(), given, labels, valid)
    scores = torch.sigmoid(logits) * torch.sigmoid(presence)
    ranked = torch.sort(scores).values
    at = int(torch.argmax(ranked[3:-2] - ranked[2:-3])) + 2
    threshold = float((ranked[at] + ranked[at + 1]) / 2)
    keep = [index for index in range(len(scores)) if scores[index] > threshold]
    for index in keep:
        cuts.answer(masks[index], video)
    tiles = np.concatenate([video_mask(masks[index], video) for index in keep])
    name = f"frame{frame}-{phrase.replace(' ', '-')}"
    scale = torch.tensor([video[0], video[1], video[0], video[1]])
    case = {
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
    return case, tiles


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
