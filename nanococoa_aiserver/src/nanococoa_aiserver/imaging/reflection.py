"""The mirror image a glossy floor shows: hung from every column's own foot, fading and blurring with distance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanococoa_aiserver.imaging.filters import F32, soften
from nanococoa_aiserver.imaging.shadow import Footprint
from nanococoa_aiserver.imaging.types import Sprite

REACH = 0.42  # of the product's height that is seen mirrored
STRONGEST = 0.6


@dataclass(frozen=True, slots=True)
class Reflection:
    """Colours and coverage of a window whose first row lies ``top`` px below the sprite's first one."""

    rgb: F32
    cover: F32
    top: int


def reflection(sprite: Sprite, foot: Footprint, gloss: float) -> Reflection | None:
    """Mirror of ``sprite`` on a floor of ``gloss`` 0..1 (``foot`` at the sprite's size); None if nothing shows."""
    length = int(REACH * sprite.height)
    if gloss <= 0.02 or length < 6 or foot.stands.sum() < 3:
        return None
    top = int(foot.base - foot.rise)
    rows = np.arange(top, int(foot.base) + length, dtype=np.float32)[:, None]
    below = rows - foot.rows[None]
    source_y = np.asarray(foot.rows[None] - below, np.float32)
    source_x = np.ascontiguousarray(np.broadcast_to(np.arange(sprite.width, dtype=np.float32)[None], source_y.shape))
    rgb = cv2.remap(sprite.rgb, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = np.asarray(cv2.remap(sprite.alpha, source_x, source_y, cv2.INTER_LINEAR), np.float32)
    fade = np.clip(1 - below / length, 0, 1) ** 1.6 * (below > 0)
    blur = max(1.2, 0.006 * sprite.height)
    cover = soften(np.asarray(alpha * fade, np.float32), blur) * min(STRONGEST, 1.5 * gloss)
    return Reflection(soften(np.asarray(rgb, np.float32), blur), cover, top)
