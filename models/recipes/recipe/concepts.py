"""Phrases and exemplars through a whole clip: rules that random scores can meet, what must come of them, and the files that say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import bpe
from .concept_loop import Concept, ConceptLoop
from .host_loop import HostLoop
from .pack import write_json
from .reference import DetectorReference, Features, TrackerReference
from .trajectories import SETTINGS
from .unseen import Chance

#: Scores and overlaps closer than this to the number they are held against could fall on its other side on another machine.
LEAST_MARGIN = 2e-4

#: random weights tell some of these apart and some not
PHRASES_BY_CHANCE = ("a small red ball", "striped square", "blue dog", "car", "person", "green leaf", "wheel", "tall house")
#: of a phrase, and phrases beside it, that are tried where a run hangs by a thread
THRESHOLDS, COMPANIONS = 4, 4


def rules_by_chance(
    manifest: dict, source: torch.nn.Module, images: list[Features], merges: list[str]
) -> list[tuple[dict, list[str]]]:
    """The manifest's detector section with a threshold that a few queries pass on each frame, and two phrases whose scores keep away from it;
    the phrase with the widest gap at its threshold first, its best companion first."""
    detector = DetectorReference(source.detector_model)
    tokenizer = bpe.Tokenizer(merges, source.detector_model.config.text_config.max_position_embeddings)
    box, label, none = torch.full((1, 1, 4), 0.5), torch.ones(1, 1, dtype=torch.int64), torch.zeros(1, 1, dtype=torch.bool)
    found, scores_of = [], {}
    for phrase in PHRASES_BY_CHANCE:
        ids, mask = (torch.tensor([values]) for values in tokenizer.encode(phrase))
        scores = []
        for image in images:
            logits, _, presence, _, _ = detector.detect(image.det, detector.text(ids, mask), mask.bool(), box, label, none)
            scores.append(torch.sigmoid(logits) * torch.sigmoid(presence))
        ranked = torch.cat(scores).sort(descending=True).values
        # In the widest gaps of those between which a few a frame pass.
        low, high = len(ranked) // 12, len(ranked) // 2
        gaps = ranked[low:high] - ranked[low + 1 : high + 1]
        for width, at in zip(*(values.tolist() for values in gaps.topk(min(THRESHOLDS, len(gaps))))):
            found.append((width, float(ranked[low + at] + ranked[low + at + 1]) / 2, phrase))
        scores_of[phrase] = ranked
    choices = []
    for _, threshold, phrase in sorted(found, reverse=True):
        away = [(float((ranked - threshold).abs().min()), other) for other, ranked in scores_of.items() if other != phrase]
        changed = {"scoreThreshold": threshold, "newDetThresh": threshold, "detNmsThresh": 0.6, "hotstartUnmatchThresh": 4}
        rules = manifest | changed | {"hotstartDupThresh": 4, "reconditionEvery": 1000, "assocIou": 0.4}
        choices += [(rules, [phrase, other]) for _, other in sorted(away, reverse=True)[:COMPANIONS]]
    return choices


@dataclass(frozen=True)
class PlayedConcepts:
    """One run: what was asked for, and the loop that carried it out."""

    name: str
    phrases: list[str | None]
    #: frame, x0 y0 x1 y1 in video pixels, include
    boxes: list[tuple[int, list[float], bool]]
    #: the manifest's detector section that it was played under
    rules: dict
    loop: ConceptLoop

    @property
    def rows(self) -> list[tuple[int, int, np.ndarray]]:
        """(object, frame, mask [H,W])"""
        return [(obj, frame, mask) for obj, frames in sorted(self.loop.shown.items()) for frame, mask in sorted(frames.items())]

    def __str__(self) -> str:
        return f"  {self.name:20} {self.loop.count} objects began, {len(self.rows)} masks, margin {self.loop.margin:.4f}"


#: what is asked for: how many phrases, and which exemplars go with the first (or stand alone)
SCENARIOS = ("one-phrase", "two-phrases", "phrase-and-exemplars", "exemplar-alone")


def play_concept(
    name: str,
    rules: dict,
    named: list[str],
    reference: TrackerReference,
    source,
    images: list[Features],
    chance: Chance,
    constants: dict,
    clear: bool,
) -> PlayedConcepts:
    """Phrases and exemplars through the whole clip: the masks that every object must have on every frame. `clear`: ends where one is not."""
    tokenizer = bpe.Tokenizer(source.merges, source.model.detector_model.config.text_config.max_position_embeddings)
    width, height = chance.clip.size
    first, later = chance.box(0, 0, 0)["box"], chance.box(0, 3, 0)["box"]
    one, other = named
    exemplars = [(0, first, True), (3, later, False)]
    phrases, boxes = {
        "one-phrase": ([one], []),
        "two-phrases": ([one, other], []),
        "phrase-and-exemplars": ([one], exemplars),
        "exemplar-alone": ([None], exemplars[:1]),
    }[name]
    concepts = []
    for phrase in phrases:
        shown = {frame: [(*relative(box, width, height), include)] for frame, box, include in boxes}
        concepts.append(Concept(*tokenizer.encode(phrase or "visual"), named=phrase is not None, exemplars=shown))
    # The video model selects what its objects remember; the stand-alone predictor, whose clicks the other scenarios follow, does not.
    host = HostLoop(reference, images, chance.clip.size, replace(SETTINGS["sam3"], memory_selection=True), constants)
    loop = ConceptLoop(host, DetectorReference(source.model.detector_model), images, rules)
    loop.run(concepts, (lambda: loop.margin < LEAST_MARGIN or host.cuts.complaint() is not None) if clear else lambda: False)
    return PlayedConcepts(name, phrases, boxes, rules, loop)


def unclear(played: PlayedConcepts) -> str | None:
    """Why a run is no golden: it finds nothing, or its decisions hang by a thread."""
    if played.loop.margin < LEAST_MARGIN:
        return "a decision is too close to call"
    return played.loop.host.cuts.complaint() or (None if played.rows else "nothing is found")


def write_concepts(folder: Path, played: list[PlayedConcepts], video: tuple[int, int]) -> None:
    """One folder a run."""
    width, height = video
    for one in played:
        (folder / one.name).mkdir(parents=True)
        tiles = [mask for _, _, mask in one.rows]
        stacked = np.concatenate(tiles or [np.zeros((height, width), bool)])
        Image.fromarray(stacked.astype(np.uint8) * 255).convert("1").save(folder / one.name / "masks.png")
        write_json(
            folder / one.name / "concept.json",
            {
                "width": width,
                "height": height,
                "phrases": [phrase for phrase in one.phrases if phrase is not None],
                "exemplars": [{"frame": frame, "box": box, "include": include} for frame, box, include in one.boxes],
                "rules": one.rules,
                "margin": one.loop.margin,
                "close": vars(one.loop.host.cuts),
                "masks": [[obj, frame] for obj, frame, _ in one.rows],
            },
        )


def relative(box: list[float], width: int, height: int) -> tuple[float, float, float, float]:
    """x0 y0 x1 y1 in pixels -> centre and size, 0..1."""
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height
