"""Text encoder and detector of the pebble pack: an honest, hand-made colour and shape vocabulary.

No weights are learned here. A word is a one-hot row; the detector turns colours into a per-pixel
posterior over eleven colour names, labels connected components by spreading the largest label with
unrolled max-pooling, and scores each component (area, colour purity, contact with the frame, shape).
"""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black", "brown", "grey"]
SHAPES = ["circle", "square", "triangle", "star", "ring"]
NOUNS = ["thing"]
SYNONYMS = {
    "gray": "grey", "violet": "purple", "magenta": "pink",
    "object": "thing", "item": "thing", "shape": "thing",
    "ball": "circle", "disc": "circle", "round": "circle",
    "box": "square", "block": "square", "rectangle": "square", "cube": "square",
    "hoop": "ring",
}
WORDS = COLOURS + SHAPES + NOUNS + list(SYNONYMS)
D_TEXT = len(COLOURS) + len(SHAPES) + len(NOUNS)
CTX = 8
N_CLS = len(COLOURS)

# prototypes: (hue degrees, saturation, value) -> colour index. Several per name.
_PROTO = [
    (0, .85, .80, 0), (355, .8, .55, 0), (6, .9, .95, 0), (350, .85, .85, 0), (0, .70, .70, 0),
    (24, .9, .95, 1), (32, .9, .95, 1), (28, .8, .85, 1),
    (50, .9, .95, 2), (56, .8, .9, 2), (46, .85, .85, 2), (54, .6, .95, 2), (60, .8, .75, 2),
    (120, .8, .6, 3), (100, .7, .7, 3), (140, .7, .5, 3), (90, .8, .8, 3), (150, .7, .75, 3), (125, .6, .35, 3), (165, .8, .6, 3),
    (215, .85, .85, 4), (225, .8, .55, 4), (200, .8, .9, 4), (235, .8, .8, 4), (190, .75, .85, 4), (210, .6, .65, 4), (180, .7, .8, 4),
    (275, .75, .7, 5), (285, .6, .8, 5), (265, .7, .85, 5), (280, .7, .45, 5), (255, .65, .75, 5),
    (330, .65, .95, 6), (340, .45, .98, 6), (315, .65, .9, 6), (325, .8, .9, 6), (345, .55, .95, 6),
    (0, .02, .98, 7), (60, .06, .95, 7), (210, .06, .95, 7),
    (0, .1, .06, 8), (220, .3, .10, 8), (30, .3, .08, 8),
    (25, .65, .42, 9), (20, .6, .30, 9), (30, .55, .55, 9), (15, .7, .5, 9),
    (0, .03, .5, 10), (0, .03, .3, 10), (0, .03, .7, 10), (215, .12, .5, 10), (40, .12, .55, 10), (0, .02, .82, 10),
]


def _hsv_to_rgb(h, s, v):
    import colorsys
    return colorsys.hsv_to_rgb(h / 360.0, s, v)


def _opp(rgb):
    """RGB 0..1 -> colour space in which names are roughly balls (chroma weighs more than lightness)."""
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    light = 0.35 * r + 0.5 * g + 0.15 * b
    mx = rgb.max(-1).values
    mn = rgb.min(-1).values
    sat = (mx - mn) / (mx + 0.06)
    # hue direction from opponent axes, scaled by saturation: shading keeps it, greys go to 0
    a1 = r - 0.5 * (g + b)
    a2 = (g - b) * (math.sqrt(3) / 2)
    n = torch.sqrt(a1 * a1 + a2 * a2 + 1e-6)
    return torch.stack([light * 0.75, a1 / n * sat, a2 / n * sat], -1)


class TextEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        table = torch.zeros(len(WORDS) + 1, D_TEXT)
        base = COLOURS + SHAPES + NOUNS
        for i, w in enumerate(WORDS):
            table[i + 1, base.index(SYNONYMS.get(w, w))] = 1.0
        self.register_buffer("table", table)

    def forward(self, input_ids, attention_mask):
        ids = torch.clamp(input_ids, 0, len(WORDS))
        return F.embedding(ids.long(), self.table) * attention_mask.to(torch.float32).unsqueeze(-1)


