"""Builds the pebble pack: exports every graph, writes pack.json with hashes, and checks it.

  python models/recipes/pebble/build.py            # export, write, check
  python models/recipes/pebble/build.py --check    # check the pack that is there
"""
import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PACK = HERE.parent.parent / "pebble"
sys.path.insert(0, str(HERE))


def io_of(path):
    import onnx
    m = onnx.load(str(path))
    names = {1: "f32", 6: "i32", 9: "bool"}
    def one(v):
        t = v.type.tensor_type
        return {"name": v.name, "dtype": names[t.elem_type], "shape": [d.dim_param if d.dim_param else d.dim_value for d in t.shape.dim]}
    return {"inputs": [one(v) for v in m.graph.input], "outputs": [one(v) for v in m.graph.output]}


def export(module, args, names_in, names_out, dyn, path):
    import onnx
    import torch
    module.eval()
    tmp = path.with_suffix(".tmp.onnx")
    shapes = tuple({a: torch.export.Dim(n) for a, n in dyn.get(k, {}).items()} for k in names_in)
    prog = torch.onnx.export(module, args, None, dynamo=True, opset_version=18, input_names=names_in,
                             output_names=names_out, dynamic_shapes=shapes, verbose=False, external_data=False)
    prog.save(str(tmp), external_data=False)
    m = onnx.load(str(tmp))
    tmp.unlink()
    for n in m.graph.node:                       # metadata holds local paths: strip it
        del n.metadata_props[:]
        n.doc_string = ""
        if n.op_type == "Reshape":
            for a in [a for a in n.attribute if a.name == "allowzero"]:
                n.attribute.remove(a)
    for v in list(m.graph.value_info):
        m.graph.value_info.remove(v)
    for coll in (m.graph.input, m.graph.output, m.graph.initializer):
        for v in coll:
            del v.metadata_props[:]
            v.doc_string = ""
    del m.metadata_props[:]
    del m.graph.metadata_props[:]
    m.doc_string = m.graph.doc_string = ""
    def strip(graph):                            # constants that the exporter left behind (ONNX Runtime warns about each), paths in branches
        used = {i for n in graph.node for i in n.input} | {v.name for v in graph.output}
        for g in [a.g for n in graph.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]:
            used |= strip(g)
            del g.value_info[:]
            for n in g.node:
                del n.metadata_props[:]
                n.doc_string = ""
        kept = [onnx.TensorProto.FromString(v.SerializeToString()) for v in graph.initializer if v.name in used]
        del graph.initializer[:]
        graph.initializer.extend(kept)
        return used
    strip(m.graph)
    want = {(k, a): n for k, d in dyn.items() for a, n in d.items()}
    for v in m.graph.input:
        for a, d in enumerate(v.type.tensor_type.shape.dim):
            if (v.name, a) in want:
                d.dim_param = want[(v.name, a)]
    for v in m.graph.output:
        for a, d in enumerate(v.type.tensor_type.shape.dim):
            if d.dim_param:
                assert a == 0, (v.name, a, d.dim_param)
                d.dim_param = "batch"
    onnx.checker.check_model(m)
    path.write_bytes(m.SerializeToString())
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {len(m.graph.node)} nodes")


