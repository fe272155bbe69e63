#!/usr/bin/env python3
"""Makes a tiny pack with its goldens: python goldens.py FAMILY --seed N --out FOLDER (see README.md)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["HF_HUB_OFFLINE"] = "1"

from recipe.errors import RecipeError  # noqa: E402


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="goldens.py", description=__doc__)
    parser.add_argument("family", choices=("sam2.1", "edgetam", "sam3"))
    parser.add_argument("--out", required=True, help="folder of the pack to make; must be new or empty")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tries", type=int, default=1, help="seeds to try, from --seed on")
    parser.add_argument("--video", help="folder for the clip's PNG frames (default: beside the pack)")
    parser.add_argument("--hidden", type=int, choices=(64, 128), default=64)
    parser.add_argument("--queries", type=int, default=12)
    parser.add_argument("--size", default="96x64", help="of the clip, WIDTHxHEIGHT")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--clip-seed", type=int, default=5)
    parser.add_argument("--unseen", action="store_true", help="prompts by chance under any seed, for test/golden/unseen.ts; not for goldens that stay")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    from recipe.compat import prepare

    prepare()
    import export
    from recipe.build import build
    from recipe.pack import write_json
    from recipe.trajectories import write_detections, write_trajectory
    from recipe.video import make_clip, write_clip

    out = Path(options.out)
    video = Path(options.video) if options.video else out.parent / "video"
    relative = os.path.relpath(video, out.parent)
    width, height = map(int, options.size.split("x"))
    clip = make_clip(width, height, options.frames, options.clip_seed)
    try:
        if options.unseen:
            seed, source, images, played = options.seed, *play_unseen(options, clip, relative, video)
            command = [options.family, "--tiny", "--goldens", "encoder"]
        else:
            seed, source, images, played = choose_seed(options, clip, relative)
            command = [options.family, "--tiny", "--tiny-compact", "--goldens", "encoder"]
        command += ["--seed", str(seed), "--out", str(out)]
        command += ["--tiny-hidden", str(options.hidden), "--tiny-queries", str(options.queries), "--id", out.name]
        build(export.parse(command))
    except RecipeError as error:
        print(f"goldens.py: {error}", file=sys.stderr)
        return 1
    write_clip(clip, video)
    for one in played:
        write_trajectory(out / "goldens/trajectories" / one.name, one, clip, relative)
        print(one)
    if source.merges is not None:
        rules, told = write_phrases(out, source, images, clip, relative, options.seed)
        if options.unseen:
            manifest = json.loads((out / "pack.json").read_text())
            write_json(out / "pack.json", manifest | {"detector": rules})
        else:
            told.append(write_detections(out / "goldens/detections", source.model, images, clip, source.merges))
        print("\n".join(told))
    return 0


def write_phrases(out: Path, source, images, clip, relative: str, seed: int) -> tuple[dict, list[str]]:
    """Goldens of phrases and exemplars under rules that random scores can meet, which lie beside them: pack.json keeps the published ones."""
    from recipe.families import FAMILIES
    from recipe.pack import tracker_numbers, tracker_section, write_json
    from recipe.reference import TrackerReference
    from recipe.trajectories import rules_by_chance, write_concepts
    from recipe.unseen import Chance

    published = json.loads((out / "pack.json").read_text())["detector"]
    rules, named = rules_by_chance(published, source.model, images, source.merges)
    reference = TrackerReference(source.model, "sam3")
    constants = tracker_section(FAMILIES["sam3"], tracker_numbers(reference.model.config))
    folder = out / "goldens/concepts"
    told = write_concepts(folder, rules, named, reference, source, images, Chance(clip, seed, relative), constants)
    write_json(folder / "rules.json", rules)
    return rules, told


def play_unseen(options: argparse.Namespace, clip, relative: str, video: Path):
    from PIL import Image

    from recipe.families import FAMILIES
    from recipe.pack import tracker_numbers, tracker_section
    from recipe.reference import TrackerReference
    from recipe.source import load_tiny
    from recipe.tiny import TinySize
    from recipe.trajectories import encode_clip, play_by_chance
    from recipe.unseen import Chance

    family = FAMILIES[options.family]
    source = load_tiny(family, options.seed, TinySize(options.hidden, options.queries))
    reference = TrackerReference(source.model, family.arch)
    images = encode_clip(reference, clip, family)
    constants = tracker_section(family, tracker_numbers(reference.model.config))
    chance = Chance(clip, options.seed, relative)
    played = play_by_chance(constants, reference, images, chance, family)
    video.mkdir(parents=True, exist_ok=True)
    for name, mask in chance.masks.items():
        Image.fromarray(mask).save(video / name)
    return source, images, played


def choose_seed(options: argparse.Namespace, clip, video: str):
    """The first seed under which every decision is clear."""
    from recipe.families import FAMILIES
    from recipe.onnx_files import snap_to_bytes
    from recipe.pack import tracker_numbers, tracker_section
    from recipe.reference import TrackerReference
    from recipe.source import load_tiny
    from recipe.tiny import TinySize
    from recipe.trajectories import encode_clip, play

    family = FAMILIES[options.family]
    for seed in range(options.seed, options.seed + options.tries):
        source = load_tiny(family, seed, TinySize(options.hidden, options.queries))
        snap_to_bytes(source.model)
        reference = TrackerReference(source.model, family.arch)
        images = encode_clip(reference, clip, family)
        constants = tracker_section(family, tracker_numbers(reference.model.config))
        try:
            return seed, source, images, play(constants, reference, images, clip, family, video)
        except RecipeError as error:
            print(f"seed {seed}: {error}", flush=True)
    raise RecipeError(f"none of {options.tries} seeds from {options.seed} on gives clear decisions; give another --seed.")


if __name__ == "__main__":
    sys.exit(main())
