"""SAM 1 under the pack contract: an image encoder and a mask decoder, nothing that tracks.

SAM 1 has no high-resolution features, no object score and no pointers. So that the same loader and the same decoder call serve every
family, `feat_s4`/`feat_s8` are single zeros, `object_score_logits` is a constant +10 and `obj_ptrs` are the mask tokens (unused).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .attention import queries_at_once


class BoundedVisionAttention(nn.Module):
    """SAM's attention with decomposed relative positions, a few rows of queries at a time (a global block would need 0.8 GB more)."""

    def __init__(self, attention: nn.Module, side: int):
        super().__init__()
        self.qkv, self.proj, self.scale, self.heads = attention.qkv, attention.proj, attention.scale, attention.num_attention_heads
        self.side = side
        for axis in ("h", "w"):
            table = attention.get_rel_pos(side, side, getattr(attention, f"rel_pos_{axis}")).detach().clone()
            self.register_buffer(f"table_{axis}", table)

    def forward(self, hidden_states: Tensor, output_attentions=None):
        batch, side, heads = hidden_states.shape[0], self.side, self.heads
        qkv = self.qkv(hidden_states).reshape(batch, side * side, 3, heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = (part.reshape(batch * heads, side * side, -1) for part in qkv.unbind(0))
        step = max(1, queries_at_once(side * side, side * side, batch * heads) // side)
        rows = [self.rows(query, key, value, start, min(side, start + step)) for start in range(0, side, step)]
        answer = torch.cat(rows, dim=1).reshape(batch, heads, side, side, -1)
        return self.proj(answer.permute(0, 2, 3, 1, 4).reshape(batch, side, side, -1)), None

    def rows(self, query: Tensor, key: Tensor, value: Tensor, start: int, end: int) -> Tensor:
        side, count = self.side, end - start
        query = query[:, start * side : end * side]
        scores = (query * self.scale) @ key.transpose(1, 2)
        grid = query.reshape(query.shape[0], count, side, -1)
        down = grid @ self.table_h[start:end].transpose(1, 2)
        across = (grid.transpose(1, 2) @ self.table_w.transpose(1, 2)).transpose(1, 2)
        bias = down[..., :, None] + across[..., None, :]
        return torch.softmax(scores + bias.reshape(scores.shape), dim=-1) @ value


class Sam1ImageEncoder(nn.Module):
    """pixel_values [1,3,S,S] (longest side resized, normalised, then zero-padded right and below) -> features."""

    def __init__(self, model: nn.Module):
        super().__init__()
        vision = model.vision_encoder
        self.patch_embed, self.pos_embed, self.layers, self.neck = vision.patch_embed, vision.pos_embed, vision.layers, vision.neck
        grid = vision.config.image_size // vision.config.patch_size
        self.bounded = nn.ModuleList(
            BoundedVisionAttention(layer.attn, layer.window_size if layer.window_size > 0 else grid) for layer in vision.layers
        )

    def forward(self, pixel_values: Tensor):
        x = self.patch_embed(pixel_values)
        if self.pos_embed is not None:
            x = x + self.pos_embed
        for layer, attention in zip(self.layers, self.bounded):
            x = x + self.windowed(layer, attention, layer.layer_norm1(x))
            x = x + layer.mlp(layer.layer_norm2(x))
        feature = self.neck(x)
        nothing = feature[:, :1, :1, :1] * 0.0
        return nothing, nothing + 0.0, feature

    @staticmethod
    def windowed(layer: nn.Module, attention: nn.Module, x: Tensor) -> Tensor:
        if layer.window_size == 0:
            return attention(x)[0]
        size = (x.shape[1], x.shape[2])
        windows, padded = layer.window_partition(x, layer.window_size)
        return layer.window_unpartition(attention(windows)[0], layer.window_size, padded, size)


class Sam1MaskDecoder(nn.Module):
    """The contract's decoder. Slots labelled -1 are ignored; SAM's own pad point joins when there are clicks and no box."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.decoder, self.prompts = model.mask_decoder, model.prompt_encoder
        self.register_buffer("image_position", model.get_image_wide_positional_embeddings().detach().flatten(2).transpose(1, 2))

    def sparse(self, coords: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """-> tokens [B,P+1,C] and which of them count [B,P+1]."""
        prompts = self.prompts
        coords = (coords + 0.5) / float(prompts.input_image_size)
        angles = 2 * math.pi * ((2 * coords - 1) @ prompts.shared_embedding.positional_embedding)
        tokens = torch.cat([angles.sin(), angles.cos()], dim=-1)
        for label in range(4):
            tokens = tokens + (labels == label)[..., None].to(tokens.dtype) * prompts.point_embed[label].weight[0]
        given = (labels >= 0).to(tokens.dtype)
        boxed = (labels >= 2).to(tokens.dtype).amax(dim=1, keepdim=True)
        pad = given.amax(dim=1, keepdim=True) * (1 - boxed)
        filler = prompts.not_a_point_embed.weight[None].expand(coords.shape[0], -1, -1)
        return torch.cat([tokens, filler], dim=1), torch.cat([given, pad], dim=1)

    def forward(self, feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask):
        batch, decoder = point_coords.shape[0], self.decoder
        has = has_mask.reshape(-1, 1, 1, 1)
        dense = has * self.prompts.mask_embed(mask_input) + (1 - has) * self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        # The inputs that SAM 1 does not know take part with weight zero, so that they stay inputs of the graph.
        unused = 0.0 * (feat_s4 + feat_s8 + no_mem_scale.reshape(-1, 1, 1, 1))
        source = image_embed + dense + unused
        height, width = source.shape[-2:]
        heads = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight], dim=0)[None].expand(batch, -1, -1)
        prompts, counted = self.sparse(point_coords, point_labels)
        tokens = torch.cat([heads, prompts], dim=1)
        counted = torch.cat([torch.ones_like(heads[..., 0]), counted], dim=1)
        queries, keys = self.two_way(tokens, source.flatten(2).transpose(1, 2), ((1.0 - counted) * -1e4)[:, None, None])
        up = keys.transpose(1, 2).reshape(batch, -1, height, width)
        up = decoder.activation(decoder.upscale_layer_norm(decoder.upscale_conv1(up)))
        up = decoder.activation(decoder.upscale_conv2(up))
        mask_tokens = queries[:, 1:5]
        weights = torch.stack([decoder.output_hypernetworks_mlps[i](mask_tokens[:, i]) for i in range(4)], dim=1)
        masks = (weights @ up.flatten(2)).reshape(batch, 4, 4 * height, 4 * width)
        ious = decoder.iou_prediction_head(queries[:, 0])
        return masks, ious, ious[:, :1] * 0.0 + 10.0, mask_tokens

    def two_way(self, tokens: Tensor, image: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """SAM's two-way transformer with ignored tokens masked wherever they are keys."""
        transformer, place = self.decoder.transformer, self.image_position
        queries, keys = tokens, image
        for layer in transformer.layers:
            if layer.skip_first_layer_pe:
                queries = attend(layer.self_attn, queries, queries, queries, bias)
            else:
                named = queries + tokens
                queries = queries + attend(layer.self_attn, named, named, queries, bias)
            queries = layer.layer_norm1(queries)
            queries = queries + attend(layer.cross_attn_token_to_image, queries + tokens, keys + place, keys, None)
            queries = layer.layer_norm2(queries)
            queries = layer.layer_norm3(queries + layer.mlp(queries))
            keys = keys + attend(layer.cross_attn_image_to_token, keys + place, queries + tokens, queries, bias)
            keys = layer.layer_norm4(keys)
        queries = queries + attend(transformer.final_attn_token_to_image, queries + tokens, keys + place, keys, None)
        return transformer.layer_norm_final_attn(queries), keys


def attend(module: nn.Module, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
    """One SamAttention with a bias over its keys."""
    heads = module.num_attention_heads

    def split(x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    query, key, value = split(module.q_proj(query)), split(module.k_proj(key)), split(module.v_proj(value))
    scores = (query * module.scaling) @ key.transpose(2, 3)
    if bias is not None:
        scores = scores + bias
    answer = (torch.softmax(scores, dim=-1) @ value).transpose(1, 2)
    return module.out_proj(answer.reshape(answer.shape[0], answer.shape[1], -1))