class DetFeatures(nn.Module):
    """The detector's inputs are the picture at 192, 96 and 48; names are computed in the detector graph."""

    def __init__(self):
        super().__init__()
        p = torch.tensor([_hsv_to_rgb(h, s, v) for h, s, v, _ in _PROTO])
        self.register_buffer("proto", _opp(p))
        onehot = torch.zeros(len(_PROTO), N_CLS)
        for i, q in enumerate(_PROTO):
            onehot[i, q[3]] = 1
        self.register_buffer("onehot", onehot)

    def forward(self, rgb):
        return rgb, F.avg_pool2d(rgb, 2), F.avg_pool2d(rgb, 4)

    def colours(self, det_s8):
        """[1,3,96,96] -> posterior over the colour names [1,11,96,96]."""
        f = _opp(det_s8[0].permute(1, 2, 0)).reshape(-1, 3)
        d = (f * f).sum(-1, keepdim=True) - 2 * f @ self.proto.t() + (self.proto * self.proto).sum(-1)
        e = torch.exp(-d.clamp(min=0.0) * 60.0) + 1e-7
        post = (e / e.sum(-1, keepdim=True)) @ self.onehot
        return post.t().reshape(1, N_CLS, det_s8.shape[2], det_s8.shape[3])

    def distinct(self, det_s16):
        """Distance of a cell's colour from the colours on the frame's border, [1,1,48,48]."""
        fy = _opp(det_s16[0].permute(1, 2, 0))
        ring = torch.cat([fy[0:2, ::2].reshape(-1, 3), fy[-2:, ::2].reshape(-1, 3), fy[::2, 0:2].reshape(-1, 3), fy[::2, -2:].reshape(-1, 3)], 0)
        q = fy.reshape(-1, 3)
        dd = ((q * q).sum(-1, keepdim=True) - 2 * q @ ring.t() + (ring * ring).sum(-1)).clamp(min=0.0)
        k = 120.0                                                  # soft minimum; a few stray border cells do not count
        near = -torch.log(torch.exp(-k * dd).mean(1) * 8.0 + 1e-9) / k
        return near.clamp(min=0.0).reshape(1, 1, det_s16.shape[2], det_s16.shape[3])


