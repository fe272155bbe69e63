"""Makes the libraries behave the same everywhere: quiet, one thread, and usable with a torchvision built for another torch."""

from __future__ import annotations

import logging
import os
import warnings


def prepare(threads: int = 1) -> None:
    """Call before anything imports transformers or torchvision."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings("ignore")
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True, warn_only=True)
    _declare_missing_operators(torch)
    for name in ("torch.onnx", "onnxscript", "onnx_ir", "transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()


def _declare_missing_operators(torch) -> None:
    """A torchvision whose binary part does not load still works in plain Python once its operators are declared."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        import sys

        for module in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[module]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            if not hasattr(torch.ops.torchvision, name):
                library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)
        import torchvision  # noqa: F401


_declared: list = []


def edgetam_without_hub() -> None:
    """The library asks the hub for EdgeTAM's default backbone whenever it compares, prints or reads a config; ours is built here."""
    from transformers import EdgeTamVisionConfig, TimmWrapperConfig

    if getattr(EdgeTamVisionConfig, "_masklet_offline", False):
        return
    original = EdgeTamVisionConfig.__post_init__

    def post_init(self, **kwargs):
        if self.backbone_config is None:
            self.backbone_config = TimmWrapperConfig(
                architecture="repvit_m1",
                do_pooling=False,
                model_args={"in_chans": 3, "features_only": True, "out_indices": [0, 1, 2, 3]},
            )
        original(self, **kwargs)

    EdgeTamVisionConfig.__post_init__ = post_init
    EdgeTamVisionConfig.has_no_defaults_at_init = True
    EdgeTamVisionConfig._masklet_offline = True
