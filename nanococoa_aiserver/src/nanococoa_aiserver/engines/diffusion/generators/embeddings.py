"""Prompts as the text encoders leave them, kept on the host: a prompt met again needs no encoder on the device."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeAlias

import torch

Embeddings: TypeAlias = Mapping[str, "torch.Tensor | list[torch.Tensor]"]
"""What a pipeline takes instead of words, by its argument's name; Z-Image's have one tensor per prompt."""

LIMIT = 256 << 20
"""Bytes kept: some thirty prompts of FLUX.2-klein (512 × 7680 in bf16), fifteen of FLUX.2-dev."""


class EmbeddingCache:
    """The embeddings used last, up to ``limit`` bytes. Going over the host changes no bit of them.

    Two threads that want the same prompt encode it once: the second waits.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, Embeddings] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: Hashable, encode: Callable[[], Embeddings]) -> Embeddings:
        """The embeddings of ``key``, encoded when they are not here."""
        with self._turn:
            if key not in self._kept:
                self._kept[key] = moved(encode(), torch.device("cpu"))
            self._kept.move_to_end(key)
            found = self._kept[key]
            while self.bytes > self._limit:
                self._kept.popitem(last=False)
            return found

    @property
    def bytes(self) -> int:
        return sum(_bytes(embeddings) for embeddings in self._kept.values())


def moved(arguments: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
    """The same with every tensor on ``device``; numbers stay as they are."""
    return {name: _moved(value, device) for name, value in arguments.items()}


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, list):
        return [part.to(device) for part in value]
    return value.to(device) if isinstance(value, torch.Tensor) else value


def _bytes(embeddings: Embeddings) -> int:
    tensors = [part for value in embeddings.values() for part in (value if isinstance(value, list) else [value])]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
