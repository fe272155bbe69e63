"""Calls of every graph with the answers that the library's modules give: the per-graph goldens and the recipe's own check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from . import bpe
from .reference import DetectorReference, Features, Sam1Reference, TrackerReference
from .roles import DETECTOR_FEATURES, DETECTOR_OUTPUTS

Arrays = dict[str, np.ndarray]


#: case of the memory encoder that shows how a graph enlarges masks
MASK_PROMPT = "b1-mask-prompt"


@dataclass
class Case:
    """Inputs of one call and what must come out."""

    role: str
    name: str
    inputs: Arrays
    outputs: Arrays
    #: inputs or outputs that are features of frame 0, by their shared name
    shared: dict[str, str]


def array(tensor: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().numpy())


def pixel_values(rgb: np.ndarray, mean: tuple[float, ...], std: tuple[float, ...]) -> torch.Tensor:
    """uint8 [S,S,3] -> normalised [1,3,S,S]."""
    scaled = (rgb.astype(np.float32) / 255 - np.array(mean, np.float32)) / np.array(std, np.float32)
    return torch.from_numpy(np.ascontiguousarray(scaled.astype(np.float32).transpose(2, 0, 1)[None]))


class TrackerCases:
    """`rich`: the cases of a test pack; otherwise fewer and smaller ones."""

    def __init__(self, reference: TrackerReference, pixels: torch.Tensor, seed: int, rich: bool, detector: bool):
        self.reference, self.rich, self.pixels, self.detector = reference, rich, pixels, detector
        self.generator = torch.Generator().manual_seed(seed)
        self.image = reference.image(pixels)
        self.lowres = 4 * reference.grid

    def random(self, *shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=self.generator)

    def all(self) -> list[Case]:
        return [self.encoder(), *self.decoder(), *self.memory_encoder(), *self.memory_attention(), *self.mask_prompt()]

    def features(self) -> Arrays:
        image = self.image
        named = {"feat_s4": image.s4, "feat_s8": image.s8, "feat_s16": image.s16}
        if self.detector and image.det is not None:
            named |= dict(zip(DETECTOR_FEATURES, image.det))
        return {name: array(tensor) for name, tensor in named.items()}

    def encoder(self) -> Case:
        outputs = self.features()
        shared = {"pixel_values": "pixel_values_frame0"} | {name: f"shared_{name}" for name in outputs}
        return Case("image_encoder", "frame0", {"pixel_values": array(self.pixels)}, outputs, shared)

    def decoder_case(self, name: str, rows: list[dict]) -> Case:
        """Each row: points, labels, no_mem, mask (or None)."""
        side, lowres = self.reference.side, self.lowres
        answers, inputs = [], {key: [] for key in ("no_mem_scale", "point_coords", "point_labels", "mask_input", "has_mask")}
        for row in rows:
            mask = row["mask"]
            points = torch.tensor(row["points"], dtype=torch.float32) * side
            labels = torch.tensor(row["labels"], dtype=torch.int32)
            answers.append(self.reference.decode(self.image, self.image.s16, row["no_mem"], points, labels, mask))
            inputs["no_mem_scale"].append(torch.tensor(float(row["no_mem"])))
            inputs["point_coords"].append(points)
            inputs["point_labels"].append(labels)
            inputs["mask_input"].append(torch.zeros(1, lowres, lowres) if mask is None else mask[0])
            inputs["has_mask"].append(torch.tensor(float(mask is not None)))
        stacked = {key: array(torch.stack(values)) for key, values in inputs.items()}
        stacked |= {"feat_s4": array(self.image.s4), "feat_s8": array(self.image.s8), "image_embed": array(self.image.s16)}
        outputs = {
            "masks": array(torch.stack([answer.masks for answer in answers])),
            "iou_scores": array(torch.stack([answer.ious for answer in answers])),
            "object_score_logits": array(torch.stack([answer.score for answer in answers])[:, None]),
            "obj_ptrs": array(torch.stack([answer.pointers for answer in answers])),
        }
        shared = {"feat_s4": "shared_feat_s4", "feat_s8": "shared_feat_s8", "image_embed": "shared_feat_s16"}
        return Case("mask_decoder", name, stacked, outputs, shared)

    def decoder(self) -> list[Case]:
        mask = self.random(1, 1, self.lowres, self.lowres) * 4
        click = {"points": [[0.4, 0.55]], "labels": [1], "no_mem": True, "mask": None}
        nothing = {"points": [[0.0, 0.0]], "labels": [-1], "no_mem": False, "mask": None}
        cases = [self.decoder_case("b1-point", [click]), self.decoder_case("b1-propagation", [nothing])]
        boxed = {"points": [[0.2, 0.3], [0.7, 0.8], [0.5, 0.5]], "labels": [2, 3, 0], "no_mem": True, "mask": mask}
        clicks = {"points": [[0.3, 0.4], [0.6, 0.2], [0.8, 0.9]], "labels": [1, 0, 1], "no_mem": True, "mask": None}
        if not self.rich:
            return [*cases[1:], self.decoder_case("b2-box-points-mask", [boxed, clicks])]
        bare = {"points": [[0.0, 0.0], [0.5, 0.1], [0.9, 0.9]], "labels": [-1, 1, 0], "no_mem": True, "mask": mask}
        return [*cases, self.decoder_case("b3-box-points-mask", [boxed, clicks, bare])]

    def blobs(self, count: int) -> torch.Tensor:
        noise = self.random(count, 1, 4, 4) * 8
        return torch.nn.functional.interpolate(noise, size=(self.lowres,) * 2, mode="bicubic")

    def memory_encoder(self) -> list[Case]:
        masks = self.blobs(3 if self.rich else 2)
        rows = [(True, 2.5), (False, -1.5), (False, 3.0)][: len(masks)]
        cases = [self.memory_case("b1-binarised", masks[:1], rows[:1])] * self.rich + [self.memory_case(f"b{len(masks)}-mixed", masks, rows)]
        return [*cases, self.memory_case(MASK_PROMPT, self.slanted(), [(True, 10.0)])]

    def slanted(self) -> torch.Tensor:
        """A mask prompt with a slanted edge, where many pixels are zero or nearly so when it is enlarged."""
        side = 16 * self.reference.grid
        y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
        mask = ((x + y < side * 1.1) & (x > side * 0.2) & (y > side * 0.15)).float()[None, None]
        return torch.nn.functional.interpolate(mask * 20 - 10, size=(self.lowres,) * 2, mode="bilinear", antialias=True)

    def memory_case(self, name: str, masks: torch.Tensor, rows: list[tuple[bool, float]]) -> Case:
        tokens = [self.reference.encode_memory(self.image, mask[0], *row) for mask, row in zip(masks, rows)]
        inputs = {
            "image_embed": array(self.image.s16),
            "mask_logits": array(masks),
            "binarize": np.array([float(binarize) for binarize, _ in rows], np.float32),
            "object_score_logits": np.array([[score] for _, score in rows], np.float32),
        }
        return Case("memory_encoder", name, inputs, {"mem_tokens": array(torch.stack(tokens))}, {"image_embed": "shared_feat_s16"})

    def memory_attention(self) -> list[Case]:
        """Padded batches must equal the library's unpadded, single-object answers."""
        tokens = self.reference.encode_memory(self.image, self.blobs(1)[0, 0], True, 1.0)
        window = 16

        def bank(indices: list[int], offsets: list[float]):
            memories = [(tokens + 0.3 * self.random(*tokens.shape), index) for index in indices]
            return memories, [(self.random(self.reference.width), offset) for offset in offsets]

        full = bank([6, 0, 1, 2, 3, 4, 5], list(range(9, 0, -1)))
        one, two, far = bank([6], [1]), bank([6, 2], [3, 1]), bank([6, 6, 0], [5, 2, 1])
        cases = [("b1-one-frame", [one]), ("b1-full", [full]), ("b3-padded", [far, two, one])]
        if not self.rich:
            cases = [("b2-padded", [two, one])]
        return [self.attention_case(name, banks, window) for name, banks in cases]

    def attention_case(self, name: str, banks: list, window: int) -> Case:
        frames = max(len(memories) for memories, _ in banks)
        count = max(len(pointers) for _, pointers in banks)
        shape = banks[0][0][0][0].shape
        batch, width = len(banks), self.reference.width
        inputs: Arrays = {
            "mem_tokens": np.zeros((batch, frames, *shape), np.float32),
            "mem_tpos_idx": np.zeros((batch, frames), np.int32),
            "mem_valid": np.zeros((batch, frames), np.float32),
            "obj_ptrs": np.zeros((batch, count, width), np.float32),
            "ptr_tpos": np.zeros((batch, count), np.float32),
            "ptr_valid": np.zeros((batch, count), np.float32),
        }
        for row, (memories, pointers) in enumerate(banks):
            for at, (tokens, index) in enumerate(memories):
                inputs["mem_tokens"][row, at], inputs["mem_tpos_idx"][row, at] = array(tokens), index
                inputs["mem_valid"][row, at] = 1
            for at, (pointer, offset) in enumerate(pointers):
                inputs["obj_ptrs"][row, at], inputs["ptr_tpos"][row, at] = array(pointer), offset / (window - 1)
                inputs["ptr_valid"][row, at] = 1
        answers = [self.reference.attend(self.image, *bank, window) for bank in banks]
        outputs = {"cond_feat": array(torch.cat(answers))}
        return Case(
            "memory_attention", name, {"feat": array(self.image.s16)} | inputs, outputs, {"feat": "shared_feat_s16"}
        )

    def mask_prompt(self) -> list[Case]:
        side = 16 * self.reference.grid
        mask = torch.nn.functional.interpolate(self.blobs(1), size=(side, side), mode="bilinear") > 0
        mask = mask.to(torch.float32)
        answer = self.reference.mask_prompt(mask[0, 0])[None, None]
        return [Case("mask_prompt", "b1", {"mask": array(mask)}, {"mask_input": array(answer)}, {})]


