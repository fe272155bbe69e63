"""A plain host loop over the torch modules: what a tracker must answer, frame by frame. Written for reading, not for speed.

It shares no code with the engine and none with the exported graphs: `TrackerReference` calls the library's modules directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from .cuts import Cuts
from .reference import Features, TrackerReference


@dataclass(frozen=True)
class Settings:
    """The choices of the reference predictors that differ between families."""

    refine_as_cond: bool = True
    refine_uses_memory: bool = True
    clear_around: bool = False
    memory_selection: bool = False


@dataclass
class Entry:
    """One object on one frame."""

    frame: int
    logits: torch.Tensor  # [L, L]
    score: float
    ious: list[float]
    mask_index: int
    pointer_index: int
    pointer: torch.Tensor
    best_iou: float
    margins: dict[str, float]
    row: int = -1
    tokens: torch.Tensor | None = None

    @property
    def memory_score(self) -> float:
        return (2 / (1 + np.exp(-self.score)) - 1 if self.score > 0 else 0.0) * self.best_iou


@dataclass
class Track:
    conditioning: dict[int, Entry] = field(default_factory=dict)
    tracked: dict[int, Entry] = field(default_factory=dict)
    pending: dict[int, Entry] = field(default_factory=dict)
    heading: dict[int, int] = field(default_factory=dict)
    #: what was said on a frame so far, for steps that add to it (`clearOld: false`)
    said: dict[int, tuple[list, list, list]] = field(default_factory=dict)

    def known(self, frame: int) -> Entry | None:
        return self.pending.get(frame) or self.conditioning.get(frame) or self.tracked.get(frame)


@dataclass(frozen=True)
class Result:
    source: str
    frame: int
    obj: int
    entry: Entry
    bank: dict[str, object] | None = None


class HostLoop:
    """`pixels`: normalised [1,3,S,S] of every frame; `video`: width, height."""

    def __init__(
        self, reference: TrackerReference, images: list[Features], video: tuple[int, int], settings: Settings, constants: dict
    ):
        self.reference, self.images, self.video, self.settings, self.constants = reference, images, video, settings, constants
        self.tracks: dict[int, Track] = {}
        self.results: list[Result] = []
        self.rows: list[Entry] = []
        self.cuts = Cuts()
        self.lowres = 4 * reference.grid

    # Steps -----------------------------------------------------------------------------------------------------------

    def carry_out(self, step: dict) -> None:
        if step["op"] == "propagate":
            self.propagate(step.get("start"), step.get("end"), step.get("reverse", False))
            return
        track = self.tracks.setdefault(step["obj"], Track())
        entry = self.given_mask(step) if step["op"] == "mask" else self.clicked(track, step)
        track.pending[step["frame"]] = entry
        self.report("prompt", step["obj"], entry)

    def report(self, source: str, obj: int, entry: Entry, bank: dict | None = None) -> None:
        if entry.row < 0:
            entry.row = len(self.rows)
            self.rows.append(entry)
            self.cuts.answer(entry.logits, self.video)
        self.results.append(Result(source, entry.frame, obj, entry, bank))

    def clicked(self, track: Track, step: dict) -> Entry:
        frame, (width, height) = step["frame"], self.video
        box, clicks, kinds = track.said.get(frame, ([], [], [])) if step.get("clearOld") is False else ([], [], [])
        box = step.get("box", box)
        clicks, kinds = [*clicks, *step.get("points", [])], [*kinds, *step.get("labels", [])]
        track.said[frame] = (box, clicks, kinds)
        points = [*([box[:2], box[2:]] if box else []), *clicks]
        labels = [*([2, 3] if box else []), *kinds]
        scale = torch.tensor([self.reference.side / width, self.reference.side / height])
        image = self.images[frame]
        previous = track.known(frame)
        mask_input = None if previous is None else previous.logits.clamp(-32, 32)[None, None]
        remembered = frame in track.heading and self.settings.refine_uses_memory
        embed = self.recall(track, frame, track.heading[frame])[0] if remembered else image.s16
        decoded = self.reference.decode(
            image, embed, not remembered, torch.tensor(points, dtype=torch.float32) * scale, torch.tensor(labels), mask_input
        )
        return self.choose(frame, decoded, len(points))

    def given_mask(self, step: dict) -> Entry:
        side, frame = 16 * self.reference.grid, step["frame"]
        mask = torch.from_numpy((step["pixels"] > 127).astype(np.float32))[None, None]
        mask = (F.interpolate(mask, size=(side, side), mode="bilinear", antialias=True) >= 0.5).float()
        logits = F.interpolate(mask * 20 - 10, size=(self.lowres,) * 2, mode="bilinear", antialias=True)
        image = self.images[frame]
        prompt = self.reference.mask_prompt(mask[0, 0])[None, None]
        decoded = self.reference.decode(image, image.s16, False, torch.zeros(1, 2), torch.tensor([-1]), prompt)
        score = 10.0 if mask.any() else -10.0
        margins = {"score": abs(float(decoded.score))}
        return Entry(frame, logits[0, 0], score, [1.0] * 4, 0, 0, decoded.pointers[0], 1.0, margins)

    def propagate(self, start: int | None, end: int | None, reverse: bool) -> None:
        for track in self.tracks.values():
            self.commit(track)
        last = len(self.images) - 1
        first = min(min(track.conditioning) for track in self.tracks.values()) if start is None else start
        order = range(first, (0 if end is None else end) - 1, -1) if reverse else range(first, (last if end is None else end) + 1)
        for frame in order:
            for obj, track in self.tracks.items():
                self.advance(obj, track, frame, -1 if reverse else 1)

    def commit(self, track: Track) -> None:
        """Prompted frames enter memory binarised."""
        for frame, entry in track.pending.items():
            self.remember_prompt(entry)
            if self.settings.clear_around:
                track.tracked = {at: old for at, old in track.tracked.items() if abs(at - frame) > 7}
            corrects = frame in track.heading and frame not in track.conditioning
            if self.settings.refine_as_cond or not corrects:
                track.conditioning[frame] = entry
                track.tracked.pop(frame, None)
            else:
                track.tracked[frame] = entry
        track.pending.clear()

    def remember_prompt(self, entry: Entry) -> None:
        side = self.reference.side
        self.cuts.remember(entry.logits, (side, side))
        entry.tokens = self.reference.encode_memory(self.images[entry.frame], entry.logits, True, entry.score)

    def advance(self, obj: int, track: Track, frame: int, heading: int) -> None:
        track_heading = track.heading
        if frame in track.conditioning:
            track_heading[frame] = heading
            self.report("cached", obj, track.conditioning[frame])
            return
        embed, bank = self.recall(track, frame, heading)
        image = self.images[frame]
        decoded = self.reference.decode(image, embed, False, torch.zeros(1, 2), torch.tensor([-1]), None)
        entry = self.choose(frame, decoded, 0)
        entry.tokens = self.reference.encode_memory(image, entry.logits, False, entry.score)
        track.tracked[frame] = entry
        track_heading[frame] = heading
        self.report("tracked", obj, entry, bank)

    # Decisions -------------------------------------------------------------------------------------------------------

    def choose(self, frame: int, decoded, points: int) -> Entry:
        """Which of the four masks and pointers counts."""
        rule, ious = self.constants["stability"], decoded.ious
        best = 1 + int(torch.argmax(ious[1:]))
        ranked = torch.sort(ious[1:], descending=True).values
        margins = {"score": abs(float(decoded.score))}
        if self.constants["multimask"]["min"] <= points <= self.constants["multimask"]["max"]:
            mask = pointer = best
            margins["iou"] = float(ranked[0] - ranked[1])
        else:
            upper = int((decoded.masks[0] > rule["delta"]).sum())
            lower = int((decoded.masks[0] > -rule["delta"]).sum())
            stability = upper / lower if lower > 0 else 1.0
            mask, pointer = (0 if stability >= rule["thresh"] else best), 0
            margins["stability"] = abs(stability - rule["thresh"])
            if mask:
                margins["iou"] = float(ranked[0] - ranked[1])
        best_iou = float(ious[mask])
        return Entry(
            frame,
            decoded.masks[mask].clone(),
            float(decoded.score),
            [float(iou) for iou in ious],
            mask,
            pointer,
            decoded.pointers[pointer].clone(),
            best_iou,
            margins,
        )

    def recall(self, track: Track, frame: int, heading: int) -> tuple[torch.Tensor, dict[str, object]]:
        """Selects memories and pointers for a frame and attends to them."""
        recent = self.constants["numMaskmem"] - 1
        window = min(len(self.images), self.constants["maxPtrs"])
        chosen = closest(track.conditioning, frame, self.constants["maxCond"])
        others = {at: entry for at, entry in track.conditioning.items() if at not in chosen} | track.tracked
        memories = [(entry.tokens, recent) for entry in chosen.values()]
        pointers = [
            (entry.pointer, float((frame - at) * heading)) for at, entry in chosen.items() if (frame - at) * heading >= 0
        ]
        if self.settings.memory_selection:
            ranks = self.selected(track, frame, heading, window)
            pointer_ranks = ranks[:-1]
        else:
            ranks = [frame - heading * distance for distance in range(1, window + recent)]
            pointer_ranks = ranks[: window - 1]
        for rank, at in enumerate(ranks[:recent]):
            if at in others:
                memories.append((others[at].tokens, rank))
        for rank, at in enumerate(pointer_ranks, start=1):
            if at in others:
                pointers.append((others[at].pointer, float(rank)))
        embed = self.reference.attend(self.images[frame], memories, pointers, window)
        return embed, {
            "F": len(memories),
            "tpos": [index for _, index in memories],
            "offsets": [int(offset) for _, offset in pointers],
        }

    def selected(self, track: Track, frame: int, heading: int, window: int) -> list[int]:
        """SAM 3's memory selection: good frames, most recent first; the neighbour always counts."""
        neighbour, candidates = frame - heading, []
        at = neighbour
        while (at >= 1 if heading > 0 else at < len(self.images)) and len(candidates) < window - 1:
            entry = track.tracked.get(at)
            if entry is not None and entry.memory_score > self.constants["mfThreshold"]:
                candidates.append(at)
            at -= heading
        return candidates if neighbour in candidates else [neighbour, *candidates]


def closest(entries: dict[int, Entry], frame: int, most: int) -> dict[int, Entry]:
    """The conditioning frames that attention sees: nearest before, nearest at or after, then by distance."""
    if most < 0 or len(entries) <= most:
        return dict(entries)
    before = [at for at in entries if at < frame]
    after = [at for at in entries if at >= frame]
    chosen = ([max(before)] if before else []) + ([min(after)] if after else [])
    rest = sorted((at for at in entries if at not in chosen), key=lambda at: abs(at - frame))
    return {at: entries[at] for at in [*chosen, *rest][:most]}


def video_mask(logits: torch.Tensor, video: tuple[int, int]) -> np.ndarray:
    """[L,L] logits -> bool [H,W]."""
    width, height = video
    large = F.interpolate(logits[None, None], size=(height, width), mode="bilinear", align_corners=False)
    return (large[0, 0] > 0).numpy()
