"""The tracker graphs of the pebble pack.

Hand-made evidence (colour, gradients, geodesics, kernel colour models) and small learned convolutions work
side by side: the hand-made part gives the floor, the learned part fuses, sharpens and scores it.
Everything is convolutional, so training runs at a smaller size than the exported one.
"""
import math
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

VERSION = "0.12.1"
S = 384           # exported model input
G = S // 8        # grid ("stride 16" of the contract is stride 8 here)
L = S // 2        # low-res mask
HK = 14           # hand-made key channels
KD = 32           # key channels of a memory token
FD = 32           # decoder feature channels at the grid
EV = 38           # evidence channels of cond_feat
C = KD + FD + EV  # channels of feat_s16 / cond_feat
MEM_DIM = KD + 16 # a token = key + the 4x4 low-res mask pixels under the cell
PTR = 16
NUM_MASKMEM = 3
MAX_COND = 4
TILE, WIN = 8, 6  # local matching: 8x8 query tiles, keys up to 6 cells outside


def opponent(rgb):
    r, g, b = rgb[:, 0:1], rgb[:, 1:2], rgb[:, 2:3]
    return torch.cat([(r + g + b) / 3 * 0.8, (r - g) * 1.2, ((r + g) / 2 - b) * 1.0], 1)


class Res(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = nn.Conv2d(c, c, 3, 1, 1), nn.Conv2d(c, c, 3, 1, 1)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x):
        return F.relu(x + self.b(F.relu(self.a(x))))


