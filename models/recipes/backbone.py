#!/usr/bin/env python3
"""Turns a timm backbone into a pack that makes feature vectors: python backbone.py NAME --out FOLDER (see README.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recipe.errors import RecipeError  # noqa: E402

NAMES = ("vit_small_patch14_reg4_dinov2.lvd142m", "sam2_hiera_base_plus.fb_r896")


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="backbone.py", description=__doc__)
    parser.add_argument("name", help=f"timm model, for example {' or '.join(NAMES)}")
    parser.add_argument("--out", required=True, help="folder to make; must be new or empty")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--source", help="weights as .safetensors, without the network (default: fetched from the hub)")
    weights.add_argument("--random", action="store_true", help="random weights, for tests and timing")
    weights.add_argument("--tiny", action="store_true", help="random weights in a tiny architecture of the same class, for tests")
    parser.add_argument("--size", type=int, help="side of the picture where the model allows another than its own (DINOv2: 224 for speed)")
    parser.add_argument("--seed", type=int, default=0, help="of random weights")
    parser.add_argument("--precision", choices=("fp32", "fp16"), default="fp32")
    parser.add_argument("--int8", action="store_true", help="dynamic int8 weights of matrix products (with fp32)")
    parser.add_argument("--id", help="id in pack.json")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    from recipe.compat import prepare

    prepare(options.threads)
    from recipe.backbone import build

    try:
        build(options)
    except RecipeError as error:
        print(f"backbone.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
