"""Which graphs a pack of each family has: module, example call, dynamic axes. Names and types are the engine's contract."""

from __future__ import annotations

import torch

from .detector_graphs import Detector, DualImageEncoder, TextEncoder
from .onnx_files import GraphSpec
from .reference import TrackerReference
from .sam1_graphs import Sam1ImageEncoder, Sam1MaskDecoder
from .tracker_graphs import ImageEncoder, MaskDecoder, MaskPrompt, MemoryAttention, MemoryEncoder, memory_token_count

FEATURES = ("feat_s4", "feat_s8", "feat_s16")
DETECTOR_FEATURES = ("det_s4", "det_s8", "det_s16")
DECODER_OUTPUTS = ("masks", "iou_scores", "object_score_logits", "obj_ptrs")
DETECTOR_OUTPUTS = ("pred_logits", "pred_boxes", "presence_logits", "pred_masks", "semantic_seg")
DECODER_DYNAMIC = {
    "image_embed": {0: "batch"},
    "no_mem_scale": {0: "batch"},
    "point_coords": {0: "batch", 1: "points"},
    "point_labels": {0: "batch", 1: "points"},
    "mask_input": {0: "batch"},
    "has_mask": {0: "batch"},
}


def decoder_example(width: int, grid: int, side: int, s4: tuple[int, ...], s8: tuple[int, ...]) -> dict[str, torch.Tensor]:
    return {
        "feat_s4": torch.randn(s4),
        "feat_s8": torch.randn(s8),
        "image_embed": torch.randn(2, width, grid, grid),
        "no_mem_scale": torch.ones(2),
        "point_coords": torch.rand(2, 3, 2) * side,
        "point_labels": torch.tensor([[1, 0, -1], [2, 3, 1]], dtype=torch.int32),
        "mask_input": torch.randn(2, 1, 4 * grid, 4 * grid),
        "has_mask": torch.ones(2),
    }


def tracker_roles(reference: TrackerReference, detector: bool) -> list[GraphSpec]:
    """The five graphs that every tracking pack has."""
    model, grid, side, width = reference.model, reference.grid, reference.side, reference.width
    channels4, channels8 = model.mask_decoder.conv_s0.out_channels, model.mask_decoder.conv_s1.out_channels
    s4, s8 = (1, channels4, 4 * grid, 4 * grid), (1, channels8, 2 * grid, 2 * grid)
    tokens, memory_width = memory_token_count(model), int(model.mem_dim)
    if reference.arch == "sam3":
        encoder, outputs = DualImageEncoder(reference.whole, detector), FEATURES + (DETECTOR_FEATURES if detector else ())
    else:
        encoder, outputs = ImageEncoder(model), FEATURES
    position = reference.image_position.permute(1, 2, 0).reshape(1, width, grid, grid)
    memory = {0: "batch", 1: "frames"}
    pointer = {0: "batch", 1: "ptrs"}
    return [
        GraphSpec("image_encoder", encoder, {"pixel_values": torch.randn(1, 3, side, side)}, outputs, {}),
        GraphSpec("mask_decoder", MaskDecoder(model), decoder_example(width, grid, side, s4, s8), DECODER_OUTPUTS, DECODER_DYNAMIC),
        GraphSpec(
            "memory_encoder",
            MemoryEncoder(model),
            {
                "image_embed": torch.randn(1, width, grid, grid),
                "mask_logits": torch.randn(2, 1, 4 * grid, 4 * grid),
                "binarize": torch.tensor([1.0, 0.0]),
                "object_score_logits": torch.tensor([[1.0], [-1.0]]),
            },
            ("mem_tokens",),
            {"mask_logits": {0: "batch"}, "binarize": {0: "batch"}, "object_score_logits": {0: "batch"}},
        ),
        GraphSpec(
            "memory_attention",
            MemoryAttention(model, position),
            {
                "feat": torch.randn(1, width, grid, grid),
                "mem_tokens": torch.randn(2, 3, tokens, memory_width),
                "mem_tpos_idx": torch.tensor([[6, 0, 3], [6, 1, 2]], dtype=torch.int32),
                "mem_valid": torch.ones(2, 3),
                "obj_ptrs": torch.randn(2, 4, width),
                "ptr_tpos": torch.rand(2, 4),
                "ptr_valid": torch.ones(2, 4),
            },
            ("cond_feat",),
            {
                "mem_tokens": memory,
                "mem_tpos_idx": memory,
                "mem_valid": memory,
                "obj_ptrs": pointer,
                "ptr_tpos": pointer,
                "ptr_valid": pointer,
            },
        ),
        GraphSpec(
            "mask_prompt", MaskPrompt(model), {"mask": torch.rand(2, 1, 16 * grid, 16 * grid)}, ("mask_input",), {"mask": {0: "batch"}}
        ),
    ]


def detector_roles(video_model: torch.nn.Module) -> list[GraphSpec]:
    """SAM 3's text encoder and detector."""
    detector = video_model.detector_model
    vision, text = detector.vision_encoder.config, detector.config.text_config
    context, width = text.max_position_embeddings, vision.fpn_hidden_size
    ids = torch.ones(2, context, dtype=torch.int32)
    features = {
        name: torch.randn(1, width, *map(int, size)) for name, size in zip(DETECTOR_FEATURES, vision.backbone_feature_sizes)
    }
    boxes = {
        "boxes": torch.tensor([[[0.5, 0.5, 0.3, 0.3], [0.2, 0.2, 0.1, 0.1]]]),
        "box_labels": torch.tensor([[1, 0]], dtype=torch.int32),
        "box_valid": torch.ones(1, 2, dtype=torch.bool),
    }
    prompt = {"text_features": torch.randn(1, context, width), "text_valid": torch.ones(1, context, dtype=torch.bool)}
    return [
        GraphSpec(
            "text_encoder",
            TextEncoder(detector),
            {"input_ids": ids, "attention_mask": torch.ones_like(ids)},
            ("text_features",),
            {"input_ids": {0: "batch"}, "attention_mask": {0: "batch"}},
        ),
        GraphSpec(
            "detector", Detector(detector), {**features, **prompt, **boxes}, DETECTOR_OUTPUTS, {name: {1: "boxes"} for name in boxes}
        ),
    ]


def sam1_roles(model: torch.nn.Module) -> list[GraphSpec]:
    """SAM 1: two graphs, no tracking."""
    vision = model.config.vision_config
    grid, side = vision.image_size // vision.patch_size, vision.image_size
    example = decoder_example(vision.output_channels, grid, side, (1, 1, 1, 1), (1, 1, 1, 1))
    return [
        GraphSpec("image_encoder", Sam1ImageEncoder(model), {"pixel_values": torch.randn(1, 3, side, side)}, FEATURES, {}),
        GraphSpec("mask_decoder", Sam1MaskDecoder(model), example, DECODER_OUTPUTS, DECODER_DYNAMIC),
    ]
