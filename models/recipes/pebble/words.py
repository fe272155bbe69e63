"""How well words work: generated clips of coloured things with known truth.

  python words.py [--seed 31] [--pack FOLDER] [--clips 24]      average precision, presence accuracy, calibration
  python words.py --dump DIR                                    only makes DIR/images and DIR/truth.json (COCO), for `masklet models coco`

Every phrase of PHRASES is asked of every picture. Colours are drawn from ranges of hue, saturation and value that are written down
here and not from the detector's prototypes; what lies behind may have any colour that differs enough from the things.
"""
import argparse
import colorsys
import contextlib
import io
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from host import PACK, Pack, detect, ece, to_video
from synth import Maker

W, H, T = 640, 360, 4
# name: hue in degrees, saturation, value
COLOURS = {
    "red": ((-10, 7), (.7, 1), (.5, .95)), "orange": ((20, 34), (.8, 1), (.85, 1)), "yellow": ((48, 61), (.6, 1), (.8, 1)),
    "green": ((90, 155), (.5, 1), (.35, .9)), "blue": ((198, 240), (.55, 1), (.45, 1)), "purple": ((262, 288), (.5, .9), (.4, .85)),
    "pink": ((318, 345), (.4, .75), (.88, 1)), "white": ((0, 360), (0, .05), (.94, 1)), "black": ((0, 360), (0, .3), (.04, .12)),
    "brown": ((16, 30), (.5, .75), (.28, .48)), "grey": ((0, 360), (0, .06), (.38, .68)),
}
SHAPES = ["circle", "square", "triangle", "star", "ring"]
OTHERS = ["blob", "cross", "bar"]                                   # things that no shape word means
COMBINED = ["red circle", "blue square", "green triangle", "yellow star", "white ring", "purple circle", "orange square", "black triangle", "pink star", "grey circle", "brown square", "blue ring"]
PHRASES = ["thing"] + [f"{c} thing" for c in COLOURS] + SHAPES + COMBINED
SURE = 0.5                                                           # of the pack: what counts as found


def outline(rng, shape):
    """Corners (or many points) of a shape of size 1 around the middle, and how large its hole is."""
    a = np.linspace(0, 2 * np.pi, 73)[:-1]
    ring = lambda n, r: np.stack([r * np.cos(np.arange(n) * 2 * np.pi / n), r * np.sin(np.arange(n) * 2 * np.pi / n)], -1)
    if shape in ("circle", "ring"):
        return np.stack([np.cos(a), np.sin(a)], -1), rng.uniform(.55, .72) if shape == "ring" else 0
    if shape == "square":
        return ring(4, 1.15), 0
    if shape == "triangle":
        return ring(3, 1.2), 0
    if shape == "star":
        return ring(10, 1) * np.where(np.arange(10) % 2, rng.uniform(.38, .5), 1.15)[:, None], 0
    if shape == "cross":
        w = rng.uniform(.25, .36)
        return np.float64([[w, 1], [w, w], [1, w], [1, -w], [w, -w], [w, -1], [-w, -1], [-w, -w], [-1, -w], [-1, w], [-w, w], [-w, 1]]), 0
    if shape == "bar":                                               # bent, so that it is no parallelogram
        top = np.stack([np.linspace(-1.3, 1.3, 24), .5 * np.linspace(-1.3, 1.3, 24) ** 2 - .5], -1)
        return np.concatenate([top - [0, .22], top[::-1] + [0, .22]]), 0
    k = sum(rng.uniform(.1, .3) * np.cos(n * a + rng.uniform(0, 6.3)) / n ** .5 for n in (2, 3, 4))
    return np.stack([(1 + k) * np.cos(a), (1 + k) * np.sin(a)], -1), 0


def paint(name, rng):
    (h0, h1), (s0, s1), (v0, v1) = COLOURS[name]
    return np.array(colorsys.hsv_to_rgb(rng.uniform(h0, h1) % 360 / 360, rng.uniform(s0, s1), rng.uniform(v0, v1))) * 255


def lab(rgb):
    return cv2.cvtColor(np.float32(rgb).reshape(1, -1, 3) / 255, cv2.COLOR_RGB2LAB)[0]