def conv(i, o, k=3, s=1):
    m = nn.Conv2d(i, o, k, s, k // 2)
    nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
    nn.init.zeros_(m.bias)
    return m


def silent(i, o):
    """A 1x1 convolution that starts as zero: layers behind it can be added to trained weights."""
    m = nn.Conv2d(i, o, 1)
    nn.init.zeros_(m.weight)
    nn.init.zeros_(m.bias)
    return m


class ImageEncoder(nn.Module):
    def __init__(self, det=None):
        super().__init__()
        self.det = det
        k = torch.tensor([[[-1., 0, 1], [-2, 0, 2], [-1, 0, 1]], [[-1., -2, -1], [0, 0, 0], [1, 2, 1]]]).unsqueeze(1) / 8
        self.register_buffer("sobel", k)
        self.register_buffer("centre", torch.tensor([.36, 0, .02, .36, 0, .02, .05, .05, .05, .05, .36, 0, .02, .05]).reshape(1, HK, 1, 1), persistent=False)
        self.c2 = conv(12, 16)
        self.c4 = conv(16, 32, 3, 2)
        self.r4 = Res(32)
        self.c8 = conv(32, 48, 3, 2)
        self.r8 = nn.Sequential(Res(48), Res(48))
        self.c16 = conv(48, 64, 3, 2)
        self.r16 = nn.Sequential(Res(64), Res(64))
        self.c32 = conv(64, 96, 3, 2)
        self.r32 = nn.Sequential(Res(96), Res(96), Res(96))
        self.up32 = silent(96, 64)
        self.r16b = nn.Sequential(Res(64), Res(64))
        self.up16 = conv(64, 48, 1)
        self.f8 = Res(48)
        self.key = nn.Conv2d(48, KD - HK, 1)
        nn.init.normal_(self.key.weight, std=0.02)
        self.out8 = conv(48, FD, 1)
        self.out4 = conv(32, 16, 1)
        self.out2 = conv(16, 12, 1)
        self.hscale = nn.Parameter(torch.full((HK,), math.log(18.0)))

    def forward(self, pixel_values):
        rgb2 = F.avg_pool2d(pixel_values * 0.5 + 0.5, 2)
        c2 = opponent(rgb2)
        g2 = F.conv2d(F.pad(c2[:, :1], (1, 1, 1, 1), mode="replicate"), self.sobel)
        gx, gy = g2[:, :1], g2[:, 1:]
        mag = torch.sqrt(gx * gx + gy * gy + 1e-6)
        c4 = F.avg_pool2d(c2, 2)
        var4 = (F.avg_pool2d(c2 * c2, 2) - c4 * c4).clamp(min=0.0).sum(1, keepdim=True)
        b4 = F.avg_pool2d(c4, 7, 1, 3, count_include_pad=False)
        h8 = torch.cat([c4, b4, torch.sqrt(var4 + 1e-6), F.avg_pool2d(mag, 2)], 1)
        c8 = F.avg_pool2d(c4, 2)
        b8 = F.avg_pool2d(c8, 3, 1, 1, count_include_pad=False)
        ori = torch.cat([gx.abs(), gy.abs(), (gx + gy).abs() * 0.7, (gx - gy).abs() * 0.7], 1)
        o8 = F.avg_pool2d(ori, 8, 4, 2, count_include_pad=False)
        w8 = F.avg_pool2d(c8, 7, 1, 3, count_include_pad=False)
        v8 = torch.sqrt(F.avg_pool2d(var4, 2) + 1e-6)
        hand = torch.cat([c8, b8, o8 * 2.0, w8, v8], 1)            # 3+3+4+3+1 = HK
        hand = hand - self.centre                                  # distances do not change, rounding errors shrink
        x2 = F.relu(self.c2(F.pixel_unshuffle(pixel_values, 2)))
        x4 = self.r4(F.relu(self.c4(x2)))
        x8 = self.r8(F.relu(self.c8(x4)))
        x16 = self.r16(F.relu(self.c16(x8)))
        x32 = self.r32(F.relu(self.c32(x16)))
        x16 = self.r16b(x16 + F.interpolate(self.up32(x32), scale_factor=2.0, mode="bilinear", align_corners=False))
        x8 = self.f8(x8 + F.interpolate(self.up16(x16), scale_factor=2.0, mode="bilinear", align_corners=False))
        key = torch.cat([hand * torch.exp(self.hscale).reshape(1, -1, 1, 1), self.key(x8)], 1)
        feat_s4 = torch.cat([c2, mag, F.relu(self.out2(x2))], 1)       # 16 at 1/2
        feat_s8 = torch.cat([h8, F.relu(self.out4(x4))], 1)            # 24 at 1/4
        f = F.relu(self.out8(x8))
        feat_s16 = torch.cat([key, f, torch.zeros_like(f[:, :1]).expand(-1, EV, -1, -1)], 1)
        if self.det is None:
            return feat_s4, feat_s8, feat_s16
        return (feat_s4, feat_s8, feat_s16) + self.det(rgb2)


class MaskPrompt(nn.Module):
    def forward(self, mask):
        return F.avg_pool2d(mask, 2) * 20.0 - 10.0


class MemoryEncoder(nn.Module):
    def forward(self, image_embed, mask_logits, binarize, object_score_logits):
        b = binarize.reshape(-1, 1, 1, 1)
        p = b * (mask_logits > 0).to(torch.float32) + (1 - b) * torch.sigmoid(mask_logits)
        p = p * (object_score_logits.reshape(-1, 1, 1, 1) > 0).to(torch.float32)
        sub = F.pixel_unshuffle(p, 4)                              # [B,16,g,g]
        key = image_embed[:, :KD] + torch.zeros_like(sub[:, :1])
        return torch.cat([key, sub], 1).flatten(2).transpose(1, 2)


def tiles(x, g, pad):
    """[B,c,g,g] -> [B,n,tile cells,c] with `pad` cells of margin."""
    n = g // TILE
    w = TILE + 2 * pad
    if pad:
        x = F.pad(x, (pad, pad, pad, pad))
    rows = torch.stack([x[:, :, i * TILE:i * TILE + w] for i in range(n)], 1)                 # [B,n,c,w,*]
    t = torch.stack([rows[..., j * TILE:j * TILE + w] for j in range(n)], 2)                  # [B,n,n,c,w,w]
    return t.flatten(4).flatten(1, 2).transpose(2, 3)


class MemoryAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.sig_l = nn.Parameter(torch.tensor(math.log(3.5)))
        self.sig_g = nn.Parameter(torch.tensor(math.log(8.0)))
        self.gscale = nn.Parameter(torch.full((KD,), -0.35))
        self.cond_bias = nn.Parameter(torch.tensor(1.0))
        a = torch.arange(TILE, dtype=torch.float32)
        b = torch.arange(TILE + 2 * WIN, dtype=torch.float32) - WIN
        qy, qx = torch.meshgrid(a, a, indexing="ij")
        ky, kx = torch.meshgrid(b, b, indexing="ij")
        d2 = (qy.reshape(-1, 1) - ky.reshape(1, -1)) ** 2 + (qx.reshape(-1, 1) - kx.reshape(1, -1)) ** 2
        self.register_buffer("d2", d2)                                                        # [64,400]

    def forward(self, feat, mem_tokens, mem_tpos_idx, mem_valid, obj_ptrs, ptr_tpos, ptr_valid):
        B, g = mem_tokens.shape[0], feat.shape[-1]
        qf = feat[:, :KD]
        q = qf.flatten(2).transpose(1, 2)
        first = (mem_tpos_idx == 0).to(torch.float32) * mem_valid
        cond = (mem_tpos_idx == NUM_MASKMEM - 1).to(torch.float32) * mem_valid
        # the previous frame: index 0 if there is one, else the conditioning frame that looks most alike
        some = torch.arange(0, g * g, 23)                                                        # a sample of cells is enough
        diff = ((mem_tokens[:, :, some][..., :KD] - q[:, some].unsqueeze(1)) ** 2).mean((2, 3))   # [B,F]
        near = torch.softmax(-diff * 50.0 - (1 - cond) * 1e4 - (1 - mem_valid) * 1e4, 1)
        has0 = first.sum(1, keepdim=True).clamp(0.0, 1.0)
        wprev = has0 * first / first.sum(1, keepdim=True).clamp(min=1.0) + (1 - has0) * near
        prev = torch.matmul(wprev.unsqueeze(1), mem_tokens.flatten(2)).reshape(B, g * g, MEM_DIM)  # [B,T,MEM]
        prev = prev.transpose(1, 2).reshape(-1, MEM_DIM, g, g)
        pk, p_prev = prev[:, :KD], prev[:, KD:]
        # ---- local matching with the previous frame
        n = g // TILE
        nk = (pk * pk).sum(1, keepdim=True)
        kx = torch.cat([pk, nk, torch.ones_like(nk), p_prev], 1)
        kt = tiles(kx, g, WIN)                                                                  # [B,n2,400,KD+2+16]
        kk, kn, kin, kv = kt[..., :KD], kt[..., KD:KD + 1], kt[..., KD + 1:KD + 2], kt[..., KD + 2:]
        qt = tiles(qf, g, 0) * 2.0                                                              # [1,n2,64,KD]
        bias = (-kn - (1 - kin) * 1e3).transpose(2, 3)                                          # [B,n2,1,400]
        aff = torch.matmul(qt, kk.transpose(2, 3)) + bias - self.d2 * (0.5 * torch.exp(-2 * self.sig_l))
        top = aff.max(-1, keepdim=True).values
        p_loc = torch.matmul(torch.exp((aff - top).clamp(min=-40.0)), torch.cat([kv, torch.ones_like(kn)], -1))     # [B,n2,64,17]
        p_loc = p_loc[..., :16] / p_loc[..., 16:]
        qn = (qf * qf).sum(1, keepdim=True)
        best = top - tiles(qn, g, 0)                                                            # -distance of the best match
        both = torch.cat([p_loc, best], -1).reshape(-1, n, n, TILE, TILE, 17).permute(0, 5, 1, 3, 2, 4).reshape(-1, 17, g, g)
        p_loc, c_loc = both[:, :16], torch.exp(both[:, 16:] * 0.2)
        # ---- global read-out at half the grid from every frame
        Fm = mem_tokens.shape[1]
        T2 = (g // 2) ** 2
        gm = mem_tokens.transpose(2, 3).reshape(-1, MEM_DIM, g, g)
        gm = F.avg_pool2d(gm, 2).flatten(2)                                                     # [BF,MEM,T2]
        gs = torch.exp(self.gscale).reshape(1, -1, 1)
        gk, gv = gm[:, :KD] * gs, gm[:, KD:].mean(1, keepdim=True)
        a = torch.arange(g // 2, dtype=torch.float32) * (2.0 * 0.70711)
        yy, xx = torch.meshgrid(a, a, indexing="ij")
        pos = torch.stack([xx, yy], 0).reshape(1, 2, T2) * torch.exp(-self.sig_g)
        gk = torch.cat([gk, pos + torch.zeros_like(gk[:, :1, :1])], 1)                          # [BF,KD+2,T2]
        gb = -(gk * gk).sum(1, keepdim=True)
        fb = (-(1 - mem_valid) * 1e4 + cond * self.cond_bias).reshape(-1, 1, 1)
        gk = torch.cat([gk, gb + fb], 1).reshape(B, Fm, KD + 3, T2).transpose(1, 2).reshape(B, KD + 3, Fm * T2)
        qg = F.avg_pool2d(qf, 2).flatten(2) * gs
        qg = torch.cat([qg, pos + torch.zeros_like(qg[:, :1])], 1)
        qgn = (qg * qg).sum(1).unsqueeze(-1)                                                    # [1,T2,1]
        qg = torch.cat([qg * 2.0, torch.ones_like(qg[:, :1])], 1).transpose(1, 2)
        affg = torch.matmul(qg, gk)                                                             # [B,T2,F*T2]
        topg = affg.max(-1, keepdim=True).values
        attg = torch.exp((affg - topg).clamp(min=-40.0))             # the clamp keeps denormals out: they are slow
        cw = (cond.reshape(-1, 1, 1) + torch.zeros_like(gv))
        vals = torch.cat([gv, gv * cw, cw, torch.ones_like(cw)], 1).reshape(B, Fm, 4, T2).transpose(2, 3).reshape(B, Fm * T2, 4)
        r = torch.matmul(attg, vals)                                                            # [B,T2,4]
        r = r[..., :3] / r[..., 3:]
        bestg = torch.exp((topg - qgn) * 0.2)
        r = torch.cat([r[..., :1], r[..., 1:2] / (r[..., 2:3] + 1e-3), r[..., 2:3], bestg], -1)
        r = r.transpose(1, 2).reshape(-1, 4, g // 2, g // 2)
        r = F.interpolate(r, scale_factor=2.0, mode="bilinear", align_corners=False)
        seen = mem_valid.max(1).values.reshape(-1, 1, 1, 1) + torch.zeros_like(c_loc)
        zero = (obj_ptrs.mean() + ptr_tpos.mean() + ptr_valid.mean()) * 0.0
        ev = torch.cat([p_loc, p_prev, c_loc, r, seen], 1) + zero
        return torch.cat([feat[:, :KD + FD] + torch.zeros_like(ev[:, :1]), ev], 1)


NPM = 16   # prompt maps
ED = 16    # channels of the embedding in which prompts look for what is alike


def halved(x):
    """[B,c,g,g] -> [B,(g/2)^2,c]"""
    return F.avg_pool2d(x, 2).flatten(2).transpose(1, 2)


def share(kern, ours):
    """Of every colour, how much lies at the object; ours [B,T,2] weighs the cells for and against it."""
    n = torch.matmul(kern, ours)
    return n[..., :1] / (n[..., :1] + 0.6 * n[..., 1:] + 1e-4)


class BoxFit(nn.Module):
    """
    Fits a mask inside a box to the picture, as GrabCut does: colours of the object and of what is around it (histograms weighed by the
    mask), then neighbours of like colour agree. Hand-made; its constants were chosen on held-out pseudo-labels, not on DAVIS.
    """
    BINS, ROUNDS, SWEEPS = 16, 2, 3
    NETWORK, COLOUR, SMOOTH, LIKE, FAR = 0.5, 1.0, 0.6, 60.0, 8.0

    def __init__(self):
        super().__init__()
        hops = [(y, x) for r in (2, 1) for y in (-r, 0, r) for x in (-r, 0, r) if y or x]
        self.register_buffer("low", torch.tensor([0.0, -0.8, -0.7]).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("span", torch.tensor([0.8, 1.6, 1.4]).reshape(1, 3, 1, 1), persistent=False)
        hop = torch.zeros(len(hops), 1, 5, 5)
        for i, (y, x) in enumerate(hops):
            hop[i, 0, 2 + y, 2 + x] = 1
        self.register_buffer("hop", hop, persistent=False)
        self.register_buffer("reach", torch.tensor([1 / math.hypot(*h) for h in hops]).reshape(1, -1, 1, 1), persistent=False)
        a = torch.arange(self.BINS, dtype=torch.float32)
        blur = torch.exp(-(a[:, None] - a[None]) ** 2 / 2)
        self.register_buffer("blur", blur / blur.sum(1, keepdim=True), persistent=False)

    def bins(self, colour):
        """[1,3,L,L] -> bin of every pixel [L*L]; dull colours are told apart more finely than bright ones."""
        u = (colour - self.low) / self.span
        v = u * 2 - 1
        v = torch.sign(v) * torch.sqrt(v.abs() + 1e-6) * 0.5 + 0.5
        i = (torch.cat([u[:, :1], v[:, 1:]], 1) * self.BINS).floor().clamp(0.0, self.BINS - 1.0)
        return ((i[:, 0] * self.BINS + i[:, 1]) * self.BINS + i[:, 2]).to(torch.int64).reshape(-1)

    def shares(self, index, weight):
        """Share of every colour among the pixels, weighed: [B,L*L] -> [B,BINS^3], slightly blurred."""
        n = self.BINS
        t = torch.zeros_like(weight[:, :n ** 3]).scatter_add(1, index.unsqueeze(0) + torch.zeros_like(weight).to(torch.int64), weight)
        t = torch.matmul(t.reshape(-1, n * n, n), self.blur).reshape(-1, n, n, n)
        t = torch.matmul(t.transpose(2, 3), self.blur)
        t = torch.matmul(t.transpose(1, 3), self.blur).transpose(1, 3).transpose(2, 3).reshape(-1, n ** 3)
        return t / (t.sum(1, keepdim=True) + 1e-6) + 2e-5

    def around(self, x):
        return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="replicate"), self.hop)

    def forward(self, z, colour, inside, window, said):
        """z [B,1,L,L] logits; inside, window [B,1,L,L] the box and the box with its surroundings, 0 or 1; said: logits that clicks add."""
        index = self.bins(colour)
        like = torch.cat([self.around(colour[:, k:k + 1]) - colour[:, k:k + 1] for k in range(3)], 0)
        like = torch.exp(-self.LIKE * (like * like).sum(0, keepdim=True)) * self.reach
        out = -self.FAR * (1 - inside)
        z = (z + said).clamp(-6.0, 6.0)
        q = torch.sigmoid(z * inside + out)
        for _ in range(self.ROUNDS):
            ours = self.shares(index, (q * inside).flatten(1))
            theirs = self.shares(index, ((1 - q) * window).flatten(1))
            odds = torch.log(ours / theirs).clamp(-3.0, 3.0)
            odds = odds[:, index].reshape_as(z)
            told = (self.NETWORK * z + self.COLOUR * odds + said) * inside + out
            y = told
            for _ in range(self.SWEEPS):
                near = (self.around(torch.tanh(y * 0.5)) * like).sum(1, keepdim=True)
                y = (told + self.SMOOTH * near) * inside + out
            q = torch.sigmoid(y)
        return y


class Agree(nn.Module):
    """
    Smooths tracked masks: neighbours of like colour agree. Thin masks are left alone, what is around their parts would outvote them: the
    strength goes from nothing to full with the share of the mask that is more than two pixels inside. Hand-made, as slices: a convolution costs twice.
    """
    SWEEPS, STRENGTH, LIKE, THIN, THICK = 3, 0.9, 60.0, 0.4, 0.7
    HOPS = ((0, 1), (1, 0), (1, 1), (1, -1))

    def forward(self, z, colour):
        """z [B,1,L,L] logits, colour [1,3,L,L]; returns smoothed logits."""
        n = z.shape[-1]
        def moved(x, y, dx):
            """What lies one hop (y, dx) on, of a map that was padded by one."""
            return x[:, :, 1 + y:1 + y + n, 1 + dx:1 + dx + n]
        ways = []
        padded = F.pad(colour, (1, 1, 1, 1), value=-9.0)                 # nothing outside the picture is alike
        for y, x in self.HOPS:
            d = moved(padded, y, x) - colour
            w = torch.exp(-self.LIKE * (d * d).sum(1, keepdim=True)) / math.hypot(y, x)
            ways += [(y, x, w), (-y, -x, moved(F.pad(w, (1, 1, 1, 1)), -y, -x))]
        m = (z > 0).to(torch.float32)
        inner = (F.avg_pool2d(m, 5, 1, 2, count_include_pad=False) > 0.99).to(torch.float32)     # a maximum inside an If does not export
        share = inner.sum((2, 3), keepdim=True) / (m.sum((2, 3), keepdim=True) + 1.0)
        strength = self.STRENGTH * ((share - self.THIN) / (self.THICK - self.THIN)).clamp(0.0, 1.0)
        out = z
        for _ in range(self.SWEEPS):
            t = F.pad(torch.tanh(out * 0.5), (1, 1, 1, 1))
            near = sum(w * moved(t, y, x) for y, x, w in ways)
            out = z + strength * near
        return out


class MaskDecoder(nn.Module):
    def __init__(self, deep=False):
        """deep: more blocks, for prompts; they start as nothing, so weights of a decoder without them can be gone on with."""
        super().__init__()
        self.e1 = conv(EV + NPM, 32, 1)
        self.in8 = conv(32 + FD, 48)
        self.a8 = Res(48)
        self.d16 = conv(48, 64, 3, 2)
        self.a16 = Res(64)
        self.ctx = nn.Linear(64, 64)
        self.d32 = conv(64, 96, 3, 2)
        self.r32 = nn.Sequential(Res(96), Res(96))
        self.ctx32 = nn.Linear(96, 96)
        self.s32 = Res(96)
        self.u32 = silent(96, 64)
        self.b16 = Res(64)
        self.emb = nn.Conv2d(FD, ED, 1)
        self.u16 = conv(64, 48, 1)
        self.b8 = Res(48)
        self.u8 = conv(48, 24, 1)
        self.l4 = conv(24, 24, 1)
        self.a4 = conv(24, 24)
        self.u4 = conv(24, 12, 1)
        self.l2 = conv(16 + 3, 12, 1)
        self.a2 = conv(12, 12)
        self.out = nn.Conv2d(12, 4, 3, 1, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)
        self.mix = nn.Parameter(torch.tensor([5.0, 2.0, 1.0, 3.0, 3.0]))     # local, global, conditioning, geodesic, colour
        self.h1 = nn.Linear(64 * 2 + 48 + 8, 64)
        self.h2 = nn.Linear(64, 5)                                            # 4 IoU logits, 1 object score
        more = lambda c, n: nn.Sequential(*(Res(c) for _ in range(n if deep else 0)))
        self.more16, self.more32, self.more8 = more(64, 2), more(96, 4), more(48, 1)

    def geodesic(self, seed, cost):
        d = (1 - seed) * 8.0
        for _ in range(seed.shape[-1]):
            d = torch.minimum(d, cost - F.max_pool2d(-d, 3, 1, 1))
        return d

    def forward(self, feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask):
        g = image_embed.shape[-1]
        mem_on = (1 - no_mem_scale).reshape(-1, 1, 1, 1)
        has_m = has_mask.reshape(-1, 1, 1, 1)
        zero = (torch.zeros_like(point_coords[:, :1, :1]) * 0.0).reshape(-1, 1, 1, 1)
        image_embed = image_embed + zero                     # first of all: below, every tensor has the whole batch
        feat = image_embed[:, KD:KD + FD]
        ev = image_embed[:, KD + FD:] * mem_on
        p_in = torch.sigmoid(mask_input) * has_m
        sub_in = F.pixel_unshuffle(p_in, 4)
        only_in = has_m * (1 - ev[:, EV - 1:].amax((2, 3), keepdim=True).clamp(0.0, 1.0))
        p_loc = ev[:, 0:16] * (1 - only_in) + sub_in * only_in
        p_prev = ev[:, 16:32] * (1 - has_m) + sub_in
        ev = torch.cat([p_loc, p_prev, ev[:, 32:]], 1)
        # ---- prompt maps on the grid, no gradient: they come from hand-made channels only
        a = (torch.arange(g, dtype=torch.float32) + 0.5) * 8.0
        cy, cx = torch.meshgrid(a, a, indexing="ij")
        cx, cy = cx.reshape(1, 1, g, g), cy.reshape(1, 1, g, g)
        border = torch.ones(1, 1, g - 2, g - 2)
        border = 1 - F.pad(border, (1, 1, 1, 1))
        lab = point_labels.to(torch.float32).unsqueeze(-1).unsqueeze(-1)                       # [B,P,1,1]
        px, py = point_coords[..., 0:1].unsqueeze(-1), point_coords[..., 1:2].unsqueeze(-1)
        d2 = (cx - px) ** 2 + (cy - py) ** 2
        is_pos, is_neg = (lab == 1).to(torch.float32), (lab == 0).to(torch.float32)
        is_tl, is_br = (lab == 2).to(torch.float32), (lab == 3).to(torch.float32)
        near = (d2 < 8.8 ** 2).to(torch.float32)
        pos = (near * is_pos).amax(1, keepdim=True)
        neg = (near * is_neg).amax(1, keepdim=True)
        blur = torch.exp(-d2 / (2 * 20.0 ** 2))
        gpos = (blur * is_pos).amax(1, keepdim=True)
        gneg = (blur * is_neg).amax(1, keepdim=True)
        n_pos = is_pos.sum(1, keepdim=True).clamp(0.0, 1.0)
        n_neg = is_neg.sum(1, keepdim=True).clamp(0.0, 1.0)
        has_box = (is_tl.sum(1, keepdim=True) * is_br.sum(1, keepdim=True)).clamp(0.0, 1.0)
        x0, y0 = (px * is_tl).sum(1, keepdim=True), (py * is_tl).sum(1, keepdim=True)
        x1, y1 = (px * is_br).sum(1, keepdim=True), (py * is_br).sum(1, keepdim=True)
        inside = (((cx - x0) / 8.0 + 0.5).clamp(0.0, 1.0) * ((x1 - cx) / 8.0 + 0.5).clamp(0.0, 1.0) *
                  ((cy - y0) / 8.0 + 0.5).clamp(0.0, 1.0) * ((y1 - cy) / 8.0 + 0.5).clamp(0.0, 1.0)) * has_box
        ex = (cx - (x0 + x1) / 2) / ((x1 - x0).abs() + 1.0)
        ey = (cy - (y0 + y1) / 2) / ((y1 - y0).abs() + 1.0)
        er = torch.exp(-(ex * ex + ey * ey) * 8.0) * has_box
        core = (er > 0.75).to(torch.float32)
        fg = torch.maximum(pos, core)
        out_box = (inside < 0.01).to(torch.float32) * has_box
        bg = torch.maximum(neg, torch.maximum(out_box, border * (1 - has_box))) * (1 - fg)
        f8 = F.avg_pool2d(feat_s8[:, :8].detach(), 2)
        col = f8[:, :3]
        edge = F.max_pool2d(feat_s4[:, 3:4].detach(), 4)
        cgrad = F.max_pool2d(col, 3, 1, 1) + F.max_pool2d(-col, 3, 1, 1)
        cost = 0.02 + cgrad.sum(1, keepdim=True) + edge
        d = self.geodesic(torch.cat([fg, bg], 1), cost)
        dfg, dbg = d[:, :1], d[:, 1:]
        wf = torch.exp(-dfg * 3.0) * (1 - bg)
        wb = torch.exp(-dbg * 3.0) * (1 - fg)
        key = torch.cat([f8[:, :3], f8[:, 3:6] * 0.5, f8[:, 6:7]], 1) * math.sqrt(300.0)
        k = F.avg_pool2d(key, 2).flatten(2)
        q = k
        q = torch.cat([q * 2.0, torch.ones_like(q[:, :1]), -(q * q).sum(1, keepdim=True)], 1).transpose(1, 2)
        k = torch.cat([k, -(k * k).sum(1, keepdim=True), torch.ones_like(k[:, :1])], 1)
        kern = torch.exp(torch.matmul(q, k).clamp(min=-40.0, max=0.0))                                    # [1,T/4,T/4]
        pcol = share(kern, halved(torch.cat([wf, wb], 1)))
        # a box: at first everything inside may be the object, then what has colours that are rare around it
        ring = out_box * F.max_pool2d(F.max_pool2d(inside, 9, 1, 4), 9, 1, 4)
        held = halved(inside)
        ours = halved(torch.cat([torch.maximum(inside, pos) * (1 - neg), torch.maximum(neg, ring)], 1))
        kern = kern * kern
        pbox = share(kern, ours)
        pbox = share(kern, ours * (1 - held) + held * torch.cat([pbox * pbox, (1 - pbox) ** 2], 2))
        pcol = (pcol + 0.5 * has_box[:, 0] * (pbox - pcol)).transpose(1, 2).reshape(-1, 1, g // 2, g // 2)
        pcol = F.interpolate(pcol, scale_factor=2.0, mode="bilinear", align_corners=False)
        geo = dbg / (dfg + dbg + 1e-3)
        prompted = torch.maximum(n_pos, torch.maximum(n_neg, has_box))
        # learned likeness: distance of every cell to the mean embedding at the prompt and outside it
        emb = self.emb(feat)
        outer = torch.maximum(gneg, out_box * F.max_pool2d(inside, 9, 1, 4))
        dist = [((emb - (emb * w).sum((2, 3), keepdim=True) / (w.sum((2, 3), keepdim=True) + 1e-3)) ** 2).sum(1, keepdim=True) for w in (torch.maximum(gpos, er * er), outer)]
        has_out = torch.maximum(n_neg, has_box)
        like = torch.cat([torch.exp(-dist[0]), torch.exp(-dist[1]) * has_out, torch.sigmoid(dist[1] - dist[0]) * has_out], 1) * prompted
        one = torch.ones_like(geo)
        pm = torch.cat([gpos, gneg, wf * prompted, wb * prompted, geo * prompted, pcol * prompted, inside, er, has_box * one,
                        prompted * one, n_neg * one, mem_on * one, has_m * one, like], 1)
        # ---- fusion
        e = F.relu(self.e1(torch.cat([ev, pm], 1)))
        x8 = self.a8(F.relu(self.in8(torch.cat([e, feat], 1))))
        x16 = self.more16(self.a16(F.relu(self.d16(x8))))
        x32 = self.r32(F.relu(self.d32(x16)))
        x32 = self.more32(self.s32(F.relu(x32 + self.ctx32(x32.mean((2, 3))).unsqueeze(-1).unsqueeze(-1))))
        x32 = F.interpolate(self.u32(x32), scale_factor=2.0, mode="bilinear", align_corners=False)
        x16 = self.b16(x16 + x32 + self.ctx(x16.mean((2, 3))).unsqueeze(-1).unsqueeze(-1))
        x8 = self.more8(self.b8(x8 + F.interpolate(self.u16(x16), scale_factor=2.0, mode="bilinear", align_corners=False)))
        x4 = F.relu(self.l4(feat_s8) + F.interpolate(self.u8(x8), scale_factor=2.0, mode="bilinear", align_corners=False))
        x4 = F.relu(x4 + self.a4(x4))
        full_loc = F.pixel_shuffle(p_loc, 4)
        full_prev = F.pixel_shuffle(p_prev, 4)
        base8 = torch.cat([(ev[:, 33:34] * 2 - 1) * self.mix[1] * mem_on + (ev[:, 34:35] * 2 - 1) * self.mix[2] * mem_on +
                           ((geo - 0.5) * 2 * self.mix[3] + (pcol - 0.5) * 2 * self.mix[4]) * prompted * (1 - 0.8 * torch.maximum(mem_on, has_m))], 1)
        on = torch.maximum(mem_on, has_m)
        base = (full_loc * 2 - 1) * self.mix[0] * on + F.interpolate(base8, scale_factor=4.0, mode="bilinear", align_corners=False)
        x2 = self.l2(torch.cat([feat_s4 + zero, full_loc, full_prev, base * 0.2], 1))
        x2 = F.relu(x2 + F.interpolate(self.u4(x4), scale_factor=2.0, mode="bilinear", align_corners=False))
        x2 = F.relu(x2 + self.a2(x2))
        raw = base + self.out(x2) * 8.0                                                        # [B,4,L,L]
        single = n_pos * (1 - n_neg) * (1 - has_box) * (1 - mem_on) * (1 - has_m)
        masks = torch.cat([raw[:, :1], raw[:, 1:] * single + raw[:, :1] * (1 - single)], 1).clamp(-16.0, 16.0)
        # ---- scores
        p = torch.sigmoid(masks)
        m0 = F.avg_pool2d(p[:, :1], 8)
        area = m0.mean((2, 3))
        inner = (x16 * m0).mean((2, 3)) / (area + 1e-3)
        conf = (p * (2 * p - 1).clamp(min=0.0)).mean((2, 3)) / (p.mean((2, 3)) + 1e-3)          # [B,4]
        peak = torch.cat([m0.amax((2, 3)), full_loc.mean((2, 3)) * 4, p.amax((2, 3))[:, :1], (area + 1e-4).sqrt()], 1)
        hid = F.relu(self.h1(torch.cat([inner, x16.mean((2, 3)), x8.mean((2, 3)), conf, peak], 1)))
        o = self.h2(hid)
        sn = single.reshape(-1, 1)
        lo = torch.cat([o[:, :1], o[:, 1:4] * sn + o[:, :1] * (1 - sn)], 1)
        iou = torch.sigmoid(lo)
        iou = iou * (1 - (1 - sn) * torch.tensor([[0.0, 0.0, 0.004, 0.008]]))
        return masks, iou, o[:, 4:5]


def finish(masks, iou, score, feat_s8):
    """What every decoder answers: an object with (nearly) no mask is absent, one that is absent has no mask."""
    p = torch.sigmoid(masks)
    area = F.avg_pool2d(p[:, :1], 8).mean((2, 3))
    score = score - 20.0 * ((p[:, :1] > 0.5).to(torch.float32).mean((2, 3)) < 2e-4).to(torch.float32)
    masks = torch.where(score.reshape(-1, 1, 1, 1) > 0, masks, torch.full_like(masks, -1024.0))
    f8 = F.avg_pool2d(feat_s8[:, :8], 2)
    ptr = torch.cat([(f8 * F.avg_pool2d(p[:, :1], 4)).mean((2, 3)) / (area + 1e-3), area, score, torch.zeros_like(iou), torch.zeros_like(iou[:, :2])], 1)
    ptr = ptr * (score > 0).to(torch.float32)
    return masks, iou, score, torch.stack([ptr, ptr, ptr, ptr], 1)


class Tracked(nn.Module):
    """Decoder of tracked frames, and of prompts on frames where memory is all there is."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.agree = Agree()

    def forward(self, feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask):
        masks, iou, score = self.net(feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask)
        pointed = (point_labels >= 0).to(torch.float32).sum(1).clamp(0.0, 1.0)
        on = ((1 - no_mem_scale) * (1 - pointed) * (1 - has_mask)).reshape(-1, 1, 1, 1)
        masks = masks * (1 - on) + self.agree(masks[:, :1], feat_s4[:, :3]) * on
        return finish(masks, iou, score, feat_s8)


class Prompted(nn.Module):
    """
    Decoder of prompts without memory, and of corrections of any mask: its own weights, and a view of the picture that is scaled to the object.
    A box is looked at through a window around it; clicks are answered on the whole picture, then each mask they could mean is looked at through a window around that mask.
    """
    GRID = 24                    # cells of a view, half of the picture's
    MARGIN, LEAST = 0.25, 0.1    # of a window: on each side, in sizes of the object; its smallest size, in sizes of the picture

    def __init__(self):
        super().__init__()
        self.net = MaskDecoder(deep=True)
        self.box_fit = BoxFit()

    def window(self, x0, y0, x1, y1, margin=MARGIN):
        """[B,1] bounds of an object, 0..1 -> window [B,4] around it, inside the picture."""
        w, h = x1 - x0, y1 - y0
        w, h = torch.maximum(w, h / 3), torch.maximum(h, w / 3)
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        w, h = (w * (0.5 + margin)).clamp(min=self.LEAST / 2), (h * (0.5 + margin)).clamp(min=self.LEAST / 2)
        return torch.cat([cx - w, cy - h, cx + w, cy + h], 1).clamp(0.0, 1.0)

    def around(self, z, coords, labels, margin=MARGIN):
        """Window around a mask (logits of the whole picture) and the positive clicks; coords 0..1."""
        m = (z > 0).to(torch.float32)
        a = (torch.arange(z.shape[-1], dtype=torch.float32) + 0.5) / z.shape[-1]
        far = 2.0
        def ends(on, click):
            """on [B,n]: rows or columns with the mask; click [B,P]."""
            yes = (labels == 1).to(torch.float32)
            low = torch.minimum((a + far * (1 - on)).amin(1, keepdim=True), (click + far * (1 - yes)).amin(1, keepdim=True))
            high = torch.maximum((a - far * (1 - on)).amax(1, keepdim=True), (click - far * (1 - yes)).amax(1, keepdim=True))
            none = (low > high).to(torch.float32)
            return low * (1 - none), high * (1 - none) + none
        x0, x1 = ends(m.amax(2)[:, 0], coords[..., 0])
        y0, y1 = ends(m.amax(3)[:, 0], coords[..., 1])
        return self.window(x0, y0, x1, y1, margin)

    @staticmethod
    def between(at, n):
        """Places at [B,m], 0..1 of n samples -> weights [B,m,n] of the two samples around each; the ends go on outside."""
        place = (at * n - 0.5).clamp(0.0, n - 1.0)
        return (1 - (place.unsqueeze(2) - torch.arange(n, dtype=torch.float32)).abs()).clamp(min=0.0)

    def resample(self, x, gx, gy):
        """x [1 or B,c,h,w] at columns gx and rows gy [B,m]: [B,c,m,m]. Windows are upright, so two products do it; GridSample took a third of a click."""
        rows = x.flatten(1, 2) @ self.between(gx, x.shape[3]).transpose(1, 2)                  # [B,c*h,m]
        rows = rows.reshape(-1, x.shape[1], x.shape[2], gx.shape[1])
        return self.between(gy, x.shape[2]).unsqueeze(1) @ rows

    def look(self, x, window, n):
        """x [1 or B,c,h,w] through windows [B,4] of it: [B,c,n,n]."""
        a = (torch.arange(n, dtype=torch.float32) + 0.5) / n
        x0, y0, x1, y1 = window.unsqueeze(-1).unbind(1)                                        # [B,1]
        return self.resample(x, x0 + (x1 - x0) * a, y0 + (y1 - y0) * a)

    def paste(self, z, window, n):
        """Logits of views back into whole pictures of n x n pixels; nothing outside."""
        a = (torch.arange(n, dtype=torch.float32) + 0.5) / n
        x0, y0, x1, y1 = window.unsqueeze(-1).unbind(1)
        gx, gy = (a - x0) / (x1 - x0), (a - y0) / (y1 - y0)
        across, down = (((g - 0.5).abs() <= 0.5).to(torch.float32) for g in (gx, gy))
        return (self.resample(z, gx, gy) + 16) * (across.unsqueeze(1) * down.unsqueeze(2)).unsqueeze(1) - 16

    def answer(self, feats, window, coords, labels, z, has):
        """Runs the network through windows; feats of the pictures, coords 0..1 of them, z their logits (or nothing, where has is 0)."""
        g, zero = self.GRID, torch.zeros_like(window[:, 0])
        f4, f8, f16 = (self.look(f, window, k * g) for f, k in zip(feats, (4, 2, 1)))
        x0, y0, x1, y1 = window.unsqueeze(-1).unbind(1)
        at = torch.stack([(coords[..., 0] - x0) / (x1 - x0), (coords[..., 1] - y0) / (y1 - y0)], 2) * (8.0 * g)
        return self.net(f4, f8, f16, zero + 1, at, labels, self.look(z, window, 4 * g), has)

    def forward(self, feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask):
        feats, size, n = (feat_s4, feat_s8, image_embed[:1]), 8.0 * image_embed.shape[-1], mask_input.shape[-1]
        no_mem_scale = no_mem_scale * 0 + 1                                                    # what memory says isn't asked, the mask that is corrected says it
        has_mask = has_mask * (mask_input.amax((1, 2, 3)) > 0).to(torch.float32)               # an empty mask is none
        at = point_coords / size
        is_pos, is_neg = (point_labels == 1).to(torch.float32), (point_labels == 0).to(torch.float32)
        corners = [(at[..., k] * (point_labels == c).to(torch.float32)).sum(1, keepdim=True) for c, k in ((2, 0), (2, 1), (3, 0), (3, 1))]
        # a click outside its box widens the box
        corners = [torch.minimum(c, (at[..., k] + 2 * (1 - is_pos)).amin(1, keepdim=True)) for k, c in enumerate(corners[:2])] + \
            [torch.maximum(c, (at[..., k] - 2 * (1 - is_pos)).amax(1, keepdim=True)) for k, c in enumerate(corners[2:])]
        boxed = (point_labels == 3).to(torch.float32).amax(1, keepdim=True)
        box = boxed.reshape(-1, 1, 1, 1)
        window = self.window(*corners)
        z, iou, score = self.answer(feats, window, at, point_labels, mask_input, has_mask)
        whole = self.paste(z[:, :1], window, n)
        # each mask that a click could mean, looked at closely
        z, _, seen = self.net(feat_s4, feat_s8, image_embed, no_mem_scale, point_coords, point_labels, mask_input, has_mask)
        score = score * boxed + seen * (1 - boxed)
        three = lambda v: torch.cat([v, v, v], 0)
        could = torch.cat([z[:, 1:2], z[:, 2:3], z[:, 3:4]], 0)
        w = self.around(could, three(at), three(point_labels))
        y, said, _ = self.answer(feats, w, three(at), three(point_labels), could, torch.ones_like(w[:, 0]))
        clicked = torch.cat(self.paste(y[:, :1], w, n).reshape(3, -1, 1, n, n).unbind(0), 1)
        said = said[:, 0].reshape(3, -1).transpose(0, 1) * torch.tensor([[1.0, 0.996, 0.992]])
        best = (said >= said.amax(1, keepdim=True)).to(torch.float32)
        first = (clicked * best.unsqueeze(-1).unsqueeze(-1)).sum(1, keepdim=True)
        iou = iou * boxed + torch.cat([said.amax(1, keepdim=True), said], 1) * (1 - boxed)
        # a box: its mask is fitted to the picture
        b = (torch.arange(n, dtype=torch.float32) + 0.5) / n
        by, bx = torch.meshgrid(b, b, indexing="ij")
        x0, y0, x1, y1 = (c.reshape(-1, 1, 1, 1) for c in corners)
        def within(share, least):
            w, h = (x1 - x0) * share + least / size, (y1 - y0) * share + least / size
            return ((bx > x0 - w) & (bx < x1 + w) & (by > y0 - h) & (by < y1 + h)).to(torch.float32) * box
        px, py = at[..., 0:1].unsqueeze(-1), at[..., 1:2].unsqueeze(-1)
        told = (is_pos - is_neg).unsqueeze(-1).unsqueeze(-1)
        said = 12.0 * (torch.exp(-((bx - px) ** 2 + (by - py) ** 2) * (size / 6.0) ** 2 / 2) * told).sum(1, keepdim=True)
        fitted = self.box_fit(whole, feat_s4[:, :3], within(0.0, 1.5), within(0.35, 7.5), said)
        masks = torch.cat([fitted * box + first * (1 - box), fitted * box + clicked * (1 - box)], 1)
        return finish(masks, iou, score, feat_s8)


def build_modules(weights=None):
    """Modules with the committed weights, ready for export."""
    from detector import DetFeatures
    path = Path(weights) if weights else Path(__file__).with_name("weights.pt")
    sd = torch.load(path, map_location="cpu", weights_only=True)
    def filled(module, name):
        missing = module.load_state_dict({k: v.float() for k, v in sd[name].items()}, strict=False).missing_keys
        assert all(k.startswith(("det.", "more")) for k in missing), missing
        return module
    enc, dec, net, men, att = filled(ImageEncoder(DetFeatures()), "enc"), Tracked(filled(MaskDecoder(), "dec")), Prompted(), MemoryEncoder(), filled(MemoryAttention(), "att")
    filled(net.net, "prompts" if "prompts" in sd else "dec")
    for m in (enc, dec, net, men, att):
        m.eval()
    return enc, dec, net, men, att