def halved(graph):
    """Weights that are half precision anyway are stored so; the runtime widens them once, when it loads the graph."""
    import onnx
    from onnx import numpy_helper as nh
    casts = []
    for v in list(graph.initializer):
        a = nh.to_array(v)
        if a.dtype != np.float32 or a.size < 512 or (a.astype(np.float16).astype(np.float32) != a).any():
            continue
        graph.initializer.remove(v)
        graph.initializer.append(nh.from_array(a.astype(np.float16), v.name + "_half"))
        casts.append(onnx.helper.make_node("Cast", [v.name + "_half"], [v.name], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def only_for_boxes(graph):
    """Moves what only boxes need into an `If`: without a box among the prompts it isn't computed (clicks would pay for it)."""
    import onnx
    h = onnx.helper
    made = {o: n for n in graph.node for o in n.output}
    up = lambda name, kind: next(made[i] for i in made[name].input if i in made and made[i].op_type == kind)
    both = up(next(v.name for v in graph.output if v.name.endswith("masks")), "Concat")      # [fitted*box + first*(1-box), fitted*box + clicked*(1-box)]
    sums = [{i for q in made[a].input for i in made[q].input} for a in both.input]
    fitted = [i for i in sums[0] & sums[1] if i in made and made[i].op_type == "Add"]
    assert len(fitted) == 1, fitted
    fitted = fitted[0]
    plain = next(made[q] for q in made[both.input[0]].input if fitted not in made[q].input)
    first = next(i for i in plain.input if made[i].op_type == "ReduceSum")
    # predicted IoU and score of a box: the side of a sum that is weighed by what weighs its mask
    weigh = next(i for q in made[both.input[0]].input if fitted in made[q].input for i in made[q].input if i != fitted)
    weigh = made[weigh].input[0]                                                             # before it was reshaped
    pairs = [(fitted, first)]
    for n in graph.node:
        if n.op_type == "Add" and all(i in made and made[i].op_type == "Mul" for i in n.input) and weigh in made[n.input[0]].input:
            side = [next(i for i in made[q].input if i != weigh and not i.startswith("p_sub")) for q in n.input]
            pairs.append(tuple(side))
    assert len(pairs) == 3, pairs
    wanted = [q[0] for q in pairs]
    users = {}
    for n in graph.node:
        for i in n.input:
            users.setdefault(i, []).append(id(n))
    outs, moved = {v.name for v in graph.output}, set()
    sinks = {id(n) for w in wanted for n in graph.node if w in made[w].output and n.op_type in ("Mul",) and w in n.input}
    for n in reversed(graph.node):
        if all(o not in outs and o in users and set(users[o]) <= moved | (sinks if o in wanted else set()) for o in n.output):
            moved.add(id(n))
    inner = [n for n in graph.node if id(n) in moved]
    assert {id(made[w]) for w in wanted} <= moved
    rest = [n for n in graph.node if id(n) not in moved]
    value = lambda names: [h.make_tensor_value_info(o, onnx.TensorProto.FLOAT, None) for o in names]
    for n in inner:
        n.input[:] = [i + "_boxed" if i in wanted else i for i in n.input]
        n.output[:] = [o + "_boxed" if o in wanted else o for o in n.output]
    yes = h.make_graph(inner, "boxed", [], value([w + "_boxed" for w in wanted]))
    no = h.make_graph([h.make_node("Identity", [o], [w + "_unboxed"]) for w, o in pairs], "unboxed", [], value([w + "_unboxed" for w in wanted]))
    rest.append(h.make_node("If", ["p_any_box"], wanted, then_branch=yes, else_branch=no))
    needs = [set(n.input) for n in rest]
    needs[-1] = {i for n in inner for i in n.input} - {o for n in inner for o in n.output} | {o for _, o in pairs}
    here, order, left = {o for n in rest for o in n.output}, [], list(range(len(rest)))
    done = set()
    while left:                                                                               # what a node needs comes before it
        ready = [k for k in left if not (needs[k] & here) - done]
        assert ready
        order += ready
        done |= {o for k in ready for o in rest[k].output}
        left = [k for k in left if k not in set(ready)]
    rest = [rest[k] for k in order]
    graph.initializer.append(h.make_tensor("p_two", onnx.TensorProto.INT32, [], [2]))
    rest[:0] = [h.make_node("ReduceMax", ["point_labels"], ["p_most_label"], keepdims=0), h.make_node("Greater", ["p_most_label", "p_two"], ["p_any_box"])]
    rest = [onnx.NodeProto.FromString(n.SerializeToString()) for n in rest]
    del graph.node[:]
    graph.node.extend(rest)
    print(f"only for boxes: {len(inner)} nodes")


def either(paths, path, name):
    """
    One graph out of two with the same inputs and outputs: the first where the input `name` is above 0 (no memory) and where a mask is corrected by clicks or a
    box, the second otherwise.
    """
    import onnx
    h = onnx.helper
    models = [onnx.load(str(q)) for q in paths]
    outs = [o.name for o in models[0].graph.output]
    branches = []
    for k, m in enumerate(models):
        g, io = m.graph, {v.name for v in m.graph.input}
        assert not any(a.type == onnx.AttributeProto.GRAPH for n in g.node for a in n.attribute), "names inside nested graphs would have to be renamed too"
        new = lambda n: n if n in io or not n else f"{'pt'[k]}_{n}"
        for v in list(g.initializer) + list(g.output):
            v.name = new(v.name)
        for n in g.node:
            n.name = new(n.name)
            n.input[:], n.output[:] = [new(i) for i in n.input], [new(o) for o in n.output]
        if k == 0:
            only_for_boxes(g)
        halved(g)
        branches.append(h.make_graph(list(g.node), "prompted" if k == 0 else "tracked", [], [h.make_tensor_value_info(v.name, onnx.TensorProto.FLOAT, None) for v in g.output], list(g.initializer)))
    m = models[1]
    zero, none = h.make_tensor("zero", onnx.TensorProto.FLOAT, [], [0.0]), h.make_tensor("none", onnx.TensorProto.INT32, [], [-1])
    nodes = [h.make_node("ReduceMax", [name], ["most"], keepdims=0), h.make_node("Greater", ["most", "zero"], ["alone"]),
             h.make_node("ReduceMin", ["has_mask"], ["least_mask"], keepdims=0), h.make_node("Greater", ["least_mask", "zero"], ["masked"]),
             h.make_node("ReduceMax", ["point_labels"], ["most_label"], keepdims=0), h.make_node("Greater", ["most_label", "none"], ["pointed"]),
             h.make_node("And", ["masked", "pointed"], ["corrected"]), h.make_node("Or", ["alone", "corrected"], ["prompted"]),
             h.make_node("If", ["prompted"], outs, then_branch=branches[0], else_branch=branches[1])]
    del m.graph.node[:], m.graph.initializer[:]
    m.graph.node.extend(nodes)
    m.graph.initializer.extend([zero, none])
    for v, o in zip(m.graph.output, outs):
        v.name = o
    onnx.checker.check_model(m)
    path.write_bytes(m.SerializeToString())
    for q in paths:
        q.unlink()
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def check_agree(agree):
    """Smoothing closes a hole in a thick mask of one colour, leaves an edge of colours where it is, and a thin mask as it is."""
    import torch
    z = torch.full((2, 1, 32, 32), -4.0)
    z[0, :, 6:26, 6:26], z[0, :, 15, 15], z[0, :, 6, 6], z[1, :, 14:17, 4:28] = 4.0, -1.0, 0.5, 4.0
    colour = torch.zeros(1, 3, 32, 32)
    colour[:, :, 6:26, 6:26] = 0.5
    y = agree(z, colour)
    assert y[0, 0, 15, 15] > 0 and ((y[0] > 0) == (colour[:, 0] > 0)).all(), "a hole in a thick mask must close, its edge must stay"
    assert (y[1] == z[1]).all(), "a thin mask must be left alone"


def build(weights=None, only=None):
    import torch
    torch.manual_seed(0)
    torch.set_num_threads(1)
    import model as M
    import detector as D
    PACK.mkdir(parents=True, exist_ok=True)
    z = torch.zeros
    S, G, L, C = M.S, M.G, M.L, M.C
    enc, dec, prompted, men, att = M.build_modules(weights)
    with torch.no_grad():
        check_agree(dec.agree)
        f4, f8, f16, d4, d8, d16 = enc(z(1, 3, S, S))
    batch = {0: "batch"}
    B = 2
    jobs = [
        ("image_encoder", enc, (z(1, 3, S, S),), ["pixel_values"], ["feat_s4", "feat_s8", "feat_s16", "det_s4", "det_s8", "det_s16"], {}),
        ("mask_decoder", (prompted, dec), (f4, f8, z(B, C, G, G), z(B), z(B, 3, 2), z(B, 3, dtype=torch.int32), z(B, 1, L, L), z(B)),
         ["feat_s4", "feat_s8", "image_embed", "no_mem_scale", "point_coords", "point_labels", "mask_input", "has_mask"],
         ["masks", "iou_scores", "object_score_logits", "obj_ptrs"],
         {"image_embed": batch, "no_mem_scale": batch, "point_coords": {0: "batch", 1: "points"}, "point_labels": {0: "batch", 1: "points"}, "mask_input": batch, "has_mask": batch}),
        ("memory_encoder", men, (f16, z(B, 1, L, L), z(B), z(B, 1)), ["image_embed", "mask_logits", "binarize", "object_score_logits"], ["mem_tokens"],
         {"mask_logits": batch, "binarize": batch, "object_score_logits": batch}),
        ("memory_attention", att, (f16, z(B, 3, G * G, M.MEM_DIM), z(B, 3, dtype=torch.int32), torch.ones(B, 3), z(B, 5, M.PTR), z(B, 5), z(B, 5)),
         ["feat", "mem_tokens", "mem_tpos_idx", "mem_valid", "obj_ptrs", "ptr_tpos", "ptr_valid"], ["cond_feat"],
         {"mem_tokens": {0: "batch", 1: "frames"}, "mem_tpos_idx": {0: "batch", 1: "frames"}, "mem_valid": {0: "batch", 1: "frames"},
          "obj_ptrs": {0: "batch", 1: "ptrs"}, "ptr_tpos": {0: "batch", 1: "ptrs"}, "ptr_valid": {0: "batch", 1: "ptrs"}}),
        ("mask_prompt", M.MaskPrompt(), (z(B, 1, S, S),), ["mask"], ["mask_input"], {"mask": batch}),
        ("text_encoder", D.TextEncoder(), (z(B, D.CTX, dtype=torch.int32), z(B, D.CTX, dtype=torch.int32)), ["input_ids", "attention_mask"], ["text_features"],
         {"input_ids": batch, "attention_mask": batch}),
        ("detector", D.Detector(), (d4, d8, d16, z(1, D.CTX, D.D_TEXT), torch.zeros(1, D.CTX, dtype=torch.bool), z(1, 2, 4), z(1, 2, dtype=torch.int32), torch.zeros(1, 2, dtype=torch.bool)),
         ["det_s4", "det_s8", "det_s16", "text_features", "text_valid", "boxes", "box_labels", "box_valid"],
         ["pred_logits", "pred_boxes", "presence_logits", "pred_masks", "semantic_seg"],
         {"boxes": {1: "boxes"}, "box_labels": {1: "boxes"}, "box_valid": {1: "boxes"}}),
    ]
    graphs = {}
    for name, mod, args, ni, no, dyn in jobs:
        path = PACK / f"{name}.onnx"
        if only and name != only:
            continue
        with torch.no_grad():
            if isinstance(mod, tuple):
                parts = [PACK / f"{name}.{k}.onnx" for k in range(len(mod))]
                for m, part in zip(mod, parts):
                    export(m, args, ni, no, dyn, part)
                either(parts, path, "no_mem_scale")
            else:
                export(mod, args, ni, no, dyn, path)
        graphs[name] = {"file": path.name, "external": [], "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "precision": "fp32", "io": io_of(path), "profiles": []}
    if only:
        return
    det = {"numQueries": 16, "scoreThreshold": 0.5, "detNmsThresh": 0.1, "assocIou": 0.1, "trkAssocIou": 0.5, "newDetThresh": 0.7,
           "hotstartDelay": 15, "hotstartUnmatchThresh": 8, "hotstartDupThresh": 8, "suppressUnmatchedOnlyWithinHotstart": True,
           "initKeepAlive": 30, "maxKeepAlive": 30, "minKeepAlive": -1, "decreaseKeepAliveForEmpty": False, "occlusionIou": 0.7,
           "fillHoleArea": 16, "maxObjects": 10000, "reconditionEvery": 2, "highConf": 0.8, "highIou": 0.5, "areaShrinkage": 0.3}
    man = {
        "format": 1, "id": "pebble", "name": "Pebble", "version": getattr(M, "VERSION", "0.1.0"),
        "description": "Built-in pack: small, runs on any CPU, tracks from clicks, boxes, masks and colour words.",
        "arch": "pebble", "licence": "Apache-2.0",
        "source": {"repo": "models/recipes/pebble", "revision": getattr(M, "VERSION", "0.1.0"), "sha256": None},
        "image": {"size": S, "mean": [0.5] * 3, "std": [0.5] * 3, "resize": "stretch", "filter": "bilinear-aa"},
        "grid": G, "lowres": L, "memTokens": G * G, "memDim": M.MEM_DIM, "ptrDim": M.PTR, "maskPromptSize": S,
        "tracker": {"numMaskmem": M.NUM_MASKMEM, "maxCond": M.MAX_COND, "maxPtrs": 16, "ptrTime": True, "occlusionEmbedding": True,
                    "sigmoidScale": 20, "sigmoidBias": -10, "multimask": {"min": 0, "max": 1}, "stability": {"delta": 0.05, "thresh": 0.5},
                    "parts": "clicked", "corrections": "local",
                    "guards": {"fallen": [{"area": 0.2, "frames": 15}, {"area": 0.5, "scoreBelow": 3, "frames": 6}], "absences": "remembered",
                               "returns": {"after": 3, "every": 3, "iou": 0.8}, "strays": 1},
                    "memorySelection": False, "mfThreshold": 0.01},
        "detector": det,
        "text": {"kind": "words", "contextLength": D.CTX, "padId": 0, "words": D.WORDS, "synonyms": D.SYNONYMS,
                 "groups": {"colours": D.COLOURS, "shapes": D.SHAPES, "nouns": D.NOUNS}},
        "graphs": graphs,
    }
    (PACK / "pack.json").write_text(json.dumps(man, indent=1) + "\n")
    total = sum((PACK / g["file"]).stat().st_size for g in graphs.values())
    print(f"pack: {total / 1e6:.2f} MB in {len(graphs)} graphs")


def check():
    import onnxruntime as ort
    man = json.loads((PACK / "pack.json").read_text())
    so = ort.SessionOptions()
    so.intra_op_num_threads = 1
    ses, total = {}, 0
    for name, g in man["graphs"].items():
        raw = (PACK / g["file"]).read_bytes()
        total += len(raw)
        assert hashlib.sha256(raw).hexdigest() == g["sha256"], f"{name}: hash differs from pack.json"
        assert io_of(PACK / g["file"]) == g["io"], f"{name}: io differs from pack.json"
        assert b"/work/" not in raw and b"/tmp/" not in raw, f"{name}: a local path is inside"
        ses[name] = ort.InferenceSession(raw, so, providers=["CPUExecutionProvider"])
    assert total < 12e6, total
    rng = np.random.default_rng(0)
    S, G, L, T, MD, PD = man["image"]["size"], man["grid"], man["lowres"], man["memTokens"], man["memDim"], man["ptrDim"]
    run = lambda n, **kw: dict(zip([o.name for o in ses[n].get_outputs()], ses[n].run(None, kw)))
    import cv2
    img = cv2.GaussianBlur(rng.normal(size=(S, S, 3)).astype(np.float32), (0, 0), 12)
    img = np.clip(img / img.std() * 0.5, -1, 1)
    cv2.circle(img, (150, 200), 60, (0.9, -0.8, -0.7), -1)
    e = run("image_encoder", pixel_values=img.transpose(2, 0, 1)[None].copy())
    for o in man["graphs"]["image_encoder"]["io"]["outputs"]:
        assert list(e[o["name"]].shape) == o["shape"], o
    f32 = np.float32
    def decode(embed, nomem, pts, labs, minp, hasm):
        return run("mask_decoder", feat_s4=e["feat_s4"], feat_s8=e["feat_s8"], image_embed=embed, no_mem_scale=f32(nomem), point_coords=f32(pts),
                   point_labels=np.int32(labs), mask_input=f32(minp), has_mask=f32(hasm))
    pts = rng.uniform(40, S - 40, (3, 2, 2)); pts[0, 0] = (150, 200)
    labs = np.array([[1, -1], [1, 0], [2, 3]]); pts[2] = [[80, 130], [220, 270]]
    mi = rng.normal(size=(3, 1, L, L)) * 3; hm = [0, 1, 0]
    d3 = decode(e["feat_s16"], [1, 1, 1], pts, labs, mi, hm)
    assert d3["masks"].shape == (3, 4, L, L) and d3["iou_scores"].shape == (3, 4) and d3["object_score_logits"].shape == (3, 1) and d3["obj_ptrs"].shape == (3, 4, PD)
    def close(a, b, what, tol=1e-4):
        err = float(np.abs(a - b).max())
        assert err <= tol, f"{what}: differs by {err}"
        return err
    worst = {}
    for k in d3:
        worst["decoder batch " + k] = max(close(d3[k][i:i + 1], decode(e["feat_s16"], [1], pts[i:i + 1], labs[i:i + 1], mi[i:i + 1], hm[i:i + 1])[k], f"decoder batch {k}") for i in range(3))
    best = d3["masks"][np.arange(3), [1 + int(d3["iou_scores"][i, 1:].argmax()) for i in range(3)]][:, None]
    enc = lambda m, b, s: run("memory_encoder", image_embed=e["feat_s16"], mask_logits=f32(m), binarize=f32(b), object_score_logits=f32(s))["mem_tokens"]
    me = enc(best, [1, 0, 1], [[5], [3], [-2]])
    assert me.shape == (3, T, MD)
    worst["memory encoder batch"] = max(close(me[i:i + 1], enc(best[i:i + 1], [[1, 0, 1][i]], [[[5], [3], [-2]][i]]), "memory encoder batch") for i in range(3))
    Fm = 3
    cond = man["tracker"]["numMaskmem"] - 1
    toks = np.stack([me, me[[1, 2, 0]], me[[2, 0, 1]]], 1)
    tpos = np.int32([[cond, 0, 1], [cond, cond, 0], [cond, 1, 2]])
    val = f32([[1, 1, 1], [1, 1, 0], [1, 0, 1]])
    ptr = f32(d3["obj_ptrs"][:, :2]); pt = f32([[0.1, 0.2]] * 3); pv = f32([[1, 1], [1, 0], [0, 0]])
    attn = lambda t, i, v, p, q, w: run("memory_attention", feat=e["feat_s16"], mem_tokens=f32(t), mem_tpos_idx=np.int32(i), mem_valid=f32(v), obj_ptrs=f32(p), ptr_tpos=f32(q), ptr_valid=f32(w))["cond_feat"]
    c3 = attn(toks, tpos, val, ptr, pt, pv)
    assert list(c3.shape) == [3] + man["graphs"]["memory_attention"]["io"]["outputs"][0]["shape"][1:]
    worst["memory attention batch"] = max(close(c3[i:i + 1], attn(toks[i:i + 1], tpos[i:i + 1], val[i:i + 1], ptr[i:i + 1], pt[i:i + 1], pv[i:i + 1]), "memory attention batch") for i in range(3))
    junk = rng.normal(size=(3, 2, T, MD)) * 3
    c5 = attn(np.concatenate([toks, junk], 1), np.concatenate([tpos, np.zeros((3, 2))], 1), np.concatenate([val, np.zeros((3, 2))], 1),
              np.concatenate([ptr, rng.normal(size=(3, 2, PD))], 1), np.concatenate([pt, np.ones((3, 2))], 1), np.concatenate([pv, np.zeros((3, 2))], 1))
    worst["memory attention padding"] = close(c3, c5, "padded invalid memory")
    dm = decode(c3, [0, 0, 0], np.zeros((3, 1, 2)), -np.ones((3, 1)), np.zeros((3, 1, L, L)), [0, 0, 0])
    worst["propagation batch"] = max(close(dm["masks"][i:i + 1], decode(c3[i:i + 1], [0], np.zeros((1, 1, 2)), -np.ones((1, 1)), np.zeros((1, 1, L, L)), [0])["masks"], "propagation batch") for i in range(3))
    inv = dm["object_score_logits"][:, 0] <= 0
    assert all((dm["masks"][i] == -1024).all() for i in range(3) if inv[i]), "an invisible object must have -1024 everywhere"
    lost = enc(np.full((1, 1, L, L), -1024), [0], [[-5]])
    lo = decode(attn(lost[None], [[cond]], [[1]], np.zeros((1, 1, PD)), [[0]], [[0]]), [0], np.zeros((1, 1, 2)), -np.ones((1, 1)), np.zeros((1, 1, L, L)), [0])
    assert lo["object_score_logits"][0, 0] <= 0 and (lo["masks"] == -1024).all(), "an object with an empty memory must be reported absent"
    mp = run("mask_prompt", mask=f32(rng.uniform(size=(2, 1, S, S)) > 0.5))["mask_input"]
    assert mp.shape == (2, 1, L, L)
    words = man["text"]["words"]
    def detect(phrase, img=e):
        ids = [words.index(w) + 1 for w in phrase.split()]
        ctx = man["text"]["contextLength"]
        i = np.int32([ids + [0] * (ctx - len(ids))])
        t = run("text_encoder", input_ids=i, attention_mask=np.int32(i > 0))["text_features"]
        return run("detector", det_s4=img["det_s4"], det_s8=img["det_s8"], det_s16=img["det_s16"], text_features=t, text_valid=i > 0,
                   boxes=np.zeros((1, 1, 4), f32), box_labels=np.zeros((1, 1), np.int32), box_valid=np.zeros((1, 1), bool))
    sig = lambda x: 1 / (1 + np.exp(-np.float64(x)))
    flat = np.full((S, S, 3), 0.1, f32); cv2.circle(flat, (150, 200), 60, (0.9, -0.8, -0.7), -1)
    ef = run("image_encoder", pixel_values=flat.transpose(2, 0, 1)[None].copy())
    yes, no = detect("red circle", ef), detect("blue thing", ef)
    sy, sn = sig(yes["pred_logits"][0]) * sig(yes["presence_logits"][0]), sig(no["pred_logits"][0]) * sig(no["presence_logits"][0])
    assert (sy >= 0.7).sum() == 1, sy
    assert (sn > 0.5).sum() == 0 and no["presence_logits"][0, 0] < 0, sn
    m = yes["pred_masks"][0, int(sy.argmax())] > 0
    gt = np.zeros((S, S), np.uint8); cv2.circle(gt, (150, 200), 60, 1, -1); gt = gt[::2, ::2] > 0
    assert (m & gt).sum() / (m | gt).sum() > 0.9
    for w in words:
        detect(w)
    for k, v in worst.items():
        print(f"  {k}: {v:.1e}")
    print(f"check: ok ({total / 1e6:.2f} MB)")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--out", help="another folder for the pack")
    ap.add_argument("--weights", help="another weights file than the committed weights.pt")
    ap.add_argument("--only", help="export one graph and stop (for trials with --out)")
    a = ap.parse_args()
    if a.out:
        PACK = Path(a.out)
    t = time.time()
    if not a.check:
        build(a.weights, a.only)
    if a.only:
        sys.exit(0)
    check()
    print(f"{time.time() - t:.1f} s")
