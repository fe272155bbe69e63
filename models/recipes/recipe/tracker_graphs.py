"""The five tracker graphs of the pack contract, for SAM 2.1, EdgeTAM and the SAM 3 tracker.

`model` is a transformers `*VideoModel` (for SAM 3 the tracker inside `Sam3VideoModel`); the three families name their parts alike.
No graph selects anything: which mask, which memories and which pointers is the host's business.
"""

from __future__ import annotations

import math
from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention import bounded_attention, plan, queries_at_once
from .errors import RecipeError


def grid_of(model: nn.Module) -> int:
    """Side of the stride-16 (SAM 3: 14) grid."""
    return int(model.prompt_encoder.image_embedding_size[0])


def memory_token_count(model: nn.Module) -> int:
    """Tokens that one remembered frame has."""
    if hasattr(model, "spatial_perceiver"):
        return model.spatial_perceiver.num_latents_1d + model.spatial_perceiver.num_latents_2d
    return grid_of(model) ** 2


class ImageEncoder(nn.Module):
    """pixel_values [1,3,S,S] -> feat_s4, feat_s8 (decoder projections applied), feat_s16 (raw)."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.vision = merged_branches(model.vision_encoder)
        self.conv_s0, self.conv_s1 = model.mask_decoder.conv_s0, model.mask_decoder.conv_s1

    def forward(self, pixel_values: Tensor):
        levels = self.vision(pixel_values, return_dict=True).fpn_hidden_states
        return self.conv_s0(levels[0]), self.conv_s1(levels[1]), levels[2]


def merged_branches(vision: nn.Module) -> nn.Module:
    """A copy whose RepViT blocks (EdgeTAM) are one convolution each, as they are meant to run; other encoders as they are."""
    if not hasattr(vision.backbone, "timm_model"):
        return vision
    from timm.utils.model import reparameterize_model

    vision = deepcopy(vision)
    reparameterize_model(vision.backbone.timm_model, inplace=True)
    return vision


class MaskDecoder(nn.Module):
    """Prompts + two-way decoder + pointer head; all four masks, IoUs and pointers come out."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.decoder, self.prompts, self.pointer = model.mask_decoder, model.prompt_encoder, model.object_pointer_proj
        self.register_buffer("image_position", model.get_image_wide_positional_embeddings().detach().clone())
        self.register_buffer("no_memory", model.no_memory_embedding.detach().reshape(1, -1, 1, 1).clone())
        self.register_buffer("no_pointer", model.no_object_pointer.detach().clone())

    def sparse(self, coords: Tensor, labels: Tensor) -> Tensor:
        """[B,P,2] model pixels, [B,P] labels -> [B,P+1,C]; the pad point (0,0,-1) comes last."""
        prompts = self.prompts
        coords = torch.cat([coords + 0.5, torch.zeros_like(coords[:, :1])], dim=1) / float(prompts.input_image_size)
        labels = torch.cat([labels, torch.full_like(labels[:, :1], -1)], dim=1)[..., None]
        angles = 2 * math.pi * ((2 * coords - 1) @ prompts.shared_embedding.positional_embedding)
        tokens = torch.cat([angles.sin(), angles.cos()], dim=-1)
        tokens = torch.where(labels == -1, prompts.not_a_point_embed.weight, tokens)
        for label in range(4):
            tokens = tokens + (labels == label).to(tokens.dtype) * prompts.point_embed.weight[label]
        return tokens

    def forward(self, feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask):
        batch = point_coords.shape[0]
        decoder = self.decoder
        image = image_embed + self.no_memory * no_mem_scale.reshape(-1, 1, 1, 1)
        has = has_mask.reshape(-1, 1, 1, 1)
        dense = has * self.prompts.mask_embed(mask_input) + (1 - has) * self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        source = image + dense
        heads = torch.cat([decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight], dim=0)
        tokens = torch.cat([heads[None].expand(batch, -1, -1), self.sparse(point_coords, point_labels)], dim=1)[:, None]
        queries, keys = decoder.transformer(
            point_embeddings=tokens,
            image_embeddings=source,
            image_positional_embeddings=self.image_position.expand_as(source),
            attention_similarity=None,
            target_embedding=None,
        )
        height, width = source.shape[-2:]
        up = keys.transpose(2, 3).reshape(batch, -1, height, width)
        up = decoder.activation(decoder.upscale_layer_norm(decoder.upscale_conv1(up) + feat_s8))
        up = decoder.activation(decoder.upscale_conv2(up) + feat_s4)
        mask_tokens = queries[:, 0, 2:6]
        weights = torch.stack([decoder.output_hypernetworks_mlps[i](mask_tokens[:, i]) for i in range(4)], dim=1)
        masks = (weights @ up.flatten(2)).reshape(batch, 4, 4 * height, 4 * width)
        ious = decoder.iou_prediction_head(queries[:, 0, 1])
        score = decoder.pred_obj_score_head(queries[:, 0, 0])
        visible = (score > 0).to(masks.dtype)
        masks = visible[..., None, None] * masks + (1 - visible[..., None, None]) * -1024.0
        pointers = visible[..., None] * self.pointer(mask_tokens) + (1 - visible[..., None]) * self.no_pointer
        return masks, ious, score, pointers


