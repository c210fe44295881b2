"""BiRefNet, the network that cuts products out: its original weights on nobg's architecture, without torchvision."""

from __future__ import annotations

from .loading import from_origin, load_birefnet

__all__ = ["from_origin", "load_birefnet"]
