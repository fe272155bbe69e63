"""Prompts by chance: scenarios that nobody tuned, for packs that nobody has seen (goldens.py --unseen)."""

from __future__ import annotations

import numpy as np

from .video import Clip


class Chance:
    """Draws prompts inside a clip; the same seed gives the same steps."""

    def __init__(self, clip: Clip, seed: int, folder: str):
        self.random = np.random.default_rng(seed)
        self.clip, self.folder = clip, folder
        self.width, self.height = clip.size
        self.last = len(clip.frames) - 1
        #: file name -> mask uint8 0/255, to be written beside the frames
        self.masks: dict[str, np.ndarray] = {}

    def frame(self, low: int = 0, high: int | None = None) -> int:
        return int(self.random.integers(low, (self.last if high is None else high) + 1))

    def place(self) -> list[float]:
        return [round(float(v), 1) for v in self.random.uniform(0, 1, 2) * (self.width - 1, self.height - 1)]

    def points(self, obj: int, frame: int, count: int, **more) -> dict:
        labels = [1, *self.random.integers(0, 2, count - 1).tolist()]
        return {"op": "points", "obj": obj, "frame": frame, "points": [self.place() for _ in labels], "labels": labels} | more

    def box(self, obj: int, frame: int, clicks: int) -> dict:
        x, y = (self.random.uniform(0, 0.5, 2) * (self.width, self.height)).round(1)
        w, h = (self.random.uniform(0.2, 0.45, 2) * (self.width, self.height)).round(1)
        step = self.points(obj, frame, max(clicks, 1), box=[round(float(v), 1) for v in (x, y, x + w, y + h)])
        return step | {"points": step["points"][:clicks], "labels": step["labels"][:clicks]}

    def mask(self, obj: int, frame: int) -> dict:
        y, x = np.mgrid[0 : self.height, 0 : self.width]
        centre, radius = self.random.uniform(0.25, 0.75, 2) * (self.width, self.height), self.random.uniform(0.1, 0.3, 2)
        inside = ((x - centre[0]) / (radius[0] * self.width)) ** 2 + ((y - centre[1]) / (radius[1] * self.height)) ** 2 < 1
        name = f"mask-{len(self.masks)}.png"
        self.masks[name] = np.where(inside, 255, 0).astype(np.uint8)
        return {"op": "mask", "obj": obj, "frame": frame, "mask": f"{self.folder}/{name}", "pixels": self.masks[name]}


def scenarios_by_chance(chance: Chance) -> dict[str, list[dict]]:
    """Every kind of prompt, several objects, corrections before and after tracking, every direction."""
    last, middle = chance.last, chance.frame(2, chance.last - 2)
    # Never the same frame: there the shell adds to what was said, and these steps replace it.
    late = chance.frame(middle + 1, last)
    forward, back = {"op": "propagate", "start": middle}, {"op": "propagate", "start": middle, "reverse": True}
    several = [chance.points(3, 0, 1), chance.box(5, 0, 1), chance.mask(8, 0), chance.points(9, 0, 3)]
    return {
        "clicks": [chance.points(1, 0, chance.frame(1, 4)), {"op": "propagate"}],
        "box-both-ways": [chance.box(2, middle, chance.frame(0, 2)), forward, back],
        "mask-both-ways": [chance.mask(4, middle), forward, back],
        # The shell does both in one call: --direction both.
        "point-in-one-call": [chance.points(1, middle, 1), forward | {"oneCall": True}, back],
        "several": [*several, {"op": "propagate"}],
        "at-different-frames": [
            chance.points(1, 0, 1),
            chance.points(1, late, 2),
            chance.box(2, 0, 0),
            {"op": "propagate"},
        ],
        "corrected-twice": [
            chance.points(1, 0, 1),
            chance.box(2, 0, 0),
            {"op": "propagate"},
            chance.points(1, middle, 2),
            {"op": "propagate", "start": middle},
            chance.points(1, late, 1),
            {"op": "propagate", "start": late},
        ],
        "corrected-where-prompted": [
            chance.points(1, 0, 1),
            {"op": "propagate", "end": middle},
            chance.points(1, 0, 1, clearOld=False),
            {"op": "propagate"},
        ],
        "joined-later": [
            chance.points(1, 0, 2),
            {"op": "propagate", "start": 0, "end": middle},
            chance.mask(6, middle),
            {"op": "propagate", "start": middle},
        ],
        "backward-then-corrected": [
            chance.box(1, last, 1),
            {"op": "propagate", "start": last, "reverse": True},
            chance.points(1, middle, 1),
            {"op": "propagate", "start": middle, "reverse": True},
        ],
        # One call: the clicks correct the mask.
        "mask-then-clicks": [chance.mask(1, 0), chance.points(1, 0, 2), {"op": "propagate"}],
        "before-its-prompt": [chance.box(1, middle, 1), chance.points(2, 1, 1), {"op": "propagate", "start": 1}],
        "many-frames-backward": [
            *[chance.points(1, frame, 1) for frame in sorted({0, 1, 2, middle, middle + 1, last})],
            chance.box(2, middle, 1),
            {"op": "propagate", "start": last, "reverse": True},
        ],
        "corrected-on-both-sides": [
            chance.box(1, middle, 0),
            forward,
            back,
            chance.points(1, 1, 2),
            {"op": "propagate", "start": 1, "reverse": True},
            chance.points(1, late, 1),
            {"op": "propagate", "start": late},
        ],
    }