class MemoryEncoder(nn.Module):
    """A mask and the frame's feature -> the tokens that later frames attend to."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.encoder = model.memory_encoder
        self.occlusion = model.occlusion_spatial_embedding_parameter
        self.perceiver = getattr(model, "spatial_perceiver", None)
        self.scale, self.bias = model.config.sigmoid_scale_for_mem_enc, model.config.sigmoid_bias_for_mem_enc
        self.memory_side = 16 * grid_of(model)
        self.enlarge = Enlarge(4 * grid_of(model), int(model.image_size))

    def forward(self, image_embed, mask_logits, binarize, object_score_logits):
        mask = self.enlarge(mask_logits)
        binary = binarize.reshape(-1, 1, 1, 1)
        mask = binary * (mask > 0).to(mask.dtype) + (1 - binary) * mask.sigmoid()
        # Reference order: SAM 3 resizes to 1152 after scaling (transformers resizes the logits before).
        mask = resize(mask * self.scale + self.bias, self.memory_side)
        features, positions = self.encoder(image_embed.expand(mask_logits.shape[0], -1, -1, -1), mask)
        if self.occlusion is not None:
            hidden = 1 - (object_score_logits > 0).to(features.dtype)
            features = features + hidden[..., None, None] * self.occlusion[..., None, None]
        tokens = features.flatten(2).transpose(1, 2)
        return tokens if self.perceiver is None else self.compress(features, tokens, positions)

    def compress(self, features: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """EdgeTAM's perceiver: latents over the whole frame, then one latent a window."""
        perceiver = self.perceiver
        batch, channels, side = features.shape[0], features.shape[1], features.shape[2]
        # Adding zeros of the batch's shape broadcasts without an expand that the exporter cannot view.
        whole = perceiver.latents_1d[None] + torch.zeros_like(tokens[:, :1])
        positions = positions[:1].flatten(2).transpose(1, 2) + torch.zeros_like(tokens)
        for layer in perceiver.layers:
            whole = layer(whole, tokens, positions)
        across = int(math.sqrt(perceiver.num_latents_2d))
        window = side // across
        windows = features.reshape(batch, channels, across, window, across, window).permute(0, 2, 4, 3, 5, 1)
        windows = windows.reshape(batch * across * across, window * window, channels)
        local = perceiver.latents_2d[None, :, None] + torch.zeros_like(tokens[:, :1, None])
        local = local.reshape(batch * across * across, 1, channels)
        for layer in perceiver.layers:
            local = layer(local, windows, positional_encoding=None)
        local = local.reshape(batch, across * across, channels)
        return torch.cat([perceiver.layer_norm(whole), perceiver.layer_norm(local)], dim=1)


def resize(image: Tensor, side: int) -> Tensor:
    """Bilinear, half-pixel centres; only ever enlarges, so antialiasing would change nothing."""
    if image.shape[-1] == side:
        return image
    return F.interpolate(image, size=(side, side), mode="bilinear", align_corners=False)


class Enlarge(nn.Module):
    """`resize` before a cut at zero, where no pixel may fall on the other side because a runtime rounds in its own way.

    Whole factors need nothing. Others (3.5 for SAM 3) are products with torch's own weights. torch adds a pixel's neighbours from the last to
    the first, across before down, with one rounding a step: so does a matrix product whose terms are reversed.
    """

    def __init__(self, from_side: int, to_side: int):
        super().__init__()
        self.to_side, self.whole = to_side, to_side % from_side == 0
        if not self.whole:
            weights = F.interpolate(torch.eye(from_side)[None], size=to_side, mode="linear", align_corners=False)[0].flip(0)
            self.register_buffer("across", weights.contiguous())
            self.register_buffer("down", weights.T.contiguous())

    def forward(self, mask: Tensor) -> Tensor:
        if self.whole:
            return resize(mask, self.to_side)
        return self.down @ (mask.flip(2, 3) @ self.across)