def detector_cases(reference: DetectorReference, image: Features, merges: list[str], phrases: list[str], rich: bool) -> list[Case]:
    """Text features of phrases; detection by phrase, by exemplars, and padded."""
    tokenizer = bpe.Tokenizer(merges, reference.model.config.text_config.max_position_embeddings)
    encoded = [tokenizer.encode(phrase) for phrase in phrases]
    ids, mask = (torch.tensor([pair[part] for pair in encoded]) for part in (0, 1))
    text = torch.cat([reference.text(ids[row : row + 1], mask[row : row + 1]) for row in range(len(phrases))])
    cases = [
        Case(
            "text_encoder",
            f"b{len(phrases)}",
            {"input_ids": array(ids.to(torch.int32)), "attention_mask": array(mask.to(torch.int32))},
            {"text_features": array(text)},
            {},
        )
    ]
    boxes = torch.tensor([[[0.5, 0.45, 0.4, 0.5], [0.2, 0.3, 0.15, 0.2]]])
    labels, both, none = torch.tensor([[1, 0]]), torch.ones(1, 2, dtype=torch.bool), torch.zeros(1, 2, dtype=torch.bool)
    variants = [("text", boxes, labels, none), ("exemplars", boxes, labels, both)]
    for name, some_boxes, some_labels, valid in variants if rich else variants[1:]:
        answer = reference.detect(image.det, text[:1], mask[:1].bool(), some_boxes, some_labels, valid)
        inputs = {name: array(level) for name, level in zip(DETECTOR_FEATURES, image.det)}
        inputs |= {
            "text_features": array(text[:1]),
            "text_valid": array(mask[:1].bool()),
            "boxes": array(some_boxes),
            "box_labels": array(some_labels.to(torch.int32)),
            "box_valid": array(valid),
        }
        outputs = {name: array(tensor[None]) for name, tensor in zip(DETECTOR_OUTPUTS, answer)}
        cases.append(Case("detector", name, inputs, outputs, {name: f"shared_{name}" for name in DETECTOR_FEATURES}))
    return cases


