"""Photos as the seeing models take them: bounded shapes, bounded sizes, normalised tensors. No torchvision."""

from __future__ import annotations

import math

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


def padded(image: Rgb, aspect: float) -> Rgb:
    """``image`` with its mean colour added at the right or below until it is at most ``aspect`` times longer than wide.

    Places in the picture keep their pixel coordinates.
    """
    height, width = image.shape[:2]
    taller, wider = math.ceil(width / aspect), math.ceil(height / aspect)
    if taller <= height and wider <= width:
        return image
    whole = np.empty((max(height, taller), max(width, wider), 3), np.uint8)
    whole[:] = image.reshape(-1, 3).mean(0).round().astype(np.uint8)
    whole[:height, :width] = image
    return whole


def shrunk(image: Rgb, pixels: int) -> Rgb:
    """``image`` at ``pixels`` at most, its shape kept."""
    height, width = image.shape[:2]
    scale = math.sqrt(pixels / (height * width))
    if scale >= 1:
        return image
    size = (max(1, math.floor(width * scale)), max(1, math.floor(height * scale)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS), np.uint8)
