"""A small Python host loop that mimics the engine, and the measurements of the model card.

  python host.py davis  --davis DIR [--seq a,b]      J, F, J&F with the first mask given
  python host.py clicks --davis DIR                  first-frame IoU with 1 and 3 clicks and from a box
  python host.py held   --bank BANK                  the same on the held-out outlines (BANK/held.npz of pseudo.py)
  python host.py tracks --clips CLIPS                held-out clips, followed from the first outline of tracks.json to the others
  python host.py corrections --clips CLIPS           the same clips: clicks on tracked frames that went wrong
  python host.py synth                               generated clips: propagation, prompts, absence, calibration
  python host.py absence                             generated clips: an object leaves and comes back
  python host.py demo   --clip MP4 --truth JSON.GZ   the sample clip: detection, and tracks from text and from a click
  python host.py speed                               CPU ms per graph, one intra-op thread
DIR holds JPEGImages/480p and Annotations/480p.
"""
import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from PIL import Image

PACK = Path(__file__).resolve().parent.parent.parent / "pebble"
f32 = np.float32


def parts_clicked(z, pts, labs, prev=None):
    """Host rule (`parts: clicked`): parts of the mask with a positive click, larger ones, and those of the mask that is corrected; pts in pixels of z."""
    m = (z > 0).astype(np.uint8)
    n, lab = cv2.connectedComponents(cv2.dilate(m, np.ones((5, 5), np.uint8)), connectivity=8)      # gaps of up to four cells are bridged
    lab = lab * m
    at = [(min(len(z) - 1, int(y)), min(len(z) - 1, int(x))) for (x, y), k in zip(pts, labs) if k == 1]
    hit, size = {lab[a] for a in at} - {0}, np.bincount(lab.ravel(), minlength=n)
    if not hit:
        return z
    before = np.zeros_like(z) if prev is None else prev
    was = np.bincount(lab.ravel(), minlength=n, weights=(before > 0).ravel())
    enough = max(size[h] for h in hit)
    out = [i for i in range(1, n) if i not in hit and size[i] < enough and 2 * was[i] <= size[i]]
    return np.where(np.isin(lab, out), f32(-8), z) if out else z


