#!/usr/bin/env python3
"""Makes a tiny SAM 1 pack with goldens of whole stills: python stills.py --seed N --out FOLDER (see README.md)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["HF_HUB_OFFLINE"] = "1"

#: name, rounds of (points with labels, box x0 y0 x1 y1), all relative to the picture; a later round corrects the one before it
QUESTIONS = (
    ("point", (([(0.4, 0.5, 1)], None),)),
    ("points", (([(0.4, 0.5, 1), (0.7, 0.3, 1), (0.1, 0.9, 0)], None),)),
    ("box", (([], (0.2, 0.25, 0.7, 0.8)),)),
    ("box-negative", (([(0.6, 0.7, 0)], (0.2, 0.25, 0.7, 0.8)),)),
    ("corrected", (([(0.4, 0.5, 1)], None), ([(0.2, 0.3, 0)], None))),
)
SIZES = {"wide": (96, 60), "tall": (50, 90)}


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stills.py", description=__doc__)
    parser.add_argument("--out", required=True, help="folder of the pack to make; must be new or empty")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hidden", type=int, choices=(64, 128), default=64)
    parser.add_argument("--picture-seed", type=int, default=5)
    parser.add_argument("--unseen", action="store_true", help="pictures and questions by chance, for test/golden/unseen.ts")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    from recipe.compat import prepare

    prepare()
    import export
    from recipe.build import build
    from recipe.families import FAMILIES
    from recipe.onnx_files import snap_to_bytes
    from recipe.source import load_tiny
    from recipe.tiny import TinySize
    from recipe.video import make_clip

    out = Path(options.out)
    command = ["sam1", "--tiny", "--goldens", "none", "--seed", str(options.seed), "--out", str(out)]
    command += [] if options.unseen else ["--tiny-compact"]
    build(export.parse([*command, "--tiny-hidden", str(options.hidden), "--id", out.name]))
    model = load_tiny(FAMILIES["sam1"], options.seed, TinySize(options.hidden)).model
    if not options.unseen:
        snap_to_bytes(model)
    stills = out / "goldens/stills"
    stills.mkdir(parents=True)
    answers = []
    sizes, asked = by_chance(options.seed) if options.unseen else (SIZES, QUESTIONS)
    for name, (width, height) in sizes.items():
        picture = make_clip(width, height, 1, options.picture_seed).frames[0]
        save(stills / f"{name}.png", picture)
        for question, rounds in asked:
            answers.append(answer(model, FAMILIES["sam1"], stills, name, picture, question, rounds))
    (stills / "stills.json").write_text(json.dumps(answers, indent=1) + "\n")
    return 0


def by_chance(seed: int):
    """Odd sizes smaller and larger than the model's 128, and questions of every kind."""
    import numpy as np

    random = np.random.default_rng(seed)
    sizes = {f"picture{at}": tuple(int(v) for v in random.integers(*span, 2)) for at, span in enumerate([(31, 99), (101, 300), (301, 500)])}

    def clicks(count: int):
        return [(*random.uniform(0.02, 0.98, 2).round(3).tolist(), 1 if at == 0 else int(random.integers(0, 2))) for at in range(count)]

    def box():
        x, y = random.uniform(0, 0.5, 2).round(3).tolist()
        return (x, y, round(x + 0.4, 3), round(y + 0.35, 3))

    return sizes, (
        ("point", ((clicks(1), None),)),
        ("points", ((clicks(4), None),)),
        ("box", (([], box()),)),
        ("box-points", ((clicks(2), box()),)),
        ("corrected", ((clicks(1), None), (clicks(2), None), (clicks(1), None))),
        ("box-corrected", (([], box()), (clicks(1), None))),
    )


def answer(model, family, folder: Path, picture_name: str, picture, question: str, rounds) -> dict[str, object]:
    """Asks the library's own SamModel, round by round; the last answer is the golden."""
    import numpy as np
    import torch

    height, width = picture.shape[:2]
    pixels, (shown_h, shown_w), side = preprocess(picture, model.config.vision_config.image_size, family)
    scale = torch.tensor([shown_w, shown_h], dtype=torch.float32)
    points, labels, box, previous = [], [], None, None
    told = []
    for clicks, new_box in rounds:
        points += [[x, y] for x, y, _ in clicks]
        labels += [label for _, _, label in clicks]
        box = new_box or box
        told.append({"points": [[x * width, y * height, label] for x, y, label in clicks], "box": in_pixels(new_box, width, height)})
        count = len(points) + (0 if box is None else 2)
        given = model(
            pixel_values=pixels,
            input_points=(torch.tensor(points) * scale)[None, None] if points else None,
            input_labels=torch.tensor(labels)[None, None] if points else None,
            input_boxes=(torch.tensor(box).reshape(2, 2) * scale).reshape(1, 1, 4) if box else None,
            input_masks=None if previous is None else previous.clamp(-32, 32)[None],
            multimask_output=count <= 1,
        )
        ious = given.iou_scores[0, 0]
        best = int(ious.argmax())
        previous = given.pred_masks[0, 0, best][None]
    upscaled = torch.nn.functional.interpolate(previous[None], (side, side), mode="bilinear", align_corners=False)
    shown = upscaled[..., :shown_h, :shown_w]
    logits = torch.nn.functional.interpolate(shown, (height, width), mode="bilinear", align_corners=False)[0, 0]
    mask = (logits > 0).numpy()
    file = f"{picture_name}-{question}.png"
    save(folder / file, mask.astype(np.uint8) * 255)
    print(f"{file}: {mask.mean():.2f} foreground, {float((logits.abs() < 1e-3).float().mean()):.4f} of it close to call")
    return {"picture": f"{picture_name}.png", "name": question, "rounds": told, "mask": file, "iou": float(ious[best])}


def in_pixels(box, width: int, height: int):
    return None if box is None else [box[0] * width, box[1] * height, box[2] * width, box[3] * height]


def preprocess(picture, side: int, family):
    """Longest side to `side` (PIL bilinear), normalised, then zeros right and below."""
    import numpy as np
    import torch
    from PIL import Image

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    shown = int(height * scale + 0.5), int(width * scale + 0.5)
    resized = np.asarray(Image.fromarray(picture).resize((shown[1], shown[0]), Image.Resampling.BILINEAR))
    values = (torch.from_numpy(resized.copy()).float() / 255 - torch.tensor(family.mean)) / torch.tensor(family.std)
    pixels = torch.zeros(1, 3, side, side)
    pixels[0, :, : shown[0], : shown[1]] = values.permute(2, 0, 1)
    return pixels, shown, side


def save(path: Path, pixels) -> None:
    from PIL import Image

    Image.fromarray(pixels).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
