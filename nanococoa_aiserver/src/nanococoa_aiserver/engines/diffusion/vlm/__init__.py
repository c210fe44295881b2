"""The vision-language model: Qwen3-VL or Qwen2-VL, asked in ChatML, its answers read with suspicion."""

from __future__ import annotations

from .analyst import DiffusionAnalyst
from .model import QwenVision

__all__ = ["DiffusionAnalyst", "QwenVision"]
