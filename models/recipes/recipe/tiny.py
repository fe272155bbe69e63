"""Tiny random models of the same architectures, for tests: same classes, small numbers, weights that make every path matter."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from .compat import edgetam_without_hub


@dataclass(frozen=True)
class TinySize:
    """What `--tiny-hidden` and friends choose."""

    #: width of tracker and detector; 64 or 128 (memory has 64 channels, so a pointer splits into width / 64 tokens)
    hidden: int = 128
    #: queries of the detector
    queries: int = 20


def _tracker_fields(size: TinySize, image: int, patch: int) -> dict[str, object]:
    hidden, grid = size.hidden, image // patch
    return {
        "image_size": image,
        "memory_attention_hidden_size": hidden,
        "memory_attention_num_layers": 2,
        "memory_attention_rope_feat_sizes": [grid, grid],
        "memory_encoder_hidden_size": hidden,
        # 64 is built into the library's cross-attention.
        "memory_encoder_output_channels": 64,
        "mask_downsampler_embed_dim": hidden,
        "memory_fuser_embed_dim": hidden,
        "memory_fuser_intermediate_dim": 64,
    }


def sam21_config(size: TinySize):
    from transformers import Sam2VideoConfig, Sam2VideoMaskDecoderConfig, Sam2VideoPromptEncoderConfig

    image, hidden = 128, size.hidden
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "num_attention_heads": 1,
        "image_size": [image, image],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 2, 4, 8],
        "window_size_per_stage": [8, 4, 4, 2],
        # Never the first block of a stage: the library divides by zero there.
        "global_attention_blocks": [3],
        "window_positional_embedding_background_size": [4, 4],
    }
    vision = {
        "model_type": "sam2_vision_model",
        "backbone_config": backbone,
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[image // step] * 2 for step in (4, 8, 16)],
        "fpn_hidden_size": hidden,
    }
    return Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config=Sam2VideoPromptEncoderConfig(
            hidden_size=hidden, image_size=image, patch_size=16, mask_input_channels=4
        ),
        # An object, not a dict: the library would make a prompt-encoder config of a dict.
        mask_decoder_config=Sam2VideoMaskDecoderConfig(
            hidden_size=hidden, mlp_dim=64, num_attention_heads=2, iou_head_hidden_dim=hidden
        ),
        memory_attention_feed_forward_hidden_size=64,
        **_tracker_fields(size, image, 16),
    )


def edgetam_config(size: TinySize):
    from transformers import (
        EdgeTamVideoConfig,
        EdgeTamVideoMaskDecoderConfig,
        EdgeTamVideoPromptEncoderConfig,
        EdgeTamVisionConfig,
        TimmWrapperConfig,
    )

    image, hidden = 128, size.hidden
    edgetam_without_hub()
    backbone = TimmWrapperConfig(
        architecture="repvit_m1",
        do_pooling=False,
        model_args={
            "in_chans": 3,
            "features_only": True,
            "out_indices": [0, 1, 2, 3],
            "embed_dim": [8, 16, 24, 32],
            "depth": [1, 1, 1, 1],
        },
    )
    vision = EdgeTamVisionConfig(
        backbone_config=backbone,
        backbone_channel_list=[32, 24, 16, 8],
        backbone_feature_sizes=[[image // step] * 2 for step in (4, 8, 16)],
        fpn_hidden_size=hidden,
    )
    return EdgeTamVideoConfig(
        vision_config=vision,
        prompt_encoder_config=EdgeTamVideoPromptEncoderConfig(
            hidden_size=hidden, image_size=image, patch_size=16, mask_input_channels=4
        ),
        mask_decoder_config=EdgeTamVideoMaskDecoderConfig(
            hidden_size=hidden, mlp_dim=64, num_attention_heads=2, iou_head_hidden_dim=hidden
        ),
        memory_attention_mlp_hidden_size=64,
        memory_attention_rope_k_sizes=[4, 4],
        perceiver_resampler_num_latents=16,
        perceiver_resampler_num_latents_2d=16,
        perceiver_resampler_mlp_intermediate_size=64,
        # As in the repository's yaml.
        enable_temporal_pos_encoding_for_object_pointers=False,
        enable_occlusion_spatial_embedding=False,
        **_tracker_fields(size, image, 16),
    )


def sam3_config(size: TinySize, vocabulary: int, context: int = 32):
    from transformers import Sam3Config, Sam3TrackerVideoConfig, Sam3VideoConfig

    image, hidden = 112, size.hidden

    def vision() -> dict[str, object]:
        return {
            "model_type": "sam3_vision_model",
            "backbone_config": {
                "model_type": "sam3_vit_model",
                "hidden_size": 32,
                "intermediate_size": 64,
                "num_hidden_layers": 4,
                "num_attention_heads": 2,
                "image_size": image,
                "patch_size": 14,
                "window_size": 4,
                "global_attn_indexes": [1, 3],
                "pretrain_image_size": 56,
            },
            "fpn_hidden_size": hidden,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        }

    part = {"hidden_size": hidden, "num_attention_heads": 2}
    detector = Sam3Config(
        vision_config=vision(),
        text_config={
            "model_type": "clip_text_model",
            "vocab_size": vocabulary,
            "hidden_size": 32,
            "intermediate_size": 64,
            "projection_dim": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": context,
            "hidden_act": "gelu",
            "eos_token_id": vocabulary - 1,
            "bos_token_id": vocabulary - 2,
            "pad_token_id": 0,
        },
        geometry_encoder_config={**part, "num_layers": 1, "intermediate_size": 64, "roi_size": 7 if hidden > 64 else 3},
        detr_encoder_config={**part, "num_layers": 1, "intermediate_size": 64},
        detr_decoder_config={**part, "num_layers": 2, "num_queries": size.queries, "intermediate_size": 64},
        mask_decoder_config=part,
    )
    tracker = Sam3TrackerVideoConfig(
        vision_config=vision(),
        prompt_encoder_config={"hidden_size": hidden, "image_size": image, "patch_size": 14, "mask_input_channels": 4},
        mask_decoder_config={"hidden_size": hidden, "mlp_dim": 64, "num_attention_heads": 2, "iou_head_hidden_dim": hidden},
        memory_attention_feed_forward_hidden_size=64,
        **_tracker_fields(size, image, 14),
    )
    return Sam3VideoConfig(detector_config=detector, tracker_config=tracker, low_res_mask_size=32)


def sam1_config(size: TinySize):
    from transformers import SamConfig

    hidden = size.hidden
    return SamConfig(
        vision_config={
            "hidden_size": 32,
            "output_channels": hidden,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "image_size": 128,
            "patch_size": 16,
            # 8 is no multiple of 3, as 64 is none of 14.
            "window_size": 3,
            "global_attn_indexes": [1],
            "num_pos_feats": hidden // 2,
            "mlp_dim": 64,
        },
        prompt_encoder_config={
            "hidden_size": hidden,
            "image_size": 128,
            "patch_size": 16,
            "mask_input_channels": 4,
        },
        mask_decoder_config={"hidden_size": hidden, "mlp_dim": 64, "num_attention_heads": 2, "iou_head_hidden_dim": hidden},
    )


def randomise(model: nn.Module, seed: int, gain: float = 6.0) -> nn.Module:
    """Deterministic weights under which memory, prompts and pixels all matter.

    The library initialises many constants with zero or one and matrices with 0.02: wrong wiring would not show. Constants are drawn
    again, matrices enlarged. Which is which goes by the kind of layer: a matrix drawn as wide as an embedding makes every softmax behind it
    nearly a step, and rounding grows from layer to layer and from frame to frame until no two runtimes agree.
    """
    generator = torch.Generator().manual_seed(seed)
    layers = {id(layer.weight) for layer in model.modules() if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd))}

    def normal(shape, std: float):
        return torch.randn(shape, generator=generator) * std

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            flat = parameter.numel() > 1 and float(parameter.std()) > 0
            if id(parameter) in layers:
                fan_in = parameter[0].numel()
                parameter.copy_(normal(parameter.shape, min(0.02 * gain, 1.2 * fan_in**-0.5)))
            elif parameter.ndim >= 2:
                parameter.copy_(normal(parameter.shape, 0.5))
            elif not flat and name.endswith("weight"):
                parameter.copy_(1 + normal(parameter.shape, 0.1))
            else:
                parameter.copy_(normal(parameter.shape, 0.1))
        for name, buffer in model.named_buffers():
            if name.endswith("positional_embedding"):
                buffer.copy_(normal(buffer.shape, 1.0))
            elif name.endswith("running_var"):
                buffer.copy_(1 + normal(buffer.shape, 0.1).abs())
            elif name.endswith("running_mean"):
                buffer.copy_(normal(buffer.shape, 0.1))
    tie_prompt_embedding(model)
    return model.eval()


def tie_prompt_embedding(model: nn.Module) -> None:
    """The Gaussian matrix of the prompt encoder is the image's own."""
    tracker = getattr(model, "tracker_model", model)
    shared, prompts = tracker.shared_image_embedding, tracker.prompt_encoder.shared_embedding
    prompts.positional_embedding.data.copy_(shared.positional_embedding.data)


def rescale_read_out(layer: nn.Linear, values: torch.Tensor, mean: torch.Tensor | float, std: float) -> None:
    """Makes a last layer whose outputs were `values` [n, outputs] give this mean and spread instead."""
    spread = values.std(dim=0).clamp(min=1e-6)
    layer.weight.data.mul_((std / spread)[:, None])
    layer.bias.data.copy_((layer.bias.data - values.mean(dim=0)) * std / spread + mean)
