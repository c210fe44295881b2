"""diffusers pipelines put together for one call from modules that live elsewhere.

A pipeline is a cheap object around modules. Building it anew shares every weight and leaves each call a scheduler of
its own; ``from_pipe`` would cast shared weights to float32.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from nanococoa_aiserver.imaging.filters import Mask
from nanococoa_aiserver.imaging.types import Rgb


def assembled(pipeline: type, parts: Mapping[str, Any], **config: Any) -> Any:
    """A ``pipeline`` of ``parts`` by its own names; what it asks for beyond them is left out (None)."""
    parameters = list(inspect.signature(pipeline).parameters.values())
    required = [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]
    made = pipeline(**{name: parts.get(name) for name in required}, **config)
    made.set_progress_bar_config(disable=True)
    return made


def picture(image: Rgb) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(image))


def stencil(mask: Mask) -> Image.Image:
    """White where to repaint."""
    return Image.fromarray(mask.astype(np.uint8) * 255)