def implied(prev, pts, labs, size):
    """Host rule (`corrections: local`): where the first click on a frame excludes and so does the newest, the middle of the mask that is corrected counts as clicked; pts in pixels of the input."""
    if labs[0] != 0 or labs[-1] != 0 or not (prev > 0).any():
        return None
    n = len(prev)
    depth = cv2.distanceTransform(np.pad((prev > 0).astype(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    yy, xx = np.mgrid[:n, :n] + 0.5
    for (x, y), k in zip(pts, labs):
        if k == 0:
            depth = np.minimum(depth, np.hypot(xx - x * n / size, yy - y * n / size) / 2)
    y, x = np.unravel_index(np.where(prev > 0, depth, -1).argmax(), depth.shape)
    return (x + 0.5) * size / n, (y + 0.5) * size / n


def local_change(z, prev, pts, labs, size):
    """Host rule (`corrections: local`): of what changes, that stays on which a click of its kind lies; pts in pixels of the input."""
    n, was, now = len(z), prev > 0, z > 0
    yy, xx = np.mgrid[:n, :n] + 0.5
    asked = was == now
    for kind, change in ((1, now & ~was), (0, was & ~now)):
        _, lab = cv2.connectedComponents(change.astype(np.uint8), connectivity=8)
        near = np.zeros_like(was)
        for (x, y), k in zip(pts, labs):
            if k == kind:
                near |= np.hypot(xx - x * n / size, yy - y * n / size) <= 2
        asked |= change & np.isin(lab, list(set(np.unique(lab[near])) - {0}))
    return np.where(asked, z, prev).astype(f32)


def light_of(pixels):
    """The light of a picture: mean and spread of each channel."""
    a = pixels.reshape(-1, 3).astype(np.float64)
    return a.mean(0), np.sqrt(np.maximum(0, (a * a).mean(0) - a.mean(0) ** 2))


def relit(pixels, like):
    """A picture as it would look in the light of another; no channel gets more than twice or less than half its contrast."""
    (mean, spread), (mean_then, spread_then) = light_of(pixels), light_of(like)
    gain = np.clip((spread_then + 1) / (spread + 1), 0.5, 2)
    table = np.clip(np.floor((np.arange(256)[:, None] - mean) * gain + mean_then + 0.5), 0, 255).astype(np.uint8)
    return np.stack([table[pixels[..., c], c] for c in range(3)], -1)


class Pack:
    def __init__(self, folder=PACK, threads=1, only=None):
        self.man = json.loads((Path(folder) / "pack.json").read_text())
        so = ort.SessionOptions()
        so.intra_op_num_threads = threads
        so.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.ses = {n: ort.InferenceSession(str(Path(folder) / g["file"]), so, providers=["CPUExecutionProvider"]) for n, g in self.man["graphs"].items()}
        self.out = {n: [o.name for o in s.get_outputs()] for n, s in self.ses.items()}
        self.ms = {n: [] for n in self.ses}
        m = self.man
        self.S, self.G, self.L, self.T, self.MD, self.PD = m["image"]["size"], m["grid"], m["lowres"], m["memTokens"], m["memDim"], m["ptrDim"]
        self.tr = m["tracker"]

    def run(self, name, **kw):
        t = time.process_time()          # CPU time: equals wall time on an idle machine with one thread
        r = self.ses[name].run(None, kw)
        self.ms[name].append((time.process_time() - t) * 1e3)
        return dict(zip(self.out[name], r))

    def encode(self, rgb):
        return self.embed(np.asarray(Image.fromarray(rgb).resize((self.S, self.S), Image.BILINEAR)))

    def embed(self, im):
        mean, std = f32(self.man["image"]["mean"]), f32(self.man["image"]["std"])
        e = self.run("image_encoder", pixel_values=np.ascontiguousarray(((im.astype(f32) / 255 - mean) / std).transpose(2, 0, 1)[None]))
        return {**e, "pixels": im}

    def decode(self, e, embed, nomem, pts=None, labs=None, prev=None):
        B = len(nomem)
        if pts is None:
            pts, labs = np.zeros((B, 1, 2)), -np.ones((B, 1))
        return self.run("mask_decoder", feat_s4=e["feat_s4"], feat_s8=e["feat_s8"], image_embed=embed, no_mem_scale=f32(nomem), point_coords=f32(pts),
                        point_labels=np.int32(labs), mask_input=np.zeros((B, 1, self.L, self.L), f32) if prev is None else f32(prev),
                        has_mask=np.full(B, 0 if prev is None else 1, f32))

    def keep_clicked(self, z, pts, labs, prev=None):
        if self.tr.get("parts") != "clicked" or max(labs) > 1:
            return z
        return parts_clicked(z, [(x * self.L / self.S, y * self.L / self.S) for x, y in pts], labs, prev)

    def answer(self, e, pts, labs, prev=None):
        """Answers clicks or a box, or corrects logits prev [1,1,L,L] with them: the answer's mask, predicted IoU and score as the host takes them."""
        local = prev is not None and self.tr.get("corrections") == "local" and max(labs) <= 1
        more = implied(prev[0, 0], pts, labs, self.S) if local else None
        ps, ls = (list(pts), list(labs)) if more is None else (list(pts) + [more], list(labs) + [1])
        d = self.decode(e, e["feat_s16"], [1], np.array(ps)[None], np.array(ls)[None], prev)
        k, kp = self.pick(d, 0, len(ls))
        z = d["masks"][0, k]
        z = local_change(z, prev[0, 0], pts, labs, self.S) if local else self.keep_clicked(z, pts, labs, None if prev is None else prev[0, 0])
        return z, d["iou_scores"][0, k], d["object_score_logits"][0, 0], d["obj_ptrs"][0, kp]

    def pick(self, d, b, n):
        """Host rule: 0 or 1 prompt points -> best of masks 1..3, else mask 0 unless it is unstable."""
        best = 1 + int(d["iou_scores"][b, 1:].argmax())
        if n <= 1:
            return best, best
        z, st = d["masks"][b, 0], self.tr["stability"]
        den = (z > -st["delta"]).sum()
        return (best if den and (z > st["delta"]).sum() / den < st["thresh"] else 0), 0


class Track:
    """One object: the memory bank of the engine."""

    def __init__(self, p):
        self.p, self.cond, self.non, self.trusted, self.pinned, self.lit = p, {}, {}, (-1, 0, None), None, None

    def store(self, where, t, e, z, score, ptr, binarize):
        self.trusted, self.pinned, self.lit = (t, *extent(z)), None, e["pixels"]
        m = self.p.run("memory_encoder", image_embed=e["feat_s16"], mask_logits=f32(z)[None, None], binarize=f32([binarize]), object_score_logits=f32([[score]]))["mem_tokens"][0]
        where[t] = (m, f32(ptr))

    def add_mask(self, t, e, mask):
        p = self.p
        m = (np.asarray(Image.fromarray((mask * 255).astype(np.uint8)).resize((p.man["maskPromptSize"],) * 2, Image.BILINEAR)) >= 128).astype(f32)
        z = np.asarray(Image.fromarray(m * 20 - 10).resize((p.L, p.L), Image.BILINEAR))
        score = 10.0 if m.any() else -10.0
        mi = p.run("mask_prompt", mask=m[None, None])["mask_input"]
        d = p.decode(e, e["feat_s16"], [0], prev=mi)
        self.store(self.cond, t, e, z, score, d["obj_ptrs"][0, 0], 1)
        return z

    def add_points(self, t, e, pts, labs, prev=None):
        z, iou, score, ptr = self.p.answer(e, pts, labs, prev)
        self.store(self.cond, t, e, z, score, ptr, 1)
        return z, iou, score

    def fallen(self, t, z, score):
        """Host rule (`guards`): a mask that is suddenly this small is what the object left behind when it went."""
        last, area, _ = self.trusted
        return any(t - last <= r["frames"] and (z > 0).sum() < r["area"] * area and score < r.get("scoreBelow", np.inf) for r in self.p.tr["guards"]["fallen"])

    def given(self, t):
        """Of the frames that were given, the nearest; memory and pointers of these."""
        tr = self.p.tr
        before = sorted((c for c in self.cond if c < t), reverse=True)
        after = sorted(c for c in self.cond if c >= t)
        sel = before[:1] + after[:1]
        sel += sorted((c for c in self.cond if c not in sel), key=lambda c: abs(c - t))[:max(0, tr["maxCond"] - len(sel))] if len(self.cond) > len(sel) else []
        rows = [(self.cond[c][0], tr["numMaskmem"] - 1) for c in sel]
        return sel, rows, [(self.cond[c][1], t - c) for c in sel if c <= t]

    def bank(self, t):
        tr = self.p.tr
        sel, rows, ptrs = self.given(t)
        for rel in range(1, tr["maxPtrs"]):
            o = self.non.get(t - rel) or (self.cond.get(t - rel) if t - rel not in sel else None)
            if o:
                if rel < tr["numMaskmem"]:
                    rows.append((o[0], rel - 1))
                ptrs.append((o[1], rel))
        return rows, ptrs

    def sure(self, t):
        """What a second look recalls: the frames that were given, and as one more of them the one on which the object was last surely seen."""
        _, rows, ptrs = self.given(t)
        return rows + ([] if self.pinned is None else [(self.pinned, self.p.tr["numMaskmem"] - 1)]), ptrs

    def inputs(self, rows, ptrs):
        n = self.p.tr["maxPtrs"] - 1
        return (np.stack([r[0] for r in rows]), np.int32([r[1] for r in rows]), np.stack([q[0] for q in ptrs]), f32([q[1] / n for q in ptrs]))


def ask(p, ins, e):
    """One batch through memory and decoder."""
    Fm, N = max(len(i[1]) for i in ins), max(len(i[3]) for i in ins)
    B = len(ins)
    tok, tp, va = np.zeros((B, Fm, p.T, p.MD), f32), np.zeros((B, Fm), np.int32), np.zeros((B, Fm), f32)
    pr, pt, pv = np.zeros((B, N, p.PD), f32), np.zeros((B, N), f32), np.zeros((B, N), f32)
    for b, (a, i, q, o) in enumerate(ins):
        tok[b, :len(i)], tp[b, :len(i)], va[b, :len(i)] = a, i, 1
        pr[b, :len(o)], pt[b, :len(o)], pv[b, :len(o)] = q, o, 1
    c = p.run("memory_attention", feat=e["feat_s16"], mem_tokens=tok, mem_tpos_idx=tp, mem_valid=va, obj_ptrs=pr, ptr_tpos=pt, ptr_valid=pv)["cond_feat"]
    d = p.decode(e, c, [0] * B)
    best = [p.pick(d, b, 0)[0] for b in range(B)]
    return [(d["masks"][b, j], float(d["iou_scores"][b, j]), float(d["object_score_logits"][b, 0]), d["obj_ptrs"][b, j]) for b, j in enumerate(best)]


def extent(z):
    """Area and box of a mask, x0 y0 x1 y1 (exclusive)."""
    ys, xs = np.nonzero(z > 0)
    return (0, None) if len(xs) == 0 else (len(xs), (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))


def without_strays(z, ago, area, box, reach):
    """Host rule (`guards.strays`): parts further from the box of so many frames ago than `reach` times the size are left out, where the rest is larger."""
    if box is None or ago <= 0:
        return z
    n, lab, st, _ = cv2.connectedComponentsWithStats((z > 0).astype(np.uint8), connectivity=8)
    gap = np.array([max(box[0] - s[0] - s[2], s[0] - box[2], box[1] - s[1] - s[3], s[1] - box[3]) for s in st[1:]])
    far = np.flatnonzero(gap > reach * np.sqrt(area) * ago) + 1
    if len(far) == 0 or 2 * st[far, 4].sum() >= (z > 0).sum():
        return z
    z = z.copy()
    z[np.isin(lab, far)] = -8
    return z


def sought(p, tracks, t):
    """Host rule (`guards.returns`): on some frames one of the objects that are absent, in turn, is looked for in the light in which it was last surely seen."""
    rule = p.tr["guards"].get("returns")
    absent = [k for k in tracks if k.trusted[0] < t - rule["after"]] if rule and t % rule["every"] == 0 else []
    return absent[t // rule["every"] % len(absent)] if absent else None


def step(p, tracks, t, e):
    """Propagates all tracks to frame t in one batch; stores their memory; returns logits, iou, score."""
    look = sought(p, tracks, t)
    followed = [k for k in tracks if k is not look]
    seen = dict(zip(followed, ask(p, [k.inputs(*k.bank(t)) for k in followed], e))) if followed else {}
    if look:
        seen[look], = ask(p, [look.inputs(*look.sure(t))], p.embed(relit(e["pixels"], look.lit)))
    res = []
    for k in tracks:
        z, iou, score, _ = seen[k]
        if score > 0 and k is not look and "strays" in p.tr["guards"]:
            z = without_strays(z, t - k.trusted[0], *k.trusted[1:], p.tr["guards"]["strays"])
        if score > 0 and (k.fallen(t, z, score) or k is look and iou < p.tr["guards"]["returns"]["iou"]):
            z, score = np.full_like(z, -1024), -10.0
        if score > 0:
            k.trusted = (t, *extent(z))
        res.append((z, iou, score))
    zs = np.stack([r[0] for r in res])[:, None]
    m = p.run("memory_encoder", image_embed=e["feat_s16"], mask_logits=zs, binarize=np.zeros(len(res), f32), object_score_logits=f32([[r[2]] for r in res]))["mem_tokens"]
    for b, k in enumerate(tracks):
        k.non[t] = (m[b], seen[k][3])
        k.non.pop(t - p.tr["maxPtrs"] - 1, None)
        if res[b][2] > 0 and res[b][1] >= p.tr["guards"].get("returns", {"iou": 1})["iou"]:
            k.pinned, k.lit = m[b], e["pixels"]
    return res


def to_video(z, w, h):
    return cv2.resize(z, (w, h), interpolation=cv2.INTER_LINEAR) > 0


# ---- metrics (DAVIS as in the SA-V toolkit)
def jaccard(a, b):
    u = (a | b).sum()
    return 1.0 if u == 0 else float((a & b).sum() / u)


def boundary(m):
    m = m.astype(bool)
    b = np.zeros_like(m)
    b[:-1, :-1] = (m[:-1, :-1] != m[:-1, 1:]) | (m[:-1, :-1] != m[1:, :-1]) | (m[:-1, :-1] != m[1:, 1:])
    b[-1, :-1] = m[-1, :-1] != m[-1, 1:]
    b[:-1, -1] = m[:-1, -1] != m[1:, -1]
    return b


def fscore(p, g):
    r = int(np.ceil(0.008 * np.hypot(*g.shape)))
    y, x = np.ogrid[-r:r + 1, -r:r + 1]
    disk = (x * x + y * y <= r * r).astype(np.uint8)
    bp, bg = boundary(p), boundary(g)
    if not bp.any() or not bg.any():
        return 1.0 if not bp.any() and not bg.any() else 0.0
    pr = (bp & (cv2.dilate(bg.astype(np.uint8), disk) > 0)).sum() / bp.sum()
    rc = (bg & (cv2.dilate(bp.astype(np.uint8), disk) > 0)).sum() / bg.sum()
    return 0.0 if pr + rc == 0 else float(2 * pr * rc / (pr + rc))


def sequences(root, seq):
    root = Path(root)
    names = seq.split(",") if seq else sorted(d.name for d in (root / "JPEGImages/480p").iterdir())
    for n in names:
        yield n, sorted((root / "JPEGImages/480p" / n).glob("*.jpg")), sorted((root / "Annotations/480p" / n).glob("*.png"))


def gt(path):
    m = np.asarray(Image.open(path))
    return (m if m.ndim == 2 else m[..., 0]) > 0


def rgb(path):
    return np.asarray(Image.open(path).convert("RGB"))


def davis(p, root, seq, dump=None):
    rows = []
    for name, frames, anns in sequences(root, seq):
        tk, js, fs, sc = Track(p), [], [], []
        for t, (fp, ap) in enumerate(zip(frames, anns)):
            e, g = p.encode(rgb(fp)), gt(ap)
            if t == 0:
                tk.add_mask(0, e, g)
                continue
            z, iou, score = step(p, [tk], t, e)[0]
            m = to_video(z, g.shape[1], g.shape[0])
            if dump:
                Path(dump, name).mkdir(parents=True, exist_ok=True)
                im = rgb(fp).copy()
                im[m] = im[m] // 2 + np.uint8([120, 0, 0])
                im[boundary(g)] = (0, 255, 0)
                Image.fromarray(im).resize((427, 240)).save(Path(dump, name, f"{t:05d}.jpg"))
            if t < len(frames) - 1:
                js.append(jaccard(m, g)); fs.append(fscore(m, g)); sc.append(iou)
        J, Fm = 100 * np.mean(js), 100 * np.mean(fs)
        rows.append((J, Fm))
        print(f"{name:12s} J {J:5.1f}  F {Fm:5.1f}  J&F {(J + Fm) / 2:5.1f}   quarters J " + " ".join(f"{100 * np.mean(q):.0f}" for q in np.array_split(js, 4)) +
              f"   iou-score corr {np.corrcoef(js, sc)[0, 1] if np.std(sc) > 0 else 0:.2f}", flush=True)
    a = np.array(rows)
    print(f"{'mean':12s} J {a[:, 0].mean():5.1f}  F {a[:, 1].mean():5.1f}  J&F {a.mean():5.1f}")
    return a.mean()


def centre(m):
    d = cv2.distanceTransform(np.pad(m.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(d.argmax(), d.shape)
    return float(x), float(y)


def largest(m):
    n, lab, st, _ = cv2.connectedComponentsWithStats(m.astype(np.uint8))
    return lab == 1 + st[1:, 4].argmax() if n > 1 else m


def click_run(p, e, g, n, z=None):
    """n clicks as an annotator would set them; previous logits are fed back, those of a mask to correct (z [L,L]) at first. Returns IoU after each, and predicted IoU."""
    h, w = g.shape
    pts, labs, prev, out = [], [], None if z is None else np.where(z > 0, f32(10), f32(-10))[None, None], []
    m = np.zeros_like(g) if z is None else to_video(z, w, h)
    for _ in range(n):
        fn, fp = largest(g & ~m), largest(m & ~g)
        pos = fn.sum() >= fp.sum()
        if not (fn.any() or fp.any()):
            out.append(out[-1] if out else (1.0, 1.0)); continue
        x, y = centre(fn if pos else fp)
        pts.append((x / w * p.S, y / h * p.S)); labs.append(1 if pos else 0)
        z, iou, _, _ = p.answer(e, pts, labs, prev)
        prev = z[None, None].clip(-32, 32)
        m = to_video(z, w, h)
        out.append((jaccard(m, g), float(iou)))
    return out


def box_run(p, e, g):
    h, w = g.shape
    ys, xs = np.nonzero(g)
    pts = [(xs.min() / w * p.S, ys.min() / h * p.S), ((xs.max() + 1) / w * p.S, (ys.max() + 1) / h * p.S)]
    d = p.decode(e, e["feat_s16"], [1], np.array(pts)[None], np.array([[2, 3]]))
    k, _ = p.pick(d, 0, 2)
    return jaccard(to_video(d["masks"][0, k], w, h), g)


def clicks(p, root, seq):
    res = []
    for name, frames, anns in sequences(root, seq):
        e, g = p.encode(rgb(frames[0])), gt(anns[0])
        r = click_run(p, e, g, 3)
        res.append((r[0][0], r[2][0], box_run(p, e, g)))
        print(f"{name:12s} 1 click {res[-1][0]:.3f}  3 clicks {res[-1][1]:.3f}  box {res[-1][2]:.3f}   predicted {r[0][1]:.2f}")
    a = np.mean(res, 0)
    print(f"{'mean':12s} 1 click {a[0]:.3f}  3 clicks {a[1]:.3f}  box {a[2]:.3f}")
    return a


def held(p, bank):
    """Clicks and boxes on things that were outlined in held-out clips."""
    d, res = np.load(Path(bank) / "held.npz"), []
    for im, m, thing in zip(d["pics"], d["masks"], d["thing"]):
        if thing >= 1000:                                             # stills; the others were followed by an earlier pack
            e, g = p.encode(im), m > 0
            r = click_run(p, e, g, 3)
            res.append((r[0][0], r[2][0], box_run(p, e, g)))
    a = np.mean(res, 0)
    print(f"{len(res)} held-out things: 1 click {a[0]:.3f}  3 clicks {a[1]:.3f}  box {a[2]:.3f}")


def followed(p, clips, truth):
    """Things of held-out clips, outlined at several times (per cent of width and height; none where it is gone): followed from the first to the last.
    Yields clip, thing, number, frame, picture, features, logits, score and truth at every outline after the first."""
    from pseudo import fit
    data = json.loads(Path(truth).read_text())
    assert set(data) <= set(json.loads(Path(__file__).with_name("outlines.json").read_text())["heldOut"])
    for name, things in data.items():
        cap, at = cv2.VideoCapture(str(Path(clips, name + ".mp4"))), {}
        for n, thing in enumerate(things):
            for k, (i, outline) in enumerate(thing["at"]):
                at.setdefault(i, []).append((n, k, outline))
        live = {}
        for i in range(max(at) + 1):
            ok, im = cap.read()
            assert ok, (name, i)
            if not live and i not in at:
                continue
            im = cv2.resize(im, (896, 504), interpolation=cv2.INTER_AREA)
            e = p.encode(np.ascontiguousarray(im[..., ::-1]))
            live = {n: t for n, t in live.items() if things[n]["at"][-1][0] >= i}
            got = dict(zip(live, step(p, list(live.values()), i, e))) if live else {}
            for n, k, outline in at.get(i, []):
                g = fit(im, outline, 2) > 0 if outline else np.zeros((504, 896), bool)
                if k == 0:
                    live[n] = Track(p)
                    live[n].add_mask(i, e, g)
                else:
                    yield name, things[n]["name"], n, i, im, e, got[n][0], got[n][2], g


def tracks(p, clips, truth, dump=None):
    """How well tracking follows them."""
    rows = {}
    for name, thing, n, i, im, _, z, score, g in followed(p, clips, truth):
        m = to_video(z, 896, 504) & (score > 0)
        rows.setdefault((name, thing), []).append(jaccard(m, g))
        if dump:
            im2 = im.copy()
            im2[m] = im2[m] // 2 + np.uint8([0, 0, 120])
            im2[boundary(g)] = (0, 255, 0)
            Path(dump).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(Path(dump, f"{name}-{n}-{i:04d}.png")), cv2.resize(im2, (448, 252), interpolation=cv2.INTER_AREA))
    for name in dict.fromkeys(c for c, _ in rows):
        print(f"{name:24s} {np.mean([np.mean(v) for (c, _), v in rows.items() if c == name]):.3f}   " +
              "  ".join(f"{n} " + " ".join(f"{j:.2f}" for j in v) for (c, n), v in rows.items() if c == name), flush=True)
    all_, last = np.concatenate(list(rows.values())), [v[-1] for v in rows.values()]
    print(f"{len(rows)} things, {len(all_)} outlines: mean IoU {np.mean([np.mean(v) for v in rows.values()]):.3f} of things, {all_.mean():.3f} of outlines, "
          f"{np.mean(last):.3f} of last ones; at least 0.5: {(all_ >= .5).mean():.3f}")


def corrections(p, clips, truth, n=5):
    """Masks that tracking got wrong (IoU 0.1 to 0.85), corrected by clicks at the centre of the largest error."""
    rows = []
    for _, _, _, _, _, e, z, score, g in followed(p, clips, truth):
        m = to_video(z, 896, 504)
        if score > 0 and g.any() and .1 < jaccard(m, g) < .85:
            rows.append((largest(g & ~m).sum() >= largest(m & ~g).sum(), [jaccard(m, g)] + [j for j, _ in click_run(p, e, g, n, z)]))
    a = np.array([r for _, r in rows])
    for what, pick in (("the first click includes", [f for f, _ in rows]), ("the first click excludes", [not f for f, _ in rows]), ("all", [True] * len(rows))):
        b = a[np.array(pick)]
        print(f"{what}: {len(b)} frames, IoU {b[:, 0].mean():.3f}, after each click " + " ".join(f"{j:.3f}" for j in b[:, 1:].mean(0)) +
              f"; worse after one {(b[:, 1] < b[:, 0] - .02).mean():.3f}")


def ece(said, true):
    """Expected calibration error over ten bins."""
    b = np.clip((said * 10).astype(int), 0, 9)
    return sum((b == k).mean() * abs(said[b == k].mean() - true[b == k].mean()) for k in range(10) if (b == k).any())


def synth(p, n=16, T=12, seed=4242):
    """Generated clips with procedural textures only: propagation, prompts, absence, calibration."""
    from synth import Maker
    mk = Maker(None)
    prop, lead, vis, seen, ious, one, three, box = [], [], [], [], [], [], [], []
    big = 0
    for i in range(n):
        fr, ms = mk.clip(np.random.default_rng([seed, i]), p.S, T)
        tk = Track(p)
        for t in range(T):
            e, g = p.encode(np.ascontiguousarray(fr[t])), ms[t] > .5
            if t == 0:
                tk.add_mask(0, e, g)
                r = click_run(p, e, g, 3)
                one.append(r[0][0]); three.append(r[2][0]); box.append(box_run(p, e, g))
                ious.append((r[0][1], r[0][0]))
                continue
            z, iou, score = step(p, [tk], t, e)[0]
            m = to_video(z, p.S, p.S)
            v = g.mean() > 4e-4
            vis.append((score > 0, v, 1 / (1 + np.exp(-score)))); big += (m.mean() > .9)
            if v:
                j = jaccard(m, g)
                prop.append(j); ious.append((iou, j))
                if t == T - 1:
                    lead.append(j)
    v = np.array(vis, float); q = np.array(ious)
    shown = v[:, 1] > 0
    print(f"generated clips ({n} x {T}): propagation IoU {np.mean(prop):.3f} (last frame {np.mean(lead):.3f})  1 click {np.mean(one):.3f}  3 clicks {np.mean(three):.3f}  box {np.mean(box):.3f}")
    print(f"  absent frames reported absent {1 - v[~shown, 0].mean() if (~shown).any() else float('nan'):.3f} of {(~shown).sum()}, visible reported visible {v[shown, 0].mean():.3f}, "
          f"full-frame masks {big}, IoU score: correlation {np.corrcoef(q.T)[0, 1]:.2f}, calibration error {ece(q[:, 0], q[:, 1]):.3f}, presence calibration error {ece(v[:, 2], v[:, 1]):.3f}")


def absence(p, n=24, T=30, seed=777, dump=None):
    """Generated clips (procedural textures) in which the object leaves the picture and comes back; dump: writes the clips, for test/bench/absence.ts."""
    from synth import Maker
    mk, gone, found, late, full = Maker(None), [], [], [], 0
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        fr, ms = mk.clip(rng, p.S, T, away=(int(rng.integers(5, 10)), int(rng.integers(17, 21))))
        seen = [m.mean() > 4e-4 for m in ms]
        if all(seen) or not seen[-1]:
            continue
        if dump:
            for what, pics in (("JPEGImages", fr), ("Annotations", (ms > .5).astype(np.uint8) * 255)):
                d = Path(dump, what, "480p", f"{i:02d}")
                d.mkdir(parents=True, exist_ok=True)
                for t in range(T):
                    Image.fromarray(np.ascontiguousarray(pics[t])).save(d / f"{t:05d}.png")
            continue
        tk, says, hit = Track(p), [True], [True]
        for t in range(T):
            e = p.encode(np.ascontiguousarray(fr[t]))
            if t == 0:
                tk.add_mask(0, e, ms[0] > .5)
                continue
            z, iou, score = step(p, [tk], t, e)[0]
            m = to_video(z, p.S, p.S)
            full += m.mean() > .9
            says.append(score > 0)
            hit.append(score > 0 and jaccard(m, ms[t] > .5) > .5)
        first = seen.index(False)
        last = T - 1 - seen[::-1].index(False)
        if not any(seen[first:first + 3]):
            gone.append(not all(says[first:first + 3]))
            late.append(np.mean([not s for s, v in zip(says[first:last + 1], seen[first:last + 1]) if not v]))
        found.append(any(hit[last + 1:]))
    if dump:
        return
    print(f"an object leaves and comes back ({n} clips x {T}): reported absent within 3 frames {np.mean(gone):.3f} of {len(gone)}, absent frames reported absent {np.mean(late):.3f}, "
          f"found again {np.mean(found):.3f} of {len(found)}, full-frame masks {full}")


def detect(p, e, phrase):
    """The detector's answer to a phrase: scores [Q] and mask logits [Q,L,L]."""
    t = p.man["text"]
    ids = [t["words"].index(w) + 1 for w in phrase.split()]
    ids = np.int32([ids + [t["padId"]] * (t["contextLength"] - len(ids))])
    f = p.run("text_encoder", input_ids=ids, attention_mask=np.int32(ids > 0))["text_features"]
    d = p.run("detector", det_s4=e["det_s4"], det_s8=e["det_s8"], det_s16=e["det_s16"], text_features=f, text_valid=ids > 0,
              boxes=np.zeros((1, 1, 4), f32), box_labels=np.zeros((1, 1), np.int32), box_valid=np.zeros((1, 1), bool))
    sig = lambda x: 1 / (1 + np.exp(-x))
    return sig(d["pred_logits"][0]) * sig(d["presence_logits"][0]), d["pred_masks"][0]


def demo(p, clip, truth, every=1):
    """The sample clip: detection on every frame; one prompt by text or click on frame 0, then propagation alone."""
    import base64
    import gzip
    d = json.load(gzip.open(truth))
    w, h = d["width"], d["height"]

    def mask(b):
        out, at, v, n, s = np.zeros(w * h, bool), 0, 0, 0, 0
        for c in base64.b64decode(b) if b else b"":
            n |= (c & 127) << s
            s += 7
            if not c & 128:
                out[at:at + n] = v
                at, v, n, s = at + n, 1 - v, 0, 0
        return out.reshape(h, w)
    cap = cv2.VideoCapture(clip)
    tr, J, D, V, miss, extra = {}, {}, {}, {}, {}, {}
    for t in range(d["frameCount"]):
        ok, im = cap.read()
        if not ok or t % every:
            continue
        e = p.encode(np.ascontiguousarray(im[..., ::-1]))
        res = step(p, list(tr.values()), t // every, e) if tr else []
        got = dict(zip(tr, res))
        for th in d["things"]:
            g = mask(th["masks"][t])
            v, word = g.sum() > 300, th["phrases"][0]
            sc, dm = detect(p, e, word)
            hits = [to_video(dm[i], w, h) for i in np.nonzero(sc > 0.5)[0]]
            if v:
                D.setdefault(th["name"], []).append(max([jaccard(x, g) for x in hits], default=0.0))
                miss[th["name"]] = miss.get(th["name"], 0) + (not hits)
            extra[th["name"]] = extra.get(th["name"], 0) + max(0, len(hits) - int(v))
            for how in ("text", "click"):
                k = (how, th["name"])
                if k in got:
                    if v:
                        J.setdefault(k, []).append(jaccard(to_video(got[k][0], w, h), g))
                    V.setdefault(k, []).append((got[k][2] > 0, v))
            if t == 0:
                a, b = Track(p), Track(p)
                a.add_mask(0, e, to_video(dm[int(sc.argmax())], w, h))
                b.add_points(0, e, [(th["click"]["x"] / w * p.S, th["click"]["y"] / h * p.S)], [1])
                tr[("text", th["name"])], tr[("click", th["name"])] = a, b
    for n in D:
        print(f"{n:10s} detection {np.mean(D[n]):.3f} (missed {miss[n]}, extra {extra[n]})  track from text {np.mean(J[('text', n)]):.3f}  from click {np.mean(J[('click', n)]):.3f}")
    for how in ("text", "click"):
        v = np.array([x for k, q in V.items() if k[0] == how for x in q])
        gone = ~v[:, 1]
        print(f"all, from {how}: IoU {np.mean([np.mean(J[k]) for k in J if k[0] == how]):.3f}  absent reported absent {1 - v[gone, 0].mean() if gone.any() else float('nan'):.3f} of {gone.sum()}")
    print(f"all, detection: IoU {np.mean([np.mean(x) for x in D.values()]):.3f}")


def speed(p, n=14):
    rng = np.random.default_rng(0)
    im = cv2.resize(rng.integers(0, 255, (12, 16, 3), dtype=np.uint8), (854, 480), interpolation=cv2.INTER_CUBIC)
    for B in (1, 4):
        tracks = [Track(p) for _ in range(B)]
        for v in p.ms.values():
            v.clear()
        for t in range(n):
            e = p.encode(np.roll(im, 3 * t, 1))
            if t == 0:
                for i, k in enumerate(tracks):
                    m = np.zeros((480, 854), bool); m[100 + 40 * i:260 + 40 * i, 100 + 120 * i:300 + 120 * i] = 1
                    k.add_mask(0, e, m)
                for v in p.ms.values():
                    v.clear()
            else:
                step(p, tracks, t, e)
        med = {k: float(np.median(v[3:])) for k, v in p.ms.items() if len(v) > 6}
        print(f"{B} object(s): " + "  ".join(f"{k} {v:.1f}" for k, v in med.items()) + f"  sum {sum(med.values()):.1f} ms")
    e = p.encode(im)
    p.ms["mask_decoder"].clear()
    for _ in range(8):
        p.decode(e, e["feat_s16"], [1], [[[200, 200]]], [[1]])
    print(f"click on a cached frame: {np.median(p.ms['mask_decoder']):.1f} ms")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("what", choices=["davis", "clicks", "held", "tracks", "corrections", "speed", "synth", "absence", "demo"])
    ap.add_argument("--pack", default=str(PACK))
    ap.add_argument("--davis", default="media/davis2016")
    ap.add_argument("--bank", help="held: the folder that pseudo.py filled")
    ap.add_argument("--seq")
    ap.add_argument("--dump", help="davis, tracks: a folder for pictures of the masks; absence: a folder for the clips, which are then only made")
    ap.add_argument("--seed", type=int, default=777, help="absence: other clips than those of the card")
    ap.add_argument("--clips", default="media/clips", help="tracks, corrections: the folder of the clips")
    ap.add_argument("--outlines", default=str(Path(__file__).with_name("tracks.json")), help="tracks, corrections: things outlined at several times")
    ap.add_argument("--clip", help="demo: the sample clip")
    ap.add_argument("--truth", help="demo: its truth (.json.gz)")
    ap.add_argument("--threads", type=int, default=1)
    a = ap.parse_args()
    p = Pack(a.pack, a.threads)
    if a.what == "davis":
        davis(p, a.davis, a.seq, a.dump)
    elif a.what == "clicks":
        clicks(p, a.davis, a.seq)
    elif a.what == "held":
        held(p, a.bank)
    elif a.what == "tracks":
        tracks(p, a.clips, a.outlines, a.dump)
    elif a.what == "corrections":
        corrections(p, a.clips, a.outlines)
    elif a.what == "demo":
        demo(p, a.clip, a.truth)
    elif a.what == "synth":
        synth(p)
    elif a.what == "absence":
        absence(p, seed=a.seed, dump=a.dump)
    else:
        speed(p)
