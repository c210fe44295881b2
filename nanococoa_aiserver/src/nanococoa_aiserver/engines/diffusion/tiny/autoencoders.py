"""The autoencoder of FLUX.1, Z-Image and Stable Diffusion 3: eight pixels to one latent pixel, as the real one."""

from __future__ import annotations

from typing import Any

from diffusers import AutoencoderKL

LATENTS = 16
"""As in the real ones; the inpainting pipeline of Stable Diffusion 3 takes no other number."""


def autoencoder(scaling: float, shift: float) -> Any:
    """``scaling`` and ``shift`` of the latents are the family's own."""
    return AutoencoderKL(
        sample_size=32,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=LATENTS,
        norm_num_groups=1,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        use_quant_conv=False,
        use_post_quant_conv=False,
        scaling_factor=scaling,
        shift_factor=shift,
    )
