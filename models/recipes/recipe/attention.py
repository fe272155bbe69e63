"""Attention whose score matrix stays small: queries go in chunks, or one fused operator does it (opset 23)."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

NAME = "masklet_bounded"


@dataclass
class AttentionPlan:
    """How graphs that are being exported compute attention."""

    #: "chunked" (opset 18, any runtime) or "fused" (the Attention operator of opset 23)
    mode: str = "chunked"
    #: most scores of one row of the batch at once, heads included; 16 M are 64 MiB of float32
    max_scores: int = 16 * 1024 * 1024
    #: scores that stay in a processor's cache between product, softmax and product; chunks are cut to it while they have `min_queries`
    cached_scores: int = 1024 * 1024
    #: a product with fewer rows spends its time on packing the keys
    min_queries: int = 128


plan = AttentionPlan()


def queries_at_once(queries: int, keys: int, heads: int = 1) -> int:
    """Queries of one chunk."""
    each = keys * heads
    return max(1, min(queries, plan.max_scores // each, max(plan.min_queries, plan.cached_scores // each)))


def bounded_attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, scale: float, most_keys: int) -> Tensor:
    """softmax(q k^T * scale + bias) v for [B, H, Q, D] and [B, H, K, D]; `bias` broadcasts to [B, H, Q, K]. `most_keys` bounds K."""
    if plan.mode == "fused":
        if bias is not None:
            bias = bias.expand(query.shape[0], 1, query.shape[2], key.shape[2])
        return F.scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=scale)
    queries = query.shape[2]
    # Dynamic axes (prompt tokens) are short and stay whole.
    step = queries_at_once(queries, most_keys, query.shape[1]) if isinstance(queries, int) else queries
    query = query * scale
    keys = key.transpose(2, 3)
    if step is queries or step == queries:
        return _attend(query, keys, value, bias)
    whole = bias is None or bias.shape[2] == 1
    return torch.cat(
        [
            _attend(
                query[:, :, start : min(queries, start + step)],
                keys,
                value,
                bias if whole else bias[:, :, start : min(queries, start + step)],
            )
            for start in range(0, queries, step)
        ],
        dim=2,
    )


def _attend(query: Tensor, keys: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
    scores = query @ keys
    if bias is not None:
        scores = scores + bias
    return torch.softmax(scores, dim=-1) @ value


def _library_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **_kwargs):
    """The same under the signature of transformers' attention interface."""
    scale = scaling if scaling is not None else query.shape[-1] ** -0.5
    keys = key.shape[2] if isinstance(key.shape[2], int) else 256
    answer = bounded_attention(query, key, value, attention_mask, scale, keys)
    return answer.transpose(1, 2).contiguous(), None


def register() -> None:
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(NAME, _library_attention)
    AttentionMaskInterface.register(NAME, eager_mask)


@contextmanager
def library_attention(model: torch.nn.Module, name: str):
    """Runs the library's modules under an attention implementation ("eager" for references, NAME for exports)."""
    configs = {id(m.config): m.config for m in model.modules() if hasattr(getattr(m, "config", None), "_attn_implementation")}
    before = {key: config._attn_implementation for key, config in configs.items()}
    for config in configs.values():
        config._attn_implementation = name
    try:
        yield
    finally:
        for key, config in configs.items():
            config._attn_implementation = before[key]
