"""One process owns the GPU: what is on it, whose turn it is, and what happens when memory runs out.

This package knows components (``nn.Module``) and bytes, no models. Planning and its simulator
(``plan``, ``cards``, ``traces``, ``simulate``, ``simulated``) are free of torch.
"""

from __future__ import annotations

import os


def prepare_allocator() -> None:
    """Call before torch is imported: without expandable segments, swapping models of different sizes leaves holes."""
    os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")
