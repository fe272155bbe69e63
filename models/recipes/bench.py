#!/usr/bin/env python3
"""Real sizes with random weights: `bench.py make FAMILY FOLDER` writes a checkpoint, `bench.py serve FAMILY CHECKPOINT` times its parts on request.

Used by test/bench/components.ts. The parts are transformers' own modules with its default attention (sdpa), one object at a time, as its
video model runs them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["HF_HUB_OFFLINE"] = "1"

#: a full memory: conditioning frame and six neighbours, sixteen pointers
FRAMES, POINTERS = 7, 16


def make(family: str, folder: Path) -> None:
    from recipe.compat import prepare

    prepare()
    import torch
    from transformers import EdgeTamVideoConfig, EdgeTamVisionConfig, Sam2VideoConfig, Sam3VideoConfig

    from recipe.compat import edgetam_without_hub
    from recipe.source import model_class

    if family == "edgetam":
        edgetam_without_hub()
    vision = {}
    if family == "edgetam":
        # The library's own default is a Hiera; EdgeTAM has RepViT-M1.
        sizes = [[side, side] for side in (256, 128, 64)]
        vision = {"vision_config": EdgeTamVisionConfig(backbone_channel_list=[384, 192, 96, 48], backbone_feature_sizes=sizes)}
    config = {"sam2.1": Sam2VideoConfig, "edgetam": EdgeTamVideoConfig, "sam3": Sam3VideoConfig}[family](**vision)
    # 2.1's own choices, where the library's defaults are 2.0's.
    if family != "sam3":
        config.enable_occlusion_spatial_embedding = config.enable_temporal_pos_encoding_for_object_pointers = family == "sam2.1"
    torch.manual_seed(1)
    model_class(family)(config).save_pretrained(folder)


class Parts:
    def __init__(self, family: str, folder: Path):
        import torch

        from recipe.compat import edgetam_without_hub
        from recipe.source import model_class

        if family == "edgetam":
            edgetam_without_hub()
        self.torch, self.family = torch, family
        self.whole = model_class(family).from_pretrained(folder).eval()
        self.model = self.whole.tracker_model if family == "sam3" else self.whole
        side = self.model.config.image_size
        self.pixels = torch.randn(1, 3, side, side)
        self.s4, self.s8, self.s16 = self.encode()
        self.mask, self.text = torch.randn(1, 1, side, side), None
        memory, self.place = self.remember()
        self.tokens, self.positions, self.extra = self.bank(memory)

    def encode(self):
        if self.family == "sam3":
            # One ViT pass, both necks, as its video model does.
            self.vision = self.whole.detector_model.get_vision_features(pixel_values=self.pixels)
            maps, _ = self.whole.get_vision_features_for_tracker(self.vision)
        else:
            maps = self.model.get_image_features(self.pixels, return_dict=True).fpn_hidden_states
        sides = [int(m.shape[0] ** 0.5) for m in maps]
        return [m.permute(1, 2, 0).reshape(1, -1, side, side) for m, side in zip(maps, sides)]

    def remember(self):
        mask, side = self.mask, 16 * self.s16.shape[-1]
        if mask.shape[-1] != side:
            mask = self.torch.nn.functional.interpolate(mask, size=(side, side), mode="bilinear", align_corners=False, antialias=True)
        features, place = self.model.memory_encoder(self.s16, self.torch.sigmoid(mask) * 20 - 10)
        if self.family == "edgetam":
            features, place = self.model.spatial_perceiver(features, place)
            return features.permute(1, 0, 2), place.permute(1, 0, 2)
        return features.flatten(2).permute(2, 0, 1), place.flatten(2).permute(2, 0, 1)

    def bank(self, memory):
        torch, model = self.torch, self.model
        tokens = [memory] * FRAMES
        positions = [self.place + model.memory_temporal_positional_encoding[index] for index in range(FRAMES)]
        width = self.s16.shape[1]
        vectors, encoded = model._process_object_pointers(
            list(range(1, POINTERS + 1)), [torch.randn(1, width)] * POINTERS, POINTERS, 1, width, torch.device("cpu")
        )
        extra = {"num_object_pointer_tokens": vectors.shape[0]}
        if self.family == "edgetam":
            extra["num_spatial_memory_tokens"] = FRAMES
        return torch.cat([*tokens, vectors]), torch.cat([*positions, encoded]), extra

    def attend(self):
        current = self.s16.flatten(2).permute(2, 0, 1)
        return self.model.memory_attention(
            current_vision_features=current,
            memory=self.tokens,
            current_vision_position_embeddings=self.torch.zeros_like(current),
            memory_posision_embeddings=self.positions,
            **self.extra,
        )

    def decode(self):
        torch, model = self.torch, self.model
        sparse, dense = model.prompt_encoder(
            input_points=torch.zeros(1, 1, 1, 2), input_labels=-torch.ones(1, 1, 1, dtype=torch.int), input_boxes=None, input_masks=None
        )
        return model.mask_decoder(
            image_embeddings=self.s16,
            image_positional_embeddings=model.get_image_wide_positional_embeddings(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
            high_resolution_features=[self.s4, self.s8],
        )


    def words(self):
        ids = self.torch.full((1, 32), 320)
        return self.whole.detector_model.get_text_features(
            input_ids=ids, attention_mask=self.torch.ones_like(ids), return_dict=True
        )

    def detect(self):
        if self.text is None:
            self.text = self.words()
        return self.whole.detector_model(
            vision_embeds=self.vision, text_embeds=self.text, attention_mask=self.torch.ones(1, 32, dtype=self.torch.int64)
        )


def serve(family: str, folder: Path, threads: int) -> None:
    from recipe.compat import prepare

    prepare(threads)
    import torch

    torch.use_deterministic_algorithms(False)
    parts = Parts(family, folder)
    work = {"image_encoder": parts.encode, "memory_attention": parts.attend, "mask_decoder": parts.decode, "memory_encoder": parts.remember}
    if family == "sam3":
        work |= {"text_encoder": parts.words, "detector": parts.detect}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        started = time.process_time()
        work[line.strip()]()
        print(json.dumps({"millis": (time.process_time() - started) * 1000}), flush=True)


if __name__ == "__main__":
    _, verb, name, place, *rest = sys.argv
    if verb == "make":
        make(name, Path(place))
    else:
        serve(name, Path(place), int(rest[0]) if rest else 1)
