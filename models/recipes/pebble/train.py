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

import numpy as np
import torch
import torch.nn.functional as F

import model as M
from synth import Maker, damage, prompt


class Clips(torch.utils.data.Dataset):
    def __init__(self, bank, seed, B, S, T, start, n):
        self.bank, self.seed, self.B, self.S, self.T, self.start, self.n, self.mk = bank, seed, B, S, T, start, n, None

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if self.mk is None:
            self.mk = Maker(self.bank)
        rng = np.random.default_rng([self.seed, self.start + i])
        fr, ms, mem, pp, pl, pv, ph = [], [], [], [], [], [], []
        for _ in range(self.B):
            f, m = self.mk.clip(rng, self.S, self.T)
            fr.append(f); ms.append(m)
            mem.append(damage(rng, m[0]) if rng.random() < .12 else (m[0] > .5).astype(np.float32))
            a, b, c = prompt(rng, m[0])
            pp.append(a); pl.append(b); ph.append(c is not None)
            pv.append(c if c is not None else np.zeros((self.S // 2, self.S // 2), np.float32))
        t = lambda x: torch.from_numpy(np.ascontiguousarray(np.stack(x)))
        return t(fr), t(ms), t(mem), t(pp), t(pl), t(pv).float(), torch.tensor(ph, dtype=torch.float32)


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


def iou_of(z, g):
    a, b = z > 0, g > .5
    u = (a | b).flatten(1).sum(1).float()
    return torch.where(u > 0, (a & b).flatten(1).sum(1).float() / u.clamp(min=1), torch.ones_like(u))


def run_batch(mods, batch, prop=True):
    enc, dec, men, att = mods
    fr, ms, mem0, pp, pl, pv, ph = batch
    B, T, S = fr.shape[0], fr.shape[1], fr.shape[2]
    L, g = S // 2, S // 8
    x = (fr.permute(0, 1, 4, 2, 3).reshape(B * T, 3, S, S).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    F4, F8, F16 = [f.reshape(B, T, *f.shape[1:]) for f in enc(x)]
    gt = F.avg_pool2d(ms.reshape(B * T, 1, S, S), 2).reshape(B, T, 1, L, L)
    stat = {}
    # prompts on frame 0
    z, iou, sc = dec(F4[:, 0], F8[:, 0], F16[:, 0], torch.ones(B), pp, pl, pv.unsqueeze(1), ph)
    g0 = gt[:, 0]
    l = torch.stack([mask_loss(z[:, k:k + 1], g0) for k in range(4)], 1)
    single = ((pl >= 0).sum(1) == 1).float() * (1 - ph)
    lp = (single * (l[:, 1:].min(1).values * 0.8 + 0.15 * l[:, 1:].mean(1) + 0.3 * l[:, 0]) + (1 - single) * l[:, 0]).mean()
    true = torch.stack([iou_of(z[:, k:k + 1], g0) for k in range(4)], 1)
    li = ((iou - true) ** 2).mean()
    ls = F.binary_cross_entropy_with_logits(sc[:, 0], torch.ones(B))
    pick = 1 + iou[:, 1:].argmax(1)
    chosen = torch.where(single > 0, true.gather(1, pick.unsqueeze(1))[:, 0], true[:, 0])
    stat["click"] = (float((chosen * single).sum()), float(single.sum()))
    stat["other"] = (float((chosen * (1 - single)).sum()), float((1 - single).sum()))
    loss = 0.7 * lp + 0.5 * li + 0.1 * ls
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
                0.3 * F.binary_cross_entropy_with_logits(sc[:, 0], vis)
            acc += float((true * vis).sum()); cnt += float(vis.sum())
            gate = torch.where(torch.rand(B) < 0.9, (sc[:, 0] > 0).float(), vis).unsqueeze(1) * 2 - 1
            bank.append(men(F16[:, t], z[:, :1], torch.zeros(B), gate))
            stat["vis"] = stat.get("vis", (0, 0))
            stat["vis"] = (stat["vis"][0] + float(((sc[:, 0] > 0).float() == vis).sum()), stat["vis"][1] + B)
        stat["prop"] = (acc, cnt)
    return loss, stat


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bank")
    ap.add_argument("--out", required=True)
    ap.add_argument("--iters", type=int, default=2000)
    ap.add_argument("--batch", type=int, default=4)
    ap.add_argument("--size", type=int, default=192)
    ap.add_argument("--frames", type=int, default=4)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--init")
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
    params = [p for m in (enc, dec, att) for p in m.parameters()]
    opt = torch.optim.AdamW([{"params": [p for p in params if p.dim() > 1], "weight_decay": 0.01}, {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0}], lr=a.lr, betas=(0.9, 0.98))
    start = 0
    ema = None
    last = out / "last.pt"
    src = last if last.exists() else (Path(a.init) if a.init else None)
    if src:
        s = torch.load(src, weights_only=True)
        enc.load_state_dict(s["enc"]); dec.load_state_dict(s["dec"]); att.load_state_dict(s["att"])
        ema = s["ema"]
        if src == last:
            opt.load_state_dict(s["opt"]); start = s["it"]
    if ema is None:
        ema = [p.detach().clone() for p in params]

    def save():
        keep = [p.detach().clone() for p in params]
        cur = {"enc": enc.state_dict(), "dec": dec.state_dict(), "att": att.state_dict(), "opt": opt.state_dict(), "it": it + 1, "ema": ema}
        torch.save(cur, str(last) + ".tmp"); os.replace(str(last) + ".tmp", last)
        for p, e in zip(params, ema):
            p.data.copy_(e)
        half = lambda d: {k: v.to(torch.float16).contiguous() for k, v in d.items()}
        torch.save({"enc": half(enc.state_dict()), "dec": half(dec.state_dict()), "att": half(att.state_dict())}, str(out / "weights.tmp"))
        os.replace(out / "weights.tmp", out / "weights.pt")
        for p, k in zip(params, keep):
            p.data.copy_(k)

    data = torch.utils.data.DataLoader(Clips(a.bank, a.seed, a.batch, a.size, a.frames, start, a.iters - start), batch_size=None, num_workers=1, prefetch_factor=6)
    t0, tot = time.time(), {}
    it = start
    for k, batch in enumerate(data):
        it = start + k
        lr = a.lr * min(1, (it + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * it / a.iters)))
        for gph in opt.param_groups:
            gph["lr"] = lr
        loss, stat = run_batch(mods, batch)
        opt.zero_grad()
        loss.backward()
        nrm = torch.nn.utils.clip_grad_norm_(params, 2.0)
        if not torch.isfinite(nrm):
            print("skipped", it, flush=True)
            continue
        opt.step()
        d = min(0.995, (it + 1) / (it + 20))
        for e, p in zip(ema, params):
            e.lerp_(p.detach(), 1 - d)
        for n, (s, c) in dict(stat, loss=(loss.item(), 1), norm=(nrm.item(), 1)).items():
            q = tot.setdefault(n, [0, 0]); q[0] += s; q[1] += c
        if (it + 1) % 25 == 0:
            print(f"{it + 1} {time.time() - t0:.0f}s " + " ".join(f"{n} {s / max(c, 1):.3f}" for n, (s, c) in tot.items()), flush=True)
            tot = {}
        if (it + 1) % 100 == 0 or it + 1 == a.iters:
            save()


if __name__ == "__main__":
    main()
