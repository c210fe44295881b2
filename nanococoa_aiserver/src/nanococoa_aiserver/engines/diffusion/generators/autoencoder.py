"""From latents to pixels, whole or in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from nanococoa_aiserver.imaging.types import Rgb

TILE = 512
"""Pixels of a tile's side. The models' own setting (1024) would leave a 1024 × 1024 picture in one piece."""


@contextmanager
def tiled(vae: torch.nn.Module, wanted: bool) -> Iterator[None]:
    """Inside, the autoencoder works in tiles, a sixth of the memory; afterwards it is as it was."""
    if not wanted:
        yield
        return
    sizes = vae.tile_sample_min_size, vae.tile_latent_min_size
    vae.tile_sample_min_size = min(TILE, sizes[0])
    vae.tile_latent_min_size = vae.tile_sample_min_size * sizes[1] // sizes[0]
    vae.enable_tiling()
    try:
        yield
    finally:
        vae.disable_tiling()
        vae.tile_sample_min_size, vae.tile_latent_min_size = sizes


def decoded(vae: torch.nn.Module, latents: torch.Tensor) -> Rgb:
    """The picture of ``latents`` (1, channels, height / 8, width / 8), already in the autoencoder's own scale."""
    with torch.no_grad():
        image = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
    shades = ((image[0].float() / 2 + 0.5).clamp(0, 1) * 255).round()
    return np.asarray(shades.permute(1, 2, 0).to(torch.uint8).cpu().numpy(), np.uint8)
