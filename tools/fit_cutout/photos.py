"""The photos the cut-out is fitted and judged on, their true masks, and boxes as customers draw them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nanococoa_aiserver.engines.studio.cutout.masks import bounds
from nanococoa_aiserver.engines.studio.cutout.view import around
from nanococoa_aiserver.imaging.types import Box, Rgb

FOLDS = 2
FAINTEST = 3.0
"""Photos whose product differs by less than this Delta E from its surroundings along half its contour are left out:
a person could not cut them out either."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Photo:
    """One photo and its truth. ``fold`` keeps all photos of one kind of product together."""

    path: Path
    kind: str
    ground: str
    fold: int

    def pixels(self) -> Rgb:
        return cv2.cvtColor(cv2.imread(str(self.path)), cv2.COLOR_BGR2RGB).astype(np.uint8)

    def truth(self) -> Bytes:
        """0..255, 255 on the product."""
        return np.asarray(
            cv2.imread(str(self.path.with_name(self.path.stem + "_gt.png")), cv2.IMREAD_GRAYSCALE), np.uint8
        )


def photos(folder: Path) -> list[Photo]:
    """All photos of a folder that have a truth; kinds and grounds come from ``plan.json`` where there is one."""
    plan: list[dict[str, Any]] = json.loads(path.read_text()) if (path := folder / "plan.json").exists() else []
    found = [path for path in sorted(folder.glob("*.jpg")) if path.with_name(path.stem + "_gt.png").exists()]
    kinds = {spec["product"]: k for k, spec in enumerate(sorted(plan, key=lambda spec: spec["product"]))}
    order = {kind: k // 2 % FOLDS for k, kind in enumerate(sorted(kinds))}
    specs = [plan[int(path.stem)] if plan else {"product": "", "class": ""} for path in found]
    return [Photo(p, s["product"], s["class"], order.get(s["product"], 0)) for p, s in zip(found, specs, strict=True)]


def fair(photo: Photo) -> bool:
    """Whether a person could find the product: it is in the frame, not a dot, and its contour is not invisible."""
    truth = photo.truth()
    if not 0.008 < (truth > 127).mean() < 0.85:
        return False
    lab = cv2.cvtColor(cv2.GaussianBlur(photo.pixels(), (0, 0), 1.5).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    inside = cv2.erode((truth > 127).astype(np.uint8), np.ones((9, 9))) > 0
    near = cv2.dilate((truth > 127).astype(np.uint8), np.ones((9, 9))) > 0
    inner = _near_mean(lab, (truth > 127) & ~inside)
    outer = _near_mean(lab, near & (truth < 128))
    rim = (cv2.dilate((truth > 127).astype(np.uint8), np.ones((3, 3))) > 0) & (truth < 128)
    return bool(np.median(np.linalg.norm(inner - outer, axis=-1)[rim]) >= FAINTEST)


def _near_mean(lab: npt.NDArray[Any], chosen: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    weight = cv2.blur(chosen.astype(np.float32), (13, 13))[..., None] + 1e-6
    return cv2.blur(lab * chosen[..., None], (13, 13)) / weight


def drawn_box(truth: Bytes, r: np.random.Generator, low: float = 0.01, high: float = 0.04) -> Box:
    """The truth's box, each side moved out by ``low`` .. ``high`` of the photo's long side (in, if negative)."""
    tight, (height, width) = bounds(truth > 127), truth.shape
    left, top, right, bottom = (round(v) for v in r.uniform(low, high, 4) * max(height, width))
    x, y = max(0, tight.x - left), max(0, tight.y - top)
    return Box(x, y, min(width, tight.right + right) - x, min(height, tight.bottom + bottom) - y)


def part(image: npt.NDArray[Any], box: Box) -> npt.NDArray[Any]:
    return np.ascontiguousarray(image[box.y : box.bottom, box.x : box.right])


def examples(photo: Photo, boxed: bool, seed: int) -> Iterator[tuple[Rgb, Bytes, Box | None]]:
    """(photo, truth, box) as the cut-out sees them: whole, or the part around a box drawn (mostly) outwards."""
    pixels, truth = photo.pixels(), photo.truth()
    if not boxed:
        yield pixels, truth, None
        return
    r = np.random.default_rng(seed)
    box = drawn_box(truth, r) if r.random() < 0.7 else drawn_box(truth, r, -0.01, 0.04)
    window = around(pixels.shape, box)
    own = Box(box.x - window.x, box.y - window.y, box.width, box.height)
    yield part(pixels, window), part(truth, window), own
