#!/usr/bin/env python3
"""Puts the weights of a SAM 3 fine-tuning run back into the full checkpoint: detector from the run, tracker from the original.

    python merge_finetuned.py --base sam3.pt --tuned LOGS/checkpoints/checkpoint.pt --out sam3-mine.pt

SAM 3's trainer saves the detector alone, with names that lack the full checkpoint's "detector." in front.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from recipe.errors import RecipeError  # noqa: E402

PREFIXES = ("", "detector.")


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise RecipeError(f'"{path}" does not exist; give the checkpoint file.')
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # noqa: BLE001 - torch raises many kinds for a file that is none of its own
        raise RecipeError(f'"{path}" cannot be read as a checkpoint ({type(error).__name__}).') from error
    found = loaded.get("model", loaded) if isinstance(loaded, dict) else None
    if not isinstance(found, dict) or not found or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise RecipeError(f'"{path}" holds no model weights.')
    return found


def merge(base: dict[str, torch.Tensor], tuned: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], int]:
    """The base with every tuned tensor in its place; also how many of them differ. Nothing may be left over or of another shape."""
    merged = dict(base)
    changed = 0
    for name, value in tuned.items():
        place = next((prefix + name for prefix in PREFIXES if prefix + name in base), None)
        if place is None:
            raise RecipeError(f'The tuned checkpoint has "{name}", which the base has not: they are not of one model.')
        if base[place].shape != value.shape:
            raise RecipeError(f'"{name}" is {tuple(value.shape)} in the tuned checkpoint and {tuple(base[place].shape)} in the base.')
        changed += not torch.equal(base[place], value.to(base[place].dtype))
        merged[place] = value.to(base[place].dtype)
    return merged, changed


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="merge_finetuned.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, type=Path, help="the full checkpoint that training started from (sam3.pt)")
    parser.add_argument("--tuned", required=True, type=Path, help="checkpoint.pt of the fine-tuning run")
    parser.add_argument("--out", required=True, type=Path, help="file to make")
    options = parser.parse_args(argv)
    try:
        if options.out.exists():
            raise RecipeError(f'"{options.out}" exists already and was left alone; choose another name.')
        base, tuned = weights_of(options.base), weights_of(options.tuned)
        merged, changed = merge(base, tuned)
        if changed == 0:
            raise RecipeError("The tuned weights are the base's own: was the run too short, or skip_saving_ckpts left on?")
        draft = options.out.with_name(f".{options.out.name}.part-{os.getpid()}")
        torch.save({"model": merged}, draft)
        os.replace(draft, options.out)
    except RecipeError as error:
        print(f"merge_finetuned.py: {error}", file=sys.stderr)
        return 1
    print(f"done: {changed} of {len(tuned)} tuned tensors differ, {len(base) - len(tuned)} others are the base's; {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
