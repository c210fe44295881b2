"""SAM 2.1 (Ravi et al., 2024): the mask of what stands in a box, at the picture's own size."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nanococoa_aiserver.engines.diffusion.host import Loaded, ModelHost
from nanococoa_aiserver.engines.diffusion.pixels import square_tensor
from nanococoa_aiserver.engines.ports import StopCheck
from nanococoa_aiserver.gpu.oom import Effort
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.filters import Floats, Mask
from nanococoa_aiserver.imaging.types import Box, Rgb

WORKSPACE = 2 << 30  # bytes beside the weights at 1024 px in float32


class Sam2:
    """Box in, mask out."""

    def __init__(self, host: ModelHost, *, lane: Lane = "heavy", model: str = "sam2.1") -> None:
        self._host, self._lane, self._model = host, lane, model

    def mask(self, image: Rgb, box: Box, stop: StopCheck) -> Mask:
        """What stands in ``box`` (pixels of ``image``), at the image's size; may be empty."""
        stop()
        with self._host.lease(
            self._model,
            ["model"],
            activity=f"{self._model}/mask",
            workspace=WORKSPACE,
            lane=self._lane,
            stop=stop,
        ) as loaded:
            logits = loaded.run(lambda effort: _logits(loaded, image, box, effort))
        return nearest(logits, image.shape[1], image.shape[0]) > 0


def nearest(field: Floats, width: int, height: int) -> Floats:
    """``field`` at another size by its nearest values: each pixel takes the one its middle falls into."""
    rows = ((2 * np.arange(height) + 1) * field.shape[0]) // (2 * height)
    columns = ((2 * np.arange(width) + 1) * field.shape[1]) // (2 * width)
    return field[np.ix_(rows, columns)]


def _logits(loaded: Loaded, image: Rgb, box: Box, _effort: Effort) -> Floats:
    """The network's mask before its threshold (0), at a quarter of its input size. The picture is squeezed to a square
    and the box with it; its size is fixed, so there is no cheaper attempt."""
    model: Any = loaded.modules["model"]
    side = int(model.config.prompt_encoder_config.image_size)
    across, down = side / image.shape[1], side / image.shape[0]
    corners = [box.x * across, box.y * down, box.right * across, box.bottom * down]
    with torch.inference_mode():
        found = model(
            pixel_values=square_tensor(image, side).to(loaded.device, loaded.dtype),
            input_boxes=torch.tensor([[corners]], device=loaded.device, dtype=loaded.dtype),
            multimask_output=False,
        )
        return np.asarray(found.pred_masks[0, 0, 0].float().cpu().numpy())