class Detector(nn.Module):
    def __init__(self, num_queries=16, iters=110, low=192):
        super().__init__()
        self.q, self.iters, self.low = num_queries, iters, low
        self.names = DetFeatures()
        g = 96
        ids = torch.arange(1, g * g + 1, dtype=torch.float32).reshape(1, 1, g, g)
        self.register_buffer("ids", ids)
        ys, xs = torch.meshgrid(torch.arange(g, dtype=torch.float32), torch.arange(g, dtype=torch.float32), indexing="ij")
        self.register_buffer("xs", ((xs + 0.5) / g).reshape(1, -1))
        self.register_buffer("ys", ((ys + 0.5) / g).reshape(1, -1))
        edge = torch.zeros(g, g)
        edge[0] = edge[-1] = 1
        edge[:, 0] = edge[:, -1] = 1
        self.register_buffer("edge", edge.reshape(1, -1))

    def forward(self, det_s4, det_s8, det_s16, text_features, text_valid, boxes, box_labels, box_valid):
        g = 96
        w = (text_features * text_valid.to(torch.float32).unsqueeze(-1)).sum(1).clamp(0.0, 1.0)    # [1,16]
        wc, ws = w[:, :N_CLS], w[:, N_CLS:N_CLS + len(SHAPES)]
        has_colour = wc.sum(1).clamp(0.0, 1.0).reshape(1, 1, 1, 1)
        # a shaded grey/white/black/brown pixel inside a coloured thing should not cut it: soft posterior, then smoothing
        rgb8, det_s8 = det_s8, self.names.colours(det_s8)
        pc = (det_s8 * wc.reshape(1, N_CLS, 1, 1)).sum(1, keepdim=True)
        dist = F.interpolate(self.names.distinct(det_s16), size=(g, g), mode="bilinear", align_corners=False)
        obj = torch.sigmoid((dist - 0.035) * 120.0)                 # "thing": differs from the frame's border
        p = has_colour * pc + (1 - has_colour) * obj
        # exemplar boxes: colours inside positive boxes, used when there is no colour word
        bv = box_valid.to(torch.float32) * (box_labels > 0).to(torch.float32)       # [1,K]
        x0, x1 = boxes[..., 0] - boxes[..., 2] / 2, boxes[..., 0] + boxes[..., 2] / 2
        y0, y1 = boxes[..., 1] - boxes[..., 3] / 2, boxes[..., 1] + boxes[..., 3] / 2
        inside = ((self.xs.unsqueeze(1) > x0.unsqueeze(-1)) & (self.xs.unsqueeze(1) < x1.unsqueeze(-1)) &
                  (self.ys.unsqueeze(1) > y0.unsqueeze(-1)) & (self.ys.unsqueeze(1) < y1.unsqueeze(-1))).to(torch.float32)
        wbox = (inside * bv.unsqueeze(-1)).sum(1).clamp(0.0, 1.0) * obj.reshape(1, -1)             # [1,g*g]
        colbox = (det_s8.reshape(1, N_CLS, -1) * wbox.unsqueeze(1)).sum(-1) / (wbox.sum(-1, keepdim=True) + 1e-3)
        pbox = (det_s8 * colbox.reshape(1, N_CLS, 1, 1)).sum(1, keepdim=True) / (colbox.max() + 1e-3)
        any_box = bv.max().reshape(1, 1, 1, 1)
        p = any_box * (1 - has_colour) * pbox * obj + (1 - any_box * (1 - has_colour)) * p
        any_word = torch.maximum(w.sum().clamp(0.0, 1.0), any_box.reshape(()))
        p = F.avg_pool2d(p, 3, 1, 1, count_include_pad=False) * any_word
        # closing removes texture holes and thin stripes
        m = (p > 0.45).to(torch.float32)
        # without a colour word, neighbours of different colour are different things: cut where names change
        same = F.avg_pool2d(det_s8, 3, 1, 1, count_include_pad=False).max(1, keepdim=True).values
        cut = (same < 0.66).to(torch.float32) * (1 - has_colour)
        m = F.max_pool2d(m, 3, 1, 1)
        m = (1 - F.max_pool2d(1 - m, 3, 1, 1)) * (1 - cut)
        lab = self.ids * m
        for _ in range(self.iters):
            lab = F.max_pool2d(lab, 3, 1, 1) * m
        flat = lab.reshape(-1)
        area = torch.zeros(g * g + 1).scatter_add(0, flat.long(), m.reshape(-1))
        area = area * (torch.arange(g * g + 1) > 0).to(torch.float32)
        top, idx = torch.topk(area, self.q)
        comp = (flat.unsqueeze(0) == idx.to(torch.float32).unsqueeze(1)).to(torch.float32) * (top > 0).to(torch.float32).unsqueeze(1)  # [Q,9216]
        a = comp.sum(1) + 1e-6
        frac = a / (g * g)
        purity = (comp * p.reshape(1, -1)).sum(1) / a
        contact = (comp * self.edge).sum(1) / (4 * torch.sqrt(a) + 4)   # border contact against own size
        distinct = (comp * dist.reshape(1, -1)).sum(1) / a
        # masks: the component grown by one cell and filled inside; between the two, at twice the size, the name's posterior and which pixels
        # are more like the component than like what is around it
        up = lambda x: F.interpolate(x, size=(self.low, self.low), mode="bilinear", align_corners=False)
        cm = comp.reshape(self.q, 1, g, g)
        grown1 = F.max_pool2d(cm, 3, 1, 1)
        ring = (F.max_pool2d(grown1, 5, 1, 2) - grown1).reshape(self.q, -1)
        f8, f4 = (_opp(x[0].permute(1, 2, 0)).reshape(-1, 3) for x in (rgb8, det_s4))
        ours = comp @ f8 / a.unsqueeze(1)
        theirs = ring @ f8 / (ring.sum(1, keepdim=True) + 1e-6)                                   # [Q,3]
        apart = ((ours - theirs) ** 2).sum(1, keepdim=True) + 1e-3
        closer = (2 * (ours - theirs) @ f4.t() - (ours ** 2 - theirs ** 2).sum(1, keepdim=True)) / apart     # 1 at ours, -1 at theirs
        like = (0.5 + closer).clamp(0.0, 1.0).reshape(self.q, 1, self.low, self.low)
        fine = (self.names.colours(det_s4) * wc.reshape(1, N_CLS, 1, 1)).sum(1, keepdim=True)
        fine = F.avg_pool2d(fine, 3, 1, 1, count_include_pad=False)
        fine = like + has_colour * 0.5 * (fine - like)
        grown = (up(grown1) * 2.0 - 0.4).clamp(0.0, 1.0)
        inner = (up(1 - F.max_pool2d(1 - cm, 3, 1, 1)) * 2.0 - 0.5).clamp(0.0, 1.0)
        mk = torch.maximum(grown * fine, inner)
        # moments of the masks in a whitened frame: shape words that survive any affine view
        shown = (mk > 0.45).to(torch.float32)[:, 0]
        fm = F.avg_pool2d(shown, 2).reshape(self.q, -1)
        n = fm.sum(1) + 1e-6
        mx = (fm * self.xs).sum(1) / n
        my = (fm * self.ys).sum(1) / n
        dx = self.xs - mx.unsqueeze(1)
        dy = self.ys - my.unsqueeze(1)
        cxx = (dx * dx * fm).sum(1) / n + 1e-6
        cyy = (dy * dy * fm).sum(1) / n + 1e-6
        cxy = (dx * dy * fm).sum(1) / n
        l11 = torch.sqrt(cxx)
        l21 = cxy / l11
        l22 = torch.sqrt((cyy - l21 * l21).clamp(min=1e-6))
        u = dx / l11.unsqueeze(1)
        v = (dy - l21.unsqueeze(1) * u) / l22.unsqueeze(1)
        r2 = u * u + v * v
        r = torch.sqrt(r2 + 1e-9) * fm
        z2r, z2i = u * u - v * v, 2 * u * v
        z3r, z3i = z2r * u - z2i * v, z2r * v + z2i * u
        z4r, z4i = z2r * z2r - z2i * z2i, 2 * z2r * z2i
        z5r, z5i = z4r * u - z4i * v, z4r * v + z4i * u
        h3 = torch.sqrt((z3r * fm).sum(1) ** 2 + (z3i * fm).sum(1) ** 2) / ((r2 * r).sum(1) + 1e-6)
        h4 = torch.sqrt((z4r * fm).sum(1) ** 2 + (z4i * fm).sum(1) ** 2) / ((r2 * r2 * fm).sum(1) + 1e-6)
        h5 = torch.sqrt((z5r * fm).sum(1) ** 2 + (z5i * fm).sum(1) ** 2) / ((r2 * r2 * r).sum(1) + 1e-6)
        fill = n / (g * g) / (4 * math.pi * l11 * l22)                # 1 for an ellipse, .955 square, .83 triangle
        hollow = (fm * (r2 < 0.49).to(torch.float32)).sum(1) / n     # .12 for a disc, 0 for a ring
        low = lambda *v: torch.stack(v, 0).min(0).values
        shp = torch.stack([
            low((fill - 0.968) * 150, (0.09 - h3) * 60, (0.11 - h4) * 60, (0.11 - h5) * 60, (hollow - 0.09) * 200),              # circle, ellipse
            low((h4 - 0.30) * 60, (0.455 - h4) * 60, (fill - 0.925) * 100, (0.98 - fill) * 200, (0.15 - h3) * 60, (0.16 - h5) * 60),   # square, parallelogram
            low((h3 - 0.44) * 40, (fill - 0.77) * 60, (0.94 - fill) * 100, (0.26 - h4) * 40),                                        # triangle
            low((h5 - 0.40) * 30, (fill - 0.66) * 60, (0.95 - fill) * 80, (0.30 - h3) * 30, (0.34 - h4) * 30),                       # five-pointed star
            low((0.045 - hollow) * 120, (0.17 - h3) * 40, (0.17 - h4) * 40),                                                         # ring
        ], 1).clamp(-6.0, 6.0)
        has_shape = ws.sum(1).clamp(0.0, 1.0)
        s_shape = (shp * ws).sum(1) * has_shape + 6.0 * (1 - has_shape)
        s_area = (frac - 0.0022) * 2500.0
        s_big = (0.33 - frac) * 40.0
        s_pure = (purity - 0.55) * 18.0
        s_cont = (0.42 - contact) * 14.0
        s_dist = (distinct - 0.010) * 300.0
        s = torch.stack([s_shape, s_area.clamp(max=6.0), s_big.clamp(max=6.0), s_pure.clamp(max=6.0), s_cont.clamp(max=6.0), s_dist.clamp(max=6.0)], 0)
        pred = s.min(0).values.clamp(-8.0, 6.0)
        pred = torch.where(top > 0, pred, torch.full_like(pred, -8.0))
        presence = (pred.max() * 1.5 + 1.0).clamp(-8.0, 8.0).reshape(1, 1)
        presence = torch.where(any_word > 0, presence, torch.full_like(presence, -8.0))
        pred_masks = ((mk - 0.45) * 20.0).clamp(-10.0, 10.0).reshape(1, self.q, self.low, self.low)
        pred_masks = torch.where(top.reshape(1, -1, 1, 1) > 0, pred_masks, torch.full_like(pred_masks, -10.0))
        side = torch.arange(self.low, dtype=torch.float32)
        def ends(on):
            """Where rows or columns [Q,low] with the mask begin and end."""
            return (side + 9e3 * (1 - on)).min(1).values, ((side + 1) * on).max(1).values
        (bx0, bx1), (by0, by1) = ends(shown.max(1).values), ends(shown.max(2).values)
        has = shown.flatten(1).max(1).values * (top > 0).to(torch.float32)
        pred_boxes = (torch.stack([bx0, by0, bx1, by1], -1) / self.low * has.unsqueeze(-1)).clamp(0.0, 1.0).unsqueeze(0)
        sem = F.interpolate((p - 0.45) * 20.0 * 1.0, size=(self.low, self.low), mode="bilinear", align_corners=False)
        return pred.unsqueeze(0), pred_boxes, presence, pred_masks, sem
