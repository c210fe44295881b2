"""What surrounds a repainting: what the model is shown of a picture, and how its answer is put back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nanococoa_aiserver.engines.diffusion.generators.canvas import Framing, window
from nanococoa_aiserver.engines.diffusion.generators.pipelines import picture, stencil
from nanococoa_aiserver.engines.diffusion.generators.request import Repaint
from nanococoa_aiserver.imaging.types import Alpha, Box, Rgb


def region(task: Repaint) -> Box:
    """What the model is shown: the mask's surroundings, the whole picture without a mask."""
    return Box(0, 0, *task.image.shape[1::-1]) if task.mask is None else window(task.mask)


def within(task: Repaint, box: Box) -> Repaint:
    """The task cut to ``box``."""
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    mask = None if task.mask is None else task.mask[rows, columns]
    return replace(task, image=task.image[rows, columns], mask=mask)


def started(task: Repaint, framing: Framing) -> dict[str, Any]:
    """A repainting pipeline's arguments: the picture on the canvas, its mask in whole cells, the strength."""
    arguments: dict[str, Any] = {"image": picture(framing.onto(task.image)), "strength": min(1.0, task.strength)}
    if task.mask is not None:
        arguments["mask_image"] = stencil(framing.cells(task.mask))
    return arguments


def merged(image: Rgb, painted: Rgb, box: Box, mask: Alpha | None) -> Rgb:
    """``painted`` laid into ``box`` of the picture through the mask; where the mask is 0 no pixel changes."""
    result = image.copy()
    part = result[box.y : box.bottom, box.x : box.right]
    if mask is None:
        part[:] = painted
        return result
    weight = mask[box.y : box.bottom, box.x : box.right, None]
    part[:] = np.rint(part + (painted.astype(np.float32) - part) * weight).astype(np.uint8)
    return result
