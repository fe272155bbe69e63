"""What the graphs must compute, from the library's own modules: one object at a time, nothing padded, eager attention.

Deliberately not the code of the graphs: prompts, memories and pointers go through the library's own functions wherever it has them.
Where the library differs from the original repositories, the original counts (see README.md, "Reference semantics").
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import library_attention


@dataclass
class Features:
    """What the image encoder gives for one frame."""

    s4: Tensor
    s8: Tensor
    s16: Tensor
    #: SAM 3: detector features s4, s8, s16
    det: tuple[Tensor, Tensor, Tensor] | None = None


@dataclass
class Decoded:
    masks: Tensor  # [4, L, L]
    ious: Tensor  # [4]
    score: Tensor  # []
    pointers: Tensor  # [4, C]


class TrackerReference:
    """A tracker of transformers behind the calls of the contract."""

    def __init__(self, model: nn.Module, arch: str):
        self.whole, self.arch = model, arch
        self.model = model.tracker_model if arch == "sam3" else model
        self.grid = int(self.model.prompt_encoder.image_embedding_size[0])
        self.side = int(self.model.image_size)
        self.width = int(self.model.hidden_dim)
        if arch == "sam3":
            self.image_position = self._sam3_features(torch.zeros(1, 3, self.side, self.side))[1]
        else:
            vision = model.get_image_features(torch.zeros(1, 3, self.side, self.side), return_dict=True)
            self.image_position = vision.fpn_position_encoding[-1]

    def _sam3_features(self, pixels: Tensor):
        with library_attention(self.whole, "eager"):
            vision = self.whole.detector_model.get_vision_features(pixel_values=pixels)
            maps, positions = self.whole.get_vision_features_for_tracker(vision)
        sides = [4 * self.grid, 2 * self.grid, self.grid]
        maps = [m.permute(1, 2, 0).reshape(1, -1, side, side) for m, side in zip(maps, sides)]
        return Features(*maps, det=tuple(vision.fpn_hidden_states[:3])), positions[-1]

    def image(self, pixels: Tensor) -> Features:
        if self.arch == "sam3":
            return self._sam3_features(pixels)[0]
        with library_attention(self.model, "eager"):
            maps = self.model.get_image_features(pixels, return_dict=True).fpn_hidden_states
        sides = [4 * self.grid, 2 * self.grid, self.grid]
        return Features(*[m.permute(1, 2, 0).reshape(1, -1, side, side) for m, side in zip(maps, sides)])

    def decode(
        self, image: Features, embed: Tensor, no_memory: bool, points: Tensor, labels: Tensor, mask_input: Tensor | None
    ) -> Decoded:
        """points [P,2] model pixels, labels [P]; the library appends the pad point itself."""
        model, decoder = self.model, self.model.mask_decoder
        if no_memory:
            embed = embed + model.no_memory_embedding.reshape(1, -1, 1, 1)
        sparse, dense = model.prompt_encoder(
            input_points=points[None, None], input_labels=labels[None, None], input_boxes=None, input_masks=mask_input
        )
        arguments = {
            "image_embeddings": embed,
            "image_positional_embeddings": model.get_image_wide_positional_embeddings(),
            "sparse_prompt_embeddings": sparse,
            "dense_prompt_embeddings": dense,
            "high_resolution_features": [image.s4, image.s8],
        }
        stability, decoder.dynamic_multimask_via_stability = decoder.dynamic_multimask_via_stability, False
        try:
            single, multi = (decoder(multimask_output=many, **arguments) for many in (False, True))
        finally:
            decoder.dynamic_multimask_via_stability = stability
        masks, ious, tokens = (torch.cat([a, b], dim=2)[0, 0] for a, b in zip(single[:3], multi[:3]))
        score = single[3].reshape(())
        pointers = model.object_pointer_proj(tokens)
        if score <= 0:
            masks, pointers = torch.full_like(masks, -1024.0), model.no_object_pointer.expand_as(pointers)
        return Decoded(masks, ious, score, pointers)

    def encode_memory(self, image: Features, logits: Tensor, binarize: bool, score: float) -> Tensor:
        """logits [L,L] -> [T,64]."""
        model = self.model
        mask = F.interpolate(logits[None, None], size=(self.side, self.side), mode="bilinear", align_corners=False)
        mask = (mask > 0).float() if binarize else torch.sigmoid(mask)
        mask = mask * 20.0 - 10.0
        if 16 * self.grid != self.side:
            mask = F.interpolate(mask, size=(16 * self.grid,) * 2, mode="bilinear", align_corners=False, antialias=True)
        features, positions = model.memory_encoder(image.s16, mask)
        if model.occlusion_spatial_embedding_parameter is not None and score <= 0:
            features = features + model.occlusion_spatial_embedding_parameter[..., None, None]
        if self.arch == "edgetam":
            return model.spatial_perceiver(features, positions)[0][0]
        return features.flatten(2)[0].transpose(0, 1)

    def memory_position(self) -> Tensor:
        """[T,1,64]"""
        feature = torch.zeros(1, self.width, self.grid, self.grid)
        encoded, positions = self.model.memory_encoder(feature, torch.zeros(1, 1, 16 * self.grid, 16 * self.grid))
        if self.arch == "edgetam":
            return self.model.spatial_perceiver(encoded, positions)[1].permute(1, 0, 2)
        return positions.flatten(2).permute(2, 0, 1)

    def attend(
        self, image: Features, memories: list[tuple[Tensor, int]], pointers: list[tuple[Tensor, float]], window: int
    ) -> Tensor:
        """memories: (tokens [T,64], temporal index); pointers: ([C], frames away); `window`: frames that pointers span."""
        model = self.model
        place = self.memory_position()
        tokens = [memory[:, None] for memory, _ in memories]
        positions = [place + model.memory_temporal_positional_encoding[index] for _, index in memories]
        extra: dict[str, int] = {"num_object_pointer_tokens": 0}
        if pointers:
            vectors, encoded = model._process_object_pointers(
                [offset for _, offset in pointers], [vector[None] for vector, _ in pointers], window, 1, self.width, torch.device("cpu")
            )
            tokens.append(vectors)
            positions.append(encoded)
            extra["num_object_pointer_tokens"] = vectors.shape[0]
        if self.arch == "edgetam":
            extra["num_spatial_memory_tokens"] = len(memories)
        with library_attention(self.model, "eager"):
            answer = model.memory_attention(
                current_vision_features=image.s16.flatten(2).permute(2, 0, 1),
                memory=torch.cat(tokens),
                current_vision_position_embeddings=self.image_position,
                memory_posision_embeddings=torch.cat(positions),
                **extra,
            )
        return answer.reshape(self.grid**2, self.width).transpose(0, 1).reshape(1, self.width, self.grid, self.grid)

    def mask_prompt(self, mask: Tensor) -> Tensor:
        """0/1 [M,M] -> [L,L]"""
        return self.model.mask_downsample(mask[None, None])[0, 0]


class DetectorReference:
    """SAM 3's detector out of the library's submodules, with the CLS token that `Sam3Model.forward` leaves out without boxes."""

    def __init__(self, detector: nn.Module):
        self.model = detector

    def text(self, ids: Tensor, mask: Tensor) -> Tensor:
        with library_attention(self.model, "eager"):
            return self.model.get_text_features(input_ids=ids, attention_mask=mask, return_dict=True).pooler_output

    def detect(self, det: tuple[Tensor, ...], text: Tensor, valid: Tensor, boxes: Tensor, labels: Tensor, box_valid: Tensor):
        """-> logits [Q], boxes xyxy [Q,4], presence [1], masks [Q,L,L], semantic [1,L,L]"""
        model = self.model
        encode = model.vision_encoder.neck.position_encoding
        positions = [encode(level.shape, level.device, level.dtype) for level in det]
        # torchvision's plain-Python RoIAlign would compile itself, for seconds.
        with torch.compiler.set_stance("force_eager"), library_attention(model, "eager"):
            geometry = model.geometry_encoder(
                box_embeddings=boxes, box_mask=box_valid, box_labels=labels, img_feats=det, img_pos_embeds=positions
            )
            prompt = torch.cat([text, geometry.last_hidden_state], dim=1)
            prompt_valid = torch.cat([valid, geometry.attention_mask.bool()], dim=1)
            fused = model.detr_encoder(
                vision_features=[det[2]], text_features=prompt, vision_pos_embeds=[positions[2]], text_mask=prompt_valid
            )
            decoded = model.detr_decoder(
                vision_features=fused.last_hidden_state,
                text_features=fused.text_features,
                vision_pos_encoding=fused.pos_embeds_flattened,
                text_mask=prompt_valid,
                spatial_shapes=fused.spatial_shapes,
            )
            queries = decoded.intermediate_hidden_states
            logits = model.dot_product_scoring(
                decoder_hidden_states=queries, text_features=fused.text_features, text_mask=prompt_valid
            )[-1, 0, :, 0]
            masks = model.mask_decoder(
                decoder_queries=queries[-1],
                backbone_features=list(det),
                encoder_hidden_states=fused.last_hidden_state,
                prompt_features=prompt,
                prompt_mask=prompt_valid,
            )
        reference = decoded.reference_boxes[-1]
        logit = torch.logit(reference.clamp(1e-3, 1 - 1e-3))
        x, y, w, h = torch.sigmoid(logit + model.detr_decoder.box_head(queries[-1]))[0].unbind(-1)
        corners = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1)
        return logits, corners, decoded.presence_logits[-1][0], masks.pred_masks[0], masks.semantic_seg[0]


class Sam1Reference:
    """SAM 1's own forward, token 0 and the three masks together."""

    def __init__(self, model: nn.Module):
        self.model = model
        self.side = int(model.config.vision_config.image_size)
        self.grid = self.side // int(model.config.vision_config.patch_size)

    def image(self, pixels: Tensor) -> Tensor:
        return self.model.vision_encoder(pixels).last_hidden_state

    def decode(self, embed: Tensor, points: Tensor | None, labels: Tensor | None, box: Tensor | None, mask_input: Tensor | None):
        """points [P,2], labels [P] of 0/1, box xyxy [4] -> masks [4,L,L], ious [4]"""
        model = self.model
        sparse, dense = model.prompt_encoder(
            input_points=None if points is None else points[None, None],
            input_labels=None if labels is None else labels[None, None],
            input_boxes=None if box is None else box[None, None],
            input_masks=mask_input,
        )
        arguments = {
            "image_embeddings": embed,
            "image_positional_embeddings": model.get_image_wide_positional_embeddings(),
            "sparse_prompt_embeddings": sparse,
            "dense_prompt_embeddings": dense,
        }
        single, multi = (model.mask_decoder(multimask_output=many, **arguments) for many in (False, True))
        return torch.cat([single[0], multi[0]], dim=2)[0, 0], torch.cat([single[1], multi[1]], dim=2)[0, 0]
