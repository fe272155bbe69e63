"""Trains the decoder of prompts (`Prompted` in model.py) on stills; the encoder stays as it is.

  python train_prompts.py --bank BANK --out RUN --iters 4000 [--init weights.pt] [--minutes 60]
Every batch is a function of (seed, iteration); the same command resumes from RUN/prompts.last.pt. RUN/weights.pt is the other weights with these.
Clicks are answered as the graph answers them: on the whole picture at full size first, then one of the masks they could mean is looked at closely.
"""
import argparse
import math
import os
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

import model as M
from synth import Maker, prompt
from host import parts_clicked
from train import correct

S = M.S


class Stills(torch.utils.data.Dataset):
    """One item is a batch of stills with two prompts each: clicks (a single one mostly), and a box or anything."""

    def __init__(self, bank, seed, size, start, n):
        self.bank, self.seed, self.size, self.start, self.n, self.mk = bank, seed, size, start, n, None

    def __len__(self):
        return self.n

    def still(self, rng):
        if rng.random() < .8:
            im, m = self.mk.still(rng, S)
        else:                                                        # smaller, since making it takes long
            fr, ms = self.mk.clip(rng, 256, 1, still=0)
            im, m = cv2.resize(fr[0], (S, S), interpolation=cv2.INTER_LINEAR), cv2.resize(ms[0], (S, S), interpolation=cv2.INTER_LINEAR)
        return im, m

    def __getitem__(self, i):
        if self.mk is None:
            self.mk = Maker(self.bank)
        rng = np.random.default_rng([self.seed, self.start + i])
        pics, masks, pr = [], [], []
        while len(pics) < self.size:
            im, m = self.still(rng)
            if not .003 < (m > .5).mean() < .75:
                continue
            pics.append(im); masks.append(m)
            pr.append([prompt(rng, m, "click" if rng.random() < .75 else None), prompt(rng, m, "box" if rng.random() < .8 else None)])
        t = lambda x: torch.from_numpy(np.ascontiguousarray(np.stack(x)))
        pr = [q for p in zip(*pr) for q in p]                       # the pictures' first prompt, then their second ...
        none = np.zeros((S // 2, S // 2), np.float32)
        return (t(pics), t(masks), t([q[0] for q in pr]) / S, t([q[1] for q in pr]), t([none if q[2] is None else q[2] for q in pr]).float().unsqueeze(1),
                torch.tensor([q[2] is not None for q in pr], dtype=torch.float32), torch.from_numpy(rng.uniform(.15, .45, len(pr)).astype(np.float32)).unsqueeze(1))


def grown(x):
    """A 3x3 maximum; torch's own takes ten times as long on few channels."""
    for d in (-1, -2):
        y = torch.maximum(x.narrow(d, 1, x.shape[d] - 1), x.narrow(d, 0, x.shape[d] - 1))
        n = y.shape[d]
        x = torch.cat([y.narrow(d, 0, 1), torch.maximum(y.narrow(d, 1, n - 1), y.narrow(d, 0, n - 1)), y.narrow(d, n - 1, 1)], d)
    return x


def mask_losses(z, g):
    """train.mask_loss of several masks [B,K,h,w] of the same things [B,1,h,w]: [B,K]."""
    p = torch.sigmoid(z)
    spread = lambda x: grown(grown(grown(x)))
    w = 1 + 2 * (spread(g) + spread(-g)).clamp(0, 1)
    bce = F.binary_cross_entropy_with_logits(z, g.expand_as(z), reduction="none")
    bce = (bce * w).mean((2, 3)) / (0.08 + g.mean((2, 3))).clamp(max=0.5) * 0.25
    return bce + 1 - (2 * (p * g).sum((2, 3)) + 20) / (p.sum((2, 3)) + g.sum((2, 3)) + 20)


def geodesic(self, seed, cost):
    """`MaskDecoder.geodesic` with `grown`."""
    d = (1 - seed) * 8.0
    for _ in range(seed.shape[-1]):
        d = torch.minimum(d, cost - grown(-d))
    return d


def learn(net, feats, gt, window, pp, pl, z, has, stat, name):
    """Loss of one answer, through windows or (window None) on the whole picture; returns it with logits of the views."""
    if window is None:
        z, iou, sc = net.net(*feats, torch.ones(len(pl)), pp * S, pl, z, has)
        g, share = gt, 1.0
    else:
        z, iou, sc = net.answer(feats, window, pp, pl, z, has)
        g = net.look(gt, window, z.shape[-1])
        share = ((window[:, 2] - window[:, 0]) * (window[:, 3] - window[:, 1])).reshape(-1, 1)
    closer = name.startswith("closer")                              # a closer look has one answer
    z, iou, sc = z.float(), iou.float(), sc.float()
    l = mask_losses(z[:, :1] if closer else z, g)
    clicked = ((pl == 2).sum(1) == 0).float()
    lm = l[:, 0] if closer else clicked * (l[:, 1:].min(1).values * 0.8 + 0.1 * l[:, 1:].mean(1) + 0.4 * l[:, 0]) + (1 - clicked) * l[:, 0]
    # what lies outside the window counts too
    p, b = (z > 0).float().flatten(2), (g > .5).float().flatten(2)
    both = (p * b).mean(2) * share
    true = both / (p.mean(2) * share + (gt > .5).float().mean((1, 2, 3)).unsqueeze(1) - both).clamp(min=1e-6)
    true = true.clamp(0, 1)
    off = (iou - true) ** 2
    loss = lm.mean() + 0.7 * (off[:, :1] if closer else off).mean() + 0.05 * F.binary_cross_entropy_with_logits(sc[:, 0], torch.ones(len(z)))
    best = torch.zeros(len(z)).long() if closer else clicked.long() * (1 + true[:, 1:].argmax(1))
    says = torch.zeros(len(z)).long() if closer else clicked.long() * (1 + iou[:, 1:].argmax(1))
    a = stat.setdefault(name, [0, 0]); a[0] += float(true.gather(1, best.unsqueeze(1)).sum()); a[1] += len(z)
    return loss, z.detach(), says, best


def kept(z, pp, pl, before):
    """The host's rule about parts, on logits of whole pictures."""
    for i in range(len(z)):
        n = int((pl[i] >= 0).sum())
        if not (pl[i] > 1).any():
            z[i, 0] = torch.from_numpy(parts_clicked(z[i, 0].numpy(), (pp[i, :n] * (S // 2)).tolist(), pl[i, :n].tolist(), before[i, 0].numpy()))
    return z


def clicks(net, feats, gt, pp, pl, z, has, margin, stat, name):
    """Loss of clicks: the whole picture, then a closer look at one of the three masks; returns it with the answer, logits of whole pictures."""
    before = z
    loss, z, says, best = learn(net, feats, gt, None, pp, pl, z, has, stat, name)
    n, u = len(z), torch.rand(len(z))
    pick = torch.where(u < .5, best, torch.where(u < .8, says, torch.randint(1, 4, (n,))))
    z = z.gather(1, pick[:, None, None, None].expand(-1, 1, *z.shape[2:]))
    win = net.around(z, pp, pl, margin)
    more, y, _, _ = learn(net, feats, gt, win, pp, pl, z, torch.ones(n), stat, "closer " + name)
    return loss + more, kept(net.paste(y[:, :1], win, S // 2), pp, pl, before * has.reshape(-1, 1, 1, 1)).clamp(-32, 32)


def step(net, enc, batch, stat):
    pics, masks, pp, pl, pv, ph, margin = batch
    B, N = len(pics), len(pl)
    with torch.no_grad():
        x = (pics.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        feats = enc(x)
    gt = F.avg_pool2d(masks.unsqueeze(1), 2)
    b = torch.arange(N) % B
    boxed = (pl == 2).any(1)
    loss, i = 0.0, boxed.nonzero()[:, 0]
    take = lambda i: ([f[b[i]] for f in feats], gt[b[i]])
    if len(i):
        win = net.window(*[(pp[i, :, k] * (pl[i] == c)).sum(1, keepdim=True) for c, k in ((2, 0), (2, 1), (3, 0), (3, 1))], margin=margin[i])
        loss = learn(net, *take(i), win, pp[i], pl[i], pv[i], ph[i], stat, "box")[0] * (len(i) / B)
    i = (~boxed).nonzero()[:, 0]
    if len(i):
        more, z = clicks(net, *take(i), pp[i], pl[i], pv[i], ph[i], margin[i], stat, "click")
        loss = loss + more * (len(i) / B)
        i, z = i[:B], z[:B]                                          # corrections
        qp, ql = correct(z, gt[b[i]], pp[i] * S, pl[i])
        more, _ = clicks(net, *take(i), qp / S, ql, z, torch.ones(len(i)), margin[i], stat, "again")
        loss = loss + .7 * more * (len(i) / B)
    return loss


def agreed(value, procs):
    """The first process's value."""
    v = torch.tensor([value], dtype=torch.float64)
    if procs > 1:
        dist.broadcast(v, 0)
    return float(v)


def average(params, procs):
    """Gradients as the mean over all processes."""
    if procs == 1:
        return
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in params])
    dist.all_reduce(flat)
    for p, g in zip(params, (flat / procs).split([p.numel() for p in params])):
        p.grad = g.reshape(p.shape)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bank")
    ap.add_argument("--out", required=True)
    ap.add_argument("--init", help="another weights.pt to start from; without a decoder of prompts the other one's weights are taken")
    ap.add_argument("--iters", type=int, default=4000)
    ap.add_argument("--stills", type=int, default=4, help="of a batch")
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--procs", type=int, default=1, help="processes, each with batches of its own, whose gradients are averaged: two threads of one gain little")
    ap.add_argument("--bf16", action="store_true", help="convolutions in bfloat16, for processors that have it")
    ap.add_argument("--ema", type=float, default=0.995)
    ap.add_argument("--flat", type=float, default=0.0, help="share of the schedule before the learning rate falls")
    ap.add_argument("--minutes", type=float, default=1e9, help="on a busy machine: the schedule also ends after this long")
    a = ap.parse_args()
    Path(a.out).mkdir(parents=True, exist_ok=True)
    if a.procs > 1:
        Path(a.out, "meet").unlink(missing_ok=True)
        torch.multiprocessing.spawn(run, (a,), a.procs)
    else:
        run(0, a)


def run(rank, a):
    """One process of a training."""
    out = Path(a.out)
    if a.procs > 1:
        dist.init_process_group("gloo", init_method=f"file://{out.resolve()}/meet", rank=rank, world_size=a.procs)
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    old = torch.load(a.init or Path(__file__).with_name("weights.pt"), weights_only=True)
    enc, net = M.ImageEncoder(), M.Prompted()
    for m, w in ((enc, old["enc"]), (net.net, old.get("prompts", old["dec"]))):
        missing = m.load_state_dict({k: v.float() for k, v in w.items()}, strict=False).missing_keys
        assert all(k.startswith(("det.", "more")) for k in missing), missing
    for m in (enc, net):
        m.to(memory_format=torch.channels_last)
    net.train()
    params = list(net.parameters())
    M.MaskDecoder.geodesic = geodesic
    if a.bf16:
        for n, m in net.net.named_modules():
            if isinstance(m, torch.nn.Conv2d) and n != "emb" or n in ("ctx", "ctx32"):
                m.forward = torch.autocast("cpu", torch.bfloat16)(m.forward)
    opt = torch.optim.AdamW([{"params": [p for p in params if p.dim() > 1], "weight_decay": 0.01}, {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0}], lr=a.lr, betas=(0.9, 0.98))
    start, spent, last = 0, 0.0, out / "prompts.last.pt"
    ema = [p.detach().clone() for p in params]
    if last.exists():
        s = torch.load(last, weights_only=True)
        net.load_state_dict(s["net"]); opt.load_state_dict(s["opt"]); ema, start, spent = s["ema"], s["it"], s["spent"]

    def save():
        torch.save({"net": net.state_dict(), "opt": opt.state_dict(), "it": it + 1, "ema": ema, "spent": spent + time.time() - t0}, str(last) + ".tmp")
        os.replace(str(last) + ".tmp", last)
        own = net.net.state_dict()
        own.update({n: e for (n, _), e in zip(net.net.named_parameters(), ema)})
        torch.save(dict(old, prompts={k: v.to(torch.float16).contiguous() for k, v in own.items()}), out / "weights.tmp")
        os.replace(out / "weights.tmp", out / "weights.pt")

    n = (a.iters - start) * a.procs
    data = torch.utils.data.DataLoader(Stills(a.bank, a.seed, a.stills, start * a.procs, n), batch_size=None, sampler=range(rank, n, a.procs), num_workers=1, prefetch_factor=8)
    t0, tot, it = time.time(), {}, start
    for k, batch in enumerate(data):
        it = start + k
        torch.manual_seed((a.seed * 1000003 + it) * a.procs + rank)
        done = agreed(min(1.0, max(it / a.iters, (spent + time.time() - t0) / 60 / a.minutes)), a.procs)
        for gph in opt.param_groups:
            gph["lr"] = a.lr * min(1, (it + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * max(0, done - a.flat) / (1 - a.flat))))
        loss = step(net, enc, batch, tot)
        opt.zero_grad()
        loss.backward()
        average(params, a.procs)
        nrm = torch.nn.utils.clip_grad_norm_(params, 2.0)
        if not torch.isfinite(nrm):
            print("skipped", it, flush=True)
            continue
        opt.step()
        d = min(a.ema, (it + 1) / (it + 20))
        for e, p in zip(ema, params):
            e.lerp_(p.detach(), 1 - d)
        for n, v in (("loss", loss.item()), ("norm", nrm.item())):
            q = tot.setdefault(n, [0, 0]); q[0] += v; q[1] += 1
        if rank == 0 and (it + 1) % 25 == 0:
            print(f"{it + 1} {time.time() - t0:.0f}s {time.process_time():.0f}cpu " + " ".join(f"{n} {s / max(c, 1):.3f}" for n, (s, c) in tot.items()), flush=True)
            tot = {}
        if rank == 0 and ((it + 1) % 50 == 0 or it + 1 == a.iters or done == 1):
            save()
        if done == 1:
            break


if __name__ == "__main__":
    main()
