"""Rescales the read-outs of a tiny random tracker so that scores, IoUs and masks vary as trained ones do."""

from __future__ import annotations

import torch
from torch import nn

from . import tiny
from .families import Family
from .reference import Features, TrackerReference


def calibrate(model: nn.Module, family: Family, seed: int) -> None:
    """Objects are visible more often than not, predicted IoUs spread, masks are neither empty nor full."""
    reference = TrackerReference(model, family.arch)
    generator = torch.Generator().manual_seed(seed + 1)
    decoder = reference.model.mask_decoder
    samples = Samples(reference, generator)
    samples.collect()
    tiny.rescale_read_out(decoder.pred_obj_score_head.proj_out, samples.scores(), 0.8, 1.0)
    tiny.rescale_read_out(decoder.iou_prediction_head.proj_out, samples.iou_logits(), torch.tensor([0.3, 0.5, 0.2, 0.4]), 0.8)
    for token, mlp in enumerate(decoder.output_hypernetworks_mlps):
        centre_masks(mlp.proj_out, *samples.mask_parts(token))
    if family.arch == "sam3":
        calibrate_detector(model, samples)


class Samples:
    """Decoder activations over smooth random pictures, prompted and propagated."""

    def __init__(self, reference: TrackerReference, generator: torch.Generator):
        self.reference, self.generator = reference, generator
        self.pictures: list[Features] = []
        self.heads: dict[str, list[torch.Tensor]] = {}

    def collect(self) -> None:
        decoder = self.reference.model.mask_decoder
        hooks = [
            decoder.pred_obj_score_head.proj_out.register_forward_hook(self._keep("score")),
            decoder.iou_prediction_head.proj_out.register_forward_hook(self._keep("iou")),
            decoder.upscale_conv2.register_forward_hook(self._keep("up")),
            *[
                mlp.proj_out.register_forward_hook(self._keep(f"hyper{token}"))
                for token, mlp in enumerate(decoder.output_hypernetworks_mlps)
            ],
        ]
        try:
            self._run()
        finally:
            for hook in hooks:
                hook.remove()

    def _keep(self, name: str):
        def hook(_module, _inputs, output):
            self.heads.setdefault(name, []).append(output.detach().reshape(-1, *output.shape[-3 if name == "up" else -1 :]))

        return hook

    def _run(self) -> None:
        reference, generator = self.reference, self.generator
        side = reference.side
        nothing = (torch.zeros(1, 2), torch.tensor([-1]))
        for index in range(6):
            noise = torch.randn(1, 3, 6, 6, generator=generator)
            pixels = torch.nn.functional.interpolate(noise, size=(side, side), mode="bicubic")
            image = reference.image(pixels)
            self.pictures.append(image)
            self.heads.setdefault("s4", []).extend([image.s4, image.s4])
            point = torch.rand(1, 2, generator=generator) * side
            first = reference.decode(image, image.s16, True, point, torch.tensor([1]), None)
            memory = reference.encode_memory(image, first.masks[0].clamp(-8, 8), index % 2 == 0, 1.0)
            earlier = self.pictures[index // 2]
            embed = reference.attend(earlier, [(memory, 6), (memory, index)], [(first.pointers[1], 1)], 16)
            self.heads["s4"].extend([earlier.s4, earlier.s4])
            reference.decode(earlier, embed, False, *nothing, None)

    def scores(self) -> torch.Tensor:
        return torch.cat(self.heads["score"])

    def iou_logits(self) -> torch.Tensor:
        return torch.cat(self.heads["iou"])

    def mask_parts(self, token: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Mask weights [n,c] and the upscaled features [n,c,pixels] they multiply."""
        weights = torch.cat(self.heads[f"hyper{token}"])
        up = torch.cat([a + b for a, b in zip(self.heads["up"], self.heads["s4"])])
        return weights, torch.nn.functional.gelu(up).flatten(2)


def centre_masks(layer: nn.Linear, weights: torch.Tensor, features: torch.Tensor, spread: float = 4.0) -> None:
    """Shifts and scales the mask weights so that logits have mean about 0 and this spread."""
    logits = torch.einsum("nc,ncp->np", weights, features)
    common = features.mean(dim=(0, 2))
    shift = -(logits.mean() / (common @ common).clamp(min=1e-9)) * common
    moved = torch.einsum("nc,ncp->np", weights + shift, features)
    gain = spread / moved.std().clamp(min=1e-6)
    layer.bias.data.add_(shift)
    layer.weight.data.mul_(gain)
    layer.bias.data.mul_(gain)


def calibrate_detector(model: nn.Module, samples: Samples) -> None:
    """Class and presence logits around zero and masks with both signs, so that some queries pass and some do not."""
    from .reference import DetectorReference

    detector = model.detector_model
    reference = DetectorReference(detector)
    context = detector.config.text_config.max_position_embeddings
    vocabulary = detector.config.text_config.vocab_size
    ids = torch.randint(1, vocabulary - 2, (1, context), generator=samples.generator)
    ids[0, 0], ids[0, 4:] = vocabulary - 2, 0
    ids[0, 3] = vocabulary - 1
    mask = (ids != 0).to(torch.int64)
    text = reference.text(ids, mask)
    boxes, labels, none = torch.full((1, 1, 4), 0.5), torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 1, dtype=torch.bool)
    answers = [reference.detect(image.det, text, mask.bool(), boxes, labels, none) for image in samples.pictures]
    logits = torch.stack([answer[0] for answer in answers])
    scoring = detector.dot_product_scoring
    gain = (1.5 / logits.std().clamp(min=1e-6)).sqrt()
    for layer in (scoring.text_proj, scoring.query_proj):
        layer.weight.data.mul_(gain)
        layer.bias.data.mul_(gain)
    presence = torch.stack([answer[2] for answer in answers])
    detector.detr_decoder.presence_head.layer3.bias.data.add_(2.0 - presence.mean())
