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
OFF_CENTRE = 0.35  # cost of missing a light pool's middle, against one unit of scale


class CannotAlign(ValueError):
    """No scale within the limits brings the ground under the foot without showing a border: paint anew."""


@dataclass(frozen=True, slots=True)
class _Move:
    """Output = input × scale + shift; rows below the horizon are also stretched."""

    scale: float
    stretch: float
    left: float
    horizon: float


def align(
    backdrop: Backdrop, size: tuple[int, int], foot: tuple[float, float], *, limit: float = LARGEST_SCALE
) -> Backdrop:
    """``backdrop`` at ``size`` (width, height px) with its ground line at ``foot`` (x, y px).

    A pedestal's middle lands on foot x as well; on an open floor the light pool comes as near as the picture allows.
    Borders are never shown. Raises ``CannotAlign`` where that needs a scale above ``limit``.
    """
    move = _best_move(backdrop, size, foot, limit)
    image = _moved(backdrop.image, backdrop.stage.horizon, move, size)
    return replace(backdrop, image=image, stage=_moved_stage(backdrop, move, size, foot))


def _best_move(backdrop: Backdrop, size: tuple[int, int], foot: tuple[float, float], limit: float) -> _Move:
    height, width = backdrop.image.shape[:2]
    least = max(size[0] / width, size[1] / height * 0.5)
    stage = backdrop.stage
    scales = least * np.linspace(1, limit, 61)[:, None]
    stretches = np.linspace(1, PEDESTAL_STRETCH if stage.pedestal else FLOOR_STRETCH, 57)[None]
    horizon = foot[1] - (stage.ground - stage.horizon) * height * scales * stretches
    wall = horizon <= stage.horizon * height * scales + 0.5
    floor = horizon + (1 - stage.horizon) * height * scales * stretches >= size[1] - 0.5
    wanted = foot[0] - stage.x * width * scales
    left = np.clip(wanted, size[0] - width * scales, 0)
    miss = np.abs(wanted - left) / size[0]
    fits = wall & floor & (scales * width >= size[0] - 0.5)
    if stage.pedestal:
        fits = fits & (miss < 0.01)
    if not fits.any():
        raise CannotAlign(f"{backdrop.scene}: no scale up to {limit} puts the ground at {foot} of {size}")
    cost = np.where(fits, np.log(scales / least) + 0.35 * np.log(stretches) + OFF_CENTRE * miss, np.inf)
    row, column = np.unravel_index(int(cost.argmin()), cost.shape)
    return _Move(float(scales[row, 0]), float(stretches[0, column]), float(left[row, 0]), float(horizon[row, column]))


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
    return np.asarray(cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


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
