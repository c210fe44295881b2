"""Move a painted scene under a product, instead of painting it again.

A scene is painted once per aspect bucket. Another style or another product box only asks for another scale, another
shift, and a floor that reaches further down: the floor is stretched from the horizon, which keeps straight lines
straight and looks like a slightly higher camera.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from nanococoa_aiserver.imaging.types import Backdrop, Rgb, Stage

LARGEST_SCALE = 1.6  # beyond it a painted scene looks soft
FLOOR_STRETCH = 2.4  # a higher camera than this no longer fits the product's own view
PEDESTAL_STRETCH = 1.3  # a round podium seen from above would contradict the product
FARTHEST = 0.35  # of the way from the horizon to the ground line: how far back an open floor lets a product stand
BASE_OVER_RIM = 1.3  # a pedestal's foot over its top: what may never be seen twice
MIRRORED = 0.8  # of the wall beside a pedestal that may be continued by its mirror image
NEAREST = 1.6  # of the same distance: how far forward

# What a candidate costs, against one doubling of the scale (log 2 = 0.69)
STRETCH_COST = 0.35
OFF_CENTRE_COST = 0.35  # per width of the picture between the foot and the light pool's middle
OFF_GROUND_COST = 0.22  # per distance horizon-ground between the foot and the scene's own ground line
MIRROR_COST = 1.6  # per width of the picture continued by its mirror image
TOO_NARROW_COST = 1.6  # per doubling by which the product outgrows its pedestal


class CannotAlign(ValueError):
    """No scale within the limits brings the ground under the foot without showing a border: paint anew."""


@dataclass(frozen=True, slots=True)
class _Move:
    """Output = input × scale + shift; rows below the horizon are also stretched. ``horizon`` is the output's row."""

    scale: float
    stretch: float
    left: float
    horizon: float


def align(
    backdrop: Backdrop,
    size: tuple[int, int],
    foot: tuple[float, float],
    *,
    width: float = 0.0,
    limit: float = LARGEST_SCALE,
) -> Backdrop:
    """``backdrop`` at ``size`` (width, height px) with the product's standing place at ``foot`` (x, y px).

    A pedestal's middle lands on the foot and its top grows to carry a product of ``width`` px, as far as it can. On an
    open floor the foot may lie before or behind the scene's own ground line, and the light pool comes as near as the
    picture allows. Borders are never shown; beside a pedestal the wall may be continued by its mirror image. Raises
    ``CannotAlign`` where more than a scale of ``limit`` were needed.
    """
    move = _best_move(backdrop, size, foot, width, limit)
    image = _moved(backdrop.image, backdrop.stage.horizon, move, size)
    return replace(backdrop, image=image, stage=_moved_stage(backdrop, move, size, foot))


def _best_move(
    backdrop: Backdrop, size: tuple[int, int], foot: tuple[float, float], product: float, limit: float
) -> _Move:
    """The cheapest of a grid of scales (axis 0), floor stretches (axis 1) and standing depths (axis 2)."""
    stage, (height, width) = backdrop.stage, backdrop.image.shape[:2]
    least = max(size[0] / width, size[1] / height * 0.5)
    scales = (least * np.linspace(1, limit, 49))[:, None, None]
    stretches = np.linspace(1, PEDESTAL_STRETCH if stage.pedestal else FLOOR_STRETCH, 29)[None, :, None]
    depths = (np.ones(1) if stage.pedestal else np.linspace(FARTHEST, NEAREST, 26))[None, None]
    down = (stage.ground - stage.horizon) * height * scales * stretches
    horizon = foot[1] - down * depths
    wall = horizon <= stage.horizon * height * scales + 0.5
    floor = horizon + (1 - stage.horizon) * height * scales * stretches >= size[1] - 0.5
    wanted = foot[0] - stage.x * width * scales
    spare = _mirrorable(stage) * width * scales
    left = np.clip(wanted, size[0] - width * scales - spare, spare)
    beyond = (np.maximum(0, left) + np.maximum(0, size[0] - width * scales - left)) / size[0]
    miss = np.abs(wanted - left) / size[0]
    fits = wall & floor & (scales * width >= size[0] - 0.5) & ((miss < 0.01) | (not stage.pedestal))
    if not fits.any():
        raise CannotAlign(f"{backdrop.scene}: no scale up to {limit} puts the ground at {foot} of {size}")
    cost = np.log(scales / least) + STRETCH_COST * np.log(stretches) + OFF_CENTRE_COST * miss + MIRROR_COST * beyond
    cost = cost + OFF_GROUND_COST * np.abs(depths - 1)
    if stage.pedestal and product > 0:
        cost = cost + TOO_NARROW_COST * np.log(np.maximum(1, product / (stage.max_width * width * scales)))
    at = np.unravel_index(int(np.where(fits, cost, np.inf).argmin()), horizon.shape)
    return _Move(
        float(scales[at[0], 0, 0]), float(stretches[0, at[1], 0]), float(left[at[0], 0, 0]), float(horizon[at])
    )


def _mirrorable(stage: Stage) -> float:
    """Share of the picture by which a pedestal scene may be continued: the plain wall between its base and the edge."""
    if stage.rim is None:
        return 0.0
    x, _, half_width, _ = stage.rim
    return MIRRORED * max(0.0, min(x, 1 - x) - BASE_OVER_RIM * half_width)


def _moved(image: Rgb, horizon: float, move: _Move, size: tuple[int, int]) -> Rgb:
    source, scale = image, move.scale
    if scale < 0.8:  # bilinear sampling would alias
        shape = (max(2, round(image.shape[1] * scale)), max(2, round(image.shape[0] * scale)))
        source = np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
    ratio = source.shape[0] / image.shape[0]
    x = (np.arange(size[0], dtype=np.float32) + 0.5 - move.left) / scale * ratio - 0.5
    below = np.arange(size[1], dtype=np.float32) + 0.5 - move.horizon
    below = np.where(below > 0, below / move.stretch, below)
    y = (below / scale + horizon * image.shape[0]) * ratio - 0.5
    map_x = np.ascontiguousarray(np.broadcast_to(x[None].astype(np.float32), (size[1], size[0])))
    map_y = np.ascontiguousarray(np.broadcast_to(y[:, None].astype(np.float32), (size[1], size[0])))
    return np.asarray(cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def _moved_stage(backdrop: Backdrop, move: _Move, size: tuple[int, int], foot: tuple[float, float]) -> Stage:
    height, width = backdrop.image.shape[:2]
    stage = backdrop.stage
    grow_x, grow_y = width * move.scale / size[0], height * move.scale / size[1]
    x = (move.left + stage.x * width * move.scale) / size[0]
    return replace(
        stage,
        ground=foot[1] / size[1],
        x=x,
        horizon=move.horizon / size[1],
        max_width=min(1.0, stage.max_width * grow_x),
        max_height=min(1.0, stage.max_height * grow_y),
        rim=_moved_rim(stage, x, foot[1] / size[1], grow_x, grow_y * move.stretch),
    )


def _moved_rim(
    stage: Stage, x: float, ground: float, grow_x: float, grow_y: float
) -> tuple[float, float, float, float] | None:
    if stage.rim is None:
        return None
    middle_x, middle_y, half_width, half_height = stage.rim
    shift_x, shift_y = (middle_x - stage.x) * grow_x, (middle_y - stage.ground) * grow_y
    return x + shift_x, ground + shift_y, half_width * grow_x, half_height * grow_y
