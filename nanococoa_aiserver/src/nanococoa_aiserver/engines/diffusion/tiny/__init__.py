"""Tiny checkpoints: the real classes with random weights of a few hundred kilobytes, in the hub repositories' layout.

The loading code and the whole diffusion path run on them without a download or a GPU; what they paint and say is noise.
"""

from nanococoa_aiserver.engines.diffusion.tiny.make import ALL, make_tiny

__all__ = ["ALL", "make_tiny"]
