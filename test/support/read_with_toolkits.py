"""python read_with_toolkits.py FOLDER: reads exports with the field's own readers and prints the lowest IoU with the truth, per export.

FOLDER holds truth.json ({"width", "height", "masks": [{"frame", "track", "bits"}]}) and one folder per export, named FORMAT-SHAPE.
"""
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

root = Path(sys.argv[1])
truth_file = json.loads((root / "truth.json").read_text())
W, H = truth_file["width"], truth_file["height"]
truth = {(m["frame"], m["track"]): np.frombuffer(bytes.fromhex(m["bits"]), np.uint8).reshape(H, W) for m in truth_file["masks"]}


def coco(folder, file="annotations/instances_default.json"):
    api = COCO(str(folder / file))
    frames = {i["id"]: i["frame_index"] for i in api.dataset["images"]}
    for ann in api.dataset["annotations"]:
        yield frames[ann["image_id"]], ann["track_id"], api.annToMask(ann)


def youtube_vis(folder):
    data = json.loads((folder / "instances.json").read_text())
    names = data["videos"][0]["file_names"]
    for ann in data["annotations"]:
        assert len(ann["segmentations"]) == len(ann["bboxes"]) == len(ann["areas"]) == data["videos"][0]["length"] == len(names)
        for name, rle, area in zip(names, ann["segmentations"], ann["areas"]):
            if rle is not None:
                mask = coco_mask.decode(rle)
                assert mask.sum() == area
                yield int(Path(name).stem), ann["id"], mask


def sa_v(folder):
    data = json.loads(next(folder.glob("*_manual.json")).read_text())
    assert len(data["masklet_id"]) == data["masklet_num"] == len(data["masklet_size_abs"])
    for frame, rles in enumerate(data["masklet"]):
        for track, rle in zip(data["masklet_id"], rles):
            mask = coco_mask.decode(rle)
            if mask.any():
                yield frame, track, mask


def mots_txt(folder):
    for line in next((folder / "instances_txt").glob("*.txt")).read_text().splitlines():
        frame, ident, class_id, height, width, counts = line.split(" ")
        assert int(ident) // 1000 == int(class_id)
        yield int(frame), int(ident) % 1000, coco_mask.decode({"size": [int(height), int(width)], "counts": counts.encode()})


def id_pictures(pattern, modulo):
    def read(folder):
        for path in sorted(folder.glob(pattern)):
            values = np.array(Image.open(path))
            for value in np.unique(values[values > 0]):
                yield int(path.stem), int(value) % modulo, (values == value).astype(np.uint8)

    return read


def png(folder):
    for path in sorted(folder.glob("*/*.png")):
        mask = (np.array(Image.open(path)) > 0).astype(np.uint8)
        if mask.any():
            yield int(path.stem), int(path.parent.name), mask


def mot(folder):
    for line in (folder / "gt/gt.txt").read_text().splitlines():
        frame, track, x, y, w, h = map(int, line.split(",")[:6])
        yield frame - 1, track, box(x - 1, y - 1, w, h)


def box(x, y, w, h):
    mask = np.zeros((H, W), np.uint8)
    mask[y : y + h, x : x + w] = 1
    return mask


def boxed(mask):
    ys, xs = np.nonzero(mask)
    return box(xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1)


def filled(mask):
    """The mask with its holes filled: what is not joined to the frame's border by background."""
    outside = np.zeros((H + 2, W + 2), bool)
    free = np.pad(mask == 0, 1, constant_values=True)
    outside[0, 0] = True
    while True:
        grown = outside.copy()
        for axis in (0, 1):
            for step in (1, -1):
                grown |= np.roll(outside, step, axis)
        for dy in (1, -1):
            for dx in (1, -1):
                grown |= np.roll(np.roll(outside, dy, 0), dx, 1)
        grown &= free
        if (grown == outside).all():
            return (~outside[1:-1, 1:-1]).astype(np.uint8)
        outside = grown


def yolo(folder):
    for path in sorted(folder.glob("labels/train/*.txt")):
        frame = int(path.stem.split("_")[-1])
        present = sorted(track for f, track in truth if f == frame)
        for track, line in zip(present, path.read_text().splitlines()):
            values = [float(v) for v in line.split()[1:]]
            if len(values) == 4:
                x, y, w, h = (round(v * s * 1000) / 1000 for v, s in zip(values, (W, H, W, H)))
                yield frame, track, box(round(x - w / 2), round(y - h / 2), round(w), round(h))
            else:
                ring = [v * (W if at % 2 == 0 else H) for at, v in enumerate(values)]
                yield frame, track, coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects([ring], H, W)))


readers = {
    "coco": coco,
    "sam3-train": lambda folder: coco(folder, "train/_annotations.coco.json"),
    "youtube-vis": youtube_vis,
    "sa-v": sa_v,
    "mots-txt": mots_txt,
    "mots-png": id_pictures("instances/*/*.png", 1000),
    "davis": id_pictures("*.png", 256),
    "youtube-vos": id_pictures("Annotations/*/*.png", 256),
    "png": png,
    "mot": mot,
    "yolo-seg": yolo,
    "yolo-box": yolo,
}
same = lambda mask: mask  # noqa: E731
meant = {"mask": same, "polygon": filled, "box": boxed}
result = {}
sys.stdout, shown = sys.stderr, sys.stdout
for folder in sorted(path for path in root.iterdir() if path.is_dir()):
    name, shape = folder.name.rsplit("-", 1)
    if name not in readers or (name, shape) in (("coco", "box"), ("sam3-train", "box")):
        continue
    lowest, count = 1.0, 0
    for frame, track, mask in readers[name](folder):
        want = meant[shape](truth[frame, track])
        lowest = min(lowest, float((mask & want).sum() / (mask | want).sum()))
        count += 1
    result[folder.name] = {"count": count, "lowestIou": lowest}
print(json.dumps(result), file=shown)
