"""Phrases and exemplars through a video: detect, match, track (SAM 3), frame by frame. Written for reading; shares no code with the engine.

One forward pass, published rules but for three choices of the engine: nothing is delayed (an object that is removed vanishes from every frame,
after it took its pixels there), memory is by object, and nothing is reconditioned (`reconditionEvery` must lie beyond the clip).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from .host_loop import Entry, HostLoop, Track, video_mask
from .reference import DetectorReference, Features


@dataclass
class Concept:
    """What is looked for: token ids with their mask, and boxes (cx, cy, w, h, positive) by frame.

    Without a name (`named` false, ids of "visual") only frames with boxes are looked at, and no object is blamed on the others.
    """

    ids: list[int]
    valid: list[int]
    named: bool = True
    exemplars: dict[int, list[tuple[float, float, float, float, bool]]] = field(default_factory=dict)
    members: list["Member"] = field(default_factory=list)
    last_occluded: dict[int, int] = field(default_factory=dict)
    overlaps: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass
class Member:
    obj: int
    first: int
    track: Track
    unmatched: int = 0
    removed: bool = False


@dataclass
class Seen:
    member: Member
    entry: Entry
    filled: np.ndarray

    @property
    def mask(self) -> np.ndarray:
        return self.filled > 0


class ConceptLoop:
    """`rules`: the manifest's detector section. `shown`: object -> frame -> mask [H,W], exclusive among the objects of a concept."""

    def __init__(self, host: HostLoop, detector: DetectorReference, images: list[Features], rules: dict):
        self.host, self.detector, self.images, self.rules = host, detector, images, rules
        self.shown: dict[int, dict[int, np.ndarray]] = {}
        self.count = 0
        #: the closest call of any decision on scores and overlaps
        self.margin = 1.0

    def run(self, concepts: list[Concept], ends: Callable[[], bool] = lambda: False) -> None:
        for frame in range(len(self.images)):
            for concept in concepts:
                self.step(concept, frame)
                if ends():
                    return

    def step(self, concept: Concept, frame: int) -> None:
        looks = concept.named or frame in concept.exemplars
        found = self.detect(concept, frame) if looks else []
        seen = [self.follow(member, frame) for member in concept.members]
        overlap = np.array([[self.iou(mask > 0, each.mask) for each in seen] for _, mask in found]).reshape(len(found), len(seen))
        new = self.admitted(found, seen, overlap)
        fresh = [Member(self.count + at + 1, frame, Track()) for at in range(len(new))]
        self.count += len(new)
        if looks:
            self.judge(concept, seen, overlap, frame)
        hidden = self.occluded(concept, seen, frame)
        self.remember(seen, hidden, frame)
        visible = [each for each, gone in zip(seen, hidden) if each.mask.any() and not gone]
        shown = [(each.member.obj, 1 / (1 + np.exp(-each.entry.score)), each.filled) for each in visible]
        for member, index in zip(fresh, new):
            score, logits = found[index]
            self.begin(member, logits, frame)
            shown.append((member.obj, score, self.filled(logits)))
        self.show(shown, frame)
        for member in concept.members:
            if member.removed:
                self.shown.pop(member.obj, None)
        concept.members = [*[member for member in concept.members if not member.removed], *fresh]

    # What is seen ------------------------------------------------------------------------------------------------------

    def detect(self, concept: Concept, frame: int) -> list[tuple[float, np.ndarray]]:
        """(score, logits) of what passes, in query order."""
        boxes = concept.exemplars.get(frame, [])
        given = torch.tensor([[box[:4] for box in boxes]]) if boxes else torch.full((1, 1, 4), 0.5)
        labels = torch.tensor([[int(box[4]) for box in boxes] or [1]])
        ids, mask = (torch.tensor([values]) for values in (concept.ids, concept.valid))
        valid = torch.full(given.shape[:2], bool(boxes))
        text = self.detector.text(ids, mask)
        logits, _, presence, masks, _ = self.detector.detect(self.images[frame].det, text, mask.bool(), given, labels, valid)
        scores = (torch.sigmoid(logits) * torch.sigmoid(presence)).numpy()
        self.near(scores, self.rules["scoreThreshold"])
        kept: list[int] = []
        for index in sorted(np.nonzero(scores > self.rules["scoreThreshold"])[0], key=lambda index: -scores[index]):
            overlaps = [self.iou(masks[index].numpy() > 0, masks[other].numpy() > 0) for other in kept]
            self.near(overlaps, self.rules["detNmsThresh"])
            if all(overlap <= self.rules["detNmsThresh"] for overlap in overlaps):
                kept.append(int(index))
        return [(float(scores[index]), masks[index].numpy().copy()) for index in sorted(kept)]

    def follow(self, member: Member, frame: int) -> Seen:
        host, image = self.host, self.images[frame]
        embed, _ = host.recall(member.track, frame, 1)
        decoded = host.reference.decode(image, embed, False, torch.zeros(1, 2), torch.tensor([-1]), None)
        entry = host.choose(frame, decoded, 0)
        self.near([entry.score / 10], 0.0)
        return Seen(member, entry, self.filled(entry.logits.numpy()))

    # What is decided ---------------------------------------------------------------------------------------------------

    def admitted(self, found, seen: list[Seen], overlap: np.ndarray) -> list[int]:
        if not seen:
            return list(range(len(found)))
        rules = self.rules
        self.near(overlap, rules["assocIou"])
        self.near([score for score, _ in found], rules["newDetThresh"])
        return [
            index
            for index, (score, _) in enumerate(found)
            if score >= rules["newDetThresh"] and not (overlap[index] >= rules["assocIou"]).any()
        ]

    def judge(self, concept: Concept, seen: list[Seen], overlap: np.ndarray, frame: int) -> None:
        """Hotstart: young objects that are missed too often, or that keep doubling an older one, go."""
        rules = self.rules
        self.near(overlap, rules["trkAssocIou"])
        for at, each in enumerate(seen):
            if each.mask.any() and not (overlap[:, at] >= rules["trkAssocIou"]).any():
                each.member.unmatched += 1
        for row in overlap:
            matched = [each.member for each, value in zip(seen, row) if value >= rules["assocIou"]]
            if len(matched) < 2:
                continue
            keeper = min(matched, key=lambda member: member.first)
            for other in matched:
                if other is not keeper:
                    pair = (keeper.obj, other.obj)
                    concept.overlaps[pair] = concept.overlaps.get(pair, 0) + 1
        doubled = {other for (_, other), times in concept.overlaps.items() if times >= rules["hotstartDupThresh"]}
        for each in seen:
            member = each.member
            young = member.first > frame - rules["hotstartDelay"]
            if young and (member.unmatched >= rules["hotstartUnmatchThresh"] or member.obj in doubled):
                member.removed = True

    def occluded(self, concept: Concept, seen: list[Seen], frame: int) -> list[bool]:
        last = [
            concept.last_occluded.get(each.member.obj, 100_000 if each.member.removed else -1) for each in seen
        ]
        hidden = [False] * len(seen)
        for a in range(len(seen)):
            for b in range(a + 1, len(seen)):
                value = self.iou(seen[a].mask, seen[b].mask)
                self.near([value], self.rules["occlusionIou"])
                if value < self.rules["occlusionIou"]:
                    continue
                hidden[a] |= last[a] > last[b] > -1
                hidden[b] |= last[b] > last[a] > -1
        concept.last_occluded = {
            each.member.obj: frame if gone or not each.mask.any() else before
            for each, gone, before in zip(seen, hidden, last)
            if not each.member.removed
        }
        return [gone or each.member.removed for each, gone in zip(seen, hidden)]

    def remember(self, seen: list[Seen], hidden: list[bool], frame: int) -> None:
        reference, image = self.host.reference, self.images[frame]
        masks = [np.full_like(each.filled, -10.0) if gone and not each.member.removed else each.filled for each, gone in zip(seen, hidden)]
        for each, mask, covered in zip(seen, masks, self.covered(masks)):
            if covered:
                mask = np.minimum(mask, -10.0)
            score = 10.0 if (mask > 0).any() else -10.0
            each.entry.tokens = reference.encode_memory(image, torch.from_numpy(mask), False, score)
            each.member.track.tracked[frame] = each.entry

    def covered(self, masks: list[np.ndarray]) -> list[bool]:
        """Of the pixels an object claims, fewer than `areaShrinkage` are its own when the strongest takes each."""
        if len(masks) < 2:
            return [False] * len(masks)
        side = (16 * self.host.reference.grid,) * 2
        large = F.interpolate(torch.from_numpy(np.stack(masks))[None], size=side, mode="bilinear", align_corners=False)[0].numpy()
        strongest = large.argmax(axis=0)
        shares = [((strongest == at) & (one > 0)).sum() / max(1, (one > 0).sum()) for at, one in enumerate(large)]
        self.near([share for share, one in zip(shares, large) if (one > 0).any()], self.rules["areaShrinkage"])
        return [share < self.rules["areaShrinkage"] for share in shares]

    def begin(self, member: Member, logits: np.ndarray, frame: int) -> None:
        """A detection's mask is given as a prompt; it is shown with its holes filled."""
        side = (16 * self.host.reference.grid,) * 2
        self.host.cuts.remember(torch.from_numpy(logits), side)
        large = F.interpolate(torch.from_numpy(logits)[None, None], size=side, mode="bilinear", align_corners=False)[0, 0]
        entry = self.host.given_mask({"frame": frame, "pixels": (large > 0).numpy().astype(np.uint8) * 255})
        self.host.remember_prompt(entry)
        member.track.conditioning[frame] = entry

    def show(self, shown: list[tuple[int, float, np.ndarray]], frame: int) -> None:
        """Every pixel goes to the object with the highest score."""
        taken: np.ndarray | None = None
        for obj, _, logits in sorted(shown, key=lambda one: -one[1]):
            self.host.cuts.answer(torch.from_numpy(logits), self.host.video)
            mask = video_mask(torch.from_numpy(logits), self.host.video)
            self.shown.setdefault(obj, {})[frame] = mask if taken is None else mask & ~taken
            taken = mask if taken is None else taken | mask

    # Masks -------------------------------------------------------------------------------------------------------------

    def filled(self, logits: np.ndarray) -> np.ndarray:
        """Small holes become +0.1, then small islands -0.1."""
        answer, area = logits.copy(), self.rules["fillHoleArea"]
        for part in small_parts(answer <= 0, area):
            answer[part] = 0.1
        for part in small_parts(answer > 0, min(area, int((answer > 0).sum()) // 2)):
            answer[part] = -0.1
        return answer

    @staticmethod
    def iou(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.float32((one & other).sum()) / np.float32(max(1, (one | other).sum())))

    def near(self, values, threshold: float) -> None:
        distances = np.abs(np.asarray(values, dtype=np.float64) - threshold)
        if distances.size:
            self.margin = min(self.margin, float(distances.min()))


def small_parts(mask: np.ndarray, most: int):
    """Parts of a mask, corners connecting, with at most `most` pixels."""
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    for label in range(1, count + 1):
        if sizes[label] <= most:
            yield labels == label
