#!/usr/bin/env python3
"""Turns a checkpoint of the SAM family into a model pack: python export.py FAMILY --out FOLDER (see README.md)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recipe.errors import RecipeError  # noqa: E402
from recipe.families import FAMILIES  # noqa: E402


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="export.py", description=__doc__)
    parser.add_argument("family", choices=sorted(FAMILIES))
    parser.add_argument("--out", required=True, help="folder to make; must be new or empty")
    parser.add_argument("--source", help="folder or hub id of a checkpoint in transformers form (default: the family's own)")
    parser.add_argument("--variant", help="sam2.1: tiny, small, base_plus, large; sam1: vit_b, vit_l, vit_h")
    parser.add_argument("--mirror", choices=("hub", "modelscope"), default="hub", help="where hub ids are fetched (HF_ENDPOINT counts)")
    parser.add_argument("--precision", choices=("fp32", "fp16"), default="fp32")
    parser.add_argument("--int8", action="store_true", help="dynamic int8 weights of matrix products (with fp32)")
    parser.add_argument("--attention", choices=("chunked", "fused"), default="chunked", help="fused: the Attention operator, opset 23")
    parser.add_argument("--tracker-only", action="store_true", help="sam3: no detector and no text encoder")
    parser.add_argument("--vocab", help="sam3: CLIP merges, when merges.txt is not beside the checkpoint")
    parser.add_argument("--goldens", choices=("full", "small", "encoder", "none"), help="per-graph goldens (default: full with --tiny, else small)")
    parser.add_argument("--id", help="id in pack.json")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tiny", action="store_true", help="random weights in a tiny architecture, for tests")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights")
    parser.add_argument("--tiny-hidden", type=int, choices=(64, 128), default=128)
    parser.add_argument("--tiny-queries", type=int, default=20)
    parser.add_argument("--tiny-compact", action="store_true", help="weights on an 8-bit grid, stored as bytes (small test packs)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    if options.tiny or (options.source and Path(options.source).is_dir()):
        # Nothing is needed from the network, so nothing may wait for it.
        os.environ["HF_HUB_OFFLINE"] = "1"
    from recipe.compat import prepare

    prepare(options.threads)
    from recipe.build import build

    try:
        build(options)
    except RecipeError as error:
        print(f"export.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
