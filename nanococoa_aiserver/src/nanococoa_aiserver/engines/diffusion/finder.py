"""Finding a thing by its name: Grounding DINO says where, SAM 2.1 says exactly which pixels."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.diffusion.detector import GroundingDino
from nanococoa_aiserver.engines.diffusion.sam import Sam2
from nanococoa_aiserver.engines.ports import Region, StopCheck
from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Box, Rgb

TRUSTED_FROM = 0.02  # share of its box that a mask must cover; less is a failure of the mask, not a thin thing


class GroundingDinoFinder:
    """``engines.ports.RegionFinder``."""

    def __init__(self, detector: GroundingDino, sam: Sam2) -> None:
        self._detector, self._sam = detector, sam

    def find(self, image: Rgb, phrase: str, stop: StopCheck) -> Region | None:
        """The best match of ``phrase`` (English, a few words), None when nothing in the picture matches.

        Where SAM finds next to nothing in the box, the box itself is the region.
        """
        found = self._detector.find(image, phrase, stop)
        if found is None:
            return None
        mask = self._sam.mask(image, found.box, stop)
        inside = _rectangle(found.box, image.shape)
        if (mask & inside).sum() < TRUSTED_FROM * inside.sum():
            mask = inside
        return Region(mask, found.box, phrase.strip(), found.score)


def _rectangle(box: Box, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape[:2], np.bool_)
    mask[box.y : box.bottom, box.x : box.right] = True
    return mask
