#!/usr/bin/env python3
"""Makes a tiny pack with its goldens: python goldens.py FAMILY --seed N --out FOLDER (see README.md)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["HF_HUB_OFFLINE"] = "1"

from recipe.errors import RecipeError  # noqa: E402

if TYPE_CHECKING:
    from recipe.concepts import PlayedConcepts
    from recipe.source import Source
    from recipe.trajectories import Played
    from recipe.unseen import Chance


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
    from recipe.trajectories import write_trajectory
    from recipe.video import make_clip, write_clip

    out = Path(options.out)
    video = Path(options.video) if options.video else out.parent / "video"
    relative = os.path.relpath(video, out.parent)
    width, height = map(int, options.size.split("x"))
    clip = make_clip(width, height, options.frames, options.clip_seed)
    try:
        if options.unseen:
            found = play_unseen(options, clip, relative, video)
            command = [options.family, "--tiny", "--goldens", "encoder"]
        else:
            found = choose_seed(options, clip, relative)
            command = [options.family, "--tiny", "--tiny-compact", "--goldens", "encoder"]
        command += ["--seed", str(found.seed), "--out", str(out)]
        command += ["--tiny-hidden", str(options.hidden), "--tiny-queries", str(options.queries), "--id", out.name]
        build(export.parse(command))
    except RecipeError as error:
        print(f"goldens.py: {error}", file=sys.stderr)
        return 1
    write_clip(clip, video)
    for one in found.played:
        write_trajectory(out / "goldens/trajectories" / one.name, one, clip, relative)
        print(one)
    if found.concepts:
        write_phrases(out, found, clip, options.unseen)
    return 0


@dataclass
class Found:
    """A seed and what was played under it."""

    seed: int
    source: Source
    played: list[Played]
    concepts: list[PlayedConcepts] = field(default_factory=list)
    detections: list = field(default_factory=list)


def write_phrases(out: Path, found: Found, clip, unseen: bool) -> None:
    from recipe.concepts import write_concepts
    from recipe.pack import write_json
    from recipe.trajectories import write_detections

    write_concepts(out / "goldens/concepts", found.concepts, clip.size)
    print("\n".join(map(str, found.concepts)))
    if unseen:
        manifest = json.loads((out / "pack.json").read_text())
        # Random scores never pass the published thresholds; a pack of goldens keeps those, and the goldens say theirs.
        write_json(out / "pack.json", manifest | {"detector": found.concepts[0].rules})
    else:
        context = found.source.model.detector_model.config.text_config.max_position_embeddings
        print(write_detections(out / "goldens/detections", found.detections, found.source.merges, context))


def play_phrases(found: Found, reference, images, clip, chance: Callable[[], Chance], constants: dict, clear: bool) -> None:
    """Phrases and exemplars; `clear`: refuses those that rounding could change."""
    from recipe.concepts import SCENARIOS, play_concept, rules_by_chance, unclear
    from recipe.families import DETECTOR_CONSTANTS
    from recipe.trajectories import play_detections

    source = found.source
    queries = source.model.detector_model.config.detr_decoder_config.num_queries
    choices = rules_by_chance({"numQueries": queries, **DETECTOR_CONSTANTS}, source.model, images, source.merges)
    for name in SCENARIOS:
        complaints = []
        # High thresholds first: fewer objects begin, and fewer pixels must be clear.
        some = sorted(choices, key=lambda choice: -choice[0]["scoreThreshold"]) if clear else choices[:1]
        # A companion makes a difference to two phrases alone.
        for rules, named in some if name == "two-phrases" else {(rules["scoreThreshold"], named[0]): (rules, named) for rules, named in some}.values():
            one = play_concept(name, rules, named, reference, source, images, chance(), constants, clear)
            complaints.append(unclear(one) if clear else None)
            if complaints[-1] is None:
                found.concepts.append(one)
                break
        if clear:
            print(f"  {name}: {', '.join(f'{complaints.count(each)} times {each}' for each in dict.fromkeys(complaints))}", flush=True)
    kept = [one.name for one in found.concepts]
    if clear and not ("two-phrases" in kept and len(kept) > 2):
        raise RecipeError("too few runs of phrases are clear; another seed is needed.")
    if clear:
        found.detections = play_detections(source.model, images, clip, source.merges)


def play_unseen(options: argparse.Namespace, clip, relative: str, video: Path) -> Found:
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
    found = Found(options.seed, source, played)
    if source.merges is not None:
        play_phrases(found, reference, images, clip, lambda: Chance(clip, options.seed, relative), constants, clear=False)
    return found


def choose_seed(options: argparse.Namespace, clip, video: str) -> Found:
    """The first seed under which every decision is clear and no pixel that matters lies within rounding of zero."""
    from recipe.families import FAMILIES
    from recipe.onnx_files import snap_to_bytes
    from recipe.pack import tracker_numbers, tracker_section
    from recipe.reference import TrackerReference
    from recipe.source import load_tiny
    from recipe.tiny import TinySize
    from recipe.trajectories import encode_clip, play
    from recipe.unseen import Chance

    family = FAMILIES[options.family]
    for seed in range(options.seed, options.seed + options.tries):
        source = load_tiny(family, seed, TinySize(options.hidden, options.queries))
        snap_to_bytes(source.model)
        reference = TrackerReference(source.model, family.arch)
        images = encode_clip(reference, clip, family)
        constants = tracker_section(family, tracker_numbers(reference.model.config))
        try:
            found = Found(seed, source, play(constants, reference, images, clip, family, video))
            if source.merges is not None:
                play_phrases(found, reference, images, clip, lambda: Chance(clip, found.seed, video), constants, clear=True)
            return found
        except RecipeError as error:
            print(f"seed {seed}: {error}", flush=True)
    raise RecipeError(f"none of {options.tries} seeds from {options.seed} on gives clear decisions; give another --seed.")


if __name__ == "__main__":
    sys.exit(main())
