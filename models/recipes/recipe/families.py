"""What each family is called, where its checkpoints live, and the constants that its packs carry."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Family:
    """One architecture of `pack.json`."""

    arch: str
    licence: str
    licence_note: str
    #: variant -> hub id of a checkpoint in transformers form
    hub: dict[str, str]
    default_variant: str
    #: variant -> how its config must look, so that a wrong folder is refused
    fingerprints: dict[str, dict[str, object]] = field(default_factory=dict)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    resize: str = "stretch"
    max_cond: int = -1
    memory_selection: bool = False


_APACHE = "Apache-2.0; keep the licence text and notice of the original repository with the pack."

FAMILIES: dict[str, Family] = {
    "sam2.1": Family(
        arch="sam2.1",
        licence="Apache-2.0",
        licence_note=_APACHE,
        hub={
            "tiny": "facebook/sam2.1-hiera-tiny",
            "small": "facebook/sam2.1-hiera-small",
            "base_plus": "facebook/sam2.1-hiera-base-plus",
            "large": "facebook/sam2.1-hiera-large",
        },
        default_variant="tiny",
        fingerprints={
            "tiny": {"hidden_size": 96, "blocks_per_stage": [1, 2, 7, 2]},
            "small": {"hidden_size": 96, "blocks_per_stage": [1, 2, 11, 2]},
            "base_plus": {"hidden_size": 112, "blocks_per_stage": [2, 3, 16, 3]},
            "large": {"hidden_size": 144, "blocks_per_stage": [2, 6, 36, 4]},
        },
    ),
    "edgetam": Family(
        arch="edgetam",
        licence="Apache-2.0",
        licence_note=_APACHE,
        hub={"edgetam": "yonigozlan/EdgeTAM-hf"},
        default_variant="edgetam",
    ),
    "sam3": Family(
        arch="sam3",
        licence="SAM License",
        licence_note=(
            "SAM License (Meta). The weights are gated: accept the licence on the hub first. Converted weights stay under it; "
            "do not publish this pack unless that licence allows it."
        ),
        hub={"sam3": "facebook/sam3"},
        default_variant="sam3",
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        max_cond=4,
        memory_selection=True,
    ),
    "sam1": Family(
        arch="sam1",
        licence="Apache-2.0",
        licence_note=_APACHE,
        hub={"vit_b": "facebook/sam-vit-base", "vit_l": "facebook/sam-vit-large", "vit_h": "facebook/sam-vit-huge"},
        default_variant="vit_b",
        fingerprints={
            "vit_b": {"hidden_size": 768, "num_hidden_layers": 12},
            "vit_l": {"hidden_size": 1024, "num_hidden_layers": 24},
            "vit_h": {"hidden_size": 1280, "num_hidden_layers": 32},
        },
        resize="longest-pad",
    ),
}

#: Column B of the SAM 3 video builder: what the released demo runs.
DETECTOR_CONSTANTS: dict[str, object] = {
    "scoreThreshold": 0.5,
    "detNmsThresh": 0.1,
    "assocIou": 0.1,
    "trkAssocIou": 0.5,
    "newDetThresh": 0.7,
    "hotstartDelay": 15,
    "hotstartUnmatchThresh": 8,
    "hotstartDupThresh": 8,
    "suppressUnmatchedOnlyWithinHotstart": True,
    "initKeepAlive": 30,
    "maxKeepAlive": 30,
    "minKeepAlive": -1,
    "decreaseKeepAliveForEmpty": False,
    "occlusionIou": 0.7,
    "fillHoleArea": 16,
    "maxObjects": 10000,
    "reconditionEvery": 16,
    "highConf": 0.8,
    "highIou": 0.8,
    "areaShrinkage": 0.3,
}
