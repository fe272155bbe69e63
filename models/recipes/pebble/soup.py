"""Averages runs that started from the same weights: python soup.py OUT.pt RUN/last.pt RUN/last.pt ... (or a weights.pt)

OUT.pt can go into train.py --init; OUT.half.pt is the half precision file that build.py takes as weights.pt.
"""
import sys
from pathlib import Path

import torch

import model as M


def averaged(path):
    """The moving averages that a run keeps beside its weights; a weights.pt as it is."""
    saved = torch.load(path, weights_only=True)
    mods = {"enc": M.ImageEncoder(), "dec": M.MaskDecoder(), "att": M.MemoryAttention()}
    for k, m in mods.items():
        m.load_state_dict(saved[k])
    params = [p for k, m in mods.items() if not (saved.get("held") and k == "enc") for p in m.parameters()]
    for p, e in zip(params, saved.get("ema", params), strict=True):
        p.data.copy_(e)
    return {k: m.state_dict() for k, m in mods.items()}


if __name__ == "__main__":
    out, runs = Path(sys.argv[1]), [averaged(f) for f in sys.argv[2:]]
    mean = {k: {n: sum(r[k][n] for r in runs) / len(runs) for n in runs[0][k]} for k in runs[0]}
    torch.save(mean, out)
    torch.save({k: {n: v.to(torch.float16).contiguous() for n, v in d.items()} for k, d in mean.items()}, out.with_suffix(".half.pt"))
