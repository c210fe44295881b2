"""Text on text: glyphs of different blocks whose boxes meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nanococoa_aiserver.render.drawing import Glyph

HALF_HEIGHT = 0.39  # em: letters fill 78 % of their line's height
HALF_WIDTH = 0.44  # of the advance: its side bearings may touch
_SLIGHT = frozenset("·.,'’‘:;ㆍ")


def clashes(glyphs: Sequence[Glyph]) -> list[tuple[int, int]]:
    """Pairs of blocks that meet, each once. Rotated blocks are left out: their boxes say little."""
    upright = [glyph for glyph in glyphs if not glyph.rotated and glyph.char not in _SLIGHT]
    if len(upright) < 2:
        return []
    left, top, right, bottom = np.array([_core(glyph) for glyph in upright], np.float32).T
    blocks = np.array([glyph.block for glyph in upright])
    meet = (left[:, None] < right) & (left < right[:, None]) & (top[:, None] < bottom) & (top < bottom[:, None])
    meet &= blocks[:, None] < blocks
    return sorted({(int(blocks[a]), int(blocks[b])) for a, b in np.argwhere(meet)})


def _core(glyph: Glyph) -> tuple[float, float, float, float]:
    """The part of a glyph's box that its letter fills; works for vertical lines, whose boxes are wide, as well."""
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
    half_width = min(HALF_WIDTH * (glyph.x1 - glyph.x0), HALF_WIDTH * 1.3 * glyph.font_px)
    half_height = min(HALF_WIDTH * (glyph.y1 - glyph.y0), HALF_HEIGHT * glyph.font_px)
    return x - half_width, y - half_height, x + half_width, y + half_height
