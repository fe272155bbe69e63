"""Trains the learned part of the pebble pack on procedural video (CPU, one or two threads).

  python synth.py prepare CLIPS BANK       # optional: textures from unlabelled clips
  python train.py --bank BANK --out RUN --iters 2000 [--size 192] [--init RUN/last.pt] [--threads 1]
Every batch is a function of (seed, iteration): runs are repeatable and resume from RUN/last.pt.
"""
import argparse
import math
import os
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

import model as M
from synth import Maker, damage, prompt


class Clips(torch.utils.data.Dataset):
    """One item is a batch of clips with prompts; sizes holds (side, clips, frames), one is drawn for each batch."""

    def __init__(self, bank, seed, sizes, start, n, real=0):
        self.bank, self.seed, self.sizes, self.start, self.n, self.mk, self.real = bank, seed, sizes, start, n, None, real

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if self.mk is None:
            self.mk = Maker(self.bank)
        rng = np.random.default_rng([self.seed, self.start + i])
        S, B, T = self.sizes[int(rng.integers(len(self.sizes)))]
        fr, ms, mem, pr = [], [], [], []
        for _ in range(B):
            away, twins = None, .3
            if T >= 14 and rng.random() < .8:                        # gone for about ten frames or more, often something alike stays
                away, twins = (int(rng.integers(2, 4)), int(rng.integers(T - 4, T - 2))), .6
            elif T >= 7 and rng.random() < .5:
                away, twins = (int(rng.integers(2, T // 2)), int(rng.integers(T // 2 + 1, T))), .6
            f, m = self.mk.clip(rng, S, T, away, twins, real=self.real)
            fr.append(f); ms.append(m)
            mem.append(damage(rng, m[0]) if rng.random() < .12 else (m[0] > .5).astype(np.float32))
            last = T - 1 if m[-1].mean() > .004 else 0
            asked = ((0, "click"), (0, "box" if rng.random() < .6 else None), (last, "click"), (last, None))
            asked = asked if T == 1 else asked[rng.integers(2)::2]     # two prompts for a clip: the steps go to propagation
            pr.append([(k,) + prompt(rng, m[k], q) for k, q in asked])
        t = lambda x: torch.from_numpy(np.ascontiguousarray(np.stack(x)))
        pr = [q for p in zip(*pr) for q in p]                       # the B clips' first prompt, then their second ...
        none = np.zeros((S // 2, S // 2), np.float32)
        return (t(fr), t(ms), t(mem), torch.tensor([q[0] for q in pr]), t([q[1] for q in pr]), t([q[2] for q in pr]),
                t([none if q[3] is None else q[3] for q in pr]).float(), torch.tensor([q[3] is not None for q in pr], dtype=torch.float32))


def mask_loss(z, g):
    """Per sample: balanced cross entropy plus dice; z, g [B,1,h,w]."""
    p = torch.sigmoid(z)
    bce = F.binary_cross_entropy_with_logits(z, g, reduction="none")
    edge = (F.max_pool2d(g, 7, 1, 3) + F.max_pool2d(-g, 7, 1, 3)).clamp(0, 1)
    w = 1 + 2 * edge
    area = g.mean((1, 2, 3))
    bce = (bce * w).mean((1, 2, 3)) / (0.08 + area).clamp(max=0.5) * 0.25
    dice = 1 - (2 * (p * g).sum((1, 2, 3)) + 20) / (p.sum((1, 2, 3)) + g.sum((1, 2, 3)) + 20)
    return bce + dice


def largest(m):
    n, lab, st, _ = cv2.connectedComponentsWithStats(m.astype(np.uint8))
    return lab == 1 + st[1:, 4].argmax() if n > 1 else m


def iou_of(z, g):
    a, b = z > 0, g > .5
    u = (a | b).flatten(1).sum(1).float()
    return torch.where(u > 0, (a & b).flatten(1).sum(1).float() / u.clamp(min=1), torch.ones_like(u))


def correct(z, g, pp, pl):
    """Adds to each prompt a click at the centre of the largest error of logits z, as an annotator would."""
    pp, pl = pp.clone(), pl.clone()
    for i in range(len(z)):
        m, t = (z[i, 0] > 0).numpy(), (g[i, 0] > .5).numpy()
        best = max(((largest(w), l) for w, l in ((t & ~m, 1), (m & ~t, 0))), key=lambda q: q[0].sum())
        free = int((pl[i] >= 0).sum())
        if best[0].sum() < 6 or free == pl.shape[1]:
            continue
        d = cv2.distanceTransform(np.pad(best[0].astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        y, x = np.unravel_index(d.argmax(), d.shape)
        pp[i, free], pl[i, free] = torch.tensor([2 * x + 1.0, 2 * y + 1.0]), best[1]
    return pp, pl


def prompts(dec, F4, F8, F16, gt, pt, pp, pl, pv, ph, stat):
    """Loss of the prompts on their frames, then of a correcting click on top of the network's own answer."""
    B, N = len(F4), len(pt)
    b = torch.arange(N) % B
    f4, f8, f16, g = F4[b, pt], F8[b, pt], F16[b, pt], gt[b, pt]
    loss = 0.0
    for turn, name in enumerate(("click", "again")):
        n = len(pl)
        z, iou, sc = dec(f4, f8, f16, torch.ones(n), pp, pl, pv.unsqueeze(1), ph)
        single = ((pl >= 0).sum(1) == 1).float() * (1 - ph)
        l = torch.stack([mask_loss(z[:, k:k + 1], g) for k in range(4)], 1)
        lp = single * (l[:, 1:].min(1).values * 0.8 + 0.1 * l[:, 1:].mean(1) + 0.4 * l[:, 0]) + (1 - single) * l[:, 0]
        true = torch.stack([iou_of(z[:, k:k + 1], g) for k in range(4)], 1)
        loss = loss + lp.mean() + 0.7 * ((iou - true) ** 2).mean() + 0.1 * F.binary_cross_entropy_with_logits(sc[:, 0], torch.ones(n))
        pick = (single * (1 + iou[:, 1:].argmax(1))).long().unsqueeze(1)
        chosen = true.gather(1, pick)[:, 0]
        box = (pl == 2).any(1).float()
        for key, w in (("click", single), ("box", box * (1 - single)), ("multi", (1 - box) * (1 - single))) if turn == 0 else (("again", single + 1),):
            stat[key] = (float((chosen * w).sum()), float(w.sum()))
        if turn == 0:                                                # every other prompt is corrected
            zc = z.detach().gather(1, pick[:, :, None, None].expand(-1, 1, *z.shape[2:]))
            h = torch.arange(B % 2, n, 2) if n > 1 else torch.arange(1)
            f4, f8, f16, g, zc = f4[h], f8[h], f16[h], g[h], zc[h]
            pp, pl = correct(zc, g, pp[h], pl[h])
            pv, ph = zc[:, 0].clamp(-32, 32), torch.ones(len(h))
    return loss


def run_batch(mods, batch, prop=True, held=False, prompted=True):
    """held: the encoder stays as it is; prompted: with the prompts' loss."""
    enc, dec, men, att = mods
    fr, ms, mem0, pt, pp, pl, pv, ph = batch
    B, T, S = fr.shape[0], fr.shape[1], fr.shape[2]
    L = S // 2
    x = (fr.permute(0, 1, 4, 2, 3).reshape(B * T, 3, S, S).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    with torch.set_grad_enabled(not held):
        F4, F8, F16 = [f.reshape(B, T, *f.shape[1:]) for f in enc(x)]
    gt = F.avg_pool2d(ms.reshape(B * T, 1, S, S), 2).reshape(B, T, 1, L, L)
    stat = {}
    loss = 0.5 * prompts(dec, F4, F8, F16, gt, pt, pp, pl, pv, ph, stat) if prompted else 0.0
    if prop:
        m0 = F.avg_pool2d(mem0.unsqueeze(1), 2)
        bank = [men(F16[:, 0], (m0 - .5) * 20, torch.ones(B), torch.ones(B, 1))]
        one, none = torch.zeros(B), -torch.ones(B, 1, dtype=torch.int32)
        acc, cnt = 0.0, 0
        for t in range(1, T):
            rec = bank[1:][-(M.NUM_MASKMEM - 1):]
            toks = torch.stack([bank[0]] + rec, 1)
            n = len(rec)
            tpos = torch.tensor([[M.NUM_MASKMEM - 1] + list(range(n - 1, -1, -1))], dtype=torch.int32).expand(B, -1)
            c = att(F16[:, t], toks, tpos, torch.ones(B, n + 1), torch.zeros(B, 1, M.PTR), torch.zeros(B, 1), torch.zeros(B, 1))
            z, iou, sc = dec(F4[:, t], F8[:, t], c, one, torch.zeros(B, 1, 2), none, torch.zeros(B, 1, L, L), one)
            gk = gt[:, t]
            vis = (gk.flatten(1).mean(1) > 4e-4).float()
            lm = mask_loss(z[:, :1], gk)
            true = iou_of(z[:, :1], gk)
            e = c[:, M.KD + M.FD:]
            sub = F.pixel_unshuffle(gk, 4)
            aux = F.binary_cross_entropy(e[:, :16].clamp(1e-3, 1 - 1e-3), sub, reduction="none").mean((1, 2, 3))
            g8 = F.avg_pool2d(gk, 4)
            auxg = F.binary_cross_entropy(e[:, 33:35].clamp(1e-3, 1 - 1e-3), g8.expand(-1, 2, -1, -1), reduction="none").mean((1, 2, 3))
            loss = loss + (lm + 0.4 * aux + 0.3 * auxg).mean() * 0.9 + 0.5 * ((iou[:, 0] - true) ** 2 * vis).mean() + \
                0.5 * F.binary_cross_entropy_with_logits(sc[:, 0], vis)
            acc += float((true * vis).sum()); cnt += float(vis.sum())
            gate = torch.where(torch.rand(B) < 0.9, (sc[:, 0] > 0).float(), vis).unsqueeze(1) * 2 - 1
            bank.append(men(F16[:, t], z[:, :1], torch.zeros(B), gate))
            stat["vis"] = stat.get("vis", (0, 0))
            stat["vis"] = (stat["vis"][0] + float(((sc[:, 0] > 0).float() == vis).sum()), stat["vis"][1] + B)
        stat["prop"] = (acc, cnt)
    return loss, stat


def adopt(module, old):
    """Loads weights; layers that are new keep their start, a layer with more inputs sees the new ones with weight 0."""
    own = module.state_dict()
    for k, v in old.items():
        v = v.float()
        if own[k].shape != v.shape:
            w = torch.zeros_like(own[k])
            w[:, :v.shape[1]] = v
            v = w
        own[k] = v
    module.load_state_dict(own)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bank")
    ap.add_argument("--out", required=True)
    ap.add_argument("--iters", type=int, default=2000)
    ap.add_argument("--sizes", default="256x2x5", help="side x clips x frames of a batch; several, separated by commas, take turns at random")
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--init")
    ap.add_argument("--ema", type=float, default=0.995, help="decay of the moving average")
    ap.add_argument("--real", type=float, default=0, help="share of real video (follow.py) among clips in which nothing has to leave")
    ap.add_argument("--hold-encoder", action="store_true", help="the encoder stays as it is: the decoder of prompts was trained on its features")
    ap.add_argument("--prompted", type=float, default=1, help="share of the steps that also train prompts")
    ap.add_argument("--minutes", type=float, default=1e9, help="on a busy machine: the schedule also ends after this long")
    a = ap.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    mods = M.ImageEncoder(), M.MaskDecoder(), M.MemoryEncoder(), M.MemoryAttention()
    enc, dec, men, att = mods
    for m in (enc, dec):
        m.to(memory_format=torch.channels_last)
    dec.train()
    params = [p for m in ((dec, att) if a.hold_encoder else (enc, dec, att)) for p in m.parameters()]
    opt = torch.optim.AdamW([{"params": [p for p in params if p.dim() > 1], "weight_decay": 0.01}, {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0}], lr=a.lr, betas=(0.9, 0.98))
    start = 0
    ema, prompts_own = None, {}
    last = out / "last.pt"
    src = last if last.exists() else (Path(a.init) if a.init else None)
    if src:
        s = torch.load(src, weights_only=True)
        for m, n in ((enc, "enc"), (dec, "dec"), (att, "att")):
            adopt(m, s[n])
        prompts_own = {k: s[k] for k in ("prompts",) if k in s}          # weights of prompts alone (train_prompts.py) stay as they are
        if src == last:
            ema = s["ema"]
            opt.load_state_dict(s["opt"]); start = s["it"]
    if ema is None:
        ema = [p.detach().clone() for p in params]

    def save():
        keep = [p.detach().clone() for p in params]
        cur = {"enc": enc.state_dict(), "dec": dec.state_dict(), "att": att.state_dict(), "opt": opt.state_dict(), "it": it + 1, "ema": ema, "held": a.hold_encoder, **prompts_own}
        torch.save(cur, str(last) + ".tmp"); os.replace(str(last) + ".tmp", last)
        for p, e in zip(params, ema):
            p.data.copy_(e)
        half = lambda d: {k: v.to(torch.float16).contiguous() for k, v in d.items()}
        torch.save({"enc": half(enc.state_dict()), "dec": half(dec.state_dict()), "att": half(att.state_dict()), **prompts_own}, str(out / "weights.tmp"))
        os.replace(out / "weights.tmp", out / "weights.pt")
        for p, k in zip(params, keep):
            p.data.copy_(k)

    data = torch.utils.data.DataLoader(Clips(a.bank, a.seed, [[int(v) for v in q.split("x")] for q in a.sizes.split(",")], start, a.iters - start, a.real), batch_size=None, num_workers=1, prefetch_factor=6)
    t0, tot = time.time(), {}
    it = start
    for k, batch in enumerate(data):
        it = start + k
        done = min(1.0, max(it / a.iters, (time.time() - t0) / 60 / a.minutes))
        lr = a.lr * min(1, (it + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for gph in opt.param_groups:
            gph["lr"] = lr
        loss, stat = run_batch(mods, batch, held=a.hold_encoder, prompted=(it * 0.6180339887) % 1 < a.prompted)
        opt.zero_grad()
        loss.backward()
        nrm = torch.nn.utils.clip_grad_norm_(params, 2.0)
        if not torch.isfinite(nrm):
            print("skipped", it, flush=True)
            continue
        opt.step()
        d = min(a.ema, (it + 1) / (it + 20))
        for e, p in zip(ema, params):
            e.lerp_(p.detach(), 1 - d)
        for n, (s, c) in dict(stat, loss=(loss.item(), 1), norm=(nrm.item(), 1)).items():
            q = tot.setdefault(n, [0, 0]); q[0] += s; q[1] += c
        if (it + 1) % 25 == 0:
            print(f"{it + 1} {time.time() - t0:.0f}s " + " ".join(f"{n} {s / max(c, 1):.3f}" for n, (s, c) in tot.items()), flush=True)
            tot = {}
        if (it + 1) % 50 == 0 or it + 1 == a.iters or done == 1:
            save()
        if done == 1:
            break


if __name__ == "__main__":
    main()
