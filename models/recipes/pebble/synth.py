"""Procedural video with known masks.

Objects are cut-outs, blobs, polygons and articulated bodies that move, turn, deform, occlude each other, leave
and return over a moving background. Textures are procedural or, with --clips, crops of unlabelled video frames
(only pixels are used: no labels exist for them).
"""
import sys
from pathlib import Path

import cv2
import numpy as np

cv2.setNumThreads(1)


def prepare(clips, out, per_clip=40, without=()):
    """Decodes frames of unlabelled clips and over-segments them once (k-means on colour and position); without: clips that are held out."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    frames, labels = [], []
    for f in sorted(Path(clips).glob("*.mp4")):
        if f.stem in without:
            continue
        cap = cv2.VideoCapture(str(f))
        n = int(cap.get(cv2.CAP_PROP_FRAME_COUNT))
        want = set(np.linspace(2, max(3, n - 3), per_clip).astype(int).tolist())
        for i in range(n):
            if not cap.grab():
                break
            if i not in want:
                continue
            ok, im = cap.retrieve()
            if not ok:
                continue
            im = cv2.resize(im, (448, 252), interpolation=cv2.INTER_AREA)[..., ::-1].copy()
            sm = cv2.bilateralFilter(cv2.resize(im, (224, 126), interpolation=cv2.INTER_AREA), 7, 40, 5)
            lab = cv2.cvtColor(sm, cv2.COLOR_RGB2LAB).astype(np.float32)
            yy, xx = np.mgrid[0:126, 0:224].astype(np.float32)
            ft = np.concatenate([lab * [0.7, 1.3, 1.3], xx[..., None] * 0.35, yy[..., None] * 0.5], -1).reshape(-1, 5).astype(np.float32)
            cv2.setRNGSeed(int(rng.integers(1 << 30)))
            _, l, _ = cv2.kmeans(ft, int(rng.integers(6, 15)), None, (3, 6, 1.0), 1, cv2.KMEANS_PP_CENTERS)
            l = cv2.medianBlur(l.reshape(126, 224).astype(np.uint8), 5)
            comp = np.zeros((126, 224), np.uint8)
            k = 0
            for v in np.unique(l):
                m, cc, st, _ = cv2.connectedComponentsWithStats((l == v).astype(np.uint8))
                for j in range(1, m):
                    if st[j, 4] > 150 and k < 250:
                        k += 1
                        comp[cc == j] = k
            frames.append(im)
            labels.append(comp)
    np.save(out / "frames.npy", np.stack(frames))
    np.save(out / "labels.npy", np.stack(labels))
    print(len(frames), "frames")


class Maker:
    def __init__(self, bank=None):
        self.frames = np.load(Path(bank) / "frames.npy", mmap_mode="r") if bank else None
        self.labels = np.load(Path(bank) / "labels.npy", mmap_mode="r") if bank else None
        self.things = None
        if bank and (Path(bank) / "things.npz").exists():
            d = np.load(Path(bank) / "things.npz")
            self.pics, self.cuts, th = d["pics"], d["masks"], d["thing"]
            self.things = [np.flatnonzero(th == k) for k in np.unique(th)]
            self.fine = {}                                           # stills are there at twice the size too
            if (Path(bank) / "stills.npz").exists():
                d = np.load(Path(bank) / "stills.npz")
                at = {int(k): i for i, k in enumerate(th)}
                self.fine = {at[int(k)]: (im, m) for im, m, k in zip(d["pics"], d["masks"], d["thing"])}
        self.filmed = []                                             # for each clip its tracks (follow.py)
        for file in sorted(Path(bank).glob("tracks-*.npz")) if bank else []:
            d = np.load(file)
            d = {k: d[k] for k in d.files}
            rows = [r for r in (np.flatnonzero(d["track"] == k) for k in np.unique(d["track"])) if len(r) > 3]
            if rows:
                self.filmed.append((d, rows))

    # ---- textures
    def noise(self, rng, s, lo, hi):
        acc = np.zeros((s, s, 3), np.float32)
        k = int(rng.integers(lo, hi))
        amp = 1.0
        while k < s:
            acc += amp * cv2.resize(rng.normal(size=(k, k, 3)).astype(np.float32), (s, s), interpolation=cv2.INTER_CUBIC)
            k *= 3
            amp *= rng.uniform(0.3, 0.9)
        return acc

    def procedural(self, rng, s):
        base = rng.uniform(20, 235, 3)
        n = self.noise(rng, s, 2, 8)
        if rng.random() < 0.6:
            n = n.mean(-1, keepdims=True) * rng.uniform(0.3, 1, 3)
        t = base + n * rng.uniform(4, 40)
        r = rng.random()
        yy, xx = np.mgrid[0:s, 0:s].astype(np.float32)
        if r < 0.25:
            a, w = rng.uniform(0, np.pi), rng.uniform(6, 40)
            k = np.sin((xx * np.cos(a) + yy * np.sin(a)) * 2 * np.pi / w) > rng.uniform(-.5, .5)
            t = np.where(k[..., None], t, rng.uniform(20, 235, 3) + n * 5)
        elif r < 0.4:
            w = rng.uniform(10, 40)
            k = ((xx // w) + (yy // w)) % 2 > 0
            t = np.where(k[..., None], t, rng.uniform(20, 235, 3) + n * 5)
        elif r < 0.55:
            w = rng.uniform(14, 40)
            k = ((xx % w) - w / 2) ** 2 + ((yy % w) - w / 2) ** 2 < (w * rng.uniform(.15, .4)) ** 2
            t = np.where(k[..., None], t, rng.uniform(20, 235, 3) + n * 5)
        return np.clip(t, 0, 255).astype(np.uint8)

    def crop(self, rng, s, idx=None):
        """A crop of a frame, squeezed to a square as the engine does; returns picture, over-segmentation, index."""
        i = int(rng.integers(len(self.frames))) if idx is None else idx
        fr, lb = self.frames[i], self.labels[i]
        h = int(rng.integers(110, 252))
        w = int(min(448, h * rng.uniform(1.2, 1.8)))
        y, x = int(rng.integers(0, 252 - h + 1)), int(rng.integers(0, 448 - w + 1))
        im = cv2.resize(fr[y:y + h, x:x + w], (s, s), interpolation=cv2.INTER_AREA if h > s else cv2.INTER_LINEAR)
        lb = cv2.resize(lb[y // 2:(y + h) // 2, x // 2:(x + w) // 2], (s, s), interpolation=cv2.INTER_NEAREST)
        if rng.random() < 0.5:
            im, lb = im[:, ::-1], lb[:, ::-1]
        if rng.random() < 0.3:
            im = np.clip(im.astype(np.float32) * rng.uniform(0.6, 1.3, 3) + rng.uniform(-20, 20, 3), 0, 255).astype(np.uint8)
            if rng.random() < 0.3:
                im = im[..., rng.permutation(3)]
        return np.ascontiguousarray(im), np.ascontiguousarray(lb), i

    def picture(self, rng, s):
        if self.frames is not None and rng.random() < 0.72:
            return self.crop(rng, s)[0]
        return self.procedural(rng, s)

    # ---- whole things out of real clips (pseudo.py)
    def moment(self, rng, T):
        """Indices of T frames of one thing, still or at one of several speeds, forth and back."""
        ids = self.things[int(rng.integers(len(self.things)))]
        pace, at = int(rng.choice([0, 1, 2, 3], p=[.2, .35, .3, .15])), int(rng.integers(len(ids)))
        k = np.abs(at + pace * np.arange(T)) % max(1, 2 * len(ids) - 2)
        k = np.minimum(k, max(0, 2 * len(ids) - 2) - k) if len(ids) > 1 else k * 0
        return ids[np.clip(k, 0, len(ids) - 1)]

    def cutout(self, rng, S, T):
        """One thing without its surroundings, T pictures [S,S,4]."""
        ids = self.moment(rng, T)
        cut = [cv2.erode(self.cuts[i], np.ones((3, 3), np.uint8)) for i in ids]
        ys, xs = np.nonzero(np.max(cut, 0))
        if len(ys) < 40:
            return None
        ax = rng.uniform(.5, .9)
        f = min(2.6, S * .62 / max((xs.max() - xs.min()) * ax, ys.max() - ys.min()))
        A = np.float32([[f * ax, 0, S / 2 - f * ax * (xs.max() + xs.min()) / 2], [0, f, S / 2 - f * (ys.max() + ys.min()) / 2]])
        gain, mix = (rng.uniform(.7, 1.25, 3), rng.permutation(3)) if rng.random() < .4 else (np.ones(3), np.arange(3))
        out = []
        for i, m in zip(ids, cut):
            rgb = np.clip(self.pics[i][..., mix] * gain, 0, 255).astype(np.uint8) if gain[0] != 1 else self.pics[i]
            out.append(cv2.warpAffine(np.dstack([rgb, cv2.GaussianBlur(m * 255, (3, 3), 0)]), A, (S, S), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
        return out

    def scene(self, rng, s, T):
        """One thing where it really is: T pictures [s,s,4] of the same window."""
        ids = self.moment(rng, T)
        h = int(rng.integers(120, 253))
        w = int(min(448, h * rng.uniform(1.2, 1.8)))
        ys, xs = np.nonzero(self.cuts[ids[0]])
        k = int(rng.integers(len(ys)))
        y = int(np.clip(ys[k] - h * rng.uniform(.2, .8), 0, 252 - h))
        x = int(np.clip(xs[k] - w * rng.uniform(.2, .8), 0, 448 - w))
        return [cv2.resize(np.dstack([self.pics[i], self.cuts[i] * 255])[y:y + h, x:x + w], (s, s), interpolation=cv2.INTER_AREA if h > s else cv2.INTER_LINEAR) for i in ids]

    def still(self, rng, S):
        """One thing where it really is, a window around it or the whole picture: [1,S,S,3] and its mask [1,S,S]."""
        ids = self.things[int(rng.integers(len(self.things)))]
        i = int(rng.choice(ids))
        pic, whole = self.fine.get(i, (self.pics[i], self.cuts[i]))
        k = whole.shape[0] / 252
        ys, xs = (v / k for v in np.nonzero(whole))
        x0, x1, y0, y1 = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
        if rng.random() < .6:
            m = np.exp(rng.uniform(np.log(1.1), np.log(3.5)))
            w, h = max((x1 - x0) * m, 40), max((y1 - y0) * m, 28)
            w, h = (max(w, h * rng.uniform(.7, 1.5)), h) if rng.random() < .5 else (w, max(h, w * rng.uniform(.5, 1.2)))
            cx, cy = (x0 + x1) / 2 + rng.uniform(-.3, .3) * (w - (x1 - x0)), (y0 + y1) / 2 + rng.uniform(-.3, .3) * (h - (y1 - y0))
        else:
            w, h, cx, cy = 448 * rng.uniform(.8, 1), 252 * rng.uniform(.8, 1), 224, 126
        a, b = int(max(0, cx - w / 2)), int(max(0, cy - h / 2))
        cut = np.s_[int(b * k):int(min(252, cy + h / 2) * k), int(a * k):int(min(448, cx + w / 2) * k)]
        rgb, m = pic[cut], whole[cut] * 255
        fit = lambda v: cv2.resize(v, (S, S), interpolation=cv2.INTER_AREA if v.shape[0] > S and v.shape[1] > S else cv2.INTER_LINEAR)
        im, m = fit(np.ascontiguousarray(rgb)).astype(np.float32), fit(np.ascontiguousarray(m)).astype(np.float32) / 255
        if rng.random() < .4:                                        # turned and sheared a little
            A = cv2.getRotationMatrix2D((S / 2, S / 2), rng.normal() * 12, np.exp(rng.normal() * .1))
            A[:, :2] += rng.normal(size=(2, 2)) * .06
            turn = lambda v: cv2.warpAffine(v, A, (S, S), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            if (turn(m) > .5).mean() > .6 * (m > .5).mean():
                im, m = turn(im), turn(m)
        if rng.random() < .25:                                       # something else comes before it or beside it
            other = self.cutout(rng, S, 1)
            if other is not None:
                f = np.exp(rng.uniform(-1.2, .2))
                o = cv2.warpAffine(other[0], np.float32([[f, 0, rng.uniform(0, S) - f * S / 2], [0, f, rng.uniform(0, S) - f * S / 2]]), (S, S), flags=cv2.INTER_LINEAR)
                al = o[..., 3:].astype(np.float32) / 255
                left = m * (1 - al[..., 0])
                if (left > .5).sum() > .6 * (m > .5).sum():
                    im, m = im * (1 - al) + o[..., :3] * al, left
        if rng.random() < .25:                                       # what is behind it changes somewhere: a bank, a wall, a horizon
            im = behind(rng, im, m, self.picture(rng, S))
        if rng.random() < .15:
            im = cv2.GaussianBlur(im, (0, 0), rng.uniform(.5, 1.6))
        if rng.random() < .2:
            im = im + rng.normal(size=im.shape).astype(np.float32) * rng.uniform(2, 9)
        if rng.random() < .5:
            im = im * rng.uniform(.7, 1.25) * rng.uniform(.85, 1.15, 3) + rng.uniform(-15, 15)
        if rng.random() < .1:
            im = im[..., rng.permutation(3)]
        if rng.random() < .2:
            im = im.mean(-1, keepdims=True) * .8 + im * .2
        im = np.clip(im, 0, 255).astype(np.uint8)
        if rng.random() < .3:
            im = cv2.imdecode(cv2.imencode(".jpg", im, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1], cv2.IMREAD_COLOR)
        return (im[:, ::-1], m[:, ::-1]) if rng.random() < .5 else (im, m)

    # ---- real video with things that were followed through it (follow.py)
    def real(self, rng, S, T):
        """A followed thing in its clip, as filmed: T pictures [S,S,3] and masks [S,S], through a window that stands or moves; sometimes something comes by or stands by."""
        many = np.sqrt([len(rows) for _, rows in self.filmed])
        d, rows = self.filmed[int(rng.choice(len(many), p=many / many.sum()))]
        long = np.array([min(len(r), 24) for r in rows], float)
        ids = rows[int(rng.choice(len(rows), p=long / long.sum()))]
        pace, way = int(rng.choice([1, 2, 3], p=[.6, .3, .1])), int(rng.choice([1, -1]))
        n, k = len(ids), int(rng.integers(len(ids))) + way * pace * np.arange(T)
        k = np.abs(k) % (2 * n - 2)                                      # forth and back
        ids = ids[np.minimum(k, 2 * n - 2 - k)]
        def pair(i):
            j = int(d["picture"][i])
            im = cv2.imdecode(d["pictures"][d["picture_at"][j]:d["picture_at"][j + 1]], cv2.IMREAD_COLOR)[..., ::-1]
            return im, cv2.imdecode(d["masks"][d["mask_at"][i]:d["mask_at"][i + 1]], cv2.IMREAD_GRAYSCALE)
        got = [pair(i) for i in ids]
        H, W = got[0][1].shape
        h = H if rng.random() < .35 else int(H * rng.uniform(.5, 1))
        w = min(W, int(h * W / H * (1 if h == H else rng.uniform(.8, 1.25))))
        ys, xs = np.nonzero(got[0][1] > 127)
        y, x = (ys.mean(), xs.mean()) if len(ys) else (H / 2, W / 2)
        y, x = y - h * rng.uniform(.25, .75), x - w * rng.uniform(.25, .75)
        pan = rng.normal(size=2) * .02 * h * (rng.random() < .35)          # a hand that moves the window
        at = [(int(np.clip(x + pan[0] * t, 0, W - w)), int(np.clip(y + pan[1] * t, 0, H - h))) for t in range(T)]
        how = cv2.INTER_AREA if h > S else cv2.INTER_LINEAR
        got = [[cv2.resize(v[b:b + h, a:a + w], (S, S), interpolation=how).astype(np.float32) for v in q] for q, (a, b) in zip(got, at)]
        got = [[im, m / 255] for im, m in got]
        r = rng.random()
        if r < .15:                                                      # the thing a second time, elsewhere and behind
            shift = rng.uniform(.15, .6, 2) * S * rng.choice([-1, 1], 2)
            drift, tint, flip = rng.normal(size=2) * S * .01, rng.normal(size=3) * 10, rng.random() < .3
            for t, q in enumerate(got):
                A = np.float32([[1, 0, shift[0] + drift[0] * t], [0, 1, shift[1] + drift[1] * t]])
                two = cv2.warpAffine(np.dstack([q[0] + tint, q[1]]), A, (S, S))
                two = two[:, ::-1] if flip else two
                al = (two[..., 3] * (1 - q[1]))[..., None]
                q[0] = q[0] * (1 - al) + two[..., :3] * al
        elif r < .38 and T > 1:                                          # something comes by, in front
            parts, _ = self.parts(rng, S, T)
            when, v = rng.uniform(1, T), rng.normal(size=2)
            v *= S * rng.uniform(.04, .2) / np.linalg.norm(v)
            ys, xs = np.nonzero(got[min(T - 1, int(when))][1] > .5)
            goal = np.array([xs.mean(), ys.mean()]) if len(ys) else np.array([S / 2, S / 2])
            sc, ang, turn = rng.uniform(.35, 1), rng.uniform(-3, 3), rng.normal() * .05
            for t, q in enumerate(got):
                for piece, off, sw0, sw in parts:
                    A = cv2.getRotationMatrix2D((S / 2, S / 2), np.degrees(ang + turn * t), sc)
                    A[:, 2] += goal - S / 2 + v * (t - when) + np.array(off) * sc
                    if t == 0 and v @ v * when ** 2 < (.2 * S) ** 2:        # not in front at once
                        break
                    o = cv2.warpAffine(piece[t] if isinstance(piece, list) else piece, A, (S, S))
                    al = o[..., 3:].astype(np.float32) / 255
                    q[0], q[1] = q[0] * (1 - al) + o[..., :3] * al, q[1] * (1 - al[..., 0])
        gain = rng.uniform(.75, 1.25) * rng.uniform(.9, 1.1, 3) if rng.random() < .5 else np.ones(3)
        bias, fade = rng.uniform(-12, 12) if gain[0] != 1 else 0, rng.normal() * .01
        mix = rng.permutation(3) if rng.random() < .1 else np.arange(3)
        grey = .85 if rng.random() < .08 else 0
        blur = rng.uniform(.4, 1.2) if rng.random() < .12 else 0
        noise, q_ = rng.uniform(1, 6) if rng.random() < .2 else 0, int(rng.integers(30, 90)) if rng.random() < .3 else 0
        out = []
        for t, (im, m) in enumerate(got):
            im = im[..., mix] * gain * (1 + fade * t) + bias
            im = im * (1 - grey) + im.mean(-1, keepdims=True) * grey
            im = cv2.GaussianBlur(im, (0, 0), blur) if blur else im
            im = im + rng.normal(size=im.shape).astype(np.float32) * noise if noise else im
            im = np.clip(im, 0, 255).astype(np.uint8)
            im = cv2.imdecode(cv2.imencode(".jpg", im, [cv2.IMWRITE_JPEG_QUALITY, q_])[1], cv2.IMREAD_COLOR) if q_ else im
            out.append((im, m))
        f = slice(None, None, -1 if rng.random() < .5 else 1)
        return np.stack([im[:, f] for im, _ in out]), np.stack([m[:, f] for _, m in out]).astype(np.float32)

    # ---- shapes, drawn in a square of side s around its centre
    def segment(self, rng, lb, lo=0.015, hi=0.35):
        s = lb.shape[0]
        ids, cnt = np.unique(lb, return_counts=True)
        ids, cnt = ids[(ids > 0) & (cnt > 0.01 * s * s)], cnt[(ids > 0) & (cnt > 0.01 * s * s)]
        for _ in range(6):
            if len(ids) == 0:
                return None
            m = (lb == rng.choice(ids)).astype(np.uint8)
            for _ in range(int(rng.integers(0, 4))):
                ring = cv2.dilate(m, np.ones((7, 7), np.uint8)) * (1 - m)
                nb = lb[ring > 0]
                nb = nb[nb > 0]
                if len(nb) == 0:
                    break
                c = (lb == rng.choice(nb)).astype(np.uint8)
                if c.sum() + m.sum() < hi * s * s:
                    m = np.maximum(m, c)
            m = cv2.morphologyEx(m, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
            a = m.mean()
            if lo < a < hi:
                m = cv2.GaussianBlur(m * 255, (5, 5), 0)
                return m
        return None

    def blob(self, rng, s):
        r = rng.random()
        m = np.zeros((s, s), np.uint8)
        c = s / 2
        if r < 0.35:
            k = int(rng.integers(3, 7))
            n = cv2.resize(rng.normal(size=(k, k)).astype(np.float32), (s, s), interpolation=cv2.INTER_CUBIC)
            yy, xx = np.mgrid[0:s, 0:s].astype(np.float32)
            d = ((xx - c) / (s * rng.uniform(.18, .42))) ** 2 + ((yy - c) / (s * rng.uniform(.18, .42))) ** 2
            m = ((n * 0.6 + 1 - d) > 0).astype(np.uint8)
            k, l, st, _ = cv2.connectedComponentsWithStats(m)
            if k > 1:
                m = (l == 1 + st[1:, 4].argmax()).astype(np.uint8)
        elif r < 0.6:
            n = int(rng.integers(3, 11))
            a = np.sort(rng.uniform(0, 2 * np.pi, n))
            rad = rng.uniform(0.15, 0.46, n) * s
            cv2.fillPoly(m, [np.stack([c + rad * np.cos(a), c + rad * np.sin(a)], -1).astype(np.int32)], 1)
        elif r < 0.75:
            cv2.ellipse(m, (int(c), int(c)), (int(s * rng.uniform(.12, .46)), int(s * rng.uniform(.12, .46))), rng.uniform(0, 180), 0, 360, 1, -1)
        elif r < 0.85:
            w, h = s * rng.uniform(.1, .4), s * rng.uniform(.1, .4)
            cv2.fillPoly(m, [np.array([[c - w, c - h], [c + w, c - h], [c + w, c + h], [c - w, c + h]]).astype(np.int32)], 1)
        else:
            n = int(rng.integers(4, 8))
            a = np.arange(2 * n) * np.pi / n
            rad = np.where(np.arange(2 * n) % 2, rng.uniform(.15, .25), .45) * s
            cv2.fillPoly(m, [np.stack([c + rad * np.cos(a), c + rad * np.sin(a)], -1).astype(np.int32)], 1)
        return cv2.GaussianBlur(m * 255, (3, 3), 0)

    def parts(self, rng, S, T):
        """One object = a list of (rgba texture or one for each frame, offset, pivot swing): a single piece or an articulated body."""
        s = S
        out = []
        r = rng.random()
        src = None
        if self.things is not None and rng.random() < 0.5:
            rgba = self.cutout(rng, S, T)
            if rgba is not None:
                return [(rgba, (0, 0), 0, 0)], None
        if self.frames is not None and r < 0.42:
            im, lb, src = self.crop(rng, s)
            m = self.segment(rng, lb)
            if m is not None:
                ys, xs = np.nonzero(m > 127)
                cx, cy = xs.mean(), ys.mean()
                A = np.float32([[1, 0, s / 2 - cx], [0, 1, s / 2 - cy]])
                rgba = np.dstack([im, m])
                out.append((cv2.warpAffine(rgba, A, (s, s), borderMode=cv2.BORDER_CONSTANT), (0, 0), 0, 0))
        if not out and r < 0.72:
            tex = self.picture(rng, s)
            out.append((np.dstack([tex, self.blob(rng, s)]), (0, 0), 0, 0))
            if rng.random() < 0.35:   # second material on the same body
                m2 = (self.blob(rng, s).astype(np.float32) / 255)[..., None]
                t2 = self.picture(rng, s)
                b = out[0][0]
                b[..., :3] = (b[..., :3] * (1 - m2) + t2 * m2).astype(np.uint8)
        if not out:   # articulated: trunk, head, limbs
            c = s / 2
            def limb(a, b, cy=0.0):
                m = np.zeros((s, s), np.uint8)
                cv2.ellipse(m, (int(c), int(c + cy)), (int(a), int(b)), 0, 0, 360, 255, -1)
                return cv2.GaussianBlur(m, (3, 3), 0)
            mats = [self.picture(rng, s) if rng.random() < .6 else self.procedural(rng, s) for _ in range(3)]
            tw, th = s * rng.uniform(.06, .14), s * rng.uniform(.12, .22)
            lw, ll = s * rng.uniform(.025, .055), s * rng.uniform(.10, .18)
            for sgn in (-1, 1):
                out.append((np.dstack([mats[1], limb(lw, ll, ll * .8)]), (sgn * tw * .5, th * .8), rng.uniform(-.9, .9), rng.uniform(.2, .7)))
            out.append((np.dstack([mats[0], limb(tw, th)]), (0, 0), 0, 0))
            for sgn in (-1, 1):
                if rng.random() < .8:
                    out.append((np.dstack([mats[2], limb(lw * .8, ll * .9, ll * .7)]), (sgn * tw * .8, -th * .6), rng.uniform(-1.5, 1.5), rng.uniform(.2, .8)))
            if rng.random() < .8:
                hr = s * rng.uniform(.04, .07)
                out.append((np.dstack([mats[2], limb(hr, hr * 1.2)]), (0, -th - hr * .7), 0, .1))
        return out, src

    def clip(self, rng, S, T, away=None, twins=.3, still=.75, real=0):
        """T pictures and masks; away = (frame at which the object leaves, frame at which it comes back); twins: share of clips with something alike;
        still: share of things where they really are, if it is one picture; real: share of real video, where nothing has to leave."""
        if T > 1 and not away and real and self.filmed and rng.random() < real:
            for _ in range(20):
                fr, ms = self.real(rng, S, T)
                if .003 < (ms[0] > .5).mean() < .6:
                    return fr, ms
        if T == 1 and self.things is not None and rng.random() < still:
            im, m = self.still(rng, S)
            return im[None], m[None]
        for _ in range(20):
            fr, ms = self._clip(rng, S, T, away, twins)
            if 0.006 < ms[0].mean() < 0.6:
                return fr, ms
        return fr, ms

    def _clip(self, rng, S, T, away, twins):
        grid = np.mgrid[0:S, 0:S].astype(np.float32)
        py, px = grid
        kind = rng.random()
        bgs = int(S * 1.5)
        speed = 0.3 if away else rng.choice([0.3, 1.0, 2.0], p=[.35, .45, .2])
        def smooth(sig):
            v0 = rng.normal(size=2) * sig
            acc = rng.normal(size=2) * sig * 0.3 * min(1.0, 6 / T) ** 2
            return [v0 * t + acc * t * t / 2 for t in range(T)]
        cam = smooth(S * 0.018 * speed)
        camrot, camzoom = rng.normal() * 0.012 * speed, rng.normal() * 0.015 * speed
        def field(amp):
            k = int(rng.integers(3, 6))
            return [cv2.resize(rng.normal(size=(k, k)).astype(np.float32), (S, S), interpolation=cv2.INTER_CUBIC) * amp for _ in range(2)]
        # background, perhaps carrying the object itself (a region of the picture)
        src = None
        bgmask = None
        real = None
        if self.things is not None and kind > 0.78:
            bgs = int(S * rng.uniform(1.0, 1.2))
            real = self.scene(rng, bgs, T)
            im, bgmask = real[0][..., :3], real[0][..., 3]
        elif self.frames is not None and rng.random() < 0.8:
            im, lb, src = self.crop(rng, bgs)
            if kind < (0.22 if self.things is None else 0.08):
                bgmask = self.segment(rng, lb, 0.02, 0.3)
        else:
            im = self.procedural(rng, bgs)
        bg = np.dstack([im, bgmask if bgmask is not None else np.zeros(im.shape[:2], np.uint8)])
        bf, bw = field(S * 0.012 * speed * (0.4 if real is not None else 2.0 if bgmask is not None else 1.0)), rng.uniform(0.3, 1.2)
        # objects
        objs = []
        for _ in range(int(rng.integers(1, 4))):
            parts, _src = self.parts(rng, S, T)
            objs.append(dict(parts=parts, p=rng.uniform(0.2, 0.8, 2) * S, v=smooth(S * 0.028 * speed), a0=rng.uniform(-.5, .5) if rng.random() < .7 else rng.uniform(-3, 3),
                             av=rng.normal() * 0.06 * speed, s0=np.exp(rng.uniform(-1.1, 0.35)), sv=rng.normal() * 0.025 * speed, asp=np.exp(rng.normal() * .2),
                             f=field(S * 0.014 * min(speed, 1.5)), fw=rng.uniform(.3, 1.5), ph=rng.uniform(0, 6), blur=rng.random() < .15 * speed))
        target = int(rng.integers(len(objs)))
        if rng.random() < twins:   # twin distractor
            o = objs[target]
            tw = dict(o, p=rng.uniform(0.15, 0.85, 2) * S, v=smooth(S * 0.03 * speed), a0=o["a0"] + rng.normal() * .4, s0=o["s0"] * np.exp(rng.normal() * .15))
            tint = rng.normal(size=3) * (12 if rng.random() < .6 else 0)
            dye = lambda x: [dye(y) for y in x] if isinstance(x, list) else np.dstack([np.clip(x[..., :3] + tint, 0, 255).astype(np.uint8), x[..., 3]])
            tw["parts"] = [(dye(q[0]), *q[1:]) for q in o["parts"]]
            k = int(rng.integers(0, len(objs) + 1))
            objs.insert(k, tw)
            target += k <= target
        if bgmask is not None:
            target = -1
            objs = objs[:int(rng.integers(0, 2))]
        elif away or T > 1 and rng.random() < 0.22:   # leaves, perhaps comes back
            o = objs[target]
            d = rng.normal(size=2)
            d /= np.linalg.norm(d)
            gone = int(rng.integers(1, T))
            back = int(rng.integers(gone + 1, T + 3))
            gone, back = away or (gone, back)
            k = int(rng.integers(1, 5))                       # frames it takes
            o["v"] = [v + d * S * 1.6 * float(np.clip(min(t - gone + 1, back + k - 1 - t) / k, 0, 1)) for t, v in enumerate(o["v"])]
        elif T > 1 and rng.random() < 0.08:   # hidden by something that comes by
            parts, _s = self.parts(rng, S, T)
            o = objs[target]
            hid = int(rng.integers(1, T))
            objs.append(dict(o, parts=[(np.dstack([self.picture(rng, S), np.full((S, S), 255, np.uint8)]), (0, 0), 0, 0)], p=o["p"] + 0, s0=max(.35, o["s0"] * .9), a0=0.0, av=0.0,
                             v=[o["v"][min(t, T - 1)] + (t - hid) * np.array([S * .5, S * .1]) for t in range(T)]))
        gain, drift = rng.normal(size=3) * 0.02, rng.normal() * 0.03
        shadow = field(1.0)[0] if rng.random() < .25 else None
        noise, q = rng.uniform(0, 7) if rng.random() < .5 else 0, int(rng.integers(25, 90)) if rng.random() < .5 else 0
        soft = rng.random() < .25
        frames, masks = [], []
        def warp(rgba, cx, cy, ang, sc, asp, fld, ox=0.0, oy=0.0, size=None):
            c, s_ = np.cos(ang) / sc, np.sin(ang) / sc
            dx, dy = px - cx, py - cy
            h = (size or rgba.shape[0]) / 2
            mx = (c * dx + s_ * dy) * asp + h - ox + fld[0]
            my = (-s_ * dx + c * dy) / asp + h - oy + fld[1]
            return cv2.remap(rgba, mx.astype(np.float32), my.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT if size is None else cv2.BORDER_REFLECT_101)
        for t in range(T):
            w = np.sin(bw * t + 1.0) - np.sin(1.0)
            b = warp(bg if real is None else real[t], S / 2 + cam[t][0], S / 2 + cam[t][1], camrot * t, np.exp(camzoom * t), 1.0, [bf[0] * w, bf[1] * w], size=bgs)
            img = b[..., :3].astype(np.float32)
            mask = b[..., 3].astype(np.float32) / 255 if target < 0 else np.zeros((S, S), np.float32)
            for i, o in enumerate(objs):
                k = np.sin(o["fw"] * t + o["ph"])
                fld = [o["f"][0] * k, o["f"][1] * k]
                ang, sc = o["a0"] + o["av"] * t, o["s0"] * np.exp(o["sv"] * t)
                cx, cy = o["p"] + o["v"][t] + cam[t]
                if o is objs[target] and target >= 0:
                    mask = mask * 1.0
                for rgba, off, sw0, sw in o["parts"]:
                    rgba = rgba[t] if isinstance(rgba, list) else rgba
                    la = ang + sw0 + sw * np.sin(o["fw"] * 1.3 * t + o["ph"] + off[0])
                    ca, sa = np.cos(ang) * sc, np.sin(ang) * sc
                    qx, qy = cx + ca * off[0] - sa * off[1], cy + sa * off[0] + ca * off[1]
                    l = warp(rgba, qx, qy, la, sc, o["asp"] if len(o["parts"]) == 1 else 1.0, fld)
                    if o["blur"] and t:
                        l = cv2.blur(l, (int(2 + 4 * speed), 1) if abs(o["v"][1][0]) > abs(o["v"][1][1]) else (1, int(2 + 4 * speed)))
                    al = l[..., 3:].astype(np.float32) / 255
                    img = img * (1 - al) + l[..., :3] * al
                    al = al[..., 0]
                    mask = np.maximum(mask, al) if i == target else mask * (1 - al)
            img = img * (1 + gain * t + drift * np.sin(t))
            if shadow is not None:
                img = img * (1 - 0.45 * np.clip((np.roll(shadow, int(4 * t * speed), 1) - 0.45) * 4, 0, 1)[..., None])
            if soft:
                img = cv2.GaussianBlur(img, (3, 3), 0)
            if noise:
                img = img + rng.normal(size=img.shape).astype(np.float32) * noise
            img = np.clip(img, 0, 255).astype(np.uint8)
            if q:
                img = cv2.imdecode(cv2.imencode(".jpg", img, [cv2.IMWRITE_JPEG_QUALITY, q])[1], cv2.IMREAD_COLOR)
            frames.append(img)
            masks.append((mask * 255).astype(np.uint8))
        if rng.random() < .5:
            frames, masks = [f[:, ::-1] for f in frames], [m[:, ::-1] for m in masks]
        ms = np.stack(masks)
        return np.stack(frames), ms.astype(np.float32) / 255


def behind(rng, im, m, pic):
    """Another picture behind a thing (mask m, 0..1), on one side of a wavy line through it or in a band: such areas go on outside its box."""
    S = m.shape[0]
    ys, xs = np.nonzero(m > .5)
    y, x = np.mgrid[0:S, 0:S].astype(np.float32)
    a = rng.uniform(0, np.pi)
    u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    i = rng.integers(len(ys)) if len(ys) else 0
    at = (xs[i] * np.cos(a) + ys[i] * np.sin(a)) if len(ys) else S / 2
    d = u - at + rng.uniform(0, .04) * S * np.sin(v * rng.uniform(.01, .08) + rng.uniform(0, 6))
    if rng.random() < .5:
        d = np.abs(d) - rng.uniform(.05, .25) * S
    soft = rng.uniform(.5, 3)
    on = (np.clip(.5 - d / soft, 0, 1) * (1 - m))[..., None]
    return im * (1 - on) + pic.astype(np.float32) * on


def prompt(rng, m, kind=None, P=6):
    """A single click, a box or a random prompt for mask m (S x S, 0..1): points [P,2], labels [P], previous logits at S/2 or None."""
    S = m.shape[0]
    b = m > 0.5
    pts, labs = np.zeros((P, 2), np.float32), -np.ones(P, np.int32)
    prev = None
    if not b.any():
        return pts, labs, prev
    dt = cv2.distanceTransform(np.pad(b.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    def inside(w):
        w = w.ravel().astype(np.float64)
        i = rng.choice(w.size, p=w / w.sum()) if w.sum() > 0 else 0
        return (i % S + .5, i // S + .5)
    def centre():
        y, x = np.unravel_index(dt.argmax(), dt.shape)
        return (x + .5, y + .5)
    bgw = (~b).astype(np.float32) * (1 + 6 * cv2.dilate(b.astype(np.uint8), np.ones((25, 25), np.uint8)))
    r, k = {"click": 0.0, "box": 0.7}.get(kind, rng.uniform(0.25, 1.0)), 0
    def put(xy, l):
        nonlocal k
        if k < P:
            pts[k], labs[k], k = xy, l, k + 1
    if r < 0.38:
        put(centre() if rng.random() < .6 else inside(dt), 1)
    elif r < 0.58:
        put(centre() if rng.random() < .7 else inside(dt), 1)
        for _ in range(int(rng.integers(1, 4))):
            put(inside(dt), 1) if rng.random() < .5 else put(inside(bgw), 0)
    elif r < 0.88:
        ys, xs = np.nonzero(b)
        w, h = xs.max() - xs.min() + 1, ys.max() - ys.min() + 1
        j = rng.normal(size=4) * 0.025 * np.array([w, h, w, h])
        put((xs.min() + j[0], ys.min() + j[1]), 2)
        put((xs.max() + 1 + j[2], ys.max() + 1 + j[3]), 3)
        if r > 0.82:
            put(inside(dt), 1)
    else:
        bad = damage(rng, m)
        prev = cv2.resize(bad, (S // 2, S // 2), interpolation=cv2.INTER_AREA)
        prev = (prev - 0.5) * rng.uniform(4, 20)
        fn, fp = b & (bad < .5), ~b & (bad >= .5)
        put(centre(), 1)
        for w, l in ((fn, 1), (fp, 0)):
            if w.sum() > 12 and rng.random() < .8:
                d = cv2.distanceTransform(w.astype(np.uint8), cv2.DIST_L2, 3)
                y, x = np.unravel_index(d.argmax(), d.shape)
                put((x + .5, y + .5), l)
    return pts, labs, prev


def damage(rng, m):
    """A plausible wrong version of a mask."""
    S = m.shape[0]
    b = (m > .5).astype(np.uint8)
    k = int(rng.integers(2, 9))
    if rng.random() < .5:
        b = (cv2.dilate if rng.random() < .5 else cv2.erode)(b, np.ones((k, k), np.uint8))
    for _ in range(int(rng.integers(0, 3))):
        ys, xs = np.nonzero(cv2.dilate(b, np.ones((9, 9), np.uint8)) - cv2.erode(b, np.ones((9, 9), np.uint8)))
        if len(xs) == 0:
            break
        i = rng.integers(len(xs))
        cv2.ellipse(b, (int(xs[i]), int(ys[i])), (int(rng.integers(3, S // 9)), int(rng.integers(3, S // 9))), rng.uniform(0, 180), 0, 360, int(rng.random() < .5), -1)
    if rng.random() < .4:
        b = cv2.warpAffine(b, np.float32([[1, 0, rng.normal() * S * .02], [0, 1, rng.normal() * S * .02]]), (S, S))
    return b.astype(np.float32)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        import json
        held = json.loads(Path(__file__).with_name("outlines.json").read_text())["heldOut"]
        prepare(sys.argv[2], sys.argv[3], without=held if "--without-held" in sys.argv else ())
    else:   # contact sheet: synth.py sheet BANK OUT.png [--real]
        import time
        mk, real = Maker(sys.argv[2] if sys.argv[2] != "-" else None), float("--real" in sys.argv)
        rows, t = [], time.time()
        for i in range(20):
            f, m = mk.clip(np.random.default_rng([3, i]), 192, 5, real=real)
            f = f.copy()
            for a, b in zip(f, m):
                e = cv2.morphologyEx((b > .5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
                a[e] = (0, 255, 0)
            rows.append(np.concatenate(list(f), 1))
        print((time.time() - t) / 10, "s per clip")
        sheet = np.concatenate([np.concatenate(rows[:10], 0), np.concatenate(rows[10:], 0)], 1)
        cv2.imwrite(sys.argv[3], sheet[..., ::-1])