class MemoryAttention(nn.Module):
    """Conditions the frame's feature on memories and object pointers, padded rows masked.

    Until the first look into memory all objects of a frame are alike: that part runs once a call, whatever the batch.
    """

    #: Conditioning frames + recent frames that chunking is sized for; more only make the chunks larger.
    FRAMES = 10

    def __init__(self, model: nn.Module, image_position: Tensor):
        super().__init__()
        attention = model.memory_attention
        self.layers, self.norm = attention.layers, attention.layer_norm
        self.side, self.width = grid_of(model), model.hidden_dim
        self.tokens_per_frame = memory_token_count(model)
        cos, sin = attention.rotary_emb(torch.zeros(1), attention.position_ids)
        key_cos, key_sin, positions = self.key_tables(model, cos, sin)
        tables = {"cos": half_table(cos), "sin": half_table(sin), "memory_position": positions}
        if key_cos is not cos:
            tables |= {"own_key_cos": half_table(key_cos), "own_key_sin": half_table(key_sin)}
        tables["image_position"] = image_position.flatten(2).transpose(1, 2)
        tables["temporal"] = model.memory_temporal_positional_encoding.detach()[:, 0, 0]
        half = self.width // 2
        tables["period"] = 10000 ** (2 * (torch.arange(half, dtype=torch.float32) // 2) / half)
        for name, table in tables.items():
            self.register_buffer(name, table.detach().clone())
        self.pointer_time = (
            model.temporal_positional_encoding_projection_layer
            if model.config.enable_temporal_pos_encoding_for_object_pointers
            else None
        )
        self.turns = nn.ModuleList(
            nn.ModuleDict(
                {
                    "self_query": Turned(layer.self_attn.q_proj),
                    "self_key": Turned(layer.self_attn.k_proj),
                    "query": Turned(layer.cross_attn_image.q_proj),
                    "key": Turned(layer.cross_attn_image.k_proj),
                    "self_value": one_after(layer.self_attn.v_proj, layer.self_attn.o_proj),
                    "answer": one_after(layer.cross_attn_image.v_proj, layer.cross_attn_image.o_proj),
                }
            )
            for layer in self.layers
        )

    def key_tables(self, model, cos, sin):
        """Rotation and position of every memory token; EdgeTAM's whole-frame latents have neither."""
        encoder = model.memory_encoder
        shape = torch.Size((1, model.mem_dim, self.side, self.side))
        device, dtype = torch.device("cpu"), torch.float32
        if not hasattr(model, "spatial_perceiver"):
            return cos, sin, encoder.position_encoding(shape, device, dtype).flatten(2).transpose(1, 2)
        perceiver, attention = model.spatial_perceiver, model.memory_attention
        whole = perceiver.num_latents_1d
        across = int(math.sqrt(perceiver.num_latents_2d))
        key_cos, key_sin = attention.rotary_emb(torch.zeros(1), attention.position_ids_k)
        local = perceiver.positional_encoding(torch.Size((1, model.mem_dim, across, across)), device, dtype)
        return (
            torch.cat([torch.ones(1, whole, key_cos.shape[-1]), key_cos.reshape(1, -1, key_cos.shape[-1])], dim=1),
            torch.cat([torch.zeros(1, whole, key_sin.shape[-1]), key_sin.reshape(1, -1, key_sin.shape[-1])], dim=1),
            torch.cat([torch.zeros(1, whole, model.mem_dim), local.flatten(2).transpose(1, 2)], dim=1),
        )

    def pointer_tokens(self, pointers: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """A pointer splits into tokens of the memory's width, which share its time encoding."""
        batch, count, _ = pointers.shape
        width = self.temporal.shape[-1]
        parts = self.width // width
        tokens = pointers.reshape(batch, count * parts, width)
        if self.pointer_time is None:
            # Keeps the input alive: the contract has it for every family.
            return tokens, torch.zeros_like(tokens) * times.sum()
        angles = times[..., None] / self.period
        encoded = self.pointer_time(torch.cat([angles.sin(), angles.cos()], dim=-1))
        return tokens, encoded[:, :, None].expand(-1, -1, parts, -1).reshape(batch, count * parts, width)

    def forward(self, feat, mem_tokens, mem_tpos_idx, mem_valid, obj_ptrs, ptr_tpos, ptr_valid):
        batch, frames, tokens, _ = mem_tokens.shape
        x = feat.flatten(2).transpose(1, 2) + 0.1 * self.image_position
        positions = self.memory_position[:, None] + F.embedding(mem_tpos_idx, self.temporal)[:, :, None]
        pointers, pointer_positions = self.pointer_tokens(obj_ptrs, ptr_tpos)
        parts = pointers.shape[1] // obj_ptrs.shape[1]
        valid = torch.cat(
            [
                mem_valid[:, :, None].expand(-1, -1, tokens).reshape(batch, frames * tokens),
                ptr_valid[:, :, None].expand(-1, -1, parts).reshape(batch, obj_ptrs.shape[1] * parts),
            ],
            dim=1,
        )
        bias = ((1.0 - valid) * -1e4)[:, None, None]
        placed = (mem_tokens + positions).reshape(batch * frames, tokens, -1)
        placed_pointers = pointers + pointer_positions
        # Weights of one query add up to 1, so values may be projected after they were added up (64 channels instead of 256 until then),
        # and the output's projection before it.
        value = torch.cat([mem_tokens.reshape(batch, frames * tokens, -1), pointers], dim=1)
        # SAM 2 and SAM 3 turn queries and keys by the same table: one copy in the file.
        key_cos, key_sin = getattr(self, "own_key_cos", self.cos), getattr(self, "own_key_sin", self.sin)
        for layer, turned in zip(self.layers, self.turns):
            x = x + self.attend_self(layer.self_attn, turned, layer.layer_norm1(x))
            attention = layer.cross_attn_image
            query = turned["query"](layer.layer_norm2(x), self.cos, self.sin)
            spatial = turned["key"](placed, key_cos, key_sin).reshape(batch, frames * tokens, self.width)
            key = torch.cat([spatial, turned["key"].unturned(placed_pointers)], dim=1)
            most = self.FRAMES * self.tokens_per_frame
            answer = bounded_attention(query[:, None], key[:, None], value[:, None], bias, attention.scaling, most)
            x = x + flat(turned["answer"], answer[:, 0])
            x = x + self.feed_forward(layer, layer.layer_norm3(x))
        return self.norm(x).transpose(1, 2).reshape(batch, self.width, self.side, self.side)

    def queries_at_once(self) -> int:
        """Rows of scores that an object has in memory at once, for the manifest."""
        queries = self.side**2
        return queries if plan.mode == "fused" else queries_at_once(queries, self.FRAMES * self.tokens_per_frame)

    def attend_self(self, attention: nn.Module, turned: nn.ModuleDict, x: Tensor) -> Tensor:
        query, key = turned["self_query"](x, self.cos, self.sin), turned["self_key"](x, self.cos, self.sin)
        value = flat(turned["self_value"], x)
        return bounded_attention(query[:, None], key[:, None], value[:, None], None, attention.scaling, self.side**2)[:, 0]

    @staticmethod
    def feed_forward(layer: nn.Module, x: Tensor) -> Tensor:
        if hasattr(layer, "mlp"):
            return flat(layer.mlp, x)
        return flat(layer.linear2, layer.activation(flat(layer.linear1, x)))


def flat(layer, x: Tensor) -> Tensor:
    """A layer of [B, N, C] as one of [B * N, C]: the runtime then adds the bias inside the product (Gemm)."""
    return layer(x.reshape(-1, x.shape[-1])).reshape(-1, x.shape[1], layer_width(layer, x))


def layer_width(layer, x: Tensor) -> int:
    return getattr(layer, "out_features", x.shape[-1])


def half_table(table: Tensor) -> Tensor:
    """[1, N, C / 2] of a table in which both channels of a pair are turned alike."""
    table = table.reshape(1, -1, table.shape[-1])
    if not torch.equal(table[..., 0::2], table[..., 1::2]):
        raise RecipeError("The rotation of memory attention does not turn channels in pairs; this architecture is not known here.")
    return table[..., 0::2]


def one_after(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """Both projections as one."""
    both = nn.Linear(first.in_features, second.out_features)
    both.weight.data.copy_(second.weight.data @ first.weight.data)
    both.bias.data.copy_(second.weight.data @ bias_of(first) + bias_of(second))
    return both


def bias_of(layer: nn.Linear) -> Tensor:
    return layer.weight.data.new_zeros(layer.out_features) if layer.bias is None else layer.bias.data


class Turned(nn.Module):
    """A projection with rotary position: first channels of all pairs, then second ones, so that nothing is picked out by strides.

    Queries and keys in this order have the products of the library's order.
    """

    def __init__(self, projection: nn.Linear):
        super().__init__()
        self.first, self.second = (self.part(projection, start) for start in (0, 1))

    @staticmethod
    def part(projection: nn.Linear, start: int) -> nn.Linear:
        half = nn.Linear(projection.in_features, projection.out_features // 2, bias=projection.bias is not None)
        half.weight.data.copy_(projection.weight.data[start::2])
        if projection.bias is not None:
            half.bias.data.copy_(projection.bias.data[start::2])
        return half

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        first, second = flat(self.first, x), flat(self.second, x)
        return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

    def unturned(self, x: Tensor) -> Tensor:
        return torch.cat([self.first(x), self.second(x)], dim=-1)


class MaskPrompt(nn.Module):
    """mask 0/1 [B,1,16g,16g] -> mask_input [B,1,4g,4g] for the decoder that makes a mask prompt's pointer."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.convolution = model.mask_downsample

    def forward(self, mask: Tensor) -> Tensor:
        return self.convolution(mask)
