"""A small synthetic video of our own: a drifting background and three moving shapes. Nothing is copied from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Clip:
    """Frames uint8 [H,W,3] and the first shape's mask on frame 0 (uint8 0/255)."""

    frames: list[np.ndarray]
    mask: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """width, height"""
        height, width = self.frames[0].shape[:2]
        return width, height


def make_clip(width: int = 96, height: int = 64, count: int = 10, seed: int = 5) -> Clip:
    """The same arguments give the same pixels everywhere: integer grids and a seeded generator."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    shapes = [Shape(random, width, height, kind) for kind in ("disk", "square", "ellipse")]
    waves = random.uniform(0.05, 0.25, (3, 2))
    phases = random.uniform(0, 6, 3)
    frames, mask = [], np.zeros((height, width), np.uint8)
    for time in range(count):
        picture = np.stack([110 + 60 * np.sin(wx * (x + time) + wy * y + p) for (wx, wy), p in zip(waves, phases)], axis=-1)
        for index, shape in enumerate(shapes):
            inside = shape.inside(x, y, time)
            picture[inside] = shape.texture(x, y, time)[inside]
            if time == 0:
                mask[inside] = 255 if index == 0 else 0
        # Few levels: small PNG files.
        frames.append((np.rint(picture / 12) * 12).clip(0, 255).astype(np.uint8))
    return Clip(frames, mask)


class Shape:
    def __init__(self, random: np.random.Generator, width: int, height: int, kind: str):
        self.kind = kind
        self.centre = random.uniform(0.25, 0.75, 2) * (width, height)
        self.speed = random.uniform(-2.5, 2.5, 2)
        self.radius = random.uniform(0.14, 0.22) * min(width, height) * 1.4
        self.turn = random.uniform(-0.1, 0.1)
        self.colour = random.uniform(30, 250, 3)
        self.stripes = random.uniform(0.3, 0.9)

    def local(self, x: np.ndarray, y: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        dx, dy = x - self.centre[0] - self.speed[0] * time, y - self.centre[1] - self.speed[1] * time
        cos, sin = np.cos(self.turn * time), np.sin(self.turn * time)
        return dx * cos + dy * sin, dy * cos - dx * sin

    def inside(self, x: np.ndarray, y: np.ndarray, time: int) -> np.ndarray:
        u, v = self.local(x, y, time)
        if self.kind == "square":
            return np.maximum(np.abs(u), np.abs(v)) < self.radius * 0.85
        return u**2 + (v * (1.6 if self.kind == "ellipse" else 1.0)) ** 2 < self.radius**2

    def texture(self, x: np.ndarray, y: np.ndarray, time: int) -> np.ndarray:
        u, _ = self.local(x, y, time)
        return self.colour * (1 + 0.25 * np.sign(np.sin(self.stripes * u)))[..., None]


def model_picture(frame: np.ndarray, side: int, resize: str) -> np.ndarray:
    """uint8 [S,S,3] as the model sees it; `longest-pad` keeps the aspect and leaves zeros right and below."""
    picture = Image.fromarray(frame)
    if resize == "stretch":
        return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))
    scale = side / max(picture.size)
    width, height = (int(length * scale + 0.5) for length in picture.size)
    padded = np.zeros((side, side, 3), np.uint8)
    padded[:height, :width] = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
    return padded


def write_clip(clip: Clip, folder: Path) -> None:
    frames = folder / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(clip.frames):
        Image.fromarray(frame).save(frames / f"{index:03}.png", optimize=True)
    Image.fromarray(clip.mask).save(folder / "mask-frame0-shape1.png", optimize=True)
