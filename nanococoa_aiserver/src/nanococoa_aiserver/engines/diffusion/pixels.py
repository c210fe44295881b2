"""Photos as the seeing models take them: bounded shapes, bounded sizes, normalised tensors. No torchvision."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nanococoa_aiserver.imaging.filters import F32, Floats
from nanococoa_aiserver.imaging.types import Rgb

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def square_tensor(image: Rgb, side: int) -> Tensor:
    """``image`` squeezed to ``side`` × ``side``, whatever its shape, normalised as for ImageNet: (1, 3, side, side).

    Both BiRefNet and SAM 2 were trained on squeezed squares.
    """
    small = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.array(small, np.float32) / 255).permute(2, 0, 1)
    mean, deviation = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_DEVIATION)
    return ((values - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)).unsqueeze(0)


def resized(field: Floats, width: int, height: int) -> F32:
    """A field of numbers at another size; each axis may grow or shrink, and what shrinks is averaged."""
    picture = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), np.float32)


class Fitted(NamedTuple):
    """A picture made fit to be shown; ``across`` and ``down`` are the shares of it that the photo takes, from the
    left and from the top."""

    image: Rgb
    across: float
    down: float


def fitted(image: Rgb, pixels: int, aspect: float) -> Fitted:
    """``image`` in ``pixels`` at most, and at most ``aspect`` times longer than wide.

    It is reduced first; then its mean colour is added at the right or below, so that even a sliver stays small.
    """
    height, width = image.shape[:2]
    tall, wide = max(float(height), width / aspect), max(float(width), height / aspect)
    scale = min(1.0, math.sqrt(pixels / (tall * wide)))
    size = (max(1, math.floor(width * scale)), max(1, math.floor(height * scale)))
    small = image if scale == 1 else np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS), np.uint8)
    whole = np.empty((max(size[1], math.floor(tall * scale)), max(size[0], math.floor(wide * scale)), 3), np.uint8)
    whole[:] = small.reshape(-1, 3).mean(0).round().astype(np.uint8)
    whole[: size[1], : size[0]] = small
    return Fitted(whole, size[0] / whole.shape[1], size[1] / whole.shape[0])
