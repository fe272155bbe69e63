"""Where masks are cut at zero, and whether rounding would decide a pixel there."""

from __future__ import annotations

import torch
import torch.nn.functional as F

#: Runtimes differ by a few millionths of a mask's largest logit (3.4e-6 was the most that was seen): a pixel closer to zero than this share
#: of it may fall on either side.
CLOSE = 5e-6
#: A pixel that flips in an answer costs one part of its area; this much is less than what the engine's bar of 0.995 leaves.
MOST_CLOSE_IN_ANSWER = 0.004


def share_close(logits: torch.Tensor, size: tuple[int, int]) -> float:
    """Of the pixels of a mask that is cut at this size (height, width), how many are too close to zero, over its area. [L,L] logits."""
    large = F.interpolate(logits[None, None].float(), size=size, mode="bilinear", align_corners=False)[0, 0]
    close = large.abs() < CLOSE * float(large.abs().max())
    return float(close.sum()) / max(1.0, float((large > 0).sum()))


class Cuts:
    """The closest calls of a run. `remembered`: pixels too close to zero where a mask enters memory in black and white (there one is enough to
    change everything that follows); `answered`: the largest share in any mask that is shown.
    """

    def __init__(self) -> None:
        self.remembered, self.answered = 0.0, 0.0

    def remember(self, logits: torch.Tensor, size: tuple[int, int]) -> None:
        self.remembered = max(self.remembered, share_close(logits, size))

    def answer(self, logits: torch.Tensor, video: tuple[int, int]) -> None:
        """`video`: width, height."""
        self.answered = max(self.answered, share_close(logits, video[::-1]))

    def complaint(self) -> str | None:
        if self.remembered > 0:
            return "a pixel of a mask that enters memory lies within rounding of zero"
        if self.answered > MOST_CLOSE_IN_ANSWER:
            return f"{self.answered:.2%} of a mask's pixels lie within rounding of zero"
        return None
