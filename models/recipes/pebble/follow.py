"""Pseudo-labels of video: the things of outlines.json followed through their clips, for seconds and not for one.

  python follow.py CLIPS BANK [--more FILE.json,...] [--only a,b] [--sheets DIR] [--drop 3,7]
  python follow.py CLIPS BANK --prune "3,7:112-"     # takes tracks of outlines, or frames of them, out of what is there

Each outline is fitted (pseudo.py) and followed forth and back by the pack that is there, through a window that goes with the
thing. Where a track meets another outline of the same thing, that one is a second start: between two outlines the thing is followed
from both ends, each knowing both, and beyond the last one it is followed out and back again. Only frames on which both ways agree stay.
BANK/tracks-*.npz hold pictures (JPEG) and soft masks (PNG) of each track; the clips that are held out are never followed.
"""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

import pseudo
from host import Pack, Track, jaccard, step

W, H = 896, 504                      # what is followed
w, h = 672, 378                      # what is kept
STRIDE, OUT = 2, 15                  # frames between steps; steps beyond the last outline
SAME, AGREE, BACK = .7, .75, .8      # IoU: another outline of the same thing; both ways on a frame; with the start after there and back
CUT = 28                             # mean difference of small pictures at a scene change


def read(clips, name):
    cap = cv2.VideoCapture(str(Path(clips, name + ".mp4")))
    out = []
    while True:
        ok, im = cap.read()
        if not ok:
            return out
        out.append(cv2.resize(im, (W, H), interpolation=cv2.INTER_AREA)[..., ::-1].copy())


def cuts(fr):
    """Places after which another scene begins."""
    small = [cv2.resize(f, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32) for f in fr]
    d = np.array([np.abs(a - b).mean() for a, b in zip(small, small[1:])])
    return {i for i in range(len(d)) if d[i] > CUT and d[i] > 4 * np.median(d[max(0, i - 8):i + 9])}


def grid(n, marked):
    """Every second frame, and all that bear outlines."""
    out, at = [], 0
    for m in sorted(marked) + [n]:
        out += list(range(at, m, STRIDE))
        at = m
    return sorted(set(out))


