"""SAM 3's text encoder and detector graphs, and the image encoder that feeds detector and tracker from one ViT pass."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class DualImageEncoder(nn.Module):
    """pixel_values -> tracker features (s4, s8 projected, s16) and detector features (s4, s8, s16)."""

    def __init__(self, video_model: nn.Module, detector: bool = True):
        super().__init__()
        self.vision, self.tracker_neck = video_model.detector_model.vision_encoder, video_model.tracker_neck
        decoder = video_model.tracker_model.mask_decoder
        self.conv_s0, self.conv_s1 = decoder.conv_s0, decoder.conv_s1
        self.side, self.detector = int(video_model.tracker_model.prompt_encoder.image_embedding_size[0]), detector

    def forward(self, pixel_values: Tensor):
        hidden = self.vision.backbone(pixel_values).last_hidden_state
        spatial = hidden.reshape(hidden.shape[0], self.side, self.side, -1).permute(0, 3, 1, 2)
        tracker = [layer(spatial) for layer in self.tracker_neck.fpn_layers[:3]]
        outputs = (self.conv_s0(tracker[0]), self.conv_s1(tracker[1]), tracker[2])
        if not self.detector:
            return outputs
        return outputs + tuple(layer(spatial) for layer in self.vision.neck.fpn_layers[:3])


class TextEncoder(nn.Module):
    """input_ids, attention_mask [B,X] -> text_features [B,X,C]."""

    def __init__(self, detector: nn.Module):
        super().__init__()
        self.detector = detector

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        answer = self.detector.get_text_features(
            input_ids=input_ids, attention_mask=attention_mask.to(torch.int64), return_dict=True
        )
        return answer.pooler_output


def roi_weights(low: Tensor, size: Tensor, bins: int, length: int) -> Tensor:
    """Separable RoIAlign (aligned=False, adaptive sampling): weights [B,K,bins,length] of one axis. `low`, `size` in feature pixels."""
    size = size.clamp(min=1.0)
    samples = torch.ceil(size / bins)
    index = torch.arange(math.ceil(length / bins) + 1, dtype=low.dtype)
    bin_index = torch.arange(bins, dtype=low.dtype)
    offset = (index[None] + 0.5) / samples[..., None, None]
    at = low[..., None, None] + (size / bins)[..., None, None] * (bin_index[:, None] + offset)
    used = ((index < samples[..., None, None]) & (at >= -1.0) & (at <= float(length))).to(low.dtype)
    hat = 1.0 - (at.clamp(0.0, float(length - 1))[..., None] - torch.arange(length, dtype=low.dtype)).abs()
    return (hat.clamp(min=0.0) * used[..., None]).sum(-2) / samples[..., None, None]


def pool_boxes(features: Tensor, corners: Tensor, bins: int) -> Tensor:
    """features [1,C,H,W], corners xyxy [B,K,4] in feature pixels -> [B,K,C,bins,bins]; two matrix products, no RoiAlign operator."""
    height, width = features.shape[-2:]
    left, top, right, bottom = corners.unbind(-1)
    rows = roi_weights(top, bottom - top, bins, height)
    columns = roi_weights(left, right - left, bins, width)
    # [B,K,1,bins,H] @ [1,1,C,H,W] @ [B,K,1,W,bins]
    return rows[:, :, None] @ features[:, None] @ columns[:, :, None].transpose(-1, -2)


class Detector(nn.Module):
    """Geometry encoder + fusion + DETR decoder + masks. Reference semantics: the CLS token is always there, even without boxes."""

    def __init__(self, detector: nn.Module):
        super().__init__()
        self.model = detector
        vision = detector.vision_encoder.config
        side = vision.backbone_feature_sizes[-1]
        shape = torch.Size((1, vision.fpn_hidden_size, int(side[0]), int(side[1])))
        position = detector.vision_encoder.neck.position_encoding(shape, torch.device("cpu"), torch.float32)
        self.register_buffer("position", position.detach().clone())

    def exemplars(self, features: Tensor, boxes: Tensor, labels: Tensor, valid: Tensor) -> Tensor:
        """[1,K] labelled boxes -> [1,K+1,C]; the CLS token comes last (transformers compacts valid boxes first: same set)."""
        geometry = self.model.geometry_encoder
        batch, count = boxes.shape[:2]
        height, width = features.shape[-2:]
        normed = geometry.vision_layer_norm(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x, y, w, h = boxes.unbind(-1)
        corners = torch.stack(
            [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height], dim=-1
        )
        pooled = pool_boxes(normed, corners, geometry.roi_size).flatten(2)
        dense = geometry.boxes_pool_project
        tokens = geometry.boxes_direct_project(boxes) + pooled @ dense.weight.flatten(1).t() + dense.bias
        across, down = geometry.position_encoding.encode_1d_positions(x.flatten(), y.flatten())
        place = torch.cat([down, across, h.flatten()[:, None], w.flatten()[:, None]], dim=1)
        tokens = tokens + geometry.boxes_pos_enc_project(place.reshape(batch, count, -1))
        tokens = tokens + torch.where(labels[..., None] > 0, geometry.label_embed.weight[1], geometry.label_embed.weight[0])
        tokens = torch.cat([tokens, geometry.cls_embed.weight[None].expand(batch, -1, -1)], dim=1)
        tokens = geometry.prompt_layer_norm(geometry.final_proj(tokens))
        mask = ((1.0 - valid.to(tokens.dtype)) * -1e4)[:, None, None, :]
        image, place = features.flatten(2).transpose(1, 2), self.position.flatten(2).transpose(1, 2)
        for layer in geometry.layers:
            tokens = layer(prompt_feats=tokens, vision_feats=image, vision_pos_encoding=place, prompt_mask=mask)
        return geometry.output_layer_norm(tokens)

    def forward(self, det_s4, det_s8, det_s16, text_features, text_valid, boxes, box_labels, box_valid):
        model = self.model
        valid = torch.cat([box_valid, torch.ones_like(box_valid[:, :1])], dim=1)
        exemplars = self.exemplars(det_s16, boxes, box_labels, valid)
        prompt, prompt_valid = torch.cat([text_features, exemplars], dim=1), torch.cat([text_valid, valid], dim=1)
        fused = model.detr_encoder(
            vision_features=[det_s16], text_features=prompt, vision_pos_embeds=[self.position], text_mask=prompt_valid
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
        )[-1, ..., 0]
        masks = model.mask_decoder(
            decoder_queries=queries[-1],
            backbone_features=[det_s4, det_s8, det_s16],
            encoder_hidden_states=fused.last_hidden_state,
            prompt_features=prompt,
            prompt_mask=prompt_valid,
        )
        boxes_out = corners_of(model.detr_decoder.box_head(queries[-1]), decoded.reference_boxes[-1])
        return logits, boxes_out, decoded.presence_logits[-1], masks.pred_masks, masks.semantic_seg


def corners_of(offset: Tensor, reference: Tensor) -> Tensor:
    """Refined boxes as xyxy in 0..1: sigmoid(offset + logit(reference)), logit clamped at 1e-3."""
    logit = torch.log(reference.clamp(1e-3, 1.0) / (1.0 - reference).clamp(1e-3, 1.0))
    x, y, w, h = (logit + offset).sigmoid().unbind(-1)
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1)
