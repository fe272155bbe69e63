"""Pseudo-labels for unlabelled clips: things on single frames, some of them followed over half a second.

  python pseudo.py CLIPS BANK [--sheet FILE.png] [--drop 3,7] [--drop-stills 5]

outlines.json holds outlines (per cent of width and height) that a vision model drew on frames of the clips. GrabCut fits
each to the picture. "stills" and "more" stay single frames, "followed" ones are followed forth and back by the pack that is there.
BANK/things.npz holds frames and masks to train on, BANK/held.npz those of the clips that are held out for development.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from host import Pack, Track, step, to_video

W, H, REACH = 448, 252, 12
cv2.setNumThreads(1)


def fit(im, outline, fine=1):
    """GrabCut in a band along a drawn outline (or several, of a thing in parts), on a picture `fine` times W x H; the mask is as large as the picture."""
    w, h = W * fine, H * fine
    m = np.zeros((h, w), np.uint8)
    for part in outline if isinstance(outline[0], list) else [outline]:
        cv2.fillPoly(m, [(np.array(part).reshape(-1, 2) * [w / 100, h / 100]).round().astype(np.int32)], 1)
    k = int(np.clip(np.sqrt(m.sum()) * (0.05 if fine == 1 else 0.04), 2, 6 if fine == 1 else 8))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * k + 1, 2 * k + 1))
    t = np.full((h, w), cv2.GC_BGD, np.uint8)
    t[cv2.dilate(m, disk) > 0] = cv2.GC_PR_BGD
    t[m > 0] = cv2.GC_PR_FGD
    t[cv2.erode(m, disk) > 0] = cv2.GC_FGD
    ys, xs = np.nonzero(m)
    cut = np.s_[max(0, ys.min() - 60):ys.max() + 60, max(0, xs.min() - 60):xs.max() + 60]       # the surroundings are enough
    cv2.setRNGSeed(1)
    part = np.ascontiguousarray(t[cut])
    cv2.grabCut(np.ascontiguousarray(im[cut]), part, None, np.zeros((1, 65)), np.zeros((1, 65)), 4 if fine == 1 else 2, cv2.GC_INIT_WITH_MASK)
    t[cut] = part
    g = ((t == cv2.GC_FGD) | (t == cv2.GC_PR_FGD)).astype(np.uint8)
    g = cv2.morphologyEx(cv2.morphologyEx(g, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return g


def smaller(g):
    return (cv2.resize(g * 255, (W, H), interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)


def follow(p, frames, at, m):
    """Masks for all frames, None where the object was lost or changed its size too fast."""
    out = [None] * len(frames)
    out[at] = m
    for way in (range(at + 1, len(frames)), range(at - 1, -1, -1)):
        tk, area = Track(p), m.mean()
        tk.add_mask(0, p.encode(frames[at]), m > 0)
        for n, i in enumerate(way):
            z, iou, score = step(p, [tk], n + 1, p.encode(frames[i]))[0]
            g = to_video(z, W, H).astype(np.uint8)
            if score <= 0 or iou < .7 or not .8 < (g.mean() + 1e-9) / area < 1.25:
                break
            out[i], area = g, g.mean()
    return out


def frames(clips, name, first, n, w, h):
    cap = cv2.VideoCapture(str(Path(clips, name + ".mp4")))
    cap.set(cv2.CAP_PROP_POS_FRAMES, first)
    got = [im for ok, im in (cap.read() for _ in range(n)) if ok]
    return [cv2.resize(im, (w, h), interpolation=cv2.INTER_AREA) for im in got]


def count(clips, name):
    return int(cv2.VideoCapture(str(Path(clips, name + ".mp4"))).get(cv2.CAP_PROP_FRAME_COUNT))


def each(*sets):
    """Outlines in the order of their numbers: number, clip, time, outline."""
    return ((n, name, at, outline) for n, (name, (at, outline)) in enumerate((name, i) for groups in sets for name, items in groups.items() for i in items))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("clips")
    ap.add_argument("bank")
    ap.add_argument("--sheet")
    ap.add_argument("--drop", default="", help="numbers of followed things that came out badly")
    ap.add_argument("--drop-stills", default="", help="the same for stills")
    a = ap.parse_args()
    numbers = lambda s: {int(v) for v in s.split(",") if v}
    data = json.loads(Path(__file__).with_name("outlines.json").read_text())
    sets = {"things": ([], [], []), "held": ([], [], [])}
    def add(name, thing, pics, masks):
        for got, new in zip(sets["held" if name in data["heldOut"] else "things"], (pics, masks, [thing] * len(pics))):
            got += new
    tiles, stills = [], []
    for n, name, at, outline in each(data["stills"], data["more"]):
        big = frames(a.clips, name, int(count(a.clips, name) * at), 1, 2 * W, 2 * H)[0]
        fine = fit(big, outline, 2)
        im, m = cv2.resize(big, (W, H), interpolation=cv2.INTER_AREA)[..., ::-1].copy(), smaller(fine)
        if n not in numbers(a.drop_stills):
            add(name, 1000 + n, [im], [m])
            if name not in data["heldOut"]:
                stills.append((big[..., ::-1].copy(), fine, 1000 + n))
        v = im.copy()
        v[m == 0] //= 3
        tiles.append(cv2.putText(cv2.resize(v, (224, 126), interpolation=cv2.INTER_AREA), str(n), (3, 12), 0, .42, (255, 255, 0), 1))
    p = Pack()
    for n, name, at, outline in each(data["followed"]):
        k = int(count(a.clips, name) * at)
        first = max(0, k - REACH)
        fr = [f[..., ::-1].copy() for f in frames(a.clips, name, first, k - first + REACH + 1, W, H)]
        ms = follow(p, fr, k - first, fit(fr[k - first][..., ::-1].copy(), outline))
        keep = [i for i, m in enumerate(ms) if m is not None]
        if n not in numbers(a.drop):
            add(name, n, [fr[i] for i in keep], [ms[i] for i in keep])
    for file, (pics, masks, thing) in sets.items():
        np.savez(Path(a.bank, file + ".npz"), pics=np.stack(pics), masks=np.stack(masks), thing=np.array(thing))
        print(f"{file}: {len(set(thing))} things, {len(pics)} frames")
    np.savez(Path(a.bank, "stills.npz"), pics=np.stack([s[0] for s in stills]), masks=np.stack([s[1] for s in stills]), thing=np.array([s[2] for s in stills]))
    if a.sheet:
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 7)
        cv2.imwrite(a.sheet, np.concatenate([np.concatenate(tiles[i:i + 7], 1) for i in range(0, len(tiles), 7)], 0)[..., ::-1])


if __name__ == "__main__":
    main()
