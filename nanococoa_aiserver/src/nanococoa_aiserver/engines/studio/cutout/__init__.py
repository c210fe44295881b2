"""Cutting a product out of its photo without network weights."""

from __future__ import annotations

from .segmenter import VERDICT_THRESHOLD, StudioSegmenter

__all__ = ["VERDICT_THRESHOLD", "StudioSegmenter"]