def sam1_cases(reference: Sam1Reference, pixels: torch.Tensor, seed: int) -> list[Case]:
    """Clicks, a box, a box with clicks and mask, and a mask alone; one row each because SAM 1 pads by what is given."""
    generator = torch.Generator().manual_seed(seed)
    embed, side, lowres = reference.image(pixels), reference.side, 4 * reference.grid
    nothing = np.zeros((1, 1, 1, 1), np.float32)
    features = {"feat_s4": nothing, "feat_s8": nothing, "feat_s16": array(embed)}
    shared = {"pixel_values": "pixel_values_frame0"} | {name: f"shared_{name}" for name in features}
    cases = [Case("image_encoder", "frame0", {"pixel_values": array(pixels)}, features, shared)]
    clicks, labels = torch.tensor([[0.3, 0.4], [0.6, 0.2]]) * side, torch.tensor([1, 0])
    box = torch.tensor([0.2, 0.25, 0.8, 0.9]) * side
    mask = torch.randn(1, 1, lowres, lowres, generator=generator) * 4
    corners, corner_labels = box.reshape(2, 2), torch.tensor([2, 3])
    empty = (torch.zeros(1, 2), torch.tensor([-1]))
    for name, given, coords, kinds in [
        ("b1-clicks", (clicks, labels, None, None), clicks, labels),
        ("b1-box", (None, None, box, None), corners, corner_labels),
        ("b1-box-clicks-mask", (clicks, labels, box, mask), torch.cat([corners, clicks]), torch.cat([corner_labels, labels])),
        ("b1-clicks-mask", (clicks[:1], labels[:1], None, mask), clicks[:1], labels[:1]),
        ("b1-clicks-padded", (clicks, labels, None, None), torch.cat([clicks, empty[0]]), torch.cat([labels, empty[1]])),
    ]:
        masks, ious = reference.decode(embed, *given)
        mask_input = given[3]
        inputs = {
            "feat_s4": nothing,
            "feat_s8": nothing,
            "image_embed": array(embed),
            "no_mem_scale": np.ones(1, np.float32),
            "point_coords": array(coords[None]),
            "point_labels": array(kinds[None].to(torch.int32)),
            "mask_input": np.zeros((1, 1, lowres, lowres), np.float32) if mask_input is None else array(mask_input),
            "has_mask": np.array([float(mask_input is not None)], np.float32),
        }
        outputs = {"masks": array(masks[None]), "iou_scores": array(ious[None]), "object_score_logits": np.full((1, 1), 10, np.float32)}
        linked = {"feat_s4": "shared_feat_s4", "feat_s8": "shared_feat_s8", "image_embed": "shared_feat_s16"}
        cases.append(Case("mask_decoder", name, inputs, outputs, linked))
    return cases