class Eye:
    """Follows one thing through a window that goes with it."""

    def __init__(self, p, fr):
        self.p, self.fr = p, fr

    def begin(self, m):
        self.tk, self.n = Track(self.p), 0
        self.s = self.size(m)
        self.look(m)

    def size(self, m):
        ys, xs = np.nonzero(m)
        s = 2.2 * max((xs.max() - xs.min() + 1) / W, (ys.max() - ys.min() + 1) / H)
        return 1.0 if s > .85 else max(.3, s)

    def look(self, m):
        ys, xs = np.nonzero(m)
        if len(ys):
            self.s = .85 * self.s + .15 * self.size(m)
            self.c = (xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2
        ww, hh = int(W * self.s), int(H * self.s)
        self.at = int(np.clip(self.c[0] - ww / 2, 0, W - ww)), int(np.clip(self.c[1] - hh / 2, 0, H - hh)), ww, hh

    def crop(self, im):
        x, y, a, b = self.at
        return np.ascontiguousarray(im[y:y + b, x:x + a])

    def know(self, i, m, t):
        """A sure mask on frame i, at time t of the track (which may lie ahead)."""
        was = self.at
        self.look(m)
        self.tk.add_mask(t, self.p.encode(self.crop(self.fr[i])), self.crop(m) > 0)
        self.at = was

    def go(self, i, t):
        """Mask of frame i at time t as probabilities, predicted IoU, presence."""
        z, iou, score = step(self.p, [self.tk], t, self.p.encode(self.crop(self.fr[i])))[0]
        x, y, a, b = self.at
        q = np.zeros((H, W), np.float32)
        q[y:y + b, x:x + a] = cv2.resize(1 / (1 + np.exp(-np.clip(z, -30, 30))), (a, b), interpolation=cv2.INTER_LINEAR)
        if score > 0:
            self.look(q > .5)
        return q, iou, score


def run(eye, frames, m, sure, steps, marks=None):
    """Follows from mask m on frames[0] over frames; sure: {place in frames: mask} known beforehand; marks(frame, mask) finds outlines on the way."""
    eye.begin(m)
    eye.know(frames[0], m, 0)
    for t, g in sure.items():
        if t:
            eye.know(frames[t], g, t)
    out, area, left, met = [m.astype(np.float32)], m.mean(), steps, {}
    for t, i in enumerate(frames[1:], 1):
        q, iou, score = eye.go(i, t)
        g = q > .5
        if score <= 0 or iou < .65 or not .6 < (g.mean() + 1e-9) / area < 1.67:
            break
        other = marks(i, g) if marks else None
        if other is not None:
            met[t], left = other, steps + 1
            eye.know(i, other[1], t)
            q, g = other[1].astype(np.float32), other[1] > 0
        out.append(q)
        area, left = .5 * area + .5 * g.mean(), left - 1
        if left <= 0:
            break
    return out, met


def both(a, b):
    """Two answers for the same frames, one from either end: mean weighed by nearness, and how well they agree."""
    n = len(a)
    t = np.linspace(1, 0, n) if n > 1 else [1.0]
    return [u * k + v * (1 - k) for u, v, k in zip(a, b, t)], [jaccard(u > .5, v > .5) for u, v in zip(a, b)]


def track(eye, seq, at, first, masks):
    """seq: frames of the scene; at: place of the first outline; masks {frame: [(number, mask)]}. Returns {frame: mask}, the outlines' numbers."""
    used = {first}
    def marks(i, g):
        best = max(((jaccard(m > 0, g), n, m) for n, m in masks.get(i, []) if n not in used), key=lambda v: v[0], default=(0, 0, 0))
        if best[0] < SAME:
            return None
        used.add(best[1])
        return best[1:]
    m = next(m for n, m in masks[seq[at]] if n == first)
    known, ends = {at: m}, []
    for way in (1, -1):
        path = seq[at::way] if way > 0 else seq[at::-1]
        out, met = run(eye, path, m, {}, OUT, marks)
        known.update({at + way * t: g for t, (_, g) in met.items()})
        last = max(met, default=0)
        ends.append((at + way * last, way, out[last:]))
    done = {k: g.astype(np.float32) for k, g in known.items()}
    places = sorted(known)
    for a, b in zip(places, places[1:]):                               # between two outlines: from both ends
        f, _ = run(eye, seq[a:b + 1], known[a], {b - a: known[b]}, b - a)
        r, _ = run(eye, seq[b:a - 1 if a else None:-1], known[b], {b - a: known[a]}, b - a)
        if len(f) == len(r) == b - a + 1:
            mean, ok = both(f, r[::-1])
            done.update({a + k: mean[k] for k in range(1, b - a) if ok[k] > AGREE})
    for place, way, out in ends:                                       # beyond the last one: there and back again
        n = len(out)
        while n > 4:
            path = [seq[place + way * k] for k in range(n)]
            r, _ = run(eye, path[::-1], (out[n - 1] > .5).astype(np.uint8), {}, n)
            if len(r) == n and jaccard(r[-1] > .5, known[place] > 0) > BACK:
                mean, ok = both(out[:n], r[::-1])
                if min(ok) > AGREE:
                    done.update({place + way * k: mean[k] for k in range(1, n)})
                    break
            n = n * 2 // 3
    return {seq[k]: g.astype(np.float16) for k, g in sorted(done.items())}, used


def pieces(got):
    """Runs of at least four frames without a gap."""
    out = [[]]
    for i in got:
        if out[-1] and i - out[-1][-1] > STRIDE:
            out.append([])
        out[-1].append(i)
    return [q for q in out if len(q) > 3]


def prune(bank, what):
    """what: outlines, some with the frames that are no good: 3,7:112-,9:0-40"""
    for file in sorted(Path(bank).glob("tracks-*.npz")):
        d = np.load(file)
        d = {k: d[k] for k in d.files}
        bad = np.zeros(len(d["outline"]), bool)
        for part in what.split(","):
            n, _, span = part.partition(":")
            a, _, b = span.partition("-")
            bad |= (d["outline"] == int(n)) & (d["frame"] >= int(a or 0)) & (d["frame"] <= int(b or 10 ** 6))
        cut = [d["masks"][a:b] for a, b, no in zip(d["mask_at"], d["mask_at"][1:], bad) if not no]
        d.update({k: d[k][~bad] for k in ("picture", "frame", "outline", "track")}, masks=np.concatenate(cut + [d["masks"][:0]]), mask_at=np.cumsum([0] + [len(c) for c in cut]))
        if bad.any():
            np.savez(file, **d)
            print(f"{file.name}: {bad.sum()} masks out, {(~bad).sum()} left in {len(np.unique(d['track']))} tracks")


def sheet(rows, file):
    lines = []
    for label, pics in rows:
        line = np.zeros((68, 10 * 120, 3), np.uint8)
        for k, v in enumerate(pics):
            line[:, 120 * k:120 * k + 120] = v
        lines.append(cv2.putText(line, label, (2, 10), 0, .38, (255, 255, 0), 1))
    if lines:
        cv2.imwrite(str(file), np.concatenate(lines, 0)[..., ::-1])


def shown(im, g):
    """A picture of the thing with its outline, the surroundings dark."""
    ys, xs = np.nonzero(g > 127)
    v = im.copy()
    v[g < 128] //= 2
    v[cv2.morphologyEx((g > 127).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0] = (0, 255, 0)
    s = int(np.clip(max(xs.max() - xs.min(), (ys.max() - ys.min()) * 16 / 9) * 1.5, 160, w)) if len(ys) else w
    t = s * h // w
    x, y = (int(np.clip(xs.mean() - s / 2, 0, w - s)), int(np.clip(ys.mean() - t / 2, 0, h - t))) if len(ys) else (0, 0)
    return cv2.resize(v[y:y + t, x:x + s], (120, 68), interpolation=cv2.INTER_AREA)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("clips")
    ap.add_argument("bank")
    ap.add_argument("--more", default="", help="files like outlines.json's \"more\", separated by commas; their numbers go on")
    ap.add_argument("--only", default="", help="clips, separated by commas")
    ap.add_argument("--sheets", help="a folder for contact sheets")
    ap.add_argument("--drop", default="", help="numbers of outlines that are no good")
    ap.add_argument("--prune", help="what a look at the sheets says is no good")
    a = ap.parse_args()
    if a.prune:
        return prune(a.bank, a.prune)
    data = json.loads(Path(__file__).with_name("outlines.json").read_text())
    sets = [data["followed"], data["stills"], data["more"]] + [json.loads(Path(f).read_text()) for f in a.more.split(",") if f]
    drop = {int(v) for v in a.drop.split(",") if v}
    outlines, n = {}, 0
    for groups in sets:
        for name, items in groups.items():
            for at, o in items:
                if name not in data["heldOut"] and n not in drop:
                    outlines.setdefault(name, []).append((n, at, o))
                n += 1
    p = Pack()
    for name in a.only.split(",") if a.only else outlines:
        fr = read(a.clips, name)
        total = pseudo.count(a.clips, name)
        masks = {}
        for n, at, o in outlines[name]:
            k = min(int(total * at), len(fr) - 1) if at <= 1 else int(at)
            pseudo.W, pseudo.H = W // 2, H // 2
            masks.setdefault(k, []).append((n, pseudo.fit(fr[k][..., ::-1].copy(), o, 2)))
        seq, cut = grid(len(fr), masks), cuts(fr)
        scenes = [[]]
        for i, j in zip(seq, seq[1:] + [None]):
            scenes[-1].append(i)
            if j is not None and any(c in cut for c in range(i, j)):
                scenes.append([])
        pics, soft, of, rows, tracks, seen, made = [], [], [], [], [], set(), 0
        for n, at, o in sorted(outlines[name], key=lambda v: v[0]):
            k = next(k for k, ms in masks.items() if any(q == n for q, _ in ms))
            own = next(m for q, m in masks[k] if q == n)
            have = lambda i, g: max((jaccard(t[i] > .5, g > .5) for t in tracks if i in t), default=0)
            if n in seen or own.mean() < 5e-4 or have(k, own) > .6:        # that thing has been followed
                continue
            sc = next(s for s in scenes if k in s)
            got, used = track(Eye(p, fr), sc, sc.index(k), n, masks)
            seen |= used
            got = {i: g for i, g in got.items() if have(i, g) < SAME}
            tracks.append(got)
            for piece in pieces(list(got)):
                made += 1
                tiles = []
                for i in piece:
                    im = cv2.resize(fr[i], (w, h), interpolation=cv2.INTER_AREA)
                    g = (cv2.resize(got[i].astype(np.float32), (w, h), interpolation=cv2.INTER_AREA) * 255).round().astype(np.uint8)
                    pics.append(i); soft.append(cv2.imencode(".png", g)[1]); of.append((n, made))
                    tiles.append((im, g))
                rows.append((f"{n} {piece[0]}-{piece[-1]} x{len(used)}", [shown(*tiles[k]) for k in np.linspace(0, len(tiles) - 1, min(10, len(tiles))).astype(int)]))
        use = sorted(set(pics))
        jpg = [cv2.imencode(".jpg", cv2.resize(fr[i], (w, h), interpolation=cv2.INTER_AREA)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 94])[1] for i in use]
        where = {i: k for k, i in enumerate(use)}
        pack = lambda bits: (np.concatenate([b.ravel() for b in bits]) if bits else np.zeros(0, np.uint8), np.cumsum([0] + [len(b) for b in bits]))
        jb, jo = pack(jpg)
        mb, mo = pack(soft)
        np.savez(Path(a.bank, f"tracks-{name}.npz"), pictures=jb, picture_at=jo, masks=mb, mask_at=mo, picture=np.array([where[i] for i in pics], np.int32),
                 frame=np.array(pics, np.int32), outline=np.array([v[0] for v in of], np.int32), track=np.array([v[1] for v in of], np.int32))
        print(f"{name}: {len(outlines[name])} outlines, {made} tracks, {len(pics)} masks on {len(use)} pictures, cuts {sorted(cut)}, two outlines or more {sum(' x1' not in r[0] for r in rows)}", flush=True)
        if a.sheets:
            for k in range(0, len(rows), 24):
                sheet(rows[k:k + 24], Path(a.sheets, f"{name}-{k // 24}.png"))


if __name__ == "__main__":
    main()
