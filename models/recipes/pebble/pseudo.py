"""Pseudo-labels for unlabelled clips: whole things, followed over half a second.

  python pseudo.py CLIPS BANK [--sheet FILE.png] [--drop 3,7]

outlines.json holds rough outlines (per cent of width and height) that a vision model drew on one frame of each clip.
GrabCut fits each to the picture; the pack that is there then follows it forth and back. BANK/things.npz holds the
frames and masks. Colours inside a cut-out are real, its outline is only as good as this: train on composites of it.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from host import Pack, Track, step, to_video

W, H, REACH = 448, 252, 12
cv2.setNumThreads(1)


def fit(im, outline):
    """GrabCut in a band along a drawn outline."""
    m = np.zeros((H, W), np.uint8)
    cv2.fillPoly(m, [(np.array(outline).reshape(-1, 2) * [W / 100, H / 100]).round().astype(np.int32)], 1)
    k = int(np.clip(np.sqrt(m.sum()) * 0.05, 2, 6))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * k + 1, 2 * k + 1))
    t = np.full((H, W), cv2.GC_BGD, np.uint8)
    t[cv2.dilate(m, disk) > 0] = cv2.GC_PR_BGD
    t[m > 0] = cv2.GC_PR_FGD
    t[cv2.erode(m, disk) > 0] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    cv2.grabCut(im, t, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    g = ((t == cv2.GC_FGD) | (t == cv2.GC_PR_FGD)).astype(np.uint8)
    return cv2.morphologyEx(cv2.morphologyEx(g, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))


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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("clips")
    ap.add_argument("bank")
    ap.add_argument("--sheet")
    ap.add_argument("--drop", default="", help="numbers of things that came out badly")
    a = ap.parse_args()
    drop, p = {int(v) for v in a.drop.split(",") if v}, Pack()
    pics, masks, thing, rows, n = [], [], [], [], 0
    for name, items in json.loads(Path(__file__).with_name("outlines.json").read_text()).items():
        for at, outline in items:
            cap = cv2.VideoCapture(str(Path(a.clips, name + ".mp4")))
            k = int(int(cap.get(cv2.CAP_PROP_FRAME_COUNT)) * at)
            first = max(0, k - REACH)
            cap.set(cv2.CAP_PROP_POS_FRAMES, first)
            fr = []
            for _ in range(k - first + REACH + 1):
                ok, im = cap.read()
                if ok:
                    fr.append(cv2.resize(im, (W, H), interpolation=cv2.INTER_AREA)[..., ::-1].copy())
            ms = follow(p, fr, k - first, fit(fr[k - first][..., ::-1].copy(), outline))
            keep = [i for i, m in enumerate(ms) if m is not None]
            if n not in drop:
                pics += [fr[i] for i in keep]; masks += [ms[i] for i in keep]; thing += [n] * len(keep)
            row = []
            for i in (keep[0], k - first, keep[-1]):
                v = fr[i].copy()
                v[ms[i] == 0] //= 3
                v = cv2.resize(v, (224, 126), interpolation=cv2.INTER_AREA)
                row.append(cv2.putText(v, f"{n}: {i - k + first}", (3, 12), 0, .42, (255, 255, 0), 1))
            rows.append(np.concatenate(row, 1))
            n += 1
    np.savez(Path(a.bank, "things.npz"), pics=np.stack(pics), masks=np.stack(masks), thing=np.array(thing))
    print(n, "things,", len(pics), "frames kept")
    if a.sheet:
        rows += [np.zeros_like(rows[0])] * (-len(rows) % 3)
        h = len(rows) // 3
        cv2.imwrite(a.sheet, np.concatenate([np.concatenate(rows[i * h:i * h + h], 0) for i in range(3)], 1)[..., ::-1])


if __name__ == "__main__":
    main()