def ground(rng, colours):
    """A picture behind things of these colours: any texture whose pixels seldom come near them."""
    mk = Maker(None)
    while True:
        im = cv2.resize(mk.procedural(rng, 256), (W, H), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        im = im.mean(-1, keepdims=True) + (im - im.mean(-1, keepdims=True)) * rng.uniform(.1, .9)
        some = lab(im[::12, ::12].reshape(-1, 3))
        near = np.min([np.quantile(np.linalg.norm(some - lab(c), axis=1), .05) for c in colours])
        if near > 28:
            return im


def clip(rng):
    """T pictures [H,W,3] uint8, and for every thing (colour, shape, masks [T,H,W])."""
    n = int(rng.integers(1, 6))
    names = [str(rng.choice(list(COLOURS))) for _ in range(n)]
    colours = [paint(c, rng) for c in names]
    back, things = ground(rng, colours), []
    pics = [back.copy() for _ in range(T)]
    hidden = np.zeros((T, H, W), bool)
    for name, colour in zip(names, colours):
        shape = str(rng.choice(SHAPES + OTHERS))
        pts, hole = outline(rng, shape)
        for _ in range(60):
            r, place, to = np.exp(rng.uniform(np.log(22), np.log(80))), rng.uniform([60, 50], [W - 60, H - 50]), rng.normal(size=2) * 6
            spin, turn = rng.uniform(0, 6.3), rng.normal() * .05
            flat = np.array([[1, rng.normal() * .12], [0, rng.uniform(.75, 1)]])
            masks = []
            for t in range(T):
                c, s = np.cos(spin + turn * t), np.sin(spin + turn * t)
                at = (pts * r) @ (flat @ np.array([[c, -s], [s, c]])).T + place + to * t
                m = np.zeros((H * 2, W * 2), np.uint8)               # drawn at twice the size: soft edges
                cv2.fillPoly(m, [np.round(at * 2).astype(np.int32)], 255)
                if hole:
                    cv2.fillPoly(m, [np.round(((at - place - to * t) * hole + place + to * t) * 2).astype(np.int32)], 0)
                masks.append(cv2.resize(m, (W, H), interpolation=cv2.INTER_AREA).astype(np.float32) / 255)
            masks = np.stack(masks)
            room = cv2.dilate((masks.max(0) > .5).astype(np.uint8), np.ones((21, 21), np.uint8)) > 0
            if not (hidden.any(0) & room).any() and all((m > .5).sum() > 700 for m in masks):
                break
        else:
            continue
        hidden |= masks > .5
        yy, xx = np.mgrid[0:H, 0:W].astype(np.float32)
        light = 1 + rng.uniform(0, .22) * (((xx - place[0]) * rng.normal() + (yy - place[1]) * rng.normal()) / (3 * r)).clip(-1, 1)
        grain = cv2.resize(rng.normal(size=(H // 4, W // 4)).astype(np.float32), (W, H)) * rng.uniform(0, 8)
        face = colour * light[..., None] + grain[..., None]
        shade = rng.random() < .5
        for t in range(T):
            if shade:
                dark = cv2.GaussianBlur(np.roll(masks[t], (6, 5), (0, 1)), (0, 0), 5)[..., None] * .35
                pics[t] = pics[t] * (1 - dark)
            pics[t] = pics[t] * (1 - masks[t][..., None]) + face * masks[t][..., None]
        things.append((name, shape, masks > .5))
    cast, blur, quality = rng.uniform(.95, 1.05, 3), rng.uniform(0, 1.2), int(rng.integers(50, 96))
    out = []
    for p in pics:
        p = cv2.GaussianBlur(p, (0, 0), blur) if blur > .3 else p
        p = np.clip(p * cast + rng.normal(size=p.shape) * rng.uniform(0, 4), 0, 255).astype(np.uint8)
        out.append(cv2.imdecode(cv2.imencode(".jpg", p[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)[..., ::-1].copy())
    return out, things


def meant(phrase, colour, shape):
    return all(w in (colour, shape, "thing") for w in phrase.split())


def dataset(seed, clips):
    """Pictures and a COCO truth whose categories are PHRASES."""
    pics, truth = [], {"images": [], "annotations": [], "categories": [{"id": i + 1, "name": p} for i, p in enumerate(PHRASES)]}
    for k in range(clips):
        fr, things = clip(np.random.default_rng([seed, k]))
        for t, im in enumerate(fr):
            pics.append(im)
            truth["images"].append({"id": len(pics), "file_name": f"{len(pics):05d}.png", "width": W, "height": H})
            for colour, shape, masks in things:
                seg = rle.encode(np.asfortranarray(masks[t].astype(np.uint8)))
                shown = {"segmentation": {"size": seg["size"], "counts": seg["counts"].decode()}, "area": int(masks[t].sum()), "bbox": rle.toBbox(seg).tolist(), "iscrowd": 0, "image_id": len(pics)}
                for i, p in enumerate(PHRASES):
                    if meant(p, colour, shape):
                        truth["annotations"].append({**shown, "id": len(truth["annotations"]) + 1, "category_id": i + 1})
    return pics, truth


def report(p, seed, clips):
    pics, truth = dataset(seed, clips)
    found, pairs = [], []
    there = {(a["image_id"], a["category_id"]) for a in truth["annotations"]}
    for k, im in enumerate(pics):
        e = p.encode(im)
        for i, phrase in enumerate(PHRASES):
            scores, masks = detect(p, e, phrase)
            for s, z in zip(scores, masks):
                if s > .02:
                    seg = rle.encode(np.asfortranarray(to_video(z, W, H).astype(np.uint8)))
                    found.append({"image_id": k + 1, "category_id": i + 1, "segmentation": {"size": seg["size"], "counts": seg["counts"].decode()}, "score": float(s)})
            pairs.append((i, float(scores.max()), (k + 1, i + 1) in there))
    groups = {"thing": ["thing"], "colour thing": PHRASES[1:12], "shape": SHAPES, "colour shape": COMBINED, "all": PHRASES}
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        ev = COCOeval(coco, coco.loadRes(found), "segm")
        ev.evaluate()
        ev.accumulate()
    ap = ev.eval["precision"][:, :, :, 0, 2]                         # thresholds, recalls, categories
    mean = lambda x: float(x[x > -1].mean()) if (x > -1).any() else float("nan")
    print(f"{len(pics)} pictures, {len(PHRASES)} phrases, seed {seed}")
    for name, phrases in groups.items():
        ids = [PHRASES.index(x) for x in phrases]
        q = np.array([(s, v) for i, s, v in pairs if i in ids])
        on = q[:, 1] > 0
        print(f"{name:13s} AP {mean(ap[:, :, ids]):.3f}  AP50 {mean(ap[0][:, ids]):.3f}  presence accuracy {np.mean((q[:, 0] > SURE) == on):.3f}  "
              f"there and found {np.mean(q[on, 0] > SURE):.3f} of {on.sum()}  not there and nothing found {np.mean(q[~on, 0] <= SURE) if (~on).any() else float('nan'):.3f} of {(~on).sum()}  calibration error {ece(q[:, 0], q[:, 1]):.3f}")
    for i, phrase in enumerate(PHRASES):
        q = np.array([(s, v) for j, s, v in pairs if j == i])
        on = q[:, 1] > 0
        print(f"  {phrase:15s} AP {mean(ap[:, :, [i]]):.3f}  found {np.sum(q[on, 0] > SURE)} of {on.sum()}  falsely {np.sum(q[~on, 0] > SURE)} of {(~on).sum()}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=31)
    ap.add_argument("--clips", type=int, default=24)
    ap.add_argument("--pack", default=str(PACK))
    ap.add_argument("--dump")
    a = ap.parse_args()
    if a.dump:
        pics, truth = dataset(a.seed, a.clips)
        Path(a.dump, "images").mkdir(parents=True, exist_ok=True)
        for im, about in zip(pics, truth["images"]):
            Image.fromarray(im).save(Path(a.dump, "images", about["file_name"]))
        Path(a.dump, "truth.json").write_text(json.dumps(truth))
    else:
        report(Pack(a.pack), a.seed, a.clips)


if __name__ == "__main__":
    main()
